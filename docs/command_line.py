"""The page of the command line, from the commands themselves."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer.main
from sphinx.application import Sphinx

from qnu import cli

HEAD = """# The command line

`qnu COMMAND --help` prints the same text in a terminal.

Exit codes: 0 done; 2 bad input, with one line on stderr that names the field, the value and what is
allowed; 1 something else failed, also in one line; 130 interrupted; 143 terminated."""


def page() -> str:
    """The page as Markdown: what every command does, its arguments and its options."""
    top = typer.main.get_command(cli.app)
    context = top.make_context("qnu", [], resilient_parsing=True)
    names = top.list_commands(context)
    rows = [f"| [`qnu {name}`](#qnu-{name}) | {_first_line(top, name)} |" for name in names]
    parts = [HEAD, "\n".join(["| command | what it does |", "| --- | --- |", *rows])]
    for name in names:
        command = top.get_command(context, name)
        parts += [f"(qnu-{name})=\n## `qnu {name}`", *_command(command, name, context)]
    return "\n\n".join(parts).rstrip() + "\n"


def _first_line(top: Any, name: str) -> str:
    return markdown(str(top.commands[name].help).partition("\n\n")[0])


def _command(command: Any, name: str, parent: Any) -> list[str]:
    context = type(parent)(command, info_name=name, parent=parent)
    arguments, options = [], []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is None:
            continue
        if parameter.param_type_name == "argument":
            arguments.append((record[0].split()[0].strip("[]"), record[1]))
        else:
            options.append(record)
    usage = " ".join(["qnu", name, *(given for given, _ in arguments), "[OPTIONS]"])
    told = [text_of(paragraph) for paragraph in str(command.help).split("\n\n")]
    return [*told, f"```text\n{usage}\n```", *(_entry(*item) for item in arguments + options)]


def _entry(name: str, text: str) -> str:
    """One argument or option: an entry of a definition list."""
    return f"`{name}`\n: {markdown(text)}"


def text_of(paragraph: str) -> str:
    """A paragraph of a help text; what is indented is an example or a table."""
    lines = [line for line in paragraph.strip("\n").split("\n") if line.strip() != "\b"]
    if len(lines) > 1 and not lines[0].startswith(" ") and lines[1].startswith("    "):
        return markdown(lines[0]) + "\n\n" + text_of("\n".join(lines[1:]))
    if all(line.startswith("    ") for line in lines):
        return "\n".join(["```text", *(line[4:] for line in lines), "```"])
    return markdown(" ".join(line.strip() for line in lines))


def markdown(text: str) -> str:
    """Plain text as Markdown shows it; options as code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    for k in range(0, len(parts), 2):
        escaped = re.sub(r"([\\*_<>\[\]|])", r"\\\1", parts[k])
        parts[k] = re.sub(r"(?<![\w-])(--[a-z][a-z-]*)", r"`\1`", escaped)
    return "".join(parts)


def write(app: Sphinx) -> None:
    """Writes ``reference/command-line.md`` where it has changed."""
    target = Path(app.srcdir) / "reference" / "command-line.md"
    text = page()
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
