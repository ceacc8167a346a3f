"""A route up to some step, everything after it searched again, and the same in reversed time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from ....common.checks import Floats
from ._beam import BeamSettings, beam
from ._replay import costs_and_depth, first_row, last_steps, replay, write_events
from ._state import Shape, shape_of
from ._tables import Int32Array, Queues
from .device import DeviceGraph, Indices
from .route import MOVE, Route

#: Two-qubit gates of a generic encounter, with or without a swap inside.
GENERIC = 3
#: Weight of a neutrino that waits for the time of one two-qubit gate, in such gates. By the
#: snapshots of two Herons it is 1/18 and 1/13; less keeps the number of gates low.
IDLE_COST = 1 / 32
#: More encounters than any neutrino has.
NEVER = 2**30
#: Number of pairs of a neutrino, from its next encounter on, that enter the potential.
_AHEAD = 8


@dataclass(frozen=True, eq=False)
class SearchTask:
    """A schedule and a device, as the compiled search reads them.

    ``qubits_initially_zero``: a neutrino is prepared right before its first encounter; until then
    its site is empty. ``backward``: time runs from the last encounter to the first.
    """

    pairs: Int32Array
    neutrinos: int
    device: DeviceGraph
    block_gates: Indices
    qubits_initially_zero: bool = True
    backward: bool = False

    @classmethod
    def of(
        cls,
        device: DeviceGraph,
        pairs: Indices,
        neutrinos: int,
        qubits_initially_zero: bool = True,
        block_gates: Indices | None = None,
    ) -> SearchTask:
        """All ``pairs (n, 2)`` of so many neutrinos on ``device``.

        ``block_gates (n, 2)``: two-qubit gates of each, without and with a swap inside; default: 3.
        """
        own = np.ascontiguousarray(pairs, np.int32)
        if block_gates is None:
            block_gates = np.full((len(own), 2), GENERIC)
        return cls(own, neutrinos, device, block_gates, qubits_initially_zero)

    @cached_property
    def reversed(self) -> SearchTask:
        """The same with the last pair first."""
        pairs, gates = np.ascontiguousarray(self.pairs[::-1]), self.block_gates[::-1]
        return replace(self, pairs=pairs, block_gates=gates, backward=not self.backward)

    @cached_property
    def queues(self) -> Queues:
        """The encounters of every neutrino."""
        return Queues.of(self.pairs, self.neutrinos)

    @cached_property
    def table(self) -> tuple[Int32Array, Shape]:
        """All tables of :class:`._state.Shape` in one array, and where they begin."""
        queues, count = self.queues, self.neutrinos
        neighbors, degree = self.device.neighbor_table()
        zero = self.qubits_initially_zero
        begin = np.full(count, int(zero and not self.backward))
        until = queues.length if zero and self.backward else np.full(count, NEVER)
        shape = shape_of(
            count, self.device.sites, queues.partner.shape[1], neighbors.shape[1], _AHEAD, 0
        )
        gates = np.zeros((2, *queues.partner.shape), np.int64)
        if len(self.pairs):  # places beyond the end of a queue are not read
            gates[0] = self.block_gates[queues.encounter, 0]
            gates[1] = self.block_gates[queues.encounter, 1] - gates[0]
        parts = [queues.partner, queues.rank, queues.chain, gates, queues.length, begin, until]
        parts += [np.full(count, -1), neighbors, degree, self.device.distance]
        return np.concatenate([p.reshape(-1) for p in parts]).astype(np.int32), shape

    def gates_and_depth(self, route: Route) -> tuple[int, int]:
        """Two-qubit gates of a route and its depth, with those of every pair as given."""
        table, shape = self.table
        cost = np.empty(len(route.steps), np.int64)
        gates, depth = costs_and_depth(
            route.sites, route.steps, len(route.steps), self.pairs, table, shape, cost
        )
        return int(gates), int(depth)

    def score(self, route: Route) -> float:
        """Two-qubit gates, and IDLE_COST for every neutrino and layer."""
        gates, depth = self.gates_and_depth(route)
        return gates + IDLE_COST * self.neutrinos * depth

    def resume(
        self, route: Route, cut: int, settings: BeamSettings, rng: np.random.Generator
    ) -> Route:
        """``route`` up to its step ``cut``, then the best that a search finds."""
        sites, count = self.device.sites, self.neutrinos
        table, shape = self.table
        row = first_row(route.sites, sites)
        replay(row, route.steps, cut, self.pairs, table, shape)
        keys = rng.integers(1, 2**63, size=(count, sites + 1), dtype=np.uint64)
        left = len(self.pairs) - int(row[count : 2 * count].sum()) // 2
        _, events = beam(row, keys, left, settings, table, self.costs(settings, rng), shape)
        steps = np.empty((cut + len(events), 4), np.int32)
        steps[:cut] = route.steps[:cut]
        row = first_row(route.sites, sites)
        replay(row, steps, cut, self.pairs, table, shape)
        total = write_events(
            row,
            events,
            steps,
            cut,
            self.queues.encounter,
            self.pairs,
            last_steps(steps, cut, sites),
            count,
        )
        return Route(route.sites, steps[:total], row[:count].astype(np.int64))

    def costs(self, settings: BeamSettings, rng: np.random.Generator) -> Floats:
        """``(S, S)`` expected gates of a pair, with some noise, and the weights of pairs ahead."""
        distance = self.device.distance
        noise = 1.0 + settings.noise * rng.standard_normal(distance.shape)
        expected = 3.0 * np.maximum(distance - 1.0, 0.0) * noise
        weight = settings.potential_weight * powers(settings.decay, _AHEAD)
        return np.concatenate([expected.reshape(-1), weight])


def powers(base: float, count: int) -> Floats:
    """``base^0, base^1, ...``, each rounded once.

    NumPy's powers differ in the last digit between processors, and the search with them.
    """
    exact = Fraction(base)
    return np.array([float(exact**k) for k in range(count)])


def reversed_route(route: Route, encounters: int) -> Route:
    """The same route read from its end: an encounter and its free swap commute."""
    steps = route.steps[::-1].copy()
    steps[:, 0] = np.where(steps[:, 0] == MOVE, MOVE, encounters - 1 - steps[:, 0])
    swapped = steps[:, 3] == 1
    steps[swapped, 1:3] = steps[swapped, 2:0:-1]
    return Route(route.final, steps, route.sites)
