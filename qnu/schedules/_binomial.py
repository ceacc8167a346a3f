"""Binomial numbers, the same as those of NumPy in less time."""

from __future__ import annotations

import math

import numpy as np

from ..common.checks import Floats
from .rows import Indices

#: Up to this mean, NumPy inverts the distribution; beyond it, it has a method of rejection.
_INVERTED = 30.0
#: Cells of the table, and how much closer than that to a border rounding may decide.
_CELLS = 1 << 12
_ROUNDING = 1e-9


def binomial(rng: np.random.Generator, n: int, p: float, size: int) -> Indices:
    r"""``rng.binomial(n, p, size)``, number by number, and the generator in the same state after.

    Where the mean of successes (or of failures) is at most 30, NumPy compares a uniform number with

    .. math:: P(X) = \binom nX p^X (1 - p)^{n - X}

    one X after the other, with a division for each. They are the same for all numbers of an array,
    so here they are computed once, and most numbers are found in a table.

    Args:
        rng: the generator, which is used.
        n: trials.
        p: probability of success, from 0 to 1.
        size: how many numbers.

    Returns:
        ``(size,)`` numbers of successes.

    References:
        Devroye, Non-Uniform Random Variate Generation (1986), chapter X.4.

    Examples:
        >>> binomial(np.random.default_rng(1), 50, 0.1, 8).tolist()
        [5, 9, 3, 9, 4, 4, 7, 4]
        >>> np.random.default_rng(1).binomial(50, 0.1, 8).tolist()
        [5, 9, 3, 9, 4, 4, 7, 4]
    """
    from .kernels import invert_distribution

    rare = p if p <= 0.5 else 1.0 - p
    if n == 0 or rare == 0.0 or rare * n > _INVERTED:
        return np.asarray(rng.binomial(n, p, size))
    probabilities = _probabilities(n, rare)
    certain = _certain(probabilities)
    result = np.empty(size, np.int64)
    done = 0
    while done < size:
        done += invert_distribution(rng.random(size - done), probabilities, certain, result[done:])
    return result if p <= 0.5 else n - result


def _probabilities(n: int, p: float) -> Floats:
    """Of 0, 1, ... successes, with NumPy's operations, as far as NumPy goes; then infinity."""
    q = 1.0 - p
    most = int(min(n, n * p + 10.0 * math.sqrt(n * p * q + 1)))
    values = [math.exp(n * math.log1p(-p))]
    for x in range(1, most + 1):
        values.append((n - x + 1) * p * values[-1] / (x * q))
    return np.array([*values, math.inf])


def _certain(probabilities: Floats) -> Indices:
    """The number that every uniform number of a cell gives; -1 where they differ."""
    sums = np.cumsum(probabilities[:-1])
    edges = np.arange(_CELLS + 1) / _CELLS
    lowest = np.searchsorted(sums, edges[:-1] - _ROUNDING)
    highest = np.searchsorted(sums, edges[1:] + _ROUNDING)
    # a number beyond the last sum is none
    same = (lowest == highest) & (highest < len(sums))
    return np.where(same, lowest, -1).astype(np.int64)
