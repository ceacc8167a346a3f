"""``qnu plot``: figures of a sweep folder, from the table of its file and the command line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qnu import cli, plotting
from qnu.common import netcdf
from qnu.errors import QnuError
from qnu.experiment import sweep_figures
from qnu.experiment.plot_table import PlotTable

from ..plotting.synthetic import GAMMA, OMEGA, sweep_dataset

TWO = {"schedule.gamma": GAMMA, "group.1.omega": OMEGA}
PLOT = """
[plot]
quantity = "entropy"
x = "schedule.gamma"
residual = "many_body"
methods = ["independent", "many_body"]
slope = 1
at = { "group.1.omega" = 0.2 }
"""


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as leaving:
        cli.main(["plot", *arguments])
    captured = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, captured.out, captured.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = sweep_dataset(TWO)
    data.attrs["spec"] += PLOT
    place = tmp_path / "gamma"
    place.mkdir()
    netcdf.save(data, place / "sweep.nc")
    monkeypatch.chdir(tmp_path)
    return place


def test_a_sweep_folder_is_drawn_into_its_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "gamma")
    assert (code, err) == (0, "")
    drawn = [Path("gamma", "figures", f"entropy.{ending}") for ending in ("png", "pdf")]
    assert out.splitlines() == [f"Figure: {path}" for path in drawn]
    assert all(path.stat().st_size > 5000 for path in drawn)
    code, _, _ = call(capsys, str(folder / "sweep.nc"), "-o", "other/mine.svg")
    assert code == 0
    assert Path("other/mine.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_the_file_itself_is_as_good_as_its_folder(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, str(folder / "sweep.nc"), "--quantity", "z")
    assert (folder / "figures" / "z.png").is_file()


def test_the_command_line_goes_before_the_file(folder: Path) -> None:
    data = netcdf.load(folder / "sweep.nc")
    own = sweep_figures.settings(data, {})
    assert (own.quantity, own.residual, own.slope) == ("entropy", "many_body", 1.0)
    assert own.at == {"group.1.omega": 0.2}
    both = sweep_figures.settings(data, {"residual": "kinetic", "at": {"time": 2.0}})
    assert both.residual == "kinetic"
    assert both.at == {"group.1.omega": 0.2, "time": 2.0}
    as_lines = sweep_figures.settings(data, {"line": "group.1.omega"})
    assert as_lines.at == {}
    other = sweep_figures.settings(data, {"quantity": "z"})
    assert (other.slope, other.residual) == (None, "many_body")


def test_options_reach_the_figure(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    own = plotting.sweep

    def remembered(*arguments: object, **options: object) -> object:
        seen.append(options)
        return own(*arguments, **options)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(plotting, "sweep", remembered)
    options = ["--x", "group.1.omega", "--line", "schedule.gamma", "--at", "time=2"]
    options += ["--methods", "kinetic, independent", "--groups", "2", "--relative"]
    options += ["--theory", "rate=4 * schedule.gamma", "--scale", "log", "--title", "two"]
    code, _, err = call(capsys, "gamma", *options, "-o", "a.png")
    assert (code, err) == (0, "")
    (given,) = seen
    assert given["x"] == "group.1.omega"
    assert given["line"] == "schedule.gamma"
    assert given["at"] == {"time": 2.0}
    assert given["methods"] == ["kinetic", "independent"]
    assert given["groups"] == ["2"]
    assert given["relative"] is True
    assert given["theory"] == {"rate": "4 * schedule.gamma"}
    assert (given["scale"], given["title"]) == ("log", "two")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gamma", "--quantity", "entrop"], "quantity: got 'entrop'; .*did you mean 'entropy'"),
        (["gamma", "--x", "schedule.gama"], r"did you mean 'schedule\.gamma'"),
        (["gamma", "--residual", "manybody"], "did you mean 'many_body'"),
        (["gamma", "--at", "group.1.omega"], "NAME=VALUE"),
        (["gamma", "--at", "group.1.omega=7"], r"0\.1, 0\.2, 0\.4"),
        (["gamma", "--methods", "kinetic,"], "--methods: got"),
        (["gamma", "--slope", "steep"], "--slope: got 'steep'; allowed: a finite number"),
        (["gamma", "--slope", "nan"], "slope: .*a finite number"),
        (["gamma", "--scale", "lin"], "'log' or 'linear'"),
        (["gamma", "--option", "reference=kinetic"], "what entropy takes"),
        (["gamma", "-o", "a.jpg"], r"\.pdf, \.png, \.svg"),
        (["gama"], "folder: got 'gama'"),
        (["."], "qnu sweep"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    code, out, err = call(capsys, *arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    import re

    assert re.search(words, err), err
    assert not (folder / "figures").exists()


def test_other_files_and_folders_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / "summary.json").write_text("{}", encoding="utf-8")
    assert "allowed: a folder that `qnu run` wrote" in call(capsys, str(run))[2]
    netcdf.save(sweep_dataset(TWO).isel(seed=0, drop=True), tmp_path / "other.nc")
    assert "this is none" in call(capsys, str(tmp_path / "other.nc"))[2]
    (tmp_path / "text.nc").write_text("no dataset", encoding="utf-8")
    assert "sweep file" in call(capsys, str(tmp_path / "text.nc"))[2]


def test_quantities_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "gamma", "--list")
    assert code == 0
    assert "entropy of one neutrino (bits)" in out
    assert "$" not in out
    assert not (folder / "figures").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"quantty": "z"}, "did you mean 'quantity'"),
        ({"slope": "1"}, r"plot\.slope: got '1'; allowed: a finite number"),
        ({"at": {"group": {"1": {"omega": [0.1]}}}}, r"plot\.at"),
        ({"theory": {"a": True}}, r"plot\.theory"),
    ],
)
def test_a_table_that_is_wrong_names_the_key(table: dict[str, object], message: str) -> None:
    with pytest.raises(QnuError, match=message):
        sweep_figures.settings(sweep_dataset(TWO), table)


def test_every_key_of_the_table_is_an_argument_of_the_figure() -> None:
    import inspect

    taken = inspect.signature(plotting.sweep).parameters
    assert set(PlotTable.model_fields) == set(taken) - {"dataset"}


# -- a folder of `qnu run` -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run")
    text = """
mixing_angle = 0.2
group = [{ count = 2, flavor = "electron", omega = 0.5 }, { count = 2, flavor = "x" }]
schedule = { kind = "tournament", gamma = 0.3 }
output = { samples = 4 }
method = [{ kind = "many_body" }, { kind = "independent" }, { kind = "mean_field" }]
"""
    (place / "a.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as leaving:
        cli.main(["run", str(place / "a.toml"), "-o", str(place / "out"), "-q"])
    assert leaving.value.code == 0
    return place / "out"


def test_a_run_is_drawn_again_with_other_panels_and_methods(
    result: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    from qnu import plotting

    asked: list[dict[str, object]] = []
    draw = plotting.compare

    def compare(**arguments: object) -> object:
        asked.append(arguments)
        return draw(**arguments)

    monkeypatch.setattr(plotting, "compare", compare)
    given = ["--panel", "flavor,z", "--methods", "independent, many_body", "--width", "single",
             "--axis", "none", "--title", "two by two"]  # fmt: skip
    with pytest.raises(SystemExit) as leaving:
        cli.main(["plot", str(result), *given, "-o", str(tmp_path / "a.pdf")])
    assert leaving.value.code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    (one,) = asked
    assert list(one["trajectories"]) == ["independent", "many_body"]
    assert one["panels"] == ["flavor", "z"]
    assert (one["width"], one["second_axis"], one["title"]) == ("single", "", "two by two")


def test_a_figure_of_a_run_is_named_by_its_panels(result: Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["plot", str(result), "--panel", "entropy"])
    assert (result / "figures" / "entropy.png").exists()
    assert (result / "figures" / "entropy.pdf").exists()
    with pytest.raises(SystemExit):
        cli.main(["plot", str(result), "--residual", "many_body"])
    assert (result / "figures" / "z-residual.png").exists()


def test_panels_of_the_file_are_those_of_the_run(result: Path) -> None:
    from qnu import experiment
    from qnu.experiment.result_figures import arguments

    results = experiment.load_results(result)
    assert arguments(results, {})["panels"] is None
    text = results.experiment.text.replace("samples = 4", 'samples = 4, panels = ["flavor"]')
    loaded = experiment.parse(text)
    assert loaded.spec.output.panels == ["flavor"]
    again = experiment.Results(loaded, results.trajectories)
    assert arguments(again, {})["panels"] == ["flavor"]
    assert arguments(again, {"panels": ["z"]})["panels"] == ["z"]


def test_the_panels_of_a_file_are_those_that_a_figure_can_have() -> None:
    from typing import get_args

    from qnu.experiment.spec import Panel
    from qnu.plotting.panels import PANELS

    assert list(get_args(Panel)) == list(PANELS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--panel", "entropi"], "panels: got 'entropi'; allowed: .*did you mean 'entropy'"),
        (["--methods", "many_bodi"], "methods: got 'many_bodi'; allowed: .*'many_body'"),
        (["--x", "schedule.gamma"], "--x: got 'schedule.gamma'; allowed: an option for a sweep"),
        (["--residual", "kinetic"], "kinetic"),
        (["--histories", "independent"], "histories: got 'independent'"),
        (["--width", "wide"], "width: got 'wide'"),
        (["-o", "a.txt"], "--output: got 'a.txt'; allowed: a file that ends in"),
    ],
)
def test_what_a_run_cannot_show_is_one_line(result: Path, options, message, capsys) -> None:
    with pytest.raises(SystemExit) as leaving:
        cli.main(["plot", str(result), *options])
    error = capsys.readouterr().err
    assert leaving.value.code == 2
    assert re.search(message, error), error
    assert error.count("\n") == 1
