"""Miscidynamics: the adiabatic theory that follows the gas through its quasi-steady states."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import profiles
from ..checks import Floats, number
from ..errors import QnuError
from ..gas import NeutrinoGas, fields
from ..profiles import Profile
from ..progress import Progress, with_bar
from ..trajectory import Trajectory
from . import _partners, quasi_steady
from ._common import checked_gas, checked_times, coupling_at, report

#: Where Pbar_perp has fallen to this fraction of its start, all P_i have come to lie along B:
#: the branch has run into the other kind of equilibrium.
_ALONG_B = 1e-6
#: Pairs of groups may differ by this fraction in <1-c>, as a few random velocities do.
_ALIKE = 0.5
#: A polished root may lie this far, as a fraction, from the one predicted by the rates.
_SAME_BRANCH = 0.05


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
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        polarization ``(time, groups, 3)``, azimuth included; variables ``precession`` (Omega),
        ``transverse`` (Pbar_perp) over time, ``sign`` (eps_i) over time and group,
        ``start_distance`` (how far the start is from the equilibrium, mean over the gas: the
        theory assumes that it is small); attribute ``branch``.

    Raises:
        QnuError: no equilibrium near the start, a branch that ends (with the time at which it
            does), matter together with mu.

    References:
        Johns (2306.14982, 2401.15247); Kost, Johns, Duan, OILE II (2508.14331); Raffelt and
        Smirnov (2007) for splits.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas.from_groups(
        ...     [qnu.Group(6, (0.3, 0, 0.2), omega=0.1), qnu.Group(4, (0.2, 0, 0.1), omega=0.2)])
        >>> run = miscidynamics(gas, [0.0, 100.0], gamma=0.01)
        >>> run.attrs["branch"], run.group_length()[-1].round(3)
        ('transverse', array([0.313, 0.274]))
    """
    started = clock.perf_counter()
    checked_gas(gas)
    sample_times = checked_times(times)
    gamma = number("gamma", gamma, low=0.0)
    p = number("probability", probability, low=0.0, high=1.0)
    mu, matter = profiles.checked("mu", mu), profiles.checked("matter", matter)
    if not callable(mu):
        number("mu", mu, low=0.0, high=1e9)
    vectors, begin = _start(gas, start)
    if signs is not None:
        quasi_steady.checked_signs(signs, len(vectors))
    kept = sample_times >= begin - 1e-9 * max(1.0, begin)
    if not kept.any():
        raise QnuError("times", float(sample_times[-1]), f"a time at or after the start, {begin:g}")
    sample_times = sample_times[kept]
    marks, which = np.unique(sample_times, return_inverse=True)  # times may repeat
    omega = gas.group_means(gas.omega)
    variables: dict[str, Any] = {}
    if profiles.is_zero(mu):
        samples = _msw(gas, omega, vectors, matter, marks, begin)
        branch = "msw"
    else:
        if not profiles.is_zero(matter):
            raise QnuError("matter", profiles.describe(matter), "0 where mu is not 0 (MSW: mu = 0)")
        gas_means = _Means.of(gas, omega, gamma, mu, p)
        if abs(vectors[:, :2]).max() < 1e-12:
            samples, variables = _longitudinal(gas_means, vectors, marks, begin)
            branch = "longitudinal"
        else:
            samples, variables = _transverse(gas_means, vectors, signs, marks, begin, progress)
            branch = "transverse"
    samples = samples[which]
    for name, (over, values) in variables.items():
        variables[name] = (over, values[which] if "time" in over else values)
    attributes = {
        "gamma": gamma,
        "mu": profiles.describe(mu),
        "matter": profiles.describe(matter),
        "probability": p,
        "branch": branch,
        "start_time": begin,
    }
    if branch != "msw":
        weights = gas.counts / len(gas)
        total = samples[..., 2] @ weights
        attributes["drift_total_z"] = float(abs(total - total[0]).max())
    else:
        h = fields(omega, profiles.evaluate(matter, sample_times)[:, None], gas.mixing_angle)
        along = np.sum(samples * h, axis=-1) / np.linalg.norm(h, axis=-1)
        attributes["drift_adiabatic"] = float(abs(along - along[0]).max())
    return Trajectory.build(
        "miscidynamics",
        gas,
        sample_times,
        samples,
        started=started,
        resolve="group",
        variables=variables,
        attributes=attributes,
    )


@dataclass(frozen=True)
class _Means:
    """The groups and the slow drivers, with velocities averaged."""

    share: Floats  # f_i
    omega: Floats
    mu: Profile
    mean: float  # <1 - c>
    rate: float  # kappa gamma
    regular: float  # (p/2) gamma <1 - c>^2

    @classmethod
    def of(cls, gas: NeutrinoGas, omega: Floats, gamma: float, mu: Profile, p: float) -> _Means:
        for members, name in zip(gas.members, gas.group_names, strict=True):
            if np.ptp(gas.omega[members]) > 1e-9:
                raise QnuError("gas", f"a spectrum in group {name!r}", "one omega per group")
        felt = _partners.between(gas, lambda u: u, 1.0)
        felt = felt[(gas.counts[:, None] > 1) | ~np.eye(len(felt), dtype=bool)]
        if felt.size and np.ptp(felt) > _ALIKE * abs(felt).max():
            raise QnuError(
                "velocities",
                f"<1-c> between groups from {felt.min():.3g} to {felt.max():.3g}",
                "groups that share one distribution of velocities (the equilibria assume it)",
            )
        # over all pairs, a neutrino with itself counted as 0
        share = gas.counts / len(gas)
        mean = float(share @ _partners.between(gas, lambda u: u, 1.0, others=False) @ share)
        square = _partners.between(gas, lambda u: u * u, 4 / 3, others=False)
        kappa = float(share @ square @ share)
        return cls(share, omega, mu, mean, kappa * gamma, p / 2 * gamma * mean**2)

    def coupling(self, t: float) -> float:
        """``mu(t) <1 - c>``, what the mean field feels."""
        return coupling_at(self.mu, t) * self.mean


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
    return trajectory.group_mean()[k], float(trajectory.times[k])


def _msw(
    gas: NeutrinoGas, omega: Floats, vectors: Floats, matter: Profile, times: Floats, begin: float
) -> Floats:
    """Along ``h_i(t)``, with the component along it kept."""
    values = profiles.evaluate(matter, np.concatenate([[begin], times]), "matter")
    h = fields(omega, values[:, None], gas.mixing_angle)
    length = np.linalg.norm(h, axis=-1, keepdims=True)
    if (length == 0).any():
        raise QnuError("matter", profiles.describe(matter), "a field without zeros")
    h = h / length
    kept = np.sum(h[0] * vectors, axis=-1)
    result: Floats = kept[:, None] * h[1:]
    return result


def _longitudinal(
    means: _Means, vectors: Floats, times: Floats, begin: float
) -> tuple[Floats, dict[str, Any]]:
    """All along B: ``dz_i/dt = kappa mu gamma (zbar - z_i)``, in closed form in the phase of mu."""
    from ..schedules._clock import phase_at

    z = vectors[:, 2]
    mean = float(means.share @ z)
    phases = np.array([phase_at(means.mu, t) for t in times]) - phase_at(means.mu, begin)
    samples = np.zeros((len(times), len(z), 3))
    samples[..., 2] = mean + np.exp(-means.rate * phases)[:, None] * (z - mean)
    return samples, {"transverse": (("time",), np.zeros(len(times)))}


def _transverse(
    means: _Means,
    vectors: Floats,
    signs: Sequence[int] | None,
    times: Floats,
    begin: float,
    progress: Progress,
) -> tuple[Floats, dict[str, Any]]:
    """Integrate signed lengths, Omega, Pbar_perp and the azimuth; keep to the root all the way."""
    from scipy.integrate import solve_ivp

    groups = len(means.share)
    mean = means.share @ vectors
    along = -float(mean[2])
    signed, root, apart = _nearest(means, vectors, along, signs, means.coupling(begin))
    end = float(times[-1])
    side = 0.0  # sign of the Jacobian on this branch
    reached = begin
    reason = "no equilibrium goes on from there"

    def on_branch(t: float, y: Floats) -> Floats | None:
        nonlocal side, reason
        mu = means.coupling(t)
        here = (y[:groups], means.share, means.omega, along, mu)
        x = quasi_steady.polish(y[groups : groups + 2], *here)
        if x is None:
            return None
        if x[1] <= _ALONG_B * root[1]:
            reason = "all P_i come to lie along B"
            return None
        # a root far from where the rates led is another branch; |H_i| is at least mu Pbar_perp
        moved = abs(x - y[groups : groups + 2])
        if moved[1] > _SAME_BRANCH * x[1] or moved[0] > _SAME_BRANCH * mu * x[1]:
            return None
        _, jacobian = quasi_steady.residual(x, *here)
        now = float(np.sign(np.linalg.det(jacobian)))
        side = side or now
        return x if now == side else None

    def rate(t: float, y: Floats) -> Floats:
        nonlocal reached
        x = on_branch(t, y)
        if x is None:
            return np.full_like(y, np.nan)  # the integrator shortens its step and tries again
        reached = max(reached, t)
        report(progress, (t - begin) / max(end - begin, 1e-300))
        return _rates(means, along, t, y[:groups], x, (begin, end))

    y0 = np.concatenate([signed, root, [np.arctan2(mean[1], mean[0])]])
    if on_branch(begin, y0) is None:
        raise _ended(signed, begin, reason)
    if end == begin:
        path = y0[:, None]
    else:
        with np.errstate(invalid="ignore"):
            solution = solve_ivp(
                rate, (begin, end), y0, "DOP853", t_eval=times, rtol=1e-9, atol=1e-11
            )
        path = solution.y
        if not solution.success:
            raise _ended(signed, reached, reason)
    samples = np.empty((len(times), groups, 3))
    states = []
    for k, t in enumerate(times):
        x = on_branch(float(t), path[:, k])
        if x is None:
            raise _ended(signed, float(t), reason)
        state = quasi_steady.state_from_root(
            path[:groups, k], means.omega, along, means.coupling(float(t)), x
        )
        angle = path[-1, k]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        samples[k] = state.polarization
        samples[k, :, :2] = samples[k, :, :2] @ turn.T
        states.append(state)
    return samples, {
        "precession": (("time",), np.array([s.precession for s in states])),
        "transverse": (("time",), np.array([s.transverse for s in states])),
        "sign": (("time", "neutrino"), np.array([s.signs for s in states])),
        "start_distance": ((), apart),
    }


def _ended(signed: Floats, time: float, reason: str) -> QnuError:
    pattern = tuple(int(s) for s in np.where(signed < 0, -1, 1))
    return QnuError(
        "miscidynamics",
        f"branch eps = {pattern}",
        f"sample times before its end ({reason}: the branch ends at t = {time:.6g})",
    )


def _rates(
    means: _Means, along: float, t: float, signed: Floats, x: Floats, span: tuple[float, float]
) -> Floats:
    """d/dt of (A_i, Omega, Pbar_perp, azimuth), the middle two by implicit differentiation."""
    pace = coupling_at(means.mu, t)
    mu = pace * means.mean
    precession, transverse = float(x[0]), float(x[1])
    b, perp = quasi_steady.directions(means.omega, along, mu, precession, transverse)
    toward = along * b + transverse * perp  # Pbar.P_i / (eps_i L_i)
    change = means.rate * pace * (toward - signed)
    change -= means.regular * pace * signed * (toward**2 - along**2 - transverse**2)
    r = np.hypot(means.omega - precession + mu * along, mu * transverse)
    a = means.omega - precession + mu * along
    w = means.share * signed
    push = np.array([mu * np.sum(means.share / r * change), np.sum(means.share * a / r * change)])
    if callable(means.mu):
        h = 1e-5 * (span[1] - span[0])
        early, late = max(t - h, span[0]), min(t + h, span[1])
        slope = (means.coupling(late) - means.coupling(early)) / (late - early)
        bend = (a * along + mu * transverse**2) / r**3
        push += slope * np.array(
            [np.sum(w * (1 / r - mu * bend)), np.sum(w * (along / r - a * bend))]
        )
    _, jacobian = quasi_steady.residual(x, signed, means.share, means.omega, along, mu)
    moved = -np.linalg.solve(jacobian, push)
    return np.concatenate([change, moved, [-precession]])


def _nearest(
    means: _Means, vectors: Floats, along: float, signs: Sequence[int] | None, mu: float
) -> tuple[Floats, Floats, float]:
    """Signed lengths and root of the equilibrium nearest to the group polarizations; how near."""
    lengths = np.linalg.norm(vectors, axis=1)
    mean = means.share @ vectors
    azimuth = np.arctan2(mean[1], mean[0])
    turn = np.array([[np.cos(azimuth), np.sin(azimuth)], [-np.sin(azimuth), np.cos(azimuth)]])
    seen = vectors.copy()
    seen[:, :2] = vectors[:, :2] @ turn.T
    best: tuple[float, Floats, Floats] | None = None
    for pattern in _patterns(means, seen, along, mu) if signs is None else [tuple(signs)]:
        signed = lengths * np.asarray(pattern)
        for root in quasi_steady.roots(signed, means.share, means.omega, along, mu):
            state = quasi_steady.state_from_root(signed, means.omega, along, mu, root)
            apart = float(means.share @ np.linalg.norm(state.polarization - seen, axis=1))
            if best is None or apart < best[0]:
                best = apart, signed, root
    if best is None:
        raise QnuError(
            "signs",
            None if signs is None else tuple(signs),
            "a pattern that has a quasi-steady state for the lengths and Pbar_B at the start",
        )
    return best[1], best[2], best[0]


def _patterns(means: _Means, seen: Floats, along: float, mu: float) -> list[tuple[int, ...]]:
    """Sign patterns worth trying: all for few groups, else those the vectors themselves suggest."""
    groups = len(means.share)
    if groups <= 6:
        return list(product((1, -1), repeat=groups))
    found = set()
    transverse = float(means.share @ seen[:, 0])
    for precession in np.linspace(means.omega.min(), means.omega.max(), 41):
        b, perp = quasi_steady.directions(means.omega, along, mu, float(precession), transverse)
        found.add(tuple(np.where(-seen[:, 2] * b + seen[:, 0] * perp < 0, -1, 1).tolist()))
    return sorted(found)
