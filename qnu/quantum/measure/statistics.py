"""From counts to polarizations with standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...observables import OF_ONE, Variables


def mean_and_error(outcomes: Floats, number: Floats) -> tuple[Floats, Floats]:
    """Mean of +-1 outcomes and its standard error, both ``(qubits,)``.

    With k of n shots up, the mean is ``2k/n - 1``. Its error is that of a binomial of probability
    ``(k + 1/2)/(n + 1)`` (Jeffreys), ``2 sqrt(p(1-p)/(n + 2))``: sqrt((1 - m^2)/n) but for
    outcomes that all agree, where n shots cannot tell 1 from 1 - 1/n and an error of 0 would be
    wrong.
    """
    shots = number.sum()
    mean = number @ outcomes / shots
    p = (shots * (1 + mean) / 2 + 0.5) / (shots + 1)
    return mean, 2 * np.sqrt(p * (1 - p) / (shots + 2))


def group_error(
    outcomes: Floats, number: Floats, error: Floats, members: tuple[NDArray[Any], ...]
) -> Floats:
    """``(groups,)`` standard errors of group means: neutrinos of one shot are correlated.

    The variance of the group's mean from shot to shot, with each neutrino's own share replaced by
    the square of ``error``.
    """
    shots = number.sum()
    result = np.empty(len(members))
    for g, some in enumerate(members):
        part = outcomes[:, some]
        mean = number @ part / shots
        of_group = part.mean(axis=1)
        spread = number @ (of_group - mean.mean()) ** 2 / shots
        own = (1 - mean**2).sum() / len(some) ** 2
        variance = (spread - own) / max(shots - 1, 1) + (error[some] ** 2).sum() / len(some) ** 2
        # with few shots the two estimates of the neutrinos' own share may not cancel
        floor = (error[some] ** 2).sum() / len(some) ** 2 / (shots + 1)
        result[g] = np.sqrt(max(variance, floor))
    return result


def of_one_with_errors(
    names: Sequence[str], vectors: Floats, error: Floats, cross: Floats | None = None
) -> Variables:
    """Entropy and purity from shots, with errors carried over from |P|^2.

    ``cross (..., 3, 3)`` are covariances C of different components (diagonal 0), where there are
    any: the variance of |P|^2 is ``4 P C P + 2 tr C^2``, with the squares of ``error`` in C.
    """
    square = np.sum(vectors**2 - error**2, axis=-1)
    quarter = np.sum((vectors * error) ** 2, axis=-1) + np.sum(error**4, axis=-1) / 2
    if cross is not None:
        quarter += np.einsum("...a,...ab,...b->...", vectors, cross, vectors)
        quarter += np.sum(cross**2, axis=(-2, -1)) / 2
    spread = 2 * np.sqrt(quarter)
    found: Variables = {}
    for name in names:
        middle, low, high = (
            _of_length(name, np.sqrt(np.clip(value, 0.0, 1.0)))
            for value in (square, square - spread, square + spread)
        )
        found[name] = (("time", "neutrino"), middle)
        found[f"{name}_error"] = (("time", "neutrino"), abs(high - low) / 2)
    return found


def _of_length(name: str, length: Floats) -> Floats:
    zero = np.zeros_like(length)
    return OF_ONE[name](np.stack([zero, zero, length], axis=-1))
