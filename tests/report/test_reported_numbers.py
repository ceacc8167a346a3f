"""Every number that a report, a table or a figure gives, worked out by hand."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import checkpoint, experiment, report
from qnu.plotting import compare
from qnu.report.summary import summary

SPEC = """
seed = 3
[[group]]
count = 2
polarization = [0.6, 0.0, 0.8]
omega = 1.0
[[group]]
name = "second"
count = 1
polarization = [0.0, 0.0, -1.0]
omega = 0.5
[schedule]
kind = "random_pairs"
gamma = 0.1
encounters = 20
[output]
samples = 3
"""


def one_neutrino() -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas([[1.0, 0.0, 0.0]], omega=[1.0])


def history(vectors: list[list[float]], method: str = "independent", **more: object):
    """A Trajectory of one neutrino with the polarizations given, at t = 0, 1, 2, ..."""
    values = np.array(vectors, dtype=float)[:, None, :]
    times = np.arange(float(len(values)))
    return qnu.Trajectory.build(method, one_neutrino(), times, values, started=0.0, **more)


def with_errors(vectors: list[list[float]], errors: list[list[float]]) -> qnu.Trajectory:
    error = np.array(errors, dtype=float)[:, None, :]
    return history(vectors, "circuit", variables={
        "polarization_error": (("time", "neutrino", "axis"), error),
        "group_polarization_error": (("time", "group_mean", "axis"), error),
    })  # fmt: skip


def test_the_error_of_a_length_is_the_part_of_the_error_along_p() -> None:
    # d|P| = P . dP / |P| with |P| = 1/2: (0.3 x 0.01)^2 + (0.4 x 0.03)^2 = 1.53e-4, over 1/4
    (row,) = report.rows({"a": with_errors([[0.3, 0, 0.4]], [[0.01, 9.0, 0.03]])})
    assert row.length == pytest.approx(0.5)
    assert row.error is not None
    assert row.error == pytest.approx([0.01, 9.0, 0.03, np.sqrt(1.53e-4) / 0.5])


def test_of_a_length_of_zero_the_error_is_the_largest_component() -> None:
    (row,) = report.rows({"a": with_errors([[0.0, 0, 0]], [[0.01, 0.02, 0.03]])})
    assert row.error is not None
    assert row.error[3] == 0.03


def test_differences_of_a_summary_are_those_of_their_samples() -> None:
    far, near = [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]], [[1.0, 0, 0], [0, 0.2, 0], [0, 0, 0.9]]
    loaded = experiment.parse(SPEC + '[[method]]\nkind = "independent"\n')
    results = experiment.Results(loaded, {"a": history(far), "b": history(near)})
    (difference,) = summary(results.record(), [])["differences"]
    assert difference["methods"] == ["a", "b"]
    assert difference["common_samples"] == 3
    assert difference["largest"] == pytest.approx(0.8)
    assert difference["last"] == pytest.approx(0.1)


def test_figures_that_are_left_out_are_named_with_the_reason() -> None:
    text = SPEC + '[[method]]\nkind = "independent"\n'
    loaded = experiment.parse(text.replace("encounters = 20", "encounters = 2000"))
    record = experiment.Results(loaded, {"a": history([[1.0, 0, 0]] * 3)}).record()
    size = f"2000 encounters of {len(loaded.gas)} neutrinos cannot be read in one diagram"
    assert summary(record, ["comparison", "bloch"])["figures_left_out"] == {"schedule": size}
    line = f"Figures left out: schedule, {size}."
    assert line in report.markdown(record, ["comparison", "bloch"])
    assert "left out" not in report.markdown(record, ["comparison", "bloch", "schedule"])
    failed = dataclasses.replace(record, notes=("figure schedule: OSError: a full disk",))
    assert summary(failed, ["comparison", "bloch"])["figures_left_out"] == {}
    assert "left out" not in report.markdown(failed, ["comparison", "bloch"])


@pytest.mark.parametrize("antineutrino", [False, True])
def test_the_table_says_what_its_components_of_antineutrinos_are(antineutrino: bool) -> None:
    gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0], antineutrino=[antineutrino])
    run = qnu.solvers.mean_field(gas, [0.0, 1.0])
    note = "antineutrinos: flavor isospin S = (-x, y, -z) of their own polarization"
    assert (report.table({"a": run}).caption == note) is antineutrino
    assert str(report.table({"a": run, "b": run}).caption).endswith(note) is antineutrino


def test_every_panel_has_the_error_of_its_own_quantity() -> None:
    vectors, errors = [[0.3, 0.0, 0.4], [0.0, 0.0, 0.5]], [[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]]
    figure = compare({"circuit": with_errors(vectors, errors)}, panels=["length", "z"])

    def half_bars(axes) -> list[float]:
        (bars,) = [c for box in axes.containers for c in box[2]]
        return [float(np.ptp(segment[:, 1]) / 2) for segment in bars.get_segments()]

    assert half_bars(figure.axes[0]) == pytest.approx([np.sqrt(1.53e-4) / 0.5, 0.06])
    assert half_bars(figure.axes[1]) == pytest.approx([0.03, 0.06])


def test_miscidynamics_takes_its_start_once() -> None:
    schedule = 'kind = "stochastic"\ngamma = 0.1\nprobability = 0.5\nduration = 4.0\n'
    text = SPEC.replace('kind = "random_pairs"\ngamma = 0.1\nencounters = 20\n', schedule)
    text = text.replace("samples = 3", "samples = 5") + '[[method]]\nkind = "independent"\n'
    text += '[[method]]\nkind = "miscidynamics"\nstart = { method = "independent", time = 2.0 }\n'
    methods = {method.label: method for method in experiment.parse(text).methods}
    assert methods["independent"].times.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert methods["miscidynamics"].times.tolist() == [2.0, 3.0, 4.0]


def test_a_checkpoint_of_another_version_has_another_key(monkeypatch) -> None:
    mine = checkpoint.key_of("gas", "schedule")
    assert mine == checkpoint.key_of("gas", "schedule")
    assert mine != checkpoint.key_of("gas", "other")
    monkeypatch.setattr(checkpoint, "_SAME_BITS", "0.0.1")  # runs gave other bits before
    assert mine != checkpoint.key_of("gas", "schedule")


# ------------------------------------------------------------ what others are compared with


def test_only_exact_methods_are_a_reference() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8], [1, 0, 0]], omega=[0.1, 0.2, 0.3])
    schedule = qnu.schedules.tournament(gas, gamma=0.3)
    found = {
        "mean_field": qnu.solvers.mean_field(gas, [0.0, schedule.final_time], resolve="neutrino"),
        "independent": qnu.solvers.independent(gas, schedule),
        "shots": qnu.quantum.run(gas, schedule, "qnu", shots=10, seed=1),
    }
    assert report.reference_label(found) is None
    assert {row.difference for row in report.rows(found)} == {None}
    found["cut"] = qnu.quantum.run(gas, schedule, "aer_mps", shots=0)
    assert report.reference_label(found) is None, "a matrix product state may be cut"
    for label, hardware in (("density", "aer_density_matrix"), ("exact", "qnu")):
        exact = {label: qnu.quantum.run(gas, schedule, hardware, shots=0)}
        assert report.reference_label(found | exact) == label
    found |= exact
    found["cone"] = qnu.solvers.light_cone(gas, schedule)
    assert report.reference_label(found) == "cone"
    found["state"] = qnu.solvers.many_body(gas, schedule)
    assert report.reference_label(found) == "state"
    last = found["independent"].at() - found["state"].at()
    row = next(row for row in report.rows(found) if row.label == "independent")
    assert row.difference == pytest.approx(np.linalg.norm(last.mean(axis=0)), abs=1e-14)
    assert row.difference > 1e-5


def test_no_approximation_becomes_a_reference_in_any_schedule() -> None:
    """Not even ``independent`` with fresh partners, where the circuit is the exact one."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2], group=[0, 1])
    fresh = qnu.schedules.constant_background(gas, 1, gamma=0.1, encounters=5)
    pairs = qnu.schedules.random_pairs(gas, gamma=0.1, encounters=5, seed=1)
    for schedule in (fresh, pairs):
        found = {
            solve.__name__: solve(gas, schedule)
            for solve in (qnu.solvers.independent, qnu.solvers.kinetic, qnu.solvers.mean_field)
        }
        if schedule is pairs:
            start = qnu.solvers.miscidynamics(gas, schedule, force=True)
            found = {"miscidynamics": start, **found}
        assert report.reference_label(found) is None
        assert report.rows(found)[0].difference is None
        found["shots"] = qnu.quantum.run(gas, schedule, "aer_statevector", shots=20, seed=1)
        assert report.reference_label(found) is None
    exact = {"circuit": qnu.quantum.run(gas, fresh, "aer_density_matrix", shots=0)}
    del found["shots"]
    both = {"independent": qnu.solvers.independent(gas, fresh), **exact}
    assert report.reference_label(both) == "circuit"
    assert report.rows(both)[0].difference == pytest.approx(0, abs=1e-10)


def table_of(trajectories, capsys) -> str:
    from rich.console import Console

    Console(width=80).print(report.table(trajectories))
    return str(capsys.readouterr().out)


def test_a_table_without_an_exact_method_says_so(capsys) -> None:
    vectors = [[1.0, 0, 0], [0, 1.0, 0]]
    two = {"a": history(vectors), "b": history(vectors, "kinetic")}
    text = table_of(two, capsys)
    assert "diff" not in text
    assert "no method here is exact" in text
    with_state = table_of(two | {"c": history(vectors, "many_body")}, capsys)
    assert "diff: distance from c, exact, at the same time" in with_state
    assert max(map(len, (text + with_state).splitlines())) <= 80
    loaded = experiment.parse(SPEC + '[[method]]\nkind = "independent"\n')
    page = report.markdown(experiment.Results(loaded, two).record(), [])
    assert "distance from" not in page
    assert "No method here is exact, so none is a reference for the others." in page
    assert summary(experiment.Results(loaded, two).record(), [])["reference"] is None


def test_the_last_lines_of_a_run_fit_eighty_columns(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(
        SPEC + '[[method]]\nkind = "independent"\n', encoding="utf-8"
    )
    place = "results/a_folder_with_quite_a_long_name"
    done = subprocess.run(
        [sys.executable, "-m", "qnu", "run", "small.toml", "-o", place],
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == f"Results: {place}  (start with report.md)"
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("encounters", "sentence"),
    [(20, "**fails**: a pair meets 6.67 times"), (3, "a pair meets once on")],
)
def test_a_report_says_how_often_a_pair_meets(encounters: int, sentence: str) -> None:
    # three neutrinos make three pairs
    text = SPEC.replace("encounters = 20", f"encounters = {encounters}")
    loaded = experiment.parse(text + '[[method]]\nkind = "independent"\n')
    results = experiment.Results(loaded, {"a": history([[1.0, 0, 0], [0, 1.0, 0]])})
    page = report.markdown(results.record(), [])
    assert sentence in page.partition("## Where these numbers may be trusted")[2]


def test_a_report_says_the_weights_of_groups() -> None:
    text = SPEC.replace('name = "second"', 'name = "second"\nweight = 0.76').replace(
        "[0.0, 0.0, -1.0]", "[0.0, 0.6, -0.8]"
    )
    loaded = experiment.parse(text + '[[method]]\nkind = "mean_field"\n')
    record = experiment.Results(loaded, experiment.simulate(loaded)).record()
    assert "2 in group 1, 1 in group second of weight 0.76)" in report.markdown(record, [])
    assert summary(record, [])["gas"]["weights"] == {"1": 1.0, "second": 0.76}
    plain = experiment.parse(SPEC + '[[method]]\nkind = "mean_field"\n')
    record = experiment.Results(plain, experiment.simulate(plain)).record()
    assert "weights" not in summary(record, [])["gas"]
