"""The tests of what depends on the processor, as other processors would run it.

``python tests/portable.py`` (``make test-portable``) runs them in subprocesses: with every kind of
OpenBLAS kernels that this processor can execute, with NumPy without its newest features, and with
everything for a processor that has nothing but the baseline. ``--probe`` prints what must be the
same everywhere: routes, hashes, circuits.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
#: Byte-for-byte files, decompositions, routes, hashes, and compiled loops against slow twins.
TESTS = (
    "tests/experiment/test_catalogue_files.py",
    "tests/test_encounter.py",
    "tests/test_gas.py",
    "tests/solvers/test_light_cone.py",
    "tests/solvers/test_collective.py",
    "tests/solvers/test_phase_space.py",
    "tests/solvers/test_packet_rates.py",
    "tests/observables",
    "tests/test_physics.py",
    "tests/schedules/test_schedules.py",
    "tests/schedules/test_wave_packets.py",
    "tests/engine",
    "tests/quantum/measure/test_pairs.py",
    "tests/quantum/circuits/test_circuits.py",
    "tests/quantum/circuits/test_digits.py",
    "tests/quantum/circuits/test_gate.py",
    "tests/quantum/circuits/test_qasm.py",
    "tests/quantum/compile/routing",
)
#: Kinds of OpenBLAS kernels, and the features of NumPy's list that a processor needs for them.
KERNELS = {
    "x86_64": {
        "Core2": (),
        "Nehalem": ("SSE42",),
        "Sandybridge": ("AVX",),
        "Haswell": ("AVX2", "FMA3"),
        "Zen": ("AVX2", "FMA3"),
        "SkylakeX": ("AVX512_SKX",),
    },
    "aarch64": {"ARMV8": (), "NEOVERSEN1": ("ASIMDDP",)},
}
#: What the mathematical library of Linux must not use.
_NO_MATH = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-FMA4,-AVX"


def machine() -> str:
    name = platform.machine().lower()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def features() -> tuple[list[str], dict[str, bool]]:
    """What NumPy chooses between at run time, by its own names, and what this processor has."""
    from numpy._core import _multiarray_umath as core

    return list(core.__cpu_dispatch__), dict(core.__cpu_features__)


def kernels() -> list[str]:
    """The kinds that this processor can execute."""
    _, here = features()
    kinds = KERNELS.get(machine(), {})
    return [name for name, need in kinds.items() if all(here.get(x, False) for x in need)]


def numpy_without(*begins: str) -> dict[str, str]:
    """NumPy without the features of this processor whose names begin so ("" for all of them)."""
    chosen, here = features()
    names = [name for name in chosen if here.get(name) and name.startswith(begins)]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(names)} if names else {}


def baseline(cache: Path) -> dict[str, str]:
    """Everything for the oldest processor of this kind; its compiled loops are kept apart."""
    oldest = kernels()[:1]
    return {
        **numpy_without(""),
        **({"OPENBLAS_CORETYPE": oldest[0]} if oldest else {}),
        **({"GLIBC_TUNABLES": _NO_MATH} if machine() == "x86_64" else {}),
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(cache),
    }


def environments(cache: Path) -> dict[str, dict[str, str]]:
    """By name, what each differs in from the one of this process."""
    newest = numpy_without("AVX512", "X86_V4", "SVE", "SME")
    return {
        "as it is": {},
        **({"NumPy without its newest features": newest} if newest else {}),
        **{f"OpenBLAS for {name}": {"OPENBLAS_CORETYPE": name} for name in kernels()},
        "the baseline": baseline(cache),
    }


def clean() -> dict[str, str]:
    """The environment of this process without choices of a processor."""
    chosen = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in chosen and not name.startswith("NUMBA_")
    }


def probe() -> dict[str, Any]:
    """Routes and hashes, which must be the same; angles, which may differ in the last digit."""
    import hashlib

    import numpy as np

    import qnu
    from qnu import experiment
    from qnu.experiment import catalogue_files
    from qnu.quantum.compile.routing import paths
    from qnu.quantum.compile.routing.device import DeviceGraph
    from qnu.quantum.compile.routing.planning import plan_route
    from qnu.quantum.compile.routing.plans import RoutingOptions
    from qnu.quantum.compile.routing.search import search

    rng = np.random.default_rng(7)
    side = 5
    links = [(side * a + b, side * a + b + 1) for a in range(side) for b in range(side - 1)]
    links += [(side * a + b, side * a + b + side) for a in range(side - 1) for b in range(side)]
    error = rng.choice([0.004, 0.006, 0.01], len(links))
    device = DeviceGraph.of(side**2, links, error=error, readout=0.01)
    # drawn such that weights with an error in the last digit lead to another route
    rng.random(300)
    few, many = (
        np.array([rng.choice(n, 2, replace=False) for _ in range(m)])
        for n, m in ((10, 40), (14, 91))
    )
    found = [
        search(device, many, seed=0, effort=1),
        plan_route(device, few[:20], 10, options=RoutingOptions(effort=1)).route,
    ]
    routes = [[one.sites.tolist(), one.steps.tolist()] for one in found]
    routes += [paths.best_path(device, n, beam=beam).tolist() for n, beam in ((9, 40), (16, 8000))]
    routes.append(paths.best_ring(device, 12).tolist())
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(6, flavor="electron", omega=0.1), qnu.Group(4, flavor="x", omega=0.2)],
        velocities="isotropic",
        mixing_angle=0.1,
        seed=1,
    )
    schedule = qnu.schedules.stochastic(gas, gamma=0.1, probability=0.3, duration=20.0, seed=3)
    hashes = [
        hashlib.sha256(part.tobytes()).hexdigest() for part in (schedule.first, schedule.second)
    ]
    matter = experiment.load("matter_6")
    text = catalogue_files.program(matter, catalogue_files.sample_times(matter))
    return {"routes": routes, "hashes": hashes, "circuit": text}


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory() as cache:
        for name, own in environments(Path(cache)).items():
            began = time.perf_counter()
            print(f"{name}: {' '.join(f'{k}={v}' for k, v in own.items())}", flush=True)
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", *TESTS],
                cwd=ROOT,
                env=clean() | {"OPENBLAS_NUM_THREADS": "1"} | own,
                capture_output=True,
                text=True,
            )
            lines = done.stdout.splitlines()
            print(f"  {lines[-1] if lines else done.stderr} ({time.perf_counter() - began:.0f} s)")
            if done.returncode:
                failed.append(name)
                print("\n".join(line for line in lines if line.startswith(("FAILED", "ERROR"))))
    print(f"failed: {', '.join(failed)}" if failed else "the same on every processor")
    return bool(failed)


if __name__ == "__main__":
    if sys.argv[1:] == ["--probe"]:
        print(json.dumps(probe()))
    else:
        sys.exit(main())
