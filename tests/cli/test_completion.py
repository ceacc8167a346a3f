"""What the Tab key offers, through the protocol of the shells."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import qnu
from qnu.quantum.circuits import problems
from qnu.quantum.jobs import Store
from tests.quantum.jobs.test_job_store import INTENT

ENTRY = [sys.executable, "-c", "from qnu.cli import entry; entry()"]
Ask = Callable[..., list[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(Path(qnu.__file__).parent.parent))
    return tmp_path


def shell(**environment: str) -> str:
    done = subprocess.run(
        ENTRY, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def bash(line: str, number: int | None = None) -> list[str]:
    """What bash gets: the last word is completed."""
    words = line.split(" ")
    at = len(words) - 1 if number is None else number
    out = shell(_QNU_COMPLETE="complete_bash", COMP_WORDS="\n".join(words), COMP_CWORD=str(at))
    return out.split()


def test_commands_and_options_are_offered(home: Path) -> None:
    assert {"run", "list", "compile", "fetch"} <= set(bash("qnu "))
    assert bash("qnu fe") == ["fetch"]
    assert "--overwrite" in bash("qnu run --o")


def test_experiments_are_names_of_the_catalogue_and_toml_files(home: Path) -> None:
    (home / "two_of_mine.toml").touch()
    (home / "two_notes.txt").touch()
    (home / "own").mkdir()
    (home / "own" / "gas.toml").touch()
    assert bash("qnu run two_") == ["two_groups_10", "two_groups_60_40", "two_of_mine.toml"]
    assert bash("qnu run -q --seed 3 msw") == ["msw_1"]
    assert bash("qnu validate own/") == ["own/gas.toml"]
    assert bash("qnu run ow") == ["own/gas.toml"]
    assert bash("qnu run nothing_like_it") == []  # the shell then offers files


def test_only_devices_are_offered_to_compile_for(home: Path) -> None:
    offered = bash("qnu compile tournament_4 --hardware ")
    devices = []
    for name in qnu.catalogue.hardware_names():
        try:
            qnu.quantum.load_machine(name).device()
        except qnu.QnuError:
            continue
        devices.append(name)
    assert offered == devices
    assert bash("qnu submit -y tournament_4 --hardware fake_t") == ["fake_torino"]
    assert bash("qnu compile tournament_4 --hardware = fake_t") == ["fake_torino"]
    assert bash("qnu submit two_groups_10 --method circuit-") == ["circuit-shots"]


def test_kinds_and_experiments_are_offered_after_every_comma(home: Path) -> None:
    assert bash("qnu bench-backend fake_t") == ["fake_torino"]
    assert bash("qnu bench-backend FakeTor") == ["FakeTorino", "FakeTorontoV2"]
    assert "aer_statevector" in bash("qnu bench-backend aer_s")
    offered = bash("qnu bench-backend qnu --experiments native,tournament")
    assert {"native,tournament", "native,tournament_line", "native,tournament_8"} <= set(offered)
    kinds = [name for name in bash("qnu bench-backend qnu --experiments ") if "_" not in name]
    assert [name for name in problems.PROBLEMS if "_" not in name] == kinds[:3]


def test_ids_of_jobs_are_offered_where_the_command_can_take_them(home: Path) -> None:
    assert bash("qnu fetch ") == []  # no store; and none is made
    assert not (home / "home").exists()
    store = Store(home / "home")
    new, ended = store.record(INTENT).id, store.record(INTENT).id
    store.set_state(ended, "failed", "")
    assert set(bash("qnu status ")) == {new, ended, "last"}
    assert bash("qnu fetch ") == bash("qnu cancel ") == bash("qnu submit --resume ") == [new]
    assert bash(f"qnu fetch {new[:5]}") == [new]


@pytest.mark.parametrize("name", ["zsh", "fish", "powershell"])
def test_the_other_shells_also_get_the_descriptions_each_on_its_line(home: Path, name: str) -> None:
    out = shell(
        _QNU_COMPLETE=f"complete_{name}",
        _TYPER_COMPLETE_ARGS="qnu run mass_eigenstates_60",
        _TYPER_COMPLETE_WORD_TO_COMPLETE="mass_eigenstates_60",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert len(out.strip().splitlines()) == 1
    assert "mass_eigenstates_60" in out
    assert "34,220 amplitudes" in out


def test_a_broken_store_and_a_broken_file_offer_nothing(home: Path) -> None:
    (home / "home").mkdir()
    (home / "home" / "jobs.sqlite").write_bytes(b"not a database, " * 100)
    (home / "bad.toml").write_bytes(b"\xff = [")
    assert bash("qnu fetch ") == []
    assert bash("qnu submit bad.toml --method ") == []


def test_completion_is_fast_and_loads_nothing_heavy(home: Path) -> None:
    Store(home / "home").record(INTENT)
    heavy = ("numba", "qiskit", "matplotlib", "xarray", "scipy")
    light = ("qnu.cli", "qnu.common", "qnu.catalogue", "qnu.errors", "qnu.version")
    for line in ("qnu run tw", "qnu compile a --hardware f", "qnu fetch "):
        words = line.split(" ")
        code = (
            "import os, sys\nfrom qnu.cli import entry\ntry:\n    entry()\nfinally:\n"
            f"    print(*[m for m in {heavy!r} if m in sys.modules], file=sys.stderr)\n"
            f"    print(*[m for m in sys.modules if m.startswith('qnu.') and not"
            f" m.startswith({light!r})], file=sys.stderr)"
        )
        environment = {
            **os.environ,
            "_QNU_COMPLETE": "complete_bash",
            "COMP_WORDS": "\n".join(words),
            "COMP_CWORD": str(len(words) - 1),
        }
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.stderr.strip() == ""


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="needs bash")
def test_bash_takes_the_script_that_show_completion_prints(home: Path) -> None:
    binary = home / "qnu"
    binary.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from qnu.cli import entry; entry()"\n',
        encoding="utf-8",
    )
    binary.chmod(0o755)
    script = (
        'eval "$(_QNU_COMPLETE=source_bash ./qnu)"; COMP_WORDS=(./qnu compile tournament_4'
        ' --hardware "=" fake_t); COMP_CWORD=5; _qnu_completion ./qnu; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["/bin/bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "fake_torino"
