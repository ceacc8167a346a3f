"""EncounterGate: one encounter of two neutrinos as a Qiskit gate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import Gate, ParameterExpression, QuantumCircuit
from qiskit.circuit.exceptions import CircuitError

from ... import encounter
from ...common.checks import Floats, boolean
from ...encounter import Complexes
from ...errors import QnuError
from . import _digits
from ._fields import PARALLEL, common_axis, common_scale, field_vector, rotations_to_z
from .canonical import (
    EIGHTH,
    Angle,
    Form,
    about_z,
    apply,
    axis_circuit,
    euler_angles,
    form_of,
    from_angles,
    ratio,
    spectral_circuit,
)

_NO_FIELD = (0.0, 0.0, 0.0)
#: below this a factor of a parameter is dropped by Qiskit, with the parameter.
_DROPPED = 1e-15
#: without and with the swap.
_NAMES = ("encounter", "encounter_swap")


def little_endian(matrix: Complexes) -> Complexes:
    """``(..., 4, 4)`` in the order (first) x (second), as Qiskit orders it: factors exchanged."""
    parts = matrix.reshape(*matrix.shape[:-2], 2, 2, 2, 2)
    return np.ascontiguousarray(np.einsum("...abcd->...badc", parts).reshape(matrix.shape))


class EncounterGate(Gate):  # type: ignore[misc]  # Qiskit has no type hints
    r""":math:`U = \exp(-i\,[\theta\,\mathrm{SWAP}
    + \tfrac t2 (\mathbf h_1\cdot\boldsymbol\sigma_1 + \mathbf h_2\cdot\boldsymbol\sigma_2)])`.

    The exact unitary of one encounter, global phase included, on two qubits: the first neutrino is
    the first qubit. With ``swap=True`` the gate is :math:`\mathrm{SWAP}\,U`, still at most 3 CX: on
    a chain of qubits that brings all pairs together.

    ``swap_angle`` and ``duration`` may contain circuit parameters. The definition is then a closed
    form in them. Where the fields are parallel (always so in vacuum) it has 3 CX if both scale with
    one parameter, if the duration is a number or if the fields are equal; 5 CX if not. Where they
    are not parallel (matter inside) it has 8 CX, and theta must be a number times t: parameters
    that do not scale together have no closed form there and are refused.

    With an ``anisotropy`` a, :math:`\tfrac12 (1 + XX + YY + a\,ZZ)` takes the place of SWAP. With
    fields along z the forms are the same; with others they are as where fields are not parallel,
    and their angles are rounded as double precision rounds.

    Args:
        swap_angle: theta in radians: a number or ParameterExpression.
        field_1: ``(3,)`` h of the first neutrino; vacuum: :math:`(0, 0, -\omega)`, see
            :func:`qnu.gas.fields`.
        field_2: ``(3,)`` h of the second.
        duration: t, how long the fields act inside the encounter: a number or ParameterExpression.
        swap: True: followed by a SWAP, after which each neutrino is on the other's qubit.
        anisotropy: a, a number; it is a ninth parameter of the gate where it is not 1.
        label: shown in drawings (see :func:`qnu.quantum.drawable` for short ones).

    Raises:
        QnuError: an argument that is not finite, real numbers of the right shape; parameters
            without a closed form.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Hall et al. (2102.12556) for the swaps;
        Vatan and Williams (PRA 69, 032315) for the 3 CX.

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.append(EncounterGate(0.31, (0, 0, -0.4), (0, 0, -0.1), 0.3), [0, 1])
        >>> qc.decompose().count_ops()["cx"]
        3
    """

    def __init__(
        self,
        swap_angle: Angle,
        field_1: ArrayLike = _NO_FIELD,
        field_2: ArrayLike = _NO_FIELD,
        duration: Angle = 0.0,
        swap: bool = False,
        *,
        anisotropy: float = 1.0,
        label: str | None = None,
    ) -> None:
        a = encounter.checked_anisotropy(anisotropy)
        h1, h2 = field_vector("field_1", field_1), field_vector("field_2", field_2)
        self.swap = boolean("swap", swap)
        if not (label is None or isinstance(label, str)):
            raise QnuError("label", label, "text or None")
        super().__init__(
            _NAMES[self.swap],
            2,
            [swap_angle, *h1, *h2, duration, *([] if a == 1.0 else [a])],
            label=label,
        )
        if not self.is_bound:
            self._check_open()

    def validate_parameter(self, parameter: Any) -> Any:
        """Real, finite numbers and real parameter expressions; anything else is refused."""
        if isinstance(parameter, ParameterExpression):
            if parameter.parameters:
                return parameter
            parameter = parameter.numeric()
        try:
            value = float(parameter)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if not math.isfinite(value):
            raise QnuError("encounter", parameter, "finite real numbers, or parameter expressions")
        return value

    @property
    def swap_angle(self) -> Angle:
        """The swap angle theta in radians."""
        return self.params[0]

    @property
    def field_1(self) -> Floats:
        """``(3,)`` h of the first neutrino."""
        return np.array(self.params[1:4], dtype=float)

    @property
    def field_2(self) -> Floats:
        """``(3,)`` h of the second neutrino."""
        return np.array(self.params[4:7], dtype=float)

    @property
    def encounter_duration(self) -> Angle:
        """t: how long the fields act (``duration`` is the hardware timing in Qiskit)."""
        return self.params[7]

    @property
    def anisotropy(self) -> float:
        """A of the coupling; 1: SWAP."""
        return float(self.params[8]) if len(self.params) > 8 else 1.0

    @property
    def is_bound(self) -> bool:
        """True where no circuit parameter is left."""
        return not any(isinstance(p, ParameterExpression) for p in self.params)

    def _check_open(self) -> None:
        """Refuse parameters for which the gate has no definition: every use needs one."""
        if self._axis() is None and self._scale() is None:
            raise QnuError(
                "encounter",
                f"swap_angle {self.params[0]}, duration {self.params[7]}",
                "numbers, or a swap angle that is a number times the duration, where the fields are"
                " not parallel (matter inside); else let the vacuum act between kicks",
            )

    def _axis(self) -> Floats | None:
        """The axis of both fields and of the coupling; None where they have none in common."""
        axis = common_axis(self.field_1, self.field_2)
        return None if axis is None or (self.anisotropy != 1.0 and axis[:2].any()) else axis

    def _scale(self) -> tuple[Angle, float, float] | None:
        """``(p, theta / p, time / p)`` with one number or expression p; None if there is none."""
        theta, time = self.params[0], self.params[7]
        if isinstance(time, ParameterExpression):
            slope = ratio(theta, time)
            return None if slope is None else (time, slope, 1.0)
        return (theta, 1.0, 0.0) if time == 0.0 else None

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Complexes:
        if copy is False:
            raise ValueError("the matrix of an EncounterGate is computed: it is always a copy")
        if not self.is_bound:
            raise CircuitError("an EncounterGate with unbound parameters has no matrix")
        theta, time = self.params[0], self.params[7]
        matrix = encounter.unitary(theta, self.field_1, self.field_2, time, self.anisotropy)
        if self.swap:
            matrix = encounter.SWAP @ matrix
        return np.asarray(little_endian(matrix), dtype=dtype)

    def inverse(self, annotated: bool = False) -> EncounterGate:
        r""":math:`U^\dagger`: the encounter with :math:`-\theta` and :math:`-t`.

        With swap the fields are exchanged too, :math:`(\mathrm{SWAP}\,U)^\dagger =
        \mathrm{SWAP}\,(\mathrm{SWAP}\,U^\dagger\,\mathrm{SWAP})`. The label stays. ``annotated`` is
        ignored: the inverse is always an EncounterGate.
        """
        h1, h2 = self.params[1:4], self.params[4:7]
        if self.swap:
            h1, h2 = h2, h1
        return self._like(-self.params[0], h1, h2, -self.params[7], self.swap)

    def _like(self, theta: Angle, h1: Any, h2: Any, time: Angle, swap: bool) -> EncounterGate:
        """With the same anisotropy and label."""
        given: dict[str, Any] = {"anisotropy": self.anisotropy, "label": self.label}
        return EncounterGate(theta, h1, h2, time, swap, **given)

    def power(self, exponent: Any, annotated: bool = False) -> Gate:
        r""":math:`U^n`: the encounter with :math:`n\theta` and :math:`n t`, for any real n.

        With ``swap`` so much is true where the fields are equal (SWAP commutes with U) and n is
        whole, and for n = 1, 0, -1; any other power is Qiskit's, from the matrix. The label
        stays, and ``annotated`` is ignored, where the power is an EncounterGate.
        """
        theta, time = self.params[0], self.params[7]
        h1, h2 = self.params[1:4], self.params[4:7]
        if not self.swap:
            return self._like(exponent * theta, h1, h2, exponent * time, False)
        if exponent == -1:
            return self.inverse()
        if exponent in (0, 1) or (h1 == h2 and exponent == round(exponent)):
            odd = bool(exponent % 2)
            return self._like(exponent * theta, h1, h2, exponent * time, odd)
        return super().power(exponent, annotated)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncounterGate) and bool(super().__eq__(other))

    __hash__ = None  # type: ignore[assignment]  # as in qiskit.circuit.Instruction

    def _define(self) -> None:
        unbound = None if self.is_bound else self._open_circuit()
        self.definition = self.form().circuit(self.name) if unbound is None else unbound

    def _open_circuit(self) -> QuantumCircuit | None:
        """A circuit in parameters that have no :meth:`form`; None where they have one."""
        theta, time = self.params[0], self.params[7]
        axis = self._axis()
        if axis is None:
            p, angle, duration = self._scale() or (theta, 1.0, 0.0)
            h = angle * encounter.coupling(self.anisotropy)
            for k, sigma in enumerate(encounter.PAULI):
                h = h + duration / 2 * self.field_1[k] * np.kron(sigma, np.eye(2))
                h = h + duration / 2 * self.field_2[k] * np.kron(np.eye(2), sigma)
            after = encounter.SWAP if self.swap else np.eye(4)
            return spectral_circuit(little_endian(h), p, little_endian(after), self.name)
        h1, h2 = float(self.field_1 @ axis), float(self.field_2 @ axis)
        if not isinstance(theta, ParameterExpression) or not isinstance(time, ParameterExpression):
            return None
        if abs(h1 - h2) < _DROPPED or common_scale(theta, time) is not None:
            return None
        there, back = rotations_to_z(axis)
        qc = QuantumCircuit(2, name=self.name)
        apply(qc, (there, there))
        inner = axis_circuit(
            theta, (h1 - h2) / 2 * time, (h1 + h2) / 4 * time, self.swap, "", self.anisotropy
        )
        qc.compose(inner, inplace=True)
        apply(qc, (back, back))
        return qc

    def form(self) -> Form:
        """Rotations, the canonical core and rotations: what every synthesis starts from.

        Raises:
            QnuError: unbound parameters where the fields are not parallel, or where there are two
                that do not scale together (the definition is another circuit there).
        """
        axis = self._axis()
        if axis is None:
            return self._decomposed()
        h1, h2 = float(self.field_1 @ axis), float(self.field_2 @ axis)
        theta, time = self.params[0], self.params[7]
        chi, phi = self._euler(theta, time, (h1 - h2) / 2)
        quarter_sum = (h1 + h2) / 4 * time
        local = about_z(phi + quarter_sum), about_z(quarter_sum - phi)
        core, phase = (chi / 2, chi / 2, self.anisotropy * theta / 2), -theta / 2
        after = local
        if self.swap:
            core, phase = tuple(x + EIGHTH for x in core), phase + EIGHTH
            after = local[::-1]
        there, back = rotations_to_z(axis)
        return Form(
            (there + local[0], there + local[1]), core, (after[0] + back, after[1] + back), phase
        )

    def _euler(self, theta: Angle, time: Angle, half_difference: float) -> tuple[Angle, Angle]:
        """``(chi, phi)`` of ``exp(-i (theta sigma_x + m sigma_z))``, m = time half_difference."""
        if half_difference == 0.0 or (not isinstance(time, ParameterExpression) and time == 0.0):
            return theta, 0.0
        scale, across, along = 1.0, theta, half_difference
        if isinstance(time, ParameterExpression):
            common = common_scale(theta, time)
            if common is None:
                raise QnuError(
                    "encounter",
                    f"swap_angle {theta}, duration {time}",
                    "both a number times one parameter, or a duration without parameters (else"
                    " bind first)",
                )
            scale, across, time = common
        along = half_difference * time
        if along == 0.0:
            return theta, 0.0
        if isinstance(across, ParameterExpression):
            size = (across * across + along * along) ** 0.5
        else:
            size = math.hypot(across, along)
            if abs(along) < PARALLEL * 0.1 * size:  # below rounding; Qiskit drops such factors
                return theta, 0.0
        return euler_angles(size * scale, across / size, abs(along) / size, math.copysign(1, along))

    def _decomposed(self) -> Form:
        if not self.is_bound:
            raise QnuError(
                f"an encounter with parameters {sorted(p.name for p in self._unbound())} and matter"
                " inside has a definition only where both fields are parallel (equal omega): bind"
                " the parameters first (assign_parameters), or let the vacuum act between kicks"
            )
        if self.anisotropy != 1.0:
            return form_of(np.asarray(self))
        theta, time = self.params[0], self.params[7]
        h1, h2 = tuple(self.params[1:4]), tuple(self.params[4:7])
        before, core, after, phase = _digits.angles(theta, h1, h2, time)
        if self.swap:  # SWAP = exp(i pi/4) N(pi/4, pi/4, pi/4), after it on each other's qubit
            x, y, z = core
            core, phase = (x + EIGHTH, y + EIGHTH, z + EIGHTH), phase + EIGHTH
            after = after[::-1]
        return Form(from_angles(before), core, from_angles(after), phase)

    def _unbound(self) -> set[Any]:
        names: set[Any] = set()
        for parameter in self.params:
            if isinstance(parameter, ParameterExpression):
                names |= set(parameter.parameters)
        return names


def as_encounter(operation: Any) -> EncounterGate | None:
    """The EncounterGate that an operation is, also where it came back from QPY as a plain Gate.

    QPY keeps the name, the parameters and the definition of a gate that is not Qiskit's own, not
    its class.

    Args:
        operation: any Qiskit operation.

    Returns:
        the gate itself, or a new one with the same parameters and label; None for everything else.

    References:
        Qiskit's QPY, custom instructions.

    Examples:
        >>> as_encounter(Gate("encounter", 2, [0.3, 0, 0, -1.0, 0, 0, -2.0, 0.1])).swap_angle
        0.3
        >>> as_encounter(Gate("cx", 2, [])) is None
        True
    """
    if isinstance(operation, EncounterGate):
        return operation
    if type(operation) is not Gate or operation.name not in ("encounter", "encounter_swap"):
        return None
    p = operation.params
    if operation.num_qubits != 2 or len(p) not in (8, 9):
        return None
    swap = operation.name == "encounter_swap"
    try:
        a = float(p[8]) if len(p) == 9 else 1.0
        return EncounterGate(p[0], p[1:4], p[4:7], p[7], swap, anisotropy=a, label=operation.label)
    except (QnuError, TypeError):  # another gate of the same name
        return None
