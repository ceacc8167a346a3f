"""A circuit as routing sees it: who meets whom in which order, and what else happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ControlFlowOp, Qubit
from qiskit.dagcircuit import DAGCircuit

from ...errors import QnuError


@dataclass
class Meeting:
    """Two-qubit gates on one pair with no other two-qubit gate of either in between.

    ``nodes`` are the gates of the pair and the one-qubit operations between them, in the order of
    time; ``before`` the one-qubit operations since the last meeting of each.
    """

    pair: tuple[int, int]
    before: list[Any]
    nodes: list[Any]


@dataclass
class Section:
    """What lies between two barriers: meetings, one-qubit operations left over, the barrier."""

    meetings: list[Meeting] = field(default_factory=list)
    rest: list[Any] = field(default_factory=list)
    barrier: Any = None


@dataclass(frozen=True)
class Meetings:
    """All meetings of a circuit, section by section; see :func:`meetings`."""

    sections: tuple[Section, ...]
    qubits: int

    def __iter__(self) -> Iterator[Meeting]:
        for section in self.sections:
            yield from section.meetings

    @property
    def pairs(self) -> NDArray[np.int64]:
        """``(n, 2)`` the qubits of every meeting."""
        return np.array([m.pair for m in self], np.int64).reshape(-1, 2)

    @property
    def bounds(self) -> list[int]:
        """How many meetings come before the end of every section."""
        return np.cumsum([len(s.meetings) for s in self.sections]).tolist()  # type: ignore[no-any-return]  # a list of int


def meetings(dag: DAGCircuit) -> Meetings:
    """The meetings of a circuit.

    What keeps its order: operations on one qubit, as in any circuit; and operations on one
    classical bit or variable. Where a meeting has to wait, through a classical wire, for another
    one with which it shares no qubit, a section ends between them: routing may exchange meetings
    of one section that share no qubit. Barriers over two and more qubits, those with a label
    (sample marks) and other directives over several qubits (what a simulator saves) end a section
    too: nothing is moved across them.

    Raises:
        QnuError: gates of three and more qubits, control flow over two and more.
    """
    reader = _Reader({qubit: k for k, qubit in enumerate(dag.qubits)})
    for node in dag.topological_op_nodes():
        reader.read(node, _classical(dag, node))
    reader.close(None)
    return Meetings(tuple(reader.sections), len(reader.index))


def has_wide_control_flow(dag: DAGCircuit) -> bool:
    """Is there control flow over two and more qubits, whose blocks have to be routed."""
    return any(len(node.qargs) > 1 for node in dag.control_flow_op_nodes())


def _classical(dag: DAGCircuit, node: Any) -> frozenset[Any]:
    """Classical bits and variables that an operation reads or writes."""
    if not node.cargs and node.qargs and not isinstance(node.op, ControlFlowOp):
        return _NONE
    return frozenset(wire for _, _, wire in dag.edges(node) if not isinstance(wire, Qubit))


_NONE: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class _Waiting:
    """An operation on one qubit or none that no meeting has taken yet."""

    number: int
    node: Any
    qubit: int | None
    wires: frozenset[Any]


_number = attrgetter("number")


class _Reader:
    """Reads operations in an order of time and sorts them into sections and meetings.

    ``after[wire]``: meetings of this section that come before what follows on the wire (a qubit by
    its number, or a classical wire), besides those in which the qubit itself takes part.
    """

    def __init__(self, index: dict[Any, int]) -> None:
        self.index = index
        self.sections = [Section()]
        self.number = 0
        self.waiting: dict[int | None, list[_Waiting]] = {}
        self.last: dict[int, int] = {}  # by qubit: the number of its last meeting in the section
        self.after: dict[Any, frozenset[int]] = {}
        self.linked = False  # is there anything that a classical wire binds

    def read(self, node: Any, wires: frozenset[Any]) -> None:
        """The next operation."""
        qubits = [self.index[q] for q in node.qargs]
        self.number += 1
        if len(qubits) > 1 and isinstance(node.op, ControlFlowOp):
            raise QnuError("circuit", node.name, "circuits without control flow on several qubits")
        if _is_directive(node.op, len(qubits)):
            self.close(node)
            self.sections.append(Section())
        elif len(qubits) < 2:
            self._wait(node, qubits[0] if qubits else None, wires)
        elif len(qubits) == 2:
            self._meet(node, (qubits[0], qubits[1]), wires)
        else:
            raise QnuError("circuit", f"{node.name} on {len(qubits)} qubits", "at most two qubits")

    def close(self, barrier: Any) -> None:
        """End the section: what still waits comes after its meetings."""
        rest = self._in_order() if self.linked else self._all()
        self.sections[-1].rest += [one.node for one in rest]
        self.sections[-1].barrier = barrier
        self.waiting.clear()
        self.last.clear()
        self.after.clear()
        self.linked = False

    def _wait(self, node: Any, qubit: int | None, wires: frozenset[Any]) -> None:
        self.waiting.setdefault(qubit, []).append(_Waiting(self.number, node, qubit, wires))
        if not wires:
            return
        self.linked = True
        before = self._before(*wires) if qubit is None else self._before(qubit, *wires)
        if qubit in self.last:
            before |= {self.last[qubit]}
        if before:
            self.after |= dict.fromkeys(wires if qubit is None else {qubit, *wires}, before)

    def _before(self, *wires: Any) -> frozenset[int]:
        return frozenset().union(*(self.after.get(wire, _NONE) for wire in wires))

    def _meet(self, node: Any, pair: tuple[int, int], wires: frozenset[Any]) -> None:
        a, b = pair
        met = self.sections[-1].meetings
        before = self._before(a, b, *wires)
        if any(not {a, b} & set(met[number].pair) for number in before):
            self.close(None)  # it waits for a meeting of others
            self.sections.append(Section())
            met, before = self.sections[-1].meetings, _NONE
        between = self._take(a, b, wires)
        number = self.last.get(a)
        if number is None or number != self.last.get(b):
            number = len(met)
            met.append(Meeting(pair, [one.node for one in between], [node]))
            self.last[a] = self.last[b] = number
        else:
            met[number].nodes += [*(one.node for one in between), node]
        if not self.linked and not wires:
            return
        self.linked = True
        touched = {one.qubit for one in between} - {a, b, None}
        touched = touched.union(wires, *(one.wires for one in between))
        for one in self._in_order() if touched else ():  # what waits on these wires, and on whose
            own = {one.qubit, *one.wires} - {None}
            if own & touched:
                touched |= own
        for wire in touched:
            self.after[wire] = self.after.get(wire, _NONE) | before | {number}
        self.after.pop(a, None)
        self.after.pop(b, None)

    def _all(self) -> list[_Waiting]:
        return [one for some in self.waiting.values() for one in some]

    def _in_order(self) -> list[_Waiting]:
        return sorted(self._all(), key=_number)

    def _take(self, a: int, b: int, wires: frozenset[Any]) -> list[_Waiting]:
        """What has to come before a meeting of a and b: what waits on their wires, and on whose."""
        found = self.waiting.pop(a, []) + self.waiting.pop(b, [])
        if not wires and not any(one.wires for one in found):
            return found
        every = sorted([*found, *self._in_order()], key=_number)
        needed: set[Any] = {a, b, *wires}
        found = []
        for one in reversed(every):
            if one.qubit in needed or needed & one.wires:
                needed |= {one.qubit, *one.wires} - {None}
                found.append(one)
        taken = {one.number for one in found}
        for qubit, some in self.waiting.items():
            self.waiting[qubit] = [one for one in some if one.number not in taken]
        return found[::-1]


def _is_directive(operation: Any, qubits: int) -> bool:
    """Something that only keeps its place: it needs no coupler."""
    if operation.name == "barrier":
        return qubits > 1 or operation.label is not None
    return qubits > 1 and bool(getattr(operation, "_directive", False))
