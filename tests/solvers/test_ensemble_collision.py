"""The collision term of encounters: of known curves, and of histories."""

import warnings

import numpy as np
import pytest
import xarray as xr

import qnu
from qnu import solvers
from qnu.observables import along_and_across
from qnu.profiles import Exponential, Table

ensemble = solvers.ensemble_collision_term


def two_groups(
    each: int = 20, omega: tuple[float, float] = (0.3, -0.2), velocities: str = "right-angle"
) -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(each, polarization=(0.6, 0.0, 0.8), omega=omega[0], name="1"),
            qnu.Group(each, polarization=(0.0, -0.8, -0.6), omega=omega[1], name="2"),
        ],
        velocities=velocities,
        mixing_angle=0.2,
        seed=1,
    )


PROFILES = {
    "constant": {"mu": 1.3, "matter": 0.4},
    "falling": {"mu": Exponential(1.3, 5.0), "matter": 0.0},
    "table": {"mu": Table([0.0, 3.3, 3.4, 9.0], [1.0, 1.0, 2.0, 0.5]), "matter": 0.3},
}


@pytest.mark.parametrize("profiles", PROFILES)
@pytest.mark.parametrize("resolve", ["group", "neutrino"])
def test_a_mean_field_has_none_however_far_apart_the_samples_are(profiles, resolve) -> None:
    gas = two_groups(2)
    made = PROFILES[profiles]
    schedule = qnu.schedules.stochastic(gas, gamma=0.1, probability=0.1, duration=9.0, **made)
    times = np.array([0.0, 1.0, 4.0, 9.0])
    run = solvers.mean_field(gas, schedule, times, resolve=resolve)
    with pytest.warns(qnu.QnuWarning, match="so far apart"):
        term = ensemble(run, gas, schedule, resolve=resolve)
    assert term.vectors.shape == (3, 2 if resolve == "group" else 4, 3)
    np.testing.assert_allclose(term.vectors, 0.0, atol=1e-8)
    assert np.isnan(term.error).all()  # one history


@pytest.mark.parametrize("velocities", ["right-angle", "isotropic"])
@pytest.mark.parametrize("profiles", PROFILES)
def test_the_kinetic_equation_has_the_one_that_is_expected(velocities, profiles) -> None:
    gamma = 0.01  # so small that sin theta = theta
    gas = two_groups(velocities=velocities)
    made = PROFILES[profiles]
    schedule = qnu.schedules.stochastic(gas, gamma=gamma, probability=0.5, duration=9.0, **made)
    run = solvers.kinetic(gas, schedule, np.linspace(0, 9, 46), probability=0.0, resolve="group")
    term = ensemble(run, gas, schedule, resolve="group")
    largest = abs(term.expected).max()
    assert abs(term.vectors - term.expected).max() < 6e-3 * largest
    kappa = 1.0 if velocities == "right-angle" else 4 / 3
    edges = run.times[:-1, None] + 0.2 * (np.arange(200) + 0.5) / 200
    mu = np.mean(made["mu"](edges) if callable(made["mu"]) else 1.3 + 0 * edges, axis=1)
    mean = term.polarization.mean(axis=1, keepdims=True)
    others = (40 * mean - term.polarization) / 39  # not with itself
    wanted = (mu * gamma * kappa)[:, None, None] * (others - term.polarization)
    np.testing.assert_allclose(term.expected, wanted, atol=2e-5 * largest)
    np.testing.assert_allclose(term.partners, others, atol=1e-12)


def test_the_error_is_of_second_order_in_the_distance_of_samples() -> None:
    gas = two_groups()
    schedule = qnu.schedules.stochastic(gas, gamma=1e-4, probability=0.5, duration=8.0)
    errors = []
    for samples in (9, 17, 33):
        times = np.linspace(0, 8, samples)
        run = solvers.kinetic(gas, schedule, times, probability=0.0, resolve="group")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", qnu.QnuWarning)  # 1.3 radians between samples
            term = ensemble(run, gas, schedule)
        errors.append(abs(term.vectors - term.expected).max() / abs(term.expected).max())
    assert 3.4 < errors[0] / errors[1] < 4.6
    assert 3.4 < errors[1] / errors[2] < 4.6
    assert errors[0] < 0.2


def test_a_constant_background_has_the_closed_form() -> None:
    """P - P_bg = exp(-kappa mu gamma t) R(mu P_bg t) [P(0) - P_bg]: C = mu gamma (P_bg - P)."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.3, 0, 0.6]], omega=[0.0, 0.0], group=[0, 1])
    gamma, end = 0.02, 12.0
    schedule = qnu.schedules.constant_background(
        gas, 1, gamma=gamma, encounters=600, probability=0.1, seed=1
    )
    times = np.linspace(0.0, end, 61)
    background, start = np.array([0.3, 0.0, 0.6]), np.array([0.0, 0.0, 1.0])
    length = np.linalg.norm(background)
    axis, away = background / length, start - background
    curve = []
    for t in times:
        angle = length * t
        turned = (
            away * np.cos(angle)
            + np.cross(axis, away) * np.sin(angle)
            + axis * (axis @ away) * (1 - np.cos(angle))
        )
        curve.append(background + np.exp(-gamma * t) * turned)
    histories = np.stack([curve, np.tile(background, (61, 1))], axis=1)[None]
    term = ensemble(histories, gas, schedule, times)
    wanted = gamma * (background - term.polarization[:, 0])
    np.testing.assert_allclose(term.vectors[:, 0], wanted, atol=3e-3 * gamma)
    np.testing.assert_allclose(term.expected[:, 0], wanted, atol=1e-12)
    np.testing.assert_allclose(term.vectors[:, 1], 0.0, atol=1e-9)


@pytest.fixture(scope="module")
def histories():
    gas = two_groups(40, omega=(0.2, -0.1))
    runs, schedule = [], None
    for seed in range(40):
        schedule = qnu.schedules.stochastic(
            gas, gamma=0.08, probability=0.05, duration=3.0, seed=seed
        )
        runs.append(solvers.independent(gas, schedule, np.linspace(0.0, 3.0, 7)))
    return gas, schedule, runs


def test_histories_of_encounters_agree_within_their_errors(histories) -> None:
    gas, schedule, runs = histories
    term = ensemble(runs, gas, schedule)
    pull = (term.vectors - term.expected) / term.error
    assert np.sqrt((pull**2).mean()) < 1.4
    significance = abs(term.expected) / term.error
    assert significance.max() > 20  # twice as much, or another sign, would be seen
    values, errors = term.components()
    wanted = term.expected_components()
    assert abs(wanted[..., 2]).max() < 1e-12
    assert (abs(values - wanted) < 5 * errors).all()
    assert (wanted[..., 1] > 10 * errors[..., 1]).all()
    np.testing.assert_allclose((values**2).sum(-1), (term.vectors**2).sum(-1), rtol=1e-10)


def test_the_error_is_the_scatter_of_independent_ensembles(histories) -> None:
    gas, schedule, runs = histories
    parts = [ensemble(runs[k : k + 4], gas, schedule) for k in range(0, 40, 4)]
    scatter = np.std([part.vectors for part in parts], axis=0, ddof=1) / np.sqrt(10)
    whole = ensemble(runs, gas, schedule).error
    assert np.sqrt((scatter**2).mean() / (whole**2).mean()) == pytest.approx(1.0, abs=0.2)


def test_every_form_of_histories_gives_the_same(histories) -> None:
    gas, schedule, runs = histories
    wanted = ensemble(runs[:3], gas, schedule)
    together = qnu.Trajectory.of_histories(runs[:3], [0, 1, 2])
    values = np.stack([run.group_mean() for run in runs[:3]])
    sweep = xr.DataArray(
        np.moveaxis(values, 0, 2),
        dims=("time", "group", "seed", "axis"),
        coords={"time": runs[0].times},
    )
    for given, times in ((together, None), (values, runs[0].times), (sweep, None)):
        found = ensemble(given, gas, schedule, times)
        np.testing.assert_array_equal(found.vectors, wanted.vectors)
        np.testing.assert_array_equal(found.covariance, wanted.covariance)
    assert wanted.names == ("1", "2")


def test_wave_packets_have_a_kernel_of_their_own() -> None:
    gas = two_groups(velocities="isotropic")
    plain = qnu.schedules.stochastic(gas, gamma=0.01, probability=0.5, duration=0.5)
    settings = {"neutrinos": 40, "final_time": 0.5, "gamma": 0.01, "kind": "wave_packets"}
    packets = qnu.EncounterSchedule([0], [1], [0.1], [0.2], 0.0, packet_ratio=1.0, **settings)
    curve = np.tile(gas.group_means(), (1, 2, 1, 1))
    one = ensemble(curve, gas, plain, [0.0, 0.5]).expected
    two = ensemble(curve, gas, packets, [0.0, 0.5]).expected
    # kappa 4/3 and 0.8; over N - 1, and over N
    np.testing.assert_allclose(two / one, 0.8 / (4 / 3) * 39 / 40, rtol=1e-3)


@pytest.mark.parametrize(
    ("shape", "times", "field"),
    [
        ((3, 4, 2, 3), None, "times"),
        ((3, 4, 2, 3), [0.0, 1.0, 1.0, 2.0], "times"),
        ((3, 1, 2, 3), [0.0], "times"),
        ((3, 4, 5, 3), [0.0, 1.0, 2.0, 3.0], "histories"),
        ((4, 2, 3), [0.0, 1.0, 2.0, 3.0], "histories"),
        ((0, 4, 2, 3), [0.0, 1.0, 2.0, 3.0], "histories"),
    ],
)
def test_bad_input_is_one_line(shape, times, field) -> None:
    gas = two_groups()
    schedule = qnu.schedules.stochastic(gas, gamma=0.1, probability=0.5, duration=3.0)
    with pytest.raises(qnu.QnuError, match=f"^{field}") as caught:
        ensemble(np.zeros(shape), gas, schedule, times)
    assert "\n" not in str(caught.value)


def test_across_is_towards_the_partners() -> None:
    rng = np.random.default_rng(1)
    c, p, bar = rng.normal(size=(3, 5, 3))
    found = along_and_across(c, p, bar)
    n = p / np.linalg.norm(p, axis=1)[:, None]
    np.testing.assert_allclose(found[:, 0], (c * n).sum(1))
    assert (along_and_across(bar, p, bar)[:, 1] > 0).all()
    np.testing.assert_allclose(along_and_across(bar - p, p, bar)[:, 2], 0.0, atol=1e-12)
    np.testing.assert_allclose((found**2).sum(1), (c**2).sum(1))
    # nothing says what across is
    assert along_and_across([1.0, 2.0, 3.0], [0, 0, 1.0], [0, 0, 0.4]).tolist() == [3.0, 0.0, 0.0]
    assert along_and_across([1.0, 2.0, 3.0], [0, 0, 0.0], [0, 0, 0.4]).tolist() == [0.0, 0.0, 0.0]
