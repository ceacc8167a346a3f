"""The command line: ``qnu run``, ``qnu validate``, ``qnu list``. Thin: no physics, late imports."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from .errors import QnuError

if TYPE_CHECKING:
    from .checkpoint import Checkpoint
    from .experiment import Experiment

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130
TERMINATED = 143

_HELP = "\n\n".join(  # one line per paragraph: the help wraps them to the terminal
    [
        "Dense neutrino gases on quantum computers, and the classical theories to check them with.",
        "An experiment is one TOML file: a gas of neutrinos, a schedule of encounters, and methods"
        " (circuits on a simulator or machine, many-body, independent, mean field, kinetic,"
        " miscidynamics) that all run on the same gas and schedule. A run writes trajectories,"
        " figures and a report into one folder.",
        "Example:",
        "    qnu list",
        "    qnu validate two_groups_10",
        "    qnu run two_groups_10 --output results/first",
    ]
)

app = typer.Typer(
    name="qnu",
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)

Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="A TOML file, or a name from `qnu list`.")
]
Seed = Annotated[
    str | None,
    typer.Option("--seed", help="Use this seed instead of the one in the file.", metavar="N"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        typer.echo(f"qnu {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    del version


@app.command()
def run(
    spec: Spec,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder to write; default: results/<file name>."
        ),
    ] = None,
    seed: Seed = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no table.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier result in that folder.")
    ] = False,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            metavar="FILE",
            help="Write what is needed to go on; if FILE exists, go on from it.",
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            "--every", metavar="MINUTES", help="How often the checkpoint is written; default: 10."
        ),
    ] = None,
) -> None:
    """Run an experiment and write its trajectories, figures and report.

    The output folder appears whole or not at all; one that exists is refused unless --overwrite.
    A run with --checkpoint that was stopped or killed at any moment goes on when the same command
    is given again, and ends with the same numbers to the last bit; then the checkpoint is removed.
    """
    from . import catalogue, experiment, report
    from .experiment import folder

    place = output if output is not None else Path("results") / catalogue.find_experiment(spec).stem
    folder.check(place, overwrite)
    with _checking(spec, quiet):
        loaded = experiment.load(spec, _whole("--seed", seed))
    with contextlib.ExitStack() as opened:
        keep = _checkpoint(checkpoint, every)
        if keep is not None:
            if keep.path.exists() and not quiet:
                typer.echo(f"going on from {checkpoint}", err=True)
            opened.enter_context(_keeping(keep.path))
            opened.enter_context(keep)
        stage = opened.enter_context(_progress(loaded, quiet))
        results = experiment.run(loaded, place, overwrite, stage, keep)
    for note in results.notes:
        typer.echo(f"qnu: not drawn: {note}", err=True)
    if quiet:
        return
    from rich.console import Console

    Console(width=_width()).print(report.table(results.trajectories))
    typer.echo(f"Results: {place}  (start with {place / 'report.md'})")


@app.command()
def validate(spec: Spec, seed: Seed = None) -> None:
    """Check an experiment file without running it."""
    from . import experiment

    loaded = experiment.load(spec, _whole("--seed", seed))
    gas, schedule = loaded.gas, loaded.schedule
    typer.echo(f"{spec}: valid")
    typer.echo(f"  {loaded.name}: {len(gas)} neutrinos in {len(gas.group_names)} groups")
    typer.echo(
        f"  {schedule.kind} schedule, {len(schedule)} encounters to t = {schedule.final_time:g}"
    )
    for method in loaded.methods:
        typer.echo(f"  {method.label}: {method.kind}, {len(method.times)} samples")


@app.command(name="list")
def list_() -> None:
    """List the experiments and hardware configs of the catalogue."""
    from . import catalogue

    for title, kind, names in (
        ("Experiments (qnu run NAME)", "circuits", catalogue.experiment_names()),
        ("Hardware configs (hardware = NAME)", "hardware_configs", catalogue.hardware_names()),
    ):
        typer.echo(title)
        width = max(map(len, names), default=0)
        for name in names:
            text = catalogue.description(catalogue.folder(kind) / f"{name}.toml")
            indent = " " * (width + 4)
            typer.echo(_wrapped(f"  {name:<{width}}  ", text, indent))


def _checkpoint(file: Path | None, every: str | None) -> Checkpoint | None:
    if file is None:
        if every is not None:
            raise QnuError("--every", every, "only together with --checkpoint FILE")
        return None
    from .checkpoint import Checkpoint

    try:
        minutes = 10.0 if every is None else float(every)
    except ValueError:
        raise QnuError("--every", every, "a number of minutes >= 0") from None
    return Checkpoint(file, minutes)


@contextlib.contextmanager
def _keeping(file: Path) -> Iterator[None]:
    """An interrupted run says how to go on."""
    try:
        yield
    except (KeyboardInterrupt, _Terminated) as order:
        kept = f"{file} is kept: the same command goes on from it"
        message = kept if file.exists() else "nothing was written, not yet a checkpoint"
        terminated = isinstance(order, _Terminated)
        what, code = ("terminated", TERMINATED) if terminated else ("interrupted", INTERRUPTED)
        _fail(f"{what}; {message}", code)


def _whole(option: str, text: str | None) -> int | None:
    if text is None or (text.isascii() and text.isdecimal()):
        return None if text is None else int(text)
    raise QnuError(option, text, "a whole number >= 0")


def _wrapped(head: str, text: str, indent: str) -> str:
    import textwrap

    return textwrap.fill(text, _width(), initial_indent=head, subsequent_indent=indent) or head


def _width() -> int:
    """Columns of the terminal; 80 where there is none."""
    import shutil

    return max(40, min(shutil.get_terminal_size((80, 24)).columns, 120))


@contextlib.contextmanager
def _checking(spec: str, quiet: bool) -> Iterator[None]:
    """A spinner while the file is checked and the schedule is made."""
    if quiet:
        yield
        return
    from rich.console import Console

    with Console(stderr=True, width=_width()).status(f"checking {spec}"):
        yield


@contextlib.contextmanager
def _progress(loaded: Experiment, quiet: bool) -> Iterator[Any]:
    """Bars with the time left, one per method, on stderr; silent with ``--quiet``."""
    if quiet:
        yield _silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    width = max(len(name) for name in [*(m.label for m in loaded.methods), "figures"])
    columns = (
        SpinnerColumn(finished_text=" "),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, width=_width())
    bars = Progress(*columns, console=console, expand=True)

    @contextlib.contextmanager
    def stage(name: str) -> Iterator[Callable[[float], None]]:
        task = bars.add_task(f"{name:<{min(width, 24)}}", total=None)  # until it first reports

        def advance(fraction: float) -> None:
            bars.update(task, total=1.0, completed=fraction)

        yield advance
        advance(1.0)

    bars.start()
    try:
        yield stage
    except BaseException:
        bars.live.transient = True  # leaves the error alone on the screen
        bars.live.stop()
        raise
    bars.stop()


@contextlib.contextmanager
def _silent(name: str) -> Iterator[Callable[[float], None]]:
    del name
    yield lambda fraction: None


def _fail(message: str, code: int) -> NoReturn:
    line = " ".join(message.split())
    print(f"qnu: {line}", file=sys.stderr)
    sys.exit(code)


class _Terminated(BaseException):
    """SIGTERM: what batch systems send."""


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds like Ctrl-C, so that a half-written folder is removed."""

    def leave(number: int, frame: object) -> NoReturn:
        del number, frame
        raise _Terminated

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def entry() -> None:
    """The process that runs :func:`main`; an interrupted one waits for nobody's threads."""
    try:
        main()
    except SystemExit as end:
        if end.code not in (INTERRUPTED, TERMINATED):
            raise
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code)  # a simulator's thread would be waited for, and it does not listen


def main(arguments: list[str] | None = None) -> None:
    """The ``qnu`` command: runs it and ends the process with its exit code.

    0: done; 2: bad input, in one line on stderr that names the field, the value and what is
    allowed; 1: something else failed, also in one line; 130: interrupted.

    Args:
        arguments: default: those of the process.

    Raises:
        SystemExit: always.

    References:
        qnu's own convention.

    Examples:
        >>> main(["--version"])
        Traceback (most recent call last):
        ...
        SystemExit: 0
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without ± or ─ shows "?" instead
            stream.reconfigure(errors="replace")
    try:
        with _terminable():
            code = app(arguments, prog_name="qnu", standalone_mode=False)
    except QnuError as error:
        _fail(str(error), BAD_INPUT)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except _Terminated:
        _fail("terminated; nothing was written", TERMINATED)
    except MemoryError as error:
        _fail(f"memory: got {error or 'not enough'}; allowed: what fits", BAD_INPUT)
    except BrokenPipeError:  # `qnu list | head`
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        _fail(f"{error.filename or 'system'}: {error.strerror or error}", FAILED)
    except Exception as error:  # usage errors of the command line library, known by their method
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()  # bad usage; empty where the help was shown instead
        if not message:
            sys.exit(BAD_INPUT)
        _fail(f"{message} (try `qnu --help`)", BAD_INPUT)
    if code == INTERRUPTED:  # also what typer makes of Ctrl-C
        _fail("interrupted; nothing was written", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)
