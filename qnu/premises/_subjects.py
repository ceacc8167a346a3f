"""The methods that premises are about: what each solver is given, before or after it has run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .. import profiles
from ..common.checks import Floats
from ..gas import NeutrinoGas
from ..schedules import KINDS, EncounterSchedule
from ..solvers import METHODS
from ..trajectory import Trajectory

#: Methods that take the partners of an encounter as uncorrelated.
STRANGERS = ("independent", "kinetic", "miscidynamics")
#: What Trajectories record of the arguments of a solver.
_RECORDED = ("gamma", "probability", "own_clock", "partners", "resolve")


class Ready(Protocol):
    """A method that is checked and can run, such as :class:`qnu.experiment.methods.Method`."""

    @property
    def label(self) -> str:
        """Of its results."""

    @property
    def kind(self) -> str:
        """A name in :data:`qnu.methods.METHODS`."""

    @property
    def times(self) -> Floats:
        """Of its samples."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Further arguments of its solver."""


@dataclass(frozen=True, eq=False)
class Subject:
    """One method: its label and kind, its last sample, what it is given, and what it gave."""

    label: str
    kind: str
    end: float
    options: Mapping[str, Any]
    trajectory: Trajectory | None
    begins_later: bool  # from a sample of another method
    through: str  # the kind of schedule

    @property
    def follows_encounters(self) -> bool:
        """Whether the encounters of the schedule act on it, one by one."""
        known = METHODS.get(self.kind)
        return known is None or known.takes_encounters(self.through)

    def option(self, name: str, schedule: EncounterSchedule) -> Any:
        """An argument of the solver; where it has none, what the schedule says."""
        value = self.options.get(name)
        return getattr(schedule, name, None) if value is None else value

    def depends_on_draws(self, gas: NeutrinoGas, schedule: EncounterSchedule) -> bool:
        """Whether drawn velocities or encounters change the result."""
        velocities = gas.drawn_velocities
        if self.follows_encounters:
            kind = KINDS.get(schedule.kind)
            directed = kind is None or kind.directed
            return (velocities and directed) or is_drawn(schedule)
        return velocities and self.options.get("resolve", "group") != "group"

    @property
    def chose_neutrinos(self) -> bool:
        """Whether it has one row per neutrino because of a spectrum, without having been asked."""
        return self.options.get("resolve", "group") is None


def is_drawn(schedule: EncounterSchedule) -> bool:
    """Whether encounters are drawn at random (a shuffled tournament does not say)."""
    kind = KINDS.get(schedule.kind)
    regular = schedule.kind == "constant_background" and schedule.probability == 1.0
    return kind is not None and kind.seeded and not regular


def subjects(
    schedule: EncounterSchedule,
    methods: Iterable[Ready],
    trajectories: Mapping[str, Trajectory],
) -> tuple[Subject, ...]:
    """Of methods that are ready, and of Trajectories of others."""
    found = {
        method.label: Subject(
            method.label,
            method.kind,
            float(method.times[-1]),
            method.options,
            trajectories.get(method.label),
            getattr(method, "start", None) is not None,
            schedule.kind,
        )
        for method in methods
        if len(method.times)
    }
    for label, run in trajectories.items():
        if label not in found:
            options = {name: run.attrs[name] for name in _RECORDED if name in run.attrs}
            if "resolve_reason" in run.attrs:
                options["resolve"] = None
            options |= {name: _profile(run, name, schedule) for name in ("mu", "matter")}
            begins_later = float(run.attrs.get("start_time", 0.0)) > 0
            found[label] = Subject(
                label, run.method, float(run.times[-1]), options, run, begins_later, schedule.kind
            )
    return tuple(found.values())


def _profile(run: Trajectory, name: str, schedule: EncounterSchedule) -> Any:
    """A recorded profile: a number, or that of the schedule where both read alike."""
    recorded = run.attrs.get(name)
    own = getattr(schedule, name)
    if recorded is None or recorded == profiles.describe(own) or isinstance(recorded, str):
        return own
    return float(recorded)


def labels(found: Iterable[Subject]) -> tuple[str, ...]:
    """The labels of some methods."""
    return tuple(subject.label for subject in found)
