"""Pulses on idle qubits (dynamical decoupling), and the errors of Qiskit's passes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import XGate, YGate
from qiskit.exceptions import QiskitError
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import (
    ALAPScheduleAnalysis,
    Optimize1qGatesDecomposition,
    PadDynamicalDecoupling,
)

from ...errors import QnuError
from ..machines.options import CompileOptions

#: Gates that can be a half turn, the shortest first.
_HALF_TURNS = ("x", "u", "u3", "r", "rx")


@contextmanager
def errors_of_qiskit(what: str = "compiling for this device") -> Iterator[None]:
    """An error of Qiskit's passes becomes a QnuError of one line, with its cause."""
    try:
        yield
    except QnuError:
        raise
    except QiskitError as error:
        message = " ".join(str(error.message).split())
        raise QnuError(what, reason=f"Qiskit says: {message}") from error


def decoupled(isa: QuantumCircuit, target: Target, options: CompileOptions) -> QuantumCircuit:
    """The circuit with pulses on idle qubits, where the options ask for them.

    Args:
        isa: a compiled circuit.
        target: its device.
        options: ``dynamical_decoupling``: XX or XY4.

    Returns:
        the circuit, with delays and pulses; the same object without decoupling.

    Raises:
        QnuError: a device that gives no durations, or has no gate for a half turn.

    References:
        Viola, Knill, Lloyd (PRL 82, 2417); Qiskit's PadDynamicalDecoupling.

    Examples:
        >>> qc = QuantumCircuit(1)
        >>> decoupled(qc, Target.from_configuration(["x"], 1), CompileOptions()) is qc
        True
    """
    if options.dynamical_decoupling == "none":
        return isa
    pulses = [XGate()] * 2
    if options.dynamical_decoupling == "XY4":
        pulses = [XGate(), YGate()] * 2
    half_turn = next((name for name in _HALF_TURNS if name in target.operation_names), None)
    if target.dt is None or half_turn is None or not target[half_turn]:
        lacks = "no durations" if target.dt is None else f"none of {', '.join(_HALF_TURNS)}"
        allowed = f"'none': this device has {lacks}"
        raise QnuError("dynamical_decoupling", options.dynamical_decoupling, allowed)
    metadata = isa.metadata
    timed = copy.deepcopy(target)
    for gate in (XGate(), YGate()):  # a half turn about any axis takes as long
        if gate.name not in timed.operation_names:
            timed.add_instruction(gate, dict(target[half_turn]))
    padding = PassManager(
        [
            ALAPScheduleAnalysis(target=timed),
            PadDynamicalDecoupling(target=timed, dd_sequence=pulses, skip_reset_qubits=True),
        ]
    )
    # apart: it changes nodes whose start times the other passes keep
    merging = PassManager([Optimize1qGatesDecomposition(target=target)])
    with errors_of_qiskit(f"dynamical decoupling {options.dynamical_decoupling} on this device"):
        result: QuantumCircuit = merging.run(padding.run(isa))
    result._layout = isa.layout
    result.metadata = {
        **metadata,
        "samples": [
            {**sample, "instruction": len(result.data)}
            for sample in metadata.get("samples", [])[-1:]
        ],
    }
    return result
