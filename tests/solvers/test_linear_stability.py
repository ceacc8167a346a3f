"""Growth of waves on beams: closed formulas, dense Jacobians of the full equations, mean field."""

import numpy as np
import pytest

from qnu import AngularDistribution, Beams, Group, NeutrinoGas, QnuError, solvers
from qnu.flavor import fields
from qnu.solvers import angular_crossing, growth_rate, linear_stability


def dense(beams, k, mu=1.0, matter=0.0, precession=0.0):
    """Omega from differences of the full right-hand side in 3B variables, at wave number k.

    The equations are quadratic in P, so a wave on the equilibrium obeys the exact Jacobian less
    i c k; no tangents, no rotations to z, no symmetry is used.
    """
    count = len(beams)
    c, w = beams.cosine, beams.weight
    local = fields(beams.omega, matter, beams.mixing_angle) - precession * np.array([0, 0, -1.0])

    def rate(flat):
        p = flat.reshape(count, 3)
        h = local.copy()
        for b in range(count):
            for d in range(count):
                h[b] += mu * w[d] * (1 - c[b] * c[d]) * p[d]
        return np.cross(h, p).ravel()

    flat = beams.polarization.ravel()
    columns = [(rate(flat + e) - rate(flat - e)) / 2 for e in np.eye(3 * count)]
    matrix = np.stack(columns, axis=1) - 1j * k * np.diag(np.repeat(c, 3))
    return 1j * np.linalg.eigvals(matrix)


def along_z(rng, count, omega=0.3):
    z = rng.uniform(-1, 1, count)
    return Beams(
        rng.uniform(-1, 1, count), rng.uniform(0.2, 1, count), np.outer(z, [0, 0, 1.0]),
        omega * rng.normal(size=count),
    )  # fmt: skip


def tilted(rng, count, mu=1.0, matter=0.0, mixing_angle=0.0, precession=0.0):
    """An equilibrium by iteration: every P_b along +-H_b, found from random signs and lengths."""
    c, w = rng.uniform(-1, 1, count), rng.dirichlet(np.full(count, 3.0))
    omega, length = 0.6 * rng.normal(size=count), rng.uniform(0.3, 1, count)
    sign = rng.choice([-1.0, 1.0], count)
    local = fields(omega, matter, mixing_angle) - precession * np.array([0, 0, -1.0])
    vectors = rng.normal(size=(count, 3)) / 3
    for _ in range(1000):
        h = local + mu * (w @ vectors - c[:, None] * ((w * c) @ vectors))
        new = sign[:, None] * length[:, None] * h / np.linalg.norm(h, axis=1)[:, None]
        if abs(new - vectors).max() < 1e-15:
            if abs(new[:, :2]).max() < 1e-3:
                return None
            return Beams(c, w, new, omega, mixing_angle=mixing_angle)
        vectors = 0.7 * vectors + 0.3 * new
    return None


def test_two_beams_by_the_closed_quadratic():
    rng, unstable = np.random.default_rng(1), 0
    for _ in range(200):
        c, z, w = rng.uniform(-1, 1, 2), rng.uniform(-1, 1, 2), rng.dirichlet([2, 2])
        mu, k = rng.uniform(0.3, 2), rng.uniform(-3, 3)
        beams = Beams(c, w, np.outer(z, [0, 0, 1.0]))
        found = linear_stability(beams, k, mu=mu)
        u = mu * (1 - c[0] * c[1])  # what a beam does to itself, 1 - c^2, cancels in M
        first, second = c * k - u * (w * z)[::-1]
        root = (first - second) ** 2 / 4 + u**2 * w[0] * w[1] * z[0] * z[1]
        expected = np.sqrt(complex(root))
        assert found.growth[0] == pytest.approx(np.sqrt(max(-root, 0.0)), abs=1e-7)
        pair = (first + second) / 2 + np.array([1, -1]) * expected
        for value in pair:
            assert abs(found.frequency[0] - value).min() < 1e-7
        unstable += root < -1e-3
    assert unstable > 10


def test_the_fast_instability_of_two_opposite_beams_needs_the_wave():
    # c = +-1, weights 0.6 and 0.4, opposite flavor: Im Omega = root of 0.96 - (k + 1)^2
    beams = Beams([1, -1], [0.6, 0.4], [[0, 0, 1], [0, 0, -1]])
    k = np.linspace(-2.5, 1, 29)
    expected = np.sqrt(np.maximum(0.96 - (k + 1) ** 2, 0))
    modes = linear_stability(beams, k)
    assert modes.growth == pytest.approx(expected, abs=1e-7)
    assert modes.most_unstable().k == pytest.approx(-1)
    assert modes.most_unstable().growth == pytest.approx(np.sqrt(0.96))
    mirrored = Beams([-1, 1], [0.6, 0.4], [[0, 0, 1], [0, 0, -1]])
    assert linear_stability(mirrored, -k).growth == pytest.approx(expected, abs=1e-7)


def test_the_bipolar_instability_of_two_groups():
    # omega_A - omega_B = 2 delta, all 1 - v.v' = 1: eta = sqrt(delta (mu - delta))
    for delta in (-0.2, 0.05, 0.25, 0.5, 0.9, 1.2):
        groups = [Group(3, (0, 0, 1), omega=-delta), Group(3, (0, 0, -1), omega=delta)]
        gas = NeutrinoGas.from_groups(groups, velocities="right-angle")
        expected = np.sqrt(max(delta * (1 - delta), 0.0))
        found = linear_stability(gas)
        assert found.growth[0] == pytest.approx(expected, abs=1e-9)
        same = growth_rate(gas.group_means(), gas.shares, [-delta, delta])
        assert found.growth[0] == pytest.approx(same, abs=1e-12)
    with pytest.raises(QnuError, match="k"):
        linear_stability(gas, 1.0)


@pytest.mark.parametrize("k", [0.0, 0.7, -1.9])
def test_frequencies_along_z_are_those_of_the_dense_jacobian(k):
    rng, unstable = np.random.default_rng(4), 0
    for _ in range(12):
        beams, mu, matter = along_z(rng, 6), rng.uniform(0.5, 2), rng.normal()
        found = linear_stability(beams, k, mu=mu, matter=matter, precession=0.2)
        every = dense(beams, k, mu, matter, 0.2)
        # the dense spectrum has S, the conjugate of S at -k, and the lengths: c k
        for value in found.frequency[0]:
            assert abs(every - value).min() < 1e-6
        both = max(found.growth[0], linear_stability(beams, -k, mu=mu, matter=matter).growth[0])
        assert both == pytest.approx(every.imag.max(), abs=1e-6)
        unstable += found.growth[0] > 0.01
    assert unstable > 1


@pytest.mark.parametrize(
    ("matter", "mixing_angle", "precession"), [(0.0, 0.0, 0.3), (0.5, 0.4, 0.0)]
)
def test_tilted_equilibria_are_those_of_the_dense_jacobian(matter, mixing_angle, precession):
    rng, grown, seen = np.random.default_rng(12), 0, 0
    while seen < 5:
        beams = tilted(rng, 4, 1.0, matter, mixing_angle, precession)
        if beams is None:
            continue
        seen += 1
        for k in (0.0, 0.8, -2.1):
            found = linear_stability(beams, k, matter=matter, precession=precession)
            every = dense(beams, k, 1.0, matter, precession)
            assert found.growth[0] == pytest.approx(every.imag.max(), abs=2e-6)
            for value in found.frequency[0]:
                assert abs(every - value).min() < 2e-5
            grown += found.growth[0] > 1e-3
    assert grown > 2


def test_modes_solve_the_linear_equations():
    rng = np.random.default_rng(8)
    other = next(filter(None, iter(lambda: tilted(rng, 4, precession=0.3) or False, None)))
    for beams, precession in ((along_z(rng, 5), 0.0), (other, 0.3)):
        for k in (0.0, 0.9):
            mode = linear_stability(beams, precession=precession).mode(k)
            d, p, c, w = mode.vector, beams.polarization, beams.cosine, beams.weight
            kernel = (1 - np.outer(c, c)) * w
            h = fields(beams.omega) - precession * np.array([0, 0, -1.0]) + kernel @ p
            right = np.cross(h, d) + np.cross(kernel @ d, p) - 1j * k * c[:, None] * d
            frequency = mode.frequency if mode.growth else mode.frequency.real
            assert right == pytest.approx(-1j * frequency * d, abs=1e-7)
            assert (w[:, None] * abs(d) ** 2).sum() == pytest.approx(1)
            start = mode.perturbed(1e-3, [0.0, 2.0])
            assert start.shape == (2, len(beams), 3)
            lengths = np.linalg.norm(start, axis=-1)
            assert lengths == pytest.approx(np.tile(np.linalg.norm(p, axis=1), (2, 1)))
            wave = (d * np.exp(2j * k)).real
            assert start[1] - p == pytest.approx(1e-3 * wave, abs=2e-5)


def crossed(width=0.6, share=0.9, beams=24):
    """Forward-peaked antineutrinos, isotropic neutrinos: a crossing."""
    groups = [
        Group(10, flavor="electron", name="nu", angular=AngularDistribution.isotropic()),
        Group(10, flavor="electron", antineutrino=True, name="anti", weight=share,
              angular=AngularDistribution.gaussian(width)),
    ]  # fmt: skip
    return Beams.of(NeutrinoGas.from_groups(groups, mixing_angle=0.0, seed=1), beams)


def test_mean_field_grows_at_the_rate_of_the_uniform_mode():
    rng = np.random.default_rng(2)
    beams = next(b for b in iter(lambda: along_z(rng, 8), None) if linear_stability(b).growth > 0.1)
    mode = linear_stability(beams).mode(0.0)
    gas = beams.with_polarization(mode.perturbed(1e-7)).gas(3)
    times = np.linspace(0, 4 / mode.growth, 9)
    run = solvers.mean_field(gas, times, partners="all")
    across = np.log(np.linalg.norm(run.polarization[..., :2], axis=(1, 2)))
    assert np.polyfit(times, across, 1)[0] == pytest.approx(mode.growth, rel=1e-3)


def test_the_crossing_is_where_the_densities_are_equal():
    found = angular_crossing(crossed(beams=64))
    isotropic, forward = AngularDistribution.isotropic(), AngularDistribution.gaussian(0.6)
    c = np.linspace(-1, 1, 200001)
    values = isotropic.density(c) - 0.9 * forward.density(c)
    exact = c[np.flatnonzero(np.diff(np.sign(values)))]
    assert len(found) == len(exact) == 1
    assert found[0].cosine == pytest.approx(exact[0], abs=1e-3)
    parts = [np.maximum(values, 0).sum(), np.maximum(-values, 0).sum()]
    assert found[0].depth == pytest.approx(min(parts) / sum(parts), abs=2e-3)


def test_without_a_crossing_nothing_grows_without_vacuum():
    rng = np.random.default_rng(6)
    for _ in range(20):
        count = 12
        z = rng.uniform(0.01, 1, count) * rng.choice([-1, 1])
        beams = Beams(rng.uniform(-1, 1, count), rng.uniform(0.1, 1, count), np.outer(z, [0, 0, 1]))
        assert angular_crossing(beams) == []
        assert set(linear_stability(beams, np.linspace(-3, 3, 13)).growth) == {0.0}
    # both signs in every direction, but one sign of the sum
    beams = crossed(width=3.0, share=0.3)
    assert angular_crossing(beams) == []
    assert linear_stability(beams, np.linspace(-2, 2, 21)).growth.max() == 0.0


def test_nearly_equal_beams_have_no_growth_of_rounding():
    # a continuous spectrum on a fine grid, both signs of z at every cosine: all real
    c = np.repeat(np.linspace(-1, 1, 40), 2)
    z = np.tile([1.0, -0.4], 40)
    beams = Beams(c, np.ones(80), np.outer(z, [0, 0, 1]))
    for k in (0.0, 1e-9, 1e-4, 0.3):
        assert linear_stability(beams, k).growth[0] == 0.0


def test_growth_has_the_units_of_mu():
    beams = crossed()
    k = np.array([-0.3, 0.0, 0.4])
    once = linear_stability(beams, k).growth
    assert linear_stability(beams, 7e4 * k, mu=7e4).growth == pytest.approx(7e4 * once, rel=1e-9)
    assert linear_stability(beams, k, mu=0.0).growth.tolist() == [0, 0, 0]


def test_plane_waves_reach_their_first_minimum_when_the_mode_says():
    # the mean field amplifies a transverse part of 1/sqrt(N): ln N / 2 eta and a constant
    delta, minima = 0.25, []
    eta = np.sqrt(delta * (1 - delta))
    for n in (16, 256):
        groups = [Group(n, (0, 0, 1), omega=-delta), Group(n, (0, 0, -1), omega=delta)]
        gas = NeutrinoGas.from_groups(groups, velocities="right-angle")
        assert linear_stability(gas).growth[0] == pytest.approx(eta, abs=1e-9)
        times = np.linspace(3, 14, 111)
        z = solvers.collective(gas, times).polarization[:, 0, 2]
        minima.append(times[np.flatnonzero((z[1:-1] < z[:-2]) & (z[1:-1] < z[2:]))[0] + 1])
    assert minima[1] - minima[0] == pytest.approx(np.log(16) / (2 * eta), abs=0.25)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"k": np.nan}, "k"),
        ({"k": []}, "k"),
        ({"k": [[0.0]]}, "k"),
        ({"mu": -1.0}, "mu"),
        ({"matter": np.inf}, "matter"),
        ({"beams": 0}, "beams"),
    ],
)
def test_bad_input_is_one_line(given, message):
    gas = NeutrinoGas.from_groups([Group(3, (0, 0, 1))], seed=1)
    with pytest.raises(QnuError, match=message) as error:
        linear_stability(gas, **given)
    assert "\n" not in str(error.value)


def test_memory_is_asked_for_all_wave_numbers():
    gas = NeutrinoGas.from_groups([Group(3, (0, 0, 1))], seed=1)
    with pytest.raises(QnuError, match=r"4096 beams, 1000000 wave numbers.*memory"):
        linear_stability(gas, np.zeros(10**6), beams=4096)


def test_a_state_that_moves_is_refused():
    gas = NeutrinoGas.from_groups(
        [Group(3, flavor="electron", omega=0.3)], mixing_angle=0.1, seed=1
    )
    with pytest.raises(QnuError, match="equilibrium"):
        linear_stability(gas)
    with pytest.raises(QnuError, match="0 for every k"):
        linear_stability(NeutrinoGas.from_groups([Group(3, (0, 0, 1))], seed=1)).most_unstable()
    with pytest.raises(QnuError, match=r"NeutrinoGas or qnu\.Beams"):
        linear_stability(3)


def test_members_that_are_alike_are_one_beam():
    groups = [Group(4000, (0, 0, 1), omega=-0.25), Group(2000, (0, 0, -1), omega=0.25, weight=2.0)]
    gas = NeutrinoGas.from_groups(groups, velocities="right-angle")
    found = linear_stability(gas)
    assert len(found.beams) == 2
    assert found.growth[0] == pytest.approx(np.sqrt(3) / 4)
    spectrum = [Group(3, (0, 0, 1), omega=[-0.3, -0.2, -0.25]), Group(3, (0, 0, -1), omega=0.25)]
    apart = linear_stability(NeutrinoGas.from_groups(spectrum, velocities="right-angle"))
    assert len(apart.beams) == 4
    assert apart.beams.weight == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
