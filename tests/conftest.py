"""What tests share: reference data and the two groups of physics' standard experiment."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

import qnu

settings.register_profile("qnu", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("qnu")

REFERENCE = Path(__file__).parent / "reference"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that Windows cannot run say so there."""
    for item in items:
        mark = item.get_closest_marker("posix")
        if mark is not None and sys.platform == "win32":
            item.add_marker(pytest.mark.skip(reason=f"{mark.args[0]}: not on Windows"))


def reference(name: str) -> Any:
    """A reference file made by an independent dense-matrix program."""
    return json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def encounters() -> list[dict[str, Any]]:
    return reference("encounters")


@pytest.fixture(scope="session")
def tournament_8() -> dict[str, Any]:
    return reference("tournament_8")


@pytest.fixture(scope="session")
def free_streaming_5() -> dict[str, Any]:
    return reference("free_streaming_5")


def two_groups(n1: int, n2: int, velocities: str = "isotropic", seed: int = 0) -> qnu.NeutrinoGas:
    """P_1 = (sin 0.2, 0, cos 0.2), P_2 = -P_1, omega = (0.1, 0.2)."""
    p = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    groups = [
        qnu.Group(n1, p, omega=0.1, name="1"),
        qnu.Group(n2, -p, omega=0.2, name="2"),
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities=velocities, seed=seed)


def hears_interrupts() -> None:
    """For ``Popen(preexec_fn=...)``: a child of a shell's background job would ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class TooSlowError(Exception):
    """A call took longer than its limit."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """At most so many seconds of all processors; Windows has no such clock."""
    if not hasattr(signal, "SIGPROF"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        # a late signal would end the process with the handler of the system
        signal.signal(signal.SIGPROF, signal.SIG_IGN)
