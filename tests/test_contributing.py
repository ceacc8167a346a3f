"""The recipes of CONTRIBUTING.md, carried out in a copy of the repository."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import qnu

HOME = Path(qnu.__file__).parent.parent
CONTRIBUTING = HOME / "CONTRIBUTING.md"
LONGEST = 40
#: Compiled loops are found by the content of their files, which are the same in the copy.
KERNELS = str(HOME / "qnu" / "__pycache__")

SPEC = """
seed = 3
[[group]]
name = "a"
count = 2
polarization = [0.6, 0.0, 0.8]
omega = 0.1
[[group]]
name = "b"
count = 2
polarization = [0.0, 0.0, -1.0]
omega = 0.3
[schedule]
{schedule}
[output]
samples = 5
[[method]]
kind = "many_body"
[[method]]
{method}
"""
TOURNAMENT = 'kind = "tournament"\ngamma = 0.2'


def section(title: str) -> str:
    return CONTRIBUTING.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def recipe(title: str) -> tuple[str, str, str]:
    """File name, code, and the import line of a recipe."""
    text = section(title)
    name = re.search(r"say `(\w+\.py)`", text)
    line = re.search(r"`(from \.\w+ import \w+ as \w+)`", text)
    assert name is not None
    assert line is not None
    return name[1], text.split("```python\n")[1].split("```")[0], line[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("qnu", "circuits", "hardware_configs", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "qasm")
        shutil.copytree(HOME / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(HOME / "pyproject.toml", tmp_path)
    return tmp_path


def add(copy: Path, folder: str, title: str) -> None:
    """What the recipe says: one file, one import line."""
    name, code, line = recipe(title)
    assert len(code.splitlines()) <= LONGEST
    (copy / folder / name).write_text(code, encoding="utf-8")
    run(copy, "-m", "ruff", "check", "--quiet", f"{folder}/{name}")
    run(copy, "-m", "ruff", "format", "--check", "--quiet", f"{folder}/{name}")
    face = copy / folder / "__init__.py"
    face.write_text(f"{face.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")


def run(copy: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        env=os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": KERNELS},
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_solver_is_one_file_and_one_line(copy: Path) -> None:
    add(copy, "qnu/solvers", "A new solver")
    (copy / "a.toml").write_text(
        SPEC.format(schedule=TOURNAMENT, method='kind = "vacuum"\nscale = 2.0'),
        encoding="utf-8",
    )
    shown = run(copy, "-m", "qnu", "run", "a.toml", "--output", "out", "--quiet")
    assert shown == ""
    shown = run(copy, "-m", "qnu", "run", "a.toml", "--output", "out", "--overwrite")
    assert re.search(r"^ *vacuum +a ", shown, re.MULTILINE)
    assert {path.name for path in (copy / "out/trajectories").iterdir()} == {
        "many_body.nc",
        "vacuum.nc",
    }
    assert (copy / "out/figures/comparison.png").stat().st_size > 10_000
    assert "| vacuum | a |" in (copy / "out/report.md").read_text(encoding="utf-8")
    result = qnu.Trajectory.load(copy / "out/trajectories/vacuum.nc")
    start, end = result.polarization[0], result.polarization[-1]
    # group a, omega = 0.1, to t = 0.6: turned about -z by 2 x 0.06
    turned = [0.6 * math.cos(0.12), -0.6 * math.sin(0.12), 0.8]
    assert end == pytest.approx(np.array([turned, turned, start[2], start[3]]), abs=1e-12)
    code = "from qnu.plotting.style import method_style as s; import qnu, sys;"
    code += "print(s(qnu.Trajectory.load(sys.argv[1])))"
    assert "line='--'" in run(copy, "-c", code, "out/trajectories/vacuum.nc")
    run(copy, "-m", "pytest", "-q", "-n", "0", "tests/test_conformance.py", "-k", "vacuum")
    # the README of the catalogue learns of it, and messages name its keys
    run(copy, "-m", "qnu.experiment.key_tables")
    assert "| `scale` | omega is multiplied by it |" in (copy / "circuits/README.md").read_text(
        encoding="utf-8"
    )
    (copy / "b.toml").write_text(
        SPEC.format(schedule=TOURNAMENT, method='kind = "vacuum"\nscale = -1.0'),
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "qnu", "validate", "b.toml"],
        env=os.environ | {"PYTHONPATH": str(copy)},
        cwd=copy,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "qnu: method[1].scale: got -1.0; allowed: a finite number > 0 (line 22 of b.toml)\n"
    )


def test_a_schedule_is_one_file_and_one_line(copy: Path) -> None:
    add(copy, "qnu/schedules", "A new kind of schedule")
    schedule = 'kind = "ring"\ngamma = 0.2\nencounters = 8'
    (copy / "a.toml").write_text(
        SPEC.format(schedule=schedule, method='kind = "circuit"'), encoding="utf-8"
    )
    run(copy, "-m", "qnu", "run", "a.toml", "--output", "out", "--quiet")
    exact, circuit = (
        qnu.Trajectory.load(copy / f"out/trajectories/{name}.nc")
        for name in ("many_body", "circuit")
    )
    run(copy, "-m", "pytest", "-q", "-n", "0", "tests/schedules/test_conformance.py", "-k", "ring")
    assert exact.attrs["encounters"] == 8
    assert exact.times[-1] == pytest.approx(0.8)  # two encounters of each of four: 4 gamma / mu
    assert circuit.polarization == pytest.approx(exact.polarization, abs=1e-12)
    assert abs(exact.polarization[-1] - exact.polarization[0]).max() > 0.1


def test_a_machine_is_one_file_one_line_and_a_config(copy: Path) -> None:
    add(copy, "qnu/quantum/machines", "A new machine")
    config = re.search(r"`(hardware_configs/\w+\.toml)` \((.*?)\)", section("A new machine"))
    assert config is not None
    (copy / config[1]).write_text("\n".join(re.findall(r"`([^`]+)`", config[2])), encoding="utf-8")
    (copy / "a.toml").write_text(
        SPEC.format(
            schedule=TOURNAMENT, method='kind = "circuit"\nhardware = "generic_8"\nshots = 500'
        ),
        encoding="utf-8",
    )
    assert "two-qubit gates" in run(
        copy, "-m", "qnu", "compile", "a.toml", "--hardware", "generic_8"
    )
    run(copy, "-m", "qnu", "run", "a.toml", "--output", "out", "--quiet")
    exact, circuit = (
        qnu.Trajectory.load(copy / f"out/trajectories/{name}.nc")
        for name in ("many_body", "circuit")
    )
    assert circuit.attrs["hardware"] == "generic_8"
    apart = abs(circuit.group_mean() - exact.group_mean()).max()
    assert 0 < apart < 0.3
