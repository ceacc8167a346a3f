"""How Qiskit's own ``transpile`` takes an encounter apart: into what fits the basis best."""

from __future__ import annotations

from typing import Any

from qiskit.circuit import ParameterExpression, QuantumCircuit
from qiskit.transpiler.passes.synthesis.plugin import HighLevelSynthesisPlugin

from ...errors import QnuError
from ..circuits.canonical import apply
from ..circuits.equivalence import CanonicalGate
from ..circuits.gate import EncounterGate, as_encounter


class EncounterPlugin(HighLevelSynthesisPlugin):  # type: ignore[misc]  # Qiskit has no type hints
    """Encounters for Qiskit's HighLevelSynthesis: rotations, a CanonicalGate, and rotations.

    Qiskit finds it under the entry points ``encounter.default`` and ``encounter_swap.default`` of
    ``qiskit.synthesis``. The translation to the basis then has one rule for each kind of two-qubit
    gate (:class:`qnu.quantum.circuits.CanonicalGate`); without it every encounter is three CX,
    which are six iSWAP, and which a basis of RXX, RYY, RZZ, RZ and RY does not reach.

    References:
        Qiskit's high-level synthesis plugins.

    Examples:
        >>> from qiskit import QuantumCircuit, transpile
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.3, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> counts = transpile(qc, basis_gates=["rxx", "ryy", "rzz", "rz", "ry"]).count_ops()
        >>> counts["rxx"], counts["ryy"], counts["rzz"]
        (1, 1, 1)
    """

    def run(
        self,
        high_level_object: Any,
        coupling_map: Any = None,
        target: Any = None,
        qubits: Any = None,
        **options: Any,
    ) -> QuantumCircuit | None:
        """The circuit; None where a gate has no such form: Qiskit takes its definition then."""
        gate = as_encounter(high_level_object)
        return None if gate is None else in_canonical_form(gate)


def in_canonical_form(gate: EncounterGate) -> QuantumCircuit | None:
    """An encounter as rotations, a CanonicalGate and rotations.

    Args:
        gate: with numbers or parameters.

    Returns:
        the circuit, exact with its global phase; None for parameters that do not scale together
        (their closed form is longer).

    References:
        Kraus and Cirac (PRA 63, 062309).

    Examples:
        >>> in_canonical_form(EncounterGate(0.3, (0, 0, -0.4), (0, 0, -0.1), 0.3)).count_ops()
        OrderedDict([('rz', 4), ('canonical', 1)])
    """
    try:
        form = gate.form()
    except QnuError:  # two parameters that are independent, or matter with a parameter
        return None
    qc = QuantumCircuit(2, name=gate.name, global_phase=form.phase)
    apply(qc, form.before)
    if any(isinstance(angle, ParameterExpression) or angle != 0.0 for angle in form.core):
        qc.append(CanonicalGate(*form.core), [0, 1])
    apply(qc, form.after)
    return qc
