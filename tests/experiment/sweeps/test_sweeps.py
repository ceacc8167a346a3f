"""Sweeps as a whole: every value is that of the single run, whoever computed it."""

import dataclasses
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import qnu
from qnu import QnuError, QnuWarning, averages
from qnu.common import netcdf
from qnu.experiment import parse, simulate, sweep
from qnu.experiment.sweeps import clusters, engine, sweeping, work
from qnu.experiment.sweeps.point import Block, Failure
from qnu.experiment.sweeps.records import Records, pack, unpack
from qnu.methods import History

TEXT = """
name = "six"
seed = 11
[[group]]
name = "a"
count = 4
polarization = [0.199, 0.0, 0.98]
omega = 0.1
[[group]]
name = "b"
count = 2
polarization = [-0.6, 0.0, -0.8]
omega = 0.2
[schedule]
kind = "random_pairs"
gamma = 0.2
encounters = 40
[output]
samples = 4
[[method]]
kind = "many_body"
observables = ["pair_concurrence", "purity"]
[[method]]
kind = "independent"
[[method]]
kind = "kinetic"
resolve = "group"
samples = 3
[[method]]
kind = "circuit"
shots = 50
"""
VALUES = {"schedule.gamma": [0.1, 0.3], "group.b.omega": "0.2, 0.5, 0.9"}


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    return sweep(parse(TEXT), VALUES, seeds=3, workers=1)


def alone(gamma: float, omega: float, seed: int) -> dict[str, qnu.Trajectory]:
    text = TEXT.replace("gamma = 0.2", f"gamma = {gamma}").replace(
        "omega = 0.2", f"omega = {omega}"
    )
    return simulate(parse(text, seed=seed))


def test_every_history_is_the_run_of_the_file_with_its_seed(data: xr.Dataset) -> None:
    for gamma, omega, seed in [(0.1, 0.9, 11), (0.3, 0.2, 13), (0.3, 0.5, 12)]:
        at = data.sel({"schedule.gamma": gamma, "group.b.omega": omega, "seed": seed})
        for label, run in alone(gamma, omega, seed).items():
            one = at.sel({"method": label}).isel(time=slice(len(run.times)))
            np.testing.assert_array_equal(one.polarization, run.group_mean())
            np.testing.assert_array_equal(one.length, run.group_length())
            np.testing.assert_array_equal(one.entropy, averages.estimate(run, "entropy").mean)
            np.testing.assert_array_equal(one.sample_time, run.times)


def test_a_method_without_chance_is_computed_once_and_has_no_error(data: xr.Dataset) -> None:
    assert data.random.values.tolist() == [True, True, False, True]
    kinetic = data.sel({"method": "kinetic"})
    assert (kinetic.length == kinetic.length.isel(seed=0)).sum() == 3 * 6 * 3 * 2
    assert (kinetic.length_standard_error.isel(time=slice(3)) == 0).all()


def test_means_and_errors_are_over_seeds(data: xr.Dataset) -> None:
    for name in ("polarization", "length", "entropy", "neutrino_length", "purity"):
        raw = data[name].sel({"method": "independent"})
        if name == "purity":
            raw = data[name].sel({"method": "many_body"})
        label = str(raw["method"].values)
        mean = raw.sum("seed") / 3
        error = np.sqrt(((raw - mean) ** 2).sum("seed") / 2 / 3)
        found = data.sel({"method": label})
        np.testing.assert_allclose(found[f"{name}_mean"], mean, rtol=1e-12)
        np.testing.assert_allclose(found[f"{name}_standard_error"], error, atol=1e-15)
    lengths = data.length_mean - np.sqrt((data.polarization_mean**2).sum("axis"))
    assert lengths.sel({"method": "independent"}).max() > 1e-4  # |mean P| is not mean |P|


def test_observables_of_pairs_have_no_group(data: xr.Dataset) -> None:
    assert data.pair_concurrence.dims[-3:] == ("method", "seed", "time")
    assert data.purity.dims[-4:] == ("method", "seed", "time", "group")
    assert np.isnan(data.purity.sel({"method": "independent"})).all()
    assert data.pair_concurrence.sel({"method": "many_body"}).max() > 0.01


def test_shots_have_their_errors(data: xr.Dataset) -> None:
    error = data.polarization_error.sel({"method": "circuit"})
    assert ((error > 0.005) & (error < 0.2)).mean() > 0.9
    assert np.isnan(data.polarization_error.sel({"method": "independent"})).all()


def test_a_dataset_says_what_it_is(data: xr.Dataset) -> None:
    assert data["schedule.gamma"].attrs["scale"] == "list"
    assert data.attrs["experiment"] == "six"
    assert json.loads(data.attrs["sweep"]) == VALUES
    assert parse(data.attrs["spec"]).spec_hash == data.attrs["spec_hash"]
    assert data.seed.values.tolist() == [11, 12, 13]
    assert data.group.values.tolist() == ["a", "b"]
    assert (data.encounters == 40).all()
    np.testing.assert_allclose(data.meetings_per_pair, 40 / 15)
    assert not data.failed.any()
    # 4 samples of many-body, 3 of kinetic: times of their own, NaN at the end
    assert data.time.values.tolist() == [0, 1, 2, 3]
    assert np.isnan(data.sample_time.sel({"method": "kinetic"})).sum() == 6


def test_times_are_a_coordinate_where_all_share_them() -> None:
    text = TEXT.split("[[method]]")[0] + '[[method]]\nkind = "independent"\n'
    made = sweep(parse(text), {"group.b.omega": [0.1, 0.2]}, workers=1)
    np.testing.assert_array_equal(made.time, alone(0.2, 0.1, 11)["independent"].times)
    assert np.isnan(made.length_standard_error).all()  # one history


def test_encounters_that_no_method_follows_are_not_drawn() -> None:
    text = TEXT.partition("[[method]]")[0] + '[[method]]\nkind = "kinetic"\n'
    schedule = 'kind = "stochastic"\nprobability = 1.0\nduration = 3.0\ngamma = 6e-11'
    text = re.sub(r'kind = "random_pairs"\ngamma = 0.2\nencounters = 40', schedule, text)
    data = sweep(parse(text), {"schedule.gamma": [6e-11, 6e-10]}, seeds=2, workers=1)
    assert not data.failed.any()
    # N mu t / 2 gamma of them on average, of 15 pairs
    np.testing.assert_allclose(data.encounters, [9 / 6e-11, 9 / 6e-10], rtol=1e-9)
    np.testing.assert_allclose(data.meetings_per_pair, data.encounters / 15)
    assert np.isfinite(data.polarization).all()


def test_fresh_partners_count_among_the_pairs() -> None:
    text = """
group = [{ count = 7, polarization = [0.0, 0.0, 1.0] }]
schedule = { kind = "constant_background", background = 6, gamma = 0.1, encounters = 12 }
method = [{ kind = "independent" }]
"""
    data = sweep(parse(text), {"schedule.gamma": [0.1, 0.2]}, workers=1)
    mean = qnu.schedules.meetings(parse(text).schedule).mean
    np.testing.assert_allclose(data.meetings_per_pair, [mean, mean])


def test_computed_keys_are_coordinates() -> None:
    text = TEXT.replace("encounters = 40", "duration = 1.0\nprobability = 0.1").replace(
        "random_pairs", "stochastic"
    )
    text = text.split("[[method]]")[0] + '[[method]]\nkind = "independent"\n'
    values = {"schedule.duration": "0.5 / schedule.gamma", **VALUES, "mixing_angle": 0.3}
    made = sweep(parse(text), values, workers=1)
    assert made["schedule.duration"].dims == ("schedule.gamma",)
    np.testing.assert_allclose(made["schedule.duration"], [5.0, 0.5 / 0.3])
    np.testing.assert_allclose(made.final_time[:, 0], [5.0, 0.5 / 0.3])
    assert made["mixing_angle"].item() == 0.3


def test_without_keys_there_is_one_point() -> None:
    made = sweep(parse(TEXT), seeds=2, workers=1)
    assert made.length.dims == ("method", "seed", "time", "group")
    run = alone(0.2, 0.2, 12)["many_body"]
    np.testing.assert_array_equal(
        made.length.sel({"method": "many_body", "seed": 12}), run.group_length()
    )


def same(one: xr.Dataset, two: xr.Dataset) -> bool:
    return one.drop_vars("wall_time_s").identical(two.drop_vars("wall_time_s"))


def test_a_sweep_goes_on_where_it_was(data: xr.Dataset, tmp_path: Path) -> None:
    small = {"schedule.gamma": [0.3], "group.b.omega": [0.5]}
    sweep(parse(TEXT), small, seeds=2, workers=1, output=tmp_path)
    whole, status = sweeping.run(
        parse(TEXT), VALUES, seeds=3, where=sweeping.Where(workers=1), output=tmp_path
    )
    assert (status.kept, status.computed) == (2, 16)
    assert same(whole, data)
    assert same(netcdf.load(tmp_path / "sweep.nc"), data)
    again, status = sweeping.run(
        parse(TEXT), VALUES, seeds=3, where=sweeping.Where(workers=1), output=tmp_path
    )
    assert (status.kept, status.computed) == (18, 0)
    assert same(again, data)


def test_damaged_and_foreign_records_are_set_aside_with_a_line(
    data: xr.Dataset, tmp_path: Path
) -> None:
    sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path)
    first, second, *_ = sorted((tmp_path / "records").glob("*.record"))
    content = bytearray(first.read_bytes())
    content[-200] ^= 1
    first.write_bytes(content)
    second.write_bytes(b"something else")
    (tmp_path / "records" / f".{first.name}.partial").write_bytes(b"half")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        again = sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path)
    assert same(again, data)
    damaged, foreign = (str(warning.message) for warning in caught)
    assert damaged.startswith(f"records/{first.name}: its content does not match its SHA-256; ")
    assert foreign.startswith(f"records/{second.name}: it is no record of this version of qnu; ")
    assert first.with_suffix(".damaged").exists()
    assert not list((tmp_path / "records").glob(".*"))


def test_parts_together_are_the_whole(data: xr.Dataset, tmp_path: Path) -> None:
    here = sweeping.Where(workers=1)
    counts = []
    for part in (1, 2, 3, 4):
        nothing, status = sweeping.run(
            parse(TEXT), VALUES, seeds=3, where=here, output=tmp_path, part=(part, 4)
        )
        assert nothing is None
        counts.append(status.computed)
    assert sum(counts) == 18
    whole, status = sweeping.run(parse(TEXT), VALUES, seeds=3, where=here, output=tmp_path)
    assert (status.kept, status.computed) == (18, 0)
    assert same(whole, data)


@pytest.mark.parametrize("parts", [7, 18])
def test_few_points_are_shared_out_by_histories(
    data: xr.Dataset, tmp_path: Path, parts: int
) -> None:
    here = sweeping.Where(workers=1)
    for part in range(1, parts + 1):
        sweeping.run(parse(TEXT), VALUES, seeds=3, where=here, output=tmp_path, part=(part, parts))
    whole, status = sweeping.run(parse(TEXT), VALUES, seeds=3, where=here, output=tmp_path)
    assert status.computed == 0
    assert same(whole, data)


def failing(monkeypatch: pytest.MonkeyPatch, at: float) -> None:
    """Independent fails at one omega, for one seed."""
    table = next(type(m.table) for m in parse(TEXT).methods if m.kind == "independent")
    run, seed_12 = table.run_histories, parse(TEXT, seed=12).schedule.first

    def broken(self, histories, progress=None):
        for one in histories:
            if one.gas.omega[-1] == at and np.array_equal(one.schedule.first, seed_12):
                raise QnuError("gamma", reason="the branch ends")
            yield from run(self, [one], progress)

    def alone(self, gas, schedule, prepared, around):
        (result,) = broken(self, [History(gas, schedule, prepared, around.earlier)])
        return result

    monkeypatch.setattr(table, "run_histories", broken)
    monkeypatch.setattr(table, "run", alone)


def test_a_point_that_fails_leaves_the_others_and_is_tried_again_on_demand(
    data: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        failing(patch, 0.5)
        with pytest.warns(QnuWarning, match=r"2 of 6 points failed.*gamma = 0.1, .*omega = 0.5"):
            part = sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path)
    assert part.failed.values.tolist() == [[False, True, False]] * 2
    at = {"schedule.gamma": 0.1, "group.b.omega": 0.5}
    assert np.isnan(part.length.sel({**at, "method": "independent", "seed": 12})).all()
    assert not np.isnan(part.length.sel({**at, "method": "independent", "seed": 11})).any()
    assert not np.isnan(part.length.sel({**at, "method": "many_body"})).any()
    (first, _) = json.loads(part.attrs["failures"])
    assert first["point"] == at
    assert (first["seed"], first["method"]) == (12, "independent")
    assert "the branch ends" in first["error"]
    with pytest.warns(QnuWarning, match="2 of 6 points failed"):
        again = sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path)
    assert same(again, part)
    whole = sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path, retry_failed=True)
    assert same(whole, data)
    assert same(sweep(parse(TEXT), VALUES, seeds=3, workers=1, output=tmp_path), data)


def test_a_folder_of_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(QnuError, match="a new folder, or one of a sweep"):
        sweep(parse(TEXT), VALUES, workers=1, output=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_sweeps_do_not_write_one_folder_at_once(tmp_path: Path) -> None:
    from qnu.common import writing

    sweep("tournament_4", {"schedule.gamma": [0.1]}, workers=1, output=tmp_path)
    with (
        writing.locked(tmp_path / ".lock", wait=False),
        pytest.raises(QnuError, match="no other sweep is writing"),
    ):
        sweep("tournament_4", {"schedule.gamma": [0.1]}, workers=1, output=tmp_path)


def test_a_record_is_read_back_bit_for_bit() -> None:
    rng = np.random.default_rng(1)
    blocks = [
        Block(name, (1, 2), k == 0, ("m",), {"m/length": rng.random((2, 3)), "n": np.array(k)})
        for k, name in enumerate("abc")
    ]
    blocks.append(Block("d", (1,), True, (), {}, (Failure(1, "m", "why"),)))
    name, content = pack(blocks)
    assert pack(blocks)[0] == name
    sheets = unpack(content)
    assert [sheet.points for sheet in sheets] == [("a",), ("b", "c"), ("d",)]
    np.testing.assert_array_equal(sheets[1].arrays["m/length"][1], blocks[2].arrays["m/length"])
    assert sheets[1].arrays["n"].tolist() == [1, 2]
    assert sheets[2].failures == ((0, Failure(1, "m", "why")),)
    for position in range(0, len(content), 97):
        changed = bytearray(content)
        changed[position] ^= 1
        with pytest.raises(ValueError, match=r"SHA-256|no record"):
            unpack(bytes(changed))


def test_records_in_memory_are_those_in_a_folder(tmp_path: Path) -> None:
    record = pack([Block("a", (1,), True, (), {"x": np.zeros(2)})])
    for records in (Records(None), Records(tmp_path)):
        records.add(*record)
        records.add(*record)
        assert [sheet.points for sheet in records.sheets()] == [("a",)]


def piece(point: str, seeds: int, fixed: bool = True) -> work.Piece:
    return work.Piece(point, (), tuple(range(seeds)), fixed)


def test_jobs_have_about_a_second_of_work_and_leave_short_points_whole() -> None:
    sizes = engine.Sizes()
    assert sizes.next() == 1
    sizes.ended(1, 0.01)
    assert sizes.next() == 4  # grows step by step
    sizes.ended(4, 0.04)
    sizes.ended(16, 0.16)
    assert sizes.next() == 64
    sizes.ended(1, 0.5)
    assert sizes.next() == 2  # the longest of the last ones counts
    queue = engine.Queue([piece("a", 3), piece("b", 3), piece("c", 20)], "{}", {})
    assert [p.point for p in queue.job(4).pieces] == ["a", "b"]
    job = queue.job(8)
    assert [(p.point, len(p.seeds), p.fixed) for p in job.pieces] == [("c", 8, True)]
    job = queue.job(8)
    assert [(p.seeds[0], len(p.seeds), p.fixed) for p in job.pieces] == [(8, 8, False)]
    assert len(queue.job(8).pieces[0].seeds) == 4
    assert not queue


def test_what_a_worker_gives_back_is_begun_again() -> None:
    done: list[tuple[str, tuple[int, ...]]] = []

    class Slow(engine.Here):
        """Ends after the first piece of every job."""

        def next(self):
            job = self._jobs.popleft()
            first = job.pieces[0]
            done.append((first.point, first.seeds))
            return job, work.Outcome("x", b"", 1, len(first.seeds), 0.01, (), ())

    pieces = [piece(name, 2) for name in "abcdefgh"]
    counter = engine.Counter(16, lambda outcome: None, lambda fraction: None)
    engine.run(Slow(), engine.Queue(pieces, "{}", {}), engine.Sizes(), counter)
    assert sorted(done) == [(name, (0, 1)) for name in "abcdefgh"] or counter.left == 0
    assert counter.left == 0


def test_only_the_history_with_which_workers_die_is_lost() -> None:
    kept: list[work.Outcome] = []

    class Deadly(engine.Here):
        """Workers die with seed 5 of b."""

        def next(self):
            job = self._jobs.popleft()
            if any(p.point == "b" and 5 in p.seeds for p in job.pieces):
                return job, engine.Lost("4 workers died with it")
            blocks = [Block(p.point, p.seeds, p.fixed, (), {}) for p in job.pieces]
            count = sum(len(p.seeds) for p in job.pieces)
            return job, work.Outcome(*pack(blocks), len(blocks), count, 0.001, (), ())

    pieces = [piece(name, 9) for name in "abc"]
    counter = engine.Counter(27, kept.append, lambda fraction: None)
    engine.run(Deadly(), engine.Queue(pieces, "{}", {}), engine.Sizes(), counter)
    assert counter.left == 0
    failures = [failure for outcome in kept for failure in outcome.failures]
    assert failures == [("b", Failure(5, "", "4 workers died with it"))]
    found = sorted(
        (n, s) for o in kept for sh in unpack(o.content) for n in sh.points for s in sh.seeds
    )
    assert found == [(name, seed) for name in "abc" for seed in range(9)]


def test_a_worker_of_another_version_is_refused() -> None:
    job = dataclasses.replace(work.Job("{}", {}, (piece("a", 1),), 1.0), version="0.0.1")
    with pytest.raises(QnuError, match=r"0\.0\.1, as the process that sends the work"):
        work.run(job)


def test_a_script_without_a_guard_uses_several_processes(data: xr.Dataset, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import qnu\n"
        "from qnu.experiment.sweeps import engine\n"
        "engine._TRIAL = engine._START = 0.0\n"
        f"experiment = qnu.experiment.parse('''{TEXT}''')\n"
        f"qnu.experiment.sweep(experiment, {VALUES!r}, seeds=3, workers=2, output='out')\n"
        "print('once')\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script.name], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")
    assert same(netcdf.load(tmp_path / "out" / "sweep.nc"), data)


def test_processes_leave_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    with clusters.local(1, None) as pool:
        names = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_TRIM_THRESHOLD_")
        ((_, found),) = pool._client.run(_environment, names).items()
    assert found == ["1", "1", before.get("MALLOC_TRIM_THRESHOLD_")]
    assert dict(os.environ) == before


def _environment(names: tuple[str, ...]) -> list[str | None]:
    import os

    return [os.environ.get(name) for name in names]


def test_another_grid_in_the_folder_of_a_sweep_is_said(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for values in ([0.1, 0.2], [0.1, 0.2], [0.1, 0.3]):
            said = len(caught)
            sweep("tournament_4", {"schedule.gamma": values}, workers=1, output=tmp_path / "x")
    texts = [str(warning.message) for warning in caught]
    assert sum("had another grid, file or number of seeds" in text for text in texts) == 1
    assert any("had another grid" in text for text in texts[said:])


def test_miscidynamics_has_no_length_of_single_neutrinos() -> None:
    data = sweep(
        "two_groups_60_40",
        {
            "schedule.duration": [201.0],
            "output.samples": 202,
            "schedule.gamma": 0.05,
            "method.miscidynamics.force": True,
        },
        workers=1,
    )
    misci = data.sel({"method": "miscidynamics"})
    assert np.isnan(misci["neutrino_length"]).all()
    assert np.isfinite(misci["length"]).any()
