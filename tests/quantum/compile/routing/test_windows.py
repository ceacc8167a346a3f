"""Windows of a route with both ends fixed: never worse, and near the optimum of small cases."""

from __future__ import annotations

import numpy as np
import pytest

from qnu.quantum.compile.routing import MOVE, DeviceGraph
from qnu.quantum.compile.routing._resume import SearchTask
from qnu.quantum.compile.routing._windows import WindowSettings, improve_windows
from qnu.quantum.compile.routing.route import Route
from qnu.quantum.compile.routing.search import search

from .dijkstra import fewest_gates

SETTINGS = WindowSettings(32, 4, 0.7, 0.6, 1 / 8, 0.0)


def improved(device, pairs, route, zero=True, tries=400, settings=SETTINGS):
    task = SearchTask.of(device, np.asarray(pairs), len(route.sites), zero)
    steps, better = improve_windows(
        route.sites, route.steps, task.pairs, task.block_gates, settings, tries, 5, *task.table
    )
    return Route.of(route.sites, steps), better


def random_case(seed, sites=9, neutrinos=6, encounters=24):
    rng = np.random.default_rng(seed)
    edges = [(s, int(rng.integers(s))) for s in range(1, sites)]
    edges += [tuple(rng.choice(sites, 2, replace=False)) for _ in range(3)]
    pairs = [rng.choice(neutrinos, 2, replace=False) for _ in range(encounters)]
    return DeviceGraph.of(sites, edges), np.array(pairs)


@pytest.mark.parametrize("zero", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_a_route_is_never_worse_and_ends_where_it_did(seed, zero) -> None:
    device, pairs = random_case(seed)
    begin = np.random.default_rng(seed).permutation(9)[:6]
    route = search(device, pairs, effort=1, sites=begin, qubits_initially_zero=zero)
    better, number = improved(device, pairs, route, zero)
    better.check(device, pairs)
    assert better.sites.tolist() == route.sites.tolist()
    assert better.final.tolist() == route.final.tolist()
    before, after = (
        one.two_qubit_gates(zero) + one.two_qubit_depth(zero) / 8 for one in (route, better)
    )
    assert after <= before
    assert (number > 0) == (after < before)


def test_moves_there_and_back_are_removed() -> None:
    """On a line of four: a swap of the middle two and back again costs six gates for nothing."""
    line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])
    pairs = [(0, 1), (2, 3), (0, 1), (2, 3)]
    detour = [(MOVE, 1, 2, 0), (MOVE, 1, 2, 0)]
    steps = [(0, 0, 1, 0), (1, 2, 3, 0), *detour, (2, 0, 1, 0), (3, 2, 3, 0)]
    route = Route.of([0, 1, 2, 3], steps)
    assert route.two_qubit_gates() == 12 + 6
    better, number = improved(line, pairs, route)
    assert better.two_qubit_gates() == 12
    assert better.two_qubit_depth() == 6
    assert number == 1


def test_the_depth_of_the_rest_counts() -> None:
    """Two ways of three gates around a square: the one beside what takes long is not taken."""
    square = DeviceGraph.of(6, [(0, 1), (1, 3), (0, 2), (2, 3), (1, 4), (4, 5)])
    pairs = [(1, 2), (0, 3)]
    # neutrino 0 on 0 and 3 on 3 meet over site 1, on which neutrino 1 is busy, or over site 2
    route = Route.of([0, 1, 4, 3], [(0, 1, 4, 0), (MOVE, 0, 1, 0), (1, 1, 3, 0), (MOVE, 0, 1, 0)])
    route.check(square, pairs)
    better, _ = improved(square, pairs, route)
    better.check(square, pairs)
    assert better.two_qubit_gates() <= route.two_qubit_gates()
    assert better.two_qubit_depth() < route.two_qubit_depth()


@pytest.mark.parametrize("seed", range(12))
def test_near_the_optimum_with_both_ends_fixed(seed) -> None:
    device, pairs = random_case(seed, sites=5, neutrinos=4, encounters=7)
    begin = np.random.default_rng(seed).permutation(5)[:4]
    route = search(device, pairs, effort=1, sites=begin)
    better, _ = improved(device, pairs, route)
    exact = fewest_gates(
        device, [tuple(p) for p in pairs.tolist()], [begin.tolist()], route.final.tolist()
    )
    assert exact <= better.two_qubit_gates() <= exact + 3
