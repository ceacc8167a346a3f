"""All methods of an experiment, one after the other: history by history, from a checkpoint on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from ..catalogue import hardware_text
from ..checkpoint import Checkpoint, key_of
from ..common.lines import line_numbers, located
from ..common.progress import ProgressFunction
from ..errors import QnuError, SettingError
from ..methods import History
from ..trajectory import Trajectory
from .build import place
from .loading import Experiment
from .methods import Method

#: What shows how far a run is: ``with stage(name) as progress: ... progress(0.5)``.
Stage = Callable[[str], AbstractContextManager[Callable[[float], None]]]


@contextmanager
def silent(name: str) -> Iterator[Callable[[float], None]]:
    """Shows nothing."""
    del name
    yield lambda fraction: None


def simulate(
    experiment: Experiment, stage: Stage = silent, checkpoint: Checkpoint | None = None
) -> dict[str, Trajectory]:
    """Runs all methods of an experiment, one after the other; writes nothing but the checkpoint.

    Args:
        experiment: from :func:`~qnu.experiment.load` or :func:`~qnu.experiment.parse`.
        stage: shows how far each method is.
        checkpoint: to go on from, and to be able to: keeps the results of methods that have ended
            and the state of the one that runs.

    Returns:
        the Trajectory of every method by label, with seed, hash and label recorded in it.

    Raises:
        QnuError: what only running shows, such as a branch of miscidynamics that ends.

    Examples:
        >>> import qnu
        >>> runs = simulate(qnu.experiment.load("free_streaming_5"))
        >>> runs["many_body"].attrs["seed"]
        1
    """
    runs: dict[str, Trajectory] = {}
    simulate_into(experiment, stage, checkpoint, runs, lambda label: None)
    return runs


def simulate_into(
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
    units = experiment.spec.units.resolved()
    return result.with_attributes(
        shots_seed=result.attrs.get("seed"),
        label=method.label,
        experiment=experiment.name,
        seed=seed,
        spec_hash=experiment.spec_hash,
        mu_unit_per_km=units.mu_per_km,
        gamma_of_packets=units.gamma,
    )


def _identity(experiment: Experiment) -> str:
    """What results must come from to be put together: the file, its machines, this version."""
    names = {str(m.options["hardware"]) for m in experiment.methods if "hardware" in m.options}
    machines = [hardware_text(name) for name in sorted(names)]
    return key_of(experiment.spec_hash, *machines)
