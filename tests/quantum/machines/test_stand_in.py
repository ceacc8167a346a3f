"""IBM's devices without an account: the newest snapshot, and one line that says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import qiskit_ibm_runtime
from qiskit_ibm_runtime.accounts.exceptions import AccountNotFoundError
from qiskit_ibm_runtime.fake_provider import FakeTorino

import qnu
from qnu import QnuError
from qnu.cli import main
from qnu.common import snapshots
from qnu.quantum import FakeMachine, IBMMachine, jobs
from qnu.quantum.machines import ibm, load_device
from qnu.quantum.machines.ibm import stand_in

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)


@pytest.fixture
def no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    def nobody() -> Any:
        raise AccountNotFoundError("Unable to find account.")

    monkeypatch.setattr(qiskit_ibm_runtime, "QiskitRuntimeService", nobody)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    ibm._device.cache_clear()
    yield
    ibm._device.cache_clear()


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[Any, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    printed = capsys.readouterr()
    return ended.value.code, printed.out + printed.err


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (IBMMachine(backend="ibm_torino", shots=77), "FakeTorino"),
        (IBMMachine(backend="least_busy", family="Nighthawk"), None),
        (IBMMachine(backend="least_busy"), None),
    ],
)
def test_the_snapshot_has_the_options_of_the_config(
    no_account: None, given: IBMMachine, name: str | None
) -> None:
    fake, note = stand_in(given)
    assert isinstance(fake, FakeMachine)
    wanted = name or snapshots.newest(family=given.family or "Heron")
    assert fake.backend_name == wanted
    assert (fake.shots, fake.compile, fake.name) == (given.shots, given.compile, given.name)
    day = str(fake.backend().properties().last_update_date.date())
    real = fake.backend().name.replace("fake_", "ibm_")
    assert note == f"no account: compiled for {wanted}, a snapshot of {real} of {day}"


def test_the_mitigation_of_the_config_stays(no_account: None) -> None:
    heron = load_device("ibm_heron")
    fake, _ = stand_in(heron)
    assert isinstance(fake, FakeMachine)
    assert fake.mitigation == heron.mitigation
    assert fake.mitigation.twirling == "all"


def test_a_draft_of_a_dry_run_has_the_devices_time_and_is_not_sent(no_account: None) -> None:
    work = jobs.draft(GAS, SCHEDULE, "ibm_heron", shots=100, dry_run=True)
    assert work.costs
    assert work.note.startswith("no account: compiled for Fake")
    assert work.intent.backend.startswith("fake_")
    assert work.instructions > 0
    assert 2.0 < work.time.seconds < 3.0
    with pytest.raises(QnuError, match=r"draft: got one of a dry run \(no account"):
        jobs.send(work)
    with pytest.raises(jobs.ServiceError, match="no account of the IBM Quantum Platform"):
        jobs.draft(GAS, SCHEDULE, "ibm_heron", shots=100)


def test_commands_compile_for_the_snapshot_and_say_so(
    no_account: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    newest = snapshots.newest(family="Heron")
    note = f"\nno account: compiled for {newest}, a snapshot of ibm_"
    code, out = command(capsys, "compile", "tournament_4", "--hardware", "ibm_heron")
    assert (code, out.count(note)) == (0, 1)
    assert "  ISA valid  " in out
    code, out = command(capsys, "submit", "tournament_4", "--hardware", "ibm_heron", "--dry-run")
    assert (code, out.count(note)) == (0, 1)
    assert "device time" in out
    assert "ISA valid" in out
    assert "mode job; mitigation: twirling all" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "nothing was recorded or sent" in out
    code, out = command(capsys, "submit", "tournament_4", "--hardware", "ibm_heron", "--yes")
    assert code == 1
    assert "no account of the IBM Quantum Platform" in out


def test_a_device_without_a_snapshot_is_one_line(no_account: None) -> None:
    with pytest.raises(QnuError, match=r"did you mean 'ibm_torino'.*save_account") as caught:
        stand_in(IBMMachine(backend="ibm_torimo"))
    assert "\n" not in str(caught.value)
    with pytest.raises(QnuError, match=r"family: got 'Herron'.*did you mean 'Heron'"):
        stand_in(IBMMachine(backend="least_busy", family="Herron"))


def test_with_an_account_the_device_itself_is_taken(
    no_account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Service:
        def backend(self, name: str, **_: Any) -> Any:
            return FakeTorino()

    monkeypatch.setattr(qiskit_ibm_runtime, "QiskitRuntimeService", Service)
    machine = IBMMachine(backend="ibm_torino")
    assert stand_in(machine) == (machine, "")


def test_another_fault_than_no_account_is_not_hidden(
    no_account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline() -> Any:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(qiskit_ibm_runtime, "QiskitRuntimeService", offline)
    with pytest.raises(jobs.ServiceError, match="not reached"):
        stand_in(IBMMachine(backend="ibm_torino"))
