"""The check of every public function that takes a gas and a schedule."""

from __future__ import annotations

from typing import Any

from ..errors import QnuError
from ..gas import NeutrinoGas, check_gas
from .schedule import EncounterSchedule


def check_schedule(schedule: Any) -> EncounterSchedule:
    """The schedule; an error for anything else."""
    if not isinstance(schedule, EncounterSchedule):
        raise QnuError("schedule", schedule, "a qnu.EncounterSchedule")
    return schedule


def check_match(gas: NeutrinoGas, schedule: EncounterSchedule, *, rows: bool = True) -> None:
    """A gas and a schedule, in this order, of as many neutrinos; with rows that can be drawn."""
    check_gas(gas)
    check_schedule(schedule)
    if len(gas) != schedule.neutrinos:
        raise QnuError("schedule.neutrinos", schedule.neutrinos, f"the size of the gas, {len(gas)}")
    if rows:
        schedule.source.require()
