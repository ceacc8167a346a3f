"""The diagrams of the concept pages: gas, encounter, schedule, circuit, and what goes into what.

``python docs/figures_concepts.py`` makes them all; the figures with measured curves are in
``figures_trust.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, FancyArrowPatch, FancyBboxPatch

import qnu
from qnu import plotting
from qnu.plotting import style

BLUE, ORANGE, GREEN, SKY = plotting.GROUP_COLORS[:4]
GREY = "#606060"


def _empty(ax: Any, width: float, height: float) -> None:
    """Axes without a frame, one unit as long in both directions."""
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()


def _arrow(ax: Any, start: Any, stop: Any, color: str = GREY, **options: Any) -> None:
    settings = {"arrowstyle": "-|>", "mutation_scale": 11.0, "linewidth": 1.3, "color": color}
    ax.add_patch(FancyArrowPatch(start, stop, shrinkA=0, shrinkB=0, **(settings | options)))


def _box(ax: Any, middle: tuple[float, float], size: tuple[float, float], text: str, color: str):
    x, y = middle[0] - size[0] / 2, middle[1] - size[1] / 2
    edge = {"edgecolor": color, "facecolor": "white", "linewidth": 1.3}
    ax.add_patch(FancyBboxPatch((x, y), *size, boxstyle="round,pad=0,rounding_size=0.12", **edge))
    ax.text(*middle, text, ha="center", va="center", linespacing=1.35)


def flow() -> Figure:
    """Gas and schedule go into a circuit or into a solver; a Trajectory comes out."""
    with style.paper():
        figure = style.new_figure(7.0, 2.75)
        ax = figure.add_axes((0, 0, 1, 1))
        _empty(ax, 14, 5.5)
        _box(
            ax, (1.65, 4.05), (2.9, 1.5), "gas\n$\\mathbf{P}_i,\\ \\omega_i,\\ \\mathbf{v}_i$", BLUE
        )
        text = "schedule\nwho meets whom,\nwhen, angle $\\theta$"
        _box(ax, (1.65, 1.5), (2.9, 1.9), text, BLUE)
        _box(ax, (6.0, 4.05), (2.6, 1.2), "circuit", GREEN)
        _box(ax, (6.0, 1.5), (2.6, 1.9), "solver\nmany-body, mean\nfield, kinetic, ...", ORANGE)
        _box(ax, (9.45, 4.05), (2.3, 1.5), "machine or\nsimulator", GREEN)
        _box(ax, (12.4, 2.75), (2.6, 1.6), "Trajectory\n$\\mathbf{P}_i(t)$, errors", BLUE)
        for y in (4.05, 1.5):
            _arrow(ax, (3.1, 4.05), (4.7, y), connectionstyle="arc3,rad=0")
            _arrow(ax, (3.1, 1.5), (4.7, y), connectionstyle="arc3,rad=0")
        _arrow(ax, (7.3, 4.05), (8.3, 4.05))
        _arrow(ax, (10.6, 4.05), (11.7, 3.55))
        _arrow(ax, (7.3, 1.5), (11.1, 2.4))
    return figure


def gas() -> Figure:
    """Left: wave packets of two groups. Right: their polarization vectors, B and L."""
    with style.paper():
        figure = style.new_figure(7.0, 3.1)
        ax = figure.add_axes((0.0, 0.0, 0.5, 0.9))
        _empty(ax, 7, 5.6)
        ax.set_title("wave packets: small, far apart")
        rng = np.random.default_rng(4)
        places = [
            (1.0, 4.4),
            (2.9, 4.9),
            (5.6, 4.5),
            (1.2, 2.5),
            (5.9, 2.4),
            (1.4, 0.8),
            (4.6, 0.8),
        ]
        for k, (x, y) in enumerate(places):
            _packet(ax, x, y, rng.uniform(0, 2 * np.pi), BLUE if k % 3 else ORANGE)
        _packet(ax, 3.45, 2.85, np.pi / 4, BLUE)
        _packet(ax, 3.45, 2.85, -np.pi / 4, ORANGE)
        ax.add_patch(Circle((3.55, 2.85), 0.85, fill=False, color=GREY, linestyle=":"))
        ax.text(3.5, 1.75, "an encounter", ha="center", color=GREY)

        ax = figure.add_axes((0.55, 0.02, 0.42, 0.88))
        ax.set(xlim=(-1.45, 1.45), ylim=(-1.45, 1.45), aspect="equal")
        ax.set_axis_off()
        ax.set_title("polarization vectors, $x$-$z$ plane")
        ax.add_patch(Circle((0, 0), 1, fill=False, color="0.7"))
        ax.plot([-1.1, 1.1], [0, 0], color="0.85", linewidth=0.7, zorder=0)
        ax.plot([0, 0], [-1.1, 1.1], color="0.85", linewidth=0.7, zorder=0)
        angle = 0.35  # drawn larger than in the text, to be seen
        for sign, color, name in ((1, BLUE, r"$\mathbf{P}(\nu_e)=\mathbf{L}$"),
                                  (-1, ORANGE, r"$\mathbf{P}(\nu_x)$")):  # fmt: skip
            tip = sign * np.array([np.sin(2 * angle), np.cos(2 * angle)])
            _arrow(ax, (0, 0), tip, color, linewidth=1.8)
            ax.text(*(1.05 * tip + [0.08 * sign, 0.1 * sign]), name, color=color, va="center",
                    ha="left" if sign > 0 else "right")  # fmt: skip
        _arrow(ax, (0, 0), (0, -0.62), GREY)
        ax.text(0.08, -0.6, r"$\mathbf{B}$", color=GREY, va="center")
        ax.text(0, 1.13, r"$|0\rangle=\nu_1$", ha="center", va="bottom")
        ax.text(0, -1.13, r"$|1\rangle=\nu_2$", ha="center", va="top")
        ax.text(1.04, 0.04, "$x$", color=GREY)
        arc = np.linspace(0, 2 * angle, 30)
        ax.plot(0.42 * np.sin(arc), 0.42 * np.cos(arc), color=GREY, linewidth=0.9)
        ax.text(-0.06, 0.47, r"$2\theta_\mathrm{mix}$", color=GREY, fontsize=9, ha="right")
    return figure


def _packet(ax: Any, x: float, y: float, direction: float, color: str) -> None:
    step = np.array([np.cos(direction), np.sin(direction)])
    degrees = np.rad2deg(direction)
    for size, alpha in ((1.0, 0.15), (0.65, 0.3), (0.35, 0.6)):
        shape = Ellipse((x, y), 0.62 * size, 0.42 * size, angle=degrees, color=color, alpha=alpha)
        shape.set_linewidth(0)
        ax.add_patch(shape)
    _arrow(ax, (x, y) + 0.33 * step, (x, y) + 0.85 * step, color, mutation_scale=8.0)


def one_encounter() -> tuple[qnu.NeutrinoGas, qnu.Trajectory, np.ndarray]:
    """Two neutrinos at right angles exchange flavor; theta runs from 0 to pi/2."""
    two = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], omega=[0.0, 0.0], group=["1", "2"])
    schedule = qnu.EncounterSchedule([0], [1], [np.pi / 2], [0.0], 1.0, neutrinos=2)
    share = np.linspace(0, 1, 61)
    run = qnu.solvers.many_body(two, schedule, share, observables=["entropy", "pair_concurrence"])
    return two, run, share * np.pi / 2


def encounter() -> Figure:
    """The paths of both polarization vectors in the Bloch sphere, theta from 0 to pi/2."""
    return plotting.bloch({"many_body": one_encounter()[1]})


def encounter_angle() -> Figure:
    """What one encounter does as its swap angle grows."""
    _, run, angle = one_encounter()
    with style.paper():
        figure = style.new_figure(7.0, 2.5, layout="constrained")
        left, right = figure.subplots(1, 2)
        for k, (color, name) in enumerate(((BLUE, "z"), (GREEN, "y"), (ORANGE, "x"))):
            left.plot(angle, run.polarization[:, 0, 2 - k], color=color, label=f"$P_{{1{name}}}$")
        left.plot(angle, np.cos(angle) ** 2, ".", color="0.6", markevery=6, zorder=5)
        left.plot(angle, np.sin(angle) ** 2, ".", color="0.6", markevery=6, zorder=5)
        left.plot(angle, -np.sin(angle) * np.cos(angle), ".", color="0.6", markevery=6, zorder=5)
        left.set(ylabel="neutrino 1", xlabel=r"swap angle $\theta$")
        right.plot(angle, np.linalg.norm(run.polarization[:, 0], axis=1), color=BLUE,
                   label=r"length $|\mathbf{P}_1|$")  # fmt: skip
        right.plot(angle, run["entropy"][:, 0], color=ORANGE, label="entropy in bits")
        right.plot(angle, run["pair_concurrence"][:, 0, 1], "--", color=GREEN, label="concurrence")
        right.set(xlabel=r"swap angle $\theta$")
        for ax in (left, right):
            ax.set(xlim=(0, np.pi / 2), xticks=[0, np.pi / 4, np.pi / 2],
                   xticklabels=["0", r"$\pi/4$", r"$\pi/2$"])  # fmt: skip
        left.legend(fontsize=9, loc=(0.03, 0.45))
        right.legend(fontsize=9, loc=(0.28, 0.01))
    return figure


def _six() -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas([[0, 0, 1]] * 6, omega=[0.0] * 6)


def schedules() -> Figure:
    """Encounters of six neutrinos in four kinds of schedule."""
    six, make = _six(), qnu.schedules
    kinds = (
        ("tournament", make.tournament(six, 0.5)),
        ("stochastic, $p=0.4$", make.stochastic(six, 0.5, 0.4, 2.5, seed=2)),
        ("random pairs, back to back", make.random_pairs(six, 0.5, 15, seed=3)),
        ("plane waves, 3 Trotter steps", make.plane_wave(six, 2.5, 3, order=1)),
    )
    with style.paper():
        figure = style.new_figure(7.0, 4.2, layout="constrained")
        for ax, (title, schedule) in zip(figure.subplots(2, 2).flat, kinds, strict=True):
            _draw_rows(ax, schedule)
            ax.set_title(title)
    return figure


def _draw_rows(ax: Any, schedule: qnu.EncounterSchedule) -> None:
    """A line per neutrino; an encounter joins two of them, as dark as its swap angle is large."""
    n = schedule.neutrinos
    for k in range(n):
        ax.axhline(k, color="0.85", linewidth=0.8, zorder=0)
    start, same = schedule.start, np.zeros(len(schedule))
    for k in range(1, len(schedule)):
        same[k] = same[k - 1] + 1 if abs(start[k] - start[k - 1]) < 1e-9 else 0
    crowd = same.max() + 1
    gap = 0.055 if crowd <= 5 else 0.75 * schedule.final_time / 3 / crowd
    x = start + same * gap + (schedule.duration / 2 - gap if schedule.free_streaming else 0.0)
    x = np.where(schedule.duration > 0, x, start + same * gap)
    shade = 0.35 + 0.65 * schedule.swap_angle / 0.5
    for place, a, b, alpha in zip(x, schedule.first, schedule.second, shade, strict=True):
        ax.plot([place, place], [a, b], "o-", color=BLUE, alpha=min(alpha, 1.0), markersize=3.2,
                linewidth=1.2)  # fmt: skip
    ax.set(xlabel=r"time $\mu t$", ylabel="neutrino", yticks=range(n), ylim=(n - 0.5, -0.5),
           xlim=(-0.1, schedule.final_time + 0.1))  # fmt: skip
    ax.tick_params(axis="y", which="both", length=0)


def tournament() -> Figure:
    """A tournament of four as a list, as rounds, and as a circuit."""
    four = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
    schedule = qnu.schedules.tournament(four, gamma=0.3)
    pairs = list(zip(schedule.first.tolist(), schedule.second.tolist(), strict=True))
    colors = (BLUE, ORANGE, GREEN)
    with style.paper():
        figure = style.new_figure(7.0, 2.7)
        ax = figure.add_axes((0.0, 0.0, 0.25, 0.88))
        ax.set_axis_off()
        ax.set_title("list")
        for column, head in zip((0.1, 0.32, 0.55, 0.85), ("i", "j", r"\theta", "t"), strict=True):
            ax.text(column, 0.88, f"${head}$", ha="center")
        for k, (a, b) in enumerate(pairs):
            row = (a, b, schedule.swap_angle[k], schedule.start[k])
            for column, value in zip((0.1, 0.32, 0.55, 0.85), row, strict=True):
                text = f"{value:.1f}" if isinstance(value, float) else str(value)
                ax.text(column, 0.74 - 0.13 * k, text, ha="center", color=colors[k // 2])
        ax = figure.add_axes((0.27, 0.0, 0.22, 0.88))
        ax.set_title("rounds")
        _empty(ax, 3.0, 4.4)
        for r in range(3):
            _draw_round(ax, (1.5, 3.65 - 1.45 * r), pairs[2 * r : 2 * r + 2], colors[r])
        ax = figure.add_axes((0.51, 0.0, 0.48, 0.88))
        ax.set_title("circuit")
        _draw_circuit(ax, pairs, colors)
    return figure


def _draw_round(ax: Any, middle: tuple[float, float], pairs: Any, color: str) -> None:
    corners = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)]) * 0.42 + middle
    for a, b in pairs:
        ax.plot(*corners[[a, b]].T, color=color, linewidth=1.8)
    for k, (x, y) in enumerate(corners):
        ax.plot(x, y, "o", color="white", markeredgecolor=GREY, markersize=11)
        ax.text(x, y - 0.02, str(k), ha="center", va="center", fontsize=8)


def _draw_circuit(ax: Any, pairs: Any, colors: tuple[str, ...]) -> None:
    _empty(ax, 8.4, 4.4)
    height = 3.75 - 0.95 * np.arange(4)
    for k, y in enumerate(height):
        ax.plot([0.75, 8.0], [y, y], color="0.5", linewidth=0.9, zorder=0)
        ax.text(0.65, y, f"$|0\\rangle_{k}$", ha="right", va="center")
        _gate(ax, 1.3, y, "$R$")
        _gate(ax, 7.6, y, "$M$")
    for k, (a, b) in enumerate(pairs):
        color, x = colors[k // 2], 2.3 + 1.7 * (k // 2) + 0.75 * (k % 2)
        ax.plot([x, x], height[[a, b]], color=color, linewidth=1.5)
        for y in height[[a, b]]:
            _gate(ax, x, y, r"$\theta$", color)
    ax.text(1.3, 0.25, "prepare", ha="center", fontsize=8.5, color=GREY)
    ax.text(4.4, 0.25, "six encounters, depth 3", ha="center", fontsize=8.5, color=GREY)
    ax.text(7.6, 0.25, "measure", ha="center", fontsize=8.5, color=GREY)


def _gate(ax: Any, x: float, y: float, text: str, color: str = GREY) -> None:
    box = {"boxstyle": "square,pad=0.22", "facecolor": "white", "edgecolor": color}
    ax.text(x, y, text, ha="center", va="center", fontsize=9, color=color, bbox=box)


FIGURES: dict[str, Callable[[], Figure]] = {
    "concept_flow": flow,
    "concept_gas": gas,
    "concept_encounter": encounter,
    "concept_encounter_angle": encounter_angle,
    "concept_schedules": schedules,
    "concept_tournament": tournament,
}
