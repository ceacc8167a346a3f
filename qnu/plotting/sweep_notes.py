"""What a figure of a sweep leaves out, and where pairs meet repeatedly, in words."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..common.checks import Floats
from .sweep_plan import Plan
from .sweep_theory import slopes_in_words
from .sweep_values import MEAN, Values, points_of
from .sweep_words import symbol, time_of, value_text

_CHARACTERS_PER_INCH = 20.5


def notes(dataset: Any, plan: Plan, lower: str) -> list[str]:
    """One line each; none where there is nothing to say."""
    found, shown = [], plan.values
    if shown.at:
        found.append(_where(shown.at, shown.group_count, time_word(dataset)))
    seeds = shown.array.shape[-1]
    if seeds > 1 and shown.random.any():
        what = "Mean and standard error" if shown.per_history else "Estimate and jackknife error"
        found.append(f"{what} of {seeds} seeds.")
    elif shown.random.any() and shown.methods != ("",):
        found.append("One seed: no error band.")
    if lower:
        found.append(f"{lower}.")
    if plan.missing:
        found.append(f"Without values: {', '.join(plan.missing)}.")
    if plan.below:
        found.append(f"Nowhere > 0: {', '.join(plan.below)}.")
    found += slopes_in_words(plan)
    found += _left_out(dataset, plan)
    found += _meetings(dataset, plan)
    return found


def time_word(dataset: Any) -> str:
    """The time of a dataset in the mu that it counts in."""
    attrs = getattr(dataset, "attrs", {})
    return time_of(
        str(attrs.get("spec", "")), [str(name) for name, one in dataset.coords.items() if one.ndim]
    )


def _where(at: Mapping[str, Any], groups: int, time: str) -> str:
    fixed = [f"{symbol(k, groups, time)} = {value_text(v)}" for k, v in at.items() if v != MEAN]
    averaged = [symbol(k, groups, time) for k, v in at.items() if v == MEAN]
    texts = fixed + ([f"mean over {', '.join(averaged)}"] if averaged else [])
    text = ", ".join(texts) + "."
    return text[0].upper() + text[1:]


def _left_out(dataset: Any, plan: Plan) -> list[str]:
    shown = plan.values
    failed = points_of(dataset, "failed", shown)
    bad = np.zeros(shown.array.shape[:2], bool) if failed is None else failed > 0
    texts = []
    if bad.any():
        texts.append(f"{_count(int(shown.points(bad).sum()), 'point')} that failed")
    incomplete = ~np.isfinite(shown.array).all(axis=-1) & ~bad[:, :, None, None]
    for m, label in enumerate(shown.methods):
        number = int(shown.points(incomplete[:, :, m].any(axis=-1)).sum())
        if number:
            of = f" ({label})" if label else ""
            texts.append(f"{_count(number, 'point')} where a seed has no value{of}")
    below = int((plan.mean <= 0).sum()) if plan.y_log else 0
    if below:
        texts.append(f"{_count(below, 'mean')} that {'is' if below == 1 else 'are'} not > 0")
    return [f"Left out: {'; '.join(texts)}."] if texts else []


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def repeated(dataset: Any, values: Values) -> Floats | None:
    """``(x, line)`` where pairs meet more than once on average; None where they nowhere do."""
    spec = tomllib.loads(str(dataset.attrs.get("spec", "")))
    schedule = spec.get("schedule", {})
    if schedule.get("kind") == "plane_wave" or "slices" in schedule:
        return None  # what is counted are steps of time, in which all pairs meet
    meetings = points_of(dataset, "meetings_per_pair", values)
    if meetings is None or not (meetings > 1).any():
        return None
    return meetings > 1


def _meetings(dataset: Any, plan: Plan) -> list[str]:
    values = plan.values
    where = repeated(dataset, values)
    meetings = points_of(dataset, "meetings_per_pair", values)
    if where is None or meetings is None:
        return []
    most = float(np.nanmax(meetings))
    where = values.points(where)
    all_of = "all" if where.all() else f"{int(where.sum())} of {where.size}"
    ringed = bool(plan.many_body) and not (where.all() or values.ticks or values.over_time)
    rings = f" (rings: {', '.join(plan.names[m] for m in plan.many_body)})" if ringed else ""
    return [
        f"Pairs meet repeatedly in {all_of} points{rings}, up to {value_text(most)} times on"
        " average: there correlations return that an infinite gas does not have."
    ]


def wrapped(lines: Sequence[str], width: float) -> str:
    """Lines that fit a figure of that width in inches."""
    columns = int(width * _CHARACTERS_PER_INCH)
    return "\n".join(part for text in lines for part in textwrap.wrap(text, columns))
