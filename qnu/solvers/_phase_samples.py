"""Samples of a gas of classical spins in memory, and the means over them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..common import memory
from ..common.checks import Floats
from ..common.jit import get_num_threads
from ..engine import phase_space as engine
from ..gas import NeutrinoGas

#: Bytes of samples that are followed through the schedule at a time, about.
_AT_ONCE = 1 << 29
_PAIRS = engine.LANES // 2


@dataclass(frozen=True, eq=False)
class Tiles:
    """Some tiles of samples, each with random numbers of its own.

    Tile k draws from child k of the seed, so that neither threads nor the number of tiles in
    memory change a number.
    """

    gas: NeutrinoGas
    numbers: range
    of: int  # tiles in all
    seed: int
    pool: ThreadPoolExecutor | None
    frames: Floats = field(init=False)
    keys: list[np.uint64] = field(init=False)
    states: NDArray[Any] = field(init=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        set_(self, "frames", frames(self.gas))
        children = [np.random.SeedSequence(self.seed, spawn_key=(k,)) for k in self.numbers]
        set_(self, "keys", [child.generate_state(1, np.uint64)[0] for child in children])
        shape = (len(self.numbers), len(self.gas), engine.ROW)
        set_(self, "states", np.empty(shape))
        self.each(lambda k: engine.draw(self.states[k], self.keys[k], self.frames))

    def each(self, work: Callable[[int], Any]) -> list[Any]:
        """``work(k)`` for every tile, in threads; the results in order."""
        places = range(len(self.numbers))
        if self.pool is None:
            return [work(k) for k in places]
        return list(self.pool.map(work, places))


def tiles(gas: NeutrinoGas, samples: int, seed: int) -> Iterator[Tiles]:
    """All samples, as many at a time as fit into half a GiB, or one tile per thread."""
    count = -(-samples // engine.LANES)
    threads, each = get_num_threads(), 8 * engine.ROW * len(gas)
    at_once = min(max(_AT_ONCE // each, threads), count)
    need = at_once * each
    memory.require("samples", f"{samples} of {len(gas)} neutrinos", need)
    threads = min(threads, at_once)
    pool = ThreadPoolExecutor(threads, "qnu-samples") if threads > 1 else None
    with contextlib.nullcontext() if pool is None else pool:
        for begin in range(0, count, at_once):
            yield Tiles(gas, range(begin, min(begin + at_once, count)), count, seed, pool)


def frames(gas: NeutrinoGas) -> Floats:
    """``(N, 10)``: n, e_1, e_2 and |P| of every neutrino; e_2 is at right angles to B.

    So a turn of the gas about B turns all samples.
    """
    length = np.linalg.norm(gas.polarization, axis=1)
    n = gas.polarization / np.where(length > 0, length, 1.0)[:, None]
    n[length == 0] = [0.0, 0.0, 1.0]
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    across = np.hypot(n[:, 0], n[:, 1])
    steep = across > 1e-12
    second = np.tile([0.0, 1.0, 0.0], (len(gas), 1))
    second[steep] = np.stack([-n[:, 1], n[:, 0], 0 * across], axis=1)[steep]
    second[steep] /= across[steep, None]
    first = np.cross(second, n)
    result: Floats = np.concatenate([n, first, second, np.minimum(length, 1.0)[:, None]], axis=1)
    return result


class Means:
    """The mean over pairs of samples at every sample time, of neutrinos and of groups.

    Args:
        gas: the gas.
        times: how many sample times.
        samples: an even number.
    """

    def __init__(self, gas: NeutrinoGas, times: int, samples: int) -> None:
        assert gas.group is not None
        self.group = np.array(gas.group, np.int64)
        self.pairs = samples // 2
        # mean and squares about it
        self.single: Floats = np.zeros((2, times, len(gas), 3))
        self.groups: Floats = np.zeros((2, times, len(gas.group_names), 3))

    def take(self, some: Tiles, sample: int, turns: Floats, how: int) -> None:
        """One sample time of some tiles, after a last turn of every neutrino."""

        def moments(k: int) -> tuple[int, Floats, Floats]:
            live = min(self.pairs - some.numbers[k] * _PAIRS, _PAIRS)
            single = np.empty((2, *self.single.shape[2:]))
            groups = np.empty((2, *self.groups.shape[2:]))
            engine.moments(some.states[k], turns, how, self.group, live, single, groups)
            return live, single, groups

        found = some.each(moments)
        for number, (live, single, groups) in zip(some.numbers, found, strict=True):
            before = number * _PAIRS
            _join(self.single[:, sample], before, single, live)
            _join(self.groups[:, sample], before, groups, live)

    @property
    def polarization(self) -> Floats:
        """``(time, N, 3)``."""
        mean: Floats = self.single[0]
        return mean

    def error(self) -> Floats:
        """``(time, N, 3)`` standard errors of the mean over samples."""
        return self._error(self.single[1])

    def group_error(self) -> Floats:
        """``(time, groups, 3)``: of the mean of every group."""
        return self._error(self.groups[1])

    def _error(self, squares: Floats) -> Floats:
        result: Floats = np.sqrt(squares / (self.pairs - 1) / self.pairs)
        return result


def _join(whole: Floats, before: int, part: Floats, new: int) -> None:
    """Mean and squares of ``before`` pairs and of ``new`` ones as those of all."""
    apart = part[0] - whole[0]
    total = before + new
    whole[0] += apart * (new / total)
    whole[1] += part[1] + apart**2 * (before * new / total)
