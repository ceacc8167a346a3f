"""From numbers in physical units and a list of encounters of another program to a folder that is
moved, loaded, drawn, exported and run again, without the files it was made from."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import cli, experiment, units

SPEC = """
seed = 3
mixing_angle = 0.3
[units]
density = "1e30 cm^-3"
mass_splitting = "2.5e-3 eV^2"
radius = "100 km"
[[group]]
name = "nu_e"
count = 2
flavor = "electron"
energy = "0.01 MeV"
[[group]]
name = "anti_nu_e"
count = 2
flavor = "electron"
antineutrino = true
energy = "0.02 MeV"
[schedule]
kind = "explicit"
file = "../data/enc.csv"
final_time = "10 m"
matter = { file = "../data/star.csv" }
[output]
samples = 5
[[method]]
kind = "many_body"
[[method]]
kind = "independent"
[[method]]
kind = "circuit"
shots = 100
"""
ENCOUNTERS = "first,second,swap_angle,start\n0,1,0.3,0\n2,3,0.2,0.5\n1.0,2.0,0.5,1.5\n0,3,0.1,4\n"
STAR = "radius (km),Ye,rho (g/cm^3)\n100,0.5,1e7\n100.004,0.5,2e6\n100.02,0.4,1e6\n"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    return leaving.value.code, captured.out, captured.err


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run, moved; the files that the experiment named are gone."""
    place = tmp_path_factory.mktemp("made")
    (place / "specs").mkdir()
    (place / "data").mkdir()
    (place / "specs" / "star.toml").write_text(SPEC, encoding="utf-8")
    (place / "data" / "enc.csv").write_text(ENCOUNTERS, encoding="utf-8")
    (place / "data" / "star.csv").write_text(STAR, encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["run", str(place / "specs" / "star.toml"), "-o", str(place / "out"), "-q"])
    assert leaving.value.code == 0
    there = tmp_path_factory.mktemp("elsewhere") / "with a space"
    shutil.move(place / "out", there)
    shutil.rmtree(place)
    return there


def test_it_loads_and_equals_the_same_by_hand_to_the_last_bit(moved: Path) -> None:
    star = units.Units(density="1e30 cm^-3", mass_splitting="2.5e-3 eV^2", radius="100 km")
    gas = qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(2, flavor="electron", omega=star.omega("0.01 MeV"), name="nu_e"),
            qnu.Group(2, flavor="electron", omega=star.omega("0.02 MeV"), name="anti_nu_e",
                      antineutrino=True),
        ],
        mixing_angle=0.3,
        seed=np.random.SeedSequence(3).spawn(3)[0],
    )  # fmt: skip
    rho, ye = ["1e7 g/cm^3", "2e6 g/cm^3", "1e6 g/cm^3"], [0.5, 0.5, 0.4]
    schedule = qnu.EncounterSchedule(
        [0, 2, 1, 0], [1, 3, 2, 3], [0.3, 0.2, 0.5, 0.1], [0.0, 0.5, 1.5, 4.0], 0.0, neutrinos=4,
        final_time=star.time("10 m"), matter=star.table([100, 100.004, 100.02], rho, ye=ye),
    )  # fmt: skip
    times = np.linspace(0.0, schedule.final_time, 5)
    by_hand = qnu.solvers.many_body(gas, schedule, times)
    loaded = experiment.load_results(moved).trajectories["many_body"]
    assert np.array_equal(loaded.polarization, by_hand.polarization)
    assert abs(by_hand.polarization[-1] - by_hand.polarization[0]).max() > 0.1
    # t in 1/mu, the path in km
    assert loaded.times[-1] / loaded.attrs["mu_unit_per_km"] == pytest.approx(0.01, rel=1e-12)


def test_it_is_drawn_again(moved: Path, tmp_path: Path, capsys) -> None:
    target = str(tmp_path / "figure.pdf")
    code, out, err = call(capsys, "plot", str(moved), "--panel", "flavor,matter", "-o", target)
    assert (code, err) == (0, "")
    assert Path(target).read_bytes().startswith(b"%PDF")
    assert "figure.pdf" in out


def test_it_is_exported(moved: Path, tmp_path: Path, capsys) -> None:
    import pandas as pd

    code, _, err = call(capsys, "export", str(moved), "--csv", "-o", str(tmp_path / "tables"))
    assert code == 0, err
    table = pd.read_csv(tmp_path / "tables" / "many_body.csv")
    run = experiment.load_results(moved).trajectories["many_body"]
    z = table[table["group"] == "nu_e"]["P_z"].to_numpy()
    assert np.array_equal(z, run.group_mean()[:, 0, 2])


def test_it_runs_again_to_the_last_bit(moved: Path, capsys) -> None:
    code, out, _ = call(capsys, "rerun", str(moved))
    assert code == 0, out
    assert out.count("the same") == 4  # the whole, and three methods


def test_its_file_runs_and_sweeps(moved: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, "run", str(moved), "-q", "-o", "again")
    assert code == 0, err
    one, two = experiment.load_results(moved), experiment.load_results("again")
    for label, run in one.trajectories.items():
        assert np.array_equal(run.polarization, two.trajectories[label].polarization), label
    energies = "group.nu_e.energy=0.01 MeV,0.02 MeV"
    code, _, err = call(capsys, "sweep", str(moved), "--set", energies, "-q", "-o", "grid")
    assert code == 0, err
