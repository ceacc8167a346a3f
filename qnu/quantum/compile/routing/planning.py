"""Which route: played as drawn, a path or ring without a single extra gate, or the search."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import QnuError
from ._parts import cut_at_marks, in_parts
from .device import DeviceGraph, Indices
from .embedding import best_seats
from .perfect import perfect
from .pieces import deal, parts, pieces
from .route import MOVE, Route
from .search import search

Steps = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Plan:
    """A route, cut into the sections of its circuit.

    Args:
        route: the whole of it, sections one after the other.
        sections: the steps of every section.
        how: ``"all-to-all"``, ``"wiring"``, ``"perfect"`` or ``"search"``.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> route = Route.of([0, 1], [(0, 0, 1, 0)])
        >>> Plan(route, (route.steps,), "perfect").bad_couplers(DeviceGraph.of(2, [(0, 1)], 0.5))
        [(0, 1)]
    """

    route: Route
    sections: tuple[Steps, ...]
    how: str

    def bad_couplers(self, device: DeviceGraph, threshold: float = 0.1) -> list[tuple[int, int]]:
        """Couplers that the route uses although their error is ``threshold`` or more."""
        used = {(min(a, b), max(a, b)) for a, b in self.route.steps[:, 1:3].tolist()}
        return sorted(pair for pair in used if device.error[device.coupler[pair]] >= threshold)


def split(route: Route, pairs: Indices, bounds: Sequence[int]) -> tuple[Steps, ...] | None:
    """The steps of a route section by section, or None where sections cannot be told apart.

    Section s has the encounters below ``bounds[s]``. A step goes into the first section whose
    encounters need it: everything earlier on its sites comes before it. Where an encounter is
    needed by one of an earlier section, the route does not respect the sections.

    Args:
        route: for all encounters.
        pairs: ``(n, 2)``.
        bounds: how many encounters come before the end of every section; the last is n.

    Returns:
        steps of every section in a valid order, or None.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

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
        wanted = min(needed.get(a, last), needed.get(b, last))
        if encounter != MOVE:
            if wanted < section[encounter]:
                return None
            wanted = section[encounter]
        own[row] = wanted
        needed[a] = needed[b] = wanted
    numbers = np.array(own, np.int64)
    return tuple(route.steps[numbers == s] for s in range(len(bounds)))


def plan(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    bounds: Sequence[int] | None = None,
    *,
    layout: str = "auto",
    sites: Sequence[int] | None = None,
    wiring: tuple[Sequence[int], Sequence[bool]] | None = None,
    asleep: bool = False,
    avoid_error: float = 0.1,
    effort: int = 8,
    seed: int = 0,
) -> Plan:
    """A valid route for a list of encounters on a device.

    In this order: all-to-all devices need none; a schedule that was drawn on this device, or on one
    whose shape fits into it, is played as drawn, unless bad couplers make that worse than a search
    without them; a line or ring tournament goes on the best path or ring without an extra gate;
    everything else is searched for. Couplers with an error of ``avoid_error`` or more are used only
    where nothing else is left. Where the device is in pieces and none holds everybody, neutrinos
    that meet are kept together, and every piece has a plan of its own.

    Args:
        device: the couplers.
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N.
        bounds: ends of sections (barriers) as numbers of encounters; default: one section.
        layout: ``"auto"``, ``"path"``, ``"ring"``, or ``"search"``.
        sites: the sites on which neutrinos start; default: chosen.
        wiring: initial sites and trades of a native schedule.
        asleep: neutrinos that have not met anybody are not prepared yet, their sites empty.
        avoid_error: see above.
        effort: of the search.
        seed: of the search.

    Returns:
        the plan.

    Raises:
        QnuError: more neutrinos than sites, a path or ring asked for that does not exist,
            neutrinos that meet and fit on no piece of the device.

    References:
        Hall et al. (2102.12556) for the swap network.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> plan(line, np.array([(0, 1), (0, 2), (1, 2)]), 3).route.two_qubit_gates()
        9
    """
    if neutrinos > device.sites:
        raise QnuError("neutrinos", neutrinos, f"at most {device.sites}, the qubits of the device")
    ends = [len(pairs)] if bounds is None else list(bounds)
    if neutrinos == 0:
        return _all_to_all(pairs, neutrinos, ends, sites)
    if len(device.edges) == device.sites * (device.sites - 1) // 2:
        return _all_to_all(pairs, neutrinos, ends, sites)
    good = device.without_bad(avoid_error)
    # where there are marks, everybody is prepared at the first one
    sleep = asleep and len(ends) == 1
    if wiring is not None and sites is None and layout == "auto":
        found = _as_wired(good, pairs, wiring, ends)
        if found is not None:
            return found
        found = _as_wired(device, pairs, wiring, ends)
        if found is not None:
            other = found
            if _holds(good, neutrinos, None):
                other = _searched(device, good, pairs, neutrinos, ends, None, effort, seed, sleep)
            return max(found, other, key=lambda one: _log_of_success(device, one.route, sleep))
    if layout in ("auto", "search") and not _holds(device, neutrinos, sites):
        return _on_pieces(
            device,
            pairs,
            neutrinos,
            ends,
            sites,
            layout=layout,
            asleep=asleep,
            avoid_error=avoid_error,
            effort=effort,
            seed=seed,
        )
    if layout != "search" and sites is None:
        for graph in (good, device):
            route = perfect(pairs, neutrinos, graph, only=None if layout == "auto" else layout)
            parts = None if route is None else split(route, pairs, ends)
            if route is not None and parts is not None:
                return _checked(device, pairs, parts, route.sites, "perfect")
        if layout != "auto":
            raise QnuError("layout", layout, f"'auto' or 'search': no {layout} plays this")
    return _searched(device, good, pairs, neutrinos, ends, sites, effort, seed, sleep)


def _on_pieces(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    ends: Sequence[int],
    sites: Sequence[int] | None,
    **options: Any,
) -> Plan:
    """One plan per piece of the device, played section by section."""
    keeps = pieces(device)
    on = np.empty(neutrinos, np.int64)  # the piece of every neutrino
    if sites is None:
        groups = parts(pairs, neutrinos)
        for group, piece in zip(
            groups, deal([len(g) for g in groups], [len(k) for k in keeps]), strict=True
        ):
            on[group] = piece
    else:
        for piece, keep in enumerate(keeps):
            on[np.isin(sites, keep)] = piece
        apart = np.flatnonzero(on[pairs[:, 0]] != on[pairs[:, 1]])
        if len(apart):
            where = [int(sites[i]) for i in pairs[apart[0]]]
            raise QnuError(
                "sites", where, "one connected piece of the device for a pair that meets"
            )
    begin = np.empty(neutrinos, np.int64)
    steps: list[list[Steps]] = [[] for _ in ends]
    hows = set()
    for piece, keep in enumerate(keeps):
        inside = np.flatnonzero(on == piece)
        if not len(inside):
            continue
        rows = np.flatnonzero(on[pairs[:, 0]] == piece)
        own = plan(
            device.part(keep),
            np.searchsorted(inside, pairs[rows]),
            len(inside),
            np.searchsorted(rows, ends).tolist(),
            sites=None if sites is None else np.searchsorted(keep, np.take(sites, inside)).tolist(),
            **options,
        )
        hows.add(own.how)
        begin[inside] = keep[own.route.sites]
        for section, some in zip(steps, own.sections, strict=True):
            mapped = some.copy()
            met = some[:, 0] != MOVE
            mapped[met, 0] = rows[some[met, 0]]
            mapped[:, 1:3] = keep[some[:, 1:3]]
            section.append(mapped)
    sections = tuple(np.concatenate(some) for some in steps)
    return _checked(device, pairs, sections, begin, hows.pop() if len(hows) == 1 else "search")


def _log_of_success(device: DeviceGraph, route: Route, asleep: bool) -> float:
    """Sum of log(1 - error) over all two-qubit gates."""
    rows = [device.coupler[a, b] for a, b in route.steps[:, 1:3].tolist()]
    return -math.fsum(route.costs(asleep) * device.coupler_cost[rows])


def _checked(
    device: DeviceGraph, pairs: Indices, parts: tuple[Steps, ...], sites: Indices, how: str
) -> Plan:
    route = Route.of(sites, np.concatenate(parts))
    route.check(device, pairs)
    return Plan(route, parts, how)


def _all_to_all(
    pairs: Indices, neutrinos: int, ends: Sequence[int], sites: Sequence[int] | None
) -> Plan:
    begin = np.arange(neutrinos) if sites is None else np.asarray(sites, np.int64)
    steps = np.zeros((len(pairs), 4), np.int32)
    steps[:, 0] = np.arange(len(pairs))
    steps[:, 1:3] = begin[pairs]
    parts = tuple(np.split(steps, ends[:-1]))
    return Plan(Route.of(begin, steps), parts, "all-to-all")


def _as_wired(
    device: DeviceGraph,
    pairs: Indices,
    wiring: tuple[Sequence[int], Sequence[bool]],
    ends: Sequence[int],
) -> Plan | None:
    """Played as drawn, on the same sites or on others of the same shape."""
    where = list(wiring[0])
    rows = np.zeros((len(pairs), 4), np.int64)
    for k, ((i, j), traded) in enumerate(zip(pairs.tolist(), wiring[1], strict=True)):
        a, b = where[i], where[j]
        rows[k] = k, a, b, traded
        if traded:
            where[i], where[j] = b, a
    links, uses = np.unique(np.sort(rows[:, 1:3], axis=1), axis=0, return_counts=True)
    sites = np.unique(np.concatenate([links.reshape(-1), np.asarray(wiring[0])]))
    seats = best_seats(device, links, 3.0 * uses, sites)
    if seats is None:
        return None  # drawn for another device
    rows[:, 1:3] = seats[np.searchsorted(sites, rows[:, 1:3])]
    route = Route.of(seats[np.searchsorted(sites, np.asarray(wiring[0]))], rows)
    parts = split(route, pairs, ends)
    return None if parts is None else _checked(device, pairs, parts, route.sites, "wiring")


def _searched(
    device: DeviceGraph,
    good: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    ends: Sequence[int],
    sites: Sequence[int] | None,
    effort: int,
    seed: int,
    asleep: bool,
) -> Plan:
    graph = good if _holds(good, neutrinos, sites) else device
    parts_of = cut_at_marks(pairs, ends)
    whole = search(
        graph,
        pairs[[some[0] for some in parts_of]],
        effort=effort,
        seed=seed,
        sites=sites,
        neutrinos=neutrinos,
        asleep=asleep,
    )
    if sites is None:
        whole = _seated(graph, whole, asleep)
    whole = in_parts(whole, pairs, parts_of)
    parts = split(whole, pairs, ends)
    if parts is not None:
        return _checked(device, pairs, parts, whole.sites, "search")
    # the best route on the whole mixes sections: keep where it starts, and go section by section
    steps: list[Steps] = []
    begin, at = 0, whole.sites
    for end in ends:
        part = search(graph, pairs[begin:end], effort=effort, seed=seed, sites=at, asleep=False)
        rows = part.steps.copy()
        rows[rows[:, 0] != MOVE, 0] += begin
        steps.append(rows)
        begin, at = end, part.final
    return _checked(device, pairs, tuple(steps), whole.sites, "search")


def _seated(device: DeviceGraph, route: Route, asleep: bool) -> Route:
    """The same route where its couplers and readouts have the smallest errors on the device."""
    pairs = np.sort(route.steps[:, 1:3].astype(np.int64), axis=1)
    links, where = np.unique(pairs, axis=0, return_inverse=True)
    uses = np.bincount(where.reshape(-1), weights=route.costs(asleep), minlength=len(links))
    sites = np.unique(np.concatenate([links.reshape(-1), route.sites]))
    seats = best_seats(device, links, uses, sites)
    if seats is None:
        return route
    steps = route.steps.copy()
    steps[:, 1:3] = seats[np.searchsorted(sites, steps[:, 1:3])]
    return Route.of(seats[np.searchsorted(sites, route.sites)], steps)


def _holds(device: DeviceGraph, neutrinos: int, sites: Sequence[int] | None) -> bool:
    """Is there one piece that holds everybody (and the sites given)."""
    reach = (device.distance < device.sites).sum(axis=1)
    if sites is None:
        return bool(reach.max(initial=0) >= neutrinos)
    some = list(sites)
    return bool((device.distance[np.ix_(some, some)] < device.sites).all())
