"""How fast small deviations from a mean-field equilibrium grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats, number
from ..errors import QnuError

_B = np.array([0.0, 0.0, -1.0])
#: |dP_i/dt| of an equilibrium, in units of the largest |H_i|.
_AT_REST = 1e-6
#: An eigenvalue is where stable ones lie if it is nearer than this many rounding errors of its own.
_ROUNDING = 100 * np.finfo(float).eps
#: Rounding moves no eigenvalue as far as this, in units of the matrix, where up to three meet.
_CERTAIN = np.finfo(float).eps ** 0.25

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
    :math:`+\mathbf H_i` is always stable.

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
    h = (frequency - number("precession", precession))[:, None] * _B + coupling * share @ vectors
    moving = np.linalg.norm(np.cross(h, vectors), axis=1).max()
    if moving > _AT_REST * np.linalg.norm(h, axis=1).max():
        raise QnuError(
            "polarization",
            f"a state in which |dP_i/dt| is up to {moving:.3g}",
            "an equilibrium: every P_i along (omega_i - precession) B + mu Pbar",
        )
    return linear_growth(vectors, share, h, coupling)


def checked_weights(weights: ArrayLike, groups: int | None = None) -> Floats:
    """f_i, one per group: positive numbers that sum to 1."""
    share = floats("weights", weights, (groups,))
    if (share <= 0).any() or abs(share.sum() - 1) > 1e-9:
        raise QnuError("weights", share.tolist(), "numbers > 0 that sum to 1")
    return share


def linear_growth(vectors: Floats, share: Floats, h: Floats, mu: float) -> float:
    """Largest growth rate about an equilibrium, from its fields ``H_i`` ``(groups, 3)``."""
    length = np.linalg.norm(vectors, axis=1)
    kept = length > 0  # a group without polarization does not act on the others
    vectors, share, h, length = vectors[kept], share[kept], h[kept], length[kept]
    mean = share @ vectors
    normal = np.cross(_B, mean)
    across = float(np.linalg.norm(normal))
    n = vectors / length[:, None]
    along_h = np.sum(n * h, axis=1)
    if mu == 0 or len(n) == 0:
        return 0.0
    if across > 0 and (along_h >= 0).all():
        # sum f_i L_i mu/|H_i| = 1 and Cauchy-Schwarz: mu |dPbar|^2 <= sum f_i |H_i| |dP_i|^2/L_i;
        # so the conserved energy has an extremum here
        return 0.0
    one, two = _tangents(n, normal / across if across > 0 else np.array([0.0, 1.0, 0.0]))
    # dP_i = a_i e1 + b_i e2 with e1 x e2 = n: da/dt = -h b, db/dt = h a, and what dPbar adds
    act = mu * length[:, None] * share
    same, mixed, other = one @ one.T, one @ two.T, two @ two.T
    diagonal = np.diag(along_h)
    aa, ab = act * mixed.T, act * other - diagonal
    ba, bb = diagonal - act * same, -act * mixed
    turn = np.cross(_B, vectors)
    zero = np.stack([np.sum(turn * one, axis=1), np.sum(turn * two, axis=1)])  # all turned about B
    fixed = np.stack([share * (one @ _B), share * (two @ _B)])  # the gradient of Pbar_B
    if max(abs(mixed).max(), abs(zero[0]).max(), abs(fixed[1]).max()) < 1e-12:
        # all P_i in one plane with B: a and b drive each other, and growth rates are square roots
        left, right = _without(fixed[0]), _without(zero[1])
        product = (left.T @ ab @ right) @ (right.T @ ba @ left)
        return _square_roots(product)
    matrix = np.block([[aa, ab], [ba, bb]])
    basis = _without(zero.ravel(), fixed.ravel())
    return _real_parts(basis.T @ matrix @ basis)


def _tangents(n: Floats, normal: Floats) -> tuple[Floats, Floats]:
    """Unit vectors e1, e2 with ``e1 x e2 = n``, e2 as near to a direction as can be."""
    two = normal - (n @ normal)[:, None] * n
    size = np.linalg.norm(two, axis=1)
    lost = size < 1e-3
    if lost.any():
        spare = np.cross(normal, np.eye(3)[np.argmin(abs(normal))])
        two[lost] = spare - (n[lost] @ spare)[:, None] * n[lost]
        size = np.linalg.norm(two, axis=1)
    two /= size[:, None]
    return np.cross(two, n), two


def _without(*vectors: Floats) -> Floats:
    """An orthonormal basis of what is perpendicular to the vectors (one that is 0 is skipped)."""
    given = [v / np.linalg.norm(v) for v in vectors if np.linalg.norm(v) > 1e-14]
    if not given:
        return np.eye(len(vectors[0]))
    q: Floats = np.linalg.qr(np.stack(given, axis=1), mode="complete")[0]
    return q[:, len(given) :]


def _square_roots(product: Floats) -> float:
    """Largest real part of the roots of eigenvalues; negative ones are oscillations."""

    def apart(values: Any) -> Floats:
        result: Floats = np.where(values.real < 0, abs(values.imag), abs(values))
        return result

    def growth(values: Any) -> Floats:
        result: Floats = np.sqrt(values.astype(complex)).real
        return result

    return _largest(product, apart, growth)


def _real_parts(matrix: Floats) -> float:
    """Largest real part of the eigenvalues."""
    return _largest(matrix, lambda values: abs(values.real), lambda values: values.real)


def _largest(
    matrix: Floats, apart: Callable[[Any], Floats], growth: Callable[[Any], Floats]
) -> float:
    """The largest growth of eigenvalues that are no stable ones moved by rounding.

    Those are farther from where stable ones lie than their own rounding error: that of the matrix
    over the cosine between the left and the right eigenvector, which is small where eigenvalues
    meet and an eigenvector is lost.
    """
    if len(matrix) == 0:
        return 0.0
    size = float(np.linalg.norm(matrix))
    values = np.linalg.eigvals(matrix)
    values = values[apart(values) > _ROUNDING * size]
    if len(values) == 0:
        return 0.0
    best = int(np.argmax(growth(values)))
    if apart(values)[best] > _CERTAIN * size:
        return float(max(growth(values)[best], 0.0))
    from scipy.linalg import eig

    values, left, right = eig(matrix, left=True, right=True)
    cosine = np.maximum(abs(np.sum(left.conj() * right, axis=0)), 1e-300)
    values = values[apart(values) * cosine > _ROUNDING * size]
    return float(growth(values).max(initial=0.0))
