"""A sequence of two-qubit gates on a state vector, as few and as cheap passes as it takes.

A gate that conserves sigma_z of its pair is, up to a global phase, a 2x2 block on |01>, |10> and
``diag(1, w_1) x diag(1, w_2)`` after it. The phases stay pending: they go through the blocks that
follow as a change of two entries, so half of the state is never touched. A gate that does not
conserve sigma_z takes the phases in.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.jit import njit, prange
from ..compiled import serial_and_threads
from . import state as statevector

#: Entries below this are rounding of products of unitary matrices.
_ZERO = 4e-16
#: Amplitudes that share one phase of the high bits, when pending phases are settled.
_ROW_BITS = 12
_THREADS_FROM = 1 << 15
#: Gates of one kind in a row share their passes; blocks are not worth shorter runs than this.
_RUN = 8
_ONE = np.eye(2, dtype=np.complex128)

Complexes = NDArray[Any]


def conserving(gates: Complexes) -> NDArray[np.bool_]:
    """``(n,)``: which gates ``(n, 4, 4)`` leave |00>, |11> and the span of |01>, |10> alone."""
    mixing = np.ones((4, 4), bool)
    mixing[1:3, 1:3] = False
    np.fill_diagonal(mixing, False)
    result: NDArray[np.bool_] = np.logical_and.reduce(abs(gates[:, mixing]) < _ZERO, axis=1)
    return result


@njit
def _pend(first, second, gates, as_block, pending, blocks):
    """Blocks of the gates that conserve sigma_z; the others take the pending phases in."""
    for g in range(first.size):
        i, j = first[g], second[g]
        wi, wj = pending[i], pending[j]
        if as_block[g]:
            common = gates[g, 0, 0]
            # |11> needs w_i' w_j' common = gate w_i w_j; both partners take half of the change
            half = np.sqrt(gates[g, 3, 3] / common)
            half /= abs(half)
            pending[i], pending[j] = wi * half, wj * half
            blocks[g, 0, 0] = gates[g, 1, 1] * wj / (common * wj * half)
            blocks[g, 0, 1] = gates[g, 1, 2] * wi / (common * wj * half)
            blocks[g, 1, 0] = gates[g, 2, 1] * wj / (common * wi * half)
            blocks[g, 1, 1] = gates[g, 2, 2] * wi / (common * wi * half)
        else:
            for row in range(4):
                gates[g, row, 1] *= wj
                gates[g, row, 2] *= wi
                gates[g, row, 3] *= wi * wj
            pending[i], pending[j] = 1.0, 1.0


def apply_sequence(
    state: Complexes, first: Any, second: Any, gates: Complexes, pending: Complexes
) -> None:
    """``|psi> -> U_n ... U_1 |psi>`` up to a global phase and the phases that stay pending.

    Args:
        state: 2^N amplitudes, changed in place; the true state is
            ``prod_k diag(1, pending[k])`` times it.
        first: ``(n,)`` qubits.
        second: ``(n,)`` qubits.
        gates: ``(n, 4, 4)`` unitary, in the order (first) x (second).
        pending: ``(N,)`` phases of |1>, changed in place.
    """
    as_block = conserving(gates)
    turns = np.flatnonzero(np.diff(as_block)) + 1
    if len(turns) * _RUN > len(gates):
        as_block[:], turns = False, turns[:0]
    gates = gates.astype(np.complex128)  # a copy, which may change
    blocks = np.empty((len(gates), 2, 2), np.complex128)
    _pend(first, second, gates, as_block, pending, blocks)
    edges = [0, *turns.tolist(), len(gates)] if len(gates) else []
    for start, stop in pairwise(edges):
        some = slice(start, stop)
        if as_block[start]:
            statevector.apply_blocks(state, first[some], second[some], blocks[some])
        else:
            statevector.apply_gates(state, first[some], second[some], gates[some])


def _multiply_phases(state, low, high):
    row = low.size
    for r in prange(high.size):
        part = state[r * row : (r + 1) * row]
        phase = high[r]
        for k in range(row):
            part[k] *= phase * low[k]


_multiply_serial, _multiply_threads = serial_and_threads(_multiply_phases)


def settle(state: Complexes, pending: Complexes) -> None:
    """``|psi> -> prod_k diag(1, pending[k]) |psi>`` in one pass; nothing is pending after it."""
    if (pending == 1.0).all():
        return
    low, high = (
        statevector.product_state(np.stack([np.ones(len(some)), some], axis=1)).astype(state.dtype)
        for some in (pending[:_ROW_BITS], pending[_ROW_BITS:])
    )
    kernel = _multiply_threads if state.size >= _THREADS_FROM else _multiply_serial
    kernel(state, low, high)
    pending[:] = 1.0


def apply_local(state: Complexes, qubits: Any, matrices: Complexes) -> None:
    """One-qubit gates ``matrices (n, 2, 2)`` on different qubits ``(n,)``, in place.

    Two at a time, as one two-qubit gate: half as many passes as gates.
    """
    if not len(qubits):
        return
    if state.size == 2:
        for matrix in matrices:
            state[:] = matrix @ state
        return
    qubits = np.asarray(qubits, np.int64)
    if len(qubits) % 2:  # the last qubit needs a partner: the identity on another one
        qubits = np.append(qubits, 1 if qubits[-1] == 0 else 0)
        matrices = np.concatenate([matrices, _ONE[None]])
    gates = np.einsum("nij,nkl->nikjl", matrices[::2], matrices[1::2]).reshape(-1, 4, 4)
    statevector.apply_gates(state, qubits[::2].copy(), qubits[1::2].copy(), gates)
