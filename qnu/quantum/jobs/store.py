"""The store: all jobs in one SQLite file that no crash leaves half-written.

Circuits and results are bytes here; Qiskit and the services are not imported.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...common import integrity
from ...common.home import home
from ...errors import QnuError, QnuWarning
from ._database import Database
from .records import (
    DONE,
    FETCHED,
    INTENDED,
    SENT,
    WHOLE,
    Intent,
    Payload,
    Record,
    record_of,
    with_parts,
)

_JSON = ("machine", "recipe", "attributes", "versions")
#: In place of an id: the job that was recorded last. (Ids have no such letters.)
LAST = "last"
#: Entry k leads from version k of the file to version k + 1.
_STEPS = (
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, tag TEXT NOT NULL UNIQUE, name TEXT NOT NULL, label TEXT NOT NULL,
        hardware TEXT NOT NULL, backend TEXT NOT NULL, neutrinos INTEGER NOT NULL,
        circuits INTEGER NOT NULL, shots INTEGER NOT NULL, seed INTEGER NOT NULL,
        seconds REAL NOT NULL, folder TEXT NOT NULL, spec_hash TEXT NOT NULL,
        state TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '', service_job TEXT, place TEXT,
        attempted REAL, output TEXT, created REAL NOT NULL, updated REAL NOT NULL
    ) STRICT;
    CREATE TABLE payloads (
        id TEXT PRIMARY KEY REFERENCES jobs(id), spec TEXT NOT NULL, machine TEXT NOT NULL,
        recipe TEXT NOT NULL, attributes TEXT NOT NULL, versions TEXT NOT NULL,
        programs BLOB NOT NULL, results BLOB
    ) STRICT;
    """,
    """
    ALTER TABLE jobs ADD COLUMN parent TEXT REFERENCES jobs(id);
    ALTER TABLE jobs ADD COLUMN part INTEGER NOT NULL DEFAULT 0;
    """,
)


class Store:
    """Jobs in ``jobs.sqlite``: every method is one transaction, durable when it returns.

    Any number of processes may use one store at once; readers never wait. The folder and its files
    are private to the user. SQLite's write-ahead log (sqlite.org/wal.html) needs a local disk, not
    a network file system.

    Args:
        folder: default: ``$QNU_HOME``, or the platform's folder for data of programs.

    Raises:
        QnuError: a folder that cannot be written, a file that is not a store or is of a newer
            qnu.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = Store(Path(folder))
        ...     len(store.all())
        0
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = home() if folder is None else Path(folder)
        self._file = Database(self.folder, "jobs", _STEPS)

    def _open(self, write: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return self._file.transaction(write)

    def claim(self, job: str, timeout: float = 600.0) -> AbstractContextManager[None]:
        """A lock: only one process at a time sends, fetches or cancels a job.

        An error where another process still holds it after ``timeout`` seconds.
        """
        return self._file.claim(job, timeout)

    def record(self, intent: Intent) -> Record:
        """Records a job, with an unused tag, and its requests, each with a tag of its own."""
        now = time.time()
        values, payload = _rows(intent)
        unique = uuid.uuid4().hex
        with self._open(write=True) as db:
            while db.execute("SELECT 1 FROM jobs WHERE id = ?", (unique[:8],)).fetchone():
                unique = uuid.uuid4().hex
            values |= {
                "id": unique[:8],
                "tag": f"qnu-{unique}",
                "state": INTENDED,
                "created": now,
                "updated": now,
            }
            _insert(db, "jobs", values)
            _insert(db, "payloads", {"id": unique[:8], **payload})
            for number, part in enumerate(intent.parts, 1):
                own = {"id": f"{unique[:8]}.{number}", "tag": f"qnu-{unique}-{number}"}
                alone = replace(intent, parts=(), spec="", attributes={}, **vars(part))
                row, content = _rows(alone)
                row |= {**{name: values[name] for name in ("state", "created", "updated")}, **own}
                _insert(db, "jobs", row | {"parent": unique[:8], "part": number})
                _insert(db, "payloads", {"id": own["id"], **content})
        return self.find(unique[:8])

    def find(self, name: str) -> Record:
        """The job with this id, beginning of an id, tag, or id at the service.

        ``"last"`` is the one that was recorded last.

        Raises:
            QnuError: none, or several.
        """
        if not isinstance(name, str) or not name.strip():
            raise QnuError("job", name, "an id from `qnu jobs`")
        with self._open() as db:
            if name == LAST:
                newest = "SELECT * FROM jobs WHERE parent IS NULL"
                row = db.execute(f"{newest} ORDER BY created DESC, rowid DESC LIMIT 1").fetchone()
                if row is None:
                    raise QnuError("job", name, "an id from `qnu jobs` (there is no job yet)")
                return _whole(db, row)
            rows = db.execute(
                "SELECT * FROM jobs WHERE (parent IS NULL AND substr(id, 1, length(:name)) = :name)"
                " OR id = :name OR service_job = :name OR tag = :name ORDER BY created",
                {"name": name},
            ).fetchall()
            found = _whole(db, rows[0]) if len(rows) == 1 else None
        if len(rows) > 1:
            raise QnuError("job", name, "more letters: " + ", ".join(row["id"] for row in rows[:6]))
        if found is None:
            raise QnuError("job", name, "an id from `qnu jobs`")
        return found

    def all(self) -> list[Record]:
        """Every job, the oldest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM jobs ORDER BY created, parent, part, id").fetchall()
        records: list[Record] = []
        parts: dict[str, list[Record]] = {}
        for row in rows:
            try:
                record = record_of(row)
            except QnuError as error:
                warnings.warn(QnuWarning(f"left out: {error}"), stacklevel=2)
                continue
            if record.parent is None:
                records.append(record)
            else:
                parts.setdefault(record.parent, []).append(record)
        return [with_parts(record, parts.get(record.id, [])) for record in records]

    def payload(self, job: str) -> Payload:
        """What was sent, or is to be sent."""
        with self._open() as db:
            row = db.execute("SELECT * FROM payloads WHERE id = ?", (job,)).fetchone()
        if row is None:
            raise QnuError("job", job, WHOLE)
        texts = [row[name] for name in ("spec", *_JSON)]
        if not isinstance(row["programs"], bytes) or not all(type(text) is str for text in texts):
            raise QnuError("job", job, WHOLE)
        programs = _undamaged(job, row["programs"], *texts)
        try:
            loaded = {name: json.loads(row[name]) for name in _JSON}
        except (ValueError, TypeError, RecursionError):
            raise QnuError("job", job, WHOLE) from None
        if not all(isinstance(value, dict) for value in loaded.values()):
            raise QnuError("job", job, WHOLE)
        return Payload(spec=row["spec"], programs=programs, **loaded)

    def attempt(self, job: str, place: str) -> None:
        """Records an attempt to send the job: from here on the service may have it."""
        self._change(job, attempted=time.time(), place=place, detail="")

    def refused(self, job: str, detail: str, earlier: float | None = None) -> None:
        """Records that the attempt ended before the job was sent.

        ``earlier`` is the time of an earlier attempt whose outcome is not known.
        """
        self._change(job, attempted=earlier, detail=detail)

    def sent(self, job: str, service_job: str) -> None:
        """Records the service's id of the job, also after a cancellation before it was listed."""
        with self._open(write=True) as db:
            nameless = "SELECT 1 FROM jobs WHERE id = ? AND service_job IS NULL"
            late = db.execute(nameless, (job,)).fetchone() is not None
            values = {"state": SENT, "service_job": service_job, "detail": ""}
            _set(db, job, values, ended=late)

    def set_state(self, job: str, state: str, detail: str) -> None:
        """Records the state that the service reports; a job that has ended is not changed."""
        self._change(job, state=state, detail=detail)

    def set_results(self, job: str, results: bytes) -> None:
        """Stores the results: services delete theirs after some time."""
        with self._open(write=True) as db:
            kept = integrity.closed(results)
            db.execute("UPDATE payloads SET results = ? WHERE id = ?", (kept, job))
            _set(db, job, {"state": DONE, "detail": ""})

    def results(self, job: str) -> bytes | None:
        """The stored results, None where there are none."""
        with self._open() as db:
            row = db.execute("SELECT results FROM payloads WHERE id = ?", (job,)).fetchone()
        if row is None or row["results"] is None:
            return None
        return _undamaged(job, row["results"])

    def fetched(self, job: str, output: Path) -> None:
        """Records that the Trajectory is on disk."""
        with self._open(write=True) as db:
            _set(db, job, {"state": FETCHED, "detail": "", "output": str(output)}, ended=True)

    def _change(self, job: str, **values: Any) -> None:
        with self._open(write=True) as db:
            _set(db, job, values)


def _undamaged(job: str, content: bytes, *beside: str) -> bytes:
    try:
        return integrity.opened(content, *beside)
    except integrity.DamagedError:
        raise QnuError(
            "QNU_HOME", f"job {job}", "a record that matches its SHA-256 (this one is damaged)"
        ) from None


def _whole(db: sqlite3.Connection, row: sqlite3.Row) -> Record:
    """A job with its requests."""
    parts = "SELECT * FROM jobs WHERE parent = ? ORDER BY part"
    found = db.execute(parts, (row["id"],)).fetchall()
    return with_parts(record_of(row), [record_of(part) for part in found])


def _rows(intent: Intent) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of both tables."""
    values = {**vars(intent)}
    del values["parts"]
    payload = {name: values.pop(name) for name in ("spec", *_JSON, "programs")}
    for name in _JSON:
        payload[name] = json.dumps(payload[name])
    beside = [str(payload[name]) for name in ("spec", *_JSON)]
    payload["programs"] = integrity.closed(intent.programs, *beside)
    return values, payload


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))


def _set(
    db: sqlite3.Connection, job: str, values: Mapping[str, Any], *, ended: bool = False
) -> None:
    """Changes a job that has not ended; with ``ended`` any job."""
    names = ", ".join(f"{name} = ?" for name in [*values, "updated"])
    alive = "" if ended else " AND state NOT IN ('fetched', 'failed', 'cancelled')"
    db.execute(f"UPDATE jobs SET {names} WHERE id = ?{alive}", (*values.values(), time.time(), job))
