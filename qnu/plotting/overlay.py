"""Methods laid over each other: lengths, z components and entropies against time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from .. import observables
from ..common.checks import Floats, choice
from ..common.spelling import did_you_mean
from ..errors import QnuError
from . import legends, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory

#: Above this many markers on a line, only every n-th is drawn.
_MARKERS_PER_LINE = 26
#: Height of a name beside a panel, as a share of the panel.
_LINE = 0.115
#: Bundles of more points than this are pixels in a PDF, so that it stays small.
_VECTOR_POINTS = 30_000


class Curves(NamedTuple):
    """The curves of one trajectory in one panel."""

    mean: Floats  # (samples, groups)
    error: Floats | None  # (samples, groups)
    rows: Floats  # (samples, neutrinos or groups)


def _length(trajectory: Trajectory) -> Curves:
    mean, error = trajectory.group_mean(), trajectory.group_error()
    length = trajectory.group_length()
    if error is not None:
        # to first order |P| changes only with the component of the error along P
        along = mean / np.maximum(length, 1e-300)[..., None]
        error = np.sqrt(np.sum((along * error) ** 2, axis=-1))
    return Curves(length, error, _by_sample(observables.length, trajectory))


def _z(trajectory: Trajectory) -> Curves:
    error = trajectory.group_error()
    return Curves(
        trajectory.group_mean()[..., 2],
        None if error is None else error[..., 2],
        trajectory.polarization[..., 2],
    )


def _entropy(trajectory: Trajectory) -> Curves:
    data = trajectory.dataset
    if "entropy" in data and data["entropy"].dims == ("time", "neutrino"):
        rows = np.asarray(data["entropy"].values)
    else:
        rows = _by_sample(observables.entropy, trajectory)
    weights = trajectory.group_weights()
    error = None
    if "polarization_error" in data:
        size = observables.length(trajectory.polarization)
        along = trajectory.polarization / np.maximum(size, 1e-300)[..., None]
        spread = np.sqrt(np.sum((along * data["polarization_error"].values) ** 2, axis=-1))
        # S has an infinite slope at |P| = 1: half the change over +- one error instead
        ends = [np.clip(size + sign * spread, 0.0, 1.0) for sign in (-1, 1)]
        low, high = (observables.entropy(end[..., None] * [0.0, 0.0, 1.0]) for end in ends)
        error = np.sqrt((((low - high) / 2) ** 2) @ (weights.T**2))
    return Curves(rows @ weights.T, error, rows)


def has_entropy(trajectory: Trajectory) -> bool:
    """Whether ``|P|`` of a row is the ``|P|`` of one neutrino.

    Not in miscidynamics: its lengths are those of group means, which also shrink by dephasing
    within the group.
    """
    by_group = trajectory.attrs.get("resolve") == "group"
    return not by_group or trajectory.method in ("kinetic", "mean_field")


def _is_ever_mixed(trajectory: Trajectory) -> bool:
    return any((observables.length(p) < 1 - 1e-6).any() for p in trajectory.polarization)


def _by_sample(observable: Callable[[Floats], Floats], trajectory: Trajectory) -> Floats:
    """``(samples, rows)``; one sample at a time, since a million neutrinos need the memory."""
    return np.stack([observable(vectors) for vectors in trajectory.polarization])


_PANELS = {
    "length": (_length, r"group length $|\mathbf{P}_g|$"),
    "z": (_z, r"group $z$ component"),
    "entropy": (_entropy, "entropy of one\nneutrino (bits)"),
}


def compare(
    trajectories: Mapping[str, Trajectory],
    title: str | None = None,
    *,
    individuals: str | Sequence[str] = (),
    panels: Sequence[str] | None = None,
) -> Figure:
    r""":math:`|\mathbf P_g(t)|`, :math:`P_{g,z}(t)`, :math:`\langle S_i(t)\rangle_g` of several
    methods, overlaid.

    P_g is the mean polarization of group g, S_i the von Neumann entropy of one neutrino in bits,
    averaged over its group. Color: the group; line style: the method (see
    :mod:`qnu.plotting`); error bars: one standard error, where shots were taken. Where a method
    has one P per group, its entropy is that of a neutrino with this P; miscidynamics is left out
    of that panel, because its P is a mean over neutrinos that differ.

    Args:
        trajectories: label -> Trajectory, in the order of the legend.
        title: above the figure.
        individuals: labels of which every neutrino is drawn too, as a thin line.
        panels: some of ``"length"``, ``"z"``, ``"entropy"``, from top to bottom; default: all,
            but z alone where no state is ever mixed.

    Returns:
        a matplotlib Figure, two columns wide.

    Raises:
        QnuError: no trajectory, an unknown panel, ``individuals`` that name no trajectory or one
            that has only groups.

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
    if panels is None:
        panels = tuple(_PANELS) if any(map(_is_ever_mixed, trajectories.values())) else ("z",)
    shown = [choice("panels", panel, tuple(_PANELS)) for panel in panels]
    if not shown:
        raise QnuError("panels", panels, "at least one of 'length', 'z', 'entropy'")
    methods = style.styles(trajectories)
    with style.paper():
        remark = _remark(trajectories, methods) if "entropy" in shown else ""
        groups = legends.group_handles(colors, legends.group_texts(trajectories))
        lines = legends.lines_of(groups, len(methods) + 2 * len(thin))
        height = max(0.75 + 1.55 * len(shown), legends.inches(lines + remark.count("\n") + 2))
        height += 0.25 if title else 0.0
        figure = style.new_figure(
            style.DOUBLE_COLUMN, height, layout=ConstrainedLayoutEngine(hspace=0.02, h_pad=0.03)
        )
        axes = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        for k, (panel, ax) in enumerate(zip(shown, axes, strict=True)):
            for label, trajectory in trajectories.items():
                if panel != "entropy" or has_entropy(trajectory):
                    curves = _PANELS[panel][0](trajectory)
                    if label in thin:
                        _draw_individuals(ax, trajectory, curves, colors)
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
        _legends(figure, groups, methods, thin, remark)
        figure.align_ylabels(axes)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _checked_individuals(
    trajectories: Mapping[str, Trajectory], individuals: str | Sequence[str]
) -> list[str]:
    labels = [individuals] if isinstance(individuals, str) else list(individuals)
    for label in labels:
        if label not in trajectories:
            hint = did_you_mean(str(label), list(map(str, trajectories)))
            raise QnuError("individuals", label, f"labels from {list(trajectories)}{hint}")
        if trajectories[label].attrs.get("resolve") == "group":
            raise QnuError("individuals", label, "trajectories with one row per neutrino")
    return labels


def _draw_individuals(
    ax: Any, trajectory: Trajectory, curves: Curves, colors: Mapping[str, str]
) -> None:
    names = trajectory.dataset["group"].values
    for name in trajectory.group_names:
        rows = curves.rows[:, names == name]
        lines = [np.column_stack([trajectory.times, row]) for row in rows.T]
        strength = float(np.clip(6 / len(lines), 0.14, 0.5))
        bundle = LineCollection(
            lines, colors=colors[name], linewidths=0.45, alpha=strength, zorder=1.0
        )
        bundle.set_rasterized(rows.size > _VECTOR_POINTS)
        bundle.set_gid(f"individuals:{name}")
        ax.add_collection(bundle, autolim=True)


def _draw_groups(
    ax: Any,
    trajectory: Trajectory,
    curves: Curves,
    colors: Mapping[str, str],
    own: style.MethodStyle,
) -> None:
    every = max(1, -(-len(trajectory.times) // _MARKERS_PER_LINE)) if own.marker else None
    for g, name in enumerate(trajectory.group_names):
        options = own.line_options(colors[name])
        gid = f"{own.name}:{name}"
        if curves.error is None:
            ax.plot(trajectory.times, curves.mean[:, g], markevery=every, gid=gid, **options)
            continue
        bars = ax.errorbar(
            trajectory.times,
            curves.mean[:, g],
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


def _finish(ax: Any, panel: str, letter: str) -> None:
    ax.set_ylabel(_PANELS[panel][1])
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
    share = (_PANELS[panel][0](last).mean[-1] - low) / (high - low)
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
    thin: Sequence[str],
    remark: str,
) -> None:
    """Beside the panels: colors at the top, line styles in the middle, remarks at the bottom."""
    lines = legends.method_handles(methods)
    for label in thin:
        text = f"each neutrino\n({methods[label].name})" if len(methods) > 1 else "each neutrino"
        lines.append(Line2D([], [], color="#404040", linewidth=0.5, alpha=0.7, label=text))
    legends.two_part_legend(figure, groups, lines, loc="outside right upper", borderaxespad=0.3)
    if remark:
        figure.legend(
            [Line2D([], [], linestyle="none")],
            [remark],
            loc="outside right lower",
            handlelength=0.0,
            handletextpad=0.0,
            fontsize=8.5,
        )


def _remark(
    trajectories: Mapping[str, Trajectory], methods: Mapping[str, style.MethodStyle]
) -> str:
    missing = [methods[k].name for k, t in trajectories.items() if not has_entropy(t)]
    single = [
        methods[k].name
        for k, t in trajectories.items()
        if has_entropy(t) and t.attrs.get("resolve") == "group"
    ]
    lines = []
    if single:
        lines += ["Entropy, one $\\mathbf{P}$ per group:", *(f"  {name}" for name in single)]
    if missing:
        lines += ["Entropy not defined:", *(f"  {name}" for name in missing)]
    return "\n".join(lines)
