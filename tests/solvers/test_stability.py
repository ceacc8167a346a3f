"""Growth rates of small deviations, against matrices of finite differences and closed formulas."""

import functools

import numpy as np
import pytest

from qnu import Group, NeutrinoGas, QnuError, solvers
from qnu.solvers.stability import growth_rate

THIRDS = np.full(3, 1 / 3)
OMEGA = np.array([0.5, 0.4, 0.8])


def unstable_example() -> solvers.QuasiSteadyState:
    return solvers.quasi_steady_state((0.8, 0.6, 0.4), (-1, 1, 1), THIRDS, OMEGA, 0.16)


def dense(vectors, share, omega, mu, precession) -> float:
    """The 3G x 3G matrix from differences of dP_i/dt (exact: it is quadratic in P)."""

    def rate(flat):
        p = flat.reshape(-1, 3)
        h = np.outer(omega - precession, [0, 0, -1]) + mu * (share @ p)
        return np.cross(h, p).ravel()

    flat, unit = np.asarray(vectors, float).ravel(), np.eye(3 * len(share))
    matrix = np.stack([(rate(flat + e) - rate(flat - e)) / 2 for e in unit], axis=1)
    return float(np.linalg.eigvals(matrix).real.max())


@functools.cache
def random_states(*, positive: bool = False) -> list:
    rng, found = np.random.default_rng(7), []
    while len(found) < 50:
        groups = int(rng.integers(1, 6))
        share, omega = rng.dirichlet(np.full(groups, 3.0)), rng.normal(size=groups) * 0.4
        signs = (1,) * groups if positive else tuple(rng.choice([-1, 1], groups).tolist())
        lengths, mu, along = (
            rng.uniform(0.1, 1, groups),
            rng.uniform(0.3, 2),
            rng.uniform(-0.3, 0.3),
        )
        try:
            state = solvers.quasi_steady_state(lengths, signs, share, omega, along, mu)
        except QnuError:
            continue
        found.append((state, share, omega, mu))
    return found


def test_growth_rate_of_the_unstable_example() -> None:
    state = unstable_example()
    assert state.growth_rate == pytest.approx(0.151, abs=5e-4)
    found = dense(state.polarization, THIRDS, OMEGA, 1.0, state.precession)
    assert state.growth_rate == pytest.approx(found, abs=1e-12)


def test_growth_rates_are_those_of_the_dense_matrix() -> None:
    turn = np.array([[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]])
    unstable = 0
    for state, share, omega, mu in random_states():
        vectors = state.polarization @ turn.T  # the azimuth does not matter
        found = growth_rate(vectors, share, omega, mu, state.precession)
        # rounding makes growth rates of about 1e-8 of the zero modes of the dense matrix
        assert found == pytest.approx(dense(vectors, share, omega, mu, state.precession), abs=1e-6)
        assert found == pytest.approx(state.growth_rate, abs=1e-10)
        unstable += found > 0
    assert 5 < unstable < 30


def test_all_along_their_fields_is_always_stable() -> None:
    for state, share, omega, mu in random_states(positive=True):
        assert state.growth_rate == 0.0
        assert dense(state.polarization, share, omega, mu, state.precession) < 1e-6


def test_stable_states_have_growth_rate_zero_and_not_rounding() -> None:
    stable = [s.growth_rate for s, *_ in random_states() if s.growth_rate < 1e-5]
    assert len(stable) > 20
    assert set(stable) == {0.0}


def test_two_groups_along_b_by_the_closed_formula() -> None:
    # d(S_i)/dt = -i [(omega_i - mu zbar) S_i + mu z_i sum_j f_j S_j], S = P_x + i P_y: the growth
    # rate is half the root of minus the discriminant of this 2 x 2 matrix
    rng, unstable = np.random.default_rng(3), 0
    for _ in range(300):
        z, (f, g) = rng.uniform(-1, 1, 2), rng.dirichlet([2, 2])
        omega, mu = rng.normal(size=2) * 0.4, rng.uniform(0.2, 2)
        minus = (omega[0] - omega[1] + mu * (f * z[0] - g * z[1])) ** 2
        minus += 4 * mu**2 * f * g * z[0] * z[1]
        expected = np.sqrt(max(-minus, 0.0)) / 2
        vectors = np.outer(z, [0, 0, 1])
        for precession in (0.0, 0.37):  # along B any frame will do
            found = growth_rate(vectors, (f, g), omega, mu, precession)
            assert found == pytest.approx(expected, abs=1e-7)
        unstable += expected > 0
    assert unstable > 30


@pytest.mark.parametrize("kind", ["transverse", "longitudinal"])
def test_mean_field_grows_at_this_rate(kind) -> None:
    if kind == "transverse":
        state = unstable_example()
        vectors, omega, precession = state.polarization, OMEGA, state.precession
        expected = state.growth_rate
    else:
        vectors, omega, precession = np.zeros((3, 3)), np.array([0.1, 0.6, 0.4]), 0.0
        vectors[:, 2] = (0.9, -0.7, 0.3)
        expected = growth_rate(vectors, THIRDS, omega)
    assert expected > 0.05
    noise = np.random.default_rng(5).normal(size=(3, 3)) * 1e-6
    groups = [Group(1, p, omega=w) for p, w in zip(vectors + noise, omega, strict=True)]
    gas = NeutrinoGas.from_groups(groups, velocities="right-angle")
    step = 0.5
    times = np.arange(0.0, 6.5 / expected, step)
    run = solvers.mean_field(gas, times, partners="all")
    angle = precession * times[:, None]  # back into the frame that turns with the state
    x, y, z = np.moveaxis(run.polarization, 2, 0)
    seen = [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle), z]
    apart = np.concatenate(seen, axis=1) - np.concatenate(list(vectors.T))
    apart = apart[times > 3.5 / expected]  # the growing pair alone: d_k+2 = a d_k+1 + b d_k
    assert abs(apart).max() < 5e-3
    pairs = np.stack([apart[1:-1].ravel(), apart[:-2].ravel()], axis=1)
    a, b = np.linalg.lstsq(pairs, apart[2:].ravel(), rcond=None)[0]
    fitted = np.log(abs(np.roots([1, -a, -b])).max()) / step
    assert fitted == pytest.approx(expected, rel=0.01)


def test_states_that_lie_in_no_plane() -> None:
    # four groups at the corners of a tetrahedron feel no field; two along B do
    rng = np.random.default_rng(2)
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3)
    vectors = np.vstack([0.8 * corners @ turn, [[0, 0, 0.9], [0, 0, -0.9]]])
    share, grown = np.full(6, 1 / 6), 0
    for _ in range(20):
        omega = np.concatenate([np.zeros(4), rng.normal(size=2) * 0.3])
        found = growth_rate(vectors, share, omega)
        assert found == pytest.approx(dense(vectors, share, omega, 1.0, 0.0), abs=1e-5)
        grown += found > 1e-3
    assert grown > 3


def test_growth_has_the_units_of_mu_and_omega() -> None:
    state = unstable_example()
    for scale in (1e-9, 1e6):
        found = growth_rate(
            state.polarization, THIRDS, scale * OMEGA, scale, scale * state.precession
        )
        assert found == pytest.approx(scale * state.growth_rate, rel=1e-9)


def test_groups_without_polarization_change_nothing() -> None:
    state = unstable_example()
    vectors = np.vstack([state.polarization, np.zeros(3)])
    share = np.array([0.3, 0.3, 0.3, 0.1])
    omega = np.append(OMEGA, 0.2)
    found = growth_rate(vectors, share, omega, 1 / 0.9, state.precession)
    assert found == pytest.approx(state.growth_rate, rel=1e-9)
    assert growth_rate(np.zeros((2, 3)), (0.5, 0.5), (0.1, 0.2)) == 0.0


def test_opposite_groups_of_one_frequency_do_not_grow() -> None:
    # the matrix is nilpotent: deviations grow as t and not as exp(t)
    vectors = [[0, 0, 1], [0, 0, -1]]
    assert growth_rate(vectors, (0.5, 0.5), (0.2, 0.2)) == 0.0
    assert growth_rate(vectors, (0.5, 0.5), (0.2, 0.2), 1.0, 0.37) == 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1, 0, 0]], (1.0,), (0.1,)), "polarization: got .*dP_i/dt.* is up to 0.1"),
        (([[0, 0, 1]], (0.5,), (0.1,)), "weights"),
        (([[0, 0, 1]], (1.0,), (0.1, 0.2)), "omega"),
        (([[0, 0, 1]], (1.0,), (0.1,), -1.0), "mu"),
        (([[0, 0, np.nan]], (1.0,), (0.1,)), "polarization"),
    ],
)
def test_growth_rate_bad_input(arguments, message) -> None:
    with pytest.raises(QnuError, match=f"^{message}"):
        growth_rate(*arguments)
