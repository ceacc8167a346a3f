"""The measured figures of the page on quasi-steady states, and the numbers of the page on limits.

``python docs/figures_limits.py`` prints the tables of the page on the two limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from figures_trust import BLACK, BLUE, ORANGE
from matplotlib.figure import Figure

import qnu
from qnu import plotting, solvers
from qnu.plotting import style


def quasi_steady() -> Figure:
    """Left: P_i along H_i in the turning frame. Right: a spectral split as mu falls."""
    share, omega = np.array([0.6, 0.4]), np.array([0.1, 0.9])
    state = solvers.quasi_steady_state((0.9, 0.7), (1, 1), share, omega, -0.2)
    mean = share @ state.polarization
    fields = (omega - state.precession)[:, None] * np.array([0, 0, -1]) + mean
    with style.paper():
        figure = style.new_figure(7.0, 3.0, layout="constrained")
        left, right = figure.subplots(1, 2)
        left.set(xlim=(-0.25, 1.15), ylim=(-0.45, 0.85), aspect="equal")
        left.set_axis_off()
        left.axvline(0, color="0.85", linewidth=0.8)
        left.axhline(0, color="0.85", linewidth=0.8)
        longer = (np.linalg.norm(state.polarization, axis=1) + 0.3)[:, None]
        fields *= longer / np.linalg.norm(fields, axis=1)[:, None]  # only its direction is drawn
        colors = ((BLUE, 1), (ORANGE, 2))
        rows = [
            (h, c, 0.9, ":", rf"$\mathbf{{H}}_{k}$")
            for h, (c, k) in zip(fields, colors, strict=True)
        ]
        rows += [
            (v, c, 2.2, "-", rf"$\mathbf{{P}}_{k}$")
            for v, (c, k) in zip(state.polarization, colors, strict=True)
        ]
        rows += [
            (mean, BLACK, 1.6, "-", r"$\bar{\mathbf{P}}$"),
            ([0, 0, -0.3], "0.45", 1.2, "-", r"$\mathbf{B}$"),
        ]
        for vector, color, width, line, name in rows:
            tip = (vector[0], vector[2])
            arrow = {"arrowstyle": "-|>", "color": color, "linewidth": width, "linestyle": line,
                     "shrinkA": 0, "shrinkB": 0}  # fmt: skip
            left.annotate("", tip, (0, 0), arrowprops=arrow)
            left.annotate(name, tip, xytext=(5, 3), textcoords="offset points", color=color)
        left.set_title(
            f"turning about $\\mathbf{{B}}$ with $\\Omega={state.precession:.2f}\\,\\mu$"
        )
        _draw_split(right)
    return figure


def _draw_split(ax: Any) -> None:
    unit, groups, d = 0.1, 41, -0.5
    omega = unit * (2 * np.arange(groups) + 1) / groups
    state = solvers.quasi_steady_state(
        np.ones(groups), (1,) * groups, [1 / groups] * groups, omega, d
    )
    each = [qnu.Group(1, p, omega=w) for p, w in zip(state.polarization, omega, strict=True)]
    gas = qnu.NeutrinoGas.from_groups(each, velocities="right-angle")
    falling = qnu.profiles.Exponential(1.0, 400.0)
    times = -400 * np.log([1.0, 0.1, 0.03, 1e-4])
    slow = solvers.miscidynamics(gas, times, 0.0, mu=falling)
    mean = solvers.mean_field(gas, times, mu=falling, partners="all")
    shades = plotting.group_colors([str(k) for k in range(6)])
    for k, label in enumerate(("1", "0.1", "0.03", "10^{-4}")):
        color = shades[str(k + k // 3)]
        ax.plot(
            omega / unit, slow.polarization[k, :, 2], color=color, label=rf"$\mu={label}\,\mu_0$"
        )
        ax.plot(omega / unit, mean.polarization[k, :, 2], "o", color=color, ms=2.5)
    apart_ = abs(slow.polarization[..., 2] - mean.polarization[..., 2]).max()
    print(f"split: Omega/omega_0 = {float(slow['precession'][-1]) / unit:.3f}, closed 1.5; "
          f"mean field apart by {apart_:.3f}")  # fmt: skip
    ax.axvline(1.5, color="0.5", linestyle=":")
    ax.set(xlabel=r"$\omega/\omega_0$", ylabel="$z$", ylim=(-1.1, 1.1))
    ax.set_title("spectral split; dots: mean field")
    ax.legend(fontsize=8.5, loc="lower left")


FIGURES: dict[str, Callable[[], Figure]] = {
    "concept_quasi_steady": quasi_steady,
}


def table(sweep: str) -> None:
    """z and entropy of the upper half at mu t = 4, of every method of a shipped sweep."""
    data = qnu.experiment.sweep(sweep)
    key = next(iter(data["polarization"].dims))
    shown = data.sel(group="up").isel(time=int(np.argmin(abs(data["time"].values - 4))))
    for value in data[key].values:
        words = []
        for method in data["method"].values:
            here = shown.sel({key: value, "method": method})
            z, entropy = here["polarization"].sel(axis="z"), here["entropy"]
            error = float(z.std("seed", ddof=1)) / len(z) ** 0.5
            words.append(f"{method} z = {float(z.mean()):.3f} +- {error:.3f}")
            words[-1] += f", S = {float(entropy.mean()):.3f}"
        print(f"{sweep}, {key} = {value:g}: {'; '.join(words)}")


def passages() -> None:
    """Whether the packets of the sweep meet one at a time, and the same ones again."""
    for size in (0.1, 0.2, 0.3, 0.5, 1.0):
        found = []
        for seed in range(1, 31):
            each = [qnu.Group(4, (0, 0, z), omega=0.0) for z in (1.0, -1.0)]
            gas = qnu.NeutrinoGas.from_groups(each, velocities="isotropic", seed=seed)
            drawn = qnu.schedules.wave_packets(gas, 8.0, box=0.5, width=0.25 * size, seed=seed)
            found.append(qnu.schedules.packet_statistics(drawn))
        disturbed = np.mean([each.disturbed for each in found])
        again = np.mean([each.pairs_again for each in found])
        print(
            f"size {size}: gamma = {drawn.gamma:.3g}, {disturbed:.0%} of the angle while a third"
            f" packet is near; {again:.0%} of the pairs that meet, meet again"
        )


if __name__ == "__main__":
    table("two_limits")
    table("two_limits_packets")
    passages()
