r"""Loops over the product states of big spins: Chebyshev polynomials of H, and means of the spins.

A state is two rows of numbers, its real and its imaginary part. H is real and symmetric, kept by
diagonals: ``upper[d, i]`` is the element between the states i and ``i + offsets[d]``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..common.jit import njit, prange

#: States that are done at a time: what they need stays in the cache.
CHUNK = 1024
#: From so many states on threads share the chunks of one block, term by term;
MANY = 1 << 18
#: from so many terms times states on they share blocks. Less is done before they have started.
MUCH = 1 << 24

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@njit
def _add(y, strength, row, x):
    for i in range(y.size):
        y[i] += strength * row[i] * x[i]


@njit
def _term(
    diagonal, upper, offsets, scale, factor, weight, odd, v, w, total, begin, end, low, high
):  # fmt: skip
    """``w = factor H v - w``, and ``total += weight w`` (``-i weight w`` where odd).

    For the states from ``begin`` to ``end``; H does not leave those from ``low`` to ``high``.
    """
    for part in range(2):
        here, x, y = diagonal[begin:end], v[part, begin:end], w[part, begin:end]
        for i in range(end - begin):
            y[i] = factor * here[i] * x[i] - y[i]
        for d in range(offsets.size):
            shift, strength = offsets[d], factor * scale[d]
            last = min(end, high - shift)
            if begin < last:
                near = v[part, begin + shift : last + shift]
                _add(w[part, begin:last], strength, upper[d, begin:last], near)
            first = max(begin, low + shift)
            if first < end:
                near = v[part, first - shift : end - shift]
                _add(w[part, first:end], strength, upper[d, first - shift : end - shift], near)
    re, im = w[0, begin:end], w[1, begin:end]
    sum_re, sum_im = total[0, begin:end], total[1, begin:end]
    if odd:
        for i in range(end - begin):
            sum_re[i] += weight * im[i]
            sum_im[i] -= weight * re[i]
    else:
        for i in range(end - begin):
            sum_re[i] += weight * re[i]
            sum_im[i] += weight * im[i]


@njit
def _in_turn(diagonal, upper, offsets, scale, weights, v, w, total, low, high):
    """All terms of the states from ``low`` to ``high``."""
    for k in range(1, weights.size):
        factor = 1.0 if k == 1 else 2.0
        for begin in range(low, high, CHUNK):
            end = min(begin + CHUNK, high)
            _term(
                diagonal, upper, offsets, scale, factor, weights[k], k % 2 == 1,
                v, w, total, begin, end, low, high,
            )  # fmt: skip
        v, w = w, v


@njit(parallel=True)
def _blocks(diagonal, upper, offsets, scale, weights, v, w, total, edges):
    """Blocks that H does not connect: all terms of one, then of the next."""
    for block in prange(len(edges)):
        low, high = edges[block, 0], edges[block, 1]
        _in_turn(diagonal, upper, offsets, scale, weights, v, w, total, low, high)


@njit(parallel=True)
def _one_term(diagonal, upper, offsets, scale, factor, weight, odd, v, w, total, low, high):
    chunks = (high - low + CHUNK - 1) // CHUNK
    for chunk in prange(chunks):
        begin = low + chunk * CHUNK
        end = min(begin + CHUNK, high)
        _term(
            diagonal, upper, offsets, scale, factor, weight, odd,
            v, w, total, begin, end, low, high,
        )  # fmt: skip


def chebyshev(
    diagonal: Floats,
    upper: Floats,
    offsets: Integers,
    scale: Floats,
    weights: Floats,
    state: Floats,
    work: tuple[Floats, Floats, Floats],
    edges: Integers,
) -> Floats:
    r""":math:`\sum_k (-i)^{k \bmod 2}\, w_k\,T_k(H)\,\psi`, by
    :math:`T_{k+1} = 2 H T_k - T_{k-1}`.

    Blocks are done one after the other, so that each stays in the cache, and threads share them;
    one large block they share term by term.

    Args:
        diagonal: ``(n,)`` of H, whose spectrum lies between -1 and 1.
        upper: ``(diagonals, n)``, multiplied by ``scale (diagonals,)``.
        offsets: ``(diagonals,)``, all > 0.
        scale: ``(diagonals,)``.
        weights: ``(terms,)`` w_k.
        state: ``(2, n)``; stays as it is.
        work: three arrays ``(2, n)``.
        edges: ``(blocks, 2)``: the first state and the one after the last of every block that H
            does not leave.

    Returns:
        ``(2, n)``: the last array of ``work``.
    """
    v, w, total = work
    v[:] = state
    w[:] = 0.0
    np.multiply(state, weights[0], out=total)
    given = diagonal, upper, offsets, scale
    if len(edges) == 1 and edges[0, 1] - edges[0, 0] >= MANY:
        low, high = edges[0]
        for k, weight in enumerate(weights[1:].tolist(), start=1):
            _one_term(*given, 1.0 if k == 1 else 2.0, weight, k % 2 == 1, v, w, total, low, high)
            v, w = w, v
    elif len(edges) == 1 or diagonal.size * len(weights) < MUCH:
        for low, high in edges.tolist():
            _in_turn(*given, weights, v, w, total, low, high)
    else:
        _blocks(*given, weights, v, w, total, edges)
    return total


@njit
def bessel(z, terms):
    r"""``(terms,)``: :math:`J_0(z), J_1(z), \ldots`, ``terms`` beyond z, by Miller's recursion."""
    found = np.zeros(terms + 42)
    if z < 1e-20:
        found[0] = 1.0
        return found[:terms]
    found[terms + 40] = 1e-300
    for k in range(terms + 40, 0, -1):
        found[k - 1] = 2.0 * k / z * found[k] - found[k + 1]
        if abs(found[k - 1]) > 1e250:
            found[k - 1 :] *= 1e-250
    return found[:terms] / (found[0] + 2.0 * found[2::2].sum())


@njit
def spins(state, totals, base, strides, sizes, lowest, counts, rises, result):
    r"""``result (beams, 3)``: :math:`\langle J_x\rangle, \langle J_y\rangle, \langle J_z\rangle`.

    State i has ``base + i // block`` neutrinos up in the last beam, or in all of them (``totals``),
    and ``lowest[g] + (i // strides[g]) % sizes[g]`` in beam g; one more in beam g is state
    ``i + rises[g]``.
    """
    size, beams = state.shape[1], counts.size
    block = strides[beams - 1]
    result[:] = 0.0
    for i in range(size):
        re, im = state[0, i], state[1, i]
        if re == 0.0 and im == 0.0:
            continue
        here = re * re + im * im
        last = base + i // block
        for g in range(beams):
            up = last
            if g < beams - 1:
                up = lowest[g] + (i // strides[g]) % sizes[g]
                if totals:
                    last -= up
            result[g, 2] += here * (up - 0.5 * counts[g])
            other = i + rises[g]
            if other < size:
                # <J_+>, J_+ |k> = sqrt((k + 1)(n - k)) |k + 1>
                element = ((up + 1.0) * (counts[g] - up)) ** 0.5
                result[g, 0] += element * (state[0, other] * re + state[1, other] * im)
                result[g, 1] += element * (state[0, other] * im - state[1, other] * re)
