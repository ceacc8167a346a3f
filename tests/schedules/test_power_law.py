"""A density that falls as a power of the radius: exact wherever an exponential is."""

import numpy as np
import pytest
from scipy.integrate import quad

import qnu
from qnu import QnuError, profiles, solvers
from qnu.profiles import PowerLaw
from qnu.schedules.clock import Clock, phase_at, phases_at

POWERS = (4.0, 3.0, 2.0, 1.0 + 1e-12, 1.0, 0.5, 0.0, -1.0)


@pytest.mark.parametrize("power", POWERS)
def test_the_integral_is_that_of_quadrature_and_its_inverse_comes_back(power: float) -> None:
    mu = PowerLaw(2.0, 5.0, power)
    area, _ = quad(mu, 0.0, 7.3, epsabs=1e-13, epsrel=1e-13)
    assert phase_at(mu, 7.3) == pytest.approx(area, rel=1e-13)
    phases = np.linspace(0.0, area, 5)
    times = Clock(mu, float(phases[-1]) * (1 - 1e-9)).times(phases)
    np.testing.assert_allclose(phases_at(mu, times), phases, rtol=1e-12, atol=1e-13)


def test_a_density_that_ends_too_early_says_how_much_there_is() -> None:
    with pytest.raises(QnuError, match=r"integral over all times is 5\D.*at least 6"):
        Clock(PowerLaw(2.0, 5.0, 3.0), 6.0)
    assert Clock(PowerLaw(2.0, 5.0, 1.0), 60.0).time(60.0) == pytest.approx(5 * np.expm1(6.0))


def test_values_and_json() -> None:
    law = PowerLaw(8.0, 10.0, 3.0)
    assert law(10.0) == 1.0
    np.testing.assert_allclose(law(np.array([0.0, 30.0])), [8.0, 8.0 / 64])
    assert profiles.from_json(profiles.as_json("mu", law)) == law
    with pytest.raises(QnuError, match="times at which"):
        law(-10.0)
    for bad in ({"radius": 0.0}, {"radius": -1.0}, {"start": float("nan")}, {"power": "3"}):
        with pytest.raises(QnuError, match=f"^{next(iter(bad))}: got "):
            PowerLaw(**{"start": 1.0, "radius": 1.0, "power": 3.0, **bad})


def gas() -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas.from_groups(
        [qnu.Group(3, flavor="electron", omega=0.3), qnu.Group(3, flavor="x", omega=-0.2)],
        velocities="right-angle",
        mixing_angle=0.3,
    )


@pytest.mark.parametrize("field", ["mu", "matter"])
@pytest.mark.parametrize("solve", [solvers.independent, solvers.mean_field, solvers.kinetic])
def test_every_method_gives_what_a_sampled_callable_gives(solve, field: str) -> None:
    law = PowerLaw(1.0, 6.0, 2.0)
    sampled = profiles.Function(lambda t: (1 + t / 6.0) ** -2.0)
    runs = []
    for profile in (law, sampled):
        schedule = qnu.schedules.stochastic(
            gas(), gamma=0.05, probability=0.5, duration=5.0, seed=2, **{field: profile}
        )
        runs.append(solve(gas(), schedule, [0.0, 2.0, 5.0]).polarization)
    np.testing.assert_allclose(runs[0], runs[1], atol=2e-7)
    assert abs(runs[0][-1] - runs[0][0]).max() > 0.05


def test_schedules_with_a_power_law_are_saved_and_read(tmp_path) -> None:
    law = PowerLaw(1.0, 6.0, 2.0)
    schedule = qnu.schedules.tournament(gas(), gamma=0.1, mu=law, matter=PowerLaw(3.0, 6.0, 3.0))
    schedule.save(tmp_path / "one.npz")
    again = qnu.EncounterSchedule.load(tmp_path / "one.npz")
    assert again.mu == law
    assert again.fingerprint() == schedule.fingerprint()
