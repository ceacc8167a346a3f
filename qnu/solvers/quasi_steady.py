"""Mean-field equilibria that precess rigidly about B: the states miscidynamics moves through.

With signed lengths ``A_i = eps_i L_i``, ``a_i = omega_i - Omega + mu Pbar_B`` and
``r_i = |H_i| = (a_i^2 + mu^2 Pbar_perp^2)^(1/2)`` the two conditions are::

    F_1 = sum_i f_i A_i mu / r_i - 1 = 0,     F_2 = sum_i f_i A_i a_i / r_i - Pbar_B = 0
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Floats, floats, number, numeric
from ..errors import QnuError

#: Residual to which roots are polished.
_ROOT = 1e-13


@dataclass(frozen=True)
class QuasiSteadyState:
    """One equilibrium: who is where in the frame that turns with it.

    Attributes:
        precession: Omega; all P_i turn about B with this frequency (their azimuth by -Omega t).
        transverse: Pbar_perp > 0, the length of the part of Pbar across B.
        longitudinal: Pbar_B, the part along B = (0, 0, -1).
        polarization: ``(groups, 3)`` with Pbar_perp along x.
        signs: eps_i, +1 for P_i along H_i and -1 against it.
    """

    precession: float
    transverse: float
    longitudinal: float
    polarization: Floats
    signs: tuple[int, ...]


def quasi_steady_state(
    lengths: ArrayLike,
    signs: Sequence[int],
    weights: ArrayLike,
    omega: ArrayLike,
    longitudinal: float,
    mu: float = 1.0,
    *,
    near: tuple[float, float] | None = None,
) -> QuasiSteadyState:
    """``P_i = eps_i L_i H_i / |H_i|`` with ``H_i = (omega_i - Omega) B + mu Pbar``.

    ``sum_i f_i eps_i L_i mu/|H_i| = 1`` and
    ``sum_i f_i eps_i L_i (omega_i - Omega + mu Pbar_B)/|H_i| = Pbar_B`` for Omega, Pbar_perp > 0.
    (All P_i along B, Pbar_perp = 0, is an equilibrium too; it is not returned here.)

    Args:
        lengths: L_i >= 0, ``(groups,)``.
        signs: eps_i, +1 or -1.
        weights: f_i > 0, summing to 1.
        omega: vacuum frequencies in units of mu(0).
        longitudinal: Pbar_B = Pbar.B, that is minus the mean z.
        mu: coupling, > 0.
        near: ``(Omega, Pbar_perp)``: of several roots the nearest; default: the one with the
            largest Pbar_perp.

    Returns:
        the equilibrium.

    Raises:
        QnuError: shapes that differ, or no equilibrium of this kind.

    References:
        Johns, Thermodynamics of oscillating neutrinos (2306.14982); Raffelt and Smirnov (2007).

    Examples:
        >>> state = quasi_steady_state((0.3494, 0.2353), (1, 1), (0.6, 0.4), (0.1, 0.2), -0.196013)
        >>> round(state.precession, 4), state.polarization[:, 2].round(4)
        (0.1356, array([0.2485, 0.1173]))
    """
    size = floats("lengths", lengths, (None,))
    groups = len(size)
    share = floats("weights", weights, (groups,))
    frequency = floats("omega", omega, (groups,))
    along = number("longitudinal", longitudinal, low=-1.0, high=1.0)
    coupling = number("mu", mu, above=0.0, high=1e9)
    if (size < 0).any():
        raise QnuError("lengths", size.tolist(), "numbers >= 0")
    if (share <= 0).any() or abs(share.sum() - 1) > 1e-9:
        raise QnuError("weights", share.tolist(), "numbers > 0 that sum to 1")
    checked_signs(signs, groups)
    signed = size * np.asarray(signs)
    found = roots(signed, share, frequency, along, coupling)
    if len(found) == 0:
        raise QnuError(
            "signs",
            tuple(int(s) for s in signs),
            "a pattern that has a quasi-steady state for these lengths and Pbar_B",
        )
    pick = 0 if near is None else int(np.argmin(np.hypot(*(found - near).T)))
    return state_from_root(signed, frequency, along, coupling, found[pick])


def checked_signs(signs: Sequence[int], groups: int) -> None:
    """eps_i: one +1 or -1 per group."""
    allowed = f"{groups} numbers, each +1 or -1"
    given = numeric("signs", signs, allowed)
    if given.shape != (groups,) or (abs(given) != 1).any():
        raise QnuError("signs", signs, allowed)


def directions(
    omega: Floats, along: float, mu: float, precession: float, transverse: float
) -> tuple[Floats, Floats]:
    """Parts of ``H_i / |H_i|`` along B and across it."""
    a = omega - precession + mu * along
    r = np.hypot(a, mu * transverse)
    r = np.where(r > 0, r, 1.0)
    return a / r, mu * transverse / r


def state_from_root(
    signed: Floats, omega: Floats, along: float, mu: float, root: Floats
) -> QuasiSteadyState:
    """An equilibrium from signed lengths and a root ``(Omega, Pbar_perp)``."""
    b, perp = directions(omega, along, mu, float(root[0]), float(root[1]))
    vectors = np.stack([signed * perp, np.zeros_like(b), -signed * b], axis=1)
    signs = tuple(-1 if s < 0 else 1 for s in signed)
    return QuasiSteadyState(float(root[0]), float(root[1]), along, vectors, signs)


def residual(
    x: Floats, signed: Floats, share: Floats, omega: Floats, along: float, mu: float
) -> tuple[Floats, Floats]:
    """F ``(..., 2)`` and its Jacobian ``(..., 2, 2)`` at ``x = (Omega, Pbar_perp)``."""
    precession, transverse = x[..., 0, None], x[..., 1, None]
    a = omega - precession + mu * along
    r = np.hypot(a, mu * transverse)
    w = share * signed
    cube = w / r**3
    f1 = mu * np.sum(w / r, axis=-1) - 1
    f2 = np.sum(w * a / r, axis=-1) - along
    mp = mu * transverse
    jacobian = np.stack(
        [
            np.stack([mu * np.sum(cube * a, -1), -(mu**2) * np.sum(cube * mp, -1)], -1),
            np.stack([-np.sum(cube * mp**2, -1), -mu * np.sum(cube * a * mp, -1)], -1),
        ],
        axis=-2,
    )
    return np.stack([f1, f2], axis=-1), jacobian


def polish(
    x: Floats, signed: Floats, share: Floats, omega: Floats, along: float, mu: float
) -> Floats | None:
    """The root next to x by Newton's method, or None where it does not get there."""
    for _ in range(12):
        f, jacobian = residual(x, signed, share, omega, along, mu)
        error = abs(f).max() / _rounding(x, signed, share, omega, along, mu)
        if not np.isfinite(error):
            return None
        if error < _ROOT:
            return x
        determinant = np.linalg.det(jacobian)
        if determinant == 0 or not np.isfinite(determinant):
            return None
        x = x - np.linalg.solve(jacobian, f)
    f, _ = residual(x, signed, share, omega, along, mu)
    error = abs(f).max() / _rounding(x, signed, share, omega, along, mu)
    return x if error < 1e3 * _ROOT else None


def _rounding(
    x: Floats, signed: Floats, share: Floats, omega: Floats, along: float, mu: float
) -> float:
    """Size of the terms of F_1: where Pbar_perp is small they are large and cancel."""
    r = np.hypot(omega - x[0] + mu * along, mu * x[1])
    return max(1.0, float(np.sum(abs(share * signed) * mu / r)))


def roots(signed: Floats, share: Floats, omega: Floats, along: float, mu: float) -> Floats:
    """All roots ``(n, 2)`` found from a grid of starts, largest Pbar_perp first.

    F_1 = 0 needs some ``r_i <= mu sum f L``, which bounds Omega on both sides; Pbar_perp is at most
    ``sum f L``.
    """
    most = float(share @ abs(signed))
    if most == 0:
        return np.empty((0, 2))
    lowest, highest = omega.min() + mu * (along - most), omega.max() + mu * (along + most)
    width = highest - lowest
    fine = 40 if len(omega) <= 8 else 16
    starts = np.stack(
        np.meshgrid(
            np.linspace(lowest, highest, fine),
            most * (np.arange(fine // 2) + 0.5) / (fine // 2),
            indexing="ij",
        ),
        axis=-1,
    ).reshape(-1, 2)
    x = starts
    with np.errstate(all="ignore"):  # starts that wander off are dropped below
        for _ in range(60):
            f, jacobian = residual(x, signed, share, omega, along, mu)
            inverse = np.linalg.det(jacobian)[:, None]
            step = (
                np.stack(
                    [
                        jacobian[:, 1, 1] * f[:, 0] - jacobian[:, 0, 1] * f[:, 1],
                        jacobian[:, 0, 0] * f[:, 1] - jacobian[:, 1, 0] * f[:, 0],
                    ],
                    axis=1,
                )
                / inverse
            )
            length = np.linalg.norm(step, axis=1, keepdims=True)
            x = x - step * np.minimum(1.0, 0.15 * width / length)
        f, _ = residual(x, signed, share, omega, along, mu)
        x[:, 1] = abs(x[:, 1])
        good = np.isfinite(x).all(axis=1) & (abs(f).max(axis=1) < 1e-9)
    x = x[good & (x[:, 1] > 1e-6 * most) & (x[:, 1] <= most * (1 + 1e-9))]
    order = np.lexsort((x[:, 0].round(9), -x[:, 1].round(9)))
    kept: list[Floats] = []
    for candidate in x[order]:
        root = polish(candidate, signed, share, omega, along, mu)
        if root is None or root[1] <= 1e-6 * most:
            continue  # along B but for rounding
        if all(abs(root - other).max() > 1e-7 for other in kept):
            kept.append(root)
    return np.array(kept).reshape(-1, 2)
