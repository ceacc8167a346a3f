"""The figure of the page on transport: a box in space and time, without and with entanglement."""

from __future__ import annotations

from matplotlib.figure import Figure

from qnu import experiment, plotting


def box() -> Figure:
    """The two boxes of the experiment fast_flavor_box."""
    runs = experiment.simulate(experiment.load("fast_flavor_box"))
    kept = {"mean field": runs["no-entanglement"], r"$\gamma=0.003$": runs["entanglement"]}
    return plotting.space_time(kept)


FIGURES = {"concept_transport": box}
