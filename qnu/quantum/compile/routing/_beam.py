"""Beam search over partial routes: one encounter after the other, many states at a time."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.jit import njit
from ._approach import POTENTIAL, approaches, new_approaches
from ._final_sites import final_steps
from ._levels import add, append, best_unique, new_levels, room_for
from ._state import (
    GATES_PER_DISTANCE,
    MAX_ENCOUNTERS,
    apart,
    depth_ahead,
    distance_left,
    free_swap,
    key_of,
    move,
    potential_of,
    settle,
    waiting_pairs,
)
from ._tables import LOG_MOVE, Int32Array


class BeamSettings(NamedTuple):
    """Parameters of one beam search.

    Args:
        width: number of states kept after every encounter.
        keep: number of approaches of a pair that are continued.
        pairs: of every state so many waiting pairs are brought together, the nearest ones.
        potential_weight: weight of the potential against the gates so far.
        decay: factor of the weight of a pair in the potential, per encounter that its neutrinos
            have before.
        depth_per_encounter: depth that one encounter of a chain is expected to take.
        gates_per_depth: gates that one unit of depth is worth.
        noise: relative spread of the random pair costs.
        budget: routes with more gates for moves and swaps are not needed.
        begin: gates to count from, so that the number is never negative.
    """

    width: int = 1
    keep: int = 4
    pairs: int = 6
    potential_weight: float = 0.65
    decay: float = 0.6
    depth_per_encounter: float = 5.5
    gates_per_depth: float = 1.0
    noise: float = 0.0
    budget: int = 2**30
    begin: int = 0


class _Buffers(NamedTuple):
    """Space for one extension of a state: its row, its events, neutrinos to look at.

    ``keys`` are random numbers for :func:`._state.key_of`.
    """

    row: Int32Array
    events: Int32Array
    stack: NDArray[np.int64]
    keys: NDArray[np.uint64]


@njit(_nrt=False)
def farthest(table, shape):
    """Largest distance of two connected sites, at least 2."""
    far = 2
    for a in range(shape.sites):
        for b in range(shape.sites):
            if apart(a, b, table, shape) < shape.sites:
                far = max(far, apart(a, b, table, shape))
    return far


@njit(_nrt=False)
def _take(row, pair, steps, count, stack, table, shape):
    """The steps of an approach: gates; the stack has the pair and all that has moved."""
    N = shape.neutrinos
    stack[0], stack[1] = pair
    height, gates = 2, 0
    for k in range(count):
        a, b = steps[k, 1], steps[k, 2]
        if steps[k, 0] == LOG_MOVE:
            gates += move(row, a, b, table, shape)
        else:
            gates += free_swap(row, a, b, shape)
        for s in (a, b):
            if row[2 * N + s] >= 0:
                stack[height] = row[2 * N + s]
                height += 1
    return gates, height


@njit(_nrt=False)
def _extend(state, pair, levels, space, buffers, log, settings, table, cost, shape):
    """All states that follow from one by bringing one pair together.

    ``state`` is the row with its number of encounters done, gates, potential, and log entry.
    """
    parent, done, gates_before, potential_before, entry = state
    row, events, stack = buffers.row, buffers.events, buffers.stack
    depth_weight = 0.3 * settings.gates_per_depth
    found = approaches(parent, pair[0], pair[1], depth_weight, space, table, cost, shape)
    for approach in range(found):
        for k in range(len(row)):
            row[k] = parent[k]
        count = space.size[approach]
        for k in range(count):
            for m in range(3):
                events[k, m] = space.steps[approach, k, m]
        taken, height = _take(row, pair, events, count, stack, table, shape)
        count, encounters, swaps, change = settle(
            row, stack, height, events, count, table, cost, shape
        )
        gates = gates_before + taken + swaps
        if gates > settings.budget:
            continue
        potential = potential_before + space.value[approach, POTENTIAL] + change
        if shape.has_end and (
            gates + GATES_PER_DISTANCE * distance_left(row, table, shape) > settings.budget
        ):
            continue
        score = gates + potential
        score += settings.gates_per_depth * depth_ahead(
            row, table, shape, settings.depth_per_encounter
        )
        level = (done + encounters) % len(levels.filled)
        if score >= levels.limit[level]:
            continue
        last = append(log, entry, events, count)
        key = key_of(row, buffers.keys, shape)
        add(levels, level, row, score, gates, potential, key, last)


@njit(_nrt=False)
def _limit_of_pairs(row, pairs, space, count, most, table, shape):
    """Pairs at more than this distance are left for later."""
    if count <= most:
        return 2**30
    for q in range(count):
        distance = apart(row[pairs[q, 0]], row[pairs[q, 1]], table, shape)
        place = q
        while place > 0 and space[place - 1] > distance:
            space[place] = space[place - 1]
            place -= 1
        space[place] = distance
    return space[most - 1]


@njit(_nrt=False)
def _best_entry(levels, level, gates_per_depth, shape):
    """Gates and log entry of the best complete route; -1 where there is none."""
    clock = 2 * shape.neutrinos + 2 * shape.sites
    best, least, gates = -1, np.inf, 0
    for state in range(levels.filled[level]):
        depth = 0
        for k in range(clock, clock + shape.sites):
            depth = max(depth, levels.rows[level, state, k])
        value = levels.gates[level, state] + gates_per_depth * depth
        if value < least:
            best, least, gates = levels.log[level, state], value, levels.gates[level, state]
    return gates, best


@njit
def events_of(entries, last):
    """``(E, 3)`` the events up to a log entry, in order."""
    steps, at = 0, last
    while at > 0:
        steps += 1
        at = entries[at, 0]
    result = np.empty((steps, 3), np.int32)
    at = last
    while at > 0:
        steps -= 1
        result[steps] = entries[at, 1:]
        at = entries[at, 0]
    return result


@njit(nogil=True)
def beam(start, keys, encounters, settings, table, cost, shape):
    """Search from the row ``start`` until all ``encounters`` that are left are done.

    States with equally many encounters done compete: the score of a state is its gates so far, its
    potential, and ``gates_per_depth`` times the depth it is expected to end with. The best
    ``width`` stay. From each of them the nearest waiting pairs are brought together by up to
    ``keep`` approaches. Where final sites are given, moves to these follow.

    Returns:
        Gates of moves and swaps, or -1 where no route was found, and its ``(E, 3)`` events: kind,
        site, site.
    """
    N, length = shape.neutrinos, len(start)
    far = farthest(table, shape)
    ring = MAX_ENCOUNTERS + 2
    levels = new_levels(ring, settings.width, length)
    space = new_approaches(length, settings.keep, far)
    events = np.empty((far + 8 * MAX_ENCOUNTERS, 3), np.int32)
    stack = np.empty(2 * N + 2 * len(events) + 4 * MAX_ENCOUNTERS, np.int64)
    pairs, distances = np.empty((N, 2), np.int64), np.empty(N, np.int64)
    buffers = _Buffers(start.copy(), events, stack, keys)
    stack[:N] = np.arange(N)
    entries = np.empty((1024, 4), np.int32)
    entries[0] = -1  # before the first event
    log = (entries, np.ones(1, np.int64))
    potential = potential_of(start, table, cost, shape)
    row, height, at_once, gates, entry = buffers.row, N, 0, settings.begin, 0
    while True:  # what is possible at once may be more than one step of the ring
        count, several, swaps, change = settle(row, stack, height, events, 0, table, cost, shape)
        log = room_for(log, count)
        entry = append(log, entry, events, count)
        at_once += several
        potential += change
        gates += swaps
        if several < MAX_ENCOUNTERS:
            break
        stack[:N] = np.arange(N)
        height = N
    add(levels, at_once % ring, row, 0.0, gates, potential, np.uint64(0), entry)
    chosen = row.copy()
    for done in range(at_once, encounters):
        level = done % ring
        best_unique(levels, level)
        for state in range(levels.filled[level]):
            chosen[:] = levels.rows[level, state]
            before = (
                chosen,
                done,
                levels.gates[level, state],
                levels.potential[level, state],
                levels.log[level, state],
            )
            count = waiting_pairs(chosen, table, shape, pairs)
            log = room_for(log, count * settings.keep * len(events))
            limit = _limit_of_pairs(chosen, pairs, distances, count, settings.pairs, table, shape)
            for k in range(count):
                if apart(chosen[pairs[k, 0]], chosen[pairs[k, 1]], table, shape) <= limit:
                    pair = (pairs[k, 0], pairs[k, 1])
                    _extend(before, pair, levels, space, buffers, log, settings, table, cost, shape)
        levels.filled[level] = 0
        levels.limit[level] = np.inf
    level = encounters % ring
    best_unique(levels, level)
    if shape.has_end:
        gates, last, log = final_steps(levels, level, keys, log, settings, table, shape)
    else:
        gates, last = _best_entry(levels, level, settings.gates_per_depth, shape)
    if last < 0:
        return -1, np.empty((0, 3), np.int32)
    return gates, events_of(log[0], last)
