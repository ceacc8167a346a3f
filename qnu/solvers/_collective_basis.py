"""Beams of neutrinos as big spins: which product states there are, and the state at the start."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..common.checks import Floats
from ..errors import QnuError, Words
from ..gas import NeutrinoGas
from ..profiles import Profile
from ..schedules.match import NO_WEIGHTS
from ._partners import ALIKE

Complexes = NDArray[np.complex128]
Integers = NDArray[np.int64]

#: Probability of values of J^z that are left out, in all: amplitudes of 1e-16.
LEFT_OUT = 1e-32
#: Blocks of one total are done one by one: better, even if they take so much more room.
_WORTH = 3
#: Vectors of doubles that a run holds, beside one for each diagonal: the state, two polynomials,
#: their sum and a coarse step (two each), parts of the diagonal, and what is made on the way.
_VECTORS = 22
_ALLOWED = (
    "groups whose neutrinos share one polarization, one omega and one `direction` (or velocities"
)
ALLOWED = _ALLOWED + " 'right-angle')"


# -- the beams -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Beams:
    """What a big spin needs to know of the neutrinos of a group, in the order of the groups.

    Args:
        count: ``(beams,)`` neutrinos of each.
        omega: ``(beams,)``.
        polarization: ``(beams, 3)`` unit vectors.
        coupling: ``(beams, beams)`` u = 1 - v.v'; the diagonal has no effect where the
            coupling is isotropic.
        mixing_angle: theta_mix in radians.
    """

    count: Integers
    omega: Floats
    polarization: Floats
    coupling: Floats
    mixing_angle: float

    @classmethod
    def of(cls, gas: NeutrinoGas) -> Beams:
        """The groups of a gas.

        Raises:
            QnuError: neutrinos of a group that are not alike, mixed states, weights.
        """
        gas.require_pure("collective")
        if gas.weight is not None:
            group = int(np.argmax(gas.group_weights != 1))
            found = f"weight = {gas.group_weights[group]:g} in group {gas.group_names[group]!r}"
            raise QnuError("gas", Words(found), NO_WEIGHTS)
        first = np.array([members[0] for members in gas.members])
        kinds: list[tuple[str, Any]] = [
            ("polarizations", gas.polarization),
            ("frequencies omega", gas.omega[:, None]),
            ("velocities", gas.velocity),
        ]
        for what, values in kinds:
            if values is None:
                continue
            apart = abs(values - values[first][gas.group]).max(axis=1)
            if apart.max() > ALIKE:
                name = gas.group_names[int(gas.group[int(np.argmax(apart > ALIKE))])]
                raise QnuError("gas", Words(f"{what} that differ in group {name!r}"), ALLOWED)
        start = gas.polarization[first]
        return cls(
            gas.counts,
            gas.omega[first],
            start / np.linalg.norm(start, axis=1, keepdims=True),
            gas.one_minus_cos(first[:, None], first),
            gas.mixing_angle,
        )

    def conserve_z(self, matter: Profile) -> bool:
        """Whether the sum of all J^z is conserved: no matter, or L along B."""
        return profiles.is_zero(matter) or np.sin(2 * self.mixing_angle) == 0.0

    @property
    def words(self) -> str:
        """Such as "beams of 60, 60 and 60"."""
        sizes = [str(n) for n in self.count]
        if len(sizes) == 1:
            return f"a beam of {sizes[0]}"
        if len(sizes) > 8:
            return f"{len(sizes)} beams of {int(self.count.sum())} neutrinos"
        return f"beams of {', '.join(sizes[:-1])} and {sizes[-1]}"


def coherent(count: int, vector: Floats) -> Complexes:
    r"""``(count + 1,)``: all neutrinos of a beam along one vector, by how many are up, k.

    :math:`\sqrt{\binom nk}\,\cos^k(\theta/2)\,[e^{i\varphi}\sin(\theta/2)]^{n-k}`; from the largest
    one to both sides, so that nothing overflows and no logarithm of a factorial rounds.
    """
    x, y, z = vector
    half, azimuth = np.arctan2(np.hypot(x, y), z) / 2, np.arctan2(y, x)
    cos, sin = np.cos(half), np.sin(half)
    size = np.zeros(count + 1)
    peak = min(round(count * cos**2), count)
    if x == 0 and y == 0:
        cos, sin, peak = (1.0, 0.0, count) if z > 0 else (0.0, 1.0, 0)
    k = np.arange(count)
    size[peak] = 1.0
    with np.errstate(under="ignore"):
        if cos > 0:
            below = np.sqrt((k[:peak] + 1) / (count - k[:peak])) * (sin / cos)
            size[:peak] = np.cumprod(below[::-1])[::-1]
        if sin > 0:
            above = np.sqrt((count - k[peak:]) / (k[peak:] + 1)) * (cos / sin)
            size[peak + 1 :] = np.cumprod(above)
    size /= np.linalg.norm(size)
    result: Complexes = size * np.exp(1j * azimuth * (count - np.arange(count + 1)))
    return result


# -- product states --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Basis:
    """Product states of the beams: numbers k_g of neutrinos that are up.

    Two layouts of one kind. State i has ``lowest[g] + (i // strides[g]) % sizes[g]`` in all beams
    but the last; what its first axis counts, from ``base`` on, is the number in the last beam, or
    with ``totals`` that in all beams together. Without matter the total is conserved, and only
    totals that the start has are kept.

    Args:
        count: ``(beams,)`` neutrinos, the largest beam last.
        totals: what the first axis is.
        base, blocks: its first value and how many there are.
        lowest, sizes: ``(beams - 1,)`` values of the other axes.
        left_out: probability of the totals that the start has and the basis has not.
    """

    count: Integers
    totals: bool
    base: int
    blocks: int
    lowest: Integers
    sizes: Integers
    left_out: float = 0.0

    @classmethod
    def of(cls, count: Integers, start: list[Complexes], conserved: bool) -> Basis:
        """The layout for a start, given by the amplitudes of every beam."""
        inner = count[:-1]
        every = cls(count, False, 0, int(count[-1]) + 1, np.zeros_like(inner), inner + 1)
        if not conserved:
            return every
        low, high, left_out = _occupied(start)
        lowest = np.maximum(low - (count.sum() - inner), 0)
        sizes = np.minimum(inner, high) - lowest + 1
        some = cls(count, True, low, high - low + 1, lowest, sizes, left_out)
        return some if some.states <= _WORTH * every.states else every

    @cached_property
    def strides(self) -> Integers:
        """``(beams,)``: of the axes of the beams, and of the first axis."""
        return np.array([_product(self.sizes[:g]) for g in range(len(self.count))], np.int64)

    @cached_property
    def rises(self) -> Integers:
        """``(beams,)``: how far the state with one more neutrino up in a beam is."""
        result = self.strides.copy()
        if self.totals:
            result[:-1] += result[-1]
        return result

    @property
    def states(self) -> int:
        """How many; those that are not possible (of totals) included."""
        return _product(self.sizes) * self.blocks

    def bytes_needed(self, matter: bool) -> int:
        """Of a whole run."""
        beams = len(self.count)
        diagonals = beams * (beams - 1) // 2 + (beams if matter else 0)
        return 8 * self.states * (diagonals + _VECTORS)

    def ups(self) -> list[Integers]:
        """k of every state, beam by beam."""
        index = np.arange(self.states)
        found = [
            low + index // stride % size
            for low, stride, size in zip(self.lowest, self.strides, self.sizes, strict=False)
        ]
        last = self.base + index // self.strides[-1]
        if self.totals:
            for up in found:
                last = last - up
        return [*found, last]

    def possible(self, last: Integers) -> NDArray[np.bool_]:
        """Which states there are, from the numbers in the last beam."""
        result: NDArray[np.bool_] = (last >= 0) & (last <= self.count[-1])
        return result

    def edges(self, possible: NDArray[np.bool_]) -> Integers:
        """``(blocks, 2)``: where the possible states of every total begin and end."""
        if not self.totals:
            return np.array([[0, self.states]])
        block = self.states // self.blocks
        rows = possible.reshape(self.blocks, block)
        found = np.stack([rows.argmax(axis=1), block - rows[:, ::-1].argmax(axis=1)], axis=1)
        result: Integers = found + block * np.arange(self.blocks)[:, None]
        return result

    def start(self, amplitudes: list[Complexes]) -> Floats:
        """``(2, states)``: the product of the states of all beams."""
        ups = self.ups()
        here = self.possible(ups[-1])
        state = np.where(here, 1.0 + 0j, 0.0)
        for k, amplitude in zip(ups, amplitudes, strict=True):
            state *= amplitude[np.where(here, k, 0)]
        return np.ascontiguousarray(np.stack([state.real, state.imag]))

    def tensor(self, state: Floats) -> Complexes:
        """``(n_1 + 1, n_2 + 1, ...)``: the amplitudes of all products."""
        ups = self.ups()
        here = self.possible(ups[-1])
        result = np.zeros(tuple(self.count + 1), np.complex128)
        result[tuple(k[here] for k in ups)] = state[0, here] + 1j * state[1, here]
        return result


def _product(sizes: Integers) -> int:
    """In Python's numbers: a product of many beams does not overflow."""
    result = 1
    for size in sizes:
        result *= int(size)
    return result


def _occupied(start: list[Complexes]) -> tuple[int, int, float]:
    """The smallest and the largest total that the start has, and what is beyond."""
    low, likely = 0, np.ones(1)
    for amplitudes in start:
        probability = abs(amplitudes) ** 2
        some = np.flatnonzero(probability > 0)
        low += int(some[0])
        likely = np.convolve(likely, probability[some[0] : some[-1] + 1])
    below, above = np.cumsum(likely), np.cumsum(likely[::-1])[::-1]
    first = int(np.searchsorted(below, LEFT_OUT / 2, side="right"))
    last = int(np.flatnonzero(above > LEFT_OUT / 2)[-1])
    left_out = (below[first - 1] if first else 0.0) + (above[last + 1 :][:1].sum())
    return low + first, low + last, float(left_out)
