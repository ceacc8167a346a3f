"""The service of simulated machines: jobs outlive the process, as on a real one."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from ...common import integrity
from ...common.home import home
from ...common.progress import ProgressFunction, no_progress
from ..machines import DeviceMachine, Machine, load_device
from ..machines.faults import ServiceError
from ..machines.service import Service, Status, Work
from ._database import Database
from .results import pack_circuits, pack_results, unpack_circuits, unpack_results

_STEPS = (
    """
    CREATE TABLE local_jobs (
        job TEXT PRIMARY KEY, tag TEXT NOT NULL, recipe TEXT NOT NULL, seed INTEGER NOT NULL,
        programs BLOB NOT NULL, created REAL NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0,
        results BLOB
    ) STRICT;
    """,
)


def connect(
    machine: Machine,
    backend: str,
    folder: Path | None = None,
    progress: ProgressFunction = no_progress,
) -> Service:
    """The service that runs the jobs of a machine; it opens no connection yet.

    Args:
        machine: the hardware config.
        backend: the service's name of the device.
        folder: the folder of the store, where jobs of simulated machines are kept too.
        progress: called with the fraction done while a simulated machine computes a result.

    Returns:
        the service.

    Raises:
        QnuError: a machine without a service, such as a plain simulator.

    Examples:
        >>> import qnu
        >>> connect(qnu.quantum.load_machine("ibm_heron"), "ibm_torino").name
        'ibm_torino'
    """
    return machine.service(
        backend, lambda simulated: LocalService(load_device(simulated), folder, progress)
    )


class LocalService:
    """Fake devices and simulated ions: a job is computed when its result is first requested.

    Args:
        machine: the hardware config.
        folder: default: ``$QNU_HOME``; jobs are in its ``local.sqlite``.
        progress: called with the fraction done while a result is computed.

    Raises:
        ServiceError: an unknown job, or one that was cancelled.

    Examples:
        >>> import qnu, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     service = LocalService(qnu.quantum.load_machine("fake_torino"), Path(folder))
        ...     service.find("no such tag")
        []
    """

    costs = False

    def __init__(
        self,
        machine: DeviceMachine,
        folder: Path | None = None,
        progress: ProgressFunction = no_progress,
    ) -> None:
        self.machine, self.name, self._progress = machine, machine.name, progress
        self._folder = folder

    @cached_property
    def _file(self) -> Database:
        """The file of the jobs, made with the first one: a dry run writes nothing."""
        return Database(home() if self._folder is None else self._folder, "local", _STEPS)

    def instances(self) -> frozenset[str]:
        """One instance: this computer."""
        return frozenset({"local"})

    def together(self, execution: Mapping[str, Any]) -> AbstractContextManager[None]:
        """Nothing: there is no queue here."""
        return nullcontext()

    def submit(self, work: Work, tag: str) -> str:
        """Records the work; nothing is computed yet."""
        job, recipe = f"local-{uuid.uuid4().hex[:12]}", json.dumps(dict(work.recipe))
        programs = integrity.closed(pack_circuits(work.circuits), recipe, str(work.seed))
        row = (job, tag, recipe, work.seed, programs, time.time())
        with self._file.transaction(write=True) as db:
            db.execute(
                "INSERT INTO local_jobs (job, tag, recipe, seed, programs, created)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
        return job

    def find(self, tag: str) -> list[str]:
        """Jobs with a tag, the oldest first."""
        with self._file.transaction() as db:
            rows = db.execute(
                "SELECT job FROM local_jobs WHERE tag = ? ORDER BY created, job", (tag,)
            ).fetchall()
        return [str(row["job"]) for row in rows]

    def status(self, job: str) -> Status:
        """Done from the start: the result can be computed at any time."""
        row = self._row(job)
        if row["cancelled"]:
            return Status("cancelled")
        return Status("done", "" if row["results"] else "computed here when it is fetched")

    def result(self, job: str) -> Sequence[Any]:
        """Computed the first time, then stored."""
        with self._file.claim(job, timeout=24 * 3600.0):
            row = self._row(job)
            if row["cancelled"]:
                raise ServiceError(self.name, f"job {job} was cancelled", "submit again")
            if row["results"] is None:
                beside = row["recipe"], str(row["seed"])
                running = self.machine.submit(
                    unpack_circuits(self._undamaged(job, row["programs"], *beside)),
                    json.loads(row["recipe"]),
                    row["seed"],
                    self._progress,
                )
                content = pack_results(running.result())
                stored = integrity.closed(content)
                with self._file.transaction(write=True) as db:
                    db.execute("UPDATE local_jobs SET results = ? WHERE job = ?", (stored, job))
            else:
                content = self._undamaged(job, row["results"])
        return unpack_results(content)

    def cancel(self, job: str) -> None:
        """Unless it is computed already."""
        self._row(job)
        with self._file.transaction(write=True) as db:
            db.execute(
                "UPDATE local_jobs SET cancelled = 1 WHERE job = ? AND results IS NULL", (job,)
            )

    def _undamaged(self, job: str, content: bytes, *beside: str) -> bytes:
        try:
            return integrity.opened(content, *beside)
        except integrity.DamagedError:
            raise ServiceError(self.name, f"job {job} is damaged", "submit again") from None

    def _row(self, job: str) -> Any:
        with self._file.transaction() as db:
            row = db.execute("SELECT * FROM local_jobs WHERE job = ?", (job,)).fetchone()
        if row is None:
            raise ServiceError(
                self.name, f"knows no job {job}", "is QNU_HOME the same as when it was sent?"
            )
        return row
