"""What an experiment holds and costs, told without running it."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import qnu
from qnu import QnuError
from qnu.experiment import contents, load, run, sweep
from qnu.experiment.shown import shown
from qnu.schedules import EncounterSchedule

HUGE = """
seeds = 50
group = [
    { count = 20, polarization = [0, 0.6, 0.8], omega = 0.1 },
    { count = 20, polarization = [0, 0, 1] },
]
schedule = { kind = "stochastic", gamma = 1e-6, probability = 0.1, duration = 10.0 }
method = [
    { kind = "many_body", samples = 11 },
    { kind = "independent", samples = 5 },
    { kind = "kinetic", samples = 5 },
    { kind = "circuit", hardware = "fake_torino", shots = 100, samples = 3 },
]
"""


@pytest.fixture
def huge(tmp_path):
    file = tmp_path / "huge.toml"
    file.write_text(HUGE, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", [*qnu.catalogue.experiment_names(), *qnu.catalogue.sweep_names()])
def test_all_of_the_catalogue_can_be_shown_and_runs_here(name: str) -> None:
    found = contents(name)
    assert found["problem"] is None
    assert json.loads(json.dumps(found))["kind"] == ("sweep" if found["sweep"] else "experiment")
    loaded = load(name)
    assert found["gas"]["neutrinos"] == len(loaded.gas)
    assert found["schedule"]["encounters"] == pytest.approx(loaded.schedule.expected)
    for method, told in zip(loaded.methods, found["methods"], strict=True):
        assert (told["label"], told["samples"]) == (method.label, len(method.times))
        histories = found["seeds"] if method.random else 1
        assert told["seeds"] == histories, method.label


def test_no_encounter_is_drawn_and_what_does_not_fit_is_said(huge, monkeypatch) -> None:
    def draws(self, *_, **__):
        raise AssertionError("drawn")

    monkeypatch.setattr(EncounterSchedule, "chunks", draws)
    found = contents(huge)
    assert found["schedule"]["encounters"] == pytest.approx(20 * 10 / 1e-6)
    many_body, independent, kinetic, circuit = found["methods"]
    assert many_body["memory"] == 16 * 2**40 + 8 * 3 * 40 * 11
    assert many_body["seeds"] == independent["seeds"] == 50
    assert kinetic["seeds"] == 1  # its rows are groups, which have no velocity of their own
    assert circuit["circuit"]["circuits"] == 9
    assert circuit["circuit"]["shots_in_all"] == 900
    assert circuit["circuit"]["two_qubit_gates_at_least"] == 3 * found["schedule"]["encounters"]
    assert found["problem"].startswith("method[0].kind: got 'many_body, 40 neutrinos'")


def test_time_grows_with_encounters_and_as_two_to_the_n(tmp_path) -> None:
    def seconds(count: int, gamma: float) -> float:
        file = tmp_path / "a.toml"
        file.write_text(
            f"group = [{{ count = {count}, polarization = [1, 0, 0] }}]\n"
            "schedule = "
            f'{{ kind = "stochastic", gamma = {gamma}, probability = 1, duration = 9 }}\n'
            'method = [{ kind = "many_body", samples = 2 }]',
            encoding="utf-8",
        )
        return contents(file)["methods"][0]["seconds"]

    assert seconds(24, 1e-4) / seconds(24, 1e-3) == pytest.approx(10, rel=0.01)
    assert seconds(28, 1e-3) / seconds(26, 1e-3) == pytest.approx(4 * 28 / 26, rel=0.01)


def test_only_encounters_up_to_the_last_sample_cost(tmp_path) -> None:
    text = HUGE.replace('{ kind = "many_body", samples = 11 }', "")
    file = tmp_path / "a.toml"
    found = []
    for times in ("[0.0, 10.0]", "[0.0, 5.0]"):
        new = text.replace('"independent", samples = 5', f'"independent", times = {times}')
        file.write_text(new.replace("[\n    ,", "["), encoding="utf-8")
        found.append(contents(file)["methods"][0]["seconds"])
    assert found[0] / found[1] == pytest.approx(2, rel=0.01)


def test_a_sweep_is_points_times_seeds() -> None:
    found = contents("entanglement_rate")["sweep"]
    assert (found["points"], found["histories"]) == (20, 20 * 200)
    assert list(found["values"]) == ["schedule.gamma", "gas.velocities"]
    # the time goes as the encounters: 1/gamma, not as the number of points
    gammas = np.array(found["values"]["schedule.gamma"])
    counted = 2 * 200 * (50 / gammas * 2e-8).sum()
    assert counted < found["seconds"] < 10 * counted + 20


@pytest.mark.parametrize(
    ("name", "provider", "shots"),
    [("fake_torino", "fake", 4096), ("qnu", "qnu", 0), ("aer_statevector", "aer", 0)],
)
def test_a_machine_says_its_provider_and_shots(name: str, provider: str, shots: int) -> None:
    found = shown(name).content
    assert (found["kind"], found["provider"], found["shots"]) == ("machine", provider, shots)
    assert json.dumps(found)


def test_qubits_that_fit_into_the_memory() -> None:
    fits = shown("qnu").content["qubits_that_fit"]
    assert 16 * 2**fits <= qnu.common.memory.available() * 1.5
    assert 16 * 2 ** (fits + 1) > qnu.common.memory.available() / 1.5


def test_a_bare_name_is_that_of_the_catalogue(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "qnu").mkdir()
    (tmp_path / "tournament_4").mkdir()
    assert shown("qnu").content["kind"] == "machine"
    assert shown("tournament_4").content["kind"] == "experiment"


def test_a_result_folder_a_sweep_and_a_trajectory(tmp_path) -> None:
    results = run("tournament_4", tmp_path / "out")
    found = shown(tmp_path / "out")
    assert found.content["kind"] == "result"
    assert [m["label"] for m in found.content["methods"]] == list(results.trajectories)
    assert found.content["provenance"]["qnu"] == qnu.__version__
    one = shown(tmp_path / "out" / "trajectories" / "independent.nc")
    assert one.content["kind"] == "trajectory"
    assert one.content["methods"][0]["samples"] == len(results.trajectories["independent"].times)
    sweep("tournament_4", {"schedule.gamma": [0.1, 0.2]}, output=tmp_path / "sweep", workers=1)
    swept = shown(tmp_path / "sweep").content
    assert (swept["kind"], swept["points"], swept["seeds"]) == ("sweep result", 2, 1)
    assert swept["values"] == {"schedule.gamma": [0.1, 0.2]}
    for content in (found.content, one.content, swept):
        json.dumps(content, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("turnament_12", r"did you mean 'tournament_12'"),
        ("fake_torin", r"did you mean 'fake_torino'"),
        (".", r"without summary\.json"),
    ],
)
def test_a_name_of_nothing_has_the_nearest(name: str, message: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QnuError, match=message):
        shown(name)


def test_rounds_and_meetings(tmp_path) -> None:
    found = contents("tournament_12")["schedule"]
    assert (found["rounds"], found["meetings_per_pair"]) == (11, 1.0)
    assert found["encounters_per_neutrino"] == 11
    stochastic = contents("two_groups_60_40")["schedule"]
    assert stochastic["rounds"] is None
    assert math.isclose(stochastic["encounters_per_neutrino"], 500 / 0.01)
