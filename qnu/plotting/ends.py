"""Names of groups at the ends of their curves, readable without colors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.transforms import offset_copy

from ..common.checks import Floats
from . import style

#: Height of a name in inches, for few groups and for many.
_LINE, _SMALL_LINE = 0.155, 0.125
_FEW = 4
#: Where a name is further from its curve than this share of the panel, lines lead to the names.
_MOVED = 0.02


def names(
    ax: Any, ends: Mapping[str, tuple[float, float]], colors: Mapping[str, str], inches: float
) -> None:
    """A name beside the end of every curve; where names would overlap, moved, with a line to it.

    Args:
        ax: the panel, with its limits set.
        ends: time and value of the end of the curve of every group.
        colors: of the groups.
        inches: height of the panel.
    """
    known = {name: end for name, end in ends.items() if np.isfinite(end[1])}
    few = len(known) <= _FEW
    line = (_LINE if few else _SMALL_LINE) / inches
    if not known or len(known) * line > 1.0:
        return
    low, high = ax.get_ylim()
    wanted = np.clip([(end[1] - low) / (high - low) for end in known.values()], 0.0, 1.0)
    heights = apart(wanted, line)
    moved = bool((abs(heights - wanted) > _MOVED).any())
    place = offset_copy(ax.transAxes, ax.figure, x=13.0 if moved else 5.0, units="points")
    for k, (name, end) in enumerate(known.items()):
        text: dict[str, Any] = {
            "va": "center",
            "color": colors[name],
            "fontweight": "bold",
            "gid": f"name:{name}",
            "annotation_clip": False,
        }
        if not few:
            text["fontsize"] = 8.0
        leader = {"arrowstyle": "-", "linewidth": 0.6, "color": colors[name], "shrinkA": 1.0}
        ax.annotate(
            style.group_name(name),
            end,
            xytext=(1.0, heights[k]),
            textcoords=place,
            arrowprops=leader | {"shrinkB": 0.0, "relpos": (0.0, 0.5)} if moved else None,
            **text,
        )


def apart(heights: Floats, line: float) -> Floats:
    """The same heights, moved as little as keeps them a line apart, inside the panel.

    Args:
        heights: as shares of the panel.
        line: height of a name, as a share of the panel.

    Examples:
        >>> apart(np.array([0.5, 0.52]), 0.1).round(2).tolist()
        [0.46, 0.56]
    """
    # those that are nearly equal from top to bottom in their order
    order = np.lexsort((-np.arange(len(heights)), np.round(heights, 2)))
    placed = np.asarray(heights, float)[order]
    for _ in range(400):
        for a, b in pairwise(range(len(placed))):
            overlap = line - (placed[b] - placed[a])
            if overlap > 0:
                placed[a] -= overlap / 2
                placed[b] += overlap / 2
        placed = np.clip(placed, line / 2, 1.0 - line / 2)
    result = np.empty_like(placed)
    result[order] = placed
    return result
