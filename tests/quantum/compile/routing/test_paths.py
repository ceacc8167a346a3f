"""Best paths and rings: against every simple path of small graphs, and on the maps of devices."""

import itertools
import math

import numpy as np
import pytest

from qnu import QnuError
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing.paths import (
    Costs,
    bad_couplers,
    best_path,
    best_ring,
    longest_path,
    path_costs,
)


def every_path(device):
    """All simple paths, each in both directions, the plain way."""

    def longer(path):
        yield path
        for site in device.neighbors[path[-1]]:
            if site not in path:
                yield from longer([*path, site])

    for start in range(device.sites):
        yield from longer([start])


def cost_of(device, costs, sites, ring=False):
    sites = list(sites)
    pairs = list(itertools.pairwise(sites + sites[:1] if ring else sites))
    return sum(costs.edge[device.coupler[pair]] for pair in pairs) + costs.site[sites].sum()


def random_graph(seed):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(3, 8))
    pairs = list(itertools.combinations(range(sites), 2))
    share = rng.choice([0.3, 0.5, 0.8, 1.0])
    edges = [pair for pair in pairs if rng.random() < share] or pairs[:1]
    device = DeviceGraph.of(sites, edges)
    # prizes, too: negative costs tell a program that forgets a site from one that counts all
    return device, Costs(rng.normal(0.5, 1.0, len(edges)), rng.normal(0.0, 0.5, sites))


@pytest.mark.parametrize("seed", range(25))
def test_the_cheapest_of_every_path_and_ring(seed):
    device, costs = random_graph(seed)
    paths, rings = {}, {}
    for path in every_path(device):
        n = len(path)
        paths[n] = min(paths.get(n, math.inf), cost_of(device, costs, path))
        if n > 2 and path[0] in device.neighbors[path[-1]]:
            rings[n] = min(rings.get(n, math.inf), cost_of(device, costs, path, ring=True))
    assert len(longest_path(device)) == max(paths)
    for n in range(1, device.sites + 2):
        for best, known, ring in ((best_path, paths, False), (best_ring, rings, True)):
            if ring and n < 3:
                continue
            found = best(device, n, costs)
            if n not in known:
                assert found is None
                continue
            assert len(found) == len(set(found.tolist())) == n
            assert cost_of(device, costs, found, ring) == pytest.approx(known[n], abs=1e-12)


def grid(rows, columns, seed=0):
    edges = [(k, k + 1) for k in range(rows * columns) if (k + 1) % columns]
    edges += [(k, k + columns) for k in range((rows - 1) * columns)]
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.001, 0.01, len(edges))
    return DeviceGraph.of(rows * columns, edges, errors, readout=0.01)


def test_a_narrow_beam_still_finds_paths_and_a_wide_one_the_best():
    device = grid(4, 5)
    costs = path_costs(device, 17)
    exact = best_path(device, 17)
    narrow = best_path(device, 17, beam=20)
    assert cost_of(device, costs, exact) < cost_of(device, costs, narrow)
    backwards = DeviceGraph.of(
        20, 19 - device.edges, device.error, readout=device.readout
    )  # other numbers of sites, another order of the program
    again = best_path(backwards, 17)
    assert cost_of(backwards, path_costs(backwards, 17), again) == pytest.approx(
        cost_of(device, costs, exact)
    )


def test_a_square_lattice_has_paths_of_all_its_sites_and_even_rings():
    device = grid(6, 7)
    assert sorted(best_path(device, 42).tolist()) == list(range(42))
    for n in (4, 6, 42):
        ring = best_ring(device, n).tolist()
        assert len(set(ring)) == n
        assert ring[-1] in device.neighbors[ring[0]]
        assert ring[0] == min(ring)
        assert ring[1] < ring[-1]
    assert best_ring(device, 5) is None
    assert best_ring(device, 41) is None


def test_dead_couplers_are_used_only_where_nothing_else_is_left():
    # a ring 0 1 2 4 3 with a tail at 2; its coupler 0-1 is dead
    edges = [(0, 1), (1, 2), (0, 3), (3, 4), (4, 2), (2, 5)]
    device = DeviceGraph.of(6, edges, error=[1.0, 0.001, 0.05, 0.05, 0.05, 0.05])
    assert best_path(device, 5).tolist() == [0, 3, 4, 2, 1]
    assert best_path(device.without_bad(), 6) is None
    whole = best_path(device, 6)
    assert bad_couplers(device, whole).tolist() in ([[0, 1]], [[1, 0]])
    ring = best_ring(device, 5)
    assert bad_couplers(device, ring).tolist() == [[0, 1]]
    assert bad_couplers(device, [*ring, ring[0]], threshold=0.05).tolist()[0] == [0, 1]


def test_costs_count_gates_and_readouts():
    device = DeviceGraph.of(2, [(0, 1)], error=0.01, readout=[0.1, 0.2])
    costs = path_costs(device, 8)
    # 8 rounds on a line: a coupler is used in every other one, 3 gates each
    assert costs.edge == pytest.approx([-12 * math.log(0.99)])
    assert costs.site == pytest.approx([-math.log(0.9), -math.log(0.8)])
    ready = DeviceGraph.of(3, [(0, 1), (1, 2)], readout=[0.1, 0.0, 0.05])
    assert best_path(ready, 2).tolist() == [1, 2]
    assert best_path(ready, 1).tolist() == [1]


def test_bad_input():
    device = grid(2, 2)
    with pytest.raises(QnuError, match=r"costs\.edge"):
        best_path(device, 2, Costs(np.ones(3), np.ones(4)))
    with pytest.raises(QnuError, match="count"):
        best_path(device, 0)
    with pytest.raises(QnuError, match="count"):
        best_ring(device, 2)
    with pytest.raises(QnuError, match="neighbours"):
        bad_couplers(device, [0, 3])
    everyone = DeviceGraph.of(16, list(itertools.combinations(range(16), 2)))
    with pytest.raises(QnuError, match="28 couplers"):
        longest_path(everyone)
    assert best_path(device, 5) is None


@pytest.mark.parametrize(
    ("name", "longest", "good"), [("FakeTorino", 112, 88), ("FakeMarrakesh", 129, 101)]
)
def test_longest_paths_of_heavy_hex_devices(name, longest, good):
    provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")
    target = getattr(provider, name)().target
    edges = {pair: gate.error for pair, gate in target["cz"].items()}
    device = DeviceGraph.of(target.num_qubits, list(edges), list(edges.values()))
    assert len(longest_path(device)) == longest
    assert best_path(device, longest + 1) is None
    careful = device.without_bad()
    assert len(longest_path(careful)) == good
    path = best_path(device, good)
    assert len(set(path.tolist())) == good
    assert len(bad_couplers(device, path)) == 0
    assert len(bad_couplers(device, best_path(device, good + 1))) > 0
    for n in (12, 20):
        ring = best_ring(device, n).tolist()
        assert len(set(ring)) == n
        assert ring[-1] in device.neighbors[ring[0]]
    assert best_ring(device, 14) is None


@pytest.mark.parametrize("seed", range(6))
def test_the_shortest_ring_is_the_smallest_size_that_any_ring_has(seed):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(4, 9))
    edges = {tuple(sorted(rng.choice(sites, 2, replace=False).tolist())) for _ in range(sites + 1)}
    device = DeviceGraph.of(sites, sorted(edges))
    sizes = set()
    for count in range(3, sites + 1):
        for some in itertools.permutations(range(sites), count):
            if all(pair in device.coupler for pair in itertools.pairwise([*some, some[0]])):
                sizes.add(count)
                break
    shortest, some_odd = device.shortest_ring
    assert shortest == min(sizes, default=0)
    assert some_odd or not any(size % 2 for size in sizes)
    assert {n for n in range(3, sites + 1) if best_ring(device, n) is not None} == sizes
