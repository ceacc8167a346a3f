"""Gates on a state vector, the obvious way: one axis per neutrino, one contraction per gate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_gates(blocks: NDArray[Any]) -> NDArray[Any]:
    """``(n, 4, 4)`` of ``blocks (n, 2, 2)`` on |01>, |10>; |00> and |11> stay as they are."""
    gates = np.zeros((len(blocks), 4, 4), complex)
    gates[:, 0, 0] = gates[:, 3, 3] = 1
    gates[:, 1:3, 1:3] = blocks
    return gates


def apply_gates(state: NDArray[Any], first: Any, second: Any, gates: NDArray[Any]) -> NDArray[Any]:
    """``U_n ... U_1 |psi>`` in double precision; ``gates (n, 4, 4)`` are (first) x (second)."""
    count = state.size.bit_length() - 1
    tensor = state.astype(complex).reshape((2,) * count)
    for i, j, gate in zip(first, second, gates, strict=True):
        axes = (count - 1 - i, count - 1 - j)  # the first axis is the highest bit
        turned = np.tensordot(gate.reshape(2, 2, 2, 2), tensor, axes=((2, 3), axes))
        tensor = np.moveaxis(turned, (0, 1), axes)
    return tensor.reshape(-1)
