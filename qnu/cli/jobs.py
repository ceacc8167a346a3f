"""``qnu submit``, ``jobs``, ``status``, ``fetch``, ``cancel``: work that runs elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import QnuError
from ._frame import (
    INTERRUPTED,
    TERMINATED,
    Terminated,
    checking,
    fail,
    progress,
    say,
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
        raise QnuError(f"{missing}: got nothing; allowed: `qnu submit SPEC --hardware CONFIG`")
    with checking(spec, quiet=not sys.stderr.isatty()):
        work, left = _draft(spec, hardware, method, whole_number("--shots", shots), seed)
    _print(_draft_table(work))
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
    from ..quantum.jobs import Office
    from ..quantum.jobs.flow import NotDoneError

    pause, longest = _POLL
    with _asking(quiet=True), contextlib.ExitStack() as opened:
        told = None if quiet else _Bar(opened, job)
        office = Office() if told is None else Office(told=told)
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
    say(f"Result: {_shown(path)}")


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
            f"method: got none of kind 'circuit' in {loaded.stem};"
            " allowed: an experiment with a [[method]] of kind 'circuit'"
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
        case "fetched":
            return f"Result: {_shown(Path(record.output or record.folder))}"
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
    intent = work.intent
    settings = intent.recipe["settings"]
    samples = len({setting[0] for setting in settings})
    extra = intent.circuits - len(settings)
    parts = f"{samples} sample times" + (" x 3 bases" if len(settings) == 3 * samples else "")
    parts += f" + {extra} for calibration" if extra else ""
    device = _machine(intent.backend, intent.hardware)
    if not work.costs:
        device += ", simulated here"
    return _pairs(
        f"{intent.name}, {intent.label}",
        {
            "machine": device,
            "neutrinos": str(intent.neutrinos),
            "circuits": f"{intent.circuits} ({parts})",
            "two-qubit gates": f"{work.two_qubit_gates}, depth {work.two_qubit_depth} (longest)",
            "shots": f"{intent.shots} per circuit, {intent.shots * intent.circuits} in all",
            "device time": f"{_duration(work.time.seconds)} = {work.time.model()}",
            "result": _shown(Path(intent.folder) / f"{intent.name}.{intent.label}.ID.nc"),
        },
    )


def _jobs_table(found: list[Record]) -> Any:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"Jobs ({len(found)})", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("id", no_wrap=True)
    table.add_column("experiment", overflow="fold", ratio=3)
    table.add_column("machine", overflow="fold", ratio=2)
    table.add_column("shots", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("since", no_wrap=True)
    for record in found:
        table.add_row(
            record.id,
            escape(f"{record.name}, {record.label}"),
            escape(record.backend),
            f"{record.circuits} x {record.shots}",
            record.state,
            time.strftime("%Y-%m-%d %H:%M", time.localtime(record.updated)),
        )
    return table


def _status_table(record: Record) -> Any:
    rows = {
        "experiment": f"{record.name}, {record.label}",
        "machine": _machine(record.backend, record.hardware),
        "job there": record.service_job or "not known",
        "circuits": f"{record.circuits} x {record.shots} shots, about {_duration(record.seconds)}",
        "recorded": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created)),
        "state": record.state + (f": {record.detail}" if record.detail else ""),
    }
    return _pairs(f"Job {record.id}", rows)


def _shown(path: Path) -> str:
    """As seen from here, where it is below."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _machine(backend: str, hardware: str) -> str:
    return backend if backend == hardware else f"{backend} ({hardware})"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
