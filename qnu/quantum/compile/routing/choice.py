"""Which of several routes: the one with the largest probability that nothing fails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .device import DeviceGraph
from .embedding import best_embedding
from .plans import RoutingOptions
from .route import Route
from .success import Forecast, forecast, site_costs

#: Digits after which two logarithms of probabilities are a tie: processors differ in the last ones.
TIE = 9


def in_order(device: DeviceGraph, routes: Sequence[Route], options: RoutingOptions) -> list[Route]:
    """Different routes, the best first.

    With a calibration the best has the largest success probability, else the fewest two-qubit
    gates; then the smallest depth; then the first in the list.

    Args:
        device: its couplers and calibration.
        routes: for the same encounters.
        options: ``qubits_initially_zero`` is used.

    Examples:
        >>> device = DeviceGraph.of(3, [(0, 1), (1, 2)], error=[0.1, 0.01])
        >>> two = [Route.of([0, 1], [(0, 0, 1, 0)]), Route.of([1, 2], [(0, 1, 2, 0)])]
        >>> in_order(device, two, RoutingOptions())[0].sites.tolist()
        [1, 2]
    """
    seen: set[bytes] = set()
    ranked = []
    for number, route in enumerate(routes):
        key = route.sites.tobytes() + route.steps.tobytes()
        if key not in seen:
            seen.add(key)
            cost = forecast(device, route, options.qubits_initially_zero)
            ranked.append((*rank(cost), number, route))
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])]


def rank(cost: Forecast) -> tuple[float, int, int]:
    """What is smaller for a better route."""
    failure = -round(cost.log_success, TIE) if cost.device.error.any() else 0.0
    return failure, cost.two_qubit_gates, cost.two_qubit_depth


def on_best_sites(device: DeviceGraph, route: Route, options: RoutingOptions) -> Route:
    """The same route where its gates, pauses and readouts fail least on the device.

    Bad couplers are used only where the route uses some already.

    Args:
        device: its couplers and calibration.
        route: on couplers of the device.
        options: ``avoid_error`` and ``qubits_initially_zero`` are used.

    Returns:
        the route on other sites, or the same one.
    """
    cost = forecast(device, route, options.qubits_initially_zero)
    links = device.edges[cost.gates > 0]
    idle = np.sort(route.steps[:, 1:3].astype(np.int64), axis=1)  # moves of empty sites too
    links = np.unique(np.concatenate([links, idle]), axis=0)
    rows = np.array([device.coupler[a, b] for a, b in links.tolist()], np.int64)
    sites = np.unique(np.concatenate([links.reshape(-1), route.sites]))
    graph = device
    if (device.error[rows] < options.avoid_error).all():
        graph = device.without_bad(options.avoid_error)
    costs = site_costs(cost, sites, np.arange(device.sites))
    embedding = best_embedding(graph, links, cost.gates[rows], sites, costs)
    if embedding is None:
        return route
    steps = route.steps.copy()
    steps[:, 1:3] = embedding[np.searchsorted(sites, steps[:, 1:3])]
    moved = Route.of(embedding[np.searchsorted(sites, route.sites)], steps)
    return in_order(device, [route, moved], options)[0]
