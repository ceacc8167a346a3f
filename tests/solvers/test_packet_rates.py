"""Rates of wave packets, against integrals over the plane of impact parameters."""

from __future__ import annotations

import numpy as np
import pytest

import qnu
from qnu import NeutrinoGas, QnuError, solvers

DENSITY = 1.7


def angle_at(c: float, ratio: float, gamma: float, offset: np.ndarray) -> tuple[np.ndarray, float]:
    """theta of packets of width 1 for every offset across their relative motion, and its speed."""
    strength = 8 * np.pi * gamma  # sqrt(2) G_F
    v, w = np.array([0.0, 0.0, 1.0]), np.array([np.sqrt(1 - c * c), 0.0, c])
    covariance = sum(np.eye(3) + (ratio**2 - 1) * np.outer(n, n) for n in (v, w))
    u = v - w
    inverse = np.linalg.inv(covariance)
    ahead = u @ inverse @ u
    across = np.linalg.svd(u[None])[2][1:]  # two directions at right angles to u
    d = offset @ across
    q = np.sum(d @ inverse * d, axis=-1) - (d @ inverse @ u) ** 2 / ahead
    peak = strength * (1 - c) / (2 * np.pi * np.sqrt(np.linalg.det(covariance) * ahead))
    return peak * np.exp(-q / 2), float(np.linalg.norm(u))


@pytest.mark.parametrize("ratio", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("c", [-0.9, 0.0, 0.6])
@pytest.mark.parametrize("gamma", [1e-3, 0.2, 1.5])
def test_rates_are_the_integrals_over_impact_parameters(c: float, ratio: float, gamma: float):
    reach = 9 * np.sqrt(2) * max(1, ratio)
    line, step = np.linspace(-reach, reach, 801, retstep=True)
    offset = np.stack(np.meshgrid(line, line), axis=-1)
    theta, speed = angle_at(c, ratio, gamma, offset)
    mu = 8 * np.pi * gamma * DENSITY
    turned = DENSITY * speed * np.sum(np.sin(theta) * np.cos(theta)) * step**2
    mixed = DENSITY * speed * np.sum(np.sin(theta) ** 2) * step**2
    u = np.array([1 - c])
    rates = solvers._packet_rates
    assert mu / gamma * rates.turning(gamma, ratio)(u)[0] == pytest.approx(turned, rel=1e-6)
    assert mu / gamma * rates.mixing(gamma, ratio)(u)[0] == pytest.approx(mixed, rel=1e-6)


def test_series_and_closed_forms_meet() -> None:
    rates = solvers._packet_rates
    for function in (rates.turning, rates.mixing):
        # of a head-on pair 2 theta_0 = 4 gamma, and series end at 0.01
        below, above = (function(g, 1.0)(np.array([2.0]))[0] / g for g in (0.0024999, 0.0025001))
        order = 1 if function is rates.mixing else 0
        assert above / below == pytest.approx(1.00008**order, rel=1e-7)


@pytest.mark.parametrize(
    ("ratio", "kappa"), [(0.3, 0.965), (0.5, 0.920), (1.0, 0.8), (2.0, 0.612), (4.0, 0.408)]
)
def test_kappa_of_isotropic_packets(ratio: float, kappa: float) -> None:
    rates = solvers._packet_rates
    assert rates.isotropic_mean(rates.entangling(ratio)) == pytest.approx(kappa, abs=5e-4)


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_at_right_angles_kappa_has_a_closed_form(ratio: float) -> None:
    kernel = solvers._packet_rates.entangling(ratio)
    assert kernel(np.ones(1))[0] == pytest.approx(1 / np.sqrt(1 + ratio**2), rel=1e-12)


def opposite(velocities: str = "isotropic") -> NeutrinoGas:
    groups = [qnu.Group(30, (0, 0, 1), omega=0.0), qnu.Group(20, (0, 0, -0.5), omega=0.0)]
    return NeutrinoGas.from_groups(groups, velocities=velocities, seed=1)


def test_kinetic_relaxes_at_the_rate_of_packets() -> None:
    gas, gamma = opposite(), 1e-3
    times = np.array([0.0, 300.0])
    run = solvers.kinetic(gas, times, gamma, packet_ratio=1.0, partners="all")
    difference = run.group_mean()[:, 0, 2] - run.group_mean()[:, 1, 2]
    assert -np.log(difference[1] / difference[0]) == pytest.approx(0.8 * gamma * 300, rel=1e-3)


def test_miscidynamics_relaxes_at_the_rate_of_packets() -> None:
    gas, gamma = opposite(), 1e-3
    times = np.array([0.0, 300.0])
    run = solvers.miscidynamics(gas, times, gamma, packet_ratio=2.0, force=True)
    difference = run.group_mean()[:, 0, 2] - run.group_mean()[:, 1, 2]
    assert -np.log(difference[1] / difference[0]) == pytest.approx(0.6123 * gamma * 300, rel=1e-3)


def test_a_schedule_of_packets_says_its_ratio_to_the_rates() -> None:
    gas = opposite()
    schedule = qnu.EncounterSchedule(
        [], [], [], [], 0.0, neutrinos=50, final_time=20.0, gamma=0.05, probability=0.0,
        packet_ratio=2.0, kind="wave_packets",
    )  # fmt: skip
    for solve in (solvers.kinetic, solvers.miscidynamics):
        options = {"partners": "all"} if solve is solvers.kinetic else {"force": True}
        taken = solve(gas, schedule, **{k: v for k, v in options.items() if k != "partners"})
        given = solve(gas, [0.0, 20.0], 0.05, packet_ratio=2.0, **options)
        other = solve(gas, [0.0, 20.0], 0.05, **options)
        assert (taken.polarization == given.polarization).all()
        assert abs(taken.polarization - other.polarization).max() > 0.01
        assert taken.attrs["packet_ratio"] == 2.0


@pytest.mark.parametrize("solve", [solvers.kinetic, solvers.miscidynamics])
def test_regular_arrivals_of_packets_are_one_line(solve) -> None:
    with pytest.raises(QnuError, match=r"^probability: got 1\.0; allowed: 0 with wave packets"):
        solve(opposite(), [0.0, 1.0], 0.05, packet_ratio=1.0, probability=1.0)
    with pytest.raises(QnuError, match=r"^packet_ratio: got -1"):
        solve(opposite(), [0.0, 1.0], 0.05, packet_ratio=-1.0)
