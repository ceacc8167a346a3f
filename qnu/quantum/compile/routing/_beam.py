"""Beam search over partial routes: one encounter after the other, many states at a time."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ....common.jit import njit
from ._approach import Approaches, approaches
from ._state import LENGTH, MAX_ENCOUNTERS, PARTNER, RANK, depth_ahead, key_of, settle
from ._tables import Int32Array


class BeamSettings(NamedTuple):
    """Parameters of one beam search.

    Args:
        width: number of states kept after every encounter.
        keep: number of approaches of a pair that are continued.
        potential_weight: weight of the potential against the gates so far.
        decay: factor of the weight of a pair in the potential, per encounter that its neutrinos
            have before.
        depth_per_encounter: depth that one encounter of a chain is expected to take.
        gates_per_depth: gates that one unit of depth is worth.
        noise: relative spread of the random pair costs.
    """

    width: int = 1
    keep: int = 4
    potential_weight: float = 0.6
    decay: float = 0.6
    depth_per_encounter: float = 6.0
    gates_per_depth: float = 1.0
    noise: float = 0.0


class _Levels(NamedTuple):
    """The states after ``m`` encounters, in row ``m`` modulo the number of rows.

    ``score`` decides which states stay; ``gates`` and ``potential`` (up to a constant) are its
    parts, ``hash`` tells states apart, ``log`` is the entry of the last event, ``filled`` the
    number of states. The worst state of a full level is kept in its first place.
    """

    rows: Int32Array
    score: Floats
    gates: Floats
    potential: Floats
    hash: NDArray[np.uint64]
    log: NDArray[np.int64]
    filled: NDArray[np.int64]


class _Buffers(NamedTuple):
    """Space for one extension of a state: its row, its events, and neutrinos to look at.

    ``keys`` are random numbers for :func:`._state.key_of`.
    """

    row: Int32Array
    events: Int32Array
    stack: NDArray[np.int64]
    keys: NDArray[np.uint64]


@njit
def _append(log, parent, events, count):
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


@njit
def _farthest(problem):
    """Largest distance of two connected sites, at least 2."""
    S = problem.degree.size
    far = 2
    for a in range(S):
        for b in range(S):
            if problem.distance[a, b] < S:
                far = max(far, problem.distance[a, b])
    return far


@njit(inline="always")
def _place_for(scores, hashes, target, filled, score, key):
    """The place of a new state in a level with so many states, or -1 if it is not good enough."""
    at = -1
    for h in range(filled):
        if hashes[target, h] == key:
            at = h
            break
    if at >= 0:
        return -1 if score >= scores[target, at] else at
    return filled if filled < scores.shape[1] else 0


@njit(inline="always")
def _swap_first(values, target, at):
    """Exchange the first number of a level with another one."""
    values[target, 0], values[target, at] = values[target, at], values[target, 0]


@njit(inline="always")
def _stack_moved(stack, pair, row, events, count, N):
    """Put the pair and all neutrinos on sites of the events on the stack; its height."""
    stack[0], stack[1] = pair
    height = 2
    for e in range(count):
        for side in (1, 2):
            x = row[2 * N + events[e, side]]
            if x >= 0:
                stack[height] = x
                height += 1
    return height


@njit
def _extend(at, pair, levels, space, buffers, log, settings, problem):
    """Add the states after one encounter of a waiting pair, in several approaches.

    ``at`` is the number of encounters done and the number of the state; the result is the log.
    """
    N, S = problem.neutrino.shape[1], problem.degree.size
    # arrays by name: every access to a field of a tuple in the loop counts references
    rows, scores, gates_of, potential_of, hashes, logs, filled = levels
    new_rows, value, size, steps, _ = space
    row, events, stack, keys = buffers
    done, state = at
    ring, width = scores.shape
    level = done % ring
    layer, found = approaches(
        rows[level, state], pair, settings.keep, 0.3 * settings.gates_per_depth, space, problem
    )
    for approach in range(found):
        row[:] = new_rows[layer, approach]
        count = size[layer, approach]
        events[:count] = steps[layer, approach, :count]
        height = _stack_moved(stack, pair, row, events, count, N)
        count, encounters, change = settle(row, stack, height, events, count, problem)
        gates = gates_of[level, state] + value[layer, approach, 0]
        potential = potential_of[level, state] + value[layer, approach, 1] + change
        score = gates + settings.potential_weight * potential
        score += settings.gates_per_depth * depth_ahead(row, problem, settings.depth_per_encounter)
        target = (done + encounters) % ring
        # the worst state of a full level is kept in its first place
        if filled[target] == width and score >= scores[target, 0]:
            continue
        key = key_of(row, keys, N, S)
        place = _place_for(scores, hashes, target, filled[target], score, key)
        if place < 0:
            continue
        filled[target] = max(filled[target], place + 1)
        rows[target, place] = row
        scores[target, place], gates_of[target, place] = score, gates
        potential_of[target, place], hashes[target, place] = potential, key
        log, logs[target, place] = _append(log, logs[level, state], events, count)
        if filled[target] == width:
            worst = np.argmax(scores[target])
            row[:] = rows[target, 0]
            rows[target, 0] = rows[target, worst]
            rows[target, worst] = row
            for values in (scores, gates_of, potential_of):
                _swap_first(values, target, worst)
            _swap_first(hashes, target, worst)
            _swap_first(logs, target, worst)
    return log


@njit
def _waiting_pairs(row, problem, pairs):
    """Write the pairs whose next encounter is with each other to ``pairs``; their number."""
    queue, neutrino = problem.queue, problem.neutrino
    N, count = neutrino.shape[1], 0
    for i in range(N):
        k = row[N + i]
        if k < neutrino[LENGTH, i]:
            p = queue[PARTNER, i, k]
            if p > i and queue[RANK, i, k] == row[N + p]:
                pairs[count, 0], pairs[count, 1] = i, p
                count += 1
    return count


@njit
def _best_events(levels, level, log, gates_per_depth, problem):
    """The events of the best complete route, in order."""
    clock = 2 * problem.neutrino.shape[1] + 2 * problem.degree.size
    best, least = 0, np.inf
    for state in range(levels.filled[level]):
        depth = levels.rows[level, state, clock:].max()
        value = levels.gates[level, state] + gates_per_depth * depth
        if value < least:
            best, least = levels.log[level, state], value
    steps, at = 0, best
    while at > 0:
        steps += 1
        at = log[at, 0]
    result = np.empty((steps, 3), np.int32)
    at = best
    while at > 0:
        steps -= 1
        result[steps] = log[at, 1:]
        at = log[at, 0]
    return result


@njit(nogil=True)
def beam(start, keys, encounters, settings, problem):
    """Search from the row ``start`` until all ``encounters`` are done.

    States with equally many encounters done compete: the score of a state is its gates so far,
    ``potential_weight`` times its potential, and ``gates_per_depth`` times the depth it is expected
    to end with. The best ``width`` stay. From each of them every waiting pair is brought together
    by up to ``keep`` approaches.

    Returns:
        ``(E, 3)`` events of the best route: kind, site, site; empty if there is none.
    """
    N, width = problem.neutrino.shape[1], settings.width
    ring, places = MAX_ENCOUNTERS + 2, settings.keep + 4
    levels = _Levels(
        np.empty((ring, width, len(start)), np.int32),
        np.empty((ring, width)),
        np.zeros((ring, width)),
        np.zeros((ring, width)),
        np.zeros((ring, width), np.uint64),
        np.zeros((ring, width), np.int64),
        np.zeros(ring, np.int64),
    )
    far = _farthest(problem)
    space = Approaches(
        np.empty((3, places, len(start)), np.int32),
        np.empty((3, places, 2)),
        np.zeros((3, places), np.int64),
        np.empty((3, places, far + 4, 3), np.int32),
        np.empty((2 * places * problem.neighbors.shape[1], 5)),
    )
    events = np.empty((far + 8 * MAX_ENCOUNTERS, 3), np.int32)
    stack = np.empty(N + 2 * len(events) + 4 * MAX_ENCOUNTERS, np.int64)
    buffers = _Buffers(start.copy(), events, stack, keys)
    stack[:N] = np.arange(N)
    pairs = np.empty((N, 2), np.int64)
    log = (np.full((4096, 4), -1, np.int32), 1)  # entry 0: before the first event
    count, done, _ = settle(buffers.row, stack, N, events, 0, problem)
    levels.rows[done, 0] = buffers.row
    log, levels.log[done, 0] = _append(log, 0, events, count)
    levels.filled[done] = 1
    for done in range(encounters):
        level = done % ring
        for state in range(levels.filled[level]):
            for pair in range(_waiting_pairs(levels.rows[level, state], problem, pairs)):
                chosen = pairs[pair, 0], pairs[pair, 1]
                log = _extend((done, state), chosen, levels, space, buffers, log, settings, problem)
        levels.filled[level] = 0
    return _best_events(levels, encounters % ring, log[0], settings.gates_per_depth, problem)
