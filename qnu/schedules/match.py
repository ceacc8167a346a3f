"""The check at every door that takes a gas and a schedule."""

from __future__ import annotations

from ..errors import QnuError
from ..gas import NeutrinoGas
from .schedule import EncounterSchedule


def check_match(gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
    """A gas and a schedule, in this order, of as many neutrinos."""
    if not isinstance(gas, NeutrinoGas):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas")
    if not isinstance(schedule, EncounterSchedule):
        raise QnuError("schedule", schedule, "a qnu.EncounterSchedule")
    if len(gas) != schedule.neutrinos:
        raise QnuError("schedule.neutrinos", schedule.neutrinos, f"the size of the gas, {len(gas)}")
