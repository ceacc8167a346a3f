"""Curves that lie on each other: every group and every method stays visible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image

import qnu
from qnu import plotting
from qnu.plotting import coincide, style

from .built import along_z, build, gas_of

TIMES = np.linspace(0.0, 10.0, 101)
GAS = gas_of(["a", "b"])
#: The two groups are equal until t = 5, then they part.
PARTING = np.stack([0.5 + 0 * TIMES, 0.5 - 0.1 * np.clip(TIMES - 5, 0, None)], axis=1)


def pieces(figure: Any, gid: str) -> list[Any]:
    return [one for one in figure.axes[0].lines if one.get_gid() == f"part:{gid}"]


def compare(runs: dict[str, qnu.Trajectory]) -> Any:
    return plotting.compare(runs, panels=["z"])


def test_groups_share_a_line_only_where_they_lie_together() -> None:
    figure = compare({"many_body": build(GAS, TIMES, along_z(PARTING))})
    for name in "ab":
        shared, alone = pieces(figure, f"many-body:{name}")
        assert shared.get_xdata()[0] == 0.0
        assert shared.get_xdata()[-1] == pytest.approx(5.0, abs=0.15)
        assert shared.get_linestyle() == "--"
        assert alone.get_linestyle() == "-"
        assert alone.get_xdata()[0] == shared.get_xdata()[-1]
        assert alone.get_xdata()[-1] == 10.0


def test_dashes_of_two_groups_fill_each_others_gaps() -> None:
    for kind in ("many_body", "mean_field", "kinetic", "miscidynamics"):
        own = plotting.method_style(build(GAS, TIMES, along_z(PARTING), kind))
        drawn = np.zeros((3, 5000), bool)
        for place in range(3):
            stretch = coincide.Stretch(0, 100, place, 3, None)
            options = coincide.line_options(own.line_options("red"), own, stretch, None)
            shift, dashes = options["linestyle"]
            edges = np.cumsum(dashes)
            at = (np.linspace(0, 2 * edges[-1], 5000, endpoint=False) + shift) % edges[-1]
            drawn[place] = np.searchsorted(edges, at, side="right") % 2 == 0
        assert (drawn.sum(axis=0) > 1).mean() < 2e-3, kind  # never two at one place
        parts = drawn.sum(axis=1)
        assert parts.min() > 0.99 * parts.max(), kind  # as much of each
        if own.line == "-":
            assert (drawn.sum(axis=0) == 1).mean() > 0.998


def test_both_colors_are_on_paper_also_in_grey(tmp_path: Any) -> None:
    same = np.full((101, 2), 0.5)
    figure = compare({"many_body": build(GAS, TIMES, along_z(same))})
    path, _ = plotting.save(figure, tmp_path, "two")
    own = plotting.method_style(build(GAS, TIMES, along_z(same)))
    wanted = [own.color(c) for c in plotting.group_colors(["a", "b"]).values()]
    with Image.open(path) as image:
        left = image.convert("RGB").crop((0, 0, int(0.6 * image.width), image.height))
        counts = {to_hex(np.array(c) / 255): n for n, c in left.getcolors(1 << 20)}
        shades = [Image.new("RGB", (1, 1), c).convert("L").getpixel((0, 0)) for c in wanted]
    one, two = (counts.get(color, 0) for color in wanted)
    assert min(one, two) > 2000
    assert 0.8 < one / two < 1.25
    assert abs(shades[0] - shades[1]) > 20


def test_curves_that_cross_are_left_alone() -> None:
    crossing = np.stack([TIMES / 10, 1 - TIMES / 10], axis=1)
    figure = compare({"many_body": build(GAS, TIMES, along_z(crossing))})
    assert not pieces(figure, "many-body:a")
    assert not pieces(figure, "many-body:b")


def test_a_method_below_a_wide_line_is_drawn_on_it_there_only() -> None:
    gas = gas_of(["a"])
    exact = np.where(TIMES < 5, 0.5, 0.5 - 0.1 * (TIMES - 5))[:, None]
    runs = {
        "mean_field": build(gas, TIMES, along_z(np.full((101, 1), 0.5)), "mean_field"),
        "many_body": build(gas, TIMES, along_z(exact)),
    }
    figure = compare(runs)
    raised, below = pieces(figure, "mean field:a")
    cover = style.styles(runs)["many_body"]
    assert raised.get_xdata()[-1] == pytest.approx(5.0, abs=0.3)
    assert raised.get_zorder() > cover.order > below.get_zorder()
    assert raised.get_linewidth() < cover.width / 2
    assert (
        plotting.lightness(raised.get_color())
        < plotting.lightness(cover.color(plotting.GROUP_COLORS[0])) - 30
    )


def test_mean_field_lies_behind_all_others() -> None:
    methods = qnu.methods.METHODS
    order = {k: m.line_style.order for k, m in methods.items() if m.line_style is not None}
    assert min(order, key=order.__getitem__) == "mean_field"
    assert sorted(order.values())[1] > order["mean_field"]


def test_markers_at_one_place_are_rings() -> None:
    values = np.array([[0.5, 0.5], [0.5, -0.5]])
    run = build(GAS, [0.0, 1.0], along_z(values), "circuit", hardware="qnu")
    (ring,) = pieces(compare({"circuit": run}), "circuit:a")
    assert ring.get_xdata().tolist() == [0.0]
    own = plotting.method_style(run).line_options("red")
    assert ring.get_markersize() > 1.4 * own["markersize"]
    assert ring.get_zorder() < own["zorder"]


def test_three_groups_in_a_chain_are_one_cluster() -> None:
    values = np.array([[0.0, 0.009, 0.018, 0.5], [0.0, 0.5, 0.009, 1.0]])
    assert coincide.clusters(values, 0.01).tolist() == [[7, 7, 7, 8], [5, 2, 5, 8]]
    assert coincide.clusters(np.array([[np.nan, 0.0]]), 1.0).tolist() == [[1, 2]]
