"""Gates on blocks of a state vector that fit in cache, many gates per pass over the memory.

A block is gathered into a workspace of its own (real and imaginary parts apart, see
:mod:`qnu.engine.lanes`), all gates of the pass are applied to it there, and it is written back.
Two threads work on different blocks. The state is changed in place; beside it there are only the
workspaces, half a MiB per thread.

The order of gates, and so every rounding error, depends neither on the number of threads nor on
where a pass is interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.jit import get_num_threads, njit, prange
from .. import lanes
from ..compiled import serial_and_threads
from . import fusion, updates

#: Bytes of a block: half of a common second-level cache.
_BLOCK = 1 << 19
#: A larger state does not stay in any cache: its blocks are fetched ahead and written past it.
_CACHED = 1 << 24
#: Amplitudes times gates of one step, about 0.2 s: an interrupt is handled between two steps.
_AT_ONCE = 1 << 32


@njit
def _update(work, chunks, lane_bits, p, q, g):
    """An exchange g (6 floats) of the qubits at p (x: |10>, it is 1) and q (y: it is 1)."""
    chunk = 2 << lane_bits
    er, ei, ar, ai, br, bi = g[0], g[1], g[2], g[3], g[4], g[5]
    low, high = min(p, q) - lane_bits, max(p, q) - lane_bits
    one, two = chunk << (p - lane_bits), chunk << (q - lane_bits)
    for t in range(chunks >> (high + 1)):
        for m in range(1 << (high - low - 1)):
            base = ((t << (high + 1)) | (m << (low + 1))) * chunk
            for k in range(base, base + (chunk << low), chunk):
                lanes.update(work, k + one, k + two, er, ei, ar, ai, br, bi)


@njit
def _update_lane(work, chunks, lane_bits, p, q, g):
    """The same with one of the qubits among the lanes."""
    chunk = 2 << lane_bits
    er, ei, ar, ai, br, bi = g[0], g[1], g[2], g[3], g[4], g[5]
    upper = max(p, q) - lane_bits
    step, following = chunk << upper, chunk if upper else 2 * chunk
    case = p if p < q else q + lane_bits
    for r in range(0, chunks >> 1, 2):  # two chunks with the upper qubit 0, their partners beyond
        k = (((r >> upper) << (upper + 1)) | (r & ((1 << upper) - 1))) * chunk
        m = k + following
        if case == 0:
            lanes.update_lane_0(work, k, k + step, m, m + step, er, ei, ar, ai, br, bi)
        elif case == 1:
            lanes.update_lane_1(work, k, k + step, m, m + step, er, ei, ar, ai, br, bi)
        elif case == 2:
            lanes.update_lane_2(work, k, k + step, m, m + step, er, ei, ar, ai, br, bi)
        elif case == 3 and lane_bits > 3:
            lanes.update_lane_3(work, k, k + step, m, m + step, er, ei, ar, ai, br, bi)
        elif case == lane_bits:
            lanes.update_upper_0(work, k + step, k, m + step, m, er, ei, ar, ai, br, bi)
        elif case == lane_bits + 1:
            lanes.update_upper_1(work, k + step, k, m + step, m, er, ei, ar, ai, br, bi)
        elif case == lane_bits + 2:
            lanes.update_upper_2(work, k + step, k, m + step, m, er, ei, ar, ai, br, bi)
        elif lane_bits > 3:
            lanes.update_upper_3(work, k + step, k, m + step, m, er, ei, ar, ai, br, bi)


@njit
def _swap_lane(work, chunks, lane_bits, lower, upper):
    """Two qubits change places: one among the lanes, one above."""
    chunk = 2 << lane_bits
    step = chunk << (upper - lane_bits)
    for base in range(0, chunks * chunk, 2 * step):
        for k in range(base, base + step, chunk):
            if lower == 0:
                lanes.swap_lane_0(work, k, k + step)
            elif lower == 1:
                lanes.swap_lane_1(work, k, k + step)
            elif lower == 2:
                lanes.swap_lane_2(work, k, k + step)
            elif lane_bits > 3:
                lanes.swap_lane_3(work, k, k + step)


@njit
def _two_qubits(work, chunks, lane_bits, p, q, gates, g):
    """The 4x4 matrix at ``gates[g]``, in the order (p) x (q); both above the lanes."""
    chunk = 2 << lane_bits
    low, high = min(p, q) - lane_bits, max(p, q) - lane_bits
    one, two = chunk << (p - lane_bits), chunk << (q - lane_bits)
    for t in range(chunks >> (high + 1)):
        for m in range(1 << (high - low - 1)):
            base = ((t << (high + 1)) | (m << (low + 1))) * chunk
            for k in range(base, base + (chunk << low), chunk):
                lanes.two_qubits(work, k, k + two, k + one, k + one + two, gates, g)


@njit
def _gate(work, chunks, lane_bits, p, q, gates, g, width):
    """One gate of either kind, wherever its qubits are.

    Two qubits among the lanes, or any of them with a 4x4 matrix, change places with one above
    them for as long as the gate takes.
    """
    if width < 32 and p >= lane_bits and q >= lane_bits:
        _update(work, chunks, lane_bits, p, q, gates[g : g + 6])
        return
    if width < 32 and (p >= lane_bits or q >= lane_bits):
        _update_lane(work, chunks, lane_bits, p, q, gates[g : g + 6])
        return
    to_p, to_q = p, q
    if p < lane_bits:
        to_p = lane_bits if q != lane_bits else lane_bits + 1
        _swap_lane(work, chunks, lane_bits, p, to_p)
    if width < 32:
        _update_lane(work, chunks, lane_bits, to_p, q, gates[g : g + 6])
    else:
        if q < lane_bits:
            to_q = lane_bits if to_p != lane_bits else lane_bits + 1
            _swap_lane(work, chunks, lane_bits, q, to_q)
        _two_qubits(work, chunks, lane_bits, to_p, to_q, gates, g)
        if to_q != q:
            _swap_lane(work, chunks, lane_bits, q, to_q)
    if to_p != p:
        _swap_lane(work, chunks, lane_bits, p, to_p)


@njit
def _gather(amplitudes, own, chunk, block, inside):
    at = 0
    for k in range(0, own.size, chunk):
        lanes.split(amplitudes, (block | at) * chunk, own, k)
        at = (at - inside) & inside


@njit
def _scatter(own, amplitudes, chunk, block, inside, past_cache):
    at = 0
    if past_cache:
        for k in range(0, own.size, chunk):
            lanes.join_past_cache(own, k, amplitudes, (block | at) * chunk)
            at = (at - inside) & inside
    else:
        for k in range(0, own.size, chunk):
            lanes.join(own, k, amplitudes, (block | at) * chunk)
            at = (at - inside) & inside


@njit
def _prefetch(amplitudes, chunk, block, at, number, inside):
    for _ in range(number):
        lanes.prefetch(amplitudes, (block | at) * chunk)
        at = (at - inside) & inside
    return at


def _sweep(amplitudes, work, lane_bits, begin, end, kept, inside, p, q, gates, width, past_cache):
    """Blocks begin..end: gather, all gates, scatter.

    ``kept`` and ``inside`` are masks of the chunk address: bits that number the blocks, and bits
    that number the chunks of one block. While gates work on a block, the next one is fetched.
    """
    threads, chunk = work.shape[0], 2 << lane_bits
    chunks = work.shape[1] // chunk
    share = (chunks + p.size - 1) // p.size
    for thread in prange(threads):
        own = work[thread]
        start = begin + (end - begin) * thread // threads
        stop = begin + (end - begin) * (thread + 1) // threads
        block, left, bit = 0, start, 1
        while left:  # the address of block number `start`: its bits laid out along `kept`
            if kept & bit:
                block |= bit * (left & 1)
                left >>= 1
            bit <<= 1
        for _ in range(start, stop):
            following = (block - kept) & kept
            at = 0
            _gather(amplitudes, own, chunk, block, inside)
            for g in range(p.size):
                _gate(own, chunks, lane_bits, p[g], q[g], gates, g * width, width)
                if past_cache:
                    at = _prefetch(amplitudes, chunk, following, at, share, inside)
            _scatter(own, amplitudes, chunk, block, inside, past_cache)
            block = following


_sweep_serial, _sweep_threads = serial_and_threads(_sweep)


class Done(NamedTuple):
    """Progress of :func:`qnu.engine.statevector.steps`.

    ``passes`` are complete, ``gates`` are done (in the middle of a pass: an estimate); ``whole``
    is True between two passes, where the state is one from which it can go on.
    """

    passes: int
    gates: float
    whole: bool


def lane_bits(dtype: Any) -> int:
    """log2 of the amplitudes in one chunk."""
    return 4 if np.dtype(dtype) == np.complex64 else 3


def block_bits(count: int, dtype: Any) -> int:
    """How many qubits a pass has; a state that fits into one block has one pass, one thread."""
    return min(count, int(_BLOCK // np.dtype(dtype).itemsize).bit_length() - 1)


def aligned(size: int, dtype: Any) -> NDArray[Any]:
    """An array, not filled, at an address that cache lines begin at."""
    room = np.empty(size * np.dtype(dtype).itemsize + 64, np.uint8)
    begin = -room.ctypes.data % 64
    return room[begin : begin + room.size - 64].view(dtype)


def run(state: NDArray[Any], first: Any, second: Any, gates: Any, skip: int = 0) -> Iterator[Done]:
    """Two-qubit gates in place, step by step, in an order that keeps that of every qubit.

    Between two steps, a fraction of a second apart, the caller regains control.

    Args:
        state: 2^N complex amplitudes, N at least ``lane_bits + 2``, contiguous.
        first: ``(n,)`` first qubit of every gate.
        second: ``(n,)`` second qubit.
        gates: ``(n, 2, 2)`` blocks on |01>, |10> (the first qubit's label is the left one), or
            ``(n, 4, 4)`` matrices in the order (first) x (second).
        skip: number of passes that are done already.
    """
    count, bits = state.size.bit_length() - 1, lane_bits(state.dtype)
    size = block_bits(count, state.dtype)
    amplitudes = state.view(state.real.dtype)
    requested, first, second = len(first), np.asarray(first), np.asarray(second)
    if gates.shape[1:] == (2, 2):
        first, second, gates = updates.of(first, second, gates)
    flat = np.ascontiguousarray(gates, state.dtype).reshape(len(first), -1).view(amplitudes.dtype)
    share = requested / max(len(first), 1)
    cost = flat.shape[1] // 6 * (state.itemsize // 8)  # of an update in single precision
    blocks = 1 << (count - size)
    threads = min(get_num_threads(), blocks)
    work = aligned(threads << (size + 1), amplitudes.dtype).reshape(threads, -1)
    sweep = _sweep_serial if threads == 1 else _sweep_threads
    past_cache = state.nbytes > _CACHED and amplitudes.ctypes.data % 64 == 0
    done = 0
    plan = fusion.passes(first, second, count, size, bits)
    for number, (qubits, numbers) in enumerate(plan):
        if number >= skip:
            place = np.full(count, -1)
            place[qubits] = np.arange(size)
            inside = sum(1 << int(q - bits) for q in qubits if q >= bits)
            kept = (1 << (count - bits)) - 1 - inside
            mine = np.ascontiguousarray(flat[numbers])
            p, q = place[first[numbers]], place[second[numbers]]
            step = max(threads, (_AT_ONCE // (cost * max(len(numbers), 8))) >> size)
            for begin in range(0, blocks, step):
                end = min(begin + step, blocks)
                sweep(
                    amplitudes, work, bits, begin, end, kept, inside, p, q,
                    mine.reshape(-1), flat.shape[1], past_cache,
                )  # fmt: skip
                if end < blocks:
                    yield Done(number, share * (done + len(numbers) * end / blocks), False)
        done += len(numbers)
        if number >= skip:
            yield Done(number + 1, share * done, True)
