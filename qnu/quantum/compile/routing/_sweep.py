"""The frontier program: the couplers of the cheapest simple path or ring, site by site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....common.checks import Floats
from ._frontier import CHOICE_BITS, MAX_CUT, order_from, relax, transitions
from .device import DeviceGraph, Indices

_CHOICE = (1 << CHOICE_BITS) - 1


@dataclass(frozen=True, eq=False)
class _Layer:
    """What is kept of a site to trace the best path back."""

    site: int
    forward: tuple[int, ...]  # sites of the couplers out, in the order of choices
    codes: NDArray[np.uint32]
    low: int


def order(device: DeviceGraph) -> tuple[Indices, int]:
    """All sites in an order of small cuts, and the widest cut."""
    sites, widest = _order(device.sites, device.edges.tobytes())
    return sites.copy(), widest


@lru_cache(maxsize=64)
def _order(count: int, edges: bytes) -> tuple[Indices, int]:
    """Kept for devices that are used again."""
    table, degree = DeviceGraph.of(count, np.frombuffer(edges, np.int64)).neighbor_table()
    tried = [order_from(start, table, degree) for start in range(count)]
    sites, cut = min(tried, key=lambda entry: sum(3**c for c in entry[1].tolist()))
    return sites, int(cut.max())


def couplers(
    device: DeviceGraph, count: int | None, edge: Floats, site: Floats, ends: int, beam: int
) -> list[tuple[int, int]] | None:
    """The couplers of the cheapest path (``ends = 2``) or ring (0) of ``count`` sites, or of any.

    At most about ``beam`` states are kept after each site, the cheapest for every number of sites
    used. None where there is none, or where the cuts are wider than a state can hold. The last
    results are kept: the same sizes and costs are asked for again, also by the next call.
    """
    arrays = (device.edges.tobytes(), edge.tobytes(), site.tobytes())
    found = _couplers(device.sites, count, *arrays, ends, beam)
    return None if found is None else list(found)


@lru_cache(maxsize=256)
def _couplers(
    sites: int,
    count: int | None,
    edges: bytes,
    edge_costs: bytes,
    site_costs: bytes,
    ends: int,
    beam: int,
) -> tuple[tuple[int, int], ...] | None:
    device = DeviceGraph.of(sites, np.frombuffer(edges, np.int64))
    edge, site = np.frombuffer(edge_costs), np.frombuffer(site_costs)
    sequence, widest = order(device)
    if widest > MAX_CUT:
        return None
    place = {int(s): k for k, s in enumerate(sequence)}
    layers: list[_Layer] = []
    cut: list[tuple[int, int]] = []
    keys, cost, low = np.zeros((1, 2), np.uint64), np.zeros((1, 1)), 0
    best, end = np.inf, (0, 0)
    for k, here in enumerate(sequence.tolist()):
        incoming = [m for m, (_, b) in enumerate(cut) if b == here]
        kept = [m for m, (_, b) in enumerate(cut) if b != here]
        forward = tuple(b for b in device.neighbors[here] if place[b] > k)
        states, *moves = transitions(
            keys, len(cut), np.array(incoming, int), np.array(kept, int), len(forward), ends
        )
        new_low, columns = 0, 1
        if count is not None:
            new_low = max(0, count - (device.sites - 1 - k))
            columns = max(min(count - 1, k + 1) - new_low + 1, 0)
        prices = [edge[device.coupler[here, b]] for b in forward]
        weight = np.array(_prices(float(site[here]), prices))
        lows = np.array([low, new_low, -1 if count is None else count])
        shape = (len(states), columns)
        cost, codes, value, code = relax(cost, *moves, weight, lows, shape, int(count is not None))
        if value < best:
            best, end = value, (k, int(code))
        alive = _kept(cost, beam)
        keys, cost, codes, low = states[alive], cost[alive], codes[alive], new_low
        layers.append(_Layer(here, forward, codes, low))
        cut = [cut[m] for m in kept] + [(here, b) for b in forward]
    return None if best == np.inf else tuple(_traced_back(layers, *end, count))


def _prices(site: float, out: list[float]) -> list[float]:
    """What the choices cost: not used, no coupler out, one, two."""
    pairs = [a + b for k, a in enumerate(out) for b in out[k + 1 :]]
    return [0.0, *(site + price for price in (0.0, *out, *pairs))]


def _kept(cost: Floats, beam: int) -> NDArray[Any]:
    """States that are among the cheapest for some number of sites used."""
    alive = np.isfinite(cost).any(axis=1) if cost.size else np.zeros(len(cost), bool)
    if alive.sum() > beam:
        alive &= _cheapest(cost, max(beam // cost.shape[1], 1)).any(axis=1)
    return np.flatnonzero(alive)


def _cheapest(cost: Floats, share: int) -> NDArray[np.bool_]:
    """The ``share`` smallest of every column; of equal ones those in the first rows.

    (``np.argpartition`` would take other ones of them on every kind of processor.)
    """
    if share >= len(cost):
        return np.ones(cost.shape, bool)
    last = np.partition(cost, share - 1, axis=0)[share - 1]
    chosen = cost < last
    missing = share - chosen.sum(axis=0)
    equal = cost == last
    result: NDArray[np.bool_] = chosen | (equal & (np.cumsum(equal, axis=0) <= missing))
    return result


def _traced_back(
    layers: list[_Layer], last: int, code: int, count: int | None
) -> list[tuple[int, int]]:
    """Couplers out of every site, from the last one to the first."""
    path = []
    used = count or 0
    for k in range(last, -1, -1):
        layer = layers[k]
        state, choice = code >> CHOICE_BITS, (code & _CHOICE) - 1
        out = layer.forward
        pairs = [(a, b) for m, a in enumerate(out) for b in out[m + 1 :]]
        if 0 < choice <= len(out):
            path.append((layer.site, out[choice - 1]))
        elif choice > len(out):
            path += [(layer.site, b) for b in pairs[choice - len(out) - 1]]
        if count is not None and choice >= 0:
            used -= 1
        if k:
            before = layers[k - 1]
            code = int(before.codes[state, used - before.low])
    return path
