"""Curves of another schedule in a figure of a sweep: plane waves beside encounters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import qnu
from qnu import QnuError
from qnu.common import netcdf
from qnu.experiment import sweep_figures, theory_runs

WAVES = {"kind": "plane_wave", "duration": 8.0, "steps": 160, "order": 2, "mu": 8 / 7}


@pytest.fixture(scope="module")
def data() -> xr.Dataset:
    found: xr.Dataset = qnu.experiment.sweep(
        "two_limits", {"schedule.gamma": [0.5, 0.25]}, seeds=2, workers=1
    )
    return found


def entropy_of(z: Any) -> Any:
    p = np.clip((1 + z) / 2, 1e-300, 1)
    q = np.clip((1 - z) / 2, 1e-300, 1)
    return -p * np.log2(p) - q * np.log2(q)


def exact(t: Any) -> Any:
    """z of the upper half of 4 + 4: one cosine for each total spin, H = (2/7) J^2 / 2 + const."""
    n = 4
    spin = n / 2
    m = np.arange(-spin, spin + 1)
    up, down = np.diag(m), np.eye(len(m))
    ladder = np.diag(np.sqrt(spin * (spin + 1) - m[:-1] * (m[:-1] + 1)), -1)
    total_z = np.kron(up, down) + np.kron(down, up)
    raised = np.kron(ladder, down) + np.kron(down, ladder)
    square = raised @ raised.T + total_z @ total_z - total_z
    energy, states = np.linalg.eigh(square / (2 * n - 1))
    start = states.T[:, (len(m) - 1) * len(m)]  # all of A up, all of B down
    z_of_a = states.T @ np.kron(up, down) @ states / spin
    moved = np.exp(-1j * np.outer(t, energy)) * start
    return np.einsum("ti,ij,tj->t", moved.conj(), z_of_a, moved).real


def test_the_exact_curve_of_this_test_is_the_known_one() -> None:
    assert exact([0.0, 4.0]) == pytest.approx([1.0, -0.265], abs=5e-4)


def test_plane_waves_are_those_of_all_pairs_alike(data: xr.Dataset) -> None:
    names = ["entropy", "z"]
    found = theory_runs.computed(data, {"waves": {"schedule": WAVES}}, names, "time")
    z, entropy = found["waves"]["z"], found["waves"]["entropy"]
    expected = exact(data["time"].values)
    np.testing.assert_allclose(z["up"], expected, atol=2e-4)
    np.testing.assert_allclose(z["down"], -expected, atol=2e-4)
    np.testing.assert_allclose(entropy["up"], entropy_of(expected), atol=2e-3)
    (alone,) = theory_runs.computed(data, {"waves": {"schedule": WAVES}}, ["z"], "time").values()
    np.testing.assert_array_equal(alone["up"], z["up"])


def test_a_random_schedule_gives_the_mean_of_the_seeds_of_the_sweep(data: xr.Dataset) -> None:
    drawn = {"kind": "stochastic", "gamma": 0.5, "probability": 1.0, "duration": 8.0}
    given = {"again": {"schedule": drawn, "method": "independent"}, "two": "x / 2"}
    found = theory_runs.computed(data, given, ["z"], "time")
    own = data["polarization"].sel({"schedule.gamma": 0.5, "method": "independent", "axis": "z"})
    np.testing.assert_allclose(found["again"]["up"], own.sel(group="up").mean("seed"), atol=1e-12)
    assert found["two"] == "x / 2"


@pytest.mark.parametrize(
    ("theory", "x", "message"),
    [
        ({"schedule": {**WAVES, "kind": "plane_waves"}}, "time", r"a\.schedule.*'plane_wave'"),
        ({"schedule": {**WAVES, "steps": 0}}, "time", r"plot\.theory\.a\.schedule\.steps: got 0"),
        ({"schedule": WAVES, "method": "many-body"}, "time", "did you mean 'many_body'"),
        ({"schedule": {**WAVES, "duration": 4.0}}, "time", "a: .*sample times"),
        ({"schedule": WAVES}, "schedule.gamma", "plot.x: .*'time', for the curve of 'a'"),
    ],
)
def test_what_cannot_be_computed_is_one_line(
    data: xr.Dataset, theory: dict[str, Any], x: str, message: str
) -> None:
    with pytest.raises(qnu.QnuError, match=message) as error:
        theory_runs.computed(data, {"a": theory}, ["z"], x)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("theory", "message"),
    [
        ({"schedule": WAVES, "methd": "independent"}, "did you mean 'method'"),
        ({"schedule": WAVES, "method": 3}, r"theory\.a\.method: got 3"),
        ({"schedule": True}, r"theory\.a: got"),
    ],
)
def test_a_table_that_is_wrong_is_seen_before_anything_runs(
    theory: dict[str, Any], message: str
) -> None:
    with pytest.raises(qnu.QnuError, match=message):
        sweep_figures.settings(xr.Dataset(), {"theory": {"a": theory}})


def test_the_curve_reaches_the_figure_and_is_left_out_against_a_parameter(
    data: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netcdf.save(data, tmp_path / "sweep.nc")
    drawn = []
    own = qnu.plotting.sweep
    monkeypatch.setattr(
        qnu.plotting, "sweep", lambda *args, **keys: drawn.append(own(*args, **keys)) or drawn[-1]
    )
    (file,) = sweep_figures.draw(tmp_path, {}, tmp_path / "a.png")
    assert file.is_file()
    for ax in drawn[0].axes:
        curves = [one for one in ax.lines if str(one.get_gid()).startswith("theory")]
        assert [one.get_gid() for one in curves] == ["theory:plane waves"]
    assert curves[0].get_ydata()[40] == pytest.approx(-0.2650, abs=5e-4)  # z at mu t = 4
    names = [path.name for path in sweep_figures.draw(tmp_path, {"x": "schedule.gamma"})]
    assert names == ["entropy-z.png", "entropy-z.pdf"]
    assert drawn[1].axes[-1].get_xlabel() == r"$\gamma$"
    assert not [one for one in drawn[1].axes[0].lines if "theory" in str(one.get_gid())]


@pytest.mark.parametrize(
    ("curve", "message"),
    [
        ('schedule = { kind = "plane_wav", duration = 2.0 }', "plot.theory.waves.schedule.kind"),
        ('schedule = { kind = "plane_wave", duration = nan, steps = 2 }', "duration: got nan"),
        (
            'schedule = { kind = "plane_wave", duration = 2.0, steps = 2 }\nmethod = "many"',
            "plot.theory.waves.method: got 'many'; allowed: one of many_body",
        ),
    ],
)
def test_a_wrong_curve_is_found_when_the_file_is_read(curve: str, message: str) -> None:
    text = f"""
name = "curve"
group = [{{ count = 2, polarization = [0.0, 0.0, 1.0], omega = 0.1 }}]
schedule = {{ kind = "tournament", gamma = 0.1 }}
method = [{{ kind = "many_body" }}]
[plot]
quantity = "z"
x = "time"
[plot.theory.waves]
{curve}
"""
    with pytest.raises(QnuError) as caught:
        qnu.experiment.parse(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
