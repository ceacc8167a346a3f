"""The check of every public function that takes a gas and a schedule."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas
from .schedule import EncounterSchedule

#: What to do instead of weights.
NO_WEIGHTS = "weight = 1 where encounters are followed; use numbers of neutrinos, `count`, instead"


def check_schedule(schedule: Any) -> EncounterSchedule:
    """The schedule; an error for anything else."""
    if not isinstance(schedule, EncounterSchedule):
        raise QnuError("schedule", schedule, "a qnu.EncounterSchedule")
    return schedule


def check_match(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    *,
    rows: bool = True,
    anisotropic: bool = False,
) -> None:
    """A gas and a schedule, in this order, of as many neutrinos.

    With rows that can be drawn, and without weights of groups, for who follows encounters. An
    anisotropy other than 1 is refused unless the caller takes it.
    """
    check_gas(gas)
    check_schedule(schedule)
    if len(gas) != schedule.neutrinos:
        raise QnuError("schedule.neutrinos", schedule.neutrinos, f"the size of the gas, {len(gas)}")
    if not anisotropic and schedule.anisotropy != 1.0:
        refuse_anisotropy(schedule.anisotropy)
    if rows:
        if gas.weight is not None:
            _refuse_weights(gas)
        schedule.source.require()


def refuse_anisotropy(value: float) -> NoReturn:
    """What follows from SWAP has no place for another coupling."""
    raise QnuError(
        "anisotropy",
        value,
        "1 here (many_body, final_state, light_cone, independent, mean_field, collective and"
        " circuits take others)",
    )


def _refuse_weights(gas: NeutrinoGas) -> NoReturn:
    """Who follows encounters one by one has no place for a weight."""
    group = int(np.argmax(gas.group_weights != 1))
    weight, name = gas.group_weights[group], gas.group_names[group]
    raise QnuError(
        "gas",
        Words(f"weight = {weight:g} in group {name!r}"),
        f"{NO_WEIGHTS} (mean_field, kinetic and miscidynamics take weights)",
    )
