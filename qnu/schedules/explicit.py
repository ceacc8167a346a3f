"""Encounters that are listed one by one: in the experiment file, or in a table of another file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from ..errors import MISSING, QnuError, QnuWarning, Words
from ..gas import NeutrinoGas
from ..keys import (
    POSITIVE,
    PROBABILITY,
    WHOLE,
    Positive,
    Probability,
    Time,
    TimeOrList,
    Times,
    Whole,
    context_of,
    key,
)
from ._columns import COLUMNS, NEEDED, Columns, in_file, renamed
from ._from_table import scheduled
from .kinds import ScheduleKind
from .schedule import EncounterSchedule


@dataclass(frozen=True)
class TableFile:
    """A file that was read.

    Args:
        path: as it is written in the experiment file.
        content: of the file.
    """

    path: str
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Without its folder."""
        return Path(self.path.replace("\\", "/")).name

    @property
    def digest(self) -> str:
        """The SHA-256 of its content, which stands for it in the hash of the experiment."""
        return _sha256(self.content)


@lru_cache(maxsize=8)  # the points of a sweep share their files
def _sha256(content: bytes) -> str:
    return sha256(content).hexdigest()


def _read(value: Any, info: ValidationInfo) -> Any:
    if value is None or isinstance(value, TableFile):
        return value
    name = str(info.field_name)
    return TableFile(value, context_of(info).files.read(name, value))


def _listed_or_file(value: Any, info: ValidationInfo) -> Any:
    """A column stands in the list or in the file."""
    name = str(info.field_name)
    if "file" not in info.data:  # it is wrong itself
        return value
    file: TableFile | None = info.data["file"]
    if file is None:
        if value is None and name in NEEDED:
            allowed = str(ExplicitKind.model_fields[name].description)
            raise QnuError(name, MISSING, f"{allowed}; or `file` with this column")
        return value
    if isinstance(value, list):
        raise QnuError(name, Words(f"a list, and file = {file.path!r}"), "one of the two")
    return value


def _renamed(value: Any, info: ValidationInfo) -> Any:
    if value is not None:
        renamed(value)
        if info.data.get("file", value) is None:
            raise QnuError("columns", value, "nothing where there is no `file`")
    return value


_Column = BeforeValidator(_listed_or_file)
_File = Annotated[
    Any,
    BeforeValidator(_read),
    PlainSerializer(lambda file: file and {"sha256": file.digest}),
    WithJsonSchema({"type": "string"}),
]


@contextmanager
def _inside(file: TableFile | None) -> Iterator[None]:
    """Errors about the content of a file begin with the key that names it."""
    try:
        yield
    except QnuError as error:
        if file is not None and (error.field or "").startswith(file.name):
            raise error.of(f"file: {error.field}") from None
        raise


def _columns(file: TableFile, columns: Any) -> Columns:
    with _inside(file):
        return in_file(file.content, file.name, *renamed(columns))


def explicit(gas: NeutrinoGas, **given: Any) -> EncounterSchedule:
    """The encounters of lists, or of a file, as the keys of :class:`ExplicitKind` say."""
    file, columns = given.pop("file", None), given.pop("columns", None)
    lists = {name: given.pop(name, None) for name in COLUMNS if name != "duration"}
    if file is None:
        held = {name: column for name, column in lists.items() if column is not None}
        table = Columns(held, {name: name for name in COLUMNS})
    else:
        table = _columns(file, columns)
    with _inside(file):
        schedule = scheduled(
            EncounterSchedule.of, table, **given, neutrinos=len(gas), kind="explicit"
        )
    if schedule.final_time == 0:
        raise QnuError("final_time", 0.0, "a time > 0 (nothing happens before it)")
    if file is not None and not given.get("numbered_from"):
        _warn_of_numbers_from_1(schedule, file)
    return schedule


def _warn_of_numbers_from_1(schedule: EncounterSchedule, file: TableFile) -> None:
    """Numbers from 1 are valid where the last neutrino meets nobody, and shift every pair."""
    parts = (chunk for chunk in schedule.chunks() if len(chunk.first))
    if min((min(c.first.min(), c.second.min()) for c in parts), default=0) == 1:
        advice = "numbered_from = 1 where the file counts from 1"
        text = f"{file.name}: neutrino 0 meets nobody; {advice}"
        warnings.warn(QnuWarning(text), stacklevel=2)


class ExplicitKind(ScheduleKind):
    """The encounters one by one, in order of time (:class:`qnu.EncounterSchedule`)."""

    kind: Literal["explicit"]
    file: _File = key(
        "the path of a CSV or .npz file with the columns first, second, swap_angle, start and, if"
        " there are such, duration and fresh",
        None,
        "instead of lists here; relative to this file",
        later=True,
    )
    first: Annotated[list[Whole] | None, _Column] = key(
        "a list of neutrino numbers, from 0", None, unset="needed", validate_default=True
    )
    second: Annotated[list[Whole] | None, _Column] = key(
        "a list of neutrino numbers, from 0", None, unset="needed", validate_default=True
    )
    swap_angle: Annotated[list[float] | None, _Column] = key(
        "a list of finite numbers", None, unset="needed", validate_default=True
    )
    start: Annotated[Times | None, _Column] = key(
        "a list of times that never decrease", None, unset="needed", validate_default=True
    )
    duration: Annotated[TimeOrList, AfterValidator(_listed_or_file)] = key(
        "a number >= 0, or a list of them", 0.0, "0: a kick"
    )
    final_time: Time | None = key(
        "a finite number >= 0", None, unset="end of the last encounter", ge=0
    )
    free_streaming: bool = key(
        "true or false",
        True,
        "`true`: vacuum acts whenever a neutrino is not in an encounter; `false`: `start` only"
        " orders encounters",
    )
    fresh: Annotated[list[bool] | None, _Column] = key(
        "a list of true and false", None, "true: the second neutrino is a new one"
    )
    gamma: Positive | None = key(POSITIVE, None, "only recorded, for kinetic and miscidynamics")
    probability: Probability | None = key(
        PROBABILITY, None, "only recorded, for kinetic and miscidynamics"
    )
    columns: Annotated[dict[str, str] | list[str] | None, BeforeValidator(_renamed)] = key(
        "{ first = NAME, ... } or a list with a name for every column",
        None,
        "of a `file` whose columns have other names, or no names",
        later=True,
    )
    numbered_from: Annotated[Literal[0, 1], WHOLE] = key(
        "0 or 1", 0, "the number of the first neutrino, in `first` and `second`", later=True
    )
    sort: bool = key(
        "true or false", False, "`true`: encounters are put in order of `start`", later=True
    )
    angle_factor: float = key(
        "a finite number", 1.0, "multiplies the column or list `swap_angle`", later=True
    )
    time_factor: Time = key(
        "a finite number > 0",
        1.0,
        'multiplies the columns or lists `start` and `duration`; with [units] `"1 km"`: they are'
        " in km",
        later=True,
        gt=0,
    )

    generate = staticmethod(explicit)
    directed: ClassVar[bool] = False

    def make(self, gas: NeutrinoGas, seed: np.random.SeedSequence) -> EncounterSchedule:
        """Nothing is drawn; a file that ``save()`` wrote also has the settings not given here."""
        del seed
        names = self.model_fields_set if self.file else set(self.arguments())
        return explicit(gas, **{k: v for k, v in self.arguments().items() if k in names})

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """As many as are listed."""
        del gas
        if self.first is not None:
            return float(len(self.first))
        return float(len(_columns(self.file, self.columns).values["first"]))
