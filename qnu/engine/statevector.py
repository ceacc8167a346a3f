"""Encounters on a state vector: two-qubit gates in place, polarizations, pair density matrices.

Neutrino k is bit k of the index, so amplitudes are little-endian as in Qiskit. A gate matrix is
given in the order (first) x (second).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ..checks import Floats
from . import fused
from .compiled import serial_and_threads
from .fused import Done

State = NDArray[Any]

#: log2 of the floats that one thread sums at a time.
_PIECE_BITS = 16


def product_state(spinors: NDArray[Any], dtype: Any = np.complex128) -> State:
    """``|psi_{N-1}> ... |psi_1> |psi_0>`` from spinors ``(N, 2)``: a vector of 2^N amplitudes.

    Filled from its beginning, doubling: there is never a second vector.
    """
    state = fused.aligned(1 << len(spinors), dtype)
    state[0] = 1
    for n, (up, down) in enumerate(spinors.astype(dtype)):
        half, filled = 1 << n, state[: 1 << n]
        np.multiply(filled, down, out=state[half : 2 * half])
        np.multiply(filled, up, out=filled)
    return state


def spinors(polarization: Floats) -> NDArray[Any]:
    """``(N, 3)`` vectors of length 1 to ``(N, 2)`` spinors with a real first component."""
    x, y, z = (polarization / np.linalg.norm(polarization, axis=1, keepdims=True)).T
    up = np.sqrt(np.clip((1 + z) / 2, 0.0, 1.0))
    down = np.sqrt(np.clip((1 - z) / 2, 0.0, 1.0))
    return np.stack([up + 0j, down * np.exp(1j * np.arctan2(y, x))], axis=1)


@numba.njit(cache=True, inline="always")
def _spread(r, low, high):
    """The number r with a 0 inserted at the bits low < high."""
    r = ((r >> low) << (low + 1)) | (r & ((1 << low) - 1))
    return ((r >> high) << (high + 1)) | (r & ((1 << high) - 1))


def steps(state: State, first: Any, second: Any, gates: Any, skip: int = 0) -> Iterator[Done]:
    """:func:`qnu.engine.fused.run` for a vector of any length."""
    least = 1 << (fused.lane_bits(state.dtype) + 2)
    if state.size >= least:
        yield from fused.run(state, first, second, gates, skip)
        return
    wide = fused.aligned(least, state.dtype)  # neutrinos that meet nobody beside them
    wide[: state.size], wide[state.size :] = state, 0
    for done in fused.run(wide, first, second, gates, skip):
        state[:] = wide[: state.size]
        yield done


def apply_blocks(state: State, first: Any, second: Any, blocks: NDArray[Any]) -> None:
    """Encounters in vacuum, ``blocks (n, 2, 2)`` of :mod:`qnu.engine.exchange`, in place."""
    for _ in steps(state, first, second, blocks):
        pass


def apply_gates(state: State, first: Any, second: Any, gates: NDArray[Any]) -> None:
    """Gates ``(n, 4, 4)`` in the order (first) x (second), in place."""
    for _ in steps(state, first, second, gates):
        pass


@numba.njit(cache=True)
def _polarizations(state, count, out):
    half = state.size >> 1
    for n in range(count):
        bit = 1 << n
        z, x, y = 0.0, 0.0, 0.0
        for r in range(half):
            k = ((r >> n) << (n + 1)) | (r & (bit - 1))
            a, b = state[k], state[k | bit]
            z += a.real * a.real + a.imag * a.imag - b.real * b.real - b.imag * b.imag
            x += a.real * b.real + a.imag * b.imag
            y += a.real * b.imag - a.imag * b.real
        out[n, 0], out[n, 1], out[n, 2] = 2 * x, 2 * y, z


def polarizations(state: State, count: int) -> Floats:
    """``(N, 3)``: Bloch vectors of all neutrinos."""
    out = np.empty((count, 3))
    _polarizations(state, count, out)
    return out


@numba.njit(cache=True)
def _pair_density(state, i, j, out):
    one, two = 1 << i, 1 << j
    low, high = min(i, j), max(i, j)
    out[:] = 0.0
    for r in range(state.size >> 2):
        k = _spread(r, low, high)
        a = (state[k], state[k | two], state[k | one], state[k | one | two])
        for p in range(4):
            for q in range(p, 4):
                out[p, q] += a[p] * a[q].conjugate()
    for p in range(4):
        for q in range(p):
            out[p, q] = out[q, p].conjugate()


def pair_densities(state: State, count: int) -> NDArray[Any]:
    """``(N, N, 4, 4)``: density matrices of all pairs i < j as (i) x (j); the rest is 0."""
    out = np.zeros((count, count, 4, 4), np.complex128)
    for i in range(count):
        for j in range(i + 1, count):
            _pair_density(state, i, j, out[i, j])
    return out


def _sums_of_squares(floats, sums):
    piece = floats.size // sums.size
    for p in numba.prange(sums.size):
        total = 0.0
        for x in floats[p * piece : (p + 1) * piece]:
            total += np.float64(x) * np.float64(x)
        sums[p] = total


_squares_serial, _squares_threads = serial_and_threads(_sums_of_squares, {"reassoc", "contract"})


def norm(state: State) -> float:
    """``<psi|psi>``, summed in double precision by pieces that do not depend on threads."""
    floats = np.ascontiguousarray(state).view(state.real.dtype)
    pieces = 1 << max(floats.size.bit_length() - _PIECE_BITS, 0)
    sums = np.empty(pieces)
    kernel = _squares_threads if pieces > 1 else _squares_serial
    whole = floats.size // pieces * pieces  # a sector's length is no power of 2
    kernel(floats[:whole], sums)
    rest = floats[whole:].astype(float)
    return float(sums.sum() + rest @ rest)
