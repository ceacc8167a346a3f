"""The circuits of single samples: a compiled circuit up to a sample time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import UnitaryGate
from qiskit.converters import circuit_to_dag
from qiskit.dagcircuit import DAGCircuit
from qiskit.quantum_info import Operator
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.basepasses import TransformationPass
from qiskit.transpiler.passes import Collect2qBlocks, Optimize1qGatesDecomposition

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..circuits.build import circuit_and_encounters
from ..circuits.sizes import two_qubit_gates
from ..machines import Machine
from ..machines.options import CompileOptions
from .blocks import collect_blocks
from .compilation import (
    add_wiring,
    check_size,
    finalists,
    passes_of,
    resolve,
    synthesis_passes,
)
from .decoupling import decoupled, errors_of_qiskit
from .family import family
from .passes import (
    PERMUTATIONS,
    WIRING,
    GivenRoute,
    RoutedCircuit,
    aligned,
    routing_options,
)
from .routing.sampled import OWN, PREFIX, Part, SampleRoute, sample_routes
from .routing.step_counter import part_of_progress
from .synthesis import EncounterSynthesis

#: Two-qubit gates that are enough for any unitary of two qubits.
_ENOUGH_GATES = 3
#: The part of the work that the route of the last sample is; searches for others are the rest.
_WHOLE = 0.4


@dataclass(frozen=True, eq=False)
class SamplePlan:
    """The routes of all samples, from :func:`by_sample`; iterating compiles the circuits.

    Args:
        gas: N neutrinos.
        schedule: the encounters.
        samples: sample times.
        target: the device.
        options: how to compile.
        whole: the route of the last sample's circuit.
        routes: the route of every sample that is compiled, the last ones of ``samples``.
    """

    gas: NeutrinoGas
    schedule: EncounterSchedule
    samples: SampleTimes
    target: Target
    options: CompileOptions
    whole: RoutedCircuit
    routes: tuple[SampleRoute, ...]

    @property
    def method(self) -> str:
        """How the route of the last sample was found."""
        return self.whole.plan.method

    def origins(self) -> str:
        """Where the routes of earlier samples are from, in words; empty where there are none."""
        inside = [one.origin for one in self.routes[:-1] if len(one.pairs)]
        words = [
            (PREFIX, "the first steps of the last route", "the first steps of the last route"),
            (OWN, "a route of its own", "routes of their own"),
        ]
        counts = [(inside.count(origin), one, many) for origin, one, many in words]
        said = [f"{n} has {one}" if n == 1 else f"{n} have {many}" for n, one, many in counts if n]
        return f"each by itself: {', '.join(said)}" if said else ""

    def attributes(self) -> dict[str, str]:
        """``route``, and ``sample_routes`` where there are samples before the last."""
        said = self.origins()
        return {"route": self.method} | ({"sample_routes": said} if said else {})

    def __len__(self) -> int:
        return len(self.routes)

    def __iter__(self) -> Iterator[tuple[float, list[int], QuantumCircuit]]:
        """``(time, neutrino_qubit, circuit)`` of every sample, without measurements."""
        return (self.compiled(number) for number in range(len(self)))

    def compiled(self, number: int) -> tuple[float, list[int], QuantumCircuit]:
        """The same of one of the routes; -1: of the last."""
        number %= len(self)
        sample = len(self.samples) - len(self) + number
        logical, _ = _up_to(self.gas, self.schedule, self.samples, sample)
        isa, places = self._compiled(logical, self.routes[number])
        return float(self.samples.times[sample]), places, isa

    def _compiled(
        self, logical: QuantumCircuit, one: SampleRoute
    ) -> tuple[QuantumCircuit, list[int]]:
        plan, pairs = one.plan, one.pairs
        given = GivenRoute(
            replace(self.whole, plan=plan, pairs=pairs, bounds=[len(pairs)], blocks=None)
        )
        manager = PassManager(passes_of(given, self.target, self.options, True))
        metadata = logical.metadata
        with errors_of_qiskit():
            isa: QuantumCircuit = manager.run(logical)
        isa._layout = None  # where neutrinos are is in the metadata
        where = manager.property_set[PERMUTATIONS][-1]
        places = [where[site] for site in plan.route.sites.tolist()]
        isa.metadata = {
            **{key: value for key, value in metadata.items() if key != WIRING},
            "samples": [],
            "initial_qubit": plan.route.sites.tolist(),
            "neutrino_qubit": places,
            "route": plan.method,
            "sample_route": one.origin,
        }
        return decoupled(isa, self.target, self.options), places


def by_sample(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: Machine,
    samples: SampleTimes,
    options: CompileOptions | None = None,
    begin: int = 0,
    whole: RoutedCircuit | None = None,
) -> SamplePlan:
    """A circuit for every sample, each by itself: none pays for the samples before it.

    The route of the last sample's circuit is found first. The circuit of an earlier sample has
    the first steps of that route, or a route of its own, see
    :func:`qnu.quantum.compile.routing.sampled.sample_routes`. Encounters under way at the sample
    end there: three two-qubit gates, like any other.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters.
        machine: the device.
        samples: sample times.
        options: how to compile; default: those of the config.
        begin: circuits of this sample and the later ones; -1: the last one.
        whole: a route of the whole schedule, found before with the same options: used again where
            the last sample has the same encounters.

    Returns:
        the routes of all samples; iterate over it for ``(time, neutrino_qubit, circuit)``.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> machine = qnu.quantum.load_machine("fake_torino")
        >>> plan = by_sample(gas, schedule, machine, schedule.samples([0.0, 0.25, 0.5]))
        >>> [circuit.count_ops().get("cz", 0) for _, _, circuit in plan]
        [0, 3, 3]
    """
    check_size(schedule)
    target, settings = resolve(machine, len(gas))
    options = settings if options is None else options
    numbers = range(len(samples))[begin:]
    parts = [_part(_up_to(gas, schedule, samples, sample)) for sample in numbers]
    with part_of_progress(0.0, 1.0 if len(parts) == 1 else _WHOLE):
        if whole is None or not np.array_equal(whole.pairs, parts[-1].pairs):
            last, _ = _up_to(gas, schedule, samples, numbers[-1])
            whole = finalists(last, target, options)[0].routed
    with part_of_progress(_WHOLE, 1.0):
        routes = sample_routes(
            whole.device,
            whole.plan,
            whole.pairs,
            parts,
            sites=None if isinstance(options.layout, str) else options.layout[: len(gas)],
            options=routing_options(options, True),
        )
    return SamplePlan(gas, schedule, samples, target, options, whole, tuple(routes))


def gates_to_last_sample(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: Machine,
    samples: SampleTimes,
    options: CompileOptions | None = None,
) -> dict[str, int]:
    """``two_qubit_gates`` and ``two_qubit_depth`` of the circuit of the last sample.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> machine = qnu.quantum.load_machine("fake_torino")
        >>> gates_to_last_sample(gas, schedule, machine, schedule.samples([0.0, 0.5]))
        {'two_qubit_gates': 3, 'two_qubit_depth': 3}
    """
    plan = by_sample(gas, schedule, machine, samples, options, -1)
    return two_qubit_gates(plan.compiled(-1)[2])


def _up_to(
    gas: NeutrinoGas, schedule: EncounterSchedule, samples: SampleTimes, sample: int
) -> tuple[QuantumCircuit, list[int]]:
    """The circuit that ends at a sample, and the encounter of every EncounterGate."""
    logical, encounters = circuit_and_encounters(
        gas, schedule, samples.only(sample), None, barriers=False
    )
    add_wiring(logical.metadata, schedule, encounters)
    return logical, encounters


def _part(made: tuple[QuantumCircuit, list[int]]) -> Part:
    """The encounters of a circuit, for its route."""
    logical, _ = made
    blocks = collect_blocks(circuit_to_dag(logical))
    wiring = logical.metadata.get(WIRING)
    return Part(blocks.pairs, None if wiring is None else aligned(blocks, wiring))


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
