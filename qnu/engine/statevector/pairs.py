"""Density matrices of pairs of neutrinos from a state vector.

All pairs of two groups of neighbouring neutrinos are summed while a block of amplitudes, spread
out as doubles, stays in the cache: N = 20 in 10 passes over the memory instead of 190. In such a
block, amplitudes that differ in neutrinos outside of both groups lie side by side ("lanes").
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import integer
from ...common.jit import njit, prange
from ...errors import QnuError
from ..compiled import serial_and_threads

#: Bits of the lanes, and of the two groups together: 2^14 amplitudes are 256 KiB of doubles.
_LANES = 6
_CHOSEN = 8
#: Lanes take all of the block's bits that the groups leave.
_BLOCK = _LANES + _CHOSEN
#: Up to here all neutrinos are one group: passes over so few amplitudes cost more than they save.
_SMALL = 10
#: Tasks, each summed by one thread.
_TASKS = 64
#: From this many amplitudes on the tasks are shared between threads.
_THREADS_FROM = 1 << 16
#: Amplitudes of a group that are copied together: what they touch stays in the fastest cache.
_TILE = 32


@njit
def places(bits):
    """(2^n,): where ``0 ... 2^n - 1`` go when their bits are put to the given places."""
    out = np.zeros(1 << bits.size, np.int64)
    for k in range(out.size):
        for n in range(bits.size):
            out[k] |= ((k >> n) & 1) << bits[n]
    return out


@njit
def _gather(parts, base, chosen, lanes, re, im):
    """Real and imaginary parts at ``base + chosen + lanes``, lanes side by side, as doubles.

    Whichever of the two goes through neighbours runs in the inner loop.
    """
    width = lanes.size
    if width > 1 and lanes[1] == 1:
        for c in range(chosen.size):
            start = base + chosen[c]
            for k in range(width):
                at = 2 * (start + lanes[k])
                re[c * width + k] = parts[at]
                im[c * width + k] = parts[at + 1]
        return
    for tile in range(0, chosen.size, _TILE):
        for k in range(width):
            start = base + lanes[k]
            for c in range(tile, min(tile + _TILE, chosen.size)):
                at = 2 * (start + chosen[c])
                re[c * width + k] = parts[at]
                im[c * width + k] = parts[at + 1]


@njit(fastmath={"reassoc", "contract", "nsz"}, forceinline=True)
def _pair(re, im, low, high, out):
    """Add the 4 weights and the 6 products ``a_p a_q*`` of the bits low < high of a block."""
    row, one, two = 1 << low, 1 << low, 1 << high
    for far in range(0, re.size, 2 * two):
        for start in range(far, far + two, 2 * one):
            k1, k2, k3 = start + two, start + one, start + one + two
            r0, i0 = re[start : start + row], im[start : start + row]
            r1, i1 = re[k1 : k1 + row], im[k1 : k1 + row]
            r2, i2 = re[k2 : k2 + row], im[k2 : k2 + row]
            r3, i3 = re[k3 : k3 + row], im[k3 : k3 + row]
            w0, w1, w2, w3 = 0.0, 0.0, 0.0, 0.0
            x01, x02, x03, x12, x13, x23 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            y01, y02, y03, y12, y13, y23 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            for k in range(row):
                a, b, c, d = r0[k], r1[k], r2[k], r3[k]
                e, f, g, h = i0[k], i1[k], i2[k], i3[k]
                w0 += a * a + e * e
                w1 += b * b + f * f
                w2 += c * c + g * g
                w3 += d * d + h * h
                x01 += a * b + e * f
                y01 += e * b - a * f
                x02 += a * c + e * g
                y02 += e * c - a * g
                x03 += a * d + e * h
                y03 += e * d - a * h
                x12 += b * c + f * g
                y12 += f * c - b * g
                x13 += b * d + f * h
                y13 += f * d - b * h
                x23 += c * d + g * h
                y23 += g * d - c * h
            out[0, 0] += w0
            out[1, 1] += w1
            out[2, 2] += w2
            out[3, 3] += w3
            out[0, 1] += complex(x01, y01)
            out[0, 2] += complex(x02, y02)
            out[0, 3] += complex(x03, y03)
            out[1, 2] += complex(x12, y12)
            out[1, 3] += complex(x13, y13)
            out[2, 3] += complex(x23, y23)


def _pairs_of(parts, chosen_bits, lane_bits, other_bits, pairs, out):
    """Upper triangles ``out (tasks, pairs, 4, 4)`` of pairs of places among ``chosen_bits``."""
    chosen, lanes = places(chosen_bits), places(lane_bits)
    blocks, tasks = 1 << other_bits.size, out.shape[0]
    for task in prange(tasks):
        re, im = np.empty(chosen.size * lanes.size), np.empty(chosen.size * lanes.size)
        for block in range(blocks * task // tasks, blocks * (task + 1) // tasks):
            base = 0
            for n in range(other_bits.size):
                base |= ((block >> n) & 1) << other_bits[n]
            _gather(parts, base, chosen, lanes, re, im)
            for n in range(pairs.shape[0]):
                low, high = lane_bits.size + pairs[n, 0], lane_bits.size + pairs[n, 1]
                _pair(re, im, low, high, out[task, n])


_pairs_serial, _pairs_threads = serial_and_threads(_pairs_of)


def _densities(state: NDArray[Any], chosen: Sequence[int], pairs: Any) -> NDArray[np.complex128]:
    """``(n, 4, 4)`` of pairs of places among the chosen neutrinos, which ascend."""
    count = state.size.bit_length() - 1
    others = np.array([k for k in range(count) if k not in chosen], np.int64)
    lanes = others[: _BLOCK - len(chosen)]
    outside = others[len(lanes) :]
    pairs = np.array(pairs, np.int64).reshape(-1, 2)
    out = np.zeros((min(_TASKS, 1 << len(outside)), len(pairs), 4, 4), np.complex128)
    (_pairs_threads if state.size >= _THREADS_FROM else _pairs_serial)(
        state.view(state.real.dtype),
        np.array(chosen, np.int64),
        lanes,
        outside,
        pairs,
        out,
    )
    upper = out.sum(axis=0)
    result: NDArray[np.complex128] = upper + np.triu(upper, 1).conj().swapaxes(-1, -2)
    return result


def pair_density(state: NDArray[Any], i: int, j: int) -> NDArray[np.complex128]:
    r""":math:`\rho_{ij} = \mathrm{Tr}_\mathrm{others} |\psi\rangle\langle\psi|` as (i) x (j).

    Args:
        state: :math:`2^N` amplitudes, complex64 or complex128.
        i: the first neutrino.
        j: the second one.

    Returns:
        ``(4, 4)``, exactly Hermitian, of trace :math:`\langle\psi|\psi\rangle`.

    Raises:
        QnuError: neutrinos that are not there, or twice the same.

    Examples:
        >>> import numpy as np
        >>> singlet = np.array([0, 1, -1, 0]) / np.sqrt(2) + 0j
        >>> pair_density(singlet, 0, 1).real.round(12).diagonal()
        array([0. , 0.5, 0.5, 0. ])
    """
    count = state.size.bit_length() - 1
    i = integer("i", i, high=count - 1)
    j = integer("j", j, high=count - 1)
    if i == j:
        raise QnuError("j", j, "another neutrino than i")
    rho: NDArray[np.complex128] = _densities(state, sorted((i, j)), [(0, 1)])[0]
    if i > j:
        rho = rho.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)
    return rho


def pair_densities(state: NDArray[Any], count: int) -> NDArray[np.complex128]:
    r""":math:`\rho_{ij} = \mathrm{Tr}_\mathrm{others} |\psi\rangle\langle\psi|` of all pairs i < j
    as (i) x (j).

    Args:
        state: :math:`2^N` amplitudes, complex64 or complex128.
        count: N, how many there are.

    Returns:
        ``(N, N, 4, 4)``, each exactly Hermitian and of trace :math:`\langle\psi|\psi\rangle`; the
        rest is 0.
    """
    out = np.zeros((count, count, 4, 4), np.complex128)
    size = max(1, min(_CHOSEN, count - _LANES) // 2)
    groups = [range(k, min(k + size, count)) for k in range(0, count, size)]
    both: list[list[int]] = [[*a, *b] for a, b in itertools.combinations(groups, 2)]
    if count <= _SMALL:
        both = [list(range(count))]
    seen: set[tuple[int, int]] = set()
    for chosen in both:
        places = [
            (p, q)
            for p, q in itertools.combinations(range(len(chosen)), 2)
            if (chosen[p], chosen[q]) not in seen
        ]
        densities = _densities(state, chosen, places)
        for (p, q), rho in zip(places, densities, strict=True):
            out[chosen[p], chosen[q]] = rho
            seen.add((chosen[p], chosen[q]))
    return out
