"""Angles and CX circuits of encounters whose fields are parallel, for numbers and parameters alike.

With both fields along z, ``a = h_1 t``, ``b = h_2 t``, ``s = (a + b)/2`` and ``m = (a - b)/2``::

    exp(-i [theta SWAP + (a Z_1 + b Z_2)/2])
        = exp(-i theta/2) L N(chi/2, chi/2, theta/2) L,
    L = Rz(phi + s/2) x Rz(-phi + s/2),     N(x, y, z) = exp(-i (x XX + y YY + z ZZ))

where on ``(|01>, |10>)`` the Euler angles of ``exp(-i (theta sigma_x + m sigma_z))`` obey, with
``K = sqrt(theta^2 + m^2)``::

    sin chi = (theta/K) sin K,     cos chi exp(-2i phi) = cos K - i (m/K) sin K

Keeping chi within +-pi/2 and writing ``2 phi`` as ``+-K`` plus a bounded rest leaves sin, cos,
arctan and a square root that never vanishes: no atan2, and no branch to choose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from qiskit.circuit import ParameterExpression, QuantumCircuit
from qiskit.synthesis import OneQubitEulerDecomposer, TwoQubitWeylDecomposition

#: A real number, or an expression in circuit parameters.
Angle = Any
#: Rotations ``("rz" or "ry", angle)`` of one qubit, in the order of time.
Local = tuple[tuple[str, Angle], ...]

_ONE_QUBIT = OneQubitEulerDecomposer("ZYZ")


@dataclass(frozen=True)
class Form:
    """``exp(i phase) (after_1 x after_2) N(x, y, z) (before_1 x before_2)``: any two-qubit gate."""

    before: tuple[Local, Local]
    core: tuple[Angle, Angle, Angle]
    after: tuple[Local, Local]
    phase: Angle = 0.0

    def circuit(self, name: str) -> QuantumCircuit:
        """Three CX and rotations."""
        qc = QuantumCircuit(2, name=name, global_phase=self.phase)
        self._append(qc, self.before)
        if any(isinstance(x, ParameterExpression) or x != 0.0 for x in self.core):
            append_canonical(qc, *self.core)
        self._append(qc, self.after)
        return qc

    @staticmethod
    def _append(qc: QuantumCircuit, locals_: tuple[Local, Local]) -> None:
        for qubit, some in enumerate(locals_):
            for rotation, angle in some:
                getattr(qc, rotation)(angle, qubit)


def form_of(matrix: Any) -> Form:
    """The form of a 4x4 unitary in Qiskit's order (first qubit is the right factor)."""
    # fidelity None: the default rounds to a nearby symmetric gate, an error of 1e-5
    weyl = TwoQubitWeylDecomposition(np.asarray(matrix, complex), fidelity=None)
    phase = weyl.global_phase
    sides: list[tuple[Local, Local]] = []
    for right, left in ((weyl.K2r, weyl.K2l), (weyl.K1r, weyl.K1l)):
        pair: list[Local] = []
        for one in (right, left):
            theta, phi, lam, extra = _ONE_QUBIT.angles_and_phase(one)
            phase += extra
            pair.append(_nonzero(("rz", lam), ("ry", theta), ("rz", phi)))
        sides.append((pair[0], pair[1]))
    return Form(sides[0], (-weyl.a, -weyl.b, -weyl.c), sides[1], phase)


def from_angles(sides: Any) -> tuple[Local, Local]:
    """Rotations of two qubits, each from the angles of rz, ry, rz in the order of time."""
    one, two = (_nonzero(*zip(("rz", "ry", "rz"), side, strict=True)) for side in sides)
    return one, two


def _nonzero(*rotations: tuple[str, Angle]) -> Local:
    return tuple(r for r in rotations if isinstance(r[1], ParameterExpression) or r[1] != 0.0)


def turned(polar: float, azimuth: float) -> tuple[Local, Local]:
    """Rotations of one qubit that take the axis (polar, azimuth) to z, and back."""
    there = _nonzero(("rz", -azimuth), ("ry", -polar))
    return there, _nonzero(("ry", polar), ("rz", azimuth))


def about_z(angle: Angle) -> Local:
    """One RZ, none for the number 0."""
    return _nonzero(("rz", angle))


def sin(x: Angle) -> Angle:
    return x.sin() if isinstance(x, ParameterExpression) else math.sin(x)


def cos(x: Angle) -> Angle:
    return x.cos() if isinstance(x, ParameterExpression) else math.cos(x)


def arctan(x: Angle) -> Angle:
    return x.arctan() if isinstance(x, ParameterExpression) else math.atan(x)


def euler_angles(k: Angle, across: Angle, along: Angle, sign: float) -> tuple[Angle, Angle]:
    """``(chi, phi)`` of ``exp(-i k (across sigma_x + sign along sigma_z))``.

    ``across^2 + along^2 = 1`` and ``along > 0``, so that every denominator below is positive for
    every k, negative or beyond pi.
    """
    s, c = sin(k), cos(k)
    tilt = along * s  # squared below as it is: Qiskit drops constants as small as along^2 may be
    cos_chi = (c * c + tilt * tilt) ** 0.5
    chi = arctan(across * s / cos_chi)
    rest = arctan((1 - along) * (s * c) / (c * c + tilt * s))
    return chi, sign * (k - rest) / 2


def append_canonical(qc: QuantumCircuit, x: Angle, y: Angle, z: Angle) -> None:
    """``N(x, y, z)`` on qubits 0 and 1 of ``qc``: 3 CX, global phase included.

    After Vatan and Williams (PRA 69, 032315).
    """
    quarter = math.pi / 2
    qc.rz(quarter, 1)
    qc.cx(1, 0)
    qc.rz(2 * z + quarter, 0)
    qc.ry(2 * x + quarter, 1)
    qc.cx(0, 1)
    qc.ry(-2 * y - quarter, 1)
    qc.cx(1, 0)
    qc.rz(-quarter, 0)
    qc.global_phase += math.pi / 4


def proportional(expression: Angle, p: Any) -> float | None:
    """The number c with ``expression = c p``, or None."""
    if not isinstance(expression, ParameterExpression):
        return 0.0 if expression == 0.0 else None
    gradient = expression.gradient(p)
    if isinstance(gradient, ParameterExpression | complex):
        return None
    slope = float(gradient)
    offset = float(expression.bind({p: 1.0}).numeric()) - slope
    # Qiskit drops coefficients below its own epsilon in some places and not in others
    return slope if abs(offset) <= 1e-15 * max(abs(slope), 1.0) else None
