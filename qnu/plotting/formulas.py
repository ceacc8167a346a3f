"""Theory curves from formulas of keys: ``"4/3 * schedule.gamma * group.1.omega"``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..common import arithmetic
from ..common.spelling import did_you_mean
from ..errors import QnuError

_ALLOWED = "numbers, keys of the sweep or of its file, + - * / ** ( ), sqrt, exp, log, abs, pi"
_LONGEST = 1000
# of one argument each: a second one of NumPy's is an array to write into
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": lambda value: np.sqrt(value),
    "exp": lambda value: np.exp(value),
    "log": lambda value: np.log(value),
    "abs": lambda value: np.abs(value),
}


def _words(known: Iterable[str]) -> re.Pattern[str]:
    """Known keys, the longest first (names of methods may have a minus); then any word."""
    keys = "|".join(re.escape(key) for key in sorted(known, key=len, reverse=True))
    any_word = r"[A-Za-z_]\w*(?:\.\w+)*"
    return re.compile(rf"(?<![\w.])(?:(?:{keys})(?![\w.])|{any_word})" if keys else any_word)


def keys_of(formula: str, known: Iterable[str]) -> set[str]:
    """The keys in a formula.

    Examples:
        >>> known = ["schedule.gamma", "group.1.omega", "method.kinetic-2.gamma", "mixing_angle"]
        >>> sorted(keys_of("4/3 * sqrt(schedule.gamma-1e-3) * method.kinetic-2.gamma + pi", known))
        ['method.kinetic-2.gamma', 'schedule.gamma']
    """
    return set(_words(known).findall(formula)) - {*_FUNCTIONS, "pi"}


def evaluate(field: str, formula: str, values: Mapping[str, Any]) -> Any:
    """The value of a formula; nothing but arithmetic is in it.

    Args:
        field: for messages.
        formula: with the keys of ``values`` as they are written in files.
        values: numbers, arrays or DataArrays.

    Raises:
        QnuError: an unknown key (with the nearest), anything that is no arithmetic.

    Examples:
        >>> evaluate("theory", "2 * schedule.gamma ** 2", {"schedule.gamma": 3.0})
        18.0
    """
    if not isinstance(formula, str) or len(formula) > _LONGEST:
        raise QnuError(field, formula, f"a formula of at most {_LONGEST} characters")
    stand_in: dict[str, Any] = {}

    def replaced(match: re.Match[str]) -> str:
        word = match[0]
        if word in _FUNCTIONS or word == "pi":
            return word
        if word not in values:
            hint = did_you_mean(word, list(values))
            raise QnuError(field, word, f"{_ALLOWED}{hint}")
        name = f"key{len(stand_in)}"
        stand_in[name] = values[word]
        return name

    text = _words(values).sub(replaced, formula.replace("^", "**"))
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        names = {**stand_in, "pi": np.pi}
        if not arithmetic.is_arithmetic(tree, names, _FUNCTIONS):
            raise ValueError("no arithmetic")
        with np.errstate(divide="ignore", invalid="ignore"):  # not drawn where it is not finite
            return arithmetic.evaluate(tree, names, _FUNCTIONS, number=float)
    except (SyntaxError, TypeError, ValueError, RecursionError, OverflowError, ZeroDivisionError):
        raise QnuError(field, formula, _ALLOWED) from None


def numbers_of_file(tables: Mapping[str, Any]) -> dict[str, float]:
    """Numbers of an experiment file by their keys; groups by name, methods by label.

    Examples:
        >>> numbers_of_file({"group": [{"omega": 0.1}], "schedule": {"gamma": 2, "kind": "x"}})
        {'group.1.omega': 0.1, 'schedule.gamma': 2.0}
    """
    found: dict[str, float] = {}
    for head, value in tables.items():
        if isinstance(value, dict):
            inner = {f"{head}.{k}": v for k, v in value.items()}
        elif isinstance(value, list):
            rows = [row for row in value if isinstance(row, dict)]
            inner = {
                f"{head}.{row.get('name', row.get('label', row.get('kind', k + 1)))}.{key}": v
                for k, row in enumerate(rows)
                for key, v in row.items()
            }
        else:
            inner = {head: value}
        found |= {
            k: float(v)
            for k, v in inner.items()
            if isinstance(v, int | float) and not isinstance(v, bool)
        }
    return found
