"""``[plot]``: what `qnu plot` draws of a sweep, as keys of the experiment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo

from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from ..keys import Table, key

#: Keys of a curve of another schedule.
_RUN = ("schedule", "method")
#: They belong to the whole sweep.
_BESIDE = ("sweep", "plot", "schedule", "method")
_AT = "a table of keys with a value of the sweep, or 'mean'"
_THEORY = (
    "a table of names with formulas such as '4/3 * schedule.gamma', or tables of these by group"
    " (of several quantities: by quantity), or { schedule = { kind = ... } }: a method of the file"
    " through another schedule, against time"
)


def _flat(value: Any, info: ValidationInfo) -> Any:
    """Keys with dots, whether in quotation marks or as tables inside each other."""
    if not isinstance(value, dict):
        raise QnuError(str(info.field_name), value, _AT)
    found: dict[str, Any] = {}
    for name, inside in value.items():
        if isinstance(inside, dict):
            found |= {f"{name}.{k}": item for k, item in _flat(inside, info).items()}
        elif isinstance(inside, str | int | float):
            found[name] = inside
        else:
            raise QnuError(f"{info.field_name}.{name}", inside, "a value of the sweep, or 'mean'")
    return found


def _formulas(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if not isinstance(value, dict):
        raise QnuError(field, value, _THEORY)
    for name, inside in value.items():
        if is_run(inside):
            _check_run(f"{field}.{name}", inside)
        elif not _is_formula(inside):
            raise QnuError(f"{field}.{name}", inside, _THEORY)
    return value


def is_run(theory: Any) -> bool:
    """Whether a curve is that of another schedule, and no formula."""
    return isinstance(theory, Mapping) and isinstance(theory.get("schedule"), Mapping)


def theory_runs(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The curves of a file that have a schedule of their own, by their key.

    Args:
        data: of a file.
    """
    theory = data.get("plot", {}).get("theory", {})
    return {f"plot.theory.{name}": given for name, given in theory.items() if is_run(given)}


def through(data: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a file with the schedule of a curve and the one method that goes through it.

    Args:
        data: tables of the file.
        given: ``schedule``, and ``method`` where it is not the first one of the file.

    Raises:
        QnuError: a method that the file does not have.
    """
    labels = {str(m.get("label", m["kind"])): m for m in data["method"]}
    label = given.get("method", next(iter(labels)))
    if label not in labels:
        raise QnuError("method", label, f"one of {', '.join(labels)}{did_you_mean(label, labels)}")
    tables = {key: value for key, value in data.items() if key not in _BESIDE}
    return tables | {"schedule": dict(given["schedule"]), "method": [labels[label]]}


def _check_run(field: str, table: Mapping[str, Any]) -> None:
    for key_ in table:
        if key_ not in _RUN:
            hint = did_you_mean(str(key_), _RUN)
            raise QnuError(field, Words(f"{key_!r} (an unknown key)"), f"{', '.join(_RUN)}{hint}")
    if not isinstance(table.get("method", ""), str):
        raise QnuError(f"{field}.method", table["method"], "the label of a method of the file")


def _is_formula(inside: Any) -> bool:
    if isinstance(inside, Mapping):
        return all(_is_formula(part) for part in inside.values())
    return isinstance(inside, str | int | float) and not isinstance(inside, bool)


def _names(value: Any) -> Any:
    known = [value] if isinstance(value, str) else value
    if not (isinstance(known, list) and known and all(isinstance(k, str) for k in known)):
        raise QnuError("quantity", value, "the name of a quantity, or a list of names")
    return value


class PlotTable(Table):
    """``[plot]``: what `qnu plot` draws of a sweep, unless the command line says more.

    Examples:
        >>> PlotTable(quantity="z", at={"group": {"1": {"omega": 0.1}}}).at
        {'group.1.omega': 0.1}
    """

    quantity: Annotated[str | list[str], BeforeValidator(_names)] = key(
        "the name of a quantity, or a list of names: panels below each other",
        "entropy",
        "what is drawn",
    )
    x: str | None = key("a swept key, or 'time'", None, "along the axis", "the first")
    line: str | None = key(
        "a swept key", None, "one line for each of its values", "the second, where there are two"
    )
    residual: str | None = key(
        "the label of a method", None, "a lower panel shows the differences from it"
    )
    relative: bool = key("true or false", False, "in the lower panel the ratio, minus 1")
    methods: list[str] | None = key("a list of labels", None, "in this order", "all")
    groups: list[str] | None = key("a list of names of groups", None, "in this order", "all")
    at: Annotated[dict[str, Any], BeforeValidator(_flat)] = key(
        _AT, {}, "of every swept key that is neither x nor line"
    )
    theory: Annotated[dict[str, Any], BeforeValidator(_formulas)] = key(
        _THEORY, {}, "thin lines with these names"
    )
    slope: float | None = key(
        "a finite number", None, "of a reference triangle; slopes of all lines are fitted"
    )
    scale: Literal["log", "linear"] | None = key(
        "'log' or 'linear'", None, "of the vertical axis", "as the values are"
    )
    options: dict[str, Any] = key(
        "a table of options of the quantity", {}, "such as `reference`, a label of a method"
    )
    title: str | None = key("text on one line", None, "above the figure")
