"""Looks a job up at its service by its tag, where the service's id of it is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..machines.faults import ServiceError
from ..machines.service import Service, with_retries
from .records import Record


def jobs_with_tag(
    service: Service, record: Record, settle: Sequence[float], sleep: Callable[[float], None]
) -> list[str]:
    """The service's ids of the jobs with the tag of a record, the oldest first.

    Args:
        service: where the job may be.
        record: of the job.
        settle: seconds between further look-ups while none is listed.
        sleep: waits for a number of seconds.

    Raises:
        ServiceError: the service cannot be reached, or not with the account of the last attempt.
    """
    instances = with_retries(service.instances, sleep=sleep)
    if record.place is not None and not set(record.place.split()) <= instances:
        raise ServiceError(
            service.name,
            f"job {record.id} was sent with another account, or through an instance that this"
            " one does not reach",
            "use the account that it was sent with",
        )
    for pause in (0.0, *settle):
        if pause:
            sleep(pause)
        names = with_retries(lambda: service.find(record.tag), sleep=sleep)
        if names:
            return names
    return []


def check_single(service: Service, record: Record, names: Sequence[str]) -> None:
    """Refuse several jobs with one tag: the service's library repeats some requests by itself.

    Raises:
        ServiceError: more than one; all of them cost.
    """
    if len(names) > 1:
        raise ServiceError(
            service.name,
            f"{len(names)} jobs have the tag of job {record.id}: {', '.join(names)}",
            f"{names[0]} is taken as the job, cancel the others there",
        )
