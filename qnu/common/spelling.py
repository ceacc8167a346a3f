"""What a mistyped word was probably meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: The time that looking for a similar word takes grows as the square of its length.
_LONGEST_WORD = 60


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` for the nearest known word, or nothing.

    Args:
        word: what the user typed.
        known: what exists.

    Returns:
        text to put at the end of a message.

    References:
        Ratcliff and Metzener (1988), as in :mod:`difflib`.

    Examples:
        >>> did_you_mean("gama", ["gamma", "mu"])
        " (did you mean 'gamma'?)"
    """
    if len(word) > _LONGEST_WORD:
        return ""
    near = _nearest(word, known)
    return "" if near is None else f" (did you mean {near!r}?)"


def typo_of(key: str, given: Iterable[object]) -> str | None:
    """The key of a table that was probably meant to be ``key``, which is missing.

    Args:
        key: what is missing.
        given: the keys that the table has.

    Returns:
        the nearest of them, or None.

    Examples:
        >>> typo_of("kind", ["knid", "gamma"])
        'knid'
    """
    words = (word for word in given if isinstance(word, str) and len(word) <= _LONGEST_WORD)
    return _nearest(key, words)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return near[0] if near else None
