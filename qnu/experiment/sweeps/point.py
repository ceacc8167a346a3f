"""One point of a sweep: its experiment, its hash, and its histories as plain arrays."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import averages
from ...catalogue import hardware_text
from ...checkpoint import key_of
from ...common.checks import Floats
from ...common.input_files import InputFiles
from ...errors import QnuError, printable
from ...methods import History
from ...schedules import EncounterSchedule, meetings
from ...trajectory import Trajectory
from ..loading import Experiment, built
from ..methods import Method
from ..read import validated
from ..spec import Spec

#: Raised when arrays of the same experiment change: records of before are computed again.
RESULTS = 1
#: Meetings of pairs are counted in schedules of so many encounters, at most.
MOST_COUNTED = 4_000_000
#: Keys that decide no number of a point.
_BESIDE = {"name", "description", "seed", "seeds", "sweep", "plot"}

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Failure:
    """What did not end.

    Args:
        seed: of the history.
        method: its label; "" where the gas, the schedule or a method could not be made.
        text: the error, in one line.
    """

    seed: int
    method: str
    text: str


@dataclass(frozen=True, eq=False)
class Block:
    """Some histories of one point.

    Args:
        point: the hash of the point.
        seeds: of the histories.
        fixed: whether methods that do not depend on the seed are in it.
        random: labels of methods that depend on it.
        arrays: ``LABEL/VARIABLE`` with the shape ``(seeds, times, groups, ...)`` (``(1, ...)`` for
            methods that do not depend on the seed), ``LABEL/time (times,)``, and what belongs to
            the schedule.
        failures: histories that have NaN in ``arrays``, or nothing.
    """

    point: str
    seeds: tuple[int, ...]
    fixed: bool
    random: tuple[str, ...]
    arrays: Arrays
    failures: tuple[Failure, ...] = ()


def checked(data: Mapping[str, Any], values: Mapping[str, Any], files: InputFiles) -> Spec:
    """The specification of a point; errors say which point it is.

    Args:
        data: tables of the experiment file, with the values of the point.
        values: what the point sets, for the message.
        files: what the experiment file may read.

    Raises:
        QnuError: as of a file.
    """
    try:
        return validated(data, files=files)
    except QnuError as error:
        raise at_point(error, values) from None


def at_point(error: QnuError, values: Mapping[str, Any]) -> QnuError:
    """The error with the point it belongs to."""
    return error.noted(f" (point {described(values)})" if values else "")


def described(values: Mapping[str, Any]) -> str:
    """``schedule.gamma = 0.01, group.1.omega = 0.2``."""
    return ", ".join(
        f"{key} = {f'{value:g}' if isinstance(value, float) else value}"
        for key, value in values.items()
    )


def fingerprint(spec: Spec) -> str:
    """The hash of all that decides the numbers of a point, but its seeds."""
    content = spec.content(exclude=_BESIDE)
    for drawn in ("individuals", "histories"):
        content["output"].pop(drawn, None)
    names = [getattr(method, "hardware", None) for method in spec.method]
    machines = [_machine(name) for name in names if name]
    return key_of("sweep", RESULTS, json.dumps(content, sort_keys=True), *machines)


@cache
def _machine(name: str) -> str:
    return hardware_text(name)


def run(spec: Spec, point: str, seeds: Sequence[int], fixed: bool) -> Block:
    """The histories of some seeds.

    Args:
        spec: of the point.
        point: its hash.
        seeds: of the histories; at least one.
        fixed: True: also the methods that do not depend on the seed (with the first seed).

    Returns:
        their arrays; methods that fail are in ``failures``, with the reason.
    """
    try:
        made = _Made.of(spec, seeds)
        arrays = made.numbers(fixed)
    except Exception as error:  # whatever it is, the other points of the sweep must go on
        text = in_one_line(error)
        failures = [Failure(seed, "", text) for seed in seeds]
        return Block(point, tuple(seeds), fixed, (), {}, tuple(failures))
    failures = list[Failure]()
    earlier: list[dict[str, Trajectory]] = [{} for _ in seeds]
    for number, method in enumerate(made.first.methods):
        if not method.random and not (fixed or _is_needed(made.first, method.label)):
            continue
        started = time.perf_counter()
        runs = made.run(number, earlier if method.random else earlier[:1], failures)
        wall = time.perf_counter() - started
        ended = [run for run in runs if run is not None]
        for k in range(len(seeds)):
            result = runs[k if method.random else 0]
            if result is not None:
                earlier[k][method.label] = result
        if ended and (method.random or fixed):
            tables = [None if run is None else reduced(run) for run in runs]
            named = {f"{method.label}/{name}": a for name, a in stacked(tables).items()}
            arrays |= named | {f"{method.label}/wall_time_s": np.array(wall)}
            arrays[f"{method.label}/time"] = np.asarray(ended[0].times)
    return Block(point, tuple(seeds), fixed, made.first.random, arrays, tuple(failures))


def in_one_line(error: Exception) -> str:
    """Of an error of qnu its message, of others also their kind."""
    text = str(error) if isinstance(error, QnuError) else f"{type(error).__name__}: {error}"
    return printable(" ".join(text.split()))[:_LONGEST_TEXT]


_LONGEST_TEXT = 500


def _is_needed(experiment: Experiment, label: str) -> bool:
    """Whether a random method starts from the one of this label."""
    return any(m.random and m.start is not None and m.start[0] == label for m in experiment.methods)


@dataclass(frozen=True, eq=False)
class _Made:
    """The experiments of some seeds, made once for all methods."""

    experiments: tuple[Experiment, ...]
    seeds: tuple[int, ...]

    @classmethod
    def of(cls, spec: Spec, seeds: Sequence[int]) -> _Made:
        first = built(spec.model_copy(update={"seed": seeds[0], "seeds": 1}))
        others = seeds[1:] if first.random else ()
        more = [built(spec.model_copy(update={"seed": seed, "seeds": 1})) for seed in others]
        return cls((first, *more), tuple(seeds))

    @property
    def first(self) -> Experiment:
        return self.experiments[0]

    def numbers(self, first: bool) -> Arrays:
        """What belongs to the schedule; ``first``: also what is told of the first history only."""
        schedules = [experiment.schedule for experiment in self.experiments]
        kind = schedules[0].kind
        followed = any(method.table.takes_encounters(kind) for method in self.first.methods)
        sizes = [_encounters(schedule, followed) for schedule in schedules]
        numbers: Arrays = {
            "final_time": np.array(schedules[0].final_time, float),
            "neutrinos": np.array(len(self.first.gas)),
            "encounters": np.broadcast_to(np.array(sizes), (len(self.seeds),)),
            "fresh": np.array(float(schedules[0].source.fresh)),
        }
        if first:
            largest = np.nan
            if followed and sizes[0] <= MOST_COUNTED:
                largest = meetings(schedules[0]).largest
            numbers["largest_meetings"] = np.array(largest, float)
        return numbers

    def run(
        self, number: int, earlier: Sequence[Mapping[str, Trajectory]], failures: list[Failure]
    ) -> list[Trajectory | None]:
        """A method of every history: together, and after an error one by one."""
        count = len(earlier)
        method = self.first.methods[number]
        results: list[Trajectory | None] = []
        if count > 1:
            try:
                results += method.run_histories(self._histories(number, earlier))
            except Exception:  # which history it was is found below
                del results[count:]
        for k in range(len(results), count):
            one = self.experiments[k]
            try:
                own = one.methods[number]
                results.append(own.run(one.gas, one.schedule, earlier[k]))
            except Exception as error:  # whatever it is, the other points of the sweep must go on
                failures.append(Failure(self.seeds[k], method.label, _text(error, method)))
                results.append(None)
        return results

    def _histories(
        self, number: int, earlier: Sequence[Mapping[str, Trajectory]]
    ) -> Iterator[History]:
        for one, before in zip(self.experiments, earlier, strict=True):
            yield History(one.gas, one.schedule, one.methods[number].prepared, before)


def _encounters(schedule: EncounterSchedule, followed: bool) -> float:
    """How many; the mean number where no method follows them, so that none is drawn."""
    mean = schedule.source.expected
    return float(len(schedule)) if followed or mean is None else mean


def _text(error: Exception, method: Method) -> str:
    if isinstance(error, QnuError) and error.field not in (None, method.kind):
        error = error.of(f"method.{method.label}.{error.field}")
    return in_one_line(error)


def reduced(run: Trajectory) -> Arrays:
    """Means over groups of one history: ``(times, groups, ...)`` by the name of the variable.

    Args:
        run: one history of a method; with space its mean over cells is taken.

    Returns:
        ``polarization``, ``length``, ``neutrino_length`` and ``entropy`` (where there are such),
        ``polarization_error`` (where shots were taken), and the requested observables.
    """
    run = run.box_mean()
    mean = run.group_mean()
    arrays = {"polarization": mean, "length": run.group_length()}
    if averages.has_entropy(run):  # else rows are group means, which dephasing shortens as well
        arrays["neutrino_length"] = averages.estimate(run, "neutrino_length").mean
        arrays["entropy"] = averages.estimate(run, "entropy").mean
    error = run.group_error()
    if error is not None:
        arrays["polarization_error"] = error
    names = run.group_names
    for curve in averages.requested_curves(run):
        if not curve.group:
            arrays[curve.observable] = np.asarray(curve.values)
        elif curve.observable != "entropy":
            table = arrays.setdefault(
                curve.observable, np.full((len(curve.times), len(names)), np.nan)
            )
            table[:, names.index(curve.part)] = curve.values
    return arrays


def stacked(tables: Sequence[Arrays | None]) -> Arrays:
    """Arrays of several histories, with their number first; NaN for those that failed."""
    known = [table for table in tables if table is not None]
    result: Arrays = {}
    for name, array in known[0].items():
        whole: Floats = np.full((len(tables), *array.shape), np.nan)
        for k, table in enumerate(tables):
            if table is not None:
                whole[k] = table[name]
        result[name] = whole
    return result
