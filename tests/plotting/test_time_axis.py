"""The axis of time: mu t, mu(0) t, km and seconds; names of groups as symbols."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import qnu
from qnu import plotting
from qnu.plotting import style, time_axis

from .built import along_z, build, gas_of

TIMES = [0.0, 1000.0]


def figure_of(unit: str, per_km: float | None = 2.0, **attributes: Any) -> Any:
    gas = gas_of(["a"])
    run = build(gas, TIMES, along_z([[1], [0.5]]), mu_unit_per_km=per_km, **attributes)
    return plotting.compare({"many_body": run}, panels=["z"], second_axis=unit)


@pytest.mark.parametrize(
    ("unit", "label", "end"),
    [
        ("path", "path (km)", 500.0),
        ("km", "path (km)", 500.0),
        ("m", "path (m)", 5e5),
        ("ms", "time (ms)", 500.0 / 299.792458),
        ("us", r"time ($\mu$s)", 500.0 / 0.299792458),
    ],
)
def test_the_second_axis_is_a_path_or_a_time(unit: str, label: str, end: float) -> None:
    ax = figure_of(unit).axes[0]
    (top,) = ax.child_axes
    assert top.get_xlabel() == label
    share = (top.get_xlim()[1] - top.get_xlim()[0]) / (ax.get_xlim()[1] - ax.get_xlim()[0])
    assert share * 1000.0 == pytest.approx(end)


def test_no_second_axis_without_a_unit_or_with_two() -> None:
    assert not figure_of("km", per_km=None).axes[0].child_axes
    assert not figure_of("").axes[0].child_axes
    gas = gas_of(["a"])
    runs = {str(k): build(gas, TIMES, along_z([[1], [0.5]]), mu_unit_per_km=k) for k in (1.0, 2.0)}
    assert not plotting.compare(runs, panels=["z"]).axes[0].child_axes
    with pytest.raises(qnu.QnuError, match="second_axis: got 'mile'"):
        figure_of("mile")


def test_time_is_called_by_the_mu_it_counts_in() -> None:
    assert figure_of("").axes[0].get_xlabel() == r"time $\mu t$"
    falling = {"mu": "falls", "mu_at_start": 1.0}
    assert figure_of("", **falling).axes[0].get_xlabel() == r"time $\mu(0)\,t$"
    assert figure_of("", mu=0.0).axes[0].get_xlabel() == "time $t$"
    assert figure_of("", mu=2.0).axes[0].get_xlabel() == r"time $t$ ($\mu = 2$)"
    gas = gas_of(["a", "b"])
    profile = qnu.profiles.Exponential(1.0, 4.0)
    schedule = qnu.EncounterSchedule(
        [0], [1], [0.2], [0.5], 0.0, neutrinos=2, final_time=2.0, mu=profile
    )
    diagram = plotting.schedule_diagram(gas, schedule, note="History of seed 3.")
    assert diagram.axes[0].get_xlabel() == r"time $\mu(0)\,t$"
    assert "History of seed 3." in [text.get_text() for text in diagram.texts] + [
        diagram.get_supxlabel()
    ]
    run = qnu.solvers.many_body(gas, schedule, [0.0, 2.0], observables=["purity"])
    axes = plotting.requested_observables({"exact": run}).axes
    assert axes[-1].get_xlabel() == r"time $\mu(0)\,t$"
    assert time_axis.label_of_profile(3.0) == r"time $t$ ($\mu = 3$)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("nu_e", r"$\nu_e$"),
        ("nue", r"$\nu_e$"),
        ("nu_x", r"$\nu_x$"),
        ("nu_mu", r"$\nu_\mu$"),
        ("numu", r"$\nu_\mu$"),
        ("nu_tau", r"$\nu_\tau$"),
        ("nu", r"$\nu$"),
        ("anti_nu_e", r"$\bar\nu_e$"),
        ("anti-nu_e", r"$\bar\nu_e$"),
        ("antinu_x", r"$\bar\nu_x$"),
        ("nubar_e", r"$\bar\nu_e$"),
        ("nu_e_bar", r"$\bar\nu_e$"),
        ("nuebar", r"$\bar\nu_e$"),
        ("nubar", r"$\bar\nu$"),
        ("electron", "electron"),
        ("nu_beam", "nu_beam"),
        ("menu_e", "menu_e"),
        ("anti_nubar_e", "anti_nubar_e"),
        ("1", "1"),
        (r"$\nu$ 5", r"$\nu$ 5"),
    ],
)
def test_names_of_neutrinos_are_symbols_and_others_stay(name: str, shown: str) -> None:
    assert style.group_name(name) == shown


def test_symbols_are_in_every_figure() -> None:
    gas = gas_of(["nu_e", "nu_x"])
    run = build(gas, [0.0, 1.0], along_z([[1, 0.5], [0.2, -0.5]]))
    schedule = qnu.schedules.tournament(gas, gamma=0.3)
    figures = [
        plotting.compare({"a": run}),
        plotting.bloch({"a": run}),
        plotting.schedule_diagram(gas, schedule),
    ]
    for figure in figures:
        texts = [t.get_text() for one in figure.legends for t in one.get_texts()]
        assert any(r"$\nu_e$: 1" in text for text in texts)
        assert not any("nu_e:" in text for text in texts)
    names = {t.get_gid(): t.get_text() for t in figures[0].axes[0].texts}
    assert names["name:nu_x"] == r"$\nu_x$"


def test_names_stand_at_the_ends_of_their_curves() -> None:
    gas = gas_of(["a", "b"])
    for end, moved in (([0.9, -0.7], False), ([0.5, 0.51], True)):
        run = build(gas, [0.0, 1.0], along_z([[1, -1], end]))
        ax = plotting.compare({"many_body": run}, panels=["z"]).axes[0]
        names = [t for t in ax.texts if str(t.get_gid()).startswith("name:")]
        assert [text.xy for text in names] == [(1.0, end[0]), (1.0, end[1])]
        assert all((text.arrow_patch is not None) is moved for text in names)
        low, high = ax.get_ylim()
        places = np.array([text.xyann[1] for text in names])
        shares = (np.array(end) - low) / (high - low)
        if moved:
            assert abs(places[0] - places[1]) > 0.05
        else:
            np.testing.assert_allclose(places, shares, atol=0.03)
