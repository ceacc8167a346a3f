"""A route cut at the barriers of its circuit: the steps of every section."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .device import Indices
from .plans import RouteSteps
from .route import MOVE, Route


def split(route: Route, pairs: Indices, bounds: Sequence[int]) -> tuple[RouteSteps, ...] | None:
    """The steps of a route section by section, or None where it does not respect the sections.

    Section s has the encounters below ``bounds[s]``. A step goes into the first section whose
    encounters need it: everything earlier on its sites comes before it. Where an encounter is
    needed by one of an earlier section, the route does not respect the sections.

    Args:
        route: for all encounters.
        pairs: ``(n, 2)``.
        bounds: number of encounters before the end of every section; the last is n.

    Returns:
        steps of every section in a valid order, or None.

    Examples:
        >>> route = Route.of([0, 1, 2], [(0, 0, 1, 1), (1, 1, 2, 0)])
        >>> [len(part) for part in split(route, np.array([(0, 1), (0, 2)]), [1, 2])]
        [1, 1]
    """
    section = np.searchsorted(np.asarray(bounds), np.arange(len(pairs)), side="right").tolist()
    rows = route.steps.tolist()
    last = len(bounds) - 1
    needed: dict[int, int] = {}  # by site: the first section that needs what happened on it so far
    own = [last] * len(rows)
    for row in range(len(rows) - 1, -1, -1):
        encounter, a, b, _ = rows[row]
        first = min(needed.get(a, last), needed.get(b, last))
        if encounter != MOVE:
            if first < section[encounter]:
                return None
            first = section[encounter]
        own[row] = first
        needed[a] = needed[b] = first
    numbers = np.array(own, np.int64)
    return tuple(route.steps[numbers == s] for s in range(len(bounds)))
