"""Time what people wait for, print a table with the machine named, write ``results/bench.json``.

Every case is warmed up once (compilation and first touch of memory), then the cases alternate
for ``--rounds`` rounds and the median is reported.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import qnu


def two_groups(count: int, velocities: str = "isotropic") -> qnu.NeutrinoGas:
    p = np.array([np.sin(0.2), 0.0, np.cos(0.2)])
    groups = [
        qnu.Group(count - 2 * count // 5, p, omega=0.1),
        qnu.Group(2 * count // 5, -p, omega=0.2),
    ]
    return qnu.NeutrinoGas.from_groups(groups, velocities=velocities, seed=1)


def cases() -> dict[str, tuple[Callable[[], object], float, str]]:
    """Name -> (what to run, how many things it does, what one of them is)."""
    gas = two_groups(100)
    pairs = qnu.schedules.random_pairs(gas, 0.01, 500_000, seed=1)
    sparse = qnu.schedules.stochastic(gas, 0.01, 0.1, 100.0, seed=1)
    made: dict[str, tuple[Callable[[], object], float, str]] = {
        "schedule: 1e7 random pairs, N = 100": (
            lambda: qnu.schedules.random_pairs(gas, 0.01, 10_000_000, seed=1),
            1e7,
            "encounter",
        ),
        "schedule: 1e7 stochastic, N = 100": (
            lambda: qnu.schedules.stochastic(gas, 0.01, 0.1, 2000.0, seed=1),
            1e7,
            "encounter",
        ),
        "independent: 5e5 random pairs (vacuum inside)": (
            lambda: qnu.solvers.independent(gas, pairs),
            5e5,
            "encounter",
        ),
        "independent: 5e5 stochastic (kicks)": (
            lambda: qnu.solvers.independent(gas, sparse),
            len(sparse),
            "encounter",
        ),
    }
    for n in (16, 18, 20):
        small = two_groups(n)
        schedule = qnu.schedules.tournament(small, 0.3)
        made[f"many_body: tournament, N = {n}"] = (
            lambda g=small, s=schedule: qnu.solvers.many_body(g, s),
            len(schedule),
            "gate",
        )
        made[f"circuit on aer_statevector, N = {n}"] = (
            lambda g=small, s=schedule: qnu.quantum.run(g, s, "aer_statevector", shots=0),
            len(schedule),
            "gate",
        )
    return made


def machine() -> dict[str, object]:
    """Where the numbers were taken."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [x.split(":", 1)[1] for x in cpuinfo.read_text().splitlines() if "model name" in x]
        model = names[0].strip() if names else model
    from qnu.trajectory import installed_versions

    return {
        "processor": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": dict(installed_versions()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("results/bench.json"))
    arguments = parser.parse_args()
    todo = cases()
    first, seconds = {}, {name: [] for name in todo}
    for name, (call, _, _) in todo.items():
        start = time.perf_counter()
        call()
        first[name] = time.perf_counter() - start
    for _ in range(arguments.rounds):
        for name, (call, _, _) in todo.items():
            start = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - start)
    where = machine()
    table = Table(
        title=f"{where['processor']}, {where['cores']} cores, median of {arguments.rounds}"
    )
    table.add_column("case")
    table.add_column("first call", justify="right")
    table.add_column("median", justify="right")
    table.add_column("each", justify="right")
    rows = []
    for name, (_, count, what) in todo.items():
        median = statistics.median(seconds[name])
        each = median / count * 1e9
        scale, unit = (1.0, "ns") if each < 1e4 else (1e-6, "ms")
        table.add_row(
            name, f"{first[name]:.2f} s", f"{median:.3f} s", f"{each * scale:.3g} {unit}/{what}"
        )
        rows.append(
            {"case": name, "first_s": first[name], "median_s": median, "all_s": seconds[name]}
        )
    Console(width=110).print(table)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps({"machine": where, "results": rows}, indent=1))
    print(f"Written: {arguments.output}")


if __name__ == "__main__":
    main()
