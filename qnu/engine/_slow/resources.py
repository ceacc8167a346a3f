"""Resources of a state vector, from every Pauli string as a matrix and from whole vectors."""

from __future__ import annotations

from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from .paulis import ONE, X, Y, Z


def pauli_expectations(state: Any) -> Any:
    """``<psi|P|psi>`` of all ``4^N`` strings of 1, X, Y, Z, for small N."""
    count = state.size.bit_length() - 1
    strings = product((ONE, X, Y, Z), repeat=count)
    return np.array([np.vdot(state, reduce(np.kron, some) @ state).real for some in strings])


def stabilizer_renyi_entropy(state: Any) -> float:
    """``-log2 (2^-N sum_P <P>^4)``."""
    return float(-np.log2(np.sum(pauli_expectations(state) ** 4) / state.size))


def n_tangle(state: Any) -> float:
    """``|<psi| sigma_y x ... x sigma_y |psi*>|^2``."""
    count = state.size.bit_length() - 1
    return float(abs(np.vdot(state, reduce(np.kron, [Y] * count) @ state.conj())) ** 2)


def product_overlap(state: Any, spinors: Any) -> complex:
    """``<phi|psi>``; the last factor of the product is neutrino 0."""
    return complex(np.vdot(reduce(np.kron, spinors[::-1]), state))
