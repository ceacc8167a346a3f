"""What every method that turns a gas and a schedule into a Trajectory must do.

A new method is tested as soon as it is registered: ``cases`` reads the registry.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, NeutrinoGas, QnuError, Trajectory, testing
from qnu.profiles import Table
from qnu.solvers import METHODS

# -- the methods ----------------------------------------------------------------------------------


def registered() -> dict[str, dict[str, Any]]:
    """What a case needs to know of every method in experiment files."""
    found = {
        name: {
            "function": method.solve,
            "pure_only": method.pure_only,
            "exact": method.reference is not None,
            "neglects": method.neglects,
            "encounters": method.encounters,
            "rows": method.model_construct(kind=name).rows,
        }
        for name, method in METHODS.items()
        if name != "circuit"  # its function takes any keyword
    }
    circuit = {"function": qnu.quantum.run, "pure_only": True, "exact": True, "rows": "neutrino"}
    return {**found, "circuit": circuit}


def near_equilibrium(seed: int, **_: Any) -> NeutrinoGas:
    """Two groups that start near a stable quasi-steady state, where miscidynamics may begin."""
    del seed
    groups = [
        qnu.Group(3, (0.3, 0.0, 0.2), omega=0.1, name="1"),
        qnu.Group(2, (0.2, 0.0, 0.1), omega=0.2, name="2"),
    ]
    return NeutrinoGas.from_groups(groups, "right-angle", mixing_angle=0.1)


def near_mass_states(seed: int, **_: Any) -> NeutrinoGas:
    """Near the field of vacuum and a little matter, along which the MSW effect moves a gas."""
    groups = [qnu.Group(3, (0.1, 0.0, 0.9), omega=1.0), qnu.Group(2, (0.0, 0.1, -0.8), omega=1.5)]
    del seed
    return NeutrinoGas.from_groups(groups, "right-angle", mixing_angle=0.1)


def beams(seed: int, **kind: Any) -> NeutrinoGas:
    """Two groups whose neutrinos are alike in all respects, as a big spin needs them."""
    groups = {"groups": 2, "velocities": "right-angle", **kind}
    return testing.random_gas(5, seed=seed, **groups)


def directions(seed: int, **kind: Any) -> NeutrinoGas:
    """Any gas with directions; of transport each neutrino is a beam, averaged over azimuths."""
    return replace(testing.random_gas(5, seed=seed, **kind), velocities="given")


@functools.wraps(qnu.solvers.transport)
def in_a_box(*args: Any, **given: Any) -> Trajectory:
    """A uniform gas in a small box, and its mean: what other methods return."""
    run = qnu.solvers.transport(*args, length=5.0, cells=8, turn=0.02, **given)
    return run.box_mean().with_attributes(resolve="neutrino")


@dataclass(frozen=True)
class Case:
    """A method, called in one way."""

    name: str
    function: Callable[..., Trajectory]
    rows: str
    pure_only: bool
    exact: bool
    #: False: the equation takes gamma, mu and the like of the schedule, but no encounter.
    encounters: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    #: Of the few methods that do not take any gas and any schedule.
    neglects: tuple[str, ...] = ()
    make_gas: Callable[..., NeutrinoGas] = testing.random_gas
    gas_in_matter: Callable[..., NeutrinoGas] = testing.random_gas
    schedule_settings: dict[str, Any] = field(default_factory=dict)
    in_matter: dict[str, Any] = field(default_factory=dict)
    fewest_neutrinos: int = 5
    #: A mean over random starts, which is exact nowhere: `options` fix the seed.
    sampled: bool = False

    @property
    def parameters(self) -> Any:
        return inspect.signature(self.function).parameters

    @property
    def atol(self) -> float:
        """Rounding of products of matrices; of an integrator with a relative error of 1e-10."""
        return 1e-11 if self.encounters else 2e-9

    def gas(self, seed: int = 1, *, matter: bool = False, **kind: Any) -> NeutrinoGas:
        make = self.gas_in_matter if matter else self.make_gas
        if make is not testing.random_gas:
            return make(seed, **kind)
        groups = 2 if self.rows == "group" else None
        return testing.random_gas(5, seed=seed, **{"groups": groups, **kind})

    def schedule(self, gas: NeutrinoGas, kind: str = "custom", **settings: Any) -> Any:
        settings = {**self.schedule_settings, **settings}
        if kind == "custom":  # gamma and probability for the equations that do not see encounters
            settings = {"gamma": 0.3, "probability": 0.0, **settings}
        return testing.random_schedule(gas, kind, seed=2, **settings)

    def run(self, gas: Any, schedule: Any, times: Any = None, **options: Any) -> Trajectory:
        return self.function(gas, schedule, times=times, **{**self.options, **options})


#: Methods that do not start from any gas.
SPECIAL: dict[str, dict[str, Any]] = {
    "miscidynamics": {
        "make_gas": near_equilibrium,
        "gas_in_matter": near_mass_states,
        "schedule_settings": {"gamma": 0.01},
        "in_matter": {"mu": 0.0},  # the MSW effect: matter is a driver only without mu
    },
    "phase_space": {"options": {"seed": 1}, "sampled": True},
    "transport": {
        "function": in_a_box,
        "make_gas": directions,
        "gas_in_matter": directions,
        "options": {"seed": 1},
    },
    "collective": {
        "make_gas": beams,
        "gas_in_matter": beams,
        "options": {"mu": 1.0},  # plane waves, up to the end of any schedule
        "exact": False,  # of plane waves, without the Trotter steps of the dense reference
    },
}


def cases() -> Iterator[Case]:
    for name, method in registered().items():
        given = {**method, **SPECIAL.get(name, {})}
        if "resolve" in inspect.signature(inspect.unwrap(method["function"])).parameters:
            for rows in ("neutrino", "group"):
                yield Case(f"{name}-{rows}", **{**given, "rows": rows}, options={"resolve": rows})
        else:
            yield Case(name, **given)


ALL = list(cases())


def every(*, when: Callable[[Case], bool] = lambda _: True) -> Any:
    some = [case for case in ALL if when(case)]
    return pytest.mark.parametrize("case", some, ids=[case.name for case in some])


# -- what is conserved ----------------------------------------------------------------------------


def total(run: Trajectory) -> np.ndarray:
    count = run.dataset["count"].values
    return np.einsum("n,tna->ta", count, run.polarization) / count.sum()


@every()
@pytest.mark.parametrize("kind", ["custom", "tournament"])
def test_the_total_along_b_is_conserved_without_matter(case: Case, kind: str) -> None:
    gas = case.gas()
    schedule = case.schedule(gas, kind)
    # at p = 1 the equation for groups keeps it only up to its order in 1/N
    given = {} if case.encounters or "probability" not in case.parameters else {"probability": 0}
    run = case.run(gas, schedule, schedule.equally_spaced(7), **given)
    z = total(run)[:, 2]
    assert z == pytest.approx(np.full(7, gas.polarization[:, 2].mean()), abs=case.atol)
    assert abs(np.diff(run.polarization, axis=0)).max() > 1e-4  # something happens
    for name, value in run.attrs.items():
        if name.startswith("drift_"):
            assert abs(value) < 10 * case.atol, name
    # a mean over samples may be longer than 1, by its error
    longest = 1.1 if case.sampled else 1 + 1e-9
    assert np.linalg.norm(run.polarization, axis=-1).max() < longest


# of miscidynamics there is no such equilibrium, without a field along B
@every(when=lambda case: case.name != "miscidynamics" and "encounters" not in case.neglects)
def test_all_of_the_total_is_conserved_without_vacuum_and_matter(case: Case) -> None:
    gas = case.gas()
    gas = replace(gas, omega=0 * gas.omega)
    schedule = case.schedule(gas)
    run = case.run(gas, schedule, schedule.equally_spaced(7))
    start = gas.polarization.mean(axis=0)
    assert total(run) == pytest.approx(np.tile(start, (7, 1)), abs=case.atol)
    assert abs(np.diff(run.polarization, axis=0)).max() > 1e-2


# -- symmetries -----------------------------------------------------------------------------------


def permuted(gas: NeutrinoGas, schedule: Any, order: np.ndarray) -> tuple[NeutrinoGas, Any]:
    """Neutrino ``order[k]`` becomes number k, and its encounters go with it."""
    named = {
        name: getattr(gas, name)[order]
        for name in ("polarization", "omega", "velocity", "group", "antineutrino")
        if getattr(gas, name) is not None
    }
    new = np.argsort(order)
    names = ("final_time", "free_streaming", "fresh", "gamma", "mu", "probability", "matter")
    other = EncounterSchedule(
        new[schedule.first],
        new[schedule.second],
        schedule.swap_angle,
        schedule.start,
        schedule.duration,
        neutrinos=len(gas),
        **{name: getattr(schedule, name) for name in names},
    )
    return replace(gas, **named), other


@every()
def test_the_numbering_of_neutrinos_means_nothing(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    times = schedule.equally_spaced(4)
    order = np.array([3, 0, 4, 1, 2])
    many = (
        {"samples": 100_000} if case.sampled else {}
    )  # each neutrino has random numbers of its own
    before = case.run(gas, schedule, times, **many).polarization
    after = case.run(*permuted(gas, schedule, order), times, **many).polarization
    if case.rows == "neutrino":
        before = before[:, order]
    assert after == pytest.approx(before, abs=0.02 if case.sampled else case.atol)


@every()
def test_who_is_called_first_in_an_encounter_means_nothing(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    names = ("final_time", "gamma", "mu", "probability")
    turned = EncounterSchedule(
        schedule.second,
        schedule.first,
        schedule.swap_angle,
        schedule.start,
        schedule.duration,
        neutrinos=len(gas),
        **{name: getattr(schedule, name) for name in names},
    )
    times = schedule.equally_spaced(3)
    one, two = (case.run(gas, s, times).polarization for s in (schedule, turned))
    assert two == pytest.approx(one, abs=case.atol)


@every()
def test_a_turn_of_the_start_about_b_turns_the_result(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    times = schedule.equally_spaced(4)
    c, s = np.cos(0.8), np.sin(0.8)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    turned = gas.with_polarization(gas.polarization @ turn.T)
    before, after = (case.run(g, schedule, times).polarization for g in (gas, turned))
    assert after == pytest.approx(before @ turn.T, abs=10 * case.atol)
    assert abs(after - before).max() > 0.01


# -- sample times ---------------------------------------------------------------------------------


@every()
@pytest.mark.parametrize("matter", [0.0, 0.4])
def test_a_sample_does_not_depend_on_the_other_samples(case: Case, matter: float) -> None:
    gas = case.gas(matter=bool(matter))
    settings = {"matter": matter, **case.in_matter} if matter else {}
    schedule = case.schedule(gas, **settings)
    many = schedule.equally_spaced(23)
    few = many[[5, 13, 20]]
    one, two = case.run(gas, schedule, many), case.run(gas, schedule, few)
    assert two.polarization == pytest.approx(one.polarization[[5, 13, 20]], abs=case.atol)
    again = case.run(gas, schedule, [few[1], few[1]])
    assert again.polarization == pytest.approx(one.polarization[[13, 13]], abs=case.atol)


@every()
def test_without_times_there_are_two_samples_and_the_first_is_the_gas(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    run = case.run(gas, schedule)
    assert run.times.tolist() == [0.0, schedule.final_time]
    start = gas.group_means() if case.rows == "group" else gas.polarization
    close = 0.2 if case.make_gas is near_equilibrium else case.atol  # it starts on the equilibrium
    assert run.polarization[0] == pytest.approx(start, abs=close)


@every()
@pytest.mark.parametrize("times", [[1.0, 0.5], [-0.5, 1.0], [0.0, np.nan], [], [[0.0, 1.0]], "now"])
def test_sample_times_that_cannot_be_are_an_error_of_the_field_times(case: Case, times) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    with pytest.raises(QnuError) as caught:
        case.run(gas, schedule, times)
    assert caught.value.field.partition("[")[0] == "times"
    assert caught.value.allowed
    assert "\n" not in str(caught.value)


@every()
def test_no_sample_after_the_end_of_the_schedule(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    with pytest.raises(QnuError, match=r"times\[1\]: got .*within the schedule"):
        case.run(gas, schedule, [0.0, schedule.final_time + 1.0])


# -- matter ---------------------------------------------------------------------------------------


@every(when=lambda case: "matter" not in case.neglects)
def test_constant_matter_may_be_a_number_a_table_or_a_function(case: Case) -> None:
    gas = case.gas(matter=True)
    runs = []
    for matter in (0.4, Table([0.0, 0.7, 90.0], [0.4, 0.4, 0.4]), lambda t: 0.4 + 0 * t):
        schedule = case.schedule(gas, matter=matter, **case.in_matter)
        runs.append(case.run(gas, schedule, schedule.equally_spaced(4)))
    for run in runs[1:]:  # matter that changes inside encounters is followed to 5e-10 in each
        assert run.polarization == pytest.approx(runs[0].polarization, abs=2e-8)
    none = case.schedule(gas, matter=0.0 if not case.in_matter else 0.1, **case.in_matter)
    without = case.run(gas, none, none.equally_spaced(4))
    assert abs(runs[0].polarization - without.polarization).max() > 0.01  # it does something


# -- exactness ------------------------------------------------------------------------------------

PROFILES = {
    "none": 0.0,
    "number": 0.7,
    "table": Table([0.0, 0.31, 0.8, 1.7], [1.5, -0.4, 2.0, 0.3]),
    "function": lambda t: 0.5 + np.sin(2 * t),
}
KINDS = ("custom", "tournament", "random_pairs", "plane_wave", "stochastic", "native")


@every(when=lambda case: case.exact)
@pytest.mark.parametrize("matter", PROFILES)
@pytest.mark.parametrize("kind", KINDS)
def test_exact_methods_agree_with_dense_matrices(case: Case, kind: str, matter: str) -> None:
    gas = testing.random_gas(4, seed=3)
    schedule = testing.random_schedule(gas, kind, seed=4, matter=PROFILES[matter])
    times = schedule.equally_spaced(5)
    run = case.run(gas, schedule, times)
    close = 1e-11 if matter in ("none", "number") else 2e-8
    testing.assert_trajectory_close(run, testing.dense_evolution(gas, schedule, times), close)


@every(when=lambda case: case.exact)
@pytest.mark.parametrize("start", [{"eigenstates": True}, {"antineutrinos": True}, {"groups": 2}])
def test_exact_methods_agree_with_dense_matrices_for_any_start(case: Case, start) -> None:
    gas = testing.random_gas(5, seed=5, **start)
    for kind in ("custom", "random_pairs"):
        schedule = testing.random_schedule(gas, kind, seed=6)
        times = schedule.equally_spaced(4)
        run = case.run(gas, schedule, times)
        testing.assert_trajectory_close(run, testing.dense_evolution(gas, schedule, times), 1e-11)


@every(
    when=lambda case: (
        case.encounters and case.rows == "neutrino" and not case.neglects and not case.sampled
    )
)
def test_neutrinos_that_meet_once_are_exact(case: Case) -> None:
    """Disjoint pairs: nothing that the partners share can come back."""
    gas = testing.random_gas(6, seed=7, mixing_angle=0.3)
    pairs = ([0, 3, 5], [4, 1, 2], [0.7, -0.4, 1.1], [0.2, 0.5, 0.6], [1.0, 0.0, 0.4])
    schedule = EncounterSchedule(*pairs, neutrinos=6, final_time=1.5, matter=0.6)
    times = [0.0, 0.4, 0.5, 0.8, 1.2, 1.5]
    run = case.run(gas, schedule, times)
    testing.assert_trajectory_close(run, testing.dense_evolution(gas, schedule, times), 1e-11)


# not of methods that start elsewhere
@every(when=lambda case: case.make_gas is testing.random_gas and not case.neglects)
def test_in_a_short_time_every_method_has_the_same_mean_field(case: Case) -> None:
    """dP_i = T h_i x P_i + sum_j theta_ij P_j x P_i: signs and factors of vacuum, matter and mu."""
    groups = {"groups": 2, "velocities": "right-angle"} if case.rows == "group" else {}
    gas = testing.random_gas(6, seed=9, **groups)
    gamma, matter = 1e-4, 0.6
    schedule = qnu.schedules.tournament(gas, gamma, matter=matter)
    twice = 2 * gas.mixing_angle
    h = np.array([0.0, 0.0, -1.0]) * gas.omega[:, None]
    h = h + matter * np.array([np.sin(twice), 0.0, np.cos(twice)])
    velocity = np.zeros((6, 3)) if gas.velocity is None else gas.velocity
    theta = gamma * (1 - velocity @ velocity.T) * (1 - np.eye(6))
    p = gas.polarization
    change = np.cross(schedule.final_time * h + theta @ p, p)
    if case.rows == "group":
        change = gas.group_means(change)
    many = {"samples": 400_000} if case.sampled else {}
    run = case.run(gas, schedule, **many)
    found = run.polarization[1] - run.polarization[0]
    assert found == pytest.approx(change, abs=6e-6 if case.sampled else 2e-6)
    assert abs(change).max(axis=1).min() > 4e-5


# -- what comes out -------------------------------------------------------------------------------


@every()
def test_the_trajectory_says_what_it_is_of(case: Case) -> None:
    gas = case.gas(antineutrinos=True)
    schedule = case.schedule(gas)
    times = schedule.equally_spaced(3)
    run = case.run(gas, schedule, times)
    rows = len(gas.group_names) if case.rows == "group" else len(gas)
    assert run.polarization.shape == (3, rows, 3)
    assert run.times == pytest.approx(times)
    assert run.method == case.name.removesuffix(f"-{case.rows}")
    assert run.attrs["resolve"] == case.rows
    assert run.attrs["gas_hash"] == gas.fingerprint()
    assert run.dataset["count"].values.sum() == len(gas)
    if case.rows == "neutrino":
        assert run.dataset["omega"].values.tolist() == gas.omega.tolist()
        assert run.dataset["antineutrino"].values.tolist() == gas.antineutrino.tolist()


@every()
def test_save_and_load_bit_for_bit(case: Case, tmp_path) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    run = case.run(gas, schedule, schedule.equally_spaced(3))
    run.save(tmp_path / "run.nc")
    again = Trajectory.load(tmp_path / "run.nc")
    assert again.dataset.identical(run.dataset)
    assert again.polarization.tobytes() == run.polarization.tobytes()


@every()
def test_the_same_input_gives_the_same_bits(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    times = schedule.equally_spaced(3)
    one, two = (case.run(gas, schedule, times).polarization.tobytes() for _ in range(2))
    assert one == two


@every(when=lambda case: "seed" in case.parameters)
def test_the_same_seed_gives_the_same_numbers(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    shots: dict[str, Any] = {"shots": 50} if "shots" in case.parameters else {}
    if "perturbation" in case.parameters:
        shots = {"perturbation": "random"}
    one, two, other = (
        case.run(gas, schedule, [1.0], seed=seed, **shots).polarization for seed in (1, 1, 2)
    )
    assert one.tobytes() == two.tobytes()
    assert one.tobytes() != other.tobytes()


@every(when=lambda case: "progress" in case.parameters)
def test_progress_goes_up_and_ends_at_1(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    seen: list[float] = []
    case.run(gas, schedule, schedule.equally_spaced(9), progress=seen.append)
    assert seen
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= 1
    assert seen[-1] == pytest.approx(1.0, abs=1e-12)


# -- errors ---------------------------------------------------------------------------------------


def assert_says_what_is_allowed(error: QnuError, field: str) -> None:
    assert error.field is not None
    assert error.field.partition("[")[0].partition(".")[0] == field
    assert error.value is not None
    assert error.allowed
    assert "\n" not in str(error)


@every()
def test_mixed_states_are_taken_or_refused(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    mixed = gas if not gas.is_pure() else gas.with_polarization(0.5 * gas.polarization)
    if not case.pure_only:
        assert np.isfinite(case.run(mixed, schedule).polarization).all()
        return
    with pytest.raises(QnuError) as caught:
        case.run(mixed, schedule)
    assert_says_what_is_allowed(caught.value, "polarization")


@every()
def test_a_gas_of_another_size_is_refused(case: Case) -> None:
    gas = case.gas()
    schedule = case.schedule(gas)
    with pytest.raises(QnuError) as caught:
        case.run(testing.random_gas(6, seed=1), schedule)
    assert_says_what_is_allowed(caught.value, "schedule")


@every()
@pytest.mark.parametrize("thing", [None, "a gas", 3.0])
def test_what_is_no_gas_is_refused(case: Case, thing) -> None:
    schedule = case.schedule(case.gas())
    with pytest.raises(QnuError, match="NeutrinoGas") as caught:
        case.run(thing, schedule, [0.0, 1.0])
    assert (caught.value.field, caught.value.value) == ("gas", thing)


@every(when=lambda case: "progress" in case.parameters)
def test_progress_that_cannot_be_called_is_refused(case: Case) -> None:
    gas = case.gas()
    with pytest.raises(QnuError) as caught:
        case.run(gas, case.schedule(gas), progress="yes")
    assert_says_what_is_allowed(caught.value, "progress")
