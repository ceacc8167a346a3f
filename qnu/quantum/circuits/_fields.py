"""The two fields of an encounter: common axis and common scale, for the forms of its gate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import ParameterExpression

from ...common.checks import Floats, numeric
from ...errors import QnuError
from .canonical import Angle, Local, proportional, turned

#: sine of the angle below which two fields count as parallel: their rounding, nothing more.
PARALLEL = 1e-14


def field_vector(name: str, value: ArrayLike) -> list[float]:
    """Three finite numbers, or a QnuError."""
    if isinstance(value, tuple) and [type(x) for x in value] == [float] * 3:
        usual = [float(x) for x in value]
        if math.isfinite(sum(map(abs, usual))):
            return usual
    allowed = "three finite numbers (h_x, h_y, h_z)"
    array = numeric(name, value, allowed)
    if array.shape != (3,) or not np.isfinite(array).all():
        raise QnuError(name, value, allowed)
    numbers: list[float] = array.astype(np.float64).tolist()
    return numbers


def rotations_to_z(axis: Floats) -> tuple[Local, Local]:
    """One rotation of both neutrinos that takes the axis to z, and back; it commutes with SWAP."""
    polar = math.atan2(math.hypot(axis[0], axis[1]), axis[2])  # acos forgets small angles
    return turned(polar, math.atan2(axis[1], axis[0])) if axis[:2].any() else ((), ())


def common_axis(h1: Floats, h2: Floats) -> Floats | None:
    """The unit vector that both fields are parallel to, or None; z where there is no field."""
    if not (h1[:2].any() or h2[:2].any()):
        return np.array([0.0, 0.0, 1.0])
    largest = max(abs(h1).max(), abs(h2).max())
    h1, h2 = h1 / largest, h2 / largest  # else squares of tiny fields underflow
    size_1, size_2 = np.linalg.norm(h1), np.linalg.norm(h2)
    larger, size = (h1, size_1) if size_1 >= size_2 else (h2, size_2)
    if np.linalg.norm(np.cross(h1, h2)) > PARALLEL * size_1 * size_2:
        return None
    axis: Floats = larger / size
    return axis if axis[:2].any() else np.array([0.0, 0.0, 1.0])  # a tilt that underflowed


def common_scale(theta: Angle, time: ParameterExpression) -> tuple[Angle, float, float] | None:
    """``(p, theta / p, time / p)`` where both are a number times the one parameter p."""
    names = set(time.parameters)
    if isinstance(theta, ParameterExpression):
        names |= set(theta.parameters)
    if len(names) == 1:
        (p,) = names
        slopes = [proportional(expression, p) for expression in (theta, time)]
        if slopes[0] is not None and slopes[1] is not None:
            return p, slopes[0], slopes[1]
    return None
