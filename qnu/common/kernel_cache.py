"""Where compiled loops are kept between processes, so that what is loaded always fits the sources.

A folder per hash of all files with loops, and of the versions of what compiles them: a change in
any of them is another folder, since a compiled loop contains whatever it calls. A file per loop and
types of its arguments, with a name of its own and a checksum, put there in one step: concurrent
writers do not interfere.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

#: All files of qnu with loops that are compiled, or with what those contain.
SOURCES = (
    "engine",
    "engine/statevector",
    "engine/sector",
    "engine/transport",
    "schedules/kernels.py",
    "schedules/_meeting_kernels.py",
    "schedules/_packet_kernels.py",
    "quantum/compile/routing",
    "common/jit.py",
)
#: Folders of other versions that stay, the last used ones.
KEPT = 4
_CHECKSUM = hashlib.sha256().digest_size
_NAME = re.compile(r"kernels-[0-9a-f]{20}")
_PACKAGE = Path(__file__).parent.parent


@cache
def version(*compilers: str) -> str | None:
    """A hash of the sources, of ``compilers``, and of Python; None where they cannot be read."""
    content = hashlib.sha256("\0".join((*compilers, sys.version)).encode())
    try:
        for path in _files():
            content.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0")
            content.update(hashlib.sha256(path.read_bytes()).digest())
    except OSError:  # in an archive
        return None
    return content.hexdigest()[:20]


def _files() -> Iterator[Path]:
    for source in SOURCES:
        path = _PACKAGE / source
        if path.is_dir():
            yield from sorted(path.glob("*.py"))
        else:
            yield path


def holds(file: str) -> bool:
    """Is ``file`` one of those whose content decides :func:`version`."""
    path = Path(file)
    return any(path == _PACKAGE / s or path.parent == _PACKAGE / s for s in SOURCES)


class Folder:
    """Compiled loops of one version of the sources: where they are read, and where written.

    Args:
        name: of the folder inside each of ``roots``.
        roots: the first that can be written is; all of them are read.
    """

    def __init__(self, name: str, roots: list[Path]) -> None:
        self.read: list[Path] = []
        self.write: Path | None = None
        for root in roots:
            place = root / name
            if self.write is None and _made(place):
                self.write = place
            if place.is_dir():
                self.read.append(place)

    def load(self, name: str) -> bytes | None:
        """What was saved; None where there is nothing, or nothing whole."""
        for place in self.read:
            with contextlib.suppress(OSError):
                content = (place / name).read_bytes()
                data = content[_CHECKSUM:]
                if hashlib.sha256(data).digest() == content[:_CHECKSUM]:
                    return data
        return None

    def save(self, name: str, data: bytes) -> None:
        """All or nothing; a full disk is no error, the loop is compiled again next time."""
        if self.write is None:
            return
        temporary = self.write / f"{name}.{secrets.token_hex(8)}"
        try:
            with open(temporary, "xb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            os.replace(temporary, self.write / name)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()


def folder(name: str, given: str = "") -> Folder:
    """Beside the sources, else in the user's cache, else in a private temporary folder.

    Args:
        name: of the folder, see :func:`version`.
        given: a folder that the user wants instead.
    """
    roots = [Path(given)] if given else []
    place = Folder(name, [*roots, _PACKAGE / "__pycache__"])
    if place.write is None:
        from platformdirs import user_cache_path

        more = [user_cache_path("qnu", appauthor=False)]
        place = Folder(name, [*roots, _PACKAGE / "__pycache__", *more])
    if place.write is None and (private := _private()) is not None:
        place = Folder(name, [*roots, _PACKAGE / "__pycache__", *more, private])
    if place.write is not None:
        _remove_old(place.write)
    return place


def _made(place: Path) -> bool:
    """Can files be written there; an empty folder is made for them."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        # os.access would ignore quotas and the restrictions of network file systems
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _private() -> Path | None:
    """A folder for temporary files that only this user can write: its content will be executed."""
    if not hasattr(os, "getuid"):
        return None  # Windows: the user's own cache is always there
    place = Path(tempfile.gettempdir()) / f"qnu-{os.getuid()}"
    try:
        with contextlib.suppress(FileExistsError):
            place.mkdir(mode=0o700)
        status = place.lstat()
    except OSError:
        return None
    mine = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return place if mine and not status.st_mode & 0o077 else None


def _remove_old(own: Path) -> None:
    """Of folders of other versions only the last used ones stay."""
    with contextlib.suppress(OSError):
        os.utime(own)
        others = [
            (path.stat().st_mtime, path)
            for path in own.parent.iterdir()
            if _NAME.fullmatch(path.name) and path != own and not path.is_symlink()
        ]
        for _, path in sorted(others, reverse=True)[KEPT:]:
            shutil.rmtree(path, ignore_errors=True)
