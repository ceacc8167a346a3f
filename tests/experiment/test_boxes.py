"""A method with space through the whole pipeline: files, tables, reports, figures, sweeps."""

import csv
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from typer.testing import CliRunner

import qnu
from qnu.beams import Beams
from qnu.cli import app
from qnu.experiment import result_figures
from qnu.methods import METHODS, LineStyle, Method

CELLS, BEAMS = 8, 4
SPEC = """
name = "a box"
seed = 5
seeds = {seeds}
mixing_angle = 0.2
[[group]]
name = "nu_e"
count = 3
flavor = "electron"
omega = 0.0
[[group]]
name = "anti-nu_e"
count = 2
flavor = "electron"
antineutrino = true
omega = 0.0
[gas]
velocities = "isotropic"
[schedule]
kind = "stochastic"
gamma = 0.01
probability = 0.2
duration = 4.0
[output]
samples = 5
[[method]]
kind = "in_a_box"
label = "box"
[[method]]
kind = "mean_field"
"""


def in_a_box(gas: Any, schedule: Any, times: Any, scale: float = 1.0, seed: int = 0) -> Any:
    """Every beam turns about y, by an angle that grows, and that is a wave in z."""
    started = time.perf_counter()
    beams = Beams.of(gas, beams=BEAMS) if gas.velocities == "isotropic" else Beams.of(gas)
    z = np.arange(CELLS) + 0.5
    phase = 0.01 * (1 + seed % 7)
    angle = phase * np.exp(scale * times) * (2 + np.cos(2 * np.pi * z / CELLS))[:, None]
    p, c, s = beams.polarization, np.cos(angle), np.sin(angle)
    vectors = np.empty((CELLS, len(times), len(beams), 3))
    vectors[..., 0] = c[..., None] * p[:, 0] + s[..., None] * p[:, 2]
    vectors[..., 1] = p[:, 1]
    vectors[..., 2] = c[..., None] * p[:, 2] - s[..., None] * p[:, 0]
    return qnu.Trajectory.of_beams(
        "in_a_box", beams, times, vectors, started=started, cells=z, schedule=schedule,
        attributes={"gas_hash": gas.fingerprint()},
    )  # fmt: skip


@pytest.fixture(scope="module")
def method() -> Iterator[None]:
    class BoxMethod(Method):
        """Of this test."""

        kind: Literal["in_a_box"]
        scale: float = 1.0

        solve = staticmethod(in_a_box)
        line_style: ClassVar[LineStyle] = LineStyle("box", width=1.0)
        takes_mixed: ClassVar[bool] = True
        encounters: ClassVar[bool] = False
        seeded: ClassVar[bool] = True

        @property
        def rows(self) -> Literal["neutrino", "group"]:
            return "group"

    yield
    del METHODS["in_a_box"]


@pytest.fixture(scope="module")
def results(method: None, tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = tmp_path_factory.mktemp("box") / "out"
    return qnu.experiment.run(qnu.experiment.parse(SPEC.format(seeds=1)), place)


def test_tables_and_reports_have_the_mean_over_the_box(results: Any) -> None:
    assert not results.notes
    box = results.trajectories["box"]
    assert box.cells.tolist() == (np.arange(CELLS) + 0.5).tolist()
    summary = json.loads((results.folder / "summary.json").read_text(encoding="utf-8"))
    last = box.polarization[:, -1]
    for g, name in enumerate(("nu_e", "anti-nu_e")):
        rows = box.dataset["group"].values == name
        weight = box.dataset["beam_weight"].values[rows]
        mean = np.einsum("b,zba->a", weight / weight.sum(), last[:, rows]) / CELLS
        found = summary["methods"]["box"]["groups"][name]
        assert found["polarization"] == pytest.approx(mean.tolist())
        assert found["length"] == pytest.approx(np.linalg.norm(mean))
        along = mean @ [np.sin(0.4), 0, np.cos(0.4)]
        assert found["flavor_probability"] == pytest.approx((1 + (1, -1)[g] * along) / 2)
    assert summary["figures"][-3:] == ["space", "transverse", "angles"]
    report = (results.folder / "report.md").read_text(encoding="utf-8")
    assert "figures/space.png" in report
    assert "\nbox: means over the box.\n" in report
    assert "farthest apart are box and mean_field" in report
    for name in ("comparison", "space", "transverse", "angles"):
        for end in ("png", "pdf"):
            assert (results.folder / "figures" / f"{name}.{end}").stat().st_size > 1000


def test_a_folder_is_read_back_with_every_cell(results: Any) -> None:
    again = qnu.experiment.load_results(results.folder)
    one, two = results.trajectories["box"], again.trajectories["box"]
    assert one.dataset.identical(two.dataset)
    assert qnu.experiment.rerun(results.folder).same


def test_commands_take_the_folder(results: Any) -> None:
    runner, place = CliRunner(), str(results.folder)
    shown = runner.invoke(app, ["show", place])
    assert shown.exit_code == 0
    assert "nu_e" in shown.output
    nc = str(results.folder / "trajectories" / "box.nc")
    assert runner.invoke(app, ["show", nc]).exit_code == 0
    assert runner.invoke(app, ["plot", place, "--panel", "z"]).exit_code == 0
    assert (results.folder / "figures" / "z.png").is_file()
    assert "space" in runner.invoke(app, ["plot", place, "--list"]).output
    again = ["plot", place, "--panel", "space", "--width", "single", "--methods", "box"]
    assert runner.invoke(app, again).exit_code == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"panels": ["space", "z"]}, "alone"),
        ({"panels": ["space"], "methods": ["mean_field"]}, "no result over cells"),
        ({"panels": ["angles"], "individuals": ["box"]}, "individuals"),
    ],
)
def test_a_figure_over_space_takes_only_what_it_has(
    results: Any, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(qnu.QnuError, match=message):
        result_figures.draw(results.folder, given)


def test_exported_rows_are_means_over_cells(results: Any, tmp_path: Path) -> None:
    files = qnu.experiment.export(results, tmp_path / "tables", neutrinos=True)
    box = results.trajectories["box"].box_mean()
    with (tmp_path / "tables" / "box.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 * 2
    assert [float(row["P_z"]) for row in rows] == box.group_mean()[..., 2].ravel().tolist()
    assert "entropy" not in rows[0]  # of a mean over cells it is not that of a neutrino
    with (tmp_path / "tables" / "box.neutrinos.csv").open(encoding="utf-8") as file:
        beams = list(csv.DictReader(file))
    assert len(beams) == 5 * len(box.dataset["cosine"])
    assert float(beams[1]["cosine"]) == box.dataset["cosine"].values[1]
    assert float(beams[1]["beam_weight"]) == box.dataset["beam_weight"].values[1]
    assert "cosine" in files[-1].read_text(encoding="utf-8")


def test_an_ensemble_is_averaged_over_cells_and_seeds(method: None, tmp_path: Path) -> None:
    made = qnu.experiment.run(qnu.experiment.parse(SPEC.format(seeds=3)), tmp_path / "out")
    assert not made.notes
    box = made.trajectories["box"]
    assert box.polarization.shape[:3] == (3, CELLS, 5)
    summary = json.loads((made.folder / "summary.json").read_text(encoding="utf-8"))
    z = box.group_mean()[:, :, -1, 0, 2].mean(axis=1)
    found = summary["methods"]["box"]["groups"]["nu_e"]
    assert found["polarization"][2] == pytest.approx(z.mean())
    assert found["standard_error"][2] == pytest.approx(z.std(ddof=1) / np.sqrt(3))
    assert qnu.experiment.load_results(made.folder).trajectories["box"].seeds.tolist() == [5, 6, 7]
    qnu.experiment.export(made, tmp_path / "tables")


def test_averages_are_those_of_the_box_mean(method: None) -> None:
    gas = qnu.experiment.parse(SPEC.format(seeds=1)).gas
    run = in_a_box(gas, None, np.linspace(0, 4, 5))
    mean = run.box_mean()
    for quantity in ("x", "y", "z", "length", "neutrino_length", "entropy", "flavor"):
        one = qnu.averages.estimate(run, quantity)
        assert one.mean.shape == (5, 2)
        assert one.mean.tolist() == qnu.averages.estimate(mean, quantity).mean.tolist()
    assert not qnu.averages.has_entropy(mean)
    assert qnu.averages.rows_of(run, "z").shape == (5, len(run.dataset["cosine"]))


def test_a_sweep_has_the_mean_over_the_box(method: None, tmp_path: Path) -> None:
    spec = SPEC.format(seeds=2) + '\n[sweep]\n"method.box.scale" = [0.5, 1.0]\n'
    (tmp_path / "s.toml").write_text(spec, encoding="utf-8")
    data = qnu.experiment.sweep(tmp_path / "s.toml", workers=1)
    assert data["polarization"].sizes["group"] == 2
    experiment = qnu.experiment.parse(SPEC.format(seeds=2).replace('"box"', '"box"\nscale = 0.5'))
    alone = qnu.experiment.simulate(experiment)["box"].box_mean()
    found = data["polarization"].sel({"method.box.scale": 0.5, "method": "box"})
    found = found.transpose("seed", "time", "group", "axis").values
    assert found == pytest.approx(alone.group_mean())
