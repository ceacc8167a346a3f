"""Devices on which any two qubits have a gate: ions."""

from __future__ import annotations

from itertools import permutations
from typing import Literal

from pydantic import Field, model_validator
from qiskit.circuit import Measure, Parameter, Reset
from qiskit.circuit.library import RXGate, RYGate, RZGate, RZZGate
from qiskit.transpiler import InstructionProperties, Target

from ...errors import QnuError
from .device import DeviceMachine


class AllToAllMachine(DeviceMachine):
    """A device with all-to-all gates; error mitigation acts on its counts only."""

    primitive: Literal["sampler"] = "sampler"
    qubits: int = Field(ge=2, le=1000)

    @model_validator(mode="after")
    def _on_counts(self) -> AllToAllMachine:
        for key in ("twirling", "dynamical_decoupling"):
            value = getattr(self.mitigation, key)
            if value != "none":
                raise QnuError(f"mitigation.{key}", value, "'none' on ions (their gates are RZZ)")
        given = self.execution
        if given.mode != "job":
            raise QnuError("execution.mode", given.mode, "'job' on ions (others are IBM's)")
        for key in ("max_execution_time", "rep_delay"):
            value = getattr(given, key)
            if value is not None:
                raise QnuError(f"execution.{key}", value, "only on devices of IBM")
        return self

    def check(self, qubits: int) -> None:
        """Refuse more neutrinos than ions, and what does not fit into memory."""
        if qubits > self.qubits:
            raise QnuError("neutrinos", qubits, f"at most {self.qubits} qubits on {self.name!r}")
        super().check(qubits)


def all_to_all(
    qubits: int, one_qubit: float = 0.0, two_qubit: float = 0.0, readout: float = 0.0
) -> Target:
    """A Target with RX, RY, RZ and, between any two qubits, RZZ.

    Args:
        qubits: number of qubits.
        one_qubit: error of RX and RY.
        two_qubit: error of RZZ.
        readout: error of a measurement.

    Returns:
        the target.

    Examples:
        >>> len(all_to_all(4)["rzz"])
        12
    """
    target = Target(num_qubits=qubits)
    angle = Parameter("angle")
    singles = [(k,) for k in range(qubits)]
    for gate, error in ((RXGate, one_qubit), (RYGate, one_qubit), (RZGate, 0.0)):
        target.add_instruction(
            gate(angle), {where: InstructionProperties(error=error) for where in singles}
        )
    pairs = permutations(range(qubits), 2)
    target.add_instruction(
        RZZGate(angle), {pair: InstructionProperties(error=two_qubit) for pair in pairs}
    )
    target.add_instruction(
        Measure(), {where: InstructionProperties(error=readout) for where in singles}
    )
    target.add_instruction(Reset(), dict.fromkeys(singles))
    return target
