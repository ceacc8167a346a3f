"""Arithmetic of numbers and keys, such as ``5 / schedule.gamma``: what a sweep computes a key from.

Only numbers, keys, ``+ - * / **`` and a few functions: nothing of Python can be reached from it.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...common import arithmetic
from ...common.spelling import did_you_mean
from ...errors import QnuError

Number = int | float

FUNCTIONS: dict[str, Callable[..., Number]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "log10": math.log10,
    "exp": math.exp,
    "abs": abs,
    "min": min,
    "max": max,
    "round": lambda number: round(number),
    "ceil": math.ceil,
}
ALLOWED = f"numbers, keys, + - * / ** and {', '.join(FUNCTIONS)}"
_LONGEST = 500
_LARGEST = 2**63
_DOTTED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)+")


@dataclass(frozen=True)
class Expression:
    """A checked expression.

    Args:
        text: as the user wrote it.
        keys: what it depends on, in the order of their first appearance.
        tree: its syntax tree, with ``_0``, ``_1``, ... for the keys.

    Examples:
        >>> expression = parse("schedule.duration", "5 / schedule.gamma", ["schedule.gamma"])
        >>> expression.keys, expression.value("schedule.duration", {"schedule.gamma": 0.01})
        (('schedule.gamma',), 500.0)
    """

    text: str
    keys: tuple[str, ...]
    tree: ast.expr

    def value(self, field: str, values: Mapping[str, Any]) -> Number:
        """The number, where ``values`` has one for every key.

        Raises:
            QnuError: a key that is no number, a division by zero, a result that is not finite.
        """
        for key in self.keys:
            if isinstance(values[key], bool) or not isinstance(values[key], int | float):
                raise QnuError(field, self.text, f"keys that are numbers (not {key})")
        try:
            numbers = {f"_{k}": values[key] for k, key in enumerate(self.keys)}
            result: Any = arithmetic.evaluate(
                self.tree, numbers, FUNCTIONS, power=_power, result=_bounded
            )
        except (ArithmeticError, ValueError, TypeError):
            result = math.nan
        if isinstance(result, complex) or not math.isfinite(result):
            inside = ", ".join(f"{key} = {values[key]}" for key in self.keys)
            raise QnuError(field, self.text, f"an expression with a finite value (at {inside})")
        number: Number = result
        return number


def parse(field: str, text: str, keys: Iterable[str]) -> Expression | None:
    """The expression in a text; None where it can only be a plain text.

    Args:
        field: the key that gets its value, for messages.
        text: such as ``"5 / schedule.gamma"``.
        keys: those that may stand in it.

    Raises:
        QnuError: an unknown key, or something that is not allowed, in what is an expression.
    """
    if re.search(r"(?<!\w)_\d", text):  # what stands for the keys below
        return None
    if len(text) > _LONGEST:
        raise QnuError(field, text, f"an expression of at most {_LONGEST} characters")
    known = sorted(keys, key=len, reverse=True)
    used: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match[0] not in used:
            used.append(match[0])
        return f" _{used.index(match[0])} "

    inner = text
    if known:
        inner = re.sub(rf"(?<![\w.])(?:{'|'.join(map(re.escape, known))})(?![\w.])", place, text)
    unknown = _DOTTED.search(inner)
    if unknown is not None:
        hint = did_you_mean(unknown[0], known)
        raise QnuError(field, text, f"keys of the file in it, not {unknown[0]!r}{hint}")
    try:
        tree = ast.parse(inner.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        if used:
            raise QnuError(field, text, f"an expression of {ALLOWED}") from None
        return None
    if arithmetic.is_arithmetic(tree, [f"_{k}" for k in range(len(used))], FUNCTIONS):
        return Expression(text, tuple(used), tree)
    if used:
        raise QnuError(field, text, f"an expression of {ALLOWED}")
    return None


def _bounded(value: Number) -> Number:
    """Whole numbers no larger than any that a file may have."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise OverflowError
    return value


def _power(base: Number, power: Number) -> Number:
    """Whole numbers stay whole where the result is no larger than any that a file may have."""
    approximate: Number = float(base) ** float(power)
    if isinstance(base, int) and isinstance(power, int) and power >= 0:
        return base**power if abs(approximate) < _LARGEST else approximate
    return approximate
