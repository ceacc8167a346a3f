"""Every figure of README and site, from the code as it is: ``make figures``.

The two experiments of ``make demo``, the checks (what qnu computes against closed formulas and
exact values), how native schedules mix, a tournament on the map of a device, and those of the pages
(``figures_*.py``), the last of them by ``qnu sweep`` and ``qnu plot``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import figures_adiabatic
import figures_collision
import figures_concepts
import figures_limits
import figures_packets
import figures_resources
import figures_stability
import figures_start
import figures_sweeps
import figures_transport
import figures_trust
import matplotlib.image
import native_mixing
import numpy as np
from figures_trust import two_groups
from scipy.interpolate import CubicSpline

import qnu
from qnu import plotting
from qnu.encounter import affine_map
from qnu.plotting import style

HERE = Path(__file__).parent / "figures"
BLUE, ORANGE, GREEN = plotting.GROUP_COLORS[:3]


def survival(ax) -> None:
    """First minimum of the survival probability, exact; Roggero (PRD 104, 103016): 2.10 sqrt(N)."""
    for n, exact, color in ((4, 4.189, BLUE), (8, 5.938, ORANGE), (16, 8.438, GREEN)):
        gas = qnu.NeutrinoGas([[0, 0, 1]] * (n // 2) + [[0, 0, -1]] * (n // 2), [0.0] * n)
        steps = 60
        schedule = qnu.schedules.plane_wave(gas, 10.0, steps)
        times = np.linspace(0, 10.0, steps + 1)
        run = qnu.solvers.many_body(gas, schedule, times, trotter_error=False)
        curve = run.survival_probability()[:, 0]
        ax.plot(times, curve, color=color, label=f"$N={n}$")
        ax.axvline(exact, color=color, linestyle=":", linewidth=1.0)
        turn = CubicSpline(times, curve).derivative().roots(extrapolate=False)
        first = turn[turn > 0.5][0]
        print(
            f"N = {n}: first minimum at mu t = {first:.3f}, exact {exact}, "
            f"2.10 sqrt(N) = {2.10 * np.sqrt(n):.2f}"
        )
    ax.set(xlabel=r"time $\mu t$", ylabel="survival probability", ylim=(0, 1.02))
    ax.set_title("plane waves; dotted: exact minima")
    ax.legend()


def to_mean_field(ax) -> None:
    """The mean over histories approaches mean field as gamma, a single one as its root."""
    gas = two_groups(6, 4, "right-angle")
    mean_field = qnu.solvers.mean_field(gas, [0.0, 10.0]).polarization[-1]
    gammas = np.array([0.0003, 0.001, 0.003, 0.01])
    mean, single = [], []
    for gamma in gammas:
        last = np.array(
            [
                qnu.solvers.independent(
                    gas, qnu.schedules.stochastic(gas, gamma, 0.1, 10.0, seed=s)
                ).group_mean()[-1]
                for s in range(100)
            ]
        )
        mean.append(np.linalg.norm(last.mean(axis=0) - mean_field, axis=-1).max())
        single.append(np.sqrt(((last - last.mean(axis=0)) ** 2).sum(axis=(1, 2)).mean()))
    slopes = [np.polyfit(np.log(gammas), np.log(y), 1)[0] for y in (mean, single)]
    print(f"gamma -> 0: slope {slopes[0]:.2f} for the mean, {slopes[1]:.2f} for single histories")
    ax.loglog(gammas, mean, "o", color=BLUE, label="mean of 100 histories")
    ax.loglog(gammas, mean[-1] * gammas / gammas[-1], "--", color=BLUE, label="slope 1")
    ax.loglog(gammas, single, "s", color=ORANGE, label="spread of single ones")
    ax.loglog(
        gammas, single[-1] * (gammas / gammas[-1]) ** 0.5, ":", color=ORANGE, label="slope 1/2"
    )
    ax.set(xlabel=r"discreteness parameter $\gamma$", ylabel="distance from mean field")
    ax.set_title(r"$\gamma\to0$, $N=10$, $\mu t=10$")
    ax.legend()


def entanglement_rate(ax) -> None:
    """Loss of purity per unit time, proportional to gamma over two decades."""
    gammas = np.geomspace(0.001, 0.1, 9)
    gas = two_groups(30, 20, "right-angle")
    lost = [
        1
        - qnu.solvers.independent(gas, qnu.schedules.stochastic(gas, g, 0.1, 1.0, seed=1))
        .purity()[-1]
        .mean()
        for g in gammas
    ]
    slope = np.polyfit(np.log(gammas), np.log(lost), 1)[0]
    print(f"rate of entanglement: slope {slope:.3f}")
    ax.loglog(gammas, lost, "o", color=BLUE, label=f"fitted slope {slope:.2f}")
    ax.loglog(gammas, lost[0] * gammas / gammas[0], "--", color=BLUE, label="slope 1")
    ax.set(xlabel=r"discreteness parameter $\gamma$", ylabel=r"purity lost by $\mu t=1$")
    ax.set_title("rate of entanglement")
    ax.legend()


def kinetic_error(ax) -> None:
    """Kinetic equation against the exact map of regular encounters, with and without the p term."""
    background = (0.3, 0.0, 0.6)
    gas = qnu.NeutrinoGas([[0, 0, 1], background], [0.0, 0.0], group=["nu", "bg"])
    gammas = np.array([0.1, 0.05, 0.025, 0.0125, 0.00625])
    errors: dict[float, list[float]] = {1.0: [], 0.0: []}
    for gamma in gammas:
        matrix, shift = affine_map(background, gamma)
        exact = np.array([0.0, 0.0, 1.0])
        for _ in range(round(20 / gamma)):
            exact = matrix @ exact + shift
        for p, found in errors.items():
            run = qnu.solvers.kinetic(gas, [0, 20.0], gamma, probability=p, background="bg")
            found.append(float(abs(run.polarization[-1, 0] - exact).max()))
    ax.loglog(gammas, errors[1.0], "o-", color=BLUE, label="with the $p$ term")
    ax.loglog(gammas, errors[0.0], "s-", color=ORANGE, label="without it")
    print("kinetic at gamma = 0.05: " + ", ".join(f"{e[1]:.1e}" for e in errors.values()))
    ax.set(xlabel=r"discreteness parameter $\gamma$", ylabel="error of the kinetic equation")
    ax.set_title(r"regular encounters, $\mu t=20$")
    ax.legend()


def checks() -> None:
    with style.paper():
        figure = style.new_figure(7.0, 5.6, layout="constrained")
        axes = figure.subplots(2, 2)
        for ax, draw in zip(
            axes.flat, (survival, to_mean_field, entanglement_rate, kinetic_error), strict=True
        ):
            draw(ax)
    _save(figure, "checks")


def experiments() -> None:
    for name in ("two_groups_10", "two_groups_60_40"):
        experiment = qnu.experiment.load(name)
        found = qnu.experiment.simulate(experiment)
        shown = experiment.spec.output.individuals
        _save(plotting.compare(found, individuals=shown), name)
        if plotting.can_draw_schedule(experiment.schedule):
            _save(
                plotting.schedule_diagram(experiment.gas, experiment.schedule), f"{name}_schedule"
            )


def longest_good_path() -> None:
    gas = two_groups(44, 44, "right-angle")
    schedule = qnu.schedules.tournament(gas, gamma=0.1, order="line")
    isa = qnu.quantum.compile_for(gas, schedule, "fake_torino")
    _save(plotting.device_map(gas, isa, "fake_torino"), "device_map")


def _save(figure, name: str) -> None:
    png, pdf = plotting.save(figure, HERE, name)
    pdf.unlink()
    # half the pixels: for a page, not for print
    picture = matplotlib.image.imread(png)[..., :3]
    rows, columns = (n // 2 * 2 for n in picture.shape[:2])
    small = picture[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2, 3).mean(axis=(1, 3))
    matplotlib.image.imsave(png, small)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    HERE.mkdir(exist_ok=True)
    checks()
    experiments()
    longest_good_path()
    _save(native_mixing.draw(), "native_mixing")
    for module in (
        figures_start,
        figures_concepts,
        figures_limits,
        figures_trust,
        figures_adiabatic,
        figures_collision,
        figures_packets,
        figures_stability,
        figures_resources,
        figures_transport,
    ):
        for name, draw in module.FIGURES.items():
            _save(draw(), name)
    figures_sweeps.draw(HERE)
