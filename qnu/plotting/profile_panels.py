r"""Panels of :math:`\mu(t)` and :math:`\lambda_e(t)`: what the neutrinos went through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import profiles
from ..common.checks import Floats
from ..time_words import time_words
from ..trajectory import Trajectory
from . import time_axis

if TYPE_CHECKING:
    from ..profiles import Profile
    from ..schedules import EncounterSchedule

#: Names of the panels, and what they show.
PROFILES = {"mu": r"\mu", "matter": r"\lambda_e"}
_SAMPLES = 1001
#: Largest over smallest value from which the axis is logarithmic.
_DECADES = 30.0


def profile_of(
    name: str, trajectories: Mapping[str, Trajectory], schedule: EncounterSchedule | None
) -> Profile | None:
    """Coupling or matter: of the schedule, or the number that all results have; else None."""
    if schedule is not None:
        profile: Profile = getattr(schedule, name)
        return profile
    found = {trajectory.attrs.get(name) for trajectory in trajectories.values()}
    if len(found) != 1:
        return None
    value = found.pop()
    return None if value is None or isinstance(value, str) else float(value)


def changes(profile: Profile, start: float, stop: float) -> bool:
    """Whether it is not the same number all the time."""
    values = sampled(profile, start, stop)[1]
    return bool(np.ptp(values) > 1e-9 * max(1e-300, float(abs(values).max())))


def sampled(profile: Profile, start: float, stop: float) -> tuple[Floats, Floats]:
    """Times and values, on both sides of every breakpoint.

    Examples:
        >>> step = profiles.Function(lambda t: np.where(t < 1.0, 2.0, 5.0), [1.0])
        >>> times, values = sampled(step, 0.0, 2.0)
        >>> near = abs(times - 1.0) < 1e-9
        >>> values[near].tolist()
        [2.0, 5.0]
    """
    corners = profiles.breakpoints(profile, start, stop)
    first, last = np.nextafter(start, stop), np.nextafter(stop, start)
    inside = np.linspace(start, stop, _SAMPLES)[1:-1]
    inside = inside[~np.isin(inside, corners)]
    sides = [np.nextafter(corners, start), np.nextafter(corners, stop)]
    times = np.unique(np.concatenate([[first], inside, *sides, [last]]))
    return times, profiles.evaluate(profile, times, "profile")


def draw(
    ax: Any,
    name: str,
    profile: Profile,
    trajectories: Mapping[str, Trajectory],
    span: tuple[float, float],
) -> None:
    """One curve, in 1/km where the unit of mu is known, on a logarithmic axis over decades."""
    times, values = sampled(profile, *span)
    per_km = time_axis.mu_per_km(trajectories.values())
    symbol = PROFILES[name]
    if per_km is not None:
        label, values = rf"${symbol}$ (km$^{{-1}}$)", values * per_km
    else:
        of = {"mu t": r"/\mu", "mu(0) t": r"/\mu(0)"}.get(time_words(trajectories.values()), "")
        label = f"${symbol}(t){of}$" if (name, of) != ("mu", r"/\mu") else r"$\mu$"
    ax.plot(times, values, color="0.15", linewidth=1.2, gid=name)
    smallest, largest = float(values.min()), float(values.max())
    if smallest > 0 and largest > _DECADES * smallest:
        ax.set_yscale("log")
    else:
        ax.set_ylim(min(0.0, 1.1 * smallest), 1.1 * largest if largest > 0 else 1.0)
    ax.set_ylabel(label)
