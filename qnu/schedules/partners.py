"""Whom a neutrino meets on average, as the weights of rates need it."""

from __future__ import annotations

from ..gas import NeutrinoGas
from .clock import phase_at
from .schedule import EncounterSchedule


def partners_of(gas: NeutrinoGas, schedule: EncounterSchedule) -> str:
    """``"others"``; ``"all"`` where each rests once or all meet at all times; or ``"across"``.

    As :func:`qnu.solvers.mean_field` names them.
    """
    if schedule.kind == "bipartite":
        return "across"
    if schedule.kind in ("plane_wave", "wave_packets"):  # a box: sqrt(2) G_F n = mu, n = N/V
        return "all"
    if schedule.kind == "tournament" and schedule.gamma is not None:
        rounds = round(phase_at(schedule.mu, schedule.final_time) / schedule.gamma)
        return "all" if rounds == len(gas) else "others"  # N - 1 rounds: no neutrino ever rests
    return "others"
