"""SQLite files that several processes can use at once and that no crash leaves half-written."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import QnuError

_TIMEOUT = 30.0  # seconds that a writer waits for another one


class BusyError(QnuError):
    """Another process is working on the same job."""

    exit_code = 1


class Database:
    """``folder/name.sqlite``: durable transactions, a version, and locks beside it.

    The folder and its files are private to the user. The write-ahead log (sqlite.org/wal.html)
    lets readers never wait; it needs a local disk, not a network file system.

    ``steps[k]`` are the statements that lead from version k of the file to version k + 1.
    """

    def __init__(self, folder: Path, name: str, steps: Sequence[str]) -> None:
        self.folder, self.path, self._locks = folder, folder / f"{name}.sqlite", folder / "locks"
        self._name, self._steps = name, steps
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._locks.mkdir(exist_ok=True, mode=0o700)
            _touch(self.path)  # SQLite gives its log the rights of the file it belongs to
        except OSError as error:
            raise QnuError(
                "QNU_HOME", str(folder), f"a folder that can be written ({error.strerror})"
            ) from None
        self._upgrade()

    @contextlib.contextmanager
    def transaction(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """All or nothing, on the disk when it ends; a connection of its own every time."""
        try:
            with contextlib.closing(
                sqlite3.connect(self.path, timeout=_TIMEOUT, isolation_level=None)
            ) as db:
                db.row_factory = sqlite3.Row
                db.execute("PRAGMA synchronous = FULL")  # a record outlives a power cut as well
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                try:
                    yield db
                except BaseException:
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise QnuError(
                "QNU_HOME", str(self.path), f"a store that is whole and can be written ({error})"
            ) from None

    @contextlib.contextmanager
    def claim(self, name: str, timeout: float) -> Iterator[None]:
        """A lock by name for one process at a time; a killed process releases it.

        The lock is SQLite's own, on an empty file: it works alike on every system.
        """
        path = self._locks / f"{name}.lock"
        _touch(path)
        with contextlib.closing(
            sqlite3.connect(path, timeout=timeout, isolation_level=None)
        ) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise BusyError(
                    "job", name, "a job that no other process is working on right now"
                ) from None
            yield

    def _version(self) -> int:
        with self.transaction() as db:
            return int(db.execute("PRAGMA user_version").fetchone()[0])

    def _upgrade(self) -> None:
        if self._version() == len(self._steps):
            return
        with self.claim(f"format-of-{self._name}", _TIMEOUT):
            version = self._version()  # another process may have been faster
            if version > len(self._steps):
                raise QnuError(
                    "QNU_HOME",
                    f"{self.path.name} of format {version}",
                    f"formats up to {len(self._steps)}: {self.path} belongs to a newer qnu",
                )
            self._write_ahead()
            with self.transaction(write=True) as db:
                for statement in filter(str.strip, ";".join(self._steps[version:]).split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {len(self._steps)}")

    def _write_ahead(self) -> None:
        """A setting that the file itself stores."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=_TIMEOUT)) as db:
            if db.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                raise QnuError("QNU_HOME", str(self.folder), "a folder on a local disk")


def _touch(path: Path) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
