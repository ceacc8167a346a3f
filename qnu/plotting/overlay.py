"""Methods laid over each other: lengths, z components and entropies against time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from .. import observables
from ..averages import Estimate, estimate, has_entropy, rows_of
from ..common.checks import Floats, choice
from ..errors import QnuError
from . import histories as ensembles
from . import legends, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory

#: Above this many markers on a line, only every n-th is drawn.
_MARKERS_PER_LINE = 26
#: Height of a name beside a panel, as a share of the panel.
_LINE = 0.115


def _is_ever_mixed(trajectory: Trajectory) -> bool:
    return any((observables.length(p) < 1 - 1e-6).any() for p in trajectory.polarization)


_PANELS = {
    "length": r"group length $|\mathbf{P}_g|$",
    "z": r"group $z$ component",
    "entropy": "entropy of one\nneutrino (bits)",
}


def compare(
    trajectories: Mapping[str, Trajectory],
    title: str | None = None,
    *,
    individuals: str | Sequence[str] = (),
    histories: str | Sequence[str] = (),
    panels: Sequence[str] | None = None,
) -> Figure:
    r""":math:`|\mathbf P_g(t)|`, :math:`P_{g,z}(t)`, :math:`\langle S_i(t)\rangle_g` of several
    methods, overlaid.

    P_g is the mean polarization of group g, S_i the von Neumann entropy of one neutrino in bits,
    averaged over its group. Color: the group; line style: the method (see
    :mod:`qnu.plotting`); error bars: one standard error, where shots were taken. Of an ensemble
    the line is the mean over seeds, of lengths and entropies of single histories, and the band is
    one standard error of it, :math:`s/\sqrt n` for n seeds; the spread s of single histories is
    another number. Where a method has one P per group, its entropy is that of a neutrino with this
    P; miscidynamics is left out of that panel, because its P is a mean over neutrinos that differ.

    Args:
        trajectories: label -> Trajectory, in the order of the legend.
        title: above the figure.
        individuals: labels of which every neutrino is drawn too, as a thin line; of an ensemble
            those of its first history.
        histories: labels of ensembles of which every history is drawn too, as a thin line per
            group.
        panels: some of ``"length"``, ``"z"``, ``"entropy"``, from top to bottom; default: all,
            but z alone where no state is ever mixed.

    Returns:
        a matplotlib Figure, two columns wide.

    Raises:
        QnuError: no trajectory, an unknown panel, ``individuals`` that name no trajectory or one
            that has only groups, ``histories`` that name no ensemble.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> [axes.get_ylabel() for axes in compare({"mean field": run}, panels=["z"]).axes]
        ['group $z$ component']
    """
    colors = style.all_groups(trajectories)
    thin = _checked_individuals(trajectories, individuals)
    single = ensembles.checked_histories(trajectories, histories)
    if panels is None:
        panels = tuple(_PANELS) if any(map(_is_ever_mixed, trajectories.values())) else ("z",)
    shown = [choice("panels", panel, tuple(_PANELS)) for panel in panels]
    if not shown:
        raise QnuError("panels", panels, "at least one of 'length', 'z', 'entropy'")
    methods = style.styles(trajectories)
    with style.paper():
        remark = _remark(trajectories, methods, "entropy" in shown)
        keys = ensembles.thin_keys(trajectories, methods, thin, single)
        groups = legends.group_handles(colors, legends.group_texts(trajectories))
        lines = legends.lines_of(groups, len(methods) + 2 * len(keys))
        height = max(0.75 + 1.55 * len(shown), legends.inches(lines + remark.count("\n") + 2))
        height += 0.25 if title else 0.0
        figure = style.new_figure(
            style.DOUBLE_COLUMN, height, layout=ConstrainedLayoutEngine(hspace=0.02, h_pad=0.03)
        )
        axes = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        for k, (panel, ax) in enumerate(zip(shown, axes, strict=True)):
            for label, trajectory in trajectories.items():
                if panel != "entropy" or has_entropy(trajectory):
                    curves = estimate(trajectory, panel)
                    if label in thin:
                        _draw_individuals(ax, trajectory, panel, colors)
                    if label in single:
                        _draw_histories(ax, trajectory, curves, colors)
                    _draw_groups(ax, trajectory, curves, colors, methods[label])
            _finish(ax, panel, f"({'abc'[k]})" if len(shown) > 1 else "")
            _label_ends(ax, trajectories, panel, colors)
        # without mu (MSW) the unit of time is the inverse of that of omega
        without_mu = all(t.attrs.get("mu") == 0.0 for t in trajectories.values())
        axes[-1].set_xlabel(r"time $t$" if without_mu else r"time $\mu t$")
        end = max(float(t.times[-1]) for t in trajectories.values())
        start = min(float(t.times[0]) for t in trajectories.values())
        if end > start:
            axes[-1].set_xlim(start - 0.015 * (end - start), end + 0.015 * (end - start))
        _legends(figure, groups, methods, keys, remark)
        figure.align_ylabels(axes)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _checked_individuals(
    trajectories: Mapping[str, Trajectory], individuals: str | Sequence[str]
) -> list[str]:
    labels = ensembles.checked_labels("individuals", trajectories, individuals)
    for label in labels:
        if trajectories[label].attrs.get("resolve") == "group":
            raise QnuError("individuals", label, "trajectories with one row per neutrino")
    return labels


def _draw_individuals(
    ax: Any, trajectory: Trajectory, panel: str, colors: Mapping[str, str]
) -> None:
    seeds = trajectory.seeds
    one = trajectory if seeds is None else trajectory.history(int(seeds[0]))
    rows = rows_of(one, panel)
    names = trajectory.dataset["group"].values
    for name in trajectory.group_names:
        ensembles.thin_lines(
            ax, one.times, rows[:, names == name].T, colors[name], f"individuals:{name}"
        )


def _draw_histories(
    ax: Any, trajectory: Trajectory, curves: Estimate, colors: Mapping[str, str]
) -> None:
    for g, name in enumerate(trajectory.group_names):
        single = curves.histories[:, :, g]
        ensembles.thin_lines(ax, trajectory.times, single, colors[name], f"histories:{name}")


def _draw_groups(
    ax: Any,
    trajectory: Trajectory,
    curves: Estimate,
    colors: Mapping[str, str],
    own: style.MethodStyle,
) -> None:
    every = max(1, -(-len(trajectory.times) // _MARKERS_PER_LINE)) if own.marker else None
    for g, name in enumerate(trajectory.group_names):
        options = own.line_options(colors[name])
        gid, mean = f"{own.name}:{name}", curves.mean[:, g]
        if curves.standard_error is not None and own.line:
            ensembles.band(
                ax, trajectory.times, mean, curves.standard_error[:, g], colors[name], gid
            )
        elif curves.error is not None:
            bars = ax.errorbar(
                trajectory.times,
                mean,
                curves.error[:, g],
                errorevery=every or 1,
                markevery=every,
                elinewidth=0.8,
                capsize=1.8,
                capthick=0.8,
                ecolor=options["color"],
                **options,
            )
            bars.lines[0].set_gid(gid)
            continue
        ax.plot(trajectory.times, mean, markevery=every, gid=gid, **options)


def _finish(ax: Any, panel: str, letter: str) -> None:
    ax.set_ylabel(_PANELS[panel])
    ax.autoscale_view()
    low, high = ax.get_ylim()
    if panel == "z":
        ax.axhline(0.0, color="0.6", linewidth=0.5, zorder=0.5)
        # at least a range of 0.05, so that rounding errors do not fill the panel
        middle, half = (low + high) / 2, max((high - low) / 2, 0.025)
        ax.set_ylim(middle - half, middle + half)
    else:
        # estimates from shots may be longer than 1: their markers and bars stay inside
        top = max(min(max(high, 0.05), 1.05), float(ax.dataLim.y1) + 0.03)
        ax.set_ylim(-0.03 * max(high, 0.05), top if ax.dataLim.y1 > 1.0 else min(top, 1.05))
    if letter:
        # outside the corner of the frame, where no curve and no name of a group can be
        ax.annotate(
            letter,
            (1.0, 1.0),
            xycoords="axes fraction",
            xytext=(4, 1),
            textcoords="offset points",
            va="bottom",
            ha="left",
        )


def _label_ends(
    ax: Any, trajectories: Mapping[str, Trajectory], panel: str, colors: Mapping[str, str]
) -> None:
    """Names of the groups beside the ends of their curves, readable without the colors."""
    if len(colors) > 4:
        return
    drawn = [t for t in trajectories.values() if panel != "entropy" or has_entropy(t)]
    if not drawn:
        return
    last = max(drawn, key=lambda t: float(t.times[-1]))  # the first of those that end last
    low, high = ax.get_ylim()
    share = (estimate(last, panel).mean[-1] - low) / (high - low)
    heights = _apart(np.clip(share, 0.05, 0.95))
    for height, name in zip(heights, last.group_names, strict=True):
        ax.annotate(
            style.plain(name),
            (1.0, height),
            xycoords="axes fraction",
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            color=colors[name],
            fontweight="bold",
            gid=f"name:{name}",
        )


def _apart(heights: Floats) -> Floats:
    """The same heights, moved as little as keeps them a line apart, inside the panel."""
    order = np.argsort(heights, kind="stable")
    placed = heights[order]
    for _ in range(100):
        for a, b in pairwise(range(len(placed))):
            overlap = _LINE - (placed[b] - placed[a])
            if overlap > 0:
                placed[a] -= overlap / 2
                placed[b] += overlap / 2
        placed += max(0.0, 0.05 - placed[0]) - max(0.0, placed[-1] - 0.95)
    result = np.empty_like(placed)
    result[order] = placed
    return result


def _legends(
    figure: Figure,
    groups: Sequence[Line2D],
    methods: Mapping[str, style.MethodStyle],
    thin: Sequence[Line2D],
    remark: str,
) -> None:
    """Beside the panels: colors at the top, line styles in the middle, remarks at the bottom."""
    lines = [*legends.method_handles(methods), *thin]
    legends.two_part_legend(figure, groups, lines, loc="outside right upper", borderaxespad=0.3)
    if remark:
        legends.remark(figure, remark)


def _remark(
    trajectories: Mapping[str, Trajectory],
    methods: Mapping[str, style.MethodStyle],
    entropy: bool,
) -> str:
    lines = ensembles.seeds_in_words(trajectories)
    if not entropy:
        return "\n".join(lines)
    missing = [methods[k].name for k, t in trajectories.items() if not has_entropy(t)]
    single = [
        methods[k].name
        for k, t in trajectories.items()
        if has_entropy(t) and t.attrs.get("resolve") == "group"
    ]
    if single:
        lines += ["Entropy, one $\\mathbf{P}$ per group:", *(f"  {name}" for name in single)]
    if missing:
        lines += ["Entropy not defined:", *(f"  {name}" for name in missing)]
    return "\n".join(lines)
