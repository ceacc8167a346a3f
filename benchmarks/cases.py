"""Calls that people wait for, apart from the state vector: schedules, independent neutrinos, Aer.

Every case is warmed up once (compilation and first touch of memory), then the cases alternate and
the median is reported.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import qnu

Case = tuple[Callable[[], object], float, str]


def two_groups(count: int, velocities: str = "isotropic") -> qnu.NeutrinoGas:
    p = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    groups = [
        qnu.Group(count - 2 * count // 5, p, omega=0.1),
        qnu.Group(2 * count // 5, -p, omega=0.2),
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities=velocities, seed=1)


def cases(scale: float = 1.0) -> dict[str, Case]:
    """Name -> (what to run, how many things it does, what one of them is)."""
    gas = two_groups(100)
    many, some = int(1e7 * scale), int(5e5 * scale)
    pairs = qnu.schedules.random_pairs(gas, 0.01, some, seed=1)
    sparse = qnu.schedules.stochastic(gas, 0.01, 0.1, 100.0 * scale, seed=1)
    assert len(pairs.rows.first) == some
    assert len(sparse.rows.first) > 0  # made, and kept
    made: dict[str, Case] = {
        f"schedule: {many:.0e} random pairs, N = 100": (
            lambda: (
                qnu.schedules.random_pairs(gas, 0.01, many, seed=1).swap_angle
            ),  # made on demand
            many,
            "encounter",
        ),
        f"schedule: {many:.0e} stochastic, N = 100": (
            lambda: qnu.schedules.stochastic(gas, 0.01, 0.1, 2000.0 * scale, seed=1).swap_angle,
            many,
            "encounter",
        ),
        f"independent: {some:.0e} random pairs (vacuum inside)": (
            lambda: qnu.solvers.independent(gas, pairs),
            some,
            "encounter",
        ),
        f"independent: {len(sparse):.0e} stochastic (kicks)": (
            lambda: qnu.solvers.independent(gas, sparse),
            len(sparse),
            "encounter",
        ),
    }
    small = two_groups(18)
    schedule = qnu.schedules.tournament(small, 0.3)
    made["qnu.quantum.run on aer_statevector, tournament of 18"] = (
        lambda: qnu.quantum.run(small, schedule, "aer_statevector", shots=0),
        len(schedule),
        "gate",
    )
    return made


def measure(
    rounds: int, todo: dict[str, Case], say: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """One row per case: first call, all calls, median, and per thing done."""
    first: dict[str, float] = {}
    seconds: dict[str, list[float]] = {name: [] for name in todo}
    for name, (call, _, _) in todo.items():
        start = time.perf_counter()
        call()
        first[name] = time.perf_counter() - start
    for _ in range(rounds):
        for name, (call, _, _) in todo.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    rows = []
    for name, (_, count, what) in todo.items():
        median = statistics.median(seconds[name])
        rows.append(
            {
                "case": name,
                "first_s": first[name],
                "median_s": median,
                "all_s": seconds[name],
                "each_ns": median / count * 1e9,
                "each": what,
            }
        )
        say(f"  {name}: {median:.3g} s")
    return rows
