"""Any Qiskit backend as a machine: what is simulated how, what leaves this computer."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit.circuit import Parameter
from qiskit.circuit.library import CXGate, Measure, RZGate, SXGate, XGate
from qiskit.providers import BackendV2, JobV1, Options
from qiskit.providers.basic_provider import BasicSimulator
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.result import Counts
from qiskit.transpiler import CouplingMap, Target
from qiskit_aer import AerSimulator

import qnu
from qnu.quantum import BackendMachine
from qnu.quantum.circuits import problems
from qnu.quantum.machines import cut


class Vendor(BackendV2):
    """A backend of a service: four qubits on a line, at most two circuits in a job."""

    def __init__(self) -> None:
        super().__init__(name="vendor_4")
        pairs = dict.fromkeys(CouplingMap.from_line(4).get_edges())
        sites = {(k,): None for k in range(4)}
        self._target = Target(num_qubits=4)
        for gate in (RZGate(Parameter("a")), SXGate(), XGate(), Measure()):
            self._target.add_instruction(gate, sites)
        self._target.add_instruction(CXGate(), pairs)
        self.jobs: list[int] = []

    @property
    def target(self) -> Target:
        return self._target

    @property
    def max_circuits(self) -> int:
        return 2

    @classmethod
    def _default_options(cls) -> Options:
        return Options(shots=1)

    def run(self, run_input, **options):
        assert set(options) == {"shots"}  # no seed: it has none
        self.jobs.append(len(run_input))
        result = AerSimulator(seed_simulator=5).run(run_input, shots=options["shots"]).result()
        counts = result.get_counts()
        return Done([counts] if isinstance(counts, Counts) else counts)


class Done:
    """A job that has ended; it is its own result."""

    def __init__(self, counts: list) -> None:
        self.counts = counts

    def result(self) -> Done:
        return self

    def get_counts(self) -> object:
        return self.counts[0] if len(self.counts) == 1 else self.counts


@pytest.mark.parametrize(
    ("backend", "local"),
    [(Vendor(), False), (GenericBackendV2(4, seed=1), True), (AerSimulator(), True)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_backend_gives_the_polarizations(backend: BackendV2, local: bool) -> None:
    gas, schedule = problems.tournament(3, gamma=0.7)
    machine = BackendMachine.of(backend, shots=2000)
    assert machine.local is local
    end = [schedule.final_time]
    found = qnu.quantum.run(gas, schedule, machine, times=end, seed=3)
    exact = qnu.solvers.many_body(gas, schedule, times=end)
    assert abs(found.at() - exact.at()).max() < 0.12
    assert found.attrs["shots"] == 2000
    again = qnu.quantum.run(gas, schedule, machine, times=end, seed=3)
    np.testing.assert_array_equal(found.at(), again.at())


def test_a_job_has_no_more_circuits_than_the_backend_takes() -> None:
    backend = Vendor()
    gas, schedule = problems.tournament(3)
    shown: list[float] = []
    machine = BackendMachine.of(backend, shots=10)
    qnu.quantum.run(gas, schedule, machine, times=[schedule.final_time], progress=shown.append)
    assert backend.jobs == [2, 1]
    assert shown[-1] == 1.0


def test_circuits_of_one_run_have_seeds_of_their_own() -> None:
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 1, 0]], omega=[0.0, 0.0])
    schedule = qnu.EncounterSchedule([0], [1], [0.0], [0.0], 0.0, neutrinos=2)
    found = qnu.quantum.run(
        gas, schedule, BackendMachine.of(AerSimulator()), times=[0.0], shots=1000, seed=3
    ).at()
    # both are 0 in the mean, from different circuits: the same seed would make them equal
    assert found[0, 1] != found[0, 2]


def test_fake_devices_are_cut_to_the_qubits_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    before = cut.cut
    monkeypatch.setattr(cut, "cut", lambda b, q: sizes.append(len(q)) or before(b, q))
    gas, schedule = problems.tournament_line(3)
    torino = qnu.quantum.load_machine("fake_torino").backend()
    qnu.quantum.run(gas, schedule, BackendMachine.of(torino), times=[0.0], shots=10, seed=1)
    assert sizes == [3]


def test_backends_in_python_code_are_found_by_name(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (
        "from qiskit_aer import AerSimulator\nready = AerSimulator()\n"
        "class places:\n    def make(): return AerSimulator()\nnumber = 3\ndef broken(): 1 / 0\n"
    )
    (tmp_path / "backends_of_mine.py").write_text(text, encoding="utf-8")
    for attribute in ("ready", "places.make", "AerSimulator"):
        assert BackendMachine.named(f"backends_of_mine:{attribute}").name == "aer_simulator"
    for attribute, reason in {
        "backends_of_mine:number": "TypeError",
        "backends_of_mine:nothing": "AttributeError",
        "backends_of_mine:broken": "ZeroDivisionError: division by zero",
        "no_such_module_of_mine:x": "ModuleNotFoundError",
        "backends_of_mine": "module:attribute",
    }.items():
        with pytest.raises(qnu.QnuError, match=reason):
            BackendMachine.named(attribute)


def test_what_is_no_backend_of_known_size_is_refused() -> None:
    with pytest.raises(qnu.QnuError, match="backend: got 'str'; allowed: a BackendV2"):
        BackendMachine.of("fake_torino")
    with pytest.raises(qnu.QnuError, match=r"basic_simulator.*a number of qubits"):
        BackendMachine.of(BasicSimulator())


def test_a_backend_that_fails_is_one_line() -> None:
    class Broken(Vendor):
        def run(self, run_input, **options) -> JobV1:
            raise RuntimeError("the queue\nis closed")

    gas, schedule = problems.tournament(3)
    with pytest.raises(qnu.QnuError, match="vendor_4 cannot run this \\(the queue is closed\\)"):
        qnu.quantum.run(gas, schedule, BackendMachine.of(Broken()), times=[0.0], shots=10)


def test_no_file_can_name_python_code() -> None:
    from qnu.quantum.machines.machine import PROVIDERS

    assert "backend" not in PROVIDERS
