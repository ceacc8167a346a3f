"""A route of some of its encounters: what a sample before the end of a schedule needs of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .device import Indices
from .route import MOVE, Route


def prefix(route: Route, numbers: Sequence[int]) -> Route:
    """The encounters of a route that come before a sample, and the moves that these need.

    Later encounters are left out, with their swaps. A move is needed if one of its two neutrinos
    has an encounter after it that is not left out: found in one pass from the end, site by site.

    Args:
        route: of all encounters.
        numbers: ``(n,)`` the number of every encounter in the list of those that stay; -1: left
            out. With an encounter, all earlier ones of its two neutrinos stay.

    Returns:
        a route from the same initial sites, with no more two-qubit gates and no more depth.

    Examples:
        >>> whole = Route.of([0, 1, 3], [(0, 0, 1, 1), (-1, 2, 3, 0), (1, 1, 2, 0)])
        >>> prefix(whole, [0, -1]).steps.tolist()
        [[0, 0, 1, 1]]
    """
    rows = route.steps.tolist()
    alive: set[int] = set()  # sites whose neutrino has an encounter after this step
    kept = []
    for encounter, a, b, swapped in reversed(rows):
        if encounter == MOVE:
            if a in alive or b in alive:
                kept.append((encounter, a, b, swapped))
                if (a in alive) != (b in alive):
                    alive ^= {a, b}
        elif numbers[encounter] >= 0:
            kept.append((numbers[encounter], a, b, swapped))
            alive |= {a, b}
    return Route.of(route.sites, np.array(kept[::-1], np.int32).reshape(-1, 4))


def numbers_in(pairs: Indices, part: Indices) -> list[int] | None:
    """The number in ``part`` of every encounter of ``pairs``, -1 where it is not there.

    Encounters are the same if they are the same pair for the same time.

    Returns:
        ``(n,)`` numbers; None where ``part`` has an encounter that is not in ``pairs``.

    Examples:
        >>> numbers_in(np.array([(0, 1), (2, 3), (1, 0)]), np.array([(2, 3), (0, 1)]))
        [1, 0, -1]
    """
    rows = {key: k for k, key in enumerate(keys(part.tolist()))}
    result = [rows.pop(key, -1) for key in keys(pairs.tolist())]
    return None if rows else result


def keys(pairs: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """``(smaller, larger, how many times before)`` of every pair.

    Examples:
        >>> keys([(1, 0), (0, 1)])
        [(0, 1, 0), (0, 1, 1)]
    """
    seen: dict[tuple[int, int], int] = {}
    result = []
    for a, b in pairs:
        pair = (min(a, b), max(a, b))
        result.append((*pair, seen.get(pair, 0)))
        seen[pair] = seen.get(pair, 0) + 1
    return result
