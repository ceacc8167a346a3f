"""Kernels on state vectors and Bloch vectors: compiled loops over arrays."""

from .streaming import free_unitaries

__all__ = ["free_unitaries"]
