"""What was measured, as tables for a terminal (80 columns) or as Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table

from . import compiling, large_gases
from .machine import gate_bound
from .results import rows
from .routing import optima
from .routing import sheets as routing
from .scaling import FIT_FROM, largest_step, slope
from .sheet import Sheet

PRECISIONS = ("double", "single")

#: What a run against noise may have to say about itself.
NOTED = ("retained", "damping", "unreliable")

PAGE = """# Benchmarks

Written by `python -m benchmarks --markdown` from what `make bench` measured; do not edit.

![time against N](figures/bench.png)

Every engine runs the same circuit: a tournament of N neutrinos (every pair meets once, in N - 1
rounds), kicks exp(-i theta SWAP) with theta = 0.1 (1 - v.v'), isotropic velocities, an RZ of its
own for every neutrino between rounds, a product start tilted by 0.2. It returns the polarizations
of all neutrinos at the end, and its time is from the start vector to these; making the circuit and
the first call are stated apart. Every engine is a process of its own with the same number of
threads; the processes alternate, and the median counts.

An engine gets the form of the circuit that is fastest for it (the forms that were tried are below).
Polarizations are read from its final vector with qnu's own kernel, where that is faster than its
expectation values. Points with open markers are others, filled ones are qnu, with N beyond the
comparison from the runs of qnu alone."""


def seconds(value: float) -> str:
    """Three digits that matter, in s, ms or minutes."""
    if value < 0.0995:
        return f"{value * 1e3:.3g} ms"
    return f"{value:.3g} s" if value < 99.5 else f"{value / 60:.2g} min"


def sheets(results: dict[str, Any]) -> Iterator[Sheet]:
    """Whatever sections there are."""
    for precision in PRECISIONS:
        found = [r for r in rows(results, "peers") if r["precision"] == precision]
        if found:
            yield _peers(found, precision, results["peers"]["machine"])
            yield _details(found, precision)
    for precision in PRECISIONS:
        found = [r for r in rows(results, "scaling") if r["precision"] == precision]
        if found:
            yield _scaling(found, precision, results["scaling"]["machine"])
    if rows(results, "contest"):
        yield _contest(rows(results, "contest"))
    if rows(results, "cases"):
        yield _cases(rows(results, "cases"))
    if rows(results, "independent"):
        yield from _independent(results["independent"]["rows"])
    yield from large_gases.sheets(results, seconds)
    if rows(results, "compile"):
        yield from compiling.sheets(rows(results, "compile"))
    if rows(results, "routing"):
        yield from routing.sheets(results["routing"])
    if rows(results, "optima"):
        yield from optima.sheets(rows(results, "optima"))
    if rows(results, "mitigation"):
        yield from _mitigation(rows(results, "mitigation"))


def _peers(found: list[dict[str, Any]], precision: str, machine: dict[str, Any]) -> Sheet:
    counts = sorted({r["count"] for r in found})
    names = list(dict.fromkeys(r["engine"] for r in found))
    cell = {(r["engine"], r["count"]): r for r in found}
    body = []
    for name in names:
        line = [name]
        for count in counts:
            line.append(_time_and_ratio(cell.get((name, count)), cell.get(("qnu", count))))
        body.append(line)
    body.append(["one pass per gate", *(_bound(cell, n, precision, machine) for n in counts)])
    note = (
        "In brackets: how many times as long as qnu. one pass per gate: no engine, but what the "
        "triad's bandwidth allows if every encounter goes once over its half of the vector."
    )
    if any("not_run" in r for r in found):
        note += " ~: not run, expected from the size before."
    if any(len(r.get("all_s", ())) == 1 for r in found):
        note += " *: one run."
    head = ["engine", *(f"N = {n}" for n in counts)]
    return Sheet(f"Tournament of N neutrinos, {precision} precision", head, body, note)


def _bound(
    cell: dict[tuple[str, int], dict[str, Any]], count: int, precision: str, machine: dict[str, Any]
) -> str:
    ours = cell.get(("qnu", count))
    if ours is None:
        return ""
    value = ours["encounters"] * gate_bound(count, precision, machine)["one_pass_s"]
    return _time_and_ratio({"engine": "bound", "median_s": value}, ours)


def _time_and_ratio(row: dict[str, Any] | None, ours: dict[str, Any] | None) -> str:
    if row is None:
        return ""
    value = row.get("median_s", row.get("expected_s"))
    if value is None:
        return "not run"
    said = ("~" if "not_run" in row else "") + seconds(value)
    said += "*" if len(row.get("all_s", ())) == 1 else ""
    if row["engine"] != "qnu" and ours and "median_s" in ours:
        said += f" ({value / ours['median_s']:.1f})"
    return said


def _details(found: list[dict[str, Any]], precision: str) -> Sheet:
    """Form, build time, first call, agreement: at the largest size an engine was run at."""
    body = []
    for name in dict.fromkeys(r["engine"] for r in found):
        own = [r for r in found if r["engine"] == name and "median_s" in r]
        if not own:
            continue
        last = own[-1]
        fit = slope([r["count"] for r in own], [r["median_s"] for r in own])
        worst = max(r["disagreement"] for r in own)
        wrong = "" if all(r["agrees"] for r in own) else " NO"
        body.append(
            [
                f"{name}: {last['form']}",
                seconds(last["build_s"]),
                seconds(max(0.0, *(r["first_s"] - r["median_s"] for r in own))),
                f"{worst:.0e}{wrong}",
                "" if fit is None else f"{fit:.2f}",
            ]
        )
    return Sheet(
        f"How they were run, {precision} precision",
        ["engine: form of the circuit", "build", "first", "differs", "slope"],
        body,
        "build: making the engine's circuit, at its largest N, not in the times above. first: how "
        "much longer the first call took at most (compilation). differs: largest difference of a "
        "polarization from qnu in double precision. slope: s of time = a 2^(s N).",
    )


def _scaling(found: list[dict[str, Any]], precision: str, machine: dict[str, Any]) -> Sheet:
    body = [
        [
            str(r["count"]),
            f"{r['vector_MiB']:.4g} MiB",
            seconds(r["median_s"]),
            seconds(r["without_gates_s"]),
            f"{r['ps_per_gate_and_amplitude']:.1f}",
            f"{r['one_pass_s'] / r['gate_s']:.2f}" if r["gate_s"] > 0 else "",
        ]
        for r in found
    ]
    note = ""
    fit = slope([r["count"] for r in found], [r["gate_s"] for r in found])
    step = largest_step(found)
    if fit is not None and step is not None:
        triad = machine["triad_GB_per_s"]
        note = (
            f"Fitted from N = {FIT_FROM}: time of a gate = a 2^({fit:.3f} N). Largest step of it "
            f"over 2^N: {step[0]:.2f} from N = {step[1]} to {step[2]}; bandwidth of L3 over that "
            f"of memory: {triad['L3'] / triad['memory']:.1f}. "
        )
    return Sheet(
        f"qnu alone, {precision} precision",
        ["N", "vector", "many_body", "no gates", "ps/gate/amp.", "vs one pass"],
        body,
        note + "ps/gate/amp.: time of a gate over 2^N, many_body less the same call without "
        "encounters. vs one pass: a gate that goes once over its half of the vector at the triad's "
        "bandwidth, over the time of a gate.",
    )


def _cases(found: list[dict[str, Any]]) -> Sheet:
    body = []
    for r in found:
        each = r["each_ns"]
        scale, unit = (1.0, "ns") if each < 1e4 else (1e-6, "ms")
        body.append([r["case"], seconds(r["median_s"]), f"{each * scale:.3g} {unit}/{r['each']}"])
    return Sheet("Other calls", ["case", "median", "each"], body)


def _contest(found: list[dict[str, Any]]) -> Sheet:
    counts = sorted({r["count"] for r in found})
    cell = {(r["engine"], r["precision"], r["form"], r["count"]): r["median_s"] for r in found}
    body = [
        [f"{key[0]} {key[1]}: {key[2]}"]
        + [seconds(cell[*key, n]) if (*key, n) in cell else "" for n in counts]
        for key in dict.fromkeys(k[:3] for k in cell)
    ]
    note = "Medians of three runs one after the other; the fastest was run at that N and above."
    return Sheet("Forms that were tried", ["form", *(f"N = {n}" for n in counts)], body, note)


def _independent(found: dict[str, Any]) -> Iterator[Sheet]:
    """What :mod:`benchmarks.independent` measures."""
    yield Sheet(
        "independent, N = 100",
        ["what", "ns/encounter"],
        [
            [f"{name}; {what}", f"{value:.1f}"]
            for name, each in found["nanoseconds"].items()
            for what, value in each.items()
        ],
    )
    if found.get("ensemble"):  # an earlier file has none
        yield _ensemble(found["ensemble"])
    large = found["large"]
    yield Sheet(
        f"independent, {large['neutrinos']:.0e} neutrinos, {large['encounters']:.1e} encounters",
        ["what", "value"],
        [
            ["made and evolved", seconds(large["seconds"])],
            ["processor time", seconds(large["cpu_seconds"])],
            ["peak memory of the process", f"{large['peak_gib']:.2f} GiB"],
        ],
    )


#: One thread that takes this many times its processor time has waited for others.
_BUSY = 1.2


def _ensemble(found: list[dict[str, Any]]) -> Sheet:
    """What :mod:`benchmarks.ensemble` measures."""
    head = ["encounters", "threads", "histories", "time", "ns/encounter, core", "processor"]
    body = [
        [
            row["case"],
            str(row["threads"]),
            str(row["histories"]),
            seconds(row["seconds"]),
            f"{row['each_ns']:.1f}",
            f"{row['cpu_ns']:.1f}",
        ]
        for row in found
    ]
    note = "processor: ns of processor time per encounter."
    if any(row["each_ns"] > _BUSY * row["cpu_ns"] for row in found if row["threads"] == 1):
        note += " Others used the machine meanwhile: on a quiet one the times are near it."
    apart = [row["disagreement"] for row in found if "disagreement" in row]
    if apart:
        note += (
            f" NumPy: 100 encounters of every history, one of each at a time; its largest"
            f" difference from qnu: {max(apart):.0e}."
        )
    return Sheet("independent, N = 100, kicks, many histories", head, body, note)


def _mitigation(found: list[dict[str, Any]]) -> Iterator[Sheet]:
    """What :mod:`benchmarks.mitigation` measures, one table per size and start."""
    note = (
        "rms, max: difference from the exact polarizations at the end, P_z alone for a sharp start "
        "(all in mass states), where P_x and P_y are 0. error bar: rms of what the method itself "
        "states. 1000 shots: of all circuits it runs. An rms well above the error bar is bias that "
        "more shots do not cure."
    )
    cases = list(dict.fromkeys((r["count"], r["start"]) for r in found))
    for count, start in cases:
        own = [r for r in found if (r["count"], r["start"]) == (count, start)]
        body = [
            [
                r["method"],
                f"{r['rms']:.4f}",
                f"{r['max']:.4f}",
                f"{r['bar']:.4f}",
                f"{r['executed'] / 1000:.0f}",
                " ".join(f"{word} {r[word]}" for word in NOTED if word in r),
            ]
            for r in own
        ]
        yield Sheet(
            f"FakeTorino, tournament of {count}, {start} start, {own[0]['two_qubit_gates']} CZ",
            ["against noise", "rms", "max", "error bar", "1000 shots", "note"],
            body,
            note if (count, start) == cases[-1] else "",
        )


def dates_line(results: dict[str, Any]) -> str:
    """The sections of ``python -m benchmarks --only`` by the day on which they were measured."""
    days: dict[str, list[str]] = {}
    for name, section in results.items():
        if section.get("taken"):
            days.setdefault(section["taken"], []).append(name)
    return "; ".join(f"on {day}: {', '.join(names)}" for day, names in sorted(days.items()))


def machine_line(results: dict[str, Any]) -> str:
    """The machine of the newest section, in one line."""
    where = next((s["machine"] for s in results.values() if s.get("machine")), None)
    if where is None:
        return ""
    caches = ", ".join(f"{level} {size}" for level, size in where["caches"].items())
    said = (
        f"{where['processor']}, {where['cores']} cores, {where['threads']} threads,"
        f" {where['memory_GiB']} GiB, caches {caches}"
    )
    if "triad_GB_per_s" in where:
        triad = ", ".join(f"{v:.0f} ({k})" for k, v in where["triad_GB_per_s"].items())
        flops = ", ".join(f"{v:.0f} ({k})" for k, v in where["Gflop_per_s"].items())
        said += f"; triad {triad} GB/s; multiply-adds {flops} Gflop/s"
    return said


def versions_line(results: dict[str, Any]) -> str:
    for section in results.values():
        versions = section.get("machine", {}).get("versions", {})
        if versions:
            return ", ".join(f"{name} {version}" for name, version in versions.items())
    return ""


def show(results: dict[str, Any], console: Console | None = None) -> None:
    console = console or Console(width=80)
    console.print(machine_line(results), highlight=False)
    console.print(versions_line(results), highlight=False, style="dim")
    for sheet in sheets(results):
        table = Table(title=sheet.title, caption=sheet.note or None, caption_justify="left")
        for k, name in enumerate(sheet.head):
            table.add_column(name, justify="right" if k else "left", overflow="fold")
        for line in sheet.body:
            table.add_row(*line)
        console.print(table)


def markdown(results: dict[str, Any]) -> str:
    """The page ``docs/benchmarks.md``."""
    parts = [
        *PAGE.split("\n\n"),
        f"Measured {dates_line(results)}.",
        f"Machine: {machine_line(results)}.",
        f"Versions: {versions_line(results)}.",
    ]
    for sheet in sheets(results):
        lines = [
            f"## {sheet.title}",
            "",
            "| " + " | ".join(sheet.head) + " |",
            "| --- |" + " ---: |" * (len(sheet.head) - 1),
            *("| " + " | ".join(line) + " |" for line in sheet.body),
        ]
        parts.append("\n".join(lines))
        if sheet.note:
            parts.append(sheet.note)
    return "\n\n".join(parts) + "\n"
