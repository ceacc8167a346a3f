"""Where a search for a route begins: complete routes that are known without one, and layouts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ....common.checks import integer
from ._layouts import communities, sabre, shortened, total, weights
from ._regions import compact
from ._ring_with_holes import RingDiagram, routes_with_holes
from ._ring_with_tree import TREES, TreeProgram
from .device import DeviceGraph, Indices
from .paths import Costs, best_path, best_ring, path_costs
from .perfect import LinePlan, line_plan, perfect
from .route import Route

#: Rings of at most so many sites more than neutrinos are tried.
MAX_HOLES = 8
#: Rings that are tried before none with room for the tree is believed to exist.
_RINGS = 4
#: Compact regions: around so many sites, and so many are used. Sites around them that may be used.
_CENTERS, _REGIONS, _MARGIN = 8, 3, 2
#: Neutrinos to which the next one on a path has to be close.
_RECENT = 3
#: Random layouts that are shortened for one that is kept: up to the first number, about the second
#: over N^2, at least two.
_DRAWN, _DRAWN_SIZE = 10, 4000


def constructed(
    device: DeviceGraph, pairs: Indices, neutrinos: int, qubits_initially_zero: bool = True
) -> list[Route]:
    r"""Complete routes of schedules that are drawn on a ring, on devices without a ring of N sites.

    For circle tournaments with any numbering of the neutrinos, whole or cut short, and all other
    schedules for which :func:`.line_plan` finds a closed ring. A ring of :math:`N + h` sites has h
    empty ones; each is crossed by N - 2 neutrinos of a circle of even N, for two gates:

    .. math::

        G = \tfrac32 N(N-1) + 2h(N-2), \qquad D \le 3(N-1) + 2h .

    On a ring of :math:`N - b` sites, b neutrinos stand on a tree beside it. The fewest moves on
    the tree are found exactly, by dynamic programming. For b = 2 and even N

    .. math::

        G = \tfrac32 N(N-1) + 3(N-2), \qquad D = 6N - 9 :

    fewer gates than with two empty sites, but nearly twice the depth.

    Args:
        device: its couplers and their errors.
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        qubits_initially_zero: a neutrino is prepared right before its first encounter.

    Returns:
        Routes, checked, by gates, then depth, then errors of couplers; only the route of
        :func:`.perfect` where there is one. Empty where the schedule is of another kind, or no ring
        of about this size is on the device.

    Raises:
        QnuError: pairs of other than two different neutrinos below N.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> from qnu.schedules.tournament import circle_round
        >>> pairs = np.concatenate([circle_round(10, r) for r in range(9)])
        >>> ring = DeviceGraph.of(12, [(k, (k + 1) % 12) for k in range(12)])
        >>> [(r.two_qubit_gates(), r.two_qubit_depth()) for r in constructed(ring, pairs, 10)]
        [(167, 31)]
    """
    plan = line_plan(pairs, neutrinos, ring=True)
    if plan is None or neutrinos > device.sites:
        return []
    route = perfect(pairs, neutrinos, device)
    if route is not None:
        return [route]
    if not plan.closed or neutrinos < 4:
        return []
    encounters = np.asarray(pairs, np.int64).reshape(-1, 2)
    task = _RingTask(device, plan, encounters, qubits_initially_zero)
    routes = [*task.with_holes(), *task.with_tree()]
    for route in routes:
        route.check(device, encounters)
    return sorted(routes, key=task.order)


def layouts(
    device: DeviceGraph, pairs: Indices, neutrinos: int, count: int = 8, seed: int = 0
) -> list[Indices]:
    r"""Initial sites from which a search for a route is worth while, the most promising first.

    In turn: on a compact region; on the smallest ring of at least N sites; SABRE's, on the most
    compact region and two couplers around it; on a compact region again; on the best path of N
    sites. All but every second one of SABRE are a local minimum of

    .. math::

        \sum_{(i, j)} w_\ell\, d(s_i, s_j), \qquad
        w_\ell = \max(\lfloor 64\,(7/8)^\ell \rfloor, 1)

    over all encounters, :math:`\ell` the layer of the encounter and d the number of couplers
    between two sites: no exchange of two neutrinos, and no move to another site of the region, ring
    or path, makes it smaller.

    Args:
        device: its couplers and their errors.
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        count: at most so many layouts.
        seed: of the random ones; the same seed gives the same layouts on every processor.

    Returns:
        ``(N,)`` sites each, all different; fewer than ``count`` where no more were found.

    Raises:
        QnuError: fewer than N connected sites, count < 1.

    References:
        Li, Ding, Xie (1809.02573) for SABRE.

    Examples:
        >>> line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])
        >>> sites = layouts(line, np.array([(0, 2), (2, 1)]), 3, count=1)[0].tolist()
        >>> abs(sites[0] - sites[2]), abs(sites[2] - sites[1])
        (1, 1)
    """
    most = integer("count", count, low=1)
    encounters = np.asarray(pairs, np.int64).reshape(-1, 2)
    task = _LayoutTask(device, encounters, neutrinos, most, np.random.SeedSequence(seed))
    regions = task.on_regions()
    kinds = [regions, task.on_ring(), task.of_sabre(), regions, task.on_path()]
    found: dict[bytes, Indices] = {}
    while kinds and len(found) < most:
        kind = kinds.pop(0)
        sites = next(kind, None)
        if sites is not None:
            found.setdefault(sites.tobytes(), sites)
            kinds.append(kind)
    return [*found.values()]


class _LayoutTask:
    """Layouts of several kinds, one after the other."""

    def __init__(
        self,
        device: DeviceGraph,
        pairs: Indices,
        neutrinos: int,
        count: int,
        seed: np.random.SeedSequence,
    ) -> None:
        self.device, self.pairs, self.neutrinos, self.count = device, pairs, neutrinos, count
        self.regions = compact(device, neutrinos, _CENTERS)
        self.distance = device.distance.astype(np.int64)
        self.weights = weights(pairs, neutrinos)
        self.seeds = seed.spawn(4)
        self.drawn = max(2, min(_DRAWN, _DRAWN_SIZE // max(neutrinos, 1) ** 2))

    def of_sabre(self) -> Iterator[Indices]:
        """SABRE's after exchanges that shorten the distances; then as they are."""
        keep = np.flatnonzero(self._around(self.regions[0]))
        graph = self.device.part(keep)
        try:
            for number in (self.seeds[0].generate_state(self.count, np.uint32) >> 1).tolist():
                sites = keep[sabre(graph, self.pairs, self.neutrinos, number)]
                yield self._shortened(sites, self._around(sites))
                yield sites
        except ImportError:  # without Qiskit the other kinds are left
            return

    def on_regions(self) -> Iterator[Indices]:
        """Compact regions in turn, neutrinos at random, then exchanged."""
        rng = np.random.default_rng(self.seeds[1])
        some = self.regions[:_REGIONS]
        for k in range(self.count):
            drawn = [some[(k + m) % len(some)] for m in range(self.drawn)]
            yield self._best(
                self._shortened(rng.permutation(region), self._around(region)) for region in drawn
            )

    def on_ring(self) -> Iterator[Indices]:
        """The smallest ring with a site for everyone."""
        rng = np.random.default_rng(self.seeds[2])
        sizes = range(max(self.neutrinos, 3), self.neutrinos + MAX_HOLES + 1)
        rings = (best_ring(self.device, size) for size in sizes)
        ring = next((ring for ring in rings if ring is not None), None)
        if ring is not None:
            for _ in range(self.count):
                drawn = [rng.permutation(ring)[: self.neutrinos] for _ in range(self.drawn)]
                yield self._best(self._shortened(sites, self._only(ring)) for sites in drawn)

    def on_path(self) -> Iterator[Indices]:
        """The best path: neutrinos that meet often one after the other, then at random."""
        rng = np.random.default_rng(self.seeds[3])
        path = best_path(self.device, self.neutrinos)
        if path is None:
            return
        order = communities(self.weights, _RECENT)
        for _ in range(self.count):
            sites = np.empty(self.neutrinos, np.int64)
            sites[order] = path
            yield self._shortened(sites, self._only(path))
            order = rng.permutation(order)

    def _best(self, some: Iterable[Indices]) -> Indices:
        """The one with the smallest sum; of equal ones the first."""
        return min(some, key=lambda sites: total(sites, self.weights, self.distance))

    def _shortened(self, sites: Indices, allowed: NDArray[np.bool_]) -> Indices:
        return shortened(sites, self.weights, self.distance, allowed)

    def _around(self, sites: Indices) -> NDArray[np.bool_]:
        near: NDArray[np.bool_] = self.distance[sites].min(axis=0) <= _MARGIN
        return near

    def _only(self, sites: Indices) -> NDArray[np.bool_]:
        inside = np.zeros(self.device.sites, bool)
        inside[sites] = True
        return inside


class _RingTask:
    """A closed plan, and the rings of a device that nearly fit it."""

    def __init__(
        self, device: DeviceGraph, plan: LinePlan, pairs: Indices, initially_zero: bool
    ) -> None:
        self.device, self.pairs, self.initially_zero = device, pairs, initially_zero
        self.diagram = RingDiagram.of(plan, pairs)
        self.neutrinos = len(plan.order)
        self.costs = path_costs(device, self.neutrinos, len(pairs) / self.neutrinos)

    def order(self, route: Route) -> tuple[int, int, float]:
        """Gates, depth, error."""
        zero = self.initially_zero
        rows = [self.device.coupler[a, b] for a, b in route.steps[:, 1:3].tolist()]
        error = math.fsum(route.costs(zero) * self.device.coupler_cost[rows])
        return route.two_qubit_gates(zero), route.two_qubit_depth(zero), error

    def with_holes(self) -> list[Route]:
        """On the smallest ring of more sites than neutrinos."""
        for holes in range(1, MAX_HOLES + 1):
            ring = best_ring(self.device, self.neutrinos + holes, self.costs)
            if ring is None:
                continue
            turned = [np.roll(some, -k) for some in (ring, ring[::-1]) for k in range(len(ring))]
            routes = routes_with_holes(self.diagram, holes, self.initially_zero)
            return [self._placed(route, turned) for route in routes]
        return []

    def with_tree(self) -> list[Route]:
        """On the largest ring of fewer sites than neutrinos, with a tree beside one of them."""
        for beside, edges in TREES.items():
            size = self.neutrinos - beside
            places = self._rings_with_tree(size, edges) if size > 2 else []
            if not places:
                continue
            routes = []
            for first in range(2):
                program = TreeProgram(self.diagram, first, edges, self.initially_zero)
                routes.append(program.best_route())
            best = min(routes, key=lambda route: self._size(route))
            return [self._placed(best, places)]
        return []

    def _size(self, route: Route) -> tuple[int, int]:
        zero = self.initially_zero
        return route.two_qubit_gates(zero), route.two_qubit_depth(zero)

    def _rings_with_tree(self, size: int, edges: tuple[tuple[int, int], ...]) -> list[Indices]:
        """The sites of a ring, from the one with the tree on, and then those of the tree."""
        costs = self.costs
        for _ in range(_RINGS):
            ring = best_ring(self.device, size, costs)
            if ring is None:
                return []
            found = []
            for start in range(size):
                around = np.roll(ring, -start)
                for tree in self._trees(int(around[0]), edges, set(ring.tolist())):
                    mirrored = np.roll(around[::-1], 1)
                    found += [np.append(some, tree) for some in (around, mirrored)]
            if found:
                return found
            dearer = costs.site.copy()
            dearer[ring] += 1.0 + costs.edge.max(initial=0.0)
            costs = Costs(costs.edge, dearer)
        return []

    def _trees(
        self, root: int, edges: tuple[tuple[int, int], ...], used: set[int]
    ) -> Iterator[list[int]]:
        """Sites 1, 2, ... of the tree beside a ring, in all ways."""

        def grow(sites: list[int]) -> Iterator[list[int]]:
            if len(sites) > len(edges):
                yield sites[1:]
                return
            for there in self.device.neighbors[sites[edges[len(sites) - 1][0]]]:
                if there not in used and there not in sites:
                    yield from grow([*sites, there])

        return grow([root])

    def _placed(self, route: Route, places: list[Indices]) -> Route:
        """The route on the sites of least error: ``places[.][k]`` is site k of the route."""
        links, link = np.unique(np.sort(route.steps[:, 1:3], axis=1), axis=0, return_inverse=True)
        costs = route.costs(self.initially_zero)
        uses = np.bincount(link.reshape(-1), weights=costs, minlength=len(links))
        table = np.zeros((self.device.sites, self.device.sites))
        a, b = self.device.edges.T
        table[a, b] = table[b, a] = self.device.coupler_cost
        best, least = places[0], np.inf
        for sites in places:
            error = table[sites[links[:, 0]], sites[links[:, 1]]]
            cost = math.fsum([*(uses * error), *self.device.readout_cost[sites[route.sites]]])
            if cost < least - 1e-12:
                best, least = sites, cost
        steps = route.steps.copy()
        steps[:, 1:3] = best[steps[:, 1:3]]
        return Route.of(best[route.sites], steps)
