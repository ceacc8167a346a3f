"""Where the keys of a TOML file stand, for messages that name the line."""

from __future__ import annotations

import re

from ..errors import QnuError, Words, short

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z_][\w.\- ]*?)\s*\]\]?\s*(#.*)?$")
#: Of a line, this much is looked at for the header of a table, and of a key for its place.
_LONGEST_LINE, _LONGEST_PATH = 500, 500
_KEY = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*=")


def line_numbers(text: str) -> dict[str, int]:
    r"""The line of every table and key: ``{"method[1]": 20, "method[1].shots": 22, ...}``.

    Args:
        text: TOML.

    Returns:
        lines, counted from 1; keys inside inline tables are not in it.

    References:
        TOML 1.0.

    Examples:
        >>> line_numbers("seed = 1\n[[group]]\ncount = 2\n")
        {'seed': 1, 'group[0]': 2, 'group[0].count': 3}
    """
    table, counts, lines = "", dict[str, int](), dict[str, int]()
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole[:_LONGEST_LINE]
        if header := _HEADER.match(line):
            name = header[2].replace(" ", "")
            if header[1] == "[[":
                counts[name] = counts.get(name, -1) + 1
                table = f"{name}[{counts[name]}]"
            else:
                root, dot, rest = name.partition(".")
                table = (f"{root}[{counts[root]}]" if root in counts else root) + dot + rest
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{key[1]}".lstrip("."), number)
    return lines


def located(
    error: QnuError, lines: dict[str, int], source: str, path: str | None = None
) -> QnuError:
    """The error with the line of its field at the end, where it is known.

    Args:
        error: with a field such as ``"group[0].omega"``.
        lines: from :func:`line_numbers`.
        source: the name of the file.
        path: where to look for the line; default: the error's own field.

    Returns:
        the error, still one line.

    Examples:
        >>> print(located(QnuError("gas.velocities", 1, "2"), {"gas": 7}, "a.toml"))
        gas.velocities: got 1; allowed: 2 (line 7 of a.toml)
    """
    line = line_of((error.field or "") if path is None else path, lines)
    return error if line is None else error.noted(f" (line {line} of {source})")


def line_of(path: str, lines: dict[str, int]) -> int | None:
    """The line of a key, else that of its table; None for the top of the file."""
    path = path[:_LONGEST_PATH]
    while path:
        if path in lines:
            return lines[path]
        # without the last key, number or place in a file, whatever characters a quoted key has
        path = path[: max(path.rfind("."), path.rfind("["), path.rfind(":"), 0)]
    return None


def syntax_error(message: str, text: str, source: str) -> QnuError:
    """The message of :mod:`tomllib` with the line that it is about."""
    reason, _, place = message.partition(" (at ")
    where = place.rstrip(")") or "the end"
    number = re.match(r"line (\d+)", where)
    lines = text.splitlines()
    row = int(number[1]) - 1 if number else len(lines) - 1
    line = lines[row].strip() if 0 <= row < len(lines) else ""
    return QnuError(source, Words(f"{short(line)} at {where}"), f"valid TOML ({reason})")
