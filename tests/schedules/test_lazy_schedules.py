"""Rows that are made when they are asked for are the rows of a table."""

import pickle
import sys
import tracemalloc

import numpy as np
import pytest
from scipy import stats

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, schedules, solvers
from qnu.profiles import Exponential, Table
from qnu.schedules import kernels
from qnu.schedules.tournament import circle_round, line_round

from ..conftest import two_groups

COLUMNS = ("first", "second", "swap_angle", "start", "duration")


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 500 rows, in parts of 70: small schedules have many."""
    for name in ("stochastic", "random_pairs", "constant_background", "_rounds", "plane_wave"):
        module = sys.modules[f"qnu.schedules.{name}"]
        monkeypatch.setattr(module, "BLOCK", 500)
        monkeypatch.setattr(module, "PART", 70)


def makers():
    gas, mu = two_groups(12, 9), Exponential(1.0, 20.0)
    beams = two_groups(40, 33)
    return {
        "stochastic": lambda: schedules.stochastic(gas, 0.1, 0.3, 12.0, seed=4),
        "stochastic, vacuum inside, mu(t)": lambda: schedules.stochastic(
            gas, 0.1, 0.3, 24.0, 4, mu, vacuum="inside"
        ),
        "random pairs": lambda: schedules.random_pairs(gas, 0.1, 1700, seed=4),
        "random pairs, mu(t)": lambda: schedules.random_pairs(gas, 0.1, 1700, 4, mu),
        "background": lambda: schedules.constant_background(gas, 3, 0.1, 90),
        "sparse background": lambda: schedules.constant_background(gas, 3, 0.1, 90, 0.4, seed=4),
        "circle": lambda: schedules.tournament(beams, 0.1, seed=4),
        "line": lambda: schedules.tournament(beams, 0.1, mu, "line"),
        "bipartite": lambda: schedules.bipartite(beams, 0.1, vacuum="between"),
        "plane wave": lambda: schedules.plane_wave(gas, 3.0, 5, mu=mu),
    }


@pytest.mark.parametrize("name", makers())
def test_streamed_rows_are_those_of_the_table(name, small_blocks) -> None:
    make = makers()[name]
    table, streamed = make(), make()
    assert streamed.source.blocks > 2
    for size in (1, 33, 10_000):
        runs = list(streamed.chunks(size))
        assert max(len(run.first) for run in runs) <= size
        for k, column in enumerate(COLUMNS):
            made = np.concatenate([run[k] for run in runs])
            assert made.tobytes() == np.ascontiguousarray(getattr(table, column)).tobytes()
    assert "rows" not in vars(streamed)
    assert "rows" in vars(table)
    assert streamed == table
    # what the constructor checks: order, overlaps, nobody meets itself
    again = EncounterSchedule(
        *(getattr(table, column) for column in COLUMNS),
        neutrinos=table.neutrinos,
        final_time=table.final_time,
        free_streaming=table.free_streaming,
        fresh=table.fresh,
        gamma=table.gamma,
        mu=table.mu,
        probability=table.probability,
        kind=table.kind,
        trotter=table.trotter,
    )
    assert again == streamed
    assert hash(again) == hash(streamed)


@pytest.mark.parametrize("name", makers())
def test_iteration_begins_anywhere(name, small_blocks) -> None:
    schedule = makers()[name]()
    whole = [run.start for run in schedule.chunks()]
    theta = np.concatenate([run.swap_angle for run in schedule.chunks()])
    assert len(schedule) == sum(map(len, whole)) == len(theta)
    for begin in (0, 1, 70, 499, 500, 501, 1000, len(theta) - 1, len(theta)):
        rest = [run.swap_angle for run in schedule.chunks(100, begin=begin)]
        assert np.concatenate([[], *rest]).tolist() == theta[begin:].tolist()
    source = schedule.source
    alone = next(source.block(2)).swap_angle  # without the blocks before it
    assert alone.tolist() == theta[source.offsets[2] :][: len(alone)].tolist()


@pytest.mark.parametrize("name", ["stochastic", "background", "plane wave"])
def test_a_run_can_go_on_where_it_stopped(name, small_blocks) -> None:
    schedule = makers()[name]()
    times = schedule.equally_spaced(6)
    parts = list(schedule.segments(times, 64))
    _, counts = schedule.sample_times(times)
    applied = np.cumsum([len(run.first) for run, _ in parts])
    assert [sample for _, sample in parts if sample is not None] == list(range(len(times)))
    taken = [n for n, (_, sample) in zip(applied, parts, strict=True) if sample is not None]
    assert taken == counts.tolist()
    done = samples = 0
    for k, (run, sample) in enumerate(parts[:40]):
        done += len(run.first)
        samples += sample is not None
        rest = list(schedule.segments(times, 64, begin=done, taken=samples))
        joined, wanted = (
            np.concatenate([[], *(r.start for r, _ in some)]) for some in (rest, parts[k + 1 :])
        )
        assert joined.tolist() == wanted.tolist()
        assert [s for _, s in rest if s is not None] == list(range(samples, len(times)))


def test_what_is_drawn_does_not_depend_on_how_it_is_read(small_blocks) -> None:
    gas = two_groups(12, 9)
    schedule = schedules.stochastic(gas, 0.1, 0.3, 12.0, seed=4)
    times = np.linspace(0, 12.0, 5)
    one = solvers.independent(gas, schedule, times).polarization
    assert schedule.first.size == len(schedule)  # now a table
    two = solvers.independent(gas, schedule, times).polarization
    assert one.tobytes() == two.tobytes()
    three = solvers.independent(gas, schedule, np.linspace(0, 12.0, 9)).polarization[::2]
    assert one == pytest.approx(three, abs=1e-13)


def test_the_first_block_is_drawn_from_the_seed_itself() -> None:
    # the plain way to draw: all numbers of pairs, then two random numbers for each pair
    gas = two_groups(12, 9)
    schedule = schedules.stochastic(gas, 0.1, 0.3, 12.0, seed=4)
    rng = np.random.default_rng(4)
    sizes = rng.binomial(10, 0.3 * 21 / 20, 400)
    order, met = list(range(21)), []
    for size in sizes:
        for place in range(2 * size):
            pick = place + int(rng.random() * (21 - place))
            order[place], order[pick] = order[pick], order[place]
        met += [(order[2 * k], order[2 * k + 1]) for k in range(size)]
    assert list(zip(schedule.first.tolist(), schedule.second.tolist(), strict=True)) == met
    pairs = schedules.random_pairs(gas, 0.1, 1700, seed=4)
    rng = np.random.default_rng(4)
    assert pairs.first.tolist() == rng.integers(0, 21, 1700, dtype=np.int32).tolist()


def test_statistics_of_blocks(small_blocks) -> None:
    # every neutrino meets with probability p in a step, every pair as often as any other
    gas, p, steps = two_groups(6, 4), 0.3, 30_000
    schedule = schedules.stochastic(gas, 0.1, p, steps * 0.03, seed=8)
    assert schedule.source.blocks > 50
    step = np.floor(schedule.start / 0.03).astype(int)
    both = np.concatenate([schedule.first + 10 * step, schedule.second + 10 * step])
    assert len(np.unique(both)) == len(both)
    met = np.bincount(both % 10, minlength=10)
    assert abs(met - steps * p).max() < 4.5 * np.sqrt(steps * p * (1 - p))
    low = np.minimum(schedule.first, schedule.second)
    high = np.maximum(schedule.first, schedule.second)
    counts = np.bincount(10 * low + high, minlength=100).reshape(10, 10)[np.triu_indices(10, 1)]
    # numbers of pairs per step fluctuate, so the sum is not fixed: 45 free counts
    expected = steps * p / 9
    chi2 = ((counts - expected) ** 2 / (expected * (1 - p / 9))).sum()
    assert 1e-4 < stats.chi2(45).cdf(chi2) < 1 - 1e-4
    # and blocks do not repeat each other
    offsets = schedule.source.offsets
    heads = {tuple(schedule.first[a : a + 20]) for a in offsets[:-1] if a + 20 <= len(step)}
    assert len(heads) >= schedule.source.blocks - 1


def test_seeds(small_blocks) -> None:
    gas = two_groups(12, 9)

    def drawn(seed):
        return schedules.stochastic(gas, 0.1, 0.3, 12.0, seed=seed)

    assert drawn(1) == drawn(1) == drawn(np.random.SeedSequence(1))
    assert drawn(1) != drawn(2)
    assert drawn(None) != drawn(None)
    anew = drawn(None)
    assert anew == anew
    assert [r.start.tobytes() for r in anew.chunks()] == [r.start.tobytes() for r in anew.chunks()]
    first, second = np.random.SeedSequence(1).spawn(2)
    assert drawn(first) != drawn(second)
    assert drawn(first).fingerprint() != drawn(second).fingerprint()


def test_fingerprints_come_from_recipes(small_blocks) -> None:
    gas = two_groups(12, 9)
    base = {"gamma": 0.1, "probability": 0.3, "duration": 12.0, "seed": 4}
    schedule = schedules.stochastic(gas, **base)
    print_ = schedule.fingerprint()
    assert "rows" not in vars(schedule)
    assert "offsets" not in vars(schedule.source)  # nothing was made
    assert schedule.rows is not None
    assert schedules.stochastic(gas, **base).fingerprint() == print_
    assert pickle.loads(pickle.dumps(schedule)).fingerprint() == print_
    mixed = gas.with_polarization(0.5 * gas.polarization)  # who meets whom is the same
    assert schedules.stochastic(mixed, **base).fingerprint() == print_
    others = [
        schedules.stochastic(two_groups(12, 9, seed=1), **base),
        *(
            schedules.stochastic(gas, **(base | change))
            for change in (
                {"gamma": 0.11},
                {"probability": 0.31},
                {"duration": 13.0},
                {"seed": 5},
                {"mu": 1.1},
                {"mu": lambda t: 1 + 0 * t},
                {"mu": lambda t: 1.1 + 0 * t},
                {"matter": 0.1},
                {"matter": Table([0, 1], [0.0, 0.1])},
                {"vacuum": "inside"},
            )
        ),
    ]
    assert len({print_, *(s.fingerprint() for s in others)}) == len(others) + 1
    # a callable is known by its values, not by where it lies in memory
    one, two = (schedules.stochastic(gas, **base, mu=lambda t: 1 + t).fingerprint() for _ in "ab")
    assert one == two


def test_saved_and_loaded_with_its_fingerprint(tmp_path, small_blocks) -> None:
    schedule = makers()["sparse background"]()
    schedule.save(tmp_path / "s.npz")
    again = EncounterSchedule.load(tmp_path / "s.npz")
    assert again == makers()["sparse background"]()
    assert again.fingerprint() == schedule.fingerprint()


def test_ten_million_encounters_without_their_table() -> None:
    # as a table 240 MB; made in parts it takes some blocks of numbers, whatever the length
    gas = two_groups(2400, 1600)
    peaks = []
    for duration in (25.0, 50.0):
        schedule = schedules.stochastic(gas, 0.01, 0.1, duration, seed=1)
        solvers.independent(gas, schedules.stochastic(gas, 0.01, 0.1, 0.1, seed=1))  # compiled
        tracemalloc.start()
        solvers.independent(gas, schedule, [0.0, duration])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert len(schedule) > 9.9e6
    assert "rows" not in vars(schedule)
    assert max(peaks) < 4e7
    assert peaks[1] < 1.2 * peaks[0]


def test_tables_that_do_not_fit(monkeypatch) -> None:
    schedule = schedules.random_pairs(two_groups(6, 4), 0.01, 10**11, seed=1)
    assert len(schedule) == 10**11
    assert next(schedule.chunks(10)).first.shape == (10,)
    assert schedule.duration.shape == (10**11,)
    assert schedule.fresh is None
    monkeypatch.setattr(qnu.common.memory, "available", lambda: 2**34)
    with pytest.raises(QnuError, match=r"schedule: got '100000000000 encounters'.* GiB available"):
        schedule.first  # noqa: B018  # the access itself is what is tested


def test_rounds_against_the_walk_of_the_players() -> None:
    for count in (2, 3, 8, 9):
        players = list(range(count)) + ([-1] if count % 2 else [])
        for r in range(len(players) - 1):
            pairs = zip(players[: len(players) // 2], reversed(players), strict=False)
            met = [list(pair) for pair in pairs if -1 not in pair]
            assert circle_round(count, r).tolist() == met
            players = [players[0], players[-1], *players[1:-1]]
        places = np.arange(count)
        for r in range(count):
            left = np.arange(r % 2, count - 1, 2)
            met = np.stack([places[left], places[left + 1]], axis=1)
            assert line_round(count, r).tolist() == met.tolist()
            places[left], places[left + 1] = places[left + 1], places[left].copy()


def test_angles_of_pairs() -> None:
    gas, rng = two_groups(12, 9), np.random.default_rng(1)
    first, second = rng.integers(0, 21, (2, 50), dtype=np.int32)
    angle = np.empty(50)
    kernels.pair_angles(gas.velocity, first, second, 0.3, angle)
    slow = 0.3 * (1 - np.sum(gas.velocity[first] * gas.velocity[second], axis=1))
    assert angle == pytest.approx(slow, abs=1e-15)


def test_large_schedules_from_a_file() -> None:
    # checked without making or counting more than a step: 2e10 encounters
    text = """
    group = [{ count = 4000, polarization = [0, 0, 1] }]
    schedule = { kind = "random_pairs", gamma = 0.01, encounters = 20_000_000_000 }
    method = [{ kind = "independent", samples = 2 }, { kind = "kinetic" }]
    """
    schedule = qnu.experiment.parse(text).schedule
    assert len(schedule) == 20_000_000_000
    assert "rows" not in vars(schedule)


def test_empty_schedules() -> None:
    gas = NeutrinoGas([[0, 0, 1]] * 2, [0.0] * 2)
    for schedule in (
        schedules.stochastic(gas, 0.1, 0.1, 0.0, seed=1),
        schedules.random_pairs(gas, 0.1, 0),
        schedules.constant_background(gas, 0, 0.1, 0),
    ):
        assert len(schedule) == 0
        assert schedule.first.tolist() == []
        assert list(schedule.chunks()) == []
        assert [sample for _, sample in schedule.segments(None)] == [0, 1]


def test_many_blocks_follow_the_kinetic_equation(small_blocks) -> None:
    # blocks that repeated or preferred somebody would be another gas
    gas, gamma, p = two_groups(3000, 2000, "right-angle"), 0.05, 0.5
    schedule = schedules.stochastic(gas, gamma, p, 10.0, seed=2)
    assert schedule.source.blocks > 300
    times = [0.0, 5.0, 10.0]
    found = solvers.independent(gas, schedule, times)
    theory = solvers.kinetic(gas, times, gamma, probability=p)
    assert found.group_mean() == pytest.approx(theory.group_mean(), abs=3e-3)
    moved = abs(theory.group_mean()[-1] - theory.group_mean()[0]).max()
    assert moved > 0.1
