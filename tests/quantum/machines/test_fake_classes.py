"""Any fake backend of qiskit-ibm-runtime by the name of its class, in Python and in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

import qnu
from qnu import QnuError, catalogue, experiment
from qnu.cli import main
from qnu.quantum import FakeMachine, load_machine
from qnu.quantum.machines import load_device

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)


def test_a_class_is_a_machine_like_those_of_the_catalogue() -> None:
    machine = load_machine("FakeTorino")
    shipped = load_device("fake_torino")
    assert isinstance(machine, FakeMachine)
    assert machine.name == "FakeTorino"
    assert machine.backend() is shipped.backend()
    own = qnu.quantum.run(GAS, SCHEDULE, "FakeTorino", shots=100, seed=3)
    same = qnu.quantum.run(GAS, SCHEDULE, shipped, shots=100, seed=3)
    assert (own.polarization == same.polarization).all()
    assert own.attrs["backend"] == "fake_torino"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("FakeBrisbne", "FakeBrisbane"),
        ("fakebrisbane", "FakeBrisbane"),
        ("fake_brisbane", "FakeBrisbane"),
        ("FakeManila", "FakeManilaV2"),
        ("fake_torin", "fake_torino"),
    ],
)
def test_another_spelling_is_one_line_with_the_class_that_was_meant(given: str, meant: str) -> None:
    with pytest.raises(QnuError, match=f"hardware: got '{given}'; .*did you mean '{meant}'") as no:
        load_machine(given)
    assert "\n" not in str(no.value)


def test_a_file_of_that_name_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'provider = "aer"\nmethod = "statevector"\n'
    Path("FakeBrisbane").write_text(text, encoding="utf-8")
    assert load_machine("FakeBrisbane").provider == "aer"
    assert catalogue.hardware_text("FakeBrisbane") == text


def test_an_experiment_may_name_a_class(tmp_path: Path) -> None:
    text = catalogue.find_experiment("tournament_4").read_text(encoding="utf-8")
    named = text.replace(
        'kind = "circuit"\nobservables = ["entropy", "pair_concurrence"]',
        'kind = "circuit"\nhardware = "FakeLagosV2"\nshots = 10',
    )
    file = tmp_path / "mine.toml"
    file.write_text(named, encoding="utf-8")
    loaded = experiment.load(file)
    hardware = {m.options["hardware"] for m in loaded.methods if "hardware" in m.options}
    assert hardware == {"FakeLagosV2"}


def command(*words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert not ended.value.code


def test_commands_take_a_class(capsys: pytest.CaptureFixture[str]) -> None:
    command("compile", "tournament_4", "--hardware", "FakeLagosV2", "--effort", "1")
    assert "4 neutrinos on FakeLagosV2 (7 qubits)" in capsys.readouterr().out
    command("show", "FakeLagosV2")
    assert "snapshot of ibm_lagos: Falcon" in capsys.readouterr().out
    command("show", "FakeLagosV2", "--file")
    assert capsys.readouterr().out == catalogue.hardware_text("FakeLagosV2")
    command("list")
    out = capsys.readouterr().out
    assert "FakeBrisbane: any of the " in out
    assert all(len(line) <= 80 for line in out.splitlines())
