"""Encounters on Bloch vectors: the kernel of the independent model, one pass, in place.

The state is one row of 64 bytes per neutrino, ``(x, y, z, omega, clock)``, the clock being the time
up to which it is evolved. A row is one cache line: a neutrino costs one miss, not five.
"""

from __future__ import annotations

import numpy as np

from ..common.checks import Floats
from ..common.jit import njit
from .streaming import free_rotation, turn

X, Y, Z, OMEGA, CLOCK = range(5)
_COLUMNS = 8
_LINE = 64
#: Angles whose square is at most this are small, as almost all are.
_SMALL = 1 / 16
#: Encounters whose rows are fetched and whose angles are prepared together: their cache misses
#: overlap and their sines are vectors, as neither can be in a chain of encounters.
_BATCH = 32

#: What is prepared: cosine and sine of theta; ``theta sin K / K``, cos K and ``d sin K / K`` (see
#: _encounter); cosine and sine of Phi; of the angles that both have turned since their clocks.
COS, SIN, SHIFT, COS_K, TILT, COS_PHI, SIN_PHI, COS_1, SIN_1, COS_2, SIN_2 = range(11)


def rows_of(polarization: Floats, omega: Floats) -> Floats:
    """``(N, 8)`` rows at time 0, each on a cache line of its own."""
    count = len(omega)
    memory = np.zeros(count * _COLUMNS + _LINE // 8)
    skip = -memory.ctypes.data % _LINE // 8
    rows = memory[skip : skip + count * _COLUMNS].reshape(count, _COLUMNS)
    rows[:, : Z + 1] = polarization
    rows[:, OMEGA] = omega
    return rows


@njit(inline="always")
def _series(y):
    """Taylor's series of :func:`_sinc_cos`; the terms left out are below 1e-19 at y = 1/16."""
    s = -1 / 5040 + y * (1 / 362880 + y * (-1 / 39916800 + y * (1 / 6227020800)))
    c = -1 / 720 + y * (1 / 40320 + y * (-1 / 3628800 + y * (1 / 479001600)))
    return 1 + y * (-1 / 6 + y * (1 / 120 + y * s)), 1 + y * (-0.5 + y * (1 / 24 + y * c))


@njit(inline="always")
def _sinc_cos(y):
    """``sin(x)/x`` and ``cos(x)`` of ``y = x^2``; no root and no division where x is small."""
    if y > _SMALL:
        x = np.sqrt(y)
        return np.sin(x) / x, np.cos(x)
    return _series(y)


@njit(inline="always")
def _sin_cos(x):
    """Sine and cosine."""
    if x * x > _SMALL:
        return np.sin(x), np.cos(x)
    s, c = _sinc_cos(x * x)
    return x * s, c


@njit
def _cosines(out, cos, sin, n, small):
    """Cosines and sines of the n angles in ``out[sin]``.

    Where all are small nothing branches, and the loop compiles to vectors; the numbers are the
    same either way.
    """
    if small:
        for k in range(n):
            x = out[sin, k]
            s, c = _series(x * x)
            out[sin, k], out[cos, k] = x * s, c
    else:
        for k in range(n):
            out[sin, k], out[cos, k] = _sin_cos(out[sin, k])


@njit
def _prepare(rows, first, second, theta, start, duration, fresh, streaming, kicks, out):
    """``out (11, n)``: what needs sines or clocks, and no polarization, for n encounters.

    The clocks are moved on to the end of the encounters.
    """
    n = first.size
    largest = 0.0
    for k in range(n):
        i, j = np.uint32(first[k]), np.uint32(second[k])
        t = start[k]
        length = 0.0 if kicks else duration[k if duration.size > 1 else 0]
        if streaming:
            one = rows[i, OMEGA] * max(t - rows[i, CLOCK], 0.0)
            two = rows[j, OMEGA] * max(t - rows[j, CLOCK], 0.0)
            if fresh.size > 0 and fresh[k if fresh.size > 1 else 0]:
                two = 0.0
            out[SIN_1, k], out[SIN_2, k] = one, two
            largest = max(largest, one * one, two * two)
            rows[i, CLOCK] = t + length
            rows[j, CLOCK] = t + length
        if not kicks:
            a, b = rows[i, OMEGA] * length, rows[j, OMEGA] * length
            d, phi = 0.5 * (a - b), 0.5 * (a + b)
            out[TILT, k], out[SIN_PHI, k] = d, phi
            largest = max(largest, d * d + theta[k] * theta[k], phi * phi)
        out[SIN, k] = theta[k]
        largest = max(largest, theta[k] * theta[k])
    small = largest <= _SMALL
    if not kicks:
        for k in range(n):
            x, d = theta[k], out[TILT, k]
            y = d * d + x * x
            s, c = _series(y) if small else _sinc_cos(y)
            out[SHIFT, k], out[COS_K, k], out[TILT, k] = x * s, c, d * s
        _cosines(out, COS_PHI, SIN_PHI, n, small)
    _cosines(out, COS, SIN, n, small)
    if streaming:
        _cosines(out, COS_1, SIN_1, n, small)
        _cosines(out, COS_2, SIN_2, n, small)


@njit(inline="always")
def _precess(rows, i, c, s):
    """Turn neutrino i about B = -z."""
    x, y = rows[i, X], rows[i, Y]
    rows[i, X] = c * x + s * y
    rows[i, Y] = c * y - s * x


@njit(inline="always")
def _kick(rows, i, j, s, c):
    """``P_1' = cos^2 P_1 + sin^2 P_2 + sin cos P_2 x P_1`` and the same for the partner."""
    ss, sc = s * s, s * c
    x1, y1, z1 = rows[i, X], rows[i, Y], rows[i, Z]
    x2, y2, z2 = rows[j, X], rows[j, Y], rows[j, Z]
    dx = ss * (x2 - x1) + sc * (y2 * z1 - z2 * y1)
    dy = ss * (y2 - y1) + sc * (z2 * x1 - x2 * z1)
    dz = ss * (z2 - z1) + sc * (x2 * y1 - y2 * x1)
    rows[i, X] = x1 + dx
    rows[i, Y] = y1 + dy
    rows[i, Z] = z1 + dz
    rows[j, X] = x2 - dx
    rows[j, Y] = y2 - dy
    rows[j, Z] = z2 - dz


@njit(inline="always")
def _encounter(rows, i, j, prepared, k):
    """An encounter with vacuum inside, ``a = omega_1 t`` and ``b = omega_2 t``.

    With ``c = x - i y``, ``alpha = cos K + i d sin K / K`` and ``s = theta sin K / K``::

        c_1' = e^{i Phi} [alpha c_1 (cos theta - i z_2 sin theta)
                          + s c_2 (sin theta + i z_1 cos theta)]
        z_1' = z_1 - s^2 (z_1 - z_2) - s Im(alpha c_1 c_2*)

    ``Phi = (a + b)/2``, ``d = (a - b)/2``, ``K^2 = theta^2 + d^2``; the partner with ``alpha*``.
    In real numbers, which compile better.
    """
    ct, st, s = prepared[COS, k], prepared[SIN, k], prepared[SHIFT, k]
    ck, tilt = prepared[COS_K, k], prepared[TILT, k]
    cp, sp = prepared[COS_PHI, k], prepared[SIN_PHI, k]
    x1, y1, z1 = rows[i, X], rows[i, Y], rows[i, Z]
    x2, y2, z2 = rows[j, X], rows[j, Y], rows[j, Z]
    # alpha c_1 and alpha* c_2
    u1, v1 = ck * x1 + tilt * y1, tilt * x1 - ck * y1
    u2, v2 = ck * x2 - tilt * y2, -tilt * x2 - ck * y2
    dz = s * s * (z1 - z2) + s * (v1 * x2 + u1 * y2)
    p, q1, q2 = s * st, s * z1 * ct, s * z2 * ct
    w1, w2 = z1 * st, z2 * st
    re1 = u1 * ct + v1 * w2 + x2 * p + y2 * q1
    im1 = v1 * ct - u1 * w2 + x2 * q1 - y2 * p
    re2 = u2 * ct + v2 * w1 + x1 * p + y1 * q2
    im2 = v2 * ct - u2 * w1 + x1 * q2 - y1 * p
    rows[i, X], rows[i, Y], rows[i, Z] = cp * re1 - sp * im1, -cp * im1 - sp * re1, z1 - dz
    rows[j, X], rows[j, Y], rows[j, Z] = cp * re2 - sp * im2, -cp * im2 - sp * re2, z2 + dz


@njit(inline="always")
def _fetch(rows, first, second):
    """Bring the rows of these encounters into the cache; the sum only keeps the loop alive."""
    total = 0.0
    for k in range(first.size):
        total += rows[np.uint32(first[k]), CLOCK] + rows[np.uint32(second[k]), CLOCK]
    return total


@njit(inline="always")
def _renew(rows, j, initial):
    """A new neutrino in its initial state takes row j."""
    rows[j, X], rows[j, Y], rows[j, Z] = initial[j, 0], initial[j, 1], initial[j, 2]


@njit(nogil=True)
def evolve_in_vacuum(rows, first, second, swap_angle, start, duration, fresh, initial, streaming):
    """Encounters one after the other, each neutrino oscillating in between where ``streaming``.

    ``rows`` change in place. ``duration`` and ``fresh`` may have length 1: all alike; ``fresh`` may
    be empty: none is. The returned value has no meaning.
    """
    fetched = 0.0
    anew = fresh.size > 0
    kicks = duration.size == 1 and duration[0] == 0.0
    prepared = np.empty((11, _BATCH))
    for a in range(0, first.size, _BATCH):
        b = min(a + _BATCH, first.size)
        one, two = first[a:b], second[a:b]
        lengths = duration[a:b] if duration.size > 1 else duration
        news = fresh[a:b] if fresh.size > 1 else fresh
        fetched += _fetch(rows, one, two)
        _prepare(
            rows, one, two, swap_angle[a:b], start[a:b], lengths, news, streaming, kicks, prepared
        )
        for k in range(b - a):
            i, j = np.uint32(one[k]), np.uint32(two[k])
            if anew and news[k if news.size > 1 else 0]:
                _renew(rows, j, initial)
            if streaming:
                _precess(rows, i, prepared[COS_1, k], prepared[SIN_1, k])
                _precess(rows, j, prepared[COS_2, k], prepared[SIN_2, k])
            if kicks or lengths[k if lengths.size > 1 else 0] == 0.0:
                _kick(rows, i, j, prepared[SIN, k], prepared[COS, k])
            else:
                _encounter(rows, i, j, prepared, k)
    return fetched


@njit
def _through_gate(rows, i, j, gate):
    """``rho_1 x rho_2`` through a 4x4 unitary, each partner traced out."""
    rho = np.empty((4, 4), np.complex128)
    for side in range(2):
        n = i if side == 0 else j
        c = 0.5 * complex(rows[n, X], -rows[n, Y])
        up = 0.5 * (1.0 + rows[n, Z])
        down = 0.5 * (1.0 - rows[n, Z])
        for a in range(4):
            for b in range(4):
                p, q = (a >> 1, b >> 1) if side == 0 else (a & 1, b & 1)
                if p == q:
                    value = complex(up, 0.0) if p == 0 else complex(down, 0.0)
                else:
                    value = c if p == 0 else c.conjugate()
                rho[a, b] = value if side == 0 else rho[a, b] * value
    rho = gate @ rho @ gate.conj().T
    c1, c2 = rho[0, 2] + rho[1, 3], rho[0, 1] + rho[2, 3]
    rows[i, X], rows[i, Y] = 2 * c1.real, -2 * c1.imag
    rows[j, X], rows[j, Y] = 2 * c2.real, -2 * c2.imag
    p = rho[0, 0].real - rho[3, 3].real
    q = rho[1, 1].real - rho[2, 2].real
    rows[i, Z] = p + q
    rows[j, Z] = p - q


@njit(inline="always")
def _at(row, time, breaks, coefficients, direction, largest):
    """``(x, y, z)`` of one row at a time later than its clock."""
    q = free_rotation(
        row[OMEGA],
        row[CLOCK],
        time,
        breaks,
        coefficients,
        direction[0],
        direction[1],
        direction[2],
        largest,
    )
    return turn(q, row[X], row[Y], row[Z])


@njit(nogil=True)
def evolve_in_matter(
    rows,
    first,
    second,
    swap_angle,
    start,
    duration,
    fresh,
    initial,
    streaming,
    breaks,
    coefficients,
    direction,
    largest,
    gates,
):
    """As :func:`evolve_in_vacuum` with matter; ``gates (n, 4, 4)`` where encounters last."""
    for k in range(first.size):
        t = start[k]
        length = duration[k if duration.size > 1 else 0]
        for side in range(2):
            n = first[k] if side == 0 else second[k]
            if side == 1 and fresh.size > 0 and fresh[k if fresh.size > 1 else 0]:
                _renew(rows, n, initial)
            elif streaming and t > rows[n, CLOCK]:
                x, y, z = _at(rows[n], t, breaks, coefficients, direction, largest)
                rows[n, X], rows[n, Y], rows[n, Z] = x, y, z
            rows[n, CLOCK] = t + length
        if length == 0.0:
            s, c = _sin_cos(swap_angle[k])
            _kick(rows, first[k], second[k], s, c)
        else:
            _through_gate(rows, first[k], second[k], gates[k])


@njit(nogil=True)
def sample(rows, time, streaming, breaks, coefficients, direction, largest, out):
    """``out (N, 3)``: every neutrino at a time, or at its own clock where that is later."""
    for n in range(rows.shape[0]):
        x, y, z = rows[n, X], rows[n, Y], rows[n, Z]
        if streaming and time > rows[n, CLOCK]:
            x, y, z = _at(rows[n], time, breaks, coefficients, direction, largest)
        out[n, 0], out[n, 1], out[n, 2] = x, y, z
