"""``qnu bench-backend``: circuits of neutrino gases on any backend, scored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import QnuError, Words
from . import _complete
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

_Backend = Annotated[
    str,
    typer.Argument(
        metavar="BACKEND",
        help="A hardware config (a name from `qnu list`, or a file), or module:attribute, a"
        " Qiskit BackendV2 in Python code.",
        autocompletion=_complete.machines,
    ),
]
_Experiments = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="Kinds of circuits and experiments of the catalogue, with commas between them;"
        " default: all kinds (tournament, tournament_line, stochastic, random_pairs, native,"
        " plane_wave).",
        autocompletion=_complete.benchmarks,
    ),
]
_Sizes = Annotated[
    str,
    typer.Option(metavar="N,N,...", help="Numbers of neutrinos of every kind."),
]
_Shots = Annotated[
    str | None,
    typer.Option(metavar="N", help="Per basis; default: the config's, of simulators 4096."),
]
_Output = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="FILE.json: all numbers, written after every circuit; the same command again goes on"
        " from there. FILE.md: the table. Can be given twice.",
    ),
]
_Samples = Annotated[
    str, typer.Option(metavar="N", help="Equally spaced sample times; 1: the end alone.")
]
_Seed = Annotated[str, typer.Option(metavar="N", help="Of the shots, on simulated machines.")]
_Overwrite = Annotated[bool, typer.Option("--overwrite", metavar="", help="Begin FILE.json anew.")]
_Yes = Annotated[
    bool, typer.Option("--yes", "-y", metavar="", help="Send to a service without asking.")
]
_Quiet = Annotated[bool, typer.Option("--quiet", "-q", metavar="", help="No progress bars.")]


def bench_backend(
    backend: _Backend,
    experiments: _Experiments = None,
    sizes: _Sizes = "4,6,8",
    shots: _Shots = None,
    samples: _Samples = "1",
    seed: _Seed = "1",
    output: _Output = None,
    overwrite: _Overwrite = False,
    yes: _Yes = False,
    quiet: _Quiet = False,
) -> None:
    """Benchmark a device or a simulator with circuits of neutrino gases.

    Every circuit is compiled, run, and compared with exact polarizations: the error
    in sigmas of the shots and as it is, the signal that is left against the success
    probability of the calibration, gates, depth and time. On a fake device all kinds
    with 4, 6 and 8 neutrinos take about a minute.

    A backend that belongs to a service gets nothing without --yes, or a question on a
    terminal.

    Example:
        qnu bench-backend fake_torino --sizes 4,6 -o torino.json
    """
    from ..experiment import benchmarking
    from ..experiment.benchmarking.records import check_ending
    from ..experiment.benchmarking.running import machine_of, sends

    files = output or []
    for file in files:
        check_ending(file)
    quiet = quiet or not sys.stderr.isatty()
    names = None if experiments is None else _listed("--experiments", experiments)
    numbers = [whole_number("--sizes", text) for text in _listed("--sizes", sizes)]
    with checking(backend, quiet):
        machine = machine_of(backend)
        listed = benchmarking.cases(names, numbers, whole_number("--samples", samples))
    if sends(machine) and not yes:
        _ask(machine, listed)
    stored = next((file for file in files if file.suffix == ".json"), None)
    kinds = list(dict.fromkeys(case.experiment for case in listed))
    try:
        with progress(kinds, quiet) as stage:
            made = benchmarking.bench_backend(
                machine,
                names,
                numbers,
                shots=whole_number("--shots", shots),
                samples=whole_number("--samples", samples),
                seed=whole_number("--seed", seed),
                output=stored,
                overwrite=overwrite,
                stage=stage,
            )
    except (KeyboardInterrupt, Terminated) as order:
        kept = f"{stored} has the circuits that have ended" if stored else "nothing was written"
        fail_stopped(order, kept)
    for line in made.text(width()).split("\n"):
        echo(line)
    for file in files:
        if file != stored:
            made.write(file)
        show_path("Written", file)
    if any(score.failed is not None for score in made.scores):
        raise typer.Exit(1)


def _ask(machine: Any, listed: list[Any]) -> None:
    """On a terminal a question; elsewhere nothing is sent without ``--yes``."""
    what = f"{len(listed)} job{'s' * (len(listed) > 1)} to {machine.name}"
    if not sys.stdin.isatty():
        raise QnuError("--yes", Words(f"nothing, for {what}"), "--yes, to send them to a service")
    typer.confirm(f"Send {what}?", abort=True)


def _listed(option: str, text: str) -> list[str]:
    """The words between commas."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise QnuError(option, text, "one or more, with commas between them")
    return words
