"""Checks of input that all modules share. Each raises one-line :class:`~qnu.errors.QnuError`."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from ..errors import QnuError, Words
from .spelling import did_you_mean

Floats = NDArray[Any]
#: A field of a frozen dataclass that takes anything array-like and holds a read-only array.
Held = Any


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, made read-only: for arrays without other references."""
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
    result = _as_float(value)
    if result is None or not math.isfinite(result) or not low <= result <= high:
        raise QnuError(field, value, allowed)
    if above is not None and result <= above:
        raise QnuError(field, value, allowed)
    return result


def _as_float(value: Any) -> float | None:
    """One real number as a float; None for everything else, also for what no float can hold."""
    if type(value) is float:
        return value
    if isinstance(value, np.ndarray | np.generic):
        # float() takes masked elements, dates and arrays of one element as well
        if isinstance(value, np.ma.MaskedArray) or value.ndim or value.dtype.kind not in "iuf":
            return None
    elif isinstance(value, bool) or not _is_real(value):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _is_real(value: Any) -> bool:
    """True for what converts to a float by itself: no text, no bytes, no complex number."""
    kind = type(value)
    return hasattr(kind, "__float__") or hasattr(kind, "__index__")


#: The largest whole number that arrays, files and loops can hold.
LARGEST_INTEGER = 2**63 - 1
#: The largest seed: what 128 random bits give.
_LARGEST_SEED = 2**128 - 1


def integer(field: str, value: Any, *, low: int = 0, high: int | None = None) -> int:
    """A whole number within ``[low, high]``, also as a float; without ``high`` one of 64 bits."""
    allowed = f"a whole number >= {low}" + ("" if high is None else f" and {_at_most(high)}")
    result = whole(value)
    if result is None:
        raise QnuError(field, value, allowed)
    if high is None and result > LARGEST_INTEGER:
        raise QnuError(field, value, f"{allowed} and {_at_most(LARGEST_INTEGER)}")
    if result < low or (high is not None and result > high):
        raise QnuError(field, value, allowed)
    return result


def whole(value: Any) -> int | None:
    """A whole number as an int, also where a float holds it; None for everything else.

    Examples:
        >>> whole(1e5), whole(np.float32(2)), whole(1.5), whole(True), whole("1")
        (100000, 2, None, None, None)
    """
    if isinstance(value, bool | np.timedelta64):  # kinds of int and of np.integer
        return None
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating) and math.isfinite(value) and value == int(value):
        return int(value)
    return None


def _at_most(high: int) -> str:
    """``<= high``, or ``< 2^n`` where that is shorter."""
    power = high.bit_length()
    return f"< 2^{power}" if power > 60 and high == 2**power - 1 else f"<= {high}"


def boolean(field: str, value: Any) -> bool:
    """True or False; no text and no number, whose truth may not be what was meant."""
    if not isinstance(value, bool | np.bool_):
        raise QnuError(field, value, "true or false")
    return bool(value)


def seed_sequence(seed: Any) -> np.random.SeedSequence:
    """A seed that can be used again: from a whole number, a SeedSequence or None (drawn anew)."""
    if isinstance(seed, np.random.SeedSequence):
        return seed
    return np.random.SeedSequence(
        None if seed is None else integer("seed", seed, high=_LARGEST_SEED)
    )


def generator(seed: Any) -> np.random.Generator:
    """A random generator from a seed: a whole number, a SeedSequence or None."""
    return np.random.default_rng(seed_sequence(seed))


def choice(field: str, value: Any, allowed: tuple[str, ...]) -> str:
    """One of the given words."""
    if not isinstance(value, str) or value not in allowed:
        hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
        raise QnuError(field, value, "one of " + ", ".join(map(repr, allowed)) + hint)
    return str(value)


def name_text(field: str, value: Any, longest: int) -> str:
    """A name that a table, a figure and a file can show: on one line, without control codes."""
    if not (isinstance(value, str) and 0 < len(value) <= longest and all(map(_shown, value))):
        raise QnuError(field, value, f"text on one line, of 1 to {longest} characters")
    return str(value)


def _shown(character: str) -> bool:
    return character.isprintable() or category(character) == "Zs"


def user_path(field: str, path: Any) -> Path:
    """A path with ``~`` and ``~name`` as the folders of users."""
    try:
        result = Path(path).expanduser()
    except (RuntimeError, TypeError):
        raise QnuError(field, path, "a path (there is no such user, or it is no text)") from None
    if "\0" in str(result) or any(len(os.fsencode(part)) > 255 for part in result.parts):
        raise QnuError(field, path, "a path without zero bytes, of names of at most 255 bytes")
    return result


def words(field: str, value: Any, allowed: tuple[str, ...]) -> None:
    """A list of some of the given words."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise QnuError(field, value, "a list of " + ", ".join(map(repr, allowed)))
    for name in value:
        choice(field, name, allowed)


def floats(field: str, value: Any, shape: tuple[int | None, ...]) -> Floats:
    """A finite float64 array of the given shape (``None``: any length), always a new one."""
    wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
    allowed = f"finite numbers of shape {wanted}"
    given = numeric(field, value, allowed)
    if given.ndim != len(shape) or any(
        n is not None and n != m for n, m in zip(shape, given.shape, strict=True)
    ):
        if given.ndim == len(shape) == 1:
            raise QnuError(field, Words(_numbers(given.size)), f"{_numbers(shape[0])}, all finite")
        raise QnuError(field, f"shape {given.shape}", allowed)
    array = given
    if given.dtype != np.float64 or not isinstance(value, list | tuple):
        fits(field, given)
        with np.errstate(over="ignore"):  # a longer float that does not fit is infinite: refused
            array = np.array(given, dtype=np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise QnuError(f"{field}[{', '.join(map(str, where))}]", float(array[where]), allowed)
    return array


def _numbers(count: int | None) -> str:
    return f"{count} number{'s' * (count != 1)}"


def number_or_floats(field: str, value: Any, count: int) -> float | Floats:
    """A finite number, or a finite array ``(count,)``."""
    single = getattr(value, "ndim", None) == 0 or not hasattr(type(value), "__len__")
    return number(field, value) if single else frozen(floats(field, value, (count,)))


def finite(field: str, value: Any, tail: tuple[int, ...] = (), allowed: str = "") -> Floats:
    """Finite float64 numbers of any shape that ends in ``tail``; not copied where they are so."""
    if type(value) is np.ndarray and value.dtype == np.float64 and value.size <= _LARGE:
        shaped = not tail or value.shape[-len(tail) :] == tail
        if shaped and np.isfinite(value).all():  # what inner loops hand over
            return value
    allowed = allowed or (f"finite numbers of shape {_ending(tail)}" if tail else "finite numbers")
    single = _as_float(value) if not isinstance(value, np.ndarray) else None
    array = np.asarray(single) if single is not None else numeric(field, value, allowed)
    return _all_finite(field, array, tail, allowed, np.float64)


def finite_complex(field: str, value: Any, tail: tuple[int, ...], allowed: str) -> NDArray[Any]:
    """Finite complex numbers of any shape that ends in ``tail``."""
    array = numeric(field, value, allowed, kinds="iufc")
    return _all_finite(field, array, tail, allowed, np.complex128)


def _all_finite(
    field: str, array: NDArray[Any], tail: tuple[int, ...], allowed: str, kind: Any
) -> NDArray[Any]:
    if tail and array.shape[-len(tail) :] != tail:
        raise QnuError(field, f"shape {array.shape}", allowed)
    fits(field, array)
    with np.errstate(over="ignore"):  # a longer float that does not fit is infinite: refused
        result = np.asarray(array, dtype=kind)
    if not np.isfinite(result).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(result))[0])
        name = f"{field}[{', '.join(map(str, where))}]" if where else field
        raise QnuError(name, result[where].item(), allowed)
    return result


def _ending(tail: tuple[int, ...]) -> str:
    return "(" + ", ".join(["...", *map(str, tail)]) + ")"


def numeric(field: str, value: Any, allowed: str, *, kinds: str = "iuf") -> NDArray[Any]:
    """An array of real numbers of any shape: of ints or floats, not copied where it is one."""
    array = value if isinstance(value, np.ndarray) else array_of(field, value, allowed)
    if isinstance(array, np.ma.MaskedArray):
        if np.ma.is_masked(array):
            raise QnuError(field, "masked elements", f"{allowed}, none of them masked")
        array = array.data
    array = np.asarray(array)
    if array.dtype.kind == "O" and array.ndim and array.size <= _LARGE:
        # fractions, decimals, whole numbers beyond 64 bits
        flat = [number(f"{field}[{k}]", item) for k, item in enumerate(array.flat)]
        return np.array(flat).reshape(array.shape)
    if array.dtype.kind not in kinds:
        raise QnuError(field, value if array.size < 8 else array.dtype, allowed)
    return array


def whole_numbers(
    field: str,
    value: Any,
    shape: tuple[int, ...] | None,
    *,
    allowed: str,
    low: int = 0,
    high: int = LARGEST_INTEGER,
    dtype: type = np.int64,
) -> NDArray[Any]:
    """Indices: whole numbers from ``low`` to ``high``, also where a table of floats holds them."""
    single = _as_float(value) is not None and not isinstance(value, np.ndarray)
    array = np.asarray(value) if single else numeric(field, value, allowed)
    if array.size == 0:
        array = array.astype(np.int64)
    if shape is not None and array.shape != shape:
        raise QnuError(field, f"shape {array.shape}", allowed)
    fits(field, array)
    bad = (array < low) | (array > high)
    if array.dtype.kind == "f":
        bad |= array != np.floor(array)  # NaN as well
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        name = f"{field}[{', '.join(map(str, where))}]"
        value = array[where].item()
        raise QnuError(name, value if whole(value) is None else whole(value), allowed)
    return array.astype(dtype)


def booleans(field: str, value: Any, count: int) -> NDArray[np.bool_]:
    """``(count,)`` of true and false; no numbers, whose truth may not be what was meant."""
    allowed = f"booleans of shape ({count},)"
    array = array_of(field, value, allowed)
    if array.shape != (count,) or array.dtype != np.bool_ or np.ma.is_masked(array):
        raise QnuError(field, value, allowed)
    return np.array(array, dtype=np.bool_)


def array_of(field: str, value: Any, allowed: str) -> NDArray[Any]:
    """Whatever NumPy makes of a value, not copied where it is an array."""
    try:
        return np.asanyarray(value)
    except (TypeError, ValueError, OverflowError, RecursionError, MemoryError):
        raise QnuError(field, value, allowed) from None


def fits(field: str, array: NDArray[Any]) -> None:
    """A view may repeat one number more often than the memory can hold it."""
    if array.size > _LARGE:
        from . import memory

        memory.require(field, f"shape {array.shape}", 8 * array.size)


#: Elements of an array from which on the available memory is checked before it is copied.
_LARGE = 1 << 24
