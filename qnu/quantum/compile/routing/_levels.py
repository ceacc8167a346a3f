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
        order: space to sort states.
        stays: space to mark states.
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
    order: NDArray[np.int64]
    stays: NDArray[np.bool_]


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
        np.empty(places, np.int64),
        np.empty(places, np.bool_),
    )


@njit(_nrt=False)
def _is_new(levels, level, state):
    """Whether no state in the table has the key of this one; it is added."""
    keys, table = levels.key, levels.table
    mask = np.uint64(table.size - 1)
    key = keys[level, state]
    slot = (key ^ (key >> np.uint64(31))) & mask
    while table[slot] >= 0:
        if keys[level, table[slot]] == key:
            return False
        slot = (slot + np.uint64(1)) & mask
    table[slot] = state
    return True


@njit(_nrt=False)
def _copy(levels, level, here, there):
    rows = levels.rows
    for k in range(rows.shape[2]):
        rows[level, there, k] = rows[level, here, k]
    levels.score[level, there] = levels.score[level, here]
    levels.gates[level, there] = levels.gates[level, here]
    levels.potential[level, there] = levels.potential[level, here]
    levels.key[level, there] = levels.key[level, here]
    levels.log[level, there] = levels.log[level, here]


@njit(_nrt=False)
def _sort(levels, level, count):
    """States by score, of equal ones the first one first (Shell's method)."""
    score, order = levels.score, levels.order
    for k in range(count):
        order[k] = k
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, count):
            state = order[k]
            value = score[level, state]
            place = k
            while place >= gap:
                other = order[place - gap]
                least = score[level, other]
                if least < value or (least == value and other < state):
                    break
                order[place] = other
                place -= gap
            order[place] = state
        gap //= 3


@njit(_nrt=False)
def best_unique(levels, level):
    """Reduce a level to its best states, each with a key of its own."""
    count = levels.filled[level]
    width = levels.score.shape[1] // 2
    order, table, stays = levels.order, levels.table, levels.stays
    _sort(levels, level, count)
    for k in range(table.size):
        table[k] = -1
    kept = 0
    for place in range(count):
        if kept == width:
            break
        if _is_new(levels, level, order[place]):
            order[kept] = order[place]
            kept += 1
    if kept == width:
        levels.limit[level] = levels.score[level, order[kept - 1]]
    for k in range(count):
        stays[k] = False
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


@njit(_nrt=False)
def add(levels, level, row, score, gates, potential, key, entry):
    """Add one state to a level, which is reduced when it is full."""
    place = levels.filled[level]
    rows = levels.rows
    for k in range(len(row)):
        rows[level, place, k] = row[k]
    levels.score[level, place] = score
    levels.gates[level, place] = gates
    levels.potential[level, place] = potential
    levels.key[level, place] = key
    levels.log[level, place] = entry
    levels.filled[level] = place + 1
    if place + 1 == levels.score.shape[1]:
        best_unique(levels, level)


@njit
def room_for(log, events):
    """The log, longer where it has no room for so many more events."""
    entries, count = log
    if count[0] + events <= len(entries):
        return log
    longer = np.empty((2 * len(entries) + events, 4), np.int32)
    longer[: count[0]] = entries[: count[0]]
    return (longer, count)


@njit(_nrt=False)
def append(log, parent, events, number):
    """Append ``events[:number]`` after ``parent`` to a log that has room; its last entry.

    A log is an array of (parent, kind, site, site), and how many rows are filled.
    """
    entries, count = log
    logged = count[0]
    for e in range(number):
        entries[logged, 0] = parent
        entries[logged, 1] = events[e, 0]
        entries[logged, 2] = events[e, 1]
        entries[logged, 3] = events[e, 2]
        parent = logged
        logged += 1
    count[0] = logged
    return parent
