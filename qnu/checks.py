"""Checks of input that every room shares. Each raises one-line :class:`~qnu.errors.QnuError`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import QnuError

Floats = NDArray[Any]
#: A field of a frozen dataclass that takes anything array-like and holds a read-only array.
Held = Any


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, made read-only: call it on arrays that nobody else holds."""
    array.flags.writeable = False
    return array


def number(
    field: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    above: float | None = None,
) -> float:
    """A finite float within ``[low, high]`` (and, with ``above``, larger than that)."""
    allowed = "a finite number"
    if above is not None:
        allowed = f"a finite number > {above:g}"
    elif low != -math.inf:
        allowed = f"a finite number >= {low:g}"
    if high != math.inf:
        allowed += f" and <= {high:g}"
    if isinstance(value, bool | np.bool_ | str | bytes | complex):
        raise QnuError(field, value, allowed)
    try:
        result = float(value)
    except (TypeError, ValueError):
        raise QnuError(field, value, allowed) from None
    if not math.isfinite(result) or not low <= result <= high:
        raise QnuError(field, value, allowed)
    if above is not None and result <= above:
        raise QnuError(field, value, allowed)
    return result


def integer(field: str, value: Any, *, low: int = 0, high: int | None = None) -> int:
    """A whole number within ``[low, high]``."""
    allowed = f"a whole number >= {low}" + ("" if high is None else f" and <= {high}")
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise QnuError(field, value, allowed)
    result = int(value)
    if result < low or (high is not None and result > high):
        raise QnuError(field, value, allowed)
    return result


def seed_sequence(seed: Any) -> np.random.SeedSequence:
    """A seed that can be used again: from a whole number, a SeedSequence or None (drawn anew)."""
    if isinstance(seed, np.random.SeedSequence):
        return seed
    return np.random.SeedSequence(None if seed is None else integer("seed", seed))


def generator(seed: Any) -> np.random.Generator:
    """A random generator from a seed: a whole number, a SeedSequence or None."""
    return np.random.default_rng(seed_sequence(seed))


def choice(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of the given words."""
    if value not in allowed:
        raise QnuError(field, value, "one of " + ", ".join(map(repr, allowed)))
    return str(value)


def floats(field: str, value: Any, shape: tuple[int | None, ...]) -> Floats:
    """A finite float64 array of the given shape (``None``: any length)."""
    wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
    allowed = f"finite numbers of shape {wanted}"
    if not isinstance(value, np.ndarray):
        try:
            value = np.asarray(value)
        except ValueError:
            raise QnuError(field, value, allowed) from None
    if value.dtype.kind not in "iuf":
        raise QnuError(field, value.tolist() if value.size < 8 else value.dtype, allowed)
    array = np.array(value, dtype=np.float64)
    if array.ndim != len(shape) or any(
        n is not None and n != m for n, m in zip(shape, array.shape, strict=True)
    ):
        raise QnuError(field, f"shape {array.shape}", allowed)
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise QnuError(f"{field}[{', '.join(map(str, where))}]", float(array[where]), allowed)
    return array
