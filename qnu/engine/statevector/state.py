"""The 2^N amplitudes of N neutrinos: product states, two-qubit gates in place, and the norm.

Neutrino k is bit k of the index, so amplitudes are little-endian as in Qiskit. A gate matrix is
given in the order (first) x (second).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...common.jit import prange
from ..compiled import serial_and_threads
from . import fused
from .fused import Done

State = NDArray[Any]

#: Amplitudes of a product state that are filled at a time: an interrupt is handled in between.
_FILLED_AT_ONCE = 1 << 20
#: log2 of the floats that one thread sums at a time.
_PIECE_BITS = 16


def product_state(spinors: NDArray[Any], dtype: Any = np.complex128) -> State:
    r""":math:`|\psi_{N-1}\rangle \otimes \ldots \otimes |\psi_0\rangle` from spinors ``(N, 2)``.

    A vector of :math:`2^N` amplitudes. Filled from its beginning, doubling: there is never a second
    vector.
    """
    state = fused.aligned(1 << len(spinors), dtype)
    state[0] = 1
    for n, (up, down) in enumerate(spinors.astype(dtype)):
        half = 1 << n
        for begin in range(0, half, _FILLED_AT_ONCE):
            filled = state[begin : min(begin + _FILLED_AT_ONCE, half)]
            above = state[half + begin : half + begin + filled.size]
            np.multiply(filled, down, out=above)
            np.multiply(filled, up, out=filled)
    return state


def spinors(polarization: Floats) -> NDArray[Any]:
    """``(N, 3)`` vectors of length 1 to ``(N, 2)`` spinors with a real first component."""
    x, y, z = (polarization / np.linalg.norm(polarization, axis=1, keepdims=True)).T
    up = np.sqrt(np.clip((1 + z) / 2, 0.0, 1.0))
    down = np.sqrt(np.clip((1 - z) / 2, 0.0, 1.0))
    return np.stack([up + 0j, down * np.exp(1j * np.arctan2(y, x))], axis=1)


def steps(state: State, first: Any, second: Any, gates: Any, skip: int = 0) -> Iterator[Done]:
    """Applies gates as :func:`apply_gates`; the caller regains control after each pass."""
    least = 1 << (fused.lane_bits(state.dtype) + 2)
    if state.size >= least:
        yield from fused.run(state, first, second, gates, skip)
        return
    wide = fused.aligned(least, state.dtype)  # with further neutrinos that have no encounters
    wide[: state.size], wide[state.size :] = state, 0
    for done in fused.run(wide, first, second, gates, skip):
        state[:] = wide[: state.size]
        yield done


def apply_blocks(state: State, first: Any, second: Any, blocks: NDArray[Any]) -> None:
    r"""Encounters in vacuum, ``(n, 2, 2)`` blocks on :math:`|01\rangle, |10\rangle`, in place."""
    for _ in steps(state, first, second, blocks):
        pass


def apply_gates(state: State, first: Any, second: Any, gates: NDArray[Any]) -> None:
    """Gates ``(n, 4, 4)`` in the order (first) x (second), in place."""
    for _ in steps(state, first, second, gates):
        pass


def _sums_of_squares(floats, sums):
    piece = floats.size // sums.size
    for p in prange(sums.size):
        part, total = floats[p * piece : (p + 1) * piece], 0.0
        for k in range(piece):
            x = np.float64(part[k])
            total += x * x
        sums[p] = total


_squares_serial, _squares_threads = serial_and_threads(
    _sums_of_squares, {"reassoc", "contract", "nsz"}
)


def norm(state: State) -> float:
    r""":math:`\langle\psi|\psi\rangle` in double precision, the same for any number of threads."""
    floats = np.ascontiguousarray(state).view(state.real.dtype)
    pieces = 1 << max(floats.size.bit_length() - _PIECE_BITS, 0)
    sums = np.empty(pieces)
    kernel = _squares_threads if pieces > 1 else _squares_serial
    whole = floats.size // pieces * pieces  # a sector's length is no power of 2
    kernel(floats[:whole], sums)
    rest = floats[whole:].astype(float)
    return float(sums.sum() + rest @ rest)
