"""Texts with units and quantities of other libraries."""

import math
from fractions import Fraction
from types import SimpleNamespace

import pint
import pytest

from qnu import QnuError, QnuWarning, units
from qnu.units.reading import AREA, DENSITY, ENERGY, FREQUENCY, SIZE, TIME, Kind, converted


@pytest.mark.parametrize(
    "text",
    [
        "1e30 cm^-3",
        "1e30/cm3",
        "1e30 cm-3",
        "1e30cm⁻³",
        "1e30 / cm**3",
        "10^30 cm^-3",
        "1 x 10^30 cm^-3",
        "1e36 m^-3",
        "1e36 1/m^3",
        "1e-9 fm^-3",
    ],
)
def test_ways_to_write_one_density_give_the_same_number(text: str) -> None:
    assert converted("density", text, DENSITY) == 1e30


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("1e-11cm", SIZE, 100.0),
        ("0.1 pm", SIZE, 100.0),
        ("1e-22 cm^2", AREA, 1e4),
        ("100 barn", AREA, 1e4),
        ("15MeV", ENERGY, 15.0),
        ("0.015 GeV", ENERGY, 15.0),
        ("15000 keV", ENERGY, 15.0),
        ("3 km", TIME, 3.0),
        ("10 us", TIME, 2.99792458),
        ("642 km^-1", FREQUENCY, 642.0),
        ("642 rad/km", FREQUENCY, 642.0),
        ("299792.458 1/s", FREQUENCY, 1.0),
        ("1.9732698e-10 eV", FREQUENCY, 1.0),
        ("-2 km^-1", FREQUENCY, -2.0),
    ],
)
def test_a_text_is_the_nearest_number_in_the_unit_of_qnu(
    text: str, kind: Kind, number: float
) -> None:
    assert converted("it", text, kind) == number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1e30", "it has no unit"),
        ("cm^-3", "does not begin with a number"),
        ("", "does not begin with a number"),
        ("1e30 cmm^-3", "'cmm' is no unit of pint (did you mean 'mm'?)"),
        ("1e30 cm^-2", "this is m^-2"),
        ("1e30 MeV", "this is an energy"),
        ("1e30 cm^-3 )", "')' is no unit"),
        ("9**9**9**9 cm", "is no unit"),
        ("1e99999 cm^-3", "too large"),
        ("1 cm^-99", "a power of at most"),
        ("1" * 300 + " cm", "at most 200 characters"),
        ("3 degC", "no unit of lengths, masses, times or energies"),
    ],
)
def test_what_cannot_be_read_is_one_line_that_shows_how(text: str, says: str) -> None:
    with pytest.raises(QnuError) as caught:
        units.mu_from_density(text)
    message = str(caught.value)
    assert message.startswith("density: got ")
    assert "such as '1e30 cm^-3'" in message
    assert says in message
    assert "\n" not in message


def test_hertz_leave_a_factor_of_two_pi_open() -> None:
    for text in ("3 Hz", "3 MHz"):
        with pytest.raises(QnuError, match="Hz leaves a factor of 2 pi open"):
            units.density_from_mu(text)


def test_quantities_of_pint_from_any_registry() -> None:
    theirs = pint.UnitRegistry()
    assert units.mu_from_density(theirs.Quantity(1e36, "1/m**3")) == units.mu_from_density(1e30)
    assert units.omega_from_energy(theirs("2.5e-3 eV**2"), theirs("15 MeV")) == (
        units.omega_from_energy(2.5e-3, 15.0)
    )
    with pytest.raises(QnuError, match=r"density: got .*this is an energy"):
        units.mu_from_density(theirs("15 MeV"))
    with pytest.raises(QnuError, match=r"density: got "):
        units.mu_from_density(theirs.Quantity([1.0, 2.0], "1/m**3"))


def astropy_like(
    value: float, scale: float = 1.0, *, then: object = None, **powers: float
) -> SimpleNamespace:
    """What a quantity of astropy looks like, whose package is not needed.

    Args:
        value: its number.
        scale: of its unit.
        then: the unit that it decomposes to; default: itself.
        powers: of its units.
    """
    unit = SimpleNamespace(powers=[Fraction(p) for p in powers.values()], scale=scale)
    unit.decompose = lambda: unit if then is None else then
    unit.bases = [SimpleNamespace(name=name, decompose=unit.decompose) for name in powers]
    return SimpleNamespace(value=value, unit=unit)


def test_quantities_of_astropy_need_no_astropy() -> None:
    assert units.mu_from_density(astropy_like(1e30, cm=-3)) == units.mu_from_density(1e30)
    scaled = astropy_like(1.0, scale=1e30, cm=-3)
    assert units.mu_from_density(scaled) == units.mu_from_density(1e30)
    assert units.time_in_km(500.0, astropy_like(1e3, rad=1, km=-1)) == 0.5
    with pytest.raises(QnuError, match="whole powers"):
        units.mu_from_density(astropy_like(1e30, cm=-2.5))


def test_names_that_astropy_and_pint_use_for_different_units_are_those_of_astropy() -> None:
    metre = astropy_like(1.0, scale=149597870700.0, m=1).unit
    radius = units.Units(radius=astropy_like(2.0, AU=1, then=metre)).radius
    assert radius == 2 * 149597870.7  # AU of pint has no dimension
    second = astropy_like(1.0, s=-1).unit
    for name in ("Hz", "MHz"):
        with pytest.raises(QnuError, match="Hz leaves a factor of 2 pi open"):
            units.density_from_mu(astropy_like(3.0, then=second, **{name: 1}))


def test_a_squared_mass_is_one_in_electron_volts_and_one_in_grams() -> None:
    in_ev2 = units.Units(mass_splitting="2.5e-3 eV^2").mass_splitting
    ev = 1.602176634e-16 / 299792458.0**2  # g
    for text in ("2.5e-3 eV^2/c^4", f"{2.5e-3 * ev**2!r} g^2"):
        assert units.Units(mass_splitting=text).mass_splitting == pytest.approx(in_ev2, rel=1e-12)


def test_an_area_that_no_wave_packet_has_warns() -> None:
    with pytest.warns(QnuWarning, match="below 1 fm, the hbar c/E of 200 MeV"):
        assert units.gamma_from_area(1e-11) == pytest.approx(64_228, rel=1e-4)
    with pytest.warns(QnuWarning, match="above 1 mm"):
        units.gamma_from_area("2 mm^2")
    # every estimate for neutrinos lies between: no warning, which would be an error here
    for text in ("1 fm^2", "1e-22 cm^2", "1 nm^2", "1 mm^2"):
        units.gamma_from_area(text)
    assert pytest.approx(0.99, abs=0.01) == units.HBAR_C / 0.2  # fm, of 200 MeV


def test_electrons_in_matter_against_the_textbook() -> None:
    # sqrt(2) G_F n_e = 7.63e-14 eV (Y_e rho / g cm^-3), with the number of Avogadro
    per_km = units.matter_from_mass_density("1 g/cm^3", ye=1.0)
    ev = per_km * units.HBAR_C * 1e9 * 1e-18  # hbar c in eV km
    n_cm3 = 6.02214076e23
    by_hand = math.sqrt(2) * 1.1663788e-23 * n_cm3 * (1.9732698e-5) ** 3  # eV^-2 (eV cm)^3/cm^3
    assert ev == pytest.approx(by_hand, rel=1e-8)
    assert ev == pytest.approx(7.63e-14, rel=1e-3)
    assert units.matter_from_mass_density("1e9 g/cm^3", 0.45) == (
        units.mu_from_density(0.45 * 1e9 / units.ATOMIC_MASS)
    )
