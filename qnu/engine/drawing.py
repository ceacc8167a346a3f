"""Indices drawn with the weights ``|a_k|^2`` of a vector of amplitudes, of any length.

Two levels: the weight of every block of amplitudes in one pass, then a scan through only those
blocks that hold draws. Beside the state there are 8 bytes per block and 32 per shot (of at most
``_AT_ONCE`` shots), never an array as long as the state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common.checks import integer
from ..common.jit import prange
from ..errors import QnuError
from .compiled import serial_and_threads

#: From this many amplitudes on the blocks are shared between threads.
_THREADS_FROM = 1 << 16
#: Shots that are sorted and looked up together.
_AT_ONCE = 1 << 20


def _block_sums_of(parts, size, out):
    """Sum of squares of ``size`` numbers after ``size`` numbers; the last block may be shorter."""
    for block in prange(out.size):
        row = parts[block * size : min((block + 1) * size, parts.size)]
        total = 0.0
        for k in range(row.size):
            value = np.float64(row[k])
            total += value * value
        out[block] = total


def _find_in_blocks(parts, size, blocks, starts, rests, out):
    """Index of each draw, ``rests`` sorted; draws ``starts[g] : starts[g + 1]`` share a block.

    Strictly more than the rest: an amplitude of weight 0 is never taken. Where rounding leaves the
    rest above the last sum, the last amplitude with any weight is.
    """
    for g in prange(starts.size - 1):
        draw, stop = starts[g], starts[g + 1]
        base = blocks[draw] * size
        total, last = 0.0, base
        for k in range(base, min(base + size, parts.size // 2)):
            real, imag = np.float64(parts[2 * k]), np.float64(parts[2 * k + 1])
            weight = real * real + imag * imag
            if weight > 0.0:
                last = k
            total += weight
            while draw < stop and total > rests[draw]:
                out[draw] = k
                draw += 1
            if draw == stop:
                break
        while draw < stop:
            out[draw] = last
            draw += 1


# "reassoc": sums by lanes, hence vectorised; a block is always summed by one thread
_block_sums = serial_and_threads(_block_sums_of, {"reassoc", "contract"})
_find = serial_and_threads(_find_in_blocks)


def draw(state: NDArray[Any], shots: int, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """``P(k) = |a_k|^2 / <psi|psi>``: indices k, independently drawn.

    Each shot uses one number of the generator, so that the first shots do not depend on how many
    follow, and none depends on the number of threads.

    Args:
        state: amplitudes, complex64 or complex128, of any norm.
        shots: how many.
        rng: a NumPy generator.
        size: amplitudes of a block.

    Returns:
        ``(shots,)`` indices.

    Raises:
        QnuError: a negative number of shots, a state without a finite norm above 0.
    """
    shots = integer("shots", shots)
    threads = state.size >= _THREADS_FROM
    parts = state.view(state.real.dtype)
    below = np.empty(-(-state.size // size) + 1)
    below[0] = 0.0
    _block_sums[threads](parts, 2 * size, below[1:])
    # in place: below[b] is the weight of all blocks before b
    np.cumsum(below[1:], out=below[1:])
    total = below[-1]
    if not (np.isfinite(total) and total > 0):
        raise QnuError("state", float(total), "amplitudes with a finite norm > 0")
    last = int(np.searchsorted(below[1:], total))  # the last block with any weight
    out = np.empty(shots, np.int64)
    for start in range(0, shots, _AT_ONCE):
        chosen = rng.random(min(_AT_ONCE, shots - start)) * total
        order = np.argsort(chosen)
        chosen = chosen[order]
        blocks = np.minimum(np.searchsorted(below[1:], chosen, side="right"), last)
        chosen -= below[blocks]
        starts = np.flatnonzero(np.diff(blocks, prepend=-1, append=-1))
        indices = np.empty_like(blocks)
        _find[threads](parts, size, blocks, starts, chosen, indices)
        out[start : start + len(chosen)][order] = indices
    return out
