"""The interface of services that run jobs, and retries after network faults."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from qiskit.circuit import QuantumCircuit

from .faults import ServiceError

T = TypeVar("T")

#: Seconds between tries of a request that may be repeated; doubled each time, and shortened at
#: random, so that programs that lost the same network do not retry in step.
PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Work:
    """What a service runs: circuits in the machine's own gates, with shots and other settings."""

    circuits: Sequence[QuantumCircuit]
    recipe: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Status:
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``, and the service's message."""

    state: str
    detail: str = ""


class Service(Protocol):
    """Runs circuits: accepts work with a tag, and lists jobs by tag.

    Every method raises :class:`ServiceError` and nothing else.
    """

    @property
    def name(self) -> str:
        """The service's name of the machine."""

    @property
    def costs(self) -> bool:
        """Whether its time is paid for or rationed."""

    def instances(self) -> frozenset[str]:
        """Hashes of the instances whose jobs it can list; they do not reveal the account."""

    def together(self, execution: Mapping[str, Any]) -> AbstractContextManager[None]:
        """What is submitted inside is one batch or session, where ``execution`` says so."""

    def submit(self, work: Work, tag: str) -> str:
        """Sends work once; returns the service's id of the job."""

    def find(self, tag: str) -> list[str]:
        """Ids of the jobs with a tag, the oldest first."""

    def status(self, job: str) -> Status:
        """The state of a job."""

    def result(self, job: str) -> Sequence[Any]:
        """One result per circuit of a job that is done, as :func:`qnu.quantum.read` takes them."""

    def cancel(self, job: str) -> None:
        """Cancels a job."""


def with_retries(
    request: Callable[[], T],
    pauses: Sequence[float] = PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """The result of ``request``, repeated after temporary faults; never for submissions.

    Args:
        request: a call that may be repeated.
        pauses: seconds between tries, each shortened at random by up to a half.
        sleep: waits for a number of seconds.

    Returns:
        its result.

    Raises:
        ServiceError: the last one, or the first that a retry cannot help.

    References:
        Exponential back-off with jitter.

    Examples:
        >>> with_retries(lambda: 3)
        3
    """
    for pause in pauses:
        try:
            return request()
        except ServiceError as error:
            if not error.again:
                raise
        sleep(pause * random.uniform(0.5, 1.0))
    return request()
