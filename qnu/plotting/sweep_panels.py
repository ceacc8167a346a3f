"""The panels of a sweep: lines, bands, differences, reference slopes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, MultipleLocator, NullFormatter

from ..common.checks import Floats
from . import legends, style, sweep_theory
from .sweep_plan import Plan
from .sweep_theory import Curve
from .sweep_values import Values, mean_and_error
from .sweep_words import symbol, value_text

#: Whole numbers over at most that range have a tick each.
_COUNTED = 40
_GREY = "#404040"
#: Labels of low panels are broken where they have more characters.
_LONG = 22
#: Above this many points a line has markers at some of them.
_MARKERS_PER_LINE = 26
#: Against time.
_MARKERS_OVER_TIME = 6


def main(
    axes: Sequence[Any], plan: Plan, theory: Sequence[Curve], titles: bool = True, low: bool = False
) -> None:
    """A row of panels: quantity against x.

    Args:
        axes: one per group, or one.
        plan: what is drawn.
        theory: curves.
        titles: whether groups are named above the panels.
        low: whether there is no room for a long label on one line.
    """
    for ax, column in zip(axes, plan.columns, strict=True):
        if plan.y_log:
            ax.set_yscale("log")
        _x_axis(ax, plan)
        _draw(ax, plan, plan, column)
        sweep_theory.draw(ax, theory, plan, column)
        if titles and plan.values.line_key is not None and plan.values.groups != ("",):
            name = plan.values.groups[column]
            ax.set_title(f"group {style.group_name(name)}", fontsize=10.0, pad=3.0)
    _y_limits(axes, plan)
    for ax, column in zip(axes, plan.columns, strict=True):
        if plan.slope is not None:
            sweep_theory.slopes(ax, plan, column)
    axes[0].set_ylabel(_broken(plan.values.label) if low else plan.values.label)


def _broken(label: str) -> str:
    """A long label on two lines, broken in its middle; formulas stay whole."""
    words = re.findall(r"(?:\$[^$]*\$|[^\s$])+", label)
    if len(label) <= _LONG or len(words) < 2:
        return label
    halves = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return "\n".join(min(halves, key=lambda half: max(map(len, half))))


def ring_repeated(axes: Sequence[Any], plan: Plan, repeated: Floats) -> None:
    """A ring around points of many-body methods in which pairs meet repeatedly.

    Args:
        axes: the upper row.
        plan: what is drawn.
        repeated: ``(x, line)`` booleans.
    """
    if plan.values.ticks or plan.values.over_time:
        return
    for ax, column in zip(axes, plan.columns, strict=True):
        for s, (line, method, group) in plan.curves(column):
            label = plan.values.methods[method]
            mean = plan.mean[:, line, method, group]
            shown = repeated[:, line] & np.isfinite(mean) & ((mean > 0) | (not plan.y_log))
            if label in plan.many_body and shown.any():
                ax.plot(
                    plan.values.x[shown],
                    mean[shown],
                    linestyle="none",
                    marker="o",
                    markersize=8.0,
                    markerfacecolor="none",
                    markeredgecolor=plan.series[s][1],
                    markeredgewidth=0.7,
                    gid=f"repeated:{label}:{plan.values.groups[group]}",
                )


def residual(
    axes: Sequence[Any], plan: Plan, difference: Values, reference: str, relative: bool
) -> None:
    """The lower row: what was paired seed by seed and averaged."""
    mean, error = mean_and_error(difference.array, difference.random)
    lower = replace(plan, values=difference, mean=mean, error=error, y_log=False)
    for ax, column in zip(axes, plan.columns, strict=True):
        _x_axis(ax, plan)
        ax.axhline(0.0, color="0.6", linewidth=0.6, zorder=0.5)
        _draw(ax, lower, plan, column, without=reference)
        ax.yaxis.set_major_locator(MaxNLocator(4))
        ax.margins(y=0.12)
    axes[0].set_ylabel("relative\ndifference" if relative else "difference")


def _x_axis(ax: Any, plan: Plan) -> None:
    values = plan.values
    if values.ticks:
        ax.set_xticks(values.x, values.ticks)
        ax.set_xlim(-0.5, len(values.x) - 0.5)
        ax.tick_params(axis="x", which="minor", bottom=False, top=False)
    elif plan.x_log:
        ax.set_xscale("log")
        if values.x.max() < 40 * values.x.min():  # a decade and a half: numbers, no powers of ten
            ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: value_text(float(x))))
            ax.xaxis.set_minor_formatter(NullFormatter())
    elif (values.x == np.round(values.x)).all() and np.ptp(values.x) >= 1:
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        if np.ptp(values.x) <= _COUNTED:
            ax.xaxis.set_minor_locator(MultipleLocator(1))


def _draw(ax: Any, data: Plan, plan: Plan, column: int, without: str | None = None) -> None:
    names, alike = plan.series, plan.alike
    for s, (line, method, group) in data.curves(column):
        label = data.values.methods[method]
        if label == without or (label in alike and s > 0):
            continue
        text, color, marker = names[s]
        options = _options(plan.styles[label], color, marker, plan.fills[label])
        if label in alike:  # one curve, of no value of the parameter
            text, color = "all", "black"
            options |= {"color": color, "marker": ""}
        place = data.values.x
        if data.values.ticks:  # side by side
            apart = 0.5 / max(len(plan.values.methods), 2)
            place = place + apart * (method - (len(plan.values.methods) - 1) / 2)
            options["linestyle"] = "none"
        _curve(
            ax,
            data,
            place,
            data.mean[:, line, method, group],
            data.error[:, line, method, group],
            options,
            color,
            f"{label}:{text}:{data.values.groups[group]}",
            _marked(data.values, s, len(names)),
        )


def _marked(values: Values, series: int, of: int) -> Any:
    """Which points have markers: against time a few, at other places on every line."""
    points = len(values.x)
    if not values.over_time or points <= _MARKERS_OVER_TIME:
        return max(1, -(-points // _MARKERS_PER_LINE))
    every = -(-points // _MARKERS_OVER_TIME)
    return ((series * every) // of, every)


def _options(own: style.MethodStyle, color: str, marker: str, fill: str) -> dict[str, Any]:
    """Line style of the method, color and marker of the series."""
    options = own.line_options(color)
    shade = options["color"]
    small = not own.marker and fill == "full"
    return options | {
        "marker": marker,
        "markersize": 3.6 if small else 4.8,
        "fillstyle": "full" if fill == "none" else fill,
        "markerfacecolor": "white" if fill == "none" else shade,
        "markerfacecoloralt": "white",
        "markeredgecolor": shade,
        "markeredgewidth": 0.5 if small else 0.9,
    }


def _curve(
    ax: Any,
    plan: Plan,
    x: Floats,
    mean: Floats,
    error: Floats,
    options: dict[str, Any],
    color: str,
    gid: str,
    markevery: Any,
) -> None:
    known = np.isfinite(mean) & ((mean > 0) | (not plan.y_log))
    y = np.where(known, mean, np.nan)
    ax.plot(x, y, gid=gid, markevery=markevery, **options)
    has = known & np.isfinite(error)
    if not has.any():
        return
    neighbor = np.zeros(len(x), bool)
    neighbor[1:] |= has[:-1]
    neighbor[:-1] |= has[1:]
    barred = has & (True if options["linestyle"] == "none" else ~neighbor)
    low, high = y - error, y + error
    if plan.y_log:
        low = np.maximum(low, 1e-6 * np.where(known, mean, 1.0))
    if options["linestyle"] != "none":
        ax.fill_between(
            x,
            low,
            high,
            where=has,
            color=color,
            alpha=0.22,
            linewidth=0.0,
            zorder=1.0,
            gid=f"band:{gid}",
        )
    if barred.any():
        bars = ax.errorbar(
            x[barred],
            y[barred],
            (y[barred] - low[barred], error[barred]),
            fmt="none",
            ecolor=options["color"],
            elinewidth=0.8,
            capsize=1.8,
            capthick=0.8,
            zorder=options["zorder"],
        )
        bars.lines[2][0].set_gid(f"bars:{gid}")


def _y_limits(axes: Sequence[Any], plan: Plan) -> None:
    if not plan.y_log:
        axes[0].margins(y=0.06)
        return
    drawn = [
        line.get_ydata()
        for ax in axes
        for line in ax.lines
        if str(line.get_gid()).startswith("theory:")
    ]
    error = np.where(np.isfinite(plan.error), plan.error, 0.0)
    # a band that reaches zero ends at the frame, and does not decide where the frame is
    low = np.maximum(plan.mean - error, plan.mean / 2)
    everything = np.concatenate([np.ravel(a) for a in (*drawn, plan.mean + error, low)])
    known = everything[np.isfinite(everything) & (everything > 0)]
    pad = (known.max() / known.min()) ** 0.06 * 1.05
    axes[0].set_ylim(known.min() / pad, known.max() * pad)


def legend_sections(plan: Plan, theory: Sequence[Curve]) -> list[tuple[str, list[Any]]]:
    """Headings and entries: values or groups, methods, theory."""
    sections: list[tuple[str, list[Any]]] = []
    values, series = plan.values, plan.series
    if values.line_key is not None:
        heading = symbol(values.line_key, values.group_count)
    else:
        heading = "Group"
    if len(series) > 1 or series[0][0]:
        handles = [
            Line2D([], [], color=c, marker=m, markersize=4.0, linewidth=1.6, label=text)
            for text, c, m in series
        ]
        sections.append((heading, handles))
    methods = {label: own for label, own in plan.styles.items() if label}
    if methods:
        handles = legends.method_handles(methods)
        for handle, label in zip(handles, methods, strict=True):
            own = _options(methods[label], _GREY, "o", plan.fills[label])
            if isinstance(handle, Line2D):
                handle.set(**{k: v for k, v in own.items() if k.startswith(("marker", "fill"))})
                if values.ticks:
                    handle.set_linestyle("none")
                elif label in plan.alike:
                    handle.set(color="black", marker="")
        sections.append(("Method", handles))
    known: dict[str, Any] = {}
    for curve in theory:
        known.setdefault(
            curve.name,
            Line2D([], [], color="black", linewidth=0.9, linestyle=curve.dashes, label=curve.name),
        )
    sections.append(("Theory", list(known.values())))
    return sections
