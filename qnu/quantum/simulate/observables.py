"""Qiskit's observables as terms of the engine."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.quantum_info import SparseObservable

from ...common.checks import Floats
from ...encounter import PAULI, Complexes
from ...engine.statevector import paulis
from .program import Program

#: Codes of :class:`qiskit.quantum_info.SparseObservable.BitTerm` as letters.
_LETTER = {int(SparseObservable.BitTerm[letter]): letter for letter in paulis.LETTERS}
#: Expectation value of a letter after its qubit has been measured: X and Y average to 0.
_AFTER_MEASURING = {"X": 0.0, "Y": 0.0, "+": 0.5, "-": 0.5, "r": 0.5, "l": 0.5}
_ONE = np.eye(2)
_MATRIX = {
    **dict(zip("XYZ", PAULI, strict=True)),
    **{
        letter: (_ONE + sign * PAULI[axis]) / 2
        for axis, pair in enumerate(("+-", "rl", "01"))
        for letter, sign in zip(pair, (1, -1), strict=True)
    },
}

#: (qubit, letter) of every qubit on which a term acts.
Letters = tuple[tuple[int, str], ...]


class RequestedObservables:
    """Observables, each at one set of parameter values.

    A term that several observables contain is evaluated once.

    Args:
        observables: ``(n,)`` SparseObservables.
        rows: ``(n,)`` index of the parameter values of each.
        program: the circuit.
    """

    def __init__(
        self, observables: NDArray[Any], rows: NDArray[np.int64], program: Program
    ) -> None:
        self._program = program
        self._measured = program.measured_wires
        order = np.argsort(rows, kind="stable")
        edges = np.searchsorted(rows[order], np.arange(rows.max(initial=-1) + 2))
        self._where = [order[a:b] for a, b in pairwise(edges)]
        self._observables = observables
        self._sums: dict[int, list[tuple[Letters, float]]] = {}
        self._plans: dict[tuple[int, ...], _Terms] = {}

    def values(
        self, row: int, state: Complexes, spinors: Complexes, wire: tuple[int, ...]
    ) -> tuple[NDArray[np.int64], Floats]:
        """``(where, values)``: indices of the observables at this row, and their values."""
        where = self._where[row]
        distinct = {id(o): o for o in self._observables[where]}
        key = tuple(sorted(distinct))
        if key not in self._plans:
            sums = {k: self._sum_of(k, o) for k, o in distinct.items()}
            self._plans[key] = _Terms(sums, self._program.bit, wire, self._measured)
        values = self._plans[key].values(state, spinors)
        return where, np.array([values[id(o)] for o in self._observables[where]])

    def _sum_of(self, key: int, observable: Any) -> list[tuple[Letters, float]]:
        if key not in self._sums:
            codes, qubits = observable.bit_terms, observable.indices
            edges = list(observable.boundaries)
            self._sums[key] = [
                (
                    tuple((int(qubits[k]), _LETTER[int(codes[k])]) for k in range(a, b)),
                    float(np.real(coefficient)),
                )
                for a, b, coefficient in zip(edges[:-1], edges[1:], observable.coeffs, strict=True)
            ]
        return self._sums[key]


class _Terms:
    """Sums of terms: factors inside and outside of the state vector, and the coefficients."""

    def __init__(
        self,
        sums: dict[int, list[tuple[Letters, float]]],
        bit: NDArray[np.int64],
        wire: tuple[int, ...],
        measured: frozenset[int],
    ) -> None:
        inside: dict[paulis.Term, int] = {}
        outside: dict[Letters, int] = {}
        self._sums: dict[int, list[tuple[int, int, float]]] = {}
        for key, terms in sums.items():
            self._sums[key] = rows = []
            for letters, coefficient in terms:
                within, beyond = [], []
                for qubit, letter in letters:
                    at = wire[qubit]
                    if at in measured and letter in _AFTER_MEASURING:
                        coefficient *= _AFTER_MEASURING[letter]
                    elif bit[at] >= 0:
                        within.append((int(bit[at]), letter))
                    else:
                        beyond.append((at, letter))
                if coefficient:
                    k = inside.setdefault(tuple(within), len(inside))
                    m = outside.setdefault(tuple(beyond), len(outside))
                    rows.append((k, m, coefficient))
        self._plan = paulis.sort_terms(list(inside))
        self._outside = list(outside)

    def values(self, state: Complexes, spinors: Complexes) -> dict[int, float]:
        within = paulis.expectations(state, self._plan)
        beyond = np.ones(len(self._outside))
        for m, letters in enumerate(self._outside):
            for at, letter in letters:
                spinor = spinors[at]
                beyond[m] *= (spinor.conj() @ _MATRIX[letter] @ spinor).real
        return {
            key: sum(c * within[k] * beyond[m] for k, m, c in rows)
            for key, rows in self._sums.items()
        }
