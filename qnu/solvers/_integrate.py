"""Integrator for rate equations, which does not step over features of mu(t) or matter(t)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .. import piecewise
from ..common.checks import Floats
from ..common.progress import Progress, report
from ..errors import QnuError
from ..profiles import Profile

RELATIVE = 1e-10
ABSOLUTE = 1e-12

Rate = Callable[[float, Floats], Floats]
StepCheck = Callable[[float, Floats], None]


class Solution(NamedTuple):
    """Result of :func:`solve`.

    Attributes:
        y: ``(samples, n)``; fewer samples than times where the integration could not go on.
        reached: the last time that was reached.
        success: whether that is the last sample time.
    """

    y: Floats
    reached: float
    success: bool


def solve(
    rate: Rate,
    begin: float,
    start: Floats,
    times: Floats,
    profiles: Mapping[str, Profile],
    check: StepCheck | None = None,
) -> Solution:
    """``dy/dt = rate(t, y)`` from ``y(begin) = start``, sampled at the times.

    A gas at rest lets the step of an integrator grow until a pulse of mu or matter lies between
    two evaluations. So the integration starts anew at every breakpoint of the profiles, and for
    callables the step is bounded by what their samples show.

    Args:
        rate: of ``(t, y)``; between two breakpoints it is never called at the breakpoints
            themselves, so that a jump or a slope there belongs to one side.
        begin: first time.
        start: ``(n,)`` y there.
        times: ``(samples,)`` increasing, none before ``begin``.
        profiles: what the rate depends on: ``{"mu": mu, "matter": matter}``.
        check: called with ``(t, y)`` after every step; raises what is wrong there.

    Returns:
        the samples; a rate that is NaN makes steps shorter until there is none.
    """
    from scipy.integrate import DOP853

    end = float(times[-1])
    taken = int(np.searchsorted(times, begin, side="right"))
    parts = [np.broadcast_to(start, (taken, len(start)))]
    y, reached, step = start, begin, None
    if end <= begin:
        return Solution(np.concatenate(parts), begin, True)
    where = piecewise.stops(begin, end, profiles)
    edges = [begin, *where.at.tolist(), end]
    for a, b in pairwise(edges):
        low, high = _inside(a, b, begin, end)
        inner = _clipped(rate, low, high) if len(edges) > 2 else rate
        first = None if step is None else min(step, b - a)
        solver = DOP853(inner, a, y, b, rtol=RELATIVE, atol=ABSOLUTE, first_step=first)
        while solver.status == "running":
            solver.max_step = where.largest_step(solver.t)
            solver.step()
            if solver.status == "failed":
                return Solution(np.concatenate(parts), reached, False)
            reached = float(solver.t)
            if check is not None:
                check(reached, solver.y)
            after = int(np.searchsorted(times, reached, side="right"))
            if after > taken:
                parts.append(solver.dense_output()(times[taken:after]).T)
                taken = after
        y, step = solver.y, float(solver.h_abs)
    return Solution(np.concatenate(parts), reached, True)


def _inside(a: float, b: float, begin: float, end: float) -> tuple[float, float]:
    """The interval without its ends where those are breakpoints."""
    margin = min(1e-12 * (b - a) + 8 * np.spacing(max(abs(a), abs(b))), (b - a) / 4)
    return (a if a == begin else a + margin), (b if b == end else b - margin)


def _clipped(rate: Rate, low: float, high: float) -> Rate:
    def inner(t: float, y: Floats) -> Floats:
        return rate(min(max(t, low), high), y)

    return inner


def integrate(
    rate: Rate,
    start: Floats,
    times: Floats,
    progress: Progress,
    check: StepCheck | None = None,
    **profiles: Profile,
) -> Floats:
    """``dP/dt = rate(t, P)`` from t = 0: an array ``(len(times), *start.shape)``.

    ``check(t, P)`` is called after every step of the integrator and raises what is wrong there.
    """
    end = float(times[-1])
    calls = 0

    def flat(t: float, values: Floats) -> Floats:
        nonlocal calls
        calls += 1
        if calls % 64 == 0:
            report(progress, t / end)
        return rate(t, values.reshape(start.shape)).ravel()

    def checked(t: float, values: Floats) -> None:
        if check is not None:
            check(t, values.reshape(start.shape))

    solution = solve(flat, 0.0, start.ravel(), times, profiles, checked)
    if not solution.success:
        raise QnuError(
            "times",
            float(times[-1]),
            f"times before t = {solution.reached:g}, where the integration cannot go on"
            " (rates too large for this gamma or mu)",
        )
    report(progress, 1.0)
    return solution.y.reshape(len(times), *start.shape)
