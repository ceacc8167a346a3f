"""Devices cut to the qubits that a circuit uses: a whole one does not fit into memory."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from qiskit.circuit import QuantumCircuit, QuantumRegister
from qiskit.providers import BackendV2, QubitProperties
from qiskit.transpiler import InstructionProperties, Target
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError

from ...errors import QnuError

#: Up to this many qubits Aer may take a density matrix; above it, random histories are faster.
HISTORIES_ABOVE = 11
#: Simulators that were made, by backend; a noise model takes longer to build than a circuit to run.
_made: WeakKeyDictionary[Any, dict[tuple[int, ...], AerSimulator]] = WeakKeyDictionary()


def used_qubits(circuits: Iterable[QuantumCircuit]) -> tuple[int, ...]:
    """The qubits on which any of the circuits has an operation, in increasing order.

    Args:
        circuits: circuits of one device.

    Returns:
        numbers of physical qubits; barriers and delays do not count.

    Examples:
        >>> qc = QuantumCircuit(9)
        >>> _ = qc.cz(7, 3), qc.barrier()
        >>> used_qubits([qc])
        (3, 7)
    """
    used: set[int] = set()
    for qc in circuits:
        place = {qubit: k for k, qubit in enumerate(qc.qubits)}
        for instruction in qc.data:
            if instruction.operation.name not in ("barrier", "delay"):
                used |= {place[qubit] for qubit in instruction.qubits}
    return tuple(sorted(used))


def onto(circuit: QuantumCircuit, qubits: Sequence[int]) -> QuantumCircuit:
    """The circuit on ``len(qubits)`` qubits: physical qubit ``qubits[k]`` becomes qubit k.

    Args:
        circuit: a circuit of a whole device, without operations on other qubits.
        qubits: physical qubits, such as :func:`used_qubits` gives.

    Returns:
        a circuit with the same classical registers.

    Raises:
        QnuError: an operation on another qubit.

    Examples:
        >>> qc = QuantumCircuit(9)
        >>> _ = qc.cz(7, 3)
        >>> onto(qc, (3, 7)).data[0].qubits[0]
        <Qubit register=(2, "q"), index=1>
    """
    new = QuantumRegister(len(qubits), "q")
    moved = {circuit.qubits[old]: new[k] for k, old in enumerate(qubits)}
    result = QuantumCircuit(new, *circuit.cregs, name=circuit.name)
    result.global_phase = circuit.global_phase
    for instruction in circuit.data:
        kept = [moved[qubit] for qubit in instruction.qubits if qubit in moved]
        whole = len(kept) == len(instruction.qubits)
        if not whole and instruction.operation.name not in ("barrier", "delay"):
            missing = [circuit.find_bit(q).index for q in instruction.qubits]
            raise QnuError("qubits", list(qubits), f"all that are used, {missing} among them")
        if instruction.operation.name == "barrier":
            if kept:
                result.barrier(kept)
        elif whole:
            result.append(instruction.replace(qubits=kept), copy=False)
    return result


def cut(backend: BackendV2, qubits: Sequence[int]) -> AerSimulator:
    """A simulator of some qubits of a device, with their gates, couplers and noise.

    Gate errors are depolarizing, with relaxation (T1, T2) during gates and delays; readout errors
    are those that the device reports, different for |0> and |1> where it distinguishes them. Not
    included, since a snapshot does not contain them: crosstalk, leakage, coherent errors, drift.
    Built once per backend and set of qubits.

    Args:
        backend: a device or a snapshot of one.
        qubits: its physical qubits; number k becomes qubit k of the simulator.

    Returns:
        an :class:`~qiskit_aer.AerSimulator`, a BackendV2 with the reduced Target.

    Raises:
        QnuError: a qubit that the device does not have.

    References:
        Georgopoulos et al. (PRA 104, 062432) for such noise models; Qiskit Aer.

    Examples:
        >>> import qnu
        >>> torino = qnu.quantum.load_machine("fake_torino").backend()
        >>> cut(torino, (4, 5, 6)).target.num_qubits
        3
    """
    key = tuple(qubits)
    simulators = _made.setdefault(backend, {})
    if key not in simulators:
        simulators[key] = _cut(backend, key)
    return simulators[key]


def _cut(backend: BackendV2, qubits: tuple[int, ...]) -> AerSimulator:
    whole = backend.target
    if not set(qubits) <= set(range(whole.num_qubits)) or len(set(qubits)) != len(qubits):
        raise QnuError("qubits", list(qubits), f"different numbers below {whole.num_qubits}")
    target = reduced(whole, qubits)
    with warnings.catch_warnings():
        # a qubit with T2 above 2 T1, or a gate worse than its relaxation: Aer warns and takes the
        # nearest values that exist
        warnings.simplefilter("ignore")
        bare = TargetBackend(backend.name, target, backend.description, backend.backend_version)
        noise = NoiseModel.from_backend(bare, readout_error=False)
        for k, (zero, one) in enumerate(readout_errors(backend, qubits)):
            if zero or one:
                noise.add_readout_error(ReadoutError([[1 - zero, zero], [one, 1 - one]]), [k])
        simulator = AerSimulator.from_backend(bare, noise_model=noise)
    if len(qubits) > HISTORIES_ABOVE:
        simulator.set_options(method="statevector")
    simulator.name = f"{backend.name}, {len(qubits)} of {whole.num_qubits} qubits"
    return simulator


def reduced(target: Target, qubits: Sequence[int]) -> Target:
    """The Target of some of a device's qubits, renumbered; control flow is left out.

    Args:
        target: of the whole device.
        qubits: number k of them becomes qubit k.

    Returns:
        the reduced target.

    Examples:
        >>> from qiskit.circuit.library import CZGate
        >>> whole = Target(num_qubits=4)
        >>> _ = whole.add_instruction(CZGate(), {(1, 2): None, (2, 3): None})
        >>> list(reduced(whole, (3, 2))["cz"])
        [(1, 0)]
    """
    new = {old: k for k, old in enumerate(qubits)}
    own = target.qubit_properties
    result = Target(
        num_qubits=len(qubits),
        dt=target.dt,
        granularity=target.granularity,
        min_length=target.min_length,
        pulse_alignment=target.pulse_alignment,
        acquire_alignment=target.acquire_alignment,
        qubit_properties=[QubitProperties() if own is None else own[old] for old in qubits],
    )
    for name in target.operation_names:
        places = target[name]
        operation = target.operation_from_name(name)
        if isinstance(operation, type) or places is None or None in places:
            continue
        kept: dict[tuple[int, ...], InstructionProperties | None] = {
            tuple(new[q] for q in where): instruction
            for where, instruction in places.items()
            if set(where) <= new.keys()
        }
        if kept:
            result.add_instruction(operation, kept, name=name)
    return result


def readout_errors(backend: BackendV2, qubits: Sequence[int]) -> list[tuple[float, float]]:
    """Probabilities to read |0> as 1 and |1> as 0, for every qubit.

    Args:
        backend: a device; where it does not distinguish the two, they are taken as equal.
        qubits: its physical qubits.

    Returns:
        one pair per qubit.

    Examples:
        >>> import qnu
        >>> torino = qnu.quantum.load_machine("fake_torino").backend()
        >>> readout_errors(torino, [0])
        [(0.16845703125, 0.1650390625)]
    """
    calibration = properties(backend)
    measure = backend.target["measure"]
    result = []
    for qubit in qubits:
        own = calibration.qubit_property(qubit) if calibration is not None else {}
        if {"prob_meas1_prep0", "prob_meas0_prep1"} <= own.keys():
            result.append((float(own["prob_meas1_prep0"][0]), float(own["prob_meas0_prep1"][0])))
            continue
        instruction = measure[(qubit,)]
        error = float(instruction.error or 0.0) if instruction is not None else 0.0
        result.append((error, error))
    return result


def properties(backend: Any) -> Any:
    """The calibration of a backend of IBM, or of a snapshot of one; None for other backends."""
    return backend.properties() if hasattr(backend, "properties") else None


class TargetBackend(BackendV2):  # type: ignore[misc]  # Qiskit has no types
    """A backend that is only a Target, from which AerSimulator takes gates and errors."""

    def __init__(
        self, name: str, target: Target, description: str = "", version: str | None = None
    ) -> None:
        super().__init__(name=name, description=description, backend_version=version)
        self._target = target

    @property
    def target(self) -> Target:
        """Its gates and their errors."""
        return self._target

    @property
    def max_circuits(self) -> None:
        """No limit."""
        return None

    @classmethod
    def _default_options(cls) -> Any:
        return AerSimulator._default_options()

    def run(self, run_input: Any, **options: Any) -> Any:
        """Not implemented: :func:`cut` makes a simulator."""
        raise NotImplementedError("a set of gates and errors, simulated through `cut`")
