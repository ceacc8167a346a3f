"""Schedules whose fewest gates are known, of any length: how far is a router from the optimum?

Built like QUBIKOS (Ping, Lin, Tan, Cong, arXiv:2502.08839): sections that need moves by themselves,
with encounters between them that put all of a section before all of the next. A section there
needs a SWAP because its pairs are the edges of a graph that is no part of the device. Here, where
every encounter may swap its neutrinos for nothing, that is no reason: a section is a circle
tournament of four, and the gates that it needs are found by a complete search
(:mod:`benchmarks.routing.exact`), with neutrinos that come for its first encounter from anywhere
and leave after their last one.

The bound: every encounter of a section comes before every one of the next section, so the moves
between the first and the last encounter of different sections are different moves, and what the
sections need adds up. The optimum: a tournament of four on a path of four occupied sites with just
so many gates, and between two of them encounters along a tree of the occupied sites, to its root
and back, swapped at random, which cost nothing beyond three gates each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qnu.quantum.compile.routing.device import DeviceGraph
from qnu.quantum.compile.routing.route import MOVE, Route

from .exact import optimum

Pair = tuple[int, int]
#: The circle tournament of four: every round two pairs.
FOUR: tuple[Pair, ...] = ((0, 3), (1, 2), (0, 2), (3, 1), (0, 1), (2, 3))


@dataclass(frozen=True, eq=False)
class Known:
    """A schedule and a route of the fewest gates.

    Args:
        pairs: the encounters, no pair twice in a row.
        extra: gates beyond three per encounter that every route needs, and ``route`` has.
        route: the one it was made from.
    """

    pairs: tuple[Pair, ...]
    extra: int
    route: Route

    @property
    def gates(self) -> int:
        """The fewest of any route."""
        return 3 * len(self.pairs) + self.extra


def without_moves(device: DeviceGraph, neutrinos: int, encounters: int, seed: int) -> Known:
    """Encounters drawn on the couplers, swapped or not: three gates each and nothing beyond.

    As QUEKO (Tan, Cong, arXiv:2002.09783), with swaps inside that a router has to find.
    """
    rng = np.random.default_rng(seed)
    walk = _Walk(connected(device, neutrinos, rng))
    inside = [pair for pair in device.edges.tolist() if walk.on.keys() >= set(pair)]
    while len(walk.pairs) < encounters:
        walk.meet(*inside[rng.integers(len(inside))], bool(rng.integers(2)))
    return walk.known(0)


def with_moves(device: DeviceGraph, neutrinos: int, sections: int, seed: int) -> Known:
    """So many tournaments of four that need moves, on places drawn at random."""
    line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])
    on_a_line = optimum(line, FOUR)
    least = optimum(device, FOUR, leave=True, below=on_a_line.least)
    assert on_a_line.route is not None
    if not least.complete or least.least != on_a_line.least:
        raise ValueError("four neutrinos meet on this device with fewer gates than on a line")
    rng = np.random.default_rng(seed)
    walk = _Walk(connected(device, neutrinos, rng))
    tree = _tree(device, list(walk.on), rng)
    made = 0
    while made < sections:
        place = _path_of_four(device, walk.on, rng)
        if walk.follow(on_a_line.route, place):
            made += 1
            between = [*tree[::-1], *tree]
        else:
            between = [tree[rng.integers(len(tree))]]
        for a, b in between:
            walk.meet(a, b, bool(rng.integers(2)))
    return walk.known(sections * least.least)


def connected(device: DeviceGraph, count: int, rng: np.random.Generator) -> list[int]:
    """A connected part of the device that has grown at random."""
    part = [int(rng.integers(device.sites))]
    while len(part) < count:
        rim = sorted({t for s in part for t in device.neighbors[s]} - set(part))
        if not rim:  # a site without couplers
            part = [int(rng.integers(device.sites))]
            continue
        part.append(int(rng.choice(rim)))
    return part


def _tree(device: DeviceGraph, part: list[int], rng: np.random.Generator) -> list[Pair]:
    """Couplers from the first site to all others, every one after that to its beginning."""
    reached, couplers = [part[0]], []
    while len(reached) < len(part):
        out = [(s, t) for s in reached for t in device.neighbors[s] if t in part]
        s, t = out[rng.integers(len(out))]
        if t not in reached:
            reached.append(t)
            couplers.append((s, t))
    return couplers


def _path_of_four(device: DeviceGraph, on: dict[int, int], rng: np.random.Generator) -> list[int]:
    """Four occupied sites in a row, by a random walk that does not turn back."""
    while True:
        path = [int(rng.choice(list(on)))]
        for _ in range(3):
            ahead = [t for t in device.neighbors[path[-1]] if t in on and t not in path]
            if ahead:
                path.append(int(rng.choice(ahead)))
        if len(path) == 4:
            return path


class _Walk:
    """A schedule and its route, written step by step."""

    def __init__(self, sites: list[int]) -> None:
        self.sites = sites
        self.on = {site: k for k, site in enumerate(sites)}
        self.pairs: list[Pair] = []
        self.steps: list[tuple[int, int, int, int]] = []
        self.last: dict[int, Pair] = {}

    def is_repeated(self, a: int, b: int) -> bool:
        """Whether the last encounter of both was with each other: two such would be one gate."""
        one, two = self.on[a], self.on[b]
        return self.last.get(one) == self.last.get(two) == (min(one, two), max(one, two))

    def meet(self, a: int, b: int, swapped: bool) -> None:
        """An encounter on two sites; nothing if it would be the second in a row."""
        if self.is_repeated(a, b):
            return
        one, two = self.on[a], self.on[b]
        self.steps.append((len(self.pairs), a, b, int(swapped)))
        self.pairs.append((one, two))
        self.last[one] = self.last[two] = (min(one, two), max(one, two))
        if swapped:
            self.on[a], self.on[b] = two, one

    def follow(self, route: Route, place: list[int]) -> bool:
        """A route of its own on these sites; False if its first pair has just met there."""
        begins = [s for s in route.steps.tolist() if s[0] != MOVE][:2]
        if any(self.is_repeated(place[a], place[b]) for _, a, b, _ in begins):
            return False
        for encounter, a, b, swapped in route.steps.tolist():
            here, there = place[a], place[b]
            if encounter == MOVE:
                self.steps.append((MOVE, here, there, 0))
                self.on[here], self.on[there] = self.on[there], self.on[here]
            else:
                self.meet(here, there, bool(swapped))
        return True

    def known(self, extra: int) -> Known:
        route = Route.of(self.sites, self.steps)
        return Known(tuple(self.pairs), extra, route)
