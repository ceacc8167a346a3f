"""Ensembles in figures: bands of standard errors, single histories as thin lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from ..common.checks import Floats
from ..common.spelling import did_you_mean
from ..errors import QnuError

if TYPE_CHECKING:
    from ..trajectory import Trajectory
    from .style import MethodStyle

#: Bundles of more points than this are pixels in a PDF, so that it stays small.
_VECTOR_POINTS = 30_000


def checked_labels(
    field: str, trajectories: Mapping[str, Trajectory], given: str | Sequence[str]
) -> list[str]:
    """Labels of trajectories, one or several.

    Raises:
        QnuError: a label of none, with the nearest.
    """
    labels = [given] if isinstance(given, str) else list(given)
    for label in labels:
        if label not in trajectories:
            hint = did_you_mean(str(label), list(map(str, trajectories)))
            raise QnuError(field, label, f"labels from {list(trajectories)}{hint}")
    return labels


def checked_histories(
    trajectories: Mapping[str, Trajectory], histories: str | Sequence[str]
) -> list[str]:
    """Labels of ensembles.

    Raises:
        QnuError: a label of nothing, or of one history.
    """
    labels = checked_labels("histories", trajectories, histories)
    for label in labels:
        if trajectories[label].seeds is None:
            known = [name for name, run in trajectories.items() if run.seeds is not None]
            allowed = f"methods with several seeds ({', '.join(known) or 'there is none'})"
            raise QnuError("histories", label, allowed)
    return labels


def thin_lines(ax: Any, times: Floats, rows: Floats, color: str, gid: str) -> None:
    """A bundle of lines; many of them are paler."""
    lines = [np.column_stack([times, row]) for row in rows]
    pale = strength(len(lines))
    bundle = LineCollection(lines, colors=color, linewidths=0.45, alpha=pale, zorder=1.0)
    bundle.set_rasterized(rows.size > _VECTOR_POINTS)
    bundle.set_gid(gid)
    ax.add_collection(bundle, autolim=True)


def band(ax: Any, times: Floats, mean: Floats, error: Floats, color: str, gid: str) -> None:
    """One standard error around a mean, below all lines but above thin ones."""
    area = ax.fill_between(
        times, mean - error, mean + error, color=color, alpha=0.25, linewidth=0.0, zorder=1.5
    )
    area.set_gid(f"band:{gid}")


def strength(lines: int) -> float:
    """Opacity of one of so many thin lines."""
    return float(np.clip(6 / lines, 0.14, 0.5))


def mean_in_words(trajectories: Mapping[str, Trajectory]) -> str:
    """``mean of 20 seeds``; nothing where there is no ensemble."""
    counts = sorted({len(t.seeds) for t in trajectories.values() if t.seeds is not None})
    return f"mean of {' or '.join(map(str, counts))} seeds" if counts else ""


def seeds_in_words(trajectories: Mapping[str, Trajectory], thin: bool = False) -> list[str]:
    """What line and band of an ensemble are; nothing where there is no ensemble.

    Args:
        trajectories: what is drawn.
        thin: whether the bands are thinner than their lines.
    """
    mean = mean_in_words(trajectories)
    end = ", here thinner than the lines." if thin else "."
    return [f"{mean.capitalize()}; band: one standard error of the mean{end}"] if mean else []


def thin_keys(
    trajectories: Mapping[str, Trajectory],
    methods: Mapping[str, MethodStyle],
    thin: Sequence[str],
    single: Sequence[str],
) -> list[Line2D]:
    """Entries of the legend for thin lines."""
    found = []
    for what, labels in (("neutrino", thin), ("history", single)):
        for label in labels:
            text = f"each {what}\n({methods[label].name})" if len(methods) > 1 else f"each {what}"
            seeds = trajectories[label].seeds
            if what == "neutrino" and seeds is not None:
                text += f", seed {seeds[0]}"
            found.append(Line2D([], [], color="#404040", linewidth=0.5, alpha=0.7, label=text))
    return found
