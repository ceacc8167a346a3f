"""The figures of a run: which ones can be read, and what draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..common.progress import ProgressFunction
from ..trajectory import Trajectory
from .loading import Experiment

#: With more groups the curves on a sphere cannot be told apart.
_GROUPS_ON_A_SPHERE = 6


def _on_the_sphere(runs: Mapping[str, Trajectory]) -> dict[str, Trajectory]:
    """With miscidynamics only it and what it follows: over its times the others fill the sphere."""
    theory = [label for label, t in runs.items() if t.method == "miscidynamics"]
    if not theory:
        return dict(runs)
    for method in ("many_body", "independent"):
        followed = [label for label, t in runs.items() if t.method == method]
        if followed:
            break
    return {label: runs[label] for label in [*followed[:1], *theory]}


def draw(
    experiment: Experiment,
    runs: Mapping[str, Trajectory],
    into: Path,
    progress: ProgressFunction,
) -> tuple[list[str], tuple[str, ...]]:
    """Writes every figure that can be read; returns their names, and what failed.

    Args:
        experiment: what was run.
        runs: its Trajectories by label.
        into: the folder to make.
        progress: called with the fraction done.
    """
    from .. import plotting

    gas, schedule = experiment.gas, experiment.schedule
    figures: dict[str, Callable[[], Any]] = {
        "comparison": lambda: plotting.compare(
            dict(runs), individuals=experiment.spec.output.individuals
        ),
    }
    if len(gas.group_names) <= _GROUPS_ON_A_SPHERE:
        figures["bloch"] = lambda: plotting.bloch(_on_the_sphere(runs))
    if plotting.can_draw_schedule(schedule):
        figures["schedule"] = lambda: plotting.schedule_diagram(gas, schedule)
    has_circuit = any(method.kind == "circuit" for method in experiment.methods)
    if has_circuit and plotting.can_draw_circuit(schedule):
        from .. import quantum

        figures["circuit"] = lambda: plotting.circuit_diagram(quantum.circuit(gas, schedule))
    into.mkdir()
    drawn, notes = [], []
    for k, (name, figure) in enumerate(figures.items()):
        try:
            plotting.save(figure(), into, name)
            drawn.append(name)
        except Exception as error:  # hours of results must not be lost to a figure
            notes.append(f"figure {name}: {type(error).__name__}: {error}")
        progress((k + 1) / len(figures))
    return drawn, tuple(notes)
