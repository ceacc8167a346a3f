"""Windows of a route, searched again with both ends fixed. Compiled loops."""

from __future__ import annotations

from typing import NamedTuple

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._beam import BeamSettings, beam
from ._replay import costs_and_depth, first_row, replay, write_events
from ._state import is_occupied, shape_of
from ._tables import fill_queues
from .route import MOVE

#: Sites of a window: from the first number on, so many different sizes.
_SITES, _SIZES = 8, 6
#: Steps of a window: as above.
_STEPS, _LENGTHS = 8, 24
#: Fewest steps that are worth a search.
_FEWEST = 4
_NEVER = 2**30
#: Encounters of a neutrino that enter the potential inside a window.
_AHEAD = 6


class WindowSettings(NamedTuple):
    """How windows are searched.

    Args:
        width, keep: see :class:`._beam.BeamSettings`.
        potential_weight, decay: as there.
        gates_per_depth: what one layer of the whole route is worth.
        tolerance: a route that is a little worse is taken too, at most by this in the beginning.
    """

    width: int
    keep: int
    potential_weight: float
    decay: float
    gates_per_depth: float
    tolerance: float


@njit(inline="always")
def _random(state, below):
    """A whole number below a limit (xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return int(((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % np.uint64(below))


@njit(_nrt=False)
def _ball(center, size, table, shape, inside, ball, random):
    """Connected sites around one of them: their number; ``inside (S,)`` has their places or -1."""
    for k in range(len(inside)):
        inside[k] = -1
    ball[0], inside[center] = center, 0
    count = 1
    while count < size:
        grown = False
        for _ in range(4 * size):  # random neighbours of random members
            s = ball[_random(random, count)]
            e = _random(random, table[shape.degree + s])
            b = table[shape.neighbors + s * shape.width + e]
            if inside[b] < 0:
                inside[b], ball[count] = count, b
                count += 1
                grown = True
                break
        if not grown:
            break
    return count


@njit(_nrt=False)
def _window(steps, count, begin, most, inside, blocked, chosen):
    """Steps from ``begin`` on that touch only inside sites no other step has touched before."""
    found = 0
    for k in range(len(blocked)):
        blocked[k] = False
    for k in range(begin, count):
        a, b = steps[k, 1], steps[k, 2]
        if inside[a] >= 0 and inside[b] >= 0 and not blocked[a] and not blocked[b]:
            chosen[found] = k
            found += 1
            if found == most:
                break
        else:
            blocked[a] = blocked[b] = True
    return found


@njit(_nrt=False)
def _tails(steps, count, begin, chosen, found, cost, tail):
    """Depth that follows on every site after the steps of the window."""
    for k in range(len(tail)):
        tail[k] = 0
    left = found - 1
    for k in range(count - 1, begin - 1, -1):
        if left >= 0 and chosen[left] == k:
            left -= 1
            continue
        a, b = steps[k, 1], steps[k, 2]
        if cost[k]:
            tail[a] = tail[b] = max(tail[a], tail[b]) + cost[k]


@njit
def _graph(ball, size, inside, table, shape, small, local):
    """Neighbours and distances among the sites of a window."""
    for a in range(size):
        s = ball[a]
        degree = 0
        for e in range(table[shape.degree + s]):
            b = inside[table[shape.neighbors + s * shape.width + e]]
            if b >= 0:
                small[local.neighbors + a * local.width + degree] = b
                degree += 1
        small[local.degree + a] = degree
    queue = np.empty(size, np.int64)
    for source in range(size):
        base = local.distance + source * size
        small[base : base + size] = size
        small[base + source] = 0
        queue[0] = source
        at, end = 0, 1
        while at < end:
            here = queue[at]
            at += 1
            for e in range(small[local.degree + here]):
                there = small[local.neighbors + here * local.width + e]
                if small[base + there] == size:
                    small[base + there] = small[base + here] + 1
                    queue[end] = there
                    end += 1


@njit
def _small_pairs(steps, chosen, found, row, ball, size, inside, shape):
    """Pairs of a window in its own numbers, their encounters, first sites, what is on each last."""
    N = shape.neutrinos
    places = np.empty(size, np.int64)
    on = np.full(size, -1, np.int64)
    count = 0
    for q in range(size):
        if row[2 * N + ball[q]] >= 0:
            places[count], on[q] = q, count
            count += 1
    pairs = np.empty((found, 2), np.int32)
    encounters = np.empty(found, np.int64)
    met = 0
    for k in range(found):
        encounter, a, b, swapped = steps[chosen[k]]
        a, b = inside[a], inside[b]
        if encounter != MOVE:
            pairs[met, 0], pairs[met, 1], encounters[met] = on[a], on[b], encounter
            met += 1
        if encounter == MOVE or swapped:
            on[a], on[b] = on[b], on[a]
    return pairs[:met], encounters[:met], places[:count], on


@njit
def _queues(pairs, gates, small, local):
    """The queues of a window in its table; the encounter in every place of them."""
    N, shape = local.neutrinos, (local.neutrinos, local.longest)
    size = N * local.longest
    partner = small[local.partner : local.partner + size].reshape(shape)
    rank = small[local.rank : local.rank + size].reshape(shape)
    chain = small[local.chain : local.chain + size].reshape(shape)
    encounter = np.zeros(shape, np.int32)
    fill_queues(pairs, partner, rank, encounter, chain)
    for i in range(N):
        length = 0
        for e in range(len(pairs)):
            length += pairs[e, 0] == i or pairs[e, 1] == i
        small[local.length + i] = length
        for k in range(length):
            e = encounter[i, k]
            q = i * local.longest + k
            small[local.gates + q] = gates[e, 0]
            small[local.price + q] = gates[e, 1] - gates[e, 0]
    return encounter


@njit
def _costs(size, settings, small, local, random):
    """Expected gates of pairs, with up to a tenth of noise, and the weights of pairs ahead."""
    cost = np.empty(size * size + _AHEAD)
    for k in range(size * size):
        noise = 1.0 + 0.2 * (_random(random, 1024) / 1024.0 - 0.5)
        cost[k] = 3.0 * max(small[local.distance + k] - 1, 0) * noise
    weight = settings.potential_weight
    for k in range(_AHEAD):
        cost[size * size + k] = weight
        weight *= settings.decay
    return cost


@njit
def _keys(count, size, random):
    """Random numbers for the hashes of states."""
    keys = np.empty((count, size + 1), np.uint64)
    for i in range(count):
        for q in range(size + 1):
            high, low = _random(random, 2**30), _random(random, 2**30)
            keys[i, q] = np.uint64(high) << np.uint64(31) | np.uint64(low)
    return keys


@njit
def _start_of(row, tail, ball, places, on, table, shape, small, local):
    """The first row of a window; what is prepared, where neutrinos end and what follows."""
    N, S = shape.neutrinos, shape.sites
    count, size = local.neutrinos, local.sites
    start = first_row(places, size)
    for q in range(size):
        start[2 * count + 2 * size + q] = row[2 * N + 2 * S + ball[q]]
        small[local.tail + q] = tail[ball[q]]
        if on[q] >= 0:
            small[local.final + on[q]] = q
    for k in range(count):
        prepared = is_occupied(row, ball[places[k]], table, shape)
        small[local.occupied_from + k] = 0 if prepared else 1
        small[local.occupied_until + k] = _NEVER
    return start


@njit
def _search_window(window, row, tail, settings, budget, table, shape, random):
    """Whether there are steps within the budget with both ends fixed, and the best ones."""
    steps, block_gates, chosen, found, ball, size, inside = window
    pairs, encounters, places, on = _small_pairs(
        steps, chosen, found, row, ball, size, inside, shape
    )
    count, n = len(places), len(pairs)
    local = shape_of(count, size, max(n, 1), shape.width, _AHEAD, 1)
    small = np.zeros(local.tail + size, np.int32)
    gates = block_gates[encounters]
    lowest = 0  # swaps inside some encounters may save so many gates
    for e in range(n):
        lowest += max(0, gates[e, 0] - gates[e, 1])
    encounter_of = _queues(pairs, gates, small, local)
    _graph(ball, size, inside, table, shape, small, local)
    start = _start_of(row, tail, ball, places, on, table, shape, small, local)
    cost = _costs(size, settings, small, local, random)
    keys = _keys(count, size, random)
    own = BeamSettings(
        settings.width,
        settings.keep,
        _NEVER,
        settings.potential_weight,
        settings.decay,
        0.0,
        settings.gates_per_depth,
        0.0,
        budget + lowest,
        lowest,
    )
    gates_of_moves, events = beam(start, keys, n, own, small, cost, local)
    new = np.empty((len(events) + 1, 4), np.int32)
    if gates_of_moves < 0:
        return False, new[:0]
    total = write_events(
        start, events, new, 0, encounter_of, pairs, np.full(size, -1, np.int64), count
    )
    for k in range(total):
        new[k, 1], new[k, 2] = ball[new[k, 1]], ball[new[k, 2]]
        if new[k, 0] != MOVE:
            new[k, 0] = encounters[new[k, 0]]
    return True, new[:total]


@njit
def _replaced(steps, begin, chosen, found, own):
    """All steps of a route, with others in place of those of a window."""
    new = np.empty((len(steps) - found + len(own), 4), np.int32)
    new[:begin] = steps[:begin]
    new[begin : begin + len(own)] = own
    at, q = begin + len(own), 0
    for k in range(begin, len(steps)):
        if q < found and chosen[q] == k:
            q += 1
            continue
        new[at] = steps[k]
        at += 1
    return new


@njit(nogil=True)
def improve_windows(sites, route_steps, pairs, block_gates, settings, tries, seed, table, shape):
    """Search random windows of a route again; the best route found.

    A window is a few connected sites and some steps that follow each other on them: the neutrinos
    begin and end where they did, so the rest of the route stays as it is.

    Args:
        sites: ``(N,)`` initial sites.
        route_steps: ``(n, 4)``.
        pairs: ``(e, 2)`` of all encounters.
        block_gates: ``(e, 2)`` their two-qubit gates without and with a swap.
        settings: :class:`WindowSettings`.
        tries: number of windows.
        seed: of the random numbers, not 0.
        table, shape: the device and the schedule, see :class:`._state.Shape`.

    Returns:
        ``(n', 4)`` steps, and how many windows were improved.
    """
    S = shape.sites
    random = np.array([seed], np.uint64)
    steps = route_steps.copy()
    count = len(steps)
    cost = np.empty(count, np.int64)
    gates, depth = costs_and_depth(sites, steps, count, pairs, table, shape, cost)
    value = gates + settings.gates_per_depth * depth
    best, least = steps, value
    inside, ball = np.empty(S, np.int64), np.empty(S, np.int64)
    tail = np.empty(S, np.int64)
    blocked, chosen = np.empty(S, np.bool_), np.empty(_STEPS + _LENGTHS, np.int64)
    improved = 0
    for left in range(tries, 0, -1):
        begin = _random(random, count)
        size = _ball(
            steps[begin, 1], _SITES + _random(random, _SIZES), table, shape, inside, ball, random
        )
        most = _STEPS + _random(random, _LENGTHS)
        found = _window(steps, count, begin, most, inside, blocked, chosen)
        budget = 0
        for k in range(found):
            encounter = steps[chosen[k], 0]
            budget += cost[chosen[k]] - (0 if encounter == MOVE else block_gates[encounter, 0])
        if found < _FEWEST or budget <= 0:
            continue
        row = first_row(sites, S)
        replay(row, steps, begin, pairs, table, shape)
        _tails(steps, count, begin, chosen, found, cost, tail)
        window = (steps, block_gates, chosen, found, ball, size, inside)
        found_one, own = _search_window(window, row, tail, settings, budget, table, shape, random)
        if not found_one:
            continue
        new = _replaced(steps, begin, chosen, found, own)
        total = len(new)
        new_cost = np.empty(total, np.int64)
        gates, depth = costs_and_depth(sites, new, total, pairs, table, shape, new_cost)
        new_value = gates + settings.gates_per_depth * depth
        u = _random(random, 1024) / 1024.0
        if new_value <= value + settings.tolerance * u * u * left / tries:
            steps, count, cost, value = new, total, new_cost, new_value
            if value < least - 1e-9:
                best, least = steps, value
                improved += 1
    return best, improved
