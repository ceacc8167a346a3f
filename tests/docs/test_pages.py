"""Every block of code on a page runs: README, the site, CONTRIBUTING.

The blocks of one page run in its order, in one namespace and in an empty folder.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import unittest
import warnings
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import pytest
from sybil import Example, Region
from sybil.document import Document
from sybil.evaluators.doctest import NUMBER
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

import qnu
from qnu import cli
from qnu.experiment import load
from qnu.quantum import load_machine

HOME = Path(qnu.__file__).parent.parent
#: Its recipes are carried out in a copy of the repository (tests/test_contributing.py).
ELSEWHERE = {"CONTRIBUTING.md"}
PAGES = sorted(
    page
    for page in [
        *HOME.glob("*.md"),
        *(HOME / "docs").rglob("*.md"),
        *(HOME / folder / "README.md" for folder in ("circuits", "hardware_configs", "notebooks")),
    ]
    if page.name not in ELSEWHERE and "_build" not in page.parts
)
REASONS = ("needs an account", "needs the network", "needs make", "runs for minutes")
#: Languages of blocks that are read, not run.
SHOWN = {"text", "bibtex", "json", "qasm"}
#: What a shell does before a command sees its arguments.
SHELL = re.compile(r"[|&;<>$`*?~]|\{.*,.*\}")
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | NUMBER


def bash(example: Example) -> str | None:
    """Runs every line; all of them have to end well."""
    commands = only_qnu(str(example.parsed))
    if commands:
        return next((failed for command in commands if (failed := in_this_process(command))), None)
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": str(HOME),
        "COLUMNS": "80",
    }
    command = ["bash", "-e", "-o", "pipefail", "-c", str(example.parsed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    return f"exit {done.returncode}\n{done.stdout}{done.stderr}" if done.returncode else None


def only_qnu(block: str) -> list[list[str]] | None:
    """The arguments of every line, where all are plain calls of qnu; None: it takes a shell."""
    lines = [shlex.split(line, comments=True) for line in block.replace("\\\n", " ").splitlines()]
    lines = [words for words in lines if words]
    plain = all(words[0] == "qnu" and not SHELL.search(" ".join(words)) for words in lines)
    return [words[1:] for words in lines] if plain else None


def in_this_process(arguments: list[str]) -> str | None:
    """Runs ``qnu`` without a process of its own: its imports take two seconds."""
    output = io.StringIO()
    with (
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
        Path(os.devnull).open(encoding="utf-8") as nothing,
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("default")  # as in a process of its own: lines, not errors
        patch.setattr("sys.stdin", nothing)
        patch.setenv("COLUMNS", "80")
        try:
            cli.main(arguments)
        except SystemExit as end:
            return f"exit {end.code}\n{output.getvalue()}" if end.code else None
    raise AssertionError("qnu ends with an exit code")


def toml(example: Example) -> str | None:
    """Writes a file that names itself in its first line, and reads it as qnu does."""
    content = tomllib.loads(example.parsed)
    name = re.match(r"# ([\w-]+\.toml)\b", example.parsed)
    if name:
        Path(name[1]).write_text(example.parsed, encoding="utf-8")
        if "provider" in content:
            load_machine(name[1])
        else:
            load(name[1])
    return None


class FolderParser:
    """``<!-- file: NAME -->`` before a block of any language: its text is written to that file."""

    def __call__(self, document: Document) -> Iterator[Region]:
        pattern = r"<!-- file: ([\w.-]+) -->\n+```[\w-]*\n(.*?)```"
        for found in re.finditer(pattern, document.text, re.DOTALL):
            yield Region(found.start(), found.start() + 1, found.groups(), self.write)

    @staticmethod
    def write(example: Example) -> None:
        """The file, in the folder of the page."""
        name, text = example.parsed
        Path(name).write_text(text, encoding="utf-8")


def parse(page: Path) -> Document:
    """A page with all that can be run in it."""
    return Document.parse(
        str(page),
        SkipParser(),
        FolderParser(),
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser("bash", bash),
        CodeBlockParser("toml", toml),
    )


@pytest.mark.filterwarnings("default::DeprecationWarning")  # of packages that pages import
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_every_block_of_code_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = parse(page)
    document.namespace["__name__"] = "__page__"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "jobs"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("MPLCONFIGDIR", matplotlib.get_configdir())
    monkeypatch.setenv("HOME", str(tmp_path))  # accounts and jobs of who runs this stay as they are
    if "circuits/" in document.text:  # a page that is read in a clone
        shutil.copytree(HOME / "circuits", tmp_path / "circuits")
    for example in document.examples():
        try:
            example.evaluate()
        except unittest.SkipTest as skipped:
            if str(skipped) not in REASONS:
                raise AssertionError(f"line {example.line}: a reason of {REASONS}") from skipped
        except Exception as failure:  # raised again, with the place
            failure.add_note(f"{page}, line {example.line}")
            raise


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HOME)))
def test_every_block_is_of_a_kind_that_runs_or_is_only_shown(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^ *```(.*)$", text, re.MULTILINE)
    languages = {opening.strip() for opening in fences[::2]}
    known = {"python", "bash", "toml", *SHOWN}
    assert {name for name in languages if not name.startswith("{")} <= known
    outside = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    assert not re.findall(r"\n\n    [^ \n*-].*", outside), "an indented block: nothing runs it"


@pytest.mark.parametrize(
    ("block", "commands"),
    [
        ("qnu list   # all\n\nqnu show \\\n  'my runs'", [["list"], ["show", "my runs"]]),
        ("qnu list | head", None),
        ("cd runs\nqnu list", None),
        ("qnu show *.toml", None),
        ("qnu run a.toml > out", None),
    ],
)  # fmt: skip
def test_a_block_without_a_shell_is_known(block: str, commands: object) -> None:
    assert only_qnu(block) == commands


def test_a_wrong_block_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    for block, failure in {
        "```python\n1 / 0\n```": ZeroDivisionError,
        "```python\n>>> 0.25\n0.26\n```": AssertionError,
        "```bash\nqnu list\nfalse\ntrue\n```": AssertionError,
        '```toml\n# a.toml\nname = "no gas"\n```': qnu.QnuError,
        "```toml\nname = \n```": tomllib.TOMLDecodeError,
    }.items():
        page.write_text(f"text\n\n{block}\n", encoding="utf-8")
        (example,) = parse(page).examples()
        with pytest.raises(failure):
            example.evaluate()
    page.write_text('<!-- skip: next "needs make" -->\n\n```python\n1 / 0\n```\n', encoding="utf-8")
    mark, block = parse(page).examples()
    mark.evaluate()
    with pytest.raises(unittest.SkipTest, match="needs make"):
        block.evaluate()
