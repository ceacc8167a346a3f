r"""The physics of ONE encounter: swap angle, exact 4x4 unitary, exact reduced maps.

Circuits and solvers both use these functions. Matrices are (first) x (second), left factor
first; the product basis is :math:`|00\rangle, |01\rangle, |10\rangle, |11\rangle` with
:math:`|0\rangle = \nu_1`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._anisotropy import PAULI, SWAP, checked_anisotropy, coupling, kicked, zz_phases
from .common.checks import Floats, finite, finite_complex
from .errors import QnuError

__all__ = [
    "PAULI",
    "SWAP",
    "affine_map",
    "after_encounter",
    "checked_anisotropy",
    "coupling",
    "density_matrix",
    "polarization_of",
    "rotation_unitary",
    "swap_angle",
    "unitary",
]

Complexes = NDArray[Any]

_IDENTITY = np.eye(2, dtype=np.complex128)
_ON_FIRST = np.array([np.kron(s, _IDENTITY) for s in PAULI])
_ON_SECOND = np.array([np.kron(_IDENTITY, s) for s in PAULI])
_NO_FIELD = (0.0, 0.0, 0.0)


def swap_angle(gamma: ArrayLike, one_minus_cos: ArrayLike = 1.0) -> Floats:
    r""":math:`\theta = \gamma\,(1 - \mathbf v_1\cdot\mathbf v_2)`; :math:`\theta = \pi/2` is a full
    SWAP.

    :math:`e^{-i\theta\,\mathrm{SWAP}}` is periodic: :math:`\theta` and :math:`\theta - \pi` differ
    by the factor -1 only, so beyond :math:`\pi/2` a larger angle means less mixing.

    Args:
        gamma: discreteness parameter :math:`\mu\,t_\mathrm{int}`, any shape.
        one_minus_cos: :math:`1 - \mathbf v_1\cdot\mathbf v_2`, a shape that broadcasts with it.

    Returns:
        swap angles in radians.

    Raises:
        QnuError: something that is not a finite number, shapes that do not fit together.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> float(swap_angle(0.1, 2.0))
        0.2
    """
    strength, geometry = finite("gamma", gamma), finite("one_minus_cos", one_minus_cos)
    shape = _together("one_minus_cos", strength, geometry)
    finite("gamma", np.broadcast_to(strength, shape))  # checks the memory where it is large
    with np.errstate(over="ignore"):
        angle = np.multiply(strength, geometry, dtype=np.float64)
    return finite("swap_angle", angle)


def _together(field: str, *arrays: Floats) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise QnuError(field, f"shapes {shapes}", "shapes that broadcast together") from None


def unitary(
    swap_angle: ArrayLike,
    field_1: ArrayLike = _NO_FIELD,
    field_2: ArrayLike = _NO_FIELD,
    duration: ArrayLike = 0.0,
    anisotropy: float = 1.0,
) -> Complexes:
    r""":math:`U = \exp(-i\,[\theta\,\mathrm{SWAP}
    + \tfrac t2 (\mathbf h_1\cdot\boldsymbol\sigma_1 + \mathbf h_2\cdot\boldsymbol\sigma_2)])`.

    With another ``anisotropy`` a than 1, :math:`\tfrac12 (1 + XX + YY + a\,ZZ)` takes the place of
    SWAP. Where the fields are along z that is a factor :math:`e^{-i\theta (a-1) ZZ/2}`, which
    commutes with the rest; where they are not, it does not.

    Args:
        swap_angle: theta in radians, shape ``(...)``.
        field_1: h of the first neutrino, ``(..., 3)``; vacuum is :math:`(0, 0, -\omega)`, matter
            adds :math:`\lambda_e \mathbf L` (see :func:`qnu.gas.fields`).
        field_2: h of the second neutrino.
        duration: t, how long vacuum and matter act inside the encounter; 0: a kick.
        anisotropy: :math:`a = J_z/J_\perp`, the coupling along B over that across it.

    Returns:
        ``(..., 4, 4)`` in the order (first) x (second). Qiskit's little-endian order is the same
        matrix with the two factors exchanged.

    Raises:
        QnuError: shapes that do not fit together, or numbers that are not finite.

    References:
        Pantaleone (1992); Kost, Johns, Duan, OILE I (PRD 109, 103037); Bell, Rawlinson, Sawyer
        (hep-ph/0304082) for the anisotropy.

    Examples:
        >>> import numpy as np
        >>> (unitary(np.pi / 2) * 1j).real.round(12)
        array([[1., 0., 0., 0.],
               [0., 0., 1., 0.],
               [0., 1., 0., 0.],
               [0., 0., 0., 1.]])
    """
    theta, h1, h2, time = _arguments(swap_angle, field_1, field_2, duration)
    a = checked_anisotropy(anisotropy)
    if not (h1[..., :2].any() or h2[..., :2].any()):
        result = _unitary_along_z(theta, h1[..., 2] * time, h2[..., 2] * time)
        return result if a == 1.0 else zz_phases(theta, a)[..., None] * result
    generator = theta[..., None, None] * coupling(a)
    half = (time / 2)[..., None]
    generator = generator + np.einsum("...k,kij->...ij", half * h1, _ON_FIRST)
    generator = generator + np.einsum("...k,kij->...ij", half * h2, _ON_SECOND)
    energy, vectors = np.linalg.eigh(generator)
    phases = np.exp(-1j * energy)[..., None, :]
    return np.asarray((vectors * phases) @ vectors.conj().swapaxes(-1, -2))


def _arguments(theta: Any, h1: Any, h2: Any, time: Any) -> tuple[Floats, Floats, Floats, Floats]:
    theta, time = finite("swap_angle", theta), finite("duration", time)
    h1, h2 = finite("field_1", h1), finite("field_2", h2)
    try:
        shape = np.broadcast_shapes(theta.shape, h1.shape[:-1], h2.shape[:-1], time.shape)
        if h1.shape[-1:] != (3,) or h2.shape[-1:] != (3,):
            raise ValueError
    except ValueError:
        raise QnuError(
            "encounter",
            "swap_angle, fields, duration",
            "shapes (...), (..., 3), (..., 3), (...) that broadcast together",
        ) from None
    if not math.isfinite(_largest(time) * max(_largest(h1), _largest(h2))):
        raise QnuError("duration", "an infinite product with a field", "finite products")
    return (
        np.broadcast_to(theta, shape),
        np.broadcast_to(h1, (*shape, 3)),
        np.broadcast_to(h2, (*shape, 3)),
        np.broadcast_to(time, shape),
    )


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _unitary_along_z(theta: Floats, a: Floats, b: Floats) -> Complexes:
    """Fields along z: |00> and |11> get phases, |01> and |10> turn into each other."""
    d = (b - a) / 2  # t (omega_1 - omega_2) / 2, since h = -omega z
    k = np.hypot(d, theta)
    cos, sinc = np.cos(k), np.sinc(k / np.pi)
    result = np.zeros((*theta.shape, 4, 4), dtype=np.complex128)
    result[..., 0, 0] = np.exp(-1j * (theta + (a + b) / 2))
    result[..., 3, 3] = np.exp(-1j * (theta - (a + b) / 2))
    result[..., 1, 1] = cos + 1j * d * sinc
    result[..., 2, 2] = cos - 1j * d * sinc
    result[..., 1, 2] = result[..., 2, 1] = -1j * theta * sinc
    return result


def rotation_unitary(field: ArrayLike, duration: ArrayLike = 1.0) -> Complexes:
    r""":math:`\exp(-i\,\tfrac t2\,\mathbf h\cdot\boldsymbol\sigma)`: one neutrino between
    encounters.

    Args:
        field: h of shape ``(..., 3)``.
        duration: t, shape ``(...)``.

    Returns:
        ``(..., 2, 2)``.

    Raises:
        QnuError: shapes that do not fit together.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> rotation_unitary((0.0, 0.0, -1.0), 0.0).real
        array([[1., 0.],
               [0., 1.]])
    """
    _, h, _, time = _arguments(0.0, field, _NO_FIELD, duration)
    with np.errstate(over="ignore", invalid="ignore"):
        angle = np.linalg.norm(h, axis=-1) * time / 2
    if not np.isfinite(angle).all():
        raise QnuError("field", "an infinite length", "fields of finite length")
    axis = np.einsum("...k,kij->...ij", h * (time / 2)[..., None], PAULI)
    cos, sinc = np.cos(angle), np.sinc(angle / np.pi)
    result: Complexes = cos[..., None, None] * _IDENTITY - 1j * sinc[..., None, None] * axis
    return result


def density_matrix(polarization: ArrayLike) -> Complexes:
    r""":math:`\rho = (1 + \mathbf P\cdot\boldsymbol\sigma)/2`: ``(..., 3)`` to ``(..., 2, 2)``.

    Args:
        polarization: P, shape ``(..., 3)``.

    Returns:
        density matrices ``(..., 2, 2)``.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> density_matrix((0.0, 0.0, 1.0)).real
        array([[1., 0.],
               [0., 0.]])
    """
    vectors = finite("polarization", polarization, (3,))
    result: Complexes = (_IDENTITY + np.einsum("...k,kij->...ij", vectors, PAULI)) / 2
    return result


def polarization_of(density: ArrayLike) -> Floats:
    r""":math:`\mathbf P = \mathrm{Tr}(\rho\,\boldsymbol\sigma)`: the inverse of
    :func:`density_matrix`.

    Args:
        density: rho, shape ``(..., 2, 2)``.

    Returns:
        P, shape ``(..., 3)``.

    Raises:
        QnuError: last axes that are not 2 x 2.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> polarization_of([[0.5, 0.5], [0.5, 0.5]])
        array([1., 0., 0.])
    """
    rho = finite_complex("density", density, (2, 2), "density matrices of shape (..., 2, 2)")
    result: Floats = np.einsum("...ij,kji->...k", rho, PAULI).real
    return result


def after_encounter(
    polarization_1: ArrayLike,
    polarization_2: ArrayLike,
    swap_angle: ArrayLike,
    field_1: ArrayLike = _NO_FIELD,
    field_2: ArrayLike = _NO_FIELD,
    duration: ArrayLike = 0.0,
    anisotropy: float = 1.0,
) -> tuple[Floats, Floats]:
    r"""Exact polarizations after one encounter of two uncorrelated neutrinos.

    .. math::
        \mathbf P_1' = \cos^2\theta\,\mathbf P_1 + \sin^2\theta\,\mathbf P_2
        + \sin\theta\cos\theta\,\mathbf P_2\times\mathbf P_1

    without vacuum inside, with the partner traced out, and the same with 1 and 2 exchanged. With
    vacuum or matter inside, :math:`\rho_1\otimes\rho_2` goes through :func:`unitary` and each
    partner is traced out.

    With ``anisotropy`` a and without fields the z components are as above, and with
    :math:`c = P_x - i P_y`

    .. math::
        c_1' = \cos\theta\,(\cos a\theta - i z_2 \sin a\theta)\,c_1
        + \sin\theta\,(\sin a\theta + i z_1 \cos a\theta)\,c_2 .

    Args:
        polarization_1: P of the first neutrino, ``(..., 3)``.
        polarization_2: P of the second.
        swap_angle: theta, shape ``(...)``.
        field_1: h of the first, ``(..., 3)``.
        field_2: h of the second.
        duration: how long the fields act inside the encounter.
        anisotropy: a.

    Returns:
        two arrays ``(..., 3)``.

    Raises:
        QnuError: shapes that do not fit together.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Friedland and Lunardini (2003).

    Examples:
        >>> import numpy as np
        >>> after_encounter((0, 0, 1), (1, 0, 0), np.pi / 4)[0].round(12)
        array([ 0.5, -0.5,  0.5])
    """
    p1, p2 = (
        finite("polarization_1", polarization_1, (3,)),
        finite("polarization_2", polarization_2, (3,)),
    )
    theta, h1, h2, time = _arguments(swap_angle, field_1, field_2, duration)
    _together("encounter", p1[..., 0], p2[..., 0], theta)
    a = checked_anisotropy(anisotropy)
    if not (time[..., None] * h1).any() and not (time[..., None] * h2).any():
        if a != 1.0:
            return kicked(p1, p2, theta, a), kicked(p2, p1, theta, a)
        cos, sin = np.cos(theta)[..., None], np.sin(theta)[..., None]
        turn = sin * cos * np.cross(p2, p1)
        return cos**2 * p1 + sin**2 * p2 + turn, cos**2 * p2 + sin**2 * p1 - turn
    gate = unitary(theta, h1, h2, time, a)
    rho1, rho2 = density_matrix(p1), density_matrix(p2)
    pair = np.einsum("...ij,...kl->...ikjl", rho1, rho2)
    pair = pair.reshape(*pair.shape[:-4], 4, 4)
    pair = gate @ pair @ gate.conj().swapaxes(-1, -2)
    pair = pair.reshape(*pair.shape[:-2], 2, 2, 2, 2)
    first = np.einsum("...ikjk->...ij", pair)
    second = np.einsum("...kikj->...ij", pair)
    return polarization_of(first), polarization_of(second)


def affine_map(
    partner: ArrayLike,
    swap_angle: ArrayLike,
    field: ArrayLike = _NO_FIELD,
    partner_field: ArrayLike = _NO_FIELD,
    duration: ArrayLike = 0.0,
    anisotropy: float = 1.0,
) -> tuple[Floats, Floats]:
    r""":math:`\mathbf P' = A\,\mathbf P + \mathbf b`: an encounter with a known, uncorrelated
    partner.

    The exact map of the constant background: applied n times it is n regular encounters
    (p = 1); the mean over histories with probability p per step is :math:`((1 - p) + p\,M)^n`, M
    the map.

    Args:
        partner: P of the partner, ``(3,)``.
        swap_angle: theta.
        field: h of the neutrino.
        partner_field: h of the partner.
        duration: how long the fields act inside the encounter.
        anisotropy: a, see :func:`after_encounter`.

    Returns:
        A of shape ``(3, 3)`` and b of shape ``(3,)``.

    Raises:
        QnuError: shapes that do not fit together.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> matrix, shift = affine_map((0, 0, 1), 0.3)
        >>> (matrix @ (0, 0, 1) + shift).round(12)      # a background's own state is a fixed point
        array([0., 0., 1.])
    """
    vector = finite("partner", partner, (3,))
    if vector.ndim != 1:
        raise QnuError("partner", f"shape {vector.shape}", "finite numbers of shape (3,)")
    starts = np.concatenate([np.zeros((1, 3)), np.eye(3)])
    images, _ = after_encounter(
        starts,
        np.broadcast_to(vector, (4, 3)),
        swap_angle,
        field,
        partner_field,
        duration,
        anisotropy,
    )
    return (images[1:] - images[0]).T, images[0]
