"""The house itself: lazy top level, imports that run downward, docstrings that say everything."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qnu

ROOT = Path(qnu.__file__).parent
HEAVY = ("numba", "xarray", "qiskit", "matplotlib", "scipy", "pandas")


def test_import_is_light() -> None:
    code = f"import qnu, sys; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_promised_is_there() -> None:
    for name in qnu.__all__:
        assert getattr(qnu, name) is not None
    assert set(qnu.__all__) <= set(dir(qnu))
    with pytest.raises(AttributeError, match="no attribute 'neutrino'"):
        qnu.neutrino  # noqa: B018  # the access itself is what is tested


def test_every_name_in_the_docs_works_after_import_qnu_alone() -> None:
    home = ROOT.parent
    pages = [
        *home.glob("*.md"),
        *(home / "docs").rglob("*.md"),
        *(home / "docs").rglob("*.py"),
        *(home / "notebooks").glob("*"),
        home / "circuits" / "README.md",
        home / "hardware_configs" / "README.md",
    ]
    text = "\n".join(page.read_text() for page in pages if page.is_file())
    names = sorted(set(re.findall(r"\bqnu(?:\.[A-Za-z_]\w*)+", text)))
    assert "qnu.quantum.qasm.export" in names
    code = (
        "import sys, operator, qnu\n"
        "for name in sys.argv[1:]: operator.attrgetter(name.partition('.')[2])(qnu)"
    )
    subprocess.run([sys.executable, "-c", code, *names], check=True)


def imports_of(folder: str) -> set[str]:
    """Rooms of qnu that the modules of a folder import (relative imports resolved)."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        package = path.relative_to(ROOT).parent.parts
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = ("qnu", *package)[: len(package) + 2 - node.level]
                target = [*base, *(node.module.split(".") if node.module else [])]
                if len(target) > 1:
                    found.add(target[1])
                else:
                    found |= {alias.name for alias in node.names}
    return found


def test_imports_run_downward() -> None:
    assert not imports_of("solvers") & {"quantum", "experiment", "cli", "plotting", "report"}
    assert not imports_of("quantum") & {"solvers", "experiment", "cli", "plotting", "report"}
    assert not imports_of("engine") & {"solvers", "quantum", "schedules", "trajectory"}
    assert not imports_of("schedules") & {"solvers", "quantum", "engine", "trajectory"}


PUBLIC_ROOMS = (
    "qnu.encounter",
    "qnu.gas",
    "qnu.observables",
    "qnu.schedules",
    "qnu.solvers",
    "qnu.quantum",
    "qnu.quantum.jobs",
    "qnu.units",
    "qnu.plotting",
    "qnu.experiment",
    "qnu.catalogue",
)


def public_face():
    for room in map(importlib.import_module, PUBLIC_ROOMS):
        names = getattr(room, "__all__", None)
        for name in names or [n for n in vars(room) if not n.startswith("_")]:
            thing = getattr(room, name)
            own = getattr(thing, "__module__", "").startswith(room.__name__)
            if own and inspect.isfunction(thing):
                yield pytest.param(thing, id=f"{room.__name__}.{name}")


@pytest.mark.parametrize("function", list(public_face()))
def test_docstrings_say_everything(function) -> None:
    text = inspect.getdoc(function) or ""
    missing = [part for part in ("Args:", ">>>") if part not in text]
    if not inspect.signature(function).parameters:
        missing = [part for part in missing if part != "Args:"]
    assert not missing


def test_the_ten_lines_of_the_readme_run(capsys) -> None:
    readme = ROOT.parent / "README.md"
    block = readme.read_text().split("```python\n")[1].split("```")[0]
    assert len(block.strip().splitlines()) <= 12
    exec(compile(block, "README.md", "exec"), {})  # the block is ours
    said = capsys.readouterr().out
    assert said.startswith("45\n")
    pulls = [float(x) for x in re.findall(r"-?\d+\.\d+", said)]
    assert len(pulls) == 6
    assert max(map(abs, pulls)) < 5
