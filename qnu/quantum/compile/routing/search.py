"""Routing any schedule on any device: beam search, then parts of the best routes again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ....common.deprecation import renamed_keyword
from ....errors import QnuError
from ._beam import BeamSettings
from ._regions import compact
from ._resume import SearchTask, reversed_route
from .device import DeviceGraph, Indices
from .route import Route
from .step_counter import StepCounter

#: Weight of a neutrino that waits for the time of one two-qubit gate, in such gates. By the
#: snapshots of two Herons it is 1/18 and 1/13; less keeps the number of gates low.
IDLE_COST = 1 / 32
#: Number of regions that are tried, in order of compactness.
REGIONS = 6
#: The search may leave a region by so many couplers.
MARGIN = 2
#: Random starts for one unit of effort, and how many of them are continued as chains.
STARTS, CHAINS = 2, 2
#: For one unit of effort: how often a chain searches a part of its route again.
REPEATS = 10
#: States kept after every encounter: in the passes of a chain, and when a part is searched again.
WIDE, WIDTHS = 48, (8, 16, 32)
#: Encounters times neutrinos above which less is tried, so that the time stays about the same.
FULL_EFFORT_SIZE = 16_000
#: The time of a random start, in parts that are searched again.
_START = 0.5
#: A part is rather near an end of the route: it begins at 1 - u**LATE, u uniform.
LATE = 1.7
#: How much worse than the route a new one may be in the beginning, relative to it.
TOLERANCE = 0.0025


@renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
def score(route: Route, qubits_initially_zero: bool = True) -> float:
    """Two-qubit gates, and IDLE_COST for every neutrino and layer."""
    waiting = IDLE_COST * len(route.sites) * route.two_qubit_depth(qubits_initially_zero)
    return route.two_qubit_gates(qubits_initially_zero) + waiting


@renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
def search(
    device: DeviceGraph,
    pairs: ArrayLike,
    *,
    effort: int = 8,
    seed: int = 0,
    sites: ArrayLike | None = None,
    neutrinos: int | None = None,
    qubits_initially_zero: bool = True,
) -> Route:
    r"""A route with few two-qubit gates and a small two-qubit depth, for any schedule and device.

    Args:
        device: its couplers.
        pairs: ``(n, 2)`` first and second neutrino of every encounter, in the order of time.
            Encounters that share a neutrino keep their order; others may change places.
        effort: how much is tried; the time is proportional to it.
        seed: of the random starts; the same seed gives the same route.
        sites: ``(N,)`` initial sites of the neutrinos; default: chosen by the search.
        neutrinos: their number, if some of them have no encounter.
        qubits_initially_zero: as in Qiskit's ``generate_preset_pass_manager``: all qubits start in
            :math:`|0\rangle`. A neutrino is then prepared right before its first encounter, and its
            site counts as empty until then.

    Returns:
        The best route found, by :func:`score`.

    Raises:
        QnuError: pairs that are not two different neutrinos, too few connected sites, sites from
            which some pair cannot be brought together.

    References:
        Li, Ding, Xie (1809.02573) for passes forwards and backwards; Hall et al. (2102.12556) for
        swaps that are free inside an encounter.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> route = search(line, [(0, 1), (0, 2), (1, 2)])
        >>> route.check(line, [(0, 1), (0, 2), (1, 2)])
        >>> route.two_qubit_gates()
        9
    """
    encounters, count = _checked(pairs, sites, neutrinos)
    if effort < 1:
        raise QnuError("effort", effort, "1 or more")
    zero = qubits_initially_zero
    root = np.random.SeedSequence(seed)
    share = min(1.0, FULL_EFFORT_SIZE / max(len(encounters) * count, 1))
    starts, repeats = _scaled(STARTS * effort, share), _scaled(REPEATS * effort, share)
    steps = StepCounter(_START * starts * (sites is None) + CHAINS * (repeats + 1))
    if sites is not None:
        fixed = Route.of(_checked_sites(device, np.asarray(sites), encounters), [])
        task = SearchTask.of(device, encounters, count, zero)
        chains = [_Start(task, np.arange(device.sites), fixed)] * CHAINS
    else:
        rng = np.random.default_rng(root)
        chains = _best_starts(_regions(device, encounters, count, zero), starts, rng, steps)
    if not len(encounters):
        return chains[0].on_device(chains[0].route)

    def chain(number: int) -> Route:
        start, rng = chains[number], np.random.default_rng(seeds[number])
        return start.on_device(_chain(start, repeats, share, sites is None, rng, steps))

    # the compiled search lets other threads run; each chain has random numbers of its own
    seeds = root.spawn(len(chains))
    with ThreadPoolExecutor(min(len(chains), os.cpu_count() or 1)) as pool:
        try:
            routes = list(pool.map(chain, range(len(chains))))
        except BaseException:
            steps.stop()
            raise
    return min(routes, key=partial(score, qubits_initially_zero=zero))


@dataclass(frozen=True, eq=False)
class _Start:
    """A route to begin with, on the sites ``keep`` of the device, in their own numbers.

    The search is fastest where its tables are small.
    """

    task: SearchTask
    keep: Indices
    route: Route

    def on_device(self, route: Route) -> Route:
        """A route in the numbers of the device."""
        steps = route.steps.copy()
        steps[:, 1:3] = self.keep[steps[:, 1:3]]
        return Route(self.keep[route.sites], steps, self.keep[route.final])


def _regions(
    device: DeviceGraph, pairs: Indices, neutrinos: int, qubits_initially_zero: bool
) -> list[tuple[SearchTask, Indices, Indices]]:
    """Compact regions: the task on each with its margin, those sites, the region itself."""
    regions = []
    for region in compact(device, neutrinos)[:REGIONS]:
        keep = np.flatnonzero(device.distance[region].min(axis=0) <= MARGIN)
        task = SearchTask.of(device.part(keep), pairs, neutrinos, qubits_initially_zero)
        regions.append((task, keep, region))
    return regions


def _best_starts(
    regions: Sequence[tuple[SearchTask, Indices, Indices]],
    count: int,
    rng: np.random.Generator,
    steps: StepCounter,
) -> list[_Start]:
    """The best of many random starts, each after two narrow passes forwards and backwards."""
    starts = []
    for k in range(count):
        task, keep, region = regions[k % len(regions)]
        route = Route.of(np.searchsorted(keep, rng.permutation(region)), [])
        for _ in range(2):
            route = _forwards_and_backwards(task, route, _settings(task, rng), rng)
        starts.append(_Start(task, keep, route))
        steps.step(_START)
    return sorted(starts, key=lambda start: _score(start.task, start.route))[:CHAINS]


def _score(task: SearchTask, route: Route) -> float:
    return score(route, task.qubits_initially_zero)


def _forwards_and_backwards(
    task: SearchTask, route: Route, settings: BeamSettings, rng: np.random.Generator
) -> Route:
    """Forwards from the initial sites, then backwards: the new initial sites fit the schedule."""
    forwards = task.resume(Route.of(route.sites, []), 0, settings, rng)
    back = task.reversed().resume(Route.of(forwards.final, []), 0, settings, rng)
    return reversed_route(back, len(task.pairs))


def _scaled(number: int, share: float) -> int:
    """That share of a number, but at least two."""
    return max(2, round(number * share))


def _chain(
    start: _Start,
    times: int,
    share: float,
    both_ends: bool,
    rng: np.random.Generator,
    steps: StepCounter,
) -> Route:
    """One wide pass, then again and again the end of the route, or its beginning if ``both_ends``.

    A new route is taken although it is a little worse, ever less so: simulated annealing.
    """
    task, route = start.task, start.route
    settings = _settings(task, rng, _scaled(WIDE, share))
    tries = [task.resume(Route.of(route.sites, []), 0, settings, rng)]
    if both_ends:
        tries += [route, _forwards_and_backwards(task, route, settings, rng)]
    best = now = min(tries, key=partial(_score, task))
    least = current = _score(task, best)
    steps.step()
    for left in range(times, 0, -1):
        cut = int(len(now.steps) * (1 - rng.random() ** LATE))
        settings = _settings(task, rng, _scaled(rng.choice(WIDTHS), share))
        if both_ends and rng.random() < 0.5:
            flipped = reversed_route(now, len(task.pairs))
            again = task.reversed().resume(flipped, cut, settings, rng)
            new = reversed_route(again, len(task.pairs))
        else:
            new = task.resume(now, cut, settings, rng)
        value = _score(task, new)
        if value <= current + TOLERANCE * least * left / times * rng.exponential():
            now, current = new, value
        if current < least:
            best, least = now, current
        steps.step()
    return best


def _settings(task: SearchTask, rng: np.random.Generator, width: int = 1) -> BeamSettings:
    """Settings drawn around values that work well."""
    return BeamSettings(
        width=width,
        potential_weight=rng.uniform(0.5, 0.9),
        decay=rng.uniform(0.5, 0.7),
        depth_per_encounter=rng.uniform(4.0, 6.0),
        gates_per_depth=IDLE_COST * task.neutrinos * rng.uniform(0.2, 0.6),
        noise=0.02,
    )


def _checked(
    pairs: ArrayLike, sites: ArrayLike | None, neutrinos: int | None
) -> tuple[Indices, int]:
    encounters = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    count = int(encounters.max(initial=-1)) + 1
    if neutrinos is None:
        neutrinos = count if sites is None else len(np.asarray(sites))
    same = encounters[:, 0] == encounters[:, 1]
    if encounters.size and (encounters.min() < 0 or count > neutrinos or same.any()):
        allowed = f"pairs of different neutrinos below {neutrinos}"
        raise QnuError("pairs", encounters.tolist(), allowed)
    return encounters, neutrinos


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
