"""A device for routing: its sites, its couplers, and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....common.checks import Floats
from ....errors import QnuError

Indices = NDArray[np.int64]

#: A coupler with at least this error per gate is bad: used only where there is no other way.
BAD = 0.1
#: Errors count as at most this much: with an error of 1 every product would vanish.
WORST = 1.0 - 1e-3


@dataclass(frozen=True, eq=False)
class QubitCalibration:
    """What is known of every site besides its couplers and its readout.

    Args:
        t1: ``(sites,)`` relaxation times in seconds, infinite where unknown.
        t2: ``(sites,)`` dephasing times in seconds, infinite where unknown.
        error: ``(sites,)`` of one pulse of a one-qubit gate.
        duration: ``(sites,)`` of one pulse in seconds.

    Examples:
        >>> QubitCalibration.unknown(3).error.tolist()
        [0.0, 0.0, 0.0]
    """

    t1: Floats
    t2: Floats
    error: Floats
    duration: Floats

    @classmethod
    def unknown(cls, sites: int) -> QubitCalibration:
        """Qubits without errors."""
        none, never = np.zeros(sites), np.full(sites, np.inf)
        return cls(never, never, none, none)

    def of(self, keep: Indices) -> QubitCalibration:
        """That of some sites."""
        return QubitCalibration(self.t1[keep], self.t2[keep], self.error[keep], self.duration[keep])


@dataclass(frozen=True, eq=False)
class DeviceGraph:
    """Sites (physical qubits) and the couplers between them, with their calibration.

    Args:
        sites: how many physical qubits.
        edges: ``(E, 2)`` couplers, each once, smaller site first, sorted.
        error: ``(E,)`` error of one two-qubit gate, 0 to 1.
        duration: ``(E,)`` its duration in seconds.
        readout: ``(sites,)`` error of a measurement, 0 to 1.
        calibration: of single qubits; None: unknown.

    Raises:
        QnuError: couplers between sites that do not exist.

    Examples:
        >>> DeviceGraph.of(4, [(1, 0), (1, 2), (2, 3)]).distance[0].tolist()
        [0, 1, 2, 3]
    """

    sites: int
    edges: Indices
    error: Floats
    duration: Floats
    readout: Floats
    calibration: QubitCalibration | None = None

    @classmethod
    def of(
        cls,
        sites: int,
        edges: ArrayLike | Sequence[tuple[int, int]],
        error: ArrayLike = 0.0,
        duration: ArrayLike = 0.0,
        readout: ArrayLike = 0.0,
        calibration: QubitCalibration | None = None,
    ) -> DeviceGraph:
        """A graph from couplers in any order and direction; doubles keep the smaller error."""
        pairs = np.sort(np.asarray(edges, dtype=np.int64).reshape(-1, 2), axis=1)
        if pairs.size and (pairs.min() < 0 or pairs.max() >= sites or (np.diff(pairs) == 0).any()):
            raise QnuError("edges", pairs.tolist(), f"pairs of different sites below {sites}")
        errors = np.broadcast_to(np.asarray(error, float), len(pairs))
        durations = np.broadcast_to(np.asarray(duration, float), len(pairs))
        order = np.lexsort((errors, pairs[:, 1], pairs[:, 0]))
        pairs, errors, durations = pairs[order], errors[order], durations[order]
        first = np.ones(len(pairs), bool)
        first[1:] = (np.diff(pairs, axis=0) != 0).any(axis=1)
        readouts = np.array(np.broadcast_to(np.asarray(readout, float), sites))
        return cls(sites, pairs[first], errors[first], durations[first], readouts, calibration)

    @cached_property
    def neighbors(self) -> tuple[tuple[int, ...], ...]:
        """The neighbours of every site, in increasing order."""
        near: list[list[int]] = [[] for _ in range(self.sites)]
        for a, b in self.edges.tolist():
            near[a].append(b)
            near[b].append(a)
        return tuple(tuple(sorted(some)) for some in near)

    def neighbor_table(self) -> tuple[Indices, Indices]:
        """``(sites, largest degree)`` neighbours, row s filled up to ``degree[s]``; the degrees."""
        degree = np.array([len(near) for near in self.neighbors], np.int64)
        table = np.zeros((self.sites, max(int(degree.max(initial=0)), 1)), np.int64)
        for site, near in enumerate(self.neighbors):
            table[site, : len(near)] = near
        return table, degree

    @cached_property
    def coupler(self) -> dict[tuple[int, int], int]:
        """The row of ``edges`` of two neighbours, in either order."""
        rows = {(a, b): k for k, (a, b) in enumerate(self.edges.tolist())}
        return rows | {(b, a): k for (a, b), k in rows.items()}

    @cached_property
    def distance(self) -> NDArray[np.int32]:
        """``(sites, sites)`` couplers on the shortest path; ``sites`` where there is none."""
        return _distance(self.sites, self.edges.tobytes()).copy()

    @cached_property
    def shortest_ring(self) -> tuple[int, bool]:
        """Sites of the shortest ring (0: there is none); whether some ring has an odd number."""
        return _shortest_ring(self.sites, self.edges.tobytes())

    @cached_property
    def coupler_cost(self) -> Floats:
        r"""``(E,)`` costs :math:`-\log(1 - \mathrm{error})` of one gate on every coupler."""
        return _cost(self.error)

    @cached_property
    def readout_cost(self) -> Floats:
        r"""``(sites,)`` costs :math:`-\log(1 - \mathrm{readout})`."""
        return _cost(self.readout)

    def without_bad(self, threshold: float = BAD) -> DeviceGraph:
        """The same sites without couplers of an error of ``threshold`` or more."""
        good = self.error < threshold
        return replace(
            self, edges=self.edges[good], error=self.error[good], duration=self.duration[good]
        )

    def part(self, keep: Indices) -> DeviceGraph:
        """The device of some sites, numbered anew in the order of ``keep``, which increases."""
        number = np.full(self.sites, -1, np.int64)
        number[keep] = np.arange(len(keep))
        edges = number[self.edges]
        inside = (edges >= 0).all(axis=1)
        known = self.calibration
        return DeviceGraph(
            len(keep),
            edges[inside],
            self.error[inside],
            self.duration[inside],
            self.readout[keep],
            None if known is None else known.of(keep),
        )


def _cost(error: Floats) -> Floats:
    """``-log(1 - error)``, each rounded once: NumPy's logarithm differs between processors."""
    digits = Context(prec=34)
    logarithms = (
        digits.ln(digits.subtract(1, Decimal(x))) for x in np.minimum(error, WORST).tolist()
    )
    return np.array([0.0 - float(x) for x in logarithms])


@lru_cache(maxsize=64)
def _distance(sites: int, edges: bytes) -> NDArray[np.int32]:
    """Breadth first from all sites at once; kept for devices that are used again."""
    near, degree = DeviceGraph.of(sites, np.frombuffer(edges, np.int64)).neighbor_table()
    result = np.full((sites, sites), sites, np.int32)
    reached = np.eye(sites, dtype=bool)
    latest, steps = reached, 0
    while latest.any():
        result[latest] = steps
        steps += 1
        ahead = np.zeros_like(reached)
        for k in range(near.shape[1]):
            some = np.flatnonzero(degree > k)
            ahead[some] |= latest[near[some, k]]
        latest = ahead & ~reached
        reached = reached | latest
    return result


@lru_cache(maxsize=64)
def _shortest_ring(sites: int, edges: bytes) -> tuple[int, bool]:
    """From every site, breadth first.

    Two neighbours at the same distance d close a walk of 2d + 1 sites, two neighbours of a site at
    d that are both at d - 1 one of 2d. The shortest of all these walks is a ring.
    """
    steps = _distance(sites, edges)
    a, b = np.frombuffer(edges, np.int64).reshape(-1, 2).T
    odd = (steps[:, a] == steps[:, b]) & (steps[:, a] < sites)
    before = np.zeros((sites, sites), np.int64)
    for one, other in zip([*a, *b], [*b, *a], strict=True):
        before[:, other] += steps[:, one] == steps[:, other] - 1
    lengths = np.concatenate([2 * steps[:, a][odd] + 1, 2 * steps[before > 1]])
    return int(lengths.min(initial=sites + 1)) % (sites + 1), bool(odd.any())
