"""Loops of transport against their NumPy twins, formulas derived here, and exact shifts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from qnu.common import jit
from qnu.engine._slow import transport as slow
from qnu.engine.transport import advection, finite, spectral, stages, tables

LENGTH = 12.0
DIRECTION = np.array([np.sin(0.4), 0.0, np.cos(0.4)])


def beams(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.5, 1.0, count)
    return {
        "cosine": np.linspace(-1.0, 0.9, count),
        "weight": weight / weight.sum(),
        "omega": rng.normal(size=count),
        "damping": rng.uniform(0.0, 0.2, count),
        "emission": rng.uniform(0.0, 0.2, count),
        "equilibrium": rng.uniform(-0.5, 0.5, (count, 3)),
    }


def as_given(b: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    kappa = slow.kernel(b["cosine"]) @ b["weight"]
    names = ("damping", "emission", "equilibrium")
    return (b["cosine"], b["weight"], b["omega"], kappa, *(b[n] for n in names))


def padded(p: np.ndarray) -> np.ndarray:
    """``(cells, B, 3)`` as the loops hold it."""
    state = np.zeros((p.shape[1], 3, len(p) + 2 * tables.GHOSTS))
    state[:, :, tables.GHOSTS : -tables.GHOSTS] = p.transpose(1, 2, 0)
    return state


def inside(state: np.ndarray) -> np.ndarray:
    return state[:, :, tables.GHOSTS : -tables.GHOSTS].transpose(2, 0, 1)


def smooth(cells: int, count: int, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = (np.arange(cells) + 0.5) / cells
    phase = rng.uniform(0, 2 * np.pi, (count, 3))
    return 0.5 * np.sin(2 * np.pi * z[:, None, None] * np.arange(1, 4) + phase)


@pytest.mark.parametrize("gamma", [0.0, 0.3])
@pytest.mark.parametrize("cells", [50, 64, 150])
def test_rates_in_a_cell_are_those_of_the_sum_over_pairs_of_beams(cells: int, gamma: float) -> None:
    b, p = beams(7), smooth(cells, 7)
    state, out = padded(p), np.zeros((7, 3, cells + 8))
    grid = (0.0, tables.NO_ADVECTION, np.zeros((2, 8)))
    values = (0.7, 0.4, gamma)
    for stage in (stages.stage, stages.serial_stage):
        stage(state, state, state, out, as_given(b), grid, values, DIRECTION, stages.RATES, 0.0)
        wanted = slow.local_rates(p, b, *values, DIRECTION)
        assert inside(out) == pytest.approx(wanted, abs=1e-13)
    flipped = slow.local_rates(p, {**b, "cosine": -b["cosine"][::-1]}, *values, DIRECTION)
    assert abs(inside(out) - flipped).max() > 1e-2


def test_the_entanglement_conserves_the_weighted_sum_in_every_cell() -> None:
    b, p = beams(6), smooth(20, 6)
    for name in ("omega", "damping", "emission"):
        b[name] = 0 * b[name]
    state, out = padded(p), np.zeros((6, 3, 28))
    grid = (0.0, tables.NO_ADVECTION, np.zeros((2, 8)))
    rooms = (state, state, state, out)
    stages.stage(*rooms, as_given(b), grid, (1.0, 0.0, 0.5), DIRECTION, stages.RATES, 0.0)
    assert np.einsum("b,nbd->nd", b["weight"], inside(out)) == pytest.approx(0.0, abs=1e-14)
    assert abs(inside(out)).max() > 0.1


def run_finite(p, b, scheme: int, steps: int, h: float, mu=0.0, gamma=0.0, periodic=True):
    state = padded(p)
    run = finite.FiniteSteps(state, LENGTH, scheme, periodic, as_given(b), DIRECTION, gamma)
    ones = np.ones((steps, 3))
    run.run(np.full(steps, h), mu * ones, 0.1 * mu * ones, np.zeros((1, 1, p.shape[1], 3)))
    return inside(state)


def quiet(b: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {**b, **{n: 0 * b[n] for n in ("omega", "damping", "emission")}}


def test_one_step_is_the_classical_runge_kutta_step_of_the_twin() -> None:
    b, p, h = beams(5), smooth(70, 5), 0.05
    dz = LENGTH / 70

    def rate(q: np.ndarray) -> np.ndarray:
        return slow.upwind7(q, b["cosine"], dz) + slow.local_rates(q, b, 0.8, 0.08, 0.2, DIRECTION)

    k1 = rate(p)
    k2 = rate(p + h / 2 * k1)
    k3 = rate(p + h / 2 * k2)
    k4 = rate(p + h * k3)
    wanted = p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    found = run_finite(p, b, tables.UPWIND7, 1, h, mu=0.8, gamma=0.2)
    assert found == pytest.approx(wanted, abs=1e-13)


@pytest.mark.parametrize(("scheme", "order"), [(tables.UPWIND7, 6.8), (tables.WENO7, 6.3)])
def test_the_error_of_advection_falls_with_the_seventh_power_of_the_cells(scheme, order) -> None:
    """One derivative: time plays no part."""
    errors = []
    for cells in (40, 80, 160):
        b = quiet(beams(4))
        z = (np.arange(cells) + 0.5) * LENGTH / cells
        k = 2 * np.pi / LENGTH
        p = np.stack([np.sin(k * z), np.cos(k * z), np.sin(2 * k * z)], axis=1)
        slope = np.stack([k * np.cos(k * z), -k * np.sin(k * z), 2 * k * np.cos(2 * k * z)], axis=1)
        state = padded(np.repeat(p[:, None], 4, axis=1))
        out = np.zeros_like(state)
        rules = (*tables.inflow_rule(scheme), tables.outflow_rule(scheme))
        stages.fill_ghosts(state, b["cosine"], True, np.zeros((4, 3)), *rules)
        grid = (cells / LENGTH, scheme, tables.upwind_taps())
        rooms = (state, state, state, out)
        stages.stage(*rooms, as_given(b), grid, (0.0, 0.0, 0.0), DIRECTION, stages.RATES, 0.0)
        wanted = -b["cosine"][:, None] * slope[:, None]
        errors.append(abs(inside(out) - wanted).max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() > order


def cubic_of(cells: range) -> list[list[Fraction]]:
    """Coefficients of x^0 ... of the polynomial whose means over unit cells are unit vectors."""
    n = len(cells)
    rows = []
    for c in cells:
        low, high = Fraction(2 * c - 1, 2), Fraction(2 * c + 1, 2)
        rows.append([(high ** (k + 1) - low ** (k + 1)) / (k + 1) for k in range(n)])
    matrix = [row + [Fraction(int(i == j)) for j in range(n)] for i, row in enumerate(rows)]
    for i in range(n):  # Gauss and Jordan, exactly
        pivot = next(r for r in range(i, n) if matrix[r][i] != 0)
        matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
        matrix[i] = [x / matrix[i][i] for x in matrix[i]]
        for r in range(n):
            if r != i:
                f = matrix[r][i]
                matrix[r] = [x - f * y for x, y in zip(matrix[r], matrix[i], strict=True)]
    return [row[n:] for row in matrix]


def value_at_half(coefficients: list[list[Fraction]]) -> list[float]:
    half = Fraction(1, 2)
    columns = zip(*coefficients, strict=True)
    return [float(sum(c * half**k for k, c in enumerate(column))) for column in columns]


def test_the_taps_of_upwind7_are_those_of_the_polynomial_through_seven_cells() -> None:
    wanted = value_at_half(cubic_of(range(-3, 4)))
    assert tables.upwind_taps()[0].tolist() == pytest.approx([*wanted, 0.0], abs=1e-15)
    assert tables.upwind_taps()[1].tolist() == pytest.approx([0.0, *wanted[::-1]], abs=1e-15)


def weno_face(cells: np.ndarray) -> np.ndarray:
    """WENO7-Z of ``(3, 7)`` cells as it is defined, with integrals of squared derivatives."""
    beta, faces = np.zeros(4), []
    for r in range(4):
        stencil = range(-3 + r, 1 + r)
        exact = cubic_of(stencil)
        some = cells[:, r : r + 4]
        faces.append(some @ value_at_half(exact))
        a = np.array([[float(x) for x in row] for row in exact]) @ some.T  # (power, component)
        for d in range(3):
            p = np.polynomial.Polynomial(a[:, d])
            for _ in range(3):
                p = p.deriv()
                squared = (p * p).integ()
                beta[r] += squared(0.5) - squared(-0.5)
    tau = abs(beta[0] + 3 * beta[1] - 3 * beta[2] - beta[3])
    alpha = np.array([1, 12, 18, 4]) / 35 * (1 + (tau / beta) ** 2)
    return (alpha / alpha.sum()) @ np.array(faces)


def test_weno7_is_what_its_definition_says_for_both_winds() -> None:
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(3, 20))
    cells, beta, out = np.zeros((3, 19)), np.zeros((4, 13)), np.zeros((3, 13))
    advection.weno_faces(rows, True, 0, 12, cells, beta, out)
    for j in range(13):  # face j lies between padded cells j + 3 and j + 4
        assert out[:, j] == pytest.approx(weno_face(rows[:, j : j + 7]), abs=1e-12)
    advection.weno_faces(rows, False, 0, 12, cells, beta, out)
    for j in range(13):
        mirrored = rows[:, j + 1 : j + 8][:, ::-1]
        assert out[:, 12 - j] == pytest.approx(weno_face(mirrored), abs=1e-12)


def test_weno7_does_not_depend_on_the_axes_of_flavor_space() -> None:
    rng = np.random.default_rng(6)
    rows = rng.normal(size=(3, 20))
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    found = []
    for given in (rows, turn @ rows):
        out = np.zeros((3, 13))
        advection.weno_faces(given, True, 0, 12, np.zeros((3, 19)), np.zeros((4, 13)), out)
        found.append(out)
    assert found[1] == pytest.approx(turn @ found[0], abs=1e-12)


def test_the_spectral_shift_is_exact() -> None:
    b, p = quiet(beams(5)), smooth(33, 5)
    state = padded(p)
    run = spectral.SpectralSteps(state, LENGTH, as_given(b), DIRECTION, 0.0)
    none = np.zeros((3, 3))
    run.run(np.array([0.7, 0.7, 2.1]), none, none)
    z = (np.arange(33) + 0.5) * LENGTH / 33
    rng = np.random.default_rng(2)
    phase = rng.uniform(0, 2 * np.pi, (5, 3))
    moved = z[:, None, None] - 3.5 * b["cosine"][:, None]
    wanted = 0.5 * np.sin(2 * np.pi / LENGTH * moved * np.arange(1, 4) + phase)
    assert inside(state) == pytest.approx(wanted, abs=1e-13)


@pytest.mark.parametrize("scheme", [tables.UPWIND7, tables.WENO7, "spectral"])
def test_results_do_not_depend_on_the_number_of_threads(scheme, monkeypatch) -> None:
    monkeypatch.setattr(stages, "SHARED", 0)  # shared however small
    monkeypatch.setattr(spectral, "_ALONE", 0)
    b, p = beams(9), smooth(200, 9)
    found, before = [], jit.get_num_threads()
    try:
        for threads in {1, before}:
            jit.set_num_threads(threads)
            if scheme == "spectral":
                state = padded(p)
                run = spectral.SpectralSteps(state, LENGTH, as_given(b), DIRECTION, 0.1)
                run.run(np.full(3, 0.05), np.ones((3, 3)), np.ones((3, 3)))
                found.append(inside(state).tobytes())
            else:
                found.append(run_finite(p, b, scheme, 3, 0.05, mu=1.0, gamma=0.1).tobytes())
    finally:
        jit.set_num_threads(before)
    assert len(set(found)) == 1


@pytest.mark.parametrize("scheme", [tables.UPWIND7, tables.WENO7])
def test_rules_of_open_ends_keep_what_is_uniform(scheme: int) -> None:
    value, inner = tables.inflow_rule(scheme)
    assert value + inner.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-12)
    assert tables.outflow_rule(scheme).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-12)
