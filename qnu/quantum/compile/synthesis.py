"""Two-qubit gates in what a device has: 3 CZ, CX or ECR; 3 fractional RZZ; RXX, RYY, RZZ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from qiskit.circuit import Gate, ParameterExpression
from qiskit.circuit.library import (
    CXGate,
    GlobalPhaseGate,
    RXXGate,
    RYGate,
    RYYGate,
    RZGate,
    RZZGate,
    UnitaryGate,
)
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Target
from qiskit.transpiler.basepasses import TransformationPass

from ...errors import QnuError
from ..circuits.canonical import Angle, Form, Local, form_of
from ..circuits.gate import as_encounter
from .errors import raising_compile_errors
from .family import NAMES
from .gates import UNITARY_KINDS, MoveGate, matrix_of

#: Coordinates this close to a multiple of pi/2 are one: their rounding, nothing more.
_ROUNDING = 1e-13
_RIGHT = math.pi / 2

#: H = i RY(pi/2) RZ(pi).
_HADAMARD = (("rz", math.pi), ("ry", _RIGHT))
#: ``(gate, qubits)`` with qubits 0, 1 or (0, 1).
GatesOnQubits = Iterator[tuple[Gate, tuple[int, ...]]]


class EncounterSynthesis(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Every two-qubit gate in RZ, RY and the device's own kind of two-qubit gate.

    An encounter is ``(after) N(x, y, z) (before)``, ``N = exp(-i (x XX + y YY + z ZZ))``: 3 CX, or
    RXX(2x) RYY(2y) RZZ(2z), each of which is an RZZ between rotations. Angles of RZZ are folded
    into [0, pi/2], the range of IBM's fractional gates, by Paulis on both sides; an encounter with
    unbound parameters takes CX. RZ and RY are merged by Qiskit's passes afterwards.

    Args:
        family: ``"cz"`` (also for CX and ECR), ``"rzz"`` or ``"xyz"``, see :func:`family`.
        target: a device with several of CZ, CX and ECR, on some couplers in one direction only: CX
            is written in the direction that the coupler has. (Where there is one kind, Qiskit's
            ``GateDirection`` does it.)

    Raises:
        QnuError: a gate with neither matrix nor definition, or an encounter that is unbound with
            matter inside.

    References:
        Vatan and Williams (PRA 69, 032315); Zhang, Vala, Sastry, Whaley (PRA 67, 042313).

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> from qnu.quantum import EncounterGate
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.3), [0, 1])
        >>> EncounterSynthesis("rzz")(qc).count_ops()["rzz"]
        3
    """

    def __init__(self, family: str, target: Target | None = None) -> None:
        super().__init__()
        self.family = family
        self.backwards = frozenset() if target is None else _backwards(target)

    @raising_compile_errors
    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Rebuild the circuit; one-qubit gates, barriers, resets and delays pass unchanged.

        One-qubit gates that have only a definition become matrices: the translation after this pass
        has no rule for them.
        """
        result = dag.copy_empty_like()
        index = {qubit: k for k, qubit in enumerate(dag.qubits)}
        for node in dag.topological_op_nodes():
            operation, qubits = node.op, node.qargs
            if isinstance(operation, GlobalPhaseGate):
                result.global_phase += operation.params[0]
                continue
            if not isinstance(operation, UNITARY_KINDS) or not _is_rebuilt(operation):
                result.apply_operation_back(operation, qubits, node.cargs, check=False)
                continue
            sites = index[qubits[0]], index[qubits[-1]]
            for gate, places in self._directed(self._gates(operation, result), sites):
                result.apply_operation_back(gate, [qubits[k] for k in places], check=False)
        return result

    def _directed(self, gates: GatesOnQubits, sites: tuple[int, int]) -> GatesOnQubits:
        """Every CX in a direction that its coupler has: H x H exchanges control and target."""
        if not self.backwards:
            yield from gates
            return
        for gate, places in gates:
            if not isinstance(gate, CXGate) or (
                (sites[places[0]], sites[places[1]]) not in self.backwards
            ):
                yield gate, places
                continue
            yield from _both(_HADAMARD)  # each is H up to a factor -i, and (-i)^4 = 1
            yield gate, places[::-1]
            yield from _both(_HADAMARD)

    def _gates(self, operation: Any, result: DAGCircuit) -> GatesOnQubits:
        if isinstance(operation, MoveGate):
            yield from self._move(result)
            return
        encounter = as_encounter(operation)
        matrix = None if encounter is not None else matrix_of(operation)
        if encounter is not None:
            yield from self._canonical(encounter.form(), result)
        elif matrix is None:
            yield from self._defined(operation, result)
        elif len(matrix) == 2:
            yield UnitaryGate(matrix, check_input=False), (0,)
        else:
            yield from self._canonical(form_of(matrix), result)

    def _defined(self, operation: Any, result: DAGCircuit) -> GatesOnQubits:
        """An unbound gate by its definition: every two-qubit gate in it by itself."""
        definition = operation.definition
        if definition is None:
            raise QnuError("circuit", operation.name, "gates with a matrix or a definition")
        result.global_phase += definition.global_phase
        for part in definition.data:
            places = tuple(definition.find_bit(q).index for q in part.qubits)
            if not isinstance(part.operation, UNITARY_KINDS) or not _is_rebuilt(part.operation):
                yield part.operation, places
                continue
            for gate, inner in self._gates(part.operation, result):
                yield gate, tuple(places[k] for k in inner)

    def _canonical(self, form: Form, result: DAGCircuit) -> GatesOnQubits:
        result.global_phase += form.phase
        core, flips, phase = folded(form.core)
        result.global_phase += phase
        yield from _locals(form.before)
        if any(isinstance(x, ParameterExpression) or x != 0.0 for x in core):
            unbound = any(isinstance(x, ParameterExpression) for x in core)
            if self.family == "xyz":
                for gate, x in zip((RXXGate, RYYGate, RZZGate), core, strict=True):
                    yield gate(2 * x), (0, 1)
            elif self.family == "rzz" and not unbound:
                yield from _three_rzz(*core)
            else:
                yield from self._three_cx(core, result)
        yield from _locals((flips, flips))
        yield from _locals(form.after)

    def _move(self, result: DAGCircuit) -> GatesOnQubits:
        for control, aim in ((0, 1), (1, 0)):
            yield from self._cx(control, aim, result)

    def _cx(self, control: int, aim: int, result: DAGCircuit) -> GatesOnQubits:
        """A CX: itself, or ``exp(5i pi/4)`` times an RZZ of -pi/2 between rotations.

        CX = H CZ H on the target, CZ = exp(i pi/4) RZ RZ RZZ(-pi/2), H = i RY(pi/2) RZ(pi).
        """
        if self.family == "cz":
            yield CXGate(), (control, aim)
            return
        result.global_phase += 5 * math.pi / 4
        sides: list[Local] = [(), ()]
        sides[aim] = _HADAMARD
        yield from _locals((sides[0], sides[1]))
        yield from _rzz(-_RIGHT)
        yield from _both((("rz", _RIGHT),))
        yield from _locals((sides[0], sides[1]))

    def _three_cx(self, core: tuple[Angle, ...], result: DAGCircuit) -> GatesOnQubits:
        """As ``append_canonical``."""
        x, y, z = core
        result.global_phase += math.pi / 4
        yield RZGate(_RIGHT), (1,)
        yield from self._cx(1, 0, result)
        yield RZGate(2 * z + _RIGHT), (0,)
        yield RYGate(2 * x + _RIGHT), (1,)
        yield from self._cx(0, 1, result)
        yield RYGate(-2 * y - _RIGHT), (1,)
        yield from self._cx(1, 0, result)
        yield RZGate(-_RIGHT), (0,)


def _is_rebuilt(operation: Any) -> bool:
    if operation.num_qubits == 1 and isinstance(operation, Gate):
        return not hasattr(operation, "__array__") and operation.definition is not None
    return operation.num_qubits in (1, 2)


def _backwards(target: Target) -> frozenset[tuple[int, int]]:
    """Pairs on which a CX has to be written the other way round, see :class:`EncounterSynthesis`.

    Qiskit's own passes fail where some couplers have CX and others ECR.
    """
    names = [name for name in NAMES["cz"] if name in target.operation_names]
    couplers = [set(target[name] or {}) - {None} for name in names]
    if len(names) < 2 or not all(couplers):
        return frozenset()
    there = set().union(*couplers)
    if "cz" in names:  # the same both ways
        there |= {pair[::-1] for pair in couplers[names.index("cz")]}
    return frozenset(pair[::-1] for pair in there if pair[::-1] not in there)


def folded(core: tuple[Angle, ...]) -> tuple[tuple[Angle, ...], Local, float]:
    """The core with every number within +-pi/4, rotations of both qubits, and the phase.

    ``N(x + pi/2) = -i XX N(x)``, and the same for y and z; two of the three Pauli pairs make the
    third, up to a sign. A coordinate that is a multiple of pi/2 to rounding becomes 0.
    """
    result: list[Angle] = []
    odd = [False] * 3
    phase = 0.0
    for k, x in enumerate(core):
        if isinstance(x, ParameterExpression):
            result.append(x)
            continue
        turns = round(x / _RIGHT)
        rest = x - turns * _RIGHT
        result.append(0.0 if abs(rest) < _ROUNDING else rest)
        phase -= turns * _RIGHT  # (-i)^turns
        odd[k] = bool(turns % 2)
    x, y, z = odd
    # XX YY = -ZZ: the product of the pairs that are left is P P, P one Pauli, or nothing
    if x and y:
        x, y, z = False, False, not z
        phase += math.pi
    if z and (x or y):  # XX ZZ = -YY, YY ZZ = -XX
        x, y, z = not x, not y, False
        phase += math.pi
    # as rotations of each qubit: Z = i RZ(pi), Y = i RY(pi), X = -i Y Z
    if z:
        return tuple(result), (("rz", math.pi),), phase + math.pi
    if y:
        return tuple(result), (("ry", math.pi),), phase + math.pi
    if x:  # X x X = -(Y x Y)(Z x Z), and each of the two is -1 times rotations
        return tuple(result), (("rz", math.pi), ("ry", math.pi)), phase + math.pi
    return tuple(result), (), phase


def _locals(sides: tuple[Local, Local]) -> GatesOnQubits:
    for qubit, side in enumerate(sides):
        for name, angle in side:
            yield (RZGate if name == "rz" else RYGate)(angle), (qubit,)


def _three_rzz(x: float, y: float, z: float) -> GatesOnQubits:
    """``RZZ(2z) RYY(2y) RXX(2x)``, each between rotations that turn its axis to z."""
    yield from _both((("ry", -_RIGHT),))
    yield from _rzz(2 * x)
    yield from _both((("ry", _RIGHT), ("rz", -_RIGHT), ("ry", -_RIGHT)))
    yield from _rzz(2 * y)
    yield from _both((("ry", _RIGHT), ("rz", _RIGHT)))
    yield from _rzz(2 * z)


def _both(side: Local) -> GatesOnQubits:
    return _locals((side, side))


def _rzz(angle: float) -> GatesOnQubits:
    """RZZ of an angle within +-pi/2 as one of 0 to pi/2: a flip of one qubit turns the sign."""
    if angle == 0.0:
        return
    if angle > 0:
        yield RZZGate(angle), (0, 1)
        return
    yield RYGate(-math.pi), (0,)
    yield RZZGate(-angle), (0, 1)
    yield RYGate(math.pi), (0,)
