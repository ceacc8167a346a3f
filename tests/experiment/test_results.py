"""Result folders: what fails costs only itself, nothing of anybody is lost, the seed is right."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import qnu
from qnu import Checkpoint, QnuError, Trajectory, cli, experiment
from qnu.common import writing
from qnu.errors import QnuWarning
from qnu.experiment import folder

COMMAND = [sys.executable, "-m", "qnu"]
SPEC = """seed = 1
mixing_angle = 0.1
group = [{ count = 3, flavor = "electron", omega = 0.1 }, { count = 2, flavor = "x" }]
schedule = { kind = "tournament", gamma = 0.1 }
[[method]]
kind = "independent"
[[method]]
kind = "mean_field"
"""


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


def fails(*args: object, **options: object) -> None:
    raise RuntimeError("no paper")


def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["qnu.experiment.running"], "draw", lambda *args: ([], ()))


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path / "a.toml"


# ---------------------------------------------------------------- what fails later


def test_trajectories_are_there_as_soon_as_their_method_has_ended(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_figures(monkeypatch)
    seen = []

    @contextlib.contextmanager
    def stage(name: str):
        seen.append(sorted(p.stem for p in Path(".a.partial/trajectories").glob("*.nc")))
        yield lambda fraction: None

    experiment.run(spec, "a", stage=stage)
    assert seen == [[], ["independent"], ["independent", "mean_field"]]


@pytest.mark.parametrize("what", ["figures", "report", "plotting"])
def test_what_fails_after_the_methods_costs_only_itself(
    what: str, spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "figures":
        monkeypatch.setattr(qnu.plotting, "compare", fails)
    elif what == "report":
        no_figures(monkeypatch)
        monkeypatch.setattr(sys.modules["qnu.report.summary"], "markdown", fails)
    else:
        monkeypatch.setattr(qnu.plotting, "can_draw_schedule", fails)
    code, _, err = call(capsys, "run", "a.toml", "--quiet")
    assert code == 1
    assert err.startswith("qnu: partial result: ")
    assert "RuntimeError: no paper" in err
    assert err.count("\n") == 1
    for label in ("independent", "mean_field"):
        Trajectory.load(f"results/a/trajectories/{label}.nc")
    monkeypatch.undo()
    os.chdir(spec.parent)
    no_figures(monkeypatch)
    # still a result, which the next run may replace
    assert call(capsys, "run", "a.toml", "--quiet", "--overwrite")[0] == 0
    assert sorted(os.listdir("results")) == ["a"]


def test_a_method_that_fails_costs_only_itself(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*args: object, **options: object) -> None:
        raise QnuError("branch", 3.0, "a branch that goes on")

    no_figures(monkeypatch)
    monkeypatch.setattr(qnu.solvers.METHODS["mean_field"], "solve", staticmethod(ends))
    code, _, err = call(capsys, "run", "a.toml", "--quiet")
    assert code == 2
    assert err.count("\n") == 1
    assert "what was computed before is in results/a" in err
    assert os.listdir("results/a/trajectories") == ["independent.nc"]
    assert (
        "branch"
        in json.loads(Path("results/a/summary.json").read_text(encoding="utf-8"))["notes"][0]
    )
    # a whole earlier result is not replaced by one that is not
    monkeypatch.undo()
    os.chdir(spec.parent)
    no_figures(monkeypatch)
    assert call(capsys, "run", "a.toml", "--quiet", "--overwrite")[0] == 0
    monkeypatch.setattr(qnu.solvers.METHODS["mean_field"], "solve", staticmethod(ends))
    code, _, err = call(capsys, "run", "a.toml", "--quiet", "--overwrite")
    assert (code, "results/a.incomplete-1" in err) == (2, True)
    assert sorted(os.listdir("results/a/trajectories")) == ["independent.nc", "mean_field.nc"]
    assert os.listdir("results/a.incomplete-1/trajectories") == ["independent.nc"]
    # where the first one fails nothing is left
    monkeypatch.setattr(qnu.solvers.METHODS["independent"], "solve", staticmethod(ends))
    assert call(capsys, "run", "a.toml", "--quiet", "-o", "other")[0] == 2
    assert not Path("other").exists()


@pytest.mark.parametrize("order", [KeyboardInterrupt, cli.Terminated])
def test_an_order_to_stop_while_figures_are_drawn_costs_only_them(
    order: type[BaseException],
    spec: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*args: object, **options: object) -> None:
        raise order

    monkeypatch.setattr(qnu.plotting, "compare", stop)
    code, _, err = call(capsys, "run", "a.toml", "--quiet")
    assert code == (130 if order is KeyboardInterrupt else 143)
    assert err.endswith("the results so far are in results/a\n")
    assert len(os.listdir("results/a/trajectories")) == 2


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.nowhere", "nonsense", "tkagg"])
def test_figures_need_no_backend_of_matplotlib(backend: str, spec: Path) -> None:
    code = "import sys; sys.modules['matplotlib_inline'] = None; import qnu.cli; qnu.cli.main()"
    spec.write_text(SPEC + '[[method]]\nkind = "circuit"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "a.toml", "--quiet"],
        env={**os.environ, "MPLBACKEND": backend},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {p.stem for p in Path("results/a/figures").iterdir()} >= {"comparison", "circuit"}


def test_a_backend_that_is_installed_stays_the_users() -> None:
    code = (
        "import os, qnu.plotting, matplotlib as m;"
        "print(m.rcParams._get_backend_or_none(), os.environ['MPLBACKEND'])"
    )
    for backend in ("svg", "nonsense"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "MPLBACKEND": backend},
            capture_output=True,
            text=True,
            check=True,
        )
        chosen = backend if backend == "svg" else "None"
        assert done.stdout.split() == [chosen, backend]


# ---------------------------------------------------------------- names


def test_a_file_name_that_is_no_utf8_runs(
    spec: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_figures(monkeypatch)
    odd = os.fsdecode(b"caf\xe9.toml")
    try:
        spec.rename(odd)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    assert call(capsys, "validate", odd)[0] == 0
    code, _, err = call(capsys, "run", odd)
    assert code == 0, err
    place = Path("results") / os.fsdecode(b"caf\xe9")
    run = Trajectory.load(place / "trajectories" / "independent.nc")
    assert run.attrs["experiment"] == r"caf\udce9"
    assert (place / "report.md").read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("name", [".toml", "..toml", "...toml"])
def test_a_spec_without_a_name_needs_an_output(
    name: str, spec: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec.rename(name)
    code, _, err = call(capsys, "run", name, "--quiet")
    if code == 0:  # a name that this version of Python takes as one
        assert Path("results").is_dir()
        assert not Path("results/summary.json").exists()
        return
    assert code == 2
    assert err.count("\n") == 1
    assert sorted(os.listdir()) == [name]


HOSTILE = r"\u001b7title\u0007\n\u202e\u009b31m"


@pytest.mark.parametrize(
    "line",
    [
        f'name = "{HOSTILE}"',
        f'description = "{HOSTILE}"',
        f'"{HOSTILE}" = 1',
        f'group = [{{ name = "{HOSTILE}", count = 1, polarization = [0, 0, 1] }}]',
        f'method = [{{ kind = "independent", label = "{HOSTILE}" }}]',
        f'method = [{{ kind = "circuit", hardware = "{HOSTILE}" }}]',
        f'method = [{{ kind = "{HOSTILE}" }}]',
    ],
)
@pytest.mark.parametrize("command", ["validate", "run"])
def test_no_control_character_reaches_the_terminal(
    line: str,
    command: str,
    spec: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_figures(monkeypatch)
    text = SPEC
    if line.startswith("group"):
        text = text.replace(text.splitlines()[2], line)
    elif line.startswith("method"):
        text = text[: text.index("[[method]]")]
    spec.write_text(text if line in text else f"{line}\n{text}", encoding="utf-8")
    _, out, err = call(capsys, command, "a.toml", *(["--quiet"] if command == "run" else []))
    for text in (out, err):
        assert not set(text) & set("\x1b\x07\x9b\u202e")
    assert err.count("\n") <= 1


def test_errors_are_one_line_whatever_they_name() -> None:
    assert str(QnuError("a\nb\x1b", "\x1b", "c\r")) == r"a\nb\x1b: got '\x1b'; allowed: c\r"


# ---------------------------------------------------------------- folders


def result(place: Path, text: str, labels: tuple[str, ...] = ("independent",)) -> None:
    """A result as qnu writes it."""
    (place / "trajectories").mkdir(parents=True, exist_ok=True)
    (place / "figures").mkdir(exist_ok=True)
    folder.mark(place, text, labels)
    for name in ("spec.toml", "report.md", *(f"trajectories/{label}.nc" for label in labels)):
        (place / name).write_text(text, encoding="utf-8")


def tree(place: Path) -> dict[str, str]:
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path.relative_to(place)): path.read_text(encoding="utf-8") for path in files}


def test_one_name_never_takes_the_files_of_another(tmp_path: Path) -> None:
    # `run` and `run.v2` are two outputs: whatever the second has left is not the first one's
    result(tmp_path / ".run.v2.replaced", "old v2")
    result(tmp_path / ".run.v2.partial", "half of v2")
    with folder.whole(tmp_path / "run") as work:
        result(work, "run")
    assert tree(tmp_path / ".run.v2.replaced")["report.md"] == "old v2"
    assert tree(tmp_path / ".run.v2.partial")["report.md"] == "half of v2"
    with pytest.raises(QnuError), folder.whole(tmp_path / "run.v2"):
        pass
    assert tree(tmp_path / "run.v2")["report.md"] == "old v2"


def test_a_second_run_to_one_output_is_refused_and_undoes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result(out, "old")
    with folder.whole(out, overwrite=True) as work:
        result(work, "new")
        for overwrite in (False, True):
            with pytest.raises(QnuError), folder.whole(out, overwrite):
                pass
        # in the middle of the swap of the first
        out.rename(tmp_path / ".out.replaced")
        for overwrite in (False, True):
            with (
                pytest.raises(QnuError, match="no other run is writing"),
                folder.whole(out, overwrite),
            ):
                pass
        (tmp_path / ".out.replaced").rename(out)
    assert tree(out)["report.md"] == "new"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.posix("makes a symbolic link")
def test_files_that_a_user_added_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result(out, "old", ("a", "b"))
    added = {
        "notes.txt": "mine",
        "figures/talk/slide.svg": "mine",
        "trajectories/c.nc": "mine, under a name that the new result has",
        "more/deep/file": "mine",
    }
    for name, text in added.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(text, encoding="utf-8")
    (out / "empty").mkdir()
    (out / "link").symlink_to("notes.txt")
    with folder.whole(out, overwrite=True) as work:
        result(work, "new", ("a", "c"))
    found = tree(out)
    added["trajectories/c.nc.earlier-1"] = added.pop("trajectories/c.nc")
    assert {name: found[name] for name in added} == added
    assert (out / "empty").is_dir()
    assert (out / "link").is_symlink()
    assert "trajectories/b.nc" not in found  # qnu's own, of the earlier result
    assert found["trajectories/c.nc"] == "new"
    assert os.listdir(tmp_path) == ["out"]


#: Replaces a result again and again, each time a little later killed.
REPLACER = """
import sys
from pathlib import Path
from qnu.experiment import folder
from tests.experiment.test_results import result
out = Path(sys.argv[1])
print("go", flush=True)
for k in range(10**6):
    with folder.whole(out, overwrite=True) as work:
        result(work, f"{sys.argv[2]} {k}", ("a", "b"))
"""


@pytest.mark.posix("kills with a signal")
def test_no_result_and_no_file_is_lost_where_runs_are_killed(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result(out, "first", ("a", "b"))
    result(tmp_path / "run.v2", "other", ("a",))
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    rng = random.Random(1)
    root = Path(__file__).parents[2]
    for k in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", REPLACER, str(out), str(k)],
            stdout=subprocess.PIPE,
            cwd=root,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(rng.random() / 20)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        with pytest.raises(KeyError), folder.whole(out, overwrite=True):
            raise KeyError  # the next run has put things right when it begins, and writes nothing
        found = tree(out)
        assert found["notes.txt"] == "mine"
        texts = {found[name] for name in ("report.md", "trajectories/a.nc", "trajectories/b.nc")}
        assert len(texts) == 1, "of one result"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["run", "run.v2"]
    assert tree(tmp_path / "run.v2")["report.md"] == "other"


def test_runs_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from qnu import QnuError
        from qnu.experiment import folder
        from tests.experiment.test_results import result
        done = 0
        while done < 15:
            try:
                with folder.whole(Path(sys.argv[1]), overwrite=True) as work:
                    result(work, sys.argv[2], ("a", "b"))
                done += 1
            except QnuError as error:
                assert "no other run" in str(error), error
    """
    out = tmp_path / "out"
    result(out, "first", ("a", "b"))
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(out), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for name in "xy"
    ]
    answers = [process.communicate() for process in both]
    assert answers == [("", ""), ("", "")]
    found = tree(out)
    assert found.pop("notes.txt") == "mine"
    found.pop("summary.json")
    assert len(set(found.values())) == 1
    assert os.listdir(tmp_path) == ["out"]


def test_without_locks_nothing_that_may_be_in_use_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LOCKS", False)
    with folder.whole(tmp_path / "out") as work:
        result(work, "whole")
    assert os.listdir(tmp_path) == ["out"]
    (tmp_path / ".out.partial").mkdir()
    with (
        pytest.raises(QnuError, match=r"else remove .*\.out\.partial first"),
        folder.whole(tmp_path / "out", overwrite=True),
    ):
        pass
    assert sorted(os.listdir(tmp_path)) == [".out.partial", "out"]
    writing.write(tmp_path / "file", "text")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "text"


def test_a_checkpoint_without_room_costs_no_result(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise QnuError("checkpoint", "c", "a place that has room")

    no_figures(monkeypatch)
    monkeypatch.setattr(Checkpoint, "save", lambda *args: None)  # not due until a method has ended
    monkeypatch.setattr(Checkpoint, "_write", full)
    with pytest.warns(QnuWarning, match="there is none"), Checkpoint("c", every=0) as keep:
        experiment.run("a.toml", "out", checkpoint=keep)
    assert len(os.listdir("out/trajectories")) == 2


def test_the_checkpoint_is_not_the_output(spec: Path) -> None:
    with pytest.raises(QnuError, match="a file other than the output folder"):
        experiment.run(spec, "same", checkpoint=Checkpoint("same"))


# ---------------------------------------------------------------- the seed that is written

BODY = SPEC.removeprefix("seed = 1\n")
SEEDS = {
    "plain": SPEC,
    "none": BODY,
    "none, tables first": f"[output]\nsamples = 2\n\n[gas]\n{BODY[BODY.index('[[method]]') :]}",
    "quoted": f'"seed" = 1\n{BODY}',
    "in apostrophes": f"'seed' = 1\n{BODY}",
    "escaped": f'"s\\u0065ed" = 1\n{BODY}',
    "without blanks": f"seed=1# seed = 2\n{BODY}",
    "hexadecimal": f"seed = 0xff_ff\n{BODY}",
    "underscores": f"seed = 1_000_000 # seed\n{BODY}",
    "signed": f"seed = +7\n{BODY}",
    "in a comment": f"# seed = 5\n{BODY}",
    "in a text": f'description = """\nseed = 3\n"""\nseed = 4\n{BODY}',
    "in a text only": f'description = """\nseed = 3\n"""\n{BODY}',
    "in a table": f'{BODY}[[method]]\nkind = "circuit"\nseed = 3\n',
    "in a table, then no end of line": f'{BODY}[[method]]\nkind = "circuit"\nseed = 3',
    "with an indent": f"   seed   =   3   # 1\n{BODY}",
    "after other keys": f'name = "seed = 1"\nseed = 2\n{BODY}',
    "windows": SPEC.replace("\n", "\r\n"),
    "windows, none": BODY.replace("\n", "\r\n"),
    "with a mark": f"\ufeff{SPEC}",
    "with separators in a text": f'description = "a\u2028b\x85c"\nseed = 2\n{BODY}',
    "inline": f'{BODY[: BODY.index("[[method]]")]}method = [{{ kind = "circuit", seed = 3 }}]\n',
}


@pytest.mark.parametrize("case", SEEDS)
@pytest.mark.parametrize("seed", [0, 1, 12345, 2**63 - 1])
def test_the_seed_of_the_copy_is_the_one_that_was_used(case: str, seed: int) -> None:
    text = SEEDS[case]
    if "group" not in text:
        text = (
            text.replace("[output]", "[output]", 1)
            + '[schedule]\nkind = "tournament"\ngamma = 0.1\n'
            + "[[group]]\ncount = 2\npolarization = [0, 0, 1]\n"
        )
    loaded = experiment.parse(text, seed)
    before, after = tomllib.loads(text.removeprefix("\ufeff")), tomllib.loads(loaded.text)
    assert after.pop("seed") == seed == loaded.seed
    before.pop("seed", None)
    assert after == before
    again = experiment.parse(loaded.text)
    assert again.spec_hash == loaded.spec_hash
    assert len(loaded.text.splitlines()) - len(text.splitlines()) in (0, 1)


# ---------------------------------------------------------------- orders and streams

LOST = """
import os, signal, sys, time, weakref
import qnu
from qnu.cli import main

class Thing:
    pass

def stop(reference):
    os.kill(os.getpid(), {number})
    for _ in range(1000):  # the order is heard here, inside the callback
        pass

def slow(*args, **options):
    thing = Thing()
    keep = weakref.ref(thing, stop)
    del thing
    time.sleep(600)

qnu.solvers.METHODS["independent"].solve = staticmethod(slow)
main(["run", "a.toml", "--quiet"])
"""


@pytest.mark.posix("sends signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_order_to_stop_inside_a_callback_is_heard(number: signal.Signals, spec: Path) -> None:
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    done = subprocess.run(
        [sys.executable, "-c", code + LOST.format(number=int(number))],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,  # the method takes longer
    )
    assert done.returncode == (143 if number == signal.SIGTERM else 130)
    word = "terminated" if number == signal.SIGTERM else "interrupted"
    assert done.stderr == f"qnu: {word}; nothing was written\n"
    assert os.listdir() == ["a.toml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("quiet", [True, False])
def test_a_full_stderr_ends_nothing(quiet: bool, spec: Path) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "run", "a.toml", *(["--quiet"] if quiet else [])],
            stderr=full,
            stdout=subprocess.PIPE,
            check=False,
        )
        assert done.returncode == 0
        refused = subprocess.run([*COMMAND, "run", "a.toml", "-q"], stderr=full, check=False)
    assert Path("results/a/report.md").exists()
    assert refused.returncode == 2
