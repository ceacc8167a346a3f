"""``report.md``: tables, figures and where everything came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..trajectory import Trajectory, installed_versions
from .devices import device_lines
from .rows import NO_REFERENCE, Row, heading, reference_label, rows, texts_with_errors

if TYPE_CHECKING:
    from ..experiment import Experiment, Results
    from ..schedules import EncounterSchedule

_CAPTIONS = {
    "comparison": "All methods laid over each other.",
    "bloch": "Group means on the Bloch sphere.",
    "schedule": "Who meets whom, when.",
    "circuit": "The circuit of the schedule.",
}


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
    parts = [f"# {_escaped(experiment.name)}"]
    if experiment.spec.description:
        parts.append(_escaped(experiment.spec.description))
    parts.append(_what(experiment))
    parts.append(f"## {heading(found)}")
    parts.append(_polarizations(found, reference if len(trajectories) > 1 else None))
    if reference is None and len(trajectories) > 1:
        parts.append(f"{NO_REFERENCE[0].upper()}{NO_REFERENCE[1:]}.")
    if figures:
        parts.append("## Figures")
        parts += [
            f"![{_CAPTIONS[name]}](figures/{name}.png)\n\n{_CAPTIONS[name]}" for name in figures
        ]
    parts += [f"Not drawn: {_escaped(note)}." for note in results.notes]
    note = "Seconds include compilation, the first time a kernel is used on a machine."
    parts += ["## Methods", _methods(trajectories), note]
    on_devices = device_lines(trajectories)
    if on_devices:
        parts += ["## Devices", *map(_escaped, on_devices)]
    parts += ["## Where this came from", _provenance(experiment)]
    return "\n\n".join(parts) + "\n"


def _polarizations(found: Sequence[Row], reference: str | None) -> str:
    head = ["method", "group", "x", "y", "z", "length", f"distance from {reference}"]
    body = [[row.label, row.group, *texts_with_errors(row)] for row in found]
    if reference is None:
        head, body = head[:-1], [line[:-1] for line in body]
    return _markdown_table(head, body)


def _what(experiment: Experiment) -> str:
    gas, schedule = experiment.gas, experiment.schedule
    groups = ", ".join(
        f"{n} in group {name}" for n, name in zip(gas.counts, gas.group_names, strict=True)
    )
    gamma = "" if schedule.gamma is None else f", gamma = {schedule.gamma:g}"
    isospin = (
        " Antineutrinos appear as flavor isospin, S = (-x, y, -z) of their own polarization."
        if gas.antineutrino.any()
        else ""
    )
    return (
        f"{len(gas)} neutrinos ({_escaped(groups)}), {gas.velocities} velocities. Schedule:"
        f" {schedule.kind}, {len(schedule)} encounters to t = {schedule.final_time:g}{gamma}."
        " Times are in 1/mu, frequencies in mu; |0> is mass state 1." + isospin + _repeats(schedule)
    )


def _repeats(schedule: EncounterSchedule) -> str:
    """Partners that meet again are no strangers, as most classical methods take them to be."""
    pairs = schedule.neutrinos * (schedule.neutrinos - 1) / 2
    if schedule.kind == "plane_wave" or schedule.fresh is not None or len(schedule) <= pairs:
        return ""
    return (
        f" A pair meets {len(schedule) / pairs:.3g} times on average: independent, kinetic and"
        " miscidynamics, which take every partner for a stranger, stand for a larger gas."
    )


def drifts(trajectory: Trajectory) -> dict[str, float]:
    """What a Trajectory says about its own errors: drifts and the Trotter error."""
    names = [n for n in trajectory.attrs if n.startswith("drift_") or n == "trotter_error"]
    return {name: float(trajectory.attrs[name]) for name in sorted(names)}


def _methods(trajectories: Mapping[str, Trajectory]) -> str:
    body = []
    for label, trajectory in trajectories.items():
        drift = ", ".join(f"{name} {value:.1e}" for name, value in drifts(trajectory).items())
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
