"""The dense reference against files of another program; random objects; the comparison itself."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, Trajectory, testing
from qnu.profiles import Function, Table


def test_the_dense_reference_agrees_with_the_file_of_a_tournament(tournament_8) -> None:
    ref = tournament_8
    gas = NeutrinoGas(ref["many_body"][0], ref["omega"], ref["velocity"])
    rows = (ref[name] for name in ("first", "second", "swap_angle", "start", "duration"))
    schedule = EncounterSchedule(*rows, neutrinos=8)
    run = testing.dense_evolution(gas, schedule, np.arange(8) * ref["duration"])
    assert run.polarization == pytest.approx(np.array(ref["many_body"]), abs=1e-10)


def test_the_dense_reference_agrees_with_the_file_of_free_streaming(free_streaming_5) -> None:
    ref = free_streaming_5
    gas = NeutrinoGas(ref["polarization"], ref["omega"])
    rows = (ref[name] for name in ("first", "second", "swap_angle", "start"))
    schedule = EncounterSchedule(*rows, 0.0, neutrinos=5, final_time=ref["final_time"])
    run = testing.dense_evolution(gas, schedule)
    assert run.polarization[-1] == pytest.approx(np.array(ref["after"]), abs=1e-10)


def test_the_dense_reference_agrees_with_the_files_of_encounters(encounters) -> None:
    for e in encounters:
        gas = NeutrinoGas(e["polarization"], e["omega"])
        schedule = EncounterSchedule([0], [1], [e["swap_angle"]], [0.0], e["duration"], neutrinos=2)
        run = testing.dense_evolution(gas, schedule)
        assert run.polarization[-1] == pytest.approx(np.array(e["after"]), abs=1e-12)


def test_one_neutrino_precesses_about_vacuum_and_matter() -> None:
    gas = NeutrinoGas([[0, 0, 1.0]], [0.9], mixing_angle=0.3)
    matter = Function(lambda t: np.where(np.asarray(t) < 0.5, 0.0, 2.0), [0.5])
    schedule = EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.7, matter=matter)
    run = testing.dense_evolution(gas, schedule, [0.5, 1.7])
    h = np.array([2.0 * np.sin(0.6), 0.0, 2.0 * np.cos(0.6) - 0.9])
    axis, angle, p = h / np.linalg.norm(h), 1.2 * np.linalg.norm(h), np.array([0, 0, 1.0])
    turned = np.cos(angle) * p + np.sin(angle) * np.cross(axis, p)
    turned += (1 - np.cos(angle)) * (axis @ p) * axis
    assert run.polarization[0, 0] == pytest.approx(p, abs=1e-12)
    assert run.polarization[1, 0] == pytest.approx(turned, abs=1e-10)


def test_a_fresh_partner_is_a_new_one() -> None:
    """cos^2 P + sin^2 P_bg + ..., again and again with the same P_bg (physics.md, section 3)."""
    gas = NeutrinoGas([[1.0, 0, 0], [0, 0.6, 0.3]], [0.0, 0.0])
    schedule = EncounterSchedule(
        [0] * 3, [1] * 3, [0.4] * 3, [0.0, 1.0, 2.0], 0.0, neutrinos=2, fresh=[True] * 3
    )
    p, background = gas.polarization
    for _ in range(3):
        p = (
            np.cos(0.4) ** 2 * p
            + np.sin(0.4) ** 2 * background
            + np.sin(0.4) * np.cos(0.4) * np.cross(background, p)
        )
    run = testing.dense_evolution(gas, schedule)
    assert run.polarization[-1, 0] == pytest.approx(p, abs=1e-13)


def test_a_kick_at_a_sample_comes_after_it_except_at_the_end() -> None:
    gas = testing.random_gas(2, seed=1)
    schedule = EncounterSchedule([0], [1], [0.7], [1.0], 0.0, neutrinos=2)
    later = EncounterSchedule([0], [1], [0.7], [1.0], 0.0, neutrinos=2, final_time=2.0)
    before = testing.dense_evolution(gas, later, [1.0]).polarization
    after = testing.dense_evolution(gas, schedule, [1.0]).polarization
    assert abs(after - before).max() > 0.1
    assert testing.dense_evolution(gas, later, [1.0 + 1e-6]).polarization == pytest.approx(
        after, abs=1e-5
    )


def test_what_the_dense_reference_refuses() -> None:
    for gas, neutrinos, field in [(9, 9, "gas"), (3, 4, "schedule")]:
        schedule = EncounterSchedule([0], [1], [0.7], [1.0], 0.0, neutrinos=neutrinos)
        with pytest.raises(QnuError) as caught:
            testing.dense_evolution(testing.random_gas(gas, seed=1), schedule)
        assert caught.value.field == field


@pytest.mark.parametrize("neutrinos", [1, 2, 5])
def test_random_gases(neutrinos) -> None:
    one, again, other = (testing.random_gas(neutrinos, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert one.is_pure()
    assert len(np.unique(one.omega)) == len(one) == neutrinos
    mixed = testing.random_gas(neutrinos, seed=1, pure=False, velocities="right-angle")
    assert np.linalg.norm(mixed.polarization, axis=1).max() < 0.9
    assert mixed.velocity is None
    states = testing.random_gas(neutrinos, seed=1, eigenstates=True)
    assert sorted(set(states.polarization[:, 2])) == ([-1, 1] if neutrinos > 1 else [-1])
    assert not states.polarization[:, :2].any()


def test_groups_of_a_random_gas_start_alike() -> None:
    gas = testing.random_gas(7, seed=1, groups=3, antineutrinos=True)
    assert gas.counts.tolist() == [3, 2, 2]
    for members in gas.members:
        assert len(np.unique(gas.polarization[members], axis=0)) == 1
        assert len(np.unique(gas.omega[members])) == 1
    assert [bool(gas.antineutrino[m].all()) for m in gas.members] == [False, True, False]
    assert qnu.solvers.mean_field(gas, [0.0, 1.0]).polarization.shape == (2, 3, 3)
    with pytest.raises(QnuError, match="groups"):
        testing.random_gas(2, seed=1, groups=3)


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_random_states(dtype) -> None:
    one, again, other = (testing.random_state(6, seed=seed, dtype=dtype) for seed in (1, 1, 2))
    assert one.dtype == dtype
    assert one.tolist() == again.tolist() != other.tolist()
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-6)


def test_random_schedules() -> None:
    gas = testing.random_gas(5, seed=1)
    for kind in ("custom", "any", "tournament", "native"):
        one, again = (testing.random_schedule(gas, kind, seed=4) for _ in range(2))
        assert one == again
        rng = np.random.default_rng(4)
        assert testing.random_schedule(gas, kind, seed=rng).neutrinos == 5
    assert len({testing.random_schedule(gas, "any", seed=seed).kind for seed in range(30)}) == 6
    kicks = testing.random_schedule(gas, seed=1, vacuum="between", matter=Table([0.0], [1.0]))
    lasting = testing.random_schedule(gas, seed=1, vacuum="inside", encounters=9)
    assert not kicks.duration.any()
    assert callable(kicks.matter)
    assert (lasting.duration > 0).all()
    assert len(lasting) == 9
    end = lasting.start + lasting.duration
    assert (lasting.start[1:] < end[:-1]).any()  # some overlap in time
    for given in ("darts", None):
        with pytest.raises(QnuError, match="kind"):
            testing.random_schedule(gas, given, seed=1)  # type: ignore[arg-type]


def test_a_comparison_says_where_the_difference_is() -> None:
    gas = testing.random_gas(3, seed=1)
    run = qnu.solvers.mean_field(gas, [0.0, 1.0, 2.0], resolve="neutrino")
    testing.assert_trajectory_close(run, run, 0.0)

    def changed(value: float) -> Trajectory:
        data = run.dataset.copy(deep=True)
        data["polarization"].values[1, 2, 0] += value
        return Trajectory._of(data)

    testing.assert_trajectory_close(changed(1e-11), run)
    for value in (1e-9, -1e-9):
        with pytest.raises(AssertionError, match=r"1 of 27 .* at t = 1, row 2, axis x: "):
            testing.assert_trajectory_close(changed(value), run)
    with pytest.raises(AssertionError, match="row 2, axis x: nan"):
        testing.assert_trajectory_close(changed(np.nan), run)
    later = qnu.solvers.mean_field(gas, [0.0, 1.0, 3.0], resolve="neutrino")
    with pytest.raises(AssertionError, match="sample times"):
        testing.assert_trajectory_close(later, run, 10.0)
    with pytest.raises(AssertionError, match="shape"):
        testing.assert_trajectory_close(qnu.solvers.mean_field(gas, [0.0], resolve="neutrino"), run)


def test_testing_needs_no_test_framework_and_is_not_imported_by_qnu() -> None:
    code = "import sys, qnu; a = 'qnu.testing' in sys.modules; qnu.testing; "
    code += "print(a, [m for m in ('pytest', 'hypothesis', 'qiskit') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False []"
