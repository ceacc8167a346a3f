"""Observables of two neutrinos, from their density matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.checks import Floats, finite_complex
from ..encounter import Complexes

__all__ = ["concurrence", "mutual_information", "negativity"]

_SPIN_FLIP = np.array(
    [[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]], dtype=np.complex128
)
#: Of a diagonal element of a density matrix: what sums and differences may add to it.
_ROUNDING = 16 * np.finfo(np.float64).eps


def concurrence(pair: ArrayLike) -> Floats:
    r""":math:`C = \max(0, l_1 - l_2 - l_3 - l_4)`: entanglement of two neutrinos, pure or mixed.

    :math:`l_i` are the square roots, largest first, of the eigenvalues of :math:`\rho\tilde\rho`,
    :math:`\tilde\rho = (\sigma_y\otimes\sigma_y)\,\rho^* (\sigma_y\otimes\sigma_y)`; taken as the
    singular values of :math:`R^T (\sigma_y\otimes\sigma_y) R` with :math:`\rho = R R^\dagger`. R
    comes from a Cholesky decomposition with pivots, where a pivot below 16 roundings of its
    diagonal element counts as 0: for a state of rank 1 to 3 (also a separable one) C is then right
    to about 1e-15, where eigenvalues of rho that are rounding would enter with their square root,
    1e-8. Where a pivot of a state is not 0 but that small, 1e-8 is what rho in double precision can
    tell.

    Args:
        pair: density matrices ``(..., 4, 4)``.

    Returns:
        ``(...)``, between 0 and 1.

    Raises:
        QnuError: last axes that are not 4 x 4.

    References:
        Wootters (PRL 80, 2245); used in Roggero (PRD 104, 103016).

    Examples:
        >>> import numpy as np
        >>> bell = np.zeros((4, 4)); bell[np.ix_([1, 2], [1, 2])] = 0.5
        >>> round(float(concurrence(bell)), 12)
        1.0
    """
    root = _square_root(density_matrices(pair))
    singular = np.linalg.svd(root.swapaxes(-1, -2) @ _SPIN_FLIP @ root, compute_uv=False)
    result: Floats = np.maximum(0.0, 2 * singular[..., 0] - singular.sum(axis=-1))
    return result


def _square_root(rho: Complexes) -> Complexes:
    """R with ``rho = R R^+``: Cholesky with pivots, those that are rounding left out."""
    rest = (rho + rho.conj().swapaxes(-1, -2)) / 2
    least = _ROUNDING * rest.diagonal(axis1=-2, axis2=-1).real
    root = np.zeros_like(rest)
    for step in range(4):
        left = rest.diagonal(axis1=-2, axis2=-1).real
        left = np.where(left > least, left, 0.0)
        place = left.argmax(axis=-1)[..., None]
        pivot = np.take_along_axis(left, place, axis=-1)
        column = np.take_along_axis(rest, place[..., None], axis=-1)[..., 0]
        column = column / np.sqrt(np.where(pivot > 0, pivot, np.inf))
        root[..., step] = column
        rest = rest - column[..., :, None] * column[..., None, :].conj()
        done = np.arange(4) == place
        rest[done[..., :, None] | done[..., None, :]] = 0.0
    return root


def negativity(pair: ArrayLike) -> Floats:
    """Minus the sum of the negative eigenvalues of the partial transpose; 1/2 for a Bell pair.

    Args:
        pair: density matrices ``(..., 4, 4)``.

    Returns:
        ``(...)``.

    Raises:
        QnuError: last axes that are not 4 x 4.

    References:
        Vidal and Werner (PRA 65, 032314); used in Martin et al. (2307.16793).

    Examples:
        >>> import numpy as np
        >>> bell = np.zeros((4, 4)); bell[np.ix_([1, 2], [1, 2])] = 0.5
        >>> round(float(negativity(bell)), 12)
        0.5
    """
    rho = density_matrices(pair)
    parts = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
    transposed = parts.swapaxes(-3, -1).reshape(rho.shape)
    values = np.linalg.eigvalsh(transposed)
    result: Floats = -np.minimum(values, 0.0).sum(axis=-1)
    return result


def mutual_information(pair: ArrayLike) -> Floats:
    r""":math:`I = S(\rho_1) + S(\rho_2) - S(\rho_{12})` in bits: all correlations, classical ones
    too.

    Args:
        pair: density matrices ``(..., 4, 4)``.

    Returns:
        ``(...)``, between 0 and 2.

    Raises:
        QnuError: last axes that are not 4 x 4.

    References:
        Martin et al. (2307.16793).

    Examples:
        >>> import numpy as np
        >>> bell = np.zeros((4, 4)); bell[np.ix_([1, 2], [1, 2])] = 0.5
        >>> round(float(mutual_information(bell)), 12)
        2.0
    """
    rho = density_matrices(pair)
    parts = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
    first = np.einsum("...ikjk->...ij", parts)
    second = np.einsum("...kikj->...ij", parts)
    return _entropy_of(first) + _entropy_of(second) - _entropy_of(rho)


def _entropy_of(density: Complexes) -> Floats:
    weight = np.linalg.eigvalsh(density)
    some = weight > 0
    result: Floats = -np.where(some, weight * np.log2(np.where(some, weight, 1.0)), 0.0).sum(-1)
    return result


def density_matrices(pair: ArrayLike) -> NDArray[np.complex128]:
    """Of pairs ``(..., 4, 4)``, checked."""
    return finite_complex("pair", pair, (4, 4), "density matrices of shape (..., 4, 4)")
