"""``python -m benchmarks --only routing``: all of it, from the caches where they have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import ours, peers, rows
from .cases import DEVICES, cases
from .store import OURS, PEERS, Store

#: Where a quick run puts what the peers reached: not into the repository.
QUICK = Path("results") / "routing_quick.json"


def measure(
    quick: bool = False,
    devices: tuple[str, ...] = DEVICES,
    theirs: Path | None = None,
    own: Path = OURS,
) -> tuple[list[dict[str, Any]], str]:
    """Rows of all cases, and in words how the peers were measured.

    Args:
        quick: two small cases.
        devices: which of :data:`DEVICES`.
        theirs: cache of the peers' runs; what it lacks is measured first (hours for everything).
        own: cache of qnu's runs; another version of its sources measures again.
    """
    todo = cases(devices, quick)
    cache = Store(theirs or (QUICK if quick else PEERS))
    if not cache.about:
        cache.about = peers.about(shared=False)
    peers.measure(cache, todo)
    mine = Store(own)
    ours.measure(mine, todo)
    return rows.joined(todo, cache, mine), told(cache)


def told(cache: Store) -> str:
    """Version, date, machine of the peers' runs."""
    about = cache.about
    if not about:
        return ""
    said = f"Qiskit {about['versions']['qiskit']}, {about['last']}, {about['processor']}"
    return f"{said}, {about['cores']} cores" + ", shared with others" * about["shared"]
