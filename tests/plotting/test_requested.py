"""Requested observables in figures and reports; encounters that are drawn once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import plotting
from qnu.averages import requested_curves
from qnu.experiment.figures import draw
from qnu.plotting.ends import apart
from qnu.quantum.circuits.build import circuit_and_encounters

SPEC = """
mixing_angle = 0.2
group = [{ count = 2, polarization = [0, 0, 1] }, { count = 1, polarization = [1, 0, 0] }]
gas = { velocities = "right-angle" }
schedule = { kind = "tournament", gamma = 0.5 }
output = { samples = 4 }
method = [
    { kind = "many_body", observables = ["entropy", "pair_concurrence", "half_chain_entropy"] },
    { kind = "independent" },
]
"""


def test_means_are_those_of_the_recorded_values() -> None:
    run = qnu.experiment.simulate(qnu.experiment.parse(SPEC))["many_body"]
    curves = {(c.observable, c.part): c.values for c in requested_curves(run)}
    entropy = run.dataset["entropy"].values
    pair = run.dataset["pair_concurrence"].values
    np.testing.assert_allclose(curves["entropy", "1"], (entropy[:, 0] + entropy[:, 1]) / 2)
    np.testing.assert_allclose(curves["entropy", "2"], entropy[:, 2])
    by_hand = (pair[:, 0, 1] + pair[:, 0, 2] + pair[:, 1, 2]) / 3
    np.testing.assert_allclose(curves["pair_concurrence", "pairs"], by_hand)
    assert by_hand.max() > 0.01
    assert ("half_chain_entropy", "half") in curves


def test_a_run_shows_what_was_requested(tmp_path: Path) -> None:
    experiment = qnu.experiment.parse(SPEC)
    results = qnu.experiment.run(experiment, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert "observables" in summary["figures"]
    seen = summary["methods"]["many_body"]["observables"]
    run = results.trajectories["many_body"]
    value = run.dataset["entropy"].values[-1, 2]
    entropy = run.dataset["entropy"].values[:, 2]
    assert seen["entropy"]["2"]["largest"] == pytest.approx(entropy.max())
    assert entropy.max() > entropy.min()
    assert seen["entropy"]["2"]["last"] == pytest.approx(value)
    assert seen["pair_concurrence"]["pairs"]["times"] == [0.0, run.times[-1]]
    assert summary["methods"]["independent"]["observables"] == {}
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "## Requested observables" in report
    assert f"| many_body | entropy | group 2 | 0.0000 | {value:.4f} |" in report
    assert "(figures/observables.png)" in report


def test_the_figure_has_a_panel_for_each_and_the_recorded_numbers() -> None:
    runs = qnu.experiment.simulate(qnu.experiment.parse(SPEC))
    figure = plotting.requested_observables(runs)
    assert len(figure.axes) == 3
    lines = {line.get_gid(): line for line in figure.axes[0].lines}
    values = runs["many_body"].dataset["entropy"].values[:, 2]
    assert lines["many_body:2"].get_ydata() == pytest.approx(values)
    assert lines["many_body:1"].get_color() != lines["many_body:2"].get_color()
    (pairs,) = figure.axes[1].lines
    assert pairs.get_color() not in [line.get_color() for line in lines.values()]
    with pytest.raises(qnu.QnuError, match="at least one with an observable"):
        plotting.requested_observables({"independent": runs["independent"]})


def test_no_figure_where_nothing_was_requested(tmp_path: Path) -> None:
    text = SPEC.replace('observables = ["entropy", "pair_concurrence", "half_chain_entropy"]', "")
    experiment = qnu.experiment.parse(text.replace('"many_body",  }', '"many_body" }'))
    drawn, _ = draw(experiment, qnu.experiment.simulate(experiment), tmp_path / "f", print)
    assert "observables" not in drawn


def test_an_encounter_in_several_gates_is_drawn_once_with_its_whole_angle() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.1, 0.3], mixing_angle=0.2)
    ramp = qnu.profiles.Table([0.0, 0.5, 1.0], [0.0, 9.0, 0.0])
    schedule = qnu.EncounterSchedule(
        [0], [1], [0.75], [0.0], 1.0, neutrinos=2, final_time=1.0, matter=ramp
    )
    qc, numbers = circuit_and_encounters(gas, schedule, [0.0, 0.4, 1.0], None)
    assert len(numbers) > 1
    assert set(numbers) == {0}

    def angles(figure: object) -> list[str]:
        texts = [text.get_text() for text in figure.axes[-1].texts]  # type: ignore[attr-defined]
        return [text for text in texts if text.startswith("0.") and len(text) == 4]

    assert angles(plotting.circuit_diagram(qc, encounters=numbers)) == ["0.75"]
    assert len(angles(plotting.circuit_diagram(qc))) == len(numbers)


def test_of_an_encounter_in_several_gates_the_last_one_has_the_swap() -> None:
    from qnu.plotting.circuits import _for_drawing

    gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.1, 0.3])
    schedule = qnu.EncounterSchedule([0], [1], [0.75], [0.0], 1.0, neutrinos=2)
    qc, numbers = circuit_and_encounters(gas, schedule, [0.0, 0.4, 1.0], None, swap=True)
    drawn = [gate.operation for gate in _for_drawing(qc, numbers) if "enc" in gate.operation.name]
    whole = qnu.quantum.circuit(gas, schedule, swap=True).data
    (name,) = {gate.operation.name for gate in whole if "enc" in gate.operation.name}
    assert [(gate.name, gate.label) for gate in drawn] == [(name, "0.75")]
    assert len(numbers) == 2


def test_names_beside_curves_move_no_further_than_they_must() -> None:
    assert apart(np.array([0.9, 0.2]), 0.115).tolist() == [0.9, 0.2]
    close = apart(np.array([0.5, 0.52]), 0.115)
    assert close.mean() == pytest.approx(0.51)
    assert close[1] - close[0] == pytest.approx(0.115)
    top = apart(np.array([0.95, 0.94, 0.93]), 0.115)
    assert top.max() <= 0.951
    assert np.diff(np.sort(top)).min() > 0.11


def test_the_report_says_which_methods_the_sphere_leaves_out() -> None:
    from qnu.report.page import _not_on_the_sphere
    from qnu.report.record import Record

    experiment = qnu.experiment.load("msw_1")
    gas, schedule = experiment.gas, experiment.schedule
    theory = qnu.experiment.simulate(experiment)
    assert any(run.method == "miscidynamics" for run in theory.values())
    runs = {"mean field": qnu.solvers.mean_field(gas, [0.0, 1.0]), **theory}
    text = _not_on_the_sphere(Record("x", gas, schedule, runs))
    assert text.startswith(" Left out: mean field")
    assert "over the times of miscidynamics" in text


def test_estimates_longer_than_one_stay_inside_the_panel() -> None:
    spec = qnu.experiment.parse(SPEC)
    exact = qnu.experiment.simulate(spec)["many_body"]
    data = exact.dataset.copy(deep=True)
    data["polarization"][:] = data["polarization"] * 1.15
    data["polarization_error"] = data["polarization"] * 0 + 0.05
    ax = plotting.compare({"shots": qnu.Trajectory(data)}, panels=["length"]).axes[0]
    assert ax.get_ylim()[1] > ax.dataLim.y1 > 1.1
