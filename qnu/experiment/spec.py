"""The experiment file: its tables and keys, as pydantic models. Only shapes, types and ranges.

The keys of methods and schedules are declared beside each solver and each generator
(:mod:`qnu.methods`, :mod:`qnu.schedules.kinds`). What needs a gas or a schedule to be checked is
checked in the modules beside this one.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
)

from ..common import text_tables
from ..common.checks import floats
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from ..keys import (
    COUNT,
    MAX_SEED,
    ONE_OR_LIST,
    POSITIVE,
    Count,
    Energies,
    Name,
    Positive,
    Samples,
    Table,
    Whole,
    context_of,
    frequency_or_list,
    key,
)
from ..methods import Method
from ..schedules import KINDS, ScheduleKind
from ..solvers import METHODS
from . import circuit  # declares the kind of method that runs a circuit
from .angular_table import ANGULAR, ANGULAR_SCHEMA, checked_angular
from .plot_table import PlotTable
from .units_table import UnitsTable

#: Histories of an ensemble, at most.
MOST_SEEDS = 1_000_000
SWEPT = "a list, a number, or a text such as 'logspace(-3, -1, 9)' or '5 / schedule.gamma'"
SWEEP = f"a [sweep] table of keys, each with {SWEPT}"
VELOCITIES = (
    "'isotropic', 'right-angle', a list of unit vectors, one per neutrino, or the path of a .csv,"
    " .dat or .txt file with the columns x, y, z"
)
#: The same for editors.
_VELOCITIES_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": ["isotropic", "right-angle"]},
        {"type": "string", "pattern": "[.](csv|dat|txt)$"},
        {
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": "number"},
                "minItems": 3,
                "maxItems": 3,
            },
        },
    ]
}

assert circuit.CircuitMethod in METHODS.values()


def _velocities(value: Any, info: ValidationInfo) -> Any:
    field = str(info.field_name)
    if isinstance(value, list):
        return floats(field, value, (None, 3)).tolist()
    if isinstance(value, str) and value.lower().endswith((".csv", ".dat", ".txt")):
        content = context_of(info).files.read(field, value)
        return _vectors(field, text_tables.read(content, Path(value).name))
    if value not in ("isotropic", "right-angle"):
        hint = did_you_mean(value, ("isotropic", "right-angle")) if isinstance(value, str) else ""
        raise QnuError(field, value, VELOCITIES + hint)
    return value


def _vectors(field: str, table: text_tables.TextTable) -> Any:
    missing = [name for name in "xyz" if name not in table.names]
    if missing:
        there = Words(f"{table.name} with the columns {', '.join(table.names)}")
        raise QnuError(field, there, "the columns x, y, z")
    return table.numbers(*"xyz").T.tolist()


def _omega(value: Any, info: ValidationInfo) -> Any:
    """Vacuum frequencies in units of mu: given, or those of the energies."""
    units, energy = context_of(info).units, info.data.get("energy")
    if energy is not None and value is not None:
        raise QnuError("omega", Words("both energy and omega"), "one of the two")
    if value is not None:
        return frequency_or_list(value, info)
    if isinstance(energy, list):
        return [units.omega(one, f"energy[{k}]") for k, one in enumerate(energy)]
    if energy is None and units.energy is None:
        return 0.0
    return units.omega(energy, "energy")


class GroupTable(Table):
    """``[[group]]``: neutrinos that start alike."""

    name: Name | None = key(
        "text on one line, at most 200 characters; default: the number of the group, from 1",
        None,
        "for tables and figures",
    )
    count: Count = key(COUNT, meaning="how many")
    flavor: Literal["electron", "x"] | None = key(
        "'electron' or 'x'", None, "this or `polarization`; needs the `mixing_angle`"
    )
    polarization: list[float] | None = key(
        "three finite numbers [x, y, z] with |P| <= 1",
        None,
        "|P| = 1 for many-body methods and circuits",
        min_length=3,
        max_length=3,
    )
    energy: Energies = key(
        "a text such as '15 MeV', or a list of `count` of them",
        None,
        "instead of `omega`; needs the `mass_splitting` of [units]",
        "that of [units]",
        later=True,
    )
    omega: Annotated[Any, BeforeValidator(_omega), WithJsonSchema(ONE_OR_LIST)] = key(
        "a number, a text such as '0.5 km^-1', or a list of `count` of them",
        None,
        "vacuum frequency dm^2/2E",
        "from the energy; without one 0",
        validate_default=True,
    )
    antineutrino: bool = key(
        "true or false",
        False,
        "polarization and omega as for the antineutrino itself; stored as flavor isospin",
    )
    weight: Positive = key(
        POSITIVE,
        1.0,
        "in means over the gas the group acts as `count * weight` neutrinos; only ratios count; of"
        " `mean_field`, `kinetic` and `miscidynamics`",
        later=True,
    )
    direction: list[float] | None = key(
        "a unit vector [x, y, z]",
        None,
        "velocity of all `count` neutrinos, a beam",
        "as `velocities` of [gas] say",
        later=True,
        min_length=3,
        max_length=3,
    )
    angular: Annotated[Any, BeforeValidator(checked_angular), WithJsonSchema(ANGULAR_SCHEMA)] = key(
        ANGULAR,
        None,
        "distribution of the directions over the cosine to the z axis, from which velocities are"
        " drawn; not beside `direction`",
        "as `velocities` of [gas] say",
        later=True,
    )


class GasTable(Table):
    """``[gas]``: what the groups have in common."""

    velocities: Annotated[Any, BeforeValidator(_velocities), WithJsonSchema(_VELOCITIES_SCHEMA)] = (
        key(
            VELOCITIES,
            "isotropic",
            "isotropic: drawn (for groups without `direction` or `angular`); right-angle: every"
            " 1 - v.v' = 1",
        )
    )


#: What a figure of several methods can show: names that :func:`qnu.plotting.compare` takes.
Panel = Literal["length", "z", "entropy", "flavor", "residual", "mu", "matter"]


class OutputTable(Samples):
    """``[output]``: sample times (a method may have its own) and what to draw."""

    panels: list[Panel] | None = key(
        "a list of 'length', 'z', 'entropy', 'flavor', 'residual', 'mu' and 'matter'",
        None,
        "panels of the comparison, from top to bottom; flavor: P(nu_e); residual: distance from the"
        " exact method",
        unset="those that show something",
        later=True,
        min_length=1,
    )

    individuals: list[str] = key(
        "a list of labels of methods",
        [],
        "their neutrinos are drawn one by one, as thin lines (of the first history)",
    )
    histories: list[str] = key(
        "a list of labels of methods",
        [],
        "their histories are drawn one by one, as thin lines",
        later=True,
    )


def _swept(value: Any, info: ValidationInfo) -> Any:
    """Keys with dots, whether in quotation marks or as tables inside each other."""
    field = str(info.field_name)
    if not isinstance(value, dict):
        raise QnuError(field, value, SWEEP)
    found: dict[str, Any] = {}
    for name, inside in value.items():
        if isinstance(inside, dict):
            nested = _swept(inside, info)
            found.update({f"{name}.{key}": item for key, item in nested.items()})
        elif isinstance(inside, list | str | int | float):
            found[name] = inside
        else:
            raise QnuError(f"{field}.{name}", inside, SWEPT)
    return found


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

    name: Name | None = key(
        "text on one line, at most 200 characters; default: the name of the file", None
    )
    description: str = key("text: one line for `qnu list`", "")
    seed: Whole = key(
        "a whole number >= 0 and < 2^63",
        0,
        "of velocities, encounters and shots, which take three independent streams from it",
        ge=0,
        le=MAX_SEED,
    )
    seeds: Whole = key(
        "a whole number from 1 to 1000000",
        1,
        "histories: random methods run with the seeds `seed`, `seed + 1`, ...; tables and figures"
        " show means with their standard errors",
        later=True,
        ge=1,
        le=MOST_SEEDS,
    )
    mixing_angle: float | None = key(
        "an angle in radians", None, "theta_mix; needed by `flavor` and by matter"
    )
    group: list[GroupTable] = key("at least one [[group]] table", min_length=1)
    units: UnitsTable = key("a [units] table", UnitsTable(), later=True)
    gas: GasTable = key("a [gas] table", GasTable())
    schedule: ScheduleKind = key("a [schedule] table")
    output: OutputTable = key("an [output] table", OutputTable())
    method: list[Method] = key("at least one [[method]] table", min_length=1)
    sweep: Annotated[dict[str, Any], BeforeValidator(_swept)] = key(
        SWEEP, {}, "of `qnu sweep`: the values of any keys"
    )
    plot: PlotTable = key("a [plot] table", PlotTable(), "of `qnu plot`")

    def content(self, exclude: set[str]) -> dict[str, Any]:
        """The tables as JSON, without keys that earlier versions did not have and nobody set."""
        content = self.model_dump(mode="json", exclude=exclude)
        without_later_keys(self, content)
        return content

    def fingerprint(self) -> str:
        """sha256 of all that decides a result: no comments, order of keys, description, sweep."""
        content = self.content(exclude={"description", "sweep", "plot"})
        text = json.dumps(content, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def without_later_keys(table: BaseModel, content: dict[str, Any]) -> None:
    """Takes out what :func:`qnu.keys.key` calls later, where it is at its default."""
    for name, field in type(table).model_fields.items():
        value, extra = getattr(table, name), field.json_schema_extra
        if name not in content:
            continue
        if isinstance(extra, dict) and extra.get("later") and value == field.get_default():
            del content[name]
        elif isinstance(value, BaseModel):
            without_later_keys(value, content[name])
        elif isinstance(value, list):
            for item, inside in zip(value, content[name], strict=True):
                if isinstance(item, BaseModel):
                    without_later_keys(item, inside)


def spec_model() -> type[Spec]:
    """:class:`Spec` with all kinds of methods and schedules that are registered by now."""
    return _spec_of(tuple(METHODS.values()), tuple(KINDS.values()))


@cache
def _spec_of(
    methods: tuple[type[Method], ...], kinds: tuple[type[ScheduleKind], ...]
) -> type[Spec]:
    fields = Spec.model_fields
    any_method: Any = Annotated[reduce(or_, methods), Field(discriminator="kind")]
    any_schedule: Any = reduce(or_, kinds)
    return create_model(
        "Spec",
        __base__=Spec,
        schedule=(
            any_schedule,
            Field(description=fields["schedule"].description, discriminator="kind"),
        ),
        method=(list[any_method], fields["method"]),
    )
