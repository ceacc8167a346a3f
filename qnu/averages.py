"""Requested observables as curves: means over groups, over pairs, or of the whole state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .common.checks import Floats
from .observables import NAMES
from .trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Curve:
    """One observable of one part of the gas against time.

    Args:
        observable: its name, such as ``"entropy"``.
        part: the mean over what: the name of a group; ``"pairs"``: all pairs; ``"half"``: the
            first N // 2 neutrinos, of which it is the value and no mean.
        group: whether ``part`` is the name of a group.
        times: ``(samples,)``.
        values: ``(samples,)``.
    """

    observable: str
    part: str
    group: bool
    times: Floats
    values: Floats


def requested_curves(trajectory: Trajectory) -> list[Curve]:
    """``<O_i>_g`` over the members of every group; ``<O_ij>`` over all pairs i < j.

    Args:
        trajectory: of any method.

    Returns:
        a curve per recorded observable and group, or per observable of pairs or of the state;
        empty where none was requested.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0, 0])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> run = qnu.solvers.many_body(gas, schedule, observables=["pair_concurrence"])
        >>> [(c.observable, c.part, c.values.shape) for c in requested_curves(run)]
        [('pair_concurrence', 'pairs', (2,))]
    """
    data, curves = trajectory.dataset, []
    for name in NAMES:
        if name not in data:
            continue
        values, dims = np.asarray(data[name].values, float), data[name].dims
        if dims == ("time", "neutrino"):
            means = values @ trajectory.group_weights().T
            groups = zip(trajectory.group_names, means.T, strict=True)
            curves += [Curve(name, g, True, trajectory.times, mean) for g, mean in groups]
        elif dims == ("time", "neutrino", "partner") and values.shape[1] > 1:
            pairs = values[:, *np.triu_indices(values.shape[1], 1)]
            curves.append(Curve(name, "pairs", False, trajectory.times, pairs.mean(axis=1)))
        elif dims == ("time",):
            curves.append(Curve(name, "half", False, trajectory.times, values))
    return curves
