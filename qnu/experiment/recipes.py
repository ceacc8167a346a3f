"""What ``qnu new`` is asked for: flags, or answers to its questions, as a recipe of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..common.checks import number
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words

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
DEFAULT_GROUPS = "nu_e:4:electron,nu_x:4:x"
#: Up to so many neutrinos the exact method is chosen by itself.
_EXACT = 16
#: Keys of [units] that can be asked for, with what they are.
UNIT_WORDS = {
    "density": "of all neutrinos and antineutrinos: mu = sqrt(2) G_F n is 1",
    "mu": "instead of a density",
    "packet": "size of wave packets: their gamma is sqrt(2) G_F/packet^2",
    "mass_splitting": "for energies; negative: inverted ordering",
    "energy": "of groups without one of their own and without omega",
}
UNITS = "KEY=VALUE with commas, such as density=1e30 cm^-3,packet=1e-11 cm"


@dataclass(frozen=True)
class Start:
    """One group: its name, how many, as what they start, and their vacuum frequency or energy.

    Args:
        omega: in units of mu; None: that of the energy.
        energy: with its unit; None and no omega: that of the units, or omega = 0.5.
    """

    name: str
    count: int
    state: str
    omega: float | None = None
    energy: str | None = None


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
        units: keys of [units] with their texts; empty: no such table.

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
    duration: float | str | None = None
    encounters: int | None = None
    steps: int | None = None
    matter: float | str = 0.0
    samples: int | None = None
    methods: tuple[str, ...] | None = None
    hardware: str | None = None
    shots: int | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def made(self) -> Recipe:
        """The same with every default in its place.

        Raises:
            QnuError: a key that its schedule does not have, shots without a circuit.
        """
        self._check_units()
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
        if "energy" not in self.units:
            filled["groups"] = tuple(map(_with_frequency, self.groups))
        hardware, shots = self.hardware, self.shots
        if "circuit" in filled["methods"] and hardware is None and shots:
            filled["hardware"] = "aer_statevector"
        return replace(self, **filled)

    def _check_units(self) -> None:
        """Energies need the units that make frequencies of them."""
        for group in self.groups:
            energy = group.energy or self.units.get("energy")
            if group.omega is None and energy is not None and "mass_splitting" not in self.units:
                allowed = "a frequency, or --units with mass_splitting and density"
                raise QnuError("--groups", energy, allowed)

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


def _with_frequency(group: Start) -> Start:
    return replace(group, omega=0.5) if (group.omega, group.energy) == (None, None) else group


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
    if name == "units":
        return _units(text)
    if name in ("duration", "matter") and any(letter.isalpha() for letter in text.lower()[-2:]):
        return text  # with a unit: checked with the whole file
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
        omega, energy = (found[-1].omega, found[-1].energy) if found else (None, None)
        if len(words) > 3:
            energy = words[3] if words[3].endswith("eV") else None
            omega = None if energy is not None else _number("--groups", words[3])
        found.append(Start(name, _whole("--groups", count), state, omega, energy))
    return tuple(found)


def _units(text: str) -> dict[str, str]:
    """``density=1e30 cm^-3, packet=1e-11 cm``; the texts are checked with the whole file."""
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not value:
            raise QnuError("--units", part.strip(), UNITS)
        if name not in UNIT_WORDS:
            raise QnuError("--units", name, ", ".join(UNIT_WORDS) + did_you_mean(name, UNIT_WORDS))
        found[name] = value
    return found


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
