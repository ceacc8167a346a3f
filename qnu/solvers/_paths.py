"""Paths of miscidynamics through equilibria: transverse, all along B, with matter alone (MSW)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .. import profiles
from ..common.checks import Floats
from ..common.progress import Progress
from ..errors import QnuError
from ..flavor import fields
from ..gas import NeutrinoGas
from ..observables import Variables
from ..profiles import Profile
from ._branch import Branch, ended
from ._groups import Groups, unstable
from ._lag import in_matter, since
from ._panels import INTEGRATE, NODES, Panel, last_time, panels
from ._start import unstable_start
from .stability import linear_growth


@dataclass(frozen=True, eq=False)
class Path:
    """Equilibria at different times."""

    branch: str  # transverse, longitudinal or msw
    samples: Floats  # (times, groups, 3)
    apart: float  # distance of the start from its equilibrium
    variables: Variables

    def at(self, which: NDArray[np.intp]) -> Variables:
        """The variables at some of the times, with the distance of the start."""
        chosen: Variables = {
            name: (over, values[which] if "time" in over else values)
            for name, (over, values) in self.variables.items()
        }
        return chosen | {"start_distance": ((), self.apart)}


def drift_of(
    branch: str, gas: NeutrinoGas, samples: Floats, matter: Profile, times: Floats
) -> dict[str, float]:
    """How far what the branch conserves has moved: ``Pbar_B``, or ``P_i.h_i/|h_i|`` (MSW)."""
    if branch != "msw":
        total = samples[..., 2] @ gas.shares
        return {"drift_total_z": float(abs(total - total[0]).max())}
    omega = gas.group_means(gas.omega)
    h = fields(omega, profiles.evaluate(matter, times)[:, None], gas.mixing_angle)
    along = np.sum(samples * h, axis=-1) / np.linalg.norm(h, axis=-1)
    return {"drift_adiabatic": float(abs(along - along[0]).max())}


def msw(gas: NeutrinoGas, vectors: Floats, matter: Profile, times: Floats, begin: float) -> Path:
    """Along ``h_i(t)``, with the component along it kept; how far the start is from that."""
    values = profiles.evaluate(matter, np.concatenate([[begin], times]), "matter")
    h = fields(gas.group_means(gas.omega), values[:, None], gas.mixing_angle)
    length = np.linalg.norm(h, axis=-1, keepdims=True)
    if (length == 0).any():
        raise QnuError("matter", profiles.describe(matter), "a field without zeros")
    h = h / length
    kept = np.sum(h[0] * vectors, axis=-1)[:, None]
    apart = gas.shares @ np.linalg.norm(vectors - kept * h[0], axis=1)
    lag = in_matter(gas.group_means(gas.omega), kept[:, 0], gas.mixing_angle, matter, times, begin)
    still: Variables = {
        "growth_rate": (("time",), np.zeros(len(times))),
        "adiabaticity": (("time",), lag),
    }
    return Path("msw", kept * h[1:], float(apart), still)


def transverse(start: tuple[Branch, float], times: Floats, force: bool, progress: Progress) -> Path:
    """Along equilibria with ``Pbar_perp > 0``."""
    branch, apart = start
    states = branch.follow(times, not force, progress)
    variables: Variables = {
        "precession": (("time",), states.precession),
        "transverse": (("time",), states.transverse),
        "sign": (("time", "neutrino"), np.where(states.signed < 0, -1, 1)),
        "growth_rate": (("time",), states.growth(branch.groups.share)),
        "adiabaticity": (("time",), since(*branch.lags(), times)),
    }
    return Path("transverse", states.polarization(), apart, variables)


def longitudinal(groups: Groups, vectors: Floats, times: Floats, begin: float, force: bool) -> Path:
    """All along B: ``dz_i/dt = kappa mu gamma (zbar - z_i)``, in closed form in the phase of mu."""
    z = vectors[:, 2]
    mean = float(groups.share @ z)
    faded = 1.0  # exp(-kappa gamma phase) at the end of the latest panel

    def solve(start: float, stop: float) -> Panel:
        pace = groups.pace(start + (stop - start) * NODES)
        fade = np.exp(-groups.rate * (stop - start) * (INTEGRATE @ pace))
        return Panel(start, stop, np.stack([faded * fade, pace / max(pace.max(), 1e-300)], axis=1))

    def states(panel: Panel, at: Floats) -> tuple[Floats, Floats]:
        """Polarizations and growth rates."""
        vectors = np.zeros((len(at), len(z), 3))
        vectors[..., 2] = mean + panel.at(at)[:, :1] * (z - mean)
        coupling = groups.coupling(at)
        h = np.zeros_like(vectors)
        h[..., 2] = coupling[:, None] * mean - groups.omega
        each = zip(vectors, h, coupling, strict=True)
        return vectors, np.array(
            [linear_growth(p, groups.share, field, mu) for p, field, mu in each]
        )

    def stable(panel: Panel, at: float) -> bool:
        here = np.array([at])
        return not unstable(states(panel, here)[1], groups.coupling(here))[0]

    end = float(times[-1])
    corners, longest = groups.corners(begin, end)
    first = 1.0 / max(float(groups.pace(np.array([begin]))[0]), 1e-9)
    now = solve(begin, begin + 1e-9 * first)
    if not force and not stable(now, begin):
        raise unstable_start(float(states(now, np.array([begin]))[1][0]))
    parts = [states(now, times[times <= begin])]
    done = len(parts[0][1])
    for panel in panels(solve, begin, end, corners, first, longest, jumps=True):
        nodes = panel.start + (panel.stop - panel.start) * NODES
        bad = [] if force else [t for t in nodes if not stable(panel, t)]
        if bad:
            time = last_time(partial(stable, panel), panel.start, bad[0])
            if time <= end:
                raise ended("all along B", time, "small deviations grow from there on", force=True)
        inside = times[done:][times[done:] <= panel.stop]
        parts.append(states(panel, inside))
        done += len(inside)
        faded = float(panel.values[-1, 0])
    samples, growth = (np.concatenate(part) for part in zip(*parts, strict=True))
    variables: Variables = {
        "transverse": (("time",), np.zeros(len(times))),
        "growth_rate": (("time",), growth),
        "adiabaticity": (("time",), np.zeros(len(times))),  # no direction moves
    }
    return Path("longitudinal", samples, 0.0, variables)
