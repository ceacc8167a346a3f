"""What is wrong with a hardware config, in the style of experiment files: one line.

``field: got value; allowed: ... (line 3 of my_device.toml)``. Values of unknown keys, and tables
and lists in wrong places, are not shown: somebody may have written a token there.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ...common.lines import line_numbers, line_of
from ...common.spelling import did_you_mean, typo_of
from ...errors import MISSING, QnuError, Words

_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
_MANY = {int: "whole numbers", float: "numbers", str: "texts"}


def unknown_provider(data: Mapping[str, Any], names: list[str], text: str, file: str) -> QnuError:
    """A provider that does not exist, is missing, or whose key is mistyped."""
    given = data.get("provider")
    typo = typo_of("provider", data)
    if given is None and typo is not None:
        return _placed(_unknown(typo, ["provider"]), text, file)
    shown = MISSING if given is None else _shown(given)
    hint = did_you_mean(given, names) if isinstance(given, str) else ""
    allowed = f"one of {', '.join(map(repr, names))}{hint}"
    return _placed(QnuError("provider", shown, allowed), text, file)


def problem(
    error: ValidationError, kind: type[BaseModel], data: Mapping[str, Any], text: str, file: str
) -> QnuError:
    """The first problem of a config, unknown keys first: a mistyped key is also a missing one."""
    found = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")[0]
    if found["type"] == "value_error":  # a check of qnu, already in one line
        reason = found["ctx"]["error"]
        return _placed(reason, text, file)
    path, table, field = _walk(kind, found["loc"])
    if found["type"] == "extra_forbidden":
        return _placed(_unknown(path, sorted(_keys(table))), text, file)
    allowed = found["msg"][:1].lower() + found["msg"][1:] if field is None else in_words(field)
    if found["type"] == "missing":
        return _placed(QnuError(path, MISSING, allowed), text, file)
    value: Any = data
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    words = _words(field.annotation) if field is not None else []
    hint = did_you_mean(value, words) if isinstance(value, str) else ""
    return _placed(QnuError(path, _shown(value), allowed + hint), text, file)


def _placed(error: QnuError, text: str, file: str) -> QnuError:
    """With the line, where the key stands in the file, and the file in any case."""
    line = line_of(error.field or "", line_numbers(text))
    return error.noted(f" (in {file})" if line is None else f" (line {line} of {file})")


def _unknown(path: str, keys: list[str]) -> QnuError:
    hint = did_you_mean(path.rpartition(".")[2], keys)
    return QnuError(path, Words("an unknown key"), f"one of {', '.join(keys)}{hint}")


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Words("a table")
    numbers = isinstance(value, list) and all(isinstance(v, int | float) for v in value)
    return Words("a list") if isinstance(value, list) and not numbers else value


def _walk(
    kind: type[BaseModel], location: tuple[int | str, ...]
) -> tuple[str, type[BaseModel], FieldInfo | None]:
    """The path as the user wrote it, the table of its last key, and the key's field."""
    path, field = "", None
    for part in location:
        if field is not None:
            inner = field.annotation
            if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
                break  # what follows are members of a union, or numbers of items
            kind = inner
        path += f".{part}" if path else str(part)
        named = {f.alias or name: f for name, f in kind.model_fields.items()}
        field = named.get(str(part))
        if field is None:
            break
    return path, kind, field


def _keys(kind: type[BaseModel]) -> list[str]:
    """The keys that a table of the file may have."""
    return [field.alias or name for name, field in kind.model_fields.items()]


def in_words(field: FieldInfo) -> str:
    """What may stand there, from its type, its limits and its unit.

    Examples:
        >>> from .options import CompileOptions, Execution
        >>> in_words(Execution.model_fields["rep_delay"])
        'a number >= 0.0 and < 1.0, in seconds'
        >>> in_words(CompileOptions.model_fields["effort"])
        'a whole number >= 1 and <= 10000'
        >>> in_words(CompileOptions.model_fields["layout"])
        "'auto', 'path', 'ring', 'search' or a list of whole numbers"
    """
    members = _members(field.annotation)
    text = " or ".join(_member(one) for one in members)
    if members and get_origin(members[0]) is tuple:
        least = next((getattr(limit, "min_length", 0) for limit in field.metadata), 0)
        return f"{text}, at least {least}" if least else text
    signs = (("gt", ">"), ("ge", ">="), ("lt", "<"), ("le", "<="))
    bounds = [
        f"{sign} {getattr(limit, name)}"
        for name, sign in signs
        for limit in field.metadata
        if getattr(limit, name, None) is not None
    ]
    if any(getattr(limit, "min_length", 0) for limit in field.metadata):
        bounds.append("that is not empty")
    unit = f", {field.description}" if field.description else ""
    return f"{text} {' and '.join(bounds)}".rstrip() + unit


def _members(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, types.UnionType):
        return [one for one in get_args(annotation) if one is not type(None)]
    return [annotation]


def _member(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(map(repr, get_args(kind)))
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        many = _MANY.get(item)
        return f"a list of {many}" if many else f"a list of some of {_member(item)}"
    return _NAMES.get(kind, "a table")


def _words(annotation: Any) -> list[str]:
    """The words that a key may have as its value."""
    literals = [one for one in _members(annotation) if get_origin(one) is Literal]
    return [word for one in literals for word in get_args(one) if isinstance(word, str)]
