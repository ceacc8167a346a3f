"""The number of two-qubit gates of a circuit."""

from __future__ import annotations

from typing import Any

from qiskit.circuit import QuantumCircuit


def two_qubit_gates(qc: QuantumCircuit) -> dict[str, int]:
    """How many two-qubit gates a circuit has, and how many layers of them.

    Args:
        qc: a circuit.

    Returns:
        ``two_qubit_gates`` and ``two_qubit_depth``.

    Examples:
        >>> qc = QuantumCircuit(3)
        >>> _ = qc.cx(0, 1), qc.h(1), qc.cx(1, 2)
        >>> two_qubit_gates(qc)
        {'two_qubit_gates': 2, 'two_qubit_depth': 2}
    """

    def counts(instruction: Any) -> bool:
        return len(instruction.qubits) == 2 and instruction.operation.name != "barrier"

    return {
        "two_qubit_gates": sum(map(counts, qc.data)),
        "two_qubit_depth": int(qc.depth(counts)),
    }
