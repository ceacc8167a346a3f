"""Compiled circuits: the schedule itself, in the device's gates, on its couplers, none wasted."""

import itertools
import math

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm3, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.library import CXGate, UnitaryGate
from qiskit.quantum_info import Operator, Pauli, Statevector, random_unitary
from qiskit.transpiler import CouplingMap, InstructionProperties, Target
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime.fake_provider import FakeMarrakesh, FakeTorino

import qnu
from qnu import QnuError
from qnu.quantum import CompileOptions, EncounterGate, compile_for, estimate, slices
from qnu.quantum.circuits.files import read_circuit, write_circuit
from qnu.quantum.compile import compilation
from qnu.quantum.compile.compilation import Compiled, Finalist, finalists
from qnu.quantum.compile.gates import MoveGate
from qnu.quantum.compile.synthesis import EncounterSynthesis, folded
from qnu.quantum.machines.cut import onto

from ..helpers import assert_isa, polarization, random_gas

EDGES = [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6)]


def device(kind="cz", edges=EDGES, sites=7):
    """A small device; CX and ECR in one direction only, every second coupler backwards."""
    one_way = kind in ("cx", "ecr")
    pairs = [(b, a) if one_way and k % 2 else (a, b) for k, (a, b) in enumerate(edges)]
    if not one_way:
        pairs += [(b, a) for a, b in edges]
    return Target.from_configuration([kind, "rz", "sx", "x"], sites, CouplingMap(pairs))


def ions(sites):
    return Target.from_configuration(["rxx", "ryy", "rzz", "rz", "ry"], sites)


SCHEDULES = {
    "random pairs": lambda gas: qnu.schedules.random_pairs(gas, 0.7, 12, seed=3),
    "line": lambda gas: qnu.schedules.tournament(gas, 0.7, order="line", seed=2),
    "kicks": lambda gas: qnu.schedules.tournament(gas, 0.7, vacuum="between"),
    "matter": lambda gas: qnu.schedules.random_pairs(gas, 0.7, 6, seed=1, matter=0.8),
    "plane waves": lambda gas: qnu.schedules.plane_wave(gas, duration=1.0, steps=2, order=2),
    "stochastic": lambda gas: qnu.schedules.stochastic(gas, 0.4, 0.5, 1.5, seed=4),
}


@pytest.mark.parametrize("kind", ["cz", "cx", "ecr", "rzz"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_compiled_circuit_is_the_schedule(kind, name):
    gas = random_gas(4)
    schedule = SCHEDULES[name](gas)
    target = device(kind)
    isa = compile_for(gas, schedule, target)
    assert_isa(isa, target)
    exact = qnu.solvers.many_body(gas, schedule).at()
    found = polarization(isa, isa.metadata["neutrino_qubit"])
    assert found == pytest.approx(exact, abs=1e-9)
    assert isa.layout.final_index_layout() == isa.metadata["neutrino_qubit"]
    assert isa.layout.initial_index_layout()[:4] == isa.metadata["initial_qubit"]


def test_ions_play_three_interactions_per_encounter_wherever_their_qubits_are():
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 9, seed=3)
    pairs = [set(p) for p in zip(schedule.first.tolist(), schedule.second.tolist(), strict=True)]
    merged = 9 - sum(p == q for p, q in itertools.pairwise(pairs))
    isa = compile_for(gas, schedule, ions(5))
    assert_isa(isa, ions(5))
    assert isa.metadata["route"] == "all-to-all"
    assert isa.count_ops()["rxx"] == isa.count_ops()["rzz"] == merged
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("name", ["random pairs", "line", "stochastic"])
def test_every_sample_is_a_circuit_of_its_own(name):
    gas = random_gas(4)
    schedule = SCHEDULES[name](gas)
    times = schedule.equally_spaced(4)
    isa = compile_for(gas, schedule, device(), times)
    exact = qnu.solvers.many_body(gas, schedule, times)
    parts = list(slices(isa, device()))
    assert [time for time, _, _ in parts] == pytest.approx(times)
    for time, where, qc in parts:
        assert_isa(qc, device())
        assert polarization(qc, where) == pytest.approx(exact.at(time), abs=1e-9)
        assert "barrier" not in qc.count_ops()


def test_the_unitary_itself_where_every_qubit_is_a_neutrino():
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 14, seed=5)
    target = device(edges=EDGES[:3], sites=4)
    logical = qnu.quantum.circuit(gas, schedule, barriers=False)
    isa = qnu.quantum.pass_manager(target).run(logical)
    fidelity = abs(np.trace(Operator.from_circuit(isa).data.conj().T @ Operator(logical).data)) / 16
    assert fidelity == pytest.approx(1.0, abs=1e-10)


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("sites", [4, 6])
def test_the_plugin_in_qiskits_own_transpiler(level, sites):
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 14, seed=5)
    logical = qnu.quantum.circuit(gas, schedule, barriers=False)
    target = device(edges=[(k, k + 1) for k in range(sites - 1)], sites=sites)
    isa = transpile(
        logical,
        target=target,
        layout_method="qnu",
        routing_method="qnu",
        optimization_level=level,
        seed_transpiler=1,
    )
    assert_isa(isa, target)
    exact = qnu.solvers.many_body(gas, schedule).at()
    where = isa.layout.final_index_layout()
    assert polarization(isa, where) == pytest.approx(exact, abs=1e-7)  # Qiskit rounds at 2 and 3
    if sites == 4:
        overlap = np.trace(Operator.from_circuit(isa).data.conj().T @ Operator(logical).data)
        assert abs(overlap) / 16 == pytest.approx(1.0, abs=1e-7)
    assert isa.count_ops()["cz"] <= 45  # Qiskit's own at levels 0 and 1: 63, 54


def test_the_plugin_takes_another_layout_and_swaps_where_ancillas_may_be_anything():
    gas = random_gas(3)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 8, seed=2)
    logical = qnu.quantum.circuit(gas, schedule, barriers=False)
    target = device(edges=[(k, k + 1) for k in range(5)], sites=6)
    isa = transpile(
        logical,
        target=target,
        initial_layout=[5, 2, 0],
        layout_method="qnu",
        routing_method="qnu",
        qubits_initially_zero=False,
        optimization_level=1,
    )
    undone = Operator.from_circuit(isa).data
    want = Operator.from_circuit(
        transpile(logical, target=target, initial_layout=[5, 2, 0], optimization_level=0)
    ).data
    assert abs(np.trace(undone.conj().T @ want)) / 64 == pytest.approx(1.0, abs=1e-9)


def test_gates_that_are_no_encounters_are_routed_too():
    qc = QuantumCircuit(4)
    qc.h(0)
    qc.cx(0, 3)
    qc.append(EncounterGate(0.4, (0, 0, 1), (0, 0, 2), 0.3), [3, 1])
    qc.append(UnitaryGate(random_unitary(4, seed=1)), [1, 0])
    qc.barrier()
    qc.rzz(0.3, 2, 0)
    qc.swap(1, 2)
    qc.cx(2, 3)
    target = device(edges=EDGES[:3], sites=4)
    isa = qnu.quantum.pass_manager(target).run(qc)
    assert_isa(isa, target)
    overlap = np.trace(Operator.from_circuit(isa).data.conj().T @ Operator(qc).data)
    assert abs(overlap) / 16 == pytest.approx(1.0, abs=1e-9)


def test_what_the_passes_refuse():
    three = QuantumCircuit(3)
    three.ccx(0, 1, 2)
    with pytest.raises(QnuError, match="at most two qubits"):
        qnu.quantum.pass_manager(device()).run(three)
    loop = QuantumCircuit(2)
    with loop.for_loop(range(2)):
        loop.cx(0, 1)
    with pytest.raises(QnuError, match="control flow"):
        qnu.quantum.pass_manager(device()).run(loop)


# --- no gate wasted ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "count", "bad"),
    [
        (FakeTorino, 88, False),
        (FakeTorino, 112, True),
        (FakeMarrakesh, 101, False),
        (FakeMarrakesh, 129, True),
    ],
)
def test_tournaments_up_to_the_longest_path_need_nothing_extra(backend, count, bad):
    """88 and 101: the longest paths without couplers of an error of 0.1 or more."""
    gas = qnu.NeutrinoGas([[0, 0, 1]] * count, omega=np.linspace(0.1, 0.2, count))
    schedule = qnu.schedules.tournament(gas, 0.1, order="line")
    isa = compile_for(gas, schedule, backend())
    cost = estimate(isa, backend().target)
    assert (cost.gate_ratio, cost.depth_ratio) == (1.0, 1.0)
    assert cost.two_qubit_depth == 3 * count
    errors = {tuple(sorted(qubits)): p.error for qubits, p in backend().target["cz"].items()}
    two = [i.qubits for i in isa.data if len(i.qubits) == 2]
    used = {tuple(sorted(isa.find_bit(q).index for q in qubits)) for qubits in two}
    named = {tuple(pair) for pair in isa.metadata["bad_couplers"]}
    assert named == {pair for pair in used if errors[pair] >= 0.1}
    assert bool(named) == bad


def test_a_circle_tournament_on_a_ring_takes_one_round_less():
    gas = random_gas(12)
    schedule = qnu.schedules.tournament(gas, 0.3, order="circle", seed=5)
    isa = compile_for(gas, schedule, FakeTorino(), options=CompileOptions(layout="ring"))
    cost = estimate(isa, FakeTorino().target)
    assert (cost.gate_ratio, cost.two_qubit_depth) == (1.0, 33)
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


def test_neighbours_that_meet_twice_in_a_row_meet_once():
    gas = random_gas(2)
    schedule = qnu.EncounterSchedule(
        [0, 1, 0], [1, 0, 1], [0.3, 0.5, 0.2], [0.0, 1.0, 2.0], 0.5, neutrinos=2
    )
    isa = compile_for(gas, schedule, device())
    assert isa.count_ops()["cz"] == 3
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


def test_full_swaps_cost_nothing():
    """theta = pi/2 and no vacuum: no gate is needed, qubits change names."""
    gas = qnu.NeutrinoGas(random_gas(5).polarization, omega=[0.0] * 5)
    schedule = qnu.schedules.tournament(gas, math.pi / 2, order="line")
    isa = compile_for(gas, schedule, device(edges=[(k, k + 1) for k in range(6)]))
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)
    assert isa.count_ops().get("cz", 0) < 30  # the lower bound of generic encounters


@pytest.mark.parametrize("count", [40, 60])
def test_many_neutrinos_by_matrix_product_states(count):
    """Three rounds of a line tournament on FakeTorino: compiled, and logical by another method.

    The polarization of one neutrino depends on its backward light cone alone, eight neutrinos at
    most, which the exact solver takes.
    """
    gas = random_gas(count, seed=8)
    whole = qnu.schedules.tournament(gas, 0.6, order="line")
    k = int(np.searchsorted(whole.start, 2.9 * 0.6))
    some = slice(0, k)
    schedule = qnu.EncounterSchedule(
        whole.first[some], whole.second[some], whole.swap_angle[some], whole.start[some],
        whole.duration[some], neutrinos=count,
    )  # fmt: skip
    isa = compile_for(gas, schedule, FakeTorino())
    where = isa.metadata["neutrino_qubit"]
    used = isa.metadata["initial_qubit"]  # in the order of the path: little entanglement
    small = onto(isa, used)
    for n in range(count):  # all of them: Aer mistakes a few for their product
        for b in "XYZ":
            small.save_expectation_value(Pauli(b), [used.index(where[n])], label=f"{b}{n}")
    data = AerSimulator(method="matrix_product_state").run(small).result().data()
    for n in range(0, count, 7):
        cone = _light_cone(schedule, n)
        numbers = {neutrino: number for number, neutrino in enumerate(cone)}
        inside = [
            e for e, (i, j) in enumerate(zip(schedule.first, schedule.second, strict=True))
            if i in numbers and j in numbers
        ]  # fmt: skip
        few = qnu.NeutrinoGas(gas.polarization[cone], omega=gas.omega[cone])
        part = qnu.EncounterSchedule(
            [numbers[i] for i in schedule.first[inside]],
            [numbers[j] for j in schedule.second[inside]],
            schedule.swap_angle[inside], schedule.start[inside], schedule.duration[inside],
            neutrinos=len(cone), final_time=schedule.final_time,
        )  # fmt: skip
        exact = qnu.solvers.many_body(few, part).at()[numbers[n]]
        assert [data[f"{b}{n}"] for b in "XYZ"] == pytest.approx(exact, abs=1e-7)


def _light_cone(schedule, neutrino):
    cone = {neutrino}
    for i, j in zip(schedule.first[::-1].tolist(), schedule.second[::-1].tolist(), strict=True):
        if i in cone or j in cone:
            cone |= {i, j}
    return sorted(cone)


# --- what a review found ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_neutrinos_spread_over_a_tree_that_move_through_empty_sites(seed):
    """Chains of moves: who is where, and which site is empty, through every one of them."""
    rng = np.random.default_rng(seed)
    gas = random_gas(4, seed=seed)
    pairs = np.array([rng.choice(4, 2, replace=False) for _ in range(9)])
    schedule = qnu.EncounterSchedule(
        *pairs.T, rng.normal(size=9), 1.0 * np.arange(9), 0.4, neutrinos=4
    )
    edges = [(int(rng.integers(s)), s) for s in range(1, 9)]
    kind = ["cz", "rzz", "ecr"][seed % 3]
    target = device(kind, edges=edges, sites=9)
    options = CompileOptions(layout=tuple(rng.permutation(9)[:4].tolist()), effort=1)
    times = None if seed % 2 else [0.0, 4.2, schedule.final_time]
    isa = compile_for(gas, schedule, target, times, options=options)
    assert_isa(isa, target)
    exact = qnu.solvers.many_body(gas, schedule, times)
    for time, where, qc in slices(isa, target):
        assert polarization(qc, where) == pytest.approx(exact.at(time), abs=1e-9)


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("seed", range(8))
def test_barriers_of_some_qubits(seed, level):
    rng = np.random.default_rng(seed)
    qc = QuantumCircuit(4)
    for _ in range(14):
        a, b = rng.choice(4, 2, replace=False).tolist()
        qc.append(EncounterGate(rng.normal(), (0, 0, 1), (0, 0, 2), 0.3), [a, b])
        qc.rx(rng.normal(), a)
        if rng.random() < 0.4:
            qc.barrier(*rng.choice(4, 2, replace=False).tolist())
    target = device(edges=EDGES[:3], sites=4)
    isa = transpile(
        qc,
        target=target,
        layout_method="qnu",
        routing_method="qnu",
        optimization_level=level,
        seed_transpiler=1,
    )
    overlap = np.trace(Operator.from_circuit(isa).data.conj().T @ Operator(qc).data)
    assert abs(overlap) / 16 == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize("kind", ["cz", "rzz"])
def test_couplers_with_one_direction(kind):
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 12, seed=3)
    pairs = [(b, a) if k % 2 else (a, b) for k, (a, b) in enumerate(EDGES)]
    target = Target.from_configuration([kind, "rz", "sx", "x"], 7, CouplingMap(pairs))
    isa = compile_for(gas, schedule, target)
    assert_isa(isa, target)
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(("count", "trade"), [(2, 1.0), (2, 0.5), (6, 0.5), (5, 0.3)])
def test_native_schedules_keep_the_route_they_were_drawn_with(count, trade):
    gas = random_gas(count)
    edges = EDGES[: count - 1]
    schedule = qnu.schedules.native(gas, 0.5, edges, 6, seed=2, trade=trade)
    isa = compile_for(gas, schedule, device())
    assert isa.metadata["route"] == "wiring"
    assert isa.count_ops()["cz"] <= 3 * len(schedule)
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)
    times = schedule.equally_spaced(3)
    isa = compile_for(gas, schedule, device(), times)
    trajectory = qnu.solvers.many_body(gas, schedule, times)
    for time, where, qc in slices(isa, device()):
        assert polarization(qc, where) == pytest.approx(trajectory.at(time), abs=1e-9)


def test_a_native_schedule_finds_its_shape_on_another_device():
    """Drawn on a star of four arms; the good star of the device has other numbers."""
    star = [(0, 3), (3, 1), (3, 2), (2, 4)]
    edges = [(0, 1), (1, 2), (1, 3), (3, 4), (4, 5), (5, 6), (5, 7), (7, 8)]
    errors = dict.fromkeys(edges, 0.002) | {(0, 1): 0.05, (3, 4): 0.05}
    gas = random_gas(5)
    schedule = qnu.schedules.native(gas, 0.5, star, 5, seed=3)
    isa = compile_for(gas, schedule, _with_errors({"cz": errors}, sites=9))
    assert isa.metadata["route"] == "wiring"
    assert set(isa.metadata["initial_qubit"]) == {4, 5, 6, 7, 8}
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


def _with_errors(errors, kinds=("cz",), sites=8):
    """A target whose couplers have the errors given; one kind of gate after the other."""
    from qiskit.circuit.library import CZGate, RZGate, RZZGate, SXGate, XGate

    target = Target(num_qubits=sites)
    gates = {"cz": CZGate(), "rzz": RZZGate(Parameter("a"))}
    for kind in kinds:
        known = {p: InstructionProperties(error=e, duration=1e-7) for p, e in errors[kind].items()}
        target.add_instruction(gates[kind], known | {p[::-1]: v for p, v in known.items()})
    for gate in (RZGate(Parameter("t")), SXGate(), XGate()):
        target.add_instruction(gate, {(k,): None for k in range(sites)})
    return target


@pytest.mark.parametrize("native", [False, True])
def test_a_bad_coupler_in_the_middle_is_walked_around(native):
    """A ring of eight with two bad couplers that leave a path of five."""
    errors = {(k, (k + 1) % 8): 0.001 for k in range(8)} | {(3, 4): 0.4, (7, 0): 0.2}
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 14, seed=1)
    if native:
        schedule = qnu.schedules.native(gas, 0.5, [(2, 3), (3, 4), (4, 5)], 3, seed=1)
    isa = compile_for(gas, schedule, _with_errors({"cz": errors}))
    assert isa.metadata["bad_couplers"] == []
    assert set(isa.metadata["initial_qubit"]) in ({0, 1, 2, 3}, {4, 5, 6, 7})
    ring = qnu.schedules.tournament(gas, 0.5, order="line")
    isa = compile_for(gas, ring, _with_errors({"cz": errors}))
    assert isa.metadata["bad_couplers"] == []


def test_a_route_that_was_searched_for_sits_where_errors_are_small():
    """A comb whose left half is ten times worse than its right half."""
    edges = [(k, k + 1) for k in range(11)]
    errors = {edge: 0.02 if edge[1] < 7 else 0.002 for edge in edges}
    gas = random_gas(5)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 30, seed=2)
    isa = compile_for(gas, schedule, _with_errors({"cz": errors}, sites=12))
    assert isa.metadata["route"] == "search"
    used = {isa.find_bit(q).index for i in isa.data if len(i.qubits) == 2 for q in i.qubits}
    assert min(used) >= 6
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


def test_costs_and_couplers_are_given_for_whatever_a_circuit_is_compiled_for():
    gas = random_gas(3, seed=1)
    isa = compile_for(gas, qnu.schedules.tournament(gas, 0.4, order="line"), "fake_torino")
    device = FakeTorino()
    wanted = estimate(isa, device.target)
    assert wanted.two_qubit_gates == 9
    assert estimate(isa, "fake_torino") == estimate(isa, device) == wanted
    couplers = qnu.quantum.device_graph(device.target).edges.tolist()
    assert qnu.quantum.device_graph("fake_torino").edges.tolist() == couplers
    with pytest.raises(QnuError, match="no number of qubits"):
        qnu.quantum.device_graph("aer_statevector")
    assert len(qnu.quantum.device_graph("aer_statevector", 4).edges) == 6


def test_unknown_errors_are_those_of_the_others():
    errors = {(0, 1): 0.01, (1, 2): None, (2, 3): 0.03, (3, 4): math.nan, (4, 5): 0.02}
    target = _with_errors({"cz": errors}, sites=6)
    from qnu.quantum.compile.target import device_graph

    assert device_graph(target).error == pytest.approx([0.01, 0.02, 0.03, 0.02, 0.02])


@pytest.mark.parametrize(
    ("cz", "rzz", "better"),
    [(0.01, 0.005, "rzz"), (0.005, 0.01, "cz"), (0.01, None, "cz"), (math.nan, 0.02, "rzz")],
)
def test_the_better_of_two_gates_by_what_was_measured(cz, rzz, better):
    pairs = [(k, k + 1) for k in range(4)]
    errors = {"cz": dict.fromkeys(pairs, cz), "rzz": dict.fromkeys(pairs, rzz)}
    target = _with_errors(errors, ("cz", "rzz"), sites=5)
    gas = random_gas(3)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    isa = compile_for(gas, schedule, target)
    assert isa.count_ops()[better] == 9
    from qnu.quantum.compile.family import NAMES
    from qnu.quantum.compile.target import device_graph

    known = rzz if better == "rzz" else cz
    assert device_graph(target, gates=NAMES[better]).error == pytest.approx([known] * 4)


def test_angles_of_rzz_stay_in_range_with_gamma_open():
    gamma = Parameter("gamma")
    gas = random_gas(3)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 6, seed=1)
    isa = compile_for(gas, schedule, device("rzz"), gamma=gamma)
    angles = [i.operation.params[0] for i in isa.data if i.operation.name == "rzz"]
    assert all(isinstance(a, float) and 0 <= a <= math.pi / 2 + 1e-12 for a in angles)
    other = qnu.schedules.random_pairs(gas, 0.8, 6, seed=1)
    exact = qnu.solvers.many_body(gas, other).at()
    bound = isa.assign_parameters({gamma: 0.8})
    assert polarization(bound, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("count", [1, 2])
def test_the_smallest_gases_at_several_times(count):
    gas = random_gas(count)
    schedule = qnu.EncounterSchedule(
        [0] * (count - 1), [1] * (count - 1), [0.5] * (count - 1), [0.2] * (count - 1), 0.4,
        neutrinos=count, final_time=2.0,
    )  # fmt: skip
    times = [0.0, 1.0, 2.0]
    isa = compile_for(gas, schedule, device(), times)
    exact = qnu.solvers.many_body(gas, schedule, times)
    for time, where, qc in slices(isa, device()):
        assert polarization(qc, where) == pytest.approx(exact.at(time), abs=1e-9)


def test_a_permutation_made_before_routing_is_kept():
    qc = QuantumCircuit(4)
    qc.append(EncounterGate(0.4, (0, 0, 1), (0, 0, 2), 0.3), [0, 2])
    qc.swap(0, 3)
    qc.append(EncounterGate(0.7, (0, 0, 1), (0, 0, 2), 0.3), [0, 1])
    qc.swap(1, 2)
    qc.append(EncounterGate(0.2, (0, 0, 1), (0, 0, 2), 0.3), [2, 3])
    target = device(edges=EDGES[:3], sites=4)
    isa = transpile(
        qc, target=target, layout_method="qnu", routing_method="qnu", optimization_level=3
    )  # level 3 leaves swaps out and records them
    overlap = np.trace(Operator.from_circuit(isa).data.conj().T @ Operator(qc).data)
    assert abs(overlap) / 16 == pytest.approx(1.0, abs=1e-7)


# --- synthesis --------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["cz", "rzz", "xyz"])
def test_synthesis_is_exact_with_its_phase(family):
    rng = np.random.default_rng(1)
    for k in range(60):
        h1, h2 = rng.normal(size=(2, 3))
        if k % 3 == 0:
            h1[:2] = h2[:2] = 0
        theta = round(3 * rng.normal()) * math.pi / 2 if k % 7 == 0 else 3 * rng.normal()
        time = 0 if k % 5 == 0 else rng.uniform(0, 2)
        gate = EncounterGate(theta, h1, h2, time, swap=bool(k % 2))
        if k % 4 == 0:
            gate = UnitaryGate(random_unitary(4, seed=k))
        qc = QuantumCircuit(2)
        qc.append(gate, [1, 0])
        made = EncounterSynthesis(family)(qc)
        assert Operator(made).data == pytest.approx(Operator(qc).data, abs=1e-11)
        for instruction in made.data:
            if instruction.operation.name == "rzz" and family == "rzz":
                assert 0 <= instruction.operation.params[0] <= math.pi / 2 + 1e-12


def test_a_core_is_folded_by_paulis():
    for odd in np.ndindex(3, 3, 3):
        core = tuple(0.1 * (k + 1) + n * math.pi / 2 for k, n in enumerate(odd))
        assert folded(core)[0] == pytest.approx((0.1, 0.2, 0.3))


@pytest.mark.parametrize("family", ["cz", "rzz", "xyz"])
def test_a_move_to_an_empty_site_takes_two_gates(family):
    qc = QuantumCircuit(2)
    qc.u(0.4, 0.7, 0.1, 0)
    moved = QuantumCircuit(2)
    moved.u(0.4, 0.7, 0.1, 1)
    qc.append(MoveGate(), [0, 1])
    made = EncounterSynthesis(family)(qc)
    assert abs(Statevector(made).inner(Statevector(moved))) == pytest.approx(1.0)
    assert sum(len(i.qubits) == 2 for i in made.data) == 2


def test_one_circuit_for_a_sweep_over_gamma():
    gamma = Parameter("gamma")
    gas = random_gas(3)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    isa = compile_for(gas, schedule, device(), gamma=gamma)
    for value in (0.2, 0.9):
        other = qnu.schedules.tournament(gas, value, order="line")
        exact = qnu.solvers.many_body(gas, other).at()
        bound = isa.assign_parameters({gamma: value})
        assert polarization(bound, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


# --- options ----------------------------------------------------------------------------------


def test_a_layout_by_hand_and_one_by_search():
    gas = random_gas(3)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    isa = compile_for(gas, schedule, device(), options=CompileOptions(layout=(6, 2, 0)))
    assert isa.metadata["initial_qubit"] == [6, 2, 0]
    assert isa.metadata["route"] == "search"
    exact = qnu.solvers.many_body(gas, schedule).at()
    assert polarization(isa, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "count", "words"),
    [
        ({"layout": "ring"}, 3, "layout: got 'ring'"),
        ({"layout": (0, 1)}, 3, "sites of all 3"),
        ({"gates": "rzz"}, 3, "gates: got 'rzz'"),
        ({"dynamical_decoupling": "XX"}, 3, "durations"),
        ({}, 9, "at most 7"),
        ({"layout": (0, 1, 500)}, 3, "different sites below 7"),
        ({"layout": (0, 1, 1)}, 3, "different sites below 7"),
    ],
)
def test_what_cannot_be_compiled(options, count, words):
    gas = random_gas(count)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    with pytest.raises(QnuError, match=words) as caught:
        compile_for(gas, schedule, device(), options=CompileOptions(**options))
    assert "\n" not in str(caught.value)


def test_more_encounters_than_any_device_plays():
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.1, 200_001, seed=1)
    with pytest.raises(QnuError, match="at most 200000"):
        compile_for(gas, schedule, device())


def test_couplers_out_of_order_are_left_out_where_there_is_a_way_around():
    target = Target(num_qubits=6)
    errors = {(0, 1): 0.001, (1, 2): 0.5, (2, 3): 0.001, (3, 4): 0.001, (4, 5): 0.001}
    cz = {pair: InstructionProperties(error=e, duration=1e-7) for pair, e in errors.items()}
    cz |= {(b, a): p for (a, b), p in cz.items()}
    from qiskit.circuit.library import CZGate, RZGate, SXGate, XGate

    target.add_instruction(CZGate(), cz)
    for gate in (RZGate(Parameter("t")), SXGate(), XGate()):
        target.add_instruction(gate, {(k,): None for k in range(6)})
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 8, seed=1)
    isa = compile_for(gas, schedule, target)
    assert set(isa.metadata["initial_qubit"]) == {2, 3, 4, 5}
    assert isa.metadata["bad_couplers"] == []
    six = random_gas(6)
    isa = compile_for(six, qnu.schedules.tournament(six, 0.5, order="line"), target)
    assert isa.metadata["bad_couplers"] == [[1, 2]]


@pytest.mark.parametrize("pulses", ["XX", "XY4"])
def test_decoupling_fills_the_pauses_and_changes_nothing_else(pulses):
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 10, seed=1)
    plain = compile_for(gas, schedule, FakeTorino())
    options = CompileOptions(dynamical_decoupling=pulses)
    isa = compile_for(gas, schedule, FakeTorino(), options=options)
    assert_isa(isa, FakeTorino().target)
    assert isa.count_ops()["cz"] == plain.count_ops()["cz"]
    assert isa.count_ops()["delay"] > 0
    exact = qnu.solvers.many_body(gas, schedule).at()
    without = isa.copy_empty_like()
    for instruction in isa.data:
        if instruction.operation.name != "delay":
            without.append(instruction)
    assert polarization(without, isa.metadata["neutrino_qubit"]) == pytest.approx(exact, abs=1e-9)
    cost, before = (estimate(qc, FakeTorino().target) for qc in (isa, plain))
    assert cost.duration == pytest.approx(before.duration, rel=0.2)


def test_the_runner_up_is_no_better_than_what_was_chosen():
    gas = random_gas(6)
    schedule = qnu.schedules.random_pairs(gas, 0.5, 20, seed=3)
    backend = FakeTorino()
    isa = compile_for(gas, schedule, backend, options=CompileOptions(effort=1))
    chosen, second = estimate(isa, backend), isa.metadata["runner_up"]
    assert second["route"] == "search"
    assert 0 < second["success_probability"] <= chosen.success_probability
    assert second["two_qubit_gates"] >= 3 * 15
    assert second["duration"] > 1e-6
    # without a calibration: gates, then depth
    isa = compile_for(gas, schedule, device(), options=CompileOptions(effort=1))
    chosen, second = estimate(isa, device()), isa.metadata["runner_up"]
    gates, depth = second["two_qubit_gates"], second["two_qubit_depth"]
    assert (chosen.two_qubit_gates, chosen.two_qubit_depth) <= (gates, depth)
    assert second["duration"] is None
    line = compile_for(gas, qnu.schedules.tournament(gas, 0.5, order="line"), backend)
    assert line.metadata["runner_up"] is None


def test_only_close_routes_both_become_circuits(monkeypatch):
    gas = random_gas(9, seed=1)
    schedule = qnu.schedules.random_pairs(gas, 0.4, 25, seed=1)
    logical = qnu.quantum.circuit(gas, schedule, barriers=False)
    target, options = FakeTorino().target, CompileOptions(effort=4)
    for close, kind in ((0.0, Finalist), (10.0, Compiled)):
        monkeypatch.setattr(compilation, "CLOSE", close)
        best, second = finalists(logical, target, options)
        assert type(best) is Compiled
        assert type(second) is kind
        cost = estimate(best.isa, target)
        assert best.words()["success_probability"] == cost.success_probability
        # the forecast and the circuit of the runner-up: the same counts, nearly the same times
        route = second.routed.plan.route
        assert second.words()["two_qubit_gates"] == route.two_qubit_gates()
        assert second.words()["two_qubit_depth"] == route.two_qubit_depth()
        assert 0.5e-6 < second.words()["duration"] < 1e-4
        assert second.cost.success_probability <= 1.05 * cost.success_probability


# --- what it costs ----------------------------------------------------------------------------


def test_the_estimate_by_hand():
    target = Target(num_qubits=3)
    cx = {(0, 1): InstructionProperties(error=0.01, duration=3e-7),
          (1, 2): InstructionProperties(error=0.02, duration=5e-7)}  # fmt: skip
    target.add_instruction(CXGate(), cx)
    from qiskit.circuit import Measure
    from qiskit.providers import QubitProperties

    reads = {(k,): InstructionProperties(error=0.1 * (k + 1), duration=1e-6) for k in range(3)}
    target.add_instruction(Measure(), reads)
    target.qubit_properties = [QubitProperties(t1=1e-4, t2=5e-5)] * 3
    qc = QuantumCircuit(3, metadata={"neutrino_qubit": [0, 2], "encounters": 1, "layers": 1})
    qc.cx(0, 1)
    qc.cx(1, 2)
    qc.cx(0, 1)
    cost = estimate(qc, target)
    assert (cost.two_qubit_gates, cost.two_qubit_depth) == (3, 3)
    assert cost.duration == pytest.approx(11e-7)

    # 0 waits 5e-7 for 1 to be free, 2 waits 3e-7 to be read with the others
    def idle(t):
        return (3 + math.exp(-t / 1e-4) + 2 * math.exp(-t / 5e-5)) / 6

    expected = 0.99 * 0.98 * 0.99 * 0.9 * 0.7 * idle(5e-7) * idle(3e-7)
    assert cost.success_probability == pytest.approx(expected)
    assert cost.gate_ratio == 1.0
    qc.h(0)
    with pytest.raises(QnuError, match="h on qubits"):
        estimate(qc, target)


def test_files(tmp_path):
    gas = random_gas(3)
    schedule = qnu.schedules.tournament(gas, 0.5, order="line")
    isa = compile_for(gas, schedule, device())
    write_circuit(isa, tmp_path / "a.qpy")
    again = read_circuit(tmp_path / "a.qpy")
    assert again == isa
    assert again.metadata["neutrino_qubit"] == isa.metadata["neutrino_qubit"]
    write_circuit(isa, tmp_path / "a.qasm")
    text = (tmp_path / "a.qasm").read_text(encoding="utf-8")
    exact = qnu.solvers.many_body(gas, schedule).at()
    bare = QuantumCircuit(7)
    for instruction in isa.data:
        bare.append(instruction.operation, [isa.find_bit(q).index for q in instruction.qubits])
    found = polarization(qasm3.loads(qasm3.dumps(bare)), isa.metadata["neutrino_qubit"])
    assert found == pytest.approx(exact, abs=1e-9)
    assert "$" in text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.qasm", "a.qpy"]
    with pytest.raises(QnuError, match=r"\.qasm or \.qpy"):
        write_circuit(isa, tmp_path / "a.txt")
    unbound = compile_for(gas, schedule, device(), gamma=Parameter("gamma"))
    with pytest.raises(QnuError, match="unbound"):
        write_circuit(unbound, tmp_path / "b.qasm")
    assert not (tmp_path / "b.qasm").exists()
