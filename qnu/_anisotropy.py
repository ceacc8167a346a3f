r"""The coupling of an encounter, :math:`\tfrac12 (1 + XX + YY + a\,ZZ)`; SWAP where a = 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .common.checks import Floats, number

Complexes = NDArray[Any]

#: The Pauli matrices x, y, z, shape ``(3, 2, 2)``.
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128)
#: The SWAP of two neutrinos, shape ``(4, 4)``.
SWAP = np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], dtype=np.complex128)
ZZ = np.diag([1.0, -1.0, -1.0, 1.0])
#: So that the phases of an encounter are finite numbers.
_MOST_ANISOTROPY = 1e6


def checked_anisotropy(value: Any) -> float:
    """``a = J_z / J_perp`` as a finite number within +-1e6.

    Args:
        value: anything.

    Returns:
        the number.

    Raises:
        QnuError: what is not such a number.

    Examples:
        >>> checked_anisotropy(1)
        1.0
    """
    return number("anisotropy", value, low=-_MOST_ANISOTROPY, high=_MOST_ANISOTROPY)


def coupling(anisotropy: float = 1.0) -> Complexes:
    r""":math:`\tfrac12 (1 + XX + YY + a\,ZZ)`: what the swap angle multiplies; SWAP where a = 1.

    Args:
        anisotropy: a.

    Returns:
        ``(4, 4)``.

    Raises:
        QnuError: a that is not a finite number.

    References:
        Bell, Rawlinson, Sawyer (hep-ph/0304082).

    Examples:
        >>> coupling(0.0).real
        array([[0.5, 0. , 0. , 0. ],
               [0. , 0.5, 1. , 0. ],
               [0. , 1. , 0.5, 0. ],
               [0. , 0. , 0. , 0.5]])
    """
    a = checked_anisotropy(anisotropy)
    return SWAP if a == 1.0 else SWAP + (a - 1.0) / 2 * ZZ


def zz_phases(theta: Floats, a: float) -> Complexes:
    """``(..., 4)``: the diagonal of ``exp(-i theta (a - 1) ZZ / 2)``."""
    result: Complexes = np.exp(-0.5j * (a - 1.0) * theta[..., None] * np.diag(ZZ))
    return result


def kicked(own: Floats, other: Floats, theta: Floats, a: float) -> Floats:
    """P of a neutrino after a kick with anisotropy a, see :func:`after_encounter`."""
    cos, sin = np.cos(theta), np.sin(theta)
    cos_a, sin_a = np.cos(a * theta), np.sin(a * theta)
    (c1, z1), (c2, z2) = ((p[..., 0] - 1j * p[..., 1], p[..., 2]) for p in (own, other))
    across = cos * (cos_a - 1j * z2 * sin_a) * c1 + sin * (sin_a + 1j * z1 * cos_a) * c2
    along = cos**2 * z1 + sin**2 * z2 - sin * cos * (c1 * c2.conj()).imag
    return np.stack([across.real, -across.imag, along], axis=-1)
