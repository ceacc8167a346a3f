"""Encounters with matter inside: the form is the gate, and rounding does not move its angles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import expm

from qnu.quantum import EncounterGate
from qnu.quantum.circuits import _digits

PAULI = [np.array(p) for p in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]


def turned(angles):
    """``Rz Ry Rz``, the first angle first in time."""
    y, z = PAULI[1:]
    first, middle, last = (
        expm(-0.5j * angle * axis) for angle, axis in zip(angles, (z, y, z), strict=True)
    )
    return last @ middle @ first


def product(before, core, after, phase):
    pairs = [np.kron(p, p) for p in PAULI]
    result = np.kron(*map(turned, before))
    result = expm(-1j * sum(x * p for x, p in zip(core, pairs, strict=True))) @ result
    return np.exp(1j * phase) * np.kron(*map(turned, after)) @ result


def numbers(before, core, after, phase):
    return np.array([*itertools.chain(*before, *after), *core, phase])


@pytest.mark.parametrize("size", [1e-9, 1e-6, 1e-3, 0.1, 1.0, 30.0])
def test_the_product_is_the_encounter(size, slow_encounter) -> None:
    rng = np.random.default_rng(5)
    for k in range(20):
        theta = rng.uniform(-4, 4) if k % 2 else rng.uniform(0, 0.05)
        fields = size * rng.normal(size=(2, 3))
        fields[:, 1] *= k % 3 == 0  # else in the plane of vacuum and matter
        time = rng.uniform(0.1, 1.0)
        form = _digits.angles(theta, *map(tuple, fields.tolist()), time)
        wanted = slow_encounter(theta, *fields, time)
        np.testing.assert_allclose(product(*form), wanted, atol=2e-14 * max(1.0, size))


@pytest.mark.parametrize(
    ("theta", "time"), [(0.0, 1.0), (0.7, 0.0), (0.0, 0.0), (np.pi / 2, 1e-12), (1e-12, 1.0)]
)
def test_limits_are_no_exceptions(theta, time, slow_encounter) -> None:
    h1, h2 = (0.3, 0.0, 0.5), (0.0, 0.2, -0.1)
    form = _digits.angles(theta, h1, h2, time)
    np.testing.assert_allclose(product(*form), slow_encounter(theta, h1, h2, time), atol=1e-14)


@pytest.mark.parametrize("time", [1.0, 0.1, 0.01])
def test_a_last_digit_of_the_fields_moves_no_angle(time) -> None:
    """Two canonical angles are 3e-7 to 3e-15 apart: eigenvectors found in double precision turn
    by 1e-16 over that."""
    h1, h2 = (0.3, 0.0, 0.5), (0.3, 0.0, -0.1)
    before = numbers(*_digits.angles(0.0266, h1, h2, time))
    up, down = tuple(np.nextafter(h1, 9)), tuple(np.nextafter(h2, -9))
    for one, other in ((up, h2), (h1, down), (up, down)):
        after = numbers(*_digits.angles(0.0266, one, other, time))
        np.testing.assert_allclose(after, before, rtol=0, atol=1e-14 / time)


def test_every_angle_is_rounded_once(monkeypatch) -> None:
    """With ten digits more the numbers are the same to the last bit."""
    rng = np.random.default_rng(6)
    inputs = [
        (rng.uniform(0, 1), tuple(rng.normal(size=3)), tuple(rng.normal(size=3)), 10.0**-k)
        for k in range(6)
    ]
    _digits.angles.cache_clear()
    found = [_digits.angles(*one) for one in inputs]
    monkeypatch.setattr(_digits, "_DIGITS", 60)
    _digits.angles.cache_clear()
    assert [_digits.angles(*one) for one in inputs] == found
    _digits.angles.cache_clear()


def test_a_gate_takes_its_form_from_here() -> None:
    gate = EncounterGate(0.0266, (0.3, 0.0, 0.5), (0.3, 0.0, -0.1), 0.1)
    form = gate.form()
    before, core, after, _ = _digits.angles(0.0266, (0.3, 0.0, 0.5), (0.3, 0.0, -0.1), 0.1)
    assert form.core == core
    assert [angle for side in form.before for _, angle in side] == [*itertools.chain(*before)]
    assert [angle for side in form.after for _, angle in side] == [*itertools.chain(*after)]
