"""The workflow runs the script of .ci/run where users are; text is UTF-8 on all systems."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import qnu

HOME = Path(qnu.__file__).parent.parent


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    path = HOME / ".github" / "workflows" / "ci.yml"
    if not path.exists():
        pytest.skip("an sdist has no .github")  # a clone always has it
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["defaults"]["run"]["shell"] == "bash"
    assert workflow["env"]["PYTHON"] == "python"
    assert {"push", "pull_request"} <= workflow[True].keys()  # YAML reads `on` as true
    return workflow["jobs"]


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_the_script_runs_on_three_systems_and_the_oldest_and_newest_python(jobs) -> None:
    matrix = jobs["all"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    project = (HOME / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"Python :: (3\.\d+)", project)
    assert matrix["python"] == [named[0], named[-1]]
    assert jobs["all"]["runs-on"] == "${{ matrix.os }}"
    assert commands(jobs["all"])[-1] == "bash .ci/run"
    assert (HOME / ".ci" / "run").exists()


def test_oldest_versions_and_package_have_jobs_whose_targets_exist(jobs) -> None:
    assert commands(jobs["oldest"]) == ["make test-oldest"]
    assert commands(jobs["package"]) == ["make package"]
    makefile = (HOME / "Makefile").read_text(encoding="utf-8")
    script = (HOME / ".ci" / "run").read_text(encoding="utf-8")
    for target in ("test-oldest", "package", "release", *re.findall(r"^make (\S+)", script, re.M)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_job_gets_the_repository_and_a_python(jobs) -> None:
    for job in jobs.values():
        used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert used[:2] == ["actions/checkout", "actions/setup-python"]
        assert job["timeout-minutes"] <= 120


def opened_as_text() -> Iterator[tuple[str, ast.Call]]:
    """Calls that read or write text: ``open``, ``fdopen``, ``read_text``, ``write_text``."""
    folders = ("benchmarks", "docs", "notebooks", "packaging", "qnu", "tests")
    for path in (path for folder in folders for path in (HOME / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            method = isinstance(node.func, ast.Attribute)
            name = node.func.attr if method else getattr(node.func, "id", "")
            owner = getattr(node.func.value, "id", "") if method else ""
            if name in ("read_text", "write_text"):
                yield f"{path.relative_to(HOME)}:{node.lineno}", node
            elif name in ("open", "fdopen") and owner not in ("Image", "tarfile", "webbrowser"):
                if name == "open" and owner == "os":
                    continue
                place = 0 if method and name == "open" else 1
                modes = [*node.args[place:], *(k.value for k in node.keywords if k.arg == "mode")]
                if not any(isinstance(m, ast.Constant) and "b" in str(m.value) for m in modes):
                    yield f"{path.relative_to(HOME)}:{node.lineno}", node


#: ``member`` of an archive: bytes.
BYTES = {"stream", "member"}


def test_files_of_text_are_opened_as_utf_8() -> None:
    found = list(opened_as_text())
    assert len(found) > 100
    wrong = [
        place
        for place, call in found
        if not any(k.arg == "encoding" for k in call.keywords)
        and not (call.args and ast.unparse(call.args[-1]) in {"'utf-8'", *BYTES})
        and ast.unparse(call.func) != "toml.read_text"  # qnu's own, which does
    ]
    assert wrong == []
