"""Entropies of clusters from their light cones, against the whole state and against bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import qnu
from qnu import QnuError, observables, plotting, testing
from qnu.solvers import cluster_entropies, final_state


def line(count: int, gamma: float = 0.5) -> tuple[qnu.NeutrinoGas, qnu.EncounterSchedule]:
    gas = testing.random_gas(count, seed=3, velocities="right-angle", mixing_angle=0.3)
    return gas, qnu.schedules.tournament(gas, gamma, order="line")


def ladder(gamma: float) -> tuple[qnu.NeutrinoGas, qnu.EncounterSchedule]:
    """0 and 1 first meet strangers, then in a third step each other's strangers."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, 1], [0, 0, -1], [1, 0, 0]] * 10, [0.0] * 40)
    pairs = [(0, 2), (1, 3), (4, 5), (0, 6), (2, 3), (1, 2), (0, 3)]
    first, second = zip(*pairs, strict=True)
    angle = [gamma] * len(pairs)
    times = np.arange(1.0, 1 + len(pairs))
    return gas, qnu.EncounterSchedule(first, second, angle, times, 0.0, neutrinos=40)


@pytest.mark.parametrize("matter", [0.0, 0.8])
def test_they_are_those_of_the_whole_state(matter: float) -> None:
    gas = testing.random_gas(9, seed=1, velocities="right-angle", mixing_angle=0.3)
    schedule = qnu.schedules.stochastic(gas, 0.7, 0.2, 1.5, seed=2, matter=matter)
    clusters = [(3,), (7, 2), (0, 1, 2, 3), range(9)]
    times = [0.0, 0.5, 1.0, 1.5]
    found = cluster_entropies(gas, schedule, times, clusters)
    assert found.cone[1].max() == 9
    assert found.cone[1].min() < 9
    for sample, time in enumerate(times):
        state = final_state(gas, schedule, time)
        single = observables.entropy(state.polarization())
        for number, cluster in enumerate(clusters):
            assert found.entropy[sample, number] == pytest.approx(state.entropy(cluster), abs=1e-10)
            expected = sum(single[k] for k in cluster)
            assert found.single[sample, number] == pytest.approx(expected, abs=1e-9)
    assert (found.entropy <= found.bound() + 1e-10).all()
    assert (found.entropy <= found.single + 1e-10).all()
    assert found.entropy[-1, 2] > 0.5


def test_strangers_have_the_sum_of_their_entropies_until_light_cones_overlap() -> None:
    gas, schedule = ladder(0.6)
    times = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.0]
    found = cluster_entropies(gas, schedule, times, [(0, 1)])
    assert found.cone[:, 0].tolist() == [2, 3, 4, 4, 5, 5, 5, 5]
    assert found.shared[:, 0].tolist() == [0, 0, 0, 0, 0, 0, 2, 4]
    assert found.crossing[:, 0].tolist() == [0, 1, 2, 2, 3, 3, 4, 5]
    lost = found.single[:, 0] - found.entropy[:, 0]
    alone = found.shared[:, 0] == 0
    assert lost[alone] == pytest.approx(0.0, abs=1e-10)
    assert found.entropy[4, 0] > 1
    assert lost[~alone].max() > 1e-2
    assert (found.entropy <= found.bound() + 1e-10).all()


def test_a_light_cone_of_few_in_a_gas_of_many() -> None:
    gas, schedule = line(60)
    times = [0.0, schedule.final_time / 60 * 3]
    found = cluster_entropies(gas, schedule, times, [(30,), (30, 31), (10, 50)])
    assert found.cone[0].tolist() == [1, 2, 2]
    assert found.cone[1].max() <= 12
    assert found.entropy[1].min() > 0.1
    assert found.entropy[1, 2] == pytest.approx(found.single[1, 2], abs=1e-10)  # far apart


def test_the_default_clusters_and_their_figure() -> None:
    gas, schedule = line(8)
    found = cluster_entropies(gas, schedule)
    assert found.clusters == ((0,), (0, 1), (0, 1, 2, 3))
    assert found.entropy.shape == (2, 3)
    assert not found.entropy.flags.writeable
    figure = plotting.cluster_entropies(found, "line")
    drawn = {line.get_gid(): line for line in figure.axes[0].lines}
    assert drawn["cluster:2"].get_ydata() == pytest.approx(found.entropy[:, 2])
    assert len(plotting.cluster_entropies(found, width="single").axes) == 2
    with pytest.raises(QnuError, match="found: got '9 clusters'"):
        plotting.cluster_entropies(cluster_entropies(gas, schedule, [0.0], [[0]] * 9))
    with pytest.raises(QnuError, match="found: got 3"):
        plotting.cluster_entropies(3)  # type: ignore[arg-type]  # what is tested


Call = Callable[[qnu.NeutrinoGas, qnu.EncounterSchedule], object]


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda g, s: cluster_entropies(g, s, clusters=[]), r"clusters: got \[\]"),
        (lambda g, s: cluster_entropies(g, s, clusters=[[]]), r"clusters\[0\]: got"),
        (lambda g, s: cluster_entropies(g, s, clusters=[3]), r"clusters\[0\]: got 3"),
        (lambda g, s: cluster_entropies(g, s, clusters=[[0, 60]]), r"clusters\[0\]\[1\]: got 60"),
        (lambda g, s: cluster_entropies(g, s, clusters=[[1, 1]]), "each neutrino once"),
        (lambda g, s: cluster_entropies(g, s, clusters=[[0]]), "light cone of 60 neutrinos"),
        (lambda g, s: cluster_entropies(g, s, [1.0], [[0]], 0), "largest: got 0"),
    ],
)
def test_bad_input(ask: Call, message: str) -> None:
    with pytest.raises(QnuError, match=message):
        ask(*line(60))


def test_another_coupling_is_that_of_the_exact_state() -> None:
    gas = testing.random_gas(6, seed=2)
    schedule = testing.random_schedule(gas, "tournament", seed=1, anisotropy=0.3)
    found = cluster_entropies(gas, schedule, clusters=[[0, 3], [1, 2, 5]])
    exact = final_state(gas, schedule)
    wanted = [exact.entropy([0, 3]), exact.entropy([1, 2, 5])]
    assert found.entropy[-1] == pytest.approx(wanted, abs=1e-9)
    assert (np.asarray(found.entropy) <= found.bound() + 1e-9).all()


def test_encounters_within_a_cluster_do_not_cross_its_boundary() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1], [0, 0, 1]], omega=[0.1] * 3)
    rows = [0, 1], [1, 2], [0.4, 0.4], [0.0, 1.0]
    schedule = qnu.EncounterSchedule(*rows, 0.0, neutrinos=3, final_time=2.0)
    found = cluster_entropies(gas, schedule, [0.5, 2.0], clusters=[[0, 1], [0]])
    assert np.asarray(found.crossing).tolist() == [[0, 1], [1, 1]]
    assert found.entropy[0, 0] == pytest.approx(0.0, abs=1e-12)
    assert found.bound()[0].tolist() == [0, 1]
