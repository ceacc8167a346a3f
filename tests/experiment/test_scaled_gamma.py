"""A gamma that is not that of the packets in [units] is said where results are shown."""

from pathlib import Path

import pytest

import qnu
from qnu import experiment, plotting
from qnu.plotting import time_axis

SPEC = """
[units]
density = "1e30 cm^-3"
packet = "1e-11 cm"
[[group]]
count = 4
polarization = [0, 0, 1]
omega = 0.1
[gas]
velocities = "right-angle"
[schedule]
kind = "stochastic"
probability = 0.5
duration = "3 m"
{gamma}
[[method]]
kind = "kinetic"
[[method]]
kind = "mean_field"
"""


def scaled(gamma: str) -> list[qnu.premises.Premise]:
    premises = experiment.parse(SPEC.format(gamma=gamma)).premises()
    return [premise for premise in premises if premise.name == "scaled_gamma"]


def test_a_scaled_gamma_fails_with_its_factor_for_the_methods_that_have_it() -> None:
    (premise,) = scaled("gamma = 0.01")
    assert premise.holds is False
    assert premise.methods == ("kinetic",)  # the mean field has no gamma
    # sqrt(2) G_F/A = 6.4229e-11 for A = (0.1 pm)^2
    assert premise.numbers["kinetic"] == pytest.approx(0.01 / 6.4229e-11, rel=1e-4)
    assert premise.text.startswith("gamma is 1.56e+08 times that of the packets in [units]")


@pytest.mark.parametrize("gamma", ["", "gamma = 6.42e-11", "gamma = 3.2e-13"])
def test_the_gamma_of_the_packets_and_smaller_ones_are_no_premise(gamma: str) -> None:
    assert not scaled(gamma)


def test_a_figure_against_km_says_it(tmp_path: Path) -> None:
    runs = experiment.simulate(experiment.parse(SPEC.format(gamma="gamma = 0.01")))
    note = time_axis.gamma_note(runs.values())
    assert note == [
        r"$\gamma$ is up to $1.6\times10^{8}$ times that of the wave packets:"
        " entanglement per km is that much faster."
    ]
    figure = plotting.compare(runs)
    assert any("of the wave packets" in text.get_text() for text in figure.texts)
    without = plotting.compare(runs, second_axis="")
    assert not any("of the wave packets" in text.get_text() for text in without.texts)
    assert time_axis.gamma_note([runs["mean_field"]]) == []


def test_paths_are_the_times_over_mu() -> None:
    run = experiment.simulate(experiment.parse(SPEC.format(gamma="")))["kinetic"]
    assert run.path_km[-1] == pytest.approx(0.003, rel=1e-12)
    with pytest.raises(qnu.QnuError, match="mu_unit_per_km: got nothing"):
        _ = qnu.solvers.mean_field(qnu.NeutrinoGas([[0, 0, 1]], omega=[0]), [0.0]).path_km


def test_a_physical_gamma_for_encounters_is_refused_with_the_reason() -> None:
    text = SPEC.format(gamma="").replace('kind = "kinetic"', 'kind = "independent"')
    text = text.replace("3 m", "3 km")
    with pytest.raises(qnu.QnuError, match=r"gamma = 6.42e-11 of the packets.*give a larger"):
        experiment.parse(text)


def test_an_angle_in_degrees_is_doubted() -> None:
    with pytest.warns(qnu.QnuWarning, match="mixing_angle = 8.6 radians.*in degrees"):
        experiment.parse("mixing_angle = 8.6\n" + SPEC.format(gamma=""))
