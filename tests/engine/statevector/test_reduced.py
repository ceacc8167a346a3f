"""Polarizations, pairs and bipartitions of a state vector: slow twins and closed formulas."""

import math

import numba
import numpy as np
import pytest

from qnu import QnuError
from qnu.common import memory
from qnu.engine._slow import reduced as slow
from qnu.engine.statevector import bipartitions, bloch_vectors, pairs
from qnu.observables import concurrence, entropy, mutual_information, negativity
from qnu.testing import random_state

PRECISIONS = [(np.complex64, 1e-6), (np.complex128, 1e-13)]


def product(vectors, dtype=np.complex128):
    """Spinors of unit vectors, multiplied up: neutrino 0 varies fastest."""
    state = np.ones(1, complex)
    for x, y, z in vectors:
        up = np.sqrt((1 + z) / 2)
        state = np.kron([up, (x + 1j * y) / (2 * up)], state)
    return state.astype(dtype)


def directions(count, seed=0):
    vectors = np.random.default_rng([seed, count]).normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def ghz(count):
    state = np.zeros(2**count, complex)
    state[[0, -1]] = np.sqrt(0.5)
    return state


def w_state(count):
    state = np.zeros(2**count, complex)
    state[2 ** np.arange(count)] = 1 / np.sqrt(count)
    return state


@pytest.mark.parametrize(("dtype", "error"), PRECISIONS)
@pytest.mark.parametrize("count", range(1, 18))
def test_polarizations_against_the_slow_twin(count, dtype, error) -> None:
    state = math.sqrt(2.5) * random_state(count, seed=0, dtype=dtype)
    found = bloch_vectors.polarizations(state, count)
    assert found.shape == (count, 3)
    # single precision: the amplitudes are rounded, the sums are not
    assert found == pytest.approx(slow.polarizations(state, count), abs=1e-13)
    assert abs(found).max() > 1e-3


@pytest.mark.parametrize(("dtype", "error"), PRECISIONS)
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 13, 14, 15, 18, 20])
def test_polarizations_of_product_states(count, dtype, error) -> None:
    vectors = directions(count)
    found = bloch_vectors.polarizations(product(vectors, dtype), count)
    assert found == pytest.approx(vectors, abs=error)


def test_several_passes_over_far_qubits(monkeypatch) -> None:
    vectors = directions(18, seed=1)
    state = product(vectors)
    for near, far, size in ((4, 5, 7), (5, 3, 3), (9, 9, 10), (2, 1, 3)):
        monkeypatch.setattr(bloch_vectors, "_NEAR", near)
        monkeypatch.setattr(bloch_vectors, "_FAR", far)
        monkeypatch.setattr(bloch_vectors, "_FAR_SIZE", size)
        assert bloch_vectors.polarizations(state, 18) == pytest.approx(vectors, abs=1e-13)


def test_equal_amplitudes_in_single_precision() -> None:
    # |+>^22 and its like: every rounding error has the same sign
    for vector in ((1, 0, 0), (0.6, 0, 0.8), (0, -1, 0)):
        state = product([vector] * 22, np.complex64)
        exact = np.vdot(state.astype(complex), state).real * np.array(vector)
        found = bloch_vectors.polarizations(state, 22)
        assert found == pytest.approx(np.tile(exact, (22, 1)), abs=1e-7)


def test_the_number_of_threads_changes_nothing() -> None:
    state = random_state(18, seed=0, dtype=np.complex64)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in {1, before}:
            numba.set_num_threads(threads)
            found.append((bloch_vectors.polarizations(state, 18), pairs.pair_density(state, 3, 16)))
    finally:
        numba.set_num_threads(before)
    for one, two in zip(found[0], found[-1], strict=True):
        assert (one == two).all()


@pytest.mark.parametrize(("dtype", "error"), PRECISIONS)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 10, 11, 12, 13, 14])
def test_all_pairs_against_the_slow_twin(count, dtype, error) -> None:
    state = math.sqrt(1.7) * random_state(count, seed=0, dtype=dtype)
    found = pairs.pair_densities(state, count)
    assert found == pytest.approx(slow.pair_densities(state, count), abs=1e-13)
    assert (found == found.conj().swapaxes(-1, -2)).all()
    upper = np.triu_indices(count, 1)
    trace = np.einsum("nii->n", found[upper])
    assert trace == pytest.approx(np.vdot(state.astype(complex), state), abs=1e-13)


@pytest.mark.parametrize("count", [2, 3, 9, 14, 16, 17])
def test_one_pair_in_either_order(count) -> None:
    state = random_state(count, seed=0)
    rng = np.random.default_rng(count)
    for i, j in [(0, count - 1), (count - 1, 0), *(rng.permutation(count)[:2] for _ in range(4))]:
        assert pairs.pair_density(state, i, j) == pytest.approx(
            slow.density(state, [i, j]), abs=1e-13
        )


def test_all_pairs_of_a_product_state_on_many_blocks() -> None:
    vectors = directions(16)
    found = pairs.pair_densities(product(vectors), 16)
    one = [slow.density(product(v[None]), [0]) for v in vectors]
    for i in range(16):
        for j in range(16):
            expected = np.kron(one[i], one[j]) if i < j else np.zeros((4, 4))
            assert found[i, j] == pytest.approx(expected, abs=1e-13)


def test_pairs_of_known_states() -> None:
    singlet = np.array([0, 1, -1, 0]) / np.sqrt(2)
    # a singlet of neutrinos 1 and 3 beside |0> (neutrinos 0, 2)
    state = np.zeros(16, complex)
    state[[0b0010, 0b1000]] = singlet[[1, 2]]
    rho = pairs.pair_densities(state, 4)
    assert concurrence(rho[1, 3]) == pytest.approx(1.0)
    assert negativity(rho[1, 3]) == pytest.approx(0.5)
    assert mutual_information(rho[1, 3]) == pytest.approx(2.0)
    assert concurrence(rho[0, 1]) == pytest.approx(0.0, abs=1e-12)
    for count in (3, 5, 12):
        rho = pairs.pair_density(ghz(count), 1, 2)
        assert concurrence(rho) == pytest.approx(0.0, abs=1e-12)
        assert mutual_information(rho) == pytest.approx(1.0)
        rho = pairs.pair_density(w_state(count), 0, count - 1)
        assert concurrence(rho) == pytest.approx(2 / count)
        rest = (count - 2) / count
        assert negativity(rho) == pytest.approx((np.hypot(rest, 2 / count) - rest) / 2)


@pytest.mark.parametrize(("dtype", "error"), PRECISIONS)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 10])
def test_bipartitions_against_the_slow_twin(count, dtype, error) -> None:
    state = math.sqrt(3.0) * random_state(count, seed=0, dtype=dtype)
    rng = np.random.default_rng(count)
    sides = [rng.permutation(count)[:size] for size in range(count + 1) for _ in range(2)]
    for side in (range(count // 2), [0], [count - 1], range(1, count, 2), *sides):
        found = bipartitions.bipartition_spectrum(state, side)
        expected = slow.bipartition_spectrum(state, side)
        assert len(found) == 2 ** min(len(side), count - len(side))
        assert (found[:-1] >= found[1:]).all()
        assert found == pytest.approx(expected[: len(found)], abs=1e-13)
        assert found.sum() == pytest.approx(3.0, rel=10 * error)
        assert bipartitions.bipartition_entropy(state, side) == pytest.approx(
            slow.bipartition_entropy(state, side), abs=1e-12
        )


def test_panels(monkeypatch) -> None:
    state = random_state(12, seed=0, dtype=np.complex64)
    for side in ([0, 3, 7], [5, 6], [11], range(0, 12, 3)):
        expected = slow.bipartition_spectrum(state, side)
        for bits in (20, 7, 4, 1):  # one panel, many, and panels of one column
            monkeypatch.setattr(bipartitions, "_PANEL", bits)
            found = bipartitions.bipartition_spectrum(state, side)
            assert found == pytest.approx(expected, abs=1e-13)


def test_one_neutrino_two_ways() -> None:
    state = random_state(17, seed=0)
    vectors = bloch_vectors.polarizations(state, 17)
    for k in (0, 8, 16):
        assert bipartitions.bipartition_entropy(state, [k]) == pytest.approx(
            float(entropy(vectors[k])), abs=1e-12
        )


def test_bipartitions_of_known_states() -> None:
    entropy_of = bipartitions.bipartition_entropy
    for count in (2, 5, 9):
        assert entropy_of(product(directions(count)), [0, count - 1]) == pytest.approx(0, abs=1e-12)
        for size in range(1, count):
            assert entropy_of(7 * ghz(count), range(size)) == pytest.approx(1.0)
            p = np.array([size, count - size]) / count
            assert entropy_of(w_state(count), range(size)) == pytest.approx(-p @ np.log2(p))
    # 4 singlets between neutrinos k and k + 4: one bit for each that is cut
    singlet = np.array([[0, 1], [-1, 0]]) / np.sqrt(2)
    state = np.einsum("ea,fb,gc,hd->hgfedcba", *[singlet] * 4).reshape(-1) + 0j
    assert entropy_of(state, range(4)) == pytest.approx(4.0)
    assert entropy_of(state, [0, 4]) == pytest.approx(0.0, abs=1e-12)
    assert entropy_of(state, [0, 5, 6]) == pytest.approx(3.0)
    assert entropy_of(state, []) == entropy_of(state, range(8)) == 0.0
    assert entropy_of(np.array([0.6, 0.8j]), range(0)) == 0.0


def test_the_first_half_is_the_lowest_neutrinos() -> None:
    state = np.kron(ghz(2), np.kron(ghz(2), ghz(3)))  # neutrinos 0-2, 3-4, 5-6
    assert bipartitions.bipartition_entropy(state, range(3)) == pytest.approx(0.0, abs=1e-12)
    state = np.kron(ghz(3), np.kron(ghz(2), ghz(2)))  # neutrinos 0-1, 2-3, 4-6
    assert bipartitions.bipartition_entropy(state, range(3)) == pytest.approx(1.0)


def test_bad_input(monkeypatch) -> None:
    state = random_state(4, seed=0)
    for qubits in ([4], [-1], [0, 0], [1.5]):
        with pytest.raises(QnuError, match="qubits"):
            bipartitions.bipartition_spectrum(state, qubits)
    with pytest.raises(QnuError, match="another neutrino"):
        pairs.pair_density(state, 2, 2)
    with pytest.raises(QnuError, match="j: got 4"):
        pairs.pair_density(state, 2, 4)
    with pytest.raises(QnuError, match="norm > 0"):
        bipartitions.bipartition_entropy(0 * state, [0])
    monkeypatch.setattr(memory, "available", lambda: 2**20)
    with pytest.raises(QnuError, match="memory"):
        bipartitions.bipartition_spectrum(state, [0, 1])
