"""A circuit for routing: two-qubit blocks of pairs in order, and what happens in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ControlFlowOp, Qubit
from qiskit.dagcircuit import DAGCircuit

from ...errors import QnuError


@dataclass
class PairBlock:
    """Two-qubit gates on one pair with no other two-qubit gate of either in between.

    In the circuit of a schedule, an encounter. ``nodes`` are the gates of the pair and the
    one-qubit operations between them, in the order of time; ``before`` the one-qubit operations
    since the last block of each.
    """

    pair: tuple[int, int]
    before: list[Any]
    nodes: list[Any]


@dataclass
class Section:
    """What lies between two barriers: blocks, remaining one-qubit operations, the barrier."""

    blocks: list[PairBlock] = field(default_factory=list)
    rest: list[Any] = field(default_factory=list)
    barrier: Any = None


@dataclass(frozen=True)
class CircuitBlocks:
    """All blocks of a circuit, section by section; see :func:`collect_blocks`.

    ``index`` has the number of every qubit, as in the pairs.
    """

    sections: tuple[Section, ...]
    index: dict[Any, int]

    def __iter__(self) -> Iterator[PairBlock]:
        for section in self.sections:
            yield from section.blocks

    @property
    def qubits(self) -> int:
        """How many qubits the circuit has."""
        return len(self.index)

    @property
    def pairs(self) -> NDArray[np.int64]:
        """``(n, 2)`` the qubits of every block."""
        return np.array([block.pair for block in self], np.int64).reshape(-1, 2)

    @property
    def bounds(self) -> list[int]:
        """How many blocks come before the end of every section."""
        return np.cumsum([len(s.blocks) for s in self.sections]).tolist()  # type: ignore[no-any-return]  # a list of int

    def placed(self, sites: Sequence[int]) -> CircuitBlocks:
        """The same circuit after a layout: qubit k is called by its initial site."""
        sections = tuple(
            replace(
                section,
                blocks=[
                    replace(block, pair=(sites[block.pair[0]], sites[block.pair[1]]))
                    for block in section.blocks
                ],
            )
            for section in self.sections
        )
        return CircuitBlocks(sections, {qubit: sites[k] for qubit, k in self.index.items()})


def collect_blocks(dag: DAGCircuit) -> CircuitBlocks:
    """The two-qubit blocks of a circuit.

    What keeps its order: operations on one qubit, as in any circuit; and operations on one
    classical bit or variable. Where a block has to wait, through a classical wire, for another one
    with which it shares no qubit, a section ends between them: routing may exchange blocks of one
    section that share no qubit. Barriers over two and more qubits, those with a label (sample
    times) and other directives over several qubits (what a simulator saves) end a section too:
    nothing is moved across them.

    Raises:
        QnuError: gates of three and more qubits, control flow over two and more.
    """
    reader = _Reader({qubit: k for k, qubit in enumerate(dag.qubits)})
    for node in dag.topological_op_nodes():
        reader.read(node, _classical(dag, node))
    reader.close(None)
    return CircuitBlocks(tuple(reader.sections), reader.index)


def has_wide_control_flow(dag: DAGCircuit) -> bool:
    """Whether there is control flow over two and more qubits, whose bodies need routing."""
    return any(len(node.qargs) > 1 for node in dag.control_flow_op_nodes())


def _classical(dag: DAGCircuit, node: Any) -> frozenset[Any]:
    """Classical bits and variables that an operation reads or writes."""
    if not node.cargs and node.qargs and not isinstance(node.op, ControlFlowOp):
        return _NONE
    return frozenset(wire for _, _, wire in dag.edges(node) if not isinstance(wire, Qubit))


_NONE: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class _Waiting:
    """An operation on one qubit or none that is in no block yet."""

    number: int
    node: Any
    qubit: int | None
    wires: frozenset[Any]


_number = attrgetter("number")


class _Reader:
    """Sorts operations, in an order of time, into sections and blocks.

    ``after[wire]``: blocks of this section that come before what follows on the wire (a qubit by
    its number, or a classical wire), besides those in which the qubit itself takes part.
    """

    def __init__(self, index: dict[Any, int]) -> None:
        self.index = index
        self.sections = [Section()]
        self.number = 0
        self.waiting: dict[int | None, list[_Waiting]] = {}
        self.last: dict[int, int] = {}  # by qubit: the number of its last block in the section
        self.after: dict[Any, frozenset[int]] = {}
        self.linked = False  # whether a classical wire orders anything

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
            self._add_gate(node, (qubits[0], qubits[1]), wires)
        else:
            raise QnuError("circuit", f"{node.name} on {len(qubits)} qubits", "at most two qubits")

    def close(self, barrier: Any) -> None:
        """End the section: what still waits comes after its blocks."""
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

    def _add_gate(self, node: Any, pair: tuple[int, int], wires: frozenset[Any]) -> None:
        a, b = pair
        blocks = self.sections[-1].blocks
        before = self._before(a, b, *wires)
        if any(not {a, b} & set(blocks[number].pair) for number in before):
            self.close(None)  # it waits for a block of other qubits
            self.sections.append(Section())
            blocks, before = self.sections[-1].blocks, _NONE
        between = self._take(a, b, wires)
        number = self.last.get(a)
        if number is None or number != self.last.get(b):
            number = len(blocks)
            blocks.append(PairBlock(pair, [one.node for one in between], [node]))
            self.last[a] = self.last[b] = number
        else:
            blocks[number].nodes += [*(one.node for one in between), node]
        if not self.linked and not wires:
            return
        self.linked = True
        touched = {one.qubit for one in between} - {a, b, None}
        touched = touched.union(wires, *(one.wires for one in between))
        for one in self._in_order() if touched else ():  # what waits on these wires
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
        """What has to come before a gate on a and b: waiting on their wires, directly or not."""
        own = self.waiting.pop(a, []) + self.waiting.pop(b, [])
        if not wires and not any(one.wires for one in own):
            return own
        every = sorted([*own, *self._in_order()], key=_number)
        needed: set[Any] = {a, b, *wires}
        chosen = []
        for one in reversed(every):
            if one.qubit in needed or needed & one.wires:
                needed |= {one.qubit, *one.wires} - {None}
                chosen.append(one)
        taken = {one.number for one in chosen}
        for qubit, some in self.waiting.items():
            self.waiting[qubit] = [one for one in some if one.number not in taken]
        return chosen[::-1]


def _is_directive(operation: Any, qubits: int) -> bool:
    """Whether an operation only keeps its place and needs no coupler."""
    if operation.name == "barrier":
        return qubits > 1 or operation.label is not None
    return qubits > 1 and bool(getattr(operation, "_directive", False))
