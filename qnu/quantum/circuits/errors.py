"""Errors of what Qiskit calls are QnuErrors and Qiskit's own at once."""

from __future__ import annotations

from typing import Self

from qiskit.exceptions import QiskitError

from ...errors import QnuError


class QnuQiskitError(QnuError, QiskitError):  # type: ignore[misc]  # Qiskit has no type hints
    """A QnuError that is a ``QiskitError`` too: one line, with field, value and allowed.

    Examples:
        >>> try:
        ...     raise QnuQiskitError("shots", -1, "a whole number of 1 or more")
        ... except QiskitError as error:
        ...     print(error, error.field, error.value)
        shots: got -1; allowed: a whole number of 1 or more shots -1
    """

    @classmethod
    def like(cls, error: QnuError) -> Self:
        """The same error, of this class."""
        result = cls.__new__(cls)
        result.__dict__.update(error.__dict__)
        result.args = error.args
        return result

    @property
    def message(self) -> str:
        """The line, under Qiskit's name for it."""
        return str(self)

    def __str__(self) -> str:
        """The line itself; Qiskit's errors would show its ``repr``."""
        return str(self.args[0]) if self.args else ""
