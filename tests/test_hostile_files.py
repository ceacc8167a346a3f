"""Whatever stands in an experiment file, it is accepted or refused in one line, and soon."""

from __future__ import annotations

import copy
import json
import random
import tomllib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import qnu
from qnu import catalogue
from qnu.experiment import read as reading

from .conftest import TooSlowError, time_limit

#: A file may take this long, in seconds of a processor.
TIME_LIMIT = 20.0

HOSTILE: tuple[Any, ...] = (
    0,
    1,
    -1,
    2,
    1.5,
    -0.5,
    1e-9,
    1e-300,
    5e-324,
    1e300,
    1.7e308,
    -1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    10**9,
    2**31,
    2**63 - 1,
    2**63,
    10**20,
    10**400,
    -(10**400),
    True,
    False,
    "",
    "x",
    "1",
    "electron",
    "a[",
    "a.b[0]",
    "../../x",
    "~nosuchuser/x",
    "x" * 200_000,
    "\x1b[31m\x00\n",
    "\u202e\u2028",
    "\U0001f600" * 3,
    [],
    [[]],
    [0],
    [1, 2],
    [0, 30000],
    [[0, 30000], [0, 1]],
    [float("nan")],
    [1e308, 1e308],
    [10**400],
    [[0.0, 0.0, 1.0]],
    ["x", 1],
    [True],
    list(range(5000)),
    {},
    {"times": [0.0, 1.0], "values": [1.0, 0.0]},
    {"times": [0.0, 1e-300], "values": [1e308, -1e308]},
    {"times": [], "values": []},
    {"times": [1.0, 0.0], "values": [10**400, 0]},
    {"start": 1.0, "scale": 5e-324},
    {"start": 1e308, "scale": -1e-300},
    {"a[": 1},
    {"x" * 2000: {"y": [{"z": 1}]}},
)


def written(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    inside = ", ".join(f"{json.dumps(key)} = {written(item)}" for key, item in value.items())
    return "{" + inside + "}"


def text_of(table: dict[str, Any]) -> str:
    return "\n".join(f"{json.dumps(key)} = {written(value)}" for key, value in table.items())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of every table, and the first elements of every list."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value[:2])
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def changed(table: dict[str, Any], path: tuple[Any, ...], value: Any) -> str:
    """The file with one value replaced."""
    result = copy.deepcopy(table)
    inner: Any = result
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return text_of(result)


#: Keys that a schedule or a method may have and the catalogue seldom uses.
MORE = {
    "schedule": {"mu": 1.0, "matter": 0.0, "vacuum": "inside", "shuffle": True, "share": 0.5},
    "method": {"samples": 5, "times": [0.0], "label": "one", "observables": ["entropy"]},
    "group": {"name": "one", "omega": 0.1, "antineutrino": True},
}


def tables() -> dict[str, dict[str, Any]]:
    """The files of the catalogue, as tables, with more keys in their last tables."""
    found = {}
    for name in catalogue.experiment_names():
        table = tomllib.loads(catalogue.find_experiment(name).read_text(encoding="utf-8"))
        for key, more in MORE.items():
            inner = table[key][-1] if isinstance(table[key], list) else table[key]
            known = set(inner)
            for extra, value in more.items():
                if extra not in known:
                    trial = copy.deepcopy(table)
                    place = trial[key][-1] if isinstance(trial[key], list) else trial[key]
                    place[extra] = value
                    if not verdict(text_of(trial), accepted_only=True):
                        table = trial
        found[name] = table
    return found


def verdict(text: str, accepted_only: bool = False) -> str:
    """What is wrong with how a file is taken; empty where nothing is."""
    try:
        with time_limit(TIME_LIMIT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            qnu.experiment.parse(text)
    except qnu.QnuError as error:
        if accepted_only:
            return str(error)
        line = str(error)
        return "" if line.isprintable() and len(line) < 1500 else f"not one short line: {line[:80]}"
    except TooSlowError:
        return "too slow"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:100]}"
    return ""


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, Any]]:
    for name in catalogue.experiment_names():  # compiled without a limit
        qnu.experiment.load(name)
    return tables()


def test_values_that_were_not_thought_of(files: dict[str, dict[str, Any]]) -> None:
    every = [
        (name, path, value)
        for name, table in files.items()
        for path in places(table)
        for value in HOSTILE
    ]
    wrong = []
    for name, path, value in random.Random(1).sample(every, 600):
        found = verdict(changed(files[name], path, value))
        if found:
            wrong.append((name, path, found))
    assert wrong == []


BASE = """
[[group]]
count = 4
polarization = [0, 0, 1]
[schedule]
kind = "tournament"
gamma = 0.1
[[method]]
kind = "independent"
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = " + "1" * 5000, "4300 digits"),
        ("x = " + "[" * 1000 + "]" * 1000, "nested too deeply"),
        ("x = " + "{a = " * 1000 + "1" + "}" * 1000, "valid TOML"),
        ('"a[" = 1', r"a\[: got 1 \(an unknown key\)"),
        ('"a[0].b[" = 1', "an unknown key"),
        ('"' + "x" * 200_000 + '" = 1', r"x\.\.\.: got 1 \(an unknown key\)"),
        ('name = "' + "x" * 200_000 + '"', "of 1 to 200 characters"),
        ('name = "a\\u001b[31m"', r"name: got 'a\\x1b\[31m'; allowed: text on one line"),
        ('"\\u001b[31m" = 1', r"^\\x1b\[31m: got 1"),
        ("mixing_angle = 1" + "0" * 400, "mixing_angle: got"),
        ("[a" + " " * 200_000 + "x", "valid TOML"),
        ("seed = 1" + "0" * 400, r"seed: got a number of 401 digits; .* < 2\^63"),
        ("#" + "x" * 2**24, "longer than 16 MiB"),
    ],
)
def test_texts_that_were_not_thought_of(text: str, message: str) -> None:
    with time_limit(TIME_LIMIT), pytest.raises(qnu.QnuError, match=message) as caught:
        qnu.experiment.parse(text + "\n" + BASE)
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            'kind = "native"\ngamma = 0.1\ncoupling = "line"\nencounters_per_neutrino = 5\n'
            "share = 1e-300",
            "schedule.share: got 1e-300; .* years",
        ),
        (
            'kind = "native"\ngamma = 0.1\ncoupling = [[0, 30000], [0, 1]]\n'
            "encounters_per_neutrino = 5",
            "schedule.coupling: got '3 connected sites'; allowed: at least 4",
        ),
        (
            'kind = "stochastic"\ngamma = 0.01\nduration = 500\nprobability = 1e-9',
            "schedule: got 'about 5e.13 encounters'; allowed: at most",
        ),
        (
            'kind = "stochastic"\ngamma = 0.1\nduration = 40\nprobability = 1e-9',
            "schedule.duration: got 40.0; allowed: what is drawn within an hour .* hours",
        ),
        (
            'kind = "random_pairs"\ngamma = 0.1\nencounters = 900000000000',
            "schedule.encounters: .* within an hour",
        ),
    ],
)
def test_schedules_that_would_take_hours_say_so_at_once(schedule: str, message: str) -> None:
    text = BASE.replace('kind = "tournament"\ngamma = 0.1', schedule)
    with time_limit(TIME_LIMIT), pytest.raises(qnu.QnuError, match=message):
        qnu.experiment.parse(text)


def test_a_coupler_far_away_costs_no_memory() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 3, omega=[0.0] * 3)
    far = qnu.schedules.native(gas, 0.1, [[0, 10**6], [0, 1]], 20, seed=1)
    near = qnu.schedules.native(gas, 0.1, [[0, 2], [0, 1]], 20, seed=1)
    assert far.wiring.sites.tolist() == [10**6 if k == 2 else k for k in near.wiring.sites]
    assert far.first.tolist() == near.first.tolist()


def test_light_cones_of_plane_waves_are_checked_in_seconds() -> None:
    text = catalogue.find_experiment("plane_wave_8").read_text(encoding="utf-8")
    with time_limit(8.0):
        qnu.experiment.parse(text + '\n[[method]]\nkind = "light_cone"\nlabel = "cones"\n')


def test_the_place_of_a_key_is_found_whatever_it_is_called() -> None:
    lines = reading.line_numbers('seed = 1\n[[group]]\ncount = 2\n"a[" = 3\n')
    error = reading.located(qnu.QnuError("group[0].a[", 3, "2"), lines, "f")
    assert str(error) == "group[0].a[: got 3; allowed: 2 (line 2 of f)"
    error = reading.located(qnu.QnuError("]][[", 3, "2"), lines, "f")
    assert str(error) == "]][[: got 3; allowed: 2"


def test_a_mark_at_the_beginning_of_a_hardware_config(tmp_path: Any) -> None:
    text = catalogue.find_hardware("aer_statevector").read_text(encoding="utf-8")
    (tmp_path / "marked.toml").write_text(text, encoding="utf-8-sig")
    from qnu.quantum.machines import load_machine

    assert load_machine(tmp_path / "marked.toml").name == "marked"


@pytest.mark.parametrize(
    "text", ["x = " + "[" * 1000, "seed = " + "1" * 5000, "x = " + "[" * 1000 + "]" * 1000]
)
def test_hardware_configs_that_were_not_thought_of(text: str, tmp_path: Any) -> None:
    from qnu.quantum.machines import load_machine

    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(qnu.QnuError, match="valid TOML"):
        load_machine(tmp_path / "a.toml")
    assert catalogue.description(tmp_path / "a.toml") == "(cannot be read)"
