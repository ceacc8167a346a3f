"""Keys of experiment files: what may stand there, as types that check themselves.

The description of every key is what an error message says is allowed, ``meaning`` is what tables of
keys in the documentation add.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from . import profiles
from .common.checks import name_text, number, whole
from .common.input_files import InputFiles
from .errors import QnuError
from .group import LONGEST_NAME
from .profile_keys import PROFILE as PROFILE
from .profile_keys import profile_of
from .units import Units
from .units.reading import ENERGY, FREQUENCY, converted, is_text_or_quantity

NUMBER = "a finite number"
POSITIVE = "a finite number > 0"
WITH_UNIT = "or a text with a unit, such as '3 km'"
POSITIVE_TIME = f"a finite number > 0 (of 1/mu), {WITH_UNIT}"
COUNT = "a whole number >= 1 and < 2^63"
PROBABILITY = "a finite number >= 0 and <= 1"

#: A label, which names files.
LABEL = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
#: The largest seed: what a result file can record.
MAX_SEED = 2**63 - 1


class Table(BaseModel):
    """What all tables share: no unknown keys, no conversions, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


@dataclass(frozen=True)
class FileContext:
    """What a key may need that does not stand in its table.

    Args:
        files: what the experiment file may read.
        units: what its [units] say.
    """

    files: InputFiles = field(default_factory=InputFiles)
    units: Units = field(default_factory=Units)


def context_of(info: ValidationInfo) -> FileContext:
    """What surrounds the table that is being checked."""
    return info.context if isinstance(info.context, FileContext) else FileContext()


def key(
    allowed: str,
    default: Any = ...,
    meaning: str = "",
    unset: str = "",
    *,
    later: bool = False,
    **constraints: Any,
) -> Any:
    """A key of a table.

    Args:
        allowed: what may stand there, for messages.
        default: where the key is missing; none: it has to be there.
        meaning: what the key is for, where its name does not say it.
        unset: what a default of None stands for.
        later: files of earlier versions did not have the key: a file that leaves it at its default
            keeps the hash it had.
        constraints: of :func:`pydantic.Field`, such as ``gt=0``.

    Examples:
        >>> class Wave(Table):
        ...     number: int = key("a whole number >= 1", 3, ge=1)
        >>> Wave().number
        3
    """
    extra: dict[str, Any] = {"meaning": meaning, "unset": unset, "later": later}
    return Field(default, description=allowed, json_schema_extra=extra, **constraints)


def plain_number(field: str, value: Any, allowed: str) -> float:
    """A number of the file, neither true nor a text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QnuError(field, value, allowed)
    return number(field, value)


def _profile(value: Any, info: ValidationInfo) -> Any:
    """What :mod:`qnu.profiles` offers, and texts with units."""
    context = context_of(info)
    return profile_of(str(info.field_name), value, context.units, context.files.read)


def _time(value: Any, info: ValidationInfo) -> Any:
    """A text with a unit as a number of 1/mu; all else as it is."""
    if not is_text_or_quantity(value):
        return value
    return context_of(info).units.time(value, str(info.field_name))


def _times(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, list):
        return _time(value, info)
    units, name = context_of(info).units, info.field_name
    return [
        units.time(item, f"{name}[{k}]") if is_text_or_quantity(item) else item
        for k, item in enumerate(value)
    ]


def _time_or_list(value: Any, info: ValidationInfo) -> Any:
    return _number_or_list(_times(value, info), info)


def frequency_or_list(value: Any, info: ValidationInfo) -> Any:
    """Numbers in units of mu, or texts such as ``"0.5 km^-1"``."""
    units, name = context_of(info).units, str(info.field_name)

    def one(field: str, item: Any) -> Any:
        if not is_text_or_quantity(item):
            return item
        converted(field, item, FREQUENCY)  # no density
        return units.coupling(item, field=field)

    if isinstance(value, list):
        value = [one(f"{name}[{k}]", item) for k, item in enumerate(value)]
    return _number_or_list(one(name, value), info)


def _energies(value: Any, info: ValidationInfo) -> Any:
    """Texts such as ``"15 MeV"``, as MeV."""
    name = str(info.field_name)
    if isinstance(value, list):
        return [_energy(f"{name}[{k}]", item) for k, item in enumerate(value)]
    return None if value is None else _energy(name, value)


def _energy(field: str, value: Any) -> float:
    if not is_text_or_quantity(value):
        raise QnuError(field, value, ENERGY.allowed)
    energy = converted(field, value, ENERGY)
    if energy <= 0:
        raise QnuError(field, value, f"{ENERGY.allowed}, > 0")
    return energy


def _number_or_list(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, list):
        return [number(f"{field}[{k}]", item) for k, item in enumerate(value)]
    return profiles.checked(field, plain_number(field, value, "a number or a list of numbers"))


def _name(value: str, info: ValidationInfo) -> str:
    return name_text(str(info.field_name), value, LONGEST_NAME)


#: A number, or a text that begins with one and has a unit.
_ONE = {"type": ["number", "string"], "pattern": "^ *[-+]?[.0-9].*[A-Za-z]"}
_LIST = {"type": "array", "items": _ONE}
ONE_OR_LIST = {"anyOf": [_ONE, _LIST]}
#: Of a profile, for editors: more than that only the reader can tell.
_PROFILE_TABLE = {
    "type": "object",
    "properties": {
        "times": _LIST,
        "values": _LIST,
        "start": _ONE,
        "value": _ONE,
        "at": _ONE,
        "scale": _ONE,
        "power": {"type": "number"},
        "radius": _ONE,
        "Ye": {"type": "number"},
        "file": {"type": "string"},
    },
    "minProperties": 1,
    "additionalProperties": False,
}
Profile = Annotated[
    Any,
    BeforeValidator(_profile),
    PlainSerializer(lambda p: p if p is None else profiles.as_json("profile", p)),
    WithJsonSchema({"anyOf": [_ONE, _PROFILE_TABLE]}),
]
NumberOrList = Annotated[Any, BeforeValidator(_number_or_list)]
#: A time in 1/mu, or a text such as ``"3 km"`` or ``"10 us"``; a number once it is checked.
Time = Annotated[float, BeforeValidator(_time), WithJsonSchema(_ONE)]
PositiveTime = Annotated[
    float,
    BeforeValidator(_time),
    Field(gt=0),
    WithJsonSchema({**_ONE, "exclusiveMinimum": 0}),  # of a number
]
Times = Annotated[
    list[float],
    BeforeValidator(_times),
    WithJsonSchema({"type": "array", "items": _ONE}),
]
TimeOrList = Annotated[Any, BeforeValidator(_time_or_list), WithJsonSchema(ONE_OR_LIST)]
Energies = Annotated[
    Any,
    BeforeValidator(_energies),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Name = Annotated[str, AfterValidator(_name)]
#: A whole number, also where a float holds it (``60.0``, ``1e5``).
WHOLE = BeforeValidator(lambda value: value if (count := whole(value)) is None else count)
Whole = Annotated[int, WHOLE]
Count = Annotated[Whole, Field(ge=1, lt=2**63)]
Positive = Annotated[float, Field(gt=0)]
Probability = Annotated[float, Field(ge=0, le=1)]
Label = Annotated[str, Field(pattern=LABEL)]


class Samples(Table):
    """Sample times: equally spaced from 0 to the end, or given one by one."""

    samples: Whole | None = key(
        "a whole number from 2 to 1000000",
        None,
        "that many equally spaced times from 0 to the end",
        ge=2,
        le=1_000_000,
    )
    times: Times | None = key(
        "a list of times that never decrease (numbers, or texts such as '3 km')",
        None,
        "instead of `samples`; equal times give equal samples",
        min_length=1,
    )
