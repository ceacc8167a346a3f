"""The lower bound of a schedule on a device: below every compiled circuit, and not far below."""

import numpy as np
import pytest
from qiskit.circuit.library import CZGate
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap, InstructionProperties, Target

import qnu
from qnu.errors import QnuError
from qnu.quantum import compile_for, estimate, load_machine, lower_bound
from qnu.quantum.circuits.gate import little_endian
from qnu.quantum.compile import _least_gates
from qnu.quantum.compile.line_order import gates_in_line_order
from qnu.quantum.compile.target import resolve
from qnu.quantum.machines.options import CompileOptions
from qnu.schedules import EncounterSchedule

SMALL = ["tournament_4", "free_streaming_5", "plane_wave_4", "constant_background_2", "matter_6"]
LARGER = ["stochastic_16", "native_20", "two_groups_10", "bipartite_8", "tournament_12", "msw_1"]


def check(gas, schedule, machine, options):
    bound = lower_bound(gas, schedule, machine, options=options)
    cost = estimate(compile_for(gas, schedule, machine, options=options), machine)
    assert bound.encounters == cost.encounters
    assert bound.two_qubit_gates <= cost.two_qubit_gates
    assert bound.two_qubit_depth <= cost.two_qubit_depth
    assert not bound.duration > cost.duration * (1 + 1e-12)
    assert bound.success_probability >= cost.success_probability * (1 - 1e-12)
    return bound, cost


@pytest.mark.parametrize(
    ("name", "device"),
    [(name, device) for name in SMALL + LARGER for device in ("fake_torino", "trapped_ions")]
    + [(name, "fake_nighthawk") for name in SMALL[:3]]
    + [(name, "fake_marrakesh") for name in SMALL[:2]]
    + [(name, "fake_fractional") for name in SMALL[:4]],
)
def test_no_circuit_of_the_catalogue_is_below_its_bound(name, device):
    loaded = qnu.experiment.load(name)
    machine = load_machine(device)
    options = resolve(machine, len(loaded.gas))[1].model_copy(update={"effort": 1})
    bound, cost = check(loaded.gas, loaded.schedule, machine, options)
    if device == "trapped_ions":  # nothing moves there
        assert bound.two_qubit_gates == cost.two_qubit_gates
        assert bound.two_qubit_depth == cost.two_qubit_depth


def gas_of(count, omega=0.0):
    return qnu.NeutrinoGas([[0, 0, 1]] * count, omega=np.broadcast_to(omega, count))


def line_of(count, **properties):
    target = Target.from_configuration(["rz", "sx", "x", "measure"], count)
    couplers = CouplingMap.from_line(count).get_edges()
    given = {pair: InstructionProperties(**properties) for pair in couplers}
    target.add_instruction(CZGate(), given)
    return target


HALF = np.pi / 2


@pytest.mark.parametrize(
    ("first", "second", "angles", "gates", "depth"),
    [
        ([0, 1], [1, 2], [0.3, 0.4], 6, 6),
        ([0, 2], [1, 3], [0.3, 0.4], 6, 3),
        ([0, 1], [1, 0], [0.3, 0.4], 3, 3),  # one gate
        ([0, 0, 0], [1, 2, 1], [0.3, 0.2, 0.4], 9, 9),  # another one in between
        ([0, 1], [1, 2], [0.0, 0.4], 3, 3),
        ([0, 1], [1, 2], [2 * HALF, 0.4], 3, 3),  # -1
        ([0, 1], [1, 2], [HALF, 0.4], 3, 3),  # an exchange: they can be renamed
        ([0, 0, 0], [1, 2, 3], [0.3, HALF, 0.4], 6, 3),  # what was 2 meets 3: at the same time
        ([0, 0, 2], [1, 2, 1], [0.3, HALF, 0.4], 0, 0),  # two in a row on two qubits: not known
        ([0, 1], [1, 2], [HALF - 1e-6, 0.4], 6, 6),
        ([0, 1], [1, 0], [0.3, HALF - 0.3], 0, 0),  # together an exchange
        ([0, 1], [1, 0], [0.3, HALF + 0.3], 3, 3),
    ],
)
def test_angles_that_need_no_gate_and_encounters_in_a_row(first, second, angles, gates, depth):
    gas = gas_of(4)
    schedule = EncounterSchedule(first, second, angles, np.arange(len(first)), 0.0, neutrinos=4)
    bound, _ = check(gas, schedule, line_of(4), CompileOptions(effort=1))
    assert (bound.two_qubit_gates, bound.two_qubit_depth) == (gates, depth)


def test_a_neutrino_that_was_exchanged_by_two_encounters_does_not_wait():
    """0 and 3 are renamed after 0.3 + (pi/2 - 0.3); then 0 meets 1 while 3 still meets 2."""
    angles = [0.3, 0.3, HALF - 0.3, 0.3]
    schedule = EncounterSchedule(
        [0, 0, 3, 1], [2, 3, 0, 0], angles, np.arange(4.0), 0.0, neutrinos=4
    )
    bound, cost = check(gas_of(4), schedule, line_of(4), CompileOptions(effort=1))
    assert (bound.two_qubit_gates, bound.two_qubit_depth) == (6, 3)
    assert (cost.two_qubit_gates, cost.two_qubit_depth) == (6, 3)


@pytest.mark.parametrize("reverse", [False, True])
def test_vacuum_between_two_encounters_counts(reverse):
    """An exchange in two halves is one only where both neutrinos oscillate alike in between."""
    second = [1, 0] if reverse else [1, 1]
    schedule = EncounterSchedule(
        [0, 1 if reverse else 0], second, [0.3, HALF - 0.3], [0.0, 2.0], 0.0, neutrinos=2
    )
    for omega, gates in (([0.4, 0.4], 0), ([0.4, 0.1], 3)):
        gas = gas_of(2, omega)
        bound, cost = check(gas, schedule, line_of(2), CompileOptions())
        assert bound.two_qubit_gates == gates
        assert cost.two_qubit_gates in (gates, 3)


def test_vacuum_inside_an_encounter_counts():
    """theta = pi with unequal vacuum inside is no identity: exp(-i (theta X + m Z))."""
    schedule = EncounterSchedule([0], [1], [2 * HALF], [0.0], 1.0, neutrinos=2)
    assert lower_bound(gas_of(2, [0.5, 0.5]), schedule, line_of(2)).two_qubit_gates == 0
    assert lower_bound(gas_of(2, [0.5, 0.1]), schedule, line_of(2)).two_qubit_gates == 3


def test_encounters_in_a_row_are_multiplied_as_the_circuit_does():
    gas = gas_of(2, [0.9, 0.2])
    start, duration = [0.0, 1.0, 2.5], [0.5, 0.0, 0.3]
    schedule = EncounterSchedule(
        [0, 1, 0], [1, 0, 1], [0.3, 0.5, 0.2], start, duration, neutrinos=2
    )
    columns, _ = _least_gates._up_to_the_end(schedule, schedule.samples(None))
    (product,) = _least_gates._products(gas, schedule, columns, [[0, 1, 2]])
    ours = Operator(little_endian(product))
    assert ours.equiv(Operator(qnu.quantum.circuit(gas, schedule, barriers=False)))


def test_random_schedules_with_angles_without_gates():
    rng = np.random.default_rng(5)
    angles = np.array([0.0, HALF, 2 * HALF, 0.3, HALF - 0.3, -0.3])
    for _ in range(25):
        n = int(rng.integers(1, 9))
        pairs = np.array([rng.permutation(4)[:2] for _ in range(n)])
        start = np.arange(n, dtype=float)
        duration = rng.choice([0.0, 0.5])
        schedule = EncounterSchedule(
            pairs[:, 0], pairs[:, 1], rng.choice(angles, n), start, duration, neutrinos=4
        )
        gas = gas_of(4, rng.choice([0.0, 0.3], 4))
        for device in (line_of(4, error=0.01, duration=1e-7), "fake_fractional"):
            options = resolve(device, 4)[1].model_copy(update={"effort": 1})
            check(gas, schedule, device, options)


def test_success_and_duration_are_those_of_the_best_gate():
    target = line_of(3, error=0.01, duration=2e-7)
    target.update_instruction_properties("cz", (0, 1), InstructionProperties(3e-7, 0.004))
    target.update_instruction_properties("cz", (1, 0), InstructionProperties(3e-7, 0.004))
    gas = gas_of(3)
    schedule = EncounterSchedule([0, 0], [1, 2], [0.2, 0.2], [0.0, 1.0], 0.0, neutrinos=3)
    bound = lower_bound(gas, schedule, target)
    assert bound.success_probability == pytest.approx(0.996**6, rel=1e-12)
    assert bound.success_at_median == pytest.approx(0.993**6, rel=1e-12)
    assert bound.duration == pytest.approx(6 * 2e-7)


def test_the_bound_ends_at_the_last_sample():
    gas = gas_of(3, 0.1)
    schedule = EncounterSchedule([0, 1], [1, 2], [0.2, 0.2], [0.0, 2.0], 1.0, neutrinos=3)
    counts = [
        lower_bound(gas, schedule, line_of(3), times=times).two_qubit_gates
        for times in ([0.0], [0.5], [0.0, 2.0], [2.5])
    ]
    assert counts == [0, 3, 3, 6]


@pytest.mark.parametrize("count", [4, 6])
def test_a_tournament_in_order_line_has_the_gates_that_are_promised(count):
    gas = gas_of(count, 0.1)
    machine = load_machine("fake_torino")
    promised = gates_in_line_order(gas, qnu.schedules.tournament(gas, gamma=0.3), machine)
    line = qnu.schedules.tournament(gas, gamma=0.3, order="line")
    assert compile_for(gas, line, machine).count_ops()["cz"] == promised
    assert promised == 3 * count * (count - 1) // 2


def test_the_order_line_is_advised_only_where_it_saves_gates():
    small, large = gas_of(4), gas_of(12)
    tournament = qnu.schedules.tournament
    torino, ions = load_machine("fake_torino"), load_machine("trapped_ions")
    fractional = load_machine("fake_fractional")
    assert gates_in_line_order(small, tournament(small, 0.3), ions) is None
    assert gates_in_line_order(small, tournament(small, 0.3, order="line"), torino) is None
    assert gates_in_line_order(large, tournament(large, 0.3), torino) is None  # a ring of 12
    assert gates_in_line_order(small, qnu.schedules.random_pairs(small, 0.3, 6), torino) is None
    odd = gas_of(5)
    assert gates_in_line_order(odd, tournament(odd, 0.3), fractional) is None  # no path of five
    assert gates_in_line_order(odd, tournament(odd, 0.3), torino) == 30


def test_more_neutrinos_than_qubits_is_one_line():
    gas = gas_of(5)
    with pytest.raises(QnuError, match="neutrinos: got 5; allowed: at most 4, the qubits"):
        lower_bound(gas, qnu.schedules.tournament(gas, gamma=0.1), line_of(4))
