"""The two sentences on what came out, against numbers made by hand."""

from typing import Any

import numpy as np
import pytest

import qnu
from qnu import Trajectory, report
from qnu.report.conclusions import largest_distance

GAS = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0, 0], group=["up", "down"])
TIMES = np.linspace(0.0, 10.0, 11)


def run(method: str, z_up: Any, z_down: Any = -1.0, **attributes: Any) -> Trajectory:
    vectors = np.zeros((len(TIMES), 2, 3))
    vectors[:, 0, 2], vectors[:, 1, 2] = z_up, z_down
    return Trajectory.build(
        method, GAS, TIMES, vectors, started=0.0, attributes={"mu": 1.0, **attributes}
    )


def with_errors(trajectory: Trajectory, error: float) -> Trajectory:
    errors = np.full((len(TIMES), 2, 3), error)
    names = ("time", "neutrino", "axis")
    return Trajectory(trajectory.dataset.assign(polarization_error=(names, errors)))


def test_the_first_sentence_names_method_group_and_time_of_the_largest_distance() -> None:
    far = np.ones(11)
    far[4] = 0.3
    runs = {"exact": run("many_body", 1.0), "near": run("independent", 0.9),
            "far": run("kinetic", far, -0.5)}  # fmt: skip
    sentence, _ = report.conclusions(runs)
    assert sentence == (
        "The largest distance from exact, which is exact, is 0.7, of far in group up at mu t = 4."
    )
    worst = largest_distance("far", "exact", runs)
    assert worst is not None
    assert (worst.value, worst.group, worst.time) == (pytest.approx(0.7), "up", 4.0)


def test_without_an_exact_method_it_names_the_two_that_are_farthest_apart() -> None:
    runs = {"a": run("independent", 1.0), "b": run("kinetic", 0.75), "c": run("mean_field", 0.5)}
    assert report.conclusions(runs)[0] == (
        "No method is exact; farthest apart are a and c: 0.5 in group up at mu t = 0."
    )


def test_a_distance_is_also_given_in_standard_errors_of_the_shots() -> None:
    shots = run("circuit", 0.9, hardware="aer_statevector", shots=100)
    error = np.full((len(TIMES), 2, 3), 0.04)
    shots = Trajectory(
        shots.dataset.assign(polarization_error=(("time", "neutrino", "axis"), error))
    )
    runs = {"exact": run("many_body", 1.0), "shots": shots}
    assert (
        "is 0.1, of shots in group up at mu t = 0 (2.5 standard errors)."
        in (report.conclusions(runs)[0])
    )


@pytest.mark.parametrize(
    ("mu", "words"), [(1.0, "at mu t = 0."), (2.0, "at t = 0 (mu = 2)."), (0.0, "at t = 0.")]
)
def test_times_are_named_by_the_mu_of_the_results(mu: float, words: str) -> None:
    runs = {"exact": run("many_body", 1.0, mu=mu), "b": run("kinetic", 0.5, mu=mu)}
    assert report.conclusions(runs)[0].endswith(words)


def test_the_second_sentence_says_which_methods_are_steady_at_the_end() -> None:
    moving, noisy = np.ones(11), np.ones(11)
    moving[9] = 0.97  # within the last quarter
    noisy[7] = 0.5  # before it
    runs = {"steady": run("many_body", noisy), "moving": run("kinetic", moving)}
    assert report.conclusions(runs)[1] == (
        "In the last quarter of the time every group is steady (changes < 0.02) in steady;"
        " not yet in moving (group up changes by 0.03)."
    )
    assert report.conclusions({"moving": runs["moving"]})[1] == (
        "In the last quarter of the time no method is steady: moving (group up changes by 0.03)."
    )


def test_a_precession_about_the_axis_is_steady() -> None:
    gas = qnu.NeutrinoGas([[0.6, 0, 0.8]], omega=[1.0])
    turning = qnu.solvers.mean_field(gas, np.linspace(0, 20, 41))
    assert "is steady (changes < 0.02) in a" in report.conclusions({"a": turning})[1]


def test_noise_of_shots_is_no_change() -> None:
    z = np.ones(11) * 0.5
    z[9] = 0.55
    error = np.full((len(TIMES), 2, 3), 0.02)
    noisy = run("circuit", z, hardware="aer_statevector", shots=100)
    noisy = Trajectory(
        noisy.dataset.assign(polarization_error=(("time", "neutrino", "axis"), error))
    )
    assert "in noisy." in report.conclusions({"noisy": noisy})[1]
    assert "no method is steady" in report.conclusions({"exact": run("many_body", z)})[1]


def test_two_samples_cannot_tell() -> None:
    short = qnu.solvers.mean_field(GAS, [0.0, 1.0])
    assert report.conclusions({"a": short})[1] == (
        "In the last quarter of the time too few samples to tell in a."
    )


def test_of_an_ensemble_it_is_the_distance_of_the_means() -> None:
    both = [run("independent", 0.8), run("independent", 0.4)]
    ensemble = Trajectory.of_histories(both, [1, 2])
    sentence = report.conclusions({"exact": run("many_body", 1.0), "mean": ensemble})[0]
    # the mean is 0.6; its standard error 0.2
    assert "is 0.4, of mean in group up at mu t = 0 (2.0 standard errors)." in sentence
