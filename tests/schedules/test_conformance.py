"""What every generator of qnu.schedules must do; a new one is tested as soon as it is exported."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from qnu import EncounterSchedule, NeutrinoGas, QnuError, testing
from qnu.profiles import Exponential, Table

GENERATORS = testing.schedule_generators()
COLUMNS = ("first", "second", "swap_angle", "start", "duration")


def parameters(kind: str) -> Any:
    return inspect.signature(GENERATORS[kind]).parameters


def takes(*names: str) -> list[str]:
    return [kind for kind in GENERATORS if all(name in parameters(kind) for name in names)]


def gas_for(kind: str, neutrinos: int = 6, seed: int = 1) -> NeutrinoGas:
    """Two beams where they are needed; velocities in all directions."""
    groups = 2 if kind == "bipartite" else None
    return testing.random_gas(neutrinos, seed=seed, groups=groups)


def made(
    kind: str, gas: NeutrinoGas | None = None, *, seed: Any = 2, **settings: Any
) -> EncounterSchedule:
    return testing.random_schedule(gas or gas_for(kind), kind, seed=seed, **settings)


#: ``constant_background`` draws nothing at its default, p = 1.
RANDOM = {"probability": 0.5}


def drawn(kind: str) -> dict[str, Any]:
    return RANDOM if "probability" in parameters(kind) else {}


def variants() -> list[Any]:
    """Every generator, with vacuum inside and between encounters where it may be chosen."""
    found = []
    for kind in GENERATORS:
        choices = ("inside", "between") if "vacuum" in parameters(kind) else (None,)
        for vacuum in choices:
            given = {} if vacuum is None else {"vacuum": vacuum}
            if kind == "constant_background":  # regular encounters are the default
                found.append(pytest.param(kind, RANDOM, id=f"{kind}-random"))
            found.append(pytest.param(kind, given, id=f"{kind}-{vacuum}" if vacuum else kind))
            if "order" in parameters(kind):
                other = 1 if kind == "plane_wave" else "line"
                found.append(
                    pytest.param(kind, {"order": other, **given}, id=f"{kind}-{other}-{vacuum}")
                )
    return found


every = pytest.mark.parametrize(("kind", "settings"), variants())
SIZES = pytest.mark.parametrize("neutrinos", [2, 5, 8])


def test_the_generators_are_found() -> None:
    assert {"tournament", "stochastic", "random_pairs", "plane_wave", "native"} <= set(GENERATORS)
    assert "bipartite" in GENERATORS
    assert "constant_background" in GENERATORS


# -- rows -----------------------------------------------------------------------------------------


@every
@SIZES
def test_rows_are_encounters_of_two_neutrinos_in_order(kind, settings, neutrinos) -> None:
    schedule = made(kind, gas_for(kind, neutrinos), **settings)
    assert len(schedule) > 0
    assert schedule.neutrinos == neutrinos
    assert schedule.kind == kind
    for column in (schedule.first, schedule.second):
        assert ((column >= 0) & (column < neutrinos)).all()
    assert (schedule.first != schedule.second).all()
    assert (np.diff(schedule.start) >= 0).all()
    assert schedule.start[0] >= 0
    assert (schedule.duration >= 0).all()
    if schedule.free_streaming:
        assert (schedule.start + schedule.duration).max() <= schedule.final_time + 1e-9
    assert np.isfinite(schedule.swap_angle).all()


@every
@SIZES
def test_no_neutrino_is_in_two_encounters_at_once(kind, settings, neutrinos) -> None:
    schedule = made(kind, gas_for(kind, neutrinos), **settings)
    if not schedule.free_streaming:  # back to back: start only orders encounters
        return
    fresh = np.zeros(len(schedule), bool) if schedule.fresh is None else schedule.fresh
    end = schedule.start + schedule.duration
    for k in range(neutrinos):  # a fresh copy is in one encounter only
        own = np.flatnonzero((schedule.first == k) | ((schedule.second == k) & ~fresh))
        assert (schedule.start[own[1:]] >= end[own[:-1]] - 1e-9).all()


@every
def test_swap_angles_are_those_of_the_closed_formula(kind, settings) -> None:
    gas = gas_for(kind)
    schedule = made(kind, gas, **settings)
    i, j = schedule.first, schedule.second
    geometry = 1 - np.sum(gas.velocity[i] * gas.velocity[j], axis=1)
    if kind == "wave_packets":  # 2 gamma sqrt((1 - c)/2) exp(-q/2), q up to the cutoff squared
        closeness = schedule.swap_angle / (2 * schedule.gamma * np.sqrt(geometry / 2))
        if settings["vacuum"] == "between":  # else the end may cut a gate
            assert ((closeness >= np.exp(-8.0)) & (closeness <= 1.0)).all()
        return
    if schedule.gamma is not None:
        assert schedule.swap_angle == pytest.approx(schedule.gamma * geometry, abs=1e-14)
        return
    # plane waves: every pair at all times, mu (1 - v.v')/N per time
    for a in range(len(gas)):
        for b in range(a):
            both = ((i == a) & (j == b)) | ((i == b) & (j == a))
            pair = 1 - gas.velocity[a] @ gas.velocity[b]
            rate = schedule.mu * pair / len(gas)
            assert schedule.swap_angle[both].sum() == pytest.approx(rate * schedule.final_time)


@pytest.mark.parametrize("kind", takes("gamma"))
def test_swap_angles_at_right_angles_are_gamma(kind) -> None:
    right_angles = replace(gas_for(kind), velocity=None, velocities="right-angle")
    if kind == "wave_packets":  # they need directions to fly along
        with pytest.raises(QnuError, match="right-angle"):
            made(kind, right_angles)
        return
    schedule = made(kind, right_angles, gamma=0.37)
    assert (schedule.swap_angle == 0.37).all()


def test_every_pair_meets_once_in_a_tournament_and_across_beams() -> None:
    for kind, count in [("tournament", 15), ("bipartite", 9)]:
        schedule = made(kind)
        pairs = {frozenset(p) for p in zip(schedule.first, schedule.second, strict=True)}
        assert len(pairs) == len(schedule) == count


@every
def test_the_mean_time_between_encounters_is_t_int(kind, settings) -> None:
    """theta = mu t_int (1 - v.v'): so encounters per neutrino are mu T / gamma, on average."""
    gas = gas_for(kind, 8)
    if "gamma" not in parameters(kind) or kind in ("bipartite", "wave_packets"):
        return  # no t_int; beams of different size rest; packets pass at any distance
    if "duration" in parameters(kind):
        settings = {"duration": 40.0, **settings}
    for name in ("encounters", "encounters_per_neutrino"):
        if name in parameters(kind):
            settings = {name: 400, **settings}
    schedule = made(kind, gas, **settings)
    assert schedule.fresh is None or len(set(schedule.second)) == 1
    met = (1 if schedule.fresh is not None else 2) * len(schedule)
    own = len(gas) - 1 if schedule.fresh is not None else len(gas)
    # a line of N neutrinos takes N rounds, in which each rests once
    rests = (len(gas) - 1) / len(gas) if settings.get("order") == "line" else 1.0
    expected = rests * own * schedule.final_time / schedule.gamma
    random = "seed" in parameters(kind) and kind != "tournament"
    assert met == pytest.approx(expected, rel=0.1 if random else 1e-9)


# -- coupling and time ----------------------------------------------------------------------------


@every
def test_twice_the_coupling_is_half_the_time(kind, settings) -> None:
    slow = {"duration": 2.0} if "duration" in parameters(kind) else {}
    fast = {"duration": 1.0} if "duration" in parameters(kind) else {}
    if "width" in parameters(kind):  # lengths are times
        slow, fast = slow | {"width": 2e-5}, fast | {"width": 1e-5}
    one = made(kind, mu=1.0, **slow, **settings)
    two = made(kind, mu=2.0, **fast, **settings)
    for name in ("first", "second"):
        assert getattr(two, name).tolist() == getattr(one, name).tolist()
    assert two.swap_angle == pytest.approx(one.swap_angle, abs=1e-14)
    assert 2 * two.start == pytest.approx(one.start, abs=1e-12)
    assert 2 * two.duration == pytest.approx(one.duration, abs=1e-12)
    assert 2 * two.final_time == pytest.approx(one.final_time)


@every
@pytest.mark.parametrize(
    "mu", [Table([0.0, 9.0], [1.0, 1.0]), lambda t: 1.0 + 0 * t, Exponential(1.0, 1e12)]
)
def test_constant_coupling_may_be_a_number_a_table_or_a_function(kind, settings, mu) -> None:
    one, two = made(kind, **settings), made(kind, mu=mu, **settings)
    for name in COLUMNS:
        assert getattr(two, name) == pytest.approx(getattr(one, name), abs=1e-9)
    assert two.final_time == pytest.approx(one.final_time)


@every
def test_matter_changes_no_row_and_is_remembered(kind, settings) -> None:
    one, two = made(kind, **settings), made(kind, matter=0.7, **settings)
    assert rows(one) == rows(two)
    assert two.matter == 0.7


# -- seeds and numbering --------------------------------------------------------------------------


def rows(schedule: EncounterSchedule) -> list[bytes]:
    return [np.ascontiguousarray(getattr(schedule, name)).tobytes() for name in COLUMNS]


@every
def test_the_same_seed_gives_the_same_rows(kind, settings) -> None:
    one, two = made(kind, **settings), made(kind, **settings)
    assert rows(one) == rows(two)
    assert one == two
    assert one.fingerprint() == two.fingerprint()


@pytest.mark.parametrize("kind", takes("seed"))
def test_another_seed_gives_other_rows(kind) -> None:
    one, two = (made(kind, seed=seed, **drawn(kind)) for seed in (1, 2))
    assert rows(one)[:2] != rows(two)[:2]
    assert one.fingerprint() != two.fingerprint()


@every
def test_who_meets_whom_does_not_depend_on_the_state(kind, settings) -> None:
    gas = gas_for(kind)
    other = replace(gas, polarization=-0.5 * gas.polarization, omega=2 * gas.omega)
    assert rows(made(kind, gas, **settings)) == rows(made(kind, other, **settings))


@every
def test_the_numbering_of_neutrinos_only_moves_the_swap_angles(kind, settings) -> None:
    """Pairs go by number (and group), angles with the velocities of whoever has it."""
    gas = gas_for(kind)
    if kind == "wave_packets":  # who flies elsewhere meets others
        return
    order = np.array([2, 0, 1, 4, 5, 3])  # within the beams
    moved = replace(gas, velocity=gas.velocity[order], omega=gas.omega[order])
    one, two = made(kind, gas, **settings), made(kind, moved, **settings)
    assert one.first.tolist() == two.first.tolist()
    assert one.second.tolist() == two.second.tolist()
    v = gas.velocity[order]
    geometry = 1 - np.sum(v[two.first] * v[two.second], axis=1)
    before = 1 - np.sum(gas.velocity[one.first] * gas.velocity[one.second], axis=1)
    strength = one.swap_angle / before
    assert two.swap_angle == pytest.approx(strength * geometry, abs=1e-12)
    assert (one.start == two.start).all()


def test_beams_and_backgrounds_go_with_their_neutrinos() -> None:
    gas = gas_for("bipartite")
    order = np.array([5, 0, 3, 1, 4, 2])
    moved = replace(gas, velocity=gas.velocity[order], group=gas.group[order])

    def met(schedule: EncounterSchedule, names: np.ndarray) -> set[Any]:
        ends = zip(names[schedule.first], names[schedule.second], strict=True)
        angles = schedule.swap_angle.round(12)
        return {(frozenset(pair), angle) for pair, angle in zip(ends, angles, strict=True)}

    assert met(made("bipartite", gas), np.arange(6)) == met(made("bipartite", moved), order)
    one = made("constant_background", background=4, probability=1.0)
    two = made(
        "constant_background",
        replace(moved, group=None, group_names=()),
        background=4,
        probability=1.0,
    )
    assert set(one.second) == set(two.second) == {4}


# -- rows block by block, files, fingerprints -----------------------------------------------------


@every
@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
def test_chunks_are_the_whole(kind, settings, size) -> None:
    whole = made(kind, **settings)
    runs = list(made(kind, **settings).chunks(size))
    assert all(0 < len(run.first) <= size for run in runs)
    for name in COLUMNS:
        joined = np.concatenate([np.broadcast_to(getattr(r, name), len(r.first)) for r in runs])
        assert joined.tolist() == getattr(whole, name).tolist()
    rest = list(made(kind, **settings).chunks(size, begin=2))
    assert np.concatenate([r.swap_angle for r in rest]).tolist() == whole.swap_angle[2:].tolist()


@every
@pytest.mark.parametrize("matter", [0.0, Table([0.0, 1.0], [1.0, 0.5])])
def test_save_and_load_bit_for_bit(kind, settings, matter, tmp_path) -> None:
    schedule = made(kind, matter=matter, **settings)
    schedule.save(tmp_path / "s.npz")
    again = EncounterSchedule.load(tmp_path / "s.npz")
    assert rows(again) == rows(schedule)
    assert again == schedule
    assert again.fingerprint() == schedule.fingerprint()
    for name in ("neutrinos", "final_time", "free_streaming", "gamma", "mu", "probability"):
        assert getattr(again, name) == getattr(schedule, name)
    assert again.kind == schedule.kind
    assert (again.fresh is None) == (schedule.fresh is None)


#: For every argument a value that none of the tests above uses.
OTHER: dict[str, Any] = {
    "gamma": 0.21,
    "probability": 0.7,
    "duration": 1.5,
    "steps": 6,
    "encounters": 9,
    "encounters_per_neutrino": 5.0,
    "coupling": "ring",
    "background": 2,
    "seed": 77,
    "mu": 1.5,
    "matter": 0.9,
    "anisotropy": 0.5,
    "vacuum": None,  # the one that is not the default
    "order": None,
    "prefer": "anybody",
    "trade": 0.5,
    "share": 0.5,
    "sites": [3, 2, 1, 0, 4, 5],
    "box": 2.5e-3,
    "width": 2e-5,
    "ratio": 2.0,
    "positions": [[k, 2.0 * k * k, 1.0 / (k + 1)] for k in range(6)],
    "slices": 3,
    "cutoff": 3.0,
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in GENERATORS for name in list(parameters(kind))[1:]]
)
def test_the_fingerprint_changes_with_every_argument(kind, name) -> None:
    value = OTHER[name]
    if name == "vacuum":
        value = {"inside": "between", "between": "inside"}[parameters(kind)[name].default]
    if name == "order":
        value = {"circle": "line", 2: 1}[parameters(kind)[name].default]
    one, two, again = (
        made(kind, **{**drawn(kind), **x}) for x in ({}, {name: value}, {name: value})
    )
    assert one.fingerprint() != two.fingerprint()
    assert one != two
    assert two.fingerprint() == again.fingerprint()


@pytest.mark.parametrize("kind", GENERATORS)
def test_the_fingerprint_changes_with_velocities_and_size(kind) -> None:
    prints = {
        made(kind, gas_for(kind, count, seed)).fingerprint()
        for count, seed in [(6, 1), (6, 2), (7, 1)]
    }
    assert len(prints) == 3


@pytest.mark.parametrize("row", COLUMNS)
def test_the_fingerprint_of_a_list_changes_with_every_number(row) -> None:
    columns = {
        "first": [0, 1],
        "second": [1, 2],
        "swap_angle": [0.3, 0.4],
        "start": [0.0, 1.0],
        "duration": [0.5, 0.5],
    }
    one = EncounterSchedule(**columns, neutrinos=4, final_time=9.0)
    columns[row] = [columns[row][0], columns[row][1] + (2 if row == "first" else 1)]
    two = EncounterSchedule(**columns, neutrinos=4, final_time=9.0)
    assert one.fingerprint() != two.fingerprint()
    assert one != two


# -- errors ---------------------------------------------------------------------------------------

WRONG = {
    "gamma": (0.0, -1.0, float("nan"), "large"),
    "probability": (0.0, 1.5, float("nan")),
    "duration": (-1.0, float("inf")),
    "steps": (0, 1.5),
    "encounters": (-1, 2.5),
    "encounters_per_neutrino": (0.0, -1.0),
    "coupling": ("star",),
    "background": (6, -1, "nobody"),
    "seed": (-1, "random"),
    "mu": (0.0, -1.0, "strong"),
    "matter": (float("nan"), "much"),
    "anisotropy": (float("nan"), float("inf"), 1e7, "much"),
    "vacuum": ("outside",),
    "order": ("random", 3),
    "prefer": ("friends",),
    "trade": (-0.1, 1.1),
    "share": (0.0, 1.1),
    "sites": ([0, 0, 1, 2, 3, 4], [0, 1]),
    "box": (0.0, [1.0, 1.0], "large"),
    "width": (0.0, -1.0, [1.0, 2.0], "wide"),
    "ratio": (0.0, float("nan"), [1.0, 2.0]),
    "positions": ([[0.0, 0.0, 0.0]], "anywhere"),
    "slices": (0, 1.5),
    "cutoff": (0.5, 50.0, "far"),
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in GENERATORS for name in list(parameters(kind))[1:]]
)
def test_wrong_arguments_are_errors_of_their_field(kind, name) -> None:
    for value in WRONG[name]:
        with pytest.raises(QnuError) as caught:
            made(kind, **{name: value})
        assert caught.value.field == name
        assert caught.value.allowed
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", GENERATORS)
def test_one_neutrino_is_not_enough(kind) -> None:
    call: Callable[..., Any] = GENERATORS[kind]
    alone = testing.random_gas(1, seed=1)
    with pytest.raises(QnuError) as caught:
        testing.random_schedule(alone, kind, seed=1)
    assert caught.value.field == "gas"
    with pytest.raises(QnuError):
        call(None, *[1] * (sum(p.default is p.empty for p in parameters(kind).values()) - 1))


def test_the_fingerprint_changes_with_the_order_of_the_sites_alone() -> None:
    """The same rounds on the same couplers: only who sits where is different."""
    given = {"prefer": "anybody", "sites": [0, 1, 2, 3, 4, 5]}
    one, two = made("native", **given), made("native", **given | {"sites": [5, 4, 3, 2, 1, 0]})
    assert one.probability == two.probability
    assert one.final_time == two.final_time
    assert one.fingerprint() != two.fingerprint()
