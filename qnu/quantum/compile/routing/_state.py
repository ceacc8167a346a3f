"""What a search knows at one moment, as one int32 row, and what may happen next: compiled loops.

A row holds the site of every neutrino (N), how many of its encounters are done (N), the neutrino on
every site or -1 (S), the site it may still trade places with at no cost or -1 (S), and the
two-qubit depth reached on every site (S).
"""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.checks import Floats
from ....common.jit import njit
from ._tables import MEETING, MOVING, TRADING, Table

#: Most encounters that one way is allowed to end with; more wait for the next one.
MOST = 12


class Problem(NamedTuple):
    """Queues as in :class:`._tables.Queues`, sites with neighbours, and the weights of a search.

    ``toll (S, S)`` is what a pair on two sites is expected to pay until it meets, ``weight (L,)``
    how much that counts for a pair that meets as the k-th from now. Neutrino i is awake, its site
    not empty, while ``wake[i] <=`` encounters done ``< rest[i]``: before its first encounter it may
    be prepared anywhere (in reversed time: after its last).
    """

    who: Table
    rank: Table
    length: Table
    chain: Table
    neighbors: Table
    degree: Table
    distance: Table
    toll: Floats
    weight: Floats
    wake: Table
    rest: Table


@njit(inline="always")
def _gain_of_one(row, i, here, there, other, problem):
    N = problem.length.size
    change = 0.0
    first = row[N + i]
    most = problem.weight.size
    for k in range(min(most, problem.length[i] - first)):
        p = problem.who[i, first + k]
        level = max(k, problem.rank[i, first + k] - row[N + p])
        if level < most and p != other:
            at = row[p]
            change += problem.weight[level] * (problem.toll[there, at] - problem.toll[here, at])
    return change


@njit
def gain(row, a, b, problem):
    """Change of the potential when what is on ``a`` and ``b`` trades places."""
    N = problem.length.size
    i, j = row[2 * N + a], row[2 * N + b]
    change = 0.0
    if i >= 0:
        change += _gain_of_one(row, i, a, b, j, problem)
    if j >= 0:
        change += _gain_of_one(row, j, b, a, i, problem)
    return change


@njit(inline="always")
def _share(row, i, but, problem):
    """What the pairs of neutrino ``i`` with all ``but`` one add to the potential."""
    N = problem.length.size
    most = problem.weight.size
    first = row[N + i]
    total = 0.0
    for k in range(min(most, problem.length[i] - first)):
        p = problem.who[i, first + k]
        level = max(k, problem.rank[i, first + k] - row[N + p])
        if level < most and p != but:
            total += problem.weight[level] * problem.toll[row[i], row[p]]
    return total


@njit(inline="always")
def exchange(row, a, b, N):
    """What is on ``a`` and ``b`` trades places."""
    i, j = row[2 * N + a], row[2 * N + b]
    row[2 * N + a], row[2 * N + b] = j, i
    if i >= 0:
        row[i] = b
    if j >= 0:
        row[j] = a


@njit(inline="always")
def _bind(row, a, b, trade, N, S):
    """Nothing else can be traded with ``a`` or ``b`` any more; the two may if ``trade``."""
    free = 2 * N + S
    for s in (a, b):
        x = row[free + s]
        if x >= 0:
            row[free + x] = -1
    row[free + a] = b if trade else -1
    row[free + b] = a if trade else -1


@njit(inline="always")
def _awake(row, s, problem):
    N = problem.length.size
    i = row[2 * N + s]
    return i >= 0 and problem.wake[i] <= row[N + i] and row[N + i] < problem.rest[i]


@njit(inline="always")
def price(row, a, b, problem):
    """Gates of a move: a SWAP of two, a move to an empty site, or nothing at all."""
    both = int(_awake(row, a, problem)) + int(_awake(row, b, problem))
    return both + 1 if both else 0


@njit(inline="always")
def move(row, a, b, problem):
    """As :func:`exchange`, paid in gates, which are returned."""
    N, S = problem.length.size, problem.degree.size
    clock = 2 * N + 2 * S
    gates = price(row, a, b, problem)
    exchange(row, a, b, N)
    _bind(row, a, b, False, N, S)
    if gates:
        row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + gates
    return gates


@njit(inline="always")
def _ready(row, i, problem):
    """May neutrino ``i`` meet its next partner now: both wait for it, on neighbouring sites."""
    N = problem.length.size
    k = row[N + i]
    if k >= problem.length[i]:
        return False
    p = problem.who[i, k]
    return problem.rank[i, k] == row[N + p] and problem.distance[row[i], row[p]] == 1


@njit
def settle(row, stack, height, events, count, problem):
    """Let pairs meet while any can, and trade places where that lowers the potential.

    ``stack[:height]`` are the neutrinos to look at; events are added to ``events (., 3)`` after
    the first ``count``. The result is the number of events, of encounters among the new
    ones, and the change of the potential.
    """
    N, S = problem.length.size, problem.degree.size
    free, clock = 2 * N + S, 2 * N + 2 * S
    begin, met, change = count, 0, 0.0
    while True:
        while height > 0:
            height -= 1
            i = stack[height]
            if met < MOST and _ready(row, i, problem):
                p = problem.who[i, row[N + i]]
                change -= _share(row, i, -1, problem) + _share(row, p, i, problem)
                a, b = row[i], row[p]
                events[count, 0], events[count, 1], events[count, 2] = MEETING, a, b
                count += 1
                met += 1
                row[N + i] += 1
                row[N + p] += 1
                change += _share(row, i, -1, problem) + _share(row, p, i, problem)
                row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + 3
                _bind(row, a, b, True, N, S)
                stack[height], stack[height + 1] = i, p
                height += 2
        for e in range(begin, count):
            a, b = events[e, 1], events[e, 2]
            if events[e, 0] == MEETING and row[free + a] == b and count < len(events) - MOST:
                better = gain(row, a, b, problem)
                if better > -1e-6:
                    continue
                change += better
                exchange(row, a, b, N)
                events[count, 0], events[count, 1], events[count, 2] = TRADING, a, b
                count += 1
                stack[height], stack[height + 1] = row[2 * N + a], row[2 * N + b]
                height += 2
        if height == 0:
            return count, met, change


@njit
def depth_ahead(row, problem, pace):
    """About where the two-qubit depth will end: each waiting pair and the chain behind it.

    ``pace`` is the depth that one encounter of a chain is expected to take, moves included.
    """
    N, S = problem.length.size, problem.degree.size
    clock = 2 * N + 2 * S
    worst = 0.0
    for i in range(N):
        k = row[N + i]
        t = float(row[clock + row[i]])
        if k < problem.length[i]:
            p = problem.who[i, k]
            if p < i or problem.rank[i, k] != row[N + p]:
                continue
            u = float(row[clock + row[p]])
            way = 3.0 * (problem.distance[row[i], row[p]] - 1)
            t = max(t, u, 0.5 * (t + u + way)) + pace * problem.chain[i, k]
        worst = max(worst, t)
    return worst


@njit
def key_of(row, keys, N, S):
    """A number that two rows share if neutrinos and encounters are in the same place."""
    key = np.uint64(0)
    for i in range(N):
        key ^= keys[i, row[i]] + np.uint64(row[N + i]) * keys[i, S]
    return key


@njit
def approaches(row, i, p, keep, lean, ways, value, size, trails, held, problem):
    """Ways for two neutrinos to come together: on shortest paths, after free trades at their ends.

    ``keep`` of them survive at every distance, by gates, potential and ``lean`` times the depth
    that the two reach.

    Args:
        row: where it starts.
        i: one neutrino.
        p: the other.
        keep: how many ways to keep.
        lean: weight of depth.
        ways: ``(3, keep + 4, len(row))`` rows: two layers in turn, and the starts.
        value: ``(3, keep + 4, 2)`` gates, change of the potential.
        size: ``(3, keep + 4)`` steps of a way.
        trails: ``(3, keep + 4, ., 3)`` the steps.
        held: ``(., 5)`` space for the candidates of one layer.
        problem: what is to be routed.

    Returns:
        The layer with the complete ways, and their number.
    """
    N, S = problem.length.size, problem.degree.size
    free, clock = 2 * N + S, 2 * N + 2 * S
    distance = problem.distance
    starts, d = 0, 0
    for trading in range(4):
        ends = (row[i], row[p])
        others = (row[free + ends[0]], row[free + ends[1]])
        if (trading & 1 and (others[0] < 0 or others[0] == ends[1])) or (
            trading & 2 and (others[1] < 0 or others[1] == ends[0])
        ):
            continue
        start = ways[2, starts]
        start[:] = row
        value[2, starts] = 0.0
        size[2, starts] = 0
        for side in range(2):
            if trading >> side & 1:
                a, b = ends[side], others[side]
                value[2, starts, 1] += gain(start, a, b, problem)
                exchange(start, a, b, N)
                step = trails[2, starts, size[2, starts]]
                step[0], step[1], step[2] = TRADING, a, b
                size[2, starts] += 1
        d = max(d, distance[start[i], start[p]])
        starts += 1
    now, found = 0, 0
    while True:
        for q in range(starts):
            if distance[ways[2, q, i], ways[2, q, p]] == d:
                ways[now, found] = ways[2, q]
                value[now, found] = value[2, q]
                size[now, found] = size[2, q]
                trails[now, found, :2] = trails[2, q, :2]
                found += 1
        if d <= 1:
            return now, found
        n = 0
        for q in range(found):
            r = ways[now, q]
            for side in range(2):
                a, goal = (r[p], r[i]) if side else (r[i], r[p])
                for e in range(problem.degree[a]):
                    b = problem.neighbors[a, e]
                    if distance[b, goal] < distance[a, goal]:
                        gates = price(r, a, b, problem)
                        change = value[now, q, 1] + gain(r, a, b, problem)
                        late = max(r[clock + a], r[clock + b]) + gates
                        held[n, 0] = value[now, q, 0] + gates + change
                        held[n, 0] += lean * max(late, r[clock + goal])
                        held[n, 1], held[n, 2], held[n, 3], held[n, 4] = q, a, b, change
                        n += 1
        then, got = 1 - now, 0
        while got < keep and n > 0:
            least = np.argmin(held[:n, 0])
            q, a, b = int(held[least, 1]), int(held[least, 2]), int(held[least, 3])
            change = held[least, 4]
            n -= 1
            held[least] = held[n]
            r = ways[then, got]
            r[:] = ways[now, q]
            gates = move(r, a, b, problem)
            known = False
            for h in range(got):
                known = known or (ways[then, h, :N] == r[:N]).all()
            if known:
                continue
            m = size[now, q]
            trails[then, got, :m] = trails[now, q, :m]
            step = trails[then, got, m]
            step[0], step[1], step[2] = MOVING, a, b
            size[then, got] = m + 1
            value[then, got, 0] = value[now, q, 0] + gates
            value[then, got, 1] = change
            got += 1
        now, found = then, got
        d -= 1
