r"""From centimetres, MeV and :math:`\mathrm{eV}^2` to units of mu, and back.

The neutrino-neutrino coupling sets the clock: times in 1/mu, frequencies in mu.
Natural units (hbar = c = 1) in between; the conversions carry the numbers of CODATA and PDG.

Every function takes a plain number in the unit that it names, a text with a unit
(``"1e30 cm^-3"``, ``"1e-11cm"``, ``"15 MeV"``), or a quantity of pint or astropy.
:class:`Units` is what the ``[units]`` table of an experiment file says, for Python.
"""

from __future__ import annotations

from .columns import read_profile
from .constants import (
    ATOMIC_MASS,
    FERMI_CONSTANT,
    HBAR_C,
    INTERACTION_AREA,
    SPEED_OF_LIGHT,
)
from .conversions import (
    area_from_gamma,
    density_from_mu,
    energy_from_omega,
    gamma_from_area,
    matter_from_mass_density,
    mu_from_density,
    omega_from_energy,
    time_in_km,
)
from .given import Units
from .scaled import ScaledRun, Scales, scales
from .words import in_words

__all__ = [
    "ATOMIC_MASS",
    "FERMI_CONSTANT",
    "HBAR_C",
    "INTERACTION_AREA",
    "SPEED_OF_LIGHT",
    "ScaledRun",
    "Scales",
    "Units",
    "area_from_gamma",
    "density_from_mu",
    "energy_from_omega",
    "gamma_from_area",
    "in_words",
    "matter_from_mass_density",
    "mu_from_density",
    "omega_from_energy",
    "read_profile",
    "scales",
    "time_in_km",
]
