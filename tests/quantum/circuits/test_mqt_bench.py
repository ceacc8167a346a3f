"""Benchmark circuits of any size: the physics of qnu in gates that every tool knows."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest
from qiskit import qasm2
from qiskit.quantum_info import Statevector

import qnu
from qnu.conservation import conserved_ones
from qnu.quantum.circuits import mqt_bench, problems

KINDS = list(problems.PROBLEMS)


@pytest.mark.parametrize("size", [2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_the_circuit_is_that_of_qnu_in_gates_that_every_tool_knows(kind: str, size: int) -> None:
    qc = getattr(mqt_bench, kind)(size)
    assert qc.name == f"neutrino_{kind}"
    assert set(qc.count_ops()) <= {"cx", "rz", "ry", "barrier", "measure"}
    assert (qc.num_qubits, qc.num_clbits, qc.count_ops()["measure"]) == (size, size, size)
    assert [qc.find_bit(i.qubits[0]).index for i in qc.data[-size:]] == list(range(size))
    gas, schedule = problems.problem(kind, size)
    assert qc.count_ops().get("cx", 0) == 3 * len(schedule)
    plain = qc.remove_final_measurements(inplace=False)
    ours = Statevector(qnu.quantum.circuit(gas, schedule))
    np.testing.assert_allclose(Statevector(plain).data, ours.data, atol=1e-12)
    read = qasm2.loads(qasm2.dumps(qc)).remove_final_measurements(inplace=False)
    assert abs(np.vdot(Statevector(read).data, ours.data)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_of_the_problem_and_reach_it(kind: str) -> None:
    ours, theirs = problems.PROBLEMS[kind], getattr(mqt_bench, kind)
    assert (
        str(inspect.signature(ours)).partition(" ->")[0]
        == str(inspect.signature(theirs))
        .replace("coupling: 'str'", "coupling: 'Any'")
        .partition(" ->")[0]
    )
    changed: dict[str, object] = {"seed": 7}
    for name, parameter in inspect.signature(theirs).parameters.items():
        if name in ("gamma", "duration", "encounters_per_neutrino", "probability"):
            changed[name] = 0.5 * parameter.default
        elif name == "steps":
            changed[name] = 3
        elif name == "order":
            changed[name] = "line" if kind == "tournament" else 2
        elif name == "coupling":
            changed[name] = "line"
    gas, schedule = problems.problem(kind, 4, **changed)
    plain = theirs(4, **changed).remove_final_measurements(inplace=False)
    ours_state = Statevector(qnu.quantum.circuit(gas, schedule)).data
    np.testing.assert_allclose(Statevector(plain).data, ours_state, atol=1e-12)
    for name, value in changed.items():  # each of them alone makes another circuit
        assert theirs(4, **{name: value}) != theirs(4), name


def test_a_seed_gives_the_same_circuit_and_none_another_one() -> None:
    assert mqt_bench.stochastic(4) == mqt_bench.stochastic(4, seed=1)
    assert mqt_bench.stochastic(4, seed=None) != mqt_bench.stochastic(4, seed=None)


def test_the_problems_are_what_they_say() -> None:
    gas, schedule = problems.tournament(7)
    assert len(schedule) == 21
    np.testing.assert_allclose(gas.polarization[[3, 4]], [[0.6, 0, 0.8], [-0.6, 0, -0.8]])
    np.testing.assert_allclose(gas.omega, [0.5] * 4 + [1.0] * 3)
    assert problems.random_pairs(8, encounters_per_neutrino=4)[1].final_time > 0
    assert len(problems.random_pairs(8, encounters_per_neutrino=4)[1]) == 16
    assert problems.stochastic(8, gamma=0.2)[1].final_time == pytest.approx(1.0)
    assert conserved_ones(*problems.plane_wave(7)) == 3
    assert problems.native(8)[1].wiring is not None
    with pytest.raises(qnu.QnuError, match="circuit_size: got 1; allowed: a whole number >= 2"):
        problems.tournament(1)
    with pytest.raises(qnu.QnuError, match="kind: got 'ring'"):
        problems.problem("ring", 4)


def test_a_native_circuit_needs_no_further_gate_on_a_heavy_hex_device() -> None:
    gas, schedule = problems.native(8)
    isa = qnu.quantum.compile_for(gas, schedule, "fake_torino")
    assert isa.count_ops()["cz"] == 3 * len(schedule)


def test_mqt_bench_makes_them_at_all_levels() -> None:
    bench = pytest.importorskip("mqt.bench")  # the extra `mqt`
    targets = importlib.import_module("mqt.bench.targets")
    names = importlib.import_module("mqt.bench.benchmarks")
    importlib.reload(mqt_bench)  # registered once, without an error
    assert set(mqt_bench.REGISTERED) <= set(names.get_available_benchmark_names())
    for name, description in mqt_bench.REGISTERED.items():
        assert names.get_benchmark_description(name) == description
        given = getattr(mqt_bench, name.removeprefix("neutrino_"))(4)
        level = bench.BenchmarkLevel
        assert bench.get_benchmark(name, level.ALG, 4) == given
        assert bench.get_benchmark(name, level.INDEP, 4).num_qubits == 4
        heron = targets.get_target_for_gateset("ibm_heron", num_qubits=4)
        native = bench.get_benchmark(name, level.NATIVEGATES, 4, target=heron)
        assert native.count_ops()["cz"] <= given.count_ops()["cx"]
        device = targets.get_device("ibm_heron_133")
        mapped = bench.get_benchmark(name, level.MAPPED, 4, target=device)
        assert mapped.num_qubits == 133
        ions = targets.get_device("quantinuum_h2_56")
        assert "rzz" in bench.get_benchmark(name, level.MAPPED, 4, target=ions).count_ops()
    line = bench.get_benchmark("neutrino_tournament", bench.BenchmarkLevel.ALG, 4, order="line")
    assert line == mqt_bench.tournament(4, order="line")
