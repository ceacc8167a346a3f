"""OpenQASM 2: only gates of qelib1.inc, and the circuit when it is read back."""

from __future__ import annotations

import re

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

import qnu
from qnu.quantum import EncounterGate
from qnu.quantum.circuits import openqasm2
from qnu.testing import random_gas, random_schedule

FIELDS = {
    "vacuum": ([0, 0, -0.4], [0, 0, 1.3]),
    "kick": ([0, 0, 0], [0, 0, 0]),
    "matter": ([0.3, 0.1, 0.9], [-0.2, 0.7, 0.4]),
}


def same_but_for_the_phase(a: QuantumCircuit, b: QuantumCircuit) -> bool:
    one, two = Operator(a).data, Operator(b).data
    return bool(abs(abs(np.vdot(one, two)) / len(one) - 1) < 1e-12)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("theta", [0.0, 0.31, np.pi / 2])
def test_one_encounter_reads_back_as_the_same_unitary(theta, fields, swap) -> None:
    qc = QuantumCircuit(3)
    qc.append(EncounterGate(theta, *fields, 0.8, swap), [2, 0])
    np.testing.assert_allclose(Operator(openqasm2.three_cx(qc)).data, Operator(qc).data, atol=1e-12)
    text = openqasm2.to_qasm2(qc)
    assert "gate " not in text  # nothing is defined in the file
    assert same_but_for_the_phase(qasm2.loads(text), qc)


@pytest.mark.parametrize("kind", ["tournament", "stochastic", "plane_wave", "native"])
def test_a_schedule_reads_back_as_the_circuit_with_neutrino_k_in_bit_k(kind) -> None:
    gas = random_gas(4, seed=2)
    schedule = random_schedule(gas, kind, seed=3)
    text = openqasm2.export(gas, schedule, comments=["a gas"])
    head = text.splitlines()[:5]
    assert head[:3] == ["OPENQASM 2.0;", "// a gas", 'include "qelib1.inc";']
    assert set(re.findall(r"^(\w+)[ (].*q\[", text, re.MULTILINE)) <= {
        "cx", "rz", "ry", "measure", "barrier", "qreg",
    }  # fmt: skip
    read = qasm2.loads(text)
    last = read.data[-1]
    assert read.find_bit(last.qubits[0]).index == read.find_bit(last.clbits[0]).index == 3
    ours = qnu.quantum.circuit(gas, schedule, barriers=False)
    assert same_but_for_the_phase(read.remove_final_measurements(inplace=False), ours)
    assert "measure" not in openqasm2.export(gas, schedule, measured=False)


def test_fresh_partners_are_resets() -> None:
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 0, 1]], omega=[0.1, 0.2])
    schedule = qnu.EncounterSchedule(
        [0, 0], [1, 1], [0.3, 0.4], [0.0, 1.0], 0.0, neutrinos=2, fresh=[True, True]
    )
    assert openqasm2.export(gas, schedule).count("reset q[1];") == 2


def test_what_cannot_be_written_is_refused_in_one_line() -> None:
    qc = QuantumCircuit(2)
    qc.rxx(0.3, 0, 1)
    with pytest.raises(qnu.QnuError, match="circuit: got 'gates rxx'; allowed: encounters and"):
        openqasm2.to_qasm2(qc)
    qc = QuantumCircuit(1)
    qc.rz(Parameter("a"), 0)
    with pytest.raises(qnu.QnuError, match="free parameters"):
        openqasm2.to_qasm2(qc)
    with pytest.raises(qnu.QnuError, match="comments"):
        openqasm2.to_qasm2(QuantumCircuit(1), comments=["two\nlines"])
