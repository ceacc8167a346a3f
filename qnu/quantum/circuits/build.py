"""From a gas and a schedule to a quantum circuit: neutrino k starts on qubit k."""

from __future__ import annotations

import itertools
import math
from collections.abc import Container
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import Gate, ParameterExpression, QuantumCircuit, QuantumRegister
from qiskit.circuit.library import RZGate, UGate

from ... import profiles
from ...common.checks import Floats, array_of, boolean, number
from ...engine import inside
from ...engine.streaming import free_unitaries
from ...errors import QnuError
from ...flavor import fields
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ...schedules.samples import SampleTimes
from .canonical import Angle, proportional
from .gate import EncounterGate, as_encounter
from .timeline import EncounterPart, FreeStreaming, SampleMark, timeline


def circuit(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    gamma: ParameterExpression | float | None = None,
    swap: bool | ArrayLike = False,
    *,
    barriers: bool = True,
) -> QuantumCircuit:
    r""":math:`\prod_k U_k R_k\,|P_1\rangle\otimes\ldots\otimes|P_N\rangle`: a circuit of
    EncounterGates.

    Qubit k starts in the pure state of neutrino k. Layer by layer, encounters are
    :class:`~qnu.quantum.EncounterGate`; between them each neutrino streams freely, an RZ in
    vacuum and a general one-qubit rotation in matter. A ``fresh`` partner is a qubit that is
    reset and prepared again right before its encounter.

    Sample times are marked with labelled barriers (``t=1.5``) and in ``circuit.metadata``:
    ``samples`` lists, for every mark, ``time``, ``instruction`` (how many instructions come
    before it) and ``neutrino_qubit`` (entry k: the qubit that neutrino k is on);
    ``neutrino_qubit`` is the map at the end.

    An encounter that is under way at a sample is cut there into two gates of the same pair, with
    :math:`f\theta, f t` and the rest of both; ``cut`` in the metadata counts these cuts (none in
    back-to-back schedules, where ``start`` only orders encounters). Matter that changes inside an
    encounter makes several gates of it, each with constant fields, so that their product is right
    to 5e-10.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters.
        times: sample times in 1/mu; default: initial and final state.
        gamma: a Parameter (or number) in place of the schedule's own gamma. Swap angles, durations
            and the times in between scale with it, so one circuit serves a sweep; sample times
            then scale too. Needs a constant mu, and with a Parameter a constant matter. With matter
            inside encounters of unequal omega, bind it before compiling. Compile unbound circuits
            to a basis that has rz, as devices do; for ``u`` bind first (Qiskit would carry the
            sum of all angles in the global phase, which is slow).
        swap: True: the partners of every encounter are swapped (by its last gate); or ``(n,)``
            booleans.
        barriers: False leaves the labelled barriers out (so that a transpiler may move gates across
            sample times).

    Returns:
        a circuit of N qubits without measurements.

    Raises:
        QnuError: mixed states, a gas and a schedule of different sizes, sample times outside the
            schedule, gamma where the schedule has none, a sample inside encounters with several
            fresh copies of one neutrino (there is one qubit for them) that is not the last.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Hall et al. (2102.12556) for the swap network.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1], [1, 0, 0]], omega=[0.1, 0.2, 0.3])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5, order="line")
        >>> line = circuit(gas, schedule, swap=True)
        >>> line.count_ops()["encounter_swap"], line.metadata["neutrino_qubit"]
        (3, [2, 1, 0])
    """
    check_match(gas, schedule, anisotropic=True)
    gas.require_pure("a circuit")
    return circuit_and_encounters(gas, schedule, times, gamma, swap, barriers)[0]


def check_samples(schedule: EncounterSchedule, times: ArrayLike | SampleTimes | None) -> None:
    """Check that one circuit can be right at all of these times.

    Raises:
        QnuError: a sample inside encounters with several fresh copies of one neutrino, and another
            sample after it.
    """
    if schedule.fresh is not None:
        timeline(schedule, times)


def circuit_and_encounters(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | SampleTimes | None,
    gamma: ParameterExpression | float | None,
    swap: bool | ArrayLike = False,
    barriers: bool = True,
    cut: Container[int] | None = None,
) -> tuple[QuantumCircuit, list[int]]:
    """:func:`circuit`, and the number of the encounter that each EncounterGate is a part of.

    The gas and its schedule have been checked.

    ``cut``: the samples that the circuit is right at, see :func:`.timeline.timeline`.
    """
    barriers = boolean("barriers", barriers)
    builder = _Builder(
        gas, schedule, _GammaScaling(schedule, gamma), _swaps(schedule, swap), barriers
    )
    return builder.build(schedule.samples(times), cut), builder.encounters


def preparation(polarization: ArrayLike) -> Gate | None:
    r"""The gate :math:`|0\rangle \to \cos\tfrac a2|0\rangle + e^{ib}\sin\tfrac a2|1\rangle`.

    Args:
        polarization: ``(3,)`` unit vector :math:`(\sin a\cos b, \sin a\sin b, \cos a)`.

    Returns:
        a ``UGate``, or None for :math:`|0\rangle`, mass state 1, itself.

    Examples:
        >>> preparation((0, 0, 1)) is None, preparation((0, 0, -1)).params[0] == math.pi
        (True, True)
    """
    x, y, z = np.asarray(polarization, dtype=float).tolist()
    across = math.hypot(x, y)
    if across == 0.0 and z > 0:
        return None
    return UGate(math.atan2(across, z), math.atan2(y, x) if across else 0.0, 0.0)


def drawable(qc: QuantumCircuit) -> QuantumCircuit:
    """The same circuit for drawings: encounters as short boxes, ``E(0.31)`` with theta inside.

    Args:
        qc: a circuit of EncounterGates.

    Returns:
        a copy whose encounters are opaque gates (``E*`` with a swap); draw it, do not run it.

    Examples:
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> print(drawable(qc).draw("text"))
             ┌──────────┐
        q_0: ┤0         ├
             │  E(0.31) │
        q_1: ┤1         ├
             └──────────┘
    """
    result = qc.copy_empty_like()
    for instruction in qc.data:
        operation = instruction.operation
        encounter = as_encounter(operation)  # also one that came back from QPY
        if encounter is not None:
            operation = encounter
            label = f"E{'*' * operation.swap}({_three_digits(operation.swap_angle)})"
            box = Gate(operation.name, 2, [], label=label)
            instruction = instruction.replace(operation=box, params=[])
        result.append(instruction, copy=False)
    return result


def _three_digits(angle: Angle) -> str:
    """Three digits of a number, or of the factor before a parameter."""
    if not isinstance(angle, ParameterExpression):
        return f"{angle:.3g}"
    if len(angle.parameters) == 1:
        (parameter,) = angle.parameters
        slope = proportional(angle, parameter)
        if slope is not None:
            return f"{slope:.3g} {parameter}"
    return str(angle)


class _GammaScaling:
    """Times and angles of the schedule, scaled by ``gamma / schedule.gamma`` where requested."""

    def __init__(self, schedule: EncounterSchedule, gamma: Any) -> None:
        self.parameter: ParameterExpression | None = None
        self.factor = 1.0
        if gamma is None:
            return
        if schedule.gamma is None:
            raise QnuError("gamma", gamma, "None: this schedule was not made with a gamma")
        if callable(schedule.mu):
            raise QnuError("gamma", gamma, "None where mu changes with time (make a new schedule)")
        if not isinstance(gamma, ParameterExpression):
            self.factor = number("gamma", gamma, above=0.0) / schedule.gamma
            return
        if callable(schedule.matter):
            raise QnuError("gamma", gamma, "a number or None where matter changes with time")
        self.parameter = gamma
        self.factor = 1 / schedule.gamma

    def scaled(self, value: float) -> Angle:
        """An angle or a length of time."""
        value *= self.factor
        return value if self.parameter is None or value == 0.0 else value * self.parameter


class _Builder:
    def __init__(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        scaling: _GammaScaling,
        swaps: NDArray[np.bool_],
        barriers: bool,
    ) -> None:
        self.gas, self.schedule, self.scaling = gas, schedule, scaling
        self.swaps, self.barriers = swaps, barriers
        name = f"{schedule.kind}_{len(gas)}"
        self.qc = QuantumCircuit(QuantumRegister(len(gas), "nu"), name=name)
        self.place = list(range(len(gas)))
        self.phase = 0.0
        self.encounters: list[int] = []  # of every EncounterGate

    def build(self, sample_times: SampleTimes, cut: Container[int] | None = None) -> QuantumCircuit:
        events = timeline(self.schedule, sample_times, cut)
        rotations = self._rotations([event for event in events if isinstance(event, FreeStreaming)])
        gates = iter(self._gates([event for event in events if isinstance(event, EncounterPart)]))
        samples: list[dict[str, Any]] = []
        for neutrino in range(len(self.gas)):
            self._prepare(neutrino)
        for event in events:
            if isinstance(event, EncounterPart):
                k, i, j = event.encounter, event.first, event.second
                if event.fresh:
                    self.qc.reset(self.place[j])
                    self._prepare(j)
                for gate in next(gates):
                    self._append(gate, self.place[i], self.place[j])
                    self.encounters.append(k)
                    if gate.swap:
                        self.place[i], self.place[j] = self.place[j], self.place[i]
            elif isinstance(event, FreeStreaming):
                for gate in rotations[event.number]:
                    self._append(gate, self.place[event.neutrino])
            else:
                samples.append(self._mark(event, float(sample_times.times[event.sample])))
        self.qc.global_phase += self.phase
        parameter = self.scaling.parameter
        gamma = None if self.schedule.gamma is None else self.schedule.gamma * self.scaling.factor
        self.qc.metadata = {
            "schedule": self.schedule.kind,
            "schedule_hash": self.schedule.fingerprint(),
            "gas_hash": self.gas.fingerprint(),
            "gamma": gamma if parameter is None else str(parameter),
            "times_at_gamma": self.schedule.gamma,
            "cut": sum(isinstance(event, EncounterPart) and event.done > 0 for event in events),
            "samples": samples,
            "neutrino_qubit": list(self.place),
        }
        return self.qc

    def _append(self, gate: Gate, *qubits: int) -> None:
        self.qc.append(gate, qubits, copy=False)

    def _prepare(self, neutrino: int) -> None:
        gate = preparation(self.gas.polarization[neutrino])
        if gate is not None:
            self._append(gate, self.place[neutrino])

    def _mark(self, event: SampleMark, time: float) -> dict[str, Any]:
        position = len(self.qc.data)
        if self.barriers:
            self.qc.barrier(label=f"t={time:.6g}")
        return {"time": time, "instruction": position, "neutrino_qubit": list(self.place)}

    def _gates(self, parts: list[EncounterPart]) -> list[list[EncounterGate]]:
        """The gates of every part of an encounter: one, or several where matter changes inside.

        The last gate of an encounter has the swap, if there is one.
        """
        s, scaling = self.schedule, self.scaling
        k = np.array([part.encounter for part in parts], np.int64)
        done = np.array([part.done for part in parts])
        ended = np.array([part.share for part in parts]) == 1.0
        share = np.array([part.share for part in parts]) - done
        factor = 1.0 if scaling.parameter is not None else scaling.factor
        start = (s.start[k] + done * s.duration[k]) * factor
        angle, duration = share * s.swap_angle[k] * factor, share * s.duration[k] * factor
        omega = self.gas.omega[s.first[k]], self.gas.omega[s.second[k]]
        mixing = self.gas.mixing_angle
        lasting = inside.Lasting(*omega, angle, start, duration)
        pieces = inside.factors(lasting, s.matter, mixing, s.anisotropy)
        # in a kick no field acts: zeros keep its gate simple (+ 0.0: no -0.0 in drawings)
        acting = (pieces.duration != 0)[:, None]
        h1, h2 = ((h * acting + 0.0).tolist() for h in (pieces.field_1, pieces.field_2))
        numbers = [pieces.swap_angle.tolist(), pieces.duration.tolist()]
        if scaling.parameter is not None:
            numbers = [[scaling.scaled(value) for value in column] for column in numbers]
        bounds = np.searchsorted(pieces.encounter, np.arange(len(k) + 1)).tolist()
        swapped = (self.swaps[k] & ended).tolist()
        result: list[list[EncounterGate]] = []
        for part, (a, b) in enumerate(itertools.pairwise(bounds)):
            some = range(a, b if share[part] > 0 else a)
            result.append(
                [
                    EncounterGate(
                        numbers[0][p],
                        h1[p],
                        h2[p],
                        numbers[1][p],
                        swapped[part] and p == b - 1,
                        anisotropy=s.anisotropy,
                    )
                    for p in some
                ]
            )
        return result

    def _rotations(self, streams: list[FreeStreaming]) -> list[list[Gate]]:
        """The gates of every pause between encounters."""
        matter, omega = self.schedule.matter, self.gas.omega
        if profiles.is_zero(matter):  # exp(i omega t sigma_z / 2) is an RZ by -omega t
            return [
                [RZGate(self.scaling.scaled(-float(omega[s.neutrino]) * (s.stop - s.start)))]
                if omega[s.neutrino]
                else []
                for s in streams
            ]
        if self.scaling.parameter is not None:
            return self._about_fixed_axes(streams, float(matter))  # type: ignore[arg-type]  # constant
        neutrinos = np.array([s.neutrino for s in streams], dtype=np.int64)
        start = np.array([s.start for s in streams]) * self.scaling.factor
        stop = np.array([s.stop for s in streams]) * self.scaling.factor
        matrices = free_unitaries(omega[neutrinos], start, stop, matter, self.gas.mixing_angle)
        angles, phases = _u_angles(matrices)
        self.phase += float(phases.sum())
        return [[UGate(*row)] for row in angles.tolist()]

    def _about_fixed_axes(self, streams: list[FreeStreaming], matter: float) -> list[list[Gate]]:
        """``V Rz(|h| t) V^+`` with ``V = Rz(b) Ry(a)``, h along (a, b): t may be a parameter."""
        h = fields(self.gas.omega, matter, self.gas.mixing_angle)
        size = np.linalg.norm(h, axis=1)
        polar = np.arctan2(np.hypot(h[:, 0], h[:, 1]), h[:, 2])
        azimuth = np.arctan2(h[:, 1], h[:, 0])
        result: list[list[Gate]] = []
        for s in streams:
            i = s.neutrino
            angle = self.scaling.scaled(float(size[i]) * (s.stop - s.start))
            a, b = float(polar[i]), float(azimuth[i])
            # U(a, b, 0) = Rz(b) Ry(a) and U(-a, 0, -b) its inverse, up to opposite phases
            result.append([UGate(-a, 0.0, -b), RZGate(angle), UGate(a, b, 0.0)])
        return result


def _u_angles(matrices: NDArray[Any]) -> tuple[Floats, Floats]:
    """``(n, 3)`` angles, ``(n,)`` phases: ``matrix = exp(i phase) U(theta, phi, lambda)``."""
    m00, m01 = matrices[:, 0, 0], matrices[:, 0, 1]
    m10, m11 = matrices[:, 1, 0], matrices[:, 1, 1]
    theta = 2 * np.arctan2(abs(m10), abs(m00))
    phase = np.angle(m00)
    phi = np.angle(m10) - phase
    # of the two entries that fix lambda take the larger: the other may be rounding
    last = np.where(abs(m00) >= abs(m10), np.angle(m11) - phase - phi, np.angle(-m01) - phase)
    return np.stack([theta, phi, last], axis=1), phase


def _swaps(schedule: EncounterSchedule, swap: Any) -> NDArray[np.bool_]:
    swaps = array_of("swap", swap, "True, False, or booleans")
    if swaps.dtype != bool or swaps.shape not in ((), (len(schedule),)):
        raise QnuError("swap", swap, f"True, False, or booleans of shape ({len(schedule)},)")
    return np.broadcast_to(swaps, (len(schedule),))
