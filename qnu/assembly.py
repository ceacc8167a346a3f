"""The parts of a Trajectory's dataset that follow from the gas, the schedule and the method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import profiles
from .common.checks import Floats
from .gas import NeutrinoGas
from .schema import AXES

if TYPE_CHECKING:
    from .schedules import EncounterSchedule

#: Members of a group whose polarizations differ by less than this start alike.
_ALIKE = 1e-9


def coordinates(gas: NeutrinoGas, times: Floats, resolve: str) -> dict[str, Any]:
    """Coordinates over ``time``, ``neutrino`` (groups where ``resolve`` says so) and ``axis``."""
    names = np.array(gas.group_names, dtype=str)
    if resolve == "group":
        group, omega, count = names, gas.group_means(gas.omega), gas.counts
        weight: Floats = gas.group_weights
        antineutrino = _antineutrino_share(gas) > 0.5
    else:
        group, omega, count = names[gas.group], gas.omega, np.ones(len(gas), np.int64)
        antineutrino, weight = gas.antineutrino, gas.group_weights[gas.group]
    found: dict[str, Any] = {
        "time": ("time", np.asarray(times, float), {"units": "1/mu"}),
        "axis": ("axis", list(AXES)),
        "group": ("neutrino", group),
        "omega": ("neutrino", np.asarray(omega, float), {"units": "mu"}),
        "antineutrino": ("neutrino", np.asarray(antineutrino, bool)),
        "count": ("neutrino", np.asarray(count, np.int64)),
    }
    if gas.weight is not None:
        found["weight"] = ("neutrino", weight)
    return found


def initial_variables(gas: NeutrinoGas, resolve: str) -> dict[str, Any]:
    """The polarization at t = 0, and the share of antineutrinos where a group has both kinds."""
    if resolve != "group":
        return {"initial_polarization": (("neutrino", "axis"), gas.polarization)}
    variables: dict[str, Any] = {"initial_polarization": (("neutrino", "axis"), gas.group_means())}
    share = _antineutrino_share(gas)
    if ((share > 0) & (share < 1)).any():
        share = np.where(_start_alike(gas), share, np.nan)
        variables["antineutrino_share"] = (("neutrino",), share)
    return variables


def _antineutrino_share(gas: NeutrinoGas) -> Floats:
    return gas.group_means(gas.antineutrino.astype(float))


def _start_alike(gas: NeutrinoGas) -> Floats:
    """``(groups,)``: whether all members of a group start with one polarization."""
    apart = abs(gas.polarization - gas.group_means()[gas.group]).max(axis=1)
    return np.array([apart[members].max() <= _ALIKE for members in gas.members])


def attributes(
    method: str, gas: NeutrinoGas, resolve: str, schedule: EncounterSchedule | None
) -> dict[str, Any]:
    """What identifies a run: the method, the gas and the schedule; None where there is none."""
    attrs: dict[str, Any] = {
        "method": method,
        "resolve": resolve,
        "mixing_angle": gas.mixing_angle,
        "gas_hash": gas.fingerprint(),
        "group_names": json.dumps(list(gas.group_names)),
        "units": "times in 1/mu, frequencies in mu",
    }
    return attrs | schedule_attributes(schedule)


def schedule_attributes(schedule: EncounterSchedule | None) -> dict[str, Any]:
    """What identifies a schedule and its settings; empty where there is none."""
    if schedule is None:
        return {}
    return {
        "schedule": schedule.kind,
        "schedule_hash": schedule.fingerprint(),
        "encounters": len(schedule) if schedule.source.refusal is None else None,
        **recorded_mu(schedule.mu),
        "matter": profiles.describe(schedule.matter),
        "gamma": schedule.gamma,
        "probability": schedule.probability,
        **({} if schedule.anisotropy == 1.0 else {"anisotropy": schedule.anisotropy}),
    }


def recorded_mu(mu: profiles.Profile) -> dict[str, Any]:
    """What a Trajectory records of the coupling: the profile in words, and its value at t = 0.

    Examples:
        >>> recorded_mu(profiles.Exponential(2.0, 10.0))["mu_at_start"]
        2.0
    """
    described = profiles.describe(mu)
    if not callable(mu):
        return {"mu": described}
    # a breakpoint belongs to neither side
    first = float(np.nextafter(0.0, 1.0)) if isinstance(mu, profiles.Function) else 0.0
    return {"mu": described, "mu_at_start": float(profiles.evaluate(mu, np.float64(first), "mu"))}


def with_drift(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes, with a remark where no drift is recorded."""
    if any(name.startswith("drift_") for name in attrs):
        return dict(attrs)
    return {
        **attrs,
        "drift": "nothing is conserved here (matter, or partners that are always fresh)",
    }
