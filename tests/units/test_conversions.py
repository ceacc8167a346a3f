import math

import pytest

from qnu import QnuError, units


def test_gamma_of_the_tenth_picometre() -> None:
    # physics.md 6.4: A = (0.1 pm)^2 = (100 fm)^2
    assert units.gamma_from_area(100.0**2) == pytest.approx(6.42e-11, rel=1e-3)


def test_interaction_area() -> None:
    assert pytest.approx(6.42e-7, rel=1e-3) == units.INTERACTION_AREA
    by_hand = math.sqrt(2) * 1.1663788e-5 * 0.19732698**2
    assert pytest.approx(by_hand, rel=1e-15) == units.INTERACTION_AREA


def test_omega_against_the_textbook_constant() -> None:
    # the phase 1.267 dm^2[eV^2] L[km] / E[GeV] is omega L / 2
    assert units.omega_from_energy(2.5e-3, 1000.0) / 2 == pytest.approx(1.267 * 2.5e-3, rel=1e-3)
    assert units.omega_from_energy(-2.5e-3, 10.0) < 0


def test_mu_from_density_by_hand() -> None:
    # sqrt(2) G_F n with n in GeV^3: 1 cm^-3 = (hbar c in GeV cm)^3
    n = 1e32 * (0.19732698e-13) ** 3
    per_km = math.sqrt(2) * 1.1663788e-5 * n / 0.19732698e-18
    assert units.mu_from_density(1e32) == pytest.approx(per_km, rel=1e-12)


@pytest.mark.parametrize("value", [1e-3, 1.0, 7.7e5])
def test_back_and_forth(value: float) -> None:
    area = 1e6 * value
    assert units.area_from_gamma(units.gamma_from_area(area)) == pytest.approx(area, rel=1e-14)
    assert units.density_from_mu(units.mu_from_density(value)) == pytest.approx(value, rel=1e-14)
    omega = units.omega_from_energy(2.5e-3, value)
    assert units.energy_from_omega(2.5e-3, omega) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: units.gamma_from_area(0.0), "area"),
        (lambda: units.omega_from_energy(2.5e-3, -1.0), "energy"),
        (lambda: units.energy_from_omega(2.5e-3, -1.0), "omega"),
        (lambda: units.mu_from_density(float("nan")), "density"),
        (lambda: units.area_from_gamma("big"), "gamma"),
    ],
)
def test_bad_input_names_the_field(call, field) -> None:
    with pytest.raises(QnuError, match=f"^{field}: got .*; allowed: "):
        call()
