"""Memory checks before allocation: how much a calculation needs, and how much there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import psutil

from ..errors import QnuError

GIB = 2**30
#: Bytes that this process may have in all, where it shares the machine with others of its kind.
_share: ContextVar[int | None] = ContextVar("share", default=None)
#: Root of the files that hold the limits of containers and batch jobs.
_SYSTEM = Path("/")


def available() -> int:
    """Bytes that can be allocated now without swapping, or being ended by a limit.

    Limits are those of the control groups of the process (containers, batch jobs; versions 1 and
    2), with what files in the cache take counted as free, and of its address space (``ulimit -v``).
    """
    machine = psutil.virtual_memory()
    groups = _left_in_groups(_SYSTEM, int(machine.total))
    left = [int(machine.available), *groups, *_left_of_addresses()]
    share = _share.get()
    if share is not None:
        left.append(share - int(psutil.Process().memory_info().rss))
    return max(min(left), 0)


@contextmanager
def within(share: int | None) -> Iterator[None]:
    """Inside the block, this process has at most so many bytes in all; None: no such limit.

    Examples:
        >>> with within(1):
        ...     available()
        0
    """
    token = _share.set(share)
    try:
        yield
    finally:
        _share.reset(token)


def _left_in_groups(system: Path, total: int) -> Iterator[int]:
    """What the control group of this process, and every one around it, leaves."""
    for limits, usage, cached in _limits(system):
        limit = min((int(text) for text in map(_text, limits) if text.isdecimal()), default=None)
        if limit is None or limit >= total:  # "max", or no limit for this machine
            continue
        used = _text(usage)
        if used.isdecimal():
            yield limit - int(used) + _freed(usage, cached)


def _freed(usage: str, cached: str) -> int:
    """What files in the cache take: the system gives it back."""
    lines = _text(str(Path(usage).parent / "memory.stat")).splitlines()
    counted = dict(line.rpartition(" ")[::2] for line in lines)
    freed = counted.get(cached, "0")
    return int(freed) if freed.isdecimal() else 0


_Files = tuple[tuple[str, ...], str, str]
_VERSION_1: _Files = ("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"
_VERSION_2: _Files = ("memory.max", "memory.high"), "memory.current", "inactive_file"


@cache
def _limits(system: Path) -> list[_Files]:
    """The files of limits that exist, searched once per process."""
    files: list[_Files] = []
    for line in _text(str(system / "proc/self/cgroup")).splitlines():
        number, kinds, path = [*line.split(":", 2), "", ""][:3]
        if number == "0" and not kinds:
            group, (names, usage, cached) = system / "sys/fs/cgroup", _VERSION_2
        elif "memory" in kinds.split(","):
            group, (names, usage, cached) = system / "sys/fs/cgroup/memory", _VERSION_1
        else:
            continue
        # inside a container the path may be that on the host: then only the top is there
        for part in ("", *Path(path.lstrip("/")).parts):
            group = group / part
            limits = tuple(str(group / name) for name in names if (group / name).is_file())
            if limits:
                files.append((limits, str(group / usage), cached))
    return files


def _left_of_addresses() -> Iterator[int]:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        yield limit - int(psutil.Process().memory_info().vms)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def require(field: str, value: object, need: int) -> None:
    """An error where ``need`` bytes are more than there are.

    Examples:
        >>> require("neutrinos", 60, 16 * 2**60)
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: neutrinos: got 60; allowed: what fits into memory (needs ...
    """
    have = available()
    if need > have:
        raise QnuError(
            field,
            value,
            f"what fits into memory (needs {need / GIB:.3g} GiB, {have / GIB:.3g} GiB available)",
        )
