"""What [units] say, in Python."""

import math

import numpy as np
import pytest

from qnu import QnuError, units
from qnu.profiles import Exponential, PowerLaw
from qnu.units import Units, in_words, read_profile, scales

GAS = Units(
    density="1e30 cm^-3",
    packet="1e-11 cm",
    mass_splitting="2.5e-3 eV^2",
    energy="15 MeV",
    radius="50 km",
)
MU = units.mu_from_density(1e30)


def test_every_number_is_that_of_the_functions_to_the_last_bit() -> None:
    assert GAS.mu_per_km == MU
    assert GAS.gamma == units.gamma_from_area(1e4)
    assert GAS.omega() == units.omega_from_energy(2.5e-3, 15.0) / MU
    assert GAS.omega("20 MeV") == units.omega_from_energy(2.5e-3, 20.0) / MU
    assert GAS.time("3 km") == 3.0 * MU
    assert GAS.time("10 us") == 2.99792458 * MU
    assert GAS.time(7) == 7.0
    assert GAS.coupling("642 km^-1") == 642.0 / MU
    assert GAS.coupling("2e30 cm^-3") == units.mu_from_density(2e30) / MU
    assert GAS.coupling("1e9 g/cm^3", ye=0.45) == (units.matter_from_mass_density(1e9, 0.45) / MU)
    assert GAS.power_law(1.0, power=4) == PowerLaw(1.0, 50.0 * MU, 4)
    assert GAS.exponential("1e30 cm^-3", "10 km") == Exponential(1.0, 10.0 * MU)


def test_plain_numbers_have_the_units_of_the_attributes() -> None:
    same = Units(density=1e30, packet=100.0, mass_splitting=2.5e-3, energy=15.0, radius=50.0)
    assert same == GAS


def test_gamma_of_gaussian_packets() -> None:
    # physics.md 10: gamma = sqrt(2) G_F/(8 pi s^2), 2.6e-12 for s = 0.1 pm
    gaussian = Units(packet_rms="0.1 pm").gamma
    assert gaussian == pytest.approx(2.6e-12, rel=0.02)
    assert gaussian == units.INTERACTION_AREA / (8 * math.pi * 100.0**2)
    assert Units(area="1e-22 cm^2").gamma == Units(packet="1e-11 cm").gamma


def test_inverted_ordering_has_negative_omega() -> None:
    inverted = Units(mu="10 km^-1", mass_splitting="-2.5e-3 eV^2")
    assert inverted.omega("15 MeV") == -units.omega_from_energy(2.5e-3, 15.0) / 10.0


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"density": "1e30 cm^-3", "mu": "642 km^-1"}, "mu", "density and mu; allowed: one"),
        ({"packet": "1 pm", "area": "1 pm^2"}, "area", "packet and area; allowed: one"),
        ({"density": "-1e30 cm^-3"}, "density", "> 0"),
        ({"mass_splitting": "0 eV^2"}, "mass_splitting", "not 0"),
        ({"energy": "15 km"}, "energy", "this is a length"),
        ({"radius": "0 km"}, "radius", "> 0"),
    ],
)
def test_contradictions_and_signs(given, field, says) -> None:
    with pytest.raises(QnuError, match=f"^{field}: got .*{says}"):
        Units(**given)


def test_what_needs_mu_says_so() -> None:
    for call in (lambda: Units().time("3 km"), lambda: Units(packet="1 pm").coupling("1 km^-1")):
        with pytest.raises(QnuError, match=r"\[units\] with density or mu"):
            call()
    with pytest.raises(QnuError, match="without mass_splitting; allowed: mass_splitting in"):
        Units(mu="1 km^-1").omega("15 MeV")


def test_ye_goes_with_a_density_of_matter_and_nothing_else() -> None:
    for value, ye in (("1e9 g/cm^3", None), ("1e30 cm^-3", 0.5), (3.0, 0.5)):
        with pytest.raises(QnuError, match="Ye with a density of matter"):
            GAS.coupling(value, ye)


def test_a_table_begins_at_the_radius_of_the_path() -> None:
    table = GAS.table(["4e6 cm", "5e6 cm", "60 km"], ["2e30 cm^-3", "1e30 cm^-3", 0.5])
    assert table.times.tolist() == [-10.0 * MU, 0.0, 10.0 * MU]
    assert table.values.tolist() == [2.0, 1.0, 0.5]
    with pytest.raises(QnuError, match=r"radius: got 50.0; allowed: a radius from 60 to 70 km"):
        GAS.table([60, 70], [1.0, 2.0])
    with pytest.raises(QnuError, match="radii that increase"):
        GAS.table([60, 50], [1.0, 2.0])


@pytest.mark.parametrize(
    "text",
    [
        "radius (cm), Ye, rho (g/cm^3)\n5e6, 0.4, 1e9\n1e7, 0.5, 1e8\n",
        "# a snapshot\n# radius [km]  Ye  rho [g/cm^3]  T [MeV]\n50 0.4 1e9 3\n100 0.5 1e8 1\n",
        '"radius (km)";"Ye rho (g/cm^3)"\n50;4e8\n100;5e7\n',
    ],
)
def test_files_of_other_programs(tmp_path, text: str) -> None:
    file = tmp_path / "star.csv"
    file.write_text(text, encoding="utf-8")
    table = read_profile(file, GAS)
    expected = [units.mu_from_density(n / units.ATOMIC_MASS) / MU for n in (4e8, 5e7)]
    assert table.times.tolist() == [0.0, 50.0 * MU]
    np.testing.assert_allclose(table.values, expected, rtol=1e-15)


def test_times_in_a_file_have_units_or_are_in_those_of_mu(tmp_path) -> None:
    file = tmp_path / "density.csv"
    file.write_text("time (us), density (cm^-3)\n0, 1e30\n10, 5e29\n", encoding="utf-8")
    table = read_profile(file, GAS)
    assert table.times == pytest.approx([0.0, 2.99792458 * MU], rel=1e-15)
    assert table.values == pytest.approx([1.0, 0.5], rel=1e-15)
    file.write_text("time, matter (km^-1)\n0, 10\n10, 5\n", encoding="utf-8")
    table = read_profile(file, GAS)
    assert table.times.tolist() == [0.0, 10.0]
    assert table.values == pytest.approx([10.0 / MU, 5.0 / MU], rel=1e-15)
    with pytest.raises(QnuError, match="radius: got '50 km'; allowed: none: the file has times"):
        read_profile(file, GAS, radius="50 km")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("radius, density (cm^-3)\n50, 1\n60, 1\n", "'radius' without a unit"),
        ("radius (km), rho (g/cm^3)\n50, 1\n60, 1\n", "rho without Ye"),
        ("radius (MeV), density (cm^-3)\n50, 1\n", "this is an energy"),
        ("radius (km), density (cm^-3)\n50, x\n", r"density\[0\]: got 'x'"),
        ("radius (km), density (cm^-3)\n50, 1, 2\n", "2 numbers in every row"),
        ("radius (km), density (cm^-3)\n60, 1\n50, 1\n", "radii that increase"),
        ("50, 1\n60, 2\n", "no line of names"),
        ("a, b\n60, 2\n", r"columns a, b \(known names: none\)"),
        ("", "no line of names"),
    ],
)
def test_files_that_are_no_profile(tmp_path, text: str, says: str) -> None:
    file = tmp_path / "star.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(QnuError, match=says):
        read_profile(file, GAS)


def test_in_words() -> None:
    words = in_words(GAS)
    assert words == (
        "mu = 642.3 rad/km (n = 1e+30 cm^-3); 1/mu = 1.557 m = 5.193 ns;"
        " gamma = 6.42e-11 from packets of 100 fm"
    )
    assert in_words(Units()) == ""
    assert "Gaussian packets of rms size 100 fm" in in_words(Units(packet_rms="0.1 pm"))


def test_scaled_gammas_reach_the_same_mu_gamma_t() -> None:
    found = scales(GAS)
    gamma = units.gamma_from_area(1e4)
    omega = units.omega_from_energy(2.5e-3, 15.0)
    assert found.t_int == gamma / MU
    # one meeting per t_int = 1/(n A): a packet sweeps over A, with n per volume
    assert found.t_int == pytest.approx(1 / (1e30 * 1e-22) * 1e-5, rel=1e-12)  # cm in km
    assert found.encounters_per_oscillation == pytest.approx(
        2 * math.pi / omega * MU / gamma, rel=1e-14
    )
    assert found.packets_overlap == pytest.approx(1e30 * 1e-33, rel=1e-12)
    for run in found.scaled:
        assert run.mu_t * run.gamma == pytest.approx(1.0, rel=1e-14)
        assert run.encounters == pytest.approx(run.mu_t / run.gamma, rel=1e-14)
        assert run.ratio == pytest.approx(run.gamma * MU / omega, rel=1e-14)
    assert found.scaled[-1].ratio < 0.2
    later = scales(GAS, "10 ms")
    assert later.mu_gamma_t == pytest.approx(2997.92458 * MU * gamma, rel=1e-14)
