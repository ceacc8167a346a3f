"""One family of errors: each says, in one line, the field, the value and what is allowed."""

from __future__ import annotations

from typing import Any


class QnuError(ValueError):
    """Bad input, or a question that has no answer (a branch that ends, a state too large).

    Examples:
        >>> raise QnuError("gamma", -1, "a number > 0")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: gamma: got -1; allowed: a number > 0
    """

    #: Of the process, where the command line ends with this error.
    exit_code = 2

    def __init__(self, field: str, value: Any = None, allowed: str | None = None) -> None:
        if allowed is None:
            super().__init__(field)
        else:
            super().__init__(f"{field}: got {short(value)}; allowed: {allowed}")


class SettingError(QnuError):
    """A setting of the process (an environment variable): no line of a file is to blame.

    Examples:
        >>> raise SettingError("NUMBA_NUM_THREADS", "0", "a whole number")
        Traceback (most recent call last):
        ...
        qnu.errors.SettingError: NUMBA_NUM_THREADS: got '0'; allowed: a whole number
    """


class QnuWarning(UserWarning):
    """A result that can be computed but may not be what was meant, in one line.

    Examples:
        >>> import warnings
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", QnuWarning)  # the one class to silence
    """


def short(value: Any) -> str:
    """``repr`` of a value on one line of at most 60 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
