"""How fast small deviations from a mean-field equilibrium grow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats, number
from ..errors import QnuError
from ._linearised import B, Linearised, require_at_rest

#: Deviations that grow more slowly than this times mu are not called unstable.
GROWS = 1e-6


def growth_rate(
    polarization: ArrayLike,
    weights: ArrayLike,
    omega: ArrayLike,
    mu: float = 1.0,
    precession: float = 0.0,
) -> float:
    r"""How fast small deviations :math:`\delta\mathbf P_i` from an equilibrium grow.

    .. math::
        \frac{d\,\delta\mathbf P_i}{dt} = \mathbf H_i\times\delta\mathbf P_i
        + \mu\,\Big(\sum_j f_j\,\delta\mathbf P_j\Big)\times\mathbf P_i

    This is :math:`d\mathbf P_i/dt = \mathbf H_i\times\mathbf P_i` with :math:`\mathbf H_i =
    (\omega_i - \Omega)\,\mathbf B + \mu\bar{\mathbf P}` in the frame that turns about B with
    :math:`\Omega`, linearised: 3G real equations for G groups. The growth rate is the largest real
    part of their eigenvalues. Lengths are conserved, so only the 2G changes perpendicular to the
    :math:`\mathbf P_i` can grow; turning all :math:`\mathbf P_i` about B (at rest) and
    :math:`\bar P_B` (conserved) are taken out as well. Both kinds are eigenvalues 0 without a full
    set of eigenvectors, which rounding would turn into growth rates of 1e-8.

    Every eigenvalue comes with its negative, so a stable equilibrium has growth rate 0, never less.
    An equilibrium with :math:`\bar P_\perp > 0` and all :math:`\mathbf P_i` along
    :math:`+\mathbf H_i` is always stable. The same linearisation with :math:`1 - c\,c'` between
    beams, and with waves in space, is :func:`qnu.solvers.linear_stability`.

    Args:
        polarization: :math:`\mathbf P_i`, ``(groups, 3)``; their azimuth does not matter.
        weights: :math:`f_i > 0`, summing to 1; of a gas: :attr:`qnu.NeutrinoGas.shares`.
        omega: vacuum frequencies, ``(groups,)``.
        mu: coupling, >= 0, with the mean of :math:`1 - \mathbf v\cdot\mathbf v'` in it.
        precession: :math:`\Omega`, with which the state turns about B = (0, 0, -1).

    Returns:
        the growth rate, in the units of mu and omega; 0.0 where it is not above the rounding errors
        of the eigenvalues.

    Raises:
        QnuError: shapes that differ, or a state that is no equilibrium.

    References:
        Johns, Thermodynamics of oscillating neutrinos (2306.14982).

    Examples:
        >>> up_and_down = [[0, 0, 1], [0, 0, -1]]  # a bipolar instability
        >>> round(growth_rate(up_and_down, (0.5, 0.5), (-0.25, 0.25)), 6)
        0.433013
    """
    share = checked_weights(weights)
    groups = len(share)
    vectors = floats("polarization", polarization, (groups, 3))
    frequency = floats("omega", omega, (groups,))
    coupling = number("mu", mu, low=0.0)
    h = (frequency - number("precession", precession))[:, None] * B + coupling * share @ vectors
    require_at_rest(vectors, h, "every P_i along (omega_i - precession) B + mu Pbar")
    return linear_growth(vectors, share, h, coupling)


def checked_weights(weights: ArrayLike, groups: int | None = None) -> Floats:
    """f_i, one per group: positive numbers that sum to 1."""
    share = floats("weights", weights, (groups,))
    if (share <= 0).any() or abs(share.sum() - 1) > 1e-9:
        raise QnuError("weights", share.tolist(), "numbers > 0 that sum to 1")
    return share


def linear_growth(vectors: Floats, share: Floats, h: Floats, mu: float) -> float:
    """Largest growth rate about an equilibrium, from its fields ``H_i`` ``(groups, 3)``."""
    if mu == 0 or not vectors.any():
        return 0.0
    mean = share @ vectors
    if np.linalg.norm(np.cross(B, mean)) > 0 and (np.sum(vectors * h, axis=1) >= 0).all():
        # sum f_i L_i mu/|H_i| = 1 and Cauchy-Schwarz: mu |dPbar|^2 <= sum f_i |H_i| |dP_i|^2/L_i;
        # so the conserved energy has an extremum here
        return 0.0
    return float(Linearised.about(vectors, share, h, mu).eigenvalues().real.max(initial=0.0))
