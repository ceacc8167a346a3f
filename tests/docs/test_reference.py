"""The reference describes every public name, once."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import qnu
from qnu.cli import app as commands

HOME = Path(qnu.__file__).parent.parent
sys.path.append(str(HOME / "docs"))

# in docs/, which is no package: after its folder is on the path
import command_line  # noqa: E402
import nitpick  # noqa: E402
import reference_pages  # noqa: E402

PAGES = sorted((HOME / "docs" / "reference").glob("*.md"))
WHERE = {
    name: page.name
    for page in PAGES
    if page.name != "index.md"
    for name in reference_pages.documented(page)
}

PUBLIC_MODULES = [
    "qnu",
    "qnu.catalogue",
    "qnu.encounter",
    "qnu.engine",
    "qnu.engine.sector",
    "qnu.engine.statevector",
    "qnu.experiment",
    "qnu.experiment.benchmarking",
    "qnu.methods",
    "qnu.observables",
    "qnu.plotting",
    "qnu.profiles",
    "qnu.premises",
    "qnu.quantities",
    "qnu.quantum",
    "qnu.quantum.circuits",
    "qnu.quantum.circuits.files",
    "qnu.quantum.circuits.hamiltonian",
    "qnu.quantum.circuits.mqt_bench",
    "qnu.quantum.circuits.openqasm",
    "qnu.quantum.circuits.openqasm2",
    "qnu.quantum.circuits.problems",
    "qnu.quantum.compile",
    "qnu.quantum.compile.routing",
    "qnu.quantum.jobs",
    "qnu.quantum.machines",
    "qnu.quantum.measure",
    "qnu.quantum.measure.mitigation",
    "qnu.quantum.measure.statistics",
    "qnu.report",
    "qnu.schedules",
    "qnu.schedules.mixing",
    "qnu.solvers",
    "qnu.testing",
    "qnu.units",
]

#: What other people's programs rely on.
PUBLIC_FACE = [
    "qnu.NeutrinoGas",
    "qnu.Group",
    "qnu.EncounterSchedule",
    "qnu.Trajectory",
    "qnu.Checkpoint",
    "qnu.QnuError",
    "qnu.schedules.tournament",
    "qnu.schedules.stochastic",
    "qnu.schedules.random_pairs",
    "qnu.schedules.constant_background",
    "qnu.schedules.plane_wave",
    "qnu.schedules.native",
    "qnu.solvers.many_body",
    "qnu.solvers.independent",
    "qnu.solvers.mean_field",
    "qnu.solvers.kinetic",
    "qnu.solvers.miscidynamics",
    "qnu.solvers.quasi_steady_state",
    "qnu.quantum.circuit",
    "qnu.quantum.compile_for",
    "qnu.quantum.run",
    "qnu.quantum.QnuEstimator",
    "qnu.quantum.QnuSampler",
    "qnu.quantum.jobs.submit",
    "qnu.methods.METHODS",
    "qnu.methods.Method",
    "qnu.schedules.KINDS",
    "qnu.schedules.ScheduleKind",
    "qnu.quantum.circuits.openqasm.export",
]


def value_of(name: str) -> Any:
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def public_names(module: str) -> Iterator[str]:
    names: list[str] = importlib.import_module(module).__all__
    for name in names:
        if not isinstance(value_of(f"{module}.{name}"), ModuleType):
            yield name


@pytest.mark.parametrize("module", PUBLIC_MODULES)
def test_every_public_name_is_described(module: str) -> None:
    described: dict[str, list[Any]] = {}
    for name in WHERE:
        described.setdefault(name.rpartition(".")[2], []).append(value_of(name))
    for name in public_names(module):
        value = value_of(f"{module}.{name}")
        assert any(value is other for other in described.get(name, [])), (
            f"{module}.{name}: write it into a page of docs/reference, by a line"
            f" '.. autofunction:: {module}.{name}' (autoclass, autodata)"
        )


def test_the_names_that_programs_rely_on_have_the_name_that_they_use() -> None:
    assert not set(PUBLIC_FACE) - set(WHERE)


def test_no_name_is_described_twice() -> None:
    listed = [name for page in PAGES for name in reference_pages.documented(page)]
    assert [name for name, times in Counter(listed).items() if times > 1] == []
    objects = Counter(
        id(value)
        for value in map(value_of, listed)
        if inspect.isclass(value) or inspect.isroutine(value)
    )
    assert max(objects.values()) == 1


def test_every_directive_of_a_page_is_seen() -> None:
    for page in PAGES:
        lines = re.findall(
            r"^\.\. (?:auto(?!module)\w+|py:type):: .*$",
            page.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        assert len(lines) == len(reference_pages.documented(page)), page


def test_every_page_is_in_the_index() -> None:
    index = (HOME / "docs" / "reference" / "index.md").read_text(encoding="utf-8")
    pages = [page.stem for page in PAGES if page.name != "index.md"]
    for page in [*pages, "command-line"]:
        assert f"]({page}.md)" in index, page
        assert f"\n{page}\n" in index, page


@pytest.mark.parametrize("name", sorted(WHERE))
def test_every_name_has_a_first_paragraph_without_markup_of_references(name: str) -> None:
    if name in ("qnu.profiles.Profile", "qnu.testing.Seed"):  # described on their pages
        return
    text = reference_pages.first_paragraph(*name.rsplit(".", 1))
    assert len(text) > 10
    assert text.endswith(".")
    assert not re.search(r":(func|class|meth|mod|data|attr):", text)


def docstrings(value: Any) -> Iterator[str]:
    """Of an object and its public members, without the examples."""
    found = [value]
    if inspect.isclass(value):
        members = [m for name, m in vars(value).items() if not name.startswith("_")]
        found += [getattr(m, "__func__", None) or getattr(m, "fget", None) or m for m in members]
    for item in found:
        if inspect.isclass(item) or inspect.isroutine(item):
            yield (inspect.getdoc(item) or "").partition("Examples:")[0]


@pytest.mark.parametrize("name", sorted(WHERE))
def test_equations_of_docstrings_are_rendered(name: str) -> None:
    for text in docstrings(value_of(name)):
        outside = re.sub(r":math:`[^`]*`", "", text)
        outside = re.sub(r"\.\. math::\n(\s*\n|\s{4,}.*\n?)*", "", outside)
        assert not re.search(r"\|(\d+|psi\S*|P\w*)(>|\|)|\^[+({]|\bsum_|\\[a-z]", outside), text
        for equation in re.findall(r":math:`([^`]*)`", text):
            assert equation.count("{") == equation.count("}"), equation
            assert equation.count(r"\langle") + equation.count(r"\rangle") != 1 or "|" in equation


def test_another_path_to_a_name_leads_to_its_page() -> None:
    docs = HOME / "docs"
    assert reference_pages.described_as("qnu.quantum.qasm.export", docs) == (
        "qnu.quantum.circuits.openqasm.export"
    )
    assert reference_pages.described_as("qnu.solvers.METHODS", docs) == "qnu.methods.METHODS"
    assert reference_pages.described_as("qnu.gas.Group", docs) == "qnu.Group"
    assert reference_pages.described_as("qnu.solvers.no_such_name", docs) is None


def test_an_array_is_an_array() -> None:
    long = "tuple[~numpy.ndarray[tuple[~typing.Any, ...], ~numpy.dtype[~numpy.int64]], ...]"
    assert reference_pages._ARRAY.sub("~numpy.ndarray", long) == "tuple[~numpy.ndarray, ...]"


def test_a_text_before_a_colon_is_no_type() -> None:
    lines = [
        "Words.",
        "",
        "Returns:",
        "    the simulation; None: none.",
        "    More.",
        "",
        "Raises:",
    ]
    reference_pages.text_of_docstring(None, "function", "f", None, None, lines)
    assert lines[:4] == ["Words.", "", ":returns: the simulation; None: none.", "    More."]
    assert lines[-1] == "Raises:"


def test_keys_of_a_table_have_types_without_their_checks() -> None:
    types = reference_pages.types_of_keys(qnu.quantum.IonQMachine)
    assert types["backend"] == "str"  # the key of the file, not the field backend_name
    assert types["shots"] == "int"


def test_nothing_of_qnu_may_lead_nowhere() -> None:
    names = [name for _, name in nitpick.IGNORE] + [name for _, name in nitpick.IGNORE_REGEX]
    assert not [name for name in names if "qnu" in name]


def test_the_command_line_page_has_every_command_and_option(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = command_line.page()
    assert "\x1b" not in text
    top = typer.main.get_command(commands)
    for name, command in top.commands.items():
        section = text.split(f"## `qnu {name}`\n")[1].split("\n## ")[0]
        for parameter in command.params:
            for option in parameter.opts:
                assert option.startswith("-") is False or f"{option}" in section, (name, option)
    monkeypatch.setenv("COLUMNS", "200")
    assert command_line.page() == text


def test_texts_of_help_are_markdown() -> None:
    assert command_line.markdown("results/<file name> of --seed, `--a_b`") == (
        r"results/\<file name\> of `--seed`, `--a_b`"
    )
    assert command_line.text_of("    qnu list\n    qnu jobs") == "```text\nqnu list\nqnu jobs\n```"
