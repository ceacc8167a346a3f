"""Bitstrings drawn from a state vector: the outcomes of measuring all neutrinos."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import drawing

#: Amplitudes of a block: few enough to scan for a single shot, 16 MiB of sums at 31 neutrinos.
_BLOCK = 1 << 10


def draw(state: NDArray[Any], shots: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``P(k) = |a_k|^2 / <psi|psi>``: basis states k, independently drawn.

    Each shot uses one number of the generator, so that the first shots do not depend on how many
    follow, and none depends on the number of threads.

    Args:
        state: ``2^N`` amplitudes, complex64 or complex128, of any norm.
        shots: how many.
        rng: a NumPy generator.

    Returns:
        ``(shots,)`` indices; bit k of an index is neutrino k.

    Raises:
        QnuError: a negative number of shots, a state without a finite norm above 0.

    Examples:
        >>> import numpy as np
        >>> draw(np.array([0, 3j, 0, 0]), 4, np.random.default_rng(1))
        array([1, 1, 1, 1])
    """
    return drawing.draw(state, shots, rng, min(_BLOCK, state.size))


def bits(indices: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """``b_k = (index >> k) & 1``: the readout of each neutrino, 0 for mass state 1.

    Args:
        indices: ``(shots,)`` basis states.
        count: N neutrinos.

    Returns:
        ``(shots, N)``, column k is neutrino k.

    Examples:
        >>> import numpy as np
        >>> bits(np.array([1, 6]), 3)
        array([[1, 0, 0],
               [0, 1, 1]], dtype=uint8)
    """
    out = np.empty((len(indices), count), np.uint8)
    for k in range(count):  # one column at a time: no (shots, N) array of 8-byte numbers
        out[:, k] = (indices >> k) & 1
    return out
