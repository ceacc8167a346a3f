"""The figures of the page on resources: over time, and of clusters against their light cones."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import qnu
from qnu import plotting

NAMES = ["half_chain_entropy", "n_tangle", "stabilizer_renyi_entropy", "loschmidt_echo"]


def over_time() -> Figure:
    """Two groups of five, as two_groups_10 has of 6 + 4, that meet in a tournament."""
    groups = [
        qnu.Group(5, polarization=(np.sin(0.2), 0.0, np.cos(0.2)), omega=0.1, name="1"),
        qnu.Group(5, polarization=(-np.sin(0.2), 0.0, -np.cos(0.2)), omega=0.2, name="2"),
    ]
    gas = qnu.NeutrinoGas.from_groups(groups, velocities="right-angle", seed=1)
    schedule = qnu.schedules.tournament(gas, gamma=0.4)
    times = schedule.equally_spaced(121)
    run = qnu.solvers.many_body(gas, schedule, times, observables=NAMES)
    for name in NAMES:
        values = run[name].values
        print(f"{name}: {values[0]:.4f} at the start, {values[-1]:.4f} at the end,", end=" ")
        print(f"between {values.min():.4f} and {values.max():.4f}")
    return plotting.requested_observables({"many_body": run})


def clusters() -> Figure:
    """Sixteen mass eigenstates, half of them nu_2, in a tournament of 15 rounds."""
    z = np.where(np.arange(16) % 2, -1.0, 1.0)
    gas = qnu.NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), np.zeros(16))
    schedule = qnu.schedules.tournament(gas, gamma=0.5)
    rounds = schedule.final_time / 15 * np.arange(16)
    sets = [range(n) for n in (1, 2, 4, 8)]
    return plotting.cluster_entropies(qnu.solvers.cluster_entropies(gas, schedule, rounds, sets))


FIGURES = {"concept_resources": over_time, "concept_clusters": clusters}
