"""From tables of an experiment file to a gas and a schedule; errors begin with the place."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from ..common import memory
from ..common.checks import Floats
from ..errors import QnuError, QnuWarning, SettingError, Words
from ..gas import Group, NeutrinoGas
from ..schedules import EncounterSchedule, ScheduleKind
from .angular_table import distribution
from .spec import Spec

_BYTES_PER_NEUTRINO = 200
_MOST_ENCOUNTERS = 1e12  # half a day of counting
_SEED_STREAMS = 3


@dataclass(frozen=True)
class Seeds:
    """Independent streams of random numbers, all from the one seed of an experiment.

    ``numpy.random.SeedSequence(seed).spawn(3)``: velocities, encounters, shots; each circuit takes
    the next child of the third. So a change of shots never changes velocities or encounters.

    Args:
        seed: a whole number >= 0.

    References:
        NumPy's SeedSequence (O'Neill, 2015).

    Examples:
        >>> Seeds(1).shots(2) == Seeds(1).shots(2), len(set(Seeds(1).shots(2)))
        (True, 2)
    """

    seed: int

    def _child(self, number: int) -> np.random.SeedSequence:
        return np.random.SeedSequence(self.seed).spawn(_SEED_STREAMS)[number]

    def velocities(self) -> np.random.SeedSequence:
        """For drawing velocities."""
        return self._child(0)

    def encounters(self) -> np.random.SeedSequence:
        """For drawing who meets whom."""
        return self._child(1)

    def shots(self, circuits: int) -> list[int]:
        """One 32-bit seed per circuit, in the order of the file."""
        return [int(child.generate_state(1)[0]) for child in self._child(2).spawn(circuits)]


@contextmanager
def place(where: str, **renamed: str) -> Iterator[None]:
    """Puts the place in the file before the field of an error raised inside.

    Args:
        where: such as ``"group[0]"``; empty: the top of the file.
        renamed: fields that the file calls something else, with the whole new name.

    Raises:
        QnuError: the one raised inside, with its field made longer.

    Examples:
        >>> with place("group[0]"):
        ...     raise QnuError("count", 0, "a whole number >= 1")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: group[0].count: got 0; allowed: a whole number >= 1
    """
    try:
        yield
    except SettingError:
        raise
    except QnuError as error:
        if error.field is None:
            raise
        name = renamed.get(error.field, f"{where}.{error.field}".lstrip("."))
        raise error.of(name) from None


def make_gas(table: Spec, seeds: Seeds, velocity: Floats | None = None) -> NeutrinoGas:
    """The gas of an experiment file.

    Args:
        table: the file.
        seeds: for the velocities.
        velocity: ``(N, 3)`` that were drawn before with the same seed, by any version of NumPy;
            taken where velocities are drawn and there are as many.

    Returns:
        the gas.

    Raises:
        QnuError: a polarization that is too long, a flavor without mixing angle, an omega or
            velocities of another length, a direction that is no unit vector or does not go with the
            velocities, two groups of one name, more neutrinos than the memory holds.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> qnu.experiment.load("two_groups_10").gas.group_names
        ('1', '2')
    """
    total = sum(group.count for group in table.group)
    memory.require("group", f"{total} neutrinos", _BYTES_PER_NEUTRINO * total)
    matter = _place_of_matter(table)
    if table.mixing_angle is None and matter is not None:
        raise _needs_angle(matter, "matter")
    if table.mixing_angle is not None and abs(table.mixing_angle) > np.pi / 2:
        text = f"mixing_angle = {table.mixing_angle:g} radians is more than pi/2: is it in degrees?"
        warnings.warn(QnuWarning(text), stacklevel=2)
    groups: list[Group] = []
    names: list[str] = []
    for k, given in enumerate(table.group):
        name = given.name if given.name is not None else str(k + 1)
        if name in names:
            raise QnuError(
                f"group[{k}].name", name, f"another name than group[{names.index(name)}] has"
            )
        names.append(name)
        if given.flavor is not None and table.mixing_angle is None:
            raise _needs_angle(f"group[{k}].flavor", repr(given.flavor))
        given_as = "omega" if given.energy is None else "energy"
        with place(f"group[{k}]", omega=f"group[{k}].{given_as}"):
            groups.append(
                Group(
                    given.count,
                    polarization=given.polarization,
                    omega=given.omega,
                    name=name,
                    flavor=given.flavor,
                    antineutrino=given.antineutrino,
                    weight=given.weight,
                    direction=given.direction,
                    angular=None if given.angular is None else distribution(given.angular),
                )
            )
    own = ("direction", "angular")
    beams = {f"groups[{k}].{key}": f"group[{k}].{key}" for k in range(len(groups)) for key in own}
    with place("gas", **beams):
        gas = NeutrinoGas.from_groups(
            groups,
            velocities=table.gas.velocities,
            mixing_angle=table.mixing_angle,
            seed=seeds.velocities(),
        )
    if velocity is None or not gas.drawn_velocities or velocity.shape != (total, 3):
        return gas
    drawn = np.repeat([group.direction is None for group in groups], gas.counts)
    return dataclasses.replace(gas, velocity=np.where(drawn[:, None], velocity, gas.velocity))


def _needs_angle(field: str, what: str) -> QnuError:
    allowed = "`mixing_angle = ANGLE` (in radians) at the top of the file, above all tables"
    return QnuError(field, Words(f"{what} without a mixing angle"), allowed)


def _place_of_matter(table: Spec) -> str | None:
    places = {"schedule": table.schedule, **{f"method[{k}]": m for k, m in enumerate(table.method)}}
    for where, part in places.items():
        matter = getattr(part, "matter", None)
        if matter is not None and matter != 0.0:
            return f"{where}.matter"
    return None


def make_schedule(table: Spec, gas: NeutrinoGas, seeds: Seeds) -> EncounterSchedule:
    """The schedule of an experiment file.

    Args:
        table: the file.
        gas: its gas.
        seeds: for who meets whom.

    Returns:
        the schedule; where no method needs encounters, any number of them will do, since none is
        drawn.

    Raises:
        QnuError: an index out of range, a neutrino meeting itself, encounters out of order or
            overlapping, a probability too high for an odd gas, too many encounters for the memory
            or for an hour of drawing.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> len(qnu.experiment.load("two_groups_10").schedule)   # of a tournament: every pair once
        45
    """
    given = table.schedule
    needed = any(method.takes_encounters(given.kind) for method in table.method)
    if needed:
        _require_possible(given, gas, table.units.resolved().gamma)
    with place("schedule", gas="group", neutrinos="group"):
        schedule = given.make(gas, seeds.encounters())
        if needed and schedule.source.refusal is not None:
            raise schedule.source.refusal
    return schedule


def _require_possible(given: ScheduleKind, gas: NeutrinoGas, of_packets: float | None) -> None:
    """An error where there are too many encounters to draw or to hold."""
    with place("schedule"):
        encounters = given.expected_encounters(gas)
    about = f"about {encounters:.3g} encounters"
    if not encounters <= _MOST_ENCOUNTERS:
        error = QnuError("schedule", about, f"at most {_MOST_ENCOUNTERS:g} encounters")
        if of_packets is not None and getattr(given, "gamma", None) == of_packets:
            raise error.noted(
                f" (gamma = {of_packets:.3g} of the packets in [units]: give a larger `gamma`"
                f"{' and a `width`' if given.kind == 'wave_packets' else ''}, see `qnu units`)"
            )
        raise error
    memory.require("schedule", about, int(given.memory_need(gas)))
