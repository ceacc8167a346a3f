"""One loop compiled twice: for a single thread and shared between threads."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba


def serial_and_threads(
    function: Any, fastmath: Any = False
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The compiled ``function`` without threads and with its ``prange`` shared between them.

    numba files what it compiled under the name and the line of a function, not under its options:
    of two versions of one function each process would load the one that was compiled last.
    Therefore each gets a name of its own.

    Args:
        function: a loop over ``numba.prange``.
        fastmath: what numba may assume about sums and products.

    Returns:
        The serial version and the one for threads.
    """
    versions = []
    for name, parallel in (("serial", False), ("threads", True)):
        own = FunctionType(function.__code__, function.__globals__, f"{function.__name__}_{name}")
        own.__qualname__ = own.__name__
        own.__module__ = function.__module__
        versions.append(numba.njit(cache=True, fastmath=fastmath, parallel=parallel)(own))
    return versions[0], versions[1]
