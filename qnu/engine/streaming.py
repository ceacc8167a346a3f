"""One neutrino between encounters, in vacuum and in matter that may change with time.

Rotations are unit quaternions ``(w, x, y, z)``, ``U = w - i (x, y, z).sigma``: the product of two
of them is the product of the matrices, and the same four numbers turn a polarization vector.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.checks import Floats
from ..common.jit import njit
from ..flavor import flavor_direction
from ..piecewise import pieces
from ..profiles import Profile

#: Largest angle turned in one Magnus step; the error per step is below its fifth power / 700.
_STEP_ANGLE = 0.05


class Matter(NamedTuple):
    """lambda_e(t) as a piecewise cubic, ready for compiled loops, and its direction L."""

    breaks: Floats  # (cells + 1,)
    coefficients: Floats  # (4, cells), highest power first
    direction: Floats  # (3,)
    largest: float


def compile_matter(matter: Profile, mixing_angle: float, final_time: float) -> Matter:
    """A number, table or callable as :class:`Matter` on ``[0, final_time]``.

    A callable is sampled as :mod:`qnu.profiles` says, its breakpoints are kept exactly.
    """
    cubics = pieces(matter, max(final_time, 1e-60), "matter")
    first, last = cubics.coefficients[3], cubics.values_at_ends()
    largest = float(max(abs(first).max(), abs(last).max()))
    return Matter(cubics.breaks, cubics.coefficients, flavor_direction(mixing_angle), largest)


@njit(inline="always")
def times_quaternion(a, b):
    """``a b``: first b, then a."""
    return (
        a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
        a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
        a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
        a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
    )


@njit(inline="always")
def rotation(x, y, z):
    """Quaternion of the rotation by the vector ``(x, y, z)`` (an angle along an axis)."""
    angle = np.sqrt(x * x + y * y + z * z)
    if angle < 1e-150:
        return (1.0, 0.0, 0.0, 0.0)
    s = np.sin(angle / 2) / angle
    return (np.cos(angle / 2), s * x, s * y, s * z)


@njit
def free_rotation(omega, t0, t1, breaks, coefficients, lx, ly, lz, largest):
    """Quaternion of ``dP/dt = (omega B + lambda_e(t) L) x P`` from t0 to t1.

    Fourth-order Magnus steps on two Gauss points, none across a cell boundary: exact where the
    matter is constant.
    """
    q = (1.0, 0.0, 0.0, 0.0)
    cells = breaks.size - 1
    if cells == 1 and coefficients[0, 0] == 0.0 and coefficients[2, 0] == 0.0:
        c = coefficients[3, 0] * (t1 - t0)
        return rotation(c * lx, c * ly, c * lz - omega * (t1 - t0))
    t = t0
    cell = min(max(np.searchsorted(breaks, t, side="right") - 1, 0), cells - 1)
    while t < t1:
        while cell < cells - 1 and t >= breaks[cell + 1]:
            cell += 1
        stop = t1 if cell == cells - 1 else min(t1, breaks[cell + 1])
        c0, c1 = coefficients[0, cell], coefficients[1, cell]
        c2, c3 = coefficients[2, cell], coefficients[3, cell]
        if c0 != 0.0 or c1 != 0.0 or c2 != 0.0:  # else one step is exact
            # a pulse elsewhere makes no steps short here
            w = breaks[cell + 1] - breaks[cell]
            here = abs(c3) + w * (abs(c2) + w * (abs(c1) + w * abs(c0)))
            stop = min(stop, t + _STEP_ANGLE / max(abs(omega) + min(here, largest), 1e-300))
        step = stop - t
        early = t + step * (0.5 - 0.28867513459481287) - breaks[cell]
        late = t + step * (0.5 + 0.28867513459481287) - breaks[cell]
        a = ((c0 * early + c1) * early + c2) * early + c3
        b = ((c0 * late + c1) * late + c2) * late + c3
        mean = 0.5 * (a + b)
        # commutator of the two fields: h_late x h_early = omega (a - b) B x L, B x L = (ly, -lx, 0)
        twist = 0.14433756729740643 * step * step * omega * (a - b)
        q = times_quaternion(
            rotation(
                step * mean * lx + twist * ly,
                step * mean * ly - twist * lx,
                step * (mean * lz - omega),
            ),
            q,
        )
        t = stop
    return q


@njit(inline="always")
def turn(q, x, y, z):
    """The vector ``(x, y, z)`` turned by a quaternion."""
    tx = 2 * (q[2] * z - q[3] * y)
    ty = 2 * (q[3] * x - q[1] * z)
    tz = 2 * (q[1] * y - q[2] * x)
    return (
        x + q[0] * tx + q[2] * tz - q[3] * ty,
        y + q[0] * ty + q[3] * tx - q[1] * tz,
        z + q[0] * tz + q[1] * ty - q[2] * tx,
    )


@njit
def _quaternions(omega, start, stop, breaks, coefficients, direction, largest, out):
    for k in range(omega.size):
        q = free_rotation(
            omega[k],
            start[k],
            stop[k],
            breaks,
            coefficients,
            direction[0],
            direction[1],
            direction[2],
            largest,
        )
        for a in range(4):
            out[k, a] = q[a]


def free_quaternions(omega: Floats, start: Floats, stop: Floats, matter: Matter) -> Floats:
    """``(n, 4)`` rotations of n neutrinos, each from its start to its stop."""
    out = np.empty((len(omega), 4))
    _quaternions(
        np.ascontiguousarray(omega, float),
        np.ascontiguousarray(start, float),
        np.ascontiguousarray(stop, float),
        *matter,
        out,
    )
    return out


def quaternion_unitaries(quaternions: Floats) -> NDArray[Any]:
    """``(..., 4)`` to SU(2) matrices ``(..., 2, 2)``."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    rows = [w - 1j * z, -y - 1j * x, y - 1j * x, w + 1j * z]
    return np.stack(rows, axis=-1).reshape(*w.shape, 2, 2)


def turn_vectors(quaternions: Floats, vectors: Floats) -> Floats:
    """``(n, 3)`` vectors, each turned by its quaternion."""
    w, axis = quaternions[..., :1], quaternions[..., 1:]
    t = 2 * np.cross(axis, vectors)
    result: Floats = vectors + w * t + np.cross(axis, t)
    return result


def free_unitaries(
    omega: ArrayLike,
    start: ArrayLike,
    stop: ArrayLike,
    matter: Profile = 0.0,
    mixing_angle: float = 0.0,
) -> NDArray[Any]:
    r""":math:`T\exp(-\tfrac i2\int\mathbf h(t)\cdot\boldsymbol\sigma\,dt)`: free streaming.

    The field is :math:`\mathbf h = \omega\mathbf B + \lambda_e(t)\,\mathbf L`.

    Args:
        omega: ``(n,)`` vacuum frequencies.
        start: ``(n,)`` times.
        stop: ``(n,)`` times, ``>= start``.
        matter: lambda_e, a number or a callable of time (:mod:`qnu.profiles`).
        mixing_angle: theta_mix in radians; sets L.

    Returns:
        SU(2) matrices ``(n, 2, 2)``.

    Raises:
        QnuError: matter that is not finite somewhere.

    References:
        Sigl and Raffelt (1993); Blanes and Moan (2000) for the Magnus step.

    Examples:
        >>> abs(free_unitaries([2.0], [0.0], [np.pi])[0].round(12))   # half a turn about B
        array([[1., 0.],
               [0., 1.]])
    """
    omega, start, stop = (np.atleast_1d(np.asarray(x, dtype=float)) for x in (omega, start, stop))
    omega, start, stop = np.broadcast_arrays(omega, start, stop)
    end = float(stop.max()) if stop.size else 1.0
    compiled = compile_matter(matter, mixing_angle, end)
    return quaternion_unitaries(free_quaternions(omega, start, stop, compiled))
