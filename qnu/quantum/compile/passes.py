"""Qiskit passes: initial sites of the neutrinos, and their routes with free swaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Layout, Target
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass

from ...errors import QnuError
from ..machines.options import CompileOptions
from ._route_writer import RouteWriter
from .block_gates import block_gates
from .blocks import CircuitBlocks, collect_blocks
from .errors import raising_compile_errors
from .family import device_of, known_family
from .routing import MOVE, DeviceGraph
from .routing.planning import plan_route
from .routing.plans import RoutePlan, RoutingOptions, Wiring
from .routing.prefix import keys

#: Entries of the property set: a RoutedCircuit; where every qubit is at every barrier.
ROUTED = "qnu_routed"
PERMUTATIONS = "qnu_permutations"
BAD_COUPLERS = "qnu_bad_couplers"
#: Entry of a circuit's metadata: sites, pairs and swaps of a native schedule.
WIRING = "qnu_wiring"


@dataclass(frozen=True, eq=False)
class RoutedCircuit:
    """What the layout pass leaves for the routing pass.

    Args:
        plan: the route.
        pairs: ``(n, 2)`` qubits of the blocks that it is for.
        bounds: numbers of blocks before the end of every section.
        target: the device,
        gates: the gates requested of it, and
        device: its couplers for these.
        blocks: the circuit as the layout pass has read it; None where the plan was made for
            another one with the same pairs.
    """

    plan: RoutePlan
    pairs: NDArray[np.int64]
    bounds: list[int]
    target: Target
    gates: str
    device: DeviceGraph
    blocks: CircuitBlocks | None = None


def routing_options(options: CompileOptions, qubits_initially_zero: bool) -> RoutingOptions:
    """How a route is chosen; sites that are given by hand go to the planning as such.

    Examples:
        >>> routing_options(CompileOptions(layout=(3, 1)), True).layout
        'auto'
    """
    layout = options.layout if isinstance(options.layout, str) else "auto"
    return RoutingOptions(
        layout, qubits_initially_zero, options.avoid_error, options.effort, options.seed
    )


def _gates_of(blocks: CircuitBlocks, target: Target, options: CompileOptions) -> Any:
    """Gates of every block without and with a swap; None where all are three, or not known."""
    kind = known_family(target, options.gates)
    return None if kind is None else block_gates(blocks, kind)


def _route(
    blocks: CircuitBlocks,
    target: Target,
    device: DeviceGraph,
    options: CompileOptions,
    wiring: Any,
    qubits_initially_zero: bool,
) -> RoutePlan:
    """The plan of a circuit on a device."""
    sites = None
    if not isinstance(options.layout, str):
        sites = options.layout
        if len(sites) < blocks.qubits:
            raise QnuError("layout", list(sites), f"sites of all {blocks.qubits} neutrinos")
        sites = sites[: blocks.qubits]
        if len(set(sites)) < len(sites) or not set(sites) <= set(range(device.sites)):
            raise QnuError("layout", list(sites), f"different sites below {device.sites}")
    return plan_route(
        device,
        blocks.pairs,
        blocks.qubits,
        blocks.bounds,
        sites=sites,
        wiring=None if wiring is None else aligned(blocks, wiring),
        options=routing_options(options, qubits_initially_zero),
        block_gates=_gates_of(blocks, target, options),
    )


def aligned(blocks: CircuitBlocks, wiring: dict[str, Any]) -> Wiring | None:
    """Initial sites and one swap per block: encounters in a row are swapped as often as drawn."""
    swaps: dict[frozenset[int], list[bool]] = {}
    for pair, swapped in zip(wiring["pairs"], wiring["swapped"], strict=True):
        swaps.setdefault(frozenset(pair), []).append(bool(swapped))
    result = []
    for block in blocks:
        own = swaps.get(frozenset(block.pair), [])
        count = sum(len(node.qargs) == 2 for node in block.nodes)
        if len(own) < count:
            return None  # another circuit
        result.append(bool(sum(own[:count]) % 2))
        del own[:count]
    return wiring["sites"], result


def layout_of(dag: DAGCircuit, sites: Sequence[int]) -> Layout:
    """Qubit k of a circuit on ``sites[k]``, as Qiskit writes it."""
    layout = Layout({qubit: sites[k] for k, qubit in enumerate(dag.qubits)})
    for register in dag.qregs.values():
        layout.add_register(register)
    return layout


class EncounterLayout(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Chooses the initial sites of the neutrinos, and with them the whole route.

    Args:
        target: the device.
        options: see :class:`~qnu.quantum.CompileOptions`.
        qubits_initially_zero: the circuit starts in |0>, its own qubits included.

    Raises:
        CompileError: more neutrinos than the device has sites.

    References:
        see ``docs/how-to/compile.md``.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> target = Target.from_configuration(["cz", "rz", "sx"], 3, CouplingMap.from_line(3))
        >>> EncounterLayout(target).name()
        'EncounterLayout'
    """

    def __init__(
        self,
        target: Target,
        options: CompileOptions | None = None,
        *,
        qubits_initially_zero: bool = False,
    ) -> None:
        super().__init__()
        self.target, self.options = target, options or CompileOptions()
        self.qubits_initially_zero = qubits_initially_zero

    @raising_compile_errors
    def run(self, dag: DAGCircuit) -> None:
        """Set ``layout`` and keep the route for :class:`EncounterRouting`."""
        blocks = collect_blocks(dag)
        device = device_of(self.target, self.options, blocks.qubits)
        wiring = (dag.metadata or {}).get(WIRING)
        plan = _route(blocks, self.target, device, self.options, wiring, self.qubits_initially_zero)
        self.property_set["layout"] = layout_of(dag, plan.route.sites.tolist())
        self.property_set[ROUTED] = RoutedCircuit(
            plan, blocks.pairs, blocks.bounds, self.target, self.options.gates, device, blocks
        )


class GivenRoute(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Sets what :class:`EncounterLayout` sets, from a route that exists already.

    Args:
        routed: the route, in the numbers of the circuit's qubits.
    """

    def __init__(self, routed: RoutedCircuit) -> None:
        super().__init__()
        self.routed = routed

    def run(self, dag: DAGCircuit) -> None:
        """Set ``layout`` and the route."""
        self.property_set["layout"] = layout_of(dag, self.routed.plan.route.sites.tolist())
        self.property_set[ROUTED] = self.routed


class EncounterRouting(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Writes the circuit of a route: encounters on couplers, free swaps in them, moves in between.

    An encounter with a swap is ``EncounterGate(swap=True)``, another two-qubit gate with a swap is
    its matrix times SWAP; a move to an empty site (an ancilla, which is |0>) is a
    :class:`~.gates.MoveGate`. Gates of the same pair in a row become one gate where ``merge`` is
    set. The permutation at the end is recorded in ``final_layout``.

    Args:
        target: the device.
        options: see :class:`~qnu.quantum.CompileOptions`.
        merge: True: several gates of one pair in a row become one 4x4 matrix.
        empty_is_zero: False: a move to an empty site is a SWAP, whatever is on it.
        qubits_initially_zero: the circuit's own qubits start in |0> too: those without an operation
            so far count as empty. The result is then equal on that start, not as a unitary.
        circuit_unchanged: True: only the layout has been applied since :class:`EncounterLayout`,
            whose blocks are used again.

    Raises:
        CompileError: gates of more than two qubits, a pair on two components of the device.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> target = Target.from_configuration(["cz", "rz", "sx"], 3, CouplingMap.from_line(3))
        >>> EncounterRouting(target).name()
        'EncounterRouting'
    """

    def __init__(
        self,
        target: Target,
        options: CompileOptions | None = None,
        *,
        merge: bool = False,
        empty_is_zero: bool = True,
        qubits_initially_zero: bool = False,
        circuit_unchanged: bool = False,
    ) -> None:
        super().__init__()
        self.target, self.options = target, options or CompileOptions()
        self.merge, self.empty_is_zero = merge, empty_is_zero
        self.qubits_initially_zero = qubits_initially_zero
        self.circuit_unchanged = circuit_unchanged

    @raising_compile_errors
    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """The physical circuit."""
        if len(dag.qubits) != self.target.num_qubits and self.target.num_qubits is not None:
            raise QnuError(
                "circuit",
                f"{len(dag.qubits)} qubits",
                f"all {self.target.num_qubits} qubits of the device (after a layout pass)",
            )
        own = self._sites(dag)
        stored = self.property_set[ROUTED]
        device = self._device(stored, len(dag.qubits))
        if stored is not None and stored.blocks is not None and self.circuit_unchanged:
            blocks = stored.blocks.placed(own)
            plan, numbers = stored.plan, list(range(len(stored.pairs)))
        else:
            blocks = collect_blocks(dag)
            plan, numbers = _kept(stored, blocks, own) or self._routed_again(blocks, own, device)
        writer = self._writer(dag, blocks, own)
        self.property_set[PERMUTATIONS] = self._write(writer, blocks, plan, numbers)
        self._record(dag, writer.where)
        self.property_set[ROUTED] = RoutedCircuit(
            plan, blocks.pairs, blocks.bounds, self.target, self.options.gates, device
        )
        self.property_set[BAD_COUPLERS] = plan.bad_couplers(device, self.options.avoid_error)
        return writer.result

    def _sites(self, dag: DAGCircuit) -> list[int]:
        """The sites of the circuit's own qubits, in their order; ancillas are left out.

        Without a layout qubit k is on site k.
        """
        inputs, layout = self.property_set["original_qubit_indices"], self.property_set["layout"]
        if inputs is None or layout is None:
            return list(range(len(dag.qubits)))
        own = self.property_set["num_input_qubits"]
        order = sorted(inputs, key=inputs.__getitem__)
        return [layout[qubit] for qubit in order[:own]]

    def _device(self, stored: RoutedCircuit | None, sites: int) -> DeviceGraph:
        """The graph of the layout pass where it is for the same device and gates."""
        if (
            stored is not None
            and stored.target is self.target
            and stored.gates == self.options.gates
            and stored.device.sites == sites
        ):
            return stored.device
        return device_of(self.target, self.options, sites)

    def _writer(self, dag: DAGCircuit, blocks: CircuitBlocks, own: list[int]) -> RouteWriter:
        occupied = [not self.empty_is_zero] * len(dag.qubits)
        for site in [] if self.qubits_initially_zero else own:
            occupied[site] = True
        return RouteWriter(dag.copy_empty_like(), blocks.index, occupied)

    def _write(
        self, writer: RouteWriter, blocks: CircuitBlocks, plan: RoutePlan, numbers: list[int]
    ) -> list[list[int]]:
        """All sections; the site of what began on every site, at the end of each."""
        every = list(blocks)
        permutations: list[list[int]] = []
        for section, steps in zip(blocks.sections, plan.sections, strict=True):
            for number, a, b, swapped in steps.tolist():
                if number == MOVE:
                    writer.move(a, b)
                else:
                    writer.write_block(every[numbers[number]], bool(swapped), self.merge)
            for node in section.rest:
                writer.write(node)
            if section.barrier is not None:
                writer.write(section.barrier)
            permutations.append(list(writer.where))
        return permutations

    def _routed_again(
        self, blocks: CircuitBlocks, own: list[int], device: DeviceGraph
    ) -> tuple[RoutePlan, list[int]]:
        """A route from initial sites that another layout pass has chosen."""
        number = {site: k for k, site in enumerate(own)}
        extra = sorted({s for block in blocks for s in block.pair} - set(own))
        number |= {site: len(own) + k for k, site in enumerate(extra)}
        pairs = [(number[a], number[b]) for a, b in (block.pair for block in blocks)]
        plan = plan_route(
            device,
            np.array(pairs, np.int64).reshape(-1, 2),
            len(number),
            blocks.bounds,
            sites=[*own, *extra],
            options=replace(
                routing_options(self.options, self.qubits_initially_zero), layout="auto"
            ),
            block_gates=_gates_of(blocks, self.target, self.options),
        )
        return plan, list(range(len(pairs)))

    def _record(self, dag: DAGCircuit, where: list[int]) -> None:
        final = Layout({dag.qubits[k]: site for k, site in enumerate(where)})
        before = self.property_set["final_layout"]
        if before is not None:
            final = before.compose(final, dag.qubits)
        self.property_set["final_layout"] = final


def _kept(
    stored: RoutedCircuit | None, blocks: CircuitBlocks, own: list[int]
) -> tuple[RoutePlan, list[int]] | None:
    """The route of the layout pass where it belongs to this circuit.

    Blocks are matched by their pair and by the number of earlier blocks of that pair: passes in
    between may have ordered the circuit anew.
    """
    if stored is None:
        return None
    if stored.plan.route.sites.tolist() != own or len(stored.pairs) != len(blocks.pairs):
        return None
    site = dict(enumerate(own))
    own_keys = keys([(site[i], site[j]) for i, j in stored.pairs.tolist()])
    rows = {key: k for k, key in enumerate(keys([block.pair for block in blocks]))}
    if set(own_keys) != set(rows) or list(stored.bounds) != blocks.bounds:
        return None
    # a barrier of some qubits may cut another order of the same circuit elsewhere
    section = np.searchsorted(stored.bounds, np.arange(len(own_keys)), side="right").tolist()
    again = np.searchsorted(stored.bounds, [rows[key] for key in own_keys], side="right").tolist()
    if section != again:
        return None
    return stored.plan, [rows[key] for key in own_keys]
