"""Runs an experiment: one gas, one schedule, several methods; from a file to a folder."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import _toml
from ..catalogue import find_experiment, find_hardware
from ..checkpoint import Checkpoint, key_of
from ..checks import integer, user_path
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import file as spec_file
from . import folder
from .build import Seeds, make_gas, make_schedule, place
from .plan import Method, make_methods
from .tables import MAX_SEED, Spec

#: What shows how far a run is: ``with stage(name) as progress: ... progress(0.5)``.
Stage = Callable[[str], AbstractContextManager[Callable[[float], None]]]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A checked experiment file: its gas, its schedule and its methods, ready to run.

    Args:
        spec: the content of the file.
        text: the file itself (with the seed that was asked for).
        source: the path of the file, or ``"spec"``.
        gas: who is there.
        schedule: who meets whom.
        methods: in the order of the file.

    Raises:
        QnuError: never; :func:`load` and :func:`parse` check.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> experiment = load("two_groups_60_40")
        >>> experiment.name, len(experiment.gas), experiment.schedule.kind
        ('two groups, 60 + 40', 100, 'stochastic')
    """

    spec: Spec
    text: str
    source: str
    gas: NeutrinoGas
    schedule: EncounterSchedule
    methods: tuple[Method, ...]

    @property
    def name(self) -> str:
        """The name in the file, or that of the file."""
        return self.spec.name or self.stem

    @property
    def stem(self) -> str:
        """The name of the file without ``.toml``: names the default output folder."""
        return Path(self.source).stem

    @property
    def seed(self) -> int:
        """The one seed of the experiment."""
        return self.spec.seed

    @property
    def spec_hash(self) -> str:
        """sha256 of the content of the file, the seed included."""
        return self.spec.fingerprint()


@dataclass(frozen=True, eq=False)
class Results:
    """What a run gave: the Trajectory of every method, and where it was written.

    Args:
        experiment: what was run.
        trajectories: by label.
        folder: the result folder, or None where nothing was written.
        notes: figures that could not be drawn, and why.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> experiment = load("free_streaming_5")
        >>> Results(experiment, simulate(experiment)).trajectories["many_body"].method
        'many_body'
    """

    experiment: Experiment
    trajectories: Mapping[str, Trajectory]
    folder: Path | None = None
    notes: tuple[str, ...] = ()


def load(name_or_path: str | Path, seed: int | None = None) -> Experiment:
    """Reads and checks an experiment file; nothing is run or written.

    Args:
        name_or_path: a name of the catalogue (``qnu list``) or the path of a TOML file.
        seed: instead of the one in the file.

    Returns:
        the experiment.

    Raises:
        QnuError: anything wrong with the file, in one line with field, value and what is allowed.

    References:
        ``circuits/README.md`` describes the file field by field.

    Examples:
        >>> load("two_groups_10").schedule.kind
        'tournament'
    """
    path = find_experiment(name_or_path)
    try:
        text = _toml.read_text(path)
    except UnicodeDecodeError:
        raise QnuError("spec", str(name_or_path), "a text file in UTF-8") from None
    except OSError as error:
        raise QnuError(
            "spec", str(name_or_path), f"a file that can be read ({error.strerror})"
        ) from None
    return parse(text, seed, source=str(path))


def parse(text: str, seed: int | None = None, source: str = "spec") -> Experiment:
    """Checks the text of an experiment file.

    Args:
        text: TOML.
        seed: instead of the one in the text.
        source: the name of the file, for messages and the default output folder.

    Returns:
        the experiment.

    Raises:
        QnuError: as :func:`load`.

    References:
        ``circuits/README.md`` describes the file field by field.

    Examples:
        >>> parse('''
        ... group = [{ count = 2, polarization = [0, 0, 2] }]
        ... schedule = { kind = "tournament", gamma = 0.1 }
        ... method = [{ kind = "independent" }]
        ... ''')
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: group[0].polarization: got [0.0, 0.0, 2.0]; allowed: a vector ...
    """
    if not isinstance(text, str):
        raise QnuError("text", text, "the text of an experiment file")
    file = Path(source).name
    table = spec_file.read(text, file)
    if seed is not None:
        seed = integer("seed", seed, high=MAX_SEED)
        text = _with_seed(text, seed)
        table = table.model_copy(update={"seed": seed})
    seeds = Seeds(table.seed)
    try:
        gas = make_gas(table, seeds)
        schedule = make_schedule(table, gas, seeds)
        methods = make_methods(table, gas, schedule, seeds)
    except QnuError as error:
        lines = spec_file.line_numbers(text)
        raise QnuError(spec_file.located(str(error), lines, file)) from None
    return Experiment(table, text, source, gas, schedule, methods)


def _with_seed(text: str, seed: int) -> str:
    """The same file with another seed, so that the copy in the results repeats the run."""
    lines = text.splitlines()
    row = spec_file.line_numbers(text).get("seed")
    if row is None:
        return "\n".join([f"seed = {seed}", *lines]) + "\n"
    lines[row - 1] = re.sub(r"=\s*[\w+-]+", f"= {seed}", lines[row - 1], count=1)
    return "\n".join(lines) + "\n"


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

    References:
        see the solvers.

    Examples:
        >>> found = simulate(load("free_streaming_5"))
        >>> found["many_body"].attrs["seed"]
        1
    """
    found: dict[str, Trajectory] = {}
    if checkpoint is not None:
        checkpoint.own(_identity(experiment))
    for k, method in enumerate(experiment.methods):
        with stage(method.label) as progress:
            earlier = None
            if checkpoint is not None:
                checkpoint.begin(method.label)
                earlier = checkpoint.finished(method.label)
            if earlier is not None:
                found[method.label] = earlier
                progress(1.0)
                continue
            where = f"method[{k}]"
            try:
                with place(where, **{method.kind: where}):
                    answer = method.run(
                        experiment.gas, experiment.schedule, found, progress, checkpoint
                    )
            except QnuError as error:
                lines = spec_file.line_numbers(experiment.text)
                file = Path(experiment.source).name
                raise QnuError(spec_file.located(str(error), lines, file)) from None
            answer = answer.with_attributes(
                shots_seed=answer.attrs.get("seed"),
                label=method.label,
                experiment=experiment.name,
                seed=experiment.seed,
                spec_hash=experiment.spec_hash,
            )
            found[method.label] = answer
            if checkpoint is not None:
                checkpoint.finish(method.label, answer)
            progress(1.0)
    return found


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

    The folder appears whole or not at all: everything is written beside it first.

    Args:
        experiment: or a name of the catalogue, or a path.
        output: the folder to write.
        overwrite: True: an earlier result there is replaced.
        stage: shows how far each method is.
        checkpoint: as in :func:`simulate`.

    Returns:
        the Trajectories and the folder.

    Raises:
        QnuError: bad input, or an output folder that exists; then nothing is written.

    References:
        see the solvers.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     results = run("free_streaming_5", Path(place) / "out")
        ...     sorted(path.name for path in results.folder.iterdir())
        ['figures', 'report.md', 'spec.toml', 'summary.json', 'trajectories']
    """
    from .. import report

    folder.check(output, overwrite)
    if not isinstance(experiment, Experiment):
        experiment = load(experiment)
    with folder.whole(output, overwrite) as work:
        found = simulate(experiment, stage, checkpoint)
        (work / "spec.toml").write_text(experiment.text, encoding="utf-8")
        (work / "trajectories").mkdir()
        for label, trajectory in found.items():
            trajectory.save(work / "trajectories" / f"{label}.nc")
        with stage("figures") as progress:
            names, notes = _draw(experiment, found, work / "figures", progress)
        results = Results(experiment, found, None, notes)
        report.write(results, work, names)
    return dataclasses.replace(results, folder=user_path("output", output).resolve())


#: More groups than this are a tangle.
_GROUPS_ON_A_SPHERE = 6


def _on_the_sphere(found: Mapping[str, Trajectory]) -> dict[str, Trajectory]:
    """With miscidynamics only it and what it follows: over its times the others fill the sphere."""
    from .. import report

    theory = [label for label, t in found.items() if t.method == "miscidynamics"]
    if not theory:
        return dict(found)
    reference = report.reference_label(found)
    return {label: found[label] for label in dict.fromkeys([reference, *theory])}


def _draw(
    experiment: Experiment,
    found: Mapping[str, Trajectory],
    into: Path,
    progress: Callable[[float], None],
) -> tuple[list[str], tuple[str, ...]]:
    """Every figure that is readable; one that fails is noted and costs no result."""
    from .. import plotting

    gas, schedule = experiment.gas, experiment.schedule
    figures: dict[str, Callable[[], Any]] = {
        "comparison": lambda: plotting.compare(
            dict(found), individuals=experiment.spec.output.individuals
        ),
    }
    if len(gas.group_names) <= _GROUPS_ON_A_SPHERE:
        figures["bloch"] = lambda: plotting.bloch(_on_the_sphere(found))
    if plotting.can_draw_schedule(schedule):
        figures["schedule"] = lambda: plotting.schedule_diagram(gas, schedule)
    has_circuit = any(method.kind == "circuit" for method in experiment.methods)
    if has_circuit and plotting.can_draw_circuit(schedule):
        from .. import quantum

        figures["circuit"] = lambda: plotting.circuit_diagram(quantum.circuit(gas, schedule))
    into.mkdir()
    drawn, notes = [], []
    for k, (name, draw) in enumerate(figures.items()):
        try:
            plotting.save(draw(), into, name)
            drawn.append(name)
        except Exception as error:  # hours of results must not be lost to a figure
            notes.append(f"figure {name}: {type(error).__name__}: {error}")
        progress((k + 1) / len(figures))
    return drawn, tuple(notes)
