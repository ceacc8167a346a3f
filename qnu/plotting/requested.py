"""Requested observables against time: entropies, concurrences and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from ..averages import Curve, requested_curves
from ..errors import QnuError
from . import histories as ensembles
from . import legends, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory

_OTHER = "#404040"
_LABELS = {
    "entropy": "entropy of one\nneutrino (bits)",
    "purity": "purity of one\nneutrino",
    "pair_concurrence": "concurrence,\nmean over pairs",
    "pair_negativity": "negativity,\nmean over pairs",
    "mutual_information": "mutual information,\nmean over pairs (bits)",
    "half_chain_entropy": "entropy of the first\n$N/2$ (bits)",
}


def requested_observables(
    trajectories: Mapping[str, Trajectory],
    title: str | None = None,
    *,
    histories: str | Sequence[str] = (),
) -> Figure:
    r"""One panel per requested observable: group means, or the mean over all pairs, per method.

    Color: the group (dark grey where it is a mean over pairs or belongs to the whole gas); line
    style: the method, as in :func:`compare`. Of an ensemble the line is the mean over seeds, the
    band one standard error of it.

    Args:
        trajectories: label -> Trajectory; methods without observables are left out.
        title: above the figure.
        histories: labels of ensembles of which every history is drawn too, as a thin line.

    Returns:
        a matplotlib Figure, two columns wide.

    Raises:
        QnuError: no observable in any of them, ``histories`` that name no ensemble.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0, 0])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> run = qnu.solvers.many_body(gas, schedule, observables=["purity"])
        >>> [axes.get_ylabel() for axes in requested_observables({"exact": run}).axes]
        ['purity of one\nneutrino']
    """
    colors = style.all_groups(trajectories)
    methods = style.styles(trajectories)
    single = ensembles.checked_histories(trajectories, histories)
    found = {label: requested_curves(run) for label, run in trajectories.items()}
    found = {label: curves for label, curves in found.items() if curves}
    names = [n for n in _LABELS if any(c.observable == n for cs in found.values() for c in cs)]
    if not names:
        raise QnuError("trajectories", list(trajectories), "at least one with an observable")
    with style.paper():
        groups = legends.group_handles(colors, legends.group_texts(trajectories))
        if any(not curve.group for curves in found.values() for curve in curves):
            groups.append(Line2D([], [], color=_OTHER, linewidth=5.0, label="whole gas"))
        keys = ensembles.thin_keys(trajectories, methods, (), [k for k in single if k in found])
        remark = "\n".join(ensembles.seeds_in_words({k: trajectories[k] for k in found}))
        lines = legends.lines_of(groups, len(found) + 2 * len(keys)) + remark.count("\n") + 2
        height = max(0.75 + 1.45 * len(names), legends.inches(lines)) + (0.25 if title else 0.0)
        figure = style.new_figure(
            style.DOUBLE_COLUMN, height, layout=ConstrainedLayoutEngine(hspace=0.02, h_pad=0.03)
        )
        axes = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
        for name, ax in zip(names, axes, strict=True):
            for label, curves in found.items():
                for curve in curves:
                    if curve.observable == name:
                        color = colors[curve.part] if curve.group else _OTHER
                        gid = f"{label}:{curve.part}"
                        _draw(ax, curve, methods[label], color, gid, label in single)
            ax.set_ylabel(_LABELS[name])
            low, high = ax.get_ylim()
            ax.set_ylim(0.0 if low < 0.2 * high else low, max(high, 0.05))
        axes[-1].set_xlabel(r"time $\mu t$")
        shown = legends.method_handles({label: methods[label] for label in found})
        legends.two_part_legend(figure, groups, [*shown, *keys], loc="outside right upper")
        if remark:
            legends.remark(figure, remark)
        figure.align_ylabels(axes)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _draw(
    ax: Any, curve: Curve, own: style.MethodStyle, color: str, gid: str, single: bool
) -> None:
    if single:
        ensembles.thin_lines(ax, curve.times, curve.histories, color, f"histories:{curve.part}")
    options = own.line_options(color)
    if curve.standard_error is not None and own.line:
        ensembles.band(ax, curve.times, curve.values, curve.standard_error, color, gid)
    elif curve.standard_error is not None:
        shade = options["color"]
        ax.errorbar(
            curve.times,
            curve.values,
            curve.standard_error,
            fmt="none",
            ecolor=shade,
            elinewidth=0.8,
        )
    ax.plot(curve.times, curve.values, gid=gid, clip_on=False, **options)
