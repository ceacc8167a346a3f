"""``mean_field``, ``kinetic`` and ``miscidynamics`` with a schedule, and what they take from it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import EncounterSchedule, Group, NeutrinoGas, QnuError, schedules, solvers
from qnu.profiles import Table

MU = Table([0.0, 2.0, 40.0], [1.3, 0.7, 0.5])
MATTER = Table([0.0, 1.0, 40.0], [0.4, 0.1, 0.2])
SOLVERS = [solvers.mean_field, solvers.kinetic, solvers.miscidynamics]


def gas_of(first: int, second: int, **options: Any) -> NeutrinoGas:
    groups = [Group(first, (0.6, 0, 0.7), omega=0.1), Group(second, (0.1, 0.5, -0.6), omega=0.3)]
    return NeutrinoGas.from_groups(groups, seed=3, mixing_angle=0.2, **options)


def slow_gas() -> NeutrinoGas:
    """Near a stable equilibrium, where miscidynamics may start."""
    groups = [Group(4, (0.3, 0.0, 0.2), omega=0.1), Group(2, (0.2, 0.0, 0.1), omega=0.2)]
    return NeutrinoGas.from_groups(groups)


#: Every kind: a gas, its schedule, and by hand what an equation has to know of it.
CASES: dict[str, tuple[int, int, Any, dict[str, Any]]] = {
    "tournament of an even number": (
        4, 2, lambda g, **m: schedules.tournament(g, 0.1, **m),
        {"gamma": 0.1, "probability": 1.0, "partners": "others"},
    ),
    "tournament of an odd number": (
        3, 2, lambda g, **m: schedules.tournament(g, 0.1, **m),
        {"gamma": 0.1, "probability": 1.0, "partners": "all"},
    ),
    "line": (
        4, 2, lambda g, **m: schedules.tournament(g, 0.1, order="line", **m),
        {"gamma": 0.1, "probability": 1.0, "partners": "all"},
    ),
    "bipartite": (
        4, 2, lambda g, **m: schedules.bipartite(g, 0.1, **m),
        {"gamma": 0.1, "probability": 1.0, "partners": "across"},
    ),
    "stochastic, p < 1": (
        4, 3, lambda g, **m: schedules.stochastic(g, 0.07, 0.3, 3.0, 5, **m),
        {"gamma": 0.07, "probability": 0.3, "partners": "others"},
    ),
    "stochastic, p = 1": (
        4, 2, lambda g, **m: schedules.stochastic(g, 0.07, 1.0, 3.0, 5, **m),
        {"gamma": 0.07, "probability": 1.0, "partners": "others"},
    ),
    "random pairs": (
        4, 3, lambda g, **m: schedules.random_pairs(g, 0.05, 200, 5, **m),
        {"gamma": 0.05, "probability": 0.0, "partners": "others", "own_clock": True},
    ),
    "native": (
        4, 3, lambda g, **m: schedules.native(g, 0.05, "line", 8.0, seed=5, **m),
        {"gamma": 0.05, "probability": 1.0, "partners": "others"},
    ),
    "constant background": (
        4, 1, lambda g, **m: schedules.constant_background(g, "2", 0.1, 20, **m),
        {"gamma": 0.1, "probability": 1.0, "partners": "others", "background": 4},
    ),
    "constant background, p < 1": (
        1, 3, lambda g, **m: schedules.constant_background(g, "1", 0.1, 20, 0.4, 7, **m),
        {"gamma": 0.1, "probability": 0.4, "partners": "others", "background": 0},
    ),
    "plane waves": (
        4, 2, lambda g, **m: schedules.plane_wave(g, 2.0, 8, **m), {"partners": "all"},
    ),
}  # fmt: skip


def made(case: str, **matter: Any) -> tuple[NeutrinoGas, EncounterSchedule, dict[str, Any]]:
    first, second, make, known = CASES[case]
    gas = gas_of(first, second)
    schedule = make(gas, mu=MU, **matter)
    known = {"mu": MU, "matter": 0.0, **matter, **known}
    if case == "native":
        known["probability"] = schedule.probability
    return gas, schedule, known


def of(solve: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Those that a solver has."""
    return {k: v for k, v in known.items() if k in inspect.signature(solve).parameters}


def bits(run: qnu.Trajectory) -> bytes:
    return run.polarization.tobytes() + run.times.tobytes()


@pytest.mark.parametrize("resolve", ["group", "neutrino"])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("solve", [solvers.mean_field, solvers.kinetic])
def test_a_schedule_stands_for_its_mu_matter_gamma_and_partners_to_the_last_bit(
    solve, case: str, resolve: str
) -> None:
    gas, schedule, known = made(case, matter=MATTER)
    if solve is solvers.kinetic and case == "plane waves":
        return  # no gamma, see below
    times = schedule.equally_spaced(4)
    run = solve(gas, schedule, times, resolve=resolve)
    assert bits(run) == bits(solve(gas, times, resolve=resolve, **of(solve, known)))
    assert bits(run) == bits(solve(gas, schedule=schedule, times=times, resolve=resolve))
    default = solve(gas, schedule, resolve=resolve)
    assert default.times.tolist() == [0.0, schedule.final_time]
    assert default.polarization[-1] == pytest.approx(run.polarization[-1], abs=1e-9)


@pytest.mark.parametrize(
    "case", [c for c in CASES if not any(w in c for w in ("background", "plane", "bipartite"))]
)
def test_miscidynamics_takes_gamma_probability_and_mu_of_a_schedule(case: str) -> None:
    gas, make, known = slow_gas(), CASES[case][2], CASES[case][3]
    falling = Table([0.0, 100.0], [1.0, 0.9])
    schedule = make(gas, mu=falling)
    p = schedule.probability if case == "native" else known["probability"]
    times = schedule.equally_spaced(3)
    old = solvers.miscidynamics(gas, times, known["gamma"], falling, 0.0, p)
    assert bits(solvers.miscidynamics(gas, schedule, times)) == bits(old)
    assert abs(np.diff(old.polarization, axis=0)).max() > 1e-3


def test_miscidynamics_has_no_place_for_two_beams_that_only_meet_each_other() -> None:
    # their mean field and their entanglement are those of the other beam alone, not of Pbar
    gas = slow_gas()
    with pytest.raises(qnu.QnuError, match="bipartite"):
        solvers.miscidynamics(gas, schedules.bipartite(gas, 0.1))


def test_the_older_forms_take_their_arguments_in_order_and_by_name() -> None:
    gas, times = gas_of(3, 2), [0.0, 0.5, 2.0]
    groups = ["group", "all"]
    for solve, given in (
        (solvers.mean_field, {"mu": 0.7, "matter": 0.2}),
        (solvers.kinetic, {"gamma": 0.1, "mu": 0.7, "matter": 0.2, "probability": 0.5}),
    ):
        one = solve(gas, times, *given.values(), *groups)
        two = solve(gas=gas, times=times, resolve="group", partners="all", **given)
        assert bits(one) == bits(two)
        assert bits(one) != bits(solve(gas, times, **{**given, "mu": 0.8}))
        assert "schedule" not in one.attrs
    run = solvers.kinetic(gas, times, 0.1)
    assert (run.attrs["mu"], run.attrs["probability"], run.attrs["partners"]) == (
        1.0,
        0.0,
        "others",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gamma", 0.2),
        ("mu", 2.0),
        ("matter", 0.0),
        ("probability", 0.0),
        ("partners", "all"),
        ("resolve", "neutrino"),
        ("own_clock", True),
        ("background", "2"),
    ],
)
def test_what_is_given_comes_before_what_the_schedule_says(name: str, value: Any) -> None:
    gas = gas_of(4, 1)
    schedule = schedules.stochastic(gas, 0.1, 0.5, 3.0, 1, mu=MU, matter=MATTER)
    known = {"gamma": 0.1, "mu": MU, "matter": MATTER, "probability": 0.5}
    times = [0.0, 3.0]
    for solve in (solvers.mean_field, solvers.kinetic):
        if name not in inspect.signature(solve).parameters:
            continue
        run = solve(gas, schedule, times, **{name: value})
        assert bits(run) == bits(solve(gas, times, **{**of(solve, known), name: value}))
        assert bits(run) != bits(solve(gas, schedule, times))


def test_miscidynamics_starts_from_another_method_of_the_same_schedule() -> None:
    gas = slow_gas()
    schedule = schedules.stochastic(gas, 0.02, 0.5, 150.0, seed=2)
    run = solvers.kinetic(gas, schedule, [0.0, 100.0, 150.0])
    theory = solvers.miscidynamics(gas, schedule, run.times, start=(run, 100.0), signs=[1, 1])
    assert theory.times.tolist() == [100.0, 150.0]
    old = solvers.miscidynamics(
        gas, run.times, 0.02, probability=0.5, start=(run, 100.0), signs=[1, 1]
    )
    assert bits(theory) == bits(old)


def test_a_run_says_which_schedule_it_followed() -> None:
    gas = slow_gas()
    schedule = schedules.tournament(gas, gamma=0.01)
    for solve in SOLVERS:
        attrs = solve(gas, schedule).attrs
        assert (attrs["schedule"], attrs["schedule_hash"]) == ("tournament", schedule.fingerprint())
        assert "encounters" not in attrs  # it took none


def test_a_schedule_read_from_a_file_has_the_same_background(tmp_path) -> None:
    gas = gas_of(3, 1)
    schedule = schedules.constant_background(gas, 3, 0.1, 10)
    schedule.save(tmp_path / "s.npz")
    again = EncounterSchedule.load(tmp_path / "s.npz")
    assert bits(solvers.kinetic(gas, again)) == bits(solvers.kinetic(gas, schedule))
    none = schedules.constant_background(gas, 3, 0.1, 0)
    assert bits(solvers.mean_field(gas, none)) == bits(
        solvers.mean_field(gas, [0.0, 0.0], background=3)
    )


def test_plane_waves_have_no_gamma_so_kinetic_asks_for_one() -> None:
    gas = gas_of(4, 2)
    schedule = schedules.plane_wave(gas, 2.0, 8)
    for solve in (solvers.kinetic, solvers.miscidynamics):
        with pytest.raises(QnuError, match=r"^gamma: got nothing .*plane_wave") as caught:
            solve(gas, schedule)
        assert "\n" not in str(caught.value)
    run = solvers.kinetic(gas, schedule, gamma=0.01)
    assert (run.attrs["gamma"], run.attrs["probability"]) == (0.01, 0.0)
    assert run.attrs["partners"] == "all"


def test_miscidynamics_refuses_a_background_that_is_always_fresh() -> None:
    gas = gas_of(3, 1)
    with pytest.raises(QnuError, match=r"^schedule: got a constant_background schedule"):
        solvers.miscidynamics(gas, schedules.constant_background(gas, 3, 0.1, 10))


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize("wrong", [{"gamma": 0.1}, None, "run", "gas"])
def test_what_is_neither_a_schedule_nor_times_is_refused(solve, wrong: Any) -> None:
    gas = slow_gas()
    wrong = {"run": solvers.mean_field(gas, [0.0]), "gas": gas}.get(str(wrong), wrong)
    with pytest.raises(QnuError, match=r"^schedule: got .*allowed: an EncounterSchedule, or") as at:
        solve(gas, wrong, gamma=0.1) if solve is not solvers.mean_field else solve(gas, wrong)
    assert "\n" not in str(at.value)
    with pytest.raises(QnuError, match=r"^schedule: got .*qnu.EncounterSchedule"):
        solve(gas, schedule=[0.0, 1.0])


@pytest.mark.parametrize("solve", SOLVERS)
def test_a_schedule_in_another_place_is_refused(solve) -> None:
    gas = slow_gas()
    schedule = schedules.tournament(gas, gamma=0.01)
    for call in (lambda: solve(gas, [0.0, 0.05], schedule), lambda: solve(gas, times=schedule)):
        with pytest.raises(QnuError, match=r"^schedule: .*allowed: the second argument"):
            call()
    with pytest.raises(TypeError):  # after a schedule and times everything has a name
        solve(gas, schedule, [0.0], 0.1)
    with pytest.raises(TypeError, match="gama"):
        solve(gas, schedule, gama=0.1)


@pytest.mark.parametrize("solve", SOLVERS)
@pytest.mark.parametrize("times", [[0.0, 9.0], [-1.0, 0.0], [[0.0, 0.01]], [0.02, 0.01], []])
def test_times_that_do_not_belong_to_the_schedule_are_refused(solve, times) -> None:
    gas = slow_gas()
    with pytest.raises(QnuError, match=r"^times"):
        solve(gas, schedules.tournament(gas, gamma=0.01), times)


def test_samples_of_plane_waves_are_at_whole_steps_as_elsewhere() -> None:
    gas = gas_of(4, 2)
    with pytest.raises(QnuError, match="whole Trotter steps"):
        solvers.mean_field(gas, schedules.plane_wave(gas, 2.0, 8), [0.0, 0.3])


@pytest.mark.filterwarnings("always:kinetic. gamma:qnu.QnuWarning")
def test_the_warning_of_large_gamma_is_at_the_line_of_the_call() -> None:
    gas = gas_of(4, 2)
    for call in (
        lambda: solvers.kinetic(gas, [0.0, 0.1], 0.3, probability=1.0),
        lambda: solvers.kinetic(gas, schedules.tournament(gas, 0.3)),
    ):
        with pytest.warns(qnu.QnuWarning, match="p term") as caught:
            call()
        assert [warning.filename for warning in caught] == [__file__]


def test_the_clock_of_random_pairs_is_read_from_the_schedule_and_from_the_file_alike() -> None:
    """Against the mean over seeds: 0.16 without the term of the own clock, 4e-3 with it."""
    gas = NeutrinoGas.from_groups(
        [Group(100, (0.6, 0, 0.8), omega=0.1), Group(100, (0, 0.6, -0.8), omega=0.3)],
        velocities="right-angle",
    )
    drawn = [schedules.random_pairs(gas, 0.05, 40_000, seed=s) for s in range(30)]
    mean = np.mean([solvers.independent(gas, s).group_mean()[-1] for s in drawn], axis=0)
    run = solvers.kinetic(gas, drawn[0])
    apart = abs(run.polarization[-1] - mean).max()
    without = abs(solvers.kinetic(gas, drawn[0], own_clock=False).polarization[-1] - mean).max()
    assert apart < 9e-3
    assert without > 3 * apart
    file = qnu.experiment.parse(
        """
        gas = { velocities = "right-angle" }
        schedule = { kind = "random_pairs", gamma = 0.05, encounters = 40000 }
        method = [{ kind = "kinetic", samples = 2 }]
        [[group]]
        count = 100
        polarization = [0.6, 0, 0.8]
        omega = 0.1
        [[group]]
        count = 100
        polarization = [0, 0.6, -0.8]
        omega = 0.3
        """
    )
    assert bits(qnu.experiment.simulate(file)["kinetic"]) == bits(run)


@pytest.mark.parametrize("case", CASES)
def test_a_method_of_a_file_and_a_call_read_a_schedule_alike(case: str) -> None:
    gas, schedule, _ = made(case, matter=0.2)
    for name in ("mean_field", "kinetic"):
        if (name, case) == ("kinetic", "plane waves"):
            continue
        table = solvers.METHODS[name](kind=name)
        given = qnu.methods.MethodInput(gas, schedule, schedule.equally_spaced(2), {})
        prepared = table.prepare(given)
        run = table.run(gas, schedule, prepared, qnu.methods.Surroundings({}))
        assert bits(run) == bits(getattr(solvers, name)(gas, schedule))


def test_physical_gamma_keeps_the_mean_field_of_isotropic_directions() -> None:
    """(1 - cos 4 gamma) / 8 gamma must not be 0 because cos is 1 to the last bit."""
    from qnu.solvers.kinetic import isotropic_means

    for gamma in (1e-12, 6e-11, 1e-6, 9.9e-4, 1.1e-3):
        turning, mixing = isotropic_means(gamma)
        assert turning == pytest.approx(gamma * (1 - 4 * gamma**2 / 3), rel=1e-9)
        assert mixing == pytest.approx(4 / 3 * gamma**2 * (1 - 4 * gamma**2 / 5), rel=1e-8)
    gas = gas_of(4, 3)
    for resolve in ("group", "neutrino"):
        rate = solvers.kinetic(gas, [0.0, 30.0], 6e-11, resolve=resolve).polarization[-1]
        mean = solvers.mean_field(gas, [0.0, 30.0], resolve=resolve).polarization[-1]
        assert rate == pytest.approx(mean, abs=1e-7)
