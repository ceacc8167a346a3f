"""Tournaments on a ring of fewer sites than neutrinos: the others on a tree beside it.

On a closed ring of neutrinos (see :mod:`._ring_with_holes`) m neutrinos in a row stand on one site
of the ring and on a tree that hangs on it; all others go around the ring as usual. Which of the m
neutrinos exchange their sites, and when, is an exact dynamic program: its state is how many
encounters each of the m + 1 slots has had, and which place of the row is on which site.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from operator import ge

import numpy as np
from numpy.typing import NDArray

from ._ring_with_holes import RingDiagram
from .device import Indices
from .route import MOVE, Route

#: By the number of sites beside the ring: the couplers of the tree. Site 0 is on the ring.
TREES: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((0, 1),),
    2: ((0, 1), (1, 2)),
    3: ((0, 1), (1, 2), (2, 3)),
    4: ((0, 1), (1, 2), (2, 3), (2, 4)),
    5: ((0, 1), (1, 2), (2, 3), (2, 4), (3, 5)),
}
#: A gate counts so much, a move 1: of paths with equal gates the one with fewer moves.
_GATE = 1000
_FAR = 1 << 30
#: Which of equal ways is taken: routes that differ in depth only.
_SHARES = (0.0, 0.3, 0.7, 0.999)

Counts = tuple[int, ...]
#: An encounter: its slot of the row, and whether the two places change their sites; a move: two
#: sites of the tree, and False.
Action = tuple[str, int, int, bool]


@dataclass(frozen=True, eq=False)
class TreeProgram:
    """The least gates of a row of places on a tree, for all ways to order their encounters.

    Args:
        diagram: of the encounters.
        first: the first place of the row.
        edges: of the tree.
        initially_zero: neutrinos are prepared right before their first encounter.
    """

    diagram: RingDiagram
    first: int
    edges: tuple[tuple[int, int], ...]
    initially_zero: bool

    @property
    def size(self) -> int:
        """Places in the row, and sites of the tree."""
        return len(self.edges) + 1

    @cached_property
    def events(self) -> list[list[int]]:
        """The encounters of slot 0 (before the row) to m (behind it)."""
        d, n = self.diagram, len(self.diagram.lines)
        by_slot: list[list[int]] = [[] for _ in range(n)]
        for k, slot in enumerate(d.slots):
            by_slot[slot].append(k)
        return [by_slot[(self.first - 1 + k) % n] for k in range(self.size + 1)]

    @cached_property
    def lines(self) -> list[list[int]]:
        """The encounters of every place of the row."""
        n = len(self.diagram.lines)
        return [self.diagram.lines[(self.first + k) % n] for k in range(self.size)]

    @cached_property
    def arrangements(self) -> Indices:
        """``(m!, m)`` the site of every place."""
        return np.array(list(itertools.permutations(range(self.size))), np.int64)

    def _numbers(self, arrangements: Indices) -> Indices:
        powers = self.size ** np.arange(self.size)
        codes = self.arrangements @ powers
        order = np.argsort(codes)
        found: Indices = order[np.searchsorted(codes[order], arrangements @ powers)]
        return found

    @cached_property
    def _exchanges(self) -> list[tuple[Indices, Indices]]:
        """For every coupler: the arrangement after an exchange, and the two places that do it."""
        all_of = self.arrangements
        place = np.argsort(all_of, axis=1)
        result = []
        for a, b in self.edges:
            other = np.where(all_of == a, b, np.where(all_of == b, a, all_of))
            result.append((self._numbers(other), place[:, [a, b]]))
        return result

    @cached_property
    def _meetings(self) -> list[tuple[NDArray[np.bool_], Indices]]:
        """For every slot: where it can have an encounter, and the arrangement with both exchanged.

        The encounters before and behind the row are with the neighbours on the ring: at site 0.
        """
        all_of = self.arrangements
        same = np.arange(len(all_of))
        near = np.zeros((self.size, self.size), bool)
        for a, b in self.edges:
            near[a, b] = near[b, a] = True
        result = [(all_of[:, 0] == 0, same)]
        for k in range(1, self.size):
            other = all_of.copy()
            other[:, [k - 1, k]] = all_of[:, [k, k - 1]]
            result.append((near[all_of[:, k - 1], all_of[:, k]], self._numbers(other)))
        result.append((all_of[:, -1] == 0, same))
        return result

    @cached_property
    def _needed(self) -> list[list[Counts]]:
        """For every encounter of a slot: how many of every slot come before it.

        Those on the ring count too: an encounter of slot m can wait for one of slot 0 because of
        encounters of neutrinos that are not in the row.
        """
        n = len(self.diagram.lines)
        latest = np.zeros((n, self.size + 1), np.int64)  # by place around the ring
        found: list[list[Counts]] = [[] for _ in range(self.size + 1)]
        for slot in self.diagram.slots:
            two = [slot, (slot + 1) % n]
            before = latest[two].max(axis=0)
            local = (slot - self.first + 1) % n
            if local <= self.size:
                found[local].append(tuple(before.tolist()))
                before[local] += 1
            latest[two] = before
        return found

    def _possible(self, counts: Counts) -> list[int]:
        """Slots whose next encounter waits for no other one."""
        now = self._open.get(counts)
        if now is None:
            now = self._open[counts] = [
                k
                for k, had in enumerate(counts)
                if had < len(self.events[k]) and all(map(ge, counts, self._needed[k][had]))
            ]
        return now

    @cached_property
    def _open(self) -> dict[Counts, list[int]]:
        return {}

    def _prices(self, counts: Counts) -> list[Indices]:
        """What an exchange on every coupler costs."""
        awake = np.ones(self.size, np.int64)
        if self.initially_zero:
            awake = np.array([int(a + b > 0) for a, b in itertools.pairwise(counts)], np.int64)
        gates = np.array([0, 2, 3])
        return [_GATE * gates[awake[places].sum(axis=1)] + 1 for _, places in self._exchanges]

    @cached_property
    def tables(self) -> tuple[dict[Counts, Indices], dict[Counts, Indices], Counts]:
        """Least costs when these counts are reached, those after exchanges, and the last counts."""
        start = (0,) * (self.size + 1)
        layer = {start: np.zeros(len(self.arrangements), np.int64)}
        reached: dict[Counts, Indices] = {}
        settled: dict[Counts, Indices] = {}
        while True:
            following: dict[Counts, Indices] = {}
            for counts, cost in layer.items():
                reached[counts] = cost
                after = settled[counts] = self._settled(counts, cost)
                for k in self._possible(counts):
                    near, exchanged = self._meetings[k]
                    new = np.where(near, after, _FAR)
                    new = np.minimum(new, new[exchanged])
                    there = (*counts[:k], counts[k] + 1, *counts[k + 1 :])
                    old = following.get(there)
                    following[there] = new if old is None else np.minimum(old, new)
            if not following:
                return reached, settled, next(iter(layer))
            layer = following

    def _settled(self, counts: Counts, cost: Indices) -> Indices:
        if not any(counts):
            return cost
        prices = self._prices(counts)
        while True:
            before = cost
            for (there, _), price in zip(self._exchanges, prices, strict=True):
                cost = np.minimum(cost, cost[there] + price)
            if np.array_equal(cost, before):
                return cost

    @property
    def gates(self) -> int:
        """The least two-qubit gates beyond those of the encounters."""
        _, settled, last = self.tables
        return int(settled[last].min()) // _GATE

    def best_route(self) -> Route:
        """A route of the fewest gates, and of the least depth of those that are compared."""
        routes = [self.route(*self.actions(share)) for share in _SHARES]
        return min(routes, key=lambda route: route.two_qubit_depth(self.initially_zero))

    def actions(self, share: float) -> tuple[Indices, list[Action]]:
        """One of the best ways: the first arrangement, and what happens in order.

        It is traced back from the end. Of equal ways in a fixed order the one at this ``share``
        of them, 0 <= share < 1, is taken everywhere: so the way is the same in every round.
        """
        reached, settled, counts = self.tables
        ways = np.flatnonzero(settled[counts] == settled[counts].min())
        now = int(ways[int(share * len(ways))])
        cost = int(settled[counts][now])
        done: list[Action] = []
        moving = True  # at the settled cost of these counts
        while any(counts) or cost:
            options: list[tuple[Counts, int, int, Action]] = []
            if moving and reached[counts][now] != cost:
                for (there, _), price, (a, b) in zip(
                    self._exchanges, self._prices(counts), self.edges, strict=True
                ):
                    other = int(there[now])
                    if settled[counts][other] + price[now] == cost:
                        rest = int(settled[counts][other])
                        options.append((counts, other, rest, ("move", a, b, False)))
            else:
                options = list(self._last_encounters(counts, now, cost))
            counts, now, cost, action = options[int(share * len(options))]
            done.append(action)
        return self.arrangements[now], done[::-1]

    def _last_encounters(
        self, counts: Counts, now: int, cost: int
    ) -> Iterator[tuple[Counts, int, int, Action]]:
        settled = self.tables[1]
        for k, had in enumerate(counts):
            before = (*counts[:k], had - 1, *counts[k + 1 :])
            if had == 0 or before not in settled or k not in self._possible(before):
                continue
            near, exchanged = self._meetings[k]
            for earlier in sorted({now, int(exchanged[now])}):
                if near[earlier] and settled[before][earlier] == cost:
                    yield before, earlier, cost, ("encounter", k, 0, earlier != now)

    def route(self, arrangement: Indices, actions: list[Action]) -> Route:
        """The route on sites 0, 1, ... around the ring, then those of the tree on site 0."""
        d, n, m = self.diagram, len(self.diagram.lines), self.size
        ring = n - m + 1
        label = [0, *range(ring, n)]  # of the sites of the tree
        begin = np.empty(n, np.int64)
        order = d.plan.order
        for k in range(n):
            place = (self.first + k) % n
            begin[order[place]] = label[arrangement[k]] if k < m else k - m + 1
        where = begin.tolist()
        on = {site: k for k, site in enumerate(where)}
        steps = []
        for k, a, b, exchanged in self._in_order(actions):
            if k == MOVE:
                here, there = label[a], label[b]
                steps.append((MOVE, here, there, 0))
                swapped = True
            else:
                i, j = d.pairs[k].tolist()
                here, there = where[i], where[j]
                swapped = bool(d.plan.swapped[k]) != exchanged
                steps.append((k, here, there, int(swapped)))
            if swapped:
                on[here], on[there] = on[there], on[here]
                where[on[here]], where[on[there]] = here, there
        return Route.of(begin, steps)

    def _in_order(self, actions: list[Action]) -> list[tuple[int, int, int, bool]]:
        """All encounters ``(k, 0, 0, exchanged)`` and moves ``(-1, a, b, False)``."""
        jobs = [(k, 0, 0, False) for k in range(len(self.diagram.pairs))]
        after: list[set[int]] = [set() for _ in jobs]
        had = [0] * (self.size + 1)
        local = []
        for kind, a, b, exchanged in actions:
            if kind == "move":
                local.append(len(jobs))
                jobs.append((MOVE, a, b, False))
                after.append(set())
            else:
                k = self.events[a][had[a]]
                had[a] += 1
                local.append(k)
                jobs[k] = k, 0, 0, exchanged
        # all on the tree in the order of the program, which contradicts none of the encounters
        chains = [*self.diagram.lines, local]
        for chain in chains:
            for one, other in itertools.pairwise(chain):
                after[one].add(other)
        waits = np.zeros(len(jobs), np.int64)
        for some in after:
            waits[list(some)] += 1
        ready = [(0, job) for job in range(len(jobs)) if not waits[job]]
        layer = [0] * len(jobs)
        done = []
        while ready:
            begin, job = heapq.heappop(ready)
            done.append(jobs[job])
            for later in after[job]:
                layer[later] = max(layer[later], begin + 1)
                waits[later] -= 1
                if not waits[later]:
                    heapq.heappush(ready, (layer[later], later))
        return done
