"""Wave packets on straight lines in a periodic box, and the search for their passages."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..common import memory
from ..common.checks import Floats
from .rows import Indices

#: A packet is on another within so many rms sizes of their relative position.
ON = 2.0
#: Passages are followed this much further in time than across, in rms sizes.
_LONGER = 2.0
#: Packets whose smallest size is at least this fraction of the box overlap many images: their
#: overlap is summed as a Fourier series.
_LARGE = 0.25
#: exp(-_SMALLEST) is left out of a Fourier series.
_SMALLEST = 42.0
#: Seconds, about: to sort one packet into cells, to look into one cell, to test one pair.
_PER_PACKET, _PER_CELL, _PER_TEST = 3e-8, 3e-9, 3e-9
_SAMPLED = 512
_BYTES_PER_PASSAGE = 160  # with copies while they are sorted
_BYTES_PER_PACKET = 400


class Passages(NamedTuple):
    """Passages of pairs: arrays of one length."""

    first: Indices
    second: Indices
    image: Indices
    theta: Floats
    closest: Floats
    time: Floats
    rms: Floats

    def of(self, which: Indices) -> Passages:
        """Some of them."""
        return Passages(*(column[which] for column in self))


class Plan(NamedTuple):
    """How passages are searched: the length of a window, cells, and seconds per unit of phase."""

    window: float
    cells: tuple[int, int, int]
    seconds: float


@dataclass(frozen=True, eq=False)
class Packets:
    """N packets; lengths are phases, so that sqrt(2) G_F n = 1 and sqrt(2) G_F = V/N.

    Args:
        position: ``(N, 3)`` at phase 0, inside the box.
        velocity: ``(N, 3)`` unit vectors.
        across, along: ``(N,)`` rms sizes s_T and s_L.
        sides: ``(3,)`` of the box.
        cutoff: passages at more than so many rms sizes are left out.
        end: the last phase.
        unit: what 1 is in units of phase: mu(0).
    """

    position: Floats
    velocity: Floats
    across: Floats
    along: Floats
    sides: Floats
    cutoff: float
    end: float
    unit: float = 1.0

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def volume(self) -> float:
        """Of the box."""
        return float(np.prod(self.sides))

    @cached_property
    def strength(self) -> float:
        """K = sqrt(2) G_F."""
        return self.volume / len(self)

    @cached_property
    def shapes(self) -> Floats:
        """``(N, 2)``: s_T^2 and s_L^2 - s_T^2."""
        return np.stack([self.across**2, self.along**2 - self.across**2], axis=1)

    @cached_property
    def reach(self) -> Floats:
        """``(N,)`` the larger of the two sizes."""
        return np.maximum(self.across, self.along)

    @property
    def length(self) -> float:
        """Half the length of a passage, in rms durations."""
        return self.cutoff + _LONGER

    @cached_property
    def size(self) -> float:
        """Mean rms size over the distance of packets."""
        return float(np.mean(np.cbrt(self.across**2 * self.along)) / self.strength ** (1 / 3))

    @property
    def lost(self) -> tuple[float, float]:
        """Shares of the mean field and of the entanglement that the cutoff leaves out."""
        return math.exp(-(self.cutoff**2) / 2), math.exp(-(self.cutoff**2))

    @cached_property
    def others_on_one(self) -> float:
        r"""``sum_k 4 pi/3 2^3 sqrt(det S) / V``, the mean over packets (of many: over 512)."""
        count, total = len(self), 0.0
        some = np.arange(0, count, max(count // _SAMPLED, 1))[:_SAMPLED]
        a, one = self.shapes.T
        for i in some:
            p2 = np.clip((1 - self.velocity @ self.velocity[i]) / 2, 0.0, 1.0)
            across = a[i] + a
            plane = across**2 + across * (one[i] + one) + 4 * one[i] * one * p2 * (1 - p2)
            volume = np.sqrt(across * plane)
            total += float(volume.sum() - volume[i])
        return total / len(some) * 4 / 3 * math.pi * ON**3 / self.volume

    @property
    def large(self) -> bool:
        """Whether the overlap is summed over waves instead of images."""
        smallest = min(self.across.min(), self.along.min())
        return bool(smallest >= _LARGE * self.sides.max())

    @cached_property
    def waves(self) -> Floats:
        """``(K, 3)`` whole numbers of waves that count, one of k and -k, without 0."""
        smallest = min(float(self.across.min()), float(self.along.min()))
        most = math.sqrt(_SMALLEST) / (2 * math.pi * smallest)
        top = np.floor(most * self.sides).astype(int)
        x, y, z = (np.arange(-n, n + 1) for n in top)
        grid = np.stack(np.meshgrid(x, y, z, indexing="ij"), axis=-1).reshape(-1, 3)
        upper = grid[len(grid) // 2 + 1 :]  # in this order -k is at the other end
        inside = np.sum((upper / self.sides) ** 2, axis=1) <= most**2
        return np.ascontiguousarray(upper[inside], dtype=np.float64)

    # -- how many, how long ---------------------------------------------------------------------

    @cached_property
    def passages_per_phase(self) -> float:
        """How many passages begin per unit of phase, on average over positions."""
        return self.crossings[0]

    @cached_property
    def expected(self) -> float:
        """How many passages are under way between phase 0 and the end, on average."""
        per_phase, under_way = self.crossings
        return per_phase * self.end + under_way

    @cached_property
    def crossings(self) -> tuple[float, float]:
        """Per phase, and under way at the beginning or the end; of many, of 512 with all."""
        count, volume = len(self), self.volume
        some = np.arange(0, count, max(count // _SAMPLED, 1))[:_SAMPLED]
        a, one = self.shapes[:, 0], self.shapes[:, 1]
        rate = under_way = 0.0
        for i in some:
            p2 = np.clip((1 - self.velocity @ self.velocity[i]) / 2, 0.0, 1.0)
            p2[i] = 0.0
            across, both = a[i] + a, one[i] + one
            s22 = across + both * (1 - p2)
            size = np.sqrt(across * s22)
            area = math.pi * self.cutoff**2 * size
            rate += float(np.sum(2 * np.sqrt(p2) * area))
            slant = (one[i] - one) ** 2 * p2 * (1 - p2)
            rms = np.sqrt(np.maximum(across + both * p2 - slant / s22, 0.0))
            under_way += float(np.sum(area * rms * (p2 > 0)))
        scale = count / len(some) / 2 / volume
        return rate * scale, 2 * self.length * under_way * scale

    @cached_property
    def radius(self) -> float:
        """Largest distance of two packets at their closest approach."""
        largest = np.sort(self.reach)[-2:]
        return self.cutoff * math.sqrt(float(np.sum(largest**2)))

    @cached_property
    def plan(self) -> Plan:
        """Windows and cells that cost least."""
        shortest = self.radius / 8
        tried = [self._plan(shortest * 2**k) for k in range(24)]
        tried += [self._plan(self.end)] if self.end < shortest else []
        return min(tried, key=lambda plan: plan.seconds)

    def _plan(self, window: float) -> Plan:
        extent, count = self.radius + window, len(self)
        cells = self._cells(extent)
        size = self.sides / cells
        ways = np.ceil(extent / size)
        looked = math.prod(2 * ways + 1)
        pairs = count**2 / 2 * looked / math.prod(cells)
        seconds = count * (_PER_PACKET + _PER_CELL * looked / 2) + pairs * _PER_TEST
        return Plan(window, cells, float(seconds) / window)

    def _cells(self, extent: float) -> tuple[int, int, int]:
        """As large as the extent, or larger where there are few packets."""
        least = (self.volume / (2 * len(self))) ** (1 / 3)
        x, y, z = (max(int(side / max(extent, least)), 1) for side in self.sides)
        return x, y, z

    @property
    def seconds(self) -> float:
        """What finding all passages takes, about."""
        return self.plan.seconds * self.end + 1e-7 * self.expected

    # -- passages -------------------------------------------------------------------------------

    def under_way(
        self, phase: float, begin: float, end: float, *, parallel: bool = False
    ) -> Passages:
        """Passages that the first or the last phase of an interval cuts.

        Args:
            phase: ``begin``, or ``end`` for those that begin does not cut.
            begin, end: the interval.
            parallel: at ``begin``, also parallel packets.
        """
        beyond = math.sqrt(self.cutoff**2 + self.length**2) / self.cutoff
        extent = self.radius * beyond
        guess = self.crossings[1] * 0.7 + 100
        return self._searched(np.array([phase]), begin, end, extent, guess, parallel)

    def within(self, phases: Floats, begin: float, end: float) -> Passages:
        """Passages closest between phases, without those that the ends of an interval cut.

        Args:
            phases: ``(n + 1,)`` edges of windows.
            begin, end: the interval.
        """
        extent = self.radius + float(np.diff(phases).max())
        guess = 1.2 * self.passages_per_phase * float(phases[-1] - phases[0]) + 100
        return self._searched(phases, begin, end, extent, guess, False)

    def touching(self, begin: float, end: float) -> Passages:
        """All passages that are under way at any phase of an interval."""
        edges = np.linspace(begin, end, max(math.ceil((end - begin) / self.plan.window), 1) + 1)
        parts = [
            self.under_way(begin, begin, end),
            self.within(edges, begin, end),
            self.under_way(end, begin, end),
        ]
        return Passages(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def _searched(
        self,
        phases: Floats,
        begin: float,
        end: float,
        extent: float,
        guess: float,
        parallel: bool,
    ) -> Passages:
        from ._packet_kernels import search

        limits = (self.cutoff**2, self.length, begin, end)
        packets = (self.position, self.velocity, self.shapes, self.reach, self.sides)
        cells, size = np.array(self._cells(extent)), int(guess)
        while True:
            need = _BYTES_PER_PASSAGE * size + _BYTES_PER_PACKET * len(self)
            memory.require("cutoff", self.cutoff, need)
            indices, values = np.empty((size, 5), np.int64), np.empty((size, 4))
            found = int(search(packets, limits, phases, extent, cells, parallel, indices, values))
            if found < size:  # one place is left for what is tried
                break
            size = found + 1
        first, second = indices[:found, 0].astype(np.int32), indices[:found, 1].astype(np.int32)
        theta, closest, time, rms = values[:found].T
        return Passages(
            first, second, indices[:found, 2:], self.strength * theta, closest, time, rms
        )

    def blocks(self, rows: float) -> int:
        """How many windows have about so many passages."""
        return max(int(rows / max(self.passages_per_phase * self.plan.window, 1e-9)), 1)


def batches(total: int, each: int) -> Iterator[tuple[int, int]]:
    """``(begin, end)`` of pieces, one by one."""
    for a in range(0, total, each):
        yield a, min(a + each, total)
