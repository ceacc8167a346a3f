"""``[units]``: which mu is 1, the size of wave packets, energies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ValidationInfo, WithJsonSchema

from ..errors import QnuError, Words
from ..keys import Table, key
from ..units import Units
from ..units.given import KEYS, ONE_OF, check_sign
from ..units.reading import converted, is_text_or_quantity


def _quantity(value: Any, info: ValidationInfo) -> float:
    """A text with a unit as a number in the unit of :class:`qnu.units.Units`."""
    field = str(info.field_name)
    kind = KEYS[field]
    if not is_text_or_quantity(value):
        raise QnuError(field, value, kind.allowed)
    number = converted(field, value, kind)
    check_sign(field, value, number)
    for names in ONE_OF:
        for other in names:
            if field in names and info.data.get(other) is not None:
                raise QnuError(field, Words(f"{other} and {field}"), "one of the two")
    return number


Quantity = Annotated[float, BeforeValidator(_quantity), WithJsonSchema({"type": "string"})]


def _key(name: str, meaning: str) -> Any:
    return key(f"{KEYS[name].name} as a text, such as '{KEYS[name].example}'", None, meaning)


class UnitsTable(Table):
    """``[units]``: physical units, so that texts with units may stand in the other tables."""

    density: Quantity | None = _key(
        "density", "of all neutrinos and antineutrinos: mu = sqrt(2) G_F n is 1"
    )
    mu: Quantity | None = _key("mu", "instead of `density`")
    packet: Quantity | None = _key(
        "packet", "sqrt(A) of a wave packet: `gamma` of the schedule is sqrt(2) G_F/A by default"
    )
    area: Quantity | None = _key("area", "A, instead of `packet`")
    packet_rms: Quantity | None = _key(
        "packet_rms", "rms size s of Gaussian packets, instead of `packet`: A = 8 pi s^2"
    )
    mass_splitting: Quantity | None = _key(
        "mass_splitting", "for `energy`; negative: inverted ordering"
    )
    energy: Quantity | None = _key("energy", "of groups without `energy` and `omega`")
    radius: Quantity | None = _key("radius", "where the path begins, t = 0: for profiles")

    def resolved(self) -> Units:
        """For Python: what converts texts with units."""
        return Units(**{name: getattr(self, name) for name in KEYS})


class _Others(BaseModel):
    """A file of which only the [units] count."""

    units: UnitsTable = UnitsTable()


def units_of(data: Mapping[str, Any]) -> Units:
    """What the [units] of a file say; without the table, nothing.

    Raises:
        pydantic.ValidationError: with the place below ``units``.
    """
    return _Others.model_validate(data).units.resolved()
