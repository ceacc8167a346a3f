"""Curves that lie on each other: where they do, and how all of them stay visible.

Groups of one method share their line: its dashes have the colors of the groups in turn. A method
that would be hidden below a wider line is drawn on top of it, there only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from numpy.typing import NDArray

from ..common.checks import Floats
from .style import MethodStyle

#: Curves nearer to each other than this share of the panel look like one.
NEAR = 0.008
#: So much of the panel a line of one point in width covers on either side.
_PER_POINT = 0.004
#: Stretches shorter than this share of the time axis are crossings.
_SHORTEST = 0.04
#: Length of one dash of a line that groups share, in points.
_DASH = 7.0
#: With more groups, lines are told apart by nothing.
_MOST_GROUPS = 40


@dataclass(frozen=True)
class Stretch:
    """A piece of a curve that is drawn in one way.

    Args:
        first: its first sample.
        last: its last sample.
        place: which of the groups that share the line it is.
        groups: how many share it.
        above: label of the method that would hide it; None: nothing does.
    """

    first: int
    last: int
    place: int
    groups: int
    above: str | None

    @property
    def ordinary(self) -> bool:
        """Whether nothing else lies there."""
        return self.groups == 1 and self.above is None


def clusters(values: Floats, near: float) -> NDArray[np.int64]:
    """``(samples, groups)``: which groups lie together, as a bit for every group.

    Args:
        values: ``(samples, groups)``.
        near: how far apart neighbors may be.

    Examples:
        >>> clusters(np.array([[0.0, 1.0, 0.01]]), 0.02).tolist()
        [[5, 2, 5]]
    """
    samples, groups = values.shape
    alone = np.left_shift(np.int64(1), np.arange(groups, dtype=np.int64))
    found = np.broadcast_to(alone, values.shape).copy()
    if groups > _MOST_GROUPS:
        return found
    order = np.argsort(values, axis=1)
    row = np.arange(samples)
    for k in range(1, groups):  # upwards, each takes what lies together below it
        lower, upper = order[:, k - 1], order[:, k]
        joined = values[row, upper] - values[row, lower] <= near
        found[row, upper] |= np.where(joined, found[row, lower], 0)
    for k in range(groups - 1, 0, -1):
        lower, upper = order[:, k - 1], order[:, k]
        joined = values[row, upper] - values[row, lower] <= near
        found[row, lower] = np.where(joined, found[row, upper], found[row, lower])
    return found


def _covers(
    times: Mapping[str, Floats],
    values: Mapping[str, Floats],
    styles: Mapping[str, MethodStyle],
    label: str,
    reach: float,
) -> list[tuple[str, NDArray[np.bool_]]]:
    """Methods whose lines lie above that of a label, and where: ``(samples, groups)``."""
    own, labels = styles[label], list(styles)
    found = []
    for other in labels:
        cover = styles[other]
        later = labels.index(other) > labels.index(label)
        above = cover.order > own.order or (cover.order == own.order and later)
        if other == label or not above or cover.line != "-" or cover.width < own.width:
            continue
        if values[other].shape[1] != values[label].shape[1]:
            continue
        inside = (times[label] >= times[other][0]) & (times[label] <= times[other][-1])
        at = np.stack(
            [np.interp(times[label], times[other], column) for column in values[other].T], axis=1
        )
        near = max(NEAR, _PER_POINT * cover.width / 2) * reach
        found.append((other, inside[:, None] & (abs(at - values[label]) <= near)))
    return found


def stretches(
    times: Mapping[str, Floats],
    values: Mapping[str, Floats],
    styles: Mapping[str, MethodStyle],
    reach: float,
) -> dict[str, list[list[Stretch]]]:
    """How the line of every method and group is cut into pieces.

    Args:
        times: ``(samples,)`` of every method.
        values: ``(samples, groups)`` of every method.
        styles: of every method, in the order in which they are drawn.
        reach: height of the panel in the unit of the values.

    Returns:
        pieces for every method and group; a single ordinary one where nothing coincides.
    """
    span = max(float(t[-1]) for t in times.values()) - min(float(t[0]) for t in times.values())
    result: dict[str, list[list[Stretch]]] = {}
    for label, own in styles.items():
        near = max(NEAR, _PER_POINT * own.width / 2) * reach
        together = clusters(values[label], near)
        covers = _covers(times, values, styles, label, reach) if own.line else []
        masks = together[:-1] & together[1:]
        above = np.full(masks.shape, -1)
        for k, (_, where) in enumerate(covers):
            above[where[:-1] & where[1:]] = k
        _agree(above, masks)
        names = [other for other, _ in covers]
        result[label] = []
        for g in range(values[label].shape[1]):
            pieces = _pieces(times[label], masks[:, g], above[:, g], g, _SHORTEST * span)
            result[label].append([_stretch(piece, g, names) for piece in pieces])
    return result


def _agree(above: NDArray[np.int64], masks: NDArray[np.int64]) -> None:
    """Groups that share a line are cut at the same places, else their dashes would not alternate:
    it lies below another method only where all of them do.
    """
    before = above.copy()
    for g in range(above.shape[1]):
        for other in range(above.shape[1]):
            apart = (masks[:, g] >> other & 1 == 1) & (before[:, g] != before[:, other])
            above[apart, g] = -1


Piece = tuple[int, int, int, int]


def _pieces(
    times: Floats, mask: NDArray[np.int64], above: NDArray[np.int64], g: int, shortest: float
) -> list[Piece]:
    """First and last sample, groups that share it and what is above, of every piece."""
    if len(mask) == 0:
        return [(0, len(times) - 1, 1 << g, -1)]
    for of, alone in ((mask, 1 << g), (above, -1)):
        for a, b in _runs(of):
            if of[a] != alone and times[b] - times[a] < shortest:
                of[a:b] = alone
    both = np.stack([mask, above])
    cuts = np.flatnonzero((np.diff(both, axis=1) != 0).any(axis=0)) + 1
    edges = [0, *cuts.tolist(), len(mask)]
    return [(a, b, int(mask[a]), int(above[a])) for a, b in pairwise(edges)]


def _runs(values: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Where equal numbers begin and end."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from pairwise(edges)


def _stretch(piece: Piece, g: int, names: Sequence[str]) -> Stretch:
    first, last, mask, above = piece
    members = [k for k in range(mask.bit_length()) if mask >> k & 1]
    name = None if above < 0 else names[above]
    return Stretch(first, last, members.index(g), len(members), name)


def line_options(
    options: Mapping[str, Any], own: MethodStyle, stretch: Stretch, cover: MethodStyle | None
) -> dict[str, Any]:
    """Keyword arguments of ``Axes.plot`` for a piece of a line.

    Args:
        options: of the whole line (:meth:`MethodStyle.line_options`).
        own: style of the method.
        stretch: the piece.
        cover: style of the method that would hide it.
    """
    found = dict(options) | {"marker": "none"}
    if cover is not None:
        found["zorder"] = cover.order + 0.05
        found["linewidth"] = min(own.width, max(0.8, 0.45 * cover.width))
        found["color"] = _in_contrast(options["color"], cover)
    if stretch.groups > 1:
        found["linestyle"] = _in_turn(own, float(found["linewidth"]), stretch)
    return found


def _in_contrast(color: str, cover: MethodStyle) -> str:
    """Darker on a pale line, nearly white on a full one."""
    rgb = np.array(to_rgb(color))
    return str(to_hex(rgb * 0.55 if cover.pale >= 0.3 else rgb + 0.8 * (1 - rgb)))


def _in_turn(own: MethodStyle, width: float, stretch: Stretch) -> tuple[float, tuple[float, ...]]:
    """Dashes of which every group has its own: those of the method, or short ones."""
    k, n = stretch.place, stretch.groups
    if own.line == "-" or isinstance(own.line, str):
        dash = _DASH / width
        return (-k * dash) % (n * dash), (dash, (n - 1) * dash)
    shift, dashes = own.line
    period = sum(dashes)
    pattern = (*dashes[:-1], dashes[-1] + (n - 1) * period)
    return (shift - k * period) % (n * period), pattern


def ring(others: int) -> float:
    """How much larger a marker is that lies below so many others."""
    return 1.0 + 0.55 * others
