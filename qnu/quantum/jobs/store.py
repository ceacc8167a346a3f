"""What is known of every job, in one SQLite file that no crash can leave half-written.

Knows neither Qiskit nor any service: circuits and results are bytes here.
"""

from __future__ import annotations

import json
import math
import sqlite3
import time
import uuid
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ...common import integrity
from ...errors import QnuError, QnuWarning
from ._database import Database, home

#: From the record of an intent to the Trajectory on disk.
INTENDED, SENT, QUEUED, RUNNING, DONE = "intended", "sent", "queued", "running", "done"
FETCHED, FAILED, CANCELLED = "fetched", "failed", "cancelled"
#: Nothing changes any more.
FINAL = frozenset({FETCHED, FAILED, CANCELLED})

_STATES = FINAL | {INTENDED, SENT, QUEUED, RUNNING, DONE}
#: Seconds since 1970 at the end of the year 9999, the last that calendars know.
_LAST = 253_402_300_799.0
_WHOLE = "a record that is whole (this one is damaged)"
#: Of the columns, by the annotation of Record.
_KINDS: dict[str, Any] = {
    "str": str, "int": int, "float": float, "str | None": str | None, "float | None": float | None,
}  # fmt: skip
_JSON = ("machine", "recipe", "attributes", "versions")
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
)


@dataclass(frozen=True)
class Intent:
    """What somebody wants to run, whole: the work could be done from it on another day.

    Args:
        name: of the experiment.
        label: of the method.
        hardware: of the hardware config.
        backend: the machine itself, as its service calls it.
        neutrinos: qubits that are read.
        circuits: how many.
        shots: of each.
        seed: of what is drawn.
        seconds: estimated time on the machine.
        folder: where the Trajectory will be written.
        spec: the text of the experiment file.
        spec_hash: of its content.
        machine: the hardware config.
        recipe: what turns results into a Trajectory.
        attributes: what is recorded in that Trajectory besides.
        versions: of the packages that compiled the circuits.
        programs: the compiled circuits.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> Intent("two groups", "circuit", "fake_torino", "fake_torino", 4, 6, 100, 1, 2.5, ".",
        ...        "", "", {}, {}, {}, {}, b"").circuits
        6
    """

    name: str
    label: str
    hardware: str
    backend: str
    neutrinos: int
    circuits: int
    shots: int
    seed: int
    seconds: float
    folder: str
    spec: str
    spec_hash: str
    machine: Mapping[str, Any] = field(repr=False)
    recipe: Mapping[str, Any] = field(repr=False)
    attributes: Mapping[str, Any] = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)
    programs: bytes = field(repr=False)


@dataclass(frozen=True)
class Record:
    """One job as the store knows it.

    Args:
        id: eight characters, qnu's own.
        tag: what the service keeps beside the job, so that it can be found again.
        name: of the experiment.
        label: of the method.
        hardware: of the hardware config.
        backend: the machine itself.
        neutrinos: qubits that are read.
        circuits: how many.
        shots: of each.
        seed: of what is drawn.
        seconds: estimated time on the machine.
        folder: where the Trajectory will be written.
        spec_hash: of the experiment file.
        state: ``intended``, ``sent``, ``queued``, ``running``, ``done``, ``fetched``, ``failed`` or
            ``cancelled``.
        detail: what the service said last.
        service_job: the service's own name of the job; None while it is not known.
        place: which account's jobs it is among (a hash); None before the first attempt.
        attempted: when it was last sent off; None: never, or it broke off before that.
        output: the Trajectory that was written.
        created: seconds since 1970.
        updated: likewise.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> Record.__dataclass_fields__["state"].type
        'str'
    """

    id: str
    tag: str
    name: str
    label: str
    hardware: str
    backend: str
    neutrinos: int
    circuits: int
    shots: int
    seed: int
    seconds: float
    folder: str
    spec_hash: str
    state: str
    detail: str
    service_job: str | None
    place: str | None
    attempted: float | None
    output: str | None
    created: float
    updated: float

    @property
    def final(self) -> bool:
        """Whether nothing changes any more."""
        return self.state in FINAL

    @property
    def lost(self) -> bool:
        """Whether the service may have it under a name that is not known here."""
        return self.attempted is not None and self.service_job is None


@dataclass(frozen=True)
class Payload:
    """The heavy part of a job: what was sent, and how to read what comes back."""

    spec: str
    machine: Mapping[str, Any]
    recipe: Mapping[str, Any]
    attributes: Mapping[str, Any]
    versions: Mapping[str, str]
    programs: bytes


class Store:
    """Jobs in ``jobs.sqlite``: every method is one transaction, durable when it returns.

    Any number of processes may use one store at once; readers never wait. The folder and its files
    are private to the user. SQLite's write-ahead log needs a local disk, not a network file system.

    Args:
        folder: default: ``$QNU_HOME``, or the platform's folder for data of programs.

    Raises:
        QnuError: a folder that cannot be written, a file that is no store or of a newer qnu.

    References:
        SQLite, write-ahead logging (sqlite.org/wal.html).

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

    def claim(self, job: str, patience: float = 600.0) -> AbstractContextManager[None]:
        """Only one process at a time sends, fetches or cancels a job.

        Raises:
            BusyError: another process is still at it after ``patience`` seconds.
        """
        return self._file.claim(job, patience)

    def record(self, intent: Intent) -> Record:
        """Writes an intent down, with a tag that no other job has."""
        now = time.time()
        values = {**vars(intent)}
        payload = {name: values.pop(name) for name in ("spec", *_JSON, "programs")}
        for name in _JSON:
            payload[name] = json.dumps(payload[name])
        beside = [str(payload[name]) for name in ("spec", *_JSON)]
        payload["programs"] = integrity.closed(intent.programs, *beside)
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
        return self.find(unique[:8])

    def find(self, name: str) -> Record:
        """The job of an id, of the beginning of one, or of the service's own name.

        Raises:
            QnuError: none, or several.
        """
        if not isinstance(name, str) or not name.strip():
            raise QnuError("job", name, "an id from `qnu jobs`")
        with self._open() as db:
            rows = db.execute(
                "SELECT * FROM jobs WHERE substr(id, 1, length(?1)) = ?1 OR service_job = ?1"
                " OR tag = ?1 ORDER BY created",
                (name,),
            ).fetchall()
        if len(rows) > 1:
            raise QnuError("job", name, "more letters: " + ", ".join(row["id"] for row in rows[:6]))
        if not rows:
            raise QnuError("job", name, "an id from `qnu jobs`")
        return _record(rows[0])

    def all(self) -> list[Record]:
        """Every job, the oldest first."""
        with self._open() as db:
            rows = db.execute("SELECT * FROM jobs ORDER BY created, id").fetchall()
        found = []
        for row in rows:
            try:
                found.append(_record(row))
            except QnuError as error:
                warnings.warn(QnuWarning(f"left out: {error}"), stacklevel=2)
        return found

    def payload(self, job: str) -> Payload:
        """What was, or is to be, sent."""
        with self._open() as db:
            row = db.execute("SELECT * FROM payloads WHERE id = ?", (job,)).fetchone()
        if row is None:
            raise QnuError("job", job, _WHOLE)
        texts = [row[name] for name in ("spec", *_JSON)]
        if not isinstance(row["programs"], bytes) or not all(type(text) is str for text in texts):
            raise QnuError("job", job, _WHOLE)
        programs = _undamaged(job, row["programs"], *texts)
        try:
            loaded = {name: json.loads(row[name]) for name in _JSON}
        except (ValueError, TypeError, RecursionError):
            raise QnuError("job", job, _WHOLE) from None
        if not all(isinstance(value, dict) for value in loaded.values()):
            raise QnuError("job", job, _WHOLE)
        return Payload(spec=row["spec"], programs=programs, **loaded)

    def attempt(self, job: str, place: str) -> None:
        """From here on the service may have it."""
        self._change(job, attempted=time.time(), place=place, detail="")

    def refused(self, job: str, detail: str, earlier: float | None = None) -> None:
        """This attempt ended before anything was sent; ``earlier``: one of unknown fate."""
        self._change(job, attempted=earlier, detail=detail)

    def sent(self, job: str, service_job: str) -> None:
        """The service has it, under this name; also one that was cancelled before it showed."""
        with self._open(write=True) as db:
            nameless = "SELECT 1 FROM jobs WHERE id = ? AND service_job IS NULL"
            late = db.execute(nameless, (job,)).fetchone() is not None
            values = {"state": SENT, "service_job": service_job, "detail": ""}
            _set(db, job, values, ended=late)

    def saw(self, job: str, state: str, detail: str) -> None:
        """What the service says; a job that has ended stays as it is."""
        self._change(job, state=state, detail=detail)

    def keep(self, job: str, results: bytes) -> None:
        """The results themselves: services delete theirs some day."""
        with self._open(write=True) as db:
            kept = integrity.closed(results)
            db.execute("UPDATE payloads SET results = ? WHERE id = ?", (kept, job))
            _set(db, job, {"state": DONE, "detail": ""})

    def results(self, job: str) -> bytes | None:
        """What :meth:`keep` kept."""
        with self._open() as db:
            row = db.execute("SELECT results FROM payloads WHERE id = ?", (job,)).fetchone()
        if row is None or row["results"] is None:
            return None
        return _undamaged(job, row["results"])

    def fetched(self, job: str, output: Path) -> None:
        """The Trajectory is on disk."""
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


def _record(row: sqlite3.Row) -> Record:
    """A row of the table, checked: what damaged it may have been anything."""
    try:
        record = Record(**row)
    except TypeError:  # columns of another program
        raise QnuError("job", "a row of other columns", _WHOLE) from None
    for part in fields(Record):
        value, kind = getattr(record, part.name), _KINDS[str(part.type)]
        if not isinstance(value, kind) or (isinstance(value, float) and not math.isfinite(value)):
            raise QnuError("job", f"{record.id!s:.20} with {part.name} = {value!r:.20}", _WHOLE)
    times = [record.created, record.updated, record.attempted or 0.0]
    if record.state not in _STATES or not all(0 <= t <= _LAST for t in times):
        raise QnuError("job", f"{record.id:.20}, {record.state!r:.20}", _WHOLE)
    return record


def _insert(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> None:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))


def _set(
    db: sqlite3.Connection, job: str, values: Mapping[str, Any], *, ended: bool = False
) -> None:
    """Changes a job that has not ended, or with ``ended`` any."""
    names = ", ".join(f"{name} = ?" for name in [*values, "updated"])
    alive = "" if ended else " AND state NOT IN ('fetched', 'failed', 'cancelled')"
    db.execute(f"UPDATE jobs SET {names} WHERE id = ?{alive}", (*values.values(), time.time(), job))
