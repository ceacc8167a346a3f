"""Where a schedule is at home: couplers of a device, who starts where, who trades places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import Held, choice, frozen, integer
from ..errors import QnuError
from .rows import Indices

#: Couplers that can be made for any size.
NAMES = ("line", "ring", "grid", "heavy_hex")
#: What the public face accepts as couplers.
ALLOWED = "pairs of different sites (whole numbers >= 0), or " + ", ".join(map(repr, NAMES))


@dataclass(frozen=True, eq=False)
class Wiring:
    """The sites on which the encounters of a schedule take place, between neighbours only.

    Neutrino k starts on ``sites[k]``. Every encounter is between two neutrinos that sit on a
    coupler then, and where ``traded`` says so they leave on each other's site, which a quantum
    computer does for free: a partial swap followed by a swap is another partial swap.

    Args:
        edges: ``(E, 2)`` couplers between the sites in use, as a device numbers them.
        sites: ``(N,)``, all different.
        traded: ``(n,)`` for every encounter.

    Raises:
        QnuError: odd shapes or types, one site twice, a coupler of a site that is not in use.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> wiring = Wiring([(7, 8)], sites=[8, 7], traded=[True])
        >>> wiring.edges.tolist(), wiring.sites.tolist()
        ([[7, 8]], [8, 7])
    """

    edges: Held
    sites: Held
    traded: Held

    def __post_init__(self) -> None:
        edges = np.array(self.edges).reshape(-1, 2)
        sites, traded = np.array(self.sites), np.array(self.traded)
        for name, value, kinds in (("edges", edges, "iu"), ("sites", sites, "iu")):
            if value.size and (value.dtype.kind not in kinds or value.min() < 0):
                raise QnuError(f"wiring.{name}", value.tolist(), "whole numbers >= 0")
        if sites.ndim != 1 or len(np.unique(sites)) != sites.size:
            raise QnuError("wiring.sites", sites.tolist(), "one site for every neutrino")
        if traded.ndim != 1 or (traded.size and traded.dtype != bool):
            raise QnuError("wiring.traded", traded.tolist(), "true or false for every encounter")
        if not np.isin(edges, sites).all() or (edges[:, 0] == edges[:, 1]).any():
            raise QnuError("wiring.edges", edges.tolist(), "pairs of different sites in use")
        object.__setattr__(self, "edges", frozen(edges.astype(np.int64)))
        object.__setattr__(self, "sites", frozen(sites.astype(np.int64)))
        object.__setattr__(self, "traded", frozen(traded.astype(np.bool_)))

    def check_size(self, neutrinos: int, encounters: int) -> None:
        """Whether it belongs to a schedule of that size."""
        for name, have, want in (
            ("sites", self.sites.size, neutrinos),
            ("traded", self.traded.size, encounters),
        ):
            if have != want:
                raise QnuError(f"wiring.{name}", f"shape ({have},)", f"shape ({want},)")


def coupling_map(name: str, count: int) -> Indices:
    """The couplers of a regular device with at least ``count`` sites.

    Args:
        name: ``"line"``; ``"ring"``; ``"grid"``: a square lattice, as square as possible;
            ``"heavy_hex"``: rows of sites, every fourth with a site between it and the next row,
            alternating by two, as on IBM's devices.
        count: sites that are needed.

    Returns:
        ``(E, 2)`` couplers.

    Raises:
        QnuError: an unknown name, fewer than two sites.

    References:
        Chamberland et al. (1907.09528) for the heavy hex.

    Examples:
        >>> coupling_map("ring", 4).tolist()
        [[0, 1], [1, 2], [2, 3], [0, 3]]
    """
    count = integer("count", count, low=2)
    name = choice("coupling", name, NAMES)
    if name in ("line", "ring"):
        edges = [(k, k + 1) for k in range(count - 1)]
        if name == "ring" and count > 2:
            edges.append((0, count - 1))
    elif name == "grid":
        rows = math.isqrt(count)
        columns = -(-count // rows)
        edges = [(k, k + 1) for k in range(rows * columns) if (k + 1) % columns]
        edges += [(k, k + columns) for k in range((rows - 1) * columns)]
    else:
        edges = _heavy_hex(count)
    return np.array(edges, np.int64)


def _heavy_hex(count: int) -> list[tuple[int, int]]:
    """Rows of 4 m - 1 sites with m - 1 or m sites between them, of about as many rows."""
    m = 1
    while (4 * m - 1) * (2 * m) + (2 * m - 1) * m < count:
        m += 1
    columns, rows = 4 * m - 1, 2 * m
    edges = []
    begin = between = 0
    for row in range(rows):
        edges += [(begin + k, begin + k + 1) for k in range(columns - 1)]
        between = begin + columns
        places = range(2 * (row % 2), columns, 4)
        if row == rows - 1:
            break
        for number, column in enumerate(places):
            edges.append((begin + column, between + number))
            edges.append((between + number, between + len(places) + column))
        begin = between + len(places)
    return edges


def couplers(coupling: Any, count: int) -> Indices:
    """``(E, 2)`` couplers, each once, from whatever a user has."""
    if isinstance(coupling, str):
        return coupling_map(coupling, count)
    given = coupling.get_edges() if hasattr(coupling, "get_edges") else coupling
    try:
        edges = np.array([tuple(pair) for pair in given])
    except (TypeError, ValueError):
        raise QnuError("coupling", coupling, ALLOWED) from None
    whole = edges.dtype.kind in "iu" and edges.ndim == 2 and edges.shape[1] == 2
    if not whole or edges.min() < 0 or (edges[:, 0] == edges[:, 1]).any():
        raise QnuError("coupling", coupling, ALLOWED)
    return np.unique(np.sort(edges.astype(np.int64), axis=1), axis=0)


def region(edges: Indices, count: int) -> Indices:
    """``count`` connected sites as close together as possible, in increasing order.

    Those next to one site in the middle: the one to which its ``count`` nearest are nearest.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    size = int(edges.max()) + 1
    links = csr_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(size, size))
    distance = shortest_path(links, directed=False, unweighted=True)
    near = np.sort(distance, axis=1)[:, :count]
    total = near.sum(axis=1) if near.shape[1] == count else np.full(size, np.inf)
    middle = int(np.argmin(total))
    if not np.isfinite(total[middle]):
        largest = int(np.isfinite(distance).sum(axis=1).max())
        raise QnuError("coupling", f"{largest} connected sites", f"at least {count}, one each")
    return np.sort(np.argsort(distance[middle], kind="stable")[:count])
