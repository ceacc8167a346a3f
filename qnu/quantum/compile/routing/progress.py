"""How far a search is: counted here, reported however deep the search is called."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ....common.progress import ProgressFunction

_LISTENER: ContextVar[ProgressFunction | None] = ContextVar("listener", default=None)


@contextmanager
def listening(progress: ProgressFunction | None) -> Iterator[None]:
    """Searches inside the block report a fraction that never decreases."""
    furthest = 0.0

    def forwards(fraction: float) -> None:
        nonlocal furthest
        furthest = max(furthest, fraction)
        if progress is not None:
            progress(furthest)

    token = _LISTENER.set(None if progress is None else forwards)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class StoppedError(Exception):
    """The search is not wanted any more."""


class Steps:
    """Counts the steps of one search, which may come from several threads.

    Args:
        total: how many there will be.
    """

    def __init__(self, total: float) -> None:
        self._total, self._done = total, 0.0
        self._report, self._lock = _LISTENER.get(), threading.Lock()
        self._stopped = False

    def step(self, size: float = 1.0) -> None:
        """One more is done.

        Raises:
            StoppedError: after :meth:`stop`.
        """
        if self._stopped:
            raise StoppedError
        with self._lock:
            self._done += size
            if self._report is not None:
                self._report(min(self._done / self._total, 1.0))

    def stop(self) -> None:
        """The next step of every thread is its last: an interrupt does not wait for the rest."""
        self._stopped = True
