"""Blocks of one section may change places; the circuit then keeps every wire in order."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Measure
from qiskit.circuit.library import CXGate, HGate
from qiskit.converters import circuit_to_dag

from qnu.quantum.compile.blocks import collect_blocks

QUBITS, BITS = 7, 3


def circuit(rng, length):
    """Gates and measurements, each with a label of its own; bits are used again and again."""
    qc = QuantumCircuit(QUBITS, BITS)
    for k in range(length):
        kind = rng.random()
        a, b = rng.choice(QUBITS, 2, replace=False).tolist()
        if kind < 0.45:
            qc.append(CXGate(label=f"{k}"), [a, b])
        elif kind < 0.6:
            qc.append(HGate(label=f"{k}"), [a])
        elif kind < 0.97:
            qc.append(Measure(label=f"{k}"), [a], [int(rng.integers(BITS))])
        else:
            qc.barrier(a, b, label=f"{k}")
    return qc


def any_order(blocks, rng):
    """A possible order of a route: blocks that share a qubit in order, others in any."""
    left = list(blocks)
    while left:
        busy, ready = set(), []
        for block in left:
            if not busy & set(block.pair):
                ready.append(block)
            busy |= set(block.pair)
        chosen = ready[rng.integers(len(ready))]
        left.remove(chosen)
        yield chosen


def played(sections, rng):
    for section in sections:
        for block in any_order(section.blocks, rng):
            yield from (*block.before, *block.nodes)
        yield from section.rest
        if section.barrier is not None:
            yield section.barrier


def labels_by_wire(nodes):
    found = {}
    for node in nodes:
        for wire in (*node.qargs, *node.cargs):
            found.setdefault(wire, []).append(node.op.label)
    return found


@pytest.mark.parametrize("seed", range(150))
def test_every_wire_keeps_its_order_whatever_a_route_does(seed):
    rng = np.random.default_rng(seed)
    dag = circuit_to_dag(circuit(rng, int(rng.integers(5, 40))))
    wanted = labels_by_wire(dag.topological_op_nodes())
    sections = collect_blocks(dag).sections
    for _ in range(6):
        assert labels_by_wire(played(sections, rng)) == wanted


def test_measurements_into_bits_of_their_own_cost_no_freedom():
    qc = QuantumCircuit(4, 4)
    for a, b in ((0, 1), (2, 3), (1, 2)):
        qc.cx(a, b)
        qc.measure(a, a)
    assert len(collect_blocks(circuit_to_dag(qc)).sections) == 1


def test_a_section_ends_where_a_pair_waits_for_another_through_a_bit():
    qc = QuantumCircuit(4, 1)
    qc.cx(0, 1)
    qc.measure(0, 0)
    qc.measure(2, 0)
    qc.cx(2, 3)
    assert collect_blocks(circuit_to_dag(qc)).bounds == [1, 2]
