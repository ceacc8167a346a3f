"""Observables of polarizations and density matrices, as functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .common.checks import Floats, array_of, booleans, choice, finite, finite_complex, words
from .encounter import Complexes
from .errors import QnuError
from .flavor import flavor_direction

__all__ = [
    "NAMES",
    "OF_ONE",
    "OF_PAIRS",
    "OF_STATE",
    "concurrence",
    "entropy",
    "flavor_probability",
    "length",
    "mutual_information",
    "negativity",
    "purity",
    "requested",
    "requested_of_state",
    "survival_probability",
]

_SPIN_FLIP = np.array(
    [[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]], dtype=np.complex128
)


def length(polarization: ArrayLike) -> Floats:
    r""":math:`|\mathbf P|` over the last axis.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> float(length((0.6, 0.0, 0.8)))
        1.0
    """
    vectors = finite("polarization", polarization, (3,))
    with np.errstate(over="ignore"):
        return finite("length", np.linalg.norm(vectors, axis=-1))


def purity(polarization: ArrayLike) -> Floats:
    r""":math:`\mathrm{Tr}\,\rho^2 = (1 + |\mathbf P|^2)/2` of one neutrino: 1 pure, 1/2 fully
    mixed.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> float(purity((0.0, 0.0, 0.0)))
        0.5
    """
    with np.errstate(over="ignore"):
        return finite("purity", (1 + length(polarization) ** 2) / 2)


def entropy(polarization: ArrayLike) -> Floats:
    r""":math:`S = -\sum_\pm \lambda_\pm \log_2 \lambda_\pm` of one neutrino, in bits.

    :math:`\lambda_\pm = (1 \pm |\mathbf P|)/2` are the eigenvalues of its density matrix. For a
    pure state of the whole gas it measures how entangled the neutrino is with the rest.

    Args:
        polarization: ``(..., 3)``.

    Returns:
        ``(...)``, between 0 and 1.

    Raises:
        QnuError: a last axis that is not 3 long.

    References:
        Roggero (PRD 104, 103016); Martin et al. (2307.16793).

    Examples:
        >>> float(entropy((0.0, 0.0, 0.0))), abs(float(entropy((0.0, 0.0, 1.0))))
        (1.0, 0.0)
    """
    size = np.minimum(length(polarization), 1.0)
    result = np.zeros_like(size)
    for eigenvalue in ((1 + size) / 2, (1 - size) / 2):
        some = eigenvalue > 0
        result -= np.where(some, eigenvalue * np.log2(np.where(some, eigenvalue, 1.0)), 0.0)
    return np.maximum(result, 0.0)


def flavor_probability(
    polarization: ArrayLike,
    mixing_angle: float,
    antineutrino: ArrayLike = False,
    flavor: str = "electron",
) -> Floats:
    r""":math:`P(\nu_e) = (1 + \mathbf P\cdot\mathbf L)/2`: the probability of a flavor.

    For antineutrinos, stored as isospin S, it is :math:`(1 - \mathbf S\cdot\mathbf L)/2`.

    Args:
        polarization: ``(..., N, 3)`` as the gas stores it.
        mixing_angle: theta_mix in radians;
            :math:`\mathbf L = (\sin 2\theta_\mathrm{mix}, 0, \cos 2\theta_\mathrm{mix})`.
        antineutrino: ``(N,)`` booleans.
        flavor: ``"electron"`` or ``"x"``.

    Returns:
        ``(..., N)``.

    Raises:
        QnuError: shapes that do not fit, an unknown flavor.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> float(flavor_probability((0.0, 0.0, 1.0), 0.0))
        1.0
    """
    choice("flavor", flavor, ("electron", "x"))
    along = finite("polarization", polarization, (3,)) @ flavor_direction(mixing_angle)
    anti = array_of("antineutrino", antineutrino, "booleans")
    if anti.dtype != np.bool_:
        anti = booleans("antineutrino", antineutrino, along.shape[-1] if along.ndim else 1)
    try:
        along = np.where(anti, -along, along)
    except ValueError:
        shapes = f"shapes {anti.shape} and {along.shape}"
        raise QnuError("antineutrino", shapes, "shapes that broadcast together") from None
    return (1 + along) / 2 if flavor == "electron" else (1 - along) / 2


def survival_probability(polarization: ArrayLike, initial: ArrayLike) -> Floats:
    r""":math:`(1 + \mathbf P(0)\cdot\mathbf P(t))/2`: the chance to find the pure initial state
    again.

    Holds as it is for antineutrinos stored as isospin: for a :math:`\bar\nu_e`,
    :math:`\mathbf S(0) = -\mathbf L`, it is :math:`(1 - \mathbf S\cdot\mathbf L)/2`.

    Args:
        polarization: ``(..., N, 3)``.
        initial: ``(N, 3)``, pure.

    Returns:
        ``(..., N)``.

    Raises:
        QnuError: an initial state that is not pure (then "survival" has no meaning).

    References:
        Roggero (PRD 104, 103016).

    Examples:
        >>> float(survival_probability((0.0, 0.0, -1.0), (0.0, 0.0, 1.0)))
        0.0
    """
    now, start = finite("polarization", polarization, (3,)), finite("initial", initial, (3,))
    if (abs(length(start) - 1) > 1e-6).any():
        raise QnuError("initial", start.tolist(), "pure states, |P| = 1")
    try:
        result: Floats = (1 + np.sum(now * start, axis=-1)) / 2
    except ValueError:
        shapes = f"shapes {now.shape} and {start.shape}"
        raise QnuError("initial", shapes, "shapes that broadcast together") from None
    return result


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
    root = _square_root(_pairs(pair))
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
    rho = _pairs(pair)
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
    rho = _pairs(pair)
    parts = rho.reshape(*rho.shape[:-2], 2, 2, 2, 2)
    first = np.einsum("...ikjk->...ij", parts)
    second = np.einsum("...kikj->...ij", parts)
    return _entropy_of(first) + _entropy_of(second) - _entropy_of(rho)


def _entropy_of(density: Complexes) -> Floats:
    weight = np.linalg.eigvalsh(density)
    some = weight > 0
    result: Floats = -np.where(some, weight * np.log2(np.where(some, weight, 1.0)), 0.0).sum(-1)
    return result


def _pairs(pair: ArrayLike) -> NDArray[np.complex128]:
    return finite_complex("pair", pair, (4, 4), "density matrices of shape (..., 4, 4)")


#: Observables of one neutrino, from its polarization, by the names a run takes.
OF_ONE = {"entropy": entropy, "purity": purity}
#: Observables of a pair, from its density matrix.
OF_PAIRS = {
    "pair_concurrence": concurrence,
    "pair_negativity": negativity,
    "mutual_information": mutual_information,
}
#: Observables of the whole state, which a solver takes while it has the amplitudes:
#: the entanglement, in bits, of the first ``N // 2`` neutrinos with the others.
OF_STATE = ("half_chain_entropy",)
#: All names of observables.
NAMES = (*OF_ONE, *OF_PAIRS, *OF_STATE)

#: Of a diagonal element of a density matrix: what sums and differences may add to it.
_ROUNDING = 16 * np.finfo(np.float64).eps

Variables = dict[str, tuple[tuple[str, ...], Any]]


def requested(names: Sequence[str], polarization: Floats, pairs: Complexes | None) -> Variables:
    """The requested observables, as variables of a Trajectory.

    Those of the whole state are left out: see :func:`requested_of_state`.

    Args:
        names: of :data:`NAMES`.
        polarization: ``(time, N, 3)``.
        pairs: ``(time, N, N, 4, 4)`` density matrices of pairs i < j; None where no pair
            observable is requested.

    Returns:
        name -> (dimensions, values); of pairs ``(time, N, N)``, symmetric, 0 on the diagonal.

    Raises:
        QnuError: a name that is not known.

    Examples:
        >>> requested(["purity"], np.zeros((1, 1, 3)), None)["purity"][1]
        array([[0.5]])
    """
    words("observables", names, NAMES)
    variables: Variables = {}
    for name in names:
        if name in OF_ONE:
            variables[name] = (("time", "neutrino"), OF_ONE[name](polarization))
            continue
        if name in OF_STATE:
            continue
        if name not in OF_PAIRS or pairs is None:
            raise QnuError("observables", name, "one of " + ", ".join(map(repr, NAMES)))
        upper = np.triu_indices(pairs.shape[1], 1)
        values = np.zeros(pairs.shape[:3])
        values[:, upper[0], upper[1]] = OF_PAIRS[name](pairs[:, upper[0], upper[1]])
        variables[name] = (("time", "neutrino", "partner"), values + values.swapaxes(1, 2))
    return variables


def requested_of_state(names: Sequence[str], half_chain: ArrayLike) -> Variables:
    """``S_A`` of every sample: the requested ones of :data:`OF_STATE`, as variables.

    Args:
        names: of :data:`NAMES`.
        half_chain: ``(time,)`` entropies of the first ``N // 2`` neutrinos.

    Returns:
        name -> (dimensions, values), over ``time``.

    Raises:
        QnuError: entropies that are not one number for each time.

    References:
        Roggero (PRD 104, 103016).

    Examples:
        >>> requested_of_state(["purity", "half_chain_entropy"], [0.0, 1.0])
        {'half_chain_entropy': (('time',), array([0., 1.]))}
    """
    words("observables", names, NAMES)
    values = finite("half_chain", half_chain)
    if values.ndim != 1:
        raise QnuError("half_chain", f"shape {values.shape}", "shape (time,)")
    return {name: (("time",), values) for name in OF_STATE if name in names}
