"""Premises about encounters: who meets again, who shares a past, angles, clocks of neutrinos."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule, Meetings, meetings
from ._subjects import STRANGERS, Subject, labels
from .premise import Premise

#: Encounters are counted one by one up to here, in less than a second: with a table of all pairs,
#: and of more neutrinos, whose pairs are sorted.
_MOST_COUNTED = 10**7
_MOST_SORTED = 4 * 10**6
_IN_TABLE = 4096
#: Expected pairs that meet again below which none is expected to.
_NONE = 0.5
#: Radians of vacuum precession by which clocks may differ.
_APART = 0.1


def counted(schedule: EncounterSchedule, methods: Sequence[Subject]) -> Meetings | None:
    """The meetings of a schedule.

    None where no method follows its encounters, so that none need be drawn, and where there are so
    many that counting takes a second.
    """
    followed = not methods or any(one.follows_encounters for one in methods)
    refused = schedule.source.refusal is not None
    if not followed or refused or schedule.expected > _most(schedule):
        return None
    return meetings(schedule)


def _most(schedule: EncounterSchedule) -> int:
    return _MOST_COUNTED if schedule.neutrinos <= _IN_TABLE else _MOST_SORTED


def about_meetings(
    schedule: EncounterSchedule, found: Meetings | None, methods: Sequence[Subject]
) -> list[Premise]:
    """Whether pairs meet again, and whether partners share a past; not of plane waves."""
    concerned = [one for one in methods if one.kind != "mean_field"]
    n = schedule.expected
    if schedule.trotter is not None or n == 0 or (methods and not concerned):
        return []
    named, meaning = labels(concerned), _meaning(schedule, concerned)
    strangers = "in a large gas no pair meets twice"
    if found is None:
        mean, again = _expected(schedule, n)
        left_out = f"not counted: {n:.3g} encounters"
        text = f"a pair meets {_number(mean)} on average (largest {left_out})"
        if methods and not any(one.follows_encounters for one in methods):
            text = f"a pair would meet {_number(mean)}; rates are those of a large gas"
            return [Premise("meetings", True, text, {"mean": mean}, named, strangers)]
        past = f"share of encounters with a common past {left_out}"
        return [
            Premise("meetings", again < _NONE, text, {"mean": mean}, named, strangers),
            Premise("shared_past", None, past, {}, named, meaning),
        ]
    text = f"a pair meets {_number(found.mean)} on average, at most {_number(found.largest)}"
    numbers = {"mean": found.mean, "largest": float(found.largest)}
    result = [Premise("meetings", found.largest <= 1, text, numbers, named, strangers)]
    if found.shared_past is None:
        past = f"share of encounters with a common past not counted: {found.left_out}"
        return [*result, Premise("shared_past", None, past, {}, named, meaning)]
    share = found.shared_past
    past = f"in {_percent(share)} of encounters the partners share a past"
    numbers = {"share": share}
    return [*result, Premise("shared_past", share == 0, past, numbers, named, meaning)]


def _number(mean: float) -> str:
    """Three digits, and all of those before the point."""
    if mean == 1:
        return "once"
    return f"{mean:.0f} times" if 100 <= mean < 1e6 else f"{mean:.3g} times"


def _percent(share: float) -> str:
    """To three digits, and 100 % only where it is all."""
    text = f"{100 * share:.3g}"
    return f"{'more than 99.9' if text == '100' and share < 1 else text} %"


def _expected(schedule: EncounterSchedule, n: float) -> tuple[float, float]:
    """Mean meetings of a pair, and how many pairs are expected to meet again."""
    count = schedule.neutrinos + (n if schedule.source.fresh else 0.0)
    pairs = count * (count - 1) / 2
    mean = n / pairs
    if schedule.source.fresh or schedule.kind in ("tournament", "bipartite"):
        return mean, 0.0
    return mean, pairs * -(math.expm1(-mean) + mean * math.exp(-mean))


def _meaning(schedule: EncounterSchedule, concerned: Sequence[Subject]) -> str:
    """What follows where partners are no strangers."""
    rough = ", ".join(one.label for one in concerned if one.kind in STRANGERS)
    exact = ", ".join(one.label for one in concerned if one.kind not in STRANGERS)
    taken = "partners are taken as uncorrelated, as in a large gas"
    back = f"correlations of these {schedule.neutrinos} neutrinos come back, not of a large gas"
    if rough and exact:
        return f"{rough}: {taken}; {exact}: {back}"
    return back if exact else taken


def about_angles(
    schedule: EncounterSchedule, found: Meetings | None, methods: Sequence[Subject]
) -> list[Premise]:
    """Whether swap angles stay within pi/2."""
    meaning = "a larger angle does not mix more: theta and theta - pi are the same encounter"
    if schedule.anisotropy != 1.0:
        meaning = "a larger angle does not exchange more: that goes as sin^2 theta"
    named = labels(one for one in methods if one.follows_encounters or one.kind == "kinetic")
    if schedule.expected == 0 or (methods and not named):
        return []
    if found is None:
        if schedule.gamma is None or 2 * schedule.gamma > math.pi / 2 or schedule.trotter:
            return []  # the schedule warns
        bound = 2 * schedule.gamma
        text = f"swap angles up to {bound:.3g} (pi/2 = 1.571)"
        return [Premise("swap_angle", True, text, {"bound": bound}, named, meaning)]
    numbers = {"largest": found.largest_angle, "encounters": float(found.large_angles)}
    text = f"largest swap angle {found.largest_angle:.3g} (pi/2 = 1.571)"
    if found.large_angles:
        of = f"{found.large_angles} of {found.encounters} encounters"
        text = f"theta > pi/2 in {of} (largest {found.largest_angle:.3g})"
    return [Premise("swap_angle", not found.large_angles, text, numbers, named, meaning)]


def about_clocks(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    found: Meetings | None,
    methods: Sequence[Subject],
) -> list[Premise]:
    """Whether neutrinos whose clocks run in encounters only end at one time."""
    concerned = labels(one for one in methods if one.kind in ("mean_field", "miscidynamics"))
    if schedule.free_streaming or found is None or schedule.gamma is None or not concerned:
        return []
    clocks = schedule.gamma * found.each
    mean, spread = float(clocks.mean()), float(clocks.std())
    pace = float(schedule.mu) if not callable(schedule.mu) else 1.0
    phase = spread * float(abs(gas.omega).max()) / pace
    text = (
        f"clocks of single neutrinos end at mu t = {mean:.3g} +- {spread:.2g},"
        f" {np.min(clocks):.3g} to {np.max(clocks):.3g}"
    )
    numbers = {"mean": mean, "spread": spread, "phase": phase}
    meaning = f"one time for all neutrinos is off by {phase:.2g} rad of vacuum precession"
    return [Premise("own_clocks", phase <= _APART, text, numbers, concerned, meaning)]
