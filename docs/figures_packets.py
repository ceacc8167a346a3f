"""The figures of the pages on wave packets, phase space, and beams as big spins.

``python docs/figures_packets.py`` prints the numbers of their captions, in some ten seconds;
``make figures`` draws them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from figures_trust import BLACK, BLUE, GREEN, ORANGE, SKY, TIME
from matplotlib.figure import Figure
from scipy.special import dawsn, xlogy

import qnu
from qnu import schedules, solvers
from qnu.plotting import style

Floats = Any  # arrays of floats


def opposite(count: int, delta: float = 0.0, velocities: str = "right-angle") -> qnu.NeutrinoGas:
    """Half of the neutrinos in nu_1 with omega = -delta, half in nu_2 with +delta."""
    halves = [
        qnu.Group(count // 2, (0, 0, z), omega=-z * delta, name=name)
        for name, z in (("up", 1.0), ("down", -1.0))
    ]
    return qnu.NeutrinoGas.from_groups(halves, velocities=velocities, seed=1)


def wave_packets() -> Figure:
    """Swap angles, disturbed share against size, and kappa against shape: formulas and packets."""
    with style.paper():
        figure = style.new_figure(7.0, 2.7, layout="constrained")
        axes = figure.subplots(1, 3)
        _angles(axes[0])
        _disturbed(axes[1])
        _kappa(axes[2])
    return figure


def flight(ratio: float = 1.0) -> tuple[Floats, float]:
    """Swap angles over 2 gamma of all passages of 2000 packets, and what one counts.

    A passage is one of two neutrinos; the unit is one per neutrino and ``mu t / gamma``.
    """
    gamma, gas = 0.05, opposite(2000, velocities="isotropic")
    made = schedules.wave_packets(gas, 0.5, width=0.001, gamma=gamma, ratio=ratio, seed=2)
    return made.swap_angle / (2 * gamma), 2 * gamma / (len(gas) * made.final_time)


def _angles(ax: Any) -> None:
    strength, each = flight()
    edges = np.geomspace(0.02, 1.0, 25)
    counts, _ = np.histogram(strength, edges)
    found = counts * each / np.diff(np.log(edges))
    formula = 2 / 3 * (1 - np.diff(edges**3) / 3 / np.diff(np.log(edges)))
    pull = (found - formula) / np.sqrt(formula * each / np.diff(np.log(edges)))
    print(f"{len(strength):,} passages; angles: {np.sqrt((pull**2).mean()):.2f} standard errors "
          "from the formula (rms)")  # fmt: skip
    ax.stairs(found, edges, color=SKY, fill=True, alpha=0.6, label="packets")
    q = np.geomspace(0.02, 1.0, 200)
    ax.plot(q, 2 / 3 * (1 - q**3), color=BLACK, label=r"$\frac{2}{3}(1-q^3)$")
    ax.set(xscale="log", xlabel=r"swap angle, $q=\theta/2\gamma$", ylim=(0, 0.95))
    ax.set(ylabel=r"passages per $\mu t/\gamma$ and $\ln\theta$", title="strength of a passage")
    ax.legend(fontsize=8.5, ncols=2, loc="upper center", handlelength=1.8)


def undisturbed(size: Floats) -> Floats:
    r"""Chance that none of many others is on either of two round packets while they exchange.

    The mean of :math:`e^{-nV(d)}`, V the volume of two balls of the radius :math:`2\sqrt2\,s` at
    the separation d, each component of which is a Gaussian of the rms :math:`\sqrt2\,s`.
    """
    d = np.linspace(0.0, 8.0, 2001)[1:]  # in sqrt 2 s; the balls have the radius 2
    lens = np.pi * (8 + d) * np.clip(4 - d, 0, None) ** 2 / 12
    volume = 2 * 32 * np.pi / 3 - lens
    weight = d**2 * np.exp(-(d**2) / 2)
    return np.exp(-np.outer(np.power(size, 3) * 2**1.5, volume)) @ weight / weight.sum()


def _disturbed(ax: Any) -> None:
    gamma, gas = 0.05, opposite(400, velocities="isotropic")
    sizes, share = np.geomspace(0.02, 1.0, 9), []
    for size in sizes:
        made = schedules.wave_packets(
            gas, 1.0, width=8 * np.pi * gamma * size**3, gamma=gamma, seed=1
        )
        share.append(schedules.packet_statistics(made).disturbed)
    line = np.geomspace(0.012, 1.4, 200)
    formula = 1 - undisturbed(line)
    print("disturbed:", ", ".join(f"{x:.3f}: {y:.2%}" for x, y in zip(sizes, share, strict=True)))
    print("formula:", ", ".join(f"{1 - y:.2%}" for y in undisturbed(sizes)),
          f"; 10 % at {np.interp(0.1, formula, line):.3f}")  # fmt: skip
    ax.plot(line, formula, color=BLACK, label="formula")
    ax.plot(sizes, share, "o", color=BLUE, mfc="white", ms=5, label="packets")
    ax.axhline(0.1, color="0.5", linestyle=":", linewidth=1.0)
    ax.text(0.015, 0.115, "qnu warns", color="0.35", fontsize=8.5)
    ax.set(xscale="log", xlabel=r"size over distance, $s\,n^{1/3}$", xlim=(0.012, 1.4))
    ax.set(
        ylabel="disturbed share of the angle", ylim=(-0.03, 1.06), title="a third packet is near"
    )
    ax.legend(fontsize=8.5, loc="center left")


def kappa(ratio: Floats) -> Floats:
    """Of isotropic directions, packets ``ratio`` times as long as wide."""
    c, weights = np.polynomial.legendre.leggauss(400)
    r = np.reshape(ratio, (-1, 1))
    value: Floats = (1 - c) ** 1.5 / np.sqrt(1 - c + r**2 * (1 + c)) @ weights / 2
    return value


def _kappa(ax: Any) -> None:
    line, ratios = np.geomspace(0.1, 6, 100), np.array([0.125, 0.25, 0.5, 1.0, 2.0, 4.0])
    found, error = [], []
    for ratio in ratios:
        strength, each = flight(ratio)
        found.append(float(4 * (strength**2).sum() * each))  # theta^2 / gamma^2
        error.append(float(4 * np.sqrt((strength**4).sum()) * each))
    print("kappa:", ", ".join(
        f"{r:g}: {f:.3f} +- {e:.3f} (formula {k:.3f})"
        for r, f, e, k in zip(ratios, found, error, kappa(ratios), strict=True)))  # fmt: skip
    ax.plot(line, kappa(line), color=BLACK, label="formula")
    ax.errorbar(ratios, found, error, fmt="o", color=BLUE, mfc="white", ms=5, label="packets")
    ax.set(xscale="log", xlabel=r"length over width, $r=s_L/s_T$", ylim=(0, 1.05))
    ax.set(ylabel=r"$\kappa$, isotropic", title="rate of entanglement")
    ax.legend(fontsize=8.5, loc="lower left")


def phase_space() -> Figure:
    """z of plane waves against time for few and many neutrinos; errors against gamma."""
    with style.paper():
        figure = style.new_figure(7.0, 2.7, layout="constrained")
        few, many, right = figure.subplots(1, 3)
        for ax, count in ((few, 8), (many, 64)):
            _against_time(ax, count)
        few.set_ylabel("$z$ of the first group")
        few.legend(fontsize=8.5, loc="lower left", handlelength=2.0)
        _errors(right)
    return figure


def _against_time(ax: Any, count: int) -> None:
    gas, times = opposite(count), np.linspace(0.0, 6 * np.sqrt(count), 121)
    box = schedules.plane_wave(gas, times[-1], steps=120)
    exact = solvers.collective(gas, times).group_mean()[:, 0, 2]
    run = solvers.phase_space(gas, box, times, samples=1000, seed=1)
    z, error = run.group_mean()[:, 0, 2], run.group_error()[:, 0, 2]
    mean = solvers.mean_field(gas, times, partners="all").group_mean()[:, 0, 2]
    ax.plot(times, exact, color=BLACK, linewidth=1.2, label="exact")
    ax.fill_between(times, z - error, z + error, color=ORANGE, alpha=0.35, linewidth=0)
    ax.plot(times, z, "--", color=ORANGE, linewidth=1.6, label="phase space")
    ax.plot(times, mean, ":", color=BLUE, linewidth=1.6, label="mean field")
    ax.set(xlabel=TIME, xlim=(0, times[-1]), ylim=(-1.2, 1.15), title=f"plane waves, $N={count}$")
    off = abs(z - exact)
    print(f"N = {count}: phase space off by {off.max():.2f}, up to 3 sqrt N {off[:61].max():.2f}; "
          f"standard error up to {error.max():.3f}")  # fmt: skip


def _errors(ax: Any) -> None:
    tilt = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(6, tilt, omega=0.1), qnu.Group(6, -tilt, omega=0.2)], velocities="right-angle"
    )
    gammas, names = np.array([0.05, 0.1, 0.2, 0.4]), ("kinetic", "independent", "phase space")
    errors: dict[str, list[float]] = {name: [] for name in names}
    for gamma in gammas:
        rounds = schedules.tournament(gas, gamma)
        times = np.linspace(0.0, rounds.final_time, 12)
        exact = solvers.many_body(gas, rounds, times).group_mean()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", qnu.QnuWarning)  # gamma is large for kinetic: shown
            kinetic = solvers.kinetic(gas, rounds, times)
        runs = (
            kinetic,
            solvers.independent(gas, rounds, times),
            solvers.phase_space(gas, rounds, times, samples=4000, seed=1),
        )
        for name, run in zip(names, runs, strict=True):
            off = np.linalg.norm(run.group_mean() - exact, axis=-1)
            errors[name].append(float(off.max()))
        scatter = np.linalg.norm(runs[-1].group_error(), axis=-1).max()
        print(f"gamma = {gamma}: standard error of phase space {scatter:.4f}")
    looks = ((GREEN, "^:"), (BLUE, "s-"), (ORANGE, "o--"))
    for (name, values), (color, line) in zip(errors.items(), looks, strict=True):
        ax.loglog(gammas, values, line, color=color, label=name, ms=4.5)
        print(f"{name}:", ", ".join(f"{g:g}: {v:.4f}" for g, v in zip(gammas, values, strict=True)))
    ax.set(xlabel=r"$\gamma$", ylabel=r"largest error of $\mathbf{P}$", title="tournament of 12")
    ax.set_xticks(gammas, [f"{g:g}" for g in gammas])
    ax.minorticks_off()
    ax.legend(fontsize=8.5, loc="lower right", handlelength=2.0)


def big_spins() -> Figure:
    """z and two entropies: equal omega over ``mu t / sqrt N``, and delta = 0.25 over time."""
    delta, eta = 0.25, np.sqrt(0.25 * 0.75)
    looks = ((8, SKY, "-."), (128, ORANGE, "--"), (2048, BLUE, "-"))
    with style.paper():
        figure = style.new_figure(7.0, 6.0, layout="constrained")
        axes = figure.subplots(3, 2, sharex="col", sharey="row")
        for count, color, line in looks:
            root = np.sqrt(count)
            _beams(axes[:, 0], opposite(count), np.linspace(0, 6, 401) * root, root, color, line)
            first = _beams(
                axes[:, 1], opposite(count, delta), np.linspace(0, 20, 401), 1.0, color, line
            )
            law = np.log(count) / 2 / eta
            axes[0, 1].plot(law + 2, -0.88, "^", color=color, ms=6, clip_on=False)
            print(f"N = {count}, delta = {delta}: first minimum at {first:.2f} = "
                  f"ln N / 2 eta + {first - law:.2f}")  # fmt: skip
        y = np.linspace(0, 6, 401) / np.sqrt(2)
        z = 1 - 2 * y * dawsn(y)
        up, down = (1 + z) / 2, (1 - z) / 2
        limit = {"color": BLACK, "linestyle": ":", "linewidth": 1.6}
        axes[0, 0].plot(np.sqrt(2) * y, z, **limit, label=r"$N\to\infty$, Dawson")
        axes[1, 0].plot(np.sqrt(2) * y, -(xlogy(up, up) + xlogy(down, down)) / np.log(2), **limit)
        axes[0, 0].set_title(r"equal $\omega$: $\sqrt{N}$")
        axes[0, 1].set_title(r"$\delta=0.25$, mean field unstable: $\ln N$")
        axes[2, 0].set_xlabel(r"$\mu t/\sqrt{N}$")
        axes[2, 1].set_xlabel(TIME)
        axes[0, 0].set_ylim(-1, 1.05)
        words = ("$z$ of the first beam", "entropy of one (bits)", r"of a beam $/\,\log_2(n{+}1)$")
        for ax, word in zip(axes[:, 0], words, strict=True):
            ax.set_ylabel(word)
        for ax in axes[1:, 0]:
            ax.set_ylim(0, 1.05)
        for ax in axes[:, 1]:
            ax.set_xlim(0, 20)
        axes[0, 0].set_xlim(0, 6)
        axes[0, 0].legend(fontsize=8.5, loc="upper right")
    return figure


def _beams(axes: Any, gas: Any, times: Floats, unit: float, color: str, line: str) -> float:
    """Draws a run, and returns the time of the first minimum of z."""
    run = solvers.collective(gas, times, observables=["entropy", "beam_entropy"])
    z = run.group_mean()[:, 0, 2]
    rows = (z, run["entropy"].values[:, 0], run["beam_entropy"].values[:, 0])
    most = (1.0, 1.0, np.log2(len(gas) // 2 + 1))
    for ax, row, full in zip(axes, rows, most, strict=True):
        ax.plot(times / unit, row / full, line, color=color, linewidth=1.4, label=f"$N={len(gas)}$")
    first = int(np.argmax((np.diff(z)[:-1] < 0) & (np.diff(z)[1:] > 0))) + 1
    print(f"N = {len(gas)}: first minimum {z[first]:.3f} at mu t = {times[first]:.2f} "
          f"= {times[first] / np.sqrt(len(gas)):.3f} sqrt N; entropy there {rows[1][first]:.3f}, "
          f"of the beam {rows[2][first] / most[2]:.3f}, "
          f"at most {rows[2].max() / most[2]:.3f}")  # fmt: skip
    return float(times[first])


FIGURES: dict[str, Callable[[], Figure]] = {
    "concept_wave_packets": wave_packets,
    "concept_phase_space": phase_space,
    "concept_big_spins": big_spins,
}

if __name__ == "__main__":
    for draw in FIGURES.values():
        draw()
