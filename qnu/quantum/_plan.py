"""The order of events on every qubit: free streaming, fresh partners, encounters, sample marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Floats
from ..schedules import EncounterSchedule


@dataclass(frozen=True)
class Stream:
    """A neutrino oscillates freely from ``start`` to ``stop``; ``number`` counts the streams."""

    neutrino: int
    start: float
    stop: float
    number: int


@dataclass(frozen=True)
class Meet:
    """Encounter ``encounter`` of the schedule, after a reset of its second qubit if ``fresh``."""

    encounter: int
    first: int
    second: int
    fresh: bool


@dataclass(frozen=True)
class Mark:
    """A sample is taken here."""

    sample: int


def plan(schedule: EncounterSchedule, times: ArrayLike | None) -> list[Stream | Meet | Mark]:
    """Everything that happens, in an order that a circuit can follow, layer by layer.

    A neutrino streams lazily: right before its next encounter, and up to a sample. One that is
    inside an encounter at a sample is taken at that encounter's end; without free streaming none
    ever streams. Pauses of the size of rounding are none.
    """
    sample_times, counts = schedule.sample_times(times)
    # starts that were summed up in another order than durations differ by rounding
    tolerance = max(schedule.tolerance, 1e-12 * float(np.max(schedule.duration, initial=0.0)))
    clock: Any = np.zeros(schedule.neutrinos).tolist()
    events: list[Stream | Meet | Mark] = []
    streams = 0

    def stream(neutrino: int, stop: float) -> None:
        nonlocal streams
        if schedule.free_streaming and stop - clock[neutrino] > tolerance:
            events.append(Stream(neutrino, clock[neutrino], stop, streams))
            streams += 1
            clock[neutrino] = stop

    layer = schedule.layer_numbers() if len(schedule) else np.zeros(0, np.int64)
    done = 0
    for sample, count in enumerate(counts.tolist()):
        some = done + np.argsort(layer[done:count], kind="stable")
        for k, i, j, start, end, fresh in _rows(schedule, some):
            stream(i, start)
            if fresh:
                clock[j] = start
            else:
                stream(j, start)
            events.append(Meet(k, i, j, fresh))
            clock[i] = clock[j] = end
        for neutrino in range(schedule.neutrinos):
            stream(neutrino, float(sample_times[sample]))
        events.append(Mark(sample))
        done = count
    return events


def _rows(schedule: EncounterSchedule, some: NDArray[Any]) -> Any:
    """Plain numbers of some encounters: number, first, second, start, end, fresh."""
    start: Floats = schedule.start[some]
    fresh = np.zeros(len(some), bool) if schedule.fresh is None else schedule.fresh[some]
    columns = (
        some,
        schedule.first[some],
        schedule.second[some],
        start,
        start + schedule.duration[some],
        fresh,
    )
    return zip(*(column.tolist() for column in columns), strict=True)
