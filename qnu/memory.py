"""Ask before allocating: how much memory a calculation needs, and how much there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

from .errors import QnuError

GIB = 2**30
#: Where the system says what a container or a batch job may take.
_SYSTEM = Path("/")


def available() -> int:
    """Bytes that can be allocated now without swapping, or being ended by a limit.

    Limits are those of the control groups of the process (containers, batch jobs; versions 1 and
    2), with what files in the cache take counted as free, and of its address space (``ulimit -v``).
    """
    free = int(psutil.virtual_memory().available)
    return max(min([free, *_left_in_groups(_SYSTEM), *_left_of_addresses()]), 0)


def _left_in_groups(system: Path) -> Iterator[int]:
    """What the control group of this process, and every one around it, leaves."""
    for line in _text(system / "proc/self/cgroup").splitlines():
        number, kinds, path = [*line.split(":", 2), "", ""][:3]
        if number == "0" and not kinds:
            group, files = system / "sys/fs/cgroup", _VERSION_2
        elif "memory" in kinds.split(","):
            group, files = system / "sys/fs/cgroup/memory", _VERSION_1
        else:
            continue
        yield from _left(group, *files)
        # inside a container the path may be that on the host: then only the top is there
        for part in Path(path.lstrip("/")).parts:
            group = group / part
            yield from _left(group, *files)


_Files = tuple[tuple[str, ...], str, str]
_VERSION_1: _Files = ("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file"
_VERSION_2: _Files = ("memory.max", "memory.high"), "memory.current", "inactive_file"


def _left(group: Path, limits: tuple[str, ...], usage: str, cache: str) -> Iterator[int]:
    used = _text(group / usage).strip()
    if not used.isdecimal():
        return
    counted = dict(line.rpartition(" ")[::2] for line in _text(group / "memory.stat").splitlines())
    freed = counted.get(cache, "0")
    for name in limits:
        limit = _text(group / name).strip()
        if limit.isdecimal():  # not "max"
            yield int(limit) - int(used) + (int(freed) if freed.isdecimal() else 0)


def _left_of_addresses() -> Iterator[int]:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        yield limit - int(psutil.Process().memory_info().vms)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def require(field: str, value: object, need: int) -> None:
    """One clear error where ``need`` bytes are more than there are.

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
