"""mu(t) and matter(t) as piecewise cubics, from which integrals and step sizes follow.

A table is taken as it is. A callable is sampled: first on a grid over the whole interval, then
wherever a cubic through the samples does not give the other samples, until it does. Jumps and
corners are found by halving the cell they are in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .common.checks import Floats, number
from .errors import QnuError
from .profiles import (
    ClosedForm,
    Profile,
    Table,
    as_json,
    breakpoints,
    check_not_negative,
    evaluate,
)

#: Cells of the first grid, each with nine samples at most a fifth of a cell apart: what is shorter
#: than 1/10,000 of the interval may lie between two samples.
CELLS = 1 << 11
_MOST_CELLS = 1 << 18
#: A cell is good where the cubic is this near to the samples, as a fraction of the largest value,
_ERROR = 1e-11
#: or where a jump is left in so short a cell that it adds this fraction of the whole integral.
_AREA_ERROR = 1e-13
_JUMP = 1e-3
#: Integral that cells which never became good may add, as a fraction, before it is an error.
_UNRESOLVED = 1e-8

_FITTED = np.cos((2 * np.arange(4) + 1) * np.pi / 8)
_COMPARED = np.array([-0.995, -0.65, 0.0, 0.65, 0.995])
#: Where a cell is sampled, from 0 to 1; never at its ends, where a jump may be.
_AT = (1 + np.concatenate([_FITTED, _COMPARED])) / 2
_TO_COEFFICIENTS = np.linalg.inv(np.vander(_AT[:4], 4)).T
_TO_VALUES = np.vander(_AT[4:], 4).T


@dataclass(frozen=True, eq=False)
class Pieces:
    """``c_0 s^3 + c_1 s^2 + c_2 s + c_3`` in every cell, s counted from its beginning.

    Args:
        breaks: ``(cells + 1,)`` increasing times.
        coefficients: ``(4, cells)``, highest power first.
        corners: times between the ends at which the value or the slope jumps.
    """

    breaks: Floats
    coefficients: Floats
    corners: Floats

    def values_at_ends(self) -> Floats:
        """``(cells,)`` the value of every cell where it ends."""
        w, c = np.diff(self.breaks), self.coefficients
        result: Floats = ((c[0] * w + c[1]) * w + c[2]) * w + c[3]
        return result

    def _integral_in(self, cell: Floats, s: Floats) -> Floats:
        c = self.coefficients[:, cell]
        result: Floats = (((c[0] / 4 * s + c[1] / 3) * s + c[2] / 2) * s + c[3]) * s
        return result

    @cached_property
    def _before(self) -> Floats:
        """``(cells + 1,)`` integral up to every break; of a positive function, so never falling."""
        cells = np.arange(len(self.breaks) - 1)
        parts = np.maximum(self._integral_in(cells, np.diff(self.breaks)), 0.0)
        return np.concatenate([[0.0], np.cumsum(parts)])

    def integral(self, times: Floats) -> Floats:
        """The integral from the first break, of a function that is never negative."""
        cell = self._cells(self.breaks, times)
        inside = self._integral_in(cell, times - self.breaks[cell])
        result: Floats = self._before[cell] + np.maximum(inside, 0.0)
        return result

    def inverse(self, integrals: Floats) -> Floats:
        """The times at which the integral of a positive function has these values."""
        cell = self._cells(self._before, integrals)
        rest = integrals - self._before[cell]
        c, low = self.coefficients[:, cell], np.zeros(rest.shape)
        high = np.diff(self.breaks)[cell]
        root = np.sqrt(np.maximum(c[3] ** 2 + 2 * c[2] * rest, 0.0))
        s = 2 * rest / np.maximum(c[3] + root, 1e-300)  # exact where the piece is a straight line
        s = np.clip(s, low, high)
        if self.coefficients[:2].any():
            moves = np.ones(s.shape, np.bool_)
            for _ in range(60):  # Newton's method, halving where it leaves the bracket
                off = self._integral_in(cell, s) - rest
                low, high = np.where(off < 0, s, low), np.where(off > 0, s, high)
                slope = ((c[0] * s + c[1]) * s + c[2]) * s + c[3]
                moved = s - off / np.where(slope > 0, slope, 1e-300)
                outside = (moved <= low) | (moved >= high)
                new = np.where(off == 0, s, np.where(outside, (low + high) / 2, moved))
                near = abs(new - s) <= 4e-16 * abs(self.breaks[cell] + new)
                s = np.where(moves, new, s)  # each as if it were alone
                moves &= ~near
                if not moves.any():
                    break
        return np.asarray(self.breaks[cell] + s)

    @staticmethod
    def _cells(edges: Floats, values: Floats) -> Floats:
        cells = np.searchsorted(edges, values, side="right") - 1
        return np.clip(cells, 0, len(edges) - 2)


Check = Callable[[Floats, Floats], None]


def pieces(profile: Profile, stop: float, field: str = "profile", *, start: float = 0.0) -> Pieces:
    """A number, table or callable on ``[start, stop]``.

    Args:
        profile: what mu and matter can be.
        stop: end of the interval, after the start.
        field: named in errors.
        start: beginning of the interval.

    Returns:
        exact for a number or a table, else right to 1e-11 of the largest value.

    Raises:
        QnuError: a value that is not finite, a callable that cannot be resolved.

    Examples:
        >>> step = pieces(lambda t: np.where(t > 2.0, 3.0, 1.0), 10.0)
        >>> step.integral(np.array([10.0])).round(9)
        array([26.])
    """
    inner = breakpoints(profile, start, stop)
    edges = np.concatenate([[start], inner, [stop]])
    if not callable(profile):
        return Pieces(edges, np.array([[0.0], [0.0], [0.0], [float(profile)]]), inner)
    if isinstance(profile, Table):
        values = evaluate(profile, edges, field)
        zero = np.zeros(len(edges) - 1)
        slope = np.diff(values) / np.diff(edges)
        return Pieces(edges, np.stack([zero, zero, slope, values[:-1]]), inner)
    return fitted(profile, edges, field)


def fitted(
    profile: Profile,
    edges: Floats,
    field: str,
    *,
    check: Check | None = None,
    error: float = _ERROR,
    strict: bool = True,
    cells: int = CELLS,
) -> Pieces:
    """Any callable on ``[edges[0], edges[-1]]``, by sampling; no cell goes over an edge.

    Args:
        profile: the callable.
        edges: both ends, and breakpoints in between.
        field: named in errors.
        check: called with times and values of all samples, to raise an error.
        error: how near a cubic must be to the samples, as a fraction of the largest value.
        strict: an error where the samples do not come together; False: the best there is.
        cells: cells of the first grid.
    """
    return _Fit(profile, edges, field, check, error, strict, cells).pieces()


def joined(parts: Sequence[Pieces]) -> Pieces:
    """Pieces that follow each other as one."""
    breaks = [part.breaks[:-1] for part in parts] + [parts[-1].breaks[-1:]]
    coefficients = np.concatenate([part.coefficients for part in parts], axis=1)
    corners = np.concatenate([part.corners for part in parts])
    return Pieces(np.concatenate(breaks), coefficients, corners)


def first_grid(edges: Floats, cells: int = CELLS) -> Floats:
    """The breaks of the first grid: even between breakpoints, some cells between any two."""
    lengths = np.diff(edges)
    least = max(min(16, 4 * cells // len(lengths)), 1)
    count = np.maximum(np.ceil(cells * lengths / lengths.sum()), least).astype(int)
    parts = [
        np.linspace(a, b, n, endpoint=False)
        for a, b, n in zip(edges[:-1], edges[1:], count, strict=True)
    ]
    return np.append(np.concatenate(parts), edges[-1])


def times_in_cells(grid: Floats) -> Floats:
    """``(cells, 9)``: where the cells of a grid are sampled."""
    result: Floats = grid[:-1, None] + np.diff(grid)[:, None] * _AT
    return result


class _Fit:
    """Halving of cells until every one is good."""

    def __init__(
        self,
        profile: Profile,
        edges: Floats,
        field: str,
        check: Check | None,
        error: float,
        strict: bool,
        cells: int,
    ) -> None:
        self.profile, self.edges, self.field, self.check = profile, edges, field, check
        self.error, self.strict, self.cells = error, strict, cells
        self.total = float(edges[-1] - edges[0])
        self.largest, self.integral = 0.0, 0.0
        self.kept: list[tuple[Floats, Floats, Floats, Floats]] = []

    def pieces(self) -> Pieces:
        grid = first_grid(self.edges, self.cells)
        begin, width = grid[:-1], np.diff(grid)
        # of every cell one sample of its parent: a spike that was seen once is not lost again
        kept_time, kept_value = np.full(len(begin), np.nan), np.zeros(len(begin))
        many = 0
        while True:
            times = begin[:, None] + width[:, None] * _AT
            values = evaluate(self.profile, times.ravel(), self.field).reshape(times.shape)
            if self.check is not None:
                self.check(times.ravel(), values.ravel())
            if not self.kept:
                self.largest = float(abs(values).max())
                self.integral = float((abs(values).mean(axis=1) * width).sum())
            self.largest = max(self.largest, float(abs(values).max()))
            c = values[:, :4] @ _TO_COEFFICIENTS
            off = abs(c @ _TO_VALUES - values[:, 4:]).max(axis=1)
            u = (kept_time - begin) / width
            there = (u >= 0) & (u <= 1)
            u = np.where(there, u, 0.0)
            seen = np.where(there, kept_value, c[:, 3])
            off = np.maximum(off, abs(((c[:, 0] * u + c[:, 1]) * u + c[:, 2]) * u + c[:, 3] - seen))
            good = off <= self.error * self.largest
            short = (off * width <= _AREA_ERROR * self.integral) & (off > _JUMP * self.largest)
            short |= width <= _AREA_ERROR * self.total
            done = good | short
            full = many + done.sum() + 2 * (~done).sum() > _MOST_CELLS
            if full:
                self._give_up(begin, off * width, done)
                done[:] = True
            rough = done & ~good
            c[rough] = [0.0, 0.0, 0.0, 1.0] * values[rough].mean(axis=1)[:, None]
            with np.errstate(over="ignore"):
                c /= width[:, None] ** np.array([3, 2, 1, 0])
            self.kept.append((begin[done], width[done], c[done], rough[done]))
            if done.all():
                return self._joined(full)
            many += int(done.sum())
            begin, width, kept_time, kept_value = _halves(
                ~done, begin, width, times, values, np.where(there, kept_time, np.nan), kept_value
            )

    def _give_up(self, begin: Floats, areas: Floats, done: Floats) -> None:
        if not self.strict or areas[~done].sum() <= _UNRESOLVED * self.integral:
            return
        raise QnuError(
            self.field,
            self.profile,
            f"a function that {_MOST_CELLS} cubics resolve (near t = {begin[~done][0]:.6g} they do"
            " not): give its jumps and corners, qnu.profiles.Function(f, breakpoints=[...])",
        )

    def _joined(self, full: bool) -> Pieces:
        begin, _, c, rough = (np.concatenate(part) for part in zip(*self.kept, strict=True))
        order = np.argsort(begin, kind="stable")
        breaks = np.append(begin[order], self.edges[-1])
        corners = self.edges[1:-1]
        if not full:  # else rough cells are everywhere
            near = np.flatnonzero(rough[order])
            corners = np.unique(np.concatenate([corners, breaks[near], breaks[near + 1]]))
            corners = corners[(corners > breaks[0]) & (corners < breaks[-1])]
        return Pieces(breaks, np.ascontiguousarray(c[order].T), corners)


def _halves(
    some: Floats,
    begin: Floats,
    width: Floats,
    times: Floats,
    values: Floats,
    kept_time: Floats,
    kept_value: Floats,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Two cells for each, with the sample that is farthest from the others."""
    times = np.column_stack([times[some], kept_time[some]])
    values = np.column_stack([values[some], kept_value[some]])
    middle = np.median(values[:, :-1], axis=1)[:, None]
    apart = np.where(np.isnan(times), -1.0, abs(values - middle))
    outlier = (np.arange(len(times)), apart.argmax(axis=1))
    half = width[some] / 2
    begin = np.stack([begin[some], begin[some] + half], axis=1).ravel()
    return begin, half.repeat(2), times[outlier].repeat(2), values[outlier].repeat(2)


#: Error of a fit that only shows how fast a callable changes, and
_ROUGH = 1e-9
#: cells of it that an integrator may take in one step, about one radian of a sine.
_CELLS_A_STEP = 32


@dataclass(frozen=True, eq=False)
class Stops:
    """Where an integrator has to stop, and how far it may go in one step.

    Made by :func:`stops`; with several profiles, for all of them.
    """

    at: Floats
    start: float
    stop: float
    _fits: tuple[Pieces, ...]

    @cached_property
    def _ends(self) -> list[tuple[Floats, Floats, Floats]]:
        ends_of_fits = []
        for fit in self._fits:
            most = _CELLS_A_STEP * np.diff(fit.breaks)
            # a step may not end beyond where a step from any later cell could
            ends = np.minimum.accumulate((fit.breaks[:-1] + most)[::-1])[::-1]
            ends_of_fits.append((fit.breaks, most, np.append(ends[1:], np.inf)))
        return ends_of_fits

    def largest_step(self, time: float) -> float:
        """From this time on; infinite where tables and numbers are all there is."""
        result = np.inf
        for breaks, most, ends in self._ends:
            cell = min(max(int(np.searchsorted(breaks, time, side="right")) - 1, 0), len(most) - 1)
            result = min(result, most[cell], ends[cell] - time)
        return float(max(result, 1e-12 * (self.stop - self.start)))


def stops(start: float, stop: float, profiles: Mapping[str, Profile]) -> Stops:
    """Breakpoints of all profiles between two times, and the largest steps between them.

    Args:
        start: beginning of the interval.
        stop: its end, after it.
        profiles: by name (of an error message); what is called ``mu`` may not be negative.

    Returns:
        for an integrator.

    Raises:
        QnuError: a value that is not finite, a negative mu.

    Examples:
        >>> limits = stops(0.0, 10.0, {"mu": Table([0.0, 4.0, 5.0], [1.0, 1.0, 0.0])})
        >>> limits.at, limits.largest_step(0.0)
        (array([4., 5.]), inf)
    """
    fits, at = [], [np.empty(0)]
    for name, profile in profiles.items():
        check = check_not_negative if name == "mu" else None
        inner = breakpoints(profile, start, stop)
        edges = np.concatenate([[start], inner, [stop]])
        if not callable(profile) or isinstance(profile, Table | ClosedForm):
            if check is not None:
                check(edges, evaluate(profile, edges, name))
        else:
            fit = fitted(profile, edges, name, check=check, error=_ROUGH, strict=False)
            fits.append(fit)
            inner = fit.corners
        at.append(inner)
    return Stops(np.unique(np.concatenate(at)), start, stop, tuple(fits))


def trace(profile: Profile, final_time: float) -> Any:
    """As JSON, or a hash of breakpoints and samples of another callable: for provenance.

    The samples are those of the first grid on which every callable is sampled.
    """
    if not callable(profile):
        return number("profile", profile)
    final_time = number("final_time", final_time)
    if isinstance(profile, Table | ClosedForm):
        return as_json("profile", profile)
    end = final_time if final_time > 0 else 1.0
    inner = breakpoints(profile, 0.0, end)
    times = times_in_cells(first_grid(np.concatenate([[0.0], inner, [end]])))
    digest = hashlib.sha256(inner.tobytes())
    digest.update(evaluate(profile, times.ravel()).tobytes())
    return digest.hexdigest()
