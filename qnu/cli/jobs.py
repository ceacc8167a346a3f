"""``qnu submit``, ``jobs``, ``status``, ``fetch``, ``cancel``: work that runs elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError, Words
from ._frame import (
    INTERRUPTED,
    TERMINATED,
    Terminated,
    checking,
    fail,
    progress,
    say,
    show_path,
    whole_number,
    width,
)

if TYPE_CHECKING:
    from ..experiment import Experiment
    from ..quantum.jobs import Draft, Record

Job = Annotated[str, typer.Argument(metavar="ID", help="From `qnu jobs`; its beginning will do.")]

_POLL = (2.0, 60.0)  # seconds between two questions of `fetch --wait`: at first, and at most


def submit(
    spec: Annotated[
        str | None, typer.Argument(metavar="SPEC", help="A TOML file, or a name from `qnu list`.")
    ] = None,
    hardware: Annotated[
        str | None,
        typer.Option(metavar="CONFIG", help="A hardware config from `qnu list`, or a file."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(
            metavar="LABEL", help="Which circuit of the file; default: the first with shots."
        ),
    ] = None,
    shots: Annotated[
        str | None, typer.Option(metavar="N", help="Per circuit; default: file, then config.")
    ] = None,
    seed: Annotated[
        str | None, typer.Option(metavar="N", help="Instead of the one in the file.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show circuits, shots and time; send nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Send without asking.")] = False,
    resume: Annotated[
        str | None, typer.Option(metavar="ID", help="Finish a submission that was cut off.")
    ] = None,
) -> None:
    """Compile a circuit of an experiment for a machine and send it off.

    What is to be sent is written down first, with a tag by which it is found again.
    A submission that was killed or lost its network goes on with --resume ID.
    """
    from ..quantum import jobs

    if resume is not None:
        if spec is not None or hardware is not None:
            raise QnuError("--resume", resume, "without SPEC and --hardware (they are recorded)")
        with _asking():
            record = jobs.resume(resume)
        _sent(record)
        return
    if spec is None or hardware is None:
        missing = "SPEC" if spec is None else "--hardware"
        raise QnuError(missing, Words("nothing"), "`qnu submit SPEC --hardware CONFIG`")
    with checking(spec, quiet=not sys.stderr.isatty()):
        work, left = _draft(spec, hardware, method, whole_number("--shots", shots), seed)
    _print(_draft_table(work))
    show_path("Result", Path(work.intent.folder) / f"{work.intent.name}.{work.intent.label}.ID.nc")
    if left:
        say(f"Left out: {', '.join(left)} (pairs need exact runs).")
    if dry_run:
        say("Dry run: nothing was recorded or sent.")
        return
    if work.costs and not yes and sys.stdin.isatty():
        typer.confirm(f"Send it to {work.intent.backend}?", abort=True)
    with _asking():
        record = jobs.send(work)
    _sent(record)


def jobs_() -> None:
    """List all jobs, with what is known of them; nobody is asked."""
    from ..quantum import jobs

    found = jobs.recorded()
    if not found:
        say("No jobs yet: qnu submit SPEC --hardware CONFIG")
        return
    _print(_jobs_table(found))


def status(job: Job) -> None:
    """Ask the machine how far a job is."""
    from ..quantum import jobs

    with _asking():
        record = jobs.status(job)
    _print(_status_table(record))
    if record.state == "fetched":
        show_path("Result", Path(record.output or record.folder))
    else:
        say(_next_step(record))


def fetch(
    job: Job,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Default: a .nc file next to the experiment."
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the job is done.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table.")] = False,
) -> None:
    """Write the result of a job as a Trajectory; again: say where it is."""
    from ..quantum.jobs import JobRunner, NotDoneError

    pause, longest = _POLL
    with _asking(quiet=True), contextlib.ExitStack() as opened:
        bar = None if quiet else _Bar(opened, job)
        office = JobRunner() if bar is None else JobRunner(progress=bar)
        while True:
            try:
                path = office.fetch(job, output)
                break
            except NotDoneError:
                if not wait:
                    raise
            time.sleep(pause)
            pause = min(1.5 * pause, longest)
    if quiet:
        return
    from .. import report
    from ..trajectory import Trajectory

    result = Trajectory.load(path)
    _print(report.table({str(result.attrs.get("label", result.method)): result}))
    show_path("Result", path)


def cancel(job: Job) -> None:
    """Ask the machine to drop a job."""
    from ..quantum import jobs

    with _asking():
        record = jobs.cancel(job)
    say(f"job {record.id}: {record.state}" + (f", {record.detail}" if record.detail else ""))


@contextlib.contextmanager
def _asking(quiet: bool = False) -> Iterator[None]:
    """A spinner while the machine's service is asked, if somebody watches; Ctrl-C loses nothing."""
    try:
        with checking("with the service of the machine", quiet or not sys.stderr.isatty()):
            yield
    except (KeyboardInterrupt, Terminated) as order:
        kept = "`qnu jobs` shows what is recorded, and every command can be given again"
        if isinstance(order, Terminated):
            fail(f"terminated; {kept}", TERMINATED)
        fail(f"interrupted; {kept}", INTERRUPTED)


class _Bar:
    """A bar that appears only where something is computed here."""

    def __init__(self, opened: contextlib.ExitStack, name: str) -> None:
        self._opened, self._name = opened, name
        self._advance: Callable[[float], None] | None = None

    def __call__(self, fraction: float) -> None:
        advance = self._advance
        if advance is None:
            stage = self._opened.enter_context(progress([self._name], quiet=False))
            advance = self._advance = self._opened.enter_context(stage(self._name))
        advance(fraction)


def _draft(
    spec: str, hardware: str, label: str | None, shots: int | None, seed: str | None
) -> tuple[Draft, list[str]]:
    """The work, and those observables of the file that shots do not give."""
    from .. import experiment
    from .. import observables as rooms
    from ..quantum import jobs

    loaded = experiment.load(spec, whole_number("--seed", seed))
    method = _method(loaded, label)
    given = method.options["shots"] or None  # 0 there: exact, which no device is
    asked = method.options["observables"]
    left = [name for name in asked if name in rooms.OF_PAIRS]
    work = jobs.draft(
        loaded.gas,
        loaded.schedule,
        hardware,
        method.times,
        given if shots is None else shots,
        [name for name in asked if name not in left],
        method.options["seed"],
        name=loaded.stem,
        label=method.label,
        folder=_folder(spec, loaded),
        spec=loaded.text,
        attributes={
            "label": method.label,
            "experiment": loaded.name,
            "seed": loaded.seed,
            "spec_hash": loaded.spec_hash,
        },
    )
    return work, left


def _method(loaded: Experiment, label: str | None) -> Any:
    circuits = [method for method in loaded.methods if method.kind == "circuit"]
    names = ", ".join(repr(method.label) for method in circuits)
    if not circuits:
        raise QnuError(
            "method",
            Words(f"none of kind 'circuit' in {loaded.stem}"),
            "an experiment with a [[method]] of kind 'circuit'",
        )
    if label is None:
        return next((method for method in circuits if method.options["shots"]), circuits[0])
    for method in circuits:
        if method.label == label:
            return method
    raise QnuError("--method", label, f"one of {names}")


def _folder(spec: str, loaded: Experiment) -> Path:
    """Next to the file; for an experiment of the catalogue, here."""
    from .. import catalogue

    source = Path(loaded.source).resolve()
    ours = source.parent == catalogue.folder("circuits").resolve()
    return Path.cwd() if ours and spec != str(source) else source.parent


def _sent(record: Record) -> None:
    say(f"job {record.id}: {record.state} to {record.backend} as {record.service_job}")
    say(f"Next: qnu status {record.id}, then qnu fetch {record.id}")


def _next_step(record: Record) -> str:
    match record.state:
        case "intended":
            return f"Not known to have been sent. Next: qnu submit --resume {record.id}"
        case "done":
            return f"Next: qnu fetch {record.id}"
        case "failed" | "cancelled":
            return "It has ended: submit again, after a change if it failed."
    return f"Next: qnu fetch {record.id} --wait"


def _print(table: Any) -> None:
    from rich.console import Console

    Console(width=width()).print(table)


def _pairs(title: str, rows: dict[str, str]) -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title, box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, escape(value))
    return table


def _draft_table(work: Draft) -> Any:
    from rich.markup import escape

    intent = work.intent
    settings = intent.recipe["settings"]
    samples = len({setting[0] for setting in settings})
    extra = intent.circuits - len(settings)
    parts = f"{samples} sample times" + (" x 3 bases" if len(settings) == 3 * samples else "")
    parts += f" + {extra} for calibration" if extra else ""
    here = "" if work.costs else ", simulated here"
    device = _machine(intent.backend, intent.hardware)
    device = _shortened(device, width() - 20 - len(here)) + here
    return _pairs(
        escape(_shortened(f"{intent.name}, {intent.label}", width())),
        {
            "machine": device,
            "neutrinos": str(intent.neutrinos),
            "circuits": f"{intent.circuits} ({parts})",
            "two-qubit gates": f"{work.two_qubit_gates}, depth {work.two_qubit_depth} (longest)",
            "shots": f"{intent.shots} per circuit, {intent.shots * intent.circuits} in all",
            "device time": f"{_duration(work.time.seconds)} = {work.time.model()}",
        },
    )


def _jobs_table(found: list[Record]) -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    rows = [
        (
            record.id,
            f"{record.name}, {record.label}",
            record.backend,
            f"{record.circuits} x {record.shots}",
            record.state,
            _day(record.updated),
        )
        for record in found
    ]
    titles = ("id", "experiment", "machine", "shots", "state", "since")
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    # what is left of the line for the two names; numbers, ids and times stay whole
    left = width() - sum(widths[k] for k in (0, 3, 4, 5)) - 3 * len(titles) + 1
    machine = min(widths[2], max(left - widths[1], left // 2))
    names = {1: max(left - machine, 8), 2: max(machine, 6)}
    table = Table(title=f"Jobs ({len(found)})", box=box.SIMPLE_HEAD, pad_edge=False)
    for title in titles:
        table.add_column(title, no_wrap=True, justify="right" if title == "shots" else "left")
    for row in rows:
        table.add_row(
            *(escape(_shortened(text, names.get(k, len(text)))) for k, text in enumerate(row))
        )
    return table


def _day(seconds: float) -> str:
    """With the hour in the last 300 days, with the year before."""
    recent = abs(time.time() - seconds) < 300 * 86_400
    return time.strftime("%m-%d %H:%M" if recent else "%Y-%m-%d", time.localtime(seconds))


def _shortened(name: str, longest: int) -> str:
    """A name with an ellipsis where it is too long for its place."""
    from rich.text import Text

    text = Text(name)
    text.truncate(longest, overflow="ellipsis")
    return text.plain


def _status_table(record: Record) -> Any:
    rows = {
        "experiment": _shortened(f"{record.name}, {record.label}", width() - 18),
        "machine": _shortened(_machine(record.backend, record.hardware), width() - 18),
        "job there": record.service_job or "not known",
        "circuits": f"{record.circuits} x {record.shots} shots, about {_duration(record.seconds)}",
        "recorded": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created)),
        "state": record.state + (f": {record.detail}" if record.detail else ""),
    }
    return _pairs(f"Job {record.id}", rows)


def _machine(backend: str, hardware: str) -> str:
    return backend if backend == hardware else f"{backend} ({hardware})"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
