"""Kills the sending and fetching of a job at every step of it, and finishes the work each time.

Run as a program: ``python crashes.py FOLDER SLOW [every-line] [split]``; ``split``: a job that is
sent as two. Each try is a process of its own
(a fork), ended by SIGKILL at its n-th line; another process then does what a user would do. Lines
between which nothing on disk changes are alike to whoever comes later: of each such run of lines
the first is taken, or with ``every-line`` all are. Prints one line of JSON.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import shutil
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import qnu
from qnu.quantum import jobs
from qnu.quantum.jobs import _database, lookup, output, records, runner, store

sys.path.insert(0, str(Path(__file__).parent))
import fake_service

WATCHED = {
    str(module.__file__)
    for module in (runner, lookup, output, store, records, fake_service, _database)
}


def intent(folder: Path, split: bool) -> jobs.Intent:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
    schedule = qnu.schedules.tournament(gas, gamma=0.4)
    machine = fake_service.MACHINE
    if split:  # the six circuits in two jobs
        machine = machine.model_copy(update={"execution": qnu.quantum.Execution(max_circuits=3)})
    return jobs.draft(gas, schedule, machine, seed=5, folder=folder).intent


def runner_of(folder: Path, slow: int) -> jobs.JobRunner:
    service = fake_service.FakeService(folder / "service", slow)
    return jobs.JobRunner(jobs.Store(folder / "home"), service, sleep=lambda _: None)


def traced(at_line: Callable[[int], None]) -> Callable[..., Any]:
    """A trace function that counts the lines of the watched files."""
    seen = -1

    def lines(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen
        if event == "line":
            seen += 1
            at_line(seen)
        return lines

    def calls(frame: FrameType, event: str, _: Any) -> Any:
        return lines if frame.f_code.co_filename in WATCHED else None

    return calls


def on_disk(place: Path) -> Any:
    """All that a later process can read."""
    files = []
    for path in sorted(place.rglob("*")):
        # files of SQLite are left alone: closing one would let go of the locks of this process
        if (
            path.is_file()
            and path.parent.name not in ("home", "locks")
            and "calls" not in path.name
        ):
            files.append((path.name, path.read_bytes()))
    rows: list[Any] = []
    if (place / "home" / "jobs.sqlite").exists():
        with contextlib.closing(sqlite3.connect(place / "home" / "jobs.sqlite", timeout=0)) as db:
            for table in ("jobs", "payloads"):
                with contextlib.suppress(sqlite3.Error):  # not there yet, or being made
                    rows += db.execute(f"SELECT * FROM {table}").fetchall()
    return files, rows


def in_a_process(work: Callable[[], None]) -> bool:
    """Whether it ended by itself; an exception in it ends everything."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    if os.WEXITSTATUS(status):
        sys.exit("a process failed")
    return True


def main(place: Path, slow: int, every_line: bool, split: bool) -> None:
    place.mkdir()
    work = intent(place, split)
    service = fake_service.FakeService(place / "service", slow)
    for part in work.parts or (work,):
        circuits = fake_service.unpack_circuits(part.programs)
        service.computed(jobs.Work(circuits, part.recipe, part.seed))  # children inherit it

    def run(at_line: Callable[[int], None]) -> Path:
        there = runner_of(place, slow)
        sys.settrace(traced(at_line))
        record = there.send(work)
        there.status(record.id)
        path = there.fetch(record.id)
        sys.settrace(None)
        return path

    def look() -> None:
        """The whole way once, undisturbed: where the disk changes, and the result."""
        points: list[int] = []
        before: list[Any] = [None]

        def at_line(line: int) -> None:
            now = on_disk(place)
            if every_line or now != before[0]:
                points.append(line)
                before[0] = now

        found = qnu.Trajectory.load(run(at_line)).polarization
        np.save(place / "reference.npy", found)
        (place / "points.json").write_text(json.dumps(points), encoding="utf-8")

    def victim(number: int) -> None:
        def at_line(line: int) -> None:
            if line == number:
                os.kill(os.getpid(), signal.SIGKILL)

        run(at_line)

    def user(number: int) -> None:
        there = runner_of(place, slow)
        known = there.store.all()
        if not known:
            assert not service.received, "sent before it was recorded"
            return
        (record,) = known
        if number % 2:
            there.status(record.id)
        there.deliver(record.id)
        first, second = there.fetch(record.id), there.fetch(record.id)
        assert first == second
        assert len(service.received) == max(len(work.parts), 1), "sent twice"
        record = there.store.find(record.id)
        assert record.state == "fetched"
        assert sorted(str(record.service_job).split()) == service.received
        found = qnu.Trajectory.load(first).polarization
        assert (found == np.load(place / "reference.npy")).all()
        assert not list(place.glob(".*.partial"))

    def clean() -> None:
        for name in ("home", "service"):
            shutil.rmtree(place / name, ignore_errors=True)
        for path in place.glob("*.nc"):
            path.unlink()
        (place / "service").mkdir()

    clean()
    look()  # here, not in a process of its own: what it imports, the others need not
    gc.freeze()  # what is never collected need not be copied for every process
    points = json.loads((place / "points.json").read_text(encoding="utf-8"))
    for number in points:
        clean()
        assert not in_a_process(partial(victim, number))
        assert in_a_process(partial(user, number))
    print(json.dumps({"killed": len(points), "lines": points[-1]}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "every-line" in sys.argv[3:], "split" in sys.argv[3:])
