"""What pyproject.toml requires is what the two files of constraints pin and the tests run with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import qnu

HOME = Path(qnu.__file__).parent.parent
PROJECT = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pins(name: str) -> dict[str, Version]:
    lines = (HOME / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def requirements(*left_out: str) -> list[Requirement]:
    groups = [PROJECT["dependencies"], *(EXTRAS[e] for e in EXTRAS if e not in left_out)]
    return [Requirement(line) for group in groups for line in group]


def lower_bound(requirement: Requirement) -> Version:
    (bound,) = (s.version for s in requirement.specifier if s.operator == ">=")
    return Version(bound)


@pytest.mark.parametrize("requirement", requirements("bench"), ids=str)
def test_the_oldest_versions_that_are_allowed_are_those_that_are_tested(requirement) -> None:
    oldest = pins("constraints-oldest.txt")
    assert oldest[canonicalize_name(requirement.name)] == lower_bound(requirement)


#: In no environment that the Makefile makes.
ELSEWHERE = ("bench", "cluster", "explore", "ionq", "mqt")


@pytest.mark.parametrize("requirement", requirements(*ELSEWHERE), ids=str)
def test_the_tested_versions_are_allowed(requirement) -> None:
    tested = pins("constraints.txt")
    assert tested[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-oldest.txt"])
def test_constraints_are_sorted_names_and_versions(name: str) -> None:
    head, *lines = (HOME / name).read_text(encoding="utf-8").splitlines()
    assert head.startswith("# ")
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    names = [line.split("==")[0] for line in lines]
    assert len(names) == len(set(map(canonicalize_name, names)))
    assert lines == sorted(lines, key=str.lower)
    assert not {"pip", "setuptools", "qnu"} & set(names)


def test_numpy_gives_the_same_bits_wherever_an_array_lies() -> None:
    # numpy 2.0 took another way where the next array began right behind a strided one: a run
    # from a checkpoint then had other last bits than one in a single go
    numbers, size = np.random.default_rng(0).normal(size=(400, 2, 2, 2)), 400 * 64
    room = np.empty(size + 400 * 8 + 128, np.uint8)
    strided = room[:size].view(complex).reshape(400, 2, 2)
    strided[...] = numbers.view(complex)[..., 0]
    behind = room[size : size + 400 * 8].view(float)
    np.absolute(strided[:, 1, 1], out=behind)
    assert (behind == np.absolute(strided[:, 1, 1])).all()


def test_the_pythons_of_the_classifiers_are_the_ones_that_are_tested() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    assert named == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={named[0]}"


def said() -> str:
    """Everything that tells somebody how to install an extra."""
    folders = ("qnu", "circuits", "hardware_configs", "docs", "notebooks", "benchmarks")
    files = [path for folder in folders for path in (HOME / folder).rglob("*")]
    files = [path for path in files if HOME / "docs" / "notebooks" not in path.parents]
    made = {"executed", "_build"}  # from the others, by make
    texts = [
        p for p in files if p.suffix in (".py", ".md", ".ipynb", ".toml") and not made & {*p.parts}
    ]
    texts += [*HOME.glob("*.md"), HOME / "Makefile", *(HOME / "paper").glob("*.md")]
    return "\n".join(path.read_text(encoding="utf-8") for path in texts)


def test_extras_are_installed_from_a_clone_by_commands_that_work() -> None:
    text = said()
    assert not re.findall(r"pip install[^\n]*\bqnu\[[^\n]*", text)  # qnu is on no index
    named = re.findall(r"'\.\[([\w,]+)\]'", text)
    assert "ibm" in named
    assert {extra for group in named for extra in group.split(",")} <= EXTRAS.keys()


def test_messages_name_extras_that_exist() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (HOME / "qnu").rglob("*.py"))
    named = set(re.findall(r'optional\(\s*"([\w.]+)",\s*"(\w+)"', code))
    assert {extra for _, extra in named} == {"ibm", "ionq"}
    for module, extra in named:
        library = canonicalize_name(module.partition(".")[0])
        assert library in {canonicalize_name(Requirement(r).name) for r in EXTRAS[extra]}
