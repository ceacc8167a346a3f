"""Observables of one neutrino, from its polarization."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, array_of, booleans, choice, finite
from ..errors import QnuError
from ..flavor import flavor_direction

__all__ = ["entropy", "flavor_probability", "length", "purity", "survival_probability"]


def length(polarization: ArrayLike) -> Floats:
    r""":math:`|\mathbf P|` over the last axis.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> float(length((0.6, 0.0, 0.8)))
        1.0
    """
    vectors = finite("polarization", polarization, (3,))
    with np.errstate(over="ignore"):
        return finite("length", np.linalg.norm(vectors, axis=-1))


def purity(polarization: ArrayLike) -> Floats:
    r""":math:`\mathrm{Tr}\,\rho^2 = (1 + |\mathbf P|^2)/2` of one neutrino: 1 pure, 1/2 fully
    mixed.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> float(purity((0.0, 0.0, 0.0)))
        0.5
    """
    with np.errstate(over="ignore"):
        return finite("purity", (1 + length(polarization) ** 2) / 2)


def entropy(polarization: ArrayLike) -> Floats:
    r""":math:`S = -\sum_\pm \lambda_\pm \log_2 \lambda_\pm` of one neutrino, in bits.

    :math:`\lambda_\pm = (1 \pm |\mathbf P|)/2` are the eigenvalues of its density matrix. For a
    pure state of the whole gas it measures how entangled the neutrino is with the rest.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``, between 0 and 1.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Roggero (PRD 104, 103016); Martin et al. (2307.16793).

    Examples:
        >>> float(entropy((0.0, 0.0, 0.0))), abs(float(entropy((0.0, 0.0, 1.0))))
        (1.0, 0.0)
    """
    size = np.minimum(length(polarization), 1.0)
    result = np.zeros_like(size)
    for eigenvalue in ((1 + size) / 2, (1 - size) / 2):
        some = eigenvalue > 0
        result -= np.where(some, eigenvalue * np.log2(np.where(some, eigenvalue, 1.0)), 0.0)
    return np.maximum(result, 0.0)


def flavor_probability(
    polarization: ArrayLike,
    mixing_angle: float,
    antineutrino: ArrayLike = False,
    flavor: str = "electron",
) -> Floats:
    r""":math:`P(\nu_e) = (1 + \mathbf P\cdot\mathbf L)/2`: the probability of a flavor.

    For antineutrinos, stored as isospin S, it is :math:`(1 - \mathbf S\cdot\mathbf L)/2`.

    Args:
        polarization: ``(..., N, 3)`` as the gas stores it.
        mixing_angle: theta_mix in radians;
            :math:`\mathbf L = (\sin 2\theta_\mathrm{mix}, 0, \cos 2\theta_\mathrm{mix})`.
        antineutrino: ``(N,)`` booleans.
        flavor: ``"electron"`` or ``"x"``.

    Returns:
        ``(..., N)``.

    Raises:
        QnuError: shapes that do not fit, an unknown flavor.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> float(flavor_probability((0.0, 0.0, 1.0), 0.0))
        1.0
    """
    choice("flavor", flavor, ("electron", "x"))
    along = finite("polarization", polarization, (3,)) @ flavor_direction(mixing_angle)
    anti = array_of("antineutrino", antineutrino, "booleans")
    if anti.dtype != np.bool_:
        anti = booleans("antineutrino", antineutrino, along.shape[-1] if along.ndim else 1)
    try:
        along = np.where(anti, -along, along)
    except ValueError:
        shapes = f"shapes {anti.shape} and {along.shape}"
        raise QnuError("antineutrino", shapes, "shapes that broadcast together") from None
    return (1 + along) / 2 if flavor == "electron" else (1 - along) / 2


def survival_probability(polarization: ArrayLike, initial: ArrayLike) -> Floats:
    r""":math:`(1 + \mathbf P(0)\cdot\mathbf P(t))/2`: the chance to find the pure initial state
    again.

    Holds as it is for antineutrinos stored as isospin: for a :math:`\bar\nu_e`,
    :math:`\mathbf S(0) = -\mathbf L`, it is :math:`(1 - \mathbf S\cdot\mathbf L)/2`.

    Args:
        polarization: ``(..., N, 3)``.
        initial: ``(N, 3)``, pure.

    Returns:
        ``(..., N)``.

    Raises:
        QnuError: an initial state that is not pure (then "survival" has no meaning).

    References:
        Roggero (PRD 104, 103016).

    Examples:
        >>> float(survival_probability((0.0, 0.0, -1.0), (0.0, 0.0, 1.0)))
        0.0
    """
    now, start = finite("polarization", polarization, (3,)), finite("initial", initial, (3,))
    if (abs(length(start) - 1) > 1e-6).any():
        raise QnuError("initial", start.tolist(), "pure states, |P| = 1")
    try:
        result: Floats = (1 + np.sum(now * start, axis=-1)) / 2
    except ValueError:
        shapes = f"shapes {now.shape} and {start.shape}"
        raise QnuError("initial", shapes, "shapes that broadcast together") from None
    return result
