"""Bitstrings drawn from a state vector: what a readout of all neutrinos would give.

Two levels: the weight of every block of amplitudes in one pass, then a scan through only those
blocks that hold draws. Beside the state there are 8 bytes per block and 32 per shot (of at most
``_AT_ONCE`` shots), never an array as long as the state.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import integer
from ...common.jit import prange
from ...errors import QnuError
from ..compiled import serial_and_threads

#: Amplitudes of a block: few enough to scan for a single shot, 16 MiB of sums at 31 neutrinos.
_BLOCK = 1 << 10
#: From this many amplitudes on the blocks are shared between threads.
_THREADS_FROM = 1 << 16
#: Shots that are sorted and looked up together.
_AT_ONCE = 1 << 20


def _weights_of(parts, out):
    """Sum of squares of each block of the real and imaginary parts."""
    size = parts.size // out.size
    for block in prange(out.size):
        row = parts[block * size : (block + 1) * size]
        total = 0.0
        for k in range(size):
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
        for k in range(base, base + size):
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
_weights_serial, _weights_threads = serial_and_threads(_weights_of, {"reassoc", "contract"})
_find_serial, _find_threads = serial_and_threads(_find_in_blocks)


def draw(state: NDArray[Any], shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``P(k) = |a_k|^2 / <psi|psi>``: basis states k, independently drawn.

    Each shot uses one number of the generator, so that the first shots do not depend on how many
    follow, and none depends on the number of threads.

    Args:
        state: ``2^N`` amplitudes, complex64 or complex128, of any norm.
        shots: how many.
        rng: a NumPy generator.

    Returns:
        ``(shots,)`` indices; bit k of an index is neutrino k.

    Raises:
        QnuError: a negative number of shots, a state without a finite norm above 0.

    Examples:
        >>> import numpy as np
        >>> draw(np.array([0, 3j, 0, 0]), 4, np.random.default_rng(1))
        array([1, 1, 1, 1])
    """
    shots = integer("shots", shots)
    many = state.size >= _THREADS_FROM
    parts = state.view(state.real.dtype)
    size = min(_BLOCK, state.size)
    below = np.empty(state.size // size + 1)
    below[0] = 0.0
    (_weights_threads if many else _weights_serial)(parts, below[1:])
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
        found = np.empty_like(blocks)
        (_find_threads if many else _find_serial)(parts, size, blocks, starts, chosen, found)
        out[start : start + len(chosen)][order] = found
    return out


def bits(indices: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``b_k = (index >> k) & 1``: the readout of each neutrino, 0 for mass state 1.

    Args:
        indices: ``(shots,)`` basis states.
        count: N neutrinos.

    Returns:
        ``(shots, N)``, column k is neutrino k.

    Examples:
        >>> import numpy as np
        >>> bits(np.array([1, 6]), 3)
        array([[1, 0, 0],
               [0, 1, 1]], dtype=uint8)
    """
    out = np.empty((len(indices), count), np.uint8)
    for k in range(count):  # one column at a time: no (shots, N) array of 8-byte numbers
        out[:, k] = (indices >> k) & 1
    return out
