"""Rows of a schedule: runs of encounters, and sources that make them on demand."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..common.checks import Floats, frozen
from ..errors import QnuError
from ..gas import NeutrinoGas

Indices = NDArray[Any]

#: Rows that a source makes at a time, about: they stay in the cache of a core.
PART = 1 << 14
#: Rows of a block of random encounters, about. Schedules that fit into one block are drawn from
#: their seed itself.
BLOCK = 1 << 22
#: Apart from the children that ``SeedSequence.spawn`` numbers from 0.
_BLOCK_KEY = 0x626C6F63
#: Part of every recipe: another number where the same recipe gives other rows.
_RECIPE = 1


class Encounters(NamedTuple):
    """A run of consecutive encounters: plain arrays of one length (``fresh`` may be None)."""

    first: Indices
    second: Indices
    swap_angle: Floats
    start: Floats
    duration: Floats
    fresh: NDArray[np.bool_] | None

    def part(self, a: int, b: int) -> Encounters:
        """Rows a to b, without copies."""
        fresh = None if self.fresh is None else self.fresh[a:b]
        first, second, angle, start, duration = self[:5]
        return Encounters(first[a:b], second[a:b], angle[a:b], start[a:b], duration[a:b], fresh)


def encounters(
    first: Indices,
    second: Indices,
    swap_angle: Floats,
    start: Floats,
    duration: Floats | float,
    fresh: bool = False,
) -> Encounters:
    """Arrays as a run, made read-only; one duration, or all fresh, cost no memory."""
    n = len(first)
    if isinstance(duration, float):
        duration = np.broadcast_to(np.float64(duration), (n,))
    return Encounters(
        frozen(first),
        frozen(second),
        frozen(swap_angle),
        frozen(start),
        frozen(duration),
        np.broadcast_to(np.True_, (n,)) if fresh else None,
    )


def nothing() -> Encounters:
    """No encounters."""
    index, number = np.empty(0, np.int32), np.empty(0)
    return encounters(index, index, number, number, 0.0)


def same(mine: Encounters, theirs: Encounters) -> bool:
    """Whether two runs have the same rows."""
    for a, b in zip(mine, theirs, strict=True):
        if a is None or b is None:
            if a is not b:
                return False
        elif not np.array_equal(a, b):
            return False
    return True


class Source(ABC):
    """Rows of a schedule, made block by block on demand.

    Block b is made without its predecessors, and always the same: where rows are drawn at random,
    block 0 is drawn from the seed itself and block b from the child b of the seed. Where blocks
    begin depends on the arguments of the generator alone, never on how the rows are read. So
    iteration can begin anywhere at the cost of one block.
    """

    #: The duration of every encounter where they are alike, else None.
    duration: float | None = None
    #: Every encounter has a fresh partner, or none has.
    fresh: bool = False
    #: A hash of all that the rows follow from; None: of the rows themselves.
    recipe: str | None = None
    #: How many blocks there are.
    blocks: int = 1
    #: About how many rows there are, where counting them means drawing; else None.
    expected: float | None = None
    #: The neutrino of which every row has a copy as second one; None: there is no such neutrino.
    background: int | None = None
    #: The wave packets that the rows follow from; None: there are none, or they are not known.
    packets: Any = None
    #: Why the rows cannot be drawn; None: they can.
    refusal: QnuError | None = None

    def require(self) -> None:
        """An error where the rows cannot be drawn."""
        if self.refusal is not None:
            raise self.refusal

    @abstractmethod
    def sizes(self) -> Indices:
        """``(blocks,)`` rows of every block."""

    @abstractmethod
    def block(self, number: int) -> Iterator[Encounters]:
        """The rows of one block, in parts of any length."""

    @cached_property
    def offsets(self) -> Indices:
        """``(blocks + 1,)`` rows before every block."""
        return np.concatenate([[0], np.cumsum(self.sizes(), dtype=np.int64)])

    def finer(self) -> Source | None:
        """The same with half the Trotter step; None where there is none, or it is not known."""
        return None

    def runs(self, begin: int, size: int) -> Iterator[Encounters]:
        """The rows from ``begin`` on, in runs of at most ``size``."""
        block = skip = 0
        if begin > 0:  # else nothing needs to be counted
            block = int(np.searchsorted(self.offsets[1:], begin, side="right"))
            skip = begin - int(self.offsets[block])
        for b in range(block, self.blocks):
            for part in self.block(b):
                rows = len(part.first)
                for a in range(skip, rows, size):
                    yield part.part(a, min(a + size, rows))
                skip = max(skip - rows, 0)


class Listed(Source):
    """Rows that are held as arrays: one block."""

    def __init__(self, rows: Encounters) -> None:
        self.rows = rows

    def sizes(self) -> Indices:
        return np.array([len(self.rows.first)])

    def block(self, number: int) -> Iterator[Encounters]:
        del number
        yield self.rows


def child(seed: np.random.SeedSequence, block: int) -> np.random.Generator:
    """The random numbers of a block: the first takes the seed itself."""
    if block:
        key = (*seed.spawn_key, _BLOCK_KEY, block)
        seed = np.random.SeedSequence(seed.entropy, spawn_key=key, pool_size=seed.pool_size)
    return np.random.default_rng(seed)


def ranges(total: int, each: int) -> list[tuple[int, int]]:
    """``(begin, end)`` of pieces of at most ``each`` that make up ``total``."""
    return [(a, min(a + each, total)) for a in range(0, total, each)]


def recipe(
    kind: str, gas: NeutrinoGas, seed: np.random.SeedSequence | None = None, **settings: Any
) -> str:
    """A hash of the arguments of a generator from which, with the settings, the rows follow.

    Of the gas only the velocities and the number of neutrinos matter for the encounters.
    """
    velocity = b"right-angle" if gas.velocity is None else np.ascontiguousarray(gas.velocity).data
    drawn = None if seed is None else (str(seed.entropy), list(seed.spawn_key), seed.pool_size)
    content = {"format": _RECIPE, "kind": kind, "seed": drawn, **settings}
    digest = hashlib.sha256(velocity)
    digest.update(json.dumps(content, sort_keys=True).encode())
    return digest.hexdigest()
