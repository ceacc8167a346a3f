"""Where the kinetic equation may be used, and what it says beyond."""

import time
import warnings

import numpy as np
import pytest

import qnu
from qnu import Group, NeutrinoGas, QnuError, QnuWarning, cli, solvers
from tests.conftest import two_groups

EXPANSION = r"kinetic: gamma = .* > 0.15: the p term is an expansion in gamma; better: independent"


def close_pair(omega: float, velocities: str = "isotropic") -> NeutrinoGas:
    """Two pure groups that start 0.6 apart."""
    tilt = np.array([np.sin(0.3), 0, 0])
    up = np.array([0, 0, np.cos(0.3)])
    return NeutrinoGas.from_groups(
        [Group(5, up + tilt, omega=omega), Group(5, up - tilt, omega=-omega)],
        velocities=velocities,
        seed=1,
    )


@pytest.mark.parametrize("gamma", [1.3, 1.6, 3.0])
def test_lengths_that_grow_beyond_one_are_an_error(gamma) -> None:
    started = time.perf_counter()
    with (
        pytest.warns(QnuWarning, match=EXPANSION),
        pytest.raises(QnuError, match=rf"^gamma: got {gamma:g}, with which \|P\| grows") as caught,
    ):
        solvers.kinetic(close_pair(0.0), [0.0, 200.0], gamma, probability=1.0)
    assert "allowed: a smaller gamma" in str(caught.value)
    assert "independent" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.perf_counter() - started < 20  # at the step where it happens, not at the end


def test_a_length_beyond_one_between_two_samples_is_an_error() -> None:
    # |P| is 1.001 at t = 8 and 0.999 at t = 12
    with (
        pytest.warns(QnuWarning, match=EXPANSION),
        pytest.raises(QnuError, match=r"at t = [4-9]\."),
    ):
        solvers.kinetic(close_pair(0.3), [0.0, 12.0], 1.08, probability=1.0)


@pytest.mark.parametrize("velocities", ["isotropic", "right-angle", "drawn"])
@pytest.mark.parametrize("gamma", [0.4, 1.6, 3.0, 10.0])
def test_without_the_p_term_no_length_grows(gamma, velocities) -> None:
    gas = close_pair(0.3, "isotropic" if velocities == "drawn" else velocities)
    if velocities == "drawn":
        gas = NeutrinoGas(gas.polarization, gas.omega, gas.velocity, gas.group)
    for partners in ("others", "all", "across"):
        run = solvers.kinetic(gas, np.linspace(0, 20, 101), gamma, partners=partners)
        longest = np.linalg.norm(run.polarization, axis=2).max(axis=1)
        assert (np.diff(longest) < 1e-9).all()
        assert longest[0] == pytest.approx(1.0)


def test_swap_angles_that_differ_by_pi_do_the_same() -> None:
    # at right angles, without vacuum, per encounter: times in units of t_int = gamma / mu
    gas = close_pair(0.0, "right-angle")
    one, two = (
        solvers.kinetic(gas, np.linspace(0, 10, 5) * g, g, partners="all").polarization
        for g in (0.7, 0.7 + np.pi)
    )
    assert one == pytest.approx(two, abs=1e-8)


@pytest.mark.parametrize(("gamma", "p"), [(0.15, 1.0), (0.4, 0.0)])
def test_inside_its_range_nothing_is_said(gamma, p) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solvers.kinetic(two_groups(6, 4), [0.0, 1.0], gamma, probability=p)


def test_beyond_the_range_of_the_p_term_one_line_says_so(tmp_path, capsys) -> None:
    gas = two_groups(6, 4)
    with pytest.warns(QnuWarning, match=EXPANSION) as seen:
        run = solvers.kinetic(gas, [0.0, 5.0, 20.0], 0.4, probability=1.0)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    assert np.linalg.norm(run.polarization, axis=2).max() < 1 + 1e-9
    text = """
    group = [{ count = 2, polarization = [0, 0, 1] }, { count = 2, polarization = [1, 0, 0] }]
    schedule = { kind = "tournament", gamma = 0.4 }
    method = [{ kind = "independent" }, { kind = "kinetic" }]
    """
    (tmp_path / "spec.toml").write_text(text, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("default", QnuWarning)
        with pytest.raises(SystemExit) as leaving:
            cli.main(["run", str(tmp_path / "spec.toml"), "--output", str(tmp_path / "out")])
    assert leaving.value.code == 0
    said, warned = capsys.readouterr()
    assert said.count("kinetic: gamma = 0.4 > 0.15, beyond the range of its term of p = 1") == 1
    assert "warning" not in warned


def test_the_p_term_helps_up_to_the_gamma_of_the_warning() -> None:
    # against the mean over seeds of encounters, p = 1: with the term nearer below, not above
    gain = {}
    for gamma in (0.05, 0.4):
        gas = NeutrinoGas([[0, 0, 1], [0.3, 0.0, 0.6]], [0.0, 0.0], group=["nu", "bg"])
        schedule = qnu.schedules.constant_background(gas, "bg", gamma, round(10 / gamma))
        exact = solvers.independent(gas, schedule)
        end, errors = float(exact.times[-1]), []
        for p in (1.0, 0.0):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", QnuWarning)
                run = solvers.kinetic(gas, [0.0, end], gamma, probability=p, background="bg")
            errors.append(abs(run.polarization[-1, 0] - exact.polarization[-1, 0]).max())
        gain[gamma] = errors[1] / errors[0]
    assert gain[0.05] > 3
    assert gain[0.4] < gain[0.05] / 2
