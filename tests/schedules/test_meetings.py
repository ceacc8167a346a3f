"""Meetings of pairs and common pasts, against sets of Python and cases known by hand."""

from __future__ import annotations

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, NeutrinoGas
from qnu.schedules import meetings, mixing


def gas_of(count: int) -> NeutrinoGas:
    return NeutrinoGas([[0, 0, 1]] * count, omega=[0.0] * count)


def by_sets(schedule: EncounterSchedule) -> tuple[float, int, float]:
    """Mean, largest, share of encounters with a common past: one set of neutrinos for each."""
    past = [{i} for i in range(schedule.neutrinos)]
    name = list(range(schedule.neutrinos))
    there, shared, met = schedule.neutrinos, 0, {}
    for k in range(len(schedule)):
        i, j = int(schedule.first[k]), int(schedule.second[k])
        if schedule.fresh is not None and schedule.fresh[k]:
            name[j], past[j] = there, {there}
            there += 1
        shared += bool(past[i] & past[j])
        past[i] = past[j] = past[i] | past[j]
        pair = frozenset((name[i], name[j]))
        met[pair] = met.get(pair, 0) + 1
    n = len(schedule)
    return 2 * n / (there * (there - 1)), max(met.values(), default=0), shared / max(n, 1)


def drawn(seed: int, fresh: bool) -> EncounterSchedule:
    rng = np.random.default_rng(seed)
    count, n = int(rng.integers(2, 7 if seed % 2 else 140)), int(rng.integers(0, 500))
    first = rng.integers(0, count, n)
    second = rng.integers(0, count - 1, n)
    second += second >= first
    return EncounterSchedule(
        first,
        second,
        np.full(n, 0.1),
        np.arange(n),
        0.0,
        neutrinos=count,
        final_time=float(n),
        fresh=rng.random(n) < 0.3 if fresh else None,
    )


@pytest.mark.parametrize("most_in_table", [4096, 0])
@pytest.mark.parametrize("fresh", [False, True])
def test_counts_are_those_of_sets_of_neutrinos(
    most_in_table: int, fresh: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # with a table of all pairs, and sorted; up to three words of 64 neutrinos
    monkeypatch.setitem(meetings.__globals__, "_MOST_IN_TABLE", most_in_table)
    for seed in range(20):
        schedule = drawn(seed, fresh)
        found = meetings(schedule)
        mean, largest, share = by_sets(schedule)
        assert found.largest == largest
        assert found.mean == pytest.approx(mean, rel=1e-14)
        assert found.shared_past == pytest.approx(share, rel=1e-14)
        assert found.encounters == len(schedule)
        ends = np.bincount(np.concatenate([schedule.first, schedule.second]))
        assert found.each[: len(ends)].tolist() == ends.tolist()


def test_a_tournament_of_8_shares_no_past_in_two_rounds_of_seven() -> None:
    schedule = qnu.experiment.load("tournament_8").schedule
    found = meetings(schedule)
    assert (found.mean, found.largest, found.shared_past) == (1.0, 1, 20 / 28)
    start = schedule.start
    for rounds, shared in ((1, 0), (2, 0), (3, 4), (4, 8)):
        k = int(np.searchsorted(start, 0.3 * rounds - 0.1))
        part = EncounterSchedule(
            schedule.first[:k], schedule.second[:k], schedule.swap_angle[:k], start[:k], 0.3,
            neutrinos=8,
        )  # fmt: skip
        assert round(meetings(part).shared_past * k) == shared


@pytest.mark.parametrize(("count", "alone"), [(16, 2), (20, 2), (64, 2)])
def test_a_circle_doubles_pasts_in_two_rounds_only(count: int, alone: int) -> None:
    # neighbours on the circle meet neighbours: from the third round on two pasts overlap
    found = meetings(qnu.schedules.tournament(gas_of(count), 0.1))
    assert found.shared_past == pytest.approx(1 - alone / (count - 1), rel=1e-14)


def test_two_tournaments_one_after_the_other_are_two_meetings_of_every_pair() -> None:
    one = qnu.schedules.tournament(gas_of(6), 0.1)
    first, second = np.tile(one.first, 2), np.tile(one.second, 2)
    twice = EncounterSchedule(first, second, np.full(30, 0.1), np.arange(30), 0.0, neutrinos=6)
    found = meetings(twice)
    assert (found.mean, found.largest) == (2.0, 2)
    assert found.shared_past * 30 == pytest.approx(15 + 15 * meetings(one).shared_past)


def test_beams_meet_across_once() -> None:
    gas = NeutrinoGas([[0, 0, 1]] * 7, omega=[0.0] * 7, group=[0] * 3 + [1] * 4)
    found = meetings(qnu.schedules.bipartite(gas, 0.1))
    assert found.encounters == 12
    assert (found.mean, found.largest) == (24 / 42, 1)


def test_copies_of_a_background_are_strangers() -> None:
    schedule = qnu.schedules.constant_background(gas_of(3), 2, gamma=0.05, encounters=100)
    found = meetings(schedule)
    assert (found.encounters, found.largest, found.shared_past) == (200, 1, 0.0)
    assert found.mean == 2 * 200 / (203 * 202)
    assert found.each.tolist() == [100, 100, 200]


def test_the_60_40_gas_meets_505_times() -> None:
    schedule = qnu.experiment.load("two_groups_60_40").schedule
    found = meetings(schedule)
    table = mixing.meeting_counts(schedule)
    assert found.largest == table.max()
    assert found.each.tolist() == table.sum(axis=0).tolist()
    assert found.mean == 2 * len(schedule) / 9900
    assert abs(found.mean - 505) < 2
    # all have all in their past after some rounds: of 2.5 million encounters few are before
    assert 50 < round((1 - found.shared_past) * len(schedule)) < 500


def test_angles_are_summed_and_those_beyond_half_pi_counted() -> None:
    schedule = EncounterSchedule(
        [0, 1, 0], [1, 2, 2], [0.5, np.pi / 2, 2.0], [0, 1, 2], 0.0, neutrinos=3
    )
    found = meetings(schedule)
    assert found.total_angle == pytest.approx(2.5 + np.pi / 2)
    assert (found.largest_angle, found.large_angles) == (2.0, 1)


def test_blocks_of_a_schedule_are_one_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = qnu.schedules.random_pairs(gas_of(30), 0.1, 3000, seed=2)
    whole = meetings(schedule)
    rows = EncounterSchedule.chunks
    monkeypatch.setattr(EncounterSchedule, "chunks", lambda self: rows(self, 7))
    parts = meetings(schedule)
    assert (parts.mean, parts.largest) == (whole.mean, whole.largest)
    assert parts.shared_past == whole.shared_past


def test_too_many_pasts_are_left_out_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = qnu.schedules.tournament(gas_of(10), 0.1)
    monkeypatch.setitem(meetings.__globals__, "_MOST_WORDS", 10.0)
    found = meetings(schedule)
    assert found.shared_past is None
    assert found.left_out == "it takes about a second and more"
    assert found.largest == 1
    monkeypatch.setitem(meetings.__globals__, "_MOST_PASTS", 9)
    assert meetings(schedule).left_out == "more than 9 neutrinos"


def test_no_encounters_no_meetings() -> None:
    schedule = EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
    found = meetings(schedule)
    assert (found.mean, found.largest, found.shared_past) == (0.0, 0, 0.0)
    with pytest.raises(qnu.QnuError, match=r"qnu\.EncounterSchedule"):
        meetings(gas_of(2))
