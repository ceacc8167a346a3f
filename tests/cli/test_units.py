"""``qnu units``."""

import json
import tomllib
import warnings

import pytest

from qnu import cli, units

GIVEN = ["units", "--density", "1e30/cm3", "--packet", "1e-11cm", "--energy", "15MeV"]


def said(capsys, *arguments: str) -> tuple[str, str, int]:
    with pytest.raises(SystemExit) as end:
        cli.main(list(arguments))
    out = capsys.readouterr()
    return out.out, out.err, int(end.value.code)


def test_everything_is_printed_in_eighty_columns(capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out, err, code = said(capsys, *GIVEN)
    assert (err, code) == ("", 0)
    assert max(map(len, out.splitlines())) <= 80
    for text in (
        "642.3 rad/km = 1.926e+08 rad/s = 1.267e-07 eV",
        "1.557 m = 5.193 ns",
        "14.88 km = 49.63 us",
        "0.0006575",
        "6.423e-11",
        "1.488e+14",
        "80.86 s",
    ):
        assert text in out


def test_the_snippet_is_toml_that_gives_the_same_units(capsys) -> None:
    out, _, _ = said(capsys, *GIVEN)
    tables = tomllib.loads(out[out.index("[units]") :])
    again = units.Units(**tables["units"])
    assert again.gamma == units.gamma_from_area(1e4)
    assert again.mu_per_km == units.mu_from_density(1e30)
    schedule = tables["schedule"]
    assert schedule["gamma"] * schedule["duration"] == pytest.approx(1.0, rel=1e-5)


def test_what_is_said_of_gammas_is_true_of_them(capsys) -> None:
    out, _, _ = said(capsys, *GIVEN)
    assert "No list of encounters can have so small a gamma" in out
    assert "# mu gamma/omega = 46 is not small" in out  # of the gamma 0.03 to paste
    slow = said(capsys, "units", "--mu", "1 km^-1", "--packet", "1e-11cm", "--energy", "5 MeV")[0]
    assert "is not small" not in slow  # omega = 1.27/km
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # printed: no packet is that small
        out, err, _ = said(capsys, "units", "--mu", "642 km^-1", "--area", "1e-5 fm^2")
    assert "below 1 fm" in err
    assert "so small" not in out
    assert "Gammas of lists of encounters that reach the same mu gamma t = 1:" in out


def test_json_holds_the_numbers(capsys) -> None:
    out, _, _ = said(capsys, *GIVEN, "--json", "--time", "10 ms")
    found = json.loads(out)
    assert found["mu"] == units.mu_from_density(1e30)
    assert found["omega_over_mu"] == pytest.approx(6.575e-4, rel=1e-3)
    assert found["mu_gamma_t"] == pytest.approx(1.2367e-4, rel=1e-3)
    assert [run["gamma"] for run in found["scaled"]][:3] == [0.1, 0.03, 0.01]


def test_what_is_not_known_is_left_out(capsys) -> None:
    out, _, _ = said(capsys, "units", "--energy", "15 MeV")
    assert "omega" in out
    assert "gamma" not in out
    assert "mu " not in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "units: got no quantity; allowed: some of --density"),
        (["--density", "1e30"], "density: got '1e30'; allowed: a number density with its unit"),
        (["--mu", "1 km^-1", "--density", "1 cm^-3"], "mu: got density and mu; allowed: one"),
        (["--energy", "1 MeV", "--time", "3 km"], "time: got '3 km'; allowed: a time together"),
    ],
)
def test_mistakes_are_one_line(capsys, arguments, says) -> None:
    out, err, code = said(capsys, "units", *arguments)
    assert (out, code) == ("", 2)
    assert says in err
    assert err.count("\n") == 1
