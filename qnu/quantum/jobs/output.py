"""The file of a job's Trajectory; a file of another job is never replaced."""

from __future__ import annotations

import contextlib
from pathlib import Path

from ...common.checks import user_path
from ...errors import QnuError
from ...trajectory import Trajectory
from .records import Record


def output_path(record: Record, requested: Path | None) -> Path:
    """The requested file, the one that was written, or the default one, in this order."""
    if requested is not None:
        return user_path("output", requested).absolute()
    if record.output is not None:
        return Path(record.output)
    return Path(record.folder) / f"{record.name}.{record.label}.{record.id}.nc"


def check_output(path: Path, job: str) -> None:
    """Refuse a file that is not an earlier Trajectory of the same job.

    Raises:
        QnuError: the file of something else, a folder that does not exist.
    """
    if not path.parent.is_dir():
        raise QnuError("output", str(path), "a file in a folder that exists")
    if not path.exists():
        return
    with contextlib.suppress(QnuError):
        if Trajectory.load(path).attrs.get("job") == job:
            return
    raise QnuError("output", str(path), "a file that does not exist yet")
