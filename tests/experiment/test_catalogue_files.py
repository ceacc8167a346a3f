"""The catalogue as a benchmark: circuits made anew are the same, and what the files say is true.

The last digit of an angle may differ between processors, so files are compared as circuits: the
same lines but for rounding in their numbers, and the same product of gates.

The circuits are read with Qiskit's importer and run without qnu: by Aer, qubit by qubit where the
light cone is small, and, where only a few neutrinos are nu_2, amplitude by amplitude.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from qiskit import QuantumCircuit, qasm3
from qiskit.circuit.library import RZZGate, UnitaryGate, XXPlusYYGate
from qiskit.quantum_info import Operator, partial_trace
from qiskit_aer import AerSimulator
from scipy.sparse import lil_matrix
from scipy.sparse.csgraph import reverse_cuthill_mckee

from qnu import QnuError, catalogue, experiment
from qnu.experiment import catalogue_files
from qnu.quantum.circuits import openqasm

MANIFEST = catalogue.manifest()
CIRCUITS = MANIFEST["circuits"]
GATES = {"xx_plus_yy", "rzz", "rz", "ry", "reset"}
#: The rest takes 2^20 amplitudes and more: `make catalogue`.
FAST = [name for name, record in CIRCUITS.items() if record["neutrinos"] <= 18]
TOLERANCE = 2e-9  # half a unit of the ninth digit, and rounding
CONE = 16


def test_the_manifest_is_complete() -> None:
    assert set(CIRCUITS) | set(MANIFEST["left_out"]) == set(catalogue.experiment_names())
    assert len(CIRCUITS) >= 12
    sizes = [record["neutrinos"] for record in CIRCUITS.values()]
    assert (min(sizes), max(sizes)) == (2, 100)
    files = {path.stem for path in (catalogue.folder("circuits") / "qasm").iterdir()}
    assert files == set(CIRCUITS)
    assert all(record["reference"].startswith("exact: ") for record in CIRCUITS.values())
    assert set.union(*(set(record["gates"]) for record in CIRCUITS.values())) == GATES


NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")


def the_same_circuit(one: str, other: str) -> None:
    """Line by line the same gates on the same qubits, with angles equal to rounding."""
    assert NUMBER.sub("#", one) == NUMBER.sub("#", other)
    found, wanted = (np.array(NUMBER.findall(text), float) for text in (one, other))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-12)


def the_same_record(made: dict[str, Any], kept: dict[str, Any]) -> None:
    """All but the hash, which is that of the file that is kept."""
    made, kept = ({k: v for k, v in record.items() if k != "sha256"} for record in (made, kept))
    found, wanted = np.array(made.pop("polarization")), np.array(kept.pop("polarization"))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1.1 * 10.0**-catalogue_files.DIGITS)
    assert made == kept


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_circuit_is_made_again(name: str) -> None:
    loaded = experiment.load(name)
    text = catalogue_files.program(loaded, catalogue_files.sample_times(loaded))
    assert text.isascii()
    the_same_circuit(text, catalogue.qasm(name))


@pytest.mark.parametrize("name", ["matter_6", "tournament_8", "plane_wave_4"])
def test_the_product_of_the_gates_made_again(name: str) -> None:
    loaded = experiment.load(name)
    text = catalogue_files.program(loaded, catalogue_files.sample_times(loaded))
    found, wanted = (Operator(qasm3.loads(t)).data for t in (text, catalogue.qasm(name)))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize("name", CIRCUITS)
def test_the_hash_is_that_of_the_file(name: str) -> None:
    path = catalogue.folder("circuits") / "qasm" / f"{name}.qasm"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == CIRCUITS[name]["sha256"]


def test_the_manifest_is_made_again() -> None:
    kept = (catalogue.folder("circuits") / "manifest.json").read_text(encoding="utf-8")
    assert catalogue_files.manifest(CIRCUITS, MANIFEST["left_out"]) == kept
    assert len(FAST) >= 9
    for name in FAST:
        made = catalogue_files.entry(name)
        the_same_record(made.record, CIRCUITS[name])
        assert hashlib.sha256(made.text.encode()).hexdigest() == made.record["sha256"]
    for name, reason in MANIFEST["left_out"].items():
        assert catalogue_files.why_not(experiment.load(name)) == reason


def test_written_as_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "experiment_names", lambda: ("tournament_4", "msw_1"))
    (tmp_path / "qasm").mkdir()
    (tmp_path / "qasm" / "gone.qasm").write_text("", encoding="utf-8")
    catalogue_files.write(tmp_path)
    assert [path.name for path in (tmp_path / "qasm").iterdir()] == ["tournament_4.qasm"]
    text = (tmp_path / "qasm" / "tournament_4.qasm").read_text(encoding="utf-8")
    the_same_circuit(text, catalogue.qasm("tournament_4"))
    written = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert set(written["circuits"]) == {"tournament_4"}
    the_same_record(written["circuits"]["tournament_4"], CIRCUITS["tournament_4"])
    assert written["left_out"] == {"msw_1": MANIFEST["left_out"]["msw_1"]}


def test_found_by_name() -> None:
    for name, message in [("msw_1", "no encounters"), ("plane_wave_8", "20,800 encounters")]:
        with pytest.raises(QnuError, match=message):
            catalogue.qasm(name)
    with pytest.raises(QnuError, match="did you mean 'tournament_4'"):
        catalogue.qasm("tournament_44")


# ---- without qnu: the files alone against the manifest ----


@cache
def imported(name: str) -> tuple[QuantumCircuit, list[int]]:
    """The circuit, and how many instructions come before each sample."""
    text = catalogue.qasm(name)
    qc = qasm3.loads(text)
    marks, lines = [], 0
    for line in text.partition("] nu;\n")[2].splitlines():
        if line.startswith(openqasm.MARK):
            marks.append(lines)
        else:
            lines += 1
    assert lines == len(qc.data)
    return qc, marks


def standard(operation: Any) -> Any:
    """Qiskit's own gate for one that the file defines, which Aer does not know by its name."""
    if operation.name == "xx_plus_yy":
        return UnitaryGate(XXPlusYYGate(*operation.params).to_matrix())
    return RZZGate(*operation.params) if operation.name == "rzz" else operation


def bloch(rho: Any) -> list[float]:
    rho = np.asarray(rho)
    return [2 * rho[1, 0].real, 2 * rho[1, 0].imag, (rho[0, 0] - rho[1, 1]).real]


def simulated(qc: QuantumCircuit, end: int, wanted: list[int]) -> np.ndarray:
    """Polarizations of some qubits after the first instructions."""
    part = QuantumCircuit(qc.num_qubits)
    for item in qc.data[:end]:
        part.append(standard(item.operation), [qc.find_bit(q).index for q in item.qubits])
    if "reset" in part.count_ops():  # a state vector would be one random history
        part.save_density_matrix()
        state = AerSimulator(method="density_matrix").run(part).result().data(0)["density_matrix"]
        return np.array([bloch(partial_trace(state, [1 - qubit])) for qubit in wanted])
    part.save_statevector()
    state = AerSimulator(method="statevector").run(part).result().data(0)["statevector"]
    axes = np.asarray(state).reshape((2,) * qc.num_qubits)
    rows = (np.moveaxis(axes, qc.num_qubits - 1 - q, 0).reshape(2, -1) for q in wanted)
    return np.array([bloch(row @ row.conj().T) for row in rows])


def cone(qc: QuantumCircuit, end: int, qubit: int) -> tuple[list[int], list[int]]:
    """The instructions that lead to a qubit, and their qubits."""
    inside, some = {qubit}, []
    for k in reversed(range(end)):
        qubits = {qc.find_bit(q).index for q in qc.data[k].qubits}
        if inside & qubits:
            inside |= qubits
            some.append(k)
    return some[::-1], sorted(inside)


@pytest.mark.parametrize("name", CIRCUITS)
def test_definitions(name: str) -> None:
    """The gates that a file defines are those of that name in Qiskit, but for the phase."""
    qc, _ = imported(name)
    assert set(qc.count_ops()) == set(CIRCUITS[name]["gates"]) <= GATES
    assert dict(qc.count_ops()) == CIRCUITS[name]["gates"]
    for gate in (XXPlusYYGate, RZZGate):
        operation = next(i.operation for i in qc.data if i.name == gate(*[0.0] * 1).name)
        assert Operator(operation).equiv(gate(*operation.params))


@pytest.mark.parametrize("name", [n for n, r in CIRCUITS.items() if r["neutrinos"] <= 20])
def test_small_circuits_against_the_reference(name: str) -> None:
    qc, marks = imported(name)
    wanted = np.array(CIRCUITS[name]["polarization"])
    samples = {len(marks) - 1} if qc.num_qubits > 12 else {len(marks) // 2, len(marks) - 1}
    for sample in samples:
        found = simulated(qc, marks[sample], list(range(qc.num_qubits)))
        np.testing.assert_allclose(found, wanted[sample], atol=TOLERANCE)


@pytest.mark.parametrize("name", ["mass_eigenstates_26", "tournament_100", "native_100"])
def test_large_circuits_against_the_reference(name: str) -> None:
    """One neutrino in ten, at the last sample where its light cone is small enough for Aer."""
    qc, marks = imported(name)
    wanted = np.array(CIRCUITS[name]["polarization"])
    moved = 0.0
    for qubit in range(0, qc.num_qubits, 10):
        for sample in reversed(range(len(marks))):
            some, members = cone(qc, marks[sample], qubit)
            if len(members) <= CONE:
                break
        part = QuantumCircuit(len(members))
        for k in some:
            item = qc.data[k]
            places = [members.index(qc.find_bit(q).index) for q in item.qubits]
            part.append(item.operation, places)
        found = simulated(part, len(part.data), [members.index(qubit)])
        np.testing.assert_allclose(found[0], wanted[sample, qubit], atol=TOLERANCE)
        moved = max(moved, abs(found[0] - wanted[0, qubit]).max())
    assert moved > 0.1


def test_a_hundred_neutrinos_at_once() -> None:
    """Four rounds as one matrix product state, qubits in an order in which partners are near."""
    name, sample = "tournament_100", 2
    qc, marks = imported(name)
    items = [
        (standard(i.operation), [qc.find_bit(q).index for q in i.qubits])
        for i in qc.data[: marks[sample]]
    ]
    near = lil_matrix((100, 100))
    for _, qubits in items:
        near[qubits[0], qubits[-1]] = near[qubits[-1], qubits[0]] = 1
    place = np.argsort(reverse_cuthill_mckee(near.tocsr(), symmetric_mode=True))
    chain = QuantumCircuit(100)
    for operation, qubits in items:
        chain.append(operation, place[qubits].tolist())
    chain.save_matrix_product_state(label="state")
    simulator = AerSimulator(
        method="matrix_product_state",
        matrix_product_state_truncation_threshold=1e-16,
        max_memory_mb=10**9,  # Aer's estimate is 2^50 amplitudes; bonds are of 32 at most
    )
    tensors, schmidt = simulator.run(chain, shots=1).result().data(0)["state"]
    # the order of equals in scipy's search for a good one depends on the processor
    assert 8 <= max(map(len, schmidt)) <= 32
    bonds = [np.ones(1), *map(np.asarray, schmidt), np.ones(1)]
    found = []
    for tensor, left, right in zip(tensors, bonds[:-1], bonds[1:], strict=True):
        site = left[:, None] * np.asarray(tensor) * right
        found.append(bloch(np.einsum("iab,jab->ij", site, site.conj())))
    wanted = np.array(CIRCUITS[name]["polarization"])[sample]
    np.testing.assert_allclose(np.array(found)[place], wanted, atol=TOLERANCE)


def test_sixty_neutrinos_to_the_end() -> None:
    """All of the 1770 encounters, on the 34,220 amplitudes with three nu_2."""
    name = "mass_eigenstates_60"
    qc, marks = imported(name)
    count = qc.num_qubits
    states = np.array([sum(1 << k for k in c) for c in itertools.combinations(range(count), 3)])
    states.sort()
    psi = np.zeros(len(states), complex)
    flips = 0
    bits = {q: (states >> q & 1).astype(bool) for q in range(count)}
    for sample, (begin, end) in enumerate(itertools.pairwise([0, *marks])):
        for item in qc.data[begin:end]:
            gate = item.operation
            i, *j = (qc.find_bit(q).index for q in item.qubits)
            if gate.name == "ry":  # the preparation of nu_2
                assert abs(gate.params[0]) == pytest.approx(np.pi, abs=1e-14)
                flips |= 1 << i
                psi[:] = states == flips
            elif gate.name == "rz":
                psi *= np.exp(1j * gate.params[0] * (bits[i] - 0.5))
            elif gate.name == "rzz":
                psi *= np.exp(1j * gate.params[0] * ((bits[i] != bits[j[0]]) - 0.5))
            else:
                angle, phase = gate.params
                assert phase == 0
                here = np.flatnonzero(bits[i] & ~bits[j[0]])
                there = np.searchsorted(states, states[here] ^ (1 << i | 1 << j[0]))
                a, b = psi[here], psi[there]
                cos, sin = np.cos(angle / 2), -1j * np.sin(angle / 2)
                psi[here], psi[there] = cos * a + sin * b, cos * b + sin * a
        z = [1 - 2 * np.sum(abs(psi[bits[q]]) ** 2) for q in range(count)]
        wanted = np.array(CIRCUITS[name]["polarization"])[sample]
        np.testing.assert_allclose(z, wanted[:, 2], atol=TOLERANCE)
        assert not wanted[:, :2].any()
    assert np.ptp(wanted[:, 2]) > 0.1


def test_two_neutrinos_exchanged_would_be_seen() -> None:
    last = np.array(CIRCUITS["tournament_8"]["polarization"])[-1]
    for a, b in itertools.combinations(last, 2):
        assert abs(a - b).max() > 1e-2


def test_the_block_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    readme = catalogue.folder("circuits") / "README.md"
    block = readme.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(readme.parent.parent)
    exec(compile(block, "README.md", "exec"), {})  # the block is ours
