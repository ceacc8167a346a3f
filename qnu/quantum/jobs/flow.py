"""The way of a job: written down, sent, watched, fetched. Each step can be repeated after a crash.

``intended`` is the one state in which nobody knows whether the service has the job: then the
service is asked for the job's tag before anything else is done, and only what it does not list is
sent once more.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ...common.checks import user_path
from ...common.progress import ProgressFunction, no_progress
from ...errors import QnuError
from ...trajectory import Trajectory
from ..machines import DeviceMachine, Machine, load_device
from ..machines.faults import ServiceError
from ..machines.load import PROVIDERS
from ..machines.service import Service, Status, Work, with_retries
from ..measure import read
from ._database import BusyError
from .local import LocalService
from .results import pack_results, unpack_circuits, unpack_results
from .store import CANCELLED, DONE, FAILED, FETCHED, INTENDED, Intent, Record, Store

#: Seconds between questions for a tag, before work that may have arrived is sent once more: what
#: a service took in shows in its list only a moment later.
SETTLE = (5.0, 10.0, 15.0)


def connect(
    machine: Machine,
    backend: str,
    folder: Path | None = None,
    progress: ProgressFunction = no_progress,
) -> Service:
    """The service that runs a machine's jobs; it asks nobody before it has to.

    Args:
        machine: the hardware config.
        backend: the device itself.
        folder: of the store; jobs of simulated machines are kept there too.
        progress: called with the fraction done where a result is computed here.

    Returns:
        the service.

    Raises:
        QnuError: a machine without a service, such as a plain simulator.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> connect(qnu.quantum.load_machine("ibm_heron"), "ibm_torino").name
        'ibm_torino'
    """
    return machine.service(
        backend, lambda local: LocalService(load_device(local), folder, progress)
    )


class Office:
    """Sends and fetches the jobs of one store.

    Args:
        store: default: the one in ``$QNU_HOME``.
        service: default: that of each job's machine.
        sleep: how to wait; default: :func:`time.sleep`.
        progress: called with the fraction done where a result is computed here.

    Raises:
        QnuError: a store that cannot be used.

    References:
        qnu's own convention.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Office(Store(Path(folder))).store.all()
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
        self._sleep = time.sleep if sleep is None else sleep

    def service(self, record: Record) -> Service:
        """The one that runs a job."""
        if self._service is not None:
            return self._service
        return connect(self.machine(record), record.backend, self.store.folder, self._progress)

    def machine(self, record: Record) -> DeviceMachine:
        """The hardware config as it was when the job was recorded."""
        config = self.store.payload(record.id).machine
        try:
            machine = PROVIDERS[config["provider"]].model_validate_json(json.dumps(config))
        except (KeyError, TypeError, ValueError):
            machine = None
        if not isinstance(machine, DeviceMachine):
            raise QnuError("job", record.id, "a record with the config of a device (damaged?)")
        return machine

    def send(self, intent: Intent) -> Record:
        """Records an intent, sends it, records the service's name of the job.

        Raises:
            ServiceError: it was not sent, or nobody knows; the intent is recorded all the same.
        """
        return self.deliver(self.store.record(intent).id)

    def deliver(self, job: str) -> Record:
        """Sends recorded work, unless the service has it already.

        Raises:
            ServiceError: as :meth:`send`.
        """
        with self.store.claim(job):
            record = self.store.find(job)
            if record.state != INTENDED:
                return record
            service = self.service(record)
            with self._how_to_go_on(record.id):
                if record.lost and self._found(service, record, SETTLE):
                    return self.store.find(job)
                payload = self.store.payload(job)
                work = Work(unpack_circuits(payload.programs), payload.recipe, record.seed)
                places = with_retries(service.places, sleep=self._sleep)
                self.store.attempt(job, " ".join(sorted(places)))
                self._submit(service, work, record)
        return self.store.find(job)

    def _submit(self, service: Service, work: Work, record: Record) -> None:
        """Once. After a fault in between, the service is asked whether it has the job.

        ``record`` is as it was before this attempt.
        """
        try:
            self.store.sent(record.id, service.submit(work, record.tag))
        except ServiceError as error:
            if error.sent is False:
                self.store.refused(record.id, error.what, record.attempted)
                raise
            self.store.saw(record.id, INTENDED, error.what)
            names: list[str] = []
            with contextlib.suppress(ServiceError):
                names = self._adopt(service, self.store.find(record.id), SETTLE)
            if not names:
                raise
            _check_alone(service, record, names)

    def _found(self, service: Service, record: Record, settle: Sequence[float] = ()) -> bool:
        """Whether the service has the job; if so, it is recorded.

        Raises:
            ServiceError: it has several, of which the first is recorded; or it cannot be asked.
        """
        names = self._adopt(service, record, settle)
        _check_alone(service, record, names)
        return bool(names)

    def _adopt(self, service: Service, record: Record, settle: Sequence[float] = ()) -> list[str]:
        """The service's jobs with this tag; the first is recorded as ours."""
        seen = with_retries(service.places, sleep=self._sleep)
        if record.place is not None and not set(record.place.split()) <= seen:
            raise ServiceError(
                service.name,
                f"job {record.id} was sent with another account, or through an instance that this"
                " one does not reach",
                "use the account that it was sent with",
            )
        for pause in (0.0, *settle):
            if pause:
                self._sleep(pause)
            found = with_retries(lambda: service.find(record.tag), sleep=self._sleep)
            if found:
                self.store.sent(record.id, found[0])
                return found
        return []

    @contextlib.contextmanager
    def _how_to_go_on(self, job: str) -> Iterator[None]:
        fault: ServiceError | None = None
        try:
            yield
        except ServiceError as error:
            fault = error
        if fault is not None:
            raise fault.then(f"`qnu submit --resume {job}`")

    def status(self, job: str) -> Record:
        """How far a job is, as its service says; one of unknown fate is looked for by its tag.

        One that was cancelled before it showed at the service is cancelled there once it does.

        Raises:
            ServiceError: it cannot be asked, or has several jobs with the tag.
        """
        record = self.store.find(job)
        if not record.lost and (record.final or record.state == INTENDED):
            return record
        service = self.service(record)
        if record.lost:
            try:
                with self.store.claim(record.id, patience=0.0):
                    record = self.store.find(record.id)
                    if record.lost and record.state == CANCELLED:
                        return self._drop(service, record)
                    if record.lost and not self._found(service, record):
                        return record
            except BusyError:  # it is being sent right now
                return record
            record = self.store.find(record.id)
        self._ask(service, record)
        return self.store.find(record.id)

    def _ask(self, service: Service, record: Record) -> Status:
        assert record.service_job is not None
        name = record.service_job
        seen = with_retries(lambda: service.status(name), sleep=self._sleep)
        self.store.saw(record.id, seen.state, seen.detail)
        return seen

    def fetch(self, job: str, output: Path | None = None) -> Path:
        """The Trajectory of a job, on disk: asked for, kept, read and written at most once each.

        Raises:
            QnuError: it is not done, it failed, or ``output`` is somebody else's file.
            ServiceError: the service cannot be asked.
        """
        first = self.store.find(job)
        with self.store.claim(first.id):
            record = self.store.find(first.id)
            path = _output(record, output)
            if record.state == FETCHED and record.output == str(path) and path.is_file():
                return path
            _check_output(path, record.id)
            kept = self.store.results(record.id)
            if kept is None:
                kept = self._results(record)
            payload, name = self.store.payload(record.id), self.store.find(record.id).service_job
            trajectory = read(unpack_results(kept), payload.recipe, [name or ""])
            trajectory = trajectory.with_attributes(**payload.attributes, job=record.id)
            trajectory.save(path)
            self.store.fetched(record.id, path)
        return path

    def _results(self, record: Record) -> bytes:
        service = self.service(record)
        if record.state == INTENDED:
            if not record.lost or not self._found(service, record):
                step = f"`qnu submit --resume {record.id}`"
                raise QnuError(
                    f"job {record.id}", reason=f"not known to have been sent; next: {step}"
                )
            record = self.store.find(record.id)
        if record.state in (FAILED, CANCELLED):
            raise _ended(record)
        seen = self._ask(service, record)
        record = self.store.find(record.id)
        if seen.state in (FAILED, CANCELLED):
            raise _ended(record)
        if seen.state != DONE:
            detail = f" ({seen.detail})" if seen.detail else ""
            raise NotDoneError(
                f"job {record.id}",
                reason=f"{seen.state}{detail}; next: fetch it later, or --wait",
            )
        name = record.service_job
        assert name is not None
        content = pack_results(with_retries(lambda: service.result(name), sleep=self._sleep))
        self.store.keep(record.id, content)
        return content

    def cancel(self, job: str) -> Record:
        """Asks the service to drop a job; one that never was sent is only marked.

        One that may have been sent is looked for first. If it does not show it is marked as well,
        but :meth:`status`, or cancelling again, looks once more.

        Raises:
            QnuError: it has ended already.
            ServiceError: the service cannot be asked.
        """
        first = self.store.find(job)
        with self.store.claim(first.id):
            record = self.store.find(first.id)
            if not record.lost and (record.final or record.state == DONE):
                raise QnuError("job", f"{record.id}, {record.state}", "a job that has not ended")
            if record.attempted is None:
                self.store.saw(record.id, CANCELLED, "it was never sent")
                return self.store.find(record.id)
            return self._drop(self.service(record), record, SETTLE)

    def _drop(self, service: Service, record: Record, settle: Sequence[float] = ()) -> Record:
        """Cancels all that the service has of a job; where that is nothing, only marks it."""
        known = record.service_job
        names = self._adopt(service, record, settle) if known is None else [known]
        if names:
            try:
                for name in reversed(names):  # the one that is recorded last: it can be repeated
                    service.cancel(name)
            except ServiceError as error:
                if len(names) == 1:
                    raise
                raise error.then(f"cancel {', '.join(names)} there") from None
            self._ask(service, self.store.find(record.id))
        else:
            detail = f"it has not shown at the service; `qnu status {record.id}` looks again"
            self.store.saw(record.id, CANCELLED, detail)
        return self.store.find(record.id)


class NotDoneError(QnuError):
    """A job is still queued or running."""

    exit_code = 1


def _check_alone(service: Service, record: Record, names: Sequence[str]) -> None:
    """The service's library repeats some requests by itself; should two arrive, both cost."""
    if len(names) > 1:
        raise ServiceError(
            service.name,
            f"{len(names)} jobs have the tag of job {record.id}: {', '.join(names)}",
            f"{names[0]} is taken as the job, cancel the others there",
        )


def _ended(record: Record) -> QnuError:
    detail = f": {record.detail}" if record.detail else ""
    return QnuError(
        f"job {record.id}",
        reason=f"{record.state}{detail}; next: change what failed, submit again",
    )


def _output(record: Record, asked: Path | None) -> Path:
    if asked is not None:
        return user_path("output", asked).absolute()
    if record.output is not None:
        return Path(record.output)
    return Path(record.folder) / f"{record.name}.{record.label}.{record.id}.nc"


def _check_output(path: Path, job: str) -> None:
    """Nothing but an earlier Trajectory of the same job is ever replaced."""
    if not path.parent.is_dir():
        raise QnuError("output", str(path), "a file in a folder that exists")
    if not path.exists():
        return
    with contextlib.suppress(QnuError):
        if Trajectory.load(path).attrs.get("job") == job:
            return
    raise QnuError("output", str(path), "a file that does not exist yet")
