"""Results as tables: every number with all its digits, beside what it is."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import qnu
from qnu import QnuError
from qnu.averages import estimate
from qnu.common import netcdf
from qnu.experiment import export, parse, run, sweep

TEXT = """
mixing_angle = 0.2
seeds = 3
group = [
    { name = "nu_e, left", count = 3, flavor = "electron", omega = 0.4 },
    { name = "anti", count = 2, flavor = "electron", antineutrino = true, omega = 0.3 },
]
schedule = { kind = "stochastic", gamma = 0.2, probability = 0.5, duration = 2.0 }
output = { samples = 3 }
method = [
    { kind = "many_body", observables = ["entropy", "pair_concurrence", "half_chain_entropy"] },
    { kind = "mean_field" },
    { kind = "circuit", hardware = "aer_statevector", shots = 50 },
]
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return run(parse(TEXT), tmp_path_factory.mktemp("export") / "out")


@pytest.fixture(scope="module")
def tables(results, tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("tables") / "csv"
    export(results.folder, place, neutrinos=True)
    return place


def test_all_files_are_named_and_said(results, tables: Path) -> None:
    names = sorted(file.name for file in tables.iterdir())
    parts = {
        "many_body": ("", ".means", ".whole", ".neutrinos", ".pairs"),
        "circuit": ("", ".means", ".neutrinos"),
        "mean_field": ("",),  # by groups: not random, and without single neutrinos
    }
    wanted = [f"{label}{part}.csv" for label, found in parts.items() for part in found]
    assert names == sorted(["README.md", *wanted])
    readme = (tables / "README.md").read_text(encoding="utf-8")
    for file in tables.glob("*.csv"):
        for column in pd.read_csv(file, nrows=0).columns:
            assert f"| `{column}` |" in readme
    assert "sample time, as mu t" in readme


def test_groups_have_every_digit(results, tables: Path) -> None:
    many_body = results.trajectories["many_body"]
    table = pd.read_csv(tables / "many_body.csv")
    assert list(table["group"].unique()) == ["nu_e, left", "anti"]
    shape = (3, 3, 2)
    for k, name in enumerate(("P_x", "P_y", "P_z")):
        values = table[name].to_numpy().reshape(shape)
        assert np.array_equal(values, many_body.group_mean()[..., k])
    flavor = many_body.flavor_probability("electron") @ many_body.group_weights().T
    assert np.array_equal(table["P_nu_e"].to_numpy().reshape(shape), flavor)
    first = table[table["time"] == 0]
    assert np.allclose(first["P_nu_e"], 1.0)  # of the antineutrinos as well
    assert np.allclose(first[first["group"] == "anti"]["P_z"], -np.cos(0.4))
    for seed in (0, 1, 2):
        one = estimate(many_body.history(seed), "entropy").mean
        part = table[table["seed"] == seed]["entropy"].to_numpy().reshape(3, 2)
        assert np.array_equal(part, one)


def test_means_have_standard_errors_over_seeds(results, tables: Path) -> None:
    many_body = results.trajectories["many_body"]
    table = pd.read_csv(tables / "many_body.means.csv")
    found = estimate(many_body, "length")
    assert np.allclose(table["length"].to_numpy().reshape(3, 2), found.mean, atol=1e-15)
    spread = table["length_standard_error"].to_numpy().reshape(3, 2)
    assert np.allclose(spread, found.standard_error, atol=1e-15)
    assert (spread[1:] > 0).all()
    rows = pd.read_csv(tables / "many_body.csv").groupby(["time", "group"])["P_nu_e"]
    by_hand = (rows.std() / np.sqrt(3)).sort_index()
    told = table.set_index(["time", "group"])["P_nu_e_standard_error"].sort_index()
    assert np.allclose(by_hand, told, atol=1e-15)


def test_shots_have_errors_that_are_those_of_the_trajectory(results, tables: Path) -> None:
    circuit = results.trajectories["circuit"]
    table = pd.read_csv(tables / "circuit.csv")
    errors = circuit.group_error()
    for k, name in enumerate(("P_x", "P_y", "P_z")):
        values = table[f"{name}_shot_error"].to_numpy().reshape(3, 3, 2)
        assert np.array_equal(values, errors[..., k])
    # P(nu_e) = (1 + P_x sin 2 theta + P_z cos 2 theta)/2
    expected = np.hypot(np.sin(0.4) * errors[..., 0], np.cos(0.4) * errors[..., 2]) / 2
    told = table["P_nu_e_shot_error"].to_numpy().reshape(3, 3, 2)
    assert np.allclose(told, expected)
    means = pd.read_csv(tables / "circuit.means.csv")
    shots = means["P_z_shot_error"].to_numpy().reshape(3, 2)
    assert np.allclose(shots, estimate(circuit, "z").shot_error)


def test_neutrinos_pairs_and_the_whole_gas(results, tables: Path) -> None:
    many_body = results.trajectories["many_body"]
    table = pd.read_csv(tables / "many_body.neutrinos.csv")
    assert np.array_equal(table["P_y"].to_numpy().reshape(3, 3, 5), many_body.polarization[..., 1])
    assert table["antineutrino"].to_numpy()[:5].tolist() == [0, 0, 0, 1, 1]
    assert table["omega"].to_numpy()[:5].tolist() == [0.4, 0.4, 0.4, -0.3, -0.3]
    pairs = pd.read_csv(tables / "many_body.pairs.csv")
    concurrence = np.asarray(many_body["pair_concurrence"].values)
    one = pairs[(pairs["first"] == 1) & (pairs["second"] == 4)]["pair_concurrence"]
    assert np.array_equal(one.to_numpy().reshape(3, 3), concurrence[..., 1, 4])
    whole = pd.read_csv(tables / "many_body.whole.csv")
    half = np.asarray(many_body["half_chain_entropy"].values)
    assert np.array_equal(whole["half_chain_entropy"].to_numpy().reshape(3, 3), half)
    upper = concurrence[..., *np.triu_indices(5, 1)].mean(axis=-1)
    assert np.allclose(whole["pair_concurrence"].to_numpy().reshape(3, 3), upper)


def test_numpy_files_hold_the_same(results, tables: Path, tmp_path: Path) -> None:
    export(results, tmp_path / "npz", form="npz")
    with np.load(tmp_path / "npz" / "many_body.npz") as kept:
        table = pd.read_csv(tables / "many_body.csv")
        assert list(kept) == list(table.columns)
        assert np.array_equal(kept["P_x"], table["P_x"])


def test_nothing_is_overwritten_and_nothing_is_half_written(results, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(QnuError, match=r"output: .*does not exist yet"):
        export(results, tmp_path / "there")
    with pytest.raises(QnuError, match=r"form: got 'xls'"):
        export(results, tmp_path / "new", form="xls")
    with pytest.raises(QnuError, match=r"folder: "):
        export(tmp_path / "nowhere", tmp_path / "new")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["there"]


def test_what_fails_on_the_way_leaves_nothing(results, tmp_path: Path, monkeypatch) -> None:
    from qnu.experiment import tables as module

    def breaks(run):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "whole", breaks)
    with pytest.raises(QnuError, match="No space left"):
        export(results, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_by_default_beside_the_results(tmp_path: Path) -> None:
    results = run("free_streaming_5", tmp_path / "out")
    files = export(tmp_path / "out")
    assert files[0] == tmp_path / "out-tables" / f"{next(iter(results.trajectories))}.csv"
    one = export(tmp_path / "out" / "trajectories" / "independent.nc")
    assert one[0].parent.name == "independent-tables"
    with (tmp_path / "out-tables" / "many_body.csv").open(encoding="utf-8") as file:
        lines = list(csv.reader(file))
    assert len({len(line) for line in lines}) == 1


def test_a_sweep_has_a_column_for_every_parameter(tmp_path: Path) -> None:
    swept = sweep(
        "tournament_4",
        {"schedule.gamma": [0.1, 0.3], "gas.velocities": "isotropic"},
        seeds=2,
        output=tmp_path / "sweep",
        workers=1,
    )
    export(tmp_path / "sweep", tmp_path / "csv")
    table = pd.read_csv(tmp_path / "csv" / "histories.csv")
    data = netcdf.load(tmp_path / "sweep" / "sweep.nc")
    rows = table[
        (table["schedule.gamma"] == 0.3) & (table["method"] == "independent") & (table["seed"] == 2)
    ]
    assert set(table["gas.velocities"]) == {"isotropic"}
    kept = data["polarization"].sel({"schedule.gamma": 0.3, "method": "independent", "seed": 2})
    kept = kept.sel(axis="z").transpose("time", "group").values
    kept = kept[~np.isnan(kept).all(axis=1)]
    assert np.array_equal(rows["P_z"].to_numpy().reshape(kept.shape), kept)
    times = data["sample_time"] if "sample_time" in data else data["time"]
    assert set(rows["time"]) <= set(np.unique(times.values[~np.isnan(times.values)]))
    points = pd.read_csv(tmp_path / "csv" / "points.csv")
    one = points[(points["schedule.gamma"] == 0.3) & (points["method"] == "independent")]
    mean = rows["P_z"].to_numpy()
    other = table[
        (table["schedule.gamma"] == 0.3) & (table["method"] == "independent") & (table["seed"] == 1)
    ]["P_z"].to_numpy()
    assert np.allclose(one["P_z_mean"].to_numpy(), (mean + other) / 2)
    assert swept is not None


def test_a_gas_without_a_flavor_of_its_mean_has_no_such_column() -> None:
    from qnu.experiment import tables as module

    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(2, [0, 0, 1], name="a"), qnu.Group(1, [1, 0, 0], name="b")],
    )
    found = module.groups(qnu.solvers.mean_field(gas, [0.0, 1.0]))
    assert found["group"] == ["a", "b", "a", "b"]
    assert found["time"] == [0.0, 0.0, 1.0, 1.0]
