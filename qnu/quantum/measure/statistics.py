"""From counts to polarizations with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...observables import OF_ONE, Variables

__all__ = [
    "covariance",
    "group_error",
    "group_errors",
    "mean_and_error",
    "of_one_with_errors",
]


def mean_and_error(outcomes: Floats, number: Floats) -> tuple[Floats, Floats]:
    r"""Mean of +-1 outcomes and its standard error, both ``(qubits,)``.

    With k of n shots up, the mean is :math:`2k/n - 1`. Its error is that of a binomial of
    probability :math:`p = (k + 1/2)/(n + 1)` (Jeffreys), :math:`2\sqrt{p(1 - p)/(n + 2)}`: about
    :math:`\sqrt{(1 - m^2)/n}`, but not 0 where all outcomes agree, since n shots cannot distinguish
    1 from 1 - 1/n.
    """
    shots = number.sum()
    mean = number @ outcomes / shots
    p = (shots * (1 + mean) / 2 + 0.5) / (shots + 1)
    return mean, 2 * np.sqrt(p * (1 - p) / (shots + 2))


def covariance(outcomes: Floats, number: Floats, error: Floats) -> Floats:
    """``(N, N)`` covariances of the means: neutrinos of one shot are correlated.

    Args:
        outcomes: ``(kinds, N)``, +1 or -1.
        number: ``(kinds,)`` how often each occurred.
        error: ``(N,)`` standard errors of the means; their squares become the diagonal.

    Returns:
        the matrix.

    Examples:
        >>> both = np.array([[1.0, 1.0], [-1.0, -1.0]])
        >>> covariance(both, np.array([50.0, 51.0]), np.array([0.1, 0.1])).round(4)
        array([[0.01, 0.01],
               [0.01, 0.01]])
    """
    shots = number.sum()
    away = outcomes - number @ outcomes / shots
    result: Floats = (away.T * number) @ away / (shots * max(shots - 1, 1))
    np.fill_diagonal(result, error**2)
    return result


def group_errors(spread: Floats, members: Sequence[NDArray[Any]], shots: float) -> Floats:
    """``(groups,)`` standard errors of group means, from the covariances of the neutrinos.

    Args:
        spread: ``(N, N)``.
        members: the neutrinos of each group.
        shots: how many. With few of them the estimated variance may be negative; it is at least
            the variance of independent neutrinos divided by ``shots + 1``.

    Returns:
        standard errors.

    Examples:
        >>> group_errors(np.array([[4.0, 2.0], [2.0, 4.0]]), [np.array([0, 1])], 100)
        array([1.73205081])
    """
    result = np.empty(len(members))
    for g, rows in enumerate(members):
        block = spread[np.ix_(rows, rows)]
        own = np.trace(block) / len(rows) ** 2
        result[g] = np.sqrt(max(block.sum() / len(rows) ** 2, own / (shots + 1)))
    return result


def group_error(
    outcomes: Floats, number: Floats, error: Floats, members: Sequence[NDArray[Any]]
) -> Floats:
    """:func:`group_errors` from the shots themselves, with ``error`` as in :func:`covariance`."""
    return group_errors(covariance(outcomes, number, error), members, number.sum())


def of_one_with_errors(
    names: Sequence[str], vectors: Floats, error: Floats, cross: Floats | None = None
) -> Variables:
    r"""Entropy and purity from shots, with errors propagated from :math:`|\mathbf P|^2`.

    ``cross (..., 3, 3)`` are covariances C of different components (diagonal 0), where there are
    any: the variance of :math:`|\mathbf P|^2` is
    :math:`4\,\mathbf P C\,\mathbf P + 2\,\mathrm{tr}\,C^2`, with the squares of ``error`` on the
    diagonal of C.
    """
    square = np.sum(vectors**2 - error**2, axis=-1)
    quarter = np.sum((vectors * error) ** 2, axis=-1) + np.sum(error**4, axis=-1) / 2
    if cross is not None:
        quarter += np.einsum("...a,...ab,...b->...", vectors, cross, vectors)
        quarter += np.sum(cross**2, axis=(-2, -1)) / 2
    spread = 2 * np.sqrt(quarter)
    variables: Variables = {}
    for name in names:
        middle, low, high = (
            _of_length(name, np.sqrt(np.clip(value, 0.0, 1.0)))
            for value in (square, square - spread, square + spread)
        )
        variables[name] = (("time", "neutrino"), middle)
        variables[f"{name}_error"] = (("time", "neutrino"), abs(high - low) / 2)
    return variables


def _of_length(name: str, length: Floats) -> Floats:
    zero = np.zeros_like(length)
    return OF_ONE[name](np.stack([zero, zero, length], axis=-1))
