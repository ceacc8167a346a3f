"""``[plot]``: what `qnu plot` draws of a sweep, as keys of the experiment file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo

from ..errors import QnuError
from ..keys import Table, key

_AT = "a table of keys with a value of the sweep, or 'mean'"
_THEORY = (
    "a table of names with formulas such as '4/3 * schedule.gamma', or tables of these by group"
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
        parts = inside if isinstance(inside, Mapping) else {"": inside}
        for part in parts.values():
            if isinstance(part, bool) or not isinstance(part, str | int | float):
                raise QnuError(f"{field}.{name}", inside, _THEORY)
    return value


class PlotTable(Table):
    """``[plot]``: what `qnu plot` draws of a sweep, unless the command line says more.

    Examples:
        >>> PlotTable(quantity="z", at={"group": {"1": {"omega": 0.1}}}).at
        {'group.1.omega': 0.1}
    """

    quantity: str = key("the name of a quantity", "entropy", "what is drawn")
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
