r"""The collision term: what the mean field leaves out of the equation of one neutrino."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, finite, finite_complex, numeric
from ..encounter import PAULI, Complexes
from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas
from ..schedules.match import check_schedule
from .pairs import density_matrices

__all__ = [
    "along_and_across",
    "collision_of_pairs",
    "collision_term",
    "connected_correlations",
    "pair_correlations",
    "plane_wave_couplings",
    "require_plane_waves",
]

#: The name of the observable in runs.
NAME = "collision_term"
_ONE = np.eye(2)
_BOTH = np.array([[np.kron(a, b) for b in PAULI] for a in PAULI])
_FIRST = np.array([np.kron(a, _ONE) for a in PAULI])
_SECOND = np.array([np.kron(_ONE, a) for a in PAULI])
_STATES = (
    "amplitudes (2^N,), density matrices of pairs (..., N, N, 4, 4), their correlations"
    " (..., N, N, 3, 3), or a ManyBodyState"
)
#: Shorter parts across are rounding.
_ALONG = 1e-9
#: A state vector in single precision is normalised to this.
_NORMALISED = 1e-3


def collision_term(
    state: Any, couplings: ArrayLike, polarization: ArrayLike | None = None
) -> Floats:
    r""":math:`C_i = -i \sum_j J_{ij}\,\mathrm{Tr}_j[\mathrm{SWAP}, g_{ij}]` with
    :math:`g_{ij} = \rho_{ij} - \rho_i\otimes\rho_j`: :math:`d\rho_i/dt` beyond the mean field.

    As a vector, :math:`(\mathbf C_i)_a = \mathrm{Tr}(\sigma_a C_i)`, so that

    .. math::
        \frac{d\mathbf P_i}{dt} = \Big[\mathbf h_i + \sum_j J_{ij}\mathbf P_j\Big]\times\mathbf P_i
        + \mathbf C_i, \qquad
        (\mathbf C_i)_a = \sum_j J_{ij} \sum_{bc} \epsilon_{abc}
        \left[\langle\sigma_c^i\sigma_b^j\rangle - P^i_c P^j_b\right]

    for :math:`H = \sum_i \mathbf h_i\cdot\boldsymbol\sigma_i/2 + \sum_{i<j} J_{ij}\,
    \mathrm{SWAP}_{ij}`. Only the antisymmetric part of the connected correlations enters:
    :math:`\mathbf C_i` vanishes where no two neutrinos are correlated, and
    :math:`\sum_i\mathbf C_i = 0`.

    Args:
        state: of N neutrinos, one of

            - density matrices of pairs ``(..., N, N, 4, 4)`` as (i) x (j); those of i < j count;
            - correlations :math:`\langle\sigma_a^i\sigma_b^j\rangle` ``(..., N, N, 3, 3)``, those
              of i < j, with the polarizations;
            - amplitudes ``(2^N,)``, neutrino k is bit k (as in Qiskit);
            - a :class:`qnu.solvers.ManyBodyState`.
        couplings: ``(N, N)`` or ``(..., N, N)`` :math:`J_{ij}`, symmetric: of plane waves
            :func:`plane_wave_couplings`.
        polarization: ``(..., N, 3)``, with correlations only.

    Returns:
        ``(..., N, 3)``, in the unit of the couplings.

    Raises:
        QnuError: shapes that do not fit, amplitudes that are not normalised, correlations without
            polarizations, couplings that are not symmetric.

    References:
        Volpe, Vaananen, Espinoza (PRD 87, 113010) for the hierarchy of correlations; Kost, Johns,
        Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> waves = qnu.schedules.plane_wave(gas, duration=np.pi / 4, steps=100)
        >>> state = qnu.solvers.final_state(gas, waves)      # P_1 = cos(2 J t) z, J = mu/2
        >>> (collision_term(state, plane_wave_couplings(gas))[0] / np.sin(np.pi / 4)).round(9) + 0.0
        array([ 0.,  0., -1.])
    """
    correlations = _connected_of(state, polarization)
    acting = _checked_couplings(couplings, correlations.shape[-3])
    i, j = np.triu_indices(correlations.shape[-3], 1)
    return collision_of_pairs(correlations[..., i, j, :, :], acting)


def collision_of_pairs(correlations: Floats, couplings: Floats) -> Floats:
    r""":math:`\mathbf C_i` from connected correlations of the pairs i < j.

    Args:
        correlations: ``(..., N (N - 1)/2, 3, 3)``, in the order of ``numpy.triu_indices(N, 1)``.
        couplings: ``(..., N, N)``.

    Returns:
        ``(..., N, 3)``.

    Examples:
        >>> singlet = np.zeros((1, 3, 3)); singlet[0, 0, 1] = 0.5         # <xy> - <x><y>
        >>> collision_of_pairs(singlet, np.ones((2, 2))).tolist()
        [[0.0, 0.0, -0.5], [0.0, 0.0, 0.5]]
    """
    count = couplings.shape[-1]
    i, j = np.triu_indices(count, 1)
    # epsilon_abc T_cb: (T_zy - T_yz, T_xz - T_zx, T_yx - T_xy)
    part = correlations[..., (2, 0, 1), (1, 2, 0)] - correlations[..., (1, 2, 0), (2, 0, 1)]
    part = couplings[..., i, j, None] * part
    result = np.zeros((*part.shape[:-2], count, 3))
    for k in range(count):  # an encounter gives the one what it takes from the other
        result[..., k, :] = part[..., i == k, :].sum(-2) - part[..., j == k, :].sum(-2)
    return result


def plane_wave_couplings(gas: NeutrinoGas, mu: ArrayLike = 1.0) -> Floats:
    r""":math:`J_{ij} = \frac\mu N (1 - \mathbf v_i\cdot\mathbf v_j)`, 0 for i = j: of plane waves.

    Args:
        gas: N neutrinos.
        mu: a number, or one for each time ``(...)``.

    Returns:
        ``(..., N, N)``.

    Raises:
        QnuError: a coupling that is not a finite number.

    References:
        Pantaleone (1992).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> plane_wave_couplings(gas, mu=3.0).tolist()
        [[0.0, 1.5], [1.5, 0.0]]
    """
    count = len(check_gas(gas))
    index = np.arange(count)
    factor = np.asarray(gas.one_minus_cos(index[:, None], index), float) / count
    factor = np.where(np.eye(count, dtype=bool), 0.0, factor)
    return finite("mu", mu)[..., None, None] * factor


def along_and_across(vectors: ArrayLike, polarization: ArrayLike, partners: ArrayLike) -> Floats:
    r"""Components :math:`(\mathbf C\cdot\mathbf n, \mathbf C\cdot\mathbf m,
    \mathbf C\cdot(\mathbf n\times\mathbf m))`, n along P and m across it, towards the partners.

    :math:`\mathbf n = \mathbf P/|\mathbf P|`, and :math:`\mathbf m` is the unit vector along
    :math:`\bar{\mathbf P} - (\bar{\mathbf P}\cdot\mathbf n)\,\mathbf n`. A collision term along
    :math:`\bar{\mathbf P} - \mathbf P` has no third component.

    Args:
        vectors: ``(..., 3)`` C.
        polarization: ``(..., 3)`` P.
        partners: ``(..., 3)`` :math:`\bar{\mathbf P}`. Where it is along P, or P is 0, nothing
            says what across is: components 2 and 3 are then 0.

    Returns:
        ``(..., 3)``.

    Raises:
        QnuError: last axes that are not 3 long.

    Examples:
        >>> along_and_across((1.0, 2.0, 3.0), (0.0, 0.0, 0.5), (0.0, 0.4, 0.2)).tolist()
        [3.0, 2.0, -1.0]
    """
    c, p, bar = np.broadcast_arrays(
        *(
            finite(name, value, (3,))
            for name, value in (
                ("vectors", vectors),
                ("polarization", polarization),
                ("partners", partners),
            )
        )
    )
    n = _unit(p)
    m = _unit(bar - (bar * n).sum(axis=-1, keepdims=True) * n)
    m = np.where((n != 0).any(axis=-1, keepdims=True), m, 0.0)
    result: Floats = np.stack([(c * e).sum(axis=-1) for e in (n, m, np.cross(n, m))], axis=-1)
    return result


def _unit(vectors: Floats) -> Floats:
    """Of length 1; 0 where it is shorter than rounding."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > _ALONG)
    return result


def pair_correlations(pair: ArrayLike) -> Floats:
    r""":math:`\langle\sigma_a\otimes\sigma_b\rangle`, a and b of x, y, z.

    Args:
        pair: density matrices ``(..., 4, 4)`` as (first) x (second).

    Returns:
        ``(..., 3, 3)``.

    Raises:
        QnuError: last axes that are not 4 x 4.

    Examples:
        >>> bell = np.zeros((4, 4)); bell[np.ix_([0, 3], [0, 3])] = 0.5
        >>> pair_correlations(bell).diagonal().tolist()
        [1.0, -1.0, 1.0]
    """
    return _expectation(density_matrices(pair), _BOTH)


def connected_correlations(pair: ArrayLike) -> Floats:
    r""":math:`\langle\sigma_a\otimes\sigma_b\rangle - \langle\sigma_a\rangle
    \langle\sigma_b\rangle`: 0 for two neutrinos that are not correlated.

    Args:
        pair: density matrices ``(..., 4, 4)`` as (first) x (second).

    Returns:
        ``(..., 3, 3)``.

    Raises:
        QnuError: last axes that are not 4 x 4.

    Examples:
        >>> up = np.diag([1.0, 0.0])
        >>> connected_correlations(np.kron(up, up)).any()
        np.False_
    """
    rho = density_matrices(pair)
    one, two = _expectation(rho, _FIRST), _expectation(rho, _SECOND)
    result: Floats = _expectation(rho, _BOTH) - one[..., :, None] * two[..., None, :]
    return result


def require_plane_waves(names: Sequence[str], schedule: Any) -> None:
    """An error where the collision term is requested of a schedule that is not plane waves.

    Args:
        names: requested observables.
        schedule: the schedule.

    Raises:
        QnuError: another kind of schedule.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> require_plane_waves(["purity"], qnu.schedules.tournament(gas, gamma=0.1))
    """
    if not isinstance(names, list | tuple | set | frozenset):
        raise QnuError("observables", names, "a list of names of observables")
    if NAME in names and check_schedule(schedule).kind != "plane_wave":
        raise QnuError(
            "observables",
            Words(f"'{NAME}' with a schedule of kind {schedule.kind!r}"),
            "it with kind = 'plane_wave' (of encounters it is a mean over seeds:"
            " qnu.solvers.ensemble_collision_term)",
        )
    if NAME in names and schedule.anisotropy != 1.0:
        found = Words(f"'{NAME}' with anisotropy = {schedule.anisotropy:g}")
        raise QnuError("observables", found, "it with anisotropy = 1 (SWAP)")


def _connected_of(state: Any, polarization: ArrayLike | None) -> Floats:
    """``(..., N, N, 3, 3)``, right for i < j."""
    if hasattr(state, "pair_correlations"):
        if polarization is not None:
            raise QnuError("polarization", Words("with a ManyBodyState"), "None: the state has it")
        return _subtracted(state.pair_correlations(), state.polarization())
    values = numeric("state", state, _STATES, kinds="iufc")
    if values.ndim == 1:
        values = _pairs_of(values)
    if values.ndim < 4 or values.shape[-4] != values.shape[-3]:
        raise QnuError("state", Words(f"an array of shape {values.shape}"), _STATES)
    if values.shape[-2:] == (4, 4):
        if polarization is not None:
            raise QnuError("polarization", Words("with density matrices"), "None: they have it")
        return connected_correlations(values)
    if values.shape[-2:] != (3, 3):
        raise QnuError("state", Words(f"an array of shape {values.shape}"), _STATES)
    if polarization is None:
        raise QnuError("polarization", None, "(..., N, 3), with correlations of pairs")
    vectors = finite("polarization", polarization, (3,))
    if vectors.shape[:-1] != values.shape[:-3]:
        shape = values.shape[:-3]
        raise QnuError("polarization", Words(f"shape {vectors.shape}"), f"shape {(*shape, 3)}")
    return _subtracted(finite("state", values, (3, 3)), vectors)


def _subtracted(correlations: Floats, vectors: Floats) -> Floats:
    result: Floats = correlations - (
        vectors[..., :, None, :, None] * vectors[..., None, :, None, :]
    )
    return result


def _pairs_of(amplitudes: Any) -> Complexes:
    """``(N, N, 4, 4)`` density matrices of the pairs i < j."""
    count = max(len(amplitudes), 1).bit_length() - 1
    if count < 1 or len(amplitudes) != 2**count:
        raise QnuError("state", f"{len(amplitudes)} amplitudes", "2^N of them")
    state = finite_complex("state", amplitudes, (), "2^N amplitudes")
    norm = float(np.vdot(state, state).real)
    if abs(norm - 1) > _NORMALISED:
        raise QnuError("state", f"amplitudes of norm {norm:.6g}", "norm 1")
    axes = state.reshape((2,) * count)
    result = np.zeros((count, count, 4, 4), np.complex128)
    for i, j in zip(*np.triu_indices(count, 1), strict=True):
        both = np.moveaxis(axes, (count - 1 - i, count - 1 - j), (0, 1)).reshape(4, -1)
        result[i, j] = both @ both.conj().T
    return result


def _checked_couplings(couplings: ArrayLike, count: int) -> Floats:
    values = finite("couplings", couplings)
    if values.shape[-2:] != (count, count):
        raise QnuError("couplings", Words(f"shape {values.shape}"), f"(..., {count}, {count})")
    if not np.allclose(values, values.swapaxes(-1, -2), rtol=1e-9, atol=0.0):
        raise QnuError("couplings", Words("a matrix that is not symmetric"), "J_ij = J_ji")
    return values


def _expectation(rho: Complexes, operators: Complexes) -> Floats:
    """``Tr(A rho)`` of operators ``(..., 4, 4)``."""
    result: Floats = np.einsum(
        "...nm,abmn->...ab" if operators.ndim == 4 else "...nm,amn->...a", rho, operators
    ).real
    return result
