"""``qnu submit``, ``jobs``, ``status``, ``fetch``, ``cancel``: jobs on machines."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import QnuError, Words
from ._added_jobs import COMPARISON, add_to, check_result_folder
from ._circuits import (
    SAMPLES,
    WHOLE,
    circuit_method,
    circuit_samples,
    end_early,
    show_bound,
    show_gain,
    show_stand_in,
    whole_schedule,
)
from ._frame import (
    Terminated,
    checking,
    echo,
    fail_stopped,
    progress,
    show_path,
    whole_number,
    width,
)
from ._job_tables import draft_table, jobs_table, print_table, shortened, status_table
from ._options import AnyJob, ConfigOrNone, JobToCancel, JobToFetch, Label, Resume, Seed, SpecOrNone

if TYPE_CHECKING:
    from ..experiment import Experiment
    from ..quantum.jobs import PlannedJob, Record

_POLL = (2.0, 60.0)  # seconds between two requests of `fetch --wait`: at first, and at most


_USAGE = "`qnu submit SPEC --hardware CONFIG`"


def submit(
    spec: SpecOrNone = None,
    hardware: ConfigOrNone = None,
    method: Label = None,
    shots: Annotated[
        str | None, typer.Option(metavar="N", help="Per circuit; default: file, then config.")
    ] = None,
    seed: Seed = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", metavar="", help="Show circuits, shots and time; send nothing."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", metavar="", help="Send without asking.")
    ] = False,
    resume: Resume = None,
) -> None:
    """Compile a circuit of an experiment for a machine and submit it.

    The job is recorded first, with a tag by which it can be looked up at the machine.
    A submission that was killed or lost its network continues with --resume ID.
    """
    from ..quantum import jobs
    from ..quantum.compile.line_order import gates_in_line_order

    if resume is not None:
        if spec is not None or hardware is not None:
            raise QnuError("--resume", resume, "without SPEC and --hardware (they are recorded)")
        with _contacting():
            record = jobs.resume(resume)
        _sent(record)
        return
    if spec is None or hardware is None:
        raise QnuError("SPEC" if spec is None else "--hardware", Words("nothing"), _USAGE)
    quiet = not sys.stderr.isatty()
    with checking(spec, quiet):
        loaded, planned, notes = _planned(
            spec, hardware, method, whole_number("--shots", shots), seed, dry_run
        )
        line_order = gates_in_line_order(loaded.gas, loaded.schedule, planned.device)
        samples = circuit_samples(loaded, method)
    echo(shortened(f"{loaded.stem}, {planned.label} on {planned.device.name}", width()))
    show_stand_in(planned.note)
    show_bound(planned.bound, line_order)
    first = WHOLE if samples is None else SAMPLES
    with progress([first, WHOLE] if end_early(loaded, samples) else [first], quiet) as stage:
        with stage(first) as advance:
            work = planned.compile(advance)
        whole = None
        if end_early(loaded, samples):
            with stage(WHOLE) as advance:
                whole = whole_schedule(loaded, planned.device, advance)
    print_table(draft_table(work, whole))
    counted = work.two_qubit_gates if whole is None else whole["two_qubit_gates"]
    show_gain(line_order, counted)
    for note in [*notes, *filter(None, [work.warning])]:
        echo(note)
    if dry_run:
        echo("Dry run: nothing was recorded or sent.")
        return
    if work.costs and not yes and sys.stdin.isatty():
        typer.confirm(f"Send it to {work.intent.backend}?", abort=True)
    with _contacting():
        record = jobs.send(work)
    _sent(record)


def jobs_() -> None:
    """List all recorded jobs with their last known states.

    States:
        intended            recorded; not known to be at the machine
        sent                the machine has it
        queued, running     what the machine said last
        done                the result can be fetched
        fetched             the Trajectory is on disk
        failed, cancelled   it has ended without a result

    The time is that of the last change or look-up: `qnu status ID` asks the machine.
    """
    from ..quantum import jobs

    records = jobs.recorded()
    if not records:
        echo("No jobs yet: qnu submit SPEC --hardware CONFIG")
        return
    print_table(jobs_table(records))


def status(job: AnyJob) -> None:
    """Look up the state of a job at its machine.

    `qnu jobs --help` says what the states mean.
    """
    from ..quantum import jobs

    with _contacting():
        record = jobs.status(job)
    print_table(status_table(record, _costs(record)))
    if record.state == "fetched":
        show_path("Result", Path(record.output or record.folder))
    else:
        echo(_next_step(record))


def fetch(
    job: JobToFetch,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Default: a .nc file next to the experiment."
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="Put it beside the methods of this folder of `qnu run`, and draw it there.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", metavar="", help="Wait until the job is done.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", help="No progress, no table.")
    ] = False,
) -> None:
    """Write the result of a job as a Trajectory; a second time: show where it is.

    With --into FOLDER it is also added to a result folder of the same gas and schedule, whose
    figures, report and summary are made again with it.
    """
    from ..quantum.jobs import JobRunner, NotDoneError

    if into is not None:
        check_result_folder(into)
    pause, longest = _POLL
    with _contacting(quiet=True), contextlib.ExitStack() as opened:
        bar = None if quiet else _Bar(opened, job)
        runner = JobRunner() if bar is None else JobRunner(progress=bar)
        while True:
            try:
                path = runner.fetch(job, output)
                break
            except NotDoneError:
                if not wait:
                    raise
            time.sleep(pause)
            pause = min(1.5 * pause, longest)
    added = None
    if into is not None:
        with checking(str(into), quiet or not sys.stderr.isatty()):
            added = add_to(into, path)
    if quiet:
        return
    from .. import report
    from ..trajectory import Trajectory

    result = Trajectory.load(path)
    print_table(report.table({str(result.attrs.get("label", result.method)): result}))
    show_path("Result", path)
    if added is not None:
        place = Path(str(into)).absolute()
        show_path(f"Added as {added} to", place)
        if (place / COMPARISON).is_file():
            show_path("Figure", place / COMPARISON)


def cancel(
    job: JobToCancel,
) -> None:
    """Cancel a job at its machine."""
    from ..quantum import jobs

    with _contacting():
        record = jobs.cancel(job)
    echo(f"job {record.id}: {record.state}" + (f", {record.detail}" if record.detail else ""))


@contextlib.contextmanager
def _contacting(quiet: bool = False) -> Iterator[None]:
    """A spinner while a command waits for the machine's service; Ctrl-C loses nothing."""
    try:
        with checking("with the service of the machine", quiet or not sys.stderr.isatty()):
            yield
    except (KeyboardInterrupt, Terminated) as order:
        advice = "`qnu jobs` shows what is recorded, and every command can be given again"
        fail_stopped(order, advice)


class _Bar:
    """A progress bar that appears only where a simulated machine computes a result."""

    def __init__(self, opened: contextlib.ExitStack, name: str) -> None:
        self._opened, self._name = opened, name
        self._advance: Callable[[float], None] | None = None

    def __call__(self, fraction: float) -> None:
        advance = self._advance
        if advance is None:
            stage = self._opened.enter_context(progress([self._name], quiet=False))
            advance = self._advance = self._opened.enter_context(stage(self._name))
        advance(fraction)


def _planned(
    spec: str, hardware: str, label: str | None, shots: int | None, seed: str | None, dry_run: bool
) -> tuple[Experiment, PlannedJob, list[str]]:
    """The experiment, the job, and notes on what differs from the method of the file."""
    from .. import experiment, observables
    from ..quantum import jobs

    loaded = experiment.load(spec, whole_number("--seed", seed))
    method = circuit_method(loaded, label)
    requested = method.options["observables"]
    left_out = [name for name in requested if name in observables.OF_PAIRS]
    exact = shots is None and method.options["shots"] == 0
    planned = jobs.planned(
        loaded.gas,
        loaded.schedule,
        hardware,
        method.times,
        method.options["shots"] or None if shots is None else shots,
        [name for name in requested if name not in left_out],
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
        dry_run=dry_run,
    )
    notes = []
    if left_out:
        notes.append(f"Left out: {', '.join(left_out)} (pairs need exact runs).")
    if exact:
        notes.append(f"shots = 0 in the file (exact); on a device: {planned.shots}.")
    return loaded, planned, notes


def _folder(spec: str, loaded: Experiment) -> Path:
    """Next to the file; for an experiment of the catalogue, here."""
    from .. import catalogue

    source = Path(loaded.source).resolve()
    ours = source.parent == catalogue.folder("circuits").resolve()
    return Path.cwd() if ours and spec != str(source) else source.parent


def _sent(record: Record) -> None:
    name = record.service_job
    if record.parts:
        name = f"{len(record.parts)} jobs (qnu status {record.id} lists them)"
    if not _costs(record):
        echo(f"job {record.id}: recorded as {name}")
        echo(f"{record.backend} is simulated here: the job is computed when it is fetched.")
        echo(f"Next: qnu fetch {record.id}")
        _show_file(record)
        return
    echo(f"job {record.id}: {record.state} to {record.backend} as {name}")
    echo(f"Next: qnu status {record.id}, then qnu fetch {record.id}")
    _show_file(record)


def _show_file(record: Record) -> None:
    name = f"{record.name}.{record.label}.{record.id}.nc"
    show_path("It will write", Path(record.folder) / name)


def _costs(record: Record) -> bool:
    """Whether the job uses the time of a device; False where it is simulated here."""
    from ..quantum.jobs import JobRunner

    with contextlib.suppress(QnuError):  # a damaged record
        return JobRunner().service(record).costs
    return True


def _next_step(record: Record) -> str:
    match record.state:
        case "intended":
            return f"Not known to have been sent. Next: qnu submit --resume {record.id}"
        case "done":
            return f"Next: qnu fetch {record.id}"
        case "failed" | "cancelled":
            return "It has ended: submit again, after a change if it failed."
    return f"Next: qnu fetch {record.id} --wait"
