"""A run on a device in one go: prepare, submit, wait, read."""

from __future__ import annotations

import time as clock
from collections.abc import Sequence

from numpy.typing import ArrayLike

from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...trajectory import Trajectory
from ..machines import DeviceMachine
from . import prepare
from .statistics import Told


def run(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: DeviceMachine,
    times: ArrayLike | None,
    shots: int | None,
    observables: Sequence[str],
    seed: int,
    told: Told,
) -> Trajectory:
    """The three steps of :mod:`qnu.quantum.requests`, one after the other."""
    started = clock.perf_counter()
    circuits, recipe = prepare.prepare(gas, schedule, machine, times, shots, observables)
    job = prepare.submit(machine, circuits, recipe, seed, told)
    results = job.result()
    ids = [name for name in [job.job_id()] if name]
    found = prepare.read(results, recipe, ids)
    executed = getattr(job, "executed", None)  # only a local job knows what the primitive added
    return found.with_attributes(
        shots_executed=executed, seed=seed, wall_time_s=clock.perf_counter() - started
    )
