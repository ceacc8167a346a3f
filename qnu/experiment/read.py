"""Reads a TOML experiment file; every mistake becomes one line: field, value, what is allowed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..catalogue import did_you_mean
from ..common import toml
from ..errors import MISSING, QnuError, Words, short
from ..keys import Table
from ..methods import METHODS
from ..schedules import KINDS
from ..solvers.miscidynamics import Start
from .spec import GasTable, GroupTable, OutputTable, Spec, spec_model

_CHILDREN: dict[str, type[Table]] = {
    "group": GroupTable,
    "gas": GasTable,
    "output": OutputTable,
    "start": Start,
}
_KINDS: dict[str, Mapping[str, type[Table]]] = {"schedule": KINDS, "method": METHODS}
_LAST = 2  # rank of a missing key; whole tables that are missing come last of all
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z_][\w.\- ]*?)\s*\]\]?\s*(#.*)?$")
#: Of a line, this much is looked at for the header of a table, and of a key for its place.
_LONGEST_LINE, _LONGEST_PATH, _LONGEST_KEY = 500, 500, 60
_KEY = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*=")


def read(text: str, source: str = "spec") -> Spec:
    """The specification in a TOML text.

    Args:
        text: the content of the file.
        source: the name of the file, for messages.

    Returns:
        the specification: shapes, types and ranges checked.

    Raises:
        QnuError: not TOML, or the first key (in the order of the file) that is unknown, missing,
            or not what is allowed.

    References:
        TOML 1.0.

    Examples:
        >>> read("group = 3")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: group: got 3; allowed: at least one [[group]] table (line 1 of spec)
    """
    try:
        data = toml.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(str(error), text, source) from None
    lines = line_numbers(text)
    try:
        return spec_model().model_validate(data)
    except ValidationError as error:
        found = [_message(problem) for problem in error.errors(include_url=False)]

        def place(item: tuple[str, int, QnuError]) -> tuple[int, int, int]:
            # table by table; in a table unknown keys first: a typo is also a missing key
            path, rank, _ = item
            parent = path.rpartition(".")[0]
            row = _line(parent, lines) or (len(text) if rank == _LAST else 0)
            return row, rank, _line(path, lines) or 0

        path, _, first = min(found, key=place)
        raise located(first, lines, source, path) from None


def line_numbers(text: str) -> dict[str, int]:
    r"""The line of every table and key: ``{"method[1]": 20, "method[1].shots": 22, ...}``.

    Args:
        text: TOML.

    Returns:
        lines, counted from 1; keys inside inline tables are not in it.

    References:
        TOML 1.0.

    Examples:
        >>> line_numbers("seed = 1\n[[group]]\ncount = 2\n")
        {'seed': 1, 'group[0]': 2, 'group[0].count': 3}
    """
    table, counts, lines = "", dict[str, int](), dict[str, int]()
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole[:_LONGEST_LINE]
        if header := _HEADER.match(line):
            name = header[2].replace(" ", "")
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                table = f"{name}[{counts[name]}]"
            else:
                root, dot, rest = name.partition(".")
                table = (f"{root}[{counts[root]}]" if root in counts else root) + dot + rest
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{key[1]}".lstrip("."), number)
    return lines


def located(
    error: QnuError, lines: dict[str, int], source: str, path: str | None = None
) -> QnuError:
    """The error with the line of its field at the end, where it is known.

    Args:
        error: with a field such as ``"group[0].omega"``.
        lines: from :func:`line_numbers`.
        source: the name of the file.
        path: where to look for the line; default: the error's own field.

    Returns:
        the error, still one line.

    Examples:
        >>> print(located(QnuError("gas.velocities", 1, "2"), {"gas": 7}, "a.toml"))
        gas.velocities: got 1; allowed: 2 (line 7 of a.toml)
    """
    line = _line((error.field or "") if path is None else path, lines)
    return error if line is None else error.noted(f" (line {line} of {source})")


def _line(path: str, lines: dict[str, int]) -> int | None:
    path = path[:_LONGEST_PATH]
    while path:
        if path in lines:
            return lines[path]
        # without the last key or number, whatever characters a quoted key has
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _syntax(message: str, text: str, source: str) -> QnuError:
    reason, _, place = message.partition(" (at ")
    where = place.rstrip(")") or "the end"
    number = re.match(r"line (\d+)", where)
    lines = text.splitlines()
    row = int(number[1]) - 1 if number else len(lines) - 1
    line = lines[row].strip() if 0 <= row < len(lines) else ""
    return QnuError(source, Words(f"{short(line)} at {where}"), f"valid TOML ({reason})")


def _message(problem: Any) -> tuple[str, int, QnuError]:
    """Path, rank (unknown keys before missing ones) and error of one of pydantic's errors."""
    path, model, field = _walk(problem["loc"])
    kind, value = problem["type"], problem["input"]
    known = sorted(getattr(model, "model_fields", {}))
    if kind == "missing":
        allowed = field.description if field and field.description else "a value"
        return path, _LAST, QnuError(path, MISSING, allowed)
    if kind == "extra_forbidden":
        hint = did_you_mean(str(problem["loc"][-1]), known)
        unknown = Words(f"{short(value)} (an unknown key)")
        return path, 0, QnuError(path, unknown, ", ".join(known) + hint)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        names = sorted(_KINDS[str(problem["loc"][0])])
        got = value.get("kind") if isinstance(value, dict) else None
        allowed = ", ".join(map(repr, names)) + did_you_mean(str(got), names)
        return f"{path}.kind", 1, QnuError(f"{path}.kind", MISSING if got is None else got, allowed)
    error = problem.get("ctx", {}).get("error")
    if isinstance(error, QnuError):  # raised by a validator: it knows the value and the rest
        parent = path.rpartition(".")[0]
        return path, 1, error.of(f"{parent}.{error.field}".lstrip("."))
    allowed = field.description if field and field.description else problem["msg"]
    hint = did_you_mean(value, _words(field)) if isinstance(value, str) else ""
    return path, 1, QnuError(path, value, allowed + hint)


def _walk(location: tuple[int | str, ...]) -> tuple[str, type[Table], FieldInfo | None]:
    """The path as the user wrote it (without pydantic's tags), its table and its field."""
    path = ""
    model: type[Table] = Spec
    field: FieldInfo | None = None
    tags: Mapping[str, type[Table]] = {}
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part in tags:
            model, tags = tags[part], {}
        else:
            shown = part if len(part) <= _LONGEST_KEY else f"{part[:_LONGEST_KEY]}..."
            path += f".{shown}" if path else shown
            field, tags = model.model_fields.get(part), {}
            if not path.count("."):
                tags = _KINDS.get(part, {})
            model = _CHILDREN.get(part, model) if field else model
    return path, model, field


def _words(field: FieldInfo | None) -> list[str]:
    """The words a Literal allows."""
    found: list[str] = []
    pending = [field.annotation] if field else []
    while pending:
        annotation = pending.pop()
        if get_origin(annotation) is Literal:
            found += [word for word in get_args(annotation) if isinstance(word, str)]
        else:
            pending += get_args(annotation)
    return found
