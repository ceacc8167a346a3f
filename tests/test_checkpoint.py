"""A run that is stopped anywhere goes on and ends with the same bits."""

import os
import random
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest

import qnu
from qnu import Checkpoint, QnuError, solvers, testing
from qnu.engine.statevector import fused
from qnu.errors import QnuWarning

from .conftest import hears_interrupts

COMMAND = [sys.executable, "-m", "qnu"]


class Stop(Exception):  # noqa: N818  # no error, an order
    """Stands for whatever ends a process."""


def stop_after(calls: int):
    """A progress callback that ends the run."""
    seen = []

    def progress(fraction: float) -> None:
        seen.append(fraction)
        if len(seen) == calls:
            raise Stop

    return progress


tilted = partial(testing.random_gas, seed=0, velocities="right-angle", mixing_angle=0.2)


def flavors(count: int) -> qnu.NeutrinoGas:
    z = np.where(np.arange(count) % 2, 1.0, -1.0)
    return qnu.NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), np.linspace(0.1, 0.4, count))


def ramp(t):
    return 0.2 + 0.1 * t


def many_gates(gas: qnu.NeutrinoGas, **settings) -> qnu.EncounterSchedule:
    return qnu.schedules.random_pairs(gas, 0.3, encounters=400, seed=1, **settings)


CASES = {
    "vacuum": (
        lambda: (gas := tilted(10), many_gates(gas)),
        solvers.many_body,
        {"observables": ["pair_concurrence", "entropy"]},
    ),
    "matter": (
        lambda: (gas := tilted(9), many_gates(gas, matter=0.3)),
        solvers.many_body,
        {"precision": "single"},
    ),
    "sector": (lambda: (gas := flavors(12), many_gates(gas)), solvers.many_body, {}),
    "matter and streaming": (
        lambda: (
            gas := tilted(8),
            qnu.schedules.stochastic(gas, 0.05, 0.2, 4.0, vacuum="inside", matter=ramp, seed=1),
        ),
        solvers.many_body,
        {"observables": ["half_chain_entropy"]},
    ),
    "streaming": (
        lambda: (gas := tilted(9), qnu.schedules.stochastic(gas, 0.05, 0.2, 8.0, seed=1)),
        solvers.many_body,
        {},
    ),
    "trotter": (
        lambda: (gas := tilted(7), qnu.schedules.plane_wave(gas, 2.0, steps=10, order=2)),
        solvers.many_body,
        {},
    ),
    "independent": (
        lambda: (
            gas := tilted(60),
            qnu.schedules.stochastic(gas, 0.01, 0.2, duration=100.0, seed=1),
        ),
        solvers.independent,
        {},
    ),
    "independent in matter": (
        lambda: (gas := tilted(20), many_gates(gas, matter=0.3)),
        solvers.independent,
        {},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_stopped_at_every_occasion(case, tmp_path, monkeypatch) -> None:
    from qnu.solvers import _evolution

    # small pieces: many occasions to stop at, in the middle of passes and runs too
    monkeypatch.setattr(_evolution, "_GATES_AT_ONCE", 37)
    monkeypatch.setattr(fused, "_BLOCK", 1 << 12)
    monkeypatch.setattr(sys.modules["qnu.solvers.independent"], "_AT_ONCE", 5003)
    make, solve, options = CASES[case]
    gas, schedule = make()
    times = schedule.final_time * np.linspace(0, 1, 6)
    if schedule.kind == "plane_wave":
        times = schedule.final_time * np.array([0, 0.5, 1])
    whole = solve(gas, schedule, times, **options)
    options = dict(options)
    file = tmp_path / "run.checkpoint"
    stops, answer = 0, None
    while answer is None:
        try:
            with Checkpoint(file, every=0) as checkpoint:
                options |= {"progress": stop_after(3 + stops % 4), "checkpoint": checkpoint}
                answer = solve(gas, schedule, times, **options)
        except Stop:
            stops += 1
            assert file.exists()
            assert stops < 200
    assert stops >= 2
    for name in whole.dataset.data_vars:
        assert (answer[name].values == whole[name].values).all(), name
    assert not list(tmp_path.iterdir())  # a run that ended well leaves nothing


@pytest.mark.parametrize("solve", [solvers.many_body, solvers.independent])
def test_nothing_is_computed_after_the_last_sample(solve, tmp_path, monkeypatch) -> None:
    from qnu.solvers import _evolution

    monkeypatch.setattr(_evolution, "_GATES_AT_ONCE", 37)
    monkeypatch.setattr(sys.modules["qnu.solvers.independent"], "_AT_ONCE", 37)
    gas = tilted(6)
    schedule = many_gates(gas)
    early = [0.0, schedule.final_time / 4]
    seen: list[float] = []
    whole = solve(gas, schedule, early, progress=seen.append)
    assert seen[-1] == pytest.approx(0.25, abs=0.1)
    # stopped at the last occasion there is, and gone on from it
    with pytest.raises(Stop), Checkpoint(tmp_path / "c", every=0) as checkpoint:
        solve(gas, schedule, early, progress=stop_after(len(seen)), checkpoint=checkpoint)
    with Checkpoint(tmp_path / "c", every=0) as checkpoint:
        again = solve(gas, schedule, early, checkpoint=checkpoint)
    assert (again.polarization == whole.polarization).all()


def test_a_final_state_goes_on_too(tmp_path, monkeypatch) -> None:
    from qnu.solvers import _evolution

    monkeypatch.setattr(_evolution, "_GATES_AT_ONCE", 37)
    gas = tilted(9)
    schedule = many_gates(gas, matter=0.3)
    whole = solvers.final_state(gas, schedule).state.amplitudes
    with pytest.raises(Stop), Checkpoint(tmp_path / "c", every=0) as checkpoint:
        solvers.final_state(gas, schedule, progress=stop_after(5), checkpoint=checkpoint)
    with Checkpoint(tmp_path / "c", every=0) as checkpoint:
        state = solvers.final_state(gas, schedule, checkpoint=checkpoint)
    assert (state.state.amplitudes == whole).all()


def test_where_rows_come_from_makes_no_difference(tmp_path, monkeypatch) -> None:
    # a schedule of several blocks, read as it is made at first and as a table after that
    from qnu.schedules import rows
    from qnu.solvers import _evolution

    monkeypatch.setattr(rows, "BLOCK", 100)
    monkeypatch.setattr(rows, "PART", 30)
    monkeypatch.setattr(_evolution, "_GATES_AT_ONCE", 37)
    gas = tilted(7)
    schedule = many_gates(gas)
    times = schedule.equally_spaced(5)
    with pytest.raises(Stop), Checkpoint(tmp_path / "c", every=0) as checkpoint:
        solvers.many_body(gas, schedule, times, progress=stop_after(9), checkpoint=checkpoint)
    again = many_gates(gas)
    assert len(again.first) == len(again)
    with Checkpoint(tmp_path / "c", every=0) as checkpoint:
        found = solvers.many_body(gas, again, times, checkpoint=checkpoint)
    with Checkpoint(tmp_path / "d", every=0) as checkpoint:
        whole = solvers.many_body(gas, many_gates(gas), times, checkpoint=checkpoint)
    assert (found.polarization == whole.polarization).all()


def test_one_file_serves_one_calculation(tmp_path) -> None:
    gas = tilted(4)
    with Checkpoint(tmp_path / "c", every=10) as checkpoint:
        solvers.many_body(gas, many_gates(gas), checkpoint=checkpoint)
        with pytest.raises(QnuError, match="allowed: one file for one calculation"):
            solvers.independent(gas, many_gates(gas), checkpoint=checkpoint)


def test_a_full_disk_does_not_end_a_run(tmp_path, monkeypatch) -> None:
    checkpoint = Checkpoint(tmp_path / "c", every=0)
    checkpoint.save("key", {"n": 1}, {"state": np.arange(3.0)})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.warns(QnuWarning, match="No space left on device.*the last one is kept"):
        checkpoint.save("key", {"n": 2}, {"state": np.arange(3.0)})
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    saved = Checkpoint(tmp_path / "c").saved("key")
    assert saved is not None
    assert saved.position == {"n": 1}
    monkeypatch.setattr(os, "replace", full)
    first = Checkpoint(tmp_path / "new")
    with pytest.raises(QnuError, match="a place that can be written and has room"):
        first.save("key", {}, {})


def test_leftovers_of_a_killed_write_are_cleared(tmp_path) -> None:
    (tmp_path / ".c.partial").write_bytes(b"half")
    Checkpoint(tmp_path / "c")
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_before_it_is_due(tmp_path) -> None:
    gas = tilted(4)
    with Checkpoint(tmp_path / "c", every=10) as checkpoint:
        solvers.many_body(gas, many_gates(gas), checkpoint=checkpoint)
        assert not list(tmp_path.iterdir())


def interrupted(file: Path, gas: qnu.NeutrinoGas, schedule: qnu.EncounterSchedule) -> None:
    times = schedule.equally_spaced(9)
    with pytest.raises(Stop), Checkpoint(file, every=0) as checkpoint:
        solvers.many_body(gas, schedule, times, progress=stop_after(3), checkpoint=checkpoint)


@pytest.mark.parametrize("other", ["gas", "schedule", "times", "precision"])
def test_the_checkpoint_of_another_run_is_refused(other, tmp_path) -> None:
    gas = tilted(5)
    schedule = many_gates(gas)
    interrupted(tmp_path / "c", gas, schedule)
    before = (tmp_path / "c").read_bytes()
    times, options = schedule.equally_spaced(9), {}
    if other == "gas":
        gas = tilted(5, seed=9)
    elif other == "schedule":
        schedule = qnu.schedules.random_pairs(gas, 0.3, encounters=400, seed=2)
    elif other == "times":
        times = schedule.equally_spaced(8)
    else:
        options = {"precision": "single"}
    with (
        pytest.raises(QnuError, match=r"checkpoint: got .*; allowed: the checkpoint of this very"),
        Checkpoint(tmp_path / "c") as checkpoint,
    ):
        solvers.many_body(gas, schedule, times, checkpoint=checkpoint, **options)
    assert (tmp_path / "c").read_bytes() == before


def test_files_that_are_none(tmp_path) -> None:
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with h5py.File(tmp_path / "hdf5", "w"):
        pass
    for name, message in (("text", "written by --checkpoint"), ("hdf5", "an earlier version")):
        with pytest.raises(QnuError, match=message):
            Checkpoint(tmp_path / name)
    for path in (tmp_path, tmp_path / "no" / "folder"):
        with pytest.raises(QnuError, match="a file in a folder that exists"):
            Checkpoint(path)
    with pytest.raises(QnuError, match="every: got -1"):
        Checkpoint(tmp_path / "new", every=-1)


SPEC = """
name = "killed"
seed = 3
mixing_angle = 0.1
group = [{ count = 9, flavor = "electron", omega = 0.1 }, { count = 8, flavor = "x", omega = 0.2 }]
schedule = { kind = "random_pairs", gamma = 0.05, encounters = 9000 }
output = { samples = 7 }
[[method]]
kind = "independent"
[[method]]
kind = "many_body"
precision = "single"
"""


def values(folder: Path) -> dict[str, np.ndarray]:
    return {
        path.stem: qnu.Trajectory.load(path).polarization
        for path in (folder / "trajectories").glob("*.nc")
    }


@pytest.mark.posix("kills with a signal")
def test_killed_and_started_again_from_the_command_line(tmp_path) -> None:
    (tmp_path / "killed.toml").write_text(SPEC, encoding="utf-8")
    command = [*COMMAND, "run", "killed.toml", "--quiet"]
    subprocess.run([*command, "-o", "whole"], cwd=tmp_path, check=True, timeout=120)
    again = [*command, "-o", "parts", "--checkpoint", "file", "--every", "0.002"]
    file, rng, kills = tmp_path / "file", random.Random(1), 0
    while True:
        process = subprocess.Popen(again, cwd=tmp_path)
        if kills < 3:
            stamp = file.stat().st_mtime_ns if file.exists() else 0
            while process.poll() is None:  # killed some time after it has come further
                if file.exists() and file.stat().st_mtime_ns > stamp:
                    time.sleep(rng.random() / 4)
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.01)
        if process.wait(timeout=120) == 0:
            break
        assert file.exists()
    assert kills >= 1
    whole, parts = values(tmp_path / "whole"), values(tmp_path / "parts")
    assert whole.keys() == parts.keys() == {"independent", "many_body"}
    for label in whole:
        assert (whole[label] == parts[label]).all(), label
    assert not file.exists()
    leftovers = [path.name for path in tmp_path.iterdir() if path.name.startswith(".file")]
    assert not leftovers


@pytest.mark.posix("sends signals")
@pytest.mark.parametrize(
    ("order", "word", "code"),
    [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)],
)
def test_orders_to_stop_end_cleanly_and_keep_the_checkpoint(order, word, code, tmp_path) -> None:
    (tmp_path / "long.toml").write_text(
        SPEC.replace("9000", "3000000").replace("9,", "12,"), encoding="utf-8"
    )
    command = [*COMMAND, "run", "long.toml", "-o", "out", "--checkpoint", "file", "--every", "0.01"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hears_interrupts,
    )
    while not (tmp_path / "file").exists():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(order)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == code
    last = errors.strip().splitlines()[-1]
    assert last.startswith(f"qnu: {word}; ")
    assert "file is kept: the same command goes on from it" in last
    assert "Traceback" not in errors
    assert sorted(os.listdir(tmp_path)) == ["file", "long.toml"]


def test_another_experiment_is_refused_and_options_are_checked(tmp_path, capsys) -> None:
    from qnu.cli import main

    gas = tilted(5)
    interrupted(tmp_path / "c", gas, many_gates(gas))
    for arguments, message in (
        (["--checkpoint", str(tmp_path / "c")], "allowed: the checkpoint of this very run"),
        (["--checkpoint", str(tmp_path)], "allowed: a file in a folder that exists"),
        (["--checkpoint", str(tmp_path / "n"), "--every", "soon"], "allowed: a number of minutes"),
        (["--every", "5"], "allowed: only together with --checkpoint FILE"),
    ):
        with pytest.raises(SystemExit) as end:
            main(["run", "free_streaming_5", "-o", str(tmp_path / "out"), *arguments])
        assert end.value.code == 2
        assert message in " ".join(capsys.readouterr().err.split())
        assert not (tmp_path / "out").exists()
