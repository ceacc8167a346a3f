"""``qnu show``: what is in an experiment, a sweep, a machine or a result, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from . import _complete
from ._frame import echo, width, wrapped

if TYPE_CHECKING:
    from ..trajectory import Trajectory

_Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="A name from `qnu list`, a TOML file, a folder of results, or a .nc file.",
        autocompletion=_complete.everything,
    ),
]
_File = Annotated[bool, typer.Option("--file", metavar="", help="Print the TOML file itself.")]
_Json = Annotated[bool, typer.Option("--json", metavar="", help="As JSON.")]

_LABEL = 12
_EQUALS = "\u00a0=\u00a0"
_MOST_GROUPS = 12
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_UNITS = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))


def show(name: _Name, file: _File = False, as_json: _Json = False) -> None:
    """Show what is in an experiment and what it costs, or in a machine or a result.

    Nothing is run and no encounter is drawn. Times are estimates from measured
    costs on two threads, good within a factor of about 3, without the first
    compilation.
    """
    from .. import catalogue
    from ..experiment.shown import shown

    found = shown(name)
    if file:
        if found.file is None and found.content["kind"] == "machine":
            typer.echo(catalogue.hardware_text(name), nl=False)
            return
        if found.file is None:
            raise QnuError("--file", name, "an experiment, a sweep, a machine or a result folder")
        typer.echo(found.file.read_text(encoding="utf-8-sig"), nl=False)
        return
    if as_json:
        import json

        typer.echo(json.dumps(found.content, indent=2))
        return
    for line in _lines(found.content):
        echo(line)
    if found.trajectories:
        _table(found.trajectories)


def _table(trajectories: Mapping[str, Trajectory]) -> None:
    from rich.console import Console

    from .. import report

    echo()
    Console(width=width()).print(report.table(trajectories))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield from wrapped("", f"{found['name']} ({found['kind']})", "  ")
    if found["description"]:
        yield from wrapped("  ", found["description"], "  ")
    parts = {
        "experiment": _experiment,
        "sweep": _experiment,
        "machine": _machine,
        "result": _result,
        "sweep result": _sweep_result,
        "trajectory": _trajectory,
    }
    yield ""
    yield from parts[found["kind"]](found)


def _row(label: str, text: str) -> list[str]:
    whole = text.replace(" = ", _EQUALS)  # not broken before its value
    lines = wrapped(f"{label:<{_LABEL}}", whole, " " * _LABEL)
    return [line.replace(_EQUALS, " = ") for line in lines]


def _experiment(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _gas(found["gas"])
    yield from _schedule(found["schedule"])
    yield from _seeds(found)
    if found["sweep"] is not None:
        yield from _sweep(found["sweep"], found)
    yield ""
    yield from _methods(found)
    yield from _circuits(found["methods"])
    if found["problem"] is not None:
        yield ""
        yield from wrapped("Does not run here: ", found["problem"], "  ")


def _seeds(found: Mapping[str, Any]) -> list[str]:
    seed, seeds = found["seed"], found["seeds"]
    last = f" to {seed + seeds - 1}: {seeds} histories" if seeds > 1 else ""
    return _row("seeds" if last else "seed", f"{seed}{last}")


def _gas(gas: Mapping[str, Any]) -> Iterator[str]:
    angle = "" if gas["mixing_angle"] is None else f", mixing angle {gas['mixing_angle']:g}"
    about = {"right-angle": " (every 1 - v.v' = 1)", "isotropic": " (drawn)"}
    velocities = gas["velocities"]
    if any("direction" in group or "angular" in group for group in gas["groups"]):
        about["isotropic"] = " (drawn) where no direction is given"
    yield from _row(
        "gas", f"{_number(gas['neutrinos'])} neutrinos, velocities {velocities}"
        f"{about.get(velocities, '')}{angle}"
    )  # fmt: skip
    groups = gas["groups"]
    for group in groups[:_MOST_GROUPS]:
        yield from _row("", f"{group['name']}: {_number(group['count'])} {_group(group)}")
    if len(groups) > _MOST_GROUPS:
        yield from _row("", f"and {len(groups) - _MOST_GROUPS} more groups")


def _group(group: Mapping[str, Any]) -> str:
    start = f"P = ({', '.join(f'{x:.4g}' for x in group['polarization'] or ())})"
    if group["flavor"] is not None:
        start = {"electron": "nu_e", "x": "nu_x"}[group["flavor"]]
    anti = "antineutrinos" if group["antineutrino"] else "neutrinos"
    omega = group["omega"]
    shown = f"{omega[0]:g} to {omega[1]:g}" if isinstance(omega, list) else f"{omega:g}"
    if group["flavor"] is not None and group["antineutrino"]:
        start = f"anti-{start}"
    beam = group.get("direction")
    along = "" if beam is None else f", along ({', '.join(f'{x:.4g}' for x in beam)})"
    spread = group.get("angular")
    if spread is not None:
        values = ", ".join(f"{key} {_value(spread[key])}" for key in spread if key != "kind")
        along = f", directions {spread['kind']}" + (f" ({values})" if values else "")
    return f"{anti} that begin as {start}, omega = {shown}{along}"


def _schedule(schedule: Mapping[str, Any]) -> Iterator[str]:
    keys = [f"{name} = {_value(value)}" for name, value in schedule["keys"].items()]
    head = ", ".join([schedule["kind"], *keys])
    yield from _row("schedule", head)
    about = "" if schedule["counted"] else "about "
    text = f"{about}{_number(schedule['encounters'])} encounters"
    if not schedule["drawn"]:
        text += ", none of which a method here needs"
    text += f", {_number(schedule['encounters_per_neutrino'])} per neutrino"
    if schedule["meetings_per_pair"] is not None:
        text += f", {_number(schedule['meetings_per_pair'])} per pair"
    if schedule["rounds"] is not None:
        text += f", in {schedule['rounds']} rounds"
    yield from _row("", text)
    if schedule["packets"] is not None:
        yield from _row("", _packets(schedule["packets"]))
    yield from _row(
        "", f"to t = {schedule['final_time']:.6g}, mu {_profile(schedule['mu'])}, matter"
        f" {_profile(schedule['matter'])}"
    )  # fmt: skip


def _packets(packets: Mapping[str, Any]) -> str:
    gamma = "" if packets["gamma"] is None else f", gamma = {packets['gamma']:.3g}"
    lost = f"{100 * packets['lost_mean_field']:.2g} % of the mean field"
    return (
        f"packets of rms size {packets['width']:.3g} in a box of {packets['side']:.3g}:"
        f" {packets['size']:.3g} of their distance{gamma};"
        f" {packets['others_on_one']:.3g} others are on a packet at a time;"
        f" the cutoff leaves out {lost}"
    )


def _profile(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _methods(found: Mapping[str, Any]) -> Iterator[str]:
    rows = [("method", "samples", "seeds", "memory", "time", "")]
    for method in found["methods"]:
        kind = "" if method["label"] == method["kind"] else method["kind"]
        rows.append(
            (
                method["label"],
                _number(method["samples"]),
                str(method["seeds"]),
                _bytes(method["memory"]),
                _time(method["seconds"]),
                "; ".join(filter(None, (kind, method["note"]))),
            )
        )
    yield from _columns(rows)
    if found["kind"] == "experiment":
        more = "" if found["seconds_complete"] else " and what is not known"
        text = f"Together {_time(found['seconds'])}{more}: an estimate, within a factor of about 3."
        yield from wrapped("", text, "")


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Aligned; numbers to the right, the last column wrapped."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{cell:>{w}}" for cell, w in zip(row[1:-1], widths[1:], strict=True)]
        line = "  ".join(cells)
        yield from wrapped(f"{line}  ", row[-1], " " * (len(line) + 2)) if row[-1] else [line]


def _circuits(methods: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for method in methods:
        circuit = method["circuit"]
        if circuit is None:
            continue
        exact = "exact expectation values"
        times = "sample times" if method["samples"] > 1 else "sample time"
        each = circuit["circuits"] // method["samples"]
        bases = f"{each} bases" if each == 3 else f"{each} settings of bases"
        shots = (
            f"{circuit['circuits']} circuits ({method['samples']} {times} x {bases}) x"
            f" {_number(circuit['shots'])} shots = {_number(circuit['shots_in_all'])} shots"
        )
        if method["seeds"] > 1:
            shots += f", times {method['seeds']} seeds"
        text = (
            f"on {circuit['hardware']}: {circuit['qubits']} qubits,"
            f" {_number(circuit['encounters'])} encounters, at least"
            f" {_number(circuit['two_qubit_gates_at_least'])} two-qubit gates on a device;"
            f" {shots if circuit['shots'] else exact}"
        )
        yield ""
        yield from wrapped(f"{method['label']} ", text, "  ")


def _sweep(sweep: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for k, (key, values) in enumerate(sweep["values"].items()):
        yield from _row("" if k else "sweep", f"{key}: {_listed(values)}")
    for key, value in {**sweep["fixed"], **sweep["computed"]}.items():
        yield from _row("", f"{key} = {value}")
    more = "" if sweep["seconds_complete"] else " and what is not known"
    text = (
        f"{_number(sweep['points'])} points x {found['seeds']} seeds ="
        f" {_number(sweep['histories'])} histories, {_time(sweep['seconds'])}{more} on one core"
        " (an estimate, within a factor of about 3)"
    )
    yield from _row("", text)
    yield from _row("", "methods below: of one point, with the values in the tables of the file")


def _listed(values: Sequence[Any]) -> str:
    if len(values) > 6:
        return f"{_value(values[0])}, {_value(values[1])} ... {_value(values[-1])} ({len(values)})"
    return ", ".join(map(_value, values))


def _machine(found: Mapping[str, Any]) -> Iterator[str]:
    for label in ("provider", "backend", "method", "primitive"):
        if found[label] is not None:
            yield from _row(label, str(found[label]))
    qubits = [] if found["qubits"] is None else [f"{found['qubits']}"]
    if found["max_qubits"] is not None:
        qubits.append(f"at most {found['max_qubits']} in a run")
    if found["qubits_that_fit"] is not None:
        qubits.append(f"{found['qubits_that_fit']} fit into the memory that is free here")
    yield from _row("qubits", "; ".join(qubits) or "those of the device")
    shots = found["shots"]
    yield from _row("shots", f"{_number(shots)} per sample time and basis" if shots else "0: exact")
    if found["file"] is not None:
        yield from _row("file", found["file"])


def _result(found: Mapping[str, Any]) -> Iterator[str]:
    made = found["provenance"]
    if made is not None:
        from ..common.provenance import Provenance

        origin = Provenance.of(made)
        assert origin is not None
        yield from _row("made", f"{origin.date}, on {origin.machine}")
        yield from _row("", f"qnu {origin.version}, Python {origin.python}")
        if origin.command:
            yield from _row("command", origin.command)
    else:
        yield from _row("made", "not recorded")
    schedule = found["schedule"] or {}
    kind, gamma = schedule.get("kind"), schedule.get("gamma")
    text = f"{_number(found['neutrinos'])} neutrinos, {kind} schedule"
    yield from _row("experiment", text + ("" if gamma is None else f", gamma = {gamma:g}"))
    yield from _seeds(found)
    yield from _runs(found)
    for note in found["notes"]:
        yield from _row("note", note)


def _trajectory(found: Mapping[str, Any]) -> Iterator[str]:
    yield from _row("groups", ", ".join(found["groups"]))
    yield from _row("variables", ", ".join(found["variables"]))
    yield from _runs(found)


def _runs(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    rows = [("method", "samples", f"last {found['time']}", "seeds", "shots", "took", "")]
    for run in found["methods"]:
        notes = (run["method"] if run["method"] != run["label"] else "", run["hardware"] or "")
        rows.append(
            (
                run["label"],
                _number(run["samples"]),
                f"{run['final_time']:.6g}",
                str(run["seeds"]),
                "-" if run["shots"] is None else _number(run["shots"]),
                _time(run["wall_time_s"]),
                "; ".join(filter(None, notes)),
            )
        )
    yield from _columns(rows)


def _sweep_result(found: Mapping[str, Any]) -> Iterator[str]:
    for k, (key, values) in enumerate(found["values"].items()):
        yield from _row("" if k else "sweep", f"{key}: {_listed(values)}")
    failed = f", {found['failed']} failed" if found["failed"] else ""
    yield from _row(
        "points", f"{found['points']}, {found['seeds']} seeds, {found['samples']} samples{failed}"
    )
    yield from _row("methods", ", ".join(found["methods"]))
    yield from _row("groups", ", ".join(found["groups"]))
    yield from _row("variables", ", ".join(found["variables"]))


def _number(value: float) -> str:
    """Whole numbers with commas; large or broken ones with three digits."""
    if value < 1e7 and float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if 1000 <= value < 1e7 else f"{value:.3g}"


def _bytes(value: int | None) -> str:
    if value is None:
        return "?"
    for size, unit in _UNITS:
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value} B"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "?"
    if seconds < 1:
        return "< 1 s"
    for size, unit in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * size:
            return f"{_rounded(seconds / size)} {unit}"
    return f"{_rounded(seconds)} s"


def _rounded(value: float) -> str:
    """Two digits: an estimate has no more."""
    return f"{float(f'{value:.2g}'):,.3g}" if value < 1000 else f"{value:.0e}"
