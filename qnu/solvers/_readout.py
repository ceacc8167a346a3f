"""What is read out of a many-body state at every sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .. import encounter, profiles
from ..common.checks import Floats
from ..engine import statevector, streaming
from ..flavor import fields
from ..gas import NeutrinoGas
from ..observables import (
    OF_COUPLINGS,
    OF_PAIRS,
    OF_RESOURCES,
    OF_STATE,
    connected_correlations,
    plane_wave_couplings,
)
from ..observables.collision import collision_of_pairs
from ..observables.resources import renyi_entropy_of
from ..schedules import EncounterSchedule
from . import states
from ._evolution import Sample


@dataclass(frozen=True, eq=False)
class Readout:
    """Arrays over the samples, filled one by one; those that are not requested are empty."""

    polarization: Floats
    norm: Floats
    pairs: NDArray[np.complex128]
    half_chain: Floats
    energy: Floats
    trotter_error: Floats
    collision: Floats  # over mu
    n_tangle: Floats
    stabilizer_renyi_entropy: Floats
    loschmidt_echo: Floats

    @classmethod
    def empty(
        cls, gas: NeutrinoGas, samples: int, observables: Sequence[str], schedule: EncounterSchedule
    ) -> Readout:
        count = len(gas)
        of_pairs = set(observables) & set(OF_PAIRS)
        of_couplings = set(observables) & set(OF_COUPLINGS)
        return cls(
            np.empty((samples, count, 3)),
            np.empty(samples),
            np.zeros((samples, count, count, 4, 4) if of_pairs else (0,), np.complex128),
            np.empty(samples if set(observables) & set(OF_STATE) else 0),
            np.zeros(samples if has_energy(schedule) else 0),
            np.zeros((samples, count) if schedule.trotter is not None else (0,)),
            np.zeros((samples, count, 3) if of_couplings else (0,)),
            *(np.empty(samples if name in observables else 0) for name in OF_RESOURCES),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything, by name: for a checkpoint."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def record(self, gas: NeutrinoGas, schedule: EncounterSchedule, sample: Sample) -> None:
        """Read one sample out."""
        k, state, rotations = sample
        self.norm[k] = statevector.norm(state.amplitudes)
        self.polarization[k] = streaming.turn_vectors(rotations, state.polarizations())
        if self.pairs.size:
            self.pairs[k] = state.pair_densities()
        if self.collision.size:
            i, j = np.triu_indices(len(gas), 1)
            pairs = self.pairs[k] if self.pairs.size else state.pair_densities()
            turned = turn_correlations(rotations, connected_correlations(pairs[i, j]))
            self.collision[k] = collision_of_pairs(turned, plane_wave_couplings(gas))
        if self.half_chain.size:
            self.half_chain[k] = state.entropy(range(len(gas) // 2))
        if self.n_tangle.size:
            self.n_tangle[k] = abs(state.flip_overlap()) ** 2 / self.norm[k] ** 2
        if self.stabilizer_renyi_entropy.size:
            whole = states.turned(state, rotations) / np.sqrt(self.norm[k])
            self.stabilizer_renyi_entropy[k] = renyi_entropy_of(whole.astype(np.complex128))
        if self.loschmidt_echo.size:
            overlap = states.initial_overlap(gas, state, rotations)
            self.loschmidt_echo[k] = abs(overlap) ** 2 / self.norm[k]
        if self.energy.size and k in (0, len(self.energy) - 1):
            self.energy[k] = _energy(gas, schedule, sample, self.polarization[k])

    def compare(self, sample: Sample) -> None:
        """``|P - P'|`` of a sample and the one recorded before at the same time."""
        vectors = streaming.turn_vectors(sample.rotations, sample.state.polarizations())
        difference = vectors - self.polarization[sample.number]
        self.trotter_error[sample.number] = np.linalg.norm(difference, axis=-1)


def turn_correlations(rotations: Floats, correlations: Floats) -> Floats:
    """``(pairs, 3, 3)`` correlations of the pairs i < j, each index turned by its neutrino."""
    i, j = np.triu_indices(len(rotations), 1)
    turned = streaming.turn_vectors(rotations[j][:, None], correlations)
    turned = streaming.turn_vectors(rotations[i][:, None], turned.swapaxes(-1, -2))
    return turned.swapaxes(-1, -2)


def has_energy(schedule: EncounterSchedule) -> bool:
    """True where the schedule is that of one constant Hamiltonian."""
    constant = not callable(schedule.mu) and not callable(schedule.matter)
    return schedule.kind == "plane_wave" and constant


def _energy(
    gas: NeutrinoGas, schedule: EncounterSchedule, sample: Sample, vectors: Floats
) -> float:
    """``<H> = (mu/N) sum_{i<j} (1 - v_i.v_j) <SWAP_ij> + sum_i h_i.P_i / 2``."""
    count = len(gas)
    pairs = sample.state.pair_densities()
    i, j = np.triu_indices(count, 1)
    # Tr(SWAP (r_i x r_j) rho (r_i x r_j)^+): not invariant under the pending streaming
    local = streaming.quaternion_unitaries(sample.rotations)
    both = np.einsum("nab,ncd->nacbd", local[i], local[j]).reshape(-1, 4, 4)
    turned = both @ pairs[i, j] @ both.conj().swapaxes(-1, -2)
    swaps = np.einsum("nab,ba->n", turned, encounter.coupling(schedule.anisotropy)).real
    mu = profiles.evaluate(schedule.mu, np.float64(0.0), "mu")
    matter = profiles.evaluate(schedule.matter, np.float64(0.0), "matter")
    h = fields(gas.omega, matter, gas.mixing_angle)
    return float(mu / count * gas.one_minus_cos(i, j) @ swaps + np.sum(h * vectors) / 2)


def initial_energy(gas: NeutrinoGas, schedule: EncounterSchedule) -> float:
    """``<H>`` of the product state at t = 0, where ``<SWAP_ij> = (1 + P_i.P_j) / 2``."""
    i, j = np.triu_indices(len(gas), 1)
    weights = np.array([1.0, 1.0, schedule.anisotropy])
    swaps = (1 + (gas.polarization[i] * gas.polarization[j]) @ weights) / 2
    mu = profiles.evaluate(schedule.mu, np.float64(0.0), "mu")
    matter = profiles.evaluate(schedule.matter, np.float64(0.0), "matter")
    own = np.sum(fields(gas.omega, matter, gas.mixing_angle) * gas.polarization) / 2
    return float(mu / len(gas) * gas.one_minus_cos(i, j) @ swaps + own)
