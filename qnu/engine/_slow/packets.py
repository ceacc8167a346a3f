"""Passages of wave packets in a periodic box: all pairs, all images, matrices."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def covariances(velocity: Floats, across: Floats, along: Floats) -> Floats:
    """``(N, 3, 3)``: ``s_T^2 (1 - v v^T) + s_L^2 v v^T``."""
    outer = velocity[:, :, None] * velocity[:, None, :]
    s_t, s_l = across[:, None, None] ** 2, along[:, None, None] ** 2
    return np.asarray(s_t * (np.eye(3) - outer) + s_l * outer)


def images(sides: Floats, far: float) -> Floats:
    """``(M, 3)`` shifts of all images of the box that are no farther than ``far``."""
    most = [math.ceil(far / side) + 1 for side in sides]
    grid = np.meshgrid(*(np.arange(-m, m + 1) for m in most), indexing="ij")
    return np.asarray(np.stack(grid, axis=-1).reshape(-1, 3) * sides)


def passages(
    position: Floats,
    velocity: Floats,
    across: Floats,
    along: Floats,
    sides: Floats,
    cutoff: float,
    length: float,
    end: float,
) -> Floats:
    """``(n, 6)``: first, second, theta, phase, rms duration and q of all passages, by first.

    Args:
        position, velocity: ``(N, 3)`` at phase 0.
        across, along: ``(N,)`` rms sizes.
        sides: ``(3,)`` of the box.
        cutoff: the largest square root of q.
        length: half the length of a passage in rms durations.
        end: passages that are over before 0, or begin after it, are left out.
    """
    count, found = len(position), []
    strength = float(np.prod(sides)) / count
    s = covariances(velocity, across, along)
    shifts = images(sides, 2 * end + 4 * (cutoff + length) * float(max(across.max(), along.max())))
    for i in range(count):
        for j in range(i + 1, count):
            u = velocity[i] - velocity[j]
            if np.linalg.norm(u) < 1e-7:
                continue
            inverse = np.linalg.inv(s[i] + s[j])
            speed = float(u @ inverse @ u)
            d = position[i] - position[j] - shifts
            along_u = d @ inverse @ u
            phase, rms = -along_u / speed, 1 / math.sqrt(speed)
            nearest = d + phase[:, None] * u
            q = np.einsum("na,ab,nb->n", nearest, inverse, nearest)
            theta = strength * (1 - velocity[i] @ velocity[j]) * np.exp(-q / 2)
            theta /= 2 * math.pi * math.sqrt(np.linalg.det(s[i] + s[j]) * speed)
            some = (q <= cutoff**2) & (phase >= -length * rms) & (phase <= end + length * rms)
            for k in np.flatnonzero(some):
                found.append((i, j, theta[k], phase[k], rms, q[k]))
    return np.array(found).reshape(-1, 6)


def overlap_rate(
    separation: Floats, one: Floats, other: Floats, sides: Floats
) -> tuple[float, float]:
    """``int n_1 n_2`` over space at one time with all images, and the smallest ``d^T S^-1 d``.

    Args:
        separation: ``(3,)``.
        one, other: ``(3, 3)`` covariances.
        sides: ``(3,)`` of the box.
    """
    s = one + other
    far = 10 * math.sqrt(float(np.linalg.eigvalsh(s)[-1]))
    d = separation - np.round(separation / sides) * sides - images(sides, far)
    q = np.einsum("na,ab,nb->n", d, np.linalg.inv(s), d)
    density = np.exp(-q / 2).sum() / math.sqrt((2 * math.pi) ** 3 * np.linalg.det(s))
    return float(density), float(q.min())
