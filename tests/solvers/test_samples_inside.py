"""Samples inside encounters, and matter that changes inside them, against dense programs."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, encounter, schedules, solvers, testing
from qnu.checkpoint import key_of
from qnu.engine import inside
from qnu.profiles import Exponential, Function, Table
from qnu.solvers._evolution import plan_of_passes

from ..conftest import two_groups

EXACT = (solvers.many_body, solvers.light_cone)


random_gas = partial(testing.random_gas, velocities="right-angle", mixing_angle=0.0)


def dense(gas: NeutrinoGas, schedule: EncounterSchedule, times) -> np.ndarray:
    return testing.dense_evolution(gas, schedule, times).polarization


def test_half_of_one_long_encounter() -> None:
    gas = NeutrinoGas([[0, 0, 1], [1, 0, 0]], [0.5, -0.3])
    schedule = EncounterSchedule([0], [1], [1.0], [0.0], 10.0, neutrinos=2)
    times = [0.0, 0.01, 5.0, 10.0]
    right = dense(gas, schedule, times)
    for method in (*EXACT, solvers.independent):
        assert method(gas, schedule, times).polarization == pytest.approx(right, abs=1e-12)
    whole = solvers.many_body(gas, schedule, [10.0]).polarization[0]
    assert abs(right[1] - whole).max() > 0.5  # what the whole gate would give at t = 0.01


def test_a_gas_of_two_groups_at_101_times() -> None:
    gas = two_groups(3, 3, seed=1)
    schedule = schedules.tournament(gas, gamma=0.4)
    times = schedule.equally_spaced(101)
    right = dense(gas, schedule, times)
    for method in EXACT:
        assert method(gas, schedule, times).polarization == pytest.approx(right, abs=1e-10)


@pytest.mark.parametrize("method", [*EXACT, solvers.independent])
def test_an_odd_tournament_has_one_time(method) -> None:
    """Who rests oscillates as long as who is inside an encounter: equal neutrinos stay equal."""
    gas = NeutrinoGas([[1.0, 0, 0]] * 3, [1.0] * 3)
    run = method(gas, schedules.tournament(gas, gamma=0.5), [0.1, 0.3, 0.7, 1.5])
    assert np.linalg.norm(run.polarization.mean(axis=1), axis=1) == pytest.approx(1, abs=1e-12)
    angle = -run.times
    right = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    assert run.polarization[:, 1] == pytest.approx(right, abs=1e-12)


@pytest.mark.parametrize("method", [*EXACT, solvers.independent])
@pytest.mark.parametrize("omega", [0.0, 1.0])
def test_what_is_conserved_is_conserved_at_every_sample(method, omega) -> None:
    gas = random_gas(5, seed=1)
    gas = NeutrinoGas(gas.polarization, omega * gas.omega)
    schedule = schedules.tournament(gas, gamma=0.7)
    total = method(gas, schedule, schedule.equally_spaced(23)).polarization.sum(axis=1)
    if omega:
        total = total[:, 2]
    assert total == pytest.approx(np.broadcast_to(total[0], total.shape), abs=1e-12)


@pytest.mark.parametrize("method", [*EXACT, solvers.independent])
def test_samples_change_no_later_sample(method) -> None:
    gas = random_gas(6, seed=2)
    schedule = schedules.tournament(gas, gamma=0.9)
    many = schedule.equally_spaced(40)
    few = many[[13, 39]]
    a = method(gas, schedule, many).polarization[[13, 39]]
    assert a == pytest.approx(method(gas, schedule, few).polarization, abs=1e-12)


def test_in_its_first_encounter_independent_is_exact() -> None:
    gas = random_gas(6, seed=3)
    schedule = schedules.tournament(gas, gamma=0.9)
    times = np.linspace(0, 0.9, 7)
    a, b = (m(gas, schedule, times) for m in (solvers.independent, solvers.many_body))
    assert a.polarization == pytest.approx(b.polarization, abs=1e-12)


@pytest.mark.parametrize("method", [*EXACT, solvers.independent])
def test_an_encounter_that_lasts_through_others_and_many_samples(method) -> None:
    """Rows of the same run come before and after a sample; one of them is cut four times."""
    gas = random_gas(6, seed=4)
    schedule = EncounterSchedule(
        [0, 2, 4, 2, 4, 5],
        [1, 3, 5, 4, 3, 2],
        [1.1, 0.4, 0.5, 0.7, 0.3, 0.9],
        [0.0, 0.1, 0.3, 2.0, 3.0, 4.0],
        [5.0, 1.0, 0.0, 1.0, 0.5, 0.5],
        neutrinos=6,
        final_time=6.0,
    )
    times = [0.0, 0.05, 0.1, 0.3, 0.6, 0.6, 1.1, 2.5, 3.2, 4.999, 5.0, 5.5, 6.0]
    found = method(gas, schedule, times).polarization
    if method is not solvers.independent:  # dense matrices: a kick at a sample comes after it
        assert found == pytest.approx(dense(gas, schedule, times), abs=1e-9)
    else:
        first = [k for k, t in enumerate(times) if t <= 2.0]
        right = solvers.many_body(gas, schedule, times).polarization
        assert found[first] == pytest.approx(right[first], abs=1e-12)
        assert found[:, :2] == pytest.approx(right[:, :2], abs=1e-12)


def test_the_final_time_may_lie_inside_an_encounter() -> None:
    gas = random_gas(2, seed=5)
    whole = EncounterSchedule([0], [1], [0.8], [1.0], 4.0, neutrinos=2)
    half = EncounterSchedule([0], [1], [0.8], [1.0], 4.0, neutrinos=2, final_time=3.0)
    right = dense(gas, whole, [0.0, 3.0])
    for method in (*EXACT, solvers.independent):
        assert method(gas, half).polarization == pytest.approx(right, abs=1e-12)
    state = solvers.final_state(gas, half)
    assert state.polarization() == pytest.approx(right[1], abs=1e-12)
    late = EncounterSchedule([0], [1], [0.8], [3.0], 4.0, neutrinos=2, final_time=3.0)
    for method in (*EXACT, solvers.independent):  # it begins there: nothing of it has happened
        run = method(gas, late)
        assert run.polarization[-1] == pytest.approx(_free(gas, 3.0), abs=1e-12)


def _free(gas: NeutrinoGas, time: float) -> np.ndarray:
    angle = -gas.omega * time
    x, y, z = gas.polarization.T
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=1)


@pytest.mark.parametrize("method", [*EXACT, solvers.independent])
def test_back_to_back_encounters_are_whole(method) -> None:
    """There ``start`` only orders them; those of one neutrino overlap in time."""
    gas = random_gas(2, seed=6)
    settings = {"neutrinos": 2, "free_streaming": False, "final_time": 10.0}
    schedule = EncounterSchedule([0], [1], [1.0], [0.0], 10.0, **settings)
    run = method(gas, schedule, [0.0, 1.0, 10.0])
    assert run.polarization[1] == pytest.approx(run.polarization[2], abs=1e-14)


def test_pairs_and_entropies_inside_an_encounter() -> None:
    gas = NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.0, 0.0])
    schedule = EncounterSchedule([0], [1], [np.pi / 2], [0.0], 4.0, neutrinos=2)
    run = solvers.many_body(gas, schedule, [0.0, 2.0, 4.0], observables=["pair_concurrence"])
    assert run["pair_concurrence"].values[:, 0, 1] == pytest.approx([0, 1, 0], abs=1e-7)
    assert run.entropy()[:, 0] == pytest.approx([0, 1, 0], abs=1e-12)
    state = solvers.final_state(gas, schedule, 2.0)
    assert state.entropy([0]) == pytest.approx(1)


def test_fresh_partners_inside_an_encounter() -> None:
    """Several copies of the background are inside encounters at once; each is an exact map."""
    rng = np.random.default_rng(1)
    p = rng.normal(size=(4, 3))
    p /= 1.5 * np.linalg.norm(p, axis=1)[:, None]
    gas = NeutrinoGas(p, rng.normal(size=4))
    schedule = schedules.constant_background(gas, 3, gamma=0.6, encounters=3)
    times = np.linspace(0, schedule.final_time, 10)
    run = solvers.independent(gas, schedule, times)
    background = [(0, 0, -gas.omega[3])]
    for n, (k, time) in itertools.product(range(3), enumerate(times)):
        vector, left = gas.polarization[n], time
        angle = schedule.swap_angle[schedule.first == n][0]
        while left > 1e-9:
            share = min(left / 0.6, 1.0)
            given = (gas.polarization[3], share * angle, (0, 0, -gas.omega[n]), *background)
            matrix, shift = encounter.affine_map(*given, share * 0.6)
            vector, left = matrix @ vector + shift, left - 0.6
        assert run.polarization[k, n] == pytest.approx(vector, abs=1e-12)


def test_a_neutrino_that_was_replaced_inside_an_encounter() -> None:
    """Its copy has met somebody and left; whom the old one met is not the copy's partner."""
    gas = random_gas(3, seed=7)
    schedule = EncounterSchedule(
        [0, 2], [1, 1], [0.9, 0.7], [0.0, 1.0], [8.0, 1.0], neutrinos=3, fresh=[False, True]
    )
    run = solvers.independent(gas, schedule, [4.0])
    pair = NeutrinoGas(gas.polarization[:2], gas.omega[:2])
    alone = EncounterSchedule([0], [1], [0.9], [0.0], 8.0, neutrinos=2)
    assert run.polarization[0, 0] == pytest.approx(dense(pair, alone, [4.0])[0, 0], abs=1e-12)
    copy = EncounterSchedule([2], [1], [0.7], [1.0], 1.0, neutrinos=3, final_time=4.0, fresh=[True])
    after = solvers.independent(gas, copy, [4.0]).polarization[0]
    assert run.polarization[0, 2] == pytest.approx(after[2], abs=1e-12)


@pytest.mark.parametrize("stop", [2, 5, 9])
def test_a_run_interrupted_inside_an_encounter_ends_with_the_same_bits(tmp_path, stop) -> None:
    gas = random_gas(6, seed=8)
    schedule = schedules.tournament(gas, gamma=0.9)
    times = schedule.equally_spaced(33)

    for method in (solvers.many_body, solvers.independent):
        calls = itertools.count()

        def interrupt(_: float, calls=calls) -> None:
            if next(calls) == stop:
                raise InterruptedError

        whole = method(gas, schedule, times).polarization
        path = tmp_path / method.__name__
        with pytest.raises(InterruptedError), qnu.Checkpoint(path, every=0) as checkpoint:
            method(gas, schedule, times, checkpoint=checkpoint, progress=interrupt)
        assert path.exists()
        with qnu.Checkpoint(path, every=0) as checkpoint:
            rest = method(gas, schedule, times, checkpoint=checkpoint).polarization
        assert np.array_equal(rest, whole)


# Matter that changes inside encounters


CORNERS = (0.9, 1.1, 1.15, 2.0)
MATTER = {
    "sine": (np.sin, ()),
    "table": (Table([0.0, *CORNERS, 9.0], [0.5, 0.5, 4.0, -2.0, 1.0, 1.0]), CORNERS),
    "exponential": (Exponential(2.0, 1.5), ()),
    "pulse": (lambda t: 3 * np.exp(-(((t - 1.07) / 0.02) ** 2)), (0.95, 1.07, 1.2)),
}


@pytest.mark.parametrize(
    ("name", "length"),
    [
        *itertools.product(("sine", "table", "exponential"), (0.1, 1.0, 6.0)),
        ("pulse", 0.1),
        ("pulse", 1.0),
    ],
)
def test_matter_that_changes_inside_an_encounter(name, length) -> None:
    matter, corners = MATTER[name]
    gas = random_gas(2, seed=9, mixing_angle=0.4)
    times = [0.0, 1.0 + length / 3, 1.0 + length]
    row = ([0], [1], [0.9], [1.0], length)
    schedule = EncounterSchedule(*row, neutrinos=2, matter=matter)
    seen = Function(matter, corners)  # so that the reference steps over nothing
    right = dense(gas, EncounterSchedule(*row, neutrinos=2, matter=seen), times)
    for method in (*EXACT, solvers.independent):
        run = method(gas, schedule, times).polarization
        assert run == pytest.approx(right, abs=3e-9)


def test_constant_matter_is_one_piece_and_a_kick_too() -> None:
    rng = np.random.default_rng(1)
    omega, theta = rng.normal(size=(2, 5)), rng.normal(size=5)
    start, length = np.arange(5.0), np.array([1.0, 0.0, 0.5, 0.0, 2.0])
    for matter in (0.7, Table([0.0, 3.0, 9.0], [0.7, 0.7, 0.7]), lambda t: 0.7 + 0 * t):
        found = inside.factors(inside.Lasting(*omega, theta, start, length), matter, 0.3)
        corner = 1 if isinstance(matter, Table) else 0  # at t = 3, where only a kick is
        assert len(found.duration) == 5, corner
        assert found.swap_angle == pytest.approx(theta)
        assert found.field_1 == pytest.approx(qnu.gas.fields(omega[0], 0.7, 0.3), abs=1e-12)


def test_a_jump_of_matter_inside_an_encounter() -> None:
    def step(t):
        return np.where(np.asarray(t) < 0.37, 0.0, 2.0)

    one = np.ones(1)
    given = (0.5 * one, -0.2 * one, 0.8 * one)
    found = inside.gates(inside.Lasting(*given, 0 * one, one), step, 0.3)[0]
    fields = [[qnu.gas.fields(w, m, 0.3) for w in (0.5, -0.2)] for m in (0.0, 2.0)]
    first = encounter.unitary(0.8 * 0.37, *fields[0], 0.37)
    second = encounter.unitary(0.8 * 0.63, *fields[1], 0.63)
    assert found == pytest.approx(second @ first, abs=1e-8)


def test_a_narrow_pulse_is_seen_where_its_breakpoints_are_given() -> None:
    """Between two of the times at which a callable is sampled without them."""

    def pulse(t):
        return np.where(abs(np.asarray(t) - 0.5) < 1e-4, 3000.0, 0.0)

    one = np.ones(1)
    given = inside.Lasting(0.5 * one, -0.2 * one, 0.8 * one, 0 * one, one)
    table = Table([0.0, 0.4998, 0.4999, 0.5001, 0.5002, 1.0], [0, 0, 3000.0, 3000.0, 0, 0])
    parts = [(0.4999, 0.0), (0.0002, 3000.0), (0.4999, 0.0)]
    right = np.eye(4)
    for length, matter in parts:
        fields = [qnu.gas.fields(w, matter, 0.3) for w in (0.5, -0.2)]
        right = encounter.unitary(0.8 * length, *fields, length) @ right
    found = inside.gates(given, Function(pulse, [0.4999, 0.5001]), 0.3)[0]
    assert found == pytest.approx(right, abs=1e-9)
    assert abs(inside.gates(given, table, 0.3)[0] - right).max() > 0.01  # with its flanks


def test_matter_too_fast_to_follow_is_one_clear_error() -> None:
    one = np.ones(1)
    given = inside.Lasting(one, -one, one, 0 * one, 1e4 * one)
    with pytest.raises(QnuError, match="changes less often"):
        inside.factors(given, lambda t: np.sin(1e5 * t), 0.3)


def test_a_copy_is_in_one_encounter_at_a_time() -> None:
    rows = {"first": [0, 1], "second": [1, 2], "swap_angle": [0.4, 0.4], "duration": 1.0}
    with pytest.raises(QnuError, match=r"start\[1\]: got 0.5; allowed: >= 1, when neutrino 1"):
        EncounterSchedule(**rows, start=[0.0, 0.5], neutrinos=3, fresh=[True, False])
    assert len(EncounterSchedule(**rows, start=[0.0, 1.0], neutrinos=3, fresh=[True, False])) == 2
    again = {**rows, "first": [0, 2], "second": [1, 1], "start": [0.0, 0.5]}
    assert len(EncounterSchedule(**again, neutrinos=3, fresh=[True, True])) == 2


@pytest.mark.parametrize("method", [solvers.many_body, solvers.independent])
def test_a_checkpoint_of_whole_encounters_is_refused_in_one_line(method, tmp_path) -> None:
    gas = random_gas(4, seed=8)
    schedule = schedules.tournament(gas, gamma=0.9)
    times = schedule.equally_spaced(12)
    decides = (gas.fingerprint(), schedule.fingerprint(), times)  # what earlier keys were made of
    if method is solvers.many_body:
        earlier = plan_of_passes().removeprefix("parts ")
        assert earlier != plan_of_passes()
        decides = (*decides, "double", False, [], earlier)
    path = tmp_path / "run"
    killed = qnu.Checkpoint(path, every=0)
    killed.saved(key_of(*decides))
    killed.save(key_of(*decides), {"seconds": 0.0}, {"state": np.zeros(16)})
    with (
        pytest.raises(QnuError, match="the checkpoint of this very run") as error,
        qnu.Checkpoint(path, every=0) as checkpoint,
    ):
        method(gas, schedule, times, checkpoint=checkpoint)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("before_the_end", [1e-5, 1e-7, 2e-9])
def test_a_sample_just_before_the_end_of_an_encounter_is_inside(before_the_end) -> None:
    # omega = 0: z = cos 2 theta, and the slope there is 2 sin 2 theta per angle
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
    schedule = qnu.EncounterSchedule([0], [1], [0.7], [0.0], 1.0, neutrinos=2, final_time=2.0)
    time = 1.0 - before_the_end
    for solve in (qnu.solvers.many_body, qnu.solvers.independent, qnu.solvers.light_cone):
        z = solve(gas, schedule, [time]).at()[0, 2]
        assert z == pytest.approx(np.cos(2 * 0.7 * time), abs=1e-12)
