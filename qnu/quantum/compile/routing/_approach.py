"""Approaches: two neutrinos brought together on shortest paths. Compiled loops."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ....common.jit import njit
from ._state import exchange, gain, move, move_gates
from ._tables import LOG_FREE_SWAP, LOG_MOVE, Int32Array

#: The third layer: where the approaches start.
_STARTS = 2


class Approaches(NamedTuple):
    """Space for the approaches of one pair: two layers in turn, by distance, and the starts.

    Args:
        rows: ``(3, keep + 4, len(row))`` states.
        value: ``(3, keep + 4, 2)`` gates, change of the potential.
        size: ``(3, keep + 4)`` number of steps.
        steps: ``(3, keep + 4, ., 3)`` the steps: kind, site, site.
        candidates: ``(., 5)`` value, approach, site, site, and change of the potential of every
            extension of one layer.
    """

    rows: Int32Array
    value: Floats
    size: NDArray[np.int64]
    steps: Int32Array
    candidates: Floats


@njit
def _set_starts(row, i, p, space, problem):
    """The row itself, and after free swaps at one or both ends: number, largest distance."""
    N, S = problem.neutrino.shape[1], problem.degree.size
    rows, value, size, steps, _ = space
    distance, free = problem.distance, 2 * N + S
    starts, farthest = 0, 0
    for swapped in range(4):
        ends = (row[i], row[p])
        others = (row[free + ends[0]], row[free + ends[1]])
        if (swapped & 1 and (others[0] < 0 or others[0] == ends[1])) or (
            swapped & 2 and (others[1] < 0 or others[1] == ends[0])
        ):
            continue
        start = rows[_STARTS, starts]
        start[:] = row
        value[_STARTS, starts] = 0.0
        size[_STARTS, starts] = 0
        for side in range(2):
            if swapped >> side & 1:
                a, b = ends[side], others[side]
                value[_STARTS, starts, 1] += gain(start, a, b, problem)
                exchange(start, a, b, N)
                step = steps[_STARTS, starts, size[_STARTS, starts]]
                step[0], step[1], step[2] = LOG_FREE_SWAP, a, b
                size[_STARTS, starts] += 1
        farthest = max(farthest, distance[start[i], start[p]])
        starts += 1
    return starts, farthest


@njit
def _add_starts(layer, count, starts, apart, pair, space, distance):
    """Add the starts with so many couplers between the pair to a layer; the new number."""
    rows, value, size, steps, _ = space
    for q in range(starts):
        row = rows[_STARTS, q]
        if distance[row[pair[0]], row[pair[1]]] == apart:
            rows[layer, count] = row
            value[layer, count] = value[_STARTS, q]
            size[layer, count] = size[_STARTS, q]
            steps[layer, count, :2] = steps[_STARTS, q, :2]
            count += 1
    return count


@njit
def _set_next_layer(layer, count, pair, keep, depth_weight, space, problem):
    """The best ``keep`` moves that bring the pair closer, in the other layer; their number."""
    N, S = problem.neutrino.shape[1], problem.degree.size
    clock = 2 * N + 2 * S
    distance, neighbors, degree = problem.distance, problem.neighbors, problem.degree
    rows, value, size, steps, candidates = space
    i, p = pair
    n = 0
    for q in range(count):
        row = rows[layer, q]
        for side in range(2):
            a, goal = (row[p], row[i]) if side else (row[i], row[p])
            for e in range(degree[a]):
                b = neighbors[a, e]
                if distance[b, goal] < distance[a, goal]:
                    gates = move_gates(row, a, b, problem)
                    change = value[layer, q, 1] + gain(row, a, b, problem)
                    late = max(row[clock + a], row[clock + b]) + gates
                    candidates[n, 0] = value[layer, q, 0] + gates + change
                    candidates[n, 0] += depth_weight * max(late, row[clock + goal])
                    candidates[n, 1], candidates[n, 2], candidates[n, 3] = q, a, b
                    candidates[n, 4] = change
                    n += 1
    then, kept = 1 - layer, 0
    while kept < keep and n > 0:
        least = np.argmin(candidates[:n, 0])
        q = int(candidates[least, 1])
        a, b = int(candidates[least, 2]), int(candidates[least, 3])
        change = candidates[least, 4]
        n -= 1
        candidates[least] = candidates[n]
        row = rows[then, kept]
        row[:] = rows[layer, q]
        gates = move(row, a, b, problem)
        known = False
        for h in range(kept):
            known = known or (rows[then, h, :N] == row[:N]).all()
        if known:
            continue
        m = size[layer, q]
        steps[then, kept, :m] = steps[layer, q, :m]
        step = steps[then, kept, m]
        step[0], step[1], step[2] = LOG_MOVE, a, b
        size[then, kept] = m + 1
        value[then, kept, 0] = value[layer, q, 0] + gates
        value[then, kept, 1] = change
        kept += 1
    return kept


@njit
def approaches(row, pair, keep, depth_weight, space, problem):
    """Bring two neutrinos together: on shortest paths, after free swaps at their ends.

    ``keep`` approaches survive at every distance, by gates, potential and ``depth_weight`` times
    the depth that the two reach.

    Args:
        row: the state before.
        pair: the two neutrinos.
        keep: number of approaches to keep.
        depth_weight: weight of the depth.
        space: see :class:`Approaches`; has the result in the layer returned.
        problem: what is to be routed.

    Returns:
        The layer with the complete approaches, and their number.
    """
    starts, apart = _set_starts(row, pair[0], pair[1], space, problem)
    layer, count = 0, 0
    while True:
        count = _add_starts(layer, count, starts, apart, pair, space, problem.distance)
        if apart <= 1:
            return layer, count
        count = _set_next_layer(layer, count, pair, keep, depth_weight, space, problem)
        layer = 1 - layer
        apart -= 1
