"""Panels of a comparison: flavor, residuals, mu and matter, and what is said about each."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import plotting
from qnu.averages import estimate

from .built import along_z, build, gas_of, line, notes

TIMES = np.array([0.0, 1.0, 2.0])
RNG = np.random.default_rng(4)


def unit(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(*shape, 3))
    return 0.9 * vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


# --- P(nu_e) ---


def test_flavor_is_the_overlap_with_the_electron_neutrino_and_has_the_other_sign_for_isospin() -> (
    None
):
    gas = gas_of(["a", "a", "b"], [False, False, True], angle=0.3)
    vectors = unit((3, 3))
    figure = plotting.compare({"many_body": build(gas, TIMES, vectors)}, panels=["flavor"])
    electron = np.array([np.sin(0.6), 0.0, np.cos(0.6)])
    of_a = ((1 + vectors[:, 0] @ electron) / 2 + (1 + vectors[:, 1] @ electron) / 2) / 2
    own = vectors[:, 2] * [-1.0, 1.0, -1.0]  # from isospin to its own polarization
    of_b = (1 + own @ electron) / 2
    np.testing.assert_allclose(line(figure.axes[0], "many-body:a"), of_a)
    np.testing.assert_allclose(line(figure.axes[0], "many-body:b"), of_b)
    assert figure.axes[0].get_ylabel() == "$P(\\nu_e)$,\n$P(\\bar\\nu_e)$"


def test_flavor_of_an_ensemble_is_averaged_over_histories_with_its_error() -> None:
    gas = gas_of(["a"], angle=0.2)
    runs = [build(gas, TIMES, unit((3, 1), seed), "independent") for seed in range(5)]
    both = qnu.Trajectory.of_histories(runs, seeds=range(5))
    each = np.stack([run.flavor_probability()[:, 0] for run in runs])
    figure = plotting.compare({"independent": both}, panels=["flavor"])
    np.testing.assert_allclose(line(figure.axes[0], "independent:a"), each.mean(axis=0))
    found = estimate(both, "flavor").standard_error
    np.testing.assert_allclose(found[:, 0], each.std(axis=0, ddof=1) / np.sqrt(5))
    assert "Mean of 5 seeds" in notes(figure)


def test_flavor_has_the_error_of_the_shots() -> None:
    gas = gas_of(["a", "a", "b", "c", "c"], [False, False, True, False, True], angle=0.3)
    vectors, error = unit((3, 5)) * 0.7, np.array([0.03, 0.05, 0.02])
    run = build(gas, TIMES, vectors, "circuit", error, hardware="x")
    tries = vectors + error * RNG.normal(size=(20_000, *vectors.shape))
    electron = np.array([np.sin(0.6), 0.0, np.cos(0.6)])
    p = (1 + np.array([1, 1, -1, 1, -1]) * (tries @ electron)) / 2
    spread = np.stack([p[..., :2].mean(-1), p[..., 2], p[..., 3:].mean(-1)], axis=-1).std(axis=0)
    np.testing.assert_allclose(estimate(run, "flavor").error, spread, rtol=0.03)


def test_flavor_that_a_mean_does_not_determine_is_left_out_and_named() -> None:
    gas = qnu.NeutrinoGas(
        [[0, 0, 1], [0.6, 0, 0.8], [0, 0, 1]],
        omega=[0.1] * 3,
        group=["mix", "mix", "nu_x"],
        antineutrino=[False, True, False],
    )
    vectors = np.broadcast_to(gas.group_means(), (2, 2, 3))
    run = qnu.Trajectory.build("mean_field", gas, [0.0, 1.0], vectors, started=0.0, resolve="group")
    each = qnu.solvers.mean_field(gas, [0.0, 1.0], resolve="neutrino")
    figure = plotting.compare({"one P": run, "each": each}, panels=["flavor"])
    assert np.isnan(line(figure.axes[0], "one P:mix")).all()
    assert np.isfinite(line(figure.axes[0], "one P:nu_x")).all()
    assert np.isfinite(line(figure.axes[0], "each:mix")).all()
    assert "No $P(\\nu_e)$ of group mix in one P" in notes(figure)
    assert "each" not in notes(figure)


def test_correlated_shots_of_both_kinds_do_not_make_flavor_certain() -> None:
    """A conserved total z leaves the mean z of a group no error, but P(nu_e) one."""
    names = ("time", "group_mean", "axis")
    for anti, expected in (([False, True], 0.03 / 2 / np.sqrt(2)), ([False, False], 0.005)):
        run = build(gas_of(["a", "a"], anti), TIMES, along_z([[0.1, 0.2]] * 3), errors=0.03)
        group = np.broadcast_to([0.01] * 3, (3, 1, 3))
        run = qnu.Trajectory(run.dataset.assign(group_polarization_error=(names, group)))
        np.testing.assert_allclose(estimate(run, "flavor").error, expected)


# --- residuals ---


def shots_and_exact() -> dict[str, qnu.Trajectory]:
    gas = gas_of(["a", "a", "b"])
    exact = along_z([[1, 0.5, 0.3], [0.2, 0.6, -0.3], [0, 0, 0.0]])
    found = exact + along_z([[0.02, 0.06, -0.03], [0, 0, 0.06], [0.1, -0.1, 0.0]])
    error = np.zeros_like(exact) + 0.03
    error[2, 2] = 0.0
    return {
        "many_body": build(gas, TIMES, exact),
        "independent": build(gas, TIMES, exact * 0.5, "independent"),
        "shots": build(gas, TIMES, found, "circuit", error, hardware="x"),
    }


def test_residuals_are_in_standard_errors_of_the_group_mean() -> None:
    figure = plotting.compare(shots_and_exact(), panels=["z", "residual"])
    ax = figure.axes[1]
    sigma = 0.03 / np.sqrt(2)  # of the mean of two
    np.testing.assert_allclose(line(ax, "shots:a"), [0.04 / sigma, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(line(ax, "shots:b")[:2], [-1.0, 2.0], atol=1e-9)
    assert np.isnan(line(ax, "shots:b")[2])
    assert "1 point whose standard error is 0" in notes(figure)
    bands = {one.get_gid(): one for one in ax.patches}
    for gid, reach in (("sigma:1", 1.0), ("sigma:2", 2.0)):
        box = bands[gid].get_window_extent().transformed(ax.transData.inverted())
        assert (box.y0, box.y1) == pytest.approx((-reach, reach))
    assert not [one for one in ax.lines if str(one.get_gid()).startswith("independent")]


def test_residuals_are_there_by_themselves_where_shots_meet_an_exact_method() -> None:
    runs = shots_and_exact()
    labels = [ax.get_ylabel() for ax in plotting.compare(runs).axes]
    assert labels[-1] == "residual of\n$z$ ($\\sigma$)"
    del runs["many_body"]
    assert not any("residual" in ax.get_ylabel() for ax in plotting.compare(runs).axes)
    figure = plotting.compare(runs, panels=["z", "residual"])
    assert len(figure.axes) == 1
    assert "Panel residual is left out: no method here is exact" in notes(figure)


def test_without_shots_the_residual_is_the_difference() -> None:
    runs = shots_and_exact()
    del runs["shots"]
    figure = plotting.compare(runs, panels=["residual"])
    expected = -0.5 * runs["many_body"].group_mean()[..., 2]
    np.testing.assert_allclose(line(figure.axes[0], "independent:a"), expected[:, 0])
    assert figure.axes[0].get_ylabel() == "$z$ minus\nmany-body"
    turned = plotting.compare(runs, panels=["residual"], reference="independent")
    np.testing.assert_allclose(line(turned.axes[0], "many-body:a"), -expected[:, 0])
    with pytest.raises(qnu.QnuError, match="did you mean 'independent'"):
        plotting.compare(runs, panels=["residual"], reference="independnt")


def test_residuals_below_flavor_are_those_of_flavor() -> None:
    runs = shots_and_exact()
    figure = plotting.compare(runs, panels=["flavor", "residual"])
    flavors = [estimate(runs[k], "flavor").mean[:, 0] for k in ("shots", "many_body")]
    sigma = 0.03 / np.sqrt(2) / 2
    found = line(figure.axes[1], "shots:a")
    np.testing.assert_allclose(found, (flavors[0] - flavors[1]) / sigma, atol=1e-9)


def test_residuals_are_taken_at_common_times_and_seed_by_seed() -> None:
    gas = gas_of(["a"])
    exact, shots = [], []
    for seed in range(3):
        z = np.array([0.5, 0.1 * seed, -0.2 * seed])[:, None]
        exact.append(build(gas, TIMES, along_z(z)))
        part = along_z(z[1:] + 0.01 * (seed + 1))
        shots.append(build(gas, TIMES[1:], part, "circuit", 0.04, hardware="x"))
    runs = {
        "exact": qnu.Trajectory.of_histories(exact, seeds=range(3)),
        "shots": qnu.Trajectory.of_histories(shots, seeds=range(3)),
    }
    ax = plotting.compare(runs, panels=["residual"]).axes[0]
    (found,) = [one for one in ax.lines if one.get_gid() == "shots:a"]
    assert found.get_xdata().tolist() == [1.0, 2.0]
    np.testing.assert_allclose(found.get_ydata(), 0.02 / (0.04 / np.sqrt(3)))


def test_residuals_of_other_seeds_have_the_errors_of_both_means() -> None:
    gas = gas_of(["a"])

    def ensemble(method: str, values: list[float], seeds: range, *error: float) -> qnu.Trajectory:
        made_on = {"hardware": "x"} if error else {}
        each = [build(gas, TIMES, along_z([[z]] * 3), method, *error, **made_on) for z in values]
        return qnu.Trajectory.of_histories(each, seeds=seeds)

    exact, found = [0.5, 0.1, 0.3], [0.2, -0.1, 0.2, 0.3]
    runs = {
        "exact": ensemble("many_body", exact, range(3)),
        "shots": ensemble("circuit", found, range(5, 9), 0.04),
    }
    ax = plotting.compare(runs, panels=["residual"]).axes[0]
    sigma = np.hypot(np.std(exact, ddof=1) / np.sqrt(3), np.std(found, ddof=1) / np.sqrt(4))
    np.testing.assert_allclose(line(ax, "shots:a"), (0.15 - 0.3) / sigma)


# --- mu and matter ---


def profile(figure: Any, name: str) -> tuple[np.ndarray, np.ndarray, Any]:
    (found,) = [(ax, one) for ax in figure.axes for one in ax.lines if one.get_gid() == name]
    return found[1].get_xdata(), found[1].get_ydata(), found[0]


def test_mu_and_matter_are_those_of_the_schedule_on_both_sides_of_a_step() -> None:
    gas = gas_of(["a", "b"])
    step = qnu.profiles.Function(lambda t: np.where(t < 1.5, 400.0, 2.0), [1.5])
    schedule = qnu.EncounterSchedule(
        [0], [1], [0.2], [0.5], 0.0, neutrinos=2, final_time=2.0,
        mu=qnu.profiles.Exponential(1.0, 4.0), matter=step,
    )  # fmt: skip
    run = qnu.solvers.many_body(gas, schedule, [0.0, 1.0, 2.0])
    figure = plotting.compare({"many_body": run}, schedule=schedule)
    assert len(figure.axes) == 3
    times, mu, ax = profile(figure, "mu")
    np.testing.assert_allclose(mu, np.exp(-times / 4))
    assert ax.get_yscale() == "linear"
    assert ax.get_ylabel() == "$\\mu(t)/\\mu(0)$"
    times, matter, ax = profile(figure, "matter")
    near = abs(times - 1.5) < 1e-9
    assert matter[near].tolist() == [400.0, 2.0]
    assert ax.get_yscale() == "log"
    assert figure.axes[-1].get_xlabel() == "time $\\mu(0)\\,t$"


def test_numbers_of_the_results_do_without_a_schedule() -> None:
    run = build(gas_of(["a"]), TIMES, along_z([[1], [0.5], [0]]), matter=3.0)
    figure = plotting.compare({"many_body": run}, panels=["z", "matter"])
    assert set(profile(figure, "matter")[1]) == {3.0}
    other = build(gas_of(["a"]), TIMES, along_z([[1], [0.5], [0]]), matter=4.0)
    figure = plotting.compare({"a": run, "b": other}, panels=["z", "matter"])
    assert "Panel matter is left out: these results do not say matter(t)" in notes(figure)


def test_mu_is_per_km_where_its_unit_is_known() -> None:
    run = build(gas_of(["a"]), TIMES, along_z([[1], [0.5], [0]]), mu_unit_per_km=642.0)
    figure = plotting.compare({"many_body": run}, panels=["z", "mu"])
    _, values, ax = profile(figure, "mu")
    assert values[0] == pytest.approx(642.0)
    assert "km$^{-1}$" in ax.get_ylabel()


# --- which panels, and words ---


def test_results_of_an_experiment_are_taken_with_their_schedule() -> None:
    experiment = qnu.experiment.load("msw_1")
    runs = qnu.experiment.simulate(experiment)
    results = SimpleNamespace(trajectories=runs, experiment=experiment)
    figure = plotting.compare(results)
    _, values, ax = profile(figure, "matter")
    assert values.max() / values.min() > 100
    assert ax.get_yscale() == "log"
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels == ["group $z$ component", "$\\lambda_e(t)$"]


def test_a_panel_without_any_curve_is_not_drawn() -> None:
    gas = gas_of(["a"])
    run = build(gas, TIMES, along_z([[1], [0.5], [0]]), "miscidynamics", resolve="group")
    figure = plotting.compare({"miscidynamics": run})
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "group length $|\\mathbf{P}_g|$",
        "group $z$ component",
    ]
    assert "Panel entropy is left out: miscidynamics has no entropy" in notes(figure)
    with pytest.raises(qnu.QnuError, match="'entropy' alone, but miscidynamics has no"):
        plotting.compare({"miscidynamics": run}, panels=["entropy"])


@pytest.mark.parametrize("panels", [None, ["flavor", "residual", "mu"]])
def test_a_figure_of_one_column_is_legible(panels: list[str] | None) -> None:
    runs = {k: t.with_attributes(mu_unit_per_km=5.0) for k, t in shots_and_exact().items()}
    figure = plotting.compare(runs, "A title", panels=panels, width="single")
    assert figure.get_figwidth() == 3.4
    with plotting.style.paper():
        figure.draw_without_rendering()
    page = figure.bbox
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    boxes += [legend.get_window_extent() for legend in figure.legends]
    boxes += [text.get_window_extent() for text in figure.texts]
    for box in boxes:
        assert page.x0 - 1 <= box.x0 < box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0 < box.y1 <= page.y1 + 1
    for k, one in enumerate(boxes):
        for other in boxes[k + 1 :]:
            assert not one.padded(-1.5).overlaps(other.padded(-1.5))
    sizes = [t.get_fontsize() for ax in figure.axes for t in (*ax.get_xticklabels(), ax.title)]
    assert min(sizes) >= 7.5
    with pytest.raises(qnu.QnuError, match="width: got 'wide'"):
        plotting.compare(runs, width="wide")


@pytest.mark.parametrize("width", ["single", "double"])
def test_notes_and_title_are_not_cut_away_by_a_notebook(width: str) -> None:
    """IPython shows a figure with ``bbox_inches="tight"``."""
    runs = {"kinetic": build(gas_of(["a"], [False]), TIMES, unit((3, 1)))}
    runs["kinetic"] = runs["kinetic"].with_attributes(
        mu_unit_per_km=1.0, gamma=0.1, gamma_of_packets=1e-10
    )
    figure = plotting.compare(runs, panels=["z"], width=width, title="a title")
    kept = figure.get_tightbbox().padded(0.01)
    texts = [text for text in figure.texts if text.get_text()]
    assert any("wave packets" in text.get_text() for text in texts)
    for text in texts:
        box = text.get_window_extent().transformed(figure.dpi_scale_trans.inverted())
        assert kept.y0 <= box.y0
        assert box.y1 <= kept.y1, text.get_text()
