r"""Sums over all Pauli strings, and overlaps, of a state vector.

A Pauli string is ``i^{|x & z|} X^x Z^z`` with bit patterns x (what it flips) and z (what it
signs)::

    <P_xz> = i^{|x & z|} W_x(z),    W_x(z) = sum_k (-1)^{|k & z|} conj(psi[k ^ x]) psi[k]

For one x all z are one Walsh-Hadamard transform. As k and k ^ x give complex conjugates, half of
the k are enough: of the transform G over the other N - 1 bits, ``2 Re G`` and ``2 Im G`` are the
two W that differ in z at the highest bit of x.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...common.jit import get_num_threads, njit, prange
from ..compiled import serial_and_threads
from .state import product_state

#: Patterns that are transformed side by side, so that every pass is over whole vectors of floats.
_LANES = 4
#: Rows of a transform that stay in the cache for several passes: 128 KiB.
_ROWS = 1 << 11
#: From so many amplitudes times patterns on, patterns are shared between threads.
_THREADS_FROM = 1 << 16
#: Amplitudes that are taken into double precision at a time.
_AT_ONCE = 1 << 16


def moments_need(count: int) -> int:
    """Bytes beside the state for :func:`pauli_moments`: a workspace per thread."""
    return int(get_num_threads()) * 8 * _LANES * (1 << count)


def pauli_moments(state: NDArray[Any], patterns: NDArray[np.int64]) -> tuple[Floats, Floats]:
    r""":math:`\sum_z \langle P_{xz}\rangle^2` and :math:`\sum_z \langle P_{xz}\rangle^4` for some
    x.

    Args:
        state: ``2^N`` amplitudes in double precision, N >= 1.
        patterns: ``(m,)`` bits that a string flips.

    Returns:
        ``(m,)`` and ``(m,)``, not divided by the norm.

    Examples:
        >>> bell = np.array([1, 0, 0, 1]) / np.sqrt(2) + 0j
        >>> pauli_moments(bell, np.array([0, 1, 3]))[1].round(12)   # 1, ZZ; nothing; XX, YY
        array([2., 0., 2.])
    """
    second, fourth = np.empty(len(patterns)), np.empty(len(patterns))
    kernel = _moments[state.size * len(patterns) >= _THREADS_FROM]
    kernel(state, np.asarray(patterns, np.int64), second, fourth)
    return second, fourth


@njit(forceinline=True)
def _fill(state, pattern, work, lane):
    """``conj(psi[k ^ x]) psi[k]`` of the k without the highest bit of x, as a column."""
    top = 0
    while pattern >> (top + 1):
        top += 1
    below = (1 << top) - 1
    for row in range(work.shape[0]):
        k = ((row >> top) << (top + 1)) | (row & below)
        a = state[k]
        if pattern:
            b = state[k ^ pattern]
            work[row, lane] = b.real * a.real + b.imag * a.imag
            work[row, lane + 1] = b.real * a.imag - b.imag * a.real
        else:  # real for all k: one half beside the other
            b = state[k + 1]
            work[row, lane] = a.real * a.real + a.imag * a.imag
            work[row, lane + 1] = b.real * b.real + b.imag * b.imag


@njit(forceinline=True)
def _four(work, start, stop, step):
    """Two stages of the transform, between rows that are ``step`` and ``2 step`` apart."""
    for base in range(start, stop, 4 * step):
        for k in range(base, base + step):
            for c in range(2 * _LANES):
                p, q = work[k, c], work[k + step, c]
                r, s = work[k + 2 * step, c], work[k + 3 * step, c]
                work[k, c] = (p + q) + (r + s)
                work[k + step, c] = (p - q) + (r - s)
                work[k + 2 * step, c] = (p + q) - (r + s)
                work[k + 3 * step, c] = (p - q) - (r - s)


@njit(forceinline=True)
def _two(work, start, stop, step):
    """One stage."""
    for base in range(start, stop, 2 * step):
        for k in range(base, base + step):
            for c in range(2 * _LANES):
                p, q = work[k, c], work[k + step, c]
                work[k, c] = p + q
                work[k + step, c] = p - q


@njit(forceinline=True)
def _transform(work):
    """Walsh-Hadamard transform of every column, in place."""
    rows = work.shape[0]
    block = min(rows, _ROWS)
    for start in range(0, rows, block):
        step = 1
        while 4 * step <= block:
            _four(work, start, start + block, step)
            step *= 4
        if step < block:
            _two(work, start, start + block, step)
    step = block
    while 4 * step <= rows:
        _four(work, 0, rows, step)
        step *= 4
    if step < rows:
        _two(work, 0, rows, step)


@njit(forceinline=True)
def _sums(work, lane, diagonal):
    """Second and fourth moments of one column."""
    second, fourth = 0.0, 0.0
    for row in range(work.shape[0]):
        a, b = work[row, lane], work[row, lane + 1]
        if diagonal:
            a, b = a + b, a - b
        else:
            a, b = 2.0 * a, 2.0 * b
        a, b = a * a, b * b
        second += a + b
        fourth += a * a + b * b
    return second, fourth


def _moments_of(state, patterns, second, fourth):
    """Patterns side by side, ``_LANES`` at a time."""
    groups = (patterns.size + _LANES - 1) // _LANES
    for g in prange(groups):
        work = np.zeros((state.size >> 1, 2 * _LANES))
        first = g * _LANES
        last = min(first + _LANES, patterns.size)
        for n in range(first, last):
            _fill(state, patterns[n], work, 2 * (n - first))
        _transform(work)
        for n in range(first, last):
            second[n], fourth[n] = _sums(work, 2 * (n - first), patterns[n] == 0)


_moments = serial_and_threads(_moments_of, {"reassoc", "contract", "nsz"})


def flip_overlap(state: NDArray[Any]) -> complex:
    r""":math:`\sum_k (-1)^{|k|} a_k a_{\bar k}`, the bits of :math:`\bar k` opposite to those of k.

    Up to a phase :math:`\langle\psi|\sigma_y^{\otimes N}|\psi^*\rangle`. One pass over half of the
    state, for odd N none: there k and its opposite cancel.

    Args:
        state: ``2^N`` amplitudes, complex64 or complex128.

    Examples:
        >>> flip_overlap(np.array([0, 0.6, -0.8, 0]))
        (0.96+0j)
    """
    count = state.size.bit_length() - 1
    if count % 2:
        return 0j
    if count == 0:
        return complex(state[0]) ** 2
    half, total = state.size // 2, 0j
    piece = min(half, _AT_ONCE)
    signs = 1.0 - 2.0 * (np.bitwise_count(np.arange(piece)) & 1)
    for start in range(0, half, piece):
        low = state[start : start + piece].astype(np.complex128)
        high = state[state.size - start - piece : state.size - start][::-1].astype(np.complex128)
        sign = -1.0 if start.bit_count() & 1 else 1.0
        total += sign * complex((signs * low) @ high)
    return 2 * total


def product_overlap(state: NDArray[Any], spinors: NDArray[Any]) -> complex:
    r""":math:`\langle\phi_{N-1} \ldots \phi_0|\psi\rangle` with a product state, in one pass.

    Args:
        state: ``2^N`` amplitudes, complex64 or complex128.
        spinors: ``(N, 2)``; row k is neutrino k.

    Examples:
        >>> product_overlap(np.array([0, 0.6, 0.8, 0]), np.array([[0, 1], [1, 0]]))
        (0.6+0j)
    """
    low_bits = min(len(spinors), _AT_ONCE.bit_length() - 1)
    low, high = (product_state(part.conj()) for part in np.split(spinors, [low_bits]))
    parts = (state[k * low.size : (k + 1) * low.size] for k in range(high.size))
    return complex(sum(b * complex(a @ low) for a, b in zip(parts, high, strict=True)))
