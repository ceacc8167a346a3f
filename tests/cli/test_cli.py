"""The command line: help, versions, lists, runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
import warnings
from pathlib import Path

import pytest

import qnu
from qnu import cli

HEAVY = ("numba", "xarray", "qiskit", "qiskit_aer", "matplotlib", "scipy", "h5netcdf")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, captured.out, captured.err


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def loaded_by(code: str) -> tuple[set[str], float]:
    """Heavy packages that some code imports, and the seconds it takes."""
    report = f"print(*[m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    started = time.perf_counter()
    done = python(f"import sys\ntry:\n    {code}\nfinally:\n    {report}")
    return set(done.stderr.split()), time.perf_counter() - started


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        ("import qnu", 0.5),
        ("import qnu.cli; qnu.cli.main(['--help'])", 1.0),
        ("import qnu.cli; qnu.cli.main(['run', '--help'])", 1.0),
        ("import qnu.cli; qnu.cli.main(['list'])", 1.0),
    ],
)
def test_light(code: str, limit: float) -> None:
    heavy, _ = loaded_by(code)
    assert heavy == set()
    # of several tries the fastest: the machine may be busy with something else
    assert min(loaded_by(code)[1] for _ in range(3)) < 2 * limit


def test_help_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "--help")
    assert code == 0
    for word in ("neutrino", "TOML", "Example", "qnu run two_groups_10", "validate", "list"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 80
    code, out, _ = call(capsys, "run", "--help")
    assert code == 0
    for option in ("--output", "--seed", "--quiet", "--overwrite"):
        assert option in out


def test_without_arguments_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = call(capsys)
    assert "Usage: qnu" in out + err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version") == (0, f"qnu {qnu.__version__}\n", "")


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "list")
    assert (code, err) == (0, "")
    for name in (*qnu.catalogue.experiment_names(), *qnu.catalogue.hardware_names()):
        assert f"  {name} " in out
    assert max(map(len, out.splitlines())) <= 80


def test_validate_of_a_long_name_wraps_into_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    groups = [
        f'{{ name = "{flavor}", count = 2, polarization = [0, 0, 1] }}'
        for flavor in ("nu_e", "anti-nu_e", "nu_x")
    ]
    (tmp_path / "long.toml").write_text(
        f'name = "{"a gas with a long name " * 3}"\ngroup = [{", ".join(groups)}]\n'
        '[schedule]\nkind = "tournament"\ngamma = 0.1\n[[method]]\nkind = "mean_field"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "validate", "long.toml")
    assert (code, err) == (0, "")
    assert "2 in nu_e" in out
    assert "\\n" not in out
    assert len(out.splitlines()) == 5


def test_validate(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "validate", "two_groups_10")
    assert (code, err) == (0, "")
    assert "valid" in out
    assert "45 encounters" in out
    assert list(tmp_path.iterdir()) == []


def test_run_and_run_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = call(capsys, "run", "plane_wave_8")
    assert code == 0
    assert "Group polarizations at mu t = 10" in out
    assert "results/plane_wave_8" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "many_body" in err
    assert "100%" in err
    report = tmp_path / "results" / "plane_wave_8" / "report.md"
    first = report.read_text(encoding="utf-8")

    code, out, err = call(capsys, "run", "plane_wave_8", "--quiet")
    assert (code, out) == (2, "")
    assert err == (
        "qnu: output: got 'results/plane_wave_8'; allowed: a folder that does not exist yet,"
        " or --overwrite\n"
    )
    assert report.read_text(encoding="utf-8") == first

    code, out, err = call(capsys, "run", "plane_wave_8", "--quiet", "--overwrite", "--seed", "9")
    assert (code, out, err) == (0, "", "")
    assert "seed: 9" in report.read_text(encoding="utf-8")


SMALL = """
group = [{ count = 3, polarization = [0, 0, 1] }, { count = 2, polarization = [1, 0, 0] }]
schedule = { kind = "stochastic", gamma = 0.1, probability = 0.2, duration = 4.0 }
method = [{ kind = "many_body" }]
"""


def test_the_results_repeat_the_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    spec = tmp_path / "small.toml"
    spec.write_text(SMALL, encoding="utf-8")
    first, again = tmp_path / "first", tmp_path / "again"
    call(capsys, "run", str(spec), "-q", "-o", str(first), "--seed", "12")
    code, _, err = call(capsys, "run", str(first / "spec.toml"), "-q", "-o", str(again))
    assert (code, err) == (0, "")
    one, two = (
        qnu.Trajectory.load(place / "trajectories" / "many_body.nc") for place in (first, again)
    )
    assert (one.polarization == two.polarization).all()
    assert one.attrs["spec_hash"] == two.attrs["spec_hash"]
    assert two.attrs["seed"] == 12


def test_interrupted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(qnu.solvers.METHODS["many_body"], "solve", staticmethod(stop))
    code, out, err = call(capsys, "run", "plane_wave_8", "-o", str(tmp_path / "deep" / "out"))
    assert (code, out, err) == (130, "", "qnu: interrupted; nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_leaves_early() -> None:
    code = (
        "import subprocess, sys;"
        "a = subprocess.Popen([sys.executable, '-c', 'from qnu.cli import main; main()', 'list'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE);"
        "a.stdout.close(); print(a.stderr.read().decode(), end='')"
    )
    assert "Traceback" not in python(code).stdout


def test_a_warning_of_qnu_is_one_line(capsys, monkeypatch) -> None:
    def warns() -> None:
        warnings.simplefilter("default")
        warnings.warn(qnu.QnuWarning("gamma = 5:\n  swap angles wrap"), stacklevel=1)

    monkeypatch.setattr(cli, "app", lambda *_, **__: warns())
    assert call(capsys) == (0, "", "qnu: warning: gamma = 5: swap angles wrap\n")


def test_a_new_experiment_runs_as_it_is_and_overwrites_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = call(capsys, "new", "my_gas.toml")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "Next: qnu validate my_gas.toml, then qnu run my_gas.toml"
    text = (tmp_path / "my_gas.toml").read_text(encoding="utf-8")
    assert text.count("#") > 20
    assert max(map(len, text.splitlines())) <= 100
    code, out, _ = call(capsys, "run", "my_gas.toml")
    assert code == 0
    summary = json.loads((tmp_path / "results/my_gas/summary.json").read_text(encoding="utf-8"))
    assert set(summary["methods"]) == {
        "circuit", "circuit-shots", "many_body", "independent", "mean_field",
    }  # fmt: skip
    assert all(g["difference"] < 1e-12 for g in summary["methods"]["circuit"]["groups"].values())

    code, _, err = call(capsys, "new", "my_gas.toml", "--from", "msw_1")
    assert code == 2
    assert "nothing is overwritten" in err
    assert (tmp_path / "my_gas.toml").read_text(encoding="utf-8") == text
    assert call(capsys, "new", "my_gas.txt")[0] == 2
    assert call(capsys, "new", "there/is/none.toml")[0] == 2
    assert "did you mean 'msw_1'" in call(capsys, "new", "b.toml", "--from", "msw_2")[2]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["my_gas.toml", "results"]


def test_every_experiment_of_the_catalogue_can_be_copied_and_says_the_same(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in qnu.catalogue.experiment_names():
        file = tmp_path / f"{name}.toml"
        assert call(capsys, "new", str(file), "--from", name)[0] == 0
        assert tomllib.loads(file.read_text(encoding="utf-8")) == tomllib.loads(
            qnu.catalogue.find_experiment(name).read_text(encoding="utf-8")
        )


def test_what_warns_in_a_run_is_said_once_below_the_table_as_a_premise(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    spec = tmp_path / "small.toml"
    kinds = ['{ kind = "kinetic" }', '{ kind = "kinetic", label = "again" }']
    spec.write_text(SMALL.replace("gamma = 0.1", "gamma = 0.2").replace(
        '{ kind = "many_body" }', ", ".join(kinds)), encoding="utf-8")  # fmt: skip
    done = python("import qnu.cli; qnu.cli.main()", "run", str(spec), "-o", str(tmp_path / "out"))
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    title = lines.index("Premises that fail:")
    said = "  kinetic: gamma = 0.2 > 0.15, beyond the range of its term of p = 0.2"
    assert said in lines[title:]
    assert max(map(len, lines[title:-2])) <= 80
    assert lines.count(said) == 1
    assert "warning" not in done.stderr
    quiet = python(
        "import qnu.cli; qnu.cli.main()", "run", str(spec), "-q", "-o", str(tmp_path / "b")
    )
    assert quiet.stdout == ""
    assert quiet.stderr.count("warning: kinetic: gamma = 0.2 > 0.15: the p term is an") == 1


def test_a_file_whose_name_is_nearly_right_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "my_gas.toml").write_text(SMALL, encoding="utf-8")
    code, _, err = call(capsys, "validate", str(tmp_path / "my_gsa.toml"))
    assert code == 2
    assert err.endswith("(did you mean 'my_gas.toml'?)\n")
