"""Errors in what Qiskit calls are qnu's and Qiskit's at once; nothing is built twice."""

import pickle

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Gate
from qiskit.exceptions import QiskitError
from qiskit.transpiler import CouplingMap, PassManager, Target
from qiskit.transpiler.exceptions import TranspilerError

import qnu
from qnu import QnuError
from qnu.quantum import CompileOptions, compile_for
from qnu.quantum.compile import family, passes
from qnu.quantum.compile.errors import CompileError, raising_compile_errors
from qnu.quantum.compile.passes import EncounterLayout, EncounterRouting
from qnu.quantum.compile.routing import DeviceGraph, Route
from qnu.quantum.compile.routing.search import search

from ..helpers import random_gas


def line(sites):
    return Target.from_configuration(["cz", "rz", "sx", "x"], sites, CouplingMap.from_line(sites))


def three_qubits():
    qc = QuantumCircuit(3)
    qc.ccx(0, 1, 2)
    return qc


def opaque():
    qc = QuantumCircuit(2)
    qc.append(Gate("mystery", 2, []), [0, 1])
    return qc


CASES = {
    "layout": (
        lambda: PassManager([EncounterLayout(line(3))]).run(three_qubits()),
        ("circuit", "ccx on 3 qubits", "at most two qubits"),
    ),
    "routing": (
        lambda: PassManager([EncounterRouting(line(4))]).run(three_qubits()),
        ("circuit", "3 qubits", "all 4 qubits of the device (after a layout pass)"),
    ),
    "synthesis": (
        lambda: qnu.quantum.pass_manager(line(2)).run(opaque()),
        ("circuit", "mystery", "gates with a matrix or a definition"),
    ),
    "plugin": (
        lambda: transpile(
            qnu.quantum.circuit(random_gas(3), qnu.schedules.tournament(random_gas(3), 0.3)),
            coupling_map=CouplingMap([(0, 1), (1, 0), (2, 3), (3, 2)]),
            basis_gates=["cz", "rz", "sx"],
            layout_method="qnu",
            routing_method="qnu",
        ),
        ("circuit", "parts of 3 qubits", "parts that fit on the device's pieces of 2, 2 qubits"),
    ),
    "compile_for": (
        lambda: compile_for(
            random_gas(3),
            qnu.schedules.tournament(random_gas(3), 0.3),
            line(4),
            options=CompileOptions(layout="ring"),
        ),
        ("layout", "ring", "'auto' or 'search': no ring can be used for this"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_of_a_pass_is_qnus_and_qiskits(case):
    call, (field, value, allowed) = CASES[case]
    with pytest.raises(QnuError) as caught:
        call()
    error = caught.value
    assert isinstance(error, CompileError)
    assert isinstance(error, TranspilerError)
    assert isinstance(error, QiskitError)
    assert isinstance(error, ValueError)
    assert (error.field, error.value, error.allowed) == (field, value, allowed)
    assert str(error) == error.message == f"{field}: got {value!r}; allowed: {allowed}"


def test_another_field_and_a_note_keep_the_class():
    error = CompileError("layout", 3, "a name").of("compile.layout").noted(" (line 7)")
    assert isinstance(error, TranspilerError)
    assert str(error) == error.message == "compile.layout: got 3; allowed: a name (line 7)"


def test_an_error_goes_through_pickle():
    error = pickle.loads(pickle.dumps(CompileError("layout", 3, "a name")))
    assert isinstance(error, CompileError)
    assert (error.field, error.value, str(error)) == ("layout", 3, "layout: got 3; allowed: a name")


def test_what_is_no_qnu_error_is_left_alone():
    @raising_compile_errors
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()


def test_the_cause_is_kept():
    with pytest.raises(CompileError) as caught:
        PassManager([EncounterLayout(line(3))]).run(three_qubits())
    assert type(caught.value.__cause__) is QnuError


@pytest.mark.parametrize("order", ["line", "circle"])
@pytest.mark.parametrize("samples", [False, True])
def test_couplers_and_blocks_are_read_once_per_compilation(order, samples, monkeypatch):
    graphs, circuits = [], []
    real_graph, real_blocks = family.device_graph, passes.collect_blocks
    monkeypatch.setattr(
        family, "device_graph", lambda *a, **k: graphs.append(k) or real_graph(*a, **k)
    )
    monkeypatch.setattr(
        passes, "collect_blocks", lambda dag: circuits.append(dag) or real_blocks(dag)
    )
    gas = random_gas(4)
    schedule = qnu.schedules.tournament(gas, 0.3, order=order)
    times = np.linspace(0, schedule.final_time, 3) if samples else None
    compile_for(gas, schedule, line(6), times, options=CompileOptions(effort=1))
    assert len(circuits) == 1
    assert len(graphs) == 2, "all couplers, and those of the gates that will be used"


def test_the_former_keyword_for_qubits_initially_zero_still_works():
    device = DeviceGraph.of(5, [(0, 1), (1, 2), (2, 3), (3, 4)])
    kwargs = {"effort": 1, "sites": [0, 4]}
    wanted = search(device, [(0, 1)], qubits_initially_zero=False, **kwargs)
    with pytest.warns(DeprecationWarning, match="asleep is now called qubits_initially_zero"):
        found = search(device, [(0, 1)], asleep=False, **kwargs)
    assert found.steps.tolist() == wanted.steps.tolist()
    route = Route.of([0, 1, 2], [(0, 0, 1, 1), (-1, 1, 2, 0)])
    with pytest.warns(DeprecationWarning, match="two_qubit_gates: the keyword asleep"):
        assert route.two_qubit_gates(asleep=False) == 6
    assert route.two_qubit_gates() == 5
    with pytest.warns(DeprecationWarning, match="pass_manager"):
        qnu.quantum.pass_manager(line(3), asleep=True)
    with pytest.raises(QnuError, match="asleep: got True; allowed: only qubits_initially_zero"):
        qnu.quantum.pass_manager(line(3), asleep=True, qubits_initially_zero=True)
