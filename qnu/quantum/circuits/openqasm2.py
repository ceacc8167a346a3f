"""OpenQASM 2: a circuit of encounters in the gates of ``qelib1.inc``, for suites that read it."""

from __future__ import annotations

from collections.abc import Sequence

from qiskit import qasm2
from qiskit.circuit import QuantumCircuit
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import Optimize1qGatesDecomposition

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ._texts import check_bound, comment_lines
from .build import circuit
from .gate import as_encounter

__all__ = ["export", "three_cx", "to_qasm2"]

_NAMES = {"cx", "rz", "ry", "reset", "barrier", "measure"}


def export(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    *,
    measured: bool = True,
    comments: Sequence[str] = (),
) -> str:
    r""":math:`\prod_k U_k R_k\,|P_1\rangle\otimes\ldots\otimes|P_N\rangle` in OpenQASM 2.

    Neutrino k is qubit k. The circuit of :func:`qnu.quantum.circuit` to the end of the schedule,
    through :func:`to_qasm2`.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters; fresh partners become resets.
        measured: True: all qubits are measured at the end, neutrino k into bit k.
        comments: lines for the head of the text.

    Returns:
        the program.

    Raises:
        QnuError: mixed states, a comment of several lines.

    References:
        Cross et al. (1707.03429) for OpenQASM 2; Li et al. (TQC 4, 10) for QASMBench, which is in
        it.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.1, 0.1])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> print(*export(gas, schedule).splitlines()[:4], sep="\n")
        OPENQASM 2.0;
        include "qelib1.inc";
        qreg q[2];
        creg meas[2];
    """
    qc = circuit(gas, schedule, barriers=False)
    if measured:
        qc.measure_all()
    return to_qasm2(qc, comments=comments)


def to_qasm2(qc: QuantumCircuit, *, comments: Sequence[str] = ()) -> str:
    """A circuit in ``cx``, ``rz``, ``ry``, ``reset`` and ``measure``, as OpenQASM 2.

    Only gates of ``qelib1.inc`` as the OpenQASM 2 paper defines it: every parser reads them. The
    global phase is left out.

    Args:
        qc: a circuit of encounters without free parameters.
        comments: lines for the head of the text.

    Returns:
        the program; ``qiskit.qasm2.loads`` reads it.

    Raises:
        QnuError: free parameters, gates that are no encounters, a comment of several lines.

    References:
        Cross et al. (1707.03429).

    Examples:
        >>> from qnu.quantum import EncounterGate
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31), [0, 1])
        >>> to_qasm2(qc).count("cx ")
        3
    """
    lines = comment_lines(comments)
    plain = three_cx(qc)
    others = sorted(set(plain.count_ops()) - _NAMES)
    if others:
        raise QnuError("circuit", f"gates {', '.join(others)}", "encounters and rotations")
    head, body = qasm2.dumps(_renamed(plain)).split("\n", 1)
    return "\n".join([head, *lines, body, ""])


def three_cx(qc: QuantumCircuit) -> QuantumCircuit:
    """The same circuit with every encounter in at most three ``cx`` and ``rz``, ``ry``.

    Args:
        qc: a circuit without free parameters.

    Returns:
        a circuit equal to it, global phase included; all one-qubit gates in ``rz`` and ``ry``.

    Raises:
        QnuError: free parameters.

    References:
        Vatan and Williams (PRA 69, 032315).

    Examples:
        >>> from qnu.quantum import EncounterGate
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> three_cx(qc).count_ops()["cx"]
        3
    """
    check_bound(qc)
    result = qc.copy_empty_like()
    for instruction in qc.data:
        encounter = as_encounter(instruction.operation)  # also one that came back from QPY
        if encounter is None:
            result.append(instruction, copy=False)
            continue
        definition = encounter.definition
        result.global_phase += definition.global_phase
        wires = dict(zip(definition.qubits, instruction.qubits, strict=True))
        for part in definition.data:
            qubits = [wires[qubit] for qubit in part.qubits]
            result.append(part.replace(qubits=qubits), copy=False)
    merged: QuantumCircuit = PassManager([Optimize1qGatesDecomposition(basis=["rz", "ry"])]).run(
        result
    )
    merged.metadata = qc.metadata
    return merged


def _renamed(qc: QuantumCircuit) -> QuantumCircuit:
    """On one register ``q``."""
    result = QuantumCircuit(qc.num_qubits, name=qc.name)
    for register in qc.cregs:
        result.add_register(register)
    result.compose(qc, result.qubits, qc.clbits, inplace=True)
    return result
