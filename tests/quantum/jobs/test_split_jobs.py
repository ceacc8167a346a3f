"""Jobs that a machine does not take in one: sent in parts, none lost, read as if sent in one."""

from __future__ import annotations

import importlib.util
import itertools
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from qiskit.primitives import BitArray, DataBin, PubResult, SamplerPubResult

import qnu
from qnu import QnuError
from qnu.cli import main
from qnu.quantum import Execution, FakeMachine, IonMachine, Mitigation, jobs
from qnu.quantum.jobs import _database
from qnu.quantum.jobs.store import _STEPS
from qnu.quantum.machines import Limits
from qnu.quantum.machines.parts import Request, merged, recipe_of, requests_of

SPEC = importlib.util.spec_from_file_location(
    "fake_service_of_split", Path(__file__).with_name("fake_service.py")
)
assert SPEC is not None
assert SPEC.loader is not None
fake_service: Any = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fake_service)

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)
#: 3 circuits of 200 shots: 2 and 1 circuits, 67, 67 and 66 shots.
MACHINE = IonMachine(
    backend="trap",
    qubits=3,
    two_qubit_error=0.01,
    shots=200,
    execution=Execution(max_circuits=2, max_shots=90),
)


@pytest.mark.parametrize("circuits", [1, 2, 7, 300])
@pytest.mark.parametrize("shots", [1, 90, 91, 1000])
@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(3),
        Limits(shots=90),
        Limits(5, 40),
        Limits(executions=200),
        Limits(4, 80, 150),
    ],
)
def test_requests_are_within_the_limits_and_add_up(
    circuits: int, shots: int, limits: Limits
) -> None:
    requests = requests_of(circuits, shots, limits)
    of_circuit = [0] * circuits
    for one in requests:
        assert one.count <= (limits.circuits or circuits)
        assert one.shots <= (limits.shots or shots)
        assert one.count * one.shots <= (limits.executions or circuits * shots)
        for k in one.circuits:
            of_circuit[k] += one.shots
    assert of_circuit == [shots] * circuits
    if limits.executions is None:
        most_circuits, most_shots = limits.circuits or circuits, limits.shots or shots
        assert len(requests) == math.ceil(circuits / most_circuits) * math.ceil(shots / most_shots)
    if circuits * shots <= (limits.executions or 10**9) and circuits <= (limits.circuits or 10**9):
        assert len(requests) == math.ceil(shots / (limits.shots or shots))


def test_an_estimator_makes_several_circuits_of_one() -> None:
    assert requests_of(4, 10, Limits(circuits=6), 3) == [Request(0, 2, 10), Request(2, 2, 10)]
    with pytest.raises(QnuError, match=r"execution.max_circuits: got 2; allowed: at least 3"):
        requests_of(4, 10, Limits(circuits=2), 3)


def test_shots_are_put_one_behind_the_other() -> None:
    rng = np.random.default_rng(1)
    arrays = [BitArray(rng.integers(0, 4, (n, 1), dtype=np.uint8), 2) for n in (5, 7, 3, 9)]
    found = [[SamplerPubResult(DataBin(meas=array))] for array in arrays]
    requests = [Request(0, 1, 5), Request(0, 1, 7), Request(1, 1, 3), Request(1, 1, 9)]
    one, two = merged(found, requests)
    assert one.data.meas.get_bitstrings() == [b for a in arrays[:2] for b in a.get_bitstrings()]
    assert two.data.meas.get_bitstrings() == [b for a in arrays[2:] for b in a.get_bitstrings()]


def test_expectation_values_are_weighted_by_their_shots() -> None:
    """As of the shots themselves: m = n_1 / n with the error sqrt((1 - m^2) / n)."""
    evs, stds = (
        [np.array([0.2, -0.4]), np.array([0.6, 0.1])],
        [np.array([0.3, 0.1]), np.array([0.1, 0.2])],
    )
    found = [
        [PubResult(DataBin(evs=m, stds=s, shape=(2,)))] for m, s in zip(evs, stds, strict=True)
    ]
    (one,) = merged(found, [Request(0, 1, 300), Request(0, 1, 100)])
    assert np.allclose(one.data.evs, 0.75 * evs[0] + 0.25 * evs[1], atol=1e-15)
    assert np.allclose(one.data.stds, np.hypot(0.75 * stds[0], 0.25 * stds[1]), atol=1e-15)
    same = [[PubResult(DataBin(evs=evs[0], stds=stds[0] * 2, shape=(2,)))]] * 4
    (four,) = merged(same, [Request(0, 1, 25)] * 4)
    assert np.allclose(four.data.stds, stds[0])  # four times the shots: half the error


def test_results_of_other_circuits_are_refused() -> None:
    with pytest.raises(QnuError, match="results: got '1 results'; allowed: one for each of 2"):
        merged([[{"0": 1}]], [Request(0, 2, 1)])


def test_randomizations_are_shared_out() -> None:
    mitigation = Mitigation(twirling="all", num_randomizations=30).model_dump()
    recipe = {"primitive": "sampler", "shots": 90, "mitigation": mitigation, "qubits": [[0], [1]]}
    parts = [recipe_of(recipe, one) for one in (Request(0, 1, 60), Request(1, 1, 30))]
    assert [part["mitigation"]["num_randomizations"] for part in parts] == [20, 10]
    assert [part["qubits"] for part in parts] == [[[0]], [[1]]]
    assert mitigation["num_randomizations"] == 30


class Place:
    """A store and a service, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = jobs.Store(folder / "home")
        self.service = fake_service.FakeService(folder / "service")
        work = jobs.draft(GAS, SCHEDULE, MACHINE, [0.4], seed=5, folder=folder)
        self.intent = work.intent

    def runner(self) -> jobs.JobRunner:
        return jobs.JobRunner(self.store, self.service, sleep=lambda _: None)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_split_job_is_one_job_whose_result_has_all_shots(place: Place) -> None:
    record = place.runner().send(place.intent)
    sizes = [(part.circuits, part.shots) for part in record.parts]
    assert sizes == [(2, 67), (2, 67), (2, 66), (1, 67), (1, 67), (1, 66)]
    assert len(place.service.received) == 6
    assert (record.state, record.circuits, record.shots) == ("sent", 3, 200)
    assert [one.id for one in place.store.all()] == [record.id]
    assert place.store.find("last").id == place.store.find(record.id[:3]).id == record.id
    assert len({part.tag for part in record.parts} | {record.tag}) == 7
    assert len({part.seed for part in record.parts}) == 6
    assert place.runner().status(record.id).state == "done"
    run = qnu.Trajectory.load(place.runner().fetch(record.id))
    assert str(run.attrs["job_ids"]).split() == [part.service_job for part in record.parts]
    mean, error = run.polarization[0], run["polarization_error"].values[0]
    shots = 200
    up = (shots * (1 + mean) / 2 + 0.5) / (shots + 1)  # the probability of a binomial (Jeffreys)
    assert np.allclose(error**2, 4 * up * (1 - up) / (shots + 2), rtol=1e-12)
    assert np.allclose(mean * shots / 2, np.round(mean * shots / 2))  # of 200 shots, not of 201
    assert place.store.find(record.id).state == "fetched"


def test_split_and_unsplit_runs_agree_with_the_same_error_bars(tmp_path: Path) -> None:
    store = jobs.Store(tmp_path)
    runs = []
    for execution in (Execution(), Execution(max_circuits=2, max_shots=1500)):
        machine = FakeMachine(
            backend="FakeLagosV2",
            shots=4000,
            execution=execution,
            mitigation=Mitigation(readout="calibrated"),
        )
        work = jobs.draft(GAS, SCHEDULE, machine, [0.4], seed=7, folder=tmp_path)
        assert len(work.intent.parts) == (0 if execution == Execution() else 9)
        job = jobs.send(work, store)
        runs.append(jobs.fetch(job.id, store=store))
    one, parts = runs
    errors = [run["polarization_error"].values for run in runs]
    assert np.allclose(errors[0], errors[1], rtol=0.1, atol=1e-4)
    pulls = (one.polarization - parts.polarization) / np.hypot(*errors)
    assert abs(pulls).max() < 4
    assert not np.array_equal(one.polarization, parts.polarization)
    assert int(parts.attrs["shots"]) == 4000


def test_an_estimators_split_run_agrees_too(tmp_path: Path) -> None:
    store = jobs.Store(tmp_path)
    runs = []
    for execution in (Execution(), Execution(max_shots=900)):
        machine = FakeMachine(
            backend="FakeLagosV2", primitive="estimator", precision=0.02, execution=execution
        )
        work = jobs.draft(GAS, SCHEDULE, machine, [0.4], seed=7, folder=tmp_path)
        runs.append(jobs.fetch(jobs.send(work, store).id, store=store))
    errors = [run["polarization_error"].values for run in runs]
    assert np.allclose(errors[0], errors[1], rtol=0.15, atol=1e-3)
    assert abs((runs[0].polarization - runs[1].polarization) / np.hypot(*errors)).max() < 4


@pytest.mark.parametrize("fault", ["network", "network after", "odd after"])
@pytest.mark.parametrize("before", [0, 3, 5])
def test_what_was_sent_before_a_fault_is_not_sent_again(
    place: Place, fault: str, before: int
) -> None:
    """Requests in front of the faulty one arrive; after it the job is finished with --resume."""
    attempts = itertools.count()
    submit = place.service.submit

    def faulty(work: Any, tag: str) -> Any:
        if next(attempts) == before:
            place.service.fail("submit", fault)
            place.service.fail("find", "network", "network", "network", "network", "network")
        return submit(work, tag)

    place.service.submit = faulty
    with pytest.raises(jobs.ServiceError, match=r"qnu submit --resume [0-9a-f]{8}`"):
        place.runner().send(place.intent)
    (record,) = place.store.all()
    assert record.state == "intended"
    assert sum(part.state == "sent" for part in record.parts) == before
    again = place.runner().deliver(record.id)
    assert again.state == "sent"
    tags = list(place.service.received)
    assert len(tags) == 6
    assert {part.service_job for part in again.parts} == set(tags)
    place.runner().fetch(record.id)


def test_results_that_are_there_are_kept_while_others_are_awaited(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = place.runner().send(place.intent)
    slow = record.parts[2].service_job
    status = place.service.status

    def one_is_slow(job: str) -> Any:
        return jobs.Status("queued") if job == slow else status(job)

    monkeypatch.setattr(place.service, "status", one_is_slow)
    with pytest.raises(jobs.NotDoneError, match=r"queued.*5 of 6 requests are done"):
        place.runner().fetch(record.id)
    assert place.store.find(record.id).state == "queued"
    monkeypatch.undo()
    asked = place.service.calls("result")
    place.runner().fetch(record.id)
    assert (asked, place.service.calls("result")) == (5, 6)


def test_a_request_that_failed_is_named(place: Place) -> None:
    record = place.runner().send(place.intent)
    place.store.set_state(record.parts[3].id, "failed", "out of memory")
    whole = place.store.find(record.id)
    assert (whole.state, whole.detail) == ("failed", "request 4 of 6: out of memory")
    with pytest.raises(QnuError, match="failed: out of memory"):
        place.runner().fetch(record.id)


def test_cancelling_a_job_cancels_what_has_not_ended(place: Place) -> None:
    record = place.runner().send(place.intent)
    place.service.end("running")
    assert place.runner().cancel(record.id).state == "cancelled"
    assert {part.state for part in place.store.find(record.id).parts} == {"cancelled"}
    assert place.service.calls("cancel") == 6


def test_one_part_can_be_looked_at_by_its_id(place: Place) -> None:
    record = place.runner().send(place.intent)
    part = place.store.find(f"{record.id}.2")
    assert (part.parent, part.part, part.circuits, part.shots) == (record.id, 2, 2, 67)
    assert place.store.find(str(part.service_job)).id == part.id


def test_a_store_of_an_earlier_version_is_upgraded(tmp_path: Path, place: Place) -> None:
    folder = tmp_path / "old"
    old = _database.Database(folder, "jobs", _STEPS[:1])
    with old.transaction(write=True) as db:
        db.execute(
            "INSERT INTO jobs (id, tag, name, label, hardware, backend, neutrinos, circuits, shots,"
            " seed, seconds, folder, spec_hash, state, created, updated) VALUES ('0badc0de', 't',"
            " 'n', 'l', 'h', 'b', 2, 3, 4, 5, 6.0, '.', '', 'intended', 1.0, 1.0)"
        )
    store = jobs.Store(folder)
    (record,) = store.all()
    assert (record.id, record.parent, record.part, record.parts) == ("0badc0de", None, 0, ())
    assert len(store.record(place.intent).parts) == 6


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def command(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert not ended.value.code
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    return out


def test_commands_show_the_requests_before_and_after(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        'provider = "fake"\nbackend = "FakeLagosV2"\nshots = 100\n'
        "[execution]\nmax_circuits = 5\nmax_shots = 60\n"
    )
    (here / "small.toml").write_text(text, encoding="utf-8")
    send = ["submit", "tournament_4", "--hardware", "small.toml"]
    out = command(capsys, *send, "--dry-run")
    assert "6 jobs of at most 4 circuits and 50 shots each" in out
    assert command(capsys, "jobs").startswith("No jobs yet")
    assert "job " in command(capsys, *send, "--yes")
    listed = command(capsys, "jobs")
    assert "Jobs (1)" in listed
    assert "sent 0/6" in listed
    shown = command(capsys, "status", "last")
    assert "request 6 of 6" in shown
    command(capsys, "fetch", "last")
    assert "fetched" in command(capsys, "jobs")


def test_python_sends_ibms_jobs_in_parts_and_puts_them_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from qnu.quantum.machines import submission

    calls: list[tuple[int, int, Any]] = []

    def remote(backend: Any, circuits: Any, recipe: Any, tags: Any = (), mode: Any = None) -> Any:
        calls.append((len(circuits), recipe["shots"], mode))
        counts = [{"00": recipe["shots"]}] * len(circuits)
        return SimpleNamespace(job_id=lambda: f"j{len(calls)}", result=lambda: counts)

    closed: list[bool] = []
    batch = SimpleNamespace(close=lambda: closed.append(True))
    monkeypatch.setattr(submission, "remote", remote)
    monkeypatch.setattr(submission, "opened", lambda backend, execution: batch)
    device = FakeMachine(backend="FakeLagosV2")
    monkeypatch.setattr(qnu.quantum.IBMMachine, "backend", lambda self: device.backend())
    machine = qnu.quantum.IBMMachine(
        backend="ibm_lagos", execution=Execution(mode="batch", max_circuits=2, max_shots=60)
    )
    circuits, recipe = qnu.quantum.prepare(GAS, SCHEDULE, machine, [0.4], shots=100)
    job = qnu.quantum.submit(machine, circuits, recipe)
    assert calls == [(2, 50, batch), (2, 50, batch), (1, 50, batch), (1, 50, batch)]
    assert job.result() == [{"00": 100}] * 3
    assert closed == [True]
