"""Tables of numbers in text files: CSV, and what other programs write.

Separators are found in the file: tab, semicolon, comma, or blanks. ``#`` begins a comment. Numbers
may have a decimal comma (where the comma separates nothing) and the exponents of Fortran (1.0D-3).
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import QnuError, Words
from .checks import frozen

_TRUTH = {"true": True, "t": True, ".true.": True, "1": True, "1.0": True} | {
    "false": False, "f": False, ".false.": False, "0": False, "0.0": False
}  # fmt: skip
_NOTHING = Words("nothing")
#: What can only be a number, and no name.
_NUMERIC = re.compile(r"[+-]?[.,]?\d[\d.,EeDd+-]*")
#: Stands between values that were in quotation marks.
_UNIT = "\x1f"


@dataclass(frozen=True, eq=False)
class TextTable:
    r"""A text file with one row of numbers in a line.

    Args:
        name: of the file, for messages.
        lines: all of them, without comments; empty where there is no row.
        names: of the columns.
        begin: the line where the rows begin.
        separator: between values; None: blanks.

    Examples:
        >>> table = read(b"i; theta\n0; 0,25\n\n1; 0,5   # the last\n", "a.csv")
        >>> table.names, table.numbers("theta").tolist(), table.line(1)
        (('i', 'theta'), [0.25, 0.5], 4)
    """

    name: str
    lines: Sequence[str]
    names: tuple[str, ...]
    begin: int
    separator: str | None

    def rows(self) -> Iterator[tuple[int, str]]:
        """The line (from 1) and the text of every row."""
        for number, line in enumerate(self.lines[self.begin :], start=self.begin + 1):
            if line.strip():
                yield number, line

    def line(self, row: int) -> int:
        """The line of a row, from 1; rows are counted from 0."""
        return next(number for k, (number, _) in enumerate(self.rows()) if k == row)

    def where(self, row: int) -> str:
        """What messages call a row."""
        return f"{self.name}, line {self.line(row)}"

    def values(self, line: str) -> list[str]:
        """The texts in a line, one per column."""
        return [text.strip() for text in line.split(self.separator)]

    def numbers(self, *names: str) -> NDArray[np.float64]:
        """``(rows,)`` of one column, ``(columns, rows)`` of several.

        Raises:
            QnuError: what is no number, with its line.
        """
        places = [self.names.index(name) for name in names]
        texts = [line for _, line in self.rows()]
        try:
            table = np.loadtxt(
                texts, delimiter=self.separator, usecols=places, comments=None, ndmin=2
            )
        except ValueError:  # slowly: numbers of Fortran, decimal commas, and where the mistake is
            table = np.array(
                [
                    [self._number(k, number, texts) for k in places]
                    for number, line in self.rows()
                    for texts in [self.values(line)]
                ],
                dtype=np.float64,
            )
        table = table.reshape(len(texts), len(places))
        return frozen(np.ascontiguousarray(table.T if len(names) > 1 else table[:, 0]))

    def truths(self, name: str) -> NDArray[np.bool_]:
        """``(rows,)`` of true and false, or 1 and 0, in one column."""
        place, found = self.names.index(name), []
        for number, line in self.rows():
            text = self.values(line)[place]
            if text.lower() not in _TRUTH:
                raise self._error(place, number, text, "true or false, or 1 or 0")
            found.append(_TRUTH[text.lower()])
        return frozen(np.array(found, dtype=np.bool_))

    def _number(self, place: int, number: int, texts: Sequence[str]) -> float:
        text = texts[place]
        plain = text.upper().replace("D", "E")
        if self.separator != ",":
            plain = plain.replace(",", ".")
        try:
            return float(plain.replace("_", "?"))  # Python would take 1_000
        except ValueError:
            raise self._error(place, number, text, "a number") from None

    def _error(self, place: int, number: int, text: str, allowed: str) -> QnuError:
        field = f"{self.name}, line {number}: {self.names[place]}"
        return QnuError(field, text or _NOTHING, allowed)


def read(content: bytes, name: str, names: Sequence[str] | None = None) -> TextTable:
    r"""A table in the content of a file.

    The first line that is neither empty nor a comment has the names of the columns; where that is
    a line of numbers, the comment before it has them, as :func:`numpy.savetxt` writes it.

    Args:
        content: text in UTF-8 (or UTF-16 with its mark), lines that end in any way.
        name: of the file, for messages.
        names: of the columns, of a file that does not name them.

    Raises:
        QnuError: no text, no names, or a row with more or fewer values than there are names.

    Examples:
        >>> read(b"# i j\n0 1\n0 2\n", "a.dat").numbers("j").tolist()
        [1.0, 2.0]
    """
    lines = _decoded(content, name).splitlines()
    begin = next((k for k, line in enumerate(lines) if _bare(line).strip()), len(lines))
    if names is None:
        found, begin = _names(lines, begin, name)
    else:
        found = tuple(names)
    if twice := next((one for k, one in enumerate(found) if one and one in found[:k]), None):
        raise QnuError(name, Words(f"two columns {twice!r}"), "columns of different names")
    if any("#" in line for line in lines):
        lines = [_bare(line) for line in lines]
    row = next((line for line in lines[begin:] if line.strip()), "")
    separator = _separator(row)
    if any('"' in line for line in lines[begin:]):
        lines, separator = _unquoted(lines, separator, name), _UNIT
    if not row:
        raise QnuError(name, Words("no rows"), "at least one row of numbers")
    return _even(TextTable(name, lines, found, begin, separator))


def _decoded(content: bytes, name: str) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        allowed = "a text file in UTF-8 (save a sheet of Excel as CSV)"
        raise QnuError(name, Words("something else than text"), allowed)
    return text


def _bare(line: str) -> str:
    """Without its comment."""
    return line.partition("#")[0]


def _names(lines: Sequence[str], begin: int, name: str) -> tuple[tuple[str, ...], int]:
    """Names of columns, and the line after them."""
    line = _bare(lines[begin]) if begin < len(lines) else ""
    if not line.strip():
        raise QnuError(name, Words("no line with names of columns"), "such a line, and rows")
    if not _all_numbers(line):
        return tuple(_split(line)), begin + 1
    for comment in reversed(lines[:begin]):
        found = _split(comment.strip().lstrip("# "))
        if len(found) == len(_split(line)):
            return tuple(found), begin
    raise QnuError(
        f"{name}, line {begin + 1}",
        Words(f"{line.strip()[:60]!r}, no names of columns"),
        "names of the columns in the first line, such as first,second,swap_angle,start"
        " (or columns = [...] with a name for every column)",
    )


def _split(line: str) -> list[str]:
    return [part.strip().strip("\"'") for part in line.split(_separator(line))]


def _all_numbers(line: str) -> bool:
    return all(not part or _NUMERIC.fullmatch(part) for part in _split(line))


def _separator(line: str) -> str | None:
    return next((one for one in "\t;," if one in line), None)


def _unquoted(lines: Sequence[str], separator: str | None, name: str) -> list[str]:
    """Values in quotation marks, which may have separators inside."""
    try:
        rows = [*csv.reader(lines, delimiter=separator or " ", skipinitialspace=True)]
    except csv.Error as error:
        raise QnuError(name, Words(f"quotation marks ({error})"), "such marks in pairs") from None
    return [_UNIT.join(row) for row in rows]


def _even(table: TextTable) -> TextTable:
    """The table, whose lines have one value per name; a separator at their ends is no value."""
    count, one = len(table.names), table.separator
    texts = [line for _, line in table.rows()]
    if one is None:
        sizes = [len(line.split()) for line in texts]
    else:
        sizes = [line.count(one) + 1 for line in texts]
    ends = one is not None and all(line.rstrip(" ").endswith(one) for line in texts)
    if ends and set(sizes) == {count + 1}:
        return TextTable(table.name, table.lines, (*table.names, ""), table.begin, one)
    for row, size in enumerate(sizes):
        if size != count:
            values = f"{size} value{'s' * (size != 1)}"
            named = ", ".join(name or "(no name)" for name in table.names)
            raise QnuError(table.where(row), Words(values), f"{count}, one for each of: {named}")
    return table
