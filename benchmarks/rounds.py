"""qnu against its peers: the same circuit, alternating, the median of the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from .circuit import Problem
from .engines import Engine
from .workers import EngineError, Worker

#: How far an engine may be from qnu in double precision.
TOLERANCE = {"double": 1e-10, "single": 1e-5}
Row = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """What to run.

    An engine that is expected to take more than ``limit`` seconds per run gets one round instead
    of ``rounds``, and none at more than ``longest``. ``contest``: the size at which all forms of
    an engine are tried, the fastest goes on (None: the forms written in ``engines``).
    """

    sizes: tuple[int, ...] = (20, 22, 24, 26)
    rounds: int = 5
    limit: float = 60.0
    longest: float = 150.0
    contest: int | None = 22


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
        forms, contest = {e.key: e.form for e in there}, []
        if plan.contest:
            for engine in there:
                tried = _try_forms(workers[engine.key], engine, plan, say)
                contest += tried
                if tried:
                    forms[engine.key] = min(tried, key=lambda row: row["median_s"])["form"]
        rows: list[Row] = []
        for count in plan.sizes:
            rows += _one_size(there, workers, forms, count, plan, rows, say)
    finally:
        for worker in workers.values():
            worker.close()
    return rows, contest


def _try_forms(worker: Worker, engine: Engine, plan: Plan, say: Say) -> list[Row]:
    """Every form once; those within 1.5 of the fastest three times more."""
    first: dict[str, float] = {}
    forms = worker.ask(do="forms")["forms"]
    if len(forms) < 2:
        return []
    for form in forms:
        try:
            worker.ask(do="prepare", count=plan.contest, form=form)
            # twice: the first call may compile
            run = worker.ask(10 * plan.longest, do="run", form=form, times=2)
            first[form] = min(run["seconds"])
        except EngineError as error:
            say(f"{engine.key}, {form}: {error}")
    best = min(first.values(), default=0.0)
    rows = []
    for form, seconds in first.items():
        all_s = [seconds]
        if seconds < 1.5 * best:
            all_s += worker.ask(do="run", form=form, times=2)["seconds"]
        rows.append(
            {
                "engine": engine.name,
                "precision": engine.precision,
                "form": form,
                "count": plan.contest,
                "median_s": statistics.median(all_s),
            }
        )
        say(f"  {engine.key}, N = {plan.contest}, {form}: {rows[-1]['median_s']:.3g} s")
    worker.ask(do="forget")
    return rows


def _one_size(
    engines: Sequence[Engine],
    workers: dict[str, Worker],
    forms: dict[str, str],
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
            "form": forms[engine.key],
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
        ask = workers[engine.key].ask
        try:
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
            answer = workers[engine.key].ask(20 * plan.longest, do="run", form=row["form"])
            row["all_s"] += answer["seconds"]
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
