"""The many-body state itself, for quantities that a Trajectory does not hold."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..checkpoint import Checkpoint, key_of
from ..common import memory
from ..common.checks import Floats, choice, floats, generator, integer
from ..common.progress import Progress, with_bar
from ..engine import streaming
from ..engine.statevector import gates, sampling
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..observables import pair_correlations
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from . import states
from ._checkpoints import SolverCheckpoint
from ._evolution import PRECISIONS, check_state, evolve, plan_of_passes
from ._readout import turn_correlations


@dataclass(frozen=True, eq=False)
class ManyBodyState:
    r""":math:`|\psi\rangle` of N neutrinos: :math:`2^N` amplitudes, or the :math:`\binom Nk` of one
    sector.

    Everything is read out of the amplitudes where they are; there is no second copy. Made by
    :func:`final_state`.

    Args:
        count: N, how many there are.
        time: in 1/mu.
        state: the amplitudes, with the functions that read them out.
        rotations: ``(N, 4)`` quaternions about z that are still pending on single neutrinos.
        mixing_angle: theta_mix in radians: what a flavor is.
        antineutrino: ``(N,)`` booleans, True where the qubit is the isospin of an antineutrino;
            None: nowhere.

    References:
        Martin et al. (2307.16793); Roggero (PRD 104, 103016).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [np.pi / 4], [0.0], 0.0, neutrinos=2)
        >>> state = final_state(gas, schedule)
        >>> round(state.entropy([0]), 12)
        1.0
        >>> state.sample(4, seed=1).sum(axis=1).tolist()     # one of them is nu_2, always
        [1, 1, 1, 1]
    """

    count: int
    time: float
    state: states.State
    rotations: Floats
    mixing_angle: float = 0.0
    antineutrino: Any = None

    def polarization(self) -> Floats:
        """``(N, 3)``: P of every neutrino."""
        return streaming.turn_vectors(self.rotations, self.state.polarizations())

    def pair(self, first: int, second: int) -> NDArray[np.complex128]:
        """``(4, 4)``: the density matrix of two neutrinos as (first) x (second).

        For :func:`qnu.observables.concurrence`, ``negativity`` and ``mutual_information``.
        """
        i = integer("first", first, high=self.count - 1)
        j = integer("second", second, high=self.count - 1)
        if i == j:
            raise QnuError("second", second, "another neutrino than the first")
        local = streaming.quaternion_unitaries(self.rotations[[i, j]])
        both = np.kron(local[0], local[1])
        density: NDArray[np.complex128] = both @ self.state.pair_density(i, j) @ both.conj().T
        return density

    def pair_correlations(self) -> Floats:
        r"""``(N, N, 3, 3)``: :math:`\langle\sigma_a^i\sigma_b^j\rangle` of all pairs, 0 for i = j.

        For :func:`qnu.observables.collision_term`, which takes the state as it is.
        """
        i, j = np.triu_indices(self.count, 1)
        plain = pair_correlations(self.state.pair_densities()[i, j])
        result = np.zeros((self.count, self.count, 3, 3))
        result[i, j] = turn_correlations(self.rotations, plain)
        result[j, i] = result[i, j].swapaxes(-1, -2)
        return result

    def entropy(self, neutrinos: Sequence[int]) -> float:
        r""":math:`-\mathrm{Tr}\,\rho_A \log_2 \rho_A` in bits: the entanglement of some neutrinos
        with the others.

        The smaller side's density matrix is the workspace: 16 bytes times :math:`4^n` for n
        neutrinos.
        """
        last = self.count - 1
        chosen = [integer(f"neutrinos[{k}]", n, high=last) for k, n in enumerate(neutrinos)]
        if len(set(chosen)) < len(chosen):
            raise QnuError("neutrinos", list(neutrinos), "each one once")
        return self.state.entropy(chosen)

    def amplitudes(self) -> NDArray[Any]:
        r""":math:`a_k`, ``(2^N,)``, of :math:`|\psi\rangle = \sum_k a_k |b_{N-1} \ldots b_1
        b_0\rangle` with :math:`k = \sum_n b_n 2^n`, in the mass basis.

        Little-endian, as in Qiskit: bit n of the index is neutrino n, 0 for
        :math:`|0\rangle = \nu_1`. So ``qiskit.quantum_info.Statevector(state.amplitudes())`` is the
        state of :func:`qnu.quantum.circuit`, up to a global phase. Free streaming up to the time of
        the state is in it. Of a gas in one sector the other amplitudes are 0. Where a neutrino is
        an antineutrino its qubit is the isospin S, as everywhere: :math:`|0\rangle = \bar\nu_2`,
        :math:`|1\rangle = -\bar\nu_1`.

        Returns:
            a copy, complex128 or, of a run in single precision, complex64.

        Raises:
            QnuError: more than the memory holds.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas([[0, 0, -1], [0, 0, 1], [0, 0, 1]], omega=[0.0] * 3)
            >>> schedule = qnu.EncounterSchedule([0], [2], [0.3], [0.0], 0.0, neutrinos=3)
            >>> a = final_state(gas, schedule).amplitudes()
            >>> np.flatnonzero(abs(a) > 1e-12).tolist()        # |001> before, |100> with it now
            [1, 4]
            >>> (abs(a[[1, 4]]) ** 2).round(4).tolist()        # cos^2 0.3, sin^2 0.3
            [0.9127, 0.0873]
        """
        self._ask_for_a_copy("amplitudes")
        return states.turned(self.state, self.rotations)

    def overlap(self, gas: NeutrinoGas) -> complex:
        r""":math:`\langle\phi|\psi\rangle` with the product state of a gas, up to a phase; nothing
        is copied.

        For :func:`qnu.observables.loschmidt_echo`.

        Raises:
            QnuError: mixed states, another number of neutrinos.
        """
        gas.require_pure("overlap")
        if len(gas) != self.count:
            raise QnuError("gas", f"{len(gas)} neutrinos", f"{self.count}, as in the state")
        return states.initial_overlap(gas, self.state, self.rotations)

    def sample(self, shots: int, seed: object = None, basis: str = "mass") -> NDArray[np.uint8]:
        r"""``(shots, N)``: as many measurements of all neutrinos; column n is neutrino n.

        In the mass basis a bit is the qubit: 0 is :math:`\nu_1`, 1 is :math:`\nu_2`; of an
        antineutrino, whose qubit is the isospin S, 0 is :math:`\bar\nu_2` and 1 is
        :math:`\bar\nu_1`. In the flavor basis 0 is the electron flavor, :math:`\nu_e` or
        :math:`\bar\nu_e`, and 1 the other one; the mean of ``1 - bit`` is
        :func:`qnu.observables.flavor_probability`.

        Args:
            shots: how many.
            seed: a whole number, a SeedSequence or None; the first shots do not depend on how many
                follow.
            basis: ``"mass"``: nothing is copied; ``"flavor"``: in a copy of all :math:`2^N`
                amplitudes.

        Returns:
            bits, as uint8.

        Raises:
            QnuError: shots that are no whole number, an unknown basis, no memory for the copy.

        Examples:
            >>> import qnu
            >>> groups = [qnu.Group(2, flavor="electron", omega=0.0),
            ...           qnu.Group(1, flavor="electron", omega=0.0, antineutrino=True)]
            >>> gas = qnu.NeutrinoGas.from_groups(groups, mixing_angle=0.3)
            >>> state = final_state(gas, qnu.schedules.tournament(gas, 0.2), time=0.0)
            >>> state.sample(2, seed=1, basis="flavor").tolist()
            [[0, 0, 0], [0, 0, 0]]
        """
        shots, rng = integer("shots", shots), generator(seed)
        memory.require("shots", f"{shots} measurements", (16 + self.count) * shots)
        if choice("basis", basis, ("mass", "flavor")) == "mass":
            return sampling.bits(self.state.draw(shots, rng), self.count)
        self._ask_for_a_copy("basis")
        c, s = np.cos(self.mixing_angle), np.sin(self.mixing_angle)
        turned = states.turned(self.state, self.rotations, np.array([[c, s], [-s, c]]))
        bits = sampling.bits(sampling.draw(turned, shots, rng), self.count)
        if self.antineutrino is not None:  # its electron flavor is S = -L
            bits[:, self.antineutrino] ^= 1
        return bits

    def _ask_for_a_copy(self, field: str) -> None:
        need = self.state.amplitudes.itemsize * 2**self.count
        memory.require(field, f"2^{self.count} amplitudes", need)


@with_bar
def final_state(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    time: float | None = None,
    precision: str = "double",
    *,
    progress: Progress = None,
    checkpoint: Checkpoint | None = None,
) -> ManyBodyState:
    r""":math:`|\psi(t)\rangle = U_n \cdots U_1 |\psi(0)\rangle`: the state that :func:`many_body`
    reads.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters, without fresh partners.
        time: in 1/mu; default: the end of the schedule; inside encounters as in :func:`many_body`.
        precision: ``"double"`` or ``"single"``.
        progress: True for a bar with the time left, or a function called with the fraction done.
        checkpoint: a :class:`qnu.Checkpoint`: the run continues from it and is saved in it.

    Returns:
        the state, with methods for polarizations, pair density matrices, entropies of any part,
        samples in the mass and in the flavor basis, and all :math:`2^N` amplitudes; for
        :func:`qnu.observables.n_tangle`, :func:`qnu.observables.stabilizer_renyi_entropy` and
        :func:`qnu.observables.loschmidt_echo`.

    Raises:
        QnuError: as :func:`many_body`; a time outside the schedule.

    References:
        Martin et al. (2307.16793).

    Examples:
        >>> import qnu
        >>> z = np.where(np.arange(8) < 4, 1.0, -1.0)
        >>> gas = qnu.NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), omega=np.zeros(8))
        >>> state = final_state(gas, qnu.schedules.tournament(gas, 0.2))
        >>> int(state.sample(100, seed=1).sum())      # four of eight stay nu_2 in every shot
        400
        >>> bool(0 < state.entropy(range(4)) < 4)
        True
    """
    started = clock.perf_counter()
    check_match(gas, schedule, anisotropic=True)
    check_state(gas, schedule, "final_state")
    dtype = PRECISIONS[choice("precision", precision, tuple(PRECISIONS))]
    value = floats("time", [schedule.final_time if time is None else time], (1,))
    try:
        samples = schedule.samples(value)
    except QnuError as error:
        raise error.of("time") from None
    resume = None
    if checkpoint is not None:
        decides = (gas.fingerprint(), schedule.fingerprint(), samples.times, precision)
        key = key_of("state", *decides, plan_of_passes())
        resume = SolverCheckpoint(checkpoint, key, {}, started)
    _, state, rotations = next(evolve(gas, schedule, samples, dtype, progress, resume))
    if not profiles.is_zero(schedule.matter):
        # in matter what is pending turns z too, which samples would not see
        local = streaming.quaternion_unitaries(rotations)
        gates.apply_local(state.amplitudes, np.arange(len(gas)), local)
        rotations = np.tile([1.0, 0.0, 0.0, 0.0], (len(gas), 1))
    return ManyBodyState(
        len(gas), float(value[0]), state, rotations, gas.mixing_angle, gas.antineutrino
    )
