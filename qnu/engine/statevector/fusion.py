"""Which gates share a pass over the state: sets of qubits that fit in cache.

A pass takes a set of ``size`` qubits. Blocks of ``2^size`` amplitudes then go through the cache
once, and every gate inside the set whose predecessors are done is applied to them - of many layers,
as long as both of its qubits are up to date. In a tournament of 24 neutrinos a set of 16 holds 20
to 60 of the 276 encounters: eight passes do what 276 did.

The lowest qubits are in every set, since a cache line holds them anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.jit import njit

#: Another number where the same gates make other passes.
PLAN = 1
#: Number of pending gates that are considered for one pass.
_WINDOW = 512


class Pass(NamedTuple):
    """One sweep over the state: its qubits, ascending, and its gates, in order."""

    qubits: NDArray[Any]
    gates: NDArray[Any]


@njit
def _inside(first, second, todo, member, live, taken):
    """Mark the gates of ``todo`` that a set of qubits can do now; their number."""
    alive = 0
    for q in range(member.size):
        live[q] = member[q]
        alive += member[q]
    count = 0
    for t in range(todo.size):
        i, j = first[todo[t]], second[todo[t]]
        taken[t] = live[i] and live[j]
        if taken[t]:
            count += 1
            continue
        # a gate that reaches out of the set ends what can be done with its qubit
        alive -= live[i] + live[j]
        live[i] = False
        live[j] = False
        if alive < 2:
            taken[t + 1 : todo.size] = False
            break
    return count


@njit
def _grown(first, second, todo, member, size, live, taken):
    """Add the qubit, or the two, that bring the most gates per qubit until ``size`` are in."""
    count = member.size
    have = member.sum()
    now = _inside(first, second, todo, member, live, taken)
    while have < size:
        most, one, two = -1.0, -1, -1
        for q in range(count):
            if member[q]:
                continue
            member[q] = True
            gain = 1.0 * (_inside(first, second, todo, member, live, taken) - now)
            if gain > most:
                most, one, two = gain, q, -1
            for p in range(q + 1, count):
                if member[p] or have + 2 > size:
                    continue
                member[p] = True
                gain = 0.5 * (_inside(first, second, todo, member, live, taken) - now)
                member[p] = False
                if gain > most:
                    most, one, two = gain, q, p
            member[q] = False
        member[one] = True
        have += 1
        if two >= 0:
            member[two] = True
            have += 1
        now = _inside(first, second, todo, member, live, taken)


@njit
def _shrunk(first, second, todo, member, size, low, live, taken):
    """Take away the qubit that costs the fewest gates until ``size`` are left."""
    member[:] = True
    for _ in range(member.size - size):
        most, worst = -1, -1
        for q in range(low, member.size):
            if not member[q]:
                continue
            member[q] = False
            left = _inside(first, second, todo, member, live, taken)
            member[q] = True
            if left > most:
                most, worst = left, q
        member[worst] = False


@njit
def _choose(first, second, todo, count, size, low):
    """``member (count,)``: the set of qubits for the next pass."""
    member = np.zeros(count, np.bool_)
    live = np.zeros(count, np.bool_)
    taken = np.zeros(todo.size, np.bool_)
    if 3 * (count - size) <= count:
        _shrunk(first, second, todo, member, size, low, live, taken)
    else:
        member[:low] = True
        _grown(first, second, todo, member, size, live, taken)
    return member


@njit
def _take(first, second, todo, member):
    """The gates of ``todo`` inside the set and the rest, both in order."""
    taken = np.zeros(todo.size, np.bool_)
    _inside(first, second, todo, member, np.zeros_like(member), taken)
    return todo[taken], todo[~taken]


def passes(first: Any, second: Any, count: int, size: int, low: int) -> Iterator[Pass]:
    """Gates on the pairs (first, second) in passes of ``size`` of ``count`` qubits each.

    Together the passes hold every gate once, and gates that share a qubit stay in order.

    Args:
        first: ``(n,)`` one qubit of every gate.
        second: ``(n,)`` the other.
        count: how many qubits there are.
        size: how many qubits a pass has; at least ``low + 2``, at most ``count``.
        low: number of the lowest qubits, which are in every pass.
    """
    todo = np.arange(len(first))
    if size >= count:
        if len(todo):
            yield Pass(np.arange(count), todo)
        return
    while len(todo):
        window, rest = todo[:_WINDOW], todo[_WINDOW:]
        member = _choose(first, second, window, count, size, low)
        done, left = _take(first, second, window, member)
        yield Pass(np.flatnonzero(member), done)
        todo = np.concatenate([left, rest])
