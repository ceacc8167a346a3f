"""How often each pair of neutrinos meets, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, ListedColormap
from matplotlib.ticker import MaxNLocator

from ..errors import QnuError
from . import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..gas import NeutrinoGas
    from ..schedules import EncounterSchedule

_COUNTS = LinearSegmentedColormap.from_list("counts", ["white", "#62BDEE", "#0B3C7D", "#051B3A"])


def check_same_size(gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
    """A gas and a schedule of one size, or an error that says which differ."""
    if len(gas) != schedule.neutrinos:
        raise QnuError(
            "schedule", f"{schedule.neutrinos} neutrinos", f"as many as the gas has ({len(gas)})"
        )


def meeting_counts(gas: NeutrinoGas, schedule: EncounterSchedule) -> Figure:
    """How often i and j meet, as a matrix: ``n_ij`` over all encounters.

    Args:
        gas: the neutrinos.
        schedule: of that gas; any number of encounters.

    Returns:
        a matplotlib Figure, one column wide.

    Raises:
        QnuError: another number of neutrinos.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> figure = meeting_counts(gas, qnu.schedules.tournament(gas, gamma=0.1))
        >>> figure.axes[0].images[0].get_array().max()
        np.int64(1)
    """
    check_same_size(gas, schedule)
    n = len(gas)
    counts = np.zeros(n * n, np.int64)
    for run in schedule.chunks():
        counts += np.bincount(run.first.astype(np.int64) * n + run.second, minlength=n * n)
    matrix = counts.reshape(n, n)
    matrix = matrix + matrix.T
    with style.paper():
        figure = style.new_figure(style.SINGLE_COLUMN, 2.9, layout="constrained")
        ax = figure.add_subplot()
        top = max(int(matrix.max()), 1)
        shown = np.ma.array(matrix, mask=np.eye(n, dtype=bool))
        # few counts: one patch of color each, no ramp between whole numbers
        steps = top + 1 if top < 8 else 256
        ramp = _COUNTS(np.linspace(0.0, min(1.0, 0.25 + 0.1 * top), steps))
        cmap = ListedColormap(ramp).with_extremes(bad="0.8")
        low = -0.5 if top < 8 else float(matrix[~np.eye(n, dtype=bool)].min())
        high = top + 0.5 if top < 8 else float(top)
        image = ax.imshow(shown, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
        edges = np.flatnonzero(np.diff(np.asarray(gas.group))) + 0.5
        for edge in edges:
            ax.axhline(edge, color="#E8790B", linewidth=1.0)
            ax.axvline(edge, color="#E8790B", linewidth=1.0)
        ax.set_xlabel("neutrino")
        ax.set_ylabel("neutrino")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
        ax.tick_params(which="both", direction="out", top=False, right=False)
        ax.minorticks_off()
        bar = figure.colorbar(image, ax=ax, shrink=0.9)
        bar.set_label("encounters of the pair")
        bar.locator = MaxNLocator(5, integer=True)
        bar.update_ticks()
        bar.ax.minorticks_off()
        style.settle(figure)
    return figure
