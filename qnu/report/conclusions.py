"""What came out of a run, in two sentences: how far methods are apart, and whether it is steady."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ..averages import estimate
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
    quarter of their time no length and no z component of a group changes by 0.02 or more.

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
        >>> print(*conclusions({"mean_field": run}), sep="\n")
        Only mean_field ran, so there is nothing to compare it with.
        In the last quarter of the time every group is steady (changes < 0.02) in mean_field.
    """
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
    a, b = runs[one], runs[two]
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
    """The same in standard errors, where shots were taken or seeds averaged."""
    label, other = worst.labels
    run = runs[label]
    errors = [estimate(run, axis).error for axis in ("x", "y", "z")]
    if any(part is None for part in errors):
        return ""
    k = run.index_of(worst.time)
    g = run.group_names.index(worst.group)
    ref = runs[other]
    away = mean_vectors(run)[k, g] - mean_vectors(ref)[ref.index_of(worst.time), g]
    along = away / max(float(np.linalg.norm(away)), 1e-300)
    sigma = float(np.linalg.norm([float(e[k, g]) * a for e, a in zip(errors, along, strict=True)]))  # type: ignore[index]  # None was left out
    return f" ({worst.value / sigma:.1f} standard errors)" if sigma > 0 else ""


def _steady(runs: Mapping[str, Trajectory]) -> str:
    steady: list[str] = []
    moving: list[tuple[float, str, str]] = []
    unknown: list[str] = []
    for label, run in runs.items():
        change = _change(run)
        if change is None:
            unknown.append(label)
        elif not (change >= STEADY).any():
            steady.append(label)
        else:
            g = int(change.argmax())
            moving.append((float(change[g]), run.group_names[g], label))
    parts = []
    if steady:
        parts.append(f"every group is steady (changes < {STEADY:g}) in {_listed(steady)}")
    if moving:
        most, group, label = max(moving)
        names = _listed(entry[2] for entry in moving)
        still = f"not yet in {names}" if steady else f"no method is steady: {names}"
        where = f"group {group}" + (f" of {label}" if len(moving) > 1 else "")
        parts.append(f"{still} ({where} changes by {most:.2g})")
    if unknown:
        few = f"too few samples to tell in {_listed(unknown)}"
        parts.append(few)
    return f"In the last quarter of the time {'; '.join(parts)}."


def _change(run: Trajectory) -> Floats | None:
    """``(groups,)`` by how much lengths and z components change at the end, noise left out."""
    times = run.times
    last = times >= times[-1] - _LAST * (times[-1] - times[0])
    if last.sum() < _FEWEST or times[-1] == times[0]:
        return None
    changes = []
    for quantity in ("length", "z"):
        part = estimate(run, quantity)
        values = part.mean[last]
        change = values.max(axis=0) - values.min(axis=0)
        if part.error is not None:
            noise = _NOISE * np.nan_to_num(part.error[last]).max(axis=0)
            change = np.where(change <= noise, 0.0, change)
        changes.append(change)
    most: Floats = np.maximum(*changes)
    return most


def _listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
