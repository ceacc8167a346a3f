"""Experiment files: what they become, what a run writes, and that it is whole or not there."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import QnuError, experiment, report
from qnu.experiment import folder
from qnu.experiment.build import Seeds
from qnu.experiment.read import line_numbers
from qnu.schedules import KINDS

from ..conftest import hears_interrupts

SMALL = """
name = "small"
seed = 5
mixing_angle = 0.1

[[group]]
count = 3
flavor = "electron"
omega = 0.1

[[group]]
count = 2
flavor = "x"
omega = 0.3

[schedule]
kind = "stochastic"
gamma = 0.1
probability = 0.2
duration = 4.0

[output]
samples = 5

[[method]]
kind = "many_body"
observables = ["entropy"]

[[method]]
kind = "independent"

[[method]]
kind = "kinetic"

[[method]]
kind = "mean_field"
resolve = "neutrino"

[[method]]
kind = "circuit"
shots = 50
"""


def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time of a small run and are tested elsewhere."""
    from qnu.experiment import running

    def draw(
        experiment_: Any, found: Any, into: Path, progress: Any
    ) -> tuple[list[str], tuple[str, ...]]:
        del experiment_, found, progress
        into.mkdir()
        return [], ()

    monkeypatch.setattr(running, "draw", draw)


# ---------------------------------------------------------------- what a file becomes


def test_gas_and_schedule_of_a_file() -> None:
    loaded = experiment.parse(SMALL)
    direction = [np.sin(0.2), 0, np.cos(0.2)]
    assert np.allclose(loaded.gas.polarization[:3], direction)
    assert np.allclose(loaded.gas.polarization[3:], -np.array(direction))
    assert loaded.gas.omega.tolist() == [0.1] * 3 + [0.3] * 2
    assert loaded.gas.velocities == "isotropic"
    assert loaded.schedule.kind == "stochastic"
    assert loaded.schedule.gamma == 0.1
    assert loaded.schedule.final_time == 4.0
    assert [m.label for m in loaded.methods] == [
        "many_body", "independent", "kinetic", "mean_field", "circuit",
    ]  # fmt: skip
    assert loaded.methods[0].times.tolist() == [0, 1, 2, 3, 4]


def test_every_kind_of_schedule_in_a_file() -> None:
    groups = "[[group]]\ncount = 4\npolarization=[0,0,1]\n[[group]]\ncount=1\npolarization=[0,0,-1]"
    kinds = {
        "tournament": 'gamma = 0.1\norder = "line"\nvacuum = "between"\nmu = 2\nmatter = 0.5',
        "bipartite": "gamma = 0.1\nmu = { start = 1.0, scale = 5.0 }",
        "stochastic": "gamma = 0.1\nprobability = 0.3\nduration = 2",
        "native": "gamma = 0.1\ncoupling = [[7, 2], [2, 4], [4, 5], [5, 9]]"
        "\nencounters_per_neutrino = 6\ntrade = 0.5\nshare = 0.9\nprefer = 'anybody'",
        "random_pairs": "gamma = 0.1\nencounters = 10",
        "constant_background": "background = 4\ngamma = 0.1\nencounters = 7\nprobability = 0.5",
        "plane_wave": "duration = 1.0\nsteps = 5\norder = 1",
        "wave_packets": "duration = 1.0\nbox = [1.0, 1.0, 2.0]\nwidth = 0.01\nratio = 2.0"
        "\nslices = 3\ncutoff = 3.0\nmatter = 0.5",
        "explicit": "first = [0]\nsecond = [4]\nswap_angle = [0.3]\nstart = [1]\nfinal_time = 3"
        "\nfree_streaming = false\nfresh = [true]\nduration = [0.5]",
    }
    assert set(kinds) == set(KINDS)
    for kind, keys in kinds.items():
        text = f'{groups}\n[schedule]\nkind = "{kind}"\n{keys}\n[[method]]\nkind = "independent"'
        text = "mixing_angle = 0.2\n" + text
        schedule = experiment.parse(text).schedule
        assert schedule.kind == kind
    assert schedule.fresh is not None
    assert schedule.free_streaming is False
    assert schedule.final_time == 3.0


def test_profiles_in_a_file() -> None:
    table = "{ times = [0.0, 1.0], values = [1.0, 3.0] }"
    text = SMALL.replace("duration = 4.0", f"duration = 4.0\nmu = {table}\nmatter = 0.25")
    loaded = experiment.parse(text)
    assert loaded.schedule.mu(0.5) == 2.0
    assert loaded.methods[2].options["mu"] is loaded.schedule.mu
    assert loaded.methods[2].options["matter"] == 0.25
    assert loaded.spec_hash != experiment.parse(SMALL).spec_hash
    assert loaded.spec_hash == experiment.parse(text).spec_hash


def test_kinetic_as_the_schedule_says() -> None:
    options = experiment.parse(SMALL).methods[2].options
    assert options["gamma"] == 0.1
    assert options["probability"] == 0.2
    assert options["own_clock"] is False
    own = experiment.parse(
        SMALL.replace('kind = "kinetic"', 'kind = "kinetic"\ngamma = 0.3\nprobability = 0\nmu = 2')
    )
    assert own.methods[2].options["gamma"] == 0.3
    assert own.methods[2].options["probability"] == 0.0
    assert own.methods[2].options["mu"] == 2.0
    pairs = 'kind = "random_pairs"\ngamma = 0.1\nencounters = 9\n'
    text = SMALL.replace(
        'kind = "stochastic"\ngamma = 0.1\nprobability = 0.2\nduration = 4.0\n', pairs
    )
    assert experiment.parse(text).methods[2].options["own_clock"] is True
    assert experiment.parse(text).methods[2].options["probability"] == 0.0


@pytest.mark.parametrize(
    ("count", "schedule", "partners"),
    [
        (4, 'kind = "tournament"\ngamma = 0.1', "others"),
        (5, 'kind = "tournament"\ngamma = 0.1', "all"),
        (4, 'kind = "tournament"\ngamma = 0.1\norder = "line"', "all"),
        (4, 'kind = "tournament"\ngamma = 0.1\nvacuum = "between"', "others"),
        (4, 'kind = "plane_wave"\nduration = 1.0\nsteps = 3', "all"),
        (4, 'kind = "random_pairs"\ngamma = 0.1\nencounters = 3', "others"),
        (
            4,
            'kind = "native"\ngamma = 0.1\ncoupling = "line"\nencounters_per_neutrino = 3',
            "others",
        ),
        (4, 'kind = "bipartite"\ngamma = 0.1', "across"),
    ],
)
def test_partners(count: int, schedule: str, partners: str) -> None:
    one = "[[group]]\ncount = {}\npolarization = [0, 0, 1]\n"
    text = (
        f"{one.format(count - 2)}{one.format(2)}[schedule]\n{schedule}\n"
        '[[method]]\nkind = "mean_field"\n[[method]]\nkind = "mean_field"\nlabel = "own"\n'
        'partners = "others"\n'
    )
    loaded = experiment.parse(text)
    assert loaded.methods[0].options["partners"] == partners
    assert loaded.methods[1].options["partners"] == "others"


def test_sample_times_of_a_method() -> None:
    text = SMALL.replace('kind = "independent"', 'kind = "independent"\ntimes = [0.5, 4]')
    text = text.replace('kind = "kinetic"', 'kind = "kinetic"\nsamples = 3')
    loaded = experiment.parse(text)
    assert loaded.methods[1].times.tolist() == [0.5, 4.0]
    assert loaded.methods[2].times.tolist() == [0.0, 2.0, 4.0]
    bare = experiment.parse(SMALL.replace("[output]\nsamples = 5\n", ""))
    assert len(bare.methods[0].times) == 101


def test_start_of_miscidynamics() -> None:
    loaded = experiment.load("two_groups_60_40")
    method = loaded.methods[-1]
    assert method.times[0] == 200.0
    assert method.times[-1] == 500.0
    assert method.options["probability"] == 0.0


def test_lines_of_keys() -> None:
    text = (
        'a = 1\n[[group]] # one\nname = "x"\n[ group.deep ]\nb = 2\n[[ group ]]\nlist = [\n[1],\n]'
    )
    assert line_numbers(text) == {
        "a": 1,
        "group[0]": 2,
        "group[0].name": 3,
        "group[0].deep": 4,
        "group[0].deep.b": 5,
        "group[1]": 6,
        "group[1].list": 7,
    }


# ---------------------------------------------------------------- seeds


def test_seeds_are_separate_streams() -> None:
    one, two = Seeds(1), Seeds(2)
    states = [s.generate_state(4).tolist() for s in (one.velocities(), one.encounters())]
    assert states[0] != states[1]
    assert one.shots(3)[:2] == one.shots(2)
    assert one.shots(2) != two.shots(2)
    assert one.velocities().generate_state(4).tolist() == states[0]


def test_same_seed_same_numbers() -> None:
    one, two = (experiment.simulate(experiment.parse(SMALL)) for _ in range(2))
    for label, trajectory in one.items():
        assert np.array_equal(trajectory.polarization, two[label].polarization), label
        assert trajectory.attrs["seed"] == 5
        assert trajectory.attrs["spec_hash"] == experiment.parse(SMALL).spec_hash
    assert one["circuit"].attrs["shots_seed"] == Seeds(5).shots(1)[0]


def test_another_seed_other_numbers_and_the_copy_repeats_them() -> None:
    base, other = experiment.parse(SMALL), experiment.parse(SMALL, seed=6)
    assert not np.array_equal(base.gas.velocity, other.gas.velocity)
    assert base.schedule != other.schedule
    assert base.spec_hash != other.spec_hash
    assert "seed = 6\n" in other.text
    again = experiment.parse(other.text)
    assert again.spec_hash == other.spec_hash
    assert again.schedule == other.schedule
    without = experiment.parse(SMALL.replace("seed = 5\n", ""), seed=6)
    assert tomllib.loads(without.text)["seed"] == 6
    assert without.spec_hash == other.spec_hash


def test_a_change_of_shots_changes_no_encounter() -> None:
    other = experiment.parse(SMALL.replace("shots = 50", "shots = 60"))
    assert other.schedule == experiment.parse(SMALL).schedule
    assert other.gas == experiment.parse(SMALL).gas


# ---------------------------------------------------------------- what a run writes


def test_end_to_end(tmp_path: Path) -> None:
    spec = tmp_path / "small.toml"
    spec.write_text(SMALL, encoding="utf-8")
    stages: list[str] = []

    @contextlib.contextmanager
    def stage(name: str) -> Any:
        stages.append(name)
        yield lambda fraction: None

    results = experiment.run(spec, tmp_path / "deep" / "out", stage=stage)
    out = results.folder
    assert out == tmp_path / "deep" / "out"
    labels = ["many_body", "independent", "kinetic", "mean_field", "circuit"]
    assert stages == [*labels, "figures"]
    assert results.notes == ()
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["out"]
    assert sorted(p.stem for p in (out / "trajectories").iterdir()) == sorted(labels)
    for name in ("comparison", "bloch"):
        assert (out / "figures" / f"{name}.png").stat().st_size > 1000
        assert (out / "figures" / f"{name}.pdf").stat().st_size > 1000
    for label, trajectory in results.trajectories.items():
        stored = qnu.Trajectory.load(out / "trajectories" / f"{label}.nc")
        assert np.array_equal(stored.polarization, trajectory.polarization)
        assert stored.attrs["label"] == label
        assert stored.attrs["experiment"] == "small"
    assert (out / "spec.toml").read_text(encoding="utf-8") == SMALL

    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["seed"] == 5
    assert summary["reference"] == "many_body"
    assert summary["spec_hash"] == experiment.parse(SMALL).spec_hash
    assert list(summary["methods"]) == labels
    group = summary["methods"]["circuit"]["groups"]["1"]
    assert len(group["error"]) == 3
    assert group["length"] == pytest.approx(np.linalg.norm(group["polarization"]))
    assert summary["methods"]["many_body"]["groups"]["1"]["difference"] is None
    assert len(summary["differences"]) == 10
    assert summary["methods"]["independent"]["drift"]["drift_total_z"] < 1e-12

    text = (out / "report.md").read_text(encoding="utf-8")
    assert text.startswith("# small\n")
    assert "](figures/comparison.png)" in text
    assert summary["spec_hash"] in text
    assert "±" in text


def test_two_runs_give_the_same_files_but_for_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_figures(monkeypatch)
    summaries = []
    for name in ("a", "b"):
        experiment.run(experiment.parse(SMALL), tmp_path / name)
        summary = json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8"))
        for method in summary["methods"].values():
            del method["wall_time_s"]
        del summary["provenance"]["date"]
        summaries.append(summary)
    assert summaries[0] == summaries[1]


def test_a_figure_that_fails_costs_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qnu import plotting

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no paper")

    monkeypatch.setattr(plotting, "compare", broken)
    monkeypatch.setattr(plotting, "bloch", broken)
    results = experiment.run("free_streaming_5", tmp_path / "out")
    assert results.notes[0] == "figure comparison: RuntimeError: no paper"
    assert (tmp_path / "out" / "trajectories" / "many_body.nc").exists()
    assert "no paper" in (tmp_path / "out" / "report.md").read_text(encoding="utf-8")


def test_reference_cases_of_the_catalogue(
    tournament_8: dict[str, Any], free_streaming_5: dict[str, Any]
) -> None:
    found = experiment.simulate(experiment.load("tournament_8"))
    for label, name in (("circuit", "many_body"), ("many_body",) * 2, ("independent",) * 2):
        assert abs(found[label].polarization - tournament_8[name]).max() < 1e-10, label
    found = experiment.simulate(experiment.load("free_streaming_5"))
    for label in ("circuit", "many_body"):
        assert abs(found[label].at() - free_streaming_5["after"]).max() < 1e-10, label


def test_a_circuit_without_hardware_runs_on_the_engine_unless_partners_are_fresh() -> None:
    text = """
        group = [{ count = 1, polarization = [0, 0, 1] }, { count = 1, polarization = [1, 0, 0] }]
        schedule = { kind = "KIND", gamma = 0.1 }
        method = [{ kind = "circuit" }]
    """
    made = experiment.parse(text.replace("KIND", "tournament"))
    assert made.methods[0].options["hardware"] == "qnu"
    fresh = text.replace('"KIND"', '"constant_background", background = 1, encounters = 3')
    made = experiment.parse(fresh)
    assert made.methods[0].options["hardware"] == "aer_statevector"
    assert experiment.simulate(made)["circuit"].attrs["simulated_as"] == "density_matrix"


def test_the_circuit_of_the_demo_is_the_many_body_state() -> None:
    found = experiment.simulate(experiment.load("two_groups_10"))
    exact = found["many_body"].polarization
    assert abs(found["circuit"].polarization - exact).max() < 1e-10
    shots = found["circuit-shots"]
    assert [found[k].attrs["hardware"] for k in ("circuit", "circuit-shots")] == [
        "qnu",
        "aer_statevector",
    ]
    pull = (shots.polarization - exact) / shots["polarization_error"].values
    assert 0.7 < np.mean(pull**2) < 1.3
    assert abs(found["independent"].group_mean() - found["many_body"].group_mean()).max() > 0.1


def test_other_drivers_of_miscidynamics_in_the_catalogue() -> None:
    found = experiment.simulate(experiment.load("msw_1"))
    final = {label: run.at()[0] for label, run in found.items()}
    # leaving matter adiabatically an electron neutrino becomes the other mass state
    assert final["miscidynamics"][2] < -0.99
    assert abs(final["mean_field"] - final["miscidynamics"])[2] < 0.01
    split = experiment.simulate(experiment.load("spectral_split_12"))["miscidynamics"].at()[:, 2]
    assert (split[:9] > 0.99).all()
    assert (split[10:] < -0.99).all()


# ---------------------------------------------------------------- the report


def test_report_without_common_times() -> None:
    gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
    runs = {name: qnu.solvers.mean_field(gas, [0.0, t]) for name, t in (("a", 1.0), ("b", 2.0))}
    rows = report.rows(runs)
    assert [row.difference for row in rows] == [None, None]
    assert report.table(runs).title == "Group polarizations at the last sample of each method"


def test_table_fits_eighty_columns() -> None:
    from rich.console import Console

    console = Console(width=80, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # ends with the test
    text = SMALL.replace('kind = "circuit"', 'kind = "circuit"\nlabel = "a-circuit-with-long-name"')
    console.print(report.table(experiment.simulate(experiment.parse(text))))
    console.file.close()
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("…" in line for line in lines)
    assert any("±" in line for line in lines)


# ---------------------------------------------------------------- whole or not at all


def result_in(place: Path, content: str = "old") -> None:
    place.mkdir(parents=True)
    (place / "summary.json").write_text('{"spec_hash": ""}', encoding="utf-8")
    (place / "content").write_text(content, encoding="utf-8")


def test_a_failure_leaves_the_place_as_it_was(tmp_path: Path) -> None:
    def fail() -> None:
        with folder.whole(tmp_path / "new" / "deep" / "out") as work:
            (work / "half").write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_overwrite_keeps_the_old_until_the_new_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result_in(out)
    with pytest.raises(QnuError, match="a folder that does not exist yet, or --overwrite"):
        folder.check(out)
    with pytest.raises(RuntimeError), folder.whole(out, overwrite=True):
        raise RuntimeError
    assert (out / "content").read_text(encoding="utf-8") == "old"
    with folder.whole(out, overwrite=True) as work:
        assert (out / "content").read_text(encoding="utf-8") == "old"
        (work / "summary.json").write_text("{}", encoding="utf-8")
    assert sorted(p.name for p in out.iterdir()) == ["content", "summary.json"]  # not qnu's own
    assert (out / "summary.json").read_text(encoding="utf-8") == "{}"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_only_results_are_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("years", encoding="utf-8")
    with pytest.raises(QnuError, match="only those are replaced"):
        folder.check(tmp_path / "thesis", overwrite=True)
    (tmp_path / "thesis" / "summary.json").write_text(
        '{"abstract": "of another program"}', encoding="utf-8"
    )
    with pytest.raises(QnuError, match="only those are replaced"):
        folder.check(tmp_path / "thesis", overwrite=True)
    (tmp_path / "empty").mkdir()
    folder.check(tmp_path / "empty", overwrite=True)
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(QnuError):
        folder.check(".", overwrite=True)


def test_somebody_else_was_faster(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(QnuError), folder.whole(out):
        result_in(out, "theirs")
    assert (out / "content").read_text(encoding="utf-8") == "theirs"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_leftovers_of_killed_runs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    dead = tmp_path / ".out.partial"
    dead.mkdir()
    (dead / "half").write_text("half", encoding="utf-8")
    (tmp_path / ".out.run-lock").write_text("", encoding="utf-8")  # nobody holds it
    others = [tmp_path / name for name in (".out.v2.partial", ".out2.partial", ".out.a.partial")]
    for other in others:
        other.mkdir()
    with folder.whole(out) as running:
        assert list(running.iterdir()) == []
        (running / "summary.json").write_text("{}", encoding="utf-8")
    assert sorted(tmp_path.iterdir()) == sorted([out, *others])


def test_a_swap_that_was_cut_in_two_is_undone(tmp_path: Path) -> None:
    result_in(tmp_path / ".out.replaced")
    with pytest.raises(QnuError, match="--overwrite"), folder.whole(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "content").read_text(encoding="utf-8") == "old"


KINETIC = 'kind = "kinetic"\nlabel = "another"'
#: The command line with a method that takes a minute.
SLOW = """
import time
import qnu
from qnu.cli import main
slow = lambda *args, **options: time.sleep(60)
qnu.solvers.METHODS["many_body"].solve = staticmethod(slow)
main(["run", "slow.toml", "--quiet"])
"""


@pytest.mark.posix("sends signals")
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_killed_run_leaves_no_half_result(name: str, tmp_path: Path) -> None:
    number = signal.Signals[name]
    (tmp_path / "slow.toml").write_text(
        SMALL.replace('kind = "circuit"\nshots = 50', KINETIC), encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_interrupts,
    )
    results = tmp_path / "results"
    deadline = time.monotonic() + 60
    while not list(results.glob(".slow.partial")) and time.monotonic() < deadline:
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert not (results / "slow").exists()
    if number == signal.SIGKILL:
        assert {p.name[0] for p in results.iterdir()} == {"."}, "hidden"
        with folder.whole(results / "slow") as work:
            assert list(work.iterdir()) == [], "cleared away by the next run"
            (work / "summary.json").write_text("{}", encoding="utf-8")
        assert [p.name for p in results.iterdir()] == ["slow"]
    else:
        assert process.returncode == (130 if number == signal.SIGINT else 143)
        assert err.count("\n") == 1
        assert "nothing was written" in err
        assert sorted(p.name for p in tmp_path.iterdir()) == ["slow.toml"]


def test_places_of_a_tournament_drawn_at_random() -> None:
    text = (
        "seed = {}\n[[group]]\ncount = 8\npolarization = [0, 0, 1]\n[schedule]\n"
        'kind = "tournament"\ngamma = 0.1\nshuffle = {}\n[[method]]\nkind = "independent"\n'
    )
    drawn = [experiment.parse(text.format(seed, "true")).schedule for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != experiment.parse(text.format(1, "false")).schedule


def test_a_spectrum_inside_a_group_is_refused_for_miscidynamics_before_anything_runs(
    tmp_path: Path,
) -> None:
    file = tmp_path / "spectrum.toml"
    text = (
        '[[group]]\nname = "a"\ncount = 2\npolarization = [0, 0, 1]\nomega = [0.1, {omega}]\n'
        '[schedule]\nkind = "tournament"\ngamma = 0.1\n[[method]]\nkind = "miscidynamics"\n'
    )
    file.write_text(text.format(omega=0.2), encoding="utf-8")
    with pytest.raises(QnuError, match=r"kind: got miscidynamics, with a spectrum in group 'a'"):
        experiment.load(file)
    file.write_text(text.format(omega=0.1), encoding="utf-8")
    assert experiment.load(file).methods[0].label == "miscidynamics"
