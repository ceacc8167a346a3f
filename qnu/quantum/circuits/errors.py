"""Errors of circuits, in the families of qnu and of Qiskit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from qiskit.exceptions import QiskitError

from ...errors import QnuError


class CircuitError(QnuError, QiskitError):  # type: ignore[misc]  # Qiskit has no type hints
    """A :class:`~qnu.errors.QnuError` in what Qiskit calls: also a ``QiskitError``.

    Examples:
        >>> try:
        ...     raise CircuitError("shots", 0, "a whole number >= 1")
        ... except QiskitError as error:
        ...     print(error.message, error.field, sep=" | ")
        shots: got 0; allowed: a whole number >= 1 | shots
    """

    @property
    def message(self) -> str:
        """The message, where Qiskit's errors have it."""
        return str(self)

    def __str__(self) -> str:
        return str(self.args[0])  # that of QiskitError has quotation marks


@contextmanager
def circuit_errors() -> Iterator[None]:
    """Inside the block, every QnuError becomes a :class:`CircuitError` with the same attributes.

    Errors of a subclass are left as they are: they are not about the circuit.
    """
    try:
        yield
    except QnuError as error:
        if type(error) is not QnuError:
            raise
        same: Any = CircuitError.__new__(CircuitError)
        same.__dict__.update(error.__dict__)
        same.args = error.args
        raise same.with_traceback(error.__traceback__) from None
