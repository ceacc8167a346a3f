"""Gates on cache blocks against the slow twin; the plan of passes keeps what order means."""

import itertools

import numpy as np
import pytest

from qnu.engine import statevector
from qnu.engine._slow import gates as slow
from qnu.engine.statevector import fused, fusion
from qnu.testing import random_state

PRECISIONS = [(np.complex64, 2e-6), (np.complex128, 1e-14)]


def random_unitaries(rng, number, size):
    matrices = rng.normal(size=(number, size, size)) + 1j * rng.normal(size=(number, size, size))
    return np.linalg.qr(matrices)[0]


def aligned_state(rng, count, dtype):
    state = fused.aligned(1 << count, dtype)
    state[:] = random_state(count, seed=rng, dtype=dtype)
    return state


def random_pairs(rng, count, number):
    first = rng.integers(0, count, number)
    return first, (first + rng.integers(1, count, number)) % count


def test_the_twin_is_a_product_of_big_matrices() -> None:
    rng = np.random.default_rng(1)
    state = aligned_state(rng, 5, np.complex128)
    i, j, gate = 3, 1, random_unitaries(rng, 1, 4)[0]
    unit, dense = np.eye(2), np.zeros((32, 32), complex)
    for a, b, c, d in itertools.product((0, 1), repeat=4):
        factors = [unit] * 5
        factors[i], factors[j] = np.outer(unit[a], unit[c]), np.outer(unit[b], unit[d])
        whole = np.ones((1, 1))
        for factor in factors:  # neutrino 0 is the lowest bit, so the rightmost factor
            whole = np.kron(factor, whole)
        dense += gate[2 * a + b, 2 * c + d] * whole
    assert abs(slow.apply_gates(state, [i], [j], gate[None]) - dense @ state).max() < 1e-14


@pytest.mark.parametrize(("dtype", "close"), PRECISIONS)
@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("count", [2, 3, 5, 6, 7, 10])
def test_every_pair_of_neutrinos_in_either_order(count, size, dtype, close) -> None:
    rng = np.random.default_rng(count)
    for i, j in itertools.permutations(range(count), 2):
        state = aligned_state(rng, count, dtype)
        gates = random_unitaries(rng, 1, size)
        whole = slow.as_gates(gates) if size == 2 else gates
        expected = slow.apply_gates(state, [i], [j], whole)
        apply = statevector.apply_blocks if size == 2 else statevector.apply_gates
        apply(state, np.array([i]), np.array([j]), gates)
        assert abs(state - expected).max() < close


@pytest.mark.parametrize(("dtype", "close"), PRECISIONS)
@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize(("count", "small"), [(4, False), (9, False), (13, True), (16, True)])
def test_many_gates_in_passes(count, small, size, dtype, close, monkeypatch) -> None:
    rng = np.random.default_rng(count)
    if small:  # as many passes, and blocks far apart, as a much longer vector has
        monkeypatch.setattr(fused, "_BLOCK", (1 << 9) * np.dtype(dtype).itemsize)
    state = aligned_state(rng, count, dtype)
    first, second = random_pairs(rng, count, 60)
    gates = random_unitaries(rng, 60, size)
    whole = slow.as_gates(gates) if size == 2 else gates
    expected = slow.apply_gates(state, first, second, whole)
    done = list(statevector.steps(state, first, second, gates))
    assert abs(state - expected).max() < close
    assert done[-1].gates == 60
    if small:
        assert done[-1].passes > 5


@pytest.mark.parametrize("past_cache", [False, True])
def test_both_ways_of_writing_back(past_cache, monkeypatch) -> None:
    rng = np.random.default_rng(3)
    monkeypatch.setattr(fused, "_CACHED", 0 if past_cache else 1 << 40)
    monkeypatch.setattr(fused, "_BLOCK", 1 << 13)
    state = aligned_state(rng, 16, np.complex64)
    first, second = random_pairs(rng, 16, 40)
    gates = random_unitaries(rng, 40, 2)
    expected = slow.apply_gates(state, first, second, slow.as_gates(gates))
    statevector.apply_blocks(state, first, second, gates)
    assert abs(state - expected).max() < 2e-6


def test_threads_pieces_and_a_new_start_change_no_bit(monkeypatch) -> None:
    rng = np.random.default_rng(4)
    monkeypatch.setattr(fused, "_BLOCK", 1 << 13)
    start = aligned_state(rng, 16, np.complex64)
    first, second = random_pairs(rng, 16, 50)
    gates = random_unitaries(rng, 50, 2)
    whole = start.copy()
    steps = list(statevector.steps(whole, first, second, gates))
    monkeypatch.setattr(fused, "get_num_threads", lambda: 1)
    alone = start.copy()
    statevector.apply_blocks(alone, first, second, gates)
    assert (alone == whole).all()
    monkeypatch.undo()
    monkeypatch.setattr(fused, "_BLOCK", 1 << 13)
    monkeypatch.setattr(fused, "_AT_ONCE", 1 << 14)
    pieces = start.copy()
    done = list(statevector.steps(pieces, first, second, gates))
    assert (pieces == whole).all()
    assert len(done) > 2 * len(steps)
    assert all(b.gates > a.gates for a, b in itertools.pairwise(done))
    again = start.copy()
    for report in statevector.steps(again, first, second, gates):
        if report.passes == 2 and report.whole:
            break
    statevector_steps = list(statevector.steps(again, first, second, gates, skip=2))
    assert (again == whole).all()
    assert statevector_steps[-1] == steps[-1]


@pytest.mark.parametrize(("dtype", "close"), [(np.complex64, 1e-5), (np.complex128, 1e-12)])
def test_a_thousand_layers(dtype, close) -> None:
    # the accuracy that the docs promise: gates that are unitary, so no error is forgotten
    rng = np.random.default_rng(5)
    count, layers = 8, 1000
    order = np.concatenate([rng.permutation(count) for _ in range(layers)])
    first, second = order[::2], order[1::2]
    gates = random_unitaries(rng, len(first), 2)
    state = aligned_state(rng, count, dtype)
    expected = slow.apply_gates(state, first, second, slow.as_gates(gates))
    statevector.apply_blocks(state, first, second, gates)
    assert abs(state - expected).max() < close


@pytest.mark.parametrize(("count", "size", "low"), [(24, 16, 4), (19, 15, 3), (30, 16, 4)])
def test_passes_hold_every_gate_once_and_keep_order(count, size, low) -> None:
    rng = np.random.default_rng(6)
    first, second = random_pairs(rng, count, 900)
    seen: list[int] = []
    for qubits, gates in fusion.passes(first, second, count, size, low):
        assert len(qubits) == size
        assert (qubits[:low] == np.arange(low)).all()
        assert (np.diff(qubits) > 0).all()
        assert np.isin(first[gates], qubits).all()
        assert np.isin(second[gates], qubits).all()
        assert len(gates) > 0
        seen += gates.tolist()
    assert sorted(seen) == list(range(900))
    for q in range(count):
        own = [g for g in seen if q in (first[g], second[g])]
        assert own == sorted(own)


def test_a_tournament_takes_few_passes() -> None:
    n = 24
    rounds = [
        [(r, n - 1), *(((r + k) % (n - 1), (r - k) % (n - 1)) for k in range(1, n // 2))]
        for r in range(n - 1)
    ]
    first, second = np.array(rounds).reshape(-1, 2).T
    plan = list(fusion.passes(first, second, n, 16, 4))
    assert len(plan) <= 8  # 276 without, 46 with one layer at a time
