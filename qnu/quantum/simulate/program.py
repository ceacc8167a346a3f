"""A circuit as the engine runs it: read once, then evaluated for any parameter values.

Swaps relabel wires and move no amplitudes. One-qubit gates, and gates that follow on the same pair,
are multiplied into an existing two-qubit gate; one-qubit gates before the first two-qubit gate of a
qubit only change the initial product state. Qubits without two-qubit gates are not part of the
state vector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Barrier, Delay, Gate, Measure, ParameterExpression, QuantumCircuit
from qiskit.circuit.library import (
    GlobalPhaseGate,
    IGate,
    RXXGate,
    RYYGate,
    RZZGate,
    SwapGate,
    XXPlusYYGate,
)
from qiskit.circuit.singleton import SingletonControlledGate, SingletonGate

from ...common import memory
from ...common.checks import Floats
from ...encounter import Complexes
from ...engine import statevector
from ...engine.statevector import gates as engine_gates
from ...errors import QnuError
from ..circuits.gate import EncounterGate, as_encounter, little_endian
from .matrices import FORMULAS, Scalars, bound_matrix, fixed_matrix, parts

#: The allowed instructions, for error messages.
ALLOWED = (
    "EncounterGate, every gate with a matrix or a definition, barrier, delay, and measurements at"
    " the end of a qubit"
)
_PAIRS = (EncounterGate, RXXGate, RYYGate, RZZGate, XXPlusYYGate)
#: By class: a user's gate may have any name.
_IGNORED = (Barrier, Delay, IGate, GlobalPhaseGate)
#: How a factor enters a 4x4 matrix: u x 1, 1 x u, as it is, or with the qubits exchanged.
_LEFT, _RIGHT, _STRAIGHT, _CROSSED = range(4)
_ONE = np.eye(2, dtype=complex)


@dataclass(frozen=True)
class SamplePoint:
    """A place in the circuit where the state is sampled."""

    slots: int  # how many two-qubit gates come before it
    local: tuple[tuple[int, int], ...]  # (wire, chain) of one-qubit gates right before it
    wire: tuple[int, ...]  # qubit -> wire


class _Factors:
    """All matrices of a circuit: those of one qubit, and those of two, each in one array."""

    def __init__(self, scalars: Scalars) -> None:
        self.scalars = scalars
        self.count = {False: 0, True: 0}  # of one qubit, of two
        self.kinds: dict[type[Gate], tuple[Any, Any]] = {}  # numbers, places of the parameters
        self.fixed: list[tuple[int, bool, Complexes]] = []
        self.open: list[tuple[int, Any]] = []  # gates with parameters and neither formula nor parts
        self._cached: dict[Any, Complexes] = {}

    def add(self, gate: Any) -> int:
        """The number of the gate's matrix among those of its size."""
        number = self.count[gate.num_qubits == 2]
        self.count[gate.num_qubits == 2] += 1
        kind = type(gate)
        if kind in FORMULAS:
            numbers, places = self.kinds.setdefault(kind, ([], []))
            numbers.append(number)
            given = gate.params
            if isinstance(gate, EncounterGate):  # eight, or nine with an anisotropy
                given = [*given[:8], gate.anisotropy]
            places.append([self.scalars.add(p) for p in given])
        elif _parameters(gate):
            self.open.append((number, gate))
        else:
            self.fixed.append((number, gate.num_qubits == 2, self._matrix(gate)))
        return number

    def _matrix(self, gate: Any) -> Complexes:
        """Of a gate without parameters; those of h, x, cx, ... are cached."""
        if not isinstance(gate, SingletonGate | SingletonControlledGate):
            return fixed_matrix(gate)
        key = gate.base_class, getattr(gate, "ctrl_state", None)
        if key not in self._cached:
            self._cached[key] = fixed_matrix(gate)
        return self._cached[key]

    def freeze(self) -> None:
        """Lists to arrays, after the last addition."""
        self.scalars.freeze()
        for kind, (numbers, places) in self.kinds.items():
            self.kinds[kind] = np.array(numbers), np.array(places)

    def evaluate(self, values: Floats) -> tuple[Complexes, Complexes]:
        """``(m, 2, 2)`` and ``(n, 4, 4)`` for one set of parameter values."""
        ones = np.empty((self.count[False], 2, 2), complex)
        twos = np.empty((self.count[True], 4, 4), complex)
        scalars = self.scalars.evaluate(values)
        for kind, (numbers, places) in self.kinds.items():
            (twos if kind in _PAIRS else ones)[numbers] = FORMULAS[kind](scalars[places])
        for number, pair, matrix in self.fixed:
            (twos if pair else ones)[number] = matrix
        named = dict(zip(self.scalars.parameters, values.tolist(), strict=True))
        for number, gate in self.open:
            matrix = bound_matrix(gate, {p: named[p] for p in _parameters(gate)})
            (twos if gate.num_qubits == 2 else ones)[number] = matrix
        return ones, twos


def _parameters(gate: Any) -> set[Any]:
    parameters: set[Any] = set()
    for p in gate.params:
        if isinstance(p, ParameterExpression):
            parameters |= set(p.parameters)
    return parameters


def _place(name: str, within: str) -> str:
    return f"{within}, with {name} inside" if within and within != name else name


@dataclass(eq=False)
class _Reader:
    """Walks through a circuit once."""

    qc: QuantumCircuit
    factors: _Factors
    slots: list[tuple[int, int]] = field(default_factory=list)  # wires of two-qubit gates
    parts: list[tuple[int, int, int, int]] = field(default_factory=list)  # slot, level, how, factor
    chains: list[list[int]] = field(default_factory=list)
    points: list[SamplePoint] = field(default_factory=list)
    measured: dict[int, int] = field(default_factory=dict)  # clbit -> wire, the last one
    measured_wires: set[int] = field(default_factory=set)  # also of bits written again

    def __post_init__(self) -> None:
        count = self.qc.num_qubits
        self.wire = list(range(count))  # of each qubit
        self.start: list[list[int]] = [[] for _ in range(count)]  # before everything, per wire
        self.waiting: list[list[int]] = [[] for _ in range(count)]  # for the next slot of a wire
        self.last = [-1] * count  # the slot of a wire that may still grow
        self.fresh = [True] * count
        self.levels: list[int] = []

    def read(self, positions: Sequence[int]) -> None:
        index = {bit: k for k, bit in enumerate(self.qc.qubits)}
        done = 0
        for position in positions:
            for item in self.qc.data[done:position]:
                qubits = [index[q] for q in item.qubits]
                clbits = [self.qc.find_bit(c).index for c in item.clbits]
                try:
                    self._instruction(item.operation, qubits, clbits)
                except RecursionError:
                    allowed = "a gate that is not part of itself"
                    raise QnuError("instruction", item.name, allowed) from None
            done = position
            self._point()

    def _instruction(
        self, operation: Any, qubits: list[int], clbits: list[int], within: str = ""
    ) -> None:
        """One operation, or what it is made of; ``within`` names the composite around it."""
        if isinstance(operation, _IGNORED):
            return
        if isinstance(operation, Measure):
            self.measured[clbits[0]] = self.wire[qubits[0]]
            self.measured_wires.add(self.wire[qubits[0]])
            return
        gate = as_encounter(operation) or operation
        inner = parts(gate)
        if inner is not None:
            self._inside(inner, qubits, clbits, within or operation.name)
            return
        wires = [self.wire[q] for q in qubits]
        if not isinstance(gate, Gate) or len(qubits) not in (1, 2):
            raise QnuError("instruction", _place(gate.name, within), ALLOWED)
        if not self.measured_wires.isdisjoint(wires):
            name = _place(f"{gate.name} after measure on qubit {qubits}", within)
            raise QnuError("instruction", name, ALLOWED)
        if len(wires) == 1:
            self._one(wires[0], self.factors.add(gate))
            return
        if not isinstance(gate, SwapGate):  # SwapGate() is of a subclass
            self._two(wires[0], wires[1], self.factors.add(gate))
        if isinstance(gate, SwapGate) or (isinstance(gate, EncounterGate) and gate.swap):
            self.wire[qubits[0]], self.wire[qubits[1]] = wires[1], wires[0]

    def _inside(
        self, inner: QuantumCircuit, qubits: list[int], clbits: list[int], within: str
    ) -> None:
        place = dict(zip(inner.qubits, qubits, strict=True))
        into = dict(zip(inner.clbits, clbits, strict=True))
        for item in inner.data:
            where = [place[q] for q in item.qubits], [into[c] for c in item.clbits]
            self._instruction(item.operation, *where, within)

    def _one(self, wire: int, factor: int) -> None:
        if self.fresh[wire]:
            self.start[wire].append(factor)
        elif self.last[wire] >= 0:
            slot = self.last[wire]
            self._part(slot, _LEFT if self.slots[slot][0] == wire else _RIGHT, factor)
        else:
            self.waiting[wire].append(factor)

    def _two(self, a: int, b: int, factor: int) -> None:
        slot = self.last[a]
        if slot < 0 or self.last[b] != slot:
            slot = len(self.slots)
            self.slots.append((a, b))
            self.levels.append(0)
            for wire, how in ((a, _LEFT), (b, _RIGHT)):
                for waiting in self.waiting[wire]:
                    self._part(slot, how, waiting)
                self.waiting[wire].clear()
                self.last[wire], self.fresh[wire] = slot, False
        self._part(slot, _STRAIGHT if self.slots[slot][0] == a else _CROSSED, factor)

    def _part(self, slot: int, how: int, factor: int) -> None:
        self.parts.append((slot, self.levels[slot], how, factor))
        self.levels[slot] += 1

    def _point(self) -> None:
        local = []
        for wire, waiting in enumerate(self.waiting):
            if waiting:
                local.append((wire, len(self.chains)))
                self.chains.append(waiting)
        count = self.qc.num_qubits
        self.waiting = [[] for _ in range(count)]
        self.last, self.fresh = [-1] * count, [False] * count
        self.points.append(SamplePoint(len(self.slots), tuple(local), tuple(self.wire)))


class Program:
    """A circuit, ready for :meth:`evolve`.

    Args:
        qc: a circuit of gates that the engine takes.
        marks: number of instructions before each sample point; default: one point, at the end.
            With marks every qubit is in the state vector, wire k as bit k; without, only those
            that two-qubit gates act on.
    """

    def __init__(self, qc: QuantumCircuit, marks: Sequence[int] | None = None) -> None:
        self._factors = _Factors(Scalars(qc.parameters))
        reader = _Reader(qc, self._factors)
        reader.read([len(qc.data)] if marks is None else marks)
        self._factors.freeze()
        self.points = tuple(reader.points)
        self.measured = dict(reader.measured)
        self.measured_wires = frozenset(reader.measured_wires)
        self._start, self._chains = reader.start, reader.chains
        pairs = np.array(reader.slots, np.int64).reshape(-1, 2)
        #: wires in the state vector, in the order of its bits
        self.inside: NDArray[np.int64] = (
            np.unique(pairs) if marks is None else np.arange(qc.num_qubits)
        )
        #: wire -> bit of the state vector, or -1
        self.bit = np.full(qc.num_qubits, -1)
        self.bit[self.inside] = np.arange(len(self.inside))
        self._first = np.ascontiguousarray(self.bit[pairs[:, 0]])
        self._second = np.ascontiguousarray(self.bit[pairs[:, 1]])
        parts = np.array(reader.parts, np.int64).reshape(-1, 4)
        order = np.argsort(parts[:, 1], kind="stable")
        self._parts = parts[order]

    def require(self, dtype: Any) -> None:
        """One clear error where the state does not fit into memory."""
        qubits = len(self.inside)
        memory.require("qubits", qubits, np.dtype(dtype).itemsize << qubits)

    def evolve(
        self, values: Floats, dtype: Any = np.complex128
    ) -> Iterator[tuple[SamplePoint, Complexes, Complexes]]:
        """``(point, state, spinors)`` at every sample point, for one set of parameter values.

        The state is one vector, changed in place; callers that rotate it must rotate it back.
        ``spinors (qubits, 2)`` are those of all wires at the start; of wires that are not in the
        state vector they are the state. No global phase is kept.
        """
        self.require(dtype)
        ones, twos = self._factors.evaluate(values)
        spinors = np.array([_product(ones, chain)[:, 0] for chain in self._start]).reshape(-1, 2)
        gates = self._gates(ones, twos)
        del twos
        state = statevector.product_state(spinors[self.inside], dtype)
        pending = np.ones(len(self.inside), complex)
        done = 0
        for point in self.points:
            section = slice(done, point.slots)
            engine_gates.apply_sequence(
                state, self._first[section], self._second[section], gates[section], pending
            )
            done = point.slots
            self._local(state, point, ones, pending)
            engine_gates.settle(state, pending)
            yield point, state, spinors

    def _local(
        self, state: Complexes, point: SamplePoint, ones: Complexes, pending: Complexes
    ) -> None:
        """One-qubit gates right before a sample point; diagonal ones are only pending phases.

        Nothing else is pending on their wires: no two-qubit gate has acted on them since the last
        sample point.
        """
        bits, turns = [], []
        for wire, chain in point.local:
            bit, matrix = self.bit[wire], _product(ones, self._chains[chain])
            if matrix[0, 1] == 0 == matrix[1, 0]:
                pending[bit] *= matrix[1, 1] / matrix[0, 0]
            else:
                bits.append(bit)
                turns.append(matrix)
        if bits:
            engine_gates.apply_local(state, bits, np.array(turns))

    def _gates(self, ones: Complexes, twos: Complexes) -> Complexes:
        """``(n, 4, 4)``: the two-qubit gates with everything that was multiplied into them."""
        result = np.zeros((len(self._first), 4, 4), complex)
        for level in range(int(self._parts[-1, 1]) + 1 if len(self._parts) else 0):
            low, high = np.searchsorted(self._parts[:, 1], [level, level + 1])
            slot, _, how, factor = self._parts[low:high].T
            factors = np.empty((high - low, 4, 4), complex)
            for side in np.unique(how):
                chosen = np.flatnonzero(how == side)
                given = (ones if side in (_LEFT, _RIGHT) else twos)[factor[chosen]]
                if side == _LEFT:
                    given = np.einsum("nij,kl->nikjl", given, _ONE).reshape(-1, 4, 4)
                elif side == _RIGHT:
                    given = np.einsum("ij,nkl->nikjl", _ONE, given).reshape(-1, 4, 4)
                elif side == _CROSSED:
                    given = little_endian(given)
                factors[chosen] = given
            result[slot] = factors if level == 0 else factors @ result[slot]
        return result


def _product(ones: Complexes, chain: Sequence[int]) -> Complexes:
    result = _ONE
    for number in chain:
        result = ones[number] @ result
    return result
