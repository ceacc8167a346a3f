"""Kills a sweep again and again: its driver or one of its workers, at random times.

``python tests/experiment/sweeps/crashes.py KILLS [SEED]`` (``make test-crash``). A run that is
killed is begun again with the same command. Nothing may be lost or computed into two records, and
the dataset must be the one of an undisturbed sweep in every value.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psutil
import xarray as xr

import qnu
from qnu.common import netcdf
from qnu.experiment.sweeps import engine
from qnu.experiment.sweeps.records import unpack

SPEC = """
name = "ten"
seed = 3
seeds = 4
group = [
    { count = 6, polarization = [0.199, 0.0, 0.98], omega = 0.1 },
    { count = 4, polarization = [-0.199, 0.0, -0.98], omega = 0.2 },
]
schedule = { kind = "random_pairs", gamma = 0.01, encounters = 2000 }
output = { samples = 3 }
method = [{ kind = "independent" }, { kind = "kinetic" }]
[sweep]
"schedule.gamma" = "logspace(-3, -1, 20)"
"group.1.omega" = [0.1, 0.3]
"""
LONGEST = 300.0


def drive(folder: Path) -> None:
    """A sweep in jobs of a few milliseconds, on two workers from the beginning."""
    engine.SECONDS, engine._TRIAL, engine._START = 0.03, 0.0, 0.0
    qnu.experiment.sweep(qnu.experiment.parse(SPEC), workers=2, output=folder)


def begin(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "--drive", str(folder)])


def check(folder: Path, wanted: xr.Dataset) -> None:
    """Nothing is lost, nothing is there twice, every value is the one of the undisturbed sweep."""
    found: Counter[tuple[str, int]] = Counter()
    for path in (folder / "records").glob("*.record"):
        for sheet in unpack(path.read_bytes()):
            found.update((name, seed) for name in sheet.points for seed in sheet.seeds)
    assert len(found) == 40 * 4, len(found)
    assert max(found.values()) == 1
    assert not list((folder / "records").glob("*.damaged"))
    result = netcdf.load(folder / "sweep.nc")
    assert result.drop_vars("wall_time_s").identical(wanted.drop_vars("wall_time_s"))


def survive(kills: int, seed: int, folder: Path, wanted: xr.Dataset) -> Counter[str]:
    """So many kills; who was killed."""
    rng, killed = random.Random(seed), Counter[str]()
    number = 0
    place = folder / "0"
    while killed.total() < kills:
        driver = begin(place)
        workers: list[psutil.Process] = []
        while driver.poll() is None and killed.total() < kills:
            time.sleep(rng.uniform(0.1, 4.0))
            who = rng.choice(["driver", "worker"])
            try:
                workers = [
                    child
                    for child in psutil.Process(driver.pid).children(recursive=True)
                    if "spawn_main" in " ".join(child.cmdline())
                ]
                if driver.poll() is not None or (who == "worker" and not workers):
                    continue
                (psutil.Process(driver.pid) if who == "driver" else rng.choice(workers)).kill()
            except psutil.NoSuchProcess:
                continue
            killed[who] += 1
            if who == "driver":
                driver.wait()
        if driver.wait(LONGEST) == 0:
            check(place, wanted)
            number += 1
            place = folder / str(number)
        gone, alive = psutil.wait_procs(workers, timeout=30)
        del gone
        assert not alive, "workers outlive their driver"
    assert begin(place).wait(LONGEST) == 0
    check(place, wanted)
    return killed


def main(kills: int, seed: int) -> None:
    wanted = qnu.experiment.sweep(qnu.experiment.parse(SPEC), workers=1)
    with tempfile.TemporaryDirectory() as folder:
        killed = survive(kills, seed, Path(folder), wanted)
    print(
        f"killed: {killed['driver']} drivers, {killed['worker']} workers; nothing lost or doubled"
    )


if __name__ == "__main__":
    if sys.argv[1] == "--drive":
        drive(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
