"""From columns of a table to a schedule: checked in the words of the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from ..common.checks import boolean, fits, integer, number, numeric, whole_numbers
from ..errors import QnuError, Words
from ._columns import Columns, booleans_of
from ._listed import MOST_NEUTRINOS, Naming, check_order, end_of, listed, neutrino_count
from .rows import Encounters, Indices, Listed

_CELL = re.compile(r"(\w+)\[(\d+)\]")
#: What a file of ``save()`` may say as well.
_SAVED = ("final_time", "free_streaming", "gamma", "mu", "probability", "matter", "anisotropy")


S = TypeVar("S")


def scheduled(
    made: Callable[..., S],
    table: Columns,
    *,
    numbered_from: int = 0,
    sort: bool = False,
    angle_factor: float = 1.0,
    time_factor: float = 1.0,
    duration: Any = None,
    neutrinos: int | None = None,
    **settings: Any,
) -> S:
    """What :meth:`qnu.EncounterSchedule.from_table` returns; None: not given.

    Args:
        made: :meth:`qnu.EncounterSchedule.of`.
        table: the columns.
        numbered_from, sort, angle_factor, time_factor, duration, neutrinos: see there.
        settings: of the schedule.
    """
    begin = integer("numbered_from", numbered_from, high=1)
    naming = _Rows(table, begin)
    given = {name: value for name, value in settings.items() if value is not None}
    given = {name: table.settings[name] for name in _SAVED if name in table.settings} | given
    lasting = _duration(table, duration)
    with naming.words():
        if neutrinos is None:
            neutrinos = _largest(table, begin) + 1
        count = neutrino_count(neutrinos)
        rows = _checked(table, begin, count, lasting)
        if boolean("sort", sort):
            order = np.argsort(rows.start, kind="stable")
            naming.sorted(order)
            rows = _taken(rows, order)
        column = "duration" in table.values or np.ndim(duration) > 0
        rows = _scaled(rows, angle_factor, time_factor, column)
        end = given.pop("final_time", None)
        end = end_of(rows) if end is None else number("final_time", end, low=0.0)
        schedule = made(Listed(rows), neutrinos=count, final_time=end, **given)
        check_order(rows, count, end, given.get("free_streaming", True), naming)
    return schedule


def _largest(table: Columns, begin: int) -> int:
    """The largest number of a neutrino, from 0."""
    top = MOST_NEUTRINOS - 1
    allowed = f"the number of a neutrino, from {begin}"
    found = [_indices(table, name, begin, top, allowed) for name in ("first", "second")]
    return max(int(column.max(initial=0)) for column in found)


def _indices(table: Columns, name: str, begin: int, top: int, allowed: str = "") -> Indices:
    allowed = allowed or f"a neutrino from {begin} to {top + begin}"
    column = numeric(name, table.values[name], allowed)
    if column.ndim != 1:
        raise QnuError(name, Words(f"shape {column.shape}"), "one number per row")
    fits(name, column)
    if begin == 0 and column.size and column.max() == top + 1:
        allowed += "; numbered_from = 1 where the first one is 1"
    numbers = whole_numbers(name, column, None, low=begin, high=top + begin, allowed=allowed)
    return numbers - begin


def _duration(table: Columns, duration: Any) -> Any:
    """The column, else the number for all, else kicks."""
    if "duration" not in table.values:
        return 0.0 if duration is None else duration
    if duration is not None:
        where = table.prefix.removesuffix(": ") or "the table"
        allowed = f"nothing here, since {where} has a column {table.names['duration']!r}"
        raise QnuError("duration", duration, allowed)
    return table.values["duration"]


def _checked(table: Columns, begin: int, count: int, duration: Any) -> Encounters:
    first, second = (_indices(table, name, begin, count - 1) for name in ("first", "second"))
    fresh = table.values.get("fresh")
    return listed(
        first,
        second,
        table.values["swap_angle"],
        table.values["start"],
        duration,
        None if fresh is None else booleans_of(fresh, len(first)),
        count,
    )


def _taken(rows: Encounters, order: Indices) -> Encounters:
    parts = [part if part is None or part.strides == (0,) else part[order] for part in rows]
    return Encounters(*parts)  # type: ignore[arg-type]  # one per field


def _scaled(rows: Encounters, angle_factor: float, time_factor: float, column: bool) -> Encounters:
    """Angles and times of columns times a factor; with 1.0 to the last bit as they were."""
    angle = number("angle_factor", angle_factor)
    time = number("time_factor", time_factor, above=0.0)
    lasting = rows.duration
    if column and lasting.strides == (0,) and len(lasting):
        lasting = np.broadcast_to(lasting[0] * time, lasting.shape)
    elif column:
        lasting = lasting * time
    return rows._replace(
        swap_angle=rows.swap_angle * angle, start=rows.start * time, duration=lasting
    )


class _Rows(Naming):
    """Rows in the order of the table, neutrinos with its numbers."""

    order = "encounters in order of time; sort = true puts them in order"

    def __init__(self, table: Columns, begin: int) -> None:
        self.begin = begin
        self._table = table
        self._sorted: Indices | None = None

    def sorted(self, order: Indices) -> None:
        """From now on row k is row ``order[k]`` of the table."""
        self._sorted = order

    def _row(self, row: int) -> int:
        return row if self._sorted is None else int(self._sorted[row])

    def place(self, column: str, row: int) -> str:
        return self._table.place(column, self._row(row))

    def encounter(self, row: int) -> str:
        return self._table.encounter(self._row(row))

    @contextmanager
    def words(self) -> Iterator[None]:
        """Errors about a column, or a row of it, in the words of the table."""
        try:
            yield
        except QnuError as error:
            cell = _CELL.fullmatch(error.field or "")
            if cell and cell[1] in self._table.names:
                place = self._table.cell(cell[1], self._row(int(cell[2])))
                if str(error.allowed).startswith("finite numbers"):
                    raise QnuError(place, error.value, "a finite number") from None
                raise error.of(place) from None
            if error.field in self._table.names:
                name = self._table.names[str(error.field)]
                raise error.of(f"{self._table.prefix}{name}") from None
            raise
