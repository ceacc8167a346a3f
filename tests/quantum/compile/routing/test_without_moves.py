"""Routes with no gate beyond three per encounter, on a device of any shape."""

import itertools

import numpy as np
import pytest

from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing._without_moves import without_moves
from qnu.quantum.compile.routing.planning import plan_route, plan_without_search
from qnu.quantum.compile.routing.plans import RoutingOptions

#: A ring of 12 with a neighbour at every other site: a cell of a heavy hexagon.
HEXAGON = [(k, (k + 1) % 12) for k in range(12)] + [(2 * k, 12 + k) for k in range(6)]


def device(edges, **errors):
    return DeviceGraph.of(1 + max(max(edge) for edge in edges), edges, **errors)


def grid(rows, columns):
    site = np.arange(rows * columns).reshape(rows, columns)
    down = zip(site[:-1].ravel(), site[1:].ravel(), strict=True)
    right = zip(site[:, :-1].ravel(), site[:, 1:].ravel(), strict=True)
    return DeviceGraph.of(rows * columns, [*down, *right])


def drawn(graph, neutrinos, count, seed, swaps=True):
    """Encounters on random couplers of a connected part."""
    rng = np.random.default_rng(seed)
    part = [int(rng.integers(graph.sites))]
    while len(part) < neutrinos:
        part.append(
            int(rng.choice(sorted({t for s in part for t in graph.neighbors[s]} - {*part})))
        )
    on = dict(zip(part, rng.permutation(neutrinos).tolist(), strict=True))
    inside = [pair for pair in graph.edges.tolist() if {*pair} <= {*part}]
    pairs = []
    for a, b in (inside[k] for k in rng.integers(len(inside), size=count)):
        pairs.append((on[a], on[b]))
        if swaps and rng.integers(2):
            on[a], on[b] = on[b], on[a]
    return np.array(pairs)


@pytest.mark.parametrize("seed", range(4))
def test_a_circuit_on_couplers_of_the_device_stays_where_it_is(seed):
    graph = device(HEXAGON)
    pairs = drawn(graph, 15, 80, seed, swaps=False)
    route = without_moves(pairs, 15, graph)
    assert route.two_qubit_gates() == 240
    assert not route.steps[:, 3].any()
    assert (route.sites == route.final).all()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("graph", "count"), [(device(HEXAGON), 12), (grid(4, 4), 8)])
def test_swaps_inside_encounters_are_found(graph, count, seed):
    pairs = drawn(graph, count, 5 * count, seed)
    route = without_moves(pairs, count, graph)
    assert route.two_qubit_gates() == 15 * count
    assert route.steps[:, 3].any()


def possible(graph, pairs, neutrinos):
    """All initial sites, and all swaps."""
    for begin in itertools.permutations(range(graph.sites), neutrinos):
        wheres = {begin}
        for i, j in pairs.tolist():
            near = [w for w in wheres if (w[i], w[j]) in graph.coupler]
            swapped = [[w[{i: j, j: i}.get(k, k)] for k in range(neutrinos)] for w in near]
            wheres = {*near, *map(tuple, swapped)}
        if wheres:
            return True
    return False


def test_where_there_is_such_a_route_it_is_found_and_only_there():
    rng = np.random.default_rng(2)
    graph = device([(0, 1), (1, 2), (2, 3), (2, 4), (4, 5)])
    answers = []
    for _ in range(60):
        pairs = np.array([rng.choice(5, 2, replace=False) for _ in range(rng.integers(6, 10))])
        route = without_moves(pairs, 5, graph)
        answers.append(possible(graph, pairs, 5))
        assert (route is not None) == answers[-1]
    assert 10 < sum(answers) < 50


def test_neutrinos_without_encounters_have_sites_of_their_own():
    route = without_moves(np.array([(5, 2), (2, 6), (6, 5), (5, 2)]), 8, grid(3, 3))
    assert len({*route.sites.tolist()}) == 8
    assert route.two_qubit_gates() == 12


def test_the_plan_is_perfect_on_the_best_couplers_and_needs_no_search():
    error = np.full(len(HEXAGON), 0.01)
    error[[0, 1, 2]] = 0.03
    graph = device(HEXAGON, error=error)
    star = np.array([(0, 1), (0, 2), (0, 3), (1, 4)])
    plan = plan_without_search(graph, star, 5)
    assert plan.method == "perfect"
    used = [graph.error[graph.coupler[a, b]] for a, b in plan.route.steps[:, 1:3].tolist()]
    assert used == [0.01] * 4
    everybody = np.array([*itertools.combinations(range(5), 2)])[[0, 7, 2, 9, 4, 5, 6, 1, 8, 3]]
    assert plan_without_search(graph, everybody, 5) is None


def test_pairs_of_a_line_that_fit_only_on_a_branch_need_no_search():
    graph = device([(0, 1), (0, 2), (0, 3)])  # no path of four sites for the line 1 0 2 and 3
    plan = plan_without_search(graph, np.array([(0, 1), (0, 2)]), 4)
    assert plan is not None
    assert plan.method == "perfect"
    assert plan.route.two_qubit_gates() == 6


@pytest.mark.parametrize(("error", "bad"), [(0.12, True), (0.9, False)])
def test_a_bad_coupler_is_used_where_going_around_it_costs_more(error, bad):
    edges = np.array([(0, 1), (2, 3), (4, 5), (1, 2), (3, 4), (5, 0), (0, 3)])
    graph = device(edges, error=[0.05] * 6 + [error])
    rng = np.random.default_rng(0)
    pairs = np.concatenate([rng.permutation(edges) for _ in range(3)])
    assert without_moves(pairs, 6, graph.without_bad()) is None
    assert without_moves(pairs, 6, graph).two_qubit_gates() == 3 * len(pairs)
    plan = plan_route(graph, pairs, 6, options=RoutingOptions(effort=1))
    assert bool(plan.bad_couplers(graph)) is bad


def test_a_small_tournament_is_searched_for_longer_and_reaches_its_optimum():
    circles = {4: [(0, 3), (1, 2), (0, 2), (3, 1), (0, 1), (2, 3)]}
    circles[5] = [(1, 4), (2, 3), (0, 4), (1, 2), (0, 3), (4, 2), (0, 2), (3, 1), (0, 1), (3, 4)]
    options = RoutingOptions(qubits_initially_zero=True)
    for count, gates in ((4, 24), (5, 38)):  # by a complete search, benchmarks.routing.exact
        plan = plan_route(device(HEXAGON), np.array(circles[count]), count, options=options)
        assert plan.route.two_qubit_gates() == gates


def test_a_circuit_of_cx_gates_on_couplers_of_the_device_stays_where_it_is():
    graph = device(HEXAGON)
    pairs = drawn(graph, 15, 60, 1, swaps=False)
    cx = np.tile([1, 2], (60, 1))  # gates without and with a swap
    plan = plan_route(graph, pairs, 15, block_gates=cx)
    assert plan.method == "perfect"
    assert not plan.route.steps[:, 3].any()
