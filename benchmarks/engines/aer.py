"""qiskit-aer: the ``statevector`` method, a gate per encounter or its Paulis, gates fused."""

from __future__ import annotations

from functools import partial

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import SparsePauliOp
from qiskit_aer import AerSimulator
from qiskit_aer.library import SaveExpectationValue

from ..circuit import Problem, read_out
from ..threads import THREADS
from . import Run


def _as_unitaries(problem: Problem) -> QuantumCircuit:
    circuit = QuantumCircuit(problem.count)
    for k, tilt in enumerate(problem.tilts):
        circuit.ry(tilt, k)
    for i, j, gate in problem.unitaries():
        circuit.append(UnitaryGate(gate), [j, i])  # Qiskit: the first qubit is the right factor
    return circuit


def _as_rotations(problem: Problem) -> QuantumCircuit:
    circuit = QuantumCircuit(problem.count)
    for k, tilt in enumerate(problem.tilts):
        circuit.ry(tilt, k)
    for kind, i, j, angle in problem.frame_steps():
        if kind == "rz":
            circuit.rz(angle, i)
        else:
            circuit.rxx(angle, i, j)
            circuit.ryy(angle, i, j)
            circuit.rzz(angle, i, j)
    return circuit


def _run(problem: Problem, precision: str, *, make, fusion: int = 5, own: bool = False) -> Run:
    count = problem.count
    circuit = make(problem)
    if own:
        for k in range(count):
            for axis in "XYZ":
                pauli = SaveExpectationValue(SparsePauliOp(axis), f"{axis}{k}")
                circuit.append(pauli, [k])
    else:
        circuit.save_statevector()
    simulator = AerSimulator(
        method="statevector",
        precision=precision,
        max_parallel_threads=THREADS,
        fusion_max_qubit=fusion,
    )

    def run():
        data = simulator.run(circuit, shots=1).result().data(0)
        if own:
            return np.array([[data[f"{axis}{k}"] for axis in "XYZ"] for k in range(count)])
        return read_out(np.asarray(data["statevector"]), count)

    return run


FORMS = {
    "unitary 4x4, fused up to 5": partial(_run, make=_as_unitaries),
    "unitary 4x4, fused up to 4": partial(_run, make=_as_unitaries, fusion=4),
    "unitary 4x4, fused up to 3": partial(_run, make=_as_unitaries, fusion=3),
    "unitary 4x4, fused up to 2": partial(_run, make=_as_unitaries, fusion=2),
    "rxx ryy rzz + rz, fused up to 5": partial(_run, make=_as_rotations),
    "rxx ryy rzz + rz, fused up to 3": partial(_run, make=_as_rotations, fusion=3),
    "unitary 4x4, own expectation values": partial(_run, make=_as_unitaries, own=True),
}
