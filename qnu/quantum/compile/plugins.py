"""``qiskit.transpile(circuit, backend, layout_method="qnu", routing_method="qnu")``."""

from __future__ import annotations

import warnings
from typing import Any

from qiskit.dagcircuit import DAGCircuit
from qiskit.passmanager import ConditionalController
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.basepasses import AnalysisPass
from qiskit.transpiler.passes import (
    ApplyLayout,
    EnlargeWithAncilla,
    FilterOpNodes,
    FullAncillaAllocation,
    SetLayout,
)
from qiskit.transpiler.preset_passmanagers.plugin import (
    PassManagerStagePlugin,
    PassManagerStagePluginManager,
)

from ...errors import QnuWarning
from ..machines.options import CompileOptions
from .blocks import has_wide_control_flow
from .errors import raising_compile_errors
from .passes import EncounterLayout, EncounterRouting
from .target import two_qubit_names

#: Entry of the property set: True where Qiskit's own passes are used for the circuit.
_QISKIT = "qnu_leaves_it_to_qiskit"
#: Qiskit's layout stage puts a barrier of this label before the measurements at the end.
_PROTECTION = "qiskit.transpiler.internal.routing.protection.barrier"


class LayoutPlugin(PassManagerStagePlugin):  # type: ignore[misc]  # Qiskit has no type hints
    """The layout stage: initial sites of the neutrinos, and the whole route.

    Works on circuits of EncounterGates (or any two-qubit gates). The route found here is used
    by ``routing_method="qnu"``; another routing method uses only the sites. Without a coupling
    map, for circuits wider than the device, and for control flow over several qubits (with a
    QnuWarning) the stage is Qiskit's default.

    Raises:
        CompileError: qubits that interact and fit on no connected component of the device.

    References:
        Qiskit's transpiler stage plugins.

    Examples:
        >>> from qiskit.transpiler.preset_passmanagers.plugin import list_stage_plugins
        >>> "qnu" in list_stage_plugins("layout"), "qnu" in list_stage_plugins("routing")
        (True, True)
    """

    @raising_compile_errors
    def pass_manager(
        self, pass_manager_config: Any, optimization_level: int | None = None
    ) -> PassManager:
        """The passes for one call of transpile."""
        default = _of_qiskit("layout", "default", pass_manager_config, optimization_level)
        if pass_manager_config.coupling_map is None:
            return default
        target = _target(pass_manager_config)
        given = pass_manager_config.initial_layout
        choose: Any = EncounterLayout(target, _options(pass_manager_config))
        own = [
            choose if given is None else SetLayout(given),
            FullAncillaAllocation(target),
            EnlargeWithAncilla(),
            ApplyLayout(),
        ]
        return PassManager([_ChooseRouter(target), *_either(own, default)])


class RoutingPlugin(PassManagerStagePlugin):  # type: ignore[misc]  # Qiskit has no type hints
    """The routing stage: free swaps inside encounters, moves where these are not enough.

    Nothing is done without a coupling map. Circuits with control flow over several qubits go to
    Qiskit's Sabre, with a QnuWarning.

    Raises:
        CompileError: gates of more than two qubits, a pair on two components of the device.

    References:
        Qiskit's transpiler stage plugins; Hall et al. (2102.12556).

    Examples:
        >>> import qiskit
        >>> from qiskit.transpiler import CouplingMap
        >>> from qnu.quantum import EncounterGate
        >>> qc = qiskit.QuantumCircuit(3)
        >>> for pair in ((0, 1), (0, 2), (1, 2)):
        ...     _ = qc.append(EncounterGate(0.3), pair)
        >>> isa = qiskit.transpile(qc, basis_gates=["cz", "rz", "sx"],
        ...     coupling_map=CouplingMap.from_line(3), layout_method="qnu", routing_method="qnu")
        >>> isa.count_ops()["cz"]
        9
    """

    @raising_compile_errors
    def pass_manager(
        self, pass_manager_config: Any, optimization_level: int | None = None
    ) -> PassManager:
        """The passes for one call of transpile."""
        if pass_manager_config.coupling_map is None:
            return PassManager()
        target = _target(pass_manager_config)
        zeros = bool(getattr(pass_manager_config, "qubits_initially_zero", True))
        routing = EncounterRouting(target, _options(pass_manager_config), empty_is_zero=zeros)
        sabre = _of_qiskit("routing", "sabre", pass_manager_config, optimization_level)
        return PassManager(
            [_ChooseRouter(target), *_either([routing, FilterOpNodes(_no_protection)], sabre)]
        )


class _ChooseRouter(AnalysisPass):  # type: ignore[misc]  # Qiskit has no type hints
    """Decides whether the circuit is left to Qiskit's own passes."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target

    def run(self, dag: DAGCircuit) -> None:
        """Set the property; for control flow with one warning."""
        flow = has_wide_control_flow(dag)
        if flow and not self.property_set[_QISKIT]:
            line = "control flow on several qubits: Qiskit's Sabre places and routes this circuit"
            warnings.warn(QnuWarning(line), stacklevel=2)
        # wider than the device: Qiskit's passes have the error for it
        self.property_set[_QISKIT] = flow or len(dag.qubits) > self.target.num_qubits


def _either(own: list[Any], default: PassManager) -> list[Any]:
    return [
        ConditionalController(own, condition=_for_qnu),
        ConditionalController(default.to_flow_controller(), condition=_for_qiskit),
    ]


def _for_qnu(property_set: Any) -> bool:
    return not property_set[_QISKIT]


def _for_qiskit(property_set: Any) -> bool:
    return bool(property_set[_QISKIT])


def _no_protection(node: Any) -> bool:
    return bool(node.label != _PROTECTION)


def _of_qiskit(stage: str, method: str, config: Any, level: int | None) -> PassManager:
    return PassManagerStagePluginManager().get_passmanager_stage(
        stage, method, config, optimization_level=level
    )


def _options(config: Any) -> CompileOptions:
    return CompileOptions(seed=config.seed_transpiler or 0)


def _target(config: Any) -> Target:
    """The device, also where transpile was given a coupling map instead of a backend."""
    target = config.target
    if target is not None and target.num_qubits is not None and two_qubit_names(target):
        return target
    return Target.from_configuration(
        ["cz", "rz", "sx", "x"], config.coupling_map.size(), config.coupling_map
    )
