"""Where the numbers were taken: processor, versions, and what its memory and cores can do."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numba
import numpy as np
import psutil

from .threads import THREADS

PACKAGES = (
    "numpy",
    "numba",
    "qiskit",
    "qiskit-aer",
    "qsimcirq",
    "cirq-core",
    "qulacs",
    "pennylane",
    "pennylane-lightning",
    "pennylane-lightning-kokkos",
    "quimb",
)
#: Sizes of the three arrays of the triad together, in MiB: in the L2 caches, in L3, in memory.
_SIZES = {"L2": 1.0, "L3": 12.0, "memory": 768.0}
_DEGREE = 16  # short enough to be unrolled, else the loop around it does not vectorise


def describe() -> dict[str, Any]:
    """Processor, cores, memory, caches, versions."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            x.split(":", 1)[1]
            for x in cpuinfo.read_text(encoding="utf-8").splitlines()
            if "model name" in x
        ]
        model = names[0].strip() if names else model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "threads": THREADS,
        "memory_GiB": round(psutil.virtual_memory().total / 2**30, 1),
        "caches": _caches(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {p: v for p in PACKAGES if (v := _version(p))},
        "commit": _commit(),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    here = Path(__file__).parent
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def _caches() -> dict[str, str]:
    found = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        kind, level, size = (
            (index / x).read_text(encoding="utf-8").strip() for x in ("type", "level", "size")
        )
        if kind != "Instruction":
            found[f"L{level}"] = size
    return found


@numba.njit(parallel=True, fastmath={"contract"})
def _triad(a, b, c, scale, repeats):
    """``a = b + scale c`` over and over; every thread keeps to its own part, as in STREAM."""
    threads = numba.get_num_threads()
    part = a.size // threads
    for t in numba.prange(threads):
        # slices: a loop from 0 vectorises, one from an unknown index does not
        low, high = t * part, (t + 1) * part
        u, v, w = a[low:high], b[low:high], c[low:high]
        for r in range(repeats):
            s = scale + r
            for k in range(part):
                u[k] = v[k] + s * w[k]


@numba.njit(parallel=True, fastmath={"contract"})
def _horner(x, repeats):
    """Four polynomials of degree 16 at every x: eight flops per step and nearly no memory."""
    threads = numba.get_num_threads()
    part = x.size // threads
    for t in numba.prange(threads):
        own = x[t * part : (t + 1) * part]
        for _ in range(repeats):
            for k in range(part):
                z = own[k]
                p, q, r, s = z, -z, z + z, z * z  # four chains hide the latency of each
                for _ in range(_DEGREE):
                    p, q, r, s = p * z + z, q * z + z, r * z + z, s * z + z
                own[k] = p + q - r - s


def _best(call, *arguments, times: int = 7) -> float:
    """The shortest of a few: a limit of the machine is what it reaches undisturbed."""
    call(*arguments)
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        call(*arguments)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def limits() -> dict[str, Any]:
    """STREAM triad in each cache and in memory (GB/s), multiply-adds in cache (Gflop/s).

    The triad counts three arrays; memory moves a fourth, because a line that is written is read
    first. In-place gates read what they write, so their bytes are counted without that.
    """
    numba.set_num_threads(min(THREADS, numba.config.NUMBA_NUM_THREADS))
    bandwidth = {}
    for name, size in _SIZES.items():
        n = int(size * 2**20 / 24)
        a, b, c = np.zeros(n), np.ones(n), np.ones(n)
        repeats = max(1, int(512 / size))
        bandwidth[name] = 24e-9 * n * repeats / _best(_triad, a, b, c, 0.5, repeats)
    flops = {}
    for name, kind in (("double", np.float64), ("single", np.float32)):
        x = np.full(4096, 1e-3, kind)
        flops[name] = 8e-9 * _DEGREE * x.size * 4000 / _best(_horner, x, 4000)
    return {
        "triad_GB_per_s": {k: round(v, 1) for k, v in bandwidth.items()},
        "Gflop_per_s": {k: round(v, 1) for k, v in flops.items()},
    }


def gate_bound(count: int, precision: str, machine: dict[str, Any]) -> dict[str, float]:
    """One encounter in one pass: half of the vector read and written, 28 flops per two amplitudes.

    ``exp(-i theta SWAP)`` with vacuum is a 2x2 block on |01>, |10> (four complex products, two
    sums on each of 2^(N-2) pairs); the rest of the vector stays. The bandwidth is that of the
    smallest cache whose triad was as large as the vector, or of memory. An engine that takes
    several gates per pass moves fewer bytes and may be faster than this.
    """
    moved = {"double": 16, "single": 8}[precision] * 2.0**count
    flops = 7 * 2.0**count
    fits = [level for level, size in _SIZES.items() if moved <= size * 2**20]
    bandwidth = machine["triad_GB_per_s"][fits[0] if fits else "memory"]
    return {
        "bytes": moved,
        "flops": flops,
        "one_pass_s": moved / bandwidth * 1e-9,
        "arithmetic_s": flops / machine["Gflop_per_s"][precision] * 1e-9,
    }
