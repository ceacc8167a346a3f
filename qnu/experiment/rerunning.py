"""A result folder run again: do the same numbers come out, and if not, what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..common.provenance import Provenance, provenance
from ..common.versions import installed_versions
from ..trajectory import Trajectory
from .results import Results, load_results, read_summary
from .simulating import Stage, silent, simulate

#: What may change from machine to machine.
_NOT_COMPARED = ("wall_time_s",)


@dataclass(frozen=True)
class Comparison:
    """One method of a result folder, run again.

    Args:
        label: of the method.
        same: whether every number is the same, to the last bit.
        largest: the largest difference of two numbers; infinite where shapes differ or one is NaN.
        variable: in which it is.
        note: why it was not compared; "" where it was.

    Examples:
        >>> Comparison("kinetic", True, 0.0, "").same
        True
    """

    label: str
    same: bool
    largest: float
    variable: str
    note: str = ""


@dataclass(frozen=True)
class Rerun:
    """A result folder run again.

    Args:
        methods: one by one.
        changed: what is not as it was then: versions, machine, the file; in words.
        added: labels of Trajectories that no method of the file made: they are not run again.

    Examples:
        >>> Rerun((Comparison("kinetic", True, 0.0, ""),), (), ()).same
        True
    """

    methods: tuple[Comparison, ...]
    changed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether every number came out again, to the last bit."""
        return all(method.same for method in self.methods)


def rerun(folder: str | Path, stage: Stage = silent) -> Rerun:
    """Runs the experiment of a result folder again and compares every number.

    Seeds, drawn velocities and the files that the experiment names are taken from the folder, so it
    may have been moved; drawn encounters are drawn again. The folder is not changed.

    Args:
        folder: what ``qnu run`` wrote.
        stage: shows how far each method is.

    Returns:
        whether the numbers are the same to the last bit, and what differs from then.

    Raises:
        QnuError: not a folder of ``qnu run``; what running raises.

    Examples:
        >>> import tempfile, qnu
        >>> with tempfile.TemporaryDirectory() as place:
        ...     _ = qnu.experiment.run("free_streaming_5", Path(place) / "out")
        ...     rerun(Path(place) / "out").same
        True
    """
    before = load_results(folder)
    return compared(before, simulate(before.experiment, stage), read_summary_of(before))


def read_summary_of(results: Results) -> dict[str, Any]:
    """``summary.json`` of results that were loaded."""
    assert results.folder is not None
    return read_summary(results.folder, str(results.folder))


def compared(before: Results, now: Mapping[str, Trajectory], summary: Mapping[str, Any]) -> Rerun:
    """Results of a folder beside those of the same experiment that was run again."""
    methods = [method.label for method in before.experiment.methods]
    added = tuple(label for label in before.trajectories if label not in methods)
    pairs = ((label, before.trajectories.get(label), now.get(label)) for label in methods)
    return Rerun(
        tuple(_compared(label, old, new) for label, old, new in pairs),
        tuple(_changed(before, summary)),
        added,
    )


def _compared(label: str, old: Trajectory | None, new: Trajectory | None) -> Comparison:
    if old is None or new is None:
        return Comparison(label, False, np.inf, "", "the folder has no result of it")
    worst, where = 0.0, ""
    names = dict.fromkeys([*map(str, old.dataset.variables), *map(str, new.dataset.variables)])
    for name in names:
        if name in _NOT_COMPARED:
            continue
        apart = np.inf
        if name in old.dataset.variables and name in new.dataset.variables:
            apart = _largest(old.dataset[name].values, new.dataset[name].values)
        if apart > worst:
            worst, where = apart, name
    return Comparison(label, worst == 0.0, worst, where)


def _largest(one: Any, two: Any) -> float:
    """The largest difference; NaN beside NaN is none."""
    if one.shape != two.shape:
        return np.inf
    if one.dtype.kind not in "fiub" or two.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(one, two) else np.inf
    same = (one == two) | (np.isnan(one.astype(float)) & np.isnan(two.astype(float)))
    if same.all():
        return 0.0
    apart = abs(one.astype(float) - two.astype(float))[~same]
    return float(np.where(np.isnan(apart), np.inf, apart).max())


def _changed(before: Results, summary: Mapping[str, Any]) -> list[str]:
    """What is not as it was when the folder was made."""
    changed = []
    if summary.get("spec_hash") not in (None, "", before.experiment.spec_hash):
        changed.append("spec.toml says something else than when the folder was made")
    recorded = summary.get("versions")
    then: Mapping[str, Any] = recorded if isinstance(recorded, Mapping) else {}
    now = dict(installed_versions())
    for name in now if then else ():
        if then.get(name) != now[name]:
            changed.append(f"{name}: {then.get(name, 'none')} then, {now[name]} now")
    made = before.provenance
    if made is None:
        return [*changed, "date, machine and commit are not recorded in this folder"]
    here = provenance()
    for what, old, new in _facts(made, here):
        if old != new:
            changed.append(f"{what}: {old} then, {new} now")
    return changed


def _facts(old: Provenance, new: Provenance) -> list[tuple[str, str, str]]:
    return [
        ("Python", old.python, new.python),
        ("code", old.version, new.version),
        ("processor", f"{old.processor}, {old.cores} cores", f"{new.processor}, {new.cores} cores"),
        ("system", old.system, new.system),
    ]
