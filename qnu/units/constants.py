"""Constants of CODATA and PDG."""

from __future__ import annotations

import math

#: Fermi constant in GeV^-2.
FERMI_CONSTANT = 1.1663788e-5
#: hbar c in GeV fm.
HBAR_C = 0.19732698
#: Speed of light in m/s.
SPEED_OF_LIGHT = 299_792_458.0
#: Atomic mass constant in g (CODATA 2022): of one nucleon in matter.
ATOMIC_MASS = 1.66053906892e-24
#: sqrt(2) G_F as an area, in fm^2: 6.42e-7.
INTERACTION_AREA = math.sqrt(2) * FERMI_CONSTANT * HBAR_C**2

FM_PER_CM = 1e13
FM_PER_KM = 1e18
