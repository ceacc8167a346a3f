"""Legends above the panels of a narrow figure, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.text import Text

_OPTIONS: dict[str, Any] = {
    "fontsize": 9.0,
    "handlelength": 2.3,
    "handletextpad": 0.5,
    "columnspacing": 1.1,
    "labelspacing": 0.25,
    "borderpad": 0.15,
    "borderaxespad": 0.0,
}
_EDGE = 0.04  # inches


@dataclass(frozen=True)
class Stack:
    """Legends that were measured, to be placed when the height of the figure is known.

    Args:
        rows: heading, legend and its distance from the top in inches.
        left: where the entries begin, in inches.
        height: of all of them.
    """

    rows: tuple[tuple[Text, Legend, float], ...]
    left: float
    height: float

    def place(self, figure: Figure, below: float = 0.0) -> None:
        """Put them that far below the top of the figure, whose size is final."""
        width, height = figure.get_size_inches()
        for heading, legend, down in self.rows:
            y = 1.0 - (below + down + _EDGE) / height
            legend.set_bbox_to_anchor((self.left / width, y), figure.transFigure)
            heading.set_position((_EDGE / width, y - 0.025 / height))


def stack(figure: Figure, sections: Sequence[tuple[str, Sequence[Any]]]) -> Stack:
    """Measures one legend per section: a heading at the left, entries in columns at its right.

    Args:
        figure: of the final width.
        sections: heading, handles with labels; those without handles are left out.
    """
    shown = [(heading, handles) for heading, handles in sections if handles]
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # of an Agg canvas
    size = _OPTIONS["fontsize"]
    headings = [
        figure.text(0.0, 0.0, text, fontweight="bold", fontsize=size, va="top") for text, _ in shown
    ]
    widths = [heading.get_window_extent(renderer).width for heading in headings]
    left = max(widths, default=0.0) / figure.dpi + _EDGE + 0.1
    rows, height = [], 0.0
    for heading, (_, handles) in zip(headings, shown, strict=True):
        legend = _fitted(figure, handles, figure.get_figwidth() - left - _EDGE)
        rows.append((heading, legend, height))
        height += legend.get_window_extent(renderer).height / figure.dpi + 0.02
    return Stack(tuple(rows), left, height + 2 * _EDGE if rows else 0.0)


def _fitted(figure: Figure, handles: Sequence[Any], width: float) -> Legend:
    """A legend of as many columns as fit the width."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]  # of an Agg canvas
    for columns in range(len(handles), 0, -1):
        lines = -(-len(handles) // columns)
        if -(-len(handles) // lines) < columns:
            continue  # as many lines with fewer columns
        # legends fill columns from top to bottom; read line by line, entries are in order
        by_column = [h for column in range(columns) for h in handles[column::columns]]
        legend = figure.legend(handles=by_column, loc="upper left", ncols=columns, **_OPTIONS)
        if columns == 1 or legend.get_window_extent(renderer).width <= width * figure.dpi:
            break
        legend.remove()
    return legend
