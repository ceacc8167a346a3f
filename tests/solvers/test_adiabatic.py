"""The adiabaticity number, against the fields it is made of and against what it predicts."""

import math
import warnings

import numpy as np
import pytest

import qnu
from qnu import Group, NeutrinoGas, QnuError, profiles, solvers
from qnu.errors import PremiseWarning
from qnu.profiles import Exponential, PowerLaw, Table
from qnu.solvers.adiabatic import ADIABATIC


def one(theta: float, *omega: float, polarization=None) -> NeutrinoGas:
    how = {"flavor": "electron"} if polarization is None else {"polarization": polarization}
    groups = [Group(1, omega=w, **how) for w in omega or (1.0,)]
    return NeutrinoGas.from_groups(groups, mixing_angle=theta, velocities="right-angle")


def matter_alone(gas: NeutrinoGas, times, matter, **more):
    return solvers.miscidynamics(gas, times, 0.0, mu=0.0, matter=matter, force=True, **more)


def field(theta: float, matter: float, omega: float = 1.0) -> np.ndarray:
    return np.array([matter * math.sin(2 * theta), 0.0, matter * math.cos(2 * theta) - omega])


def jump(gas_omega: float, theta: float, matter, end: float) -> float:
    """The probability to change between the eigenstates, by the mean field of one neutrino."""
    start, stop = (field(theta, float(matter(t)), gas_omega) for t in (0.0, end))
    gas = one(theta, gas_omega, polarization=tuple(start / np.linalg.norm(start)))
    last = solvers.mean_field(gas, [0.0, end], mu=0.0, matter=matter).polarization[-1, 0]
    return float(1 - last @ stop / np.linalg.norm(stop)) / 2


@pytest.mark.parametrize("gamma", [0.3, 1.5])
def test_a_linear_profile_jumps_as_landau_and_zener_say(gamma: float) -> None:
    theta, gap = 0.3, math.sin(0.6)
    slope, far = gap**2 / gamma, 10 * gap
    end = 2 * far / slope
    matter = Table([0.0, end], [math.cos(0.6) + far, math.cos(0.6) - far])
    found = solvers.msw_resonance(1.0, matter, theta, end)
    assert found.time == pytest.approx(end / 2)
    assert found.adiabaticity == pytest.approx(gamma)
    assert found.landau_zener == found.jump_probability == math.exp(-math.pi * gamma / 2)
    assert jump(1.0, theta, matter, end) == pytest.approx(found.landau_zener, abs=2e-3)
    run = matter_alone(one(theta, polarization=(0, 0, 1)), [0.0, end], matter)
    assert solvers.adiabaticity(run) == pytest.approx(1 / gamma)  # met between two samples


@pytest.mark.parametrize(
    ("theta", "scale"), [(0.05, 1.0), (0.05, 12.0), (0.3, 0.5), (0.3, 2.0), (0.6, 0.7)]
)
def test_an_exponential_profile_jumps_as_the_exact_formula_says(theta, scale) -> None:
    matter = Exponential(6.0 if scale > 5 else 60.0, scale)
    end = 10 * scale
    found = solvers.msw_resonance(1.0, matter, theta, end)
    assert jump(1.0, theta, matter, end) == pytest.approx(found.jump_probability, abs=2e-3)
    if theta > 0.2:  # Landau and Zener are no good there
        assert abs(found.landau_zener - found.jump_probability) > 0.005


def test_a_steep_profile_is_not_adiabatic_and_says_so() -> None:
    steep, end = Exponential(100.0, 1.0), 16.0
    found = solvers.msw_resonance(1.0, steep, 0.05, end)
    gas = one(0.05)
    truth = solvers.mean_field(gas, [0.0, end], mu=0.0, matter=steep).polarization[-1, 0]
    survival = (1 + truth[2] * math.cos(0.1)) / 2  # averaged over the phase
    assert survival == pytest.approx(0.982, abs=5e-4)
    assert found.survival == pytest.approx(survival, abs=1e-4)
    with pytest.warns(PremiseWarning, match=r"not adiabatic: 100 > 0\.5: it does not apply"):
        run = solvers.miscidynamics(gas, [0.0, end], 0.0, mu=0.0, matter=steep)
    assert run.flavor_probability()[-1, 0] == pytest.approx(0.0025, abs=1e-4)
    assert found.adiabatic_survival == pytest.approx(0.0025, abs=1e-4)
    assert solvers.adiabaticity(run) == pytest.approx(1 / found.adiabaticity, rel=0.01)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        matter_alone(gas, [0.0, end], steep)
        slow = Exponential(100.0, 300.0)
        calm = solvers.miscidynamics(gas, [0.0, 6000.0], 0.0, mu=0.0, matter=slow)
    assert 1 / solvers.adiabaticity(calm) == pytest.approx(300 * found.adiabaticity, rel=0.01)


def test_where_it_is_slow_a_state_lags_by_the_number() -> None:
    theta, matter, end = 0.4, Exponential(3.0, 25.0), 60.0
    start = field(theta, 3.0)
    gas = one(theta, polarization=tuple(start / np.linalg.norm(start)))
    times = np.linspace(0, end, 401)
    run = matter_alone(gas, times, matter)
    h = np.array([field(theta, v) for v in matter(times)])
    size = np.linalg.norm(h, axis=1)
    rate = np.linalg.norm(np.gradient(h / size[:, None], times, axis=0), axis=1)
    assert run["adiabaticity"].values[2:-2] == pytest.approx((rate / size)[2:-2], rel=0.02)
    truth = solvers.mean_field(gas, times, mu=0.0, matter=matter).polarization[:, 0]
    apart = np.linalg.norm(truth - run.polarization[:, 0], axis=1)
    # it turns about the state that lags, from a start that does not: between 0 and twice
    middle = (times > 15) & (times < 45)
    ratio = apart[middle] / run["adiabaticity"].values[middle]
    assert 0.7 < ratio.mean() < 1.3
    assert ratio.max() < 2.3


def test_the_resonance_is_met_whatever_the_samples_and_the_kind_of_profile() -> None:
    gas, law = one(0.1, 0.5, 1.0), PowerLaw(8.0, radius=10.0, power=3.0)
    many, few = np.linspace(0, 40, 801), [0.0, 3.0, 40.0]
    fine = matter_alone(gas, many, law)["adiabaticity"].values
    for profile in (law, lambda t: law(t)):
        coarse = matter_alone(gas, few, profile)["adiabaticity"].values
        assert coarse[0] == 0.0
        assert coarse[1] == pytest.approx(fine[many <= 3.0].max(), rel=1e-6)
        assert coarse[2] == pytest.approx(fine[many > 3.0].max(), rel=1e-6)
    swapped = matter_alone(one(0.1, 1.0, 0.5), few, law)["adiabaticity"].values
    assert swapped == pytest.approx(coarse, rel=1e-9)
    each = [solvers.msw_resonance(w, law, 0.1, 40.0).adiabaticity for w in (0.5, 1.0)]
    assert coarse.max() == pytest.approx(1 / min(each), rel=0.02)


def test_an_antineutrino_has_no_resonance() -> None:
    with pytest.raises(QnuError, match="got 0 resonances"):
        solvers.msw_resonance(-1.0, Exponential(5.0, 10.0), 0.2, 100.0)
    # with the sign of the matter it has the same one
    found = solvers.msw_resonance(-1.0, Exponential(-5.0, 10.0), 0.2, 100.0)
    mirror = solvers.msw_resonance(1.0, Exponential(5.0, 10.0), 0.2, 100.0)
    assert found == mirror


def test_a_jump_of_the_matter_counts_as_the_angle_by_which_it_turns_the_field() -> None:
    step = profiles.Function(lambda t: np.where(np.asarray(t) < 5.0, 4.0, 0.0), [5.0])
    run = matter_alone(one(0.3), [0.0, 4.0, 10.0], step)
    one_way, other = field(0.3, 4.0), field(0.3, 0.0)
    cosine = one_way @ other / np.linalg.norm(one_way) / np.linalg.norm(other)
    assert run["adiabaticity"].values == pytest.approx([0.0, 0.0, math.acos(cosine)])


def test_without_mixing_a_passage_is_never_adiabatic() -> None:
    gas = NeutrinoGas.from_groups([Group(1, (0, 0, 1), omega=1.0)], velocities="right-angle")
    run = matter_alone(gas, [0.0, 3.0, 100.0], Exponential(5.0, 10.0))
    assert np.isfinite(run["adiabaticity"].values).all()
    assert run["adiabaticity"].values[1] == 0.0
    assert solvers.adiabaticity(run) > 1e9


def by_hand(run, gas: NeutrinoGas, gamma: float, mu, p: float = 0.0) -> np.ndarray:
    """``a(t)`` from samples close to each other, with vectors; at right angles kappa = 1."""
    times, omega = run.times, gas.group_means(gas.omega)
    turning = np.exp(-1j * np.angle(run.polarization[:, 0, 0] + 1j * run.polarization[:, 0, 1]))
    across = (run.polarization[..., 0] + 1j * run.polarization[..., 1]) * turning[:, None]
    vectors = np.stack([across.real, across.imag, run.polarization[..., 2]], axis=-1)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    n = vectors / length
    mean = np.einsum("i,tik->tk", gas.shares, vectors)[:, None]
    strength = profiles.evaluate(mu, times)[:, None, None]
    b = np.array([0.0, 0.0, -1.0])
    h = (omega - run["precession"].values[:, None])[..., None] * b + strength * mean
    push = strength * gamma * (mean - vectors)
    push = push - p / 2 * strength * gamma * np.cross(mean, np.cross(mean, vectors))
    push -= np.sum(push * n, axis=-1, keepdims=True) * n
    behind = length * np.gradient(n, times, axis=0) - push
    lag = np.linalg.norm(behind, axis=-1) / np.linalg.norm(h, axis=-1) / length.max(axis=1)
    return lag.max(axis=1)


@pytest.mark.parametrize(
    ("gamma", "mu", "p"), [(0.02, 1.0, 0.0), (0.02, 1.0, 1.0), (0.0, None, 0.0), (0.01, None, 0.0)]
)
def test_the_number_is_that_of_the_fields_for_entanglement_and_a_changing_mu(gamma, mu, p) -> None:
    mu = Exponential(1.0, 60.0) if mu is None else mu
    state = solvers.quasi_steady_state([0.7, 0.4], (1, 1), (0.6, 0.4), (0.1, 0.3), -0.2)
    gas = NeutrinoGas.from_groups(
        [Group(3, state.polarization[0], omega=0.1), Group(2, state.polarization[1], omega=0.3)],
        velocities="right-angle",
    )
    times = np.linspace(0, 100, 4001)
    run = solvers.miscidynamics(gas, times, gamma, mu=mu, probability=p)
    expected = by_hand(run, gas, gamma, mu, p)
    found = run["adiabaticity"].values
    assert found[2:-2] == pytest.approx(expected[2:-2], rel=0.01)
    assert found[1:].min() > 1e-3
    few = solvers.miscidynamics(gas, [0.0, 50.0, 100.0], gamma, mu=mu, probability=p)
    each = [found[:1].max(), found[1:2001].max(), found[2001:].max()]
    assert few["adiabaticity"].values == pytest.approx(each, rel=5e-3)


def test_a_length_that_passes_zero_keeps_the_number_finite() -> None:
    gas = NeutrinoGas.from_groups(
        [Group(6, (0.5, 0, 0.3), omega=0.1), Group(4, (-0.03, 0, -0.02), omega=0.12)],
        velocities="right-angle",
    )
    run = solvers.miscidynamics(gas, np.linspace(0, 60, 61), 0.02, force=True)
    assert run["sign"].values[0].tolist() != run["sign"].values[-1].tolist()
    assert solvers.adiabaticity(run) < 0.1


def test_along_b_nothing_moves() -> None:
    gas = NeutrinoGas.from_groups(
        [Group(3, (0, 0, 1), omega=0.1), Group(2, (0, 0, 0.5), omega=0.2)]
    )
    assert solvers.adiabaticity(solvers.miscidynamics(gas, [0, 10.0], 0.1)) == 0.0


def test_the_error_of_miscidynamics_goes_as_gamma_and_is_the_number_times_the_length() -> None:
    state = solvers.quasi_steady_state([0.4, 0.3], (1, 1), (0.6, 0.4), (0.1, 0.2), -0.2)
    gas = NeutrinoGas.from_groups(
        [Group(6, state.polarization[0], omega=0.1), Group(4, state.polarization[1], omega=0.2)],
        velocities="right-angle",
    )
    errors, numbers = [], []
    for gamma in (0.04, 0.02, 0.01):
        times = np.linspace(0, 2 / gamma, 41)
        slow = solvers.miscidynamics(gas, times, gamma)
        truth = solvers.kinetic(gas, times, gamma, partners="all")
        z = abs(slow.polarization[..., 2] - truth.polarization[..., 2]).max()
        errors.append(z)
        numbers.append(solvers.adiabaticity(slow))
    assert np.diff(np.log(numbers)) / np.log(0.5) == pytest.approx([1, 1], abs=1e-3)
    assert np.diff(np.log(errors)) / np.log(0.5) == pytest.approx([1, 1], abs=0.25)
    assert (np.array(errors) < 2 * 0.4 * np.array(numbers)).all()
    assert (np.array(errors) > 0.1 * 0.4 * np.array(numbers)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, Exponential(5.0, 1.0), 0.1, 9.0), "omega: got 0.0"),
        ((1.0, Exponential(5.0, 1.0), 0.0, 9.0), "mixing_angle: got 0.0"),
        ((1.0, Exponential(5.0, 1.0), 1.0, 9.0), "mixing_angle: got 1.0"),
        ((1.0, Exponential(5.0, 1.0), 0.1, 0.0), "end: got 0.0"),
        ((1.0, Exponential(0.5, 1.0), 0.1, 9.0), "got 0 resonances before t = 9, 0 of them jumps"),
        ((1.0, Table([0, 1, 2], [0, 3, 0]), 0.1, 9.0), "got 2 resonances before t = 9"),
        ((1.0, 2.0, 0.1, 9.0), "got 0 resonances before t = 9"),
        ((1.0, lambda t: np.where(t < 2, 3.0, 0.0), 0.1, 9.0), "1 of them jumps"),
        ((math.nan, 2.0, 0.1, 9.0), "omega: got nan"),
    ],
)
def test_bad_input(arguments, message) -> None:
    with pytest.raises(QnuError, match=message):
        solvers.msw_resonance(*arguments)


def test_only_miscidynamics_has_the_number() -> None:
    gas = one(0.1)
    run = solvers.mean_field(gas, [0.0, 1.0])
    with pytest.raises(QnuError, match="run: got a result of mean_field; allowed: a result of mis"):
        solvers.adiabaticity(run)
    assert ADIABATIC == 0.5
    assert "adiabaticity" in solvers.__all__
    assert qnu.solvers.msw_resonance is solvers.msw_resonance


@pytest.mark.parametrize("theta", [0.3, 0.6])
def test_a_resonance_that_no_point_of_the_profile_is_at_is_met_exactly(theta: float) -> None:
    gap, slope = math.sin(2 * theta), 0.5
    high, low = math.cos(2 * theta) + 7.3 * gap, math.cos(2 * theta) - 2.9 * gap
    end = (high - low) / slope
    run = matter_alone(one(theta, polarization=(0, 0, 1)), [0.0, end], Table([0, end], [high, low]))
    assert solvers.adiabaticity(run) == pytest.approx(slope / gap**2, rel=1e-9)
