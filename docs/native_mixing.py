"""How well native schedules mix: the table and the figure of docs/how-to/native.md.

``python docs/native_mixing.py`` prints the table (half a minute); the figure is one of ``make
figures``.
"""

from __future__ import annotations

from functools import cache

import matplotlib
import numpy as np
from figures_trust import two_groups

import qnu
from qnu import plotting
from qnu.plotting import style
from qnu.schedules import mixing

N, GAMMA, DEPTH, SEEDS = 100, 0.1, 100, 100
#: Encounters per neutrino for return times: those that are cut off at the end are few.
LONG = 3000
TIMES = np.linspace(0.0, GAMMA * DEPTH, 11)
BLUE, ORANGE, GREEN = plotting.GROUP_COLORS[:3]
#: Methods of drawing: name, arguments, color.
METHODS = {
    "strangers first, swapped": ({}, BLUE),
    "uniform, swapped at random": ({"prefer": "anybody", "trade": 0.5}, ORANGE),
    "uniform, never swapped": ({"prefer": "anybody", "trade": 0.0}, GREEN),
}


@cache
def gas() -> qnu.NeutrinoGas:
    return two_groups(60, 40)


def native(coupling: str, method: str, seed: int, depth: float = DEPTH) -> qnu.EncounterSchedule:
    return qnu.schedules.native(gas(), GAMMA, coupling, depth, seed, **METHODS[method][0])


def whole_gas(probability: float, seed: int, depth: float = DEPTH) -> qnu.EncounterSchedule:
    return qnu.schedules.stochastic(gas(), GAMMA, probability, GAMMA * depth, seed=seed)


def ensemble(make) -> np.ndarray:
    """``(seeds, times, groups, axis)`` group means of independent."""
    run = qnu.solvers.independent
    return np.array([run(gas(), make(seed), TIMES).group_mean() for seed in range(SEEDS)])


def _matrix(figure, ax) -> None:
    """Encounters of every pair: above the diagonal with the defaults, below at random."""
    counts = []
    for method in ("strangers first, swapped", "uniform, swapped at random"):
        schedule = native("heavy_hex", method, 0)
        order = np.argsort(schedule.wiring.sites)
        counts.append(mixing.meeting_counts(schedule)[np.ix_(order, order)])
    both = np.triu(counts[0]) + np.tril(counts[1])
    ramp = matplotlib.colormaps["Blues"].resampled(6)
    image = ax.imshow(both, cmap=ramp, vmin=-0.5, vmax=5.5, interpolation="nearest")
    bar = figure.colorbar(image, ax=ax, label=f"encounters of a pair, $k={DEPTH}$", extend="max")
    bar.set_ticks(range(6))
    bar.ax.minorticks_off()
    ax.minorticks_off()
    ax.set(xlabel="neutrino, by its first site", ylabel="neutrino, by its first site")
    ax.set_title("heavy hex: encounters of all pairs")
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2.0}
    for x, y, method, color in ((69, 10, 0, BLUE), (31, 90, 1, ORANGE)):
        label = list(METHODS)[method]
        ax.text(x, y, label, color=color, ha="center", va="center", fontsize="small", bbox=box)


def _met(ax) -> None:
    depth = np.geomspace(1, 300, 40)
    for method, (_, color) in list(METHODS.items())[::-1]:
        met = mixing.share_met(native("heavy_hex", method, 0, 300), depth)
        ax.semilogx(depth, met, color=color, label=f"heavy hex: {method}")
    for coupling, line in (("grid", "--"), ("line", ":")):
        met = mixing.share_met(native(coupling, "strangers first, swapped", 0, 300), depth)
        ax.semilogx(depth, met, line, color=BLUE, label=f"{coupling}: the same")
    ax.semilogx(
        depth, 1 - np.exp(-depth / (N - 1)), color="0.6", linewidth=5, zorder=0, label="whole gas"
    )
    ax.set(xlabel="encounters per neutrino", ylabel="share of all pairs", ylim=(0, 1.02))
    ax.set_title(f"pairs that have met, $N={N}$")
    ax.legend(fontsize="x-small", loc="upper left")


def _returns(ax) -> None:
    n = np.arange(1, 301)
    ax.loglog(n, (1 - 1 / (N - 1)) ** n, color="0.6", linewidth=5, label="whole gas")
    for method, (_, color) in METHODS.items():
        apart = np.sort(mixing.return_times(native("heavy_hex", method, 0, LONG)))
        later = 1 - np.searchsorted(apart, n, side="right") / len(apart)
        ax.loglog(n, later, color=color, label=method)
    ax.set(xlabel="own encounters since they met", ylabel="share not back yet", ylim=(1e-3, 1.3))
    ax.set_title("heavy hex: when a pair meets again")
    ax.legend(fontsize="x-small", loc="lower right")


def _difference(ax) -> None:
    probability = native("heavy_hex", next(iter(METHODS)), 0).probability
    free = ensemble(lambda seed: whole_gas(probability, seed))
    for method, (_, color) in METHODS.items():
        ours = ensemble(lambda seed, method=method: native("heavy_hex", method, seed))
        off, error = mixing.difference(ours, free)
        ax.errorbar(
            TIMES, off[:, 0, 2], error[:, 0, 2], fmt="o-", color=color, markersize=3, label=method
        )
    spread = free.std(axis=0, ddof=1)[:, 0, 2]
    ax.fill_between(TIMES, -spread, spread, color="0.85", zorder=0, label="one history")
    ax.set(xlabel=r"time $\mu t$", ylabel=r"$P_{1z}$: device $-$ whole gas")
    ax.set_title(rf"independent, $\gamma={GAMMA}$, mean of {SEEDS} seeds")
    ax.legend(fontsize="x-small", loc="upper left")


def draw():
    """The figure."""
    with style.paper():
        figure = style.new_figure(7.4, 6.0, layout="constrained")
        axes = figure.subplots(2, 2)
        _matrix(figure, axes[0, 0])
        _met(axes[0, 1])
        _returns(axes[1, 0])
        _difference(axes[1, 1])
    return figure


def table() -> None:
    """The numbers of docs/how-to/native.md."""
    upper = np.triu_indices(N, 1)
    print(
        "| device | drawn | p | met, k = 30 | k = 100 | k = 300 | variance / mean |"
        " median return | off from whole gas | one history |\n|" + " --- |" * 10
    )
    for coupling in ("heavy_hex", "grid", "ring", "line"):
        probability = native(coupling, next(iter(METHODS)), 0).probability
        free = ensemble(lambda seed, p=probability: whole_gas(p, seed))
        if coupling == "heavy_hex":
            made = whole_gas(probability, 0, LONG)
            other = ensemble(lambda seed, p=probability: whole_gas(p, SEEDS + seed))
            _row("whole gas", "", made, whole_gas(probability, 0), other, free, upper)
        for method in METHODS:
            made = native(coupling, method, 0, LONG)
            ours = ensemble(lambda seed, c=coupling, w=method: native(c, w, seed))
            _row(coupling, method, made, native(coupling, method, 0), ours, free, upper)


def _row(device, drawn, deep, made, ours, free, upper) -> None:
    met = mixing.share_met(deep, [30, 100, 300])  # the beginning of a long schedule
    counts = mixing.meeting_counts(made)[upper]
    apart = mixing.return_times(deep)
    off, error = mixing.difference(ours, free)
    worst = np.unravel_index(np.argmax(abs(off)), off.shape)
    spread = ours.std(axis=0, ddof=1)[worst]
    print(
        f"| {device} | {drawn} | {made.probability:.2f} | "
        + " | ".join(f"{share:.3f}" for share in met)
        + f" | {counts.var() / counts.mean():.2f} | {np.median(apart):.0f}"
        f" | {abs(off[worst]):.4f} +- {error[worst]:.4f} | {spread:.3f} |",
        flush=True,
    )


if __name__ == "__main__":
    table()
