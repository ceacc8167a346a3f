"""Tiles of a weight sector: some bits vary, the others are fixed.

Take s of the N bits, the lowest ones among them. With the other bits fixed, the amplitudes left
form a small sector of s bits, which fits in cache, and all fixed patterns with equally many ones
have the same one. So several such tiles go through the cache together, one beside the other as
lanes of rows of 64 bytes: an exchange is then arithmetic on whole rows, at any two bits, with no
row left over and no shuffling, and its list of rows serves all tiles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.jit import njit, prange
from ..compiled import serial_and_threads
from ..statevector.fused import aligned
from .ranks import BINOMIAL, Sector, offset, partial_ranks
from .rows import (
    ROW_BYTES,
    carry_in_double,
    carry_in_single,
    carry_out_double,
    carry_out_single,
    exchange_rows,
)

#: Bits of a tile: C(16, 8) rows of 64 bytes are 0.8 MiB, a common second-level cache.
_SIZE = 16


def size_of(sector: Sector) -> int:
    """Bits of a tile: all of a small sector, else so few that tiles fill the lanes."""
    if sector.count <= _SIZE:
        return sector.count
    return min(_SIZE, max(sector.count - 4, sector.base + 2))


class Pairs(NamedTuple):
    """Rows that an exchange takes together, for all pairs of s bits and all weights.

    Attributes:
        number: ``(s, s)`` of the pair (low, high).
        low: ``(s (s - 1) / 2, 2^(s - 2))`` rows with the low bit 1 and the high bit 0.
        high: the same with the high bit 1 and the low bit 0.
        start: ``(s + 2,)`` where the rows of each weight begin in those lists.
    """

    number: NDArray[Any]
    low: NDArray[Any]
    high: NDArray[Any]
    start: NDArray[Any]


@njit
def _fill_pairs(place, ones, order, low, high):
    """Rows of every pair: ``order`` is all patterns of s - 2 bits by weight."""
    size = ones.size
    pair = 0
    for j in range(size):
        for i in range(j):
            for n in range(order.size):
                c = order[n]
                c = ((c >> i) << (i + 1)) | (c & ((1 << i) - 1))
                c = ((c >> j) << (j + 1)) | (c & ((1 << j) - 1))
                low[pair, n] = place[c | (1 << i)]
                high[pair, n] = place[c | (1 << j)]
            pair += 1


@lru_cache(maxsize=2)  # 16 MiB for 16 bits
def pairs(size: int) -> Pairs:
    """The lists of :class:`Pairs` for tiles of ``size`` bits."""
    number = np.zeros((size, size), np.int64)
    upper, lower = np.tril_indices(size, -1)
    number[lower, upper] = number[upper, lower] = np.arange(len(upper))
    patterns = np.arange(1 << max(size - 2, 0))
    order = np.argsort(np.bitwise_count(patterns), kind="stable")
    low = np.empty((len(upper), len(order) if size > 1 else 0), np.int32)
    high = np.empty_like(low)
    place = partial_ranks(np.arange(1 << size), size, 0, 0)
    _fill_pairs(place, np.zeros(size), order, low, high)
    start = np.zeros(size + 2, np.int64)
    for weight in range(1, size + 2):  # a tile of weight m: m - 1 ones beside the pair's own
        start[weight] = start[weight - 1] + (BINOMIAL[size - 2, weight - 2] if weight > 1 else 0)
    return Pairs(number, low, high, start)


class Fixed(NamedTuple):
    """Patterns of the fixed bits, in groups of tiles that are processed together.

    Attributes:
        patterns: by weight, numeric within.
        start: ``(groups,)`` first pattern of each group.
        lanes: ``(groups,)`` how many.
        weight: ``(groups,)`` ones inside a tile.
    """

    patterns: NDArray[Any]
    start: NDArray[Any]
    lanes: NDArray[Any]
    weight: NDArray[Any]


@lru_cache(maxsize=2)
def fixed(sector: Sector, size: int, lanes: int) -> Fixed:
    """Groups of at most ``lanes`` patterns of ``N - size`` bits with equally many ones."""
    rest = sector.count - size
    patterns, groups, done = [], [], 0
    for outside in range(max(sector.weight - size, 0), min(rest, sector.weight) + 1):
        number = int(BINOMIAL[rest, outside])
        # no bits at all is one pattern, and no sector
        some = Sector(rest, outside).unrank(np.arange(number)) if rest else np.zeros(1, np.int64)
        patterns.append(some)
        start = np.arange(0, number, lanes)
        filled = np.minimum(number - start, lanes)
        groups.append(
            np.stack([done + start, filled, np.full_like(start, sector.weight - outside)])
        )
        done += number
    return Fixed(np.concatenate(patterns), *np.concatenate(groups, axis=1))


class Tiling(NamedTuple):
    """Everything a kernel needs to go through a sector tile by tile.

    Attributes:
        patterns: as in :class:`Fixed`, like the following three.
        start: first pattern of each group.
        lanes: number of patterns.
        weight: ones inside a tile.
        standing: upper bits that are fixed; upper bits are counted from the base on.
        moving: all patterns of the upper bits that move.
        moving_ones: how many ones they have.
        base: bits below.
        tables: of the sector, like the following two.
        ones: ones of every pattern.
        part: bits that one table covers.
    """

    # no tuple within a tuple: loops shared between threads do not take those
    patterns: NDArray[Any]
    start: NDArray[Any]
    lanes: NDArray[Any]
    weight: NDArray[Any]
    standing: NDArray[Any]
    moving: NDArray[Any]
    moving_ones: NDArray[Any]
    base: int
    tables: NDArray[Any]
    ones: NDArray[Any]
    part: int


def tiling(sector: Sector, members: NDArray[Any], lanes: int) -> Tiling:
    """Tiles of the bits ``members``, ascending and with the base among them."""
    upper = np.asarray(members)[sector.base :] - sector.base
    everything = np.arange(sector.count - sector.base)
    local = np.arange(1 << len(upper))
    moving = np.zeros_like(local)
    for n, bit in enumerate(upper):
        moving |= ((local >> n) & 1) << bit
    return Tiling(
        *fixed(sector, len(members), lanes),
        np.setdiff1d(everything, upper),
        moving,
        np.bitwise_count(local).astype(np.int64),
        sector.base,
        sector.tables,
        sector.ones,
        sector.part,
    )


@njit(inline="always")
def deposit(pattern, positions):
    """Bits of the pattern moved to the given positions."""
    out = 0
    for n in range(positions.size):
        out |= ((pattern >> n) & 1) << positions[n]
    return out


@njit(inline="always")
def _carry_rows(state, runs, t, work, row, inward):
    """As many amplitudes of every lane as there are lanes, from t on."""
    if runs.size == 8:
        if inward:
            carry_in_single(state, runs, t, work, row)
        else:
            carry_out_single(state, runs, t, work, row)
    elif inward:
        carry_in_double(state, runs, t, work, row)
    else:
        carry_out_double(state, runs, t, work, row)


@njit
def carry(state, work, tiles, group, lanes, inward):
    """One group of tiles from the state into rows of the workspace, or back; how many rows.

    Both are doubles. Lanes without a tile of their own hold copies of the first: they bring the
    same numbers back.
    """
    first, filled = tiles.start[group], tiles.lanes[group]
    weight = tiles.weight[group]
    above, runs = np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    for lane in range(lanes):
        pattern = tiles.patterns[first + (lane if lane < filled else 0)]
        above[lane] = deposit(pattern, tiles.standing)
    row, width = 0, 8 // lanes
    for g in range(tiles.moving.size):
        below = weight - tiles.moving_ones[g]
        if below < 0 or below > tiles.base:
            continue
        length = BINOMIAL[tiles.base, below]
        for lane in range(lanes):
            pattern = above[lane] | tiles.moving[g]
            runs[lane] = offset(pattern, below, tiles.tables, tiles.ones, tiles.part)
        for t in range(0, length - lanes + 1, lanes):
            _carry_rows(state, runs, t, work, row + t, inward)
        if length >= lanes:
            # the rest of the run with some of what is done already: the same numbers again
            _carry_rows(state, runs, length - lanes, work, row + length - lanes, inward)
        else:
            for t in range(length):
                for k in range(8):
                    inside = (row + t) * 8 + k
                    outside = (runs[k // width] + t) * width + k % width
                    if inward:
                        work[inside] = state[outside]
                    else:
                        state[outside] = work[inside]
        row += length
    return row


@njit
def _exchange(reals, low, high, c):
    """One gate on all rows of a group."""
    ar, ai, br, bi, cr, ci, dr, di = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
    for n in range(low.size):
        i, j = np.int64(high[n]), np.int64(low[n])
        exchange_rows(reals, i, j, ar, ai, br, bi, cr, ci, dr, di)


@njit
def _exchange_mine(state, work, reals, tiles, lists, chosen, blocks, first, end, every):
    """What one thread does: every so many groups."""
    lanes = 64 // (2 * reals.itemsize)
    for group in range(first, end, every):
        weight = tiles.weight[group]
        a, b = lists.start[weight], lists.start[weight + 1]
        carry(state, work, tiles, group, lanes, True)
        for n in range(chosen.size):
            pair = chosen[n]
            _exchange(reals, lists.low[pair, a:b], lists.high[pair, a:b], blocks[n])
        carry(state, work, tiles, group, lanes, False)


def _exchange_tiles(state, work, reals, tiles, lists, chosen, blocks, begin, end):
    """All gates of a pass on some groups of tiles.

    ``chosen (n,)`` are numbers of pairs, ``blocks (n, 8)`` act on (high bit 1, low bit 1).
    """
    threads = work.shape[0]
    for n in prange(threads):
        # neighbours have the same weight: taken in turn, the threads have equal work
        _exchange_mine(
            state, work[n], reals[n], tiles, lists, chosen, blocks, begin + n, end, threads
        )


exchange_serial, exchange_threads = serial_and_threads(_exchange_tiles)


def workspace(rows: int, dtype: Any, threads: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """``(threads, rows x 8)`` doubles on lines of the cache; the same as floats of a precision."""
    lines = aligned(threads * rows * (ROW_BYTES // 8), np.float64).reshape(threads, -1)
    lines[:] = 0
    return lines, lines.view(np.empty(0, dtype).real.dtype)
