"""The experiment file: its tables and keys, as pydantic models. Only shapes, types and ranges.

The description of every field is what an error message says is allowed. What needs a gas or a
schedule to be checked is checked in the modules beside this one.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from .. import profiles
from ..common.checks import choice, floats, name_text, number
from ..errors import QnuError
from ..group import LONGEST_NAME
from ..schedules import wiring

_NUMBER = "a finite number"
_POSITIVE = "a finite number > 0"
_PROFILE = "a number, { times = [...], values = [...] } or { start = ..., scale = ... }"

#: The largest seed: what a result file can record.
MAX_SEED = 2**63 - 1


def _profile(value: Any, info: ValidationInfo) -> Any:
    """A number, a table of values or an exponential: what :mod:`qnu.profiles` offers."""
    field = str(info.field_name)
    if isinstance(value, profiles.Table | profiles.Exponential):
        return value
    if isinstance(value, dict):
        if set(value) not in ({"times", "values"}, {"start", "scale"}):
            raise QnuError(field, value, _PROFILE)
        try:
            return profiles.from_json(value)
        except QnuError as error:
            raise error.of(f"{field}.{error.field}") from None
    return profiles.checked(field, _plain_number(field, value, _PROFILE))


def _plain_number(field: str, value: Any, allowed: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QnuError(field, value, allowed)
    return number(field, value)


def _number_or_list(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, list):
        return [number(f"{field}[{k}]", item) for k, item in enumerate(value)]
    return profiles.checked(field, _plain_number(field, value, "a number or a list of numbers"))


def _name(value: str, info: ValidationInfo) -> str:
    return name_text(str(info.field_name), value, LONGEST_NAME)


def _velocities(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, list):
        return floats(field, value, (None, 3)).tolist()
    if value not in ("isotropic", "right-angle"):
        raise QnuError(field, value, _VELOCITIES)
    return value


def _index_or_name(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise QnuError(str(info.field_name), value, _BACKGROUND)
    return value


def _coupling(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, str):
        return choice(field, value, wiring.NAMES)
    return wiring.couplers(value, 0).tolist()


_VELOCITIES = "'isotropic', 'right-angle' or a list of unit vectors, one per neutrino"
_BACKGROUND = "the number of a neutrino (from 0) or the name of a group of one"

Profile = Annotated[
    Any,
    BeforeValidator(_profile),
    PlainSerializer(lambda p: p if p is None else profiles.as_json("profile", p)),
    WithJsonSchema({"type": ["number", "object"]}),
]
NumberOrList = Annotated[Any, BeforeValidator(_number_or_list)]
Name = Annotated[str, AfterValidator(_name)]
Count = Annotated[int, Field(ge=1, lt=2**63)]
Positive = Annotated[float, Field(gt=0)]
Probability = Annotated[float, Field(ge=0, le=1)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


def _key(description: str, default: Any = ..., **constraints: Any) -> Any:
    return Field(default, description=description, **constraints)


class Table(BaseModel):
    """What all tables share: no unknown keys, no conversions, no NaN."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class GroupTable(Table):
    """``[[group]]``: neutrinos that start alike."""

    name: Name | None = _key(
        "text on one line, at most 200 characters; default: the number of the group, from 1", None
    )
    count: Count = _key("a whole number >= 1 and < 2^63")
    flavor: Literal["electron", "x"] | None = _key("'electron' or 'x'", None)
    polarization: list[float] | None = _key(
        "three finite numbers [x, y, z] with |P| <= 1", None, min_length=3, max_length=3
    )
    omega: NumberOrList = _key("a number, or a list of `count` numbers", 0.0)
    antineutrino: bool = _key("true or false", False)


class GasTable(Table):
    """``[gas]``: what the groups have in common."""

    velocities: Annotated[Any, BeforeValidator(_velocities)] = _key(_VELOCITIES, "isotropic")


class ScheduleTable(Table):
    """``[schedule]``: who meets whom, when, and how strongly; keys of all kinds."""

    kind: str
    mu: Profile = _key(_PROFILE, 1.0)
    matter: Profile = _key(_PROFILE, 0.0)


class TournamentTable(ScheduleTable):
    """Every pair meets exactly once (:func:`qnu.schedules.tournament`)."""

    kind: Literal["tournament"]
    gamma: Positive = _key(_POSITIVE)
    order: Literal["circle", "line"] = _key("'circle' or 'line'", "circle")
    shuffle: bool = _key("true or false", False)
    vacuum: Literal["inside", "between"] = _key("'inside' or 'between'", "inside")


class BipartiteTable(ScheduleTable):
    """Everybody of one beam meets everybody of the other (:func:`qnu.schedules.bipartite`)."""

    kind: Literal["bipartite"]
    gamma: Positive = _key(_POSITIVE)
    vacuum: Literal["inside", "between"] = _key("'inside' or 'between'", "inside")


class StochasticTable(ScheduleTable):
    """Random pairs, sparse in time (:func:`qnu.schedules.stochastic`)."""

    kind: Literal["stochastic"]
    gamma: Positive = _key(_POSITIVE)
    probability: float = _key("a finite number > 0 and <= 1", gt=0, le=1)
    duration: Positive = _key(_POSITIVE)
    vacuum: Literal["inside", "between"] = _key("'inside' or 'between'", "between")


class NativeTable(ScheduleTable):
    """Random neighbours on a device (:func:`qnu.schedules.native`)."""

    kind: Literal["native"]
    gamma: Positive = _key(_POSITIVE)
    coupling: Annotated[Any, BeforeValidator(_coupling)] = _key(wiring.ALLOWED)
    encounters_per_neutrino: Positive = _key(_POSITIVE)
    prefer: Literal["strangers", "anybody"] = _key("'strangers' or 'anybody'", "strangers")
    trade: Probability = _key("a finite number >= 0 and <= 1", 1.0)
    share: float = _key("a finite number > 0 and <= 1", 1.0, gt=0, le=1)
    sites: list[int] | None = _key("a list of sites, one per neutrino", None)
    vacuum: Literal["inside", "between"] = _key("'inside' or 'between'", "between")


class RandomPairsTable(ScheduleTable):
    """Random pairs, back to back (:func:`qnu.schedules.random_pairs`)."""

    kind: Literal["random_pairs"]
    gamma: Positive = _key(_POSITIVE)
    encounters: Count = _key("a whole number >= 1 and < 2^63")


class ConstantBackgroundTable(ScheduleTable):
    """A fresh partner each time (:func:`qnu.schedules.constant_background`)."""

    kind: Literal["constant_background"]
    background: Annotated[Any, BeforeValidator(_index_or_name)] = _key(_BACKGROUND)
    gamma: Positive = _key(_POSITIVE)
    encounters: Count = _key("a whole number >= 1 and < 2^63")
    probability: float = _key("a finite number > 0 and <= 1", 1.0, gt=0, le=1)


class PlaneWaveTable(ScheduleTable):
    """All pairs at all times, as a Trotter product (:func:`qnu.schedules.plane_wave`)."""

    kind: Literal["plane_wave"]
    duration: Positive = _key(_POSITIVE)
    steps: Count = _key("a whole number >= 1 and < 2^63")
    order: Literal[1, 2] = _key("1 or 2", 2)


class ExplicitTable(ScheduleTable):
    """The encounters one by one (:class:`qnu.EncounterSchedule`)."""

    kind: Literal["explicit"]
    first: list[int] = _key("a list of neutrino numbers, from 0")
    second: list[int] = _key("a list of neutrino numbers, from 0")
    swap_angle: list[float] = _key("a list of finite numbers")
    start: list[float] = _key("a list of times that never decrease")
    duration: NumberOrList = _key("a number >= 0, or a list of them", 0.0)
    final_time: float | None = _key("a finite number >= 0", None, ge=0)
    free_streaming: bool = _key("true or false", True)
    fresh: list[bool] | None = _key("a list of true and false", None)
    gamma: Positive | None = _key(_POSITIVE, None)
    probability: Probability | None = _key("a finite number >= 0 and <= 1", None)


Schedule = Annotated[
    TournamentTable
    | BipartiteTable
    | StochasticTable
    | NativeTable
    | RandomPairsTable
    | ConstantBackgroundTable
    | PlaneWaveTable
    | ExplicitTable,
    Field(discriminator="kind"),
]


class Samples(Table):
    """Sample times: equally spaced from 0 to the end, or given one by one."""

    samples: int | None = _key("a whole number from 2 to 1000000", None, ge=2, le=1_000_000)
    times: list[float] | None = _key("a list of times that never decrease", None, min_length=1)


class OutputTable(Samples):
    """``[output]``: when to look (a method may say otherwise) and what to draw."""

    individuals: list[str] = _key("a list of labels of methods", [])


class MethodTable(Samples):
    """``[[method]]``: one way to the answer; keys of all kinds."""

    kind: str
    label: Label | None = _key(
        "letters, digits, '.', '_' and '-' (it names files), at most 64; default: the kind", None
    )


class ManyBodyTable(MethodTable):
    """The 2^N state vector through the schedule (:func:`qnu.solvers.many_body`)."""

    kind: Literal["many_body"]
    precision: Literal["double", "single"] = _key("'double' or 'single'", "double")
    observables: list[str] = _key("a list of names of observables", [])


class LightConeTable(MethodTable):
    """Exact, neutrino by neutrino, after few encounters (:func:`qnu.solvers.light_cone`)."""

    kind: Literal["light_cone"]


class IndependentTable(MethodTable):
    """One density matrix each (:func:`qnu.solvers.independent`)."""

    kind: Literal["independent"]


class _Rates(MethodTable):
    mu: Profile = _key(_PROFILE + "; default: as the schedule", None)
    matter: Profile = _key(_PROFILE + "; default: as the schedule", None)


class MeanFieldTable(_Rates):
    """Everyone with the average (:func:`qnu.solvers.mean_field`)."""

    kind: Literal["mean_field"]
    resolve: Literal["group", "neutrino"] = _key("'group' or 'neutrino'", "group")
    partners: Literal["others", "all", "across"] | None = _key("'others', 'all' or 'across'", None)


class KineticTable(_Rates):
    """The rate equation of encounters (:func:`qnu.solvers.kinetic`)."""

    kind: Literal["kinetic"]
    resolve: Literal["group", "neutrino"] = _key("'group' or 'neutrino'", "group")
    partners: Literal["others", "all", "across"] | None = _key("'others', 'all' or 'across'", None)
    gamma: Positive | None = _key(_POSITIVE, None)
    probability: Probability | None = _key("a finite number >= 0 and <= 1", None)


class StartTable(Table):
    """``start = { method = ..., time = ... }``: lengths taken from another method."""

    method: str = _key("the label of a method that comes earlier in the file")
    time: float = _key("a sample time of that method", ge=0)


class MiscidynamicsTable(_Rates):
    """Slow motion through quasi-steady states (:func:`qnu.solvers.miscidynamics`)."""

    kind: Literal["miscidynamics"]
    gamma: float | None = _key("a finite number >= 0 (0: no entanglement)", None, ge=0)
    probability: Probability | None = _key("a finite number >= 0 and <= 1", None)
    signs: list[Literal[-1, 1]] | None = _key("a list of 1 and -1, one per group", None)
    start: StartTable | None = _key("{ method = ..., time = ... }", None)
    force: bool = _key("true (also far from equilibrium and where it is unstable) or false", False)


class CircuitTable(MethodTable):
    """The quantum circuit on a machine (:func:`qnu.quantum.run`)."""

    kind: Literal["circuit"]
    hardware: str | None = _key("the name of a hardware config (`qnu list`) or a file", None)
    shots: int | None = _key(
        "a whole number from 0 (exact expectation values) to 100000000", None, ge=0, le=100_000_000
    )
    observables: list[str] = _key("a list of names of observables", [])
    seed: int | None = _key("a whole number >= 0 and < 2^63", None, ge=0, le=MAX_SEED)


Method = Annotated[
    ManyBodyTable
    | LightConeTable
    | IndependentTable
    | MeanFieldTable
    | KineticTable
    | MiscidynamicsTable
    | CircuitTable,
    Field(discriminator="kind"),
]


class Spec(Table):
    """A whole experiment file.

    Examples:
        >>> import qnu
        >>> spec = qnu.experiment.parse('''
        ... group = [{ count = 2, polarization = [0, 0, 1] }]
        ... schedule = { kind = "tournament", gamma = 0.1 }
        ... method = [{ kind = "independent" }]
        ... ''').spec
        >>> spec.schedule.kind, spec.method[0].kind, spec.seed
        ('tournament', 'independent', 0)
    """

    name: Name | None = _key(
        "text on one line, at most 200 characters; default: the name of the file", None
    )
    description: str = _key("text: one line for `qnu list`", "")
    seed: int = _key("a whole number >= 0 and < 2^63", 0, ge=0, le=MAX_SEED)
    mixing_angle: float | None = _key("an angle in radians", None)
    group: list[GroupTable] = _key("at least one [[group]] table", min_length=1)
    gas: GasTable = _key("a [gas] table", GasTable())
    schedule: Schedule = _key("a [schedule] table")
    output: OutputTable = _key("an [output] table", OutputTable())
    method: list[Method] = _key("at least one [[method]] table", min_length=1)

    def fingerprint(self) -> str:
        """sha256 of everything in the file but comments, order of keys and the description."""
        content = self.model_dump(mode="json", exclude={"description"})
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


SCHEDULES: dict[str, type[Table]] = {
    "tournament": TournamentTable,
    "bipartite": BipartiteTable,
    "stochastic": StochasticTable,
    "native": NativeTable,
    "random_pairs": RandomPairsTable,
    "constant_background": ConstantBackgroundTable,
    "plane_wave": PlaneWaveTable,
    "explicit": ExplicitTable,
}
METHODS: dict[str, type[Table]] = {
    "many_body": ManyBodyTable,
    "light_cone": LightConeTable,
    "independent": IndependentTable,
    "mean_field": MeanFieldTable,
    "kinetic": KineticTable,
    "miscidynamics": MiscidynamicsTable,
    "circuit": CircuitTable,
}
