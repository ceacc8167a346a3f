"""`qnu sweep`: what it says, and what it refuses."""

from pathlib import Path

import pytest

from qnu.cli import main
from qnu.common import netcdf
from qnu.experiment.sweeps import point

SPEC = """
name = "ten"
seed = 2
[[group]]
name = "a"
count = 3
polarization = [0.199, 0.0, 0.98]
omega = 0.1
[[group]]
name = "b"
count = 2
polarization = [-0.199, 0.0, -0.98]
[schedule]
kind = "random_pairs"
gamma = 0.05
encounters = 40
[output]
samples = 3
[[method]]
kind = "independent"
"""


@pytest.fixture(autouse=True)
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "ten.toml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def qnu(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["sweep", "ten.toml", *arguments])
    return int(end.value.code or 0)


@pytest.mark.filterwarnings("default::qnu.QnuWarning")  # it is said, not raised, as for a user
def test_a_sweep_says_what_it_did_and_what_comes_next(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["--set", "schedule.gamma=logspace(-2,-1,3)", "--set", "group.b.omega=0.1,0.3"]
    assert qnu(*arguments, "--seeds", "4") == 0
    told = capsys.readouterr()
    assert told.err == ""
    text = " ".join(told.out.split())
    assert "3 x 2 points, 4 seeds: 24 histories computed now, 0 there before, 0 points" in text
    assert "Results: results/ten-sweep/sweep.nc Next: qnu plot results/ten-sweep" in text
    data = netcdf.load(tmp_path / "results" / "ten-sweep" / "sweep.nc")
    assert dict(data.sizes) == {
        "schedule.gamma": 3,
        "group.b.omega": 2,
        "method": 1,
        "seed": 4,
        "time": 3,
        "group": 2,
        "axis": 3,
    }
    assert data["schedule.gamma"].attrs["scale"] == "log"
    assert qnu(*arguments, "--seeds", "6") == 0
    told = capsys.readouterr()
    assert "12 histories computed now, 24 there before" in " ".join(told.out.split())
    assert told.err.startswith("qnu: warning: results/ten-sweep had another grid, file or number")


def test_a_sweep_says_where_pairs_meet_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert qnu("--set", "schedule.encounters=4,80", "--seeds", "2") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Where pairs meet most often (schedule.encounters = 80):" in text
    assert "a pair meets 8 times on average" in text


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert qnu("--set", "schedule.gamma=0.1,0.2", "--quiet") == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "")


def test_parts_and_then_the_whole(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--set", "schedule.gamma=linspace(0.1,0.2,5)", "--output", "out"]
    for part in ("1/2", "2/2"):
        assert qnu(*arguments, "--part", part) == 0
        assert "the same command without --part" in capsys.readouterr().out
        assert not Path("out/sweep.nc").exists()
    assert qnu(*arguments) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "0 histories computed now, 5 there before" in text


def test_points_that_fail_are_listed_and_the_exit_code_is_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = point.built

    def broken(table, *rest):
        if table.schedule.gamma == 0.2:
            raise ValueError("no")
        return made(table, *rest)

    arguments = ["--set", "schedule.gamma=0.1,0.2,0.3", "--workers", "1"]
    with monkeypatch.context() as patch:
        patch.setattr(point, "built", broken)
        assert qnu(*arguments) == 1
    err = capsys.readouterr().err
    assert err == (
        "qnu: failed: schedule.gamma = 0.2: ValueError: no (seed 2)\n"
        "qnu: the same command with --retry-failed tries them again\n"
    )
    assert qnu(*arguments) == 1
    assert qnu(*arguments, "--retry-failed") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "schedule.gamma"], "--set: got 'schedule.gamma'; allowed: KEY=VALUES"),
        (["--set", "schedule.gama=1,2"], "did you mean 'schedule.gamma'"),
        (["--set", "schedule.gamma=1,2", "--set", "schedule.gamma=3"], "every key once"),
        (["--set", "schedule.gamma=0.1,-1"], "schedule.gamma: got -1; allowed: a finite number"),
        (["--part", "0/3"], "--part: got '0/3'; allowed: I/N"),
        (["--part", "4/3"], "--part: got '4/3'; allowed: I/N"),
        (["--workers", "0"], "workers: got 0"),
        (["--workers", "2", "--scheduler", "tcp://a:1"], "only without --scheduler"),
        (["--seeds", "x"], "--seeds: got 'x'"),
        (["--output", "ten.toml"], "output: got 'ten.toml'; allowed: a new folder, or one of a sw"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert qnu(*arguments) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["ten.toml"]
