"""Routes without a single extra gate, for schedules whose encounters are between neighbours.

A swap inside an encounter is free. That is enough for the odd-even network (all neutrinos walk
along a line), for the circle method (one stays, the others walk around a ring), for two beams that
walk through each other, and for every schedule drawn on a line or a ring.

Whether it is enough can be decided without a search, encounter by encounter. Two neutrinos after
their encounter are neighbours, so those connected by encounters fill a segment of sites without
gaps; two whose swap is not decided yet are in one of two orders on two sites. If the next pair is
in two segments, each neutrino has to be at an end of its own. If it is in one segment, there is at
most one choice of swaps that makes the two neighbours. (A segment of two is its own mirror image:
there both choices are the same.)
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....common.checks import Floats, choice, integer
from ....errors import QnuError
from .device import DeviceGraph, Indices
from .paths import best_path, best_ring, path_costs
from .route import Route


@dataclass(frozen=True, eq=False)
class LinePlan:
    """The initial order of neutrinos on a line or ring, and the encounters that end with a swap.

    Args:
        order: ``(N,)`` neutrinos along the line or around the ring.
        swapped: ``(n,)`` for every encounter.
        closed: a ring: the last is a neighbour of the first.

    Examples:
        >>> plan = line_plan([(0, 1), (0, 2), (1, 2)], 3)
        >>> plan.order.tolist(), plan.swapped.tolist(), plan.closed
        ([1, 0, 2], [False, True, False], False)
    """

    order: Indices
    swapped: NDArray[np.bool_]
    closed: bool

    def route(self, sites: ArrayLike, pairs: ArrayLike) -> Route:
        """The route on ``(N,)`` sites of a device, given in the order of the line."""
        begin = np.empty(len(self.order), np.int64)
        begin[self.order] = np.asarray(sites)
        where = begin.tolist()
        steps = []
        encounters = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).tolist()
        for k, ((i, j), swapped) in enumerate(zip(encounters, self.swapped.tolist(), strict=True)):
            steps.append((k, where[i], where[j], int(swapped)))
            if swapped:
                where[i], where[j] = where[j], where[i]
        return Route.of(begin, steps)


def line_plan(pairs: ArrayLike, neutrinos: int, *, ring: bool = False) -> LinePlan | None:
    """A plan on a line or ring: every encounter between neighbours, with free swaps only.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        ring: the line may close to a ring of N sites.

    Returns:
        the plan, or None where there is none.

    Raises:
        QnuError: pairs of other than two different neutrinos below N.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> from qnu.schedules.tournament import circle_round, line_round
        >>> rounds = np.concatenate([line_round(6, r) for r in range(6)])
        >>> line_plan(rounds, 6).order.tolist()
        [1, 0, 3, 2, 5, 4]
        >>> line_plan(np.delete(rounds, 6, axis=0), 6) is None  # the swap of 6 is needed later
        True
        >>> plan = line_plan(np.concatenate([circle_round(6, r) for r in range(5)]), 6, ring=True)
        >>> plan.order.tolist(), plan.closed
        ([1, 4, 0, 5, 3, 2], True)
    """
    count = integer("neutrinos", neutrinos, low=1)
    encounters = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    if encounters.size and (
        encounters.min() < 0
        or encounters.max() >= count
        or (encounters[:, 0] == encounters[:, 1]).any()
    ):
        raise QnuError("pairs", encounters.tolist(), f"pairs of different neutrinos below {count}")
    state = _PartialPlan(count, len(encounters))
    for k, (a, b) in enumerate(encounters.tolist()):
        if not state.add(k, a, b, ring):
            return None
    return state.plan()


def perfect(
    pairs: ArrayLike, neutrinos: int, device: DeviceGraph, *, only: str | None = None
) -> Route | None:
    """A route of three two-qubit gates per encounter and nothing else.

    For line tournaments, circle tournaments of an even number, bipartite schedules of two equal
    beams, with any numbering of the neutrinos, whole or cut short, and any other schedule whose
    encounters are between neighbours on a line or ring with free swaps. On the best path or ring of
    the device, turned so that its best couplers have most encounters.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        device: its couplers and their errors.
        only: ``"path"`` or ``"ring"``: nothing else.

    Returns:
        the route, checked, or None where there is no such plan, or no such path or ring.

    Raises:
        QnuError: pairs of other than two different neutrinos below N.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.1, order="line", seed=1)
        >>> pairs = np.stack([schedule.first, schedule.second], axis=1)
        >>> route = perfect(pairs, 4, DeviceGraph.of(5, [(0, 1), (1, 2), (2, 3), (3, 4)]))
        >>> route.two_qubit_gates(), route.two_qubit_depth()
        (18, 12)
    """
    if only is not None:
        choice("only", only, ("path", "ring"))
    plan = line_plan(pairs, neutrinos, ring=only != "path")
    if plan is None or neutrinos > device.sites:
        return None
    encounters = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    ring = plan.closed or (only == "ring" and neutrinos > 2)
    costs = path_costs(device, neutrinos, len(encounters) / max(neutrinos - (not ring), 1))
    sites = (best_ring if ring else best_path)(device, neutrinos, costs)
    if sites is None:
        return None
    route = plan.route(_cheapest(plan, encounters, sites, device, costs.edge, ring), encounters)
    route.check(device, encounters)
    return route


def _cheapest(
    plan: LinePlan, pairs: Indices, sites: Indices, device: DeviceGraph, edge: Floats, ring: bool
) -> Indices:
    """The path in the better direction, or the ring turned and mirrored to the least cost."""
    n = len(sites)
    if n < 2:
        return sites
    trial = plan.route(np.arange(n), pairs).steps[:, 1:3]
    low, high = trial.min(axis=1), trial.max(axis=1)
    uses = np.bincount(np.where((low == 0) & (high == n - 1) & (n > 2), n - 1, low), minlength=n)
    links = [*itertools.pairwise(sites.tolist())]
    if ring:
        links.append((int(sites[-1]), int(sites[0])))
    along = np.zeros(n)  # cost of the coupler behind every site; 0 behind the end of a path
    along[: len(links)] = [edge[device.coupler[link]] for link in links]
    candidates: list[tuple[float, int, Indices]] = []
    for mirrored in (False, True):
        turned, cost = sites, along
        if mirrored:
            turned, cost = sites[::-1], np.append(along[n - 2 :: -1], along[n - 1])
        for shift in range(n if ring else 1):
            # exact sums: candidates that cost the same are a tie on every processor
            total = math.fsum(uses * np.roll(cost, -shift))
            candidates.append((total, len(candidates), np.roll(turned, -shift)))
    return min(candidates, key=lambda candidate: candidate[:2])[2]


class _Segments:
    """Segments of slots; slot k is the initial site of neutrino k."""

    def __init__(self, neutrinos: int) -> None:
        self.slots: list[list[int]] = [[k] for k in range(neutrinos)]  # of every segment
        self.of = list(range(neutrinos))  # the segment of a slot
        self.place = [0] * neutrinos  # the place of a slot in its segment
        self.closed: set[int] = set()

    def are_near(self, s: int, t: int) -> bool:
        """Whether two slots of one segment are neighbours."""
        apart = abs(self.place[s] - self.place[t])
        one = self.of[s]
        return apart == 1 or (one in self.closed and apart == len(self.slots[one]) - 1)

    def is_end(self, s: int) -> bool:
        """Whether a slot is at an end of its segment."""
        one = self.of[s]
        return one not in self.closed and self.place[s] in (0, len(self.slots[one]) - 1)

    def connect(self, s: int, t: int) -> None:
        """Make two slots neighbours: join two segments, or close a segment to a ring."""
        if self.of[s] != self.of[t]:
            self._join(s, t)
        elif not self.are_near(s, t):
            self.closed.add(self.of[s])

    def _join(self, s: int, t: int) -> None:
        one, two = self.of[s], self.of[t]
        left, right = self.slots[one], self.slots[two]
        if left[-1] != s:
            left.reverse()
        if right[0] != t:
            right.reverse()
        left += right
        self.slots[two] = []
        for place, slot in enumerate(left):
            self.of[slot], self.place[slot] = one, place

    def adjacent_slots(self, one: list[int], two: list[int], ring: bool) -> tuple[int, int] | None:
        """The slots, one of each list, that are neighbours or can become neighbours."""
        pairs = list(itertools.product(one, two))
        ends = ((s, t) for s, t in pairs if self.is_end(s) and self.is_end(t))
        if self.of[one[0]] != self.of[two[0]]:
            return next(ends, None)
        near = next(((s, t) for s, t in pairs if self.are_near(s, t)), None)
        return next(ends, None) if near is None and ring else near


class _PartialPlan:
    """A plan for the first encounters of a schedule; the last swap of a pair may be undecided."""

    def __init__(self, neutrinos: int, encounters: int) -> None:
        self.segments = _Segments(neutrinos)
        self.slot = list(range(neutrinos))
        self.undecided = [-1] * neutrinos  # an encounter of which the swap is not decided yet
        self.partner = [-1] * neutrinos
        self.swapped = np.zeros(encounters, bool)

    def add(self, k: int, a: int, b: int, ring: bool) -> bool:
        """Encounter k of neutrinos a and b; False where it is impossible."""
        undecided, partner = self.undecided, self.partner
        if undecided[a] < 0 or partner[a] != b or undecided[a] != undecided[b]:
            slots = self.segments.adjacent_slots(self._slots(a), self._slots(b), ring)
            if slots is None:
                return False
            s, t = slots
            self._decide(a, self.slot[a] != s)
            self._decide(b, self.slot[b] != t)
            self.segments.connect(s, t)
        undecided[a] = undecided[b] = k
        partner[a], partner[b] = b, a
        return True

    def plan(self) -> LinePlan | None:
        """The plan; None where there is a ring and something beside it."""
        left = [some for some in self.segments.slots if some]
        closed = bool(self.segments.closed)
        if closed and len(left) > 1:
            return None
        return LinePlan(np.array([s for some in left for s in some]), self.swapped, closed)

    def _decide(self, i: int, swap: bool) -> None:
        """Decide on the swap in the last encounter of neutrino i."""
        if self.undecided[i] < 0:
            return
        j, slot = self.partner[i], self.slot
        if swap:
            self.swapped[self.undecided[i]] = True
            slot[i], slot[j] = slot[j], slot[i]
        self.undecided[i] = self.undecided[j] = -1

    def _slots(self, i: int) -> list[int]:
        """Possible slots of a neutrino: its own, or that of its last partner."""
        if self.undecided[i] < 0:
            return [self.slot[i]]
        return [self.slot[i], self.slot[self.partner[i]]]
