"""Quasi-steady states and the three drivers of miscidynamics."""

import numpy as np
import pytest

from qnu import Group, NeutrinoGas, QnuError, Trajectory, experiment, solvers
from qnu.profiles import Exponential, Table
from qnu.solvers import quasi_steady

from ..conftest import two_groups

TABLE = {  # physics.md 6.1: mu t, L_1, L_2, z_1, z_2, Omega
    200: (0.3494, 0.2353, 0.2485, 0.1173, 0.1356),
    300: (0.3101, 0.2777, 0.2280, 0.1481, 0.1427),
    400: (0.2948, 0.2846, 0.2215, 0.1577, 0.1448),
    500: (0.2861, 0.2819, 0.2191, 0.1614, 0.1456),
}


def at_200() -> NeutrinoGas:
    state = solvers.quasi_steady_state(
        (0.3494, 0.2353), (1, 1), (0.6, 0.4), (0.1, 0.2), longitudinal=-0.196013
    )
    groups = [
        Group(n, p, omega=w, name=name)
        for n, p, w, name in zip((60, 40), state.polarization, (0.1, 0.2), "12", strict=True)
    ]
    return NeutrinoGas.from_groups(groups, velocities="isotropic", seed=0)


def test_deterministic_table() -> None:
    run = solvers.miscidynamics(at_200(), [0.0, 100.0, 200.0, 300.0], 0.01)
    for k, (l1, l2, z1, z2, precession) in enumerate(TABLE.values()):
        assert run.group_length()[k] == pytest.approx([l1, l2], abs=2e-4)
        assert run.polarization[k, :, 2] == pytest.approx([z1, z2], abs=2e-4)
        assert float(run["precession"][k]) == pytest.approx(precession, abs=2e-4)
    assert run.attrs["drift_total_z"] < 1e-12
    assert run["sign"].values.tolist() == [[1, 1]] * 4


def test_a_quasi_steady_state_only_precesses() -> None:
    # mean field knows nothing of the two equations: it must find the state rigid
    gas = at_200()
    run = solvers.mean_field(gas, np.linspace(0, 50, 11), partners="all")
    start = run.polarization[0]
    assert run.polarization[..., 2] == pytest.approx(np.tile(start[:, 2], (11, 1)), abs=1e-7)
    angle = -0.13563592606581892 * run.times  # the azimuth turns by -Omega t
    for g in range(2):
        perp = start[g, 0] * np.exp(1j * angle)
        found = run.polarization[:, g, 0] + 1j * run.polarization[:, g, 1]
        assert found == pytest.approx(perp, abs=1e-6)


def test_every_root_is_an_equilibrium() -> None:
    share, omega, mu = np.array([0.5, 0.3, 0.2]), np.array([-0.2, 0.1, 0.4]), 1.3
    for signs in ((1, 1, 1), (1, 1, -1), (1, -1, -1)):
        for along in (-0.1, 0.15):
            try:
                state = solvers.quasi_steady_state((0.9, 0.7, 0.8), signs, share, omega, along, mu)
            except QnuError:
                continue
            mean = share @ state.polarization
            assert mean == pytest.approx([state.transverse, 0, -along], abs=1e-12)
            h = (omega - state.precession)[:, None] * [0, 0, -1] + mu * mean
            assert abs(np.cross(h, state.polarization)).max() < 1e-12
            along_h = np.sum(h * state.polarization, axis=1)
            assert np.sign(along_h).tolist() == list(signs)


def test_azimuth_follows_the_mean_field() -> None:
    gas = at_200()
    mean = solvers.mean_field(gas, [0.0, 7.0], partners="all")
    theory = solvers.miscidynamics(gas, [0.0, 7.0], 0.0)
    assert theory.polarization[-1] == pytest.approx(mean.polarization[-1], abs=1e-6)


def ring(count: int, cosine: float) -> np.ndarray:
    """Velocities on a cone about z: <1-c> = s^2 and <(1-c)^2> = 3 s^4 / 2, s the sine."""
    azimuth = 2 * np.pi * np.arange(count) / count
    sine = np.sqrt(1 - cosine**2)
    around = [sine * np.cos(azimuth), sine * np.sin(azimuth), np.full(count, cosine)]
    return np.stack(around, axis=1)


@pytest.mark.parametrize("q", [0.0, 1.0])
@pytest.mark.parametrize("velocities", ["isotropic", "ring"])
def test_entanglement_rate_at_a_point(q, velocities) -> None:
    # dL_i/dt = kappa mu gamma (Pbar.P_i/L_i - L_i) - p term, by finite differences, mu changing
    mean_1c, kappa, mu, gamma, step = 1.0, 4 / 3, 0.7, 0.01, 1e-3
    if velocities == "ring":
        mean_1c, kappa = 0.64, 1.5 * 0.64**2
    state = solvers.quasi_steady_state(
        (0.35, 0.24), (1, 1), (0.6, 0.4), (0.1, 0.2), longitudinal=-0.196, mu=mu * mean_1c
    )
    v = np.vstack([ring(60, 0.6), ring(40, 0.6)]) if velocities == "ring" else "isotropic"
    gas = NeutrinoGas.from_groups(
        [Group(60, state.polarization[0], omega=0.1), Group(40, state.polarization[1], omega=0.2)],
        velocities=v,
        seed=0,
    )
    p = gas.group_means()
    lengths = np.linalg.norm(p, axis=1)
    mean = np.array([0.6, 0.4]) @ p
    run = solvers.miscidynamics(gas, [0.0, step], gamma, mu=Exponential(mu, 50.0), probability=q)
    assert float(run["start_distance"]) < 1e-9
    slope = np.diff(run.group_length(), axis=0)[0] / step
    expected = kappa * mu * gamma * (p @ mean / lengths - lengths)
    double = np.cross(mean, np.cross(mean, p))
    expected -= q / 2 * mu * gamma * mean_1c**2 * np.sum(p * double, axis=1) / lengths
    assert slope == pytest.approx(expected, rel=2e-3)


def test_a_start_without_neighbourhood_does_not_hang() -> None:
    # equal weights and Pbar_B = 0: the sum of signed lengths vanishes, roots at Pbar_perp = 0
    gas = NeutrinoGas.from_groups(
        [Group(3, (0.6, 0, 0.8), omega=0.5), Group(3, (0, 0.6, -0.8), omega=0.2)],
        velocities="right-angle",
    )
    for signs in (None, (1, -1), (1, 1)):
        try:
            run = solvers.miscidynamics(gas, [0.0, 1.0], 0.1, signs=signs, force=True)
        except QnuError as error:
            assert "allowed" in str(error)  # noqa: PT017  # either a clear end or an answer
        else:
            assert float(run["transverse"].min()) > 1e-5


def test_spectral_split_against_slow_mean_field() -> None:
    omega = np.linspace(0.01, 0.1, 8)
    gas = NeutrinoGas.from_groups(
        [Group(10, (np.sin(0.4), 0, np.cos(0.4)), omega=w) for w in omega],
        velocities="right-angle",
    )
    mu, times = Exponential(1.0, 400.0), np.linspace(0, 2400, 5)
    mean = solvers.mean_field(gas, times, mu=mu, partners="all")
    theory = solvers.miscidynamics(gas, times, 0.0, mu=mu)
    assert theory.polarization[..., 2] == pytest.approx(mean.polarization[..., 2], abs=0.02)
    assert theory.polarization[-1, :-1, 2] == pytest.approx(np.ones(7), abs=1e-3)
    assert theory.polarization[-1, -1, 2] < 0.4  # the split: the last one pays for B
    assert theory.group_length() == pytest.approx(np.ones((5, 8)), abs=1e-9)
    assert theory.attrs["drift_total_z"] < 1e-10


def test_msw_against_slow_mean_field() -> None:
    gas = NeutrinoGas.from_groups(
        [Group(1, flavor="electron", omega=w) for w in (0.5, 1.0)],
        mixing_angle=0.15,
        velocities="right-angle",
    )
    matter, times = Exponential(20.0, 100.0), np.linspace(0, 800, 5)
    mean = solvers.mean_field(gas, times, mu=0.0, matter=matter)
    theory = solvers.miscidynamics(gas, times, 0.0, mu=0.0, matter=matter)
    assert theory.polarization[..., 2] == pytest.approx(mean.polarization[..., 2], abs=0.02)
    assert theory.attrs["branch"] == "msw"
    # nu_e born in dense matter leaves as the heavier state: z = -1
    assert theory.polarization[-1, :, 2] == pytest.approx([-1, -1], abs=1e-3)


def test_along_b_is_a_branch_of_its_own() -> None:
    gas = NeutrinoGas.from_groups(
        [Group(3, (0, 0, 1), omega=0.1), Group(1, (0, 0, -1), omega=0.2)], velocities="right-angle"
    )
    run = solvers.miscidynamics(gas, [0.0, 30.0], 0.02)
    assert run.attrs["branch"] == "longitudinal"
    fade = np.exp(-0.02 * 30.0)
    assert run.polarization[-1, :, 2] == pytest.approx([0.5 + 0.5 * fade, 0.5 - 1.5 * fade])
    rate = solvers.kinetic(gas, [0.0, 30.0], 0.02, partners="all")
    assert run.polarization[-1] == pytest.approx(rate.polarization[-1], abs=1e-3)


def test_a_length_that_passes_zero_goes_on_with_the_other_sign() -> None:
    p = np.array([np.sin(0.6), 0, np.cos(0.6)])
    gas = NeutrinoGas.from_groups(
        [Group(60, p, omega=0.1), Group(40, -0.3 * p, omega=0.12)], velocities="right-angle"
    )
    run = solvers.miscidynamics(gas, np.linspace(0, 300, 61), 0.01)
    assert run["sign"].values[0].tolist() == [1, -1]
    assert run["sign"].values[-1].tolist() == [1, 1]
    assert run.group_length()[:, 1].min() < 0.02
    assert abs(np.diff(run.polarization[..., 2], axis=0)).max() < 0.04  # no jump
    assert float(run["start_distance"]) < 0.01


def best_distance(vectors, equilibrium, share) -> float:
    """By trying 100,000 azimuths."""
    angle = np.linspace(0, 2 * np.pi, 100_001)[:, None]
    p, q = vectors[:, 0] + 1j * vectors[:, 1], equilibrium[:, 0] + 1j * equilibrium[:, 1]
    across = abs(p - np.exp(1j * angle) * q)
    return float((np.hypot(across, vectors[:, 2] - equilibrium[:, 2]) @ share).min())


def test_a_start_far_from_equilibrium_is_an_error() -> None:
    gas = two_groups(60, 40)
    far = r"got 'a start 1\.3\d from its equilibrium'; allowed: a start within 0\.2 .*force=True"
    for signs in (None, (1, 1), (1, -1)):
        with pytest.raises(QnuError, match=far) as caught:
            solvers.miscidynamics(gas, [0.0, 1.0], 0.01, signs=signs)
        assert "start = (Trajectory, time)" in str(caught.value)
        assert "\n" not in str(caught.value)
        run = solvers.miscidynamics(gas, [0.0, 1.0], 0.01, signs=signs, force=True)
        found = best_distance(gas.group_means(), run.polarization[0], (0.6, 0.4))
        assert float(run["start_distance"]) == pytest.approx(found, abs=1e-8)


def tilted(angles, azimuths, *, turned: float = 0.0) -> NeutrinoGas:
    """Three groups of lengths 0.6 about the equilibrium with all P_i along +H_i."""
    groups = [
        Group(
            n,
            (
                0.6 * np.sin(a) * np.cos(b + turned),
                0.6 * np.sin(a) * np.sin(b + turned),
                0.6 * np.cos(a),
            ),
            omega=w,
        )
        for n, a, b, w in zip((5, 3, 2), angles, azimuths, (0.1, 0.15, 0.2), strict=True)
    ]
    return NeutrinoGas.from_groups(groups, velocities="right-angle")


@pytest.mark.parametrize("azimuths", [(0.0, 0.25, -0.1), (0.3, -0.2, 0.0)])
def test_the_distance_of_a_start_is_that_at_the_best_azimuth(azimuths) -> None:
    apart = []
    for turned in (0.0, 0.4, 2.0, 3.1, 5.5):
        gas = tilted((0.9, 1.1, 1.2), azimuths, turned=turned)
        run = solvers.miscidynamics(gas, [0.0], 0.01)
        apart.append(float(run["start_distance"]))
    share = (0.5, 0.3, 0.2)
    assert apart[0] == pytest.approx(
        best_distance(gas.group_means(), run.polarization[0], share), abs=1e-8
    )
    # not at the azimuth of the mean, where the path starts
    assert apart[0] < np.linalg.norm(gas.group_means() - run.polarization[0], axis=1) @ share - 1e-6
    assert apart == pytest.approx([apart[0]] * 5, abs=1e-12)


def test_an_experiment_file_can_force_a_start() -> None:
    text = """
    group = [
        { count = 6, polarization = [0.6, 0.0, 0.8], omega = 0.1 },
        { count = 4, polarization = [-0.6, 0.0, -0.8], omega = 0.2 },
    ]
    schedule = { kind = "stochastic", gamma = 0.01, probability = 0.1, duration = 2.0 }
    method = [{ kind = "miscidynamics" FORCE }]
    """
    with pytest.raises(QnuError, match=r"method\[0\]: got 'a start .* from its equilibrium'"):
        experiment.simulate(experiment.parse(text.replace("FORCE", "")))
    forced = experiment.parse(text.replace("FORCE", ", force = true"))
    assert float(experiment.simulate(forced)["miscidynamics"]["start_distance"]) > 0.2
    with pytest.raises(QnuError, match=r"method\[0\].force: .*true"):
        experiment.parse(text.replace("FORCE", ', force = "yes"'))


def gas_of(state: solvers.QuasiSteadyState, counts, omega) -> NeutrinoGas:
    groups = [
        Group(n, p, omega=w) for n, p, w in zip(counts, state.polarization, omega, strict=True)
    ]
    return NeutrinoGas.from_groups(groups, velocities="right-angle")


def test_an_unstable_start_is_an_error() -> None:
    omega = (0.5, 0.4, 0.8)
    state = solvers.quasi_steady_state((0.8, 0.6, 0.4), (-1, 1, 1), [1 / 3] * 3, omega, 0.16)
    gas = gas_of(state, (4, 4, 4), omega)
    with pytest.raises(QnuError, match=r"unstable equilibrium \(growth rate 0\.151\)'.*force=True"):
        solvers.miscidynamics(gas, [0.0, 40.0], 0.005)
    run = solvers.miscidynamics(gas, [0.0, 20.0, 40.0], 0.005, force=True)
    assert run["growth_rate"].dims == ("time",)
    assert float(run["growth_rate"][0]) == pytest.approx(0.151, abs=5e-4)
    # what it gives there is what encounters do not
    assert run.polarization[-1, :, 2] == pytest.approx([-0.666, 0.459, -0.273], abs=2e-3)
    later = solvers.quasi_steady_state(
        run.group_length()[-1],
        (-1, 1, 1),
        [1 / 3] * 3,
        omega,
        0.16,
        near=(float(run["precession"][-1]), float(run["transverse"][-1])),
    )
    assert float(run["growth_rate"][-1]) == pytest.approx(later.growth_rate, rel=1e-6)


def test_a_path_ends_where_small_deviations_begin_to_grow() -> None:
    gas, mu = three_groups_on_the_second_root(), Exponential(1.0, -100.0)
    ends = []
    for times in ([0.0, 37.0], np.linspace(0, 500, 33), [0.0, 36.7, 1e4]):
        with pytest.raises(QnuError, match=r"grow from there on: .*\), or force=True") as caught:
            solvers.miscidynamics(gas, times, 0.0, mu=mu)
        ends.append(float(str(caught.value).rsplit("t = ", 1)[1].split(")")[0]))
    assert ends == pytest.approx([ends[0]] * 3, rel=1e-6)
    solvers.miscidynamics(gas, [0.0, 36.6], 0.0, mu=mu)
    run = solvers.miscidynamics(
        gas, [0.0, 0.999 * ends[0], 1.001 * ends[0]], 0.0, mu=mu, force=True
    )
    assert run["growth_rate"].values[:2].tolist() == [0.0, 0.0]
    assert float(run["growth_rate"][2]) > 1e-3


def along_b(z, omega, counts=(3, 1)) -> NeutrinoGas:
    groups = [Group(n, (0, 0, a), omega=w) for n, a, w in zip(counts, z, omega, strict=True)]
    return NeutrinoGas.from_groups(groups, velocities="right-angle")


def test_along_b_an_instability_is_an_error_at_the_start_and_later() -> None:
    # two groups: unstable where (d + mu (f z - g y))^2 + 4 mu^2 f g z y < 0, d = omega_1 - omega_2
    with pytest.raises(QnuError, match=r"unstable equilibrium \(growth rate 0\.433\)"):
        solvers.miscidynamics(along_b((1, -1), (0.1, 0.6), (2, 2)), [0.0, 1.0], 0.0)
    gas = along_b((1, -1), (0.1, 0.6))
    # f = 3/4: roots of (mu - 1/2)^2 = (3/4) mu^2 are mu = 1/(2 + sqrt 3) and 1/(2 - sqrt 3)
    begin = 100 * np.log(4.0 * (2 - np.sqrt(3)))
    ends = []
    for times in ([0.0, 8.0], [0.0, 3.0, 1000.0]):
        with pytest.raises(QnuError, match=r"all along B.*grow from there on") as caught:
            solvers.miscidynamics(gas, times, 0.0, mu=Exponential(4.0, 100.0))
        ends.append(float(str(caught.value).rsplit("t = ", 1)[1].split(")")[0]))
    assert ends == pytest.approx([begin, begin], rel=1e-5)
    run = solvers.miscidynamics(
        gas, [0.0, 100.0, 300.0], 0.0, mu=Exponential(4.0, 100.0), force=True
    )
    mu = 4 * np.exp(-1.0)
    growth = [0.0, np.sqrt(0.75 * mu**2 - (mu - 0.5) ** 2) / 2, 0.0]
    assert run["growth_rate"].values == pytest.approx(growth, abs=1e-9)


def three_groups_on_the_second_root() -> NeutrinoGas:
    """Lengths and signs with two equilibria; the gas sits in the one of smaller Pbar_perp."""
    share, omega = (0.62, 0.24, 0.14), (-0.73, -0.07, 0.68)
    state = solvers.quasi_steady_state(
        (0.26, 0.3, 0.62), (1, -1, 1), share, omega, -0.07, near=(0.59, 0.086)
    )
    assert state.transverse == pytest.approx(0.0861415, abs=1e-6)
    return NeutrinoGas.from_groups(
        [
            Group(round(100 * f), p, omega=w)
            for f, p, w in zip(share, state.polarization, omega, strict=True)
        ],
        velocities="right-angle",
    )


def test_two_roots_the_nearer_one_is_followed() -> None:
    largest = solvers.quasi_steady_state(
        (0.26, 0.3, 0.62), (1, -1, 1), (0.62, 0.24, 0.14), (-0.73, -0.07, 0.68), -0.07
    )
    assert largest.transverse == pytest.approx(0.1289866, abs=1e-6)
    run = solvers.miscidynamics(three_groups_on_the_second_root(), [0.0], 0.01)
    assert float(run["transverse"][0]) == pytest.approx(0.0861415, abs=1e-6)


def test_a_branch_that_ends_says_when() -> None:
    # opposite signs: Pbar_perp decays until everybody lies along B
    gas, pattern = two_groups(6, 4), r"all P_i come to lie along B: the branch ends at t = [\d.]+\)"
    ends = []
    for duration in (150.0, 400.0):
        with pytest.raises(QnuError, match=pattern) as caught:
            solvers.miscidynamics(gas, np.linspace(0, duration, 11), 0.1, signs=(1, -1), force=True)
        assert "\n" not in str(caught.value)
        ends.append(float(str(caught.value).rsplit("t = ", 1)[1].rstrip(")")))
    assert ends[0] == pytest.approx(ends[1], rel=1e-6)
    before = solvers.miscidynamics(gas, [0.0, 0.95 * ends[0]], 0.1, signs=(1, -1), force=True)
    assert float(before["transverse"][-1]) < 1e-5 * float(before["transverse"][0])
    rate = solvers.kinetic(gas, [0.0, 1.0], 0.1)  # the theory with mean field has no such end
    assert rate.attrs["drift_total_z"] < 1e-9


def test_a_growing_mu_moves_a_root_without_losing_it() -> None:
    gas, mu = three_groups_on_the_second_root(), Exponential(1.0, -100.0)
    run = solvers.miscidynamics(gas, np.linspace(0, 500, 11), 0.0, mu=mu, force=True)
    share, signed = np.array([0.62, 0.24, 0.14]), np.array([0.26, -0.3, 0.62])
    for k, t in enumerate(run.times):
        found = quasi_steady.roots(signed, share, gas.group_means(gas.omega), -0.07, mu(t))
        apart = [abs(root.transverse - float(run["transverse"][k])) for root in found]
        assert min(apart) < 1e-9
    assert (np.diff(run["transverse"].values) > 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"signs": (1,)}, "signs: got"),
        ({"signs": (1, 2)}, "signs: got"),
        ({"signs": (-1, -1)}, "signs: got .* quasi-steady"),
        ({"matter": 0.5}, "matter: got 0.5"),
        ({"gamma": -0.1}, "gamma: got -0.1"),
        ({"probability": 2.0}, "probability: got 2.0"),
        ({"start": (3, 4)}, "start: got"),
        ({"mu": -1.0}, "signs|mu"),
        ({"mu": Table([0.0, 1.0], [0.0, 1.0])}, r"mu\(t=0\): got 0.0"),
        ({"mu": Table([0.0, 1.0], [1.0, -1.0]), "force": True}, r"mu\(t=.*numbers >= 0"),
    ],
)
def test_bad_input(arguments, message) -> None:
    with pytest.raises(QnuError, match=message):
        solvers.miscidynamics(two_groups(6, 4), [0.0, 1.0], **({"gamma": 0.01} | arguments))


def test_groups_must_share_velocities_and_have_one_omega() -> None:
    head_on = NeutrinoGas.from_groups(
        [Group(5, (0.6, 0, 0.5), omega=0.1), Group(5, (0.3, 0, 0.2), omega=0.2)],
        velocities=[[0, 0, 1]] * 5 + [[0, 0, -1]] * 5,
    )
    with pytest.raises(QnuError, match="velocities: got '<1-c> between groups from 0 to 2'"):
        solvers.miscidynamics(head_on, [0.0, 1.0], 0.1)
    spectrum = NeutrinoGas.from_groups([Group(2, (0.6, 0, 0.5), omega=[0.0, 1.0])], seed=0)
    with pytest.raises(QnuError, match="one omega per group"):
        solvers.miscidynamics(spectrum, [0.0, 1.0], 0.1)


def test_start_from_a_sample() -> None:
    gas = two_groups(6, 4, "right-angle")
    run = solvers.kinetic(gas, [0.0, 100.0, 150.0], 0.02)
    theory = solvers.miscidynamics(gas, [0.0, 100.0, 150.0], 0.02, start=(run, 100.0))
    assert theory.times.tolist() == [100.0, 150.0]
    assert theory.group_length()[0] == pytest.approx(run.group_length()[1], abs=1e-12)
    with pytest.raises(QnuError, match=r"time: got 60\.0; allowed: a sample time"):
        solvers.miscidynamics(gas, [100.0], 0.02, start=(run, 60.0))
    broken = run.dataset.copy(deep=True)
    broken["polarization"][1] = np.nan
    with pytest.raises(QnuError, match="finite vectors"):
        solvers.miscidynamics(gas, [100.0], 0.02, start=(Trajectory(broken), 100.0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1.0,), (1,), (1.0,), (0.1, 0.2), 0.0), "omega"),
        (((-1.0,), (1,), (1.0,), (0.1,), 0.0), "lengths"),
        (((8.0,), (1,), (1.0,), (0.1,), 0.0), "lengths: .* from 0 to 1"),
        (((1.0,), (1,), (0.5,), (0.1,), 0.0), "weights"),
        (((1.0,), (1,), (1.0,), (0.1,), 2.0), "longitudinal"),
        (((0.5, 0.5), (-1, -1), (0.5, 0.5), (0.1, 0.2), 0.0), "signs"),
    ],
)
def test_quasi_steady_state_bad_input(arguments, message) -> None:
    with pytest.raises(QnuError, match=f"^{message}"):
        solvers.quasi_steady_state(*arguments)
