"""``qnu rerun``: does a result folder come out again?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._frame import (
    FAILED,
    checking,
    command_line,
    echo,
    progress,
    show_path,
    warnings_at_the_end,
    wrapped,
)

if TYPE_CHECKING:
    from ..experiment.rerunning import Comparison, Rerun


def rerun(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `qnu run` wrote.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Also keep the new results, in this folder."
        ),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", help="No progress, no table.")
    ] = False,
) -> None:
    """Run the experiment of a result folder again and compare every number.

    Seeds, drawn velocities and input files come from the folder, which may have
    been moved and is not changed. On the same machine with the same versions the
    numbers are the same to the last bit; else the largest difference is shown,
    with what differs from then. The exit code is 1 where a number differs.
    """
    from ..experiment import folder as folders
    from ..experiment import rerunning, results, run, simulate

    if output is not None:
        folders.check(output)
    with warnings_at_the_end():
        with checking(str(folder), quiet):
            before = results.load_results(folder)
        labels = [method.label for method in before.experiment.methods]
        more = ["figures"] if output is not None else []
        with progress([*labels, *more], quiet) as stage:
            if output is None:
                now = simulate(before.experiment, stage)
            else:
                now = dict(run(before.experiment, output, stage=stage,
                               command=command_line()).trajectories)  # fmt: skip
        found = rerunning.compared(before, now, rerunning.read_summary_of(before))
    if not quiet:
        _show(folder, found)
        if output is not None:
            show_path("Results", output)
    if not found.same:
        raise typer.Exit(FAILED)


def _show(folder: Path, found: Rerun) -> None:
    if found.same:
        echo(f"{folder}: every number is the same, to the last bit.")
    else:
        echo(f"{folder}: not every number is the same.")
    longest = max(len(method.label) for method in found.methods)
    for method in found.methods:
        for line in wrapped(f"  {method.label:<{longest}}  ", _in_words(method), "    "):
            echo(line)
    for label in found.added:
        echo(f"  {label}: was added to the folder, not run again")
    if found.changed:
        echo("Not as it was then:")
    for text in found.changed:
        for line in wrapped("  ", text, "    "):
            echo(line)


def _in_words(method: Comparison) -> str:
    if method.note:
        return method.note
    if method.same:
        return "the same"
    if method.largest == float("inf"):
        return f"{method.variable} has another shape, or lacks numbers"
    return f"largest difference {method.largest:.2g}, in {method.variable}"
