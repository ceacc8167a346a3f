"""Loops of big spins against dense matrices of angular momentum."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from scipy.special import jv

from qnu.engine import collective
from qnu.engine._slow import collective as slow
from qnu.solvers._collective_basis import Basis, Beams, coherent
from qnu.solvers._collective_evolution import Evolution, Hamiltonian

COUNTS = [[3, 4], [2, 2, 3], [1, 2, 1, 2], [5]]


def setting(counts: list[int], matter: bool, seed: int = 1, along_b: bool = False):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(len(counts), 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    if along_b:
        vectors = np.array([[0.0, 0.0, (-1.0) ** g] for g in range(len(counts))])
    u = rng.uniform(0, 2, (len(counts),) * 2)
    beams = Beams(np.array(counts), rng.normal(size=len(counts)), vectors, u + u.T, 0.3)
    start = [coherent(n, v) for n, v in zip(counts, vectors, strict=True)]
    return beams, start, Basis.of(beams.count, start, not matter)


def whole(basis: Basis, state: np.ndarray) -> np.ndarray:
    """All amplitudes, the first beam the leftmost."""
    return basis.tensor(state).ravel()


@pytest.mark.parametrize("counts", COUNTS)
@pytest.mark.parametrize(("mu", "matter"), [(0.7, 0.0), (1.3, -0.9)])
@pytest.mark.parametrize("along_b", [False, True])
def test_a_step_in_time_and_the_means_are_those_of_dense_matrices(counts, mu, matter, along_b):
    beams, start, basis = setting(counts, matter != 0, along_b=along_b)
    h = Hamiltonian.of(beams, basis, matter != 0)
    run = Evolution(h, basis.start(start), mu, matter, 2.7, lambda _: None)
    first = reduce(np.kron, start)
    assert whole(basis, run.state) == pytest.approx(first, abs=1e-13)
    dense = slow.hamiltonian(counts, beams.omega, beams.coupling, mu, matter, 0.3)
    low, high = h.bounds(*h.at(mu, matter))
    expected = np.vdot(first, dense @ first).real
    assert run.energy() == pytest.approx(expected, abs=1e-12)
    assert low <= expected <= high
    run.advance(2.7)
    state = slow.evolved(dense, first, 2.7)
    assert whole(basis, run.state) == pytest.approx(state, abs=2e-13)
    means = np.empty((len(counts), 3))
    collective.spins(run.state, basis.totals, basis.base, basis.strides, basis.sizes,
                     basis.lowest, basis.count, basis.rises, means)  # fmt: skip
    dense_means = [[np.vdot(state, j @ state).real for j in one] for one in slow.spins(counts)]
    assert means == pytest.approx(np.array(dense_means), abs=1e-12)


@pytest.mark.parametrize("many", [1, 1 << 40])
def test_threads_change_nothing(monkeypatch, many):
    """Terms of one block, and blocks, shared between threads or not."""
    states = []
    for matter in (0.0, 0.4):
        beams, start, basis = setting([40, 50], matter != 0)
        h = Hamiltonian.of(beams, basis, matter != 0)
        for limit in (many, 1 << 60):
            monkeypatch.setattr(collective, "MANY", limit)
            monkeypatch.setattr(collective, "MUCH", limit)
            run = Evolution(h, basis.start(start), 1.0, matter, 3.0, lambda _: None)
            run.advance(3.0)
            states.append(run.state.tobytes())
    assert states[0] == states[1]
    assert states[2] == states[3]


@pytest.mark.parametrize("z", [0.0, 1e-6, 0.3, 7.0, 150.0])
def test_bessel_functions_are_those_of_scipy(z):
    terms = int(z + 12 * np.cbrt(z) + 30)
    assert collective.bessel(z, terms) == pytest.approx(jv(np.arange(terms), z), abs=1e-14)


def test_bessel_functions_of_many_terms_keep_the_norm():
    found = collective.bessel(4000.0, 4300)
    assert found[0] ** 2 + 2 * np.sum(found[1:] ** 2) == pytest.approx(1.0, abs=3e-14)


def test_a_coherent_state_of_thousands_neither_overflows_nor_rounds():
    for z in (-0.3, 0.0, 0.9, 1.0, -1.0):
        for n in (1, 7, 5000):
            state = coherent(n, np.array([np.sqrt(1 - z**2), 0.0, z]))
            k = np.arange(n + 1)
            p = abs(state) ** 2
            assert p.sum() == pytest.approx(1.0, abs=1e-13)
            assert p @ k == pytest.approx(n * (1 + z) / 2, abs=1e-10 * n)
            variance = p @ (k - n * (1 + z) / 2) ** 2
            assert variance == pytest.approx(n * (1 - z**2) / 4, abs=1e-9 * n)
