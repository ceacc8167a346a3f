import copy
import io
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, qpy, transpile
from qiskit.circuit import Gate, Instruction, Parameter, ParameterExpression
from qiskit.circuit.exceptions import CircuitError
from qiskit.circuit.library import CXGate
from qiskit.quantum_info import Operator

from qnu import QnuError, encounter
from qnu.quantum import EncounterGate
from qnu.quantum.circuits.gate import as_encounter

from ..helpers import two_qubit_gates

SWAP = np.eye(4)[[0, 2, 1, 3]]
PAULI = [np.array(p) for p in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
Z1, Z2, TILTED = (0, 0, -0.4), (0, 0, 0.9), (0.3, -0.5, 0.2)
FIELDS = {
    "none": ((0, 0, 0), (0, 0, 0)),
    "vacuum": (Z1, Z2),
    "equal": (Z1, Z1),
    "up": ((0, 0, 0.5), (0, 0, 2.0)),
    "one": ((0, 0, 0), Z2),
    "parallel": (TILTED, tuple(-2.5 * x for x in TILTED)),
    "matter": (TILTED, (0.3, -0.5, 1.1)),
}
PARALLEL = [name for name in FIELDS if name != "matter"]
BASES = (["cx", "rz", "ry", "rx"], ["cz", "rz", "sx", "x"])


def little_endian(matrix):
    """Factors exchanged, by relabelling both bits: independent of the package's own einsum."""
    return SWAP @ matrix @ SWAP


def expected(slow_encounter, theta, fields, time, swap):
    matrix = slow_encounter(theta, *fields, time)
    return little_endian(SWAP @ matrix if swap else matrix)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("name", FIELDS)
def test_matrix_and_definition(name, swap, slow_encounter):
    rng = np.random.default_rng(1)
    for _ in range(12):
        theta, time = rng.uniform(-7, 7, 2)
        gate = EncounterGate(theta, *FIELDS[name], time, swap)
        wanted = expected(slow_encounter, theta, FIELDS[name], time, swap)
        np.testing.assert_allclose(np.asarray(gate), wanted, atol=1e-12)
        np.testing.assert_allclose(Operator(gate).data, wanted, atol=1e-12)
        np.testing.assert_allclose(Operator(gate.definition).data, wanted, atol=1e-12)
        assert two_qubit_gates(gate.definition) == gate.definition.count_ops()["cx"] <= 3


def test_matrix_is_the_encounter_of_the_other_roads():
    gate = EncounterGate(0.7, Z1, TILTED, 1.3)
    pair = np.kron([0.6, 0.8j], [1, 0])  # first x second
    after = encounter.unitary(0.7, Z1, TILTED, 1.3) @ pair
    np.testing.assert_allclose(np.asarray(gate) @ (SWAP @ pair), SWAP @ after, atol=1e-14)


def test_first_neutrino_is_the_first_qubit(encounters):
    def rho(p):
        return (np.eye(2) + sum(c * s for c, s in zip(p, PAULI, strict=True))) / 2

    assert len(encounters) == 24
    for case in encounters:
        h1, h2 = ((0, 0, -w) for w in case["omega"])
        u = np.asarray(EncounterGate(case["swap_angle"], h1, h2, case["duration"]))
        p1, p2 = case["polarization"]
        state = (u @ np.kron(rho(p2), rho(p1)) @ u.conj().T).reshape(2, 2, 2, 2)
        reduced = np.einsum("kikj->ij", state), np.einsum("ikjk->ij", state)
        after = [[np.trace(r @ s).real for s in PAULI] for r in reduced]
        np.testing.assert_allclose(after, case["after"], atol=1e-12)


@pytest.mark.parametrize(
    ("theta", "difference"),
    [
        *itertools.product((0.0, math.pi / 2, math.pi, -math.pi, 2 * math.pi), (0.0, 1e-9, 0.3)),
        *((math.sqrt((k * math.pi / 2) ** 2 - 0.09), 0.3) for k in (1, 2, 3, 4)),  # K = k pi/2
        (0.0, math.pi), (0.0, math.pi / 2), (1e-300, 1e-300), (1e-12, 1e-12), (-0.3, -2.9),
    ],
)  # fmt: skip
@pytest.mark.parametrize("swap", [False, True])
def test_exact_at_every_corner(theta, difference, swap, slow_encounter):
    fields = ((0, 0, 1 + difference), (0, 0, 1 - difference))
    wanted = expected(slow_encounter, theta, fields, 1.0, swap)
    gate = EncounterGate(theta, *fields, 1.0, swap)
    np.testing.assert_allclose(Operator(gate.definition).data, wanted, atol=1e-12)
    gamma = Parameter("gamma")
    bound = EncounterGate(2 * theta * gamma, *fields, 2 * gamma, swap).definition
    bound = bound.assign_parameters({gamma: 0.5}, strict=False)
    np.testing.assert_allclose(Operator(bound).data, wanted, atol=1e-12)


reals = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, math.pi / 2, math.pi, 1e-9, 1e-300, 5e-324]),
    st.floats(-10, 10),
)
vectors = st.tuples(reals, reals, reals)


@settings(max_examples=150, deadline=None)
@given(reals, vectors, vectors, reals, st.booleans())
def test_definition_for_any_numbers(theta, h1, h2, time, swap):
    gate = EncounterGate(theta, h1, h2, time, swap)
    np.testing.assert_allclose(Operator(gate.definition).data, np.asarray(gate), atol=1e-11)


@settings(max_examples=150, deadline=None)
@given(reals, reals, reals, reals, st.booleans(), st.sampled_from([0.5, 1.0, -1.3]))
def test_parameterized_definition_for_any_numbers(theta, a, b, time, swap, value):
    gamma, fields = Parameter("gamma"), ((0, 0, a), (0, 0, b))
    definition = EncounterGate(theta * gamma, *fields, time * gamma, swap).definition
    bound = definition.assign_parameters({gamma: value}, strict=False)
    wanted = np.asarray(EncounterGate(theta * value, *fields, time * value, swap))
    np.testing.assert_allclose(Operator(bound).data, wanted, atol=1e-11)


@settings(max_examples=50, deadline=None)
@given(reals, reals, reals, reals)
def test_conserved_quantities(theta, a, b, time):
    """Vacuum: sigma_z1 + sigma_z2; no fields: every component of P_1 + P_2."""
    vacuum = np.asarray(EncounterGate(theta, (0, 0, a), (0, 0, b), time))
    kick = np.asarray(EncounterGate(theta))
    for axis, sigma in enumerate(PAULI):
        total = np.kron(sigma, np.eye(2)) + np.kron(np.eye(2), sigma)
        np.testing.assert_allclose(kick @ total, total @ kick, atol=1e-13)
        if axis == 2:
            np.testing.assert_allclose(vacuum @ total, total @ vacuum, atol=1e-13)


def test_full_swap():
    minus_i_swap = np.asarray(EncounterGate(math.pi / 2))
    np.testing.assert_allclose(minus_i_swap, -1j * SWAP, atol=1e-15)
    twice = np.asarray(EncounterGate(-math.pi / 2, swap=True))  # SWAP times +i SWAP
    np.testing.assert_allclose(twice, 1j * np.eye(4), atol=1e-15)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("name", FIELDS)
def test_inverse(name, swap):
    gate = EncounterGate(0.7, *FIELDS[name], 1.9, swap)
    inverse = gate.inverse()
    assert isinstance(inverse, EncounterGate)
    np.testing.assert_allclose(np.asarray(inverse) @ np.asarray(gate), np.eye(4), atol=1e-14)
    assert inverse.inverse() == gate
    assert EncounterGate(0.7, *FIELDS[name], 1.9, swap, label="mine").inverse().label == "mine"


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("name", PARALLEL)
@pytest.mark.parametrize("value", [0.0, 0.37, -2.2, 5.1])
def test_one_parameter_scales_angle_and_duration(name, swap, value, slow_encounter):
    gamma = Parameter("gamma")
    gate = EncounterGate(1.3 * gamma, *FIELDS[name], 2.1 * gamma, swap)
    definition = gate.definition
    assert definition.count_ops()["cx"] == 3
    wanted = expected(slow_encounter, 1.3 * value, FIELDS[name], 2.1 * value, swap)
    bound = Operator(definition.assign_parameters({gamma: value})).data
    np.testing.assert_allclose(bound, wanted, atol=1e-12)


def test_other_parameters(slow_encounter):
    a, b = Parameter("a"), Parameter("b")
    cases = [
        (EncounterGate(a * a, Z1, Z2, 0.8), (0.49, (Z1, Z2), 0.8), {a: 0.7}),  # fixed duration
        (EncounterGate(a, Z1, Z1, b), (0.7, (Z1, Z1), 1.9), {a: 0.7, b: 1.9}),  # equal fields
        (EncounterGate(a), (0.7, ((0, 0, 0), (0, 0, 0)), 0.0), {a: 0.7}),
        (EncounterGate(0.0, Z1, Z2, a), (0.0, (Z1, Z2), 0.7), {a: 0.7}),  # vacuum alone
    ]
    for gate, (theta, fields, time), values in cases:
        bound = Operator(gate.definition.assign_parameters(values)).data
        np.testing.assert_allclose(
            bound, expected(slow_encounter, theta, fields, time, False), atol=1e-12
        )


CORNERS = (0.0, 1e-17, 3e-9, -3e-9, 0.3, -0.8, math.pi / 2, -math.pi, 3 * math.pi / 2, 5.1)


@pytest.mark.parametrize("swap", [False, True])
@pytest.mark.parametrize("name", ["vacuum", "up", "one", "parallel"])
def test_two_free_parameters(name, swap, slow_encounter):
    """Also where Qiskit's expressions drop small terms, or would divide by 0."""
    a, b = Parameter("a"), Parameter("b")
    gate = EncounterGate(a, *FIELDS[name], b, swap)
    for theta, time in itertools.product(CORNERS, CORNERS):
        wanted = expected(slow_encounter, theta, FIELDS[name], time, swap)
        bound = gate.definition.assign_parameters({a: theta, b: time})
        np.testing.assert_allclose(Operator(bound).data, wanted, atol=1e-13)
    squared = EncounterGate(a * a, *FIELDS[name], a, swap).definition
    wanted = expected(slow_encounter, 0.49, FIELDS[name], 0.7, swap)
    found = Operator(squared.assign_parameters({a: 0.7})).data
    np.testing.assert_allclose(found, wanted, atol=1e-13)


@pytest.mark.parametrize("swap", [False, True])
def test_parameters_that_scale_together_with_matter_inside(swap, slow_encounter):
    a, b = Parameter("a"), Parameter("b")
    values = {a: -1.3, b: 0.4}
    for theta, time in ((2 * a, 0.5 * a), (0.0, a), (a * b, -a * b), (a.sin(), 3 * a.sin())):
        gate = EncounterGate(theta, *FIELDS["matter"], time, swap)
        numbers = [
            float(x.bind(values, True).numeric()) if isinstance(x, ParameterExpression) else x
            for x in (theta, time)
        ]
        wanted = expected(slow_encounter, numbers[0], FIELDS["matter"], numbers[1], swap)
        bound = gate.definition.assign_parameters(
            {p: values[p] for p in gate.definition.parameters}
        )
        np.testing.assert_allclose(Operator(bound).data, wanted, atol=1e-13)
    no_time = EncounterGate(a, *FIELDS["matter"], 0.0, swap).definition
    wanted = expected(slow_encounter, 0.7, FIELDS["matter"], 0.0, swap)
    np.testing.assert_allclose(Operator(no_time.assign_parameters([0.7])).data, wanted, atol=1e-13)


def test_parameters_without_closed_form_are_refused_at_construction():
    a, b = Parameter("a"), Parameter("b")
    for theta, time in ((a, b), (a, 0.3), (0.3, a), (a * a, a)):
        with pytest.raises(QnuError, match="a number times the duration") as caught:
            EncounterGate(theta, *FIELDS["matter"], time)
        assert "\n" not in str(caught.value)
    with pytest.raises(CircuitError, match="unbound"):
        np.asarray(EncounterGate(a))
    with pytest.raises(CircuitError, match="unbound"):
        EncounterGate(a).to_matrix()


@pytest.mark.parametrize("exponent", [2, 0, 1, -1, -3, 0.5, -0.3])
@pytest.mark.parametrize("name", FIELDS)
def test_power(name, exponent, slow_encounter):
    gate = EncounterGate(0.7, *FIELDS[name], 1.9, label="mine")
    found = gate.power(exponent)
    assert isinstance(found, EncounterGate)
    assert found.label == "mine"
    wanted = expected(slow_encounter, exponent * 0.7, FIELDS[name], exponent * 1.9, False)
    np.testing.assert_allclose(np.asarray(found), wanted, atol=1e-13)
    a = Parameter("a")
    if name != "matter":
        open_ = EncounterGate(a, *FIELDS[name], 2 * a).power(exponent)
        assert open_ == EncounterGate(exponent * a, *FIELDS[name], exponent * (2 * a))


@pytest.mark.parametrize("exponent", [2, 0, 1, -1, -3, 0.5])
@pytest.mark.parametrize("name", FIELDS)
def test_power_with_a_swap(name, exponent):
    gate = EncounterGate(0.7, *FIELDS[name], 1.9, swap=True)
    matrix = np.asarray(gate)
    found = gate.power(exponent)
    if exponent == 0.5:
        np.testing.assert_allclose(Operator(found).data @ Operator(found).data, matrix, atol=1e-10)
        return
    wanted = np.linalg.matrix_power(matrix, exponent)
    np.testing.assert_allclose(Operator(found).data, wanted, atol=1e-12)
    short = exponent in (0, 1, -1) or name in ("none", "equal")
    assert isinstance(found, EncounterGate) == short


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("swap", [False, True])
def test_three_two_qubit_gates_on_devices(level, swap, slow_encounter):
    gamma = Parameter("gamma")
    for name, basis in itertools.product(FIELDS, BASES):
        qc = QuantumCircuit(2)
        qc.append(EncounterGate(0.8, *FIELDS[name], 1.7, swap), [0, 1])
        compiled = transpile(qc, basis_gates=basis, optimization_level=level)
        assert two_qubit_gates(compiled) <= 3
        wanted = expected(slow_encounter, 0.8, FIELDS[name], 1.7, swap)
        np.testing.assert_allclose(Operator(compiled).data, wanted, atol=1e-8)
        if name in PARALLEL and basis == BASES[1]:
            qc = QuantumCircuit(2)
            qc.append(EncounterGate(2 * gamma, *FIELDS[name], 4.25 * gamma, swap), [0, 1])
            compiled = transpile(qc, basis_gates=basis, optimization_level=level)
            assert two_qubit_gates(compiled) <= 3
            bound = Operator(compiled.assign_parameters({gamma: 0.4})).data
            np.testing.assert_allclose(bound, wanted, atol=1e-12)


def test_two_encounters_of_one_pair_merge():
    qc = QuantumCircuit(2)
    qc.append(EncounterGate(0.3, Z1, Z2, 0.3), [0, 1])
    qc.append(EncounterGate(math.pi / 2), [0, 1])
    compiled = transpile(qc, basis_gates=BASES[1], optimization_level=2)
    assert two_qubit_gates(compiled) == 3


def test_binding_copying_and_equality():
    gamma = Parameter("gamma")
    qc = QuantumCircuit(2)
    qc.append(EncounterGate(gamma, Z1, Z2, 2 * gamma, swap=True), [1, 0])
    _ = qc.data[0].operation.definition  # a definition made before binding must not survive it
    bound = qc.assign_parameters({gamma: 0.4})
    gate = bound.data[0].operation
    assert isinstance(gate, EncounterGate)
    assert gate.swap
    assert gate == EncounterGate(0.4, Z1, Z2, 0.8, swap=True)
    assert gate != EncounterGate(0.4, Z1, Z2, 0.8)
    assert gate != EncounterGate(0.4, Z2, Z1, 0.8, swap=True)
    assert copy.deepcopy(gate) == gate.copy() == gate
    np.testing.assert_allclose(Operator(gate.definition).data, np.asarray(gate), atol=1e-13)
    assert gate.params == [0.4, *Z1, *Z2, 0.8]
    assert (gate.swap_angle, gate.encounter_duration) == (0.4, 0.8)
    np.testing.assert_array_equal(gate.field_2, Z2)
    controlled = gate.control()
    block = Operator(controlled).data[1::2, 1::2]  # control: the first qubit
    np.testing.assert_allclose(block, np.asarray(gate), atol=1e-12)


def test_qpy():
    gamma = Parameter("gamma")
    qc = QuantumCircuit(2)
    qc.append(EncounterGate(gamma, Z1, Z2, 2 * gamma), [0, 1])
    qc.append(EncounterGate(0.7, *FIELDS["matter"], 1.1, swap=True), [1, 0])
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    values = [0.4]
    np.testing.assert_allclose(
        Operator(loaded.assign_parameters(values)).data,
        Operator(qc.assign_parameters(values)).data,
        atol=1e-12,
    )


def test_a_gate_that_came_back_from_qpy_is_an_encounter_again():
    gamma = Parameter("gamma")
    gates = [
        EncounterGate(0.7, *FIELDS["matter"], 1.1, swap=True, label="mine"),
        EncounterGate(gamma, Z1, Z2, 2 * gamma),
    ]
    qc = QuantumCircuit(2)
    for gate in gates:
        qc.append(gate, [0, 1])
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    back = [instruction.operation for instruction in loaded.data]
    assert [type(gate) for gate in back] == [Gate, Gate]
    found = [as_encounter(gate) for gate in back]
    assert found[0] == gates[0]
    assert found[0].label == "mine"
    assert found[1] == gates[1]


def test_gates_of_the_same_name_that_are_no_encounters():
    gate = EncounterGate(0.7)
    assert as_encounter(gate) is gate
    others = [
        CXGate(),
        Gate("encounter", 2, []),
        Gate("encounter", 3, gate.params),
        Gate("encounter*2", 2, gate.params),
        Gate("encounter", 2, [0.1, Parameter("h"), 0, 0, 0, 0, 0, 0.1]),  # fields are numbers
        Instruction("encounter", 2, 0, gate.params),
        QuantumCircuit(2, name="encounter").to_gate(),
    ]
    assert [as_encounter(other) for other in others] == [None] * len(others)


def every_gate():
    a, b = Parameter("a"), Parameter("b")
    for name, fields in FIELDS.items():
        yield name, EncounterGate(0.7, *fields, 1.9)
        yield f"{name} one parameter", EncounterGate(2 * a, *fields, a / 3)
        if name != "matter":
            yield f"{name} two parameters", EncounterGate(a, *fields, b)
            yield f"{name} fixed duration", EncounterGate(a, *fields, 0.6)


@pytest.mark.parametrize("way", ["", "swap", "inverse", "power", "control", "control0", "repeat"])
@pytest.mark.parametrize(
    ("name", "gate"), list(every_gate()), ids=lambda x: x if type(x) is str else ""
)
def test_every_circuit_that_can_be_built_goes_through_qpy(name, gate, way):
    def changed(some):
        match way:
            case "swap":
                return EncounterGate(some.swap_angle, some.field_1, some.field_2,
                                     some.encounter_duration, swap=True)  # fmt: skip
            case "inverse":
                return some.inverse()
            case "power":
                return some.power(-1.5)
            case "control":
                return some.control()
            case "control0":
                return some.control(1, ctrl_state=0)
            case "repeat":
                return some.repeat(2)
        return some

    qc = QuantumCircuit(3)
    used = changed(gate)
    qc.append(used, range(used.num_qubits))
    values = dict(zip(qc.parameters, (0.7, -1.1), strict=False))
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    numbers = [v for _, v in sorted((p.name, v) for p, v in values.items())]
    found = Operator(loaded.assign_parameters(numbers)).data
    first = QuantumCircuit(3)  # bound before it is changed: matrices of numbers
    bound = QuantumCircuit(2)
    bound.append(gate, [0, 1])
    plain = changed(bound.assign_parameters(values).data[0].operation)
    first.append(plain, range(plain.num_qubits))
    np.testing.assert_allclose(found, Operator(first).data, atol=1e-10)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((math.nan,), "encounter"),
        ((1j,), "encounter"),
        (("0.3x",), "encounter"),
        ((0.1, (0, 0)), "field_1"),
        ((0.1, (0, 0, 1), 3.0), "field_2"),
        ((0.1, (0, 0, 1), (0, 0, math.inf)), "field_2"),
    ],
)
def test_bad_input(arguments, field):
    with pytest.raises(QnuError, match=field) as caught:
        EncounterGate(*arguments)
    assert "\n" not in str(caught.value)
