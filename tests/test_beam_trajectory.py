"""Trajectories whose rows are beams, with and without the dimension ``cell``."""

import time

import numpy as np
import pytest
import xarray as xr

from qnu import QnuError, Trajectory
from qnu.beams import Beams


def beams(**more) -> Beams:
    """Two species on two cosines each."""
    return Beams(
        [0.5, -0.5, 0.8, -0.8],
        [0.3, 0.3, 0.1, 0.3],
        [[0, 0, 1], [0, 0, 1], [0, 0, -1], [0, 0, -1]],
        group=[0, 0, 1, 1],
        group_names=("nu", "anti"),
        antineutrino=[False, False, True, True],
        **more,
    )


def run(samples=3, cells=5, seed=1, **more) -> Trajectory:
    vectors = np.random.default_rng(seed).uniform(-0.5, 0.5, (cells, samples, 4, 3))
    return Trajectory.of_beams(
        "transport",
        beams(),
        np.linspace(0.0, 2.0, samples),
        vectors,
        started=time.perf_counter(),
        cells=np.arange(cells) + 0.5,
        **more,
    )


def test_a_trajectory_with_cells_has_the_dimension_first() -> None:
    one = run()
    assert one.dataset["polarization"].dims == ("cell", "time", "neutrino", "axis")
    assert one.cells.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert one.dataset["cosine"].values.tolist() == [0.5, -0.5, 0.8, -0.8]
    assert one.dataset["group"].values.tolist() == ["nu", "nu", "anti", "anti"]
    assert one.group_names == ("nu", "anti")
    assert repr(one) == "<Trajectory transport: 3 samples, 4 beams, 5 cells>"
    assert one.at(1.0).shape == (5, 4, 3)


def test_means_weigh_beams() -> None:
    one = run()
    p = one.polarization
    assert one.group_mean().shape == (5, 3, 2, 3)
    assert one.group_mean()[:, :, 0] == pytest.approx((p[:, :, 0] + p[:, :, 1]) / 2)
    assert one.group_mean()[:, :, 1] == pytest.approx(0.25 * p[:, :, 2] + 0.75 * p[:, :, 3])
    total = 0.3 * p[:, :, 0] + 0.3 * p[:, :, 1] + 0.1 * p[:, :, 2] + 0.3 * p[:, :, 3]
    assert one.total() == pytest.approx(total)


def test_flavor_and_survival_in_every_cell() -> None:
    one = run()
    z = one.polarization[..., 2]  # mixing angle 0: L = z; antineutrinos are S = -P
    sign = np.array([1, 1, -1, -1])
    assert one.flavor_probability() == pytest.approx((1 + sign * z) / 2)
    assert one.survival_probability() == pytest.approx((1 + sign * z) / 2)
    assert one.entropy().shape == (5, 3, 4)
    start = np.tile([0.0, 0, 1], (5, 4, 1))
    start[2] = [1, 0, 0]  # another start in one cell
    other = run(variables={"initial_polarization": (("cell", "neutrino", "axis"), start)})
    assert other.survival_probability()[2] == pytest.approx((1 + other.polarization[2, ..., 0]) / 2)
    assert other.survival_probability()[1] == pytest.approx((1 + other.polarization[1, ..., 2]) / 2)


def test_the_box_mean_is_an_ordinary_trajectory() -> None:
    one = run(attributes={"gamma": 0.1})
    mean = one.box_mean()
    assert mean.dataset["polarization"].dims == ("time", "neutrino", "axis")
    assert mean.polarization == pytest.approx(one.polarization.mean(axis=0))
    assert mean.group_mean() == pytest.approx(one.group_mean().mean(axis=0))
    assert mean.cells is None
    assert mean.box_mean() is mean
    assert mean.attrs == {**one.attrs, "mean_over_cells": 5}
    assert mean.dataset["beam_weight"].identical(one.dataset["beam_weight"])
    Trajectory(mean.dataset)  # it is of the schema


def test_without_space_there_is_no_dimension() -> None:
    vectors = np.zeros((2, 4, 3))
    one = Trajectory.of_beams(
        "t", beams(), [0.0, 1.0], vectors, started=time.perf_counter(), cells=None
    )
    assert one.cells is None
    assert one.dataset["polarization"].dims == ("time", "neutrino", "axis")
    assert one.box_mean() is one
    assert repr(one) == "<Trajectory t: 2 samples, 4 beams>"


def test_a_file_gives_it_back_bit_for_bit(tmp_path) -> None:
    one = run()
    one.save(tmp_path / "run.nc")
    again = Trajectory.load(tmp_path / "run.nc")
    assert again.dataset.identical(one.dataset)
    assert again.polarization.tobytes() == one.polarization.tobytes()
    assert again.cells.tolist() == one.cells.tolist()


def test_an_ensemble_has_the_seed_before_the_cell() -> None:
    both = Trajectory.of_histories([run(seed=1), run(seed=2)], seeds=[4, 7])
    assert both.dataset["polarization"].dims == ("seed", "cell", "time", "neutrino", "axis")
    assert both.group_mean().shape == (2, 5, 3, 2, 3)
    assert both.history(7).polarization.tobytes() == run(seed=2).polarization.tobytes()
    assert both.box_mean().polarization == pytest.approx(both.polarization.mean(axis=1))
    assert both.box_mean().history(4).polarization == pytest.approx(
        run(seed=1).polarization.mean(axis=0)
    )
    assert repr(both).endswith("5 cells, 2 seeds>")


def test_an_ensemble_keeps_a_start_that_was_drawn() -> None:
    def drawn(seed: int) -> Trajectory:
        tilt = 0.1 * seed
        start = np.tile([np.sin(tilt), 0, np.cos(tilt)], (5, 4, 1))
        return run(
            seed=seed, variables={"initial_polarization": (("cell", "neutrino", "axis"), start)}
        )

    both = Trajectory.of_histories([drawn(1), drawn(2)], seeds=[1, 2])
    alone = np.stack([drawn(1).survival_probability(), drawn(2).survival_probability()])
    assert both.survival_probability() == pytest.approx(alone)
    assert both.history(2).survival_probability() == pytest.approx(alone[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.assign_coords(cell=[1.0, 1, 2, 3, 4]), "trajectory.cell"),
        (lambda d: d.assign_coords(cell=[0.0, 1, 2, 3, np.nan]), "trajectory.cell"),
        (lambda d: d.drop_vars("cell"), "trajectory.cell"),
        (lambda d: d.assign_coords(cosine=("neutrino", [2.0, 0, 0, 0])), "trajectory.cosine"),
        (lambda d: d.assign_coords(cosine=("neutrino", [np.nan, 0, 0, 0])), "trajectory.cosine"),
        (lambda d: d.assign_coords(beam_weight=("neutrino", [1.0, 1, 1, 1])), "beam_weight"),
        (lambda d: d.assign_coords(beam_weight=("neutrino", [2.0, -1, 0.5, -0.5])), "beam_weight"),
        (lambda d: d.transpose("time", "cell", ...), "trajectory.polarization"),
        (lambda d: d + 1.5, r"trajectory.polarization\[0, 0, 0\]"),
    ],
)
def test_a_dataset_that_no_method_wrote_is_refused(change, message) -> None:
    data: xr.Dataset = run().dataset
    with pytest.raises(QnuError, match=message):
        Trajectory(change(data))


def test_cells_are_checked() -> None:
    with pytest.raises(QnuError, match="cells"):
        Trajectory.of_beams(
            "t", beams(), [0.0], np.zeros((1, 1, 4, 3)), started=0.0, cells=[np.nan]
        )
