"""qnu against its peers: the same circuit, alternating, the median of the rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from .circuit import Problem
from .contest import Contest
from .engines import Engine
from .workers import EngineError, Worker

#: How far an engine may be from qnu in double precision.
TOLERANCE = {"double": 1e-10, "single": 1e-5}
#: Seconds: threads of the one before may still spin; what is shorter than this is repeated.
_PAUSE, _SHORT = 0.1, 0.3
Row = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to run.

    An engine that is expected to take more than ``limit`` seconds per run gets one round instead
    of ``rounds``, and none at more than ``longest``. ``contest``: seconds; forms of an engine that
    take less are compared at each size and the fastest counts (0: the forms named in ``engines``).
    """

    sizes: tuple[int, ...] = (18, 20, 22, 24, 26)
    rounds: int = 5
    limit: float = 60.0
    longest: float = 150.0
    contest: float = 20.0


def measure(engines: Sequence[Engine], plan: Plan, say: Say = print) -> tuple[list[Row], list[Row]]:
    """``(rows of the table, rows of the contest)``. The first engine is the reference."""
    there = []
    for engine in engines:
        if engine.missing:
            say(f"{engine.key}: skipped, not installed: {', '.join(engine.missing)}")
        else:
            there.append(engine)
    workers = {engine.key: Worker(engine.key) for engine in there}
    try:
        contests = {e.key: Contest(e, plan.contest) for e in there}
        rows: list[Row] = []
        for count in plan.sizes:
            rows += _one_size(there, workers, contests, count, plan, rows, say)
    finally:
        for worker in workers.values():
            worker.close()
    return rows, [row for c in contests.values() for row in c.rows]


def _one_size(
    engines: Sequence[Engine],
    workers: dict[str, Worker],
    contests: dict[str, Contest],
    count: int,
    plan: Plan,
    before: list[Row],
    say: Say,
) -> list[Row]:
    encounters = Problem(count).encounters
    reference: np.ndarray | None = None
    rows, todo = [], []
    for engine in engines:
        row: Row = {
            "engine": engine.name,
            "precision": engine.precision,
            "form": engine.form,
            "count": count,
            "encounters": encounters,
        }
        rows.append(row)
        expected = _expected(row, before)
        # the state, a buffer of the engine and the copy that is read out
        needed = 3 * (16 if engine.precision == "double" else 8) * 2**count
        if expected is not None and expected > plan.longest:
            row |= {"not_run": "too long", "expected_s": expected}
        elif needed > psutil.virtual_memory().available:
            row |= {"not_run": f"needs {needed / 2**30:.0f} GiB", "expected_s": expected}
        if "not_run" in row:
            say(f"  {engine.key}, N = {count}: not run ({row['not_run']})")
            continue
        worker, ask = workers[engine.key], workers[engine.key].ask
        try:
            if plan.contest:
                row["form"] = contests[engine.key].hold(worker, count, encounters, say)
            row |= ask(do="prepare", count=count, form=row["form"])
            answer = ask(20 * plan.longest, do="run", form=row["form"])
        except EngineError as error:
            row["not_run"] = str(error)
            say(f"  {engine.key}, N = {count}: {error}")
            continue
        row["first_s"] = answer["seconds"][0]
        found = np.array(answer["polarization"])
        if reference is None:
            reference = found
        row["disagreement"] = float(abs(found - reference).max())
        row["agrees"] = bool(row["disagreement"] < TOLERANCE[engine.precision])
        row["all_s"] = []
        todo.append((engine, row))
    for k in range(plan.rounds):
        # everybody is once first and once last
        for engine, row in todo[k % len(todo) :] + todo[: k % len(todo)] if todo else []:
            if k > 0 and min(row["all_s"]) > plan.limit:
                continue
            try:
                time.sleep(_PAUSE)
                times = max(1, int(_SHORT / min([row["first_s"], *row["all_s"]])))
                answer = workers[engine.key].ask(
                    20 * plan.longest, do="run", form=row["form"], times=times
                )
            except EngineError as error:
                row["not_run"] = str(error)
                todo = [x for x in todo if x[1] is not row]
                say(f"  {engine.key}, N = {count}: {error}")
                continue
            row["all_s"].append(statistics.median(answer["seconds"]))
    for engine, row in todo:
        row["median_s"] = statistics.median(row["all_s"])
        say(
            f"  {engine.key}, N = {count}: {row['median_s']:.4g} s,"
            f" differs from qnu by {row['disagreement']:.1e}"
        )
        workers[engine.key].ask(do="forget")
    return rows


def _expected(row: Row, before: list[Row]) -> float | None:
    """From the largest size so far, by gates and amplitudes."""
    same = [
        r
        for r in before
        if (r["engine"], r["precision"]) == (row["engine"], row["precision"])
        and ("median_s" in r or r.get("expected_s"))
    ]
    if not same:
        return None
    last = same[-1]
    seconds = last.get("median_s") or last["expected_s"]
    work = row["encounters"] / last["encounters"] * 2.0 ** (row["count"] - last["count"])
    return float(seconds * work)
