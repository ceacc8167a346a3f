"""Time an ensemble of the independent model: 100 histories, 100 neutrinos, 2.5e6 kicks each.

``python -m benchmarks.ensemble`` prints ns per encounter and core on one thread and on as many as
there are cores: of encounters that are kept in memory, of encounters that are drawn, and of the
same equations in NumPy, all histories at a time (100 encounters of each, the results compared).
On a machine that others use, the processor time says more than the time on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import qnu
from qnu.solvers._independent_batch import iterate_histories

from .cases import two_groups

GAMMA, PROBABILITY, DURATION = 0.01, 0.1, 500.0
#: As many as in ``circuits/two_groups_60_40.toml``.
SAMPLES = 1001


def drawn(gas: qnu.NeutrinoGas, seed: int, duration: float) -> qnu.EncounterSchedule:
    """The encounters of one history."""
    return qnu.schedules.stochastic(gas, GAMMA, PROBABILITY, duration, seed=seed)


def measure(
    seeds: int = 100,
    duration: float = DURATION,
    rounds: int = 1,
    say: Callable[[str], None] = print,
) -> list[dict[str, Any]]:
    """One row per case and number of threads; medians over rounds in which the cases alternate."""
    gas = two_groups(100)
    kept = [drawn(gas, seed, duration) for seed in range(2)]
    encounters = sum(len(schedule.rows.first) for schedule in kept)

    def from_memory(threads: int, samples: int) -> int:
        again = max(seeds // 4, 1)
        _run(gas, kept * again, duration, samples, threads)
        return encounters * again

    def with_drawing(threads: int, samples: int) -> int:
        many = [drawn(gas, seed, duration) for seed in range(seeds)]
        _run(gas, many, duration, samples, threads)
        return sum(map(len, many))

    cases = [
        ("kept in memory", from_memory, 2),
        ("drawn", with_drawing, 2),
        (f"drawn, {SAMPLES} samples", with_drawing, SAMPLES),
    ]
    threads = sorted({1, os.cpu_count() or 1})
    spent: dict[tuple[str, int], list[tuple[float, float, int]]] = {}
    _run(gas, [drawn(gas, 0, 1.0), *kept[:1]], 1.0, 3, 2)  # compiled
    for _ in range(rounds):
        for name, call, samples in cases:
            for each in threads:
                wall, cpu = time.perf_counter(), time.process_time()
                count = call(each, samples)
                times = time.perf_counter() - wall, time.process_time() - cpu, count
                spent.setdefault((name, each), []).append(times)
    rows = [
        {
            "case": name,
            "threads": each,
            "histories": seeds if "drawn" in name else 2 * max(seeds // 4, 1),
            "encounters": times[0][2],
            "seconds": statistics.median(wall for wall, _, _ in times),
            "each_ns": 1e9 * each * statistics.median(wall / n for wall, _, n in times),
            "cpu_ns": 1e9 * statistics.median(cpu / n for _, cpu, n in times),
        }
        for (name, each), times in spent.items()
    ]
    rows.append(compared(seeds))
    for row in rows:
        say(
            f"  {row['case']}, {row['threads']} threads: {row['each_ns']:.1f} ns per encounter and"
            f" core, {row['cpu_ns']:.1f} of processor time"
        )
    return rows


def _run(
    gas: qnu.NeutrinoGas,
    schedules: list[qnu.EncounterSchedule],
    end: float,
    samples: int,
    threads: int,
) -> None:
    times = np.linspace(0, end, samples)
    for history in iterate_histories([gas] * len(schedules), schedules, times, threads=threads):
        del history  # as a program that needs only means does


def compared(seeds: int, encounters: int = 100) -> dict[str, Any]:
    """The first encounters of every history in NumPy: ns for each, largest difference from qnu."""
    gas = two_groups(100)
    rows = [next(drawn(gas, seed, DURATION).chunks(encounters)) for seed in range(seeds)]
    first, second, theta, start = (np.stack([run[k] for run in rows]) for k in range(4))
    begin, cpu = time.perf_counter(), time.process_time()
    mine = in_numpy(gas, first, second, theta, start)
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    schedules = [
        qnu.EncounterSchedule(*run[:4], 0.0, neutrinos=len(gas), final_time=run.start[-1])
        for run in rows
    ]
    runs = [qnu.solvers.independent(gas, schedule) for schedule in schedules]
    theirs = np.stack([run.polarization[-1] for run in runs])
    return {
        "case": "kept in memory, NumPy",
        "threads": 1,
        "histories": seeds,
        "encounters": first.size,
        "seconds": wall,
        "each_ns": 1e9 * wall / first.size,
        "cpu_ns": 1e9 * cpu / first.size,
        "disagreement": float(abs(mine - theirs).max()),
    }


def in_numpy(gas: qnu.NeutrinoGas, first: Any, second: Any, theta: Any, start: Any) -> Any:
    """``(histories, N, 3)`` after the kicks ``(histories, n)``, at the time of the last one.

    One encounter of every history at a time.
    """
    histories = np.arange(len(first))
    p = np.repeat(gas.polarization[None], len(first), axis=0)
    clock = np.zeros(p.shape[:2])

    def turned(vectors: Any, angle: Any) -> Any:
        c, s = np.cos(angle), np.sin(angle)
        x, y, z = np.moveaxis(vectors, -1, 0)
        return np.stack([c * x + s * y, c * y - s * x, z], axis=-1)

    for k in range(first.shape[1]):
        i, j, t = first[:, k], second[:, k], start[:, k]
        one = turned(p[histories, i], gas.omega[i] * (t - clock[histories, i]))
        two = turned(p[histories, j], gas.omega[j] * (t - clock[histories, j]))
        s, c = np.sin(theta[:, k, None]), np.cos(theta[:, k, None])
        change = s * s * (two - one) + s * c * np.cross(two, one)
        p[histories, i], p[histories, j] = one + change, two - change
        clock[histories, i] = clock[histories, j] = t
    end = start[:, -1, None]
    return turned(p, gas.omega * (end - clock))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few short histories")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    settings: dict[str, Any] = {"seeds": 4, "duration": 5.0} if options.quick else {}
    rows = measure(**settings, say=(lambda line: None) if options.json else print)
    if options.json:
        print(json.dumps(rows))


if __name__ == "__main__":
    main()
