"""Circuits and Hamiltonians of experiments as files for other programs."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qiskit import qasm2, qasm3
from qiskit.quantum_info import SparsePauliOp, Statevector

import qnu
from qnu import QnuError
from qnu.cli import main
from qnu.experiment import load
from qnu.experiment.programs import export_program
from qnu.quantum.circuits.hamiltonian import hamlib_text, pauli_terms


def cli(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(["export", *arguments])
    return int(end.value.code or 0)


def test_both_versions_of_openqasm_are_the_circuit(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli("tournament_4", "--qasm2") == 0
    assert cli("tournament_4", "--qasm3", "-o", "three.qasm") == 0
    loaded = load("tournament_4")
    ours = Statevector(qnu.quantum.circuit(loaded.gas, loaded.schedule))
    old = qasm2.load("tournament_4.qasm").remove_final_measurements(inplace=False)
    new = qasm3.load("three.qasm")
    for read in (old, new):
        assert abs(Statevector(read).inner(ours)) == pytest.approx(1, abs=1e-12)
    text = (tmp_path / "three.qasm").read_text(encoding="utf-8")
    assert text == qnu.catalogue.qasm("tournament_4")


def test_the_hamiltonian_in_both_forms(tmp_path) -> None:
    loaded = load("plane_wave_8")
    ours = pauli_terms(loaded.gas)
    (record,) = json.loads(
        export_program(loaded, "hamiltonian", tmp_path / "h.json").read_text(encoding="utf-8")
    )
    terms = record["ham_hamlib_hamiltonian_terms"]
    made = SparsePauliOp(terms, record["ham_hamlib_hamiltonian_coefficients"])
    np.testing.assert_allclose((made - ours).simplify().coeffs, 0, atol=1e-15)
    assert record["ham_instance"] == "/plane_wave_8/"
    text = export_program(loaded, "hamiltonian", tmp_path / "h.txt").read_text(encoding="utf-8")
    assert text == hamlib_text(ours) + "\n"


def test_bad_input_is_one_line_and_nothing_is_overwritten(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.qasm").write_text("mine", encoding="utf-8")
    for arguments, message in {
        ("tournament_4", "--hamiltonian"): "schedule.kind: got 'tournament'",
        ("tournament_4", "--qasm2", "-o", "mine.qasm"): "a file that does not exist yet",
        ("tournament_4", "--qasm2", "-o", "x.json"): "a file that ends in .qasm",
        ("tournament_4", "--qasm2", "--csv"): "--qasm2: got --qasm2 and --csv; allowed: one of",
        ("tournament_5", "--qasm2"): "spec: got 'tournament_5'",
        ("tournament_4",): "the experiment 'tournament_4'; allowed: results; for an experiment add",
        ("mine.toml", "--csv"): "the experiment 'mine.toml'; allowed: results; for an experiment",
    }.items():
        assert cli(*arguments) == 2
        captured = capsys.readouterr()
        assert message in captured.err, arguments
        assert captured.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.qasm"]
    assert (tmp_path / "mine.qasm").read_text(encoding="utf-8") == "mine"


def test_a_circuit_that_takes_minutes_to_write_is_refused(tmp_path) -> None:
    with pytest.raises(QnuError, match="at most 200000"):
        export_program("supernova", "qasm2", tmp_path / "file.qasm")
    assert not list(tmp_path.iterdir())
