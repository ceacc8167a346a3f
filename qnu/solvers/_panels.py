"""Functions of time as polynomials on adjoining intervals (panels), as long as they can be.

The ends of the panels follow from the functions alone, not from the sample times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..common.checks import Floats

DEGREE = 12
_ANGLES = np.pi * np.arange(DEGREE + 1) / DEGREE
#: Chebyshev points, as fractions of a panel, from 0 to 1.
NODES: Floats = (1 - np.cos(_ANGLES)) / 2
_TO_COEFFICIENTS: Floats = np.linalg.inv(np.polynomial.chebyshev.chebvander(2 * NODES - 1, DEGREE))
_INTEGRALS = np.stack(
    [
        np.polynomial.chebyshev.chebval(
            2 * NODES - 1, np.polynomial.chebyshev.chebint(row, lbnd=-1.0, scl=0.5)
        )
        for row in np.eye(DEGREE + 1)
    ],
    axis=1,
)
#: Values at the nodes to integrals from 0 to the nodes.
INTEGRATE: Floats = _INTEGRALS @ _TO_COEFFICIENTS

_SLOPES = np.stack(
    [
        np.polynomial.chebyshev.chebval(
            2 * NODES - 1, np.polynomial.chebyshev.chebder(row, scl=2.0)
        )
        for row in np.eye(DEGREE + 1)
    ],
    axis=1,
)
#: Values at the nodes to derivatives there, per length of the panel.
DIFFERENTIATE: Floats = _SLOPES @ _TO_COEFFICIENTS

#: The last two coefficients of every function on a panel are smaller than this.
_RESOLVED = 1e-12
#: Where half the panel does not help, what is left is rounding, up to this.
_NOISE = 1e-9
_SHORTEST = 1e-13
#: A panel is very short below this fraction of the whole.
_SHORT = 1e-5
#: Relative error of the time at which something stops to hold.
_TIME = 1e-12


@dataclass(frozen=True)
class Panel:
    """Values ``(nodes, n)`` from one time to another."""

    start: float
    stop: float
    values: Floats

    def at(self, times: Floats) -> Floats:
        """The polynomials at times: ``(times, n)``."""
        x = 2 * (np.asarray(times) - self.start) / (self.stop - self.start) - 1
        result: Floats = np.polynomial.chebyshev.chebvander(x, DEGREE) @ self._coefficients()
        return result

    def unresolved(self) -> float:
        """The largest of the last two coefficients; of functions larger than 1 as a fraction."""
        size = abs(self._coefficients())
        return float((size[-2:] / np.maximum(size.max(axis=0), 1.0)).max())

    def _coefficients(self) -> Floats:
        result: Floats = _TO_COEFFICIENTS @ self.values
        return result


class LostError(Exception):
    """No panel, however short, goes on from a time."""

    def __init__(self, time: float) -> None:
        super().__init__(time)
        self.time = time


def panels(
    solve: Callable[[float, float], Panel | None],
    begin: float,
    end: float,
    corners: Floats,
    first: float,
    longest: Callable[[float], float],
    jumps: bool = False,
) -> Iterator[Panel]:
    """Panels from a time on, until one ends at or after another time.

    Args:
        solve: a panel from one time to another, or None where there is no solution on it. What is
            yielded is its latest result.
        begin: start of the first panel.
        end: no panel starts at or after it.
        corners: increasing times that lie inside no panel.
        first: length of the first panel tried.
        longest: the longest panel that may start at a time.
        jumps: the shortest panel goes over a jump or corner of unknown place.

    Raises:
        LostError: no solution on the shortest panel.
    """
    start, length = begin, first
    while start < end:
        tiny = _SHORTEST * max(abs(start), first)
        later = corners[corners > start + 4 * tiny]
        corner = float(later[0]) if len(later) else np.inf
        before = np.inf
        while True:
            length = min(length, longest(start))
            stop = start + length if length < corner - start else corner
            length = stop - start
            if length < tiny:
                raise LostError(start)
            panel = solve(start, stop)
            if panel is None:
                length, before = length / 4, np.inf
                continue
            error = panel.unresolved()
            factor = 0.9 * (_RESOLVED / max(error, 1e-300)) ** (1 / DEGREE)
            if error <= _RESOLVED or (error < _NOISE and error > 0.7 * before):
                break
            if jumps and length < 16 * tiny:
                break
            before = error
            length *= float(np.clip(factor, 0.1, 0.5))
        yield panel
        start = stop
        # the error of a very short panel is rounding and no measure for a longer one
        least = 4.0 if length < _SHORT * (end - begin) else 0.5
        length = max(length * float(np.clip(factor, least, 4.0)), 64 * tiny)


def last_time(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Where something stops to hold that does at ``low`` and does not at ``high``."""
    while high - low > _TIME * abs(high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return high
