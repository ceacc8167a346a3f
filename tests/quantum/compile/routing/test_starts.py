"""Starts of the search: routes of circle tournaments on rings that nearly fit, and layouts."""

import itertools
import sys

import numpy as np
import pytest

import qnu
from qnu import QnuError
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing._layouts import total, weights
from qnu.quantum.compile.routing.search import search
from qnu.quantum.compile.routing.starts import constructed, layouts


def circle(n, seed=None, order="circle"):
    gas = qnu.NeutrinoGas([[0, 0, 1]] * n, omega=[0.0] * n)
    schedule = qnu.schedules.tournament(gas, 0.1, order=order, seed=seed)
    return np.stack([schedule.first, schedule.second], axis=1)


def ring(n, tail=()):
    return DeviceGraph.of(max(n, *[s + 1 for s in sum(tail, (0,))]), [*around(n), *tail])


def around(n):
    return [(k, (k + 1) % n) for k in range(n)]


def sizes(routes, zero=True):
    return [(r.two_qubit_gates(zero), r.two_qubit_depth(zero)) for r in routes]


@pytest.mark.parametrize(("n", "holes"), [(6, 2), (6, 6), (8, 4), (10, 2), (14, 6), (18, 2)])
@pytest.mark.parametrize("zero", [True, False])
def test_every_empty_site_of_a_ring_is_crossed_by_all_but_two(n, holes, zero):
    pairs = circle(n, seed=n)
    (route,) = constructed(ring(n + holes), pairs, n, zero)
    gates = 3 * n * (n - 1) // 2 + 2 * holes * (n - 2)
    assert route.two_qubit_gates(zero) == gates
    assert 3 * (n - 1) < route.two_qubit_depth(zero) <= 3 * (n - 1) + 2 * holes


def fewest_crossings(pairs, n, holes):
    """Breadth-first over all orders of encounters and moves on a ring with empty sites."""
    size = n + holes
    start = [(tuple([0] * n), tuple(sites)) for sites in itertools.permutations(range(size), n)]
    queues = [[] for _ in range(n)]
    for k, (i, j) in enumerate(pairs.tolist()):
        queues[i].append((k, j))
        queues[j].append((k, i))
    least = dict.fromkeys(start, 0)
    layers = [start]
    cost = 0
    while True:
        layer = layers[cost] if cost < len(layers) else []
        while layer:
            had, where = state = layer.pop()
            if least[state] < cost:
                continue
            if all(had[i] == len(queues[i]) for i in range(n)):
                return cost
            for new, price in following(had, where, queues, n, size):
                if least.get(new, 99) > cost + price:
                    least[new] = cost + price
                    while len(layers) <= cost + price:
                        layers.append([])
                    layers[cost + price].append(new)
        cost += 1


def following(had, where, queues, n, size):
    on = {site: i for i, site in enumerate(where)}
    for i, j in itertools.combinations(range(n), 2):
        if (where[i] - where[j]) % size not in (1, size - 1):
            continue
        other = list(where)
        other[i], other[j] = where[j], where[i]
        if had[i] < len(queues[i]) and had[j] < len(queues[j]):
            k, partner = queues[i][had[i]]
            if partner == j and queues[j][had[j]][0] == k:
                after = list(had)
                after[i] += 1
                after[j] += 1
                yield (tuple(after), where), 0
                yield (tuple(after), tuple(other)), 0
        yield (had, tuple(other)), (0, 2, 3)[(had[i] > 0) + (had[j] > 0)]
    for i in range(n):
        for there in ((where[i] + 1) % size, (where[i] - 1) % size):
            if there not in on:
                yield (had, (*where[:i], there, *where[i + 1 :])), 2 * (had[i] > 0)


@pytest.mark.parametrize(("n", "holes"), [(4, 1), (5, 1)])
def test_no_route_on_a_ring_with_holes_has_fewer_moves(n, holes):
    pairs = circle(n)
    (route,) = constructed(ring(n + holes), pairs, n)
    assert route.two_qubit_gates() == 3 * len(pairs) + fewest_crossings(pairs, n, holes)


@pytest.mark.parametrize(("n", "gates"), [(8, 18), (14, 36), (22, 60)])
def test_two_neutrinos_beside_a_ring_cost_less_than_two_holes(n, gates):
    pairs = circle(n, seed=1)
    size = n - 2
    (route,) = constructed(ring(size, [(0, size), (size, size + 1)]), pairs, n)
    assert route.two_qubit_gates() == 3 * len(pairs) + gates
    assert route.two_qubit_depth() == 6 * n - 9
    both = constructed(ring(n + 2, [(0, n + 2)]), pairs, n)
    assert both[0].two_qubit_gates() == 3 * len(pairs) + 4 * (n - 2) > route.two_qubit_gates()


def test_four_neutrinos_on_a_branching_tree_beside_a_ring():
    tree = [(0, 12), (12, 13), (13, 14), (13, 15)]
    pairs = circle(16)
    (route,) = constructed(ring(12, tree), pairs, 16)
    assert route.two_qubit_gates() == 360 + 60
    assert set(route.sites.tolist()) == set(range(16))


@pytest.mark.parametrize("zero", [True, False])
@pytest.mark.parametrize("n", [7, 9, 13])
def test_a_circle_of_an_odd_number_needs_one_hole_or_one_neutrino_beside_the_ring(n, zero):
    device = ring(n - 1, [(0, n - 1)])
    (beside,) = constructed(device, circle(n, seed=2), n, zero)
    assert beside.two_qubit_gates(zero) <= 3 * n * (n - 1) // 2 + 3 * (n // 2)
    (hole,) = constructed(ring(n + 1), circle(n, seed=2), n, zero)
    assert hole.two_qubit_gates(zero) == 3 * n * (n - 1) // 2 + 2 * (n - 3)


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_a_circle_cut_short_has_fewer_moves(share):
    whole = circle(10, seed=3)
    part = whole[: int(share * len(whole))]
    (route,) = constructed(ring(12), part, 10)
    extra = route.two_qubit_gates() - 3 * len(part)
    assert 0 <= extra < 32


def test_the_ring_is_turned_to_the_couplers_with_the_smallest_errors():
    error = [0.01] * 12
    error[5] = 0.05
    device = DeviceGraph.of(12, around(12), error=error)
    pairs = circle(8)
    (route,) = constructed(device, pairs, 8)
    used = [
        route.costs()[k] for k, step in enumerate(route.steps.tolist()) if set(step[1:3]) == {5, 6}
    ]
    each = route.two_qubit_gates() / 12
    assert sum(used) < each


def test_where_a_route_needs_no_extra_gate_it_is_the_only_one():
    assert sizes(constructed(ring(10), circle(10), 10)) == [(135, 27)]
    line = DeviceGraph.of(6, [(k, k + 1) for k in range(5)])
    assert sizes(constructed(line, circle(6, order="line"), 6)) == [(45, 18)]
    assert constructed(line, circle(6), 6) == []
    assert constructed(line, np.array([(0, 1), (2, 3), (0, 2), (1, 3), (0, 3)]), 4) == []
    assert constructed(line, circle(10), 10) == []


def test_heavy_hexagons_of_ibm_take_every_circle():
    provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")
    target = provider.FakeTorino().target
    edges = {pair: gate.error for pair, gate in target["cz"].items()}
    device = DeviceGraph.of(target.num_qubits, list(edges), list(edges.values()))
    most = {10: (167, 31), 14: (309, 78), 16: (420, 107), 18: (523, 55), 22: (753, 126)}
    for n, (gates, depth) in most.items():
        best = constructed(device, circle(n, seed=n), n)[0]
        assert best.two_qubit_gates() == gates
        assert best.two_qubit_depth() <= depth


def lattice(rows, columns):
    site = np.arange(rows * columns).reshape(rows, columns)
    down = zip(site[:-1].ravel(), site[1:].ravel(), strict=True)
    right = zip(site[:, :-1].ravel(), site[:, 1:].ravel(), strict=True)
    return DeviceGraph.of(rows * columns, [*down, *right])


def random_pairs(n, count, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([rng.choice(n, 2, replace=False) for _ in range(count)])


def test_early_encounters_weigh_more_and_all_weigh_something():
    table = weights(np.array([(0, 1), (2, 3), (1, 2), (0, 1)]), 4)
    assert table[0, 1] == table[1, 0] == 64 + 49
    assert table[2, 3] == 64
    assert table[1, 2] == 56
    assert weights(np.array([(0, 1)] * 200), 2)[0, 1] > 64 * 7


def test_layouts_are_different_and_the_same_for_a_seed():
    device, pairs = lattice(4, 5), random_pairs(9, 40)
    some = layouts(device, pairs, 9, 8, seed=1)
    assert len({sites.tobytes() for sites in some}) == len(some) == 8
    for sites in some:
        assert len(set(sites.tolist())) == 9
        assert set(sites.tolist()) <= set(range(20))
    again = layouts(device, pairs, 9, 8, seed=1)
    assert [s.tolist() for s in again] == [s.tolist() for s in some]
    other = layouts(device, pairs, 9, 8, seed=2)
    assert [s.tolist() for s in other] != [s.tolist() for s in some]
    first = layouts(device, pairs, 9, 3, seed=1)
    assert [s.tolist() for s in first] == [s.tolist() for s in some[:3]]


def test_no_exchange_of_two_neutrinos_shortens_the_distances():
    device, pairs = lattice(4, 5), random_pairs(9, 40)
    table, distance = weights(pairs, 9), device.distance.astype(np.int64)
    sites = layouts(device, pairs, 9, 1)[0]
    least = total(sites, table, distance)
    for i, j in itertools.combinations(range(9), 2):
        other = sites.copy()
        other[[i, j]] = sites[[j, i]]
        assert total(other, table, distance) >= least
    for i, free in itertools.product(range(9), set(range(20)) - set(sites.tolist())):
        if distance[sites, free].min() == 1:
            other = sites.copy()
            other[i] = free
            assert total(other, table, distance) >= least


def test_the_neutrinos_of_a_circle_are_laid_around_a_ring():
    device = ring(12, [(0, 12), (12, 13), (6, 14), (14, 15), (3, 16)])
    pairs = circle(10, seed=4)
    routes = [search(device, pairs, sites=s, effort=1) for s in layouts(device, pairs, 10, 2)]
    assert min(r.two_qubit_gates() for r in routes) == 167


def test_layouts_without_qiskit_are_of_the_other_kinds(monkeypatch):
    device, pairs = lattice(4, 5), random_pairs(9, 40)
    monkeypatch.setitem(sys.modules, "qiskit.circuit", None)
    assert len(layouts(device, pairs, 9, 4)) == 4


def test_layouts_of_few_neutrinos_and_of_none_that_meet():
    line = DeviceGraph.of(3, [(0, 1), (1, 2)])
    assert [len(s) for s in layouts(line, np.zeros((0, 2), int), 2, 2)] == [2, 2]
    assert layouts(line, np.zeros((0, 2), int), 1, 1)[0].shape == (1,)
    two = layouts(line, np.array([(0, 1)]), 2, 1)[0]
    assert abs(two[0] - two[1]) == 1
    with pytest.raises(QnuError, match="neutrinos"):
        layouts(line, np.array([(0, 1)]), 4)
    with pytest.raises(QnuError, match="count"):
        layouts(line, np.array([(0, 1)]), 2, 0)


def test_layouts_stay_in_one_component_of_the_device():
    islands = DeviceGraph.of(8, [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 7), (7, 3)])
    for sites in layouts(islands, circle(4), 4, 6):
        assert set(sites.tolist()) <= set(range(3, 8))


def drawn_on_a_ring(n, count, rng):
    """Encounters of neighbours on a ring, swapped at random."""
    where = rng.permutation(n)
    pairs = []
    for _ in range(count):
        two = [(k := rng.integers(n)), (k + 1) % n]
        pairs.append(where[two])
        if rng.integers(2):
            where[two] = where[two[::-1]]
    return np.array(pairs)


def test_the_order_on_a_tree_is_that_of_the_encounters_around_it():
    device = DeviceGraph.of(5, [(0, 1), (0, 2), (1, 2), (2, 3), (2, 4), (3, 4)])
    pairs = np.array([(3, 2), (0, 2), (0, 1), (3, 1)])
    assert sizes(constructed(device, pairs, 4)) == [(12, 12)]
    rng = np.random.default_rng(1)
    for case in range(100):  # every route is checked where it is made
        n, tail = (5, [(0, 3), (3, 4)]) if case % 2 else (6, [(0, 4), (4, 5)])
        pairs = drawn_on_a_ring(n, 2 * n, rng)
        assert constructed(ring(n - 2, tail), pairs, n, bool(case % 3))
