"""Binomial numbers of our own are those of NumPy, one by one."""

import numpy as np
import pytest

from qnu.schedules import _binomial, kernels
from qnu.schedules._binomial import binomial

ARGUMENTS = [
    (50, 0.1),
    (50, 0.5),
    (50, 0.5000001),
    (50, 0.9),
    (50, 1.0),
    (1, 0.3),
    (1, 0.7),
    (2, 1e-9),
    (5, 1 / 3),
    (60, 0.5),  # a mean of 30: still inverted
    (61, 0.5),
    (3000, 0.01),
    (3000, 0.0101),
    (10**6, 1e-5),
    (10**6, 0.99999),
    (500_000, 0.1),
    (0, 0.4),
    (7, 0.0),
]


@pytest.mark.parametrize(("n", "p"), ARGUMENTS)
def test_the_numbers_of_numpy(n: int, p: float) -> None:
    mine, theirs = np.random.default_rng(n), np.random.default_rng(n)
    for size in (20_000, 1, 0, 333):
        found = binomial(mine, n, p, size)
        assert found.dtype == np.int64
        assert found.tolist() == theirs.binomial(n, p, size).tolist()
        assert mine.bit_generator.state == theirs.bit_generator.state


def test_a_number_beyond_the_sum_is_replaced_by_the_next_one() -> None:
    uniform = np.array([0.1, 0.6, 0.3, 0.500001, 0.5, 0.25, 0.0])
    probabilities = np.array([0.25, 0.25, np.inf])
    for certain in (_binomial._certain(probabilities), np.array([0, -1, -1, -1]), np.array([-1])):
        found = np.full(7, -1)
        enough = kernels.invert_distribution(uniform, probabilities, certain, found)
        assert found[:enough].tolist() == [0, 1, 1, 0, 0]


@pytest.mark.parametrize(("n", "p"), [(50, 0.1), (1, 0.5), (60, 0.5), (3000, 0.01), (2, 1e-9)])
def test_the_table_agrees_with_the_search(n: int, p: float) -> None:
    probabilities = _binomial._probabilities(n, p)
    certain = _binomial._certain(probabilities)
    assert (certain >= 0).mean() > 0.98
    assert certain[-1] < 0  # the last sums are 1 but for rounding
    # borders of cells, sums and their neighbours
    edges = np.arange(len(certain)) / len(certain)
    sums = np.minimum(np.cumsum(probabilities[:-1]), 1 - 2**-53)
    middle = np.concatenate([edges, sums])
    uniform = np.concatenate([middle, np.nextafter(middle, 0), np.nextafter(middle, 1)])
    uniform = uniform[uniform < 1]
    found = np.empty((2, len(uniform)), np.int64)
    enough = [
        kernels.invert_distribution(uniform, probabilities, table, row)
        for table, row in zip((certain, np.full(4, -1)), found, strict=True)
    ]
    assert enough[0] == enough[1] > len(edges)
    assert found[0, : enough[0]].tolist() == found[1, : enough[0]].tolist()


def test_missing_numbers_are_drawn_after_the_others(monkeypatch) -> None:
    # 0.4 of the uniform numbers are beyond the sum
    monkeypatch.setattr(_binomial, "_probabilities", lambda n, p: np.array([0.2, 0.4, np.inf]))
    rng, same = np.random.default_rng(3), np.random.default_rng(3)
    found = binomial(rng, 4, 0.2, 1000)
    expected: list[int] = []
    while len(expected) < 1000:
        u = same.random()
        if u <= 0.2 or u - 0.2 <= 0.4:
            expected.append(int(u > 0.2))
    assert found.tolist() == expected
    assert rng.random() == same.random()
