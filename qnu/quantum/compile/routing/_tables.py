"""A schedule as the search reads it: the queue of encounters of every neutrino."""

from __future__ import annotations

from dataclasses import dataclass

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np
from numpy.typing import NDArray

from ....common.jit import njit

Int32Array = NDArray[np.int32]

#: Kinds of an entry in the log of a search: an encounter, a move, and a free swap, which is made
#: inside the encounter before it on the same coupler.
LOG_ENCOUNTER, LOG_MOVE, LOG_FREE_SWAP = 0, 1, 2


@njit
def fill_queues(pairs, partner, rank, encounter, chain):
    """Fill the ``(N, longest)`` tables of :class:`Queues` from ``pairs (n, 2)``."""
    N = len(partner)
    filled, waiting = np.zeros(N, np.int64), np.zeros(N, np.int64)
    for e in range(len(pairs)):
        i, j = pairs[e]
        k, m = filled[i], filled[j]
        partner[i, k], rank[i, k], encounter[i, k] = j, m, e
        partner[j, m], rank[j, m], encounter[j, m] = i, k, e
        filled[i] += 1
        filled[j] += 1
    for e in range(len(pairs) - 1, -1, -1):
        i, j = pairs[e]
        filled[i] -= 1
        filled[j] -= 1
        waiting[i] = waiting[j] = 1 + max(waiting[i], waiting[j])
        chain[i, filled[i]] = chain[j, filled[j]] = waiting[i]


@dataclass(frozen=True, eq=False)
class Queues:
    """Row i of every ``(N, longest)`` table belongs to neutrino i, column k to its encounter k.

    ``partner`` is the other neutrino, ``rank`` the position of this encounter in the partner's row,
    ``encounter`` its number, ``chain`` the number of encounters that wait for each other from this
    one to the end, itself included; ``length (N,)`` is how many columns are filled.
    """

    partner: Int32Array
    rank: Int32Array
    encounter: Int32Array
    chain: Int32Array
    length: Int32Array

    @classmethod
    def of(cls, pairs: Int32Array, neutrinos: int) -> Queues:
        """Queues of ``pairs (n, 2)`` in the order of time."""
        length = np.bincount(pairs.reshape(-1), minlength=neutrinos).astype(np.int32)
        shape = (neutrinos, max(int(length.max(initial=0)), 1))
        partner, rank, encounter, chain = (np.zeros(shape, np.int32) for _ in range(4))
        fill_queues(pairs, partner, rank, encounter, chain)
        return cls(partner, rank, encounter, chain, length)
