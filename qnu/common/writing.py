"""Atomic writes: the new content as a whole, or the earlier file unchanged."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from ..errors import QnuError

try:
    import fcntl

    LOCKS = True
except ImportError:  # a system without these locks: nothing that may be in use is taken over
    LOCKS = False

_LONGEST = 200  # bytes of a file name that leave place for what the name of the temporary file adds


class Busy(Exception):  # noqa: N818  # no error where the caller can wait
    """Another process holds the lock."""


class NoLocks(Exception):  # noqa: N818  # no error where the caller can do without
    """The system, or the file system, has no locks."""


@contextlib.contextmanager
def replacing(path: str | Path, field: str = "output") -> Iterator[BinaryIO]:
    """A temporary file beside ``path`` that takes its name when the block ends well.

    The content is on the disk before the name is. On any failure (a full disk, an interrupt) the
    earlier file stays as it was and the temporary file is removed. The temporary file of a killed
    process is overwritten by the next one that writes to the same path.

    Args:
        path: the file; an existing one is replaced and keeps its permissions.
        field: what an error message begins with.

    Yields:
        a file to write bytes to.

    Raises:
        QnuError: the place cannot be written, or has no room.

    References:
        POSIX rename(2), fsync(2), flock(2).

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "a.txt") as file:
        ...         _ = file.write(b"whole")
        ...     (Path(folder) / "a.txt").read_text(encoding="utf-8"), os.listdir(folder)
        ('whole', ['a.txt'])
    """
    try:
        final = Path(os.path.realpath(path))
        part = partial(final)
        mode = _mode(final)
        file = locked(part, wait=True)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise _refused(field, path, error) from None
    try:
        file.truncate(0)
        if mode is not None:
            with contextlib.suppress(OSError):
                os.chmod(part, mode)
        yield file
        file.flush()
        os.fsync(file.fileno())
        if not LOCKS:  # Windows does not rename an open file
            file.close()
        os.replace(part, final)
    except OSError as error:
        _remove(part)
        raise _refused(field, path, error) from None
    except BaseException:
        _remove(part)
        raise
    finally:
        with contextlib.suppress(OSError):  # a full disk: what is buffered is not wanted any more
            file.close()
    sync_folder(final.parent)


def write(path: str | Path, content: bytes | str, field: str = "output") -> None:
    """A file with this content (text in UTF-8), whole or not at all, as :func:`replacing`.

    Args:
        path: the file.
        content: all of it.
        field: what an error message begins with.

    Raises:
        QnuError: as :func:`replacing`.

    References:
        POSIX rename(2).

    Examples:
        >>> write("/no/such/folder/a.txt", "text")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: output: got '/no/such/folder/a.txt'; allowed: a place that can be ...
    """
    data = content.encode() if isinstance(content, str) else content
    with replacing(path, field) as file:
        file.write(data)


@contextlib.contextmanager
def regular(path: str | Path) -> Iterator[BinaryIO]:
    """A file for reading, and no pipe or device, which could make a reader wait for ever.

    Raises:
        OSError: no such file, or not a regular one.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise IsADirectoryError(0, "not a regular file")
    except ValueError:  # a NUL in the name
        raise FileNotFoundError(0, "no file has such a name") from None
    with open(path, "rb") as file:
        yield file


def partial(path: Path) -> Path:
    """The temporary file of a path: one name, so that leftovers do not add up."""
    name = path.name
    if len(os.fsencode(name)) > _LONGEST:
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    return path.with_name(f".{name}.partial")


def clear_leftover(path: Path) -> None:
    """Remove the temporary file of a killed process; that of a living one is left alone."""
    part = partial(path)
    if not part.exists():
        return
    with contextlib.suppress(OSError, Busy, NoLocks), locked(part, wait=False):
        _remove(part)


def locked(path: Path, *, wait: bool) -> BinaryIO:
    """A file opened for writing (not truncated) that no other process has locked.

    The lock ends when the file is closed or the process dies. With ``wait``, a system without
    locks gives the file all the same.

    Raises:
        Busy: another process holds it, and ``wait`` is False.
        NoLocks: the system has no locks, and ``wait`` is False.
        OSError: it cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    if not (LOCKS or wait):
        raise NoLocks
    while True:
        file = os.fdopen(os.open(path, flags, 0o666), "r+b")
        try:
            if not LOCKS or not _lock(file, wait):
                return file
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), os.stat(path, follow_symlinks=False)):
                    return file  # else its last owner has renamed or removed it meanwhile
        except BaseException:
            file.close()
            raise
        file.close()


def _lock(file: IO[bytes], wait: bool) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        raise Busy from None
    except OSError:  # some network file systems have no locks
        if not wait:
            raise NoLocks from None
        return False
    return True


def sync_folder(folder: Path) -> None:
    """The names in a folder reach the disk; not every system can do that."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _mode(final: Path) -> int | None:
    """Permissions of the file that is replaced; an error where it is none or must not be."""
    try:
        mode = os.stat(final).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise IsADirectoryError(0, "not a regular file")
    if not os.access(final, os.W_OK):
        raise PermissionError(0, "write-protected")
    return stat.S_IMODE(mode)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _refused(field: str, path: str | Path, error: OSError | ValueError) -> QnuError:
    reason = getattr(error, "strerror", None) or error
    return QnuError(field, str(path), f"a place that can be written and has room ({reason})")
