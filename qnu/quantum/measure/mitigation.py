"""What a device's noise leaves visible, and what the physics says about it.

Without matter and fresh partners every encounter and every free stream conserves the total
polarization along B, ``sum_k P_kz``: the number of neutrinos in mass state 2 if each of them starts
in a mass state (all ``P = (0, 0, +-1)``). Then

- a shot in the Z basis with another number of 1 has seen an error and is thrown away
  (:func:`postselect`). Errors that conserve the number stay, and pairs of errors that undo each
  other's change of it. Shots in X and Y cannot be checked, but nothing has to be read there: X and
  Y polarizations are 0 by the same symmetry.
- otherwise single shots cannot be checked, but the mean can: ``sum_k P_kz`` is known from the
  start, and noise that damps all polarizations by one factor shows this factor
  (:func:`rescale`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...errors import QnuError

#: The measured total must be this many standard errors away from 0 to divide by it: then the
#: ratio is biased by less than 1/8^2 = 2 % and its error is known to 6 %.
SIGNIFICANT = 8.0
#: A total that is larger than the conserved one by this many standard errors is pulled, not damped.
PULLED = 5.0


class Calibration(NamedTuple):
    """Readout errors, one entry per qubit: chances and their standard errors.

    Args:
        zero: |0> read as 1.
        one: |1> read as 0.
        zero_error: of ``zero``.
        one_error: of ``one``.

    Raises:
        QnuError: never.

    References:
        Maciejewski, Zimboras, Oszmaniec (Quantum 4, 257).

    Examples:
        >>> Calibration(np.array([0.1]), np.array([0.2]), np.zeros(1), np.zeros(1)).one
        array([0.2])
    """

    zero: Floats
    one: Floats
    zero_error: Floats
    one_error: Floats


def postselect(outcomes: Floats, number: Floats, ones: int) -> tuple[Floats, Floats, float]:
    """Only shots in the Z basis with the right number of 1.

    Args:
        outcomes: ``(kinds, N)``, +1 for |0> and -1 for |1>.
        number: ``(kinds,)`` how often each came.
        ones: from :func:`conserved_ones`.

    Returns:
        outcomes and numbers that are left, and the retained fraction of the shots.

    Raises:
        QnuError: no shot is left.

    References:
        Bonet-Monroig et al. (PRA 98, 062339); McArdle, Yuan, Benjamin (PRL 122, 180501).

    Examples:
        >>> seen = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        >>> postselect(seen, np.array([60.0, 20.0, 20.0]), ones=1)[1:]
        (array([60., 20.]), 0.8)
    """
    good = (outcomes < 0).sum(axis=1) == ones
    left = float(number[good].sum() / number.sum())
    if left == 0.0:
        raise QnuError(
            "mitigation.symmetry",
            reason=f"no shot of {number.sum():g} has {ones} neutrinos in mass state 2;"
            " more shots, or a shorter circuit",
        )
    return outcomes[good], number[good], left


def covariance(outcomes: Floats, number: Floats, error: Floats) -> Floats:
    """``(N, N)`` covariances of the means: neutrinos of one shot are correlated.

    Args:
        outcomes: ``(kinds, N)``, +1 or -1.
        number: ``(kinds,)`` how often each came.
        error: ``(N,)`` standard errors of the means; their squares become the diagonal.

    Returns:
        the matrix.

    Raises:
        QnuError: never.

    References:
        the sample covariance.

    Examples:
        >>> both = np.array([[1.0, 1.0], [-1.0, -1.0]])
        >>> covariance(both, np.array([50.0, 51.0]), np.array([0.1, 0.1])).round(4)
        array([[0.01, 0.01],
               [0.01, 0.01]])
    """
    shots = number.sum()
    away = outcomes - number @ outcomes / shots
    found: Floats = (away.T * number) @ away / (shots * max(shots - 1, 1))
    np.fill_diagonal(found, error**2)
    return found


def correct_readout(
    mean: Floats, spread: Floats, calibration: Calibration
) -> tuple[Floats, Floats]:
    """``z = (m - (e_1 - e_0)) / (1 - e_0 - e_1)``: the mean before the readout's errors.

    For errors that are independent from qubit to qubit this is exact for every mean of one qubit,
    at any number of qubits and shots; it is what the inverse of the whole assignment matrix gives.

    Args:
        mean: ``(N,)`` as read.
        spread: ``(N, N)`` covariances.
        calibration: of these qubits: ``e_0 = zero``, ``e_1 = one``.

    Returns:
        mean and covariances, those of the calibration included.

    Raises:
        QnuError: a qubit whose readout says nothing (``e_0 + e_1 >= 1``).

    References:
        Nation et al. (PRX Quantum 2, 040326), whose mthree gives the same; Maciejewski et al.
        (Quantum 4, 257).

    Examples:
        >>> exact = Calibration(np.array([0.1]), np.array([0.2]), np.zeros(1), np.zeros(1))
        >>> correct_readout(np.array([0.8]), np.array([[0.01]]), exact)[0].round(12)
        array([1.])
    """
    slope = 1 - calibration.zero - calibration.one
    if (slope <= 0).any():
        bad = int(np.argmin(slope))
        raise QnuError(
            "mitigation.readout",
            reason=f"qubit of neutrino {bad} reads |0> as 1 in {calibration.zero[bad]:.3g} and"
            f" |1> as 0 in {calibration.one[bad]:.3g} of the shots: nothing can be corrected;"
            " choose other qubits ([compile] layout)",
        )
    z = (mean - (calibration.one - calibration.zero)) / slope
    own = (1 + z) ** 2 * calibration.zero_error**2 + (1 - z) ** 2 * calibration.one_error**2
    return z, spread / np.outer(slope, slope) + np.diag(own / slope**2)


def can_rescale(seen: Floats, error: Floats, times: Floats, total: float) -> bool:
    """``S(t) = sum_j P_jz(t)`` is far from 0 at all sample times: one answer for a whole run.

    Asked sample by sample, shots that happen to show a large total would be rescaled and others
    not: a mixture that is biased and whose scatter no error bar describes. So a straight line is
    put through the totals of all samples, since noise damps more and more. All samples are rescaled
    if the whole line is at least 8 standard errors of a single sample away from 0, with the sign of
    the conserved total, and nowhere larger than it by more than 5. Else none is. With T samples the
    line is surer than one sample by about sqrt(T)/2. A run of one or two samples decides on their
    own totals: one whose damped total is near 8 standard errors may fall on either side.

    Args:
        seen: ``(time,)`` measured totals.
        error: ``(time,)`` their standard errors.
        times: ``(time,)`` sample times.
        total: the conserved one.

    Returns:
        whether :func:`rescale` may be used for this run.

    Raises:
        QnuError: never.

    References:
        qnu's own.

    Examples:
        >>> times, error = np.array([0.0, 1.0, 2.0]), np.full(3, 0.1)
        >>> can_rescale(np.array([1.6, 1.3, 1.1]), error, times, total=1.6)
        True
        >>> can_rescale(np.array([1.6, 1.0, 0.5]), error, times, total=1.6)
        False
    """
    one = float(np.sqrt(np.mean(error**2)))
    away = times - times.mean()
    slope = away @ seen / (away @ away) if away.any() else 0.0
    line = np.sign(total) * (seen.mean() + slope * away)
    small_enough = bool(line.max() <= abs(total) + PULLED * one)
    return small_enough and bool(line.min() >= SIGNIFICANT * one) and total != 0.0


def rescale(mean: Floats, spread: Floats, total: float) -> tuple[Floats, Floats, Floats, float]:
    """``P_k -> P_k (sum_j P_jz(0)) / (sum_j P_jz)``: damping undone by what must be conserved.

    Right if noise damps the polarizations of all neutrinos, in all three components, by one common
    factor f, as global depolarization does; then ``f = sum_j P_jz / sum_j P_jz(0)``. Errors are
    carried through, with the correlations of numerator and denominator, and those that the common
    factor makes between the components of one neutrino. It is ill-defined where the total is near
    0, and wrong where the total is not damped but pulled (relaxation towards |0>, a readout that
    favours one outcome): ask :func:`can_rescale` first, once for all samples of a run.

    The error of the total is the sum over ``spread[2]``. Shots in the Z basis show how neutrinos
    are correlated; an estimator's error bars do not, so there they are taken as uncorrelated, and
    the error of the total (in a sharp start mostly too large) is no better than that.

    Args:
        mean: ``(N, 3)`` polarizations.
        spread: ``(3, N, N)`` covariances, component by component.
        total: ``sum_j P_jz`` at the start.

    Returns:
        polarizations, covariances as given, covariances ``(N, 3, 3)`` of two different components
        of one neutrino (diagonal 0), f.

    Raises:
        QnuError: never.

    References:
        Vovrosh et al. (PRE 104, 035309) for global depolarization; qnu's own use of B.

    Examples:
        >>> damped = 0.5 * np.array([[0.6, 0.0, 0.8], [0.0, 0.6, 0.8]])
        >>> fixed, _, _, factor = rescale(damped, np.full((3, 2, 2), 1e-6), total=1.6)
        >>> fixed.round(12).tolist(), round(factor, 12)
        ([[0.6, 0.0, 0.8], [0.0, 0.6, 0.8]], 0.5)
    """
    seen = float(mean[:, 2].sum())
    up = total / seen
    result = up * mean
    # d(P_k / S) = dP_k / S - P_k dS / S^2; only z shares its shots with S
    relative = float(spread[2].sum()) / seen**2
    wide = up**2 * spread
    for axis in (0, 1):
        wide[axis] += np.outer(result[:, axis], result[:, axis]) * relative
    turn = np.eye(len(mean)) - np.outer(mean[:, 2], np.ones(len(mean))) / seen
    wide[2] = up**2 * turn @ spread[2] @ turn.T
    # between components: P_ka P_kb var(S) / S^2, less what the z of neutrino k shares with S
    cross = np.einsum("ka,kb->kab", result, result) * relative
    shared = result * (up * spread[2].sum(axis=1) / seen)[:, None]
    cross[:, 2] -= shared
    cross[:, :, 2] -= shared
    cross[:, range(3), range(3)] = 0.0
    return result, wide, cross, 1 / up


def group_errors(
    spread: Floats, members: tuple[NDArray[np.intp], ...] | list[NDArray[np.intp]], shots: float
) -> Floats:
    """``(groups,)`` standard errors of group means, from the covariances of the neutrinos.

    Args:
        spread: ``(N, N)``.
        members: which neutrinos are in each group.
        shots: how many; few shots may give a variance below 0, so it is at least what one of
            ``shots + 1`` independent readings would leave.

    Returns:
        standard errors.

    Raises:
        QnuError: never.

    References:
        the variance of a mean.

    Examples:
        >>> group_errors(np.array([[4.0, 2.0], [2.0, 4.0]]), [np.array([0, 1])], 100)
        array([1.73205081])
    """
    result = np.empty(len(members))
    for g, some in enumerate(members):
        block = spread[np.ix_(some, some)]
        own = np.trace(block) / len(some) ** 2
        result[g] = np.sqrt(max(block.sum() / len(some) ** 2, own / (shots + 1)))
    return result
