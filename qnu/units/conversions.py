"""The conversions one by one. A plain number has the unit that the function names; a text has its
own, and so has a quantity of pint or astropy.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

from ..common.checks import number
from ..errors import QnuError, QnuWarning
from .constants import ATOMIC_MASS, FM_PER_CM, FM_PER_KM, HBAR_C, INTERACTION_AREA
from .reading import (
    AREA,
    DENSITY,
    ENERGY,
    FREQUENCY,
    MASS_DENSITY,
    MASS_SPLITTING,
    Kind,
    converted,
    is_text_or_quantity,
)

#: Packets between 1 fm and 1 mm, as areas in fm^2.
SMALLEST_AREA, LARGEST_AREA = 1.0, 1e24


def _given(field: str, value: Any, kind: Kind, **bounds: float) -> float:
    """A number in the unit of a kind, also from a text or a quantity; within bounds."""
    plain = converted(field, value, kind)
    if not is_text_or_quantity(value):
        return number(field, plain, **bounds)
    try:
        return number(field, plain, **bounds)
    except QnuError as error:
        raise QnuError(field, value, f"{error.allowed} {kind.unit}") from None


def _finite(field: str, value: Any, compute: Callable[[], float]) -> float:
    """A result that a float can hold; the last argument that led to it is named where none can."""
    try:
        result = compute()
    except (ZeroDivisionError, OverflowError):
        result = math.inf
    if not math.isfinite(result):
        raise QnuError(field, value, "a value for which the result is below 1.8e308")
    return result


def omega_from_energy(mass_splitting: float | str, energy: float | str) -> float:
    r"""Vacuum frequency :math:`\omega = \Delta m^2/(2E)`.

    Args:
        mass_splitting: :math:`\Delta m^2` in :math:`\mathrm{eV}^2`; negative for inverted ordering.
        energy: E in MeV, > 0.

    Returns:
        omega in rad/km.

    Raises:
        QnuError: a value that is not a number, an energy that is not positive, a result that
            a number cannot hold.

    References:
        Pantaleone (1992); Sigl and Raffelt (1993).

    Examples:
        >>> round(omega_from_energy(2.5e-3, 10.0), 4)   # 5.07 rad/km per (eV^2 / GeV) / 2
        0.6335
    """
    splitting = _given("mass_splitting", mass_splitting, MASS_SPLITTING)
    mev = _given("energy", energy, ENERGY, above=0.0)
    return _finite(
        "energy", energy, lambda: splitting * 1e-18 / (2 * mev * 1e-3) / HBAR_C * FM_PER_KM
    )


def energy_from_omega(mass_splitting: float | str, omega: float | str) -> float:
    r"""Energy :math:`E = \Delta m^2/(2\omega)` in MeV, the inverse of :func:`omega_from_energy`.

    Args:
        mass_splitting: :math:`\Delta m^2` in :math:`\mathrm{eV}^2`.
        omega: rad/km, of the same sign as ``mass_splitting``.

    Returns:
        E in MeV.

    Raises:
        QnuError: ``omega`` is 0 or has the other sign, a result that a number cannot hold.

    References:
        Pantaleone (1992).

    Examples:
        >>> round(energy_from_omega(2.5e-3, omega_from_energy(2.5e-3, 15.0)), 9)
        15.0
    """
    splitting = _given("mass_splitting", mass_splitting, MASS_SPLITTING)
    frequency = _given("omega", omega, FREQUENCY)
    if not frequency or not splitting or (frequency > 0) != (splitting > 0):
        raise QnuError("omega", omega, "a number other than 0 with the sign of mass_splitting")
    gev = frequency * HBAR_C / FM_PER_KM
    return _finite("omega", omega, lambda: splitting * 1e-18 / (2 * gev) * 1e3)


def mu_from_density(density: float | str) -> float:
    r"""Neutrino-neutrino coupling :math:`\mu = \sqrt2\,G_F\,n`.

    Args:
        density: number density n in :math:`\mathrm{cm}^{-3}`, >= 0.

    Returns:
        mu in rad/km.

    Raises:
        QnuError: a negative density.

    References:
        Pantaleone (1992).

    Examples:
        >>> f"{mu_from_density(1e32):.4g}"
        '6.423e+04'
        >>> mu_from_density("1e30 cm^-3") == mu_from_density(1e30)
        True
    """
    per_fm3 = _given("density", density, DENSITY, low=0.0) / FM_PER_CM**3
    return INTERACTION_AREA * per_fm3 * FM_PER_KM


def density_from_mu(mu: float | str) -> float:
    r"""Density :math:`n = \mu/(\sqrt2\,G_F)` in :math:`\mathrm{cm}^{-3}`, from :math:`\mu`.

    The inverse of :func:`mu_from_density`.

    Args:
        mu: rad/km, >= 0.

    Returns:
        n in :math:`\mathrm{cm}^{-3}`.

    Raises:
        QnuError: a negative mu, a result that a number cannot hold.

    References:
        Pantaleone (1992).

    Examples:
        >>> f"{density_from_mu(mu_from_density(3e31)):.6g}"
        '3e+31'
    """
    value = _given("mu", mu, FREQUENCY, low=0.0)
    return _finite("mu", mu, lambda: value / FM_PER_KM / INTERACTION_AREA * FM_PER_CM**3)


def gamma_from_area(area: float | str) -> float:
    r"""Discreteness parameter :math:`\gamma = \mu\,t_\mathrm{int} = \sqrt2\,G_F/A`: a ratio of two
    areas.

    Args:
        area: cross section A of the wave packet in :math:`\mathrm{fm}^2`, > 0.

    Returns:
        gamma, without a unit.

    Raises:
        QnuError: an area that is not positive, a result that a number cannot hold.

    Warns:
        QnuWarning: :math:`\sqrt A` below 1 fm, which is :math:`\hbar c/E` of 200 MeV (no packet is
            smaller than its wavelength), or above 1 mm, beyond all estimates for neutrinos. A plain
            number was probably meant in another unit.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> f"{gamma_from_area(100.0**2):.2g}"   # A = (0.1 pm)^2
        '6.4e-11'
        >>> f"{gamma_from_area('1e-22 cm^2'):.2g}"
        '6.4e-11'
    """
    value = _given("area", area, AREA, above=0.0)
    gamma = _finite("area", area, lambda: INTERACTION_AREA / value)
    if not SMALLEST_AREA <= value <= LARGEST_AREA:
        warnings.warn(QnuWarning(_unlikely(value)), stacklevel=2)
    return gamma


def _unlikely(area: float) -> str:
    """What is odd about an area in fm^2."""
    size = math.sqrt(area)
    given = f"area: {area:.4g} fm^2, sqrt(A) = {size:.3g} fm"
    if area < SMALLEST_AREA:
        return (
            f"{given}, is below 1 fm, the hbar c/E of 200 MeV: no wave packet is that small"
            " (a plain number is in fm^2; a text says its unit: '1e-22 cm^2')"
        )
    return (
        f"{given}, is above 1 mm, more than any estimate for wave packets of neutrinos"
        " (a plain number is in fm^2; a text says its unit: '1e-22 cm^2')"
    )


def area_from_gamma(gamma: float) -> float:
    r"""Cross section :math:`A = \sqrt2\,G_F/\gamma` in :math:`\mathrm{fm}^2`, from :math:`\gamma`.

    The inverse of :func:`gamma_from_area`.

    Args:
        gamma: discreteness parameter, > 0.

    Returns:
        A in :math:`\mathrm{fm}^2`.

    Raises:
        QnuError: a gamma that is not positive, a result that a number cannot hold.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> f"{area_from_gamma(1.0):.3g}"
        '6.42e-07'
    """
    value = number("gamma", gamma, above=0.0)
    return _finite("gamma", gamma, lambda: INTERACTION_AREA / value)


def time_in_km(time: float, mu: float | str) -> float:
    r"""Light-travel distance :math:`c t = \mathrm{time}/\mu` in km of a time given in units of
    1/mu.

    Args:
        time: dimensionless, in units of 1/mu.
        mu: rad/km, > 0.

    Returns:
        distance in km; divide by ``SPEED_OF_LIGHT`` (m/s) for a time.

    Raises:
        QnuError: a mu that is not positive, a result that a number cannot hold.

    Examples:
        >>> time_in_km(500.0, 1e3)
        0.5
    """
    value, coupling = number("time", time), _given("mu", mu, FREQUENCY, above=0.0)
    return _finite("mu", mu, lambda: value / coupling)


def matter_from_mass_density(mass_density: float | str, ye: float) -> float:
    r"""Matter potential :math:`\lambda_e = \sqrt2\,G_F\,Y_e\rho/m_u`.

    Args:
        mass_density: :math:`\rho` in :math:`\mathrm{g/cm}^3`, >= 0.
        ye: :math:`Y_e`, electrons per nucleon, from 0 to 1.

    Returns:
        lambda_e in rad/km.

    Raises:
        QnuError: a negative density, a :math:`Y_e` below 0 or above 1.

    References:
        Wolfenstein (1978): :math:`7.63\times10^{-14}` eV for :math:`Y_e\rho = 1` g/cm^3.

    Examples:
        >>> f"{matter_from_mass_density('1e9 g/cm^3', ye=0.45):.4g} rad/km"
        '1.741e+05 rad/km'
    """
    rho = _given("mass_density", mass_density, MASS_DENSITY, low=0.0)
    share = number("ye", ye, low=0.0, high=1.0)
    return _finite("mass_density", mass_density, lambda: mu_from_density(share * rho / ATOMIC_MASS))
