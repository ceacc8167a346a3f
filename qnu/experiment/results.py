"""Results of ``qnu run``: in memory, and read back from their folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import report
from ..common.checks import user_path
from ..common.provenance import Provenance
from ..errors import QnuError, Words
from ..premises import Premise
from ..trajectory import Trajectory
from ..units.words import in_words
from .folder import MARKER
from .loading import Experiment, load

#: What a folder of ``qnu run`` has, for messages.
_RESULT = "a folder that `qnu run` wrote"


@dataclass(frozen=True, eq=False)
class Results:
    """What a run gave: the Trajectory of every method, and where it was written.

    Args:
        experiment: what was run.
        trajectories: by label.
        folder: the result folder, or None where nothing was written.
        notes: what could not be drawn or written, and why; empty where all of it could.
        premises: what the methods assume, and whether it holds; None: not looked at yet.
        provenance: when and where it was run; None: not known.

    Examples:
        >>> import qnu
        >>> experiment = qnu.experiment.load("free_streaming_5")
        >>> runs = qnu.experiment.simulate(experiment)
        >>> Results(experiment, runs).trajectories["many_body"].method
        'many_body'
    """

    experiment: Experiment
    trajectories: Mapping[str, Trajectory]
    folder: Path | None = None
    notes: tuple[str, ...] = ()
    premises: tuple[Premise, ...] | None = None
    provenance: Provenance | None = None

    def record(self) -> report.Record:
        """What reports are made of."""
        experiment, premises = self.experiment, self.premises
        if premises is None:
            premises = experiment.premises(self.trajectories)
        return report.Record(
            experiment.name,
            experiment.gas,
            experiment.schedule,
            self.trajectories,
            experiment.spec.description,
            experiment.seed,
            experiment.spec_hash,
            self.notes,
            len(experiment.seeds),
            premises,
            self.provenance,
            in_words(experiment.spec.units.resolved()),
        )


def load_results(folder: str | Path) -> Results:
    """The results in a folder of :func:`run`: the experiment again, and every Trajectory.

    Nothing outside the folder is read, so it may have been moved.

    Args:
        folder: what ``qnu run`` wrote.

    Returns:
        what :func:`run` returned: the Trajectories by label in the order of the file, after them
        those that were added (:func:`~qnu.experiment.add`).

    Raises:
        QnuError: no such folder, not one of ``qnu run``, a file that is damaged.

    Examples:
        >>> import tempfile, qnu
        >>> with tempfile.TemporaryDirectory() as place:
        ...     _ = qnu.experiment.run("free_streaming_5", Path(place) / "out")
        ...     results = load_results(Path(place) / "out")
        >>> list(results.trajectories)
        ['circuit', 'many_body', 'independent']
    """
    place = user_path("folder", folder).resolve()
    summary = read_summary(place, str(folder))
    if not (place / "spec.toml").is_file():
        raise QnuError("folder", Words(f"{str(folder)!r}, without spec.toml"), _RESULT)
    experiment = load(place / "spec.toml")
    files = {file.stem: file for file in sorted((place / "trajectories").glob("*.nc"))}
    known = [*(method.label for method in experiment.methods), *(summary.get("methods") or ())]
    labels = [label for label in dict.fromkeys([*known, *files]) if label in files]
    if not labels:
        raise QnuError("folder", str(folder), f"{_RESULT} (this one has no trajectories)")
    notes = tuple(str(note) for note in summary.get("notes") or ())
    runs = {label: _loaded(files[label]) for label in labels}
    made = Provenance.of(summary.get("provenance"))
    return Results(experiment, runs, place, notes, provenance=made)


def _loaded(file: Path) -> Trajectory:
    try:
        return Trajectory.load(file)
    except QnuError as error:
        raise error.of(f"trajectories/{file.name}") from None


def read_summary(place: Path, shown: str) -> dict[str, Any]:
    """The content of ``summary.json``.

    Args:
        place: the result folder.
        shown: what the user calls it.

    Raises:
        QnuError: no such folder, or not one of ``qnu run``.
    """
    if not place.is_dir():
        raise QnuError("folder", shown, _RESULT)
    try:
        summary = json.loads((place / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise QnuError("folder", Words(f"{shown!r}, without {MARKER}"), _RESULT) from None
    except (OSError, ValueError):
        raise QnuError("folder", Words(f"{shown!r}, with a damaged {MARKER}"), _RESULT) from None
    if not isinstance(summary, dict) or "spec_hash" not in summary:
        raise QnuError("folder", Words(f"{shown!r}, whose {MARKER} is of another program"), _RESULT)
    return summary
