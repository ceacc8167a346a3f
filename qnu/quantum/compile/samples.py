"""The circuits of single samples: a compiled circuit up to a mark, and what is under way there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit
from qiskit.quantum_info import Operator
from qiskit.transpiler import Layout, PassManager, Target
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass
from qiskit.transpiler.passes import Collect2qBlocks, Optimize1qGatesDecomposition

from ...common.checks import Floats
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule, parts
from ..circuits.build import built
from ..machines import Machine
from ..machines.options import CompileOptions
from .compilation import add_wiring, check_size, compile_for, passes_of, resolve, synthesis_passes
from .decoupling import decoupled, refusals
from .passes import MARKS, PLAN, EncounterLayout
from .routing import Route
from .routing.planning import Plan
from .synthesis import EncounterSynthesis, family

#: Two-qubit gates that any unitary on a coupler can do with.
_MOST_GATES = 3


def by_sample(
    gas: NeutrinoGas, schedule: EncounterSchedule, machine: Machine, times: Floats
) -> tuple[str, Iterator[tuple[float, list[int], QuantumCircuit]]]:
    """The circuits of :func:`slices`, none of which has an encounter in two parts.

    All samples share the route of the circuit of whole encounters. The circuit of a sample is that
    one up to its mark, and what is under way there ends at the mark.

    Returns:
        how the route was found, and ``(time, neutrino_qubit, circuit)`` of every sample.
    """
    check_size(schedule)
    target, options = resolve(machine, len(gas))
    cut = [sample for sample, mark in enumerate(_cut_at(schedule, times)) if mark]
    if not cut:
        isa = compile_for(gas, schedule, machine, times)
        return isa.metadata["route"], slices(isa, target, options)
    logical, encounters = built(gas, schedule, times, None, cut=())
    add_wiring(logical.metadata, schedule, encounters)
    layout = EncounterLayout(target, options, asleep=True)
    layout.run(circuit_to_dag(logical))
    routed = _Routed(*layout.property_set[PLAN])

    def circuits() -> Iterator[tuple[float, list[int], QuantumCircuit]]:
        for sample, time in enumerate(times.tolist()):
            logical, _ = built(gas, schedule, times[: sample + 1], None, cut=(sample,))
            given = _Given(routed.up_to(sample))
            manager = PassManager(passes_of(given, target, options, asleep=True, keep_marks=False))
            with refusals():
                isa = manager.run(logical)
            isa._layout = None  # where neutrinos are is in the second entry
            where = manager.property_set[MARKS][sample]
            places = [where[site] for site in routed.plan.route.sites.tolist()]
            yield time, places, decoupled(isa, target, options)

    return routed.plan.how, circuits()


def _cut_at(schedule: EncounterSchedule, times: Floats) -> list[bool]:
    """Whether an encounter is under way at each of these times."""
    if not schedule.free_streaming:
        return [False] * len(times)
    start, length = schedule.start, schedule.duration
    begun = schedule.sample_times(times)[1].tolist()
    return [
        bool(parts.under_way(start[:n], length[:n], time, schedule.tolerance).any())
        for n, time in zip(begun, times.tolist(), strict=True)
    ]


@dataclass(frozen=True, eq=False)
class _Routed:
    """What the passes leave in the property set: a plan, the pairs it is for, ends of sections."""

    plan: Plan
    pairs: NDArray[np.int64]
    bounds: list[int]

    def up_to(self, sample: int) -> _Routed:
        """Up to the mark of a sample, and the empty section after it."""
        whole = self.plan
        sections = (*whole.sections[: sample + 1], whole.route.steps[:0])
        route = Route.of(whole.route.sites, np.concatenate(sections))
        end = self.bounds[sample]
        ends = [*self.bounds[: sample + 1], end]
        return _Routed(Plan(route, sections, whole.how), self.pairs[:end], ends)


class _Given(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """In place of :class:`EncounterLayout`: a route that is there already."""

    def __init__(self, routed: _Routed) -> None:
        super().__init__()
        self.routed = routed

    def run(self, dag: DAGCircuit) -> None:
        """Set what :class:`EncounterLayout` sets."""
        routed = self.routed
        sites = routed.plan.route.sites.tolist()
        layout = Layout({qubit: sites[k] for k, qubit in enumerate(dag.qubits)})
        for register in dag.qregs.values():
            layout.add_register(register)
        self.property_set["layout"] = layout
        self.property_set[PLAN] = (routed.plan, routed.pairs, routed.bounds)


class _Merged(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Blocks on one coupler of more two-qubit gates than a unitary needs, synthesised anew.

    Args:
        family: see :class:`~qnu.quantum.compile.synthesis.EncounterSynthesis`.
    """

    def __init__(self, family: str) -> None:
        super().__init__()
        self.family = family

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """Of the blocks that ``Collect2qBlocks`` found."""
        synthesis = EncounterSynthesis(self.family)
        for block in self.property_set["block_list"]:
            if sum(len(node.qargs) == 2 for node in block) <= _MOST_GATES:
                continue
            pair = next(node.qargs for node in block if len(node.qargs) == 2)
            wires = {qubit: k for k, qubit in enumerate(pair)}
            small = QuantumCircuit(2)
            for node in block:
                small.append(node.op, [wires[qubit] for qubit in node.qargs], copy=False)
            gate = UnitaryGate(Operator(small).data, check_input=False)
            merged = dag.replace_block_with_op(block, gate, wires, cycle_check=False)
            alone = QuantumCircuit(2)
            alone.append(gate, [0, 1], copy=False)
            dag.substitute_node_with_dag(merged, circuit_to_dag(synthesis(alone)))
        return dag


def slices(
    isa: QuantumCircuit, target: Target, options: CompileOptions | None = None
) -> Iterator[tuple[float, list[int], QuantumCircuit]]:
    """``(time, neutrino_qubit, circuit)`` of every sample: the compiled circuit up to its mark.

    Marks inside are gone: rotations on both sides of them are merged, and so are the parts of an
    encounter that they cut, where no parameter is free.

    Args:
        isa: compiled with ``times``.
        target: its device.
        options: dynamical decoupling; default: none.

    Returns:
        an iterator, one circuit per sample, without measurements.

    Raises:
        QnuError: a circuit that :func:`compile_for` did not make, and see :func:`decoupled`.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> target, _ = resolve("aer_statevector", 2)
        >>> isa = compile_for(gas, schedule, target, times=[0.0, 0.5])
        >>> [qc.count_ops().get("cx", 0) for _, _, qc in slices(isa, target)]
        [0, 3]
    """
    if "samples" not in (isa.metadata or {}):
        raise QnuError("isa", isa.name, "a circuit that compile_for made")
    passes: list[Any] = [Optimize1qGatesDecomposition(target=target)]
    if isa.metadata.get("cut"):
        # the parts of an encounter meet again where marks between them are gone
        kind = family(target, (options or CompileOptions()).gates)
        passes = [Collect2qBlocks(), _Merged(kind), *synthesis_passes(target, kind)[1:]]
    merge = PassManager(passes)
    for mark in isa.metadata["samples"]:
        part = isa.copy_empty_like()
        for instruction in isa.data[: mark["instruction"]]:
            if instruction.operation.name != "barrier":
                part.append(instruction, copy=False)
        with refusals():
            merged = merge.run(part)
        merged._layout = None  # the permutation recorded belongs to the whole circuit
        merged.metadata = {**isa.metadata, "samples": [], "neutrino_qubit": mark["neutrino_qubit"]}
        yield (
            mark["time"],
            mark["neutrino_qubit"],
            decoupled(merged, target, options or CompileOptions()),
        )
