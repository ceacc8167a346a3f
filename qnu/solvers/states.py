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
from ..engine import statevector, streaming
from ..engine.statevector import gates, resources, sampling
from ..engine.statevector.fused import Done, aligned
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

    def flip_overlap(self) -> complex:
        """``<psi| sigma_y^{x N} |psi*>`` up to a phase."""

    def product_overlap(self, spinors: NDArray[Any]) -> complex:
        """``<phi|psi>`` with a product state of spinors ``(N, 2)``."""

    def expanded(self) -> NDArray[Any]:
        """All ``2^N`` amplitudes, as a copy."""


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

    def flip_overlap(self) -> complex:
        return resources.flip_overlap(self.amplitudes)

    def product_overlap(self, spinors: NDArray[Any]) -> complex:
        return resources.product_overlap(self.amplitudes, spinors)

    def expanded(self) -> NDArray[Any]:
        copy = aligned(self.amplitudes.size, self.amplitudes.dtype)
        copy[:] = self.amplitudes
        return copy


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

    def flip_overlap(self) -> complex:
        return sectors.flip_overlap(self.amplitudes, self.sector)

    def product_overlap(self, spinors: NDArray[Any]) -> complex:
        return sectors.product_overlap(self.amplitudes, spinors, self.sector)

    def expanded(self) -> NDArray[Any]:
        every = aligned(1 << self.sector.count, self.amplitudes.dtype)
        every[:] = 0
        for ranks, some in sectors.configurations(self.sector):
            every[some] = self.amplitudes[ranks]
        return every


def turned(state: State, rotations: Floats, local: NDArray[Any] | None = None) -> NDArray[Any]:
    """All ``2^N`` amplitudes, as a copy, with rotations ``(N, 4)`` of single neutrinos applied.

    Up to a global phase; then, where they are given, unitaries ``(2, 2)`` or ``(N, 2, 2)``.
    """
    amplitudes = state.expanded()
    if local is None and not rotations[:, 1:3].any():  # about z: phases, in one pass
        w, z = rotations[:, 0], rotations[:, 3]
        gates.settle(amplitudes, (w + 1j * z) / (w - 1j * z))
        return amplitudes
    unitaries = streaming.quaternion_unitaries(rotations)
    if local is not None:
        unitaries = local @ unitaries
    gates.apply_local(amplitudes, np.arange(len(rotations)), unitaries)
    return amplitudes


def initial_overlap(gas: NeutrinoGas, state: State, rotations: Floats) -> complex:
    r""":math:`\langle\psi(0)|\psi\rangle` up to a phase: the product state turned back instead."""
    undone = streaming.quaternion_unitaries(rotations).conj().swapaxes(-1, -2)
    spinors = statevector.spinors(gas.polarization)
    return state.product_overlap(np.einsum("nij,nj->ni", undone, spinors))


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
    if "stabilizer_renyi_entropy" in observables:  # copies of the whole state, in two precisions
        need += 3 * 16 * 2**count + resources.moments_need(count)
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
