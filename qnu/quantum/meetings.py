"""A circuit as routing sees it: who meets whom in which order, and what else happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ControlFlowOp
from qiskit.dagcircuit import DAGCircuit

from ..errors import QnuError


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

    Barriers over two and more qubits, and those with a label (sample marks), end a section: nothing
    is moved across them.

    Raises:
        QnuError: gates of three and more qubits, control flow.
    """
    index = {qubit: k for k, qubit in enumerate(dag.qubits)}
    sections = [Section()]
    waiting: dict[int, list[Any]] = {}
    last: dict[int, Meeting] = {}

    def close(barrier: Any) -> None:
        for nodes in waiting.values():
            sections[-1].rest += nodes
        waiting.clear()
        last.clear()
        sections[-1].barrier = barrier

    for node in dag.topological_op_nodes():
        qubits = [index[q] for q in node.qargs]
        if isinstance(node.op, ControlFlowOp):
            raise QnuError("circuit", node.name, "circuits without control flow")
        if node.name == "barrier" and (len(qubits) > 1 or node.op.label is not None):
            close(node)
            sections.append(Section())
        elif len(qubits) < 2:
            for qubit in qubits:
                waiting.setdefault(qubit, []).append(node)
        elif len(qubits) == 2:
            a, b = qubits
            between = waiting.pop(a, []) + waiting.pop(b, [])
            meeting = last.get(a)
            if meeting is not None and meeting is last.get(b):
                meeting.nodes += [*between, node]
            else:
                meeting = Meeting((a, b), between, [node])
                sections[-1].meetings.append(meeting)
                last[a] = last[b] = meeting
        else:
            raise QnuError("circuit", f"{node.name} on {len(qubits)} qubits", "at most two qubits")
    close(None)
    return Meetings(tuple(sections), len(index))
