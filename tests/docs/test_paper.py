"""The paper, the citation file and the checklists say what is in the repository."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from pathlib import Path

import yaml

import qnu
from qnu.quantum.machines import load

HOME = Path(qnu.__file__).parent.parent
PAPER = HOME / "paper" / "paper.md"
BENCHMARKS = (HOME / "docs" / "benchmarks.md").read_text(encoding="utf-8")
WORDS = range(750, 1751)
SECTIONS = [
    "Summary",
    "Statement of need",
    "State of the field",
    "Software design",
    "Research impact statement",
    "AI usage disclosure",
    "Acknowledgements",
    "References",
]


def front_and_body() -> tuple[dict, str]:
    _, front, body = PAPER.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def rows(text: str) -> dict[str, list[str]]:
    """Rows of tables, by their first cell without citations."""
    found = {}
    for line in text.splitlines():
        if line.startswith("| "):
            first, *cells = (cell.strip() for cell in line.strip("| ").split(" | "))
            found[re.sub(r" \[@.*\]", "", first)] = cells
    return found


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_front_matter_of_the_paper_has_what_the_journal_asks_for() -> None:
    front, _ = front_and_body()
    assert set(front) == {"title", "tags", "authors", "affiliations", "date", "bibliography"}
    assert "`" not in front["title"]
    assert datetime.strptime(front["date"], "%d %B %Y")
    assert (PAPER.parent / front["bibliography"]).is_file()
    known = {str(place["index"]) for place in front["affiliations"]}
    for author in front["authors"]:
        assert author["name"]
        assert set(str(author["affiliation"]).replace(" ", "").split(",")) <= known


def test_the_paper_has_the_required_sections_in_order_and_the_length() -> None:
    _, body = front_and_body()
    assert re.findall(r"^# (.+)$", body, re.MULTILINE) == SECTIONS
    prose = re.sub(
        r"\$\$.*?\$\$|\]\(\S+\)|@[\w-]+|^\|.*$", " ", body, flags=re.DOTALL | re.MULTILINE
    )
    assert len(re.findall(r"[A-Za-z]{2,}", prose)) in WORDS
    assert len(prose.split()) in WORDS


def test_every_citation_is_in_the_bibliography_and_the_other_way_round() -> None:
    _, body = front_and_body()
    bibliography = (PAPER.parent / "paper.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{([\w-]+),$", bibliography, re.MULTILINE)
    assert len(entries) == len(set(entries)) == bibliography.count("\n}\n")
    assert set(re.findall(r"(?<![\w.])@([\w-]+)", body)) == set(entries)


def test_every_entry_has_author_title_and_a_place_where_it_is_found() -> None:
    bibliography = (PAPER.parent / "paper.bib").read_text(encoding="utf-8")
    for entry in bibliography.split("\n\n"):
        fields = set(re.findall(r"^  (\w+) *= \{.+\},?$", entry, re.MULTILINE))
        assert {"author", "title"} <= fields, entry
        assert fields & {"doi", "url"}, entry
        if "eprint" in fields:
            assert re.search(r"eprint  = \{\d{4}\.\d{5}\}", entry), entry


def test_every_figure_of_the_paper_exists_and_is_referred_to() -> None:
    _, body = front_and_body()
    figures = re.findall(
        r"^!\[(.*?)\\label\{([\w:]+)\}\]\((\S+)\)$", body, re.DOTALL | re.MULTILINE
    )
    assert len(figures) == body.count("![") == 2
    for _, label, path in figures:
        assert (PAPER.parent / path).is_file()
        assert f"\\autoref{{{label}}}" in body


def test_the_times_in_the_paper_are_those_of_the_benchmarks() -> None:
    _, body = front_and_body()
    measured = rows(BENCHMARKS.split("## Tournament of N neutrinos, double")[1].split("\n## ")[0])
    told = rows(body)
    columns = [measured["engine"].index(name) for name in told.pop("engine")]
    del told["---"]
    assert set(told) == {"qnu", "Lightning", "qulacs", "Aer", "quimb"}
    for engine, times in told.items():
        full = measured["lightning" if engine == "Lightning" else engine]
        assert times == [re.sub(r" \(.*\)", "", full[column]) for column in columns], engine
    assert "measured on 2026-11-22" in body
    assert re.search(r"Measured on 2026-11-22: .*peers", BENCHMARKS)
    assert "AMD EPYC, 2 cores, 2 threads, 23.5 GiB" in BENCHMARKS


def test_the_gates_in_the_paper_are_those_of_the_benchmarks() -> None:
    text = flat(front_and_body()[1])
    measured = rows(BENCHMARKS.split("## Compiled for FakeTorino")[1].split("\n## ")[0])
    qnu_100, qiskit_100 = measured["tournament 100 (circle)"][1:3]
    assert qnu_100.startswith("14850; 297;")
    assert "14850 two-qubit gates in 297 layers" in text
    assert qiskit_100.startswith("18678; 1665;")
    assert "18678 in 1665" in text
    qnu_10, qiskit_10 = measured["tournament 10 (circle)"][1:3]
    assert f"({qiskit_10.split(';')[0]} gates against {qnu_10.split(';')[0]})" in text
    ours, theirs = (cell.split("; ") for cell in measured["random pairs 40 x 400"][1:3])
    assert f"({ours[0]} against {theirs[0]})" in text
    assert f"{ours[2]} against {theirs[2].split(' (')[0]}" in text


def test_other_numbers_of_the_paper_are_those_of_the_code() -> None:
    text = flat(front_and_body()[1])
    experiments = len(list((HOME / "circuits").glob("*.toml")))
    assert f"The catalogue holds {experiments} experiments" in text
    engine = flat((HOME / "docs" / "engine.md").read_text(encoding="utf-8"))
    assert "A tournament of 24 neutrinos, 276 encounters, needs 8 passes" in engine
    assert "a tournament of 24 neutrinos, 276 encounters, takes 8 passes" in text
    assert f"a device of {load.load_machine('fake_torino').target().num_qubits} qubits" in text


def test_the_citation_file_names_this_version_and_the_papers() -> None:
    citation = yaml.safe_load((HOME / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == qnu.__version__
    assert citation["type"] == "software"
    assert {"message", "title", "abstract", "authors", "keywords", "license"} <= set(citation)
    released = re.search(
        r"^## (\S+) \((\S+)\)$", (HOME / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert (citation["version"], str(citation["date-released"])) == released.groups()
    cited = str(citation["references"])
    for number in ("2402.05022", "2508.14331", "2306.14982", "2401.15247"):
        assert number in cited
        assert number in (PAPER.parent / "paper.bib").read_text(encoding="utf-8")


def test_every_file_that_the_checklists_name_exists() -> None:
    text = (HOME / "docs" / "checklist.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w.-]*[\w-]+(?:/[\w.-]+)*/?)`", text)
    files = {name for name in named if "/" in name or re.search(r"\.(md|cff|toml|txt)$", name)}
    assert {"CITATION.cff", "paper/paper.md", ".ci/run"} <= files
    missing = {name for name in files | {"LICENSE"} if not (HOME / name).exists()}
    assert not missing
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"`{next(d for d in project['dependencies'] if re.match('qiskit[^-]', d))}`" in text
    assert len(project["description"]) <= 135  # what the Qiskit ecosystem takes
    states = re.findall(r"^\|.*\| (\w+) \|$", text, re.MULTILINE)
    assert set(states) - {"state", "meaning"} == {"yes", "partly", "open", "owners"}


def test_templates_of_issues_have_a_name_and_say_what_they_are_for() -> None:
    templates = list((HOME / ".github" / "ISSUE_TEMPLATE").glob("*.md"))
    assert len(templates) == 2
    for template in templates:
        _, front, _ = template.read_text(encoding="utf-8").split("---\n", 2)
        assert {"name", "about", "labels"} <= set(yaml.safe_load(front))
