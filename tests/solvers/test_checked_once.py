"""A public function checks the gas, the schedule and the sample times once, and hands them on."""

import sys

import pytest

import qnu
from qnu import gas as gas_module
from qnu.schedules import match, samples
from qnu.solvers import _common

GAS = qnu.NeutrinoGas(
    [[0, 0, 1], [0.6, 0, 0.8], [0, 0, -1], [0, 1, 0]], omega=[0.1] * 4, group=[0, 1, 2, 3]
)
TOURNAMENT = qnu.schedules.tournament(GAS, gamma=0.3, matter=0.2)
PLANE_WAVE = qnu.schedules.plane_wave(GAS, 1.0, 4, order=1)
TIMES = [0.0, 0.35, 0.9]


def count_calls(monkeypatch, function) -> list[int]:
    """Calls of a function, under every name by which a module of qnu has imported it."""
    calls = [0]

    def counting(*args, **kwargs):
        calls[0] += 1
        return function(*args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.startswith("qnu") and vars(module).get(function.__name__) is function:
            monkeypatch.setattr(module, function.__name__, counting)
    return calls


WITH_SCHEDULE = {
    "many_body": lambda: qnu.solvers.many_body(GAS, TOURNAMENT, TIMES),
    "many_body without times": lambda: qnu.solvers.many_body(GAS, TOURNAMENT),
    "many_body with Trotter error": lambda: qnu.solvers.many_body(GAS, PLANE_WAVE, TIMES),
    "independent": lambda: qnu.solvers.independent(GAS, TOURNAMENT, TIMES),
    "light_cone": lambda: qnu.solvers.light_cone(GAS, TOURNAMENT, TIMES),
    "final_state": lambda: qnu.solvers.final_state(GAS, TOURNAMENT, 0.35),
    "circuit": lambda: qnu.quantum.circuit(GAS, TOURNAMENT, TIMES),
    "run": lambda: qnu.quantum.run(GAS, TOURNAMENT, "qnu", TIMES),
    "run on Aer": lambda: qnu.quantum.run(GAS, TOURNAMENT, "aer_statevector", TIMES),
    "run on a device": lambda: qnu.quantum.run(GAS, TOURNAMENT, "fake_torino", TIMES, shots=9),
    "compile_for": lambda: qnu.quantum.compile_for(GAS, TOURNAMENT, "fake_torino", TIMES),
}


@pytest.mark.parametrize("call", list(WITH_SCHEDULE.values()), ids=list(WITH_SCHEDULE))
def test_gas_schedule_and_sample_times_are_checked_once(call, monkeypatch) -> None:
    call()  # imports are done
    matches = count_calls(monkeypatch, match.check_match)
    times = count_calls(monkeypatch, samples.checked_samples)
    call()
    assert (matches, times) == ([1], [1])


ONE_GROUP_EACH = {
    "mean_field": lambda: qnu.solvers.mean_field(GAS, TIMES),
    "kinetic": lambda: qnu.solvers.kinetic(GAS, TIMES, gamma=0.1),
    "miscidynamics": lambda: qnu.solvers.miscidynamics(GAS, TIMES, gamma=0.0, force=True),
}


@pytest.mark.parametrize("call", list(ONE_GROUP_EACH.values()), ids=list(ONE_GROUP_EACH))
def test_gas_and_sample_times_without_a_schedule_are_checked_once(call, monkeypatch) -> None:
    call()
    gases = count_calls(monkeypatch, gas_module.check_gas)
    times = count_calls(monkeypatch, _common.times_from_zero)
    call()
    assert (gases, times) == ([1], [1])


def test_checked_sample_times_are_handed_on_as_they_are() -> None:
    checked = TOURNAMENT.samples(TIMES)
    assert TOURNAMENT.samples(checked) is checked
    assert TOURNAMENT.counts(checked).tolist() == TOURNAMENT.sample_times(TIMES)[1].tolist()
    assert [len(checked), len(checked.only(1)), checked.only(1).times.tolist()] == [3, 1, [0.35]]
    with pytest.raises(qnu.QnuError, match=r"times\[1\]: got 9.0; allowed: 0 to 0.9"):
        TOURNAMENT.samples([0.0, 9.0])
