"""The Hamiltonian of plane waves: the one that the engine steps with, and what a file says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qiskit.quantum_info import SparsePauliOp
from scipy.linalg import expm

import qnu
from qnu import encounter
from qnu.flavor import fields
from qnu.quantum.circuits.hamiltonian import hamlib_text, pauli_terms, to_json
from qnu.testing import random_gas

from ..helpers import bloch


def dense(gas: qnu.NeutrinoGas, mu: float, matter: float) -> np.ndarray:
    """From SWAP itself and Kronecker products; qubit 0 is the last factor."""
    count = len(gas)
    h = np.zeros((2**count, 2**count), complex)
    for i in range(count):
        for j in range(i + 1, count):
            swap = np.zeros_like(h)
            for state in range(2**count):
                a, b = state >> i & 1, state >> j & 1
                swap[state & ~(1 << i) & ~(1 << j) | b << i | a << j, state] = 1
            h += mu / count * gas.one_minus_cos(i, j) * swap
    for k, field in enumerate(fields(gas.omega, matter, gas.mixing_angle)):
        one = sum(c * sigma for c, sigma in zip(field / 2, encounter.PAULI, strict=True))
        h += np.kron(np.kron(np.eye(2 ** (count - 1 - k)), one), np.eye(2**k))
    return h


@pytest.mark.parametrize(("mu", "matter"), [(1.0, 0.0), (0.7, 0.4)])
def test_the_pauli_strings_are_the_dense_hamiltonian(mu: float, matter: float) -> None:
    gas = random_gas(3, seed=1, velocities="isotropic", mixing_angle=0.2)
    made = pauli_terms(gas, mu, matter)
    np.testing.assert_allclose(made.to_matrix(), dense(gas, mu, matter), atol=1e-14)


@pytest.mark.parametrize("matter", [0.0, 0.6])
def test_its_evolution_is_what_the_engine_finds_with_many_steps(matter: float) -> None:
    gas = random_gas(4, seed=5, velocities="isotropic", mixing_angle=0.3)
    schedule = qnu.schedules.plane_wave(gas, 2.0, steps=200, order=2, matter=matter)
    found = qnu.solvers.many_body(gas, schedule, [2.0]).at()
    start = np.array([1.0 + 0j])
    for x, y, z in gas.polarization:  # neutrino 0 is the last factor
        one = np.array([np.sqrt((1 + z) / 2), (x + 1j * y) / np.sqrt(2 * (1 + z))])
        start = np.kron(one, start)
    state = expm(-2j * pauli_terms(gas, 1.0, matter).to_matrix()) @ start
    np.testing.assert_allclose(found, bloch(state, 4), atol=2e-5)
    wrong = expm(2j * pauli_terms(gas, 1.0, matter).to_matrix()) @ start
    assert abs(found - bloch(wrong, 4)).max() > 0.1


def test_the_file_is_read_as_benchpress_reads_hamlib() -> None:
    gas = random_gas(3, seed=1, velocities="isotropic", mixing_angle=0.2)
    schedule = qnu.schedules.plane_wave(gas, 2.0, steps=5, order=2, mu=0.8, matter=0.1)
    (record,) = json.loads(to_json(gas, schedule, "mine"))
    terms = record["ham_hamlib_hamiltonian_terms"]
    made = SparsePauliOp(terms, record["ham_hamlib_hamiltonian_coefficients"])
    np.testing.assert_allclose(made.to_matrix(), dense(gas, 0.8, 0.1), atol=1e-14)
    assert (record["ham_qubits"], record["ham_terms"]) == (3, len(terms))
    assert record["ham_instance"][1:-1] == "mine"
    own = record["qnu"]
    assert (own["mu"], own["matter"], own["final_time"]) == (0.8, 0.1, 2.0)
    assert own["trotter"] == {"steps": 5, "order": 2}
    np.testing.assert_allclose(own["polarization"], gas.polarization)


def test_the_text_of_hamlib_numbers_qubits() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.2, 0.4])
    assert hamlib_text(pauli_terms(gas)).splitlines() == [
        "0.25 [] +",
        "0.25 [X0 X1] +",
        "0.25 [Y0 Y1] +",
        "0.25 [Z0 Z1] +",
        "-0.1 [Z0] +",
        "-0.2 [Z1]",
    ]


def test_what_has_no_hamiltonian_is_refused() -> None:
    gas = random_gas(3, seed=1)
    with pytest.raises(qnu.QnuError, match="got 'tournament'; allowed: 'plane_wave'"):
        to_json(gas, qnu.schedules.tournament(gas, gamma=0.1))
    changing = qnu.schedules.plane_wave(gas, 2.0, steps=5, mu=lambda t: 1 + t)
    with pytest.raises(qnu.QnuError, match=r"schedule\.mu: got a profile; allowed: a constant"):
        to_json(gas, changing)
