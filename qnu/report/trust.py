"""The section of a report on premises: which hold, which fail, with the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..premises import Premise

_HOLDS = {True: "holds", False: "**fails**", None: "not known"}


def trust_lines(premises: Sequence[Premise]) -> list[str]:
    """A section of Markdown: one line per premise, those that fail first.

    Args:
        premises: by :func:`qnu.premises.premises`.

    Returns:
        a title and a list; nothing where there are no premises.

    Examples:
        >>> trust_lines([Premise("mu_t", True, "all methods end at mu t = 2", {}, ("a", "b"))])[1]
        '- holds: all methods end at mu t = 2 (a, b)'
    """
    if not premises:
        return []
    ordered = sorted(premises, key=lambda premise: premise.holds is True)
    return ["## Where these numbers may be trusted", "\n".join(map(_line, ordered))]


def _line(premise: Premise) -> str:
    methods = ", ".join(premise.methods)
    said = not methods or premise.text.startswith(f"{methods}:")
    concerned = "" if said else f" ({methods})"
    line = f"- {_HOLDS[premise.holds]}: {premise.text}{concerned}"
    if premise.holds or not premise.meaning:
        return line
    return f"{line}. {premise.meaning[0].upper()}{premise.meaning[1:]}."


def premise_entry(premise: Premise) -> dict[str, Any]:
    """A premise as ``summary.json`` has it.

    Args:
        premise: one of them.

    Examples:
        >>> premise_entry(Premise("mu_t", True, "mu t = 2", {"a": 2.0}))["numbers"]
        {'a': 2.0}
    """
    return {
        "name": premise.name,
        "holds": premise.holds,
        "text": premise.text,
        "numbers": dict(premise.numbers),
        "methods": list(premise.methods),
    }
