"""Encounters of classical spins as stages: both partners turn freely, then a kick.

What turns a neutrino between two kicks (vacuum, matter) is the same in every sample, so it is
computed once: a quaternion per neutrino waits (``pending``) until the next kick of that neutrino.

Inside an encounter that lasts, ``dP_1/dt = h_1 x P_1 + (theta/t) P_2 x P_1``. Where both fields are
equal, they commute with the kick. Else the encounter is a product of exact rotations: the symmetric
composition of order 6 with ten kicks by Blanes and Moan (J. Comput. Appl. Math. 142, 313, 2002).
"""

from __future__ import annotations

import numpy as np

from ..common.checks import frozen
from ..common.jit import njit
from .streaming import free_rotation, times_quaternion

#: Free turns and kicks of one substep, as fractions of it.
_HALF_TURNS = (
    0.0502627644003922,
    0.413514300428344,
    0.0450798897943977,
    -0.188054853819569,
    0.541960678450780,
)
_HALF_KICKS = (0.148816447901042, -0.132385865767784, 0.067307604692185, 0.432666402578175)
TURNS = frozen(np.array([*_HALF_TURNS, 1 - 2 * sum(_HALF_TURNS), *_HALF_TURNS[::-1]]))
_KICKS = (*_HALF_KICKS, 0.5 - sum(_HALF_KICKS))
KICKS = frozen(np.array([*_KICKS, *_KICKS[::-1]]))
_PER_STEP = len(KICKS)

#: The error of a vector of length sqrt(3) after m substeps is below ``_LEADING d phi z^5 / m^6``
#: (measured), d, phi and z the angles of the difference of the fields, of the kick, and of all.
_LEADING = 1e-7
#: Allowed per encounter.
TOLERANCE = 1e-12
_LONGEST = 2 * 3**0.5


@njit
def _substeps(angle, length, omega_1, omega_2, largest):
    """How many substeps an encounter takes; 0: it is one kick, before or after what turns both."""
    d = abs(omega_1 - omega_2) * length
    phi = _LONGEST * abs(angle)
    if d == 0.0 or phi == 0.0:
        return 0
    z = phi + max(abs(omega_1), abs(omega_2)) * length * 2 + largest * length
    if largest == 0.0:
        z = phi + d  # what both do alike about B changes nothing
    return max(int(np.ceil((_LEADING * d * phi * z**5 / TOLERANCE) ** (1 / 6))), 1)


@njit
def _cut(start, stop, corners, k):
    """The first corner after number k in ``(start, stop)``; the next one to look at."""
    while k < corners.size and corners[k] <= start:
        k += 1
    if k < corners.size and corners[k] < stop:
        return corners[k], k + 1
    return stop, k


@njit
def _steps_between(a, b, start, length, total):
    """The substeps of a part of an encounter."""
    if total == 0:
        return 0
    return max(int(np.ceil(total * (b - a) / length - 1e-9)), 1)


@njit
def count(columns, omega, largest, corners):
    """How many stages a run of encounters has."""
    first, second, angle, start, duration = columns
    total = 0
    for k in range(first.size):
        length = duration[k if duration.size > 1 else 0]
        m = 0
        if length > 0:
            m = _substeps(angle[k], length, omega[first[k]], omega[second[k]], largest)
        if m == 0:
            total += 1
            continue
        a, end, corner = start[k], start[k] + length, 0
        while a < end:
            b, corner = _cut(a, end, corners, corner)
            total += _PER_STEP * _steps_between(a, b, start[k], length, m)
            a = b
    return total


@njit(inline="always")
def _advance(pending, n, omega, t0, t1, matter):
    """Neutrino n turns freely from t0 to t1, or backwards."""
    breaks, coefficients, direction, largest = matter
    if t0 == t1:
        return
    x, y, z = direction[0], direction[1], direction[2]
    if t1 > t0:
        q = free_rotation(omega, t0, t1, breaks, coefficients, x, y, z, largest)
    else:
        w, a, b, c = free_rotation(omega, t1, t0, breaks, coefficients, x, y, z, largest)
        q = (w, -a, -b, -c)
    old = (pending[n, 0], pending[n, 1], pending[n, 2], pending[n, 3])
    new = times_quaternion(q, old)
    for a in range(4):
        pending[n, a] = new[a]


@njit(inline="always")
def _rest(pending, n):
    pending[n, 0] = 1.0
    pending[n, 1] = pending[n, 2] = pending[n, 3] = 0.0


@njit(inline="always")
def _matrix(q, out):
    """The 3x3 matrix of a quaternion, row by row."""
    w, x, y, z = q[0], q[1], q[2], q[3]
    out[0], out[1], out[2] = 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)
    out[3], out[4], out[5] = 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)
    out[6], out[7], out[8] = 2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)


@njit(inline="always")
def _emit(stages, s, i, j, theta, pending, anew):
    first, second, angle, turns, fresh = stages
    first[s], second[s], angle[s], fresh[s] = i, j, theta, anew
    _matrix(pending[i], turns[s, 0])
    _matrix(pending[j], turns[s, 1])
    _rest(pending, i)
    _rest(pending, j)
    return s + 1


@njit(nogil=True)
def fill(columns, new, drawn, omega, matter, corners, streaming, pending, clock, stages):
    """The stages of a run of encounters.

    Args:
        columns: first, second, angle, start, and duration, which may have length 1.
        new: ``(n,)`` or ``(1,)``, or empty: where the second partner is a new neutrino.
        drawn: how many new ones there have been before.
        omega: ``(N,)``.
        matter: a :class:`~qnu.engine.streaming.Matter` as a tuple.
        corners: of matter, increasing: no substep goes over one.
        streaming: whether neutrinos turn between encounters.
        pending: ``(N, 4)`` quaternions of turns that wait for a kick; they move on.
        clock: ``(N,)`` times up to which neutrinos have turned; they move on.
        stages: first, second, angle ``(n,)``, turns ``(n, 2, 9)``, and number ``(n,)`` of a new
            neutrino or -1; written.

    Returns:
        how many new ones there have been.
    """
    first, second, angle, start, duration = columns
    largest = matter[3]
    s = 0
    for k in range(first.size):
        i, j, t = first[k], second[k], start[k]
        length = duration[k if duration.size > 1 else 0]
        anew = -1
        if new.size > 0 and new[k if new.size > 1 else 0]:
            anew, drawn = drawn, drawn + 1
        if streaming and t > clock[i]:
            _advance(pending, i, omega[i], clock[i], t, matter)
        if anew >= 0:
            _rest(pending, j)
        elif streaming and t > clock[j]:
            _advance(pending, j, omega[j], clock[j], t, matter)
        end = t + length
        clock[i] = clock[j] = end
        m = 0
        if length > 0:
            m = _substeps(angle[k], length, omega[i], omega[j], largest)
        if m == 0:
            s = _emit(stages, s, i, j, angle[k], pending, anew)
            _advance(pending, i, omega[i], t, end, matter)
            _advance(pending, j, omega[j], t, end, matter)
            continue
        a, corner = t, 0
        while a < end:
            b, corner = _cut(a, end, corners, corner)
            steps = _steps_between(a, b, t, length, m)
            h = (b - a) / steps
            for step in range(steps):
                now = a + step * h
                for r in range(_PER_STEP):
                    then = now + TURNS[r] * h
                    _advance(pending, i, omega[i], now, then, matter)
                    _advance(pending, j, omega[j], now, then, matter)
                    now = then
                    s = _emit(stages, s, i, j, angle[k] * KICKS[r] * h / length, pending, anew)
                    anew = -1
                then = b if step == steps - 1 else a + (step + 1) * h
                _advance(pending, i, omega[i], now, then, matter)
                _advance(pending, j, omega[j], now, then, matter)
            a = b
    return drawn


@njit(nogil=True)
def turns_at(time, omega, matter, streaming, pending, clock, out):
    """``out (N, 9)``: how every neutrino still has to turn to be at a time; nothing moves on."""
    own = np.empty((1, 4))
    for n in range(omega.size):
        own[0, :] = pending[n, :]
        if streaming and time > clock[n]:
            _advance(own, 0, omega[n], clock[n], time, matter)
        _matrix(own[0], out[n])
