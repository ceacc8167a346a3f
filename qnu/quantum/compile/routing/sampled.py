"""The routes of samples before the end of a schedule, each as short as it can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .choice import in_order, on_best_sites
from .device import DeviceGraph, Indices
from .planning import plan_route, plan_without_search
from .plans import RoutePlan, RoutingOptions, Wiring
from .prefix import numbers_in, prefix
from .step_counter import part_of_progress

#: Searches for all samples together may take so many times the work of the whole route's search.
WORK = 2.0
#: Two-qubit gates of an encounter: a route of only these cannot be improved by a search.
_GATES = 3

#: Where the route of a sample is from.
WHOLE, PREFIX, OWN = "whole", "prefix", "own"


@dataclass(frozen=True, eq=False)
class Part:
    """The encounters before a sample.

    Args:
        pairs: ``(n, 2)`` in an order of time.
        wiring: their initial sites and swaps, where the schedule was drawn for a device.
    """

    pairs: Indices
    wiring: Wiring | None = None


@dataclass(frozen=True, eq=False)
class SampleRoute:
    """The route of the encounters before a sample.

    Args:
        plan: the route, in one section.
        origin: ``"whole"``: of the whole schedule; ``"prefix"``: the first steps of that;
            ``"own"``: found for this sample alone.
        pairs: ``(n, 2)`` those encounters.
    """

    plan: RoutePlan
    origin: str
    pairs: Indices


def sample_routes(
    device: DeviceGraph,
    whole: RoutePlan,
    pairs: Indices,
    parts: Sequence[Part],
    *,
    sites: Sequence[int] | None = None,
    options: RoutingOptions,
) -> list[SampleRoute]:
    """The routes of several samples: each the better one of two.

    One is the prefix of the route of the whole schedule: encounters before the sample, and the
    moves that these need. The other is found for the sample alone: without a search where there
    is such a route; else by one, where the prefix has more than three gates per encounter. All
    searches together take about :data:`WORK` times as long as that for the whole: ``effort`` is
    shared, and where even an effort of 1 is too long, samples whose prefix has most gates beyond
    three per encounter come first.

    Args:
        device: its couplers.
        whole: the plan for all encounters.
        pairs: ``(n, 2)`` those encounters.
        parts: encounters before every sample.
        sites: the initial sites of the neutrinos, where they are given.
        options: how the plan of the whole was chosen.

    Returns:
        one entry for every part.
    """
    task = _Samples(device, whole, pairs, sites, options)
    known: dict[bytes, SampleRoute] = {}
    different = {part.pairs.tobytes(): part for part in parts}
    for key, part in different.items():
        known[key] = task.without_search(part)
    excess = {
        key: one.plan.route.two_qubit_gates(options.qubits_initially_zero)
        - _GATES * len(different[key].pairs)
        for key, one in known.items()
        if one.origin == PREFIX
    }
    worse = [key for key in sorted(excess, key=lambda key: -excess[key]) if excess[key] > 0]
    if options.layout in ("auto", "search"):
        budget = WORK * options.effort * len(pairs)
        total = sum(len(different[key].pairs) for key in worse)
        effort = max(1, min(options.effort, int(budget / max(total, 1))))
        spent = 0.0
        for key in worse:
            work = effort * len(different[key].pairs)
            if spent + work > budget:
                continue
            with part_of_progress(spent / budget, (spent + work) / budget):
                known[key] = task.searched(different[key], known[key], effort)
            spent += work
    return [known[part.pairs.tobytes()] for part in parts]


@dataclass(frozen=True, eq=False)
class _Samples:
    """What the routes of all samples have in common."""

    device: DeviceGraph
    whole: RoutePlan
    pairs: Indices
    sites: Sequence[int] | None
    options: RoutingOptions

    @property
    def _neutrinos(self) -> int:
        return len(self.whole.route.sites)

    def without_search(self, part: Part) -> SampleRoute:
        """The prefix of the whole, or a route that needs no search, the better of both."""
        if np.array_equal(part.pairs, self.pairs):
            return SampleRoute(self.whole, WHOLE, part.pairs)
        own = None
        if self.sites is None and self.options.layout != "search":
            own = self._known(part)
        numbers = numbers_in(self.pairs, part.pairs)
        if numbers is None:  # the order of time would have to differ on some qubit
            raise AssertionError("a sample has encounters that the whole schedule has not")
        route = prefix(self.whole.route, numbers)
        if self.sites is None:
            route = on_best_sites(self.device, route, self.options)
        route.check(self.device, part.pairs)
        first = RoutePlan(route, (route.steps,), self.whole.method)
        return self._better(part, first, own)

    def _known(self, part: Part) -> RoutePlan | None:
        options = self.options
        if options.layout in ("path", "ring"):
            options = replace(options, layout="auto")
        return plan_without_search(
            self.device, part.pairs, self._neutrinos, wiring=part.wiring, options=options
        )

    def searched(self, part: Part, now: SampleRoute, effort: int) -> SampleRoute:
        """The route so far, or one of a search for this sample alone, the better of both."""
        plan = plan_route(
            self.device,
            part.pairs,
            self._neutrinos,
            sites=self.sites,
            wiring=part.wiring,
            options=replace(self.options, effort=effort),
        )
        return self._better(part, now.plan, plan, now.origin)

    def _better(
        self, part: Part, first: RoutePlan, own: RoutePlan | None, origin: str = PREFIX
    ) -> SampleRoute:
        if own is None:
            return SampleRoute(first, origin, part.pairs)
        best = in_order(self.device, [first.route, own.route], self.options)[0]
        if best is first.route:
            return SampleRoute(first, origin, part.pairs)
        return SampleRoute(own, OWN, part.pairs)
