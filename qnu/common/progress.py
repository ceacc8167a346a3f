"""Progress of a calculation: ``progress=True`` for a bar, or a function of the fraction done."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from ..errors import QnuError

#: A function called with the fraction done.
ProgressFunction = Callable[[float], None]
#: What public functions take: a function called with the fraction done, True for a bar with the
#: time left, None for silence.
Progress = ProgressFunction | bool | None

#: Seconds after which a bar appears; what is shorter needs none.
_PATIENCE = 2.0


def no_progress(fraction: float) -> None:
    """Where no progress is shown."""


def report(progress: Progress, fraction: float) -> None:
    """Calls ``progress`` with the fraction, from 0 to 1, where it is a function."""
    if callable(progress):
        progress(min(max(float(fraction), 0.0), 1.0))


def section(progress: Progress, begin: float, share: float) -> ProgressFunction | None:
    """The progress of one part of a calculation, from ``begin`` on and ``share`` of the whole.

    Examples:
        >>> section(print, 0.5, 0.25)(1.0)
        0.75
    """
    if not callable(progress):
        return None
    return lambda fraction: report(progress, begin + share * fraction)


P = ParamSpec("P")
R = TypeVar("R")


def with_bar(solve: Callable[P, R]) -> Callable[P, R]:
    """A function that takes ``progress`` also takes True: then a bar with the time left appears.

    Args:
        solve: it gets ``progress`` as a function or None.

    Returns:
        the same, with ``progress=True`` understood.
    """

    @functools.wraps(solve)
    def shown(*args: P.args, **kwargs: P.kwargs) -> R:
        wanted: Any = kwargs.get("progress")
        if not (wanted is None or isinstance(wanted, bool) or callable(wanted)):
            raise QnuError("progress", wanted, "True, False, None or a function of the fraction")
        if not isinstance(wanted, bool):
            return solve(*args, **kwargs)
        settings: dict[str, Any] = dict(kwargs)
        if not wanted:
            return solve(*args, **{**settings, "progress": None})
        bar = _Bar(solve.__name__)
        try:
            return solve(*args, **{**settings, "progress": bar})
        finally:
            bar.close()

    return shown


@contextmanager
def bar(name: str) -> Iterator[ProgressFunction]:
    """A bar with the time left, which appears only where a calculation takes some seconds."""
    shown = _Bar(name)
    try:
        yield shown
    finally:
        shown.close()


class _Bar:
    """A bar that appears only where a calculation takes longer than :data:`_PATIENCE`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.started = time.monotonic()
        self.live: Any = None

    def __call__(self, fraction: float) -> None:
        if self.live is None:
            if time.monotonic() - self.started < _PATIENCE:
                return
            self._open()
        self.live.update(self.task, completed=fraction)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = Progress.get_default_columns()[:3]
        self.live = Progress(
            *columns,
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self.live.start()
        self.task = self.live.add_task(self.name, total=1.0)

    def close(self) -> None:
        if self.live is not None:
            self.live.stop()
