"""Approaches: two neutrinos brought together on shortest paths. Compiled loops."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ....common.jit import njit
from ._state import apart, exchange, free_swap, gain, later, move_gates
from ._tables import LOG_FREE_SWAP, LOG_MOVE, Int32Array

#: Columns of ``Approaches.value``: what decides, gates, change of the potential.
VALUE, GATES, POTENTIAL = 0, 1, 2
#: Columns of ``Approaches.node``: sites of the two neutrinos; 0 where the first one may still move;
#: the neighbour tried next; the depths before the move; gates; the move.
_U, _V, _SIDE, _NEXT, _DEPTH_A, _DEPTH_B, _GATES, _A, _B = range(9)


class Approaches(NamedTuple):
    """Space for the approaches of one pair, and for the search for them.

    Args:
        row: a state that is changed and restored.
        value: ``(keep, 3)``, see the columns.
        steps: ``(keep, ., 3)`` kind, site, site of every step.
        size: ``(keep,)`` number of steps.
        node: ``(., 9)`` the moves so far, see the columns.
        change: ``(., 2)`` value and change of the potential with these moves.
        starts: ``(2, 2)`` sites of the free swap at the site of each neutrino, or -1.
    """

    row: Int32Array
    value: Floats
    steps: Int32Array
    size: NDArray[np.int64]
    node: NDArray[np.int64]
    change: Floats
    starts: NDArray[np.int64]


@njit
def new_approaches(length, keep, farthest):
    """Space for ``keep`` approaches over up to ``farthest`` couplers; rows of that length."""
    return Approaches(
        np.empty(length, np.int32),
        np.empty((keep, 3)),
        np.empty((keep, farthest + 4, 3), np.int32),
        np.zeros(keep, np.int64),
        np.zeros((farthest + 2, 9), np.int64),
        np.zeros((farthest + 2, 2)),
        np.zeros((2, 2), np.int64),
    )


@njit(_nrt=False)
def _keep(space, kept, t, late):
    """Keep the approach with the moves of ``t`` nodes where it is good enough; their number."""
    value, steps, size, node, change = (
        space.value,
        space.steps,
        space.size,
        space.node,
        space.change,
    )
    starts = space.starts
    total = change[t, 0] + late
    place = kept
    if kept == len(size):
        place = 0
        for k in range(1, kept):
            if value[k, VALUE] > value[place, VALUE]:
                place = k
        if total >= value[place, VALUE]:
            return kept
    else:
        kept += 1
    value[place, VALUE], value[place, GATES] = total, node[t, _GATES]
    value[place, POTENTIAL] = change[t, 1]
    count = 0
    for k in range(2):
        if starts[k, 0] >= 0:
            steps[place, count, 0] = LOG_FREE_SWAP
            steps[place, count, 1], steps[place, count, 2] = starts[k, 0], starts[k, 1]
            count += 1
    for k in range(t):
        steps[place, count, 0] = LOG_MOVE
        steps[place, count, 1], steps[place, count, 2] = node[k, _A], node[k, _B]
        count += 1
    size[place] = count
    return kept


@njit(_nrt=False)
def _best_neighbor(row, x, goal, table, cost, shape):
    """Of the neighbours of ``x`` nearer to ``goal`` the one with the least gates and potential."""
    best, least = -1, np.inf
    count = 0
    for e in range(table[shape.degree + x]):
        z = table[shape.neighbors + x * shape.width + e]
        if apart(z, goal, table, shape) < apart(x, goal, table, shape):
            count += 1
            if best < 0:
                best = e
    if count < 2:
        return best
    for e in range(table[shape.degree + x]):
        z = table[shape.neighbors + x * shape.width + e]
        if apart(z, goal, table, shape) < apart(x, goal, table, shape):
            worth = move_gates(row, x, z, table, shape)
            worth += gain(row, x, z, table, cost, shape)
            if worth < least:
                best, least = e, worth
    return best


@njit(_nrt=False)
def _advance(row, node, t, table, cost, shape):
    """The next move of node ``t``: whether there is one; its sites are written to the node.

    First all moves of the first neutrino, then those of the second one: their order makes no
    difference. At a fork each of them tries all ways in its first step, then the best one.
    """
    while node[t, _SIDE] < 2:
        side = node[t, _SIDE]
        x, goal = (node[t, _V], node[t, _U]) if side else (node[t, _U], node[t, _V])
        first = t == 0 or (side == 1 and node[t - 1, _SIDE] == 0)
        if first:
            while node[t, _NEXT] < table[shape.degree + x]:
                z = table[shape.neighbors + x * shape.width + node[t, _NEXT]]
                node[t, _NEXT] += 1
                if apart(z, goal, table, shape) < apart(x, goal, table, shape):
                    node[t, _A], node[t, _B] = x, z
                    return True
        elif node[t, _NEXT] == 0:
            node[t, _NEXT] = 1
            e = _best_neighbor(row, x, goal, table, cost, shape)
            if e >= 0:
                node[t, _A], node[t, _B] = x, table[shape.neighbors + x * shape.width + e]
                return True
        node[t, _SIDE] += 1
        node[t, _NEXT] = 0
    return False


@njit(_nrt=False)
def _search(row, ends, start, depth_weight, kept, space, table, cost, shape):
    """All approaches of one start, depth first; moves are undone on the way back."""
    N, S = shape.neutrinos, shape.sites
    clock = 2 * N + 2 * S
    node, change = space.node, space.change
    node[0, _U], node[0, _V] = ends
    node[0, _SIDE], node[0, _NEXT], node[0, _GATES] = 0, 0, start[1]
    change[0, 0], change[0, 1] = start[0] + start[1], start[0]
    t = 0
    while True:
        u, v = node[t, _U], node[t, _V]
        near = apart(u, v, table, shape) == 1
        if near:
            late = depth_weight * max(row[clock + u], row[clock + v])
            kept = _keep(space, kept, t, late)
        if near or not _advance(row, node, t, table, cost, shape):
            if t == 0:
                return kept
            t -= 1
            a, b = node[t, _A], node[t, _B]
            exchange(row, a, b, N)
            row[clock + a], row[clock + b] = node[t, _DEPTH_A], node[t, _DEPTH_B]
            continue
        a, b = node[t, _A], node[t, _B]
        gates = move_gates(row, a, b, table, shape)
        better = gain(row, a, b, table, cost, shape)
        node[t, _DEPTH_A], node[t, _DEPTH_B] = row[clock + a], row[clock + b]
        exchange(row, a, b, N)
        later(row, a, b, gates, shape)
        side = node[t, _SIDE]
        node[t + 1, _U], node[t + 1, _V] = (u, b) if side else (b, v)
        node[t + 1, _SIDE], node[t + 1, _NEXT] = side, 0
        node[t + 1, _GATES] = node[t, _GATES] + gates
        change[t + 1, 0] = change[t, 0] + gates + better
        change[t + 1, 1] = change[t, 1] + better
        t += 1


@njit(_nrt=False)
def approaches(row, i, p, depth_weight, space, table, cost, shape):
    """Bring two neutrinos together: on shortest paths, after free swaps at their ends.

    Args:
        row: the state before.
        i, p: the two neutrinos.
        depth_weight: weight of the depth that they reach, against gates and potential.
        space: has the best approaches afterwards.
        table, cost, shape: what is to be routed, see :class:`._state.Shape`.

    Returns:
        Their number.
    """
    N, S = shape.neutrinos, shape.sites
    free = 2 * N + S
    ends = (row[i], row[p])
    others = (row[free + ends[0]], row[free + ends[1]])
    work = space.row
    for k in range(len(row)):
        work[k] = row[k]
    starts = space.starts
    kept = 0
    for swapped in range(4):
        if (swapped & 1 and (others[0] < 0 or others[0] == ends[1])) or (
            swapped & 2 and (others[1] < 0 or others[1] == ends[0])
        ):
            continue
        start, gates = 0.0, 0
        starts[0, 0] = starts[1, 0] = -1
        for side in range(2):
            if swapped >> side & 1:
                start += gain(work, ends[side], others[side], table, cost, shape)
                gates += free_swap(work, ends[side], others[side], shape)
                starts[side, 0], starts[side, 1] = ends[side], others[side]
        kept = _search(
            work, (work[i], work[p]), (start, gates), depth_weight, kept, space, table, cost, shape
        )
        for side in range(1, -1, -1):
            if swapped >> side & 1:
                free_swap(work, ends[side], others[side], shape)
    return kept
