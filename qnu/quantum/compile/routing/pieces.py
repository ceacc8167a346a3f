"""Circuits in parts and devices in pieces: which part goes on which piece."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....errors import QnuError
from .device import DeviceGraph, Indices

#: Ways of dealing parts out that are tried before it counts as impossible.
TRIES = 10_000


def pieces(device: DeviceGraph) -> list[Indices]:
    """The sites of every connected piece of a device, the largest piece first.

    Args:
        device: its couplers.

    Returns:
        increasing sites of each.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> [piece.tolist() for piece in pieces(DeviceGraph.of(4, [(1, 3)]))]
        [[1, 3], [0], [2]]
    """
    left = np.ones(device.sites, bool)
    found = []
    for site in range(device.sites):
        if left[site]:
            reached = device.distance[site] < device.sites
            found.append(np.flatnonzero(reached))
            left &= ~reached
    return sorted(found, key=len, reverse=True)


def parts(pairs: Indices, neutrinos: int) -> list[Indices]:
    """Neutrinos that have to be on one piece since they meet, the largest part first.

    Args:
        pairs: ``(n, 2)``.
        neutrinos: N; one that meets nobody is a part of its own.

    Returns:
        increasing numbers of the neutrinos of each part.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> [part.tolist() for part in parts(np.array([(3, 1)]), 4)]
        [[1, 3], [0], [2]]
    """
    return pieces(DeviceGraph.of(neutrinos, np.unique(np.sort(pairs, axis=1), axis=0)))


def deal(sizes: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """For every part a piece with room for it: each in turn on the first piece that leaves a way.

    Args:
        sizes: of the parts, the largest first.
        rooms: sites of every piece.

    Returns:
        the piece of every part.

    Raises:
        QnuError: there is no way, or none was found in 10,000 tries.

    References:
        first fit decreasing, with a way back.

    Examples:
        >>> deal([4, 3, 3, 2, 2], [8, 6])
        [0, 1, 1, 0, 0]
    """
    free = list(rooms)
    chosen: list[int] = []
    begin, tries = 0, 0
    while len(chosen) < len(sizes):
        size = sizes[len(chosen)]
        piece = next((k for k in range(begin, len(free)) if free[k] >= size), None)
        tries += 1
        if tries > TRIES or (piece is None and not chosen):
            raise QnuError(
                "circuit",
                f"parts of {', '.join(map(str, sizes))} qubits",
                f"parts that fit on the device's pieces of {', '.join(map(str, rooms))} qubits",
            )
        if piece is None:
            last = chosen.pop()
            free[last] += sizes[len(chosen)]
            begin = last + 1
        else:
            chosen.append(piece)
            free[piece] -= size
            begin = 0
    return chosen
