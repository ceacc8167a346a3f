"""The first steps of a route: encounters before a sample, and the moves that these need."""

import numpy as np
import pytest

from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing.planning import plan_route
from qnu.quantum.compile.routing.plans import RoutingOptions
from qnu.quantum.compile.routing.prefix import numbers_in, prefix
from qnu.quantum.compile.routing.route import MOVE, Route
from qnu.quantum.compile.routing.sampled import OWN, PREFIX, WHOLE, Part, sample_routes
from qnu.quantum.compile.routing.search import search

TREE = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (3, 7)]


@pytest.mark.parametrize("seed", range(6))
def test_a_prefix_is_a_route_of_its_encounters(seed):
    rng = np.random.default_rng(seed)
    pairs = np.array([rng.choice(6, 2, replace=False) for _ in range(18)])
    device = DeviceGraph.of(8, TREE)
    whole = search(device, pairs, seed=seed, effort=1)
    gates = [0]
    for count in range(1, len(pairs) + 1):
        route = prefix(whole, [k if k < count else -1 for k in range(len(pairs))])
        route.check(device, pairs[:count])
        gates.append(route.two_qubit_gates())
        last = route.steps[-1].tolist()
        assert last[0] != MOVE, "nothing is moved after the last encounter"
    assert gates == sorted(gates)
    assert gates[-1] == whole.two_qubit_gates()


def test_moves_of_neutrinos_that_wait_for_nothing_are_left_out():
    steps = [
        (0, 0, 1, 0),
        (MOVE, 1, 2, 0),  # neutrino 1 goes to meet neutrino 2
        (1, 2, 3, 0),
        (MOVE, 2, 3, 0),  # neutrino 1 goes on
        (2, 3, 4, 0),
    ]
    route = Route.of([0, 1, 3, 4], steps)
    assert prefix(route, [0, -1, -1]).steps.tolist() == [[0, 0, 1, 0]]
    assert prefix(route, [0, 1, -1]).steps.tolist() == [list(step) for step in steps[:3]]
    assert prefix(route, [0, 1, 2]).steps.tolist() == [list(step) for step in steps]


def test_encounters_of_a_part_are_found_by_their_pair_and_time():
    pairs = np.array([(0, 1), (2, 3), (1, 0), (0, 1)])
    assert numbers_in(pairs, np.array([(2, 3), (0, 1), (0, 1)])) == [1, 0, 2, -1]
    assert numbers_in(pairs, np.array([(2, 3), (2, 3)])) is None


@pytest.mark.parametrize("effort", [1, 2])
def test_all_searches_for_samples_take_a_time_in_proportion_to_that_of_the_whole(
    effort, monkeypatch
):
    """A hundred samples: those whose prefix has most gates beyond its own come first."""
    from qnu.quantum.compile.routing import sampled

    rng = np.random.default_rng(3)
    pairs = np.array([rng.choice(7, 2, replace=False) for _ in range(40)])
    device = DeviceGraph.of(8, TREE)
    options = RoutingOptions(qubits_initially_zero=True, effort=effort)
    whole = plan_route(
        device, pairs, 7, options=RoutingOptions(qubits_initially_zero=True, effort=1)
    )
    work = []

    def counted(device, pairs, neutrinos, **given):
        work.append(given["options"].effort * len(pairs))
        return whole if len(pairs) == 40 else plan(device, pairs, neutrinos, **given)

    plan = sampled.plan_route
    monkeypatch.setattr(sampled, "plan_route", counted)
    parts = [Part(pairs[:count]) for count in [0, *range(10, 41), 40]]
    routes = sample_routes(device, whole, pairs, parts, options=options)
    assert 0 < sum(work) <= sampled.WORK * effort * len(pairs)
    assert {WHOLE, PREFIX} <= {one.origin for one in routes} <= {WHOLE, PREFIX, OWN}
    assert [one.origin for one in routes[-2:]] == [WHOLE, WHOLE]
    for part, one in zip(parts, routes, strict=True):
        one.plan.route.check(device, part.pairs)
        first = prefix(whole.route, [k if k < len(part.pairs) else -1 for k in range(40)])
        assert one.plan.route.two_qubit_gates() <= first.two_qubit_gates()
