r"""Error mitigation by a conserved quantity, and correction of the readout.

Without matter and fresh partners, encounters and free streaming conserve the total polarization
along B, :math:`\sum_k P_{kz}`. If each neutrino starts in a mass state (all
:math:`\mathbf P = (0, 0, \pm1)`), this is the number of neutrinos in mass state 2, and

- a shot in the Z basis with another number of 1 contains an error and is discarded
  (:func:`postselect`). Errors that conserve the number are not detected, nor are pairs of errors
  that cancel in it. Shots in X and Y cannot be checked, but they are not needed: X and Y
  polarizations are 0 by the same symmetry.
- otherwise single shots cannot be checked, but the mean can: :math:`\sum_k P_{kz}` is known from
  the initial state, so noise that damps all polarizations by one factor reveals this factor
  (:func:`rescale`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...common.checks import Floats
from ...errors import QnuError

__all__ = [
    "Calibration",
    "can_rescale",
    "correct_readout",
    "postselect",
    "rescale",
]

#: Standard errors that the measured total must be away from 0 to divide by it: then the ratio is
#: biased by less than 1/8^2 = 2 % and its error is known to 6 %.
SIGNIFICANT = 8.0
#: A total above the conserved one by this many standard errors is shifted by noise, not damped.
SHIFTED = 5.0


class Calibration(NamedTuple):
    r"""Readout errors, one entry per qubit: probabilities and their standard errors.

    Args:
        zero: probability that :math:`|0\rangle` is read as 1.
        one: probability that :math:`|1\rangle` is read as 0.
        zero_error: of ``zero``.
        one_error: of ``one``.

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
    r"""Shots in the Z basis with the conserved number of 1.

    Args:
        outcomes: ``(kinds, N)``, +1 for :math:`|0\rangle` and -1 for :math:`|1\rangle`.
        number: ``(kinds,)`` how often each occurred.
        ones: from :func:`qnu.conservation.conserved_ones`.

    Returns:
        the remaining outcomes and numbers, and the retained fraction of the shots.

    Raises:
        QnuError: no shot is left.

    References:
        Bonet-Monroig et al. (PRA 98, 062339); McArdle, Yuan, Benjamin (PRL 122, 180501).

    Examples:
        >>> outcomes = np.array([[1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
        >>> postselect(outcomes, np.array([60.0, 20.0, 20.0]), ones=1)[1:]
        (array([60., 20.]), 0.8)
    """
    selected = (outcomes < 0).sum(axis=1) == ones
    retained = float(number[selected].sum() / number.sum())
    if retained == 0.0:
        raise QnuError(
            "mitigation.symmetry",
            reason=f"no shot of {number.sum():g} has {ones} neutrinos in mass state 2;"
            " more shots, or a shorter circuit",
        )
    return outcomes[selected], number[selected], retained


def correct_readout(
    mean: Floats, spread: Floats, calibration: Calibration
) -> tuple[Floats, Floats]:
    r""":math:`z = (m - (e_1 - e_0))/(1 - e_0 - e_1)`: the mean without readout errors.

    For errors that are independent from qubit to qubit this is exact for the mean of every qubit,
    for any number of qubits and shots: the inverse of the whole assignment matrix gives the same.

    Args:
        mean: ``(N,)`` measured means.
        spread: ``(N, N)`` covariances.
        calibration: of these qubits: :math:`e_0` is its ``zero``, :math:`e_1` its ``one``.

    Returns:
        mean and covariances, including those of the calibration.

    Raises:
        QnuError: a qubit whose readout carries no information (:math:`e_0 + e_1 \ge 1`).

    References:
        Nation et al. (PRX Quantum 2, 040326), whose package mthree gives the same; Maciejewski et
        al. (Quantum 4, 257).

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


def can_rescale(measured: Floats, error: Floats, times: Floats, total: float) -> bool:
    r"""Whether :math:`S(t) = \sum_j P_{jz}(t)` is far from 0 at all sample times: one decision per
    run.

    Decided sample by sample, only those shots that happen to show a large total would be rescaled:
    a biased mixture whose scatter no error bar describes. Instead a straight line is fitted to the
    totals of all samples, since noise damps more and more. All samples are rescaled if the whole
    line is at least 8 standard errors of a single sample away from 0, has the sign of the conserved
    total, and nowhere exceeds it by more than 5; otherwise none is. With T samples the line is more
    precise than one sample by about :math:`\sqrt T/2`. For one or two samples their own totals
    decide: a run whose damped total is near 8 standard errors may fall on either side.

    Args:
        measured: ``(time,)`` measured totals.
        error: ``(time,)`` their standard errors.
        times: ``(time,)`` sample times.
        total: the conserved total.

    Returns:
        whether :func:`rescale` may be used for this run.

    Examples:
        >>> times, error = np.array([0.0, 1.0, 2.0]), np.full(3, 0.1)
        >>> can_rescale(np.array([1.6, 1.3, 1.1]), error, times, total=1.6)
        True
        >>> can_rescale(np.array([1.6, 1.0, 0.5]), error, times, total=1.6)
        False
    """
    one = float(np.sqrt(np.mean(error**2)))
    away = times - times.mean()
    slope = away @ measured / (away @ away) if away.any() else 0.0
    line = np.sign(total) * (measured.mean() + slope * away)
    small_enough = bool(line.max() <= abs(total) + SHIFTED * one)
    return small_enough and bool(line.min() >= SIGNIFICANT * one) and total != 0.0


def rescale(mean: Floats, spread: Floats, total: float) -> tuple[Floats, Floats, Floats, float]:
    r""":math:`\mathbf P_k \to \mathbf P_k \sum_j P_{jz}(0)/\sum_j P_{jz}`: damping undone by the
    total.

    Correct if noise damps all components of all polarizations by one common factor f, as global
    depolarization does; then :math:`f = \sum_j P_{jz}/\sum_j P_{jz}(0)`. Errors are propagated,
    with the correlations of numerator and denominator, and those that the common factor induces
    between the components of one neutrino. The ratio is ill-defined where the total is near 0, and
    wrong where noise shifts the total instead of damping it (relaxation towards :math:`|0\rangle`,
    a readout that favors one outcome): use :func:`can_rescale` first, once for all samples of a
    run.

    The variance of the total is the sum over ``spread[2]``. Shots in the Z basis contain the
    correlations of the neutrinos. An estimator's error bars do not: its neutrinos are taken as
    uncorrelated, which mostly overestimates the error of the total for a sharp initial state.

    Args:
        mean: ``(N, 3)`` polarizations.
        spread: ``(3, N, N)`` covariances, component by component.
        total: :math:`\sum_j P_{jz}` of the initial state.

    Returns:
        polarizations, covariances in the same form, covariances ``(N, 3, 3)`` of different
        components of one neutrino (diagonal 0), f.

    References:
        Vovrosh et al. (PRE 104, 035309) for global depolarization.

    Examples:
        >>> damped = 0.5 * np.array([[0.6, 0.0, 0.8], [0.0, 0.6, 0.8]])
        >>> fixed, _, _, factor = rescale(damped, np.full((3, 2, 2), 1e-6), total=1.6)
        >>> fixed.round(12).tolist(), round(factor, 12)
        ([[0.6, 0.0, 0.8], [0.0, 0.6, 0.8]], 0.5)
    """
    measured = float(mean[:, 2].sum())
    up = total / measured
    result = up * mean
    # d(P_k / S) = dP_k / S - P_k dS / S^2; only z shares its shots with S
    relative = float(spread[2].sum()) / measured**2
    wide = up**2 * spread
    for axis in (0, 1):
        wide[axis] += np.outer(result[:, axis], result[:, axis]) * relative
    turn = np.eye(len(mean)) - np.outer(mean[:, 2], np.ones(len(mean))) / measured
    wide[2] = up**2 * turn @ spread[2] @ turn.T
    # between components: P_ka P_kb var(S) / S^2, minus the covariance of P_kz with S
    cross = np.einsum("ka,kb->kab", result, result) * relative
    shared = result * (up * spread[2].sum(axis=1) / measured)[:, None]
    cross[:, 2] -= shared
    cross[:, :, 2] -= shared
    cross[:, range(3), range(3)] = 0.0
    return result, wide, cross, 1 / up
