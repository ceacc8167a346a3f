"""One row per case: qnu's numbers beside the best of Qiskit's runs."""

from __future__ import annotations

import statistics
from typing import Any

from . import ours, peers
from .cases import Case
from .store import Store


def joined(todo: list[Case], theirs: Store, own: Store) -> list[dict[str, Any]]:
    """Whatever of both there is."""
    rows = []
    for case in todo:
        row: dict[str, Any] = {"device": case.device, "group": case.group, "name": case.name}
        runs = theirs.cases.get(case.key, {}).get("runs", {})
        row |= _peers(runs)
        found = own.cases.get(case.key, {}).get("runs", {}).get(ours.NAME)
        if isinstance(found, str):
            row["why"] = found
        elif found is not None:
            row |= found
        rows.append(row)
    return rows


def _peers(runs: dict[str, Any]) -> dict[str, Any]:
    best = peers.best(runs)
    if best is None:
        return {}
    row: dict[str, Any] = dict(zip(("best_gates", "best_depth", "best_success"), best, strict=True))
    for name, kind in zip(("ten", "sabre"), peers.KINDS, strict=True):
        found = peers.best(runs, kind)
        if found is not None:
            row[name] = [*found[:2], len(peers.numbers(runs, kind))]
    spent = [run[3] for run in peers.numbers(runs, peers.KINDS[1])]
    if spent:
        row["sabre_s"] = round(statistics.median(spent), 2)
    return row
