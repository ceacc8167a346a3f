"""Fewest gates by complete search and by construction: against brute force, and by hand."""

from __future__ import annotations

import heapq
import importlib
import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from qnu.quantum.compile.routing.device import DeviceGraph
from qnu.quantum.compile.routing.route import MOVE

ROOT = Path(__file__).parents[1]
FOUR = ((0, 3), (1, 2), (0, 2), (3, 1), (0, 1), (2, 3))


@pytest.fixture
def routing(monkeypatch):
    """The modules of benchmarks/routing, which is no part of the installed package."""
    monkeypatch.syspath_prepend(ROOT)
    names = ("exact", "known", "optima")
    return SimpleNamespace(**{m: importlib.import_module(f"benchmarks.routing.{m}") for m in names})


def line(sites: int) -> DeviceGraph:
    return DeviceGraph.of(sites, [(k, k + 1) for k in range(sites - 1)])


def ring(sites: int) -> DeviceGraph:
    return DeviceGraph.of(sites, [(k, (k + 1) % sites) for k in range(sites)])


def brute_force(device: DeviceGraph, pairs, count: int) -> int:
    """Dijkstra from every initial placement, over whole routes counted by :class:`Route`."""
    best = 10**6
    for sites in itertools.permutations(range(device.sites), count):
        start = (sites, frozenset(), frozenset())  # where, encounters done, neutrinos prepared
        cost, queue, number = {start: 0}, [(0, 0, start)], itertools.count(1)
        while queue:
            now, _, state = heapq.heappop(queue)
            if now > cost[state] or now >= best:
                continue
            where, done, prepared = state
            if len(done) == len(pairs):
                best = now
                break
            for extra, after in _next(device, pairs, where, done, prepared):
                if now + extra < cost.get(after, 10**6):
                    cost[after] = now + extra
                    heapq.heappush(queue, (now + extra, next(number), after))
    return best


def _next(device, pairs, where, done, prepared):
    on = {site: k for k, site in enumerate(where)}
    for here, there in device.edges.tolist():
        a, b = on.get(here), on.get(there)
        after = list(where)
        if a is not None:
            after[a] = there
        if b is not None:
            after[b] = here
        both = (a in prepared) + (b in prepared)
        yield (0, 2, 3)[both], (tuple(after), done, prepared)
        for e, pair in enumerate(pairs):
            if e in done or {a, b} != set(pair):
                continue
            if all(k in done for k in range(e) if set(pairs[k]) & set(pair)):
                for places in (where, tuple(after)):
                    yield 0, (places, done | {e}, prepared | set(pair))


@pytest.mark.parametrize("seed", range(8))
def test_the_complete_search_finds_what_brute_force_finds(routing, seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 5))
    device = [line(4), ring(5), DeviceGraph.of(5, [(0, 1), (0, 2), (0, 3), (3, 4)])][seed % 3]
    pairs = [tuple(rng.permutation(count)[:2].tolist()) for _ in range(6)]
    found = routing.exact.optimum(device, pairs)
    count = max(map(max, pairs)) + 1
    assert found.least == brute_force(device, pairs, count)
    found.route.check(device, pairs)
    assert found.route.two_qubit_gates() == 3 * len(pairs) + found.least


@pytest.mark.parametrize(
    ("device", "least"), [(line(4), 6), (ring(4), 0), (ring(5), 4), (line(7), 6)]
)
def test_a_tournament_of_four(routing, device: DeviceGraph, least: int) -> None:
    assert routing.exact.optimum(device, FOUR).least == least


def test_what_is_no_cheaper_than_a_known_route_is_not_looked_for(routing) -> None:
    exact = routing.exact
    none = exact.optimum(line(5), FOUR, below=6)
    assert (none.least, none.complete, none.route) == (6, True, None)
    one = exact.optimum(line(5), FOUR, below=7)
    assert (one.least, one.complete) == (6, True)
    stopped = exact.optimum(line(5), FOUR, most_states=20)
    assert not stopped.complete
    assert stopped.least <= 6
    with pytest.raises(ValueError, match="cannot be brought together"):
        exact.optimum(DeviceGraph.of(4, [(0, 1), (2, 3)]), [(0, 1), (1, 2)])


def test_pairs_that_leave_cost_no_more_than_pairs_that_stay(routing) -> None:
    """Two pairs on a line of three: the first has to make room, or leaves."""
    pairs = [(0, 1), (2, 3)]
    with pytest.raises(ValueError, match="cannot be brought together"):
        routing.exact.optimum(line(3), pairs)
    assert routing.exact.optimum(line(3), pairs, leave=True).least == 0


def test_one_kind_of_coupler_is_enough_on_the_lattice(routing) -> None:
    patch, first = routing.optima.heavy_hexagons(6)
    degrees = np.bincount([len(near) for near in patch.neighbors])
    assert len(degrees) == 4
    inner = [s for s in range(patch.sites) if patch.distance[first[0][0], s] < 6]
    for s in inner:  # corners have three middles, middles two corners
        ends = {len(patch.neighbors[t]) for t in patch.neighbors[s] if t in inner}
        assert len(patch.neighbors[s]) in (2, 3)
        assert len(patch.neighbors[s]) not in ends
    cycles = min(_girth(patch, a, b) for a, b in patch.edges.tolist() if a in inner and b in inner)
    assert cycles == 12
    some = routing.exact.optimum(patch, FOUR, first=first)
    assert some.least == routing.exact.optimum(patch, FOUR, below=some.least).least == 6


def _girth(device: DeviceGraph, a: int, b: int) -> int:
    """The shortest ring through a coupler."""
    rest = [e for e in device.edges.tolist() if e != [a, b]]
    return int(DeviceGraph.of(device.sites, rest).distance[a, b]) + 1


@pytest.mark.parametrize("seed", range(3))
def test_the_optimum_of_a_constructed_schedule_is_the_one_of_a_complete_search(
    routing, seed: int
) -> None:
    """Two tournaments of four that need six gates each, and what is between them."""
    made = routing.known.with_moves(line(5), 4, 2, seed)
    assert made.extra == 12
    made.route.check(line(5), made.pairs)
    assert made.gates == made.route.two_qubit_gates() == made.route.two_qubit_gates(False)
    assert routing.exact.optimum(line(5), made.pairs).least == 12


def test_every_section_is_before_the_next_one(routing) -> None:
    patch, _ = routing.optima.heavy_hexagons(5)
    made = routing.known.with_moves(patch, 9, 3, seed=4)
    moves = [row for row, step in enumerate(made.route.steps.tolist()) if step[0] == MOVE]
    assert len(moves) == 6
    assert 3 * len(moves) == made.extra
    before = np.zeros((len(made.pairs), len(made.pairs)), bool)
    last: dict[int, int] = {}
    for e, pair in enumerate(made.pairs):
        for k in pair:
            if k in last:
                before[:, e] |= before[:, last[k]]
                before[last[k], e] = True
            last[k] = e
    rows = made.route.steps[:, 0].tolist()
    around = [  # the encounters next to the two moves of every section
        [rows[m + d] for m in moves[k : k + 2] for d in (-1, 1) if rows[m + d] != MOVE]
        for k in range(0, 6, 2)
    ]
    for earlier, later in itertools.pairwise(around):
        assert before[np.ix_(earlier, later)].all()


def test_schedules_without_moves_have_no_pair_twice_in_a_row(routing) -> None:
    made = routing.known.without_moves(ring(8), 5, 40, seed=1)
    made.route.check(ring(8), made.pairs)
    assert made.gates == made.route.two_qubit_gates() == 120
    last: dict[int, int] = {}
    for e, pair in enumerate(made.pairs):
        one, two = (last.get(k, -1) for k in pair)
        assert one != two or one == -1
        last |= dict.fromkeys(pair, e)


def test_where_a_tournament_of_four_needs_no_move_there_is_no_section(routing) -> None:
    grid = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3), (0, 3)])
    with pytest.raises(ValueError, match="fewer gates than on a line"):
        routing.known.with_moves(grid, 4, 1, seed=1)


def test_the_table_says_bounds_means_and_worst_cases(routing) -> None:
    rows = [
        {"kind": "small", "device": "line of 6", "what": "circle 4"}
        | {"optimum": 24, "complete": False, "qnu": 30, "qiskit": 36},
        *(
            {"kind": "with moves", "device": "FakeTorino", "what": "8 neutrinos", "seed": s}
            | {"optimum": 100, "complete": True, "qnu": q, "qiskit": 150}
            for s, q in ((1, 100), (2, 121))
        ),
    ]
    small, known = routing.optima.sheets(rows)
    assert small.body == [["circle 4, line of 6", ">= 24", "30", "36", "1.25", "1.50"]]
    wanted = ["8 neutrinos, with moves", "100", "110", "150", "1.10; 1.21", "1.50; 1.50"]
    assert known.body == [wanted]


def test_a_small_case_is_measured(routing) -> None:
    row = routing.optima.small("line of 6", 4, 1000)
    assert row["optimum"] == 24
    assert row["complete"]
    assert row["qnu"] >= 24
    assert row["qiskit"] >= 24
