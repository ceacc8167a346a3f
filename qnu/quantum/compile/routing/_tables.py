"""A schedule as the search reads it: the queue of encounters of every neutrino."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .device import Indices

Int32Array = NDArray[np.int32]

#: Kinds of an entry in the log of a search: an encounter, a move, and a free swap, which is made
#: inside the encounter before it on the same coupler.
LOG_ENCOUNTER, LOG_MOVE, LOG_FREE_SWAP = 0, 1, 2


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
    def of(cls, pairs: Indices, neutrinos: int) -> Queues:
        """Queues of ``pairs (n, 2)`` in the order of time."""
        length = np.bincount(pairs.reshape(-1), minlength=neutrinos).astype(np.int32)
        shape = (neutrinos, max(int(length.max(initial=0)), 1))
        partner, rank, encounter, chain = (np.zeros(shape, np.int32) for _ in range(4))
        filled = [0] * neutrinos
        for e, (i, j) in enumerate(pairs.tolist()):
            for one, other in ((i, j), (j, i)):
                k = filled[one]
                partner[one, k], rank[one, k], encounter[one, k] = other, filled[other], e
            filled[i] += 1
            filled[j] += 1
        waiting = [0] * neutrinos
        for i, j in pairs[::-1].tolist():
            filled[i] -= 1
            filled[j] -= 1
            waiting[i] = waiting[j] = 1 + max(waiting[i], waiting[j])
            chain[i, filled[i]] = chain[j, filled[j]] = waiting[i]
        return cls(partner, rank, encounter, chain, length)
