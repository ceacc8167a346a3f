"""The figure of collision terms shows what they are."""

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

import qnu
from qnu import plotting, solvers
from qnu.averages import requested_curves
from qnu.experiment import tables

NAME = "collision_term"


def gas_of(each: int = 2) -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(2 * each, polarization=(0.0, 0.0, 1.0), omega=0.2, name="1"),
            qnu.Group(each, polarization=(0.8, 0.0, 0.6), omega=-0.1, name="2"),
        ],
        velocities="right-angle",
    )


@pytest.fixture(scope="module")
def waves() -> qnu.Trajectory:
    gas = gas_of()
    schedule = qnu.schedules.plane_wave(gas, 3.0, steps=12)
    times = schedule.equally_spaced(13)
    return solvers.many_body(gas, schedule, times, observables=[NAME], trotter_error=False)


@pytest.fixture(scope="module")
def shots() -> qnu.Trajectory:
    gas = gas_of()
    schedule = qnu.schedules.plane_wave(gas, 3.0, steps=12)
    return qnu.quantum.run(gas, schedule, "qnu", [0.0, 1.5, 3.0], 3000, [NAME], seed=1)


@pytest.fixture(scope="module")
def term() -> solvers.CollisionTerm:
    gas = gas_of(10)
    runs = []
    for seed in range(6):
        schedule = qnu.schedules.stochastic(gas, 0.1, 0.2, 2.0, seed=seed)
        runs.append(solvers.independent(gas, schedule, [0.0, 0.5, 1.0, 1.5, 2.0]))
    return solvers.ensemble_collision_term(runs, gas, schedule)


def lines(ax) -> dict[str, np.ndarray]:
    return {line.get_gid(): np.asarray(line.get_ydata(), float) for line in ax.lines}


def test_every_column_has_its_numbers(term, waves, shots) -> None:
    figure = plotting.collision_terms({"OILE": term, "waves": waves, "shots": shots}, "A title")
    along, across = figure.axes[:3], figure.axes[3:]
    assert [ax.get_title() for ax in along] == ["OILE", "waves", "shots"]
    values, errors = term.components()
    for part, row in enumerate((along, across)):
        for g, name in enumerate(("1", "2")):
            known = lines(row[0])[f"line:{name}"]
            np.testing.assert_array_equal(known, term.expected_components()[:, g, part])
            bars = row[0].containers[g]
            assert isinstance(bars, ErrorbarContainer)
            np.testing.assert_allclose(bars.lines[0].get_ydata(), values[:, g, part])
            low, high = np.array(bars.lines[2][0].get_segments())[:, :, 1].T
            np.testing.assert_allclose((high - low) / 2, errors[:, g, part])
    mean = waves[NAME].values[:, 4:].mean(axis=1)  # group 2: along its own P
    own = waves.group_mean()[:, 1]
    wanted = (mean * own).sum(axis=1) / np.linalg.norm(own, axis=1)
    np.testing.assert_allclose(lines(along[1])["2"], wanted, atol=1e-12)
    assert abs(lines(along[1])["2"][0]) < 1e-12  # memory: it starts at 0
    assert abs(wanted[-1]) > 0.02
    assert len(along[2].containers) == 2


def test_one_column_of_a_journal_has_the_panels_below_each_other(term, waves) -> None:
    figure = plotting.collision_terms({"OILE": term, "waves": waves}, width="single")
    assert figure.get_figwidth() == pytest.approx(3.4)
    tops = [ax.get_position().y1 for ax in figure.axes]
    assert tops == sorted(tops, reverse=True)
    assert [ax.get_title() for ax in figure.axes] == ["OILE", "", "waves", ""]


def test_what_cannot_be_drawn_is_said(term, waves) -> None:
    plain = solvers.mean_field(gas_of(), [0.0, 1.0])
    together = qnu.Trajectory.of_histories([waves, waves], [1, 2])
    for given, message in (
        ({}, "at least one"),
        ({"a": plain}, "observables"),
        ({"a": together}, "ensemble"),
        ({"a": 3.0}, "CollisionTerm or a Trajectory"),
    ):
        with pytest.raises(qnu.QnuError, match=message):
            plotting.collision_terms(given)
    with pytest.raises(qnu.QnuError, match="width"):
        plotting.collision_terms({"a": term}, width="wide")


def test_reports_show_the_root_mean_square_less_the_errors(waves, shots) -> None:
    for run in (waves, shots):
        squares = (run[NAME].values ** 2).sum(-1)
        if f"{NAME}_error" in run:
            squares = squares - (run[f"{NAME}_error"].values ** 2).sum(-1)
        curves = {curve.part: curve.values for curve in requested_curves(run)}
        wanted = np.sqrt(np.maximum(squares[:, :4].mean(axis=1), 0.0))
        np.testing.assert_allclose(curves["1"], wanted)
    by_group = tables.groups(waves)
    assert by_group[f"{NAME}_z"][0::2] == pytest.approx(waves[NAME].values[:, :4, 2].mean(1))
    by_neutrino = tables.neutrinos(shots)
    assert by_neutrino[f"{NAME}_y_shot_error"] == pytest.approx(
        shots[f"{NAME}_error"].values[..., 1].ravel()
    )
