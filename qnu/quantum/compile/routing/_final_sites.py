"""Moves to final sites that are given, after the last encounter. Compiled loops."""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._levels import add, append, best_unique, new_levels, room_for
from ._state import (
    GATES_PER_DISTANCE,
    apart,
    depth_ahead,
    distance_left,
    free_swap,
    key_of,
    move,
    move_gates,
)
from ._tables import LOG_FREE_SWAP, LOG_MOVE

#: A move adds 0, 2 or 3 gates: so many levels of equally many gates are open at once.
_RING = 4


@njit(_nrt=False)
def _nearer(row, a, b, table, shape):
    """Change of the distances to the final sites when the contents of two sites are swapped."""
    N = shape.neutrinos
    i, j = row[2 * N + a], row[2 * N + b]
    change = 0
    if i >= 0 and table[shape.final + i] >= 0:
        final = table[shape.final + i]
        change += apart(b, final, table, shape) - apart(a, final, table, shape)
    if j >= 0 and table[shape.final + j] >= 0:
        final = table[shape.final + j]
        change += apart(a, final, table, shape) - apart(b, final, table, shape)
    return change


@njit(_nrt=False)
def _score(row, settings, table, shape):
    depth = depth_ahead(row, table, shape, settings.depth_per_encounter)
    return GATES_PER_DISTANCE * distance_left(row, table, shape) + settings.gates_per_depth * depth


@njit
def _all_moves(row, gates, entry, left, levels, keys, log, settings, table, shape):
    """All states one move after ``row``, at ``left`` from the final sites."""
    N, S = shape.neutrinos, shape.sites
    child, events, price = row.copy(), np.empty((1, 3), np.int32), 2 * N + 3 * S
    for a in range(S):
        for e in range(table[shape.degree + a]):
            b = table[shape.neighbors + a * shape.width + e]
            if b < a or (row[2 * N + a] < 0 and row[2 * N + b] < 0):
                continue
            change = _nearer(row, a, b, table, shape)
            free = row[2 * N + S + a] == b
            cost = row[price + a] if free else move_gates(row, a, b, table, shape)
            if cost < 0:
                continue  # taken before, where it is worth it
            if change > 0 or (change == 0 and cost == 0):
                continue
            if gates + cost + GATES_PER_DISTANCE * (left + change) > settings.budget:
                continue
            level = (gates + cost) % _RING
            if cost == 0 and levels.filled[level] + 1 >= levels.score.shape[1]:
                continue  # its own level, of which the states are being read
            child[:] = row
            if free:
                free_swap(child, a, b, shape)
            else:
                move(child, a, b, table, shape)
            value = _score(child, settings, table, shape)
            if cost and value >= levels.limit[level]:
                continue
            events[0, 0] = LOG_FREE_SWAP if free else LOG_MOVE
            events[0, 1], events[0, 2] = a, b
            last = append(log, entry, events, 1)
            add(
                levels,
                level,
                child,
                value,
                gates + cost,
                0.0,
                key_of(child, keys, shape),
                last,
            )


@njit
def final_steps(complete, level, keys, log, settings, table, shape):
    """Bring the neutrinos of complete states to their final sites: states of equal gates compete.

    Args:
        complete: :class:`._levels.Levels` in which all encounters of ``level`` are done.
        level: which of them.
        keys: random numbers for the hashes of states.
        log: the events so far.
        settings: of the search; ``budget`` limits the gates.
        table, shape: with the final sites, see :class:`._state.Shape`.

    Returns:
        gates of all moves, entry of the last event, -1 where there is no such route, and the log.
    """
    levels = new_levels(_RING, settings.width, complete.rows.shape[2])
    best, least, fewest = -1, np.inf, 0
    for gates in range(settings.budget + 1):
        at = gates % _RING
        for k in range(complete.filled[level]):
            if complete.gates[level, k] == gates:
                here = complete.rows[level, k]
                value = _score(here, settings, table, shape)
                key, entry = complete.key[level, k], complete.log[level, k]
                add(levels, at, here, value, gates, 0.0, key, entry)
        best_unique(levels, at)
        state = 0
        while state < levels.filled[at]:
            row = levels.rows[at, state].copy()
            entry = levels.log[at, state]
            state += 1
            left = distance_left(row, table, shape)
            if left == 0:
                value = gates + settings.gates_per_depth * depth_ahead(row, table, shape, 0.0)
                if value < least:
                    best, least, fewest = entry, value, gates
                continue
            log = room_for(log, shape.sites * shape.width)
            _all_moves(row, gates, entry, left, levels, keys, log, settings, table, shape)
        levels.filled[at] = 0
        levels.limit[at] = np.inf
        if best >= 0 and gates > fewest + 1:
            break
    return fewest, best, log
