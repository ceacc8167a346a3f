"""Phase space: where it is right, how it fails, and what does not change its numbers."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, testing
from qnu.engine import phase_plane_waves
from qnu.engine import phase_space as engine
from qnu.engine._slow import phase_space as slow
from qnu.solvers import _phase_samples, phase_space


def corners(vector: np.ndarray) -> list[np.ndarray]:
    """The four starts of a pure neutrino."""
    f = _phase_samples.frames(NeutrinoGas([vector], omega=[0.0]))[0]
    return [f[:3] + a * f[3:6] + b * f[6:9] for a in (1, -1) for b in (1, -1)]


def pulls(run: qnu.Trajectory, expected: np.ndarray) -> np.ndarray:
    """Differences in standard errors."""
    error = np.maximum(run["polarization_error"].values, 1e-12)
    return (run.polarization - expected) / error


def test_two_neutrinos_are_the_mean_over_all_sixteen_starts() -> None:
    gas = NeutrinoGas([[0.6, 0, 0.8], [0, -0.8, 0.6]], omega=[0.3, -0.9])
    schedule = EncounterSchedule([0, 1], [1, 0], [0.9, 1.4], [0.5, 2.0], 0.0, neutrinos=2)
    run = phase_space(gas, schedule, samples=40_000, seed=1)
    turn = [slow.rotation(np.array([0, 0, -1.0]), w * t) for t in (0.5, 1.5) for w in gas.omega]
    ends = []
    for one, two in itertools.product(*map(corners, gas.polarization)):
        one, two = slow.kick(turn[0] @ one, turn[1] @ two, 0.9)
        two, one = slow.kick(turn[3] @ two, turn[2] @ one, 1.4)
        ends.append([one, two])
    expected = np.mean(ends, axis=0)
    assert abs(pulls(run, expected)[-1]).max() < 4
    assert run["polarization_error"].values[-1].max() < 0.01
    exact = qnu.solvers.many_body(gas, schedule).polarization[-1]
    assert abs(expected - exact).max() > 0.05  # strong encounters of few: it is not exact


def test_at_early_times_it_is_exact_to_second_order() -> None:
    """The error of plane waves falls as t^3; all 64 starts of three neutrinos are one tile."""
    gas = testing.random_gas(3, seed=2, velocities="right-angle")
    starts = np.array(list(itertools.product(*map(corners, gas.polarization))))
    errors = []
    for t in (0.4, 0.2):
        schedule = qnu.schedules.plane_wave(gas, t, 200, 2)
        exact = qnu.solvers.many_body(gas, schedule, trotter_error=False).polarization[-1]
        tile = np.ascontiguousarray(starts.transpose(1, 2, 0).reshape(3, engine.ROW))
        steps, ones = np.full(8, t / 8), np.ones((8, 3))
        none = np.zeros((3, 0))
        phase_plane_waves.steps(tile, gas.omega.copy(), none, np.zeros(3), steps, ones, 0 * ones)
        errors.append(abs(tile.reshape(3, 3, -1).mean(axis=2) - exact).max())
        assert errors[-1] < 0.03 * abs(exact - gas.polarization).max()
    assert errors[0] / errors[1] > 7.5


def test_it_is_better_than_the_mean_field_and_within_its_known_error() -> None:
    """Half up, half down in plane waves: the mean field stays where it is (physics: N = 16)."""
    n = 10
    gas = NeutrinoGas([[0, 0, 1]] * (n // 2) + [[0, 0, -1]] * (n // 2), omega=np.zeros(n))
    t = 2.1241 * np.sqrt(n)  # of the first minimum
    exact = qnu.solvers.many_body(gas, qnu.schedules.plane_wave(gas, t, 60, 2), trotter_error=False)
    run = phase_space(gas, qnu.schedules.plane_wave(gas, t, 1), samples=8000, seed=1)
    z, error = run.polarization[-1, : n // 2, 2].mean(), run.group_error()[-1].max()
    assert error < 0.02
    assert z == pytest.approx(exact.polarization[-1, 0, 2], abs=0.08)
    assert z < 0  # the mean field: 1


def test_where_mean_field_is_unstable_only_the_first_swing_is_right() -> None:
    """omega of the upper half below that of the lower one; the other way round nothing grows."""
    times = np.linspace(0.0, 24.0, 49)
    z = {}
    for delta in (0.25, -0.25):
        groups = [qnu.Group(32, (0, 0, s), omega=-s * delta) for s in (1, -1)]
        gas = NeutrinoGas.from_groups(groups, "right-angle")
        schedule = qnu.schedules.plane_wave(gas, 24.0, 48)
        run = phase_space(gas, schedule, times, samples=2000, seed=1)
        assert run.group_error().max() < 0.025
        exact = qnu.solvers.collective(gas, times)
        z[delta] = run.group_mean()[:, 0, 2], exact.group_mean()[:, 0, 2]
    first = int(np.argmax(np.diff(z[0.25][1]) > 0)) + 1
    off = abs(z[0.25][0] - z[0.25][1])
    assert z[0.25][1][:first].min() < -0.15
    assert off[:first].max() < 0.05
    assert off.max() > 0.12
    assert z[-0.25][0] == pytest.approx(z[-0.25][1], abs=0.02)
    assert z[-0.25][1].min() > 0.9


def test_plane_waves_are_the_limit_of_their_trotter_product() -> None:
    gas = testing.random_gas(5, seed=4, mixing_angle=0.3)
    kind = qnu.schedules.plane_wave(gas, 3.0, 100, 2, mu=1.5, matter=0.4)
    listed = EncounterSchedule(
        kind.first, kind.second, kind.swap_angle, kind.start, 0.0, neutrinos=5, final_time=3.0,
        mu=1.5, matter=0.4,
    )  # fmt: skip
    times = [0.0, 1.5, 3.0]
    one = phase_space(gas, kind, times, samples=200, seed=7)
    two = phase_space(gas, listed, times, samples=200, seed=7)
    assert one.polarization == pytest.approx(two.polarization, abs=2e-4)
    assert one["polarization_error"].values == pytest.approx(
        two["polarization_error"].values, abs=2e-4
    )
    assert abs(one.polarization[-1] - one.polarization[0]).max() > 0.2


def test_mu_and_matter_of_plane_waves_stop_at_corners() -> None:
    gas = testing.random_gas(4, seed=4, mixing_angle=0.3)
    mu = qnu.profiles.Table([0.0, 1.0, 1.001, 1.1, 1.101, 3.0], [0.2, 0.2, 9.0, 9.0, 0.2, 0.1])
    matter = qnu.profiles.Function(lambda t: np.where(t < 0.7, 0.0, 3.0), breakpoints=[0.7])
    kind = qnu.schedules.plane_wave(gas, 3.0, 3000, 2, mu=mu, matter=matter)
    listed = EncounterSchedule(
        kind.first, kind.second, kind.swap_angle, kind.start, 0.0, neutrinos=4, final_time=3.0,
        mu=1.5, matter=matter,
    )  # fmt: skip
    one = phase_space(gas, kind, [2.0], samples=64, seed=7)
    two = phase_space(gas, listed, [2.0], samples=64, seed=7)
    assert one.polarization == pytest.approx(two.polarization, abs=2e-4)


def test_samples_do_not_depend_on_threads_memory_or_how_many_follow(monkeypatch) -> None:
    gas = testing.random_gas(5, seed=1)
    schedule = testing.random_schedule(gas, seed=2)
    times = schedule.equally_spaced(4)
    base = phase_space(gas, schedule, times, samples=300, seed=5)
    monkeypatch.setattr(_phase_samples, "_AT_ONCE", 1)
    monkeypatch.setattr(_phase_samples, "get_num_threads", lambda: 1)
    again = phase_space(gas, schedule, times, samples=300, seed=5)
    assert again.dataset.drop_attrs().identical(base.dataset.drop_attrs())
    sub = phase_space(gas, schedule, times, samples=128, seed=5)
    rest = (base.polarization * 300 - sub.polarization * 128) / 172
    spread = np.hypot(*(run["polarization_error"].values for run in (base, sub)))
    assert (abs(rest - sub.polarization) < 6 * spread + 1e-12).all()


def test_standard_errors_are_the_spread_over_seeds() -> None:
    gas = testing.random_gas(4, seed=1, groups=2)
    schedule = qnu.schedules.random_pairs(gas, 0.4, 20, seed=2)
    runs = [phase_space(gas, schedule, samples=100, seed=k) for k in range(150)]
    for values, error in (
        ([r.polarization[-1] for r in runs], runs[0]["polarization_error"].values[-1]),
        ([r.group_mean()[-1] for r in runs], runs[0].group_error()[-1]),
    ):
        ratio = np.std(values, axis=0) / error
        assert ratio.min() > 0.6
        assert ratio.max() < 1.6


def test_fresh_partners_are_drawn_anew_in_every_encounter() -> None:
    """The mean of a neutrino in a constant background: its partner forgets, so moments factor."""
    gas = NeutrinoGas([[0.0, 0.0, 1.0], [0.8, 0.0, 0.6]], omega=[0.0, 0.0])
    schedule = qnu.schedules.constant_background(gas, background=1, gamma=0.5, encounters=6)
    assert schedule.fresh is not None
    run = phase_space(gas, schedule, samples=20_000, seed=1)
    old = EncounterSchedule(
        schedule.first, schedule.second, schedule.swap_angle, schedule.start, schedule.duration,
        neutrinos=2, final_time=schedule.final_time, free_streaming=schedule.free_streaming,
    )  # fmt: skip
    rng = np.random.default_rng(2)
    ends = []
    for _ in range(1200):
        start = corners(gas.polarization[0])
        p = start[rng.integers(4)]
        for k in range(len(schedule)):
            partner = corners(gas.polarization[1])[rng.integers(4)]
            one, two = slow.kick(p, partner, float(schedule.swap_angle[k]))
            p = one
        ends.append([one, two])
    expected, error = np.mean(ends, axis=0), np.std(ends, axis=0) / np.sqrt(len(ends))
    assert abs((run.polarization[-1] - expected) / error).max() < 4
    same = phase_space(gas, old, samples=20_000, seed=1)  # the partner remembers
    assert abs(run.polarization[-1] - same.polarization[-1]).max() > 0.05
    exact = qnu.solvers.independent(gas, schedule).polarization[-1]
    assert run.polarization[-1, 0] == pytest.approx(exact[0], abs=0.1)


def test_samples_inside_an_encounter_with_a_fresh_partner() -> None:
    gas = NeutrinoGas([[0.0, 0.0, 1.0], [0.8, 0.0, 0.6]], omega=[0.7, -0.4])
    rows = ([0, 0], [1, 1], [0.8, 0.5], [0.0, 2.0], [1.0, 1.0])
    schedule = EncounterSchedule(*rows, neutrinos=2, final_time=4.0, fresh=[True, True])
    some = phase_space(gas, schedule, [0.0, 0.5, 2.5, 4.0], samples=2000, seed=1)
    last = phase_space(gas, schedule, [4.0], samples=2000, seed=1)
    assert some.polarization[-1] == pytest.approx(last.polarization[-1], abs=1e-10)
    half = EncounterSchedule([0], [1], [0.4], [0.0], [0.5], neutrinos=2, fresh=[True])
    short = phase_space(gas, half, samples=2000, seed=1)
    assert some.polarization[1] == pytest.approx(short.polarization[-1], abs=1e-10)


def test_the_total_of_every_sample_is_conserved() -> None:
    gas = testing.random_gas(6, seed=3)
    gas = replace(gas, omega=0 * gas.omega)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 200, seed=1)
    some = next(_phase_samples.tiles(gas, 64, 3))
    before = some.states[0].sum(axis=0)
    from qnu.solvers._phase_paths import through_encounters

    means = _phase_samples.Means(gas, 1, 64)
    through_encounters(schedule, schedule.samples([schedule.final_time]), some, means)
    assert some.states[0].sum(axis=0) == pytest.approx(before, abs=1e-12)
    assert before.std() > 0.5
    assert some.states.shape[-1] == engine.ROW


def test_mixed_states_start_with_their_mean_and_may_get_a_mean_beyond_one() -> None:
    gas = NeutrinoGas([[0, 0, 0.4], [0.3, 0, 0], [0, 0, 0]], omega=[0.1, 0.2, 0.3])
    schedule = qnu.schedules.random_pairs(gas, 0.2, 10, seed=1)
    run = phase_space(gas, schedule, samples=50_000, seed=1)
    assert abs(pulls(run, np.array(gas.polarization))[0]).max() < 4
    assert run["polarization_error"].values[0].max() < 0.005


@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("samples", {"samples": 7}),
        ("samples", {"samples": 2}),
        ("samples", {"samples": 1e400}),
        ("samples", {"samples": "many"}),
        ("seed", {"seed": -1}),
        ("seed", {"seed": 0.5}),
    ],
)
def test_bad_arguments_are_errors_of_one_line(field: str, options: dict) -> None:
    gas = testing.random_gas(3, seed=1)
    schedule = qnu.schedules.tournament(gas, 0.1)
    with pytest.raises(QnuError) as caught:
        phase_space(gas, schedule, **options)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


def test_more_than_the_memory_holds_is_an_error_before_it_is_used(monkeypatch) -> None:
    gas = testing.random_gas(3, seed=1)
    schedule = qnu.schedules.tournament(gas, 0.1)
    monkeypatch.setattr(qnu.common.memory, "available", lambda: 1000)
    with pytest.raises(QnuError, match="memory"):
        phase_space(gas, schedule)


def test_an_experiment_file_names_it_and_its_seed_decides() -> None:
    text = """
    name = "p"
    seed = 5
    [[group]]
    count = 3
    polarization = [0.0, 0.0, 1.0]
    omega = 0.1
    [[group]]
    count = 3
    polarization = [0.6, 0.0, -0.8]
    omega = 0.2
    [schedule]
    kind = "random_pairs"
    gamma = 0.2
    encounters = 30
    [[method]]
    kind = "phase_space"
    classical_samples = {}
    """

    def run(given: str) -> dict[str, qnu.Trajectory]:
        return qnu.experiment.simulate(qnu.experiment.parse(given))

    found = run(text.format(200))["phase_space"]
    assert found.attrs["samples"] == 200
    again = run(text.format(200))["phase_space"]
    assert again.polarization.tobytes() == found.polarization.tobytes()
    other = run(text.format(200) + "seed = 9")["phase_space"]
    assert other.polarization.tobytes() != found.polarization.tobytes()
    with pytest.raises(QnuError, match=r"classical_samples.*even"):
        qnu.experiment.parse(text.format(201))


def test_its_errors_are_of_samples_and_not_of_shots() -> None:
    from qnu.experiment.tables import groups
    from qnu.plotting.residuals import has_shots
    from qnu.plotting.style import method_style
    from qnu.report.rows import error_remark

    gas = testing.random_gas(3, seed=1)
    schedule = qnu.schedules.tournament(gas, 0.1)
    run = phase_space(gas, schedule, samples=100, seed=1)
    shots = qnu.quantum.run(gas, schedule, "qnu", shots=20, seed=1)
    assert method_style(run).name == "phase space"
    assert method_style(shots).name == "circuit, shots"
    assert has_shots(shots)
    assert not has_shots(run)  # it has an error of its own
    assert "shots" not in error_remark({"run": run})
    assert "samples" in error_remark({"run": run, "shots": shots})
    assert "P_z_sample_error" in groups(run)
    assert "P_z_shot_error" in groups(shots)


def test_a_file_of_plane_waves_takes_more_pairs_than_can_be_drawn(tmp_path) -> None:
    table = """
        name = "many"
        group = [
            { count = 10000, polarization = [0.0, 0.0, 1.0], omega = 0.0 },
            { count = 10000, polarization = [0.0, 0.0, -1.0], omega = 0.0 },
        ]
        gas = { velocities = "right-angle" }
        schedule = { kind = "plane_wave", duration = 0.5, steps = 1000 }
        output = { samples = 2 }
        method = [{ kind = "phase_space", classical_samples = 4 }]
    """
    found = qnu.experiment.run(qnu.experiment.parse(table), tmp_path / "out")
    run = found.trajectories["phase_space"]
    assert run.group_mean()[-1, 0, 2] == pytest.approx(1.0, abs=0.01)
