"""qsim through qsimcirq: single precision only; gates are fused and run on all threads."""

from __future__ import annotations

from functools import partial

import cirq
import numpy as np
import qsimcirq

from ..circuit import Problem, read_out
from ..threads import THREADS
from . import Run


def _matrices(problem: Problem, line: list[cirq.LineQubit]) -> cirq.Circuit:
    circuit = cirq.Circuit(cirq.ry(a).on(line[k]) for k, a in enumerate(problem.tilts))
    circuit.append(
        cirq.MatrixGate(gate, unitary_check=False).on(line[i], line[j])
        for i, j, gate in problem.unitaries()
    )
    return circuit


def _fsim(problem: Problem, line: list[cirq.LineQubit]) -> cirq.Circuit:
    """``exp(-i theta SWAP) = (RZ(theta) x RZ(theta)) FSim(theta, 2 theta)``."""
    circuit = cirq.Circuit(cirq.ry(a).on(line[k]) for k, a in enumerate(problem.tilts))
    for kind, i, j, angle in problem.frame_steps():
        if kind == "rz":
            circuit.append(cirq.rz(angle).on(line[i]))
        else:
            circuit.append(cirq.FSimGate(angle, 2 * angle).on(line[i], line[j]))
            circuit.append(cirq.rz(angle).on(line[k]) for k in (i, j))
    return circuit


def _run(problem: Problem, precision: str, *, make=_matrices, fused: int, own=False) -> Run:
    assert precision == "single"
    count = problem.count
    # cirq is big-endian: qubit N-1 first makes neutrino k bit k of the index
    line = cirq.LineQubit.range(count)
    order = line[::-1]
    circuit = make(problem, line)
    options = qsimcirq.QSimOptions(max_fused_gate_size=fused, cpu_threads=THREADS)
    # the circuit is translated once, in the warm-up
    simulator = qsimcirq.QSimSimulator(options, circuit_memoization_size=1)
    paulis = [axis(q) for q in line for axis in (cirq.X, cirq.Y, cirq.Z)]

    def run():
        if own:
            values = simulator.simulate_expectation_values(circuit, paulis, qubit_order=order)
            return np.real(values).reshape(count, 3)
        _, state, _ = simulator.simulate_into_1d_array(circuit, qubit_order=order)
        return read_out(state, count)

    return run


FORMS = {
    "MatrixGate, fused up to 4": partial(_run, fused=4),
    "MatrixGate, fused up to 2": partial(_run, fused=2),
    "MatrixGate, fused up to 3": partial(_run, fused=3),
    "MatrixGate, fused up to 5": partial(_run, fused=5),
    "FSimGate + rz, fused up to 4": partial(_run, make=_fsim, fused=4),
    "MatrixGate, fused up to 4, own expectation values": partial(_run, fused=4, own=True),
}
