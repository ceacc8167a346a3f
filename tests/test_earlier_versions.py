"""Files that version 0.1.0 wrote are read, and runs that it began go on.

They are of this gas and schedule, and of the tournament of gamma = 0.3 for the job.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from qiskit import qpy

import qnu

OLD = Path(__file__).parent / "reference" / "version_0_1_0"
TIMES = np.linspace(0, 6, 7)
GAS = qnu.NeutrinoGas.from_groups(
    [
        qnu.Group(3, polarization=(0.6, 0, 0.8), omega=0.1),
        qnu.Group(3, polarization=(0, 0, -1), omega=0.3),
    ],
    velocities="isotropic",
    seed=5,
)
SCHEDULE = qnu.schedules.stochastic(GAS, gamma=0.1, probability=0.5, duration=6.0, seed=3)


@pytest.mark.parametrize("method", ["many_body", "independent"])
def test_a_run_that_was_interrupted_goes_on(method: str, tmp_path: Path) -> None:
    solve = getattr(qnu.solvers, method)
    shutil.copy(OLD / f"{method}.checkpoint", tmp_path / "c")
    shown: list[float] = []
    with qnu.Checkpoint(tmp_path / "c", every=10) as checkpoint:
        result = solve(GAS, SCHEDULE, TIMES, progress=shown.append, checkpoint=checkpoint)
    assert shown[0] > 0.4  # not from the beginning
    whole = solve(GAS, SCHEDULE, TIMES)
    assert result.polarization == pytest.approx(whole.polarization, abs=1e-12)


def test_a_schedule_and_a_trajectory() -> None:
    assert qnu.EncounterSchedule.load(OLD / "schedule.npz") == SCHEDULE
    old = qnu.Trajectory.load(OLD / "kinetic.nc")
    new = qnu.solvers.kinetic(GAS, TIMES, gamma=0.1, probability=0.5)
    assert old.polarization == pytest.approx(new.polarization, abs=1e-8)
    assert old.attrs["gas_hash"] == new.attrs["gas_hash"]


@pytest.mark.skipif(qpy.common.QPY_VERSION < 18, reason="the job was stored by Qiskit 2.6")
def test_a_job_is_listed_and_fetched(tmp_path: Path) -> None:
    for name in ("jobs.sqlite", "local.sqlite"):
        shutil.copy(OLD / name, tmp_path / name)
    store = qnu.quantum.jobs.Store(tmp_path)
    (job,) = qnu.quantum.jobs.recorded(store)
    assert (job.state, job.backend, job.shots) == ("sent", "fake_torino", 64)
    result = qnu.quantum.jobs.fetch(job.id, tmp_path / "a.nc", store)
    schedule = qnu.schedules.tournament(GAS, gamma=0.3)
    exact = qnu.solvers.many_body(GAS, schedule, [1.5])
    apart = (result.polarization - exact.polarization) / result["polarization_error"].values
    assert np.sqrt((apart**2).mean()) < 2.5  # noise of the device on top of 64 shots
    assert result.attrs["job"] == job.id
