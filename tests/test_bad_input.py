"""Bad input: one line that names field, value and what is allowed; exit code 2; nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qnu import cli

HEAD = """
seed = 1
"""
GROUPS = """
[[group]]
count = 3
polarization = [0.0, 0.0, 1.0]
omega = 0.1
[[group]]
count = 2
polarization = [0.6, 0.0, -0.8]
omega = 0.2
"""
SCHEDULE = """
[schedule]
kind = "tournament"
gamma = 0.2
"""
EXPLICIT = """
[schedule]
kind = "explicit"
first = [0, 1, 2]
second = [3, 2, 4]
swap_angle = [0.1, 0.2, 0.3]
start = [0.0, 1.0, 2.0]
duration = 0.5
"""
METHODS = """
[[method]]
kind = "independent"
[[method]]
kind = "kinetic"
"""
GOOD = HEAD + GROUPS + SCHEDULE + METHODS
LISTED = HEAD + GROUPS + EXPLICIT + METHODS


def refused(
    capsys: pytest.CaptureFixture[str], folder: Path, text: str | bytes, *options: str
) -> str:
    """The one line with which ``qnu run`` refuses this file, everything else checked."""
    spec, output = folder / "spec.toml", folder / "results" / "out"
    spec.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SystemExit) as leaving:
        cli.main(["run", str(spec), "--output", str(output), *options])
    captured = capsys.readouterr()
    assert leaving.value.code == 2, captured.err
    assert captured.out == ""
    line, end, rest = captured.err.partition("\n")
    assert end, "a line"
    assert rest == "", "one line"
    assert line.startswith("qnu: ")
    assert "Traceback" not in line
    assert sorted(path.name for path in folder.iterdir()) == ["spec.toml"], "nothing written"
    return line.removeprefix("qnu: ")


def test_the_good_files_are_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (GOOD, LISTED.replace('"kinetic"', '"many_body"')):
        spec = tmp_path / "spec.toml"
        spec.write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as leaving:
            cli.main(["validate", str(spec)])
        assert leaving.value.code == 0, capsys.readouterr().err


def swapped(before: str, after: str, text: str = GOOD) -> str:
    assert before in text
    return text.replace(before, after, 1)


CASES: dict[str, tuple[str, str, str, str]] = {
    # name: (file, field, value, allowed)
    "unknown key": (
        swapped("gamma = 0.2", "gamma = 0.2\nprobabilty = 0.1"),
        "schedule.probabilty",
        "0.1 (an unknown key)",
        "gamma, kind, matter, mu, order, shuffle, vacuum",
    ),
    "unknown key, a typo": (
        swapped("gamma = 0.2", "gama = 0.2"),
        "schedule.gama",
        "0.2",
        "(did you mean 'gamma'?)",
    ),
    "unknown key at the top": (swapped("seed", "sead"), "sead", "1", "(did you mean 'seed'?)"),
    "unknown table": (GOOD + "[outputs]\nsamples = 3", "outputs", "{'samples': 3}", "'output'?"),
    "missing key": (
        swapped("count = 3\n", ""),
        "group[0].count",
        "nothing (the key is missing)",
        "a whole number >= 1",
    ),
    "missing kind": (
        swapped('kind = "tournament"\n', ""),
        "schedule.kind",
        "nothing (the key is missing)",
        "'tournament'",
    ),
    "missing table": (HEAD + GROUPS + METHODS, "schedule", "nothing", "a [schedule] table"),
    "no group": (HEAD + SCHEDULE + METHODS, "group", "nothing", "at least one [[group]] table"),
    "no method": (HEAD + GROUPS + SCHEDULE, "method", "nothing", "at least one [[method]] table"),
    "single brackets": (
        HEAD + GROUPS + SCHEDULE + '[method]\nkind = "independent"',
        "method",
        "{'kind': 'independent'}",
        "[[method]]",
    ),
    "wrong type": (swapped("gamma = 0.2", "gamma = '0.2'"), "schedule.gamma", "'0.2'", "> 0"),
    "a boolean is no number": (
        swapped("gamma = 0.2", "gamma = true"),
        "schedule.gamma",
        "True",
        "a finite number > 0",
    ),
    "a fraction is no count": (swapped("= 3", "= 3.5"), "group[0].count", "3.5", "whole number"),
    "negative count": (swapped("= 3", "= -3"), "group[0].count", "-3", "a whole number >= 1"),
    "|P| > 1": (
        swapped("0.6, 0.0, -0.8", "0.6, 0.0, -0.9"),
        "group[1].polarization",
        "[0.6, 0.0, -0.9]",
        "|P| <= 1",
    ),
    "NaN": (swapped("gamma = 0.2", "gamma = nan"), "schedule.gamma", "nan", "a finite number > 0"),
    "NaN in a vector": (
        swapped("[0.0, 0.0, 1.0]", "[0.0, nan, 1.0]"),
        "group[0].polarization[1]",
        "nan",
        "three finite numbers",
    ),
    "infinity in a list": (
        swapped("omega = 0.1", "omega = [0.1, inf, 0.1]"),
        "group[0].omega[1]",
        "inf",
        "a finite number",
    ),
    "flavor without mixing angle": (
        swapped("polarization = [0.0, 0.0, 1.0]", 'flavor = "electron"'),
        "group[0].flavor",
        "'electron' without a mixing angle",
        "`mixing_angle = ANGLE` (in radians) at the top of the file, above all tables (line",
    ),
    "unknown flavor": (
        swapped("polarization = [0.0, 0.0, 1.0]", 'flavor = "muon"'),
        "group[0].flavor",
        "'muon'",
        "'electron' or 'x'",
    ),
    "flavor and polarization": (
        swapped("count = 3", 'count = 3\nflavor = "x"', "mixing_angle = 0.1\n" + GOOD),
        "group[0].polarization",
        "both polarization and flavor",
        "one of the two",
    ),
    "neither flavor nor polarization": (
        swapped("polarization = [0.0, 0.0, 1.0]\n", ""),
        "group[0].polarization",
        "neither polarization nor flavor",
        "one of the two",
    ),
    "odd shape of a vector": (
        swapped("[0.0, 0.0, 1.0]", "[0.0, 1.0]"),
        "group[0].polarization",
        "[0.0, 1.0]",
        "[x, y, z]",
    ),
    "omega of another length": (
        swapped("omega = 0.1", "omega = [0.1, 0.2]"),
        "group[0].omega",
        "2 numbers",
        "3 numbers",
    ),
    "velocities of another length": (
        GOOD + "[gas]\nvelocities = [[0, 0, 1], [0, 1, 0]]",
        "gas.velocities",
        "shape (2, 3)",
        "(5, 3)",
    ),
    "ragged velocities": (
        GOOD + "[gas]\nvelocities = [[0, 0, 1], [0, 1]]",
        "gas.velocities",
        "[[0, 0, 1], [0, 1]]",
        "shape (any, 3)",
    ),
    "a velocity that is not light speed": (
        GOOD + f"[gas]\nvelocities = [{'[0, 0, 1], ' * 4}[0, 0, 0.5]]",
        "gas.velocity[4]",
        "[0.0, 0.0, 0.5]",
        "a unit vector",
    ),
    "a direction that is no unit vector": (
        swapped("omega = 0.2", "omega = 0.2\ndirection = [1, 1, 0]"),
        "group[1].direction",
        "[1.0, 1.0, 0.0]",
        "a unit vector (light speed), here of length 1.414214: divide by it",
    ),
    "a direction with two numbers": (
        swapped("omega = 0.2", "omega = 0.2\ndirection = [1, 0]"),
        "group[1].direction",
        "[1, 0]",
        "a unit vector [x, y, z]",
    ),
    "a direction at right angles": (
        swapped("omega = 0.2", "omega = 0.2\ndirection = [1, 0, 0]")
        + '[gas]\nvelocities = "right-angle"',
        "group[1].direction",
        "[1.0, 0.0, 0.0] beside velocities = 'right-angle'",
        "one of the two",
    ),
    "a direction beside a list of velocities": (
        swapped("omega = 0.1", "omega = 0.1\ndirection = [1, 0, 0]")
        + f"[gas]\nvelocities = [{', '.join(['[0, 0, 1]'] * 5)}]",
        "group[0].direction",
        "[1.0, 0.0, 0.0] beside an array of velocities",
        "one of the two",
    ),
    "two groups of one name": (
        swapped("count = 2", 'count = 2\nname = "1"'),
        "group[1].name",
        "'1'",
        "another name than group[0] has",
    ),
    "lists of different length": (
        swapped("start = [0.0, 1.0, 2.0]", "start = [0.0, 1.0]", LISTED),
        "schedule.start",
        "shape (2,)",
        "shape (3,)",
    ),
    "neutrino index out of range": (
        swapped("[3, 2, 4]", "[3, 2, 5]", LISTED),
        "schedule.second[2]",
        "5",
        "a neutrino from 0 to 4",
    ),
    "negative neutrino index": (
        swapped("[0, 1, 2]", "[0, -1, 2]", LISTED),
        "schedule.first[1]",
        "-1",
        "a neutrino from 0 to 4",
    ),
    "a neutrino meeting itself": (
        swapped("[3, 2, 4]", "[3, 1, 4]", LISTED),
        "schedule.second[1]",
        "1",
        "a neutrino cannot meet itself",
    ),
    "overlapping encounters": (
        swapped("[0.0, 1.0, 2.0]", "[0.0, 1.0, 1.25]", LISTED),
        "schedule.start[2]",
        "1.25",
        ">= 1.5, when neutrino 2 leaves encounter 1",
    ),
    "start times out of order": (
        swapped("[0.0, 1.0, 2.0]", "[0.0, 2.0, 1.0]", LISTED),
        "schedule.start[2]",
        "1.0",
        "encounters in order of time",
    ),
    "a schedule without time": (
        HEAD
        + GROUPS
        + '[schedule]\nkind = "explicit"\nfirst = [0]\nsecond = [1]\nswap_angle = [0.1]\n'
        + "start = [0.0]\n"
        + METHODS,
        "schedule.final_time",
        "0.0",
        "a time > 0",
    ),
    "negative duration": (
        swapped("duration = 0.5", "duration = -0.5", LISTED),
        "schedule.duration",
        "-0.5",
        ">= 0",
    ),
    "sample time outside the schedule": (
        GOOD + "[output]\ntimes = [0.0, 99.0]",
        "output.times[1]",
        "99.0",
        "0 to 1, within the schedule",
    ),
    "sample time of a method outside the schedule": (
        GOOD + "times = [-1.0]",
        "method[1].times[0]",
        "-1.0",
        "within the schedule",
    ),
    "sample times that decrease": (
        GOOD + "times = [0.5, 0.4]",
        "method[1].times",
        "[0.5, 0.4]",
        "never decreasing",
    ),
    "samples and times": (
        GOOD + "times = [0.5]\nsamples = 3",
        "method[1].times",
        "samples and times",
        "one of the two",
    ),
    "one sample": (
        GOOD + "samples = 1",
        "method[1].samples",
        "1",
        "a whole number from 2 to 1000000",
    ),
    "unknown method": (
        swapped('"kinetic"', '"kinectic"'),
        "method[1].kind",
        "'kinectic'",
        "(did you mean 'kinetic'?)",
    ),
    "a mistyped kind": (
        swapped('kind = "kinetic"', 'knid = "kinetic"'),
        "method[1].knid",
        "'kinetic' (an unknown key)",
        "(did you mean 'kind'?)",
    ),
    "a label that is nearly right": (
        GOOD + '[output]\nindividuals = ["independant"]',
        "output.individuals",
        "'independant'",
        "(did you mean 'independent'?)",
    ),
    "an observable that is nearly right": (
        GOOD + '[[method]]\nkind = "many_body"\nobservables = ["entrpy"]',
        "method[2].observables[0]",
        "'entrpy'",
        "(did you mean 'entropy'?)",
    ),
    "velocities that are nearly right": (
        GOOD + '[gas]\nvelocities = "isotopic"',
        "gas.velocities",
        "'isotopic'",
        "(did you mean 'isotropic'?)",
    ),
    "a vector that is nearly pure": (
        swapped("[0.0, 0.0, 1.0]", "[0.198, 0.0, 0.98]", GOOD + '[[method]]\nkind = "many_body"'),
        "method[2].kind",
        "many_body, with |P| = 0.9998",
        "|P| = 1 in many_body (give more digits)",
    ),
    "unknown schedule": (
        swapped('"tournament"', '"league"'),
        "schedule.kind",
        "'league'",
        "'bipartite', 'constant_background', 'explicit'",
    ),
    "matter without mixing angle": (
        swapped('kind = "tournament"', 'kind = "tournament"\nmatter = 2.0'),
        "schedule.matter",
        "matter without a mixing angle",
        "`mixing_angle = ANGLE` (in radians) at the top of the file",
    ),
    "neutrinos of a method that has only groups": (
        GOOD + '[output]\nindividuals = ["kinetic"]',
        "output.individuals",
        "'kinetic'",
        "independent",
    ),
    "unknown hardware": (
        GOOD + '[[method]]\nkind = "circuit"\nhardware = "aer_statevektor"',
        "method[2].hardware",
        "'aer_statevektor'",
        "(did you mean 'aer_statevector'?)",
    ),
    "negative shots": (
        GOOD + '[[method]]\nkind = "circuit"\nshots = -1',
        "method[2].shots",
        "-1",
        "a whole number from 0 (exact",
    ),
    "two methods with one label": (
        swapped('"kinetic"', '"independent"'),
        "method[1].label",
        "'independent'",
        "a label that no other method has",
    ),
    "labels that differ in case only": (
        GOOD + 'label = "Independent"',
        "method[1].label",
        "'Independent'",
        "a label that no other method has",
    ),
    "a label that is no file name": (
        GOOD + 'label = "../kinetic"',
        "method[1].label",
        "'../kinetic'",
        "letters, digits",
    ),
    "|P| < 1 in many_body": (
        swapped("0.6, 0.0, -0.8", "0.3, 0.0, -0.4") + '[[method]]\nkind = "many_body"',
        "method[2].kind",
        "many_body, with |P| = 0.5 in group[1]",
        "mixed states: independent, mean_field, kinetic",
    ),
    "|P| < 1 in a circuit": (
        swapped("0.6, 0.0, -0.8", "0.3, 0.0, -0.4") + '[[method]]\nkind = "circuit"',
        "method[2].kind",
        "circuit, with |P| = 0.5 in group[1]",
        "mixed states: independent, mean_field, kinetic",
    ),
    "more neutrinos than the memory holds": (
        swapped("count = 3", "count = 60") + '[[method]]\nkind = "many_body"',
        "method[2].kind",
        "many_body, 62 neutrinos",
        "what fits into memory (needs 6.87e+10 GiB",
    ),
    "more qubits than the memory holds": (
        swapped("count = 3", "count = 60") + '[[method]]\nkind = "circuit"',
        "method[2].hardware",
        "qnu, 62 qubits",
        "what fits into memory (needs 6.87e+10 GiB",
    ),
    "resets on a machine that has none": (
        swapped("count = 3", "count = 1").replace(
            '"tournament"', '"constant_background"\nbackground = 0\nencounters = 3'
        )
        + '[[method]]\nkind = "circuit"\nhardware = "qnu"',
        "method[2].hardware",
        "qnu, with fresh partners",
        "'aer_density_matrix'",
    ),
    "more qubits than the backend holds": (
        swapped("count = 3", "count = 14")
        + '[[method]]\nkind = "circuit"\nhardware = "aer_density_matrix"',
        "method[2].hardware",
        "aer_density_matrix, 16 qubits",
        "GiB",
    ),
    "an exact run on a device": (
        GOOD + '[[method]]\nkind = "circuit"\nhardware = "fake_torino"\nshots = 0',
        "method[2].shots",
        "0",
        "a whole number >= 1 on 'fake_torino'",
    ),
    "more neutrinos than a noisy simulation takes": (
        swapped("count = 3", "count = 30")
        + '[[method]]\nkind = "circuit"\nhardware = "fake_torino"',
        "method[2].hardware",
        "fake_torino, 32 qubits",
        "at most 14 qubits",
    ),
    "a GPU that is not there": (
        GOOD + '[[method]]\nkind = "circuit"\nhardware = "aer_gpu"',
        "method[2].hardware",
        "aer_gpu, 5 qubits",
        "what this Qiskit Aer has: CPU",
    ),
    "more encounters than can be counted": (
        swapped('kind = "tournament"', 'kind = "random_pairs"\nencounters = 100_000_000_000_000'),
        "schedule",
        "about 1e+14 encounters",
        "at most 1e+12 encounters",
    ),
    "more neutrinos in the gas than the memory holds": (
        swapped("count = 3", "count = 1_000_000_000_000_000"),
        "group",
        "1000000000000002 neutrinos",
        "GiB",
    ),
    "unknown observable": (
        GOOD + '[[method]]\nkind = "many_body"\nobservables = ["entropi"]',
        "method[2].observables[0]",
        "'entropi'",
        "one of entropy",
    ),
    "pairs from shots": (
        GOOD + '[[method]]\nkind = "circuit"\nshots = 10\nobservables = ["pair_concurrence"]',
        "method[2].observables[0]",
        "'pair_concurrence'",
        "one of entropy, purity, collision_term (with shots)",
    ),
    "a start that does not exist": (
        GOOD + '[[method]]\nkind = "miscidynamics"\nstart = { method = "exact", time = 0.5 }',
        "method[2].start.method",
        "'exact'",
        "earlier in the file (here 'independent', 'kinetic')",
    ),
    "a start that comes later": (
        swapped(
            "[[method]]",
            '[[method]]\nkind = "miscidynamics"\n'
            'start = { method = "independent", time = 0.5 }\n[[method]]',
        ),
        "method[0].start.method",
        "'independent'",
        "earlier in the file (here none)",
    ),
    "a start between samples": (
        GOOD
        + '[[method]]\nkind = "miscidynamics"\nstart = { method = "independent", time = 0.123 }',
        "method[2].start.time",
        "0.123",
        "a sample time of 'independent'; nearest 0.12",
    ),
    "signs for other groups": (
        GOOD + '[[method]]\nkind = "miscidynamics"\nsigns = [1]',
        "method[2].signs",
        "[1]",
        "one for each of 2 groups",
    ),
    "signs that are none": (
        GOOD + '[[method]]\nkind = "miscidynamics"\nsigns = [1, 0]',
        "method[2].signs[1]",
        "0",
        "a list of 1 and -1",
    ),
    "no gamma to take": (
        swapped(SCHEDULE, '[schedule]\nkind = "plane_wave"\nduration = 1.0\nsteps = 10\n'),
        "method[1].gamma",
        "nothing (the plane_wave schedule has none to take)",
        "a finite number > 0",
    ),
    "three beams": (
        swapped('"tournament"', '"bipartite"', GOOD + GROUPS.partition("[[group]]\ncount = 2")[0]),
        "group",
        "3 groups",
        "exactly two groups",
    ),
    "many_body with fresh partners": (
        HEAD
        + GROUPS.replace("count = 2", "count = 1")
        + '[schedule]\nkind = "constant_background"\nbackground = "2"\ngamma = 0.1\n'
        + 'encounters = 3\n[[method]]\nkind = "many_body"',
        "method[0].kind",
        "many_body, with fresh partners in the schedule",
        "independent",
    ),
    "no such background": (
        HEAD
        + GROUPS
        + '[schedule]\nkind = "constant_background"\nbackground = "2"\ngamma = 0.1\n'
        + 'encounters = 3\n[[method]]\nkind = "independent"',
        "schedule.background",
        "'2'",
        "the name of a group of one",
    ),
    "a spectrum at group level": (
        swapped("omega = 0.1", "omega = [0.1, 0.2, 0.3]").replace(
            'kind = "kinetic"', 'kind = "kinetic"\nresolve = "group"'
        ),
        "method[1].resolve",
        "'group'",
        "groups whose members have one omega (in '1' it differs); or resolve = 'neutrino'",
    ),
    "a table of mu that goes back": (
        swapped("gamma = 0.2", "gamma = 0.2\nmu = { times = [1, 0], values = [1, 1] }"),
        "schedule.mu.times",
        "[1.0, 0.0]",
        "strictly increasing",
    ),
    "a profile of no kind": (
        swapped("gamma = 0.2", "gamma = 0.2\nmu = { times = [1, 0] }"),
        "schedule.mu",
        "{'times': [1, 0]}",
        "{ start = ..., scale = ... }",
    ),
    "mu that becomes negative": (
        swapped("gamma = 0.2", "gamma = 0.2\nmu = { times = [0, 1], values = [1, -9] }"),
        "schedule.mu(t=",
        "-",
        "> 0 at all times",
    ),
    "probability too high for an odd gas": (
        swapped('kind = "tournament"', 'kind = "stochastic"\nprobability = 1.0\nduration = 1.0'),
        "schedule.probability",
        "1.0",
        "<= 0.8",
    ),
    "a seed below 0": (swapped("seed = 1", "seed = -1"), "seed", "-1", "a whole number >= 0"),
    "not TOML": (swapped("count = 3", "count 3"), "spec.toml", "'count 3'", "valid TOML"),
    "twice the same key": (
        swapped("count = 3", "count = 3\ncount = 4"),
        "spec.toml",
        "'count = 4'",
        "valid TOML (Cannot overwrite a value)",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_one_line(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, field, value, allowed = CASES[case]
    line = refused(capsys, tmp_path, text)
    name, _, rest = line.partition("got ")
    assert name.startswith(field)
    got, _, what = rest.partition("; allowed: ")
    assert value in got
    assert allowed in what


#: Opposite signs relax until everybody lies along B; there the branch ends.
ENDING = """
[[group]]
count = 6
polarization = [0.19866933, 0.0, 0.98006658]
omega = 0.1
[[group]]
count = 4
polarization = [-0.19866933, 0.0, -0.98006658]
omega = 0.2
[schedule]
kind = "stochastic"
gamma = 0.1
probability = 0.1
duration = 200.0
[[method]]
kind = "miscidynamics"
signs = [1, -1]
force = true
samples = 5
"""


def test_a_branch_that_ends_is_found_while_running(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(capsys, tmp_path, ENDING)
    assert line.startswith("method[0]: got 'branch eps = (1, -1)'; allowed: sample times before")
    assert "the branch ends at t = 1" in line
    assert line.endswith("(line 15 of spec.toml)")


def test_the_line_of_the_mistake_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(capsys, tmp_path, "seed = 1\n\n[[group]]\ncount = -1\n")
    assert line.endswith("(line 4 of spec.toml)")


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "\N{SUPERSCRIPT TWO}", "9" * 30])
def test_seed_of_the_command_line(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refused(capsys, tmp_path, GOOD, f"--seed={value}")
    assert line.startswith(("--seed: got", "seed: got"))
    assert value in line
    assert "; allowed: a whole number >= 0" in line


@pytest.mark.parametrize("arguments", [["run"], ["walk"], ["run", "a", "b"], ["run", "--sede=1"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        cli.main(arguments)
    assert leaving.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    command = "qnu run" if arguments[0] == "run" else "qnu"
    assert err.endswith(f"(try `{command} --help`)\n")


def test_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a text file in UTF-8" in refused(capsys, tmp_path, b"name = '\xff\xfe'")


def test_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, tmp_path, "").startswith("group: got nothing (the key is missing)")


def test_an_output_that_exists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(GOOD, encoding="utf-8")
    for name in ("folder", "file"):
        place = tmp_path / name
        if name == "folder":
            place.mkdir()
            (place / "thesis.tex").write_text("years of work", encoding="utf-8")
        else:
            place.write_text("years of work", encoding="utf-8")
        for option in ([], ["--overwrite"]):
            with pytest.raises(SystemExit) as leaving:
                cli.main(["run", str(spec), "--output", str(place), *option])
            assert leaving.value.code == 2
            err = capsys.readouterr().err
            assert err.count("\n") == 1
            assert err.startswith("qnu: output: got ")
    assert (tmp_path / "folder" / "thesis.tex").read_text(encoding="utf-8") == "years of work"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "years of work"


def test_an_output_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    spec = tmp_path / "spec.toml"
    spec.write_text(GOOD, encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["run", str(spec), "--output", str(tmp_path / "file" / "out")])
    assert leaving.value.code == 2
    assert "a place that can be written" in capsys.readouterr().err


def test_in_a_process_of_its_own(tmp_path: Path) -> None:
    spec = tmp_path / "spec.toml"
    spec.write_text(swapped("= 3", "= -3"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from qnu.cli import main; main()", "run", str(spec)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "qnu: group[0].count: got -3;"
        " allowed: a whole number >= 1 and < 2^63 (line 5 of spec.toml)\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["spec.toml"]
