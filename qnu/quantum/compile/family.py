"""Which of a device's two-qubit gates an encounter is made of."""

from __future__ import annotations

import math

import numpy as np
from qiskit.transpiler import Target

from ...errors import QnuError
from ..machines.options import CompileOptions
from .routing import DeviceGraph
from .target import device_graph, two_qubit_names

#: The gates of every family.
NAMES = {"cz": ("cz", "cx", "ecr"), "rzz": ("rzz",), "xyz": ("rxx", "ryy", "rzz")}


def family(target: Target, requested: str = "auto") -> str:
    """The form of encounters that suits the device's gates: ``"cz"``, ``"rzz"`` or ``"xyz"``.

    ``"auto"`` takes RXX, RYY and RZZ where all three exist, else whichever of CZ (CX, ECR) and
    fractional RZZ has the smaller mean error.

    Args:
        target: the device.
        requested: ``"auto"``, or one of the three.

    Returns:
        the family.

    Raises:
        QnuError: a family that the device does not have.

    Examples:
        >>> family(Target.from_configuration(["cz", "rz", "sx"], 2))
        'cz'
    """
    names = set(two_qubit_names(target))
    if not names and target.num_qubits == 1:
        return "cz"  # a single qubit needs no two-qubit gate
    has = {
        "cz": bool(names & set(NAMES["cz"])),
        "rzz": "rzz" in names,
        "xyz": set(NAMES["xyz"]) <= names,
    }
    if requested != "auto":
        if not has[requested]:
            raise QnuError("gates", requested, f"what the device has: {', '.join(sorted(names))}")
        return requested
    if has["xyz"]:
        return "xyz"
    if has["cz"] and has["rzz"]:
        error = min(_mean_error(target, name) for name in names & set(NAMES["cz"]))
        return "cz" if error <= _mean_error(target, "rzz") else "rzz"
    for name in ("cz", "rzz"):
        if has[name]:
            return name
    raise QnuError("target", sorted(names), "a device with CZ, CX, ECR or RZZ")


def known_family(target: Target, requested: str = "auto") -> str | None:
    """:func:`family`, and None for a device of other gates, which Qiskit translates to."""
    try:
        return family(target, requested)
    except QnuError:
        if requested != "auto":
            raise
        return None


def _mean_error(target: Target, name: str) -> float:
    """Mean over the couplers that have one; infinite where there is none."""
    values = [getattr(p, "error", None) for p in (target[name] or {}).values()]
    known = [v for v in values if v is not None and not math.isnan(v)]
    return float(np.mean(known)) if known else math.inf


def device_of(target: Target, options: CompileOptions, qubits: int) -> DeviceGraph:
    """The couplers of a target with the errors of the gates that will be used.

    Where qnu has no synthesis for the device's gates, or they leave couplers out, Qiskit translates
    to whatever is there: then every two-qubit gate counts.

    Args:
        target: the device.
        options: ``gates`` is used.
        qubits: of the circuit, for a target of any size.

    Returns:
        the graph.

    Raises:
        QnuError: gates requested that the device does not have.

    Examples:
        >>> target = Target.from_configuration(["cz", "rz", "sx"], 2)
        >>> device_of(target, CompileOptions(), 2).edges.tolist()
        [[0, 1]]
    """
    whole = device_graph(target, qubits)
    kind = known_family(target, options.gates)
    if kind is None:
        return whole
    preferred = device_graph(target, qubits, gates=NAMES[kind])
    return preferred if len(preferred.edges) == len(whole.edges) else whole
