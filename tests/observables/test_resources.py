"""Resources of pure states: closed forms, sums over all Pauli strings, symmetries, circuits."""

from functools import reduce

import numpy as np
import pytest
from scipy.linalg import expm

import qnu
from qnu import QnuError, observables, testing
from qnu.encounter import rotation_unitary
from qnu.engine import sector as sectors
from qnu.engine import statevector
from qnu.engine._slow import resources as slow
from qnu.engine._slow.paulis import on_one
from qnu.engine.statevector import resources
from qnu.observables import (
    loschmidt_echo,
    n_tangle,
    sampled_stabilizer_renyi_entropy,
    stabilizer_renyi_entropy,
)
from qnu.solvers import final_state, many_body

T = np.array([1, np.exp(0.25j * np.pi)]) / np.sqrt(2)
HADAMARD = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
PHASE = np.diag([1, 1j])
CX = np.eye(4)[[0, 1, 3, 2]]


def random_state(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    state = rng.normal(size=2**count) + 1j * rng.normal(size=2**count)
    return state / np.linalg.norm(state)


def ghz(count: int) -> np.ndarray:
    state = np.zeros(2**count)
    state[[0, -1]] = np.sqrt(0.5)
    return state


@pytest.mark.parametrize("count", [2, 3, 4, 5, 8])
def test_a_ghz_state_is_a_stabilizer_state_with_all_of_the_n_tangle(count) -> None:
    assert stabilizer_renyi_entropy(ghz(count)) == pytest.approx(0.0, abs=1e-12)
    assert n_tangle(ghz(count)) == pytest.approx(0.0 if count % 2 else 1.0, abs=1e-12)


def test_t_states_add_up() -> None:
    for count in (1, 2, 5, 9):
        state = reduce(np.kron, [T] * count)
        assert stabilizer_renyi_entropy(state) == pytest.approx(count * np.log2(4 / 3), abs=1e-11)


def test_product_states_have_the_closed_form() -> None:
    gas = testing.random_gas(7, seed=3)
    schedule = qnu.schedules.tournament(gas, gamma=0.3)
    x, y, z = gas.polarization.T
    expected = -np.log2((1 + x**4 + y**4 + z**4) / 2).sum()
    state = final_state(gas, schedule, time=0.0)
    assert stabilizer_renyi_entropy(state) == pytest.approx(expected, abs=1e-11)
    assert n_tangle(state) == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_random_states_against_all_pauli_strings(count) -> None:
    for seed in range(3):
        state = random_state(count, seed)
        found = stabilizer_renyi_entropy(state)
        assert found == pytest.approx(slow.stabilizer_renyi_entropy(state), abs=1e-12)
        assert n_tangle(state) == pytest.approx(slow.n_tangle(state), abs=1e-13)
        spinors = np.stack([random_state(1, 10 + k) for k in range(count)])
        overlap = slow.product_overlap(state, spinors)
        assert resources.product_overlap(state, spinors) == pytest.approx(overlap, abs=1e-14)


def test_squares_of_all_strings_sum_to_the_dimension() -> None:
    state = random_state(11, 4)
    second, fourth = resources.pauli_moments(state, np.arange(2**11))
    assert second.sum() == pytest.approx(2**11, rel=1e-12)
    some = np.array([0, 1, 77, 1024, 2047, 3])  # other neighbors, threads or none
    assert resources.pauli_moments(state, some)[1] == pytest.approx(fourth[some], rel=1e-12)


def test_clifford_gates_keep_the_stabilizer_entropy_and_local_ones_the_n_tangle() -> None:
    rng = np.random.default_rng(8)
    state = random_state(6, 5)
    magic, tangle = stabilizer_renyi_entropy(state), n_tangle(state)
    assert magic > 2
    assert tangle > 1e-4
    clifford, local = state.copy(), state
    for _ in range(30):
        i, j = rng.choice(6, 2, replace=False)
        for gate in rng.choice([0, 1], 2):
            clifford = on_one(clifford, (HADAMARD, PHASE)[gate], int(i))
        statevector.apply_gates(clifford, np.array([i]), np.array([j]), CX[None].astype(complex))
        local = on_one(local, rotation_unitary(rng.normal(size=3)), int(i))
    assert stabilizer_renyi_entropy(clifford) == pytest.approx(magic, abs=1e-11)
    assert n_tangle(local) == pytest.approx(tangle, abs=1e-12)
    assert abs(n_tangle(clifford) - tangle) > 1e-4  # what the other kind of gate does change
    assert abs(stabilizer_renyi_entropy(local) - magic) > 1e-3


@pytest.mark.parametrize("theta", [0.1, np.pi / 4, 1.3])
def test_one_encounter_has_the_n_tangle_of_a_singlet_and_a_triplet(theta) -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.3, 0.7])
    schedule = qnu.EncounterSchedule([0], [1], [theta], [0.5], 0.0, neutrinos=2, final_time=2.0)
    state = final_state(gas, schedule)
    concurrence = float(observables.concurrence(state.pair(0, 1)))
    assert n_tangle(state) == pytest.approx(np.sin(2 * theta) ** 2, abs=1e-12)
    assert n_tangle(state) == pytest.approx(concurrence**2, abs=1e-12)
    assert n_tangle(state.amplitudes()) == pytest.approx(n_tangle(state), abs=1e-14)
    assert loschmidt_echo(state, gas) == pytest.approx(np.cos(theta) ** 2, abs=1e-12)


def flavors(count: int, weight: int) -> qnu.NeutrinoGas:
    z = np.where(np.arange(count) < weight, -1.0, 1.0)
    return qnu.NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), np.linspace(0.1, 0.9, count))


@pytest.mark.parametrize(("count", "weight"), [(6, 3), (6, 2), (5, 2), (8, 4)])
def test_a_sector_gives_what_all_amplitudes_give(count, weight) -> None:
    gas = flavors(count, weight)
    schedule = qnu.schedules.random_pairs(gas, 0.4, encounters=40, seed=2)
    state = final_state(gas, schedule)
    plain = state.amplitudes()
    assert n_tangle(state) == pytest.approx(n_tangle(plain), abs=1e-13)
    assert loschmidt_echo(state, gas) == pytest.approx(loschmidt_echo(plain, gas), abs=1e-13)
    other = testing.random_gas(count, seed=1)  # not in the sector
    assert loschmidt_echo(state, other) == pytest.approx(loschmidt_echo(plain, other), abs=1e-13)
    assert loschmidt_echo(state, other) > 0
    wrong = flavors(count, weight - 1)
    assert loschmidt_echo(state, wrong) == loschmidt_echo(plain, wrong) == 0.0
    spinors = statevector.spinors(other.polarization)
    inner = sectors.product_overlap(state.state.amplitudes, spinors, state.state.sector)
    whole = resources.product_overlap(state.state.expanded(), spinors)
    assert inner == pytest.approx(whole, abs=1e-13)


def test_the_echo_is_that_of_a_dense_evolution() -> None:
    gas = testing.random_gas(3, seed=6, mixing_angle=0.2)
    encounters = [(0, 1, 0.4, 0.5), (1, 2, 0.9, 1.0), (0, 2, 0.3, 1.8)]
    first, second, angle, start = zip(*encounters, strict=True)
    for matter in (0.0, 0.6):
        schedule = qnu.EncounterSchedule(
            first, second, angle, start, 0.0, neutrinos=3, final_time=2.5, matter=matter
        )
        run = many_body(gas, schedule, [0.0, 2.5], observables=observables.OF_RESOURCES)
        psi0 = reduce(np.kron, statevector.spinors(gas.polarization)[::-1])
        fields = qnu.flavor.fields(gas.omega, matter, gas.mixing_angle)
        own = np.zeros((8, 8), complex)
        for k, h in enumerate(fields):
            sigma = (np.einsum("a,aij->ij", h, qnu.encounter.PAULI)) / 2
            factors = [np.eye(2)] * 3
            factors[2 - k] = sigma
            own += reduce(np.kron, factors)
        psi, now = psi0, 0.0
        for i, j, theta, at in encounters:
            psi = expm(-1j * (at - now) * own) @ psi
            psi = expm(-1j * theta * _swap(i, j)) @ psi
            now = at
        psi = expm(-1j * (2.5 - now) * own) @ psi
        assert run["loschmidt_echo"][0] == pytest.approx(1.0, abs=1e-12)
        echo = abs(np.vdot(psi0, psi)) ** 2
        assert float(run["loschmidt_echo"][-1]) == pytest.approx(echo, abs=1e-10)
        state = final_state(gas, schedule)
        assert loschmidt_echo(state, gas) == pytest.approx(echo, abs=1e-10)
        assert loschmidt_echo(state, psi) == pytest.approx(1.0, abs=1e-10)
        assert abs(np.vdot(psi, state.amplitudes())) == pytest.approx(1.0, abs=1e-10)
        magic = slow.stabilizer_renyi_entropy(psi)
        assert float(run["stabilizer_renyi_entropy"][-1]) == pytest.approx(magic, abs=1e-9)
        assert stabilizer_renyi_entropy(state) == pytest.approx(magic, abs=1e-9)


def _swap(i: int, j: int) -> np.ndarray:
    """SWAP of qubits i and j of three."""
    matrix = np.zeros((8, 8))
    for k in range(8):
        a, b = (k >> i) & 1, (k >> j) & 1
        matrix[(k & ~(1 << i) & ~(1 << j)) | (b << i) | (a << j), k] = 1
    return matrix


def test_over_time_it_is_what_the_final_states_have() -> None:
    gas = testing.random_gas(6, seed=2, velocities="right-angle")
    schedule = qnu.schedules.stochastic(gas, 0.2, 0.4, duration=4.0, seed=1)
    times = [0.0, 1.7, 4.0]
    for precision, digits in (("double", 1e-12), ("single", 1e-5)):
        run = many_body(gas, schedule, times, precision, observables=observables.OF_RESOURCES)
        for k, time in enumerate(times):
            state = final_state(gas, schedule, time)
            for name, value in (
                ("n_tangle", n_tangle(state)),
                ("stabilizer_renyi_entropy", stabilizer_renyi_entropy(state)),
                ("loschmidt_echo", loschmidt_echo(state, gas)),
            ):
                assert run[name].dims == ("time",)
                assert float(run[name][k]) == pytest.approx(value, abs=digits)


def test_samples_of_strings_have_an_honest_error() -> None:
    state = random_state(8, 1)
    exact, pulls = stabilizer_renyi_entropy(state), []
    for seed in range(40):
        found = sampled_stabilizer_renyi_entropy(state, 200, seed=seed)
        pulls.append((found.value - exact) / found.standard_error)
    assert abs(np.mean(pulls)) < 4 / np.sqrt(40)
    assert 0.7 < np.std(pulls) < 1.4
    again = sampled_stabilizer_renyi_entropy(state, 200, seed=3)
    assert again == sampled_stabilizer_renyi_entropy(state, 200, seed=3)
    basis = np.eye(16)[5]  # every sample is x = 0, which is exact
    assert sampled_stabilizer_renyi_entropy(basis, 10, seed=1)[:2] == (0.0, 0.0)


@pytest.mark.parametrize("function", [n_tangle, stabilizer_renyi_entropy])
@pytest.mark.parametrize(
    ("state", "message"),
    [
        (np.eye(4) / 4, "density matrix of shape .4, 4.; allowed: amplitudes"),
        (np.ones(6) / np.sqrt(6), "an array of shape .6,.; allowed: amplitudes .2.N,."),
        (np.ones(4), "amplitudes of norm 4; allowed: norm 1"),
        (np.ones(1), "an array of shape .1,."),
        ([np.nan, 1.0], r"state\[0\]: got \(nan"),
        ("T", "state: got 'T'"),
        (None, "state: got None"),
    ],
)
def test_what_is_no_pure_state(function, state, message) -> None:
    with pytest.raises(QnuError, match=message):
        function(state)


def test_what_is_too_large_or_does_not_belong_together() -> None:
    large = np.zeros(2**17)
    large[0] = 1
    with pytest.raises(QnuError, match="17 neutrinos; allowed: at most 16"):
        stabilizer_renyi_entropy(large)
    assert sampled_stabilizer_renyi_entropy(large, 3, seed=1).value == 0.0
    assert n_tangle(large) == 0.0
    assert str(stabilizer_renyi_entropy(ghz(1))) == "0.0"  # and not -0.0
    gas = qnu.NeutrinoGas(np.tile([[0, 0, 1.0]], (40, 1)), np.zeros(40))
    sector = final_state(gas, qnu.schedules.tournament(gas, 0.1), 0.0)
    with pytest.raises(QnuError, match="at most 26"):
        sampled_stabilizer_renyi_entropy(sector, 3)
    with pytest.raises(QnuError, match="memory"):
        sector.amplitudes()
    with pytest.raises(QnuError, match="memory"):
        sector.sample(3, seed=1, basis="flavor")
    with pytest.raises(QnuError, match="other: got 2 neutrinos; allowed: as many"):
        loschmidt_echo(ghz(3), ghz(2))
    with pytest.raises(QnuError, match="loschmidt_echo"):
        loschmidt_echo(ghz(2), qnu.NeutrinoGas([[0, 0, 0.5]] * 2, [0.0, 0.0]))
    with pytest.raises(QnuError, match="samples: got 1"):
        sampled_stabilizer_renyi_entropy(ghz(2), 1)
    gas = testing.random_gas(17, seed=1)
    schedule = qnu.schedules.tournament(gas, 0.1)
    with pytest.raises(QnuError, match="'stabilizer_renyi_entropy' of 17 neutrinos"):
        many_body(gas, schedule, observables=["stabilizer_renyi_entropy"])
