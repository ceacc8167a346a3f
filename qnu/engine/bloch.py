"""Encounters on Bloch vectors: the kernel of the independent model, one pass, in place.

The state is one row of 64 bytes per neutrino, ``(x, y, z, omega, clock)``, the clock being the time
up to which it is evolved. A row is a line of the cache: whoever meets costs one miss, not five.
"""

from __future__ import annotations

import numba
import numpy as np

from ..checks import Floats
from .streaming import free_rotation, turn

X, Y, Z, OMEGA, CLOCK = range(5)
_COLUMNS = 8
_LINE = 64
#: Encounters whose rows are fetched together: their misses overlap, as those of a chain cannot.
_BATCH = 32


def rows_of(polarization: Floats, omega: Floats) -> Floats:
    """``(N, 8)`` rows at time 0, each on a cache line of its own."""
    count = len(omega)
    memory = np.zeros(count * _COLUMNS + _LINE // 8)
    skip = -memory.ctypes.data % _LINE // 8
    rows = memory[skip : skip + count * _COLUMNS].reshape(count, _COLUMNS)
    rows[:, : Z + 1] = polarization
    rows[:, OMEGA] = omega
    return rows


@numba.njit(cache=True, inline="always")
def _sinc_cos(y):
    """``sin(x)/x`` and ``cos(x)`` of ``y = x^2``; Taylor's series where x is small, as mostly here.

    The first terms left out are below 1e-19 at ``|x| = 1/4``. No square root and no division.
    """
    if y > 0.0625:
        x = np.sqrt(y)
        return np.sin(x) / x, np.cos(x)
    s = -1 / 5040 + y * (1 / 362880 + y * (-1 / 39916800 + y * (1 / 6227020800)))
    c = -1 / 720 + y * (1 / 40320 + y * (-1 / 3628800 + y * (1 / 479001600)))
    return 1 + y * (-1 / 6 + y * (1 / 120 + y * s)), 1 + y * (-0.5 + y * (1 / 24 + y * c))


@numba.njit(cache=True, inline="always")
def _sin_cos(x):
    """Sine and cosine."""
    if abs(x) > 0.25:
        return np.sin(x), np.cos(x)
    s, c = _sinc_cos(x * x)
    return x * s, c


@numba.njit(cache=True, inline="always")
def _stream(rows, i, time):
    """Neutrino i turns about B = -z by ``omega t`` until a time later than its clock."""
    t = time - rows[i, CLOCK]
    if t <= 0.0:
        return
    s, c = _sin_cos(rows[i, OMEGA] * t)
    x, y = rows[i, X], rows[i, Y]
    rows[i, X] = c * x + s * y
    rows[i, Y] = c * y - s * x


@numba.njit(cache=True, inline="always")
def _kick(rows, i, j, theta):
    """``P_1' = cos^2 P_1 + sin^2 P_2 + sin cos P_2 x P_1`` and the same for the partner."""
    s, c = _sin_cos(theta)
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


@numba.njit(cache=True, inline="always")
def _encounter(rows, i, j, theta, a, b):
    """An encounter with vacuum inside, ``a = omega_1 t`` and ``b = omega_2 t``.

    With ``c = (x - i y)/2``, ``alpha = cos K + i d sin K / K`` and ``s = theta sin K / K``::

        c_1' = e^{i Phi} [alpha c_1 (cos theta - i z_2 sin theta)
                          + i s c_2 (z_1 cos theta - i sin theta)]
        z_1' = z_1 - s^2 (z_1 - z_2) - 4 s Im(alpha c_1 c_2*)

    ``Phi = (a + b)/2``, ``d = (a - b)/2``, ``K^2 = theta^2 + d^2``; the partner with ``alpha*``.
    """
    d = 0.5 * (a - b)
    sinc, ck = _sinc_cos(d * d + theta * theta)
    alpha = complex(ck, d * sinc)
    s = theta * sinc
    st, ct = _sin_cos(theta)
    sp, cp = _sin_cos(0.5 * (a + b))
    phase = complex(cp, sp)
    c1 = 0.5 * complex(rows[i, X], -rows[i, Y])
    c2 = 0.5 * complex(rows[j, X], -rows[j, Y])
    z1, z2 = rows[i, Z], rows[j, Z]
    left = alpha * c1
    right = alpha.conjugate() * c2
    dz = s * s * (z1 - z2) + 4.0 * s * (left * c2.conjugate()).imag
    n1 = phase * (left * complex(ct, -z2 * st) + complex(0.0, s) * c2 * complex(z1 * ct, -st))
    n2 = phase * (right * complex(ct, -z1 * st) + complex(0.0, s) * c1 * complex(z2 * ct, -st))
    rows[i, X], rows[i, Y], rows[i, Z] = 2 * n1.real, -2 * n1.imag, z1 - dz
    rows[j, X], rows[j, Y], rows[j, Z] = 2 * n2.real, -2 * n2.imag, z2 + dz


@numba.njit(cache=True, inline="always")
def _fetch(rows, first, second):
    """Bring the rows of these encounters into the cache; the sum only keeps the loop alive."""
    total = 0.0
    for k in range(first.size):
        total += rows[np.uint32(first[k]), CLOCK] + rows[np.uint32(second[k]), CLOCK]
    return total


@numba.njit(cache=True, inline="always")
def _renew(rows, j, time, initial):
    """A new neutrino in its initial state takes row j."""
    rows[j, X], rows[j, Y], rows[j, Z] = initial[j, 0], initial[j, 1], initial[j, 2]
    rows[j, CLOCK] = time


@numba.njit(cache=True, nogil=True)
def evolve_in_vacuum(rows, first, second, swap_angle, start, duration, fresh, initial, streaming):
    """Encounters one after the other, each neutrino oscillating in between where ``streaming``.

    ``rows`` change in place. ``duration`` and ``fresh`` may have length 1: all alike; ``fresh`` may
    be empty: nobody is. Returns nothing of use.
    """
    fetched = 0.0
    anew = fresh.size > 0
    for a in range(0, first.size, _BATCH):
        b = min(a + _BATCH, first.size)
        fetched += _fetch(rows, first[a:b], second[a:b])
        for k in range(a, b):
            i, j = np.uint32(first[k]), np.uint32(second[k])
            t = start[k]
            if anew and fresh[k if fresh.size > 1 else 0]:
                _renew(rows, j, t, initial)
            if streaming:
                _stream(rows, i, t)
                _stream(rows, j, t)
            length = duration[k if duration.size > 1 else 0]
            if length == 0.0:
                _kick(rows, i, j, swap_angle[k])
            else:
                phases = rows[i, OMEGA] * length, rows[j, OMEGA] * length
                _encounter(rows, i, j, swap_angle[k], phases[0], phases[1])
            rows[i, CLOCK] = t + length
            rows[j, CLOCK] = t + length
    return fetched


@numba.njit(cache=True)
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


@numba.njit(cache=True, inline="always")
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


@numba.njit(cache=True, nogil=True)
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
                _renew(rows, n, t, initial)
            elif streaming and t > rows[n, CLOCK]:
                x, y, z = _at(rows[n], t, breaks, coefficients, direction, largest)
                rows[n, X], rows[n, Y], rows[n, Z] = x, y, z
            rows[n, CLOCK] = t + length
        if length == 0.0:
            _kick(rows, first[k], second[k], swap_angle[k])
        else:
            _through_gate(rows, first[k], second[k], gates[k])


@numba.njit(cache=True, nogil=True)
def sample(rows, time, streaming, breaks, coefficients, direction, largest, out):
    """``out (N, 3)``: everybody at a time, or where they are if their clock is ahead of it."""
    for n in range(rows.shape[0]):
        x, y, z = rows[n, X], rows[n, Y], rows[n, Z]
        if streaming and time > rows[n, CLOCK]:
            x, y, z = _at(rows[n], time, breaks, coefficients, direction, largest)
        out[n, 0], out[n, 1], out[n, 2] = x, y, z
