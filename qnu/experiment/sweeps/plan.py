"""What a sweep is about: the points of its grid, checked before anything runs."""

from __future__ import annotations

import json
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...common import memory
from ...common.checks import integer
from ...common.input_files import InputFiles
from ...common.versions import installed_versions
from ...errors import QnuError, QnuWarning
from ...keys import MAX_SEED
from ..loading import Experiment, built
from ..read import validated
from ..spec import MOST_SEEDS, Spec
from . import grid as grids
from . import point as points
from .dataset import Frame
from .grid import Grid
from .keys import Keys, with_values

#: Points of which gas, schedule and methods are made before the sweep starts; those of the others
#: when they run.
CHECKED = 200


@dataclass(frozen=True, eq=False)
class Plan:
    """A checked sweep.

    Args:
        experiment: of the file.
        data: its tables.
        frame: grid, hashes, methods, groups and seeds.
        inputs: contents of the files that its points name, by the path as it is written.
    """

    experiment: Experiment
    data: Mapping[str, Any]
    frame: Frame
    inputs: Mapping[str, bytes]

    @property
    def grid(self) -> Grid:
        """The points."""
        return self.frame.grid

    def changes(self, number: int) -> tuple[tuple[Any, Any], ...]:
        """What a point sets, by place in the tables."""
        return tuple(self.grid.changes(self.grid.values_at(number)).items())


def make(
    experiment: Experiment,
    values: Mapping[str, Any] | None = None,
    seed: int | None = None,
    seeds: int | None = None,
    share: int | None = None,
) -> Plan:
    """The plan of a sweep.

    Args:
        experiment: where it starts from.
        values: what every key takes; they replace or add to those of the ``[sweep]`` table.
        seed: the first seed, instead of the one in the file.
        seeds: how many, instead of the number in the file.
        share: bytes of memory that one worker may use.

    Raises:
        QnuError: an unknown key, a value that no file may have, a point that does not fit.

    Examples:
        >>> import qnu
        >>> plan = make(qnu.experiment.load("two_groups_10"), {"schedule.gamma": [0.1, 0.2]})
        >>> len(plan.grid), plan.frame.seeds, plan.frame.groups
        (2, range(1, 2), ('1', '2'))
    """
    data, files = _plain(experiment), _files(experiment)
    spec = experiment.spec
    first = integer("seed", spec.seed if seed is None else seed, high=MAX_SEED)
    count = integer("seeds", spec.seeds if seeds is None else seeds, low=1, high=MOST_SEEDS)
    if first + count - 1 > MAX_SEED:
        raise QnuError("seeds", f"{count} from {first} on", "so few that the last is < 2^63")
    given = {**spec.sweep, **(values or {})}
    if not all(isinstance(key, str) for key in given):
        raise QnuError("sweep", list(given), "keys as text, such as 'schedule.gamma'")
    grid = grids.make(given, Keys(data, spec))
    hashes = []
    for number in range(len(grid)):
        sets = grid.values_at(number)
        hashes.append(points.fingerprint(points.checked(_with(data, grid, sets), sets, files)))
    random = _check(data, files, grid, first, share)
    frame = Frame(
        grid,
        hashes,
        [method.label for method in experiment.methods],
        [method.label for method in experiment.methods if method.label in random],
        experiment.gas.group_names,
        range(first, first + count),
        _attributes(experiment, given, first, count),
    )
    return Plan(experiment, data, frame, files.used)


def _plain(experiment: Experiment) -> dict[str, Any]:
    """The tables of the file without what belongs to the whole sweep."""
    data = tomllib.loads(experiment.text)
    return {key: value for key, value in data.items() if key not in ("sweep", "plot")}


def _files(experiment: Experiment) -> InputFiles:
    """Those of the experiment, and others of its folder that points may name."""
    folder = Path(experiment.source).parent
    return InputFiles(folder, experiment.inputs)


def _with(data: Mapping[str, Any], grid: Grid, sets: Mapping[str, Any]) -> dict[str, Any]:
    return with_values(data, grid.changes(sets))


def specification(
    data: Mapping[str, Any], changes: Mapping[Any, Any], inputs: Mapping[str, bytes]
) -> Spec:
    """The specification of a point that was checked before."""
    return validated(with_values(data, changes), files=InputFiles(kept=inputs))


def _check(
    data: Mapping[str, Any],
    files: InputFiles,
    grid: Grid,
    seed: int,
    share: int | None,
) -> set[str]:
    """Gas, schedule and methods of some points; the labels of methods that are random there."""
    random: set[str] = set()
    for number in grid.first_to_check(CHECKED):
        sets = grid.values_at(number)
        spec = points.checked(_with(data, grid, sets), sets, files)
        try:
            with memory.within(share), warnings.catch_warnings():
                warnings.simplefilter("ignore", QnuWarning)  # said when the point runs
                made = built(spec.model_copy(update={"seed": seed, "seeds": 1}))
        except QnuError as error:
            raise points.at_point(error, sets) from None
        random.update(made.random)
    return random


def _attributes(
    experiment: Experiment, given: Mapping[str, Any], first: int, count: int
) -> dict[str, Any]:
    return {
        "experiment": experiment.name,
        "spec": experiment.text,
        "spec_hash": experiment.spec_hash,
        "sweep": json.dumps(given, default=lambda value: getattr(value, "tolist", value.__str__)()),
        "first_seed": first,
        "seeds": count,
        "versions": json.dumps(dict(installed_versions())),
    }
