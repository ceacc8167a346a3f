"""Time against N, one line per engine, with the fitted slope in the legend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qnu.plotting import style

from .results import rows
from .scaling import slope

_BLUE, _ORANGE, _GREEN, _SKY, _BLACK = style.GROUP_COLORS
#: Markers differ too: a sixth color would be taken for one of the five.
LOOKS = {
    "qnu": (_BLUE, "o"),
    "Aer": (_ORANGE, "s"),
    "qsim": (_GREEN, "^"),
    "qulacs": (_SKY, "v"),
    "lightning": (_BLACK, "D"),
    "quimb": ("#8A8A8A", "P"),
}


def points(results: dict[str, Any], name: str, precision: str) -> list[tuple[int, float]]:
    """``(N, seconds)``, what was run against peers and qnu alone (there, where N is new)."""
    found = {
        r["count"]: r["median_s"]
        for r in rows(results, "peers")
        if (r["engine"], r["precision"]) == (name, precision) and "median_s" in r
    }
    if name == "qnu":
        for r in rows(results, "scaling"):
            if r["precision"] == precision:
                found.setdefault(r["count"], r["median_s"])
    return sorted(found.items())


def draw(results: dict[str, Any], path: Path) -> None:
    with style.paper():
        figure = style.new_figure(style.DOUBLE_COLUMN, 3.6, layout="constrained")
        panels = figure.subplots(1, 2, sharey=True, sharex=True)
        for ax, precision in zip(panels, ("double", "single"), strict=True):
            for name, (color, marker) in LOOKS.items():
                found = points(results, name, precision)
                if found:
                    _line(ax, name, found, color, marker)
            ax.set(xlabel="neutrinos $N$", yscale="log", title=f"{precision} precision")
            if ax.lines:
                ax.legend(loc="upper left")
        panels[0].set_ylabel("seconds, tournament and read-out")
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150)


def _line(ax: Any, name: str, found: list[tuple[int, float]], color: str, marker: str) -> None:
    counts, seconds = zip(*found, strict=True)
    # below 18 neutrinos what is measured is the bookkeeping
    large = [(n, t) for n, t in found if n >= 18]
    fit = slope(*zip(*large, strict=True)) if len(large) > 1 else None
    label = name if fit is None else f"{name}, $2^{{{fit:.2f}N}}$"
    own = name == "qnu"
    ax.plot(
        counts,
        seconds,
        color=color,
        marker=marker,
        markersize=4.5,
        linewidth=1.8 if own else 1.0,
        markerfacecolor=color if own else "white",
        label=label,
        zorder=4 if own else 3,
    )
