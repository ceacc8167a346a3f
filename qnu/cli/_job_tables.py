"""Tables of jobs for a terminal of 80 columns: one before it is sent, all of them, one of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ._circuits import ISA, LAST, SAMPLES, gates_and_depth, last_note
from ._frame import width

if TYPE_CHECKING:
    from ..quantum.jobs import Draft, Intent, Record


def print_table(table: Any) -> None:
    """As wide as the terminal."""
    from rich.console import Console

    Console(width=width()).print(table)


def _pairs(title: str | None, rows: dict[str, str]) -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=title, box=box.SIMPLE_HEAD, show_header=False, show_edge=False, pad_edge=False
    )
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, escape(value))
    return table


def draft_table(work: Draft, whole: dict[str, int] | None = None) -> Any:
    """A job before it is sent; ``whole``: gates and depth of the whole schedule's circuit."""
    intent = work.intent
    settings = intent.recipe["settings"]
    samples = len({setting[0] for setting in settings})
    extra = intent.circuits - len(settings)
    parts = f"{samples} sample times" + (" x 3 bases" if len(settings) == 3 * samples else "")
    parts += f" + {extra} for calibration" if extra else ""
    here = "" if work.costs else ", simulated here"
    time_text = f"{_duration(work.time.seconds)} = {work.time.model()}"
    sent = {"two_qubit_gates": work.two_qubit_gates, "two_qubit_depth": work.two_qubit_depth}
    gates = {"two-qubit gates": gates_and_depth(sent)}
    if whole is not None:
        last = f"{gates_and_depth(sent)} ({last_note(samples)})"
        gates = {"two-qubit gates": f"{gates_and_depth(whole)} (whole schedule)", LAST: last}
    if work.sample_routes:
        gates[SAMPLES] = f"{samples}: {work.sample_routes}"
    device = _machine(intent.backend, intent.hardware)
    device = shortened(device, width() - 20 - len(here)) + here
    return _pairs(
        None,
        {
            "machine": device,
            "neutrinos": str(intent.neutrinos),
            "circuits": f"{intent.circuits} ({parts})",
            **gates,
            "ISA valid": f"{work.instructions} {ISA}",
            "shots": f"{intent.shots} per circuit, {intent.shots * intent.circuits} in all",
            "options": _options(intent),
            **_requests(intent),
            **({"device time": time_text} if work.costs else {}),
        },
    )


def _options(intent: Intent) -> str:
    """How the job is sent and run, and which errors are mitigated."""
    from ..quantum import Execution, Mitigation

    execution, mitigation = (intent.recipe[name] for name in ("execution", "mitigation"))
    return f"{Execution(**execution).words()}; mitigation: {Mitigation(**mitigation).words()}"


def _requests(intent: Intent) -> dict[str, str]:
    """That a job is sent as several, and why."""
    if not intent.parts:
        return {}
    most, longest = (max(getattr(p, name) for p in intent.parts) for name in ("circuits", "shots"))
    text = f"{len(intent.parts)} jobs of at most {most} circuits and {longest} shots each"
    return {"sent as": f"{text} (limits of the machine)"}


def _state(record: Record) -> str:
    """With the number of requests that are done, where there are several."""
    if not record.parts or record.final:
        return record.state
    done = sum(part.state == "done" for part in record.parts)
    return f"{record.state} {done}/{len(record.parts)}"


def jobs_table(records: list[Record]) -> Any:
    """One line per job."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    rows = [
        (
            record.id,
            f"{record.name}, {record.label}",
            record.backend,
            f"{record.circuits} x {record.shots}",
            _state(record),
            _day(record.updated),
        )
        for record in records
    ]
    titles = ("id", "experiment", "machine", "circuits\nx shots", "state", "updated")
    heads = [max(map(len, title.split("\n"))) for title in titles]
    widths = [
        max(head, *map(len, column))
        for head, column in zip(heads, zip(*rows, strict=True), strict=True)
    ]
    # numbers, ids and times are never shortened; the two names get the rest of the line
    rest, gaps = width() - sum(widths[k] for k in (0, 3, 4, 5)), len(titles) - 1
    gap = next((gap for gap in (3, 2) if widths[1] + widths[2] <= rest - gap * gaps), 1)
    left = rest - gap * gaps
    machine = min(widths[2], max(left - widths[1], left // 2))
    names = {1: max(left - machine, 8), 2: max(machine, 6)}
    table = Table(
        title=f"Jobs ({len(records)})",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, gap - 1, 0, 0),
    )
    for title in titles:
        table.add_column(
            title, no_wrap=True, justify="right" if "shots" in title else "left", vertical="bottom"
        )
    for row in rows:
        table.add_row(
            *(escape(shortened(text, names.get(k, len(text)))) for k, text in enumerate(row))
        )
    return table


def _day(seconds: float) -> str:
    """With the hour in the last 300 days, with the year before."""
    recent = abs(time.time() - seconds) < 300 * 86_400
    return time.strftime("%m-%d %H:%M" if recent else "%Y-%m-%d", time.localtime(seconds))


def shortened(name: str, longest: int) -> str:
    """A name with an ellipsis where it is too long for its place."""
    from rich.text import Text

    text = Text(name)
    text.truncate(longest, overflow="ellipsis")
    return text.plain


def status_table(record: Record, costs: bool) -> Any:
    """One job, in the words of :func:`jobs_table`; the device time only where it costs."""
    rows = {
        "id": record.id,
        **_ids(record),
        "experiment": shortened(f"{record.name}, {record.label}", width() - 20),
        "machine": shortened(_machine(record.backend, record.hardware), width() - 20),
        "circuits x shots": f"{record.circuits} x {record.shots}",
        **({"device time": f"about {_duration(record.seconds)}"} if costs else {}),
        "state": record.state + (f": {record.detail}" if record.detail else ""),
        "updated": _second(record.updated),
        "recorded": _second(record.created),
    }
    return _pairs(f"Job {record.id}", rows)


def _ids(record: Record) -> dict[str, str]:
    """The machine's id of a job, or of each of its requests, with its state."""
    if not record.parts:
        return {"id at the machine": record.service_job or "not known"}
    return {
        f"request {part.part} of {len(record.parts)}": f"{part.service_job or 'not known'},"
        f" {part.circuits} x {part.shots}: {part.state}"
        for part in record.parts
    }


def _second(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _machine(backend: str, hardware: str) -> str:
    return backend if backend == hardware else f"{backend} ({hardware})"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
