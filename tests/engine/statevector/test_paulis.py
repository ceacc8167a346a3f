"""Expectation values: against the slow twin, in place, with any number of threads."""

import itertools

import numba
import numpy as np
import pytest

from qnu.engine._slow import paulis as slow
from qnu.engine.statevector import paulis
from qnu.testing import random_state


def random_terms(count, number, seed=1):
    rng = np.random.default_rng(seed)
    terms = [()]
    for _ in range(number):
        qubits = rng.permutation(count)[: rng.integers(0, count + 1)]
        terms.append(tuple((int(q), str(rng.choice(list(paulis.LETTERS)))) for q in qubits))
    return terms


@pytest.mark.parametrize(("dtype", "error"), [(np.complex64, 1e-6), (np.complex128, 1e-13)])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 6, 9])
def test_terms_are_those_of_the_slow_twin(count, dtype, error) -> None:
    state = 1.5 * random_state(count, seed=0, dtype=dtype)
    before = state.copy()
    terms = random_terms(count, 60)
    found = paulis.expectations(state, paulis.sort_terms(terms))
    wanted = [slow.expectation(before, term) for term in terms]
    np.testing.assert_allclose(found, wanted, atol=4 * error)
    np.testing.assert_allclose(state, before, atol=error)


def test_every_word_on_three_qubits() -> None:
    state = 1.5 * random_state(3, seed=0)
    terms = [
        tuple((q, letter) for q, letter in enumerate(word) if letter != "I")
        for word in itertools.product("I" + paulis.LETTERS, repeat=3)
    ]
    found = paulis.expectations(state, paulis.sort_terms(terms))
    wanted = [slow.expectation(state, term) for term in terms]
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    assert len({round(value, 9) for value in found}) > 950  # a mixed-up letter would show


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_threads(dtype) -> None:
    state = 1.5 * random_state(16, seed=0, dtype=dtype)
    terms = random_terms(16, 12)
    asked = paulis.sort_terms(terms)
    found = paulis.expectations(state, asked)
    wanted = [slow.expectation(state, term) for term in terms]
    np.testing.assert_allclose(found, wanted, atol=1e-5 if dtype == np.complex64 else 1e-12)
    fixed = paulis.sort_terms([t for t in terms if not set("+-rl") & {letter for _, letter in t}])
    every = paulis.expectations(state, fixed)
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = paulis.expectations(state, fixed)
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(every, alone)


def test_one_pass_for_all_that_flip_the_same() -> None:
    words = ["ZZ", "ZI", "10", "XX", "YY", "XY", "XI", "+Z", "+0", "ZI"]
    terms = [tuple((q, c) for q, c in enumerate(w) if c != "I") for w in words]
    bases = paulis.sort_terms(terms).bases
    assert [len(groups) for _, groups in bases] == [3, 1]
    assert [len(group.terms) for group in bases[0][1]] == [4, 3, 1]
    assert [basis for basis, _ in bases] == [(), ((0, "X"),)]
