"""Result folders that are loaded, added to, and run again, also after they were moved."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import QnuError, Trajectory, experiment
from qnu.experiment import velocities

SPEC = """
name = "small"
seed = 5
seeds = 2
group = [{ count = 3, polarization = [0, 0, 1], omega = 0.5, name = "a" },
         { count = 3, polarization = [0.6, 0, -0.8], omega = 1.0, name = "b" }]
schedule = { kind = "stochastic", gamma = 0.2, probability = 0.5, duration = 4 }
output = { samples = 5 }
method = [{ kind = "independent" }, { kind = "mean_field" }]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A result folder, which was moved since."""
    place = tmp_path_factory.mktemp("first") / "out"
    patch = pytest.MonkeyPatch()
    patch.setattr(sys.modules["qnu.experiment.running"], "draw", lambda *args: ([], ()))
    experiment.run(experiment.parse(SPEC), place, command="qnu run small.toml")
    patch.undo()
    moved = tmp_path_factory.mktemp("second") / "another name"
    place.rename(moved)
    return moved


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take most of the time, and are looked at in one test."""
    for module in ("running", "adding"):
        name = f"qnu.experiment.{module}"
        monkeypatch.setattr(sys.modules[name], "draw", lambda *args: ([], ()))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def test_a_moved_folder_loads_with_all_its_numbers(made: Path) -> None:
    results = experiment.load_results(made)
    assert list(results.trajectories) == ["independent", "mean_field"]
    assert results.folder == made.resolve()
    assert results.provenance is not None
    assert results.provenance.command == "qnu run small.toml"
    runs = experiment.simulate(experiment.parse(SPEC))
    for label, run in results.trajectories.items():
        assert np.array_equal(run.polarization, runs[label].polarization)
    assert results.experiment.spec_hash == experiment.parse(SPEC).spec_hash
    assert experiment.load(made).spec_hash == results.experiment.spec_hash


def test_the_record_of_a_loaded_folder_is_that_of_the_run(made: Path) -> None:
    from qnu import report

    kept = json.loads((made / "summary.json").read_text(encoding="utf-8"))
    again = report.summary(experiment.load_results(made).record(), [])
    for key in ("reference", "differences", "conclusions", "seeds", "gas", "schedule", "versions"):
        assert again[key] == kept[key], key
    assert again["provenance"] == kept["provenance"]


def test_drawn_velocities_are_kept_for_every_seed(made: Path) -> None:
    kept = velocities.kept_in(made)
    assert sorted(kept) == [5, 6]
    for seed in (5, 6):
        one = experiment.parse(SPEC, seed=seed, seeds=1)
        assert np.array_equal(kept[seed], one.gas.velocity)
    assert not np.array_equal(kept[5], kept[6])


def test_kept_velocities_come_before_drawn_ones(folder: Path) -> None:
    # as if another version of NumPy drew other numbers then
    others = {seed: np.roll(v, 1, axis=0) for seed, v in velocities.kept_in(folder).items()}
    velocities.keep(others, folder)
    loaded = experiment.load(folder / "spec.toml")
    assert np.array_equal(loaded.gas.velocity, others[5])
    assert np.array_equal(loaded.history(6).gas.velocity, others[6])
    assert loaded.gas.velocities == "isotropic"
    drawn = experiment.load(folder / "spec.toml", seed=7)  # no history of the folder
    assert np.array_equal(drawn.gas.velocity, experiment.parse(SPEC, seed=7).gas.velocity)
    assert not experiment.rerun(folder).same


def test_velocities_that_are_given_or_not_there_are_not_kept(
    tmp_path: Path, no_figures: None
) -> None:
    velocities.keep({}, tmp_path)
    experiment.run("free_streaming_5", tmp_path / "out")
    assert not (tmp_path / "out" / velocities.FILE).exists()


def test_velocities_beside_any_other_experiment_file_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SPEC, encoding="utf-8")
    np.savez(tmp_path / velocities.FILE, mine=np.eye(3))
    gas = experiment.load(tmp_path / "mine.toml").gas
    assert gas == experiment.parse(SPEC).gas


def test_damaged_velocities_are_one_line(folder: Path) -> None:
    (folder / velocities.FILE).write_bytes(b"PK")
    with pytest.raises(QnuError, match=r"^velocities: got .*the file that `qnu run` wrote"):
        experiment.load(folder)


def test_a_rerun_gives_the_same_numbers_to_the_last_bit(made: Path) -> None:
    found = experiment.rerun(made)
    assert found.same
    assert [(m.label, m.same, m.largest) for m in found.methods] == [
        ("independent", True, 0.0),
        ("mean_field", True, 0.0),
    ]
    assert found.changed == ()


def test_a_rerun_finds_one_bit(folder: Path) -> None:
    place = folder / "trajectories" / "independent.nc"
    run = Trajectory.load(place)
    changed = run.dataset.copy(deep=True)
    value = changed["polarization"].values
    value[1, 2, 3, 0] = np.nextafter(value[1, 2, 3, 0], 1.0)
    place.unlink()
    Trajectory(changed).save(place)
    found = experiment.rerun(folder)
    assert not found.same
    independent, mean_field = found.methods
    assert mean_field.same
    assert 0 < independent.largest < 1e-15
    assert independent.variable == "polarization"


def test_a_rerun_says_what_is_not_as_it_was(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    summary["versions"]["numpy"] = "1.0"
    summary["provenance"] |= {"processor": "abacus", "cores": 3, "commit": "f" * 40, "dirty": False}
    summary["spec_hash"] = "0" * 64
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    changed = "\n".join(experiment.rerun(folder).changed)
    assert "spec.toml says something else" in changed
    assert f"numpy: 1.0 then, {np.__version__} now" in changed
    assert "processor: abacus, 3 cores then" in changed
    assert "(commit ffffffffffff) then" in changed
    assert "Python" not in changed


def test_a_rerun_of_an_earlier_version_says_what_is_not_known(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    del summary["provenance"], summary["versions"]
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    found = experiment.rerun(folder)
    assert found.same
    assert found.changed == ("date, machine and commit are not recorded in this folder",)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: (p / "summary.json").unlink(), "without summary.json"),
        (lambda p: (p / "summary.json").write_text("{", encoding="utf-8"), "damaged summary.json"),
        (lambda p: (p / "summary.json").write_text("{}", encoding="utf-8"), "another program"),
        (lambda p: shutil.rmtree(p / "trajectories"), "this one has no trajectories"),
        (lambda p: (p / "spec.toml").unlink(), "spec.toml"),
        (lambda p: (p / "trajectories" / "a.nc").write_bytes(b"x"), "a.nc"),
        (lambda p: shutil.rmtree(p), "a folder that `qnu run` wrote"),
    ],
)
def test_what_is_no_result_folder_is_refused_in_one_line(folder: Path, spoil, message) -> None:
    spoil(folder)
    with pytest.raises(QnuError) as caught:
        experiment.load_results(folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# -- one more Trajectory ---------------------------------------------------------------------------


def another(folder: Path) -> Trajectory:
    """A result of the same gas and schedule that the file does not ask for."""
    loaded = experiment.load(folder)
    return qnu.solvers.kinetic(loaded.gas, loaded.schedule, [0.0, 2.0, 4.0])


def test_a_trajectory_is_added_with_its_figures_and_its_row(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    run = another(folder)
    results = experiment.add(folder, run, "rates")
    assert list(results.trajectories) == ["independent", "mean_field", "rates"]
    loaded = experiment.load_results(folder)
    assert list(loaded.trajectories) == ["independent", "mean_field", "rates"]
    assert np.array_equal(loaded.trajectories["rates"].polarization, run.polarization)
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["methods"]["rates"]["file"] == "trajectories/rates.nc"
    assert summary["provenance"]["command"] == "qnu run small.toml"  # the run's own
    assert summary["figures"]
    assert all((folder / f"figures/{name}.png").exists() for name in summary["figures"])
    assert "| rates | a |" in (folder / "report.md").read_text(encoding="utf-8")
    assert (folder / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert sorted(velocities.kept_in(folder)) == [5, 6]
    assert experiment.rerun(folder).added == ("rates",)


def test_what_is_recorded_of_the_run_stays_when_something_is_added(
    folder: Path, no_figures: None
) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    summary["versions"]["numpy"] = "1.0"
    summary["spec_hash"] = "0" * 64
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    experiment.add(folder, another(folder), "rates")
    again = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert again["versions"] == summary["versions"]
    assert again["spec_hash"] == "0" * 64
    assert "numpy 1.0" in (folder / "report.md").read_text(encoding="utf-8")
    changed = "\n".join(experiment.rerun(folder).changed)
    assert f"numpy: 1.0 then, {np.__version__} now" in changed
    assert "spec.toml says something else" in changed


def test_a_run_without_a_name_keeps_that_of_its_file_when_something_is_added(
    tmp_path: Path, no_figures: None
) -> None:
    text = SPEC.replace('name = "small"', "", 1)
    assert experiment.parse(text).spec.name is None
    place = tmp_path / "out"
    experiment.run(experiment.parse(text, source="mine.toml"), place)
    experiment.add(place, another(place), "rates")
    assert json.loads((place / "summary.json").read_text(encoding="utf-8"))["name"] == "mine"
    assert (place / "report.md").read_text(encoding="utf-8").startswith("# mine")


def test_the_same_label_again_replaces_it(folder: Path, no_figures: None) -> None:
    experiment.add(folder, another(folder), "rates")
    loaded = experiment.load(folder)
    short = qnu.solvers.kinetic(loaded.gas, loaded.schedule, [0.0, 4.0])
    experiment.add(folder, short, "rates")
    assert len(experiment.load_results(folder).trajectories["rates"].times) == 2
    names = sorted(p.name for p in (folder / "trajectories").iterdir())
    assert names == ["independent.nc", "mean_field.nc", "rates.nc"]


@pytest.mark.parametrize("label", ["independent", "Mean_Field", "a/b", "", "..", 3])
def test_labels_of_methods_and_of_no_file_are_refused(folder: Path, label) -> None:
    with pytest.raises(QnuError, match=r"^label: got"):
        experiment.add(folder, another(folder), label)


def test_a_result_of_another_gas_or_schedule_is_refused(folder: Path) -> None:
    loaded = experiment.load(folder)
    gas = loaded.gas.with_polarization(loaded.gas.polarization[::-1])
    with pytest.raises(QnuError, match=r"trajectory: got a result of another gas"):
        experiment.add(folder, qnu.solvers.kinetic(gas, loaded.schedule), "rates")
    schedule = experiment.load(folder, seed=6).schedule
    with pytest.raises(QnuError, match=r"trajectory: got a result of another schedule"):
        experiment.add(folder, qnu.solvers.kinetic(loaded.gas, schedule), "rates")
    assert not (folder / "trajectories" / "rates.nc").exists()
