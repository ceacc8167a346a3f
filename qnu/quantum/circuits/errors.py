"""Errors in what Qiskit calls, in the families of qnu and of Qiskit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from qiskit.exceptions import QiskitError

from ...errors import QnuError


class CircuitError(QnuError, QiskitError):  # type: ignore[misc]  # Qiskit has no type hints
    """A :class:`~qnu.errors.QnuError` that is a ``QiskitError`` too: one line, the same attributes.

    Examples:
        >>> try:
        ...     raise CircuitError("shots", 0, "a whole number >= 1")
        ... except QiskitError as error:
        ...     print(error.message, error.field, sep=" | ")
        shots: got 0; allowed: a whole number >= 1 | shots
    """

    @classmethod
    def like(cls, error: QnuError) -> Self:
        """The same error, of this class."""
        same = cls.__new__(cls)
        same.__dict__.update(error.__dict__)
        same.args = error.args
        return same

    @property
    def message(self) -> str:
        """The line, under Qiskit's name for it."""
        return str(self)

    def __str__(self) -> str:
        """The line itself; Qiskit's errors would show its ``repr``."""
        return str(self.args[0]) if self.args else ""


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
        raise CircuitError.like(error).with_traceback(error.__traceback__) from None
