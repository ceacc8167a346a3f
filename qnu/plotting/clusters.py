"""Entropies of clusters of neutrinos, against time and against the size of their light cones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ..errors import QnuError
from ..solvers import ClusterEntropies
from . import page, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: More clusters than that are not told apart.
_MOST = 8
_MARKERS = "osD^vP<>"
_GREY = "#808080"
#: Heights in inches: beside each other, and below each other.
_HEIGHTS = {"double": 3.3, "single": 5.6}


def cluster_entropies(
    found: ClusterEntropies, title: str | None = None, *, width: str = "double"
) -> Figure:
    r""":math:`S_A` of every cluster against time, and against the size of its light cone.

    First panel: :math:`S_A` (solid, markers), the sum of the entropies of its members (dashed) and
    the bound :meth:`qnu.solvers.ClusterEntropies.bound` (dotted): solid and dashed lie on each
    other until light cones overlap. Second panel: the same :math:`S_A` against the number of
    neutrinos in the light cone; filled markers where the light cones of the members overlap.

    Args:
        found: of :func:`qnu.solvers.cluster_entropies`, of at most 8 clusters.
        title: above the figure.
        width: ``"double"``, panels beside each other, or ``"single"``, one column of a journal.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: something else, or more clusters.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]] * 4, omega=[0.1] * 8)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.3)
        >>> found = qnu.solvers.cluster_entropies(gas, schedule, schedule.equally_spaced(8))
        >>> [axes.get_xlabel() for axes in cluster_entropies(found).axes]
        ['time $\\mu t$', 'neutrinos in the light cone']
    """
    page.checked_width(width)
    if not isinstance(found, ClusterEntropies):
        raise QnuError("found", found, "a result of qnu.solvers.cluster_entropies")
    number = len(found.clusters)
    if number > _MOST:
        raise QnuError("found", f"{number} clusters", f"at most {_MOST}")
    narrow = width == "single"
    with style.paper(narrow=narrow):
        inches = style.SINGLE_COLUMN if narrow else style.DOUBLE_COLUMN
        figure = style.new_figure(inches, _HEIGHTS[width], layout="constrained")
        time, size = figure.subplots(2, 1) if narrow else figure.subplots(1, 2)
        keys = [_draw(time, size, found, k) for k in range(number)]
        time.set_xlabel(r"time $\mu t$")
        size.set_xlabel("neutrinos in the light cone")
        for ax in (time, size):
            ax.set_ylabel(r"entropy of the cluster (bits)")
            ax.set_ylim(bottom=0.0)
        size.xaxis.set_major_locator(MaxNLocator(integer=True))
        page.letters([time, size])
        lines = (("--", r"$\sum_i S_i$ of the members"), (":", "bound"))
        keys += [Line2D([], [], color=_GREY, linestyle=s, label=text) for s, text in lines]
        where = "outside lower center"
        figure.legend(handles=keys, loc=where, ncols=2 if narrow else 4)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _draw(time: Any, size: Any, found: ClusterEntropies, k: int) -> Line2D:
    """One cluster in both panels, and its key."""
    color = style.GROUP_COLORS[k % len(style.GROUP_COLORS)]
    own = {"color": color, "marker": _MARKERS[k], "markersize": 3.6, "gid": f"cluster:{k}"}
    values, times = found.entropy[:, k], found.times
    time.plot(times, values, linewidth=1.3, **own)
    time.plot(times, found.single[:, k], color=color, linestyle="--", linewidth=0.9)
    time.plot(times, found.bound()[:, k], color=color, linestyle=":", linewidth=0.9)
    size.plot(found.cone[:, k], values, color=color, linewidth=0.7, alpha=0.6)
    overlap = np.asarray(found.shared)[:, k] > 0
    for chosen, face in ((~overlap, "white"), (overlap, color)):
        some = {**own, "markerfacecolor": face, "linestyle": "none"}
        size.plot(found.cone[chosen, k], values[chosen], **some)
    count = len(found.clusters[k])
    label = f"{count} neutrino{'s' if count > 1 else ''}"
    return Line2D([], [], color=color, marker=own["marker"], markersize=3.6, label=label)
