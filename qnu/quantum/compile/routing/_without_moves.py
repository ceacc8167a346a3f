"""Routes with no gate beyond three per encounter, on a device of any shape."""

from __future__ import annotations

import numpy as np

from .device import DeviceGraph, Indices
from .embedding import best_embedding
from .route import Route

#: Choices of sites that one search looks at, and encounters ahead whose partners have to be near.
BUDGET, AHEAD = 100_000, 8
#: Searches from different encounters: more than two where one had placed at least so many
#: encounters for every neutrino. (Random pairs: up to 1; those that can be placed: up to 4.)
TRIES, HOPE = 16, 1.5
_NONE, _ALL = 0, 1


def without_moves(pairs: Indices, neutrinos: int, device: DeviceGraph) -> Route | None:
    """A route in which all neutrinos stay where they are, or are swapped inside encounters only.

    First without any swap: who meets whom is then a part of the device, found by
    :func:`.best_embedding`. Then with swaps inside encounters, by a complete search from all
    couplers for the first encounter; it is stopped after a number of steps.

    Args:
        pairs: ``(n, 2)`` encounters in the order of time.
        neutrinos: N, how many there are.
        device: its couplers and their errors.

    Returns:
        a route of three two-qubit gates per encounter, checked; None where there is none, or none
        was found.

    References:
        Hall et al. (2102.12556) for swaps that are free; Tan, Cong (2002.09783) for schedules of
        such a kind.
    """
    encounters = np.asarray(pairs, np.int64).reshape(-1, 2)
    if not len(encounters) or neutrinos > device.sites:
        return None
    route = in_place(encounters, neutrinos, device) or _swapped(device, encounters, neutrinos)
    if route is not None:
        route.check(device, encounters)
    return route


def in_place(pairs: Indices, neutrinos: int, device: DeviceGraph) -> Route | None:
    """A route in which every neutrino stays on its site; None where none was found."""
    if neutrinos > device.sites:
        return None
    links, uses = np.unique(np.sort(pairs, axis=1), axis=0, return_counts=True)
    partners = np.sort(np.bincount(links.reshape(-1), minlength=neutrinos))[::-1]
    degree = np.sort([len(near) for near in device.neighbors])[::-1]
    if (partners > degree[:neutrinos]).any():
        return None
    sites = best_embedding(device, links, 3.0 * uses, np.arange(neutrinos))
    if sites is None:
        return None
    steps = np.zeros((len(pairs), 4), np.int64)
    steps[:, 0] = np.arange(len(pairs))
    steps[:, 1:3] = sites[pairs]
    return Route.of(sites, steps)


def _swapped(device: DeviceGraph, pairs: Indices, neutrinos: int) -> Route | None:
    """With swaps inside encounters: searches forwards and backwards in time in turn.

    From different encounters: one that takes very long from one of them is often quick from others.
    """
    near, degree = device.neighbor_table()
    graph = near, degree, device.distance.astype(np.int64)
    most = 0
    for number in range(TRIES):
        if number >= 2 and most < HOPE * neutrinos:
            return None
        backwards = number % 2 == 1
        some = np.ascontiguousarray(pairs[::-1]) if backwards else pairs
        where, found, deepest = _found(some, neutrinos, number * len(pairs) // TRIES, graph)
        if found == _NONE:
            return None
        if found == _ALL:
            if backwards:
                where = _at_the_beginning(pairs, where[::-1])
            return _route(pairs, where, neutrinos, device.sites)
        most = max(most, deepest)
    return None


def _found(
    pairs: Indices, neutrinos: int, start: int, graph: tuple[Indices, Indices, Indices]
) -> tuple[Indices, int, int]:
    from . import _free_swaps

    first, which, place = _free_swaps.queues(pairs, neutrinos)
    sequence = _free_swaps.order(pairs, first, which, start)
    ahead = _free_swaps.partners(pairs, first, which, place, AHEAD)
    return _free_swaps.find(pairs, first, sequence, ahead, *graph, BUDGET)  # type: ignore[no-any-return]


def _at_the_beginning(pairs: Indices, ends: Indices) -> Indices:
    """The sites ``(n, 2)`` of all encounters when they begin, from those when they end."""
    now: dict[int, int] = {}
    result = ends.copy()
    for k, (i, j) in enumerate(pairs.tolist()):
        here, there = ends[k].tolist()
        if now.get(i, here) != here or now.get(j, there) != there:
            result[k] = there, here
        now[i], now[j] = here, there
    return result


def _route(pairs: Indices, where: Indices, neutrinos: int, sites: int) -> Route:
    """The route of the sites ``(n, 2)`` of all encounters when they begin."""
    steps = np.zeros((len(pairs), 4), np.int64)
    steps[:, 0] = np.arange(len(pairs))
    steps[:, 1:3] = where
    begin = np.full(neutrinos, -1, np.int64)
    last: dict[int, tuple[int, int]] = {}  # by neutrino: encounter, and the site before it
    for k, two in enumerate(pairs.tolist()):
        for i, there in zip(two, where[k].tolist(), strict=True):
            before, site = last.get(i, (-1, there))
            if before < 0:
                begin[i] = there
            elif site != there:
                steps[before, 3] = 1
            last[i] = k, there
    idle = np.flatnonzero(begin < 0)
    begin[idle] = np.setdiff1d(np.arange(sites), begin)[: len(idle)]
    return Route.of(begin, steps)
