"""A Trotter product with half the step, by which the error of its steps is estimated."""

from __future__ import annotations

from typing import Any

from ..gas import NeutrinoGas
from .plane_wave import plane_wave
from .schedule import EncounterSchedule


def finer(gas: NeutrinoGas, schedule: EncounterSchedule) -> EncounterSchedule | None:
    """The same schedule with half the Trotter step.

    Args:
        gas: the gas that it was made for.
        schedule: plane waves, or wave packets in slices.

    Returns:
        None where there are no steps, or where it is not known what the rows followed from (wave
        packets from a file).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> finer(gas, qnu.schedules.plane_wave(gas, duration=1.0, steps=5)).trotter
        (10, 2)
    """
    if schedule.trotter is None:
        return None
    steps, order = schedule.trotter
    if schedule.kind == "plane_wave":
        given: dict[str, Any] = {"matter": schedule.matter, "anisotropy": schedule.anisotropy}
        return plane_wave(gas, schedule.final_time, 2 * steps, order, schedule.mu, **given)
    source = schedule.source.finer()
    if source is None:
        return None
    settings = schedule.settings() | {"trotter": (2 * steps, order)}
    return EncounterSchedule.of(source, **settings)
