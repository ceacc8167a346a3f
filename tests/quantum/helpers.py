"""What several tests of circuits use."""

from functools import partial

import numpy as np
from qiskit.quantum_info import Pauli, Statevector

from qnu import testing
from qnu.quantum.machines.cut import onto, used_qubits


def bloch(state, count):
    """Polarization of every qubit of a state vector, the slow way."""
    tensor = np.asarray(state).reshape((2,) * count)
    result = []
    for qubit in range(count):
        a, b = np.moveaxis(tensor, count - 1 - qubit, 0).reshape(2, -1)
        xy = 2 * np.vdot(a, b)
        result.append([xy.real, xy.imag, np.vdot(a, a).real - np.vdot(b, b).real])
    return np.array(result)


def two_qubit_gates(qc):
    return sum(len(i.qubits) == 2 and i.operation.name != "barrier" for i in qc.data)


#: Pure neutrinos without any symmetry between them.
random_gas = partial(testing.random_gas, seed=0, velocities="right-angle", mixing_angle=0.2)


def polarization(qc, where):
    """Polarizations of the neutrinos on qubits ``where`` of a circuit on a device."""
    small = onto(qc, used := sorted(set(used_qubits([qc])) | set(where)))
    state = Statevector(small)
    return np.array(
        [[state.expectation_value(Pauli(b), [used.index(w)]).real for b in "XYZ"] for w in where]
    )


def assert_isa(qc, target):
    """Every instruction is one of the device."""
    for instruction in qc.data:
        qubits = tuple(qc.find_bit(q).index for q in instruction.qubits)
        name = instruction.operation.name
        assert name == "barrier" or target.instruction_supported(name, qubits), (name, qubits)
