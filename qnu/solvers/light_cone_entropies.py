"""How entangled clusters of neutrinos are, against the size of their light cones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..common.checks import Held, frozen, integer
from ..common.progress import Progress, report, with_bar
from ..engine.sector import MOST
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..observables import entropy
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ._evolution import check_state
from .light_cone import MOST_NEUTRINOS, Cone, check_cone, cone_of, evolved

#: Most bits that one encounter adds to the entropy of a cluster with the rest.
_PER_ENCOUNTER = 2
#: A cluster, as numbers of neutrinos.
Cluster = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ClusterEntropies:
    r"""Entropies of clusters of neutrinos at sample times, and how large their light cones are.

    Args:
        times: ``(samples,)`` in 1/mu.
        clusters: tuples of neutrinos.
        entropy: ``(samples, clusters)`` :math:`S_A` in bits, of a cluster A with all others.
        single: ``(samples, clusters)`` :math:`\sum_{i\in A} S_i`; the difference to
            :math:`S_A`, >= 0, is what correlations within the cluster hold.
        cone: ``(samples, clusters)`` how many neutrinos are in the union of the backward light
            cones of the members, they themselves included.
        shared: ``(samples, clusters)`` :math:`\sum_{i\in A}|C_i| - |\bigcup_i C_i|`: 0 as long as
            the light cones of the members do not overlap.
        crossing: ``(samples, clusters)`` encounters so far of a member with a neutrino outside.

    Examples:
        >>> ClusterEntropies([0.0], ((0,),), [[0.0]], [[0.0]], [[1]], [[0]], [[0]]).bound()
        array([[0]])
    """

    times: Held
    clusters: tuple[Cluster, ...]
    entropy: Held
    single: Held
    cone: Held
    shared: Held
    crossing: Held

    def bound(self) -> NDArray[np.int64]:
        r"""``(samples, clusters)``: :math:`\min(n, |C| - n, 2 n_\mathrm{crossing})` bits.

        A cluster of n neutrinos has at most n bits; so have the other :math:`|C| - n` neutrinos in
        its light cone, with which alone it can be entangled; and an encounter adds at most 2.
        """
        sizes = np.array([len(cluster) for cluster in self.clusters], np.int64)
        cone = np.asarray(self.cone, np.int64)
        crossing = _PER_ENCOUNTER * np.asarray(self.crossing, np.int64)
        result: NDArray[np.int64] = np.minimum(np.minimum(sizes, cone - sizes), crossing)
        return result


@with_bar
def cluster_entropies(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: ArrayLike | None = None,
    clusters: Sequence[Sequence[int]] | None = None,
    largest: int = MOST_NEUTRINOS,
    *,
    progress: Progress = None,
) -> ClusterEntropies:
    r""":math:`S_A = -\mathrm{Tr}\,\rho_A\log_2\rho_A` of clusters A, each from its light cone.

    Only the encounters that lead to a member of A change :math:`\rho_A`, so it is exactly that of a
    gas of the neutrinos in the union C of their backward light cones: N may be large as long as
    :math:`|C|` is not. While the light cones of the members do not overlap the members are not
    correlated and :math:`S_A = \sum_{i\in A} S_i`; from then on encounters with common past bring
    entanglement back into the cluster, and in a finite gas :math:`S_A` ends at
    :math:`\min(n, N - n)` bits or below. That is where single density matrices
    (:func:`independent`) stop being enough.

    Args:
        gas: N neutrinos in pure states.
        schedule: the encounters, without fresh partners.
        times: sample times in 1/mu; default: initial and final state; inside encounters as in
            :func:`many_body`.
        clusters: lists of neutrinos; default: the first 1, 2, 4, ... up to N // 2.
        largest: refuse a light cone of more than 2 to the power ``largest`` amplitudes.
        progress: True for a bar with the time left, or a function called with the fraction done.

    Returns:
        entropies, sizes of light cones and encounters across the boundary, for every cluster.

    Raises:
        QnuError: mixed states, fresh partners, a cluster that is empty or not in the gas, a light
            cone that is too large.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Kiss et al. (2510.24841); Lieb and Robinson
        (1972).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]] * 50, omega=[0.1] * 100)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.3, order="line")
        >>> found = cluster_entropies(gas, schedule, [0.3, 0.6, 1.2], clusters=[[50], [50, 51]])
        >>> found.cone[:, 1].tolist(), found.shared[:, 1].tolist()
        ([2, 6, 14], [2, 2, 2])
        >>> found.entropy.round(3).tolist()[-1]
        [0.866, 1.541]
    """
    check_match(gas, schedule, anisotropic=True)
    check_state(gas, schedule, "cluster_entropies")
    largest = integer("largest", largest, low=1, high=MOST)
    sets = _checked(clusters, len(gas))
    samples = schedule.samples(times)
    counts: list[int] = schedule.counts(samples).tolist()
    for number, cluster in enumerate(sets):  # cones only grow: those of earlier samples fit too
        cone = cone_of(schedule, counts[-1], cluster)
        check_cone(gas, schedule, cone, largest, f"clusters[{number}]")
    shape = (len(samples), len(sets))
    values, single = np.empty(shape), np.empty(shape)
    cones, shared, crossing = (np.empty(shape, np.int64) for _ in range(3))
    for sample, count in enumerate(counts):
        time = samples.only(sample)
        for number, cluster in enumerate(sets):
            cone = cone_of(schedule, count, cluster)
            own = [len(cone_of(schedule, count, [k]).members) for k in cluster]
            cones[sample, number] = len(cone.members)
            shared[sample, number] = sum(own) - len(cone.members)
            crossing[sample, number] = _crossing(schedule, cone, cluster)
            state = evolved(gas, schedule, cone, time).state
            places = np.searchsorted(cone.members, cluster)
            values[sample, number] = state.entropy(places.tolist())
            single[sample, number] = entropy(state.polarizations()[places]).sum()
            report(progress, (sample + (number + 1) / len(sets)) / len(samples))
    arrays = (frozen(array) for array in (values, single, cones, shared, crossing))
    return ClusterEntropies(samples.times, sets, *arrays)


def _checked(clusters: Sequence[Sequence[int]] | None, count: int) -> tuple[Cluster, ...]:
    """Tuples of different neutrinos of the gas."""
    if clusters is None:
        sizes = [2**k for k in range(count.bit_length()) if 2**k <= max(count // 2, 1)]
        return tuple(tuple(range(size)) for size in sizes)
    allowed = "lists of neutrinos, at least one"
    if not _listed(clusters):
        raise QnuError("clusters", clusters, allowed)
    result = []
    for number, cluster in enumerate(clusters):
        field = f"clusters[{number}]"
        if not _listed(cluster):
            raise QnuError(field, cluster, "a list of neutrinos, at least one")
        members = [integer(f"{field}[{k}]", n, high=count - 1) for k, n in enumerate(cluster)]
        if len(set(members)) < len(members):
            raise QnuError(field, members, "each neutrino once")
        result.append(tuple(members))
    return tuple(result)


def _listed(value: object) -> bool:
    """A list with at least one entry; an array without axes has no length."""
    if isinstance(value, np.ndarray):
        return value.ndim > 0 and len(value) > 0
    return isinstance(value, Sequence) and len(value) > 0


def _crossing(schedule: EncounterSchedule, cone: Cone, cluster: Cluster) -> int:
    """Encounters of which exactly one partner is in the cluster."""
    first, second = (
        np.isin(side[cone.rows], cluster) for side in (schedule.first, schedule.second)
    )
    return int((first != second).sum())
