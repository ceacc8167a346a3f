"""Errors of what Qiskit calls: qnu's one line, and an error of Qiskit's transpiler."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from qiskit.transpiler.exceptions import TranspilerError

from ...errors import QnuError
from ..circuits.errors import CircuitError

P = ParamSpec("P")
R = TypeVar("R")


class CompileError(CircuitError, TranspilerError):  # type: ignore[misc]  # Qiskit has no type hints
    """A QnuError that is a ``TranspilerError`` too, as raised by the passes and plugins.

    Examples:
        >>> try:
        ...     raise CompileError("circuit", "ccx on 3 qubits", "at most two qubits")
        ... except TranspilerError as error:
        ...     print(error)
        circuit: got 'ccx on 3 qubits'; allowed: at most two qubits
    """


def raising_compile_errors(function: Callable[P, R]) -> Callable[P, R]:
    """A decorator: a QnuError becomes a :class:`CompileError` with the same attributes.

    Errors of another subclass are left as they are.

    Args:
        function: what Qiskit calls.

    Returns:
        the same function with that error.

    Examples:
        >>> @raising_compile_errors
        ... def run(dag):
        ...     raise QnuError("circuit", dag, "a DAGCircuit")
        >>> run(3)
        Traceback (most recent call last):
        ...
        qnu.quantum.compile.errors.CompileError: circuit: got 3; allowed: a DAGCircuit
    """

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except QnuError as error:
            if type(error) not in (QnuError, CircuitError):
                raise
            raise CompileError.like(error) from error

    return wrapped
