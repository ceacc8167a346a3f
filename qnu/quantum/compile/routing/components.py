"""Devices of several connected components: which group of neutrinos goes on which component."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....errors import QnuError
from .device import DeviceGraph, Indices

#: Assignments that are tried before it counts as impossible.
MAX_TRIES = 10_000


def components(device: DeviceGraph) -> list[Indices]:
    """The sites of every connected component of a device, the largest first.

    Args:
        device: its couplers.

    Returns:
        increasing sites of each.

    Examples:
        >>> [some.tolist() for some in components(DeviceGraph.of(4, [(1, 3)]))]
        [[1, 3], [0], [2]]
    """
    left = np.ones(device.sites, bool)
    result = []
    for site in range(device.sites):
        if left[site]:
            reached = device.distance[site] < device.sites
            result.append(np.flatnonzero(reached))
            left &= ~reached
    return sorted(result, key=len, reverse=True)


def interacting_groups(pairs: Indices, neutrinos: int) -> list[Indices]:
    """Neutrinos that are connected by encounters and need one component, the largest group first.

    Args:
        pairs: ``(n, 2)``.
        neutrinos: N; one without encounters is a group of its own.

    Returns:
        increasing numbers of the neutrinos of each group.

    Examples:
        >>> [group.tolist() for group in interacting_groups(np.array([(3, 1)]), 4)]
        [[1, 3], [0], [2]]
    """
    return components(DeviceGraph.of(neutrinos, np.unique(np.sort(pairs, axis=1), axis=0)))


def assign(sizes: Sequence[int], capacities: Sequence[int]) -> list[int]:
    """A component for every group: each on the first that is large enough, with backtracking.

    Args:
        sizes: of the groups, the largest first.
        capacities: number of sites of every component.

    Returns:
        the component of every group.

    Raises:
        QnuError: there is no assignment, or none was found in 10,000 tries.

    References:
        first fit decreasing, with backtracking.

    Examples:
        >>> assign([4, 3, 3, 2, 2], [8, 6])
        [0, 1, 1, 0, 0]
    """
    free = list(capacities)
    chosen: list[int] = []
    begin, tries = 0, 0
    while len(chosen) < len(sizes):
        size = sizes[len(chosen)]
        fitting = next((k for k in range(begin, len(free)) if free[k] >= size), None)
        tries += 1
        if tries > MAX_TRIES or (fitting is None and not chosen):
            raise QnuError(
                "circuit",
                f"parts of {', '.join(map(str, sizes))} qubits",
                f"parts that fit on the device's pieces of {', '.join(map(str, capacities))}"
                " qubits",
            )
        if fitting is None:
            last = chosen.pop()
            free[last] += sizes[len(chosen)]
            begin = last + 1
        else:
            chosen.append(fitting)
            free[fitting] -= size
            begin = 0
    return chosen


def component_of_neutrinos(
    keeps: Sequence[Indices], pairs: Indices, neutrinos: int, sites: Sequence[int] | None
) -> Indices:
    """``(N,)`` the component of every neutrino.

    Args:
        keeps: of :func:`components`.
        pairs: ``(n, 2)`` encounters.
        neutrinos: N.
        sites: initial sites of the neutrinos; None: those that meet are kept together.

    Raises:
        QnuError: a pair that meets on two components.

    Examples:
        >>> two = [np.array([0, 1]), np.array([2, 3])]
        >>> component_of_neutrinos(two, np.array([(0, 2), (1, 3)]), 4, [0, 2, 1, 3]).tolist()
        [0, 1, 0, 1]
    """
    on = np.empty(neutrinos, np.int64)
    if sites is None:
        groups = interacting_groups(pairs, neutrinos)
        chosen = assign([len(group) for group in groups], [len(keep) for keep in keeps])
        for group, number in zip(groups, chosen, strict=True):
            on[group] = number
        return on
    for number, keep in enumerate(keeps):
        on[np.isin(sites, keep)] = number
    apart = np.flatnonzero(on[pairs[:, 0]] != on[pairs[:, 1]])
    if len(apart):
        where = [int(sites[i]) for i in pairs[apart[0]]]
        raise QnuError("sites", where, "one connected piece of the device for a pair that meets")
    return on
