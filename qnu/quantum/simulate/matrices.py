"""Matrices of the gates that the engine takes, for arrays of parameters at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from qiskit.circuit import (
    ControlFlowOp,
    Gate,
    Instruction,
    Parameter,
    ParameterExpression,
    QuantumCircuit,
)
from qiskit.circuit.library import (
    PauliEvolutionGate,
    PhaseGate,
    RXGate,
    RXXGate,
    RYGate,
    RYYGate,
    RZGate,
    RZZGate,
    UGate,
    UnitaryGate,
    XXPlusYYGate,
)
from qiskit.exceptions import QiskitError
from qiskit.quantum_info import Operator, SparseObservable, SparsePauliOp
from qiskit.transpiler.passes import HighLevelSynthesis
from scipy.sparse import SparseEfficiencyWarning

from ... import encounter
from ...common.checks import Floats
from ...encounter import PAULI, Complexes
from ...errors import QnuError, QnuWarning
from ..circuits.gate import EncounterGate, little_endian

_XX, _YY, _ZZ = (np.kron(s, s) for s in PAULI)
#: Qubits of a matrix that is still decomposed: 4^10 gates take minutes.
_WIDEST = 8
#: How far from a sum of parameters an expression may be to count as one (rounding).
_ROUNDING = 1e-14


class Scalars:
    """Numbers and parameter expressions, evaluated together for one set of parameter values.

    Sums ``c_0 + sum_k c_k p_k``, which is nearly everything, cost one array operation for all of
    them; other expressions are bound one by one.
    """

    def __init__(self, parameters: Any) -> None:
        self.parameters = list(parameters)
        self._column = {parameter: k for k, parameter in enumerate(self.parameters)}
        self._constant: list[float] = []
        self._terms: list[tuple[int, int, float]] = []
        self._others: list[tuple[int, ParameterExpression, list[int]]] = []
        self._probe = np.random.default_rng(1).uniform(0.5, 1.5, len(self.parameters))

    def add(self, value: Any) -> int:
        """The place of a number or expression among the values."""
        place = len(self._constant)
        self._constant.append(0.0)
        if not isinstance(value, ParameterExpression) or not value.parameters:
            number = value.numeric() if isinstance(value, ParameterExpression) else value
            self._constant[place] = float(number)
        elif isinstance(value, Parameter):
            self._terms.append((place, self._column[value], 1.0))
        else:
            self._add_expression(place, value)
        return place

    def _add_expression(self, place: int, value: ParameterExpression) -> None:
        names = list(value.parameters)
        columns = [self._column[parameter] for parameter in names]
        if not self._looks_linear(value, names, columns):
            self._others.append((place, value, columns))
            return
        slopes = [value.gradient(parameter) for parameter in names]
        if all(isinstance(slope, int | float) for slope in slopes):
            constant = _bound(value, names, np.zeros(len(names)))
            probe = self._probe[columns]
            guess = constant + float(np.dot(slopes, probe))
            # Qiskit drops tiny coefficients in some places and not in others
            if abs(guess - _bound(value, names, probe)) <= _ROUNDING * max(1.0, abs(guess)):
                self._constant[place] = constant
                self._terms += zip([place] * len(names), columns, slopes, strict=True)
                return
        self._others.append((place, value, columns))

    def _looks_linear(
        self, value: ParameterExpression, names: list[Any], columns: list[int]
    ) -> bool:
        """Whether it is linear on three points of a line; gradients of others may take minutes."""
        probe = self._probe[columns]
        try:
            low, middle, high = (_bound(value, names, f * probe) for f in (-0.4, 0.3, 1.0))
        except (ArithmeticError, ValueError, QiskitError):  # 1/p and the like, at some values
            return False
        return abs(low + high - 2 * middle) <= 1e-9 * max(1.0, abs(low), abs(high))

    def freeze(self) -> None:
        """Lists to arrays, after the last addition."""
        self._constants = np.array(self._constant)
        place, column, slope = zip(*self._terms, strict=True) if self._terms else ((), (), ())
        self._sums = np.array(place, np.int64), np.array(column, np.int64), np.array(slope, float)

    def evaluate(self, values: Floats) -> Floats:
        """All of them for parameter ``values (parameters,)``."""
        if not np.isfinite(values).all():
            raise QnuError("parameter_values", values.tolist(), "finite numbers")
        place, column, slope = self._sums
        result = self._constants + np.bincount(place, slope * values[column], len(self._constants))
        for at, expression, columns in self._others:
            names = [self.parameters[k] for k in columns]
            result[at] = _bound(expression, names, values[columns])
        if not np.isfinite(result).all():
            raise QnuError("parameter_values", values.tolist(), "values of finite angles")
        return result


def _bound(expression: ParameterExpression, parameters: list[Any], values: Floats) -> float:
    bound = expression.bind(dict(zip(parameters, values.tolist(), strict=True)), True)
    return float(bound.numeric())


def _diagonal(*entries: Complexes) -> Complexes:
    result = np.zeros((len(entries[0]), len(entries), len(entries)), complex)
    for k, entry in enumerate(entries):
        result[:, k, k] = entry
    return result


def _turn(generator: Complexes) -> Callable[[Floats], Complexes]:
    """``exp(-i angle/2 G)`` for ``G^2 = 1``."""

    def matrices(p: Floats) -> Complexes:
        half = p[:, 0, None, None] / 2
        result: Complexes = np.cos(half) * np.eye(len(generator)) - 1j * np.sin(half) * generator
        return result

    return matrices


def _rz(p: Floats) -> Complexes:
    phase = np.exp(-0.5j * p[:, 0])
    return _diagonal(phase, phase.conj())


def _rzz(p: Floats) -> Complexes:
    same = np.exp(-0.5j * p[:, 0])
    return _diagonal(same, same.conj(), same.conj(), same)


def _p(p: Floats) -> Complexes:
    return _diagonal(np.ones(len(p)), np.exp(1j * p[:, 0]))


def _u(p: Floats) -> Complexes:
    theta, phi, last = p.T
    c, s = np.cos(theta / 2), np.sin(theta / 2)
    rows = [c, -np.exp(1j * last) * s, np.exp(1j * phi) * s, np.exp(1j * (phi + last)) * c]
    return np.stack(rows, axis=-1).reshape(-1, 2, 2)


def _xx_plus_yy(p: Floats) -> Complexes:
    half, beta = p[:, 0] / 2, p[:, 1]
    one = np.ones(len(p))
    result = _diagonal(one, np.cos(half), np.cos(half), one)
    result[:, 1, 2] = -1j * np.sin(half) * np.exp(1j * beta)
    result[:, 2, 1] = -1j * np.sin(half) * np.exp(-1j * beta)
    return result


def _encounter(p: Floats) -> Complexes:
    result = np.empty((len(p), 4, 4), complex)
    for anisotropy in np.unique(p[:, 8]):
        k = p[:, 8] == anisotropy
        given = p[k, 0], p[k, 1:4], p[k, 4:7], p[k, 7]
        result[k] = encounter.unitary(*given, float(anisotropy))
    return result


#: ``(n, parameters)`` to ``(n, 2, 2)``, or ``(n, 4, 4)`` in the order (first) x (second).
FORMULAS: dict[type[Gate], Callable[[Floats], Complexes]] = {
    RXGate: _turn(PAULI[0]),
    RYGate: _turn(PAULI[1]),
    RZGate: _rz,
    PhaseGate: _p,
    UGate: _u,
    RXXGate: _turn(_XX),
    RYYGate: _turn(_YY),
    RZZGate: _rzz,
    XXPlusYYGate: _xx_plus_yy,
    EncounterGate: _encounter,
}


def parts(operation: Any) -> QuantumCircuit | None:
    """The circuit that an operation is made of; None where it is taken by its matrix, or refused.

    One- and two-qubit gates of numbers are taken by their matrix where they have one. Qiskit's
    simulators do the same, which matters for a PauliEvolutionGate: its definition is a product
    formula, which is exact only where the Paulis commute.
    """
    kind, count = type(operation), operation.num_qubits
    if kind in FORMULAS or isinstance(operation, ControlFlowOp):
        return None
    gate = isinstance(operation, Gate)
    if gate and count in (1, 2):
        given = hasattr(operation, "__array__") or kind.to_matrix is not Gate.to_matrix
        bound = not any(isinstance(p, ParameterExpression) for p in operation.params)
        if given and (bound or isinstance(operation, PauliEvolutionGate)):
            return None
    if isinstance(operation, PauliEvolutionGate):
        _warn_of_steps(operation)
    if not isinstance(operation, Instruction):  # Clifford, annotated operations, ...
        return _synthesized(operation)
    try:
        definition: QuantumCircuit | None = operation.definition
        if definition is None and gate and 2 < count <= _WIDEST and hasattr(operation, "__array__"):
            definition = UnitaryGate(operation.to_matrix()).definition
    except QiskitError:
        return None
    return definition


def _synthesized(operation: Any) -> QuantumCircuit | None:
    qc = QuantumCircuit(operation.num_qubits, operation.num_clbits)
    qc.append(operation, qc.qubits, qc.clbits)
    try:
        result: QuantumCircuit = HighLevelSynthesis(basis_gates=["u", "rz", "ry", "cx"])(qc)
    except QiskitError:
        return None
    return None if any(item.operation.name == operation.name for item in result.data) else result


def _warn_of_steps(gate: PauliEvolutionGate) -> None:
    operators = gate.operator if isinstance(gate.operator, list) else [gate.operator]
    total = SparsePauliOp.sum(
        [
            SparsePauliOp.from_sparse_observable(o)
            if isinstance(o, SparseObservable)
            else SparsePauliOp(o)
            for o in operators
        ]
    )
    if len(total.group_commuting()) > 1:
        warnings.warn(
            QnuWarning(
                f"a PauliEvolutionGate on {gate.num_qubits} qubits with Paulis that do not commute"
                " is taken by its definition, a product formula"
            ),
            stacklevel=2,
        )


def fixed_matrix(gate: Any) -> Complexes:
    """``(2, 2)``, or ``(4, 4)`` in the order (first) x (second), of a gate without parameters."""
    return _matrix(gate, gate)


def bound_matrix(gate: Any, values: dict[Any, float]) -> Complexes:
    """The same of a gate with parameters, for given values of them."""
    qc = QuantumCircuit(gate.num_qubits)
    qc.append(gate, qc.qubits)
    return _matrix(gate, qc.assign_parameters(values))


def _matrix(gate: Any, bound: Any) -> Complexes:
    try:
        with warnings.catch_warnings():  # SciPy, of the matrices that PauliEvolutionGate makes
            warnings.simplefilter("ignore", SparseEfficiencyWarning)
            matrix = np.asarray(Operator(bound).data, complex)
    except QiskitError:
        raise QnuError("instruction", gate.name, "a gate with a matrix or a definition") from None
    return little_endian(matrix) if gate.num_qubits == 2 else matrix
