r"""Classical spins that all see each other: steps of a Lie group method, on a tile of samples.

``dP_i/dt = F_i x P_i`` with ``F_i = omega_i B + lambda L + (mu/N) sum_j (1 - v_i.v_j) P_j``. The
sum follows from the moments ``sum P`` and ``sum v P``, so that a step is linear in N. Every vector
is turned by rotations only (the commutator-free method of order 4 by Celledoni, Marthinsen and
Owren, Future Gener. Comput. Syst. 19, 341, 2003), so its length stays what it was. With
``k_1 ... k_4`` the fields of the four stages of Runge and Kutta,

    Y_2 = exp(h k_1/2) Y_1,  Y_3 = exp(h k_2/2) Y_1,  Y_4 = exp(h k_3 - h k_1/2) Y_2,
    Y = exp(h (-k_1 + 2 k_2 + 2 k_3 + 3 k_4)/12) exp(h (3 k_1 + 2 k_2 + 2 k_3 - k_4)/12) Y_1
"""

from __future__ import annotations

import numpy as np

from ..common.checks import frozen
from ..common.jit import njit
from .phase_space import _Y, _Z, LANES, ROW, _sinc, _versine

#: Per stage: the rotations, as combinations of k_1 ... k_4 times h.
_STAGES = frozen(
    np.array(
        [
            [[0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]],
            [[0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]],
            [[0.5, 0.0, 0.0, 0.0], [-0.5, 0.0, 1.0, 0.0]],
            [[3 / 12, 2 / 12, 2 / 12, -1 / 12], [-1 / 12, 2 / 12, 2 / 12, 3 / 12]],
        ]
    )
)
_ROTATIONS = frozen(np.array([1, 1, 2, 2]))
#: Where in a step mu and lambda of a stage are taken: its beginning, middle or end.
_PLACES = frozen(np.array([0, 1, 1, 2]))


@njit(inline="always")
def _rotate(row, h, v, turns):
    """A row turned by ``h + turns[0] - sum_a v_a turns[a]``, angles along axes."""
    for k in range(LANES):
        x, y, z = row[k], row[_Y + k], row[_Z + k]
        a, b, c = h[0] + turns[0, k], h[1] + turns[0, _Y + k], h[2] + turns[0, _Z + k]
        if v.size == 3:
            a -= v[0] * turns[1, k] + v[1] * turns[2, k] + v[2] * turns[3, k]
            b -= v[0] * turns[1, _Y + k] + v[1] * turns[2, _Y + k] + v[2] * turns[3, _Y + k]
            c -= v[0] * turns[1, _Z + k] + v[1] * turns[2, _Z + k] + v[2] * turns[3, _Z + k]
        square = a * a + b * b + c * c
        s, q = _sinc(square), _versine(square)
        dx, dy, dz = b * z - c * y, c * x - a * z, a * y - b * x
        row[k] = x + s * dx + q * (b * dz - c * dy)
        row[_Y + k] = y + s * dy + q * (c * dx - a * dz)
        row[_Z + k] = z + s * dz + q * (a * dy - b * dx)


@njit(inline="always")
def _combine(coefficients, h, n, fields, out):
    """``out (4, ROW)``: a combination of the mean fields of n stages, times h."""
    out[:] = 0.0
    for stage in range(n):
        factor = h * coefficients[stage]
        if factor != 0.0:
            for a in range(out.shape[0]):
                for k in range(ROW):
                    out[a, k] += factor * fields[stage, a, k]


@njit(inline="always")
def _add(row, v, out):
    """Its part of ``sum P`` and ``sum v P``."""
    for k in range(ROW):
        out[0, k] += row[k]
    for a in range(1, out.shape[0]):
        for k in range(ROW):
            out[a, k] += v[a - 1] * row[k]


@njit(nogil=True, fastmath={"contract"})
def steps(tile, omega, velocity, direction, length, mu, matter):
    """Steps of all samples of a tile, in place.

    Args:
        tile: ``(N, ROW)``.
        omega: ``(N,)``.
        velocity: ``(N, 3)``, or ``(N, 0)`` where ``1 - v.v'`` is 1 for all.
        direction: L.
        length: ``(n,)`` of every step.
        mu: ``(n, 3)`` at the beginning, in the middle and at the end of every step.
        matter: ``(n, 3)`` lambda there.
    """
    count, kinds = tile.shape[0], 1 + velocity.shape[1]
    fields = np.zeros((4, kinds, ROW))
    turns = np.zeros((2, kinds, ROW))
    along = np.zeros((2, 2))  # of omega B, and lambda
    sums = np.zeros((kinds, ROW))
    row = np.empty(ROW)
    for n in range(count):
        _add(tile[n], velocity[n], sums)
    for step in range(length.size):
        h = length[step]
        for stage in range(4):
            scale = mu[step, _PLACES[stage]] / count
            for a in range(kinds):
                for k in range(ROW):
                    fields[stage, a, k] = scale * sums[a, k]
            rotations = _ROTATIONS[stage]
            for r in range(rotations):
                coefficients = _STAGES[stage, r]
                _combine(coefficients, h, stage + 1, fields, turns[r])
                along[r, :] = 0.0
                for s in range(4):
                    along[r, 0] += h * coefficients[s]
                    along[r, 1] += h * coefficients[s] * matter[step, _PLACES[s]]
            sums[:] = 0.0
            for n in range(count):
                row[:] = tile[n]
                for r in range(rotations):
                    lam = along[r, 1]
                    b = lam * direction[2] - along[r, 0] * omega[n]
                    field = (lam * direction[0], lam * direction[1], b)
                    _rotate(row, field, velocity[n], turns[r])
                if stage == 3:
                    tile[n] = row
                _add(row, velocity[n], sums)
