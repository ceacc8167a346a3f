"""Reduced density matrices by reshaping the whole state; axis ``N - 1 - k`` is neutrino k."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...encounter import PAULI

Array = NDArray[Any]


def matrix(state: Array, qubits: Iterable[int]) -> Array:
    """The state as ``M[A, B]``, the factors of A in the order of ``qubits``."""
    count = state.size.bit_length() - 1
    mine = [count - 1 - k for k in qubits]
    rest = [axis for axis in range(count) if axis not in mine]
    tensor = state.astype(np.complex128).reshape((2,) * count)
    return tensor.transpose(mine + rest).reshape(2 ** len(mine), -1)


def density(state: Array, qubits: Iterable[int]) -> Array:
    """``rho_A = Tr_B |psi><psi| = M M^+``."""
    m = matrix(state, qubits)
    return np.asarray(m @ m.conj().T)


def polarizations(state: Array, count: int) -> Array:
    """``P_k = Tr(rho_k sigma)``."""
    one = [density(state, [k]) for k in range(count)]
    return np.array([[np.trace(rho @ sigma).real for sigma in PAULI] for rho in one])


def pair_densities(state: Array, count: int) -> Array:
    """``rho_ij`` of all pairs i < j; the rest is 0."""
    out = np.zeros((count, count, 4, 4), complex)
    for i in range(count):
        for j in range(i + 1, count):
            out[i, j] = density(state, [i, j])
    return out


def bipartition_spectrum(state: Array, qubits: Iterable[int]) -> Array:
    """Squares of the singular values of M."""
    return np.asarray(np.linalg.svd(matrix(state, qubits), compute_uv=False) ** 2)


def bipartition_entropy(state: Array, qubits: Iterable[int]) -> float:
    """``-sum lambda log2 lambda`` of the normalised state."""
    weights = bipartition_spectrum(state, qubits)
    weights = weights[weights > 0] / weights.sum()
    return float(-np.sum(weights * np.log2(weights)))
