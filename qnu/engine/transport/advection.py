"""Values at the faces of cells: the linear seventh-order scheme, and WENO7."""

from __future__ import annotations

from ...common.jit import njit
from .tables import GHOSTS

#: Keeps a division from 0/0 where all cells are equal.
_TINY = 1e-40
_SIXTH = 1.0 / 6.0


@njit
def linear_faces(row, taps, first, count, out):
    """``out[i]``: face ``first + i`` of a row, i from 0 to ``count`` (one more than cells)."""
    t0, t1, t2, t3 = taps[0], taps[1], taps[2], taps[3]
    t4, t5, t6, t7 = taps[4], taps[5], taps[6], taps[7]
    cells = row[first : first + count + 2 * GHOSTS]
    for i in range(count + 1):
        out[i] = (
            (t0 * cells[i] + t1 * cells[i + 1])
            + (t2 * cells[i + 2] + t3 * cells[i + 3])
            + (t4 * cells[i + 4] + t5 * cells[i + 5])
            + (t6 * cells[i + 6] + t7 * cells[i + 7])
        )


@njit
def in_wind_order(row, rightward, first, count, out):
    """Cells for :func:`weno_faces`: from the side that the wind comes from."""
    cells = row[first : first + count + 2 * GHOSTS]
    if rightward:
        for i in range(count + 7):
            out[i] = cells[i]
    else:
        last = count + 7
        for i in range(count + 7):
            out[i] = cells[last - i]


@njit
def _smooth(slope, bend, third):
    return slope * slope + 13.0 / 3.0 * (bend * bend) + 781.0 / 20.0 * (third * third)


@njit
def _add_smoothness(v, count, beta):
    """Adds what one component says about how smooth each of the four stencils is.

    The cubic of a stencil has a slope a1 + a3/4, a2 and a3 at the middle of the cell upwind of the
    face; the integral of its squared derivatives is a sum of three squares.
    """
    b0, b1, b2, b3 = beta[0], beta[1], beta[2], beta[3]
    for i in range(count + 1):
        p, q, r, s = v[i], v[i + 1], v[i + 2], v[i + 3]
        b0[i] += _smooth(
            (11.0 * s - 18.0 * r + 9.0 * q - 2.0 * p) * _SIXTH,
            (2.0 * s - 5.0 * r + 4.0 * q - p) * 0.5,
            (s - 3.0 * r + 3.0 * q - p) * _SIXTH,
        )
    for i in range(count + 1):
        p, q, r, s = v[i + 1], v[i + 2], v[i + 3], v[i + 4]
        b1[i] += _smooth(
            (2.0 * s + 3.0 * r - 6.0 * q + p) * _SIXTH,
            (s - 2.0 * r + q) * 0.5,
            (s - 3.0 * r + 3.0 * q - p) * _SIXTH,
        )
    for i in range(count + 1):
        p, q, r, s = v[i + 2], v[i + 3], v[i + 4], v[i + 5]
        b2[i] += _smooth(
            (6.0 * r - 3.0 * q - 2.0 * p - s) * _SIXTH,
            (r - 2.0 * q + p) * 0.5,
            (s - 3.0 * r + 3.0 * q - p) * _SIXTH,
        )
    for i in range(count + 1):
        p, q, r, s = v[i + 3], v[i + 4], v[i + 5], v[i + 6]
        b3[i] += _smooth(
            (18.0 * q - 11.0 * p - 9.0 * r + 2.0 * s) * _SIXTH,
            (2.0 * p - 5.0 * q + 4.0 * r - s) * 0.5,
            (s - 3.0 * r + 3.0 * q - p) * _SIXTH,
        )


@njit
def _weights(beta, count):
    """WENO-Z weights in place of the measures of smoothness."""
    b0, b1, b2, b3 = beta[0], beta[1], beta[2], beta[3]
    for i in range(count + 1):
        tau = abs(b0[i] - b3[i] + 3.0 * (b1[i] - b2[i])) + _TINY
        q0, q1 = tau / (b0[i] + _TINY), tau / (b1[i] + _TINY)
        q2, q3 = tau / (b2[i] + _TINY), tau / (b3[i] + _TINY)
        a0, a1 = 1.0 * (1.0 + q0 * q0), 12.0 * (1.0 + q1 * q1)
        a2, a3 = 18.0 * (1.0 + q2 * q2), 4.0 * (1.0 + q3 * q3)
        one = 1.0 / (12.0 * (a0 + a1 + a2 + a3))
        b0[i], b1[i], b2[i], b3[i] = a0 * one, a1 * one, a2 * one, a3 * one


@njit
def _weighted(v, beta, count, out):
    w0, w1, w2, w3 = beta[0], beta[1], beta[2], beta[3]
    for i in range(count + 1):
        out[i] = (
            w0[i] * (25.0 * v[i + 3] - 23.0 * v[i + 2] + 13.0 * v[i + 1] - 3.0 * v[i])
            + w1[i] * (3.0 * v[i + 4] + 13.0 * v[i + 3] - 5.0 * v[i + 2] + v[i + 1])
            + w2[i] * (7.0 * v[i + 4] + 7.0 * v[i + 3] - v[i + 2] - v[i + 5])
            + w3[i] * (3.0 * v[i + 3] + 13.0 * v[i + 4] - 5.0 * v[i + 5] + v[i + 6])
        )


@njit
def weno_faces(rows, rightward, first, count, cells, beta, out):
    """Faces of the three components of a beam, all with the same weights.

    The smoothness is that of the vector (the sum over its components), so the scheme does not
    depend on the axes of flavor space, and the divisions are done once, not three times.

    Args:
        rows: ``(3, cells + 2 GHOSTS)``.
        rightward: whether c >= 0.
        first: the first cell, and the face before it.
        count: of cells; one face more.
        cells: ``(3, count + 7)`` to work in.
        beta: ``(4, count + 1)`` to work in.
        out: ``(3, count + 1)``, in the order of the wind: for c < 0 the last face comes first.
    """
    for k in range(4):
        b = beta[k]
        for i in range(count + 1):
            b[i] = 0.0
    for d in range(3):
        in_wind_order(rows[d], rightward, first, count, cells[d])
        _add_smoothness(cells[d], count, beta)
    _weights(beta, count)
    for d in range(3):
        _weighted(cells[d], beta, count, out[d])
