"""Compiled, cut, measured, read: against exact numbers without noise, and within it."""

import io
import json
import subprocess
import sys
import types

import numpy as np
import pytest
from qiskit import qpy
from qiskit.circuit import ClassicalRegister, QuantumCircuit
from qiskit.quantum_info import Statevector

import qnu
from qnu import QnuError
from qnu.quantum import (
    DeviceMachine,
    FakeMachine,
    IBMMachine,
    IonMachine,
    IonQMachine,
    Mitigation,
    load_machine,
    measure,
    run,
)
from qnu.quantum.machines import cut, fake, ibm, ionq

FAKES = ("fake_torino", "fake_nighthawk", "fake_fractional", "trapped_ions")


@pytest.fixture(scope="module")
def odd():
    """Three neutrinos without any symmetry between them, free streaming between encounters."""
    vectors = np.array([[0.6, 0.0, 0.8], [0.0, -0.96, 0.28], [-0.48, 0.6, -0.64]])
    gas = qnu.NeutrinoGas(vectors, [0.9, -0.4, 1.7], group=[0, 0, 1])
    schedule = qnu.EncounterSchedule(
        [0, 1, 0], [1, 2, 2], [0.7, 0.4, 1.1], [0.1, 0.9, 1.5], 0.0, neutrinos=3, final_time=2.0
    )
    times = [0.0, 0.8, 2.0]
    return gas, schedule, times, qnu.solvers.many_body(gas, schedule, times).polarization


@pytest.fixture(scope="module")
def sharp():
    """Two groups in mass states, 2 + 1."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, 1], [0, 0, -1]], [0.1, 0.1, 0.3], group=[0, 0, 1])
    schedule = qnu.schedules.tournament(gas, gamma=0.5, order="line")
    return gas, schedule, qnu.solvers.many_body(gas, schedule).at()


def perfect_counts(circuits):
    """What a device without noise and with infinitely many shots would count."""
    qubits = cut.used_qubits(circuits)
    found = []
    for whole in circuits:
        small = cut.onto(whole, qubits)
        read = {
            small.find_bit(item.clbits[0]).index: small.find_bit(item.qubits[0]).index
            for item in small.data
            if item.operation.name == "measure"
        }
        state = Statevector(small.remove_final_measurements(inplace=False))
        chance = state.probabilities_dict([read[bit] for bit in sorted(read)])
        found.append({bits: 1e9 * p for bits, p in chance.items()})
    return found


@pytest.mark.parametrize("hardware", FAKES)
def test_circuits_say_what_the_exact_solver_says(odd, hardware):
    gas, schedule, times, wanted = odd
    machine = load_machine(hardware)
    circuits, recipe = measure.prepare(gas, schedule, machine, times)
    assert len(circuits) == 9
    assert all(qc.num_qubits == machine.target().num_qubits for qc in circuits)
    for qc in circuits:  # in the device's own gates, on its own couplers
        for item in qc.data:
            if item.operation.name != "barrier":
                where = tuple(qc.find_bit(q).index for q in item.qubits)
                assert machine.target().instruction_supported(item.operation.name, where)
    result = measure.read(perfect_counts(circuits), recipe)
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-7)
    np.testing.assert_array_equal(result.times, times)
    assert result["group"].values.tolist() == ["0", "0", "1"]


def test_what_is_kept_for_days_is_bytes_and_json(odd, tmp_path):
    gas, schedule, times, _ = odd
    circuits, recipe = measure.prepare(gas, schedule, "fake_torino", times, shots=50)
    assert json.loads(json.dumps(recipe)) == recipe
    kept = io.BytesIO()
    qpy.dump(circuits, kept)
    kept.seek(0)
    again = list(qpy.load(kept))
    job = measure.submit("fake_torino", again, json.loads(json.dumps(recipe)), seed=4)
    result = measure.read(job.result(), json.loads(json.dumps(recipe)), ["job-7"])
    direct = run(gas, schedule, "fake_torino", times, shots=50, seed=4)
    np.testing.assert_array_equal(result.polarization, direct.polarization)
    np.testing.assert_array_equal(result["polarization_error"], direct["polarization_error"])
    assert result.attrs["job_ids"] == "job-7"
    direct.save(tmp_path / "run.nc")
    loaded = qnu.Trajectory.load(tmp_path / "run.nc")
    assert loaded.dataset.identical(direct.dataset)
    for name in ("backend", "physical_qubits", "calibrated", "two_qubit_gates", "mitigation"):
        assert name in loaded.attrs
    with pytest.raises(QnuError, match="format 1"):
        measure.read(job.result(), {**recipe, "format": 2})
    with pytest.raises(QnuError, match="one for each of 9 circuits"):
        measure.read(job.result()[:3], recipe)


@pytest.mark.parametrize("hardware", ["fake_torino", "trapped_ions"])
def test_a_noisy_run_is_near_the_exact_numbers(odd, hardware):
    gas, schedule, times, wanted = odd
    fractions = []
    result = run(gas, schedule, hardware, times, shots=400, seed=1, progress=fractions.append)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    error = result["polarization_error"].values
    assert (abs(result.polarization - wanted) < 0.08 + 4 * error).all()
    first, again, other = (
        run(gas, schedule, hardware, times[-1:], shots=400, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(again.polarization, first.polarization)
    assert (other.polarization != first.polarization).any()
    assert result.attrs["shots_executed"] == 9 * 400
    assert result.attrs["two_qubit_gates"] == 9
    assert result.attrs["seed"] == 1


def test_without_errors_ions_have_shot_noise_only(odd):
    gas, schedule, times, wanted = odd
    trap = IonMachine(backend="trap", qubits=5)
    result = run(gas, schedule, trap, times, shots=4000, seed=3, observables=["entropy"])
    pulls = (result.polarization - wanted) / result["polarization_error"].values
    assert 0.5 < np.sqrt((pulls**2).mean()) < 1.5
    groups = result.group_mean() - np.einsum("gn,tna->tga", result.group_weights(), wanted)
    assert abs(groups / result.group_error()).max() < 4
    exact = qnu.observables.entropy(wanted)
    assert (abs(result["entropy"] - exact) < 5 * result["entropy_error"] + 0.01).all()


def test_errors_of_two_circuits_are_independent(sharp):
    """Seeds differ from circuit to circuit: X and Y of a sharp start are coins of their own."""
    gas, schedule, _ = sharp
    result = run(gas, schedule, IonMachine(backend="trap", qubits=3), shots=501, seed=5)
    x, y = result.polarization[:, :, 0], result.polarization[:, :, 1]
    assert (x != y).mean() > 0.5


def test_a_sharp_start_is_postselected_shot_by_shot(sharp):
    gas, schedule, wanted = sharp
    machine = FakeMachine(
        name="toy", backend="FakeTorino", shots=2000, mitigation=Mitigation(symmetry="postselect")
    )
    result = run(gas, schedule, machine, seed=1)
    assert result.attrs["circuits"] == 2  # Z alone
    np.testing.assert_array_equal(result.polarization[:, :, :2], 0.0)
    kept = [float(x) for x in result.attrs["retained"].split()]
    assert all(0.8 < fraction < 1 for fraction in kept)
    np.testing.assert_allclose(result.total()[:, 2], 1 / 3, atol=1e-12)
    assert result.attrs["drift_total_z"] < 1e-12
    error = result["polarization_error"].values[-1]
    assert (abs(result.at() - wanted) < 0.03 + 4 * error).all()
    assert error[0, 2] > np.sqrt((1 - wanted[0, 2] ** 2) / 2000)  # fewer shots are left


def test_readout_is_calibrated_in_the_same_job(sharp):
    gas, schedule, wanted = sharp
    worst = FakeMachine(
        name="worst",
        backend="FakeTorino",
        shots=4000,
        compile={"layout": (0, 1, 2)},  # qubit 0 reads one shot in six wrongly
        mitigation=Mitigation(readout="calibrated"),
    )
    fixed = run(gas, schedule, worst, seed=1)
    plain = worst.model_copy(update={"mitigation": Mitigation()})
    raw = run(gas, schedule, plain, seed=1)
    assert abs(raw.at() - wanted).max() > 0.15
    pulls = (fixed.polarization[0] - gas.polarization) / fixed["polarization_error"].values[0]
    assert abs(pulls).max() < 4.5
    assert abs(fixed.at() - wanted).max() < 0.08
    assert fixed.attrs["circuits"] == 8


def test_twirling_leaves_the_physics_alone(sharp):
    """At the start nothing can be twirled: the local executor would answer with zeros."""
    gas, schedule, wanted = sharp
    for twirling in ("gates", "all"):
        machine = FakeMachine(
            name="toy", backend="FakeTorino", shots=512, mitigation=Mitigation(twirling=twirling)
        )
        result = run(gas, schedule, machine, seed=1)
        np.testing.assert_allclose(result.polarization[0, :, 2], gas.polarization[:, 2], atol=0.12)
        np.testing.assert_allclose(result.at()[:, 2], wanted[:, 2], atol=0.2)


def test_the_estimator_gives_its_own_error_bars(sharp):
    gas, schedule, wanted = sharp
    machine = FakeMachine(name="est", backend="FakeTorino", primitive="estimator", precision=0.05)
    result = run(gas, schedule, machine, times=[schedule.final_time], seed=1)
    error = result["polarization_error"].values[0]
    assert result.attrs["shots"] == 400
    assert result.attrs["shots_executed"] == 3 * 400  # X, Y and Z are read in parallel
    assert (abs(result.at() - wanted) < 0.08 + 4 * error).all()
    assert error.max() < 0.06
    assert "unreliable" not in result.attrs


def test_an_error_bar_that_is_not_finite_is_named_and_not_averaged(sharp):
    gas, schedule, _ = sharp
    machine = FakeMachine(name="est", backend="FakeTorino", primitive="estimator")
    _, recipe = measure.prepare(gas, schedule, machine, times=[schedule.final_time])
    values, errors = np.full((3, 3), 0.25), np.full((3, 3), 0.02)
    errors[1, 2], errors[2, 0] = np.inf, np.nan
    data = types.SimpleNamespace(evs=values, stds=errors)
    result = measure.read([types.SimpleNamespace(data=data)], recipe)
    unreliable = result.attrs["unreliable"]
    assert "z of neutrino 1 at sample 0" in unreliable
    assert "x of neutrino 2 at sample 0" in unreliable
    bad = np.isnan(result.at())
    np.testing.assert_array_equal(np.argwhere(bad), [[1, 2], [2, 0]])
    assert np.isinf(result["polarization_error"].values[0][bad]).all()
    assert np.isnan(result.group_mean()[0, 0, 2])
    assert result.group_mean()[0, 0, 1] == pytest.approx(0.25)


def test_a_cut_has_the_gates_and_errors_of_its_qubits():
    backend = load_machine("fake_torino").backend()
    qubits = (17, 8, 9)  # out of order: 8 is in the middle
    small = cut.cut(backend, qubits)
    assert cut.cut(backend, qubits) is small
    target = small.target
    assert set(target["cz"]) == {(0, 1), (1, 0), (1, 2), (2, 1)}
    assert target["cz"][(2, 1)].error == backend.target["cz"][(9, 8)].error
    assert target.qubit_properties[0].t1 == backend.target.qubit_properties[17].t1
    wanted = cut.readout_errors(backend, qubits)
    assert len({zero for zero, _ in wanted}) == 3
    for one in (False, True):  # |0> read as 1, and |1> read as 0, are not the same
        qc = QuantumCircuit(3, 3)
        if one:
            qc.x(range(3))
        qc.measure(range(3), range(3))
        counts = small.run(qc, shots=100_000, seed_simulator=1).result().get_counts()
        for k in range(3):
            wrong = sum(n for bits, n in counts.items() if (bits[2 - k] == "1") != one) / 100_000
            assert wrong == pytest.approx(wanted[k][one], abs=2.5e-3)
    with pytest.raises(QnuError, match="numbers below 133"):
        cut.cut(backend, (1, 133))


def test_moving_a_circuit_loses_nothing():
    qc = QuantumCircuit(6)
    qc.add_register(ClassicalRegister(2, "meas"))
    qc.x(4)
    qc.barrier()
    qc.cx(4, 2)
    qc.measure([2, 4], [0, 1])
    small = cut.onto(qc, (2, 4))
    assert [small.find_bit(q).index for q in small.data[2].qubits] == [1, 0]
    assert small.cregs == qc.cregs
    with pytest.raises(QnuError, match="all that are used"):
        cut.onto(qc, (2, 3))


def test_an_experiment_takes_a_device():
    spec = qnu.experiment.parse(
        """
        seed = 3
        group = [{ count = 2, polarization = [0, 0, 1], omega = 0.1 }]
        schedule = { kind = "tournament", gamma = 0.4 }
        output = { samples = 2 }
        method = [{ kind = "circuit", hardware = "fake_torino", shots = 100 }]
        """
    )
    found = qnu.experiment.simulate(spec)
    (result,) = found.values()
    assert result.attrs["hardware"] == "fake_torino"
    assert result["polarization_error"].shape == (2, 2, 3)
    page = qnu.report.markdown(qnu.experiment.Results(spec, found).record(), [])
    assert "## Devices\n\ncircuit: device fake_torino; calibrated 2025-" in page
    assert "Not reliable" not in page
    doubtful = result.with_attributes(unreliable="no finite error bar: x of neutrino 0")
    page = qnu.report.markdown(qnu.experiment.Results(spec, {"circuit": doubtful}).record(), [])
    assert "**Not reliable: no finite error bar: x of neutrino 0.**" in page


def test_no_exact_run_and_no_pairs_on_a_device(sharp):
    gas, schedule, _ = sharp
    with pytest.raises(QnuError, match="shots: got 0; allowed: a whole number >= 1"):
        run(gas, schedule, "fake_torino", shots=0)
    with pytest.raises(QnuError, match="pair_concurrence"):
        run(gas, schedule, "fake_torino", observables=["pair_concurrence"])
    with pytest.raises(QnuError, match="a device, real or fake"):
        measure.prepare(gas, schedule, "aer_statevector")
    many = qnu.NeutrinoGas([[0, 0, 1]] * 15, [0.0] * 15)
    meetings = qnu.schedules.tournament(many, 0.1)
    with pytest.raises(QnuError, match="at most 14 qubits"):
        run(many, meetings, "fake_torino")


def test_libraries_of_devices_are_imported_where_they_are_used():
    code = (
        "import sys, qnu.quantum; qnu.quantum.load_machine('ibm_heron');"
        "print([m for m in ('qiskit_ibm_runtime', 'qiskit_ionq', 'mthree') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_library_that_is_missing_is_one_line(monkeypatch):
    fake._snapshot.cache_clear()
    ibm._device.cache_clear()
    monkeypatch.setitem(sys.modules, "qiskit_ibm_runtime", None)
    monkeypatch.setitem(sys.modules, "qiskit_ibm_runtime.fake_provider", None)
    monkeypatch.setitem(sys.modules, "qiskit_ionq", None)
    for name, extra in (("fake_torino", "ibm"), ("ibm_heron", "ibm"), ("ionq_simulator", "ionq")):
        machine = load_machine(name)
        assert isinstance(machine, DeviceMachine)
        with pytest.raises(QnuError, match=rf"pip install '\.\[{extra}\]'\)$") as e:
            machine.backend()
        assert "\n" not in str(e.value)


def test_what_a_primitive_refuses_is_one_line(sharp):
    gas, schedule, _ = sharp
    machine = FakeMachine(
        name="toy",
        backend="FakeFractionalBackend",
        primitive="estimator",
        mitigation=Mitigation(resilience=2, noise_factors=(1.0, 3.0), extrapolator=("linear",)),
    )
    circuits, recipe = measure.prepare(gas, schedule, machine, times=[schedule.final_time])
    recipe["mitigation"]["noise_factors"] = [-1.0, 3.0]
    with pytest.raises(QnuError, match=r"hardware: .* cannot run this \(.*noise_factors") as caught:
        measure.submit(machine, circuits, recipe).result()
    assert "\n" not in str(caught.value)


def test_a_fake_device_that_does_not_exist():
    with pytest.raises(QnuError, match="did you mean 'FakeTorino'"):
        FakeMachine(backend="FakeTurino").backend()
    with pytest.raises(QnuError, match="such as 'FakeTorino'"):
        FakeMachine(backend="os").backend()


class _Service:
    """Stands in for Qiskit's service."""

    def __init__(self, fails=None):
        self.fails = fails
        self.requests = []

    def __call__(self):
        if self.fails == "account":
            raise RuntimeError("Unable to find account, token=SECRET")
        return self

    def backend(self, name, **options):
        self.requests.append((name, options))
        if self.fails == "backend":
            raise RuntimeError("no such backend for SECRET")
        return types.SimpleNamespace(name=name)

    def least_busy(self, filters=None, **options):
        self.requests.append(("least_busy", options))
        made = [
            types.SimpleNamespace(name=name, processor_type={"family": family})
            for name, family in (("old", "Eagle"), ("new", "Heron"))
        ]
        return next(b for b in made if filters is None or filters(b))


@pytest.fixture
def service(monkeypatch):
    def install(fails=None):
        ibm._device.cache_clear()
        made = _Service(fails)
        module = types.SimpleNamespace(QiskitRuntimeService=made)
        monkeypatch.setattr(ibm, "optional", lambda *_: module)
        return made

    yield install
    ibm._device.cache_clear()


def test_ibm_devices_are_found_through_the_saved_account(service):
    requests = service().requests
    heron = load_machine("ibm_heron")
    assert heron.device_name() == "new"
    assert heron.backend() is heron.backend()
    named = IBMMachine(backend="ibm_torino", fractional=True)
    assert named.device_name() == "ibm_torino"
    assert requests[-1] == ("ibm_torino", {"use_fractional_gates": True})
    assert len(requests) == 2  # least_busy once: what was compiled for is what runs


@pytest.mark.parametrize("fails", ["account", "backend"])
def test_what_the_account_says_is_not_repeated(service, fails):
    service(fails)
    with pytest.raises(QnuError) as caught:
        IBMMachine(backend="ibm_torino").backend()
    assert "SECRET" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__context__ is None  # nor in a traceback
    wanted = "save_account" if fails == "account" else "'ibm_torino'"
    assert wanted in str(caught.value)


def test_ionq_is_given_circuits_and_gives_counts(odd, monkeypatch):
    gas, schedule, times, wanted = odd
    given = {}

    class Backend:
        def run(self, circuits, **options):
            given.update(options, circuits=circuits)
            counts = [{k: round(v) for k, v in c.items()} for c in perfect_counts(circuits)]
            result = types.SimpleNamespace(get_counts=lambda: counts)
            return types.SimpleNamespace(job_id=lambda: "ion-1", result=lambda: result)

    monkeypatch.setattr(ionq, "_ionq", lambda name: Backend())
    machine = IonQMachine(name="q", backend="simulator", qubits=4, noise_model="forte-1", shots=70)
    result = run(gas, schedule, machine, times, seed=9)
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-7)
    assert result.attrs["job_ids"] == "ion-1"
    assert (given["shots"], given["noise_model"], given["sampler_seed"]) == (70, "forte-1", 9)
    with pytest.raises(QnuError, match="at most 4 qubits on 'q'"):
        machine.check(5)


def traded():
    """Two neutrinos that trade places, read in Z by 98 and 2 of 100 shots."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.1])
    schedule = qnu.schedules.tournament(gas, gamma=np.pi / 2)
    end = [schedule.final_time]
    return measure.prepare(gas, schedule, "fake_torino", times=end, shots=100)[1]


@pytest.mark.parametrize(
    "counts",
    [
        {"01": 98, "00": 2},
        {"0 1": 98, "0 0": 2},
        {"0x1": 98, "0x0": 2},
        {1: 98, 0: 2},
        {np.int64(1): np.int64(98), 0: 2.0},
        {"01": 90, 1: 5, "0x01": 3, 0: 2},
    ],
)
def test_counts_are_read_in_every_form(counts):
    found = measure.read([counts] * 3, traded())
    np.testing.assert_allclose(found.at()[:, 2], [-0.96, 1.0], atol=1e-15)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "at least one shot"),
        ({"01": 0}, "at least one shot"),
        ({"101": 98, "100": 2}, "'101'.*an outcome of 2 bits"),
        ({"1": 98}, "'1'.*an outcome of 2 bits"),
        ({"0x4": 98}, "'0x4'.*an outcome of 2 bits"),
        ({4: 98}, "got 4.*an outcome of 2 bits"),
        ({-1: 98}, "got -1.*an outcome of 2 bits"),
        ({True: 98}, "got True.*an outcome of 2 bits"),
        ({"0b01": 98}, "'0b01'.*an outcome of 2 bits"),
        ({"": 98}, "''.*an outcome of 2 bits"),
        ({"01": -3}, "got -3.*a finite number >= 0"),
        ({"01": float("nan")}, "got nan.*a finite number >= 0"),
    ],
)
def test_counts_that_say_nothing_are_refused(counts, words):
    with pytest.raises(QnuError, match=rf"^counts: .*{words}") as caught:
        measure.read([counts] * 3, traded())
    assert "\n" not in str(caught.value)
