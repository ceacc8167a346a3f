"""``qnu new``, ``show``, ``export`` and ``schema``: what is on the screen and on the disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import qnu
from qnu import cli

from ..conftest import hears_interrupts

#: Ctrl-C.
INTERRUPT = b"\x03"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, captured.out, captured.err


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_flags_write_a_file_that_runs(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    flags = ["--groups", "nu_e:2:electron:0.5,anti_nu_e:2:anti-electron", "--gamma", "0.2"]
    code, out, err = call(capsys, "new", "gas.toml", *flags, "--methods", "independent")
    assert (code, err) == (0, "")
    assert out == "Written: gas.toml\nNext: qnu validate gas.toml, then qnu run gas.toml\n"
    data = tomllib.loads((here / "gas.toml").read_text(encoding="utf-8"))
    assert (data["name"], data["schedule"]["gamma"]) == ("gas", 0.2)
    assert call(capsys, "run", "gas.toml", "-q")[0] == 0


def test_a_flag_that_is_wrong_leaves_nothing(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    code, _, err = call(capsys, "new", "gas.toml", "--gamma", "-0.2")
    assert (code, err) == (2, "qnu: --gamma: got -0.2; allowed: a finite number > 0\n")
    code, _, err = call(capsys, "new", "gas.toml", "--from", "msw_1", "--gamma", "0.2")
    assert (code, "--gamma: got '0.2'; allowed: only without --from" in err) == (2, True)
    assert list(here.iterdir()) == []


def answer(here: Path, typed: list[bytes], *arguments: str) -> tuple[int, str]:
    """``qnu new`` in a terminal: what is typed, a line after every question."""
    import pty
    import select

    process, terminal = pty.fork()
    if process == 0:
        hears_interrupts()
        os.environ.update(COLUMNS="80", PYTHONPATH=str(Path(qnu.__file__).parent.parent))
        os.execv(sys.executable, [sys.executable, "-m", "qnu", "new", *arguments])
    shown, last = b"", b""
    pending, quiet = list(typed), 0
    while quiet < 60:
        if not select.select([terminal], [], [], 3)[0]:
            quiet += 1
            if last == INTERRUPT:  # Python may miss one between two system calls
                os.write(terminal, INTERRUPT)
            continue
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux ends so
            part = b""
        if not part:
            break
        shown, quiet = shown + part, 0
        if shown.endswith(b"]: ") and pending:
            last = pending.pop(0)
            os.write(terminal, last)
    else:
        os.kill(process, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    os.close(terminal)
    return code, shown.decode()


@pytest.mark.posix("pseudo-terminals")
def test_questions_take_enter_and_ask_again_where_an_answer_is_none(here: Path) -> None:
    lines = [b"\n", b"three\n", b"3\n", b"2\n"] + [b"\n"] * 6 + [b"stochatic\n", b"stochastic\n"]
    code, shown = answer(here, lines + [b"\n"] * 9, "gas.toml")
    assert code == 0, shown
    assert "allowed: a whole number" in shown
    assert "did you mean" in shown
    data = tomllib.loads((here / "gas.toml").read_text(encoding="utf-8"))
    assert [group["count"] for group in data["group"]] == [4, 3, 2]
    assert data["group"][2]["antineutrino"] is True
    assert data["schedule"]["kind"] == "stochastic"
    kinds = [method["kind"] for method in data["method"]]
    assert kinds == ["many_body", "independent", "mean_field", "circuit"]
    assert qnu.experiment.load(here / "gas.toml").name == "gas"
    assert max(map(len, shown.splitlines())) <= 100


@pytest.mark.posix("pseudo-terminals")
def test_ctrl_c_leaves_nothing(here: Path) -> None:
    code, shown = answer(here, [b"\n", INTERRUPT], "gas.toml")
    assert (code, "interrupted; nothing was written" in shown) == (130, True)
    assert list(here.iterdir()) == []


def test_a_schema_beside_a_new_file_is_named_in_its_first_line(
    capsys: pytest.CaptureFixture[str], here: Path
) -> None:
    code, out, _ = call(capsys, "schema", "-o", "qnu.schema.json")
    assert (code, out.splitlines()[0]) == (0, "Written: qnu.schema.json")
    assert json.loads((here / "qnu.schema.json").read_text(encoding="utf-8"))["title"]
    for name, flags in (
        ("a.toml", []),
        ("b.toml", ["--gamma", "0.1"]),
        ("c.toml", ["--from", "msw_1"]),
    ):
        assert call(capsys, "new", name, *flags)[0] == 0
        text = (here / name).read_text(encoding="utf-8")
        assert text.splitlines()[0] == "#:schema ./qnu.schema.json"
        tomllib.loads(text)
    code, out, _ = call(capsys, "schema")
    assert out == (here / "qnu.schema.json").read_text(encoding="utf-8")


def test_show_says_what_is_there_and_what_it_costs(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "show", "two_groups_10")
    assert (code, err) == (0, "")
    for part in (
        "10 neutrinos, velocities right-angle (every 1 - v.v' = 1)",
        "1: 6 neutrinos that begin as P = (0.1987, 0, 0.9801), omega = 0.1",
        "45 encounters, 9 per neutrino, 1 per pair, in 9 rounds",
        "at least 135",
        "120,000 shots",
        "an estimate, within a factor of about 3",
    ):
        assert part in out, part
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize(
    "name", [*qnu.catalogue.experiment_names(), *qnu.catalogue.sweep_names(), "fake_torino", "qnu"]
)
def test_everything_fits_a_terminal_of_80_columns(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code, out, _ = call(capsys, "show", name)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80


def test_show_prints_the_file_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    path = qnu.catalogue.find_experiment("two_groups_10")
    assert call(capsys, "show", "two_groups_10", "--file")[1] == path.read_text(encoding="utf-8")
    found = json.loads(call(capsys, "show", "entanglement_rate", "--json")[1])
    assert found["sweep"]["histories"] == 4000
    assert call(capsys, "show", "nothing_10")[0] == 2


def test_results_are_shown_and_exported(capsys: pytest.CaptureFixture[str], here: Path) -> None:
    assert call(capsys, "run", "tournament_4", "-o", "out", "-q")[0] == 0
    code, out, _ = call(capsys, "show", "out")
    assert code == 0
    assert "Group polarizations at mu t = 1.5" in out
    assert "qnu run tournament_4" in out or "command" not in out
    code, out, _ = call(capsys, "export", "out", "--csv")
    assert (code, out.splitlines()[0]) == (0, "Written: out-tables/circuit.csv")
    code, _, err = call(capsys, "export", "out")
    assert (code, "does not exist yet" in err) == (2, True)
    code, out, _ = call(capsys, "export", "out", "-o", "npz", "--npz", "--neutrinos")
    assert code == 0
    assert (here / "npz" / "many_body.neutrinos.npz").is_file()
    assert call(capsys, "export", "out", "--csv", "--npz")[0] == 2


def test_show_without_qiskit_or_numba_needs_neither() -> None:
    code = "import qnu.cli; qnu.cli.main(['show', '--help'])"
    report = "import sys; print(*[m for m in ('numba', 'qiskit') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", f"try:\n    {code}\nfinally:\n    {report}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == ""
