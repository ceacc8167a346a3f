"""Expectation values of products of one-qubit operators, by applying them one after the other."""

from typing import Any

import numpy as np

X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0 + 0j, -1.0])
ONE = np.eye(2)
MATRIX = {
    "Z": Z,
    "X": X,
    "Y": Y,
    "0": (ONE + Z) / 2,
    "1": (ONE - Z) / 2,
    "+": (ONE + X) / 2,
    "-": (ONE - X) / 2,
    "r": (ONE + Y) / 2,
    "l": (ONE - Y) / 2,
}


def on_one(state: Any, matrix: Any, qubit: int) -> Any:
    """The state with one axis per qubit, the matrix on one of them."""
    count = state.size.bit_length() - 1
    axes = state.reshape((2,) * count)
    axis = count - 1 - qubit  # little-endian: the last axis is qubit 0
    return np.moveaxis(np.tensordot(matrix, axes, (1, axis)), 0, axis).reshape(-1)


def expectation(state: Any, term: Any) -> float:
    """``<psi| prod_k O_k |psi>``."""
    state = state.astype(np.complex128)
    result = state
    for qubit, letter in term:
        result = on_one(result, MATRIX[letter], qubit)
    return float(np.vdot(state, result).real)
