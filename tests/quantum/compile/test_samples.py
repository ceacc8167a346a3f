"""Circuits of samples before the end: each is right, and none pays for the samples before it."""

import numpy as np
import pytest
from qiskit.quantum_info import DensityMatrix, Pauli
from qiskit.transpiler import CouplingMap, Target

import qnu
from qnu.quantum import CompileOptions, compile_for
from qnu.quantum.circuits.sizes import two_qubit_gates
from qnu.quantum.compile.samples import by_sample, gates_to_last_sample

from ..helpers import assert_isa, polarization, random_gas
from .test_compilation import EDGES, device

QUICK = CompileOptions(effort=1)
SCHEDULES = {
    "circle": lambda gas: qnu.schedules.tournament(gas, 0.7, order="circle"),
    "line": lambda gas: qnu.schedules.tournament(gas, 0.7, order="line", seed=2),
    "kicks": lambda gas: qnu.schedules.tournament(gas, 0.7, vacuum="between"),
    "random pairs": lambda gas: qnu.schedules.random_pairs(gas, 0.7, 14, seed=3),
    "stochastic": lambda gas: qnu.schedules.stochastic(gas, 0.4, 0.5, 1.5, seed=4),
    "native": lambda gas: qnu.schedules.native(gas, 0.7, EDGES, 4, seed=1, vacuum="inside"),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_neutrino_is_read_out_where_it_is_at_every_sample(name):
    """Times between, at and inside encounters; without a gate for an earlier sample."""
    gas = random_gas(5, seed=1)
    schedule = SCHEDULES[name](gas)
    times = np.union1d(schedule.equally_spaced(4), schedule.start[[3, 5]] + 0.13)
    wanted = qnu.solvers.many_body(gas, schedule, times).polarization
    plan = by_sample(gas, schedule, device(), schedule.samples(times), QUICK)
    counts = []
    for (time, where, isa), at, right in zip(plan, times, wanted, strict=True):
        assert time == at
        assert_isa(isa, device())
        assert isa.metadata["neutrino_qubit"] == where
        np.testing.assert_allclose(polarization(isa, where), right, atol=1e-9)
        counts.append(two_qubit_gates(isa)["two_qubit_gates"])
    whole = compile_for(gas, schedule, device(), options=QUICK)
    assert counts[-1] == two_qubit_gates(whole)["two_qubit_gates"]
    assert plan.method == whole.metadata["route"]
    assert counts == sorted(counts)
    if plan.method != "search":
        begun = schedule.counts(schedule.samples(times))
        assert all(np.array(counts) <= 3 * begun)  # a pair that meets again at once is one gate


def test_samples_in_the_middle_cost_nothing_extra():
    """With barriers at the samples the circuit to the last one has more gates."""
    gas = random_gas(6)
    schedule = qnu.schedules.tournament(gas, 0.4)
    samples = schedule.samples(schedule.equally_spaced(6))
    options = CompileOptions(effort=2)
    whole = compile_for(gas, schedule, device(), options=options)
    barriers = compile_for(gas, schedule, device(), samples.times, options=options)
    counted = gates_to_last_sample(gas, schedule, device(), samples, options)
    assert counted == two_qubit_gates(whole)
    assert counted["two_qubit_gates"] < two_qubit_gates(barriers)["two_qubit_gates"]


def test_a_sample_says_where_its_route_is_from():
    gas = random_gas(5, seed=1)
    schedule = SCHEDULES["random pairs"](gas)
    samples = schedule.samples(schedule.equally_spaced(4))
    plan = by_sample(gas, schedule, device(), samples, QUICK)
    said = [isa.metadata["sample_route"] for _, _, isa in plan]
    assert said[-1] == "whole"
    assert set(said[:-1]) <= {"prefix", "own"}
    assert plan.origins().startswith("each by itself: ")
    only_last = by_sample(gas, schedule, device(), samples, QUICK, -1)
    assert (len(only_last), only_last.origins()) == (1, "")
    assert only_last.compiled(-1)[2] == plan.compiled(-1)[2]


def test_sites_given_by_hand_are_those_of_every_sample():
    gas = random_gas(4)
    schedule = qnu.schedules.random_pairs(gas, 0.7, 10, seed=3)
    options = CompileOptions(effort=1, layout=(6, 2, 0, 4))
    times = schedule.equally_spaced(3)
    wanted = qnu.solvers.many_body(gas, schedule, times).polarization
    plan = by_sample(gas, schedule, device(), schedule.samples(times), options)
    for (_, where, isa), right in zip(plan, wanted, strict=True):
        assert isa.metadata["initial_qubit"] == [6, 2, 0, 4]
        np.testing.assert_allclose(polarization(isa, where), right, atol=1e-9)


def test_fresh_partners_are_right_at_every_sample():
    """Background neutrinos are reset on their qubits, also where an encounter is cut there."""
    gas = random_gas(4, seed=2)
    schedule = qnu.schedules.constant_background(gas, 3, gamma=0.6, encounters=2)
    times = [0.3, 0.6, 1.2, schedule.final_time]
    wanted = qnu.solvers.independent(gas, schedule, times).polarization
    couplers = CouplingMap([*EDGES[:4], *(pair[::-1] for pair in EDGES[:4])])
    target = Target.from_configuration(["cz", "rz", "sx", "x", "reset"], 5, couplers)
    for (_, where, isa), right in zip(
        by_sample(gas, schedule, target, schedule.samples(times), QUICK), wanted, strict=True
    ):
        state = DensityMatrix.from_instruction(isa)
        found = [
            [state.expectation_value(Pauli(b), [where[k]]).real for b in "XYZ"] for k in range(3)
        ]
        np.testing.assert_allclose(found, right[:3], atol=1e-9)
