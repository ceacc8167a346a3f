"""What a run of big spins needs, known before anything is allocated; and what is read out of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..common.checks import Floats
from ..engine.entropy import bits
from ..gas import NeutrinoGas
from ..observables import OF_ONE, Variables
from ..profiles import Profile
from ._collective_basis import Basis, Beams, Complexes, Integers, coherent
from ._collective_evolution import Evolution


@dataclass(frozen=True, eq=False)
class Plan:
    """Beams, their product states and the state at the start.

    Args:
        beams: in the order of the groups of the gas.
        order: the beams in the order of the basis, the largest last.
        basis: product states.
        amplitudes: of every beam at the start, in the order of the basis.
        matter: whether it changes the sum of J^z.
    """

    beams: Beams
    order: Integers
    basis: Basis
    amplitudes: list[Complexes]
    matter: bool

    @classmethod
    def of(cls, gas: NeutrinoGas, matter: Profile) -> Plan:
        """Of the groups of a gas; errors where they are not beams."""
        beams = Beams.of(gas)
        order = np.argsort(beams.count, kind="stable")
        amplitudes = [coherent(int(beams.count[g]), beams.polarization[g]) for g in order]
        conserved = beams.conserve_z(matter)
        basis = Basis.of(beams.count[order], amplitudes, conserved)
        return cls(beams, order, basis, amplitudes, not conserved)

    @property
    def ordered(self) -> Beams:
        """The beams in the order of the basis."""
        beams, order = self.beams, self.order
        return replace(
            beams,
            count=beams.count[order],
            omega=beams.omega[order],
            polarization=beams.polarization[order],
            coupling=beams.coupling[np.ix_(order, order)],
        )

    @property
    def words(self) -> str:
        """Such as "beams of 60, 60 and 60, 226981 amplitudes"."""
        return f"{self.beams.words}, {self.basis.states} amplitudes"

    def bytes_needed(self, observables: Sequence[str] = ()) -> int:
        """Of the whole run."""
        need = self.basis.bytes_needed(self.matter)
        if "beam_entropy" in observables and not self.one_total:
            products = 1
            for n in self.beams.count:
                products *= int(n) + 1
            need += 48 * products
        return need

    @property
    def one_total(self) -> bool:
        """Whether the state has one value of the sum of J^z."""
        return self.basis.totals and self.basis.blocks == 1


@dataclass(frozen=True, eq=False)
class Readout:
    """Arrays over the samples, filled one by one; None: not requested."""

    plan: Plan
    polarization: Floats
    norm: Floats
    energy: Floats
    entropy: Floats | None

    @classmethod
    def empty(cls, samples: int, plan: Plan, observables: Sequence[str]) -> Readout:
        beams = len(plan.order)
        return cls(
            plan,
            np.empty((samples, beams, 3)),
            np.empty(samples),
            np.zeros(samples),
            np.empty((samples, beams)) if "beam_entropy" in observables else None,
        )

    def variables(self, observables: Sequence[str]) -> Variables:
        """Those that are requested, over the beams."""
        over = ("time", "neutrino")
        found: Variables = {
            name: (over, function(self.polarization))
            for name, function in OF_ONE.items()
            if name in observables
        }
        if self.entropy is not None:
            found["beam_entropy"] = (over, self.entropy)
        return found

    def record(self, k: int, evolution: Evolution) -> None:
        """Reads one sample out."""
        from ..engine.collective import spins

        plan, basis, state = self.plan, self.plan.basis, evolution.state
        found = np.empty((len(plan.order), 3))
        spins(
            state, basis.totals, basis.base, basis.strides, basis.sizes, basis.lowest,
            basis.count, basis.rises, found,
        )  # fmt: skip
        self.polarization[k, plan.order] = 2 * found / basis.count[:, None]
        self.norm[k] = float(np.linalg.norm(state))
        self.energy[k] = evolution.energy()
        if self.entropy is not None:
            self.entropy[k, plan.order] = _of_one_total(plan, state) if plan.one_total else (
                _of_all(plan, state)
            )  # fmt: skip


def _of_one_total(plan: Plan, state: Floats) -> list[float]:
    """With one sum of J^z the states of the others are orthogonal for each k of a beam."""
    probability = state[0] ** 2 + state[1] ** 2
    ups = plan.basis.ups()
    here = plan.basis.possible(ups[-1])
    return [bits(np.bincount(k[here], probability[here])) for k in ups]


def _of_all(plan: Plan, state: Floats) -> list[float]:
    """From the density matrix of a beam, or of the others where that is smaller."""
    tensor = plan.basis.tensor(state)
    found = []
    for g in range(tensor.ndim):
        matrix = np.moveaxis(tensor, g, 0).reshape(tensor.shape[g], -1)
        if matrix.shape[0] > matrix.shape[1]:
            matrix = matrix.T
        values = np.linalg.eigvalsh(matrix @ matrix.conj().T)
        found.append(bits(values))
    return found
