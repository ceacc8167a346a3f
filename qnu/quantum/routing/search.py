"""Routing any schedule on any device: beam search, then parts of the best routes again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ...errors import QnuError
from ._regions import compact
from ._resume import Task, Taste, backwards
from .device import DeviceGraph, Indices
from .route import Route

#: Error of a neutrino that waits for the time of one two-qubit gate, over the error of that gate.
IDLE = 1 / 32
#: Regions that are tried, by compactness.
REGIONS = 6
#: For one unit of effort: random starts, and parts searched again in one round.
STARTS, AGAIN = 3, 3
#: States that are kept after every encounter when a part is searched again.
WIDTH = 8
#: Routes that are improved in rounds, each of which keeps the better half.
KEPT = 4


def score(route: Route) -> float:
    """Expected error in units of that of a two-qubit gate: gates + IDLE * neutrinos * depth."""
    waiting = IDLE * len(route.sites) * route.two_qubit_depth()
    return route.two_qubit_gates() + waiting


def search(
    device: DeviceGraph,
    pairs: ArrayLike,
    *,
    effort: int = 8,
    seed: int = 0,
    sites: ArrayLike | None = None,
    neutrinos: int | None = None,
) -> Route:
    """A route with few two-qubit gates and a small two-qubit depth, for any schedule and device.

    Args:
        device: the couplers there are.
        pairs: ``(n, 2)`` first and second neutrino of every encounter, in the order of time.
            Encounters that share a neutrino keep their order; others may change places.
        effort: how much is tried; the time is proportional to it.
        seed: of the random starts; the same seed gives the same route.
        sites: ``(N,)`` where the neutrinos start; without it the search chooses.
        neutrinos: how many there are, if some of them meet nobody.

    Returns:
        The best route found, by :func:`score`.

    Raises:
        QnuError: pairs that name no two neutrinos, too few connected sites, sites from which some
            pair cannot meet.

    References:
        Li, Ding, Xie (1809.02573) for passes forwards and backwards; Hall et al. (2102.12556) for
        swaps that an encounter gives for free.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> route = search(line, [(0, 1), (0, 2), (1, 2)])
        >>> route.check(line, [(0, 1), (0, 2), (1, 2)])
        >>> route.two_qubit_gates()
        9
    """
    wanted, count = _checked(pairs, sites, neutrinos)
    if effort < 1:
        raise QnuError("effort", effort, "1 or more")
    rng = np.random.default_rng(seed)
    task = Task.of(device, wanted, count)
    if sites is not None:
        begin = Route.of(_checked_sites(device, np.asarray(sites), wanted), [])
        routes = [task.resume(begin, 0, _taste(task, rng), rng) for _ in range(effort)]
    else:
        routes = list(_passes(task, _starts(device, count, STARTS * effort, rng), rng))
    routes = sorted(routes, key=score)[:KEPT]
    while len(routes) > 1:
        times = AGAIN * effort // len(routes)
        routes = [_improved(task, route, times, sites is None, rng) for route in routes]
        routes = sorted(routes, key=score)[: len(routes) // 2]
    return _improved(task, routes[0], 2 * AGAIN * effort, sites is None, rng)


def _taste(task: Task, rng: np.random.Generator, width: int = 1) -> Taste:
    """Preferences drawn around what works well."""
    return Taste(
        width=width,
        greed=rng.uniform(0.4, 1.0),
        decay=rng.uniform(0.4, 0.8),
        pace=rng.uniform(4.0, 7.0),
        per_depth=IDLE * task.neutrinos * rng.uniform(0.3, 1.2),
        noise=0.03,
    )


def _checked(
    pairs: ArrayLike, sites: ArrayLike | None, neutrinos: int | None
) -> tuple[Indices, int]:
    wanted = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    count = int(wanted.max(initial=-1)) + 1
    if neutrinos is None:
        neutrinos = count if sites is None else len(np.asarray(sites))
    if wanted.size and (
        wanted.min() < 0 or count > neutrinos or (wanted[:, 0] == wanted[:, 1]).any()
    ):
        raise QnuError("pairs", wanted.tolist(), f"pairs of different neutrinos below {neutrinos}")
    return wanted, neutrinos


def _checked_sites(device: DeviceGraph, sites: Indices, pairs: Indices) -> Indices:
    begin = sites.astype(np.int64)
    if len(set(begin.tolist())) != len(begin) or not set(begin.tolist()) <= set(
        range(device.sites)
    ):
        raise QnuError("sites", begin.tolist(), f"different sites below {device.sites}")
    apart = device.distance[begin[pairs[:, 0]], begin[pairs[:, 1]]] >= device.sites
    if apart.any():
        raise QnuError("sites", begin.tolist(), "sites from which all pairs can meet")
    return begin


def _starts(
    device: DeviceGraph, neutrinos: int, count: int, rng: np.random.Generator
) -> Iterator[Indices]:
    """Neutrinos at random on the most compact regions."""
    regions = compact(device, neutrinos)[:REGIONS]
    for k in range(count):
        yield rng.permutation(regions[k % len(regions)])


def _passes(task: Task, starts: Iterator[Indices], rng: np.random.Generator) -> Iterator[Route]:
    """From every start forwards and backwards, so that the layout fits the first encounters."""
    reverse = task.reversed()
    for sites in starts:
        route = Route.of(sites, [])
        for _ in range(2):
            taste = _taste(task, rng)
            route = task.resume(Route.of(route.sites, []), 0, taste, rng)
            back = reverse.resume(Route.of(route.final, []), 0, taste, rng)
            route = backwards(back, len(task.pairs))
        yield route


def _improved(task: Task, route: Route, times: int, both: bool, rng: np.random.Generator) -> Route:
    """The end of the route, or its beginning if ``both`` may change, searched again and again."""
    reverse = task.reversed()
    least = score(route)
    for _ in range(times):
        if not len(route.steps):
            break
        cut = int(rng.integers(len(route.steps)))
        taste = _taste(task, rng, WIDTH)
        if both and rng.random() < 0.5:
            flipped = backwards(route, len(task.pairs))
            new = backwards(reverse.resume(flipped, cut, taste, rng), len(task.pairs))
        else:
            new = task.resume(route, cut, taste, rng)
        value = score(new)
        if value <= least:
            route, least = new, value
    return route
