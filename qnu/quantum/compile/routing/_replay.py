"""A route as rows of steps, read and written by compiled loops."""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._state import exchange, free_swap, later, meet, move
from ._tables import LOG_ENCOUNTER, LOG_FREE_SWAP
from .route import MOVE


@njit
def first_row(sites, S):
    """The row before any step, with the neutrinos on ``sites (N,)``."""
    N = len(sites)
    row = np.full(2 * N + 4 * S, -1, np.int32)
    row[N : 2 * N] = 0
    row[2 * N + 2 * S :] = 0
    for i in range(N):
        row[i] = sites[i]
        row[2 * N + sites[i]] = i
    return row


@njit(_nrt=False)
def replay(row, steps, cut, pairs, table, shape):
    """The row after ``steps[:cut]``, in place."""
    for k in range(cut):
        encounter, a, b, swapped = steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3]
        if encounter == MOVE:
            move(row, a, b, table, shape)
            continue
        meet(row, pairs[encounter, 0], pairs[encounter, 1], table, shape)
        if swapped:
            free_swap(row, a, b, shape)


@njit
def last_steps(steps, cut, S):
    """``(S,)`` the last of ``steps[:cut]`` on every site, or -1."""
    last = np.full(S, -1, np.int64)
    for k in range(cut):
        last[steps[k, 1]] = last[steps[k, 2]] = k
    return last


@njit(_nrt=False)
def write_events(row, events, steps, count, encounter_of, pairs, last, N):
    """Append events to ``steps`` after the first ``count``; the new number of steps.

    ``row`` is the state before the events (its sites and numbers of encounters are kept up to
    date), ``last (S,)`` the last step on every site.
    """
    for k in range(len(events)):
        kind, a, b = events[k, 0], events[k, 1], events[k, 2]
        if kind == LOG_FREE_SWAP:
            steps[last[a], 3] ^= 1
            exchange(row, a, b, N)
            continue
        if kind == LOG_ENCOUNTER:
            i, j = row[2 * N + a], row[2 * N + b]
            e = encounter_of[i, row[N + i]]
            row[N + i] += 1
            row[N + j] += 1
            if pairs[e, 0] != i:
                a, b = b, a
            steps[count, 0] = e
        else:
            steps[count, 0] = MOVE
            exchange(row, a, b, N)
        steps[count, 1], steps[count, 2], steps[count, 3] = a, b, 0
        last[a] = last[b] = count
        count += 1
    return count


@njit
def costs_and_depth(sites, steps, count, pairs, table, shape, cost):
    """Gates of every step, in ``cost``; their sum, and the two-qubit depth."""
    N, S = shape.neutrinos, shape.sites
    row = first_row(sites, S)
    clock = 2 * N + 2 * S
    total, deepest = 0, 0
    for k in range(count):
        encounter, a, b, swapped = steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3]
        if encounter == MOVE:
            cost[k] = move(row, a, b, table, shape)
        else:
            i, p = pairs[encounter, 0], pairs[encounter, 1]
            q = i * shape.longest + row[N + i]
            cost[k] = table[shape.gates + q] + swapped * table[shape.price + q]
            row[N + i] += 1
            row[N + p] += 1
            later(row, a, b, cost[k], shape)
            if swapped:
                exchange(row, a, b, N)
        total += cost[k]
        deepest = max(deepest, row[clock + a], row[clock + b])
    return total, deepest
