"""The key `angular` of a [[group]]: how its directions are distributed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import ValidationInfo

from ..angular import KINDS, AngularDistribution
from ..common.checks import choice
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words

#: Keys of every kind; those without a default in the constructor are needed.
_KEYS = {
    "isotropic": (),
    "gaussian": ("width", "centre"),
    "legendre": ("coefficients",),
    "table": ("cosine", "density"),
    "one": ("cosine",),
}
_OPTIONAL = ("centre",)
assert tuple(_KEYS) == KINDS

ANGULAR = (
    "{ kind = 'gaussian', width = 0.6 } (and `centre`, default 1), { kind = 'legendre',"
    " coefficients = [1, 0.3] }, { kind = 'table', cosine = [...], density = [...] },"
    " { kind = 'one', cosine = 0.5 } or { kind = 'isotropic' }"
)

_NUMBERS = {"type": "array", "items": {"type": "number"}}
_SCHEMAS: dict[str, Any] = {
    "width": {"type": "number", "exclusiveMinimum": 0},
    "centre": {"type": "number", "minimum": -1, "maximum": 1},
    "coefficients": _NUMBERS,
    "cosine": {"anyOf": [{"type": "number"}, _NUMBERS]},
    "density": _NUMBERS,
}
#: The same for editors.
ANGULAR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"kind": {"enum": list(KINDS)}, **_SCHEMAS},
    "required": ["kind"],
    "additionalProperties": False,
}


def checked_angular(value: Any, info: ValidationInfo) -> Any:
    """The table as it stands in the file, or None; an error in one line where it is no such."""
    if value is None:
        return None
    field = str(info.field_name)
    if not isinstance(value, Mapping):
        raise QnuError(field, value, f"a table: {ANGULAR}")
    if "kind" not in value:
        raise QnuError(f"{field}.kind", Words("nothing"), f"one of {', '.join(map(repr, KINDS))}")
    kind = choice(f"{field}.kind", value["kind"], KINDS)
    for name in value:
        if name not in ("kind", *_KEYS[kind]):
            allowed = f"the keys of kind {kind!r}: {', '.join(_KEYS[kind]) or 'none'}"
            hint = did_you_mean(str(name), _KEYS[kind])
            raise QnuError(f"{field}.{name}", Words("an unknown key"), allowed + hint)
    for name in _KEYS[kind]:
        if name not in value and name not in _OPTIONAL:
            raise QnuError(f"{field}.{name}", Words("nothing"), f"a value (kind {kind!r})")
    try:
        distribution(value)
    except QnuError as error:
        raise error.of(f"{field}.{error.field}") from None
    plain = {name: np.asarray(value[name], float).tolist() for name in value if name != "kind"}
    return {"kind": kind, **plain}  # 2 and 2.0 are one number


def distribution(table: Mapping[str, Any]) -> AngularDistribution:
    """What a checked table stands for."""
    values = {name: value for name, value in table.items() if name != "kind"}
    made: AngularDistribution = getattr(AngularDistribution, table["kind"])(**values)
    return made
