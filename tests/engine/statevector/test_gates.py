"""Sequences of gates: against the slow twin, with phases that stay pending and without."""

import numpy as np
import pytest
from scipy.stats import unitary_group

from qnu.encounter import unitary
from qnu.engine._slow import gates as slow
from qnu.engine._slow.paulis import on_one
from qnu.engine.statevector import gates
from qnu.engine.statevector import state as state_kernels
from qnu.testing import random_state


def random_gates(count, number, share, seed=2):
    """Gates of which a share conserves sigma_z."""
    rng = np.random.default_rng(seed)
    pairs = np.array([rng.permutation(count)[:2] for _ in range(number)])
    matrices = unitary_group.rvs(4, size=number, random_state=rng).reshape(-1, 4, 4)
    for k in np.flatnonzero(rng.random(number) < share):
        block = np.zeros((4, 4), complex)
        block[1:3, 1:3] = unitary_group.rvs(2, random_state=rng)
        block[0, 0], block[3, 3] = np.exp(1j * rng.uniform(0, 7, 2))
        matrices[k] = block
    return pairs[:, 0].copy(), pairs[:, 1].copy(), matrices


def same_ray(found, wanted):
    return abs(abs(np.vdot(found, wanted)) - 1)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.9, 1.0])
@pytest.mark.parametrize("count", [2, 3, 7, 16])
def test_sequences(count, share) -> None:
    state = random_state(count, seed=0)
    first, second, matrices = random_gates(count, 25, share)
    rng = np.random.default_rng(3)
    pending = np.exp(1j * rng.uniform(0, 7, count))
    start = state.copy()
    for k in range(count):
        start = on_one(start, np.diag([1, pending[k]]), k)
    wanted = slow.apply_gates(start, first, second, matrices)
    kept = matrices.copy()
    gates.apply_sequence(state, first, second, matrices, pending)
    np.testing.assert_array_equal(matrices, kept)
    np.testing.assert_allclose(abs(pending), 1, atol=1e-13)
    if share in (0.0, 0.3, 0.7):
        assert (pending[first[-1]], pending[second[-1]]) == (1, 1)
    if share == 1.0 and count > 2:
        assert same_ray(state, wanted) > 1e-3  # phases are pending
    gates.settle(state, pending)
    assert (pending == 1).all()
    assert same_ray(state, wanted) < 1e-12


@pytest.mark.parametrize("count", [4, 16])
def test_runs_of_either_kind(count, monkeypatch) -> None:
    kinds = []
    for name in ("apply_blocks", "apply_gates"):
        kernel = getattr(state_kernels, name)

        def noted(state, first, second, given, kernel=kernel):
            kinds.append(given.shape)
            kernel(state, first, second, given)

        monkeypatch.setattr(state_kernels, name, noted)
    parts = [random_gates(count, n, s, seed=n) for n, s in ((40, 1.0), (3, 0.0), (30, 1.0))]
    first, second, matrices = (np.concatenate(column) for column in zip(*parts, strict=True))
    state, pending = random_state(count, seed=0), np.ones(count, complex)
    wanted = slow.apply_gates(state, first, second, matrices)
    gates.apply_sequence(state, first, second, matrices, pending)
    gates.settle(state, pending)
    assert same_ray(state, wanted) < 1e-12
    assert kinds == [(40, 2, 2), (3, 4, 4), (30, 2, 2)]


def test_single_precision() -> None:
    first, second, matrices = random_gates(6, 40, 0.8)
    state, pending = random_state(6, seed=0, dtype=np.complex64), np.ones(6, complex)
    gates.apply_sequence(state, first, second, matrices, pending)
    gates.settle(state, pending)
    assert state.dtype == np.complex64
    wanted = slow.apply_gates(random_state(6, seed=0), first, second, matrices)
    assert same_ray(state.astype(complex), wanted) < 1e-5


def test_no_gates() -> None:
    state, pending = random_state(3, seed=0), np.ones(3, complex)
    before = state.copy()
    none = np.zeros(0, np.int64)
    gates.apply_sequence(state, none, none, np.zeros((0, 4, 4), complex), pending)
    gates.settle(state, pending)
    np.testing.assert_array_equal(state, before)


def test_which_gates_conserve() -> None:
    vacuum = unitary([0.3, 1.2], (0, 0, 0.4), (0, 0, 0.9), 0.5)
    matter = unitary([0.3], (0.1, 0, 0.4), (0, 0, 0.9), 0.5)
    assert gates.conserving(np.concatenate([vacuum, matter])).tolist() == [True, True, False]


@pytest.mark.parametrize("qubits", [(), (0,), (2,), (3, 1), (0, 4, 2), (4, 3, 2, 1, 0)])
def test_one_qubit_gates(qubits) -> None:
    state = random_state(5, seed=0)
    matrices = unitary_group.rvs(2, size=len(qubits) + 2, random_state=1)[: len(qubits)]
    wanted = state.copy()
    for qubit, matrix in zip(qubits, matrices, strict=True):
        wanted = on_one(wanted, matrix, qubit)
    gates.apply_local(state, np.array(qubits, int), matrices)
    np.testing.assert_allclose(state, wanted, atol=1e-14)


def test_a_single_qubit() -> None:
    state = random_state(1, seed=0)
    matrix = unitary_group.rvs(2, random_state=1)
    wanted = matrix @ state
    gates.apply_local(state, [0], matrix[None])
    np.testing.assert_allclose(state, wanted, atol=1e-15)
