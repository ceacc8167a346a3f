"""Beams as big spins, against 2^N amplitudes, published numbers and the limit of many neutrinos."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import expm_multiply

from qnu import Group, NeutrinoGas
from qnu.profiles import Function, Table
from qnu.solvers import collective

Array = np.ndarray

# -- all 2^N amplitudes, from the definition of H --------------------------------------------------

PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]


def spin(axis: int, k: int, count: int) -> Any:
    """sigma of one neutrino; neutrino 0 is the leftmost factor."""
    one = sparse.identity(2**k), PAULI[axis], sparse.identity(2 ** (count - 1 - k))
    return sparse.csr_matrix(reduce(sparse.kron, one))


def parts(gas: NeutrinoGas) -> tuple[Any, Any, Any]:
    """``H = mu exchange + lambda_e matter + vacuum``."""
    count = len(gas)
    sigma = [[spin(a, k, count) for a in range(3)] for k in range(count)]
    exchange = sparse.csr_matrix((2**count,) * 2, dtype=complex)
    for i in range(count):
        for j in range(i):
            u = float(gas.one_minus_cos(i, j))
            dot = sum(x @ y for x, y in zip(sigma[i], sigma[j], strict=True))
            exchange = exchange + u / count * (sparse.identity(2**count) + dot) / 2
    twice = 2 * gas.mixing_angle
    matter = sum((np.sin(twice) * s[0] + np.cos(twice) * s[2]) / 2 for s in sigma)
    vacuum = sum(-w / 2 * s[2] for w, s in zip(gas.omega, sigma, strict=True))
    return exchange, matter, vacuum


def product(gas: NeutrinoGas) -> Array:
    kets = []
    for x, y, z in gas.polarization:
        values, vectors = np.linalg.eigh(x * PAULI[0] + y * PAULI[1] + z * PAULI[2])
        kets.append(vectors[:, np.argmax(values)])
    return reduce(np.kron, kets)


def brute_force(gas: NeutrinoGas, times: Any, mu: Any = 1.0, matter: Any = 0.0) -> Array:
    """``(times, 2^N)``; where mu or matter change, with corners at whole times."""
    exchange, by_matter, vacuum = parts(gas)
    state = product(gas)
    if not callable(mu) and not callable(matter):
        h = sparse.csc_matrix(mu * exchange + matter * by_matter + vacuum)
        return np.array([expm_multiply(-1j * t * h, state) for t in times])
    value = [f if callable(f) else (lambda t, f=f: f) for f in (mu, matter)]

    def slope(t: float, y: Array, low: float, high: float) -> Array:
        t = min(max(t, low), high)
        return -1j * (value[0](t) * (exchange @ y) + value[1](t) * (by_matter @ y) + vacuum @ y)

    found = []
    for a, b in pairwise([0.0, *times]):
        edges = [a, *[t for t in np.arange(0, 20, 0.25) if a < t < b], b]
        for low, high in pairwise(edges):
            if high > low:
                inside = low + 1e-13, high - 1e-13
                run = solve_ivp(slope, (low, high), state, "DOP853", rtol=1e-12, atol=1e-14,
                                args=inside)  # fmt: skip
                state = run.y[:, -1]
        found.append(state)
    return np.array(found)


def vectors_of(gas: NeutrinoGas, states: Array) -> Array:
    """``(times, groups, 3)`` of the first neutrino of every group."""
    first = [int(m[0]) for m in gas.members]
    return np.array(
        [
            [[np.vdot(s, spin(a, k, len(gas)) @ s).real for a in range(3)] for k in first]
            for s in states
        ]
    )


def entropy_of(state: Array, members: Array, count: int) -> float:
    """Of some neutrinos, from Schmidt coefficients."""
    others = [k for k in range(count) if k not in members]
    tensor = state.reshape((2,) * count).transpose([*members, *others])
    p = np.linalg.svd(tensor.reshape(2 ** len(members), -1), compute_uv=False) ** 2
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def beams(*sizes: int, seed: int = 1, along_b: bool = False, right: bool = False) -> NeutrinoGas:
    """Beams that differ in everything: direction, flavor, frequency, size."""
    rng = np.random.default_rng(seed)
    draw = rng.normal(size=(2, len(sizes), 3))
    start, ways = draw / np.linalg.norm(draw, axis=-1, keepdims=True)
    if along_b:
        start = np.array([[0, 0, (-1.0) ** g] for g in range(len(sizes))])
    omega = rng.normal(size=len(sizes))
    groups = [Group(n, p, omega=w) for n, p, w in zip(sizes, start, omega, strict=True)]
    ways = "right-angle" if right else np.repeat(ways, sizes, axis=0)
    return NeutrinoGas.from_groups(groups, ways, mixing_angle=0.3)


RAMP = Table([0.0, 0.5, 1.25, 1.5, 9.0], [1.5, 0.2, 2.0, 0.0, 0.0])
WAVE = Function(lambda t: 0.4 + np.sin(3 * t), [])
JUMP = Function(lambda t: np.where(np.asarray(t) < 0.75, 0.2, 1.7), [0.75])


@pytest.mark.parametrize(
    ("gas", "mu", "matter"),
    [
        (beams(7, 5), 1.0, 0.0),
        (beams(5, 7, right=True), 0.7, 0.9),
        (beams(4, 2, 3), 1.3, 0.0),
        (beams(3, 2, 3), 1.0, -0.8),
        (beams(2, 1, 2, 3, along_b=True), 2.0, 0.0),
        (beams(6), 1.0, 0.5),
        (beams(1, 1, 1, 1), 1.0, 0.0),
        (beams(3, 4), RAMP, 0.0),
        (beams(2, 3, 2), 0.8, WAVE),
        (beams(4, 2), WAVE.function, JUMP),
        (beams(3, 3, along_b=True), RAMP, RAMP),
    ],
)
def test_beams_are_what_all_amplitudes_are(gas, mu, matter) -> None:
    if callable(mu) and mu is not RAMP:
        mu = lambda t: 1.4 + np.sin(3 * t)  # noqa: E731  # a coupling is not negative
    times = [0.0, 0.3, 1.0, 2.75]
    run = collective(gas, times, mu, matter, observables=["entropy", "beam_entropy"])
    states = brute_force(gas, times, mu, matter)
    assert run.polarization == pytest.approx(vectors_of(gas, states), abs=1e-10)
    for k, state in enumerate(states):
        expected = [entropy_of(state, m, len(gas)) for m in gas.members]
        assert run["beam_entropy"][k].values == pytest.approx(expected, abs=2e-9)
        single = [entropy_of(state, m[:1], len(gas)) for m in gas.members]
        assert run["entropy"][k].values == pytest.approx(single, abs=2e-9)
    assert abs(np.diff(run.polarization, axis=0)).max() > 0.1
