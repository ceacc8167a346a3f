"""Flavor in the mass basis: the direction of an electron neutrino, and fields of neutrinos."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .common.checks import Floats, finite, number
from .errors import QnuError

#: What a flavor may be called.
FLAVORS = ("electron", "x")

#: So that twice an angle is finite.
_LARGEST_ANGLE = 1e300


def flavor_direction(mixing_angle: float) -> Floats:
    r""":math:`\mathbf P(\nu_e) = (\sin 2\theta_\mathrm{mix}, 0, \cos 2\theta_\mathrm{mix})`, mass
    basis.

    The other flavor is opposite, :math:`\mathbf P(\nu_x) = -\mathbf P(\nu_e)`.

    Args:
        mixing_angle: theta_mix in radians.

    Returns:
        unit vector ``(3,)``, called L where it is the direction of the matter term.

    Raises:
        QnuError: an angle that is not a number.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> flavor_direction(0.0)
        array([0., 0., 1.])
    """
    theta = angle(mixing_angle)
    return np.array([np.sin(2 * theta), 0.0, np.cos(2 * theta)])


def angle(value: Any) -> float:
    """A mixing angle in radians, checked."""
    return number("mixing_angle", value, low=-_LARGEST_ANGLE, high=_LARGEST_ANGLE)


def fields(omega: ArrayLike, matter: ArrayLike = 0.0, mixing_angle: float = 0.0) -> Floats:
    r""":math:`\mathbf h = \omega\mathbf B + \lambda_e\mathbf L`, B = (0, 0, -1): the field of a
    neutrino.

    A neutrino turns by :math:`d\mathbf P/dt = \mathbf h\times\mathbf P`.

    Args:
        omega: vacuum frequencies, any shape.
        matter: :math:`\lambda_e = \sqrt2\,G_F n_e`, a shape that broadcasts with ``omega``.
        mixing_angle: theta_mix in radians; sets the direction L of the matter term.

    Returns:
        fields h of shape ``(..., 3)``, in the unit of ``omega``.

    Raises:
        QnuError: something that is not a finite number, shapes that do not fit together.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> fields(0.5)
        array([ 0. ,  0. , -0.5])
    """
    try:
        density: Any = matter
        if type(density) is not float or not math.isfinite(density):
            density = finite("matter", matter)
        omega, matter = np.broadcast_arrays(finite("omega", omega), density)
    except ValueError as error:
        if isinstance(error, QnuError):
            raise
        shapes = f"shapes {np.shape(omega)} and {np.shape(matter)}"
        raise QnuError("matter", shapes, "shapes that broadcast together") from None
    h = matter[..., None] * flavor_direction(mixing_angle)
    h[..., 2] -= omega
    return h
