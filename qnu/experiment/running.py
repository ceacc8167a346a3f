"""Runs an experiment: one gas, one schedule, several methods; from a file to a folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from .. import report
from ..checkpoint import Checkpoint
from ..common import input_files, writing
from ..common.checks import Floats, user_path
from ..common.provenance import Provenance, provenance
from ..errors import QnuError, printable
from ..premises import Premise
from ..trajectory import Trajectory
from . import folder, velocities
from .build import Seeds, make_gas
from .figures import draw
from .loading import Experiment, load
from .results import Results
from .simulating import Stage, silent, simulate_into


def run(
    experiment: Experiment | str | Path,
    output: str | Path,
    overwrite: bool = False,
    stage: Stage = silent,
    checkpoint: Checkpoint | None = None,
    command: str = "",
) -> Results:
    """Runs an experiment and writes ``trajectories``, ``figures``, ``summary.json``, ``report.md``.

    Everything is written beside the folder first, every Trajectory as soon as its method has ended;
    the folder appears when the run has ended. What fails on the way does not end the run: a figure,
    the report, a method after others that have ended; then the folder appears with the rest. Only
    where no method has ended, or the run is stopped before the last one has, nothing is left.

    Args:
        experiment: or a name of the catalogue, or a path.
        output: the folder to write.
        overwrite: True: an earlier result there is replaced.
        stage: shows how far each method is.
        checkpoint: as in :func:`simulate`.
        command: the command line, for the report.

    Returns:
        the Trajectories and the folder.

    Raises:
        QnuError: bad input, or an output folder that exists: then nothing is written; a method that
            fails: then the folder has the results of those before it, if there are any.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     results = run("free_streaming_5", Path(place) / "out")
        ...     sorted(path.name for path in results.folder.iterdir())
        ['figures', 'report.md', 'spec.toml', 'summary.json', 'trajectories']
    """
    folder.check(output, overwrite)
    if not isinstance(experiment, Experiment):
        experiment = load(experiment)
    final = user_path("output", output).resolve()
    if checkpoint is not None and checkpoint.path == final:
        raise QnuError("checkpoint", str(output), "a file other than the output folder")
    with folder.whole(output, overwrite) as work:
        made = provenance(command)
        results, failed = _write(experiment, work, stage, checkpoint, made)
        if failed is not None and final.exists():  # the earlier result is whole, this one is not
            raise _with_place(failed, folder.set_aside(work, final))
    if failed is not None:
        raise _with_place(failed, output)
    return dataclasses.replace(results, folder=final)


def _write(
    experiment: Experiment,
    work: Path,
    stage: Stage,
    checkpoint: Checkpoint | None,
    made: Provenance,
) -> tuple[Results, BaseException | None]:
    """Fills a result folder; also what ended the run early although there is something to keep."""
    writing.write(work / "spec.toml", experiment.text)
    input_files.keep(experiment.inputs, work)
    velocities.keep(_drawn_velocities(experiment), work)
    folder.mark(work, experiment.spec_hash, [method.label for method in experiment.methods])
    runs, notes, failed = _trajectories(experiment, work / "trajectories", stage, checkpoint)
    figures: list[str] = []
    try:
        with stage("figures") as progress:
            figures, left_out = draw(experiment, runs, work / "figures", progress)
        notes += left_out
    except Exception as error:  # hours of results must not be lost to a figure
        notes.append(f"figures: {_in_one_line(error)}")
    except BaseException as stop:  # nor to an interrupt
        notes.append("figures: stopped")
        failed = failed or stop
    found = _premises(experiment, runs, notes)
    results = Results(experiment, runs, None, tuple(notes), found, made)
    try:
        report.write(results.record(), work, figures)
    except Exception as error:  # nor to a report
        notes.append(f"report: {_in_one_line(error)}")
    return dataclasses.replace(results, notes=tuple(notes)), failed


def _drawn_velocities(experiment: Experiment) -> dict[int, Floats]:
    """Those of every history, where they are drawn and not too many to keep."""
    first = experiment.gas.velocity
    if not experiment.gas.drawn_velocities or first is None:
        return {}
    if first.nbytes * len(experiment.seeds) > velocities.MOST:
        return {}
    found = {experiment.seed: first}
    for seed in experiment.seeds[1:] if experiment.random else ():
        kept = experiment.velocities.get(seed)
        drawn = make_gas(experiment.spec, Seeds(seed), kept).velocity
        if drawn is not None:
            found[seed] = drawn
    return found


def _premises(
    experiment: Experiment, runs: Mapping[str, Trajectory], notes: list[str]
) -> tuple[Premise, ...]:
    """What the methods assume, and whether it holds; results must not be lost to it."""
    try:
        return experiment.premises(runs)
    except Exception as error:  # of whatever kind: hours of results must not be lost to it
        notes.append(f"premises: {_in_one_line(error)}")
        return ()


def _trajectories(
    experiment: Experiment, into: Path, stage: Stage, checkpoint: Checkpoint | None
) -> tuple[dict[str, Trajectory], list[str], BaseException | None]:
    """Every Trajectory, written as soon as its method has ended; what failed, unless all did."""
    runs: dict[str, Trajectory] = {}
    unsaved: dict[str, QnuError] = {}
    failed: Exception | None = None
    notes = []

    def save(label: str) -> None:
        unsaved.pop(label, None)
        try:
            runs[label].save(into / f"{label}.nc")
        except QnuError as error:
            unsaved[label] = error

    into.mkdir()
    try:
        simulate_into(experiment, stage, checkpoint, runs, save)
    except Exception as error:  # the methods before it have ended: keep them
        if not runs:
            raise
        failed = error
        notes.append(f"method {experiment.methods[len(runs)].label}: {_in_one_line(error)}")
    for label in list(unsaved):
        save(label)  # there may be room again
    for label, problem in unsaved.items():
        if len(unsaved) == len(runs):
            raise problem
        failed = failed or problem
        notes.append(f"trajectory {label}: {problem}")
    return runs, notes, failed


def _in_one_line(error: Exception) -> str:
    return printable(f"{type(error).__name__}: {error}")


def _with_place(failed: BaseException, place: str | Path) -> BaseException:
    """The same error, which says where the rest of the results is."""
    if not isinstance(failed, QnuError):
        failed.kept = str(place)  # type: ignore[attr-defined]  # for the command line
        return failed
    return failed.noted(f"; what was computed before is in {place}")
