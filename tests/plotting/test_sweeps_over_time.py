"""Figures of sweeps against time: a line per value of a parameter, quantities below each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import qnu
from qnu import plotting, quantities

from .synthetic import sweep_dataset

GAMMAS = [0.1, 0.03, 0.01]
DATA = sweep_dataset({"schedule.gamma": GAMMAS}, samples=41)
AGAINST_TIME: dict[str, Any] = {"x": "time", "line": "schedule.gamma"}


def line(ax: Any, gid: str) -> Any:
    (found,) = [one for one in ax.lines if one.get_gid() == gid]
    return found


def notes(figure: Any) -> str:
    text = " ".join(text.get_text() for text in figure.texts if text.get_gid() == "notes")
    return text.replace("\n", " ")


def brightness(color: Any) -> float:
    return float(np.dot(to_rgb(color), (0.299, 0.587, 0.114)))


def test_a_line_of_every_value_has_the_mean_of_every_sample_and_its_error() -> None:
    ax = plotting.sweep(DATA, "entropy", groups=["2"], **AGAINST_TIME).axes[0]
    for gamma in GAMMAS:
        drawn = line(ax, f"independent:{gamma:g}:2")
        own = DATA["entropy"].sel({"schedule.gamma": gamma, "method": "independent", "group": "2"})
        np.testing.assert_array_equal(drawn.get_xdata(), DATA["time"])
        np.testing.assert_allclose(drawn.get_ydata(), own.mean("seed"), rtol=1e-12)
        (band,) = [
            one for one in ax.collections if one.get_gid() == f"band:independent:{gamma:g}:2"
        ]
        top = max(point[1] for point in band.get_paths()[0].vertices)
        error = own.std("seed", ddof=1) / np.sqrt(20)
        assert top == pytest.approx(float((own.mean("seed") + error).max()), rel=1e-12)
    assert ax.get_xlabel() == r"$\mu t$"


def test_lines_of_values_are_told_apart_in_grey_and_by_their_few_markers() -> None:
    ax = plotting.sweep(DATA, "entropy", groups=["1"], methods=["independent"], **AGAINST_TIME)
    lines = [line(ax.axes[0], f"independent:{gamma:g}:1") for gamma in GAMMAS]
    shades = [brightness(one.get_color()) for one in lines]
    assert min(np.diff(shades)) > 0.1
    places = [one.get_markevery() for one in lines]
    assert [every for _, every in places] == [7, 7, 7]
    assert len({first for first, _ in places}) == len({one.get_marker() for one in lines}) == 3


def test_quantities_stand_below_each_other_with_one_legend() -> None:
    figure = plotting.sweep(DATA, ["length", "entropy"], groups=["1"], **AGAINST_TIME)
    upper, lower = figure.axes
    for ax, name in ((upper, "length"), (lower, "entropy")):
        own = DATA[name].sel({"schedule.gamma": 0.03, "method": "many_body", "group": "1"})
        drawn = line(ax, "many_body:0.03:1").get_ydata()
        np.testing.assert_allclose(drawn, own.mean("seed"), rtol=1e-12)
    assert upper.get_xlabel() == ""
    assert lower.get_ylabel().replace("\n", " ") == quantities.QUANTITIES["entropy"].label
    texts = [t.get_text() for legend in figure.legends for t in legend.get_texts()]
    assert texts.count("0.03") == texts.count("many-body") == 1


def test_several_quantities_against_a_parameter() -> None:
    figure = plotting.sweep(DATA, ["entropy", "z"])
    assert [ax.get_xlabel() for ax in figure.axes] == ["", r"$\gamma$"]
    own = DATA["polarization"].isel(time=-1).sel({"method": "kinetic", "group": "1", "axis": "z"})
    drawn = line(figure.axes[1], "kinetic:1:1")
    order = np.argsort(GAMMAS)
    np.testing.assert_allclose(drawn.get_ydata(), own.mean("seed").values[order])


def test_what_is_computed_from_samples_can_be_drawn_against_time() -> None:
    ax = plotting.sweep(DATA, "entropy_per_neutrino", methods=["independent"], **AGAINST_TIME)
    drawn = line(ax.axes[0], "independent:0.1:")
    for k in (0, 17, 40):
        own = quantities.entropy_per_neutrino(DATA, at=float(DATA["time"][k]))
        own = own.sel({"schedule.gamma": 0.1, "method": "independent"}).mean("seed")
        assert drawn.get_ydata()[k] == pytest.approx(float(own), rel=1e-12)


def test_a_method_that_is_the_same_for_all_values_is_drawn_once_in_black() -> None:
    data = DATA.copy(deep=True)
    data["entropy"].loc[{"method": "kinetic"}] = 0.25
    figure = plotting.sweep(data, "entropy", groups=["1"], **AGAINST_TIME)
    lines = [one for one in figure.axes[0].lines if one.get_gid().startswith("kinetic")]
    assert [one.get_gid() for one in lines] == ["kinetic:all:1"]
    assert to_hex(lines[0].get_color()) == "#000000"
    assert len(plotting.sweep(DATA, "entropy", groups=["1"], **AGAINST_TIME).axes[0].lines) == 9


def test_a_point_of_the_sweep_is_counted_once_and_has_no_rings() -> None:
    data = DATA.copy(deep=True)
    data["meetings_per_pair"] = ("schedule.gamma", [0.5, 3.0, 23.0])
    data["failed"] = ("schedule.gamma", [True, False, False])
    data["entropy"][0] = np.nan
    figure = plotting.sweep(data, "entropy", groups=["1"], **AGAINST_TIME)
    assert "Pairs meet repeatedly in 2 of 3 points, up to 23 times" in notes(figure)
    assert "Left out: 1 point that failed" in notes(figure)
    assert not [one for one in figure.axes[0].lines if "repeated" in one.get_gid()]


@pytest.mark.parametrize(
    ("quantity", "options", "message"),
    [
        (["z", "lenght"], {}, "did you mean 'length'"),
        (["z", "z"], {}, "quantity: got .*a list of up to 4 names"),
        ([], {}, "quantity: got"),
        (["z", "length"], {"residual": "kinetic"}, "residual: got 'kinetic'; allowed: one quant"),
        (["z", "length"], {"slope": 1.0}, "slope: got 1.0; allowed: one quantity with slope"),
        (["z", "length"], {"theory": {"a": "2*x"}}, r"theory\['a'\]: .*by quantity \(z, length\)"),
        ("first_minimum", {}, "quantity: got 'first_minimum'; .*has a value at a time"),
        ("z", {"line": "time"}, "line: got 'time'"),
    ],
)
def test_what_cannot_be_drawn_against_time_is_one_line(
    quantity: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(qnu.QnuError, match=message) as error:
        plotting.sweep(DATA, quantity, **(AGAINST_TIME | options))
    assert "\n" not in str(error.value)


def test_theory_of_several_quantities_is_given_by_quantity() -> None:
    given = {"a law": {"z": {"1": "1 - 0.1 * x"}, "length": "exp(-schedule.gamma * x)"}}
    names = ["z", "entropy", "length"]
    figure = plotting.sweep(DATA, names, theory=given, groups=["1"], **AGAINST_TIME)
    z, entropy, length = figure.axes
    drawn = line(z, "theory:a law")
    np.testing.assert_allclose(drawn.get_ydata(), 1 - 0.1 * drawn.get_xdata())
    assert not [one for one in entropy.lines if "theory" in one.get_gid()]
    for gamma in GAMMAS:
        drawn = line(length, f"theory:a law:{gamma:g}")
        np.testing.assert_allclose(drawn.get_ydata(), np.exp(-gamma * drawn.get_xdata()))


def test_a_slope_against_time_leaves_out_the_beginning() -> None:
    figure = plotting.sweep(DATA, "length", groups=["1"], slope=1.0, **AGAINST_TIME)
    triangle = line(figure.axes[0], "triangle")
    assert np.isfinite(triangle.get_xydata()).all()
    assert DATA["time"][0] == 0.0
    assert 0.0 < min(triangle.get_xdata()) < max(triangle.get_xdata()) < float(DATA["time"][-1])
