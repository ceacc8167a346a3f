"""[units] and texts with units in experiment files: the same numbers as by hand."""

import json
import math

import numpy as np
import pytest

import qnu
from qnu import QnuError, units
from qnu.profiles import Exponential, PowerLaw, Table

STAR = """radius (cm), Ye, rho (g/cm^3)
4e6, 0.30, 1e8
5e6, 0.40, 1e7
1e7, 0.45, 1e6
2e7, 0.50, 1e5
"""

FILE = """
mixing_angle = 0.15
[units]
density = "1e30 cm^-3"
packet = "1e-11 cm"
mass_splitting = "2.5e-3 eV^2"
energy = "15 MeV"
radius = "50 km"
[[group]]
name = "nu_e"
count = 3
flavor = "electron"
energy = ["10 MeV", "15 MeV", "20 MeV"]
[[group]]
name = "nu_x"
count = 2
flavor = "x"
[[group]]
name = "anti-nu_e"
count = 1
flavor = "electron"
omega = "0.5 km^-1"
antineutrino = true
[schedule]
kind = "stochastic"
gamma = 0.1
probability = 0.5
duration = "40 m"
mu = { power = 4 }
matter = { file = "star.csv" }
[output]
times = [0, "10 ns", 5.0, "40 m"]
[[method]]
kind = "independent"
[[method]]
kind = "mean_field"
resolve = "neutrino"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "star.csv").write_text(STAR, encoding="utf-8")
    (tmp_path / "sn.toml").write_text(FILE, encoding="utf-8")
    return tmp_path


def with_line(old: str, new: str) -> str:
    assert old in FILE
    return FILE.replace(old, new)


def loaded(folder, text: str):
    (folder / "sn.toml").write_text(text, encoding="utf-8")
    return qnu.experiment.load(folder / "sn.toml")


def test_a_supernova_in_one_file_gives_what_plain_numbers_by_hand_give(folder) -> None:
    experiment = qnu.experiment.load(folder / "sn.toml")
    runs = qnu.experiment.simulate(experiment)

    mu = math.sqrt(2) * 1.1663788e-5 * 0.19732698**2 * (1e30 / 1e13**3) * 1e18  # rad/km
    omega = [2.5e-3 * 1e-18 / (2 * e * 1e-3) / 0.19732698 * 1e18 / mu for e in (10, 15, 20)]
    velocities = np.random.SeedSequence(0).spawn(3)[0]
    gas = qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(3, flavor="electron", omega=omega, name="nu_e"),
            qnu.Group(2, flavor="x", omega=omega[1], name="nu_x"),
            qnu.Group(1, flavor="electron", omega=0.5 / mu, antineutrino=True, name="anti-nu_e"),
        ],
        velocities="isotropic",
        mixing_angle=0.15,
        seed=velocities,
    )
    assert gas == experiment.gas
    radii, ye_rho = np.array([40.0, 50.0, 100.0, 200.0]), (0.30 * 1e8, 0.40 * 1e7, 0.45e6, 0.5e5)
    electrons = [n / 1.66053906892e-24 for n in ye_rho]
    matter = Table((radii - 50.0) * mu, [units.mu_from_density(n) / mu for n in electrons])
    assert np.array_equal(experiment.schedule.matter.times, matter.times)
    np.testing.assert_allclose(experiment.schedule.matter.values, matter.values, rtol=1e-15)
    schedule = qnu.schedules.stochastic(
        gas,
        gamma=0.1,
        probability=0.5,
        duration=0.04 * mu,
        seed=np.random.SeedSequence(0).spawn(3)[1],
        mu=PowerLaw(1.0, 50.0 * mu, 4.0),
        matter=experiment.schedule.matter,
    )
    times = [0.0, 10e-9 * 299792.458 * mu, 5.0, 0.04 * mu]
    np.testing.assert_allclose(runs["independent"].times, times, rtol=1e-15)
    for label, solve, more, moves in (
        ("independent", qnu.solvers.independent, {}, 0.05),
        ("mean_field", qnu.solvers.mean_field, {"resolve": "neutrino"}, 1e-6),
    ):
        by_hand = solve(gas, schedule, runs[label].times, **more)
        assert np.array_equal(by_hand.polarization, runs[label].polarization)
        assert abs(by_hand.polarization[-1] - by_hand.polarization[0]).max() > moves


def test_trajectories_say_which_mu_is_one(folder) -> None:
    runs = qnu.experiment.simulate(qnu.experiment.load(folder / "sn.toml"))
    for run in runs.values():
        assert run.attrs["mu_unit_per_km"] == units.mu_from_density(1e30)
    plain = qnu.experiment.simulate(qnu.experiment.load("free_streaming_5"))
    assert "mu_unit_per_km" not in plain["many_body"].attrs


def test_gamma_is_the_physical_one_where_the_schedule_has_none(folder) -> None:
    text = with_line('kind = "stochastic"\ngamma = 0.1', 'kind = "stochastic"')
    text = text.replace('kind = "independent"', 'kind = "kinetic"\nresolve = "neutrino"')
    experiment = loaded(folder, text)
    assert experiment.schedule.gamma == units.gamma_from_area(1e4)
    assert experiment.methods[0].options["gamma"] == units.gamma_from_area(1e4)
    with pytest.raises(QnuError, match=r"schedule.gamma: got nothing .the key is missing"):
        loaded(folder, text.replace('packet = "1e-11 cm"\n', ""))


def test_gamma_of_methods_whose_schedule_cannot_have_one(folder) -> None:
    text = with_line('kind = "stochastic"\ngamma = 0.1\nprobability = 0.5', 'kind = "plane_wave"')
    text = text.replace('duration = "40 m"', 'duration = "40 m"\nsteps = 100')
    text = text.replace('kind = "independent"', 'kind = "kinetic"\nresolve = "neutrino"')
    text = text.replace('times = [0, "10 ns", 5.0, "40 m"]', "samples = 3")
    assert loaded(folder, text).methods[0].options["gamma"] == units.gamma_from_area(1e4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('{ start = "1e9 g/cm^3", Ye = 0.45 }', lambda m: LAMBDA / m),
        ('"2 km^-1"', lambda m: 2.0 / m),
        ('"1e30 cm^-3"', lambda m: 1.0),
        ("3.0", lambda m: 3.0),
        ('{ start = "1e9 g/cm^3", Ye = 0.45, scale = "10 km" }',
         lambda m: Exponential(LAMBDA / m, 10.0 * m)),
        ('{ start = "1e9 g/cm^3", Ye = 0.45, radius = "5e6 cm" }',
         lambda m: PowerLaw(LAMBDA / m, 50.0 * m, 3.0)),
        ('{ start = 2.0, power = 2 }', lambda m: PowerLaw(2.0, 50.0 * m, 2.0)),
        ('{ value = "1e30 cm^-3", at = "100 km", power = 3 }',
         lambda m: PowerLaw(8.0, 50.0 * m, 3.0)),
        ('{ times = [0, "3 km"], values = [1.0, "1 km^-1"] }',
         lambda m: Table([0.0, 3.0 * m], [1.0, 1.0 / m])),
        ("{ times = [0, 1], values = [1, 2] }", lambda m: Table([0, 1], [1, 2])),
    ],
)  # fmt: skip
def test_matter(folder, given: str, expected) -> None:
    experiment = loaded(folder, with_line('{ file = "star.csv" }', given))
    assert experiment.schedule.matter == expected(units.mu_from_density(1e30))


LAMBDA = units.matter_from_mass_density(1e9, 0.45)


def test_a_value_at_a_radius_of_an_exponential_atmosphere(folder) -> None:
    given = '{ value = 2.0, at = "60 km", scale = "10 km" }'
    matter = loaded(folder, with_line('{ file = "star.csv" }', given)).schedule.matter
    assert matter(10.0 * units.mu_from_density(1e30)) == pytest.approx(2.0, rel=1e-14)
    assert matter(0.0) == pytest.approx(2.0 * math.e, rel=1e-14)


def test_a_power_law_needs_no_units() -> None:
    text = """
group = [{ count = 2, polarization = [0, 0, 1] }]
schedule = { kind = "tournament", gamma = 0.1, mu = { start = 2, radius = 50, power = 3 } }
method = [{ kind = "independent" }]
"""
    experiment = qnu.experiment.parse(text)
    assert experiment.schedule.mu == PowerLaw(2.0, 50.0, 3.0)


BAD = {
    "a plain number in [units]": (
        ('density = "1e30 cm^-3"', "density = 1e30"),
        "units.density: got 1e+30; allowed: a number density with its unit",
    ),
    "density and mu": (
        ('density = "1e30 cm^-3"', 'density = "1e30 cm^-3"\nmu = "642 km^-1"'),
        "units.mu: got density and mu; allowed: one of the two",
    ),
    "an unknown key": (
        ('packet = "1e-11 cm"', 'paket = "1e-11 cm"'),
        "units.paket: got '1e-11 cm' (an unknown key)",
    ),
    "a wrong dimension": (
        ('energy = "15 MeV"', 'energy = "15 km"'),
        "units.energy: got '15 km'; allowed: an energy with its unit, such as '15 MeV' (this is a",
    ),
    "energy and omega": (
        ('omega = "0.5 km^-1"', 'omega = 0.1\nenergy = "15 MeV"'),
        "group[2].omega: got both energy and omega; allowed: one of the two",
    ),
    "a number for an energy": (
        ('["10 MeV", "15 MeV", "20 MeV"]', "[10, 15, 20]"),
        "group[0].energy[0]: got 10; allowed: an energy with its unit",
    ),
    "too few energies": (('"15 MeV", "20 MeV"]', '"15 MeV"]'), "group[0].energy: got"),
    "no mu": (('density = "1e30 cm^-3"', ""), "[units] with density or mu"),
    "no mass splitting": (
        ('mass_splitting = "2.5e-3 eV^2"', ""),
        "group[0].energy[0]: got an energy without mass_splitting; allowed: mass_splitting in",
    ),
    "a density for a frequency": (
        ('omega = "0.5 km^-1"', 'omega = "1e30 cm^-3"'),
        "group[2].omega: got '1e30 cm^-3'; allowed: a frequency with its unit",
    ),
    "an energy for a time": (('"40 m"\nmu', '"40 MeV"\nmu'), "schedule.duration: got '40 MeV'"),
    "a time that is no text with a unit": (
        ('times = [0, "10 ns"', 'times = [0, "ten"'),
        "output.times[1]: got 'ten'; allowed: a time or path with its unit, such as '3 km'",
    ),
    "another radius": (
        ("{ power = 4 }", '{ power = 4, radius = "60 km" }'),
        "schedule.mu.radius: got '60 km'; allowed: the radius of [units], 50 km",
    ),
    "no power of mu": (
        ("{ power = 4 }", '{ radius = "50 km" }'),
        "schedule.mu: got {'radius': '50 km'}; allowed: also `power`",
    ),
    "matter without Ye": (
        ('{ file = "star.csv" }', '"1e9 g/cm^3"'),
        "schedule.matter: got '1e9 g/cm^3'; allowed: Ye with a density of matter",
    ),
    "a key of no profile": (
        ("{ power = 4 }", "{ powr = 4 }"),
        "schedule.mu.powr: got 4 (an unknown key)",
    ),
    "no such file": (('"star.csv"', '"moon.csv"'), "schedule.matter.file: got 'moon.csv'"),
}


@pytest.mark.parametrize("name", BAD)
def test_mistakes_are_one_line_with_the_place(folder, name: str) -> None:
    (old, new), says = BAD[name]
    with pytest.raises(QnuError) as caught:
        loaded(folder, with_line(old, new))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_texts_with_units_need_units() -> None:
    text = """
group = [{ count = 2, polarization = [0, 0, 1] }]
schedule = { kind = "stochastic", gamma = 0.1, probability = 1.0, duration = "3 km" }
method = [{ kind = "independent" }]
"""
    with pytest.raises(QnuError, match=r"schedule.duration: got '3 km'; .*\[units\] with density"):
        qnu.experiment.parse(text)


def test_the_hash_knows_the_content_of_a_profile_and_not_how_it_is_written(folder) -> None:
    one = qnu.experiment.load(folder / "sn.toml").spec_hash
    same = loaded(folder, with_line('"40 m"\nmu', '"0.04 km"\nmu')).spec_hash
    assert same == one
    (folder / "star.csv").write_text(STAR.replace("0.40, 1e7", "0.40, 2e7"), encoding="utf-8")
    assert loaded(folder, FILE).spec_hash != one


def test_a_moved_result_folder_has_its_profile_with_it(folder, tmp_path) -> None:
    text = FILE.replace("[output]\n", "[output]\nindividuals = []\n")
    results = qnu.experiment.run(loaded(folder, text), tmp_path / "out")
    (folder / "star.csv").unlink()
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    again = qnu.experiment.load(moved / "spec.toml")
    assert again.schedule.matter == results.experiment.schedule.matter


@pytest.mark.parametrize(
    ("key", "values", "numbers", "unit"),
    [
        ("units.density", "logspace(29, 31, 3) cm^-3", [1e29, 1e30, 1e31], "cm^-3"),
        ("units.packet", ["1e-11 cm", "1e-12 cm"], [1e-11, 1e-12], "cm"),
        ("group.nu_x.energy", "5 MeV, 10 MeV", [5.0, 10.0], "MeV"),
    ],
)
def test_sweeps_over_texts_with_units(folder, key, values, numbers, unit) -> None:
    text = FILE.replace('times = [0, "10 ns", 5.0, "40 m"]', "samples = 3")
    text = text.replace('duration = "40 m"', "duration = 4.0").replace(
        '[[method]]\nkind = "independent"\n', ""
    )
    dataset = qnu.experiment.sweep(loaded(folder, text), {key: values})
    assert dataset[key].values.tolist() == numbers
    assert dataset[key].attrs["units"] == unit
    final = dataset.polarization.isel(time=-1, method=0, seed=0).values
    if key == "units.packet":  # gamma is given: the packet changes nothing in the mean field
        assert np.array_equal(final[0], final[1])
    else:
        assert not np.allclose(final[0], final[1], atol=1e-12)


def test_a_sweep_of_plain_numbers_over_a_quantity_says_what_is_missing(folder) -> None:
    with pytest.raises(QnuError, match=r"units.density: got 1e\+29; allowed: a number density"):
        qnu.experiment.sweep(folder / "sn.toml", {"units.density": [1e29, 1e30]})


def test_the_json_schema_takes_numbers_and_texts() -> None:
    schema = qnu.experiment.spec.spec_model().model_json_schema()
    text = json.dumps(schema["$defs"]["StochasticKind"]["properties"]["duration"])
    assert '"number"' in text
    assert '"string"' in text
    for table, key in (("GroupTable", "omega"), ("StochasticKind", "mu"), ("OutputTable", "times")):
        assert '"string"' in json.dumps(schema["$defs"][table]["properties"][key])
    assert '"string"' in json.dumps(schema["$defs"]["UnitsTable"]["properties"]["density"])
