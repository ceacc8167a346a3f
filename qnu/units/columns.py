"""Columns of a text file with their units: profiles of a star as other programs write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..common.checks import number
from ..common.input_files import InputFiles
from ..errors import QnuError, Words
from ..profiles import Table
from .given import Units, coupling_of
from .reading import DENSITY, FREQUENCY, MASS_DENSITY, RADIUS, TIME, exact, scale

#: What a column may be called, in lower case without spaces and underscores.
_NAMES = {
    "radius": "radius",
    "r": "radius",
    "time": "time",
    "times": "time",
    "ye": "Ye",
    "rho": "rho",
    "yerho": "Ye rho",
    "rhoye": "Ye rho",
    "density": "density",
    "ne": "density",
    "nnu": "density",
    "mu": "coupling",
    "matter": "coupling",
    "lambda": "coupling",
    "value": "coupling",
    "values": "coupling",
}
_KINDS = {
    "radius": RADIUS,
    "time": TIME,
    "rho": MASS_DENSITY,
    "Ye rho": MASS_DENSITY,
    "density": DENSITY,
    "coupling": FREQUENCY,
}
#: Columns that may be in units of mu, without a unit of their own.
_PLAIN = ("time", "coupling")
_UNIT = r"\s*(?:[(\[]\s*([^)\]]*)[)\]])?\s*"
#: Names with their units, in lines with and without commas.
_HEADED = (re.compile(rf"([^,;(\[]+?){_UNIT}(?:[,;]|$)"), re.compile(rf"([^\s(\[]+){_UNIT}"))
MOST_ROWS = 1_000_000
COLUMNS = (
    "columns radius and Ye rho; radius, Ye and rho; or radius and density (or time for radius),"
    " with their units: radius (cm), rho (g/cm^3)"
)


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        unit: as it is written; "" where there is none.
        cells: its texts, row by row.
    """

    unit: str
    cells: list[str]


def read(field: str, content: bytes) -> dict[str, Column]:
    """The columns of a CSV file, or of one with spaces, by their names.

    Args:
        field: for messages.
        content: of the file: a line with the names (it may begin with ``#``), then numbers;
            separated by commas, semicolons or spaces. Further lines that begin with ``#`` are left
            out.

    Raises:
        QnuError: no such file.
    """
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError:
        raise QnuError(field, Words("bytes that are no text"), "a text file in UTF-8") from None
    lines = [line for line in lines if line.strip("# ")]
    head, body = _head(field, lines)
    if not body or len(body) > MOST_ROWS:
        raise QnuError(field, Words(f"{len(body)} rows"), f"1 to {MOST_ROWS} rows of numbers")
    rows = [_cells(line) for line in body]
    for row, line in zip(rows, body, strict=True):
        if len(row) != len(head):
            raise QnuError(field, line, f"{len(head)} numbers in every row, as there are columns")
    found: dict[str, Column] = {}
    for place, (title, unit) in enumerate(head):
        name = _NAMES.get(re.sub(r"[\s_]", "", title).lower())
        if name in found:
            raise QnuError(field, title, "one column of each kind")
        if name is not None:  # further columns of a file are none of ours
            found[name] = Column(unit, [row[place] for row in rows])
    return found


def _head(field: str, lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Names and units of columns, and the lines of numbers."""
    first = next((k for k, line in enumerate(lines) if _is_row(line)), len(lines))
    if first == 0 or first == len(lines):
        raise QnuError(field, Words("no line of names above numbers"), COLUMNS)
    title = lines[first - 1].lstrip("# ").replace('"', "")
    pattern = _HEADED[0 if re.search("[,;]", title) else 1]
    head = [(name.strip(), unit.strip()) for name, unit in pattern.findall(title)]
    return head, [line for line in lines[first:] if not line.startswith("#")]


def _is_row(line: str) -> bool:
    try:
        float(_cells(line)[0])
    except ValueError:
        return False
    return True


def _cells(line: str) -> list[str]:
    return re.split(r"\s*[,;]\s*|\s+", line)


def _numbers(field: str, name: str, column: Column) -> list[float]:
    """The cells in the unit of qnu; each as a text with its unit would be."""
    factor = scale(f"{field}.{name}", column.unit, _KINDS[name]) if column.unit else 1
    result = []
    for k, cell in enumerate(column.cells):
        try:
            number("cell", float(cell))
            result.append(float(exact(cell) * factor))
        except (ValueError, OverflowError):
            raise QnuError(f"{field}.{name}[{k}]", cell, "a finite number") from None
    return result


def profile(
    field: str, content: bytes, units: Units, *, radius: Any = None, ye: float | None = None
) -> Table:
    """A profile from a file: straight lines between its rows.

    Args:
        field: for messages.
        content: of the file, see :func:`read`.
        units: say how long 1/mu is.
        radius: where the path begins; default: that of the units, or of the first row.
        ye: electrons per nucleon, where the file has only rho.

    Raises:
        QnuError: no such columns, a column without a unit, radii that do not increase.
    """
    columns = read(field, content)
    for name, column in columns.items():
        if not column.unit and name in _KINDS and name not in _PLAIN:
            shown = f"{name} ({_KINDS[name].unit})"
            raise QnuError(field, Words(f"a column {name!r} without a unit"), f"such as {shown}")
    where = [name for name in ("radius", "time") if name in columns][:1]
    if not where:
        raise _no_columns(field, columns, content)
    values = _values(field, columns, units, ye, content)
    along = _numbers(field, where[0], columns[where[0]])
    if where == ["radius"]:
        return units.along(along, values, radius)
    if radius is not None:
        raise QnuError(f"{field}.radius", radius, "none: the file has times")
    if columns["time"].unit:
        unit = units.time("1 km", field)
        along = [path * unit for path in along]
    return Table(np.array(along), np.array(values))


def read_profile(
    path: str | Path, units: Units, *, radius: Any = None, ye: float | None = None
) -> Table:
    r"""A profile from a file, in units of mu and 1/mu: straight lines between its rows.

    Args:
        path: of a CSV file (or one with spaces): a line with names and units, then rows of numbers.
            Columns ``radius`` with ``Ye rho``, with ``Ye`` and ``rho``, or with ``density`` (of
            electrons or neutrinos); ``time`` instead of ``radius``. Units stand in parentheses or
            brackets: ``radius (cm), Ye, rho (g/cm^3)``.
        units: say how long 1/mu is.
        radius: where the path begins, t = 0; default: that of the units, or of the first row.
        ye: electrons per nucleon, where the file has only rho.

    Returns:
        the profile: constant after the last row.

    Raises:
        QnuError: a file that cannot be read, no such columns, a column without a unit, radii that
            do not increase, a path that begins outside of them.

    Examples:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder) / "star.csv"
        ...     _ = file.write_text("radius (km), density (cm^-3)\n50, 1e30\n60, 5e29")
        ...     table = read_profile(file, Units(density="1e30 cm^-3"))
        >>> table.values
        array([1. , 0.5])
    """
    return profile("path", InputFiles().read("path", str(path)), units, radius=radius, ye=ye)


def _values(
    field: str, columns: Mapping[str, Column], units: Units, ye: float | None, content: bytes
) -> list[float]:
    """In units of mu."""
    numbers = {name: _numbers(field, name, column) for name, column in columns.items()}
    given = [name for name in ("Ye rho", "rho", "density", "coupling") if name in columns]
    if len(given) != 1 or (ye is not None and (given != ["rho"] or "Ye" in columns)):
        raise _no_columns(field, columns, content)
    name = given[0]
    found, kind = numbers[name], _KINDS[name]
    if name == "coupling" and not columns[name].unit:
        return found
    shares: list[float | None] = [None] * len(found)
    if name == "Ye rho":
        shares = [1.0] * len(found)
    elif name == "rho":
        if "Ye" not in columns and ye is None:
            raise QnuError(field, Words("rho without Ye"), "a column Ye, or the key Ye")
        shares = list(numbers.get("Ye", [ye] * len(found)))
    return [
        coupling_of(units, value, kind, share, f"{field}.{name}[{k}]")
        for k, (value, share) in enumerate(zip(found, shares, strict=True))
    ]


def _no_columns(field: str, columns: Mapping[str, Column], content: bytes) -> QnuError:
    """Which of the columns of the file are known, so that the others can be renamed."""
    lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    head, _ = _head(field, [line for line in lines if line.strip("# ")])
    titles = ", ".join(title for title, _ in head)
    known = ", ".join(columns) or "none"
    return QnuError(field, Words(f"columns {titles} (known names: {known})"), COLUMNS)
