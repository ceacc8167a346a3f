"""A route as rows of steps, read and written by compiled loops."""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit
from ._state import bind, exchange, later, move_gates
from ._tables import LOG_ENCOUNTER, LOG_FREE_SWAP
from .route import MOVE


@njit
def first_row(sites, S):
    """The row before any step, with the neutrinos on ``sites (N,)``."""
    N = len(sites)
    row = np.full(2 * N + 3 * S, -1, np.int32)
    row[N : 2 * N] = 0
    row[2 * N + 2 * S :] = 0
    for i in range(N):
        row[i] = sites[i]
        row[2 * N + sites[i]] = i
    return row


@njit
def replay(row, steps, cut, pairs, table, shape):
    """The row after ``steps[:cut]``, in place."""
    N, S = shape.neutrinos, shape.sites
    for k in range(cut):
        encounter, a, b, swapped = steps[k]
        is_move = encounter == MOVE
        gates = move_gates(row, a, b, table, shape) if is_move else 3
        later(row, a, b, gates, shape)
        bind(row, a, b, not is_move, N, S)
        if not is_move:
            row[N + pairs[encounter, 0]] += 1
            row[N + pairs[encounter, 1]] += 1
        if is_move or swapped:
            exchange(row, a, b, N)


@njit
def last_steps(steps, cut, S):
    """``(S,)`` the last of ``steps[:cut]`` on every site, or -1."""
    last = np.full(S, -1, np.int64)
    for k in range(cut):
        last[steps[k, 1]] = last[steps[k, 2]] = k
    return last


@njit
def write_events(row, events, steps, count, encounter_of, pairs, last, N):
    """Append events to ``steps`` after the first ``count``; the new number of steps.

    ``row`` is the state before the events (its sites and numbers of encounters are kept up to
    date), ``last (S,)`` the last step on every site.
    """
    for k in range(len(events)):
        kind, a, b = events[k]
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
        encounter, a, b, swapped = steps[k]
        gates = move_gates(row, a, b, table, shape) if encounter == MOVE else 3
        cost[k] = gates
        total += gates
        later(row, a, b, gates, shape)
        if gates:
            deepest = max(deepest, row[clock + a])
        if encounter != MOVE:
            row[N + pairs[encounter, 0]] += 1
            row[N + pairs[encounter, 1]] += 1
        if encounter == MOVE or swapped:
            exchange(row, a, b, N)
    return total, deepest
