"""Kernels on state vectors and Bloch vectors: compiled loops over arrays."""

from ..common.lazy import submodules
from .streaming import free_unitaries

__all__ = ["free_unitaries"]

__getattr__ = submodules(__name__, "sector", "statevector")
