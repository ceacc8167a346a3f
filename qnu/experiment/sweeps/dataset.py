"""The records of a sweep as one labelled dataset."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ...averages import mean_over_seeds
from ...common import memory
from ...common.checks import Floats
from ...observables import OF_COUPLINGS, OF_ONE
from ...schema import AXES
from .grid import Grid
from .records import Sheet

#: Means over a group; requested observables of one neutrino are as well.
_OF_GROUPS = {"length", "entropy", "neutrino_length", *OF_ONE, *OF_COUPLINGS}
_VECTORS = {"polarization", "polarization_error"}


@dataclass(frozen=True, eq=False)
class Frame:
    """What a sweep is about, whatever its records say.

    Args:
        grid: the points.
        hashes: of the points.
        methods: labels.
        random: those whose results depend on the seed.
        groups: names.
        seeds: of the histories.
        attributes: of the dataset.
    """

    grid: Grid
    hashes: Sequence[str]
    methods: Sequence[str]
    random: Sequence[str]
    groups: Sequence[str]
    seeds: range
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def numbers(self) -> dict[str, list[int]]:
        """The points of every hash: two points may be one experiment."""
        found: dict[str, list[int]] = {}
        for number, name in enumerate(self.hashes):
            found.setdefault(name, []).append(number)
        return found


def consolidated(frame: Frame, sheets: Iterable[Sheet]) -> xr.Dataset:
    """The dataset, in which only ``wall_time_s`` depends on how it was computed.

    Args:
        frame: what the sweep is about.
        sheets: in any order; what is in two of them is alike.

    Returns:
        raw values by seed, means and standard errors; NaN where nothing was computed.

    Raises:
        QnuError: more than the memory holds.
    """
    kept = sorted(sheets, key=lambda sheet: not sheet.failures)  # a later success replaces NaN
    table = _Table(frame, _longest(kept))
    for sheet in kept:
        table.add(sheet)
    return table.dataset()


def _longest(sheets: Iterable[Sheet]) -> int:
    """The largest number of samples."""
    lengths = [
        array.shape[1]
        for sheet in sheets
        for name, array in sheet.arrays.items()
        if name.endswith("/time")
    ]
    return max(lengths, default=1)


class _Table:
    """Arrays over all points, filled sheet by sheet."""

    def __init__(self, frame: Frame, samples: int) -> None:
        self.frame, self.samples = frame, samples
        self.points = len(frame.hashes)
        self.where = frame.numbers()
        self.histories: dict[str, NDArray[Any]] = {}
        over = (self.points, len(frame.methods))
        self.time = np.full((*over, samples), np.nan)
        self.wall: Floats = np.full(over, np.nan)
        self.shared = {
            "final_time": np.full(self.points, np.nan),
            "neutrinos": np.full(self.points, np.nan),
            "fresh": np.zeros(self.points),
            "encounters": np.full((self.points, len(frame.seeds)), np.nan),
            "largest_meetings": np.full(self.points, np.nan),
        }
        self.failures: dict[tuple[int, int, str], str] = {}
        self.done = np.zeros((self.points, len(frame.seeds)), bool)

    def _history(self, name: str) -> NDArray[Any]:
        if name not in self.histories:
            frame = self.frame
            over = (self.points, len(frame.methods), len(frame.seeds), self.samples)
            shape = over + self._tail(name)
            memory.require("sweep", f"{name} of {self.points} points", 3 * 8 * math.prod(shape))
            self.histories[name] = np.full(shape, np.nan)
        return self.histories[name]

    def _tail(self, name: str) -> tuple[int, ...]:
        if name in _VECTORS:
            return len(self.frame.groups), len(AXES)
        return (len(self.frame.groups),) if name in _OF_GROUPS else ()

    def add(self, sheet: Sheet) -> None:
        """The values of a sheet, for the points and seeds of this sweep."""
        frame = self.frame
        pairs = [(k, n) for k, name in enumerate(sheet.points) for n in self.where.get(name, ())]
        if not pairs:
            return
        rows, points = np.array(pairs).T
        seeds = [(k, frame.seeds.index(s)) for k, s in enumerate(sheet.seeds) if s in frame.seeds]
        own, columns = np.array(seeds, int).reshape(-1, 2).T
        self.done[np.ix_(points, columns)] = True
        for name, array in sheet.arrays.items():
            label, _, variable = name.rpartition("/")
            if name == "largest_meetings" and sheet.seeds[0] != frame.seeds[0]:
                continue  # it is told of the first history
            if name in ("final_time", "neutrinos", "fresh", "largest_meetings"):
                self.shared[name][points] = array[rows]
            elif name == "encounters":
                self.shared[name][np.ix_(points, columns)] = array[np.ix_(rows, own)]
            elif label in frame.methods:
                m = frame.methods.index(label)
                random = label in sheet.random
                self._add(m, variable, array[rows], points, own if random else None, columns)
        for k, failure in sheet.failures:
            if failure.seed in frame.seeds:
                for number in self.where.get(sheet.points[k], ()):
                    seed = frame.seeds.index(failure.seed)
                    self.failures[number, seed, failure.method] = failure.text

    def _add(self, m: int, variable: str, array: Any, points: Any, own: Any, columns: Any) -> None:
        if variable == "time":
            self.time[points, m, : array.shape[1]] = array
        elif variable == "wall_time_s":
            before = np.nan_to_num(self.wall[points, m])
            self.wall[points, m] = before + array
        else:
            samples = array.shape[2]
            whole = self._history(variable)[:, m]
            if own is None:  # the same for every seed
                place: Any = (points, slice(None), slice(samples))
                array = array[:, :1]
            else:
                place = np.ix_(points, columns, np.arange(samples))
                array = array[:, own]
            whole[place] = np.where(np.isnan(array), whole[place], array)

    def dataset(self) -> xr.Dataset:
        """Everything, with the swept keys as dimensions."""
        frame = self.frame
        keys = tuple(frame.grid.axes)
        data: dict[str, Any] = {}
        for name, array in self.histories.items():
            tail = ("group", "axis")[: len(self._tail(name))]
            dims = (*keys, "method", "seed", "time", *tail)
            data[name] = (dims, self._shaped(array))
            mean, error = self._over_seeds(array)
            short = (*keys, "method", "time", *tail)
            data[f"{name}_mean"] = (short, self._shaped(mean))
            data[f"{name}_standard_error"] = (short, self._shaped(error))
        data["sample_time"] = ((*keys, "method", "time"), self._shaped(self.time))
        data |= self._by_point(keys)
        data["wall_time_s"] = ((*keys, "method"), self._shaped(self.wall))
        data["random"] = (("method",), np.array([m in frame.random for m in frame.methods]))
        attributes = dict(frame.attributes) | {"failures": json.dumps(self._failures())}
        dataset = xr.Dataset(data, coords=self._coordinates(), attrs=attributes)
        for key, axis in frame.grid.axes.items():
            dataset[key].attrs["scale"] = axis.scale
            if axis.unit:
                dataset[key].attrs["units"] = axis.unit
        return dataset

    def _by_point(self, keys: tuple[str, ...]) -> dict[str, Any]:
        count, n = self.shared["neutrinos"], self.shared["encounters"]
        # where nothing depends on the seed, only the first one was computed
        encounters = n.mean(axis=1) if self.frame.random else n[:, 0]
        present = count + self.shared["fresh"] * encounters  # a fresh partner is a new neutrino
        pairs = np.maximum(present * (present - 1) / 2, 1)
        failed = np.zeros(self.points, bool)
        for number, _, _ in self._current_failures():
            failed[number] = True
        found = {
            "final_time": self.shared["final_time"],
            "encounters": encounters,
            "meetings_per_pair": encounters / pairs,
            "largest_meetings": self.shared["largest_meetings"],
            "failed": failed,
        }
        return {name: (keys, self._shaped(array)) for name, array in found.items()}

    def _shaped(self, array: Any) -> Any:
        return array.reshape((*self.frame.grid.shape, *array.shape[1:]))

    def _over_seeds(self, array: Floats) -> tuple[Floats, Floats]:
        """Mean and standard error; a method that does not depend on the seed has the error 0."""
        mean, error = mean_over_seeds(array, axis=2)
        if error is None:
            return mean, np.full_like(mean, np.nan)
        for m, label in enumerate(self.frame.methods):
            if label not in self.frame.random:  # without the rounding of a sum
                mean[:, m] = array[:, m, 0]
                error[:, m] = np.where(np.isnan(mean[:, m]), np.nan, 0.0)
        return mean, error

    def _current_failures(self) -> dict[tuple[int, int, str], str]:
        """Those that no later success has made good."""
        frame, known = self.frame, self.histories.get("polarization")
        left = {}
        for (number, seed, label), text in self.failures.items():
            labels = [label] if label else list(frame.methods)
            if known is None or any(
                label in frame.methods
                and np.isnan(known[number, frame.methods.index(label), seed, 0]).any()
                for label in labels
            ):
                left[number, seed, label] = text
        return left

    def _failures(self) -> list[dict[str, Any]]:
        """Of every point, seed and method in the order of the dataset."""
        found = []
        for (number, seed, label), text in sorted(self._current_failures().items()):
            point = self.frame.grid.values_at(number)
            found.append(
                {"point": point, "seed": self.frame.seeds[seed], "method": label, "error": text}
            )
        return found

    def _coordinates(self) -> dict[str, Any]:
        frame, grid = self.frame, self.frame.grid
        coords: dict[str, Any] = {
            key: (key, np.array(axis.coordinate)) for key, axis in grid.axes.items()
        }
        coords |= {key: ((), value) for key, value in grid.fixed.items() if _plain(value)}
        computed = dict.fromkeys(grid.computed)
        if computed:
            rows = [grid.values_at(number) for number in range(self.points)]
            for key in computed:
                dims = grid.dimensions_of(key)
                values = np.array([row[key] for row in rows]).reshape(grid.shape)
                index = tuple(slice(None) if axis in dims else 0 for axis in grid.axes)
                coords[key] = (dims, values[index])
        coords["method"] = ("method", list(frame.methods))
        coords["seed"] = ("seed", np.array(frame.seeds, np.int64))
        coords["group"] = ("group", list(frame.groups))
        coords["axis"] = ("axis", list(AXES))
        coords["time"] = ("time", self._times())
        return coords

    def _times(self) -> Any:
        """Sample times where all share them, else their numbers."""
        rows = self.time.reshape(-1, self.samples)
        rows = rows[~np.isnan(rows[:, 0])]
        if len(rows) and np.array_equal(rows, np.broadcast_to(rows[0], rows.shape)):
            return rows[0]
        return np.arange(self.samples)


def _plain(value: Any) -> bool:
    return isinstance(value, bool | int | float | str)
