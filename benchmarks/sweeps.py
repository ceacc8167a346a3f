"""What a sweep adds to the physics: by short point, by two cores, and when all is put together.

``python -m benchmarks.sweeps`` prints three measurements. Processor time is beside wall time, since
others may be using the machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import qnu
from qnu.common import netcdf
from qnu.experiment.loading import built
from qnu.experiment.sweeps import dataset, engine, plan
from qnu.experiment.sweeps.point import Block
from qnu.experiment.sweeps.records import Records, pack

TEXT = """
name = "ten"
seed = 1
group = [
    {{ count = 6, polarization = [0.199, 0.0, 0.98], omega = 0.1 }},
    {{ count = 4, polarization = [-0.199, 0.0, -0.98], omega = 0.2 }},
]
schedule = {{ kind = "random_pairs", gamma = 0.01, encounters = {encounters} }}
output = {{ samples = 2 }}
method = [{{ kind = "independent" }}]
"""


def short_points(points: int = 1000) -> dict[str, float]:
    """Milliseconds of each of many short points, in this process: in all, and of the physics.

    The physics is what `qnu.solvers.independent` takes, with the making of gas and schedule.
    """
    experiment = qnu.experiment.parse(TEXT.format(encounters=1000))
    values = {"schedule.gamma": f"linspace(0.01, 0.1, {points})"}
    qnu.experiment.sweep(experiment, {"schedule.gamma": [0.1, 0.2]}, workers=1)  # loads the loops
    cpu, wall = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        qnu.experiment.sweep(experiment, values, workers=1, output=folder)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    own = time.process_time()
    for gamma in np.linspace(0.01, 0.1, points):
        schedule = experiment.spec.schedule.model_copy(update={"gamma": float(gamma)})
        made = built(experiment.spec.model_copy(update={"schedule": schedule}))
        qnu.solvers.independent(made.gas, made.schedule)
    own = time.process_time() - own
    scale = 1000 / points
    return {
        "points": points,
        "ms of processor time per point": round(cpu * scale, 2),
        "ms beyond the physics": round((cpu - own) * scale, 2),
        "ms of wall time per point": round(wall * scale, 2),
    }


def consolidation(points: int = 100_000, each: int = 500) -> dict[str, float]:
    """Seconds to put 10^5 points of one number each together, from records as workers write them.

    Also where every point has a record of its own.
    """
    experiment = qnu.experiment.parse(TEXT.format(encounters=1000))
    values = {"schedule.gamma": f"linspace(0.01, 0.1, {points})"}
    began = time.perf_counter()
    made = plan.make(experiment, values)
    found = {"points": points, "s to check and name all points": time.perf_counter() - began}
    for name, size in ((f"s, {each} points in a record", each), ("s, one point in a record", 1)):
        with tempfile.TemporaryDirectory() as folder:
            records = Records(Path(folder))
            for begin in range(0, points, size):
                hashes = made.frame.hashes[begin : begin + size]
                record, content = pack([_number(name) for name in hashes])
                (Path(folder) / f"{record}.record").write_bytes(content)  # as whole as before
            began = time.perf_counter()
            whole = dataset.consolidated(made.frame, records.sheets())
            netcdf.save(whole, Path(folder) / "sweep.nc")
            found[name] = time.perf_counter() - began
    return {key: round(value, 1) for key, value in found.items()}


def _number(point: str) -> Block:
    """A point whose only value is one length."""
    arrays = {
        "independent/length": np.full((1, 1, 2), 0.5),
        "independent/time": np.zeros(1),
        "final_time": np.array(1.0),
    }
    return Block(point, (1,), True, ("independent",), arrays)


def speed_up(seconds: float = 1.0, points: int = 120) -> dict[str, Any]:
    """How much faster two processes are than one, for points of a second or more."""
    experiment = qnu.experiment.parse(TEXT.format(encounters=1_000_000))
    for _ in range(2):  # the first loads the loops
        (one,) = qnu.experiment.sweep(experiment, workers=1).wall_time_s.values.tolist()
    encounters = int(1e6 * seconds / one)
    experiment = qnu.experiment.parse(TEXT.format(encounters=encounters))
    values = {"schedule.gamma": f"linspace(0.01, 0.02, {points})"}
    found: dict[str, Any] = {"points": points, "encounters of each": encounters}
    for workers in (1, 2):
        # two processes from the beginning, and the time that they take to begin counts
        engine._TRIAL = engine._START = 0.0
        began, cpu = time.perf_counter(), _processor_time()
        qnu.experiment.sweep(experiment, values, workers=workers)
        name = f"{workers} process{'es' * (workers > 1)}"
        found[f"s, {name}"] = time.perf_counter() - began
        found[f"s of processor time, {name}"] = _processor_time() - cpu
    one, two = found["s, 1 process"], found["s, 2 processes"]
    found["speed-up"] = one / two
    busy = found["s of processor time, 2 processes"]
    found["speed-up that the processor time allows"] = (
        2 * found["s of processor time, 1 process"] / busy
    )
    return {key: round(value, 2) for key, value in found.items()}


def _processor_time() -> float:
    """Of this process and of those that it began and that have ended."""
    parts = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


MEASURED = {"short": short_points, "consolidation": consolidation, "speed-up": speed_up}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("which", nargs="*", choices=[*MEASURED, []], default=[])
    for name in parser.parse_args().which or MEASURED:
        print(name, json.dumps(MEASURED[name]()), flush=True)


if __name__ == "__main__":
    main()
