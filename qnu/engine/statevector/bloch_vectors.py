"""Bloch vectors of all neutrinos from a state vector in two or three passes over the memory.

A block of amplitudes is spread out, as doubles, in a few hundred KiB that stay in the cache, and
all of its qubits are summed there: the lowest 14 qubits in blocks that are contiguous, up to 11
more in blocks of rows far apart. Every sum is in double precision and by tasks of fixed size:
single precision loses nothing, and the number of threads changes nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...common.jit import njit, prange
from ..compiled import serial_and_threads

#: Qubits of a contiguous block: 256 KiB of doubles.
_NEAR = 14
#: Qubits of rows far apart, at most, and bits of a block of them: 512 KiB of doubles.
#: Even the longest rows, those of a single qubit, are within a contiguous block.
_FAR = 11
_FAR_SIZE = _NEAR + 1
#: Tasks, each summed by one thread.
_TASKS = 64
#: From this many qubits on the tasks are shared between threads.
_THREADS_FROM = 18

# Sums may go by lanes (and so vectorise), products and sums may be one instruction.
_FAST = {"reassoc", "contract", "nsz"}


@njit(fastmath=_FAST, forceinline=True)
def _one_bit(re, im, bit, sums):
    """Add ``sum a* b`` over pairs (a: bit 0, b: bit 1)."""
    row = 1 << bit
    for start in range(0, re.size, 2 * row):
        r0, r1 = re[start : start + row], re[start + row : start + 2 * row]
        i0, i1 = im[start : start + row], im[start + row : start + 2 * row]
        x, y = 0.0, 0.0
        for k in range(row):
            x += r0[k] * r1[k] + i0[k] * i1[k]
            y += r0[k] * i1[k] - i0[k] * r1[k]
        sums[0, 0] += x
        sums[0, 1] += y


@njit(fastmath=_FAST, forceinline=True)
def _two_bits(re, im, bit, sums):
    """The same for two neighbouring bits at once: half of the loads."""
    row = 1 << bit
    for start in range(0, re.size, 4 * row):
        s1, s2, s3, stop = start + row, start + 2 * row, start + 3 * row, start + 4 * row
        r0, r1, r2, r3 = re[start:s1], re[s1:s2], re[s2:s3], re[s3:stop]
        i0, i1, i2, i3 = im[start:s1], im[s1:s2], im[s2:s3], im[s3:stop]
        x0, y0, x1, y1 = 0.0, 0.0, 0.0, 0.0
        for k in range(row):
            a, b, c, d = r0[k], r1[k], r2[k], r3[k]
            e, f, g, h = i0[k], i1[k], i2[k], i3[k]
            x0 += a * b + e * f + c * d + g * h
            y0 += a * f - e * b + c * h - g * d
            x1 += a * c + e * g + b * d + f * h
            y1 += a * g - e * c + b * h - f * d
        sums[0, 0] += x0
        sums[0, 1] += y0
        sums[1, 0] += x1
        sums[1, 1] += y1


@njit(forceinline=True)
def _bits(re, im, first, count, sums):
    """Add ``sum a* b`` of ``count`` bits from ``first`` on."""
    for k in range(0, count - 1, 2):
        _two_bits(re, im, first + k, sums[k:])
    if count % 2:
        _one_bit(re, im, first + count - 1, sums[count - 1 :])


@njit(fastmath=_FAST, forceinline=True)
def _spread_out(parts, re, im):
    """Real and imaginary parts apart, as doubles."""
    for k in range(re.size):
        re[k] = parts[2 * k]
        im[k] = parts[2 * k + 1]


@njit
def _turned(parts, rows, columns, re, im):
    """The same with rows and columns exchanged: the lowest bits become the highest."""
    near = parts.reshape(rows, columns, 2)
    r_out, i_out = re.reshape(columns, rows), im.reshape(columns, rows)
    eights = columns & ~7  # 8 columns at once: a cache line or two, read once
    for c in range(0, eights, 8):
        for r in range(rows):
            for k in range(8):
                r_out[c + k, r] = near[r, c + k, 0]
                i_out[c + k, r] = near[r, c + k, 1]
    for c in range(eights, columns):
        for r in range(rows):
            r_out[c, r] = near[r, c, 0]
            i_out[c, r] = near[r, c, 1]


@njit(fastmath=_FAST, forceinline=True)
def _weights(re, im, columns, by_row, by_column):
    """Add ``|a|^2`` of a block up by rows and by columns; all z components follow from these."""
    for r in range(re.size // columns):
        u, v = re[r * columns : (r + 1) * columns], im[r * columns : (r + 1) * columns]
        total = 0.0
        for k in range(columns):
            weight = u[k] * u[k] + v[k] * v[k]
            by_column[k] += weight
            total += weight
        by_row[r] += total


def _near_of(parts, low, high, sums, by_column, by_row, by_block):
    """The ``low + high`` lowest qubits."""
    columns, rows = 1 << low, 1 << high
    size = rows * columns
    blocks, tasks = by_block.size, sums.shape[0]
    for task in prange(tasks):
        re, im = np.empty(size), np.empty(size)
        mine = np.zeros(rows)
        for block in range(blocks * task // tasks, blocks * (task + 1) // tasks):
            near = parts[2 * size * block : 2 * size * (block + 1)]
            _spread_out(near, re, im)
            mine[:] = 0.0
            _weights(re, im, columns, mine, by_column[task])
            by_block[block] = mine.sum()
            by_row[task] += mine
            _bits(re, im, low, high, sums[task, low:])
            _turned(near, rows, columns, re, im)
            _bits(re, im, high, low, sums[task])


def _far_of(parts, first, bits, low, sums):
    """``bits`` qubits from ``first`` on: rows of ``2^low`` neighbours, ``2^first`` apart."""
    tasks = sums.shape[0]
    row, size = 1 << low, 1 << (low + bits)
    blocks = parts.size // (2 * size)
    inner = (1 << first) // row  # blocks side by side
    for task in prange(tasks):
        re, im = np.empty(size), np.empty(size)
        for block in range(blocks * task // tasks, blocks * (task + 1) // tasks):
            base = ((block // inner) << (first + bits)) + (block % inner) * row
            for r in range(1 << bits):
                start = 2 * (base + (r << first))
                at = slice(r * row, (r + 1) * row)
                _spread_out(parts[start : start + 2 * row], re[at], im[at])
            _bits(re, im, low, bits, sums[task])


_near_serial, _near_threads = serial_and_threads(_near_of)
_far_serial, _far_threads = serial_and_threads(_far_of)


@njit
def _differences(weights, z):
    """``z_k = sum +-weight``, + where bit k is 0, of each bit; leaves their sum in ``weights[0]``.

    Neighbours are added up in pairs, so that rounding does not grow with their number.
    """
    size = weights.size
    for k in range(z.size):
        size >>= 1
        total = 0.0
        for j in range(size):
            total += weights[2 * j] - weights[2 * j + 1]
            weights[j] = weights[2 * j] + weights[2 * j + 1]
        z[k] = total


def polarizations(state: NDArray[Any], count: int) -> Floats:
    r""":math:`x + i y = 2\sum a^* b,\quad z = \sum (|a|^2 - |b|^2)` for every neutrino.

    a and b are amplitudes that differ in bit k, which is 0 in a and 1 in b. Two passes over the
    memory up to 25 neutrinos, three up to 36. Beside the state 0.5 MiB per thread and
    :math:`2^{N-14}` numbers. A state that is not normalised gives :math:`\langle\psi|\psi\rangle`
    times the vectors.

    Args:
        state: :math:`2^N` amplitudes, complex64 or complex128.
        count: N, how many there are.

    Returns:
        ``(N, 3)``: Bloch vectors.

    Examples:
        >>> import numpy as np
        >>> polarizations(np.array([1, 1j]) / np.sqrt(2), 1).round(12)
        array([[0., 1., 0.]])
    """
    out = np.empty((count, 3))
    parts = state.view(state.real.dtype)
    shared = count >= _THREADS_FROM
    near = min(count, _NEAR)
    low = near // 2 & ~1  # two bits are summed at once
    blocks = state.size >> near
    tasks = min(_TASKS, blocks)
    sums = np.zeros((tasks, near, 2))
    by_column, by_row = np.zeros((tasks, 1 << low)), np.zeros((tasks, 1 << (near - low)))
    by_block = np.empty(blocks)
    (_near_threads if shared else _near_serial)(
        parts, low, near - low, sums, by_column, by_row, by_block
    )
    out[:near, :2] = 2 * sums.sum(axis=0)
    _differences(by_column.sum(axis=0), out[:low, 2])
    _differences(by_row.sum(axis=0), out[low:near, 2])
    _differences(by_block, out[near:, 2])
    first = near
    for left in range(-(-(count - near) // _FAR), 0, -1):
        bits = -(-(count - first) // left)
        sums = np.zeros((_TASKS, bits, 2))
        far = _far_threads if shared else _far_serial
        far(parts, first, bits, _FAR_SIZE - bits, sums)
        out[first : first + bits, :2] = 2 * sums.sum(axis=0)
        first += bits
    return out
