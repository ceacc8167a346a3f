"""The figures of a run: which ones can be read, and what draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..averages import requested_curves
from ..common.progress import ProgressFunction
from ..errors import QnuError
from ..modes import transverse_rms
from ..report.sphere import on_the_sphere
from ..trajectory import Trajectory
from .loading import Experiment

#: With more groups the curves on a sphere cannot be told apart.
_GROUPS_ON_A_SPHERE = 6
#: With more methods beside each other their panels are too small.
_MAPS = 4


#: What a figure can be written as.
_ENDINGS = (".pdf", ".png", ".svg")


def check_output(output: Path | None) -> None:
    """An error where a figure cannot be written to a file of this name.

    Raises:
        QnuError: another ending.
    """
    if output is not None and output.suffix.lower() not in _ENDINGS:
        raise QnuError("--output", str(output), f"a file that ends in {', '.join(_ENDINGS)}")


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
    histories = [k for k in experiment.spec.output.histories if _is_ensemble(runs.get(k))]
    count = len(experiment.seeds)
    note = f"History of seed {experiment.seed}, of {count}." if count > 1 else ""
    figures: dict[str, Callable[[], Any]] = {
        "comparison": lambda: plotting.compare(
            dict(runs),
            individuals=experiment.spec.output.individuals,
            histories=histories,
            panels=experiment.spec.output.panels,
            schedule=schedule,
        ),
    }
    if len(gas.group_names) <= _GROUPS_ON_A_SPHERE and plotting.sphere_is_useful(
        on_the_sphere(runs)
    ):
        figures["bloch"] = lambda: plotting.bloch(
            on_the_sphere(runs), histories=[k for k in histories if k in on_the_sphere(runs)]
        )
    if any(map(requested_curves, runs.values())):
        with_curves = [label for label in histories if requested_curves(runs[label])]
        figures["observables"] = lambda: plotting.requested_observables(
            dict(runs), histories=with_curves
        )
    needed = any(m.table.takes_encounters(schedule.kind) for m in experiment.methods)
    if (needed or schedule.counted) and plotting.can_draw_schedule(schedule):
        figures["schedule"] = lambda: plotting.schedule_diagram(gas, schedule, note=note)
    has_circuit = any(method.kind == "circuit" for method in experiment.methods)
    if has_circuit and plotting.can_draw_circuit(schedule):
        from ..quantum.circuits.build import circuit_and_encounters

        def whole_circuit() -> Any:
            qc, numbers = circuit_and_encounters(gas, schedule, None, None, False)
            return plotting.circuit_diagram(qc, encounters=numbers, note=note)

        figures["circuit"] = whole_circuit
    figures |= over_space(runs)
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


def over_space(runs: Mapping[str, Trajectory]) -> dict[str, Callable[[], Any]]:
    """The figures of methods with cells, and of those whose rows are beams, by name.

    Args:
        runs: Trajectories by label.
    """
    from .. import plotting

    found: dict[str, Callable[[], Any]] = {}
    cells = {label: run for label, run in runs.items() if run.cells is not None}
    beams = {label: run for label, run in runs.items() if "cosine" in run.dataset.coords}
    moving = any((transverse_rms(run) > 0).any() for run in cells.values())
    if moving and len(cells) <= _MAPS:
        found["space"] = lambda: plotting.space_time(cells)
    if moving:
        found["transverse"] = lambda: plotting.transverse_growth(cells)
    if beams and len(beams) <= _MAPS:
        found["angles"] = lambda: plotting.angular_survival(beams)
    return found


def _is_ensemble(run: Trajectory | None) -> bool:
    return run is not None and run.seeds is not None
