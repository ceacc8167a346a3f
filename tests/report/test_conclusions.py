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


def test_times_of_results_with_different_mu_are_no_mu_t() -> None:
    runs = {"exact": run("many_body", 1.0, mu=1.0), "b": run("kinetic", 0.5, mu=2.0)}
    assert report.conclusions(runs)[0].endswith("in group up at t = 0.")
    assert report.conclusions(dict(reversed(runs.items())))[0].endswith("in group up at t = 0.")


def test_the_second_sentence_says_which_methods_are_steady_at_the_end() -> None:
    moving, noisy = np.ones(11), np.ones(11)
    moving[9] = 0.97  # within the last quarter
    noisy[7] = 0.5  # before it
    runs = {"steady": run("many_body", noisy), "moving": run("kinetic", moving)}
    assert report.conclusions(runs)[1] == (
        "In the last quarter of the time every group is steady (length and z change"
        " by < 0.02) in steady;"
        " not yet in moving (group up changes by 0.03)."
    )
    assert report.conclusions({"moving": runs["moving"]})[1] == (
        "In the last quarter of the time no method is steady: moving (group up changes by 0.03)."
    )


def test_a_precession_about_the_axis_is_steady() -> None:
    gas = qnu.NeutrinoGas([[0.6, 0, 0.8]], omega=[1.0])
    turning = qnu.solvers.mean_field(gas, np.linspace(0, 20, 41))
    assert "is steady (length and z change by < 0.02) in a" in report.conclusions({"a": turning})[1]


def test_noise_of_shots_is_neither_change_nor_rest() -> None:
    z = np.ones(11) * 0.5
    z[9] = 0.55
    shots = run("circuit", z, hardware="aer_statevector", shots=100)
    for error, says in (
        (0.02, "no change beyond noise (up to 0.08) in noisy."),
        (0.012, "no method is steady: noisy (group up changes by 0.05)."),
    ):
        sentence = report.conclusions({"noisy": with_errors(shots, error)})[1]
        assert sentence == f"In the last quarter of the time {says}"
    assert "no method is steady" in report.conclusions({"exact": run("many_body", z)})[1]
    flat = run("circuit", 0.5, hardware="aer_statevector", shots=100)
    assert "is steady" in report.conclusions({"flat": with_errors(flat, 0.02)})[1]


def test_a_length_that_shrinks_at_constant_z_is_not_steady() -> None:
    shrinking = run("kinetic", 0.5)
    x = np.linspace(0.8, 0.0, len(TIMES))
    shrinking.dataset["polarization"].values[:, 0, 0] = x
    assert "no method is steady" in report.conclusions({"a": shrinking})[1]


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


def test_of_two_ensembles_of_the_same_seeds_it_is_the_error_of_the_differences() -> None:
    exact = [run("many_body", z) for z in (0.9, 0.1, 0.5)]
    near = [run("independent", z) for z in (0.6, -0.1, 0.4)]  # 0.3, 0.2 and 0.1 below
    runs = {
        "exact": Trajectory.of_histories(exact, [1, 2, 3]),
        "near": Trajectory.of_histories(near, [1, 2, 3]),
    }
    sentence = report.conclusions(runs)[0]
    assert f"is 0.2, of near in group up at mu t = 0 ({0.2 / (0.1 / 3**0.5):.1f} stand" in sentence
    runs["near"] = Trajectory.of_histories(near, [4, 5, 6])  # other seeds: in quadrature
    sigma = np.hypot(np.std([0.9, 0.1, 0.5], ddof=1), np.std([0.6, -0.1, 0.4], ddof=1)) / 3**0.5
    assert f"({0.2 / sigma:.1f} standard errors)" in report.conclusions(runs)[0]
    alone = {"exact": run("many_body", 0.0), "near": runs["near"]}
    assert "standard errors)" in report.conclusions(alone)[0]
