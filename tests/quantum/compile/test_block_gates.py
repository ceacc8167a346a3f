"""Two-qubit gates of the blocks of any circuit, with and without a swap."""

from __future__ import annotations

import numpy as np
import pytest
import qiskit
from qiskit.circuit.library import (
    CPhaseGate,
    CXGate,
    DCXGate,
    ECRGate,
    RXXGate,
    RZZGate,
    SwapGate,
    XXMinusYYGate,
    XXPlusYYGate,
    iSwapGate,
)
from qiskit.converters import circuit_to_dag
from qiskit.quantum_info import Operator, random_unitary
from qiskit.synthesis import TwoQubitBasisDecomposer
from qiskit.transpiler import CouplingMap

import qnu
from qnu.quantum.compile.block_gates import block_gates, controlled_gates
from qnu.quantum.compile.blocks import collect_blocks

GATES = [
    CXGate(),
    RZZGate(0.3),
    RXXGate(np.pi / 2),
    SwapGate(),
    iSwapGate(),
    CPhaseGate(0.2),
    XXPlusYYGate(0.4),
    XXMinusYYGate(0.4, 0.1),
    DCXGate(),
    ECRGate(),
]
SWAP = Operator(SwapGate()).data


def local(seed):
    return np.kron(random_unitary(2, seed=seed).data, random_unitary(2, seed=seed + 500).data)


def test_the_numbers_are_those_of_qiskits_decomposer() -> None:
    matrices = [local(k) @ Operator(gate).data @ local(k + 50) for k, gate in enumerate(GATES)]
    matrices += [random_unitary(4, seed=k).data for k in range(5)] + [local(7), np.eye(4)]
    matrices += [SWAP @ matrix for matrix in matrices]
    qiskits = TwoQubitBasisDecomposer(CXGate())
    wanted = [qiskits.num_basis_gates(matrix) for matrix in matrices]
    assert {0, 1, 2, 3} <= set(wanted)
    assert controlled_gates(np.array(matrices)).tolist() == wanted


def test_gates_of_a_pair_in_a_row_are_one_block() -> None:
    circuit = qiskit.QuantumCircuit(3)
    circuit.cx(0, 1)
    circuit.rz(0.3, 1)
    circuit.cx(0, 1)  # RZZ: two, three with a swap
    circuit.swap(1, 2)  # three, or none
    circuit.cx(2, 0)  # one, or two
    blocks = collect_blocks(circuit_to_dag(circuit))
    assert block_gates(blocks, "cz").tolist() == [[2, 3], [3, 0], [1, 2]]
    assert block_gates(blocks, "rzz") is None


def test_encounters_need_three_and_a_swap_inside_is_free() -> None:
    gas = qnu.testing.random_gas(4, seed=1, velocities="right-angle")
    circuit = qnu.quantum.circuit(gas, qnu.schedules.tournament(gas, 0.3))
    assert block_gates(collect_blocks(circuit_to_dag(circuit)), "cz") is None


@pytest.mark.parametrize("seed", range(3))
def test_the_plugin_counts_gates_as_they_come_out(seed) -> None:
    """CX and SWAP at random on a line: never more than twice what Qiskit's best of five needs."""
    rng = np.random.default_rng(seed)
    circuit = qiskit.QuantumCircuit(6)
    for _ in range(40):
        a, b = rng.choice(6, 2, replace=False).tolist()
        (circuit.swap if rng.random() < 0.3 else circuit.cx)(a, b)
        circuit.rx(float(rng.random()), a)
    options = {
        "coupling_map": CouplingMap.from_line(6),
        "basis_gates": ["cz", "rz", "sx", "x"],
        "optimization_level": 3,
    }
    own = qiskit.transpile(
        circuit, layout_method="qnu", routing_method="qnu", seed_transpiler=1, **options
    )
    qiskits = [qiskit.transpile(circuit, seed_transpiler=k, **options) for k in range(5)]
    fewest = min(one.count_ops()["cz"] for one in qiskits)
    assert own.count_ops()["cz"] <= fewest
    assert Operator.from_circuit(own).equiv(Operator(circuit))


def test_free_parameters_count_as_generic_angles() -> None:
    theta = qiskit.circuit.Parameter("theta")
    circuit = qiskit.QuantumCircuit(3)
    circuit.rzz(theta, 0, 1)
    circuit.cp(2 * theta, 1, 2)
    blocks = collect_blocks(circuit_to_dag(circuit))
    assert block_gates(blocks, "cz").tolist() == [[2, 3], [2, 3]]
    assert circuit.parameters == {theta}
