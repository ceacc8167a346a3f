"""Routes without a single extra gate, for schedules that are played between neighbours.

After an encounter the two may trade places for free. That is enough for the odd-even network
(everybody walks along a line), for the circle method (one stays, the others walk around a ring),
for two beams that walk through each other, and for everything drawn on a line or a ring.

Whether it is enough can be decided without a search, encounter by encounter. Neutrinos that met are
neighbours, so those that met directly or through others fill a stretch of sites without gaps; two
that have not traded yet are in one of two ways on two sites. If the next two to meet are in
different stretches, each has to be at an end of its own. If they are in one stretch, there is at
most one way to be neighbours. (A stretch of two is its own mirror image: there both ways are one.)
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
    """Who sits beside whom in the beginning, and which encounters end with a trade.

    Args:
        order: ``(N,)`` neutrinos along the line or around the ring.
        traded: ``(n,)`` for every encounter.
        closed: a ring: the last is a neighbour of the first.

    Raises:
        QnuError: never.

    References:
        see :func:`line_plan`.

    Examples:
        >>> plan = line_plan([(0, 1), (0, 2), (1, 2)], 3)
        >>> plan.order.tolist(), plan.traded.tolist(), plan.closed
        ([1, 0, 2], [False, True, False], False)
    """

    order: Indices
    traded: NDArray[np.bool_]
    closed: bool

    def route(self, sites: ArrayLike, pairs: ArrayLike) -> Route:
        """The plan played on ``(N,)`` sites of a device, in the order of the line."""
        begin = np.empty(len(self.order), np.int64)
        begin[self.order] = np.asarray(sites)
        where = begin.tolist()
        steps = []
        met = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).tolist()
        for k, ((i, j), traded) in enumerate(zip(met, self.traded.tolist(), strict=True)):
            steps.append((k, where[i], where[j], int(traded)))
            if traded:
                where[i], where[j] = where[j], where[i]
        return Route.of(begin, steps)


def line_plan(pairs: ArrayLike, neutrinos: int) -> LinePlan | None:
    """A plan on a line, if there is one: every encounter between neighbours, trades after it.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N.

    Returns:
        the plan, or None where no line does it.

    Raises:
        QnuError: pairs of other than two different neutrinos below N.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> from qnu.schedules.tournament import line_round
        >>> rounds = np.concatenate([line_round(6, r) for r in range(6)])
        >>> line_plan(rounds, 6).order.tolist()
        [1, 0, 3, 2, 5, 4]
        >>> line_plan(np.delete(rounds, 6, axis=0), 6) is None  # that trade would be missed
        True
    """
    return _plan(pairs, neutrinos, False)


def ring_plan(pairs: ArrayLike, neutrinos: int) -> LinePlan | None:
    """A plan on a ring of N sites, or on a line where the ring is never closed.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N.

    Returns:
        the plan, or None where no ring does it.

    Raises:
        QnuError: pairs of other than two different neutrinos below N.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> from qnu.schedules.tournament import circle_round
        >>> rounds = np.concatenate([circle_round(6, r) for r in range(5)])
        >>> plan = ring_plan(rounds, 6)
        >>> plan.order.tolist(), plan.closed
        ([1, 4, 0, 5, 3, 2], True)
    """
    return _plan(pairs, neutrinos, True)


def perfect(
    pairs: ArrayLike, neutrinos: int, device: DeviceGraph, *, only: str | None = None
) -> Route | None:
    """A route of three two-qubit gates per encounter and nothing else.

    Line tournaments, circle tournaments of an even number, bipartite schedules of two equal beams,
    whatever their neutrinos are called, whole or cut short, and any other schedule whose encounters
    are between neighbours on a line or ring if those who met may trade places. On the best path or
    ring of the device, turned so that its best couplers carry most.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N.
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
    wanted = choice("only", only, ("path", "ring")) if only is not None else None
    plan = line_plan(pairs, neutrinos) if wanted == "path" else ring_plan(pairs, neutrinos)
    if plan is None or neutrinos > device.sites:
        return None
    met = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    ring = plan.closed or (wanted == "ring" and neutrinos > 2)
    costs = path_costs(device, neutrinos, len(met) / max(neutrinos - (not ring), 1))
    sites = (best_ring if ring else best_path)(device, neutrinos, costs)
    if sites is None:
        return None
    route = plan.route(_turned(plan, met, sites, device, costs.edge, ring), met)
    route.check(device, met)
    return route


def _turned(
    plan: LinePlan, met: Indices, sites: Indices, device: DeviceGraph, price: Floats, ring: bool
) -> Indices:
    """The path the way round, or the ring turned and mirrored, that costs least."""
    n = len(sites)
    if n < 2:
        return sites
    trial = plan.route(np.arange(n), met).steps[:, 1:3]
    low, high = trial.min(axis=1), trial.max(axis=1)
    uses = np.bincount(np.where((low == 0) & (high == n - 1) & (n > 2), n - 1, low), minlength=n)
    links = [*itertools.pairwise(sites.tolist())]
    if ring:
        links.append((int(sites[-1]), int(sites[0])))
    along = np.zeros(n)  # cost of the coupler behind every site; 0 behind the end of a path
    along[: len(links)] = [price[device.coupler[link]] for link in links]
    ways: list[tuple[float, int, Indices]] = []
    for back in (False, True):
        turned, cost = sites, along
        if back:
            turned, cost = sites[::-1], np.append(along[n - 2 :: -1], along[n - 1])
        for by in range(n if ring else 1):
            # exact sums: ways that cost the same are a tie on every processor
            price_of_all = math.fsum(uses * np.roll(cost, -by))
            ways.append((price_of_all, len(ways), np.roll(turned, -by)))
    return min(ways, key=lambda way: way[:2])[2]


class _Stretches:
    """Stretches of slots; slot k is the site on which neutrino k begins."""

    def __init__(self, neutrinos: int) -> None:
        self.slots: list[list[int]] = [[k] for k in range(neutrinos)]  # of every stretch
        self.of = list(range(neutrinos))  # the stretch of a slot
        self.place = [0] * neutrinos  # the place of a slot in its stretch
        self.closed: set[int] = set()

    def near(self, s: int, t: int) -> bool:
        """Two slots of one stretch: are they neighbours."""
        apart = abs(self.place[s] - self.place[t])
        one = self.of[s]
        return apart == 1 or (one in self.closed and apart == len(self.slots[one]) - 1)

    def is_end(self, s: int) -> bool:
        one = self.of[s]
        return one not in self.closed and self.place[s] in (0, len(self.slots[one]) - 1)

    def join(self, s: int, t: int) -> None:
        """Make ends of two stretches neighbours."""
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


def _plan(pairs: ArrayLike, neutrinos: int, ring: bool) -> LinePlan | None:
    count = integer("neutrinos", neutrinos, low=1)
    met = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    if met.size and (met.min() < 0 or met.max() >= count or (met[:, 0] == met[:, 1]).any()):
        raise QnuError("pairs", met.tolist(), f"pairs of different neutrinos below {count}")
    line = _Stretches(count)
    slot = list(range(count))
    last = [-1] * count  # the encounter after which a neutrino has not decided yet
    partner = [-1] * count
    traded = np.zeros(len(met), bool)

    def settle(i: int, trade: bool) -> None:
        """Decide about i and whom it met last."""
        if last[i] < 0:
            return
        j = partner[i]
        if trade:
            traded[last[i]] = True
            slot[i], slot[j] = slot[j], slot[i]
        last[i] = last[j] = -1

    for k, (a, b) in enumerate(met.tolist()):
        if last[a] < 0 or partner[a] != b or last[a] != last[b]:
            found = _way(line, _slots(a, slot, last, partner), _slots(b, slot, last, partner), ring)
            if found is None:
                return None
            s, t = found
            settle(a, slot[a] != s)
            settle(b, slot[b] != t)
            if line.of[s] != line.of[t]:
                line.join(s, t)
            elif not line.near(s, t):
                line.closed.add(line.of[s])
        last[a] = last[b] = k
        partner[a], partner[b] = b, a
    left = [some for some in line.slots if some]
    if line.closed and len(left) > 1:
        return None  # a ring and something beside it
    return LinePlan(np.array([s for some in left for s in some]), traded, bool(line.closed))


def _slots(i: int, slot: list[int], last: list[int], partner: list[int]) -> list[int]:
    """Where a neutrino may be: on its slot, or on that of whom it met last."""
    return [slot[i]] if last[i] < 0 else [slot[i], slot[partner[i]]]


def _way(line: _Stretches, one: list[int], two: list[int], ring: bool) -> tuple[int, int] | None:
    """The slots on which two neutrinos can meet next."""
    ways = list(itertools.product(one, two))
    if line.of[one[0]] != line.of[two[0]]:
        return next(((s, t) for s, t in ways if line.is_end(s) and line.is_end(t)), None)
    near = next(((s, t) for s, t in ways if line.near(s, t)), None)
    if near is not None or not ring:
        return near
    return next(((s, t) for s, t in ways if line.is_end(s) and line.is_end(t)), None)
