"""The measured figures of the concept pages: which method is how far from which other one.

``python docs/figures_trust.py`` makes them all and prints the numbers that the pages state.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import qnu
from qnu import plotting, schedules, solvers
from qnu.encounter import affine_map
from qnu.plotting import style

BLUE, ORANGE, GREEN, SKY, BLACK = plotting.GROUP_COLORS
GAMMA, TIME = r"discreteness parameter $\gamma$", r"time $\mu t$"


def two_groups(n1: int, n2: int, velocities: str = "right-angle", seed: int = 0) -> Any:
    """n_1 nu_e and n_2 nu_x, mixing angle 0.1, omega = 0.1 and 0.2."""
    p = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    groups = [qnu.Group(n1, p, omega=0.1), qnu.Group(n2, -p, omega=0.2)]
    return qnu.NeutrinoGas.from_groups(groups, velocities=velocities, seed=seed)


def apart(one: Any, two: Any) -> Any:
    """The larger of both groups' ``|P - P'|``."""
    return np.linalg.norm(np.asarray(one) - np.asarray(two), axis=-1).max(axis=-1)


def error_of_mean(values: Any) -> Any:
    """Standard error of the mean over axis 0, all components of a group together, larger group."""
    spread = np.std(values, axis=0, ddof=1)
    return np.sqrt((spread**2).sum(axis=-1) / len(values)).max(axis=-1)


def histories(gas: Any, gamma: float, rounds: Any, seeds: int, *, exact: bool = True) -> Any:
    """Group means ``(seeds, times, groups, 3)`` of independent and many_body, p = 1."""
    times = np.atleast_1d(rounds) * gamma
    drawn = [schedules.stochastic(gas, gamma, 1.0, times[-1], seed=s) for s in range(seeds)]
    found = [solvers.independent(gas, s, times).group_mean() for s in drawn]
    if not exact:
        return np.array(found)
    return np.array(found), np.array([solvers.many_body(gas, s, times).group_mean() for s in drawn])


def methods() -> Figure:
    """Who is how far from whom: over gamma, over meetings per pair, over gamma sqrt(N)."""
    with style.paper():
        figure = style.new_figure(7.0, 5.4, layout="constrained")
        axes = figure.subplots(2, 2)
        _over_gamma(axes[0])
        _over_meetings(axes[1])
    return figure


def _over_gamma(axes: Any) -> None:
    """N = 10 at mu t = 6: distance from the exact gas, and from the large one."""
    gas, gammas = two_groups(6, 4), (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.6)
    rows = []
    for gamma in gammas:
        rounds = round(6 / gamma)
        large, exact = (a[:, -1] for a in histories(gas, gamma, rounds, 60))
        end = [0, rounds * gamma]
        rate = solvers.kinetic
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", qnu.QnuWarning)  # gamma > 0.15 is drawn as well
            kinetic = rate(gas, end, gamma, probability=1.0).polarization[-1]
        mean_field = solvers.mean_field(gas, end).polarization[-1]
        found = {"independent": large.mean(0), "kinetic": kinetic, "mean field": mean_field}
        from_exact = {k: apart(v, exact.mean(0)) for k, v in found.items()}
        found = {"many-body": exact.mean(0), "kinetic": kinetic, "mean field": mean_field}
        from_large = {k: apart(v, large.mean(0)) for k, v in found.items()}
        rows.append((from_exact, from_large, error_of_mean(exact), error_of_mean(large)))
        print(f"gamma = {gamma}: m = {rounds / 9:.2f}; from exact "
              + ", ".join(f"{k} {v:.3f}" for k, v in from_exact.items()) + "; from independent "
              + ", ".join(f"{k} {v:.4f}" for k, v in from_large.items())
              + f"; errors {rows[-1][2]:.3f}, {rows[-1][3]:.4f}")  # fmt: skip
    looks = {"independent": (BLUE, "s-"), "many-body": (BLACK, "D-"), "kinetic": (ORANGE, "o:"),
             "mean field": (GREEN, "^--")}  # fmt: skip
    for side, ax in enumerate(axes):
        for name in rows[0][side]:
            color, line = looks[name]
            ax.loglog(gammas, [r[side][name] for r in rows], line, color=color, label=name, ms=4)
        noise = np.array([r[2 + side] for r in rows])
        ax.fill_between(gammas, noise / 100, noise, color="0.85", label="standard error")
        ax.set(xlabel=GAMMA, ylim=(4e-4, 3), ylabel="distance")
    axes[0].set_title("from these 10 neutrinos, exactly")
    axes[1].set_title("from a large gas (independent)")
    axes[0].legend(loc=(0.03, 0.28), fontsize=8.5)
    axes[1].legend(loc=(0.03, 0.15), fontsize=8.5)


def _over_meetings(axes: Any) -> None:
    """many_body against independent as time goes on, and its largest value."""
    rounds = np.unique(np.geomspace(1, 100, 28).round().astype(int))
    for gamma, color in ((0.1, BLUE), (0.2, ORANGE), (0.4, GREEN)):
        for n, line in ((6, ":"), (10, "--"), (14, "-")):
            gas = two_groups(round(0.6 * n), n - round(0.6 * n))
            large, exact = histories(gas, gamma, rounds, {6: 150, 10: 40, 14: 12}[n])
            distance = apart(exact.mean(0), large.mean(0))
            axes[0].loglog(rounds / (n - 1), distance, line, color=color)
            k = int(np.argmax(distance))
            error = error_of_mean(exact - large)[k]
            once = np.interp(1.0, rounds / (n - 1), distance)
            print(f"gamma = {gamma}, N = {n}: {once:.3f} at m = 1; largest {distance[k]:.3f} +- "
                  f"{error:.3f} at m = {rounds[k] / (n - 1):.2f}")  # fmt: skip
            axes[1].errorbar(gamma * np.sqrt(n), distance[k], error, color=color, marker="o", ms=4)
            if n == 14:
                axes[1].plot([], [], color=color, label=rf"$\gamma={gamma}$")
    for n, line in ((14, "-"), (10, "--"), (6, ":")):
        axes[1].plot([], [], line, color="0.4", label=f"$N={n}$ (left)")
    axes[0].set(xlabel="mean number of encounters of a pair, $m$", ylim=(4e-3, 2),
                ylabel="many-body $-$ independent")  # fmt: skip
    axes[1].legend(fontsize=8.5, loc="upper right")
    axes[1].set(
        xlabel=r"$\gamma\sqrt{N}$", ylabel="largest difference", ylim=(0, 1.2), xlim=(0, 1.6)
    )
    axes[1].set_title("its maximum over time")


def kinetic_range() -> Figure:
    """The kinetic equation at p = 1 against exact maps, and where lengths grow beyond 1."""
    background, gammas = (
        (0.3, 0.0, 0.6),
        np.array([0.0125, 0.025, 0.05, 0.1, 0.15, 0.2, 0.4, 0.8, 1.6]),
    )
    gas = qnu.NeutrinoGas([[0, 0, 1], background], [0.0, 0.0], group=["nu", "bg"])
    errors: dict[float, list[float]] = {1.0: [], 0.0: []}
    for gamma in gammas:
        matrix, shift = affine_map(background, gamma)
        exact = [np.array([0.0, 0.0, 1.0])]
        for _ in range(round(10 / gamma)):
            exact.append(matrix @ exact[-1] + shift)
        times = gamma * np.arange(len(exact))
        for p, found in errors.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", qnu.QnuWarning)
                run = solvers.kinetic(gas, times, gamma, probability=p, background="bg")
            found.append(float(abs(np.linalg.norm(run.polarization[:, 0] - exact, axis=1)).max()))
    for p, found in errors.items():
        print(
            f"kinetic, p = {p:g}:",
            ", ".join(f"{g}: {e:.4f}" for g, e in zip(gammas, found, strict=True)),
        )
    with style.paper():
        figure = style.new_figure(7.0, 2.7, layout="constrained")
        left, right = figure.subplots(1, 2)
        left.axvspan(0.15, 2, color="0.92")
        left.text(0.17, 6e-4, "qnu warns", color="0.4", fontsize=9)
        left.loglog(gammas, errors[0.0], "s-", color=ORANGE, label="without the $p$ term", ms=4)
        left.loglog(gammas, errors[1.0], "o-", color=BLUE, label="with the $p$ term", ms=4)
        left.set(xlabel=GAMMA, ylabel="largest error to $\\mu t=10$", xlim=(0.01, 2))
        left.legend(fontsize=8.5, loc="upper left")
        _first_step(right)
    return figure


def _first_step(ax: Any) -> None:
    """What qnu says of gamma at p = 1: nothing, a warning, or that a length grows beyond 1."""
    gammas = np.linspace(0.02, 2.4, 80)
    for row, velocities in enumerate(("right-angle", "isotropic")):
        tilt, up = np.array([np.sin(0.3), 0, 0]), np.array([0, 0, np.cos(0.3)])
        groups = [qnu.Group(5, up + tilt), qnu.Group(5, up - tilt)]
        gas = qnu.NeutrinoGas.from_groups(groups, velocities=velocities, seed=1)
        first = next(gamma for gamma in gammas if _refused(gas, gamma))
        print(f"{velocities}: |P| > 1, an error, from gamma = {first:.2f} on")
        zones = (
            (0.0, 0.15, GREEN, ""),
            (0.15, first, SKY, "warning"),
            (first, 2.4, ORANGE, "error"),
        )
        for begin, end, color, text in zones:
            ax.barh(row, end - begin, left=begin, height=0.5, color=color, alpha=0.45)
            ax.text((begin + end) / 2, row, text, ha="center", va="center")
    ax.set(xlabel=GAMMA, yticks=[0, 1], yticklabels=["right angles", "isotropic"], xlim=(0, 2.4),
           ylim=(-0.6, 1.6))  # fmt: skip
    ax.tick_params(axis="y", which="both", length=0)
    ax.set_title("two pure groups, $p=1$")


def _refused(gas: Any, gamma: float) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", qnu.QnuWarning)
        try:
            solvers.kinetic(gas, [0, 20.0], gamma, probability=1.0)
        except qnu.QnuError:
            return True
    return False


OMEGA3 = (0.5, 0.4, 0.8)


def unstable_state() -> solvers.QuasiSteadyState:
    """Three groups about whose equilibrium the mean field is unstable, at 0.151 mu."""
    return solvers.quasi_steady_state((0.8, 0.6, 0.4), (-1, 1, 1), [1 / 3] * 3, OMEGA3, 0.16)


def unstable() -> Figure:
    """Miscidynamics along an unstable equilibrium, and what encounters do."""
    state, times = unstable_state(), np.linspace(0, 40, 81)
    with style.paper():
        figure = style.new_figure(7.0, 2.9, layout="constrained")
        left, right = figure.subplots(1, 2)
        for n, seeds, color in ((30, 60, SKY), (300, 30, BLUE), (3000, 8, GREEN)):
            gas = _three(state.polarization, n // 3)
            z = np.array([
                solvers.independent(gas, schedules.stochastic(gas, 0.005, 0.1, 40.0, seed=s), times)
                .group_mean()[:, 0, 2] for s in range(seeds)
            ])  # fmt: skip
            mean, error = z.mean(0), z.std(0, ddof=1) / np.sqrt(seeds)
            left.plot(times, mean, color=color, label=f"encounters, $N={n}$")
            left.fill_between(times, mean - error, mean + error, color=color, alpha=0.3, lw=0)
            print(f"N = {n}: z_1(40) = {mean[-1]:.3f} +- {error[-1]:.3f}")
        slow = solvers.miscidynamics(gas, times, 0.005, force=True)
        left.plot(
            times, slow.polarization[:, 0, 2], "--", color=ORANGE, label="miscidynamics, forced"
        )
        print(
            f"miscidynamics: z_1(40) = {slow.polarization[-1, 0, 2]:.3f}; "
            f"growth rate {state.growth_rate:.3f}"
        )
        left.set(xlabel=TIME, ylabel="$z_1$")
        left.legend(fontsize=8.5, loc="upper left")
        times = np.linspace(0, 90, 181)
        tilted = state.polarization + 1e-5 * np.array([[0, 1, 0], [0, 0, 0], [0, -1, 0]])
        run = solvers.mean_field(_three(tilted, 1), times, partners="all")
        grown = abs(run.polarization[:, :, 2] - state.polarization[:, 2]).max(1)
        right.semilogy(times, grown, color=GREEN, label="mean field, start moved by $10^{-5}$")
        k = np.searchsorted(times, 40)
        slope = np.polyfit(times[20:121], np.log(grown[20:121]), 1)[0]
        print(f"mean field: growth {slope:.3f} between mu t = 10 and 60")
        right.semilogy(times, grown[k] * np.exp(state.growth_rate * (times - 40)), ":", color=BLACK,
                       label=r"$\exp(0.151\,\mu t)$")  # fmt: skip
        right.set(xlabel=TIME, ylabel="deviation of $z$", ylim=(1e-7, 3))
        right.legend(fontsize=8.5, loc="lower right")
    return figure


def _three(vectors: Any, count: int) -> qnu.NeutrinoGas:
    groups = [qnu.Group(count, p, omega=w) for p, w in zip(vectors, OMEGA3, strict=True)]
    return qnu.NeutrinoGas.from_groups(groups, velocities="right-angle")


def finite_n() -> Figure:
    """One vector per group, or one per neutrino: dephasing within a group."""
    times = np.linspace(0, 100, 51)
    with style.paper():
        figure = style.new_figure(7.0, 2.7, layout="constrained")
        for ax, (n1, n2) in zip(
            figure.subplots(1, 2, sharey=True), ((15, 10), (60, 40)), strict=True
        ):
            drawn, rate = [], []
            for seed in range(16):
                gas = two_groups(n1, n2, "isotropic", seed)
                plan = schedules.stochastic(gas, 0.01, 0.1, 100.0, seed=100 + seed)
                drawn.append(solvers.independent(gas, plan, times).group_length()[:, 1])
                options: Any = {"probability": 0.1, "resolve": "neutrino"}
                rate.append(solvers.kinetic(gas, times, 0.01, **options).group_length()[:, 1])
            group = solvers.kinetic(gas, times, 0.01, probability=0.1).group_length()[:, 1]
            looks = (
                ("encounters", drawn, BLUE, "-"),
                ("kinetic, per neutrino", rate, ORANGE, "--"),
            )
            for label, values, color, line in looks:
                mean, error = np.mean(values, 0), np.std(values, 0, ddof=1) / 4
                ax.plot(times, mean, line, color=color, label=label)
                ax.fill_between(times, mean - error, mean + error, color=color, alpha=0.25, lw=0)
                print(f"N = {n1 + n2}, {label}: L_2(50), L_2(100) = {mean[25]:.3f}, {mean[50]:.3f} "
                      f"+- {error[25]:.3f}, {error[50]:.3f}")  # fmt: skip
            print(f"N = {n1 + n2}, kinetic, per group: {group[25]:.3f}, {group[50]:.3f}")
            ax.plot(times, group, ":", color=BLACK, label="kinetic, per group")
            ax.set(xlabel=TIME, title=f"$N={n1 + n2}$, isotropic velocities")
            ax.set_ylabel("length $L_2$" if n1 == 15 else "")
            ax.legend(fontsize=8.5)
    return figure


def near_equilibrium(gas_size: int = 100) -> qnu.NeutrinoGas:
    """Two groups in a stable quasi-steady state of lengths 0.8 and 0.6."""
    state = solvers.quasi_steady_state((0.8, 0.6), (1, 1), (0.6, 0.4), (0.1, 0.2), -0.2)
    counts = (round(0.6 * gas_size), round(0.4 * gas_size))
    groups = [
        qnu.Group(n, p, omega=w)
        for n, p, w in zip(counts, state.polarization, (0.1, 0.2), strict=True)
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities="right-angle")


def ensembles() -> Figure:
    """Mean and spread over histories against gamma; the same lengths at any gamma over gamma t."""
    gas, gammas = two_groups(6, 4), np.array([0.0003, 0.001, 0.003, 0.01])
    there = solvers.mean_field(gas, [0.0, 10.0]).polarization[-1]
    mean, single = [], []
    for gamma in gammas:
        drawn = [schedules.stochastic(gas, gamma, 0.1, 10.0, seed=s) for s in range(100)]
        last = np.array([solvers.independent(gas, s).group_mean()[-1] for s in drawn])
        mean.append(apart(last.mean(0), there))
        single.append(np.sqrt((last.var(axis=0, ddof=1)).sum(axis=-1)).max())
    slopes = [np.polyfit(np.log(gammas), np.log(y), 1)[0] for y in (mean, single)]
    print(
        f"slopes: mean {slopes[0]:.2f}, spread {slopes[1]:.2f}; "
        f"at 0.01: {mean[-1]:.3f}, {single[-1]:.3f}"
    )
    gas, tau = near_equilibrium(), np.linspace(0, 3, 16)
    with style.paper():
        figure = style.new_figure(7.0, 2.9, layout="constrained")
        left, right = figure.subplots(1, 2)
        left.loglog(gammas, single, "s-", color=ORANGE, label="spread of single histories", ms=4)
        left.loglog(gammas, mean, "o-", color=BLUE, label="mean of 100, less mean field", ms=4)
        left.errorbar(gammas, mean, np.array(single) / 10, fmt="none", color=BLUE)
        left.set(xlabel=GAMMA, ylabel="distance at $\\mu t=10$")
        left.legend(fontsize=8.5)
        for gamma, marker, color in ((0.04, "o", SKY), (0.02, "s", GREEN), (0.01, "^", BLUE)):
            drawn = [schedules.stochastic(gas, gamma, 0.1, 3 / gamma, seed=s) for s in range(8)]
            length = np.mean(
                [solvers.independent(gas, s, tau / gamma).group_length() for s in drawn], 0
            )
            right.plot(tau, length, marker, color=color, ms=4, mfc="none", ls="none")
            right.plot(
                [],
                [],
                marker,
                color=color,
                ms=4,
                mfc="none",
                label=rf"encounters, $\gamma={gamma}$",
            )
            print(f"gamma = {gamma}: lengths at mu gamma t = 3:", length[-1].round(4))
        physical = solvers.miscidynamics(gas, tau / 6.4e-11, 6.4e-11, probability=0.1)
        right.plot(tau, physical.group_length(), "--", color=BLACK, lw=1.2)
        right.plot([], [], "k--", lw=1.2, label=r"miscidynamics, $\gamma=6.4\times10^{-11}$")
        print("miscidynamics:", physical.group_length()[-1].round(4))
        for partners in ("others", "all"):
            options: Any = {"probability": 0.1, "partners": partners}
            rate = solvers.kinetic(gas, [0, 300.0], 0.01, **options)
            print(f"kinetic, {partners}:", rate.group_length()[-1].round(4))
        without = solvers.miscidynamics(gas, [0, 300.0], 0.01)
        print("miscidynamics without p:", without.group_length()[-1].round(4))
        right.set(xlabel=r"$\mu\gamma t$", ylabel="lengths $L_1$, $L_2$")
        right.legend(fontsize=8.5)
    return figure


FIGURES: dict[str, Callable[[], Figure]] = {
    "trust_methods": methods,
    "trust_kinetic": kinetic_range,
    "trust_unstable": unstable,
    "trust_finite": finite_n,
    "trust_ensembles": ensembles,
}
