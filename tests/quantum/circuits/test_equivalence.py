"""An encounter in any basis: Qiskit's translation, exact and with no more gates than it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit.circuit.exceptions import CircuitError
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap, Target
from qiskit.transpiler.passes.synthesis.plugin import HighLevelSynthesisPluginManager

from qnu.quantum import EncounterGate, check_isa
from qnu.quantum.circuits import CanonicalGate
from qnu.quantum.circuits.equivalence import RULES

#: A basis, and the two-qubit gates that a generic gate takes in it.
BASES = {
    "cx": (["cx", "u"], {"cx": 3}),
    "cz": (["cz", "rz", "sx"], {"cz": 3}),
    "ecr": (["ecr", "rz", "sx", "x"], {"ecr": 3}),
    "fractional": (["rzz", "rz", "sx", "x"], {"rzz": 3}),
    "three kinds": (["rxx", "ryy", "rzz", "rz", "ry"], {"rxx": 1, "ryy": 1, "rzz": 1}),
    "iswap": (["iswap", "u"], {"iswap": 3}),
    "ions, rxx": (["rxx", "rx", "ry", "rz"], {"rxx": 3}),
    "ions, rzz": (["rzz", "rx", "ry", "rz"], {"rzz": 3}),
}

RNG = np.random.default_rng(11)
VACUUM = (0, 0, -0.4), (0, 0, -0.9)
MATTER = RNG.normal(size=3), RNG.normal(size=3)


def circuit(gate: Any) -> QuantumCircuit:
    """The gate on exchanged qubits, so that an exchange of the two would show."""
    qc = QuantumCircuit(2)
    qc.append(gate, [1, 0])
    return qc


def distance(one: QuantumCircuit, other: QuantumCircuit) -> float:
    """The largest difference of two unitaries, global phase included."""
    return float(abs(Operator(one).data - Operator(other).data).max())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_exact_with_its_global_phase(
    rule: Callable[[float, float, float], QuantumCircuit],
) -> None:
    for _ in range(5):
        angles = RNG.uniform(-4, 4, 3).tolist()
        assert abs(Operator(rule(*angles)).data - np.array(CanonicalGate(*angles))).max() < 1e-14
    two_qubit = [one for one in rule(0.1, 0.2, 0.3).data if len(one.qubits) == 2]
    assert len(two_qubit) == 3


def test_the_canonical_gate_is_the_exponential_of_its_generator() -> None:
    from scipy.linalg import expm

    x, y, z = 0.3, -0.7, 1.1
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    generator = sum(a * np.kron(p, p) for a, p in zip((x, y, z), pauli, strict=True))
    gate = CanonicalGate(x, y, z)
    assert abs(np.array(gate) - expm(-1j * generator)).max() < 1e-14
    assert abs(np.array(gate) @ np.array(gate.inverse()) - np.eye(4)).max() < 1e-14
    assert abs(Operator(gate.definition).data - np.array(gate)).max() < 1e-14
    with pytest.raises(CircuitError):
        CanonicalGate(Parameter("x"), 0, 0).to_matrix()


def test_qiskit_finds_the_plugin() -> None:
    manager = HighLevelSynthesisPluginManager()
    assert manager.method_names("encounter") == ["default"]
    assert manager.method_names("encounter_swap") == ["default"]


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("name", BASES)
def test_every_basis_is_reached_at_every_level(name: str, level: int) -> None:
    basis, least = BASES[name]
    for fields in (VACUUM, MATTER):
        for swap in (False, True):
            theta, time = RNG.uniform(0.2, 1.2, 2)
            logical = circuit(EncounterGate(theta, *fields, time, swap))
            made = transpile(logical, basis_gates=basis, optimization_level=level)
            counts = made.count_ops()
            assert {gate: counts[gate] for gate in least} == least
            assert set(counts) <= set(basis)
            # from level 2 on Qiskit resynthesizes with fidelities of 1 - 1e-9
            assert distance(logical, made) < (1e-12 if level < 2 else 1e-4)


@pytest.mark.parametrize("name", BASES)
def test_with_a_parameter_the_gates_are_as_few(name: str) -> None:
    basis, least = BASES[name]
    theta = Parameter("theta")
    for swap in (False, True):
        gate = EncounterGate(theta, *VACUUM, 0.7, swap)
        made = transpile(circuit(gate), basis_gates=basis, optimization_level=1)
        counts = made.count_ops()
        assert {one: counts[one] for one in least} == least
        for value in (0.4, -1.3):
            exact = circuit(EncounterGate(value, *VACUUM, 0.7, swap))
            assert distance(exact, made.assign_parameters({theta: value})) < 1e-12


def test_what_has_no_canonical_form_is_translated_from_its_definition() -> None:
    theta, time = Parameter("theta"), Parameter("t")
    for fields, angle in ((VACUUM, theta), (MATTER, 0.8 * time)):
        gate = EncounterGate(angle, *fields, time)
        made = transpile(circuit(gate), basis_gates=["iswap", "u"], optimization_level=1)
        values = {theta: 0.4, time: 0.7}
        bound = {p: values[p] for p in made.parameters}
        number = 0.4 if angle is theta else 0.8 * 0.7
        assert (
            distance(circuit(EncounterGate(number, *fields, 0.7)), made.assign_parameters(bound))
            < 1e-12
        )


def test_a_device_of_iswaps_on_a_line() -> None:
    device = Target.from_configuration(["iswap", "rz", "sx"], 4, CouplingMap.from_line(4))
    qc = QuantumCircuit(4)
    for first in (0, 2, 1):
        qc.append(EncounterGate(0.4, *MATTER, 0.3, first == 1), [first, first + 1])
    made = transpile(qc, target=device, optimization_level=1, initial_layout=[0, 1, 2, 3])
    check_isa(made, device)
    assert made.count_ops()["iswap"] == 9
    assert distance(qc, made) < 1e-11
