"""Expectation values of products of Pauli matrices and projectors, straight from a state vector.

A term is a product of one-qubit operators ``Z X Y 0 1 + - r l``: the last six project on the
eigenstates of Z, X and Y. With F the bits that X and Y flip and S the bits that Y and Z sign::

    <P> = i^{n_Y} sum_k (-1)^{|k & S|} conj(psi[k ^ F]) psi[k]

and 0, 1 keep only some k. All terms of one F come from the same products of amplitudes, in one
pass. The projectors on X and Y become 0, 1 in a state that is turned, and turned back, in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...common.jit import njit, prange
from ..compiled import serial_and_threads
from .gates import apply_local

#: Letters of one-qubit operators.
LETTERS = "ZXY01+-rl"

_THREADS_FROM = 1 << 15
#: Sums of their own, added up at the end: the same for any number of threads.
_CHUNKS = 64
_TO_X = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
#: Takes the eigenstates of X (of Y) to |0>, |1>.
TURNS = {"X": _TO_X.astype(complex), "Y": _TO_X @ np.diag([1, -1j])}
#: Letter: which of X and Y is projected on, and on which eigenstate.
_PROJECTORS = {"+": ("X", 0), "-": ("X", 1), "r": ("Y", 0), "l": ("Y", 1)}

#: A term: (qubit, letter) of every qubit that is not left alone, each qubit once.
Term = tuple[tuple[int, str], ...]


@dataclass(frozen=True, eq=False)
class _Group:
    """Terms with the same bits to flip."""

    flip: int
    terms: NDArray[np.int64]  # (n,) where their values go
    signs: NDArray[np.int64]  # (n,) S
    fixed: NDArray[np.int64]  # (n,) bits that 0 and 1 select
    values: NDArray[np.int64]  # (n,) what those bits must be
    ys: NDArray[np.int64]  # (n,) n_Y


@dataclass(frozen=True, eq=False)
class SortedTerms:
    """Terms sorted into passes over the state; see :func:`sort_terms`."""

    count: int
    #: per basis: the qubits to turn and what to, and the groups to be taken there
    bases: tuple[tuple[tuple[tuple[int, str], ...], tuple[_Group, ...]], ...]


def sort_terms(terms: Sequence[Term]) -> SortedTerms:
    """Sort terms by the basis they need and the bits they flip.

    Args:
        terms: each a tuple of (qubit, letter of ``ZXY01+-rl``).

    Returns:
        what :func:`expectations` takes.

    Examples:
        >>> [len(groups) for _, groups in sort_terms([((0, "X"),), ((0, "Z"), (1, "0")), ()]).bases]
        [2]
    """
    sorted_: dict[tuple[tuple[int, str], ...], dict[int, list[tuple[int, ...]]]] = {}
    for number, term in enumerate(terms):
        flip = sign = fixed = value = ys = 0
        turned = []
        for qubit, letter in term:
            bit = 1 << qubit
            if letter in _PROJECTORS:
                axis, eigenstate = _PROJECTORS[letter]
                turned.append((qubit, axis))
                letter = str(eigenstate)
            if letter in "XY":
                flip |= bit
            if letter in "YZ":
                sign |= bit
            if letter in "01":
                fixed |= bit
                value |= bit * (letter == "1")
            ys += letter == "Y"
        groups = sorted_.setdefault(tuple(sorted(turned)), {})
        groups.setdefault(flip, []).append((number, sign, fixed, value, ys))
    return SortedTerms(
        len(terms),
        tuple(
            (basis, tuple(_group(flip, rows) for flip, rows in groups.items()))
            for basis, groups in sorted_.items()
        ),
    )


def _group(flip: int, rows: list[tuple[int, ...]]) -> _Group:
    columns = np.array(rows, np.int64).T
    return _Group(flip, *(np.ascontiguousarray(column) for column in columns))


def expectations(state: NDArray[Any], terms: SortedTerms) -> Floats:
    """``<psi| P_t |psi>`` of every term, ``(n,)``; the state is the same afterwards.

    Args:
        state: 2^N amplitudes.
        terms: sorted by :func:`sort_terms`.

    Returns:
        values ``(n,)``, not divided by the norm.

    Examples:
        >>> bell = np.array([1, 0, 0, 1]) / np.sqrt(2) + 0j
        >>> terms = [((0, "X"), (1, "X")), ((0, "Y"), (1, "Y")), ((0, "+"), (1, "-")), ((0, "1"),)]
        >>> expectations(bell, sort_terms(terms)).round(12)
        array([ 1. , -1. ,  0. ,  0.5])
    """
    out = np.zeros(terms.count)
    for basis, groups in terms.bases:
        if basis:
            qubits = [qubit for qubit, _ in basis]
            turns = np.array([TURNS[axis] for _, axis in basis])
            apply_local(state, qubits, turns)
        for group in groups:
            out[group.terms] = _of_group(state, group)
        if basis:
            apply_local(state, qubits, turns.conj().swapaxes(-1, -2))
    return out


def _of_group(state: NDArray[Any], group: _Group) -> Floats:
    top = group.flip.bit_length() - 1
    real = np.ascontiguousarray(group.ys % 2 == 0)
    parts = np.zeros((min(_CHUNKS, state.size), len(group.terms)))
    kernel = _sum_threads if state.size >= _THREADS_FROM else _sum_serial
    kernel(state, group.flip, top, group.signs, group.fixed, group.values, real, parts)
    # 2 Re(i^n_Y s): k and k ^ F are complex conjugates of each other
    factor = np.array([1.0, -1.0, -1.0, 1.0])[group.ys % 4] * (2.0 if group.flip else 1.0)
    result: Floats = factor * parts.sum(axis=0)
    return result


@njit(inline="always")
def _odd(bits):
    """Whether an odd number of bits is set."""
    for shift in (32, 16, 8, 4, 2, 1):
        bits ^= bits >> shift
    return bits & 1


def _sums(state, flip, top, signs, fixed, values, real, parts):
    """Sums of signed products of amplitudes, ``parts (chunks, terms)``."""
    size = state.size >> 1 if flip else state.size
    chunks = parts.shape[0]
    for chunk in prange(chunks):
        sums = np.zeros(signs.size)
        for r in range(size * chunk // chunks, size * (chunk + 1) // chunks):
            if flip:
                k = ((r >> top) << (top + 1)) | (r & ((1 << top) - 1))
                a, b = np.complex128(state[k]), np.complex128(state[k ^ flip])
                re = b.real * a.real + b.imag * a.imag
                im = b.real * a.imag - b.imag * a.real
            else:
                k = r
                a = np.complex128(state[k])
                re = a.real * a.real + a.imag * a.imag
                im = 0.0 * re
            for t in range(signs.size):
                if (k & fixed[t]) == values[t]:
                    value = re if real[t] else im
                    sums[t] += -value if _odd(k & signs[t]) else value
        parts[chunk] = sums


_sum_serial, _sum_threads = serial_and_threads(_sums)
