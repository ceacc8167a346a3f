"""The best simple path, and the best ring, of a number of sites on a device."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ....common.checks import Floats, floats, integer, number
from ....errors import QnuError
from . import _sweep
from ._frontier import MAX_CUT
from .device import BAD, DeviceGraph, Indices

#: States kept after each site. A heavy hex has at most a few thousand: there nothing is dropped.
BEAM = 8_000
_GATES = 3


@dataclass(frozen=True, eq=False)
class Costs:
    """Costs of couplers and sites; the cost of a path is the sum of those on it.

    Args:
        edge: ``(E,)`` costs, one for each row of ``device.edges``.
        site: ``(sites,)`` costs.

    Examples:
        >>> Costs(edge=np.ones(4), site=np.zeros(5)).edge.sum()
        np.float64(4.0)
    """

    edge: Floats
    site: Floats


def path_costs(device: DeviceGraph, count: int, encounters: float | None = None) -> Costs:
    r""":math:`-\log` of the probability that a tournament of ``count`` neutrinos has no error.

    On a path of N sites every coupler carries n = N/2 encounters of 3 two-qubit gates, and every
    site is read once, so edge :math:`= -3 n \log(1 - \mathrm{error})` and
    site :math:`= -\log(1 - \mathrm{readout})`. Errors
    above 0.999 count as 0.999, so that a path uses as few dead couplers as it can.

    Args:
        device: its couplers and their errors.
        count: N, how many there are.
        encounters: n, on each coupler; default: N/2, those of a tournament.

    Returns:
        costs for :func:`best_path` and :func:`best_ring`.

    Raises:
        QnuError: N < 1, n < 0.

    Examples:
        >>> device = DeviceGraph.of(3, [(0, 1), (1, 2)], error=[0.001, 1.0], readout=0.01)
        >>> costs = path_costs(device, 10)
        >>> costs.edge.round(3).tolist(), costs.site.round(3).tolist()
        ([0.015, 103.616], [0.01, 0.01, 0.01])
    """
    each = integer("count", count, low=1) / 2
    if encounters is not None:
        each = number("encounters", encounters, low=0.0)
    return Costs(_GATES * each * device.coupler_cost, device.readout_cost)


def best_path(
    device: DeviceGraph, count: int, costs: Costs | None = None, *, beam: int = BEAM
) -> Indices | None:
    """The cheapest simple path of ``count`` sites.

    Dynamic programming over the sites in an order of small cuts: after each site, the least cost
    of every state of the cut (which couplers of the cut are used, and which of them belong to one
    piece) with every number of sites used. Exact where no more than ``beam`` states arise, as on
    heavy-hex devices; on square lattices of more than about 7 rows only the cheapest states are
    kept, and the path is a good one but need not be the best.

    Args:
        device: its couplers.
        count: sites of the path.
        costs: default: :func:`path_costs` of the device.
        beam: states that are kept after each site, about.

    Returns:
        ``(count,)`` sites in order, the end with the smaller number first; None where there is no
        such path, or none was found, or every order of sites has cuts of more than 28 couplers (a
        device on which nearly all sites are neighbours needs no path).

    Raises:
        QnuError: count < 1, costs of another shape or not finite.

    References:
        Knuth, The Art of Computer Programming 4A, 7.1.4 (Simpath).

    Examples:
        >>> device = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3), (3, 0)], error=[0.1, 0.2, 0.1, 0.3])
        >>> best_path(device, 4).tolist(), best_path(device, 5)
        ([0, 1, 2, 3], None)
    """
    count = integer("count", count, low=1)
    costs = _checked(device, path_costs(device, count) if costs is None else costs)
    if count > device.sites:
        return None
    if count == 1:
        return np.array([int(np.argmin(costs.site))])
    links = _sweep.couplers(device, count, costs.edge, costs.site, 2, _beam(beam))
    return None if links is None else _in_order(links)


def best_ring(
    device: DeviceGraph, count: int, costs: Costs | None = None, *, beam: int = BEAM
) -> Indices | None:
    """The cheapest ring of ``count`` sites: a simple path whose ends are neighbours, too.

    Found as :func:`best_path` is. A heavy hex has rings of 12 sites, of 20 and more (with steps of
    2); a square lattice of any even number from 4 on.

    Args:
        device: its couplers.
        count: sites of the ring, at least 3.
        costs: default: :func:`path_costs` of the device.
        beam: states that are kept after each site, about.

    Returns:
        ``(count,)`` sites around the ring from the smallest on, towards its smaller neighbour; None
        where there is no such ring, or none was found.

    Raises:
        QnuError: count < 3, costs of another shape or not finite.

    References:
        Knuth, The Art of Computer Programming 4A, 7.1.4 (Simpath).

    Examples:
        >>> ring = [(0, 1), (1, 2), (2, 3), (3, 0), (3, 4)]
        >>> best_ring(DeviceGraph.of(5, ring), 4).tolist()
        [0, 1, 2, 3]
    """
    count = integer("count", count, low=3)
    costs = _checked(device, path_costs(device, count) if costs is None else costs)
    if count > device.sites:
        return None
    states = _beam(beam)
    shortest, some_odd = device.shortest_ring
    if not shortest or count < shortest or (count % 2 and not some_odd):
        return None
    links = _sweep.couplers(device, count, costs.edge, costs.site, 0, states)
    return None if links is None else _in_order(links)


def longest_path(device: DeviceGraph, *, beam: int = BEAM) -> Indices:
    """A longest simple path of a device, whatever its couplers cost.

    Args:
        device: its couplers.
        beam: states that are kept after each site, about (see :func:`best_path`).

    Returns:
        sites in order; at least one site.

    Raises:
        QnuError: a device without sites, or with cuts of more than 28 couplers.

    References:
        Knuth, The Art of Computer Programming 4A, 7.1.4 (Simpath).

    Examples:
        >>> longest_path(DeviceGraph.of(5, [(0, 1), (0, 2), (0, 3), (3, 4)])).tolist()
        [1, 0, 3, 4]
    """
    if device.sites < 1:
        raise QnuError("device.sites", device.sites, "at least one site")
    widest = _sweep.order(device)[1]
    if widest > MAX_CUT:
        raise QnuError("device", f"cuts of {widest} couplers", f"at most {MAX_CUT} couplers")
    each, none = np.full(device.sites, -1.0), np.zeros(len(device.edges))
    links = _sweep.couplers(device, None, none, each, 2, _beam(beam))
    return np.zeros(1, np.int64) if links is None else _in_order(links)


def bad_couplers(device: DeviceGraph, path: Indices, threshold: float = BAD) -> Indices:
    """The couplers along a path whose error is at least ``threshold``.

    Args:
        device: its couplers and their errors.
        path: sites in order; a ring as a path that ends where it began.
        threshold: of the error per gate.

    Returns:
        ``(k, 2)`` pairs of sites, in the order of the path.

    Raises:
        QnuError: two sites in a row without a coupler.

    Examples:
        >>> device = DeviceGraph.of(3, [(0, 1), (1, 2)], error=[0.001, 1.0])
        >>> bad_couplers(device, [0, 1, 2]).tolist()
        [[1, 2]]
    """
    sites = np.asarray(path).tolist()
    pairs = list(itertools.pairwise(sites))
    for pair in pairs:
        if pair not in device.coupler:
            raise QnuError("path", pair, "neighbours on the device")
    bad = [pair for pair in pairs if device.error[device.coupler[pair]] >= threshold]
    return np.array(bad, np.int64).reshape(-1, 2)


def _checked(device: DeviceGraph, costs: Costs) -> Costs:
    edge = floats("costs.edge", costs.edge, (len(device.edges),))
    site = floats("costs.site", costs.site, (device.sites,))
    return Costs(edge, site)


def _beam(beam: int) -> int:
    return integer("beam", beam, low=1, high=1 << 20)


def _in_order(links: list[tuple[int, int]]) -> Indices:
    """The sites of the couplers of a path or a ring, one after the other."""
    near: dict[int, list[int]] = {}
    for a, b in links:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    ends = [site for site, some in near.items() if len(some) == 1]
    here = min(ends or near)
    path, seen = [here], {here}
    while True:
        following = sorted(set(near[here]) - seen)
        if not following:
            return np.array(path, np.int64)
        here = following[0]
        path.append(here)
        seen.add(here)
