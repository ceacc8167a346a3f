"""Beam search over partial routes: compiled loops on plain arrays.

A state is one int32 row: site of every neutrino (N), how many of its encounters are done (N), the
neutrino on every site or -1 (S), the site it may still trade places with at no cost or -1 (S), and
the two-qubit depth reached on every site (S).
"""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# arguments of compiled loops get their types from numba

import numba
import numpy as np

#: Kinds of a step, as in `_tables`.
MEETING, MOVING, TRADING = 0, 1, 2


@numba.njit(cache=True, inline="always")
def _gain_of_one(
    row, i, here, there, other, who, rank, length,
    weight, toll, N,
):  # fmt: skip
    """Change of the potential when neutrino ``i`` goes from ``here`` to ``there``."""
    change = 0.0
    first = row[N + i]
    for k in range(min(weight.size, length[i] - first)):
        p = who[i, first + k]
        level = max(k, rank[i, first + k] - row[N + p])
        if level < weight.size and p != other:
            at = row[p]
            change += weight[level] * (toll[there, at] - toll[here, at])
    return change


@numba.njit(cache=True)
def _gain(row, a, b, who, rank, length, weight, toll, N):
    """Change of the potential when what is on ``a`` and ``b`` trades places."""
    i, j = row[2 * N + a], row[2 * N + b]
    change = 0.0
    if i >= 0:
        change += _gain_of_one(row, i, a, b, j, who, rank, length, weight, toll, N)
    if j >= 0:
        change += _gain_of_one(row, j, b, a, i, who, rank, length, weight, toll, N)
    return change


@numba.njit(cache=True)
def _potential(row, who, rank, length, weight, toll, N):
    """Weighted tolls of all pairs that meet soon."""
    total = 0.0
    for i in range(N):
        first = row[N + i]
        for k in range(min(weight.size, length[i] - first)):
            p = who[i, first + k]
            if p > i:
                level = max(k, rank[i, first + k] - row[N + p])
                if level < weight.size:
                    total += weight[level] * toll[row[i], row[p]]
    return total


@numba.njit(cache=True, inline="always")
def _exchange(row, a, b, N):
    i, j = row[2 * N + a], row[2 * N + b]
    row[2 * N + a], row[2 * N + b] = j, i
    if i >= 0:
        row[i] = b
    if j >= 0:
        row[j] = a


@numba.njit(cache=True, inline="always")
def _ready(row, i, distance, who, rank, length, N):
    """May neutrino ``i`` meet its next partner now: both wait for it, on neighbouring sites."""
    k = row[N + i]
    if k >= length[i]:
        return False
    p = who[i, k]
    return rank[i, k] == row[N + p] and distance[row[i], row[p]] == 1


@numba.njit(cache=True, inline="always")
def _bind(row, a, b, trade, N, S):
    """Whatever could still be traded with ``a`` or ``b`` no longer can; ``a`` and ``b`` may."""
    free = 2 * N + S
    for s in (a, b):
        x = row[free + s]
        if x >= 0:
            row[free + x] = -1
    row[free + a] = b if trade else -1
    row[free + b] = a if trade else -1


@numba.njit(cache=True)
def _settle(
    row, stack, height, events, count, distance, who,
    rank, length, weight, toll, N, S,
):  # fmt: skip
    """Let pairs meet while any can, and trade places where that lowers the potential.

    ``stack[:height]`` are the neutrinos to look at. Events are appended to ``events (., 3)``.
    """
    clock = 2 * N + 2 * S
    begin = count
    while True:
        while height > 0:
            height -= 1
            i = stack[height]
            if _ready(row, i, distance, who, rank, length, N):
                p = who[i, row[N + i]]
                a, b = row[i], row[p]
                events[count, 0], events[count, 1], events[count, 2] = MEETING, a, b
                count += 1
                row[N + i] += 1
                row[N + p] += 1
                row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + 3
                _bind(row, a, b, True, N, S)
                stack[height], stack[height + 1] = i, p
                height += 2
        for e in range(begin, count):
            if events[e, 0] == MEETING:
                a, b = events[e, 1], events[e, 2]
                if (
                    row[2 * N + S + a] == b
                    and _gain(row, a, b, who, rank, length, weight, toll, N) < -1e-6
                ):
                    _exchange(row, a, b, N)
                    events[count, 0], events[count, 1], events[count, 2] = TRADING, a, b
                    count += 1
                    stack[height], stack[height + 1] = row[2 * N + a], row[2 * N + b]
                    height += 2
        if height == 0:
            return count


@numba.njit(cache=True, inline="always")
def _depth_bound(
    row, distance, who, rank, length, chain, pace, N,
    S,
):  # fmt: skip
    """About where the two-qubit depth will end: each waiting pair and the chain behind it."""
    clock = 2 * N + 2 * S
    worst = 0.0
    for i in range(N):
        k = row[N + i]
        t = float(row[clock + row[i]])
        if k < length[i]:
            p = who[i, k]
            if p < i or rank[i, k] != row[N + p]:
                continue
            u = float(row[clock + row[p]])
            way = 3.0 * (distance[row[i], row[p]] - 1)
            t = max(max(t, u), 0.5 * (t + u + way)) + pace * chain[i, k]
        worst = max(worst, t)
    return worst


@numba.njit(cache=True)
def _spread(
    row, events, count, trading, a, b, stack, distance,
    who, rank, length, N, S,
):  # fmt: skip
    """Free trades on the sides of a move, then the move: (events, stack height, meets)."""
    free, clock = 2 * N + S, 2 * N + 2 * S
    height = 0
    for side in range(2):
        if trading >> side & 1:
            s = b if side else a
            x = row[free + s]
            _exchange(row, s, x, N)
            events[count, 0], events[count, 1], events[count, 2] = TRADING, s, x
            count += 1
            stack[height], stack[height + 1] = row[2 * N + s], row[2 * N + x]
            height += 2
    full = row[2 * N + a] >= 0 and row[2 * N + b] >= 0
    _exchange(row, a, b, N)
    _bind(row, a, b, False, N, S)
    row[clock + a] = row[clock + b] = max(row[clock + a], row[clock + b]) + (3 if full else 2)
    events[count, 0], events[count, 1], events[count, 2] = MOVING, a, b
    count += 1
    for s in (a, b):
        if row[2 * N + s] >= 0:
            stack[height] = row[2 * N + s]
            height += 1
    meets = False
    for h in range(height):
        if _ready(row, stack[h], distance, who, rank, length, N):
            meets = True
    return count, height, meets


@numba.njit(cache=True)
def _key(row, zobrist, N, S):
    key = np.uint64(0)
    for i in range(N):
        key ^= zobrist[i, row[i]] + np.uint64(row[N + i]) * zobrist[i, S]
    return key


@numba.njit(cache=True, nogil=True)
def beam(
    sites, neighbors, degree, distance, toll, who, rank,
    length, chain, weight, zobrist, noise, encounters, width,
    ahead, pace, per_depth, empty, limit,
):  # fmt: skip
    """Search from ``sites`` and return the events ``(E, 3)`` of the best route found.

    Level by level, every level one move more. A state is worth its cost so far, its potential,
    ``ahead`` for every encounter left, and ``per_depth`` times its estimated depth. The result is
    empty when ``limit`` levels did not suffice.
    """
    N, S = length.size, degree.size
    size = 2 * N + 3 * S
    rows = np.empty((2, width, size), np.int32)
    cost = np.zeros((2, width))
    pots = np.zeros((2, width))
    left = np.zeros((2, width), np.int64)
    node = np.zeros((2, width), np.int64)
    scratch = np.empty(size, np.int32)
    stack = np.empty(4 * N + 16, np.int64)
    events = np.empty((4 * encounters + 4 * N + 64, 3), np.int32)
    log = np.empty((1024, 4), np.int32)  # parent, kind, a, b
    logged = 1
    log[0, 0] = -1
    capacity = 64 * width + 1024
    score = np.empty(capacity)
    move = np.empty((capacity, 4), np.int32)  # parent, a, b, trading
    keys = np.empty(capacity, np.uint64)
    table_size = 1024
    table = np.zeros(table_size, np.uint64)
    entries = 0

    row = rows[0, 0]
    row[:] = -1
    row[2 * N + 2 * S :] = 0
    for i in range(N):
        row[i] = sites[i]
        row[N + i] = 0
        row[2 * N + sites[i]] = i
        stack[i] = i
    count = _settle(row, stack, N, events, 0, distance, who, rank, length, weight, toll, N, S)
    now, states = 0, 1
    best_score, best_node = np.inf, -1
    left[0, 0] = encounters
    for e in range(count):
        log[logged, 0] = logged - 1
        log[logged, 1], log[logged, 2], log[logged, 3] = events[e, 0], events[e, 1], events[e, 2]
        if events[e, 0] == MEETING:
            left[0, 0] -= 1
        logged += 1
        if logged + 8 > len(log):
            bigger = np.empty((2 * len(log), 4), np.int32)
            bigger[:logged] = log[:logged]
            log = bigger
    node[0, 0] = logged - 1
    pots[0, 0] = _potential(row, who, rank, length, weight, toll, N)
    if left[0, 0] == 0:
        best_node = node[0, 0]
        states = 0
    clock = 2 * N + 2 * S
    for level in range(limit):
        if states == 0:
            break
        found = 0
        for state in range(states):
            row = rows[now, state]
            for i in range(N):
                k = row[N + i]
                if k >= length[i]:
                    continue
                p = who[i, k]
                if rank[i, k] != row[N + p]:
                    continue
                a = row[i]
                goal = row[p]
                for d in range(degree[a]):
                    b = neighbors[a, d]
                    if distance[b, goal] > distance[a, goal]:
                        continue
                    xa, xb = row[2 * N + S + a], row[2 * N + S + b]
                    if xa == b:
                        continue
                    for trading in range(4):
                        if (trading & 1 and xa < 0) or (trading & 2 and xb < 0):
                            continue
                        scratch[:] = row
                        full = row[2 * N + a] >= 0 and row[2 * N + b] >= 0
                        price = 3.0 if full else empty
                        change = 0.0
                        if trading & 1:
                            change += _gain(scratch, a, xa, who, rank, length, weight, toll, N)
                        if trading & 2:
                            if trading & 1:
                                _exchange(scratch, a, xa, N)
                            change += _gain(scratch, b, xb, who, rank, length, weight, toll, N)
                            if trading & 1:
                                _exchange(scratch, a, xa, N)
                        if trading:
                            if trading & 1:
                                _exchange(scratch, a, xa, N)
                            if trading & 2:
                                _exchange(scratch, b, xb, N)
                            if scratch[2 * N + a] < 0 and scratch[2 * N + b] < 0:
                                continue
                            change += _gain(scratch, a, b, who, rank, length, weight, toll, N)
                            if trading & 1:
                                _exchange(scratch, a, xa, N)
                            if trading & 2:
                                _exchange(scratch, b, xb, N)
                        else:
                            change += _gain(scratch, a, b, who, rank, length, weight, toll, N)
                        done = 0
                        total = pots[now, state] + change
                        count, height, meets = _spread(
                            scratch,
                            events,
                            0,
                            trading,
                            a,
                            b,
                            stack,
                            distance,
                            who,
                            rank,
                            length,
                            N,
                            S,
                        )
                        if meets:
                            count = _settle(
                                scratch,
                                stack,
                                height,
                                events,
                                count,
                                distance,
                                who,
                                rank,
                                length,
                                weight,
                                toll,
                                N,
                                S,
                            )
                            for e in range(count):
                                if events[e, 0] == MEETING:
                                    done += 1
                            total = _potential(scratch, who, rank, length, weight, toll, N)
                        value = cost[now, state] + price + total + ahead * (left[now, state] - done)
                        value += per_depth * _depth_bound(
                            scratch, distance, who, rank, length, chain, pace, N, S
                        )
                        value += noise[(found * 7919 + level * 104729) % noise.size]
                        if found < capacity:
                            score[found] = value
                            move[found, 0], move[found, 1], move[found, 2], move[found, 3] = (
                                state,
                                a,
                                b,
                                trading,
                            )
                            keys[found] = _key(scratch, zobrist, N, S)
                            found += 1
        if found == 0:
            break
        order = np.argsort(score[:found])
        kept = 0
        if 2 * (entries + width) > table_size:
            while 4 * (entries + width) > table_size:
                table_size *= 2
            bigger_table = np.zeros(table_size, np.uint64)
            for key in table:
                if key != 0:
                    slot = int(key >> np.uint64(20)) % table_size
                    while bigger_table[slot] != 0:
                        slot = (slot + 1) % table_size
                    bigger_table[slot] = key
            table = bigger_table
        then = 1 - now
        for o in order:
            if kept == width or score[o] >= best_score:
                break
            key = keys[o] | np.uint64(1)
            slot = int(key >> np.uint64(20)) % table_size
            while table[slot] != 0 and table[slot] != key:
                slot = (slot + 1) % table_size
            if table[slot] == key:
                continue
            table[slot] = key
            entries += 1
            state, a, b, trading = move[o, 0], move[o, 1], move[o, 2], move[o, 3]
            row = rows[then, kept]
            row[:] = rows[now, state]
            count, height, meets = _spread(
                row, events, 0, trading, a, b, stack, distance, who, rank, length, N, S
            )
            full = row[2 * N + a] >= 0 and row[2 * N + b] >= 0
            count = _settle(
                row, stack, height, events, count, distance, who, rank, length, weight, toll, N, S
            )
            if logged + count + 8 > len(log):
                bigger = np.empty((2 * len(log) + count, 4), np.int32)
                bigger[:logged] = log[:logged]
                log = bigger
            parent = node[now, state]
            left[then, kept] = left[now, state]
            for e in range(count):
                log[logged, 0] = parent
                log[logged, 1], log[logged, 2], log[logged, 3] = (
                    events[e, 0],
                    events[e, 1],
                    events[e, 2],
                )
                if events[e, 0] == MEETING:
                    left[then, kept] -= 1
                parent = logged
                logged += 1
            node[then, kept] = parent
            cost[then, kept] = cost[now, state] + (3.0 if full else empty)
            pots[then, kept] = _potential(row, who, rank, length, weight, toll, N)
            if left[then, kept] == 0:
                value = cost[then, kept] + per_depth * row[clock:].max()
                if value < best_score:
                    best_score, best_node = value, parent
                continue
            kept += 1
        now, states = then, kept
    if best_node < 0:
        return np.empty((0, 3), np.int32)
    steps = 0
    at = best_node
    while at > 0:
        steps += 1
        at = log[at, 0]
    result = np.empty((steps, 3), np.int32)
    at = best_node
    while at > 0:
        steps -= 1
        result[steps] = log[at, 1:]
        at = log[at, 0]
    return result
