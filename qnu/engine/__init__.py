"""Kernels on state vectors and Bloch vectors: compiled loops that know arrays, not gases."""

from .streaming import free_unitaries

__all__ = ["free_unitaries"]
