"""``qnu run``, ``qnu validate``, ``qnu list``: the experiments of files and of the catalogue."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import QnuError
from ._frame import (
    FAILED,
    Terminated,
    checking,
    command_line,
    echo,
    fail_stopped,
    progress,
    show_path,
    warnings_at_the_end,
    whole_number,
    width,
    wrapped,
)
from ._options import Seed, Seeds, Spec

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from ..experiment import Experiment, Results
    from ..premises import Premise


#: More groups are not listed one by one.
_MOST_GROUPS = 6
#: Encounters that are counted in a few seconds, whatever the kind of schedule.
_MOST_COUNTED = 10**7


def run(
    spec: Spec,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="Folder to write; default: results/<file name>."
        ),
    ] = None,
    seed: Seed = None,
    seeds: Seeds = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", metavar="", help="No progress, no table.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", metavar="", help="Replace an earlier result in that folder."),
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

    The output folder appears when the run has ended; one that exists is refused
    unless --overwrite. If a method, a figure or the report fails after the first
    method has ended, the rest is kept, the failure is named, the exit code is 1.
    With --seeds every method that depends on the seed runs once per seed; the
    table then shows means with their standard errors.
    A run with --checkpoint that was stopped or killed continues when the same
    command is given again, and ends with the same numbers to the last bit; then
    the checkpoint is removed.
    """
    from .. import catalogue
    from ..experiment import folder

    place = output if output is not None else default_output(catalogue.find_experiment(spec))
    folder.check(place, overwrite)
    with warnings_at_the_end() as said:
        keep = _checkpoint(checkpoint, every)
        loaded = _load(spec, seed, seeds, quiet)
        results = _run(loaded, place, overwrite, quiet, keep)
        for note in results.notes:
            echo(f"qnu: partial result: {note}", error=True)
        if not quiet:
            from rich.console import Console

            from .. import report

            Console(width=width()).print(report.table(results.trajectories))
            if remark := _nothing_random(loaded):
                echo(remark)
            said |= show_premises(results.premises or (), always=("resolve",))
            for sentence in report.conclusions(results.trajectories):
                for line in wrapped("", sentence, "  "):
                    echo(line)
            show_path("Results", place, "  (start with report.md)")
    if results.notes:
        raise typer.Exit(FAILED)


def _load(spec: str, seed: str | None, seeds: str | None, quiet: bool) -> Experiment:
    from .. import experiment

    with checking(spec, quiet):
        return experiment.load(spec, whole_number("--seed", seed), whole_number("--seeds", seeds))


def _run(
    loaded: Experiment, place: Path, overwrite: bool, quiet: bool, keep: Checkpoint | None
) -> Results:
    from .. import experiment

    with contextlib.ExitStack() as opened:
        opened.enter_context(_keeping(None if keep is None else keep.path))
        if keep is not None:
            if keep.path.exists() and not quiet:
                echo(f"going on from {keep.path}", error=True)
            opened.enter_context(keep)
        stage = opened.enter_context(
            progress([*(m.label for m in loaded.methods), "figures"], quiet)
        )
        return experiment.run(loaded, place, overwrite, stage, keep, command_line())


def default_output(spec: Path, ending: str = "") -> Path:
    """``results/NAME``, with the name of the file; of a result folder, with that of the folder."""
    from ..experiment.folder import name_of

    name = name_of(spec)
    if name in ("", ".", ".."):
        raise QnuError("output", name, "a file name before .toml, or --output DIR")
    return Path("results") / f"{name}{ending}"


def validate(spec: Spec, seed: Seed = None, seeds: Seeds = None) -> None:
    """Check an experiment file without running it.

    The last lines are premises of its methods that fail, and how often a pair meets.
    """
    with warnings_at_the_end() as said:
        loaded = _load(spec, seed, seeds, quiet=True)
        _describe(spec, loaded)
        said |= show_premises(loaded.premises(), always=("meetings", "resolve"))


def _describe(spec: str, loaded: Experiment) -> None:
    """What an experiment file holds."""
    gas, schedule = loaded.gas, loaded.schedule
    echo(f"{spec}: valid")
    each = zip(gas.counts, gas.group_names, gas.group_weights, strict=True)
    groups = ", ".join(f"{n} in {g}" + ("" if w == 1.0 else f" (weight {w:g})") for n, g, w in each)
    many = f"{len(gas.group_names)} groups"
    text = f"{len(gas)} neutrinos: {groups if len(gas.group_names) <= _MOST_GROUPS else many}"
    for line in wrapped(f"  {loaded.name}: ", text, "    "):
        echo(line)
    if units := units_in_words(loaded):
        for line in wrapped("  units: ", units, "    "):
            echo(line)
    followed = any(m.table.takes_encounters(schedule.kind) for m in loaded.methods)
    if followed and schedule.expected <= _MOST_COUNTED:
        len(schedule)  # counted, from now on
    echo(f"  {schedule.kind} schedule, {schedule.size} to t = {schedule.final_time:g}")
    for method in loaded.methods:
        kind = "" if method.label == method.kind else f"{method.kind}, "
        many = f", {len(loaded.seeds)} seeds" if len(loaded.seeds) > 1 and method.random else ""
        echo(f"  {method.label}: {kind}{len(method.times)} samples{many}")
    if remark := _nothing_random(loaded):
        echo(f"  {remark}")


def units_in_words(loaded: Experiment) -> str:
    """What 1 is in physical units; "" where the file does not say it."""
    from ..units.words import in_words

    return in_words(loaded.spec.units.resolved())


def show_premises(found: Iterable[Premise], always: Container[str]) -> set[str]:
    """One line for each premise that fails; the names of those that are shown.

    Args:
        found: premises.
        always: names of those that are shown where they hold, too.
    """
    shown = [one for one in found if not one.holds or one.name in always]
    for holds, title in ((True, "Premises that hold:"), (False, "Premises that fail:")):
        lines = [one.text for one in shown if bool(one.holds) == holds]
        if lines:
            echo(title)
        for text in lines:
            for line in wrapped("  ", text, "    "):
                echo(line)
    return {one.name for one in shown}


def _nothing_random(loaded: Experiment) -> str:
    """That an ensemble was asked for where nothing differs between its histories."""
    if len(loaded.seeds) == 1 or loaded.random:
        return ""
    return f"seeds = {len(loaded.seeds)}: no method here depends on the seed, each runs once"


def list_() -> None:
    """List the experiments, sweeps and machines of the catalogue."""
    from .. import catalogue

    for title, kind, names in (
        ("Experiments: qnu run NAME", "circuits", catalogue.experiment_names()),
        ("Sweeps: qnu sweep NAME", "circuits/sweeps", catalogue.sweep_names()),
        (
            "Machines: hardware = NAME in an experiment, or --hardware NAME",
            "hardware_configs",
            catalogue.hardware_names(),
        ),
    ):
        echo(title)
        longest = max(map(len, names), default=0)
        for name in names:
            text = catalogue.description(catalogue.folder(kind) / f"{name}.toml")
            indent = " " * (longest + 4)
            for line in wrapped(f"  {name:<{longest}}  ", text, indent):
                echo(line)
        if kind == "hardware_configs":
            _show_snapshots()
        echo()
    echo("Your own: qnu new FILE.toml, or qnu new FILE.toml --from NAME")


def _show_snapshots() -> None:
    """That every fake backend is a machine too."""
    from ..common import snapshots

    count = len(snapshots.names())
    if count:
        text = f"FakeBrisbane: any of the {count} fake backends of qiskit-ibm-runtime, by class"
        for line in wrapped("  ", text, "    "):
            echo(line)


def _checkpoint(file: Path | None, every: str | None) -> Checkpoint | None:
    if file is None:
        if every is not None:
            raise QnuError("--every", every, "only together with --checkpoint FILE")
        return None
    from ..checkpoint import Checkpoint

    try:
        minutes = 10.0 if every is None else float(every)
    except ValueError:
        raise QnuError("--every", every, "a number of minutes >= 0") from None
    return Checkpoint(file, minutes)


@contextlib.contextmanager
def _keeping(file: Path | None) -> Iterator[None]:
    """Tells what a run that is stopped leaves, and how to continue it."""
    try:
        yield
    except (KeyboardInterrupt, Terminated) as order:
        results = getattr(order, "kept", None)  # stopped after its last method
        if results is not None:
            message = f"the results so far are in {results}"
        elif file is None:
            message = "nothing was written"
        elif file.exists():
            message = f"{file} is kept: the same command goes on from it"
        else:
            message = "nothing was written, not yet a checkpoint"
        fail_stopped(order, message)
