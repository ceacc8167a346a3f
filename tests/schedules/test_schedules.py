import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, schedules
from qnu.profiles import Exponential, Table

from ..conftest import two_groups


def plain(n: int) -> NeutrinoGas:
    return NeutrinoGas([[0, 0, 1]] * n, [0.0] * n)


def pairs_of(schedule) -> list[frozenset[int]]:
    return [
        frozenset(p) for p in zip(schedule.first.tolist(), schedule.second.tolist(), strict=True)
    ]


@pytest.mark.parametrize("n", range(2, 14))
@pytest.mark.parametrize("order", ["circle", "line"])
def test_every_pair_meets_exactly_once(n, order) -> None:
    schedule = schedules.tournament(plain(n), 0.1, order=order)
    met = pairs_of(schedule)
    assert len(met) == len(set(met)) == n * (n - 1) // 2
    expected = n if order == "line" or n % 2 else n - 1
    rounds = 1 if n == 2 else expected
    assert len(schedule.layers()) == rounds
    assert schedule.final_time == pytest.approx(0.1 * (expected if n > 2 or order == "line" else 1))


def test_line_is_played_by_neighbours_who_trade_places() -> None:
    place = list(range(7))  # place[neutrino] on the line
    for first, second in zip(
        *_ends(schedules.tournament(plain(7), 0.1, order="line")), strict=True
    ):
        assert abs(place[first] - place[second]) == 1
        place[first], place[second] = place[second], place[first]
    assert place == list(reversed(range(7)))


def _ends(schedule):
    return schedule.first.tolist(), schedule.second.tolist()


def test_reference_tournament(tournament_8) -> None:
    ref = tournament_8
    gas = NeutrinoGas(ref["many_body"][0], ref["omega"], ref["velocity"])
    schedule = schedules.tournament(gas, ref["gamma"])
    assert schedule.first.tolist() == ref["first"]
    assert schedule.second.tolist() == ref["second"]
    assert schedule.swap_angle == pytest.approx(np.array(ref["swap_angle"]), abs=1e-14)
    assert schedule.start == pytest.approx(np.array(ref["start"]), abs=1e-12)
    assert np.unique(schedule.duration) == pytest.approx([ref["duration"]])


def test_bipartite_crosses_the_beams_once() -> None:
    gas = two_groups(4, 3)
    schedule = schedules.bipartite(gas, 0.2)
    assert sorted(map(sorted, pairs_of(schedule))) == [
        [i, j] for i, j in itertools.product(range(4), range(4, 7))
    ]
    assert len(schedule.layers()) == 4
    with pytest.raises(QnuError, match="two groups"):
        schedules.bipartite(plain(4), 0.2)


def test_stochastic_pairs_are_disjoint_and_as_frequent_as_asked() -> None:
    gas, p, gamma = two_groups(60, 40), 0.1, 0.01
    schedule = schedules.stochastic(gas, gamma, p, 50.0, seed=1)
    step = np.floor(schedule.start / (gamma * p)).astype(int)
    assert (schedule.start / (gamma * p) - step) == pytest.approx(0.5, abs=1e-6)
    both = np.concatenate([schedule.first + 1000 * step, schedule.second + 1000 * step])
    assert len(np.unique(both)) == len(both)  # nobody twice in a step
    steps = 50_000
    mean = steps * p * 50
    assert abs(len(schedule) - mean) < 5 * np.sqrt(mean * (1 - p))
    each = np.bincount(np.concatenate([schedule.first, schedule.second]), minlength=100)
    assert abs(each - steps * p).max() < 5 * np.sqrt(steps * p * (1 - p))
    counts = np.zeros((100, 100))
    np.add.at(counts, (schedule.first, schedule.second), 1)
    counts = (counts + counts.T)[np.triu_indices(100, 1)]
    expected = steps * p / 99
    chi2 = ((counts - expected) ** 2 / expected).sum() / len(counts)
    assert 0.9 < chi2 < 1.1
    theta = gamma * gas.one_minus_cos(schedule.first, schedule.second)
    assert schedule.swap_angle == pytest.approx(theta)


def test_stochastic_at_probability_one_is_a_perfect_matching_each_step() -> None:
    schedule = schedules.stochastic(plain(6), 0.1, 1.0, 2.0, seed=0, vacuum="inside")
    assert len(schedule) == 3 * 20
    assert [len(k) for k in schedule.layers()] == [3] * 20
    assert schedule.duration == pytest.approx(np.full(60, 0.1))
    with pytest.raises(QnuError, match=r"probability: got 1\.0"):
        schedules.stochastic(plain(5), 0.1, 1.0, 2.0)


def test_random_pairs_are_uniform_and_ordered_by_the_mean_clock() -> None:
    n, gamma = 10, 0.02
    schedule = schedules.random_pairs(plain(n), gamma, 90_000, seed=2)
    assert schedule.start == pytest.approx(np.arange(90_000) * 2 * gamma / n)
    assert schedule.final_time == pytest.approx(90_000 * 2 * gamma / n)
    assert not schedule.free_streaming
    counts = np.bincount(schedule.first * n + schedule.second, minlength=n * n).reshape(n, n)
    assert np.diag(counts).sum() == 0
    off = counts[~np.eye(n, dtype=bool)]
    assert abs(off - 1000).max() < 5 * np.sqrt(1000)


def test_constant_background_regular_and_poisson() -> None:
    gas = NeutrinoGas([[0, 0, 1]] * 3 + [[0.6, 0, 0.8]], [0.0] * 4, group=["a"] * 3 + ["bg"])
    regular = schedules.constant_background(gas, "bg", 0.05, 10)
    assert len(regular) == 30
    assert regular.second.tolist() == [3] * 30
    assert regular.fresh.all()
    assert regular.final_time == pytest.approx(0.5)
    sparse = schedules.constant_background(gas, 3, 0.05, 4000, probability=0.1, seed=1)
    assert sparse.final_time == pytest.approx(200.0)
    assert abs(len(sparse) - 12_000) < 5 * np.sqrt(12_000 * 0.9)
    with pytest.raises(QnuError, match="background: got 'a'"):
        schedules.constant_background(gas, "a", 0.05, 10)


def test_plane_wave_angles_sum_to_the_interaction() -> None:
    gas = two_groups(3, 2)
    for order in (1, 2):
        schedule = schedules.plane_wave(gas, 3.0, 10, order=order)
        total = np.zeros((5, 5))
        np.add.at(total, (schedule.first, schedule.second), schedule.swap_angle)
        total += total.T
        i, j = np.triu_indices(5, 1)
        assert total[i, j] == pytest.approx(3.0 * gas.one_minus_cos(i, j) / 5)
    assert _palindrome(schedule)


def _palindrome(schedule) -> bool:
    """One step of order 2 is the same backwards, up to the order within disjoint rounds."""
    step = schedule.start == schedule.start[0]
    gas_pairs = [p for p, s in zip(pairs_of(schedule), step, strict=True) if s]
    layers = EncounterSchedule(
        schedule.first[step],
        schedule.second[step],
        schedule.swap_angle[step],
        schedule.start[step],
        0.0,
        neutrinos=schedule.neutrinos,
    ).layers()
    rounds = [{gas_pairs[k] for k in layer} for layer in layers]
    return rounds == rounds[::-1]


def test_mu_of_time_stretches_the_clock() -> None:
    # integral of mu over every round is gamma: with mu = exp(-t/T), t = -T log(1 - x/T)
    mu = Exponential(1.0, 20.0)
    schedule = schedules.tournament(plain(6), 0.5, mu=mu)
    x = 0.5 * np.arange(6)
    exact = -20.0 * np.log(1 - x / 20.0)
    assert np.unique(schedule.start) == pytest.approx(exact[:-1], abs=1e-8)
    assert schedule.final_time == pytest.approx(exact[-1], abs=1e-8)
    assert schedule.swap_angle == pytest.approx(np.full(15, 0.5))
    dense = schedules.stochastic(plain(20), 0.05, 0.5, 30.0, seed=1, mu=mu)
    early = (dense.start < 10).sum() / (20 * (1 - np.exp(-0.5)))
    late = (dense.start > 20).sum() / (20 * (np.exp(-1.0) - np.exp(-1.5)))
    assert early == pytest.approx(late, rel=0.1)


def test_encounters_fill_their_rounds_where_mu_falls() -> None:
    mu = Exponential(1.0, 20.0)
    schedule = schedules.tournament(plain(6), 0.5, mu=mu)
    ends = np.append(np.unique(schedule.start)[1:], schedule.final_time)
    assert schedule.start + schedule.duration == pytest.approx(np.repeat(ends, 3), abs=1e-9)
    back = schedules.random_pairs(plain(6), 0.1, 60, mu=mu, seed=1)
    middle = np.append(back.start[1:], back.final_time) / 2 + back.start / 2
    assert back.duration == pytest.approx(0.1 / mu(middle), rel=1e-4)
    inside = schedules.stochastic(plain(6), 0.1, 1.0, 10.0, mu=mu, seed=1, vacuum="inside")
    assert inside.start[3:] == pytest.approx((inside.start + inside.duration)[:-3], abs=1e-9)


def test_kicks_of_a_sparse_background_are_in_the_middle_of_steps() -> None:
    gas = NeutrinoGas([[0, 0, 1], [0, 1, 0]], [0.1, 0.2])
    schedule = schedules.constant_background(gas, 1, 0.05, 300, probability=0.1, seed=1)
    step = schedule.start / (0.05 * 0.1)
    assert step - np.floor(step) == pytest.approx(0.5, abs=1e-6)


def test_places_drawn_at_random() -> None:
    drawn = schedules.tournament(plain(8), 0.1, seed=3)
    assert len(set(pairs_of(drawn))) == 28
    assert drawn == schedules.tournament(plain(8), 0.1, seed=3)
    assert drawn != schedules.tournament(plain(8), 0.1)


def test_a_mu_that_ends_too_early() -> None:
    # the integral of exp(-t/20) over all times is 20
    gas, mu = plain(6), Exponential(1.0, 20.0)
    for make in (
        lambda: schedules.tournament(plain(40), 1.0, mu=mu),
        lambda: schedules.constant_background(gas, 0, 0.1, 300, mu=mu),
        lambda: schedules.random_pairs(gas, 0.1, 3000, mu=mu),
    ):
        with pytest.raises(QnuError, match="mu: got 'a profile whose integral"):
            make()


def test_plane_waves_are_sampled_at_whole_steps() -> None:
    schedule = schedules.plane_wave(plain(4), 4.0, 30)
    assert len(schedule.equally_spaced(31)) == 31
    times = schedule.equally_spaced(101)
    assert schedule.sample_times(times)[0] == pytest.approx(np.arange(31) * 4.0 / 30)
    with pytest.raises(QnuError, match=r"times\[1\]: got 1.0; allowed: whole Trotter steps"):
        schedule.sample_times([0.0, 1.0])
    assert schedules.plane_wave(plain(4), 4.0, 30, order=1).sample_times([1.0])[0] == 1.0


def test_everything_at_time_zero_is_in_the_final_state() -> None:
    kick = EncounterSchedule([0], [1], [0.3], [0.0], 0.0, neutrinos=2)
    assert kick.final_time == 0.0
    assert kick.sample_times(None)[1].tolist() == [0, 1]
    assert kick.sample_times([0.0])[1].tolist() == [1]


@st.composite
def random_schedules(draw):
    n = draw(st.integers(2, 8))
    k = draw(st.integers(0, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    first = rng.integers(0, n, k)
    second = (first + rng.integers(1, n, k)) % n
    start = np.sort(rng.uniform(0, 10, k))
    fresh = rng.random(k) < 0.2 if draw(st.booleans()) else None
    return EncounterSchedule(
        first,
        second,
        rng.normal(size=k),
        start,
        0.0 if draw(st.booleans()) else rng.uniform(0, 5, k),
        neutrinos=n,
        final_time=20.0,
        free_streaming=False,
        fresh=fresh,
        gamma=0.3,
        matter=draw(
            st.sampled_from([0.0, 1.5, Table([0.0, 1.0], [2.0, 0.0]), Exponential(1.0, 3.0)])
        ),
    )


@given(random_schedules())
def test_save_and_load_bit_for_bit(tmp_path_factory, schedule) -> None:
    path = tmp_path_factory.mktemp("schedule") / "s.npz"
    schedule.save(path)
    again = EncounterSchedule.load(path)
    assert again == schedule
    assert again.fingerprint() == schedule.fingerprint()
    for name in ("first", "second", "swap_angle", "start", "duration"):
        assert getattr(again, name).tobytes() == getattr(schedule, name).tobytes()


@given(random_schedules())
def test_layers_are_disjoint_and_keep_the_order_of_shared_neutrinos(schedule) -> None:
    layers = schedule.layers()
    number = np.empty(len(schedule), int)
    for k, layer in enumerate(layers):
        number[layer] = k
        both = np.concatenate([schedule.first[layer], schedule.second[layer]])
        assert len(np.unique(both)) == len(both)
    assert sum(map(len, layers)) == len(schedule)
    for a, b in itertools.combinations(range(len(schedule)), 2):
        if pairs_of(schedule)[a] & pairs_of(schedule)[b]:
            assert number[a] < number[b]


@given(random_schedules(), st.integers(1, 9))
def test_chunks_are_the_schedule(schedule, size) -> None:
    runs = list(schedule.chunks(size))
    assert all(len(r.first) <= size for r in runs)
    if runs:
        assert (
            np.concatenate([r.swap_angle for r in runs]).tobytes() == schedule.swap_angle.tobytes()
        )
    times = [0.0, 3.0, 3.0, 20.0]
    parts = list(schedule.segments(times, size))
    assert [s for _, s in parts if s is not None] == [0, 1, 2, 3]
    assert sum(len(r.first) for r, _ in parts) == len(schedule)


def test_sample_times_follow_the_rule() -> None:
    # round k starts at 0.1 k up to rounding (0.30000000000000004): a sample there excludes it
    schedule = schedules.tournament(plain(8), 0.1)
    _, counts = schedule.sample_times([0.0, 0.1, 0.3, 0.30000000001, 0.35, 0.7])
    assert counts.tolist() == [0, 4, 12, 12, 16, 28]
    kicks = EncounterSchedule([0], [1], [0.1], [1.0], 0.0, neutrinos=2)
    assert kicks.sample_times([0.0, 1.0])[1].tolist() == [0, 1]  # the final time has everything


def test_ten_million_encounters_as_arrays() -> None:
    schedule = schedules.random_pairs(two_groups(60, 40), 0.01, 10_000_000, seed=1)
    per_encounter = sum(
        a.nbytes for a in (schedule.first, schedule.second, schedule.swap_angle, schedule.start)
    ) / len(schedule)
    assert per_encounter == 24
    assert schedule.duration.strides == (0,)


def test_same_seed_same_schedule() -> None:
    gas = two_groups(6, 4)
    for make in (
        lambda s: schedules.stochastic(gas, 0.1, 0.2, 5.0, seed=s),
        lambda s: schedules.random_pairs(gas, 0.1, 100, seed=s),
        lambda s: schedules.constant_background(gas, 0, 0.1, 50, 0.3, seed=s),
    ):
        assert make(7) == make(7)
        assert make(7) != make(8)


def test_schedules_remember_what_made_them() -> None:
    gas = two_groups(3, 3)
    assert schedules.tournament(gas, 0.1, mu=2.0).probability == 1.0
    assert schedules.tournament(gas, 0.1, mu=2.0).final_time == pytest.approx(5 * 0.05)
    assert schedules.random_pairs(gas, 0.1, 5).probability == 0.0
    s = schedules.stochastic(gas, 0.1, 0.3, 1.0, matter=0.7)
    assert (s.gamma, s.mu, s.probability, s.matter) == (0.1, 1.0, 0.3, 0.7)


BASE = {
    "first": [0, 1],
    "second": [1, 2],
    "swap_angle": [0.1, 0.2],
    "start": [0.0, 1.0],
    "duration": 0.5,
    "neutrinos": 3,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": [0, 3]}, r"first\[1\]: got 3; allowed: a neutrino from 0 to 2"),
        ({"second": [-1, 2]}, r"second\[0\]: got -1"),
        ({"second": [1, 1]}, r"second\[1\]: got 1; allowed: .*cannot meet itself"),
        ({"start": [1.0, 0.0]}, r"start\[1\]: got 0.0; allowed: .*order of time"),
        ({"duration": 1.5}, r"start\[1\]: got 1.0; allowed: >= 1.5, when neutrino 1 leaves"),
        ({"swap_angle": [0.1]}, "first: got"),
        ({"swap_angle": [0.1, float("nan")]}, r"swap_angle\[1\]: got nan"),
        ({"start": [0.0]}, r"start: got 'shape \(1,\)'"),
        ({"duration": [0.1, -0.1]}, r"duration\[1\]: got -0.1"),
        ({"duration": [0.1]}, "duration: got"),
        ({"first": [0.5, 1]}, r"first\[0\]: got 0.5; allowed: a neutrino from 0 to 2"),
        ({"neutrinos": 0}, "neutrinos: got 0"),
        ({"final_time": 0.5}, "final_time"),
        ({"fresh": [1, 0]}, "fresh: got"),
        ({"gamma": -1.0}, "gamma: got -1.0"),
        ({"probability": 1.5}, "probability: got 1.5"),
    ],
)
def test_bad_input_names_field_value_and_allowed(change, message) -> None:
    with pytest.raises(QnuError, match=message) as caught:
        EncounterSchedule(**(BASE | change))
    assert "\n" not in str(caught.value)


def test_overlap_is_fine_for_kicks_fresh_partners_and_back_to_back() -> None:
    EncounterSchedule(**(BASE | {"start": [0.0, 0.0], "duration": 0.0}))
    EncounterSchedule(**(BASE | {"duration": 1.5, "free_streaming": False}))
    EncounterSchedule([0, 1], [2, 2], [0.1] * 2, [0.0] * 2, 1.0, neutrinos=3, fresh=[True, True])


@pytest.mark.parametrize(
    ("times", "message"),
    [([0.0, 9.0], r"times\[1\]: got 9.0"), ([-1.0], "times"), ([1.0, 0.5], "times"), ([], "times")],
)
def test_sample_times_outside_the_schedule(times, message) -> None:
    with pytest.raises(QnuError, match=message):
        EncounterSchedule(**BASE).sample_times(times)


def test_callables_cannot_be_saved(tmp_path) -> None:
    schedule = schedules.tournament(plain(4), 0.1, mu=lambda t: 1.0 + 0 * t)
    with pytest.raises(QnuError, match="mu: got"):
        schedule.save(tmp_path / "s.npz")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(QnuError, match="schedule file"):
        EncounterSchedule.load(tmp_path / "missing.npz")
    assert qnu.schedules is schedules
