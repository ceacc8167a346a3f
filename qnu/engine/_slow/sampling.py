"""Draws from a state vector, by one cumulative sum over all of it."""

import numpy as np


def draw(state, shots, rng):
    """The first index where the cumulative sum of ``|a|^2`` exceeds ``u <psi|psi>``."""
    sums = np.cumsum(np.abs(state.astype(np.complex128)) ** 2)
    return np.searchsorted(sums, rng.random(shots) * sums[-1], side="right")


def bits(indices, count):
    """Digits of each index, lowest first."""
    return np.array([[int(d) for d in reversed(f"{k:0{count}b}")] for k in indices], np.uint8)
