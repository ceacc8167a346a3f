"""``qiskit.transpile(circuit, backend, layout_method="qnu", routing_method="qnu")``."""

from __future__ import annotations

from typing import Any

from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import (
    ApplyLayout,
    EnlargeWithAncilla,
    FullAncillaAllocation,
    SetLayout,
)
from qiskit.transpiler.preset_passmanagers.plugin import PassManagerStagePlugin

from ..errors import QnuError
from .options import CompileOptions
from .passes import EncounterLayout, EncounterRouting


class LayoutPlugin(PassManagerStagePlugin):  # type: ignore[misc]  # Qiskit has no type hints
    """The layout stage: sites for the neutrinos, and the whole route with them.

    Works on circuits of EncounterGates (or any two-qubit gates). The route found here is played
    by ``routing_method="qnu"``; with another router only the sites are used.

    Raises:
        QnuError: more neutrinos than the device has qubits, no coupling map.

    References:
        Qiskit's transpiler stage plugins.

    Examples:
        >>> from qiskit.transpiler.preset_passmanagers.plugin import list_stage_plugins
        >>> "qnu" in list_stage_plugins("layout"), "qnu" in list_stage_plugins("routing")
        (True, True)
    """

    def pass_manager(
        self, pass_manager_config: Any, optimization_level: int | None = None
    ) -> PassManager:
        """The passes for one call of transpile."""
        target = _target(pass_manager_config)
        given = pass_manager_config.initial_layout
        choose: Any = EncounterLayout(target, _options(pass_manager_config))
        return PassManager(
            [
                choose if given is None else SetLayout(given),
                FullAncillaAllocation(target),
                EnlargeWithAncilla(),
                ApplyLayout(),
            ]
        )


class RoutingPlugin(PassManagerStagePlugin):  # type: ignore[misc]  # Qiskit has no type hints
    """The routing stage: trades of places inside encounters, moves where nothing else helps.

    Raises:
        QnuError: gates of more than two qubits, a device in pieces.

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

    def pass_manager(
        self, pass_manager_config: Any, optimization_level: int | None = None
    ) -> PassManager:
        """The passes for one call of transpile."""
        zeros = bool(getattr(pass_manager_config, "qubits_initially_zero", True))
        routing = EncounterRouting(
            _target(pass_manager_config), _options(pass_manager_config), empty_is_zero=zeros
        )
        return PassManager([routing])


def _options(config: Any) -> CompileOptions:
    return CompileOptions(seed=config.seed_transpiler or 0)


def _target(config: Any) -> Target:
    """The device, also where transpile was given a coupling map instead of a backend."""
    if config.target is not None and config.target.num_qubits is not None:
        return config.target
    if config.coupling_map is None:
        raise QnuError("coupling_map", None, "a backend, a target or a coupling map")
    return Target.from_configuration(
        ["cz", "rz", "sx", "x"], config.coupling_map.size(), config.coupling_map
    )
