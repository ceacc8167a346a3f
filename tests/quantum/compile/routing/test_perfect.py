"""Routes without an extra gate: every tournament has one, and what has none is not given one."""

import itertools

import numpy as np
import pytest

import qnu
from qnu import QnuError
from qnu.quantum.compile.routing import DeviceGraph, Route
from qnu.quantum.compile.routing.perfect import line_plan, perfect


def line(n):
    return DeviceGraph.of(n, [(k, k + 1) for k in range(n - 1)])


def ring(n):
    return DeviceGraph.of(n, [(k, (k + 1) % n) for k in range(n)])


def pairs_of(schedule):
    return np.stack([schedule.first, schedule.second], axis=1)


def tournament(n, order, seed=None):
    gas = qnu.NeutrinoGas([[0, 0, 1]] * n, omega=[0.0] * n)
    return pairs_of(qnu.schedules.tournament(gas, 0.1, order=order, seed=seed))


def exists(pairs, neutrinos, ring):
    """Is there an order and a choice of swaps, by trying all."""
    for order in itertools.permutations(range(neutrinos)):
        for swaps in itertools.product((False, True), repeat=len(pairs)):
            where = np.argsort(order)
            for (i, j), swap in zip(pairs, swaps, strict=True):
                apart = abs(where[i] - where[j])
                if apart != 1 and not (ring and apart == neutrinos - 1):
                    break
                if swap:
                    where[i], where[j] = where[j], where[i]
            else:
                return True
    return False


@pytest.mark.parametrize(("neutrinos", "closed"), [(4, False), (5, False), (5, True)])
def test_a_plan_is_found_where_and_only_where_there_is_one(neutrinos, closed):
    rng = np.random.default_rng(neutrinos + closed)
    found = 0
    graph = ring(neutrinos) if closed else line(neutrinos)
    for _ in range(50):
        n = int(rng.integers(3, 8))
        pairs = [rng.choice(neutrinos, 2, replace=False) for _ in range(n)]
        plan = line_plan(pairs, neutrinos, ring=closed)
        assert (plan is not None) == exists(pairs, neutrinos, closed)
        if plan is not None:
            found += 1
            plan.route(np.arange(neutrinos), pairs).check(graph, pairs)
    assert 10 < found < 45


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 12, 25])
@pytest.mark.parametrize("order", ["line", "circle"])
def test_tournaments_whatever_their_neutrinos_are_called(n, order):
    pairs = tournament(n, order, seed=n)
    device = line(n + 2) if order == "line" else ring(max(n, 3))
    route = perfect(pairs, n, device)
    route.check(device, pairs)
    assert route.two_qubit_gates() == 3 * len(pairs) == 3 * n * (n - 1) // 2
    rounds = n if order == "line" or n % 2 else n - 1
    assert route.two_qubit_depth() <= 3 * rounds
    assert line_plan(pairs, n, ring=True).closed == (order == "circle" and n > 3)


@pytest.mark.parametrize("order", ["line", "circle"])
@pytest.mark.parametrize("share", [0.05, 0.3, 0.77])
def test_tournaments_cut_short(order, share):
    pairs = tournament(12, order, seed=3)
    pairs = pairs[: int(share * len(pairs))]
    route = perfect(pairs, 12, ring(12))
    assert route.two_qubit_gates() == 3 * len(pairs)


def test_encounters_that_never_happen_at_the_end_of_a_walk():
    # a last encounter of both may be missing: its swap is not needed
    pairs = tournament(10, "line")
    rng = np.random.default_rng(0)
    late = np.arange(len(pairs)) >= len(pairs) - 4  # the last round
    some = pairs[~late | (rng.random(len(pairs)) < 0.5)]
    assert perfect(some, 10, line(10)).two_qubit_gates() == 3 * len(some)
    # in the middle of it the others need it
    assert perfect(np.delete(pairs, 20, axis=0), 10, line(10)) is None


@pytest.mark.parametrize(("small", "large"), [(1, 4), (3, 3), (5, 5), (2, 6), (3, 5), (4, 7)])
def test_beams_walk_through_each_other_around_a_ring(small, large):
    n = small + large
    gas = qnu.NeutrinoGas([[0, 0, 1]] * n, [0.0] * n, group=[0] * small + [1] * large)
    pairs = pairs_of(qnu.schedules.bipartite(gas, 0.1))
    route = perfect(pairs, n, ring(n))
    assert route.two_qubit_gates() == 3 * small * large
    assert route.two_qubit_depth() <= 3 * large


def test_a_wrong_swap_is_no_route():
    pairs = tournament(6, "line", seed=2)
    plan = line_plan(pairs, 6)
    route = plan.route(np.arange(6), pairs)
    steps = route.steps.copy()
    steps[2, 3] ^= 1
    with pytest.raises(QnuError):
        Route.of(route.sites, steps).check(line(6), pairs)


def test_only_a_path_or_only_a_ring():
    lattice = DeviceGraph.of(6, [(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)])
    circle, odd_even = tournament(6, "circle"), tournament(6, "line")
    assert perfect(circle, 6, lattice, only="path") is None
    assert perfect(circle, 6, lattice, only="ring") is not None
    assert perfect(odd_even, 6, lattice, only="path") is not None
    assert perfect(odd_even, 6, lattice, only="ring") is not None
    assert perfect(circle, 6, line(6)) is None
    assert perfect(odd_even, 6, line(5)) is None
    assert perfect(tournament(5, "circle"), 5, lattice) is None  # no odd ring on a lattice
    with pytest.raises(QnuError, match="only"):
        perfect(circle, 6, lattice, only="tree")


def test_the_couplers_that_carry_most_are_the_best():
    # one pair that meets often, at one end of a line of four; the worst coupler is at the other
    pairs = [(0, 1)] * 9 + [(1, 2), (2, 3)]
    device = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)], error=[0.05, 0.01, 0.001])
    route = perfect(pairs, 4, device)
    assert {int(route.sites[0]), int(route.sites[1])} == {2, 3}
    rich = DeviceGraph.of(6, [(k, (k + 1) % 6) for k in range(6)], error=[9e-3, 1e-3] * 3)
    around = [(0, 1), (2, 3), (4, 5)] * 3 + [(1, 2), (3, 4), (5, 0)]
    turned = perfect(around, 6, rich)
    used = [rich.error[rich.coupler[a, b]] for a, b in turned.steps[:9, 1:3].tolist()]
    assert used == [1e-3] * 9


def test_bad_pairs():
    for bad in ([(0, 0)], [(0, 3)], [(-1, 0)]):
        with pytest.raises(QnuError, match="pairs"):
            line_plan(bad, 3)


@pytest.mark.parametrize("order", ["line", "circle"])
def test_a_hundred_on_a_heavy_hex(order):
    provider = pytest.importorskip("qiskit_ibm_runtime.fake_provider")
    target = provider.FakeMarrakesh().target
    edges = {pair: gate.error for pair, gate in target["cz"].items()}
    device = DeviceGraph.of(target.num_qubits, list(edges), list(edges.values()))
    pairs = tournament(100, order, seed=1)
    route = perfect(pairs, 100, device)
    assert route.two_qubit_gates() == 14850
    assert route.two_qubit_depth() <= (300 if order == "line" else 297)
