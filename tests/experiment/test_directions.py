"""Groups with a direction in experiment files: seeds, what is kept of a run, and what is shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from qnu import experiment
from qnu.cli import main
from qnu.experiment import velocities

BEAMS = """
name = "beams"
seed = 5
seeds = 2
group = [{ count = 3, polarization = [0, 0, 1], omega = 0.5, name = "a", direction = [1, 0, 0] },
         { count = 2, polarization = [0.6, 0, -0.8], name = "b", direction = [0, 0.6, -0.8] }]
schedule = { kind = "tournament", gamma = 0.2 }
output = { samples = 3 }
method = [{ kind = "independent" }, { kind = "mean_field" }]
"""
ONE_BEAM = BEAMS.replace(", direction = [0, 0.6, -0.8]", "")


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["qnu.experiment.running"], "draw", lambda *args: ([], ()))


def test_where_all_groups_have_a_direction_nothing_is_drawn(
    tmp_path: Path, no_figures: None
) -> None:
    loaded = experiment.parse(BEAMS)
    assert loaded.gas.velocity.tolist() == [[1, 0, 0]] * 3 + [[0, 0.6, -0.8]] * 2
    assert loaded.random == ()
    assert experiment.parse(BEAMS, seed=6).gas == loaded.gas
    experiment.run(loaded, tmp_path / "out")
    assert not (tmp_path / "out" / velocities.FILE).exists()
    assert experiment.rerun(tmp_path / "out").same


def test_other_groups_are_drawn_and_kept_for_every_seed(tmp_path: Path, no_figures: None) -> None:
    loaded = experiment.parse(ONE_BEAM)
    assert loaded.random == ("independent",)  # mean field has one row per group
    place = tmp_path / "out"
    experiment.run(loaded, place)
    kept = velocities.kept_in(place)
    assert sorted(kept) == [5, 6]
    assert not np.array_equal(kept[5][3:], kept[6][3:])
    assert experiment.rerun(place).same
    record = json.loads((place / "summary.json").read_text(encoding="utf-8"))
    assert (record["gas"]["velocities"], record["gas"]["directed"]) == ("isotropic", ["a"])
    assert "but one direction in 'a'" in (place / "report.md").read_text(encoding="utf-8")
    velocities.keep({seed: np.roll(v, 1, axis=1) for seed, v in kept.items()}, place)
    again = experiment.load(place / "spec.toml").gas
    assert np.array_equal(again.velocity[3:], np.roll(kept[5], 1, axis=1)[3:])
    assert again.velocity[:3].tolist() == [[1, 0, 0]] * 3  # what the file says


def test_the_hash_has_the_direction_and_without_one_is_that_of_earlier_versions() -> None:
    plain = ONE_BEAM.replace(", direction = [1, 0, 0]", "")
    hashes = [experiment.parse(text).spec_hash for text in (plain, ONE_BEAM, BEAMS)]
    assert len(set(hashes)) == 3
    assert experiment.parse(BEAMS.replace("[1, 0, 0]", "[1.0, 0.0, 0.0]")).spec_hash == hashes[2]
    assert hashes[0] == "f54f33bf9523e0a10d2d98302d8c00d219f6cc078885e2fe5b57f18a778d393d"


def test_show_says_the_directions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for name, text in (("all", BEAMS), ("one", ONE_BEAM)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
        with pytest.raises(SystemExit) as leaving:
            main(["show", str(tmp_path / f"{name}.toml")])
        assert leaving.value.code == 0
        found[name] = " ".join(capsys.readouterr().out.split())
    assert "velocities one direction per group" in found["all"]
    assert "along (0, 0.6, -0.8)" in found["all"]
    assert "velocities isotropic (drawn) where no direction is given" in found["one"]
    assert found["one"].count("along (") == 1
