"""Experiments and hardware configs are found by name and by path; others are refused helpfully."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qnu import QnuError, catalogue, experiment, quantities
from qnu.experiment import key_tables
from qnu.experiment.spec import GasTable, GroupTable, OutputTable, Spec
from qnu.schedules import KINDS
from qnu.solvers import METHODS
from qnu.solvers.miscidynamics import Start

WANTED = {
    "two_groups_10",
    "two_groups_60_40",
    "constant_background_2",
    "plane_wave_8",
    "collision_term_8",
    "bipartite_8",
    "fast_flavor_box",
    "free_streaming_5",
    "tournament_8",
    "mass_eigenstates_26",
    "msw_1",
    "spectral_split_12",
    "tournament_4",
    "plane_wave_4",
    "matter_6",
    "tournament_12",
    "stochastic_16",
    "random_pairs_18",
    "tournament_20",
    "native_20",
    "mass_eigenstates_60",
    "tournament_100",
    "native_100",
    "wave_packets_12",
}


def test_the_catalogue_has_its_experiments() -> None:
    assert set(catalogue.experiment_names()) >= WANTED
    assert "aer_statevector" in catalogue.hardware_names()


def test_sweeps_are_found_by_name_and_described() -> None:
    names = catalogue.sweep_names()
    assert set(names) == {
        "entanglement_rate",
        "to_mean_field",
        "repeated_meetings",
        "miscidynamics",
        "time_to_equilibrium",
        "log_or_square_root",
        "plane_waves",
        "two_limits",
        "two_limits_packets",
    }
    assert not set(names) & set(catalogue.experiment_names())
    place = catalogue.folder("circuits/sweeps")
    readme = (place / "README.md").read_text(encoding="utf-8")
    for name in names:
        assert catalogue.find_experiment(name) == place / f"{name}.toml"
        assert f"| `{name}` |" in readme
        table = tomllib.loads((place / f"{name}.toml").read_text(encoding="utf-8"))
        assert {"description", "sweep", "plot"} <= set(table)
        drawn = table["plot"]["quantity"]
        assert set([drawn] if isinstance(drawn, str) else drawn) <= set(quantities.QUANTITIES)
    with pytest.raises(QnuError, match="did you mean 'plane_waves'"):
        catalogue.find_experiment("plane_wavs")


@pytest.mark.parametrize("name", ["plane_wave_8", "plane_wave_8.toml"])
def test_found_by_name(name: str) -> None:
    assert catalogue.find_experiment(name) == catalogue.folder("circuits") / "plane_wave_8.toml"


def test_found_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("", encoding="utf-8")
    assert catalogue.find_experiment(file) == file
    assert catalogue.find_experiment(str(file)) == file
    assert catalogue.find_hardware(file) == file


def test_a_bare_name_means_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plane_wave_8").mkdir()
    (tmp_path / "own.toml").write_text("", encoding="utf-8")
    assert catalogue.find_experiment("plane_wave_8").suffix == ".toml"
    assert catalogue.find_experiment("own.toml") == Path("own.toml")


@pytest.mark.parametrize(
    "name", ["plane_wave_9", "", ".", "/", "no/such/plane_wave_8.toml", "a" * 5000, "nul\0"]
)
def test_unknown_names_list_what_exists(name: str) -> None:
    with pytest.raises(QnuError, match=r"spec: got .*; allowed: a file, or one of .*two_groups_10"):
        catalogue.find_experiment(name)


def test_did_you_mean() -> None:
    with pytest.raises(QnuError, match="did you mean 'aer_statevector'"):
        catalogue.find_hardware("aer_statevektor")


def test_installed_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "qnu" / "_catalogue" / "circuits"
    inside.mkdir(parents=True)
    (inside / "only.toml").write_text("description = 'the only one'", encoding="utf-8")
    (inside / "broken.toml").write_text("= =", encoding="utf-8")
    monkeypatch.setattr(catalogue, "_PACKAGE", tmp_path / "qnu")
    assert catalogue.experiment_names() == ("broken", "only")
    assert catalogue.description(inside / "only.toml") == "the only one"
    assert catalogue.description(inside / "broken.toml") == "(cannot be read)"
    with pytest.raises(QnuError, match="the catalogue is empty"):
        catalogue.find_hardware("aer_statevector")


@pytest.mark.parametrize("name", sorted(WANTED))
def test_every_experiment_is_valid_and_described(name: str) -> None:
    path = catalogue.find_experiment(name)
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    assert 20 < len(data["description"]) <= 100
    loaded = experiment.load(name)
    assert loaded.stem == name
    assert loaded.methods
    assert all(hard in catalogue.hardware_names() for hard in _hardware(loaded))


def _hardware(loaded: experiment.Experiment) -> set[str]:
    return {m.options["hardware"] for m in loaded.methods if m.kind == "circuit"}


def test_every_file_of_the_catalogue_is_described_in_its_readme() -> None:
    readme = (catalogue.folder("circuits") / "README.md").read_text(encoding="utf-8")
    for name in catalogue.experiment_names():
        assert f"`{name}`" in readme


def test_every_key_of_the_format_is_described_in_the_readme() -> None:
    readme = (catalogue.folder("circuits") / "README.md").read_text(encoding="utf-8")
    models = [Spec, GroupTable, GasTable, OutputTable, Start, *KINDS.values(), *METHODS.values()]
    for model in models:
        for key in model.model_fields:
            assert f"`{key}`" in readme, f"{model.__name__}.{key}"
    for kind in [*KINDS, *METHODS]:
        assert f'"{kind}"' in readme, kind


def test_the_tables_of_keys_in_the_readme_are_those_of_the_code() -> None:
    """`make keys` writes them again."""
    readme = (catalogue.folder("circuits") / "README.md").read_text(encoding="utf-8")
    assert key_tables.inserted(readme, key_tables.key_tables()) == readme
    assert key_tables.inserted(readme, {"gas": "other"}) != readme
    with pytest.raises(QnuError, match="no marks of 'moon'"):
        key_tables.inserted(readme, {"moon": "table"})
