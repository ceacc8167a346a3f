"""Time the search for passages of wave packets, beside all pairs and images in NumPy.

``python -m benchmarks.packets`` prints both. ``cases`` has the form of :mod:`benchmarks.cases`.
"""

from __future__ import annotations

import statistics
import time
from functools import partial

import numpy as np

import qnu
from qnu.engine._slow import packets as slow

from .cases import Case, two_groups


def schedule(count: int, passages: float, size: float) -> qnu.EncounterSchedule:
    """So many passages, about, of packets of a size (over their distance)."""
    gas = two_groups(count)
    given = {"box": count ** (1 / 3), "width": size, "seed": 1}
    packets = qnu.schedules.wave_packets(gas, 1.0, **given).source.packets
    return qnu.schedules.wave_packets(gas, passages / packets.passages_per_phase, **given)


def made(count: int, passages: float, size: float) -> int:
    """All rows, block by block, none kept."""
    return sum(len(run.first) for run in schedule(count, passages, size).chunks())


def by_numpy(count: int, passages: float, size: float) -> int:
    """The same passages from every pair and every image that can be reached."""
    p = schedule(count, passages, size).source.packets
    shape = (p.position, p.velocity, p.across, p.along, p.sides)
    return len(slow.passages(*shape, p.cutoff, p.length, p.end))


def cases(scale: float = 1.0) -> dict[str, Case]:
    """Name -> (what to run, how many things it does, what one of them is)."""
    found: dict[str, Case] = {}
    for size, passages in [(0.1, 1e6), (0.03, 1e6), (0.01, 1e5)]:
        some = int(passages * scale)
        name = f"wave packets of {size} of their distance: {some:.0e} passages of 10,000"
        found[name] = (partial(made, 10_000, some, size), some, "encounter")
    for name, call in [("qnu", made), ("NumPy, all pairs and images", by_numpy)]:
        label = f"wave packets: 1e+03 passages of 50, {name}"
        found[label] = (partial(call, 50, 1000, 0.1), 1000, "encounter")
    gas = two_groups(8)
    sliced = qnu.schedules.wave_packets(gas, 4.0, box=1.0, width=0.5, slices=1000, seed=1)
    rows = len(sliced)
    found[f"wave packets as large as the box: {rows:.0e} encounters in slices"] = (
        lambda: np.sum(next(iter(sliced.source.block(0))).swap_angle),
        rows,
        "encounter",
    )
    return found


def main(rounds: int = 3) -> None:
    """Seconds of wall and processor time, the median of some rounds after the first."""
    for name, (call, count, what) in cases().items():
        call()
        spent = []
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), time.process_time()
            call()
            spent.append((time.perf_counter() - wall, time.process_time() - cpu))
        wall, cpu = (statistics.median(x) for x in zip(*spent, strict=True))
        print(f"{name}: {wall:.3g} s, processor {cpu:.3g} s, {1e9 * cpu / count:.4g} ns per {what}")


if __name__ == "__main__":
    main()
