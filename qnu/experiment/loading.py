"""An experiment file, read and checked: its gas, its schedule and its methods."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..catalogue import find_experiment
from ..common import toml
from ..common.checks import integer
from ..common.lines import line_numbers, located
from ..errors import QnuError, SettingError, printable
from ..gas import NeutrinoGas
from ..keys import MAX_SEED
from ..schedules import EncounterSchedule
from . import read as reading
from .build import Seeds, make_gas, make_schedule
from .methods import Method, make_methods
from .spec import Spec


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
        return self.spec.name or printable(self.stem)

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
        text = toml.read_text(path)
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
    text = text.removeprefix("\ufeff")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise QnuError("spec", file, "text that can be written as UTF-8") from None
    table = reading.read(text, file)
    if seed is not None:
        seed = integer("seed", seed, high=MAX_SEED)
        text = _with_seed(text, seed)
        table = table.model_copy(update={"seed": seed})
    seeds = Seeds(table.seed)
    try:
        gas = make_gas(table, seeds)
        schedule = make_schedule(table, gas, seeds)
        methods = make_methods(table, gas, schedule, seeds)
    except SettingError:
        raise
    except QnuError as error:
        lines = line_numbers(text)
        raise located(error, lines, file) from None
    return Experiment(table, text, source, gas, schedule, methods)


#: What may be the key `seed` of a file (also in quotes), and its number.
_SEED = re.compile(r"""(?:seed|"[^"\n]*"|\'[^'\n]*\')[ \t]*=[ \t]*([+-]?[0-9][0-9A-Za-z_]*)""")


def _with_seed(text: str, seed: int) -> str:
    """The same file with another seed, so that the copy in the results repeats the run.

    Every place that may be the one is tried, until the file says the same but for the seed.
    """
    wanted = tomllib.loads(text)
    if wanted.get("seed") == seed:
        return text
    found = "seed" in wanted
    wanted["seed"] = seed
    if not found:
        end = "\r\n" if "\r\n" in text else "\n"
        candidates = iter([f"seed = {seed}{end}{text}"])
    else:
        places = (match.span(1) for match in _SEED.finditer(text))
        candidates = (f"{text[:a]}{seed}{text[b:]}" for a, b in places)
    for candidate in candidates:
        with suppress(tomllib.TOMLDecodeError):
            if tomllib.loads(candidate) == wanted:
                return candidate
    raise QnuError("seed", seed, "a file that says `seed = NUMBER` on a line of its own")
