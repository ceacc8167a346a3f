"""Routing any schedule on any device: beam search, then parts of the best routes again."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ....errors import QnuError
from ._regions import compact
from ._resume import Task, Taste, backwards
from .device import DeviceGraph, Indices
from .progress import Steps
from .route import Route

#: What a neutrino that waits for the time of one two-qubit gate counts, in such gates. By the
#: snapshots of two Herons it is 1/18 and 1/13; less keeps the number of gates low.
IDLE = 1 / 32
#: Regions that are tried, by compactness.
REGIONS = 6
#: The search may leave a region by so many couplers.
AROUND = 2
#: Random starts for one unit of effort, and how many of them go on.
STARTS, CHAINS = 2, 2
#: For one unit of effort: how often a chain searches a part of its route again.
AGAIN = 10
#: States kept after every encounter: in the passes of a chain, and when a part is searched again.
WIDE, WIDTHS = 48, (8, 16, 32)
#: Encounters times neutrinos above which less is tried, so that the time stays about the same.
WORK = 16_000
#: What a random start costs, in parts that are searched again.
_START = 0.5
#: A part is rather near an end of the route: where it begins is 1 - u**LATE, u uniform.
LATE = 1.7
#: How much worse than the route a new one may be in the beginning, relative to it.
TOLERANCE = 0.0025


def score(route: Route, asleep: bool = True) -> float:
    """Two-qubit gates, and IDLE for every neutrino and layer."""
    waiting = IDLE * len(route.sites) * route.two_qubit_depth(asleep)
    return route.two_qubit_gates(asleep) + waiting


def search(
    device: DeviceGraph,
    pairs: ArrayLike,
    *,
    effort: int = 8,
    seed: int = 0,
    sites: ArrayLike | None = None,
    neutrinos: int | None = None,
    asleep: bool = True,
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
        asleep: neutrinos that have not met anybody are not prepared yet: their sites are empty.

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
    root = np.random.SeedSequence(seed)
    share = min(1.0, WORK / max(len(wanted) * count, 1))
    starts, again = _some(STARTS * effort, share), _some(AGAIN * effort, share)
    steps = Steps(_START * starts * (sites is None) + CHAINS * (again + 1))
    if sites is not None:
        fixed = Route.of(_checked_sites(device, np.asarray(sites), wanted), [])
        begun = [(Task.of(device, wanted, count, asleep), np.arange(device.sites), fixed)] * CHAINS
    else:
        begun = _begun(
            device,
            wanted,
            count,
            asleep,
            starts,
            np.random.default_rng(root),
            steps,
        )
    if not len(wanted):
        return _back(*begun[0][1:])

    def chain(number: int) -> Route:
        task, keep, route = begun[number]
        rng = np.random.default_rng(seeds[number])
        return _back(keep, _chain(task, route, again, share, sites is None, rng, steps))

    # the compiled search lets other threads run; each chain has random numbers of its own
    seeds = root.spawn(len(begun))
    with ThreadPoolExecutor(min(len(begun), os.cpu_count() or 1)) as pool:
        try:
            routes = list(pool.map(chain, range(len(begun))))
        except BaseException:
            steps.stop()
            raise
    return min(routes, key=partial(score, asleep=asleep))


def _begun(
    device: DeviceGraph,
    pairs: Indices,
    neutrinos: int,
    asleep: bool,
    count: int,
    rng: np.random.Generator,
    steps: Steps,
) -> list[tuple[Task, Indices, Route]]:
    """The best of many random starts, each after two narrow passes there and back.

    Each comes with the sites around its region, ``keep``, and is told in their numbers: the search
    is fastest where its tables are small.
    """
    places = []
    for region in compact(device, neutrinos)[:REGIONS]:
        keep = np.flatnonzero(device.distance[region].min(axis=0) <= AROUND)
        places.append((Task.of(device.part(keep), pairs, neutrinos, asleep), keep, region))
    found = []
    for k in range(count):
        task, keep, region = places[k % len(places)]
        route = Route.of(np.searchsorted(keep, rng.permutation(region)), [])
        for _ in range(2):
            route = _there_and_back(task, route, _taste(task, rng), rng)
        found.append((task, keep, route))
        steps.step(_START)
    return sorted(found, key=lambda one: score(one[2], asleep))[:CHAINS]


def _back(keep: Indices, route: Route) -> Route:
    """A route in the device's own numbers."""
    steps = route.steps.copy()
    steps[:, 1:3] = keep[steps[:, 1:3]]
    return Route(keep[route.sites], steps, keep[route.final])


def _value(task: Task) -> Callable[[Route], float]:
    return partial(score, asleep=task.asleep)


def _there_and_back(task: Task, route: Route, taste: Taste, rng: np.random.Generator) -> Route:
    """Forwards from where a route starts, then backwards from there: the start fits what comes."""
    there = task.resume(Route.of(route.sites, []), 0, taste, rng)
    back = task.reversed().resume(Route.of(there.final, []), 0, taste, rng)
    return backwards(back, len(task.pairs))


def _some(number: int, share: float) -> int:
    """That share of a number, but at least two."""
    return max(2, round(number * share))


def _chain(
    task: Task,
    route: Route,
    times: int,
    share: float,
    both: bool,
    rng: np.random.Generator,
    steps: Steps,
) -> Route:
    """One wide pass, then the end of the route, or its beginning if ``both`` may change, again.

    A new route is taken although it is a little worse, ever less so: simulated annealing.
    """
    value = _value(task)
    taste = _taste(task, rng, _some(WIDE, share))
    tries = [task.resume(Route.of(route.sites, []), 0, taste, rng)]
    if both:
        tries += [route, _there_and_back(task, route, taste, rng)]
    best = now = min(tries, key=value)
    least = held = value(best)
    steps.step()
    for left in range(times, 0, -1):
        cut = int(len(now.steps) * (1 - rng.random() ** LATE))
        taste = _taste(task, rng, _some(rng.choice(WIDTHS), share))
        if both and rng.random() < 0.5:
            flipped = backwards(now, len(task.pairs))
            again = task.reversed().resume(flipped, cut, taste, rng)
            new = backwards(again, len(task.pairs))
        else:
            new = task.resume(now, cut, taste, rng)
        worth = value(new)
        if worth <= held + TOLERANCE * least * left / times * rng.exponential():
            now, held = new, worth
        if held < least:
            best, least = now, held
        steps.step()
    return best


def _taste(task: Task, rng: np.random.Generator, width: int = 1) -> Taste:
    """Preferences drawn around what works well."""
    return Taste(
        width=width,
        greed=rng.uniform(0.5, 0.9),
        decay=rng.uniform(0.5, 0.7),
        pace=rng.uniform(4.0, 6.0),
        per_depth=IDLE * task.neutrinos * rng.uniform(0.2, 0.6),
        noise=0.02,
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
