"""Which route: as drawn, a path or ring without a single extra gate, or the search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ....errors import QnuError
from ._parts import cut_at_barriers, in_parts
from ._resume import SearchTask
from ._without_moves import in_place, without_moves
from .choice import in_order, on_best_sites
from .components import component_of_neutrinos, components
from .device import DeviceGraph, Indices
from .embedding import best_embedding
from .perfect import line_plan, perfect
from .plans import RoutePlan, RouteSteps, RoutingOptions, Wiring
from .route import MOVE, Route
from .search import candidates
from .sections import split
from .starts import constructed
from .step_counter import part_of_progress


def plan_route(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    bounds: Sequence[int] | None = None,
    *,
    sites: Sequence[int] | None = None,
    wiring: Wiring | None = None,
    options: RoutingOptions | None = None,
    block_gates: Indices | None = None,
) -> RoutePlan:
    """A valid route for a list of encounters on a device.

    In this order: all-to-all devices need none; a schedule that was drawn on this device, or on one
    whose shape fits into it, takes the route it was drawn with, unless bad couplers make that worse
    than a search without them; a line or ring tournament goes on the best path or ring without an
    extra gate; encounters that are neighbours on some part of the device, where they are or after
    swaps inside earlier encounters, go there; everything else is searched for. Couplers with an
    error of ``avoid_error`` or more are used only where there is no other way, or where all ways
    around them cost more. Where the device has several connected components and none is large
    enough, neutrinos with encounters are kept together, and every component has a plan of its own.

    Args:
        device: its couplers.
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        bounds: ends of sections (barriers) as numbers of encounters; default: one section.
        sites: the initial sites of the neutrinos; default: chosen.
        wiring: initial sites and swaps of a native schedule.
        options: see :class:`RoutingOptions`.
        block_gates: ``(n, 2)`` two-qubit gates of every pair, without and with a swap inside;
            default: 3 and 3.

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
    task = _task(device, pairs, neutrinos, bounds, sites, options, block_gates)
    return task.known(wiring) or task.searched()


def plan_without_search(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    *,
    wiring: Wiring | None = None,
    options: RoutingOptions | None = None,
) -> RoutePlan | None:
    """As :func:`plan_route`, in one section; None where a route would have to be searched for.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> plan_without_search(line, np.array([(0, 1), (0, 2)]), 3).method
        'perfect'
    """
    return _task(device, pairs, neutrinos, None, None, options).known(wiring, weigh=False)


def _task(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    bounds: Sequence[int] | None,
    sites: Sequence[int] | None,
    options: RoutingOptions | None,
    block_gates: Indices | None = None,
) -> _Task:
    """The task, once the device is known to be large enough."""
    if neutrinos > device.sites:
        raise QnuError("neutrinos", neutrinos, f"at most {device.sites}, the qubits of the device")
    ends = [len(pairs)] if bounds is None else list(bounds)
    return _Task(device, pairs, neutrinos, ends, sites, options or RoutingOptions(), block_gates)


#: Neutrinos up to which the search may find less than what is known for a ring of another size.
_SEARCHED_TOO = 8
#: Neutrinos times encounters up to which more effort is made, and how many times as much at most:
#: that takes 0.1 s, and finds the optimum of tournaments of four and five more often.
_SMALL, _TIMES = 300, 5


def _times_more(neutrinos: int, encounters: int) -> int:
    """How many times the effort a small schedule is worth."""
    return min(max(_SMALL // max(neutrinos * encounters, 1), 1), _TIMES)


@dataclass(frozen=True, eq=False)
class _Task:
    """The arguments of :func:`plan_route`, and the methods that it tries."""

    device: DeviceGraph
    pairs: Indices
    neutrinos: int
    ends: Sequence[int]
    sites: Sequence[int] | None
    options: RoutingOptions
    block_gates: Indices | None = None

    def known(self, wiring: Wiring | None, weigh: bool = True) -> RoutePlan | None:
        """The plan of the first method that needs no search, see :func:`plan_route`.

        Args:
            wiring: of a native schedule.
            weigh: search too where that schedule was drawn on couplers that are bad here.
        """
        complete = len(self.device.edges) == self.device.sites * (self.device.sites - 1) // 2
        if self.neutrinos == 0 or complete:
            return self.all_to_all()
        layout = self.options.layout
        if wiring is not None and self.sites is None and layout == "auto":
            plan = self._as_drawn_or_searched(wiring, weigh)
            if plan is not None:
                return plan
        if layout == "search" or self.sites is not None or self._by_components:
            return None
        enough = self._good if self._fits(self._good, None) else self.device
        if layout == "auto" and self.block_gates is not None:
            return self._in_place(enough, self.block_gates)
        for graph in (self._good, self.device):
            plan = self._perfect(graph)
            if plan is not None:
                return plan
        if layout == "auto":
            line = line_plan(self.pairs, self.neutrinos, ring=True)
            if line is not None and line.closed:
                return None  # needs a ring of N sites: see :func:`.starts.constructed`
            route = without_moves(self.pairs, self.neutrinos, enough)
            return None if route is None else self._without_extra_gate(enough, route)
        allowed = f"'auto' or 'search': no {layout} can be used for this"
        raise QnuError("layout", layout, allowed)

    def searched(self) -> RoutePlan:
        """The plan of the search, on one component of the device or on several."""
        return self._by_component() if self._by_components else self._searched(self._good)

    @cached_property
    def _good(self) -> DeviceGraph:
        return self.device.without_bad(self.options.avoid_error)

    @cached_property
    def _by_components(self) -> bool:
        layout = self.options.layout
        return layout in ("auto", "search") and not self._fits(self.device, self.sites)

    @property
    def _initially_zero(self) -> bool:
        # with barriers in between, all neutrinos are prepared before the first one
        return self.options.qubits_initially_zero and self.ends[0] == len(self.pairs)

    @property
    def _options(self) -> RoutingOptions:
        return replace(self.options, qubits_initially_zero=self._initially_zero)

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

    def _as_drawn_or_searched(self, wiring: Wiring, weigh: bool) -> RoutePlan | None:
        """As drawn without bad couplers; else as drawn or searched for, the smaller error."""
        plan = self._as_drawn(self._good, wiring)
        if plan is not None:
            return plan
        plan = self._as_drawn(self.device, wiring)
        if plan is None or not weigh or not self._fits(self._good, None):
            return plan
        drawn, found = plan, self._searched(self._good)
        first = in_order(self.device, [drawn.route, found.route], self._options)[0] is drawn.route
        best, other = (drawn, found) if first else (found, drawn)
        return replace(best, runner_up=replace(other, runner_up=None))

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
        route = on_best_sites(device, route, self._options)
        sections = split(route, self.pairs, self.ends)
        return None if sections is None else self._plan(sections, route.sites, "wiring")

    def _perfect(self, graph: DeviceGraph) -> RoutePlan | None:
        """A path or ring without an extra gate."""
        only = None if self.options.layout == "auto" else self.options.layout
        route = perfect(self.pairs, self.neutrinos, graph, only=only)
        return None if route is None else self._without_extra_gate(graph, route)

    def _in_place(self, graph: DeviceGraph, gates: Indices) -> RoutePlan | None:
        """Nothing moves, where no pair has fewer gates with a swap: then nothing is better."""
        if (gates[:, 0] > gates[:, 1]).any():
            return None  # compared with what the search finds
        for method in (perfect, in_place):
            route = method(self.pairs, self.neutrinos, graph)
            if route is not None and not route.steps[:, 3].any():
                return self._without_extra_gate(graph, route)
        return None

    def _without_extra_gate(self, graph: DeviceGraph, route: Route) -> RoutePlan | None:
        """The plan of a route of three gates per encounter, on its best sites."""
        route = on_best_sites(graph, route, self._options)
        sections = split(route, self.pairs, self.ends)
        if sections is None:
            return None
        return self._plan(sections, route.sites, "perfect")

    def _searched(self, good: DeviceGraph) -> RoutePlan:
        """The best route of the search, without bad couplers where the others are enough."""
        graph = good if self._fits(good, self.sites) else self.device
        parts_of = cut_at_barriers(self.pairs, self.ends)
        cut = len({*self.ends} - {0}) > 1  # several sections: each may be searched for again
        with part_of_progress(0.0, 0.5 if cut else 1.0):
            gates = None
            if self.block_gates is not None:  # the last part has the swap
                gates = self.block_gates[[some[-1] for some in parts_of]]
            found = self._candidates(graph, self.pairs[[some[0] for some in parts_of]], gates)
        plans = []
        for route in found[:1] if cut else self._first_two(found):
            whole = in_parts(route, self.pairs, parts_of)
            sections = split(whole, self.pairs, self.ends)
            if sections is None:
                sections = self._section_by_section(graph, whole.sites)
            plans.append(self._plan(sections, whole.sites, "search"))
        return replace(plans[0], runner_up=plans[1] if len(plans) > 1 else None)

    def _first_two(self, found: Sequence[Route]) -> list[Route]:
        """The best route, and the best one of another number of gates or layers, if any is."""
        sizes = [
            (
                route.two_qubit_gates(self._initially_zero),
                route.two_qubit_depth(self._initially_zero),
            )
            for route in found
        ]
        others = [route for route, size in zip(found, sizes, strict=True) if size != sizes[0]]
        return [found[0], *(others or found[1:])[:1]]

    def _candidates(self, graph: DeviceGraph, pairs: Indices, gates: Indices | None) -> list[Route]:
        """Routes of several searches on the best sites for each, the best route first."""
        options, zero = self._options, self._initially_zero
        found: list[Route] = []
        if self.sites is None and options.layout == "auto" and gates is None:
            found += constructed(graph, pairs, self.neutrinos, zero)
        if not found or self.neutrinos <= _SEARCHED_TOO:
            found += candidates(
                graph,
                pairs,
                effort=options.effort * _times_more(self.neutrinos, len(pairs)),
                seed=options.seed,
                sites=self.sites,
                neutrinos=self.neutrinos,
                qubits_initially_zero=zero,
                block_gates=gates,
            )
        if self.sites is None:
            found = [on_best_sites(graph, route, options) for route in found]
        known = self.sites is None and options.layout == "auto"
        if gates is None:
            if known and len(graph.edges) < len(self.device.edges):
                # on bad couplers: the smaller error decides
                route = without_moves(pairs, self.neutrinos, self.device)
                found += [] if route is None else [on_best_sites(self.device, route, options)]
            return in_order(self.device, found, options)
        if known:
            for method in (perfect, without_moves):
                route = method(pairs, self.neutrinos, graph)
                found += [] if route is None else [on_best_sites(graph, route, options)]
        # the forecast takes three gates for every pair: other circuits are ranked by the search
        task = SearchTask.of(graph, pairs, self.neutrinos, zero, gates)
        return sorted(found, key=task.score)

    def _section_by_section(self, graph: DeviceGraph, sites: Indices) -> tuple[RouteSteps, ...]:
        """A search for every section, from where the one before ends."""
        steps: list[RouteSteps] = []
        begin = 0
        for end in self.ends:
            done = (0.5 + 0.5 * k / max(len(self.pairs), 1) for k in (begin, end))
            with part_of_progress(*done):
                part = candidates(
                    graph,
                    self.pairs[begin:end],
                    effort=self.options.effort,
                    seed=self.options.seed,
                    sites=sites,
                    qubits_initially_zero=False,
                    block_gates=None if self.block_gates is None else self.block_gates[begin:end],
                )[0]
            rows = part.steps.copy()
            rows[rows[:, 0] != MOVE, 0] += begin
            steps.append(rows)
            begin, sites = end, part.final
        return tuple(steps)

    def _by_component(self) -> RoutePlan:
        """One plan per component of the device, section by section."""
        keeps = components(self.device)
        on = component_of_neutrinos(keeps, self.pairs, self.neutrinos, self.sites)
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
                    block_gates=None if self.block_gates is None else self.block_gates[rows],
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
