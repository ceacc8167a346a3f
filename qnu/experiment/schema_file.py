"""A JSON schema of experiment files, for completion and checks in editors: ``qnu schema``.

It is made from the pydantic models that check the file. ``python -m qnu.experiment.key_tables``
(``make keys``) writes ``circuits/qnu.schema.json`` again, which the package carries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import catalogue, quantities
from ..common import writing
from ..common.checks import user_path
from ..errors import QnuError
from ..observables import NAMES, OF_COUPLINGS, OF_ONE, OF_PAIRS
from .spec import spec_model

#: The name of the file that qnu ships, beside the experiments of the catalogue.
FILE = "qnu.schema.json"
TITLE = "Experiment of qnu"
#: What only this package reads: it becomes part of the description.
_OWN = ("later", "meaning", "unset", "title", "discriminator")
#: Bounds of keys that are numbers or texts, as pydantic leaves them.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_CONSTANT = re.compile(r"``([^`]*)``")


def schema() -> dict[str, Any]:
    """The JSON schema (draft 7) of experiment files, with all kinds that are registered by now.

    Every key has its meaning, what may stand there, and its default. What only a gas and a schedule
    can tell (sample times, memory, labels) is checked by ``qnu validate``.

    Returns:
        a dictionary that JSON can hold.

    References:
        JSON Schema, draft 7 (json-schema.org).

    Examples:
        >>> made = schema()
        >>> made["properties"]["seed"]["minimum"], made["definitions"]["GasTable"]["type"]
        (0, 'object')
    """
    made = spec_model().model_json_schema(ref_template="#/definitions/{model}")
    definitions = made.pop("$defs")
    whole = _table(made)
    whole["description"] = "Keys and tables of an experiment file; `qnu validate` checks the rest."
    tables = {name: _table(table) for name, table in sorted(definitions.items())}
    for (name, field), choices in _choices().items():
        if name in tables:
            _suggest(tables[name]["properties"][field], choices)
    needs_gamma = _without_gamma(tables)
    whole["if"], whole["then"] = {"not": {"required": ["units"]}}, needs_gamma
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": TITLE}
    return {**head, **{k: v for k, v in whole.items() if k != "title"}, "definitions": tables}


def text() -> str:
    """The schema as the text of a file.

    Examples:
        >>> text().splitlines()[1].strip()
        '"$schema": "http://json-schema.org/draft-07/schema#",'
    """
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def write(path: str | Path) -> Path:
    """Writes the schema to a file; an earlier schema of qnu is replaced, nothing else is.

    Args:
        path: the file, ``something.json``.

    Returns:
        the path.

    Raises:
        QnuError: a file that is something else, a name that does not end in ``.json``, a place that
            cannot be written.

    Examples:
        >>> write("schema.toml")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: file: got 'schema.toml'; allowed: a name that ends in .json
    """
    file = user_path("file", path)
    if file.suffix != ".json":
        raise QnuError("file", str(path), "a name that ends in .json")
    if file.exists() and not _is_schema(file):
        raise QnuError("file", str(path), "a new file, or an earlier schema of qnu")
    writing.write(file, text(), "file")
    return file


def _is_schema(file: Path) -> bool:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("title") == TITLE


def _table(made: Mapping[str, Any]) -> dict[str, Any]:
    """A table as editors show it: the keys with their descriptions, `kind` first."""
    table = {name: value for name, value in made.items() if name != "title"}
    needed = table.get("required", [])
    keys = table.get("properties", {})
    order = sorted(keys, key=lambda name: name != "kind")
    table["properties"] = {name: _key(keys[name], name in needed) for name in order}
    if "description" in table:
        table["description"] = _plain(summary(str(table["description"]))) + "."
    return table


def _without_gamma(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Schedules need no gamma where [units] may give one; what is asked for elsewhere."""
    kinds = []
    for table in tables.values():
        kind = table["properties"].get("kind", {}).get("const")
        if "gamma" in table.get("required", []):
            table["required"] = [name for name in table["required"] if name != "gamma"]
            gamma = table["properties"]["gamma"]
            gamma["description"] = gamma["description"].replace(
                "Needed.", "Needed, unless [units] has the size of a packet."
            )
            kinds.append(kind)
    of_these = {"properties": {"kind": {"enum": sorted(kinds)}}}
    return {"properties": {"schedule": {"if": of_these, "then": {"required": ["gamma"]}}}}


def summary(docstring: str) -> str:
    """The first sentence of a docstring, without its reference."""
    text = " ".join(docstring.split())
    return re.sub(r"\s*\(:\w+:`[^`]*`\)", "", text).split(". ")[0].rstrip(".")


def _plain(words: str) -> str:
    return _CONSTANT.sub(r"`\1`", words)


def _key(made: Mapping[str, Any], needed: bool) -> dict[str, Any]:
    """One key: its description says what it is, what may stand there, and what it is without."""
    key = _cleaned(made)
    allowed, _, default = str(made.get("description", "")).partition("; default: ")
    default = default or str(made.get("unset") or "")
    if not default and made.get("default") is not None:
        default = json.dumps(made["default"])
    if isinstance(made.get("default"), dict):  # a whole table
        default = ""
    lines = [f"{_plain(str(made.get('meaning') or ''))}.".lstrip(".")]
    lines += [f"Value: {_plain(allowed)}." if allowed else ""]
    if needed or default == "needed":
        lines += ["Needed."]
    elif default:
        lines += [f"Default: {_plain(default)}."]
    told = "\n\n".join(_sentence(line) for line in lines if line)
    return {"description": told, **key} if told != "Needed." else key


def _sentence(line: str) -> str:
    """A name of the code, or a formula, keeps its small letter."""
    first = line.partition(" ")[0].rstrip(".,:;")
    return line[0].upper() + line[1:] if first.isalpha() or "-" in first else line


def _cleaned(made: Mapping[str, Any]) -> dict[str, Any]:
    """Without what editors do not read, and without null, which TOML does not have."""
    key = {_BOUNDS.get(k, k): _clean(v) for k, v in made.items() if k not in _OWN}
    key.pop("description", None)
    if key.get("default", ...) is None or isinstance(key.get("default"), dict):
        del key["default"]
    options = [one for one in key.pop("anyOf", []) if one != {"type": "null"}]
    if len(options) == 1:
        key |= options[0]
    elif options:
        key["anyOf"] = options
    if "$ref" in key and len(key) + len(made.get("description", "")) > 1:
        key["allOf"] = [{"$ref": key.pop("$ref")}]  # draft 7 reads nothing beside a reference
    return key


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _cleaned(value)
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _choices() -> dict[tuple[str, str], tuple[list[str], bool]]:
    """Words that editors offer, by table and key; True: nothing else may stand there."""
    return {
        ("ManyBodyMethod", "observables"): (list(NAMES), True),
        ("CircuitMethod", "observables"): ([*OF_ONE, *OF_PAIRS, *OF_COUPLINGS], True),
        ("CircuitMethod", "hardware"): (list(catalogue.hardware_names()), False),
        ("PlotTable", "quantity"): (sorted(quantities.QUANTITIES), False),
    }


def _suggest(key: dict[str, Any], choices: tuple[list[str], bool]) -> None:
    words, closed = choices
    place = key["items"] if key.get("type") == "array" else key
    if closed:
        place["enum"] = words
    elif "anyOf" in place:  # also lists
        place["anyOf"] = [{"enum": words}, *place["anyOf"]]
    else:
        place["anyOf"] = [{"enum": words}, {"type": place.pop("type")}]
