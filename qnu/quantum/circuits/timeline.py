"""The order of events on every qubit: free streaming, fresh partners, encounters, sample marks."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...common.checks import Floats
from ...errors import QnuError
from ...schedules import EncounterSchedule, parts
from ...schedules.samples import SampleTimes


@dataclass(frozen=True)
class FreeStreaming:
    """A neutrino oscillates freely from ``start`` to ``stop``; ``number`` counts these events."""

    neutrino: int
    start: float
    stop: float
    number: int


@dataclass(frozen=True)
class EncounterPart:
    """A part of encounter ``encounter``, after a reset of its second qubit if ``fresh``.

    ``done`` is the share that came before, ``share`` the share up to the end of this part; an
    encounter is in several parts where samples are taken inside it.
    """

    encounter: int
    first: int
    second: int
    fresh: bool
    done: float
    share: float


@dataclass(frozen=True)
class SampleMark:
    """A sample is taken here."""

    sample: int


#: What happens in a circuit.
Event = FreeStreaming | EncounterPart | SampleMark


class _UnderWay(NamedTuple):
    """An encounter that is under way at a sample."""

    encounter: int
    first: int
    second: int
    start: float
    length: float
    share: float
    sample: int


def timeline(
    schedule: EncounterSchedule,
    times: ArrayLike | SampleTimes | None,
    cut: Container[int] | None = None,
) -> list[Event]:
    """All events in an order for a circuit, layer by layer.

    A neutrino streams right before its next encounter, and up to a sample. An encounter that is
    under way at a sample is cut there; without free streaming encounters are whole and no neutrino
    streams. Pauses of the size of rounding are left out.

    Args:
        schedule: the encounters.
        times: sample times; default: the beginning and the end.
        cut: numbers of the samples at which encounters are cut; default: all. At the others they
            are whole, and the circuit is not the state there.

    Raises:
        QnuError: times outside the schedule; a partner that is replaced on its qubit, by a fresh
            one, while the rest of its encounter is still to come.
    """
    samples = schedule.samples(times)
    sample_times, counts = samples.times, schedule.counts(samples)
    # starts that were summed up in another order than durations differ by rounding
    tolerance = max(schedule.tolerance, 1e-12 * float(np.max(schedule.duration, initial=0.0)))
    clock: Any = np.zeros(schedule.neutrinos).tolist()
    on_qubit = [-1] * schedule.neutrinos  # by neutrino: its last encounter
    events: list[Event] = []
    streams = 0

    def stream(neutrino: int, stop: float) -> None:
        nonlocal streams
        if schedule.free_streaming and stop - clock[neutrino] > tolerance:
            events.append(FreeStreaming(neutrino, clock[neutrino], stop, streams))
            streams += 1
            clock[neutrino] = stop

    layer = schedule.layer_numbers() if len(schedule) else np.zeros(0, np.int64)
    under_way: list[_UnderWay] = []
    done = 0
    for sample, count in enumerate(counts.tolist()):
        time = float(sample_times[sample])
        until = _next_cut(sample_times, sample, cut)
        before, under_way = under_way, []
        for one in before:
            k, i, j, start, length, part, at = one
            share = _share(schedule, np.array([start]), np.array([length]), until)[0]
            if share == part:
                under_way.append(one)
                continue
            if on_qubit[i] != k or on_qubit[j] != k:
                raise _replaced(j if on_qubit[j] != k else i, at, sample_times)
            events.append(EncounterPart(k, i, j, False, part, share))
            clock[i] = clock[j] = start + length if share == 1.0 else until
            if share < 1.0:
                under_way.append(_UnderWay(k, i, j, start, length, share, sample))
        some = done + np.argsort(layer[done:count], kind="stable")
        for k, i, j, start, length, fresh, share in _rows(schedule, some, until):
            stream(i, start)
            if fresh:
                clock[j] = start
            else:
                stream(j, start)
            events.append(EncounterPart(k, i, j, fresh, 0.0, share))
            clock[i] = clock[j] = start + length if share == 1.0 else max(start, until)
            on_qubit[i] = on_qubit[j] = k
            if share < 1.0:
                under_way.append(_UnderWay(k, i, j, start, length, share, sample))
        for neutrino in range(schedule.neutrinos):
            stream(neutrino, time)
        events.append(SampleMark(sample))
        done = count
    return events


def _next_cut(times: Floats, sample: int, cut: Container[int] | None) -> float:
    """The time up to which encounters take place before a sample."""
    for later in range(sample, len(times)):
        if cut is None or later in cut:
            return float(times[later])
    return np.inf


def _rows(schedule: EncounterSchedule, some: NDArray[Any], time: float) -> Any:
    """Plain numbers of some encounters: number, first, second, start, length, fresh, share."""
    start: Floats = schedule.start[some]
    length: Floats = schedule.duration[some]
    fresh = np.zeros(len(some), bool) if schedule.fresh is None else schedule.fresh[some]
    columns = (
        some,
        schedule.first[some],
        schedule.second[some],
        start,
        length,
        fresh,
        _share(schedule, start, length, time),
    )
    return zip(*(column.tolist() for column in columns), strict=True)


def _share(schedule: EncounterSchedule, start: Floats, length: Floats, time: float) -> Floats:
    """The share of encounters begun that is over at ``time``: 1 where they have ended."""
    share = np.ones(len(start))
    if schedule.free_streaming:
        inside = parts.under_way(start, length, time, schedule.tolerance)
        share[inside] = parts.share_done(start[inside], length[inside], time)
    return share


def _replaced(neutrino: int, sample: int, sample_times: Floats) -> QnuError:
    return QnuError(
        f"times[{sample}]",
        float(sample_times[sample]),
        f"times outside the encounters of neutrino {neutrino}, whose qubit is reset for another"
        " copy while they last; or this as the last time; or independent, which is exact here",
    )
