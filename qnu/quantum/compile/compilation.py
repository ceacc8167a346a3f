"""From a gas and a schedule to a device's own gates on a device's own couplers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike
from qiskit.circuit import ParameterExpression, QuantumCircuit
from qiskit.circuit.equivalence_library import SessionEquivalenceLibrary
from qiskit.converters import circuit_to_dag
from qiskit.providers import BackendV2
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import (
    ApplyLayout,
    BasisTranslator,
    EnlargeWithAncilla,
    FullAncillaAllocation,
    GateDirection,
    Optimize1qGatesDecomposition,
    RemoveBarriers,
)

from ...common.deprecation import renamed_keyword
from ...common.progress import Progress, with_bar
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ...schedules.samples import SampleTimes
from ..circuits.build import circuit_and_encounters
from ..machines import Machine
from ..machines.options import CompileOptions
from .cost import Estimate, estimate
from .decoupling import decoupled, errors_of_qiskit
from .family import family
from .passes import (
    BAD_COUPLERS,
    PERMUTATIONS,
    ROUTED,
    WIRING,
    EncounterLayout,
    EncounterRouting,
    GivenRoute,
    RoutedCircuit,
)
from .routing.choice import TIE
from .routing.step_counter import reporting_to
from .routing.success import Forecast, forecast
from .synthesis import EncounterSynthesis
from .target import resolve as resolve
from .target import two_qubit_names

#: Forecasts of the logarithm of the success probability that are this close: circuits decide.
CLOSE = 0.03
#: No device can execute more; a circuit of so many takes minutes to write.
MAX_ENCOUNTERS = 200_000


@with_bar
def compile_for(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: str | Path | Machine | BackendV2 | Target,
    times: ArrayLike | None = None,
    *,
    gamma: ParameterExpression | float | None = None,
    options: CompileOptions | None = None,
    progress: Progress = None,
) -> QuantumCircuit:
    r"""The circuit of a schedule on a device, in its own gates on its own couplers.

    .. math::
        \mathrm{SWAP}\,e^{-i\theta\,\mathrm{SWAP}} = i\,e^{-i(\theta + \pi/2)\,\mathrm{SWAP}}

    so a swap inside an encounter is free. Neutrinos are placed on the best couplers of the
    calibration, brought together by swaps inside their encounters, every encounter in three of
    the device's own two-qubit gates. A tournament of order ``"line"`` on a path, one of order
    ``"circle"`` on a ring, and a native schedule on its own device need no gate beyond 3 per
    encounter; other schedules are routed by a search.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters.
        machine: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target.
        times: sample times; each is marked by a barrier across which nothing moves, and an
            encounter under way there takes its gates once before and once after it
            (:func:`slices` merges them). Default: the end only, without a barrier.
        gamma: as in :func:`qnu.quantum.circuit`: a Parameter gives one circuit for a sweep.
        options: how to compile; default: those of the config.
        progress: called with the fraction done of the search for a route; True: a bar.

    Returns:
        a circuit of the device's size in the device's gates, without measurements.
        ``circuit.layout`` has the initial layout and the final permutation. ``circuit.metadata``:
        ``neutrino_qubit`` (entry k: physical qubit of neutrino k at the end), ``samples`` (per
        mark: ``time``, ``instruction``, ``neutrino_qubit``), ``initial_qubit``, ``encounters``,
        ``layers``, ``cut`` (see :func:`qnu.quantum.circuit`), ``route`` (``"all-to-all"``,
        ``"wiring"``, ``"perfect"`` or ``"search"``),
        ``bad_couplers`` (used although their error is ``avoid_error`` or more), ``runner_up`` (of
        the second best route, where several were compared: ``route``, ``two_qubit_gates``,
        ``two_qubit_depth``, ``duration``, ``success_probability``; a forecast that is right to a
        few per cent, where it is worse by more than 3 per cent), ``gas_hash``,
        ``schedule_hash``, ``gamma``.

    Raises:
        QnuError: mixed states, more neutrinos than the device has qubits, more than 200,000
            encounters, a layout that the device or schedule does not allow, a device for which
            Qiskit's passes have no translation.

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
    target, settings = resolve(machine, len(gas))
    check_circuit(gas, schedule)
    checked = None if times is None else schedule.samples(times)
    return compile_checked(gas, schedule, target, options or settings, checked, gamma, progress)


def compile_checked(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    target: Target,
    settings: CompileOptions,
    times: SampleTimes | None,
    gamma: ParameterExpression | float | None = None,
    progress: Progress = None,
) -> QuantumCircuit:
    """:func:`compile_for` once its input is checked."""
    return compile_with_route(gas, schedule, target, settings, times, gamma, progress)[0]


def compile_with_route(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    target: Target,
    settings: CompileOptions,
    times: SampleTimes | None = None,
    gamma: ParameterExpression | float | None = None,
    progress: Progress = None,
) -> tuple[QuantumCircuit, RoutedCircuit]:
    """The circuit of :func:`compile_checked`, and its route for the neutrinos."""
    logical, encounters = circuit_and_encounters(
        gas, schedule, times, gamma, barriers=times is not None
    )
    add_wiring(logical.metadata, schedule, encounters)
    with reporting_to(progress if callable(progress) else None):
        best, second = finalists(logical, target, settings, times is not None)
    isa = best.isa
    isa.metadata |= {
        "encounters": len(schedule),
        "layers": len(schedule.layers()),
        "route": best.routed.plan.method,
        "bad_couplers": best.bad_couplers,
        "runner_up": None if second is None else second.words(),
    }
    return (decoupled(isa, target, settings) if times is None else isa), best.routed


@dataclass(frozen=True, eq=False)
class Finalist:
    """One of the routes that are compared, and what it costs."""

    routed: RoutedCircuit
    cost: Estimate | Forecast

    def rank(self) -> tuple[float, int, int]:
        """What is smaller for a better circuit; without a calibration errors do not count."""
        failure = 0.0
        if self.routed.device.error.any():
            failure = -round(self.cost.log_success, TIE)
        return failure, self.cost.two_qubit_gates, self.cost.two_qubit_depth

    def words(self) -> dict[str, Any]:
        """Its numbers, for metadata."""
        cost = self.cost
        timed = self.routed.device.duration.any() and not math.isnan(cost.duration)
        return {
            "route": self.routed.plan.method,
            "two_qubit_gates": cost.two_qubit_gates,
            "two_qubit_depth": cost.two_qubit_depth,
            "duration": cost.duration if timed else None,
            "success_probability": cost.success_probability,
        }


@dataclass(frozen=True, eq=False)
class Compiled(Finalist):
    """One of which the circuit is there: its cost is that of the circuit."""

    isa: QuantumCircuit
    bad_couplers: list[list[int]]


def finalists(
    logical: QuantumCircuit, target: Target, options: CompileOptions, with_barriers: bool = False
) -> tuple[Compiled, Finalist | None]:
    """The circuit of the best route, and the runner-up.

    Routes are compared by a forecast, right to a few per cent. Where the best two are within
    :data:`CLOSE` both become circuits, compared by :func:`estimate`; else only the best one does.

    Args:
        logical: encounters, with the metadata of :func:`qnu.quantum.circuit`.
        target: the device.
        options: how to compile.
        with_barriers: samples are marked in the circuit.
    """
    layout = EncounterLayout(target, options, qubits_initially_zero=True)
    with errors_of_qiskit():
        layout.run(circuit_to_dag(logical))
    routed: RoutedCircuit = layout.property_set[ROUTED]
    other, routed = (
        routed.plan.runner_up,
        replace(routed, plan=replace(routed.plan, runner_up=None)),
    )
    if other is None:
        return _compiled(logical, routed, options, with_barriers), None
    runner_up = replace(routed, plan=other)
    zero = routed.bounds[0] == len(routed.pairs)
    seen, second = (forecast(one.device, one.plan.route, zero) for one in (routed, runner_up))
    best = _compiled(logical, routed, options, with_barriers)
    close = abs(seen.log_success - second.log_success) <= CLOSE
    if not close or not routed.device.error.any():
        return best, Finalist(runner_up, second)
    both = [best, _compiled(logical, runner_up, options, with_barriers)]
    best, last = sorted(both, key=Finalist.rank)
    return best, last


def _compiled(
    logical: QuantumCircuit, routed: RoutedCircuit, options: CompileOptions, with_barriers: bool
) -> Compiled:
    manager = PassManager(passes_of(GivenRoute(routed), routed.target, options, True))
    with errors_of_qiskit():
        isa: QuantumCircuit = manager.run(logical)
    start = routed.plan.route.sites.tolist()
    permutations = manager.property_set[PERMUTATIONS]
    isa.metadata = _metadata(logical.metadata, isa, start, permutations, with_barriers)
    bad = [list(pair) for pair in manager.property_set[BAD_COUPLERS]]
    return Compiled(routed, estimate(isa, routed.target), isa, bad)


def check_circuit(gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
    """Refuse a gas and a schedule without a circuit, or with one that takes minutes to write."""
    check_size(schedule)
    check_match(gas, schedule, anisotropic=True)
    gas.require_pure("a circuit")


def check_size(schedule: EncounterSchedule) -> None:
    """Refuse a schedule whose circuit would take minutes to write."""
    if len(schedule) > MAX_ENCOUNTERS:
        raise QnuError("schedule", f"{len(schedule)} encounters", f"at most {MAX_ENCOUNTERS}")


def add_wiring(
    metadata: dict[str, Any], schedule: EncounterSchedule, encounters: Sequence[int]
) -> None:
    """Add the sites and swaps with which a native schedule was drawn, for the layout pass."""
    wiring = schedule.wiring
    if wiring is None:
        return
    last = {encounter: k for k, encounter in enumerate(encounters)}
    metadata[WIRING] = {
        "sites": [int(site) for site in wiring.sites],
        "pairs": [(int(schedule.first[e]), int(schedule.second[e])) for e in encounters],
        # of an encounter in several parts, the last has the swap
        "swapped": [bool(wiring.swapped[e]) and last[e] == k for k, e in enumerate(encounters)],
    }


@renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
def pass_manager(
    target: Target,
    options: CompileOptions | None = None,
    *,
    qubits_initially_zero: bool = False,
) -> PassManager:
    r"""The passes of :func:`compile_for`, for circuits of EncounterGates (or any two-qubit gates).

    Args:
        target: the device.
        options: how to compile.
        qubits_initially_zero: as in Qiskit's ``generate_preset_pass_manager``: the circuit starts
            in :math:`|0\rangle`. A qubit without an operation so far is then an empty site, and the
            result is equal on that start, not as a unitary.

    Returns:
        a Qiskit PassManager: layout, routing, synthesis, one-qubit gates.

    Raises:
        QnuError: a device without a two-qubit gate that qnu supports.

    References:
        Qiskit's transpiler passes.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> line = Target.from_configuration(["cz", "rz", "sx", "x"], 5, CouplingMap.from_line(5))
        >>> isinstance(pass_manager(line), PassManager)
        True
    """
    options = options or CompileOptions()
    layout = EncounterLayout(target, options, qubits_initially_zero=qubits_initially_zero)
    return PassManager(passes_of(layout, target, options, qubits_initially_zero))


def passes_of(
    layout: Any,
    target: Target,
    options: CompileOptions,
    qubits_initially_zero: bool,
    keep_barriers: bool = True,
) -> list[Any]:
    """Layout, routing, synthesis; barriers that are not kept are removed before the synthesis."""
    routing = EncounterRouting(
        target,
        options,
        merge=True,
        qubits_initially_zero=qubits_initially_zero,
        circuit_unchanged=True,
    )
    return [
        layout,
        FullAncillaAllocation(target),
        EnlargeWithAncilla(),
        ApplyLayout(),
        routing,
        *([RemoveBarriers()] if not keep_barriers else []),
        *synthesis_passes(target, family(target, options.gates)),
    ]


def synthesis_passes(target: Target, kind: str) -> list[Any]:
    """Passes from gates on couplers to the device's own."""
    passes: list[Any] = [
        EncounterSynthesis(kind, target),
        # before the translation too: Qiskit has no rule from U to RZ and RY
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


def _one_way(target: Target) -> bool:
    """Whether some coupler has a two-qubit gate in one direction only."""
    for name in two_qubit_names(target):
        pairs = set(target[name] or {}) - {None}
        if any(pair[::-1] not in pairs for pair in pairs):
            return True
    return False


def _metadata(
    metadata: dict[str, Any],
    isa: QuantumCircuit,
    start: list[int],
    permutations: list[list[int]],
    with_barriers: bool,
) -> dict[str, Any]:
    """The metadata of the compiled circuit: physical qubits in place of logical ones."""
    final = permutations[-1]
    result = {key: value for key, value in metadata.items() if key not in ("samples", WIRING)}
    result["initial_qubit"] = start
    result["neutrino_qubit"] = [final[start[k]] for k in metadata["neutrino_qubit"]]
    positions = [len(isa.data)] * len(metadata["samples"])
    at_samples = [final] * len(positions)
    if with_barriers:
        positions = [k for k, i in enumerate(isa.data) if i.operation.name == "barrier"]
        at_samples = permutations[:-1]
    result["samples"] = [
        {
            "time": sample["time"],
            "instruction": position,
            "neutrino_qubit": [where[start[k]] for k in sample["neutrino_qubit"]],
        }
        for sample, position, where in zip(metadata["samples"], positions, at_samples, strict=True)
        if with_barriers or sample is metadata["samples"][-1]
    ]
    return result
