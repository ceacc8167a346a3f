"""Texts with units and quantities of other libraries, as numbers in the units of qnu.

Unit names are those of pint. A text is a number and a product of powers of units; the factor
between two units is a fraction, so that ``"1e-11 cm"`` is 100 fm to the last bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from ..common.checks import number
from ..common.spelling import did_you_mean
from ..errors import QnuError
from .constants import HBAR_C, SPEED_OF_LIGHT

#: Powers of metre, gram and second.
Dimension = tuple[int, int, int]

_LENGTH, _TIME, _ENERGY = (1, 0, 0), (0, 0, 1), (2, 1, -2)
_C = Fraction(SPEED_OF_LIGHT)  # m/s
_EV = Fraction("1.602176634e-16")  # g m^2/s^2
_HBAR_C = Fraction(str(HBAR_C)) / 10**6  # eV m
_KM = Fraction(1000)

_WORDS: dict[Dimension, str] = {
    _LENGTH: "a length",
    _TIME: "a time",
    _ENERGY: "an energy",
    (2, 0, 0): "an area",
    (-3, 0, 0): "a number density",
    (-3, 1, 0): "a mass density",
    (-1, 0, 0): "1 / length",
    (0, 0, -1): "1 / time",
    (4, 2, -4): "an energy squared",
    (0, 1, 0): "a mass",
    (0, 0, 0): "a number without a unit",
}


@dataclass(frozen=True)
class Kind:
    """A kind of quantity.

    Args:
        name: in words.
        example: a text of this kind.
        unit: of plain numbers.
        factors: by dimension, what a value in metre, gram and second is multiplied by.
    """

    name: str
    example: str
    unit: str
    factors: dict[Dimension, Fraction]

    @property
    def allowed(self) -> str:
        """What may stand there, for messages."""
        return f"{self.name} with its unit, such as '{self.example}'"


DENSITY = Kind("a number density", "1e30 cm^-3", "cm^-3", {(-3, 0, 0): Fraction(1, 10**6)})
FREQUENCY = Kind(
    "a frequency",
    "642 km^-1",
    "rad/km",
    {(-1, 0, 0): _KM, (0, 0, -1): _KM / _C, _ENERGY: _KM / _EV / _HBAR_C},
)
TIME = Kind("a time or path", "3 km' or '10 us", "km", {_LENGTH: 1 / _KM, _TIME: _C / _KM})
RADIUS = Kind("a radius", "50 km", "km", {_LENGTH: 1 / _KM})
SIZE = Kind("a length", "1e-11 cm", "fm", {_LENGTH: Fraction(10**15)})
AREA = Kind("an area", "1e-22 cm^2", "fm^2", {(2, 0, 0): Fraction(10**30)})
ENERGY = Kind("an energy", "15 MeV", "MeV", {_ENERGY: 1 / _EV / 10**6})
MASS_SPLITTING = Kind(
    "a squared mass", "2.5e-3 eV^2", "eV^2", {(4, 2, -4): 1 / _EV**2, (0, 2, 0): _C**4 / _EV**2}
)
MASS_DENSITY = Kind("a mass density", "1e9 g/cm^3", "g/cm^3", {(-3, 1, 0): Fraction(1, 10**6)})

_LONGEST = 200
_MOST_POWER = 12
_PLAIN = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_POWER_OF_TEN = r"10\s*(?:\^|\*\*)\s*\(?([+-]?\d+)\)?"
_NUMBER = re.compile(
    rf"\s*(?:([+-]?){_POWER_OF_TEN}|({_PLAIN})(?:\s*[x*\u00d7\u00b7]\s*{_POWER_OF_TEN})?)(?![.\d])"
)
_UNIT = re.compile(
    r"\s*(?:([*/\u00b7\u22c5])\s*)?(1\b|[^\W\d_][^\W\d]*)"
    r"(?:\s*(?:\^|\*\*)\s*(?:\(\s*([+-]?\d+)\s*\)|([+-]?\d+))|([+-]?\d+))?"
)
_RAISED = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_COMMON = tuple(
    "km m cm mm um nm pm fm s ms us ns ps eV keV MeV GeV meV erg g kg barn rad".split()  # noqa: SIM905  # short
)


class _UnreadableError(Exception):
    """What is wrong with a text, in words."""


class _HertzError(_UnreadableError):
    """A unit that some read as turns and others as radians per second."""


def is_text_or_quantity(value: Any) -> bool:
    """Whether a value brings its own unit."""
    return isinstance(value, str) or hasattr(value, "unit_items") or _is_astropy(value)


def measured(field: str, value: Any, kinds: Kind | Iterable[Kind]) -> tuple[float, Kind]:
    """A text or a quantity in the unit of the first kind that it fits.

    Args:
        field: for messages.
        value: ``"1e30 cm^-3"``, or a quantity of pint or astropy.
        kinds: what it may be.

    Returns:
        the number, and which kind it is.

    Raises:
        QnuError: it cannot be read, or is of another dimension.
    """
    some = (kinds,) if isinstance(kinds, Kind) else tuple(kinds)
    allowed = " or ".join(kind.allowed for kind in some)
    try:
        if isinstance(value, str):
            amount, factor, dimension = _read(value)
        else:
            amount, factor, dimension = _of_library(field, value)
    except _UnreadableError as problem:
        raise QnuError(field, value, f"{allowed} ({problem})") from None
    for kind in some:
        if dimension in kind.factors:
            return _in_unit(field, value, allowed, amount, factor * kind.factors[dimension]), kind
    raise QnuError(field, value, f"{allowed} (this is {_described(dimension)})")


def converted(field: str, value: Any, kind: Kind) -> float:
    """As :func:`measured`; a plain number has the unit of the kind."""
    if is_text_or_quantity(value):
        return measured(field, value, kind)[0]
    return number(field, value)


def scale(field: str, text: str, kind: Kind) -> Fraction:
    """How much of the unit of a kind a unit alone is, such as ``"cm"``.

    Raises:
        QnuError: no unit, or one of another dimension.
    """
    try:
        factor, dimension = _unit(text)
    except _UnreadableError as problem:
        raise QnuError(field, text, f"a unit of {kind.name} ({problem})") from None
    if dimension not in kind.factors:
        raise QnuError(field, text, f"a unit of {kind.name} (this is {_described(dimension)})")
    return factor * kind.factors[dimension]


def _in_unit(field: str, value: Any, allowed: str, amount: Fraction, factor: Fraction) -> float:
    try:
        return float(amount * factor)
    except OverflowError:
        raise QnuError(field, value, f"{allowed}, below 1.8e308 in the unit of qnu") from None


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Fraction, Fraction, Dimension]:
    """The number of a text, the factor of its unit and its dimension."""
    if len(text) > _LONGEST:
        raise _UnreadableError(f"at most {_LONGEST} characters")
    text = _RAISED.sub(lambda raised: "^" + raised[0].translate(_LOWERED), text)
    text = text.replace("\N{MINUS SIGN}", "-")
    found = _NUMBER.match(text)
    if found is None:
        raise _UnreadableError("it does not begin with a number")
    sign, alone, plain, power = found.groups()
    amount = exact(f"{sign}1e{alone}" if alone else f"{plain}")
    if power:
        amount *= exact(f"1e{power}")
    rest = text[found.end() :]
    if not rest.strip():
        raise _UnreadableError("it has no unit")
    return amount, *_unit(rest)


def exact(text: str) -> Fraction:
    """A decimal number as a fraction; nothing that no float holds."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _UnreadableError("too large a number")
    return Fraction(text) if value else Fraction(0)  # 1e-999999999 would take for ever


def _unit(text: str) -> tuple[Fraction, Dimension]:
    """A product of powers of units, such as ``g/cm^3``; ``/`` divides by the next one alone."""
    factor, dimension = Fraction(1), (0, 0, 0)
    place = 0
    while text[place:].strip():
        found = _UNIT.match(text, place)
        if found is None:
            raise _UnreadableError(f"{text[place:].strip()!r} is no unit")
        operator, name, *powers = found.groups()
        power = int(next((p for p in powers if p), 1))
        if abs(power) > _MOST_POWER:
            raise _UnreadableError(f"a power of at most {_MOST_POWER}")
        power = -power if operator == "/" else power
        one, of_one = (Fraction(1), (0, 0, 0)) if name == "1" else _known(name)
        factor *= one**power
        dimension = _times(dimension, of_one, power)
        place = found.end()
    return factor, dimension


def _times(one: Dimension, other: Dimension, power: int) -> Dimension:
    return (one[0] + power * other[0], one[1] + power * other[1], one[2] + power * other[2])


def _of_library(field: str, value: Any) -> tuple[Fraction, Fraction, Dimension]:
    """The same of a quantity of pint or astropy (whose package need not be here)."""
    if hasattr(value, "unit_items"):
        amount, factor = value.magnitude, Fraction(1)
        units = [(str(name), power) for name, power in value.unit_items()]
    elif _is_astropy(value):
        unit = value.unit
        known = [_is_known(base) for base in unit.bases]  # every one: Hz may be the last
        if not all(known):
            unit = unit.decompose()
        amount, factor = value.value, Fraction(float(unit.scale))
        units = [(base.name, p) for base, p in zip(unit.bases, unit.powers, strict=True)]
    else:
        raise _UnreadableError("a number without a unit")
    dimension = (0, 0, 0)
    for name, power in units:
        if power != int(power) or abs(power) > _MOST_POWER:
            raise _UnreadableError(f"whole powers of units, at most {_MOST_POWER}")
        one, of_one = _known(name)
        factor *= one ** int(power)
        dimension = _times(dimension, of_one, int(power))
    return Fraction(number(field, amount)), factor, dimension


def _is_astropy(value: Any) -> bool:
    return hasattr(getattr(value, "unit", None), "bases") and hasattr(value, "value")


def _is_known(base: Any) -> bool:
    """Whether the name of a unit of astropy is the same unit in pint (AU is not)."""
    try:
        dimension = _known(base.name)[1]
    except _HertzError:
        raise
    except _UnreadableError:
        return False
    return any(dimension) or all(part.name == "rad" for part in base.decompose().bases)


@cache
def _registry() -> Any:
    import pint  # 0.4 s, and only for texts

    return pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)


@lru_cache(maxsize=4096)
def _known(name: str) -> tuple[Fraction, Dimension]:
    """A unit of pint in metre, gram and second."""
    import pint

    units = _registry()
    unknown = f"{name!r} is no unit of pint{did_you_mean(name, _COMMON)}"
    try:
        names = units.parse_unit_name(name)
        factor, _ = units.get_root_units(name)
        dimensions = dict(units.get_dimensionality(name))
    except (pint.errors.PintError, AttributeError, TypeError, ValueError, KeyError):
        raise _UnreadableError(unknown) from None  # pint has no one error for an unknown name
    if names and names[0][1] == "hertz":
        raise _HertzError("write rad/s or 1/s: Hz leaves a factor of 2 pi open")
    powers = [dimensions.pop(of, 0) for of in ("[length]", "[mass]", "[time]")]
    if dimensions or any(power != int(power) for power in powers):
        raise _UnreadableError(f"{name!r} is no unit of lengths, masses, times or energies")
    return Fraction(factor), (int(powers[0]), int(powers[1]), int(powers[2]))


def _described(dimension: Dimension) -> str:
    if dimension in _WORDS:
        return _WORDS[dimension]
    named = zip(("m", "g", "s"), dimension, strict=True)
    return " ".join(f"{unit}^{power}" if power != 1 else unit for unit, power in named if power)
