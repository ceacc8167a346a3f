"""OpenQASM 3: a circuit of encounters as text that any other program can read and run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from numpy.typing import ArrayLike
from qiskit import qasm3
from qiskit.circuit import QuantumCircuit, Qubit
from qiskit.circuit.library import RYGate, RZGate, RZZGate, UGate, XXPlusYYGate

from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ._texts import check_bound, comment_lines
from .build import circuit
from .canonical import Local
from .gate import EncounterGate, as_encounter

__all__ = [
    "elementary",
    "export",
    "to_qasm3",
]

#: A sample time in the text: a comment, since a barrier would restrict other compilers.
MARK = "// t = "


def export(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    *,
    comments: Sequence[str] = (),
) -> str:
    r""":math:`\prod_k U_k R_k\,|P_1\rangle\otimes\ldots\otimes|P_N\rangle` in OpenQASM 3.

    Neutrino k is qubit k. The circuit of :func:`qnu.quantum.circuit` through :func:`to_qasm3`, up
    to the last sample.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters; fresh partners become resets.
        times: sample times in 1/mu, marked by comments ``// t = ...``; default: begin and end.
        comments: lines for the head of the text.

    Returns:
        the program. The same gas and schedule give the same text.

    Raises:
        QnuError: mixed states, sample times outside the schedule, a comment of several lines.

    References:
        Cross et al., OpenQASM 3 (ACM Trans. Quantum Comput. 3, 12); Kost, Johns, Duan, OILE I
        (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.1, 0.1])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> print(export(gas, schedule).partition("qubit")[2].strip())
        [2] nu;
        ry(1.5707963267948966) nu[1];
        // t = 0.0
        rz(-0.025) nu[0];
        rz(-0.025) nu[1];
        xx_plus_yy(1.0, 0.0) nu[0], nu[1];
        rzz(0.5) nu[0], nu[1];
        rz(-0.025) nu[0];
        rz(-0.025) nu[1];
        // t = 0.5
    """
    return to_qasm3(circuit(gas, schedule, times), comments=comments)


def to_qasm3(qc: QuantumCircuit, *, comments: Sequence[str] = ()) -> str:
    r"""A circuit in ``xx_plus_yy``, ``rzz``, ``rz``, ``ry`` and ``reset``, as OpenQASM 3.

    With vacuum inside an encounter is ``L XXPlusYY(2 chi, 0) RZZ(theta) L``, L one ``rz`` on each
    (:math:`e^{-i\theta\,\mathrm{SWAP}}` itself is ``XXPlusYY(2 theta, 0) RZZ(theta)`` but for a
    phase). The head of the text defines the two gates that OpenQASM's ``stdgates.inc`` does not
    have. Angles have all their digits; the global phase is left out.

    Args:
        qc: a circuit without free parameters; other instructions than those of
            :func:`qnu.quantum.circuit` are written as Qiskit writes them.
        comments: lines for the head of the text.

    Returns:
        the program; where the circuit has labelled barriers at sample times, comments instead.

    Raises:
        QnuError: free parameters, a comment of several lines.

    References:
        Cross et al., OpenQASM 3 (ACM Trans. Quantum Comput. 3, 12).

    Examples:
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> print(*to_qasm3(qc).splitlines()[-4:])
        xx_plus_yy(0.61..., 0.0) q[0], q[1]; rzz(0.31) q[0], q[1]; ...
    """
    head = comment_lines(comments)
    # without constants: Qiskit would write pi/3 for everything within 1e-9 of it
    text = qasm3.dumps(elementary(qc), disable_constants=True)
    version, *body = text.splitlines()
    marks = iter(_marks(qc))
    for k, line in enumerate(body):
        if line.startswith("barrier ") and (time := next(marks)) is not None:
            body[k] = f"{MARK}{time!r}"
    return "\n".join([version, *head, *body, ""])


def _marks(qc: QuantumCircuit) -> list[float | None]:
    """The sample time of every barrier; None where it is only a barrier."""
    times = {mark["instruction"]: mark["time"] for mark in (qc.metadata or {}).get("samples", ())}
    return [times.get(k) for k, item in enumerate(qc.data) if item.name == "barrier"]


def elementary(qc: QuantumCircuit) -> QuantumCircuit:
    """The same circuit with every encounter in ``xx_plus_yy``, ``rzz``, ``rz`` and ``ry``.

    Rotations about z that follow each other on a qubit are one.

    Args:
        qc: a circuit without free parameters.

    Returns:
        a circuit equal to it, global phase included. An encounter with matter inside takes one
        ``xx_plus_yy`` more where the two fields are not parallel.

    Raises:
        QnuError: free parameters.

    References:
        Vatan and Williams (PRA 69, 032315) for the canonical form that it starts from.

    Examples:
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> dict(elementary(qc).count_ops())
        {'rz': 4, 'xx_plus_yy': 1, 'rzz': 1}
    """
    check_bound(qc)
    writer = _Writer(qc.copy_empty_like())
    for instruction in qc.data:
        operation, qubits = instruction.operation, instruction.qubits
        encounter = as_encounter(operation)  # also one that came back from QPY
        if encounter is not None:
            writer.encounter(encounter, *qubits)
        elif isinstance(operation, RZGate):
            writer.turn(qubits[0], (("rz", operation.params[0]),))
        elif isinstance(operation, UGate):
            theta, phi, last = operation.params
            writer.turn(qubits[0], (("rz", last), ("ry", theta), ("rz", phi)))
            writer.qc.global_phase += (phi + last) / 2
        else:
            writer.flush(*qubits)
            writer.qc.append(instruction, copy=False)
    writer.flush(*qc.qubits)
    return writer.qc


class _Writer:
    """Appends rotations and encounters; a rotation about z waits until something else follows."""

    def __init__(self, qc: QuantumCircuit) -> None:
        self.qc = qc
        self.waiting = dict.fromkeys(qc.qubits, 0.0)

    def flush(self, *qubits: Qubit) -> None:
        for qubit in qubits:
            if self.waiting[qubit] != 0.0:
                self.qc.append(RZGate(self.waiting[qubit]), (qubit,), copy=False)
                self.waiting[qubit] = 0.0

    def turn(self, qubit: Qubit, rotations: Local) -> None:
        for name, angle in rotations:
            if name == "rz":
                self.waiting[qubit] += float(angle)
            elif angle != 0.0:
                self.flush(qubit)
                self.qc.append(RYGate(float(angle)), (qubit,), copy=False)

    def encounter(self, gate: EncounterGate, i: Qubit, j: Qubit) -> None:
        """``N(x, y, z)`` between rotations: XX + YY takes the mean of x and y.

        What is left, XX - YY, is -(XX + YY) between two turns of one neutrino by pi about y.
        """
        form = gate.form()
        x, y, z = (float(angle) for angle in form.core)
        for qubit, rotations in zip((i, j), form.before, strict=True):
            self.turn(qubit, rotations)
        self._exchange(x + y, 2 * z, i, j)
        if x != y:
            self.turn(i, (("ry", -math.pi),))
            self._exchange(y - x, 0.0, i, j)
            self.turn(i, (("ry", math.pi),))
        for qubit, rotations in zip((i, j), form.after, strict=True):
            self.turn(qubit, rotations)
        self.qc.global_phase += form.phase

    def _exchange(self, xy: float, zz: float, i: Qubit, j: Qubit) -> None:
        """``exp(-i [xy (XX + YY) + zz ZZ] / 2)``."""
        self.flush(i, j)
        if xy != 0.0:
            self.qc.append(XXPlusYYGate(2 * xy, 0.0), (i, j), copy=False)
        if zz != 0.0:
            self.qc.append(RZZGate(zz), (i, j), copy=False)
