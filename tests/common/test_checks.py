"""Checks of input that all modules share, and what they are for."""

from __future__ import annotations

import os
import re
import warnings
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import cli, observables, schedules, solvers, testing, units
from qnu.common import checks
from qnu.errors import QnuError, QnuWarning, printable, short


def plain(count: int, **more: Any) -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas([[0, 0, 1.0]] * count, omega=[0.1] * count, **more)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([10**400], "[a number of 401 digits]"),
        ("x" * 10**6, "'" + "x" * 56 + "..."),
        ({"a": [1, 2], "b": None}, "{'a': [1, 2], 'b': None}"),
        (np.array([1, 2]), "[1, 2]"),
        (np.zeros((10**4, 3)), "an array of shape (10000, 3)"),
        (np.broadcast_to(0.0, (10**6, 10**6)), "an array of shape (1000000, 1000000)"),
        (2.5, "2.5"),
    ],
)
def test_a_value_in_a_message_is_short(value: Any, text: str) -> None:
    assert short(value) == text


def test_a_number_in_a_message_is_short() -> None:
    assert short(10**400) == "a number of 401 digits"
    assert short(-(10**6000)) == "a number of 6001 digits"


def test_a_value_that_cannot_be_shown_does_not_hide_the_message() -> None:
    class Strange:
        def __repr__(self) -> str:
            raise RuntimeError

    assert short(Strange()) == "a Strange"
    nested: Any = []
    for _ in range(100_000):
        nested = [nested]
    assert len(short(nested)) < 60


def test_messages_have_no_control_characters() -> None:
    assert printable("a\x1b[31m\nb\u202e") == "a\\x1b[31m\\nb\\u202e"
    assert str(QnuError("a\nb\x07", 1, "2")) == "a\\nb\\x07: got 1; allowed: 2"
    assert len(str(QnuError("x" * 10**6, 1, "2"))) < 300


def test_arrays_that_belong_to_somebody_are_copied_and_lists_only_once() -> None:
    mine = np.array([1.0, 2.0])
    held = checks.floats("x", mine, (None,))
    assert held is not mine
    assert not np.shares_memory(held, mine)
    assert checks.finite("x", mine) is mine
    assert checks.numeric("x", mine, "numbers") is mine


def test_fractions_and_long_whole_numbers_are_numbers() -> None:
    assert checks.number("x", Fraction(1, 4)) == 0.25
    assert checks.floats("x", [Fraction(1, 4), 10**20], (2,)).tolist() == [0.25, 1e20]
    with pytest.raises(QnuError, match=r"x\[1\]: got a number of 401 digits"):
        checks.floats("x", [1, 10**400], (2,))


@pytest.mark.parametrize("call", ["gas", "angle", "time", "matter", "probability", "antineutrino"])
def test_masked_elements_are_refused_not_read(call: str) -> None:
    gas, masked = plain(2), np.ma.masked_array([0.1, 0.2], mask=[True, False])
    vectors = np.ma.masked_array([[0.0, 0, 1], [0, 0, 1]], mask=[[1, 0, 0], [0, 0, 0]])
    schedule = schedules.tournament(gas, 0.1)
    attempts = {
        "gas": lambda: qnu.NeutrinoGas(vectors, [0.1, 0.2]),
        "angle": lambda: qnu.EncounterSchedule(
            [0, 1], [1, 0], masked, [0.0, 1.0], 0.0, neutrinos=2
        ),
        "time": lambda: schedule.checked_times(masked),
        "matter": lambda: qnu.profiles.Table([0.0, 1.0], masked),
        "probability": lambda: observables.length(vectors),
        "antineutrino": lambda: qnu.NeutrinoGas(
            [[0, 0, 1]] * 2, [0, 0], antineutrino=np.ma.masked_array([True, False], [True, False])
        ),
    }
    with pytest.raises(QnuError, match=r"masked|booleans"):
        attempts[call]()


def test_an_array_with_no_masked_element_is_an_array() -> None:
    whole = np.ma.masked_array([0.1, 0.2], mask=[False, False])
    assert qnu.NeutrinoGas([[0, 0, 1]] * 2, whole).omega.tolist() == [0.1, 0.2]


def test_truth_is_not_guessed_from_text() -> None:
    from qnu.quantum import EncounterGate

    gas, schedule = plain(2), schedules.tournament(plain(2), 0.1)
    for attempt in (
        lambda: EncounterGate(0.1, swap="no"),  # type: ignore[arg-type]
        lambda: solvers.kinetic(gas, [0.0, 1.0], 0.1, own_clock="no"),  # type: ignore[arg-type]
        lambda: solvers.many_body(gas, schedule, trotter_error="no"),  # type: ignore[arg-type]
        lambda: qnu.EncounterSchedule(
            [0], [1], [0.1], [0.0], 0.0, neutrinos=2, free_streaming="no"
        ),  # type: ignore[arg-type]
    ):
        with pytest.raises(QnuError, match="got 'no'; allowed: true or false"):
            attempt()


def test_columns_of_a_text_file_are_a_schedule(tmp_path: Path) -> None:
    rows = [[0, 1, 0.3, 0.0, 0.5], [2, 1, 0.2, 1.0, 0.5]]
    np.savetxt(tmp_path / "rows.txt", rows)
    first, second, angle, start, duration = np.loadtxt(tmp_path / "rows.txt", unpack=True)
    schedule = qnu.EncounterSchedule(first, second, angle, start, duration, neutrinos=3)
    assert schedule.first.tolist() == [0, 2]
    assert schedule.second.tolist() == [1, 1]
    assert schedule.first.dtype == np.int32
    gas = plain(3, group=np.array([0.0, 1.0, 1.0]), group_names=("a", "b"))
    assert gas.group.tolist() == [0, 1, 1]
    sites = np.array([2.0, 0.0, 1.0])
    drawn = schedules.native(plain(3), 0.1, np.array([[0.0, 1.0], [1.0, 2.0]]), 3, sites=sites)
    assert drawn.wiring.sites.tolist() == [2, 0, 1]


@pytest.mark.parametrize("wrong", [0.5, 3.0, -1.0, np.nan, 1e30])
def test_floats_that_are_no_index_are_refused(wrong: float) -> None:
    with pytest.raises(QnuError, match=r"first\[1\]: got .*; allowed: a neutrino from 0 to 2"):
        qnu.EncounterSchedule([0.0, wrong], [1, 1], [0.1, 0.1], [0.0, 1.0], 0.0, neutrinos=3)


# ---------------------------------------------------------------------------- swap angles


def test_a_gamma_beyond_a_full_swap_warns_once() -> None:
    gas = plain(4)
    with pytest.warns(
        QnuWarning, match=r"gamma = 5: .* reaches 5, beyond pi/2\..*periodic"
    ) as told:
        schedules.tournament(gas, 5.0)
    assert len(told) == 1
    assert told[0].filename == __file__
    makers = (
        lambda: schedules.stochastic(gas, 5.0, 0.5, 100.0, seed=1),
        lambda: schedules.random_pairs(gas, 5.0, 10, seed=1),
        lambda: schedules.native(gas, 5.0, "line", 4, seed=1),
        lambda: schedules.constant_background(gas, 0, 5.0, 4),
        lambda: schedules.bipartite(plain(4, group=[0, 0, 1, 1]), 5.0),
    )
    for make in makers:
        with pytest.warns(QnuWarning, match="gamma = 5") as told:
            make()
        assert len(told) == 1
        assert told[0].filename == __file__


def test_a_time_step_beyond_a_full_swap_warns() -> None:
    with pytest.warns(QnuWarning, match="steps = 1, a step of 40: the swap angle .* reaches 10"):
        schedules.plane_wave(plain(4), 40.0, 1)


def test_what_counts_is_the_largest_angle_between_velocities() -> None:
    # theta = gamma (1 - cos): 1.5 at right angles, 3 for velocities that are opposite
    schedules.tournament(plain(2), 1.5)
    schedules.tournament(plain(2), np.pi / 2)
    opposite = plain(2, velocity=[[0, 0, 1], [0, 0, -1]])
    with pytest.warns(QnuWarning, match="reaches 3, beyond"):
        schedules.tournament(opposite, 1.5)
    parallel = plain(2, velocity=[[0, 0, 1], [0, 0, 1]])
    schedules.tournament(parallel, 50.0)


def test_angles_that_differ_by_pi_are_one_encounter() -> None:
    one, two = qnu.encounter.unitary(0.4), qnu.encounter.unitary(0.4 - np.pi)
    np.testing.assert_allclose(one, -two, atol=1e-15)


# ---------------------------------------------------------------------------- sample times


def test_times_that_repeat_give_equal_samples_in_every_solver() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1.0], [0.6, 0, 0.8]], omega=[0.1, 0.4], mixing_angle=0.2)
    schedule = schedules.tournament(gas, 0.3)
    once, twice = [0.0, 0.1, 0.3], [0.0, 0.0, 0.1, 0.1, 0.3, 0.3]
    slow = qnu.NeutrinoGas([[0.3, 0, 0.2], [0.2, 0, 0.1]], [0.1, 0.2], group=[0, 1])
    runs = {
        "many_body": lambda t: solvers.many_body(gas, schedule, t),
        "independent": lambda t: solvers.independent(gas, schedule, t),
        "light_cone": lambda t: solvers.light_cone(gas, schedule, t),
        "circuit": lambda t: qnu.quantum.run(gas, schedule, times=t, hardware="qnu"),
        "mean_field": lambda t: solvers.mean_field(gas, t, resolve="neutrino"),
        "kinetic": lambda t: solvers.kinetic(gas, t, 0.1, resolve="neutrino"),
        "miscidynamics": lambda t: solvers.miscidynamics(slow, t, 0.01),
    }
    for name, solve in runs.items():
        left, right = solve(once), solve(twice)
        assert right.times.tolist() == twice, name
        assert np.array_equal(right.polarization, left.polarization.repeat(2, axis=0)), name


def test_times_that_go_back_are_refused_in_every_solver() -> None:
    gas = plain(2, mixing_angle=0.1)
    schedule = schedules.tournament(gas, 0.3)
    for solve in (
        lambda t: solvers.many_body(gas, schedule, t),
        lambda t: solvers.mean_field(gas, t),
        lambda t: solvers.kinetic(gas, t, 0.1),
        lambda t: solvers.miscidynamics(gas, t, 0.1),
    ):
        for times in ([0.1, 0.0], [], [np.nan], [10**400], "0.1", [[0.0, 0.1]]):
            with pytest.raises(QnuError, match="times"):
                solve(times)


def test_times_of_a_file_may_repeat_as_well() -> None:
    text = """
    group = [{ count = 2, polarization = [0, 0, 1] }]
    schedule = { kind = "tournament", gamma = 0.3 }
    output = { times = [0, 0.1, 0.1] }
    method = [{ kind = "independent" }, { kind = "mean_field" }]
    """
    found = qnu.experiment.simulate(qnu.experiment.parse(text))
    for run in found.values():
        assert run.times.tolist() == [0.0, 0.1, 0.1]
        assert np.array_equal(run.polarization[1], run.polarization[2])


def test_a_run_of_days_is_refused_at_once() -> None:
    gas = plain(2)
    with pytest.raises(QnuError, match=r"times: got 1000000000.0; .*at most 1e.08 radians"):
        solvers.mean_field(gas, [0.0, 1e9])
    with pytest.raises(QnuError, match="times: got"):
        solvers.kinetic(gas, [0.0, 1.0], 0.1, mu=1e30)


# ---------------------------------------------------------------------------- large and small


def test_units_whose_result_no_number_can_hold() -> None:
    for attempt in (
        lambda: units.omega_from_energy(1e308, 1e-300),
        lambda: units.energy_from_omega(1e308, 1e-300),
        lambda: units.energy_from_omega(1.0, 5e-324),
        lambda: units.density_from_mu(1e308),
        lambda: units.gamma_from_area(5e-324),
        lambda: units.area_from_gamma(5e-324),
        lambda: units.time_in_km(1e308, 1e-300),
        lambda: units.omega_from_energy(10**400, 1.0),
    ):
        with pytest.raises(QnuError, match=r"got .*; allowed: "):
            attempt()
    # products of two small numbers of one sign are still of one sign
    one, other = units.energy_from_omega(1e-200, 1e-200), units.energy_from_omega(1.0, 1.0)
    assert one == pytest.approx(other, rel=1e-12)


def test_profiles_are_finite_where_they_are_asked() -> None:
    with pytest.raises(QnuError, match="finite"):
        qnu.profiles.Exponential(1.0, -1e-3)(10.0)
    with pytest.raises(QnuError, match="time: got nan"):
        qnu.profiles.Table([0.0, 1.0], [1.0, 2.0])(np.nan)
    with pytest.raises(QnuError, match="a callable of time whose values are numbers"):
        solvers.mean_field(plain(1), [0.0, 1.0], mu=lambda t: "x")


def test_seeds_that_a_generator_takes() -> None:
    assert checks.seed_sequence(2**128 - 1).entropy == 2**128 - 1
    with pytest.raises(QnuError, match=r"seed: got a number of .* digits; .*< 2\^128"):
        checks.seed_sequence(10**5000)


# ---------------------------------------------------------------------------- concurrence


def rotated(state: Any, rng: np.random.Generator) -> Any:
    """Another state of as much entanglement: every neutrino turned by itself."""
    count = state.ndim
    for k in range(count):
        turn = np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0]
        state = np.moveaxis(np.tensordot(turn, state, (1, k)), 0, k)
    return state


def reduced(state: Any) -> Any:
    matrix = state.reshape(4, -1)
    return matrix @ matrix.conj().T


@pytest.mark.parametrize("count", range(2, 11))
def test_concurrence_of_w_states_is_two_over_n(count: int) -> None:
    state = np.zeros((2,) * count, complex)
    for k in range(count):
        state[tuple(int(j == k) for j in range(count))] = count**-0.5
    rng = np.random.default_rng(count)
    for _ in range(20):
        found = float(observables.concurrence(reduced(rotated(state, rng))))
        assert found == pytest.approx(2 / count, abs=1e-13)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_concurrence_of_mixtures_of_products_is_zero(rank: int) -> None:
    rng = np.random.default_rng(rank)
    for _ in range(200):
        vectors = rng.normal(size=(rank, 2, 2)) + 1j * rng.normal(size=(rank, 2, 2))
        products = np.einsum("ri,rj->rij", vectors[:, 0], vectors[:, 1]).reshape(rank, 4)
        products /= np.linalg.norm(products, axis=1, keepdims=True)
        weights = rng.dirichlet(np.ones(rank))
        rho = np.einsum("r,ri,rj->ij", weights, products, products.conj())
        assert float(observables.concurrence(rho)) < 1e-12


def test_concurrence_of_weakly_entangled_pure_pairs() -> None:
    # C = sin(2a) of cos(a)|00> + sin(a)|11>
    rng = np.random.default_rng(5)
    for a in (1e-1, 1e-4, 1e-7, 1e-10, 0.0):
        state = np.array([[np.cos(a), 0], [0, np.sin(a)]], complex)
        found = float(observables.concurrence(reduced(rotated(state, rng))))
        assert found == pytest.approx(np.sin(2 * a), abs=2e-15)


def test_concurrence_of_a_pair_in_a_large_state_agrees_with_the_state() -> None:
    # of the amplitudes M (4 x 2^(N-2)): singular values of R^T (sy x sy) R with M^+ = Q R^+
    rng = np.random.default_rng(3)
    flip = np.array([[0, 0, 0, -1], [0, 0, 1, 0], [0, 1, 0, 0], [-1, 0, 0, 0]])
    for gamma in (0.3, 1e-2, 1e-4):
        directions = testing.random_gas(6, seed=rng).polarization
        gas = qnu.NeutrinoGas(directions, omega=[0.1] * 6)
        schedule = schedules.tournament(gas, gamma)
        state = np.ones((2,) * 6, complex)
        ends = [np.linalg.eigh(qnu.encounter.density_matrix(p))[1][:, 1] for p in directions]
        for k, spinor in enumerate(ends):
            shape = [1] * 6
            shape[k] = 2
            state = state * spinor.reshape(shape)
        for i, j, theta in zip(schedule.first, schedule.second, schedule.swap_angle, strict=True):
            gate = qnu.encounter.unitary(theta).reshape(2, 2, 2, 2)
            state = np.tensordot(gate, state, ((2, 3), (i, j)))
            state = np.moveaxis(state, (0, 1), (i, j))
        run = solvers.many_body(gas, schedule, observables=["pair_concurrence"])
        for i, j in ((0, 1), (2, 5), (1, 4)):
            matrix = np.moveaxis(state, (i, j), (0, 1)).reshape(4, -1)
            root = np.linalg.qr(matrix.conj().T, mode="r").conj().T
            values = np.linalg.svd(root.T @ flip @ root, compute_uv=False)
            expected = max(0.0, 2 * values[0] - values.sum())
            found = float(run["pair_concurrence"][-1, i, j])
            assert found == pytest.approx(expected, abs=1e-13)


# ---------------------------------------------------------------------------- command line


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as leaving:
        cli.main(list(arguments))
    captured = capsys.readouterr()
    assert leaving.value.code in (1, 2), captured
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    assert "Traceback" not in captured.err
    return lines[0]


NOBODY = "~nosuchuser/x"


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", NOBODY),
        ("run", "tournament_4", "--output", NOBODY),
        ("run", "tournament_4", "--checkpoint", NOBODY, "--quiet"),
        ("validate", NOBODY),
        ("compile", NOBODY, "--hardware", "fake_torino"),
        ("compile", "tournament_4", "--hardware", NOBODY),
        ("submit", NOBODY, "--hardware", "fake_torino"),
        ("submit", "tournament_4", "--hardware", NOBODY),
    ],
)
def test_a_user_that_does_not_exist(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    refused(capsys, *arguments)
    assert os.listdir(tmp_path) in ([], ["home"])


def test_public_functions_that_take_a_path() -> None:
    for attempt in (
        lambda: qnu.Checkpoint(NOBODY),
        lambda: qnu.experiment.load(NOBODY),
        lambda: qnu.experiment.run(qnu.experiment.load("tournament_4"), NOBODY),
        lambda: qnu.quantum.run(plain(2), schedules.tournament(plain(2), 0.1), hardware=NOBODY),
    ):
        with pytest.raises(QnuError, match="nosuchuser"):
            attempt()


def test_a_path_that_looks_like_markup(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "home"))
    text = qnu.catalogue.find_experiment("tournament_4").read_text(encoding="utf-8")
    (tmp_path / "d[").mkdir()
    spec = tmp_path / "d[" / "x].toml"
    spec.write_text(text.replace("name =", 'name = "[/x] [red]"\n#', 1), encoding="utf-8")
    for arguments in (("validate", "d[/x].toml"), ("run", "d[/x].toml", "--output", "out")):
        with pytest.raises(SystemExit) as leaving:
            cli.main(list(arguments))
        assert leaving.value.code == 0, capsys.readouterr().err
    assert "Results: out" in capsys.readouterr().out


def test_a_file_without_a_name_for_its_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = qnu.catalogue.find_experiment("tournament_4").read_text(encoding="utf-8")
    for name in ("..toml", "...toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert "--output DIR" in refused(capsys, "run", name, "--quiet")
    assert sorted(os.listdir(tmp_path)) == ["...toml", "..toml"]


@pytest.mark.parametrize("command", ["run", "validate", "compile", "submit"])
@pytest.mark.parametrize("digits", [20, 400, 5000])
def test_seeds_of_many_digits(
    command: str,
    digits: int,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QNU_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    hardware = ("--hardware", "fake_torino") if command in ("compile", "submit") else ()
    line = refused(capsys, command, "tournament_4", *hardware, "--seed", "1" * digits)
    assert "2^63" in line


def test_warnings_are_one_line_on_the_command_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = qnu.catalogue.find_experiment("tournament_4").read_text(encoding="utf-8")
    lines = ["gamma = 5.0" if line.startswith("gamma") else line for line in text.splitlines()]
    (tmp_path / "a.toml").write_text("\n".join(lines), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        with pytest.raises(SystemExit):
            cli.main(["validate", str(tmp_path / "a.toml")])
        said, warned = capsys.readouterr()
        with pytest.raises(SystemExit):
            cli.main(["run", str(tmp_path / "a.toml"), "-q", "-o", str(tmp_path / "out")])
        found = capsys.readouterr().err.splitlines()
    assert len(found) == 1
    assert found[0].startswith("qnu: warning: gamma = 5: the swap angle of a pair reaches")
    assert warned == ""  # a line of its own says it
    assert "  theta > pi/2 in 6 of 6 encounters (largest " in said


WHOLE = [7, 7.0, np.float64(7), np.float32(7), np.float16(7), np.int8(7), np.uint64(7)]
BROKEN = [7.5, np.float64(7.5), float("nan"), float("inf"), True, np.True_, "7", 7j, [7], None,
          np.timedelta64(7), np.array(7.5), Fraction(15, 2)]  # fmt: skip


@pytest.mark.parametrize("value", WHOLE, ids=repr)
def test_a_whole_number_may_be_stored_as_a_float(value: Any) -> None:
    found = checks.integer("n", value, high=9)
    assert (found, type(found)) == (7, int)
    with pytest.raises(QnuError, match=r"n: got .*7.*; allowed: a whole number >= 0 and <= 6"):
        checks.integer("n", value, high=6)


@pytest.mark.parametrize("value", BROKEN, ids=repr)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    assert checks.whole(value) is None
    with pytest.raises(QnuError, match=r"n: got .*; allowed: a whole number >= 0"):
        checks.integer("n", value)


def test_large_floats_are_whole_numbers_of_their_own() -> None:
    assert checks.integer("n", 1e18) == 10**18
    with pytest.raises(QnuError, match=r"allowed: a whole number >= 0 and < 2.63"):
        checks.integer("n", 1e300)


def test_whole_numbers_are_taken_wherever_they_come_in() -> None:
    gas = qnu.NeutrinoGas.from_groups(
        [qnu.Group(np.float64(2), polarization=[0, 0, 1], omega=[0.1, 0.2])], seed=1.0
    )
    assert len(gas) == 2
    assert type(qnu.Group(60.0, polarization=[0, 0, 1]).count) is int
    assert len(schedules.random_pairs(gas, 0.1, encounters=1e2, seed=np.float64(3))) == 100
    assert schedules.plane_wave(gas, 1.0, 4.0, 2.0) == schedules.plane_wave(gas, 1.0, 4, 2)
    regular = schedules.constant_background(gas, 1.0, 0.1, encounters=3.0)
    assert regular == schedules.constant_background(gas, 1, 0.1, encounters=3)
    assert regular.equally_spaced(3.0).tolist() == regular.equally_spaced(3).tolist()
    rows = ([0.0], [1.0], [0.1], [1.0], 0.0)
    assert qnu.EncounterSchedule(*rows, neutrinos=2.0).first.dtype == np.int32
    with pytest.raises(QnuError, match=r"second\[0\]: got 1.5"):
        qnu.EncounterSchedule([0], [1.5], [0.1], [1.0], 0.0, neutrinos=3)
    with pytest.raises(QnuError, match=r"count: got 60.5; allowed: a whole number >= 1"):
        qnu.Group(60.5, polarization=[0, 0, 1])


def test_labels_of_groups_may_be_a_column_of_floats() -> None:
    vectors, omega = [[0, 0, 1]] * 3, [0.1] * 3
    floats = qnu.NeutrinoGas(vectors, omega=omega, group=[2.0, 1.0, 2.0])
    assert floats == qnu.NeutrinoGas(vectors, omega=omega, group=[2, 1, 2])
    assert floats.group_names == ("2", "1")
    halves = qnu.NeutrinoGas(vectors, omega=omega, group=[0.5, 1.0, 0.5])
    assert halves.group_names == ("0.5", "1.0")


FLOATS = """
seed = {seed}
seeds = 2.0
[[group]]
count = {count}
polarization = [0.0, 0.0, 1.0]
[[group]]
count = 1e0
polarization = [1.0, 0.0, 0.0]
[schedule]
kind = "random_pairs"
gamma = 0.1
encounters = {encounters}
[output]
samples = 11.0
[[method]]
kind = "circuit"
shots = 1e3
seed = 4.0
"""


def test_an_experiment_file_takes_whole_numbers_as_floats_with_the_same_hash() -> None:
    floats = FLOATS.format(seed="3.0", count="2.0", encounters="1e2")
    plain = (
        FLOATS.format(seed=3, count=2, encounters=100).replace("1e0", "1").replace("1e3", "1000")
    )
    plain = re.sub(r"\b(2|11|4)\.0\n", r"\1\n", plain)
    assert plain.count(".0\n") == 0
    given, wanted = qnu.experiment.parse(floats), qnu.experiment.parse(plain)
    assert given.spec_hash == wanted.spec_hash
    assert given.schedule == wanted.schedule
    for name, value in (("seed", "1.5"), ("count", "true"), ("encounters", "inf")):
        values = {"seed": "3", "count": "2", "encounters": "5"} | {name: value}
        with pytest.raises(QnuError, match=rf"{name}: got .*; allowed: a whole number"):
            qnu.experiment.parse(FLOATS.format(**values))
