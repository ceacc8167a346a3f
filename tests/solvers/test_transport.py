"""Transport against closed formulas, dense programs, other solvers and conservation laws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import qnu
from qnu import Beams, QnuError, QnuWarning
from qnu.engine._slow import transport as slow
from qnu.profiles import Table
from qnu.solvers import kinetic, mean_field, transport

SCHEMES = ("upwind7", "weno7", "spectral")
RNG = np.random.default_rng(8)


def some_beams(count: int = 5, *, seed: int = 3, mixing_angle: float = 0.0, **given: Any) -> Beams:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    settings: dict[str, Any] = {"omega": rng.normal(size=count), **given}
    cosine = np.sort(rng.uniform(-1, 1, count))
    weight = rng.uniform(0.5, 1.5, count)
    return Beams(cosine, weight, vectors, mixing_angle=mixing_angle, **settings)


def crossed(count: int = 8) -> Beams:
    """Along z, with an angular crossing: unstable at omega = 0."""
    c, w = np.polynomial.legendre.leggauss(count)
    sign = np.where(c > 0.3, -1.0, 1.0)
    vectors = np.zeros((count, 3))
    vectors[:, 2] = sign
    return Beams(c, w, vectors)


def growth_matrix(beams: Beams, k: float) -> np.ndarray:
    """physics.md 11, written down once more."""
    c, w, z = beams.cosine, beams.weight, beams.polarization[:, 2]
    coupling = 1 - np.multiply.outer(c, c)
    return np.diag(c * k + beams.omega - coupling @ (w * z)) + z[:, None] * coupling * w


# -- a uniform gas ---------------------------------------------------------------------------------


def test_a_uniform_gas_is_the_mean_field_of_its_beams() -> None:
    beams, times = some_beams(mixing_angle=0.3), [0.0, 1.5, 3.0]
    run = transport(beams, times, length=5.0, cells=16, mu=1.3, matter=0.4, turn=0.004, cfl=1.0)
    gas = beams.gas(azimuths=4)
    other = mean_field(gas, times, mu=1.3, matter=0.4, resolve="neutrino", partners="all")
    assert run.polarization == pytest.approx(
        np.broadcast_to(other.polarization[:, ::4], run.polarization.shape), abs=1e-10
    )
    assert abs(run.polarization[:, -1] - run.polarization[:, 0]).max() > 0.5


@pytest.mark.parametrize("advection", SCHEMES)
def test_a_uniform_gas_with_everything_is_the_equation_integrated_by_scipy(advection) -> None:
    beams = some_beams(mixing_angle=0.2)
    own = {
        "cosine": beams.cosine,
        "weight": beams.weight,
        "omega": beams.omega,
        "damping": np.array([0.1, 0.0, 0.3, 0.2, 0.0]),
        "emission": np.array([0.0, 0.2, 0.1, 0.0, 0.3]),
        "equilibrium": RNG.uniform(-0.5, 0.5, (5, 3)),
    }
    mu, matter = lambda t: 1 + 0.3 * np.sin(t), Table([0.0, 0.7, 4.0], [0.5, -0.5, 1.0])
    direction = qnu.gas.flavor_direction(0.2)

    def rate(t: float, y: np.ndarray) -> np.ndarray:
        lam = np.interp(t, [0.0, 0.7, 4.0], [0.5, -0.5, 1.0])
        p = y.reshape(1, 5, 3)
        return slow.local_rates(p, own, mu(t), lam, 0.2, direction).ravel()

    y = beams.polarization.ravel()
    for a, b in ((0.0, 0.7), (0.7, 2.0)):
        y = solve_ivp(rate, (a, b), y, "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    collisions = {n: own[n] for n in ("damping", "emission", "equilibrium")}
    run = transport(
        beams, [0.0, 2.0], length=5.0, cells=8, advection=advection, mu=mu, matter=matter,
        gamma=0.2, turn=0.006, **collisions,
    )  # fmt: skip
    assert run.polarization[3, -1] == pytest.approx(y.reshape(5, 3), abs=1e-10)


def test_a_uniform_gas_is_the_lowest_order_kinetic_equation() -> None:
    """Which is what kinetic is at small gamma: their difference falls as gamma squared."""
    beams = some_beams(omega=0.0)
    found = []
    for gamma in (0.002, 0.001):
        times = [0.0, 2.0]
        run = transport(beams, times, length=5.0, cells=8, gamma=gamma, turn=0.01)
        gas = beams.gas(azimuths=4)
        other = kinetic(gas, times, gamma, resolve="neutrino", partners="all")
        found.append(abs(run.polarization[0, -1] - other.polarization[-1, ::4]).max())
        without = transport(beams, times, length=5.0, cells=8, turn=0.01)
        assert abs(run.polarization - without.polarization).max() > 5 * gamma / 10
    assert found[0] < 1e-4
    assert found[0] / found[1] == pytest.approx(4.0, rel=0.15)


def test_neutrinos_and_antineutrinos_obey_sigl_and_raffelt() -> None:
    """Two beams, 2x2 density matrices: i d rho = [H, rho], and -H_vac for antineutrinos."""
    omega, mu, matter, c = 0.7, 1.2, 0.5, np.array([0.8, -0.3])
    weight, angle = np.array([0.6, 0.4]), 0.15
    electron = qnu.gas.flavor_direction(angle)
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    half = np.eye(2) / 2

    def rho(p: np.ndarray) -> np.ndarray:
        return half + np.einsum("a,aij->ij", p, pauli) / 2

    vacuum = -omega / 2 * pauli[2]
    electrons = matter * rho(electron)
    start = [rho(electron), rho(np.array([0.6, 0.0, 0.8]))]  # a neutrino and an antineutrino

    def rate(_: float, y: np.ndarray) -> np.ndarray:
        nu, anti = y.reshape(2, 2, 2)
        out = []
        for b, state in enumerate((nu, anti)):
            pairs = 1 - c[b] * c
            h = mu * (weight[0] * pairs[0] * nu - weight[1] * pairs[1] * anti)
            h = h + electrons + (vacuum if b == 0 else -vacuum)
            out.append(-1j * (h @ state - state @ h))
        return np.array(out).ravel()

    y = solve_ivp(rate, (0, 3), np.array(start).ravel(), "DOP853", rtol=1e-12, atol=1e-13).y[:, -1]
    p = np.real(np.einsum("bij,aji->ba", y.reshape(2, 2, 2), pauli))
    stored = [electron, [-0.6, 0.0, -0.8]]
    beams = Beams(c, weight, stored, [omega, -omega], antineutrino=[False, True],
                  mixing_angle=angle)  # fmt: skip
    run = transport(beams, [3.0], length=4.0, cells=8, mu=mu, matter=matter, turn=0.005)
    assert run.polarization[0, 0, 0] == pytest.approx(p[0], abs=1e-9)
    assert run.polarization[0, 0, 1] == pytest.approx(-p[1], abs=1e-9)


# -- space -----------------------------------------------------------------------------------------


def packet(z: np.ndarray, length: float) -> np.ndarray:
    """A periodic bump, as a turn of P from z towards x."""
    angle = np.exp(3 * np.cos(2 * np.pi * z / length) - 3)
    return np.stack([np.sin(angle), 0 * angle, np.cos(angle)], axis=-1)


def moved_once(advection: str, cells: int) -> float:
    length = 8.0
    beams = Beams([1.0, -1.0], [1.0, 1.0], [[0, 0, 1], [0, 0, 1]])
    z = (np.arange(cells) + 0.5) * length / cells
    start = np.repeat(packet(z, length)[:, None], 2, axis=1)
    run = transport(beams, [8.0], length=length, cells=cells, advection=advection, initial=start,
                    mu=0.0, cfl=0.4)  # fmt: skip
    return float(abs(run.polarization[:, 0] - start).max())


@pytest.mark.parametrize("advection", SCHEMES)
def test_a_bump_goes_once_around_the_box(advection: str) -> None:
    coarse, fine = moved_once(advection, 32), moved_once(advection, 64)
    if advection == "spectral":
        assert fine < 1e-12
        return
    assert fine < 5e-4
    assert np.log2(coarse / fine) > 4


@pytest.mark.parametrize("advection", SCHEMES)
@pytest.mark.parametrize("wave_number", [2, 6])
def test_a_small_wave_grows_as_the_eigenvalue_says(advection: str, wave_number: int) -> None:
    beams, length = crossed(), 30.0
    values = np.linalg.eigvals(growth_matrix(beams, 2 * np.pi * wave_number / length))
    wanted = values.imag.max()
    assert wanted > 0.05
    t = np.array([9.0, 11.0]) / wanted  # stable modes are left behind; the amplitude stays small
    run = transport(beams, t, length=length, cells=64, advection=advection, perturbation="wave",
                    wave_number=wave_number, amplitude=1e-9)  # fmt: skip
    across = np.hypot(run.polarization[..., 0], run.polarization[..., 1])
    size = np.sqrt(np.mean(across**2, axis=(0, 2)))
    assert np.log(size[1] / size[0]) / (t[1] - t[0]) == pytest.approx(wanted, rel=0.01)
    mirrored = np.linalg.eigvals(growth_matrix(beams, -2 * np.pi * wave_number / length))
    assert abs(mirrored.imag.max() - wanted) > 0.02 * wanted  # the sign of k matters


def nonlinear(cells: int = 48, **given: Any) -> np.ndarray:
    beams, length = crossed(4), 12.0
    z = (np.arange(cells) + 0.5) * length / cells
    angle = 0.4 * np.sin(2 * np.pi * z / length)
    turn = np.stack([np.sin(angle), 0.3 * np.sin(angle), 0 * angle], axis=-1)[:, None]
    start = beams.polarization + turn * np.sign(beams.polarization[:, 2:])
    start /= np.linalg.norm(start, axis=-1, keepdims=True)
    settings = {"gamma": 0.05, "turn": 1.0, **given}
    run = transport(beams, [3.0], length=length, cells=cells, initial=start, **settings)
    return run.polarization[:, 0]


@pytest.mark.parametrize("advection", SCHEMES)
def test_the_error_falls_with_the_fourth_power_of_the_step(advection: str) -> None:
    exact = nonlinear(advection=advection, cfl=0.0625)
    errors = [abs(nonlinear(advection=advection, cfl=c) - exact).max() for c in (1.0, 0.5, 0.25)]
    assert np.log2(errors[0] / errors[1]) > 3.5
    assert np.log2(errors[1] / errors[2]) > 3.7


def test_finite_differences_come_to_what_fourier_waves_say() -> None:
    exact = nonlinear(cells=48, advection="spectral", cfl=0.1)
    for advection in ("upwind7", "weno7"):
        errors = []
        for factor in (1, 3):  # every third cell of the finer grid has the same center
            found = nonlinear(cells=48 * factor, advection=advection, cfl=0.1 * factor)
            errors.append(abs(found[factor // 2 :: factor] - exact).max())
        assert errors[0] < 1e-3
        assert errors[1] < errors[0] / 3**5


def test_a_mirrored_box_gives_the_mirrored_result() -> None:
    beams = some_beams(mixing_angle=0.1)
    start = np.stack([packet(np.arange(40) + k, 40.0) for k in range(5)], axis=1)
    mirrored = Beams(-beams.cosine, beams.weight, beams.polarization, beams.omega,
                     mixing_angle=0.1)  # fmt: skip
    settings: dict[str, Any] = {"length": 10.0, "cells": 40, "matter": 0.3, "gamma": 0.1}
    for boundary, advection in (("periodic", "weno7"), ("open", "upwind7")):
        where = {"boundary": boundary, "advection": advection, **settings}
        one = transport(beams, [2.0], initial=start, **where)
        two = transport(mirrored, [2.0], initial=start[::-1], **where)
        assert two.polarization == pytest.approx(one.polarization[::-1], abs=1e-12)


# -- conservation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("advection", SCHEMES)
def test_the_mean_over_the_box_is_conserved(advection: str) -> None:
    settings: dict[str, Any] = {
        "length": 10.0, "cells": 30, "advection": advection, "perturbation": "random", "seed": 1,
        "amplitude": 0.1, "gamma": 0.1,
    }  # fmt: skip
    free = some_beams(omega=0.0)
    run = transport(free, [0.0, 4.0], **settings)
    total = np.einsum("b,ntbd->td", free.weight, run.polarization)
    assert total[1] == pytest.approx(total[0], abs=1e-11)
    assert run.attrs["drift_total"] < 1e-12
    vacuum = some_beams()
    run = transport(vacuum, [0.0, 4.0], **settings)
    total = np.einsum("b,ntbd->td", vacuum.weight, run.polarization) / 30
    assert total[1, 2] == pytest.approx(total[0, 2], abs=1e-12)
    assert abs(total[1] - total[0]).max() > 0.01
    assert run.attrs["drift_total_z"] < 1e-12
    assert "drift_length" not in run.attrs  # entanglement shortens


def test_lengths_drift_by_what_the_attribute_says() -> None:
    with pytest.warns(QnuWarning, match="waves shorter than three cells|cells of"):
        run = transport(crossed(), np.linspace(0, 60, 7), length=40.0, cells=32,
                        perturbation="random", seed=2, amplitude=0.05)  # fmt: skip
    drift = abs(np.linalg.norm(run.polarization, axis=-1) - 1).max()
    assert run.attrs["drift_length"] == pytest.approx(drift, rel=1e-9)
    assert drift > 0.01  # 32 cells do not hold the cascade, and it says so
    fine = transport(crossed(), [0.0, 5.0], length=10.0, cells=64, perturbation="bump")
    assert fine.attrs["drift_length"] < 1e-5


# -- collisions ------------------------------------------------------------------------------------


def test_damping_takes_the_part_across_flavor_and_leaves_the_rest() -> None:
    beams = some_beams(omega=0.0, mixing_angle=0.3)
    run = transport(beams, [0.0, 2.0], length=5.0, cells=8, mu=0.0, damping=0.4, turn=0.01)
    direction = qnu.gas.flavor_direction(0.3)
    along = (beams.polarization @ direction)[:, None] * direction
    wanted = along + np.exp(-0.8) * (beams.polarization - along)
    assert run.polarization[2, 1] == pytest.approx(wanted, abs=1e-10)


def test_emission_leads_to_its_equilibrium_for_every_species() -> None:
    beams = Beams([1.0, -1.0, 0.5], [1, 1, 1], [[0, 0, 1], [0, 0, -1], [1, 0, 0]],
                  group=[0, 1, 1], group_names=("a", "b"))  # fmt: skip
    rest = np.array([[0.1, 0.2, 0.3], [-0.3, 0.0, 0.5]])
    run = transport(beams, [0.0, 3.0], length=5.0, cells=8, mu=0.0, emission=[0.5, 1.5],
                    equilibrium=rest, turn=0.01)  # fmt: skip
    goal, rate = rest[[0, 1, 1]], np.array([0.5, 1.5, 1.5])[:, None]
    wanted = goal + np.exp(-3 * rate) * (beams.polarization - goal)
    assert run.polarization[0, 1] == pytest.approx(wanted, abs=1e-9)


# -- open ends -------------------------------------------------------------------------------------


@pytest.mark.parametrize("advection", ["upwind7", "weno7"])
def test_a_front_enters_at_its_speed_and_leaves(advection: str) -> None:
    beams = Beams([1.0, -0.5], [1.0, 1.0], [[0, 0, 1], [0, 0, 1]])
    enters = np.array([[0.6, 0.0, 0.8], [0.0, 1.0, 0.0]])
    run = transport(beams, [6.0, 30.0], length=10.0, cells=100, boundary="open", mu=0.0,
                    inflow=enters, advection=advection)  # fmt: skip
    x = run.polarization[:, 0, 0, 0]  # to the right at speed 1
    assert np.interp(0.3, x[::-1], run.cells[::-1]) == pytest.approx(6.0, abs=0.1)
    y = run.polarization[:, 0, 1, 1]  # to the left at speed 1/2
    assert np.interp(0.5, y, run.cells) == pytest.approx(7.0, abs=0.1)
    assert run.polarization[:, 1] == pytest.approx(np.broadcast_to(enters, (100, 2, 3)), abs=1e-6)
    overshoot = x.max() - 0.6
    assert overshoot < (0.01 if advection == "weno7" else 0.25)


def test_what_enters_as_a_wave_in_time_is_a_wave_in_space() -> None:
    beams, errors = Beams([0.8], [1.0], [[0, 0, 1]]), []

    def enters(t: float) -> list[list[float]]:
        angle = 0.3 * np.sin(2 * t)
        return [[np.sin(angle), 0.0, np.cos(angle)]]

    for cells in (40, 80):
        run = transport(beams, [9.0], length=5.0, cells=cells, boundary="open", mu=0.0,
                        inflow=enters)  # fmt: skip
        angle = 0.3 * np.sin(2 * (9.0 - run.cells / 0.8))
        errors.append(abs(run.polarization[:, 0, 0, 0] - np.sin(angle)).max())
    assert errors[1] < 1e-4
    assert np.log2(errors[0] / errors[1]) > 3


def test_a_uniform_gas_with_open_ends_is_changed_from_the_ends_alone() -> None:
    """Until news from the ends arrives at speed 1, the middle is the uniform gas."""
    beams = some_beams(omega=0.0)
    times = [3.0]
    where = {"length": 20.0, "cells": 100, "turn": 0.02}
    box = transport(beams, times, boundary="open", **where).polarization[:, 0]
    uniform = transport(beams, times, **where).polarization[:, 0]
    middle = slice(40, 60)
    assert box[middle] == pytest.approx(uniform[middle], abs=1e-7)
    assert abs(box - uniform).max() > 0.1


# -- starts ----------------------------------------------------------------------------------------


def test_a_perturbation_is_a_small_turn() -> None:
    beams = some_beams(mixing_angle=0.4)
    where: dict[str, Any] = {"length": 10.0, "cells": 50}
    direction = qnu.gas.flavor_direction(0.4)
    one = Beams([0.3], [1.0], [direction], mixing_angle=0.4)
    for kind in ("random", "wave", "bump"):
        given = {"perturbation": kind, "amplitude": 1e-3, "seed": 5, "wave_number": 3}
        run = transport(beams, [0.0], **where, **given)
        lengths = np.linalg.norm(run.polarization, axis=-1)
        assert lengths == pytest.approx(np.ones(lengths.shape), abs=1e-12)
        tilt = transport(one, [0.0], **where, **given).polarization[:, 0, 0] - direction
        size = np.linalg.norm(tilt, axis=-1)
        expected = {"random": np.sqrt(np.mean(size**2)), "wave": size.mean(), "bump": size.max()}
        assert expected[kind] == pytest.approx(1e-3, rel=0.25 if kind == "random" else 0.03)
        assert abs(tilt @ direction).max() < 1e-5


def test_the_seed_decides_the_random_start_and_is_recorded() -> None:
    where: dict[str, Any] = {"length": 10.0, "cells": 20, "perturbation": "random"}
    one, two, other = (transport(crossed(), [1.0], seed=s, **where) for s in (1, 1, 2))
    assert one.polarization.tobytes() == two.polarization.tobytes()
    assert abs(one.polarization - other.polarization).max() > 1e-5
    drawn = transport(crossed(), [1.0], **where)
    again = transport(crossed(), [1.0], seed=drawn.attrs["seed"], **where)
    assert again.polarization.tobytes() == drawn.polarization.tobytes()


def test_an_initial_state_may_be_a_function_of_z() -> None:
    beams = Beams([1.0], [1.0], [[0, 0, 1]])
    run = transport(beams, [0.0], length=4.0, cells=8, initial=lambda z: [[0.1 * z, 0.0, 0.5]])
    assert run.polarization[:, 0, 0, 0] == pytest.approx(0.1 * run.cells)


# -- what is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("length", {"length": 0.0}),
        ("length", {"length": np.nan}),
        ("cells", {"cells": 7}),
        ("cells", {"cells": 10_000_000, "times": np.arange(10_000.0)}),
        ("boundary", {"boundary": "closed"}),
        ("advection", {"boundary": "open", "advection": "spectral"}),
        ("perturbation", {"perturbation": "noise"}),
        ("amplitude", {"amplitude": 2.0}),
        ("wave_number", {"wave_number": 9}),
        ("width", {"width": -1.0}),
        ("initial", {"initial": np.ones((16, 5, 3))}),
        ("initial", {"initial": np.ones((15, 5, 3))}),
        ("initial", {"initial": lambda z: [[np.nan] * 3] * 5}),
        ("initial", {"initial": lambda z: z.missing}),
        ("inflow", {"inflow": [0.0, 0.0, 1.0]}),
        ("inflow", {"inflow": [0.0, 0.0, 1.1], "boundary": "open"}),
        ("inflow", {"inflow": lambda t: [0.0, 0.0, 1.0 + t], "boundary": "open"}),
        ("damping", {"damping": -0.1}),
        ("damping", {"damping": [0.1, 0.2]}),
        ("emission", {"emission": np.nan}),
        ("equilibrium", {"emission": 1.0}),
        ("equilibrium", {"emission": 1.0, "equilibrium": [0.0, 0.0, 2.0]}),
        ("gamma", {"gamma": -0.1}),
        ("gamma", {"gamma": 0.1, "packet_ratio": 1.0}),
        ("mu", {"mu": -1.0}),
        ("cfl", {"cfl": 0.0}),
        ("cfl", {"cfl": 1.6}),
        ("turn", {"turn": 1.5}),
        ("times", {"matter": 1e12}),
        ("seed", {"perturbation": "random", "seed": -1}),
    ],
)
def test_what_cannot_be_is_one_line(field: str, given: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"length": 10.0, "cells": 16, **given}
    times = settings.pop("times", [0.0, 1.0])
    with pytest.raises(QnuError) as caught:
        transport(some_beams(), times, **settings)
    assert str(caught.value.field).partition("[")[0] == field
    assert "\n" not in str(caught.value)


def test_a_gas_without_directions_is_refused() -> None:
    gas = qnu.NeutrinoGas.from_groups([qnu.Group(2, (0, 0, 1))], velocities="right-angle")
    with pytest.raises(QnuError, match="directions"):
        transport(gas, [1.0], length=5.0)


def test_cells_that_cannot_show_fast_conversion_are_a_warning() -> None:
    with pytest.warns(QnuWarning, match="cells of 1.25/mu"):
        transport(crossed(), [0.1], length=20.0, cells=16, perturbation="wave")


def test_a_schedule_gives_mu_matter_and_gamma() -> None:
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(3, (0, 0, 1), omega=0.2), qnu.Group(2, (0.6, 0, 0.8), omega=0.4)],
        mixing_angle=0.2,
    )
    schedule = qnu.schedules.stochastic(
        gas, gamma=0.05, probability=0.5, duration=2.0, mu=1.5, matter=0.3
    )
    where: dict[str, Any] = {"length": 5.0, "cells": 8, "beams": 4}
    one = transport(gas, schedule, **where)
    two = transport(gas, [0.0, 2.0], gamma=0.05, mu=1.5, matter=0.3, **where)
    assert one.polarization.tobytes() == two.polarization.tobytes()
    assert one.polarization.shape == (8, 2, 8, 3)
    assert one.box_mean().group_mean().shape == (2, 2, 3)
    assert one.attrs["schedule"] == "stochastic"


def test_partners_of_one_beam_are_refused() -> None:
    """Two beams that only meet each other are no gas in which everyone meets everyone."""
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(4, (0, 0, 1), direction=(0, 0, 1)), qnu.Group(4, (1, 0, 0), direction=(1, 0, 0))]
    )
    schedule = qnu.schedules.bipartite(gas, 0.1)
    with pytest.raises(QnuError, match="bipartite"):
        transport(gas, schedule, length=5.0, cells=8)


def test_arrivals_are_at_random_whatever_the_schedule_has() -> None:
    """With p = 1 the part across Pbar would relax at mu gamma (1 - |Pbar|^2/2)."""
    start = qnu.NeutrinoGas.from_groups(
        [qnu.Group(3, (0, 0, 1), omega=0.2), qnu.Group(2, (0.6, 0, 0.8), omega=0.4)]
    )
    where: dict[str, Any] = {"length": 5.0, "cells": 8, "beams": 4}
    one, two = (
        transport(start, qnu.schedules.stochastic(start, 0.05, p, 2.0), **where) for p in (0.2, 0.8)
    )
    assert one.polarization.tobytes() == two.polarization.tobytes()


def test_steps_follow_the_flux_where_the_total_is_zero() -> None:
    beams = Beams([1.0, -1.0], [1.0, 1.0], [[0, 0, 1], [0, 0, -1]])
    run = transport(beams, [0.0, 1.0], length=200.0, cells=8, turn=0.01, mu=1.0)
    # |H| = mu |c M_1| = mu: a turn of 0.01 takes 0.01/mu, and the field may grow by half
    assert run.attrs["time_step"] == pytest.approx(0.01 / 1.5, rel=0.02)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("inflow = [0, 0, 1]", "got an inflow into a periodic box"),
        ('boundary = "open"\ninflow = [0, 0, 2]', r"got \|P\| = 2"),
        ('boundary = "open"\ninflow = [[0, 0, 1]]', r"got 'shape \(1, 3\)'"),
    ],
)
def test_a_wrong_inflow_is_found_where_the_file_is_read(keys, message):
    text = f"""
        name = "inflow"
        mixing_angle = 0.0
        [[group]]
        name = "a"
        count = 2
        flavor = "electron"
        omega = 0.0
        [[group]]
        name = "b"
        count = 2
        flavor = "x"
        omega = 0.0
        [gas]
        velocities = "isotropic"
        [schedule]
        kind = "tournament"
        gamma = 0.1
        [[method]]
        kind = "transport"
        length = 10.0
        {keys}
        """
    with pytest.raises(QnuError, match=rf"method\[0\]\.inflow: {message}"):
        qnu.experiment.parse(text)
