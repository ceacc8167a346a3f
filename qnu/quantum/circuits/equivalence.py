r"""What an encounter is in gates of other bases: entries of Qiskit's equivalence library.

Every encounter is rotations, ``N(x, y, z) = exp(-i (x XX + y YY + z ZZ))``, and rotations. Qiskit's
translation knows N by name and takes the rule that fits the basis; the rotations are RZ and RY.
Rules: RXX, RYY and RZZ; three RZZ; three RXX; three CX; three iSWAP.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit.circuit import Gate, Parameter, ParameterExpression, QuantumCircuit
from qiskit.circuit.equivalence_library import SessionEquivalenceLibrary
from qiskit.circuit.exceptions import CircuitError

from ...encounter import PAULI, Complexes
from .canonical import EIGHTH, Angle, append_canonical

_QUARTER = math.pi / 2


class CanonicalGate(Gate):  # type: ignore[misc]  # Qiskit has no type hints
    r""":math:`N(x, y, z) = \exp(-i\,(x\,\sigma_x\sigma_x + y\,\sigma_y\sigma_y
    + z\,\sigma_z\sigma_z))`.

    The part of an encounter that entangles, ``canonical`` in a circuit. Qiskit's translation, at
    every optimization level, writes it as RXX, RYY and RZZ, as three RZZ or RXX, three CX (CZ,
    ECR), or three iSWAP, by the basis that is asked for. Three is the least for generic angles.

    Args:
        x: angle of XX: a number or ParameterExpression.
        y: of YY.
        z: of ZZ.
        label: shown in drawings.

    References:
        Kraus and Cirac (PRA 63, 062309); Vatan and Williams (PRA 69, 032315) for the three CX.

    Examples:
        >>> from qiskit import QuantumCircuit, transpile
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(CanonicalGate(0.1, 0.2, 0.3), [0, 1])
        >>> transpile(qc, basis_gates=["iswap", "u"]).count_ops()["iswap"]
        3
    """

    def __init__(self, x: Angle, y: Angle, z: Angle, *, label: str | None = None) -> None:
        super().__init__("canonical", 2, [x, y, z], label=label)

    def _define(self) -> None:
        self.definition = three_cx(*self.params)

    def inverse(self, annotated: bool = False) -> CanonicalGate:
        """The same with the opposite angles; ``annotated`` is ignored."""
        x, y, z = self.params
        return CanonicalGate(-x, -y, -z, label=self.label)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Complexes:
        if copy is False:
            raise ValueError("the matrix of a CanonicalGate is computed: it is always a copy")
        if any(isinstance(angle, ParameterExpression) for angle in self.params):
            raise CircuitError("a CanonicalGate with unbound parameters has no matrix")
        matrix: Complexes = np.eye(4, dtype=complex)
        for angle, sigma in zip(map(float, self.params), PAULI, strict=True):
            pair = np.kron(sigma, sigma)
            matrix = matrix @ (math.cos(angle) * np.eye(4) - 1j * math.sin(angle) * pair)
        return np.asarray(matrix, dtype=dtype)


def three_kinds(x: Angle, y: Angle, z: Angle) -> QuantumCircuit:
    """``N(x, y, z)`` as RXX, RYY and RZZ, which commute."""
    qc = QuantumCircuit(2, name="canonical")
    qc.rxx(2 * x, 0, 1)
    qc.ryy(2 * y, 0, 1)
    qc.rzz(2 * z, 0, 1)
    return qc


def three_rzz(x: Angle, y: Angle, z: Angle) -> QuantumCircuit:
    """``N(x, y, z)`` as three RZZ: axes are turned to z and back."""
    qc = QuantumCircuit(2, name="canonical")
    qc.rzz(2 * z, 0, 1)
    _both(qc, "ry", -_QUARTER)  # x is at z now
    qc.rzz(2 * x, 0, 1)
    _both(qc, "rz", _QUARTER)
    _both(qc, "ry", _QUARTER)  # y is at z now
    qc.rzz(2 * y, 0, 1)
    _both(qc, "ry", -_QUARTER)
    _both(qc, "rz", -_QUARTER)
    _both(qc, "ry", _QUARTER)
    return qc


def three_rxx(x: Angle, y: Angle, z: Angle) -> QuantumCircuit:
    """``N(x, y, z)`` as three RXX, the gate of ions."""
    qc = QuantumCircuit(2, name="canonical")
    qc.rxx(2 * x, 0, 1)
    _both(qc, "rz", -_QUARTER)
    qc.rxx(2 * y, 0, 1)
    _both(qc, "rz", _QUARTER)
    _both(qc, "ry", _QUARTER)
    qc.rxx(2 * z, 0, 1)
    _both(qc, "ry", -_QUARTER)
    return qc


def three_cx(x: Angle, y: Angle, z: Angle) -> QuantumCircuit:
    """``N(x, y, z)`` as three CX."""
    qc = QuantumCircuit(2, name="canonical")
    append_canonical(qc, x, y, z)
    return qc


def three_iswap(x: Angle, y: Angle, z: Angle) -> QuantumCircuit:
    r"""``N(x, y, z)`` as three iSWAP.

    iSWAP is a SWAP after CZ and phases, so three of them are a SWAP after three CZ. With
    ``N(x, y, z) = exp(i pi/4) SWAP N(x + pi/4, y + pi/4, z + pi/4)`` the SWAPs cancel.
    """
    shifted = three_cx(x + EIGHTH, y + EIGHTH, z + EIGHTH)
    qc = QuantumCircuit(2, name="canonical", global_phase=shifted.global_phase + EIGHTH)
    place = [0, 1]
    for instruction in shifted.data:
        qubits = [place[shifted.find_bit(qubit).index] for qubit in instruction.qubits]
        if instruction.operation.name != "cx":
            qc.append(instruction.operation, qubits)
            continue
        goal = qubits[1]
        qc.ry(-_QUARTER, goal)
        _both(qc, "rz", -_QUARTER)  # phases of both, with a global one of -pi/2
        qc.iswap(0, 1)
        place.reverse()
        qc.ry(_QUARTER, 1 - goal)
        qc.global_phase -= _QUARTER
    return qc


def _both(qc: QuantumCircuit, rotation: str, angle: float) -> None:
    for qubit in (0, 1):
        getattr(qc, rotation)(angle, qubit)


#: Every rule; each is exact, with its global phase.
RULES: tuple[Callable[[Angle, Angle, Angle], QuantumCircuit], ...] = (
    three_kinds,
    three_rzz,
    three_rxx,
    three_cx,
    three_iswap,
)


def _register() -> None:
    """Adds the rules to the library that every transpilation of this process uses."""
    angles = Parameter("x"), Parameter("y"), Parameter("z")
    gate = CanonicalGate(*angles)
    if not SessionEquivalenceLibrary.has_entry(gate):
        for rule in RULES:
            SessionEquivalenceLibrary.add_equivalence(gate, rule(*angles))


_register()
