"""``qnu submit``, ``jobs``, ``status``, ``fetch``, ``cancel`` as they are typed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import qnu
from qnu.cli import main
from qnu.errors import QnuWarning
from qnu.quantum import jobs
from qnu.quantum.jobs import records, runner
from qnu.quantum.jobs.local import LocalService

QUANTUM = Path(__file__).parents[1] / "quantum" / "jobs"

SPEC = """
name = "three neutrinos"
mixing_angle = 0.2
group = [{ count = 2, flavor = "electron", omega = 0.1 }, { count = 1, flavor = "x", omega = 0.2 }]
schedule = { kind = "tournament", gamma = 0.3 }
method = [
    { kind = "independent" },
    { kind = "circuit", samples = 2, shots = 40 },
    { kind = "circuit", label = "more", samples = 3, observables = ["purity"] },
]
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "three.toml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    captured = capsys.readouterr()
    lines = [line for line in captured.out.splitlines() if " " in line.strip()]  # paths stay whole
    assert max(map(len, lines), default=0) <= 80
    return int(leaving.value.code or 0), captured.out, captured.err


def test_a_newcomer_needs_no_account(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = call(capsys, "jobs")
    assert (code, out, err) == (0, "No jobs yet: qnu submit SPEC --hardware CONFIG\n", "")
    code, out, err = call(capsys, "submit", str(spec), "--hardware", "fake_torino")
    assert (code, err) == (0, "")
    (record,) = jobs.recorded()
    for words in ("three, circuit", "fake_torino, simulated here", "6 (2 sample times x 3 bases)",
                  "40 per circuit, 240 in all", f"job {record.id}: recorded as local-",
                  "fake_torino is simulated here: the job is computed when it is fetched.",
                  f"Next: qnu fetch {record.id}\n",
                  f"It will write: deep/three.circuit.{record.id}.nc\n"):  # fmt: skip
        assert words in out
    assert "device time" not in out
    code, out, _ = call(capsys, "jobs")
    assert code == 0
    for words in (record.id, "three, circuit", "fake_torino", "6 x 40", "sent"):
        assert words in out
    code, out, _ = call(capsys, "status", record.id[:5])
    assert "circuits x shots 6 x 40" in " ".join(out.split())
    assert "device time" not in out
    assert "computed here when it is fetched" in " ".join(out.split())
    assert f"Next: qnu fetch {record.id}" in out
    code, out, err = call(capsys, "fetch", record.id)
    assert code == 0
    assert "100%" in err
    file = tmp_path / "deep" / f"three.circuit.{record.id}.nc"
    assert "Group polarizations at mu t = 0.9" in out
    assert f"Result: deep/{file.name}\n" in out
    found = qnu.Trajectory.load(file)
    direct = qnu.experiment.load(spec)
    assert found.attrs["spec_hash"] == direct.spec_hash
    assert found.attrs["shots_seed"] == direct.methods[1].options["seed"]
    assert (found.attrs["label"], found.attrs["experiment"]) == ("circuit", "three neutrinos")
    before = file.read_bytes()
    assert call(capsys, "fetch", record.id, "--quiet") == (0, "", "")
    assert file.read_bytes() == before
    code, out, _ = call(capsys, "status", record.id)
    assert f"Result: deep/{file.name}\n" in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "home"]


def test_a_dry_run_writes_nothing(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalService, "costs", True)  # as a real device
    arguments = ("submit", str(spec), "--hardware", "fake_torino", "--method", "more")
    code, out, err = call(capsys, *arguments, "--shots", "1000", "--dry-run")
    assert (code, err) == (0, "")
    text = " ".join(out.split())
    for words in ("9 (3 sample times x 3 bases)", "1000 per circuit, 9000 in all",
                  "device time 4.3 s = 2 s + 9 circuits x 1000 shots x (up to ",
                  "250 us between shots)", "Dry run: nothing was recorded or sent.",
                  "two-qubit gates 9, depth 9", "options mode job; mitigation: none",
                  "circuits of samples 3: each by itself: 1 has"):  # fmt: skip
        assert words in text
    assert ".nc" not in text  # no file is promised
    assert [path.name for path in tmp_path.rglob("*")] == ["deep", "three.toml"]
    call(capsys, *arguments)
    (record,) = jobs.recorded()
    assert (record.label, record.shots) == ("more", 4096)  # the config's
    kept = jobs.Store().payload(record.id)
    assert kept.spec == SPEC
    assert kept.recipe["observables"] == ["purity"]
    assert {"qnu", "qiskit", "qiskit-ibm-runtime"} <= set(kept.versions)


def test_of_the_catalogue(spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Its folder may not be ours to write: the result comes here."""
    call(capsys, "submit", "two_groups_10", "--hardware", "fake_torino", "--shots", "1")
    (record,) = jobs.recorded()
    assert record.folder == str(tmp_path)
    assert call(capsys, "cancel", record.id) == (0, f"job {record.id}: cancelled\n", "")
    assert "It has ended" in call(capsys, "status", record.id)[1]


def test_what_shots_do_not_give_is_left_out(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "submit", "tournament_4", "--hardware", "fake_torino")
    assert (code, err) == (0, "")
    assert "\nLeft out: pair_concurrence (pairs need exact runs).\n" in out
    (record,) = jobs.recorded()
    assert jobs.Store().payload(record.id).recipe["observables"] == ["entropy"]
    assert "Left out" not in call(capsys, "submit", str(spec), "--hardware", "fake_torino")[1]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["submit"], "SPEC: got nothing; allowed: `qnu submit SPEC "),
        (["submit", "SPEC"], "--hardware: got nothing; allowed: `qnu submit SPEC "),
        (["submit", "SPEC", "--hardware", "abacus"], "hardware: got 'abacus'; allowed: a file"),
        (["submit", "SPEC", "--hardware", "qnu"], "hardware: got 'qnu'; allowed: an IBM "),
        (["submit", "no.toml", "--hardware", "fake_torino"], "spec: got 'no.toml'; allowed: "),
        (["submit", "SPEC", "--hardware", "fake_torino", "--method", "independent"],
         "--method: got 'independent'; allowed: one of 'circuit', 'more'"),
        (["submit", "SPEC", "--hardware", "fake_torino", "--shots", "0"], "shots: got 0; "),
        (["submit", "SPEC", "--hardware", "fake_torino", "--shots", "few"], "--shots: got 'few'; "),
        (["submit", "SPEC", "--hardware", "fake_torino", "--shots", "9" * 20], "shots: got 9999"),
        (["submit", "tournament_20", "--hardware", "fake_torino"], "neutrinos: got 20; allowed: "),
        (["submit", "LONG", "--hardware", "fake_torino"],
         "schedule: got 9000 encounters, 2"),
        (["submit", "ENDLESS", "--hardware", "trapped_ions"],
         "schedule: got 60000 encounters; allowed: at most 50000 for a job"),
        (["submit", "WIDE", "--hardware", "fake_fractional"], "neutrinos: got 6; allowed: "),
        (["fetch", "last"], "job: got 'last'; allowed: an id from `qnu jobs` (there is no job "),
        (["fetch", "zz", "--into", "nowhere"], "folder: got 'nowhere'; allowed: a folder that "),
        (["fetch", "zz", "--into", "deep"], "folder: got 'deep', without summary.json; allowed: "),
        (["submit", "CLASSICAL", "--hardware", "fake_torino"], "method: got none of kind "),
        (["submit", "--resume", "0badc0de"], "job: got '0badc0de'; allowed: an id from `qnu jobs`"),
        (["submit", "SPEC", "--resume", "0badc0de"], "--resume: got '0badc0de'; allowed: without "),
        (["status", "zz"], "job: got 'zz'; allowed: an id from `qnu jobs`"),
        (["fetch", "zz"], "job: got 'zz'; allowed: an id from `qnu jobs`"),
        (["cancel", "zz"], "job: got 'zz'; allowed: an id from `qnu jobs`"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(
    spec: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    classical = spec.with_name("classical.toml")
    classical.write_text(
        SPEC.partition("method")[0] + 'method = [{ kind = "independent" }]\n', encoding="utf-8"
    )
    files = {"SPEC": str(spec), "CLASSICAL": str(classical)}
    for name, count, schedule in (
        ("LONG", 8, 'kind = "random_pairs", gamma = 0.3, encounters = 9000'),
        ("ENDLESS", 8, 'kind = "random_pairs", gamma = 0.3, encounters = 60000'),
        ("WIDE", 5, 'kind = "tournament", gamma = 0.3'),
    ):
        text = SPEC.replace("count = 2", f"count = {count}")
        text = text.replace('kind = "tournament", gamma = 0.3', schedule)
        files[name] = str(spec.with_name(f"{name}.toml"))
        Path(files[name]).write_text(text, encoding="utf-8")
    code, out, err = call(capsys, *[files.get(word, word) for word in arguments])
    assert (code, out) == (2, "")
    assert err.startswith(f"qnu: {line}")
    assert err.count("\n") == 1
    assert jobs.recorded() == []


def test_the_last_job_has_a_name(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for method in ("circuit", "more"):
        call(capsys, "submit", str(spec), "--hardware", "trapped_ions", "--method", method)
    first, last = jobs.recorded()
    assert (first.label, last.label) == ("circuit", "more")
    assert jobs.status("last").id == last.id
    assert f"id {last.id} " in " ".join(call(capsys, "status", "last")[1].split())
    call(capsys, "submit", str(spec), "--hardware", "trapped_ions")
    newest = jobs.recorded()[-1].id
    assert call(capsys, "cancel", "last")[1] == f"job {newest}: cancelled\n"
    assert [record.state for record in jobs.recorded()] == ["sent", "done", "cancelled"]


def test_both_tables_have_the_same_words(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "submit", str(spec), "--hardware", "trapped_ions")
    head = " ".join(" ".join(call(capsys, "jobs")[1].splitlines()[1:3]).split())
    assert head == "circuits id experiment machine x shots state updated"
    rows = [line.split("  ")[0] for line in call(capsys, "status", "last")[1].splitlines()]
    for word in ("id", "experiment", "machine", "circuits x shots", "state", "updated"):
        assert word in rows
    _, text, _ = call(capsys, "jobs", "--help")
    for state in records.STATES:
        assert state in text


def test_the_search_of_a_submission_shows_how_far_it_is(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar goes through the search and the circuits; nothing without a terminal."""
    arguments = ("submit", str(spec), "--hardware", "fake_torino", "--method", "more", "--dry-run")
    assert call(capsys, *arguments)[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    bars = call(capsys, *arguments)[2]
    assert "circuits of samples" in bars
    assert "100%" in bars


def test_what_a_device_gave_goes_beside_the_theory(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Under the label of its method where no other has it, then with the machine, then its id."""
    text = SPEC.replace("samples = 2, shots = 40", 'label = "device", samples = 2, shots = 40')
    spec.write_text(text, encoding="utf-8")
    theory = tmp_path / "theory.toml"
    only = text.partition('    { kind = "circuit", label = "device"')[0] + "]\n"
    theory.write_text(only, encoding="utf-8")
    folder = tmp_path / "out"
    qnu.experiment.run(theory, folder)
    assert "device" not in qnu.experiment.load_results(folder).trajectories
    labels = ["independent"]
    for expected in ("device", "device-on-trapped_ions", "device-on-trapped_ions-{}"):
        arguments = ("submit", str(spec), "--hardware", "trapped_ions", "--method", "device")
        call(capsys, *arguments)
        label = expected.format(jobs.recorded()[-1].id)
        labels.append(label)
        for _ in range(2):  # the second time it is there already
            code, out, _ = call(capsys, "fetch", "last", "--into", str(folder))
            assert code == 0
            assert f"Added as {label} to: out\n" in out
        assert list(qnu.experiment.load_results(folder).trajectories) == labels
    added = qnu.experiment.load_results(folder).trajectories["device"]
    assert added.attrs["job"] == jobs.recorded()[0].id


def test_interrupted(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LocalService, "submit", stop)
    code, _, err = call(capsys, "submit", str(spec), "--hardware", "fake_torino")
    assert code == 130
    assert err == (
        "qnu: interrupted; `qnu jobs` shows what is recorded,"
        " and every command can be given again\n"
    )
    (record,) = jobs.recorded()
    monkeypatch.undo()
    monkeypatch.setenv("QNU_HOME", str(spec.parent.parent / "home"))
    monkeypatch.setattr(runner, "SETTLE", ())
    code, out, _ = call(capsys, "submit", "--resume", record.id)
    assert (code, f"job {record.id}: recorded as local-" in out) == (0, True)


CUT_OFF = """
import os, sys
sys.path.insert(0, sys.argv[1])
import fake_service
from pathlib import Path
from qnu.cli import main
from qnu.quantum import jobs
from qnu.quantum.jobs import runner
from qnu.quantum.jobs.local import LocalService
from qnu.quantum.jobs import runner

class Dies(fake_service.FakeService):
    def submit(self, work, tag):
        super().submit(work, tag)
        os.kill(os.getpid(), 9)

kind = Dies if sys.argv[2] == "dies" else fake_service.FakeService
runner.connect = lambda *_: kind(Path("service"))
runner.SETTLE = (0.01, 0.01)
main(sys.argv[3:])
"""


@pytest.mark.posix("kills with a signal")
def test_killed_while_it_submits_and_taken_up_again(spec: Path, tmp_path: Path) -> None:
    """Two real processes: the first dies when the job has arrived but its id is not recorded."""

    def process(how: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CUT_OFF, str(QUANTUM), how, *arguments],
            capture_output=True, text=True, check=False, timeout=120, env=dict(os.environ),
        )  # fmt: skip

    machine = tmp_path / "trap.toml"
    machine.write_text(
        'provider = "ions"\nbackend = "trap"\nqubits = 3\nshots = 50\n', encoding="utf-8"
    )
    killed = process("dies", "submit", str(spec), "--hardware", str(machine))
    assert killed.returncode == -9
    assert "sent to" not in killed.stdout
    (record,) = jobs.recorded()
    assert (record.state, record.attempted is None) == ("intended", False)
    resumed = process("lives", "submit", "--resume", record.id)
    assert resumed.returncode == 0, resumed.stderr
    assert f"job {record.id}: sent to trap as " in resumed.stdout
    assert len(list((tmp_path / "service").glob("*.job"))) == 1


def test_light() -> None:
    heavy = ("qiskit", "numpy", "sqlite3")
    code = f"import qnu.cli, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_long_names_are_shortened_and_numbers_never(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 80 columns every job has one line; what is copied from it is whole."""
    deep = tmp_path / "a folder with quite a long name" / "another one that is long too"
    deep.mkdir(parents=True)
    long = deep / "the_two_groups_of_the_paper_with_more_words.toml"
    label = "a-label-that-is-rather-long-for-a-table"
    long.write_text(
        SPEC.replace('label = "more", samples = 3', f'label = "{label}", samples = 30').replace(
            "shots = 40", "shots = 100000"
        ),
        encoding="utf-8",
    )
    hardware = deep / "ions_of_somebody_with_a_rather_long_name_for_a_file.toml"
    hardware.write_text(
        'provider = "ions"\nbackend = "ions-of-somebody-else"\nqubits = 3\n', encoding="utf-8"
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for chosen in ("circuit", label):
        with pytest.raises(SystemExit):
            main(["submit", str(long), "--hardware", str(hardware), "--method", chosen, "--yes"])
        out = capsys.readouterr().out
        newest = jobs.recorded()[-1].id
        file = str(deep / f"{long.stem}.{chosen}.{newest}.nc")
        assert file in out.splitlines()  # on its own line
    _, out, _ = call(capsys, "jobs")
    for record in jobs.recorded():
        (line,) = (row for row in out.splitlines() if record.id in row)
        assert f"{record.circuits} x {record.shots} " in line
        assert line.rstrip().endswith(time.strftime("%H:%M", time.localtime(record.updated)))
        assert "the_two_gr" in line
        assert "…" in line
        _, text, _ = call(capsys, "status", record.id)
        assert str(record.service_job) in text
        assert f"circuits x shots {record.circuits} x {record.shots}" in " ".join(text.split())
    assert len(out.splitlines()) == 4 + 2  # title, head of two lines, rule, rows


def test_names_that_fit_into_80_columns_are_whole(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for hardware in ("fake_torino", "trapped_ions"):
        call(capsys, "submit", "two_groups_10", "--hardware", hardware, "--shots", "4000")
    _, out, _ = call(capsys, "jobs")
    for hardware in ("fake_torino", "trapped_ions"):
        (line,) = (row for row in out.splitlines() if hardware in row)
        assert "two_groups_10, circuit-shots" in line


def test_exact_runs_of_the_file_have_shots_on_a_device(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec.write_text(SPEC.replace("shots = 40", "shots = 0"), encoding="utf-8")
    arguments = ("submit", str(spec), "--hardware", "fake_torino", "--method", "circuit")
    line = "shots = 0 in the file (exact); on a device: 4096.\n"
    assert line in call(capsys, *arguments)[1]
    assert "in the file" not in call(capsys, *arguments, "--shots", "9")[1]
    assert [record.shots for record in jobs.recorded()] == [4096, 9]


@pytest.mark.parametrize("command", ["status", "fetch", "cancel"])
def test_a_missing_argument_names_the_help_of_its_command(
    spec: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, out, err = call(capsys, command)
    assert (code, out) == (2, "")
    assert err.endswith(f"(try `qnu {command} --help`)\n")


def test_tables_end_without_blank_lines(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "submit", str(spec), "--hardware", "trapped_ions")
    (record,) = jobs.recorded()
    for arguments in (["jobs"], ["status", record.id], ["fetch", record.id]):
        assert all(map(str.strip, call(capsys, *arguments)[1].splitlines()))


@pytest.mark.filterwarnings("default::qnu.errors.QnuWarning")
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE jobs SET state = 'dome'",
        "UPDATE jobs SET updated = 1e300",
        "UPDATE jobs SET updated = 9e999",
        "UPDATE jobs SET created = -1.0",
    ],
)
def test_damaged_rows_do_not_hide_the_others(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, damage: str
) -> None:
    for _ in range(2):
        call(capsys, "submit", str(spec), "--hardware", "trapped_ions")
    bad, good = jobs.recorded()
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "jobs.sqlite")) as db:
        db.execute(f"{damage} WHERE id = ?", (bad.id,))
        db.commit()
    with pytest.warns(QnuWarning, match=f"left out: job: got .{bad.id}.*is damaged"):
        assert [record.id for record in jobs.recorded()] == [good.id]
    code, out, err = call(capsys, "jobs")
    assert code == 0
    assert good.id in out
    assert err.startswith("qnu: warning: left out: job: got ")
    assert bad.id in err
    code, _, err = call(capsys, "status", bad.id)
    assert code == 2
    assert err.startswith("qnu: job: got ")
    assert bad.id in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payloads SET machine = '{'",
        "UPDATE payloads SET recipe = '[]'",
        "UPDATE payloads SET machine = '{}'",
        "DELETE FROM payloads",
    ],
)
def test_damaged_payloads_are_one_line(
    spec: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, damage: str
) -> None:
    call(capsys, "submit", str(spec), "--hardware", "trapped_ions")
    (record,) = jobs.recorded()
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "jobs.sqlite")) as db:
        db.execute(damage)
        db.commit()
    code, _, err = call(capsys, "fetch", record.id)
    assert code == 2
    assert "damaged" in err
    assert err.count("\n") == 1


def test_a_user_without_a_home(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in containers that run under any number: neither HOME nor an entry of the user."""

    def unknown(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", "QNU_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, "jobs")
    assert code == 2
    assert err.startswith("qnu: QNU_HOME: got None; allowed: a folder")
    assert not any(tmp_path.iterdir())
