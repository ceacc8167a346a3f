"""Beams and angular distributions: what they conserve, draw and refuse."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

import qnu
from qnu import AngularDistribution, Beams, Group, NeutrinoGas, QnuError


def two_species(**given):
    return NeutrinoGas.from_groups(
        [
            Group(6, flavor="electron", omega=0.1, name="nu", angular=given.get("nu")),
            Group(4, flavor="electron", omega=0.2, antineutrino=True, name="anti", weight=0.5,
                  angular=given.get("anti")),
        ],
        mixing_angle=0.0, seed=3,
    )  # fmt: skip


def test_weights_of_beams_are_shares_times_the_quadrature():
    gas = two_species(nu=AngularDistribution.gaussian(0.6), anti=AngularDistribution.isotropic())
    beams = Beams.of(gas, 12)
    assert len(beams) == 24
    assert beams.weight.sum() == pytest.approx(1, abs=1e-15)
    assert beams.weight[beams.group == 0].sum() == pytest.approx(gas.shares[0], abs=1e-15)
    assert gas.shares[0] == pytest.approx(6 / 8)
    assert beams.omega[[0, -1]].tolist() == [0.1, -0.2]
    assert beams.polarization[[0, -1], 2].tolist() == [1, -1]
    assert beams.antineutrino.tolist() == [False] * 12 + [True] * 12


def test_means_over_pairs_of_the_gas_of_beams_are_those_over_azimuths():
    beams = Beams([0.9, -0.3, 1.0], [0.2, 0.5, 0.3], np.tile([0, 0, 1.0], (3, 1)))
    gas = beams.gas(3)
    c, s2 = beams.cosine, 1 - beams.cosine**2
    for b, one in enumerate(gas.members):
        for d, two in enumerate(gas.members):
            u = gas.one_minus_cos(one[:, None], two)
            assert u.mean() == pytest.approx(1 - c[b] * c[d], abs=1e-14)
            square = (1 - c[b] * c[d]) ** 2 + s2[b] * s2[d] / 2
            assert (u**2).mean() == pytest.approx(square, abs=1e-14)
    assert gas.shares == pytest.approx(beams.weight)


def test_a_direction_becomes_one_beam_and_given_velocities_one_each():
    directed = NeutrinoGas.from_groups(
        [Group(5, (0, 0, 1), direction=(0.6, 0, -0.8)), Group(5, (0, 0, -1))]
    )
    beams = Beams.of(directed, 4)
    assert len(beams) == 5
    assert beams.cosine[0] == pytest.approx(-0.8)
    assert beams.weight[0] == pytest.approx(0.5)
    given = NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.1, 0.2], [[1, 0, 0], [0, 0, -1]])
    assert Beams.of(given).cosine.tolist() == [0, -1]
    with pytest.raises(QnuError, match="right angles"):
        Beams.of(NeutrinoGas([[0, 0, 1]], [0.1]))


def test_lepton_number_is_summed_where_cosines_are_equal():
    beams = Beams([0.5, -0.5, 0.5], [1, 2, 1], [[0, 0, 1], [0, 0, 1], [0, 0, -0.5]])
    cosine, sums = beams.lepton_number()
    assert cosine.tolist() == [-0.5, 0.5]
    assert sums == pytest.approx([0.5, 0.125])
    assert beams.moments()[:, 2] == pytest.approx([0.625, -0.1875])


def test_beams_with_zeros_of_either_sign_are_equal():
    one, two = (Beams([zero], [1.0], [[zero, 0, 1]], zero) for zero in (0.0, -0.0))
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cosine": [1.5, 0]}, r"cosine\[0\]"),
        ({"weight": [1, 0]}, r"weight\[1\]"),
        ({"polarization": [[0, 0, 1]]}, "polarization"),
        ({"polarization": [[0, 0, 2], [0, 0, 1]]}, "polarization"),
        ({"omega": [1.0]}, "omega"),
        ({"omega": np.nan}, "omega"),
        ({"cosine": []}, "no beam"),
        ({"group": [0, 2]}, "group"),
        ({"group_names": ("a", "b")}, "no beam of group 1"),
    ],
)
def test_bad_beams_are_refused_in_one_line(change, message):
    good = {"cosine": [1, 0], "weight": [1, 1], "polarization": [[0, 0, 1], [0, 0, 1]]}
    with pytest.raises(QnuError, match=message) as error:
        Beams(**(good | change))
    assert "\n" not in str(error.value)


def test_beams_are_read_only_and_survive_pickling_and_replacing():
    beams = Beams([1.0, -0.5], [1, 3], np.tile([0, 0, 1.0], (2, 1)), 0.3, group_names=("nu",))
    assert pickle.loads(pickle.dumps(beams)) == beams
    assert replace(beams) == beams
    assert beams.with_polarization([[0, 0, 1], [0, 0, 0.5]]) != beams
    with pytest.raises(ValueError, match="read-only"):
        beams.cosine[0] = 0
    assert Beams.of(beams) is beams
    assert qnu.Beams is Beams


def test_lepton_number_is_along_the_flavor_axis():
    states = [[1, 0, 0], [-0.5, 0, 0], [0.8, 0, 0]]  # flavor states at maximal mixing: no z at all
    beams = Beams([-0.5, 0.5, 0.5], [1, 2, 1], states, mixing_angle=np.pi / 4)
    assert beams.lepton_number()[1] == pytest.approx([0.25, -0.05])
    assert len(qnu.solvers.angular_crossing(beams)) == 1
