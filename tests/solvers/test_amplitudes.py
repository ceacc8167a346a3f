"""Amplitudes and samples in the flavor basis, against circuits, polarizations and pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

import qnu
from qnu import QnuError, observables, testing
from qnu.encounter import PAULI
from qnu.flavor import flavor_direction
from qnu.solvers import final_state

Case = tuple[qnu.NeutrinoGas, qnu.EncounterSchedule]


def mixed_gas(count: int, seed: int = 4, angle: float = 0.4) -> qnu.NeutrinoGas:
    """Every second one an antineutrino."""
    gas = testing.random_gas(count, seed=seed, velocities="right-angle", mixing_angle=angle)
    anti = np.arange(count) % 2 == 1
    return qnu.NeutrinoGas(
        gas.polarization, gas.omega, gas.velocity, antineutrino=anti, mixing_angle=angle
    )


def sector_gas(angle: float = 0.4) -> qnu.NeutrinoGas:
    z = np.array([1.0, -1, -1, 1, 1, -1])
    p = np.stack([0 * z, 0 * z, z], axis=1)
    anti = np.arange(6) > 3
    return qnu.NeutrinoGas(p, np.linspace(0.1, 0.9, 6), antineutrino=anti, mixing_angle=angle)


def streaming(gas: qnu.NeutrinoGas, matter: float = 0.0) -> Case:
    return gas, qnu.schedules.stochastic(gas, 0.3, 0.3, duration=3.0, seed=1, matter=matter)


CASES: dict[str, Callable[[], Case]] = {
    "vacuum": lambda: (g := mixed_gas(6), qnu.schedules.tournament(g, 0.4)),
    "matter": lambda: streaming(mixed_gas(5), 0.7),
    "streaming": lambda: streaming(mixed_gas(6)),
    "sector": lambda: streaming(sector_gas()),
}


@pytest.mark.parametrize("case", CASES)
def test_amplitudes_are_those_of_the_circuit(case: str) -> None:
    gas, schedule = CASES[case]()
    ours = final_state(gas, schedule).amplitudes()
    theirs = Statevector(qnu.quantum.circuit(gas, schedule)).data
    assert ours.shape == (2 ** len(gas),)
    assert abs(np.vdot(ours, theirs)) == pytest.approx(1.0, abs=1e-10)
    single = final_state(gas, schedule, precision="single").amplitudes()
    assert single.dtype == np.complex64
    assert abs(np.vdot(single, theirs)) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_amplitudes_have_the_polarizations_and_are_a_copy(case: str) -> None:
    gas, schedule = CASES[case]()
    state = final_state(gas, schedule, time=schedule.final_time * 0.7)
    before = state.polarization()
    amplitudes = state.amplitudes()
    for n, vector in enumerate(before):
        axes = amplitudes.reshape((2,) * len(gas))
        two = np.moveaxis(axes, len(gas) - 1 - n, 0).reshape(2, -1)
        rho = two @ two.conj().T
        assert np.einsum("aij,ji->a", PAULI, rho).real == pytest.approx(vector, abs=1e-11)
    amplitudes[:] = 0
    state.sample(3, seed=1, basis="flavor")
    assert (state.polarization() == before).all()


@pytest.mark.parametrize("case", CASES)
def test_bits_in_the_flavor_basis_have_the_flavor_probabilities(case: str) -> None:
    gas, schedule = CASES[case]()
    state, shots = final_state(gas, schedule), 40_000
    bits = state.sample(shots, seed=3, basis="flavor")
    expected = observables.flavor_probability(
        state.polarization(), gas.mixing_angle, gas.antineutrino
    )
    sigma = np.sqrt(expected * (1 - expected) / shots)
    assert (abs(1 - bits.mean(axis=0) - expected) < 5 * sigma).all()
    assert abs(expected - 0.5).max() > 0.1
    assert sigma.min() > 0
    assert (state.sample(50, seed=3, basis="flavor") == bits[:50]).all()
    mass = state.sample(shots, seed=3)
    assert abs(mass.mean(axis=0) - bits.mean(axis=0)).max() > 0.05
    # both bits together: <L.sigma_i L.sigma_j>, with a sign for each antineutrino
    axis = np.einsum("a,aij->ij", flavor_direction(gas.mixing_angle), PAULI)
    signs = (1 - 2.0 * bits) * np.where(gas.antineutrino, -1, 1)
    correlated = 0.0
    for i, j in ((0, 1), (1, 4), (3, 2)):
        both = np.trace(state.pair(i, j) @ np.kron(axis, axis)).real
        found = (signs[:, i] * signs[:, j]).mean()
        assert found == pytest.approx(both, abs=5 / np.sqrt(shots))
        correlated = max(correlated, abs(both - signs[:, i].mean() * signs[:, j].mean()))
    assert correlated > 0.05


def test_flavor_states_are_zeros_and_ones_at_the_start() -> None:
    groups = [
        qnu.Group(2, flavor="electron", omega=0.1),
        qnu.Group(1, flavor="x", omega=0.2),
        qnu.Group(1, flavor="electron", omega=0.1, antineutrino=True),
        qnu.Group(1, flavor="x", omega=0.1, antineutrino=True),
    ]
    gas = qnu.NeutrinoGas.from_groups(groups, mixing_angle=0.6)
    state = final_state(gas, qnu.schedules.tournament(gas, 0.2), time=0.0)
    bits = state.sample(20, seed=1, basis="flavor")
    assert (bits == [0, 0, 1, 0, 1]).all()


def test_a_bit_of_an_antineutrino_in_the_mass_basis_is_its_isospin() -> None:
    groups = [
        qnu.Group(1, polarization=(0, 0, 1), omega=0.1),
        qnu.Group(1, polarization=(0, 0, 1), omega=0.1, antineutrino=True),
    ]
    gas = qnu.NeutrinoGas.from_groups(groups, mixing_angle=0.0)  # nu_1 and nu_1-bar
    state = final_state(gas, qnu.schedules.tournament(gas, 0.2), time=0.0)
    assert state.sample(2, seed=1).tolist() == [[0, 1]] * 2
    assert state.sample(2, seed=1, basis="flavor").tolist() == [[0, 0]] * 2


def test_bad_questions() -> None:
    state = final_state(*CASES["vacuum"]())
    with pytest.raises(QnuError, match="basis: got 'flavour'; allowed: one of 'mass', 'flavor'"):
        state.sample(1, basis="flavour")  # type: ignore[arg-type]  # what is tested
    with pytest.raises(QnuError, match=r"shots: got .10000000000 measurements.*memory"):
        state.sample(10**10)
    with pytest.raises(QnuError, match="gas: got '2 neutrinos'; allowed: 6"):
        state.overlap(mixed_gas(2))
    with pytest.raises(QnuError, match="overlap"):
        state.overlap(qnu.NeutrinoGas([[0, 0, 0.5]] * 6, [0.0] * 6))
