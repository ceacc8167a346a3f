"""The benchmarks run, agree and can be read; how fast they are is not asked here."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

ROOT = Path(__file__).parents[1]
MODULES = (
    "circuit",
    "engines",
    "collective",
    "ensemble",
    "machine",
    "plot",
    "results",
    "rounds",
    "scaling",
    "tables",
)
LIMITS = {
    "triad_GB_per_s": {"L2": 100.0, "L3": 50.0, "memory": 20.0},
    "Gflop_per_s": {"double": 50.0, "single": 100.0},
}


@pytest.fixture
def bench(monkeypatch):
    """The modules of benchmarks/, which is no part of the installed package."""
    monkeypatch.syspath_prepend(ROOT)
    return SimpleNamespace(**{m: importlib.import_module(f"benchmarks.{m}") for m in MODULES})


def test_plain_gates_are_the_schedule(bench) -> None:
    """Both ways in which the circuit is written down, without any engine."""
    problem = bench.circuit.Problem(4)
    by_gate = bench.circuit.start_vector(problem, complex).reshape(2, 2, 2, 2)
    for first, second, gate in problem.unitaries():
        axes = (3 - first, 3 - second)  # neutrino k is bit k: the last axis is neutrino 0
        moved = np.tensordot(gate.reshape(2, 2, 2, 2), by_gate, axes=((2, 3), axes))
        by_gate = np.moveaxis(moved, (0, 1), axes)
    found = bench.circuit.read_out(np.ascontiguousarray(by_gate).ravel(), 4)
    by_qnu = importlib.import_module("benchmarks.engines.qnu_itself").many_body(problem, "double")
    np.testing.assert_allclose(found, by_qnu(), atol=1e-12)


def test_smoke(bench, tmp_path) -> None:
    """qnu and Aer in processes of their own, one round; the table, the page and the figure."""
    engines = [e for e in bench.engines.ENGINES if e.key in ("qnu double", "qnu single")]
    engines.append(bench.engines.by_key("Aer double"))
    engines.append(bench.engines.Engine("nobody", "nobody", ("not_there",), "double", "none"))
    said: list[str] = []
    plan = bench.rounds.Plan(sizes=(5, 6), rounds=1, contest=0.0)
    rows, contest = bench.rounds.measure(engines, plan, said.append)
    assert "nobody double: skipped, not installed: not_there" in said
    assert contest == []
    assert [(r["engine"], r["precision"], r["count"]) for r in rows] == [
        (name, precision, count)
        for count in (5, 6)
        for name, precision in (("qnu", "double"), ("qnu", "single"), ("Aer", "double"))
    ]
    for row in rows:
        assert row["agrees"], row
        assert {"form", "encounters", "build_s", "first_s", "all_s", "median_s"} <= set(row)
    assert rows[2]["disagreement"] < 1e-12

    alone = bench.scaling.measure({"single": (5, 6)}, LIMITS, rounds=1, say=said.append)
    assert [row["count"] for row in alone] == [5, 6]
    where = bench.machine.describe() | LIMITS
    found: dict = {}
    bench.results.put(found, "peers", rows, where, rounds=1)
    bench.results.put(found, "scaling", alone, where, rounds=1)
    bench.results.save(found, tmp_path / "bench.json")
    assert bench.results.load(tmp_path / "bench.json") == json.loads(json.dumps(found))
    page = bench.tables.markdown(found)
    assert "| Aer |" in page
    assert where["processor"] in page
    console = Console(
        width=80, record=True, file=(tmp_path / "table.txt").open("w", encoding="utf-8")
    )
    bench.tables.show(found, console)
    assert max(map(len, console.export_text().splitlines())) <= 80
    console.file.close()
    bench.plot.draw(found, tmp_path / "bench.png")
    assert (tmp_path / "bench.png").stat().st_size > 1000


def test_an_ensemble_beside_numpy(bench) -> None:
    """100 encounters of every history in NumPy: the same polarizations; and the table."""
    rows = bench.ensemble.measure(seeds=3, duration=1.0, say=lambda line: None)
    assert {row["case"] for row in rows} == {
        "kept in memory",
        "drawn",
        "drawn, 1001 samples",
        "kept in memory, NumPy",
    }
    assert all(row["encounters"] > 0 and row["each_ns"] > 0 for row in rows)
    assert rows[-1]["disagreement"] < 1e-13
    assert bench.ensemble.compared(2, encounters=7)["encounters"] == 14
    sheet = bench.tables._ensemble(rows)
    assert len(sheet.body) == len(rows)
    assert "largest difference from qnu" in sheet.note


def test_big_spins_beside_scipy(bench) -> None:
    """The obvious sparse matrix gives the same polarizations."""
    rows = bench.collective.measure(1, True, say=lambda line: None)
    assert [row["beams"] for row in rows] == [2, 2, 3]
    assert all(row["disagreement"] < 1e-11 and row["median_s"] > 0 for row in rows)


def test_what_was_not_run_says_why(bench) -> None:
    """An engine that would take too long is extrapolated, and its table says so."""
    plan = bench.rounds.Plan(longest=1.0)
    before = [
        {"engine": "slow", "precision": "double", "encounters": 10, "count": 5, "median_s": 3.0}
    ]
    row = {"engine": "slow", "precision": "double", "encounters": 15, "count": 6}
    expected = bench.rounds._expected(row, before)
    assert expected == pytest.approx(9.0)
    assert expected > plan.longest
    row |= {"not_run": "too long", "expected_s": 9.0}
    ours = row | {"engine": "qnu", "median_s": 2.0}
    assert bench.tables._time_and_ratio(row, ours) == "~9 s (4.5)"


def test_slopes_leave_out_the_bookkeeping(bench) -> None:
    counts = (10, 18, 20, 22)
    seconds = [1.0, *(2.0 ** (1.1 * n) for n in counts[1:])]
    assert bench.scaling.slope(counts, seconds) == pytest.approx(1.1)
    assert bench.scaling.slope((5, 6), (1.0, 2.0)) is None


def test_the_page_is_what_was_measured(bench) -> None:
    docs = Path(__file__).parents[1] / "docs"
    page = bench.tables.markdown(bench.results.load(docs / "bench.json"))
    assert page == (docs / "benchmarks.md").read_text(encoding="utf-8")
    assert "Measured on 2026-11-22: peers" in page
