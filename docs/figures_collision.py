"""The figure of the page on the collision term: encounters of strangers, and plane waves."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import qnu
from qnu import plotting

GAMMA, MU_T, SEEDS, NAME = 0.1, 10.0, 100, "collision_term"


def gas_of(each: int) -> qnu.NeutrinoGas:
    """Two groups at right angles in flavor space, two thirds of them in the first."""
    return qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(2 * each, polarization=(0.0, 0.0, 1.0), omega=0.0, name="1"),
            qnu.Group(each, polarization=(1.0, 0.0, 0.0), omega=0.0, name="2"),
        ],
        velocities="right-angle",
    )


def encounters() -> qnu.solvers.CollisionTerm:
    """Of 100 histories of 120 neutrinos."""
    gas = gas_of(40)
    times = np.linspace(0.0, MU_T, 21)
    runs = []
    for seed in range(SEEDS):
        schedule = qnu.schedules.stochastic(
            gas, gamma=GAMMA, probability=0.05, duration=MU_T, seed=seed
        )
        runs.append(qnu.solvers.independent(gas, schedule, times))
    return qnu.solvers.ensemble_collision_term(runs, gas, schedule)


def plane_waves(neutrinos: int = 12, duration: float = 14.0) -> qnu.Trajectory:
    """The same two groups as plane waves, exactly."""
    gas = gas_of(neutrinos // 3)
    schedule = qnu.schedules.plane_wave(gas, duration, steps=140)
    times = np.linspace(0.0, duration, 71)
    return qnu.solvers.many_body(gas, schedule, times, observables=[NAME], trotter_error=False)


def collision_term() -> Figure:
    """Along and across P against time: encounters and their closed form, and plane waves."""
    term, waves = encounters(), plane_waves()
    labels = {f"encounters (OILE), $\\gamma = {GAMMA}$": term, "plane waves, $N = 12$": waves}
    pull = (term.vectors - term.expected) / term.error
    largest = np.linalg.norm(waves[NAME].values, axis=-1).max()
    print(f"encounters: {np.sqrt((pull**2).mean()):.2f} standard errors from the line (rms)")
    print(f"plane waves: |C| is 0 at t = 0, up to {largest:.3f} mu")
    return plotting.collision_terms(labels)


FIGURES = {"collision_term": collision_term}
