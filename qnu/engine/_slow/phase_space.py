"""Samples of classical spins one by one: rotation matrices, and an integrator for the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Array = NDArray[Any]


def rotation(axis: Array, angle: float) -> Array:
    """The 3x3 matrix of a positive rotation (Rodrigues)."""
    n = axis / np.linalg.norm(axis)
    cross = np.array([[0, -n[2], n[1]], [n[2], 0, -n[0]], [-n[1], n[0], 0]])
    matrix: Array = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return matrix


def kick(p1: Array, p2: Array, theta: float) -> tuple[Array, Array]:
    """Both turned about their sum by ``theta |P_1 + P_2|``."""
    total = p1 + p2
    angle = theta * float(np.linalg.norm(total))
    if angle == 0.0:
        return p1, p2
    turn = rotation(total, angle)
    return turn @ p1, turn @ p2


def encounter(
    p1: Array, p2: Array, theta: float, length: float, field_1: Field, field_2: Field
) -> tuple[Array, Array]:
    """``dP_1/ds = h_1(s) x P_1 + (theta/length) P_2 x P_1`` and 1 <-> 2, for s from 0 to length."""

    def rate(s: float, y: Array) -> Array:
        a, b = y[:3], y[3:]
        pull = theta / length * np.cross(b, a)
        return np.concatenate(
            [np.cross(field_1(s), a) + pull, np.cross(field_2(s), b) - pull],
        )

    start = np.concatenate([p1, p2])
    end = solve_ivp(rate, (0, length), start, "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    return end[:3], end[3:]


def plane_waves(
    start: Array, omega: Array, weights: Array, direction: Array, mu: Profile, matter: Profile,
    end: float,
) -> Array:  # fmt: skip
    """``(N, 3)``: one sample at the end; ``weights (N, N)`` are ``(1 - v.v')/N``, 0 for i = j."""

    def rate(t: float, y: Array) -> Array:
        p = y.reshape(-1, 3)
        change = np.zeros_like(p)
        for i in range(len(p)):
            h = omega[i] * np.array([0.0, 0.0, -1.0]) + matter(t) * direction
            for j in range(len(p)):
                if j != i:
                    h = h + mu(t) * weights[i, j] * p[j]
            change[i] = np.cross(h, p[i])
        return change.ravel()

    run = solve_ivp(rate, (0, end), start.ravel(), "DOP853", rtol=1e-11, atol=1e-12)
    result: Array = run.y[:, -1].reshape(-1, 3)
    return result


Field = Callable[[float], Array]
Profile = Callable[[float], float]
