"""Gates of compiled circuits: a move to an empty site, and the matrix of any gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit.circuit import AnnotatedOperation, Gate, ParameterExpression, QuantumCircuit
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Clifford, Operator

from ...encounter import SWAP, Complexes

#: Kinds of operations that are unitary. Others may be so too, but delays and barriers count time.
UNITARY_KINDS = (Gate, AnnotatedOperation, Clifford)


class MoveGate(Gate):  # type: ignore[misc]  # Qiskit has no type hints
    """``|psi>|0> -> |0>|psi>``: a qubit moves to an empty site, 2 CX instead of a SWAP's 3.

    On a second qubit that is not |0> it is something else than a SWAP.

    References:
        the circuit of a SWAP whose first CX would do nothing.

    Examples:
        >>> MoveGate().definition.count_ops()["cx"]
        2
    """

    def __init__(self) -> None:
        super().__init__("move", 2, [])

    def _define(self) -> None:
        qc = QuantumCircuit(2, name=self.name)
        qc.cx(0, 1)
        qc.cx(1, 0)
        self.definition = qc


def product_of(
    matrices: Sequence[Complexes], nodes: Sequence[Any], first: int, index: dict[Any, int]
) -> Complexes:
    """The matrix of gates of one pair in a row, in Qiskit's order.

    Args:
        matrices: ``(2, 2)`` and ``(4, 4)`` of ``nodes``, in the order of time.
        nodes: operations on the two qubits.
        first: number of the first qubit of the pair.
        index: number of every qubit.
    """
    product = np.eye(4, dtype=complex)
    for matrix, node in zip(matrices, nodes, strict=True):
        qubits = [index[q] for q in node.qargs]
        if len(qubits) == 1:
            one = np.eye(2)
            matrix = np.kron(one, matrix) if qubits[0] == first else np.kron(matrix, one)
        elif qubits[0] != first:
            matrix = SWAP @ matrix @ SWAP
        product = matrix @ product
    return product


def matrix_of(operation: Any) -> Complexes | None:
    """The matrix of a bound gate; where its class has none, that of its definition.

    Args:
        operation: any Qiskit operation.

    Returns:
        the matrix in Qiskit's order, or None: unbound, opaque, or no unitary (a measurement, a
        reset, control flow).

    References:
        Qiskit's ``Operator``.

    Examples:
        >>> qc = QuantumCircuit(1)
        >>> _ = qc.x(0)
        >>> matrix_of(qc.to_gate()).real.tolist(), matrix_of(Gate("opaque", 1, [])) is None
        ([[0.0, 1.0], [1.0, 0.0]], True)
    """
    if not isinstance(operation, UNITARY_KINDS):
        return None
    source: Any = operation
    if isinstance(operation, Gate):
        # not is_parameterized(): of a ControlledGate Qiskit looks at the wrong list
        if any(isinstance(p, ParameterExpression) and p.parameters for p in operation.params):
            return None
        if hasattr(operation, "__array__"):
            return np.asarray(operation.to_matrix(), complex)
        # what Qiskit will execute: of a PauliEvolutionGate the product formula, not the exponential
        source = operation.definition
        if source is None:
            return None
    try:
        return np.asarray(Operator(source).data)
    except QiskitError:  # opaque, or with a measurement or reset inside
        return None
