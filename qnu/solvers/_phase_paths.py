"""Samples of classical spins through a schedule, and in plane waves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import piecewise, profiles
from ..common import memory
from ..common.checks import Floats
from ..common.progress import Progress, report
from ..engine import phase_plane_waves, stages, streaming
from ..engine.phase_space import ABOUT_B, ANYHOW, NOT_AT_ALL, apply
from ..flavor import flavor_direction
from ..schedules import Encounters, EncounterSchedule
from ..schedules.parts import parts
from ..schedules.samples import SampleTimes
from ._common import coupling_at, value_at
from ._phase_samples import Means, Tiles

#: Encounters, and stages of encounters, that are made at a time.
_AT_ONCE = 1 << 12
_MOST_STAGES = 1 << 16
_BYTES_PER_STAGE = 8 * 22
#: Steps of plane waves that are made at a time, and the angle that bounds them: what the longest
#: field that is likely turns a vector by.
_STEPS_AT_ONCE = 64
_STEP_ANGLE = 0.2


def through_encounters(
    schedule: EncounterSchedule,
    times: SampleTimes,
    some: Tiles,
    means: Means,
    progress: Progress = None,
) -> None:
    """Every sample of some tiles from t = 0 on, encounter by encounter."""
    walk = _Walk(schedule, some)
    expected, done = max(schedule.expected, 1.0), 0
    for run, sample, new in parts(schedule, times, _AT_ONCE):
        if len(run.first):
            walk.apply(run)
        done += new
        if sample is not None:
            means.take(some, sample, walk.turns(max(float(times.times[sample]), 0.0)), walk.how)
            if sample == len(times) - 1:
                break  # the encounters after the last sample are not needed
        report(progress, done / expected)
    report(progress, 1.0)


class _Walk:
    """Where every neutrino is on its way: clocks, turns that wait, and how many are new."""

    def __init__(self, schedule: EncounterSchedule, some: Tiles) -> None:
        self.schedule, self.some, gas = schedule, some, some.gas
        matter = schedule.matter
        end = schedule.final_time
        breaks, *parts, largest = streaming.compile_matter(matter, gas.mixing_angle, end)
        self.matter = (_own(breaks), *map(_own, parts), largest)
        self.corners = _own(profiles.breakpoints(matter, 0.0, end))
        self.omega = _own(gas.omega)
        self.pending = np.tile([1.0, 0.0, 0.0, 0.0], (len(gas), 1))
        self.clock, self.drawn = np.zeros(len(gas)), 0
        still = not schedule.free_streaming and schedule.source.duration == 0.0
        if still or (profiles.is_zero(matter) and not self.omega.any()):
            self.how = NOT_AT_ALL
        else:
            self.how = ABOUT_B if profiles.is_zero(matter) else ANYHOW

    def apply(self, run: Encounters) -> None:
        """A run of encounters, in parts of not too many stages."""
        numbers = (_own(run.first, np.int64), _own(run.second, np.int64))
        columns = (*numbers, _own(run.swap_angle), _own(run.start), _alike(run.duration))
        size = stages.count(columns, self.omega, self.matter[3], self.corners)
        if size > _MOST_STAGES and len(run.first) > 1:
            middle = len(run.first) // 2
            self.apply(run.part(0, middle))
            self.apply(run.part(middle, len(run.first)))
            return
        memory.require("schedule", f"{size} steps of an encounter", _BYTES_PER_STAGE * size)
        new = np.zeros(0, bool) if run.fresh is None else _alike(run.fresh)
        made = (
            np.empty(size, np.int64),
            np.empty(size, np.int64),
            np.empty(size),
            np.empty((size, 2, 9)),
            np.empty(size, np.int64),
        )
        given = (self.omega, self.matter, self.corners, self.schedule.free_streaming)
        self.drawn = stages.fill(columns, new, self.drawn, *given, self.pending, self.clock, made)
        some, how = self.some, self.how
        some.each(lambda k: apply(some.states[k], made, how, some.keys[k], some.frames))

    def turns(self, time: float) -> Floats:
        """``(N, 9)``: how every neutrino still turns up to a time."""
        out = np.empty((len(self.omega), 9))
        streams = self.schedule.free_streaming
        stages.turns_at(time, self.omega, self.matter, streams, self.pending, self.clock, out)
        return out


def _own(column: NDArray[Any], dtype: Any = float) -> NDArray[Any]:
    """A copy: of one type for the compiled loops, whatever the original was."""
    return np.array(column, dtype, order="C")


def _alike(column: NDArray[Any]) -> NDArray[Any]:
    """One number where all are one."""
    return _own(column[:1] if column.strides == (0,) else column, column.dtype)


class _Steps(NamedTuple):
    """Steps in time: lengths ``(n,)``; mu and matter at the beginning, middle and end."""

    length: Floats
    mu: Floats
    matter: Floats


def through_plane_waves(
    schedule: EncounterSchedule,
    times: SampleTimes,
    some: Tiles,
    means: Means,
    progress: Progress = None,
) -> None:
    """Every sample of some tiles in its own mean field, from t = 0 on."""
    gas = some.gas
    omega, direction = _own(gas.omega), _own(flavor_direction(gas.mixing_angle))
    velocity = _own(np.zeros((len(gas), 0)) if gas.velocity is None else gas.velocity)
    stay = np.empty((len(gas), 9))
    end, now = max(float(times.times[-1]), 0.0), 0.0
    plan = _Plan(schedule, some)
    for sample, time in enumerate(times.times.tolist()):
        for steps in plan.steps(now, max(time, now)):
            some.each(
                # mypy cannot infer a lambda with a default, which the loop needs
                lambda k, steps=steps: phase_plane_waves.steps(  # type: ignore[misc]
                    some.states[k], omega, velocity, direction, *steps
                )
            )
            now += float(steps.length.sum())
            report(progress, min(now / end, 1.0) if end > 0 else 1.0)
        now = max(time, now)
        means.take(some, sample, stay, NOT_AT_ALL)
    report(progress, 1.0)


class _Plan:
    """How long steps may be, and what mu and matter are in them."""

    def __init__(self, schedule: EncounterSchedule, some: Tiles) -> None:
        gas = some.gas
        self.mu, self.matter = schedule.mu, schedule.matter
        self.where = piecewise.stops(
            0.0, schedule.final_time, {"mu": self.mu, "matter": self.matter}
        )
        self.omega = float(abs(gas.omega).max())
        weight = 1.0
        if gas.velocity is not None:
            weight = float((1 - gas.velocity @ gas.velocity.mean(axis=0)).max())
        self.felt = 3**0.5 * weight
        self.constant = not callable(self.mu) and not callable(self.matter)

    def steps(self, begin: float, end: float) -> Iterator[_Steps]:
        """From one time to another, never over a breakpoint."""
        inner = self.where.at[(self.where.at > begin) & (self.where.at < end)]
        edges = [begin, *inner.tolist(), end]
        made: list[tuple[float, list[float], list[float]]] = []
        for a, b in pairwise(edges):
            if b <= a:
                continue
            now = a
            while now < b:
                h = self._length(now, a, b)
                last = now + h >= b - 1e-9 * h
                stop = b if last else now + h
                at = [self._inside(t, a, b) for t in (now, (now + stop) / 2, stop)]
                mu = [coupling_at(self.mu, t) for t in at]
                made.append((stop - now, mu, [value_at(self.matter, t, "matter") for t in at]))
                now = stop
                if len(made) == _STEPS_AT_ONCE:
                    yield _packed(made)
                    made = []
        if made:
            yield _packed(made)

    def _rate(self, t: float) -> float:
        """By how much a vector turns per time, at most where samples are like the mean."""
        matter = abs(value_at(self.matter, t, "matter"))
        return self.omega + matter + self.felt * coupling_at(self.mu, t)

    def _length(self, now: float, a: float, b: float) -> float:
        """From ``now`` on: the same for all steps up to b where nothing changes."""
        h = b - now
        if not self.constant:
            h = min(h, self.where.largest_step(now))
        h = min(h, _STEP_ANGLE / max(self._rate(self._inside(now, a, b)), 1e-300))
        if not self.constant:
            h = min(h, _STEP_ANGLE / max(self._rate(self._inside(now + h, a, b)), 1e-300))
        return (b - now) / float(np.ceil((b - now) / h - 1e-9))

    @staticmethod
    def _inside(t: float, a: float, b: float) -> float:
        """A time that is not a breakpoint, where a profile may jump."""
        margin = min(1e-12 * (b - a) + 8 * float(np.spacing(max(abs(a), abs(b)))), (b - a) / 4)
        return min(max(t, a + margin), b - margin)


def _packed(made: list[tuple[float, list[float], list[float]]]) -> _Steps:
    length, mu, matter = zip(*made, strict=True)
    return _Steps(np.array(length), np.array(mu), np.array(matter))
