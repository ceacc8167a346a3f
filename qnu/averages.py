r"""Averages over groups and over the histories of an ensemble: the curves of tables and figures.

Lengths and entropies are computed history by history and then averaged: the mean of
:math:`|\mathbf P_g|` is not the length of the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from . import observables
from .cells import MEAN_OF
from .common.checks import Floats, choice
from .flavor import flavor_direction
from .observables import NAMES, OF_BEAMS
from .trajectory import Trajectory

#: Points nearer than that to a straight line lie on it, as far as a figure shows.
_BESIDE = 0.02


@dataclass(frozen=True, eq=False)
class Estimate:
    r"""A quantity of every group against time, with what is known about its error.

    Args:
        mean: ``(samples, groups)``, over histories.
        standard_error: ``(samples, groups)`` of the mean over seeds, :math:`s/\sqrt n` with the
            standard deviation s of n histories; None: one history. It contains what shots add.
        shot_error: ``(samples, groups)`` what shots (or samples, :func:`error_source`) alone add;
            None: there are none.
        histories: ``(histories, samples, groups)``.
    """

    mean: Floats
    standard_error: Floats | None
    shot_error: Floats | None
    histories: Floats

    @property
    def error(self) -> Floats | None:
        """The error of the mean: over seeds where there are several, else of the shots."""
        return self.shot_error if self.standard_error is None else self.standard_error


def box_means(trajectories: Mapping[str, Trajectory]) -> dict[str, Trajectory]:
    r"""What tables, comparisons and curves show: of results over space their mean over cells.

    Args:
        trajectories: by label.

    Returns:
        :meth:`qnu.Trajectory.box_mean` of each; results without space as they are.

    Examples:
        >>> box_means({})
        {}
    """
    return {label: trajectory.box_mean() for label, trajectory in trajectories.items()}


def error_source(trajectory: Trajectory) -> str:
    """What ``polarization_error`` comes from: ``"shots"``, ``"samples"`` or nothing.

    Shots of a circuit that is right otherwise, or samples of a method with an error of its own
    (:func:`qnu.solvers.phase_space`), which the standard error of a mean does not show.

    Args:
        trajectory: any.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]] * 2, omega=[1.0] * 2)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.1)
        >>> error_source(qnu.solvers.phase_space(gas, schedule, samples=8, seed=1))
        'samples'
    """
    if trajectory.group_error() is None:
        return ""
    return "samples" if "samples" in trajectory.attrs else "shots"


def mean_over_seeds(histories: Floats, axis: int = 0) -> tuple[Floats, Floats | None]:
    r"""Mean over n histories and its standard error :math:`s/\sqrt n`; None where n = 1.

    Args:
        histories: numbers of n histories.
        axis: along which they lie.

    Examples:
        >>> mean, error = mean_over_seeds(np.array([[1.0], [2.0], [6.0]]))
        >>> float(mean[0]), round(float(error[0]), 4)
        (3.0, 1.5275)
    """
    mean: Floats = histories.mean(axis=axis)
    count = histories.shape[axis]
    if count == 1:
        return mean, None
    error: Floats = histories.std(axis=axis, ddof=1) / np.sqrt(count)
    return mean, error


def on_one_line(trajectories: Iterable[Trajectory]) -> bool:
    """Whether all group means, of ensembles their means over seeds, stay on one straight line.

    Args:
        trajectories: of any methods.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> on_one_line([qnu.solvers.mean_field(gas, [0.0, 1.0, 2.0])])
        False
    """
    means = [trajectory.box_mean().group_mean() for trajectory in trajectories]
    means = [mean.mean(axis=0) if mean.ndim == 4 else mean for mean in means]
    points = np.concatenate([mean.reshape(-1, 3) for mean in means])
    points = points - points.mean(axis=0)
    along = np.linalg.svd(points.T @ points)[2][0]
    beside: Floats = np.linalg.norm(points - np.outer(points @ along, along), axis=1)
    return bool(beside.max() <= _BESIDE)


def has_entropy(trajectory: Trajectory) -> bool:
    """Whether ``|P|`` of a row is the ``|P|`` of one neutrino.

    Not in miscidynamics: its lengths are those of group means, which also shrink by dephasing
    within the group. Nor in means over the cells of a box, whose P differ.
    """
    if MEAN_OF in trajectory.attrs:
        return False
    by_group = trajectory.attrs.get("resolve") == "group"
    return not by_group or trajectory.method in ("collective", "kinetic", "mean_field")


def estimate(trajectory: Trajectory, quantity: str) -> Estimate:
    r"""A quantity of every group: :math:`|\mathbf P_g|`, its components, mean entropies.

    Args:
        trajectory: of one history or of an ensemble; with space its mean over cells is taken.
        quantity: ``"x"``, ``"y"``, ``"z"``: of the group mean :math:`\mathbf P_g`; ``"length"``:
            :math:`|\mathbf P_g|`; ``"neutrino_length"``: :math:`\langle|\mathbf P_i|\rangle_g`;
            ``"entropy"``: :math:`\langle S_i\rangle_g` of one neutrino, in bits; ``"flavor"``:
            :math:`\langle P_i(\nu_e)\rangle_g`, of antineutrinos :math:`P(\bar\nu_e)`; NaN where a
            group's mean does not determine it.

    Returns:
        mean, errors and single histories.

    Raises:
        QnuError: an unknown quantity.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, 0.5]], omega=[0, 0])
        >>> run = qnu.solvers.mean_field(gas, [0.0], resolve="neutrino")
        >>> estimate(run, "length").mean, estimate(run, "neutrino_length").mean
        (array([[0.75]]), array([[0.75]]))
    """
    choice("quantity", quantity, tuple(_QUANTITIES))
    trajectory = trajectory.box_mean()
    histories, error = _QUANTITIES[quantity](trajectory)
    if trajectory.seeds is None:
        return Estimate(histories, None, error, histories[None])
    mean, standard_error = mean_over_seeds(histories)
    if error is not None:
        error = np.sqrt((error**2).sum(axis=0)) / len(histories)
    return Estimate(mean, standard_error, error, histories)


def rows_of(trajectory: Trajectory, quantity: str) -> Floats:
    """``(samples, rows)``: z, length, entropy or P(nu_e) of every row of one history.

    Args:
        trajectory: of one history.
        quantity: ``"z"``, ``"length"``, ``"entropy"`` or ``"flavor"``.
    """
    trajectory = trajectory.box_mean()
    if quantity == "flavor":
        return trajectory.flavor_probability()
    if quantity == "z":
        return trajectory.polarization[..., 2]
    if quantity == "entropy":
        return _entropies(trajectory)
    return _by_sample(observables.length, trajectory.polarization)


Part = tuple[Floats, Floats | None]


def _component(axis: int) -> Callable[[Trajectory], Part]:
    def component(trajectory: Trajectory) -> Part:
        error = trajectory.group_error()
        mean = trajectory.group_mean()
        return mean[..., axis], None if error is None else error[..., axis]

    return component


def _length(trajectory: Trajectory) -> Part:
    mean, error = trajectory.group_mean(), trajectory.group_error()
    length = observables.length(mean)
    if error is None:
        return length, None
    # to first order |P| changes only with the component of the error along P
    along = mean / np.maximum(length, 1e-300)[..., None]
    first_order = np.sqrt(np.sum((along * error) ** 2, axis=-1))
    return length, np.where(length == 0, error.max(axis=-1), first_order)


def _neutrino_length(trajectory: Trajectory) -> Part:
    lengths = _by_sample(observables.length, trajectory.polarization)
    weights = trajectory.group_weights()
    spread = _spread_of_lengths(trajectory)
    error = None if spread is None else np.sqrt(spread**2 @ (weights.T**2))
    return lengths @ weights.T, error


def _entropy(trajectory: Trajectory) -> Part:
    weights = trajectory.group_weights()
    error, spread = None, _spread_of_lengths(trajectory)
    if spread is not None:
        size = observables.length(trajectory.polarization)
        # S has an infinite slope at |P| = 1: half the change over +- one error instead
        ends = [np.clip(size + sign * spread, 0.0, 1.0) for sign in (-1, 1)]
        low, high = (observables.entropy(end[..., None] * [0.0, 0.0, 1.0]) for end in ends)
        error = np.sqrt((((low - high) / 2) ** 2) @ (weights.T**2))
    return _entropies(trajectory) @ weights.T, error


def _flavor(trajectory: Trajectory) -> Part:
    """``(1 + P.L)/2``, of antineutrinos ``(1 - S.L)/2``; NaN for groups that do not tell."""
    data = trajectory.dataset
    axis = flavor_direction(float(trajectory.attrs["mixing_angle"]))
    name = "antineutrino_share" if "antineutrino_share" in data else "antineutrino"
    sign = 1 - 2 * data[name].values.astype(float)
    weights = trajectory.group_weights()
    unknown = (weights[:, np.isnan(sign)] > 0).any(axis=1)
    each = (1 + np.nan_to_num(sign) * (trajectory.polarization @ axis)) / 2
    mean = np.where(unknown, np.nan, each @ weights.T)
    error = trajectory.group_error()
    if error is None:
        return mean, None
    error = np.sqrt((error * axis) ** 2 @ np.ones(3)) / 2
    if "polarization_error" in data:
        # of both kinds together: correlations between members enter with either sign
        both = abs(weights @ np.nan_to_num(sign)) < 1 - 1e-9
        rows = np.sqrt((data["polarization_error"].values * axis) ** 2 @ np.ones(3)) / 2
        error = np.where(both, np.sqrt(rows**2 @ (weights.T**2)), error)
    return mean, error


def _entropies(trajectory: Trajectory) -> Floats:
    data = trajectory.dataset
    if "entropy" in data and data["entropy"].dims[-2:] == ("time", "neutrino"):
        return np.asarray(data["entropy"].values)
    return _by_sample(observables.entropy, trajectory.polarization)


def _spread_of_lengths(trajectory: Trajectory) -> Floats | None:
    """Standard error of ``|P|`` of every row, where shots were taken."""
    if "polarization_error" not in trajectory:
        return None
    vectors = trajectory.polarization
    along = vectors / np.maximum(observables.length(vectors), 1e-300)[..., None]
    squares = (along * trajectory.dataset["polarization_error"].values) ** 2
    result: Floats = np.sqrt(np.sum(squares, axis=-1))
    return result


def _by_sample(observable: Callable[[Floats], Floats], vectors: Floats) -> Floats:
    """``(..., samples, rows)``; one sample at a time, since a million neutrinos need the memory."""
    if vectors.ndim == 3:
        return np.stack([observable(sample) for sample in vectors])
    return np.stack([_by_sample(observable, history) for history in vectors])


_QUANTITIES: dict[str, Callable[[Trajectory], Part]] = {
    "x": _component(0),
    "y": _component(1),
    "z": _component(2),
    "length": _length,
    "neutrino_length": _neutrino_length,
    "entropy": _entropy,
    "flavor": _flavor,
}


@dataclass(frozen=True, eq=False)
class Curve:
    """One observable of one part of the gas against time.

    Args:
        observable: its name, such as ``"entropy"``.
        part: the mean over what: the name of a group; ``"pairs"``: all pairs; ``"half"``: the
            first N // 2 neutrinos, of which it is the value and no mean.
        group: whether ``part`` is the name of a group.
        times: ``(samples,)``.
        values: ``(samples,)``, of an ensemble the mean over its histories.
        standard_error: ``(samples,)`` over seeds; None: one history.
        histories: ``(histories, samples)``.
    """

    observable: str
    part: str
    group: bool
    times: Floats
    values: Floats
    standard_error: Floats | None
    histories: Floats


def requested_curves(trajectory: Trajectory) -> list[Curve]:
    r"""``<O_i>_g`` over the members of every group; ``<O_ij>`` over all pairs i < j.

    Of the collision term it is :math:`\langle|\mathbf C_i|^2\rangle_g^{1/2}`, from shots less the
    squares of its errors, and at least 0.

    Args:
        trajectory: of any method, of one history or an ensemble.

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
    trajectory = trajectory.box_mean()
    data, curves = trajectory.dataset, []
    ensemble = trajectory.seeds is not None

    def curve(name: str, part: str, group: bool, histories: Floats) -> Curve:
        mean, error = mean_over_seeds(histories)
        return Curve(name, part, group, trajectory.times, mean, error, histories)

    for name in (*NAMES, *OF_BEAMS):
        if name not in data:
            continue
        values, dims = np.asarray(data[name].values, float), data[name].dims
        if not ensemble:
            values = values[None]
        else:
            dims = dims[1:]
        if dims == ("time", "neutrino"):
            means = values @ trajectory.group_weights().T
            for g, group in enumerate(trajectory.group_names):
                curves.append(curve(name, group, True, means[..., g]))
        elif dims == ("time", "neutrino", "axis"):
            squares = (values**2).sum(axis=-1)
            if f"{name}_error" in data:
                errors = np.asarray(data[f"{name}_error"].values, float)
                squares = squares - (errors.reshape(values.shape) ** 2).sum(axis=-1)
            means = np.sqrt(np.maximum(squares @ trajectory.group_weights().T, 0.0))
            for g, group in enumerate(trajectory.group_names):
                curves.append(curve(name, group, True, means[..., g]))
        elif dims == ("time", "neutrino", "partner") and values.shape[-1] > 1:
            pairs = values[..., *np.triu_indices(values.shape[-1], 1)]
            curves.append(curve(name, "pairs", False, pairs.mean(axis=-1)))
        elif dims == ("time",):
            curves.append(curve(name, "half", False, values))
    return curves
