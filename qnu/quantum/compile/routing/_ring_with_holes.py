"""Tournaments on a ring of more sites than neutrinos: which neutrino moves into which empty site.

The plan of :func:`.perfect.line_plan` on a closed ring gives every neutrino a place around it; slot
k is between the places k and k + 1, and every encounter happens in one slot. An empty site between
the neutrinos at these places stands in slot k: it must be gone when the slot has its next
encounter. It goes to the next slot when the neutrino between the two slots moves by one site.
Between two encounters of a slot an empty site is in a *face* ``(slot, encounters before)``; the
line of a neutrino between two of its encounters is a *segment*, with a face on either side. So the
least number of moves of one empty site is a shortest path from a face before all encounters to one
after all of them, and empty sites do not hinder each other. A circle of N has N - 1 rounds and no
face lasts longer than two of them: every empty site is crossed N - 2 times.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass

import numpy as np

from .device import Indices
from .perfect import LinePlan
from .route import MOVE, Route

#: Two-qubit gates of a move into an empty site.
_CROSSING = 2
#: More than there are faces: 2 to this power.
_BITS = 32
#: Starts that are compared: shifts of the empty sites of one direction against the others.
_SHIFTS = 4


@dataclass(frozen=True)
class Crossing:
    """The neutrino at a place moves between two of its encounters; the empty site goes by ``way``.

    Args:
        place: around the ring of neutrinos.
        segment: encounters of this place so far.
        way: +1: the empty site goes to the next slot and the neutrino back by one site; -1.
        cost: two-qubit gates.
    """

    place: int
    segment: int
    way: int
    cost: int


@dataclass(frozen=True, eq=False)
class RingDiagram:
    """The encounters of a closed plan by slots and places.

    Args:
        plan: with ``closed``.
        pairs: ``(n, 2)`` encounters.
        slots: ``(n,)`` the slot of every encounter.
        lines: for every place its encounters in the order of time.
        rows: how many encounters every slot has.
    """

    plan: LinePlan
    pairs: Indices
    slots: list[int]
    lines: list[list[int]]
    rows: list[int]

    @classmethod
    def of(cls, plan: LinePlan, pairs: Indices) -> RingDiagram:
        """The diagram of at least four neutrinos."""
        n = len(plan.order)
        place = np.empty(n, np.int64)
        place[plan.order] = np.arange(n)
        where = place.tolist()
        slots = []
        lines: list[list[int]] = [[] for _ in range(n)]
        for k, ((i, j), swapped) in enumerate(
            zip(pairs.tolist(), plan.swapped.tolist(), strict=True)
        ):
            slot = where[i] if (where[i] + 1) % n == where[j] else where[j]
            slots.append(slot)
            lines[slot].append(k)
            lines[(slot + 1) % n].append(k)
            if swapped:
                where[i], where[j] = where[j], where[i]
        rows = np.bincount(slots, minlength=n).tolist()
        return cls(plan, pairs, slots, lines, rows)

    def crossings(self, initially_zero: bool) -> tuple[list[int], list[list[tuple[int, Crossing]]]]:
        """The first face of every slot, and from every face the faces next to it.

        Faces have numbers: those of a slot one after the other, and in the end how many there are.
        """
        n = len(self.lines)
        first = [0, *itertools.accumulate(rows + 1 for rows in self.rows)]
        near: list[list[tuple[int, Crossing]]] = [[] for _ in range(first[-1])]
        for place, line in enumerate(self.lines):
            before = (place - 1) % n
            count = {before: 0, place: 0}
            for segment in range(len(line) + 1):
                left, right = first[before] + count[before], first[place] + count[place]
                cost = 0 if initially_zero and segment == 0 else _CROSSING
                near[left].append((right, Crossing(place, segment, 1, cost)))
                near[right].append((left, Crossing(place, segment, -1, cost)))
                if segment < len(line):
                    count[self.slots[line[segment]]] += 1
        return first, near

    def paths(self, initially_zero: bool, way: int) -> dict[int, tuple[int, list[Crossing]]]:
        """For an empty site that begins in a slot: the least two-qubit gates, and its crossings.

        Of paths of equal cost the one with the most crossings by ``way``.
        """
        first, near = self.crossings(initially_zero)
        # one whole number for every arc: its cost, and whether it is not by `way`
        arcs = [
            [(there, (c.cost << _BITS) + (c.way != way), k) for k, (there, c) in enumerate(some)]
            for some in near
        ]
        last = {end - 1 for end in first[1:]}
        found = {}
        for slot in range(len(self.rows)):
            cost, path = _shortest(arcs, first[slot], last)
            found[slot] = cost >> _BITS, [near[face][k][1] for face, k in path]
        return found


def _shortest(
    arcs: list[list[tuple[int, int, int]]], source: int, last: set[int]
) -> tuple[int, list[tuple[int, int]]]:
    """The length of a shortest path to one of ``last``, and its faces and arcs (Dijkstra)."""
    least = {source: 0}
    came: dict[int, tuple[int, int]] = {}
    queue = [source]  # length and face in one number
    mask = (1 << _BITS) - 1
    while True:
        entry = heapq.heappop(queue)
        length, face = entry >> _BITS, entry & mask
        if face in last:
            break
        if length > least[face]:
            continue
        for there, more, k in arcs[face]:
            new = length + more
            if there not in least or new < least[there]:
                least[there] = new
                came[there] = face, k
                heapq.heappush(queue, new << _BITS | there)
    path = []
    while face != source:
        path.append(came[face])
        face = came[face][0]
    return length, path[::-1]


def in_order(
    diagram: RingDiagram, holes: list[list[Crossing]]
) -> list[tuple[int, Crossing | None]]:
    """Encounters ``(k, None)`` and crossings ``(-1, crossing)`` in an order that is possible.

    Every step as early as it can be (in two-qubit gates of the lines of neutrinos and empty sites).
    An empty list where each of two empty sites would wait for the other.
    """
    jobs: list[tuple[int, Crossing | None]] = [(k, None) for k in range(len(diagram.pairs))]
    after: list[list[int]] = [[] for _ in jobs]
    waits = [0] * len(jobs)

    def add(earlier: int, later: int) -> None:
        after[earlier].append(later)
        waits[later] += 1

    between: dict[tuple[int, int], list[int]] = {}
    for path in holes:
        last = -1
        for crossing in path:
            job = len(jobs)
            jobs.append((MOVE, crossing))
            after.append([])
            waits.append(0)
            between.setdefault((crossing.place, crossing.segment), []).append(job)
            if last >= 0:
                add(last, job)
            last = job
    for place, line in enumerate(diagram.lines):
        for segment in range(len(line) + 1):
            some = between.get((place, segment), [])
            before = line[segment - 1] if segment else -1
            behind = line[segment] if segment < len(line) else -1
            if before >= 0 and behind >= 0:
                add(before, behind)
            for job in some:
                if before >= 0:
                    add(before, job)
                if behind >= 0:
                    add(job, behind)
    start = [0] * len(jobs)
    ready = [(0, job) for job in range(len(jobs)) if not waits[job]]
    heapq.heapify(ready)
    done = []
    while ready:
        begin, job = heapq.heappop(ready)
        _, step = jobs[job]
        done.append(jobs[job])
        end = begin + (3 if step is None else step.cost)
        for later in after[job]:
            start[later] = max(start[later], end)
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (start[later], later))
    return done if len(done) == len(jobs) else []


def route_with_holes(
    diagram: RingDiagram, slots: list[int], holes: list[list[Crossing]]
) -> Route | None:
    """The route on sites 0, 1, ... of a ring, one empty site in each of ``slots`` at the start."""
    n, size = len(diagram.lines), len(diagram.lines) + len(slots)
    empty = np.bincount(slots, minlength=n)
    site = (np.arange(n) + np.concatenate([[0], np.cumsum(empty)[:-1]])).tolist()
    order = diagram.plan.order.tolist()
    begin = np.empty(n, np.int64)
    begin[order] = site
    steps = []
    jobs = in_order(diagram, holes)
    if not jobs:
        return None
    place = np.empty(n, np.int64)
    place[order] = np.arange(n)
    where = place.tolist()
    for k, crossing in jobs:
        if crossing is not None:
            p = crossing.place
            there = (site[p] - crossing.way) % size
            steps.append((MOVE, site[p], there, 0))
            site[p] = there
            continue
        i, j = diagram.pairs[k].tolist()
        swapped = bool(diagram.plan.swapped[k])
        steps.append((k, site[where[i]], site[where[j]], int(swapped)))
        if swapped:
            where[i], where[j] = where[j], where[i]
    return Route.of(begin, steps)


def routes_with_holes(diagram: RingDiagram, holes: int, initially_zero: bool) -> list[Route]:
    """The route with the fewest gates, then the least depth, on a ring with empty sites.

    Half of the empty sites go around the ring in each direction: so no chain of encounters crosses
    many of them. Where they begin is tried: together, evenly apart, and shifted.
    """
    starts: dict[int, list[tuple[int, list[Crossing]]]] = {}
    for way in (1, -1):
        paths = diagram.paths(initially_zero, way)
        least = min(cost for cost, _ in paths.values())
        starts[way] = [(slot, path) for slot, (cost, path) in paths.items() if cost == least]
    best: tuple[tuple[int, int], Route] | None = None
    for spread in range(3):
        for shift in range(_SHIFTS):
            chosen = []
            for hole in range(holes):
                some = starts[1 if hole % 2 == 0 else -1]
                turn = (hole // 2) * spread * len(some) // max(holes, 2)
                chosen.append(some[(turn + (hole % 2) * shift * len(some) // _SHIFTS) % len(some)])
            route = route_with_holes(diagram, [s for s, _ in chosen], [p for _, p in chosen])
            if route is None:
                continue
            size = route.two_qubit_gates(initially_zero), route.two_qubit_depth(initially_zero)
            if best is None or size < best[0]:
                best = size, route
    return [] if best is None else [best[1]]
