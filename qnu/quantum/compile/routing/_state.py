"""The state of a partial route as one int32 row, and what may happen next: compiled loops.

A row holds the site of every neutrino (N), the number of its encounters so far (N), the neutrino on
every site or -1 (S), the site it may still be swapped with at no cost or -1 (S), and the two-qubit
depth reached on every site (S).
"""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.checks import Floats
from ....common.jit import njit
from ._tables import LOG_ENCOUNTER, LOG_FREE_SWAP, Int32Array

#: Largest number of encounters at the end of one extension; more wait for the next one.
MAX_ENCOUNTERS = 12


#: Rows of ``SearchProblem.queue``, as in :class:`._tables.Queues`.
PARTNER, RANK, CHAIN = 0, 1, 2
#: Rows of ``SearchProblem.neutrino``: number of encounters; those done while it is on its site.
LENGTH, OCCUPIED_FROM, OCCUPIED_UNTIL = 0, 1, 2


class SearchProblem(NamedTuple):
    """Queues, sites with neighbours, and the weights of a search.

    Few arrays: every call of a compiled loop counts the references of each of them.

    Args:
        queue: ``(3, N, longest)`` partner, rank and chain of every encounter.
        neutrino: ``(3, N)``: length of the queue; site and neutrino count as occupied from the
            second to below the third number of encounters done: before its first encounter a
            neutrino may be prepared anywhere (in reversed time: after its last).
        neighbors: ``(S, largest degree)`` neighbours of every site.
        degree: ``(S,)`` how many.
        distance: ``(S, S)`` couplers on the shortest path.
        pair_cost: ``(S, S)`` gates that a pair on two sites is expected to need before its
            encounter.
        weight: ``(L,)`` weight of a pair whose encounter is the k-th from now.
    """

    queue: Int32Array
    neutrino: Int32Array
    neighbors: Int32Array
    degree: Int32Array
    distance: Int32Array
    pair_cost: Floats
    weight: Floats


@njit(inline="always")
def _gain_of_one(row, i, here, there, other, problem):
    N = problem.neutrino.shape[1]
    # arrays by name: every access to a field of a tuple in the loop counts references
    queue, weight, pair_cost = problem.queue, problem.weight, problem.pair_cost
    change = 0.0
    first = row[N + i]
    levels = weight.size
    for k in range(min(levels, problem.neutrino[LENGTH, i] - first)):
        p = queue[PARTNER, i, first + k]
        level = max(k, queue[RANK, i, first + k] - row[N + p])
        if level < levels and p != other:
            at = row[p]
            change += weight[level] * (pair_cost[there, at] - pair_cost[here, at])
    return change


@njit
def gain(row, a, b, problem):
    """Change of the potential when the contents of ``a`` and ``b`` are swapped."""
    N = problem.neutrino.shape[1]
    i, j = row[2 * N + a], row[2 * N + b]
    change = 0.0
    if i >= 0:
        change += _gain_of_one(row, i, a, b, j, problem)
    if j >= 0:
        change += _gain_of_one(row, j, b, a, i, problem)
    return change


@njit(inline="always")
def _share(row, i, excluded, problem):
    """Part of the potential from the pairs of neutrino ``i`` with all but ``excluded``."""
    N = problem.neutrino.shape[1]
    queue, weight, pair_cost = problem.queue, problem.weight, problem.pair_cost
    levels = weight.size
    first = row[N + i]
    total = 0.0
    for k in range(min(levels, problem.neutrino[LENGTH, i] - first)):
        p = queue[PARTNER, i, first + k]
        level = max(k, queue[RANK, i, first + k] - row[N + p])
        if level < levels and p != excluded:
            total += weight[level] * pair_cost[row[i], row[p]]
    return total


@njit(inline="always")
def exchange(row, a, b, N):
    """Swap the contents of ``a`` and ``b``."""
    i, j = row[2 * N + a], row[2 * N + b]
    row[2 * N + a], row[2 * N + b] = j, i
    if i >= 0:
        row[i] = b
    if j >= 0:
        row[j] = a


@njit(inline="always")
def _bind(row, a, b, swappable, N, S):
    """End all free swaps with ``a`` or ``b``; the two may be swapped if ``swappable``."""
    free = 2 * N + S
    for s in (a, b):
        x = row[free + s]
        if x >= 0:
            row[free + x] = -1
    row[free + a] = b if swappable else -1
    row[free + b] = a if swappable else -1


@njit(inline="always")
def _is_occupied(row, s, problem):
    N = problem.neutrino.shape[1]
    i = row[2 * N + s]
    return (
        i >= 0
        and problem.neutrino[OCCUPIED_FROM, i] <= row[N + i]
        and row[N + i] < problem.neutrino[OCCUPIED_UNTIL, i]
    )


@njit(inline="always")
def move_gates(row, a, b, problem):
    """Gates of a move: 3 for two neutrinos (SWAP), 2 for one and an empty site, else none."""
    both = int(_is_occupied(row, a, problem)) + int(_is_occupied(row, b, problem))
    return both + 1 if both else 0


@njit(inline="always")
def move(row, a, b, problem):
    """As :func:`exchange`, at the cost of gates, which are returned."""
    N, S = problem.neutrino.shape[1], problem.degree.size
    clock = 2 * N + 2 * S
    gates = move_gates(row, a, b, problem)
    exchange(row, a, b, N)
    _bind(row, a, b, False, N, S)
    if gates:
        row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + gates
    return gates


@njit(inline="always")
def _ready(row, i, problem):
    """Whether the next encounter of ``i`` is possible: both wait, on neighbouring sites."""
    N = problem.neutrino.shape[1]
    k = row[N + i]
    if k >= problem.neutrino[LENGTH, i]:
        return False
    p = problem.queue[PARTNER, i, k]
    return problem.queue[RANK, i, k] == row[N + p] and problem.distance[row[i], row[p]] == 1


@njit
def settle(row, stack, height, events, count, problem):
    """Do all encounters that are possible, and the free swaps that lower the potential.

    ``stack[:height]`` are the neutrinos to look at; events are added to ``events (., 3)`` after
    the first ``count``. The result is the number of events, the number of encounters among the new
    ones, and the change of the potential.
    """
    N, S = problem.neutrino.shape[1], problem.degree.size
    queue, free, clock = problem.queue, 2 * N + S, 2 * N + 2 * S
    begin, encounters, change = count, 0, 0.0
    while True:
        while height > 0:
            height -= 1
            i = stack[height]
            if encounters < MAX_ENCOUNTERS and _ready(row, i, problem):
                p = queue[PARTNER, i, row[N + i]]
                change -= _share(row, i, -1, problem) + _share(row, p, i, problem)
                a, b = row[i], row[p]
                events[count, 0], events[count, 1], events[count, 2] = LOG_ENCOUNTER, a, b
                count += 1
                encounters += 1
                row[N + i] += 1
                row[N + p] += 1
                change += _share(row, i, -1, problem) + _share(row, p, i, problem)
                row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + 3
                _bind(row, a, b, True, N, S)
                stack[height], stack[height + 1] = i, p
                height += 2
        for e in range(begin, count):
            a, b = events[e, 1], events[e, 2]
            possible = events[e, 0] == LOG_ENCOUNTER and row[free + a] == b
            if possible and count < len(events) - MAX_ENCOUNTERS:
                better = gain(row, a, b, problem)
                if better > -1e-6:
                    continue
                change += better
                exchange(row, a, b, N)
                events[count, 0], events[count, 1], events[count, 2] = LOG_FREE_SWAP, a, b
                count += 1
                stack[height], stack[height + 1] = row[2 * N + a], row[2 * N + b]
                height += 2
        if height == 0:
            return count, encounters, change


@njit
def depth_ahead(row, problem, depth_per_encounter):
    """Estimate of the final two-qubit depth: each waiting pair and the chain behind it.

    ``depth_per_encounter`` is the depth of one encounter of a chain, its moves included.
    """
    N, S = problem.neutrino.shape[1], problem.degree.size
    queue, neutrino, distance = problem.queue, problem.neutrino, problem.distance
    clock = 2 * N + 2 * S
    worst = 0.0
    for i in range(N):
        k = row[N + i]
        t = float(row[clock + row[i]])
        if k < neutrino[LENGTH, i]:
            p = queue[PARTNER, i, k]
            if p < i or queue[RANK, i, k] != row[N + p]:
                continue
            u = float(row[clock + row[p]])
            moves = 3.0 * (distance[row[i], row[p]] - 1)
            t = max(t, u, 0.5 * (t + u + moves)) + depth_per_encounter * queue[CHAIN, i, k]
        worst = max(worst, t)
    return worst


@njit
def key_of(row, keys, N, S):
    """A hash, equal for two rows with the same sites and encounters done."""
    key = np.uint64(0)
    for i in range(N):
        key ^= keys[i, row[i]] + np.uint64(row[N + i]) * keys[i, S]
    return key
