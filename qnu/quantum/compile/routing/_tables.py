"""A schedule as a search reads it: the queue of encounters of every neutrino."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .device import Indices

Table = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Queues:
    """Row i of every ``(N, most)`` table belongs to neutrino i, column k to its encounter k.

    ``who`` is the partner, ``rank`` the place of this encounter in the partner's row, ``encounter``
    its number, ``chain`` how many encounters wait for each other from this one to the end, itself
    included; ``length (N,)`` says how many columns are meant.
    """

    who: Table
    rank: Table
    encounter: Table
    chain: Table
    length: Table

    @classmethod
    def of(cls, pairs: Indices, neutrinos: int) -> Queues:
        """Queues of ``pairs (n, 2)`` in the order of time."""
        length = np.bincount(pairs.reshape(-1), minlength=neutrinos).astype(np.int32)
        shape = (neutrinos, max(int(length.max(initial=0)), 1))
        who, rank, encounter, chain = (np.zeros(shape, np.int32) for _ in range(4))
        filled = [0] * neutrinos
        for e, (i, j) in enumerate(pairs.tolist()):
            for one, other in ((i, j), (j, i)):
                k = filled[one]
                who[one, k], rank[one, k], encounter[one, k] = other, filled[other], e
            filled[i] += 1
            filled[j] += 1
        waiting = [0] * neutrinos
        for i, j in pairs[::-1].tolist():
            filled[i] -= 1
            filled[j] -= 1
            waiting[i] = waiting[j] = 1 + max(waiting[i], waiting[j])
            chain[i, filled[i]] = chain[j, filled[j]] = waiting[i]
        return cls(who, rank, encounter, chain, length)


#: Kinds of a step in the log of a search: an encounter, a move, a trade after the last encounter.
MEETING, MOVING, TRADING = 0, 1, 2
