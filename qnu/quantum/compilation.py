"""From a gas and a schedule to a device's own gates on a device's own couplers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import ParameterExpression, QuantumCircuit
from qiskit.circuit.equivalence_library import SessionEquivalenceLibrary
from qiskit.circuit.library import UnitaryGate, XGate, YGate
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit
from qiskit.providers import BackendV2
from qiskit.quantum_info import Operator
from qiskit.transpiler import Layout, PassManager, Target
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass
from qiskit.transpiler.passes import (
    ALAPScheduleAnalysis,
    ApplyLayout,
    BasisTranslator,
    Collect2qBlocks,
    EnlargeWithAncilla,
    FullAncillaAllocation,
    GateDirection,
    Optimize1qGatesDecomposition,
    PadDynamicalDecoupling,
    RemoveBarriers,
)

from ..checks import Floats
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule, parts
from .calibration import two_qubit_names
from .circuits import built
from .machines import Machine, load_machine
from .options import CompileOptions
from .passes import MARKS, PLAN, EncounterLayout, EncounterRouting
from .routing import Route
from .routing.planning import Plan
from .synthesis import EncounterSynthesis, family

#: No device plays more; a circuit of so many takes minutes to write down.
MOST_ENCOUNTERS = 200_000
#: Two-qubit gates that any unitary on a coupler can do with.
_MOST_GATES = 3


def compile_for(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: str | Path | Machine | BackendV2 | Target,
    times: ArrayLike | None = None,
    *,
    gamma: ParameterExpression | float | None = None,
    options: CompileOptions | None = None,
) -> QuantumCircuit:
    """``SWAP exp(-i theta SWAP) = i exp(-i (theta + pi/2) SWAP)``: trading places is free.

    The circuit of a schedule on a device: neutrinos placed on the best couplers of the
    calibration, brought together by trades inside their encounters, every encounter in three of
    the device's own two-qubit gates. A tournament of order ``"line"`` on a path, one of order
    ``"circle"`` on a ring, and a native schedule on its own device need no gate beyond 3 per
    encounter; other schedules are routed by a search.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        machine: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target.
        times: sample times; each is marked by a barrier across which nothing moves, and an
            encounter under way there takes its gates once before and once after it
            (:func:`slices` merges them). Default: the end only, without a barrier.
        gamma: as in :func:`qnu.quantum.circuit`: a Parameter gives one circuit for a sweep.
        options: how to compile; default: what the config says.

    Returns:
        a circuit of the device's size in the device's gates, without measurements.
        ``circuit.layout`` has the initial layout and the final permutation. ``circuit.metadata``:
        ``neutrino_qubit`` (entry k: physical qubit of neutrino k at the end), ``samples`` (per
        mark: ``time``, ``instruction``, ``neutrino_qubit``), ``initial_qubit``, ``encounters``,
        ``layers``, ``cut`` (see :func:`qnu.quantum.circuit`), ``route`` (``"all-to-all"``,
        ``"wiring"``, ``"perfect"`` or ``"search"``),
        ``bad_couplers`` (used although their error is ``avoid_error`` or more), ``gas_hash``,
        ``schedule_hash``, ``gamma``.

    Raises:
        QnuError: mixed states, more neutrinos than the device has qubits, more than 200,000
            encounters, a layout that the device or schedule does not allow.

    References:
        Hall et al. (2102.12556) for the swap network; Vatan and Williams (PRA 69, 032315).

    Examples:
        >>> import qnu
        >>> from qiskit.transpiler import CouplingMap
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1], [1, 0, 0]], omega=[0.1, 0.2, 0.3])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5, order="line")
        >>> device = Target.from_configuration(["cz", "rz", "sx", "x"], 4, CouplingMap.from_line(4))
        >>> isa = compile_for(gas, schedule, device)
        >>> isa.count_ops()["cz"], isa.num_qubits, isa.metadata["route"]
        (9, 4, 'perfect')
    """
    _check_size(schedule)
    target, settings = resolve(machine, len(gas))
    settings = options or settings
    logical, encounters = built(gas, schedule, times, gamma, barriers=times is not None)
    metadata = logical.metadata
    _add_wiring(metadata, schedule, encounters)
    manager = pass_manager(target, settings, asleep=True)
    isa: QuantumCircuit = manager.run(logical)
    plan, marks = manager.property_set[PLAN][0], manager.property_set[MARKS]
    start = [isa.layout.initial_layout[qubit] for qubit in logical.qubits]
    isa.metadata = _told(metadata, isa, start, marks, times is not None) | {
        "encounters": len(schedule),
        "layers": len(schedule.layers()),
        "route": plan.how,
        "bad_couplers": [list(pair) for pair in manager.property_set["qnu_bad_couplers"]],
    }
    if times is None:
        return decoupled(isa, target, settings)
    return isa


def by_sample(
    gas: NeutrinoGas, schedule: EncounterSchedule, machine: Machine, times: Floats
) -> tuple[str, Iterator[tuple[float, list[int], QuantumCircuit]]]:
    """The circuits of :func:`slices`, none of which has an encounter in two parts.

    All samples share the route of the circuit of whole encounters. The circuit of a sample is that
    one up to its mark, and what is under way there ends at the mark.

    Returns:
        how the route was found, and ``(time, neutrino_qubit, circuit)`` of every sample.
    """
    _check_size(schedule)
    target, options = resolve(machine, len(gas))
    cut = [sample for sample, mark in enumerate(_cut_at(schedule, times)) if mark]
    if not cut:
        isa = compile_for(gas, schedule, machine, times)
        return isa.metadata["route"], slices(isa, target, options)
    logical, encounters = built(gas, schedule, times, None, cut=())
    _add_wiring(logical.metadata, schedule, encounters)
    layout = EncounterLayout(target, options, asleep=True)
    layout.run(circuit_to_dag(logical))
    routed = _Routed(*layout.property_set[PLAN])

    def circuits() -> Iterator[tuple[float, list[int], QuantumCircuit]]:
        for sample, time in enumerate(times.tolist()):
            logical, _ = built(gas, schedule, times[: sample + 1], None, cut=(sample,))
            given = _Given(routed.up_to(sample))
            manager = PassManager(_passes(given, target, options, asleep=True))
            isa = manager.run(logical)
            isa._layout = None  # where neutrinos are is in the second entry
            where = manager.property_set[MARKS][sample]
            places = [where[site] for site in routed.plan.route.sites.tolist()]
            yield time, places, decoupled(isa, target, options)

    return routed.plan.how, circuits()


def _check_size(schedule: EncounterSchedule) -> None:
    if len(schedule) > MOST_ENCOUNTERS:
        raise QnuError("schedule", f"{len(schedule)} encounters", f"at most {MOST_ENCOUNTERS}")


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


def _add_wiring(
    metadata: dict[str, Any], schedule: EncounterSchedule, encounters: Sequence[int]
) -> None:
    """Where the gates of a native schedule were drawn, for the layout pass."""
    wiring = schedule.wiring
    if wiring is None:
        return
    last = {encounter: k for k, encounter in enumerate(encounters)}
    metadata["wiring"] = {
        "sites": [int(site) for site in wiring.sites],
        "pairs": [(int(schedule.first[e]), int(schedule.second[e])) for e in encounters],
        # of an encounter in several parts, the last trades places
        "traded": [bool(wiring.traded[e]) and last[e] == k for k, e in enumerate(encounters)],
    }


def resolve(
    machine: str | Path | Machine | BackendV2 | Target, qubits: int
) -> tuple[Target, CompileOptions]:
    """The target and compile options of anything that :func:`compile_for` takes.

    Args:
        machine: see :func:`compile_for`.
        qubits: the size of a simulator, which has none of its own.

    Returns:
        target and options.

    Raises:
        QnuError: something else, or a machine that does not exist.

    References:
        qnu's own convention.

    Examples:
        >>> resolve("aer_statevector", 3)[0].num_qubits
        3
    """
    if isinstance(machine, Target):
        return machine, CompileOptions()
    if isinstance(machine, BackendV2):
        return machine.target, CompileOptions()
    found = load_machine(machine)
    target = found.target() if hasattr(found, "target") else None
    if target is None:  # a simulator: any pair, any of these gates
        target = Target.from_configuration(["cx", "rz", "sx", "x", "reset", "measure"], qubits)
    return target, getattr(found, "compile", CompileOptions())


def pass_manager(
    target: Target, options: CompileOptions | None = None, *, asleep: bool = False
) -> PassManager:
    """The passes of :func:`compile_for`, for circuits of EncounterGates (or any two-qubit gates).

    Args:
        target: the device.
        options: how to compile.
        asleep: the circuit starts in |0>, so that a qubit on which nothing has been done yet is an
            empty site; equal on that start, not as a unitary.

    Returns:
        a Qiskit PassManager: layout, routing, synthesis, one-qubit gates.

    Raises:
        QnuError: a device without a two-qubit gate that qnu knows.

    References:
        Qiskit's transpiler passes.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> line = Target.from_configuration(["cz", "rz", "sx", "x"], 5, CouplingMap.from_line(5))
        >>> isinstance(pass_manager(line), PassManager)
        True
    """
    options = options or CompileOptions()
    layout = EncounterLayout(target, options, asleep=asleep)
    return PassManager(_passes(layout, target, options, asleep))


def _passes(layout: Any, target: Target, options: CompileOptions, asleep: bool) -> list[Any]:
    return [
        layout,
        FullAncillaAllocation(target),
        EnlargeWithAncilla(),
        ApplyLayout(),
        EncounterRouting(target, options, merge=True, asleep=asleep),
        # nothing is left of marks where a route was given: it ends at the one that counts
        *([RemoveBarriers()] if isinstance(layout, _Given) else []),
        *_synthesis(target, family(target, options.gates)),
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


def _synthesis(target: Target, kind: str) -> list[Any]:
    """Passes from gates on couplers to the device's own."""
    passes: list[Any] = [
        EncounterSynthesis(kind),
        # before the translation too: Qiskit knows no rule from U to RZ and RY
        Optimize1qGatesDecomposition(target=target),
        BasisTranslator(SessionEquivalenceLibrary, None, target),
        Optimize1qGatesDecomposition(target=target),
    ]
    if _one_way(target):
        passes[-1:-1] = [
            GateDirection(None, target),
            BasisTranslator(SessionEquivalenceLibrary, None, target),
        ]
    return passes


class _Merged(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Blocks on one coupler of more two-qubit gates than a unitary needs, synthesised anew.

    Args:
        family: see :class:`~qnu.quantum.synthesis.EncounterSynthesis`.
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


def _one_way(target: Target) -> bool:
    """Is there a two-qubit gate that a coupler has in one direction only."""
    for name in two_qubit_names(target):
        pairs = set(target[name] or {}) - {None}
        if any(pair[::-1] not in pairs for pair in pairs):
            return True
    return False


def decoupled(isa: QuantumCircuit, target: Target, options: CompileOptions) -> QuantumCircuit:
    """The circuit with pulses on idle qubits, where the options ask for them.

    Args:
        isa: a compiled circuit.
        target: its device.
        options: ``dynamical_decoupling``: XX or XY4.

    Returns:
        the circuit, with delays and pulses; the same object without decoupling.

    Raises:
        QnuError: a device that gives no durations.

    References:
        Viola, Knill, Lloyd (PRL 82, 2417); Qiskit's PadDynamicalDecoupling.

    Examples:
        >>> qc = QuantumCircuit(1)
        >>> decoupled(qc, Target.from_configuration(["x"], 1), CompileOptions()) is qc
        True
    """
    if options.dynamical_decoupling == "none":
        return isa
    pulses = [XGate()] * 2
    if options.dynamical_decoupling == "XY4":
        pulses = [XGate(), YGate()] * 2
    if target.dt is None:
        raise QnuError(
            "dynamical_decoupling",
            options.dynamical_decoupling,
            "'none': this device gives no durations",
        )
    metadata = isa.metadata
    timed = target
    if "y" not in target.operation_names:  # Y is an X in another frame, and takes as long
        timed = copy.deepcopy(target)
        timed.add_instruction(YGate(), dict(target["x"]))
    padding = PassManager(
        [
            ALAPScheduleAnalysis(target=timed),
            PadDynamicalDecoupling(target=timed, dd_sequence=pulses, skip_reset_qubits=True),
        ]
    )
    # apart: it changes nodes whose start times the other passes keep
    merging = PassManager([Optimize1qGatesDecomposition(target=target)])
    result: QuantumCircuit = merging.run(padding.run(isa))
    result._layout = isa.layout
    result.metadata = {
        **metadata,
        "samples": [
            {**mark, "instruction": len(result.data)} for mark in metadata.get("samples", [])[-1:]
        ],
    }
    return result


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
        QnuError: see :func:`decoupled`.

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
    passes: list[Any] = [Optimize1qGatesDecomposition(target=target)]
    if isa.metadata.get("cut"):
        # the parts of an encounter meet again where marks between them are gone
        kind = family(target, (options or CompileOptions()).gates)
        passes = [Collect2qBlocks(), _Merged(kind), *_synthesis(target, kind)[1:]]
    merge = PassManager(passes)
    for mark in isa.metadata["samples"]:
        part = isa.copy_empty_like()
        for instruction in isa.data[: mark["instruction"]]:
            if instruction.operation.name != "barrier":
                part.append(instruction, copy=False)
        merged = merge.run(part)
        merged._layout = None  # the permutation recorded belongs to the whole circuit
        merged.metadata = {**isa.metadata, "samples": [], "neutrino_qubit": mark["neutrino_qubit"]}
        yield (
            mark["time"],
            mark["neutrino_qubit"],
            decoupled(merged, target, options or CompileOptions()),
        )


def _told(
    metadata: dict[str, Any],
    isa: QuantumCircuit,
    start: list[int],
    marks: list[list[int]],
    marked: bool,
) -> dict[str, Any]:
    """The metadata of the compiled circuit: physical qubits in place of logical ones."""
    final = marks[-1]
    told = {key: value for key, value in metadata.items() if key not in ("samples", "wiring")}
    told["initial_qubit"] = start
    told["neutrino_qubit"] = [final[start[k]] for k in metadata["neutrino_qubit"]]
    positions = [len(isa.data)] * len(metadata["samples"])
    wheres = [final] * len(positions)
    if marked:
        positions = [k for k, i in enumerate(isa.data) if i.operation.name == "barrier"]
        wheres = marks[:-1]
    told["samples"] = [
        {
            "time": mark["time"],
            "instruction": position,
            "neutrino_qubit": [where[start[k]] for k in mark["neutrino_qubit"]],
        }
        for mark, position, where in zip(metadata["samples"], positions, wheres, strict=True)
        if marked or mark is metadata["samples"][-1]
    ]
    return told
