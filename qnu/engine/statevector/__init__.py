"""State vectors of all :math:`2^N` amplitudes: product states, two-qubit gates, read-out."""

from .bipartitions import bipartition_entropy, bipartition_spectrum
from .bloch_vectors import polarizations
from .pairs import pair_densities, pair_density
from .state import apply_blocks, apply_gates, norm, product_state, spinors, steps

__all__ = [
    "apply_blocks",
    "apply_gates",
    "bipartition_entropy",
    "bipartition_spectrum",
    "norm",
    "pair_densities",
    "pair_density",
    "polarizations",
    "product_state",
    "spinors",
    "steps",
]
