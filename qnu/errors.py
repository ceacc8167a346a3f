"""One family of errors: each says, in one line, the field, the value and what is allowed."""

from __future__ import annotations

import unicodedata
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
        if allowed is not None:
            field = f"{field}: got {short(value)}; allowed: {allowed}"
        super().__init__(printable(field))


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


def printable(text: str) -> str:
    r"""One line of text in which nothing changes a terminal: control characters as ``\x1b``.

    Names come from files of other people. Also escaped are half characters (of file names that are
    no UTF-8) and marks that turn the direction of writing.

    Examples:
        >>> print(printable("two\nlines, \x1b[31mred"))
        two\nlines, \x1b[31mred
    """
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else _escape(c) for c in text
    )


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def short(value: Any) -> str:
    """``repr`` of a value on one line of at most 60 characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
