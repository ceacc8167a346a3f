"""A benchmark of a backend: what is run, how it is scored, what an interrupted run keeps."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, ReadoutError

import qnu
from qnu.experiment import benchmarking
from qnu.experiment.benchmarking import bench_backend, cases, load_benchmark, running, tables
from qnu.experiment.benchmarking.scores import Score, compared
from qnu.quantum import BackendMachine


def test_the_numbers_of_a_score_by_hand() -> None:
    exact = np.array([[1.0, 0.0], [-1.0, 0.5]])
    measured = np.array([[0.8, 0.1], [-0.8, 0.4]])
    error = np.array([[0.1, 0.1], [0.2, 0.05]])
    found = compared(exact, measured, error)
    assert found["sigmas"] == pytest.approx(math.sqrt((4 + 1 + 1 + 4) / 4))
    assert found["rms"] == pytest.approx(math.sqrt((0.04 + 0.01 + 0.04 + 0.01) / 4))
    assert found["shot_noise"] == pytest.approx(math.sqrt((0.01 + 0.01 + 0.04 + 0.0025) / 4))
    size = 1 / 0.01 + 1 / 0.04 + 0.25 / 0.0025
    assert found["signal"] == pytest.approx((0.8 / 0.01 + 0.8 / 0.04 + 0.2 / 0.0025) / size)
    assert found["signal_error"] == pytest.approx(size**-0.5)
    measured[0, 0], error[1, 1] = math.nan, math.inf  # what a primitive may return
    left = compared(exact, measured, error)
    assert left["sigmas"] == pytest.approx(1.0)
    assert compared(exact, np.full((2, 2), math.nan), error)["rms"] is None


def test_more_than_shot_noise_is_told_from_shot_noise() -> None:
    made = Score("native", "native 4", 4, sigmas=1.6, rms=0.1, measured=[[[0.0] * 3] * 4])
    assert not replace(made, sigmas=2.0).beyond_shots  # 12 values: 1 + 5 / sqrt(24) = 2.02
    assert replace(made, sigmas=2.1).beyond_shots
    assert replace(made, sigmas=1.6, measured=[[[0.0] * 3] * 16]).beyond_shots  # 1.51
    many = replace(made, measured=[[[0.0] * 3] * 400])
    assert [replace(many, sigmas=s).dominated for s in (1.40, 1.42)] == [False, True]
    assert replace(made, in_sector=0.75, in_sector_at_random=0.5).success_by_selection == 0.5


def test_every_kind_in_every_size_and_experiments_once() -> None:
    listed = cases(sizes=[5, 3])
    assert len(listed) == 12
    assert [case.name for case in listed[:3]] == [
        "tournament 3",
        "tournament 5",
        "tournament_line 3",
    ]
    (case,) = cases(["tournament_8"], sizes=[3, 4])
    assert (case.name, len(case.gas)) == ("tournament_8", 8)
    np.testing.assert_allclose(case.times, [case.schedule.final_time])
    (case,) = cases(["plane_wave"], [4], samples=2)
    np.testing.assert_allclose(case.times, [1.0, 2.0])  # the start is no sample
    for bad in ({"experiments": ["tornament"]}, {"sizes": [1]}, {"sizes": []}, {"samples": 0}):
        with pytest.raises(qnu.QnuError, match=next(iter(bad))):
            cases(**bad)


def test_a_simulator_without_noise_is_within_its_shots_and_exact_without_them() -> None:
    kinds = ["tournament", "plane_wave"]
    with_shots = bench_backend("aer_statevector", kinds, [4], shots=2000, samples=2)
    assert not any(score.beyond_shots for score in with_shots.scores)
    assert all(0.4 < score.sigmas < 1.6 for score in with_shots.scores)
    assert all(score.circuits == 6 and score.compile_s is None for score in with_shots.scores)
    assert "Shot noise explains the errors of both circuits" in with_shots.text()
    exact = bench_backend("qnu", kinds, [4], shots=0)
    assert max(score.rms for score in exact.scores) < 1e-12
    assert "Without shots: the largest rms is" in exact.text()


def noisy(flip: float) -> BackendMachine:
    """Nothing but readout errors, the same for 0 and 1."""
    noise = NoiseModel()
    noise.add_all_qubit_readout_error(ReadoutError([[1 - flip, flip], [flip, 1 - flip]]))
    return BackendMachine.of(AerSimulator(noise_model=noise), shots=20_000)


def test_readout_errors_take_the_signal_that_they_should() -> None:
    found = bench_backend(noisy(0.1), ["tournament", "plane_wave"], [4])
    tournament, plane_wave = found.scores
    for score in found.scores:  # 1 - 2 x 0.1 of every component
        assert score.signal == pytest.approx(0.8, abs=5 * score.signal_error)
        assert score.beyond_shots
        assert score.dominated
        exact, measured = np.array(score.exact), np.array(score.measured)
        assert score.rms == pytest.approx(np.sqrt(np.mean((measured - exact) ** 2)))
    # two ones of four: none flipped, or one of each kind
    right = 0.9**4 + 4 * 0.9**2 * 0.1**2 + 0.1**4
    assert plane_wave.in_sector == pytest.approx(right, abs=0.01)
    assert plane_wave.in_sector_at_random == 6 / 16
    assert tournament.in_sector is None
    assert tournament.success is None  # this simulator has no calibration
    text = found.text()
    assert "Success by post-selection" in text
    assert "larger than it in all (sigmas above 1.41)" in " ".join(text.split())


def test_the_success_is_that_of_the_compiled_circuit_with_its_readout() -> None:
    backend = GenericBackendV2(4, seed=1)
    (score,) = bench_backend(backend, ["native"], [3], shots=100).scores
    case = cases(["native"], [3])[0]
    isa = qnu.quantum.compile_for(case.gas, case.schedule, backend)
    whole = qnu.quantum.estimate(isa, backend)
    assert score.success == pytest.approx(whole.success_probability, rel=0.02)
    assert score.two_qubit_gates == whole.two_qubit_gates
    assert score.signal > score.success


def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_scores(tmp_path, monkeypatch):
    file = tmp_path / "scores.json"
    kinds = ["tournament", "native"]
    whole = bench_backend("aer_statevector", kinds, [3, 4], shots=50)
    before, count = running._scored, []

    def stops(case, *arguments):
        count.append(case.name)
        if len(count) == 3:
            raise KeyboardInterrupt
        return before(case, *arguments)

    monkeypatch.setattr(running, "_scored", stops)
    with pytest.raises(KeyboardInterrupt):
        bench_backend("aer_statevector", kinds, [3, 4], shots=50, output=file)
    assert [s.name for s in load_benchmark(file).scores] == ["tournament 3", "tournament 4"]
    made = bench_backend("aer_statevector", kinds, [3, 4], shots=50, output=file)
    assert count[2:] == ["native 3", "native 3", "native 4"]
    assert [s.name for s in made.scores] == [s.name for s in whole.scores]
    assert [s.measured for s in made.scores] == [s.measured for s in whole.scores]
    assert [s.sigmas for s in load_benchmark(file).scores] == [s.sigmas for s in whole.scores]
    for other in ({"shots": 60}, {"seed": 2}, {"samples": 2}):
        with pytest.raises(qnu.QnuError, match=f"output: got {next(iter(other))} = "):
            bench_backend("aer_statevector", kinds, [3], **{"shots": 50, "output": file, **other})
    more = bench_backend("aer_statevector", ["native"], [5], shots=50, output=file)
    assert len(more.scores) == 5  # other circuits are added
    anew = bench_backend("aer_statevector", ["native"], [3], shots=60, output=file, overwrite=True)
    assert [s.name for s in load_benchmark(file).scores] == [s.name for s in anew.scores]


def test_what_a_backend_does_not_take_is_told_and_the_rest_is_run(tmp_path) -> None:
    machine = qnu.quantum.load_machine("aer_statevector").model_copy(update={"max_qubits": 3})
    made = bench_backend(machine, ["native"], [3, 4], shots=50)
    assert [score.failed is None for score in made.scores] == [True, False]
    assert made.text().startswith("1 circuit on aer_statevector, 50 shots per basis")
    assert "Not run: native 4 (neutrinos: got 4" in made.text(200)
    file = tmp_path / "none.md"
    with pytest.raises(qnu.QnuError, match="ran no circuit: neutrinos: got 4"):
        bench_backend(machine, ["native"], [4], output=file)
    assert not file.exists()


def test_tables_fit_80_columns_and_markdown_has_every_row(tmp_path) -> None:
    score = Score(
        "tournament_line", "tournament_line 40", 40, 780, 3, 4096, 12340, 1234, 0.0001, 123.45,
        0.5, 0.01, 0.123, 0.01, 0.4, 0.3, 123.0, 4567.0, measured=[0.0] * 120,
    )  # fmt: skip
    settings = {"machine": "fake_torino", "qubits": 133, "shots": 4096}
    text = tables.text(settings, [score, replace(score, failed="no room " * 20)])
    assert max(map(len, text.splitlines())) <= 80
    page = tables.markdown(settings, [score])
    row = next(line for line in page.splitlines() if line.startswith("| tournament_line"))
    assert "| 123.45* | 0.500 | 0.123 | 1e-04 | 123 s | 4567 s |" in row
    assert "below 1 for" not in page  # 0.123 is above 1e-4
    assert "below 1 for 1 of 1: worse" in tables.markdown(settings, [replace(score, success=0.9)])


def test_files_of_something_else_are_refused(tmp_path) -> None:
    for content in ("{}", "[]", "nothing", json.dumps({"format": 2})):
        file = tmp_path / "x.json"
        file.write_text(content, encoding="utf-8")
        with pytest.raises(qnu.QnuError, match="bench-backend"):
            load_benchmark(file)
        with pytest.raises(qnu.QnuError, match="bench-backend"):
            bench_backend("qnu", ["native"], [3], output=file)
        assert file.read_text(encoding="utf-8") == content
    with pytest.raises(qnu.QnuError, match="No such file"):
        load_benchmark(tmp_path / "none.json")
    with pytest.raises(qnu.QnuError, match=r"ends in \.json or \.md"):
        bench_backend("qnu", ["native"], [3], output=tmp_path / "x.txt")


def test_which_machines_send_circuits_away() -> None:
    away = {
        name for name in qnu.catalogue.hardware_names() if running.sends(running.machine_of(name))
    }
    assert away == {"ibm_heron", "ibm_nighthawk", "ionq_simulator"}
    assert not running.sends(running.machine_of(AerSimulator()))
    assert benchmarking.Benchmark is type(bench_backend("qnu", ["native"], [2], shots=0))
