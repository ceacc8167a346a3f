"""An experiment file, read and checked: its gas, its schedule and its methods."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ..catalogue import find_experiment
from ..common import toml
from ..common.checks import Floats, integer
from ..common.input_files import SPEC, InputFiles
from ..common.lines import line_numbers, located
from ..errors import QnuError, SettingError, Words, printable
from ..gas import NeutrinoGas
from ..keys import MAX_SEED
from ..premises import Premise
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory
from . import read as reading
from .build import Seeds, make_gas, make_schedule
from .folder import name_of
from .methods import Method, make_methods
from .scaled_gamma import scaled_gamma
from .spec import MOST_SEEDS, Spec
from .velocities import kept_in as kept_velocities


@dataclass(frozen=True, eq=False)
class Experiment:
    """A checked experiment file: its gas, its schedule and its methods, ready to run.

    Args:
        spec: the content of the file.
        text: the file itself (with the requested seed).
        source: the path of the file, or ``"spec"``.
        gas: who is there.
        schedule: who meets whom.
        methods: in the order of the file.
        inputs: contents of the files that it names, by the path as it is written.
        velocities: ``(N, 3)`` by seed: kept ones, which are taken instead of drawn ones.

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
    inputs: Mapping[str, bytes] = field(default_factory=dict)
    velocities: Mapping[int, Floats] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name in the file, or that of the file."""
        return self.spec.name or printable(self.stem)

    @property
    def stem(self) -> str:
        """The name of the file without ``.toml``, of a result folder that of the folder."""
        return name_of(Path(self.source))

    @property
    def seed(self) -> int:
        """The one seed of the experiment."""
        return self.spec.seed

    @property
    def seeds(self) -> range:
        """The seeds of its histories: ``seed``, ``seed + 1``, ..."""
        return range(self.seed, self.seed + self.spec.seeds)

    @property
    def random(self) -> tuple[str, ...]:
        """Labels of the methods whose results depend on the seed."""
        return tuple(method.label for method in self.methods if method.random)

    def history(self, seed: int) -> Experiment:
        """The experiment of one history: gas, schedule and shots drawn with that seed.

        Args:
            seed: one of :attr:`seeds`.

        Returns:
            what :func:`load` gives with ``seed = seed`` and ``seeds = 1``.

        Raises:
            QnuError: no such seed.

        Examples:
            >>> experiment = load("two_groups_60_40", seeds=3)
            >>> [experiment.history(seed).gas == experiment.gas for seed in experiment.seeds]
            [True, False, False]
        """
        if isinstance(seed, bool) or seed not in self.seeds:
            allowed = f"one of {self.seeds[0]} to {self.seeds[-1]}"
            raise QnuError("seed", seed, allowed)
        table = self.spec.model_copy(update={"seed": int(seed), "seeds": 1})
        if seed == self.seed:
            return dataclasses.replace(self, spec=table)
        return _build(table, self.text, self.source, self.inputs, self.velocities)

    def premises(self, trajectories: Mapping[str, Trajectory] | None = None) -> tuple[Premise, ...]:
        """What the methods assume, and whether it holds in the first history.

        Args:
            trajectories: results by label, where the methods have run.

        Returns:
            what :func:`qnu.premises.premises` says, and whether gamma is that of the packets in
            ``[units]``.

        Examples:
            >>> load("tournament_8").premises()[1].text
            'in 71.4 % of encounters the partners share a past'
        """
        from ..premises import premises

        found = premises(
            self.gas, self.schedule, self.methods, trajectories, histories=len(self.seeds)
        )
        of_packets = self.spec.units.resolved().gamma
        return (*found, *scaled_gamma(self.schedule, self.methods, of_packets))

    @property
    def spec_hash(self) -> str:
        """sha256 of the content of the file, the seed included."""
        return self.spec.fingerprint()


def load(name_or_path: str | Path, seed: int | None = None, seeds: int | None = None) -> Experiment:
    """Reads and checks an experiment file; nothing is run or written.

    Args:
        name_or_path: a name of the catalogue (``qnu list``) or the path of a TOML file.
        seed: instead of the one in the file.
        seeds: how many histories, instead of the number in the file.

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
        text = toml.read_text(path)
    except UnicodeDecodeError:
        raise QnuError("spec", str(name_or_path), "a text file in UTF-8") from None
    except OSError as error:
        raise QnuError(
            "spec", str(name_or_path), f"a file that can be read ({error.strerror})"
        ) from None
    kept = kept_velocities(path.parent) if path.name == SPEC else {}
    return _parsed(text, seed, str(path), seeds, InputFiles.of(path), kept)


def parse(
    text: str,
    seed: int | None = None,
    source: str = "spec",
    seeds: int | None = None,
    files: InputFiles | None = None,
) -> Experiment:
    """Checks the text of an experiment file.

    Args:
        text: TOML.
        seed: instead of the one in the text.
        source: the name of the file, for messages and the default output folder.
        seeds: how many histories, instead of the number in the text.
        files: what the text may read; default: paths relative to the current folder.

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
    return _parsed(text, seed, source, seeds, InputFiles() if files is None else files, {})


def _parsed(
    text: str,
    seed: int | None,
    source: str,
    seeds: int | None,
    files: InputFiles,
    velocities: Mapping[int, Floats],
) -> Experiment:
    if not isinstance(text, str):
        raise QnuError("text", text, "the text of an experiment file")
    file = Path(source).name
    text = text.removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QnuError("spec", file, "text that can be written as UTF-8") from None
    table = reading.read(text, file, files)
    if seed is not None:
        seed = integer("seed", seed, high=MAX_SEED)
        text = _with_number(text, "seed", seed)
        table = table.model_copy(update={"seed": seed})
    if seeds is not None:
        seeds = integer("seeds", seeds, low=1, high=MOST_SEEDS)
        text = _with_number(text, "seeds", seeds)
        table = table.model_copy(update={"seeds": seeds})
    if table.seed + table.seeds - 1 > MAX_SEED:
        last = Words(f"{table.seeds} from seed = {table.seed} on")
        raise QnuError("seeds", last, "so few that the last seed is < 2^63")
    return _build(table, text, source, files.used, velocities)


def built(table: Spec, source: str = "spec") -> Experiment:
    """The experiment of a specification that is no text: one point of a sweep.

    Args:
        table: checked, as :func:`.read.validated` returns it.
        source: the name of the file, for messages.

    Raises:
        QnuError: as :func:`load`, without the line of a file.
    """
    return _build(table, "", source, {}, {})


def _build(
    table: Spec,
    text: str,
    source: str,
    inputs: Mapping[str, bytes],
    velocities: Mapping[int, Floats],
) -> Experiment:
    """The gas, the schedule and the methods of the first history."""
    seeds = Seeds(table.seed)
    try:
        gas = make_gas(table, seeds, velocities.get(table.seed))
        schedule = make_schedule(table, gas, seeds)
        methods = make_methods(table, gas, schedule, seeds)
    except SettingError:
        raise
    except QnuError as error:
        lines = line_numbers(text)
        raise located(error, lines, Path(source).name) from None
    return Experiment(table, text, source, gas, schedule, methods, inputs, velocities)


#: What may be a key with a number (also in quotes), and its number.
_KEY = r"""(?:{name}|"[^"\n]*"|\'[^'\n]*\')[ \t]*=[ \t]*([+-]?[0-9][0-9A-Za-z_]*)"""


def _with_number(text: str, name: str, number: int) -> str:
    """The same file with another `seed` or `seeds`: the copy in the results repeats the run.

    Every place that may be the one is tried, until the file says the same but for the number.
    """
    wanted = tomllib.loads(text)
    if wanted.get(name) == number:
        return text
    found = name in wanted
    wanted[name] = number
    if not found:
        end = "\r\n" if "\r\n" in text else "\n"
        candidates = iter([f"{name} = {number}{end}{text}"])
    else:
        places = (match.span(1) for match in re.finditer(_KEY.format(name=name), text))
        candidates = (f"{text[:a]}{number}{text[b:]}" for a, b in places)
    for candidate in candidates:
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(candidate) == wanted:
                return candidate
    raise QnuError(name, number, f"a file that says `{name} = NUMBER` on a line of its own")
