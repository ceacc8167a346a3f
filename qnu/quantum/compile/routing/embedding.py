"""A pattern of couplers, of a drawing or of a route, on the best sites of a device."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ....common.checks import Floats
from . import _place
from .device import DeviceGraph, Indices

#: Steps of the branch and bound for every site of the device on which the first vertex may be.
BUDGET = 40_000


def best_embedding(
    device: DeviceGraph,
    links: Indices,
    uses: Floats,
    sites: Indices,
    site_costs: Floats | None = None,
) -> Indices | None:
    r"""Sites of the device for the sites of a drawing: ``links`` on couplers, least cost.

    .. math:: -\sum_\mathrm{links} u_l \log(1 - e_l) + \sum_\mathrm{sites} c_s

    Branch and bound over all embeddings: a partial one is left where it cannot become cheaper
    than the best so far. This compares all of them for up to about 30 sites on a heavy hexagon,
    whose paths have few branches, and for more sites where they close hexagons. Where it takes
    more than :data:`BUDGET` steps from one site, the rest from that site is left out, and the
    result is a good one but need not be the best.

    Args:
        device: its couplers and their errors.
        links: ``(L, 2)`` pairs of sites that need a coupler.
        uses: ``(L,)`` two-qubit gates on each.
        sites: ``(n,)`` the sites of the drawing, those of ``links`` among them.
        site_costs: ``(n, device.sites)`` :math:`c_s` of each of them on every site of the device;
            default: ``-log(1 - readout)``.

    Returns:
        ``(n,)`` sites of the device, one for each of ``sites``; None where the drawing does not
        fit, or no embedding was found.

    References:
        Nation, Treinish (PRX Quantum 4, 010327) for scoring all places of a compiled circuit;
        Cordella et al. (IEEE PAMI 26, 1367) for subgraph isomorphism.

    Examples:
        >>> line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)], error=[0.2, 0.1, 0.1])
        >>> best_embedding(line, np.array([(7, 9)]), np.ones(1), np.array([7, 9])).tolist()
        [1, 2]
    """
    if not len(sites):
        return sites
    if len(sites) > device.sites:
        return None
    if site_costs is None:
        site_costs = np.broadcast_to(device.readout_cost, (len(sites), device.sites))
    number = {site: k for k, site in enumerate(sites.tolist())}
    ends = np.array([(number[a], number[b]) for a, b in links.tolist()], np.int64).reshape(-1, 2)
    coupler = np.full((device.sites, device.sites), np.inf)
    coupler[device.edges[:, 0], device.edges[:, 1]] = device.coupler_cost
    coupler[device.edges[:, 1], device.edges[:, 0]] = device.coupler_cost
    bound = np.inf
    where = None
    if sites.max(initial=-1) < device.sites:
        there = _cost(coupler, ends, uses, site_costs, sites)
        if math.isfinite(there):  # the drawing is of this device
            where, bound = sites, there
    pattern = _Pattern.of(ends, uses, len(sites))
    costs = np.ascontiguousarray(site_costs[pattern.order])
    least = float(device.coupler_cost.min(initial=0.0))
    _, found, _ = _place.place(
        (pattern.parent, pattern.first_back, pattern.back, pattern.weight, pattern.need),
        (*_neighbors(device, coupler), coupler),
        costs,
        pattern.rest(costs, least),
        bound,
        BUDGET,
    )
    if found[0] < 0:
        return where
    result = np.empty(len(sites), np.int64)
    result[pattern.order] = found
    return result


def _cost(
    coupler: Floats, ends: Indices, uses: Floats, site_costs: Floats, where: Indices
) -> float:
    """Of one embedding; infinite where a link is on no coupler."""
    along = coupler[where[ends[:, 0]], where[ends[:, 1]]]
    return math.fsum([*(uses * along), *site_costs[np.arange(len(where)), where]])


def _neighbors(device: DeviceGraph, coupler: Floats) -> tuple[Indices, Indices]:
    """The neighbors of every site, the best coupler first, and how many there are."""
    near, degree = device.neighbor_table()
    for site in range(device.sites):
        some = near[site, : degree[site]]
        near[site, : degree[site]] = some[np.argsort(coupler[site, some], kind="stable")]
    return near, degree


@dataclass(frozen=True, eq=False)
class _Pattern:
    """The vertices of a drawing in the order in which they are placed.

    After the first of a component, the next vertex is the one with most links to those before.
    """

    order: Indices
    parent: Indices
    first_back: Indices
    back: Indices
    weight: Floats
    need: Indices

    @classmethod
    def of(cls, ends: Indices, uses: Floats, count: int) -> _Pattern:
        links: list[dict[int, float]] = [{} for _ in range(count)]
        for (a, b), use in zip(ends.tolist(), uses.tolist(), strict=True):
            links[a][b] = links[b][a] = use
        total = [sum(some.values()) for some in links]
        place: dict[int, int] = {}
        parent, first_back, back, weight = [], [0], [], []
        while len(place) < count:
            left = [k for k in range(count) if k not in place]
            attached = [sum(other in place for other in links[k]) for k in left]
            most = max(zip(attached, (total[k] for k in left), (-k for k in left), strict=True))
            vertex = -most[2]
            before = sorted(place[other] for other in links[vertex] if other in place)
            names = list(place)
            parent.append(before[-1] if before else -1)
            back += before
            weight += [links[vertex][names[p]] for p in before]
            first_back.append(len(back))
            place[vertex] = len(place)
        order = np.array(list(place), np.int64)
        need = np.array([len(links[k]) for k in order.tolist()], np.int64)
        return cls(
            order,
            np.array(parent, np.int64),
            np.array(first_back, np.int64),
            np.array(back, np.int64),
            np.array(weight, float),
            need,
        )

    def rest(self, site_costs: Floats, least: float) -> Floats:
        """``(n + 1,)`` the least that the vertices from k on can cost."""
        links = np.diff(np.concatenate([[0.0], np.cumsum(self.weight)])[self.first_back])
        each = site_costs.min(axis=1) + least * links
        return np.append(np.cumsum(each[::-1])[::-1], 0.0)
