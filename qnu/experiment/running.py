"""Runs an experiment: one gas, one schedule, several methods; from a file to a folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .. import report
from ..catalogue import find_hardware
from ..checkpoint import Checkpoint, key_of
from ..common import input_files, writing
from ..common.checks import user_path
from ..common.lines import line_numbers, located
from ..common.progress import ProgressFunction
from ..errors import QnuError, SettingError, printable
from ..methods import History
from ..premises import Premise
from ..trajectory import Trajectory
from . import folder
from .build import place
from .figures import draw
from .loading import Experiment, load
from .methods import Method

#: What shows how far a run is: ``with stage(name) as progress: ... progress(0.5)``.
Stage = Callable[[str], AbstractContextManager[Callable[[float], None]]]


@dataclass(frozen=True, eq=False)
class Results:
    """What a run gave: the Trajectory of every method, and where it was written.

    Args:
        experiment: what was run.
        trajectories: by label.
        folder: the result folder, or None where nothing was written.
        notes: what could not be drawn or written, and why; empty where all of it could.
        premises: what the methods assume, and whether it holds; None: not looked at yet.

    Examples:
        >>> experiment = load("free_streaming_5")
        >>> Results(experiment, simulate(experiment)).trajectories["many_body"].method
        'many_body'
    """

    experiment: Experiment
    trajectories: Mapping[str, Trajectory]
    folder: Path | None = None
    notes: tuple[str, ...] = ()
    premises: tuple[Premise, ...] | None = None

    def record(self) -> report.Record:
        """What reports are made of."""
        experiment, premises = self.experiment, self.premises
        if premises is None:
            premises = experiment.premises(self.trajectories)
        return report.Record(
            experiment.name,
            experiment.gas,
            experiment.schedule,
            self.trajectories,
            experiment.spec.description,
            experiment.seed,
            experiment.spec_hash,
            self.notes,
            len(experiment.seeds),
            premises,
        )


@contextmanager
def _silent(name: str) -> Iterator[Callable[[float], None]]:
    del name
    yield lambda fraction: None


def simulate(
    experiment: Experiment, stage: Stage = _silent, checkpoint: Checkpoint | None = None
) -> dict[str, Trajectory]:
    """Runs all methods of an experiment, one after the other; writes nothing but the checkpoint.

    Args:
        experiment: from :func:`load` or :func:`parse`.
        stage: shows how far each method is.
        checkpoint: to go on from, and to be able to: keeps the results of methods that have ended
            and the state of the one that runs.

    Returns:
        the Trajectory of every method by label, with seed, hash and label recorded in it.

    Raises:
        QnuError: what only running shows, such as a branch of miscidynamics that ends.

    Examples:
        >>> runs = simulate(load("free_streaming_5"))
        >>> runs["many_body"].attrs["seed"]
        1
    """
    runs: dict[str, Trajectory] = {}
    _simulate(experiment, stage, checkpoint, runs, lambda label: None)
    return runs


def _simulate(
    experiment: Experiment,
    stage: Stage,
    checkpoint: Checkpoint | None,
    runs: dict[str, Trajectory],
    ended: Callable[[str], None],
) -> None:
    """Fills ``runs``, and says which method has ended."""
    if checkpoint is not None:
        checkpoint.own(_identity(experiment))
    for k, method in enumerate(experiment.methods):
        with stage(method.label) as progress:
            try:
                with place(f"method[{k}]", **{method.kind: f"method[{k}]"}):
                    runs[method.label] = _results(experiment, k, runs, progress, checkpoint)
            except SettingError:
                raise
            except QnuError as error:
                lines = line_numbers(experiment.text)
                raise located(error, lines, Path(experiment.source).name) from None
            ended(method.label)
            progress(1.0)


def _results(
    experiment: Experiment,
    number: int,
    runs: Mapping[str, Trajectory],
    progress: ProgressFunction,
    checkpoint: Checkpoint | None,
) -> Trajectory:
    """The Trajectory of one method: of one history, or of all where it is random."""
    method = experiment.methods[number]
    seeds = experiment.seeds
    if len(seeds) == 1 or not method.random:
        result = _kept(checkpoint, method.label)
        if result is None:
            gas, schedule = experiment.gas, experiment.schedule
            earlier = _OfHistory(runs, experiment.seed)
            result = method.run(gas, schedule, earlier, progress, checkpoint)
            result = _labelled(experiment, method, result, experiment.seed)
            if checkpoint is not None:
                checkpoint.finish(method.label, result)
        return result
    done: dict[int, Trajectory] = {}
    for seed in seeds:
        kept = _kept(checkpoint, f"{method.label} {seed}")
        if kept is not None:
            done[seed] = kept
    left = [seed for seed in seeds if seed not in done]

    def histories() -> Iterator[History]:
        for seed in left:
            one = experiment.history(seed)
            prepared = one.methods[number].prepared
            yield History(one.gas, one.schedule, prepared, _OfHistory(runs, seed))

    def part(fraction: float) -> None:
        progress((len(done) + fraction) / len(seeds))

    results = method.run_histories(histories(), part)
    for seed, result in zip(left, results, strict=True):
        done[seed] = _labelled(experiment, method, result, seed)
        if checkpoint is not None:
            checkpoint.begin(f"{method.label} {seed}")
            checkpoint.finish(f"{method.label} {seed}", done[seed])
        part(0.0)
    whole = Trajectory.of_histories([done[seed] for seed in seeds], seeds)
    return whole.with_attributes(spec_hash=experiment.spec_hash)


def _kept(checkpoint: Checkpoint | None, label: str) -> Trajectory | None:
    """The result of a method, or of one of its histories, that had ended."""
    if checkpoint is None:
        return None
    checkpoint.begin(label)
    return checkpoint.finished(label)


class _OfHistory(Mapping[str, Trajectory]):
    """Results of one history by label; taken out of an ensemble only where they are asked for."""

    def __init__(self, runs: Mapping[str, Trajectory], seed: int) -> None:
        self._runs, self._seed = runs, seed

    def __getitem__(self, label: str) -> Trajectory:
        run = self._runs[label]
        return run if run.seeds is None else run.history(self._seed)

    def __iter__(self) -> Iterator[str]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)


def _labelled(experiment: Experiment, method: Method, result: Trajectory, seed: int) -> Trajectory:
    return result.with_attributes(
        shots_seed=result.attrs.get("seed"),
        label=method.label,
        experiment=experiment.name,
        seed=seed,
        spec_hash=experiment.spec_hash,
        mu_unit_per_km=experiment.spec.units.resolved().mu_per_km,
    )


def _identity(experiment: Experiment) -> str:
    """What results must come from to be put together: the file, its machines, this version."""
    names = {str(m.options["hardware"]) for m in experiment.methods if "hardware" in m.options}
    machines = [find_hardware(name).read_text(encoding="utf-8") for name in sorted(names)]
    return key_of(experiment.spec_hash, *machines)


def run(
    experiment: Experiment | str | Path,
    output: str | Path,
    overwrite: bool = False,
    stage: Stage = _silent,
    checkpoint: Checkpoint | None = None,
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
        results, failed = _write(experiment, work, stage, checkpoint)
        if failed is not None and final.exists():  # the earlier result is whole, this one is not
            raise _with_place(failed, folder.set_aside(work, final))
    if failed is not None:
        raise _with_place(failed, output)
    return dataclasses.replace(results, folder=final)


def _write(
    experiment: Experiment, work: Path, stage: Stage, checkpoint: Checkpoint | None
) -> tuple[Results, BaseException | None]:
    """Fills a result folder; also what ended the run early although there is something to keep."""
    writing.write(work / "spec.toml", experiment.text)
    input_files.keep(experiment.inputs, work)
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
    results = Results(experiment, runs, None, tuple(notes), _premises(experiment, runs, notes))
    try:
        report.write(results.record(), work, figures)
    except Exception as error:  # nor to a report
        notes.append(f"report: {_in_one_line(error)}")
    return dataclasses.replace(results, notes=tuple(notes)), failed


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
        _simulate(experiment, stage, checkpoint, runs, save)
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
