"""Miscidynamics: the adiabatic theory that follows the gas through its quasi-steady states."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import profiles
from ..common.checks import Floats, number
from ..common.progress import Progress, with_bar
from ..common.times import same_time
from ..errors import QnuError
from ..flavor import fields
from ..gas import NeutrinoGas, check_gas
from ..keys import PROBABILITY, Probability, Table, key
from ..methods import LineStyle, Prepared, Surroundings
from ..observables import Variables
from ..profiles import Profile
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import quasi_steady
from ._branch import Branch, ended
from ._common import times_from_zero
from ._groups import Groups, distance, unstable
from ._panels import INTEGRATE, NODES, Panel, last_time, panels
from ._rates import RateMethod
from .quasi_steady import Root
from .stability import linear_growth

#: A start may be so far from its equilibrium: the mean over the gas of ``|P_i - P_i,eq|``.
_NEAR = 0.2


@with_bar
def miscidynamics(
    gas: NeutrinoGas,
    times: ArrayLike,
    gamma: float,
    mu: Profile = 1.0,
    matter: Profile = 0.0,
    probability: float = 0.0,
    signs: Sequence[int] | None = None,
    start: tuple[Trajectory, float] | None = None,
    *,
    force: bool = False,
    progress: Progress = None,
) -> Trajectory:
    """``dP/dt = (dP_eq/dQ)(dQ/dt)``: along a path of mean-field equilibria, moved by slow drivers.

    The equilibria are those of :func:`quasi_steady_state`. Three drivers:

    - entanglement, ``dL_i/dt = kappa mu gamma (Pbar.P_i/L_i - L_i)`` minus
      ``(p/2) mu gamma <1-c>^2 P_i.[Pbar x (Pbar x P_i)]/L_i``, with Pbar_B fixed and
      ``kappa = <(1-c)^2>`` (4/3 isotropic, 1 at right angles); a group whose length passes
      through 0 goes on with the other sign;
    - a changing ``mu(t)``, with L_i (where gamma = 0) and Pbar_B fixed: spectral splits;
    - a changing ``matter(t)`` with ``mu = 0``: each P_i follows ``h_i = omega_i B + lambda_e L``
      and keeps ``P_i.h_i/|h_i|``: the MSW effect.

    It holds for a gas that is near an equilibrium which is stable. So a start farther than 0.2 from
    its equilibrium is an error: ``sum_i f_i |P_i - P_i,eq|`` with the mean P_i of every group, at
    the best common azimuth about B (MSW: the mean length of the parts of P_i across h_i). So is an
    equilibrium about which small deviations of the mean field grow (:func:`growth_rate`) faster
    than 1e-6 mu, at the start or later.

    The branch is followed by its own steps, which do not depend on the sample times. They end at
    every time of a :class:`~qnu.profiles.Table`; other callables are sampled at 650 or more
    times between the start and the last sample. A branch with ``Pbar_perp > 0`` ends only where all
    P_i come to lie along B (Pbar_perp below 1e-6 of its start), or where mu(t) jumps.

    Args:
        gas: groups of neutrinos; a group enters with its mean polarization.
        times: sample times, never decreasing; those before the start are left out.
        gamma: discreteness parameter, >= 0 (0: no entanglement).
        mu: coupling; with a driver, omega, matter and t are in units of mu(0).
        matter: lambda_e, only where ``mu = 0``.
        probability: p; 0 drops the p term.
        signs: eps_i per group; default: the pattern whose equilibrium is nearest to the start.
        start: ``(trajectory, time)``: take L_i and Pbar_B from the group means of that sample;
            default: the gas itself at t = 0.
        force: True: go on from a start that is far from its equilibrium, and along equilibria that
            are unstable; ``start_distance`` and ``growth_rate`` say how far and how unstable.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, groups, 3)``, azimuth included; variables ``growth_rate`` over time
        (0 where the equilibrium is stable), ``start_distance``, ``transverse`` (Pbar_perp) over
        time, and, where Pbar_perp > 0, ``precession`` (Omega) over time and ``sign`` (eps_i) over
        time and group; attribute ``branch`` (transverse, longitudinal or msw).

    Raises:
        QnuError: no equilibrium near the start, an unstable one, a branch that ends or becomes
            unstable (with the time at which it does), matter together with mu.

    References:
        Johns (2306.14982, 2401.15247); Kost, Johns, Duan, OILE II (2508.14331); Raffelt and
        Smirnov (2007) for splits.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas.from_groups(
        ...     [qnu.Group(6, (0.3, 0, 0.2), omega=0.1), qnu.Group(4, (0.2, 0, 0.1), omega=0.2)])
        >>> run = miscidynamics(gas, [0.0, 100.0], gamma=0.01)
        >>> run.attrs["branch"], run.group_length()[-1].round(3), float(run["growth_rate"].max())
        ('transverse', array([0.313, 0.274]), 0.0)
    """
    started = clock.perf_counter()
    check_gas(gas)
    sample_times = times_from_zero(times)
    gamma = number("gamma", gamma, low=0.0)
    p = number("probability", probability, low=0.0, high=1.0)
    mu, matter = profiles.checked("mu", mu), profiles.checked("matter", matter)
    if not callable(mu):
        number("mu", mu, low=0.0, high=1e9)
    vectors, begin = _start(gas, start)
    if signs is not None:
        quasi_steady.checked_signs(signs, len(vectors))
    kept = sample_times >= begin - same_time(begin)
    if not kept.any():
        raise QnuError("times", float(sample_times[-1]), f"a time at or after the start, {begin:g}")
    sample_times = sample_times[kept]
    different, which = np.unique(sample_times, return_inverse=True)  # times may repeat
    if profiles.is_zero(mu):
        path = _msw(gas, vectors, matter, different, begin)
        _check_near(path.apart, force, "take it where matter dominates")
    elif not profiles.is_zero(matter):
        raise QnuError("matter", profiles.describe(matter), "0 where mu is not 0 (MSW: mu = 0)")
    else:
        groups = Groups.of(gas, gas.group_means(gas.omega), gamma, mu, p)
        if abs(vectors[:, :2]).max() < 1e-12:
            path = _longitudinal(groups, vectors, different, begin, force)
        else:
            at_start = _at_start(groups, vectors, signs, begin, force)
            path = _transverse(at_start, different, force, progress)
    samples = path.samples[which]
    return Trajectory.build(
        "miscidynamics",
        gas,
        sample_times,
        samples,
        started=started,
        resolve="group",
        variables=path.at(which),
        attributes={
            "gamma": gamma,
            "mu": profiles.describe(mu),
            "matter": profiles.describe(matter),
            "probability": p,
            "branch": path.branch,
            "start_time": begin,
            **_drift(path.branch, gas, samples, matter, sample_times),
        },
    )


@dataclass(frozen=True, eq=False)
class _Path:
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


def _drift(
    branch: str, gas: NeutrinoGas, samples: Floats, matter: Profile, times: Floats
) -> dict[str, float]:
    """How far what the branch conserves has moved: ``Pbar_B``, or ``P_i.h_i/|h_i|`` (MSW)."""
    if branch != "msw":
        total = samples[..., 2] @ (gas.counts / len(gas))
        return {"drift_total_z": float(abs(total - total[0]).max())}
    omega = gas.group_means(gas.omega)
    h = fields(omega, profiles.evaluate(matter, times)[:, None], gas.mixing_angle)
    along = np.sum(samples * h, axis=-1) / np.linalg.norm(h, axis=-1)
    return {"drift_adiabatic": float(abs(along - along[0]).max())}


def _start(gas: NeutrinoGas, start: tuple[Trajectory, float] | None) -> tuple[Floats, float]:
    if start is None:
        return gas.group_means(), 0.0
    if not (isinstance(start, tuple | list) and len(start) == 2):
        raise QnuError("start", start, "(a Trajectory, one of its sample times)")
    trajectory, time = start
    if not isinstance(trajectory, Trajectory):
        raise QnuError("start", start, "(a Trajectory, one of its sample times)")
    if trajectory.group_names != gas.group_names:
        raise QnuError("start", trajectory.group_names, f"a run of the groups {gas.group_names}")
    k = trajectory.index_of(time)
    vectors = trajectory.group_mean()[k]
    if not np.isfinite(vectors).all():
        raise QnuError("start", f"polarizations that are not finite at t = {time:g}", "finite ones")
    return vectors, float(trajectory.times[k])


def _check_near(apart: float, force: bool, where: str) -> None:
    if apart > _NEAR and not force:
        raise QnuError(
            "miscidynamics",
            f"a start {apart:.2f} from its equilibrium",
            f"a start within {_NEAR} (mean over the gas of |P - P_eq|): {where},"
            " start = (Trajectory, time), or force=True",
        )


def _msw(gas: NeutrinoGas, vectors: Floats, matter: Profile, times: Floats, begin: float) -> _Path:
    """Along ``h_i(t)``, with the component along it kept; how far the start is from that."""
    values = profiles.evaluate(matter, np.concatenate([[begin], times]), "matter")
    h = fields(gas.group_means(gas.omega), values[:, None], gas.mixing_angle)
    length = np.linalg.norm(h, axis=-1, keepdims=True)
    if (length == 0).any():
        raise QnuError("matter", profiles.describe(matter), "a field without zeros")
    h = h / length
    kept = np.sum(h[0] * vectors, axis=-1)[:, None]
    apart = gas.counts / len(gas) @ np.linalg.norm(vectors - kept * h[0], axis=1)
    still: Variables = {"growth_rate": (("time",), np.zeros(len(times)))}
    return _Path("msw", kept * h[1:], float(apart), still)


def _at_start(
    groups: Groups, vectors: Floats, signs: Sequence[int] | None, begin: float, force: bool
) -> tuple[Branch, float]:
    """The equilibrium nearest to the start, as the beginning of a branch, and how near it is."""
    signed, root, apart = _nearest(groups, vectors, signs, begin)
    _check_near(apart, force, "take it from a run of independent encounters that came near")
    along = -float(groups.share @ vectors[:, 2])
    _check_stable(groups, signed, along, root, begin, force)
    mean = groups.share @ vectors
    return Branch(groups, along, signed, root, float(np.arctan2(mean[1], mean[0])), begin), apart


def _transverse(
    start: tuple[Branch, float], times: Floats, force: bool, progress: Progress
) -> _Path:
    """Along equilibria with ``Pbar_perp > 0``."""
    branch, apart = start
    states = branch.follow(times, not force, progress)
    variables: Variables = {
        "precession": (("time",), states.precession),
        "transverse": (("time",), states.transverse),
        "sign": (("time", "neutrino"), np.where(states.signed < 0, -1, 1)),
        "growth_rate": (("time",), states.growth(branch.groups.share)),
    }
    return _Path("transverse", states.polarization(), apart, variables)


def _longitudinal(
    groups: Groups, vectors: Floats, times: Floats, begin: float, force: bool
) -> _Path:
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
        raise _unstable_start(float(states(now, np.array([begin]))[1][0]))
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
    }
    return _Path("longitudinal", samples, 0.0, variables)


def _nearest(
    groups: Groups, vectors: Floats, signs: Sequence[int] | None, begin: float
) -> tuple[Floats, Root, float]:
    """Signed lengths and root of the equilibrium nearest to the group polarizations; how near."""
    lengths = np.linalg.norm(vectors, axis=1)
    along = -float(groups.share @ vectors[:, 2])
    mu = float(groups.coupling(np.array([begin]))[0])
    best: tuple[Floats, Root, float] | None = None
    if mu == 0:
        raise QnuError(f"mu(t={begin:g})", 0.0, "a number > 0 at the start (or mu = 0: MSW)")
    for pattern in _patterns(groups, vectors, along, mu) if signs is None else [tuple(signs)]:
        signed = lengths * np.asarray(pattern)
        for root in quasi_steady.roots(signed, groups.share, groups.omega, along, mu):
            state = quasi_steady.polarization(signed, groups.omega, along, mu, root)
            apart = distance(vectors, state, groups.share)
            if best is None or apart < best[2]:
                best = signed, root, apart
    if best is None:
        raise QnuError(
            "signs",
            None if signs is None else tuple(signs),
            "a pattern that has a quasi-steady state for the lengths and Pbar_B at the start",
        )
    return best


def _patterns(groups: Groups, vectors: Floats, along: float, mu: float) -> list[tuple[int, ...]]:
    """Sign patterns to try: all for few groups, else those that the vectors suggest."""
    count = len(groups.share)
    if count <= 6:
        return list(product((1, -1), repeat=count))
    mean = groups.share @ vectors
    transverse = float(np.hypot(mean[0], mean[1]))
    across = vectors[:, :2] @ (mean[:2] / max(transverse, 1e-300))
    patterns = set()
    for precession in np.linspace(groups.omega.min(), groups.omega.max(), 41):
        a = (groups.omega - precession) / mu + along
        patterns.add(tuple(np.where(-vectors[:, 2] * a + across * transverse < 0, -1, 1).tolist()))
    return sorted(patterns)


def _check_stable(
    groups: Groups, signed: Floats, along: float, root: Root, begin: float, force: bool
) -> None:
    mu = groups.coupling(np.array([begin]))
    vectors = quasi_steady.polarization(signed, groups.omega, along, mu[0], root)
    growth = quasi_steady.growth(vectors, groups.share, groups.omega, mu[0], root)
    if unstable(np.array([growth]), mu)[0] and not force:
        raise _unstable_start(growth)


def _unstable_start(growth: float) -> QnuError:
    return QnuError(
        "miscidynamics",
        f"an unstable equilibrium (growth rate {growth:.3g})",
        "a start near a stable one, where deviations of the mean field do not grow, or force=True",
    )


class Start(Table):
    """``start = { method = ..., time = ... }``: lengths taken from another method."""

    method: str = key("the label of a method that comes earlier in the file")
    time: float = key("a sample time of that method", ge=0)


class MiscidynamicsMethod(RateMethod):
    """Slow motion through quasi-steady states (:func:`qnu.solvers.miscidynamics`)."""

    kind: Literal["miscidynamics"]
    gamma: float | None = key(
        "a finite number >= 0 (0: no entanglement)", None, unset="as the schedule", ge=0
    )
    probability: Probability | None = key(PROBABILITY, None, unset="as the schedule")
    signs: list[Literal[-1, 1]] | None = key(
        "a list of 1 and -1, one per group", None, unset="those nearest to the start"
    )
    start: Start | None = key(
        "{ method = ..., time = ... }",
        None,
        "take the group means of an earlier method at one of its sample times",
    )
    force: bool = key(
        "true (also far from equilibrium and where it is unstable) or false",
        False,
        "go on from a start farther than 0.2 from its equilibrium, and along unstable equilibria"
        " (both are errors otherwise)",
    )

    solve = staticmethod(miscidynamics)
    line_style: ClassVar[LineStyle] = LineStyle(
        "miscidynamics", line=(0.0, (5.0, 3.2)), width=1.6, order=5.0
    )
    from_schedule: ClassVar[tuple[str, ...]] = ("gamma", "probability")

    @property
    def rows(self) -> Literal["neutrino", "group"]:
        """Groups."""
        return "group"

    def prepare(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        times: Floats,
        earlier: Mapping[str, Floats],
        seed: int | None,
    ) -> Prepared:
        """Also where it starts: its sample times begin there."""
        options = dict(super().prepare(gas, schedule, times, earlier, seed).options)
        if schedule.kind == "constant_background":
            raise QnuError(
                "kind",
                "miscidynamics, in a constant_background schedule",
                "independent, mean_field, kinetic or circuit",
            )
        start = None if self.start is None else _start_of(self.start, earlier)
        if start is not None:
            later = times[times > start[1] + 1e-9 * max(1.0, float(times[-1]))]
            times = np.concatenate([[start[1]], later])
        groups = len(gas.group_names)
        if self.signs is not None and len(self.signs) != groups:
            allowed = f"a list of 1 and -1, one for each of {groups} groups"
            raise QnuError("signs", self.signs, allowed)
        options["signs"] = None if self.signs is None else list(self.signs)
        options["force"] = self.force
        return Prepared(times, options, start)

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        prepared: Prepared,
        around: Surroundings,
    ) -> Trajectory:
        """The result, from the start that an earlier method gives, if there is one."""
        if prepared.start is not None:
            label, time = prepared.start
            options = {**prepared.options, "start": (around.earlier[label], time)}
            prepared = Prepared(prepared.times, options, prepared.start)
        return super().run(gas, schedule, prepared, around)


def _start_of(start: Start, earlier: Mapping[str, Floats]) -> tuple[str, float]:
    """The label, and the sample time nearest to the one in the file."""
    if start.method not in earlier:
        names = ", ".join(map(repr, earlier)) or "none"
        allowed = f"a method that comes earlier in the file (here {names})"
        raise QnuError("start.method", start.method, allowed)
    times = earlier[start.method]
    nearest = float(times[np.argmin(abs(times - start.time))])
    if abs(nearest - start.time) > 1e-9 * max(1.0, float(times[-1])):
        allowed = f"a sample time of {start.method!r}; nearest {nearest:.10g}"
        raise QnuError("start.time", start.time, allowed)
    return start.method, nearest
