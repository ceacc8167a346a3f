"""Curves of all methods in one panel: lines, bands, markers, error bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..averages import Estimate
from ..common.checks import Floats
from . import coincide, style
from . import histories as ensembles

#: Above this many markers on a line, only every n-th is drawn.
_MARKERS_PER_LINE = 26
#: Rings around each other, at most.
_RINGS = 3

Curves = Mapping[str, tuple[Floats, Estimate]]


def draw(
    ax: Any,
    curves: Curves,
    groups: Mapping[str, Sequence[str]],
    colors: Mapping[str, str],
    methods: Mapping[str, style.MethodStyle],
    reach: float,
) -> None:
    """The mean of every group and method, with its error.

    Args:
        ax: the panel.
        curves: times and estimates by label.
        groups: names of the groups by label, in the order of the estimates.
        colors: of the groups.
        methods: styles by label.
        reach: height of the panel in the unit of the values, nearly.
    """
    shown = {label: methods[label] for label in curves}
    pieces = coincide.stretches(
        {label: times for label, (times, _) in curves.items()},
        {label: values.mean for label, (_, values) in curves.items()},
        shown,
        reach,
    )
    for label, (times, values) in curves.items():
        own = shown[label]
        if own.marker:
            _markers(ax, times, values, groups[label], colors, own, reach)
            continue
        for g, name in enumerate(groups[label]):
            _line(ax, times, values, g, name, colors[name], own, pieces[label][g], methods)


def _line(
    ax: Any,
    times: Floats,
    values: Estimate,
    g: int,
    name: str,
    color: str,
    own: style.MethodStyle,
    pieces: Sequence[coincide.Stretch],
    methods: Mapping[str, style.MethodStyle],
) -> None:
    options, gid, mean = own.line_options(color), f"{own.name}:{name}", values.mean[:, g]
    if values.standard_error is not None:
        ensembles.band(ax, times, mean, values.standard_error[:, g], color, gid)
    elif values.error is not None:
        ax.errorbar(
            times, mean, values.error[:, g], fmt="none", ecolor=options["color"], elinewidth=0.8
        )
    if all(piece.ordinary for piece in pieces):
        ax.plot(times, mean, gid=gid, **options)
        return
    ax.plot(times, mean, gid=gid, **(options | {"linestyle": "none"}))
    for piece in pieces:
        part = slice(piece.first, piece.last + 1)
        cover = None if piece.above is None else methods[piece.above]
        drawn = coincide.line_options(options, own, piece, cover)
        ax.plot(times[part], mean[part], gid=f"part:{gid}", **drawn)


def _markers(
    ax: Any,
    times: Floats,
    values: Estimate,
    names: Sequence[str],
    colors: Mapping[str, str],
    own: style.MethodStyle,
    reach: float,
) -> None:
    """Markers; of groups at the same place, larger ones below, so that each is a ring."""
    every = max(1, -(-len(times) // _MARKERS_PER_LINE))
    together = coincide.clusters(values.mean, 2 * coincide.NEAR * reach)
    shown = np.arange(len(times)) % every == 0
    for g, name in enumerate(names):
        options, gid, mean = own.line_options(colors[name]), f"{own.name}:{name}", values.mean[:, g]
        if values.error is not None:
            bars = ax.errorbar(
                times,
                mean,
                values.error[:, g],
                errorevery=every,
                markevery=every,
                elinewidth=0.8,
                capsize=1.8,
                capthick=0.8,
                ecolor=options["color"],
                **options,
            )
            bars.lines[0].set_gid(gid)
        else:
            ax.plot(times, mean, markevery=every, gid=gid, **options)
        rank = np.array([(int(mask) >> (g + 1)).bit_count() for mask in together[:, g]])
        rank[rank >= _RINGS] = 0
        for above in np.unique(rank[shown & (rank > 0)]).tolist():
            at = shown & (rank == above)
            larger = options | {
                "markersize": coincide.ring(above) * options["markersize"],
                "zorder": options["zorder"] - 0.01 * above,
            }
            ax.plot(times[at], mean[at], gid=f"part:{gid}", **larger)
