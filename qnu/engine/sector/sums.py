"""Sums over a sector vector, in double precision and without a second vector."""

from __future__ import annotations

import numpy as np

from ...common.jit import njit, prange
from ..compiled import serial_and_threads
from .ranks import BINOMIAL, offset
from .rows import sum_rows
from .tiles import carry, deposit

#: "reassoc": sums by lanes, hence vectorised.
FAST = {"reassoc", "contract"}


@njit(fastmath=FAST, forceinline=True)
def _marginals_mine(parts, tiles, places, inside, outside, first, every):
    """What one thread adds up: every so many groups of one tile."""
    for group in range(first, outside.size, every):
        weight = tiles.weight[group]
        above = deposit(tiles.patterns[group], tiles.standing)
        place, whole = places[weight], 0.0
        for g in range(tiles.moving.size):
            below = weight - tiles.moving_ones[g]
            if below < 0 or below > tiles.base:
                continue
            length = BINOMIAL[tiles.base, below]
            pattern = above | tiles.moving[g]
            run = offset(pattern, below, tiles.tables, tiles.ones, tiles.part)
            numbers = parts[2 * run : 2 * (run + length)]
            sums = inside[place : place + length]
            for t in range(length):
                re, im = np.float64(numbers[2 * t]), np.float64(numbers[2 * t + 1])
                square = re * re + im * im
                sums[t] += square
                whole += square
            place += length
        outside[group] = whole


def _marginals_of(parts, tiles, places, inside, outside):
    """Probabilities of all patterns of a tile's bits, and of the fixed bits.

    ``inside (threads, 2^s)``: place ``places[m] + r`` for the r-th pattern with m ones;
    ``outside (patterns,)``.
    """
    threads = inside.shape[0]
    for n in prange(threads):
        _marginals_mine(parts, tiles, places, inside[n], outside, n, threads)


@njit
def _pairs_mine(state, work, reals, tiles, lists, chosen, out, first, every):
    """What one thread adds up."""
    lanes = 64 // (2 * reals.itemsize)
    width = 8 // lanes
    for group in range(first, tiles.start.size, every):
        weight, filled = tiles.weight[group], tiles.lanes[group]
        rows = carry(state, work, tiles, group, lanes, True)
        if filled < lanes:
            # the copies in lanes without a tile of their own do not count
            for row in range(rows):
                work[row * 8 + filled * width : (row + 1) * 8] = 0.0
        a, b = lists.start[weight], lists.start[weight + 1]
        for n in range(chosen.size):
            pair = chosen[n]
            sum_rows(reals, lists.high[pair, a:b], lists.low[pair, a:b], out[n])


def _pair_sums_of(state, work, reals, tiles, lists, chosen, out):
    """``out (threads, n, 32)``: :func:`sum_rows` for u = (high bit 1, low 0) and v reversed.

    ``state`` and ``work`` are doubles, as :func:`~qnu.engine.sector.tiles.carry` takes them.
    """
    threads = work.shape[0]
    for n in prange(threads):
        _pairs_mine(state, work[n], reals[n], tiles, lists, chosen, out[n], n, threads)


def _gather_of(state, rows, columns, tables, ones, base, part, out):
    """``out[r, c]``: the amplitude of the configuration ``rows[r] | columns[c]``."""
    mask = (1 << base) - 1
    for r in prange(rows.size):
        for c in range(columns.size):
            pattern = rows[r] | columns[c]
            rank, below = 0, 0
            for bit in range(base):
                if (pattern & mask) >> bit & 1:
                    below += 1
                    rank += BINOMIAL[bit, below]
            out[r, c] = state[rank + offset(pattern >> base, below, tables, ones, part)]


marginals = serial_and_threads(_marginals_of, FAST)
pair_sums = serial_and_threads(_pair_sums_of, FAST)
gather = serial_and_threads(_gather_of)
