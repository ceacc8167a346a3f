"""OpenQASM 3: the text is the circuit, read back by an importer and run by a simulator."""

import io
import math
import re

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm2, qasm3, qpy
from qiskit.circuit import Parameter
from qiskit.qasm2 import QASM2ExportError
from qiskit.qasm3 import QASM3ExporterError
from qiskit.quantum_info import Operator, Statevector

import qnu
from qnu import QnuError
from qnu.profiles import Exponential
from qnu.quantum import EncounterGate, circuit
from qnu.quantum.circuits import openqasm
from qnu.quantum.circuits.files import read_circuit, write_circuit
from qnu.testing import dense_evolution

from ..helpers import bloch

GATES = {"xx_plus_yy", "rzz", "rz", "ry", "reset"}


def used(text):
    """Instructions after the declaration of the qubits."""
    return set(re.findall(r"^(\w+)[ (]", text.partition("] ")[2], re.MULTILINE))


FIELDS = {
    "vacuum": ([0, 0, -0.4], [0, 0, 1.3]),
    "kick": ([0, 0, 0], [0, 0, 0]),
    "parallel": ([0.3, -0.6, 0.2], [-0.15, 0.3, -0.1]),
    "matter": ([0.3, 0.1, 0.9], [-0.2, 0.7, 0.4]),
    "along -z": ([0, 0, -1.1], [0, 0, -0.2]),
}


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("fields", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("theta", [0.0, 0.31, -0.7, np.pi / 2, 4.0])
def test_one_encounter(theta, fields, swap):
    qc = QuantumCircuit(3)
    qc.append(EncounterGate(theta, *fields, 0.8, swap), [2, 0])
    plain = openqasm.elementary(qc)
    assert set(plain.count_ops()) <= GATES
    np.testing.assert_allclose(Operator(plain).data, Operator(qc).data, atol=1e-12)
    back = Operator(qasm3.loads(openqasm.to_qasm3(qc))).data  # but for the global phase
    phase = np.vdot(back, Operator(qc).data) / 8
    assert abs(phase) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(phase * back, Operator(qc).data, atol=1e-12)


def test_vacuum_costs_one_of_each():
    qc = QuantumCircuit(2)
    qc.append(EncounterGate(0.3, *FIELDS["vacuum"], 0.8), [0, 1])
    qc.append(EncounterGate(0.2, *FIELDS["vacuum"], 0.8), [0, 1])
    # turns about z that follow each other are one
    assert dict(openqasm.elementary(qc).count_ops()) == {"rz": 6, "xx_plus_yy": 2, "rzz": 2}


@pytest.mark.parametrize("matter", [0.0, 0.8, Exponential(1.5, 2.0)])
@pytest.mark.parametrize("vacuum", ["inside", "between"])
def test_a_schedule(odd_gas, matter, vacuum):
    schedule = qnu.schedules.tournament(odd_gas, 0.6, vacuum=vacuum, matter=matter)
    text = openqasm.export(odd_gas, schedule)
    assert used(text) <= GATES
    wanted = dense_evolution(odd_gas, schedule).at()
    found = bloch(Statevector(qasm3.loads(text)), 4)
    np.testing.assert_allclose(found, wanted, atol=1e-9)
    # no two neutrinos are alike, so this would see them exchanged
    assert min(abs(a - b).max() for i, a in enumerate(wanted) for b in wanted[:i]) > 1e-2


def test_tournament_8(tournament_8):
    gas, schedule, times, wanted = tournament_8
    text = openqasm.export(gas, schedule, times)
    pieces = text.split(openqasm.MARK)
    assert [float(p.partition("\n")[0]) for p in pieces[1:]] == times.tolist()
    for sample in (0, 3, 7):  # the text up to a mark is the circuit up to that time
        state = Statevector(qasm3.loads(openqasm.MARK.join(pieces[: sample + 1])))
        np.testing.assert_allclose(bloch(state, 8), wanted[sample], atol=1e-10)


def test_fresh_partners_are_resets():
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], [0.3, 0.1])
    schedule = qnu.schedules.constant_background(gas, 1, gamma=0.3, encounters=3)
    back = qasm3.loads(openqasm.export(gas, schedule))
    assert back.count_ops()["reset"] == 3


def test_neutrinos_that_are_swapped(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.5, order="line")
    qc = circuit(odd_gas, schedule, swap=True)
    found = bloch(Statevector(qasm3.loads(openqasm.to_qasm3(qc))), 4)
    here = bloch(Statevector(circuit(odd_gas, schedule)), 4)
    np.testing.assert_allclose(found[qc.metadata["neutrino_qubit"]], here, atol=1e-12)


def test_digits_and_head(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, np.pi / 3 + 1e-12)
    text = openqasm.export(odd_gas, schedule, comments=["four neutrinos", "", "two lines"])
    lines = text.splitlines()
    assert lines[:4] == ["OPENQASM 3.0;", "// four neutrinos", "//", "// two lines"]
    assert text == openqasm.export(odd_gas, schedule, comments=["four neutrinos", "", "two lines"])
    assert not re.search(r"\b(pi|gphase)\b", text.partition("] ")[2])
    qc = openqasm.elementary(circuit(odd_gas, schedule))
    wanted = [float(p) for i in qc.data if i.name != "barrier" for p in i.operation.params]
    assert [float(p) for i in qasm3.loads(text).data for p in i.operation.params] == wanted


def test_other_instructions_stay():
    qc = QuantumCircuit(2, 2)
    qc.h(0)
    qc.append(EncounterGate(0.3), [0, 1])
    qc.barrier()
    qc.measure([0, 1], [0, 1])
    back = qasm3.loads(openqasm.to_qasm3(qc))
    assert [i.name for i in back.data] == [
        "h",
        "xx_plus_yy",
        "rzz",
        "barrier",
        "measure",
        "measure",
    ]


def test_bad_input(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.3)
    free = circuit(odd_gas, schedule, gamma=Parameter("gamma"))
    mixed = odd_gas.with_polarization([[0, 0, 1], [0, 0.5, 0], [0, 0, 1], [0, 0, 1]])
    for call, field in [
        (lambda: openqasm.to_qasm3(free), r"circuit: got .*gamma.*assign_parameters"),
        (lambda: openqasm.export(mixed, schedule), r"polarization\[1\]"),
        (lambda: openqasm.export(odd_gas, schedule, [99.0]), r"times\[0\]"),
        (lambda: openqasm.export(odd_gas, schedule, comments=["a\nreset nu[0];"]), "comments"),
    ]:
        with pytest.raises(QnuError, match=field) as caught:
            call()
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("off", [0.0, 1e-12, 9e-10, -9e-10])
def test_files_have_all_digits(tmp_path, off):
    """Qiskit writes pi/2 for everything within 1e-9 of it."""
    angles = [math.pi / 2 + off, math.pi / 3 - off, 2 * math.pi + off]
    qc = QuantumCircuit(1)
    for angle in angles:
        qc.rz(angle, 0)
    write_circuit(qc, tmp_path / "one.qasm")
    text = (tmp_path / "one.qasm").read_text(encoding="utf-8")
    assert [float(found) for found in re.findall(r"rz\((.*?)\)", text)] == angles
    assert [i.operation.params[0] for i in qasm3.loads(text).data] == angles


def test_encounters_are_the_same_after_a_file(odd_gas, tmp_path):
    schedule = qnu.schedules.tournament(odd_gas, 0.6, matter=0.8)
    gamma = Parameter("gamma")
    for qc in (
        circuit(odd_gas, schedule),
        circuit(odd_gas, schedule, gamma=gamma),
        circuit(odd_gas, schedule, swap=True),
    ):
        write_circuit(qc, tmp_path / "all.qpy")
        back = read_circuit(tmp_path / "all.qpy")
        assert back == qc
        assert openqasm.to_qasm3(back.assign_parameters([0.3] * len(back.parameters))) == (
            openqasm.to_qasm3(qc.assign_parameters([0.3] * len(qc.parameters)))
        )
    file = io.BytesIO()
    qpy.dump(circuit(odd_gas, schedule), file)
    file.seek(0)
    (plain,) = qpy.load(file)
    assert openqasm.to_qasm3(plain) == openqasm.to_qasm3(circuit(odd_gas, schedule))


def test_open_circuits_are_one_line_in_openqasm(tmp_path):
    qc = QuantumCircuit(2)
    qc.append(EncounterGate(Parameter("a"), (0, 0, 1), (0, 0, 2), Parameter("b")), [0, 1])
    for call in (lambda: openqasm.to_qasm3(qc), lambda: write_circuit(qc, tmp_path / "open.qasm")):
        with pytest.raises(QnuError, match=r"^circuit: .*parameters.*a.*b") as caught:
            call()
        assert "\n" not in str(caught.value)
    for call, kind in ((qasm3.dumps, QASM3ExporterError), (qasm2.dumps, QASM2ExportError)):
        with pytest.raises(kind) as caught:
            call(qc)
        assert "\n" not in str(caught.value)
    assert not any(tmp_path.iterdir())
