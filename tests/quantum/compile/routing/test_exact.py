"""Numbers that decide a route are the same to the last bit on every processor."""

from __future__ import annotations

from decimal import Context, Decimal

import numpy as np

from qnu.quantum.compile.routing import DeviceGraph, _sweep
from qnu.quantum.compile.routing._beam import BeamSettings
from qnu.quantum.compile.routing._resume import SearchTask

DIGITS = Context(prec=200)


def test_weights_are_powers_rounded_once() -> None:
    line = DeviceGraph.of(3, [(0, 1), (1, 2)])
    task = SearchTask.of(line, np.array([(0, 1)]), 2)
    bases = np.random.default_rng(1).uniform(0.5, 0.7, 200).tolist()
    for base in bases:
        settings = BeamSettings(decay=base, potential_weight=1.0)
        weights = task.costs(settings, np.random.default_rng(0))[9:]
        assert weights.tolist() == [float(DIGITS.power(Decimal(base), k)) for k in range(8)]


def test_costs_of_couplers_are_rounded_once() -> None:
    error = np.random.default_rng(2).uniform(1e-5, 0.3, 500)
    line = DeviceGraph.of(501, [(k, k + 1) for k in range(500)], error=error)
    wanted = [-float(DIGITS.ln(DIGITS.subtract(1, Decimal(e)))) for e in error.tolist()]
    assert line.coupler_cost.tolist() == wanted
    assert (line.readout_cost == 0).all()


def test_of_equal_states_the_first_are_kept() -> None:
    """By hand: two of every column, smaller rows before larger ones."""
    cost = np.array([[3.0, 1.0], [1.0, 1.0], [2.0, 1.0], [2.0, np.inf], [2.0, 0.0]])
    kept = _sweep._cheapest(cost, 2)
    assert kept.T.tolist() == [[False, True, True, False, False], [True, False, False, False, True]]
    assert _sweep._cheapest(cost, 5).all()
    many = np.random.default_rng(3).integers(0, 4, (400, 7)).astype(float)
    for column, chosen in zip(many.T, _sweep._cheapest(many, 150).T, strict=True):
        order = sorted(range(400), key=lambda k, c=column: (c[k], k))
        assert np.flatnonzero(chosen).tolist() == sorted(order[:150])
