"""Two-qubit gates one after the other, on a state with one axis per qubit."""

from typing import Any

import numpy as np


def on_two(state: Any, matrix: Any, first: int, second: int) -> Any:
    """A 4x4 matrix in the order (first) x (second)."""
    count = state.size.bit_length() - 1
    a, b = count - 1 - first, count - 1 - second
    axes = state.reshape((2,) * count)
    turned = np.tensordot(matrix.reshape(2, 2, 2, 2), axes, ((2, 3), (a, b)))
    return np.moveaxis(turned, (0, 1), (a, b)).reshape(-1)


def sequence(state: Any, first: Any, second: Any, gates: Any) -> Any:
    """All of them; the state that was given stays as it is."""
    for i, j, matrix in zip(first, second, gates, strict=True):
        state = on_two(state, matrix, i, j)
    return state
