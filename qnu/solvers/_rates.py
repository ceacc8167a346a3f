"""Keys of the methods that follow rates, not encounters, and what they take from the schedule."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ..errors import QnuError, Words
from ..gas import NeutrinoGas
from ..keys import PROFILE, Profile, key
from ..methods import Drawn, Method, MethodInput, Prepared, Surroundings
from ..schedules import EncounterSchedule
from ..schedules.clock import phase_at
from ..trajectory import Trajectory
from ._partners import by_group, group_with_spectrum

PARTNERS = "'others', 'all' or 'across'"
PARTNERS_MEANING = (
    '`"others"`: weights over the N - 1 others; `"all"`: over N; `"across"`: two beams'
    " that only meet each other"
)
RESOLVE_MEANING = "one row per group, or per neutrino with the weights of its own velocity"


class RateMethod(Method):
    """A ``[[method]]`` that takes mu, matter, gamma and probability, not the encounters."""

    mu: Profile = key(PROFILE + "; default: as the schedule", None)
    matter: Profile = key(PROFILE + "; default: as the schedule", None)

    #: Keys that the schedule knows as well.
    from_schedule: ClassVar[tuple[str, ...]] = ()

    def prepare(self, given: MethodInput) -> Prepared:
        """The schedule's mu, matter, gamma and probability unless the method has its own."""
        schedule = given.schedule
        options: dict[str, Any] = {
            "mu": schedule.mu if self.mu is None else self.mu,
            "matter": schedule.matter if self.matter is None else self.matter,
        }
        for name in self.from_schedule:
            own = getattr(self, name)
            value = getattr(schedule, name) if own is None else own
            if value is None:
                nothing = Words(f"nothing (the {schedule.kind} schedule has none to take)")
                raise QnuError(name, nothing, type(self).model_fields[name].description)
            options[name] = value
        return Prepared(given.times, options)

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Only where rows are neutrinos, each with a velocity of its own."""
        del prepared
        return drawn.velocities and self.rows == "neutrino"

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        prepared: Prepared,
        around: Surroundings,
    ) -> Trajectory:
        """The result; the schedule has given what it knows."""
        del schedule
        solve = type(self).solve
        return solve(gas, prepared.times, **prepared.options, **self.offered(around))


class PartnersMethod(RateMethod):
    """A :class:`RateMethod` with a choice of rows and partners."""

    resolve: Literal["group", "neutrino"] = key("'group' or 'neutrino'", "group", RESOLVE_MEANING)
    partners: Literal["others", "all", "across"] | None = key(
        PARTNERS, None, PARTNERS_MEANING, "as the schedule"
    )

    @property
    def rows(self) -> Literal["neutrino", "group"]:
        """As ``resolve`` says."""
        return self.resolve

    def prepare(self, given: MethodInput) -> Prepared:
        """Also who meets whom, as the schedule has it."""
        schedule = given.schedule
        if self.resolve == "group":
            _check_alike(given.gas)
        options: dict[str, Any] = {
            "resolve": self.resolve,
            "partners": self.partners or partners_of(given.gas, schedule),
        }
        if schedule.kind == "constant_background":
            met = next(schedule.chunks(1), None)
            options["background"] = 0 if met is None else int(met.second[0])
        rates = super().prepare(given)
        return Prepared(rates.times, {**rates.options, **options})


def partners_of(gas: NeutrinoGas, schedule: EncounterSchedule) -> str:
    """``"others"``; ``"all"`` where each rests once or all meet at all times; or ``"across"``."""
    if schedule.kind == "bipartite":
        return "across"
    if schedule.kind == "plane_wave":
        return "all"
    if schedule.kind == "tournament":
        assert schedule.gamma is not None
        rounds = round(phase_at(schedule.mu, schedule.final_time) / schedule.gamma)
        return "all" if rounds == len(gas) else "others"  # N - 1 rounds: no neutrino ever rests
    return "others"


def _check_alike(gas: NeutrinoGas) -> None:
    name = group_with_spectrum(gas, tolerance=0.0)
    if name is not None:
        raise by_group(f"omega (in {name!r} it differs)")
