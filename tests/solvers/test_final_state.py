"""The state itself: everything it is asked agrees with the Trajectory and with dense matrices."""

from functools import partial

import numpy as np
import pytest

import qnu
from qnu import QnuError, observables, solvers, testing
from qnu.solvers import final_state
from tests.conftest import two_groups

tilted = partial(testing.random_gas, seed=0, velocities="right-angle", mixing_angle=0.2)


def flavors(count: int) -> qnu.NeutrinoGas:
    z = np.where(np.arange(count) % 3, 1.0, -1.0)
    return qnu.NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), np.linspace(0.1, 0.9, count))


CASES = {
    "vacuum": lambda: (g := tilted(6), qnu.schedules.tournament(g, 0.4)),
    "matter": lambda: (g := tilted(6), qnu.schedules.tournament(g, 0.4, matter=0.7)),
    "sector": lambda: (g := flavors(6), qnu.schedules.tournament(g, 0.4)),
    "streaming": lambda: (
        g := tilted(6),
        qnu.schedules.stochastic(g, 0.05, 0.3, duration=3.0, seed=1),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_what_the_trajectory_is_read_of(case) -> None:
    gas, schedule = CASES[case]()
    names = ["entropy", "pair_concurrence", "mutual_information", "half_chain_entropy"]
    run = solvers.many_body(gas, schedule, observables=names)
    state = final_state(gas, schedule)
    assert state.polarization() == pytest.approx(run.at(), abs=1e-13)
    assert state.entropy([2]) == pytest.approx(float(run["entropy"][-1, 2]), abs=1e-12)
    assert state.entropy([0, 1, 2]) == pytest.approx(
        float(run["half_chain_entropy"][-1]), abs=1e-12
    )
    assert state.entropy([3, 5, 4]) == pytest.approx(state.entropy([0, 1, 2]), abs=1e-12)
    for i, j in ((1, 4), (4, 1)):
        pair = state.pair(i, j)
        assert observables.concurrence(pair) == pytest.approx(
            float(run["pair_concurrence"][-1, i, j]), abs=1e-12
        )
        for k, traced in ((i, "abcb->ac"), (j, "abad->bd")):
            one = np.einsum(traced, pair.reshape(2, 2, 2, 2))
            vector = [2 * one[1, 0].real, 2 * one[1, 0].imag, (one[0, 0] - one[1, 1]).real]
            assert vector == pytest.approx(run.at()[k], abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_samples_are_measurements_in_the_mass_basis(case) -> None:
    gas, schedule = CASES[case]()
    state = final_state(gas, schedule)
    bits = state.sample(20_000, seed=5)
    assert bits.shape == (20_000, 6)
    z = state.polarization()[:, 2]
    sigma = np.sqrt(np.maximum(1 - z**2, 1e-12) / 20_000)
    assert (abs(1 - 2 * bits.mean(axis=0) - z) < 5 * sigma + 1e-9).all()
    i, j = 1, 4
    both = (np.kron([1, -1], [1, -1]) * np.diag(state.pair(i, j)).real).sum()
    signs = 1 - 2.0 * bits
    assert (signs[:, i] * signs[:, j]).mean() == pytest.approx(both, abs=5 / np.sqrt(20_000))
    assert (state.sample(50, seed=5) == bits[:50]).all()


def test_a_sector_gives_what_the_whole_vector_gives() -> None:
    # a tilt of 1e-7 leaves the sector: then all 2^N amplitudes are used
    gas = flavors(10)
    schedule = qnu.schedules.random_pairs(gas, 0.3, encounters=80, seed=2)
    p = gas.polarization.copy()
    p[0, 0] = 1e-7
    p[0] /= np.linalg.norm(p[0])
    near = qnu.NeutrinoGas(p, gas.omega)
    names = ["pair_negativity", "half_chain_entropy", "entropy"]
    times = schedule.equally_spaced(5)
    sector = solvers.many_body(gas, schedule, times, observables=names)
    whole = solvers.many_body(near, schedule, times, observables=names)
    assert final_state(gas, schedule).state.amplitudes.size == 210  # C(10, 4)
    assert final_state(near, schedule).state.amplitudes.size == 1024
    assert sector.polarization == pytest.approx(whole.polarization, abs=1e-6)
    for name in names:
        assert sector[name].values == pytest.approx(whole[name].values, abs=1e-5)
    exact = solvers.many_body(gas, schedule, times, precision="single")
    assert exact.polarization == pytest.approx(sector.polarization, abs=1e-5)


def test_matter_and_flavor_states_leave_the_sector() -> None:
    gas = flavors(6)
    schedule = qnu.schedules.tournament(gas, 0.3, matter=0.2)
    assert final_state(gas, schedule).state.amplitudes.size == 64
    gas = two_groups(3, 3)
    schedule = qnu.schedules.tournament(gas, 0.3)
    assert final_state(gas, schedule).state.amplitudes.size == 64


def test_at_a_time_in_between() -> None:
    gas, schedule = CASES["streaming"]()
    run = solvers.many_body(gas, schedule, [1.5])
    assert final_state(gas, schedule, 1.5).polarization() == pytest.approx(run.at(), abs=1e-14)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda s: s.pair(1, 1), "second: got 1; allowed: another neutrino"),
        (lambda s: s.pair(0, 6), "second: got 6; allowed: a whole number >= 0 and <= 5"),
        (lambda s: s.entropy([0, 0]), "neutrinos: got .0, 0.; allowed: each one once"),
        (lambda s: s.entropy([9]), r"neutrinos\[0\]: got 9"),
        (lambda s: s.sample(-1), "shots: got -1"),
    ],
)
def test_bad_questions(ask, message) -> None:
    state = final_state(*CASES["vacuum"]())
    with pytest.raises(QnuError, match=message):
        ask(state)


def test_bad_input() -> None:
    gas, schedule = CASES["vacuum"]()
    with pytest.raises(QnuError, match="time"):
        final_state(gas, schedule, schedule.final_time + 1)
    mixed = qnu.NeutrinoGas(gas.polarization / 2, gas.omega)
    with pytest.raises(QnuError, match="final_state"):
        final_state(mixed, schedule)
    big = qnu.NeutrinoGas(np.tile([[1.0, 0, 0]], (60, 1)), np.zeros(60))
    with pytest.raises(QnuError, match="60"):
        final_state(big, qnu.schedules.tournament(big, 0.1))
