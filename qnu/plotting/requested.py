"""Requested observables against time: entropies, concurrences and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from ..averages import Curve, box_means, requested_curves
from ..errors import QnuError
from . import histories as ensembles
from . import legends, page, style, time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..trajectory import Trajectory

_OTHER = "#404040"
#: Height of a panel.
_INCHES = 1.35
_LABELS = {
    "entropy": "entropy of one\nneutrino (bits)",
    "purity": "purity of one\nneutrino",
    "pair_concurrence": "concurrence,\nmean over pairs",
    "pair_negativity": "negativity,\nmean over pairs",
    "mutual_information": "mutual information,\nmean over pairs (bits)",
    "beam_entropy": "entropy of\na beam (bits)",
    "half_chain_entropy": "entropy of the first\n$N/2$ (bits)",
    "collision_term": "collision term $|C_i|$,\nrms over the group",
}


def requested_observables(
    trajectories: Mapping[str, Trajectory],
    title: str | None = None,
    *,
    histories: str | Sequence[str] = (),
    second_axis: str = "path",
    width: str = "double",
) -> Figure:
    r"""One panel per requested observable: group means, or the mean over all pairs, per method.

    Color: the group (dark grey where it is a mean over pairs or belongs to the whole gas); line
    style: the method, as in :func:`compare`. Of an ensemble the line is the mean over seeds, the
    band one standard error of it.

    Args:
        trajectories: label -> Trajectory; methods without observables are left out.
        title: above the figure.
        histories: labels of ensembles of which every history is drawn too, as a thin line.
        second_axis: unit of a second axis of time at the top, as in :func:`compare`.
        width: ``"double"`` or ``"single"``, as there.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

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
    page.checked_width(width)
    time_axis.checked_unit(second_axis)
    colors = style.all_groups(trajectories)
    trajectories = box_means(trajectories)
    methods = style.styles(trajectories)
    single = ensembles.checked_histories(trajectories, histories)
    found = {label: requested_curves(run) for label, run in trajectories.items()}
    found = {label: curves for label, curves in found.items() if curves}
    names = [n for n in _LABELS if any(c.observable == n for cs in found.values() for c in cs)]
    if not names:
        raise QnuError("trajectories", list(trajectories), "at least one with an observable")
    shown = {label: trajectories[label] for label in found}
    with style.paper(narrow=width == "single"):
        groups = legends.group_handles(colors, legends.group_texts(trajectories), vectors=False)
        if any(not curve.group for curves in found.values() for curve in curves):
            groups.append(Line2D([], [], color=_OTHER, linewidth=5.0, label="whole gas"))
        keys = ensembles.thin_keys(trajectories, methods, (), [k for k in single if k in found])
        lines = legends.method_handles({label: methods[label] for label in found})
        parts = (groups, [*lines, *keys])
        inches = page.stretched(width, [_INCHES] * len(names), parts)
        figure, axes = page.panels(width, inches)
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
        page.letters(axes)
        axes[-1].set_xlabel(time_axis.label_of(shown.values()))
        top = time_axis.second_axis(axes[0], shown.values(), second_axis)
        figure.align_ylabels(axes)
        notes = [*ensembles.seeds_in_words(shown), *_without(methods, found)]
        page.arrange(figure, width, inches, parts, notes, title, 0.9 if top else 0.5)
    return figure


def _without(methods: Mapping[str, style.MethodStyle], found: Mapping[str, Any]) -> list[str]:
    """A sentence on the methods that have no observables."""
    missing = [own.name for label, own in methods.items() if label not in found]
    return [f"Without requested observables: {', '.join(missing)}."] if missing else []


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
