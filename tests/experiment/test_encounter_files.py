"""``[schedule] file``: runs, compiles, is submitted and swept as any other schedule."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, experiment
from qnu.cli import main
from qnu.experiment.sweeps import plan
from qnu.schedules import _columns

HEAD = """
name = "mine"
mixing_angle = 0.2
seed = 5
[[group]]
name = "e"
count = 2
flavor = "electron"
omega = 0.1
[[group]]
name = "x"
count = 2
flavor = "x"
omega = -0.2
"""
SCHEDULE = """
[schedule]
kind = "explicit"
file = "data/enc.csv"
gamma = 0.3
"""
METHODS = """
[output]
samples = 3
[[method]]
kind = "many_body"
[[method]]
kind = "independent"
[[method]]
kind = "circuit"
"""
ROWS = [[0, 1, 0.3, 0.0], [2, 3, 0.2, 0.0], [0, 2, 0.4, 1.25], [3, 1, 0.1 + 0.2, 2.5]]
LISTS = """
[schedule]
kind = "explicit"
first = [0, 2, 0, 3]
second = [1, 3, 2, 1]
swap_angle = [0.3, 0.2, 0.4, 0.30000000000000004]
start = [0.0, 0.0, 1.25, 2.5]
gamma = 0.3
"""
FILE = 'file = "data/enc.csv"'
#: Without the header of the table and gamma.
COLUMNS = "".join(line + "\n" for line in LISTS.splitlines()[3:-1])


def csv(rows: list[list[float]] = ROWS) -> str:
    lines = [",".join(map(repr, row)) for row in rows]
    return "\n".join(["first,second,swap_angle,start", *lines, ""])


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file and its encounters in a folder that is not the current one."""
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "enc.csv").write_text(csv(), encoding="utf-8")
    (folder / "mine.toml").write_text(HEAD + SCHEDULE + METHODS, encoding="utf-8")
    return folder / "mine.toml"


def changed(spec: Path, before: str, after: str) -> Path:
    text = spec.read_text(encoding="utf-8")
    assert before in text
    spec.write_text(text.replace(before, after, 1), encoding="utf-8")
    return spec


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    captured = capsys.readouterr()
    return int(leaving.value.code or 0), captured.out, captured.err


def test_a_file_is_the_same_as_lists(spec: Path) -> None:
    listed = experiment.parse(HEAD + LISTS + METHODS)
    loaded = experiment.load(spec)
    assert loaded.schedule == listed.schedule
    assert loaded.schedule.kind == "explicit"
    for label, run in experiment.simulate(loaded).items():
        assert np.array_equal(run.polarization, experiment.simulate(listed)[label].polarization)


def test_a_saved_schedule_and_an_archive_are_taken(spec: Path) -> None:
    schedule = experiment.load(spec).schedule
    schedule.save(spec.parent / "s.npz")
    columns = schedule.to_dataframe()
    np.savez(spec.parent / "t.npz", **{name: columns[name].to_numpy() for name in columns})
    for name in ("s.npz", "t.npz"):
        changed(spec, spec.read_text(encoding="utf-8").split('file = "')[1].split('"')[0], name)
        assert experiment.load(spec).schedule == schedule


def test_settings_of_a_saved_schedule_count_where_the_file_says_nothing(spec: Path) -> None:
    gas = experiment.load(spec).gas
    drawn = qnu.schedules.random_pairs(gas, 0.2, encounters=9, seed=1)
    drawn.save(spec.parent / "s.npz")
    changed(spec, "data/enc.csv", "s.npz")
    again = experiment.load(spec).schedule
    assert again.free_streaming is False
    assert (again.gamma, again.final_time) == (0.3, drawn.final_time)
    changed(spec, "gamma = 0.3", "free_streaming = false\nfinal_time = 7.0")
    assert experiment.load(spec).schedule.final_time == 7.0
    assert experiment.load(spec).schedule.gamma == 0.2


def test_keys_change_the_columns(spec: Path) -> None:
    path = spec.parent / "data" / "enc.csv"
    rows = [[t * 2, j + 1, i + 1, theta / 0.3] for i, j, theta, t in ROWS]
    path.write_text(
        "\n".join(" ".join(map(repr, row)) for row in rows[::-1]) + "\n", encoding="utf-8"
    )
    keys = (
        'columns = ["t", "second", "first", "swap_angle"]\nnumbered_from = 1\nsort = true\n'
        "angle_factor = 0.3\ntime_factor = 0.5\n"
    )
    changed(spec, "gamma = 0.3", f"gamma = 0.3\n{keys}")
    changed(spec, '"t", ', '"start", ')
    found = experiment.load(spec).schedule
    assert found.start.tolist() == [0.0, 0.0, 1.25, 2.5]
    assert found.first.tolist() == [2, 0, 0, 3]
    assert found.second.tolist() == [3, 1, 2, 1]
    assert np.allclose(found.swap_angle, [0.2, 0.3, 0.4, 0.3], atol=1e-15)


def test_the_hash_is_that_of_the_content_and_not_of_the_path(spec: Path) -> None:
    before = experiment.load(spec).spec_hash
    moved = spec.parent / "other.csv"
    shutil.move(spec.parent / "data" / "enc.csv", moved)
    changed(spec, "data/enc.csv", "other.csv")
    assert experiment.load(spec).spec_hash == before
    moved.write_text(csv().replace("0.2,0.0", "0.25,0.0"), encoding="utf-8")
    assert experiment.load(spec).spec_hash != before


def test_files_with_lists_keep_their_hash() -> None:
    content = experiment.parse(HEAD + LISTS + METHODS).spec.content(exclude=set())
    assert sorted(content["schedule"]) == [
        "duration", "final_time", "first", "free_streaming", "fresh", "gamma", "kind", "matter",
        "mu", "probability", "second", "start", "swap_angle",
    ]  # fmt: skip
    assert content["schedule"]["first"] == [0, 2, 0, 3]
    assert experiment.parse(HEAD + LISTS.replace("first = [0, 2", "first = [0.0, 2.0") + METHODS)


def test_a_folder_that_was_moved_runs_again_without_the_file(spec: Path, tmp_path: Path) -> None:
    results = experiment.run(spec, tmp_path / "out")
    shutil.rmtree(spec.parent)
    shutil.move(tmp_path / "out", tmp_path / "elsewhere")
    again = experiment.load(tmp_path / "elsewhere" / "spec.toml")
    assert again.schedule == results.experiment.schedule
    assert again.spec_hash == results.experiment.spec_hash
    runs = experiment.simulate(again)
    for label, run in results.trajectories.items():
        assert np.array_equal(runs[label].polarization, run.polarization)
    loaded = experiment.load_results(tmp_path / "elsewhere")
    assert loaded.experiment.schedule == results.experiment.schedule


def test_validate_shows_it(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "validate", str(spec))
    assert (code, err) == (0, "")
    assert "explicit schedule, 4 encounters to t = 2.5" in out
    assert "one random history" not in out, "nothing is drawn"


def test_it_compiles(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = typed(capsys, "compile", str(spec), "--hardware", "fake_torino", "--quiet")
    assert code == 0
    assert re.search(r"two-qubit gates +\d+ +[\d.]+ x 3 per encounter \(4\)", out)


def test_it_is_submitted(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(spec, 'kind = "circuit"', 'kind = "circuit"\nshots = 100')
    arguments = ("submit", str(spec), "--hardware", "fake_torino", "--dry-run")
    code, out, err = typed(capsys, *arguments)
    assert code == 0, err
    assert "100" in out


def test_it_runs_on_aer(spec: Path) -> None:
    changed(spec, 'kind = "circuit"', 'kind = "circuit"\nhardware = "aer_statevector"')
    runs = experiment.simulate(experiment.load(spec))
    exact = runs["many_body"].polarization
    assert np.allclose(runs["circuit"].polarization, exact, atol=1e-6)


def swept(spec: Path, values: dict[str, object]) -> qnu.experiment.sweeps.plan.Plan:
    return plan.make(experiment.load(spec), values)


def points(made: plan.Plan) -> list[EncounterSchedule]:
    tables = [
        plan.specification(made.data, dict(made.changes(k)), made.inputs)
        for k in range(len(made.grid))
    ]
    return [experiment.loading.built(table).schedule for table in tables]


def test_a_sweep_of_the_angles_ties_gamma_to_them(spec: Path) -> None:
    made = swept(
        spec,
        {"schedule.angle_factor": [0.5, 1.0], "schedule.gamma": "0.3 * schedule.angle_factor"},
    )
    half, whole = points(made)
    assert np.array_equal(half.swap_angle, whole.swap_angle / 2)
    assert (half.gamma, whole.gamma) == (0.15, 0.3)


def test_a_sweep_over_files(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = [[0, 3, 0.5, 1.0]]
    (spec.parent / "data" / "b.csv").write_text(csv(other), encoding="utf-8")
    made = swept(spec, {"schedule.file": ["data/enc.csv", "data/b.csv"]})
    shutil.rmtree(spec.parent / "data")  # workers read nothing
    assert [len(schedule) for schedule in points(made)] == [4, 1]
    assert len(set(made.frame.hashes)) == 2


def test_a_sweep_reads_a_file_once(spec: Path) -> None:
    _columns.in_file.cache_clear()
    made = swept(spec, {"mixing_angle": [0.1, 0.2, 0.3]})
    points(made)
    assert _columns.in_file.cache_info().misses == 1


def test_a_sweep_runs(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("sweep", str(spec), "--set", "mixing_angle=0.1,0.3", "--workers", "1")
    code, _, err = typed(capsys, *arguments)
    assert code == 0, err


def test_the_folder_of_a_sweep_over_files_keeps_them_all(
    spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (spec.parent / "b.csv").write_text(csv([[0, 3, 0.5, 1.0]]), encoding="utf-8")
    arguments = ("sweep", str(spec), "--set", "schedule.file=data/enc.csv,b.csv", "--workers", "1")
    code, _, err = typed(capsys, *arguments, "--output", "out")
    assert code == 0, err
    assert sorted(path.name for path in Path("out/inputs").iterdir()) == ["b.csv", "enc.csv"]


def test_times_of_a_file_may_be_in_kilometers(spec: Path) -> None:
    changed(spec, "[[group]]", '[units]\nmu = "2 km^-1"\n[[group]]')
    changed(spec, "gamma = 0.3", 'gamma = 0.3\ntime_factor = "1 km"')
    assert experiment.load(spec).schedule.start.tolist() == [0.0, 0.0, 2.5, 5.0]


def test_velocities_of_a_file(spec: Path) -> None:
    vectors = [[0, 0, 1], [0, 0.6, 0.8], [1, 0, 0], [0, -1, 0]]
    text = "x y z\n" + "\n".join(" ".join(map(str, row)) for row in vectors)
    (spec.parent / "v.dat").write_text(text, encoding="utf-8")
    changed(spec, "[schedule]", '[gas]\nvelocities = "v.dat"\n[schedule]')
    loaded = experiment.load(spec)
    assert loaded.gas.velocity.tolist() == vectors
    (spec.parent / "v.dat").write_text(text.replace("x y z", "x y w"), encoding="utf-8")
    with pytest.raises(qnu.QnuError, match=r"^gas.velocities: got v.dat with the columns x, y, w"):
        experiment.load(spec)


MISTAKES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no such file": (
        lambda spec: changed(spec, "data/enc.csv", "enc.csv"),
        "schedule.file: got 'enc.csv'; allowed: a file that can be read",
    ),
    "a number": (
        lambda spec: changed(spec, '"data/enc.csv"', "3"),
        "schedule.file: got 3; allowed: the path of a file",
    ),
    "lists as well": (
        lambda spec: changed(spec, "gamma = 0.3", "first = [1]"),
        "schedule.first: got a list, and file = 'data/enc.csv'; allowed: one of the two",
    ),
    "durations as well": (
        lambda spec: changed(spec, "gamma = 0.3", "duration = [1.0]"),
        "schedule.duration: got a list, and file = 'data/enc.csv'; allowed: one of the two",
    ),
    "neither": (
        lambda spec: changed(spec, 'file = "data/enc.csv"\n', ""),
        "schedule.first: got nothing (the key is missing); allowed: a list of neutrino numbers,"
        " from 0; or `file` with this column",
    ),
    "columns without a file": (
        lambda spec: changed(spec, FILE, COLUMNS + "columns = { start = 't' }"),
        "schedule.columns: got {'start': 't'}; allowed: nothing where there is no `file`",
    ),
    "a typo": (
        lambda spec: changed(spec, "file = ", "fil = "),
        "schedule.fil: got 'data/enc.csv' (an unknown key); allowed: ",
    ),
    "a neutrino that is not there": (
        lambda spec: changed(spec.parent / "data" / "enc.csv", "3,1,", "3,4,"),
        "schedule.file: enc.csv, line 5: second: got 4; allowed: a neutrino from 0 to 3",
    ),
    "no number": (
        lambda spec: changed(spec.parent / "data" / "enc.csv", "2,3,", "2,nu,"),
        "schedule.file: enc.csv, line 3: second: got 'nu'; allowed: a number",
    ),
    "out of order": (
        lambda spec: changed(spec.parent / "data" / "enc.csv", "1.25", "9.0"),
        "schedule.file: enc.csv, line 5: start: got 2.5; allowed: a time >= start of line 4 = 9",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_with_both_lines(
    name: str, spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, message = MISTAKES[name]
    change(spec)
    code, _, err = typed(capsys, "run", str(spec), "--output", "out")
    assert code == 2
    assert err.startswith(f"qnu: {message}")
    assert err.count("\n") == 1
    assert not Path("out").exists()
    lines = spec.read_text(encoding="utf-8").splitlines()
    line = int(re.search(r"\(line (\d+) of mine.toml\)", err)[1])
    key = message.partition(":")[0].removeprefix("schedule.")
    assert lines[line - 1].startswith((key, "[schedule]"))


def test_listed_encounters_do_not_depend_on_drawn_velocities(spec: Path) -> None:
    """Their swap angles are given; the velocities of the gas act on mean field and kinetic only."""
    changed(spec, "seed = 5", "seed = 5\nseeds = 3")
    changed(spec, 'kind = "circuit"', 'kind = "mean_field"\nresolve = "neutrino"\nmu = 0.1')
    loaded = experiment.load(spec)
    assert loaded.random == ("mean_field",)
    listed = SCHEDULE.replace('kind = "explicit"', 'kind = "tournament"')
    drawn = HEAD + listed.replace('file = "data/enc.csv"\n', "") + METHODS
    assert experiment.parse(drawn).random == ("many_body", "independent", "circuit")


def test_show_names_the_file(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = typed(capsys, "show", str(spec))
    assert code == 0, err
    assert "file = data/enc.csv" in " ".join(out.split())
    assert "angle_factor" not in out, "nobody set it"


def test_numbers_from_1_that_fit_are_doubted(tmp_path: Path) -> None:
    (tmp_path / "enc.csv").write_text(
        "first,second,swap_angle,start\n1,2,0.3,0\n2,3,0.2,1\n", encoding="utf-8"
    )
    text = """
group = [{ count = 4, polarization = [0, 0, 1] }]
schedule = { kind = "explicit", file = "enc.csv" %s }
method = [{ kind = "independent" }]
"""
    (tmp_path / "a.toml").write_text(text % "", encoding="utf-8")
    with pytest.warns(qnu.QnuWarning, match=r"enc.csv: neutrino 0 meets nobody; numbered_from = 1"):
        experiment.load(tmp_path / "a.toml")
    (tmp_path / "b.toml").write_text(text % ", numbered_from = 1", encoding="utf-8")
    assert experiment.load(tmp_path / "b.toml").schedule.first.tolist() == [0, 1]
