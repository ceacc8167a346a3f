"""MSW, spectral splits and encounters: one adiabatic idea, its error over the speed of the driver.

``python docs/figures_adiabatic.py`` draws the figure and prints the table of its page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

import qnu
from qnu import plotting, schedules, solvers
from qnu.plotting import style
from qnu.profiles import Exponential

BLUE, ORANGE, GREEN, _, BLACK = plotting.GROUP_COLORS


@dataclass(frozen=True)
class Driven:
    """One run of miscidynamics beside the truth."""

    pace: float  # scale of the driver, or gamma
    number: float  # adiabaticity
    largest: float  # distance on the way
    end: float  # distance along B at the end
    last: float  # distance at the end


def apart(slow: Any, truth: Any, share: Any) -> tuple[float, float, float]:
    """``sum_i f_i |P_i - P_i,eq|`` at a common azimuth, the largest one; the last ``|z_i -
    z_i,eq|``, the largest group; the last of the first."""
    one, two = slow.polarization, truth.group_mean()
    p, q = one[..., 0] + 1j * one[..., 1], two[..., 0] + 1j * two[..., 1]
    turn = np.exp(1j * np.angle(np.sum(share * p * q.conj(), axis=1)))[:, None]
    if slow.attrs["branch"] == "msw":
        turn = np.ones_like(turn)  # the direction of matter has an azimuth
    along = abs(one[..., 2] - two[..., 2])
    distance = np.hypot(abs(p - q * turn), along) @ share
    return float(distance.max()), float(along[-1].max()), float(distance[-1])


def gas_of(vectors: Any, omega: Any, counts: Any, mixing_angle: float = 0.0) -> Any:
    """Groups at right angles."""
    each = [qnu.Group(n, tuple(p), omega=w) for n, p, w in zip(counts, vectors, omega, strict=True)]
    return qnu.NeutrinoGas.from_groups(each, velocities="right-angle", mixing_angle=mixing_angle)


def resonance(scale: float, theta: float = 0.2, dense: float = 8.0) -> tuple[Driven, Any]:
    """One neutrino leaves dense matter along its field, which falls as exp(-t/scale)."""
    field = qnu.flavor.fields(1.0, dense, theta)
    gas = gas_of([field / np.linalg.norm(field)], [1.0], [1], theta)
    matter, times = Exponential(dense, scale), np.linspace(0, 9 * scale, 301)
    slow = solvers.miscidynamics(gas, times, 0.0, mu=0.0, matter=matter, force=True)
    truth = solvers.mean_field(gas, times, mu=0.0, matter=matter)
    exact = solvers.msw_resonance(1.0, matter, theta, times[-1])
    return Driven(scale, solvers.adiabaticity(slow), *apart(slow, truth, gas.shares)), exact


def split(scale: float) -> Driven:
    """Three frequencies while mu falls as exp(-t/scale), from an equilibrium."""
    omega, third = (0.1, 0.2, 0.3), [1 / 3] * 3
    state = solvers.quasi_steady_state([1, 1, 1], (1, 1, 1), third, omega, -0.4)
    gas = gas_of(state.polarization, omega, (1, 1, 1))
    mu, times = Exponential(1.0, scale), np.linspace(0, 9 * scale, 301)
    slow = solvers.miscidynamics(gas, times, 0.0, mu=mu, force=True)
    truth = solvers.mean_field(gas, times, mu=mu, partners="all")
    return Driven(scale, solvers.adiabaticity(slow), *apart(slow, truth, gas.shares))


def encounters(gamma: float, count: int = 2000) -> tuple[Driven, Driven]:
    """Two groups from an equilibrium to mu gamma t = 2: kinetic, and single encounters."""
    state = solvers.quasi_steady_state([0.4, 0.3], (1, 1), (0.6, 0.4), (0.1, 0.2), -0.2)
    gas = gas_of(state.polarization, (0.1, 0.2), (count * 3 // 5, count * 2 // 5))
    drawn = schedules.stochastic(gas, gamma, probability=0.1, duration=2 / gamma, seed=1)
    times = np.linspace(0, 2 / gamma, 201)
    slow = solvers.miscidynamics(gas, drawn, times, force=True)
    rate = solvers.kinetic(gas, drawn, times, partners="all", resolve="group")
    number, found = solvers.adiabaticity(slow), []
    found.append(Driven(gamma, number, *apart(slow, rate, gas.shares)))
    if gamma >= 0.02:
        single = solvers.independent(gas, drawn, times)
        found.append(Driven(gamma, number, *apart(slow, single, gas.shares)))
    return found[0], found[-1]


def adiabatic() -> Figure:
    """Error against the adiabaticity number, for the three drivers."""
    passages = [resonance(s) for s in (0.3, 1.0, 3.0, 6.0, 12.0, 24.0, 40.0)]
    splits = [split(s) for s in (5.0, 10.0, 20.0, 40.0, 80.0, 160.0)]
    meetings = [encounters(g) for g in (0.14, 0.06, 0.02, 0.006, 0.002)]
    with style.paper():
        figure = style.new_figure(7.0, 3.0, layout="constrained")
        axes = figure.subplots(1, 3, sharey=True)
        _points(axes[0], [one for one, _ in passages], r"MSW: $\lambda_e(t)$ falls")
        _points(axes[1], splits, r"spectral split: $\mu(t)$ falls")
        _points(axes[2], [rate for rate, _ in meetings], "encounters: entanglement", lasts=True)
        number = np.array([one.number for one, _ in passages])
        axes[0].plot(number, [2 * e.jump_probability for _, e in passages], "-", color=ORANGE,
                     label=r"$2P_c$, exponential")  # fmt: skip
        axes[0].plot(number, [2 * e.landau_zener for _, e in passages], ":", color=ORANGE,
                     label=r"$2e^{-\pi\gamma_\mathrm{ad}/2}$")  # fmt: skip
        shown = [single for rate, single in meetings if single is not rate]
        axes[2].loglog([o.number for o in shown], [o.largest for o in shown], "x", color=BLACK,
                       label="single encounters")  # fmt: skip
        axes[0].set(ylabel=r"distance from the truth", ylim=(5e-5, 4))
        for ax, where in zip(axes, ("lower right", "lower right", "upper left"), strict=True):
            ax.legend(fontsize=7.5, loc=where)
            ax.xaxis.set_minor_formatter(NullFormatter())
    table([one for one, _ in passages], splits, [rate for rate, _ in meetings])
    return figure


def _points(ax: Any, runs: list[Driven], title: str, lasts: bool = False) -> None:
    number = np.array([one.number for one in runs])
    largest = np.array([one.largest for one in runs])
    ax.loglog(number, largest, "o", color=BLUE, label="largest on the way")
    end = [one.last if lasts else one.end for one in runs]
    label = "at the end" if lasts else "along B at the end"
    ax.loglog(number, end, "s", color=ORANGE, label=label)
    k = int(np.argmin(number))
    line = largest[k] * number / number[k]
    ax.loglog(number[line < 2], line[line < 2], "--", color=BLUE, label="slope 1")
    ax.set(xlabel="adiabaticity number $a$")
    ax.set_title(title)


def table(passages: list[Driven], splits: list[Driven], meetings: list[Driven]) -> None:
    """As Markdown: what drives, what is conserved, the number, the error."""
    kinds = (
        ("MSW", r"$\lambda_e(t)$", r"each $\mathbf P_i\cdot\hat{\mathbf h}_i$", passages),
        ("spectral split", r"$\mu(t)$", r"each $L_i$, and $\bar P_B$", splits),
        ("OILE miscidynamics", r"entanglement, $\mu\gamma$", r"$\bar P_B$", meetings),
    )
    print("| phenomenon | driver | conserved | $a$ | largest error | at the end |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, driver, kept, runs in kinds:
        for one in (runs[0], runs[-1]):
            end = one.last if runs is meetings else one.end
            print(f"| {name} | {driver} | {kept} | {one.number:.2g} | {one.largest:.2g}"
                  f" | {end:.2g} |")  # fmt: skip
        slopes = np.polyfit(np.log([r.number for r in runs[-3:]]),
                            np.log([r.largest for r in runs[-3:]]), 1)  # fmt: skip
        print(f"  (largest error of the slowest three: power {slopes[0]:.2f})")


FIGURES: dict[str, Callable[[], Figure]] = {"concept_adiabatic": adiabatic}


if __name__ == "__main__":
    adiabatic()
