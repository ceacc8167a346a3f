"""Whatever stands in an experiment file, it is accepted or refused in one line, and soon."""

from __future__ import annotations

import copy
import json
import random
import signal
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import qnu
from qnu import catalogue
from qnu.experiment import file as spec_file

#: A file may take this long, in seconds.
TIME_LIMIT = 5.0

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


class TooSlowError(Exception):
    pass


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
