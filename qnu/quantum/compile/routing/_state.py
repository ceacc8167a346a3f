"""The state of a partial route as one int32 row, and what may happen next: compiled loops.

A row holds the site of every neutrino (N), the number of its encounters so far (N), the neutrino on
every site or -1 (S), the site it may still be swapped with inside their encounter or -1 (S), the
two-qubit depth reached on every site (S), and the gates that such a swap adds (S): none for a
generic encounter; for a CX one, for a SWAP minus three. Where it is decided after the encounter
whether its gates are none, the depth is an estimate; that of a whole route is exact.
"""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._tables import LOG_ENCOUNTER, LOG_FREE_SWAP

#: Largest number of encounters at the end of one extension; more wait for the next one.
MAX_ENCOUNTERS = 12
#: Gates for one unit of distance to the final site that is given: a SWAP serves two neutrinos.
GATES_PER_DISTANCE = 1.5
#: Weight of the same distance while there are encounters to come.
POTENTIAL_PER_DISTANCE = 0.5


class Shape(NamedTuple):
    """Sizes of a search, and where its tables begin in one array of int32 and one of floats.

    Single arrays: every call of a compiled loop counts the references of each of them.

    Args:
        neutrinos, sites: how many.
        longest: largest number of encounters of a neutrino.
        width: largest number of neighbours of a site.
        ahead: how many encounters of a neutrino, from its next one on, enter the potential.
        partner, rank, chain: ``(N, longest)`` see :class:`._tables.Queues`.
        gates: ``(N, longest)`` two-qubit gates of every encounter without a swap.
        price: ``(N, longest)`` gates that a swap inside it adds.
        length: ``(N,)`` number of encounters.
        occupied_from, occupied_until: ``(N,)`` site and neutrino count as occupied from the first
            to below the second number of encounters done: before its first encounter a neutrino may
            be prepared anywhere (in reversed time: after its last).
        final: ``(N,)`` the site where a neutrino has to end, or -1.
        neighbors: ``(S, width)`` neighbours of every site.
        degree: ``(S,)`` how many.
        distance: ``(S, S)`` couplers on the shortest path.
        tail: ``(S,)`` two-qubit depth that follows on every site, where ``has_end`` is 1.
        has_end: 1 where final sites are given, and something may follow.
        weight: in the array of floats, ``(ahead,)`` weight of a pair whose encounter is the k-th
            from now; before it ``(S, S)`` gates that a pair on two sites is expected to need.
    """

    neutrinos: int
    sites: int
    longest: int
    width: int
    ahead: int
    partner: int
    rank: int
    chain: int
    gates: int
    price: int
    length: int
    occupied_from: int
    occupied_until: int
    final: int
    neighbors: int
    degree: int
    distance: int
    tail: int
    has_end: int
    weight: int


@njit(_nrt=False)
def shape_of(neutrinos, sites, longest, width, ahead, has_end):
    """Tables one after the other."""
    N, S, queue = neutrinos, sites, neutrinos * longest
    length = 5 * queue
    neighbors = length + 4 * N
    degree = neighbors + S * width
    distance = degree + S
    tail = distance + S * S
    return Shape(
        N,
        S,
        longest,
        width,
        ahead,
        0,
        queue,
        2 * queue,
        3 * queue,
        4 * queue,
        length,
        length + N,
        length + 2 * N,
        length + 3 * N,
        neighbors,
        degree,
        distance,
        tail,
        has_end,
        S * S,
    )


@njit(_nrt=False)
def apart(a, b, table, shape):
    """Couplers between two sites."""
    return table[shape.distance + a * shape.sites + b]


@njit(_nrt=False)
def _gain_of_one(row, i, here, there, other, table, cost, shape):
    N, S, ahead = shape.neutrinos, shape.sites, shape.ahead
    change = 0.0
    first = row[N + i]
    queue = i * shape.longest + first
    partner, rank, weight = shape.partner + queue, shape.rank + queue, shape.weight
    for k in range(min(ahead, table[shape.length + i] - first)):
        p = table[partner + k]
        level = max(k, table[rank + k] - row[N + p])
        if level < ahead and p != other:
            at = row[p]
            change += cost[weight + level] * (cost[there * S + at] - cost[here * S + at])
    final = table[shape.final + i]
    if final >= 0:
        nearer = apart(there, final, table, shape) - apart(here, final, table, shape)
        change += POTENTIAL_PER_DISTANCE * nearer
    return change


@njit(_nrt=False)
def gain(row, a, b, table, cost, shape):
    """Change of the potential when the contents of ``a`` and ``b`` are swapped."""
    N = shape.neutrinos
    i, j = row[2 * N + a], row[2 * N + b]
    change = 0.0
    if i >= 0:
        change += _gain_of_one(row, i, a, b, j, table, cost, shape)
    if j >= 0:
        change += _gain_of_one(row, j, b, a, i, table, cost, shape)
    return change


@njit(_nrt=False)
def _share(row, i, excluded, table, cost, shape):
    """Part of the potential from the pairs of neutrino ``i`` with all but ``excluded``."""
    N, S, ahead = shape.neutrinos, shape.sites, shape.ahead
    first = row[N + i]
    queue = i * shape.longest + first
    partner, rank, weight = shape.partner + queue, shape.rank + queue, shape.weight
    here = row[i] * S
    total = 0.0
    for k in range(min(ahead, table[shape.length + i] - first)):
        p = table[partner + k]
        level = max(k, table[rank + k] - row[N + p])
        if level < ahead and p != excluded:
            total += cost[weight + level] * cost[here + row[p]]
    return total


@njit(_nrt=False)
def exchange(row, a, b, N):
    """Swap the contents of ``a`` and ``b``."""
    i, j = row[2 * N + a], row[2 * N + b]
    row[2 * N + a], row[2 * N + b] = j, i
    if i >= 0:
        row[i] = b
    if j >= 0:
        row[j] = a


@njit(_nrt=False)
def bind(row, a, b, swappable, N, S):
    """End all free swaps with ``a`` or ``b``; the two may be swapped if ``swappable``."""
    free = 2 * N + S
    x, y = row[free + a], row[free + b]
    if x >= 0:
        row[free + x] = -1
    if y >= 0:
        row[free + y] = -1
    row[free + a] = b if swappable else -1
    row[free + b] = a if swappable else -1


@njit(_nrt=False)
def is_occupied(row, s, table, shape):
    """Whether a site has a neutrino that is prepared and has encounters."""
    N = shape.neutrinos
    i = row[2 * N + s]
    return (
        i >= 0
        and table[shape.occupied_from + i] <= row[N + i]
        and row[N + i] < table[shape.occupied_until + i]
    )


@njit(_nrt=False)
def move_gates(row, a, b, table, shape):
    """Gates of a move: 3 for two neutrinos (SWAP), 2 for one and an empty site, else none."""
    both = int(is_occupied(row, a, table, shape)) + int(is_occupied(row, b, table, shape))
    return both + 1 if both else 0


@njit(_nrt=False)
def later(row, a, b, gates, shape):
    """Two sites are in use for so many two-qubit gates from now."""
    clock = 2 * shape.neutrinos + 2 * shape.sites
    if gates:
        row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + gates


@njit(_nrt=False)
def free_swap(row, a, b, shape):
    """Swap two neutrinos inside their encounter; the gates that this adds."""
    N, S = shape.neutrinos, shape.sites
    clock = 2 * N + 2 * S
    gates = row[clock + S + a]
    exchange(row, a, b, N)
    row[clock + a] += gates
    row[clock + b] += gates
    row[clock + S + a] = row[clock + S + b] = -gates
    return gates


@njit(_nrt=False)
def meet(row, i, p, table, shape):
    """The next encounter of two neutrinos on their sites."""
    N, S = shape.neutrinos, shape.sites
    q = i * shape.longest + row[N + i]
    a, b = row[i], row[p]
    price = 2 * N + 3 * S
    later(row, a, b, table[shape.gates + q], shape)
    bind(row, a, b, True, N, S)
    row[price + a] = row[price + b] = table[shape.price + q]
    row[N + i] += 1
    row[N + p] += 1


@njit(_nrt=False)
def move(row, a, b, table, shape):
    """As :func:`exchange`, at the cost of gates, which are returned."""
    gates = move_gates(row, a, b, table, shape)
    exchange(row, a, b, shape.neutrinos)
    bind(row, a, b, False, shape.neutrinos, shape.sites)
    later(row, a, b, gates, shape)
    return gates


@njit(_nrt=False)
def _ready(row, i, table, shape):
    """Whether the next encounter of ``i`` is possible: both wait, on neighbouring sites."""
    N = shape.neutrinos
    k = row[N + i]
    if k >= table[shape.length + i]:
        return False
    p = table[shape.partner + i * shape.longest + k]
    waits = table[shape.rank + i * shape.longest + k] == row[N + p]
    return waits and apart(row[i], row[p], table, shape) == 1


@njit(_nrt=False)
def settle(row, stack, height, events, count, table, cost, shape):
    """Do all encounters that are possible, and the free swaps that lower the potential.

    ``stack[:height]`` are the neutrinos to look at; events are added to ``events (., 3)`` after
    the first ``count``. The result is the number of events, the number of encounters among the new
    ones, the gates that free swaps add, and the change of the potential.
    """
    N, S = shape.neutrinos, shape.sites
    free = 2 * N + S
    price = 2 * N + 3 * S
    begin, encounters, gates, change = count, 0, 0, 0.0
    while True:
        while height > 0:
            height -= 1
            i = stack[height]
            if encounters < MAX_ENCOUNTERS and _ready(row, i, table, shape):
                p = table[shape.partner + i * shape.longest + row[N + i]]
                change -= _share(row, i, -1, table, cost, shape)
                change -= _share(row, p, i, table, cost, shape)
                a, b = row[i], row[p]
                events[count, 0], events[count, 1], events[count, 2] = LOG_ENCOUNTER, a, b
                count += 1
                encounters += 1
                meet(row, i, p, table, shape)
                change += _share(row, i, -1, table, cost, shape)
                change += _share(row, p, i, table, cost, shape)
                stack[height], stack[height + 1] = i, p
                height += 2
        for e in range(begin, count):
            a, b = events[e, 1], events[e, 2]
            possible = events[e, 0] == LOG_ENCOUNTER and row[free + a] == b
            if possible and count < len(events) - MAX_ENCOUNTERS:
                better = gain(row, a, b, table, cost, shape)
                if better + row[price + a] > -1e-6:
                    continue
                change += better
                gates += free_swap(row, a, b, shape)
                events[count, 0], events[count, 1], events[count, 2] = LOG_FREE_SWAP, a, b
                count += 1
                stack[height], stack[height + 1] = row[2 * N + a], row[2 * N + b]
                height += 2
        if height == 0:
            return count, encounters, gates, change


@njit(_nrt=False)
def depth_ahead(row, table, shape, depth_per_encounter):
    """Estimate of the final two-qubit depth: each waiting pair and the chain behind it.

    ``depth_per_encounter`` is the depth of one encounter of a chain, its moves included. Where
    something follows, the depth with it.
    """
    N, S = shape.neutrinos, shape.sites
    clock = 2 * N + 2 * S
    worst = 0.0
    if shape.has_end:
        for s in range(S):
            worst = max(worst, float(row[clock + s] + table[shape.tail + s]))
        return worst
    for i in range(N):
        k = row[N + i]
        t = float(row[clock + row[i]])
        if k < table[shape.length + i]:
            q = i * shape.longest + k
            p = table[shape.partner + q]
            if p < i or table[shape.rank + q] != row[N + p]:
                continue
            u = float(row[clock + row[p]])
            moves = 3.0 * (apart(row[i], row[p], table, shape) - 1)
            t = max(t, u, 0.5 * (t + u + moves)) + depth_per_encounter * table[shape.chain + q]
        worst = max(worst, t)
    return worst


@njit(_nrt=False)
def key_of(row, keys, shape):
    """A hash, equal for two rows with the same sites and encounters done."""
    N, S = shape.neutrinos, shape.sites
    key = np.uint64(0)
    for i in range(N):
        key ^= keys[i, row[i]] + np.uint64(row[N + i]) * keys[i, S]
    return key


@njit(_nrt=False)
def distance_left(row, table, shape):
    """Sum of the distances of all neutrinos to their final sites."""
    total = 0
    for i in range(shape.neutrinos):
        final = table[shape.final + i]
        if final >= 0:
            total += apart(row[i], final, table, shape)
    return total


@njit(_nrt=False)
def potential_of(row, table, cost, shape):
    """The potential of a row: that of its pairs, and of the distances to final sites."""
    total = 0.0
    for i in range(shape.neutrinos):
        total += 0.5 * _share(row, i, -1, table, cost, shape)
    return total + POTENTIAL_PER_DISTANCE * distance_left(row, table, shape)


@njit(_nrt=False)
def waiting_pairs(row, table, shape, pairs):
    """Write the pairs whose next encounter is with each other to ``pairs``; their number."""
    N, count = shape.neutrinos, 0
    for i in range(N):
        k = row[N + i]
        if k < table[shape.length + i]:
            p = table[shape.partner + i * shape.longest + k]
            if p > i and table[shape.rank + i * shape.longest + k] == row[N + p]:
                pairs[count, 0], pairs[count, 1] = i, p
                count += 1
    return count
