r"""State vectors of one weight sector: :math:`\binom Nk` amplitudes, k neutrinos in state 2."""

from .ranks import MOST, Sector, weight_of
from .state import apply_blocks, bipartition_entropy, draw, pair_densities, polarizations, steps

__all__ = [
    "MOST",
    "Sector",
    "apply_blocks",
    "bipartition_entropy",
    "draw",
    "pair_densities",
    "polarizations",
    "steps",
    "weight_of",
]
