"""Extras: libraries that only some users need, and how to get them."""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """The line that installs an extra, as messages say it.

    Args:
        extra: its name in ``pyproject.toml``.

    Examples:
        >>> how_to_install("ibm")
        "in a clone of qnu: pip install '.[ibm]'"
    """
    return f"in a clone of qnu: pip install '.[{extra}]'"
