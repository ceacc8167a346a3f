"""qnu alone, to larger N: the time of one gate per amplitude, in and out of the caches."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import psutil

from .circuit import Problem
from .machine import gate_bound
from .workers import EngineError, Worker

SIZES = {"single": tuple(range(14, 31, 2)), "double": tuple(range(14, 29, 2))}
_SHORT = 0.3
#: Below this many neutrinos what is measured is the bookkeeping of a call: no slope is fitted.
FIT_FROM = 18


def measure(
    sizes: dict[str, Sequence[int]],
    machine: dict[str, Any],
    rounds: int = 5,
    say: Callable[[str], None] = print,
) -> list[dict[str, Any]]:
    """Time of the tournament minus time of the same call without encounters, over the gates."""
    rows = []
    for precision, counts in sizes.items():
        with Worker(f"qnu {precision}") as worker:
            for count in counts:
                needed = (16 if precision == "double" else 8) * 2**count
                if 1.2 * needed > psutil.virtual_memory().available:
                    say(f"  qnu {precision}, N = {count}: not run, needs {needed / 2**30:.1f} GiB")
                    continue
                try:
                    row = _one(worker, precision, count, rounds, machine)
                except EngineError as error:
                    say(f"  qnu {precision}, N = {count}: {error}")
                    break
                rows.append(row)
                say(
                    f"  qnu {precision}, N = {count}: {row['median_s']:.4g} s,"
                    f" {row['ps_per_gate_and_amplitude']:.1f} ps per gate and amplitude"
                )
    return rows


def _one(
    worker: Worker, precision: str, count: int, rounds: int, machine: dict[str, Any]
) -> dict[str, Any]:
    forms = ("many_body", "no encounters")
    times: dict[str, list[float]] = {form: [] for form in forms}
    first = {}
    for form in forms:
        worker.ask(do="prepare", count=count, form=form)
        first[form] = worker.ask(do="run", form=form)["seconds"][0]
    # what takes milliseconds is repeated, what takes minutes is not
    slow = worker.ask(do="run", form="many_body")["seconds"][0]
    repeats = max(1, int(_SHORT / max(slow, 1e-4)))
    for _ in range(rounds if slow < 60 else min(rounds, 3)):
        for form in forms:
            answer = worker.ask(do="run", form=form, times=repeats)
            times[form].append(statistics.median(answer["seconds"]))
    worker.ask(do="forget")
    full, empty = (statistics.median(times[form]) for form in forms)
    gates = Problem(count).encounters
    each = (full - empty) / gates
    bound = gate_bound(count, precision, machine)
    return {
        "precision": precision,
        "count": count,
        "encounters": gates,
        "vector_MiB": (16 if precision == "double" else 8) * 2**count / 2**20,
        "first_s": first["many_body"],
        "median_s": full,
        "without_gates_s": empty,
        "all_s": times["many_body"],
        "gate_s": each,
        "ps_per_gate_and_amplitude": each / 2**count * 1e12,
        "one_pass_s": bound["one_pass_s"],
        "arithmetic_s": bound["arithmetic_s"],
    }


def slope(counts: Sequence[int], seconds: Sequence[float]) -> float | None:
    """``s`` of the fit ``seconds = a 2^(s N)``: 1 is proportional to the number of amplitudes."""
    large = [
        (n, np.log2(t)) for n, t in zip(counts, seconds, strict=True) if n >= FIT_FROM and t > 0
    ]
    if len(large) < 2:
        return None
    return float(np.polyfit(*zip(*large, strict=True), 1)[0])


def largest_step(rows: Sequence[dict[str, Any]]) -> tuple[float, int, int] | None:
    """``(factor, N, next N)``: where the time per gate and amplitude grows most."""
    large = [r for r in rows if r["count"] >= FIT_FROM and r["gate_s"] > 0]
    each = "ps_per_gate_and_amplitude"
    steps = [(b[each] / a[each], a["count"], b["count"]) for a, b in pairwise(large)]
    return max(steps, default=None)
