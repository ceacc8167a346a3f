"""The Bloch sphere: where paths begin and end, and when it is of no use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import plotting
from qnu.experiment.figures import draw
from qnu.report.page import left_out
from qnu.report.record import Record

from .built import along_z, build, gas_of

TURN = np.array([[[1, 0, 0], [0, 0, 1]], [[0, 1, 0], [0, 0.6, 0.8]]], float)


def marks(ax: object, gid: str) -> list:
    return [one for one in ax.lines if one.get_gid() == gid]  # type: ignore[attr-defined]


def test_ends_differ_in_shape_and_stand_where_paths_begin_and_end() -> None:
    ax = plotting.bloch({"many_body": build(gas_of(["a", "b"]), [0.0, 1.0], TURN)}).axes[0]
    colors = plotting.group_colors(["a", "b"])
    for g, name in enumerate("ab"):
        (start,), (end,) = marks(ax, f"start:{name}"), marks(ax, f"end:{name}")
        np.testing.assert_allclose(np.ravel(start.get_data_3d()), TURN[0, g])
        np.testing.assert_allclose(np.ravel(end.get_data_3d()), TURN[1, g])
        assert start.get_marker() != end.get_marker()
        assert start.get_markeredgecolor() == colors[name]
        assert start.get_markerfacecolor() == "white"
        assert end.get_markerfacecolor() == colors[name]


def test_groups_that_begin_together_have_marks_of_different_sizes() -> None:
    together = TURN.copy()
    together[0, 1] = together[0, 0]
    ax = plotting.bloch({"many_body": build(gas_of(["a", "b"]), [0.0, 1.0], together)}).axes[0]
    (a,), (b,) = marks(ax, "start:a"), marks(ax, "start:b")
    assert a.get_markersize() > 1.4 * b.get_markersize()
    assert a.get_zorder() < b.get_zorder()


def test_methods_that_begin_together_share_a_mark() -> None:
    gas = gas_of(["a", "b"])
    other = TURN.copy()
    other[1] = [[-1, 0, 0], [0, 0, -1]]
    runs = {
        "many_body": build(gas, [0.0, 1.0], TURN),
        "independent": build(gas, [0.0, 1.0], other, "independent"),
    }
    ax = plotting.bloch(runs).axes[0]
    assert len(marks(ax, "start:a")) == 1
    assert len(marks(ax, "end:a")) == 2


@pytest.mark.parametrize("direction", [(0, 0, 1), (0.6, 0, 0.8)])
def test_a_sphere_of_one_straight_line_is_of_no_use(direction: tuple[float, ...]) -> None:
    gas = gas_of(["a", "b"])
    along = np.array([[1.0, -1.0], [0.2, -0.3]])[..., None] * np.array(direction)
    assert not plotting.sphere_is_useful({"a": build(gas, [0.0, 1.0], along)})
    beside = along.copy()
    beside[1, 0, 1] += 0.1
    assert plotting.sphere_is_useful({"a": build(gas, [0.0, 1.0], beside)})
    both = {"a": build(gas, [0.0, 1.0], along), "b": build(gas, [0.0, 1.0], TURN)}
    assert plotting.sphere_is_useful(both)


def test_a_run_leaves_such_a_sphere_out_and_says_why(tmp_path: Path) -> None:
    experiment = qnu.experiment.load("plane_wave_4")
    times = [0.0, 1.0]
    count = len(experiment.gas)
    z = np.linspace(-1, 1, count)[None] * np.array([[1.0], [0.4]])
    run = build(experiment.gas, times, along_z(z))
    drawn, notes = draw(experiment, {"many_body": run}, tmp_path / "figures", lambda share: None)
    assert "comparison" in drawn
    assert "bloch" not in drawn
    assert not notes
    record = Record("x", experiment.gas, experiment.schedule, {"many_body": run})
    assert left_out(record, drawn)["bloch"] == "all polarizations stay on one straight line"


def test_a_long_name_of_a_method_is_not_cut() -> None:
    runs = {"a method of a very long name, indeed": build(gas_of(["a", "b"]), [0.0, 1.0], TURN)}
    figure = plotting.bloch(runs)
    with plotting.style.paper():
        (legend,) = figure.legends
        assert legend.get_window_extent().x1 <= figure.bbox.x1
        assert legend.get_window_extent().x0 >= 0.6 * 4.9 * figure.dpi
