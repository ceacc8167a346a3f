"""The bases in which qubits are measured, in the order of the polarization's components."""

from __future__ import annotations

from collections.abc import Sequence

from qiskit.circuit import QuantumCircuit

#: Letters of the bases: basis k gives component k of the polarization.
BASES = ("X", "Y", "Z")


def turn_to_basis(circuit: QuantumCircuit, basis: str, qubits: Sequence[int]) -> None:
    """Append the rotations after which a measurement in Z is one of ``basis``.

    ``H`` for X, ``H S^+`` for Y: ``<X> = <H Z H>``, ``<Y> = <S H Z H S^+>``.

    Args:
        circuit: changed in place.
        basis: ``"X"``, ``"Y"`` or ``"Z"`` for all of them, or a letter for each.
        qubits: which of its qubits.

    Examples:
        >>> qc = QuantumCircuit(2)
        >>> turn_to_basis(qc, "Y", [1])
        >>> [instruction.name for instruction in qc.data]
        ['sdg', 'h']
    """
    letters = setting(basis, len(qubits))
    down = [qubit for qubit, letter in zip(qubits, letters, strict=True) if letter == "Y"]
    turned = [qubit for qubit, letter in zip(qubits, letters, strict=True) if letter != "Z"]
    if down:
        circuit.sdg(down)
    if turned:
        circuit.h(turned)


def setting(basis: str, count: int) -> str:
    """A letter for each of some qubits.

    Examples:
        >>> setting("X", 3), setting("XYZ", 3)
        ('XXX', 'XYZ')
    """
    return basis * count if len(basis) == 1 else basis
