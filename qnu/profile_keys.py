"""``mu`` and ``matter`` in experiment files: what stands there, as profiles of time.

Numbers are in units of mu and 1/mu; texts have a unit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import profiles
from .common.checks import number
from .common.spelling import did_you_mean
from .errors import QnuError, Words
from .profiles import Exponential, PowerLaw, Profile, Table
from .units import Units
from .units.columns import profile as from_columns
from .units.reading import RADIUS, converted, is_text_or_quantity

PROFILE = (
    "a number, a text such as '642 km^-1', or a table { times = [...], values = [...] },"
    " { start = ..., scale = ... }, { start = ..., radius = ..., power = ... } or { file = ... }"
)
_KEYS = ("times", "values", "start", "value", "at", "scale", "power", "radius", "Ye", "file")
#: Of the density of a supernova's envelope.
_POWER_OF_MATTER = 3.0

#: Keys of profiles that files of earlier versions have.
_IN_UNITS_OF_MU = ({"times", "values"}, {"start", "scale"})

ReadFile = Callable[[str, Any], bytes]


def profile_of(field: str, given: Any, units: Units, read: ReadFile) -> Profile:
    """A profile in units of mu and 1/mu.

    Args:
        field: ``mu`` or ``matter``, for messages and defaults.
        given: what the file says.
        units: what [units] says.
        read: a function that reads a file, of a field and its path.

    Raises:
        QnuError: something else than ``PROFILE``.

    Examples:
        >>> units = Units(mu="10 km^-1", radius="50 km")
        >>> profile_of("mu", {"power": 4}, units, lambda field, path: b"")
        PowerLaw(start=1.0, radius=500.0, power=4.0)
    """
    if isinstance(given, Table | Exponential | PowerLaw):
        return given
    if not isinstance(given, dict):
        if isinstance(given, bool) or not (
            isinstance(given, int | float) or is_text_or_quantity(given)
        ):
            raise QnuError(field, given, PROFILE)
        return units.coupling(given, field=field)
    for name in given:
        if name not in _KEYS:
            unknown = Words(f"{given[name]!r} (an unknown key)")
            raise QnuError(f"{field}.{name}", unknown, PROFILE + did_you_mean(str(name), _KEYS))
    try:
        return _of_table(field, given, units, read)
    except QnuError as error:
        if error.field == field:
            raise
        raise error.of(f"{field}.{error.field}") from None


def _of_table(field: str, given: dict[str, Any], units: Units, read: ReadFile) -> Profile:
    keys = set(given)
    if keys in _IN_UNITS_OF_MU and not any(map(_brings_unit, given.values())):
        return profiles.from_json(given)  # whole numbers stay whole, and with them the hash
    if "file" in keys and keys <= {"file", "radius", "Ye"}:
        content = read("file", given["file"])
        return from_columns("file", content, units, radius=given.get("radius"), ye=given.get("Ye"))
    if keys == {"times", "values"}:
        return _listed(given, units)
    if keys == {"start", "Ye"}:
        return units.coupling(given["start"], given["Ye"], "start")
    reference = {"value", "at"} & keys
    if reference and (len(reference) < 2 or "start" in keys):
        raise QnuError(field, given, "`start`, or `value` with the radius `at` which it is")
    rest = keys - {"start", "value", "at", "Ye", "radius"}
    if rest == {"scale"} and (reference or "radius" not in keys):
        return _exponential(field, given, units)
    law = rest == {"power"} or (not rest and field == "matter" and {"radius", "at"} & keys)
    if law:
        return _power_law(field, given, units)
    if not rest and "radius" in keys:
        allowed = "also `power` (2: a density of neutrinos that stream away; 4: with 1 - v.v')"
        raise QnuError(field, given, allowed)
    raise QnuError(field, given, PROFILE)


def _brings_unit(value: Any) -> bool:
    """Whether a value, or one of a list, is a text."""
    return any(map(is_text_or_quantity, value if isinstance(value, list) else [value]))


def _listed(given: dict[str, Any], units: Units) -> Table:
    for name in ("times", "values"):
        if not isinstance(given[name], list):
            raise QnuError(name, given[name], "a list")
    times = [_time(f"times[{k}]", t, units) for k, t in enumerate(given["times"])]
    values = [units.coupling(v, field=f"values[{k}]") for k, v in enumerate(given["values"])]
    return Table(np.array(times), np.array(values))


def _time(field: str, value: Any, units: Units) -> float:
    return units.time(value, field)


def _start(field: str, given: dict[str, Any], units: Units) -> float:
    """The value that is given; mu begins with 1 where it is not."""
    name = "value" if "value" in given else "start"
    if name not in given:
        if field == "mu":
            return 1.0
        raise QnuError("start", Words("nothing (the key is missing)"), "the value at t = 0")
    return units.coupling(given[name], given.get("Ye"), name)


def _exponential(field: str, given: dict[str, Any], units: Units) -> Exponential:
    start, scale = _start(field, given, units), units.time(given["scale"], "scale")
    if "at" in given:
        away = Exponential(start, scale)
        begin = units.start_radius(given.get("radius"))
        start = away((begin - converted("at", given["at"], RADIUS)) * units.time("1 km"))
    return Exponential(start, scale)


def _power_law(field: str, given: dict[str, Any], units: Units) -> PowerLaw:
    power = number("power", given.get("power", _POWER_OF_MATTER))
    start, radius = _start(field, given, units), given.get("radius")
    if "at" in given:
        begin = units.start_radius(radius)
        at = converted("at", given["at"], RADIUS)
        if at <= 0:
            raise QnuError("at", given["at"], f"{RADIUS.allowed}, > 0")
        start *= (at / begin) ** power
    elif radius is not None and not is_text_or_quantity(radius) and units.radius is None:
        return PowerLaw(start, number("radius", radius, above=0.0), power)  # in units of 1/mu
    if radius is not None and not is_text_or_quantity(radius):
        raise QnuError("radius", radius, RADIUS.allowed)
    return PowerLaw(start, units.start_radius(radius) * units.time("1 km", "radius"), power)
