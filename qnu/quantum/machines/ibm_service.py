"""IBM's service, through qiskit-ibm-runtime and its saved account."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from . import submission
from .credentials import redact
from .faults import LATER, ServiceError, explained
from .optional import optional
from .service import Status, Work

_STATES = {
    "INITIALIZING": "queued",
    "QUEUED": "queued",
    "RUNNING": "running",
    "DONE": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}


class IBMService:
    """Devices of the IBM Quantum Platform; jobs are looked up by their tag.

    Args:
        name: of the device.
        fractional: with its fractional gates.

    Raises:
        ServiceError: from every method: no account, a token that is not accepted, no network,
            maintenance, a job that the service does not know.

    References:
        qiskit-ibm-runtime: executor primitives, ``QiskitRuntimeService``.

    Examples:
        >>> IBMService("ibm_torino").name
        'ibm_torino'
    """

    costs = True

    def __init__(self, name: str, fractional: bool = False) -> None:
        self.name, self.fractional = name, fractional
        self._connected: Any = None
        #: The open batch or session, and how to open it; None: jobs are for themselves.
        self._opened: Any = None
        self._execution: Mapping[str, Any] = {}

    @explained("listing its instances", sent=False)
    def instances(self) -> frozenset[str]:
        """Hashes of the instances that the account can use."""
        names = [str(instance["crn"]) for instance in self._service().instances()]
        return frozenset(hashlib.sha256(name.encode()).hexdigest()[:16] for name in names)

    @contextlib.contextmanager
    def together(self, execution: Mapping[str, Any]) -> Iterator[None]:
        """A batch or a session around what is submitted inside: opened with the first job.

        At the end it takes no more jobs; those that it has are run.
        """
        self._execution = execution
        try:
            yield
        finally:
            opened, self._opened, self._execution = self._opened, None, {}
            if opened is not None:
                with contextlib.suppress(ServiceError):  # it closes by itself after a while
                    self._close(opened)

    @explained("closing a batch or session")
    def _close(self, opened: Any) -> None:
        opened.close()

    @explained("opening a batch or session", sent=False)
    def _open(self, backend: Any) -> None:
        mode = self._execution.get("mode", "job")
        if mode == "job" or self._opened is not None:
            return
        if mode == "session" and self._plan(backend) == "open":
            what = "sessions are not part of the open plan (execution.mode = 'session')"
            raise ServiceError(self.name, what, "take mode = 'batch' or 'job'", sent=False)
        with _quietly():
            self._opened = submission.opened(backend, self._execution)

    def _plan(self, backend: Any) -> str | None:
        """The plan of the instance through which the device was found."""
        own = getattr(backend, "_instance", None)
        plans = [one.get("plan") for one in self._service().instances() if one["crn"] == own]
        return None if not plans or plans[0] is None else str(plans[0])

    def submit(self, work: Work, tag: str) -> str:
        """One job with all circuits and the tag.

        Raises:
            ServiceError: ``sent`` is False before the work is sent, and only then.
        """
        backend = self._ready()
        self._open(backend)
        return self._send(backend, work, tag)

    @explained("looking up the device", sent=False)
    def _ready(self) -> Any:
        backend = self._service().backend(self.name, use_fractional_gates=self.fractional)
        status = backend.status()
        if not status.operational:
            raise ServiceError(
                self.name, f"in maintenance ({status.status_msg})", LATER, sent=False
            )
        return backend

    @explained("submitting a job")
    def _send(self, backend: Any, work: Work, tag: str) -> str:
        with _quietly():
            job = submission.remote(
                backend, work.circuits, work.recipe, tags=[tag], mode=self._opened
            )
        return str(job.job_id())

    @explained("listing jobs")
    def find(self, tag: str) -> list[str]:
        """In every instance of the account."""
        service = self._service()
        names: dict[str, None] = {}
        for instance in service.instances():
            jobs = service.jobs(
                limit=None, job_tags=[tag], instance=instance["crn"], descending=False
            )
            names |= dict.fromkeys(str(job.job_id()) for job in jobs)
        return list(names)

    @explained("reading the status of a job")
    def status(self, job: str) -> Status:
        """Its state, and the reason where it failed."""
        runtime_job = self._service().job(job)
        state = _STATES.get(str(runtime_job.status()), "running")
        detail = runtime_job.error_message() if state in ("failed", "cancelled") else None
        return Status(state, redact(" ".join(str(detail or "").split())))

    @explained("reading the result of a job")
    def result(self, job: str) -> Sequence[Any]:
        """One result per circuit."""
        return list(self._service().job(job).result())

    @explained("cancelling a job")
    def cancel(self, job: str) -> None:
        """Cancels it, queued or running."""
        self._service().job(job).cancel()

    def _service(self) -> Any:
        if self._connected is None:
            runtime = optional("qiskit_ibm_runtime", "ibm", "IBM devices")
            with _quietly():
                self._connected = runtime.QiskitRuntimeService()
        return self._connected


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without the library's warnings, which would appear in the output of a command."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
