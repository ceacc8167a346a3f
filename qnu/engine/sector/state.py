"""State vectors of one weight sector: ``C(N, k)`` amplitudes where a full vector has ``2^N``.

Encounters and vacuum conserve the number of ``|1>``, so a gas that starts in mass eigenstates
stays in one sector; matter does not, and flavor states spread over all of them. The functions here
are those of :mod:`qnu.engine.statevector`, with a :class:`Sector` where that one takes a number of
neutrinos. ``N = 32`` half-filled are 4.5 GiB in single precision, ``N = 34`` 17.4 GiB; beside the
vector there are at most 64 MiB.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...common import memory
from ...common.checks import Floats
from ...common.jit import get_num_threads
from ...errors import QnuError
from .. import drawing
from ..entropy import bits
from ..statevector import fusion
from ..statevector.fused import Done
from . import sums as sector_sums
from .ranks import BINOMIAL, Integers, Sector, partial_ranks
from .rows import ROW_BYTES
from .tiles import exchange_serial, exchange_threads, pairs, size_of, tiling, workspace

State = NDArray[Any]

#: From this many amplitudes on, tiles are shared between threads.
_THREADS_FROM = 1 << 15
#: Amplitudes that are summed together before one of them is drawn.
_BLOCK = 1 << 12
#: Amplitudes times gates of one step, about 0.2 s: an interrupt is handled between two steps.
_IN_ONE_STEP = 1 << 30
#: Amplitudes gathered at once for an entropy: 16 MiB.
_AT_ONCE = 1 << 20
#: Configurations that are written out at once.
_PATTERNS = 1 << 16


def _threads(state: State) -> int:
    return int(get_num_threads()) if state.size >= _THREADS_FROM else 1


def apply_blocks(
    state: State, first: Any, second: Any, blocks: NDArray[Any], sector: Sector
) -> None:
    r""":math:`(a_{01}, a_{10}) \to \mathrm{block}\,(a_{01}, a_{10})` for every encounter, in place.

    Args:
        state: :math:`\binom Nk` amplitudes, changed in place.
        first: ``(n,)`` neutrinos, the left label of :math:`|01\rangle` and :math:`|10\rangle`.
        second: ``(n,)`` their partners.
        blocks: ``(n, 2, 2)`` of ``qnu.engine.statevector.exchange``.
        sector: which configurations the amplitudes belong to.
    """
    for _ in steps(state, first, second, blocks, sector):
        pass


def steps(
    state: State, first: Any, second: Any, blocks: NDArray[Any], sector: Sector, skip: int = 0
) -> Iterator[Done]:
    """As :func:`apply_blocks`, but the caller regains control between steps of a second or less.

    Gates that lie inside one tile are applied to it together, of many layers where their
    predecessors allow it: a pass over the memory serves 10 to 25 gates.

    Args:
        state: as in :func:`apply_blocks`, like the following arguments.
        first: neutrinos.
        second: their partners.
        blocks: 2x2 blocks.
        sector: which configurations the amplitudes belong to.
        skip: number of passes that are done already.

    Yields:
        progress, after each step.
    """
    first, second = np.asarray(first), np.asarray(second)
    if not 0 < sector.weight < sector.count:
        # one amplitude, |00...> or |11...>, which no encounter changes
        yield Done(0, len(first), True)
        return
    lanes, size, threads = ROW_BYTES // state.itemsize, size_of(sector), _threads(state)
    work, reals = workspace(int(BINOMIAL[size, size // 2]), state.dtype, threads)
    lists, kernel = pairs(size), exchange_threads if threads > 1 else exchange_serial
    doubles, done = state.view(np.float64), 0
    plan = fusion.passes(first, second, sector.count, size, sector.base)
    for number, (members, gates) in enumerate(plan):
        if number >= skip:
            i, j = (np.searchsorted(members, side[gates]) for side in (first, second))
            # rows are (high bit 1, low bit 1): |01>, |10> where the second neutrino is the higher
            straight = blocks[gates].astype(state.dtype)
            turned = np.where((i < j)[:, None, None], straight, straight[:, ::-1, ::-1])
            mine = np.ascontiguousarray(turned).reshape(-1, 4).view(reals.dtype)
            tiles, chosen = tiling(sector, members, lanes), lists.number[i, j]
            groups = len(tiles.start)
            largest = BINOMIAL[size, size // 2] * lanes * max(len(gates), 8)
            step = threads * max(1, _IN_ONE_STEP // int(largest * threads))
            for begin in range(0, groups, step):
                end = min(begin + step, groups)
                kernel(doubles, work, reals, tiles, lists, chosen, mine, begin, end)
                if end < groups:
                    yield Done(number, done + len(gates) * end / groups, False)
        done += len(gates)
        if number >= skip:
            yield Done(number + 1, done, True)


def _ones(state: State, sector: Sector) -> tuple[Floats, float]:
    """The probability of |1> for every neutrino, and ``<psi|psi>``, in one pass."""
    size = size_of(sector)
    # the highest bits are fixed, so that the amplitudes of one tile lie close together
    members = np.arange(size)
    tiles = tiling(sector, members, lanes=1)
    places = np.concatenate([[0], np.cumsum(BINOMIAL[size, : size + 1])])
    inside = np.zeros((_threads(state), 1 << size))
    outside = np.empty(len(tiles.patterns))
    kernel = sector_sums.marginals[len(inside) > 1]
    kernel(state.view(state.real.dtype), tiles, places, inside, outside)
    weights, numbers = inside.sum(axis=0), np.arange(1 << size)
    place = places[np.bitwise_count(numbers)] + partial_ranks(numbers, size, 0, 0)
    result = np.empty(sector.count)
    for n in range(size):
        result[n] = weights[place[(numbers >> n) & 1 == 1]].sum()
    for n in range(size, sector.count):
        result[n] = outside[(tiles.patterns >> (n - size)) & 1 == 1].sum()
    return result, float(outside.sum())


def polarizations(state: State, sector: Sector) -> Floats:
    r""":math:`\mathbf P_n = (0, 0, \sum |a|^2 (1 - 2 b_n))`: the vectors of all neutrinos,
    ``(N, 3)``.

    x and y would change the number of :math:`|1\rangle`: they vanish in a sector.
    """
    ones, whole = _ones(state, sector)
    result = np.zeros((sector.count, 3))
    result[:, 2] = whole - 2 * ones
    return result


def _covering(sector: Sector, size: int) -> list[NDArray[Any]]:
    """Sets of ``size`` bits, with the base in each, that together hold every pair."""
    if size >= sector.count:
        return [np.arange(sector.count)]
    upper = np.arange(sector.base, sector.count)
    few = (size - sector.base) // 2
    pieces = [upper[n : n + few] for n in range(0, len(upper), few)]
    sets = []
    for two in combinations(pieces, 2):
        some = np.concatenate(two)
        spare = np.setdiff1d(upper, some)[: size - sector.base - len(some)]
        sets.append(np.concatenate([np.arange(sector.base), np.sort(np.append(some, spare))]))
    return sets


def pair_densities(state: State, sector: Sector) -> NDArray[Any]:
    r"""``(N, N, 4, 4)``: density matrices of all pairs i < j as (i) x (j); the rest is 0.

    In a sector only the diagonal and :math:`\langle01|\rho|10\rangle` are not 0.
    """
    count = sector.count
    out = np.zeros((count, count, 4, 4), np.complex128)
    ones, whole = _ones(state, sector)
    lanes, size, threads = (
        ROW_BYTES // state.itemsize,
        size_of(sector),
        _threads(state),
    )
    work, reals = workspace(int(BINOMIAL[size, size // 2]), state.dtype, threads)
    lists = pairs(size)
    done = np.tri(count, dtype=bool)
    for members in _covering(sector, size) if count > 1 else ():
        i, j = members[np.array(np.triu_indices(len(members), 1))]
        new = ~done[i, j]
        i, j = i[new], j[new]
        done[i, j] = True
        chosen = lists.number[np.searchsorted(members, i), np.searchsorted(members, j)]
        tiles = tiling(sector, members, lanes)
        sums = np.zeros((threads, len(i), 32))
        kernel = sector_sums.pair_sums[threads > 1]
        kernel(state.view(np.float64), work, reals, tiles, lists, chosen, sums)
        lines = sums.sum(axis=0).reshape(len(i), 4, 4, 2)
        one, two, real = lines[:, :3].sum(axis=(2, 3)).T  # j is the high bit: |01>, |10>
        imaginary = (lines[:, 3, :, 1] - lines[:, 3, :, 0]).sum(axis=1)
        both = np.maximum(ones[i] - two, 0.0)
        out[i, j, 1, 1], out[i, j, 2, 2], out[i, j, 3, 3] = one, two, both
        out[i, j, 0, 0] = np.maximum(whole - one - two - both, 0.0)
        out[i, j, 1, 2] = real + 1j * imaginary
        out[i, j, 2, 1] = real - 1j * imaginary
    return out


def draw(state: State, shots: int, rng: np.random.Generator, sector: Sector) -> Integers:
    r""":math:`P(c) = |a_c|^2/\langle\psi|\psi\rangle`: configurations c, independently drawn.

    One number of the generator per shot; the result does not depend on the number of threads.

    Args:
        state: :math:`\binom Nk` amplitudes of any norm.
        shots: how many.
        rng: a NumPy generator.
        sector: which configurations the amplitudes belong to.

    Returns:
        ``(shots,)`` bit patterns; bit n is neutrino n.

    Raises:
        QnuError: a negative number of shots, a state without a finite norm above 0.
    """
    return sector.unrank(drawing.draw(state, shots, rng, _BLOCK))


def flip_overlap(state: State, sector: Sector) -> complex:
    r""":math:`\sum_c a_c a_{\bar c}`, the bits of :math:`\bar c` opposite to those of c.

    Up to a phase :math:`\langle\psi|\sigma_y^{\otimes N}|\psi^*\rangle`: 0 where not half of the
    neutrinos are 1. Else the opposite of the first configuration is the last one, and so on.

    Args:
        state: :math:`\binom Nk` amplitudes.
        sector: which configurations the amplitudes belong to.

    Examples:
        >>> flip_overlap(np.array([0.6, 0.8]), Sector(2, 1))
        (0.96+0j)
    """
    if 2 * sector.weight != sector.count:
        return 0j
    half, total = state.size // 2, 0j
    for start in range(0, half, _AT_ONCE):
        stop = min(start + _AT_ONCE, half)
        low = state[start:stop].astype(np.complex128)
        total += complex(low @ state[state.size - stop : state.size - start][::-1])
    return 2 * total


def configurations(sector: Sector) -> Iterator[tuple[slice, Integers]]:
    """The bit patterns of all amplitudes, some at a time: their places, and they.

    Examples:
        >>> [patterns.tolist() for _, patterns in configurations(Sector(3, 1))]
        [[1, 2, 4]]
    """
    for start in range(0, sector.dimension, _PATTERNS):
        stop = min(start + _PATTERNS, sector.dimension)
        yield slice(start, stop), sector.unrank(np.arange(start, stop))


def product_overlap(state: State, spinors: NDArray[Any], sector: Sector) -> complex:
    r""":math:`\langle\phi_{N-1} \ldots \phi_0|\psi\rangle` with a product state.

    With mass eigenstates that is one amplitude.

    Args:
        state: :math:`\binom Nk` amplitudes.
        spinors: ``(N, 2)``; row n is neutrino n.
        sector: which configurations the amplitudes belong to.

    Examples:
        >>> product_overlap(np.array([0.6, 0.8]), np.array([[1, 0], [0, 1]]), Sector(2, 1))
        (0.8+0j)
    """
    factors, bits = spinors.conj(), np.arange(sector.count)
    if (np.count_nonzero(factors, axis=1) == 1).all():
        ones = factors[:, 1] != 0
        if ones.sum() != sector.weight:
            return 0j
        place = sector.rank(int(sum(1 << int(n) for n in bits[ones])))
        return complex(factors[bits, ones.astype(int)].prod() * state[place])
    total = 0j
    for places, patterns in configurations(sector):
        product = np.ones(len(patterns), np.complex128)
        for n in bits:
            product *= factors[n][(patterns >> n) & 1]
        total += complex(product @ state[places])
    return total


def bipartition_entropy(state: State, subset: ArrayLike, sector: Sector) -> float:
    r""":math:`S = -\sum_m \sum_i p_{mi} \log_2 p_{mi}`: entanglement of some neutrinos with the
    rest, in bits.

    The density matrix of the subset has one block for each number m of ones in it; the
    :math:`p_{mi}` are its eigenvalues, divided by the norm.

    Args:
        state: :math:`\binom Nk` amplitudes.
        subset: some neutrinos, each once.
        sector: which configurations the amplitudes belong to.

    Raises:
        QnuError: numbers that are not different neutrinos, blocks larger than the memory.
    """
    kept = np.atleast_1d(np.asarray(subset, np.int64))
    neutrinos = np.arange(sector.count)
    if not np.isin(kept, neutrinos).all() or len(np.unique(kept)) < len(kept):
        raise QnuError("subset", subset, f"different numbers from 0 to {sector.count - 1}")
    rest = np.setdiff1d(neutrinos, kept)
    if len(rest) < len(kept):
        kept, rest = rest, kept  # of a pure state both have the same entropy
    probabilities = [np.zeros(0)]
    for ones in range(max(0, sector.weight - len(rest)), min(len(kept), sector.weight) + 1):
        few, many = _patterns(kept, ones), _patterns(rest, sector.weight - ones)
        probabilities.append(_eigenvalues(state, few, many, sector))
    p = np.concatenate(probabilities)
    return bits(p / p.sum())


def _patterns(bits: NDArray[Any], ones: int) -> Integers:
    """All patterns of the given bits with so many ones."""
    if not len(bits):
        return np.zeros(1, np.int64)
    local = Sector(len(bits), ones)
    memory.require("subset", f"{len(bits)} neutrinos", 40 * local.dimension)
    numbers = local.unrank(np.arange(local.dimension))
    result = np.zeros_like(numbers)
    for n, bit in enumerate(bits):
        result |= ((numbers >> n) & 1) << bit
    return result


def _eigenvalues(state: State, rows: Integers, columns: Integers, sector: Sector) -> Floats:
    """Of ``M M^+``, M the amplitudes of (rows, columns), some columns at a time."""
    if len(rows) > len(columns):
        rows, columns = columns, rows
    # the block, and what the eigenvalues of it need
    memory.require("subset", f"a block of {len(rows)} rows", 3 * 16 * len(rows) ** 2)
    whole = np.zeros((len(rows), len(rows)), np.complex128)
    step = max(_AT_ONCE // len(rows), 1)
    for start in range(0, len(columns), step):
        some = columns[start : start + step]
        part = np.empty((len(rows), len(some)), np.complex128)
        kernel = sector_sums.gather[part.size >= _THREADS_FROM]
        kernel(state, rows, some, sector.tables, sector.ones, sector.base, sector.part, part)
        whole += part @ part.conj().T
    result: Floats = np.linalg.eigvalsh(whole)
    return result
