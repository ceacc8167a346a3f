"""One more Trajectory beside those of a result folder: figures, report and summary made again."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import report
from ..errors import QnuError, Words
from ..keys import LABEL
from ..trajectory import Trajectory
from . import folder as folders
from .figures import draw
from .results import Results, load_results, read_summary

#: Files that are made again.
_MADE_AGAIN = ("report.md", folders.MARKER)


def add(folder: str | Path, trajectory: Trajectory, label: str) -> Results:
    """Puts a Trajectory beside the results of ``qnu run``; all of it, or nothing.

    It is written to ``trajectories/LABEL.nc``; figures, ``report.md`` and ``summary.json`` are made
    again with it. An earlier one that was added under the same label is replaced.

    Args:
        folder: what ``qnu run`` wrote.
        trajectory: of the same gas and schedule, such as the result of a job.
        label: names it in tables and figures; not that of a method of the experiment file.

    Returns:
        the results with it.

    Raises:
        QnuError: not a folder of ``qnu run``, a Trajectory of another gas or schedule, a label
            that names a method of the file or is no file name.

    Examples:
        >>> import tempfile, qnu
        >>> with tempfile.TemporaryDirectory() as place:
        ...     results = qnu.experiment.run("free_streaming_5", Path(place) / "out")
        ...     gas, schedule = results.experiment.gas, results.experiment.schedule
        ...     run = qnu.quantum.run(gas, schedule, hardware="aer_statevector")
        ...     list(add(Path(place) / "out", run, "aer").trajectories)
        ['circuit', 'many_body', 'independent', 'aer']
    """
    results = load_results(folder)
    experiment, place = results.experiment, results.folder
    assert place is not None
    before = read_summary(place, str(folder))
    _check_label(results, label)
    _check_match(results, trajectory, str(folder))
    trajectory = trajectory.with_attributes(label=label, experiment=experiment.name)
    runs = {**results.trajectories, label: trajectory}
    own = folders.own_files(place)
    with folders.whole(place, overwrite=True) as work:
        for name in sorted(own):
            if (place / name).is_file() and name not in _MADE_AGAIN and "figures/" not in name:
                (work / name).parent.mkdir(exist_ok=True)
                shutil.copy2(place / name, work / name)
        folders.mark(work, str(before["spec_hash"]), runs)
        trajectory.save(work / "trajectories" / f"{label}.nc")
        figures, notes = draw(experiment, runs, work / "figures", lambda fraction: None)
        kept = [note for note in results.notes if not note.startswith("figure")]
        with_it = dataclasses.replace(results, trajectories=runs, notes=(*kept, *notes))
        report.write(_as_it_was_run(with_it.record(), before), work, figures)
    return with_it


def _as_it_was_run(record: report.Record, before: Mapping[str, Any]) -> report.Record:
    """With name, hash and versions of the run, not those of today: `qnu rerun` compares them."""
    versions = before.get("versions")
    if not isinstance(versions, dict):  # not known
        versions = record.versions
    name, digest = str(before.get("name") or record.name), str(before["spec_hash"])
    return dataclasses.replace(record, name=name, spec_hash=digest, versions=versions)


def _check_label(results: Results, label: str) -> None:
    if not isinstance(label, str) or not re.fullmatch(LABEL, label):
        allowed = "1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit"
        raise QnuError("label", label, allowed)
    methods = [method.label for method in results.experiment.methods]
    # file names that differ only in case are one file on some systems
    if label.lower() in map(str.lower, methods):
        allowed = f"a label that no method of the file has ({', '.join(methods)})"
        raise QnuError("label", label, allowed)


def _check_match(results: Results, trajectory: Trajectory, shown: str) -> None:
    """Gas and schedule must be those of the folder: of its first history."""
    experiment = results.experiment
    known = {"gas": experiment.gas.fingerprint(), "schedule": experiment.schedule.fingerprint()}
    for what, fingerprint in known.items():
        if trajectory.attrs.get(f"{what}_hash", fingerprint) != fingerprint:
            got = Words(f"a result of another {what}")
            allowed = f"one of the {what} in {shown}"
            raise QnuError("trajectory", got, f"{allowed} (seed {experiment.seed})")
