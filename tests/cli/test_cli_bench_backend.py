"""``qnu bench-backend``: what it prints in 80 columns, what it writes, what it refuses."""

from __future__ import annotations

import re

import pytest

from qnu.cli import main
from qnu.experiment.benchmarking import load_benchmark


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["bench-backend", *arguments])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


def test_the_table_and_both_files(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    given = ("aer_statevector", "--experiments", "plane_wave, tournament_4", "--sizes", "3,2",
             "--shots", "500", "--samples", "2", "-o", "s.json", "-o", "s.md")  # fmt: skip
    code, out, err = run(capsys, *given)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "3 circuits on aer_statevector, 500 shots per basis"
    assert max(map(len, lines)) <= 80
    assert re.search(r"^plane_wave +3 +\d+ +\d+ +[01]\.\d\d +0\.0\d\d +[01]\.\d\d\d ", out, re.M)
    assert lines[-2:] == ["Written: s.json", "Written: s.md"]
    made = load_benchmark("s.json")
    assert [s.name for s in made.scores] == ["plane_wave 2", "plane_wave 3", "tournament_4"]
    assert [s.circuits for s in made.scores] == [6, 6, 6]
    assert (tmp_path / "s.md").read_text(encoding="utf-8") == made.markdown()
    before = (tmp_path / "s.json").read_bytes()
    assert run(capsys, *given)[0] == 0  # nothing is run again: the same times
    assert (tmp_path / "s.json").read_bytes() == before


def test_a_circuit_that_is_not_run_is_exit_code_1(capsys):
    code, out, _ = run(
        capsys, "fake_fractional", "--experiments", "native", "--sizes", "2,6", "--shots", "20"
    )
    assert code == 1
    assert "Not run: native 6 (neutrinos: got 6; allowed: at most 5" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ibm_heron",), "--yes: got nothing, for 18 jobs to ibm_heron; allowed: --yes"),
        (("fake_torin",), "did you mean 'fake_torino'?"),
        (("qnu", "--experiments", "nativ"), "did you mean 'native'?"),
        (("qnu", "--experiments", ","), "--experiments: got ','; allowed: one or more"),
        (("qnu", "--sizes", "4;6"), "--sizes: got '4;6'; allowed: a whole number"),
        (("qnu", "--sizes", "1"), "sizes: got 1; allowed: a whole number >= 2"),
        (("qnu", "--samples", "0"), "samples: got 0; allowed: a whole number >= 1"),
        (("fake_torino", "--shots", "0"), "shots: got 0; allowed: a whole number >= 1 on"),
        (("qnu", "-o", "x.txt"), "output: got 'x.txt'; allowed: a file that ends in .json or .md"),
        (("os:getcwd",), "backend: got 'str'; allowed: a BackendV2 of Qiskit"),
        (("no_such_module:x",), "(ModuleNotFoundError: No module named 'no_such_module')"),
    ],
)
def test_bad_input_is_one_line(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert not list(tmp_path.iterdir())
