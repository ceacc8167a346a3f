"""The figure of the page on linear stability: growth and frequencies against k."""

from __future__ import annotations

from typing import Any

import numpy as np
from figures_trust import BLUE, ORANGE
from matplotlib.figure import Figure

import qnu
from qnu import AngularDistribution, solvers
from qnu.plotting import style


def crossed(share: float, omega: float) -> qnu.NeutrinoGas:
    """Isotropic nu_e and forward-peaked anti-nu_e."""
    angular = (AngularDistribution.isotropic(), AngularDistribution.gaussian(0.6))
    groups = [
        qnu.Group(
            10, flavor="electron", omega=omega, antineutrino=bool(k), weight=weight, angular=spread
        )
        for k, (weight, spread) in enumerate(zip((1.0, share), angular, strict=True))
    ]
    return qnu.NeutrinoGas.from_groups(groups, mixing_angle=0.0, seed=1)


def stability() -> Figure:
    """Growth above, frequencies below; without and with vacuum."""
    k = np.linspace(-1.5, 1.5, 121)
    with style.paper():
        figure = style.new_figure(7.0, 3.8, layout="constrained")
        axes = figure.subplots(2, 2, sharex=True)
        for column, (share, omega) in enumerate(((0.9, 0.0), (0.4, 0.05))):
            for beams, color, line in ((16, BLUE, "-"), (64, ORANGE, "--")):
                modes = solvers.linear_stability(crossed(share, omega), k, beams=beams)
                _column(axes[:, column], modes, color, line, f"{beams} beams")
            axes[0, column].set_ylim(bottom=0)
            axes[1, column].set_xlabel(r"wave number $k/\mu$")
        axes[0, 0].set_ylabel(r"growth $\mathrm{Im}\,\Omega/\mu$")
        axes[1, 0].set_ylabel(r"$\mathrm{Re}\,\Omega/\mu$")
        axes[0, 1].legend(loc="upper right")
        style.settle(figure)
    return figure


def _column(axes: Any, modes: Any, color: str, line: str, label: str) -> None:
    axes[0].plot(modes.k, modes.growth, line, color=color, linewidth=1.4, label=label)
    if line == "-":
        every = np.repeat(modes.k, modes.frequency.shape[1])
        axes[1].plot(every, modes.frequency.real.ravel(), ".", color="#b8b8b8", markersize=1.5)
    grows = modes.growth > 1e-9
    size = 2.6 if line == "-" else 1.4
    axes[1].plot(modes.k[grows], modes.frequency[grows, 0].real, "o", color=color, markersize=size)


FIGURES = {"concept_stability": stability}
