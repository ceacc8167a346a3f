"""The comparison of routing with Qiskit: its cases, its caches, its goals, its tables."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

ROOT = Path(__file__).parents[1]
MODULES = ("apart", "cases", "goals", "ours", "peers", "rows", "section", "sheets", "store")


@pytest.fixture
def routing(monkeypatch):
    """The modules of benchmarks/routing, which is no part of the installed package."""
    monkeypatch.syspath_prepend(ROOT)
    return SimpleNamespace(
        **{m: importlib.import_module(f"benchmarks.routing.{m}") for m in MODULES}
    )


def row(name: str, group: str = "circle", **numbers) -> dict:
    """A case that was measured: qnu 80; 20, Qiskit 100; 40."""
    ours = {"gates": 80, "depth": 20, "success": 0.5, "seconds": 2.0, "qiskit_s": 1.0}
    theirs = {"best_gates": 100, "best_depth": 40, "best_success": 0.25, "sabre_s": 9.0}
    more = {"least_gates": 75, "least_depth": 15, "route": "search", "ten": [100, 44, 10]}
    found = {"device": "FakeTorino", "group": group, "name": name, "sabre": [104, 40, 1]}
    return found | ours | theirs | more | numbers


def test_the_cases_are_those_of_the_goals_with_the_first_sizes_first(routing) -> None:
    every = routing.cases.cases()
    assert len(every) == len({case.key for case in every}) == 4 * (18 + 20 + 7)
    torino = [case.name for case in every if case.device == "FakeTorino"]
    assert torino[:5] == [f"circle {n}" for n in (6, 10, 18, 26, 40)]
    assert torino[-1] == "circle 38"
    assert {goal for g in routing.goals.GOALS for goal in g.groups} == {c.group for c in every}


@pytest.mark.parametrize(
    ("name", "qubits", "pairs"),
    [
        ("circle 6", 6, 15),
        ("random 12 x 60, seed 2", 12, 60),
        ("stochastic 16, seed 1", 16, 149),
        ("QAOA 20", 20, 60),
        ("random 30, seed 3", 30, 150),
    ],
)
def test_a_case_has_its_number_of_pairs(routing, name: str, qubits: int, pairs: int) -> None:
    group = "general" if name[0] in "Q" or "30" in name else name.split(",")[0]
    circuit = routing.cases.logical(routing.cases.Case("FakeTorino", group, name))
    assert circuit.num_qubits == qubits
    assert sum(len(step.qubits) == 2 for step in circuit.data) == pairs


def test_the_graph_of_qaoa_is_regular(routing) -> None:
    edges = routing.cases.regular_graph(20, 3)
    assert len(set(edges)) == 30
    ends = [node for edge in edges for node in edge]
    assert all(ends.count(node) == 3 for node in range(20))


def test_another_angle_pair_or_device_is_another_circuit(routing) -> None:
    from qiskit.circuit import QuantumCircuit

    def made(angle: float, *pair: int) -> QuantumCircuit:
        circuit = QuantumCircuit(3)
        circuit.rzz(angle, *pair)
        return circuit

    torino, marrakesh = (routing.cases.backend(d).target for d in ("FakeTorino", "FakeMarrakesh"))
    one = routing.cases.fingerprint(made(0.1, 0, 1), torino)
    assert one == routing.cases.fingerprint(made(0.1, 0, 1), torino)
    others = [(made(0.2, 0, 1), torino), (made(0.1, 0, 2), torino), (made(0.1, 0, 1), marrakesh)]
    assert one not in {routing.cases.fingerprint(*other) for other in others}


def test_what_was_measured_is_not_measured_again(routing, tmp_path) -> None:
    """Stopped after three runs: the next time begins with the fourth."""
    path = tmp_path / "peers.json"
    case = routing.cases.Case("FakeTorino", "circle", "circle 6")
    called: list[str] = []

    def call(function, given, name):
        assert (function, given) == (routing.peers.one, case)
        if len(called) == 3:
            raise KeyboardInterrupt
        called.append(name)
        return [70 + len(called), 40, 0.5, 0.1]

    with pytest.raises(KeyboardInterrupt):
        routing.peers._one_kind(routing.store.Store(path), case, "level 3", call, print)
    again = routing.store.Store(path)
    runs = again.cases[case.key]["runs"]
    assert list(runs) == called == [f"level 3, seed {s}" for s in (1, 2, 3)]
    rest: list[str] = []
    routing.peers._one_kind(
        again, case, "level 3", lambda f, c, name: rest.append(name) or [99, 9, 0.1, 0.1], print
    )
    assert rest == [f"level 3, seed {s}" for s in range(4, 11)]
    assert routing.peers.best(routing.store.Store(path).cases[case.key]["runs"]) == (71, 9, 0.5)


def test_runs_of_another_circuit_or_version_are_forgotten(routing, tmp_path) -> None:
    store = routing.store.Store(tmp_path / "peers.json")
    store.runs("a", "circuit", "Qiskit 1")["level 3, seed 1"] = [3, 3, 0.9, 0.1]
    store.save()
    again = routing.store.Store(store.path)
    assert again.runs("a", "circuit", "Qiskit 1")
    assert not again.runs("a", "circuit", "Qiskit 2")
    assert not routing.store.Store(store.path).runs("a", "other", "Qiskit 1")
    assert [p.name for p in tmp_path.iterdir()] == ["peers.json"]


def test_a_compiler_that_takes_too_long_is_ended_and_an_error_is_a_result(routing) -> None:
    process = routing.apart.Apart()
    try:
        assert process.call(60.0, math.sqrt, 9.0) == 3.0
        assert process.call(60.0, math.sqrt, -1.0).startswith("ValueError")
        assert process.call(0.2, importlib.import_module("time").sleep, 60.0) == "not done in 0 s"
        assert process.call(60.0, math.sqrt, 4.0) == 2.0  # in a new process
    finally:
        process.close()


def test_more_trials_are_put_into_the_layout_stage_of_level_3(routing, monkeypatch) -> None:
    from qiskit.transpiler.passes import SabreLayout

    seen = []
    run = SabreLayout.run

    def spy(self, dag):
        seen.append((self.layout_trials, self.swap_trials, self.max_iterations, self.seed))
        return run(self, dag)

    monkeypatch.setattr(SabreLayout, "run", spy)
    case = routing.cases.Case("FakeTorino", "circle", "circle 6")
    few = routing.peers.one(case, "level 3, seed 3")
    many = routing.peers.one(case, "sabre 40, seed 3")
    assert seen == [(20, 20, 4, 3), (40, 40, 4, 3)]
    for gates, depth, success, _ in (few, many):
        assert gates >= 45
        assert depth >= 15
        assert 0.4 < success < 0.75


def test_the_estimate_of_qiskits_circuit_reads_the_qubits_where_it_ends(routing) -> None:
    """A swap that is taken out of the circuit: the readout follows the neutrino."""
    from qiskit.circuit import QuantumCircuit

    circuit = QuantumCircuit(2)
    circuit.rzz(0.3, 0, 1)
    circuit.swap(0, 1)
    isa = routing.peers.compiled(circuit, "FakeTorino", 1)
    routing.peers.measured(isa, "FakeTorino", 0.0)
    start = isa.layout.initial_index_layout(filter_ancillas=True)
    assert isa.metadata["neutrino_qubit"] == start[::-1]


def test_goals_by_hand(routing) -> None:
    goals = routing.goals
    rows = [row("circle 6"), row("circle 8", gates=110, depth=40, success=0.2)]
    found = {goal.what: goal.reached(rows) for goal in goals.GOALS[:3]}
    assert found["gates, worst"].value == pytest.approx(1.1)
    assert not found["gates, worst"].holds
    assert found["gates, worst"].worst == "circle 8"
    assert found["gates, mean"].value == pytest.approx(math.sqrt(0.8 * 1.1))
    assert found["depth, worst"] == goals.Result(1.0, True, "circle 8")
    time = next(g for g in goals.GOALS if g.what.startswith("time") and "circle" in g.groups)
    assert time.reached(rows).value == 2.0
    success = goals.GOALS[-1].reached(rows)
    assert (success.value, success.holds) == (pytest.approx(1.25), False)
    assert goals.unreached(rows[0]) == []
    assert goals.unreached(rows[1]) == ["gates"]
    drawn = row("random 12 x 60, seed 1", "random 12 x 60", gates=91, depth=37)
    assert goals.unreached(drawn) == ["gates", "depth"]


def test_a_goal_that_nobody_can_reach_says_so(routing) -> None:
    """Qiskit has 80 where three gates per encounter are 75: 0.9375, and 0.85 is asked for."""
    rows = [row("circle 12", best_gates=80), row("circle 20", best_gates=80, gates=75)]
    assert routing.goals.at_the_bound(rows) == pytest.approx(0.9375)
    sheet = next(routing.sheets.sheets({"rows": rows, "how": {}}))
    told = {line[0]: line[1] for line in sheet.body}
    assert told["circle: gates, mean <= 0.85"] == "0.968 NO (none can: 0.938)"
    assert told["circle: gates, worst <= 1"] == "1 yes"
    rows[0]["best_gates"] = 100
    sheet = next(routing.sheets.sheets({"rows": rows, "how": {}}))
    assert sheet.body[1][1] == "0.866 NO (circle 20)"


def test_a_circuit_of_qiskits_counts_as_not_reached(routing) -> None:
    given = row("circle 6", route="fallback: Qiskit")
    assert routing.goals.unreached(given) == ["fallback"]
    assert routing.goals.GOALS[0].reached([given]) == routing.goals.Result(
        math.inf, False, "circle 6"
    )
    assert routing.goals.GOALS[0].reached([row("circle 8") | {"group": "general"}]) is None


def test_the_tables_are_as_wide_as_a_terminal(routing, tmp_path) -> None:
    tables = importlib.import_module("benchmarks.tables")
    rows = [
        row("circle 6"),
        row("circle 8", gates=110, route="sabre of Qiskit"),
        row("random 12 x 60, seed 1", "random 12 x 60"),
        row("random 12 x 60, seed 2", "random 12 x 60", gates=90, best_gates=100),
        {"device": "FakeTorino", "group": "general", "name": "QFT 16", "why": "not done in 600 s"},
    ]
    where = {"processor": "P", "cores": 2, "threads": 2, "memory_GiB": 1, "caches": {}}
    found = {"routing": {"rows": rows, "machine": where, "how": {"peers": "Qiskit 9"}}}
    with (tmp_path / "table.txt").open("w", encoding="utf-8") as file:
        console = Console(width=80, record=True, file=file)
        tables.show(found, console)
    told = console.export_text()
    assert max(map(len, told.splitlines())) <= 80
    page = tables.markdown(found)
    assert "| circle 6 | 75; 15 | 80; 20 | 100; 44 | 104; 40 | 0.80; 0.50 |" in page
    assert "| random 12 x 60, 2 seeds | 75; 15 | 85; 20 | 100; 44 | 104; 40 | 0.85; 0.50 |" in page
    assert "| QFT 16 |  | not done in 600 s |" in page
    assert "| circle 8 | 75; 15 | 110; 20 fallback |" in page
    assert "Qiskit 9" in page


def test_the_cache_in_the_repository_is_of_these_circuits(routing) -> None:
    """What is stored is used: no case of the first device would be measured again."""
    store = routing.store.Store(routing.store.PEERS)
    if not store.cases:  # an empty cache is filled by `python -m benchmarks.routing peers`
        return
    for case in routing.cases.cases(("FakeTorino",))[:12]:
        circuit = routing.cases.logical(case)
        target = routing.cases.backend(case.device).target
        assert store.cases[case.key]["circuit"] == routing.cases.fingerprint(circuit, target)


def test_another_compiler_is_another_version(routing, monkeypatch, tmp_path) -> None:
    """One changed line of the search is measured again; one of another part of qnu is not."""
    import qnu

    home = tmp_path / "qnu"
    for folder in ("compile/routing", "circuits", "jobs"):
        (home / "quantum" / folder).mkdir(parents=True)
        (home / "quantum" / folder / "a.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(qnu, "__file__", str(home / "__init__.py"))
    before = routing.ours.version()
    (home / "quantum" / "jobs" / "a.py").write_text("x = 2\n", encoding="utf-8")
    assert routing.ours.version() == before
    (home / "quantum" / "compile" / "routing" / "a.py").write_text("x = 2\n", encoding="utf-8")
    assert routing.ours.version() != before
