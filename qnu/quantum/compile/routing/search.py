"""Routing any schedule on any device: beam search from many layouts, then parts of it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from ....common.checks import integer
from ....common.deprecation import renamed_keyword
from ._beam import BeamSettings
from ._regions import compact
from ._resume import IDLE_COST, SearchTask, reversed_route
from ._search_input import check_sites, encounters_and_sites, gates_of_blocks
from ._windows import WindowSettings, improve_windows
from .choice import TIE, on_best_sites
from .device import DeviceGraph, Indices
from .plans import RoutingOptions
from .route import Route
from .starts import layouts
from .step_counter import StepCounter
from .success import forecast

#: The search may leave the sites of a layout by so many couplers.
MARGIN = 1
#: For one unit of effort: layouts that are tried.
STARTS = 1
#: How many of them are continued as chains: the best one, and one of the next by its success.
CHAINS, CONSIDERED = 2, 5
#: For one unit of effort and chain: how often a part of its route is searched again, and windows
#: for each encounter.
REPEATS, WINDOWS = 1, 1.5
#: States kept after every encounter: in first passes, in those of a chain, and when a part is
#: searched again.
NARROW, WIDE, WIDTHS = 2, 32, (4, 8, 16)
#: See :class:`._beam.BeamSettings`.
KEEP, PAIRS = 4, 4
#: Encounters times neutrinos above which less is tried, so that the time stays about the same.
FULL_EFFORT_SIZE = 12_000
#: The time of a first pass, in parts that are searched again.
_START = 1.0
#: A part is rather near an end of the route: it begins at 1 - u**LATE, u uniform.
LATE = 1.7
#: How much worse than the route a new one may be in the beginning, relative to it; in gates, where
#: it differs in one window.
TOLERANCE, WINDOW_TOLERANCE = 0.0025, 1.0


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
        effort: how much is tried; the time is about proportional to it.
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
    return candidates(
        device,
        pairs,
        effort=effort,
        seed=seed,
        sites=sites,
        neutrinos=neutrinos,
        qubits_initially_zero=qubits_initially_zero,
    )[0]


def candidates(
    device: DeviceGraph,
    pairs: ArrayLike,
    *,
    effort: int = 8,
    seed: int = 0,
    sites: ArrayLike | None = None,
    neutrinos: int | None = None,
    qubits_initially_zero: bool = True,
    block_gates: ArrayLike | None = None,
) -> list[Route]:
    """The best routes of a search, one of every chain; other arguments as of :func:`search`.

    ``block_gates (n, 2)``: two-qubit gates of every pair, without and with a swap inside; default:
    3 and 3, as of an encounter. Of a CX they are 1 and 2, of a SWAP 3 and 0.

    Returns:
        routes by :func:`score`, the best one first.

    Examples:
        >>> line = DeviceGraph.of(3, [(0, 1), (1, 2)])
        >>> [route.two_qubit_gates() for route in candidates(line, [(0, 1), (1, 2)])]
        [6, 6]
    """
    encounters, begin, count = encounters_and_sites(pairs, sites, neutrinos)
    gates = gates_of_blocks(block_gates, encounters)
    effort = integer("effort", effort, low=1)
    zero = qubits_initially_zero
    root = np.random.SeedSequence(integer("seed", seed))
    if begin is not None:
        check_sites(device, begin, encounters)
    if not len(encounters):
        somewhere = compact(device, count)[0] if count else np.zeros(0, np.int64)
        return [Route.of(somewhere if begin is None else begin, [])]
    share = min(1.0, FULL_EFFORT_SIZE / (len(encounters) * count))
    starts, repeats = _scaled(STARTS * effort, share), _scaled(REPEATS * effort, share)
    windows = _scaled(WINDOWS * effort * len(encounters), share)
    some = [] if begin is not None else layouts(device, encounters, count, starts, seed)
    several = CHAINS if begin is not None else min(CHAINS, len(some))
    steps = StepCounter(_START * len(some) + several * (repeats + 2))
    if begin is not None:
        task = SearchTask.of(device, encounters, count, zero, gates)
        chains = [_Start(task, np.arange(device.sites), Route.of(begin, []))] * CHAINS
    else:
        begun = [_Start.of(device, encounters, zero, layout, gates) for layout in some]
        first = _in_threads(_first_pass, begun, root, steps)
        chains = _to_continue(device, first, zero)

    def chain(start: _Start, rng: np.random.Generator, counter: StepCounter) -> _Start:
        return _chain(start, repeats, windows, begin is None, rng, counter)

    return [start.on_device() for start in _in_threads(chain, chains, root, steps)]


def _in_threads(
    work: Callable[..., _Start],
    starts: Sequence[_Start],
    root: np.random.SeedSequence,
    steps: StepCounter,
) -> list[_Start]:
    """What ``work`` makes of every start, the best one first; of equal ones the order stays.

    The compiled search lets other threads run; every start has random numbers of its own.
    """
    randoms = [np.random.default_rng(seed) for seed in root.spawn(len(starts))]
    with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
        try:
            done = list(pool.map(partial(work, counter=steps), starts, randoms))
        except BaseException:
            steps.stop()
            raise
    return sorted(done, key=lambda start: start.task.score(start.route))


@dataclass(frozen=True, eq=False)
class _Start:
    """A route to begin with, on the sites ``keep`` of the device, in their own numbers.

    The search is fastest where its tables are small.
    """

    task: SearchTask
    keep: Indices
    route: Route

    @classmethod
    def of(
        cls,
        device: DeviceGraph,
        pairs: Indices,
        zero: bool,
        layout: Indices,
        block_gates: Indices | None = None,
    ) -> _Start:
        """Neutrinos on a layout; the search may use the sites around it."""
        keep = np.flatnonzero(device.distance[layout].min(axis=0) <= MARGIN)
        task = SearchTask.of(device.part(keep), pairs, len(layout), zero, block_gates)
        return cls(task, keep, Route.of(np.searchsorted(keep, layout), []))

    def on_device(self) -> Route:
        """The route in the numbers of the device."""
        route, steps = self.route, self.route.steps.copy()
        steps[:, 1:3] = self.keep[steps[:, 1:3]]
        return Route(self.keep[route.sites], steps, self.keep[route.final])


def _to_continue(device: DeviceGraph, first: Sequence[_Start], zero: bool) -> list[_Start]:
    """The best start, and of the next ones the one that fails least on its best sites.

    Without a calibration the best two.
    """
    if not device.error.any() or len(first) <= CHAINS:
        return list(first[:CHAINS])
    options = RoutingOptions(qubits_initially_zero=zero)

    def success(start: _Start) -> float:
        placed = on_best_sites(device, start.on_device(), options)
        return round(forecast(device, placed, zero).log_success, TIE)

    return [first[0], max(first[1:CONSIDERED], key=success)]


def _first_pass(start: _Start, rng: np.random.Generator, counter: StepCounter) -> _Start:
    """Two narrow passes forwards and backwards."""
    route = start.route
    for _ in range(2):
        settings = _settings(start.task, rng, NARROW)
        route = _forwards_and_backwards(start.task, route, settings, rng)
    counter.step(_START)
    return replace(start, route=route)


def _forwards_and_backwards(
    task: SearchTask, route: Route, settings: BeamSettings, rng: np.random.Generator
) -> Route:
    """Forwards from the initial sites, then backwards: the new initial sites fit the schedule."""
    forwards = task.resume(Route.of(route.sites, []), 0, settings, rng)
    back = task.reversed.resume(Route.of(forwards.final, []), 0, settings, rng)
    return reversed_route(back, len(task.pairs))


def _scaled(number: float, share: float) -> int:
    """That share of a number, but at least one."""
    return max(1, round(number * share))


def _chain(
    start: _Start,
    times: int,
    windows: int,
    both_ends: bool,
    rng: np.random.Generator,
    counter: StepCounter,
) -> _Start:
    """One wide pass, again and again the end of the route, or its beginning if ``both_ends``.

    A new route is taken although it is a little worse, ever less so: simulated annealing. Then
    windows with both ends fixed.
    """
    task, route = start.task, start.route
    settings = _settings(task, rng, WIDE)
    tries = [task.resume(Route.of(route.sites, []), 0, settings, rng)]
    if both_ends:
        tries.append(route)
    best = now = min(tries, key=task.score)
    least = current = task.score(best)
    counter.step()
    for left in range(times, 0, -1):
        cut = int(len(now.steps) * (1 - rng.random() ** LATE))
        settings = _settings(task, rng, int(rng.choice(WIDTHS)))
        if both_ends and rng.random() < 0.5:
            flipped = reversed_route(now, len(task.pairs))
            again = task.reversed.resume(flipped, cut, settings, rng)
            new = reversed_route(again, len(task.pairs))
        else:
            new = task.resume(now, cut, settings, rng)
        value = task.score(new)
        if value <= current + TOLERANCE * least * left / times * rng.exponential():
            now, current = new, value
        if current < least:
            best, least = now, current
        counter.step()
    best = _improved(task, best, windows, rng)
    counter.step()
    return replace(start, route=best)


def _improved(task: SearchTask, route: Route, windows: int, rng: np.random.Generator) -> Route:
    """The route after a search of so many random windows."""
    table, shape = task.table
    settings = WindowSettings(
        width=16,
        keep=4,
        potential_weight=0.7,
        decay=0.6,
        gates_per_depth=IDLE_COST * task.neutrinos,
        tolerance=WINDOW_TOLERANCE,
    )
    seed = int(rng.integers(1, 2**31))
    steps, _ = improve_windows(
        route.sites,
        route.steps,
        task.pairs,
        task.block_gates,
        settings,
        windows,
        seed,
        table,
        shape,
    )
    return Route.of(route.sites, steps)


def _settings(task: SearchTask, rng: np.random.Generator, width: int = 1) -> BeamSettings:
    """Settings drawn around values that work well."""
    return BeamSettings(
        width=width,
        keep=KEEP,
        pairs=PAIRS,
        potential_weight=rng.uniform(0.5, 0.8),
        decay=rng.uniform(0.5, 0.7),
        depth_per_encounter=rng.uniform(4.5, 6.5),
        gates_per_depth=IDLE_COST * task.neutrinos * rng.uniform(0.2, 0.6),
        noise=0.02,
    )
