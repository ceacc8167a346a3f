"""The store of jobs: what is in it, who may read it, many processes at once, other formats."""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from qnu import QnuError
from qnu.common.home import home
from qnu.quantum.jobs import Intent, Store
from qnu.quantum.jobs._database import Database

INTENT = Intent(
    name="two groups", label="circuit", hardware="ibm_heron", backend="ibm_torino", neutrinos=4,
    circuits=6, shots=100, seed=2**63 - 1, seconds=2.5, folder="/somewhere", spec="seed = 1\n",
    spec_hash="abc", machine={"provider": "ibm"}, recipe={"format": 1, "qubits": [[3, 4]]},
    attributes={"label": "circuit"}, versions={"qiskit": "2.6.2"}, programs=b"QISKIT\x00\xff",
)  # fmt: skip


def test_an_intent_comes_back_as_it_was(tmp_path: Path) -> None:
    record = Store(tmp_path).record(INTENT)
    again = Store(tmp_path)
    assert again.find(record.id) == record == again.all()[0]
    kept = again.payload(record.id)
    for field in dataclasses.fields(Intent):
        there = record if hasattr(record, field.name) else kept
        assert getattr(there, field.name) == getattr(INTENT, field.name)
    assert (record.state, record.attempted, record.service_job) == ("intended", None, None)
    assert record.tag == f"qnu-{record.tag[4:]}"
    assert record.tag[4:].startswith(record.id)


def test_jobs_are_found_by_their_beginning_and_by_the_name_that_the_service_gave(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    first, second = store.record(INTENT), store.record(INTENT)
    assert first.tag != second.tag
    store.sent(first.id, "d2abc")
    assert store.find("d2abc").id == store.find(first.id[:7]).id == first.id
    assert store.find(second.tag).id == second.id
    for name in ("", "   ", "%", "________", "nobody", None, 3):
        with pytest.raises(QnuError, match=r"^job: got .*; allowed: an id from `qnu jobs`$"):
            store.find(name)  # type: ignore[arg-type]  # what somebody may type
    while len({record.id[0] for record in store.all()}) == len(store.all()):
        store.record(INTENT)
    letter = max("0123456789abcdef", key=[r.id[0] for r in store.all()].count)
    with pytest.raises(QnuError, match="allowed: more letters: "):
        store.find(letter)


def test_states_follow_each_other_and_an_end_is_an_end(tmp_path: Path) -> None:
    store = Store(tmp_path)
    job = store.record(INTENT).id
    store.attempt(job, "here there")
    assert store.find(job).attempted is not None
    assert store.find(job).place == "here there"
    store.refused(job, "no account")
    assert (store.find(job).attempted, store.find(job).detail) == (None, "no account")
    store.sent(job, "d2abc")
    store.set_state(job, "running", "nearly")
    assert (store.find(job).state, store.find(job).detail) == ("running", "nearly")
    assert store.results(job) is None
    store.set_results(job, b"\x00results")
    assert (store.find(job).state, store.results(job)) == ("done", b"\x00results")
    store.fetched(job, tmp_path / "a.nc")
    store.set_state(job, "queued", "an answer that comes late")
    store.sent(job, "another")
    record = store.find(job)
    assert (record.state, record.service_job) == ("fetched", "d2abc")
    assert record.output == str(tmp_path / "a.nc")
    assert record.final


@pytest.mark.posix("permissions of POSIX")
def test_only_the_user_may_look(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "home"
    before = os.umask(0)
    try:
        store = Store(place)
        with store.claim("job"), store._open(write=True) as db:
            db.execute("UPDATE jobs SET detail = ''")
            files = [path for path in place.rglob("*") if path.is_file()]
            assert {"jobs.sqlite", "jobs.sqlite-wal", "job.lock"} <= {path.name for path in files}
            for path in files:
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(TypeError):
        store.record(dataclasses.replace(INTENT, recipe={"no JSON": {1, 2}}))
    with pytest.raises(QnuError, match="NOT NULL"):
        store.record(dataclasses.replace(INTENT, spec=None))  # type: ignore[arg-type]  # as said
    assert store.all() == []


def test_a_file_that_is_none_and_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"not a database at all, but long enough" * 50)
    with pytest.raises(QnuError, match=r"^QNU_HOME: got .*; allowed: a store that is whole"):
        Store(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(QnuError, match=r"^QNU_HOME: got .*; allowed: a folder that can be written"):
        Store(tmp_path / "file" / "home")


def test_older_formats_grow_and_newer_ones_are_left_alone(tmp_path: Path) -> None:
    first = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"
    Database(tmp_path, "old", [first])
    grown = Database(tmp_path, "old", [first, "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 8;"])
    with grown.transaction() as db:
        assert tuple(db.execute("SELECT * FROM a").fetchone()) == (7, 8)
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    content = grown.path.read_bytes()
    with pytest.raises(QnuError, match=r"old\.sqlite of format 2'; allowed: .* a newer qnu"):
        Database(tmp_path, "old", [first])
    assert grown.path.read_bytes() == content
    with pytest.raises(QnuError, match="no such table"):
        half_a_step(grown)
    with grown.transaction() as db:
        assert tuple(db.execute("SELECT x FROM a").fetchone()) == (7,)


def half_a_step(file: Database) -> None:
    with file.transaction(write=True) as db:
        db.execute("UPDATE a SET x = 1")
        db.execute("UPDATE nowhere SET x = 1")


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QNU_HOME", "~/there")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home() == tmp_path / "there"
    monkeypatch.delenv("QNU_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert home() == tmp_path / "data" / "qnu"


AT_ONCE = """
import json, os, signal, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from test_job_store import INTENT
from qnu import QnuError
from qnu.common.home import home
from qnu.quantum.jobs import Store

place = Path(sys.argv[1])
children = []
for child in range(4):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            store = Store(place)                       # all of them make the file at once
            for _ in range(8):
                job = store.record(INTENT).id
                assert any(record.id == job for record in store.all())
            code = 0
        finally:
            os._exit(code)
    children.append(pid)
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
store = Store(place)

holder = os.fork()
if holder == 0:
    with store.claim("job"):
        (place / "held").touch()
        time.sleep(60)
while not (place / "held").exists():
    time.sleep(0.01)
try:
    with store.claim("job", timeout=0.0):
        held = "nobody"
except QnuError as error:
    held = str(error)
os.kill(holder, signal.SIGKILL)
os.waitpid(holder, 0)
with store.claim("job", timeout=0.0):
    free = True
print(json.dumps([codes, len({record.tag for record in store.all()}), held, free]))
"""


@pytest.mark.posix("forks")
def test_many_processes_at_once_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE, str(tmp_path), str(Path(__file__).parent)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    codes, tags, held, free = json.loads(done.stdout)
    assert codes == [0, 0, 0, 0]
    assert (tags, free) == (32, True)
    assert held == "job: got 'job'; allowed: a job that no other process is working on right now"


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.record(INTENT)
    writer = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE jobs SET state = 'sent'")
    assert [record.state for record in store.all()] == ["intended"]
    writer.execute("COMMIT")
    writer.close()
    assert [record.state for record in store.all()] == ["sent"]
