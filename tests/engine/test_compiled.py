"""Loops compiled for one thread and for many: each process gets the version it asks for, and where
threads would end it or wait for ever, one thread does all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from qnu.engine.sector import sums
from qnu.engine.statevector import bloch_vectors, pairs

LOOP = """
import numba
import numpy as np
from qnu.engine.compiled import serial_and_threads

def add(a):
    total = 0.0
    for i in numba.prange(a.size):
        total += a[i]
    return total

for version in serial_and_threads(add)[::{step}]:
    assert version(np.ones(10)) == 10
    print(sum(version.stats.cache_hits.values()))
"""


def test_sums_that_may_be_reordered_become_part_of_the_loops_that_call_them() -> None:
    # or a process that compiles them and one that loads them would give other last bits
    kernels = {
        f"{module.__name__}.{name}": value.targetoptions
        for module in (bloch_vectors, pairs, sums)
        for name, value in vars(module).items()
        if hasattr(value, "targetoptions")
    }
    quick = {name for name, options in kernels.items() if options.get("fastmath")}
    assert len(quick) >= 6
    between = {"qnu.engine.statevector.bloch_vectors._bits"}
    assert [name for name in quick | between if not kernels[name].get("forceinline")] == []


@pytest.mark.parametrize("step", [1, -1])
def test_each_version_is_filed_by_itself(tmp_path: Path, step) -> None:
    script = tmp_path / "loop.py"
    script.write_text(LOOP.format(step=step), encoding="utf-8")
    own = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    for hits in ("0", "1"):
        done = subprocess.run(
            [sys.executable, script], env=own, capture_output=True, text=True, check=True
        )
        assert done.stdout.split() == [hits, hits]
    assert len(list((tmp_path / "cache").rglob("*.nbc"))) == 2


SWEEP = """
import multiprocessing, sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import qnu

N = 16
gas = qnu.NeutrinoGas([[0.6, 0, 0.8]] * N, omega=np.linspace(0.1, 1, N))

def job(gamma):
    schedule = qnu.schedules.tournament(gas, gamma=gamma)
    run = qnu.solvers.many_body(gas, schedule, observables=["entropy"])
    circuit = qnu.quantum.circuit(gas, schedule)
    value = qnu.quantum.QnuEstimator().run([(circuit, "Z" * N)]).result()[0].data.evs
    return run.polarization.tobytes(), run["entropy"].values.tobytes(), float(value)

if __name__ == "__main__":
    values = [0.3, 0.1, 0.2, 0.4]
    if {first}:
        wanted = [job(x) for x in values]
    if {threads}:
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(job, values))
    else:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            found = pool.map(job, values)
    if not {first}:
        wanted = [job(x) for x in values]
    print(found == wanted)
"""


@pytest.mark.parametrize(
    ("threads", "first", "layer"),
    [
        (True, True, "default"),
        (False, True, "default"),
        (True, False, "workqueue"),
        (False, True, "workqueue"),
        (False, False, "default"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child by fork")
def test_sweeps_in_threads_and_in_forked_processes(tmp_path, threads, first, layer) -> None:
    script = tmp_path / "sweep.py"
    script.write_text(SWEEP.format(first=first, threads=threads), encoding="utf-8")
    # two threads even on one core
    own = os.environ | {"NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, script], env=own, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.split() == ["True"], done.stderr
