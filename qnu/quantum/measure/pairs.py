r"""Correlations of all pairs from few settings, and the collision term from them, with errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats, integer
from ...errors import QnuError
from ...observables import Variables
from ..circuits.bases import BASES
from ..simulate.outcomes import Outcomes
from . import statistics
from .mitigation import Calibration, correct_readout

__all__ = [
    "PairReadout",
    "PairShots",
    "Setting",
    "collision_from_shots",
    "moments",
    "pair_readout",
    "pair_settings",
    "pairs_from_shots",
    "stacked",
]

#: ``_EPSILON[a, b, c]``.
_EPSILON = np.zeros((3, 3, 3))
for _a, _b, _c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    _EPSILON[_a, _b, _c], _EPSILON[_a, _c, _b] = 1.0, -1.0


class Setting(NamedTuple):
    """The outcomes of one setting.

    Args:
        bases: a letter for every neutrino.
        outcomes: ``(kinds, N)``, +1 or -1.
        number: ``(kinds,)`` how often each occurred.

    Examples:
        >>> Setting("XY", np.array([[1.0, -1.0]]), np.array([100.0])).bases
        'XY'
    """

    bases: str
    outcomes: Floats
    number: Floats


def pair_settings(neutrinos: int) -> tuple[str, ...]:
    r""":math:`6\lceil\log_3 N\rceil` settings that measure
    :math:`\langle\sigma_a^i\sigma_b^j\rangle` of every pair for all :math:`a \ne b`.

    A setting is a basis for every qubit. Write the number of every neutrino with D =
    :math:`\lceil\log_3 N\rceil` digits of base 3. For every digit and every permutation
    :math:`\pi` of (X, Y, Z) there is one setting, in which a neutrino whose digit is d is measured
    in :math:`\pi(d)`.

    It is enough: two different numbers differ in some digit, d of one and d' of the other. Over
    the six permutations :math:`(\pi(d), \pi(d'))` is every ordered pair of different letters,
    exactly once. No fewer than six settings will do for a single pair, since each gives one ordered
    pair. Every neutrino is measured in each basis 2 D times. Antisymmetric parts of correlations,
    such as the collision term, need no more than that; :math:`a = b` is measured only for pairs
    that have a digit in common.

    Args:
        neutrinos: N >= 2.

    Returns:
        words of N letters, that of neutrino 0 first.

    Raises:
        QnuError: fewer than two.

    References:
        Cotler and Wilczek (PRL 124, 100401), Bonet-Monroig, Babbush, O'Brien (PRX 10, 031064), for
        all few-body correlations in a number of settings that grows as log N.

    Examples:
        >>> pair_settings(2)
        ('XY', 'XZ', 'YX', 'YZ', 'ZX', 'ZY')
        >>> [len(pair_settings(n)) for n in (3, 4, 9, 10, 27)]
        [6, 12, 12, 18, 18]
    """
    count = integer("neutrinos", neutrinos, low=2)
    settings = []
    place = 1
    while place < count:
        digits = np.arange(count) // place % 3
        settings += ["".join(p[d] for d in digits) for p in permutations(BASES)]
        place *= 3
    return tuple(settings)


@dataclass(frozen=True, eq=False)
class PairShots:
    r"""What shots say of polarizations and pairs, shots of several settings taken together.

    Args:
        polarization: ``(N, 3)`` means.
        shots: ``(N, 3)`` of how many shots.
        covariance: ``(3, N, N)`` covariances of the means of two neutrinos in one basis.
        correlation: ``(N, N, 3, 3)`` :math:`\langle\sigma_a^i\sigma_b^j\rangle`; NaN where it was
            not measured.
        pair_shots: ``(N, N, 3, 3)`` of how many shots.

    Examples:
        >>> PairShots.__dataclass_fields__["shots"].type
        'Floats'
    """

    polarization: Floats
    shots: Floats
    covariance: Floats
    correlation: Floats
    pair_shots: Floats

    @property
    def error(self) -> Floats:
        """``(N, 3)`` standard errors of the polarizations, never 0."""
        result: Floats = np.sqrt(np.einsum("aii->ia", self.covariance))
        return result


def _error(mean: Floats, shots: Floats) -> Floats:
    """Of a mean of +-1, as :func:`qnu.quantum.measure.statistics.mean_and_error`."""
    p = (shots * (1 + mean) / 2 + 0.5) / (shots + 1)
    result: Floats = 2 * np.sqrt(p * (1 - p) / (shots + 2))
    return result


def moments(settings: Sequence[Setting]) -> PairShots:
    """Polarizations and correlations of all pairs, from all shots that tell of them.

    Args:
        settings: in which every neutrino is measured in X, Y and Z at least once.

    Returns:
        means, covariances and numbers of shots.

    Raises:
        QnuError: a neutrino that is not measured in some basis.

    Examples:
        >>> up = np.array([[1.0, 1.0]])                # as if both were up in every basis
        >>> one = [Setting(word, up, np.array([10.0])) for word in pair_settings(2)]
        >>> moments(one).correlation[0, 1].round(1).tolist()
        [[nan, 1.0, 1.0], [1.0, nan, 1.0], [1.0, 1.0, nan]]
    """
    count = len(settings[0].bases)
    index = np.arange(count)
    sums, shots = np.zeros((count, 3)), np.zeros((count, 3))
    products, both = np.zeros((count, count, 3, 3)), np.zeros((count, count, 3, 3))
    scatter = np.zeros((3, count, count))
    for bases, outcomes, number in settings:
        axis, total = _axes(bases), number.sum()
        mean = number @ outcomes / total
        sums[index, axis] += number @ outcomes
        shots[index, axis] += total
        second = (outcomes.T * number) @ outcomes
        cell = (index[:, None], index[None, :], axis[:, None], axis[None, :])
        products[cell] += second
        both[cell] += total
        away = second - total * np.outer(mean, mean)
        for a in range(3):
            alike = np.outer(axis == a, axis == a)
            scatter[a] += np.where(alike, away, 0.0)
    if not shots.all():
        k, a = np.argwhere(shots == 0)[0]
        found = f"neutrino {k} not in {BASES[a]}"
        raise QnuError("settings", found, "every neutrino in X, Y and Z")
    mean = sums / shots
    covariance = scatter / np.einsum("ia,ja->aij", shots, shots)
    covariance[:, index, index] = _error(mean, shots).T ** 2
    correlation = np.divide(products, both, out=np.full_like(both, np.nan), where=both > 0)
    correlation[index, index] = np.nan
    return PairShots(mean, shots, covariance, correlation, both)


def collision_from_shots(
    settings: Sequence[Setting], couplings: Floats, calibration: Calibration | None = None
) -> tuple[Floats, Floats]:
    r""":math:`(\mathbf C_i)_a = \sum_j J_{ij}\,\epsilon_{abc}\,T^{ij}_{cb}` from shots, with
    standard errors.

    The connected correlation is :math:`T^{ij}_{cb} = (E^{ij}_{cb} - P^i_c P^j_b)/(1 - n_{ij}/(n_i
    n_j))` with E, P the means of products and of single outcomes over :math:`n_{ij}`, :math:`n_i`,
    :math:`n_j` shots; the factor removes the bias that comes from shots which E and the product of
    the means share. The variance is that of the linear change of C with the shots (delta method),
    in which all terms of one shot, and so all correlations between them, are taken together. One
    shot of random outcomes is added to each setting, so that it is never 0.

    Readout errors that are independent from qubit to qubit divide T by
    :math:`(1 - e_0^i - e_1^i)(1 - e_0^j - e_1^j)`; the errors of the calibration are propagated.

    Args:
        settings: those of :func:`qnu.quantum.pair_settings`, or more.
        couplings: ``(N, N)`` :math:`J_{ij}`.
        calibration: of the readout, in the order of the neutrinos.

    Returns:
        ``(N, 3)`` and its standard errors.

    Raises:
        QnuError: a pair that is not measured in every two different bases.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> coins = [Setting(w, rng.choice([-1.0, 1.0], (900, 2)), np.ones(900))
        ...          for w in pair_settings(2)]
        >>> value, error = collision_from_shots(coins, np.ones((2, 2)) - np.eye(2))
        >>> error.round(2).tolist()[0], bool((abs(value) < 4 * error).all())
        ([0.05, 0.05, 0.05], True)
    """
    found = moments(settings)
    count = len(couplings)
    different = np.broadcast_to(~np.eye(3, dtype=bool), (count, count, 3, 3))
    others = np.broadcast_to(~np.eye(count, dtype=bool)[..., None, None], different.shape)
    used = different & others
    if (found.pair_shots[used] == 0).any():
        i, j, a, b = np.argwhere(used & (found.pair_shots == 0))[0]
        missing = f"neutrinos {i} and {j} not in {BASES[a]} and {BASES[b]}"
        raise QnuError("settings", missing, "every pair in every two different bases")
    slope = np.ones(count)
    if calibration is not None:
        slope = 1 - calibration.zero - calibration.one
    means = found.polarization
    acting = np.where(np.eye(count, dtype=bool), 0.0, couplings / np.outer(slope, slope))
    shared = found.pair_shots / np.einsum("ic,jb->ijcb", found.shots, found.shots)
    weight = np.where(used, acting[..., None, None] / (1 - shared), 0.0)  # of T_cb, over epsilon
    plain = np.where(used, found.correlation, 0.0) - np.einsum("ic,jb->ijcb", means, means)
    part = np.einsum("abc,ijcb,ijcb->ija", _EPSILON, weight, plain)
    variance = sum(_variance(setting, found, weight) for setting in settings)
    value = part.sum(axis=1)
    if calibration is not None:
        spread = (calibration.zero_error**2 + calibration.one_error**2) / slope**2
        variance = variance + np.einsum("j,ija->ia", spread, part**2) + spread[:, None] * value**2
    return value, np.sqrt(variance)


def pairs_from_shots(
    members: Sequence[NDArray[Any]],
    words: Sequence[str],
    couplings: Floats,
    outcomes: Outcomes,
) -> tuple[Floats, Variables]:
    """``(time, N, 3)`` polarizations, and the variables of their errors and the collision term.

    Args:
        members: the neutrinos of each group.
        words: the settings.
        couplings: ``(time, N, N)``.
        outcomes: of every sample, all of its settings one after the other.
    """
    samples: list[list[Setting]] = [[] for _ in couplings]
    for sample, place, signs, number in outcomes:
        samples[sample].append(Setting(words[place], signs, number))
    read = [pair_readout(one, acting) for one, acting in zip(samples, couplings, strict=True)]
    return stacked(read, members)


class PairReadout(NamedTuple):
    """One sample, as it was measured.

    Args:
        mean: ``(N, 3)`` polarizations.
        covariance: ``(3, N, N)`` of them.
        shots: of one component.
        collision: ``(N, 3)``.
        collision_error: its standard errors.
    """

    mean: Floats
    covariance: Floats
    shots: float
    collision: Floats
    collision_error: Floats


def pair_readout(
    settings: Sequence[Setting], couplings: Floats, calibration: Calibration | None = None
) -> PairReadout:
    """Everything that the settings of one sample say.

    Args:
        settings: those of :func:`qnu.quantum.pair_settings`.
        couplings: ``(N, N)``.
        calibration: of the readout; None: it is not corrected.
    """
    found = moments(settings)
    mean, covariance = found.polarization.copy(), found.covariance.copy()
    if calibration is not None:
        for a in range(3):
            mean[:, a], covariance[a] = correct_readout(mean[:, a], covariance[a], calibration)
    value, error = collision_from_shots(settings, couplings, calibration)
    return PairReadout(mean, covariance, float(found.shots.min()), value, error)


def stacked(
    read: Sequence[PairReadout], members: Sequence[NDArray[Any]]
) -> tuple[Floats, Variables]:
    """``(time, N, 3)`` polarizations of all samples, and the variables that belong to them.

    Args:
        read: one for each sample.
        members: the neutrinos of each group.
    """
    errors = [np.sqrt(np.einsum("aii->ia", one.covariance)) for one in read]
    groups = [
        np.stack([statistics.group_errors(c, members, one.shots) for c in one.covariance], axis=-1)
        for one in read
    ]
    vector = ("time", "neutrino", "axis")
    return np.array([one.mean for one in read]), {
        "polarization_error": (vector, np.array(errors)),
        "group_polarization_error": (("time", "group_mean", "axis"), np.array(groups)),
        "collision_term": (vector, np.array([one.collision for one in read])),
        "collision_term_error": (vector, np.array([one.collision_error for one in read])),
    }


def _variance(setting: Setting, found: PairShots, weight: Floats) -> Floats:
    """``(N, 3)``: what the shots of one setting add to the variance of the collision term."""
    axis, index = _axes(setting.bases), np.arange(len(setting.bases))
    i, j = index[:, None], index[None, :]
    outcomes, number, means = setting.outcomes, setting.number, found.polarization
    shots = found.shots[index, axis]
    in_pairs = found.pair_shots[i, j, axis[:, None], axis[None, :]]
    result = np.empty((len(axis), 3))
    for a in range(3):
        terms = weight * _EPSILON[a].T  # [i, j, c, b]
        # dC_i = x_i x_j terms / n_ij - x_i P_jb terms / n_i - x_j P_ic terms / n_j
        product = terms[i, j, axis[:, None], axis[None, :]] / np.maximum(in_pairs, 1)
        own = np.einsum("ijb,jb->i", terms[index, :, axis], means) / shots
        other = np.einsum("ijc,ic->ij", terms[i, j, :, axis[None, :]], means) / shots
        change = outcomes * (outcomes @ product.T - own) - outcomes @ other.T
        away = change - number @ change / number.sum()
        random = (product**2).sum(axis=1) + own**2 + (other**2).sum(axis=1)
        result[:, a] = number @ away**2 + random
    return result


def _axes(bases: str) -> NDArray[np.int64]:
    return np.array([BASES.index(letter) for letter in bases])
