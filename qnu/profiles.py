"""``mu(t)`` and ``matter(t)``: numbers, tables or callables of time, all used the same way.

A number, a :class:`Table`, an :class:`Exponential` and a :class:`PowerLaw` are used exactly. Any
other callable is sampled: on about 18,000 times
between 0 and the end, none farther from the next than 1/10,000 of that interval (where the end is
not known before, of a schedule made with a changing mu, on pieces of it), and then more finely
wherever it changes, so that jumps, corners and pulses that were seen are resolved to rounding. A
pulse shorter than 1/10,000 of the interval may lie between two samples and be missed: give
its corners as breakpoints, ``Function(f, breakpoints=[...])``, or use a :class:`Table`. Every
solver and schedule stops at breakpoints exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .common.checks import Floats, finite, floats, frozen, number
from .errors import QnuError

__all__ = [
    "Exponential",
    "Function",
    "PowerLaw",
    "Profile",
    "Table",
    "as_json",
    "breakpoints",
    "check_not_negative",
    "checked",
    "describe",
    "evaluate",
    "from_json",
    "is_zero",
]

#: What is accepted for ``mu`` and ``matter``.
Profile = float | Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Table:
    """Linear interpolation through ``(times, values)``; constant beyond both ends.

    Before the first time it has the first value, after the last time the last one. All solvers and
    schedules stop at its times, so that no pulse is too short for them.

    Args:
        times: ``(n,)`` increasing times.
        values: ``(n,)`` values there.

    Raises:
        QnuError: times that do not increase, shapes that differ, NaN.

    Examples:
        >>> Table([0.0, 10.0], [1.0, 0.0])(2.5)
        0.75
    """

    times: Floats
    values: Floats

    def __post_init__(self) -> None:
        times = floats("times", self.times, (None,))
        values = floats("values", self.values, (times.size,))
        if times.size == 0 or np.any(np.diff(times) <= 0):
            raise QnuError("times", times.tolist(), "at least one time, strictly increasing")
        object.__setattr__(self, "times", frozen(times))
        object.__setattr__(self, "values", frozen(values))

    def __call__(self, time: Any) -> Any:
        value = self.at(finite("time", time))
        return float(value) if np.ndim(time) == 0 else value

    def at(self, times: Floats) -> Any:
        """The same for an array of times that has been checked."""
        return np.interp(times, self.times, self.values)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Table)
            and np.array_equal(self.times, other.times)
            and np.array_equal(self.values, other.values)
        )

    def __hash__(self) -> int:
        return hash((self.times.tobytes(), self.values.tobytes()))


@dataclass(frozen=True)
class Exponential:
    r""":math:`\mathrm{value}(t) = \mathrm{start}\;e^{-t/\mathrm{scale}}`: a density that thins out.

    Args:
        start: the value at ``t = 0``.
        scale: the time in which it falls by 1/e (negative: it grows).

    Examples:
        >>> round(Exponential(2.0, 10.0)(10.0), 6)
        0.735759
    """

    start: float
    scale: float

    def __post_init__(self) -> None:
        number("start", self.start)
        if number("scale", self.scale) == 0:
            raise QnuError("scale", self.scale, "a finite number other than 0")

    def __call__(self, time: Any) -> Any:
        with np.errstate(over="ignore"):
            value = self.at(finite("time", time))
        if not np.isfinite(value).all():
            raise QnuError("time", time, f"times at which {self!r} is finite")
        return float(value) if np.ndim(time) == 0 else value

    def at(self, times: Floats) -> Any:
        """The same for an array of times that has been checked."""
        return self.start * np.exp(-times / self.scale)


@dataclass(frozen=True)
class PowerLaw:
    r""":math:`\mathrm{value}(t) = \mathrm{start}\,(1 + t/\mathrm{radius})^{-\mathrm{power}}`: a
    density that falls as a power of the radius, along a path outward.

    With :math:`r = \mathrm{radius} + t` (c = 1) this is
    :math:`\mathrm{start}\,(\mathrm{radius}/r)^{\mathrm{power}}`.

    Args:
        start: the value at ``t = 0``.
        radius: where the path begins, > 0, in the unit of t.
        power: 3 for the envelope of a supernova, 2 for neutrinos that stream away from a sphere
            (4 with the mean 1 - v.v' of their narrow cone, far away).

    Examples:
        >>> PowerLaw(8.0, radius=10.0, power=3.0)(10.0)
        1.0
    """

    start: float
    radius: float
    power: float

    def __post_init__(self) -> None:
        number("start", self.start)
        number("radius", self.radius, above=0.0)
        number("power", self.power)

    def __call__(self, time: Any) -> Any:
        times = finite("time", time)
        with np.errstate(all="ignore"):
            value = self.at(times)
        if not (np.isfinite(value) & (times > -self.radius)).all():
            raise QnuError("time", time, f"times at which {self!r} is finite")
        return float(value) if np.ndim(time) == 0 else value

    def at(self, times: Floats) -> Any:
        """The same for an array of times that has been checked."""
        return self.start * (1 + times / self.radius) ** -self.power


#: Smooth profiles whose integral is known: solvers take them without sampling.
ClosedForm = Exponential | PowerLaw


@dataclass(frozen=True, eq=False)
class Function:
    """A callable of time together with the times at which it jumps or has a corner.

    Integrators, schedules and matter stop at the breakpoints, and between any two of them the
    callable is sampled at least 144 times (less often with more than 512 breakpoints). A breakpoint
    belongs to neither side: the callable is never evaluated there, but on both sides of it.

    Args:
        function: of a time (or of an array of times, which is faster).
        breakpoints: ``(n,)`` increasing times, n >= 0.

    Raises:
        QnuError: something that cannot be called, times that do not increase, NaN.

    Examples:
        >>> layer = Function(lambda t: np.where(abs(t - 4) < 1e-4, 50.0, 0.0), [3.9999, 4.0001])
        >>> float(layer(4.0)), layer.breakpoints.tolist()
        (50.0, [3.9999, 4.0001])
    """

    function: Callable[[Any], Any]
    breakpoints: Floats = ()  # type: ignore[assignment]  # an array once it is checked

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise QnuError("function", self.function, "a callable of time")
        times = floats("breakpoints", self.breakpoints, (None,))
        if np.any(np.diff(times) <= 0):
            raise QnuError("breakpoints", times.tolist(), "strictly increasing times")
        object.__setattr__(self, "breakpoints", frozen(times))

    def __call__(self, time: Any) -> Any:
        return self.function(time)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Function)
            and self.function == other.function
            and np.array_equal(self.breakpoints, other.breakpoints)
        )

    def __hash__(self) -> int:
        return hash((self.function, self.breakpoints.tobytes()))


def breakpoints(profile: Profile, start: float, stop: float) -> Floats:
    """The times between two times at which a table or a :class:`Function` has a corner.

    Args:
        profile: what mu and matter can be.
        start: of the interval; itself left out.
        stop: its end; itself left out.

    Returns:
        ``(n,)`` increasing times.

    Examples:
        >>> breakpoints(Table([0.0, 1.0, 2.0], [0.0, 1.0, 0.0]), 0.0, 2.0)
        array([1.])
    """
    times = np.empty(0)
    if isinstance(profile, Table):
        times = profile.times
    elif isinstance(profile, Function):
        times = profile.breakpoints
    return times[(times > start) & (times < stop)]


def check_not_negative(times: Floats, mu: Floats, allowed: str = "numbers >= 0") -> None:
    """Refuse a coupling below 0: a density is never negative.

    Args:
        times: ``(n,)``.
        mu: ``(n,)`` its values there.
        allowed: text of the error.

    Raises:
        QnuError: the first time at which it is negative.

    Examples:
        >>> check_not_negative(np.array([1.0, 2.0]), np.array([0.5, -0.5]))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: mu(t=2): got -0.5; allowed: numbers >= 0
    """
    if (mu < 0).any():
        k = int(np.argmax(mu < 0))
        raise QnuError(f"mu(t={times[k]:g})", float(mu[k]), allowed)


def checked(field: str, value: Any, *, positive: bool = False) -> Profile:
    """A number (validated) or a callable (returned as it is)."""
    if callable(value):
        return value  # type: ignore[no-any-return]  # a callable of unknown signature
    return number(field, value, low=0.0) if positive else number(field, value)


def is_zero(profile: Profile) -> bool:
    """True for the number 0."""
    return not callable(profile) and profile == 0.0


def evaluate(profile: Profile, times: Any, field: str = "profile") -> Floats:
    """The profile at every time, as a float64 array shaped like ``times``; NaN is an error."""
    if type(times) is not np.float64:  # one time of an integrator, or whatever a user has
        times = finite("times", times)
    times = np.asarray(times)
    if not callable(profile):
        return np.full(times.shape, number(field, profile))
    function = profile.at if isinstance(profile, Table | ClosedForm) else profile
    try:
        values = np.asarray(function(times), dtype=np.float64)
    except QnuError:
        raise
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != times.shape:  # a callable written for one number at a time
        values = np.array([_value(profile, float(t), field) for t in times.ravel()])
        values = values.reshape(times.shape)
    bad = ~np.isfinite(values)
    if bad.any():
        raise QnuError(f"{field}(t={times[bad].flat[0]:g})", values[bad].flat[0], "finite values")
    return values


def _value(profile: Callable[[Any], Any], time: float, field: str) -> float:
    try:
        return float(profile(time))
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, QnuError):
            raise
        allowed = f"a callable of time whose values are numbers ({error})"
        raise QnuError(field, profile, allowed) from error


def describe(profile: Profile) -> float | str:
    """A number, or words for a callable: what a Trajectory records."""
    return repr(profile) if callable(profile) else float(profile)


def as_json(field: str, profile: Profile) -> Any:
    """Number, table, exponential or power law as JSON; other callables cannot be written down."""
    if isinstance(profile, Table):
        return {"times": profile.times.tolist(), "values": profile.values.tolist()}
    if isinstance(profile, Exponential):
        return {"start": profile.start, "scale": profile.scale}
    if isinstance(profile, PowerLaw):
        return {"start": profile.start, "radius": profile.radius, "power": profile.power}
    if callable(profile):
        allowed = "a number, qnu.profiles.Table, Exponential or PowerLaw (others cannot be saved)"
        raise QnuError(field, profile, allowed)
    return profile


def from_json(value: Any) -> Profile:
    """The inverse of :func:`as_json`."""
    if isinstance(value, dict):
        kind = Table if "times" in value else PowerLaw if "power" in value else Exponential
        return kind(**value)
    return float(value)
