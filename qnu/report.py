"""What a run tells people: the table in the terminal, ``report.md``, ``summary.json``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .checks import Floats
from .errors import QnuError
from .trajectory import Trajectory, installed_versions

if TYPE_CHECKING:
    from rich.table import Table

    from .experiment import Experiment, Results

#: The format of summary.json; a reader can rely on the keys of a number.
SUMMARY_FORMAT = 1
_CAPTIONS = {
    "comparison": "All methods laid over each other.",
    "bloch": "Group means on the Bloch sphere.",
    "schedule": "Who meets whom, when.",
    "circuit": "The circuit of the schedule.",
}


@dataclass(frozen=True, eq=False)
class Row:
    """One group as one method has it: a line of the table.

    Args:
        label: of the method.
        group: name of the group.
        time: of the sample.
        vector: ``(3,)`` mean polarization of the group.
        error: ``(3,)`` standard errors, where shots were taken.
        difference: ``|P - P_ref|`` to the reference method at the same time; None: no such sample.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> Row("kinetic", "1", 2.0, np.array([0.6, 0.0, 0.8]), None, None).length
        1.0
    """

    label: str
    group: str
    time: float
    vector: Floats
    error: Floats | None
    difference: float | None

    @property
    def length(self) -> float:
        """``|P|`` of the group mean."""
        return float(np.linalg.norm(self.vector))

    @property
    def length_error(self) -> float | None:
        """Its standard error, to first order."""
        if self.error is None:
            return None
        if self.length == 0:
            return float(self.error.max())
        return float(np.linalg.norm(self.vector * self.error) / self.length)


def reference_label(trajectories: Mapping[str, Trajectory]) -> str:
    """The method others are compared with: many-body if there is one, else independent, else first.

    Args:
        trajectories: by label.

    Returns:
        a label.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> reference_label({})
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: trajectories: got {}; allowed: at least one
    """
    if not trajectories:
        raise QnuError("trajectories", {}, "at least one")
    for wanted in ("many_body", "independent"):
        for label, trajectory in trajectories.items():
            if trajectory.method == wanted:
                return label
    return next(iter(trajectories))


def _common_times(one: Trajectory, two: Trajectory) -> list[tuple[int, int]]:
    """Sample numbers of the same times in both."""
    tolerance = 1e-9 * max(1.0, abs(float(one.times[-1])))
    nearest = np.abs(two.times[None, :] - one.times[:, None]).argmin(axis=1)
    same = np.abs(two.times[nearest] - one.times) <= tolerance
    return [(int(k), int(nearest[k])) for k in np.flatnonzero(same)]


def rows(trajectories: Mapping[str, Trajectory]) -> list[Row]:
    """The last sample of every method, group by group, and how far it is from the reference.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a row per method and group, in that order.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> [(row.label, row.group, row.difference) for row in rows({"a": run, "b": run})]
        [('a', '1', None), ('b', '1', 0.0)]
    """
    reference = reference_label(trajectories)
    found = []
    for label, trajectory in trajectories.items():
        means, errors = trajectory.group_mean(), trajectory.group_error()
        base = None
        if label != reference:
            other = trajectories[reference]
            common = dict(_common_times(trajectory, other))
            last = common.get(len(trajectory.times) - 1)
            base = None if last is None else other.group_mean()[last]
        for g, group in enumerate(trajectory.group_names):
            found.append(
                Row(
                    label,
                    group,
                    float(trajectory.times[-1]),
                    means[-1, g],
                    None if errors is None else errors[-1, g],
                    None if base is None else float(np.linalg.norm(means[-1, g] - base[g])),
                )
            )
    return found


def _number(value: float) -> str:
    text = f"{value:.4f}"
    return text.removeprefix("-") if float(text) == 0 else text  # no "-0.0000"


def _values(row: Row) -> list[str]:
    difference = "" if row.difference is None else _number(row.difference)
    return [*(_number(float(v)) for v in row.vector), _number(row.length), difference]


def _errors(row: Row) -> list[str]:
    """Standard errors under x, y, z and length; nothing where there are none."""
    if row.error is None or row.length_error is None:
        return []
    return [f"± {_number(float(e))}" for e in (*row.error, row.length_error)]


def _with_errors(row: Row) -> list[str]:
    values, errors = _values(row), _errors(row)
    return [f"{v} {e}" for v, e in zip(values, errors, strict=False)] + values[len(errors) :]


def _heading(found: Sequence[Row]) -> str:
    times = {f"{row.time:.6g}" for row in found}
    when = f"at mu t = {times.pop()}" if len(times) == 1 else "at the last sample of each method"
    return f"Group polarizations {when}"


def table(trajectories: Mapping[str, Trajectory]) -> Table:
    """The final group polarizations of all methods, for a terminal of 80 columns.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a rich table: x, y, z, length (with standard errors where shots were taken), and the
        distance from the reference method.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> table({"a": qnu.solvers.mean_field(gas, [0.0, 1.0])}).row_count
        1
    """
    from rich import box
    from rich.table import Table

    found, reference = rows(trajectories), reference_label(trajectories)
    caption = f"diff: distance from {reference} at the same time"
    drawn = Table(
        title=_heading(found),
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        caption=caption if len(trajectories) > 1 else None,
    )
    drawn.add_column("method", overflow="fold", max_width=18)
    drawn.add_column("group", overflow="fold", max_width=10)
    for name in ("x", "y", "z", "length", "diff"):
        drawn.add_column(name, justify="right", no_wrap=True)
    before = None
    for row in found:
        if before not in (None, row.label):
            drawn.add_section()
        drawn.add_row("" if before == row.label else row.label, row.group, *_values(row))
        if errors := _errors(row):  # a line of their own keeps the table within 80 columns
            drawn.add_row("", "", *errors)
        before = row.label
    return drawn


def _markdown_table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_escaped(c) for c in line) + " |" for line in lines)


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def markdown(results: Results, figures: Sequence[str]) -> str:
    """``report.md``: tables, figures and where everything came from.

    Args:
        results: of a run.
        figures: names of the figures in ``figures/``.

    Returns:
        Markdown.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> experiment = qnu.experiment.load("plane_wave_8")
        >>> found = qnu.experiment.simulate(experiment)
        >>> print(markdown(qnu.experiment.Results(experiment, found), [])[:30])
        # plane waves, 4 up and 4 down
    """
    experiment, trajectories = results.experiment, results.trajectories
    found, reference = rows(trajectories), reference_label(trajectories)
    head = ["method", "group", "x", "y", "z", "length", f"distance from {reference}"]
    parts = [f"# {_escaped(experiment.name)}"]
    if experiment.spec.description:
        parts.append(_escaped(experiment.spec.description))
    parts.append(_what(experiment))
    parts.append(f"## {_heading(found)}")
    parts.append(_markdown_table(head, [[r.label, r.group, *_with_errors(r)] for r in found]))
    if figures:
        parts.append("## Figures")
        parts += [
            f"![{_CAPTIONS[name]}](figures/{name}.png)\n\n{_CAPTIONS[name]}" for name in figures
        ]
    parts += [f"Not drawn: {_escaped(note)}." for note in results.notes]
    parts += ["## Methods", _methods(trajectories)]
    parts += ["## Where this came from", _provenance(experiment)]
    return "\n\n".join(parts) + "\n"


def _what(experiment: Experiment) -> str:
    gas, schedule = experiment.gas, experiment.schedule
    groups = ", ".join(
        f"{n} in group {name}" for n, name in zip(gas.counts, gas.group_names, strict=True)
    )
    gamma = "" if schedule.gamma is None else f", gamma = {schedule.gamma:g}"
    return (
        f"{len(gas)} neutrinos ({_escaped(groups)}), {gas.velocities} velocities. Schedule:"
        f" {schedule.kind}, {len(schedule)} encounters to t = {schedule.final_time:g}{gamma}."
        " Times are in 1/mu, frequencies in mu; |0> is mass state 1."
    )


def _drifts(trajectory: Trajectory) -> dict[str, float]:
    names = [n for n in trajectory.attrs if n.startswith("drift_") or n == "trotter_error"]
    return {name: float(trajectory.attrs[name]) for name in sorted(names)}


def _methods(trajectories: Mapping[str, Trajectory]) -> str:
    body = []
    for label, trajectory in trajectories.items():
        drift = ", ".join(f"{name} {value:.1e}" for name, value in _drifts(trajectory).items())
        seconds = f"{float(trajectory.attrs['wall_time_s']):.3g}"
        body.append([label, trajectory.method, str(len(trajectory.times)), seconds, drift])
    return _markdown_table(["label", "method", "samples", "seconds", "drift"], body)


def _provenance(experiment: Experiment) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in installed_versions().items())
    return "\n".join(
        [
            f"- experiment file: `spec.toml` beside this report, sha256 of its content"
            f" `{experiment.spec_hash}`",
            f"- seed: {experiment.seed} (velocities, encounters and shots take separate streams)",
            f"- versions: {versions}",
            "- again: `qnu run spec.toml --output DIR`",
            "- data: `trajectories/<label>.nc`, read with `qnu.Trajectory.load`; `summary.json`",
        ]
    )


def summary(results: Results, figures: Sequence[str]) -> dict[str, Any]:
    """``summary.json``: the same for programs; numbers that do not exist are ``null``.

    Args:
        results: of a run.
        figures: names of the figures.

    Returns:
        a dictionary that JSON can hold.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> experiment = qnu.experiment.load("plane_wave_8")
        >>> results = qnu.experiment.Results(experiment, qnu.experiment.simulate(experiment))
        >>> summary(results, [])["reference"]
        'many_body'
    """
    experiment, trajectories = results.experiment, results.trajectories
    gas, schedule = experiment.gas, experiment.schedule
    by_label: dict[str, Any] = {}
    for row in rows(trajectories):
        trajectory = trajectories[row.label]
        entry = by_label.setdefault(
            row.label,
            {
                "method": trajectory.method,
                "file": f"trajectories/{row.label}.nc",
                "time": row.time,
                "samples": len(trajectory.times),
                "wall_time_s": float(trajectory.attrs["wall_time_s"]),
                "drift": _drifts(trajectory),
                "groups": {},
            },
        )
        entry["groups"][row.group] = {
            "polarization": row.vector.tolist(),
            "error": None if row.error is None else row.error.tolist(),
            "length": row.length,
            "length_error": row.length_error,
            "difference": row.difference,
        }
    return {
        "format": SUMMARY_FORMAT,
        "qnu": installed_versions().get("qnu"),
        "name": experiment.name,
        "spec_hash": experiment.spec_hash,
        "seed": experiment.seed,
        "gas": {
            "neutrinos": len(gas),
            "groups": dict(zip(gas.group_names, gas.counts.tolist(), strict=True)),
            "velocities": gas.velocities,
            "hash": gas.fingerprint(),
        },
        "schedule": {
            "kind": schedule.kind,
            "encounters": len(schedule),
            "final_time": schedule.final_time,
            "gamma": schedule.gamma,
            "hash": schedule.fingerprint(),
        },
        "reference": reference_label(trajectories),
        "methods": by_label,
        "differences": _differences(trajectories),
        "figures": list(figures),
        "notes": list(results.notes),
        "versions": installed_versions(),
    }


def _differences(trajectories: Mapping[str, Trajectory]) -> list[dict[str, Any]]:
    """Every two methods: largest ``|P - P'|`` of a group over their common sample times."""
    found = []
    labels = list(trajectories)
    for k, one in enumerate(labels):
        for two in labels[k + 1 :]:
            a, b = trajectories[one], trajectories[two]
            common = _common_times(a, b)
            if not common:
                continue
            i, j = (list(numbers) for numbers in zip(*common, strict=True))
            apart = np.linalg.norm(a.group_mean()[i] - b.group_mean()[j], axis=-1)
            found.append(
                {
                    "methods": [one, two],
                    "common_samples": len(common),
                    "largest": float(apart.max()),
                    "last": float(apart[-1].max()),
                }
            )
    return found


def _finite(value: Any) -> Any:
    """The same with NaN and infinity as None: JSON has neither."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write(results: Results, place: Path, figures: Sequence[str]) -> None:
    """Writes ``report.md`` and ``summary.json``.

    Args:
        results: of a run.
        place: an existing folder.
        figures: names of the figures in its ``figures/``.

    Raises:
        QnuError: no trajectory at all.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu, tempfile
        >>> experiment = qnu.experiment.load("plane_wave_8")
        >>> results = qnu.experiment.Results(experiment, qnu.experiment.simulate(experiment))
        >>> with tempfile.TemporaryDirectory() as place:
        ...     write(results, Path(place), [])
        ...     sorted(path.name for path in Path(place).iterdir())
        ['report.md', 'summary.json']
    """
    (place / "report.md").write_text(markdown(results, figures), encoding="utf-8")
    text = json.dumps(_finite(summary(results, figures)), indent=2, allow_nan=False)
    (place / "summary.json").write_text(text + "\n", encoding="utf-8")
