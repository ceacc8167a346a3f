"""IBM's service, through qiskit-ibm-runtime and the account that it has saved."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from .. import _submission
from .._faults import LATER, ServiceError, explained
from .._optional import optional
from ..machines import IBMMachine
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
    """Devices of the IBM Quantum Platform; jobs are found again by their tag.

    Args:
        machine: the hardware config.
        backend: the name of the device (``machine`` may only say least_busy).

    Raises:
        ServiceError: from every method: no account, a token that is not accepted, no network,
            maintenance, a job that the service does not know.

    References:
        qiskit-ibm-runtime: executor primitives, ``QiskitRuntimeService``.

    Examples:
        >>> IBMService(IBMMachine(backend="ibm_torino"), "ibm_torino").name
        'ibm_torino'
    """

    costs = True

    def __init__(self, machine: IBMMachine, backend: str) -> None:
        self.machine, self.name = machine, backend
        self._connected: Any = None

    def places(self) -> frozenset[str]:
        """Hashes of the instances that the account reaches."""
        with explained(self.name, "asked for its instances", sent=False):
            names = [str(instance["crn"]) for instance in self._service().instances()]
        return frozenset(hashlib.sha256(name.encode()).hexdigest()[:16] for name in names)

    def submit(self, work: Work, tag: str) -> str:
        """One job with all circuits and the tag.

        Raises:
            ServiceError: ``sent`` is False where nothing can have arrived.
        """
        with explained(self.name, "looked up", sent=False):
            backend = self._service().backend(
                self.name, use_fractional_gates=self.machine.fractional
            )
            told = backend.status()
        if not told.operational:
            raise ServiceError(self.name, f"in maintenance ({told.status_msg})", LATER, sent=False)
        with explained(self.name, "sent to"), _quietly():
            return str(_submission.remote(backend, work.circuits, work.recipe, tags=[tag]).job_id())

    def find(self, tag: str) -> list[str]:
        """In every instance of the account."""
        with explained(self.name, "asked for jobs"):
            service = self._service()
            found: dict[str, None] = {}
            for instance in service.instances():
                jobs = service.jobs(
                    limit=None, job_tags=[tag], instance=instance["crn"], descending=False
                )
                found |= dict.fromkeys(str(job.job_id()) for job in jobs)
            return list(found)

    def status(self, job: str) -> Status:
        """How far it is; where it failed, why."""
        with explained(self.name, f"asked for job {job}"):
            there = self._service().job(job)
            state = _STATES.get(str(there.status()), "running")
            detail = there.error_message() if state in ("failed", "cancelled") else None
        return Status(state, " ".join(str(detail or "").split()))

    def result(self, job: str) -> Sequence[Any]:
        """One result per circuit."""
        with explained(self.name, f"asked for the result of job {job}"):
            return list(self._service().job(job).result())

    def cancel(self, job: str) -> None:
        """Drops it, queued or running."""
        with explained(self.name, f"asked to cancel job {job}"):
            self._service().job(job).cancel()

    def _service(self) -> Any:
        if self._connected is None:
            runtime = optional("qiskit_ibm_runtime", "ibm", "IBM devices")
            with _quietly():
                self._connected = runtime.QiskitRuntimeService()
        return self._connected


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The library's warnings would stand between the lines of a command."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
