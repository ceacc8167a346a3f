"""A schedule drawn on one shape of couplers, placed on the best sites of a device."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import rustworkx as rx

from ....common.checks import Floats
from .device import DeviceGraph, Indices

#: Embeddings that are compared, and steps of the search for them.
MAX_EMBEDDINGS, MAX_CALLS = 500, 1_000_000


def best_embedding(
    device: DeviceGraph, links: Indices, uses: Floats, sites: Indices
) -> Indices | None:
    """Sites of the device for the sites of a drawing: ``links`` on couplers, least error.

    The cost of an embedding is ``-sum uses log(1 - error)`` over the links, and
    ``-log(1 - readout)`` over the sites; the sites of the drawing themselves are one of the
    candidates where they fit.

    Args:
        device: its couplers and their errors.
        links: ``(L, 2)`` pairs of sites that need a coupler.
        uses: ``(L,)`` two-qubit gates on each.
        sites: ``(n,)`` the sites of the drawing, those of ``links`` among them.

    Returns:
        ``(n,)`` sites of the device, one for each of ``sites``; None where the drawing does not
        fit, or no embedding was found.

    References:
        Cordella et al. (IEEE PAMI 26, 1367) for subgraph isomorphism (VF2).

    Examples:
        >>> line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)], error=[0.2, 0.1, 0.1])
        >>> best_embedding(line, np.array([(7, 9)]), np.ones(1), np.array([7, 9])).tolist()
        [1, 2]
    """
    number = {site: k for k, site in enumerate(sites.tolist())}
    ends = [(number[a], number[b]) for a, b in links.tolist()]
    best, least = None, np.inf
    for candidate in _embeddings(device, ends, sites):
        rows = [device.coupler[int(candidate[a]), int(candidate[b])] for a, b in ends]
        cost = math.fsum([*(uses * device.coupler_cost[rows]), *device.readout_cost[candidate]])
        if cost < least - 1e-12:
            best, least = candidate, cost
    return best


def _embeddings(
    device: DeviceGraph, ends: list[tuple[int, int]], sites: Indices
) -> Iterator[Indices]:
    if sites.max(initial=-1) < device.sites and all(
        (int(sites[a]), int(sites[b])) in device.coupler for a, b in ends
    ):
        yield sites
    host, drawing = rx.PyGraph(), rx.PyGraph()
    host.add_nodes_from(range(device.sites))
    host.add_edges_from_no_data([(a, b) for a, b in device.edges.tolist()])
    drawing.add_nodes_from(range(len(sites)))
    drawing.add_edges_from_no_data(ends)
    mappings = rx.vf2_mapping(
        host, drawing, subgraph=True, induced=False, id_order=False, call_limit=MAX_CALLS
    )
    for _, mapping in zip(range(MAX_EMBEDDINGS), mappings, strict=False):
        candidate = np.empty(len(sites), np.int64)
        for there, here in mapping.items():
            candidate[here] = there
        yield candidate
