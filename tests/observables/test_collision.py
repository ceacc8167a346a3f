"""The collision term of exact states, against density matrices and finite differences."""

import numpy as np
import pytest
from scipy.linalg import expm

import qnu
from qnu import observables, solvers
from qnu.observables import collision_term, plane_wave_couplings
from qnu.profiles import Exponential

SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
SWAP = np.eye(4)[[0, 2, 1, 3]]
NAME = "collision_term"


def gas_of(count: int, seed: int = 1, mixing_angle: float = 0.3) -> qnu.NeutrinoGas:
    rng = np.random.default_rng(seed)
    vectors, velocity = (
        v / np.linalg.norm(v, axis=1)[:, None] for v in rng.normal(size=(2, count, 3))
    )
    omega = rng.normal(size=count)
    return qnu.NeutrinoGas(vectors, omega, velocity=velocity, mixing_angle=mixing_angle)


class Dense:
    """``H`` and ``psi(0)`` in full, neutrino 0 on the left: nothing of qnu in it."""

    def __init__(self, gas: qnu.NeutrinoGas, mu: float, matter: float = 0.0) -> None:
        self.count = len(gas)
        self.spins = [[self._on(s, k) for s in SIGMA] for k in range(self.count)]
        angle = 2 * gas.mixing_angle
        along = matter * np.array([np.sin(angle), 0.0, np.cos(angle)])
        self.fields = gas.omega[:, None] * np.array([0.0, 0.0, -1.0]) + along
        self.couplings = mu / self.count * (1 - gas.velocity @ gas.velocity.T)
        np.fill_diagonal(self.couplings, 0.0)
        self.hamiltonian = sum(
            self.fields[i, a] * self.spins[i][a] / 2 for i in range(self.count) for a in range(3)
        )
        for i in range(self.count):
            for j in range(i):
                both = sum(self.spins[i][a] @ self.spins[j][a] for a in range(3))
                swap = (np.eye(2**self.count) + both) / 2
                self.hamiltonian = self.hamiltonian + self.couplings[i, j] * swap
        self.start = np.ones(1)
        for x, y, z in gas.polarization:
            polar, azimuth = np.arccos(z), np.arctan2(y, x)
            ket = [np.cos(polar / 2), np.sin(polar / 2) * np.exp(1j * azimuth)]
            self.start = np.kron(self.start, ket)

    def _on(self, matrix, k):
        return np.kron(np.kron(np.eye(2**k), matrix), np.eye(2 ** (self.count - 1 - k)))

    def state(self, time: float):
        return expm(-1j * self.hamiltonian * time) @ self.start

    def polarization(self, time: float):
        psi = self.state(time)
        return np.array([[np.vdot(psi, s @ psi).real for s in own] for own in self.spins])

    def collision(self, time: float, step: float = 1e-3):
        """Finite differences of the polarization less its mean field, of order step^4."""
        ahead = [self.polarization(time + k * step) for k in (-2, -1, 1, 2)]
        rate = (ahead[0] - 8 * ahead[1] + 8 * ahead[2] - ahead[3]) / (12 * step)
        here = self.polarization(time)
        return rate - np.cross(self.fields + self.couplings @ here, here)


@pytest.mark.parametrize("matter", [0.0, 0.7])
def test_it_is_the_derivative_beyond_the_mean_field(matter: float) -> None:
    gas, mu, time = gas_of(5), 1.3, 2.0
    dense = Dense(gas, mu, matter)
    wanted = dense.collision(time)
    assert np.abs(wanted).max() > 0.3
    # neutrino k is bit k
    psi = dense.state(time).reshape((2,) * 5).transpose(range(4, -1, -1)).reshape(-1)
    couplings = plane_wave_couplings(gas, mu)
    np.testing.assert_allclose(collision_term(psi, couplings), wanted, atol=1e-9)
    assert collision_term(psi, couplings).sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-14)
    waves = qnu.schedules.plane_wave(gas, time, steps=800, mu=mu, matter=matter)
    state = solvers.final_state(gas, waves)
    run = solvers.many_body(gas, waves, observables=[NAME], trotter_error=False)
    found = run[NAME].values
    assert run[NAME].dims == ("time", "neutrino", "axis")
    np.testing.assert_allclose(found[0], 0.0, atol=1e-14)
    np.testing.assert_allclose(found[-1], wanted, atol=2e-6)  # of the Trotter steps
    np.testing.assert_allclose(collision_term(state, couplings), found[-1], atol=1e-14)


def test_it_is_the_commutator_with_swap() -> None:
    gas = gas_of(4, seed=2)
    waves = qnu.schedules.plane_wave(gas, 3.0, steps=20)
    state = solvers.final_state(gas, waves)
    couplings = plane_wave_couplings(gas, 0.8)
    wanted = np.zeros((4, 3))
    pairs = np.zeros((4, 4, 4, 4), complex)
    for i in range(4):
        for j in range(4):
            if i == j:
                continue
            rho = state.pair(i, j)
            pairs[i, j] = rho
            one = np.einsum("ikjk->ij", rho.reshape(2, 2, 2, 2))
            two = np.einsum("kikj->ij", rho.reshape(2, 2, 2, 2))
            g = rho - np.kron(one, two)
            moved = -1j * couplings[i, j] * (SWAP @ g - g @ SWAP)
            rate = np.einsum("ikjk->ij", moved.reshape(2, 2, 2, 2))
            wanted[i] += np.einsum("aij,ji->a", SIGMA, rate).real
    assert np.abs(wanted).max() > 0.05
    np.testing.assert_allclose(collision_term(pairs, couplings), wanted, atol=1e-14)
    correlations = observables.pair_correlations(pairs)
    from_both = collision_term(correlations, couplings, state.polarization())
    np.testing.assert_allclose(from_both, wanted, atol=1e-14)
    many = collision_term(np.stack([pairs, pairs]), np.stack([couplings, 2 * couplings]))
    np.testing.assert_allclose(many, [wanted, 2 * wanted], atol=1e-14)


def test_two_neutrinos_have_a_closed_form() -> None:
    """P_1 = cos(2 J t) z: J = mu (1 - c)/N, N and not N - 1."""
    vectors, velocity = [[0, 0, 1], [0, 0, -1]], [[1, 0, 0], [-0.6, 0.8, 0]]
    gas = qnu.NeutrinoGas(vectors, [0.0, 0.0], velocity=velocity)
    waves = qnu.schedules.plane_wave(gas, 1.0, steps=10, mu=1.5)
    run = solvers.many_body(gas, waves, [0.3, 1.0], observables=[NAME])
    coupling = 1.5 * 1.6 / 2
    wanted = -2 * coupling * np.sin(2 * coupling * run.times)
    np.testing.assert_allclose(run[NAME].values[:, 0, 2], wanted, atol=1e-12)
    np.testing.assert_allclose(run[NAME].values[:, 1, 2], -wanted, atol=1e-12)


def test_a_sector_and_all_amplitudes_agree_and_mu_of_the_time_counts() -> None:
    rng = np.random.default_rng(4)
    z = np.array([1.0, -1.0, 1.0, -1.0, -1.0])
    velocity = rng.normal(size=(5, 3))
    velocity /= np.linalg.norm(velocity, axis=1)[:, None]
    vectors = np.stack([0 * z, 0 * z, z], axis=1)
    gas = qnu.NeutrinoGas(vectors, rng.normal(size=5), velocity=velocity)
    mu = Exponential(1.4, 3.0)
    waves = qnu.schedules.plane_wave(gas, 2.0, steps=20, mu=mu)
    times = [0.0, 1.0, 2.0]
    run = solvers.many_body(gas, waves, times, observables=[NAME, "pair_concurrence"])
    for sample in (1, 2):
        state = solvers.final_state(gas, waves, times[sample])
        psi = amplitudes(state)
        wanted = collision_term(psi, plane_wave_couplings(gas, float(mu(times[sample]))))
        assert np.abs(wanted).max() > 0.05
        np.testing.assert_allclose(run[NAME].values[sample], wanted, atol=1e-12)
    again = run.dataset[NAME].values
    np.testing.assert_allclose(again[..., :2], 0.0, atol=1e-12)  # along B, by the symmetry


def amplitudes(state: solvers.ManyBodyState):
    """All of them, of a state in a sector."""
    sector = state.state.sector
    whole = np.zeros(2**state.count, complex)
    ones = [m for m in range(2**state.count) if m.bit_count() == sector.weight]
    assert len(ones) == len(state.state.amplitudes)
    whole[ones] = state.state.amplitudes
    half = state.rotations[:, 0] + 1j * state.rotations[:, 3]  # exp(i angle / 2) about z
    for m in ones:
        for k in range(state.count):
            whole[m] *= half[k] if m >> k & 1 else half[k].conj()
    return whole


def test_only_plane_waves_have_it() -> None:
    gas = gas_of(4)
    schedule = qnu.schedules.tournament(gas, gamma=0.1)
    for run in (solvers.many_body, qnu.quantum.run):
        with pytest.raises(qnu.QnuError, match=r"'tournament'.*plane_wave.*ensemble_collision"):
            run(gas, schedule, observables=[NAME])
    for names, given, field in [(NAME, schedule, "observables"), ([NAME], gas, "schedule")]:
        with pytest.raises(qnu.QnuError) as caught:
            qnu.observables.require_plane_waves(names, given)
        assert caught.value.field == field


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((np.ones(3) / 3**0.5, np.zeros((2, 2))), "state"),
        ((np.ones(4), np.zeros((2, 2))), "norm"),
        ((np.zeros((2, 2, 5, 5)), np.zeros((2, 2))), "state"),
        ((np.zeros((2, 3, 4, 4)), np.zeros((2, 2))), "state"),
        ((np.zeros((2, 2, 3, 3)), np.zeros((2, 2))), "polarization"),
        ((np.zeros((2, 2, 3, 3)), np.zeros((2, 2)), np.zeros((3, 3))), "polarization"),
        ((np.zeros((2, 2, 4, 4)), np.zeros((2, 2)), np.zeros((2, 3))), "polarization"),
        ((np.zeros((2, 2, 4, 4)), np.zeros((3, 3))), "couplings"),
        ((np.zeros((2, 2, 4, 4)), np.array([[0.0, 1.0], [0.5, 0.0]])), "couplings"),
        (("nothing", np.zeros((2, 2))), "state"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple, field: str) -> None:
    with pytest.raises(qnu.QnuError, match=field) as caught:
        collision_term(*arguments)
    assert "\n" not in str(caught.value)
