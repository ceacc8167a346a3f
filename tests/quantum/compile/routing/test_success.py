"""What a route is expected to cost, and what its circuit costs."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from qiskit_ibm_runtime.fake_provider import FakeTorino

import qnu
from qnu.quantum import CompileOptions, estimate
from qnu.quantum.compile.compilation import _compiled, finalists
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.routing.choice import in_order
from qnu.quantum.compile.routing.device import QubitCalibration
from qnu.quantum.compile.routing.plans import RoutePlan, RoutingOptions
from qnu.quantum.compile.routing.route import MOVE, Route
from qnu.quantum.compile.routing.search import search
from qnu.quantum.compile.routing.success import forecast

random_gas = partial(qnu.testing.random_gas, velocities="right-angle", mixing_angle=0.2)


def test_the_forecast_by_hand():
    known = QubitCalibration(
        t1=np.full(4, 1e-4), t2=np.full(4, 5e-5), error=np.full(4, 1e-3), duration=np.full(4, 1e-8)
    )
    device = DeviceGraph.of(
        4, [(0, 1), (1, 2), (2, 3)], [0.01, 0.02, 0.03], 1e-7, [0.1, 0.2, 0.3, 0.4], known
    )
    # 0 meets 1; 1, then on site 1, moves to the empty site 2 and meets neutrino 2 on site 3
    route = Route.of([0, 1, 3], [(0, 0, 1, 0), (MOVE, 1, 2, 0), (1, 2, 3, 0)])
    seen = forecast(device, route)
    assert (seen.two_qubit_gates, seen.two_qubit_depth) == (8, 8)
    encounter, move = 3 * 1e-7 + 4 * 1e-8, 2 * 1e-7 + 1e-8
    assert seen.duration == pytest.approx(2 * encounter + move + 3 * 1e-8)
    assert seen.gates.tolist() == [3, 2, 3]
    assert seen.pulses.tolist() == [4, 6, 6, 4]
    shorter = 1e-8  # of the pulses of an encounter one qubit has fewer: a half pulse twice
    waits = [
        seen.duration - encounter - 1e-8 + shorter,
        shorter,
        encounter + 1e-8 + shorter,
        encounter + move + 3 * 1e-8 - 1e-8 + shorter,
    ]
    assert seen.idle == pytest.approx(waits)

    def kept(t):
        return (3 + math.exp(-t / 1e-4) + 2 * math.exp(-t / 5e-5)) / 6

    wanted = 0.99**3 * 0.98**2 * 0.97**3 * 0.999**20 * 0.9 * 0.7 * 0.6
    assert seen.success_probability == pytest.approx(wanted * math.prod(map(kept, waits)))


def _schedules():
    six, nine = random_gas(6, seed=1), random_gas(9, seed=1)
    yield six, qnu.schedules.tournament(six, 0.4)
    yield six, qnu.schedules.tournament(six, 0.4, order="line")
    yield nine, qnu.schedules.random_pairs(nine, 0.4, 25, seed=1)


def test_a_forecast_is_the_estimate_of_the_circuit_within_a_few_per_cent():
    """And it has the same order of different routes."""
    backend = FakeTorino()
    expected, found = [], []
    for gas, schedule in _schedules():
        logical = qnu.quantum.circuit(gas, schedule, barriers=False)
        best, _ = finalists(logical, backend.target, CompileOptions(effort=1))
        routed = best.routed
        routes = [routed.plan.route]
        for seed in range(2 if routed.plan.method == "search" else 0):
            graph = routed.device.without_bad()
            routes.append(search(graph, routed.pairs, effort=1, seed=seed))
        for route in routes:
            plan = RoutePlan(route, (route.steps,), "search")
            one = _compiled(logical, replace(routed, plan=plan), CompileOptions(), False)
            cost = estimate(one.isa, backend)
            seen = forecast(routed.device, route)
            assert seen.two_qubit_gates == cost.two_qubit_gates
            assert seen.two_qubit_depth == cost.two_qubit_depth
            assert seen.duration == pytest.approx(cost.duration, rel=0.06, abs=0.4e-6)
            expected.append(seen.log_success)
            found.append(cost.log_success)
    assert np.exp(expected) == pytest.approx(np.exp(found), rel=0.05)
    order = np.argsort(found)
    gaps = np.diff(np.array(found)[order])
    apart = gaps > 0.03
    assert apart.any()
    assert (np.diff(np.array(expected)[order])[apart] > 0).all()


def test_without_a_calibration_gates_come_first_and_depth_second():
    device = DeviceGraph.of(5, [(0, 1), (1, 2), (2, 3), (3, 4)])
    few = Route.of([0, 1, 2, 3], [(0, 0, 1, 0), (1, 2, 3, 0)])
    deep = Route.of([0, 1, 2, 3], [(MOVE, 1, 2, 0), (MOVE, 1, 2, 0), *few.steps.tolist()])
    more = Route.of([0, 1, 2, 3], [*few.steps.tolist(), (MOVE, 1, 2, 0)])
    assert deep.two_qubit_gates() == few.two_qubit_gates(), "nothing is on the sites yet"
    options = RoutingOptions(qubits_initially_zero=True)
    ranked = in_order(device, [more, few, more], options)
    assert [id(one) for one in ranked] == [id(few), id(more)]


def test_a_few_more_gates_on_better_couplers_win():
    device = DeviceGraph.of(4, [(0, 1), (2, 3)], [0.05, 0.001])
    worse = Route.of([0, 1], [(0, 0, 1, 0)])
    longer = Route.of([2, 3], [(0, 2, 3, 0), (MOVE, 2, 3, 0)])
    options = RoutingOptions(qubits_initially_zero=True)
    assert in_order(device, [worse, longer], options)[0] is longer
