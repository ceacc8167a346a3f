"""A many-body state in one of two forms: all 2^N amplitudes, or those of one weight sector.

Both are changed in place by the same blocks and read out by the same functions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..common import memory
from ..common.checks import Floats
from ..engine import sector as sectors
from ..engine import statevector
from ..engine.statevector import sampling
from ..engine.statevector.fused import Done
from ..gas import NeutrinoGas
from ..observables import OF_COUPLINGS, OF_PAIRS, OF_STATE


class State(Protocol):
    """What the solvers use of a state."""

    @property
    def amplitudes(self) -> NDArray[Any]:
        """Changed in place."""

    def blocks(self, first: Any, second: Any, blocks: Any, skip: int) -> Iterator[Done]:
        """Encounters in vacuum, step by step."""

    def gates(self, first: Any, second: Any, gates: Any, skip: int) -> Iterator[Done]:
        """Any two-qubit gates, step by step."""

    def polarizations(self) -> Floats:
        """``(N, 3)``."""

    def pair_density(self, i: int, j: int) -> NDArray[Any]:
        """``(4, 4)`` as (i) x (j)."""

    def pair_densities(self) -> NDArray[Any]:
        """``(N, N, 4, 4)``, i < j."""

    def entropy(self, part: Sequence[int]) -> float:
        """Entropy in bits of some neutrinos with the rest."""

    def draw(self, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Basis states as bit patterns."""


@dataclass(frozen=True, eq=False)
class Full:
    """``2^N`` amplitudes, neutrino k is bit k."""

    amplitudes: NDArray[Any]
    count: int

    def blocks(self, first: Any, second: Any, blocks: Any, skip: int) -> Iterator[Done]:
        return statevector.steps(self.amplitudes, first, second, blocks, skip)

    def gates(self, first: Any, second: Any, gates: Any, skip: int) -> Iterator[Done]:
        return statevector.steps(self.amplitudes, first, second, gates, skip)

    def polarizations(self) -> Floats:
        return statevector.polarizations(self.amplitudes, self.count)

    def pair_density(self, i: int, j: int) -> NDArray[Any]:
        return statevector.pair_density(self.amplitudes, i, j)

    def pair_densities(self) -> NDArray[Any]:
        return statevector.pair_densities(self.amplitudes, self.count)

    def entropy(self, part: Sequence[int]) -> float:
        return statevector.bipartition_entropy(self.amplitudes, part)

    def draw(self, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return sampling.draw(self.amplitudes, shots, rng)


@dataclass(frozen=True, eq=False)
class InSector:
    """``C(N, k)`` amplitudes: k of the neutrinos are nu_2, now and always."""

    amplitudes: NDArray[Any]
    sector: sectors.Sector

    def blocks(self, first: Any, second: Any, blocks: Any, skip: int) -> Iterator[Done]:
        return sectors.steps(self.amplitudes, first, second, blocks, self.sector, skip)

    def gates(self, first: Any, second: Any, gates: Any, skip: int) -> Iterator[Done]:
        raise NotImplementedError("gates that do not conserve sigma_z leave the sector")

    def polarizations(self) -> Floats:
        return sectors.polarizations(self.amplitudes, self.sector)

    def pair_density(self, i: int, j: int) -> NDArray[Any]:
        low, high = min(i, j), max(i, j)
        density: NDArray[Any] = self.pair_densities()[low, high]
        swapped = [0, 2, 1, 3]
        return density if i == low else density[np.ix_(swapped, swapped)]

    def pair_densities(self) -> NDArray[Any]:
        return sectors.pair_densities(self.amplitudes, self.sector)

    def entropy(self, part: Sequence[int]) -> float:
        return sectors.bipartition_entropy(self.amplitudes, part, self.sector)

    def draw(self, shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return sectors.draw(self.amplitudes, shots, rng, self.sector)


def sector_of(gas: NeutrinoGas, vacuum: bool) -> sectors.Sector | None:
    """The sector a gas stays in, if it starts in mass eigenstates and there is no matter."""
    weight = sectors.weight_of(gas.polarization) if vacuum else None
    if weight is None or len(gas) > sectors.MOST:
        return None
    return sectors.Sector(len(gas), weight)


def memory_need(gas: NeutrinoGas, vacuum: bool, dtype: Any) -> int:
    """Bytes of the amplitudes."""
    sector = sector_of(gas, vacuum)
    amplitudes = 2 ** len(gas) if sector is None else sector.dimension
    return int(np.dtype(dtype).itemsize) * amplitudes


def read_out_need(gas: NeutrinoGas, vacuum: bool, samples: int, observables: Sequence[str]) -> int:
    """Bytes of pair density matrices and of the largest matrix an entropy takes."""
    count, sector, need = len(gas), sector_of(gas, vacuum), 0
    if set(observables) & set(OF_PAIRS):
        need += 256 * samples * count**2
    if set(observables) & set(OF_COUPLINGS):  # the pairs of one sample at a time
        need += 3 * 256 * count**2
    if set(observables) & set(OF_STATE):
        part = count // 2
        rows = 2**part if sector is None else math.comb(part, part // 2)
        need += (16 if sector is None else 48) * rows**2
    return need


def initial(gas: NeutrinoGas, vacuum: bool, dtype: Any) -> State:
    """The product state of a gas; mass eigenstates without matter stay in one sector.

    Raises:
        QnuError: more amplitudes than the memory holds.
    """
    count, sector = len(gas), sector_of(gas, vacuum)
    memory.require("neutrinos", count, memory_need(gas, vacuum, dtype))
    if sector is not None:
        return InSector(sector.basis_state(gas.polarization[:, 2] < 0, dtype), sector)
    spinors = statevector.spinors(gas.polarization)
    return Full(statevector.product_state(spinors, dtype), count)
