"""Jobs from intent to Trajectory: crashes, faults, credentials, and what a device will take."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.primitives import BitArray, DataBin, PubResult, SamplerPubResult

import qnu
from qnu import QnuError
from qnu.common import memory
from qnu.quantum import FakeMachine, IonMachine, jobs, load_machine, measure
from qnu.quantum.compile.samples import gates_to_last_sample
from qnu.quantum.jobs import estimate, results, runner
from qnu.quantum.machines import cut, service

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("fake_service", HERE / "fake_service.py")
assert _spec is not None
assert _spec.loader is not None
fake_service = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(fake_service)

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> jobs.Draft:
    folder = tmp_path_factory.mktemp("never written to")
    return jobs.draft(GAS, SCHEDULE, fake_service.MACHINE, seed=5, folder=folder)


class Place:
    """A store, a service, and a runner that notes how long it would have waited."""

    def __init__(self, folder: Path, draft: jobs.Draft) -> None:
        self.folder = folder
        self.intent = jobs.Intent(**{**vars(draft.intent), "folder": str(folder)})
        self.service = fake_service.FakeService(folder / "service")
        self.store = jobs.Store(folder / "home")
        self.waited: list[float] = []

    def runner(self, **options: object) -> jobs.JobRunner:
        there = self.service
        if options:
            there = fake_service.FakeService(self.folder / "service", **options)
        return jobs.JobRunner(self.store, there, sleep=self.waited.append)

    @property
    def only(self) -> jobs.Record:
        (record,) = self.store.all()
        return record


@pytest.fixture
def place(tmp_path: Path, draft: jobs.Draft) -> Place:
    return Place(tmp_path, draft)


# ---- the whole way


def test_what_is_fetched_is_what_the_circuits_say(tmp_path: Path) -> None:
    ideal = IonMachine(backend="trap", qubits=4)
    gas = qnu.NeutrinoGas(
        [[0, 0, 1], [0.6, 0, 0.8], [0, 0.8, -0.6]], omega=[0.1, 0.4, 0.7], group=[0, 0, 1]
    )
    schedule = qnu.schedules.tournament(gas, gamma=0.9)
    store = jobs.Store(tmp_path / "home")
    times = [0.9, 2.7]
    work = jobs.draft(
        gas, schedule, ideal, times, shots=4000, seed=11, observables=["purity"], name="three",
        folder=tmp_path, attributes={"label": "circuit", "spec_hash": "abc"},
    )  # fmt: skip
    assert not (tmp_path / "home" / "local.sqlite").exists()
    job = jobs.send(work, store)
    found = jobs.fetch(job.id, store=jobs.Store(tmp_path / "home"))
    exact = qnu.solvers.many_body(gas, schedule, times)
    pulls = (found.polarization - exact.polarization) / found["polarization_error"].values
    assert abs(pulls).max() < 4.5
    assert 0.5 < np.sqrt(np.mean(pulls**2)) < 1.6
    assert "purity" in found
    assert (found.attrs["job"], found.attrs["spec_hash"]) == (job.id, "abc")
    assert found.attrs["shots_seed"] == 11
    assert (tmp_path / f"three.circuit.{job.id}.nc").is_file()
    again = jobs.draft(gas, schedule, ideal, times, shots=4000, seed=11, folder=tmp_path)
    same = jobs.fetch(jobs.send(again, store).id, store=store)
    assert (same.polarization == found.polarization).all()


def test_fetching_twice_asks_once_and_a_lost_file_is_written_again(place: Place) -> None:
    there = place.runner()
    job = there.send(place.intent).id
    path = there.fetch(job)
    content = path.read_bytes()
    first = qnu.Trajectory.load(path)
    assert there.fetch(job) == path
    path.unlink()
    place.service.fail("status", *["odd"] * 9)  # no more requests
    place.service.fail("result", *["odd"] * 9)
    assert there.fetch(job) == path
    assert (qnu.Trajectory.load(path).polarization == first.polarization).all()
    assert len(content) == path.stat().st_size
    other = there.fetch(job, place.folder / "other.nc")
    assert qnu.Trajectory.load(other).attrs["job"] == job
    assert there.fetch(job) == other
    assert place.service.calls("result") == 1
    (place.folder / "taken.nc").write_text("other", encoding="utf-8")
    for bad in (place.folder / "no" / "a.nc", place.folder / "taken.nc"):
        with pytest.raises(QnuError, match=r"^output: got .*; allowed: a file "):
            there.fetch(job, bad)
    assert (place.folder / "taken.nc").read_text(encoding="utf-8") == "other"
    assert not list(place.folder.glob(".*"))


def test_a_draft_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    jobs.draft(GAS, SCHEDULE, "fake_torino", shots=10, folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(QnuError, match="allowed: an IBM device, a fake device or simulated ions"):
        jobs.draft(GAS, SCHEDULE, "aer_statevector")


def test_a_job_is_run_as_it_was_recorded_not_as_the_config_says_now(place: Place) -> None:
    record = place.store.record(place.intent)
    machine = place.runner().machine(record)
    assert machine == fake_service.MACHINE
    for name in ("fake_torino", "ibm_heron", "ibm_nighthawk", "trapped_ions"):
        known = load_machine(name)
        config = known.model_dump(mode="json", by_alias=True, exclude_unset=True)
        intent = {**vars(place.intent), "machine": config | {"provider": known.provider}}
        assert place.runner().machine(place.store.record(jobs.Intent(**intent))) == known


# ---- crashes


@pytest.mark.posix("forks")
@pytest.mark.parametrize("how", ["in one", "split"])
def test_killed_at_every_step(tmp_path: Path, how: str) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "crashes.py"), str(tmp_path / "place"), "2", how],
        capture_output=True, text=True, check=False, timeout=500,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["killed"] >= 12  # every state of the disk on the way
    assert counts["lines"] > 400


class Slow(fake_service.FakeService):  # type: ignore[name-defined,misc]  # loaded by path
    """Others come in between."""

    def submit(self, work: jobs.Work, tag: str) -> str:
        time.sleep(0.1)
        return str(super().submit(work, tag))

    def result(self, job: str) -> object:
        time.sleep(0.1)
        return super().result(job)


def test_many_at_once_send_one_job_and_fetch_it_once(place: Place) -> None:
    job = place.store.record(place.intent).id
    ready = threading.Barrier(4)

    def one(_: int) -> tuple[str | None, Path]:
        there = jobs.JobRunner(jobs.Store(place.folder / "home"), Slow(place.folder / "service"))
        ready.wait()
        sent = there.deliver(job).service_job
        ready.wait()
        return sent, there.fetch(job)

    with ThreadPoolExecutor(4) as pool:
        outcomes = set(pool.map(one, range(4)))
    ((name, path),) = outcomes
    assert place.service.received == [name]
    assert (place.service.calls("submit"), place.service.calls("result")) == (1, 1)
    assert qnu.Trajectory.load(path).attrs["job"] == job


# ---- faults


def test_a_lost_answer_is_looked_for_however_late_the_job_shows(place: Place) -> None:
    place.service.fail("submit", "network after")
    record = place.runner(slow=3).send(place.intent)
    assert (record.state, record.service_job) == ("sent", place.service.received[0])
    assert place.service.calls("submit") == 1
    assert place.waited == list(runner.SETTLE)


@pytest.mark.parametrize(
    ("fault", "surely"),
    [("network", False), ("odd", False), ("credentials", True), ("maintenance", True)],
)
def test_what_did_not_arrive_is_sent_again_with_resume(
    place: Place, fault: str, surely: bool
) -> None:
    place.service.fail("submit", fault)
    with pytest.raises(jobs.ServiceError) as caught:
        place.runner().send(place.intent)
    record = place.only
    line = str(caught.value)
    assert line.startswith("trap: ")
    assert f"`qnu submit --resume {record.id}`" in line
    assert "\n" not in line
    assert caught.value.exit_code == 1
    assert place.service.calls("submit") == 1  # never by itself
    assert (record.state, record.attempted is None) == ("intended", surely)
    assert record.detail in line
    assert (place.waited == []) == surely
    assert place.runner().status(record.id).state == "intended"
    place.waited.clear()
    assert place.runner().deliver(record.id).state == "sent"
    assert (place.waited == []) == surely  # what may have arrived gets time to show
    assert len(place.service.received) == 1
    assert place.runner().deliver(record.id).service_job == place.service.received[0]
    assert place.service.calls("submit") == 2


def test_nothing_is_sent_while_the_tag_cannot_be_looked_up(place: Place) -> None:
    """The answer is lost, and then the network: only when the service answers is it sent or not."""
    place.service.fail("submit", "network after")
    place.service.fail("find", *["network"] * 100)
    with pytest.raises(jobs.ServiceError):
        place.runner().send(place.intent)
    for ask in (place.runner().deliver, place.runner().status, place.runner().fetch):
        with pytest.raises(jobs.ServiceError, match="not reached"):
            ask(place.only.id)
    with pytest.raises(jobs.ServiceError, match="not reached"):
        place.runner().cancel(place.only.id)
    assert place.service.calls("submit") == 1
    place.service.fail("find", "odd")
    with pytest.raises(jobs.ServiceError, match="not understood"):
        place.runner().deliver(place.only.id)
    assert place.runner().fetch(place.only.id).is_file()
    assert len(place.service.received) == place.service.calls("submit") == 1


def test_one_refusal_does_not_settle_an_earlier_attempt(place: Place) -> None:
    """The first attempt shows in the list very late; the second was refused."""
    place.service.fail("submit", "network after")
    with pytest.raises(jobs.ServiceError):
        place.runner(slow=99).send(place.intent)
    place.service.fail("submit", "credentials")
    with pytest.raises(jobs.ServiceError, match="token"):
        place.runner(slow=99).deliver(place.only.id)
    assert place.only.attempted is not None
    assert place.runner().deliver(place.only.id).service_job == place.service.received[0]
    assert len(place.service.received) == 1


def test_status_does_not_wait_for_who_is_sending(place: Place) -> None:
    job = place.store.record(place.intent).id
    place.store.attempt(job, "mine")
    with place.store.claim(job):
        assert place.runner().status(job).state == "intended"
    assert place.service.calls("find") == 0


def test_another_account_cannot_know(place: Place) -> None:
    place.service.fail("submit", "network after")
    place.service.fail("find", "odd")
    with pytest.raises(jobs.ServiceError):
        place.runner().send(place.intent)
    for ask in (place.runner(account="hers").deliver, place.runner(account="hers").status):
        with pytest.raises(jobs.ServiceError, match="was sent with another account, or"):
            ask(place.only.id)
    assert place.runner().deliver(place.only.id).state == "sent"
    assert len(place.service.received) == 1


def test_an_instance_that_is_out_of_reach_may_hold_the_job(place: Place) -> None:
    """Sent while A and B were visible, and it is in A: whoever sees B only cannot know."""
    place.service.fail("submit", "network after")
    place.service.fail("find", "odd")
    with pytest.raises(jobs.ServiceError):
        place.runner(account="A B").send(place.intent)
    job = place.only.id
    some = place.runner(account="B C")
    for ask in (some.deliver, some.status, some.fetch, some.cancel):
        with pytest.raises(jobs.ServiceError, match="an instance that this one does not reach; "):
            ask(job)
    assert place.only.state == "intended"
    assert place.runner(account="C B A").deliver(job).state == "sent"  # more than then will do
    assert place.service.calls("submit") == 1


def arrived(place: Place, times: int = 1) -> str:
    """A job that was sent without an answer; sent twice where a request was repeated."""
    job = place.store.record(place.intent).id
    place.store.attempt(job, "mine")
    payload, record = place.store.payload(job), place.store.find(job)
    work = jobs.Work(results.unpack_circuits(payload.programs), payload.recipe, record.seed)
    for _ in range(times):
        place.service.submit(work, record.tag)
    return job


@pytest.mark.parametrize("step", ["deliver", "status", "fetch"])
def test_several_jobs_with_one_tag_are_all_named(place: Place, step: str) -> None:
    job = arrived(place, times=2)
    first, second = place.service.received
    with pytest.raises(jobs.ServiceError) as caught:
        getattr(place.runner(), step)(job)
    assert str(caught.value).startswith(
        f"trap: 2 jobs have the tag of job {job}: {first}, {second}; next: {first} is taken as"
        " the job, cancel the others there"
    )
    assert place.only.service_job == first
    assert place.runner().fetch(job).is_file()  # reported once, then it goes on
    assert place.service.calls("submit") == 2


class Repeats(fake_service.FakeService):  # type: ignore[name-defined,misc]  # loaded by path
    """Its library sends a request once more whose answer was lost, and both arrive."""

    dropped: tuple[str, ...] = ()

    def submit(self, work: jobs.Work, tag: str) -> str:
        with contextlib.suppress(jobs.ServiceError):
            super().submit(work, tag)
        return str(super().submit(work, tag))

    def cancel(self, job: str) -> None:
        super().cancel(job)
        self.dropped += (job,)


def test_a_request_that_was_repeated_on_its_way(place: Place) -> None:
    there = Repeats(place.folder / "service")
    sender = jobs.JobRunner(place.store, there, sleep=place.waited.append)
    there.fail("submit", "network after", "network after")
    with pytest.raises(jobs.ServiceError, match=r"^trap: 2 jobs have the tag of job "):
        sender.send(place.intent)
    assert (place.only.state, place.only.service_job) == ("sent", there.received[0])
    assert len(there.received) == 2


def test_cancelling_drops_every_job_with_the_tag(place: Place) -> None:
    there = Repeats(place.folder / "service")
    job = arrived(place, times=2)
    sender = jobs.JobRunner(place.store, there, sleep=place.waited.append)
    assert sender.cancel(job).state == "cancelled"
    assert sorted(there.dropped) == place.service.received


def test_a_job_that_shows_while_it_is_cancelled(place: Place) -> None:
    job = arrived(place)
    record = place.runner(slow=3).cancel(job)
    assert place.waited == list(runner.SETTLE)
    assert (record.state, record.service_job) == ("cancelled", place.service.received[0])
    assert place.service.calls("cancel") == 1


@pytest.mark.parametrize("again", ["status", "cancel"])
def test_a_job_that_shows_after_it_was_cancelled_is_cancelled_there(
    place: Place, again: str
) -> None:
    job = arrived(place)
    record = place.runner(slow=9).cancel(job)
    assert (record.state, record.service_job) == ("cancelled", None)
    assert f"`qnu status {job}` looks again" in record.detail
    assert place.service.calls("cancel") == 0
    assert place.runner(slow=9).status(job) == record  # still not
    assert place.runner(slow=9).deliver(job) == record  # and it is not sent again
    record = getattr(place.runner(), again)(job)
    assert (record.state, record.service_job) == ("cancelled", place.service.received[0])
    assert place.service.calls("cancel") == place.service.calls("submit") == 1
    with pytest.raises(QnuError, match="a job that has not ended"):
        place.runner().cancel(job)


def test_questions_are_repeated_and_waits_grow(place: Place) -> None:
    job = place.runner().send(place.intent).id
    place.service.fail("status", *["network"] * 4)
    assert place.runner().status(job).state == "done"
    assert len(place.waited) == 4
    for waited, pause in zip(place.waited, service.PAUSES, strict=True):
        assert pause / 2 <= waited <= pause
    place.service.fail("status", *["network"] * 5)
    with pytest.raises(jobs.ServiceError, match="not reached"):
        place.runner().status(job)
    calls = place.service.calls("status")
    place.service.fail("status", "credentials", "network")
    with pytest.raises(jobs.ServiceError, match="token is not accepted"):
        place.runner().status(job)
    assert place.service.calls("status") == calls + 1  # a retry would not help
    place.service.fail("status", "network")
    place.service.fail("result", "network", "network")
    assert place.runner().fetch(job).is_file()


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_job_that_failed_or_was_cancelled(place: Place, state: str) -> None:
    job = place.runner().send(place.intent).id
    place.service.end(state, "error 1517: too many gates")
    with pytest.raises(QnuError) as caught:
        place.runner().fetch(job)
    assert str(caught.value) == (
        f"job {job}: {state}: error 1517: too many gates;"
        " next: change what failed, submit again"
    )  # fmt: skip
    place.service.fail("status", "odd")
    assert place.runner().status(job).state == state  # final: no request
    assert not list(place.folder.glob("*.nc"))


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_job_that_is_not_done(place: Place, state: str) -> None:
    job = place.runner().send(place.intent).id
    place.service.end(state, "position 7")
    with pytest.raises(jobs.NotDoneError, match=rf"^job {job}: {state} \(position 7\); next: "):
        place.runner().fetch(job)
    assert place.only.state == state
    place.service.end("done")
    assert place.runner().fetch(job).is_file()


def test_cancelling(place: Place) -> None:
    there = place.runner()
    unsent = place.store.record(place.intent).id
    assert there.cancel(unsent).state == "cancelled"
    assert place.service.calls("find") == place.service.calls("cancel") == 0
    assert there.deliver(unsent).state == "cancelled"
    assert place.service.received == []

    place.service.fail("submit", "network after")
    place.service.fail("find", "odd")
    with pytest.raises(jobs.ServiceError):
        there.send(place.intent)
    lost = place.store.all()[-1]
    assert lost.attempted is not None
    cancelled = there.cancel(lost.id)  # it had arrived
    assert (cancelled.state, cancelled.service_job) == ("cancelled", place.service.received[0])
    assert place.service.calls("cancel") == 1
    with pytest.raises(QnuError, match="cancelled'; allowed: a job that has not ended"):
        there.cancel(lost.id)
    place.service.end("done")
    done = there.send(place.intent).id
    there.fetch(done)
    with pytest.raises(QnuError, match="fetched'; allowed: a job that has not ended"):
        there.cancel(done)


def test_fetching_what_was_never_sent(place: Place) -> None:
    job = place.store.record(place.intent).id
    with pytest.raises(
        QnuError, match=f"not known to have been sent; next: `qnu submit --resume {job}`"
    ):
        place.runner().fetch(job)
    assert place.service.calls("find") == 0


# ---- what is kept


def test_results_come_back_bit_for_bit() -> None:
    rng = np.random.default_rng(4)
    bits = BitArray(rng.integers(0, 256, (50, 2), dtype=np.uint8) & np.uint8(31), 13)
    arrays = {"evs": rng.normal(size=(4, 3)), "stds": rng.normal(size=(4, 3))}
    there = [
        SamplerPubResult(DataBin(meas=bits, shape=())),
        PubResult(DataBin(**arrays, shape=(4, 3))),
        {"0110": 7, "1111": 3},
    ]
    sampled, estimated, counts = results.unpack_results(results.pack_results(there))
    assert isinstance(sampled, SamplerPubResult)
    assert (sampled.data.meas.num_bits, sampled.data.shape) == (13, ())
    assert (sampled.data.meas.array == bits.array).all()
    assert sampled.data.meas.get_counts() == bits.get_counts()
    assert estimated.data.shape == (4, 3)
    for name, value in arrays.items():
        assert (getattr(estimated.data, name) == value).all()
    assert counts == there[2]


def test_circuits_come_back_as_they_were() -> None:
    circuits, recipe = measure.prepare(GAS, SCHEDULE, fake_service.MACHINE, shots=10)
    assert results.unpack_circuits(results.pack_circuits(circuits)) == circuits
    assert json.loads(json.dumps(recipe)) == recipe


# ---- time on the device


def critical_path(qc: QuantumCircuit, target: object) -> float:
    """Seconds: every operation starts when the last of its qubits is free."""
    free = dict.fromkeys(qc.qubits, 0.0)
    for instruction in qc.data:
        where = tuple(qc.find_bit(qubit).index for qubit in instruction.qubits)
        name = instruction.operation.name
        takes = 0.0 if name == "barrier" else target[name][where].duration or 0.0  # type: ignore[index]  # Target
        end = max(free[qubit] for qubit in instruction.qubits) + takes
        free |= dict.fromkeys(instruction.qubits, end)
    return max(free.values())


def test_time_on_the_device() -> None:
    work = jobs.draft(GAS, SCHEDULE, "fake_torino", times=[0.0, 0.4], shots=3000)
    machine = load_machine("fake_torino")
    circuits = results.unpack_circuits(work.intent.programs)
    assert len(circuits) == work.time.circuits == 6
    lengths = [critical_path(qc, machine.target()) for qc in circuits]  # type: ignore[attr-defined]  # a device
    assert work.time.longest == pytest.approx(max(lengths), rel=1e-6)
    assert work.time.rep_delay == machine.backend().default_rep_delay == 250e-6  # type: ignore[attr-defined]  # as above
    assert work.time.seconds == pytest.approx(2 + 3000 * sum(x + 250e-6 for x in lengths), rel=1e-9)
    assert work.intent.seconds == work.time.seconds
    assert work.time.model().startswith("2 s + 6 circuits x 3000 shots x (up to ")
    ions = jobs.draft(GAS, SCHEDULE, fake_service.MACHINE, shots=10)
    assert ions.time.longest is None
    assert "unknown" in ions.time.model()
    double = estimate.device_time(circuits, 3000, machine.target(), 1e-3, settings=2)  # type: ignore[attr-defined]  # as above
    assert double.seconds == pytest.approx(2 + 6000 * sum(x + 1e-3 for x in lengths), rel=1e-9)


@pytest.mark.parametrize(
    ("table", "runs"),
    [
        ({"resilience": 0}, 3),
        ({"resilience": 1}, 3),
        ({"resilience": 2}, 9),
        ({"resilience": 2, "noise_factors": (1.0, 1.5, 2.0, 3.0)}, 12),
    ],
)
def test_time_of_an_estimator(table: dict[str, object], runs: int) -> None:
    """Three bases at every noise, none of which the circuits show."""
    config = load_machine("fake_torino").model_dump(by_alias=True, exclude_unset=True)
    config = {k: v for k, v in config.items() if k != "shots"}
    machine = FakeMachine(**{**config, "primitive": "estimator", "mitigation": table})
    work = jobs.draft(GAS, SCHEDULE, machine, times=[0.4], shots=500)
    (qc,) = results.unpack_circuits(work.intent.programs)
    target = machine.target()
    readout = max(properties.duration for properties in target["measure"].values())
    once = critical_path(qc, target) + readout + 250e-6
    assert work.time.seconds == pytest.approx(2 + 500 * runs * once, rel=1e-9)
    assert work.time.circuits == runs


# ---- what is refused before it is recorded


def test_more_than_a_simulated_device_takes() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 40, omega=np.arange(40) / 40)
    schedule = qnu.EncounterSchedule([0], [1], [0.3], [0.0], 0.0, neutrinos=40)
    with pytest.raises(QnuError, match=r"^neutrinos: got 40; allowed: at most 14 qubits"):
        jobs.draft(gas, schedule, "fake_torino", shots=10)
    with pytest.raises(QnuError, match=r"^shots: got 100000001; allowed: at most 100000000 per"):
        jobs.draft(GAS, SCHEDULE, "fake_torino", shots=100_000_001)
    with pytest.raises(QnuError, match="seed: got 9223372036854775808; allowed: "):
        jobs.draft(GAS, SCHEDULE, "fake_torino", shots=10, seed=2**63)
    with pytest.raises(QnuError, match="shots: got 100000001; allowed: "):
        qnu.quantum.run(GAS, SCHEDULE, "qnu", shots=100_000_001)


def test_sites_that_neutrinos_pass_through_need_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pairs at the ends of a row of seven; then one of each meet, and the row is used."""
    gas = qnu.NeutrinoGas([[0.6, 0, 0.8]] * 4, omega=[0.1, 0.2, 0.3, 0.4])
    times = [0.0, 1.0, 2.0]
    schedule = qnu.EncounterSchedule([0, 2, 1], [1, 3, 2], [0.3] * 3, times, 1.0, neutrinos=4)
    config = load_machine("fake_torino").model_dump(by_alias=True, exclude_unset=True)
    machine = FakeMachine(**{**config, "compile": {"layout": (0, 1, 5, 6)}})
    circuits, _ = measure.prepare(gas, schedule, machine, times=[3.0], shots=10)
    sites = len(cut.used_qubits(circuits))
    assert sites > 4
    monkeypatch.setattr(memory, "available", lambda: 16 << sites)
    measure.prepare(gas, schedule, machine, times=[3.0], shots=10)
    monkeypatch.setattr(memory, "available", lambda: (16 << sites) - 1)
    refused = rf"^qubits that the circuits use: got {sites}; allowed: what fits into memory"
    with pytest.raises(QnuError, match=refused):
        jobs.draft(gas, schedule, machine, times=[3.0], shots=10)


def test_retries_are_for_temporary_faults() -> None:
    tries: list[int] = []

    def ask(again: bool) -> Callable[[], None]:
        def request() -> None:
            tries.append(1)
            raise jobs.ServiceError("x", "y", "z", again=again)

        return request

    for again, count in ((False, 1), (True, 5)):
        tries.clear()
        with pytest.raises(jobs.ServiceError, match=r"^x: y; next: z$"):
            service.with_retries(ask(again), sleep=lambda _: None)
        assert len(tries) == count


@pytest.mark.parametrize(
    "name", ["../../x", "a/b", "a\\b", ".hidden", "", " ", "two\nlines", "a:b", "x" * 200, 3]
)
@pytest.mark.parametrize("field", ["name", "label"])
def test_names_that_leave_the_folder_are_refused(field: str, name: object) -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
    schedule = qnu.schedules.tournament(gas, gamma=0.4)
    with pytest.raises(QnuError, match=rf"^{field}: got .*part of a file's name") as caught:
        jobs.draft(gas, schedule, "fake_torino", shots=10, **{field: name})
    assert "\n" not in str(caught.value)


def test_progress_goes_through_the_search_of_every_section_and_the_circuits() -> None:
    """0 to 0.4: the whole; to 0.8: section by section; then one circuit after the other."""
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 10, omega=[0.1] * 10)
    schedule = qnu.schedules.random_pairs(gas, 0.3, 45, seed=1)
    end = schedule.final_time
    told: list[float] = []
    times = [0.0, end / 3, 2 * end / 3, end]
    work = jobs.draft(gas, schedule, "fake_torino", times, 10, progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < 0.2
    for low, high in ((0.0, 0.4), (0.4, 0.8)):
        assert sum(low < fraction < high for fraction in told) > 10
    assert told[-4:] == pytest.approx([0.85, 0.9, 0.95, 1.0])
    planned = jobs.planned(gas, schedule, "fake_torino", times, 10)
    assert planned.bound.two_qubit_gates <= work.two_qubit_gates
    counted = gates_to_last_sample(gas, schedule, planned.machine, planned.times)
    assert counted["two_qubit_gates"] == work.two_qubit_gates
    assert counted["two_qubit_depth"] == work.two_qubit_depth
