"""The command line: one module per family of commands. Thin: no physics, late imports."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Annotated, NoReturn

import typer

from ..errors import QnuError
from . import (
    _complete,
    benching,
    compiling,
    doctor,
    experiments,
    exporting,
    jobs,
    plotting,
    rerunning,
    schema,
    showing,
    starting,
    sweeping,
    units,
)
from ._frame import (
    BAD_INPUT,
    FAILED,
    INTERRUPTED,
    TERMINATED,
    Terminated,
    fail,
    set_command_line,
    stderr_may_fail,
    terminable,
    warnings_in_one_line,
)

__all__ = ["app", "entry", "main"]

_HELP = "\n\n".join(  # one line per paragraph: the help wraps them to the terminal
    [
        "Dense neutrino gases on quantum computers, and the classical theories to check them with.",
        "An experiment is one TOML file: a gas of neutrinos, a schedule of encounters, and methods"
        " (circuits on a simulator or machine, many-body, light cones, independent, mean field,"
        " kinetic, miscidynamics) that all run on the same gas and schedule. A run writes"
        " trajectories, figures and a report into one folder.",
        "Example:",
        "    qnu list",
        "    qnu show two_groups_10",
        "    qnu run two_groups_10 --output results/first",
        "    qnu new my_gas.toml",
    ]
)

app = typer.Typer(
    name="qnu",
    help=_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"qnu {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar="", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    del version


app.command()(experiments.run)
app.command()(rerunning.rerun)
app.command()(sweeping.sweep)
app.command()(experiments.validate)
app.command()(starting.new)
app.command(name="list")(experiments.list_)
app.command()(showing.show)
app.command()(plotting.plot)
app.command()(exporting.export)
app.command(name="compile")(compiling.compile_)
app.command(name="bench-backend")(benching.bench_backend)
app.command()(jobs.submit)
app.command(name="jobs")(jobs.jobs_)
app.command()(jobs.status)
app.command()(jobs.fetch)
app.command()(jobs.cancel)
app.command(name="units")(units.units_)
app.command()(schema.schema)
app.command()(doctor.doctor)


def entry() -> None:
    """Runs :func:`main` as a process; after an interrupt it does not wait for other threads."""
    try:
        main()
    except SystemExit as end:
        if end.code not in (INTERRUPTED, TERMINATED):
            raise
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(end.code)  # Python would wait for threads of a simulator


def main(arguments: list[str] | None = None) -> None:
    """The ``qnu`` command: runs it and ends the process with its exit code.

    0: done; 2: bad input, in one line on stderr that names the field, the value and what is
    allowed; 1: something else failed, also in one line (of a run, the rest is in its folder); 130:
    interrupted; 143: terminated.

    Args:
        arguments: default: those of the process.

    Raises:
        SystemExit: always.

    Examples:
        >>> main(["--version"])
        Traceback (most recent call last):
        ...
        SystemExit: 0
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without ± or ─ shows "?" instead
            stream.reconfigure(errors="replace")
    if "_QNU_COMPLETE" in os.environ:
        _complete.prepare()
    with stderr_may_fail():
        _main(arguments)


def _main(arguments: list[str] | None) -> NoReturn:
    set_command_line(sys.argv[1:] if arguments is None else arguments)
    try:
        with terminable(), warnings_in_one_line():
            code = app(arguments, prog_name="qnu", standalone_mode=False)
    except QnuError as error:
        fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Terminated:
        fail("terminated; nothing was written", TERMINATED)
    except MemoryError as error:
        fail(f"memory: got {error or 'not enough'}; allowed: what fits", BAD_INPUT)
    except BrokenPipeError:  # `qnu list | head`
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:
        fail(f"{error.filename or 'system'}: {error.strerror or error}", FAILED)
    except Exception as error:  # usage errors of the command line library have this method
        if not hasattr(error, "format_message"):
            raise
        message = error.format_message()  # bad usage; empty where the help was shown instead
        if not message:
            sys.exit(BAD_INPUT)
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "qnu"
        fail(f"{message} (try `{command} --help`)", BAD_INPUT)
    if code == INTERRUPTED:  # also what typer makes of Ctrl-C
        fail("interrupted; nothing was written", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)
