"""A table before it is drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sheet:
    """The first column is text, the others are numbers."""

    title: str
    head: list[str]
    body: list[list[str]]
    note: str = ""
