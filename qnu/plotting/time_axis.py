r"""The axis of time: in which mu it counts, and a second one in km or seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams
from matplotlib.ticker import MaxNLocator

from ..assembly import recorded_mu
from ..common.checks import choice
from ..time_words import time_words, words_of

if TYPE_CHECKING:
    from ..profiles import Profile
    from ..trajectory import Trajectory

_SPEED_OF_LIGHT = 299_792.458  # km/s
#: How many of a unit are in one km of path, and how the axis is called.
_UNITS = {
    "km": (1.0, "path (km)"),
    "m": (1e3, "path (m)"),
    "cm": (1e5, "path (cm)"),
    "s": (1 / _SPEED_OF_LIGHT, "time (s)"),
    "ms": (1e3 / _SPEED_OF_LIGHT, "time (ms)"),
    "us": (1e6 / _SPEED_OF_LIGHT, r"time ($\mu$s)"),
}
#: A gamma so many times that of the packets is a scaled one.
_SCALED = 10.0
#: What the second axis may be in; "path": km, m or cm; with "" there is none.
SECOND_AXES = ("path", *_UNITS, "")


def mathematics(words: str) -> str:
    r"""What :func:`qnu.time_words.time_words` says, as the label of an axis.

    Examples:
        >>> print(mathematics("mu(0) t"), "|", mathematics("t, mu = 2"))
        time $\mu(0)\,t$ | time $t$ ($\mu = 2$)
    """
    time, _, of = words.partition(", ")
    symbol = {"mu t": r"\mu t", "mu(0) t": r"\mu(0)\,t"}.get(time, time)
    label = f"time ${symbol}$"
    return f"{label} (${of.replace('mu', chr(92) + 'mu')}$)" if of else label


def label_of(trajectories: Iterable[Trajectory]) -> str:
    """The label of the axis of time of results that are shown together."""
    return mathematics(time_words(trajectories))


def label_of_profile(mu: Profile) -> str:
    """The same for a schedule that was made with this mu."""
    return mathematics(words_of(recorded_mu(mu)))


def mu_per_km(trajectories: Iterable[Trajectory]) -> float | None:
    """The unit of mu in rad/km; None where not all of them say it, or say different ones."""
    found = {trajectory.attrs.get("mu_unit_per_km") for trajectory in trajectories}
    value = found.pop() if len(found) == 1 else None
    return None if value is None else float(value)


def gamma_note(trajectories: Iterable[Trajectory]) -> list[str]:
    """A note where a path is shown in km but gamma is not that of the packets; else nothing."""
    factors = []
    for trajectory in trajectories:
        gamma, known = (trajectory.attrs.get(name) for name in ("gamma", "gamma_of_packets"))
        if gamma is not None and known is not None and trajectory.method != "mean_field":
            factors.append(float(gamma) / float(known))
    most = max(factors, default=1.0)
    if most < _SCALED:
        return []
    digits, _, power = f"{most:.1e}".partition("e")
    times = rf"${digits}\times10^{{{int(power)}}}$"
    what = "times that of the wave packets: entanglement per km is that much faster"
    return [rf"$\gamma$ is up to {times} {what}."]


def checked_unit(unit: str) -> str:
    """One of the units of the second axis.

    Raises:
        QnuError: an unknown one.
    """
    return choice("second_axis", unit, SECOND_AXES)


def second_axis(ax: Any, trajectories: Iterable[Trajectory], unit: str) -> bool:
    r"""A second axis of time at the top: path :math:`t/\mu_\mathrm{unit}`, or that over c.

    Args:
        ax: the panel at the top.
        trajectories: what is drawn.
        unit: from :func:`checked_unit`.

    Returns:
        whether there is one: all results know mu in rad/km.
    """
    known = list(trajectories)
    unit_of_mu = mu_per_km(known)
    if unit_of_mu is None or not unit:
        return False
    if unit == "path":
        longest = max(float(trajectory.times[-1]) for trajectory in known) / unit_of_mu
        unit = "km" if longest >= 1.0 else "m" if longest >= 1e-3 else "cm"
    per_km, label = _UNITS[unit]
    factor = per_km / unit_of_mu
    top = ax.secondary_xaxis("top", functions=(lambda t: factor * t, lambda x: x / factor))
    top.set_xlabel(label, labelpad=4.0)
    top.tick_params(which="both", direction="in")
    top.xaxis.set_major_locator(MaxNLocator(5))
    top.tick_params(labelsize=rcParams["xtick.labelsize"])
    ax.tick_params(axis="x", which="both", top=False)
    return True
