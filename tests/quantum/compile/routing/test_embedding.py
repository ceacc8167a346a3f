"""A pattern of couplers on the best sites of a device, against all of its places."""

import itertools
import math

import numpy as np
import pytest

from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing.choice import on_best_sites
from qnu.quantum.compile.routing.device import QubitCalibration
from qnu.quantum.compile.routing.embedding import best_embedding
from qnu.quantum.compile.routing.plans import RoutingOptions
from qnu.quantum.compile.routing.route import MOVE, Route
from qnu.quantum.compile.routing.success import forecast


def cost_of(device, links, uses, site_costs, where):
    """Infinite where a link is on no coupler."""
    total = sum(site_costs[k, s] for k, s in enumerate(where))
    for (a, b), use in zip(links, uses, strict=True):
        row = device.coupler.get((where[a], where[b]))
        if row is None:
            return math.inf
        total += use * device.coupler_cost[row]
    return total


@pytest.mark.parametrize("seed", range(12))
def test_no_place_is_cheaper(seed):
    """Trees, rings and several pieces, on a small device with random errors: all places tried."""
    rng = np.random.default_rng(seed)
    edges = [(k, k + 1) for k in range(6)] + [(0, 5), (1, 4), (2, 6)]
    device = DeviceGraph.of(
        7, edges, rng.uniform(0.001, 0.1, len(edges)), readout=rng.uniform(0, 0.1, 7)
    )
    links = [[(0, 1), (1, 2), (1, 3)], [(0, 1), (1, 2), (2, 3), (3, 0)], [(0, 1), (2, 3)]][seed % 3]
    uses = rng.integers(1, 20, len(links)).astype(float)
    site_costs = rng.uniform(0, 0.3, (4, 7))
    found = best_embedding(device, np.array(links), uses, np.arange(4), site_costs)
    least = min(
        cost_of(device, links, uses, site_costs, where)
        for where in itertools.permutations(range(7), 4)
    )
    assert cost_of(device, links, uses, site_costs, found.tolist()) == pytest.approx(least)


def test_what_does_not_fit_has_no_place():
    device = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)], 0.01)
    ring = np.array([(0, 1), (1, 2), (0, 2)])
    assert best_embedding(device, ring, np.ones(3), np.arange(3)) is None
    assert best_embedding(device, ring[:0], np.ones(0), np.arange(5)) is None


def test_idle_times_pulses_and_readout_choose_the_sites():
    """Two lines with equal couplers: only one qubit of one of them is better."""
    edges = [(0, 1), (1, 2), (3, 4), (4, 5)]
    good = QubitCalibration(np.full(6, 1e-4), np.full(6, 1e-4), np.zeros(6), np.zeros(6))
    route = Route.of([0, 1, 2], [(0, 0, 1, 0), (1, 1, 2, 0), (2, 1, 2, 0), (MOVE, 1, 2, 0)])
    options = RoutingOptions(qubits_initially_zero=True)
    for name, values in (
        ("t1", [1e-4] * 3 + [3e-4] + [1e-4] * 2),
        ("t2", [1e-4] * 3 + [1e-4] + [1e-4] + [2e-4]),
        ("error", [1e-3] * 3 + [1e-3] * 2 + [1e-4]),
        ("readout", [0.1] * 5 + [0.05]),
    ):
        given = {"readout": 0.1}
        known = {k: getattr(good, k) for k in ("t1", "t2", "error", "duration")}
        (given if name == "readout" else known)[name] = np.array(values)
        device = DeviceGraph.of(
            6, edges, 0.01, 1e-6, calibration=QubitCalibration(**known), **given
        )
        placed = on_best_sites(device, route, options)
        assert set(placed.sites.tolist()) == {3, 4, 5}, name
        assert forecast(device, placed).log_success > forecast(device, route).log_success


def test_bad_couplers_are_not_used_where_a_route_uses_none():
    edges = [(0, 1), (2, 3)]
    device = DeviceGraph.of(4, edges, [0.05, 0.2], readout=[0.5, 0.5, 0.0, 0.0])
    route = Route.of([0, 1], [(0, 0, 1, 0)])
    options = RoutingOptions(qubits_initially_zero=True)
    assert on_best_sites(device, route, options).sites.tolist() == [0, 1]
    free = RoutingOptions(qubits_initially_zero=True, avoid_error=0.3)
    assert set(on_best_sites(device, route, free).sites.tolist()) == {2, 3}
