"""What a [units] table says, and what texts with units are in units of mu."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from .. import profiles
from ..common.checks import finite, number
from ..errors import QnuError, Words
from .conversions import (
    gamma_from_area,
    matter_from_mass_density,
    mu_from_density,
    omega_from_energy,
)
from .reading import (
    AREA,
    DENSITY,
    ENERGY,
    FREQUENCY,
    MASS_DENSITY,
    MASS_SPLITTING,
    RADIUS,
    SIZE,
    TIME,
    Kind,
    converted,
    is_text_or_quantity,
    measured,
)

#: The keys of [units], with the kind of each.
KEYS: dict[str, Kind] = {
    "density": DENSITY,
    "mu": FREQUENCY,
    "packet": SIZE,
    "area": AREA,
    "packet_rms": SIZE,
    "mass_splitting": MASS_SPLITTING,
    "energy": ENERGY,
    "radius": RADIUS,
}
#: Of these, one.
ONE_OF = (("density", "mu"), ("packet", "area", "packet_rms"))
_WITH_YE = "Ye with a density of matter such as '1e9 g/cm^3', and with nothing else"
_NO_MU = "[units] with density or mu, which says what 1 is"


@dataclass(frozen=True)
class Units:
    r"""The physical units of a gas: which mu is 1, the size of a wave packet, energies.

    Times are then in :math:`1/\mu` and frequencies in :math:`\mu`, with
    :math:`\mu = \sqrt2\,G_F\,n`. Every argument is a text with a unit, a quantity of pint or
    astropy, or a plain number in the unit that is named here, which is also what the attribute
    holds.

    Args:
        density: n of all neutrinos and antineutrinos in :math:`\mathrm{cm}^{-3}`.
        mu: instead of the density, in rad/km.
        packet: :math:`\sqrt A` of a wave packet in fm: :math:`\gamma = \sqrt2\,G_F/A`.
        area: A in :math:`\mathrm{fm}^2`, instead of ``packet``.
        packet_rms: rms size s of a Gaussian packet in fm, instead of ``packet``:
            :math:`\gamma = \sqrt2\,G_F/(8\pi s^2)`.
        mass_splitting: :math:`\Delta m^2` in :math:`\mathrm{eV}^2`; negative: inverted ordering.
        energy: in MeV, of neutrinos without an energy of their own.
        radius: where the path begins (t = 0), in km: for profiles along the radius.

    Raises:
        QnuError: what cannot be read, has another dimension, is not positive; two that exclude
            each other.

    References:
        Pantaleone (1992); Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> units = Units(density="1e30 cm^-3", packet="1e-11 cm", mass_splitting="2.5e-3 eV^2")
        >>> f"mu = {units.mu_per_km:.4g} rad/km, gamma = {units.gamma:.3g}"
        'mu = 642.3 rad/km, gamma = 6.42e-11'
        >>> f"omega = {units.omega('15 MeV'):.3g} mu, 3 km = {units.time('3 km'):.4g} / mu"
        'omega = 0.000658 mu, 3 km = 1927 / mu'
    """

    density: Any = None
    mu: Any = None
    packet: Any = None
    area: Any = None
    packet_rms: Any = None
    mass_splitting: Any = None
    energy: Any = None
    radius: Any = None

    def __post_init__(self) -> None:
        for name, kind in KEYS.items():
            given = getattr(self, name)
            if given is not None:
                value = converted(name, given, kind)
                check_sign(name, given, value)
                object.__setattr__(self, name, value)
        for names in ONE_OF:
            both = [name for name in names if getattr(self, name) is not None]
            if len(both) > 1:
                raise QnuError(both[1], Words(f"{both[0]} and {both[1]}"), "one of the two")

    def __bool__(self) -> bool:
        """Whether anything is given."""
        return any(getattr(self, name) is not None for name in KEYS)

    @property
    def mu_per_km(self) -> float | None:
        """The mu that is 1, in rad/km; None where neither density nor mu is given."""
        return self.mu if self.density is None else mu_from_density(self.density)

    @property
    def cross_section(self) -> float | None:
        """A in fm^2; None where no size of packets is given."""
        if self.packet is not None:
            return float(self.packet**2)
        if self.packet_rms is not None:
            return float(8 * math.pi * self.packet_rms**2)
        return None if self.area is None else float(self.area)

    @cached_property
    def gamma(self) -> float | None:
        """The physical discreteness parameter; None where no size of packets is given."""
        area = self.cross_section
        return None if area is None else gamma_from_area(area)

    def omega(self, energy: Any = None, field: str = "energy") -> float:
        r"""Vacuum frequency :math:`\Delta m^2/(2E)` in units of mu.

        Args:
            energy: default: that of these units.
            field: for messages.

        Raises:
            QnuError: an energy that is none; no mass splitting, no energy, no mu.
        """
        energy = self.energy if energy is None else converted(field, energy, ENERGY)
        for name, value in (("energy", energy), ("mass_splitting", self.mass_splitting)):
            if value is None:
                raise QnuError(field, Words(f"an energy without {name}"), f"{name} in [units]")
        return omega_from_energy(self.mass_splitting, energy) / self.unit_of_mu(field, energy)

    def time(self, value: Any, field: str = "time") -> float:
        """A time or a path in units of 1/mu; a plain number is one already.

        Raises:
            QnuError: no time; no mu.
        """
        if not is_text_or_quantity(value):
            return number(field, value)
        path, _ = measured(field, value, TIME)
        return path * self.unit_of_mu(field, value)

    def path_km(self, time: Any) -> Any:
        r"""The path :math:`c t` in km of times in units of 1/mu, the inverse of :meth:`time`.

        Args:
            time: a number or an array.

        Raises:
            QnuError: times that are no numbers; no mu.

        Examples:
            >>> units = Units(mu="10 km^-1")
            >>> units.path_km(units.time("3 km")), units.path_km([10, 20]).tolist()
            (3.0, [1.0, 2.0])
        """
        path = finite("time", time) / self.unit_of_mu("time", Words("a time"))
        return float(path) if np.ndim(path) == 0 else path

    def coupling(self, value: Any, ye: float | None = None, field: str = "coupling") -> float:
        r"""A frequency, or :math:`\sqrt2\,G_F` times a density, in units of mu.

        Args:
            value: ``"642 km^-1"``; ``"1e30 cm^-3"`` of neutrinos or electrons; ``"1e9 g/cm^3"`` of
                matter; a plain number is in units of mu already.
            ye: electrons per nucleon, with a density of matter.
            field: for messages.

        Raises:
            QnuError: none of these; no mu; a density of matter without ``ye``, or ``ye`` with
                something else.

        Examples:
            >>> f"{Units(mu='1e5 km^-1').coupling('1e9 g/cm^3', ye=0.45):.4g}"
            '1.741'
        """
        if not is_text_or_quantity(value):
            if ye is not None:
                raise QnuError(field, value, _WITH_YE)
            return number(field, value)
        plain, kind = measured(field, value, (FREQUENCY, DENSITY, MASS_DENSITY))
        return coupling_of(self, plain, kind, ye, field, value)

    def unit_of_mu(self, field: str, value: Any) -> float:
        """The mu that is 1, in rad/km.

        Args:
            field: for messages.
            value: what needs it.

        Raises:
            QnuError: neither density nor mu is given.
        """
        unit = self.mu_per_km
        if unit is None:
            raise QnuError(field, value, f"a number in units of mu, or {_NO_MU}")
        return unit

    def start_radius(self, radius: Any = None, field: str = "radius") -> float:
        """Where the path begins, in km.

        Args:
            radius: of a profile; default: that of these units.
            field: for messages.

        Raises:
            QnuError: none, or two that differ.
        """
        if radius is None:
            if self.radius is None:
                raise QnuError(field, Words("no radius"), "the radius where the path begins")
            return float(self.radius)
        kilometres = converted(field, radius, RADIUS)
        check_sign(field, radius, kilometres)
        if self.radius is not None and kilometres != self.radius:
            allowed = f"the radius of [units], {self.radius:g} km, where the path begins"
            raise QnuError(field, radius, allowed)
        return kilometres

    def power_law(self, start: Any, power: float, radius: Any = None) -> profiles.PowerLaw:
        r"""A density that falls as :math:`r^{-\mathrm{power}}` along the radius.

        Args:
            start: at t = 0: as :meth:`coupling` takes it, without ``ye``.
            power: 2, 3 or 4.
            radius: where the path begins; default: that of these units.

        Examples:
            >>> Units(mu="10 km^-1", radius="50 km").power_law(1.0, power=4)
            PowerLaw(start=1.0, radius=500.0, power=4)
        """
        begin = self.start_radius(radius)
        return profiles.PowerLaw(
            self.coupling(start, field="start"), begin * self.unit_of_mu("radius", radius), power
        )

    def exponential(self, start: Any, scale: Any) -> profiles.Exponential:
        """A density that falls exponentially along the path.

        Args:
            start: at t = 0: as :meth:`coupling` takes it, without ``ye``.
            scale: the path in which it falls by 1/e, such as ``"10 km"``.

        Examples:
            >>> Units(mu="10 km^-1").exponential(1.0, "20 km")
            Exponential(start=1.0, scale=200.0)
        """
        return profiles.Exponential(
            self.coupling(start, field="start"), self.time(scale, field="scale")
        )

    def table(
        self,
        radii: Sequence[Any],
        values: Sequence[Any],
        *,
        radius: Any = None,
        ye: Sequence[float] | None = None,
    ) -> profiles.Table:
        """Values at radii, with straight lines between them, along the path from ``radius`` on.

        Args:
            radii: ``(n,)`` increasing, in km or with units.
            values: ``(n,)`` densities or frequencies, as :meth:`coupling` takes them.
            radius: where the path begins; default: that of these units, or the first one.
            ye: ``(n,)`` electrons per nucleon, with densities of matter.

        Raises:
            QnuError: radii that do not increase, a path that begins before the first one or after
                the last one, shapes that differ.

        Examples:
            >>> Units(mu="10 km^-1").table([50, 60], ["1e5 km^-1", "2e4 km^-1"])([0.0, 50.0])
            array([10000.,  6000.])
        """
        kilometres = [converted(f"radii[{k}]", r, RADIUS) for k, r in enumerate(radii)]
        shares = [None] * len(values) if ye is None else list(ye)
        if not len(kilometres) == len(values) == len(shares) > 0:
            sizes = f"{len(kilometres)} radii, {len(values)} values, {len(shares)} ye"
            raise QnuError("values", Words(sizes), "as many of each, at least one")
        numbers = [
            self.coupling(value, share, field=f"values[{k}]")
            for k, (value, share) in enumerate(zip(values, shares, strict=True))
        ]
        return self.along(kilometres, numbers, radius)

    def along(
        self, kilometres: Sequence[float], numbers: Sequence[float], radius: Any = None
    ) -> profiles.Table:
        """The same for radii in km and values in units of mu."""
        if any(b <= a for a, b in pairwise(kilometres)):
            raise QnuError("radii", list(kilometres), "radii that increase")
        begin = kilometres[0]
        if radius is not None or self.radius is not None:
            begin = self.start_radius(radius)
        if not kilometres[0] <= begin <= kilometres[-1]:
            allowed = f"a radius from {kilometres[0]:g} to {kilometres[-1]:g} km, as in the table"
            raise QnuError("radius", begin, allowed)
        unit = self.unit_of_mu("radii", Words("radii"))
        return profiles.Table(np.array([(r - begin) * unit for r in kilometres]), np.array(numbers))


def coupling_of(
    units: Units, plain: float, kind: Kind, ye: float | None, field: str, value: Any = None
) -> float:
    """As :meth:`Units.coupling`, for a number in the unit of a kind.

    Args:
        units: say what mu is.
        plain: the number.
        kind: a frequency, a density or a density of matter.
        ye: electrons per nucleon, with the last.
        field: for messages.
        value: what the user wrote.
    """
    value = Words(f"{plain:g} {kind.unit}") if value is None else value
    if (kind is MASS_DENSITY) != (ye is not None):
        raise QnuError(field, value, _WITH_YE)
    if kind is not FREQUENCY and plain < 0:
        raise QnuError(field, value, "a density >= 0")
    if kind is MASS_DENSITY:
        plain = matter_from_mass_density(plain, number("Ye", ye, low=0.0, high=1.0))
    elif kind is DENSITY:
        plain = mu_from_density(plain)
    return plain / units.unit_of_mu(field, value)


def check_sign(name: str, given: Any, value: float) -> None:
    """Everything is positive but the mass splitting, which is not 0."""
    if name == "mass_splitting":
        if value == 0:
            raise QnuError(name, given, f"{KEYS[name].allowed}, not 0")
    elif value <= 0:
        allowed = KEYS[name].allowed if name in KEYS else RADIUS.allowed
        raise QnuError(name, given, f"{allowed}, > 0")
