"""Time the independent model: 100 neutrinos in cache, and 10^8 encounters of 10^6 neutrinos.

``python -m benchmarks.independent`` prints both; the large run is a process of its own, so that its
peak memory (imports included) is measured.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time

import qnu

from .cases import two_groups


def nanoseconds(rounds: int = 7) -> dict[str, dict[str, float]]:
    """ns per encounter for N = 100: the whole call on a kept schedule, and making its rows too.

    Processor time of one thread beside wall time, since others may be using the machine.
    """
    gas = two_groups(100)
    makers = {
        "vacuum inside": lambda seed: qnu.schedules.random_pairs(gas, 0.01, 1_000_000, seed=seed),
        "kicks": lambda seed: qnu.schedules.stochastic(gas, 0.01, 0.1, 200.0, seed=seed),
    }
    found: dict[str, dict[str, list[float]]] = {name: {} for name in makers}
    for round_ in range(rounds + 1):
        for name, make in makers.items():
            schedule = make(round_)
            for what in ("made and evolved", "evolved"):
                if what == "evolved":
                    schedule.rows  # noqa: B018  # made, and kept
                wall, cpu = time.perf_counter(), time.process_time()
                qnu.solvers.independent(gas, schedule)
                spent = time.perf_counter() - wall, time.process_time() - cpu
                if round_:  # the first round compiles
                    for clock, seconds in zip(("wall", "cpu"), spent, strict=True):
                        each = found[name].setdefault(f"{what}, {clock}", [])
                        each.append(1e9 * seconds / len(schedule))
    return {
        name: {what: round(statistics.median(each), 1) for what, each in cases.items()}
        for name, cases in found.items()
    }


def large(neutrinos: int, encounters: float, samples: int = 11) -> dict[str, float]:
    """One stochastic run, made and evolved in chunks: seconds and peak memory of this process."""
    warm = two_groups(10)
    qnu.solvers.independent(warm, qnu.schedules.stochastic(warm, 0.01, 0.1, 1.0, seed=1))
    begin, cpu = time.perf_counter(), time.process_time()
    gas = two_groups(neutrinos)
    duration = 2 * encounters * 0.01 / neutrinos  # t_int = gamma: one encounter per neutrino
    schedule = qnu.schedules.stochastic(gas, 0.01, 0.1, duration, seed=1)
    run = qnu.solvers.independent(gas, schedule, schedule.equally_spaced(samples))
    return {
        "neutrinos": neutrinos,
        "encounters": len(schedule),
        "seconds": time.perf_counter() - begin,
        "cpu_seconds": time.process_time() - cpu,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "drift_total_z": run.attrs["drift_total_z"],
    }


def large_apart(neutrinos: int = 10**6, encounters: float = 1e8) -> dict[str, float]:
    """:func:`large` in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--large", str(neutrinos), str(encounters)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", nargs=2, metavar=("NEUTRINOS", "ENCOUNTERS"))
    given = parser.parse_args().large
    if given:
        print(json.dumps(large(int(given[0]), float(given[1]))))
        return
    for name, cases in nanoseconds().items():
        print(f"N = 100, {name}, ns per encounter: {cases}")
    print(f"stochastic: {large_apart()}")


if __name__ == "__main__":
    main()
