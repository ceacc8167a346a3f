"""Legends of two lists: colors for groups, line styles for methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D

from ..common.checks import Floats
from .style import MethodStyle, group_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory


_ANTINEUTRINO = r"$\bar\nu$"
#: What is drawn of antineutrinos, as components of their own polarization.
ISOSPIN = rf"{_ANTINEUTRINO}: isospin" + "\n$(-x, y, -z)$"


def group_handles(
    colors: Mapping[str, str], texts: Mapping[str, str], vectors: bool = True
) -> list[Line2D]:
    """Entries of the legend of groups: thick bars of color, and a note on antineutrinos.

    Args:
        colors: of the groups.
        texts: of the groups (:func:`group_texts`).
        vectors: whether components of polarizations are drawn, which the note is about.
    """
    handles = [
        Line2D([], [], color=color, linewidth=5.0, solid_capstyle="butt", label=texts[name])
        for name, color in colors.items()
    ]
    if vectors and any(_ANTINEUTRINO in text for text in texts.values()):
        handles.append(Line2D([], [], linestyle="none", label=ISOSPIN))
    return handles


def method_handles(methods: Mapping[str, MethodStyle]) -> list[Any]:
    """Entries of the legend of methods: line styles in a neutral grey, shots with error bars."""
    handles: list[Any] = []
    for style in methods.values():
        line: Any = Line2D([], [], label=style.name, **style.line_options("#404040"))
        if style.filled:
            bars = LineCollection([np.empty((2, 2))], colors="#404040", linewidths=0.8)
            line = ErrorbarContainer((line, (), (bars,)), has_yerr=True, label=style.name)
        handles.append(line)
    return handles


def two_part_legend(
    figure: Figure, groups: Sequence[Any], methods: Sequence[Any], **where: Any
) -> None:
    """Two short lists instead of one entry per group and method: colors, then line styles."""
    blank = Line2D([], [], linestyle="none")
    handles = [blank, *groups, blank, blank, *methods]
    labels = ["Group", *(h.get_label() for h in groups), "", "Method"]
    labels += [h.get_label() for h in methods]
    legend = figure.legend(handles, labels, **where)
    for text in legend.get_texts():
        if text.get_text() in ("Group", "Method"):
            text.set_fontweight("bold")


def lines_of(groups: Sequence[Any], methods: Sequence[Any]) -> int:
    """Lines of a :func:`two_part_legend`, with its two headings and the gap between them."""
    handles = [*groups, *methods]
    return sum(1 + str(handle.get_label()).count("\n") for handle in handles) + 3


def inches(lines: int) -> float:
    """Height that many lines of a legend need."""
    return 0.21 * lines + 0.25


def kind_of(antineutrino: Floats) -> str:
    """nu, nu-bar or both, from the share of antineutrinos in every row."""
    if (antineutrino == 0).all():
        return r"$\nu$"
    return _ANTINEUTRINO if (antineutrino == 1).all() else rf"$\nu$ and {_ANTINEUTRINO}"


def group_texts(trajectories: Mapping[str, Trajectory]) -> dict[str, str]:
    """``1: 60 nu``: name, number and kind of every group; where rows are beams, no number."""
    texts: dict[str, str] = {}
    for trajectory in trajectories.values():
        data = trajectory.dataset
        for name in trajectory.group_names:
            rows = data["group"].values == name
            number = int(data["count"].values[rows].sum())
            anti = data["antineutrino"].values[rows].astype(float)
            if "antineutrino_share" in data:
                anti = data["antineutrino_share"].values[rows]
            weight = float(data["weight"].values[rows][0]) if "weight" in data else 1.0
            acts = "" if weight == 1.0 else f", weight {weight:g}"
            many = "" if "beam_weight" in data.coords else f"{number} "
            texts.setdefault(name, f"{group_name(name)}: {many}{kind_of(anti)}{acts}")
    return texts
