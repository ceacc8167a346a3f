"""Groups with weights: as many neutrinos as count times weight, in every mean over partners."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import ellipk

import qnu
from qnu import Group, NeutrinoGas, QnuError, schedules, solvers
from qnu.solvers import _partners

ALPHA = 0.76
OMEGA, ANGLE = 0.05, 0.01
TIMES = np.linspace(0.0, 120.0, 241)


def bipolar(count: int, alpha: float, weight: float, anti: bool = True) -> NeutrinoGas:
    """nu_e and anti-nu_e of one energy, inverted ordering."""
    return NeutrinoGas.from_groups(
        [
            Group(count, flavor="electron", omega=-OMEGA, name="nu"),
            Group(
                round(count * alpha),
                flavor="electron",
                omega=-OMEGA,
                antineutrino=anti,
                name="nu_bar",
                weight=weight,
            ),
        ],
        velocities="right-angle",
        mixing_angle=ANGLE,
    )


def dense(alpha: float, times: np.ndarray) -> np.ndarray:
    """2 x 2 density matrices of nu and nu-bar, each in its own mass basis; no polarization vectors.

    ``i d rho/dt = [H + sqrt(2) G_F (n rho - nbar rho-bar^T), rho]``, and for antineutrinos with
    their own kets ``i d rho-bar/dt = [H - sqrt(2) G_F (n rho^T - nbar rho-bar), rho-bar]``; here
    ``sqrt(2) G_F (n + nbar) = mu = 1``.
    """
    electron = np.array([np.cos(ANGLE), np.sin(ANGLE)], complex)
    start = np.outer(electron, electron.conj())
    vacuum = np.diag([OMEGA / 2, -OMEGA / 2])  # omega < 0: nu_1 is the heavier one
    n, nbar = 1 / (1 + alpha), alpha / (1 + alpha)

    def rate(_: float, y: np.ndarray) -> np.ndarray:
        rho, bar = y.reshape(2, 2, 2)
        h = vacuum + n * rho - nbar * bar.T
        hbar = vacuum - n * rho.T + nbar * bar
        change = np.stack([h @ rho - rho @ h, hbar @ bar - bar @ hbar])
        return (-1j * change).ravel()

    begin = np.stack([start, start]).ravel()
    run = solve_ivp(rate, (0, times[-1]), begin, t_eval=times, rtol=1e-11, atol=1e-13)
    rho, bar = run.y.T.reshape(-1, 2, 2, 2).swapaxes(0, 1)
    return np.stack(
        [np.einsum("i,tij,j->t", electron, part, electron).real for part in (rho, bar)], axis=1
    )


def test_a_bipolar_gas_is_that_of_dense_density_matrices() -> None:
    expected = dense(ALPHA, TIMES)
    assert expected[:, 1].min() < 0.05  # anti-nu_e turn over almost completely
    run = solvers.mean_field(bipolar(50, 1.0, ALPHA), TIMES, partners="all")
    assert run.flavor_probability() == pytest.approx(expected, abs=1e-6)
    slow = solvers.kinetic(bipolar(50, 1.0, ALPHA), TIMES, 1e-12, partners="all")
    assert slow.flavor_probability() == pytest.approx(expected, abs=1e-6)
    assert run.attrs["drift_total_z"] < 1e-9
    assert run.attrs["drift_energy"] < 1e-9
    for other in (
        bipolar(50, 1.0, 1 / ALPHA),
        bipolar(50, 1.0, ALPHA, anti=False),
        bipolar(50, 1.0, 1.0),
    ):
        wrong = solvers.mean_field(other, TIMES, partners="all").flavor_probability()
        assert abs(wrong - expected).max() > 0.2


def test_the_flavor_pendulum_keeps_its_energy_and_has_its_period() -> None:
    """Hannestad, Raffelt, Sigl and Wong, PRD 74, 105010 (2006), for equal densities and alpha < 1.

    With ``D = n (P - alpha P-bar) = sum_i w_i S_i/W`` and ``Q = sum_i w_i s_i S_i/W -
    (omega/mu) B`` (s = 1 for nu, -1 for nu-bar, omega that of nu): ``dQ/dt = mu D x Q``,
    ``dD/dt = omega B x Q``, so that ``omega B.Q + mu D^2/2`` and ``|Q|`` are constant.
    """
    gas = bipolar(50, 1.0, ALPHA)
    run = solvers.mean_field(gas, TIMES, partners="all")
    share = np.array([1.0, -1.0])[:, None] * gas.shares[:, None]
    field = np.array([0.0, 0.0, -1.0])
    frequency = gas.omega[0]
    q = np.sum(share * run.polarization, axis=1) - frequency * field
    d = run.total()
    energy = frequency * q @ field + np.sum(d**2, axis=1) / 2
    assert np.ptp(energy) < 1e-9
    assert np.ptp(np.linalg.norm(q, axis=1)) < 1e-9
    unweighted = run.polarization.mean(axis=1)
    assert np.ptp(frequency * q @ field + np.sum(unweighted**2, axis=1) / 2) > 1e-3
    # equal densities: a plane pendulum; T = 4 K(m)/k with k^2 = omega mu |Q|, m = sin^2(a/2)
    for count, weight in ((38, 1.0), (50, 0.76)):
        even = NeutrinoGas.from_groups(
            [
                Group(38, flavor="electron", omega=-OMEGA),
                Group(count, flavor="electron", omega=-OMEGA, antineutrino=True, weight=weight),
            ],
            velocities="right-angle",
            mixing_angle=ANGLE,
        )
        at_rest = np.array([np.sin(2 * ANGLE), 0.0, np.cos(2 * ANGLE)]) + OMEGA * field
        above = np.arctan2(at_rest[0], at_rest[2])  # from the upper equilibrium
        k = np.sqrt(OMEGA * np.linalg.norm(at_rest))
        period = 4 * ellipk(np.cos(above / 2) ** 2) / k
        quarters = np.linspace(0, period, 5)
        start, low, far, _, end = solvers.mean_field(even, quarters, partners="all").polarization[
            :, 0
        ]
        assert end == pytest.approx(start, abs=1e-5)
        assert far == pytest.approx(start * [-1, 1, 1], abs=1e-5)
        assert low[2] == pytest.approx(OMEGA - np.linalg.norm(at_rest), abs=1e-5)


def tilted(weights=(1.0, 0.76), counts=(50, 50), velocities="right-angle", seed=4) -> NeutrinoGas:
    return NeutrinoGas.from_groups(
        [
            Group(counts[0], (0.6, 0.0, 0.7), omega=0.1, name="a", weight=weights[0]),
            Group(counts[1], (-0.5, 0.3, -0.2), omega=0.3, name="b", weight=weights[1]),
        ],
        velocities=velocities,
        mixing_angle=0.2,
        seed=seed,
    )


@pytest.mark.parametrize("partners", ["all", "across"])
@pytest.mark.parametrize("velocities", ["right-angle", "isotropic"])
def test_fifty_of_weight_three_quarters_are_thirty_eight(partners: str, velocities: str) -> None:
    times = [0.0, 4.0, 20.0]
    numbers = tilted((1.0, 1.0), (100, 76), velocities)
    rates = [
        lambda gas: solvers.mean_field(gas, times, partners=partners, matter=0.1),
        lambda gas: solvers.kinetic(gas, times, 0.05, partners=partners, probability=0.7),
        lambda gas: solvers.kinetic(gas, times, 0.05, partners=partners, own_clock=True),
    ]
    for weights in ((1.0, 0.76), (25.0, 19.0)):
        gas = tilted(weights, velocities=velocities)
        for solve in rates:
            one, two = solve(gas), solve(numbers)
            assert one.polarization == pytest.approx(two.polarization, abs=1e-9)
            assert one.total() == pytest.approx(two.total(), abs=1e-9)
    turned = tilted((0.76, 1.0), velocities=velocities)
    for solve in rates:
        assert abs(solve(turned).polarization - solve(numbers).polarization).max() > 0.02


def test_one_vector_per_neutrino_has_the_same_weights() -> None:
    """At right angles a neutrino's part of its own mean does nothing, so rows do not matter."""
    times = [0.0, 10.0]
    for options in ({}, {"probability": 1.0}, {"own_clock": True}):
        each = {
            resolve: solvers.kinetic(
                tilted(), times, 0.05, partners="all", resolve=resolve, **options
            ).group_mean()
            for resolve in ("group", "neutrino")
        }
        assert each["neutrino"] == pytest.approx(each["group"], abs=1e-9)


@pytest.mark.parametrize("partners", _partners.PARTNERS)
@pytest.mark.parametrize("resolve", ["group", "neutrino"])
def test_averages_over_partners_are_sums_over_pairs(partners: str, resolve: str) -> None:
    drawn = tilted((0.4, 1.0), (4, 3), "isotropic")
    gas = tilted((0.4, 1.0), (4, 3), drawn.velocity)
    w, group = gas.weight, gas.group
    pairs = np.outer(w, w) * (group[:, None] != group if partners == "across" else 1.0)
    if partners == "others":
        np.fill_diagonal(pairs, 0.0)
    met = {
        "all": w.sum(),
        "others": w.sum() - (w**2).sum() / w.sum(),
        "across": max(w[group == 0].sum(), w[group == 1].sum()),
    }[partners]
    rates = pairs / w[:, None] / met  # encounters of a neutrino with each other one per t_int
    if partners != "across":
        assert w @ rates.sum(axis=1) == pytest.approx(w.sum())  # one, in the mean over the gas
    c = gas.velocity @ gas.velocity.T
    vectors = np.random.default_rng(1).normal(size=(2, 3))[group]
    for f, linear in ((lambda u: u, True), (lambda u: np.sin(0.3 * u) ** 2, False)):
        expected = (rates * f(1 - c)) @ vectors
        rows = _partners.rows(gas, resolve, partners)
        average = _partners.average(rows, f, np.nan, linear=linear)
        if resolve == "neutrino":
            assert average.apply(vectors) == pytest.approx(expected, abs=1e-12)
            assert average.sums[:, 0] == pytest.approx((rates * f(1 - c)).sum(axis=1), abs=1e-12)
        else:
            found = average.apply(vectors[[0, 4]])
            assert found == pytest.approx(gas.group_means(expected), abs=1e-12)


@pytest.mark.parametrize("partners", _partners.PARTNERS)
def test_equal_weights_of_any_size_are_no_weights(partners: str) -> None:
    times = [0.0, 9.0]
    plain = tilted((1.0, 1.0), (6, 4))
    for size in (1e-90, 0.3, 7.0, 1e90):
        gas = tilted((size, size), (6, 4))
        assert gas.weight is not None
        for resolve in ("group", "neutrino"):
            given = {"partners": partners, "resolve": resolve}
            for solve in (
                lambda gas, given: solvers.mean_field(gas, times, **given),
                lambda gas, given: solvers.kinetic(gas, times, 0.1, probability=1.0, **given),
            ):
                one, two = solve(gas, given), solve(plain, given)
                assert one.polarization == pytest.approx(two.polarization, abs=1e-9)
        assert solvers.miscidynamics(gas, times, 0.02, force=True).polarization == pytest.approx(
            solvers.miscidynamics(plain, times, 0.02, force=True).polarization, abs=1e-10
        )


@pytest.mark.parametrize("partners", _partners.PARTNERS)
@pytest.mark.parametrize("resolve", ["group", "neutrino"])
def test_the_weighted_sum_is_conserved_also_where_nobody_meets_itself(
    partners: str, resolve: str
) -> None:
    gas = tilted((1.0, 0.3), (3, 2), "isotropic")
    times = np.linspace(0, 20, 5)
    runs = [solvers.mean_field(gas, times, partners=partners, resolve=resolve)]
    assert runs[0].attrs["drift_energy"] < 1e-8
    runs.append(solvers.kinetic(gas, times, 0.1, partners=partners, resolve=resolve))
    for run in runs:
        total = run.total()
        assert total[0] == pytest.approx(
            (3 * gas.polarization[0] + 0.6 * gas.polarization[-1]) / 3.6, abs=1e-14
        )
        assert np.ptp(total[:, 2]) < 1e-9
        assert run.attrs["drift_total_z"] < 1e-9
        share = np.array([3, 2]) / 5  # without weights it is not
        assert np.ptp(run.group_mean()[..., 2] @ share) > 1e-3


def test_a_background_has_no_weight() -> None:
    times = [0.0, 5.0]
    for resolve in ("group", "neutrino"):
        one, two = (
            solvers.kinetic(gas, times, 0.1, background="b", resolve=resolve)
            for gas in (tilted((1.0, 0.2), (3, 1)), tilted((1.0, 1.0), (3, 1)))
        )
        assert one.polarization == pytest.approx(two.polarization, abs=1e-12)


def test_others_of_a_gas_that_is_nearly_one_neutrino_are_an_error() -> None:
    gas = tilted((1.0, 1e-5), (1, 1))
    with pytest.raises(QnuError, match="partners: got 'others' in a gas of which one neutrino is"):
        solvers.mean_field(gas, [0.0, 1.0])
    assert solvers.mean_field(gas, [0.0, 1.0], partners="all").attrs["drift_total_z"] < 1e-9


def slow(weights, counts, velocities="right-angle") -> NeutrinoGas:
    return NeutrinoGas.from_groups(
        [
            Group(counts[0], (0.3, 0.0, 0.2), omega=0.1, name="a", weight=weights[0]),
            Group(counts[1], (0.2, 0.0, 0.1), omega=0.2, name="b", weight=weights[1]),
        ],
        velocities=velocities,
        mixing_angle=0.2,
        seed=1,
    )


def test_miscidynamics_of_weights_is_that_of_numbers() -> None:
    times = [0.0, 40.0, 100.0]
    one = solvers.miscidynamics(slow((1.0, 0.76), (50, 50)), times, 0.01, probability=0.5)
    two = solvers.miscidynamics(slow((1.0, 1.0), (100, 76)), times, 0.01, probability=0.5)
    for name in ("polarization", "growth_rate", "precession", "transverse", "start_distance"):
        assert one[name].values == pytest.approx(two[name].values, abs=1e-10), name
    assert one.attrs["drift_total_z"] < 1e-12
    assert np.ptp(one.total()[:, 2]) < 1e-12
    three = solvers.miscidynamics(slow((0.76, 1.0), (50, 50)), times, 0.01, probability=0.5)
    assert abs(three.polarization - two.polarization).max() > 0.01
    msw = [
        solvers.miscidynamics(gas, times, 0.0, mu=0.0, matter=0.1, force=True)
        for gas in (slow((1.0, 0.76), (50, 50)), slow((1.0, 1.0), (100, 76)))
    ]
    assert msw[0]["start_distance"].values == pytest.approx(msw[1]["start_distance"].values)


def test_kappa_of_given_velocities_is_the_weighted_mean_over_pairs() -> None:
    from qnu.solvers._groups import Groups

    drawn = slow((1.0, 1.0), (40, 30), "isotropic").velocity
    gas = slow((1.0, 0.2), (40, 30), drawn)
    groups = Groups.of(gas, np.array([0.1, 0.2]), 0.01, 1.0, 1.0)
    w = gas.weight / gas.weight.sum()
    u = 1 - drawn @ drawn.T
    assert groups.rate == pytest.approx(0.01 * w @ u**2 @ w, rel=1e-12)
    assert groups.mean == pytest.approx(w @ u @ w, rel=1e-12)


def test_equilibria_and_growth_rates_take_the_shares_of_the_gas() -> None:
    up_down = NeutrinoGas.from_groups(
        [Group(3, (0, 0, 1), omega=-0.25), Group(4, (0, 0, -1), omega=0.25, weight=0.75)],
        "right-angle",
    )
    assert up_down.shares.tolist() == [0.5, 0.5]
    rate = solvers.growth_rate(up_down.group_means(), up_down.shares, [-0.25, 0.25])
    assert rate == pytest.approx(np.sqrt(3) / 4)  # the closed formula of equal shares
    run = solvers.miscidynamics(up_down, [0.0], 0.0, force=True)
    assert run["growth_rate"].values == pytest.approx([rate])


def test_who_follows_encounters_refuses_weights_in_one_line() -> None:
    gas = NeutrinoGas.from_groups(
        [Group(2, (0, 0, 1)), Group(2, (1, 0, 0), name="nu_bar", weight=0.76)], "right-angle"
    )
    schedule = schedules.tournament(gas, gamma=0.1)
    for follow in (
        lambda: solvers.many_body(gas, schedule),
        lambda: solvers.independent(gas, schedule),
        lambda: solvers.light_cone(gas, schedule),
        lambda: solvers.final_state(gas, schedule),
        lambda: solvers.many_body(gas, schedules.plane_wave(gas, duration=1.0, steps=2)),
        lambda: qnu.quantum.circuit(gas, schedule),
        lambda: qnu.quantum.run(gas, schedule),
        lambda: qnu.quantum.compile_for(gas, schedule, "fake_torino"),
    ):
        with pytest.raises(QnuError, match=r"gas: got weight = 0.76 in group 'nu_bar'.*`count`"):
            follow()
    assert solvers.mean_field(gas, schedule).attrs["partners"] == "others"


def test_a_file_has_weights_and_sweeps_over_them(tmp_path) -> None:
    text = """
mixing_angle = 0.01
gas = { velocities = "right-angle" }
schedule = { kind = "stochastic", gamma = 1e-3, probability = 1.0, duration = 40.0 }
[[group]]
name = "nu"
count = 50
flavor = "electron"
omega = -0.05
[[group]]
name = "nu_bar"
count = 50
flavor = "electron"
omega = -0.05
antineutrino = true
weight = 0.76
[[method]]
kind = "mean_field"
partners = "all"
"""
    loaded = qnu.experiment.parse(text)
    assert loaded.gas.group_weights.tolist() == [1.0, 0.76]
    run = qnu.experiment.simulate(loaded)["mean_field"]
    times = loaded.methods[0].times
    assert run.flavor_probability() == pytest.approx(dense(ALPHA, times), abs=1e-6)
    run.save(tmp_path / "run.nc")
    again = qnu.Trajectory.load(tmp_path / "run.nc")
    assert again.total().tolist() == run.total().tolist()
    assert again.dataset["weight"].values.tolist() == [1.0, 0.76]
    unweighted = text.replace("weight = 0.76\n", "")
    assert qnu.experiment.parse(unweighted).spec_hash != loaded.spec_hash
    ones = text.replace("weight = 0.76", "weight = 1.0")
    assert qnu.experiment.parse(unweighted).spec_hash == qnu.experiment.parse(ones).spec_hash
    data = qnu.experiment.sweep(loaded, {"group.nu_bar.weight": [0.76, 1.0]}, workers=1)
    ends = data["polarization_mean"].isel(time=-1, method=0).values
    assert ends[0] == pytest.approx(run.polarization[-1], abs=1e-9)
    assert abs(ends[1] - ends[0]).max() > 0.05
    with pytest.raises(QnuError, match=r"method\[1\].kind: got 'many_body, with weight = 0.76 in"):
        qnu.experiment.parse(text.replace("1.0, duration", "0.5, duration") + PURE)


PURE = '[[method]]\nkind = "many_body"\n'
