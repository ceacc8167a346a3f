"""Big spins by way of dense matrices: angular momentum operators, products of them, exp(-iHt)."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def spin(count: int) -> tuple[Array, Array, Array]:
    """J_x, J_y, J_z of ``count`` neutrinos that are alike, by how many are up, 0 first."""
    up = np.arange(count)
    raised = np.diag(np.sqrt((up + 1.0) * (count - up)), -1)
    along = np.diag(np.arange(count + 1) - count / 2)
    return (raised + raised.T) / 2, (raised - raised.T) / 2j, along


def spins(counts: Any) -> list[tuple[Array, ...]]:
    """The same of every beam, in the product of all; the first beam is the leftmost factor."""
    ones = [np.eye(n + 1) for n in counts]
    return [
        tuple(reduce(np.kron, [*ones[:g], part, *ones[g + 1 :]]) for part in spin(n))
        for g, n in enumerate(counts)
    ]


def hamiltonian(
    counts: Any, omega: Any, coupling: Any, mu: float, matter: float, mixing_angle: float
) -> Array:
    """``(2 mu/N) sum_{g<h} u_gh J_g.J_h - sum_g omega_g J_g^z + lambda_e L.sum_g J_g``."""
    found: Any = spins(counts)
    total, twice = sum(counts), 2 * mixing_angle
    result = sum(-w * j[2] for w, j in zip(omega, found, strict=True))
    for g, one in enumerate(found):
        result = result + matter * (np.sin(twice) * one[0] + np.cos(twice) * one[2])
        for h in range(g):
            dot = sum(a @ b for a, b in zip(one, found[h], strict=True))
            result = result + 2 * mu / total * coupling[g, h] * dot
    return np.asarray(result)


def evolved(h: Array, state: Array, time: float) -> Array:
    """``exp(-i h time) state``, from eigenvectors."""
    values, vectors = np.linalg.eigh(h)
    result: Array = vectors @ (np.exp(-1j * values * time) * (vectors.conj().T @ state))
    return result
