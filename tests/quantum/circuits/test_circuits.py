import numpy as np
import pytest
from qiskit import qpy, transpile
from qiskit.circuit import Parameter
from qiskit.quantum_info import Statevector

import qnu
from qnu import QnuError
from qnu.profiles import Exponential
from qnu.quantum import EncounterGate, circuit, drawable
from qnu.testing import dense_evolution

from ..helpers import bloch


def state_of(qc):
    return Statevector(qc).data


def test_tournament_8(tournament_8):
    gas, schedule, times, wanted = tournament_8
    qc = circuit(gas, schedule)
    np.testing.assert_allclose(bloch(state_of(qc), 8), wanted[-1], atol=1e-10)
    assert qc.count_ops()["encounter"] == 28
    assert qc.decompose("encounter").count_ops()["cx"] == 3 * 28
    half = circuit(gas, schedule, times[:4])
    np.testing.assert_allclose(bloch(state_of(half), 8), wanted[3], atol=1e-10)


def test_free_streaming_5(free_streaming_5):
    gas, schedule, data = free_streaming_5
    qc = circuit(gas, schedule)
    np.testing.assert_allclose(bloch(state_of(qc), 5), data["after"], atol=1e-10)


@pytest.mark.parametrize("matter", [0.0, 0.8, Exponential(1.5, 2.0)])
@pytest.mark.parametrize("vacuum", ["inside", "between"])
def test_amplitudes_with_matter(odd_gas, dense_state, matter, vacuum):
    schedule = qnu.schedules.tournament(odd_gas, 0.6, vacuum=vacuum, matter=matter)
    schedule = qnu.EncounterSchedule(  # with pauses, and rests of different lengths
        schedule.first,
        schedule.second,
        schedule.swap_angle,
        schedule.start * 1.5 + 0.2,
        schedule.duration,
        neutrinos=4,
        final_time=4.0,
        gamma=0.6,
        matter=matter,
    )
    twin = dense_state(odd_gas, schedule)
    state = state_of(circuit(odd_gas, schedule))
    # the whole state, phases between amplitudes and all
    np.testing.assert_allclose(state, twin * _phase(state, twin), atol=1e-9)


def _phase(state, twin):
    overlap = np.vdot(twin, state)
    assert abs(overlap) == pytest.approx(1, abs=1e-9)
    return overlap / abs(overlap)


def test_global_phase_is_exact(odd_gas, dense_state):
    """In vacuum and in matter the circuit has the phase of exp(-iH), not only its direction."""
    for matter in (0.0, 0.8):
        schedule = qnu.schedules.tournament(odd_gas, 0.6, vacuum="between", matter=matter)
        state = state_of(circuit(odd_gas, schedule))
        np.testing.assert_allclose(state, dense_state(odd_gas, schedule), atol=1e-8)


@pytest.mark.parametrize("matter", [0.0, 0.8])
@pytest.mark.parametrize("vacuum", ["inside", "between"])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.filterwarnings("ignore:gamma = 1.9")  # an angle beyond pi/2 is right as well
def test_one_circuit_serves_a_sweep(odd_gas, matter, vacuum, compiled):
    gamma = Parameter("gamma")
    make = qnu.schedules.tournament
    schedule = make(odd_gas, 0.3, vacuum=vacuum, matter=matter)
    qc = circuit(odd_gas, schedule, gamma=gamma)
    assert list(qc.parameters) == [gamma]
    if compiled:
        qc = transpile(qc, basis_gates=["cz", "rz", "sx", "x"], optimization_level=1)
        # with matter inside the fields of two partners are not parallel
        most = 8 if matter and vacuum == "inside" else 3
        assert qc.count_ops()["cz"] <= most * 6
        assert most == 8 or qc.count_ops()["cz"] == 3 * 6
    for value in (0.1, 0.3, 1.9):
        rebuilt = circuit(odd_gas, make(odd_gas, value, vacuum=vacuum, matter=matter))
        bound = state_of(qc.assign_parameters({gamma: value}))
        np.testing.assert_allclose(bound, state_of(rebuilt), atol=1e-11)
        scaled = state_of(circuit(odd_gas, schedule, gamma=value))
        np.testing.assert_allclose(scaled, state_of(rebuilt), atol=1e-11)


def test_gamma_scales_the_pauses_too(odd_gas):
    gamma = Parameter("gamma")
    make = qnu.schedules.stochastic
    schedule = make(odd_gas, 0.2, 0.5, 4.0, seed=2)
    other = make(odd_gas, 0.5, 0.5, 10.0, seed=2)
    np.testing.assert_array_equal(schedule.first, other.first)
    bound = circuit(odd_gas, schedule, [1.0, 4.0], gamma).assign_parameters([0.5])
    np.testing.assert_allclose(
        state_of(bound), state_of(circuit(odd_gas, other, [2.5, 10.0])), atol=1e-10
    )


def test_neutrinos_that_are_swapped(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.5, order="line")
    times = schedule.final_time * np.arange(5) / 4
    stay, swapped = (circuit(odd_gas, schedule, times, swap=s) for s in (False, True))
    assert set(swapped.count_ops()) == {"u", "encounter_swap", "rz", "barrier"}  # rz: who rests
    assert swapped.metadata["neutrino_qubit"] == [3, 2, 1, 0]  # the line is turned around
    for instruction in swapped.data:  # the line only ever needs neighbours
        if isinstance(instruction.operation, EncounterGate):
            a, b = (swapped.find_bit(q).index for q in instruction.qubits)
            assert abs(a - b) == 1
    assert stay.metadata["neutrino_qubit"] == [0, 1, 2, 3]
    for sample, time in enumerate(times):
        there = circuit(odd_gas, schedule, times[: sample + 1], swap=True)
        here = circuit(odd_gas, schedule, times[: sample + 1])
        place = swapped.metadata["samples"][sample]["neutrino_qubit"]
        assert place == there.metadata["neutrino_qubit"]
        assert swapped.metadata["samples"][sample]["time"] == time
        np.testing.assert_allclose(
            bloch(state_of(there), 4)[place], bloch(state_of(here), 4), atol=1e-12
        )


def test_only_some_are_swapped(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.5)
    swap = np.array([True, False, True, True, False, False])
    qc = circuit(odd_gas, schedule, swap=swap)
    assert qc.count_ops()["encounter_swap"] == 3
    place = qc.metadata["neutrino_qubit"]
    assert place != [0, 1, 2, 3]
    wanted = dense_evolution(odd_gas, schedule).at()
    np.testing.assert_allclose(bloch(state_of(qc), 4)[place], wanted, atol=1e-10)


def test_marks(odd_gas):
    schedule = qnu.schedules.stochastic(odd_gas, 0.2, 0.5, 4.0, seed=2)
    times = [0.0, 1.5, 4.0]
    qc = circuit(odd_gas, schedule, times)
    marks = [i for i in qc.data if i.operation.name == "barrier"]
    assert [m.operation.label for m in marks] == ["t=0", "t=1.5", "t=4"]
    assert [s["time"] for s in qc.metadata["samples"]] == times
    for mark in qc.metadata["samples"]:
        assert qc.data[mark["instruction"]].operation.name == "barrier"
    bare = circuit(odd_gas, schedule, times, barriers=False)
    assert "barrier" not in bare.count_ops()
    assert bare.size() == qc.size()
    counts = schedule.sample_times(times)[1]
    for mark, count in zip(bare.metadata["samples"], counts, strict=True):
        before = bare.data[: mark["instruction"]]
        assert sum(i.operation.name == "encounter" for i in before) == count


def test_order_of_encounters_that_share_a_neutrino(odd_gas):
    first, second = [0, 1, 0], [1, 2, 2]
    for order in ([0, 1, 2], [1, 0, 2]):
        schedule = qnu.EncounterSchedule(
            [first[k] for k in order],
            [second[k] for k in order],
            [0.3 + 0.2 * k for k in order],
            [0.0, 0.0, 0.0],
            0.0,
            neutrinos=4,
            final_time=0.0,
        )
        angles = [
            i.operation.swap_angle for i in circuit(odd_gas, schedule).data if i.name[0] == "e"
        ]
        assert angles == pytest.approx([0.3 + 0.2 * k for k in order])


def test_no_streaming_of_rounding_size():
    gas = qnu.NeutrinoGas([[1, 0, 0]] * 10, [0.3] * 10)
    schedule = qnu.schedules.tournament(gas, 0.1 / 3)  # back to back: starts are sums of thirds
    assert "rz" not in circuit(gas, schedule).count_ops()
    back_to_back = qnu.schedules.random_pairs(gas, 0.1, 40, seed=1)
    qc = circuit(gas, back_to_back, np.linspace(0, back_to_back.final_time, 7))
    assert "rz" not in qc.count_ops()


def test_streaming_is_an_rz(odd_gas):
    schedule = qnu.EncounterSchedule([0], [1], [0.3], [2.0], 0.0, neutrinos=4, final_time=5.0)
    qc = circuit(odd_gas, schedule, [5.0])
    angles = {}
    for i in qc.data:
        if i.operation.name == "rz":
            angles.setdefault(qc.find_bit(i.qubits[0]).index, []).append(i.operation.params[0])
    w = odd_gas.omega
    assert angles == {
        0: [-2 * w[0], -3 * w[0]],
        1: [-2 * w[1], -3 * w[1]],
        2: [-5 * w[2]],
        3: [-5 * w[3]],
    }


def test_fresh_partner_is_reset_and_prepared():
    gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8], [0, 1, 0]], [0.3, 0.1, -0.2])
    schedule = qnu.schedules.constant_background(gas, 1, gamma=0.3, encounters=3)
    qc = circuit(gas, schedule)
    assert qc.count_ops()["reset"] == len(schedule) == 6
    on_partner = [i.operation.name for i in qc.data if qc.qubits[1] in i.qubits]
    assert on_partner[:5] == ["u", "barrier", "reset", "u", "encounter"]
    kicks = qnu.schedules.constant_background(gas, 1, 0.3, 5, probability=0.5, seed=1)
    qc = circuit(gas, kicks)
    on_partner = [i.operation.name for i in qc.data if qc.qubits[1] in i.qubits]
    assert on_partner.count("rz") == 1  # what is thrown away need not stream: only the last copy


def test_hundred_neutrinos_draw_and_metadata():
    gas = qnu.NeutrinoGas([[1, 0, 0]] * 100, np.linspace(0, 1, 100))
    qc = circuit(gas, qnu.schedules.tournament(gas, 0.1))
    assert qc.count_ops()["encounter"] == 4950
    assert qc.name == "tournament_100"


def test_drawings_are_short(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.3)
    text = str(drawable(circuit(odd_gas, schedule, gamma=Parameter("g"))).draw("text", fold=-1))
    assert "E(" in text
    assert "g" in text.splitlines()[2]
    assert len(text.splitlines()[0]) < 120
    trading = str(drawable(circuit(odd_gas, schedule, swap=True)).draw("text", fold=-1))
    assert "E*(" in trading


def test_bad_input(odd_gas):
    schedule = qnu.schedules.tournament(odd_gas, 0.3)
    mixed = odd_gas.with_polarization([[0, 0, 1], [0, 0.5, 0], [0, 0, 1], [0, 0, 1]])
    gamma = Parameter("gamma")
    plane = qnu.schedules.plane_wave(odd_gas, 1.0, 2)
    changing = qnu.schedules.tournament(odd_gas, 0.3, mu=Exponential(1.0, 5.0))
    in_matter = qnu.schedules.tournament(odd_gas, 0.3, matter=Exponential(1.0, 5.0))
    for call, field in [
        (lambda: circuit(mixed, schedule), r"polarization\[1\].*independent"),
        (lambda: circuit(qnu.NeutrinoGas([[0, 0, 1]], [0]), schedule), "schedule.neutrinos"),
        (lambda: circuit(odd_gas, schedule, [99.0]), r"times\[0\]"),
        (lambda: circuit(odd_gas, plane, gamma=gamma), "gamma"),
        (lambda: circuit(odd_gas, changing, gamma=gamma), "mu changes"),
        (lambda: circuit(odd_gas, in_matter, gamma=gamma), "matter changes"),
        (lambda: circuit(odd_gas, schedule, gamma=-1.0), "gamma"),
        (lambda: circuit(odd_gas, schedule, swap=[True]), "swap"),
    ]:
        with pytest.raises(QnuError, match=field) as caught:
            call()
        assert "\n" not in str(caught.value)
    assert state_of(circuit(odd_gas, in_matter)).size == 16


def test_gamma_as_a_number_stretches_matter_too():
    # matter(t) of the schedule built at that gamma, inside encounters and between
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(2, (0.6, 0, 0.8), omega=0.4), qnu.Group(1, (0, 1, 0), omega=-0.7)],
        velocities="right-angle",
        mixing_angle=0.3,
    )
    made = {
        gamma: qnu.schedules.tournament(gas, gamma, matter=Exponential(1.5, 0.8))
        for gamma in (0.2, 0.5)
    }
    stretched = state_of(circuit(gas, made[0.2], gamma=0.5))
    np.testing.assert_allclose(stretched, state_of(circuit(gas, made[0.5])), atol=1e-10)
    assert abs(np.vdot(stretched, state_of(circuit(gas, made[0.2])))) < 0.99


def test_a_circuit_that_came_back_from_qpy_is_drawn_alike(odd_gas, tmp_path) -> None:
    qc = circuit(odd_gas, qnu.schedules.tournament(odd_gas, 0.3))
    qnu.quantum.circuits.files.write_circuit(qc, tmp_path / "c.qpy")
    loaded = qnu.quantum.circuits.files.read_circuit(tmp_path / "c.qpy")
    with (tmp_path / "c.qpy").open("rb") as file:
        (plain,) = qpy.load(file)
    drawn = str(qnu.quantum.drawable(qc).draw("text"))
    assert "E(0.3" in drawn
    assert str(qnu.quantum.drawable(loaded).draw("text")) == drawn
    assert str(qnu.quantum.drawable(plain).draw("text")) == drawn
