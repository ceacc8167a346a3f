"""Columns of encounters in a table: of a text file, of a ``.npz`` file, or in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..common import text_tables
from ..common.checks import array_of, frozen, user_path
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from . import _files

NEEDED = ("first", "second", "swap_angle", "start")
COLUMNS = (*NEEDED, "duration", "fresh")
_TABLE = "a path, a pandas DataFrame, an xarray Dataset, a dict of arrays or a structured array"
_RENAMED = (
    "{ first = NAME, second = NAME, ... } (the names of qnu first), or a list with the name of"
    " every column, of a file that does not name them"
)
_ZIP = b"PK\x03\x04"

#: Names in the table by those of qnu, and names of all columns where the table has none.
Renamed = tuple[tuple[str, str], ...]
Header = tuple[str, ...] | None


@dataclass(frozen=True, eq=False)
class Columns:
    """Some of :data:`COLUMNS`, not yet checked.

    Args:
        values: by the names of qnu.
        names: in the table, by the names of qnu.
        file: its name; "": the table is in memory.
        line: of a row, where rows are lines of a text.
        settings: of a schedule that :meth:`~qnu.EncounterSchedule.save` wrote.
    """

    values: Mapping[str, Any]
    names: Mapping[str, str]
    file: str = ""
    line: Callable[[int], int] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """Of messages about a whole column."""
        return f"{self.file}: " if self.file else ""

    def cell(self, column: str, row: int) -> str:
        """What messages call a value."""
        name = self.names[column]
        if self.line is None:
            return f"{self.prefix}{name}[{row}]"
        return f"{self.file}, line {self.line(row)}: {name}"

    def place(self, column: str, row: int) -> str:
        """The same in a sentence."""
        name = self.names[column]
        return f"{name}[{row}]" if self.line is None else f"{name} of line {self.line(row)}"

    def encounter(self, row: int) -> str:
        """What messages call a row, in a sentence."""
        if self.line is None:
            return f"encounter {row}"
        return f"the encounter of line {self.line(row)}"


def renamed(columns: Any) -> tuple[Renamed, Header]:
    """What ``columns`` says, checked.

    Raises:
        QnuError: neither a mapping of names nor a list of them.
    """
    if columns is None:
        return (), None
    if isinstance(columns, Mapping):
        for name, theirs in columns.items():
            if name not in COLUMNS:
                hint = did_you_mean(name, COLUMNS) if isinstance(name, str) else ""
                raise QnuError("columns", columns, _RENAMED + hint)
            if not isinstance(theirs, str):
                raise QnuError(f"columns.{name}", theirs, "the name of a column")
        return tuple(columns.items()), None
    if isinstance(columns, list | tuple) and all(isinstance(name, str) for name in columns):
        return (), tuple(columns)
    raise QnuError("columns", columns, _RENAMED)


def columns_of(table: Any, columns: Any) -> Columns:
    """The columns of whatever a user has.

    Raises:
        QnuError: no table, no such file, a column that is missing.
    """
    named, header = renamed(columns)
    if isinstance(table, str | Path):
        path = user_path("table", table)
        try:
            content = path.read_bytes()
        except OSError as error:
            allowed = f"a file that can be read ({error.strerror})"
            raise QnuError("table", str(table), allowed) from None
        return in_file(content, path.name, named, header)
    if header is not None:
        raise QnuError("columns", list(header), "{ first = NAME, ... } (the table has names)")
    names = _names_in(table)
    found = _chosen("table", names, named)
    return Columns({ours: table[name] for ours, name in found.items()}, found)


def _names_in(table: Any) -> list[Any]:
    """Names of the columns of a table in memory."""
    if isinstance(table, Mapping) and not hasattr(table, "data_vars"):
        return list(table)
    fields = getattr(getattr(table, "dtype", None), "names", None)
    if fields:
        return list(fields)
    for attribute in ("variables", "columns"):  # of xarray, of pandas and of what is like it
        names = getattr(table, attribute, None)
        if names is not None and hasattr(table, "__getitem__"):
            return list(names)
    raise QnuError("table", table, _TABLE)


def _chosen(name: str, there: Sequence[Any], named: Renamed) -> dict[str, str]:
    """Names in the table by those of qnu; all that are needed are there."""
    asked = dict(named)
    found = {}
    for ours in COLUMNS:
        theirs = asked.get(ours, ours)
        if theirs in there:
            found[ours] = theirs
        elif ours in NEEDED or ours in asked:
            texts = [str(one) for one in there if str(one)]
            hint = did_you_mean(theirs, texts)
            shown = Words("the columns " + ", ".join(texts[:20]) if texts else "no columns")
            other = f', or its name in columns = {{ {ours} = "NAME" }}'
            raise QnuError(name, shown, f"a column {theirs!r}{other}{hint}")
    return found


@lru_cache(maxsize=8)  # the points of a sweep share their files
def in_file(content: bytes, name: str, named: Renamed = (), header: Header = None) -> Columns:
    """The columns in the content of a text file or a ``.npz`` file.

    Raises:
        QnuError: neither of the two, a column that is missing, a value that is no number.
    """
    if content.startswith(_ZIP):
        return _in_archive(content, name, named)
    table = text_tables.read(content, name, header)
    found = _chosen(name, table.names, named)
    numeric = [ours for ours in found if ours != "fresh"]
    values = dict(zip(numeric, table.numbers(*(found[k] for k in numeric)), strict=True))
    if "fresh" in found:
        values["fresh"] = table.truths(found["fresh"])

    def line(row: int) -> int:
        """Reads again: lines of a million rows are not kept for a message."""
        return text_tables.read(content, name, header).line(row)

    return Columns(values, found, name, line)


def _in_archive(content: bytes, name: str, named: Renamed) -> Columns:
    arrays = _files.arrays(io.BytesIO(content), name)
    found = _chosen(name, list(arrays), named)
    settings = {}
    if "settings" in arrays and arrays["settings"].dtype.kind == "U":
        settings = _files.settings_in(str(arrays["settings"]), name)
    values = {ours: frozen(arrays[theirs]) for ours, theirs in found.items()}
    if values["first"].ndim == 0:
        raise QnuError(f"{name}: {found['first']}", "one number", "an array of numbers")
    return Columns(values, found, name, settings=settings)


def booleans_of(column: Any, count: int) -> Any:
    """Also a column of the numbers 0 and 1; anything else as it is."""
    array = array_of("fresh", column, "a column of true and false")
    if array.shape == (count,) and array.dtype.kind in "iuf" and np.isin(array, (0, 1)).all():
        return array.astype(np.bool_)
    return array
