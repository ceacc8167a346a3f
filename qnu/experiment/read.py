"""Reads a TOML experiment file; every mistake becomes one line: field, value, what is allowed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ..common import toml
from ..common.input_files import InputFiles
from ..common.lines import line_numbers, line_of, located, syntax_error
from ..common.spelling import did_you_mean, typo_of
from ..errors import MISSING, QnuError, Words, short
from ..keys import FileContext, Table
from ..methods import METHODS
from ..schedules import KINDS
from ..solvers.miscidynamics import Start
from .plot_table import PlotTable, theory_runs, through
from .spec import GasTable, GroupTable, OutputTable, Spec, spec_model
from .units_table import UnitsTable, units_of

_CHILDREN: dict[str, type[Table]] = {
    "group": GroupTable,
    "gas": GasTable,
    "output": OutputTable,
    "plot": PlotTable,
    "units": UnitsTable,
    "start": Start,
}
_KINDS: dict[str, Mapping[str, type[Table]]] = {"schedule": KINDS, "method": METHODS}
_LAST = 2  # rank of a missing key; whole tables that are missing come last of all
_LONGEST_KEY = 60


def read(text: str, source: str = "spec", files: InputFiles | None = None) -> Spec:
    """The specification in a TOML text.

    Args:
        text: the content of the file.
        source: the name of the file, for messages.
        files: what it may read; default: paths relative to the current folder.

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
        raise syntax_error(str(error), text, source) from None
    return validated(data, text, source, files)


def validated(
    data: Mapping[str, Any],
    text: str = "",
    source: str = "spec",
    files: InputFiles | None = None,
) -> Spec:
    """The specification in the tables of a file.

    Args:
        data: as :mod:`tomllib` gives them.
        text: where they come from, for the line of an error; "": they have no lines.
        source: the name of the file, for messages.
        files: what it may read; default: paths relative to the current folder.

    Returns:
        the specification: shapes, types and ranges checked.

    Raises:
        QnuError: as :func:`read`.

    Examples:
        >>> validated({"group": 3})
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: group: got 3; allowed: at least one [[group]] table
    """
    given = InputFiles() if files is None else files
    try:
        units = units_of(data)
        spec = spec_model().model_validate(data, context=FileContext(given, units))
    except ValidationError as error:
        lines = line_numbers(text)
        found = [_message(problem) for problem in error.errors(include_url=False)]

        def place(item: tuple[str, int, QnuError]) -> tuple[int, int, int]:
            # table by table; in a table unknown keys first: a typo is also a missing key
            path, rank, _ = item
            parent = path.rpartition(".")[0]
            row = line_of(parent, lines) or (len(text) if rank == _LAST else 0)
            return row, rank, line_of(path, lines) or 0

        path, _, first = min(found, key=place)
        raise located(first, lines, source, path) from None
    _check_theory(data, text, source, given)
    return spec


def _check_theory(data: Mapping[str, Any], text: str, source: str, files: InputFiles) -> None:
    """Curves of other schedules: what `qnu plot` would refuse after the sweep."""
    for field, given in theory_runs(data).items():
        try:
            validated(through(data, given), files=files)
        except QnuError as error:
            where = f"{field}.{error.field}"
            raise located(error.of(where), line_numbers(text), source, where) from None


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
        typo = typo_of("kind", value) if isinstance(value, dict) and got is None else None
        if typo is not None:
            unknown = Words(f"{short(value[typo])} (an unknown key)")
            return (
                f"{path}.{typo}",
                1,
                QnuError(f"{path}.{typo}", unknown, "kind (did you mean 'kind'?)"),
            )
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
