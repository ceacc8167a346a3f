"""compile_for on every fake device that is small, and on devices made up: right, or one line."""

from functools import partial

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Measure, Parameter
from qiskit.circuit.library import CXGate, ECRGate, RZGate, SXGate, XGate
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import CouplingMap, Target
from qiskit_ibm_runtime import fake_provider

import qnu
from qnu import QnuError, testing
from qnu.quantum import CompileOptions, compile_for, estimate, slices

from ..helpers import assert_isa, polarization

#: Fake devices of at most 33 qubits.
SMALL = [
    "Algiers",
    "AlmadenV2",
    "ArmonkV2",
    "AthensV2",
    "Auckland",
    "BelemV2",
    "BoeblingenV2",
    "BogotaV2",
    "BurlingtonV2",
    "CairoV2",
    "CambridgeV2",
    "CasablancaV2",
    "EssexV2",
    "FractionalBackend",
    "Geneva",
    "GuadalupeV2",
    "HanoiV2",
    "JakartaV2",
    "JohannesburgV2",
    "KolkataV2",
    "LagosV2",
    "LimaV2",
    "LondonV2",
    "ManilaV2",
    "MelbourneV2",
    "MontrealV2",
    "MumbaiV2",
    "NairobiV2",
    "Oslo",
    "OurenseV2",
    "ParisV2",
    "Peekskill",
    "Perth",
    "PoughkeepsieV2",
    "Prague",
    "QuitoV2",
    "RomeV2",
    "SantiagoV2",
    "SingaporeV2",
    "SydneyV2",
    "TorontoV2",
    "ValenciaV2",
    "VigoV2",
    "YorktownV2",
]


random_gas = partial(testing.random_gas, seed=3, velocities="right-angle", mixing_angle=0.2)


def assert_right(isa, target, gas, schedule):
    """Nothing but what the device has, and every polarization that of the exact solver."""
    assert "barrier" not in isa.count_ops()
    assert_isa(isa, target)
    found = polarization(isa, isa.metadata["neutrino_qubit"])
    assert found == pytest.approx(qnu.solvers.many_body(gas, schedule).at(), abs=1e-9)


SCHEDULES = {
    "circle": lambda gas: qnu.schedules.tournament(gas, 0.7, order="circle"),
    "line": lambda gas: qnu.schedules.tournament(gas, 0.7, order="line"),
    "random pairs": lambda gas: qnu.schedules.random_pairs(gas, 0.7, 6, seed=3),
}


@pytest.mark.parametrize("name", SMALL)
def test_every_small_fake_device(name):
    device = getattr(fake_provider, f"Fake{name}")()
    gas = random_gas(min(4, device.num_qubits))
    for order, pulses in (("random pairs", "none"), ("circle", "none"), ("line", "XY4")):
        schedule = SCHEDULES[order](gas) if len(gas) > 1 else alone()
        options = CompileOptions(dynamical_decoupling=pulses, effort=1)
        if pulses != "none" and device.target.dt is None:
            with pytest.raises(
                QnuError, match="got 'XY4'; allowed: 'none': this device has no dur"
            ):
                compile_for(gas, schedule, device, options=options)
        else:
            isa = compile_for(gas, schedule, device, options=options)
            assert_right(isa, device.target, gas, schedule)


def alone():
    """No encounter: one neutrino on the device of one qubit."""
    return qnu.EncounterSchedule([], [], [], [], [], neutrinos=1, final_time=2.0)


@pytest.mark.parametrize("names", ["cx first", "ecr first"])
def test_couplers_of_one_way_with_cx_on_some_and_ecr_on_others(names):
    """In both orders of the names: Qiskit's translation depends on it."""
    target = Target(num_qubits=5)
    gates = [(CXGate(), [(1, 0), (2, 3)]), (ECRGate(), [(1, 2), (4, 3)])]
    for gate, couplers in gates if names == "cx first" else gates[::-1]:
        target.add_instruction(gate, dict.fromkeys(couplers))
    for gate in (RZGate(Parameter("t")), SXGate(), XGate(), Measure()):
        target.add_instruction(gate, {(k,): None for k in range(5)})
    gas = random_gas(5)
    for name in SCHEDULES:
        schedule = SCHEDULES[name](gas)
        assert_right(compile_for(gas, schedule, target), target, gas, schedule)


MAPS = {
    "full": None,
    "line": CouplingMap.from_line(5),
    "one way": CouplingMap([(1, 0), (1, 2), (3, 2), (3, 4)]),
}
BASES = {
    "cx": ["cx", "id", "rz", "sx", "x"],
    "ecr": ["ecr", "rz", "sx", "x"],
    "cz u": ["cz", "u"],
    "rzz": ["rzz", "rx", "rz"],
    "ions": ["rxx", "ryy", "rzz", "rx", "ry", "rz"],
    "cx ecr": ["cx", "ecr", "rz", "sx", "x"],
    "u3": ["cx", "u3", "u2", "u1"],
    "swap r": ["swap", "cx", "r"],
}


@pytest.mark.parametrize("coupling", MAPS)
@pytest.mark.parametrize("basis", BASES)
def test_devices_made_up(basis, coupling):
    gas = random_gas(4)
    schedule = SCHEDULES["random pairs"](gas)
    for measured in (True, False):
        backend = GenericBackendV2(
            5, BASES[basis], coupling_map=MAPS[coupling], noise_info=measured, seed=1
        )
        isa = compile_for(gas, schedule, backend, options=CompileOptions(effort=1))
        assert_right(isa, backend.target, gas, schedule)


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (["iswap", "rz", "sx"], "target: got .*iswap.*; allowed: a device with CZ, CX, ECR or RZZ"),
        (["cz", "rz"], "compiling for this device: Qiskit says: Unable to translate"),
    ],
)
def test_a_device_without_the_gates_is_refused_in_one_line_with_the_cause(basis, words):
    gas = random_gas(4)
    backend = GenericBackendV2(5, basis, coupling_map=MAPS["line"], seed=1)
    with pytest.raises(QnuError, match=words) as caught:
        compile_for(gas, SCHEDULES["line"](gas), backend)
    assert "\n" not in str(caught.value)
    if basis[0] == "cz":
        assert type(caught.value.__cause__).__name__ == "TranspilerError"


@pytest.mark.parametrize("pulses", ["XX", "XY4"])
def test_decoupling_without_an_x_gate_takes_another_half_turn(pulses):
    gas = random_gas(4)
    schedule = SCHEDULES["random pairs"](gas)
    device = fake_provider.FakeAlmadenV2()
    assert "x" not in device.target.operation_names
    options = CompileOptions(dynamical_decoupling=pulses)
    isa = compile_for(gas, schedule, device, options=options)
    assert isa.count_ops()["delay"] > 0
    plain = compile_for(gas, schedule, device)
    assert (
        sum(isa.count_ops().values()) > sum(plain.count_ops().values()) + isa.count_ops()["delay"]
    )
    assert_right(isa, device.target, gas, schedule)


@pytest.mark.parametrize("pulses", ["XX", "XY4"])
@pytest.mark.parametrize("times", [None, [0.0, 1.0]])
def test_decoupling_without_durations_or_a_half_turn_is_refused_in_one_line(pulses, times):
    gas = random_gas(4)
    schedule = SCHEDULES["line"](gas)
    line = CouplingMap.from_line(5)
    options = CompileOptions(dynamical_decoupling=pulses)
    silent = GenericBackendV2(5, coupling_map=line, noise_info=False)
    unturned = GenericBackendV2(5, ["cz", "rz", "sx"], coupling_map=line)
    for backend, words in (
        (silent, f"dynamical decoupling {pulses} on this device: Qiskit says: Duration of"),
        (unturned, "dynamical_decoupling: got .*; allowed: 'none': this device has none of x, u"),
    ):
        with pytest.raises(QnuError, match=words) as caught:
            compiled(gas, schedule, backend, times, options)
        assert "\n" not in str(caught.value)


def compiled(gas, schedule, backend, times, options):
    """With the circuits of its samples."""
    isa = compile_for(gas, schedule, backend, times, options=options)
    return isa, list(slices(isa, backend.target, options))


def test_metadata_of_a_users_own_is_no_estimate_and_no_samples():
    line = CouplingMap.from_line(2)
    target = Target.from_configuration(["cz", "rz", "sx", "x", "delay"], coupling_map=line)
    qc = QuantumCircuit(2, metadata={"neutrino_qubit": "mine", "encounters": "many", "layers": []})
    qc.cz(0, 1)
    cost = estimate(qc, target)
    assert (cost.two_qubit_gates, cost.encounters, cost.layers) == (1, 0, 0)
    with pytest.raises(QnuError, match=r"isa: got .*; allowed: a circuit that compile_for made"):
        next(slices(qc, target))
    qc.delay(qc.add_stretch("rest"), 0)
    with pytest.raises(QnuError, match="allowed: delays of a known length"):
        estimate(qc, target)


def test_a_device_in_pieces_is_used_where_those_who_meet_fit_on_one():
    gas = random_gas(5)
    schedule = qnu.EncounterSchedule(
        [0, 2, 2, 3], [1, 3, 4, 4], [0.3, 0.4, 0.5, 0.6], [0.0, 0.0, 1.0, 2.0], 0.5, neutrinos=5
    )
    line = CouplingMap([(0, 1), (2, 3), (3, 4)])
    target = Target.from_configuration(["cz", "rz", "sx", "x"], coupling_map=line)
    for times in (None, [0.0, 1.6, 2.5]):
        isa = compile_for(gas, schedule, target, times)
        if times is None:
            assert_right(isa, target, gas, schedule)
        assert set(isa.metadata["initial_qubit"][:2]) == {0, 1}
    whole = SCHEDULES["line"](gas)
    with pytest.raises(QnuError, match=r"parts of 5 qubits.*pieces of 3, 2 qubits"):
        compile_for(gas, whole, target)
