"""Experiment files from a few answers: what ``qnu new`` writes with flags or questions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ..common.checks import number
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from .loading import Experiment, parse

#: Keys of every kind of schedule that can be asked for, with their defaults.
SCHEDULES: dict[str, dict[str, float | int]] = {
    "tournament": {"gamma": 0.3},
    "stochastic": {"gamma": 0.1, "probability": 0.1, "duration": 10.0},
    "random_pairs": {"gamma": 0.1, "encounters": 40},
    "bipartite": {"gamma": 0.3},
    "plane_wave": {"duration": 5.0, "steps": 20},
}
#: Methods that run from any start, in the order of the file.
METHODS = ("many_body", "light_cone", "independent", "kinetic", "mean_field", "circuit")
#: What a group may start as: the lines of its table.
STATES = {
    "electron": ('flavor = "electron"',),
    "x": ('flavor = "x"',),
    "anti-electron": ('flavor = "electron"', "antineutrino = true"),
    "anti-x": ('flavor = "x"', "antineutrino = true"),
    "mass-1": ("polarization = [0.0, 0.0, 1.0]",),
    "mass-2": ("polarization = [0.0, 0.0, -1.0]",),
}
GROUPS = "NAME:COUNT:STATE:OMEGA with commas between groups, such as nu_e:4:electron:0.5"
DEFAULT_GROUPS = "nu_e:4:electron:0.5,nu_x:4:x:0.5"
#: Up to so many neutrinos the exact method is chosen by itself.
_EXACT = 16
_DEVICES = ("fake", "ibm", "ionq", "ions")
_COLUMN = 35
KIND_WORDS = {
    "tournament": "every pair meets once, one round after the other",
    "stochastic": "random pairs at random times",
    "random_pairs": "random pairs, back to back",
    "bipartite": "two beams: every pair across meets once",
    "plane_wave": "all pairs at all times, as a Trotter product",
}
KEY_WORDS = {
    "gamma": "swap angle of an encounter: theta = gamma (1 - v.v')",
    "probability": "to be in an encounter, per neutrino and step of gamma p / mu",
    "duration": "mu t at the end",
    "encounters": "in all",
    "steps": "of the Trotter product",
}
METHOD_WORDS = {
    "many_body": "the state vector through the schedule: all entanglement, exact",
    "light_cone": "exact, neutrino by neutrino: for few encounters of each",
    "independent": "encounters of uncorrelated neutrinos",
    "kinetic": "the rate equation of these encounters",
    "mean_field": "the limit gamma -> 0 of a large gas",
    "circuit": "the quantum circuit of the schedule",
}


@dataclass(frozen=True)
class Start:
    """One group: its name, how many, as what they start, and their vacuum frequency."""

    name: str
    count: int
    state: str
    omega: float


@dataclass(frozen=True)
class Recipe:
    """What a file is made from; None: the default of its kind.

    Args:
        groups: who is there.
        name: title of figures and of the report.
        ordering: of the masses; "inverted" makes every omega negative.
        matter: lambda_e in units of mu.
        methods: names of :data:`METHODS`.
        hardware: of the circuit.
        shots: of the circuit; 0: exact.

    The others are the keys of the file that have the same names; ``schedule`` is its kind.

    Examples:
        >>> Recipe(read_groups("nu_e:2:electron")).made().schedule
        'tournament'
    """

    groups: tuple[Start, ...]
    name: str = "my gas"
    seed: int = 1
    seeds: int = 1
    mixing_angle: float = 0.15
    ordering: str = "normal"
    velocities: str = "right-angle"
    schedule: str = "tournament"
    gamma: float | None = None
    probability: float | None = None
    duration: float | None = None
    encounters: int | None = None
    steps: int | None = None
    matter: float = 0.0
    samples: int | None = None
    methods: tuple[str, ...] | None = None
    hardware: str | None = None
    shots: int | None = None

    def made(self) -> Recipe:
        """The same with every default in its place.

        Raises:
            QnuError: a key that its schedule does not have, shots without a circuit.
        """
        keys = SCHEDULES[self.schedule]
        for key in ("gamma", "probability", "duration", "encounters", "steps"):
            if getattr(self, key) is not None and key not in keys:
                allowed = ", ".join(f"--{name}" for name in keys)
                raise QnuError(
                    f"--{key}", getattr(self, key), f"{allowed} with --schedule {self.schedule}"
                )
        filled: dict[str, Any] = {
            key: value for key, value in keys.items() if getattr(self, key) is None
        }
        if self.samples is None:
            filled["samples"] = self._samples()
        filled["methods"] = self._methods()
        hardware, shots = self.hardware, self.shots
        if "circuit" in filled["methods"] and hardware is None and shots:
            filled["hardware"] = "aer_statevector"
        return replace(self, **filled)

    def _samples(self) -> int:
        """The start and the end of every round of a tournament, else 11."""
        count = sum(group.count for group in self.groups)
        if self.schedule != "tournament":
            return 11
        return min(count if count % 2 == 0 else count + 1, 21)

    def _methods(self) -> tuple[str, ...]:
        count = sum(group.count for group in self.groups)
        chosen = self.methods
        if chosen is None:
            exact = ("many_body",) if count <= _EXACT else ()
            chosen = (*exact, "independent", "mean_field")
        wanted = set(chosen)
        if self.hardware is not None or self.shots is not None:
            wanted.add("circuit")
        return tuple(name for name in METHODS if name in wanted)


def read(answers: Mapping[str, str]) -> Recipe:
    """The recipe that texts say: flags of ``qnu new``, or answers to its questions.

    Args:
        answers: by the name of the flag without its dashes; what is left out has its default.

    Raises:
        QnuError: the first text that is not what its flag takes.

    Examples:
        >>> recipe = read({"groups": "nu_e:4:electron:0.5,anti_nu_e:3:anti-electron",
        ...                "schedule": "stochastic", "gamma": "0.05"})
        >>> recipe.groups[1].omega, recipe.schedule, recipe.gamma
        (0.5, 'stochastic', 0.05)
    """
    found = {name: read_one(name, text) for name, text in answers.items()}
    found.setdefault("groups", read_groups(DEFAULT_GROUPS))
    return Recipe(**found)


def read_one(name: str, text: str) -> Any:
    """The value of one flag.

    Examples:
        >>> read_one("gamma", "a tenth")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: --gamma: got 'a tenth'; allowed: a finite number
    """
    option, text = f"--{name.replace('_', '-')}", text.strip()
    if name == "groups":
        return read_groups(text)
    if name == "methods":
        return _methods(option, text)
    words = {
        "schedule": tuple(SCHEDULES),
        "ordering": ("normal", "inverted"),
        "velocities": ("right-angle", "isotropic"),
    }
    if name in words:
        if text not in words[name]:
            other = " (others: `qnu new FILE --from NAME`)" if name == "schedule" else ""
            allowed = ", ".join(words[name]) + other
            raise QnuError(option, text, allowed + did_you_mean(text, words[name]))
        return text
    if name in ("seed", "seeds", "encounters", "steps", "samples", "shots"):
        return _whole(option, text)
    if name in ("name", "hardware"):
        return text
    return _number(option, text)


def read_groups(text: str) -> tuple[Start, ...]:
    """``NAME:COUNT:STATE[:OMEGA]``, with commas; without OMEGA, that of the group before, or 0.5.

    Examples:
        >>> read_groups("nu_e:4:electrn")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: --groups: got 'electrn' in 'nu_e:4:electrn'; allowed: electron, x, ...
    """
    found: list[Start] = []
    for part in text.split(","):
        words = [word.strip() for word in part.split(":")]
        if len(words) not in (3, 4) or not all(words):
            raise QnuError("--groups", part.strip(), GROUPS)
        name, count, state = words[:3]
        if state not in STATES:
            got = Words(f"{state!r} in {part.strip()!r}")
            raise QnuError("--groups", got, ", ".join(STATES) + did_you_mean(state, STATES))
        omega = found[-1].omega if found else 0.5
        if len(words) > 3:
            omega = _number("--groups", words[3])
        found.append(Start(name, _whole("--groups", count), state, omega))
    return tuple(found)


def _methods(option: str, text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(","))
    for word in words:
        if word == "miscidynamics":
            allowed = f"{', '.join(METHODS)} (it begins near an equilibrium: see"
            raise QnuError(option, word, f"{allowed} `qnu new FILE --from two_groups_60_40`)")
        if word not in METHODS:
            raise QnuError(option, word, ", ".join(METHODS) + did_you_mean(word, METHODS))
    return words


def _number(option: str, text: str) -> float:
    try:
        return number(option, float(text))
    except ValueError:
        raise QnuError(option, text, "a finite number") from None


def _whole(option: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 19):
        raise QnuError(option, text, "a whole number >= 0")
    return int(text)


def compose(recipe: Recipe) -> str:
    """The commented file of a recipe, after a check that it is valid.

    Raises:
        QnuError: a file that ``qnu validate`` would refuse, with the flag that is to blame.

    Examples:
        >>> text = compose(Recipe(read_groups("nu_e:2:electron:0.1")))
        >>> print(*text.splitlines()[6:10], sep=chr(10))
        [[group]]
        name = "nu_e"
        count = 2
        flavor = "electron"                # the state at t = 0
    """
    recipe = recipe.made()
    text = "\n".join(_lines(recipe)) + "\n"
    checked(recipe, text)
    return text


def checked(recipe: Recipe, text: str) -> Experiment:
    """The experiment of a recipe; errors name the flag and no line."""
    try:
        return parse(text)
    except QnuError as error:
        field = _flag(recipe, error.field or "")
        raise QnuError(field, error.value, error.allowed, reason=error.reason) from None


def _flag(recipe: Recipe, field: str) -> str:
    table, _, key = field.partition(".")
    names = [f.name for f in fields(Recipe)]
    if table.startswith("group"):
        return "--groups"
    if table.startswith("method"):
        return f"--{key}" if key in ("hardware", "shots") else "--methods"
    name = key.partition(".")[0].partition("[")[0] or table
    return f"--{name}".replace("_", "-") if name in names else f"--schedule {recipe.schedule}"


def _lines(recipe: Recipe) -> Iterator[str]:
    yield "# An experiment for qnu: `qnu validate FILE`, then `qnu run FILE`."
    yield _line("name", recipe.name, "title of figures and of the report")
    last = recipe.seed + recipe.seeds - 1
    yield _line("seed", recipe.seed, "of everything random; the same seed gives the same numbers")
    if recipe.seeds != 1:
        text = f"histories, with the seeds {recipe.seed} to {last}: means and standard errors"
        yield _line("seeds", recipe.seeds, text)
    yield _line("mixing_angle", recipe.mixing_angle, "theta_mix in radians, of `flavor` and matter")
    yield ""
    yield "# The neutrinos, group by group. Units: mu = 1: omega in units of mu, times in 1/mu."
    for k, group in enumerate(recipe.groups):
        yield from _group(recipe, group, first=k == 0)
    yield from ("", "[gas]")
    every = "every 1 - v.v' = 1" if recipe.velocities == "right-angle" else "drawn with the seed"
    yield _line("velocities", recipe.velocities, every)
    yield from ("", f"# Who meets whom: {KIND_WORDS[recipe.schedule]}.", "[schedule]")
    yield _line("kind", recipe.schedule, "`qnu schema` and circuits/README.md list the others")
    for key in SCHEDULES[recipe.schedule]:
        yield _line(key, getattr(recipe, key), KEY_WORDS[key])
    if recipe.matter:
        yield _line("matter", recipe.matter, "potential of the electrons, in units of mu")
    else:
        yield "# matter = 1.0".ljust(_COLUMN) + "# potential of the electrons, in units of mu"
    yield from ("", "# Sample times that every method shares, unless it has its own.", "[output]")
    yield _line("samples", recipe.samples, "equally spaced, from 0 to the end")
    yield from ("", "# Methods, all on the same gas and schedule. Take out what you do not need.")
    for k, kind in enumerate(recipe.methods or ()):
        yield from ([] if k == 0 else [""])
        yield "[[method]]"
        yield _line("kind", kind, METHOD_WORDS[kind])
        yield from _circuit(recipe) if kind == "circuit" else ()


def _group(recipe: Recipe, group: Start, *, first: bool) -> Iterator[str]:
    if not first:
        yield ""
    yield "[[group]]"
    yield f"name = {json.dumps(group.name, ensure_ascii=False)}"
    yield f"count = {group.count}"
    about = "the state at t = 0" if "mass" not in group.state else "the mass state, at t = 0"
    notes = (about, "omega and flavor as for the antineutrino itself")
    for line, note in zip(STATES[group.state], notes, strict=False):
        yield f"{line:<{_COLUMN}}# {note}" if first or note != about else line
    omega = -group.omega if recipe.ordering == "inverted" and group.omega else group.omega
    text = "dm^2/2E; negative: inverted ordering" if omega < 0 else "dm^2/2E; or a list of numbers"
    yield _line("omega", omega, text if first else "")


def _circuit(recipe: Recipe) -> Iterator[str]:
    if recipe.hardware is None:
        yield _line("shots", recipe.shots or 0, "exact, on qnu's own simulator")
        return
    yield _line("hardware", recipe.hardware, "a name from `qnu list`, or a file")
    if recipe.shots is not None:
        exact = "exact expectation values" if recipe.shots == 0 else "per sample time and basis"
        yield _line("shots", recipe.shots, exact)
    if _is_device(recipe.hardware):
        yield _line("samples", 3, "a noisy circuit takes long: start, middle and end")


def _is_device(hardware: str) -> bool:
    from ..quantum import load_machine

    try:
        return load_machine(hardware).provider in _DEVICES
    except QnuError:  # said when the file is checked
        return False


def _line(key: str, value: Any, comment: str) -> str:
    text = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return f"{text:<{_COLUMN}}# {comment}" if comment else text
