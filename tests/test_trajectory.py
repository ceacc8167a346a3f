import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnu
from qnu import Group, NeutrinoGas, QnuError, Trajectory, observables
from qnu.profiles import Exponential, Table, evaluate

from .conftest import two_groups


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 5))
def test_save_and_load_bit_for_bit(tmp_path_factory, seed, samples, n) -> None:
    rng = np.random.default_rng(seed)
    p = rng.normal(size=(n, 3)) / 10
    gas = NeutrinoGas(
        p,
        rng.normal(size=n),
        group=[f"g{k % 2}" for k in range(n)],
        antineutrino=rng.random(n) < 0.5,
        mixing_angle=0.3,
    )
    run = Trajectory.build(
        "test",
        gas,
        np.sort(rng.uniform(size=samples)),
        rng.uniform(-0.57, 0.57, size=(samples, n, 3)),
        started=time.perf_counter(),
        variables={"entropy": (("time", "neutrino"), rng.uniform(size=(samples, n)))},
        attributes={"gamma": 0.1, "seed": 3},
    )
    path = tmp_path_factory.mktemp("run") / "run.nc"
    run.save(path)
    again = Trajectory.load(path)
    assert again.dataset.identical(run.dataset)
    assert again.polarization.tobytes() == run.polarization.tobytes()
    assert again.attrs["gamma"] == 0.1
    assert again.group_names == run.group_names


def test_schema() -> None:
    gas = two_groups(3, 2)
    run = qnu.solvers.independent(gas, qnu.schedules.tournament(gas, 0.1), [0.0, 0.2])
    data = run.dataset
    assert data["polarization"].dims == ("time", "neutrino", "axis")
    assert data["axis"].values.tolist() == ["x", "y", "z"]
    assert set(data.coords) == {"time", "axis", "group", "omega", "antineutrino", "count"}
    assert data["group"].values.tolist() == ["1", "1", "1", "2", "2"]
    for key in ("method", "mu", "gamma", "versions", "wall_time_s", "drift_total_z"):
        assert key in run.attrs
    groups = qnu.solvers.mean_field(gas, [0.0, 1.0])
    assert groups.dataset.sizes["neutrino"] == 2
    assert groups.dataset["count"].values.tolist() == [3, 2]
    assert groups.dataset["omega"].values == pytest.approx([0.1, 0.2])
    assert repr(groups) == "<Trajectory mean_field: 2 samples, 2 groups>"


def test_group_means_weigh_neutrinos() -> None:
    gas = two_groups(3, 2, "right-angle")
    run = qnu.solvers.independent(gas, qnu.schedules.tournament(gas, 0.4))
    mean = run.polarization[:, :3].mean(axis=1)
    assert run.group_mean()[:, 0] == pytest.approx(mean)
    assert run.group_length()[:, 0] == pytest.approx(np.linalg.norm(mean, axis=-1))
    assert run.total() == pytest.approx(run.polarization.mean(axis=1))
    groups = qnu.solvers.kinetic(gas, [0.0], 0.1)
    assert groups.total()[0] == pytest.approx(gas.polarization.mean(axis=0))


def test_flavor_and_survival_of_antineutrinos() -> None:
    # in vacuum a neutrino and an antineutrino of one flavor oscillate alike:
    # P(ee) = 1 - sin^2(2 theta) sin^2(omega t / 2)
    angle, omega = 0.3, 0.7
    gas = NeutrinoGas.from_groups(
        [
            Group(1, flavor="electron", omega=omega, name="nu"),
            Group(1, flavor="electron", omega=omega, antineutrino=True, name="nubar"),
            Group(1, flavor="x", omega=omega, antineutrino=True, name="xbar"),
        ],
        velocities="right-angle",
        mixing_angle=angle,
    )
    times = np.linspace(0, 9, 7)
    run = qnu.solvers.mean_field(gas, times, mu=0.0, resolve="neutrino")
    exact = 1 - np.sin(2 * angle) ** 2 * np.sin(omega * times / 2) ** 2
    assert run.survival_probability() == pytest.approx(np.tile(exact[:, None], 3), abs=1e-8)
    electron = run.flavor_probability()
    assert electron[:, 0] == pytest.approx(exact, abs=1e-8)
    assert electron[:, 1] == pytest.approx(exact, abs=1e-8)
    assert electron[:, 2] == pytest.approx(1 - exact, abs=1e-8)
    assert run.flavor_probability("x")[:, 1] == pytest.approx(1 - exact, abs=1e-8)


def test_antineutrinos_feel_matter_with_the_other_sign() -> None:
    # in matter the effective mixing of antineutrinos is that of neutrinos with -lambda
    angle, omega, matter = 0.2, 1.0, 0.8
    gas = NeutrinoGas.from_groups(
        [
            Group(1, flavor="electron", omega=omega),
            Group(1, flavor="electron", omega=omega, antineutrino=True),
        ],
        velocities="right-angle",
        mixing_angle=angle,
    )
    times = np.linspace(0, 6, 5)
    run = qnu.solvers.mean_field(gas, times, mu=0.0, matter=matter, resolve="neutrino")
    for k, sign in ((0, 1), (1, -1)):
        # h = omega B + lambda L against L: textbook two-flavor oscillation in matter
        across = omega * np.sin(2 * angle)
        along = omega * np.cos(2 * angle) - sign * matter
        size = np.hypot(across, along)
        exact = 1 - (across / size) ** 2 * np.sin(size * times / 2) ** 2
        assert run.flavor_probability()[:, k] == pytest.approx(exact, abs=1e-8)


def test_entropy_and_purity_by_eigenvalues() -> None:
    for p in ((0.3, -0.2, 0.5), (0, 0, 0), (0.6, 0, 0.8)):
        rho = qnu.encounter.density_matrix(p)
        weights = np.linalg.eigvalsh(rho).clip(1e-300)
        assert observables.entropy(p) == pytest.approx(-(weights * np.log2(weights)).sum())
        assert observables.purity(p) == pytest.approx(np.trace(rho @ rho).real)


def test_pair_measures_of_a_werner_state() -> None:
    # singlet with weight w: concurrence and twice the negativity are max(0, (3w - 1)/2)
    singlet = np.zeros((4, 4))
    singlet[1:3, 1:3] = [[0.5, -0.5], [-0.5, 0.5]]
    for w in (0.2, 1 / 3, 0.7, 1.0):
        rho = w * singlet + (1 - w) * np.eye(4) / 4
        expected = max(0.0, (3 * w - 1) / 2)
        assert observables.concurrence(rho) == pytest.approx(expected, abs=1e-12)
        assert 2 * observables.negativity(rho) == pytest.approx(expected, abs=1e-12)
    product = np.kron(np.diag([0.3, 0.7]), np.diag([0.9, 0.1]))
    assert observables.mutual_information(product) == pytest.approx(0, abs=1e-12)


def test_profiles() -> None:
    table = Table([0.0, 10.0], [1.0, 0.0])
    assert table(np.array([-1.0, 5.0, 20.0])).tolist() == [1.0, 0.5, 0.0]
    assert Exponential(2.0, 5.0)(5.0) == pytest.approx(2 / np.e)
    assert table == Table([0.0, 10.0], [1.0, 0.0])
    assert evaluate(lambda t: 3.0, np.arange(3.0)).tolist() == [3.0, 3.0, 3.0]
    for call in (
        lambda: Table([1.0, 0.0], [0.0, 1.0]),
        lambda: Table([0.0], [0.0, 1.0]),
        lambda: Exponential(1.0, 0.0),
        lambda: evaluate(lambda t: np.nan, 1.0, "mu"),
    ):
        with pytest.raises(QnuError):
            call()


def test_errors_are_one_line(tmp_path) -> None:
    gas = two_groups(2, 1)
    run = qnu.solvers.mean_field(gas, [0.0, 1.0])
    for call in (
        lambda: run["missing"],
        lambda: run.at(0.5),
        lambda: gas.at(run),
        lambda: Trajectory.load(tmp_path / "none.nc"),
        lambda: Trajectory(run.dataset.drop_vars("omega")),
        lambda: observables.entropy([1.0, 0.0]),
        lambda: observables.concurrence(np.eye(2)),
        lambda: observables.flavor_probability((0, 0, 1), 0.1, flavor="tau"),
        lambda: observables.survival_probability((0, 0, 1), (0, 0, 0.5)),
    ):
        with pytest.raises(QnuError) as caught:
            call()
        assert "\n" not in str(caught.value)
        assert "allowed" in str(caught.value)


def test_weights_are_a_coordinate_where_there_are_any() -> None:
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(2, (0, 0, 1)), qnu.Group(3, (0, 0, -1), weight=0.5)], "right-angle"
    )
    for resolve, weight in (("group", [1.0, 0.5]), ("neutrino", [1.0, 1.0, 0.5, 0.5, 0.5])):
        run = qnu.solvers.mean_field(gas, [0.0, 1.0], resolve=resolve)
        assert run.dataset["weight"].values.tolist() == weight
        assert run.total()[0] == pytest.approx([0, 0, (2 - 1.5) / 3.5])
        both = Trajectory.of_histories([run, run], seeds=[1, 2])
        assert both.total()[1, 0] == pytest.approx([0, 0, (2 - 1.5) / 3.5])
        assert both.history(2).dataset["weight"].values.tolist() == weight
        for bad in (np.zeros(len(weight)), np.full(len(weight), np.nan)):
            with pytest.raises(QnuError, match=r"trajectory\.weight: got .* finite numbers"):
                Trajectory(run.dataset.assign_coords(weight=("neutrino", bad)))
