"""What is to be reached against the best of all runs of Qiskit, and what of it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .cases import RANDOM
from .ours import is_fallback

Row = dict[str, Any]
#: Groups of schedules whose pairs are drawn at random.
DRAWN = (*(f"random {n} x {e}" for n, e in RANDOM), "stochastic 16")


@dataclass(frozen=True)
class Goal:
    """One number over the cases of some groups: ``value(rows)`` is to be at most ``limit``.

    The worst case is the one with the largest ``each(row)``.
    """

    groups: tuple[str, ...]
    what: str
    limit: float
    each: Callable[[Row], float]
    mean: bool = False

    def reached(self, rows: Iterable[Row]) -> Result | None:
        """Over the cases that were measured; None where there is none."""
        own = [r for r in rows if r["group"] in self.groups and done(r)]
        if not own:
            return None
        values = [math.inf if fallback(r) else self.each(r) for r in own]
        worst = own[values.index(max(values))]["name"]
        value = geometric(values) if self.mean else max(values)
        return Result(value, value <= self.limit + 1e-9, worst)


@dataclass(frozen=True)
class Result:
    """The value of a goal, whether it is reached, the name of its worst case."""

    value: float
    holds: bool
    worst: str


def done(row: Row) -> bool:
    """Whether there are numbers of qnu and of Qiskit."""
    return "gates" in row and "best_gates" in row


def fallback(row: Row) -> bool:
    """A circuit of Qiskit's returned as it is counts as not reached."""
    return is_fallback(str(row.get("route", "")))


def gates(row: Row) -> float:
    return float(row["gates"] / row["best_gates"])


def depth(row: Row) -> float:
    return float(row["depth"] / row["best_depth"])


def success(row: Row) -> float:
    """Qiskit's highest estimate over qnu's: at most 1 where qnu's is not lower."""
    return float(row["best_success"] / row["success"]) if row["success"] > 0 else math.inf


def times(row: Row) -> float:
    """Of one call of Qiskit's level 3."""
    return float(row["seconds"] / row["qiskit_s"])


def seconds(row: Row) -> float:
    return float(row["seconds"])


def geometric(values: list[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, values)) / len(values)) if all(values) else 0.0


def at_the_bound(rows: Iterable[Row]) -> float:
    """The mean of gates of circles if none had more than three per encounter: none has fewer."""
    own = [r for r in rows if r["group"] == "circle" and done(r)]
    return geometric([r["least_gates"] / r["best_gates"] for r in own])


CIRCLE = ("circle",)
GENERAL = ("general",)
SCHEDULES = (*CIRCLE, *DRAWN)
GOALS = (
    Goal(CIRCLE, "gates, worst", 1.0, gates),
    Goal(CIRCLE, "gates, mean", 0.85, gates, mean=True),
    Goal(CIRCLE, "depth, worst", 1.0, depth),
    *(
        Goal((group,), f"{what}, mean", 0.75, each, mean=True)
        for group in DRAWN
        for what, each in (("gates", gates), ("depth", depth))
    ),
    Goal(DRAWN, "gates, worst", 0.9, gates),
    Goal(DRAWN, "depth, worst", 0.9, depth),
    Goal(CIRCLE, "time / one call", 3.0, times),
    Goal(DRAWN, "time / one call", 3.0, times),
    Goal(("random 20 x 200",), "time in s", 10.0, seconds),
    Goal(GENERAL, "gates, worst", 1.0, gates),
    Goal(GENERAL, "time / one call", 10.0, times),
    Goal(SCHEDULES, "1 / success, worst", 1.0, success),
)
NAMES = {CIRCLE: "circle", DRAWN: "random, stochastic", GENERAL: "general", SCHEDULES: "all"}


def label(goal: Goal) -> str:
    """What the goal is about, in a few words."""
    whose = NAMES.get(goal.groups, goal.groups[0])
    return f"{whose}: {goal.what} <= {goal.limit:g}"


def unreached(row: Row) -> list[str]:
    """The goals that one case does not reach by itself: more gates, more depth, a fallback."""
    if not done(row):
        return []
    if fallback(row):
        return ["fallback"]
    if row["group"] in DRAWN:
        limits = {"gates": (gates(row), 0.9), "depth": (depth(row), 0.9)}
    elif row["group"] == "general":
        limits = {"gates": (gates(row), 1.0)}
    else:
        limits = {"gates": (gates(row), 1.0), "depth": (depth(row), 1.0)}
    return [name for name, (value, limit) in limits.items() if value > limit + 1e-9]
