"""A job in memory: before it is sent, and as the store has recorded it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ...errors import QnuError

#: States of a job, in the order in which it goes through them. They are words of the stored files:
#: ``intended``: recorded, and not known to be at the service; ``sent``: at the service under a
#: recorded id; ``fetched``: its Trajectory is on disk.
INTENDED, SENT, QUEUED, RUNNING, DONE = "intended", "sent", "queued", "running", "done"
FETCHED, FAILED, CANCELLED = "fetched", "failed", "cancelled"
#: States in which a job has ended.
FINAL = frozenset({FETCHED, FAILED, CANCELLED})

STATES = FINAL | {INTENDED, SENT, QUEUED, RUNNING, DONE}
#: Seconds since 1970 at the end of the year 9999, the last of the calendar.
_LAST_TIME = 253_402_300_799.0
WHOLE = "a record that is whole (this one is damaged)"
#: Types of the columns, by the annotation of Record.
_KINDS: dict[str, Any] = {
    "str": str, "int": int, "float": float, "str | None": str | None, "float | None": float | None,
}  # fmt: skip


@dataclass(frozen=True)
class _Job:
    """What is known of a job before and after it is recorded.

    Args:
        name: name of the experiment.
        label: label of the method.
        hardware: name of the hardware config.
        backend: the service's name of the machine.
        neutrinos: number of qubits that are measured.
        circuits: number of circuits.
        shots: shots per circuit.
        seed: seed of shots and twirling on a simulated machine.
        seconds: estimated time on the machine.
        folder: where the Trajectory will be written.
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


@dataclass(frozen=True)
class Part:
    """One request of a job that the machine does not take in one.

    Args:
        circuits: number of circuits.
        shots: of each.
        seed: of shots and twirling on a simulated machine.
        seconds: estimated time on the machine.
        recipe: what the machine needs of the job's recipe.
        programs: the circuits.

    Examples:
        >>> Part(3, 100, 1, 2.5, {}, b"").circuits
        3
    """

    circuits: int
    shots: int
    seed: int
    seconds: float
    recipe: Mapping[str, Any] = field(repr=False)
    programs: bytes = field(repr=False)


@dataclass(frozen=True)
class Intent(_Job):
    """A job before it is sent, with all that is needed to run it later.

    Name, machine, size and folder are attributes too: ``name``, ``label``, ``hardware``,
    ``backend``, ``neutrinos``, ``circuits``, ``shots``, ``seed``, ``seconds``, ``folder``.

    Args:
        spec: text of the experiment file.
        spec_hash: hash of its content.
        machine: the hardware config.
        recipe: how to read the results (:func:`qnu.quantum.prepare`).
        attributes: further attributes of the Trajectory.
        versions: versions of the packages that compiled the circuits.
        programs: the compiled circuits; none where they are in the parts.
        parts: the requests of a job that the machine does not take in one.

    Examples:
        >>> Intent("two groups", "circuit", "fake_torino", "fake_torino", 4, 6, 100, 1, 2.5, ".",
        ...        "", "", {}, {}, {}, {}, b"").circuits
        6
    """

    spec: str
    spec_hash: str
    machine: Mapping[str, Any] = field(repr=False)
    recipe: Mapping[str, Any] = field(repr=False)
    attributes: Mapping[str, Any] = field(repr=False)
    versions: Mapping[str, str] = field(repr=False)
    programs: bytes = field(repr=False)
    parts: tuple[Part, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Record(_Job):
    """A recorded job, with the attributes of :class:`Intent` that are not in its payload.

    Args:
        id: eight characters.
        tag: tag of the job at the service, by which it can be looked up.
        spec_hash: hash of the experiment file.
        state: ``intended``, ``sent``, ``queued``, ``running``, ``done``, ``fetched``, ``failed`` or
            ``cancelled``.
        detail: last message of the service.
        service_job: the service's id of the job; None while it is not known.
        place: hashes of the account's instances at the last attempt; None before the first.
        attempted: time of the last attempt to send it; None where nothing was sent.
        output: path of the Trajectory that was written.
        created: time in seconds since 1970.
        updated: time of the last change.
        parent: id of the job of which this is one request; None: it is a job.
        part: number of the request, from 1; 0: it is a job.
        parts: the requests of a job that the machine does not take in one.

    Examples:
        >>> Record.__dataclass_fields__["state"].type
        'str'
    """

    id: str
    tag: str
    spec_hash: str
    state: str
    detail: str
    service_job: str | None
    place: str | None
    attempted: float | None
    output: str | None
    created: float
    updated: float
    parent: str | None = None
    part: int = 0
    parts: tuple[Record, ...] = ()

    @property
    def final(self) -> bool:
        """Whether the job has ended."""
        return self.state in FINAL

    @property
    def lost(self) -> bool:
        """Whether the service may have the job although its id there is not known."""
        return self.attempted is not None and self.service_job is None


@dataclass(frozen=True)
class Payload:
    """The large part of a job: its circuits, and what is needed to read their results."""

    spec: str
    machine: Mapping[str, Any]
    recipe: Mapping[str, Any]
    attributes: Mapping[str, Any]
    versions: Mapping[str, str]
    programs: bytes


def with_parts(record: Record, parts: Sequence[Record]) -> Record:
    """A job with its requests: its state, unless it is fetched, is what theirs add up to.

    The first of these that is true of any request: failed, cancelled, intended, running, queued,
    sent; done where all are.
    """
    if not parts:
        return record
    changes: dict[str, Any] = {
        "parts": tuple(parts),
        "updated": max([record.updated, *(part.updated for part in parts)]),
        "service_job": " ".join(part.service_job for part in parts if part.service_job) or None,
        "attempted": max((p.attempted for p in parts if p.attempted is not None), default=None),
        "place": next((part.place for part in parts if part.place is not None), None),
    }
    if record.state != FETCHED:
        first = _leading(parts)
        number = f"request {first.part} of {len(parts)}"
        changes["state"] = first.state
        named = first.state in (FAILED, CANCELLED, INTENDED) and first.detail
        changes["detail"] = f"{number}: {first.detail}" if named else first.detail
    return replace(record, **changes)


def _leading(parts: Sequence[Record]) -> Record:
    for state in (FAILED, CANCELLED, INTENDED, RUNNING, QUEUED, SENT):
        for part in parts:
            if part.state == state:
                return part
    return parts[0]


def record_of(row: sqlite3.Row) -> Record:
    """A row of the table as a checked Record; the file may be damaged in any way."""
    try:
        record = Record(**row)
    except TypeError:  # columns of another program
        raise QnuError("job", "a row of other columns", WHOLE) from None
    for part in fields(Record):
        if part.name == "parts":
            continue
        value, kind = getattr(record, part.name), _KINDS[str(part.type)]
        if not isinstance(value, kind) or (isinstance(value, float) and not math.isfinite(value)):
            raise QnuError("job", f"{record.id!s:.20} with {part.name} = {value!r:.20}", WHOLE)
    times = [record.created, record.updated, record.attempted or 0.0]
    if record.state not in STATES or not all(0 <= t <= _LAST_TIME for t in times):
        raise QnuError("job", f"{record.id:.20}, {record.state!r:.20}", WHOLE)
    return record
