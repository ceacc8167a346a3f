"""Encounters on Bloch vectors: the kernel of the independent model, one pass, in place."""

from __future__ import annotations

import numba
import numpy as np

from .streaming import free_rotation, turn


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
def _precess(polarization, i, angle):
    """Turn neutrino i about B = -z by ``angle = omega t``."""
    s, c = _sin_cos(angle)
    x, y = polarization[i, 0], polarization[i, 1]
    polarization[i, 0] = c * x + s * y
    polarization[i, 1] = c * y - s * x


@numba.njit(cache=True, inline="always")
def _kick(polarization, i, j, theta):
    """``P_1' = cos^2 P_1 + sin^2 P_2 + sin cos P_2 x P_1`` and the same for the partner."""
    s, c = _sin_cos(theta)
    ss, sc = s * s, s * c
    x1, y1, z1 = polarization[i, 0], polarization[i, 1], polarization[i, 2]
    x2, y2, z2 = polarization[j, 0], polarization[j, 1], polarization[j, 2]
    dx = ss * (x2 - x1) + sc * (y2 * z1 - z2 * y1)
    dy = ss * (y2 - y1) + sc * (z2 * x1 - x2 * z1)
    dz = ss * (z2 - z1) + sc * (x2 * y1 - y2 * x1)
    polarization[i, 0] = x1 + dx
    polarization[i, 1] = y1 + dy
    polarization[i, 2] = z1 + dz
    polarization[j, 0] = x2 - dx
    polarization[j, 1] = y2 - dy
    polarization[j, 2] = z2 - dz


@numba.njit(cache=True, inline="always")
def _encounter(polarization, i, j, theta, a, b):
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
    c1 = 0.5 * complex(polarization[i, 0], -polarization[i, 1])
    c2 = 0.5 * complex(polarization[j, 0], -polarization[j, 1])
    z1, z2 = polarization[i, 2], polarization[j, 2]
    left = alpha * c1
    right = alpha.conjugate() * c2
    dz = s * s * (z1 - z2) + 4.0 * s * (left * c2.conjugate()).imag
    n1 = phase * (left * complex(ct, -z2 * st) + complex(0.0, s) * c2 * complex(z1 * ct, -st))
    n2 = phase * (right * complex(ct, -z1 * st) + complex(0.0, s) * c1 * complex(z2 * ct, -st))
    polarization[i, 0], polarization[i, 1], polarization[i, 2] = 2 * n1.real, -2 * n1.imag, z1 - dz
    polarization[j, 0], polarization[j, 1], polarization[j, 2] = 2 * n2.real, -2 * n2.imag, z2 + dz


@numba.njit(cache=True)
def evolve_in_vacuum(
    polarization,
    clock,
    first,
    second,
    swap_angle,
    start,
    duration,
    fresh,
    initial,
    omega,
    streaming,
):
    """Encounters one after the other, each neutrino oscillating in between where ``streaming``.

    ``polarization (N, 3)`` and ``clock (N,)`` (the time up to which each is evolved) change in
    place; ``fresh`` may be empty.
    """
    for k in range(first.size):
        i, j = first[k], second[k]
        t = start[k]
        if fresh.size > 0 and fresh[k]:
            polarization[j, 0] = initial[j, 0]
            polarization[j, 1] = initial[j, 1]
            polarization[j, 2] = initial[j, 2]
            clock[j] = t
        if streaming:
            if t > clock[i]:
                _precess(polarization, i, omega[i] * (t - clock[i]))
            if t > clock[j]:
                _precess(polarization, j, omega[j] * (t - clock[j]))
        length = duration[k]
        if length == 0.0:
            _kick(polarization, i, j, swap_angle[k])
        else:
            _encounter(polarization, i, j, swap_angle[k], omega[i] * length, omega[j] * length)
        clock[i] = t + length
        clock[j] = t + length


@numba.njit(cache=True)
def _through_gate(polarization, i, j, gate):
    """``rho_1 x rho_2`` through a 4x4 unitary, each partner traced out."""
    rho = np.empty((4, 4), np.complex128)
    for side in range(2):
        n = i if side == 0 else j
        c = 0.5 * complex(polarization[n, 0], -polarization[n, 1])
        up = 0.5 * (1.0 + polarization[n, 2])
        down = 0.5 * (1.0 - polarization[n, 2])
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
    polarization[i, 0], polarization[i, 1] = 2 * c1.real, -2 * c1.imag
    polarization[j, 0], polarization[j, 1] = 2 * c2.real, -2 * c2.imag
    p = rho[0, 0].real - rho[3, 3].real
    q = rho[1, 1].real - rho[2, 2].real
    polarization[i, 2] = p + q
    polarization[j, 2] = p - q


@numba.njit(cache=True)
def evolve_in_matter(
    polarization,
    clock,
    first,
    second,
    swap_angle,
    start,
    duration,
    fresh,
    initial,
    omega,
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
        for side in range(2):
            n = first[k] if side == 0 else second[k]
            if side == 1 and fresh.size > 0 and fresh[k]:
                polarization[n] = initial[n]
            elif streaming and t > clock[n]:
                q = free_rotation(
                    omega[n],
                    clock[n],
                    t,
                    breaks,
                    coefficients,
                    direction[0],
                    direction[1],
                    direction[2],
                    largest,
                )
                x, y, z = turn(q, polarization[n, 0], polarization[n, 1], polarization[n, 2])
                polarization[n, 0], polarization[n, 1], polarization[n, 2] = x, y, z
            clock[n] = t + duration[k]
        if duration[k] == 0.0:
            _kick(polarization, first[k], second[k], swap_angle[k])
        else:
            _through_gate(polarization, first[k], second[k], gates[k])
