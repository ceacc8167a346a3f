"""Kernels against slow, obvious twins."""

import itertools

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from qnu import testing
from qnu.encounter import PAULI, density_matrix, polarization_of, unitary
from qnu.engine import bloch, free_unitaries, statevector, streaming
from qnu.engine._slow import gates as slow_gates
from qnu.engine.statevector import exchange
from qnu.gas import flavor_direction
from qnu.profiles import Exponential, Table


def test_sine_and_cosine() -> None:
    x = np.concatenate([np.linspace(-4, 4, 4001), np.geomspace(1e-300, 0.25, 500)])
    found = np.array([bloch._sin_cos(float(v)) for v in x])
    assert found[:, 0] == pytest.approx(np.sin(x), rel=4e-16, abs=0)
    assert found[:, 1] == pytest.approx(np.cos(x), rel=4e-16, abs=0)


@pytest.mark.parametrize(
    "matter",
    [0.7, Exponential(2.0, 5.0), lambda t: 1 + np.sin(3 * t), Table([0, 2, 4, 9.0], [1, 3, 0, 2])],
)
@pytest.mark.parametrize(("omega", "start", "stop"), [(0.5, 0.3, 7.7), (-1.2, 0.0, 10.0)])
def test_free_streaming_against_an_integrator(matter, omega, start, stop) -> None:
    value = matter if callable(matter) else lambda t: matter
    gate = free_unitaries([omega], [start], [stop], matter, 0.3)[0]
    assert gate @ gate.conj().T == pytest.approx(np.eye(2), abs=1e-13)
    assert np.linalg.det(gate) == pytest.approx(1.0, abs=1e-13)
    p = np.array([0.3, 0.5, -0.2])
    breaks = [t for t in (2.0, 4.0, 9.0) if start < t < stop]  # kinks of the table
    exact, ends = p, [start, *breaks, stop]
    for a, b in itertools.pairwise(ends):
        exact = solve_ivp(
            lambda t, q: np.cross(value(t) * flavor_direction(0.3) + [0, 0, -omega], q),
            (a, b),
            exact,
            "DOP853",
            rtol=1e-12,
            atol=1e-13,
        ).y[:, -1]
    assert polarization_of(gate @ density_matrix(p) @ gate.conj().T) == pytest.approx(
        exact, abs=1e-9
    )
    matter_ = streaming.compile_matter(matter, 0.3, stop)
    turns = streaming.free_quaternions(
        np.array([omega]), np.array([start]), np.array([stop]), matter_
    )
    assert streaming.turn_vectors(turns, p[None])[0] == pytest.approx(exact, abs=1e-9)
    assert np.array(streaming.turn(tuple(turns[0]), *p)) == pytest.approx(exact, abs=1e-9)


def test_product_states_and_their_polarizations() -> None:
    p = testing.random_gas(5, seed=0).polarization
    state = statevector.product_state(statevector.spinors(p))
    assert statevector.norm(state) == pytest.approx(1.0)
    assert statevector.polarizations(state, 5) == pytest.approx(p, abs=1e-14)
    assert state[0b00100] / state[0] == pytest.approx(np.divide(*statevector.spinors(p)[2][::-1]))


def test_pair_density_matrices_against_the_whole_one() -> None:
    state = testing.random_state(4, seed=1)
    found = statevector.pair_densities(state, 4)
    whole = np.outer(state, state.conj()).reshape((2,) * 8)  # bits 3, 2, 1, 0 and again
    for i in range(4):
        for j in range(i + 1, 4):
            keep = [3 - i, 3 - j]
            rest = [a for a in range(4) if a not in keep]
            order = [*keep, *rest, *(4 + a for a in keep), *(4 + a for a in rest)]
            rho = np.einsum("akbk->ab", whole.transpose(order).reshape(4, 4, 4, 4))
            assert found[i, j] == pytest.approx(rho, abs=1e-14)


def test_blocks_and_pending_angles_are_the_gates() -> None:
    # a few encounters with gaps in between, by blocks and by whole gates with streaming in them
    rng = np.random.default_rng(2)
    first, second = np.array([5, 6, 4, 0, 7, 2]), np.array([7, 4, 6, 5, 1, 3])
    theta, start = rng.normal(size=6), np.arange(6) + 0.3
    duration, omega = rng.uniform(0, 0.5, 6), rng.normal(size=8)
    state = rng.normal(size=256) + 1j * rng.normal(size=256)
    state /= np.linalg.norm(state)
    fast, clock, pending = state.copy(), np.zeros(8), np.zeros(8)
    blocks = exchange.blocks(
        first, second, theta, start, duration, omega, clock, pending, streaming=True
    )
    statevector.apply_blocks(fast, first, second, blocks)
    slow, left = state, np.zeros(8)

    def stream(vector, k, time):
        turned = vector.reshape(2 ** (7 - k), 2, 2**k)
        phases = np.exp(1j * omega[k] * time / 2 * np.array([1, -1]))
        return (turned * phases[None, :, None]).reshape(-1)

    for i, j, angle, t, length in zip(first, second, theta, start, duration, strict=True):
        for k in (i, j):
            slow = stream(slow, k, t - left[k])
            left[k] = t + length
        gate = unitary(angle, (0, 0, -omega[i]), (0, 0, -omega[j]), length)
        slow = slow_gates.apply_gates(slow, [i], [j], gate[None])
    turns = exchange.pending_quaternions(pending)
    found = streaming.turn_vectors(turns, statevector.polarizations(fast, 8))
    assert found == pytest.approx(statevector.polarizations(slow, 8), abs=1e-13)
    assert clock == pytest.approx(left)
    local = streaming.quaternion_unitaries(turns)
    for k in range(8):
        parts = fast.reshape(2 ** (7 - k), 2, 2**k)
        fast = np.einsum("ab,xby->xay", local[k], parts).reshape(-1)
    assert abs(np.vdot(fast, slow)) == pytest.approx(1.0, abs=1e-13)


def test_hamiltonian_of_the_reference_gate() -> None:
    generator = sum(np.kron(s, s) for s in PAULI) / 2
    assert unitary(0.4) * np.exp(0.2j) == pytest.approx(expm(-0.4j * generator), abs=1e-13)
