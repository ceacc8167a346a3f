"""``EncounterSchedule.from_table``: what it takes, and what it says about mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qnu
from qnu import EncounterSchedule, schedules

from_table = EncounterSchedule.from_table
COLUMNS = ("first", "second", "swap_angle", "start", "duration")
HEAD = "first,second,swap_angle,start\n"
COUNT = 6


@pytest.fixture(scope="module")
def gas() -> qnu.NeutrinoGas:
    """All different: no two neutrinos can be exchanged unnoticed."""
    vectors = np.random.default_rng(4).normal(size=(COUNT, 3))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    omega = np.linspace(-0.3, 0.4, COUNT)
    velocity = np.roll(vectors, 1, axis=0)
    return qnu.NeutrinoGas(vectors, omega=omega, velocity=velocity)


@pytest.fixture(scope="module")
def drawn(gas: qnu.NeutrinoGas) -> EncounterSchedule:
    return schedules.stochastic(gas, 0.3, probability=0.6, duration=4.0, seed=3, vacuum="inside")


def same_rows(one: EncounterSchedule, two: EncounterSchedule) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in COLUMNS)


def saved(write: Callable[[pd.DataFrame, Path], Any], name: str) -> Callable[..., Any]:
    def table(frame: pd.DataFrame, folder: Path) -> Path:
        write(frame, folder / name)
        return folder / name

    return table


TABLES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "csv": saved(lambda frame, path: frame.to_csv(path, index=False), "t.csv"),
    "csv with an index": saved(lambda frame, path: frame.to_csv(path), "t.csv"),
    "csv of floats": saved(lambda frame, path: frame.astype(float).to_csv(path), "t.csv"),
    "csv of Excel": saved(
        lambda frame, path: frame.to_csv(path, sep=";", decimal=",", encoding="utf-8-sig"), "t.csv"
    ),
    "tabs": saved(lambda frame, path: frame.to_csv(path, sep="\t"), "t.tsv"),
    "savetxt": saved(
        lambda frame, path: np.savetxt(path, frame.values, fmt="%.17g", header=" ".join(frame)),
        "t.txt",
    ),
    "npz": saved(lambda frame, path: np.savez(path, **dict(frame.items())), "t.npz"),
    "DataFrame": lambda frame, _: frame,
    "DataFrame of floats": lambda frame, _: frame.astype(float),
    "DataFrame of nullable columns": lambda frame, _: frame.convert_dtypes(),
    "DataFrame with another index": lambda frame, _: frame.set_axis(frame.index[::-1]),
    "Dataset": lambda frame, _: frame.to_xarray(),
    "structured array": lambda frame, _: frame.to_records(),
    "dict of arrays": lambda frame, _: {name: frame[name].values for name in frame},
    "dict of lists": lambda frame, _: frame.to_dict("list"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_gives_the_schedule_it_was_made_of_to_the_last_bit(
    name: str, drawn: EncounterSchedule, tmp_path: Path
) -> None:
    table = TABLES[name](drawn.to_dataframe(), tmp_path)
    again = from_table(table, neutrinos=COUNT, final_time=drawn.final_time)
    assert len(again) == len(drawn) > 10
    assert same_rows(again, drawn)
    assert again.first.dtype == np.int32


def run(method: str, gas: qnu.NeutrinoGas, schedule: EncounterSchedule) -> np.ndarray:
    times = schedule.equally_spaced(4)
    if method == "circuit":
        return qnu.quantum.run(gas, schedule, "qnu", times=times).polarization
    return getattr(qnu.solvers, method)(gas, schedule, times).polarization


@pytest.mark.parametrize("method", ["many_body", "independent", "circuit"])
def test_an_exported_schedule_gives_the_same_trajectory(
    method: str, gas: qnu.NeutrinoGas, drawn: EncounterSchedule, tmp_path: Path
) -> None:
    path = tmp_path / "enc.csv"
    drawn.to_dataframe().to_csv(path, index=False)
    options = {"neutrinos": COUNT, "final_time": drawn.final_time}
    exact = run(method, gas, drawn)
    assert np.array_equal(run(method, gas, from_table(path, **options)), exact)
    exchanged = {"first": "start", "start": "first"}
    frame = drawn.to_dataframe()
    with pytest.raises(qnu.QnuError):
        from_table(frame, columns=exchanged, **options)
    weaker = run(method, gas, from_table(path, angle_factor=0.5, **options))
    assert np.abs(weaker - exact).max() > 0.05
    later = from_table(path, time_factor=0.5, **options)
    assert np.abs(run(method, gas, later) - exact).max() > 0.02
    frame["second"] = frame["second"].replace({0: 1, 1: 0})  # two neutrinos exchanged
    frame["first"] = frame["first"].replace({0: 1, 1: 0})
    assert np.abs(run(method, gas, from_table(frame, **options)) - exact).max() > 0.05


def test_fresh_partners_survive_a_table(tmp_path: Path) -> None:
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 0, 1]], omega=[0.1, 0.2])
    drawn = schedules.constant_background(gas, 1, 0.3, encounters=4)
    path = tmp_path / "t.csv"
    drawn.to_dataframe().to_csv(path, index=False)
    for table in (path, drawn.to_dataframe(), drawn.to_dataframe().astype(float)):
        again = from_table(table, final_time=drawn.final_time)
        assert again.fresh is not None
        assert again.fresh.all()
        assert same_rows(again, drawn)
    columns = drawn.to_dataframe().drop(columns="fresh")
    assert from_table(columns).fresh is None


def test_a_saved_schedule_keeps_its_settings(drawn: EncounterSchedule, tmp_path: Path) -> None:
    drawn.save(tmp_path / "s.npz")
    again = from_table(tmp_path / "s.npz")
    assert (again.gamma, again.probability) == (drawn.gamma, drawn.probability)
    assert (again.final_time, again.free_streaming) == (drawn.final_time, drawn.free_streaming)
    assert from_table(tmp_path / "s.npz", gamma=0.7).gamma == 0.7
    back = schedules.random_pairs(
        qnu.NeutrinoGas([[0, 0, 1]] * 3, omega=[0.1] * 3), 0.1, encounters=5, seed=1
    )
    back.save(tmp_path / "b.npz")
    assert from_table(tmp_path / "b.npz").free_streaming is False


def test_sorting_is_stable_and_keeps_rows_together(drawn: EncounterSchedule) -> None:
    frame = drawn.to_dataframe()
    parts = [part for _, part in frame.groupby("start", sort=False)]
    mixed = pd.concat(parts[::-1])  # within a time the order stays
    again = from_table(mixed, sort=True, neutrinos=COUNT, final_time=drawn.final_time)
    assert same_rows(again, drawn)


def test_neutrinos_may_be_counted_from_one_and_columns_have_names_of_their_own(
    drawn: EncounterSchedule,
) -> None:
    names = {"first": "i", "second": "j", "swap_angle": "theta", "start": "t"}
    frame = drawn.to_dataframe().rename(columns=names)
    frame[["i", "j"]] += 1
    again = from_table(
        frame, columns=names, numbered_from=1, final_time=drawn.final_time, neutrinos=COUNT
    )
    assert same_rows(again, drawn)


def test_without_a_number_of_neutrinos_the_largest_counts() -> None:
    rows: dict[str, Any] = {"first": [1], "second": [4], "swap_angle": [0.1], "start": [1.0]}
    assert from_table(rows).neutrinos == 5
    assert from_table(rows, numbered_from=1).neutrinos == 4
    assert from_table(rows, neutrinos=9).neutrinos == 9


def test_factors_multiply_columns_and_nothing_else() -> None:
    rows = {"first": [0, 1], "second": [1, 2], "swap_angle": [0.1, 0.2], "start": [0.0, 2.0]}
    schedule = from_table(rows, duration=0.5, time_factor=3.0, angle_factor=2.0)
    assert schedule.start.tolist() == [0.0, 6.0]
    assert schedule.duration.tolist() == [0.5, 0.5]
    assert schedule.swap_angle.tolist() == [0.2, 0.4]
    assert schedule.final_time == 6.5
    longer = from_table(rows | {"duration": [0.5, 0.25]}, time_factor=3.0, final_time=9.0)
    assert longer.duration.tolist() == [1.5, 0.75]
    assert longer.final_time == 9.0


MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "out of range": (
        "0,1,.3,0\n\n0,12,.3,1\n",
        {"neutrinos": 10},
        "t.csv, line 4: second: got 12; allowed: a neutrino from 0 to 9",
    ),
    "counted from one": (
        "1,2,.3,0\n2,3,.3,1\n",
        {"neutrinos": 3},
        "t.csv, line 3: second: got 3; allowed: a neutrino from 0 to 2;"
        " numbered_from = 1 where the first one is 1",
    ),
    "counted from zero": (
        "0,2,.3,0\n",
        {"neutrinos": 3, "numbered_from": 1},
        "t.csv, line 2: first: got 0; allowed: a neutrino from 1 to 3",
    ),
    "half a neutrino": (
        "0,1.5,.3,0\n",
        {},
        "t.csv, line 2: second: got 1.5; allowed: the number of a neutrino, from 0",
    ),
    "itself": (
        "1,2,.3,0\n2,2,.3,1\n",
        {"numbered_from": 1},
        "t.csv, line 3: second: got 2; allowed: a neutrino other than first of line 3",
    ),
    "out of order": (
        "0,1,.3,2\n# c\n0,1,.3,1\n",
        {},
        "t.csv, line 4: start: got 1.0; allowed: a time >= start of line 2 = 2 (encounters in"
        " order of time; sort = true puts them in order)",
    ),
    "overlap of sorted rows": (
        "1,3,.3,2\n1,2,.3,1\n",
        {"sort": True, "duration": 5.0, "numbered_from": 1},
        "t.csv, line 2: start: got 2.0; allowed: >= 6, when neutrino 1 leaves the encounter of"
        " line 3 (a neutrino",
    ),
    "infinite": ("0,1,inf,0\n", {}, "t.csv, line 2: swap_angle: got inf; allowed: a finite number"),
    "nan": ("0,nan,.3,0\n", {}, "t.csv, line 2: second: got nan; allowed: the number of a"),
    "before the beginning": ("0,1,.3,-1\n", {}, "t.csv, line 2: start: got -1.0; allowed: a time"),
    "after the end": (
        "0,1,.3,1\n0,1,.3,9\n",
        {"final_time": 3.0},
        "t.csv, line 3: start: got 9.0; allowed: <= final_time = 3",
    ),
    "columns turned round": (
        "0,1,.3,1\n",
        {"columns": {"i": "first"}},
        "columns: got {'i': 'first'}; allowed: { first = NAME, second = NAME, ... } (the names of"
        " qnu first)",
    ),
    "no such column": (
        "0,1,.3,1\n",
        {"columns": {"start": "time"}},
        "t.csv: got the columns first, second, swap_angle, start; allowed: a column 'time'",
    ),
    "numbered from two": ("0,1,.3,1\n", {"numbered_from": 2}, "numbered_from: got 2; allowed: a"),
    "no time factor": ("0,1,.3,1\n", {"time_factor": 0}, "time_factor: got 0; allowed: a finite"),
    "sort of a text": ("0,1,.3,1\n", {"sort": "yes"}, "sort: got 'yes'; allowed: true or false"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_a_file_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    rows, options, message = MISTAKES[name]
    path = tmp_path / "t.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    with pytest.raises(qnu.QnuError) as caught:
        from_table(path, **options)
    assert str(caught.value).startswith(message)


def test_a_mistake_in_a_table_is_named_with_its_row_and_its_own_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"first": [0, 0], "j": [1, 7], "swap_angle": [0.1, 0.1], "start": [0, 1]})
    with pytest.raises(qnu.QnuError, match=r"^j\[1\]: got 7; allowed: a neutrino from 0 to 5$"):
        from_table(frame, columns={"second": "j"}, neutrinos=6)
    np.savez(tmp_path / "t.npz", **dict(frame.rename(columns={"j": "second"}).items()))
    with pytest.raises(qnu.QnuError, match=r"^t.npz: second\[1\]: got 7"):
        from_table(tmp_path / "t.npz", neutrinos=6)
    short = {name: frame[name].tolist() for name in frame} | {"start": [0.0]}
    with pytest.raises(qnu.QnuError, match=r"^start: got .shape \(1,\).; allowed: shape \(2,\)"):
        from_table(short, columns={"second": "j"})


def test_a_duration_is_given_once(drawn: EncounterSchedule) -> None:
    with pytest.raises(qnu.QnuError, match=r"^duration: got 1.0; allowed: nothing here"):
        from_table(drawn.to_dataframe(), duration=1.0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (3, "table: got 3; allowed: a path, a pandas DataFrame"),
        ({}, "table: got no columns; allowed: a column 'first'"),
        ("no.csv", "table: got 'no.csv'; allowed: a file that can be read"),
        ({"first": [0]}, "table: got the columns first; allowed: a column 'second'"),
    ],
)
def test_what_is_no_table_is_refused(table: Any, message: str) -> None:
    with pytest.raises(qnu.QnuError) as caught:
        from_table(table)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\x89HDF\r\n\x1a\n", b"PAR1\x00"])
def test_other_files_are_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.npz").write_bytes(content)
    with pytest.raises(qnu.QnuError, match=r"^t.npz: got .*CSV"):
        from_table(tmp_path / "t.npz")


def test_an_archive_with_objects_is_refused(tmp_path: Path) -> None:
    columns: dict[str, Any] = {name: np.array([0], dtype=object) for name in COLUMNS}
    np.savez(tmp_path / "t.npz", **columns)
    with pytest.raises(qnu.QnuError, match=r"^t.npz: got no arrays"):
        from_table(tmp_path / "t.npz")
