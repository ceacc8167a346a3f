"""Weight sectors: the configurations of N bits with k ones, numbered without gaps.

In numeric order the number of a configuration with ones at ``c_1 < c_2 < ... < c_k`` is
``sum_j C(c_j, j)`` (the combinatorial number system). A sum over bits: so any part of the bits
contributes a term of its own, which depends on the rest only by the number of ones below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...common import memory
from ...common.checks import frozen, integer
from ...common.jit import njit
from ...errors import QnuError

Integers = NDArray[np.int64]

#: Bit patterns and ranks are int64: C(62, 31) still fits, and so do all sums on the way.
MOST = 62
#: Bits of the lowest part, which lie side by side in memory: runs of up to C(9, 4) = 126.
BASE = 9
#: Bits that one table of offsets covers.
_PART = 13


def _binomials() -> Integers:
    table = np.zeros((MOST + 2, MOST + 2), np.int64)
    table[:, 0] = 1
    for n in range(1, MOST + 2):
        table[n, 1:] = table[n - 1, 1:] + table[n - 1, :-1]
    return frozen(table)


#: ``BINOMIAL[n, k] = C(n, k)``, 0 for k > n.
BINOMIAL = _binomials()


def partial_ranks(patterns: NDArray[Any], bits: int, shift: int, below: Any) -> Integers:
    """``sum_j C(shift + c_j, below + j)`` for patterns of ``bits`` bits with ones at c_j."""
    ones: Integers = np.zeros_like(patterns) + below
    rank: Integers = np.zeros_like(ones)
    for bit in range(bits):
        here = (patterns >> bit) & 1
        ones += here
        rank += here * BINOMIAL[shift + bit, ones]
    return rank


@njit(inline="always")
def offset(pattern, below, tables, ones, bits):
    """Rank of the first configuration with the given upper bits and ``below`` ones beneath."""
    rank, mask = 0, (1 << bits) - 1
    for part in range(tables.shape[0]):
        here = (pattern >> (part * bits)) & mask
        rank += tables[part, below, here]
        below += ones[here]
    return rank


@dataclass(frozen=True)
class Sector:
    r"""All configurations of ``count`` bits of which ``weight`` are 1: C(count, weight) of them.

    Bit n of a configuration is neutrino n, 1 for :math:`|1\rangle` (mass state 2). Amplitudes are
    in the numeric order of their configurations.

    Attributes:
        count: N, at most 62.
        weight: k, the number of ones.

    Examples:
        >>> sector = Sector(4, 2)
        >>> sector.dimension, sector.unrank([0, 1, 5]), sector.rank([0b0011, 0b1100])
        (6, array([ 3,  5, 12]), array([0, 5]))
    """

    count: int
    weight: int

    def __post_init__(self) -> None:
        count = integer("count", self.count, low=1, high=MOST)
        object.__setattr__(self, "count", count)
        weight = integer("weight", self.weight, low=0, high=count)
        object.__setattr__(self, "weight", weight)

    @property
    def dimension(self) -> int:
        """``C(N, k)``."""
        return int(BINOMIAL[self.count, self.weight])

    def memory(self, dtype: Any = np.complex128) -> int:
        """Bytes of a vector."""
        return self.dimension * int(np.dtype(dtype).itemsize)

    def rank(self, configurations: ArrayLike) -> Integers:
        r""":math:`\sum_j \binom{c_j}{j}`: the place of each configuration in a vector.

        Raises:
            QnuError: a configuration that is not in the sector.
        """
        patterns = np.asarray(configurations, np.int64)
        ones = np.bitwise_count(patterns.astype(np.uint64))
        wrong = (patterns < 0) | (patterns >> self.count != 0) | (ones != self.weight)
        if wrong.any():
            allowed = f"patterns of {self.count} bits, {self.weight} of them 1"
            raise QnuError("configurations", bin(patterns[wrong].flat[0]), allowed)
        return partial_ranks(patterns, self.count, 0, 0)

    def unrank(self, ranks: ArrayLike) -> Integers:
        r"""The inverse of :meth:`rank`: the highest :math:`\binom ck \le` rank first, then the
        rest.

        Raises:
            QnuError: a rank below 0 or not below the dimension.
        """
        rest = np.array(ranks, np.int64)
        wrong = (rest < 0) | (rest >= self.dimension)
        if wrong.any():
            allowed = f"whole numbers from 0 to {self.dimension - 1}"
            raise QnuError("ranks", int(rest[wrong].flat[0]), allowed)
        ones = np.full_like(rest, self.weight)
        pattern = np.zeros_like(rest)
        for bit in range(self.count - 1, -1, -1):
            size = BINOMIAL[bit, ones]
            here = (ones > 0) & (rest >= size)
            pattern |= here.astype(np.int64) << bit
            rest -= np.where(here, size, 0)
            ones -= here
        return pattern

    def basis_state(self, bits: ArrayLike, dtype: Any = np.complex128) -> NDArray[Any]:
        r""":math:`|b_{N-1} \ldots b_1 b_0\rangle` as a vector of :math:`\binom Nk` amplitudes.

        Raises:
            QnuError: bits that are not in the sector, a vector larger than the memory.
        """
        digits = np.asarray(bits)
        if digits.shape != (self.count,) or not np.isin(digits, (0, 1)).all():
            raise QnuError("bits", bits, f"{self.count} numbers, each 0 or 1")
        place = self.rank(int(sum(int(bit) << n for n, bit in enumerate(digits))))
        memory.require("neutrinos", self.count, self.memory(dtype))
        # zeros: the system hands out pages when they are first written, not all at once here
        state = np.zeros(self.dimension, dtype)
        state[place] = 1
        return state

    @property
    def base(self) -> int:
        """Bits of the lowest part."""
        return min(BASE, (self.count + 1) // 2)

    @property
    def part(self) -> int:
        """Bits that one table of :attr:`tables` covers."""
        upper = self.count - self.base
        return -(-upper // max(-(-upper // _PART), 1))

    @cached_property
    def tables(self) -> Integers:
        """``(parts, k + 1, 2^part)``: what upper bits add to the rank."""
        patterns = np.arange(1 << self.part)
        parts = -(-(self.count - self.base) // max(self.part, 1))
        tables = np.zeros((parts, self.weight + 1, len(patterns)), np.int64)
        for part in range(parts):
            shift = self.base + part * self.part
            for below in range(self.weight + 1):
                # bits beyond the highest are never set; more ones than the weight never occur
                bits = min(self.part, self.count - shift)
                some = patterns[: 1 << min(bits, self.part)]
                fits = np.bitwise_count(some) + below <= self.weight
                tables[part, below, some[fits]] = partial_ranks(some[fits], bits, shift, below)
        return frozen(tables)

    @cached_property
    def ones(self) -> NDArray[np.int8]:
        """``(2^part,)``: how many bits of a pattern are 1."""
        return frozen(np.bitwise_count(np.arange(1 << self.part)).astype(np.int8))


def weight_of(polarization: ArrayLike) -> int | None:
    r"""The number k of :math:`z_i = -1` where every :math:`\mathbf P_i = (0, 0, \pm1)`; else None.

    A gas that starts in mass eigenstates has a definite number of :math:`|1\rangle`; vacuum and
    encounters keep it. Exactly: an angle of 1e-9 already reaches into other sectors.

    Examples:
        >>> weight_of([[0, 0, 1], [0, 0, -1], [0, 0, -1]]), weight_of([[0, 0, 1], [1, 0, 0]])
        (2, None)
    """
    x, y, z = np.asarray(polarization, np.float64).T
    if x.any() or y.any() or not (np.abs(z) == 1).all():
        return None
    return int((z < 0).sum())
