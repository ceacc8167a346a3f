"""Couplers of a device, initial sites of neutrinos, and which encounters swap them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common import memory
from ..common.checks import Held, array_of, choice, fits, frozen, integer, whole_numbers
from ..common.deprecation import warn_renamed
from ..errors import QnuError
from .rows import Indices

#: More sites than any device has; the couplers between them fit into memory.
_MOST_SITES = 10**7
_BYTES_PER_DISTANCE = 24
#: Couplers that can be made for any size.
NAMES = ("line", "ring", "grid", "heavy_hex")
#: What is accepted as couplers.
ALLOWED = "pairs of different sites (whole numbers from 0 to 10^7), or " + ", ".join(
    map(repr, NAMES)
)
#: The same for editors.
JSON_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"enum": list(NAMES)},
        {
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": "integer", "minimum": 0},
                "minItems": 2,
                "maxItems": 2,
            },
        },
    ]
}


@dataclass(frozen=True, eq=False, init=False)
class Wiring:
    """The sites on which the encounters of a schedule take place, between neighbours only.

    Neutrino k starts on ``sites[k]``. Every encounter is between two neutrinos that are then on
    the sites of a coupler; where ``swapped`` is True they swap sites, which a quantum computer does
    for free: a partial swap followed by a swap is another partial swap.

    Args:
        edges: ``(E, 2)`` couplers between the sites in use, as a device numbers them.
        sites: ``(N,)``, all different.
        swapped: ``(n,)``: True for encounters after which the two neutrinos swap sites.
        traded: the former name of ``swapped``, deprecated.

    Raises:
        QnuError: odd shapes or types, one site twice, a coupler of a site that is not in use.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> wiring = Wiring([(7, 8)], sites=[8, 7], swapped=[True])
        >>> wiring.edges.tolist(), wiring.sites.tolist()
        ([[7, 8]], [8, 7])
    """

    edges: Held
    sites: Held
    swapped: Held

    def __init__(self, edges: Held, sites: Held, swapped: Held = None, traded: Held = None) -> None:
        if traded is not None:
            if swapped is not None:
                raise QnuError("traded", traded, "only swapped, its present name")
            warn_renamed("Wiring.traded", "swapped", "0.4")
            swapped = traded
        for name, value in (("edges", edges), ("sites", sites), ("swapped", swapped)):
            object.__setattr__(self, name, value)
        self._check()

    @property
    def traded(self) -> Any:
        """The former name of ``swapped``."""
        warn_renamed("Wiring.traded", "swapped", "0.4")
        return self.swapped

    def _check(self) -> None:
        whole: dict[str, Any] = {"allowed": "whole numbers >= 0"}
        edges = whole_numbers("wiring.edges", self.edges, None, **whole)
        if edges.size % 2:
            raise QnuError("wiring.edges", self.edges, "pairs of different sites in use")
        edges = edges.reshape(-1, 2)
        sites = whole_numbers("wiring.sites", self.sites, None, **whole)
        swapped = array_of("wiring.swapped", self.swapped, "true or false for every encounter")
        if sites.ndim != 1 or len(np.unique(sites)) != sites.size:
            raise QnuError("wiring.sites", sites.tolist(), "one site for every neutrino")
        fits("wiring.swapped", swapped)
        if swapped.ndim != 1 or (swapped.size and swapped.dtype != bool):
            raise QnuError("wiring.swapped", swapped.tolist(), "true or false for every encounter")
        if not np.isin(edges, sites).all() or (edges[:, 0] == edges[:, 1]).any():
            raise QnuError("wiring.edges", edges.tolist(), "pairs of different sites in use")
        object.__setattr__(self, "edges", frozen(edges))
        object.__setattr__(self, "sites", frozen(sites))
        object.__setattr__(self, "swapped", frozen(swapped.astype(np.bool_)))

    def check_size(self, neutrinos: int, encounters: int) -> None:
        """Check that it belongs to a schedule of that size."""
        for name, have, want in (
            ("sites", self.sites.size, neutrinos),
            ("swapped", self.swapped.size, encounters),
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
    count = integer("count", count, low=2, high=_MOST_SITES)
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
    """``(E, 2)`` couplers, each once, from any of the forms that users have."""
    if isinstance(coupling, str):
        return coupling_map(coupling, count)
    given = coupling.get_edges() if hasattr(coupling, "get_edges") else coupling
    if not isinstance(given, np.ndarray):
        try:
            given = [tuple(pair) for pair in itertools.islice(given, _MOST_SITES)]
        except (TypeError, ValueError):
            raise QnuError("coupling", coupling, ALLOWED) from None
    edges = whole_numbers("coupling", given, None, high=_MOST_SITES, allowed=ALLOWED)
    if edges.ndim != 2 or edges.shape[1] != 2 or (edges[:, 0] == edges[:, 1]).any():
        raise QnuError("coupling", coupling, ALLOWED)
    return np.unique(np.sort(edges, axis=1), axis=0)


def region(edges: Indices, count: int) -> Indices:
    """``count`` connected sites as close together as possible, in increasing order.

    Those next to one site in the middle: the one to which its ``count`` nearest are nearest.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    sites, places = np.unique(edges, return_inverse=True)  # a device may number them with gaps
    size = len(sites)
    ends = places.reshape(edges.shape).astype(np.int32)  # SciPy 1.14 takes no others
    # distances of all pairs, sorted
    memory.require("coupling", f"couplers between {size} sites", _BYTES_PER_DISTANCE * size**2)
    links = csr_array((np.ones(len(edges)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    distance = shortest_path(links, directed=False, unweighted=True)
    near = np.sort(distance, axis=1)[:, :count]
    total = near.sum(axis=1) if near.shape[1] == count else np.full(size, np.inf)
    middle = int(np.argmin(total))
    if not np.isfinite(total[middle]):
        largest = int(np.isfinite(distance).sum(axis=1).max())
        raise QnuError("coupling", f"{largest} connected sites", f"at least {count}, one each")
    nearest: Indices = np.sort(sites[np.argsort(distance[middle], kind="stable")[:count]])
    return nearest
