"""Every instruction of a circuit against a device: which one is not the device's own."""

from __future__ import annotations

import math

import pytest
from qiskit.circuit import Parameter, QuantumCircuit
from qiskit.circuit.library import CXGate, RXGate, RZZGate
from qiskit.transpiler import CouplingMap, Target

import qnu
from qnu import QnuError
from qnu.quantum import check_isa, load_machine

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8], [0, 0, -1]], omega=[0.1, 0.2, 0.4])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)


@pytest.mark.parametrize("name", ["FakeLagosV2", "FakeFractionalBackend", "trapped_ions"])
def test_what_is_compiled_is_the_devices_own_until_one_instruction_is_changed(name: str) -> None:
    target = load_machine(name).target()  # type: ignore[attr-defined]  # a device
    isa = qnu.quantum.compile_for(GAS, SCHEDULE, name)
    assert check_isa(isa, name) == sum(isa.count_ops().values())
    place = next(k for k, one in enumerate(isa.data) if len(one.qubits) == 2)
    pairs = {tuple(pair) for pair in target.build_coupling_map()}
    used = tuple(isa.find_bit(qubit).index for qubit in isa.data[place].qubits)
    everywhere = [(a, b) for a in range(target.num_qubits) for b in range(a)]
    apart = next((pair for pair in everywhere if pair not in pairs), None)
    if apart is not None:
        moved = isa.copy()
        moved.data[place] = isa.data[place].replace(qubits=[isa.qubits[k] for k in apart])
        gate = isa.data[place].operation.name
        said = rf"instruction {place}, {gate}.* on qubits {apart[0]}, {apart[1]}.*no {gate} there"
        with pytest.raises(QnuError, match=said):
            check_isa(moved, target)
    other = isa.copy()
    other.data[place] = isa.data[place].replace(operation=RXGate(0.1).control(1))
    said = rf"instruction {place}, crx\(0.1\) on qubits {used[0]}, {used[1]}.*it has .*rz"
    with pytest.raises(QnuError, match=said):
        check_isa(other, target)


def test_a_gate_of_one_direction_is_refused_in_the_other() -> None:
    target = Target(num_qubits=3)
    target.add_instruction(CXGate(), {(1, 0): None, (1, 2): None})
    qc = QuantumCircuit(3)
    qc.cx(1, 0)
    qc.barrier()
    assert check_isa(qc, target) == 1
    qc.cx(2, 1)
    with pytest.raises(QnuError, match=r"instruction 2, cx on qubits 2, 1.*goes from 1 to 2 only"):
        check_isa(qc, target)


@pytest.mark.parametrize("angle", [0.0, 1.0, math.pi / 2])
def test_an_angle_must_be_in_the_range_of_the_device(angle: float) -> None:
    qc = QuantumCircuit(5)
    qc.rzz(angle, 0, 1)
    assert check_isa(qc, "fake_fractional") == 1
    qc.rzz(Parameter("later"), 0, 1)
    qc.rzz(-angle - 0.1, 0, 1)
    with pytest.raises(QnuError, match=r"instruction 2, rzz\(-.*its rzz does not take -"):
        check_isa(qc, "fake_fractional")


def test_a_gate_of_one_angle_takes_no_other() -> None:
    target = Target(num_qubits=2)
    target.add_instruction(RZZGate(math.pi / 2), {(0, 1): None})
    qc = QuantumCircuit(2)
    qc.rzz(math.pi / 2, 0, 1)
    assert check_isa(qc, target) == 1
    qc.rzz(0.3, 0, 1)
    with pytest.raises(QnuError, match=r"instruction 1, rzz\(0.3\)"):
        check_isa(qc, target)


def test_what_is_inside_of_control_flow_counts_with_the_qubits_outside() -> None:
    machine = load_machine("FakeTorino")
    qc = QuantumCircuit(133, 1)
    qc.measure(4, 0)
    with qc.if_test((qc.clbits[0], 1)):
        qc.sx(4)
        qc.cz(4, 9)
    with pytest.raises(QnuError, match=r"instruction 1, cz on qubits 4, 9"):
        check_isa(qc, machine)


def test_more_qubits_than_the_device_has() -> None:
    line = Target.from_configuration(["cz", "rz", "sx"], 3, CouplingMap.from_line(3))
    with pytest.raises(QnuError, match="circuit: got 4 qubits; allowed: at most 3"):
        check_isa(QuantumCircuit(4), line)
