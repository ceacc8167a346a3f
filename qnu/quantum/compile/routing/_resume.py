"""A route up to some step, everything after it searched again, and the same in reversed time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ....common.checks import Floats
from ._beam import beam
from ._state import Problem
from ._tables import MEETING, TRADING, Queues, Table
from .device import DeviceGraph, Indices
from .route import MOVE, Route

#: More encounters than anybody has.
_NEVER = 2**30


@dataclass(frozen=True)
class Taste:
    """What a search prefers, and how long it looks.

    Args:
        width: states that are kept after every encounter.
        keep: ways for a pair to come together that are looked at.
        greed: weight of the potential against gates already paid.
        decay: weight in the potential of a pair, per encounter that its neutrinos have before.
        pace: depth that one encounter of a chain is expected to take.
        per_depth: gates that one unit of depth is worth.
        noise: relative spread of random tolls.
    """

    width: int = 1
    keep: int = 4
    greed: float = 0.6
    decay: float = 0.6
    pace: float = 6.0
    per_depth: float = 1.0
    noise: float = 0.0


@dataclass(frozen=True, eq=False)
class Task:
    """A schedule and a device, as the compiled search reads them.

    ``asleep``: neutrinos that have not met anybody are not prepared yet; their sites are empty.
    ``backward``: time runs from the last encounter to the first.
    """

    pairs: Indices
    neutrinos: int
    sites: int
    neighbors: Table
    degree: Table
    distance: Table
    toll: Floats
    asleep: bool = True
    backward: bool = False

    @classmethod
    def of(cls, device: DeviceGraph, pairs: Indices, neutrinos: int, asleep: bool = True) -> Task:
        """All ``pairs (n, 2)`` of so many neutrinos on ``device``."""
        degree = np.array([len(near) for near in device.neighbors], np.int32)
        neighbors = np.zeros((device.sites, max(int(degree.max(initial=0)), 1)), np.int32)
        for s, near in enumerate(device.neighbors):
            neighbors[s, : len(near)] = near
        distance = device.distance.astype(np.int32)
        toll = 3.0 * np.maximum(distance - 1.0, 0.0)
        return cls(pairs, neutrinos, device.sites, neighbors, degree, distance, toll, asleep)

    def reversed(self) -> Task:
        """The same with the last pair first."""
        return replace(self, pairs=self.pairs[::-1], backward=not self.backward)

    def resume(self, route: Route, cut: int, taste: Taste, rng: np.random.Generator) -> Route:
        """``route`` up to its step ``cut``, then the best that a search finds."""
        N, S = self.neutrinos, self.sites
        start = np.full(2 * N + 3 * S, -1, np.int32)
        start[N : 2 * N] = 0
        on, free, clock = np.split(start[2 * N :], 3)
        clock[:] = 0
        where = start[:N]
        where[:] = route.sites
        on[route.sites] = np.arange(N)
        left = np.ones(len(self.pairs), bool)
        total = np.bincount(self.pairs.reshape(-1), minlength=N)
        seen = np.zeros(N, np.int64)

        def awake(s: int) -> bool:
            i = on[s]
            if i < 0 or not self.asleep:
                return bool(i >= 0)
            return bool(seen[i] < total[i] if self.backward else seen[i] > 0)

        steps = route.steps[:cut].tolist()
        last: dict[frozenset[int], int] = {}
        for row, (encounter, a, b, traded) in enumerate(steps):
            both = 2 if encounter != MOVE else awake(a) + awake(b)
            if both:
                clock[a] = clock[b] = max(clock[a], clock[b]) + both + 1
            for s in (a, b):
                if free[s] >= 0:
                    free[free[s]] = -1
                free[s] = -1
            if encounter != MOVE:
                left[encounter] = False
                seen[self.pairs[encounter]] += 1
                free[a], free[b] = b, a
                last[frozenset((a, b))] = row
            if encounter == MOVE or traded:
                _exchange(on, where, a, b)
        ahead = np.flatnonzero(left)
        queues = Queues.of(self.pairs[ahead], N)
        problem = Problem(
            queues.who, queues.rank, queues.length, queues.chain, self.neighbors, self.degree,
            self.distance, self.toll * (1.0 + taste.noise * rng.standard_normal((S, S))),
            np.array(_powers(taste.decay, 8)),
            np.where(self.asleep and not self.backward, seen == 0, 0).astype(np.int32),
            np.where(self.asleep and self.backward, total - seen, _NEVER).astype(np.int32),
        )  # fmt: skip
        keys = rng.integers(1, 2**63, size=(N, S + 1), dtype=np.uint64)
        events = beam(
            start, keys, len(ahead), taste.width, taste.keep, taste.greed, taste.pace,
            taste.per_depth, problem,
        )  # fmt: skip
        done = [0] * N
        for kind, a, b in events.tolist():
            if kind == MEETING:
                i = int(on[a])
                e = int(ahead[queues.encounter[i, done[i]]])
                done[i] += 1
                done[int(on[b])] += 1
                last[frozenset((a, b))] = len(steps)
                steps.append([e, a, b, 0] if self.pairs[e, 0] == i else [e, b, a, 0])
                continue
            if kind == TRADING:
                steps[last[frozenset((a, b))]][3] ^= 1
            else:
                steps.append([MOVE, a, b, 0])
            _exchange(on, where, a, b)
        return Route(route.sites, np.array(steps, np.int32).reshape(-1, 4), where.astype(np.int64))


def _powers(base: float, count: int) -> list[float]:
    """``base^0, base^1, ...``, each rounded once.

    NumPy's powers differ in the last digit between processors, and the search with them.
    """
    exact = Fraction(base)
    return [float(exact**k) for k in range(count)]


def _exchange(on: Table, where: Table, a: int, b: int) -> None:
    on[a], on[b] = on[b], on[a]
    for s in (a, b):
        if on[s] >= 0:
            where[on[s]] = s


def backwards(route: Route, encounters: int) -> Route:
    """The same route read from its end: an encounter and a free trade commute."""
    steps = route.steps[::-1].copy()
    steps[:, 0] = np.where(steps[:, 0] == MOVE, MOVE, encounters - 1 - steps[:, 0])
    traded = steps[:, 3] == 1
    steps[traded, 1:3] = steps[traded, 2:0:-1]
    return Route(route.final, steps, route.sites)
