"""Numbers of the finite-difference schemes: what a face takes from its cells, and open ends.

A row holds the cells of one component of one beam, with :data:`GHOSTS` cells more at either end.
The derivative in cell j is ``(face[j + 1] - face[j]) / dz``; face j lies between cells j - 1 and j.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Cells beyond either end that a scheme needs.
GHOSTS = 4
#: Cells that an open end takes a ghost cell from.
END_CELLS = 4

NO_ADVECTION, UPWIND7, WENO7 = 0, 1, 2

#: The face to the right of cell i, from cells i-3 ... i+3 (a wind to the right).
_FACE = (-3 / 420, 25 / 420, -101 / 420, 319 / 420, 214 / 420, -38 / 420, 4 / 420)


def upwind_taps() -> Floats:
    """``(2, 8)``: face j from cells j-4 ... j+3, for c >= 0 and for c < 0."""
    taps = np.zeros((2, 8))
    taps[0, :7] = _FACE
    taps[1, 1:] = _FACE[::-1]
    return taps


def inflow_rule(scheme: int) -> tuple[Floats, Floats]:
    """Ghost cells where a beam enters: ``ghost_k = a_k P_in + sum_j b_kj P_j``.

    ``upwind7``: the cubic through the value at the edge and the first three cells. ``weno7``: the
    value itself, which does not overshoot where a front enters.

    Returns:
        a ``(4,)`` and b ``(4, 4)``; ghost 0 is next to the edge, and so is cell 0.
    """
    value, cells = np.ones(GHOSTS), np.zeros((GHOSTS, END_CELLS))
    if scheme == UPWIND7:
        points = np.array([0.0, 0.5, 1.5, 2.5])
        for k in range(GHOSTS):
            weights = _lagrange(points, -(k + 0.5))
            value[k], cells[k, :3] = weights[0], weights[1:]
    return value, cells


def outflow_rule(scheme: int) -> Floats:
    """Ghost cells where a beam leaves: the cubic through the last four cells, or the last cell.

    Returns:
        ``(4, 4)``; ghost 0 is next to the edge, and so is cell 0.
    """
    cells = np.zeros((GHOSTS, END_CELLS))
    cells[:, 0] = 1.0
    if scheme == UPWIND7:
        for k in range(GHOSTS):
            cells[k] = _lagrange(np.arange(4.0), -(k + 1.0))
    return cells


def _lagrange(points: Floats, at: float) -> Floats:
    """Weights of the polynomial through values at the points."""
    weights = np.empty(len(points))
    for j, own in enumerate(points):
        others = np.delete(points, j)
        weights[j] = np.prod((at - others) / (own - others))
    return weights
