"""One loop compiled twice: for a single thread and shared between threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any

from ..common import jit


class _Region:
    """Runs a loop in several threads where that is safe, else in one.

    A forked child has none of the threads of its parent: GNU OpenMP ends it or waits for ever where
    it needs them, so a child of a process that had begun to share loops runs them alone. numba's
    ``workqueue`` ends a process in which two threads share loops at one time.
    """

    def __init__(self) -> None:
        self.alone = False
        self.lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._in_child)

    def _in_child(self) -> None:
        self.alone = self.alone or bool(jit.layer())
        self.lock = threading.Lock()  # another thread of the parent may have held it

    def run(self, shared: Callable[..., Any], serial: Callable[..., Any], args: Any) -> Any:
        if self.alone:
            return serial(*args)
        if jit.layer() in ("tbb", "omp"):
            return shared(*args)
        if not self.lock.acquire(blocking=False):  # another thread has all the cores
            return serial(*args)
        try:
            return shared(*args)
        finally:
            self.lock.release()


_REGION = _Region()


class Threads:
    """A loop that is shared between threads wherever that is safe, else run by one.

    Either way the result is the same to the last bit.

    Args:
        shared: the compiled loop with threads.
        serial: the same without.
    """

    def __init__(self, shared: Any, serial: Any) -> None:
        self.shared = shared
        self.serial = serial

    def __call__(self, *args: Any) -> Any:
        return _REGION.run(self.shared, self.serial, args)

    @property
    def stats(self) -> Any:
        return self.shared.stats


def serial_and_threads(function: Any, fastmath: Any = False) -> tuple[Callable[..., Any], Threads]:
    """The compiled ``function`` without threads and with its ``prange`` shared between them.

    numba files what it compiled under the name of a function, not under its options: of two
    versions of one function each process would load the one that was compiled last. Therefore each
    gets a name of its own.

    Args:
        function: a loop over ``prange``.
        fastmath: what numba may assume about sums and products.

    Returns:
        The serial version and the one for threads.
    """
    versions = []
    for name, parallel in (("serial", False), ("threads", True)):
        own = FunctionType(function.__code__, function.__globals__, f"{function.__name__}_{name}")
        own.__qualname__ = own.__name__
        own.__module__ = function.__module__
        versions.append(jit.njit(own, fastmath=fastmath, parallel=parallel))
    serial, shared = versions
    return serial, Threads(shared, serial)
