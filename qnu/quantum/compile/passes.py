"""Qiskit passes: where neutrinos sit, how they get together, with trades of places for free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit.circuit.library import SwapGate, UnitaryGate
from qiskit.dagcircuit import DAGCircuit
from qiskit.transpiler import Layout, Target
from qiskit.transpiler.basepasses import AnalysisPass, TransformationPass

from ... import encounter
from ...errors import QnuError
from ..circuits.gate import EncounterGate, as_encounter, little_endian
from ..machines.options import CompileOptions
from .meetings import Meeting, Meetings, meetings
from .routing import DeviceGraph
from .routing.planning import Plan, plan
from .routing.route import MOVE
from .synthesis import NAMES, MoveGate, family, matrix_of
from .target import device_graph

_SWAP = little_endian(encounter.SWAP)
#: Entries of the property set: the plan with its pairs; where everything is at every barrier.
PLAN = "qnu_plan"
MARKS = "qnu_marks"
BAD_COUPLERS = "qnu_bad_couplers"
#: Entry of a circuit's metadata: sites, pairs and trades of a native schedule.
WIRING = "qnu_wiring"


def route_circuit(
    found: Meetings,
    target: Target,
    options: CompileOptions,
    sites: Sequence[int] | None = None,
    wiring: Any = None,
    asleep: bool = False,
) -> Plan:
    """The plan of a circuit on a device, see :func:`qnu.quantum.compile.routing.planning.plan`."""
    device = device_of(target, options, found.qubits)
    layout: str = "auto"
    if isinstance(options.layout, str):
        layout = options.layout
    elif sites is None:
        sites = options.layout
        if len(sites) < found.qubits:
            raise QnuError("layout", list(sites), f"sites of all {found.qubits} neutrinos")
        sites = sites[: found.qubits]
        if len(set(sites)) < len(sites) or not set(sites) <= set(range(device.sites)):
            raise QnuError("layout", list(sites), f"different sites below {device.sites}")
    return plan(
        device,
        found.pairs,
        found.qubits,
        found.bounds,
        layout=layout,
        sites=sites,
        wiring=None if wiring is None else _aligned(found, wiring),
        asleep=asleep,
        avoid_error=options.avoid_error,
        effort=options.effort,
        seed=options.seed,
    )


def device_of(target: Target, options: CompileOptions, qubits: int) -> DeviceGraph:
    """The couplers of a target with the errors of the gates that will be used.

    Where qnu has no synthesis for the device's gates, or they leave couplers out, Qiskit translates
    to whatever is there: then every two-qubit gate counts.
    """
    whole = device_graph(target, qubits)
    try:
        kind = family(target, options.gates)
    except QnuError:
        if options.gates != "auto":
            raise
        return whole
    preferred = device_graph(target, qubits, gates=NAMES[kind])
    return preferred if len(preferred.edges) == len(whole.edges) else whole


def _aligned(found: Meetings, wiring: dict[str, Any]) -> tuple[list[int], list[bool]] | None:
    """Initial sites and one trade per meeting; encounters in a row trade as often as they say."""
    trades: dict[frozenset[int], list[bool]] = {}
    for pair, traded in zip(wiring["pairs"], wiring["traded"], strict=True):
        trades.setdefault(frozenset(pair), []).append(bool(traded))
    result = []
    for meeting in found:
        own = trades.get(frozenset(meeting.pair), [])
        count = sum(len(node.qargs) == 2 for node in meeting.nodes)
        if len(own) < count:
            return None  # another circuit
        result.append(bool(sum(own[:count]) % 2))
        del own[:count]
    return wiring["sites"], result


class EncounterLayout(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Chooses the sites where neutrinos start, and with them the whole route.

    Args:
        target: the device.
        options: see :class:`~qnu.quantum.CompileOptions`.
        asleep: the circuit starts in |0>, its own qubits included.

    Raises:
        QnuError: more neutrinos than the device has sites.

    References:
        qnu's own; see ``docs/compile.md``.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> target = Target.from_configuration(["cz", "rz", "sx"], 3, CouplingMap.from_line(3))
        >>> EncounterLayout(target).name()
        'EncounterLayout'
    """

    def __init__(
        self, target: Target, options: CompileOptions | None = None, *, asleep: bool = False
    ) -> None:
        super().__init__()
        self.target, self.options = target, options or CompileOptions()
        self.asleep = asleep

    def run(self, dag: DAGCircuit) -> None:
        """Set ``layout`` and keep the route for :class:`EncounterRouting`."""
        found = meetings(dag)
        wiring = (dag.metadata or {}).get(WIRING)
        found_plan = route_circuit(
            found, self.target, self.options, wiring=wiring, asleep=self.asleep
        )
        sites = found_plan.route.sites.tolist()
        layout = Layout({qubit: sites[k] for k, qubit in enumerate(dag.qubits)})
        for register in dag.qregs.values():
            layout.add_register(register)
        self.property_set["layout"] = layout
        self.property_set[PLAN] = (found_plan, found.pairs, found.bounds)


class EncounterRouting(TransformationPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Plays the route: encounters on couplers, trades inside them, moves where nothing else helps.

    A traded encounter is ``EncounterGate(swap=True)``, another two-qubit gate that trades is its
    matrix times SWAP; a move to an empty site (an ancilla, which is |0>) is a
    :class:`~.synthesis.MoveGate`. Meetings of the same pair in a row become one gate
    where ``merge`` is set. The permutation at the end is recorded in ``final_layout``.

    Args:
        target: the device.
        options: see :class:`~qnu.quantum.CompileOptions`.
        merge: True: several gates of one pair in a row become one 4x4 matrix.
        empty_is_zero: False: a move to an empty site is a SWAP, whatever is on it.
        asleep: the circuit's own qubits start in |0> too: those on which nothing has been played
            yet count as empty. The result is then equal on that start, not as a unitary.

    Raises:
        QnuError: gates of more than two qubits, a device in pieces.

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
        asleep: bool = False,
    ) -> None:
        super().__init__()
        self.target, self.options = target, options or CompileOptions()
        self.merge, self.empty_is_zero, self.asleep = merge, empty_is_zero, asleep

    def run(self, dag: DAGCircuit) -> DAGCircuit:
        """The physical circuit."""
        if len(dag.qubits) != self.target.num_qubits and self.target.num_qubits is not None:
            raise QnuError(
                "circuit",
                f"{len(dag.qubits)} qubits",
                f"all {self.target.num_qubits} qubits of the device (after a layout pass)",
            )
        own = self._sites(dag)
        found = meetings(dag)
        kept = self._kept(found, own)
        if kept is None:
            kept = self._again(found, own)
        played, numbers = kept
        result = dag.copy_empty_like()
        full = [not self.empty_is_zero] * len(dag.qubits)
        for site in [] if self.asleep else own:
            full[site] = True
        wire = _Wires(result, dag, full)
        every = list(found)
        marks: list[list[int]] = []
        for section, steps in zip(found.sections, played.sections, strict=True):
            for encounter_, a, b, traded in steps.tolist():
                if encounter_ == MOVE:
                    wire.move(a, b)
                else:
                    wire.meet(every[numbers[encounter_]], bool(traded), self.merge)
            for node in section.rest:
                wire.play(node)
            if section.barrier is not None:
                wire.play(section.barrier)
            marks.append(list(wire.where))
        self._record(dag, wire.where)
        device = device_of(self.target, self.options, found.qubits)
        bad = played.bad_couplers(device, self.options.avoid_error)
        self.property_set[PLAN], self.property_set[MARKS] = (
            (played, found.pairs, found.bounds),
            marks,
        )
        self.property_set[BAD_COUPLERS] = bad
        return result

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

    def _kept(self, found: Meetings, own: list[int]) -> tuple[Plan, list[int]] | None:
        """The route of :class:`EncounterLayout` where it belongs to this circuit.

        Meetings are matched by their pair and by how often it has met: passes in between may have
        ordered the circuit anew.
        """
        stored = self.property_set[PLAN]
        if stored is None:
            return None
        stored_plan, pairs, bounds = stored
        if stored_plan.route.sites.tolist() != own or len(pairs) != len(found.pairs):
            return None
        site = dict(enumerate(own))
        keys = _keys([(site[i], site[j]) for i, j in pairs.tolist()])
        rows = {key: k for k, key in enumerate(_keys([m.pair for m in found]))}
        if set(keys) != set(rows) or list(bounds) != found.bounds:
            return None
        # a barrier of some qubits may cut another order of the same circuit elsewhere
        section = np.searchsorted(bounds, np.arange(len(keys)), side="right").tolist()
        again = np.searchsorted(bounds, [rows[key] for key in keys], side="right").tolist()
        if section != again:
            return None
        return stored_plan, [rows[key] for key in keys]

    def _again(self, found: Meetings, own: list[int]) -> tuple[Plan, list[int]]:
        """A route from the sites that somebody else chose."""
        number = {site: k for k, site in enumerate(own)}
        extra = sorted({s for m in found for s in m.pair} - set(own))
        number |= {site: len(own) + k for k, site in enumerate(extra)}
        pairs = [(number[a], number[b]) for a, b in (m.pair for m in found)]
        played = plan(
            device_of(self.target, self.options, found.qubits),
            np.array(pairs, np.int64).reshape(-1, 2),
            len(number),
            found.bounds,
            sites=[*own, *extra],
            asleep=self.asleep,
            avoid_error=self.options.avoid_error,
            effort=self.options.effort,
            seed=self.options.seed,
        )
        return played, list(range(len(pairs)))

    def _record(self, dag: DAGCircuit, where: list[int]) -> None:
        final = Layout({dag.qubits[k]: site for k, site in enumerate(where)})
        before = self.property_set["final_layout"]
        if before is not None:
            final = before.compose(final, dag.qubits)
        self.property_set["final_layout"] = final


def _keys(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """``(smaller, larger, how many times before)`` of every pair."""
    seen: dict[tuple[int, int], int] = {}
    result = []
    for a, b in pairs:
        pair = (min(a, b), max(a, b))
        result.append((*pair, seen.get(pair, 0)))
        seen[pair] = seen.get(pair, 0) + 1
    return result


class _Wires:
    """Writes operations on the sites where their qubits are at that moment.

    ``where[k]`` is the site of what began on site k. A site that is not ``full`` is in |0>. Since
    one-qubit gates are played right before a meeting, a neutrino that has not met anybody may still
    be: it moves for nothing.
    """

    def __init__(self, result: DAGCircuit, dag: DAGCircuit, full: list[bool]) -> None:
        self.result, self.qubits = result, dag.qubits
        self.index = {qubit: k for k, qubit in enumerate(dag.qubits)}
        self.where = list(range(len(self.qubits)))
        self.start = list(range(len(self.qubits)))  # the inverse of where
        self.full = full

    def trade(self, a: int, b: int) -> None:
        """What is on sites a and b has changed places."""
        i, j = self.start[a], self.start[b]
        self.start[a], self.start[b] = j, i
        self.where[i], self.where[j] = b, a
        self.full[a], self.full[b] = self.full[b], self.full[a]

    def move(self, a: int, b: int) -> None:
        """A SWAP; two CX where one of the sites is empty; nothing where both are."""
        if self.full[a] and self.full[b]:
            self._apply(SwapGate(), a, b)
        elif self.full[a] or self.full[b]:
            self._apply(MoveGate(), *((a, b) if self.full[a] else (b, a)))
        self.trade(a, b)

    def play(self, node: Any, operation: Any = None) -> None:
        """One operation as it is."""
        sites = [self.where[self.index[q]] for q in node.qargs]
        operation = node.op if operation is None else operation
        self._apply(operation, *sites, cargs=node.cargs)
        if not getattr(operation, "_directive", False):
            for site in sites:
                self.full[site] = True

    def _apply(self, operation: Any, *sites: int, cargs: Any = ()) -> None:
        qubits = [self.qubits[site] for site in sites]
        self.result.apply_operation_back(operation, qubits, cargs, check=False)

    def meet(self, meeting: Meeting, traded: bool, merge: bool) -> None:
        """All gates of a meeting; the last one trades places where asked."""
        for node in meeting.before:
            self.play(node)
        nodes = meeting.nodes
        if merge and len(nodes) > 1:
            matrices = [matrix_of(node.op) for node in nodes]
            if all(matrix is not None for matrix in matrices):
                self._merged(meeting, matrices, traded)
                return
        for node in nodes[:-1]:
            self.play(node)
        last = nodes[-1]
        a, b = (self.where[self.index[q]] for q in last.qargs)
        if not traded:
            self.play(last)
            return
        encounter_ = as_encounter(last.op)
        matrix = None if encounter_ is not None else matrix_of(last.op)
        if encounter_ is not None:
            p = encounter_.params
            self.play(last, EncounterGate(p[0], p[1:4], p[4:7], p[7], not encounter_.swap))
        elif matrix is not None:
            self.play(last, UnitaryGate(_SWAP @ matrix, check_input=False))
        else:
            self.play(last)
            self._apply(SwapGate(), a, b)
        self.trade(a, b)

    def _merged(self, meeting: Meeting, matrices: Sequence[Any], traded: bool) -> None:
        first, second = meeting.pair
        matrix = np.eye(4, dtype=complex)
        for node, own in zip(meeting.nodes, matrices, strict=True):
            qubits = [self.index[q] for q in node.qargs]
            if len(qubits) == 1:
                one = np.eye(2)
                own = np.kron(one, own) if qubits[0] == first else np.kron(own, one)
            elif qubits[0] != first:
                own = _SWAP @ own @ _SWAP
            matrix = own @ matrix
        a, b = self.where[first], self.where[second]
        if traded:
            matrix = _SWAP @ matrix
        self._apply(UnitaryGate(matrix, check_input=False), a, b)
        self.full[a] = self.full[b] = True
        if traded:
            self.trade(a, b)
