"""Mean-field equilibria that precess rigidly about B: the states miscidynamics moves through.

With ``w_i = f_i eps_i L_i``, ``a_i = (omega_i - Omega)/mu + Pbar_B``, ``q = Pbar_perp^2`` and
``r_i = |H_i|/mu = (a_i^2 + q)^(1/2)`` the two conditions are::

    F_1 = sum_i w_i / r_i - 1 = 0,     F_2 = sum_i w_i a_i / r_i - Pbar_B = 0

Where mu is small one omega_k lies within about mu of Omega, so Omega itself would lose the digits
that matter. It is counted from there: ``Omega = omega_k + mu (s + Pbar_B)``,
``a_i = (omega_i - omega_k)/mu - s``, and all numbers stay of order one down to mu = 0.

In (s, q) the determinant of the Jacobian is ``-(S_1^2 + q S_0^2)/2`` with
``S_n = sum_i w_i a_i^n / r_i^3``. It never changes sign, so two roots cannot meet and vanish: where
lengths and mu change smoothly, a branch ends only at q = 0, where all P_i lie along B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.checks import Floats, floats, number, numeric
from ..errors import QnuError
from ..group import LENGTH_TOLERANCE
from .stability import checked_weights, linear_growth

#: Miscidynamics may start so far from its equilibrium: the mean over the gas of ``|P_i - P_i,eq|``.
NEAR = 0.2

#: Residual to which roots are polished, in units of the terms that cancel in it.
_ROOT = 1e-13
#: mu = 0 is the limit of small mu; differences of frequencies over this stay finite when squared.
_SMALLEST = 1e-140


@dataclass(frozen=True)
class QuasiSteadyState:
    r"""One equilibrium, in the frame that turns with it.

    Attributes:
        precession: :math:`\Omega`; all :math:`\mathbf P_i` turn about B with this frequency (their
            azimuth by :math:`-\Omega t`).
        transverse: :math:`\bar P_\perp > 0`, the length of the part of :math:`\bar{\mathbf P}`
            across B.
        longitudinal: :math:`\bar P_B`, the part along B = (0, 0, -1).
        polarization: ``(groups, 3)`` with :math:`\bar P_\perp` along x.
        signs: :math:`\epsilon_i`, +1 for :math:`\mathbf P_i` along :math:`\mathbf H_i` and -1
            against it.
        growth_rate: of small deviations (:func:`growth_rate`), in the units of mu; 0 where the
            equilibrium is stable. One that grows is never seen in a gas.
    """

    precession: float
    transverse: float
    longitudinal: float
    polarization: Floats
    signs: tuple[int, ...]
    growth_rate: float


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
    r""":math:`\mathbf P_i = \epsilon_i L_i \mathbf H_i/|\mathbf H_i|`: all groups turn together
    about B.

    With :math:`\mathbf H_i = (\omega_i - \Omega)\,\mathbf B + \mu\bar{\mathbf P}` and
    :math:`\bar P_B = \bar{\mathbf P}\cdot\mathbf B` given, :math:`\Omega` and
    :math:`\bar P_\perp > 0` solve

    .. math::
        \sum_i \frac{f_i \epsilon_i L_i\,\mu}{|\mathbf H_i|} = 1, \qquad
        \sum_i \frac{f_i \epsilon_i L_i\,(\omega_i - \Omega + \mu\bar P_B)}{|\mathbf H_i|}
        = \bar P_B.

    (All :math:`\mathbf P_i` along B, :math:`\bar P_\perp = 0`, is an equilibrium too; it is not
    returned here.)

    Args:
        lengths: :math:`L_i` from 0 to 1, ``(groups,)``.
        signs: :math:`\epsilon_i`, +1 or -1.
        weights: :math:`f_i > 0`, summing to 1; of a gas: :attr:`qnu.NeutrinoGas.shares`.
        omega: vacuum frequencies in units of mu(0).
        longitudinal: :math:`\bar P_B = \bar{\mathbf P}\cdot\mathbf B`, that is minus the mean z.
        mu: coupling, > 0, with the mean of :math:`1 - \mathbf v\cdot\mathbf v'` in it.
        near: ``(Omega, Pbar_perp)``: of several roots the nearest; default: the one with the
            largest :math:`\bar P_\perp`.

    Returns:
        the equilibrium, stable or not: see its ``growth_rate``.

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
    share = checked_weights(weights, groups)
    frequency = floats("omega", omega, (groups,))
    along = number("longitudinal", longitudinal, low=-1.0, high=1.0)
    coupling = number("mu", mu, above=0.0, high=1e9)
    if (size < 0).any() or (size > 1 + LENGTH_TOLERANCE).any():
        raise QnuError("lengths", size.tolist(), "numbers from 0 to 1")
    checked_signs(signs, groups)
    signed = size * np.asarray(signs)
    candidates = roots(signed, share, frequency, along, coupling)
    if len(candidates) == 0:
        raise QnuError(
            "signs",
            tuple(int(s) for s in signs),
            "a pattern that has a quasi-steady state for these lengths and Pbar_B",
        )
    apart = (
        [0.0]
        if near is None
        else [r.distance(near, frequency, along, coupling) for r in candidates]
    )
    root = candidates[int(np.argmin(apart))]
    vectors = polarization(signed, frequency, along, coupling, root)
    return QuasiSteadyState(
        root.precession(frequency, along, coupling),
        root.transverse,
        along,
        vectors,
        tuple(-1 if s < 0 else 1 for s in signed),
        growth(vectors, share, frequency, coupling, root),
    )


def checked_signs(signs: Sequence[int], groups: int) -> None:
    """eps_i: one +1 or -1 per group."""
    allowed = f"{groups} numbers, each +1 or -1"
    given = numeric("signs", signs, allowed)
    if given.shape != (groups,) or (abs(given) != 1).any():
        raise QnuError("signs", signs, allowed)


@dataclass(frozen=True)
class Root:
    """``Omega = omega_k + mu (s + Pbar_B)`` and Pbar_perp."""

    reference: int  # k
    shift: float  # s
    transverse: float

    def precession(self, omega: Floats, along: float, mu: float) -> float:
        """Omega."""
        return float(omega[self.reference] + mu * (self.shift + along))

    def fields(self, omega: Floats, mu: float) -> Floats:
        """``a_i``: the parts of H_i along B over mu."""
        return offsets(omega, self.reference, mu) - self.shift

    def distance(self, near: tuple[float, float], omega: Floats, along: float, mu: float) -> float:
        """From another ``(Omega, Pbar_perp)``."""
        omegas = self.precession(omega, along, mu) - near[0]
        return float(np.hypot(omegas, self.transverse - near[1]))


def offsets(omega: Floats, reference: int, mu: float | Floats) -> Floats:
    """``(omega_i - omega_k) / mu``; for ``(n,)`` couplings ``(n, groups)``."""
    result: Floats = (omega - omega[reference]) / np.maximum(mu, _SMALLEST)[..., None]
    return result


def polarization(signed: Floats, omega: Floats, along: float, mu: float, root: Root) -> Floats:
    """``P_i = A_i H_i / |H_i|``, ``(groups, 3)``, Pbar_perp along x."""
    a = root.fields(omega, mu)
    r = np.hypot(a, root.transverse)
    r = np.where(r > 0, r, 1.0)
    return np.stack([signed * root.transverse / r, np.zeros_like(a), -signed * a / r], axis=1)


def growth(vectors: Floats, share: Floats, omega: Floats, mu: float, root: Root) -> float:
    """Growth rate of deviations from an equilibrium with Pbar_perp along x."""
    h = np.zeros_like(vectors)
    h[:, 0], h[:, 2] = mu * root.transverse, -mu * root.fields(omega, mu)
    return linear_growth(vectors, share, h, mu)


def polish(x: Floats, w: Floats, offset: Floats, along: float) -> tuple[Floats, Floats]:
    """Newton's method in ``x = (s, q)``, ``(..., 2)``: the roots, and where it got to one."""
    with np.errstate(all="ignore"):
        last = False
        for _ in range(15):
            step, _ = _newton(x, w, offset, along)
            x = x - step
            if last:
                break
            size = abs(step) / (abs(x) + np.array([1.0, 1e-300]))
            last = bool((size[np.isfinite(size)] < 1e-9).all())  # the next step is exact
        _, error = _newton(x, w, offset, along)
    return x, np.isfinite(x).all(axis=-1) & (error < 1e2 * _ROOT)


def _newton(x: Floats, w: Floats, offset: Floats, along: float) -> tuple[Floats, Floats]:
    """The step of Newton's method and the residual over the size of the terms that cancel in it."""
    q = x[..., 1, None]
    a = offset - x[..., 0, None]
    r = np.sqrt(a * a + q)
    each = w / r
    cube = each / r / r
    f1, f2 = np.sum(each, axis=-1) - 1, np.sum(each * a, axis=-1) - along
    s0, s1, q = np.sum(cube, axis=-1), np.sum(cube * a, axis=-1), q[..., 0]
    # the Jacobian is [[s1, -s0/2], [-q s0, -s1/2]]
    det = -(s1 * s1 + q * s0 * s0) / 2
    step = np.stack([(-s1 * f1 + s0 * f2) / 2, q * s0 * f1 + s1 * f2], axis=-1) / det[..., None]
    terms = np.maximum(1.0, np.sum(abs(each), axis=-1))
    return step, np.maximum(abs(f1), abs(f2)) / terms


def roots(signed: Floats, share: Floats, omega: Floats, along: float, mu: float) -> list[Root]:
    """All roots found from a grid of starts, largest Pbar_perp first.

    F_1 = 0 needs some ``r_i <= sum f L``, which bounds Omega on both sides and, where mu is small,
    puts it next to some omega_k; Pbar_perp is at most ``sum f L``.
    """
    w = share * signed
    most = float(np.sum(abs(w)))
    if most == 0:
        return []
    x, limit, reference = _starts(w, omega, along, mu)
    offset = np.stack([offsets(omega, k, mu) for k in range(len(omega))])[reference]
    moving = np.arange(len(x))
    with np.errstate(all="ignore"):  # starts that wander off are dropped below
        for _ in range(60):
            here, a = x[moving], offset[moving] - x[moving, :1]
            r = np.hypot(a, here[:, 1:])
            each = w / r
            cube = each / r / r
            f1, f2 = np.sum(each, axis=1) - 1, np.sum(each * a, axis=1) - along
            s0, s1, p = np.sum(cube, axis=1), np.sum(cube * a, axis=1), here[:, 1]
            det = -p * (s1 * s1 + (p * s0) ** 2)
            step = np.stack([p * (-s1 * f1 + s0 * f2), p * p * s0 * f1 + s1 * f2], axis=1)
            step /= det[:, None]
            length = np.linalg.norm(step, axis=1)
            x[moving] = here - step * np.minimum(1.0, limit[moving] / length)[:, None]
            moving = moving[length > 1e-12 * most]
        a = offset - x[:, :1]
        r = np.hypot(a, x[:, 1:])
        f = np.stack([np.sum(w / r, axis=1) - 1, np.sum(w * a / r, axis=1) - along], axis=1)
        x[:, 1] = abs(x[:, 1])
        good = np.isfinite(x).all(axis=1) & (abs(f).max(axis=1) < 1e-9)
    good &= (x[:, 1] > 1e-6 * most) & (x[:, 1] <= most * (1 + 1e-9))
    # most starts end at the same few roots: one of each is polished
    rough = np.column_stack([reference, x.round(6)])[good]
    first = np.unique(rough, axis=0, return_index=True)[1]
    distinct: list[Root] = []
    for (shift, transverse), k in zip(x[good][first], reference[good][first], strict=True):
        start = Root(int(k), float(shift), float(transverse))
        root = _nearest_reference(start, w, omega, along, mu)
        if root is None or root.transverse <= 1e-6 * most:
            continue  # along B but for rounding
        if not any(_same(root, other, omega, mu) for other in distinct):
            distinct.append(root)
    return sorted(distinct, key=lambda r: (-round(r.transverse, 9), r.precession(omega, along, mu)))


def _same(one: Root, two: Root, omega: Floats, mu: float) -> bool:
    apart = (omega[one.reference] - omega[two.reference]) / mu + one.shift - two.shift
    return bool(np.hypot(apart, one.transverse - two.transverse) < 1e-7)


def _starts(
    w: Floats, omega: Floats, along: float, mu: float
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Starts ``(n, 2)`` in (s, Pbar_perp), the longest step from each, and the omega of each."""
    most = float(np.sum(abs(w)))
    lowest, highest = omega.min() / mu - most, omega.max() / mu + most  # of Omega/mu - Pbar_B
    width = highest - lowest
    fine = 40 if len(omega) <= 8 else 16
    level = most * (np.arange(fine // 2) + 0.5) / (fine // 2)
    rotation = np.linspace(lowest, highest, fine)
    nearest = np.argmin(abs(omega / mu - rotation[:, None]), axis=1)
    shift = rotation - omega[nearest] / mu
    x = np.stack(np.meshgrid(shift, level, indexing="ij"), axis=-1).reshape(-1, 2)
    reference = np.repeat(nearest, len(level))
    limit = np.full(len(x), 0.15 * width)
    if width / fine > most / 2:  # the grid is too coarse beside some omega_k
        angle = np.pi * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
        for k, size in enumerate(abs(w)):
            for radius in (size, most):
                near = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
                x = np.concatenate([x, near])
                limit = np.concatenate([limit, np.full(len(near), 0.3 * radius)])
                reference = np.concatenate([reference, np.full(len(near), k)])
    return x, limit, reference


def _nearest_reference(
    root: Root, w: Floats, omega: Floats, along: float, mu: float
) -> Root | None:
    """The same root, polished and counted from the omega_k with the smallest ``|a_k|``."""
    a = root.fields(omega, mu)
    k = int(np.argmin(abs(a)))
    x = np.array([-a[k], root.transverse**2])
    x, good = polish(x, w, offsets(omega, k, mu), along)
    if not good or x[1] < 0:
        return None
    return Root(k, float(x[0]), float(np.sqrt(x[1])))
