"""What solvers share: pieces between a gas, a schedule and a Trajectory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..common.checks import Floats, floats, frozen
from ..engine import inside
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import Profile
from ..schedules import Encounters, EncounterSchedule

#: A neutrino that turns by so many radians takes about a day to integrate.
_MOST_RADIANS = 1e8
#: Times at which mu and matter are sampled for that.
_SAMPLED_AT = 1001

NO_FRESH = frozen(np.zeros(0, np.bool_))


def times_from_zero(times: Any) -> Floats:
    """Sample times of a solver without a schedule: at least one, from 0 on, never decreasing.

    Times may repeat, here and with a schedule: then their samples are equal.
    """
    values = floats("times", times, (None,))
    if values.size == 0 or (np.diff(values) < 0).any() or values[0] < 0:
        raise QnuError("times", values.tolist(), "at least one time >= 0, never decreasing")
    return values


def require_phase(gas: NeutrinoGas, end: float, mu: Profile, matter: Profile) -> None:
    """An error where a neutrino turns more often than can be integrated within a day."""
    times = np.linspace(0.0, end, _SAMPLED_AT)
    rates = [abs(profiles.evaluate(p, times, n)) for p, n in ((mu, "mu"), (matter, "matter"))]
    rate = float(abs(gas.omega).max()) + rates[0] + rates[1]
    with np.errstate(over="ignore"):
        phase = float(np.trapezoid(rate, times))
    if not phase <= _MOST_RADIANS:
        raise QnuError(
            "times",
            end,
            f"times, mu, matter and omega that turn a neutrino by at most {_MOST_RADIANS:g} radians"
            f" (here about {phase:.2g}, which would take days)",
        )


def encounter_gates(
    gas: NeutrinoGas, schedule: EncounterSchedule, run: Encounters
) -> NDArray[np.complex128]:
    """``(n, 4, 4)``: every encounter with vacuum and matter inside; matter may change meanwhile."""
    omega = gas.omega[run.first], gas.omega[run.second]
    lasting = inside.Lasting(*omega, run.swap_angle, run.start, run.duration)
    result: NDArray[np.complex128] = inside.gates(
        lasting, schedule.matter, gas.mixing_angle, schedule.anisotropy
    )
    return result


def recorded_anisotropy(value: float) -> dict[str, float]:
    """An attribute where it is not 1, so that results of before stay as they were."""
    return {} if value == 1.0 else {"anisotropy": value}


def value_at(profile: Profile, t: float, name: str) -> float:
    """A profile at one time; NaN is an error."""
    if not callable(profile):
        return profile
    return float(profiles.evaluate(profile, np.float64(t), name))


def coupling_at(mu: Profile, t: float) -> float:
    """The coupling at one time; a negative one is an error."""
    value = value_at(mu, t, "mu")
    if value < 0:
        profiles.check_not_negative(np.array([t]), np.array([value]))
    return value
