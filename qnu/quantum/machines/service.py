"""What every service can do, whoever runs it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from qiskit.circuit import QuantumCircuit

from .faults import ServiceError

T = TypeVar("T")

#: Seconds between tries of what may be asked twice; doubled each time, and never in step with
#: other programs that lost the same network.
PAUSES = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Work:
    """What a service runs: circuits in the machine's own gates, and how (shots and the like)."""

    circuits: Sequence[QuantumCircuit]
    recipe: Mapping[str, Any]
    seed: int


@dataclass(frozen=True)
class Status:
    """``queued``, ``running``, ``done``, ``failed`` or ``cancelled``, and what the service adds."""

    state: str
    detail: str = ""


class Service(Protocol):
    """Who runs circuits: takes work with a tag, and finds it again by that tag.

    Every method raises :class:`ServiceError` and nothing else.
    """

    @property
    def name(self) -> str:
        """Of the machine, as the service calls it."""

    @property
    def costs(self) -> bool:
        """Whether time on it is paid for, or rationed."""

    def places(self) -> frozenset[str]:
        """Whose jobs it can see: hashes that change with the account and tell nothing of it."""

    def submit(self, work: Work, tag: str) -> str:
        """Sends work off, once; the service's own name of the job."""

    def find(self, tag: str) -> list[str]:
        """Names of the jobs that carry a tag, the oldest first."""

    def status(self, job: str) -> Status:
        """How far a job is."""

    def result(self, job: str) -> Sequence[Any]:
        """One result per circuit of a job that is done, as :func:`qnu.quantum.read` takes them."""

    def cancel(self, job: str) -> None:
        """Asks the service to drop a job."""


def patiently(
    ask: Callable[[], T],
    pauses: Sequence[float] = PAUSES,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What ``ask`` answers, asked again after faults that pass; only for questions, never orders.

    Args:
        ask: something that may be repeated.
        pauses: seconds between tries, each shortened at random by up to a half.
        sleep: waits.

    Returns:
        the answer.

    Raises:
        ServiceError: the last one, or the first that asking again would not help.

    References:
        Exponential back-off with jitter.

    Examples:
        >>> patiently(lambda: 3)
        3
    """
    for pause in pauses:
        try:
            return ask()
        except ServiceError as error:
            if not error.again:
                raise
        sleep(pause * random.uniform(0.5, 1.0))
    return ask()
