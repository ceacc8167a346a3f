"""The measured figures of the pages on limits and quasi-steady states.

``python docs/figures_limits.py`` makes them and prints the numbers that the pages state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from figures_trust import BLACK, BLUE, ORANGE, TIME, histories
from matplotlib.figure import Figure

import qnu
from qnu import plotting, schedules, solvers
from qnu.plotting import style


def limits() -> Figure:
    """gamma -> 0: mean field for the large gas, plane waves for a few neutrinos again and again."""
    opposite = qnu.NeutrinoGas(
        [[0, 0, 1]] * 4 + [[0, 0, -1]] * 4, [0.0] * 8, group=[0] * 4 + [1] * 4
    )
    waves = schedules.plane_wave(opposite, 8.0, 80, mu=8 / 7)
    times = np.linspace(0, 8, 41)
    with style.paper():
        figure = style.new_figure(7.0, 2.9, layout="constrained")
        left, right = figure.subplots(1, 2)
        shades = plotting.group_colors([str(k) for k in range(8)])
        for k, gamma in enumerate((1.0, 0.25, 0.0625, 0.015625)):
            rounds = np.arange(0, round(8 / gamma) + 1, max(1, round(0.25 / gamma)))
            large, exact = histories(opposite, gamma, rounds, 30)
            color, label = shades[str(2 * k)], rf"$\gamma={gamma:.2g}$"
            left.plot(rounds * gamma, exact.mean(0)[:, 0, 2], color=color, label=label)
            right.plot(rounds * gamma, large.mean(0)[:, 0, 2], color=color)
            half = np.searchsorted(rounds * gamma, 4.0)
            error = exact[:, half, 0, 2].std(ddof=1) / np.sqrt(30)
            print(
                f"gamma = {gamma}: z(4) = {exact[:, half, 0, 2].mean():.3f} +- {error:.3f}"
                f" many-body, {large[:, half, 0, 2].mean():.3f} independent"
            )
        run = solvers.many_body(opposite, waves, times, trotter_error=False)
        print(f"plane waves, mu/(N-1): z(4) = {run.group_mean()[20, 0, 2]:.3f}")
        left.plot(times, run.group_mean()[:, 0, 2], "k--", label="plane waves")
        right.plot(times, np.ones(41), "k-.", label="mean field")
        left.set(xlabel=TIME, ylabel="$z$ of the group that starts in $\\nu_1$", ylim=(-0.7, 1.06))
        left.set_title("these 8 neutrinos (many-body)")
        right.set(xlabel=TIME, ylim=(-0.7, 1.06))
        right.set_title("a large gas (independent)")
        left.legend(fontsize=8.5, loc="upper right")
        right.legend(fontsize=8.5, loc="lower right")
    return figure


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
    "concept_limits": limits,
    "concept_quasi_steady": quasi_steady,
}
