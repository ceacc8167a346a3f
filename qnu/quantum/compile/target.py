"""Couplers, errors and durations of a Qiskit Target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from ...errors import QnuError
from ..machines import Machine, load_machine
from ..machines.options import CompileOptions
from .routing import DeviceGraph
from .routing.device import WORST, QubitCalibration


def resolve(
    machine: str | Path | Machine | BackendV2 | Target, qubits: int | None
) -> tuple[Target, CompileOptions]:
    """The target and compile options of anything that :func:`qnu.quantum.compile_for` takes.

    Args:
        machine: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target.
        qubits: the size of a simulator, which has none of its own.

    Returns:
        target and options.

    Raises:
        QnuError: something else, or a machine that does not exist.

    Examples:
        >>> resolve("aer_statevector", 3)[0].num_qubits
        3
    """
    if isinstance(machine, Target):
        return machine, CompileOptions()
    if isinstance(machine, BackendV2):
        return machine.target, CompileOptions()
    loaded = load_machine(machine)
    target = loaded.target() if hasattr(loaded, "target") else None
    if target is None:  # a simulator: any pair, any of these gates
        target = Target.from_configuration(["cx", "rz", "sx", "x", "reset", "measure"], qubits)
    return target, getattr(loaded, "compile", CompileOptions())


def device_graph(
    target: str | Path | Machine | BackendV2 | Target,
    sites: int | None = None,
    gates: Sequence[str] | None = None,
) -> DeviceGraph:
    """The couplers of a device, each with the error and duration of its best two-qubit gate.

    Args:
        target: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target; one
            that allows every pair gives the complete graph.
        sites: how many qubits, where the target gives no number (simulators).
        gates: names of the gates that will be used; default: all of two qubits.

    Returns:
        the graph. Unknown errors count as the median of the others (0 if there are none), those
        above 0.999 as 0.999.

    Raises:
        QnuError: a target without a two-qubit gate, or of unknown size.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> device_graph(Target.from_configuration(["cz", "rz", "sx"], 3,
        ...     CouplingMap.from_line(3))).edges.tolist()
        [[0, 1], [1, 2]]
    """
    if not isinstance(target, Target):
        target = resolve(target, sites)[0]
    count = target.num_qubits if target.num_qubits is not None else sites
    if count is None:
        raise QnuError("target", "no number of qubits", "a device with a number of qubits")
    best: dict[tuple[int, int], tuple[float, float]] = {}
    anywhere = False
    for name in two_qubit_names(target):
        if gates is not None and name not in gates:
            continue
        properties = target[name]
        if properties is None or None in properties:
            anywhere = True
            continue
        for qubits, what in properties.items():
            pair = (min(qubits), max(qubits))
            error = getattr(what, "error", None)
            own = (math.nan if error is None else error, _number(what, "duration"))
            # a comparison with NaN is false: known errors come first
            if pair not in best or math.isnan(best[pair][0]) or own[0] < best[pair][0]:
                best[pair] = own
    if anywhere and not best:
        best = {(a, b): (0.0, 0.0) for a in range(count) for b in range(a + 1, count)}
    if not best and count > 1:
        raise QnuError("target", list(target.operation_names), "a device with two-qubit gates")
    pairs = sorted(best)
    errors = np.array([best[pair][0] for pair in pairs])
    known = errors[~np.isnan(errors)]
    errors[np.isnan(errors)] = np.median(known) if len(known) else 0.0
    return DeviceGraph.of(
        count,
        np.array(pairs, np.int64).reshape(-1, 2),
        np.minimum(errors, WORST),
        [best[pair][1] for pair in pairs],
        [min(property_of(target, "measure", (site,), "error"), WORST) for site in range(count)],
        _calibration(target, count),
    )


#: One-qubit gates of which a rotation is made, the first that a device has.
_PULSES = ("sx", "u", "u3", "r", "rx", "ry")


def _calibration(target: Target, sites: int) -> QubitCalibration:
    """Relaxation of every qubit, and one pulse on it."""
    known = list(target.qubit_properties or [None] * sites)
    t1, t2 = (
        np.array([getattr(one, name, None) or math.inf for one in known[:sites]], float)
        for name in ("t1", "t2")
    )
    pulse = next((name for name in _PULSES if name in target.operation_names), "")
    error, duration = (
        np.array([property_of(target, pulse, (site,), what) for site in range(sites)], float)
        for what in ("error", "duration")
    )
    return QubitCalibration(t1, t2, np.minimum(error, WORST), duration)


def two_qubit_names(target: Target) -> list[str]:
    """Names of the target's two-qubit gates."""
    return [
        name
        for name in target.operation_names
        if not isinstance(operation := target.operation_from_name(name), type)
        and operation.num_qubits == 2
        and name != "delay"
    ]


def property_of(target: Target, name: str, qubits: tuple[int, ...], what: str) -> float:
    """``"error"`` or ``"duration"`` of a gate on some qubits; 0 where it is not known."""
    if name not in target.operation_names:
        return 0.0
    properties = target[name]
    return _number(None if properties is None else properties.get(qubits), what)


def _number(properties: Any, what: str) -> float:
    value = getattr(properties, what, None)
    return 0.0 if value is None or math.isnan(value) else float(value)
