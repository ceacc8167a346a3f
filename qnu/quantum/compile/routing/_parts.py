"""Encounters that barriers cut into parts: routed as one, since nothing moves in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .device import Indices
from .route import MOVE, Route


def cut_at_barriers(pairs: Indices, bounds: Sequence[int]) -> list[list[int]]:
    """The numbers of all parts of every encounter.

    Two encounters of a pair are parts of one where neither neutrino has another in between and a
    barrier lies between them; see :func:`qnu.quantum.compile.routing.sections.split` for
    ``bounds``.
    """
    section = np.searchsorted(np.asarray(bounds), np.arange(len(pairs)), side="right").tolist()
    parts_of: list[list[int]] = []
    last: dict[int, int] = {}  # by neutrino: its last encounter
    for k, (i, j) in enumerate(pairs.tolist()):
        same = last.get(i, -1)
        if same >= 0 and same == last.get(j, -1) and section[parts_of[same][-1]] < section[k]:
            parts_of[same].append(k)
            continue
        last[i] = last[j] = len(parts_of)
        parts_of.append([k])
    return parts_of


def in_parts(route: Route, pairs: Indices, parts_of: Sequence[Sequence[int]]) -> Route:
    """Every encounter of a route in its parts; a swap is in the last one."""
    if all(len(some) == 1 for some in parts_of):
        return route
    steps: list[tuple[int, int, int, int]] = []
    for encounter, a, b, swapped in route.steps.tolist():
        if encounter == MOVE:
            steps.append((encounter, a, b, swapped))
            continue
        *before, last = some = parts_of[encounter]
        sites = {k: (a, b) if pairs[k, 0] == pairs[some[0], 0] else (b, a) for k in some}
        steps += [(k, *sites[k], 0) for k in before] + [(last, *sites[last], swapped)]
    return Route.of(route.sites, steps)
