"""Premises of miscidynamics: a start near an equilibrium, a path that is stable and adiabatic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .. import profiles, solvers
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule
from ..solvers.adiabatic import ADIABATIC
from ..solvers.quasi_steady import NEAR
from ..solvers.stability import GROWS
from ..trajectory import Trajectory
from ._subjects import Subject
from .premise import Premise

_FAR = "the gas does not follow equilibria; take a start that a run of independent came near to"
_UNSTABLE = "a real gas leaves this path: small deviations of the mean field grow"
_FAST = "miscidynamics does not apply: its equilibria move faster than the gas turns about them"


def about_miscidynamics(
    gas: NeutrinoGas, schedule: EncounterSchedule, methods: Sequence[Subject]
) -> list[Premise]:
    """How far the start is from its equilibrium, how fast deviations grow, how fast it moves."""
    concerned = [one for one in methods if one.kind == "miscidynamics"]
    return [premise for one in concerned for premise in _of_one(gas, schedule, one)]


def _of_one(gas: NeutrinoGas, schedule: EncounterSchedule, one: Subject) -> list[Premise]:
    run, where = one.trajectory, "path"
    if run is None:
        if one.begins_later:
            return []  # from the result of another method, which has not run yet
        try:
            run, where = _start(gas, schedule, one), "start"
        except QnuError:
            return []  # the run says why it has none
    if "start_distance" not in run or "growth_rate" not in run:
        return []
    forced = "" if one.trajectory is not None or one.options.get("force") else ": it will not run"
    apart = float(np.max(run["start_distance"].values))
    growth = float(np.max(_growth(run, one.option("mu", schedule))))
    near, stable = apart <= NEAR, growth <= GROWS
    far = f"{one.label}: start {apart:.2g} from its equilibrium"
    grows = f"{one.label}: {where} stable, growth rate 0"
    if not near:
        far += f", near is up to {NEAR}{forced}"
    if not stable:
        grows = f"{one.label}: unstable {where}, deviations grow at {growth:.3g} mu{forced}"
    named = (one.label,)
    return [
        Premise("start", near, far, {"distance": apart}, named, _FAR),
        Premise("stability", stable, grows, {"growth_rate": growth}, named, _UNSTABLE),
        *_adiabatic(gas, schedule, one),
    ]


def _adiabatic(gas: NeutrinoGas, schedule: EncounterSchedule, one: Subject) -> list[Premise]:
    """How far the gas lags behind its equilibria: of a result; MSW also before the run."""
    run = one.trajectory
    if run is None and profiles.is_zero(one.option("mu", schedule)):
        try:
            run = _start(gas, schedule, one, end=one.end)
        except QnuError:
            return []
    if run is None or "adiabaticity" not in run:
        return []
    number = float(np.max(run["adiabaticity"].values))
    slow = number <= ADIABATIC
    text = f"{one.label}: adiabatic: {number:.2g}"
    if not slow:
        text = f"{one.label}: not adiabatic: {number:.3g}, it applies up to {ADIABATIC}"
    return [Premise("adiabatic", slow, text, {"adiabaticity": number}, (one.label,), _FAST)]


def _start(
    gas: NeutrinoGas, schedule: EncounterSchedule, one: Subject, end: float = 0.0
) -> Trajectory:
    """The first sample of a run (and a last one), whatever its equilibrium is like."""
    taken = ("gamma", "mu", "matter", "probability")
    given = {name: one.option(name, schedule) for name in taken}
    signs = one.options.get("signs")
    return solvers.miscidynamics(gas, [0.0, end], **given, signs=signs, force=True)


def _growth(run: Trajectory, mu: profiles.Profile) -> np.ndarray:
    """``growth_rate`` in units of mu at the time of the sample."""
    pace = np.maximum(profiles.evaluate(mu, run.times, "mu"), 1e-300)
    growth = run["growth_rate"].values
    return np.where(growth > 0, growth / pace, 0.0)
