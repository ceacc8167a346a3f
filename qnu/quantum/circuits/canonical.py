"""Angles and CX circuits of encounters whose fields are parallel, for numbers and parameters alike.

With both fields along z, ``a = h_1 t``, ``b = h_2 t``, ``s = (a + b)/2`` and ``m = (a - b)/2``::

    exp(-i [theta SWAP + (a Z_1 + b Z_2)/2])
        = exp(-i theta/2) L N(chi/2, chi/2, theta/2) L,    a theta/2 with an anisotropy a,
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
from functools import lru_cache
from typing import Any

import numpy as np
from qiskit.circuit import ParameterExpression, QuantumCircuit
from qiskit.circuit.library import XXPlusYYGate
from qiskit.synthesis import OneQubitEulerDecomposer, TwoQubitWeylDecomposition

#: A real number, or an expression in circuit parameters.
Angle = Any
#: Rotations ``("rz" or "ry", angle)`` of one qubit, in the order of time.
Local = tuple[tuple[str, Angle], ...]
#: SWAP = exp(i pi/4) N(pi/4, pi/4, pi/4): a swap adds this to every canonical angle.
EIGHTH = math.pi / 4

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
        apply(qc, self.before)
        if any(isinstance(x, ParameterExpression) or x != 0.0 for x in self.core):
            append_canonical(qc, *self.core)
        apply(qc, self.after)
        return qc


def apply(qc: QuantumCircuit, locals_: tuple[Local, Local]) -> None:
    """Rotations of qubit 0 and of qubit 1."""
    for qubit, some in enumerate(locals_):
        for rotation, angle in some:
            getattr(qc, rotation)(angle, qubit)


def form_of(matrix: Any) -> Form:
    """The form of a 4x4 unitary in Qiskit's order (first qubit is the right factor)."""
    return _form_of(np.ascontiguousarray(matrix, complex).tobytes())


@lru_cache(maxsize=1024)
def _form_of(entries: bytes) -> Form:
    """Kept: a routed circuit has the same few gates (SWAP, CX) again and again."""
    matrix = np.frombuffer(entries, complex).reshape(4, 4)
    # fidelity None: the default rounds to a nearby symmetric gate, an error of 1e-5
    weyl = TwoQubitWeylDecomposition(matrix, fidelity=None)
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
    """``sin x`` of a number or a parameter."""
    return x.sin() if isinstance(x, ParameterExpression) else math.sin(x)


def cos(x: Angle) -> Angle:
    """``cos x`` of a number or a parameter."""
    return x.cos() if isinstance(x, ParameterExpression) else math.cos(x)


def arctan(x: Angle) -> Angle:
    """``arctan x`` of a number or a parameter."""
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


def axis_circuit(
    theta: Angle,
    along: Angle,
    quarter_sum: Angle,
    swap: bool,
    name: str,
    anisotropy: float = 1.0,
) -> QuantumCircuit:
    """The encounter with both fields along z, for any two expressions: 5 CX.

    On ``(|01>, |10>)`` it is ``exp(-i (theta sigma_x + along sigma_z))``: a turn by 2K about an
    axis in the xz plane, ``eta`` away from z. With ``D = Rz(pi/4) x Rz(-pi/4)`` and
    ``R = D N(eta/4, eta/4, 0) D^+``, which takes z to that axis, it is::

        R (Rz(K + s/2) x Rz(-K + s/2)) R^+ N(0, 0, theta/2),    s/2 = 2 quarter_sum

    Where ``along`` is negative both K and eta are those of the opposite axis.
    """
    k = _length(theta, along)
    side = (2 * along.sign() + 1).sign()  # +1 where along = 0
    eta = 2 * side * arctan(theta / _positive(k + along * along.sign()))
    k, s = side * k, 2 * quarter_sum
    qc = QuantumCircuit(2, name=name, global_phase=-theta / 2)
    qc.rz(-EIGHTH, 0)
    qc.rz(EIGHTH, 1)
    qc.append(XXPlusYYGate(-eta), [0, 1])
    qc.rz(s + k, 0)
    qc.rz(s - k, 1)
    extra = EIGHTH if swap else 0.0
    append_canonical(qc, eta / 4 + extra, eta / 4 + extra, anisotropy * theta / 2 + extra)
    qc.global_phase += extra
    qc.rz(-EIGHTH if swap else EIGHTH, 0)
    qc.rz(EIGHTH if swap else -EIGHTH, 1)
    return qc


def _positive(x: Angle) -> Angle:
    """``x >= 0``, but 1 where it is 0."""
    return x + (1 - x.sign()).abs()  # without abs Qiskit takes (x + 1) - sign(x), which rounds


def _length(x: Angle, y: Angle) -> Angle:
    """``sqrt(x^2 + y^2) = (|x| + |y|) sqrt(1 - 2 u v)`` with ``u = |x|/(|x| + |y|)``, v likewise.

    Nothing small is squared: Qiskit drops terms below 1e-16, and makes x of x * x there. It also
    makes 0 of |x| + |y| where x = -y, hence the signs.
    """
    x, y = x * x.sign(), y * y.sign()
    total = x + y
    scale = _positive(total)
    return total * (1 - 2 * ((x / scale) * (y / scale))) ** 0.5


def spectral_circuit(hamiltonian: Any, scale: Angle, after: Any, name: str) -> QuantumCircuit:
    """``after exp(-i scale H)`` of two qubits: the eigenvectors of H, three phases and back.

    Args:
        hamiltonian: ``(4, 4)`` H of numbers, in Qiskit's order.
        scale: a number or expression.
        after: ``(4, 4)`` a unitary of numbers that follows.
        name: of the circuit.
    """
    values, vectors = np.linalg.eigh(hamiltonian)
    qc = form_of(vectors.conj().T).circuit(name)
    z0, z1, both = ((values * signs).sum() / 2 for signs in _DIAGONALS)
    if abs(both) > 0.0:
        qc.cx(0, 1)
        qc.rz(float(both) * scale, 1)
        qc.cx(0, 1)
    qc.rz(float(z0) * scale, 0)
    qc.rz(float(z1) * scale, 1)
    qc.global_phase -= float(values.sum() / 4) * scale
    back = form_of(after @ vectors).circuit(name)
    return qc.compose(back)


#: Z of qubit 0, of qubit 1 and ZZ on |00>, |01>, |10>, |11> (qubit 1 is the left digit).
_DIAGONALS = np.array([[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])


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
    qc.global_phase += EIGHTH


def ratio(theta: Angle, time: ParameterExpression) -> float | None:
    """The number r with ``theta = r time`` for all values of their parameters, or None."""
    names = set(time.parameters)
    if isinstance(theta, ParameterExpression):
        names |= set(theta.parameters)
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(4):
        values = dict(zip(names, rng.uniform(0.5, 1.5, len(names)).tolist(), strict=True))
        a, b = (_value(expression, values) for expression in (theta, time))
        if b == 0.0:
            return None
        ratios.append(a / b)
    return ratios[0] if max(ratios) - min(ratios) <= 1e-13 * max(map(abs, ratios)) else None


def _value(expression: Angle, values: dict[Any, float]) -> float:
    if not isinstance(expression, ParameterExpression):
        return float(expression)
    return float(expression.bind({p: values[p] for p in expression.parameters}).numeric())


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
