"""Ensembles: histories with seeds of their own, their means and their errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qnu
from qnu import experiment, report
from qnu.averages import estimate, mean_over_seeds, requested_curves
from qnu.experiment import starting
from qnu.report.rows import error_texts, texts_with_errors

GAS = """
seed = 7
[[group]]
count = 4
polarization = [0.6, 0.0, 0.8]
omega = 0.1
[[group]]
name = "second"
count = 2
polarization = [0.0, 0.0, -1.0]
omega = 0.5
"""
RANDOM = (
    GAS
    + """
[schedule]
kind = "stochastic"
gamma = 0.1
probability = 0.5
duration = 3.0
[output]
samples = 4
[[method]]
kind = "independent"
[[method]]
kind = "many_body"
observables = ["entropy", "pair_concurrence", "half_chain_entropy"]
[[method]]
kind = "kinetic"
[[method]]
kind = "kinetic"
label = "kinetic-neutrino"
resolve = "neutrino"
[[method]]
kind = "circuit"
shots = 20
samples = 2
"""
)


@pytest.fixture(scope="module")
def loaded() -> experiment.Experiment:
    return experiment.parse(RANDOM, seeds=3)


@pytest.fixture(scope="module")
def runs(loaded) -> dict[str, qnu.Trajectory]:
    return experiment.simulate(loaded)


def test_every_history_is_the_run_of_its_seed_alone(runs) -> None:
    for seed in (7, 8, 9):
        alone = experiment.simulate(experiment.parse(RANDOM, seed=seed))
        for label, run in runs.items():
            one = run if run.seeds is None else run.history(seed)
            for name in alone[label].dataset.data_vars:
                assert np.array_equal(one[name].values, alone[label][name].values), (label, name)
            same = ("gas_hash", "schedule_hash", "encounters", "shots_seed", "label", "gamma")
            if run.seeds is not None:
                assert one.attrs["seed"] == seed
                assert all(one.attrs.get(n) == alone[label].attrs.get(n) for n in same)


def test_only_methods_that_depend_on_the_seed_run_several_times(loaded, runs) -> None:
    assert loaded.random == ("independent", "many_body", "kinetic-neutrino", "circuit")
    several = tuple(label for label, run in runs.items() if run.seeds is not None)
    assert several == loaded.random
    assert runs["independent"].polarization.shape == (3, 4, 6, 3)
    assert runs["kinetic"].polarization.shape == (4, 2, 3)


@pytest.mark.parametrize(
    ("change", "random"),
    [
        (('kind = "stochastic"', 'kind = "stochastic"'), True),
        (("probability = 0.5\nduration = 3.0", ""), False),
    ],
)
def test_what_is_not_drawn_makes_nothing_random(change, random) -> None:
    text = RANDOM.replace(*change)
    if not random:
        text = text.replace('"stochastic"', '"tournament"').replace("shots = 20", "shots = 0")
        text += '[gas]\nvelocities = "right-angle"\n'
    assert bool(experiment.parse(text).random) is random


def test_velocities_alone_make_encounters_random() -> None:
    text = RANDOM.replace('"stochastic"', '"tournament"').replace("shots = 20", "shots = 0")
    text = text.replace("probability = 0.5\nduration = 3.0", "")
    found = experiment.parse(text).random
    assert found == ("independent", "many_body", "kinetic-neutrino", "circuit")


def test_a_start_from_a_random_method_is_random() -> None:
    loaded = experiment.load("two_groups_60_40")
    assert loaded.random == ("independent", "kinetic-neutrino", "miscidynamics")


def test_regular_copies_of_a_background_are_not_drawn() -> None:
    text = (
        GAS.replace("count = 2", "count = 1")
        + """
    [gas]
    velocities = "right-angle"
    [schedule]
    kind = "constant_background"
    background = "second"
    gamma = 0.1
    encounters = 5
    probability = 1.0
    [[method]]
    kind = "independent"
    """
    )
    assert experiment.parse(text).random == ()
    assert experiment.parse(text.replace("= 1.0\n    [[m", "= 0.5\n    [[m")).random != ()


def test_the_mean_length_is_not_the_length_of_the_mean() -> None:
    gas = qnu.NeutrinoGas([[1.0, 0, 0]], omega=[0.0])
    opposite = [
        qnu.Trajectory.build("independent", gas, np.zeros(1), np.array([[p]]), started=0.0)
        for p in ([0.8, 0.0, 0.0], [-0.6, 0.0, 0.0])
    ]
    both = qnu.Trajectory.of_histories(opposite, seeds=[1, 2])
    length, x = estimate(both, "length"), estimate(both, "x")
    assert length.mean[0, 0] == pytest.approx(0.7)
    assert x.mean[0, 0] == pytest.approx(0.1)
    # s = 0.7 sqrt 2 of two values 1.4 apart, over sqrt 2
    assert x.standard_error is not None
    assert x.standard_error[0, 0] == pytest.approx(0.7)
    assert length.standard_error is not None
    assert length.standard_error[0, 0] == pytest.approx(0.1)
    (row,) = report.rows({"a": both})
    assert row.length == pytest.approx(0.7)
    assert row.vector == pytest.approx([0.1, 0, 0])
    assert row.standard_error == pytest.approx([0.7, 0, 0, 0.1])
    assert row.error is None


def test_the_entropy_is_averaged_over_histories_after_it_is_computed(runs) -> None:
    found = estimate(runs["independent"], "entropy")
    by_hand = [
        qnu.observables.entropy(runs["independent"].history(seed).polarization)[:, :4].mean(axis=1)
        for seed in (7, 8, 9)
    ]
    assert found.mean[:, 0] == pytest.approx(np.mean(by_hand, axis=0))
    assert found.standard_error is not None
    assert found.standard_error[:, 0] == pytest.approx(np.std(by_hand, axis=0, ddof=1) / 3**0.5)


def test_errors_of_shots_stand_apart_from_those_over_seeds(runs) -> None:
    run = runs["circuit"]
    found = estimate(run, "z")
    single = [run.history(seed).group_error()[..., 2] for seed in (7, 8, 9)]
    assert found.shot_error == pytest.approx(np.sqrt(np.sum(np.square(single), axis=0)) / 3)
    z = [run.history(seed).group_mean()[..., 2] for seed in (7, 8, 9)]
    assert found.standard_error == pytest.approx(np.std(z, axis=0, ddof=1) / np.sqrt(3))
    rows = [row for row in report.rows(runs) if row.label == "circuit"]
    assert rows[0].error is not None
    assert rows[0].standard_error is not None
    assert rows[0].error[2] == pytest.approx(found.shot_error[-1, 0])
    assert rows[0].standard_error[2] == pytest.approx(found.standard_error[-1, 0])


def test_differences_from_the_exact_method_are_taken_seed_by_seed(runs) -> None:
    row = next(row for row in report.rows(runs) if row.label == "independent")
    apart = runs["independent"].group_mean()[:, -1, 0] - runs["many_body"].group_mean()[:, -1, 0]
    mean = apart.mean(axis=0)
    along = apart @ (mean / np.linalg.norm(mean))
    assert row.difference == pytest.approx(np.linalg.norm(mean))
    assert row.difference_error == pytest.approx(np.std(along, ddof=1) / np.sqrt(3))
    unpaired = runs["many_body"].group_mean()[[1, 2, 0], -1, 0]
    other = (runs["independent"].group_mean()[:, -1, 0] - unpaired) @ (mean / np.linalg.norm(mean))
    assert row.difference_error != pytest.approx(np.std(other, ddof=1) / np.sqrt(3))


def test_a_method_without_chance_has_the_error_of_its_difference_in_the_tables(runs) -> None:
    row = next(row for row in report.rows(runs) if row.label == "kinetic")
    apart = runs["kinetic"].group_mean()[-1, 0] - runs["many_body"].group_mean()[:, -1, 0]
    mean = apart.mean(axis=0)
    along = apart @ (mean / np.linalg.norm(mean))
    assert row.standard_error is None
    assert row.difference_error == pytest.approx(np.std(along, ddof=1) / np.sqrt(3))
    value, error = f"{row.difference:.4f}", f"{row.difference_error:.4f}"
    assert error_texts(row) == ["", "", "", "", f"± {error}"]
    assert texts_with_errors(row)[3:] == [f"{row.length:.4f}", f"{value} ± {error}"]


def test_requested_observables_of_an_ensemble_are_means_with_errors(runs) -> None:
    curves = {(c.observable, c.part): c for c in requested_curves(runs["many_body"])}
    for (name, part), curve in curves.items():
        alone = [
            next(
                c.values
                for c in requested_curves(runs["many_body"].history(seed))
                if (c.observable, c.part) == (name, part)
            )
            for seed in (7, 8, 9)
        ]
        assert curve.values == pytest.approx(np.mean(alone, axis=0))
        assert curve.standard_error == pytest.approx(np.std(alone, axis=0, ddof=1) / np.sqrt(3))
    assert set(curves) >= {("pair_concurrence", "pairs"), ("half_chain_entropy", "half")}


def test_one_history_has_no_standard_error() -> None:
    assert mean_over_seeds(np.ones((1, 2)))[1] is None
    run = experiment.simulate(experiment.parse(RANDOM))["independent"]
    assert run.seeds is None
    assert run.polarization.shape == (4, 6, 3)
    assert estimate(run, "z").standard_error is None


def test_an_ensemble_is_saved_and_read_bit_for_bit(runs, tmp_path: Path) -> None:
    for label, run in runs.items():
        run.save(tmp_path / f"{label}.nc")
        back = qnu.Trajectory.load(tmp_path / f"{label}.nc")
        assert np.array_equal(back.polarization, run.polarization)
        if run.seeds is not None:
            assert back.seeds is not None
            assert back.seeds.tolist() == [7, 8, 9]
            assert back.history(8).attrs["gas_hash"] == run.history(8).attrs["gas_hash"]


def test_the_files_of_a_run_have_means_errors_and_the_way_to_one_history(tmp_path: Path) -> None:
    results = experiment.run(experiment.parse(RANDOM, seeds=3), tmp_path / "out")
    assert results.notes == ()
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["seeds"] == 3
    group = summary["methods"]["independent"]["groups"]["1"]
    z = results.trajectories["independent"].group_mean()[:, -1, 0, 2]
    assert group["polarization"][2] == pytest.approx(z.mean())
    assert group["standard_error"][2] == pytest.approx(np.std(z, ddof=1) / np.sqrt(3))
    assert "standard_error" not in summary["methods"]["kinetic"]["groups"]["1"]
    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "Means over 3 seeds" in page
    assert "`qnu run spec.toml --seed 9 --seeds 1 --output DIR`" in page
    assert experiment.load(tmp_path / "out" / "spec.toml").seeds == range(7, 10)


def test_a_checkpoint_keeps_histories_that_have_ended(tmp_path: Path) -> None:
    text = RANDOM.replace('kind = "many_body"', 'kind = "many_body"\nlabel = "last"', 1)
    loaded = experiment.parse(text, seeds=3)
    whole = experiment.simulate(loaded)
    place = tmp_path / "run.checkpoint"

    class StoppedError(Exception):
        pass

    class Stops(qnu.Checkpoint):
        ended = 0

        def finish(self, label, trajectory) -> None:
            super().finish(label, trajectory)
            Stops.ended += 1
            if Stops.ended == 5:  # two histories of the second method
                raise StoppedError

    with pytest.raises(StoppedError), Stops(place, every=0) as keep:
        experiment.simulate(loaded, checkpoint=keep)
    with qnu.Checkpoint(place, every=0) as keep:
        again = experiment.simulate(loaded, checkpoint=keep)
    for label, run in whole.items():
        assert np.array_equal(again[label].polarization, run.polarization), label


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ("0", "seeds: got 0; allowed: a whole number from 1 to 1000000"),
        ("2.5", "seeds: got 2.5; allowed: a whole number from 1 to 1000000"),
    ],
)
def test_a_wrong_number_of_seeds_is_one_line(seeds: str, message: str) -> None:
    with pytest.raises(qnu.QnuError) as caught:
        experiment.parse(f"seeds = {seeds}\n{RANDOM}")
    assert str(caught.value).startswith(message)


def test_seeds_that_would_pass_the_largest_are_refused() -> None:
    text = RANDOM.replace("seed = 7", f"seed = {2**63 - 2}")
    assert len(experiment.parse(text, seeds=2).seeds) == 2
    with pytest.raises(qnu.QnuError, match="seeds: got 3 from seed"):
        experiment.parse(text, seeds=3)


def test_a_seed_outside_the_ensemble_is_refused(loaded, runs) -> None:
    with pytest.raises(qnu.QnuError, match="seed: got 10; allowed: one of 7 to 9"):
        loaded.history(10)
    with pytest.raises(qnu.QnuError, match="seed: got 10; allowed: one of 7 to 9"):
        runs["independent"].history(10)
    with pytest.raises(qnu.QnuError, match="an ensemble to take it from"):
        runs["kinetic"].history(7)


def test_the_hash_of_a_file_is_that_of_versions_without_ensembles() -> None:
    one = experiment.parse(starting.TEXT)
    assert one.spec_hash == experiment.parse(f"seeds = 1\n{starting.TEXT}").spec_hash
    assert one.spec_hash != experiment.parse(f"seeds = 2\n{starting.TEXT}").spec_hash


def test_histories_to_draw_must_be_of_random_methods() -> None:
    text = RANDOM.replace("samples = 4", 'samples = 4\nhistories = ["kinetic"]')
    with pytest.raises(qnu.QnuError, match=r"output\.histories: got 'kinetic'; allowed: labels"):
        experiment.parse(text)


@pytest.mark.parametrize(("seeds", "said"), [("3", True), ("1", False)])
def test_the_command_line_says_when_nothing_depends_on_the_seed(
    tmp_path: Path, seeds: str, said: bool
) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(
        '[[group]]\ncount = 2\npolarization = [0, 0, 1]\n[gas]\nvelocities = "right-angle"\n'
        '[schedule]\nkind = "tournament"\ngamma = 0.1\n[[method]]\nkind = "independent"\n',
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "qnu", "validate", str(file), "--seeds", seeds],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("no method here depends on the seed" in done.stdout) is said
