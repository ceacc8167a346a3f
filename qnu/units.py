r"""From centimetres, MeV and :math:`\mathrm{eV}^2` to units of mu, and back.

The neutrino-neutrino coupling sets the clock: times in 1/mu, frequencies in mu.
Natural units (hbar = c = 1) in between; the conversions carry the numbers of CODATA and PDG.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .common.checks import number
from .errors import QnuError

__all__ = [
    "FERMI_CONSTANT",
    "HBAR_C",
    "INTERACTION_AREA",
    "SPEED_OF_LIGHT",
    "area_from_gamma",
    "density_from_mu",
    "energy_from_omega",
    "gamma_from_area",
    "mu_from_density",
    "omega_from_energy",
    "time_in_km",
]

#: Fermi constant in GeV^-2.
FERMI_CONSTANT = 1.1663788e-5
#: hbar c in GeV fm.
HBAR_C = 0.19732698
#: Speed of light in m/s.
SPEED_OF_LIGHT = 299_792_458.0
#: sqrt(2) G_F as an area, in fm^2: 6.42e-7.
INTERACTION_AREA = math.sqrt(2) * FERMI_CONSTANT * HBAR_C**2

_FM_PER_CM = 1e13
_FM_PER_KM = 1e18


def _finite(field: str, value: float, compute: Callable[[], float]) -> float:
    """A result that a float can hold; the last argument that led to it is named where none can."""
    try:
        result = compute()
    except (ZeroDivisionError, OverflowError):
        result = math.inf
    if not math.isfinite(result):
        raise QnuError(field, value, "a value for which the result is below 1.8e308")
    return result


def omega_from_energy(mass_splitting: float, energy: float) -> float:
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
    splitting = number("mass_splitting", mass_splitting)
    mev = number("energy", energy, above=0.0)
    return _finite(
        "energy", energy, lambda: splitting * 1e-18 / (2 * mev * 1e-3) / HBAR_C * _FM_PER_KM
    )


def energy_from_omega(mass_splitting: float, omega: float) -> float:
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
    splitting = number("mass_splitting", mass_splitting)
    frequency = number("omega", omega)
    if not frequency or not splitting or (frequency > 0) != (splitting > 0):
        raise QnuError("omega", omega, "a number other than 0 with the sign of mass_splitting")
    gev = frequency * HBAR_C / _FM_PER_KM
    return _finite("omega", omega, lambda: splitting * 1e-18 / (2 * gev) * 1e3)


def mu_from_density(density: float) -> float:
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
    """
    per_fm3 = number("density", density, low=0.0) / _FM_PER_CM**3
    return INTERACTION_AREA * per_fm3 * _FM_PER_KM


def density_from_mu(mu: float) -> float:
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
    value = number("mu", mu, low=0.0)
    return _finite("mu", mu, lambda: value / _FM_PER_KM / INTERACTION_AREA * _FM_PER_CM**3)


def gamma_from_area(area: float) -> float:
    r"""Discreteness parameter :math:`\gamma = \mu\,t_\mathrm{int} = \sqrt2\,G_F/A`: a ratio of two
    areas.

    Args:
        area: cross section A of the wave packet in :math:`\mathrm{fm}^2`, > 0.

    Returns:
        gamma, without a unit.

    Raises:
        QnuError: an area that is not positive, a result that a number cannot hold.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> f"{gamma_from_area(100.0**2):.2g}"   # A = (0.1 pm)^2
        '6.4e-11'
    """
    value = number("area", area, above=0.0)
    return _finite("area", area, lambda: INTERACTION_AREA / value)


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


def time_in_km(time: float, mu: float) -> float:
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
    value, coupling = number("time", time), number("mu", mu, above=0.0)
    return _finite("mu", mu, lambda: value / coupling)
