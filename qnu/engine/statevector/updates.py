"""Exchanges as updates of rank one: twelve multiply-adds where a 2x2 matrix takes sixteen.

A 2x2 unitary with an eigenvalue 1 is 1 plus a matrix of rank one: with ``w = x + e y`` it takes
(x, y) to ``(x + a w, y + b w)``. Encounters are of this form once their phases are chosen for it
(:mod:`.exchange`). Any other block U is one of them and then a phase of x or y, which is
one too: ``U = diag(1, w) N`` with ``w = (U_11 - det U) / (1 - U_00)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: What is lost where ``U - 1`` is taken to be of rank one: some roundings.
_ZERO = 4e-15


def of(first: Any, second: Any, blocks: NDArray[Any]) -> tuple[Any, Any, NDArray[Any]]:
    """Qubits ``(m,)``, ``(m,)`` and numbers ``(m, 3)``: e, a, b of every update.

    Args:
        first: ``(n,)`` first qubits.
        second: ``(n,)`` second qubits.
        blocks: ``(n, 2, 2)`` unitary, on (|01>, |10>), the first qubit's label left.

    Returns:
        The qubit that is 1 in x, the one that is 1 in y, and (e, a, b); m is n or, where blocks
        have no eigenvalue 1, larger.
    """
    blocks = np.asarray(blocks, np.complex128)
    determinant = blocks[:, 0, 0] * blocks[:, 1, 1] - blocks[:, 0, 1] * blocks[:, 1, 0]
    change = blocks - np.eye(2)
    second_factor = change[:, 0, 0] * change[:, 1, 1] - change[:, 0, 1] * change[:, 1, 0]
    two = abs(second_factor) > _ZERO * abs(change).max(axis=(1, 2))
    if two.any():
        at = np.flatnonzero(two)
        phase = np.zeros((len(at), 2, 2), complex)
        # the entry further from 1 decides; |01> comes first
        lower = abs(1 - blocks[at, 0, 0]) >= abs(1 - blocks[at, 1, 1])
        keep = np.where(lower, blocks[at, 0, 0], blocks[at, 1, 1])
        turn = np.where(lower, blocks[at, 1, 1], blocks[at, 0, 0])
        w = (turn - determinant[at]) / (1 - keep)
        w /= abs(w)
        phase[:, 0, 0], phase[:, 1, 1] = np.where(lower, 1, w), np.where(lower, w, 1)
        blocks = blocks.copy()
        blocks[at] = phase.conj() @ blocks[at]
        order = np.concatenate([np.arange(len(blocks)), at])
        order = np.argsort(order, kind="stable")  # each phase right behind its block
        blocks = np.concatenate([blocks, phase])[order]
        source = np.concatenate([np.arange(len(two)), at])[order]
        first, second = first[source], second[source]
    return _numbers(first, second, blocks)


def _numbers(first: Any, second: Any, blocks: NDArray[Any]) -> tuple[Any, Any, NDArray[Any]]:
    """e, a, b with x the amplitude whose own entry is further from 1: so |e| <= 1."""
    change = blocks - np.eye(2)
    swap = abs(change[:, 0, 0]) > abs(change[:, 1, 1])  # then x is |01>
    own = np.where(swap, change[:, 0, 0], change[:, 1, 1])
    across = np.where(swap, change[:, 0, 1], change[:, 1, 0])
    back = np.where(swap, change[:, 1, 0], change[:, 0, 1])
    e = np.divide(across, own, out=np.zeros_like(across), where=own != 0)
    numbers = np.stack([e, own, back], axis=1)
    return np.where(swap, second, first), np.where(swap, first, second), numbers
