"""Runs the pieces of a sweep: here, on a local cluster of processes, or on a cluster of Dask."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Protocol

from ...errors import QnuError
from . import work
from .work import Job, Outcome, Piece

#: Seconds of work that one job should have, and after which a worker gives back what it has not
#: begun.
SECONDS = 1.0
_LONGEST = 3.0
#: Jobs of one worker that are sent ahead.
_AHEAD = 2
#: How much larger than the ones before a job may be.
_GROWTH = 4
#: How often a history with which workers die is tried.
_TRIES = 2


class Lost(Exception):  # noqa: N818  # no error where the job can be given to another worker
    """The worker died, with this job or another one on it."""


class Pool(Protocol):
    """Where jobs run."""

    def size(self) -> int:
        """Workers there are now."""

    def submit(self, job: Job) -> None:
        """Begin a job."""

    def next(self) -> tuple[Job, Outcome | Lost]:
        """Wait for a job that ends."""


class Here:
    """In this process, one job after the other."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()

    def size(self) -> int:
        """One."""
        return 1

    def submit(self, job: Job) -> None:
        """For :meth:`next`."""
        self._jobs.append(job)

    def next(self) -> tuple[Job, Outcome | Lost]:
        """Run the first."""
        job = self._jobs.popleft()
        return job, work.run(job)


class Sizes:
    """How many histories make a job of about a second, from those that have ended."""

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=8)
        self._largest = 0

    def ended(self, histories: int, seconds: float) -> None:
        """A job has ended."""
        self._last.append(seconds / max(histories, 1))
        self._largest = max(self._largest, histories)

    def next(self) -> int:
        """Histories of the next job."""
        if not self._last:
            return 1
        fitting = SECONDS / max(*self._last, 1e-6)
        return max(1, min(int(fitting), _GROWTH * self._largest))


class Queue:
    """Pieces that wait, in the order of the grid."""

    def __init__(self, pieces: Iterable[Piece], tables: str) -> None:
        self._pieces, self._tables = deque(pieces), tables
        self._jobs: deque[Job] = deque()

    def __bool__(self) -> bool:
        return bool(self._pieces or self._jobs)

    def back(self, pieces: Sequence[Piece]) -> None:
        """Pieces that were not begun."""
        self._pieces.extendleft(reversed(pieces))

    def again(self, jobs: Iterable[Job]) -> None:
        """Jobs that were lost with their worker."""
        self._jobs.extend(jobs)

    def job(self, histories: int) -> Job:
        """The next job, of about so many histories; points whole where they are short."""
        if self._jobs:
            return self._jobs.popleft()
        taken: list[Piece] = []
        left = histories
        while self._pieces and left > 0:
            piece = self._pieces.popleft()
            count = len(piece.seeds)
            if count > left and (not taken or count > 2 * histories):
                self._pieces.appendleft(replace(piece, seeds=piece.seeds[left:], fixed=False))
                piece = replace(piece, seeds=piece.seeds[:left])
            taken.append(piece)
            left -= len(piece.seeds)
        return Job(self._tables, tuple(taken), _LONGEST)


def run(
    pool: Pool,
    pieces: Sequence[Piece],
    tables: str,
    take: Callable[[Outcome], None],
    progress: Callable[[float], None],
) -> None:
    """All pieces; every record goes to ``take`` as soon as it is there.

    Args:
        pool: where they run.
        pieces: in the order in which they begin.
        tables: of the experiment file, as JSON.
        take: keeps a record.
        progress: called with the fraction done.
    """
    queue, sizes = Queue(pieces, tables), Sizes()
    total = max(sum(len(piece.seeds) for piece in pieces), 1)
    under_way, done = 0, 0
    while queue or under_way:
        while queue and under_way < _AHEAD * max(pool.size(), 1):
            pool.submit(queue.job(sizes.next()))
            under_way += 1
        job, outcome = pool.next()
        under_way -= 1
        if isinstance(outcome, Lost):
            outcome_or_none = _after_death(job, queue, str(outcome))
            if outcome_or_none is None:
                continue
            outcome = outcome_or_none
        ended = job.pieces[: outcome.done]
        queue.back(job.pieces[outcome.done :])
        take(outcome)
        histories = sum(len(piece.seeds) for piece in ended)
        if outcome.seconds:
            sizes.ended(histories, outcome.seconds)
        done += histories
        progress(done / total)


def _after_death(job: Job, queue: Queue, reason: str) -> Outcome | None:
    """Smaller jobs, so that only the history with which workers die is lost; else its record."""
    if job.histories > 1:
        queue.again(job.split())
        return None
    if job.tried + 1 < _TRIES:
        queue.again([replace(job, tried=job.tried + 1)])
        return None
    return work.lost(job, reason)


class OnDask:
    """On the workers of a Dask cluster.

    Args:
        client: a ``distributed.Client``.
    """

    def __init__(self, client: Any) -> None:
        from distributed import as_completed

        self._client = client
        self._ended = as_completed(loop=client.loop)
        self._jobs: dict[Any, Job] = {}

    def size(self) -> int:
        """Threads of all workers."""
        return sum(self._client.nthreads().values())

    def submit(self, job: Job) -> None:
        """Send it to the scheduler."""
        future = self._client.submit(work.run, job, pure=False)
        self._jobs[future.key] = job
        self._ended.add(future)

    def next(self) -> tuple[Job, Outcome | Lost]:
        """Wait for one that ends.

        Raises:
            QnuError: the scheduler is gone.
        """
        from distributed import KilledWorker

        future = next(self._ended)
        job = self._jobs.pop(future.key)
        if future.status == "cancelled":
            raise QnuError(
                "scheduler", reason="the connection to it was lost; the same command goes on"
            )
        try:
            outcome: Outcome = future.result()
        except KilledWorker as death:
            count = getattr(death, "allowed_failures", 3)
            return job, Lost(f"{count + 1} workers died with it (too little memory?)")
        finally:
            future.release()
        return job, outcome


def cores() -> int:
    """Cores that this process may use."""
    from dask.system import CPU_COUNT

    return int(CPU_COUNT)


def share_of(workers: int) -> int:
    """Bytes for each of some workers on this machine."""
    from ...common import memory

    return int(memory.available() // workers)


@contextmanager
def local(workers: int, share: int) -> Iterator[Pool]:
    """A cluster of processes on this machine, with one thread each.

    Args:
        workers: how many.
        share: bytes of memory for each.
    """
    import logging

    import dask
    from distributed import Client, LocalCluster

    threads = {f"{name}_NUM_THREADS": 1 for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")}
    settings = {
        "distributed.nanny.pre-spawn-environ": {"MALLOC_TRIM_THRESHOLD_": 65536, **threads},
        "distributed.worker.profile.enabled": False,
        "distributed.scheduler.work-stealing": True,
        "distributed.admin.tick.limit": "1 hour",
    }
    with dask.config.set(settings), _quiet(logging.CRITICAL), main_left_out():
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            memory_limit=share,
            silence_logs=logging.CRITICAL,
        )
        with cluster, Client(cluster, set_as_default=False) as client:
            yield OnDask(client)


@contextmanager
def remote(scheduler: str) -> Iterator[Pool]:
    """The cluster of a scheduler that runs already.

    Args:
        scheduler: its address, such as ``tcp://10.0.0.1:8786``.

    Raises:
        QnuError: nothing answers there, or no worker comes.
    """
    import logging

    from distributed import Client

    with _quiet(logging.CRITICAL):
        try:
            client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            allowed = f"the address of a Dask scheduler, such as tcp://10.0.0.1:8786 ({error})"
            raise QnuError("scheduler", scheduler, allowed) from None
        with client:
            yield given(client)


_PATIENCE = 30


def given(client: Any) -> Pool:
    """The cluster of a client, when it has a worker.

    Raises:
        QnuError: no client, or no worker comes.
    """
    if not hasattr(client, "wait_for_workers"):
        raise QnuError("client", client, "a distributed.Client")
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise QnuError(
            "scheduler", reason=f"it has no worker after {_PATIENCE} s; start some first"
        ) from None
    return OnDask(client)


def smallest_limit(client: Any) -> int | None:
    """The memory of the smallest worker; None where it has no limit."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    limits = [int(worker["memory_limit"]) for worker in workers if worker["memory_limit"]]
    return min(limits, default=None)


@contextmanager
def _quiet(level: int) -> Iterator[None]:
    """What dies or restarts on the way is no news: the sweep itself says what failed."""
    import logging

    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def main_left_out() -> Iterator[None]:
    """New processes do not run the user's script again, which may have no ``if __name__``."""
    import sys

    main = sys.modules["__main__"]
    kept = {name: getattr(main, name, None) for name in ("__spec__", "__file__")}
    main.__spec__ = None
    if kept["__file__"] is not None:
        del main.__file__
    try:
        yield
    finally:
        main.__spec__ = kept["__spec__"]
        if kept["__file__"] is not None:
            main.__file__ = kept["__file__"]


def pool_for(
    client: Any, scheduler: str | None, workers: int, share: int
) -> AbstractContextManager[Pool]:
    """What the arguments of a sweep ask for."""
    if client is not None:
        return nullcontext(given(client))
    if scheduler is not None:
        return remote(scheduler)
    return nullcontext(Here()) if workers == 1 else local(workers, share)


def workers_for(workers: int | None, histories: int) -> int:
    """How many processes are worth their start."""
    return max(1, min(cores() if workers is None else workers, math.ceil(histories)))
