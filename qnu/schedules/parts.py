"""Encounters that are under way at a sample: the part before it, and the rest after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.checks import Floats
from .rows import Encounters
from .samples import SampleTimes
from .schedule import EncounterSchedule

#: An encounter of which less than this share is left has ended.
SHARE_TOLERANCE = 1e-9


class Part(NamedTuple):
    """Encounters to apply, the sample to take after them (or None), how many of them are new."""

    run: Encounters
    sample: int | None
    new: int


def under_way(start: Any, duration: Any, time: Any, tolerance: float) -> NDArray[np.bool_]:
    """Whether an encounter that has begun at ``time`` has not ended yet."""
    result: NDArray[np.bool_] = start + duration > time + np.maximum(
        tolerance, SHARE_TOLERANCE * duration
    )
    return result


def share_done(start: Any, duration: Any, time: Any) -> Floats:
    """``f = (t - start) / duration``, from 0 to 1."""
    result: Floats = np.clip((time - start) / duration, 0.0, 1.0)
    return result


def parts(
    schedule: EncounterSchedule, times: ArrayLike | SampleTimes | None, size: int
) -> Iterator[Part]:
    """As :meth:`EncounterSchedule.segments`, with the encounters under way at a sample cut in two.

    The generator of an encounter is constant in vacuum, so ``exp(-i [theta SWAP + ...])`` is the
    product of two such gates with ``f theta, f duration`` and ``(1 - f) theta, (1 - f) duration``.
    The first row stays where it was, the second comes right after the sample; it may be cut again
    by the next one. Without free streaming every row is whole.

    This is for states that keep the correlation of the two partners. The independent model drops it
    at the end of an encounter, so there a cut would change later results.

    Args:
        schedule: any; a fresh partner stays what it is in the rest of its encounter.
        times: sample times; default: the beginning and the end.
        size: new encounters at a time, at most.

    Returns:
        an iterator over :class:`Part`.

    Raises:
        QnuError: times outside the schedule, or that decrease.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> s = EncounterSchedule([0], [1], [0.4], [0.0], 10.0, neutrinos=2)
        >>> for part in parts(s, [0.0, 2.5, 10.0], 100):
        ...     print(part.sample, part.run.swap_angle.round(12), part.run.duration)
        0 [] []
        None [0.1] [2.5]
        1 [] []
        2 [0.3] [7.5]
    """
    samples = schedule.samples(times)
    rest: list[Encounters] = []
    number, sampled = 0, False
    for run, sample in schedule.segments(samples, size):
        new = len(run.first)
        if schedule.free_streaming and number < len(samples):
            if sampled and rest:
                run, rest = _joined([*rest, run]), []
            run, later = _cut(run, float(samples.times[number]), schedule.tolerance)
            rest += later
        yield Part(run, sample, new)
        sampled = sample is not None
        number += sampled


def _cut(run: Encounters, time: float, tolerance: float) -> tuple[Encounters, list[Encounters]]:
    """Everything up to ``time``, and what is left of encounters that last longer."""
    if len(run.first) == 0 or run.start[-1] + run.duration.max() <= time:
        return run, []
    first, second, angle, start, duration, fresh = run
    open_ = under_way(start, duration, time, tolerance)
    if not open_.any():
        return run, []
    share = np.ones(len(first))
    share[open_] = share_done(start[open_], duration[open_], time)
    before = Encounters(first, second, share * angle, start, share * duration, fresh)
    left = 1.0 - share[open_]
    after = Encounters(
        first[open_],
        second[open_],
        left * angle[open_],
        np.maximum(start[open_], time),
        left * duration[open_],
        None,
    )
    return before, [after]


def _joined(runs: list[Encounters]) -> Encounters:
    first, second, angle, start, duration = (
        np.concatenate([run[k] for run in runs]) for k in range(5)
    )
    fresh = None
    if any(run.fresh is not None for run in runs):
        new = [np.zeros(len(run.first), bool) if run.fresh is None else run.fresh for run in runs]
        fresh = np.concatenate(new)
    return Encounters(first, second, angle, start, duration, fresh)
