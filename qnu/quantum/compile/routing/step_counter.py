"""Progress of a search: counted here, reported to the caller however deep the search is called."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ....common.progress import ProgressFunction, no_progress

_PROGRESS: ContextVar[ProgressFunction | None] = ContextVar("progress", default=None)


@contextmanager
def reporting_to(progress: ProgressFunction | None) -> Iterator[None]:
    """Searches inside the block report a fraction that never decreases; None: as outside."""
    if progress is None:
        yield
        return
    largest = 0.0

    def never_back(fraction: float) -> None:
        nonlocal largest
        largest = max(largest, fraction)
        progress(largest)

    token = _PROGRESS.set(never_back)
    try:
        yield
    finally:
        _PROGRESS.reset(token)


@contextmanager
def part_of_progress(begin: float, end: float) -> Iterator[ProgressFunction]:
    """Searches inside the block are a part of the work: their 0 to 1 is ``begin`` to ``end``.

    Args:
        begin: fraction done before the block.
        end: and after it.

    Yields:
        what reports the fraction done of this part.

    Examples:
        >>> told = []
        >>> with reporting_to(told.append), part_of_progress(0.5, 1.0) as report:
        ...     report(0.5)
        >>> told
        [0.75]
    """
    outer = _PROGRESS.get() or no_progress

    def inner(fraction: float) -> None:
        outer(begin + (end - begin) * fraction)

    token = _PROGRESS.set(inner)
    try:
        yield inner
    finally:
        _PROGRESS.reset(token)


class SearchStoppedError(Exception):
    """The result of the search is not needed any more."""


class StepCounter:
    """Counts the steps of one search, which may come from several threads.

    Args:
        total: how many there will be.
    """

    def __init__(self, total: float) -> None:
        self._total, self._done = total, 0.0
        self._progress, self._lock = _PROGRESS.get(), threading.Lock()
        self._stopped = False

    def step(self, size: float = 1.0) -> None:
        """Count one more step.

        Raises:
            SearchStoppedError: after :meth:`stop`.
        """
        if self._stopped:
            raise SearchStoppedError
        with self._lock:
            self._done += size
            if self._progress is not None:
                self._progress(min(self._done / self._total, 1.0))

    def stop(self) -> None:
        """The next step of every thread is its last: an interrupt does not wait for the rest."""
        self._stopped = True
