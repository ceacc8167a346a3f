"""Figures of sweeps: means, bands and paired differences by hand; nothing left out in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

import qnu
from qnu import plotting
from qnu.plotting.formulas import evaluate
from qnu.plotting.sweep_values import ratios

from .synthetic import GAMMA, OMEGA, sweep_dataset

ONE = sweep_dataset()
TWO = sweep_dataset({"schedule.gamma": GAMMA, "group.1.omega": OMEGA})


def line(ax: Any, gid: str) -> Any:
    (found,) = [one for one in ax.lines if one.get_gid() == gid]
    return found


def band(ax: Any, gid: str) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of a band, by x."""
    (found,) = [one for one in ax.collections if one.get_gid() == f"band:{gid}"]
    points = found.get_paths()[0].vertices
    x = np.unique(points[:, 0])
    ends = [points[points[:, 0] == place, 1] for place in x]
    return np.array([e.min() for e in ends]), np.array([e.max() for e in ends])


def notes(figure: Any) -> str:
    return " ".join(text.get_text() for text in figure.texts if text.get_gid() == "notes")


def histories(data: xr.Dataset, method: str, group: str, **at: float) -> np.ndarray:
    """``(x, seeds)`` at the last sample."""
    chosen = data["entropy"].isel(time=-1).sel({"method": method, "group": group, **at})
    return np.asarray(chosen.transpose(..., "seed").values)


# --- numbers ---


def test_line_is_the_mean_and_band_the_standard_error_over_seeds() -> None:
    ax = plotting.sweep(ONE, "entropy").axes[0]
    for method, group in (("many_body", "1"), ("independent", "2")):
        all_seeds = histories(ONE, method, group)
        mean = all_seeds.sum(axis=1) / 20
        error = np.sqrt(((all_seeds - mean[:, None]) ** 2).sum(axis=1) / 19 / 20)
        drawn = line(ax, f"{method}:{group}:{group}")
        np.testing.assert_allclose(drawn.get_xdata(), GAMMA)
        np.testing.assert_allclose(drawn.get_ydata(), mean, rtol=1e-12)
        low, high = band(ax, f"{method}:{group}:{group}")
        np.testing.assert_allclose((high - low) / 2, error, rtol=1e-9)
        np.testing.assert_allclose((high + low) / 2, mean, rtol=1e-9)


def test_methods_that_do_not_depend_on_the_seed_have_no_band() -> None:
    ax = plotting.sweep(ONE, "entropy").axes[0]
    gids = [str(c.get_gid()) for c in ax.collections]
    assert not any("kinetic" in gid for gid in gids)
    assert sum(gid.startswith("band:") for gid in gids) == 4


def test_difference_is_paired_seed_by_seed() -> None:
    figure = plotting.sweep(ONE, "entropy", residual="many_body")
    lower = figure.axes[1]
    theirs, ours = histories(ONE, "many_body", "2"), histories(ONE, "independent", "2")
    apart = ours - theirs
    drawn = line(lower, "independent:2:2").get_ydata()
    np.testing.assert_allclose(drawn, apart.mean(axis=1), rtol=1e-9)
    assert (drawn > 0).all()  # independent less many-body, not the other way round
    low, high = band(lower, "independent:2:2")
    paired = apart.std(axis=1, ddof=1) / np.sqrt(20)
    np.testing.assert_allclose((high - low) / 2, paired, rtol=1e-6)
    unpaired = np.sqrt((ours.var(axis=1, ddof=1) + theirs.var(axis=1, ddof=1)) / 20)
    assert (paired < unpaired / 2).all()
    assert not any(str(one.get_gid()).startswith("many_body") for one in lower.lines)


def test_a_method_without_seeds_takes_the_error_of_the_reference() -> None:
    lower = plotting.sweep(ONE, "entropy", residual="many_body").axes[1]
    low, high = band(lower, "kinetic:1:1")
    error = histories(ONE, "many_body", "1").std(axis=1, ddof=1) / np.sqrt(20)
    np.testing.assert_allclose((high - low) / 2, error, rtol=1e-6)


def test_relative_difference_is_the_ratio_of_means_with_its_error() -> None:
    lower = plotting.sweep(ONE, "entropy", residual="many_body", relative=True).axes[1]
    theirs, ours = histories(ONE, "many_body", "1"), histories(ONE, "independent", "1")
    drawn = line(lower, "independent:1:1").get_ydata()
    np.testing.assert_allclose(drawn, ours.mean(axis=1) / theirs.mean(axis=1) - 1, rtol=1e-9)
    # against a bootstrap of the ratio
    rng = np.random.default_rng(3)
    picks = rng.integers(0, 20, size=(4000, 20))
    ratio = ours[:, picks].mean(axis=-1) / theirs[:, picks].mean(axis=-1)
    low, high = band(lower, "independent:1:1")
    np.testing.assert_allclose((high - low) / 2, ratio.std(axis=1), rtol=0.15)


def test_numbers_of_ratios_have_their_mean() -> None:
    rng = np.random.default_rng(1)
    above, below = rng.uniform(1, 2, (2, 30))
    found = ratios(above, below)
    assert found.mean() == pytest.approx(above.mean() / below.mean() - 1)


def test_the_reference_need_not_be_drawn_above() -> None:
    figure = plotting.sweep(ONE, "entropy", residual="many_body", methods=["independent"])
    upper, lower = figure.axes
    assert [str(one.get_gid()) for one in upper.lines] == ["independent:1:1", "independent:2:2"]
    assert line(lower, "independent:1:1").get_ydata().min() > 0
    assert "minus many-body, paired by seed" in notes(figure).replace("\n", " ")


def test_a_grid_in_any_order_is_drawn_from_left_to_right() -> None:
    mixed = ONE.isel({"schedule.gamma": [3, 0, 7, 1, 2, 6, 5, 4]})
    ax = plotting.sweep(mixed, "entropy").axes[0]
    same = plotting.sweep(ONE, "entropy").axes[0]
    for one in same.lines:
        np.testing.assert_allclose(line(ax, one.get_gid()).get_ydata(), one.get_ydata())


# --- lines, panels, scales ---


def test_one_line_per_value_and_one_panel_per_group() -> None:
    figure = plotting.sweep(TWO, "entropy", methods="independent")
    assert [ax.get_title() for ax in figure.axes] == ["group 1", "group 2"]
    for ax, group in zip(figure.axes, "12", strict=True):
        for omega in OMEGA:
            mean = histories(TWO, "independent", group, **{"group.1.omega": omega}).mean(axis=1)
            drawn = line(ax, f"independent:{omega}:{group}")
            np.testing.assert_allclose(drawn.get_ydata(), mean)
    markers = {one.get_marker() for one in figure.axes[0].lines}
    assert len(markers) == 3
    colors = [plotting.lightness(one.get_color()) for one in figure.axes[0].lines]
    assert min(np.diff(colors)) > 15  # told apart in grey


def test_x_and_line_can_be_exchanged() -> None:
    few = TWO.isel({"schedule.gamma": [0, 4, 7]})
    ax = plotting.sweep(few, "entropy", x="group.1.omega").axes[0]
    assert ax.get_xlabel() == r"$\omega_{1}/\mu$"
    assert ax.get_xscale() == "linear"
    drawn = line(ax, "independent:0.1:1").get_ydata()
    expected = few["entropy"].isel(time=-1).sel({"method": "independent", "group": "1"})
    np.testing.assert_allclose(drawn, expected.mean("seed").isel({"schedule.gamma": 2}))


def test_axes_are_logarithmic_where_the_grid_is() -> None:
    ax = plotting.sweep(ONE, "entropy").axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    ax = plotting.sweep(ONE, "z").axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    ax = plotting.sweep(ONE, "entropy", scale="linear").axes[0]
    assert ax.get_yscale() == "linear"
    even = sweep_dataset({"schedule.gamma": [0.01, 0.02, 0.03, 0.04]})
    even["schedule.gamma"].attrs["scale"] = "linear"
    ax = plotting.sweep(even, "entropy").axes[0]
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "linear")


def test_a_band_that_reaches_zero_does_not_move_a_logarithmic_axis() -> None:
    wide = ONE.copy(deep=True)
    wide["entropy"][0, 1, 3] += 0.4  # one history far away: its mean is smaller than its error
    ax = plotting.sweep(wide, "entropy", methods="independent", scale="log").axes[0]
    assert ax.get_ylim()[0] > 1e-3
    drawn = line(ax, "independent:1:1").get_ydata()
    assert ax.get_ylim()[0] < np.nanmin(drawn)


def test_dashes_say_the_method_and_fills_tell_solid_ones_apart() -> None:
    ax = plotting.sweep(ONE, "entropy").axes[0]
    solid = [line(ax, f"{method}:1:1") for method in ("many_body", "independent")]
    assert {one.get_linestyle() for one in solid} == {"-"}
    assert solid[0].get_markerfacecolor() != "white"
    assert solid[1].get_markerfacecolor() == "white"
    assert line(ax, "kinetic:1:1").get_linestyle() != "-"
    alone = plotting.sweep(ONE, "entropy", methods="independent").axes[0]
    assert line(alone, "independent:1:1").get_markerfacecolor() == "white"


def test_circuits_are_points_with_error_bars() -> None:
    shots = ONE.copy(deep=True)
    shots.attrs["spec"] = shots.attrs["spec"].replace(
        'kind = "independent"', 'kind = "circuit"\nlabel = "independent"\nshots = 100'
    )
    shots["polarization_error"] = shots["polarization"].where(shots["method"] == "independent")
    ax = plotting.sweep(shots, "entropy").axes[0]
    drawn = line(ax, "independent:1:1")
    assert drawn.get_linestyle() == "None"
    bars = [c for c in ax.containers if isinstance(c, ErrorbarContainer)]
    assert len(bars) == 2
    ends = np.array([part[:, 1] for part in bars[0].lines[2][0].get_segments()])
    error = histories(ONE, "independent", "1").std(axis=1, ddof=1) / np.sqrt(20)
    np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, error, rtol=1e-6)


def test_values_in_words_stand_side_by_side() -> None:
    data = sweep_dataset({"gas.velocities": ["isotropic", "right-angle"]})  # type: ignore[dict-item]  # texts are values too
    ax = plotting.sweep(data, "length").axes[0]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["isotropic", "right-angle"]
    places = [line(ax, f"{m}:1:1").get_xdata()[0] for m in ("many_body", "independent", "kinetic")]
    assert min(np.diff(places)) > 0.1
    assert max(np.abs(places)) < 0.5


def test_against_time_every_sample_is_drawn() -> None:
    figure = plotting.sweep(ONE, "entropy", x="time", at={"schedule.gamma": GAMMA[7]})
    (ax,) = figure.axes
    assert ax.get_xlabel() == r"$\mu t$"
    expected = (
        ONE["entropy"].isel({"schedule.gamma": 7}).sel({"method": "independent", "group": "2"})
    )
    np.testing.assert_allclose(
        line(ax, "independent:2:2").get_ydata(), expected.mean("seed").values
    )
    assert r"$\gamma$ = 0.1" in notes(figure)


def test_another_sample_than_the_last_one() -> None:
    ax = plotting.sweep(ONE, "entropy", at={"time": 2.0}).axes[0]
    expected = ONE["entropy"].sel({"time": 2.0, "method": "independent", "group": "1"}).mean("seed")
    np.testing.assert_allclose(line(ax, "independent:1:1").get_ydata(), expected)


def test_a_quantity_of_ones_own() -> None:
    def lost(data: xr.Dataset) -> xr.DataArray:
        values: xr.DataArray = 1 - data["length"].isel(time=-1)
        return values.assign_attrs(label="lost length", scale="log")

    ax = plotting.sweep(ONE, lost).axes[0]
    assert (ax.get_ylabel(), ax.get_yscale()) == ("lost length", "log")
    same = plotting.sweep(lost(ONE)).axes[0]
    np.testing.assert_array_equal(
        line(same, "independent:1:1").get_ydata(), line(ax, "independent:1:1").get_ydata()
    )


# --- nothing in silence ---


def test_a_parameter_that_is_left_over_is_named() -> None:
    three = sweep_dataset(
        {"schedule.gamma": GAMMA, "group.1.omega": OMEGA, "schedule.probability": [0.0, 1.0]}
    )
    with pytest.raises(qnu.QnuError, match=r"'schedule\.probability'.*'mean'"):
        plotting.sweep(three, "entropy", x="schedule.gamma", line="group.1.omega")
    plotting.sweep(three, "entropy", x="schedule.gamma", at={"schedule.probability": 1})


def test_a_mean_over_a_parameter_is_said() -> None:
    figure = plotting.sweep(TWO, "entropy", at={"group.1.omega": "mean"})
    drawn = line(figure.axes[0], "independent:1:1").get_ydata()
    expected = TWO["entropy"].isel(time=-1).sel({"method": "independent", "group": "1"})
    np.testing.assert_allclose(drawn, expected.mean(["seed", "group.1.omega"]))
    assert r"ean over $\omega_{1}/\mu$" in notes(figure)


def test_failed_points_and_missing_values_are_left_out_and_counted() -> None:
    broken = ONE.copy(deep=True)
    broken["failed"][2] = True
    for name in ("entropy", "length"):
        broken[name][2] = np.nan
    broken["entropy"][5, 1, 4] = np.nan  # one seed of independent
    figure = plotting.sweep(broken, "entropy")
    drawn = line(figure.axes[0], "independent:1:1").get_ydata()
    assert np.flatnonzero(np.isnan(drawn)).tolist() == [2, 5]
    assert np.isfinite(line(figure.axes[0], "many_body:1:1").get_ydata()[5])
    text = notes(figure).replace("\n", " ")
    assert "1 point that failed" in text
    assert "1 point where a seed has no value (independent)" in text
    assert "Without values: miscidynamics" in text


def test_a_point_without_a_neighbor_has_an_error_bar() -> None:
    broken = ONE.copy(deep=True)
    broken["entropy"][[1, 3], 1] = np.nan
    ax = plotting.sweep(broken, "entropy", methods="independent").axes[0]
    (bars,) = [c for c in ax.collections if c.get_gid() == "bars:independent:1:1"]
    (segment,) = [part for part in bars.get_segments() if len(part) and part[0, 0] == GAMMA[2]]
    error = histories(ONE, "independent", "1").std(axis=1, ddof=1)[2] / np.sqrt(20)
    assert np.diff(segment[:, 1])[0] / 2 == pytest.approx(error)


def test_means_below_zero_are_not_lost_from_a_logarithmic_axis() -> None:
    below = ONE.copy(deep=True)
    below["entropy"][0, 1] -= 1.0
    assert "2 means that are not > 0" in notes(plotting.sweep(below, "entropy", scale="log"))


def test_a_method_that_is_nowhere_above_zero_is_named() -> None:
    figure = plotting.sweep(ONE, "spread")
    assert "Nowhere > 0: kinetic, miscidynamics" in notes(figure)
    assert "Estimate and jackknife error of 20 seeds" in notes(figure)
    assert not any("kinetic" in str(one.get_gid()) for one in figure.axes[0].lines)


def test_without_seeds_there_is_no_band_and_a_note() -> None:
    figure = plotting.sweep(sweep_dataset(seeds=1), "entropy")
    assert "One seed: no error band" in notes(figure)
    assert not figure.axes[0].collections


def test_rows_that_end_earlier_end_at_their_last_sample() -> None:
    rows = sweep_dataset({"schedule.gamma": [0.01, 0.03, 0.1]}, samples=6).drop_vars("time")
    times = np.tile(np.arange(6.0), (3, 4, 1))
    times[2, :, 4:] = np.nan
    rows["sample_time"] = (("schedule.gamma", "method", "time"), times)
    for name in ("entropy", "length"):
        rows[name][2, :, :, 4:] = np.nan
    ax = plotting.sweep(rows, "entropy").axes[0]
    last = rows["entropy"].isel({"schedule.gamma": 2, "time": 3})
    expected = last.sel({"method": "independent", "group": "1"}).mean("seed").item()
    assert line(ax, "independent:1:1").get_ydata()[2] == pytest.approx(expected)
    with pytest.raises(qnu.QnuError, match="one list of times"):
        plotting.sweep(rows, "entropy", x="time", line="schedule.gamma")


def test_where_pairs_meet_repeatedly_a_note_says_so() -> None:
    assert "meet" not in notes(plotting.sweep(ONE, "entropy"))
    often = sweep_dataset(meetings=23.0)
    often["meetings_per_pair"][:5] = 0.4
    text = notes(plotting.sweep(often, "entropy")).replace("\n", " ")
    assert "repeatedly in 3 of 8 points (rings: many-body), up to 23 times on average" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"quantity": "entrop"}, "did you mean 'entropy'"),
        ({"x": "schedule.gama"}, r"did you mean 'schedule\.gamma'"),
        ({"line": "group.1.omga"}, r"did you mean 'group\.1\.omega'"),
        ({"residual": "many-body"}, "did you mean 'many_body'"),
        ({"methods": ["kinetics"]}, "did you mean 'kinetic'"),
        ({"groups": ["3"]}, "one of"),
        ({"at": {"group.1.omeg": 0.1}}, r"did you mean 'group\.1\.omega'"),
        ({"at": {"group.1.omega": 0.15}}, r"0\.1, 0\.2, 0\.4"),
        ({"theory": {"a": "schedule.gama"}}, r"did you mean 'schedule\.gamma'"),
        ({"theory": {"a": [1.0, 2.0]}}, "8 values, one per x"),
        ({"scale": "logarithmic"}, "log"),
        ({"options": {"reference": "a"}}, "what entropy takes"),
        ({"methods": ["miscidynamics"]}, "has values"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(options: Any, message: str) -> None:
    with pytest.raises(qnu.QnuError, match=message) as refused:
        plotting.sweep(TWO, **{"quantity": "entropy", **options})
    assert "\n" not in str(refused.value)


# --- theory and slopes ---


def test_theory_from_formulas_arrays_and_functions() -> None:
    theory = {
        "formula": "4 * schedule.gamma * (1 + group.1.omega)",
        "array": 3.0 * GAMMA,
        "function": lambda gamma: gamma**2 + 0.001,
        "of the file": "schedule.gamma * schedule.duration",
    }
    ax = plotting.sweep(TWO, "entropy", methods="independent", theory=theory).axes[0]
    for omega in OMEGA:
        drawn = line(ax, f"theory:formula:{omega}")
        (area,) = [c for c in ax.collections if c.get_gid() == f"band:independent:{omega}:1"]
        assert drawn.get_color() == to_hex(area.get_facecolor()[0])
        np.testing.assert_allclose(drawn.get_ydata(), 4 * GAMMA * (1 + omega))
    np.testing.assert_allclose(line(ax, "theory:array").get_ydata(), 3 * GAMMA)
    smooth = line(ax, "theory:function")
    assert len(smooth.get_xdata()) > 100
    np.testing.assert_allclose(smooth.get_ydata(), smooth.get_xdata() ** 2 + 0.001)
    of_file = line(ax, "theory:of the file")
    np.testing.assert_allclose(of_file.get_ydata(), 50.0 * of_file.get_xdata())


def test_theory_of_one_group_is_drawn_in_its_panel() -> None:
    theory = {"rate": {"1": "4 * x", "2": "6 * x"}}
    left, right = plotting.sweep(TWO, "entropy", methods="independent", theory=theory).axes
    assert line(left, "theory:rate").get_ydata()[0] == pytest.approx(4 * GAMMA[0])
    assert line(right, "theory:rate").get_ydata()[0] == pytest.approx(6 * GAMMA[0])
    (one,) = plotting.sweep(ONE, "entropy", methods="independent", theory=theory).axes
    assert line(one, "theory:rate:2").get_color() == plotting.GROUP_COLORS[1]


@pytest.mark.parametrize("text", ["__import__('os')", "x.real", "x if 1 else 2", "sqrt(1, 2)", "("])
def test_formulas_are_arithmetic_only(text: str) -> None:
    with pytest.raises(qnu.QnuError, match="theory"):
        evaluate("theory", text, {"x": 1.0})


def test_the_fitted_slope_is_printed_beside_a_triangle() -> None:
    figure = plotting.sweep(ONE, "entropy", slope=1, methods="independent", groups=["1"])
    (ax,) = figure.axes
    (text,) = [t.get_text() for t in ax.texts if t.get_gid() == "slopes"]
    fit = plotting.power_law(GAMMA, histories(ONE, "independent", "1"))
    assert text == f"slope {fit}"
    assert abs(fit.slope - 1) < 3 * fit.error
    x, y = line(ax, "triangle").get_data()
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(1.0)
    inside = np.interp(np.log(x), np.log(GAMMA), line(ax, "independent:1:1").get_ydata())
    assert (y > inside).all()


def test_slopes_are_exact_for_power_laws_and_say_which_line() -> None:
    power = sweep_dataset(methods=["kinetic"])
    power["entropy"] = power["entropy"] * 0 + 3 * power["schedule.gamma"] ** 0.5
    ax = plotting.sweep(power, "entropy", slope=0.5).axes[0]
    (text,) = [t.get_text() for t in ax.texts if t.get_gid() == "slopes"]
    assert "1: 0.5" in text
    assert "2: 0.5" in text
    fit = plotting.power_law(GAMMA, np.asarray(3 * GAMMA**-0.5)[:, None])
    assert (fit.slope, fit.factor) == (pytest.approx(-0.5), pytest.approx(3.0))
    assert fit.error < 1e-9


def test_the_error_of_a_slope_is_the_scatter_of_many_ensembles() -> None:
    rng = np.random.default_rng(11)
    x, seeds = np.array([1.0, 2.0, 4.0, 8.0]), 40
    fits = []
    for _ in range(400):
        common = rng.normal(size=seeds)  # the same seeds at every x: correlated points
        own = rng.normal(size=(4, seeds))
        samples = x[:, None] * (1 + 0.3 * common + 0.2 * own)
        fits.append(plotting.power_law(x, samples))
    scatter = np.std([fit.slope for fit in fits])
    assert np.mean([fit.error for fit in fits]) == pytest.approx(scatter, rel=0.12)
    assert np.mean([fit.slope for fit in fits]) == pytest.approx(1.0, abs=3 * scatter / 20)


def test_a_slope_needs_two_positive_points() -> None:
    with pytest.raises(qnu.QnuError, match="two or more"):
        plotting.power_law(np.array([1.0, 2.0]), np.array([[1.0], [-1.0]]))


# --- the page ---


@pytest.mark.parametrize(
    "options",
    [
        {"residual": "many_body", "title": "entropy"},
        {"slope": 1.0, "methods": ["independent", "many_body"]},
        {"theory": {"4": "4*x", "a long name of a theory curve": "5*x"}, "residual": "kinetic"},
    ],
)
@pytest.mark.parametrize("data", [ONE, TWO], ids=["one", "two"])
def test_nothing_is_cut_and_legends_stand_above_the_panels(data: Any, options: Any) -> None:
    figure = plotting.sweep(data, "entropy", **options)
    assert figure.get_figwidth() == pytest.approx(3.4 if data is ONE else 7.0)
    figure.canvas.draw()
    page = figure.bbox
    panels = [ax.get_window_extent() for ax in figure.axes]
    above = [legend.get_window_extent() for legend in figure.legends]
    words = [text.get_window_extent() for text in figure.texts]
    labels = [ax.xaxis.label.get_window_extent() for ax in figure.axes if ax.get_xlabel()]
    sides = [ax.yaxis.label.get_window_extent() for ax in figure.axes if ax.get_ylabel()]
    for box in (*above, *words, *labels, *sides):
        assert page.x0 - 1 <= box.x0
        assert box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0
        assert box.y1 <= page.y1 + 1
    for box in (*above, *words):
        assert not any(box.overlaps(panel) for panel in panels)
        assert not any(box.overlaps(label) for label in labels)
    for k, one in enumerate(above):
        assert not any(one.overlaps(other) for other in above[k + 1 :])


def test_axes_have_the_symbols_of_the_field() -> None:
    ax = plotting.sweep(ONE, "entropy").axes[0]
    assert ax.get_xlabel() == r"$\gamma$"
    assert "bits" in ax.get_ylabel()
    count = sweep_dataset({"group.2.count": [4, 8, 12]})
    assert plotting.sweep(count, "z").axes[0].get_xlabel() == "$N_{2}$"
    single = sweep_dataset({"group.1.count": [4, 8, 12]}, groups=["1"])
    assert plotting.sweep(single, "z").axes[0].get_xlabel() == "$N$"


@pytest.mark.parametrize(
    ("name", "shown"), [("delta", r"$\delta$"), ("Omega", r"$\Omega$"), ("deltas", "deltas")]
)
def test_the_english_name_of_a_greek_letter_is_drawn_as_that_letter(name: str, shown: str) -> None:
    data = sweep_dataset({"schedule.gamma": GAMMA, name: [0.0, 0.25]})
    figure = plotting.sweep(data, "entropy", x="schedule.gamma", line=name)
    assert shown in [text.get_text() for text in figure.texts]
    assert plotting.sweep(data, "entropy", x=name).axes[0].get_xlabel() == shown


def test_more_lines_or_panels_than_can_be_told_apart_are_refused() -> None:
    many = sweep_dataset({"schedule.gamma": GAMMA, "group.1.omega": np.linspace(0.1, 1, 13)})
    with pytest.raises(qnu.QnuError, match="at most 12 values"):
        plotting.sweep(many, "entropy")
    groups = sweep_dataset(
        {"schedule.gamma": GAMMA, "group.1.omega": OMEGA}, groups=[str(k) for k in range(5)]
    )
    with pytest.raises(qnu.QnuError, match="at most 4 groups"):
        plotting.sweep(groups, "entropy")
    assert len(plotting.sweep(groups, "entropy", groups=["0", "3"]).axes) == 2


def test_a_distance_says_from_which_method() -> None:
    data = sweep_dataset()
    given = {"reference": "kinetic"}
    ax = plotting.sweep(data, "distance_of_means", options=given, groups=["1"]).axes[0]
    assert ax.get_ylabel().endswith("from kinetic")
    ax = plotting.sweep(data, "distance_of_means", groups=["1"]).axes[0]
    assert ax.get_ylabel().endswith("from miscidynamics")
    assert "from" not in plotting.sweep(data, "entropy").axes[0].get_ylabel()


def test_times_of_a_sweep_are_in_the_mu_of_its_file() -> None:
    data = sweep_dataset({"schedule.gamma": [0.01, 0.1]})
    at = {"schedule.gamma": 0.1}
    assert plotting.sweep(data, x="time", at=at).axes[-1].get_xlabel() == r"$\mu t$"
    falling = "gamma = 0.01\nmu = { start = 1.0, scale = 4.0 }"
    data.attrs["spec"] = data.attrs["spec"].replace("gamma = 0.01", falling)
    figure = plotting.sweep(data, x="time", at=at)
    assert figure.axes[-1].get_xlabel() == r"$\mu(0)\,t$"
    swept = sweep_dataset({"schedule.mu": [1.0, 2.0]})
    assert plotting.sweep(swept, x="time", line="schedule.mu").axes[-1].get_xlabel() == "$t$"


def test_points_where_pairs_repeat_have_rings_on_the_many_body_curve_alone() -> None:
    data = sweep_dataset()
    meetings = np.where(GAMMA < 0.005, 0.5, 3.0)
    data["meetings_per_pair"] = ("schedule.gamma", meetings)
    figure = plotting.sweep(data, "entropy", groups=["1"])
    rings = [one for one in figure.axes[0].lines if str(one.get_gid()).startswith("repeated")]
    assert [one.get_gid() for one in rings] == ["repeated:many_body:1"]
    np.testing.assert_allclose(rings[0].get_xdata(), GAMMA[GAMMA >= 0.005])
    mean = data["entropy"].sel({"method": "many_body", "group": "1"}).isel(time=-1).mean("seed")
    np.testing.assert_allclose(rings[0].get_ydata(), mean.values[GAMMA >= 0.005])
    text = " ".join(t.get_text() for t in figure.texts).replace("\n", " ")
    assert "points (rings: many-body), up to 3 times" in text
    data["meetings_per_pair"] = ("schedule.gamma", 0 * meetings + 3)
    lines = plotting.sweep(data, "entropy").axes[0].lines
    assert not [one for one in lines if str(one.get_gid()).startswith("repeated")]
