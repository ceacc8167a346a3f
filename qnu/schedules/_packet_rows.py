"""Rows of a schedule of wave packets: a kick or a gate per passage, or slices."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..common import memory
from ..common.checks import Floats
from ..errors import QnuError, Words
from ._packet_box import Packets, Passages, batches
from .rows import BLOCK, PART, Encounters, Indices, Listed, Source, encounters, ranges

#: Times of increasing phases.
Times = Callable[[Floats], Floats]

#: Rows of so few are kept once they are made.
_KEPT = 1 << 20
BYTES_PER_ROW = 200
_ROOT_3 = math.sqrt(3.0)


class OfPackets(Source):
    """Rows that follow from packets.

    Args:
        packets: in phases.
        times: from phases.
        recipe: of the rows.
    """

    def __init__(self, packets: Packets, times: Times, recipe: str) -> None:
        self.packets: Packets = packets
        self._times, self.recipe = times, recipe


class Kicks(OfPackets):
    """One kick per passage, at the mean phase of its part inside the run."""

    duration = 0.0

    def __init__(self, packets: Packets, times: Times, recipe: str) -> None:
        super().__init__(packets, times, recipe)
        self.expected = packets.expected
        self._keep = packets.expected <= _KEPT
        self._windows = max(math.ceil(packets.end / packets.plan.window), 1)
        self._blocks = ranges(self._windows, packets.blocks(BLOCK))
        self.blocks = len(self._blocks)
        self._kept: dict[int, list[Encounters]] = {}

    @cached_property
    def _cut(self) -> tuple[Passages, Floats, Floats]:
        """Passages that the beginning or the end cuts, their angles and phases, in order."""
        passages = cut(self.packets)
        part, mean = inside(passages, 0.0, self.packets.end)
        some = part > 0
        passages, part, mean = passages.of(some), part[some], mean[some]
        order = np.argsort(mean, kind="stable")
        return passages.of(order), (passages.theta * part)[order], mean[order]

    def sizes(self) -> Indices:
        counts = [sum(len(part.first) for part in self.block(b)) for b in range(self.blocks)]
        return np.array(counts, np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        if number in self._kept:
            yield from self._kept[number]
            return
        parts = []
        for part in self._made(number):
            parts.append(part)
            yield part
            if not self._keep:
                parts.clear()
        if self._keep:
            self._kept[number] = parts

    def _made(self, number: int) -> Iterator[Encounters]:
        packets, (begin, end) = self.packets, self._blocks[number]
        passages, angles, phases = self._cut
        for a, b in batches(end - begin, packets.blocks(PART)):
            low, high = begin + a, begin + b
            edges = packets.end * (np.arange(low, high + 1) / self._windows)
            found = packets.within(edges, 0.0, packets.end)
            first = 0 if low == 0 else int(np.searchsorted(phases, edges[0]))
            last = len(phases) if high == self._windows else int(np.searchsorted(phases, edges[-1]))
            some = slice(first, last)
            phase = np.concatenate([found.time, phases[some]])
            order = ordered(
                phase,
                *(
                    np.concatenate([x, y[some]])
                    for x, y in zip(found[:3], passages[:3], strict=True)
                ),
            )
            one, two = (
                np.concatenate([x, y[some]])[order]
                for x, y in zip(found[:2], passages[:2], strict=True)
            )
            angle = np.concatenate([found.theta, angles[some]])[order]
            yield encounters(one, two, angle, self._times(phase[order]), 0.0)


def cut(packets: Packets) -> Passages:
    """Passages that the beginning or the end of a run cuts."""
    end = packets.end
    parts = packets.under_way(0.0, 0.0, end), packets.under_way(end, 0.0, end)
    return Passages(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def inside(passages: Passages, begin: float, end: float) -> tuple[Floats, Floats]:
    """The share of every passage between two phases, and its mean phase."""
    from ._packet_kernels import parts_inside

    part, mean = np.empty(len(passages.time)), np.empty(len(passages.time))
    time, rms = np.ascontiguousarray(passages.time), np.ascontiguousarray(passages.rms)
    parts_inside(time, rms, begin, end, part, mean)
    return part, mean


def ordered(phase: Floats, first: Indices, second: Indices, image: Indices) -> NDArray[np.int64]:
    """By phase; equal ones by numbers and images, however they were found."""
    order = np.argsort(phase)
    if (np.diff(phase[order]) > 0).all():
        return order
    x, y, z = image.T
    return np.lexsort((z, y, x, second, first, phase))


def gates(packets: Packets, times: Times, recipe: str) -> Listed:
    """One gate with vacuum inside per passage, as long as the uniform distribution of its rms.

    Raises:
        QnuError: encounters of one neutrino that overlap; more than the memory holds.
    """
    memory.require("vacuum", Words("inside"), int(BYTES_PER_ROW * packets.expected))
    found = packets.touching(0.0, packets.end)
    half = _ROOT_3 * found.rms
    begin, end = np.maximum(found.time - half, 0.0), np.minimum(found.time + half, packets.end)
    some = end > begin
    found, begin, end, half = found.of(some), begin[some], end[some], half[some]
    order = ordered(begin, *found[:3])
    found, begin, end, half = found.of(order), begin[order], end[order], half[order]
    angle = found.theta * (end - begin) / (2 * half)
    start = times(begin)
    late = np.argsort(end)
    stop = np.empty_like(start)
    stop[late] = times(end[late])
    rows = Listed(encounters(found.first, found.second, angle, start, stop - start))
    _one_at_a_time(rows.rows, len(packets), float(stop.max(initial=0.0)))
    rows.recipe = recipe
    return rows


def _one_at_a_time(rows: Encounters, count: int, end: float) -> None:
    from .kernels import first_overlap

    if not len(rows.first):
        return
    slack = max(1e-10 * end, 1e-9 * float(rows.duration.max()))
    k, i = first_overlap(
        rows.first, rows.second, rows.start, rows.duration, np.zeros(1, bool), count, slack
    )
    if k < 0:
        return
    raise QnuError(
        "vacuum",
        Words(f"'inside', where neutrino {i} meets two at once at t = {rows.start[k]:.6g}"),
        "'between', or `slices`: time slices of packets that overlap several at once",
    )


class Slices(OfPackets):
    """All overlaps cut into time slices; in each a Trotter product of order 2.

    Args:
        packets: in phases.
        times: from phases.
        recipe: of the rows, which the number of slices completes.
        edges: ``(slices + 1,)`` phases.
        final_time: of the last one.
        series: whether overlaps are summed over waves; default: of large packets.
    """

    duration = 0.0

    def __init__(
        self,
        packets: Packets,
        times: Times,
        recipe: str,
        phases: Callable[[Floats], Floats],
        slices: int,
        final_time: float,
        series: bool | None = None,
    ) -> None:
        super().__init__(packets, times, f"{recipe}-{slices}")
        self._phases, self._slices, self._final_time = phases, slices, final_time
        self._recipe, self._series = recipe, series
        self._by_waves = packets.large if series is None else series
        count = len(packets)
        pairs = count * (count - 1) / 2
        each = 2 * pairs if self._by_waves else self._rows_of_a_slice()
        self.expected = each * slices
        self._blocks = ranges(slices, max(int(BLOCK / 16 / max(each, 1.0)), 1))
        self.blocks = len(self._blocks)

    def _rows_of_a_slice(self) -> float:
        """About: passages that it cuts and those inside it, forward and backward."""
        packets, width = self.packets, self.packets.end / self._slices
        per_phase, under_way = packets.crossings
        return 2 * (per_phase * width + under_way / 2)

    def finer(self) -> Source:
        return Slices(
            self.packets, self._times, self._recipe, self._phases, 2 * self._slices,
            self._final_time, self._series,
        )  # fmt: skip

    @cached_property
    def _counts(self) -> Indices:
        return np.array([len(self._made(b).first) for b in range(self.blocks)], np.int64)

    def sizes(self) -> Indices:
        return self._counts

    def block(self, number: int) -> Iterator[Encounters]:
        yield self._made(number)

    def _made(self, number: int) -> Encounters:
        a, b = self._blocks[number]
        step = self._final_time / self._slices
        edges = self._phases(np.arange(a, b + 1) * step)
        parts = self._of_waves(edges) if self._by_waves else self._of_images(edges)
        first, second, angle, slices = symmetric(*parts, len(self.packets))
        return encounters(first, second, angle, (a + slices + 0.5) * step, 0.0)

    def _of_waves(self, edges: Floats) -> tuple[Indices, Indices, Indices, Floats]:
        from ._packet_kernels import series_angles

        packets, slices = self.packets, len(edges) - 1
        first, second = np.triu_indices(len(packets), 1)
        angle = np.empty((slices, len(first)))
        series_angles(
            packets.position, packets.velocity, packets.shapes, packets.sides, packets.waves, first,
            second, edges, angle,
        )  # fmt: skip
        number = np.repeat(np.arange(slices), len(first))
        angles = np.maximum(angle.ravel(), 0.0)
        return np.tile(first, slices), np.tile(second, slices), number, angles

    def _of_images(self, edges: Floats) -> tuple[Indices, Indices, Indices, Floats]:
        from ._packet_kernels import slice_parts

        packets = self.packets
        found = packets.touching(float(edges[0]), float(edges[-1]))
        found = found.of(np.lexsort((*found.image.T, found.second, found.first)))
        given = (*(np.ascontiguousarray(x) for x in (found.theta, *found[5:])), packets.length)
        nothing = np.empty(0, np.int64)
        n = int(slice_parts(*given, edges, nothing, nothing, np.empty(0)))
        memory.require("slices", self._slices, BYTES_PER_ROW * n)
        number, passage, angle = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
        slice_parts(*given, edges, number, passage, angle)
        pair = found.first[passage].astype(np.int64) * len(packets) + found.second[passage]
        order = np.lexsort((pair, number))  # images of one pair follow each other
        number, pair, angle = number[order], pair[order], angle[order]
        new = np.flatnonzero((np.diff(number, prepend=-1) != 0) | (np.diff(pair, prepend=-1) != 0))
        if not len(new):
            return nothing, nothing, nothing, np.empty(0)
        first, second = np.divmod(pair[new], len(packets))
        return first, second, number[new], np.add.reduceat(angle, new)


def symmetric(
    first: Indices, second: Indices, slices: Indices, angle: Floats, count: int
) -> tuple[Indices, Indices, Floats, Indices]:
    """Pairs of slices as a Trotter product of order 2, in the order of a tournament.

    In every slice all rounds but the last one with half the angle, the last one with the whole, and
    the others backwards with the other half, as in :func:`qnu.schedules.plane_wave`.

    Args:
        first, second: ``(n,)`` pairs, first < second, each once in a slice.
        slices: ``(n,)`` of which slice.
        angle: ``(n,)`` its whole angle.
        count: N.

    Returns:
        first, second, angle and slice of every row.
    """
    size = count + count % 2
    others = size - 1
    turn = np.where(first == 0, -second, -(first + second) * (size // 2)) % others
    places = [np.where(x == 0, 0, 1 + (x - 1 + turn) % others) for x in (first, second)]
    swap = places[1] < places[0]
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    place = np.minimum(*places)
    last = np.full(int(slices.max(initial=-1)) + 1, -1)
    np.maximum.at(last, slices, turn)
    middle = turn == last[slices]
    back = np.flatnonzero(~middle)
    row = np.concatenate([np.arange(len(first)), back])
    backwards = np.arange(len(row)) >= len(first)
    turns = np.where(backwards, -turn[row], turn[row])
    row = row[np.lexsort((place[row], turns, backwards, slices[row]))]
    half = np.where(middle, 1.0, 0.5)
    return (
        first[row].astype(np.int32), second[row].astype(np.int32), (half * angle)[row], slices[row]
    )  # fmt: skip
