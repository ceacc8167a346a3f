"""The result of a job beside the theory: in the folder of an earlier ``qnu run``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..trajectory import Trajectory


#: The figure of all methods, in a result folder.
COMPARISON = Path("figures") / "comparison.png"
#: Letters of a label before the id of a job.
_LONGEST = 55


def check_result_folder(folder: Path) -> None:
    """Refuse what is no folder of ``qnu run``, before the machine is asked."""
    from ..common.checks import user_path
    from ..experiment.results import read_summary

    read_summary(user_path("--into", folder).resolve(), str(folder))


def add_to(folder: Path, file: Path) -> str:
    """Adds the Trajectory of a job to a result folder, once; returns its label there."""
    from .. import experiment
    from ..trajectory import Trajectory

    trajectory = Trajectory.load(file)
    found = experiment.load_results(folder)
    job = trajectory.attrs.get("job")
    for label, other in found.trajectories.items():
        if job is not None and other.attrs.get("job") == job:
            return label
    taken = {*found.trajectories, *(method.label for method in found.experiment.methods)}
    label = label_of(trajectory, taken)
    experiment.add(folder, trajectory, label)
    return label


def label_of(trajectory: Trajectory, taken: Iterable[str]) -> str:
    """The label of the job's method; if that is taken, with the machine; then with the job's id.

    Args:
        trajectory: of a job.
        taken: labels that the folder has.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> run = qnu.solvers.many_body(gas, qnu.schedules.tournament(gas, gamma=0.4))
        >>> run = run.with_attributes(label="circuit", backend="fake_torino", job="375a321c")
        >>> label_of(run, []), label_of(run, ["circuit"])
        ('circuit', 'circuit-on-fake_torino')
        >>> label_of(run, ["circuit", "circuit-on-fake_torino"])
        'circuit-on-fake_torino-375a321c'
    """
    own = str(trajectory.attrs.get("label", trajectory.method))
    machine = f"{own}-on-{trajectory.attrs.get('backend', 'device')}"
    names = [own, machine, f"{machine[:_LONGEST]}-{trajectory.attrs.get('job', '')}"]
    names = [re.sub(r"[^A-Za-z0-9._-]", "-", name) for name in names]  # parts of file names
    lower = {name.lower() for name in taken}
    return next((name for name in names if name.lower() not in lower), names[-1])
