r"""State vectors of one weight sector: :math:`\binom Nk` amplitudes, k neutrinos in state 2."""

from .ranks import MOST, Sector, weight_of
from .state import (
    apply_blocks,
    bipartition_entropy,
    configurations,
    draw,
    flip_overlap,
    pair_densities,
    polarizations,
    product_overlap,
    steps,
)

__all__ = [
    "MOST",
    "Sector",
    "apply_blocks",
    "bipartition_entropy",
    "configurations",
    "draw",
    "flip_overlap",
    "pair_densities",
    "polarizations",
    "product_overlap",
    "steps",
    "weight_of",
]
