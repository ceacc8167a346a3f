"""Time phase space: 10,000 samples of 100 neutrinos, 1,000 of 10,000, beside NumPy.

``python -m benchmarks.phase_space`` prints it. The NumPy program turns the same pairs about their
sum, all samples of an encounter at a time, and is given fewer encounters.
"""

from __future__ import annotations

import resource
import statistics
import time
from typing import Any

import numpy as np

import qnu

from .cases import two_groups


def in_numpy(vectors: np.ndarray, first: Any, second: Any, angle: Any) -> None:
    """Kicks on ``(N, 3, samples)`` vectors, in place, one encounter after the other."""
    for i, j, theta in zip(first, second, angle, strict=True):
        one, two = vectors[i].copy(), vectors[j].copy()
        total = one + two
        length = np.sqrt((total**2).sum(axis=0))
        sinc = np.sin(theta * length) / np.maximum(length, 1e-300)
        change = sinc * np.cross(two, one, axis=0)
        change -= (1 - np.cos(theta * length)) / 2 * (one - two)
        vectors[i], vectors[j] = one + change, two - change


def measure(rounds: int = 3, quick: bool = False) -> list[dict[str, Any]]:
    """One row per case: median seconds, and ns of wall and processor per pair and sample."""
    samples, encounters = (1000, 1000) if quick else (10_000, 100_000)
    gas, still = two_groups(100), qnu.testing.random_gas(100, seed=1)
    still = qnu.NeutrinoGas(still.polarization, omega=np.zeros(100))
    kicks = qnu.schedules.random_pairs(still, 0.1, encounters, seed=1)
    vacuum = qnu.schedules.stochastic(gas, 0.1, 0.1, 0.002 * encounters, seed=1)
    inside = qnu.schedules.random_pairs(gas, 0.1, encounters, seed=1)
    many = two_groups(100 if quick else 10_000)
    drawn = qnu.schedules.stochastic(many, 0.1, 0.1, 2.0, seed=1)
    rows = [
        _row("kicks", still, kicks, samples, rounds),
        _row("vacuum in between", gas, vacuum, samples, rounds),
        _row("vacuum inside", gas, inside, samples, rounds),
        _row(f"N = {len(many)}, vacuum in between", many, drawn, 1000, rounds),
    ]
    waves = qnu.schedules.plane_wave(gas, 30.0, 30)
    rows.append(_row("plane waves to mu t = 30", gas, waves, 1000, rounds, steps=30 / 0.0997))
    few = kicks.rows.part(0, min(300, encounters))
    vectors = np.random.default_rng(1).choice([-1.0, 1.0], (100, 3, samples))
    wall, cpu = time.perf_counter(), time.process_time()
    in_numpy(vectors, *few[:3])
    rows.append(
        _numbers("kicks, NumPy", [time.perf_counter() - wall], [time.process_time() - cpu],
                 len(few.first) * samples)
    )  # fmt: skip
    return rows


def _row(
    name: str, gas: Any, schedule: Any, samples: int, rounds: int, steps: float | None = None
) -> dict[str, Any]:
    if steps is None:
        schedule.rows  # noqa: B018  # made, and kept
    qnu.solvers.phase_space(gas, schedule, samples=64, seed=1)  # compiles
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        qnu.solvers.phase_space(gas, schedule, samples=samples, seed=1)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    things = (len(schedule) if steps is None else len(gas) * steps) * samples
    return _numbers(f"{name}, {samples} samples", walls, cpus, things)


def _numbers(name: str, walls: list[float], cpus: list[float], things: float) -> dict[str, Any]:
    return {
        "case": name,
        "seconds": statistics.median(walls),
        "each_ns": 1e9 * statistics.median(walls) / things,
        "cpu_ns": 1e9 * statistics.median(cpus) / things,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def main() -> None:
    for row in measure():
        print(
            f"{row['case']}: {row['seconds']:.3g} s, {row['each_ns']:.2f} ns per pair (plane waves:"
            f" neutrino and step) and sample, {row['cpu_ns']:.2f} of a core; peak so far"
            f" {row['peak_gib']:.2f} GiB"
        )


if __name__ == "__main__":
    main()
