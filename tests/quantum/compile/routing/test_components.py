"""Parts of a circuit on pieces of a device."""

import itertools

import numpy as np
import pytest

from qnu import QnuError
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing.components import assign, components, interacting_groups
from qnu.quantum.compile.routing.planning import plan_route
from qnu.quantum.compile.routing.plans import RoutingOptions


@pytest.mark.parametrize("seed", range(60))
def test_parts_are_dealt_out_wherever_there_is_a_way(seed):
    rng = np.random.default_rng(seed)
    sizes = sorted(rng.integers(1, 6, rng.integers(1, 6)).tolist(), reverse=True)
    capacities = sorted(rng.integers(1, 9, rng.integers(1, 4)).tolist(), reverse=True)
    ways = itertools.product(range(len(capacities)), repeat=len(sizes))
    fits = any(
        all(sum(s for s, w in zip(sizes, way, strict=True) if w == k) <= capacity
            for k, capacity in enumerate(capacities))
        for way in ways
    )  # fmt: skip
    if not fits:
        with pytest.raises(QnuError, match="parts of"):
            assign(sizes, capacities)
        return
    chosen = assign(sizes, capacities)
    for k, capacity in enumerate(capacities):
        assert sum(s for s, piece in zip(sizes, chosen, strict=True) if piece == k) <= capacity


def test_a_puzzle_without_an_answer_ends():
    with pytest.raises(QnuError, match="parts of"):
        assign([6] * 30, [11] * 29 + [5])


@pytest.mark.parametrize("seed", range(10))
def test_a_plan_on_pieces_is_a_route_section_by_section(seed):
    rng = np.random.default_rng(seed)
    edges = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 4), (7, 8)]
    device = DeviceGraph.of(10, edges, rng.uniform(0, 0.05, len(edges)))
    groups = [[0, 3, 5], [1, 2, 6], [4, 7]]
    rows = []
    for _ in range(12):
        rows.append(rng.choice(groups[rng.integers(3)], 2, replace=False))
    pairs = np.array(rows)
    made = plan_route(device, pairs, 9, [5, 5, 12], options=RoutingOptions(seed=seed, effort=1))
    made.route.check(device, pairs)
    for section, met in zip(made.sections, (range(5), range(0), range(5, 12)), strict=True):
        assert sorted(n for n in section[:, 0].tolist() if n >= 0) == list(met)
    again = plan_route(
        device, pairs, 9, [12], sites=made.route.sites.tolist(), options=RoutingOptions(effort=1)
    )
    assert again.route.sites.tolist() == made.route.sites.tolist()
    again.route.check(device, pairs)


def test_pieces_and_parts():
    assert [p.tolist() for p in components(DeviceGraph.of(5, [(4, 2)]))] == [[2, 4], [0], [1], [3]]
    assert [
        p.tolist() for p in interacting_groups(np.array([(0, 2), (2, 0), (1, 3), (3, 4)]), 6)
    ] == [
        [1, 3, 4],
        [0, 2],
        [5],
    ]
