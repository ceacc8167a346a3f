"""qulacs: double precision only; dense 4x4 gates, its optimizer in front or not."""

from __future__ import annotations

from functools import partial

import numpy as np
import qulacs
from qulacs.circuit import QuantumCircuitOptimizer
from qulacs.gate import RY, RZ, DenseMatrix, PauliRotation

from ..circuit import Problem, read_out
from . import Run


def _dense(problem: Problem) -> qulacs.QuantumCircuit:
    circuit = qulacs.QuantumCircuit(problem.count)
    for k, tilt in enumerate(problem.tilts):
        circuit.add_gate(RY(k, -tilt))  # qulacs: RY(a) = exp(+i a Y / 2)
    for i, j, gate in problem.unitaries():
        circuit.add_gate(DenseMatrix([j, i], gate))
    return circuit


def _rotations(problem: Problem) -> qulacs.QuantumCircuit:
    circuit = qulacs.QuantumCircuit(problem.count)
    for k, tilt in enumerate(problem.tilts):
        circuit.add_gate(RY(k, -tilt))
    for kind, i, j, angle in problem.frame_steps():
        if kind == "rz":
            circuit.add_gate(RZ(i, -angle))
            continue
        for axis in (1, 2, 3):
            circuit.add_gate(PauliRotation([i, j], [axis, axis], -angle))
    return circuit


def _run(problem: Problem, precision: str, *, make=_dense, block: int = 0, own=False) -> Run:
    assert precision == "double"
    count = problem.count
    circuit = make(problem)
    if block < 0:
        QuantumCircuitOptimizer().optimize_light(circuit)
    elif block:
        QuantumCircuitOptimizer().optimize(circuit, block)

    def run():
        state = qulacs.QuantumState(count)
        circuit.update_quantum_state(state)
        if not own:
            return read_out(state.get_vector(), count)
        values = np.empty((count, 3))
        for k in range(count):
            for axis in range(3):
                pauli = qulacs.Observable(count)
                pauli.add_operator(1.0, f"{'XYZ'[axis]} {k}")
                values[k, axis] = pauli.get_expectation_value(state)
        return values

    return run


FORMS = {
    "DenseMatrix 4x4": _run,
    "DenseMatrix 4x4, optimizer, blocks of 3": partial(_run, block=3),
    "DenseMatrix 4x4, optimizer, blocks of 4": partial(_run, block=4),
    "DenseMatrix 4x4, light optimizer": partial(_run, block=-1),
    "PauliRotation + RZ": partial(_run, make=_rotations),
    "PauliRotation + RZ, optimizer, blocks of 2": partial(_run, make=_rotations, block=2),
    "DenseMatrix 4x4, own expectation values": partial(_run, own=True),
}
