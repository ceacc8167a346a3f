"""The states of a beam search, level by level: only the best that differ stay. Compiled loops."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ....common.jit import njit
from ._tables import Int32Array


class Levels(NamedTuple):
    """The states of level ``m`` in row ``m`` modulo the number of rows.

    A level takes twice as many states as are kept, and is then reduced to the best that differ.

    Args:
        rows: ``(ring, 2 width, len(row))``.
        score: ``(ring, 2 width)`` decides which states stay.
        gates, potential: its parts.
        key: tells states apart.
        log: the entry of the last event.
        filled: ``(ring,)`` number of states.
        limit: ``(ring,)`` a state needs a lower score than this.
        table: space to look up keys.
    """

    rows: Int32Array
    score: Floats
    gates: NDArray[np.int64]
    potential: Floats
    key: NDArray[np.uint64]
    log: NDArray[np.int64]
    filled: NDArray[np.int64]
    limit: Floats
    table: NDArray[np.int64]


@njit
def new_levels(ring, width, length):
    """Empty levels for ``width`` states with rows of that length."""
    places = 2 * width
    size = 4
    while size < 4 * places:
        size *= 2
    return Levels(
        np.empty((ring, places, length), np.int32),
        np.empty((ring, places)),
        np.zeros((ring, places), np.int64),
        np.zeros((ring, places)),
        np.zeros((ring, places), np.uint64),
        np.zeros((ring, places), np.int64),
        np.zeros(ring, np.int64),
        np.full(ring, np.inf),
        np.empty(size, np.int64),
    )


@njit
def _is_new(keys, state, table):
    """Whether no state in the table has this key; it is added."""
    mask = np.uint64(table.size - 1)
    key = keys[state]
    slot = (key ^ (key >> np.uint64(31))) & mask
    while table[slot] >= 0:
        if keys[table[slot]] == key:
            return False
        slot = (slot + np.uint64(1)) & mask
    table[slot] = state
    return True


@njit
def _copy(levels, level, here, there):
    levels.rows[level, there] = levels.rows[level, here]
    levels.score[level, there] = levels.score[level, here]
    levels.gates[level, there] = levels.gates[level, here]
    levels.potential[level, there] = levels.potential[level, here]
    levels.key[level, there] = levels.key[level, here]
    levels.log[level, there] = levels.log[level, here]


@njit
def best_unique(levels, level):
    """Reduce a level to its best states, each with a key of its own."""
    count = levels.filled[level]
    width = levels.score.shape[1] // 2
    score = levels.score[level]
    order = np.argsort(score[:count], kind="mergesort")
    table = levels.table
    table[:] = -1
    kept = 0
    for place in range(count):
        if kept == width:
            break
        if _is_new(levels.key[level], order[place], table):
            order[kept] = order[place]
            kept += 1
    if kept == width:
        levels.limit[level] = score[order[kept - 1]]
    stays = np.zeros(count, np.bool_)
    for k in range(kept):
        stays[order[k]] = True
    free = 0
    for k in range(kept):
        if order[k] < kept:
            continue
        while stays[free]:
            free += 1
        _copy(levels, level, order[k], free)
        stays[free] = True
    levels.filled[level] = kept


@njit
def add(levels, level, row, score, gates, potential, key, entry):
    """Add one state to a level, which is reduced when it is full."""
    place = levels.filled[level]
    levels.rows[level, place] = row
    levels.score[level, place] = score
    levels.gates[level, place] = gates
    levels.potential[level, place] = potential
    levels.key[level, place] = key
    levels.log[level, place] = entry
    levels.filled[level] = place + 1
    if place + 1 == levels.score.shape[1]:
        best_unique(levels, level)


@njit
def append(log, parent, events, count):
    """Append ``events[:count]`` after ``parent`` to a log; the log and its last entry.

    A log is an array of (parent, kind, site, site), and how many rows are filled.
    """
    entries, logged = log
    if logged + count > len(entries):
        longer = np.empty((2 * len(entries) + count, 4), np.int32)
        longer[:logged] = entries[:logged]
        entries = longer
    for e in range(count):
        entries[logged, 0] = parent
        entries[logged, 1], entries[logged, 2], entries[logged, 3] = (
            events[e, 0],
            events[e, 1],
            events[e, 2],
        )
        parent = logged
        logged += 1
    return (entries, logged), parent
