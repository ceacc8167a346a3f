"""Where numbers were computed: date, machine, Python, version of qnu, command line."""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from ..version import __version__

__all__ = ["Provenance", "provenance"]

_SECONDS = 5.0  # that git may take
#: What tells git of another repository: set in hooks, and by people.
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE")


@dataclass(frozen=True)
class Provenance:
    """Where and when a run was made.

    Args:
        date: with the time zone, ISO 8601.
        host: name of the machine.
        processor: its model.
        cores: how many.
        system: operating system.
        python: version.
        qnu: version.
        commit: of the checkout that qnu was imported from; "" for an installed package.
        dirty: whether files of the checkout differed from the commit; None: there is no checkout.
        command: the command line; "" where it was called from Python.

    Examples:
        >>> provenance("qnu run two_groups_10").command
        'qnu run two_groups_10'
    """

    date: str
    host: str
    processor: str
    cores: int
    system: str
    python: str
    qnu: str
    commit: str = ""
    dirty: bool | None = None
    command: str = ""

    @property
    def version(self) -> str:
        """``0.2.0 (commit 251ee27a1b2c, with changes that are not committed)``."""
        if not self.commit:
            return self.qnu
        changed = ", with changes that are not committed" if self.dirty else ""
        return f"{self.qnu} (commit {self.commit[:12]}{changed})"

    @property
    def machine(self) -> str:
        """In one line."""
        return f"{self.host}: {self.processor}, {self.cores} cores, {self.system}"

    def entry(self) -> dict[str, Any]:
        """As ``summary.json`` has it."""
        return asdict(self)

    @classmethod
    def of(cls, entry: Any) -> Provenance | None:
        """The inverse of :meth:`entry`; None for what earlier versions wrote, or was damaged."""
        if not isinstance(entry, Mapping):
            return None
        with contextlib.suppress(TypeError):
            return cls(**{f.name: entry[f.name] for f in fields(cls) if f.name in entry})
        return None


def provenance(command: str = "") -> Provenance:
    """Of a run that is made now.

    Args:
        command: the command line.

    Examples:
        >>> provenance().python == platform.python_version()
        True
    """
    commit, dirty = _checkout()
    return Provenance(
        datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        platform.node(),
        _processor(),
        os.cpu_count() or 1,
        f"{platform.system()} {platform.release()}",
        platform.python_version(),
        __version__,
        commit,
        dirty,
        command,
    )


@cache
def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _checkout() -> tuple[str, bool | None]:
    """Commit and whether files differ from it, where qnu is a folder of a git checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return "", None
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--untracked-files=no") if commit else None
    return commit or "", None if changed is None else bool(changed)


def _git(root: Path, *arguments: str) -> str | None:
    environment = {k: v for k, v in os.environ.items() if k not in _ELSEWHERE}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(root), *arguments],
            capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL,
            env=environment, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):  # no git, or none that may read it
        return None
    return done.stdout.strip()
