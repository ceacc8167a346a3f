"""Routing any schedule on any device: beam search over what happens next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import QnuError
from ._beam import beam
from ._tables import Queues, backwards
from .device import DeviceGraph, Indices
from .route import MOVE, Route

#: States kept per level for one unit of effort.
WIDTH = 32
#: Forward and backward passes from one start.
PASSES = 3


def score(route: Route, pairs: Indices) -> float:
    """Two-qubit gates and two-qubit depth, each over its lower bound.

    The lower bounds are 3 per encounter and 3 per encounter of the longest chain.
    """
    chain = int(Queues.of(pairs, len(route.sites)).chain.max(initial=0))
    least_gates, least_depth = max(3 * len(pairs), 1), max(3 * chain, 1)
    return route.two_qubit_gates() / least_gates + route.two_qubit_depth() / least_depth


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
        >>> line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])
        >>> route = search(line, [(0, 1), (1, 2), (2, 3), (0, 3)])
        >>> route.check(line, [(0, 1), (1, 2), (2, 3), (0, 3)])
        >>> route.two_qubit_gates()
        12
    """
    wanted, count = _checked(pairs, sites, neutrinos)
    if effort < 1:
        raise QnuError("effort", effort, "1 or more")
    rng = np.random.default_rng(seed)
    if sites is not None:
        begin = _checked_sites(device, np.asarray(sites), wanted)
        return _forwards(_Task.of(device, wanted, count), begin, WIDTH * effort, rng)
    task = _Task.of(device, wanted, count)
    reverse = _Task.of(device, wanted[::-1], count)
    best, least = None, np.inf
    for start in _starts(device, count, effort, rng):
        route = _forwards(task, start, WIDTH, rng)
        for _ in range(PASSES):
            back = _forwards(reverse, route.final, WIDTH, rng)
            for candidate in (backwards(back, wanted), _forwards(task, back.final, WIDTH, rng)):
                value = score(candidate, wanted)
                if value < least:
                    best, least = candidate, value
            route = candidate
    assert best is not None
    return best


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


@dataclass(frozen=True, eq=False)
class _Task:
    device: DeviceGraph
    pairs: Indices
    queues: Queues
    neighbors: NDArray[np.int32]
    degree: NDArray[np.int32]
    per_depth: float

    @classmethod
    def of(cls, device: DeviceGraph, pairs: Indices, neutrinos: int) -> _Task:
        queues = Queues.of(pairs, neutrinos)
        degree = np.array([len(near) for near in device.neighbors], np.int32)
        neighbors = np.zeros((device.sites, max(int(degree.max(initial=0)), 1)), np.int32)
        for s, near in enumerate(device.neighbors):
            neighbors[s, : len(near)] = near
        chain = max(int(queues.chain.max(initial=0)), 1)
        return cls(device, pairs, queues, neighbors, degree, len(pairs) / chain)


def _forwards(task: _Task, sites: Indices, width: int, rng: np.random.Generator) -> Route:
    """One beam search from ``sites``; straight ways where it finds no end."""
    device, queues, pairs = task.device, task.queues, task.pairs
    distance = device.distance.astype(np.int32)
    toll = 3.0 * np.maximum(distance - 1.0, 0.0)
    weight = 0.7 ** np.arange(8.0)
    keys = rng.integers(1, 2**63, size=(len(sites), device.sites + 1), dtype=np.uint64)
    events = beam(
        sites.astype(np.int32), task.neighbors, task.degree, distance, toll, queues.who,
        queues.rank, queues.length, queues.chain, weight, keys, np.zeros(1), len(pairs), width,
        12.0, 6.0, 0.3 * task.per_depth, 2.0, 100 + len(pairs) * int(device.sites),
    )  # fmt: skip
    if len(pairs) and not len(events):
        return _straight(device, pairs, sites)
    return queues.route(sites, events, pairs)


def _straight(device: DeviceGraph, pairs: Indices, sites: Indices) -> Route:
    """Pair after pair, the first neutrino goes all the way to the second."""
    where = sites.tolist()
    on = {site: k for k, site in enumerate(where)}
    steps = []
    for e, (i, j) in enumerate(pairs.tolist()):
        while device.distance[where[i], where[j]] > 1:
            a = where[i]
            b = min(device.neighbors[a], key=lambda s: int(device.distance[s, where[j]]))
            steps.append((MOVE, a, b, 0))
            other = on.pop(b, None)
            on.pop(a)
            if other is not None:
                on[a], where[other] = other, a
            on[b], where[i] = i, b
        steps.append((e, where[i], where[j], 0))
    return Route.of(sites, steps)


def _starts(
    device: DeviceGraph, neutrinos: int, count: int, rng: np.random.Generator
) -> Iterator[Indices]:
    """Neutrinos at random on the sites nearest to a random site."""
    reach = (device.distance < device.sites).sum(axis=1)
    centers = np.flatnonzero(reach >= neutrinos)
    if not len(centers):
        raise QnuError("neutrinos", neutrinos, f"at most {reach.max(initial=0)} connected sites")
    for center in rng.choice(centers, count):
        order = np.argsort(device.distance[center] + 0.5 * rng.random(device.sites))
        yield rng.permutation(order[:neutrinos]).astype(np.int64)
