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
from .common.checks import name_text, number
from .common.input_files import InputFiles
from .errors import QnuError
from .group import LONGEST_NAME

NUMBER = "a finite number"
POSITIVE = "a finite number > 0"
PROFILE = "a number, { times = [...], values = [...] } or { start = ..., scale = ... }"
COUNT = "a whole number >= 1 and < 2^63"
PROBABILITY = "a finite number >= 0 and <= 1"

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
    """

    files: InputFiles = field(default_factory=InputFiles)


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
    """A number, a table of values or an exponential: what :mod:`qnu.profiles` offers."""
    field = str(info.field_name)
    if isinstance(value, profiles.Table | profiles.Exponential):
        return value
    if isinstance(value, dict):
        if set(value) not in ({"times", "values"}, {"start", "scale"}):
            raise QnuError(field, value, PROFILE)
        try:
            return profiles.from_json(value)
        except QnuError as error:
            raise error.of(f"{field}.{error.field}") from None
    return profiles.checked(field, plain_number(field, value, PROFILE))


def _number_or_list(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, list):
        return [number(f"{field}[{k}]", item) for k, item in enumerate(value)]
    return profiles.checked(field, plain_number(field, value, "a number or a list of numbers"))


def _name(value: str, info: ValidationInfo) -> str:
    return name_text(str(info.field_name), value, LONGEST_NAME)


#: Of a profile, for editors.
_NUMBERS = {"type": "array", "items": {"type": "number"}}
_PROFILE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "number"},
        {
            "type": "object",
            "properties": {"times": _NUMBERS, "values": _NUMBERS},
            "required": ["times", "values"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"start": {"type": "number"}, "scale": {"type": "number"}},
            "required": ["start", "scale"],
            "additionalProperties": False,
        },
    ]
}
Profile = Annotated[
    Any,
    BeforeValidator(_profile),
    PlainSerializer(lambda p: p if p is None else profiles.as_json("profile", p)),
    WithJsonSchema(_PROFILE_SCHEMA),
]
NumberOrList = Annotated[
    Any,
    BeforeValidator(_number_or_list),
    WithJsonSchema({"anyOf": [{"type": "number"}, _NUMBERS]}),
]
Name = Annotated[str, AfterValidator(_name)]
Count = Annotated[int, Field(ge=1, lt=2**63)]
Positive = Annotated[float, Field(gt=0)]
Probability = Annotated[float, Field(ge=0, le=1)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class Samples(Table):
    """Sample times: equally spaced from 0 to the end, or given one by one."""

    samples: int | None = key(
        "a whole number from 2 to 1000000",
        None,
        "that many equally spaced times from 0 to the end",
        ge=2,
        le=1_000_000,
    )
    times: list[float] | None = key(
        "a list of times that never decrease",
        None,
        "instead of `samples`; equal times give equal samples",
        min_length=1,
    )
