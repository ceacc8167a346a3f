"""Tables of all keys of experiment files, as ``circuits/README.md`` has them.

``python -m qnu.experiment.key_tables`` (``make keys``) writes them there again, and the JSON schema
beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from .. import catalogue
from ..common import writing
from ..errors import QnuError
from ..keys import Samples, Table
from ..methods import Method
from ..schedules import KINDS, ScheduleKind
from ..solvers import METHODS
from . import schema_file
from .plot_table import PlotTable
from .spec import GasTable, GroupTable, OutputTable, Spec
from .units_table import UnitsTable

_HEAD = ["| key | what it is | value | default |", "| --- | --- | --- | --- |"]
_SECTION = r"(<!-- keys: {name} -->\n).*?(<!-- end of keys -->)"


def key_tables() -> dict[str, str]:
    """Markdown tables of keys by the name of the section: what may stand in an experiment file.

    Returns:
        ``top``, ``units``, ``group``, ``gas``, ``output``, ``schedule``, ``method`` and ``plot``: a
        row per key; keys that belong to one kind of schedule or method only come after the line of
        that kind.

    Examples:
        >>> print(key_tables()["gas"].splitlines()[0])
        | key | what it is | value | default |
    """
    return {
        "top": _table(_rows(Spec)),
        "group": _table(_rows(GroupTable)),
        "units": _table(_rows(UnitsTable)),
        "gas": _table(_rows(GasTable)),
        "output": _table(_rows(OutputTable)),
        "schedule": _table_of_kinds(KINDS, ScheduleKind),
        "method": _table_of_kinds(METHODS, Method),
        "plot": _table(_rows(PlotTable)),
    }


def _table(rows: Iterable[str]) -> str:
    return "\n".join([*_HEAD, *rows])


def _table_of_kinds(kinds: Mapping[str, type[Table]], base: type[Table]) -> str:
    """Keys of every kind first, then kind by kind."""
    common = [name for name in base.model_fields if name not in ("kind", *_SAMPLES)]
    rows = [
        f"| `kind` | | {', '.join(f'`{json.dumps(kind)}`' for kind in sorted(kinds))} | needed |"
    ]
    rows += _rows(base, common)
    for kind, table in sorted(kinds.items()):
        rows.append(
            f"| **`{json.dumps(kind)}`** | **{schema_file.summary(table.__doc__ or '')}** | | |"
        )
        rows += _rows(table, [name for name in table.model_fields if name not in base.model_fields])
    return _table(rows)


_SAMPLES = tuple(Samples.model_fields)


def _rows(table: type[Table], names: Iterable[str] | None = None) -> list[str]:
    fields = table.model_fields
    return [_row(name, fields[name]) for name in (fields if names is None else names)]


def _row(name: str, field: FieldInfo) -> str:
    value, _, default = (field.description or "").partition("; default: ")
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if field.is_required():
        default = "needed"
    elif not default:
        given: Any = field.get_default(call_default_factory=True)
        plain = given is not None and not isinstance(given, Table)
        default = f"`{json.dumps(given)}`" if plain else str(extra.get("unset") or "none")
    cells = (str(extra.get("meaning", "")), value, default)
    return f"| `{name}` | " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def inserted(text: str, tables: Mapping[str, str]) -> str:
    r"""The text with every table between its two marks.

    Args:
        text: Markdown with ``<!-- keys: NAME -->`` and ``<!-- end of keys -->``.
        tables: by name.

    Raises:
        QnuError: a table without its marks.

    Examples:
        >>> inserted("<!-- keys: a -->\nold\n<!-- end of keys -->", {"a": "new"})
        '<!-- keys: a -->\nnew\n<!-- end of keys -->'
    """
    for name, table in tables.items():
        pattern = re.compile(_SECTION.format(name=name), re.DOTALL)
        place = pattern.search(text)
        if place is None:
            raise QnuError("text", f"no marks of {name!r}", f"<!-- keys: {name} --> and an end")
        text = f"{text[: place.end(1)]}{table}\n{text[place.start(2) :]}"
    return text


def write(path: Path) -> None:
    """Put the tables into a Markdown file."""
    writing.write(path, inserted(path.read_text(encoding="utf-8"), key_tables()))


if __name__ == "__main__":
    README = catalogue.folder("circuits") / "README.md"
    write(README)
    print(f"written: {README}")
    SCHEMA = README.with_name(schema_file.FILE)
    writing.write(SCHEMA, schema_file.text())
    print(f"written: {SCHEMA}")
