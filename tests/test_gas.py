import dataclasses

import numpy as np
import pytest

import qnu
from qnu import Group, NeutrinoGas, QnuError
from qnu.gas import fields, flavor_direction

from .conftest import two_groups


def test_flavor_in_the_mass_basis() -> None:
    # |nu_e> = cos|0> + sin|1>: the Bloch vector from the amplitudes themselves
    angle = 0.3
    up, down = np.cos(angle), np.sin(angle)
    assert flavor_direction(angle) == pytest.approx([2 * up * down, 0, up**2 - down**2])
    gas = NeutrinoGas.from_groups(
        [Group(1, flavor="electron"), Group(1, flavor="x")], mixing_angle=angle, seed=0
    )
    assert gas.polarization[1] == pytest.approx(-gas.polarization[0])


def test_vacuum_turns_the_azimuth_by_minus_omega_t() -> None:
    h = fields(0.7)
    step = 1e-6
    p = np.array([1.0, 0.0, 0.0])
    assert (p + step * np.cross(h, p))[1] == pytest.approx(-0.7 * step)


def test_matter_points_along_electron_flavor() -> None:
    assert fields(0.0, 2.0, 0.4) == pytest.approx(2.0 * flavor_direction(0.4))


def test_antineutrino_ket_becomes_isospin() -> None:
    # given: a ket with Bloch vector (x, y, z); stored: S = (-x, y, -z), -omega
    gas = NeutrinoGas.from_groups(
        [Group(1, polarization=(0.48, 0.6, 0.64), omega=0.5, antineutrino=True)], seed=0
    )
    assert gas.polarization[0] == pytest.approx([-0.48, 0.6, -0.64])
    assert gas.omega[0] == -0.5
    assert gas.antineutrino.tolist() == [True]
    nu_e_bar = NeutrinoGas.from_groups(
        [Group(1, flavor="electron", antineutrino=True)], mixing_angle=0.2, seed=0
    )
    assert nu_e_bar.polarization[0] == pytest.approx(-flavor_direction(0.2))


def test_isotropic_velocities_have_the_moments_of_a_sphere() -> None:
    gas = NeutrinoGas.from_groups([Group(20_000, (0, 0, 1))], seed=5)
    v = gas.velocity
    assert np.linalg.norm(v, axis=1) == pytest.approx(np.ones(len(v)))
    assert abs(v.mean(axis=0)).max() < 4 / np.sqrt(3 * len(v))
    assert abs(v.T @ v / len(v) - np.eye(3) / 3).max() < 0.015


def test_velocities_of_every_kind() -> None:
    group = [Group(2, (0, 0, 1))]
    assert NeutrinoGas.from_groups(group, velocities="right-angle").one_minus_cos(0, 1) == 1
    given = NeutrinoGas.from_groups(group, velocities=[[0, 0, 1], [0, 0, -1]])
    assert given.one_minus_cos(0, 1) == 2
    assert given.velocities == "given"
    sampled = NeutrinoGas.from_groups(group, velocities=lambda rng: np.eye(3)[:2], seed=1)
    assert sampled.one_minus_cos(np.array([0, 1]), np.array([1, 0])) == pytest.approx([1, 1])


def test_same_seed_same_gas() -> None:
    assert two_groups(6, 4, seed=3) == two_groups(6, 4, seed=3)
    assert two_groups(6, 4, seed=3) != two_groups(6, 4, seed=4)


def test_energy_spectrum_within_a_group() -> None:
    gas = NeutrinoGas.from_groups([Group(3, (0, 0, 1), omega=[0.1, 0.2, 0.4]), Group(1, (0, 0, 1))])
    assert gas.omega.tolist() == [0.1, 0.2, 0.4, 0.0]


def test_vectors_typed_with_few_digits_are_shortened_to_one() -> None:
    gas = NeutrinoGas.from_groups([Group(2, (0.199, 0, 0.980)), Group(1, (-0.199, 0, -0.980))])
    assert np.linalg.norm(gas.polarization, axis=1) == pytest.approx(np.ones(3), abs=1e-15)
    assert gas.is_pure()
    shorter = NeutrinoGas([[0, 0, 1 - 1e-8]], [0.0])  # what has decohered a little stays as it is
    assert shorter.polarization[0, 2] == 1 - 1e-8


def test_immutable() -> None:
    gas = two_groups(2, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        gas.mixing_angle = 1.0
    with pytest.raises(ValueError, match="read-only"):
        gas.polarization[0, 0] = 0.0
    mine = np.zeros((2, 3))
    other = NeutrinoGas(mine, [0, 0])
    mine[0, 0] = 1.0
    assert other.polarization[0, 0] == 0.0


def test_groups_by_label_keep_their_order() -> None:
    gas = NeutrinoGas(np.eye(3), [0, 0, 0], group=["b", "a", "b"])
    assert gas.group_names == ("b", "a")
    assert [m.tolist() for m in gas.members] == [[0, 2], [1]]
    assert gas.group_means()[0] == pytest.approx([0.5, 0, 0.5])


def test_continue_from_a_trajectory() -> None:
    gas = two_groups(3, 2, "right-angle")
    whole = qnu.solvers.mean_field(gas, [0.0, 1.0, 2.0], resolve="neutrino")
    half = qnu.solvers.mean_field(gas, [0.0, 1.0], resolve="neutrino")
    rest = qnu.solvers.mean_field(gas.at(half), [1.0], resolve="neutrino")
    assert rest.polarization[-1] == pytest.approx(whole.polarization[-1], abs=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Group(0, (0, 0, 1)), "count: got 0"),
        (lambda: Group(-3, (0, 0, 1)), "count: got -3"),
        (lambda: Group(True, (0, 0, 1)), "count: got True"),
        (lambda: Group(1), "polarization: got neither polarization nor flavor; allowed: one"),
        (
            lambda: Group(1, (0, 0, 1), flavor="electron"),
            "polarization: got both polarization and flavor; allowed: one",
        ),
        (lambda: Group(1, (0, 0.8, 0.8)), r"polarization: got \[0.0, 0.8, 0.8\].*P\| <= 1"),
        (lambda: Group(1, (0.1987, 0, 0.9801)), "here 1.000039 .divide it by its length"),
        (lambda: Group(1, (0, 0, float("nan"))), r"polarization\[2\]: got nan"),
        (lambda: Group(1, (0, 1)), "polarization: got 2 numbers; allowed: 3 numbers"),
        (lambda: Group(1, flavor="muon"), "flavor: got 'muon'"),
        (lambda: Group(2, (0, 0, 1), omega=[1.0]), "omega: got"),
        (lambda: Group(1, (0, 0, 1), omega="fast"), "omega: got 'fast'"),
        (lambda: NeutrinoGas.from_groups([]), "groups"),
        (lambda: NeutrinoGas.from_groups([Group(1, flavor="x")]), "mixing_angle: got None"),
        (
            lambda: NeutrinoGas.from_groups([Group(1, (0, 0, 1), name="a")] * 2),
            "group name: got",
        ),
        (
            lambda: NeutrinoGas.from_groups([Group(1, (0, 0, 1))], velocities="up"),
            "velocities: got 'up'",
        ),
        (
            lambda: NeutrinoGas.from_groups([Group(1, (0, 0, 1))], velocities=[[0, 0, 2]]),
            r"velocity\[0\]",
        ),
        (lambda: NeutrinoGas([[0, 0, 1]], [0, 1]), "omega: got"),
        (lambda: NeutrinoGas(np.zeros((0, 3)), []), "polarization: got 'no neutrino'"),
        (lambda: NeutrinoGas([[0, 0, 1]], [0], group=["a", "b"]), "group: got"),
        (lambda: NeutrinoGas([[0, 0, 1]], [0], antineutrino=[1]), "antineutrino: got"),
    ],
)
def test_bad_input_names_field_value_and_allowed(make, message) -> None:
    with pytest.raises(QnuError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_gases_without_weights_keep_the_hash_of_earlier_versions() -> None:
    gas = NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2], group=["a", "b"])
    assert gas.fingerprint() == ("79a0dc60ba14efa7cf785183d72a7d61ca237d031f2ad7960f472f64f6715a5f")
    ones = NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.1, 0.2], group=["a", "b"], weight=[1, 1.0])
    assert ones == gas
    assert ones.weight is None
    assert ones.shares.tolist() == [0.5, 0.5]
    weighted = NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.1, 0.2], group=["a", "b"], weight=[1, 0.76])
    turned = NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.1, 0.2], group=["a", "b"], weight=[0.76, 1])
    assert len({gas, weighted, turned}) == 3
    assert weighted.with_polarization(weighted.polarization) == weighted
    assert weighted.group_weights.tolist() == [1.0, 0.76]
    assert weighted.shares == pytest.approx([1 / 1.76, 0.76 / 1.76])
    assert "1 in 'b' (weight 0.76)" in repr(weighted)


@pytest.mark.parametrize("weight", [0, -1.0, float("nan"), float("inf"), 1e101, "1", True, None])
def test_a_weight_is_a_number_above_zero(weight) -> None:
    with pytest.raises(QnuError, match=r"weight: got .*; allowed: a number > 0"):
        Group(2, (0, 0, 1), weight=weight)


def test_members_of_a_group_have_one_weight() -> None:
    vectors = [[0, 0, 1]] * 3
    with pytest.raises(QnuError, match=r"weight: got weights that differ in group 'b'"):
        NeutrinoGas(vectors, [0.0] * 3, group=["a", "b", "b"], weight=[1, 1, 2])
    with pytest.raises(QnuError, match=r"weight\[1\]: got 0.0"):
        NeutrinoGas(vectors, [0.0] * 3, weight=[1, 0, 1])
    with pytest.raises(QnuError, match="weight: got"):
        NeutrinoGas(vectors, [0.0] * 3, weight=[1, 1])


# -- a direction per group -------------------------------------------------------------------------

BEAM = (0.0, 0.6, -0.8)


def test_members_of_a_group_with_a_direction_all_have_it() -> None:
    groups = [Group(3, (0, 0, 1), direction=[1, 0, 0]), Group(2, (0, 0, -1), direction=BEAM)]
    gas = NeutrinoGas.from_groups(groups, seed=1)
    assert gas.velocity.tolist() == [[1, 0, 0]] * 3 + [list(BEAM)] * 2
    assert (gas.velocities, gas.directed) == ("given", ())
    listed = [Group(3, (0, 0, 1)), Group(2, (0, 0, -1))]
    assert gas == NeutrinoGas.from_groups(listed, [[1, 0, 0]] * 3 + [BEAM] * 2)


def test_only_groups_without_a_direction_are_drawn() -> None:
    start = (0, 0, 1)
    groups = [Group(2, start, name="a"), Group(3, start, name="b", direction=BEAM), Group(4, start)]
    gas = NeutrinoGas.from_groups(groups, seed=7)
    alone = NeutrinoGas.from_groups([Group(6, start)], seed=7)
    assert np.array_equal(gas.velocity[[0, 1, 5, 6, 7, 8]], alone.velocity)
    assert gas.velocity[2:5].tolist() == [list(BEAM)] * 3
    assert (gas.velocities, gas.directed) == ("isotropic", (False, True, False))
    assert "isotropic velocities, but one direction in 'b'" in repr(gas)
    assert dataclasses.replace(gas, directed=()) != gas


def test_a_sampler_draws_only_for_groups_without_a_direction() -> None:
    asked = []

    def sampler(rng):
        asked.append(rng)
        return np.eye(3)[:2]

    beam, other = Group(1, (0, 0, 1), direction=BEAM), Group(2, (0, 0, 1))
    gas = NeutrinoGas.from_groups([beam, other], sampler)
    assert gas.velocity.tolist() == [list(BEAM), [1, 0, 0], [0, 1, 0]]
    assert (gas.velocities, gas.directed) == ("given", ())
    with pytest.raises(QnuError, match=r"^velocities: got 'shape \(2, 3\)'; .*\(1, 3\)"):
        NeutrinoGas.from_groups([beam, Group(1, (0, 0, 1))], sampler)
    NeutrinoGas.from_groups([beam], sampler)
    assert len(asked) == 2


def test_drawn_velocities_are_those_of_earlier_versions() -> None:
    gas = NeutrinoGas.from_groups([Group(2, (0, 0, 1)), Group(1, (0, 0, -1))], seed=3)
    rng = np.random.default_rng(3)
    cosine, azimuth = rng.uniform(-1, 1, 3), rng.uniform(0, 2 * np.pi, 3)
    assert np.array_equal(gas.velocity[:, 2], cosine)
    assert np.array_equal(gas.velocity[:, 0], np.sqrt(1 - cosine**2) * np.cos(azimuth))


def test_directions_typed_with_few_digits_become_unit_vectors() -> None:
    direction = Group(1, (0, 0, 1), direction=[0.7071068, 0.7071068, 0]).direction
    assert direction == pytest.approx([0.5**0.5, 0.5**0.5, 0], abs=1e-15)
    assert not direction.flags.writeable


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        (
            [0, 0, 2],
            r"^direction: got \[0.0, 0.0, 2.0\]; allowed: .*length 2: divide",
        ),
        ([0, 0, 0], r"^direction: got \[0.0, 0.0, 0.0\]; allowed: a unit vector \(light speed\)$"),
        ([0, 1], "^direction: got 2 numbers; allowed: 3 numbers"),
        ("up", "^direction: got 'up'"),
        ([0, 0, float("nan")], r"^direction\[2\]: got nan"),
        ([1e200, 0, 0], r"^direction: got .*a unit vector"),
    ],
)
def test_a_direction_is_a_unit_vector(direction, message) -> None:
    with pytest.raises(QnuError, match=message) as caught:
        Group(1, (0, 0, 1), direction=direction)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("velocities", "what"),
    [("right-angle", "velocities = 'right-angle'"), ([[0, 0, 1]] * 2, "an array of velocities")],
)
def test_a_direction_beside_right_angles_or_an_array_is_an_error(velocities, what) -> None:
    groups = [Group(1, (0, 0, 1)), Group(1, (0, 0, 1), direction=BEAM)]
    message = rf"^groups\[1\].direction: got \[0.0, 0.6, -0.8\] beside {what}; allowed: one of the"
    with pytest.raises(QnuError, match=message):
        NeutrinoGas.from_groups(groups, velocities)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"directed": (True,)}, r"^directed: got .*shape \(2,\)"),
        ({"directed": (True, False)}, "^directed: got True for group '1', whose members differ"),
        ({"directed": (False, True), "velocities": "given"}, "^directed: got .*'isotropic'"),
    ],
)
def test_which_groups_are_directed_is_checked(change, message) -> None:
    groups = [Group(2, (0, 0, 1)), Group(2, (0, 0, 1), direction=BEAM)]
    with pytest.raises(QnuError, match=message):
        dataclasses.replace(NeutrinoGas.from_groups(groups, seed=0), **change)
