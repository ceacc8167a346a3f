"""From centimetres, MeV and eV^2 to units of mu, and back.

The neutrino-neutrino coupling sets the clock: times in 1/mu, frequencies in mu.
Natural units (hbar = c = 1) in between; the conversions carry the numbers of CODATA and PDG.
"""

from __future__ import annotations

import math

from .checks import number
from .errors import QnuError

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


def omega_from_energy(mass_splitting: float, energy: float) -> float:
    """Vacuum frequency ``omega = dm^2 / (2 E)``.

    Args:
        mass_splitting: dm^2 in eV^2; negative for inverted ordering.
        energy: E in MeV, > 0.

    Returns:
        omega in rad/km.

    Raises:
        QnuError: a value that is not a number, or an energy that is not positive.

    References:
        Pantaleone (1992); Sigl and Raffelt (1993).

    Examples:
        >>> round(omega_from_energy(2.5e-3, 10.0), 4)   # 5.07 rad/km per (eV^2 / GeV) / 2
        0.6335
    """
    splitting = number("mass_splitting", mass_splitting)
    gev = splitting * 1e-18 / (2 * number("energy", energy, above=0.0) * 1e-3)
    return gev / HBAR_C * _FM_PER_KM


def energy_from_omega(mass_splitting: float, omega: float) -> float:
    """Energy ``E = dm^2 / (2 omega)`` in MeV, the inverse of :func:`omega_from_energy`.

    Args:
        mass_splitting: dm^2 in eV^2.
        omega: rad/km, of the same sign as ``mass_splitting``.

    Returns:
        E in MeV.

    Raises:
        QnuError: ``omega`` is 0 or has the other sign.

    References:
        Pantaleone (1992).

    Examples:
        >>> round(energy_from_omega(2.5e-3, omega_from_energy(2.5e-3, 15.0)), 9)
        15.0
    """
    splitting = number("mass_splitting", mass_splitting)
    frequency = number("omega", omega)
    if frequency * splitting <= 0:
        raise QnuError("omega", omega, "a number other than 0 with the sign of mass_splitting")
    gev = frequency * HBAR_C / _FM_PER_KM
    return splitting * 1e-18 / (2 * gev) * 1e3


def mu_from_density(density: float) -> float:
    """Neutrino-neutrino coupling ``mu = sqrt(2) G_F n``.

    Args:
        density: number density n in cm^-3, >= 0.

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
    """Number density ``n = mu / (sqrt(2) G_F)`` in cm^-3, the inverse of :func:`mu_from_density`.

    Args:
        mu: rad/km, >= 0.

    Returns:
        n in cm^-3.

    Raises:
        QnuError: a negative mu.

    References:
        Pantaleone (1992).

    Examples:
        >>> f"{density_from_mu(mu_from_density(3e31)):.6g}"
        '3e+31'
    """
    return number("mu", mu, low=0.0) / _FM_PER_KM / INTERACTION_AREA * _FM_PER_CM**3


def gamma_from_area(area: float) -> float:
    """Discreteness parameter ``gamma = mu t_int = sqrt(2) G_F / A``: a ratio of two areas.

    Args:
        area: cross section A of the wave packet in fm^2, > 0.

    Returns:
        gamma, without a unit.

    Raises:
        QnuError: an area that is not positive.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> f"{gamma_from_area(100.0**2):.2g}"   # A = (0.1 pm)^2
        '6.4e-11'
    """
    return INTERACTION_AREA / number("area", area, above=0.0)


def area_from_gamma(gamma: float) -> float:
    """Cross section ``A = sqrt(2) G_F / gamma`` in fm^2, the inverse of :func:`gamma_from_area`.

    Args:
        gamma: discreteness parameter, > 0.

    Returns:
        A in fm^2.

    Raises:
        QnuError: a gamma that is not positive.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> f"{area_from_gamma(1.0):.3g}"
        '6.42e-07'
    """
    return INTERACTION_AREA / number("gamma", gamma, above=0.0)


def time_in_km(time: float, mu: float) -> float:
    """Light-travel distance ``c t = time / mu`` in km of a time given in units of 1/mu.

    Args:
        time: dimensionless, in units of 1/mu.
        mu: rad/km, > 0.

    Returns:
        distance in km; divide by :data:`SPEED_OF_LIGHT` (m/s) for a time.

    Raises:
        QnuError: a mu that is not positive.

    References:
        physics conventions of qnu: times are in 1/mu.

    Examples:
        >>> time_in_km(500.0, 1e3)
        0.5
    """
    return number("time", time) / number("mu", mu, above=0.0)
