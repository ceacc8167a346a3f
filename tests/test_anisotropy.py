"""Every method and every circuit with J_z other than J_perp: right, or refused in one line."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import Operator
from scipy.linalg import expm

import qnu
from qnu import encounter, solvers
from qnu.engine import bloch
from qnu.methods import METHODS
from qnu.profiles import Table
from qnu.solvers._independent_batch import independent_histories
from qnu.testing import dense_evolution, random_gas, random_schedule

A = (0.0, 0.5, -1.3, 2.0)
MATTER = (0.0, 0.7, Table([0, 1, 2, 9], [0, 1, 0.3, 0.5]))


def gas_of(count: int = 4, **given: Any) -> qnu.NeutrinoGas:
    return random_gas(count, seed=2, mixing_angle=0.3, **given)


# -- exact methods ---------------------------------------------------------------------------------


@pytest.mark.parametrize("matter", MATTER, ids=["vacuum", "constant", "table"])
@pytest.mark.parametrize("a", A)
def test_many_body_and_light_cones_are_the_dense_program(a, matter) -> None:
    gas = gas_of()
    schedule = random_schedule(gas, seed=3, matter=matter, anisotropy=a)
    times = np.linspace(0, schedule.final_time, 4)
    expected = dense_evolution(gas, schedule, times).polarization
    for solve in (solvers.many_body, solvers.light_cone):
        assert abs(solve(gas, schedule, times).polarization - expected).max() < 5e-9
    final = solvers.final_state(gas, schedule).polarization()
    assert abs(final - expected[-1]).max() < 5e-9


@pytest.mark.parametrize("a", A)
def test_weight_sectors_keep_the_zz_phases(a) -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]] * 3, omega=[0.1, 0.4, -0.2, 0.3, 0.9, 0.5])
    schedule = random_schedule(gas, seed=5, anisotropy=a)
    times = np.linspace(0, schedule.final_time, 3)
    run = solvers.many_body(gas, schedule, times)
    assert abs(run.polarization - dense_evolution(gas, schedule, times).polarization).max() < 1e-12
    assert run.attrs["drift_total_z"] < 1e-12


@pytest.mark.parametrize(
    "kind", ["tournament", "plane_wave", "native", "random_pairs", "stochastic"]
)
def test_every_generator_hands_the_coupling_on(kind) -> None:
    gas = gas_of()
    schedule = random_schedule(gas, kind, seed=1, anisotropy=0.4)
    assert schedule.anisotropy == 0.4
    assert schedule != random_schedule(gas, kind, seed=1)
    assert "anisotropy = 0.4" in repr(schedule)
    run = solvers.many_body(gas, schedule, trotter_error=False)
    expected = dense_evolution(gas, schedule).polarization
    assert abs(run.polarization - expected).max() < 1e-11


def test_only_the_total_along_b_is_conserved() -> None:
    gas = qnu.NeutrinoGas(random_gas(4, seed=2).polarization, omega=[0.0] * 4)
    run = solvers.many_body(gas, random_schedule(gas, "tournament", seed=1, anisotropy=0.4))
    assert run.attrs["drift_total_z"] < 1e-12
    assert "drift_total" not in run.attrs
    total = run.polarization.sum(axis=1)
    assert abs(total[-1, :2] - total[0, :2]).max() > 0.05


def test_the_energy_of_plane_waves_is_that_of_the_coupling() -> None:
    gas = gas_of(5)
    drift = {
        steps: solvers.many_body(
            gas,
            qnu.schedules.plane_wave(gas, duration=2.0, steps=steps, order=2, anisotropy=0.3),
            trotter_error=False,
        ).attrs["drift_energy"]
        for steps in (20, 80)
    }
    assert drift[80] < 0.1 * drift[20] < 1e-3


# -- one density matrix each -----------------------------------------------------------------------


def slowly(gas: qnu.NeutrinoGas, schedule: qnu.EncounterSchedule) -> np.ndarray:
    """The independent model from the 4x4 unitaries, encounter by encounter."""
    p, clock = np.array(gas.polarization), np.zeros(len(gas))

    def stream(k: int, until: float) -> None:
        if schedule.free_streaming and until > clock[k]:
            h = np.array([0, 0, -gas.omega[k]]) + schedule.matter * np.array(
                [np.sin(2 * gas.mixing_angle), 0, np.cos(2 * gas.mixing_angle)]
            )
            u = encounter.rotation_unitary(h, until - clock[k])
            p[k] = encounter.polarization_of(u @ encounter.density_matrix(p[k]) @ u.conj().T)

    for i, j, theta, start, length in zip(*schedule.rows[:5], strict=True):
        fields = []
        for k in (i, j):
            stream(k, start)
            clock[k] = start + length
            fields.append(
                np.array([0, 0, -gas.omega[k]])
                + schedule.matter
                * np.array([np.sin(2 * gas.mixing_angle), 0, np.cos(2 * gas.mixing_angle)])
            )
        if schedule.fresh is not None:
            p[j] = gas.polarization[j]
        x, y, z = encounter.PAULI
        generator = (
            theta
            / 2
            * (np.eye(4) + np.kron(x, x) + np.kron(y, y) + schedule.anisotropy * np.kron(z, z))
        )
        for axis, sigma in enumerate((x, y, z)):
            generator = generator + length / 2 * fields[0][axis] * np.kron(sigma, np.eye(2))
            generator = generator + length / 2 * fields[1][axis] * np.kron(np.eye(2), sigma)
        u = expm(-1j * generator)
        both = np.kron(encounter.density_matrix(p[i]), encounter.density_matrix(p[j]))
        both = (u @ both @ u.conj().T).reshape(2, 2, 2, 2)
        p[i] = encounter.polarization_of(np.einsum("ikjk->ij", both))
        p[j] = encounter.polarization_of(np.einsum("kikj->ij", both))
    for k in range(len(gas)):
        stream(k, schedule.final_time)
    return p


@pytest.mark.parametrize("matter", [0.0, 0.6])
@pytest.mark.parametrize("vacuum", ["inside", "between", None])
@pytest.mark.parametrize("a", [0.0, -1.3])
def test_independent_is_the_4x4_maps_one_after_the_other(a, vacuum, matter) -> None:
    gas = gas_of(6)
    schedule = random_schedule(gas, seed=4, vacuum=vacuum, matter=matter, anisotropy=a)
    run = solvers.independent(gas, schedule)
    assert abs(run.polarization[-1] - slowly(gas, schedule)).max() < 1e-11


@pytest.mark.parametrize("kind", ["random_pairs", "stochastic", "constant_background"])
def test_independent_takes_drawn_encounters_and_fresh_partners(kind) -> None:
    gas = gas_of(6)
    schedule = random_schedule(gas, kind, seed=4, anisotropy=0.4)
    run = solvers.independent(gas, schedule)
    assert abs(run.polarization[-1] - slowly(gas, schedule)).max() < 1e-11
    (batch,) = independent_histories([gas], [schedule])
    assert (batch.polarization == run.polarization).all()


def test_independent_samples_inside_an_encounter() -> None:
    gas = gas_of(2)
    for matter in (0.0, 0.6):
        schedule = qnu.EncounterSchedule(
            [0], [1], [0.9], [0.0], 2.0, neutrinos=2, matter=matter, anisotropy=0.4
        )
        times = [0.0, 0.7, 2.0]
        run, exact = (
            solvers.independent(gas, schedule, times),
            dense_evolution(gas, schedule, times),
        )
        assert abs(run.polarization - exact.polarization).max() < 1e-11


def test_an_anisotropy_of_one_takes_the_same_path_in_the_kernels() -> None:
    gas = gas_of(6)
    for given in ({}, {"matter": 0.5}):
        schedule = random_schedule(gas, seed=4, **given)
        same = random_schedule(gas, seed=4, anisotropy=1, **given)
        assert schedule.fingerprint() == same.fingerprint()
        assert "anisotropy" not in schedule.settings()
        a, b = (solvers.independent(gas, s).polarization for s in (schedule, same))
        assert (a == b).all()
    assert inspect.signature(bloch.evolve_in_vacuum.py_func).parameters["anisotropy"].default == 1.0


# -- mean field and big spins ----------------------------------------------------------------------


def opposite(n: int, *, tilt: float = 0.0, beams: bool = True) -> qnu.NeutrinoGas:
    """Two beams in opposite mass states, at a right angle; or all pairs alike."""
    x, z = np.sin(tilt), np.cos(tilt)
    directions: list[dict[str, Any]] = [{}, {}]
    if beams:
        directions = [{"direction": (0, 0, 1)}, {"direction": (1, 0, 0)}]
    groups = [
        qnu.Group(n, p, omega=0.0, **way)
        for p, way in zip([(x, 0, z), (0, 0, -1)], directions, strict=True)
    ]
    if beams:
        return qnu.NeutrinoGas.from_groups(groups)
    return qnu.NeutrinoGas.from_groups(groups, velocities="right-angle")


@pytest.mark.parametrize("a", A)
def test_two_opposite_beams_leave_at_half_the_root_of_one_minus_a_squared(a) -> None:
    gas = opposite(2, tilt=1e-5)
    run = solvers.mean_field(gas, [0.0, 8.0, 10.0], partners="all", resolve="group", anisotropy=a)
    across = np.linalg.norm(run.polarization[1:, 1, :2], axis=-1)
    if abs(a) < 1:
        rate = np.sqrt(1 - a * a) / 2
        assert np.log(across[1] / across[0]) / 2 == pytest.approx(rate, rel=0.01)
    else:
        assert across.max() < 1e-4
    assert run.attrs["drift_energy"] < 1e-9
    assert run.attrs["drift_total_z"] < 1e-9


def test_small_kicks_approach_the_mean_field() -> None:
    gas = gas_of(4)
    apart = []
    for gamma in (0.02, 0.01):
        schedule = qnu.schedules.plane_wave(gas, 2.0, round(2 / gamma), order=2, anisotropy=0.3)
        a = solvers.independent(gas, schedule).polarization[-1]
        b = solvers.mean_field(gas, schedule, resolve="neutrino").polarization[-1]
        apart.append(abs(a - b).max())
    assert apart[1] < 0.6 * apart[0] < 0.05
    wrong = solvers.mean_field(gas, schedule, resolve="neutrino", anisotropy=1.0).polarization[-1]
    assert abs(a - wrong).max() > 0.05


@pytest.mark.parametrize("beams", [True, False])
@pytest.mark.parametrize("a", A)
def test_collective_is_the_brute_force(a, beams) -> None:
    gas = opposite(3, tilt=0.7, beams=beams)
    schedule = qnu.schedules.plane_wave(gas, duration=5.0, steps=10, anisotropy=a)
    run = solvers.collective(gas, schedule)
    n, h = 6, np.zeros((64, 64), complex)
    for i in range(n):
        for j in range(i):
            for sigma, weight in zip(encounter.PAULI, (1, 1, a), strict=True):
                part = np.eye(1)
                for k in range(n):
                    part = np.kron(part, sigma if k in (i, j) else np.eye(2))
                h += weight / 2 / n * gas.one_minus_cos(i, j) * part
    psi = np.ones(1)
    for x, y, z in gas.polarization:
        half = np.arccos(z) / 2
        psi = np.kron(psi, [np.cos(half), np.exp(1j * np.arctan2(y, x)) * np.sin(half)])
    psi = expm(-5j * h) @ psi
    for beam, k in ((0, 0), (1, 3)):
        for axis, sigma in enumerate(encounter.PAULI):
            one = np.kron(np.kron(np.eye(2**k), sigma), np.eye(2 ** (n - 1 - k)))
            expected = (psi.conj() @ one @ psi).real
            assert run.polarization[-1, beam, axis] == pytest.approx(expected, abs=1e-10)
    assert run.attrs["drift_energy"] < 1e-12


def test_where_all_pairs_couple_alike_the_anisotropy_is_a_constant() -> None:
    gas = opposite(8, beams=False)
    times = np.linspace(0, 12, 7)
    a, b = (solvers.collective(gas, times, anisotropy=a).polarization for a in (1.0, 0.0))
    assert abs(a - b).max() < 1e-12
    apart = solvers.collective(opposite(8), times, anisotropy=0.0).polarization
    assert abs(a - apart).max() > 0.3


# -- circuits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hardware", ["aer_statevector", "qnu"])
@pytest.mark.parametrize("matter", [0.0, 0.7])
def test_circuits_run_as_the_dense_program(hardware, matter) -> None:
    gas = gas_of()
    schedule = random_schedule(gas, seed=3, matter=matter, anisotropy=0.4)
    times = np.linspace(0, schedule.final_time, 3)
    run = qnu.quantum.run(gas, schedule, hardware=hardware, times=times)
    assert abs(run.polarization - dense_evolution(gas, schedule, times).polarization).max() < 1e-9


@pytest.mark.parametrize("a", [0.0, 0.4])
def test_compiled_circuits_are_the_gates_of_the_coupling(a) -> None:
    gas = gas_of(4)
    schedule = random_schedule(gas, "tournament", seed=3, order="line", anisotropy=a)
    logical = qnu.quantum.circuit(gas, schedule, swap=True, barriers=False)
    compiled = qnu.quantum.compile_for(gas, schedule, "fake_fractional" if a else "fake_torino")
    bound = qnu.quantum.lower_bound(gas, schedule, "fake_torino")
    assert 2 * len(schedule) <= bound.two_qubit_gates <= 3 * len(schedule)
    assert compiled.count_ops()
    plain = qnu.quantum.circuit(gas, schedule, barriers=False)
    place = logical.metadata["neutrino_qubit"]
    back = QuantumCircuit(4)
    back.compose(logical, inplace=True)
    undone = Operator(back).apply_permutation(np.argsort(place).tolist())
    assert abs(abs(np.vdot(undone.data[:, 0], Operator(plain).data[:, 0])) - 1) < 1e-10


# -- what has no place for it ----------------------------------------------------------------------

TAKES = {"many_body", "light_cone", "independent", "mean_field", "collective", "circuit"}


@pytest.mark.parametrize("kind", sorted(set(METHODS) - {"circuit", "many_body", "light_cone"}))
def test_every_other_method_takes_it_or_refuses_in_one_line(kind) -> None:
    solve = getattr(solvers, kind)
    gas = opposite(2, tilt=0.2)
    schedule = qnu.schedules.plane_wave(gas, duration=1.0, steps=4, anisotropy=0.5)
    if kind in ("kinetic", "miscidynamics"):
        schedule = qnu.schedules.tournament(gas, gamma=0.1, anisotropy=0.5)
    if kind in TAKES:
        isotropic = qnu.schedules.plane_wave(gas, duration=1.0, steps=4)
        moved = solve(gas, schedule).polarization - solve(gas, isotropic).polarization
        assert abs(moved).max() > 1e-3
        return
    given = {"length": 5.0} if kind == "transport" else {}
    with pytest.raises(qnu.QnuError, match=r"^anisotropy: got 0\.5; allowed: 1"):
        solve(gas, schedule, **given)


def test_the_hamiltonian_of_plane_waves_has_its_zz() -> None:
    from qnu.quantum.circuits import hamiltonian

    gas = opposite(1)
    schedule = qnu.schedules.plane_wave(gas, duration=2.0, steps=10, anisotropy=0.5)
    operator = hamiltonian.of_schedule(gas, schedule)
    found = dict(zip(operator.paulis.to_labels(), operator.coeffs.real, strict=True))
    assert found["ZZ"] == 0.5 * found["XX"] == 0.5 * found["YY"]


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "half", None, 1e7, [0.5, 0.5]])
def test_what_is_no_number_is_refused(wrong) -> None:
    gas = gas_of()
    for call in (
        lambda: qnu.schedules.plane_wave(gas, 1.0, 4, anisotropy=wrong),
        lambda: encounter.unitary(0.3, anisotropy=wrong),
        lambda: encounter.after_encounter((0, 0, 1), (1, 0, 0), 0.3, anisotropy=wrong),
        lambda: qnu.quantum.EncounterGate(0.3, anisotropy=wrong),
        lambda: solvers.collective(opposite(2), [0.0, 1.0], anisotropy=wrong),
        lambda: solvers.mean_field(gas, [0.0, 1.0], resolve="neutrino", anisotropy=wrong),
    ):
        with pytest.raises(qnu.QnuError, match=r"^anisotropy"):
            call()
