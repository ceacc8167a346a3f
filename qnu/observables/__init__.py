"""Observables of polarizations and density matrices, as functions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, finite, words
from ..encounter import Complexes
from ..errors import QnuError
from .one import entropy, flavor_probability, length, purity, survival_probability
from .pairs import concurrence, mutual_information, negativity

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
