"""A route up to some step, everything after it searched again, and the same in reversed time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ._beam import BeamSettings, beam
from ._state import SearchProblem
from ._tables import LOG_ENCOUNTER, LOG_FREE_SWAP, Int32Array, Queues
from .device import DeviceGraph, Indices
from .route import MOVE, Route

#: More encounters than any neutrino has.
_NEVER = 2**30
#: Number of pairs of a neutrino, from its next encounter on, that enter the potential.
_AHEAD = 8


@dataclass(frozen=True, eq=False)
class SearchTask:
    """A schedule and a device, as the compiled search reads them.

    ``qubits_initially_zero``: a neutrino is prepared right before its first encounter; until then
    its site is empty. ``backward``: time runs from the last encounter to the first.
    """

    pairs: Indices
    neutrinos: int
    sites: int
    neighbors: Int32Array
    degree: Int32Array
    distance: Int32Array
    pair_cost: Floats
    qubits_initially_zero: bool = True
    backward: bool = False

    @classmethod
    def of(
        cls,
        device: DeviceGraph,
        pairs: Indices,
        neutrinos: int,
        qubits_initially_zero: bool = True,
    ) -> SearchTask:
        """All ``pairs (n, 2)`` of so many neutrinos on ``device``."""
        neighbors, degree = device.neighbor_table()
        distance = device.distance.astype(np.int32)
        return cls(
            pairs,
            neutrinos,
            device.sites,
            neighbors.astype(np.int32),
            degree.astype(np.int32),
            distance,
            3.0 * np.maximum(distance - 1.0, 0.0),
            qubits_initially_zero,
        )

    def reversed(self) -> SearchTask:
        """The same with the last pair first."""
        return replace(self, pairs=self.pairs[::-1], backward=not self.backward)

    def resume(
        self, route: Route, cut: int, settings: BeamSettings, rng: np.random.Generator
    ) -> Route:
        """``route`` up to its step ``cut``, then the best that a search finds."""
        partial = _Partial.of(self, route)
        for step in route.steps[:cut].tolist():
            partial.repeat(step)
        ahead = np.flatnonzero(partial.left)
        queues = Queues.of(self.pairs[ahead], self.neutrinos)
        problem = self._problem(queues, partial.seen, settings, rng)
        keys = rng.integers(1, 2**63, size=(self.neutrinos, self.sites + 1), dtype=np.uint64)
        events = beam(partial.row, keys, len(ahead), settings, problem)
        return partial.continued(route.sites, events.tolist(), ahead, queues)

    def _problem(
        self, queues: Queues, seen: Indices, settings: BeamSettings, rng: np.random.Generator
    ) -> SearchProblem:
        """What is left after ``seen (N,)`` encounters of every neutrino."""
        zero, sites = self.qubits_initially_zero, self.sites
        total = np.bincount(self.pairs.reshape(-1), minlength=self.neutrinos)
        occupied_from = np.where(zero and not self.backward, seen == 0, 0)
        occupied_until = np.where(zero and self.backward, total - seen, _NEVER)
        noise = 1.0 + settings.noise * rng.standard_normal((sites, sites))
        return SearchProblem(
            queue=np.stack([queues.partner, queues.rank, queues.chain]),
            neutrino=np.stack([queues.length, occupied_from, occupied_until]).astype(np.int32),
            neighbors=self.neighbors,
            degree=self.degree,
            distance=self.distance,
            pair_cost=self.pair_cost * noise,
            weight=np.array(_powers(settings.decay, _AHEAD)),
        )


@dataclass(eq=False)
class _Partial:
    """A route as far as it is known: its steps, and the row of :mod:`._state` after them.

    ``where (N,)``, ``on (S,)``, ``free (S,)`` and ``depth (S,)`` are parts of the row. ``left
    (n,)`` marks the encounters to come, ``seen (N,)`` counts those of every neutrino so far, and
    ``last`` is the step of the last encounter on a pair of sites.
    """

    task: SearchTask
    row: Int32Array
    where: Int32Array
    on: Int32Array
    free: Int32Array
    depth: Int32Array
    left: NDArray[np.bool_]
    seen: Indices
    total: Indices
    steps: list[list[int]] = field(default_factory=list)
    last: dict[frozenset[int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, task: SearchTask, route: Route) -> _Partial:
        """The beginning of a route, without any step."""
        N, S = task.neutrinos, task.sites
        row = np.full(2 * N + 3 * S, -1, np.int32)
        row[N : 2 * N] = 0
        on, free, depth = np.split(row[2 * N :], 3)
        depth[:] = 0
        where = row[:N]
        where[:] = route.sites
        on[route.sites] = np.arange(N)
        left = np.ones(len(task.pairs), bool)
        total = np.bincount(task.pairs.reshape(-1), minlength=N)
        return cls(task, row, where, on, free, depth, left, np.zeros(N, np.int64), total)

    def _is_occupied(self, site: int) -> bool:
        i = self.on[site]
        if i < 0 or not self.task.qubits_initially_zero:
            return bool(i >= 0)
        return bool(self.seen[i] < self.total[i] if self.task.backward else self.seen[i] > 0)

    def repeat(self, step: list[int]) -> None:
        """One more step of the route."""
        encounter, a, b, swapped = step
        both = 2 if encounter != MOVE else self._is_occupied(a) + self._is_occupied(b)
        if both:
            self.depth[a] = self.depth[b] = max(self.depth[a], self.depth[b]) + both + 1
        for s in (a, b):
            if self.free[s] >= 0:
                self.free[self.free[s]] = -1
            self.free[s] = -1
        if encounter != MOVE:
            self.left[encounter] = False
            self.seen[self.task.pairs[encounter]] += 1
            self.free[a], self.free[b] = b, a
            self.last[frozenset((a, b))] = len(self.steps)
        if encounter == MOVE or swapped:
            self._exchange(a, b)
        self.steps.append(step)

    def _exchange(self, a: int, b: int) -> None:
        on, where = self.on, self.where
        on[a], on[b] = on[b], on[a]
        for s in (a, b):
            if on[s] >= 0:
                where[on[s]] = s

    def continued(
        self, sites: Indices, events: Sequence[list[int]], ahead: Indices, queues: Queues
    ) -> Route:
        """The whole route, with the events of a search for the encounters ``ahead``."""
        done = [0] * self.task.neutrinos
        for kind, a, b in events:
            if kind == LOG_ENCOUNTER:
                i = int(self.on[a])
                e = int(ahead[queues.encounter[i, done[i]]])
                done[i] += 1
                done[int(self.on[b])] += 1
                self.last[frozenset((a, b))] = len(self.steps)
                forward = self.task.pairs[e, 0] == i
                self.steps.append([e, a, b, 0] if forward else [e, b, a, 0])
                continue
            if kind == LOG_FREE_SWAP:
                self.steps[self.last[frozenset((a, b))]][3] ^= 1
            else:
                self.steps.append([MOVE, a, b, 0])
            self._exchange(a, b)
        steps = np.array(self.steps, np.int32).reshape(-1, 4)
        return Route(sites, steps, self.where.astype(np.int64))


def _powers(base: float, count: int) -> list[float]:
    """``base^0, base^1, ...``, each rounded once.

    NumPy's powers differ in the last digit between processors, and the search with them.
    """
    exact = Fraction(base)
    return [float(exact**k) for k in range(count)]


def reversed_route(route: Route, encounters: int) -> Route:
    """The same route read from its end: an encounter and its free swap commute."""
    steps = route.steps[::-1].copy()
    steps[:, 0] = np.where(steps[:, 0] == MOVE, MOVE, encounters - 1 - steps[:, 0])
    swapped = steps[:, 3] == 1
    steps[swapped, 1:3] = steps[swapped, 2:0:-1]
    return Route(route.final, steps, route.sites)
