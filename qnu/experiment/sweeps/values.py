"""What a key of a sweep takes: a list, a range, one value, or an expression of other keys."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ...errors import QnuError
from . import expressions
from .expressions import Expression

Scale = Literal["log", "linear", "list"]

#: Values of one key, and points of a sweep.
MOST_VALUES = 1_000_000
VALUES = (
    "a list such as 0.1,0.2,0.4; logspace(-3, -1, 9), linspace(0, 1, 11) or range(4, 21, 2);"
    " a range or a list of texts with a unit, such as logspace(29, 31, 5) cm^-3;"
    " or an expression of other keys, such as 5 / schedule.gamma"
)
_DIGITS = 12  # of logspace and linspace: the same numbers, and so the same hashes, everywhere
_RANGE = re.compile(r"\s*(logspace|geomspace|linspace|range)\s*\((.*)\)\s*([A-Za-z].*)?", re.DOTALL)
_WITH_UNIT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z/][^,]*)")
_SAME = 1e-9


@dataclass(frozen=True)
class Values:
    """The values of a key.

    Args:
        items: in the order given.
        scale: ``"log"`` where neighbors have one ratio, ``"linear"`` where they have one
            difference, else ``"list"``.
        one: True: a single value, which is set and has no dimension.
        unit: of texts with one unit, such as ``"cm^-3"``; "" for all else.
    """

    items: tuple[Any, ...]
    scale: Scale
    one: bool = False
    unit: str = ""

    @property
    def coordinate(self) -> tuple[Any, ...]:
        """The values as a coordinate: of texts with one unit, their numbers."""
        if not self.unit:
            return self.items
        return tuple(number for number, _ in map(_with_unit, self.items) if number is not None)


def read(field: str, given: Any, keys: Iterable[str] = ()) -> Values | Expression:
    """What stands behind a key of a sweep.

    Args:
        field: the key.
        given: a list, an array, a number, or a text as on the command line.
        keys: those that may stand in an expression.

    Returns:
        its values, or the expression.

    Raises:
        QnuError: neither.

    Examples:
        >>> read("schedule.gamma", "logspace(-3, -1, 3)")
        Values(items=(0.001, 0.01, 0.1), scale='log', one=False, unit='')
        >>> read("group.1.omega", "0.1, 0.2, 0.5").items
        (0.1, 0.2, 0.5)
    """
    if isinstance(given, np.ndarray | range | tuple):
        given = given.tolist() if isinstance(given, np.ndarray) else list(given)
    if isinstance(given, list):
        return _listed(field, given)
    if isinstance(given, np.generic):
        given = given.item()
    if not isinstance(given, str):
        return Values((given,), "list", one=True)
    text = given.strip()
    if not text:
        raise QnuError(field, given, VALUES)
    found = _RANGE.fullmatch(text)
    if found is not None:
        return _range(field, text, found[1], found[2], (found[3] or "").strip())
    parts = _split(text)
    if len(parts) > 1:
        return _listed(field, [_word(part) for part in parts if part])
    value = _word(text)
    if isinstance(value, str) and value == text:  # not in quotation marks
        expression = expressions.parse(field, text, keys)
        if expression is not None and expression.keys:
            return expression
        if expression is not None:
            value = expression.value(field, {})
    return Values((value,), "list", one=True)


def _split(text: str) -> list[str]:
    """At commas outside of parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def _word(text: str) -> Any:
    """A whole number, a number, true or false, or a text."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d{1,30}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", text):
        return float(text)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _listed(field: str, items: list[Any]) -> Values:
    items = [item.item() if isinstance(item, np.generic) else item for item in items]
    if not items:
        raise QnuError(field, items, "at least one value")
    _check_count(field, len(items))
    kinds = {_kind(item) for item in items}
    if len(kinds) > 1 or not kinds <= {"number", "text", "truth"}:
        raise QnuError(field, items, "a list of numbers, or of texts")
    if kinds == {"number"} and not all(math.isfinite(item) for item in items):
        raise QnuError(field, items, "finite numbers")
    if len(set(items)) < len(items):
        twice = next(item for k, item in enumerate(items) if item in items[:k])
        raise QnuError(field, items, f"every value once (not {twice!r} again)")
    if kinds == {"number"}:
        return Values(tuple(items), _scale(items))
    pairs = [_with_unit(item) for item in items]
    units = {unit for _, unit in pairs}
    if len(units) == 1 and "" not in units:
        return Values(
            tuple(items), _scale([n for n, _ in pairs if n is not None]), unit=units.pop()
        )
    return Values(tuple(items), "list")


def _with_unit(item: Any) -> tuple[float | None, str]:
    """Number and unit of a text such as ``"15 MeV"``."""
    found = _WITH_UNIT.fullmatch(item) if isinstance(item, str) else None
    return (None, "") if found is None else (float(found[1]), found[2].strip())


def _of_unit(values: Values, unit: str) -> Values:
    """Numbers as texts with a unit."""
    if not unit:
        return values
    return Values(tuple(f"{x!r} {unit}" for x in values.items), values.scale, unit=unit)


def _kind(item: Any) -> str:
    if isinstance(item, bool):
        return "truth"
    return {int: "number", float: "number", str: "text"}.get(type(item), "other")


def _check_count(field: str, count: float) -> None:
    if count > MOST_VALUES:
        raise QnuError(field, f"{count:.6g} values", f"at most {MOST_VALUES} values")


def _range(field: str, text: str, name: str, inside: str, unit: str) -> Values:
    numbers = [_number(field, text, part) for part in _split(inside)]
    if name == "range":
        return _of_unit(_whole_range(field, text, numbers), unit)
    if len(numbers) != 3 or not isinstance(numbers[2], int) or numbers[2] < 1:
        raise QnuError(field, text, f"{name}(first, last, how many)")
    first, last, count = numbers[0], numbers[1], int(numbers[2])
    _check_count(field, count)
    logarithmic = name != "linspace"
    try:
        low, high = (10.0**x if name == "logspace" else float(x) for x in (first, last))
    except OverflowError:
        raise QnuError(field, text, "exponents of ten that give finite numbers") from None
    if logarithmic and min(low, high) <= 0:
        raise QnuError(field, text, "ends > 0")
    steps = np.geomspace(low, high, count) if logarithmic else np.linspace(low, high, count)
    items = [float(f"{x:.{_DIGITS}g}") for x in steps]
    listed = _listed(field, items)
    return _of_unit(Values(listed.items, "log" if logarithmic else "linear"), unit)


def _whole_range(field: str, text: str, numbers: Sequence[int | float]) -> Values:
    allowed = "range(first, end, step) of whole numbers; the end itself is left out, as in Python"
    if not 1 <= len(numbers) <= 3 or not all(isinstance(x, int) for x in numbers):
        raise QnuError(field, text, allowed)
    whole = [int(x) for x in numbers]
    if len(whole) == 3 and whole[2] == 0:
        raise QnuError(field, text, f"{allowed}; a step that is not 0")
    steps = range(*whole)
    try:
        _check_count(field, len(steps))
    except OverflowError:
        _check_count(field, math.inf)
    if not steps:
        raise QnuError(field, text, f"{allowed}; at least one number")
    return Values(tuple(steps), "linear")


def _number(field: str, text: str, part: str) -> int | float:
    value = _word(part)
    if isinstance(value, str):
        expression = expressions.parse(field, part, ())
        value = None if expression is None else expression.value(field, {})
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QnuError(field, text, f"numbers in the parentheses (not {part!r})")
    return value


def _scale(items: Sequence[Any]) -> Scale:
    """Of a list of numbers; two do not say."""
    if len(items) < 3:
        return "list"
    x = np.array(items, float)
    steps = np.diff(x)
    if np.ptp(steps) <= _SAME * abs(steps).max():
        return "linear"
    if (x > 0).all():
        ratios = np.diff(np.log(x))
        if np.ptp(ratios) <= _SAME * abs(ratios).max():
            return "log"
    return "list"
