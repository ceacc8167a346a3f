"""Of several ways to play a schedule the one with the smallest error is taken."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from qiskit import QuantumCircuit

from qnu.plotting import devices
from qnu.quantum.compile.routing import DeviceGraph, planning
from qnu.quantum.compile.routing.perfect import perfect
from qnu.quantum.compile.routing.route import Route
from qnu.quantum.compile.routing.search import score, search


def error_of(device, route):
    """-log of the probability that no two-qubit gate fails, three gates per encounter."""
    rows = [device.coupler[a, b] for a, b in route.steps[:, 1:3].tolist()]
    return 3 * float(device.coupler_cost[rows].sum())


@pytest.mark.parametrize("seed", range(8))
def test_a_ring_is_turned_and_mirrored_to_the_smallest_error(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 9))
    times = rng.integers(1, 9, n)  # how often neutrino k meets neutrino k + 1
    pairs = np.array([(k, (k + 1) % n) for k in range(n) for _ in range(times[k])])
    order = rng.permutation(n)  # the sites around the ring
    errors = rng.uniform(1e-3, 5e-2, n)
    device = DeviceGraph.of(n, [(order[k], order[(k + 1) % n]) for k in range(n)], errors)
    route = perfect(pairs, n, device)
    assert route.two_qubit_gates() == 3 * len(pairs)
    cost = -np.log1p(-errors)  # of the coupler between ring places k and k + 1
    every = [
        3
        * sum(times[k] * cost[(turn + k) % n if way > 0 else (turn - k - 1) % n] for k in range(n))
        for turn in range(n)
        for way in (1, -1)
    ]
    assert len({round(x, 12) for x in every}) == 2 * n, "every placement costs something else"
    assert error_of(device, route) == pytest.approx(min(every), rel=1e-12)


@pytest.mark.parametrize(("bad", "how"), [(0.9, "search"), (0.1, "wiring")])
def test_a_wiring_that_needs_a_bad_coupler_is_weighed_against_a_search(bad, how):
    # drawn on a square of four, of whose couplers one is bad: a path of four is left without it
    pairs = np.array([(0, 1), (1, 2), (2, 3), (3, 0)])
    wiring = ([0, 1, 2, 3], [False] * 4)
    edges = [(0, 1), (1, 2), (2, 3), (3, 0)]
    device = DeviceGraph.of(4, edges, error=[0.09, 0.09, 0.09, bad])
    searched = search(device.without_bad(), pairs, effort=1, seed=0, neutrinos=4)
    assert searched.two_qubit_gates() > 12, "it has to move a neutrino"
    in_search = searched.two_qubit_gates() * -np.log1p(-0.09)
    as_drawn = 9 * -np.log1p(-0.09) + 3 * -np.log1p(-bad)
    assert (as_drawn < in_search) == (how == "wiring")
    plan = planning.plan_route(
        device, pairs, 4, wiring=wiring, options=planning.RoutingOptions(effort=1)
    )
    assert plan.method == how


def test_the_score_of_a_route_is_gates_and_a_32nd_of_every_idle_layer():
    # an encounter with a swap of (0, 1), then neutrino 0, now on site 1, meets neutrino 2 on site 2
    steps = np.array([[0, 0, 1, 1], [1, 1, 2, 0]])
    route = Route.of(np.array([0, 1, 2]), steps)
    assert route.two_qubit_gates() == 6
    assert route.two_qubit_depth() == 6
    assert score(route) == pytest.approx(6 + 3 * 6 / 32, rel=1e-15)


def test_the_colors_of_a_device_map_are_the_errors_of_its_couplers():
    device = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)], error=[1e-5, 0.02, 0.3])
    circuit = QuantumCircuit(4)
    for pair, times in (((0, 1), 1), ((1, 2), 4), ((2, 3), 2)):
        for _ in range(times):
            circuit.cz(*pair)
    uses = devices._uses(circuit, device)
    assert uses.tolist() == [1, 4, 2]
    figure = Figure()
    ax = figure.add_subplot()
    devices._draw_couplers(figure, ax, device, devices.places(device), uses)
    drawn = [
        c for c in ax.collections if isinstance(c, LineCollection) and c.get_array() is not None
    ]
    solid, dashed = drawn
    assert solid.get_array().tolist() == [devices._GOOD, 0.02]
    assert solid.get_linewidths() == pytest.approx([1.5 + 4.5 / 4, 6.0])
    assert dashed.get_array().tolist() == [0.3], "a coupler of an error of 0.1 or more is dashed"
    assert dashed.get_linewidths() == pytest.approx([1.5 + 4.5 / 2])
