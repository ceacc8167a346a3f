"""Observables of polarizations and density matrices, as functions of arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, finite, words
from ..encounter import Complexes
from ..errors import QnuError
from .collision import (
    along_and_across,
    collision_term,
    connected_correlations,
    pair_correlations,
    plane_wave_couplings,
    require_plane_waves,
)
from .one import entropy, flavor_probability, length, purity, survival_probability
from .pairs import concurrence, mutual_information, negativity
from .resources import (
    SampledEntropy,
    check_resources,
    loschmidt_echo,
    n_tangle,
    sampled_stabilizer_renyi_entropy,
    stabilizer_renyi_entropy,
)

__all__ = [
    "NAMES",
    "OF_BEAMS",
    "OF_COUPLINGS",
    "OF_ONE",
    "OF_PAIRS",
    "OF_RESOURCES",
    "OF_STATE",
    "SampledEntropy",
    "along_and_across",
    "check_resources",
    "collision_term",
    "concurrence",
    "connected_correlations",
    "entropy",
    "flavor_probability",
    "length",
    "loschmidt_echo",
    "mutual_information",
    "n_tangle",
    "negativity",
    "pair_correlations",
    "plane_wave_couplings",
    "purity",
    "requested",
    "requested_of_collision",
    "requested_of_resources",
    "requested_of_state",
    "require_plane_waves",
    "sampled_stabilizer_renyi_entropy",
    "stabilizer_renyi_entropy",
    "survival_probability",
]

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
#: Resources of the whole state (:func:`n_tangle` and the like), numbers too.
OF_RESOURCES = ("n_tangle", "stabilizer_renyi_entropy", "loschmidt_echo")
#: Vectors of one neutrino, from its pairs and their couplings: of plane waves.
OF_COUPLINGS = ("collision_term",)
#: The entanglement, in bits, of all neutrinos of a beam with the others: of big spins
#: (:func:`qnu.solvers.collective`).
OF_BEAMS = ("beam_entropy",)
#: All names of observables that many_body has.
NAMES = (*OF_ONE, *OF_PAIRS, *OF_STATE, *OF_RESOURCES, *OF_COUPLINGS)

Variables = dict[str, tuple[tuple[str, ...], Any]]


def requested(names: Sequence[str], polarization: Floats, pairs: Complexes | None) -> Variables:
    """The requested observables, as variables of a Trajectory.

    Those of the whole state and of couplings are left out: see :func:`requested_of_state`,
    :func:`requested_of_resources` and :func:`requested_of_collision`.

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
        if name in OF_STATE or name in OF_RESOURCES or name in OF_COUPLINGS:
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


def requested_of_resources(names: Sequence[str], values: Mapping[str, ArrayLike]) -> Variables:
    """The requested ones of :data:`OF_RESOURCES`, as variables.

    Args:
        names: of :data:`NAMES`.
        values: ``(time,)`` numbers of each that is requested.

    Returns:
        name -> (dimensions, values), over ``time``.

    Raises:
        QnuError: values that are missing, or are not one number for each time.

    Examples:
        >>> requested_of_resources(["n_tangle", "purity"], {"n_tangle": [0.0, 0.5]})
        {'n_tangle': (('time',), array([0. , 0.5]))}
    """
    words("observables", names, NAMES)
    if not isinstance(values, Mapping):
        raise QnuError("values", values, "a dictionary of numbers by name")
    variables: Variables = {}
    for name in OF_RESOURCES:
        if name in names:
            array = finite(name, values.get(name, ()))
            if array.ndim != 1 or not array.size:
                raise QnuError(name, f"shape {array.shape}", "shape (time,)")
            variables[name] = (("time",), array)
    return variables


def requested_of_collision(names: Sequence[str], vectors: ArrayLike) -> Variables:
    """``C_i`` of every sample: the requested ones of :data:`OF_COUPLINGS`, as variables.

    Args:
        names: of :data:`NAMES`.
        vectors: ``(time, N, 3)`` of :func:`collision_term`.

    Returns:
        name -> (dimensions, values), over ``time``, ``neutrino`` and ``axis``.

    Raises:
        QnuError: vectors of another shape.

    Examples:
        >>> requested_of_collision(["collision_term"], np.zeros((1, 2, 3)))["collision_term"][0]
        ('time', 'neutrino', 'axis')
    """
    words("observables", names, NAMES)
    values = finite("vectors", vectors, (3,))
    if values.ndim != 3:
        raise QnuError("vectors", f"shape {values.shape}", "shape (time, N, 3)")
    return {name: (("time", "neutrino", "axis"), values) for name in OF_COUPLINGS if name in names}
