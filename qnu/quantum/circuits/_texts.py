"""What the two forms of OpenQASM have in common: comments at the head, circuits without free
parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

from qiskit.circuit import QuantumCircuit

from ...errors import QnuError


def comment_lines(comments: Sequence[str]) -> list[str]:
    """Lines of OpenQASM with these comments.

    Raises:
        QnuError: a comment of several lines.
    """
    for line in comments:
        if not line.isprintable():
            raise QnuError("comments", line, "lines of printable text")
    return [f"// {line}".rstrip() for line in comments]


def check_bound(qc: QuantumCircuit) -> None:
    """Refuse a circuit with free parameters.

    Raises:
        QnuError: free parameters.
    """
    if qc.parameters:
        names = sorted(parameter.name for parameter in qc.parameters)
        raise QnuError("circuit", f"free parameters {names}", "numbers only (assign_parameters)")
