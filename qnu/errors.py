"""One family of errors: each says, in one line, the field, the value and what is allowed."""

from __future__ import annotations

import itertools
import math
import reprlib
import unicodedata
from typing import Any, Self


class QnuError(ValueError):
    """Bad input, or a question that has no answer (a branch that ends, a state too large).

    The message is one line, ``field: got value; allowed: ...`` or ``field: reason``.

    Attributes:
        field: what is wrong, as the user knows it (``group[0].omega``); None where the message is
            in words of its own.
        value: what it was.
        allowed: what may stand there, in words; None where ``reason`` says more.
        reason: what is wrong, in words, where no value is to blame.
        note: the end of the message, such as the line of the file.

    Examples:
        >>> raise QnuError("gamma", -1, "a number > 0")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: gamma: got -1; allowed: a number > 0
        >>> try:
        ...     raise QnuError("gamma", -1, "a number > 0")
        ... except QnuError as error:
        ...     print(error.field, error.value, error.allowed)
        gamma -1 a number > 0
    """

    #: Of the process, where the command line ends with this error.
    exit_code = 2

    def __init__(
        self,
        field: str,
        value: Any = None,
        allowed: str | None = None,
        *,
        reason: str | None = None,
        note: str = "",
    ) -> None:
        in_words = allowed is None and reason is None
        self.field = None if in_words else field
        self.value, self.allowed = value, allowed
        self.reason = field if in_words else reason
        self.note = note
        super().__init__(self._text())

    def _text(self) -> str:
        text = self.reason or ""
        if self.allowed is not None:
            text = f"got {short(self.value)}; allowed: {self.allowed}"
        if self.field is not None:
            long = len(self.field) > _LONGEST_FIELD
            text = f"{self.field[:_LONGEST_FIELD]}{'...' * long}: {text}"
        return printable(text + self.note)

    def of(self, field: str) -> Self:
        """The same error with another name of the field: the one that the user knows."""
        return self._changed(field=field)

    def noted(self, note: str) -> Self:
        """The same error with more at the end of its message."""
        return self._changed(note=self.note + note)

    def _changed(self, **changes: Any) -> Self:
        error = type(self).__new__(type(self))
        error.__dict__.update(self.__dict__ | changes)
        error.args = (error._text(),)
        return error


class Words(str):
    """A value that is described in words: in a message it stands without quotation marks.

    Examples:
        >>> raise QnuError("gamma", Words("nothing (the key is missing)"), "a number > 0")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: gamma: got nothing (the key is missing); allowed: a number > 0
    """

    __slots__ = ()


#: The value of a key that is not in a file.
MISSING = Words("nothing (the key is missing)")


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


class PremiseWarning(QnuWarning):
    """A premise of a method that fails: ``qnu run`` and ``validate`` say it in a line of their own.

    Args:
        premise: the name of the :class:`qnu.premises.Premise` that says the same.
        text: of the warning.

    Examples:
        >>> PremiseWarning("swap_angle", "theta is beyond pi/2").premise
        'swap_angle'
    """

    def __init__(self, premise: str, text: str) -> None:
        super().__init__(text)
        self.premise = premise


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
    """``repr`` of a value on one line of at most 60 characters; :class:`Words` as they are."""
    if isinstance(value, Words):
        return str(value)
    text = " ".join(_TEXTS.repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


class _Texts(reprlib.Repr):
    """``repr`` that stops early: of long texts, long numbers, large and deeply nested tables."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 8
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 40
        self.maxarray = self.maxdict = 40
        self.maxother = 200

    def repr_str(self, value: str, level: int) -> str:
        del level
        return repr(value[:200])

    def repr_int(self, value: int, level: int) -> str:
        del level
        # Python refuses to write a number of more than 4,300 digits
        return repr(value) if value.bit_length() < 1024 else f"a number of {_digits(value)} digits"

    def repr_dict(self, value: dict[Any, Any], level: int) -> str:
        if level <= 0:
            return "{...}"
        items = itertools.islice(value.items(), self.maxdict)
        inside = [f"{self.repr1(k, level - 1)}: {self.repr1(v, level - 1)}" for k, v in items]
        more = [] if len(value) <= self.maxdict else ["..."]
        return "{" + ", ".join(inside + more) + "}"

    def repr_ndarray(self, value: Any, level: int) -> str:
        if value.size > self.maxlist:
            return f"an array of shape {value.shape}"
        return self.repr1(value.tolist(), level)

    def repr_instance(self, value: Any, level: int) -> str:
        del level
        try:
            return repr(value)[: self.maxother]
        except Exception:  # whatever a foreign class does, the message must come out
            return f"a {type(value).__name__}"


def _digits(value: int) -> int:
    """About: to one, from the length in bits."""
    return int(abs(value).bit_length() * math.log10(2)) + 1


_TEXTS = _Texts()
_LONGEST_FIELD = 200
