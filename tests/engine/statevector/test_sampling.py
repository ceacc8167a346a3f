"""Draws from a state vector: against the slow twin, against probabilities, seeds and threads."""

import numba
import numpy as np
import pytest
from scipy.stats import chisquare

from qnu import QnuError
from qnu.engine import drawing
from qnu.engine._slow import sampling as slow
from qnu.engine.statevector import sampling
from qnu.testing import random_state


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 9, 10, 11, 13, 16, 17])
def test_draws_are_those_of_the_slow_twin(count, dtype) -> None:
    state = 2.0 ** ((count + 1) / 2) * random_state(count, seed=0, dtype=dtype)  # of any norm
    found = sampling.draw(state, 3000, np.random.default_rng(5))
    assert found.dtype == np.int64
    assert (found == slow.draw(state, 3000, np.random.default_rng(5))).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_threads_and_of_shots_at_once(threads, monkeypatch) -> None:
    state = random_state(17, seed=0, dtype=np.complex64)
    whole = sampling.draw(state, 2000, np.random.default_rng(7))
    monkeypatch.setattr(drawing, "_AT_ONCE", 301)
    before = numba.get_num_threads()
    numba.set_num_threads(min(threads, before))
    try:
        parts = sampling.draw(state, 2000, np.random.default_rng(7))
    finally:
        numba.set_num_threads(before)
    assert (parts == whole).all()
    assert (sampling.draw(state, 2000, np.random.default_rng(8)) != whole).any()
    monkeypatch.setattr(drawing, "_THREADS_FROM", 1 << 20)
    assert (sampling.draw(state, 500, np.random.default_rng(7)) == whole[:500]).all()


@pytest.mark.parametrize("count", [3, 12])
def test_frequencies(count) -> None:
    state = random_state(count, seed=0)
    state[:: 2 ** (count - 3)] *= 2 ** (count / 2)  # a few heavy amplitudes, many light ones
    weights = np.abs(state) ** 2
    shots = 400 * 2**count
    times = np.bincount(sampling.draw(state, shots, np.random.default_rng(11)), minlength=2**count)
    assert chisquare(times, shots * weights / weights.sum()).pvalue > 1e-3


def test_shots_are_in_random_order() -> None:
    found = sampling.draw(np.ones(2**12, complex), 4096, np.random.default_rng(3))
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.05
    assert abs(np.corrcoef(found, np.arange(4096))[0, 1]) < 0.05


def test_what_has_no_weight_is_never_drawn() -> None:
    state = np.zeros(2**14, np.complex64)
    places = np.array([3, 1024, 5000, 2**14 - 2000])  # the last blocks are empty
    state[places] = [1, 2j, 1e-3, 3]
    found = sampling.draw(state, 20_000, np.random.default_rng(0))
    assert set(found) <= set(places)
    assert np.mean(found == places[3]) == pytest.approx(9 / 14, abs=0.02)

    class Edge:
        """Numbers at the two ends of [0, 1)."""

        def random(self, shots):
            return np.tile([0.0, 1.0], shots)[:shots]

    assert list(sampling.draw(state, 2, Edge())) == [3, places[3]]


def test_bits() -> None:
    found = sampling.draw(random_state(9, seed=0), 100, np.random.default_rng(1))
    assert (sampling.bits(found, 9) == slow.bits(found, 9)).all()
    assert sampling.bits(np.array([0b0110]), 4).tolist() == [[0, 1, 1, 0]]
    assert sampling.bits(np.array([], np.int64), 4).shape == (0, 4)


def test_bad_input() -> None:
    rng = np.random.default_rng(0)
    for state in (np.zeros(8, complex), np.full(8, np.nan + 0j)):
        with pytest.raises(QnuError, match="finite norm > 0"):
            sampling.draw(state, 5, rng)
    with pytest.raises(QnuError, match="shots"):
        sampling.draw(np.ones(2, complex), -1, rng)
    assert sampling.draw(np.ones(2, complex), 0, rng).shape == (0,)
