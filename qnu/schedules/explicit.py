"""Encounters that are listed one by one in the experiment file."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import POSITIVE, PROBABILITY, Positive, Probability, Time, TimeOrList, Times, key
from .kinds import ScheduleKind
from .schedule import EncounterSchedule


def _listed(gas: NeutrinoGas, **columns: Any) -> EncounterSchedule:
    schedule = EncounterSchedule(**columns, neutrinos=len(gas), kind="explicit")
    if schedule.final_time == 0:
        raise QnuError("final_time", 0.0, "a time > 0 (nothing happens before it)")
    return schedule


class ExplicitKind(ScheduleKind):
    """The encounters one by one, in order of time (:class:`qnu.EncounterSchedule`)."""

    kind: Literal["explicit"]
    first: list[int] = key("a list of neutrino numbers, from 0")
    second: list[int] = key("a list of neutrino numbers, from 0")
    swap_angle: list[float] = key("a list of finite numbers")
    start: Times = key("a list of times that never decrease")
    duration: TimeOrList = key("a number >= 0, or a list of them", 0.0, "0: a kick")
    final_time: Time | None = key(
        "a finite number >= 0", None, unset="end of the last encounter", ge=0
    )
    free_streaming: bool = key(
        "true or false",
        True,
        "`true`: vacuum acts whenever a neutrino is not in an encounter; `false`: `start` only"
        " orders encounters",
    )
    fresh: list[bool] | None = key(
        "a list of true and false", None, "true: the second neutrino is a new one"
    )
    gamma: Positive | None = key(POSITIVE, None, "only recorded, for kinetic and miscidynamics")
    probability: Probability | None = key(
        PROBABILITY, None, "only recorded, for kinetic and miscidynamics"
    )

    generate = staticmethod(_listed)

    def make(self, gas: NeutrinoGas, seed: np.random.SeedSequence) -> EncounterSchedule:
        """Nothing is drawn."""
        del seed
        return _listed(gas, **self.arguments())

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """As many as are listed."""
        del gas
        return float(len(self.first))
