"""The last sample of every method, and how far the methods are from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..averages import box_means, error_source, estimate, mean_over_seeds
from ..cells import MEAN_OF
from ..common.checks import Floats
from ..reference import common_times, reference_label
from ..time_words import time_words
from ..trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Row:
    r"""One group as one method has it: a line of the table.

    Args:
        label: of the method.
        group: name of the group.
        time: of the sample.
        vector: ``(3,)`` mean polarization of the group; of an ensemble the mean over seeds.
        length: :math:`|\mathbf P|` of the group mean; of an ensemble the mean of the lengths.
        error: ``(4,)`` standard errors of vector and length that come from shots, where those were
            taken.
        standard_error: ``(4,)`` standard errors over seeds, shots included, where there are
            several.
        difference: :math:`|\mathbf P - \mathbf P_\mathrm{ref}|` to the reference method at the same
            time, of the means over seeds; None: no such sample, or no exact method to refer to.
        difference_error: its standard error over seeds, from differences seed by seed.
        flavor: :math:`P(\nu_e)` of the group, of antineutrinos :math:`P(\bar\nu_e)`; None where the
            gas has no mixing angle, or where the group's mean does not determine it.
        flavor_error: its standard error, over seeds where there are several, else of the shots.

    Examples:
        >>> Row("kinetic", "1", 2.0, np.array([0.6, 0.0, 0.8]), 1.0, None, None, None, None).length
        1.0
    """

    label: str
    group: str
    time: float
    vector: Floats
    length: float
    error: Floats | None
    standard_error: Floats | None
    difference: float | None
    difference_error: float | None
    flavor: float | None = None
    flavor_error: float | None = None


def mean_vectors(trajectory: Trajectory) -> Floats:
    """``(samples, groups, 3)`` mean polarization of every group, of an ensemble over seeds too."""
    mean = trajectory.group_mean()
    return mean if trajectory.seeds is None else mean.mean(axis=0)


def rows(trajectories: Mapping[str, Trajectory]) -> list[Row]:
    """The last sample of every method, group by group, and how far it is from the reference.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a row per method and group, in that order.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> exact = qnu.solvers.many_body(gas, schedule)
        >>> table = rows({"exact": exact, "mean field": run})
        >>> [(row.label, row.difference is None) for row in table]
        [('exact', True), ('mean field', False)]
    """
    trajectories = box_means(trajectories)
    reference = reference_label(trajectories)
    table = []
    for label, trajectory in trajectories.items():
        parts = [estimate(trajectory, quantity) for quantity in ("x", "y", "z", "length")]
        means = np.stack([part.mean[-1] for part in parts], axis=-1)
        shots = _last([part.shot_error for part in parts])
        over_seeds = _last([part.standard_error for part in parts])
        apart = None
        if reference is not None and label != reference:
            apart = _apart(trajectory, trajectories[reference])
        flavors = _flavors(trajectory)
        for g, group in enumerate(trajectory.group_names):
            table.append(
                Row(
                    label,
                    group,
                    float(trajectory.times[-1]),
                    means[g, :3],
                    float(means[g, 3]),
                    None if shots is None else shots[g],
                    None if over_seeds is None else over_seeds[g],
                    None if apart is None else float(apart[0][g]),
                    None if apart is None or apart[1] is None else float(apart[1][g]),
                    *flavors[g],
                )
            )
    return table


def _flavors(trajectory: Trajectory) -> list[tuple[float | None, float | None]]:
    """P(nu_e) of every group at the last sample, and its error."""
    groups = len(trajectory.group_names)
    if not float(trajectory.attrs["mixing_angle"]):
        return [(None, None)] * groups
    part = estimate(trajectory, "flavor")
    found: list[tuple[float | None, float | None]] = []
    for g, value in enumerate(part.mean[-1]):
        error = None if part.error is None else float(part.error[-1][g])
        found.append((None, None) if np.isnan(value) else (float(value), error))
    return found


def _last(errors: Sequence[Floats | None]) -> Floats | None:
    """``(groups, 4)`` errors of the last sample."""
    known = [error[-1] for error in errors if error is not None]
    return np.stack(known, axis=-1) if known else None


def _apart(one: Trajectory, reference: Trajectory) -> tuple[Floats, Floats | None] | None:
    """``(groups,)`` distance from the reference at the last sample, and its error over seeds."""
    last = dict(common_times(one, reference)).get(len(one.times) - 1)
    if last is None:
        return None
    mine, theirs = one.group_mean()[..., -1, :, :], reference.group_mean()[..., last, :, :]
    both = one.seeds is not None and reference.seeds is not None
    if both and not np.array_equal(one.seeds, reference.seeds):  # type: ignore[arg-type]  # None was left out
        mine, theirs = mine.mean(axis=0), theirs.mean(axis=0)
    differences = mine - theirs
    if differences.ndim == 2:
        return np.linalg.norm(differences, axis=-1), None
    mean, error = mean_over_seeds(differences)
    distance = np.linalg.norm(mean, axis=-1)
    if error is None:
        return distance, None
    along = mean / np.maximum(distance, 1e-300)[:, None]
    _, spread = mean_over_seeds(np.einsum("sga,ga->sg", differences, along))
    return distance, spread


def _number(value: float) -> str:
    text = f"{value:.4f}"
    return text.removeprefix("-") if float(text) == 0 else text  # no "-0.0000"


def flavor_text(row: Row) -> str:
    """P(nu_e) with its error; empty where it is not known."""
    if row.flavor is None:
        return ""
    error = "" if row.flavor_error is None else f" ± {_number(row.flavor_error)}"
    return _number(row.flavor) + error


def space_remark(trajectories: Mapping[str, Trajectory]) -> str:
    """Whose numbers are means over the cells of a box; empty where there is no space."""
    over = [
        label
        for label, trajectory in trajectories.items()
        if trajectory.cells is not None or MEAN_OF in trajectory.attrs
    ]
    return f"{', '.join(over)}: means over the box" if over else ""


#: Below a table with antineutrinos.
ISOSPIN = "antineutrinos: flavor isospin S = (-x, y, -z) of their own polarization"


def has_antineutrinos(trajectory: Trajectory) -> bool:
    """Whether any row of a Trajectory contains antineutrinos."""
    data = trajectory.dataset
    name = "antineutrino_share" if "antineutrino_share" in data else "antineutrino"
    return bool((data[name].values > 0).any())


#: In place of differences.
NO_REFERENCE = "no method here is exact, so none is a reference for the others"


def value_texts(row: Row) -> list[str]:
    """x, y, z, length and difference as text."""
    difference = "" if row.difference is None else _number(row.difference)
    return [*(_number(float(v)) for v in row.vector), _number(row.length), difference]


def error_texts(row: Row) -> list[str]:
    """Standard errors under x, y, z, length and difference; nothing where there are none.

    Over seeds where there are several, else of the shots.
    """
    errors = row.error if row.standard_error is None else row.standard_error
    if errors is None and row.difference_error is None:
        return []
    # a method that does not depend on the seed has an error of its difference from one that does
    texts = [""] * 4 if errors is None else [f"± {_number(float(e))}" for e in errors]
    if row.difference_error is not None:
        texts.append(f"± {_number(row.difference_error)}")
    return texts


_SOURCES = {"shots": "of the shots", "samples": "of the mean over samples (phase space)"}


def error_remark(trajectories: Mapping[str, Trajectory]) -> str:
    """What the errors of a table are; empty where it has none."""
    counts = {len(t.seeds) for t in trajectories.values() if t.seeds is not None}
    sources = {error_source(t) for t in trajectories.values() if t.seeds is None} - {""}
    words = [what for source, what in _SOURCES.items() if source in sources]
    if counts:
        also = f"; of methods that do not depend on the seed: {', '.join(words)}" if words else ""
        return (
            f"means over {max(counts)} seeds (length: of the lengths),"
            f" ±: standard error of the mean{also}"
        )
    return f"±: standard error {', '.join(words)}" if words else ""


def texts_with_errors(row: Row) -> list[str]:
    """The values, each followed by its standard error where there is one."""
    values, errors = value_texts(row), error_texts(row)
    texts = [f"{v} {e}".rstrip() for v, e in zip(values, errors, strict=False)]
    return texts + values[len(errors) :]


def heading(trajectories: Mapping[str, Trajectory]) -> str:
    """The title of a table of final group polarizations."""
    times = {f"{float(run.times[-1]):.6g}" for run in trajectories.values()}
    if len(times) > 1:
        return "Group polarizations at the last sample of each method"
    words, _, unit = time_words(trajectories.values()).partition(", ")
    return f"Group polarizations at {words} = {times.pop()}" + (f" ({unit})" if unit else "")
