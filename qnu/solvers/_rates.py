"""Methods that follow rates, not encounters, and what they take from the schedule."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import PlainSerializer

from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas
from ..keys import PROFILE, Profile, key
from ..methods import Drawn, Method, MethodInput, Prepared, Surroundings
from ..schedules import EncounterSchedule
from ..schedules.match import check_match, check_schedule, refuse_anisotropy
from ..schedules.partners import partners_of
from ..trajectory import Trajectory
from ._partners import by_group, chosen, group_with_spectrum

PARTNERS = "'others', 'all' or 'across'"
PARTNERS_MEANING = (
    '`"others"`: means over the N - 1 others; `"all"`: over N; `"across"`: two beams'
    " that only meet each other"
)
RESOLVE_MEANING = "one row per group, or per neutrino with its own velocity"
RESOLVE_UNSET = '`"neutrino"` where a group has a spectrum, else `"group"`'

#: What a schedule knows, by the names of the arguments of solvers.
_KNOWN = (
    *("mu", "matter", "gamma", "probability", "packet_ratio"),
    *("partners", "own_clock", "background", "anisotropy"),
)
_SCHEDULE_OR_TIMES = "an EncounterSchedule, or sample times (then with gamma, mu, ... by name)"


# -- reading a schedule ----------------------------------------------------------------------------


def read(
    gas: NeutrinoGas, schedule: EncounterSchedule, taken: Collection[str], own: Mapping[str, Any]
) -> dict[str, Any]:
    """What a method takes from a schedule: mu, gamma, who meets whom, and so on.

    Args:
        gas: of the schedule.
        schedule: no encounter is drawn.
        taken: names of what the method takes.
        own: values of its own, which come first where they are not None.

    Raises:
        QnuError: no gamma; a background that the method cannot have.
    """
    if "background" not in taken and schedule.kind == "constant_background":
        allowed = "another schedule (independent, mean_field, kinetic and circuit take this one)"
        raise QnuError("schedule", Words("a constant_background schedule"), allowed)
    if "anisotropy" not in taken and schedule.anisotropy != 1.0:
        refuse_anisotropy(schedule.anisotropy)
    if "gamma" in taken and "partners" not in taken and schedule.kind == "bipartite":
        allowed = "another schedule (independent, mean_field, kinetic and circuit take this one)"
        raise QnuError(
            "schedule", Words("a bipartite schedule, with partners of one beam"), allowed
        )
    found = {name: own.get(name) for name in _KNOWN if name in taken}
    for name, value in found.items():
        if value is None:
            found[name] = _of_schedule(gas, schedule, name)
    if "gamma" in found and found["gamma"] is None:
        nothing = Words(f"nothing (the {schedule.kind} schedule has none to take)")
        raise QnuError(
            "gamma", nothing, "gamma = NUMBER, a finite number > 0 (miscidynamics: >= 0)"
        )
    return found


def _of_schedule(gas: NeutrinoGas, schedule: EncounterSchedule, name: str) -> Any:
    if name == "partners":
        return partners_of(gas, schedule)
    if name == "background":
        return _background_of(schedule)
    if name == "own_clock":  # a neutrino's clock advances in encounters only
        return not schedule.free_streaming
    value = getattr(schedule, name)
    return 0.0 if value is None and name == "probability" else value


def _background_of(schedule: EncounterSchedule) -> int | None:
    """The neutrino of which all others meet fresh copies."""
    if schedule.kind != "constant_background":
        return None
    if schedule.source.background is not None:
        return schedule.source.background
    met = next(schedule.chunks(1), None)  # read from a file
    return 0 if met is None else int(met.second[0])


# -- one call for every method ---------------------------------------------------------------------


def takes_schedule(solve: Callable[..., Trajectory]) -> Callable[..., Trajectory]:
    """A solver ``(gas, times, ...)`` that also takes ``(gas, schedule, times=None, ...)``.

    With a schedule, arguments that it knows (see :func:`read`) default to what it says, and sample
    times to its beginning and end. Without one, the solver is called as it is.
    """
    old = inspect.signature(solve)
    new = _with_schedule(old)

    @functools.wraps(solve)
    def called(*args: Any, **given: Any) -> Trajectory:
        second = args[1] if len(args) > 1 else given.get("schedule", given.get("times"))
        if "schedule" not in given and not (args[1:] and isinstance(second, EncounterSchedule)):
            _check_times(second, [*args[2:], *given.values()])
            return solve(*args, **given)
        schedule, arguments = _follow(new.bind(*args, **given).arguments, old.parameters)
        return solve(**arguments).with_attributes(
            schedule=schedule.kind, schedule_hash=schedule.fingerprint()
        )

    called.__signature__ = new  # type: ignore[attr-defined]  # what inspect and help() show
    return called


def _with_schedule(old: inspect.Signature) -> inspect.Signature:
    """``(gas, schedule, times=None, *, ...)``; None: as the schedule."""
    gas, times, *rest = old.parameters.values()
    schedule = inspect.Parameter("schedule", gas.kind, annotation="EncounterSchedule")
    named = [
        parameter.replace(
            kind=inspect.Parameter.KEYWORD_ONLY,
            default=None if parameter.name in _KNOWN else parameter.default,
        )
        for parameter in rest
    ]
    return old.replace(parameters=[gas, schedule, times.replace(default=None), *named])


def _follow(
    given: dict[str, Any], taken: Collection[str]
) -> tuple[EncounterSchedule, dict[str, Any]]:
    """The schedule of a call, and the arguments without it."""
    gas, schedule = check_gas(given["gas"]), check_schedule(given["schedule"])
    check_match(gas, schedule, rows=False, anisotropic=True)  # read() refuses what has none
    times = np.maximum(schedule.checked_times(given.get("times")), 0.0)
    arguments = {name: value for name, value in given.items() if name != "schedule"}
    return schedule, arguments | {"times": times} | read(gas, schedule, taken, given)


def _check_times(times: Any, others: list[Any]) -> None:
    """An error for what is neither a schedule nor times, and for a schedule in another place."""
    if any(isinstance(other, EncounterSchedule) for other in others):
        allowed = "the second argument, before the sample times; or schedule=..."
        raise QnuError("schedule", Words("an EncounterSchedule elsewhere"), allowed)
    if times is None or isinstance(times, Mapping | Trajectory | NeutrinoGas):
        raise QnuError("schedule", times, _SCHEDULE_OR_TIMES)


# -- in experiment files ---------------------------------------------------------------------------


class RateMethod(Method):
    """A ``[[method]]`` that takes mu, matter, gamma and probability, not the encounters."""

    mu: Profile = key(PROFILE + "; default: as the schedule", None)
    matter: Profile = key(PROFILE + "; default: as the schedule", None)

    encounters: ClassVar[bool] = False

    def prepare(self, given: MethodInput) -> Prepared:
        """What the schedule says, unless the method has a value of its own."""
        taken = inspect.signature(type(self).solve).parameters
        return Prepared(given.times, read(given.gas, given.schedule, taken, self.own_keys()))

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Only where rows are neutrinos, each with a velocity of its own."""
        return drawn.velocities and self.rows_of(prepared) == "neutrino"

    def run(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        prepared: Prepared,
        around: Surroundings,
    ) -> Trajectory:
        """The result."""
        options = {name: value for name, value in prepared.options.items() if value is not None}
        return super().run(gas, schedule, Prepared(prepared.times, options, prepared.start), around)


def _as_before(resolve: str | None) -> str:
    """The hash of a file without the key is that of earlier versions, where it was 'group'."""
    return "group" if resolve is None else resolve


Resolve = Annotated[
    Literal["group", "neutrino"] | None, PlainSerializer(_as_before, return_type=str)
]


class PartnersMethod(RateMethod):
    """A :class:`RateMethod` with a choice of rows and partners."""

    resolve: Resolve = key("'group' or 'neutrino'", None, RESOLVE_MEANING, RESOLVE_UNSET)
    partners: Literal["others", "all", "across"] | None = key(
        PARTNERS, None, PARTNERS_MEANING, "as the schedule"
    )

    def rows_of(self, prepared: Prepared) -> str:
        """As ``resolve`` says, or the gas."""
        return "group" if prepared.options["resolve"] == "group" else "neutrino"

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether a group can be one row; the option is None where a spectrum decides."""
        resolve = self.resolve
        if resolve == "group":
            _check_alike(given.gas)
        elif resolve is None and chosen(given.gas) == "group":
            resolve = "group"
        rates = super().prepare(given)
        return Prepared(rates.times, {**rates.options, "resolve": resolve})


def _check_alike(gas: NeutrinoGas) -> None:
    name = group_with_spectrum(gas, tolerance=0.0)
    if name is not None:
        raise by_group(f"omega (in {name!r} it differs)")
