"""Light cones: what is left out changes nothing, and nothing that matters is left out."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import qnu
from qnu import QnuError, testing

random_gas = partial(testing.random_gas, seed=1, velocities="right-angle", mixing_angle=0.3)


@pytest.mark.parametrize("matter", [0.0, 0.8])
def test_against_all_amplitudes(matter: float) -> None:
    gas = random_gas(10)
    schedule = qnu.schedules.stochastic(gas, 0.7, 0.2, 1.5, seed=2, matter=matter)
    times = [0.0, 0.7, 1.0, 1.5]
    one = qnu.solvers.light_cone(gas, schedule, times)
    two = qnu.solvers.many_body(gas, schedule, times)
    assert one.attrs["largest_cone"] < 10
    np.testing.assert_allclose(one.polarization, two.polarization, atol=1e-12)
    assert abs(np.diff(two.polarization, axis=0)).max(axis=(1, 2)).min() > 0.1


def test_oscillation_only_inside_encounters() -> None:
    """Back to back: a neutrino that waits does not turn."""
    gas = random_gas(12)
    schedule = qnu.schedules.random_pairs(gas, 0.4, encounters=14, seed=5)
    assert not schedule.free_streaming
    times = schedule.final_time * np.array([0.3, 0.7, 1.0])
    one = qnu.solvers.light_cone(gas, schedule, times)
    two = qnu.solvers.many_body(gas, schedule, times)
    assert one.attrs["largest_cone"] < 12
    np.testing.assert_allclose(one.polarization, two.polarization, atol=1e-12)


def test_a_neutrino_outside_is_not_felt_and_one_inside_is() -> None:
    gas = random_gas(40)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    times = [0.0, 1.5]  # three rounds: neutrino 20 can know of six neighbours
    before = qnu.solvers.light_cone(gas, schedule, times)
    assert before.attrs["largest_cone"] == 6
    moved = []
    for other in range(40):
        vectors = gas.polarization.copy()
        vectors[other] *= -1
        after = qnu.solvers.light_cone(gas.with_polarization(vectors), schedule, times)
        moved.append(abs(after.polarization - before.polarization)[-1, 20].max() > 1e-6)
    assert 4 <= sum(moved) <= 6
    assert moved[20]


def test_mass_eigenstates_take_more_than_24() -> None:
    up, down = [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]
    gas = qnu.NeutrinoGas([down, down, *[up] * 38], np.linspace(0.1, 0.4, 40))
    schedule = qnu.schedules.tournament(gas, 0.3)
    run = qnu.solvers.light_cone(gas, schedule)
    exact = qnu.solvers.many_body(gas, schedule)
    assert run.attrs["largest_cone"] == 40
    np.testing.assert_allclose(run.polarization, exact.polarization, atol=1e-12)


def test_refused() -> None:
    gas = random_gas(100)
    schedule = qnu.schedules.tournament(gas, 0.1, order="line")
    background = qnu.schedules.constant_background(gas, 1, 0.1, 3)
    mixed = gas.with_polarization(gas.polarization / 2)
    for call, field in [
        (lambda: qnu.solvers.light_cone(gas, schedule, [0.0, 2.0]), "times: got .*light cone of"),
        (lambda: qnu.solvers.light_cone(gas, schedule), "more than 62"),
        (lambda: qnu.solvers.light_cone(gas, schedule, [0.0, 0.4], largest=7), r"2\^7"),
        (lambda: qnu.solvers.light_cone(gas, background), "fresh partners"),
        (lambda: qnu.solvers.light_cone(mixed, schedule), "polarization"),
        (lambda: qnu.solvers.light_cone(gas, schedule, largest=80), "largest"),
    ]:
        with pytest.raises(QnuError, match=field) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_as_a_method_of_an_experiment() -> None:
    text = """
    group = [{ count = 30, polarization = [0, 0, 1] }, { count = 30, polarization = [1, 0, 0] }]
    schedule = { kind = "tournament", gamma = 0.3, order = "line", shuffle = true }
    output = { times = [0.0, 0.6] }
    method = [{ kind = "light_cone" }, { kind = "independent" }]
    """
    found = qnu.experiment.simulate(qnu.experiment.parse(text))
    one, two = found["light_cone"].polarization, found["independent"].polarization
    np.testing.assert_allclose(one, two, atol=1e-12)  # in two rounds nothing has come back
    with pytest.raises(QnuError, match=r"method\[0\].times: got .*light cone"):
        qnu.experiment.parse(text.replace("0.0, 0.6", "0.0, 6.0"))
