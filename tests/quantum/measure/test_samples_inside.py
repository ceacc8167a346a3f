"""Circuits whose samples lie inside encounters, and matter that changes inside them."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import qasm3
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

import qnu
from qnu import QnuError
from qnu.encounter import affine_map
from qnu.quantum import circuit, compile_for, measure, run, slices
from qnu.quantum.circuits import openqasm
from qnu.quantum.circuits.build import check_samples
from qnu.testing import dense_evolution

from ..compile.test_compilation import EDGES, device
from ..helpers import assert_isa, bloch, polarization, random_gas, two_qubit_gates
from ..machines.test_devices import perfect_counts


@pytest.mark.parametrize("hardware", ["qnu", "aer_statevector"])
@pytest.mark.parametrize("swap", [False, True])
def test_an_odd_gas_at_many_times(odd_gas, hardware, swap):
    schedule = qnu.EncounterSchedule(
        [0, 2, 1, 0],
        [1, 3, 2, 3],
        [0.9, 1.1, 0.3, 0.5],
        [0.0, 0.5, 3.5, 4.5],
        [2.0, 3.0, 1.0, 0.0],
        neutrinos=4,
        final_time=5.0,
    )
    times = [0.0, 0.01, 0.5, 1.0, 1.0, 2.0, 2.7, 3.5, 4.2, 4.5, 5.0]
    found = run(odd_gas, schedule, hardware, times, swap=swap).polarization
    np.testing.assert_allclose(
        found, dense_evolution(odd_gas, schedule, times).polarization, atol=1e-9
    )


def test_parts_of_an_encounter_share_its_angle_and_duration(odd_gas):
    schedule = qnu.EncounterSchedule([0], [1], [0.8], [1.0], 4.0, neutrinos=4)
    qc = circuit(odd_gas, schedule, [2.0, 2.0, 4.0, 5.0], swap=True)
    gates = [i.operation for i in qc.data if i.operation.name.startswith("encounter")]
    assert [g.swap_angle for g in gates] == pytest.approx([0.2, 0.4, 0.2])
    assert [g.encounter_duration for g in gates] == pytest.approx([1.0, 2.0, 1.0])
    assert [g.swap for g in gates] == [False, False, True]
    assert [m["neutrino_qubit"][:2] for m in qc.metadata["samples"]] == [[0, 1]] * 3 + [[1, 0]]
    assert qc.metadata["cut"] == 2


def test_gamma_may_stay_open(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.5)
    times = schedule.equally_spaced(8)
    gamma = Parameter("gamma")
    qc = circuit(odd_gas, schedule, times, gamma=gamma)
    closed = circuit(odd_gas, schedule, times, gamma=0.8)
    other = qnu.schedules.tournament(odd_gas, 0.8)
    wanted = qnu.solvers.many_body(odd_gas, other, times * 1.6).polarization
    for some in (qc.assign_parameters({gamma: 0.8}), closed):
        for mark, right in zip(qc.metadata["samples"], wanted, strict=True):
            part = some.copy_empty_like()
            for instruction in some.data[: mark["instruction"]]:
                part.append(instruction)
            np.testing.assert_allclose(bloch(Statevector(part), 4), right, atol=1e-10)


def test_the_final_time_inside_an_encounter(odd_gas):
    half = qnu.EncounterSchedule([0], [1], [0.8], [1.0], 4.0, neutrinos=4, final_time=3.0)
    late = qnu.EncounterSchedule([0], [1], [0.8], [3.0], 4.0, neutrinos=4, final_time=3.0)
    for schedule in (half, late):
        found = run(odd_gas, schedule, "qnu").polarization
        wanted = qnu.solvers.many_body(odd_gas, schedule).polarization
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_fresh_partner_is_reset_once(odd_gas):
    gas = qnu.NeutrinoGas(odd_gas.polarization[:2], odd_gas.omega[:2])
    schedule = qnu.schedules.constant_background(gas, 1, gamma=0.6, encounters=3)
    times = np.linspace(0.1, 1.8, 9)
    found = run(gas, schedule, "aer_density_matrix", times).polarization[:, 0]
    h = [(0, 0, -w) for w in gas.omega]
    for k, time in enumerate(times):
        vector, left = gas.polarization[0], time
        while left > 1e-9:
            share = min(left / 0.6, 1.0)
            given = (gas.polarization[1], share * schedule.swap_angle[0], *h, share * 0.6)
            matrix, shift = affine_map(*given)
            vector, left = matrix @ vector + shift, left - 0.6
        np.testing.assert_allclose(found[k], vector, atol=1e-10)


def test_one_qubit_has_no_place_for_two_copies(odd_gas):
    schedule = qnu.schedules.constant_background(odd_gas, 3, gamma=0.6, encounters=2)
    times = [0.3, 1.2]
    with pytest.raises(QnuError, match=r"times\[0\]: got 0.3; .* neutrino 3, whose qubit is reset"):
        circuit(odd_gas, schedule, times)
    with pytest.raises(QnuError, match="neutrino 3"):  # before anything is computed
        check_samples(schedule, times)
    check_samples(schedule, [0.6, 1.1])
    wanted = qnu.solvers.independent(odd_gas, schedule, times).polarization
    for k, time in enumerate(times):  # each by itself is fine: nothing comes after it
        found = run(odd_gas, schedule, "aer_density_matrix", [time]).polarization[0]
        np.testing.assert_allclose(found[:3], wanted[k, :3], atol=1e-10)


def test_the_text_between_two_marks_is_the_part_between_them(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.7)
    times = schedule.equally_spaced(8)
    text = openqasm.export(odd_gas, schedule, times)
    wanted = qnu.solvers.many_body(odd_gas, schedule, times).polarization
    for time, right in zip(times.tolist(), wanted, strict=True):
        before = text[: text.index(f"{openqasm.MARK}{time}\n")]
        state = Statevector(qasm3.loads(before))
        np.testing.assert_allclose(bloch(state, 4), right, atol=1e-10)


SCHEDULES = {
    "line": lambda gas: qnu.schedules.tournament(gas, 0.7, order="line", seed=2),
    "circle": lambda gas: qnu.schedules.tournament(gas, 0.7),
    "matter": lambda gas: qnu.schedules.tournament(gas, 0.7, matter=0.8),
    "native": lambda gas: qnu.schedules.native(gas, 0.7, EDGES, 4, seed=1, vacuum="inside"),
}


@pytest.mark.parametrize("kind", ["cz", "ecr", "rzz"])
@pytest.mark.parametrize("name", SCHEDULES)
def test_compiled_circuits_are_right_at_every_sample(kind, name):
    gas = random_gas(4)
    schedule = SCHEDULES[name](gas)
    times = schedule.equally_spaced(11)
    isa = compile_for(gas, schedule, device(kind), times)
    wanted = qnu.solvers.many_body(gas, schedule, times).polarization
    assert isa.metadata["cut"] > 5
    for (_, where, qc), right in zip(slices(isa, device(kind)), wanted, strict=True):
        assert_isa(qc, device(kind))
        np.testing.assert_allclose(polarization(qc, where), right, atol=1e-9)
    if name in ("line", "native"):  # no gate beyond three per encounter, though each was cut
        whole = compile_for(gas, schedule, device(kind))
        assert isa.metadata["route"] == whole.metadata["route"] != "search"
        assert two_qubit_gates(qc) == two_qubit_gates(whole) == 3 * len(schedule)


@pytest.mark.parametrize("hardware", ["fake_torino", "fake_fractional", "trapped_ions"])
@pytest.mark.parametrize("order", ["line", "circle"])
def test_a_device_run_ends_every_sample_with_parts(hardware, order):
    """Its circuits have three two-qubit gates per encounter that has begun, and the moves."""
    gas = random_gas(4)
    schedule = qnu.schedules.tournament(gas, 0.7, order=order)
    times = schedule.equally_spaced(6)
    circuits, recipe = measure.prepare(gas, schedule, hardware, times)
    result = measure.read(perfect_counts(circuits), recipe)
    wanted = qnu.solvers.many_body(gas, schedule, times).polarization
    np.testing.assert_allclose(result.polarization, wanted, atol=1e-7)
    ends, _ = measure.prepare(gas, schedule, hardware, [*schedule.start[::2].tolist(), times[-1]])
    assert two_qubit_gates(circuits[-1]) == two_qubit_gates(ends[-1])


@pytest.mark.parametrize("hardware", ["qnu", "aer_statevector"])
@pytest.mark.parametrize("length", [0.1, 1.0])
def test_matter_that_changes_inside_an_encounter(odd_gas, hardware, length):
    schedule = qnu.EncounterSchedule(
        [0, 2, 1],
        [1, 3, 2],
        [0.9, 0.4, 0.3],
        [0.5, 0.7, 3.0],
        length,
        neutrinos=4,
        final_time=4.0,
        matter=np.sin,
        gamma=0.4,
    )
    times = [0.5 + length / 3, 2.0, 4.0]
    found = run(odd_gas, schedule, hardware, times).polarization
    np.testing.assert_allclose(
        found, dense_evolution(odd_gas, schedule, times).polarization, atol=5e-9
    )
    later = qnu.EncounterSchedule(
        [0, 2, 1],
        [1, 3, 2],
        [1.8, 0.8, 0.6],
        [1.0, 1.4, 6.0],
        2 * length,
        neutrinos=4,
        final_time=8.0,
        matter=np.sin,
    )
    scaled = bloch(Statevector(circuit(odd_gas, schedule, gamma=0.8)), 4)
    np.testing.assert_allclose(scaled, dense_evolution(odd_gas, later).at(), atol=1e-8)


def test_gates_of_changing_matter_are_one_gate_on_a_device():
    gas = random_gas(4)
    schedule = qnu.schedules.tournament(gas, 0.7, order="line", matter=np.sin)
    assert circuit(gas, schedule).count_ops()["encounter"] > 20 * len(schedule)
    isa = compile_for(gas, schedule, device())
    assert two_qubit_gates(isa) == 3 * len(schedule)
    native = qnu.schedules.native(gas, 0.7, EDGES, 3, seed=1, vacuum="inside", matter=np.sin)
    isa = compile_for(gas, native, device())
    assert isa.metadata["route"] == "wiring"
    assert two_qubit_gates(isa) <= 3 * len(native)
