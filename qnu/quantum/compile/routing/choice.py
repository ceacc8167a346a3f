"""Which of several routes: the one with the largest probability that nothing fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .device import DeviceGraph
from .embedding import best_embedding
from .plans import RoutingOptions
from .route import Route


@dataclass(frozen=True, eq=False)
class Chosen:
    """The number of the best route, and of the second best (None where there is one only)."""

    number: int
    second: int | None


def best_of(device: DeviceGraph, routes: Sequence[Route], options: RoutingOptions) -> Chosen:
    """The routes with the least error."""
    zero = options.qubits_initially_zero

    def key(number: int) -> tuple[float, int, int, int]:
        route = routes[number]
        rows = [device.coupler[a, b] for a, b in route.steps[:, 1:3].tolist()]
        fail = (
            math.fsum(route.costs(zero) * device.coupler_cost[rows]) if device.error.any() else 0.0
        )
        return round(fail, 9), route.two_qubit_gates(zero), route.two_qubit_depth(zero), number

    order = sorted(range(len(routes)), key=key)
    return Chosen(order[0], order[1] if len(order) > 1 else None)


def on_best_sites(device: DeviceGraph, route: Route, options: RoutingOptions) -> Route:
    """The same route where its couplers and readouts have the smallest errors on the device."""
    pairs = np.sort(route.steps[:, 1:3].astype(np.int64), axis=1)
    links, where = np.unique(pairs, axis=0, return_inverse=True)
    costs = route.costs(options.qubits_initially_zero)
    uses = np.bincount(where.reshape(-1), weights=costs, minlength=len(links))
    sites = np.unique(np.concatenate([links.reshape(-1), route.sites]))
    embedding = best_embedding(device, links, uses, sites)
    if embedding is None:
        return route
    steps = route.steps.copy()
    steps[:, 1:3] = embedding[np.searchsorted(sites, steps[:, 1:3])]
    return Route.of(embedding[np.searchsorted(sites, route.sites)], steps)
