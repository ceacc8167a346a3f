"""What came out of a run, in two sentences: how far methods are apart, and whether it is steady."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ..averages import box_means, estimate, mean_over_seeds
from ..common.checks import Floats
from ..reference import common_times, reference_label
from ..time_words import time_words
from ..trajectory import Trajectory
from .rows import mean_vectors

#: Lengths and z components that change by less do not count as change.
STEADY = 0.02
#: The part of the time at the end that is looked at, and the fewest samples in it.
_LAST, _FEWEST = 0.25, 3
#: A change below so many standard errors may be noise.
_NOISE = 4.0
#: What "steady" is.
_MEANS = f"length and z change by < {STEADY:g}"


@dataclass(frozen=True)
class Distance:
    r"""The largest :math:`|\mathbf P_g - \mathbf P'_g|` of two methods over common sample times.

    Args:
        labels: of the two methods.
        value: the distance; of ensembles, of the means over seeds.
        group: where it is largest.
        time: when.
        common: how many sample times they share.

    Examples:
        >>> Distance(("kinetic", "many_body"), 0.2, "1", 3.0, 11).value
        0.2
    """

    labels: tuple[str, str]
    value: float
    group: str
    time: float
    common: int


def conclusions(trajectories: Mapping[str, Trajectory]) -> tuple[str, str]:
    r"""Two sentences on what came out.

    The first: the largest distance from the exact method, in which method, group and when; where
    no method is exact, of any two. The second: which methods are steady, that is, in the last
    quarter of their time no length and no z component of a group mean changes by 0.02 or more. A
    steady group may still precess about B, so that :math:`P(\nu_e)` oscillates. A change of 0.02
    or more that is below four standard errors is neither: noise hides it.

    Args:
        trajectories: of one gas, by label.

    Returns:
        two sentences.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 0.8, 0.9, 0.95, 1.0])
        >>> print(*conclusions({"a": run}), sep="\n")
        Only a ran, so there is nothing to compare it with.
        In the last quarter of the time every group is steady (length and z change by < 0.02) in a.
    """
    trajectories = box_means(trajectories)
    return _apart(trajectories), _steady(trajectories)


def largest_distance(one: str, two: str, runs: Mapping[str, Trajectory]) -> Distance | None:
    """Where two methods are farthest apart; None: they have no common sample time.

    Args:
        one: a label.
        two: another.
        runs: Trajectories by label.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> runs = {k: qnu.solvers.mean_field(gas, [0.0, 1.0], resolve=k)
        ...         for k in ("group", "neutrino")}
        >>> largest_distance("group", "neutrino", runs).value < 1e-8
        True
    """
    a, b = runs[one].box_mean(), runs[two].box_mean()
    common = common_times(a, b)
    if not common:
        return None
    i, j = (list(numbers) for numbers in zip(*common, strict=True))
    apart = np.linalg.norm(mean_vectors(a)[i] - mean_vectors(b)[j], axis=-1)
    k, g = np.unravel_index(int(apart.argmax()), apart.shape)
    names, time = a.group_names, float(a.times[i[int(k)]])
    return Distance((one, two), float(apart[k, g]), names[int(g)], time, len(common))


def _apart(runs: Mapping[str, Trajectory]) -> str:
    reference = reference_label(runs)
    labels = list(runs)
    if len(labels) == 1:
        return f"Only {labels[0]} ran, so there is nothing to compare it with."
    if reference is not None:
        pairs = [(label, reference) for label in labels if label != reference]
    else:
        pairs = [(a, b) for k, a in enumerate(labels) for b in labels[k + 1 :]]
    found = [d for d in (largest_distance(a, b, runs) for a, b in pairs) if d is not None]
    if not found:
        return "No two methods have a common sample time, so they are not compared."
    worst = max(found, key=lambda distance: distance.value)
    words, _, unit = time_words(runs.values()).partition(", ")
    when = f"{words} = {worst.time:.4g}" + (f" ({unit})" if unit else "")
    where = f"in group {worst.group} at {when}{_in_errors(worst, runs)}"
    a, b = worst.labels
    if reference is not None:
        return (
            f"The largest distance from {b}, which is exact, is {worst.value:.2g}, of {a} {where}."
        )
    return f"No method is exact; farthest apart are {a} and {b}: {worst.value:.2g} {where}."


def _in_errors(worst: Distance, runs: Mapping[str, Trajectory]) -> str:
    """The same in standard errors, where shots were taken or seeds averaged.

    Of two ensembles of the same seeds the error is that of the mean of their differences.
    """
    run, ref = (runs[label] for label in worst.labels)
    g = run.group_names.index(worst.group)
    k, j = run.index_of(worst.time), ref.index_of(worst.time)
    away = mean_vectors(run)[k, g] - mean_vectors(ref)[j, g]
    along = away / max(float(np.linalg.norm(away)), 1e-300)
    one, two = _along(run, along, k, g), _along(ref, along, j, g)
    if run.seeds is not None and ref.seeds is not None and np.array_equal(run.seeds, ref.seeds):
        sigma = mean_over_seeds(one[0] - two[0])[1]
    else:
        sigma = np.hypot(one[1], two[1])
    return (
        f" ({worst.value / sigma:.1f} standard errors)" if sigma is not None and sigma > 0 else ""
    )


def _along(run: Trajectory, along: Floats, sample: int, group: int) -> tuple[Floats, float]:
    """A component of a group mean: ``(histories,)``, and the standard error of their mean."""
    parts = [estimate(run, axis) for axis in ("x", "y", "z")]
    histories = np.stack([part.histories[:, sample, group] for part in parts], axis=1) @ along
    error = mean_over_seeds(histories)[1]
    if error is not None:
        return histories, float(error)
    shots = [0.0 if part.error is None else part.error[sample, group] for part in parts]
    return histories, float(np.linalg.norm(np.nan_to_num(shots) * along))


def _steady(runs: Mapping[str, Trajectory]) -> str:
    steady: list[str] = []
    moving: list[tuple[float, str, str]] = []
    hidden: list[tuple[float, str]] = []
    unknown: list[str] = []
    for label, run in runs.items():
        found = _change(run)
        if found is None:
            unknown.append(label)
            continue
        change, noise = found
        beyond = np.where(change > noise, change, 0.0)
        if (beyond >= STEADY).any():
            g = int(beyond.max(axis=0).argmax())
            moving.append((float(beyond.max()), run.group_names[g], label))
        elif (change >= STEADY).any():
            hidden.append((float(noise[change >= STEADY].max()), label))
        else:
            steady.append(label)
    parts = []
    if steady:
        parts.append(f"every group is steady ({_MEANS}) in {_listed(steady)}")
    if moving:
        most, group, label = max(moving)
        names = _listed(entry[2] for entry in moving)
        still = f"not yet in {names}" if steady else f"no method is steady: {names}"
        if hidden and not steady:
            still = f"not steady: {names}"
        where = f"group {group}" + (f" of {label}" if len(moving) > 1 else "")
        parts.append(f"{still} ({where} changes by {most:.2g})")
    if hidden:
        most_noise = max(noise for noise, _ in hidden)
        names = _listed(label for _, label in hidden)
        parts.append(f"no change beyond noise (up to {most_noise:.2g}) in {names}")
    if unknown:
        few = f"too few samples to tell in {_listed(unknown)}"
        parts.append(few)
    return f"In the last quarter of the time {'; '.join(parts)}."


def _change(run: Trajectory) -> tuple[Floats, Floats] | None:
    """``(2, groups)``: by how much lengths and z components change at the end, and noise there."""
    times = run.times
    last = times >= times[-1] - _LAST * (times[-1] - times[0])
    if last.sum() < _FEWEST or times[-1] == times[0]:
        return None
    changes, noises = [], []
    for quantity in ("length", "z"):
        part = estimate(run, quantity)
        values = part.mean[last]
        change = values.max(axis=0) - values.min(axis=0)
        error = np.zeros_like(values) if part.error is None else part.error[last]
        changes.append(change)
        noises.append(_NOISE * np.nan_to_num(error).max(axis=0))
    return np.array(changes), np.array(noises)


def _listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
