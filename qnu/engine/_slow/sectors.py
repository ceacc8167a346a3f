"""Weight sectors by way of the full vector: scattered into 2^N amplitudes, dense algebra there."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def configurations(count: int, weight: int) -> Array:
    """All patterns of ``count`` bits with ``weight`` ones, in numeric order."""
    chosen = itertools.combinations(range(count), weight)
    return np.array(sorted(sum(1 << n for n in ones) for ones in chosen), np.int64)


def embed(state: Array, count: int, weight: int) -> Array:
    """The vector of 2^N amplitudes, zero outside the sector."""
    full = np.zeros(2**count, state.dtype)
    full[configurations(count, weight)] = state
    return full


def restrict(full: Array, count: int, weight: int) -> Array:
    """The amplitudes of a sector."""
    amplitudes: Array = full[configurations(count, weight)]
    return amplitudes


def apply_blocks(full: Array, first: Any, second: Any, blocks: Any) -> Array:
    """4x4 gates on a full vector, one after the other, as tensors of N indices."""
    count = int(np.log2(full.size))
    for i, j, block in zip(first, second, blocks, strict=True):
        gate = np.eye(4, dtype=complex)
        gate[1:3, 1:3] = block
        axes = [count - 1 - i, count - 1 - j]  # axis 0 is the highest bit
        parts = np.moveaxis(full.reshape((2,) * count), axes, (0, 1))
        turned = (gate @ parts.reshape(4, -1)).reshape(parts.shape)
        full = np.moveaxis(turned, (0, 1), axes).reshape(-1)
    return full


def _split(full: Array, kept: Any) -> Array:
    """Amplitudes as a matrix: some neutrinos, the first of them leftmost, and the others."""
    count = int(np.log2(full.size))
    axes = [count - 1 - n for n in kept]
    parts = np.moveaxis(full.reshape((2,) * count), axes, range(len(axes)))
    return parts.reshape(2 ** len(axes), -1)


def density(full: Array, kept: Any) -> Array:
    """Reduced density matrix of some neutrinos, the first of them the leftmost factor."""
    matrix = _split(full, kept)
    rho: Array = matrix @ matrix.conj().T
    return rho


def entropy(full: Array, kept: Any) -> float:
    """``-sum p log2 p`` over the squares of the Schmidt coefficients."""
    values = np.linalg.svd(_split(full, kept), compute_uv=False) ** 2
    values = values[values > 1e-15]
    return float(-(values * np.log2(values)).sum())
