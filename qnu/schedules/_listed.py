"""Rows given as arrays: checked once, each error naming the row and what is allowed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..common import memory
from ..common.checks import (
    booleans,
    floats,
    frozen,
    integer,
    number,
    number_or_floats,
    whole_numbers,
)
from ..errors import QnuError
from .rows import Encounters
from .samples import tolerance

#: Numbers of neutrinos are 32-bit integers.
MOST_NEUTRINOS = 2**31 - 1
_BYTES_PER_NEUTRINO = 32  # while overlaps are looked for


def neutrino_count(neutrinos: Any) -> int:
    """N, which the memory holds."""
    count = integer("neutrinos", neutrinos, low=1, high=MOST_NEUTRINOS)
    memory.require("neutrinos", count, _BYTES_PER_NEUTRINO * count)
    return count


class Naming:
    """What messages call rows and neutrinos: numbers from 0."""

    #: The number of the first neutrino.
    begin = 0
    #: At the end of the message about rows that are not in order of time.
    order = "encounters in order of time"

    def place(self, column: str, row: int) -> str:
        """A row, in a sentence."""
        return f"{column}[{row}]"

    def encounter(self, row: int) -> str:
        """An encounter, in a sentence."""
        return f"encounter {row}"


def listed(
    first: Any,
    second: Any,
    swap_angle: Any,
    start: Any,
    duration: Any,
    fresh: Any,
    neutrinos: int,
) -> Encounters:
    """Columns of one length, of the right types and with neutrinos that exist."""
    angle = frozen(floats("swap_angle", swap_angle, (None,)))
    begin = frozen(floats("start", start, (None,)))
    n = len(angle)
    top = neutrinos - 1
    index: dict[str, Any] = {"high": top, "allowed": f"a neutrino from 0 to {top}"}
    one = whole_numbers("first", first, (n,), **index, dtype=np.int32)
    two = whole_numbers("second", second, (n,), **index, dtype=np.int32)
    if len(begin) != n:
        raise QnuError("start", f"shape ({len(begin)},)", f"shape ({n},)")
    lasting: Any = number_or_floats("duration", duration, n)
    if isinstance(lasting, float):
        lasting = np.broadcast_to(np.float64(number("duration", lasting, low=0.0)), (n,))
    anew = None if fresh is None else booleans("fresh", fresh, n)
    anew = None if anew is None or not anew.any() else frozen(anew)
    return Encounters(frozen(one), frozen(two), angle, begin, lasting, anew)


def end_of(rows: Encounters) -> float:
    """The end of the last encounter."""
    return max(0.0, float(np.max(rows.start + rows.duration))) if len(rows.first) else 0.0


def check_order(
    rows: Encounters, neutrinos: int, final_time: float, streaming: bool, naming: Naming
) -> None:
    """Two different neutrinos each, in order of time, no neutrino in two at a time."""
    n = len(rows.first)
    if n == 0:
        return
    same = rows.first == rows.second
    if same.any():
        k = int(np.argmax(same))
        raise QnuError(
            f"second[{k}]",
            int(rows.second[k]) + naming.begin,
            f"a neutrino other than {naming.place('first', k)} (a neutrino cannot meet itself)",
        )
    start, duration = rows.start, rows.duration
    if start[0] < 0:
        raise QnuError("start[0]", float(start[0]), "a time >= 0")
    if (duration < 0).any():
        k = int(np.argmax(duration < 0))
        raise QnuError(f"duration[{k}]", float(duration[k]), "a time >= 0")
    back = np.diff(start) < 0
    if back.any():
        k = int(np.argmax(back)) + 1
        raise QnuError(
            f"start[{k}]",
            float(start[k]),
            f"a time >= {naming.place('start', k - 1)} = {start[k - 1]:g} ({naming.order})",
        )
    if start[-1] > final_time + tolerance(final_time):
        raise QnuError(f"start[{n - 1}]", float(start[-1]), f"<= final_time = {final_time:g}")
    if streaming and duration.any():
        _check_overlaps(rows, neutrinos, final_time, naming)


def _check_overlaps(rows: Encounters, neutrinos: int, final_time: float, naming: Naming) -> None:
    from .kernels import first_overlap

    constant = rows.duration.strides == (0,)
    k, i = first_overlap(
        rows.first,
        rows.second,
        rows.start,
        np.array(rows.duration[:1]) if constant else rows.duration,
        np.zeros(1, bool) if rows.fresh is None else np.append(rows.fresh, False),
        neutrinos,
        # durations and starts that were summed up in other orders differ by rounding
        max(tolerance(final_time), 1e-9 * float(rows.duration.max())),
    )
    if k >= 0:
        earlier = (rows.first[:k] == i) | (rows.second[:k] == i)
        j = int(np.flatnonzero(earlier)[-1])
        raise QnuError(
            f"start[{k}]",
            float(rows.start[k]),
            f">= {rows.start[j] + rows.duration[j]:g}, when neutrino {i + naming.begin} leaves"
            f" {naming.encounter(j)} (a neutrino is in one encounter at a time)",
        )
