"""Which route: as drawn, a path or ring without a single extra gate, or the search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....errors import QnuError
from ._parts import cut_at_barriers, in_parts
from .components import assign, components, interacting_groups
from .device import BAD, DeviceGraph, Indices
from .embedding import best_embedding
from .perfect import perfect
from .route import MOVE, Route
from .search import search
from .step_counter import part_of_progress

RouteSteps = NDArray[np.int32]
#: Initial sites, and for every encounter whether its neutrinos are swapped.
Wiring = tuple[Sequence[int], Sequence[bool]]


@dataclass(frozen=True, eq=False)
class RoutePlan:
    """A route, cut into the sections of its circuit.

    Args:
        route: the whole of it, sections one after the other.
        sections: the steps of every section.
        method: ``"all-to-all"``, ``"wiring"``, ``"perfect"`` or ``"search"``.

    Examples:
        >>> route = Route.of([0, 1], [(0, 0, 1, 0)])
        >>> device = DeviceGraph.of(2, [(0, 1)], 0.5)
        >>> RoutePlan(route, (route.steps,), "perfect").bad_couplers(device)
        [(0, 1)]
    """

    route: Route
    sections: tuple[RouteSteps, ...]
    method: str

    def bad_couplers(self, device: DeviceGraph, threshold: float = BAD) -> list[tuple[int, int]]:
        """Couplers that the route uses although their error is ``threshold`` or more."""
        used = {(min(a, b), max(a, b)) for a, b in self.route.steps[:, 1:3].tolist()}
        return sorted(pair for pair in used if device.error[device.coupler[pair]] >= threshold)


@dataclass(frozen=True)
class RoutingOptions:
    """How to choose a route.

    Args:
        layout: ``"auto"``, ``"path"``, ``"ring"``, or ``"search"``.
        qubits_initially_zero: all qubits start in |0>; neutrinos are prepared right before their
            first encounter, and their sites count as empty until then.
        avoid_error: couplers with at least this error are used only where there is no other way.
        effort: of the search.
        seed: of the search.

    Examples:
        >>> RoutingOptions(effort=2).layout
        'auto'
    """

    layout: str = "auto"
    qubits_initially_zero: bool = False
    avoid_error: float = BAD
    effort: int = 8
    seed: int = 0


def split(route: Route, pairs: Indices, bounds: Sequence[int]) -> tuple[RouteSteps, ...] | None:
    """The steps of a route section by section, or None where it does not respect the sections.

    Section s has the encounters below ``bounds[s]``. A step goes into the first section whose
    encounters need it: everything earlier on its sites comes before it. Where an encounter is
    needed by one of an earlier section, the route does not respect the sections.

    Args:
        route: for all encounters.
        pairs: ``(n, 2)``.
        bounds: number of encounters before the end of every section; the last is n.

    Returns:
        steps of every section in a valid order, or None.

    Examples:
        >>> route = Route.of([0, 1, 2], [(0, 0, 1, 1), (1, 1, 2, 0)])
        >>> [len(part) for part in split(route, np.array([(0, 1), (0, 2)]), [1, 2])]
        [1, 1]
    """
    section = np.searchsorted(np.asarray(bounds), np.arange(len(pairs)), side="right").tolist()
    rows = route.steps.tolist()
    last = len(bounds) - 1
    needed: dict[int, int] = {}  # by site: the first section that needs what happened on it so far
    own = [last] * len(rows)
    for row in range(len(rows) - 1, -1, -1):
        encounter, a, b, _ = rows[row]
        first = min(needed.get(a, last), needed.get(b, last))
        if encounter != MOVE:
            if first < section[encounter]:
                return None
            first = section[encounter]
        own[row] = first
        needed[a] = needed[b] = first
    numbers = np.array(own, np.int64)
    return tuple(route.steps[numbers == s] for s in range(len(bounds)))


def plan_route(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    bounds: Sequence[int] | None = None,
    *,
    sites: Sequence[int] | None = None,
    wiring: Wiring | None = None,
    options: RoutingOptions | None = None,
) -> RoutePlan:
    """A valid route for a list of encounters on a device.

    In this order: all-to-all devices need none; a schedule that was drawn on this device, or on one
    whose shape fits into it, takes the route it was drawn with, unless bad couplers make that worse
    than a search without them; a line or ring tournament goes on the best path or ring without an
    extra gate; everything else is searched for. Couplers with an error of ``avoid_error`` or more
    are used only where there is no other way. Where the device has several connected components and
    none is large enough, neutrinos with encounters are kept together, and every component has a
    plan of its own.

    Args:
        device: its couplers.
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        bounds: ends of sections (barriers) as numbers of encounters; default: one section.
        sites: the initial sites of the neutrinos; default: chosen.
        wiring: initial sites and swaps of a native schedule.
        options: see :class:`RoutingOptions`.

    Returns:
        the plan.

    Raises:
        QnuError: more neutrinos than sites, a path or ring requested that does not exist,
            neutrinos with encounters that fit on no component of the device.

    References:
        Hall et al. (2102.12556) for the swap network.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> plan_route(line, np.array([(0, 1), (0, 2), (1, 2)]), 3).route.two_qubit_gates()
        9
    """
    if neutrinos > device.sites:
        raise QnuError("neutrinos", neutrinos, f"at most {device.sites}, the qubits of the device")
    ends = [len(pairs)] if bounds is None else list(bounds)
    task = _Task(device, pairs, neutrinos, ends, sites, options or RoutingOptions())
    if neutrinos == 0 or len(device.edges) == device.sites * (device.sites - 1) // 2:
        return task.all_to_all()
    return task.planned(wiring)


@dataclass(frozen=True, eq=False)
class _Task:
    """The arguments of :func:`plan_route`, and the methods that it tries."""

    device: DeviceGraph
    pairs: Indices
    neutrinos: int
    ends: Sequence[int]
    sites: Sequence[int] | None
    options: RoutingOptions

    def planned(self, wiring: Wiring | None) -> RoutePlan:
        """The plan of the first method that has one, see :func:`plan_route`."""
        layout = self.options.layout
        good = self.device.without_bad(self.options.avoid_error)
        if wiring is not None and self.sites is None and layout == "auto":
            plan = self._as_drawn_or_searched(good, wiring)
            if plan is not None:
                return plan
        if layout in ("auto", "search") and not self._fits(self.device, self.sites):
            return self._by_component()
        if layout != "search" and self.sites is None:
            for graph in (good, self.device):
                plan = self._perfect(graph)
                if plan is not None:
                    return plan
            if layout != "auto":
                raise QnuError(
                    "layout", layout, f"'auto' or 'search': no {layout} can be used for this"
                )
        return self._searched(good)

    @property
    def _initially_zero(self) -> bool:
        # with barriers in between, all neutrinos are prepared before the first one
        return self.options.qubits_initially_zero and self.ends[0] == len(self.pairs)

    def _fits(self, device: DeviceGraph, sites: Sequence[int] | None) -> bool:
        """Whether one component is large enough (and has all sites given)."""
        if sites is None:
            reach = (device.distance < device.sites).sum(axis=1)
            return bool(reach.max(initial=0) >= self.neutrinos)
        some = list(sites)
        return bool((device.distance[np.ix_(some, some)] < device.sites).all())

    def _plan(self, sections: tuple[RouteSteps, ...], sites: Indices, method: str) -> RoutePlan:
        """The plan of these sections, checked."""
        route = Route.of(sites, np.concatenate(sections))
        route.check(self.device, self.pairs)
        return RoutePlan(route, sections, method)

    def all_to_all(self) -> RoutePlan:
        """Every pair has a coupler: no neutrino moves."""
        begin = np.arange(self.neutrinos)
        if self.sites is not None:
            begin = np.asarray(self.sites, np.int64)
        steps = np.zeros((len(self.pairs), 4), np.int32)
        steps[:, 0] = np.arange(len(self.pairs))
        steps[:, 1:3] = begin[self.pairs]
        sections = tuple(np.split(steps, self.ends[:-1]))
        return RoutePlan(Route.of(begin, steps), sections, "all-to-all")

    def _as_drawn_or_searched(self, good: DeviceGraph, wiring: Wiring) -> RoutePlan | None:
        """As drawn without bad couplers; else as drawn or searched for, the smaller error."""
        plan = self._as_drawn(good, wiring)
        if plan is not None:
            return plan
        plan = self._as_drawn(self.device, wiring)
        if plan is None or not self._fits(good, None):
            return plan
        return max(plan, self._searched(good), key=self._log_of_success)

    def _log_of_success(self, plan: RoutePlan) -> float:
        """Sum of log(1 - error) over all two-qubit gates."""
        route, device = plan.route, self.device
        rows = [device.coupler[a, b] for a, b in route.steps[:, 1:3].tolist()]
        return -math.fsum(route.costs(self._initially_zero) * device.coupler_cost[rows])

    def _as_drawn(self, device: DeviceGraph, wiring: Wiring) -> RoutePlan | None:
        """The route of the drawing, on the same sites or on others of the same shape."""
        where = list(wiring[0])
        rows = np.zeros((len(self.pairs), 4), np.int64)
        for k, ((i, j), swapped) in enumerate(zip(self.pairs.tolist(), wiring[1], strict=True)):
            a, b = where[i], where[j]
            rows[k] = k, a, b, swapped
            if swapped:
                where[i], where[j] = b, a
        drawn = np.asarray(wiring[0])
        links, uses = np.unique(np.sort(rows[:, 1:3], axis=1), axis=0, return_counts=True)
        sites = np.unique(np.concatenate([links.reshape(-1), drawn]))
        embedding = best_embedding(device, links, 3.0 * uses, sites)
        if embedding is None:
            return None  # drawn for another device
        rows[:, 1:3] = embedding[np.searchsorted(sites, rows[:, 1:3])]
        route = Route.of(embedding[np.searchsorted(sites, drawn)], rows)
        sections = split(route, self.pairs, self.ends)
        return None if sections is None else self._plan(sections, route.sites, "wiring")

    def _perfect(self, graph: DeviceGraph) -> RoutePlan | None:
        """A path or ring without an extra gate."""
        only = None if self.options.layout == "auto" else self.options.layout
        route = perfect(self.pairs, self.neutrinos, graph, only=only)
        sections = None if route is None else split(route, self.pairs, self.ends)
        if route is None or sections is None:
            return None
        return self._plan(sections, route.sites, "perfect")

    def _searched(self, good: DeviceGraph) -> RoutePlan:
        """The route of the search, without bad couplers where the others are enough."""
        graph = good if self._fits(good, self.sites) else self.device
        effort, seed, zero = self.options.effort, self.options.seed, self._initially_zero
        parts_of = cut_at_barriers(self.pairs, self.ends)
        cut = len({*self.ends} - {0}) > 1  # several sections: each may be searched for again
        with part_of_progress(0.0, 0.5 if cut else 1.0):
            whole = search(
                graph,
                self.pairs[[some[0] for some in parts_of]],
                effort=effort,
                seed=seed,
                sites=self.sites,
                neutrinos=self.neutrinos,
                qubits_initially_zero=zero,
            )
        if self.sites is None:
            whole = _on_best_sites(graph, whole, zero)
        whole = in_parts(whole, self.pairs, parts_of)
        sections = split(whole, self.pairs, self.ends)
        if sections is None:
            sections = self._section_by_section(graph, whole.sites)
        return self._plan(sections, whole.sites, "search")

    def _section_by_section(self, graph: DeviceGraph, sites: Indices) -> tuple[RouteSteps, ...]:
        """A search for every section, from where the one before ends."""
        steps: list[RouteSteps] = []
        begin = 0
        for end in self.ends:
            done = (0.5 + 0.5 * k / max(len(self.pairs), 1) for k in (begin, end))
            with part_of_progress(*done):
                part = search(
                    graph,
                    self.pairs[begin:end],
                    effort=self.options.effort,
                    seed=self.options.seed,
                    sites=sites,
                    qubits_initially_zero=False,
                )
            rows = part.steps.copy()
            rows[rows[:, 0] != MOVE, 0] += begin
            steps.append(rows)
            begin, sites = end, part.final
        return tuple(steps)

    def _by_component(self) -> RoutePlan:
        """One plan per component of the device, section by section."""
        keeps = components(self.device)
        on = self._components_of_neutrinos(keeps)
        begin = np.empty(self.neutrinos, np.int64)
        steps: list[list[RouteSteps]] = [[] for _ in self.ends]
        methods = set()
        for number, keep in enumerate(keeps):
            inside = np.flatnonzero(on == number)
            if not len(inside):
                continue
            rows = np.flatnonzero(on[self.pairs[:, 0]] == number)
            sites = None
            if self.sites is not None:
                sites = np.searchsorted(keep, np.take(self.sites, inside)).tolist()
            with part_of_progress(number / len(keeps), (number + 1) / len(keeps)):
                own = plan_route(
                    self.device.part(keep),
                    np.searchsorted(inside, self.pairs[rows]),
                    len(inside),
                    np.searchsorted(rows, self.ends).tolist(),
                    sites=sites,
                    options=self.options,
                )
            methods.add(own.method)
            begin[inside] = keep[own.route.sites]
            for section, some in zip(steps, own.sections, strict=True):
                mapped = some.copy()
                is_encounter = some[:, 0] != MOVE
                mapped[is_encounter, 0] = rows[some[is_encounter, 0]]
                mapped[:, 1:3] = keep[some[:, 1:3]]
                section.append(mapped)
        sections = tuple(np.concatenate(some) for some in steps)
        return self._plan(sections, begin, methods.pop() if len(methods) == 1 else "search")

    def _components_of_neutrinos(self, keeps: Sequence[Indices]) -> Indices:
        """``(N,)`` the component of every neutrino."""
        on = np.empty(self.neutrinos, np.int64)
        if self.sites is None:
            groups = interacting_groups(self.pairs, self.neutrinos)
            chosen = assign([len(group) for group in groups], [len(keep) for keep in keeps])
            for group, number in zip(groups, chosen, strict=True):
                on[group] = number
            return on
        for number, keep in enumerate(keeps):
            on[np.isin(self.sites, keep)] = number
        apart = np.flatnonzero(on[self.pairs[:, 0]] != on[self.pairs[:, 1]])
        if len(apart):
            where = [int(self.sites[i]) for i in self.pairs[apart[0]]]
            raise QnuError(
                "sites", where, "one connected piece of the device for a pair that meets"
            )
        return on


def _on_best_sites(device: DeviceGraph, route: Route, qubits_initially_zero: bool) -> Route:
    """The same route where its couplers and readouts have the smallest errors on the device."""
    pairs = np.sort(route.steps[:, 1:3].astype(np.int64), axis=1)
    links, where = np.unique(pairs, axis=0, return_inverse=True)
    costs = route.costs(qubits_initially_zero)
    uses = np.bincount(where.reshape(-1), weights=costs, minlength=len(links))
    sites = np.unique(np.concatenate([links.reshape(-1), route.sites]))
    embedding = best_embedding(device, links, uses, sites)
    if embedding is None:
        return route
    steps = route.steps.copy()
    steps[:, 1:3] = embedding[np.searchsorted(sites, steps[:, 1:3])]
    return Route.of(embedding[np.searchsorted(sites, route.sites)], steps)
