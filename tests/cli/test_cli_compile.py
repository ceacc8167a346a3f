"""``qnu compile``: what it prints in 80 columns, what it writes, what it refuses."""

import re

import pytest

import qnu
from qnu.cli import main
from qnu.quantum import compile_for
from qnu.quantum.circuits.files import read_circuit
from qnu.quantum.machines.options import CompileOptions

SPEC = """
name = "line of five"
mixing_angle = 0.2
seed = 1
[[group]]
name = "e"
count = 3
flavor = "electron"
omega = 0.1
[[group]]
name = "x"
count = 2
flavor = "x"
omega = 0.2
[schedule]
kind = "tournament"
gamma = 0.4
order = "{order}"
[[method]]
kind = "many_body"
"""


@pytest.fixture
def spec(tmp_path):
    def write(order="line"):
        path = tmp_path / f"{order}.toml"
        path.write_text(SPEC.format(order=order), encoding="utf-8")
        return str(path)

    return write


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(["compile", *arguments])
    captured = capsys.readouterr()
    return end.value.code, captured.out, captured.err


def test_a_line_tournament_costs_its_lower_bound(capsys, spec, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    output = tmp_path / "five.qpy"
    code, out, _ = run(capsys, spec(), "--hardware", "fake_torino", "-o", str(output))
    assert code == 0
    assert "line of five, 5 neutrinos on fake_torino (133 qubits)" in out
    assert re.search(r"two-qubit gates +30 +1\.00 x 3 per encounter \(10\)", out)
    assert "cut at samples" not in out  # the file has no circuit
    assert re.search(
        r"lower bound +30 two-qubit gates = 3 x 10 encounters, depth 15, 1\.02 us", out
    )
    assert re.search(r"success at most +0\.[89]\d*; 0\.[78]\d* with median errors", out)
    assert re.search(r"two-qubit depth +15 +1\.00 x 3 per logical layer \(5\)", out)
    assert re.search(r"duration +1\.\d+ us", out)
    assert re.search(r"success probability +0\.[5-9]", out)
    *table, written = out.splitlines()
    if written == str(output):  # long: on a line of its own
        assert table.pop() == "Circuit:"
    else:
        assert written == f"Circuit: {output}"
    assert max(map(len, table)) <= 80
    isa = read_circuit(output)
    assert isa.count_ops()["cz"] == 30
    listed = next(line for line in out.splitlines() if "physical qubits" in line)
    assert [int(q) for q in re.findall(r"\d+", listed)] == isa.metadata["initial_qubit"]


def test_the_order_that_would_need_nothing_extra_is_named_with_its_gates(capsys, spec):
    _, out, _ = run(capsys, spec("circle"), "--hardware", "fake_torino", "--effort", "1")
    before, _, after = out.partition("two-qubit depth")
    assert re.search(r'order = "line" +30 two-qubit gates without a search', before)
    assert "another\n                       schedule" in before
    gates = int(re.search(r"two-qubit gates +(\d+)", before.partition("physics")[2])[1])
    assert gates > 30
    assert re.search(r"runner-up +\d+ +depth \d+, \d[.\d]* us, success 0\.\d+", after)
    assert f'order = "line": 30 two-qubit gates, not {gates}\n' in after
    _, out, _ = run(capsys, spec("circle"), "--hardware", "trapped_ions")
    assert "order" not in out


SAMPLED = """
[[method]]
kind = "circuit"
samples = 3
"""


@pytest.mark.parametrize("until", [None, 1.0])
def test_compile_and_submit_say_the_same_of_the_same_samples(
    capsys, spec, tmp_path, monkeypatch, until
):
    """Gates of the whole schedule, of the last sample if it is earlier, routes of the others."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    path = spec("circle")
    with open(path, "a", encoding="utf-8") as file:
        file.write(SAMPLED if until is None else SAMPLED.replace("samples = 3", "times = [0.5, 1]"))
    _, out, _ = run(capsys, path, "--hardware", "fake_torino")
    whole = int(re.search(r"two-qubit gates +(\d+) +\d\.\d\d x 3", out)[1])
    depth = int(re.search(r"two-qubit depth +(\d+) ", out)[1])
    with pytest.raises(SystemExit):
        main(["submit", path, "--hardware", "fake_torino", "--dry-run"])
    submitted = capsys.readouterr().out
    note = r"(each by itself: \d+ ha[^\n]*(?:\n {20}[^\n]+)?)"
    origins = re.search(rf"circuits of samples +{3 if until is None else 2} +{note}", out)[1]
    sent = re.search(rf"circuits of samples +{3 if until is None else 2}: {note}", submitted)[1]
    assert sent.split() == origins.split()
    if until is None:
        assert re.search(rf"two-qubit gates +{whole}, depth {depth} *\n", submitted)
        assert "last sample" not in out + submitted
        return
    last = int(re.search(r"last sample +(\d+) +circuit to the last of 2 samples", out)[1])
    assert last < whole
    assert re.search(rf"two-qubit gates +{whole}, depth {depth} \(whole schedule\)", submitted)
    assert re.search(
        rf"last sample +{last}, depth \d+ \(circuit to the last of 2 samples\)", submitted
    )


def test_the_bound_is_there_before_the_search(capsys, spec, monkeypatch):
    """It is flushed: whoever waits for the search has read it."""

    def search(*_, **__):
        captured.append(capsys.readouterr().out)
        raise KeyboardInterrupt

    captured = []
    monkeypatch.setattr("qnu.quantum.compile.compilation.compile_with_route", search)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        main(["compile", spec("circle"), "--hardware", "fake_torino"])
    assert "lower bound          30 two-qubit gates" in captured[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--hardware", "fake_tokyo"], "hardware: got 'fake_tokyo'"),
        (["--hardware", "fake_torino", "-o", "five.txt"], "output: got 'five.txt'"),
        (["--hardware", "fake_torino", "-o", "nowhere/five.qpy"], "a folder that exists"),
        (["--hardware", "fake_torino", "--effort", "0"], "--effort: got '0'"),
        (["--hardware", "fake_fractional", "--seed", "-1"], "--seed: got '-1'"),
    ],
)
def test_bad_input_is_one_line(capsys, spec, options, words):
    code, out, err = run(capsys, spec(), *options)
    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert "two-qubit" not in out


def test_a_long_search_shows_how_far_it_is(capsys, spec, monkeypatch):
    """On a terminal; nothing on stderr without a terminal, or with --quiet."""
    arguments = [spec("circle"), "--hardware", "fake_torino", "--effort", "1"]
    monkeypatch.setenv("COLUMNS", "80")
    _, _, err = run(capsys, *arguments)
    assert err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    _, _, err = run(capsys, *arguments)
    assert "whole schedule" in err
    assert "100%" in err
    _, _, err = run(capsys, *arguments, "--quiet")
    assert err == ""


def test_what_the_search_tells_goes_forwards_to_the_end():
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 7, omega=[0.1] * 7)
    schedule = qnu.schedules.random_pairs(gas, gamma=0.3, encounters=30, seed=2)
    fractions = []
    options = CompileOptions(effort=8)
    isa = compile_for(gas, schedule, "fake_torino", options=options, progress=fractions.append)
    assert isa.metadata["route"] == "search"
    assert len(fractions) >= 8
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.1
    assert fractions[-1] == 1.0
    assert isa == compile_for(gas, schedule, "fake_torino", options=options)


def test_an_interrupt_does_not_wait_for_the_search():
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 7, omega=[0.1] * 7)
    schedule = qnu.schedules.random_pairs(gas, gamma=0.3, encounters=30, seed=2)
    calls = []

    def enough(fraction):
        calls.append(fraction)
        if fraction > 0.06:  # in one of the threads: random starts are 1/21
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compile_for(
            gas, schedule, "fake_torino", options=CompileOptions(effort=50), progress=enough
        )
    assert len(calls) < 200  # of 1100
