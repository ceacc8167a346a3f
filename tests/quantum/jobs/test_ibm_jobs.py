"""IBM's service without a network: what its exceptions become, tags, credentials."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import qiskit_ibm_runtime
import requests as http
from ibm_cloud_sdk_core import ApiException
from qiskit.providers.exceptions import QiskitBackendNotFoundError
from qiskit_ibm_runtime import exceptions as ibm
from qiskit_ibm_runtime.accounts.exceptions import AccountNotFoundError, InvalidAccountError
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.executor import Executor

import qnu
from qnu import QnuError
from qnu.cli import main
from qnu.quantum import jobs, load_machine, measure
from qnu.quantum.machines import ibm as machines
from qnu.quantum.machines import submission
from qnu.quantum.machines.credentials import redact
from qnu.quantum.machines.faults import service_error
from qnu.quantum.machines.ibm_service import IBMService

TOKEN = "tok-9Zq_recognisable/0123456789+abcdefXYZ"
SAVED = "saved-tok-5577_ALSO-recognisable-99887766"
CRN = "crn:v1:bluemix:public:quantum-computing:us-east:a/0123::"

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)


class Device:
    """A snapshot that is operational, or is not."""

    def __init__(self) -> None:
        self.snapshot = load_machine("fake_torino").backend()  # type: ignore[attr-defined]  # a device
        self.current = types.SimpleNamespace(operational=True, status_msg="active")

    def status(self) -> Any:
        return self.current

    def __getattr__(self, name: str) -> Any:
        return getattr(self.snapshot, name)


class Sent:
    """A job; its result is simulated."""

    def __init__(self, service: Service, name: str, work: Any, tags: list[str]) -> None:
        self.service, self.name, self.work, self.tags = service, name, work, tags
        self.state, self.reason = "DONE", None

    def job_id(self) -> str:
        return self.name

    def status(self) -> str:
        self.service.maybe("status")
        return self.state

    def error_message(self) -> str | None:
        return self.reason

    def cancel(self) -> None:
        self.service.maybe("cancel")
        self.state = "CANCELLED"

    def result(self) -> Any:
        self.service.maybe("result")
        return self.work.result()


class Service:
    """Stands in for QiskitRuntimeService: two instances, the device is in the second."""

    def __init__(self) -> None:
        self.faults: dict[str, Callable[[], BaseException]] = {}
        self.device, self.sent, self.modes = Device(), {}, []

    def __call__(self) -> Service:
        self.maybe("connect")
        return self

    def maybe(self, what: str) -> None:
        if what in self.faults:
            raise self.faults[what]()

    def instances(self) -> list[dict[str, str]]:
        return [{"crn": CRN + "first"}, {"crn": CRN + "second"}]

    def backend(self, name: str, **_: Any) -> Any:
        self.maybe("backend")
        return self.device

    def least_busy(self, **_: Any) -> Any:
        return self.backend("any")

    def jobs(self, job_tags: list[str], instance: str, **_: Any) -> list[Sent]:
        self.maybe("jobs")
        here = instance.endswith("second")
        return [job for job in self.sent.values() if here and job.tags == job_tags]

    def job(self, name: str) -> Sent:
        self.maybe("job")
        return self.sent[name]

    def remote(
        self, backend: Any, circuits: Any, recipe: Any, tags: Any = (), mode: Any = None
    ) -> Sent:
        """In place of the primitive's run."""
        self.maybe("run")
        self.modes.append(mode)
        work = submission.LocalJob(backend.snapshot, circuits, recipe, 1, lambda _: None)
        job = Sent(self, f"d{len(self.sent)}ibm", work, list(tags))
        self.sent[job.name] = job
        self.maybe("answer")
        return job


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Service]:
    service = Service()
    monkeypatch.setattr(qiskit_ibm_runtime, "QiskitRuntimeService", service)
    monkeypatch.setattr(submission, "remote", service.remote)
    monkeypatch.setenv("QISKIT_IBM_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    (tmp_path / "user" / ".qiskit").mkdir(parents=True)
    account = {"default": {"channel": "ibm_quantum_platform", "token": SAVED}}
    (tmp_path / "user" / ".qiskit" / "qiskit-ibm.json").write_text(
        json.dumps(account), encoding="utf-8"
    )
    machines._device.cache_clear()
    yield service
    machines._device.cache_clear()


def wrapped() -> BaseException:
    """As the library raises it: the code is in what it came from."""
    try:
        raise RequestsApiError(f"402 Client Error, Authorization: Bearer {TOKEN}", 402)
    except RequestsApiError as error:
        try:
            raise ibm.IBMRuntimeError(f"Failed to run program: {error}") from None
        except ibm.IBMRuntimeError as outer:
            return outer


T = TOKEN  # every message quotes it
FAULTS: list[tuple[Callable[[], BaseException], str, str, bool]] = [
    (lambda: AccountNotFoundError("none"), "no account of the IBM", "save_account", False),
    (lambda: ibm.IBMNotAuthorizedError(T), "token is not accepted", "API key", False),
    (lambda: ApiException(400, message=f"apikey {T}"), "token is not", "API key", False),
    (lambda: RequestsApiError(f"403 {T}", 403), "token is not accepted", "API key", False),
    (lambda: RequestsApiError(f"maintenance mode {T}"), "in maintenance", "later", False),
    (lambda: RequestsApiError(f"503 {T}", 503), "in maintenance", "later", False),
    (lambda: QiskitBackendNotFoundError("no"), "no such device", "instance", False),
    (lambda: ibm.RuntimeJobNotFound(T), "knows no such job", "account", False),
    (lambda: ibm.RuntimeJobFailureError(f"1517 {T}"), "1517", "qnu status", False),
    (lambda: ibm.RuntimeJobMaxTimeoutError(T), "longer than allowed", "fewer", False),
    (lambda: ibm.RuntimeInvalidStateError("was cancelled"), "cancelled", "status", False),
    (lambda: RequestsApiError(f"429 {T}", 429), "too many requests", "later", True),
    (lambda: RequestsApiError(f"409 {T}", 409), "refused it: ", "submit again", False),
    (wrapped, "refused it: ", "submit again", False),
    (lambda: RequestsApiError(f"500 {T}", 500), "not reached", "network", True),
    (lambda: RequestsApiError(f"broken pipe {T}"), "not reached", "network", True),
    (lambda: http.exceptions.ConnectTimeout(T), "not reached", "network", True),
    (lambda: ConnectionResetError("reset"), "not reached", "network", True),
    (lambda: KeyError(T), "KeyError when submitting a job", "qnu status", False),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "what", "advice", "again"), FAULTS)
def test_every_exception_is_one_line_that_says_what_to_do(
    there: Service,
    fault: Callable[[], BaseException],
    what: str,
    advice: str,
    again: bool,
) -> None:
    service = IBMService("ibm_torino")
    there.faults["run"] = fault
    with pytest.raises(jobs.ServiceError) as caught:
        service.submit(jobs.Work([], {}, 1), "qnu-tag")
    error = caught.value
    line = str(error)
    assert line.startswith("ibm_torino: ")
    assert what in line.partition("; next: ")[0]
    assert advice in line.partition("; next: ")[2]
    assert (error.again, error.sent) == (again, None)  # no exception tells what arrived
    text = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(error.args)
    assert TOKEN not in text
    assert error.__context__ is error.__cause__ is None


@pytest.mark.parametrize("code", [400, 401, 402, 403, 409, 429])
def test_a_refusal_does_not_say_that_nothing_arrived(
    there: Service, tmp_path: Path, code: int
) -> None:
    """502, whose job was made, and then a refusal of the library's own second request."""
    work = jobs.draft(GAS, SCHEDULE, "ibm_heron", shots=200, folder=tmp_path)
    there.faults["answer"] = lambda: RequestsApiError(f"{code} Client Error", code)
    there.faults["jobs"] = lambda: RequestsApiError("maintenance")
    with pytest.raises(jobs.ServiceError) as caught:
        jobs.send(work)
    assert caught.value.sent is None
    (record,) = jobs.recorded()
    assert (record.state, record.attempted is None) == ("intended", False)
    there.faults = {}
    assert jobs.resume(record.id).service_job == "d0ibm"
    assert len(there.sent) == 1


def test_before_the_work_is_sent_nothing_has_arrived(there: Service) -> None:
    service = IBMService("ibm_torino")
    for where in ("connect", "backend"):
        there.faults = {where: lambda: RequestsApiError("500", 500)}
        with pytest.raises(jobs.ServiceError) as caught:
            service.submit(jobs.Work([], {}, 1), "qnu-tag")
        assert caught.value.sent is False
        there.faults = {}
        service.instances()
    there.device.current = types.SimpleNamespace(operational=False, status_msg="calibrating")
    with pytest.raises(
        jobs.ServiceError, match=r"in maintenance \(calibrating\); next: "
    ) as caught:
        service.submit(jobs.Work([], {}, 1), "qnu-tag")
    assert caught.value.sent is False
    assert there.sent == {}


def test_the_way_through_ibm(there: Service, tmp_path: Path) -> None:
    work = jobs.draft(GAS, SCHEDULE, "ibm_heron", shots=200, folder=tmp_path)
    assert work.costs
    there.faults["answer"] = lambda: RequestsApiError(f"connection lost {TOKEN}")
    job = jobs.send(work)  # the answer is lost, the job is found by its tag, in the second instance
    assert (job.state, job.service_job) == ("sent", "d0ibm")
    assert there.sent["d0ibm"].tags == [job.tag]
    assert len(there.sent) == 1
    there.sent["d0ibm"].state = "QUEUED"
    assert jobs.status(job.id).state == "queued"
    there.sent["d0ibm"].state = "DONE"
    assert jobs.fetch(job.id).polarization.shape == (2, 2, 3)
    there.faults = {}
    other = jobs.send(work)
    there.sent["d1ibm"].state, there.sent["d1ibm"].reason = "ERROR", f"1517 Bearer {TOKEN}"
    record = jobs.status(other.id)
    assert (record.state, "1517" in record.detail, TOKEN in record.detail) == (
        "failed",
        True,
        False,
    )
    third = jobs.send(work)
    assert jobs.cancel(third.id).state == "cancelled"


@pytest.mark.parametrize("primitive", ["sampler", "estimator"])
def test_the_tag_reaches_the_library(monkeypatch: pytest.MonkeyPatch, primitive: str) -> None:
    seen: list[Any] = []

    def run(self: Any, program: Any, **_: Any) -> None:
        seen.append(self.options.environment.job_tags)

    monkeypatch.setattr(Executor, "run", run)
    device = load_machine("fake_torino").model_copy(update={"primitive": primitive})
    circuits, recipe = measure.prepare(GAS, SCHEDULE, device, times=[0.4], shots=50)
    submission.remote(device.backend(), circuits, recipe, tags=["qnu-123"])  # type: ignore[attr-defined]  # a device
    assert seen == [["qnu-123"]]


def everything(folder: Path) -> bytes:
    """All that is written anywhere, but for the user's own account."""
    own = folder / "user"
    return b"".join(
        str(path).encode() + path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and own not in path.parents
    )


SPEC = """
group = [{ count = 2, polarization = [0, 0, 1], omega = 0.1 }]
schedule = { kind = "tournament", gamma = 0.3 }
method = [{ kind = "circuit", shots = 50, times = [0.3] }]
"""


def test_credentials_are_written_nowhere(
    there: Service,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(SPEC, encoding="utf-8")
    output = ""

    def call(*arguments: str) -> int:
        nonlocal output
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        captured = capsys.readouterr()
        output += captured.out + captured.err
        assert "Traceback" not in captured.err
        return int(end.value.code or 0)

    def quoting() -> BaseException:
        quoted = TOKEN.replace("/", "%2F").replace("+", "%2B")
        return RequestsApiError(
            f"POST ?token={quoted} {TOKEN} {SAVED}, apikey: aaaabbbbccccdddd99", 500
        )

    assert call("submit", str(spec), "--hardware", "ibm_heron") == 0
    there.faults = dict.fromkeys(("run", "status", "result"), quoting)
    assert call("submit", str(spec), "--hardware", "ibm_heron") == 1
    done, lost = (record.id for record in jobs.recorded())
    assert call("status", done) == 1
    assert call("fetch", done) == 1
    there.faults = {"connect": quoting}
    for command in ("status", "fetch", "cancel"):
        assert call(command, lost) == 1
    assert call("submit", "--resume", lost) == 1
    machines._device.cache_clear()
    assert call("submit", str(spec), "--hardware", "ibm_heron", "--dry-run") == 1
    there.faults = {}
    with sqlite3.connect(tmp_path / "home" / "jobs.sqlite") as reader:  # keeps the log in place
        reader.execute("SELECT * FROM jobs").fetchall()
        assert call("fetch", done) == 0
        assert call("jobs") == 0
        assert call("submit", "--resume", lost) == 0
        assert (tmp_path / "home" / "jobs.sqlite-wal").stat().st_size > 0
        written = everything(tmp_path)
    reader.close()
    assert len(there.sent) == 2
    assert "[credential removed]" in output
    quoted = TOKEN.replace("/", "%2F").replace("+", "%2B")
    for secret in (TOKEN, SAVED, quoted, "aaaabbbbccccdddd99", "crn:v1"):
        assert secret not in output
        assert secret.encode() not in written
    assert done.encode() in written  # the search does find what is there


def test_a_config_has_no_place_for_credentials(tmp_path: Path) -> None:
    for key in ("token", "account", "instance", "api_key"):
        path = tmp_path / "mine.toml"
        path.write_text(
            f'provider = "ibm"\nbackend = "ibm_torino"\n{key} = "abc"\n', encoding="utf-8"
        )
        with pytest.raises(QnuError, match=rf"^{key}: got an unknown key; allowed: one of "):
            load_machine(path)


def test_passwords_are_found_in_every_form(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As programs write them: encoded in an address, with small letters, in JSON."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MY_TOKEN", "a b/c+d@e:f?")
    monkeypatch.setenv("HTTPS_PROXY", "http://bob:p%40ss-word@proxy.example:3128")
    folder = tmp_path / ".qiskit"
    folder.mkdir()
    proxies = {"urls": {"https": "http://eve:eves%2Fkey@other"}, "password_ntlm": "ntlm-word"}
    (folder / "qiskit-ibm.json").write_text(
        json.dumps({"default": {"proxies": proxies}}), encoding="utf-8"
    )
    for text in (
        "a b/c+d@e:f?", "a%20b%2Fc%2Bd%40e%3Af%3F", "a%20b%2fc%2bd%40e%3af%3f",
        "a+b%2Fc%2Bd%40e%3Af%3F", "a%20b/c%2Bd%40e%3Af%3F",
        "p%40ss-word", "p@ss-word", "http://bob:p%40ss-word@proxy.example:3128",
        "eves%2Fkey", "eves/key", "ntlm-word",
    ):  # fmt: skip
        found = redact(f"failed: {text} (no)")
        assert found.startswith("failed: ")
        assert found.endswith(" (no)")
        assert text not in found
        assert "[credential removed]" in found
    address = "via http://user:pw@host:80/p?x=1 to http://host:80/a@b"
    wanted = "via http://[credential removed]@host:80/p?x=1 to http://host:80/a@b"
    assert redact(address) == wanted


def test_without_a_home_there_is_no_account_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    assert redact("plain") == "plain"


class ProxyError(ConnectionError):
    """As requests names it."""


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "Name or service not known"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ProxyError("via http://bob:secret@proxy"), "and the proxy"),
    ],
)
def test_offline_is_not_a_refused_token(inner: Exception, words: str) -> None:
    """qiskit-ibm-runtime says 'invalid API token' whatever happened."""
    outer = InvalidAccountError("Unable to retrieve instances. Please check ... a valid API token.")
    outer.__cause__ = inner
    fault = service_error(outer, "ibm_torino")
    assert fault is not None
    assert fault.again
    assert words in str(fault)
    assert "token" not in str(fault)
    assert "secret" not in str(fault)
    refused = service_error(InvalidAccountError("no"), "ibm_torino")
    assert refused is not None
    assert "token is not accepted" in str(refused)


def test_ordinary_words_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MY_TOKEN", "short")
    for text in ("the token is not accepted (expired or revoked?)", "a short word", "key: value"):
        assert redact(text) == text


class Opened:
    """Stands in for a Batch or a Session."""

    made: ClassVar[list[Opened]] = []

    def __init__(self, backend: Any, max_time: int | None = None) -> None:
        self.backend, self.max_time, self.open = backend, max_time, True
        self.made.append(self)

    def close(self) -> None:
        self.open = False


@pytest.mark.parametrize("mode", ["batch", "session"])
def test_all_requests_of_a_job_are_sent_in_one_batch_or_session(
    there: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
) -> None:
    monkeypatch.setattr(Opened, "made", [])
    other = "Session" if mode == "batch" else "Batch"
    monkeypatch.setattr(qiskit_ibm_runtime, mode.capitalize(), Opened)
    monkeypatch.setattr(qiskit_ibm_runtime, other, None)
    execution = qnu.quantum.Execution(mode=mode, max_time=600, max_circuits=2)
    machine = qnu.quantum.IBMMachine(backend="ibm_torino", shots=20, execution=execution)
    record = jobs.submit(GAS, SCHEDULE, machine, [0.4], folder=tmp_path)
    assert [part.circuits for part in record.parts] == [2, 1]
    (opened,) = Opened.made
    assert there.modes == [opened, opened]
    assert (opened.max_time, opened.open) == (600, False)
    assert jobs.fetch(record.id).polarization.shape == (1, 2, 3)


def test_jobs_for_themselves_open_nothing(there: Service, tmp_path: Path) -> None:
    machine = qnu.quantum.IBMMachine(backend="ibm_torino", shots=20)
    jobs.submit(GAS, SCHEDULE, machine, [0.4], folder=tmp_path)
    assert there.modes == [None]


def test_a_session_on_the_open_plan_is_refused_before_anything_is_sent(
    there: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there.device._instance = CRN + "second"
    plans = [{"crn": CRN + "first", "plan": "flex"}, {"crn": CRN + "second", "plan": "open"}]
    monkeypatch.setattr(there, "instances", lambda: plans)
    execution = qnu.quantum.Execution(mode="session")
    machine = qnu.quantum.IBMMachine(backend="ibm_torino", shots=20, execution=execution)
    with pytest.raises(jobs.ServiceError, match=r"not part of the open plan.*mode = 'batch'") as no:
        jobs.submit(GAS, SCHEDULE, machine, [0.4], folder=tmp_path)
    assert no.value.sent is False
    assert "\n" not in str(no.value)
    assert not there.sent
    (record,) = jobs.recorded()
    assert (record.state, record.attempted) == ("intended", None)


def test_a_batch_that_cannot_be_opened_sends_nothing_and_the_job_can_be_resumed(
    there: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refused(backend: Any, max_time: int | None = None) -> Any:
        raise RequestsApiError("503 later", 503)

    monkeypatch.setattr(qiskit_ibm_runtime, "Batch", refused)
    execution = qnu.quantum.Execution(mode="batch", max_circuits=2)
    machine = qnu.quantum.IBMMachine(backend="ibm_torino", shots=20, execution=execution)
    with pytest.raises(jobs.ServiceError, match=r"maintenance.*qnu submit --resume"):
        jobs.submit(GAS, SCHEDULE, machine, [0.4], folder=tmp_path)
    assert not there.sent
    monkeypatch.setattr(qiskit_ibm_runtime, "Batch", Opened)
    assert jobs.resume("last").state == "sent"
    assert len(there.sent) == 2
