"""What is relative to the beginning is relative to the gas at t = 0, never to the first sample."""

import numpy as np
import pytest

import qnu
from qnu import Group, NeutrinoGas, QnuError, Trajectory, schedules, solvers, testing
from qnu.conservation import conserved_drift
from qnu.plotting.legends import group_texts

ANGLE = 0.3
L = np.array([np.sin(2 * ANGLE), 0.0, np.cos(2 * ANGLE)])


def electrons(count=4):
    return NeutrinoGas.from_groups(
        [Group(count, flavor="electron", omega=0.7)], "right-angle", mixing_angle=ANGLE
    )


def alone(time, omega=0.7):
    """Survival in vacuum: 1 - sin^2(2 theta) sin^2(omega t / 2)."""
    return 1 - np.sin(2 * ANGLE) ** 2 * np.sin(omega * time / 2) ** 2


def streaming(end=6.0, count=4):
    nothing = ([], [], [], [], 0.0)
    return qnu.EncounterSchedule(*nothing, neutrinos=count, final_time=end)


@pytest.mark.parametrize("times", [[0.0, 2.0, 5.0], [2.0, 5.0], [5.0]])
def test_survival_is_relative_to_the_start_of_the_gas(times) -> None:
    gas = electrons()
    runs = [
        solvers.many_body(gas, streaming(), times),
        solvers.independent(gas, streaming(), times),
        solvers.light_cone(gas, streaming(), times),
        solvers.mean_field(gas, times),
        solvers.kinetic(gas, times, 0.1, resolve="neutrino"),
        qnu.quantum.run(gas, streaming(), "qnu", times=times),
    ]
    for run in runs:
        exact = np.repeat(alone(np.array(times))[:, None], len(run.at()), axis=1)
        assert run.survival_probability() == pytest.approx(exact, abs=1e-8), run.method


def test_survival_of_a_measured_run_is_within_its_errors(tmp_path) -> None:
    gas, times = electrons(2), [0.0, 2.0, 5.0]
    run = qnu.quantum.run(gas, streaming(6.0, 2), "qnu", times=times, shots=400, seed=3)
    survival = run.survival_probability()
    assert not np.array_equal(survival[0], [1.0, 1.0])  # measured, not assumed
    error = np.sqrt(np.sum((run["polarization_error"].values * L) ** 2, axis=-1)) / 2
    assert (abs(survival - alone(np.array(times))[:, None]) <= 4 * error + 0.01).all()
    run.save(tmp_path / "run.nc")
    loaded = Trajectory.load(tmp_path / "run.nc")
    assert np.array_equal(loaded.survival_probability(), survival)


def test_a_file_without_the_beginning_is_used_only_where_it_shows_it() -> None:
    gas = electrons()
    begun = solvers.independent(gas, streaming(), [0.0, 2.0])
    late = solvers.independent(gas, streaming(), [1.0, 2.0])
    old = Trajectory(begun.dataset.drop_vars("initial_polarization"))
    assert old.survival_probability() == pytest.approx(begun.survival_probability())
    with pytest.raises(QnuError, match="no initial_polarization"):
        Trajectory(late.dataset.drop_vars("initial_polarization")).survival_probability()


def test_survival_of_a_mixed_start_is_an_error() -> None:
    gas = NeutrinoGas([[0.0, 0.0, 0.5]], [0.1])
    with pytest.raises(QnuError, match="pure states"):
        solvers.mean_field(gas, [1.0]).survival_probability()


def test_a_drift_is_counted_from_the_gas_and_not_from_the_first_sample() -> None:
    # plane waves of few steps do not keep the energy: seen from one late sample, too
    gas = NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8], [0, -1, 0]], [0.5, 0.2, -0.3], mixing_angle=0.2)
    schedule = schedules.plane_wave(gas, 4.0, 8, matter=0.7)
    whole = solvers.many_body(gas, schedule, [0.0, 4.0], trotter_error=False)
    late = solvers.many_body(gas, schedule, [4.0], trotter_error=False)
    assert whole.attrs["drift_energy"] > 1e-5
    assert late.attrs["drift_energy"] == pytest.approx(whole.attrs["drift_energy"], rel=1e-9)
    moved = np.array([[[0.0, 0.0, 0.4]]])
    told = {"vacuum": True, "matter": False}
    assert conserved_drift(moved, [1], **told, initial=[0, 0, 0.5]) == {
        "drift_total_z": pytest.approx(0.1)
    }


def test_drifts_of_measured_runs_are_their_distance_from_the_gas() -> None:
    gas = electrons(2)
    run = qnu.quantum.run(gas, streaming(6.0, 2), "qnu", times=[3.0], shots=100, seed=5)
    total = run.polarization[0].mean(axis=0) - gas.polarization.mean(axis=0)
    assert run.attrs["drift_total_z"] == pytest.approx(abs(total[2]))
    assert run.attrs["drift_total_z"] > 0


def mixed_group(anti=(False, True), vectors=None):
    """One group of neutrinos and antineutrinos, stored alike: nu_e as P = L, nubar_x as S = L."""
    count = len(anti)
    vectors = np.tile(L, (count, 1)) if vectors is None else vectors
    return NeutrinoGas(vectors, [0.7] * count, antineutrino=np.array(anti), mixing_angle=ANGLE)


def kinetic(gas, times, **options):
    return solvers.kinetic(gas, times, 0.1, **options)


@pytest.mark.parametrize("anti", [(False, True), (True, True, False), (False, False, True)])
@pytest.mark.parametrize(
    "solve", [solvers.mean_field, lambda g, t, **k: solvers.kinetic(g, t, 0.1, **k)]
)
def test_a_row_of_both_kinds_has_the_mean_probability_of_its_members(anti, solve) -> None:
    gas, times = mixed_group(anti), [0.0, 1.0, 3.0]
    members = solve(gas, times, resolve="neutrino")
    row = solve(gas, times, resolve="group")
    for flavor in ("electron", "x"):
        mean = members.flavor_probability(flavor).mean(axis=1)
        assert row.flavor_probability(flavor)[:, 0] == pytest.approx(mean, abs=1e-9)
    # P(nu_e) is 1 for each neutrino and 0 for each antineutrino at the start
    assert row.flavor_probability()[0, 0] == pytest.approx(1 - np.mean(anti))
    survival = members.survival_probability().mean(axis=1)
    assert row.survival_probability()[:, 0] == pytest.approx(survival, abs=1e-9)


def test_half_nu_e_and_half_anti_nu_x_is_nu_e_by_half() -> None:
    run = solvers.mean_field(mixed_group(), [0.0, 1.0])
    assert run.flavor_probability()[0] == pytest.approx([0.5])


def test_a_row_of_both_kinds_that_do_not_start_alike_has_no_flavor() -> None:
    # only miscidynamics takes such a group; two groups, in matter, each at its field
    gas = mixed_group((False, True), np.array([[0.0, 0.0, 0.9], [0.0, 0.0, 0.3]]))
    run = solvers.miscidynamics(gas, [0.0, 1.0], 0.0, mu=0.0, matter=0.5, force=True)
    with pytest.raises(QnuError, match=r"group: got .*1, with neutrinos and antineutrinos"):
        run.flavor_probability()
    assert run.polarization.shape == (2, 1, 3)


def test_legends_name_both_kinds_of_a_group() -> None:
    gas = mixed_group()
    for run in (solvers.mean_field(gas, [0.0]), solvers.independent(gas, streaming(1.0, 2))):
        assert group_texts({"run": run}) == {"1": r"1: 2 $\nu$ and $\bar\nu$"}
    pure = NeutrinoGas([[0, 0, 1.0]], [0.1], antineutrino=np.array([True]))
    assert group_texts({"run": solvers.mean_field(pure, [0.0])}) == {"1": r"1: 1 $\bar\nu$"}


@pytest.mark.parametrize(("order", "factor"), [(1, 2.0), (2, 4 / 3)])
def test_the_trotter_error_is_estimated_for_both_orders(order, factor) -> None:
    vectors = testing.random_gas(4, seed=3).polarization
    gas = NeutrinoGas(vectors, [0.5, 0.8, -0.3, 1.1])
    exact = dense_plane_waves(gas, 2.0)
    run = solvers.many_body(gas, schedules.plane_wave(gas, 2.0, 40, order=order), [1.0, 2.0])
    true = np.linalg.norm(run.at() - exact, axis=1)
    assert true == pytest.approx(factor * run["trotter_error"].values[-1], rel=0.05)
    assert run.attrs["trotter_error"] == run["trotter_error"].values.max()


def dense_plane_waves(gas, time):
    """exp(-i H t) of the whole Hamiltonian as one 2^N matrix; neutrino 0 is the left factor."""
    from scipy.linalg import expm

    n = len(gas)
    sigma = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])

    def at(k, matrix):
        parts = [np.eye(2)] * n
        parts[k] = matrix
        whole = np.eye(1)
        for part in parts:
            whole = np.kron(whole, part)
        return whole

    energy = sum(-gas.omega[k] / 2 * at(k, sigma[2]) for k in range(n))
    for i in range(n):
        for j in range(i + 1, n):
            dot = sum(at(i, s) @ at(j, s) for s in sigma)
            energy = energy + (np.eye(2**n) + dot) / (2 * n)
    rho = np.eye(1)
    for vector in gas.polarization:
        rho = np.kron(rho, (np.eye(2) + np.einsum("a,aij->ij", vector, sigma)) / 2)
    u = expm(-1j * energy * time)
    rho = u @ rho @ u.conj().T
    return np.array([[np.trace(rho @ at(k, s)).real for s in sigma] for k in range(n)])


def test_an_experiment_file_records_the_trotter_error_of_order_1(tmp_path) -> None:
    path = tmp_path / "waves.toml"
    path.write_text(
        """seed = 1
[[group]]
count = 2
polarization = [0.0, 0.0, 1.0]
omega = 0.3
[[group]]
count = 2
polarization = [0.6, 0.0, -0.8]
[schedule]
kind = "plane_wave"
duration = 2.0
steps = 20
order = 1
[output]
samples = 3
[[method]]
kind = "many_body"
""",
        encoding="utf-8",
    )
    experiment = qnu.experiment.load(path)
    (run,) = qnu.experiment.simulate(experiment).values()
    assert 0 < run.attrs["trotter_error"] < 0.1
