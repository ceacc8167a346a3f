"""The search for routes: always valid, near the optimum where it is known."""

from itertools import permutations

import numpy as np
import pytest

from qnu import QnuError
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing._resume import SearchTask
from qnu.quantum.compile.routing.route import Route
from qnu.quantum.compile.routing.search import candidates, search

from .dijkstra import fewest_gates


def random_device(rng, sites, extra):
    edges = [(s, int(rng.integers(s))) for s in range(1, sites)]
    edges += [tuple(rng.choice(sites, 2, replace=False)) for _ in range(extra)]
    return DeviceGraph.of(sites, edges)


def random_pairs(rng, neutrinos, encounters):
    return np.array([rng.choice(neutrinos, 2, replace=False) for _ in range(encounters)])


@pytest.mark.parametrize("seed", range(30))
def test_every_route_is_valid(seed):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(2, 20))
    device = random_device(rng, sites, int(rng.integers(0, 6)))
    neutrinos = int(rng.integers(2, sites + 1))
    pairs = random_pairs(rng, neutrinos, int(rng.integers(0, 60)))
    begin = rng.permutation(sites)[:neutrinos] if seed % 2 else None
    route = search(device, pairs, effort=1, seed=seed, sites=begin, neutrinos=neutrinos)
    route.check(device, pairs)
    if begin is not None:
        assert route.sites.tolist() == begin.tolist()


def test_a_device_too_small_or_in_pieces_is_refused():
    device = DeviceGraph.of(6, [(0, 1), (1, 2), (3, 4), (4, 5)])
    search(device, [(0, 1), (1, 2)], effort=1).check(device, [(0, 1), (1, 2)])
    with pytest.raises(QnuError, match="at most 3"):
        search(device, [(0, 1), (2, 3)])
    with pytest.raises(QnuError, match="sites"):
        search(device, [(0, 1)], sites=[0, 3])


@pytest.mark.parametrize("seed", range(16))
def test_few_gates_more_than_the_optimum(seed):
    rng = np.random.default_rng(seed)
    sites = 4 + seed % 2
    device = random_device(rng, sites, seed % 3)
    neutrinos = int(rng.integers(3, 5))
    pairs = random_pairs(rng, neutrinos, 8)
    begin = rng.permutation(sites)[:neutrinos] if seed % 4 == 3 else None
    starts = [begin.tolist()] if begin is not None else permutations(range(sites), neutrinos)
    exact = fewest_gates(device, [tuple(pair) for pair in pairs.tolist()], starts)
    route = search(device, pairs, seed=seed, sites=begin, neutrinos=neutrinos)
    assert exact <= route.two_qubit_gates() <= exact + 3


def test_the_same_seed_gives_the_same_route():
    rng = np.random.default_rng(5)
    device = random_device(rng, 12, 4)
    pairs = random_pairs(rng, 9, 40)
    one, same, other = (search(device, pairs, effort=1, seed=k) for k in (3, 3, 4))
    assert one.sites.tolist() == same.sites.tolist()
    assert one.steps.tolist() == same.steps.tolist()
    assert one.steps.tolist() != other.steps.tolist()


def heavy_hex():
    """Three rows of 11 sites, joined by a site between them at every fourth place."""
    edges = [(11 * r + k, 11 * r + k + 1) for r in range(3) for k in range(10)]
    bridges = [(0, 0), (0, 4), (0, 8), (1, 2), (1, 6), (1, 10)]
    for bridge, (r, k) in enumerate(bridges, start=33):
        edges += [(11 * r + k, bridge), (bridge, 11 * (r + 1) + k)]
    return DeviceGraph.of(39, edges)


def test_twenty_neutrinos_on_heavy_hex():
    pairs = random_pairs(np.random.default_rng(1), 20, 200)
    route = search(heavy_hex(), pairs, effort=1)
    route.check(heavy_hex(), pairs)
    assert route.two_qubit_gates() <= 2.65 * 600
    assert route.two_qubit_depth() <= 580


def test_no_move_right_before_or_after_an_encounter_on_its_coupler():
    pairs = random_pairs(np.random.default_rng(2), 12, 80)
    route = search(heavy_hex(), pairs, effort=1)
    last = {}
    for encounter, a, b, _ in route.steps.tolist():
        same = last.get(a) is not None and last.get(a) is last.get(b)
        if same:
            assert encounter != -1, "a move that a free swap would have made"
            assert last[a][0] != -1, "a move that a free swap would have made"
        last[a] = last[b] = [encounter]


def test_sites_are_the_start_and_a_neutrino_without_encounters_stays_on_the_device():
    device = heavy_hex()
    route = search(device, [(0, 1)], effort=1, neutrinos=5)
    assert len(route.sites) == 5
    assert route.two_qubit_gates() == 3
    fixed = search(device, [(0, 1)], effort=1, sites=[0, 4])
    assert fixed.sites.tolist() == [0, 4]
    assert fixed.two_qubit_gates() == 3  # no neutrino is prepared before its first encounter
    fixed = search(device, [(0, 1)], effort=1, sites=[0, 4], qubits_initially_zero=False)
    assert fixed.two_qubit_gates(qubits_initially_zero=False) == 3 + 3 * 2
    assert fixed.two_qubit_depth(qubits_initially_zero=False) == 7


LINE = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"neutrinos": 40, "sites": [0, 1, 2]}, "sites"),
        ({"neutrinos": 3, "sites": [0, 1, 2, 3]}, "sites"),
        ({"sites": [0.5, 1, 2]}, "sites"),
        ({"effort": 1.5}, "effort"),
        ({"effort": "a"}, "effort"),
        ({"effort": 0}, "effort"),
        ({"seed": -1}, "seed"),
        ({"seed": None}, "seed"),
        ({"block_gates": [(1, 2)]}, "block_gates"),
        ({"block_gates": [(1, 2), (-1, 2)]}, "block_gates"),
        ({"block_gates": [(1, 2.5), (1, 2)]}, "block_gates"),
    ],
)
def test_bad_arguments_are_one_line(arguments, line):
    with pytest.raises(QnuError, match=line) as error:
        candidates(LINE, [(0, 1), (1, 2)], **arguments)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("pairs", [[(0.5, 1)], [(0, 1, 2)], [(0, 1), (2,)], "pairs", None, [0, 1]])
def test_pairs_are_rows_of_two_whole_numbers(pairs):
    with pytest.raises(QnuError, match="pairs"):
        search(LINE, pairs)


def test_without_an_encounter_nothing_moves():
    assert search(LINE, []).sites.tolist() == []
    assert len(search(LINE, [], neutrinos=3).sites) == 3
    assert search(LINE, [], sites=[2, 0]).sites.tolist() == [2, 0]
    assert search(DeviceGraph.of(1, []), [], neutrinos=1).sites.tolist() == [0]


@pytest.mark.parametrize(
    ("gates", "wanted"),
    [((3, 3), (9, 9)), ((0, 3), (9, 9)), ((3, 0), (6, 3)), ((1, 2), (8, 8)), ((2, 1), (7, 7))],
)
def test_gates_and_depth_count_what_a_swap_inside_costs(gates, wanted):
    """By hand: the second pair is swapped, so the third waits for it where it has gates."""
    task = SearchTask.of(
        LINE, np.array([(0, 1), (1, 2), (1, 3)]), 4, True, np.array([(3, 3), gates, (3, 3)])
    )
    route = Route.of([0, 1, 2, 3], [(0, 0, 1, 0), (1, 1, 2, 1), (2, 2, 3, 0)])
    assert task.gates_and_depth(route) == wanted


@pytest.mark.parametrize("seed", range(6))
def test_routes_with_other_gates_are_valid_and_counted_right(seed):
    rng = np.random.default_rng(seed)
    device, pairs = random_device(rng, 9, 3), random_pairs(rng, 7, 30)
    kinds = np.array([(1, 2), (2, 3), (3, 0), (3, 3), (0, 3), (2, 1)])
    gates = kinds[rng.integers(0, len(kinds), len(pairs))]
    for route in candidates(device, pairs, effort=1, seed=seed, block_gates=gates):
        route.check(device, pairs)
        task = SearchTask.of(device, pairs, 7, True, gates)
        count, depth = 0, dict.fromkeys(range(9), 0)
        for (encounter, a, b, swapped), cost in zip(
            route.steps.tolist(), route.costs().tolist(), strict=True
        ):
            cost = cost if encounter < 0 else int(gates[encounter, swapped])
            count += cost
            if cost:
                depth[a] = depth[b] = max(depth[a], depth[b]) + cost
        assert task.gates_and_depth(route) == (count, max(depth.values()))
