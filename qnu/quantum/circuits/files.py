"""Circuits on disk: OpenQASM 3 for other programs, QPY for Qiskit."""

from __future__ import annotations

import io
from pathlib import Path

from qiskit import qasm3, qpy
from qiskit.circuit import QuantumCircuit
from qiskit.exceptions import QiskitError

from ...common import writing
from ...errors import QnuError
from .gate import as_encounter

__all__ = [
    "check_ending",
    "read_circuit",
    "write_circuit",
]

#: File endings.
ENDINGS = (".qasm", ".qpy")


def check_ending(path: Path) -> None:
    """Refuse a file name of unknown ending, before anything is computed.

    Args:
        path: where a circuit is to be written.

    Raises:
        QnuError: another ending, or a folder that does not exist.

    Examples:
        >>> check_ending(Path("circuit.txt"))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: output: got 'circuit.txt'; allowed: a file that ends in .qasm or .qpy
    """
    if path.suffix not in ENDINGS:
        raise QnuError("output", str(path), f"a file that ends in {' or '.join(ENDINGS)}")
    if not path.parent.is_dir():
        raise QnuError("output", str(path), "a file in a folder that exists")


def write_circuit(circuit: QuantumCircuit, path: str | Path) -> None:
    """Write a circuit whole or not at all: OpenQASM 3 (``.qasm``) or QPY (``.qpy``).

    OpenQASM 3 has physical qubits (``$5``) where the circuit has a layout, all digits of angles,
    and no metadata; QPY keeps everything (:func:`read_circuit` makes EncounterGates of the plain
    gates that Qiskit brings back).

    Args:
        circuit: bound, for OpenQASM 3.
        path: the file; its ending chooses the format.

    Raises:
        QnuError: another ending, a folder that does not exist, unbound parameters in OpenQASM 3.

    References:
        Cross et al. (2104.14722) for OpenQASM 3.

    Examples:
        >>> import tempfile
        >>> qc = QuantumCircuit(1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_circuit(qc, Path(folder) / "one.qpy")
        ...     len(read_circuit(Path(folder) / "one.qpy").qubits)
        1
    """
    path = Path(path)
    check_ending(path)
    if path.suffix == ".qasm" and circuit.parameters:
        names = ", ".join(sorted(p.name for p in circuit.parameters))
        raise QnuError("circuit", f"unbound parameters {names}", "a bound circuit, or .qpy")
    buffer = io.BytesIO()
    try:
        if path.suffix == ".qpy":
            qpy.dump(circuit, buffer)
        else:
            # without constants: Qiskit would write pi/2 for everything within 1e-9 of it
            buffer.write(qasm3.dumps(circuit, disable_constants=True).encode())
    except QiskitError as error:
        reason = " ".join(str(error).strip("'\"").split())
        raise QnuError("circuit", circuit.name, f"one that Qiskit can write ({reason})") from None
    writing.write(path, buffer.getvalue())


def read_circuit(path: str | Path) -> QuantumCircuit:
    """A circuit from a QPY file.

    Args:
        path: the file.

    Returns:
        the circuit; encounters, which QPY brings back as plain gates, are EncounterGates again.

    Raises:
        QnuError: a file that is not QPY.

    References:
        Qiskit's QPY.

    Examples:
        >>> read_circuit(__file__)
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: circuit: got ...; allowed: a QPY file with one circuit
    """
    try:
        with Path(path).open("rb") as file:
            (circuit,) = qpy.load(file)
    except Exception:  # Qiskit raises many kinds
        raise QnuError("circuit", str(path), "a QPY file with one circuit") from None
    for k, instruction in enumerate(circuit.data):
        gate = as_encounter(instruction.operation)
        if gate is not None:
            circuit.data[k] = instruction.replace(operation=gate)
    return circuit
