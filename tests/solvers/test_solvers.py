"""Solvers against reference files, dense matrices, closed formulas and each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import qnu
from qnu import EncounterSchedule, Group, NeutrinoGas, QnuError, schedules, solvers, testing
from qnu.encounter import SWAP, affine_map
from qnu.gas import fields, flavor_direction
from qnu.profiles import Exponential

from ..conftest import two_groups

# -- reference files ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["many_body", "independent"])
def test_reference_tournament(tournament_8, method) -> None:
    ref = np.array(tournament_8[method])
    gas = NeutrinoGas(ref[0], tournament_8["omega"], tournament_8["velocity"])
    schedule = schedules.tournament(gas, tournament_8["gamma"])
    run = getattr(solvers, method)(gas, schedule, np.arange(8) * tournament_8["duration"])
    assert run.polarization == pytest.approx(ref, abs=1e-10)


def test_correlations_that_come_back(tournament_8) -> None:
    # physics.md section 5: 0 in the first two rounds, 0.019 after three, 0.115 after seven
    gas = NeutrinoGas(tournament_8["many_body"][0], tournament_8["omega"], tournament_8["velocity"])
    schedule = schedules.tournament(gas, 0.3)
    times = np.arange(8) * 0.3
    apart = abs(
        solvers.many_body(gas, schedule, times).polarization
        - solvers.independent(gas, schedule, times).polarization
    ).max(axis=(1, 2))
    assert apart[:3] == pytest.approx(np.zeros(3), abs=1e-12)
    assert apart[3] == pytest.approx(0.019, abs=5e-4)
    assert apart[7] == pytest.approx(0.115, abs=5e-4)


def test_reference_free_streaming(free_streaming_5) -> None:
    ref = free_streaming_5
    gas = NeutrinoGas(ref["polarization"], ref["omega"])
    schedule = EncounterSchedule(
        ref["first"],
        ref["second"],
        ref["swap_angle"],
        ref["start"],
        0.0,
        neutrinos=5,
        final_time=ref["final_time"],
    )
    names = ("entropy", "pair_concurrence", "pair_negativity", "mutual_information")
    run = solvers.many_body(gas, schedule, observables=names)
    assert run.polarization[-1] == pytest.approx(np.array(ref["after"]), abs=1e-10)
    assert run["entropy"].values[-1] == pytest.approx(np.array(ref["entropy_bits"]), abs=1e-10)
    for key, value in ref["concurrence"].items():
        i, j = map(int, key.split("-"))
        for a, b in ((i, j), (j, i)):
            found = float(run["pair_concurrence"][-1, a, b])
            assert found == pytest.approx(value, abs=1e-10)
            found = float(run["pair_negativity"][-1, a, b])
            assert found == pytest.approx(ref["negativity"][key], abs=1e-10)
    assert (run["mutual_information"].values[0] < 1e-12).all()


# -- many_body and independent --------------------------------------------------------------------


@pytest.mark.parametrize("matter", [0.0, 0.8])
def test_many_body_against_dense_matrices(matter) -> None:
    gas = testing.random_gas(4, seed=11)
    schedule = testing.random_schedule(gas, seed=11, matter=matter)
    run = solvers.many_body(gas, schedule)
    testing.assert_trajectory_close(run, testing.dense_evolution(gas, schedule), 1e-12)


@pytest.mark.parametrize("matter", [0.0, 0.8])
def test_independent_is_exact_while_partners_are_fresh(matter) -> None:
    # a tree of encounters: no correlation can come back
    rng = np.random.default_rng(3)
    gas = testing.random_gas(6, seed=rng, mixing_angle=0.3)
    schedule = EncounterSchedule(
        [0, 2, 4, 1, 3],
        [1, 3, 5, 2, 4],
        rng.normal(size=5),
        [0.5, 0.6, 0.9, 2.0, 3.5],
        [0.3, 0.0, 0.2, 0.5, 0.4],
        neutrinos=6,
        final_time=5.0,
        matter=matter,
    )
    # neutrinos 2, 3 met before 1-2, 3-4: the tree has no cycle, so both roads agree
    one, two = solvers.independent(gas, schedule), solvers.many_body(gas, schedule)
    assert one.polarization == pytest.approx(two.polarization, abs=1e-12)


def test_single_precision_is_close_and_smaller() -> None:
    gas = testing.random_gas(8, seed=0)
    schedule = schedules.tournament(gas, 0.3)
    single = solvers.many_body(gas, schedule, precision="single").polarization
    double = solvers.many_body(gas, schedule).polarization
    assert 0 < abs(single - double).max() < 1e-5


@given(st.integers(0, 2**32 - 1))
def test_conservation_laws(seed) -> None:
    rng = np.random.default_rng(seed)
    gas = testing.random_gas(5, seed=rng)
    still = NeutrinoGas(gas.polarization, np.zeros(5), gas.velocity)
    schedule = testing.random_schedule(gas, seed=rng, encounters=10)
    times = np.linspace(0, schedule.final_time, 4)
    for method in (solvers.many_body, solvers.independent):
        total = method(still, schedule, times).polarization.sum(axis=1)
        assert abs(total - total[0]).max() < 1e-12
        run = method(gas, schedule, times)
        z = run.polarization[..., 2].sum(axis=1)
        assert abs(z - z[0]).max() < 1e-12
        assert run.attrs["drift_total_z"] < 1e-12
        assert np.linalg.norm(run.polarization, axis=-1).max() <= 1 + 1e-12
    assert solvers.many_body(gas, schedule, times).attrs["drift_norm"] < 1e-12


@given(st.integers(0, 2**32 - 1))
def test_encounters_on_disjoint_pairs_commute(seed) -> None:
    rng = np.random.default_rng(seed)
    gas = testing.random_gas(4, seed=rng)
    theta, t = rng.normal(size=2), rng.uniform(0, 1, 2)
    there = EncounterSchedule([0, 2], [1, 3], theta, [0, 0], t, neutrinos=4, final_time=1.0)
    back = EncounterSchedule(
        [2, 0], [3, 1], theta[::-1], [0, 0], t[::-1], neutrinos=4, final_time=1.0
    )
    for method in (solvers.many_body, solvers.independent):
        a, b = method(gas, there).polarization, method(gas, back).polarization
        assert a == pytest.approx(b, abs=1e-12)


def test_order_of_shared_neutrinos_is_physics() -> None:
    gas = testing.random_gas(3, seed=2)
    one = EncounterSchedule([0, 1], [1, 2], [0.5, 0.7], [0, 0], 0.0, neutrinos=3, final_time=1)
    two = EncounterSchedule([1, 0], [2, 1], [0.7, 0.5], [0, 0], 0.0, neutrinos=3, final_time=1)
    a, b = (solvers.many_body(gas, s).polarization[-1] for s in (one, two))
    assert abs(a - b).max() > 0.05


def test_back_to_back_neutrinos_never_stream() -> None:
    gas = NeutrinoGas([[1, 0, 0], [0, 1, 0], [1, 0, 0]], [0.3, 0.7, 1.1])
    schedule = EncounterSchedule(
        [0], [1], [0.0], [1.0], 0.5, neutrinos=3, final_time=9.0, free_streaming=False
    )
    for method in (solvers.independent, solvers.many_body):
        last = method(gas, schedule).polarization[-1]
        assert last[2] == pytest.approx([1, 0, 0])
        assert last[0] == pytest.approx([np.cos(0.15), -np.sin(0.15), 0])


def test_changing_matter_against_an_integrator() -> None:
    gas = NeutrinoGas([[0, 0, 1], [1, 0, 0]], [0.5, 1.0], mixing_angle=0.3)
    matter = Exponential(3.0, 2.0)
    schedule = EncounterSchedule(
        [0], [1], [0.7], [2.0], 0.0, neutrinos=2, final_time=5.0, matter=matter
    )

    def stream(p, omega, a, b):
        def rate(t, p):
            return np.cross(matter(t) * flavor_direction(0.3) + [0, 0, -omega], p)

        return solve_ivp(rate, (a, b), p, "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]

    one, two = stream([0, 0, 1], 0.5, 0, 2), stream([1, 0, 0], 1.0, 0, 2)
    one, two = qnu.encounter.after_encounter(one, two, 0.7)
    expected = [stream(one, 0.5, 2, 5), stream(two, 1.0, 2, 5)]
    for method in (solvers.independent, solvers.many_body):
        assert method(gas, schedule).polarization[-1] == pytest.approx(np.array(expected), abs=1e-9)


def test_memory_is_asked_for_before_it_is_taken() -> None:
    gas = two_groups(60, 40)
    with pytest.raises(QnuError, match=r"neutrinos: got 100; .*needs 1.89e\+22 GiB"):
        solvers.many_body(gas, schedules.random_pairs(gas, 0.1, 10))


def test_mixed_states_and_fresh_partners_are_sent_elsewhere() -> None:
    gas = NeutrinoGas([[0, 0, 1], [0, 0, 0.5]], [0, 0])
    with pytest.raises(QnuError, match=r"polarization\[1\]: got .*independent"):
        solvers.many_body(gas, schedules.tournament(gas, 0.1))
    pure = NeutrinoGas([[0, 0, 1], [1, 0, 0]], [0, 0])
    with pytest.raises(QnuError, match="fresh"):
        solvers.many_body(pure, schedules.constant_background(pure, 1, 0.1, 3))
    with pytest.raises(QnuError, match="observables: got 'energy'"):
        solvers.many_body(pure, schedules.tournament(pure, 0.1), observables=["energy"])
    with pytest.raises(QnuError, match=r"schedule.neutrinos: got 2"):
        solvers.independent(two_groups(2, 1), schedules.tournament(pure, 0.1))


def test_memory_does_not_grow_with_the_number_of_encounters() -> None:
    import tracemalloc

    gas = two_groups(60, 40)
    peaks = []
    solvers.independent(gas, schedules.random_pairs(gas, 0.01, 10, seed=1))  # compiled
    for n in (4_500_000, 9_000_000):  # two blocks of 2^22, and three
        schedule = schedules.random_pairs(gas, 0.01, n, seed=1)
        tracemalloc.start()
        solvers.independent(gas, schedule, np.linspace(0, schedule.final_time, 11))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # the partners of one block, whatever the length of the schedule
    assert peaks[0] < 5e7
    assert peaks[1] < 4 * 2**20 + peaks[0]


# -- mean field -----------------------------------------------------------------------------------


def brute_rate(p, gas, h, weights):
    total = h + weights @ p
    return np.cross(total, p)


@pytest.mark.parametrize("partners", ["others", "all"])
@pytest.mark.parametrize("velocities", ["isotropic", "right-angle"])
def test_mean_field_against_pair_by_pair_sums(partners, velocities) -> None:
    gas = NeutrinoGas.from_groups(
        [Group(3, (0.6, 0, 0.8), omega=[0.1, 0.5, -0.3]), Group(2, (0, 0.5, -0.5), omega=0.2)],
        velocities=velocities,
        mixing_angle=0.2,
        seed=4,
    )
    index = np.arange(5)
    weights = gas.one_minus_cos(index[:, None], index) / (4 if partners == "others" else 5)
    np.fill_diagonal(weights, 0.0)
    h = fields(gas.omega, 0.7, 0.2)

    def rate(t, y):
        return brute_rate(y.reshape(5, 3), gas, h, 1.5 * weights).ravel()

    exact = solve_ivp(rate, (0, 6), gas.polarization.ravel(), "DOP853", rtol=1e-12, atol=1e-12)
    run = solvers.mean_field(
        gas, [0, 6.0], mu=1.5, matter=0.7, resolve="neutrino", partners=partners
    )
    assert run.polarization[-1].ravel() == pytest.approx(exact.y[:, -1], abs=1e-8)
    assert run.attrs["drift_energy"] < 1e-9


def test_groups_agree_with_their_members_where_they_can() -> None:
    gas = two_groups(6, 4, "right-angle")
    times = [0.0, 3.0, 20.0]
    groups = solvers.mean_field(gas, times)
    members = solvers.mean_field(gas, times, resolve="neutrino")
    assert groups.polarization == pytest.approx(members.group_mean(), abs=1e-8)
    groups = solvers.kinetic(gas, times, 0.1, probability=0.3)
    members = solvers.kinetic(gas, times, 0.1, probability=0.3, resolve="neutrino")
    assert groups.polarization == pytest.approx(members.group_mean(), abs=1e-8)


@pytest.mark.parametrize(("n1", "n2"), [(200, 200), (300, 100), (100, 300)])
def test_beams_that_only_meet_each_other(n1, n2) -> None:
    # all encounters of a round at once, regular ones: the p term with both its parts
    gas = NeutrinoGas.from_groups(
        [Group(n1, (0.6, 0, 0.8), omega=0.3), Group(n2, (0, 0.8, -0.6), omega=-0.2)],
        velocities="right-angle",
    )
    schedule = schedules.bipartite(gas, 0.01)
    last = solvers.independent(gas, schedule).group_mean()[-1]
    times = [0.0, schedule.final_time]
    apart = {
        p: abs(
            solvers.kinetic(gas, times, 0.01, probability=p, partners="across").polarization[-1]
            - last
        ).max()
        for p in (1.0, 0.0)
    }
    assert apart[1.0] < 5e-4
    assert apart[0.0] > 3e-3
    members = solvers.kinetic(
        gas, times, 0.01, probability=1.0, partners="across", resolve="neutrino"
    )
    groups = solvers.kinetic(gas, times, 0.01, probability=1.0, partners="across")
    assert members.group_mean() == pytest.approx(groups.polarization, abs=1e-8)
    mean = solvers.mean_field(gas, times, partners="across").polarization[-1]
    assert abs(mean - last).max() < 6 * 0.01
    with pytest.raises(QnuError, match="partners: got 'across'"):
        solvers.mean_field(NeutrinoGas([[0, 0, 1]] * 2, [0, 0]), [0.0], partners="across")


def test_given_velocities_are_averaged_over_pairs_of_groups() -> None:
    beam = np.array([[0, 0, 1.0]] * 2 + [[0, 0, -1.0]] * 3)
    gas = NeutrinoGas.from_groups(
        [Group(2, (1, 0, 0), omega=0.1), Group(3, (0, 1, 0), omega=0.3)], velocities=beam
    )
    groups = solvers.kinetic(gas, [0.0, 4.0], 0.2, probability=0.4)
    members = solvers.kinetic(gas, [0.0, 4.0], 0.2, probability=0.4, resolve="neutrino")
    assert groups.polarization == pytest.approx(members.group_mean(), abs=1e-8)
    # members of one beam do not feel each other: with one beam alone nothing but vacuum is left
    alone = NeutrinoGas.from_groups([Group(2, (1, 0, 0), omega=0.1)], velocities=beam[:2])
    run = solvers.mean_field(alone, [0.0, 2.0])
    assert run.polarization[-1, 0] == pytest.approx([np.cos(0.2), -np.sin(0.2), 0], abs=1e-9)


def test_mu_and_matter_of_time() -> None:
    gas = two_groups(3, 2, "right-angle")
    times = [0.0, 5.0]
    constant = solvers.mean_field(gas, times, mu=0.7, matter=0.2)
    called = solvers.mean_field(gas, times, mu=lambda t: 0.7, matter=lambda t: 0.2)
    assert called.polarization == pytest.approx(constant.polarization, abs=1e-10)
    # without vacuum, mu(t) only stretches time
    still = NeutrinoGas(gas.polarization, np.zeros(5), group=gas.group)
    still = still.with_polarization(np.where(gas.group[:, None] == 0, [1, 0, 0], [0, 0.6, 0.8]))
    fading = Exponential(1.0, 4.0)
    phase = 4.0 * (1 - np.exp(-5.0 / 4.0))
    for solve in (
        lambda t, mu: solvers.mean_field(still, t, mu=mu),
        lambda t, mu: solvers.kinetic(still, t, 0.1, mu=mu, probability=1.0),
    ):
        a, b = solve([0.0, 5.0], fading).polarization, solve([0.0, phase], 1.0).polarization
        assert a[-1] == pytest.approx(b[-1], abs=1e-8)


def test_group_level_refuses_members_that_differ() -> None:
    gas = NeutrinoGas.from_groups([Group(2, (1, 0, 0), omega=[0.1, 0.2])], seed=0)
    with pytest.raises(
        QnuError, match="resolve: got 'group'; allowed: groups whose members have one"
    ):
        solvers.mean_field(gas, [0.0, 1.0], resolve="group")
    with pytest.raises(QnuError, match="gamma: got 0"):
        solvers.kinetic(two_groups(1, 1), [0.0], 0)
    with pytest.raises(QnuError, match="times: got"):
        solvers.mean_field(gas, [1.0, 0.5], resolve="neutrino")
    with pytest.raises(QnuError, match=r"mu\(t="):
        solvers.mean_field(gas, [0.0, 1.0], mu=lambda t: t * np.nan, resolve="neutrino")


# -- kinetic --------------------------------------------------------------------------------------


def test_constant_background_closed_solution() -> None:
    # p -> 0: P(t) - P_bg = exp(-mu gamma t) R(mu |P_bg| t about P_bg) [P(0) - P_bg]
    background, t = np.array([0.3, 0.0, 0.6]), 10.0
    gas = NeutrinoGas([[0, 0, 1], background], [0.0, 0.0], group=["nu", "bg"])
    x, y, z = background
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    errors = []
    for gamma in (0.02, 0.01):
        closed = background + np.exp(-gamma * t) * expm(t * cross) @ ([0, 0, 1] - background)
        run = solvers.kinetic(gas, [0.0, t], gamma, background="bg")
        assert run.polarization[-1, 1] == pytest.approx(background)
        errors.append(abs(run.polarization[-1, 0] - closed).max())
    assert errors[0] < 2e-3
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.15)  # the next order is gamma^2


@pytest.mark.parametrize("p", [1.0, 0.1])
def test_kinetic_approaches_the_mean_map(p) -> None:
    background = (0.3, 0.0, 0.6)
    gas = NeutrinoGas([[0, 0, 1], background], [0.0, 0.0], group=["nu", "bg"])
    with_term, without = [], []
    for gamma in (0.05, 0.0125):
        matrix, shift = affine_map(background, gamma)
        vector = np.array([0.0, 0.0, 1.0])
        for _ in range(round(20 / (gamma * p))):
            vector = (1 - p) * vector + p * (matrix @ vector + shift)
        for q, errors in ((p, with_term), (0.0, without)):
            run = solvers.kinetic(gas, [0.0, 20.0], gamma, probability=q, background=1)
            errors.append(abs(run.polarization[-1, 0] - vector).max())
    assert with_term[0] < 5e-3 * p + 2e-4
    assert with_term[1] < with_term[0] / 3
    if p == 1.0:  # left out, it is an O(gamma) error of 2e-2 to 4e-2
        assert 2e-2 < without[0] < 4e-2
        assert without[0] > 7 * with_term[0]


def test_kinetic_takes_isotropic_averages() -> None:
    gas = two_groups(500, 500, seed=1)  # enough velocities for their own mean to be isotropic
    analytic = solvers.kinetic(gas, [0.0, 4.0], 0.4, probability=0.5, partners="all")
    given = NeutrinoGas(gas.polarization, gas.omega, gas.velocity, gas.group)
    drawn = solvers.kinetic(given, [0.0, 4.0], 0.4, probability=0.5, partners="all")
    assert analytic.polarization == pytest.approx(drawn.polarization, abs=0.02)


def test_isotropic_averages_by_quadrature() -> None:
    from scipy.integrate import quad

    from qnu.solvers.kinetic import isotropic_means

    for gamma in (0.01, 0.4, 1.3):
        turning, mixing = isotropic_means(gamma)
        assert turning == pytest.approx(quad(lambda u, g=gamma: np.sin(2 * g * u) / 4, 0, 2)[0])
        assert mixing == pytest.approx(quad(lambda u, g=gamma: np.sin(g * u) ** 2 / 2, 0, 2)[0])


@pytest.mark.parametrize("partners", ["others", "all"])
def test_averages_of_groups_are_those_of_their_members(partners) -> None:
    from qnu.solvers import _partners

    drawn = two_groups(5, 3, seed=2)
    gas = NeutrinoGas(drawn.polarization, drawn.omega, drawn.velocity, drawn.group)
    vectors = np.array([[0.3, 0.1, 0.2], [-0.2, 0.5, 0.1]])
    felt = {}
    for resolve in ("group", "neutrino"):
        rows = _partners.rows(gas, resolve, partners)
        for name, f in (("linear", lambda u: u), ("square", lambda u: u * u)):
            average = _partners.average(rows, f, np.nan, linear=name == "linear")
            if resolve == "group":
                felt[name] = average.apply(vectors)
            else:
                found = gas.group_means(average.apply(vectors[gas.group]))
                assert felt[name] == pytest.approx(found, abs=1e-12)


def test_without_coupling_nothing_but_vacuum() -> None:
    gas = two_groups(3, 2, "right-angle")
    alone = solvers.mean_field(gas, [0.0, 2.0], mu=0.0).polarization
    for p in (0.0, 1.0):
        run = solvers.kinetic(gas, [0.0, 2.0], 0.1, mu=0.0, probability=p)
        assert run.polarization == pytest.approx(alone, abs=1e-9)
    with pytest.raises(QnuError, match=r"mu\(t=0\): got 0.0"):
        solvers.kinetic(gas, [0.0, 2.0], 0.1, mu=0.0, own_clock=True)
    for solve in (solvers.mean_field, lambda *a, **k: solvers.kinetic(*a, 0.1, **k)):
        with pytest.raises(QnuError, match="mu: got -1"):
            solve(gas, [0.0, 2.0], mu=-1)
        with pytest.raises(QnuError, match=r"mu\(t="):
            solve(gas, [0.0, 2.0], mu=lambda t: -t)


def test_background_that_oscillates_inside_encounters() -> None:
    # met halfway: without P_bg + (t_int/2) h_bg x P_bg the error has slope 1 in gamma
    errors = []
    for gamma in (0.05, 0.025):
        gas = NeutrinoGas([[0, 0, 1], [0.3, 0.2, 0.6]], [0.7, 0.5], group=["nu", "bg"])
        schedule = schedules.constant_background(gas, "bg", gamma, round(10 / gamma))
        exact = solvers.independent(gas, schedule).polarization[-1, 0]
        run = solvers.kinetic(gas, [0.0, 10.0], gamma, probability=1.0, background="bg")
        errors.append(abs(run.polarization[-1, 0] - exact).max())
    assert errors[0] < 6e-3
    assert errors[1] < errors[0] / 3


def test_independent_against_a_slow_twin() -> None:
    rng = np.random.default_rng(5)
    gas = testing.random_gas(5, seed=rng)
    schedule = testing.random_schedule(gas, seed=rng, encounters=60)
    p, clock = gas.polarization.copy(), np.zeros(5)

    def stream(k, until):
        angle = -gas.omega[k] * max(until - clock[k], 0.0)
        c, s = np.cos(angle), np.sin(angle)
        p[k] = [c * p[k, 0] - s * p[k, 1], s * p[k, 0] + c * p[k, 1], p[k, 2]]

    parts = (schedule.first, schedule.second, schedule.swap_angle, schedule.start)
    for i, j, theta, start, t in zip(*parts, schedule.duration, strict=True):
        for k in (i, j):
            stream(k, start)
            clock[k] = start + t
        h1, h2 = fields(gas.omega[[i, j]])
        p[i], p[j] = qnu.encounter.after_encounter(p[i], p[j], theta, h1, h2, t)
    for k in range(5):
        stream(k, schedule.final_time)
    assert solvers.independent(gas, schedule).polarization[-1] == pytest.approx(p, abs=1e-12)


def test_own_clock_of_random_pairs() -> None:
    # physics.md section 4: 0.16 without the extra term, 4e-3 with it
    gas = NeutrinoGas.from_groups(
        [Group(100, (0.6, 0, 0.8), omega=0.1), Group(100, (0, 0.6, -0.8), omega=0.3)],
        velocities="right-angle",
    )
    gamma, t = 0.05, 20.0
    runs = [
        solvers.independent(
            gas, schedules.random_pairs(gas, gamma, round(200 * t / 2 / gamma), seed=s)
        ).group_mean()[-1]
        for s in range(40)
    ]
    mean = np.mean(runs, axis=0)
    apart = {
        own: abs(solvers.kinetic(gas, [0, t], gamma, own_clock=own).polarization[-1] - mean).max()
        for own in (True, False)
    }
    assert apart[True] < 8e-3
    assert apart[False] > 3 * apart[True]


def test_matter_and_swap_in_the_same_hamiltonian_sign() -> None:
    # one neutrino alone, all roads: the same sense of rotation in vacuum and matter
    gas = NeutrinoGas([[1, 0, 0], [1, 0, 0]], [0.4, 0.4], mixing_angle=0.3)
    empty = EncounterSchedule([], [], [], [], 0.0, neutrinos=2, final_time=3.0, matter=0.9)
    mean = solvers.mean_field(gas, [0.0, 3.0], mu=0.0, matter=0.9, resolve="neutrino")
    for method in (solvers.independent, solvers.many_body):
        run = method(gas, empty)
        assert run.polarization[-1] == pytest.approx(mean.polarization[-1], abs=1e-9)
    assert SWAP[1, 2] == 1


@pytest.mark.parametrize("solve", [solvers.many_body, solvers.independent])
def test_the_first_sample_is_the_start_also_where_nothing_lasts(solve) -> None:
    gas = NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.0, 0.0])
    schedule = EncounterSchedule([0], [1], [1.5], [0.0], 0.0, neutrinos=2)
    run = solve(gas, schedule)
    assert run.polarization[0] == pytest.approx(gas.polarization, abs=1e-14)
    assert abs(run.polarization[1] - gas.polarization).max() > 0.5
