"""Ensembles in the figures of a run: means of histories, bands, thin single histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

import qnu
from qnu import plotting
from qnu.plotting import style

SPEC = """
mixing_angle = 0.2
seed = 3
seeds = 4
group = [
    { name = "a", count = 3, polarization = [0.6, 0, 0.8], omega = 0.1 },
    { name = "b", count = 2, polarization = [0, 0, -1], omega = 0.3 },
]
schedule = { kind = "random_pairs", gamma = 0.4, encounters = 25 }
output = { samples = 6 }
method = [
    { kind = "many_body", observables = ["entropy", "pair_concurrence"] },
    { kind = "independent" },
    { kind = "mean_field" },
]
"""


@pytest.fixture(scope="module")
def runs() -> dict[str, qnu.Trajectory]:
    return dict(qnu.experiment.simulate(qnu.experiment.parse(SPEC)))


def line(ax: Any, gid: str) -> np.ndarray:
    (found,) = [one for one in ax.lines if one.get_gid() == gid]
    return np.asarray(found.get_ydata())


def band(ax: Any, gid: str) -> np.ndarray:
    """Half of the height of a band, by time."""
    (area,) = [one for one in ax.collections if one.get_gid() == f"band:{gid}"]
    points = area.get_paths()[0].vertices
    return np.array([np.ptp(points[points[:, 0] == t, 1]) / 2 for t in np.unique(points[:, 0])])


def thin(ax: Any, gid: str) -> np.ndarray:
    (bundle,) = [one for one in ax.collections if one.get_gid() == gid]
    return np.array([part[:, 1] for part in bundle.get_segments()])


def words(figure: Any) -> str:
    texts = [text.get_text() for one in figure.legends for text in one.get_texts()]
    return " ".join([*texts, *(text.get_text() for text in figure.texts)])


def by_history(run: qnu.Trajectory, panel: str, group: int) -> np.ndarray:
    """``(seeds, samples)``, with nothing but the polarization of single neutrinos."""
    members = [[0, 1, 2], [3, 4]][group]
    vectors = run.polarization[:, :, members]
    if panel == "length":
        return np.linalg.norm(vectors.mean(axis=2), axis=-1)
    if panel == "z":
        return vectors[..., 2].mean(axis=2)
    up = np.clip((1 + np.linalg.norm(vectors, axis=-1)) / 2, 1e-15, 1 - 1e-15)
    return (-up * np.log2(up) - (1 - up) * np.log2(1 - up)).mean(axis=2)


@pytest.mark.parametrize("panel", ["length", "z", "entropy"])
def test_every_history_is_computed_and_then_averaged(
    runs: dict[str, qnu.Trajectory], panel: str
) -> None:
    (ax,) = plotting.compare(runs, panels=[panel]).axes
    for group, name in enumerate("ab"):
        single = by_history(runs["independent"], panel, group)
        mean = single.mean(axis=0)
        np.testing.assert_allclose(line(ax, f"independent:{name}"), mean, atol=1e-9)
        error = np.sqrt(((single - mean) ** 2).sum(axis=0) / 3 / 4)
        np.testing.assert_allclose(band(ax, f"independent:{name}"), error, atol=1e-9)
    assert not any("mean field" in str(one.get_gid()) for one in ax.collections)


def test_the_mean_of_lengths_is_not_the_length_of_the_mean(
    runs: dict[str, qnu.Trajectory],
) -> None:
    (ax,) = plotting.compare(runs, panels=["length"]).axes
    of_mean = np.linalg.norm(runs["independent"].group_mean().mean(axis=0)[:, 1], axis=-1)
    assert np.abs(line(ax, "independent:b") - of_mean).max() > 0.01


def test_single_histories_on_demand(runs: dict[str, qnu.Trajectory]) -> None:
    figure = plotting.compare(runs, histories="independent")
    for ax, panel in zip(figure.axes, ("length", "z", "entropy"), strict=True):
        expected = by_history(runs["independent"], panel, 1)
        np.testing.assert_allclose(thin(ax, "histories:b"), expected, atol=1e-9)
        low, high = ax.get_ylim()
        assert low <= expected.min()
        assert expected.max() <= high
    assert "each history\n(independent)" in words(figure)
    assert not [
        c
        for ax in plotting.compare(runs).axes
        for c in ax.collections
        if str(c.get_gid()).startswith("histories")
    ]


def test_neutrinos_of_an_ensemble_are_those_of_its_first_history(
    runs: dict[str, qnu.Trajectory],
) -> None:
    figure = plotting.compare(runs, individuals="independent", panels=["z"])
    first = runs["independent"].history(3).polarization[:, 3:, 2]
    np.testing.assert_array_equal(thin(figure.axes[0], "individuals:b"), first.T)
    assert "seed 3" in words(figure)


def test_a_figure_says_what_its_bands_are(runs: dict[str, qnu.Trajectory]) -> None:
    assert "Mean of 4 seeds; band: one standard error of the mean." in words(plotting.compare(runs))
    one = {"independent": runs["independent"].history(3)}
    assert "seeds" not in words(plotting.compare(one))


def test_lines_with_bands_are_narrow(runs: dict[str, qnu.Trajectory]) -> None:
    both = style.styles(runs)
    one = style.styles({"independent": runs["independent"].history(3)})
    assert both["independent"].width < one["independent"].width / 1.5
    assert both["mean_field"] == plotting.method_style(runs["mean_field"])


@pytest.mark.parametrize("draw", [plotting.compare, plotting.requested_observables, plotting.bloch])
def test_histories_of_what_has_none_are_refused(
    runs: dict[str, qnu.Trajectory], draw: Callable[..., Any]
) -> None:
    with pytest.raises(qnu.QnuError, match="did you mean 'independent'"):
        draw(runs, histories="independnt")
    with pytest.raises(qnu.QnuError, match=r"several seeds \(many_body, independent\)"):
        draw(runs, histories=["mean_field"])


def test_observables_have_bands_and_histories(runs: dict[str, qnu.Trajectory]) -> None:
    figure = plotting.requested_observables(runs, histories="many_body")
    entropy, pairs = figure.axes
    single = runs["many_body"].dataset["entropy"].values[:, :, 3:].mean(axis=2)
    np.testing.assert_allclose(line(entropy, "many_body:b"), single.mean(axis=0))
    error = single.std(axis=0, ddof=1) / 2
    np.testing.assert_allclose(band(entropy, "many_body:b"), error, atol=1e-12)
    np.testing.assert_allclose(thin(entropy, "histories:b"), single)
    values = runs["many_body"].dataset["pair_concurrence"].values
    first, second = np.triu_indices(5, 1)
    mean = values[:, :, first, second].mean(axis=2)
    np.testing.assert_allclose(line(pairs, "many_body:pairs"), mean.mean(axis=0))
    assert "4 seeds" in words(figure)


def test_the_sphere_has_the_path_of_the_mean(runs: dict[str, qnu.Trajectory]) -> None:
    figure = plotting.bloch(runs, histories=["independent"])
    (ax,) = figure.axes
    (path,) = [one for one in ax.lines if one.get_gid() == "independent:b"]
    mean = runs["independent"].group_mean().mean(axis=0)[:, 1]
    np.testing.assert_allclose(np.array(path.get_data_3d()), mean.T)
    single = [one for one in ax.lines if one.get_gid() == "histories:b"]
    drawn = np.array([one.get_data_3d() for one in single])
    expected = runs["independent"].group_mean()[:, :, 1].transpose(0, 2, 1)
    np.testing.assert_allclose(drawn, expected)
    assert "mean of 4 seeds" in words(figure)


def test_a_circuit_of_several_seeds_has_error_bars_over_seeds(
    runs: dict[str, qnu.Trajectory],
) -> None:
    data = runs["independent"].dataset.assign_attrs(method="circuit", hardware="aer")
    measured = {"circuit": qnu.Trajectory(data)}
    (ax,) = plotting.compare(measured, panels=["z"]).axes
    bars = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    ends = np.array([part[:, 1] for part in bars[1].lines[2][0].get_segments()])
    error = by_history(runs["independent"], "z", 1).std(axis=0, ddof=1) / 2
    np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, error, atol=1e-12)
