"""Sends jobs, follows them, fetches their results; each step can be repeated after a crash.

In the state ``intended`` it is not known whether the service has the job. Then its tag is looked up
at the service first, and only a job that is not listed there is sent again.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...common.progress import ProgressFunction, no_progress
from ...errors import QnuError
from ..machines import DeviceMachine
from ..machines.faults import ServiceError
from ..machines.machine import PROVIDERS
from ..machines.parts import Request, merged
from ..machines.service import Service, Status, Work, with_retries
from ..measure import read
from ._database import BusyError
from .local import connect
from .lookup import check_single, jobs_with_tag
from .output import check_output, output_path
from .records import CANCELLED, DONE, FAILED, FETCHED, INTENDED, Intent, Record
from .results import pack_results, unpack_circuits, unpack_results
from .store import Store

#: Seconds between look-ups of a tag before a job is sent again: a service lists a job only some
#: time after accepting it.
SETTLE = (5.0, 10.0, 15.0)


class JobRunner:
    """Sends and fetches the jobs of one store.

    Args:
        store: default: the one in ``$QNU_HOME``.
        service: default: that of each job's machine.
        sleep: waits for a number of seconds; default: ``time.sleep``.
        progress: called with the fraction done while a simulated machine computes a result.

    Raises:
        QnuError: a store that cannot be used.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     JobRunner(Store(Path(folder))).store.all()
        []
    """

    def __init__(
        self,
        store: Store | None = None,
        service: Service | None = None,
        sleep: Callable[[float], None] | None = None,
        progress: ProgressFunction = no_progress,
    ) -> None:
        self.store = Store() if store is None else store
        self._service, self._progress = service, progress
        self._connected: dict[str, Service] = {}
        self._sleep = time.sleep if sleep is None else sleep

    def service(self, record: Record) -> Service:
        """The service that runs a job."""
        if self._service is not None:
            return self._service
        whole = record.parent or record.id  # one connection for all requests of a job
        if whole not in self._connected:
            self._connected[whole] = connect(
                self.machine(record), record.backend, self.store.folder, self._progress
            )
        return self._connected[whole]

    def machine(self, record: Record) -> DeviceMachine:
        """The hardware config as it was when the job was recorded."""
        config = self.store.payload(record.id).machine
        try:
            machine = PROVIDERS[config["provider"]].model_validate_json(json.dumps(config))
            device: DeviceMachine = machine.device()
        except (KeyError, TypeError, ValueError):  # QnuError is a ValueError: not a device
            allowed = "a record with the config of a device (damaged?)"
            raise QnuError("job", record.id, allowed) from None
        return device

    def send(self, intent: Intent) -> Record:
        """Records a job, sends it, records the service's id of it.

        Raises:
            ServiceError: it was not sent, or this is not known; it is recorded all the same.
        """
        return self.deliver(self.store.record(intent).id)

    def deliver(self, job: str) -> Record:
        """Sends a recorded job, unless the service has it already; of a split one, what is left.

        Raises:
            ServiceError: as :meth:`send`.
        """
        record = self.store.find(job)
        pending = [one.id for one in record.parts or (record,) if one.state == INTENDED]
        if pending:
            service, machine = self.service(record), self.machine(record)
            with service.together(machine.execution.model_dump(mode="json")):
                for name in pending:
                    self._deliver(service, name)
        return self.store.find(job)

    def _deliver(self, service: Service, job: str) -> None:
        """Sends one request."""
        with self.store.claim(job):
            record = self.store.find(job)
            if record.state != INTENDED:
                return
            with self._advise_resume(record.parent or record.id):
                if record.lost and self._found(service, record, SETTLE):
                    return
                payload = self.store.payload(job)
                work = Work(unpack_circuits(payload.programs), payload.recipe, record.seed)
                instances = with_retries(service.instances, sleep=self._sleep)
                self.store.attempt(job, " ".join(sorted(instances)))
                self._submit(service, work, record)

    def _submit(self, service: Service, work: Work, record: Record) -> None:
        """Submits once; after a fault the job is looked up at the service.

        ``record`` is the job before this attempt.
        """
        try:
            self.store.sent(record.id, service.submit(work, record.tag))
        except ServiceError as error:
            if error.sent is False:
                self.store.refused(record.id, error.what, record.attempted)
                raise
            self.store.set_state(record.id, INTENDED, error.what)
            names: list[str] = []
            with contextlib.suppress(ServiceError):
                names = self._adopt(service, self.store.find(record.id), SETTLE)
            if not names:
                raise
            check_single(service, record, names)

    def _found(self, service: Service, record: Record, settle: Sequence[float] = ()) -> bool:
        """Whether the service has the job; if so, its id there is recorded.

        Raises:
            ServiceError: it has several, of which the first is recorded; or it cannot be reached.
        """
        names = self._adopt(service, record, settle)
        check_single(service, record, names)
        return bool(names)

    def _adopt(self, service: Service, record: Record, settle: Sequence[float] = ()) -> list[str]:
        """The service's jobs with the tag of this one; the id of the first is recorded."""
        names = jobs_with_tag(service, record, settle, self._sleep)
        if names:
            self.store.sent(record.id, names[0])
        return names

    @contextlib.contextmanager
    def _advise_resume(self, job: str) -> Iterator[None]:
        """Adds to a ServiceError how to continue."""
        fault: ServiceError | None = None
        try:
            yield
        except ServiceError as error:
            fault = error
        if fault is not None:
            raise fault.then(f"`qnu submit --resume {job}`")

    def status(self, job: str) -> Record:
        """The state of a job at its service; a job not known to be sent is looked up by its tag.

        A job that was cancelled before the service listed it is cancelled there once it is listed.

        Raises:
            ServiceError: the service cannot be reached, or has several jobs with the tag.
        """
        record = self.store.find(job)
        if record.parts:
            for part in record.parts:
                self.status(part.id)
            return self.store.find(record.id)
        if not record.lost and (record.final or record.state == INTENDED):
            return record
        service = self.service(record)
        if record.lost:
            try:
                with self.store.claim(record.id, timeout=0.0):
                    record = self.store.find(record.id)
                    if record.lost and record.state == CANCELLED:
                        return self._drop(service, record)
                    if record.lost and not self._found(service, record):
                        return record
            except BusyError:  # another process is sending it
                return record
            record = self.store.find(record.id)
        self._refresh(service, record)
        return self.store.find(record.id)

    def _refresh(self, service: Service, record: Record) -> Status:
        """Asks the service for the state of a job, and records it."""
        assert record.service_job is not None
        name = record.service_job
        status = with_retries(lambda: service.status(name), sleep=self._sleep)
        self.store.set_state(record.id, status.state, status.detail)
        return status

    def fetch(self, job: str, output: Path | None = None) -> Path:
        """The file of a job's Trajectory; results are requested, stored and read at most once.

        Raises:
            QnuError: the job is not done, it failed, or ``output`` is not a file of this job.
            ServiceError: the service cannot be reached.
        """
        first = self.store.find(job)
        with self.store.claim(first.id):
            record = self.store.find(first.id)
            path = output_path(record, output)
            if record.state == FETCHED and record.output == str(path) and path.is_file():
                return path
            check_output(path, record.id)
            payload = self.store.payload(record.id)
            results = self._all_results(record, payload.recipe)
            name = self.store.find(record.id).service_job
            trajectory = read(results, payload.recipe, [name or ""])
            trajectory = trajectory.with_attributes(**payload.attributes, job=record.id)
            trajectory.save(path)
            self.store.fetched(record.id, path)
        return path

    def _all_results(self, record: Record, recipe: Mapping[str, Any]) -> list[Any]:
        """One result per circuit; those of requests that are done are stored before an error."""
        if not record.parts:
            return unpack_results(self._kept(record))
        found, waiting = [], None
        for part in record.parts:
            try:
                with self.store.claim(part.id):
                    found.append(unpack_results(self._kept(self.store.find(part.id))))
            except NotDoneError as error:
                waiting = waiting or error
        if waiting is not None:
            done = f"; {len(found)} of {len(record.parts)} requests are done"
            raise waiting.noted(done)
        return merged(found, [Request(*one) for one in recipe["requests"]])

    def _kept(self, record: Record) -> bytes:
        """The results of one request, from the store or else from the service."""
        kept = self.store.results(record.id)
        return self._results(record) if kept is None else kept

    def _results(self, record: Record) -> bytes:
        service = self.service(record)
        if record.state == INTENDED:
            if not record.lost or not self._found(service, record):
                step = f"`qnu submit --resume {record.parent or record.id}`"
                raise QnuError(
                    f"job {record.id}", reason=f"not known to have been sent; next: {step}"
                )
            record = self.store.find(record.id)
        if record.state in (FAILED, CANCELLED):
            raise _ended(record)
        status = self._refresh(service, record)
        record = self.store.find(record.id)
        if status.state in (FAILED, CANCELLED):
            raise _ended(record)
        if status.state != DONE:
            detail = f" ({status.detail})" if status.detail else ""
            raise NotDoneError(
                f"job {record.id}",
                reason=f"{status.state}{detail}; next: fetch it later, or --wait",
            )
        name = record.service_job
        assert name is not None
        content = pack_results(with_retries(lambda: service.result(name), sleep=self._sleep))
        self.store.set_results(record.id, content)
        return content

    def cancel(self, job: str) -> Record:
        """Cancels a job at the service; one that was never sent is only marked.

        A job that may have been sent is looked up first. If it is not listed it is only marked, and
        :meth:`status`, or cancelling again, looks it up once more.

        Raises:
            QnuError: it has ended already.
            ServiceError: the service cannot be reached.
        """
        first = self.store.find(job)
        if first.parts:
            if first.state == FETCHED or all(p.final or p.state == DONE for p in first.parts):
                raise QnuError("job", f"{first.id}, {first.state}", "a job that has not ended")
            for part in first.parts:
                if part.lost or not (part.final or part.state == DONE):
                    self.cancel(part.id)
            return self.store.find(first.id)
        with self.store.claim(first.id):
            record = self.store.find(first.id)
            if not record.lost and (record.final or record.state == DONE):
                raise QnuError("job", f"{record.id}, {record.state}", "a job that has not ended")
            if record.attempted is None:
                self.store.set_state(record.id, CANCELLED, "it was never sent")
                return self.store.find(record.id)
            return self._drop(self.service(record), record, SETTLE)

    def _drop(self, service: Service, record: Record, settle: Sequence[float] = ()) -> Record:
        """Cancels all jobs at the service with this tag; where there are none, only marks it."""
        own = record.service_job
        names = self._adopt(service, record, settle) if own is None else [own]
        if names:
            try:
                for name in reversed(names):  # the recorded one last, so that this can be repeated
                    service.cancel(name)
            except ServiceError as error:
                if len(names) == 1:
                    raise
                raise error.then(f"cancel {', '.join(names)} there") from None
            self._refresh(service, self.store.find(record.id))
        else:
            detail = f"it has not shown at the service; `qnu status {record.id}` looks again"
            self.store.set_state(record.id, CANCELLED, detail)
        return self.store.find(record.id)


class NotDoneError(QnuError):
    """A job is still queued or running."""

    exit_code = 1


def _ended(record: Record) -> QnuError:
    detail = f": {record.detail}" if record.detail else ""
    return QnuError(
        f"job {record.id}",
        reason=f"{record.state}{detail}; next: change what failed, submit again",
    )
