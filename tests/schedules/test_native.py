"""Native schedules: a device plays them as they are, and the gas hardly notices."""

import math

import numpy as np
import pytest
from qiskit.transpiler import CouplingMap

import qnu
from qnu import EncounterSchedule, QnuError, schedules, solvers
from qnu.profiles import Exponential
from qnu.quantum.compile.routing import DeviceGraph, Route, best_ring, line_plan
from qnu.schedules import Wiring, coupling_map, mixing, native

from ..conftest import two_groups


def plain_gas(n):
    return qnu.NeutrinoGas([[0, 0, 1]] * n, omega=[0.0] * n)


def pairs_of(schedule):
    return np.stack([schedule.first, schedule.second], axis=1)


def played(schedule):
    """The encounters of a schedule on the sites where its neutrinos are."""
    where = schedule.wiring.sites.tolist()
    steps = []
    for k, (i, j) in enumerate(pairs_of(schedule).tolist()):
        traded = bool(schedule.wiring.swapped[k])
        steps.append((k, where[i], where[j], traded))
        if traded:
            where[i], where[j] = where[j], where[i]
    return Route.of(schedule.wiring.sites, steps)


@pytest.mark.parametrize("coupling", ["line", "ring", "grid", "heavy_hex"])
@pytest.mark.parametrize(("trade", "prefer"), [(1.0, "strangers"), (0.5, "anybody")])
def test_a_device_plays_it_without_an_extra_gate(coupling, trade, prefer):
    n = 25
    schedule = native(plain_gas(n), 0.1, coupling, 20, seed=1, trade=trade, prefer=prefer)
    edges = coupling_map(coupling, n)
    device = DeviceGraph.of(int(edges.max()) + 1, edges)
    route = played(schedule)
    route.check(device, pairs_of(schedule))
    assert len(schedule) == n * 20 // 2
    assert route.two_qubit_gates() == 3 * len(schedule)
    assert schedule.wiring.swapped.mean() == pytest.approx(trade, abs=0.15)
    wrong = route.steps.copy()
    wrong[len(wrong) // 3, 3] ^= 1
    with pytest.raises(QnuError):
        Route.of(route.sites, wrong).check(device, pairs_of(schedule))
    if coupling == "line":  # also found without the wiring
        assert line_plan(pairs_of(schedule), n) is not None


@pytest.mark.parametrize("prefer", ["strangers", "anybody"])
def test_rounds_are_matchings_that_nothing_can_be_added_to(prefer):
    schedule = native(plain_gas(30), 0.1, "heavy_hex", 15, seed=2, prefer=prefer)
    wiring, route = schedule.wiring, played(schedule)
    edges = {tuple(pair) for pair in wiring.edges.tolist()}
    assert edges <= {tuple(pair) for pair in coupling_map("heavy_hex", 30).tolist()}
    rounds = np.unique(schedule.start)
    on = {site: k for k, site in enumerate(wiring.sites.tolist())}
    last: dict[int, int] = {}
    idle = 0
    for time in rounds[:-1]:
        now = schedule.start == time
        busy = route.steps[now, 1:3].ravel().tolist()
        assert len(set(busy)) == len(busy)
        for a, b in edges:
            if a not in busy and b not in busy:
                assert last[on[a]] == on[b]
                assert last[on[b]] == on[a]
                idle += 1
        for (i, j), (_, a, b, traded) in zip(
            pairs_of(schedule)[now].tolist(), route.steps[now].tolist(), strict=True
        ):
            again = last.get(i) == j and last.get(j) == i
            assert not (again and prefer == "strangers")
            last[i], last[j] = j, i
            assert traded
            on[a], on[b] = j, i
    assert (idle > 0) == (prefer == "strangers")
    assert schedule.probability == 2 * len(schedule) / (30 * len(rounds))
    two = native(plain_gas(2), 0.1, "line", 5, seed=1, prefer=prefer)
    assert len(two) == 5


def test_the_share_of_a_line_that_meets_is_that_of_random_dimers():
    # Flory 1939: dimers put at random on a line cover 1 - exp(-2) of it
    for share in (1.0, 0.3):
        schedule = native(plain_gas(2000), 0.1, "line", 60, 3, prefer="anybody", share=share)
        _, met = np.unique(schedule.start, return_counts=True)
        covered = 2 * met[:-1].mean() / 2000  # the last round stops when all have met enough
        assert covered == pytest.approx(share * (1 - math.exp(-2)), abs=2e-3)
        assert schedule.probability == pytest.approx(covered, rel=1 / len(met))


@pytest.mark.parametrize("prefer", ["strangers", "anybody"])
def test_drawn_as_written(prefer):
    # the plain way: a uniform number per coupler for the order, one to meet, one to trade
    sites = [4, 0, 3, 1, 2]
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4)]
    schedule = native(
        plain_gas(5), 0.1, edges, 8, 7, prefer=prefer, trade=0.6, share=0.7, sites=sites
    )
    rng, on, met = np.random.default_rng(7), {s: k for k, s in enumerate(sites)}, np.zeros((5, 5))
    last = [-1] * 5
    couplers = sorted(edges)
    numbers = rng.random((200, 3, len(couplers)))
    found = []
    for order, meet, trade in numbers:
        if prefer == "strangers":
            order = [u + met[on[a], on[b]] for u, (a, b) in zip(order, couplers, strict=True)]
        taken = set()
        for e in np.argsort(order):
            a, b = couplers[e]
            i, j = on[a], on[b]
            again = last[i] == j and last[j] == i
            if taken & {a, b} or (again and prefer == "strangers"):
                continue
            taken |= {a, b}
            if meet[e] < 0.7:
                last[i], last[j] = j, i
                met[i, j] += 1
                met[j, i] += 1
                found.append((i, j, bool(trade[e] < 0.6)))
                if trade[e] < 0.6:
                    on[a], on[b] = j, i
    rows = zip(schedule.first, schedule.second, schedule.wiring.swapped, strict=True)
    assert list(rows) == found[: len(schedule)]
    assert len(schedule) == 20


@pytest.mark.parametrize("vacuum", ["between", "inside"])
@pytest.mark.parametrize("mu", [2.0, Exponential(1.0, 8.0)])
def test_time_runs_as_in_other_schedules(vacuum, mu):
    gas, gamma, depth = plain_gas(12), 0.05, 30
    schedule = native(gas, gamma, "grid", depth, 4, mu, vacuum=vacuum)
    # one encounter of each neutrino per t_int: the integral of mu over all time is gamma x depth
    total = mu * schedule.final_time if mu == 2.0 else 8.0 * (1 - np.exp(-schedule.final_time / 8))
    assert total == pytest.approx(gamma * depth, rel=1e-9)
    if mu == 2.0:
        step = gamma * schedule.probability / mu
        rounds = np.unique(schedule.start / step)
        shift = 0.5 if vacuum == "between" else 0.0
        assert rounds == pytest.approx(np.arange(len(rounds)) + shift)
        assert schedule.duration.max() == pytest.approx(step if vacuum == "inside" else 0.0)
    again = EncounterSchedule(  # nobody in two encounters at a time, in order of time
        schedule.first,
        schedule.second,
        schedule.swap_angle,
        schedule.start,
        schedule.duration,
        neutrinos=12,
        final_time=schedule.final_time,
        gamma=gamma,
        mu=mu,
        probability=schedule.probability,
        kind="native",
    )
    assert again == schedule
    assert again.wiring is None


def test_swap_angles_follow_velocities():
    gas = two_groups(6, 4, "isotropic")
    schedule = native(gas, 0.3, "ring", 5, seed=0)
    cosine = (gas.velocity[schedule.first] * gas.velocity[schedule.second]).sum(axis=1)
    assert schedule.swap_angle == pytest.approx(0.3 * (1 - cosine))


def test_what_is_conserved():
    gas = two_groups(5, 4)
    schedule = native(gas, 0.4, "grid", 12, seed=5)
    run = solvers.many_body(gas, schedule, schedule.equally_spaced(4))
    total = run.polarization.sum(axis=1)
    assert total[:, 2] == pytest.approx(np.full(4, total[0, 2]), abs=1e-10)
    assert abs(total[-1, 0] - total[0, 0]) > 1e-2  # vacuum turns it


def means(gas, times, seeds, make):
    runs = [solvers.independent(gas, make(seed), times).group_mean() for seed in range(seeds)]
    return np.array(runs)


def test_a_gas_on_a_device_is_the_gas_if_its_neutrinos_walk():
    gas, gamma, depth, seeds = two_groups(22, 14), 0.1, 40, 60
    times = np.linspace(0.0, gamma * depth, 4)[1:]

    def on_device(trade):
        return means(
            gas, times, seeds, lambda s: native(gas, gamma, "heavy_hex", depth, s, trade=trade)
        )

    p = native(gas, gamma, "heavy_hex", depth, 0).probability
    free = means(
        gas, times, seeds, lambda s: schedules.stochastic(gas, gamma, p, gamma * depth, seed=s)
    )
    walking, error = mixing.difference(on_device(1.0), free)
    moved = abs(free.mean(axis=0)[-1] - free.mean(axis=0)[0]).max()
    assert moved > 0.1
    assert abs(walking).max() < 0.01
    assert (abs(walking) < 4 * error).all()
    standing, error = mixing.difference(on_device(0.0), free)
    assert abs(standing / error).max() > 5
    assert abs(standing).max() > 10 * abs(walking).max()


def test_mixing_numbers_of_known_schedules():
    gas = plain_gas(10)
    tournament = schedules.tournament(gas, 0.1)
    assert (mixing.meeting_counts(tournament) == 1 - np.eye(10)).all()
    assert mixing.share_met(tournament, [0, 3, 9]).tolist() == pytest.approx([0, 1 / 3, 1])
    assert mixing.return_times(tournament).size == 0
    # partners from the whole gas: a pair comes back after N - 1 encounters of either, geometric
    free = schedules.stochastic(gas, 0.1, 1.0, 2000.0, seed=1)
    apart = mixing.return_times(free)
    assert len(apart) == 2 * (len(free) - 45)
    assert apart.mean() == pytest.approx(9, rel=0.02)
    assert (apart == 1).mean() == pytest.approx(1 / 9, rel=0.05)
    assert (apart > 9).mean() == pytest.approx((8 / 9) ** 9, rel=0.05)
    counts = mixing.meeting_counts(free)
    assert counts.sum() == 2 * len(free)
    assert (counts == counts.T).all()
    depth = np.array([2.0, 9.0, 27.0])
    pairs = [
        mixing.share_met(schedules.stochastic(gas, 0.1, 1.0, 2.7, seed=s), depth) for s in range(80)
    ]
    assert np.mean(pairs, axis=0) == pytest.approx(1 - (8 / 9) ** depth, abs=0.02)


def test_strangers_first_and_trades_mix_best():
    gas, depth = plain_gas(49), [48.0]
    met = {}
    for coupling in ("line", "heavy_hex", "grid"):
        for prefer in ("strangers", "anybody"):
            for trade in (1.0, 0.5, 0.0):
                made = native(gas, 0.1, coupling, 48, 1, prefer=prefer, trade=trade)
                met[coupling, prefer, trade] = mixing.share_met(made, depth)[0]
        for trade in (1.0, 0.5):
            assert met[coupling, "strangers", trade] > met[coupling, "anybody", trade] + 0.05
        assert met[coupling, "strangers", 1.0] > met[coupling, "strangers", 0.5]
        assert met[coupling, "strangers", 0.0] == len(made.wiring.edges) / (49 * 24)
    assert met["heavy_hex", "strangers", 1.0] > 1 - math.exp(-1)


def test_a_schedule_remembers_its_wiring_in_a_file(tmp_path):
    schedule = native(two_groups(5, 4), 0.1, [(3, 4), *coupling_map("ring", 9)], 6, seed=1)
    schedule.save(tmp_path / "s.npz")
    loaded = EncounterSchedule.load(tmp_path / "s.npz")
    assert loaded == schedule
    assert loaded.fingerprint() == schedule.fingerprint()
    for name in ("edges", "sites", "swapped"):
        assert (getattr(loaded.wiring, name) == getattr(schedule.wiring, name)).all()
    other = schedules.tournament(two_groups(5, 4), 0.1)
    other.save(tmp_path / "t.npz")
    assert other.wiring is None
    assert EncounterSchedule.load(tmp_path / "t.npz").wiring is None


def test_seeds_and_sites():
    gas = plain_gas(9)
    one, same, another = (native(gas, 0.1, "grid", 5, seed) for seed in (1, 1, 2))
    assert one == same
    assert one != another
    assert one.wiring.sites.tolist() != another.wiring.sites.tolist()
    # of a larger device: sites close together, each neighbours of others
    ladder = CouplingMap.from_grid(2, 20)
    region = native(gas, 0.1, ladder, 5, seed=1).wiring
    columns = region.sites % 20
    assert np.ptp(columns) <= 5
    given = native(gas, 0.1, ladder, 5, seed=1, sites=range(9)).wiring
    assert given.sites.tolist() == list(range(9))
    assert given.edges.tolist() == [[k, k + 1] for k in range(8)]


def test_regular_devices():
    ring, grid = coupling_map("ring", 5), coupling_map("grid", 12)
    assert np.bincount(ring.ravel()).tolist() == [2] * 5
    assert len(grid) == 17
    for count in (2, 30, 133):
        edges = coupling_map("heavy_hex", count)
        device = DeviceGraph.of(int(edges.max()) + 1, edges)
        assert device.sites >= count
        assert (device.distance < device.sites).all()
        assert len(edges) == len(device.edges)
        degrees = np.bincount(edges.ravel())
        assert degrees.max() <= 3
        assert all(degrees[[a, b]].min() <= 2 for a, b in edges)  # no two of degree 3 side by side
        if count == 133:
            assert [n for n in range(3, 18) if best_ring(device, n) is not None] == [12]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"coupling": "tree"}, "coupling"),
        ({"coupling": [(0, 0)]}, "coupling"),
        ({"coupling": [(0, 1.5)]}, "coupling"),
        ({"coupling": 3}, "coupling"),
        ({"coupling": []}, "coupling"),
        ({"coupling": [(0, 1), (2, 3)]}, "coupling"),
        ({"encounters_per_neutrino": 0}, "encounters_per_neutrino"),
        ({"encounters_per_neutrino": 1e15}, "encounters_per_neutrino"),
        ({"gamma": -1}, "gamma"),
        ({"prefer": "friends"}, "prefer"),
        ({"trade": 2}, "trade"),
        ({"share": 0}, "share"),
        ({"vacuum": "outside"}, "vacuum"),
        ({"sites": [0, 1]}, "sites"),
        ({"sites": [0, 1, 1, 2]}, "sites"),
        ({"sites": [0, 1, 2, 9]}, "sites"),
        ({"sites": [0, 1, 3, 4], "coupling": "line", "count": 5}, "sites"),
    ],
)
def test_bad_input(change, field):
    given = {"gamma": 0.1, "coupling": "ring", "encounters_per_neutrino": 4, "seed": 1} | change
    gas = plain_gas(4)
    if given.pop("count", None):
        given["coupling"] = coupling_map("line", 5)
    with pytest.raises(QnuError, match=rf"^{field}(\[.*\])?: got") as caught:
        native(gas, **given)
    assert "\n" not in str(caught.value)


def test_bad_wiring():
    schedule = schedules.tournament(plain_gas(3), 0.1)
    columns = (getattr(schedule, c) for c in ("first", "second", "swap_angle", "start", "duration"))
    rows = list(columns)
    for edges, sites, traded in (
        ([(0, 1)], [0, 1], [True] * 3),
        ([(0, 1)], [0, 1, 2], [True]),
        ([(0, 1)], [0, 1, 1], [True] * 3),
        ([(0, 4)], [0, 1, 2], [True] * 3),
        ([(0, -1)], [0, 1, 2], [True] * 3),
        ([(0, 1)], [0, 1, 2], [0.5] * 3),
    ):
        with pytest.raises(QnuError, match="wiring"):
            EncounterSchedule(*rows, neutrinos=3, wiring=Wiring(edges, sites, traded))


def test_the_former_name_of_swapped_still_works_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="swapped"):
        wiring = Wiring([(0, 1)], [0, 1], traded=[True])
    with pytest.warns(DeprecationWarning, match="swapped"):
        assert wiring.traded.tolist() == wiring.swapped.tolist() == [True]
