"""Beam search over partial routes: one encounter after the other, many states at a time."""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._state import MOST, approaches, depth_ahead, key_of, settle


@njit
def _written(log, logged, parent, events, count):
    """Append ``events[:count]`` after ``parent`` to a log of (parent, kind, site, site)."""
    if logged + count > len(log):
        longer = np.empty((2 * len(log) + count, 4), np.int32)
        longer[:logged] = log[:logged]
        log = longer
    for e in range(count):
        log[logged, 0] = parent
        log[logged, 1], log[logged, 2], log[logged, 3] = events[e, 0], events[e, 1], events[e, 2]
        parent = logged
        logged += 1
    return log, logged, parent


@njit(nogil=True)
def beam(start, keys, encounters, width, keep, greed, pace, per_depth, problem):
    """Search from the row ``start`` until all ``encounters`` are done.

    States with equally many encounters done compete: a state is worth its gates so far, ``greed``
    times its potential, and ``per_depth`` times the depth it will end with. The best ``width``
    stay. From each of them every pair that waits comes together in up to ``keep`` ways.

    Returns:
        ``(E, 3)`` events of the best route: kind, site, site; empty if there is none.
    """
    N, S = problem.length.size, problem.degree.size
    ring = MOST + 2
    rows = np.empty((ring, width, len(start)), np.int32)
    worth = np.empty((ring, width))
    costs = np.zeros((ring, width))
    hopes = np.zeros((ring, width))  # potential, up to a constant
    marks = np.zeros((ring, width), np.uint64)
    nodes = np.zeros((ring, width), np.int64)
    filled = np.zeros(ring, np.int64)
    far = 2
    for a in range(S):
        for b in range(S):
            if problem.distance[a, b] < S:
                far = max(far, problem.distance[a, b])
    events = np.empty((far + 8 * MOST, 3), np.int32)
    stack = np.empty(N + 2 * len(events) + 4 * MOST, np.int64)
    ways = np.empty((3, keep + 4, len(start)), np.int32)
    value = np.empty((3, keep + 4, 2))
    size = np.zeros((3, keep + 4), np.int64)
    trails = np.empty((3, keep + 4, far + 4, 3), np.int32)
    held = np.empty((2 * (keep + 4) * problem.neighbors.shape[1], 5))
    log = np.full((4096, 4), -1, np.int32)

    scratch = start.copy()
    for i in range(N):
        stack[i] = i
    count, met, _ = settle(scratch, stack, N, events, 0, problem)
    rows[met, 0] = scratch
    log, logged, nodes[met, 0] = _written(log, 1, 0, events, count)
    filled[met] = 1
    for done in range(encounters):
        level = done % ring
        for state in range(filled[level]):
            row = rows[level, state]
            for i in range(N):
                k = row[N + i]
                if k >= problem.length[i]:
                    continue
                p = problem.who[i, k]
                if p < i or problem.rank[i, k] != row[N + p]:
                    continue
                layer, found = approaches(
                    row, i, p, keep, 0.3 * per_depth, ways, value, size, trails, held, problem
                )
                for way in range(found):
                    scratch[:] = ways[layer, way]
                    count = size[layer, way]
                    events[:count] = trails[layer, way, :count]
                    stack[0], stack[1] = i, p
                    height = 2
                    for e in range(count):
                        for side in (1, 2):
                            x = scratch[2 * N + events[e, side]]
                            if x >= 0:
                                stack[height] = x
                                height += 1
                    count, met, change = settle(scratch, stack, height, events, count, problem)
                    cost = costs[level, state] + value[layer, way, 0]
                    expected = hopes[level, state] + value[layer, way, 1] + change
                    total = cost + greed * expected
                    total += per_depth * depth_ahead(scratch, problem, pace)
                    target = (done + met) % ring
                    # the worst of a full level is kept in its first place
                    if filled[target] == width and total >= worth[target, 0]:
                        continue
                    mark = key_of(scratch, keys, N, S)
                    at = -1
                    for h in range(filled[target]):
                        if marks[target, h] == mark:
                            at = h
                            break
                    if at >= 0 and total >= worth[target, at]:
                        continue
                    if at < 0 and filled[target] < width:
                        at = filled[target]
                        filled[target] += 1
                    at = max(at, 0)
                    rows[target, at] = scratch
                    worth[target, at], costs[target, at] = total, cost
                    hopes[target, at] = expected
                    marks[target, at] = mark
                    log, logged, node = _written(log, logged, nodes[level, state], events, count)
                    nodes[target, at] = node
                    if filled[target] == width:
                        worst = np.argmax(worth[target])
                        scratch[:] = rows[target, 0]
                        rows[target, 0] = rows[target, worst]
                        rows[target, worst] = scratch
                        for some in (worth, costs, hopes):
                            some[target, 0], some[target, worst] = (
                                some[target, worst],
                                some[target, 0],
                            )
                        marks[target, 0], marks[target, worst] = (
                            marks[target, worst],
                            marks[target, 0],
                        )
                        nodes[target, 0], nodes[target, worst] = (
                            nodes[target, worst],
                            nodes[target, 0],
                        )
        filled[level] = 0
    level = encounters % ring
    best, least = 0, np.inf
    for state in range(filled[level]):
        depth = rows[level, state, 2 * N + 2 * S :].max()
        if costs[level, state] + per_depth * depth < least:
            best, least = nodes[level, state], costs[level, state] + per_depth * depth
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
