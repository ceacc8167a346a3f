"""Result folders that appear whole or not at all, also when a run is killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ..checks import user_path
from ..errors import QnuError

try:
    import fcntl

    _LOCKS = True
except ImportError:  # no such locks on this system: leftovers of killed runs are then kept
    _LOCKS = False

#: A file that every result folder has; only such a folder is ever replaced.
MARKER = "summary.json"
_LOCK = ".lock"
_YOUNG = 60.0  # seconds in which a folder without a lock may still be about to get one


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

    References:
        qnu's own convention.

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


def _replaceable(path: Path) -> bool:
    if not path.is_dir() or path == Path.cwd():
        return False
    try:
        return '"spec_hash"' in (path / MARKER).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return not any(path.iterdir())


@contextlib.contextmanager
def whole(output: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """A hidden folder beside ``output`` that takes its place when the block ends well.

    An exception removes it; a killed process leaves it hidden (``.NAME.*.partial``) and the next
    run to the same output clears it away. With ``overwrite``, the earlier result stays until the
    new one is whole.

    Args:
        output: the folder to appear.
        overwrite: True: an earlier result there is replaced.

    Yields:
        the folder to write into.

    Raises:
        QnuError: as :func:`check`; also if somebody else wrote ``output`` meanwhile, or if the
            place cannot be written.

    References:
        POSIX rename(2).

    Examples:
        >>> with tempfile.TemporaryDirectory() as place:
        ...     with whole(Path(place) / "run") as folder:
        ...         _ = (folder / "summary.json").write_text("{}")
        ...     os.listdir(place)
        ['run']
    """
    final = check(output, overwrite)
    made = _make_parents(final.parent, output)
    try:
        _clear_leftovers(final)
        final = check(output, overwrite)  # an interrupted swap may have been put right
        try:
            work = Path(
                tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".partial", dir=final.parent)
            )
        except OSError as error:
            raise _unwritable(output, error) from None
        lock = _locked(work)
        try:
            yield work
            (work / _LOCK).unlink(missing_ok=True)
            os.chmod(work, 0o777 & ~_umask())  # mkdtemp makes it private
            _sync(work)
            _swap(work, final, output, overwrite)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.close()
    except BaseException:
        for parent in made:  # leave the place as it was found
            with contextlib.suppress(OSError):
                parent.rmdir()
        raise


def _make_parents(parent: Path, output: str | Path) -> list[Path]:
    made = []
    for folder in (parent, *parent.parents):
        if folder.exists():
            break
        made.append(folder)
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(output, error) from None
    return made


def _unwritable(output: str | Path, error: OSError) -> QnuError:
    return QnuError("output", str(output), f"a place that can be written ({error.strerror})")


def _locked(folder: Path) -> IO[str]:
    file = open(folder / _LOCK, "w", encoding="utf-8")  # noqa: SIM115  # held until the run ends
    if _LOCKS:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _abandoned(folder: Path) -> bool:
    """True where the process that wrote the folder is gone: nobody holds its lock."""
    if not _LOCKS:
        return False
    try:
        with open(folder / _LOCK, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        with contextlib.suppress(OSError):
            return time.time() - folder.stat().st_mtime > _YOUNG
        return False
    except OSError:
        return False


def _clear_leftovers(final: Path) -> None:
    for folder in final.parent.glob(f".{_escaped(final.name)}.*.partial"):
        if _abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)
    for folder in final.parent.glob(f".{_escaped(final.name)}.*.replaced"):
        if not final.exists():  # killed between the two renames of a swap: undo the first
            folder.rename(final)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _swap(work: Path, final: Path, output: str | Path, overwrite: bool) -> None:
    check(output, overwrite)  # somebody else may have written it meanwhile
    old = work.with_suffix(".replaced")
    if final.exists():
        final.rename(old)
    try:
        work.rename(final)
    except OSError:
        if old.exists():
            old.rename(final)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Contents reach the disk before the name does: a crash of the machine leaves no half."""
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.fsync(file.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
