"""EncounterGate: one encounter of two neutrinos as a Qiskit gate."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import Gate, ParameterExpression
from qiskit.circuit.exceptions import CircuitError

from .. import encounter
from ..checks import Floats, boolean, numeric
from ..encounter import Complexes
from ..errors import QnuError
from ._canonical import Angle, Form, about_z, euler_angles, form_of, proportional, turned

_NO_FIELD = (0.0, 0.0, 0.0)
#: sine of the angle below which two fields count as parallel: their rounding, nothing more.
_PARALLEL = 1e-14
#: SWAP = exp(i pi/4) N(pi/4, pi/4, pi/4): a swap adds this to every canonical angle.
_EIGHTH = math.pi / 4


def little_endian(matrix: Complexes) -> Complexes:
    """``(..., 4, 4)`` in the order (first) x (second), as Qiskit orders it: factors exchanged."""
    parts = matrix.reshape(*matrix.shape[:-2], 2, 2, 2, 2)
    return np.ascontiguousarray(np.einsum("...abcd->...badc", parts).reshape(matrix.shape))


class EncounterGate(Gate):  # type: ignore[misc]  # Qiskit has no type hints
    """``U = exp(-i [theta SWAP + (t/2) (h_1.sigma_1 + h_2.sigma_2)])``, first neutrino first.

    The exact unitary of one encounter, global phase included, on two qubits: the first neutrino is
    the first qubit. With ``swap=True`` the partners trade places: ``SWAP U``, still at most 3 CX,
    which is what a chain of qubits needs to bring everybody together.

    ``swap_angle`` and ``duration`` may contain circuit parameters. The definition is then a closed
    form in them (again 3 CX, bound to 1e-15) where the fields are parallel (always so in vacuum)
    and one of these holds: both scale with one parameter, the duration is a number, or
    the fields are equal. Elsewhere bind first.

    Args:
        swap_angle: theta in radians: a number or ParameterExpression.
        field_1: ``(3,)`` h of the first neutrino; vacuum: ``(0, 0, -omega)``, see
            :func:`qnu.gas.fields`.
        field_2: ``(3,)`` h of the second.
        duration: t, how long the fields act inside the encounter: a number or ParameterExpression.
        swap: True: the two neutrinos leave on each other's qubit.
        label: shown in drawings (see :func:`qnu.quantum.drawable` for short ones).

    Raises:
        QnuError: an argument that is not finite, real numbers of the right shape.

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
        label: str | None = None,
    ) -> None:
        h1, h2 = _vector("field_1", field_1), _vector("field_2", field_2)
        self.swap = boolean("swap", swap)
        if not (label is None or isinstance(label, str)):
            raise QnuError("label", label, "text or None")
        super().__init__(
            "encounter_swap" if self.swap else "encounter",
            2,
            [swap_angle, *h1, *h2, duration],
            label=label,
        )

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
        """t: how long the fields act (``duration`` alone is Qiskit's word for hardware timing)."""
        return self.params[7]

    @property
    def is_bound(self) -> bool:
        """True where no circuit parameter is left."""
        return not any(isinstance(p, ParameterExpression) for p in self.params)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Complexes:
        if copy is False:
            raise ValueError("the matrix of an EncounterGate is computed: it is always a copy")
        if not self.is_bound:
            raise CircuitError("an EncounterGate with unbound parameters has no matrix")
        theta, time = self.params[0], self.params[7]
        matrix = encounter.unitary(theta, self.field_1, self.field_2, time)
        if self.swap:
            matrix = encounter.SWAP @ matrix
        return np.asarray(little_endian(matrix), dtype=dtype)

    def inverse(self, annotated: bool = False) -> EncounterGate:
        """``U^+`` = the encounter with ``-theta`` and ``-t``; with swap also the fields exchanged.

        ``(SWAP U)^+ = U^+ SWAP = SWAP (SWAP U^+ SWAP)``.
        """
        h1, h2 = self.params[1:4], self.params[4:7]
        if self.swap:
            h1, h2 = h2, h1
        return EncounterGate(-self.params[0], h1, h2, -self.params[7], self.swap)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EncounterGate) and bool(super().__eq__(other))

    __hash__ = None  # type: ignore[assignment]  # as in qiskit.circuit.Instruction

    def _define(self) -> None:
        self.definition = self.form().circuit(self.name)

    def form(self) -> Form:
        """Rotations, the canonical core and rotations: what every synthesis starts from.

        Raises:
            QnuError: unbound parameters where the fields are not parallel.
        """
        axis = _common_axis(self.field_1, self.field_2)
        if axis is None:
            return self._decomposed()
        h1, h2 = float(self.field_1 @ axis), float(self.field_2 @ axis)
        theta, time = self.params[0], self.params[7]
        chi, phi = self._euler(theta, time, (h1 - h2) / 2)
        quarter_sum = (h1 + h2) / 4 * time
        local = about_z(phi + quarter_sum), about_z(quarter_sum - phi)
        core, phase = (chi / 2, chi / 2, theta / 2), -theta / 2
        after = local
        if self.swap:
            core, phase = tuple(x + _EIGHTH for x in core), phase + _EIGHTH
            after = local[::-1]
        # one rotation of both neutrinos takes the axis to z; SWAP does not see it
        polar = math.atan2(math.hypot(axis[0], axis[1]), axis[2])  # acos forgets small angles
        there, back = turned(polar, math.atan2(axis[1], axis[0])) if axis[:2].any() else ((), ())
        return Form(
            (there + local[0], there + local[1]), core, (after[0] + back, after[1] + back), phase
        )

    def _euler(self, theta: Angle, time: Angle, half_difference: float) -> tuple[Angle, Angle]:
        """``(chi, phi)`` of ``exp(-i (theta sigma_x + m sigma_z))``, m = time half_difference."""
        if half_difference == 0.0 or (not isinstance(time, ParameterExpression) and time == 0.0):
            return theta, 0.0
        scale, across, along = 1.0, theta, half_difference
        if isinstance(time, ParameterExpression):
            scale, across, time = _common_scale(theta, time)
        along = half_difference * time
        if along == 0.0:
            return theta, 0.0
        if isinstance(across, ParameterExpression):
            size = (across * across + along * along) ** 0.5
        else:
            size = math.hypot(across, along)
            if abs(along) < _PARALLEL * 0.1 * size:  # below rounding; Qiskit drops such factors
                return theta, 0.0
        return euler_angles(size * scale, across / size, abs(along) / size, math.copysign(1, along))

    def _decomposed(self) -> Form:
        if not self.is_bound:
            raise QnuError(
                f"an encounter with parameters {sorted(p.name for p in self._unbound())} and matter"
                " inside has a definition only where both fields are parallel (equal omega): bind"
                " the parameters first (assign_parameters), or let the vacuum act between kicks"
            )
        return form_of(np.asarray(self))

    def _unbound(self) -> set[Any]:
        found: set[Any] = set()
        for parameter in self.params:
            if isinstance(parameter, ParameterExpression):
                found |= set(parameter.parameters)
        return found


def _vector(name: str, value: ArrayLike) -> list[float]:
    if isinstance(value, tuple) and [type(x) for x in value] == [float] * 3:
        usual = [float(x) for x in value]
        if math.isfinite(sum(map(abs, usual))):
            return usual
    allowed = "three finite numbers (h_x, h_y, h_z)"
    array = numeric(name, value, allowed)
    if array.shape != (3,) or not np.isfinite(array).all():
        raise QnuError(name, value, allowed)
    numbers: list[float] = array.astype(np.float64).tolist()
    return numbers


def _common_axis(h1: Floats, h2: Floats) -> Floats | None:
    """The unit vector that both fields are parallel to, or None; z where there is no field."""
    if not (h1[:2].any() or h2[:2].any()):
        return np.array([0.0, 0.0, 1.0])
    largest = max(abs(h1).max(), abs(h2).max())
    h1, h2 = h1 / largest, h2 / largest  # else squares of tiny fields underflow
    size_1, size_2 = np.linalg.norm(h1), np.linalg.norm(h2)
    larger, size = (h1, size_1) if size_1 >= size_2 else (h2, size_2)
    if np.linalg.norm(np.cross(h1, h2)) > _PARALLEL * size_1 * size_2:
        return None
    axis: Floats = larger / size
    return axis if axis[:2].any() else np.array([0.0, 0.0, 1.0])  # a tilt that underflowed


def _common_scale(theta: Angle, time: ParameterExpression) -> tuple[Angle, float, float]:
    """``(p, theta / p, time / p)`` where both are a number times the one parameter p."""
    names = set(time.parameters)
    if isinstance(theta, ParameterExpression):
        names |= set(theta.parameters)
    if len(names) == 1:
        (p,) = names
        slopes = [proportional(expression, p) for expression in (theta, time)]
        if slopes[0] is not None and slopes[1] is not None:
            return p, slopes[0], slopes[1]
    raise QnuError(
        "encounter",
        f"swap_angle {theta}, duration {time}",
        "both a number times one parameter, or a duration without parameters (else bind first)",
    )
