"""``qnu rerun``, ``qnu run FOLDER`` and what a run says at its end."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from qnu import Trajectory, cli

SPEC = """
group = [{ count = 3, polarization = [0, 0, 1], omega = 0.5 },
         { count = 2, polarization = [1, 0, 0] }]
schedule = { kind = "tournament", gamma = 0.2 }
method = [{ kind = "many_body" }, { kind = "mean_field" }]
"""


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    (place / "small.toml").write_text(SPEC, encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["run", str(place / "small.toml"), "-o", str(place / "out"), "--quiet"])
    assert leaving.value.code == 0
    return place / "out"


@pytest.fixture
def folder(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(made, tmp_path / "moved"))


def test_the_same_numbers_are_said_to_be_the_same(folder: Path, capsys) -> None:
    code, out, _ = call(capsys, "rerun", "moved")
    assert code == 0
    assert out.splitlines() == [
        "moved: every number is the same, to the last bit.",
        "  many_body   the same",
        "  mean_field  the same",
    ]


def test_a_number_that_differs_is_named_and_ends_with_1(folder: Path, capsys) -> None:
    place = folder / "trajectories" / "many_body.nc"
    changed = Trajectory.load(place).dataset.copy(deep=True)
    changed["polarization"].values[-1, 0, 2] += 1e-3
    place.unlink()
    Trajectory(changed).save(place)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    summary["versions"]["scipy"] = "0.1"
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    code, out, _ = call(capsys, "rerun", "moved", "-o", "again")
    assert code == 1
    assert "moved: not every number is the same." in out
    assert "many_body   largest difference 0.001, in polarization" in out
    assert "Not as it was then:\n  scipy: 0.1 then, " in out
    assert (folder.parent / "again" / "trajectories" / "many_body.nc").is_file()


def test_a_folder_that_is_none_is_one_line(folder: Path, capsys) -> None:
    code, _, err = call(capsys, "rerun", "nothing")
    assert code == 2
    assert err.endswith("folder: got 'nothing'; allowed: a folder that `qnu run` wrote\n")
    code, _, err = call(capsys, "rerun", "moved", "-o", "moved")
    assert code == 2


def test_run_of_a_result_folder_runs_its_file(folder: Path, capsys) -> None:
    code, out, _ = call(capsys, "run", "moved")
    assert code == 0
    assert "Results: results/moved  (start with report.md)" in out
    new = folder.parent / "results" / "moved"
    assert (new / "spec.toml").read_bytes() == (folder / "spec.toml").read_bytes()
    summary = json.loads((new / "summary.json").read_text(encoding="utf-8"))
    assert summary["provenance"]["command"] == "qnu run moved"


def test_a_run_ends_with_two_sentences_that_the_report_has_too(folder: Path, capsys) -> None:
    _, out, _ = call(capsys, "run", "moved")
    lines = out.splitlines()
    text = " ".join(line.strip() for line in lines)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["conclusions"]) == 2
    assert " ".join(summary["conclusions"]) in text
    page = (folder / "report.md").read_text(encoding="utf-8")
    assert f"## What came out\n\n{' '.join(summary['conclusions'])}" in page
    assert max(map(len, lines)) <= 80


def test_the_report_says_when_where_and_with_what_it_was_made(folder: Path) -> None:
    page = (folder / "report.md").read_text(encoding="utf-8")
    made = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["provenance"]
    assert f"- date: {made['date']}" in page
    assert f"- command: `{made['command']}`" in page
    assert made["command"].startswith("qnu run ")
    assert f"Python {made['python']}" in page
    assert made["host"] in page
