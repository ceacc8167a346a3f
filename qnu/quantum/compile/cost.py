"""The cost of a compiled circuit: gates, depth, duration, probability of success."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from ...common.checks import Floats
from ...errors import QnuError
from ..machines import Machine
from .routing.device import WORST
from .target import property_of, resolve


@dataclass(frozen=True)
class Estimate:
    """Gates, depth, duration and success of a compiled circuit, see :func:`estimate`.

    Args:
        two_qubit_gates: number of two-qubit gates.
        two_qubit_depth: layers of them.
        duration: seconds from the first gate to the last, without readout; NaN where the device
            gives no durations.
        success_probability: see :func:`estimate`.
        encounters: encounters of the schedule, 0 where the circuit has no such metadata.
        layers: logical layers of the schedule.

    Examples:
        >>> Estimate(6, 6, 1e-6, 0.9, 2, 2).gate_ratio
        1.0
    """

    two_qubit_gates: int
    two_qubit_depth: int
    duration: float
    success_probability: float
    encounters: int = 0
    layers: int = 0

    @property
    def log_success(self) -> float:
        """Natural logarithm of the success probability; minus infinity where that is 0."""
        return math.log(self.success_probability) if self.success_probability else -math.inf

    @property
    def gate_ratio(self) -> float:
        """Two-qubit gates over the lower bound of three per encounter."""
        return self.two_qubit_gates / (3 * self.encounters) if self.encounters else math.nan

    @property
    def depth_ratio(self) -> float:
        """Two-qubit depth over the lower bound of three per logical layer."""
        return self.two_qubit_depth / (3 * self.layers) if self.layers else math.nan


def estimate(
    circuit: QuantumCircuit, target: str | Path | Machine | BackendV2 | Target
) -> Estimate:
    r"""The probability that nothing fails on a device, with counts, depth and duration.

    .. math::
        p = \prod_\mathrm{gates} (1 - e_g) \prod_\mathrm{read} (1 - e_r) \prod_\mathrm{idle} F(t)

    with the errors of gates and of readouts. Gates run as soon as their qubits are free. A qubit
    that waits for a time t after its first gate keeps the average fidelity of thermal relaxation,
    :math:`F(t) = (3 + e^{-t/T_1} + 2 e^{-t/T_2})/6`. Every neutrino is read out once at the end,
    where the metadata has their qubits. Correlated errors are not included: use it to compare
    circuits.

    Args:
        circuit: a circuit in gates of the target.
        target: the device: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a
            Target.

    Returns:
        the estimate; ratios to lower bounds where the circuit came from
        :func:`qnu.quantum.compile_for`.

    Raises:
        QnuError: a gate that the target does not have.

    References:
        Horodecki, Horodecki, Horodecki (PRA 60, 1888) for average fidelities.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.cz(0, 1)
        >>> estimate(qc, Target.from_configuration(["cz"], 2, CouplingMap.from_line(2)))
        Estimate(two_qubit_gates=1, two_qubit_depth=1, duration=nan, success_probability=1.0,
        encounters=0, layers=0)
    """
    target = resolve(target, circuit.num_qubits)[0]
    index = {qubit: k for k, qubit in enumerate(circuit.qubits)}
    end, idle = [0.0] * len(index), [0.0] * len(index)  # lists: single numbers are looked up
    depth, used = [0] * len(index), [False] * len(index)
    gates, logarithm = 0, 0.0
    cost: dict[tuple[str, tuple[int, ...]], tuple[float, float]] = {}
    for instruction in circuit.data:
        name, qubits = instruction.name, tuple([index[q] for q in instruction.qubits])
        known = cost.get((name, qubits))
        if known is not None and len(qubits) == 1:  # most of them: nothing to wait for
            (q,) = qubits
            end[q] += known[1]
            logarithm += known[0]
            used[q] = True
            continue
        begin = max([end[q] for q in qubits], default=0.0)
        if name == "barrier":
            length, logarithm_of_one = 0.0, 0.0
        elif name == "delay":
            operation = instruction.operation
            length = _length(operation.duration, operation.unit, target)
            logarithm_of_one = 0.0
            idle[qubits[0]] += length if used[qubits[0]] else 0.0
        else:
            if (name, qubits) not in cost:
                cost[name, qubits] = _costs(target, name, qubits)
            logarithm_of_one, length = cost[name, qubits]
        two = len(qubits) == 2 and name != "barrier"
        gates += two
        deepest = max([depth[q] for q in qubits], default=0) + two
        for q in qubits:
            if used[q]:
                idle[q] += begin - end[q]
            end[q], depth[q] = begin + length, deepest
            used[q] = used[q] or name not in ("barrier", "delay")
        logarithm += logarithm_of_one
    last = max(end, default=0.0)
    metadata = circuit.metadata or {}
    for site in _sites(metadata.get("neutrino_qubit"), len(index)):
        logarithm += _log_of_success(property_of(target, "measure", (site,), "error"))
        idle[site] += last - end[site] if used[site] else 0.0
    logarithm += float(np.log(_relaxation(target, idle)).sum())
    durations_known = all(
        len(qubits) != 2 or _has_duration(target, name, qubits) for name, qubits in cost
    )
    return Estimate(
        two_qubit_gates=gates,
        two_qubit_depth=max(depth, default=0),
        duration=last if durations_known else math.nan,
        success_probability=math.exp(logarithm),
        encounters=_count(metadata.get("encounters")),
        layers=_count(metadata.get("layers")),
    )


def _sites(value: Any, qubits: int) -> list[int]:
    """The qubits of the neutrinos; none where the user has other metadata of that name."""
    own = isinstance(value, list | tuple) and all(
        isinstance(k, int) and 0 <= k < qubits for k in value
    )
    return list(value) if own else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _relaxation(target: Target, idle: list[float]) -> Floats:
    """Average fidelity of every qubit after its idle time."""
    result = np.ones(len(idle))
    properties = target.qubit_properties or [None] * len(idle)
    for site, time in enumerate(idle):
        if time > 0:
            t1, t2 = (getattr(properties[site], k, None) or math.inf for k in ("t1", "t2"))
            result[site] = (3 + math.exp(-time / t1) + 2 * math.exp(-time / t2)) / 6
    return result


def _costs(target: Target, name: str, qubits: tuple[int, ...]) -> tuple[float, float]:
    """Logarithm of the probability of success, and duration."""
    if not target.instruction_supported(name, qubits):
        raise QnuError("circuit", f"{name} on qubits {qubits}", "gates of the target")
    error = property_of(target, name, qubits, "error")
    return _log_of_success(error), property_of(target, name, qubits, "duration")


def _has_duration(target: Target, name: str, qubits: tuple[int, ...]) -> bool:
    properties = (target[name] or {}).get(qubits)
    return getattr(properties, "duration", None) is not None


def _log_of_success(error: float) -> float:
    return math.log1p(-min(error, WORST))


def _length(duration: Any, unit: str, target: Target) -> float:
    """Of a delay, in seconds."""
    scales = {"dt": target.dt or 0.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9, "ps": 1e-12}
    if unit not in scales or not isinstance(duration, int | float):
        raise QnuError("circuit", f"a delay of {duration} {unit}", "delays of a known length")
    return float(duration) * float(scales[unit])
