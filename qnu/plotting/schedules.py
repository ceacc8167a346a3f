"""Diagrams of schedules: who meets whom, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ..common.checks import Floats
from ..errors import QnuError
from . import style, time_axis
from .legends import kind_of
from .pairs import check_same_size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..gas import NeutrinoGas
    from ..schedules import EncounterSchedule

MOST_NEUTRINOS = 24
MOST_ENCOUNTERS = 300
#: Links side by side; more would touch each other on the widest figure.
MOST_COLUMNS = 150
_INCHES_PER_COLUMN = 0.075
_WIDEST = 12.0

#: Entries beside each other in the legend.
_COLUMNS_OF_LEGEND = 5

_GREYS = LinearSegmentedColormap.from_list("swap_angle", ["0.72", "0.0"])


def _columns(schedule: EncounterSchedule) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slot (encounters of one start time) and column inside its slot, of every encounter.

    Links in one column do not overlap, and a neutrino's later encounter stands further right.
    """
    step = np.diff(schedule.start, prepend=schedule.start[:1]) > 1e-9 * schedule.final_time
    slot = np.cumsum(step).astype(np.int64)
    low = np.minimum(schedule.first, schedule.second).tolist()
    high = np.maximum(schedule.first, schedule.second).tolist()
    column = np.zeros(len(schedule), np.int64)
    taken: list[list[tuple[int, int]]] = []
    earliest: dict[int, int] = {}
    for k in range(len(schedule)):
        if k and slot[k] != slot[k - 1]:
            taken, earliest = [], {}
        a, b = low[k], high[k]
        c = max(earliest.get(a, 0), earliest.get(b, 0))
        while c < len(taken) and any(a <= y and x <= b for x, y in taken[c]):
            c += 1
        while c >= len(taken):
            taken.append([])
        taken[c].append((a, b))
        earliest[a] = earliest[b] = c + 1
        column[k] = c
    return slot, column


def can_draw_schedule(schedule: EncounterSchedule) -> bool:
    """Whether :func:`schedule_diagram` can be read: few neutrinos, few encounters.

    Args:
        schedule: any.

    Returns:
        True for at most 24 neutrinos and so few encounters that their links do not touch.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.0] * 10)
        >>> can_draw_schedule(qnu.schedules.tournament(gas, gamma=0.1))
        True
        >>> can_draw_schedule(qnu.schedules.random_pairs(gas, gamma=0.1, encounters=5000))
        False
    """
    if schedule.neutrinos > MOST_NEUTRINOS or schedule.expected > 2 * MOST_ENCOUNTERS:
        return False  # before any is drawn
    if not 0 < len(schedule) <= MOST_ENCOUNTERS:
        return False
    slot, column = _columns(schedule)
    return int(_widths(slot, column).sum()) <= MOST_COLUMNS


def _widths(slot: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.int64]:
    """Columns of every slot."""
    result = np.zeros(int(slot[-1]) + 1, np.int64)
    np.maximum.at(result, slot, column + 1)
    return result


def schedule_diagram(gas: NeutrinoGas, schedule: EncounterSchedule, note: str = "") -> Figure:
    r"""Who meets whom, when: a line per neutrino, a link per encounter, darker for larger theta.

    Lines have the color of their group. A link stands at the middle of its encounter; those of
    one round stand side by side, in their order. Shaded: encounters that last. Diamonds: fresh
    partners, new neutrinos in their initial state. Where encounters follow each other too closely
    for a time axis, they are drawn one after the other in order, with their times below.

    Args:
        gas: the neutrinos.
        schedule: of that gas, small enough for :func:`can_draw_schedule`.
        note: a line below the diagram, such as which history of an ensemble it shows.

    Returns:
        a matplotlib Figure.

    Raises:
        QnuError: another number of neutrinos, or too many encounters to draw.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> figure = schedule_diagram(gas, qnu.schedules.tournament(gas, gamma=0.1))
        >>> figure.axes[0].get_xlabel()
        'time $\\mu t$'
    """
    check_same_size(gas, schedule)
    if not can_draw_schedule(schedule):
        raise QnuError(
            "schedule",
            f"{schedule.size} of {schedule.neutrinos} neutrinos",
            f"1 to {MOST_ENCOUNTERS} encounters, at most {MOST_NEUTRINOS} neutrinos and"
            f" {MOST_COLUMNS} links side by side (see can_draw_schedule)",
        )
    slot, column = _columns(schedule)
    columns = int(_widths(slot, column).sum())
    width = float(np.clip(1.4 + 0.11 * columns, style.DOUBLE_COLUMN, _WIDEST))
    with style.paper():
        height = 1.15 + 0.23 * len(gas) + (0.2 if note else 0.0)
        figure = style.new_figure(width, height, layout="constrained")
        ax = figure.add_subplot()
        place = _place_on_time_axis(schedule, slot, column, width - 1.4)
        if place is None:
            place = _place_in_order(ax, schedule, slot, column)
        else:
            _time_axis(ax, schedule)
        if note:
            figure.supxlabel(style.plain(note), x=0.01, ha="left", fontsize=8.5, gid="note")
        _draw_lines(ax, gas)
        _draw_links(figure, ax, schedule, place)
        _draw_legend(figure, gas, schedule)
        style.settle(figure)
    return figure


def _place_on_time_axis(
    schedule: EncounterSchedule,
    slot: NDArray[np.int64],
    column: NDArray[np.int64],
    inches: float,
) -> Floats | None:
    """Where every link stands on a true time axis; None where they would touch."""
    first = np.unique(slot, return_index=True)[1]
    start = schedule.start[first]
    gap = np.diff(start, append=max(schedule.final_time, start[-1]))
    lasting = np.zeros(len(first))
    np.maximum.at(lasting, slot, schedule.duration)
    available = np.minimum(np.where(lasting > 0, lasting, gap), gap)
    kicks = lasting == 0
    if kicks[-1] or available[-1] <= 0:
        available[-1] = gap[:-1].min() if len(gap) > 1 else max(schedule.final_time, 1e-300)
    widths = _widths(slot, column)
    step = float((available * 0.8 / widths).min())
    total = max(schedule.final_time, float(start[-1]))
    if total <= 0 or step / total * inches < _INCHES_PER_COLUMN:
        return None
    middle = start + np.where(kicks, 0.0, available / 2)
    # few links need not be spread over the whole interval
    step = min(step, 0.16 / inches * total)
    result: Floats = middle[slot] + (column - (widths[slot] - 1) / 2) * step
    return result


def _time_axis(ax: Any, schedule: EncounterSchedule) -> None:
    end = max(schedule.final_time, float(schedule.start[-1]))
    margin = 0.02 * end
    ax.set_xlim(-margin, end + margin)
    ax.set_xlabel(time_axis.label_of_profile(schedule.mu))
    if not schedule.free_streaming or not schedule.duration.any():
        return
    spans = np.unique(np.stack([schedule.start, schedule.start + schedule.duration]), axis=1)
    for a, b in spans.T:
        gap = 0.06 * (b - a)
        ax.axvspan(a + gap, b - gap, color="0.94", zorder=0.0, linewidth=0)


def _place_in_order(
    ax: Any, schedule: EncounterSchedule, slot: NDArray[np.int64], column: NDArray[np.int64]
) -> Floats:
    """Links in order, one slot after the other with a gap; the ticks say the times."""
    widths = _widths(slot, column)
    left = np.concatenate([[0.0], np.cumsum(widths + 0.6)])
    place: Floats = left[slot] + column
    ax.set_xlim(-1.2, left[-1] + 0.2)
    first = np.unique(slot, return_index=True)[1]
    shown = np.unique(np.linspace(0, len(first) - 1, min(10, len(first))).round().astype(int))
    ax.set_xticks(left[shown] + (widths[shown] - 1) / 2)
    ax.set_xticklabels([f"{t:.3g}" for t in schedule.start[first][shown]])
    ax.set_xlabel(f"encounters in order, with their {time_axis.label_of_profile(schedule.mu)}")
    return place


def _draw_lines(ax: Any, gas: NeutrinoGas) -> None:
    colors = style.group_colors(gas.group_names)
    for name, members in zip(gas.group_names, gas.members, strict=True):
        for k in members.tolist():
            ax.axhline(k, color=colors[name], linewidth=1.8, zorder=1.0, gid=f"neutrino:{k}")
    ax.set_ylim(len(gas) - 0.4, -0.6)
    ax.set_yticks(range(len(gas)))
    ax.set_ylabel("neutrino")
    ax.tick_params(axis="y", which="both", length=0)
    ax.tick_params(axis="x", which="both", top=False, direction="out")
    ax.minorticks_off()
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)


def _draw_links(figure: Figure, ax: Any, schedule: EncounterSchedule, place: Floats) -> None:
    angle = schedule.swap_angle
    low, high = float(angle.min()), float(angle.max())
    alike = high - low <= 1e-9 * max(abs(low), abs(high), 1e-300)
    norm = Normalize(low, high)
    share = np.ones(len(angle)) if alike else np.asarray(norm(angle))
    shade = _GREYS(share)
    ends = np.stack([schedule.first, schedule.second])
    lines = np.stack([np.stack([place, place]), ends]).transpose(2, 1, 0)
    segments: Any = list(lines)
    # a white rim keeps links apart from the lines they cross
    ax.add_collection(LineCollection(segments, colors="white", linewidths=3.2, zorder=2.0))
    links = LineCollection(segments, colors=shade, linewidths=0.8 + 1.3 * share, zorder=2.1)
    links.set_gid("encounters")
    ax.add_collection(links)
    fresh = np.zeros(len(angle), bool) if schedule.fresh is None else schedule.fresh
    ax.scatter(place, ends[0], s=15, c=shade, zorder=3.0, linewidths=0)
    ax.scatter(place[~fresh], ends[1][~fresh], s=15, c=shade[~fresh], zorder=3.0, linewidths=0)
    if fresh.any():
        ax.scatter(
            place[fresh],
            ends[1][fresh],
            s=30,
            marker="D",
            facecolors="white",
            edgecolors=shade[fresh],
            zorder=3.1,
        )
    if not alike:
        bar = figure.colorbar(
            ScalarMappable(norm, _GREYS), ax=ax, pad=0.01, fraction=0.04, aspect=25
        )
        bar.set_label(r"swap angle $\theta$ (rad)")
        bar.outline.set_linewidth(0.5)
        bar.ax.minorticks_off()


def _draw_legend(figure: Figure, gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
    colors = style.group_colors(gas.group_names)
    handles = []
    for name, members in zip(gas.group_names, gas.members, strict=True):
        assert gas.antineutrino is not None
        kind = kind_of(gas.antineutrino[members])
        text = f"group {style.group_name(name)}: {len(members)} {kind}"
        handles.append(Line2D([], [], color=colors[name], linewidth=2.5, label=text))
    angle = schedule.swap_angle
    text = "encounter"
    if np.ptp(angle) <= 1e-9 * abs(angle).max():
        text += rf", all $\theta$ = {angle[0]:.3g}"
    link: dict[str, Any] = {"color": "0.0", "marker": "o", "markersize": 4, "linewidth": 1.5}
    handles.append(Line2D([], [], label=text, **link))
    if schedule.fresh is not None:
        handles.append(
            Line2D(
                [],
                [],
                linestyle="none",
                marker="D",
                markersize=5,
                markerfacecolor="white",
                markeredgecolor="0.0",
                label="fresh partner",
            )
        )
    columns = len(handles) if len(handles) <= _COLUMNS_OF_LEGEND else -(-len(handles) // 2)
    columns = min(columns, _COLUMNS_OF_LEGEND)
    figure.legend(handles=handles, loc="outside upper center", ncols=columns, columnspacing=1.5)
