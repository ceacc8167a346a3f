"""Branches of miscidynamics go on as far as they exist, whatever the sample times are."""

import numpy as np
import pytest

from qnu import Group, NeutrinoGas, QnuError, experiment, solvers
from qnu.errors import PremiseWarning
from qnu.profiles import Exponential, Table
from qnu.solvers import quasi_steady


def gas_of(vectors, counts, omega) -> NeutrinoGas:
    groups = [Group(n, p, omega=w) for n, p, w in zip(counts, vectors, omega, strict=True)]
    return NeutrinoGas.from_groups(groups, velocities="right-angle")


def tilted_pair() -> NeutrinoGas:
    return gas_of([(np.sin(0.3), 0, np.cos(0.3))] * 2, (6, 4), (0.1, 0.2))


FALLING = Exponential(1.0, 100.0)


# ------------------------------------------------------------------ small mu


@pytest.mark.parametrize("end", [1000.0, 1141.0, 1430.0, 2800.0, 6000.0, 60000.0])
def test_two_groups_go_on_to_any_small_mu(end) -> None:
    # mu down to 1e-260; below mu = 1e-5 group 1 is along B and group 2 keeps the rest of Pbar_B:
    # 0.6 sgn(omega_1 - omega_2) + 0.4 c = -cos(0.3), c = -z_2
    run = solvers.miscidynamics(tilted_pair(), [0.0, 500.0, end], 0.0, mu=FALLING)
    z = (np.cos(0.3) - 0.6) / 0.4
    assert run.polarization[-1, :, 2] == pytest.approx([1.0, z], abs=2e-5)
    assert float(run["transverse"][-1]) == pytest.approx(0.4 * np.sqrt(1 - z * z), abs=6e-5)
    assert float(run["precession"][-1]) == pytest.approx(0.2, abs=3 * np.exp(-end / 100))
    if end > 2500:
        assert run.polarization[-1, :, 2] == pytest.approx([1.0, z], abs=1e-11)


def test_twelve_energies_go_on_to_any_small_mu() -> None:
    gas = experiment.load("spectral_split_12").gas
    times = 250.0 * np.log([1e2, 1 / 7e-7, 1e12, 1e40])
    run = solvers.miscidynamics(gas, times, 0.0, mu=Exponential(1.0, 250.0))
    # the total along B: nine energies at +1, two at -1, the tenth pays
    tenth = 12 * np.cos(2 * 0.5) - 9 + 2
    expected = [*[1.0] * 9, tenth, -1.0, -1.0]
    assert run.polarization[1, :, 2] == pytest.approx(expected, abs=1e-6)
    assert run.polarization[2, :, 2] == pytest.approx(expected, abs=1e-12)
    assert run.polarization[3, :, 2] == pytest.approx(expected, abs=1e-12)


def test_mu_may_reach_zero_and_come_back() -> None:
    mu = Table([0.0, 500.0, 600.0, 1100.0], [1.0, 0.0, 0.0, 1.0])
    run = solvers.miscidynamics(tilted_pair(), [0.0, 500.0, 550.0, 1100.0], 0.0, mu=mu)
    z = (np.cos(0.3) - 0.6) / 0.4
    assert run.polarization[1:3, 1, 2] == pytest.approx([z, z], abs=1e-12)
    assert run.polarization[3, :, 2] == pytest.approx(run.polarization[0, :, 2], abs=1e-12)


@pytest.mark.parametrize("mu", [1.0, 1e-3, 1e-6, 1e-9, 1e-12])
def test_quasi_steady_states_are_found_at_any_small_mu(mu) -> None:
    share, omega, along = np.array([0.6, 0.4]), np.array([0.1, 0.2]), -np.cos(0.3)
    state = solvers.quasi_steady_state((1.0, 1.0), (1, 1), share, omega, along, mu)
    assert share @ state.polarization[:, 2] == pytest.approx(-along, abs=1e-12)
    assert share @ state.polarization[:, 0] == pytest.approx(state.transverse, abs=1e-12)
    assert np.linalg.norm(state.polarization, axis=1) == pytest.approx([1, 1], abs=1e-12)
    if mu < 1e-5:
        z = (np.cos(0.3) - 0.6) / 0.4
        assert state.polarization[1, 2] == pytest.approx(z, abs=30 * mu)


@pytest.mark.parametrize("lepton_number", [-0.5, -np.cos(0.5)])
def test_spectral_split_of_a_box_by_the_closed_formula(lepton_number) -> None:
    # omega from 0 to 2 omega_0, all along +H: Omega' = Omega - mu Pbar_B
    points, weights = np.polynomial.legendre.leggauss(60)
    unit, d = 0.1, lepton_number
    for mu in (4.0, 0.1, 0.06):
        state = solvers.quasi_steady_state(
            np.ones(60), (1,) * 60, weights / 2, unit * (1 + points), d, mu
        )
        split = unit * (1 - d / np.tanh(unit / mu))
        assert state.precession - mu * d == pytest.approx(split, rel=1e-9)
        across = unit * np.sqrt(1 - d * d) / np.sinh(unit / mu)
        assert mu * state.transverse == pytest.approx(across, rel=1e-9)
        assert state.growth_rate == 0.0


def test_the_branch_of_a_box_is_followed_to_its_split() -> None:
    # 80 energies: the sums are the integrals to the order of the squared spacing
    unit, groups, d = 0.1, 80, -np.cos(0.5)
    omega = unit * (2 * np.arange(groups) + 1) / groups
    state = solvers.quasi_steady_state(
        np.ones(groups), (1,) * groups, np.full(groups, 1 / groups), omega, d
    )
    gas = gas_of(state.polarization, [1] * groups, omega)
    with pytest.warns(PremiseWarning, match="not adiabatic"):  # the energies at the split
        run = solvers.miscidynamics(gas, [0.0, 350.0, 1e4], 0.0, mu=FALLING)
    mu = FALLING(350.0)
    assert mu * float(run["transverse"][1]) == pytest.approx(
        unit * np.sqrt(1 - d * d) / np.sinh(unit / mu), rel=1e-3
    )
    assert float(run["precession"][2]) == pytest.approx(unit * (1 - d), abs=2 * unit / groups)
    assert run.attrs["drift_total_z"] < 1e-11


# ------------------------------------------------------------------ samples


PROFILES = {
    "constant": 1.0,
    "falling": FALLING,
    "table": Table([0, 70, 300, 301, 1000], [1, 2, 0.4, 0.9, 0.1]),
    "callable": lambda t: 1 / (1 + (t / 80) ** 2),
}


@pytest.mark.parametrize("gamma", [0.0, 0.01])
@pytest.mark.parametrize("name", PROFILES)
def test_the_path_does_not_depend_on_the_samples(name, gamma) -> None:
    rng, common, found = np.random.default_rng(1), [90.0, 270.0, 450.0], []
    for last in (450.0, 470.0, 900.0):
        others = rng.uniform(0, last, rng.integers(0, 40))
        times = np.unique([*common, *others, last])
        run = solvers.miscidynamics(tilted_pair(), times, gamma, mu=PROFILES[name], probability=1.0)
        found.append([run.at(t) for t in common])
    assert found[0] == pytest.approx(np.array(found[1]), abs=1e-12)
    assert found[0] == pytest.approx(np.array(found[2]), abs=1e-12)


def test_rates_and_mu_together_against_an_integration_of_the_lengths() -> None:
    # the same equations by solve_ivp, the root found anew at every evaluation
    from scipy.integrate import solve_ivp

    gas, gamma, mu = tilted_pair(), 0.02, Exponential(1.0, 150.0)
    share, omega, along = np.array([0.6, 0.4]), np.array([0.1, 0.2]), -np.cos(0.3)

    def rate(t, y):
        state = solvers.quasi_steady_state(y[:2], (1, 1), share, omega, along, mu(t))
        mean = share @ state.polarization
        toward = state.polarization @ mean / y[:2]
        return [*(mu(t) * gamma * (toward - y[:2])), -state.precession]

    exact = solve_ivp(rate, (0, 60.0), [1.0, 1.0, 0.0], rtol=1e-10, atol=1e-12).y[:, -1]
    run = solvers.miscidynamics(gas, [0.0, 60.0], gamma, mu=mu)
    assert run.group_length()[-1] == pytest.approx(exact[:2], abs=1e-9)
    x, y, _ = run.polarization[-1, 1]
    assert np.angle((x + 1j * y) * np.exp(-1j * exact[2])) == pytest.approx(0.0, abs=1e-8)


# ------------------------------------------------------------------ ends


def test_a_branch_ends_where_its_closed_formula_says() -> None:
    # equal halves, Pbar_B = 0: Pbar_perp^2 = 1 - (d / 2 mu)^2 with d = omega_2 - omega_1 = 0.2
    state = solvers.quasi_steady_state((1.0, 1.0), (1, 1), (0.5, 0.5), (0.1, 0.3), 0.0)
    assert state.transverse == pytest.approx(np.sqrt(1 - 0.01), abs=1e-12)
    gas, end = gas_of(state.polarization, (2, 2), (0.1, 0.3)), 100 * np.log(10.0)
    for last in (231.0, 300.0, 5000.0):
        for samples in ([0.0, last], np.linspace(0, last, 40)):
            with pytest.raises(QnuError, match=r"all P_i come to lie along B.*t = ") as caught:
                solvers.miscidynamics(gas, samples, 0.0, mu=FALLING)
            found = float(str(caught.value).rsplit("t = ", 1)[1].rstrip(")"))
            assert found == pytest.approx(end, rel=3e-6)  # printed with 6 digits
    with pytest.warns(PremiseWarning, match="not adiabatic"):  # equilibria run away at the end
        run = solvers.miscidynamics(gas, [0.0, 200.0, end - 1e-3], 0.0, mu=FALLING)
    expected = np.sqrt(1 - (0.1 / FALLING(run.times)) ** 2)
    assert run["transverse"].values == pytest.approx(expected, abs=1e-10)


def test_a_jump_of_mu_ends_a_branch_and_says_when() -> None:
    with pytest.raises(QnuError, match=r"no equilibrium goes on from there: .* t = 50\)"):
        solvers.miscidynamics(
            tilted_pair(), [0.0, 100.0], 0.0, mu=lambda t: np.where(t < 50.0, 1.0, 0.1)
        )


def test_a_corner_of_a_callable_is_no_end() -> None:
    run = solvers.miscidynamics(
        tilted_pair(), [0.0, 40.0, 100.0], 0.0, mu=lambda t: np.maximum(1 - t / 80, 0.5)
    )
    same = solvers.miscidynamics(tilted_pair(), [0.0], 0.0, mu=0.5)
    # the azimuth apart
    assert run.polarization[1, :, 2] == pytest.approx(run.polarization[2, :, 2], abs=1e-9)
    assert same.polarization.shape == (1, 2, 3)


# ------------------------------------------------------------------ pulses


def test_a_pulse_of_mu_is_never_stepped_over() -> None:
    # the integral of mu is 110
    mu = Table([0, 40, 40.5, 41, 100], [1, 1, 21, 1, 1])
    gas = gas_of([(0, 0, 1), (0, 0, -1)], (20, 20), (0.0, 0.0))
    run = solvers.miscidynamics(gas, [0.0, 100.0], 0.05, mu=mu)
    assert run.at()[0, 2] == pytest.approx(np.exp(-0.05 * 110), abs=1e-12)
    run = solvers.miscidynamics(gas, [0.0, 100.0], 0.05, mu=lambda t: mu(t))
    assert run.at()[0, 2] == pytest.approx(np.exp(-0.05 * 110), abs=1e-8)


def test_a_pulse_of_mu_with_polarization_across_b() -> None:
    # equal omega: all P_i lie along Pbar, which stays, and L_i - |Pbar| fades with the phase of mu
    pulse = Table([0, 40, 40.0001, 40.0002, 100], [1, 1, 1e5, 1, 1])
    phase = 100 + 0.0001 * (1e5 - 1)
    vectors = np.outer([0.9, 0.4, -0.3, 0.0], [np.sin(0.5), 0, np.cos(0.5)])
    gas, share = gas_of(vectors, (3, 4, 2, 1), [0.1] * 4), np.array([0.3, 0.4, 0.2, 0.1])
    signed = np.array([0.9, 0.4, -0.3, 0.0])
    mean = share @ signed
    run = solvers.miscidynamics(gas, [0.0, 30.0, 100.0], 0.01, mu=pulse)
    assert float(run["start_distance"]) < 1e-12
    for k, passed in ((1, 30.0), (2, phase)):
        expected = mean + (signed - mean) * np.exp(-0.01 * passed)
        assert run.polarization[k, :, 2] == pytest.approx(expected * np.cos(0.5), abs=1e-10)
        assert run.group_length()[k] == pytest.approx(abs(expected), abs=1e-10)
    assert float(run["precession"][-1]) == pytest.approx(0.1, abs=1e-12)


# ------------------------------------------------------------------ roots


def test_the_determinant_never_changes_sign() -> None:
    # so two roots cannot meet and vanish: -(S_1^2 + q S_0^2)/2, against differences
    rng = np.random.default_rng(4)
    for _ in range(50):
        w, offset = rng.normal(size=4), rng.normal(size=4)
        x, h = np.array([rng.normal(), rng.uniform(0.1, 1)]), 1e-6

        def conditions(x, w=w, offset=offset):
            a = offset - x[0]
            r = np.sqrt(a * a + x[1])
            return np.array([np.sum(w / r), np.sum(w * a / r)])

        columns = [(conditions(x + h * e) - conditions(x - h * e)) / (2 * h) for e in np.eye(2)]
        matrix = np.stack(columns, axis=1)
        r3 = ((offset - x[0]) ** 2 + x[1]) ** 1.5
        s0, s1 = np.sum(w / r3), np.sum(w * (offset - x[0]) / r3)
        assert np.linalg.det(matrix) == pytest.approx(-(s1**2 + x[1] * s0**2) / 2, rel=1e-5)
        step, _ = quasi_steady._newton(x, w, offset, 0.3)
        residual = conditions(x) - [1.0, 0.3]
        assert step == pytest.approx(np.linalg.solve(matrix, residual), rel=1e-4, abs=1e-6)
