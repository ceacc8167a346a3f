"""Rows of schedules that consist of rounds, each a t_int long."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..common.checks import Floats
from ..gas import NeutrinoGas
from .clock import Clock, swap_angles
from .rows import BLOCK, PART, Encounters, Indices, Source, encounters, ranges


class Rounds(Source):
    """Round r has the pairs ``pairs(r)``: blocks of whole rounds, of 2^22 rows at most."""

    def __init__(
        self,
        gas: NeutrinoGas,
        gamma: float,
        pairs: Callable[[int], Indices],
        sizes: list[int],
        clock: Clock,
        inside: bool,
        recipe: str,
    ) -> None:
        self._gas, self._gamma, self._clock, self._inside = gas, gamma, clock, inside
        self._pairs, self._sizes = pairs, np.array(sizes)
        self._at_once = max(PART // max(sizes), 1)
        self._blocks = ranges(len(sizes), max(BLOCK // max(sizes), 1))
        self.blocks = len(self._blocks)
        self.duration = clock.step(gamma) if inside else 0.0
        self.recipe = recipe

    def sizes(self) -> Indices:
        return np.array([self._sizes[a:b].sum() for a, b in self._blocks], np.int64)

    def block(self, number: int) -> Iterator[Encounters]:
        begin, end = self._blocks[number]
        for a, b in ranges(end - begin, self._at_once):
            yield self._played(begin + a, begin + b)

    def _played(self, a: int, b: int) -> Encounters:
        sizes = self._sizes[a:b]
        pairs = np.concatenate([self._pairs(r) for r in range(a, b)]).astype(np.int32)
        first, second = np.ascontiguousarray(pairs.T)
        angle = swap_angles(self._gas, first, second, self._gamma)
        length: Floats | float = 0.0
        if self._inside:
            bounds = self._clock.times(self._gamma * np.arange(a, b + 1))
            start = bounds[:-1]
            length = np.repeat(np.diff(bounds), sizes) if self.duration is None else self.duration
        else:
            start = self._clock.times(self._gamma * (np.arange(a, b) + 0.5))
        return encounters(first, second, angle, np.repeat(start, sizes), length)
