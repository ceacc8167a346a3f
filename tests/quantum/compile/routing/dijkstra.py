"""The fewest gates of small routes by Dijkstra: exact, slow, and independent of the search."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from itertools import count

from qnu.quantum.compile.routing import DeviceGraph


def fewest_gates(
    device: DeviceGraph,
    pairs: Sequence[tuple[int, int]],
    starts: Iterable[Sequence[int]],
    end: Sequence[int] | None = None,
) -> int:
    """Over every placement and every encounter, swap and move, from any of the ``starts``.

    ``end``: the final sites, if they are given.
    """
    tie = count()
    heap = []
    for where in starts:
        heap.append((0, next(tie), tuple(where), (0,) * len(where)))
    neutrinos = len(heap[0][2])
    queues = [[k for k, pair in enumerate(pairs) if i in pair] for i in range(neutrinos)]
    lengths = tuple(len(queue) for queue in queues)
    seen = set()
    while heap:
        cost, _, where, heads = heapq.heappop(heap)
        if (where, heads) in seen:
            continue
        seen.add((where, heads))
        if heads == lengths and (end is None or where == tuple(end)):
            return cost
        on = {site: i for i, site in enumerate(where)}
        for a, b in device.edges.tolist():
            here = [on[s] for s in (a, b) if s in on]
            if not here:
                continue
            swapped = tuple(b if s == a else a if s == b else s for s in where)
            occupied = sum(heads[i] > 0 for i in here)  # before, it may be prepared anywhere
            heapq.heappush(heap, (cost + occupied + bool(occupied), next(tie), swapped, heads))
            fronts = {queues[i][heads[i]] if heads[i] < lengths[i] else -1 for i in here}
            if len(here) == 2 and len(fronts) == 1 and fronts != {-1}:
                after = tuple(head + (i in here) for i, head in enumerate(heads))
                for places in (where, swapped):
                    heapq.heappush(heap, (cost + 3, next(tie), places, after))
    raise AssertionError("no route")
