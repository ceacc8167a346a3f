"""Routes: costs by hand, and a check that finds what is wrong."""

import numpy as np
import pytest

from qnu import QnuError
from qnu.quantum.compile.routing import MOVE, DeviceGraph, Route

LINE = DeviceGraph.of(5, [(3, 2), (0, 1), (1, 2), (3, 4), (1, 0)], error=[0.1, 0.2, 0, 0, 0.05])
PAIRS = [(0, 1), (2, 1), (0, 2)]


def test_a_graph_is_sorted_and_a_coupler_given_twice_keeps_the_smaller_error():
    assert LINE.edges.tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert LINE.error.tolist() == [0.05, 0.0, 0.1, 0.0]
    assert LINE.neighbors[1] == (0, 2)
    assert LINE.without_bad().edges.tolist() == [[0, 1], [1, 2], [3, 4]]
    assert LINE.distance[4].tolist() == [4, 3, 2, 1, 0]
    assert LINE.without_bad().distance[4, 0] == 5


def test_costs_of_encounters_swaps_and_moves_to_empty_sites():
    steps = [(0, 0, 1, 1), (MOVE, 1, 2, 0), (1, 1, 0, 0), (MOVE, 2, 3, 0), (MOVE, 3, 2, 0)]
    steps += [(MOVE, 0, 1, 0), (2, 2, 1, 0)]
    route = Route.of([0, 1, 2], steps)
    assert route.costs(qubits_initially_zero=False).tolist() == [3, 3, 3, 2, 2, 3, 3]
    # at the first move neutrino 2 has had no encounter: it is prepared where it will be
    assert route.costs().tolist() == [3, 2, 3, 2, 2, 3, 3]
    assert (route.two_qubit_gates(), route.two_qubit_gates(qubits_initially_zero=False)) == (18, 19)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([(0, 0, 2, 0)], "coupler"),
        ([(1, 1, 2, 0)], "pair"),
        ([(0, 1, 0, 0)], "pair"),
        ([(0, 0, 1, 0)], "left"),
        ([(MOVE, 3, 4, 0)], "neutrino on one"),
        ([(0, 0, 1, 0), (0, 0, 1, 0)], "order"),
    ],
)
def test_what_is_wrong_is_found(steps, what):
    with pytest.raises(QnuError, match=what):
        Route.of([0, 1, 2], steps).check(LINE, PAIRS)


def test_a_good_route_passes_and_a_wrong_end_does_not():
    steps = [(0, 0, 1, 0), (1, 2, 1, 1), (2, 0, 1, 0)]
    route = Route.of([0, 1, 2], steps)
    route.check(LINE, PAIRS)
    assert route.final.tolist() == [0, 2, 1]
    assert route.two_qubit_depth() == 9
    wrong = Route(route.sites, route.steps, np.array([0, 1, 2]))
    with pytest.raises(QnuError, match="final"):
        wrong.check(LINE, PAIRS)
