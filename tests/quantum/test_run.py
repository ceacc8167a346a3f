import dataclasses

import numpy as np
import pytest

import qnu
from qnu import QnuError, encounter, observables
from qnu.common import memory
from qnu.quantum import AerMachine, QnuMachine, run
from qnu.quantum.measure.statistics import group_error, mean_and_error, of_one_with_errors
from qnu.quantum.simulate.aer import in_neutrino_order
from qnu.quantum.simulate.outcomes import signs
from qnu.testing import dense_evolution, random_gas

MACHINES = ("aer_statevector", "aer_mps", "aer_density_matrix", "qnu")
PAIRS = ("pair_concurrence", "pair_negativity", "mutual_information")


@pytest.mark.parametrize("hardware", MACHINES)
@pytest.mark.parametrize("swap", [False, True])
def test_tournament_8(tournament_8, hardware, swap):
    gas, schedule, times, wanted = tournament_8
    result = run(gas, schedule, hardware, times, swap=swap)
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-10)
    np.testing.assert_array_equal(result.times, times)
    assert result.method == "circuit"
    assert result.attrs["hardware"] == hardware
    assert result.attrs["shots"] == 0
    assert result.attrs["gamma"] == 0.3
    assert result.attrs["drift_total_z"] < 1e-10
    gates = 28 if hardware in ("aer_mps", "qnu") else 84
    assert result.attrs["two_qubit_gates"] == gates
    assert result.attrs["two_qubit_depth"] == gates // 4
    assert "polarization_error" not in result


@pytest.mark.parametrize("hardware", MACHINES)
@pytest.mark.parametrize("swap", [False, True])
def test_free_streaming_5(free_streaming_5, hardware, swap):
    gas, schedule, data = free_streaming_5
    requested = ("entropy", "purity", *PAIRS)
    result = run(gas, schedule, hardware, observables=requested, swap=swap)
    np.testing.assert_allclose(result.at(), data["after"], atol=1e-10)
    np.testing.assert_allclose(result["entropy"][-1], data["entropy_bits"], atol=1e-10)
    np.testing.assert_allclose(result["purity"][-1], observables.purity(result.at()), atol=1e-12)
    for name, key in (("pair_concurrence", "concurrence"), ("pair_negativity", "negativity")):
        values = result[name][-1].values
        np.testing.assert_array_equal(values, values.T)
        for pair, wanted in data[key].items():
            i, j = map(int, pair.split("-"))
            assert values[i, j] == pytest.approx(wanted, abs=1e-10)
    assert result["mutual_information"].dims == ("time", "neutrino", "partner")
    np.testing.assert_allclose(result["mutual_information"][0], 0, atol=1e-10)
    assert result["mutual_information"][-1].values[0, 4] > 0.1


@pytest.mark.parametrize("swap", [False, True])
def test_all_neutrinos_are_asked_of_matrix_product_states(swap):
    """For some qubits only, Aer drops and renumbers the others, and gives wrong numbers."""
    gas = random_gas(12, seed=6, velocities="right-angle")
    schedule = qnu.schedules.tournament(gas, 0.5)
    for rounds in (0, 1, 3):  # runs of their own: the fewer, the more neutrinos do not matter
        found = run(gas, schedule, "aer_mps", [0.5 * rounds], swap=swap).polarization
        wanted = qnu.solvers.many_body(gas, schedule, [0.5 * rounds]).polarization
        np.testing.assert_allclose(found, wanted, atol=1e-9)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("hardware", ["aer_statevector", "qnu"])
def test_agrees_with_many_body_in_matter(odd_gas, swap, hardware):
    schedule = qnu.schedules.tournament(odd_gas, 0.6, matter=0.8)
    times = np.linspace(0, schedule.final_time, 4)
    result = run(odd_gas, schedule, hardware, times, observables=PAIRS, swap=swap)
    twin = dense_evolution(odd_gas, schedule, times).polarization
    np.testing.assert_allclose(result.polarization, twin, atol=1e-9)
    assert not any(name.startswith("drift_total") for name in result.attrs)


@pytest.mark.parametrize("hardware", ["aer_statevector", "qnu"])
def test_samples_in_the_middle_of_encounters(odd_gas, hardware):
    """The part that has passed of those under way; the others stream up to the sample."""
    schedule = qnu.EncounterSchedule(
        [0, 2, 1], [1, 3, 2], [0.5, 0.8, 0.3], [0.5, 0.7, 3.0], 1.0, neutrinos=4, final_time=5.0
    )
    times = [0.2, 0.5, 0.6, 1.6, 3.0, 3.5, 4.5, 5.0]
    result = run(odd_gas, schedule, hardware, times)
    twin = dense_evolution(odd_gas, schedule, times).polarization
    np.testing.assert_allclose(result.polarization, twin, atol=1e-9)
    wanted = qnu.solvers.many_body(odd_gas, schedule, times).polarization
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-12)


def test_qubit_by_qubit_where_states_do_not_fit(free_streaming_5, monkeypatch):
    gas, schedule, _ = free_streaming_5
    whole = run(gas, schedule, observables=PAIRS, swap=True)
    assert whole.attrs["drift_norm"] < 1e-12
    monkeypatch.setattr(memory, "available", lambda: 1024)
    parts = run(gas, schedule, observables=PAIRS, swap=True)
    assert "drift_norm" not in parts.attrs
    np.testing.assert_allclose(parts.polarization, whole.polarization, atol=1e-12)
    for name in PAIRS:
        np.testing.assert_allclose(parts[name], whole[name], atol=1e-10)


def test_precision_and_gates(tournament_8):
    gas, schedule, times, wanted = tournament_8
    machine = AerMachine(method="statevector", precision="single", gates="unitary")
    result = run(gas, schedule, machine, times)
    error = abs(result.polarization - wanted).max()
    assert 1e-9 < error < 1e-5
    assert result.attrs["two_qubit_gates"] == 28


@pytest.mark.parametrize("hardware", MACHINES[:3])
@pytest.mark.parametrize("swap", [False, True])
def test_constant_background_is_the_exact_map(hardware, swap):
    gas = qnu.NeutrinoGas([[0, 0.6, 0.8], [0.6, 0, 0.8]], [0.3, -0.7], mixing_angle=0.2)
    for matter in (0.0, 0.9):
        schedule = qnu.schedules.constant_background(gas, 1, 0.3, 20, matter=matter)
        times = schedule.final_time * np.arange(21) / 20
        result = run(gas, schedule, hardware, times, swap=swap)
        assert result.attrs["simulated_as"] == "density_matrix"
        h = qnu.gas.fields(gas.omega, matter, gas.mixing_angle)
        matrix, shift = encounter.affine_map(gas.polarization[1], 0.3, h[0], h[1], 0.3)
        p = gas.polarization[0]
        for k in range(21):
            np.testing.assert_allclose(result.polarization[k, 0], p, atol=1e-10)
            p = matrix @ p + shift
        assert not any(name.startswith("drift_total") for name in result.attrs)


def test_closed_form_of_regular_encounters():
    """The part along P_bg relaxes with cos^2, the transverse part as a complex number."""
    theta, n = 0.4, 6
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 0, 1]], [0.0, 0.0])
    schedule = qnu.schedules.constant_background(gas, 1, theta, n)
    x, y, z = run(gas, schedule).at()[0]
    c, s = np.cos(theta), np.sin(theta)
    assert x + 1j * y == pytest.approx((c**2 + 1j * s * c) ** n)
    assert z == pytest.approx(1 - c ** (2 * n))


def test_several_histories_and_other_partners():
    """Kicks with free streaming in between, two neutrinos, each with copies of its own."""
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 0.6, 0.8], [0.6, 0, 0.8]], [0.3, -0.7, 0.5])
    schedule = qnu.schedules.constant_background(gas, 2, 0.4, 8, probability=0.5, seed=3)
    times = np.linspace(0, schedule.final_time, 5)
    result = run(gas, schedule, times=times)
    wanted = qnu.solvers.independent(gas, schedule, times).polarization
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-10)


def test_too_many_resets():
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 13, [0.1] * 13)
    schedule = qnu.schedules.constant_background(gas, 0, 0.3, 1)
    with pytest.raises(QnuError, match=r"at most 12 .*shots > 0"):
        run(gas, schedule)
    result = run(gas, schedule, shots=20, seed=1)
    assert result.attrs["simulated_as"] == "statevector"
    np.testing.assert_array_equal(result.polarization[..., 2], 1.0)


@pytest.mark.parametrize("matter", [0.0, 0.8])
@pytest.mark.parametrize("vacuum", ["inside", "between"])
def test_qnu_is_aer(matter, vacuum):
    """Everything in the Trajectory but the clock and the names; swaps and pauses between them."""
    rng = np.random.default_rng(11)
    vectors = rng.normal(size=(7, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    gas = qnu.NeutrinoGas(vectors, rng.normal(size=7), group=[0] * 3 + [1] * 4, mixing_angle=0.3)
    schedule = qnu.schedules.stochastic(gas, 0.3, 0.4, 5.0, matter=matter, vacuum=vacuum, seed=4)
    times = np.linspace(0, 5.0, 9)
    requested = ("entropy", "purity", *PAIRS)
    aer = run(gas, schedule, times=times, observables=requested)
    own = run(gas, schedule, "qnu", times, observables=requested)
    assert set(own.dataset.variables) == set(aer.dataset.variables)
    assert set(own.attrs) == set(aer.attrs)
    for name in ("polarization", "purity", *PAIRS):
        np.testing.assert_allclose(own[name], aer[name], atol=1e-10)
    np.testing.assert_allclose(own["entropy"], aer["entropy"], atol=1e-9)
    np.testing.assert_array_equal(own.times, aer.times)
    assert own.attrs["drift_norm"] < 1e-12
    assert (own.attrs["hardware"], own.attrs["backend"]) == ("qnu", "qnu")
    assert own.attrs["simulated_as"] == "statevector"
    shots = [run(gas, schedule, name, times, shots=50, seed=1) for name in ("qnu", "qnu")]
    aer = run(gas, schedule, times=times, shots=50, seed=1)
    assert set(shots[0].dataset.variables) == set(aer.dataset.variables)
    assert set(shots[0].attrs) == set(aer.attrs)
    np.testing.assert_array_equal(shots[0].polarization, shots[1].polarization)


def test_qnu_in_single_precision(tournament_8):
    gas, schedule, times, wanted = tournament_8
    result = run(gas, schedule, QnuMachine(precision="single"), times)
    assert 1e-9 < abs(result.polarization - wanted).max() < 1e-5
    assert result.attrs["precision"] == "single"
    shot = run(gas, schedule, QnuMachine(precision="single"), times, shots=500, seed=2)
    assert abs((shot.polarization - wanted) / shot["polarization_error"].values).max() < 4.5


def test_qnu_without_encounters_and_alone():
    gas = qnu.NeutrinoGas([[1, 0, 0]], [0.4])
    empty = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=3.0)
    times = np.linspace(0, 3.0, 4)
    result = run(gas, empty, "qnu", times).polarization[:, 0]
    turned = [np.cos(0.4 * times), -np.sin(0.4 * times), 0 * times]
    np.testing.assert_allclose(result, np.transpose(turned), atol=1e-12)
    shot = run(gas, empty, "qnu", times, shots=2000, seed=1)
    pulls = (shot.polarization[:, 0] - result) / shot["polarization_error"].values[:, 0]
    assert abs(pulls).max() < 4


def test_qnu_knows_no_reset():
    gas = qnu.NeutrinoGas([[0, 0.6, 0.8], [0.6, 0, 0.8]], [0.3, -0.7])
    schedule = qnu.schedules.constant_background(gas, 1, 0.3, 10)
    for shots in (0, 10):
        with pytest.raises(QnuError, match=r"hardware.*fresh partners.*'aer_density_matrix'"):
            run(gas, schedule, "qnu", shots=shots)


@pytest.mark.parametrize("own", [AerMachine(method="statevector", gates="unitary"), QnuMachine()])
def test_pulls(tournament_8, own):
    gas, schedule, _, _ = tournament_8
    times = np.linspace(0, schedule.final_time, 15)
    exact = run(gas, schedule, times=times)
    pulls, group_pulls = [], []
    for seed in range(8):
        shot = run(gas, schedule, own, times, shots=500, seed=seed)
        pulls.append((shot.polarization - exact.polarization) / shot["polarization_error"].values)
        group_pulls.append((shot.group_mean() - exact.group_mean()) / shot.group_error())
    pulls, group_pulls = np.ravel(pulls), np.ravel(group_pulls)
    assert pulls.size == 2880
    assert 0.9 < pulls.var() < 1.1
    assert abs(pulls.mean()) < 4 / np.sqrt(pulls.size)
    assert group_pulls.size == 720
    assert 0.8 < group_pulls.var() < 1.2


@pytest.mark.parametrize("hardware", ["aer_statevector", "qnu"])
def test_group_errors_know_correlations(hardware):
    """A pair that is always opposite in z: its mean is the same in every shot."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.0, 0.0])
    schedule = qnu.EncounterSchedule([0], [1], [np.pi / 4], [0.0], 0.0, neutrinos=2)
    result = run(gas, schedule, hardware, shots=4000, seed=1)
    error = result.group_error()[-1, 0]
    single = result["polarization_error"].values[-1]
    np.testing.assert_allclose(single, 1 / np.sqrt(4000), rtol=0.01)
    assert error[2] < 0.05 * single[0, 2]
    assert result.group_mean()[-1, 0, 2] == 0


@pytest.mark.parametrize("hardware", MACHINES)
@pytest.mark.parametrize("swap", [False, True])
def test_shots_read_the_right_neutrino(odd_gas, hardware, swap):
    schedule = qnu.schedules.tournament(odd_gas, 0.6, order="line")
    times = schedule.final_time * np.arange(5) / 4  # on the way the map is not its own inverse
    exact = run(odd_gas, schedule, times=times).polarization
    shot = run(odd_gas, schedule, hardware, times, shots=4000, seed=5, swap=swap)
    pulls = (shot.polarization - exact) / shot["polarization_error"].values
    assert abs(pulls).max() < 4.5
    assert shot.attrs["seed"] == 5
    again = run(odd_gas, schedule, hardware, times, shots=4000, seed=5, swap=swap)
    np.testing.assert_array_equal(shot.polarization, again.polarization)
    other = run(odd_gas, schedule, hardware, times, shots=4000, seed=6, swap=swap)
    assert (shot.polarization != other.polarization).any()


def test_shots_through_resets():
    gas = qnu.NeutrinoGas([[0, 0.6, 0.8], [0.6, 0, 0.8]], [0.3, -0.7])
    schedule = qnu.schedules.constant_background(gas, 1, 0.3, 10)
    exact = run(gas, schedule).polarization
    shot = run(gas, schedule, shots=2000, seed=4)
    assert abs((shot.polarization - exact) / shot["polarization_error"].values).max() < 4.5


def test_a_drawn_seed_is_written_down(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    first = run(odd_gas, schedule, shots=100)
    again = run(odd_gas, schedule, shots=100, seed=first.attrs["seed"])
    np.testing.assert_array_equal(first.polarization, again.polarization)


def test_entropy_and_purity_from_shots(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    exact = run(odd_gas, schedule, observables=["entropy", "purity"])
    found = {"entropy": [], "purity": []}
    for seed in range(12):
        shot = run(odd_gas, schedule, shots=1000, seed=seed, observables=["entropy", "purity"])
        for name, pulls in found.items():
            difference = (shot[name] - exact[name]).values[-1]
            pulls.append(difference / shot[f"{name}_error"].values[-1])
    for name, pulls in found.items():
        assert abs(np.mean(pulls)) < 0.6, name  # 48 values
        assert 0.5 < np.var(pulls) < 1.7, name


def test_purity_is_not_biased_by_the_errors():
    vectors, error = np.array([[[0.3, 0.4, 0.0]]]), np.full((1, 1, 3), 0.1)
    found = of_one_with_errors(["purity", "entropy"], vectors, error)
    assert found["purity"][1][0, 0] == pytest.approx((1 + 0.25 - 0.03) / 2)
    wanted = observables.entropy([0, 0, np.sqrt(0.22)])
    assert found["entropy"][1][0, 0] == pytest.approx(wanted)
    assert 0.04 < found["purity_error"][1][0, 0] < 0.06  # |P| times the error, and a little


def test_readout():
    outcomes, number = signs({"0x1": 3, "0x100": 1}, 9)
    np.testing.assert_array_equal(outcomes[0], [-1, *[1] * 8])
    np.testing.assert_array_equal(outcomes[1], [*[1] * 8, -1])
    mean, error = mean_and_error(outcomes, number)
    np.testing.assert_allclose(mean, [-0.5, *[1] * 7, 0.5])
    assert (error > 0).all()
    np.testing.assert_allclose(error[[0, 8]], 2 * np.sqrt(0.7 * 0.3 / 6))
    pair = group_error(outcomes, number, error, (np.array([0, 8]),))
    assert 0 < pair[0] < error[0] / np.sqrt(2)  # they are never up together


def test_state_in_neutrino_order():
    spinors = [np.array([1.0, 2.0]), np.array([3.0, 5.0]), np.array([7.0, 11.0])]  # of neutrinos
    place = [2, 0, 1]
    on_qubit = [spinors[place.index(q)] for q in range(3)]
    state = np.kron(on_qubit[2], np.kron(on_qubit[1], on_qubit[0]))
    wanted = np.kron(spinors[2], np.kron(spinors[1], spinors[0]))
    np.testing.assert_array_equal(in_neutrino_order(state, place), wanted)


def test_progress_and_file(odd_gas, tmp_path):
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    seen = []
    times = np.linspace(0, schedule.final_time, 20)
    result = run(odd_gas, schedule, times=times, shots=10, seed=1, progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert len(seen) == 4  # the start, two jobs of circuits, the end
    result.save(tmp_path / "run.nc")
    assert qnu.Trajectory.load(tmp_path / "run.nc").dataset.identical(result.dataset)


def test_bad_input(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    mixed = dataclasses.replace(odd_gas, polarization=odd_gas.polarization * 0.5)
    for call, field in [
        (lambda: run(odd_gas, schedule, shots=-1), "shots"),
        (lambda: run(odd_gas, schedule, shots=2.5), "shots"),
        (lambda: run(odd_gas, schedule, shots=10, seed=-1), "seed"),
        (lambda: run(odd_gas, schedule, observables=["entrpy"]), "entrpy"),
        (lambda: run(odd_gas, schedule, shots=5, observables=["pair_concurrence"]), "shots=0"),
        (lambda: run(odd_gas, schedule, times=[-1.0]), "times"),
        (lambda: run(mixed, schedule), "polarization.*independent"),
    ]:
        with pytest.raises(QnuError, match=field) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_every_circuit_draws_its_own_shots():
    # the same state at 40 times, in three bases: more circuits than one job takes
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 1, 0]], [0.0, 0.0])
    empty = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=2, final_time=40.0)
    result = qnu.quantum.run(gas, empty, times=np.arange(40.0), shots=400, seed=3)
    z = result.polarization[..., 2]  # of spins across z: plain binomials
    assert len({tuple(row) for row in z}) > 35
    np.testing.assert_allclose((z / result["polarization_error"].values[..., 2]).var(), 1, atol=0.5)
