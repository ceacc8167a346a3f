"""Time transport: 1,024 cells x 100 beams, each scheme of advection, beside NumPy.

``python -m benchmarks.transport`` prints it. The NumPy program makes the same Runge-Kutta steps
with the same seventh-order differences and the same three moments, a whole array at a time.

Per cell, beam and stage ``upwind7`` reads and writes about 150 bytes (the stage twice, the start of
the step, the sum and the next stage, three components each), most of it in the caches, and makes
about 110 floating-point operations; ``weno7`` about 330.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import qnu

#: What the rows are scaled to.
STEPS = 10_000


def gas(beams: int) -> qnu.Beams:
    """Along z, with an angular crossing."""
    cosine, weight = np.polynomial.legendre.leggauss(beams)
    along = np.where(cosine > 0.3, -1.0, 1.0)[:, None] * np.array([0.0, 0.0, 1.0])
    return qnu.Beams(cosine, weight, along)


def in_numpy(p: np.ndarray, beams: qnu.Beams, spacing: float, h: float, gamma: float) -> np.ndarray:
    """One step of ``(B, 3, cells)``."""
    c, w = beams.cosine[:, None, None], beams.weight
    taps = np.array([3, -28, 126, -420, 105, 252, -42, 4]) / 420
    m1, m2 = w @ beams.cosine, w @ beams.cosine**2
    kappa = (1.5 - 2 * c * m1 - c**2 / 2 - m2 / 2 + 1.5 * c**2 * m2) * gamma
    right = beams.cosine >= 0

    def rate(q: np.ndarray) -> np.ndarray:
        slope = np.zeros_like(q)
        for k, tap in zip(range(-4, 4), taps, strict=True):
            slope[right] += tap * np.roll(q[right], -k, axis=2)
            slope[~right] -= tap * np.roll(q[~right], k, axis=2)
        a0, a1, a2 = (np.einsum("b,bdi->di", w * beams.cosine**n, q) for n in range(3))
        out = np.cross(a0 - c * a1, q, axis=1) - c * slope / spacing
        if gamma:
            gain = 1.5 * a0 - a2 / 2 - 2 * c * a1 + c**2 * (1.5 * a2 - a0 / 2)
            out += gamma * gain - kappa * q
        return out

    k1 = rate(p)
    k2 = rate(p + h / 2 * k1)
    k3 = rate(p + h / 2 * k2)
    k4 = rate(p + h * k3)
    return p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def measure(rounds: int = 3, quick: bool = False) -> list[dict[str, Any]]:
    """One row per scheme: seconds for 10,000 steps, and ns per cell, beam and step."""
    cells, count, steps = (128, 10, 20) if quick else (1024, 100, 200)
    beams = gas(count)
    rows = [
        _row(
            f"{scheme}{', entanglement' * bool(gamma)}", beams, cells, scheme, gamma, steps, rounds
        )
        for scheme, gamma in (
            ("upwind7", 0.0),
            ("upwind7", 0.01),
            ("weno7", 0.0),
            ("spectral", 0.0),
        )
    ]
    p = np.repeat(beams.polarization[:, :, None], cells, axis=2)
    few = 3
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(few):
        p = in_numpy(p, beams, 0.1, 0.05, 0.0)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rows.append(_numbers("upwind7, NumPy", [wall / few], [cpu / few], cells * count))
    return rows


def _row(
    name: str, beams: qnu.Beams, cells: int, scheme: str, gamma: float, steps: int, rounds: int
) -> dict[str, Any]:
    length = 0.1 * cells
    end = 0.05 * steps / float(abs(beams.cosine).max())

    def run(until: float) -> int:
        made = qnu.solvers.transport(
            beams, [until], length=length, cells=cells, advection=scheme, gamma=gamma, turn=1.0,
            perturbation="bump", amplitude=0.01,
        )  # fmt: skip
        return int(made.attrs["steps"])

    run(end / steps)  # compiles
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        made = run(end)
        walls.append((time.perf_counter() - wall) / made)
        cpus.append((time.process_time() - cpu) / made)
    return _numbers(name, walls, cpus, cells * len(beams))


def _numbers(name: str, walls: list[float], cpus: list[float], things: int) -> dict[str, Any]:
    return {
        "case": name,
        "seconds": STEPS * statistics.median(walls),
        "each_ns": 1e9 * statistics.median(walls) / things,
        "cpu_ns": 1e9 * statistics.median(cpus) / things,
    }


def main() -> None:
    for row in measure():
        print(
            f"{row['case']}: {row['seconds']:.3g} s for {STEPS} steps, {row['each_ns']:.3g} ns per"
            f" cell, beam and step, {row['cpu_ns']:.3g} of a core"
        )


if __name__ == "__main__":
    main()
