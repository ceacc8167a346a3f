"""The numbers of a gas in physical units, and larger gammas that reach the same mu gamma t."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from ..common.checks import number
from ..errors import QnuError
from .constants import FM_PER_CM
from .conversions import density_from_mu, omega_from_energy
from .given import Units

#: Gammas that lists of encounters can have.
SCALED = (0.1, 0.03, 0.01)


@dataclass(frozen=True)
class ScaledRun:
    r"""A run with a larger gamma that has the same :math:`\mu\gamma t`.

    Args:
        gamma: of the run.
        mu_t: its final time in 1/mu.
        encounters: of one neutrino, :math:`\mu t/\gamma`.
        ratio: :math:`\mu\gamma/\omega`, which has to be small for results to depend on
            :math:`\mu\gamma t` alone; None where omega is not known.
    """

    gamma: float
    mu_t: float
    encounters: float
    ratio: float | None


@dataclass(frozen=True)
class Scales:
    r"""What follows from the physical units of a gas; None where they do not say enough.

    Args:
        density: n in :math:`\mathrm{cm}^{-3}`.
        mu: in rad/km.
        omega: in rad/km.
        omega_over_mu: omega in units of mu.
        gamma: :math:`\mu\,t_\mathrm{int}`.
        area: cross section of a packet in :math:`\mathrm{fm}^2`.
        packets_overlap: :math:`n A^{3/2}`, packets per volume of one: they meet one at a time where
            it is small.
        time_unit: 1/mu in km.
        oscillation: :math:`2\pi/\omega` in km.
        t_int: :math:`\gamma/\mu` in km.
        encounters_per_oscillation: :math:`(2\pi/\omega)/t_\mathrm{int}` of one neutrino.
        entanglement: :math:`1/(\mu\gamma)` in km.
        mu_gamma_t: of the scaled runs.
        scaled: runs with larger gammas.
    """

    density: float | None
    mu: float | None
    omega: float | None
    omega_over_mu: float | None
    gamma: float | None
    area: float | None
    packets_overlap: float | None
    time_unit: float | None
    oscillation: float | None
    t_int: float | None
    encounters_per_oscillation: float | None
    entanglement: float | None
    mu_gamma_t: float
    scaled: tuple[ScaledRun, ...]


def scales(units: Units, time: Any = None) -> Scales:
    r"""Rates, times and numbers of encounters of a gas in physical units.

    Args:
        units: as much as is known.
        time: of the gas, such as ``"10 ms"``; scaled runs reach the same :math:`\mu\gamma t`;
            default: :math:`1/(\mu\gamma)`, that is :math:`\mu\gamma t = 1`.

    Returns:
        numbers in rad/km and km.

    Raises:
        QnuError: a time without mu and gamma.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> found = scales(Units(density="1e30 cm^-3", packet="1e-11 cm"))
        >>> f"{found.gamma:.3g}, 1/(mu gamma) = {found.entanglement:.3g} km"
        '6.42e-11, 1/(mu gamma) = 2.42e+07 km'
        >>> found.scaled[0]
        ScaledRun(gamma=0.1, mu_t=10.0, encounters=100.0, ratio=None)
    """
    mu, gamma, area = units.mu_per_km, units.gamma, units.cross_section
    density = units.density if units.density is not None or mu is None else density_from_mu(mu)
    omega = oscillation = over = t_int = meetings = entanglement = overlap = None
    if units.energy is not None and units.mass_splitting is not None:
        omega = omega_from_energy(units.mass_splitting, units.energy)
        oscillation = 2 * math.pi / abs(omega)
        over = None if mu is None else omega / mu
    if mu is not None and gamma is not None:
        t_int, entanglement = gamma / mu, 1 / (mu * gamma)
        meetings = None if oscillation is None else oscillation / t_int
    if density is not None and area is not None:
        overlap = density * (area / FM_PER_CM**2) ** 1.5
    reached = 1.0
    if time is not None:
        if mu is None or gamma is None:
            raise QnuError("time", time, "a time together with density (or mu) and packet")
        reached = gamma * number("time", units.time(time), above=0.0)
    return Scales(
        density=density,
        mu=mu,
        omega=omega,
        omega_over_mu=over,
        gamma=gamma,
        area=area,
        packets_overlap=overlap,
        time_unit=None if mu is None else 1 / mu,
        oscillation=oscillation,
        t_int=t_int,
        encounters_per_oscillation=meetings,
        entanglement=entanglement,
        mu_gamma_t=reached,
        scaled=tuple(_run(g, reached, over) for g in _within_reach(over)),
    )


def _within_reach(over: float | None) -> list[float]:
    """Gammas of encounters; with omega/mu one for which mu gamma is small beside omega."""
    gammas = list(SCALED)
    if over is not None and 1e-100 < abs(over) < 10 * gammas[-1]:
        gammas.append(float(f"{abs(over) / 10:.0e}"))
    return gammas


def _run(gamma: float, reached: float, over: float | None) -> ScaledRun:
    ratio = None if over is None else gamma / abs(over)
    return ScaledRun(gamma, reached / gamma, reached / gamma / gamma, ratio)
