"""Time in units of encounters: the phase ``x = integral of mu dt``, and swap angles in bulk."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import piecewise
from ..common.checks import Floats, number
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..piecewise import Pieces
from ..profiles import (
    ClosedForm,
    PowerLaw,
    Profile,
    Table,
    breakpoints,
    check_not_negative,
    checked,
    evaluate,
)
from .rows import Indices

#: A callable whose end is not known is sampled on pieces: cells of each, and its length as a
#: fraction of the time before it, or of the time that all would take at the mu of the beginning.
_CELLS = 1 << 9
_PART = 1 / 8
_FIRST = 1 / 1024
#: A callable whose integral grows by a smaller fraction while the time doubles counts as zero from
#: then on, once that many times the first guess of the end have passed.
_STANDS_STILL = 1e-12
_PATIENCE = 64.0
_FOREVER = 1e60


def checked_mu(mu: Profile) -> Profile:
    """Mu as a number > 0 or a callable (whose values are checked where they are used)."""
    return checked("mu", mu) if callable(mu) else number("mu", mu, above=0.0)


class Clock:
    """``t`` with ``integral_0^t mu dt' = x``, for phases x from 0 to ``end``, any part of them.

    The integral of a number, a table, an exponential or a power law is taken in closed form, that
    of another callable over the cubics of :mod:`qnu.piecewise`.
    """

    def __init__(self, mu: Profile, end: float, final_time: float | None = None) -> None:
        """``final_time``: where it is known that the phase reaches ``end`` before it."""
        self.mu = mu
        self._integral = None if not callable(mu) or end <= 0 else _until(mu, end, final_time)

    def times(self, phases: Floats) -> Floats:
        """``(n,)`` times of increasing phases."""
        if not callable(self.mu):
            return phases / self.mu
        if self._integral is None or phases.size == 0:
            return np.zeros_like(phases)
        return self._integral.inverse(phases)

    def time(self, phase: float) -> float:
        """The time of one phase."""
        return float(self.times(np.array([phase]))[0])

    def step(self, phase: float) -> float | None:
        """How long steps of one phase last where that is one number."""
        return None if callable(self.mu) else phase / self.mu


def phases_at(mu: Profile, times: Floats, *, zero: bool = False) -> Floats:
    """``x = integral_0^t mu dt`` at every time.

    Args:
        mu: coupling, > 0 at all times up to the last.
        times: ``(n,)``, >= 0, in any order.
        zero: mu may also be 0.
    """
    times = np.asarray(times, dtype=np.float64)
    if not callable(mu):
        return mu * times
    end = float(times.max(initial=0.0))
    if end <= 0:
        return np.zeros_like(times)
    with np.errstate(over="ignore", invalid="ignore"):  # callers that need finite values check them
        return _over(mu, end, zero=zero).integral(times)


def phase_at(mu: Profile, time: float) -> float:
    """``x = integral_0^time mu dt``."""
    return float(phases_at(mu, np.array([time]))[0])


class _Falling(NamedTuple):
    """The integral of an exponential, in closed form."""

    start: float
    scale: float

    def integral(self, times: Floats) -> Floats:
        with np.errstate(over="ignore"):
            return np.asarray(-self.start * self.scale * np.expm1(-times / self.scale))

    def inverse(self, integrals: Floats) -> Floats:
        return np.asarray(-self.scale * np.log1p(-integrals / (self.start * self.scale)))

    @property
    def total(self) -> float:
        """Over all times."""
        return self.start * self.scale if self.scale > 0 else math.inf


class _Thinning(NamedTuple):
    """The integral of a power law: ``start radius ((1 + t/radius)^(1 - power) - 1)/(1 - power)``.

    As ``expm1`` and ``log1p`` of ``rest = 1 - power``, so that powers near 1 lose no digits.
    """

    start: float
    radius: float
    rest: float

    def integral(self, times: Floats) -> Floats:
        path = np.log1p(times / self.radius)
        with np.errstate(over="ignore"):
            grown = np.expm1(self.rest * path) / self.rest if self.rest else path
        return np.asarray(self.start * self.radius * grown)

    def inverse(self, integrals: Floats) -> Floats:
        x = integrals / (self.start * self.radius)
        path = np.log1p(self.rest * x) / self.rest if self.rest else x
        return np.asarray(self.radius * np.expm1(path))

    @property
    def total(self) -> float:
        """Over all times."""
        return -self.start * self.radius / self.rest if self.rest < 0 else math.inf


def _closed(mu: ClosedForm) -> _Falling | _Thinning:
    if isinstance(mu, PowerLaw):
        return _Thinning(mu.start, mu.radius, 1 - mu.power)
    return _Falling(mu.start, mu.scale)


def _positive(times: Floats, values: Floats) -> None:
    if values.min() <= 0:
        k = int(np.argmax(values <= 0))
        raise QnuError(f"mu(t={times[k]:g})", float(values[k]), "> 0 at all times")


def _over(
    mu: Any, stop: float, *, start: float = 0.0, zero: bool = False, cells: int = piecewise.CELLS
) -> Pieces | _Falling | _Thinning:
    """The integral of a callable mu from ``start`` to ``stop``, mu positive all the way."""
    check = partial(check_not_negative, allowed=">= 0 at all times") if zero else _positive
    edges = np.concatenate([[start], breakpoints(mu, start, stop), [stop]])
    if isinstance(mu, ClosedForm | Table):
        check(edges[:1], evaluate(mu, edges[:1], "mu"))
        if isinstance(mu, ClosedForm):
            return _closed(mu)
        check(edges, evaluate(mu, edges, "mu"))
        return piecewise.pieces(mu, stop, "mu", start=start)
    return piecewise.fitted(mu, edges, "mu", check=check, cells=cells)


def _until(mu: Any, end: float, final_time: float | None) -> Pieces | _Falling | _Thinning:
    """The integral of a callable mu up to the time at which it is ``end``."""
    if final_time is not None:
        return _over(mu, final_time)
    if isinstance(mu, ClosedForm):
        integral = _over(mu, 1.0)
        total = _closed(mu).total
        if total <= end:
            raise _too_small(total, end)
        return integral
    if isinstance(mu, Table):
        return _over(mu, _end_in_table(mu, end))
    return _searched(mu, end)


def _too_small(total: float, end: float, where: str = "over all times") -> QnuError:
    return QnuError(
        "mu",
        f"a profile whose integral {where} is {total:.6g}",
        f"an integral of at least {end:.6g}, which this schedule needs",
    )


def _end_in_table(mu: Table, end: float) -> float:
    """The time at which the integral of a table is ``end``."""
    last = max(float(mu.times[-1]), 0.0)
    edges = np.concatenate([[0.0], breakpoints(mu, 0.0, last), [last]])
    values = mu(edges)
    before = np.concatenate([[0.0], np.cumsum(np.diff(edges) * (values[1:] + values[:-1]) / 2)])
    if before[-1] < end:
        _positive(edges[:-1], values[:-1])
        if values[-1] == 0:
            raise _too_small(float(before[-1]), end)
        _positive(edges, values)
        return last + (end - float(before[-1])) / float(values[-1])
    k = int(np.argmax(before >= end))
    _positive(edges[:k], values[:k])
    part = piecewise.pieces(mu, float(edges[k]), "mu", start=float(edges[k - 1]))
    return float(part.inverse(np.array([end - before[k - 1]]))[0])


def _searched(mu: Any, end: float) -> Pieces:
    """Pieces of a callable, one after the other, until the integral is ``end``."""
    at_once = evaluate(mu, np.zeros(1), "mu")
    _positive(np.zeros(1), at_once)
    guess = end / float(at_once[0])
    while True:
        integral = piecewise.joined(_parts(mu, end, guess))
        time = float(integral.inverse(np.array([end]))[0])
        if time >= guess / 2:
            return integral
        guess = time  # mu grows: the pieces were longer than they should be


def _parts(mu: Any, end: float, guess: float) -> list[Pieces]:
    """As many as it takes, the first ones short: mu may grow fast."""
    known = breakpoints(mu, 0.0, math.inf)
    parts: list[Pieces] = []
    time, phase, length = 0.0, 0.0, _FIRST * guess
    before, doubled = 0.0, guess  # the phase when the time was last twice what it had been
    while phase < end:
        longest = _PART * max(time, guess)
        cells = max(math.ceil(_CELLS * length / longest), _CELLS >> 3)
        part = _over(mu, time + length, start=time, cells=cells)
        assert isinstance(part, Pieces)
        parts.append(part)
        time = float(part.breaks[-1])
        phase += float(part.integral(np.array([time]))[0])
        if time >= 2 * doubled:
            still = phase - before <= _STANDS_STILL * phase and not (known > time).any()
            if still and time >= _PATIENCE * guess:
                raise _too_small(phase, end)
            if time >= _FOREVER * guess:
                raise _too_small(phase, end, f"to t = {time:.6g}")
            before, doubled = phase, time
        pace = max(float(evaluate(mu, np.array([time]), "mu")[0]), 1e-300)
        length = min(1.01 * (end - phase) / pace + 1e-9 * time, 2 * length, longest)
    return parts


def swap_angles(gas: NeutrinoGas, first: Indices, second: Indices, strength: float) -> Floats:
    """``strength (1 - v.v')`` for every pair."""
    if gas.velocity is None:
        return np.full(first.size, strength)
    from .kernels import pair_angles

    result = np.empty(first.size)
    pair_angles(gas.velocity, first, second, strength, result)
    return result
