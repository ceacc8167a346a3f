"""Distributions of directions: normalised, drawn and averaged as they say."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from qnu import AngularDistribution, Group, NeutrinoGas, QnuError, solvers
from qnu.solvers import _partners

EVERY = {
    "isotropic": AngularDistribution.isotropic(),
    "gaussian": AngularDistribution.gaussian(0.6),
    "narrow": AngularDistribution.gaussian(0.01, 0.3),
    "legendre": AngularDistribution.legendre([1, 0.4, 0.2]),
    "table": AngularDistribution.table([-0.5, 0.0, 0.7, 1.0], [0, 2, 5, 1]),
}


def moments(given, order):
    """<c^n> by the trapezoidal rule on a fine grid."""
    c = np.linspace(-1, 1, 400001)
    g = given.density(c)
    area = np.sum((g[1:] + g[:-1]) / 2) * (c[1] - c[0])
    values = g * c**order
    return np.sum((values[1:] + values[:-1]) / 2) * (c[1] - c[0]), area


@pytest.mark.parametrize("name", EVERY)
def test_a_density_has_the_integral_1_and_its_nodes_the_same_means(name):
    given = EVERY[name]
    assert moments(given, 0)[1] == pytest.approx(1, abs=1e-6)
    cosine, weight = given.nodes()
    for order in (1, 2, 5):
        assert weight @ cosine**order == pytest.approx(moments(given, order)[0], abs=1e-6)
    assert (given.density([-1.1, 1.1]) == 0).all()


@pytest.mark.parametrize("name", EVERY)
def test_drawn_directions_have_these_moments_and_any_azimuth(name):
    given = EVERY[name]
    drawn = given.draw(np.random.default_rng(5), 200_000)
    assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.ones(200_000), abs=1e-14)
    for order in (1, 2):
        assert (drawn[:, 2] ** order).mean() == pytest.approx(moments(given, order)[0], abs=6e-3)
    assert abs(drawn[:, :2].mean(axis=0)).max() < 6e-3
    across = drawn[:, 0] ** 2 - drawn[:, 1] ** 2
    assert across.mean() == pytest.approx(0, abs=6e-3)
    assert (given.density(drawn[:100, 2]) > 0).all()


def test_coefficients_are_means_of_legendre_polynomials():
    cosine, weight = AngularDistribution.legendre([1, 0.4, 0.2]).quadrature(9)
    assert weight @ cosine == pytest.approx(0.4)
    assert weight @ (3 * cosine**2 - 1) / 2 == pytest.approx(0.2)
    assert AngularDistribution.legendre([1]).density(0.3) == pytest.approx(0.5)


def test_a_quadrature_has_the_nodes_of_gauss_and_the_weights_of_the_density():
    cosine, weight = EVERY["gaussian"].quadrature(12)
    nodes, plain = np.polynomial.legendre.leggauss(12)
    assert cosine == pytest.approx(nodes)
    expected = plain * np.exp(-((nodes - 1) ** 2) / 0.72)
    assert weight == pytest.approx(expected / expected.sum())
    assert [x.tolist() for x in AngularDistribution.one(-0.3).quadrature(7)] == [[-0.3], [1.0]]
    with pytest.raises(QnuError, match="beams"):
        EVERY["narrow"].quadrature(8)


@pytest.mark.parametrize("count", [256, 257, 4096])
def test_many_nodes_are_those_of_gauss(count):
    cosine, weight = AngularDistribution.isotropic().quadrature(count)
    assert (np.diff(cosine) > 0).all()
    assert len(cosine) == count
    assert weight.sum() == pytest.approx(1, abs=1e-14)
    for order in (2, 10, 400):
        assert weight @ cosine**order == pytest.approx(1 / (order + 1), rel=1e-11)


def test_the_widest_gaussian_is_flat():
    wide = AngularDistribution.gaussian(1e6)
    assert wide.density([-1.0, 0.0, 1.0]) == pytest.approx(0.5, abs=1e-9)
    assert abs(wide.draw(1, 20_000)[:, 2].mean()) < 0.02


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AngularDistribution.gaussian(0), "width"),
        (lambda: AngularDistribution.gaussian(1e9), "width"),
        (lambda: AngularDistribution.gaussian(1, 2), "centre"),
        (lambda: AngularDistribution.legendre([0.5]), "coefficients"),
        (lambda: AngularDistribution.legendre([1, 1.5]), "density of"),
        (lambda: AngularDistribution.legendre([1, np.nan]), "coefficients"),
        (lambda: AngularDistribution.table([0, 0], [1, 1]), "cosine"),
        (lambda: AngularDistribution.table([0, 1.2], [1, 1]), "cosine"),
        (lambda: AngularDistribution.table([0, 1], [0, 0]), "density"),
        (lambda: AngularDistribution.table([0, 1], [1, -1]), "density"),
        (lambda: AngularDistribution.one(1.5), "cosine"),
        (lambda: AngularDistribution.one(0.5).density(0), "single beam"),
        (lambda: AngularDistribution("beam"), "kind"),
        (lambda: Group(2, (0, 0, 1), angular="isotropic"), "angular"),
        (
            lambda: Group(
                2, (0, 0, 1), angular=AngularDistribution.isotropic(), direction=(0, 0, 1)
            ),
            "both",
        ),
    ],
)
def test_what_is_no_distribution_is_refused_in_one_line(make, message):
    with pytest.raises(QnuError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


def gas_of(seed=1, velocities="isotropic"):
    groups = [
        Group(4, (0, 0, 1), omega=0.1),
        Group(3, (0, 0, -1), angular=EVERY["gaussian"]),
        Group(2, (1, 0, 0), direction=(0, 0, 1)),
    ]
    return NeutrinoGas.from_groups(groups, velocities, seed=seed)


def test_a_gas_remembers_the_distribution_and_draws_with_its_seed():
    gas = gas_of()
    assert gas.angular == (None, EVERY["gaussian"], None)
    assert gas.directed == (False, False, True)
    assert gas.drawn_velocities
    assert gas == gas_of() != gas_of(2)
    assert replace(gas) == gas
    assert pickle.loads(pickle.dumps(gas)) == gas
    assert replace(gas, angular=()) != gas
    assert "distributed about z in '2'" in repr(gas)
    given = gas_of(velocities=lambda rng: np.tile([0.0, 1.0, 0.0], (4, 1)))
    assert given.velocities == "given"
    assert given.velocity[:4].tolist() == [[0, 1, 0]] * 4
    with pytest.raises(QnuError, match=r"groups\[1\].angular"):
        NeutrinoGas.from_groups(
            [Group(1, (0, 0, 1)), Group(1, (0, 0, 1), angular=EVERY["table"])], "right-angle"
        )
    with pytest.raises(QnuError, match="angular"):
        replace(gas, angular=(EVERY["gaussian"],))


def test_gases_without_a_distribution_have_the_velocities_and_hashes_of_before():
    groups = [Group(2, (0, 0, 1)), Group(2, (0, 0, -1), direction=(0, 0, 1))]
    gas = NeutrinoGas.from_groups(groups, seed=7)
    rng = np.random.default_rng(7)
    assert gas.velocity[:2, 2].tolist() == rng.uniform(-1, 1, 2).tolist()
    assert gas.angular == ()
    one = NeutrinoGas([[0, 0, 1]], [0.1], [[0, 0, 1]])
    assert one.fingerprint().startswith("f71d5a1d0b4d4e61")


def test_means_at_group_level_are_those_of_the_distributions():
    gas = gas_of()
    gauss, square = (moments(EVERY["gaussian"], n)[0] for n in (1, 2))
    felt = _partners.between(gas, lambda u: u, 1.0)
    kappa = _partners.between(gas, np.square, 4 / 3)
    # group 0 is isotropic, group 2 along z
    expected = [[1, 1, 1], [1, 1 - gauss**2, 1 - gauss], [1, 1 - gauss, 0]]
    assert felt == pytest.approx(np.array(expected), abs=1e-6)
    own = 1 - 2 * gauss**2 + square**2 + (1 - square) ** 2 / 2
    cross = 1 - 2 * gauss + square
    expected = [[4 / 3, 4 / 3, 4 / 3], [4 / 3, own, cross], [4 / 3, cross, 0]]
    assert kappa == pytest.approx(np.array(expected), abs=1e-6)


def test_group_level_results_do_not_depend_on_what_was_drawn():
    times = [0.0, 3.0, 6.0]
    for solve in (solvers.mean_field, lambda *a, **b: solvers.kinetic(*a, 0.1, **b)):
        one, two = (solve(gas_of(s), times, partners="all") for s in (1, 2))
        assert abs(one.polarization - two.polarization).max() == 0
        assert abs(one.polarization[-1] - one.polarization[0]).max() > 0.01


def test_miscidynamics_takes_one_distribution_for_all_groups_and_no_two():
    def of(other):
        groups = [
            Group(6, (0.3, 0, 0.2), omega=0.1, angular=EVERY["gaussian"]),
            Group(4, (0.2, 0, 0.1), omega=0.2, angular=EVERY[other]),
        ]
        return NeutrinoGas.from_groups(groups, seed=1)

    solvers.miscidynamics(of("gaussian"), [0.0, 5.0], gamma=0.01)
    with pytest.raises(QnuError, match="share one distribution"):
        solvers.miscidynamics(of("isotropic"), [0.0, 5.0], gamma=0.01)
