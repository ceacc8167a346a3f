"""One vector per group or per neutrino: a spectrum decides where nobody says it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import qnu
from qnu import Group, NeutrinoGas, QnuError, experiment, schedules, solvers
from qnu.premises import premises
from qnu.solvers import mean_field
from qnu.solvers._partners import between

SPECTRUM = [0.1, 0.2, 0.4]


def gas_of(omega, velocities="right-angle") -> NeutrinoGas:
    return NeutrinoGas.from_groups(
        [
            Group(3, (0.6, 0, 0.8), omega=omega, name="nu_e"),
            Group(2, (0, 0.6, -0.8), omega=0.3, name="nu_x"),
        ],
        velocities,
        seed=1,
    )


@pytest.mark.parametrize("solve", [solvers.mean_field, solvers.kinetic])
def test_a_spectrum_chooses_one_vector_per_neutrino_and_the_result_says_why(solve) -> None:
    gas, times = gas_of(SPECTRUM), [0.0, 7.0]
    given = {"gamma": 0.1} if solve is solvers.kinetic else {}
    schedule = schedules.random_pairs(gas, gamma=0.1, encounters=20, seed=1)
    for one, two in (
        (solve(gas, times, **given), solve(gas, times, resolve="neutrino", **given)),
        (solve(gas, schedule), solve(gas, schedule, resolve="neutrino")),
    ):
        assert one.polarization.tobytes() == two.polarization.tobytes()
        assert one.attrs["resolve"] == "neutrino"
        assert one.dataset["omega"].values.tolist() == [*SPECTRUM, 0.3, 0.3]
        assert one.attrs["resolve_reason"] == (
            "group nu_e has a spectrum, so one vector per neutrino (resolve = 'neutrino')"
        )
        assert "resolve_reason" not in two.attrs
    with pytest.raises(QnuError, match="resolve: got 'group'; allowed: groups whose members have"):
        solve(gas, times, resolve="group", **given)


@pytest.mark.parametrize("velocities", ["right-angle", "isotropic"])
def test_without_a_spectrum_the_default_is_one_vector_per_group(velocities: str) -> None:
    gas = gas_of([0.2, 0.2, 0.2], velocities)
    one, two = (
        solvers.kinetic(gas, [0.0, 5.0], 0.1, **given) for given in ({}, {"resolve": "group"})
    )
    assert one.polarization.tobytes() == two.polarization.tobytes()
    assert one.polarization.shape == (2, 2, 3)
    assert "resolve_reason" not in one.attrs


def test_members_that_start_in_different_directions_still_need_to_be_told() -> None:
    gas = NeutrinoGas([[1, 0, 0], [0, 1, 0]], omega=[0.1, 0.1])
    with pytest.raises(
        QnuError, match=r"resolve: got 'group' \(the default\); .* one polarization"
    ):
        solvers.mean_field(gas, [0.0, 1.0])


FILE = """
gas = {{ velocities = "{velocities}" }}
schedule = {{ kind = "stochastic", gamma = 0.05, probability = 0.5, duration = 5.0 }}
[[group]]
name = "nu_e"
count = 3
polarization = [0.6, 0, 0.8]
omega = {omega}
[[group]]
name = "nu_x"
count = 2
polarization = [0, 0.6, -0.8]
omega = 0.3
[[method]]
kind = "kinetic"
{resolve}
[[method]]
kind = "mean_field"
resolve = "neutrino"
"""


def parsed(omega="[0.1, 0.2, 0.4]", resolve="", velocities="right-angle", more=""):
    return experiment.parse(FILE.format(omega=omega, resolve=resolve, velocities=velocities) + more)


def test_an_experiment_says_that_a_spectrum_chose_rows_before_and_after_the_run() -> None:
    loaded = parsed()
    run = experiment.simulate(loaded)
    assert run["kinetic"].attrs["resolve"] == "neutrino"
    assert run["kinetic"].polarization == pytest.approx(
        solvers.kinetic(
            loaded.gas, loaded.schedule, loaded.methods[0].times, resolve="neutrino"
        ).polarization
    )
    without_methods = premises(loaded.gas, loaded.schedule, (), run)
    for found in (loaded.premises(), loaded.premises(run), without_methods):
        (said,) = [one for one in found if one.name == "resolve"]
        assert said.holds is True
        assert said.methods == ("kinetic",)  # mean_field was told
        assert said.text == (
            "kinetic: group nu_e has a spectrum, so one vector per neutrino (resolve = 'neutrino')"
        )
    for other in (parsed(resolve='resolve = "neutrino"'), parsed(omega="0.1")):
        assert not [one for one in other.premises() if one.name == "resolve"]


def test_rows_that_a_spectrum_chose_depend_on_drawn_velocities_and_are_individuals() -> None:
    individuals = '[output]\nindividuals = ["kinetic"]\n'
    for velocities, random in (("isotropic", True), ("right-angle", False)):
        loaded = parsed(velocities=velocities, more=individuals)
        assert loaded.methods[0].random is random
    assert parsed(omega="0.1", velocities="isotropic").methods[0].random is False
    with pytest.raises(QnuError, match=r"output\.individuals: got 'kinetic'"):
        parsed(omega="0.1", more=individuals)
    histories = parsed(velocities="isotropic")
    said = [one for one in histories.premises() if one.name == "one_history"]
    assert "kinetic" in said[0].methods


def test_a_file_without_the_key_keeps_its_hash() -> None:
    assert (
        parsed(omega="0.1").spec_hash == parsed(omega="0.1", resolve='resolve = "group"').spec_hash
    )
    assert parsed(omega="0.1").spec.method[0].resolve is None
    told = parsed(omega="0.1", resolve='resolve = "neutrino"').spec_hash
    assert parsed(omega="0.1").spec_hash != told


def test_miscidynamics_says_how_many_groups_to_make_of_a_spectrum() -> None:
    with pytest.raises(QnuError, match=r"one group for each energy: 3 here"):
        solvers.miscidynamics(gas_of(SPECTRUM), [0.0, 1.0], 0.1)
    many = NeutrinoGas.from_groups(
        [Group(200, (0.6, 0, 0.5), omega=np.linspace(0, 1, 200))], "right-angle"
    )
    with pytest.raises(QnuError, match=r"of these 200 such as 10 groups"):
        solvers.miscidynamics(many, [0.0, 1.0], 0.1)
    with pytest.raises(QnuError, match="one group for each energy: 3 here"):
        parsed(more='[[method]]\nkind = "miscidynamics"\n')
    assert qnu.solvers.METHODS["miscidynamics"].encounters is False


def test_groups_with_a_direction_in_an_isotropic_gas_have_their_own_angles() -> None:
    """1 - v.v' is 1.8 between the beams and 0 within; 1 on average with isotropic partners."""
    starts = [(0.6, 0, 0.8), (0, 0.8, 0.6), (1, 0, 0)]
    directions = [None, (0, 0, 1), (0, 0.6, -0.8)]
    groups = [
        Group(n, p, omega=w, direction=d)
        for n, p, w, d in zip((2, 3, 5), starts, (0.3, 0.1, -0.2), directions, strict=True)
    ]
    gas = NeutrinoGas.from_groups(groups, seed=2)
    angles = np.array([[1, 1, 1], [1, 0, 1.8], [1, 1.8, 0]])

    def slope(_, flat):
        p = flat.reshape(3, 3)
        field = angles @ (p * [[0.2], [0.3], [0.5]])
        field[:, 2] -= [0.3, 0.1, -0.2]
        return np.cross(field, p).ravel()

    end = solve_ivp(slope, (0, 6), np.ravel(starts), rtol=1e-10, atol=1e-12).y[:, -1]
    run = mean_field(gas, [0.0, 6.0], partners="all", resolve="group")
    assert run.polarization[-1] == pytest.approx(end.reshape(3, 3), abs=1e-6)


def test_entanglement_of_beams_goes_with_the_square_of_their_angle() -> None:
    """Mean of u^2: 4/3 with isotropic partners, 1.8^2 between the beams, 0 within."""
    groups = [
        Group(1, (0, 0, 1)),
        Group(3, (0, 0, 1), direction=(0, 0, 1)),
        Group(2, (0, 0, -1), direction=(0, 0.6, -0.8)),
    ]
    gas = NeutrinoGas.from_groups(groups, seed=2)
    expected = [[4 / 3] * 3, [4 / 3, 0, 3.24], [4 / 3, 3.24, 0]]
    for others in (True, False):
        found = between(gas, np.square, 4 / 3, others)
        assert found == pytest.approx(np.array(expected), abs=1e-12)
