"""Where the parts of a figure stand: panels, legends, notes; two columns of a journal or one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib import rcParams
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ..common.checks import choice
from . import legends, style
from .legend_stack import stack

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What a figure is as wide as: two columns of a page, or one.
WIDTHS = {"double": style.DOUBLE_COLUMN, "single": style.SINGLE_COLUMN}
#: Ticks follow from the layout, aligned labels from ticks, and the layout from labels.
_DRAWINGS = 3
#: Between two panels, in inches.
_BETWEEN = 0.06
_NOTE_SIZE = {"double": 8.5, "single": 7.5}
_CHARACTERS_PER_INCH = {"double": 17.5, "single": 20.0}


def checked_width(width: str) -> str:
    """``"double"`` or ``"single"``.

    Raises:
        QnuError: something else.
    """
    return choice("width", width, tuple(WIDTHS))


def panels(width: str, heights: Sequence[float]) -> tuple[Figure, list[Any]]:
    """An empty figure with panels below each other, which share their axis of time.

    Args:
        width: from :func:`checked_width`.
        heights: of the panels in inches.
    """
    engine = ConstrainedLayoutEngine(hspace=0.02, h_pad=0.03)
    figure = style.new_figure(WIDTHS[width], sum(heights) + 1.0, layout=engine)
    axes = figure.subplots(
        len(heights), 1, sharex=True, squeeze=False, height_ratios=list(heights)
    )[:, 0]
    for ax in axes:
        keep_letters(ax)
    return figure, list(axes)


def keep_letters(ax: Any) -> None:
    """Ticks as they are now, also where the figure is drawn again with other settings."""
    ax.tick_params(axis="x", labelsize=rcParams["xtick.labelsize"])
    ax.tick_params(axis="y", labelsize=rcParams["ytick.labelsize"])


def stretched(
    width: str, heights: Sequence[float], parts: tuple[Sequence[Any], Sequence[Any]]
) -> list[float]:
    """Heights of the panels beside a legend that may be taller than they are.

    Args:
        width: from :func:`checked_width`.
        heights: of the panels in inches.
        parts: entries of the legend of groups, and of methods.
    """
    wanted = 0.0
    if width == "double":
        wanted = legends.inches(legends.lines_of(*parts)) - 0.5 - _BETWEEN * len(heights)
    factor = max(1.0, wanted / sum(heights))
    return [factor * height for height in heights]


def letters(axes: Sequence[Any]) -> None:
    """(a), (b), ... outside the corner of the frame, where no curve and no name can be."""
    if len(axes) == 1:
        return
    for k, ax in enumerate(axes):
        ax.annotate(
            f"({chr(ord('a') + k)})",
            (1.0, 1.0),
            xycoords="axes fraction",
            xytext=(4, 1),
            textcoords="offset points",
            va="bottom",
            ha="left",
        )


def arrange(
    figure: Figure,
    width: str,
    heights: Sequence[float],
    parts: tuple[Sequence[Any], Sequence[Any]],
    notes: Sequence[str],
    title: str | None,
    axes_inches: float = 0.5,
) -> None:
    """Legends beside the panels of a wide figure, above those of a narrow one; notes below.

    Args:
        figure: with its panels drawn.
        width: from :func:`checked_width`.
        heights: of the panels in inches.
        parts: entries of the legend of groups, and of methods.
        notes: sentences, wrapped here.
        title: above the figure.
        axes_inches: what labels of the axis of time need.
    """
    groups, lines = parts
    panel_inches = sum(heights) + _BETWEEN * len(heights) + axes_inches
    narrow = width == "single"
    if narrow and any(h.get_label() == legends.ISOSPIN for h in groups):
        groups = [h for h in groups if h.get_label() != legends.ISOSPIN]
        notes = [*notes, r"$\bar\nu$: flavor isospin $(-x, y, -z)$."]
    note, below = _noted(figure, width, notes)
    above = 0.25 if title else 0.0
    if narrow:
        legend = stack(figure, (("Group", groups), ("Method", lines)))
        height = above + legend.height + panel_inches + below
        figure.set_size_inches(figure.get_figwidth(), height)
        legend.place(figure, above)
        above += legend.height
    else:
        legends.two_part_legend(figure, groups, lines, loc="outside right upper", borderaxespad=0.3)
        beside = legends.inches(legends.lines_of(groups, lines))
        height = above + max(panel_inches, beside) + below
        figure.set_size_inches(figure.get_figwidth(), height)
    placed = [] if note is None else [note]
    if title:
        heading = figure.suptitle(
            style.plain(title), fontsize=11.5, y=1.0 - 0.03 / height, va="top"
        )
        heading.set_in_layout(False)  # its room is taken off below
        placed.append(heading)
    if note is not None:
        note.set_position((0.06 / figure.get_figwidth(), 0.05 / height))
    engine: Any = figure.get_layout_engine()
    top = (above if narrow or title else 0.0) / height
    engine.set(rect=(0.0, below / height, 1.0, 1.0 - top - below / height))
    for _ in range(_DRAWINGS - 1):
        figure.draw_without_rendering()
    style.settle(figure)
    for text in placed:  # a notebook cuts away what counts for no layout
        text.set_in_layout(True)


def _noted(figure: Figure, width: str, notes: Sequence[str]) -> tuple[Any, float]:
    """The text below the panels, and the height it takes."""
    if not notes:
        return None, 0.0
    text = wrapped(notes, WIDTHS[width] * _CHARACTERS_PER_INCH[width])
    note = figure.text(
        0.0, 0.0, text, fontsize=_NOTE_SIZE[width], va="bottom", gid="notes", linespacing=1.15
    )
    note.set_in_layout(False)
    return note, note.get_window_extent().height / figure.dpi + 0.1


_MATHEMATICS = re.compile(r"\$[^$]*\$")


def wrapped(notes: Sequence[str], columns: float) -> str:
    r"""Sentences in lines of so many characters; mathematics is not cut, and counts as it is read.

    Examples:
        >>> print(wrapped([r"One $\mathbf{P}$ per group.", "Two."], 12))
        One $\mathbf{P}$ per
        group.
        Two.
    """
    lines: list[str] = []
    for sentence in notes:
        # blanks for formulas as wide as these are read, made of signs that no text has
        formulas = iter(_MATHEMATICS.findall(sentence))
        short = _MATHEMATICS.sub(lambda found: "\ue000" * _read(found[0]), sentence)
        for line in textwrap.wrap(short, int(columns), break_long_words=False):
            texts = re.split("\ue000+", line)
            whole = texts[0] + "".join(next(formulas) + text for text in texts[1:])
            lines.append(whole)
    return "\n".join(lines)


def _read(formula: str) -> int:
    """About how many characters wide a formula is."""
    plain = re.sub(r"\\(math\w+|mathbf|bar|,|;|!)", "", formula.strip("$"))
    return max(1, len(re.sub(r"[{}_^]", "", re.sub(r"\\[A-Za-z]+", "x", plain)).replace(" ", "")))
