"""A schedule's circuit on Aer: exact reduced states, or counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Pauli
from qiskit_aer import AerSimulator

from ... import encounter
from ...common import memory
from ...common.checks import Floats
from ...common.progress import ProgressFunction
from ...engine import statevector
from ...errors import QnuError
from ..circuits.bases import BASES, turn_to_basis
from ..circuits.gate import EncounterGate
from .outcomes import Outcomes, signs

#: Share of the free memory that saved state vectors may take; beyond it, qubit by qubit.
_SHARE = 0.25
#: Circuits in one job: often enough for a progress bar, rarely enough to cost nothing.
_CIRCUITS_AT_ONCE = 48


@dataclass(frozen=True, eq=False)
class AerSimulation:
    """A schedule's circuit on Aer.

    Args:
        qc: the circuit.
        backend: the simulator.
        method: ``"statevector"``, ``"matrix_product_state"`` or ``"density_matrix"``.
        precision: ``"double"`` or ``"single"``.
        gates: ``"cx"``: encounters as circuits of three CX, ``"unitary"``: as one 4x4 matrix.
    """

    qc: QuantumCircuit
    backend: AerSimulator
    method: str
    precision: str
    gates: str

    def attributes(self) -> dict[str, Any]:
        """What ran it."""
        return {
            "backend": str(self.backend.name),
            "simulated_as": self.method,
            "precision": self.precision,
        }

    def executed(self) -> QuantumCircuit:
        """The circuit up to the last sample, as Aer is given it."""
        *_, (_, _, result) = growing(self.qc, self.gates)
        return result

    def exact(
        self, with_pairs: bool, progress: ProgressFunction
    ) -> tuple[Floats, NDArray[Any] | None, dict[str, float]]:
        """All of it from one simulation."""
        del progress  # one call of Aer
        return exact(self, with_pairs)

    def counted(
        self,
        shots: int,
        seed: np.random.SeedSequence,
        progress: ProgressFunction,
        settings: Sequence[str] = BASES,
    ) -> Outcomes:
        """One circuit per sample and setting."""
        return counted(self, shots, seed, progress, settings)

    @property
    def amplitude_bytes(self) -> int:
        """Bytes of one complex number."""
        return 16 if self.precision == "double" else 8


def growing(qc: QuantumCircuit, gates: str) -> Iterator[tuple[int, list[int], QuantumCircuit]]:
    """``(sample, neutrino_qubit, circuit so far)`` at every sample mark of a bound circuit.

    Encounters become 3-CX circuits or 4x4 matrices. The circuit is one object that grows: copy it,
    unless added instructions are to stay.
    """
    result = QuantumCircuit(*qc.qregs, name=qc.name, global_phase=qc.global_phase)
    data = qc.data
    done = 0
    for sample, mark in enumerate(qc.metadata["samples"]):
        for instruction in data[done : mark["instruction"]]:
            operation = instruction.operation
            if operation.name == "barrier":
                continue
            if not isinstance(operation, EncounterGate):
                result.append(instruction, copy=False)
            elif gates == "cx":
                result.compose(operation.definition, instruction.qubits, inplace=True)
            else:
                gate = UnitaryGate(np.asarray(operation), check_input=False)
                result.append(gate, instruction.qubits, copy=False)
        done = mark["instruction"]
        yield sample, mark["neutrino_qubit"], result


def exact(
    simulation: AerSimulation, with_pairs: bool
) -> tuple[Floats, NDArray[Any] | None, dict[str, float]]:
    """Bloch vectors ``(time, N, 3)`` and pair states ``(time, N, N, 4, 4)`` in one simulation.

    Where the state vectors of all samples fit, saving them is 10 to 100 times faster than 3N
    expectation values per sample. Elsewhere one-qubit density matrices are saved, or for matrix
    product states, which are slow at those, Pauli expectation values. The dictionary holds the
    drift of the norm where state vectors were saved.
    """
    qc = simulation.qc
    marks, count = qc.metadata["samples"], qc.num_qubits
    whole = simulation.method == "statevector" and (
        len(marks) * simulation.amplitude_bytes * 2**count <= _SHARE * memory.available()
    )
    # Of all N qubits: if some are not saved, Aer 0.18 removes those without effect on the rest and
    # then takes the Paulis of wrong qubits (Qiskit/qiskit-aer#2442).
    paulis = simulation.method == "matrix_product_state"
    for sample, place, circuit in growing(qc, simulation.gates):
        if whole:
            circuit.save_statevector(label=f"state {sample}")
            continue
        for neutrino, qubit in enumerate(place):
            if paulis:
                for basis in BASES:
                    label = f"{basis} {sample} {neutrino}"
                    circuit.save_expectation_value(Pauli(basis), [qubit], label=label)
            else:
                circuit.save_density_matrix([qubit], label=f"one {sample} {neutrino}")
        if with_pairs:
            for i, j in _couples(count):
                # the last qubit of the list is the left factor: (i) x (j)
                circuit.save_density_matrix([place[j], place[i]], label=f"two {sample} {i} {j}")
    data = _job(simulation.backend, circuit, shots=1).data(0)
    vectors = np.empty((len(marks), count, 3))
    pairs = np.zeros((len(marks), count, count, 4, 4), complex) if with_pairs else None
    norms = np.ones(len(marks))
    for sample, mark in enumerate(marks):
        if whole:
            state = np.asarray(data.pop(f"state {sample}"), dtype=np.complex128)
            state = in_neutrino_order(state, mark["neutrino_qubit"])
            vectors[sample] = statevector.polarizations(state, count)
            norms[sample] = statevector.norm(state)
            if pairs is not None:
                pairs[sample] = statevector.pair_densities(state, count)
            continue
        for neutrino in range(count):
            if paulis:
                vectors[sample, neutrino] = [data[f"{b} {sample} {neutrino}"] for b in BASES]
            else:
                rho = np.asarray(data[f"one {sample} {neutrino}"])
                vectors[sample, neutrino] = encounter.polarization_of(rho)
        if pairs is not None:
            for i, j in _couples(count):
                pairs[sample, i, j] = np.asarray(data[f"two {sample} {i} {j}"])
    drift = {"drift_norm": float(abs(norms - 1.0).max())} if whole else {}
    return vectors, pairs, drift


def in_neutrino_order(state: NDArray[Any], place: list[int]) -> NDArray[Any]:
    """Amplitudes with bit k = qubit k to bit k = neutrino k, which is on qubit ``place[k]``."""
    count = len(place)
    if place == list(range(count)):
        return np.ascontiguousarray(state)
    axes = [count - 1 - place[count - 1 - axis] for axis in range(count)]
    return np.ascontiguousarray(state.reshape((2,) * count).transpose(axes).reshape(-1))


def counted(
    simulation: AerSimulation,
    shots: int,
    seed: np.random.SeedSequence,
    progress: ProgressFunction,
    settings: Sequence[str] = BASES,
) -> Outcomes:
    """``(sample, setting, outcomes, number)``: one circuit per sample and setting.

    All qubits are rotated into their bases and measured at once. ``outcomes (kinds, N)`` are +-1,
    column k neutrino k, and ``number (kinds,)`` is how often each occurred.
    """
    qc = simulation.qc
    total = len(settings) * len(qc.metadata["samples"])
    waiting: list[tuple[int, int, list[int], QuantumCircuit]] = []
    done = 0
    for sample, place, circuit in growing(qc, simulation.gates):
        for k, letters in enumerate(settings):
            waiting.append((sample, k, place, _measured(circuit, letters, place)))
        if len(waiting) < _CIRCUITS_AT_ONCE and done + len(waiting) < total:
            continue
        draws = int(seed.spawn(1)[0].generate_state(1)[0] >> 1)
        circuits = [item[-1] for item in waiting]
        result = _job(simulation.backend, circuits, shots=shots, seed_simulator=draws)
        for (k, number, where, _), part in zip(waiting, result.results, strict=True):
            outcomes, times = signs(part.data.counts, qc.num_qubits)
            yield k, number, outcomes[:, where], times
        done += len(waiting)
        progress(done / total)
        waiting = []


def _measured(circuit: QuantumCircuit, basis: str, place: Sequence[int]) -> QuantumCircuit:
    result = circuit.copy()
    turn_to_basis(result, basis, place)
    result.measure_all(add_bits=True)
    return result


def _couples(count: int) -> Iterator[tuple[int, int]]:
    return ((i, j) for i in range(count) for j in range(i + 1, count))


def _job(backend: AerSimulator, circuits: Any, **options: Any) -> Any:
    result = backend.run(circuits, **options).result()
    if not result.success:
        failed = [part.status for part in result.results if not part.success]
        reason = "; ".join([str(result.status), *map(str, failed[:1])])
        raise QnuError("hardware", reason=f"Aer did not run the circuit ({reason})")
    return result
