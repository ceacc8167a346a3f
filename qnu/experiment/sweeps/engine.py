"""Gives the pieces of a sweep to workers, in jobs of about a second."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Protocol

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
_TRIES = 3


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

    def seconds(self) -> float:
        """Of one history."""
        return max(self._last, default=0.0)

    def next(self) -> int:
        """Histories of the next job."""
        if not self._last:
            return 1
        fitting = SECONDS / max(*self._last, 1e-6)
        return max(1, min(int(fitting), _GROWTH * self._largest))


class Queue:
    """Pieces that wait, in the order of the grid."""

    def __init__(self, pieces: Iterable[Piece], tables: str, inputs: Mapping[str, bytes]) -> None:
        self._pieces, self._tables, self._inputs = deque(pieces), tables, inputs
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
        return Job(self._tables, self._inputs, tuple(taken), _LONGEST)


class Counter:
    """Keeps records and tells how much is done.

    Args:
        total: histories to compute.
        keep: takes every outcome.
        progress: called with the fraction done.
    """

    def __init__(
        self, total: int, keep: Callable[[Outcome], None], progress: Callable[[float], None]
    ) -> None:
        self.left, self._total = total, max(total, 1)
        self._keep, self._progress = keep, progress

    def take(self, outcome: Outcome) -> None:
        """An outcome came."""
        self._keep(outcome)
        self.left -= outcome.histories
        self._progress(1 - self.left / self._total)


class FirstHere:
    """The first jobs in this process: what takes a few seconds is done before others have begun.

    Args:
        queue: what waits; it is taken from here.
        sizes: of jobs.
        counter: keeps the records.
        others: how many processes could be begun.
    """

    def __init__(self, queue: Queue, sizes: Sizes, counter: Counter, others: int) -> None:
        self._queue, self._sizes, self._counter = queue, sizes, counter
        self._others = others
        self._last: Future[Outcome] | None = None
        self._job: Job | None = None

    def run(self) -> None:
        """All of it, where that is quicker than to begin processes; else what fits until then."""
        began = time.monotonic()
        while self._queue:
            job = self._queue.job(self._sizes.next())
            future = _in_thread(job)
            try:
                outcome = future.result(timeout=max(_TRIAL - (time.monotonic() - began), 0.1))
            except TimeoutError:
                self._job, self._last = job, future
                return
            self._ended(job, outcome)
            gone = time.monotonic() - began
            left = self._counter.left * self._sizes.seconds()
            if gone > _TRIAL or left * (1 - 1 / self._others) > _START:
                return

    def end(self) -> None:
        """Wait for the job that was not done when the processes began."""
        if self._last is not None and self._job is not None:
            self._ended(self._job, self._last.result())
            self._last = None

    def _ended(self, job: Job, outcome: Outcome) -> None:
        self._queue.back(job.pieces[outcome.done :])
        self._sizes.ended(outcome.histories, outcome.seconds)
        self._counter.take(outcome)


#: Seconds that the first jobs may take in this process, and that processes take to begin.
_TRIAL, _START = 2.0, 4.0


def _in_thread(job: Job) -> Future[Outcome]:
    """A job in a thread that ends with the process."""
    future: Future[Outcome] = Future()

    def work_on_it() -> None:
        try:
            future.set_result(work.run(job))
        except BaseException as error:  # it belongs to who waits for the result
            future.set_exception(error)

    threading.Thread(target=work_on_it, daemon=True).start()
    return future


def run(pool: Pool, queue: Queue, sizes: Sizes, counter: Counter) -> None:
    """All that waits; every record is kept as soon as it is there.

    Args:
        pool: where jobs run.
        queue: what waits.
        sizes: of jobs.
        counter: keeps the records.
    """
    under_way = 0
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
        queue.back(job.pieces[outcome.done :])
        if outcome.seconds:
            sizes.ended(outcome.histories, outcome.seconds)
        counter.take(outcome)


def _after_death(job: Job, queue: Queue, reason: str) -> Outcome | None:
    """Smaller jobs, so that only the history with which workers die is lost; else its record."""
    if job.histories > 1:
        queue.again(job.split())
        return None
    if job.tried + 1 < _TRIES:
        queue.again([replace(job, tried=job.tried + 1)])
        return None
    return work.lost(job, reason)
