"""Writes the operations of a circuit on the sites where its qubits are at that moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qiskit.circuit.library import SwapGate, UnitaryGate
from qiskit.dagcircuit import DAGCircuit

from ...encounter import SWAP
from ..circuits.gate import EncounterGate, as_encounter
from .blocks import PairBlock
from .gates import MoveGate, matrix_of, product_of


class RouteWriter:
    """The physical circuit of a route, written step by step.

    ``where[k]`` is the present site of the qubit with initial site k. A site that is not
    ``occupied`` is in |0>. Since one-qubit gates are written right before a block, a qubit may be
    in |0> until its first block: then it moves without a gate.

    Args:
        result: the circuit that is written.
        index: the initial site of every qubit of the circuit that is read.
        occupied: for every site, whether it may be in another state than |0>.
    """

    def __init__(self, result: DAGCircuit, index: dict[Any, int], occupied: list[bool]) -> None:
        self.result, self.qubits, self.index = result, result.qubits, index
        self.where = list(range(len(self.qubits)))
        self.start = list(range(len(self.qubits)))  # the inverse of where
        self.occupied = occupied

    def move(self, a: int, b: int) -> None:
        """A SWAP; two CX where one of the sites is empty; nothing where both are."""
        if self.occupied[a] and self.occupied[b]:
            self._apply(SwapGate(), a, b)
        elif self.occupied[a] or self.occupied[b]:
            self._apply(MoveGate(), *((a, b) if self.occupied[a] else (b, a)))
        self._exchange(a, b)

    def write(self, node: Any, operation: Any = None) -> None:
        """One operation as it is, or another one in its place."""
        sites = [self.where[self.index[q]] for q in node.qargs]
        operation = node.op if operation is None else operation
        self._apply(operation, *sites, cargs=node.cargs)
        if not getattr(operation, "_directive", False):
            for site in sites:
                self.occupied[site] = True

    def write_block(self, block: PairBlock, swapped: bool, merge: bool) -> None:
        """All gates of a block, the last one followed by a SWAP if ``swapped``.

        Args:
            block: the gates of one pair.
            swapped: whether the two qubits leave on each other's site.
            merge: whether several gates become one 4x4 matrix.
        """
        for node in block.before:
            self.write(node)
        nodes = block.nodes
        if merge and len(nodes) > 1:
            matrices = [matrix_of(node.op) for node in nodes]
            if all(matrix is not None for matrix in matrices):
                self._write_merged(block, matrices, swapped)
                return
        for node in nodes[:-1]:
            self.write(node)
        if swapped:
            self._write_swapped(nodes[-1])
        else:
            self.write(nodes[-1])

    def _write_swapped(self, node: Any) -> None:
        """A two-qubit gate times SWAP."""
        a, b = (self.where[self.index[q]] for q in node.qargs)
        gate = as_encounter(node.op)
        matrix = None if gate is not None else matrix_of(node.op)
        if gate is not None:
            p, swap, ratio = gate.params, not gate.swap, gate.anisotropy
            self.write(node, EncounterGate(p[0], p[1:4], p[4:7], p[7], swap, anisotropy=ratio))
        elif matrix is not None:
            self.write(node, UnitaryGate(SWAP @ matrix, check_input=False))
        else:
            self.write(node)
            self._apply(SwapGate(), a, b)
        self._exchange(a, b)

    def _write_merged(self, block: PairBlock, matrices: Sequence[Any], swapped: bool) -> None:
        first, second = block.pair
        matrix = product_of(matrices, block.nodes, first, self.index)
        a, b = self.where[first], self.where[second]
        if swapped:
            matrix = SWAP @ matrix
        self._apply(UnitaryGate(matrix, check_input=False), a, b)
        self.occupied[a] = self.occupied[b] = True
        if swapped:
            self._exchange(a, b)

    def _apply(self, operation: Any, *sites: int, cargs: Any = ()) -> None:
        qubits = [self.qubits[site] for site in sites]
        self.result.apply_operation_back(operation, qubits, cargs, check=False)

    def _exchange(self, a: int, b: int) -> None:
        """The contents of sites a and b have been swapped."""
        i, j = self.start[a], self.start[b]
        self.start[a], self.start[b] = j, i
        self.where[i], self.where[j] = b, a
        self.occupied[a], self.occupied[b] = self.occupied[b], self.occupied[a]
