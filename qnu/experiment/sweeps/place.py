"""The folder of a sweep."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from ...common import input_files, writing
from ...common.checks import user_path
from ...errors import QnuError
from .known import Part
from .plan import Plan

#: What every folder of a sweep has.
MARKER = "sweep.json"
#: The dataset of a sweep.
FILE = "sweep.nc"
_FORMAT = "qnu sweep 1"
#: Attributes that are those of one sweep.
_SAME = ("spec_hash", "sweep", "seeds")


@contextlib.contextmanager
def place(
    output: str | Path | None, made: Plan, part: Part | None, say: Callable[[str], None]
) -> Iterator[Path | None]:
    """The folder of a sweep, which no other process writes in the block."""
    if output is None:
        yield None
        return
    folder = user_path("output", output).resolve()
    marker = folder / MARKER
    if folder.exists() and not _is_sweep(folder):
        allowed = "a new folder, or one of a sweep"
        raise QnuError("output", str(output), allowed)
    try:
        (folder / "records").mkdir(parents=True, exist_ok=True)
        name = ".lock" if part is None else f".lock-{part[0]}-{part[1]}"
        try:
            lock = writing.locked(folder / name, wait=False)
        except writing.NoLocks:
            lock = None
    except writing.Busy:
        allowed = "a folder that no other sweep is writing at the same time"
        raise QnuError("output", str(output), allowed) from None
    except OSError as error:
        allowed = f"a place that can be written ({error.strerror})"
        raise QnuError("output", str(output), allowed) from None
    try:
        if not marker.exists() or part is None:
            if _is_other(marker, made) and (folder / FILE).exists():
                say(
                    f"{output} had another grid, file or number of seeds: {FILE} is replaced"
                    " (records stay, so the earlier command gives it again)"
                )
            content = {"format": _FORMAT, **made.frame.attributes}
            writing.write(marker, json.dumps(content, indent=1))
            writing.write(folder / "spec.toml", made.experiment.text)
            input_files.keep(made.inputs, folder)
        yield folder
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                (folder / name).unlink(missing_ok=True)
            lock.close()


def _is_other(marker: Path, made: Plan) -> bool:
    """Whether the folder was that of another sweep."""
    try:
        before = json.loads(marker.read_text(encoding="utf-8"))
        return any(before.get(name) != made.frame.attributes[name] for name in _SAME)
    except (OSError, ValueError, AttributeError):
        return False


def _is_sweep(folder: Path) -> bool:
    """A folder of a sweep, or an empty one."""
    if not folder.is_dir():
        return False
    if (folder / MARKER).is_file() or (folder / "records").is_dir():
        return True
    return not any(folder.iterdir())
