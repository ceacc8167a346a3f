"""Quantities of sweeps, on datasets made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from qnu import QnuError, quantities

GAMMAS = [0.01, 0.1, 0.4]
SPEC = """
mixing_angle = 0.3
[[group]]
name = "nu"
count = 3
[[group]]
name = "anti"
count = 1
antineutrino = true
[schedule]
kind = "stochastic"
gamma = 0.5
"""
POINT = ("schedule.gamma", "method", "seed", "time", "group")


def dataset(
    polarization: np.ndarray, times=(0.0, 2.0, 4.0), methods=("independent", "mean_field"), **more
) -> xr.Dataset:
    """Of polarizations ``(gamma, method, seed, time, group, axis)``; other variables on request."""
    coords = {
        "schedule.gamma": GAMMAS[: len(polarization)],
        "method": list(methods),
        "seed": np.arange(polarization.shape[2]) + 7,
        "time": list(times),
        "group": ["nu", "anti"],
        "axis": ["x", "y", "z"],
    }
    variables = {
        "polarization": ((*POINT, "axis"), polarization),
        "length": (POINT, np.linalg.norm(polarization, axis=-1)),
        **{name: (POINT, values) for name, values in more.items()},
    }
    return xr.Dataset(variables, coords=coords, attrs={"spec": SPEC})


def numbers(seeds: int = 4, seed: int = 1) -> np.ndarray:
    shape = (3, 2, seeds, 3, 2, 3)
    return np.random.default_rng(seed).uniform(-0.5, 0.5, shape)


def select(found: xr.DataArray, **where) -> xr.DataArray:
    return found.sel(where)


def test_components_lengths_and_entropies_are_those_of_the_last_sample_or_of_the_one_asked_for():
    vectors = numbers()
    data = dataset(vectors, entropy=vectors[..., 0] ** 2, neutrino_length=vectors[..., 1] ** 2)
    for k, name in enumerate("xyz"):
        found = quantities.QUANTITIES[name](data)
        assert found.dims == ("schedule.gamma", "method", "seed", "group")
        assert np.array_equal(found, vectors[..., -1, :, k])
        assert np.array_equal(quantities.QUANTITIES[name](data, at=2.0), vectors[..., 1, :, k])
    assert np.array_equal(quantities.entropy(data), vectors[..., -1, :, 0] ** 2)
    assert np.array_equal(quantities.neutrino_length(data), vectors[..., -1, :, 1] ** 2)
    assert np.allclose(quantities.length(data), np.linalg.norm(vectors[..., -1, :, :], axis=-1))
    with pytest.raises(QnuError, match=r"at: got 3\.0; allowed: a sample time of every method"):
        quantities.z(data, at=3.0)


def test_every_point_and_method_has_its_own_last_sample():
    vectors = numbers()
    times = np.tile([0.0, 2.0, 4.0], (3, 2, 1))
    times[1, 1] = [1.0, 4.0, np.nan]  # starts later and has one sample less
    vectors[1, 1, :, 2] = np.nan
    data = dataset(vectors).drop_vars("time")
    data["sample_time"] = (("schedule.gamma", "method", "time"), times)
    found = quantities.z(data).values
    assert np.array_equal(found[1, 1], vectors[1, 1, :, 1, :, 2])
    assert np.array_equal(found[1, 0], vectors[1, 0, :, 2, :, 2])
    assert np.array_equal(quantities.z(data, at=4.0), found)
    assert np.array_equal(quantities.z(data, at=4.0 + 1e-9), found)  # as 0.1 * 40 may be


def test_the_gas_is_weighted_by_the_numbers_of_neutrinos_of_the_file_or_of_the_sweep():
    vectors = numbers()
    entropy = np.broadcast_to([0.2, 1.0], vectors.shape[:-1])
    data = dataset(vectors, entropy=entropy)
    assert np.allclose(quantities.entropy_per_neutrino(data), (3 * 0.2 + 1.0) / 4)
    swept = data.rename({"schedule.gamma": "group.nu.count"})
    swept = swept.assign_coords({"group.nu.count": [1, 3, 7]})
    per_point = quantities.entropy_per_neutrino(swept).mean(("method", "seed"))
    assert np.allclose(per_point, [(n * 0.2 + 1.0) / (n + 1) for n in (1, 3, 7)])
    fixed = data.assign_attrs(sweep='{"group.nu.count": 1}')
    assert np.allclose(quantities.entropy_per_neutrino(fixed), 0.6)


def test_the_flavor_probability_of_antineutrinos_counts_from_the_other_side():
    vectors = np.zeros((3, 2, 4, 3, 2, 3))
    vectors[...] = 0.8 * np.array([np.sin(0.6), 0.0, np.cos(0.6)])  # along L at theta = 0.3
    found = quantities.flavor_probability(dataset(vectors))
    assert np.allclose(select(found, group="nu"), 0.9)
    assert np.allclose(select(found, group="anti"), 0.1)
    with pytest.raises(QnuError, match="mixing_angle"):
        quantities.flavor_probability(dataset(vectors).assign_attrs(spec=""))


def test_a_sweep_may_make_neutrinos_antineutrinos():
    data = dataset(np.full((2, 2, 4, 3, 2, 3), 0.8) * [np.sin(0.6), 0.0, np.cos(0.6)])
    data = data.rename({"schedule.gamma": "group.nu.antineutrino"})
    data = data.assign_coords({"group.nu.antineutrino": [True, False]})
    found = quantities.flavor_probability(data)
    assert found.dims == ("group.nu.antineutrino", "method", "seed", "group")
    assert np.allclose(select(found, group="nu").T, [0.1, 0.9])
    assert np.allclose(select(found, group="anti"), 0.1)


def test_the_rate_of_entanglement_is_that_of_the_mean_length_of_all_neutrinos():
    vectors = numbers()
    lengths = np.ones(vectors.shape[:-1])
    # of the gas, (3 a + b) / 4: exp(-0.2) at the end and exp(-0.3) in the middle
    lengths[..., 2, 0], lengths[..., 2, 1] = np.exp(-0.2) - 0.01, np.exp(-0.2) + 0.03
    lengths[..., 1, :] = np.exp(-0.3)
    data = dataset(vectors, neutrino_length=lengths)
    assert np.allclose(quantities.entanglement_rate(data), 0.2 / 4.0)
    assert np.allclose(quantities.entanglement_rate(data, at=2.0), 0.3 / 2.0)
    over = quantities.entanglement_rate_over_gamma(data)
    assert over.dims == ("schedule.gamma", "method", "seed")
    assert np.allclose(over.mean(("method", "seed")), 0.05 / np.array(GAMMAS))
    # the gamma of the file, where it is not swept, and a coupling
    data = data.rename({"schedule.gamma": "gas.velocities"}).assign_attrs(spec=SPEC + "mu = 2.0")
    assert np.allclose(quantities.entanglement_rate_over_gamma(data), 0.05 / (2.0 * 0.5))


def test_the_length_of_the_mean_difference_is_not_the_mean_length_of_the_difference():
    apart = np.array([[0.3, 0.1, 0.0], [0.3, -0.1, 0.0], [0.3, 0.0, 0.1], [0.3, 0.0, -0.1]])
    vectors = np.zeros((3, 2, 4, 3, 2, 3))
    vectors[:, 1] = numbers()[:, 1]
    vectors[:, 0] = vectors[:, 1]
    vectors[:, 0, :, -1] += apart[:, None]
    data = dataset(vectors)
    means = quantities.QUANTITIES["distance_of_means"](data)
    assert means.dims == ("schedule.gamma", "method", "seed", "group")
    assert means["method"].values.tolist() == ["independent"]
    # by hand: D = 0.3, without one of four |(0.3, 0.1/3)|
    without = np.hypot(0.3, 0.1 / 3)
    assert np.allclose(means, 4 * 0.3 - 3 * without)
    assert np.allclose(quantities.distance_of_histories(data), np.hypot(0.3, 0.1))
    assert np.allclose(quantities.distance_of_means(data, at=2.0), 0.0)
    other = quantities.distance_of_histories(data, reference="independent")
    assert other["method"].values.tolist() == ["mean_field"]
    assert np.allclose(other, np.hypot(0.3, 0.1))


def test_distances_of_lengths_and_of_z_are_taken_in_every_history():
    vectors = np.zeros((3, 2, 2, 3, 2, 3))
    vectors[:, 0, 0, -1], vectors[:, 1, 0, -1] = (0.6, 0.0, 0.0), (0.0, 0.5, 0.0)
    vectors[:, 0, 1, -1], vectors[:, 1, 1, -1] = (0.0, 0.0, -0.2), (0.0, 0.5, 0.0)
    data = dataset(vectors)
    assert np.allclose(quantities.distance_of_lengths(data), [[0.1, 0.1], [0.3, 0.3]])
    assert np.allclose(quantities.distance_of_z(data), [[0.0, 0.0], [0.2, 0.2]])


def test_the_jackknife_error_of_the_distance_of_means_is_the_scatter_over_many_experiments():
    rng = np.random.default_rng(3)
    seeds, sigma, shift = 50, np.array([0.2, 0.1, 0.05]), np.array([0.1, 0.05, 0.0])
    values, errors = [], []
    for _ in range(400):
        vectors = np.zeros((1, 2, seeds, 3, 2, 3))
        vectors[0, 0, :, -1] = shift + sigma * rng.standard_normal((seeds, 2, 3))
        found = quantities.distance_of_means(dataset(vectors))
        values.append(found.mean("seed").values.ravel())
        errors.append(found.std("seed", ddof=1).values.ravel() / np.sqrt(seeds))
    # the plain |mean| would be too large by sigma^2 / 2 n D = 0.0012, twelve errors of this mean
    assert np.mean(values) == pytest.approx(np.linalg.norm(shift), abs=0.003)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.08)


def test_the_spread_is_the_standard_deviation_of_histories_and_no_error_of_the_mean():
    rng = np.random.default_rng(5)
    sigma = np.array([0.2, 0.1, 0.05])
    vectors = np.zeros((3, 2, 2000, 3, 2, 3))
    vectors[:, 0, :, -1] = 0.4 + sigma * rng.standard_normal((3, 2000, 2, 3))
    found = quantities.spread(dataset(vectors))
    mean = select(found, method="independent").mean("seed")
    error = select(found, method="independent").std("seed", ddof=1) / np.sqrt(2000)
    whole = np.linalg.norm(sigma)
    assert (abs(mean - whole) < 4 * error).all()
    # Gaussian: the variance of the sample variance over 4 sigma^2
    assert np.allclose(error, np.sqrt(2 * (sigma**4).sum() / 2000) / (2 * whole), rtol=0.1)
    assert np.allclose(select(found, method="mean_field"), 0)
    assert np.isnan(quantities.spread(dataset(vectors[:, :, :2]))).all()


def test_one_history_has_a_distance_and_no_error():
    data = dataset(numbers(seeds=1))
    found = quantities.distance_of_means(data)
    expected = quantities.distance_of_histories(data)
    assert found.sizes["seed"] == 1
    assert np.allclose(found.transpose(*expected.dims), expected)


def test_a_distance_needs_two_methods_and_a_label_that_exists():
    data = dataset(numbers())
    with pytest.raises(QnuError, match="did you mean 'mean_field'"):
        quantities.distance_of_means(data, reference="meanfield")
    with pytest.raises(QnuError, match="a sweep of two methods"):
        quantities.distance_of_means(data.isel(method=[0]))


def test_the_time_to_equilibrium_is_where_the_spread_of_lengths_has_fallen_to_one_over_e():
    rate = np.array([1.0, 2.0, 0.5])
    times = np.linspace(0.0, 4.0, 401)
    fall = np.exp(-rate[:, None] * times)
    vectors = np.zeros((3, 2, 1, 401, 2, 3))
    vectors[:, 0, 0, :, 0, 2] = 0.5 + 0.3 * fall
    vectors[:, 0, 0, :, 1, 0] = 0.5
    vectors[:, 1, 0, :, 1, 2] = 0.5  # method 2: the smaller length grows, and is the first group's
    vectors[:, 1, 0, :, 0, 0] = 0.5 - 0.3 * fall
    found = quantities.time_to_equilibrium(dataset(vectors, times))
    assert found.dims == ("schedule.gamma", "method", "seed")
    assert np.allclose(found[..., 0], (1 / rate)[:, None], atol=5e-5)
    half = quantities.time_to_equilibrium(dataset(vectors, times), fraction=0.5)
    assert np.allclose(half[..., 0], (np.log(2) / rate)[:, None], atol=5e-5)


def test_a_spread_that_stays_or_is_not_there_has_no_time():
    vectors = np.zeros((3, 2, 1, 3, 2, 3))
    vectors[:, 0, ..., 0, 0] = 0.5  # stays
    found = quantities.time_to_equilibrium(dataset(vectors))
    assert np.isnan(found).all()


def test_samples_of_points_that_take_longer_have_their_own_times():
    times = np.stack([np.linspace(0, 4, 41), np.linspace(0, 8, 41), np.full(41, np.nan)])
    times[2, :21] = np.linspace(0, 2, 21)
    vectors = np.zeros((3, 2, 1, 41, 2, 3))
    for k, t in enumerate(times):
        vectors[k, :, 0, :, 0] = np.stack([np.sin(2 * t), 0 * t, np.cos(2 * t)], axis=-1)
        vectors[k, :, 0, :, 1, 0] = 1 - t / 10
    data = dataset(vectors, np.arange(41.0)).drop_vars("time")
    data["sample_time"] = (("schedule.gamma", "method", "time"), np.stack([times, times], axis=1))
    minimum = select(quantities.first_minimum(data), group="nu", method="independent")[:, 0]
    # of the angle 2 t = pi; none before the start or after the end
    assert np.allclose(minimum, np.pi / 2, atol=2e-3)
    early = data.isel(time=slice(0, 16))  # ends at 1.5, 3.0 and 1.5
    minimum = select(quantities.first_minimum(early), group="nu", method="independent")[:, 0]
    assert np.isnan(minimum[[0, 2]]).all()
    assert minimum[1] == pytest.approx(np.pi / 2, abs=5e-3)
    # a straight line falls without a minimum
    assert np.isnan(select(quantities.first_minimum(data), group="anti")).all()


def test_the_survival_probability_needs_the_beginning():
    times = np.linspace(1.0, 6.0, 51)
    vectors = np.zeros((3, 2, 1, 51, 2, 3))
    vectors[..., 0], vectors[..., 2] = np.sin(times)[:, None], np.cos(times)[:, None]
    assert np.isnan(quantities.first_minimum(dataset(vectors, times))).all()


def test_every_name_has_a_label_a_formula_and_an_axis():
    for name, quantity in quantities.QUANTITIES.items():
        assert quantity.name == name == quantity.function.__name__
        assert ":math:" in quantity.about
        assert quantity.scale in ("log", "linear")
        assert getattr(quantities, name) is quantity.function
    together = [q.name for q in quantities.QUANTITIES.values() if not q.per_history]
    assert sorted(together) == ["distance_of_means", "spread"]
    found = quantities.find("spread")(dataset(numbers()))
    assert (found.attrs["scale"], found.attrs["per_history"]) == ("log", 0)
    assert found.name == "spread"
    with pytest.raises(QnuError, match="a name that is not taken"):
        quantities.quantity("length")(quantities.length)
