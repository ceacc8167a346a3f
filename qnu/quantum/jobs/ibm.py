"""IBM's service, through qiskit-ibm-runtime and the account that it has saved."""

from __future__ import annotations

import contextlib
import hashlib
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from .. import _submission
from .._optional import optional
from ..machines import IBMMachine
from .service import ServiceError, Status, Work

T = TypeVar("T")

_STATES = {
    "INITIALIZING": "queued",
    "QUEUED": "queued",
    "RUNNING": "running",
    "DONE": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}
_SAVE = "QiskitRuntimeService.save_account"
_LATER = "try again later: nothing is lost, nothing is sent twice"
_NETWORK = frozenset(
    {"ConnectionError", "Timeout", "RequestException", "RequestsApiError", "HTTPError", "OSError"}
)


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
        with self._explained("asked for its instances", sent=False):
            names = [str(instance["crn"]) for instance in self._service().instances()]
        return frozenset(hashlib.sha256(name.encode()).hexdigest()[:16] for name in names)

    def submit(self, work: Work, tag: str) -> str:
        """One job with all circuits and the tag.

        Raises:
            ServiceError: ``sent`` is False where nothing can have arrived.
        """
        with self._explained("looked up", sent=False):
            backend = self._service().backend(
                self.name, use_fractional_gates=self.machine.fractional
            )
            told = backend.status()
        if not told.operational:
            raise ServiceError(self.name, f"in maintenance ({told.status_msg})", _LATER, sent=False)
        with self._explained("sent to"), _quietly():
            return str(_submission.remote(backend, work.circuits, work.recipe, tags=[tag]).job_id())

    def find(self, tag: str) -> list[str]:
        """In every instance of the account."""
        with self._explained("asked for jobs"):
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
        with self._explained(f"asked for job {job}"):
            there = self._service().job(job)
            state = _STATES.get(str(there.status()), "running")
            detail = there.error_message() if state in ("failed", "cancelled") else None
        return Status(state, " ".join(str(detail or "").split()))

    def result(self, job: str) -> Sequence[Any]:
        """One result per circuit."""
        with self._explained(f"asked for the result of job {job}"):
            return list(self._service().job(job).result())

    def cancel(self, job: str) -> None:
        """Drops it, queued or running."""
        with self._explained(f"asked to cancel job {job}"):
            self._service().job(job).cancel()

    def _service(self) -> Any:
        if self._connected is None:
            runtime = optional("qiskit_ibm_runtime", "ibm", "IBM devices")
            with _quietly():
                self._connected = runtime.QiskitRuntimeService()
        return self._connected

    @contextlib.contextmanager
    def _explained(self, doing: str, sent: bool | None = None) -> Iterator[None]:
        """Whatever the library raises, as one ServiceError that holds nothing of it but words."""
        fault: ServiceError | None = None
        try:
            yield
        except ServiceError:
            raise
        except Exception as error:  # the library has dozens of kinds, and so have those below it
            fault = explain(error, self.name, doing, sent)
        if fault is not None:  # raised out here, it does not carry the first one (and its text)
            raise fault


def explain(error: BaseException, who: str, doing: str, sent: bool | None = None) -> ServiceError:
    """What an exception of qiskit-ibm-runtime (or of what it uses) means, and what to do.

    Args:
        error: the exception.
        who: the device.
        doing: what was tried.
        sent: False where nothing had been sent yet.

    Returns:
        an error to raise; its ``sent`` is also False where the service said no.

    Raises:
        QnuError: never.

    References:
        qiskit-ibm-runtime 0.51, ``exceptions`` and ``api.exceptions``.

    Examples:
        >>> explain(TimeoutError("timed out"), "ibm_torino", "asked").again
        True
    """
    chain = list(_chain(error))
    kinds = {kind.__name__ for link in chain for kind in type(link).__mro__}
    code = next((found for link in chain if (found := _code(link)) is not None), None)
    text = str(error) or type(error).__name__
    no: Callable[..., ServiceError] = lambda what, advice: ServiceError(  # noqa: E731  # a shorthand
        who, what, advice, sent=False
    )
    if "AccountNotFoundError" in kinds:
        return no(
            "no account of the IBM Quantum Platform",
            f"save one with {_SAVE}, or set QISKIT_IBM_TOKEN",
        )
    if (
        kinds & {"IBMNotAuthorizedError", "InvalidAccountError"}
        or code in (401, 403)
        or ("ApiException" in kinds and code == 400)
    ):
        return no(
            "the token is not accepted (expired or revoked?)",
            f"make a new API key at quantum.cloud.ibm.com and save it with {_SAVE}(overwrite=True)",
        )
    if "QiskitBackendNotFoundError" in kinds:
        return no("no such device for this account", "look at the devices of your instance")
    if code == 503 or "maintenance" in text.lower():
        return ServiceError(who, "the service is in maintenance", _LATER, sent=sent)
    if "RuntimeJobNotFound" in kinds:
        return no(
            "the service knows no such job", "check that the account is the one it was sent with"
        )
    if "RuntimeJobMaxTimeoutError" in kinds:
        return no(f"the job ran longer than allowed: {text}", "fewer shots or sample times")
    if "RuntimeInvalidStateError" in kinds:
        return no(text, "`qnu status` shows how it ended")
    if code == 429:
        return ServiceError(who, "too many requests", _LATER, again=True, sent=False)
    if code is not None and 400 <= code < 500:
        return no(f"the service said no: {text}", "change what it names, then submit again")
    if kinds & _NETWORK or code is not None:
        return ServiceError(
            who,
            f"not reached when {doing} ({text})",
            f"check the network; {_LATER}",
            again=True,
            sent=sent,
        )
    return ServiceError(
        who,
        f"{type(error).__name__} when {doing}: {text}",
        "`qnu status` asks once more",
        sent=sent,
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> int | None:
    """The HTTP status that an exception carries."""
    for place in (error, getattr(error, "response", None)):
        for name in ("status_code", "code"):
            found = getattr(place, name, None)
            if isinstance(found, int) and found >= 100:
                return found
    return None


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The library's warnings would stand between the lines of a command."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
