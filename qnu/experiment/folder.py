"""Result folders that appear whole or not at all, also when a run is killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..common import input_files, writing
from ..common.checks import user_path
from ..errors import QnuError, QnuWarning
from . import velocities

#: A file that every result folder has; only such a folder is ever replaced.
MARKER = "summary.json"
#: What a run writes, beside a Trajectory of every method and two files of every figure.
_FILES = ("spec.toml", "report.md", velocities.FILE, MARKER)


def check(output: str | Path, overwrite: bool = False) -> Path:
    """The folder a run may write, or an error if it may not.

    Args:
        output: the folder.
        overwrite: True: an earlier result there may be replaced.

    Returns:
        the absolute path.

    Raises:
        QnuError: it exists and ``overwrite`` is False, or it exists and is not a result of qnu
            (nothing else is ever deleted).

    Examples:
        >>> check("/")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: output: got '/'; allowed: a folder that does not exist yet...
    """
    path = user_path("output", output).resolve()
    if path.exists() and not overwrite:
        raise QnuError("output", str(output), "a folder that does not exist yet, or --overwrite")
    if path.exists() and not _replaceable(path):
        raise QnuError(
            "output",
            str(output),
            "a new folder, or a result of `qnu run` (only those are replaced)",
        )
    return path


def name_of(spec: Path) -> str:
    """What an experiment file is called: its name, of ``spec.toml`` of a result that of its folder.

    Examples:
        >>> name_of(Path("gases/two.toml"))
        'two'
    """
    if spec.name == "spec.toml" and (spec.parent / MARKER).is_file():
        return spec.resolve().parent.name
    return spec.stem


def _replaceable(path: Path) -> bool:
    """A result, an empty folder, or nothing.

    Looked at more than once: another run may be putting its result there at this moment.
    """
    for wait in (0.02, 0.1, 0.0):
        try:
            if _is_result(path):
                return True
        except FileNotFoundError:
            if not path.exists():
                return True
        time.sleep(wait)
    return False


def _is_result(path: Path) -> bool:
    if not path.is_dir() or path == Path.cwd():
        return False
    try:
        return '"spec_hash"' in (path / MARKER).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return not any(path.iterdir())


@contextlib.contextmanager
def whole(output: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A hidden folder beside ``output`` that takes its place when the block ends well.

    An exception removes it. A killed process leaves it hidden (``.NAME.partial``) and the next run
    to the same output clears it away. With ``overwrite``, the earlier result stays until the new
    one is whole; files in it that no run of qnu wrote are moved to the new one. Two runs to one
    output do not go on at the same time: a lock (``.NAME.run-lock``) is held to the end.

    Args:
        output: the folder to appear.
        overwrite: True: an earlier result there is replaced.

    Yields:
        the folder to write into.

    Raises:
        QnuError: as :func:`check`; also if somebody else writes ``output`` meanwhile, or if the
            place cannot be written.

    References:
        POSIX rename(2), flock(2).

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as place:
        ...     with whole(Path(place) / "run") as folder:
        ...         _ = (folder / "summary.json").write_text("{}", encoding="utf-8")
        ...     os.listdir(place)
        ['run']
    """
    final = check(output, overwrite)
    made: list[Path] = []
    try:
        with _alone(final, output, made) as sure:
            work = _hidden(final, "partial")
            if sure:
                _finish_swap(final)
                shutil.rmtree(work, ignore_errors=True)  # of a killed run: its lock is free
            final = check(output, overwrite)  # an interrupted swap may have been put right
            try:
                work.mkdir()
            except FileExistsError:
                allowed = f"an output that no other run writes (else remove {work} first)"
                raise QnuError("output", str(output), allowed) from None
            except OSError as error:
                raise _unwritable(output, error) from None
            try:
                yield work
                _sync(work)
                _swap(work, final, output, overwrite)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except BaseException:
        for parent in made:  # leave the place as it was found
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def mark(work: Path, spec_hash: str, labels: Iterable[str]) -> None:
    """What makes a folder a result, before there is a summary."""
    content = {"spec_hash": spec_hash, "methods": dict.fromkeys(labels), "figures": []}
    writing.write(work / MARKER, json.dumps(content))


def set_aside(work: Path, final: Path) -> Path:
    """A result that is not whole gets a name of its own where there is an earlier one."""
    number = 1
    while (place := final.with_name(f"{final.name}.incomplete-{number}")).exists():
        number += 1
    work.rename(place)
    return place


def _hidden(final: Path, what: str) -> Path:
    """The one folder or file of each kind that belongs to an output."""
    return final.with_name(f".{final.name}.{what}")


@contextlib.contextmanager
def _alone(final: Path, output: str | Path, made: list[Path]) -> Iterator[bool]:
    """The only process that writes an output; False where the system cannot tell.

    ``made``: to be filled with the parents that were not there before.
    """
    path = _hidden(final, "run-lock")
    try:
        lock = _lock_in_a_new_place(final.parent, path, made)
    except writing.NoLocks:
        yield False
        return
    except OSError as error:
        raise _unwritable(output, error) from None
    except writing.Busy:
        raise QnuError(
            "output", str(output), "a folder that no other run is writing at the same time"
        ) from None
    try:
        yield True
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)  # still locked: whoever waits for it looks again
        lock.close()


def _lock_in_a_new_place(parent: Path, path: Path, made: list[Path]) -> BinaryIO:
    for last in (False, False, True):
        made += [folder for folder in (parent, *parent.parents) if not folder.exists()]
        try:
            parent.mkdir(parents=True, exist_ok=True)
            return writing.locked(path, wait=False)
        except FileNotFoundError:  # another run that failed has just removed the folder
            if last:
                raise
    raise AssertionError


def _unwritable(output: str | Path, error: OSError) -> QnuError:
    return QnuError("output", str(output), f"a place that can be written ({error.strerror})")


def _swap(work: Path, final: Path, output: str | Path, overwrite: bool) -> None:
    check(output, overwrite)  # somebody without a lock may have written it meanwhile
    try:
        if final.exists():
            final.rename(_hidden(final, "replaced"))
        work.rename(final)
    except OSError as error:
        _finish_swap(final)
        raise _unwritable(output, error) from None
    writing.sync_folder(final.parent)
    try:
        _finish_swap(final)
    except OSError as error:
        left = f"{_hidden(final, 'replaced')} is left over from the earlier result"
        warnings.warn(QnuWarning(f"{left} ({error.strerror})"), stacklevel=2)


def _finish_swap(final: Path) -> None:
    """Ends a swap, or undoes one that was cut between its two renames; only under the lock."""
    old = _hidden(final, "replaced")
    if not old.is_dir():
        return
    if not final.exists():
        old.rename(final)
        return
    if not final.is_dir():
        return
    own = own_files(old)
    _move(old, final, own, "")
    for name in sorted(own, key=lambda name: name == MARKER):  # last what says which are its own
        with contextlib.suppress(OSError):
            (old / name).unlink()
    for folder in ("trajectories", "figures", "inputs", ""):
        with contextlib.suppress(OSError):
            (old / folder).rmdir()


def own_files(result: Path) -> set[str]:
    """The files of a result that qnu wrote, as its summary says."""
    try:
        summary = json.loads((result / MARKER).read_text(encoding="utf-8"))
        labels, figures = list(summary.get("methods", ())), list(summary.get("figures", ()))
    except (OSError, ValueError, AttributeError, TypeError):
        return set()
    names = {f"trajectories/{label}.nc" for label in labels}
    names |= {f"figures/{figure}.{kind}" for figure in figures for kind in ("png", "pdf")}
    names |= input_files.written(result)
    return {*_FILES, *(name for name in names if ".." not in name)}


def _move(old: Path, new: Path, own: set[str], inside: str) -> None:
    """Everything that is not qnu's own goes to the new result, under a new name if it must."""
    for entry in sorted(os.listdir(old)):
        name, there = inside + entry, new / entry
        is_folder = (old / entry).is_dir() and not (old / entry).is_symlink()
        if name in own:
            continue
        if is_folder and there.is_dir() and not there.is_symlink():
            _move(old / entry, there, own, f"{name}/")
            with contextlib.suppress(OSError):
                (old / entry).rmdir()
            continue
        if is_folder and any(kept.startswith(f"{name}/") for kept in own):
            there.mkdir()
            _move(old / entry, there, own, f"{name}/")
            with contextlib.suppress(OSError):
                there.rmdir()  # nothing else was in it
            continue
        number = 1
        while os.path.lexists(there):
            there = new / f"{entry}.earlier-{number}"
            number += 1
        (old / entry).rename(there)


def _sync(folder: Path) -> None:
    """Contents reach the disk before the name does: a crash of the machine leaves no half."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "r+b") as file:  # Windows flushes only what may be written
                os.fsync(file.fileno())
        else:
            writing.sync_folder(path)
    writing.sync_folder(folder)


@contextlib.contextmanager
def new_folder(output: Path) -> Iterator[Path]:
    """A hidden folder beside ``output`` that takes its name when the block ends well.

    Raises:
        QnuError: it exists, or the place cannot be written.
    """
    final = output.resolve()
    if os.path.lexists(final):
        raise QnuError("output", str(output), "a folder that does not exist yet")
    work = _hidden(final, "partial")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(work, ignore_errors=True)  # of a killed process
        work.mkdir()
    except OSError as error:
        raise _unwritable(output, error) from None
    try:
        yield work
        _sync(work)
        work.rename(final)
    except OSError as error:
        raise _unwritable(output, error) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
