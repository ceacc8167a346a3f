"""Text of TOML files, whatever is in it: every way to be wrong is one kind of error."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

#: Longer texts are not parsed; a schedule of 10^5 encounters, written out, has 3 MB.
LONGEST_TEXT = 2**24


def read_text(path: Path) -> str:
    """UTF-8, with or without the mark at the beginning that some editors write."""
    with path.open(encoding="utf-8-sig") as file:
        return file.read(LONGEST_TEXT + 1)


def loads(text: str) -> dict[str, Any]:
    """The tables of a TOML text; ``tomllib.TOMLDecodeError`` where it has none."""
    if len(text) > LONGEST_TEXT:
        raise tomllib.TOMLDecodeError("the text is longer than 16 MiB")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("tables or lists are nested too deeply") from None
    except ValueError as error:  # of Python: a whole number of more than 4,300 digits
        raise tomllib.TOMLDecodeError(f"a value cannot be read: {error}") from None
