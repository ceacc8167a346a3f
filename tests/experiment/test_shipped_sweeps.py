"""The sweeps that ship, with fewer points and seeds, against the numbers that they must show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import qnu
from qnu import quantities


def sweep(name: str, seeds: int = 1, **changes: Any) -> xr.Dataset:
    """A sweep of the catalogue, with other values: ``schedule__gamma`` for ``schedule.gamma``."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    found: xr.Dataset = qnu.experiment.sweep(name, keys, seeds=seeds, workers=1)
    assert not found["failed"].any()
    return found


def mean_and_error(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    error = values.std("seed", ddof=1) / np.sqrt(values.sizes["seed"])
    return values.mean("seed"), error


def of(values: xr.DataArray, **where: Any) -> xr.DataArray:
    return values.sel(where, drop=True)


def slope(x: Any, y: Any) -> float:
    return float(np.polyfit(np.log(np.asarray(x, float)), np.log(np.asarray(y, float)), 1)[0])


def test_the_rate_of_entanglement_is_kappa_n_over_n_minus_one_mu_gamma_over_three_decades():
    gammas = [0.0001, 0.001, 0.01, 0.1]
    data = sweep("entanglement_rate", 30, schedule__gamma=gammas)
    rate, _ = mean_and_error(of(quantities.entanglement_rate(data), method="independent"))
    over, error = mean_and_error(quantities.entanglement_rate_over_gamma(data))
    for velocities, kappa in (("right-angle", 1.0), ("isotropic", 4 / 3)):
        fitted = slope(gammas, of(rate, **{"gas.velocities": velocities}))
        assert fitted == pytest.approx(1.0, abs=0.02)
        here = {"gas.velocities": velocities, "method": "independent"}
        apart = of(over, **here) - kappa * 100 / 99
        assert (abs(apart) < 4 * of(error, **here) + 0.002).all()  # sin^2 gamma is not gamma^2
        expected = of(over, **{**here, "method": "kinetic"})
        assert np.allclose(expected[:3], kappa * 100 / 99, rtol=2e-4)
    assert of(over, **{"gas.velocities": "right-angle", "method": "independent"})[0] == (
        pytest.approx(100 / 99, abs=0.002)
    )


def test_the_mean_approaches_mean_field_as_gamma_and_single_histories_as_its_root():
    gammas = [0.0003, 0.001, 0.003, 0.01]
    data = sweep("to_mean_field", 60, schedule__gamma=gammas)
    distance, error = mean_and_error(quantities.distance_of_means(data))
    assert distance["method"].values.tolist() == ["independent", "kinetic"]
    histories, kinetic = (of(distance, method=m) for m in ("independent", "kinetic"))
    assert (abs(histories - kinetic) < 4 * of(error, method="independent")).all()
    # of a dense program that shares no code with qnu, gamma = 0.01: 0.0925, 0.1295 +- 0.003
    assert np.allclose(histories[-1], [0.0925, 0.1295], atol=0.003)
    spread = of(quantities.spread(data).mean("seed"), method="independent")
    single = of(quantities.distance_of_histories(data).mean("seed"), method="independent")
    for group in range(2):
        assert slope(gammas[:3], histories[:3, group]) == pytest.approx(1.0, abs=0.04)
        assert slope(gammas, spread[:, group]) == pytest.approx(0.5, abs=0.1)
        # the one contains the other two
        assert slope(gammas, single[:, group]) < slope(gammas, histories[:, group]) - 0.03
        assert (single[:, group] > histories[:, group]).all()


def test_what_separates_many_body_from_independent_is_how_often_a_pair_meets_and_not_n():
    data = sweep("repeated_meetings", 10, meetings=[0.5, 1.0, 4.0], N=[8, 16])
    pairs = xr.DataArray([28, 120], dims="N")
    assert np.array_equal(data["encounters"], data["meetings"] * pairs)
    # mu gamma t = 0.5, whatever N and the meetings: <z> = exp(-0.5 N/(N - 1)) in a gas of strangers
    z = of(quantities.z(data), group="up")
    alone, error = mean_and_error(of(z, method="independent"))
    expected = np.exp(-0.5 * np.array([8 / 7, 16 / 15]))
    assert (abs(alone - expected) < 4 * error + 0.01).all()
    apart, error = mean_and_error(of(z, method="many_body") - of(z, method="independent"))
    # the same for N = 8 and N = 16 ...
    limit = 4 * np.hypot(error[:, 0], error[:, 1]) + 0.02
    assert (abs(apart[:, 0] - apart[:, 1]) < limit).all()
    # ... and far more where pairs meet again
    assert (apart[0] > -0.2).all()
    assert np.allclose(apart[1], -0.25, atol=0.06)
    assert np.allclose(apart[2], -0.68, atol=0.06)


def test_miscidynamics_agrees_better_with_its_encounters_as_gamma_falls():
    data = sweep("miscidynamics", 6, schedule__gamma=[0.08, 0.02, 0.01])
    apart, error = mean_and_error(quantities.distance_of_lengths(data).squeeze("method"))
    assert (apart[0] > 0.0015).all()
    assert (apart[2] < 0.001).all()  # physics of 60 + 40 neutrinos: below 0.001 on average
    assert (apart[1] < apart[0]).all()
    assert (apart[2] + 2 * error[2] < apart[1] + 2 * error[1]).all()
    # and the path between was a long one: 0.34, 0.23 at the start, 0.28, 0.27 at the end
    slow = of(data["length"], method="miscidynamics").isel({"schedule.gamma": 2}).mean("seed")
    assert np.allclose(slow.isel(time=0), [0.337, 0.233], atol=0.01)
    assert np.allclose(of(quantities.length(data), method="miscidynamics")[2].mean("seed"),
                       [0.278, 0.274], atol=0.005)  # fmt: skip


def test_the_time_to_equilibrium_is_inversely_proportional_to_gamma():
    gammas = [0.01, 0.02, 0.08]
    data = sweep("time_to_equilibrium", 8, schedule__gamma=gammas)
    time, error = mean_and_error(quantities.time_to_equilibrium(data))
    encounters = of(time, method="independent") * gammas
    slow = of(time, method="miscidynamics") * gammas
    assert np.allclose(slow, 1.0152, atol=5e-4)
    limit = 4 * of(error, method="independent") * gammas + 0.003
    assert (abs(encounters - slow * 99 / 100) < limit).all()
    assert slope(gammas, encounters / gammas) == pytest.approx(-1.0, abs=0.02)


def test_two_beams_take_the_root_of_n_or_its_logarithm_where_mean_field_is_unstable():
    data = sweep("log_or_square_root", N=[256, 512, 1024], delta=[0.0, 0.125, 0.5])
    time = of(quantities.first_minimum(data), method="collective", group="up")[:, :, 0]
    count = data["N"].values
    assert np.allclose(of(time, delta=0.0) / np.sqrt(count), 2.1241, atol=0.002)
    for delta in (0.125, 0.5):
        growth = np.sqrt(delta * (1 - delta))
        steps = np.diff(of(time, delta=delta)) * 2 * growth / np.log(2)
        assert np.allclose(steps, 1.0, atol=0.04)
        assert (np.diff(steps) < 0).all()  # to 1 for N -> infinity


def test_opposite_beams_take_log_n_below_the_isotropic_coupling_and_nothing_above():
    data = sweep("anisotropic_coupling", N=[128, 256], schedule__anisotropy=[0.5, 1.0, 1.5])
    time = of(quantities.first_minimum(data), method="collective", group="up")[:, :, 0]
    fast, root, none = (of(time, **{"schedule.anisotropy": a}) for a in (0.5, 1.0, 1.5))
    assert np.allclose(root / np.sqrt(data["N"].values), 2.1241, atol=0.004)
    growth = np.sqrt(1 - 0.5**2) / 2
    assert float(fast[1] - fast[0]) * growth / np.log(2) == pytest.approx(1.0, abs=0.06)
    assert np.allclose(none, np.pi / np.sqrt(1.5**2 - 1), rtol=0.05)  # half a turn, for any N


def test_plane_waves_take_the_root_of_n():
    data = sweep("plane_waves", N=[4, 8, 12])
    time = of(quantities.first_minimum(data), method="many_body", group="up")[:, 0]
    count = data["N"].values
    assert np.allclose(time, [4 * np.pi / 3, 5.938, 7.294], rtol=3e-4)  # exact: N = 4 and 8
    ratio = time / np.sqrt(count)
    assert np.allclose(ratio, 2.10, atol=0.01)
    assert (np.diff(ratio) > 0).all()
    assert (ratio < 2.1241).all()  # of N -> infinity
    assert slope(count, time) == pytest.approx(0.505, abs=0.003)


def test_eight_neutrinos_go_to_plane_waves_and_a_large_gas_to_the_mean_field():
    given = {"schedule__duration": 4.0, "output__samples": 2}
    data = sweep("two_limits", 30, schedule__gamma=[0.15, 0.015], **given)
    z, error = mean_and_error(of(quantities.z(data), group="up"))
    alone, exact = of(z, method="independent"), of(z, method="many_body")
    # strangers: the kinetic rate N/(N - 1) mu gamma, of which mu gamma t = 0.06 is left
    assert float(alone[1]) == pytest.approx(np.exp(-0.06 * 8 / 7), abs=0.002)
    assert float(alone[1]) == pytest.approx(0.934, abs=0.002)
    # the same eight again and again: near -0.265, plane waves with mu/(N - 1) (mu/N: -0.139)
    assert abs(float(exact[1]) + 0.253) < 4 * float(of(error, method="many_body")[1])
    assert float(of(error, method="many_body")[1]) < 0.006
    assert np.array_equal(of(z, method="mean_field"), [1.0, 1.0])
    entropy = quantities.entropy(data).sel(group="up").mean("seed")
    assert (of(entropy, method="many_body") > 0.9).all()
    assert float(of(entropy, method="independent")[1]) == pytest.approx(0.2081, abs=0.005)
    assert float(of(entropy, method="mean_field").max()) < 1e-12


def test_packets_as_large_as_their_distance_are_plane_waves_and_small_ones_begin_as_strangers():
    given = {"schedule__duration": 4.0, "schedule__slices": 240, "output__samples": 21}
    data = sweep("two_limits_packets", 10, size=[0.1, 1.0], **given)
    z = data["polarization"].sel(axis="z", group="up")
    waves = []
    for seed in data["seed"].values:
        gas = qnu.experiment.load("two_limits_packets", seed=int(seed)).gas
        box = qnu.schedules.plane_wave(gas, 4.0, steps=80)
        run = qnu.solvers.many_body(gas, box, data["time"].values, trotter_error=False)
        waves.append(run.group_mean()[:, 0, 2])
    exact = z.sel({"method": "many_body"})
    assert np.allclose(exact.sel(size=1.0), waves, atol=3e-4)  # history by history
    small, error = mean_and_error(exact.sel(size=0.1) - z.sel({"method": "kinetic", "size": 0.1}))
    early = data["time"].values < 1.5
    assert (abs(small[early]) < 4 * error[early] + 1e-9).all()
    # plane waves begin as 1 - a t^2, strangers as 1 - kappa mu gamma t
    assert float(exact.sel(size=0.1).mean("seed")[2]) < np.mean(waves, axis=0)[2] - 0.1
    assert (z.sel({"method": "mean_field"}) == 1.0).all()
    assert float(data["polarization"].sel({"method": "kinetic", "size": 1.0})[-1, -1, 0, 2]) > 0.9
