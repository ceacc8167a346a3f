"""Whether a circuit is in a device's own instructions: gates, couplers, directions and angles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qiskit.circuit import ControlFlowOp, ParameterExpression, QuantumCircuit
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from ...errors import QnuError, Words
from ..machines import Machine
from .target import resolve

#: An instruction without effect on the device: it is in no target.
_BARRIER = "barrier"


def check_isa(circuit: QuantumCircuit, machine: str | Path | Machine | BackendV2 | Target) -> int:
    """Check every instruction of a circuit against a device: what IBM calls an ISA circuit.

    Each must be in the target by its name, on these qubits in this order, with these numbers: a
    gate that exists in one direction only is refused in the other, and so is an angle outside of
    the range that the device gives (RZZ on IBM's devices: 0 to pi/2). Instructions inside of
    control flow count, barriers do not.

    Args:
        circuit: compiled; angles may still be parameters.
        machine: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target.

    Returns:
        how many instructions were checked.

    Raises:
        QnuError: the first instruction that is not in the target, with its number in the circuit.

    References:
        IBM Quantum documentation, "Introduction to transpilation": ISA circuits.

    Examples:
        >>> from qiskit.transpiler import CouplingMap
        >>> device = Target.from_configuration(["cz", "rz", "sx"], 3, CouplingMap.from_line(3))
        >>> qc = QuantumCircuit(3)
        >>> _ = qc.sx(0), qc.cz(0, 1)
        >>> check_isa(qc, device)
        2
        >>> _ = qc.cz(0, 2)
        >>> check_isa(qc, device)
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: circuit: got instruction 2, cz on qubits 0, 2; allowed: the ...
    """
    target = resolve(machine, circuit.num_qubits)[0]
    width = target.num_qubits
    if width is not None and circuit.num_qubits > width:
        raise QnuError("circuit", Words(f"{circuit.num_qubits} qubits"), f"at most {width}")
    count = 0
    where = {qubit: k for k, qubit in enumerate(circuit.qubits)}
    for number, operation, qubits in _instructions(circuit, where):
        count += 1
        reason = _fault(operation, qubits, target)
        if reason is not None:
            found = f"instruction {number}, {_shown(operation)} on {_qubits(qubits)}"
            raise QnuError("circuit", Words(found), f"the device's own instructions ({reason})")
    return count


def _instructions(
    circuit: QuantumCircuit, where: dict[Any, int], number: int | None = None
) -> Iterator[tuple[int, Any, tuple[int, ...]]]:
    """Every instruction but barriers, with its number in the outermost circuit, and its qubits."""
    for k, instruction in enumerate(circuit.data):
        operation, place = instruction.operation, k if number is None else number
        if operation.name == _BARRIER:
            continue
        qubits = tuple(where[qubit] for qubit in instruction.qubits)
        yield place, operation, qubits
        if isinstance(operation, ControlFlowOp):
            for block in operation.blocks:
                inner = dict(zip(block.qubits, qubits, strict=True))
                yield from _instructions(block, inner, place)


def _fault(operation: Any, qubits: tuple[int, ...], target: Target) -> str | None:
    """Why the device has no such instruction; None: it has."""
    name = operation.name
    if name not in target.operation_names:
        return f"it has {', '.join(sorted(target.operation_names))}"
    if isinstance(operation, ControlFlowOp):
        return None
    if not target.instruction_supported(name, qubits):
        if len(qubits) == 2 and target.instruction_supported(name, qubits[::-1]):
            return f"its {name} goes from {qubits[1]} to {qubits[0]} only"
        return f"it has no {name} there"
    # a duration is no angle: the number of a delay is free
    numbers = [] if name == "delay" else list(operation.params)
    if any(isinstance(number, ParameterExpression) for number in numbers):
        return None
    if not target.instruction_supported(name, qubits, parameters=numbers):
        return f"its {name} does not take {_numbers(numbers)}"
    return None


def _shown(operation: Any) -> str:
    numbers = [] if isinstance(operation, ControlFlowOp) else list(operation.params)
    return f"{operation.name}({_numbers(numbers)})" if numbers else str(operation.name)


def _numbers(numbers: list[Any]) -> str:
    plain = (int, float)
    return ", ".join(f"{n:.6g}" if isinstance(n, plain) else str(n) for n in numbers)


def _qubits(qubits: tuple[int, ...]) -> str:
    return f"qubit{'s' * (len(qubits) != 1)} {', '.join(map(str, qubits))}"
