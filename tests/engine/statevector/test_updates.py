"""Exchanges as updates of rank one: the same matrices, and encounters need only one each."""

import numpy as np
import pytest

from qnu.engine.statevector import exchange, updates


def matrix_of(first: int, one_in_x: int, numbers: np.ndarray) -> np.ndarray:
    """The 2x2 matrix on (|01>, |10>) that an update is."""
    e, a, b = numbers
    on_xy = np.array([[1 + a, a * e], [b, 1 + b * e]])
    return on_xy[::-1, ::-1] if one_in_x == first else on_xy  # x is |10> if the first is 1 in it


def product_of(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.arange(len(blocks)), np.arange(len(blocks)) + len(blocks)
    found = np.tile(np.eye(2, dtype=complex), (len(blocks), 1, 1))
    count = np.zeros(len(blocks), int)
    for one, two, numbers in zip(*updates.of(first, second, blocks), strict=True):
        k = min(one, two)
        assert {one, two} == {k, k + len(blocks)}
        found[k] = matrix_of(k, one, numbers) @ found[k]
        count[k] += 1
    return found, count


def test_any_block_is_one_or_two_of_them() -> None:
    rng = np.random.default_rng(1)
    blocks = np.linalg.qr(rng.normal(size=(300, 2, 2)) + 1j * rng.normal(size=(300, 2, 2)))[0]
    special = [
        np.eye(2), np.diag([1, 1j]), np.diag([-1j, 1]), np.diag([1j, -1]), [[0, 1], [1, 0]],
        [[0, 1j], [1, 0]], -np.eye(2),
    ]  # fmt: skip
    blocks = np.concatenate([blocks, np.array(special, complex)])
    found, count = product_of(blocks)
    assert abs(found - blocks).max() < 1e-14
    assert (count[:300] == 2).all()
    assert count[300:].tolist() == [1, 1, 1, 2, 1, 2, 2]


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-7, 1e-12])
def test_encounters_are_one_each_and_exact(size) -> None:
    rng = np.random.default_rng(2)
    n = 400
    theta, d = size * rng.uniform(-1, 2, n), size * rng.normal(size=n)
    d[::4] = 0.0
    theta[1::9] *= 1e-6
    d[2::9] *= 1e-6
    first, second = np.arange(n), np.arange(n) + n
    omega = np.concatenate([2 * d, np.zeros(n)])
    pending = rng.normal(size=2 * n)
    before = (pending[:n] - pending[n:]) / 2
    blocks = exchange.blocks(
        first, second, theta, np.zeros(n), np.ones(n), omega, np.zeros(2 * n), pending, True
    )
    after = (pending[:n] - pending[n:]) / 2
    found, count = product_of(blocks)
    assert (count == 1).all()
    assert abs(found - blocks).max() < 1e-14
    for k in range(n):  # what is pending before, then the gate = the block, then what is pending
        root = np.hypot(d[k], theta[k])
        inside = np.array([[-d[k], theta[k]], [theta[k], d[k]]])
        gate = np.cos(root) * np.eye(2) - 1j * np.sinc(root / np.pi) * inside
        gate = np.exp(1j * theta[k]) * gate
        old, new = (np.exp([1j * x, -1j * x]) for x in (before[k], after[k]))
        assert abs(gate * old - new[:, None] * blocks[k]).max() < 3e-14


def test_angles_beyond_pi_stay_exact() -> None:
    theta, d = np.array([3.3, 5.0, -4.0]), np.array([2.0, 0.1, 3.0])
    pending = np.zeros(6)
    blocks = exchange.blocks(
        np.arange(3), np.arange(3) + 3, theta, np.zeros(3), np.ones(3),
        np.concatenate([2 * d, np.zeros(3)]), np.zeros(6), pending, True,
    )  # fmt: skip
    assert abs(product_of(blocks)[0] - blocks).max() < 1e-14
