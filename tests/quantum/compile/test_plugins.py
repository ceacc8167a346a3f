"""``layout_method="qnu"`` and ``routing_method="qnu"`` take what Qiskit's own methods take."""

import io

import numpy as np
import pytest
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.circuit import (
    AncillaRegister,
    ClassicalRegister,
    Clbit,
    Gate,
    IfElseOp,
    Parameter,
    QuantumRegister,
    Qubit,
)
from qiskit.circuit import library as gates
from qiskit.circuit.classical import expr, types
from qiskit.quantum_info import (
    Clifford,
    Operator,
    Pauli,
    SparsePauliOp,
    Statevector,
    random_unitary,
)
from qiskit.transpiler import CouplingMap, PassManager, Target, generate_preset_pass_manager
from qiskit.transpiler.exceptions import TranspilerError
from qiskit_aer import AerSimulator

import qnu
from qnu import QnuError, QnuWarning
from qnu.quantum import EncounterGate
from qnu.quantum.compile.passes import EncounterRouting

BASIS = ["cz", "rz", "sx", "x", "reset", "delay", "measure", "if_else"]
EDGES = {
    "line": [(0, 1), (1, 2), (2, 3), (3, 4)],
    "ring": [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0)],
    "heavy hex": [(0, 1), (1, 2), (2, 3), (3, 4), (2, 5), (5, 6)],
    "star": [(3, 0), (3, 1), (3, 2), (3, 4)],
    "pieces": [(0, 1), (1, 2), (3, 4), (4, 5)],
    "one way": [(1, 0), (1, 2), (3, 2), (3, 4)],
}
BASES = {"one way": "ecr", "star": "rxx", "ring": "cx"}
QNU = {"layout_method": "qnu", "routing_method": "qnu", "seed_transpiler": 1}


def coupling_map(name):
    return CouplingMap(EDGES[name] if name == "one way" else _both(EDGES[name]))


def _both(edges):
    return [*edges, *((b, a) for a, b in edges)]


def device(name):
    target = Target.from_configuration(
        [BASES.get(name, "cz"), *BASIS[1:-1]], coupling_map=coupling_map(name)
    )
    target.add_instruction(IfElseOp, name="if_else")
    return target


# --- random circuits --------------------------------------------------------------------------


def empty_circuit(rng, qubits, clbits):
    """Registers of random sizes, one of them of ancillas, and qubits and bits without register."""
    sizes = rng.multinomial(qubits, [1 / 3] * 3).tolist()
    qc = QuantumCircuit(
        QuantumRegister(sizes[0], "nu"),
        [Qubit() for _ in range(sizes[1])],
        AncillaRegister(sizes[2], "anc"),
        ClassicalRegister(clbits - 1, "c"),
        [Clbit()],
    )
    qc.global_phase = rng.normal()
    return qc


def custom_gate(rng):
    inner = QuantumCircuit(2, global_phase=rng.normal())
    inner.h(0)
    inner.cx(0, 1)
    inner.rz(rng.normal(), 1)
    outer = QuantumCircuit(2, name="mine")
    outer.append(inner.to_gate(), [1, 0])
    outer.ry(rng.normal(), 0)
    return outer.to_gate()


def one_qubit_gate(rng):
    inner = QuantumCircuit(1, name="alone")
    inner.rx(rng.normal(), 0)
    kinds = (
        gates.HGate(),
        gates.TGate(),
        gates.UGate(*rng.normal(size=3)),
        gates.UnitaryGate(random_unitary(2, seed=rng)),
        inner.to_gate(),
        gates.RXGate(rng.normal()),
    )
    return kinds[rng.integers(len(kinds))]


def two_qubit_gate(rng):
    theta = rng.normal()
    encounter = EncounterGate(
        theta, rng.normal(size=3), rng.normal(size=3), 0.3, rng.random() < 0.5
    )
    kinds = (
        gates.CXGate(),
        gates.CZGate(),
        gates.ECRGate(),
        gates.iSwapGate(),
        gates.SwapGate(),
        gates.DCXGate(),
        gates.CPhaseGate(theta),
        gates.CRXGate(theta),
        gates.RZZGate(theta),
        gates.XXPlusYYGate(theta, 0.2),
        gates.UnitaryGate(random_unitary(4, seed=rng)),
        gates.DiagonalGate(np.exp(1j * rng.normal(size=4))),
        gates.UCRYGate(rng.normal(size=2).tolist()),
        gates.MSGate(2, theta),
        gates.CXGate().control(0) if rng.random() < 0.5 else gates.HGate().control(annotated=True),
        custom_gate(rng),
        encounter.repeat(2),
        *[encounter] * 4,
    )
    return kinds[rng.integers(len(kinds))]


def through_qpy(qc):
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    return loaded


def partners(rng, qubits, pieces):
    """A pair: any, or one of the qubits below 3, or of those above."""
    if pieces and qubits > 3:
        some = np.arange(3) if qubits < 5 or rng.random() < 0.5 else np.arange(3, qubits)
        return rng.choice(some, 2, replace=False).tolist()
    return rng.choice(qubits, 2, replace=False).tolist()


def unitary_circuit(rng, qubits, pieces):
    qc = empty_circuit(rng, qubits, 1)
    for _ in range(rng.integers(4, 16)):
        kind = rng.random()
        a, b = partners(rng, qubits, pieces)
        if kind < 0.2:
            qc.append(one_qubit_gate(rng), [a])
        elif kind < 0.85:
            qc.append(two_qubit_gate(rng), [a, b])
        elif kind < 0.9:
            qc.append(gates.GlobalPhaseGate(rng.normal()), [])
        elif kind < 0.95:
            qc.barrier(*rng.choice(qubits, rng.integers(1, qubits + 1), replace=False).tolist())
        else:
            qc.delay(16, a)
    # QPY forgets the arguments of an MSGate
    return through_qpy(qc) if rng.random() < 0.3 and "ms" not in qc.count_ops() else qc


def classical_circuit(rng, qubits, pieces, with_variable):
    """Without superpositions: a wrong order gives another outcome."""
    qc = empty_circuit(rng, qubits, 3)
    variable = qc.add_var("v", expr.lift(0, types.Uint(4))) if with_variable else None
    swap = QuantumCircuit(2, name="exchange")
    swap.swap(0, 1)
    for _ in range(rng.integers(6, 20)):
        kind = rng.random()
        a, b = partners(rng, qubits, pieces)
        c, d = rng.choice(3, 2, replace=False).tolist()
        if kind < 0.2:
            qc.x(a)
        elif kind < 0.5:
            full = EncounterGate(np.pi / 2, swap=False)
            some = (gates.CXGate(), gates.SwapGate(), gates.iSwapGate(), swap.to_gate(), full)
            qc.append(some[rng.integers(len(some))], [a, b])
        elif kind < 0.7:
            qc.measure(a, c)
        elif kind < 0.75:
            qc.reset(a)
        elif kind < 0.8:
            qc.barrier(*rng.choice(qubits, rng.integers(1, qubits + 1), replace=False).tolist())
        elif kind < 0.85:
            qc.store(qc.clbits[c], expr.logic_not(qc.clbits[d]))
        elif kind < 0.9 and variable is not None:
            qc.store(variable, expr.bit_xor(variable, int(rng.integers(4))))
        elif kind < 0.95 and variable is not None:
            qc.store(qc.clbits[c], expr.equal(variable, int(rng.integers(4))))
        else:
            with qc.if_test((qc.clbits[c], True)):
                qc.x(a)
    for clbit in range(3):
        if rng.random() < 0.7:
            qc.measure(int(rng.integers(qubits)), clbit)
    return qc


def routed(qc, name, level, rng):
    options = dict(QNU, optimization_level=level)
    sites = coupling_map(name).size()
    if rng.random() < 0.25 and name != "pieces":
        options["initial_layout"] = rng.permutation(sites)[: qc.num_qubits].tolist()
    if rng.random() < 0.2:
        options["layout_method"] = "trivial" if name == "pieces" else "dense"
    if rng.random() < 0.5:
        return transpile(qc, target=device(name), **options)
    basis = [BASES.get(name, "cz"), *BASIS[1:]]
    return transpile(qc, basis_gates=basis, coupling_map=coupling_map(name), **options)


def assert_on_couplers(isa, name):
    edges = {frozenset(edge) for edge in EDGES[name]}
    for instruction in isa.data:
        where = [isa.find_bit(qubit).index for qubit in instruction.qubits]
        if instruction.operation.name not in ("barrier", "box", "for_loop"):
            assert len(where) < 2 or frozenset(where) in edges, instruction


def columns(isa, qubits):
    """What it does to the circuit's own qubits where all others are in |0>: (2^D, 2^n)."""
    return Operator.from_circuit(isa).data[:, : 2**qubits]


def assert_same_unitary(isa, qc, atol):
    dimension = 2**qc.num_qubits
    found = columns(isa, qc.num_qubits)
    wanted = np.zeros_like(found)
    wanted[:dimension] = Operator(qc).data
    np.testing.assert_allclose(found, wanted, atol=atol)


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("seed", range(5))
def test_random_circuits_keep_their_unitary_with_its_phase(name, seed):
    rng = np.random.default_rng([seed, len(name)])
    sites = coupling_map(name).size()
    for level in range(4):
        qc = unitary_circuit(rng, int(rng.integers(2, sites + 1)), name == "pieces")
        isa = routed(qc, name, level, rng)
        assert_on_couplers(isa, name)
        assert_same_unitary(isa, qc, 2e-4)  # Qiskit's synthesis rounds by 1e-5


def value(node, memory):
    """Of an expression."""
    if isinstance(node, expr.Value):
        return node.value
    if isinstance(node, expr.Var):
        return memory.get(node.var, False)
    if isinstance(node, expr.Unary):
        return not value(node.operand, memory)  # logic_not alone is used here
    left, right = value(node.left, memory), value(node.right, memory)
    return {
        expr.Binary.Op.BIT_XOR: left ^ right,
        expr.Binary.Op.EQUAL: left == right,
    }[node.op]


def run(qc):
    """The classical bits at the end of a circuit whose measurements are certain, step by step."""
    memory = {}
    state = Statevector.from_int(0, 2**qc.num_qubits)
    for instruction in qc.data:
        operation, qubits = instruction.operation, instruction.qubits
        where = [qc.find_bit(qubit).index for qubit in qubits]
        if operation.name == "measure":
            one = state.probabilities(where)[1]
            assert min(one, 1 - one) < 1e-6
            memory[instruction.clbits[0]] = bool(one > 0.5)
        elif operation.name == "reset":
            if state.probabilities(where)[1] > 0.5:
                state = state.evolve(gates.XGate(), where)
        elif operation.name == "store":
            memory[operation.lvalue.var] = value(operation.rvalue, memory)
        elif operation.name == "if_else":
            bit, wanted = operation.condition
            if memory.get(bit, False) == wanted:
                for inner in operation.blocks[0].data:
                    state = state.evolve(inner.operation, where)
        elif operation.name not in ("barrier", "delay", "global_phase"):
            state = state.evolve(operation, where)
    return [memory.get(bit, False) for bit in qc.clbits]


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("seed", range(5))
def test_random_circuits_with_classical_bits_keep_what_they_measure(name, seed):
    rng = np.random.default_rng([seed, len(name), 1])
    sites = coupling_map(name).size()
    for level in range(4):
        # Qiskit's GateDirection fails where a circuit has variables
        variable = rng.random() < 0.5 and name != "one way"
        qc = classical_circuit(rng, int(rng.integers(2, sites + 1)), name == "pieces", variable)
        isa = routed(qc, name, level, rng)
        assert_on_couplers(isa, name)
        assert run(isa) == run(qc)


# --- one by one -------------------------------------------------------------------------------


def on_a_line(qc, sites=3, **options):
    line = CouplingMap.from_line(sites)
    basis = ["cz", "rz", "sx", "x"]
    return transpile(qc, basis_gates=basis, coupling_map=line, **{**QNU, **options})


def counts(qc):
    return AerSimulator().run(qc, shots=20).result().get_counts()


LEVELS = pytest.mark.parametrize("level", range(4))


@LEVELS
def test_two_measurements_into_one_bit_keep_their_order(level):
    qc = QuantumCircuit(3, 1)
    qc.x(1)
    qc.measure(0, 0)
    qc.measure(1, 0)
    assert counts(on_a_line(qc, optimization_level=level)) == {"1": 20}


@LEVELS
def test_a_measurement_waits_for_a_block_elsewhere_that_wrote_its_bit_before(level):
    """Through the bit alone: the pairs (0, 1) and (2, 3) share no qubit."""
    qc = QuantumCircuit(4, 2)
    qc.x(0)
    qc.cx(0, 1)
    qc.measure(1, 0)
    with qc.if_test((0, 1)):
        qc.x(2)
    qc.cx(2, 3)
    qc.measure(3, 0)
    qc.cx(0, 3)
    qc.measure(3, 1)
    for seed in range(4):
        options = {**QNU, "optimization_level": level, "seed_transpiler": seed}
        isa = transpile(qc, target=device("line"), **options)
        assert run(isa) == [True, False]


@LEVELS
def test_operations_without_qubits_are_kept(level):
    qc = QuantumCircuit(3, 2)
    qc.x(0)
    qc.measure(0, 0)
    qc.store(qc.clbits[1], expr.lift(qc.clbits[0]))
    assert counts(on_a_line(qc, optimization_level=level)) == {"11": 20}
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.cz(0, 1)
    qc.append(gates.GlobalPhaseGate(0.7), [])
    assert_same_unitary(on_a_line(qc, optimization_level=level), qc, 1e-7)


@LEVELS
def test_no_coupling_map_means_nothing_to_do(level):
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.ccz(0, 1, 2)
    plain = {**QNU, "optimization_level": level}
    assert transpile(qc, **plain).num_qubits == 3
    assert_same_unitary(transpile(qc, basis_gates=["cz", "u"], **plain), qc, 1e-6)
    assert_same_unitary(transpile(qc, AerSimulator(), **plain), qc, 1e-6)
    placed = transpile(qc, basis_gates=["cz", "u"], initial_layout=[2, 0, 1], **plain)
    assert placed.layout.initial_index_layout() == [2, 0, 1]


@LEVELS
def test_a_device_in_pieces_takes_every_part_of_a_circuit_on_one_of_them(level):
    pieces = CouplingMap(_both([(0, 1), (1, 2), (3, 4)]))
    qc = QuantumCircuit(5)
    for a, b in ((0, 1), (2, 3), (3, 4), (2, 4)):
        qc.crx(0.3 + a, a, b)
    options = {**QNU, "optimization_level": level, "basis_gates": ["cz", "rz", "sx"]}
    isa = transpile(qc, coupling_map=pieces, **options)
    assert_same_unitary(isa, qc, 1e-5)
    given = transpile(qc, coupling_map=pieces, initial_layout=[3, 4, 0, 1, 2], **options)
    assert_same_unitary(given, qc, 1e-5)
    assert given.layout.initial_index_layout() == [3, 4, 0, 1, 2]
    with pytest.raises(QnuError, match=r"sites: got \[0, 3\]; allowed: one connected piece"):
        transpile(qc, coupling_map=pieces, initial_layout=[0, 3, 1, 2, 4], **options)
    qc.cx(1, 4)
    with pytest.raises(QnuError, match="parts of 5 qubits"):
        transpile(qc, coupling_map=pieces, **options)


@pytest.mark.parametrize("basis", ["iswap", "rxx", "ryy", "rzz", "rzx", "cp", "ecr"])
def test_any_two_qubit_gate_that_qiskit_translates_to(basis):
    qc = QuantumCircuit(3)
    for a, b in ((0, 1), (1, 2), (0, 2)):
        qc.append(EncounterGate(0.3, (0, 0, 1), (0, 0, 2), 0.4), [a, b])
    line = CouplingMap.from_line(4)
    target = Target.from_configuration([basis, "rz", "sx", "x"], coupling_map=line)
    for level in (0, 2):
        isa = transpile(qc, target=target, optimization_level=level, **QNU)
        assert set(isa.count_ops()) <= {basis, "rz", "sx", "x"}
        assert_same_unitary(isa, qc, 1e-5)


@LEVELS
def test_a_circuit_without_qubits(level):
    qc = QuantumCircuit(0, 1, global_phase=0.3)
    assert on_a_line(qc, optimization_level=level).num_qubits == 3


@pytest.mark.parametrize("level", [0, 2])
def test_a_circuit_wider_than_the_device_is_qiskits_own_error(level):
    passes = generate_preset_pass_manager(
        level, coupling_map=CouplingMap.from_line(3), basis_gates=["cz", "u"], **QNU
    )
    with pytest.raises(TranspilerError, match="qubits"):
        passes.run(QuantumCircuit(4))


def test_metadata_of_a_users_own_is_left_alone():
    qc = QuantumCircuit(3)
    for pair in ((0, 1), (0, 2), (1, 2)):
        qc.append(EncounterGate(0.3), pair)
    qc.metadata = {"wiring": "loom 3", "mine": [1]}
    isa = on_a_line(qc)
    assert isa.metadata == qc.metadata
    assert isa.count_ops()["cz"] == 9


def test_routing_alone_takes_qubit_k_on_site_k():
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8], [1, 0, 0]], omega=[0.1, 0.2, 0.3])
    qc = qnu.quantum.circuit(gas, qnu.schedules.tournament(gas, gamma=0.4))
    line = CouplingMap.from_line(3)
    passes = PassManager([EncounterRouting(Target.from_configuration(["cz", "u"], 3, line))])
    isa = passes.run(qc)
    final = passes.property_set["final_layout"]
    where = [final[qubit] for qubit in isa.qubits]
    for letter in "XYZ":
        for k in range(3):
            wanted = Statevector(qc).expectation_value(Pauli(letter), [k])
            found = Statevector(isa).expectation_value(Pauli(letter), [where[k]])
            assert found == pytest.approx(wanted, abs=1e-12)
    wider = Target.from_configuration(["cz", "u"], 4, CouplingMap.from_line(4))
    with pytest.raises(QnuError, match="circuit: got '3 qubits'; allowed: all 4 qubits"):
        PassManager([EncounterRouting(wider)]).run(qc)


@pytest.mark.parametrize("level", [0, 1])
def test_what_a_simulator_saves_of_several_qubits_needs_no_coupler(level):
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.cx(0, 2)
    qc.save_expectation_value(SparsePauliOp(["ZIZ", "XIX", "ZZZ"], [1.0, 2.0, 0.5]), [0, 1, 2])
    qc.cx(1, 2)
    line = CouplingMap.from_line(3)
    device = AerSimulator(coupling_map=line, basis_gates=["cz", "rz", "sx", "x"])
    isa = transpile(qc, device, optimization_level=level, **QNU)
    saved = device.run(isa).result().data()["expectation_value"]
    assert saved == pytest.approx(3.5)  # of a Bell pair: ZZ = XX = 1, the third qubit is |0>


def flow(kind):
    qc = QuantumCircuit(4, 2)
    qc.x(0)
    qc.measure(0, 0)
    qc.cx(0, 2)
    if kind == "if_else":
        with qc.if_test((0, 1)) as otherwise:
            qc.cx(0, 3)
            qc.cx(1, 3)
        with otherwise:
            qc.cx(1, 2)
    elif kind == "for_loop":
        with qc.for_loop(range(3)):
            qc.cx(0, 3)
    elif kind == "while_loop":
        with qc.while_loop((0, 1)):
            qc.cx(2, 3)
            qc.x(0)
            qc.measure(0, 0)
        qc.x(0)
    elif kind == "switch_case":
        with qc.switch(qc.cregs[0]) as case:
            with case(1):
                qc.cx(0, 3)
            with case(case.DEFAULT):
                qc.cx(1, 3)
    qc.cx(0, 1)
    qc.cx(3, 1)  # 1 and 1: |0> again
    qc.measure(1, 0)
    qc.measure(3, 1)
    return qc


@pytest.mark.parametrize("level", [0, 2])
@pytest.mark.parametrize("kind", ["if_else", "for_loop", "while_loop", "switch_case"])
def test_control_flow_on_several_qubits_goes_to_qiskits_router_with_a_line(kind, level):
    qc = flow(kind)
    line = CouplingMap.from_line(4)
    device = AerSimulator(coupling_map=line, basis_gates=["cz", "rz", "sx", "x", kind])
    with pytest.warns(QnuWarning, match="control flow on several qubits: Qiskit's Sabre"):
        isa = transpile(qc, device, optimization_level=level, **QNU)
    assert isa.count_ops()[kind] == 1
    assert counts(isa) == {"10": 20}


def test_an_if_on_one_qubit_is_routed_by_qnu():
    qc = QuantumCircuit(3, 1)
    qc.x(0)
    qc.measure(0, 0)
    with qc.if_test((0, 1)):
        qc.x(1)
    qc.cx(1, 2)
    qc.cx(0, 2)
    qc.cx(0, 1)
    qc.measure(1, 0)
    device = AerSimulator(
        coupling_map=CouplingMap.from_line(3), basis_gates=["cz", "rz", "sx", "x", "if_else"]
    )
    assert counts(transpile(qc, device, **QNU)) == {"0": 20}


def test_a_barrier_that_protects_measurements_does_not_stay():
    qc = QuantumCircuit(3, 3)
    for pair in ((0, 1), (1, 2), (0, 2)):
        qc.append(EncounterGate(0.3), pair)
    qc.measure(range(3), range(3))
    isa = on_a_line(qc, layout_method="sabre", optimization_level=1)
    assert "barrier" not in isa.count_ops()


def test_encounters_of_one_pair_with_a_mark_between_stay_apart():
    qc = QuantumCircuit(3)
    qc.append(EncounterGate(0.3), [0, 2])
    qc.barrier(label="t=1")
    qc.append(EncounterGate(0.4), [2, 0])
    qc.append(EncounterGate(0.5), [0, 1])
    target = Target.from_configuration(["cz", "rz", "sx", "x"], 3, CouplingMap.from_line(3))
    isa = qnu.quantum.pass_manager(target).run(qc)
    kinds = [i.operation.name for i in isa.data if i.operation.name in ("cz", "barrier")]
    assert kinds == ["cz"] * 3 + ["barrier"] + ["cz"] * 6
    assert_same_unitary(isa, qc, 1e-9)


def test_an_evolution_gate_is_its_product_formula_with_and_without_a_swap():
    evolution = gates.PauliEvolutionGate(SparsePauliOp(["XX", "ZI"], [0.9, 0.8]), time=1.0)
    plain = QuantumCircuit(3)
    for pair in ((0, 1), (1, 2), (0, 2)):
        plain.append(evolution.definition.to_gate(), pair)
    qc = QuantumCircuit(3)
    for pair in ((0, 1), (1, 2), (0, 2)):
        qc.append(evolution, pair)
    assert_same_unitary(on_a_line(qc, optimization_level=0), plain, 1e-5)


@pytest.mark.parametrize("gate", ["QPY", "custom", "repeat", "diagonal", "ms", "unbound", "alone"])
def test_the_pass_manager_takes_gates_that_have_a_definition_only(gate):
    """Its own synthesis: no gate of Qiskit's translation comes before."""
    rng = np.random.default_rng(5)
    theta = Parameter("theta")
    made = {
        "QPY": EncounterGate(0.3, (0, 0, 1), (0.2, 0, 2), 0.4, label="mine"),
        "custom": custom_gate(rng),
        "repeat": EncounterGate(0.3).repeat(2),
        "diagonal": gates.DiagonalGate([1, -1, 1j, 1]),
        "ms": gates.MSGate(2, 0.3),
        "unbound": gates.CRXGate(theta),
        "alone": gates.CXGate(),
    }[gate]
    qc = QuantumCircuit(3)
    for pair in ((0, 1), (1, 2), (0, 2)):
        qc.append(made, pair)
        if gate == "alone":
            qc.append(QuantumCircuit(1, name="still").to_gate(), [pair[0]])
    if gate == "QPY":
        qc = through_qpy(qc)
    target = Target.from_configuration(["cz", "rz", "sx", "x"], 3, CouplingMap.from_line(3))
    isa = qnu.quantum.pass_manager(target).run(qc)
    if gate == "QPY":
        assert isa.count_ops()["cz"] == 9
    values = {} if gate != "unbound" else {theta: 0.7}
    isa, qc = (circuit.assign_parameters(values) for circuit in (isa, qc))
    assert set(isa.count_ops()) <= {"cz", "rz", "sx", "x"}
    assert_same_unitary(isa, qc, 1e-9)


def test_the_pass_manager_keeps_what_is_no_gate():
    qc = QuantumCircuit(3, 2)
    qc.x(0)
    qc.append(gates.GlobalPhaseGate(0.4), [])
    qc.append(Clifford(gates.CXGate()), [0, 2])
    qc.append(gates.StatePreparation([0, 1]), [1])
    qc.measure(2, 0)
    with qc.if_test((0, 1)):
        qc.h(1)
        qc.z(1)
        qc.h(1)
    qc.reset(0)
    qc.cx(1, 0)
    qc.measure(0, 0)
    qc.measure(2, 1)
    isa = qnu.quantum.pass_manager(device("line")).run(qc)
    assert isa.count_ops()["reset"] == isa.count_ops()["if_else"] == 1
    assert run(isa) == [False, True]  # the X of the if undoes the preparation of |1>


def test_opaque_gates_are_refused_by_name():
    qc = QuantumCircuit(2)
    qc.append(Gate("mystery", 2, []), [0, 1])
    target = Target.from_configuration(["cz", "rz", "sx", "x"], 2, CouplingMap.from_line(2))
    with pytest.raises(QnuError, match="circuit: got 'mystery'; allowed: gates with a matrix or"):
        qnu.quantum.pass_manager(target).run(qc)
