"""``report.md``: tables, figures and the origin of the results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..averages import on_one_line
from ..common.provenance import Provenance
from ..reference import reference_label
from ..time_words import time_words
from ..trajectory import Trajectory
from .conclusions import conclusions
from .devices import device_lines
from .observed import ObservableRow, observable_rows
from .record import Record
from .rows import (
    NO_REFERENCE,
    Row,
    error_remark,
    flavor_text,
    heading,
    rows,
    space_remark,
    texts_with_errors,
)
from .sphere import on_the_sphere
from .trust import trust_lines

_CAPTIONS = {
    "comparison": "All methods laid over each other.",
    "bloch": "Group means on the Bloch sphere.",
    "observables": "Requested observables: means over groups, or over all pairs.",
    "space": "Transverse polarization of every species over position and time.",
    "transverse": "Transverse polarization, root mean square over cells, against time.",
    "angles": "Survival of every beam at some times, and the lepton number of the start, against"
    " the cosine.",
    "schedule": "Who meets whom, when.",
    "circuit": "The circuit of the schedule.",
}


def _markdown_table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(_escaped(c) for c in line) + " |" for line in lines)


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def markdown(record: Record, figures: Sequence[str]) -> str:
    """``report.md``: tables, figures and the origin of the results.

    Args:
        record: what was run, and what came out.
        figures: names of the figures in ``figures/``.

    Returns:
        Markdown.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> run = qnu.solvers.many_body(gas, schedule)
        >>> print(markdown(Record("one neutrino", gas, schedule, {"exact": run}), [])[:14])
        # one neutrino
    """
    trajectories = record.trajectories
    table, reference = rows(trajectories), reference_label(trajectories)
    parts = [f"# {_escaped(record.name)}"]
    if record.description:
        parts.append(_escaped(record.description))
    parts.append(_what(record))
    if record.units:
        parts.append(f"Physical units: {_escaped(record.units)}.")
    parts.append("## What came out")
    parts.append(_escaped(" ".join(conclusions(trajectories))))
    parts.append(f"## {heading(trajectories)}")
    parts.append(_polarizations(table, reference if len(trajectories) > 1 else None))
    if remark := error_remark(trajectories):
        parts.append(f"{remark[0].upper()}{remark[1:]}.")
    if remark := space_remark(trajectories):
        parts.append(f"{_escaped(remark)}.")
    if reference is None and len(trajectories) > 1:
        parts.append(f"{NO_REFERENCE[0].upper()}{NO_REFERENCE[1:]}.")
    parts += trust_lines(record.premises)
    if observed := observable_rows(trajectories):
        words = time_words(trajectories.values())
        parts += ["## Requested observables", _observables(observed, words)]
    if figures:
        parts.append("## Figures")
        for name in figures:
            caption = _CAPTIONS[name] + (_not_on_the_sphere(record) if name == "bloch" else "")
            parts.append(f"![{_CAPTIONS[name]}](figures/{name}.png)\n\n{_escaped(caption)}")
    missing = [f"{name}, {reason}" for name, reason in left_out(record, figures).items()]
    if missing:
        parts.append(f"Figures left out: {_escaped('; '.join(missing))}.")
    parts += [f"Not drawn: {_escaped(note)}." for note in record.notes]
    note = "Seconds include compilation, the first time a kernel is used on a machine."
    parts += ["## Methods", _methods(trajectories), note]
    on_devices = device_lines(trajectories)
    if on_devices:
        parts += ["## Devices", *map(_escaped, on_devices)]
    parts += ["## Where this came from", _provenance(record)]
    return "\n\n".join(parts) + "\n"


def left_out(record: Record, figures: Sequence[str]) -> dict[str, str]:
    """Figures that are not drawn because they could not be read, with the reason.

    Args:
        record: what was run, and what came out.
        figures: names of the figures in ``figures/``.

    Returns:
        name of a figure to reason; figures that failed are in ``record.notes`` instead.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> run = qnu.solvers.many_body(gas, schedule)
        >>> left_out(Record("one neutrino", gas, schedule, {"exact": run}), ["bloch"])
        {'schedule': 'no encounter to draw'}
    """
    gas, schedule = record.gas, record.schedule
    size = f"{schedule.size} of {len(gas)} neutrinos cannot be read in one diagram"
    reasons = {
        "bloch": f"{len(gas.group_names)} groups cannot be told apart on one sphere",
        "schedule": size if schedule.expected else "no encounter to draw",
    }
    shown = on_the_sphere(record.trajectories)
    if shown and on_one_line(shown.values()):
        reasons["bloch"] = "all polarizations stay on one straight line"
    if not schedule.counted:
        reasons["schedule"] = "encounters are not drawn where no method needs them"
    if any(trajectory.method == "circuit" for trajectory in record.trajectories.values()):
        reasons["circuit"] = size
    failed = [note.partition(":")[0] for note in record.notes]
    if "figures" in failed:  # all of them
        return {}
    return {
        name: reason
        for name, reason in reasons.items()
        if name not in figures and f"figure {name}" not in failed
    }


def _polarizations(table: Sequence[Row], reference: str | None) -> str:
    head = ["method", "group", "x", "y", "z", "length"]
    body = [[row.label, row.group, *texts_with_errors(row)] for row in table]
    if reference is None:
        body = [line[:-1] for line in body]
    else:
        head.append(f"distance from {reference}")
    if any(row.flavor is not None for row in table):
        head.append("P(nu_e)")
        body = [[*line, flavor_text(row)] for line, row in zip(body, table, strict=True)]
    return _markdown_table(head, body)


def _observables(table: Sequence[ObservableRow], time: str) -> str:
    head = ["method", "observable", "mean over", "first", "last", "largest", time]
    body = [
        [row.label, row.observable, row.over, *_with_errors(row),
         f"{row.start:.6g} to {row.stop:.6g}"]
        for row in table
    ]  # fmt: skip
    return _markdown_table(head, body)


def _with_errors(row: ObservableRow) -> list[str]:
    if row.errors is None:
        return [f"{value:.4f}" for value in row.values]
    both = zip(row.values, row.errors, strict=True)
    return [f"{value:.4f} ± {error:.4f}" for value, error in both]


def _not_on_the_sphere(record: Record) -> str:
    missing = [k for k in record.trajectories if k not in on_the_sphere(record.trajectories)]
    if not missing:
        return ""
    reason = "over the times of miscidynamics their curves would fill the sphere"
    return f" Left out: {', '.join(missing)} ({reason})."


#: The unit of times and frequencies, by what times are called.
_UNITS = {
    "mu t": "Times are in 1/mu, frequencies in mu",
    "mu(0) t": "mu changes: times are in 1/mu(0), frequencies in mu(0)",
    "t": "Times are in the inverse of the unit of mu and omega",
}


def _what(record: Record) -> str:
    gas, schedule = record.gas, record.schedule
    each = zip(gas.counts, gas.group_names, gas.group_weights, strict=True)
    groups = ", ".join(
        f"{n} in group {name}" + (f" of weight {weight:g}" if weight != 1 else "")
        for n, name, weight in each
    )
    gamma = "" if schedule.gamma is None else f", gamma = {schedule.gamma:g}"
    isospin = (
        " Antineutrinos appear as flavor isospin, S = (-x, y, -z) of their own polarization."
        if gas.antineutrino.any()
        else ""
    )
    return (
        f"{len(gas)} neutrinos ({_escaped(groups)}), {_escaped(gas.about_velocities)}. Schedule:"
        f" {schedule.kind}, {schedule.size} to t = {schedule.final_time:g}{gamma}."
        f" {_UNITS[time_words(record.trajectories.values()).partition(',')[0]]};"
        " |0> is mass state 1." + isospin
    )


def drifts(trajectory: Trajectory) -> dict[str, float]:
    """Error measures of a Trajectory: drifts of conserved quantities and the Trotter error."""
    names = [n for n in trajectory.attrs if n.startswith("drift_") or n == "trotter_error"]
    return {name: float(trajectory.attrs[name]) for name in sorted(names)}


def _methods(trajectories: Mapping[str, Trajectory]) -> str:
    body = []
    for label, trajectory in trajectories.items():
        drift = ", ".join(f"{name} {value:.1e}" for name, value in drifts(trajectory).items())
        seconds = f"{float(trajectory.attrs['wall_time_s']):.3g}"
        body.append([label, trajectory.method, str(len(trajectory.times)), seconds, drift])
    return _markdown_table(["label", "method", "samples", "seconds", "drift"], body)


def _seeds(record: Record) -> str:
    streams = "velocities, encounters and shots take separate streams"
    if record.seeds == 1:
        return f"- seed: {record.seed} ({streams})"
    last = record.seed + record.seeds - 1
    return (
        f"- seeds: {record.seed} to {last}, one history each ({streams}); one of them alone:"
        f" `qnu run spec.toml --seed {last} --seeds 1 --output DIR`"
    )


def _provenance(record: Record) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
    return "\n".join(
        [
            f"- experiment file: `spec.toml` beside this report, sha256 of its content"
            f" `{record.spec_hash}`",
            _seeds(record),
            *_origin(record.provenance),
            f"- versions: {versions}",
            "- again: `qnu rerun FOLDER` says whether the same numbers come out",
            "- data: `trajectories/<label>.nc`, read with `qnu.Trajectory.load`; `summary.json`",
        ]
    )


def _origin(made: Provenance | None) -> list[str]:
    if made is None:
        return []
    return [
        f"- date: {made.date}",
        f"- machine: {_escaped(made.machine)}",
        f"- qnu {made.version}, Python {made.python}",
        f"- command: `{made.command}`" if made.command else "- called from Python",
    ]
