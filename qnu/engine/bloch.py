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
#: Rows that stay in the cache of a core are not fetched.
_IN_CACHE = 1 << 12

#: What is prepared: sines of Phi (see _encounter), of theta and of the angles that both have turned
#: since their clocks; their cosines; ``theta sin K / K``, cos K and ``d sin K / K``.
SIN_PHI, SIN, SIN_1, SIN_2, COS_PHI, COS, COS_1, COS_2, SHIFT, COS_K, TILT = range(11)
_TO_COSINE = COS_PHI - SIN_PHI


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
def _cosines(out, sines, n, small):
    """Sines and cosines of the n angles in every row of ``out`` that is among ``sines``.

    Where all are small nothing branches, and the loop compiles to vectors; the numbers are the
    same either way.
    """
    for row in range(sines[0], sines[1]):
        if small:
            for k in range(n):
                x = out[row, k]
                s, c = _series(x * x)
                out[row, k], out[row + _TO_COSINE, k] = x * s, c
        else:
            for k in range(n):
                out[row, k], out[row + _TO_COSINE, k] = _sin_cos(out[row, k])


@njit
def _tilted(out, n, small):
    """``out[SHIFT], out[COS_K], out[TILT]`` of theta in ``out[SIN]`` and d in ``out[TILT]``."""
    for k in range(n):
        x, d = out[SIN, k], out[TILT, k]
        y = d * d + x * x
        s, c = _series(y) if small else _sinc_cos(y)
        out[SHIFT, k], out[COS_K, k], out[TILT, k] = x * s, c, d * s


@njit(inline="always")
def _number(numbers, k):
    """The number of a neutrino, as one without a sign: no check for those below 0."""
    return np.uint64(np.uint32(numbers[k]))


@njit(inline="always")
def _at_place(column, k):
    """Entry k of a column, which may have length 1: all alike."""
    return column[k if column.size > 1 else 0]


@njit(inline="always")
def _turned(rows, columns, kicks, anew, a, n, out):
    """``out[SIN_1], out[SIN_2]``: the angles turned since the clocks, which move on."""
    first, second, _, start, duration, fresh = columns
    largest = 0.0
    for k in range(n):
        i, j = _number(first, a + k), _number(second, a + k)
        t = start[a + k]
        end = t if kicks else t + _at_place(duration, a + k)
        one = rows[i, OMEGA] * max(t - rows[i, CLOCK], 0.0)
        two = rows[j, OMEGA] * max(t - rows[j, CLOCK], 0.0)
        if anew and _at_place(fresh, a + k):
            two = 0.0
        out[SIN_1, k], out[SIN_2, k] = one, two
        rows[i, CLOCK], rows[j, CLOCK] = end, end
        largest = max(largest, one * one, two * two)
    return largest


@njit(inline="always")
def _inside(rows, columns, a, n, out):
    """``out[TILT], out[SIN_PHI]``: half the difference and half the sum of the angles inside."""
    first, second, theta, _, duration, _ = columns
    largest = 0.0
    for k in range(n):
        i, j = _number(first, a + k), _number(second, a + k)
        length, x = _at_place(duration, a + k), theta[a + k]
        one, two = rows[i, OMEGA] * length, rows[j, OMEGA] * length
        d, phi = 0.5 * (one - two), 0.5 * (one + two)
        out[TILT, k], out[SIN_PHI, k] = d, phi
        largest = max(largest, d * d + x * x, phi * phi)
    return largest


@njit
def _prepare(rows, columns, streaming, kicks, anew, anisotropy, a, n, out):
    """``out (11, n)``: what needs sines or clocks, and no polarization, for n encounters from a on.

    The clocks are moved on to the end of the encounters. With an anisotropy the sine and cosine of
    theta are those of ``anisotropy theta``.
    """
    theta = columns[2]
    largest = 0.0
    if streaming:
        largest = _turned(rows, columns, kicks, anew, a, n, out)
    if not kicks:
        largest = max(largest, _inside(rows, columns, a, n, out))
    for k in range(n):
        x = theta[a + k]
        out[SIN, k] = x
        largest = max(largest, x * x)
        if anisotropy != 1.0:
            largest = max(largest, anisotropy * anisotropy * x * x)
    small = largest <= _SMALL
    if not kicks:
        _tilted(out, n, small)
    if anisotropy != 1.0:
        for k in range(n):
            out[SIN, k] *= anisotropy
    sines = SIN if kicks else SIN_PHI, SIN_2 + 1 if streaming else SIN + 1
    _cosines(out, sines, n, small)


@njit(inline="always")
def _kick(p1, p2, s, c):
    """``P_1' = cos^2 P_1 + sin^2 P_2 + sin cos P_2 x P_1`` and the same for the partner."""
    (x1, y1, z1), (x2, y2, z2) = p1, p2
    ss, sc = s * s, s * c
    dx = ss * (x2 - x1) + sc * (y2 * z1 - z2 * y1)
    dy = ss * (y2 - y1) + sc * (z2 * x1 - x2 * z1)
    dz = ss * (z2 - z1) + sc * (x2 * y1 - y2 * x1)
    return (x1 + dx, y1 + dy, z1 + dz), (x2 - dx, y2 - dy, z2 - dz)


@njit(inline="always")
def _encounter(p1, p2, prepared, k):
    """An encounter with vacuum inside, ``a = omega_1 t`` and ``b = omega_2 t``.

    With ``c = x - i y``, ``alpha = cos K + i d sin K / K`` and ``s = theta sin K / K``::

        c_1' = e^{i Phi} [alpha c_1 (cos theta - i z_2 sin theta)
                          + s c_2 (sin theta + i z_1 cos theta)]
        z_1' = z_1 - s^2 (z_1 - z_2) - s Im(alpha c_1 c_2*)

    ``Phi = (a + b)/2``, ``d = (a - b)/2``, ``K^2 = theta^2 + d^2``; the partner with ``alpha*``.
    ``exp(-i theta (anisotropy - 1) ZZ/2)`` turns cos theta and sin theta, where they are written,
    into those of ``anisotropy theta``; alpha and s stay. A kick has ``d = Phi = 0``.
    In real numbers, which compile better.
    """
    (x1, y1, z1), (x2, y2, z2) = p1, p2
    ct, st, s = prepared[COS, k], prepared[SIN, k], prepared[SHIFT, k]
    ck, tilt = prepared[COS_K, k], prepared[TILT, k]
    cp, sp = prepared[COS_PHI, k], prepared[SIN_PHI, k]
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
    one = (cp * re1 - sp * im1, -cp * im1 - sp * re1, z1 - dz)
    return one, (cp * re2 - sp * im2, -cp * im2 - sp * re2, z2 + dz)


@njit(inline="always")
def _fetch(rows, first, second, a, n):
    """Bring the rows of these encounters into the cache; the sum only keeps the loop alive."""
    total = 0.0
    for k in range(a, a + n):
        total += rows[_number(first, k), CLOCK] + rows[_number(second, k), CLOCK]
    return total


@njit(inline="always")
def _evolve(rows, columns, initial, streaming, kicks, anew, anisotropy, prepared):
    """:func:`evolve_in_vacuum`; what is True or False where it is called is decided there."""
    first, second, _, _, duration, fresh = columns
    fetched = 0.0
    for a in range(0, first.size, _BATCH):
        n = min(_BATCH, first.size - a)
        if rows.shape[0] > _IN_CACHE:
            fetched += _fetch(rows, first, second, a, n)
        _prepare(rows, columns, streaming, kicks, anew, anisotropy, a, n, prepared)
        for k in range(n):
            i, j = _number(first, a + k), _number(second, a + k)
            x1, y1, z1 = rows[i, X], rows[i, Y], rows[i, Z]
            x2, y2, z2 = rows[j, X], rows[j, Y], rows[j, Z]
            if anew and _at_place(fresh, a + k):  # a new neutrino in its initial state
                x2, y2, z2 = initial[j, 0], initial[j, 1], initial[j, 2]
            if streaming:  # about B = -z
                c, s = prepared[COS_1, k], prepared[SIN_1, k]
                x1, y1 = c * x1 + s * y1, c * y1 - s * x1
                c, s = prepared[COS_2, k], prepared[SIN_2, k]
                x2, y2 = c * x2 + s * y2, c * y2 - s * x2
            p1, p2 = (x1, y1, z1), (x2, y2, z2)
            if kicks or (anisotropy == 1.0 and _at_place(duration, a + k) == 0.0):
                p1, p2 = _kick(p1, p2, prepared[SIN, k], prepared[COS, k])
            else:
                p1, p2 = _encounter(p1, p2, prepared, k)
            rows[i, X], rows[i, Y], rows[i, Z] = p1
            rows[j, X], rows[j, Y], rows[j, Z] = p2
    return fetched


@njit(nogil=True)
def evolve_in_vacuum(
    rows, first, second, swap_angle, start, duration, fresh, initial, streaming, anisotropy=1.0
):
    """Encounters one after the other, each neutrino oscillating in between where ``streaming``.

    A row is read once and written once per encounter: with more, an encounter would wait for what
    it has written itself, besides what the last encounter of a partner wrote.

    ``rows`` change in place. ``duration`` and ``fresh`` may have length 1: all alike; ``fresh`` may
    be empty: none is. The returned value has no meaning.
    """
    anew, kicks = fresh.size > 0, duration.size == 1 and duration[0] == 0.0
    kicks = kicks and anisotropy == 1.0
    columns = first, second, swap_angle, start, duration, fresh
    prepared = np.empty((11, _BATCH))
    # the two usual cases are compiled by themselves: without what they do not need
    if kicks and streaming and not anew:
        return _evolve(rows, columns, initial, True, True, False, 1.0, prepared)
    if anisotropy == 1.0 and not (kicks or streaming or anew):
        return _evolve(rows, columns, initial, False, False, False, 1.0, prepared)
    return _evolve(rows, columns, initial, streaming, kicks, anew, anisotropy, prepared)


@njit(inline="always")
def _anisotropic_kick(p1, p2, s, c, sa, ca):
    """:func:`_encounter` without fields; ``sa, ca`` of ``anisotropy theta``."""
    (x1, y1, z1), (x2, y2, z2) = p1, p2
    dz = s * s * (z2 - z1) - s * c * (x1 * y2 - y1 * x2)
    # c_k = x_k - i y_k: c_1' = c (ca - i z_2 sa) c_1 + s (sa + i z_1 ca) c_2
    one = (
        c * (ca * x1 - z2 * sa * y1) + s * (sa * x2 + z1 * ca * y2),
        c * (ca * y1 + z2 * sa * x1) + s * (sa * y2 - z1 * ca * x2),
        z1 + dz,
    )
    two = (
        c * (ca * x2 - z1 * sa * y2) + s * (sa * x1 + z2 * ca * y1),
        c * (ca * y2 + z1 * sa * x2) + s * (sa * y1 - z2 * ca * x1),
        z2 - dz,
    )
    return one, two


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
    anisotropy=1.0,
):
    """As :func:`evolve_in_vacuum` with matter; ``gates (n, 4, 4)`` where encounters last."""
    for k in range(first.size):
        t = start[k]
        length = duration[k if duration.size > 1 else 0]
        for side in range(2):
            n = first[k] if side == 0 else second[k]
            if side == 1 and fresh.size > 0 and fresh[k if fresh.size > 1 else 0]:
                rows[n, X], rows[n, Y], rows[n, Z] = initial[n, 0], initial[n, 1], initial[n, 2]
            elif streaming and t > rows[n, CLOCK]:
                x, y, z = _at(rows[n], t, breaks, coefficients, direction, largest)
                rows[n, X], rows[n, Y], rows[n, Z] = x, y, z
            rows[n, CLOCK] = t + length
        if length == 0.0:
            i, j = first[k], second[k]
            s, c = _sin_cos(swap_angle[k])
            p1 = rows[i, X], rows[i, Y], rows[i, Z]
            p2 = rows[j, X], rows[j, Y], rows[j, Z]
            if anisotropy == 1.0:
                p1, p2 = _kick(p1, p2, s, c)
            else:
                sa, ca = _sin_cos(anisotropy * swap_angle[k])
                p1, p2 = _anisotropic_kick(p1, p2, s, c, sa, ca)
            rows[i, X], rows[i, Y], rows[i, Z] = p1
            rows[j, X], rows[j, Y], rows[j, Z] = p2
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
