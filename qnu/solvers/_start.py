"""Where miscidynamics starts: group polarizations, and the equilibrium nearest to them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from ..common.checks import Floats
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..trajectory import Trajectory
from . import quasi_steady
from ._branch import Branch
from ._groups import Groups, distance, unstable
from .quasi_steady import NEAR, Root


def start_of(gas: NeutrinoGas, start: tuple[Trajectory, float] | None) -> tuple[Floats, float]:
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
    vectors = trajectory.box_mean().group_mean()[k]
    if not np.isfinite(vectors).all():
        raise QnuError("start", f"polarizations that are not finite at t = {time:g}", "finite ones")
    return vectors, float(trajectory.times[k])


def check_near(apart: float, force: bool, where: str) -> None:
    if apart > NEAR and not force:
        raise QnuError(
            "miscidynamics",
            f"a start {apart:.2f} from its equilibrium",
            f"a start within {NEAR} (mean over the gas of |P - P_eq|): {where},"
            " start = (Trajectory, time), or force=True",
        )


def branch_at(
    groups: Groups, vectors: Floats, signs: Sequence[int] | None, begin: float, force: bool
) -> tuple[Branch, float]:
    """The equilibrium nearest to the start, as the beginning of a branch, and how near it is."""
    signed, root, apart = _nearest(groups, vectors, signs, begin)
    check_near(apart, force, "take it from a run of independent encounters that came near")
    along = -float(groups.share @ vectors[:, 2])
    _check_stable(groups, signed, along, root, begin, force)
    mean = groups.share @ vectors
    return Branch(groups, along, signed, root, float(np.arctan2(mean[1], mean[0])), begin), apart


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
        raise unstable_start(growth)


def unstable_start(growth: float) -> QnuError:
    return QnuError(
        "miscidynamics",
        f"an unstable equilibrium (growth rate {growth:.3g})",
        "a start near a stable one, where deviations of the mean field do not grow, or force=True",
    )
