"""The circuits of single samples: a compiled circuit up to a sample time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass
from qiskit.transpiler.passes import Collect2qBlocks, Optimize1qGatesDecomposition

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule, parts
from ...schedules.samples import SampleTimes
from ..circuits.build import circuit_and_encounters
from ..circuits.sizes import two_qubit_gates
from ..machines import Machine
from ..machines.options import CompileOptions
from .compilation import (
    add_wiring,
    check_size,
    compile_checked,
    passes_of,
    resolve,
    synthesis_passes,
)
from .decoupling import decoupled, errors_of_qiskit
from .family import family
from .passes import PERMUTATIONS, ROUTED, EncounterLayout, RoutedCircuit, layout_of
from .routing import Route
from .routing.planning import RoutePlan
from .synthesis import EncounterSynthesis

#: Two-qubit gates that are enough for any unitary of two qubits.
_ENOUGH_GATES = 3


def by_sample(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: Machine,
    samples: SampleTimes,
    options: CompileOptions | None = None,
    begin: int = 0,
) -> tuple[str, Iterator[tuple[float, list[int], QuantumCircuit]]]:
    """The circuits of :func:`slices`, none of which has an encounter in two parts.

    All samples share the route of the circuit of whole encounters. The circuit of a sample is that
    one up to the sample time, and encounters under way end there.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters.
        machine: the device.
        samples: sample times.
        options: how to compile; default: those of the config.
        begin: circuits of this sample and the later ones; -1: the last one.

    Returns:
        how the route was found, and ``(time, neutrino_qubit, circuit)`` of every sample.
    """
    check_size(schedule)
    target, settings = resolve(machine, len(gas))
    options = settings if options is None else options
    if not any(_cut_at(schedule, samples)):
        isa = compile_checked(gas, schedule, target, options, samples)
        isa.metadata["samples"] = isa.metadata["samples"][begin:]
        return isa.metadata["route"], slices(isa, target, options)
    logical, encounters = circuit_and_encounters(gas, schedule, samples, None, cut=())
    add_wiring(logical.metadata, schedule, encounters)
    layout = EncounterLayout(target, options, qubits_initially_zero=True)
    layout.run(circuit_to_dag(logical))
    routed: RoutedCircuit = layout.property_set[ROUTED]

    def circuits() -> Iterator[tuple[float, list[int], QuantumCircuit]]:
        for sample in range(len(samples))[begin:]:
            time = float(samples.times[sample])
            logical, _ = circuit_and_encounters(
                gas, schedule, samples.up_to(sample), None, cut=(sample,)
            )
            given = _GivenRoute(_up_to(routed, sample))
            manager = PassManager(passes_of(given, target, options, True, keep_barriers=False))
            with errors_of_qiskit():
                isa = manager.run(logical)
            isa._layout = None  # where neutrinos are is in the second entry
            where = manager.property_set[PERMUTATIONS][sample]
            places = [where[site] for site in routed.plan.route.sites.tolist()]
            yield time, places, decoupled(isa, target, options)

    return routed.plan.method, circuits()


def gates_to_last_sample(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: Machine,
    samples: SampleTimes,
    options: CompileOptions | None = None,
) -> dict[str, int]:
    """``two_qubit_gates`` and ``two_qubit_depth`` of the last of the circuits of all samples.

    Nothing moves across a sample time: a circuit that is cut there may need more than that of the
    whole schedule.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> machine = qnu.quantum.load_machine("fake_torino")
        >>> gates_to_last_sample(gas, schedule, machine, schedule.samples([0.0, 0.5]))
        {'two_qubit_gates': 3, 'two_qubit_depth': 3}
    """
    ((_, _, circuit),) = by_sample(gas, schedule, machine, samples, options, -1)[1]
    return two_qubit_gates(circuit)


def _cut_at(schedule: EncounterSchedule, samples: SampleTimes) -> list[bool]:
    """Whether an encounter is under way at each of these times."""
    if not schedule.free_streaming:
        return [False] * len(samples)
    start, length = schedule.start, schedule.duration
    begun = schedule.counts(samples).tolist()
    return [
        bool(parts.under_way(start[:n], length[:n], time, schedule.tolerance).any())
        for n, time in zip(begun, samples.times.tolist(), strict=True)
    ]


def _up_to(routed: RoutedCircuit, sample: int) -> RoutedCircuit:
    """The route up to the barrier of a sample, and the empty section after it."""
    whole = routed.plan
    sections = (*whole.sections[: sample + 1], whole.route.steps[:0])
    route = Route.of(whole.route.sites, np.concatenate(sections))
    end = routed.bounds[sample]
    return replace(
        routed,
        plan=RoutePlan(route, sections, whole.method),
        pairs=routed.pairs[:end],
        bounds=[*routed.bounds[: sample + 1], end],
        blocks=None,
    )


class _GivenRoute(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Sets what :class:`EncounterLayout` sets, from a route that exists already."""

    def __init__(self, routed: RoutedCircuit) -> None:
        super().__init__()
        self.routed = routed

    def run(self, dag: DAGCircuit) -> None:
        """Set ``layout`` and the route."""
        self.property_set["layout"] = layout_of(dag, self.routed.plan.route.sites.tolist())
        self.property_set[ROUTED] = self.routed


class _MergeBlocks(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """New synthesis of blocks on one coupler that have more two-qubit gates than needed.

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
            if sum(len(node.qargs) == 2 for node in block) <= _ENOUGH_GATES:
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
    """``(time, neutrino_qubit, circuit)`` of every sample: the compiled circuit up to that time.

    Barriers of earlier samples are removed: rotations on both sides of them are merged, and so are
    the parts of an encounter that they cut, where no parameter is free.

    Args:
        isa: compiled with ``times``.
        target: its device.
        options: dynamical decoupling; default: none.

    Returns:
        an iterator, one circuit per sample, without measurements.

    Raises:
        QnuError: a circuit that :func:`compile_for` did not make, and as
            :func:`qnu.quantum.compile.decoupling.decoupled`.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> target, _ = resolve("aer_statevector", 2)
        >>> isa = qnu.quantum.compile_for(gas, schedule, target, times=[0.0, 0.5])
        >>> [qc.count_ops().get("cx", 0) for _, _, qc in slices(isa, target)]
        [0, 3]
    """
    if "samples" not in (isa.metadata or {}):
        raise QnuError("isa", isa.name, "a circuit that compile_for made")
    passes: list[Any] = [Optimize1qGatesDecomposition(target=target)]
    if isa.metadata.get("cut"):
        # the parts of an encounter are merged where no barrier is left between them
        kind = family(target, (options or CompileOptions()).gates)
        passes = [Collect2qBlocks(), _MergeBlocks(kind), *synthesis_passes(target, kind)[1:]]
    merge = PassManager(passes)
    for sample in isa.metadata["samples"]:
        part = isa.copy_empty_like()
        for instruction in isa.data[: sample["instruction"]]:
            if instruction.operation.name != "barrier":
                part.append(instruction, copy=False)
        with errors_of_qiskit():
            merged = merge.run(part)
        merged._layout = None  # the permutation recorded belongs to the whole circuit
        places = sample["neutrino_qubit"]
        merged.metadata = {**isa.metadata, "samples": [], "neutrino_qubit": places}
        yield sample["time"], places, decoupled(merged, target, options or CompileOptions())
