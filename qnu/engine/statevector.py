"""Encounters on a state vector: two-qubit gates in place, polarizations, pair density matrices.

Neutrino k is bit k of the index, so amplitudes are little-endian as in Qiskit. A gate matrix is
given in the order (first) x (second).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ..checks import Floats

#: From this many qubits on, a gate is shared between threads.
_THREADS_FROM = 15
#: Shorter rows are not worth two slices.
_ROW = 16

State = NDArray[Any]


def product_state(spinors: NDArray[Any], dtype: Any = np.complex128) -> State:
    """``|psi_{N-1}> ... |psi_1> |psi_0>`` from spinors ``(N, 2)``: a vector of 2^N amplitudes."""
    state = np.ones(1, dtype)
    for spinor in spinors:
        state = np.kron(spinor.astype(dtype), state)
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


def _exchange_gates(state, first, second, block):
    """2x2 blocks ``(n, 2, 2)`` on |01>, |10>; |00> and |11> stay as they are.

    Rows of contiguous amplitudes go through together.
    """
    quarter = state.size >> 2
    for g in range(first.size):
        one, two = 1 << first[g], 1 << second[g]
        low, high = min(first[g], second[g]), max(first[g], second[g])
        a, b, c, d = block[g, 0, 0], block[g, 0, 1], block[g, 1, 0], block[g, 1, 1]
        row = 1 << low
        for r in numba.prange(quarter >> low):
            base = _spread(r << low, low, high)
            if row >= _ROW:
                # two arrays: the loop over them vectorises, one array with two offsets does not
                u = state[base + two : base + two + row]
                v = state[base + one : base + one + row]
                for k in range(row):
                    p, q = u[k], v[k]
                    u[k] = a * p + b * q
                    v[k] = c * p + d * q
            else:
                for k in range(base, base + row):
                    p, q = state[k | two], state[k | one]
                    state[k | two] = a * p + b * q
                    state[k | one] = c * p + d * q


def _general_gates(state, first, second, gates):
    """Any two-qubit gates ``(n, 4, 4)`` in the order (first) x (second)."""
    quarter = state.size >> 2
    for g in range(first.size):
        one, two = 1 << first[g], 1 << second[g]
        low, high = min(first[g], second[g]), max(first[g], second[g])
        u = gates[g]
        row = 1 << low
        for r in numba.prange(quarter >> low):
            base = _spread(r << low, low, high)
            for k in range(base, base + row):
                p, q, s, t = state[k], state[k | two], state[k | one], state[k | one | two]
                state[k] = u[0, 0] * p + u[0, 1] * q + u[0, 2] * s + u[0, 3] * t
                state[k | two] = u[1, 0] * p + u[1, 1] * q + u[1, 2] * s + u[1, 3] * t
                state[k | one] = u[2, 0] * p + u[2, 1] * q + u[2, 2] * s + u[2, 3] * t
                state[k | one | two] = u[3, 0] * p + u[3, 1] * q + u[3, 2] * s + u[3, 3] * t


# "contract": a product and a sum may be one instruction; nothing else is reordered
_exchange_serial = numba.njit(cache=True, fastmath={"contract"})(_exchange_gates)
_exchange_threads = numba.njit(cache=True, fastmath={"contract"}, parallel=True)(_exchange_gates)
_general_serial = numba.njit(cache=True)(_general_gates)
_general_threads = numba.njit(cache=True, parallel=True)(_general_gates)


def _shared(state: State) -> bool:
    return bool(state.size >= 1 << _THREADS_FROM)


def apply_blocks(state: State, first: Any, second: Any, blocks: NDArray[Any]) -> None:
    """Encounters in vacuum, ``blocks (n, 2, 2)`` of :mod:`qnu.engine.exchange`, in place."""
    kernel = _exchange_threads if _shared(state) else _exchange_serial
    kernel(state, first, second, blocks.astype(state.dtype, copy=False))


def apply_gates(state: State, first: Any, second: Any, gates: NDArray[Any]) -> None:
    """Gates ``(n, 4, 4)``, any, one after the other, in place."""
    kernel = _general_threads if _shared(state) else _general_serial
    kernel(state, first, second, np.ascontiguousarray(gates.astype(state.dtype, copy=False)))


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


def norm(state: State) -> float:
    """``<psi|psi>``."""
    return float(np.vdot(state, state).real)
